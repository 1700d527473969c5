//! The work of the sample: who works there, a plan of visits, and events in every state, as of the moment
//! at which the sample is made. All of it is synthetic.

use jiff::civil::Date;

use crate::access::{Actor, AuditEntry, Stamp};
use crate::domain::codes::list;
use crate::domain::ids::PersonId;
use crate::domain::workflow::event::{outcome, severity};
use crate::domain::workflow::visit::found;
use crate::query::{Filter, Vocabulary};
use crate::store::events::{self, EventAct, NewEvent};
use crate::store::visits::{self, NewVisit, Plan};
use crate::store::{Result, Workspace, lookup, named, staff};

#[derive(serde::Deserialize)]
struct Member {
    name: String,
    office: String,
    grid: String,
    duty_phone: String,
}

/// An event: minutes ago, title, category, grade, source, building, and the way it has gone: acts with
/// minutes after the call.
type Course = (i64, &'static str, i64, i64, i64, &'static str, &'static [(&'static str, i64)]);

/// Events in every state.
const EVENTS: [Course; 10] = [
    (2, "楼道灯不亮", 12, severity::SIMPLE, 3, "B0000005", &[]),
    (25, "消防通道停放电动车", 6, severity::SIMPLE, 1, "B0000012", &[("accept", 2)]),
    (
        50,
        "下水道堵塞返水",
        12,
        severity::GENERAL,
        3,
        "B0000020",
        &[("accept", 1), ("dispatch", 2), ("arrive", 4), ("start", 6)],
    ),
    (
        95,
        "独居老人家中无人应答",
        14,
        severity::SIMPLE,
        2,
        "B0000033",
        &[("accept", 3), ("dispatch", 4), ("arrive", 9)],
    ),
    (
        240,
        "高空抛物险伤行人",
        7,
        severity::GENERAL,
        3,
        "B0000041",
        &[("accept", 2), ("dispatch", 3), ("arrive", 5), ("start", 8), ("solve", 120)],
    ),
    (
        600,
        "外墙瓷砖脱落",
        12,
        severity::COMPLEX,
        7,
        "B0000052",
        &[("accept", 5), ("dispatch", 6), ("arrive", 5), ("suspend", 90)],
    ),
    (
        1_500,
        "电梯困人",
        12,
        severity::SIMPLE,
        4,
        "B0000061",
        &[
            ("accept", 1),
            ("dispatch", 2),
            ("arrive", 4),
            ("start", 5),
            ("solve", 28),
            ("close", 40),
        ],
    ),
    (
        2_900,
        "邻里漏水纠纷",
        10,
        severity::DIFFICULT,
        3,
        "B0000070",
        &[("accept", 10), ("dispatch", 12), ("arrive", 5), ("start", 20), ("plan", 900)],
    ),
    (
        4_400,
        "飞线充电",
        6,
        severity::SIMPLE,
        1,
        "B0000081",
        &[("accept", 2), ("dispatch", 3), ("start", 10), ("solve", 30), ("rework", 45)],
    ),
    (5_000, "询问居住证办理", 13, severity::SIMPLE, 3, "B0000090", &[("refuse", 3)]),
];

/// Adds the work to a sample that holds houses and people already.
///
/// # Errors
/// SQLite's errors.
pub(super) fn add(workspace: &Workspace, stamp: &Stamp, today: Date) -> Result<()> {
    let vocabulary = Vocabulary::read(&*workspace.reader()?)?;
    let members: Vec<Member> =
        csv::Reader::from_reader(&include_bytes!("../../data/sample/staff.csv")[..])
            .into_deserialize()
            .filter_map(std::result::Result::ok)
            .collect();
    workspace.write(stamp, |tx| {
        for member in &members {
            let office = vocabulary.lists.parse(list::STAFF_OFFICE, &member.office).unwrap_or(9);
            let grid_id = lookup::grid_id(tx, &member.grid)?;
            staff::add(tx, (&member.name, &member.duty_phone), office, grid_id)?;
        }
        Ok(((), AuditEntry::done("add", "staff").with_fields(format!("row×{}", members.len()))))
    })?;
    let worker = members.iter().find(|member| member.office == "micro_grid_worker");
    let worker = worker.map(|member| member.name.clone()).unwrap_or_default();
    let leader = members.first().map(|member| member.name.clone()).unwrap_or_default();
    plan(workspace, stamp, today, &worker)?;
    for event in &EVENTS {
        follow(workspace, stamp.at, event, (&leader, &worker))?;
    }
    Ok(())
}

fn plan(workspace: &Workspace, stamp: &Stamp, today: Date, worker: &str) -> Result<()> {
    let mut filter = Filter::default();
    filter.toggle_tag("living_alone");
    let since = today.checked_sub(jiff::Span::new().days(4)).unwrap_or(today);
    let plan = Plan {
        name: "独居老人月访".to_owned(),
        filter: filter.json(),
        every_days: 30,
        window_days: 7,
        worker: Some(worker.to_owned()),
        visits_a_day: Some(8),
        since: Some(since.to_string()),
        ..Plan::default()
    };
    let plan_id = workspace.write(stamp, |tx| visits::keep_plan(tx, &plan))?;
    // Some of them were visited already.
    let reader = workspace.reader()?;
    let persons: Vec<PersonId> = named::persons_with_tag(&reader, "living_alone")?;
    for (index, person_id) in persons.into_iter().step_by(3).take(24).enumerate() {
        let day = stamp.at - (index as i64 % 4) * 86_400 - 3_600;
        let by = Stamp { actor: Actor::new(worker), at: day };
        let visit = NewVisit {
            person_id: Some(person_id),
            purpose: plan.name.clone(),
            found: if index % 6 == 5 { found::ABSENT } else { found::FOUND },
            mode: Some(1),
            plan_id: Some(plan_id),
            ..NewVisit::default()
        };
        workspace.write(&by, |tx| visits::record(tx, &visit))?;
    }
    Ok(())
}

fn follow(
    workspace: &Workspace,
    now: i64,
    event: &Course,
    (leader, worker): (&str, &str),
) -> Result<()> {
    let (ago, title, category, grade, source, code, way) = *event;
    let called = now - ago * 60;
    let by = |name: &str, at: i64| Stamp { actor: Actor::new(name), at };
    let new = NewEvent {
        title: title.to_owned(),
        category,
        severity: Some(grade),
        source: Some(source),
        called_at: Some(called),
        building_id: lookup::building_id(&*workspace.reader()?, code)?,
        ..NewEvent::default()
    };
    let (event_id, _) = workspace.write(&by(worker, called), |tx| events::report(tx, &new))?;
    for (action, after) in way {
        let at = called + after * 60;
        let name =
            if matches!(*action, "arrive" | "start" | "solve" | "plan") { worker } else { leader };
        let act = EventAct {
            handler: (*action == "dispatch").then(|| worker.to_owned()),
            until: (*action == "suspend").then_some(now + 2 * 86_400),
            outcome: (*action == "close").then_some(outcome::SOLVED),
            opinion: match *action {
                "suspend" => Some("等待脚手架进场".to_owned()),
                "rework" => Some("仍有两处未拆除".to_owned()),
                "refuse" => Some("已告知到社区服务大厅办理".to_owned()),
                _ => None,
            },
            ..EventAct::of(action)
        };
        workspace.write(&by(name, at), |tx| events::act_on(tx, event_id, &act))?;
    }
    Ok(())
}
