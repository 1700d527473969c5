//! `menpai visit`: plans of visits, what is due, visits that were made.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;
use serde_json::json;

use super::asked::{Asked, ask, not_found, say};
use super::filter::FilterArgs;
use super::{Context, parse_day, parse_time, records, staff};
use crate::derived::kept;
use crate::domain::codes::list;
use crate::domain::workflow::visit::{TASK, state};
use crate::geo::LonLat;
use crate::msg;
use crate::query::instant_text;
use crate::query::place::RoomPlace;
use crate::query::table::TableKind;
use crate::query::visits::{VisitTask, last_visits, over_capacity, round, visit_tasks};
use crate::store::OpenMode;
use crate::store::visits::{self, FactAnswer, NewVisit, Plan, plans};
use crate::text::workflow::{label, minute_text};
use crate::text::{Message, room_title};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai visit my.gpkg plan 独居老人月访 --tag 独居老人 --every 30 --window 7 --worker 王芳 --per-day 8
  menpai visit my.gpkg due
  menpai visit my.gpkg record B0042,2,501,张桂英 --found found --confirm phone,name --note \"all well\"
  menpai visit my.gpkg record B0042,2,501,张桂英 --found absent")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Keep a plan: whom, how often, by whom; without a name, list the plans
    Plan(PlanArgs),
    /// Visits that are due or were missed, as a round
    Due(DueArgs),
    /// Write down a visit that was made
    Record(RecordArgs),
    /// Cancel what a plan asks of somebody, with a reason
    Cancel(CancelArgs),
    /// The last visits to a person or room
    Last(LastArgs),
}

#[derive(clap::Args)]
struct PlanArgs {
    /// Name of the plan
    name: Option<String>,
    #[command(flatten)]
    filter: Box<FilterArgs>,
    /// Every so many days (default: 30)
    #[arg(long, value_name = "DAYS")]
    every: Option<i64>,
    /// Days after the day it is due in which a visit is still in time (default: 7)
    #[arg(long, value_name = "DAYS")]
    window: Option<i64>,
    /// Who goes
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// Visits that they can make in a day
    #[arg(long, value_name = "N")]
    per_day: Option<i64>,
    /// First day of the plan (default: today)
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    first: Option<Date>,
    /// Last day of the plan
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    last: Option<Date>,
    /// End the plan of this name; its visits stay
    #[arg(long)]
    end: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

#[derive(clap::Args)]
struct DueArgs {
    /// Only of this plan
    #[arg(long, value_name = "NAME")]
    plan: Option<String>,
    /// Only those of this worker
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// Those to come too
    #[arg(long)]
    all: bool,
    /// Where the round begins: LON,LAT
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true)]
    start: Option<String>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

#[derive(clap::Args)]
struct RecordArgs {
    /// Whom: an ID number, a name, or CODE,UNIT,ROOM,NAME
    person: Option<String>,
    /// Where, for a visit to a room as a whole
    #[arg(long, value_name = "CODE,UNIT,ROOM")]
    room: Option<String>,
    /// found, absent, refused or moved
    #[arg(long, value_name = "WORD", default_value = "found")]
    found: String,
    /// home, phone or appointment
    #[arg(long, value_name = "WORD", default_value = "home")]
    mode: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    purpose: String,
    /// When (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<i64>,
    /// What is to be remembered
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The day on which somebody should come again
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    next: Option<Date>,
    /// Fields that are so, commas between
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    confirm: Vec<String>,
    /// Fields that were changed with it, commas between
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    changed: Vec<String>,
    /// The plan that it fulfils
    #[arg(long, value_name = "NAME")]
    plan: Option<String>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

#[derive(clap::Args)]
struct CancelArgs {
    /// Whom: an ID number, a name, or CODE,UNIT,ROOM,NAME
    person: String,
    /// The plan
    #[arg(long, value_name = "NAME")]
    plan: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(clap::Args)]
struct LastArgs {
    /// Whom: an ID number, a name, or CODE,UNIT,ROOM,NAME
    person: Option<String>,
    /// Where
    #[arg(long, value_name = "CODE,UNIT,ROOM")]
    room: Option<String>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let writes = match &args.what {
        What::Plan(plan) => plan.name.is_some(),
        What::Record(_) | What::Cancel(_) => true,
        What::Due(_) | What::Last(_) => false,
    };
    let mode = if writes { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let asked = ask(context, &args.workspace, mode)?;
    staff::check_actor(context, &asked)?;
    match &args.what {
        What::Plan(plan) => keep(context, &asked, plan),
        What::Due(wanted) => tell_due(context, &asked, wanted),
        What::Record(made) => record(context, &asked, made),
        What::Cancel(cancelled) => cancel(context, &asked, cancelled),
        What::Last(wanted) => tell_last(context, &asked, wanted),
    }
}

fn keep(context: &Context, asked: &Asked, args: &PlanArgs) -> Result<()> {
    let w = &asked.workspace;
    if let (Some(name), true) = (&args.name, args.end) {
        w.write(&context.stamp, |tx| visits::end_plan(tx, name))?;
    } else if let Some(name) = &args.name {
        let (filter, _) = args.filter.condition(context, asked, TableKind::Persons)?;
        // Of a plan that is there, what is not said stays.
        let known = plans(&asked.reader)?.into_iter().find(|plan| plan.name == *name);
        let known = known.unwrap_or_else(|| Plan {
            every_days: 30,
            window_days: args.every.unwrap_or(30).min(7),
            filter: filter.json(),
            since: Some(context.today.to_string()),
            ..Plan::default()
        });
        if let Some(worker) = &args.worker {
            staff::check_name(context, asked, worker)?;
        }
        let plan = Plan {
            name: name.clone(),
            filter: if filter.is_empty() { known.filter } else { filter.json() },
            every_days: args.every.unwrap_or(known.every_days),
            window_days: args.window.unwrap_or(known.window_days),
            worker: args.worker.clone().or(known.worker),
            visits_a_day: args.per_day.or(known.visits_a_day),
            since: args.first.map(|day| day.to_string()).or(known.since),
            until: args.last.map(|day| day.to_string()).or(known.until),
            ..Plan::default()
        };
        w.write(&context.stamp, |tx| visits::keep_plan(tx, &plan))?;
    }
    let reader = w.reader()?;
    let all = plans(&reader)?;
    let census = kept::census(&reader, &asked.vocabulary)?;
    let tasks = visit_tasks(&reader, (&asked.vocabulary, &census), context.today, (None, true))?;
    if args.format == "json" {
        let list: Vec<_> = all
            .iter()
            .map(|p| {
                let persons = tasks.iter().filter(|t| t.plan_id == p.plan_id).count();
                let over = over_capacity(p, &tasks, context.today);
                json!({
                    "name": p.name, "filter": serde_json::from_str::<serde_json::Value>(&p.filter).ok(),
                    "every_days": p.every_days, "window_days": p.window_days, "worker": p.worker,
                    "visits_a_day": p.visits_a_day, "since": p.since, "until": p.until,
                    "persons": persons,
                    "over_capacity": over.map(|(asked, can)| json!({ "asked": asked, "a_week": can })),
                })
            })
            .collect();
        return super::print_json(context, &list);
    }
    let mut text = String::new();
    for plan in &all {
        let persons = tasks.iter().filter(|t| t.plan_id == plan.plan_id).count();
        let told = msg!("{}: {} people every {} days", plan.name, persons, plan.every_days);
        text += &format!(
            "{}  {}\n",
            told.text(context.lang),
            plan.worker.as_deref().unwrap_or_default()
        );
        if let Some((asked, can)) = over_capacity(plan, &tasks, context.today) {
            let told = msg!("  {} visits are due within a week, and {} can be made", asked, can);
            text += &format!("{}\n", told.text(context.lang));
        }
    }
    say(&text);
    Ok(())
}

fn task_json(task: &VisitTask, place: Option<&RoomPlace>) -> serde_json::Value {
    json!({
        "plan": task.plan, "worker": task.worker, "person": task.person_id, "name": task.name.masked(),
        "building_code": place.map(|p| &p.building_code), "unit": place.and_then(|p| p.unit.as_ref()),
        "room_no": place.map(|p| &p.room_no), "due_on": task.due_on.to_string(),
        "until": task.until.to_string(), "state": TASK.state(task.state).map_or("?", |s| s.word),
        "last_visit": task.last_visit.map(instant_text), "attempts": task.attempts,
    })
}

fn tell_due(context: &Context, asked: &Asked, wanted: &DueArgs) -> Result<()> {
    let census = kept::census(&asked.reader, &asked.vocabulary)?;
    if let Some(name) = &wanted.plan {
        plan_named(asked, name)?;
    }
    let which = (wanted.plan.as_deref(), wanted.all);
    let mut tasks = visit_tasks(&asked.reader, (&asked.vocabulary, &census), context.today, which)?;
    if let Some(worker) = &wanted.worker {
        tasks.retain(|task| task.worker.as_ref() == Some(worker));
    }
    let start = match &wanted.start {
        Some(text) => Some(LonLat::parse(text).ok_or_else(|| {
            not_found(msg!("{} is no longitude and latitude; longitude comes first", text))
        })?),
        None => None,
    };
    let ordered = round(&asked.reader, tasks, start)?;
    if wanted.format == "json" {
        let list: Vec<_> =
            ordered.iter().map(|(task, place)| task_json(task, place.as_ref())).collect();
        return super::print_json(context, &list);
    }
    let mut text = String::new();
    for (task, place) in &ordered {
        let state =
            TASK.state(task.state).map_or("?", |s| label("visit_task_state", s.word, context.lang));
        let place = place.as_ref().map(|p| {
            format!(
                "{} {}",
                p.building_code,
                room_title(context.lang, p.unit.as_deref(), &p.room_no)
            )
        });
        text += &format!(
            "{}  {state}  {}  {}  {}\n",
            task.due_on,
            task.name.masked(),
            place.unwrap_or_default(),
            task.plan
        );
    }
    if text.is_empty() {
        text = Message::from("no visits are due").text(context.lang) + "\n";
    }
    say(&text);
    Ok(())
}

fn plan_named(asked: &Asked, name: &str) -> Result<Plan> {
    let all = plans(&asked.reader)?;
    let found = all.iter().find(|plan| plan.name == name).cloned();
    found.ok_or_else(|| not_found(msg!("there is no plan {}", name)))
}

fn record(context: &Context, asked: &Asked, made: &RecordArgs) -> Result<()> {
    let v = &asked.vocabulary;
    let fields = |names: &[String], answer: FactAnswer| -> Result<Vec<(String, FactAnswer)>> {
        names
            .iter()
            .map(|name| match crate::edit::field_of("person", name.trim()) {
                Some(field) => Ok((field.field.clone(), answer)),
                None => {
                    let known: Vec<&str> =
                        crate::edit::of_object("person").map(|f| f.field.as_str()).collect();
                    Err(not_found(msg!("no field {}; fields: {}", name, known.join(" "))))
                }
            })
            .collect()
    };
    let mut facts = fields(&made.confirm, FactAnswer::Confirmed)?;
    facts.extend(fields(&made.changed, FactAnswer::Changed)?);
    let visit = NewVisit {
        person_id: made.person.as_ref().map(|text| records::person_of(asked, text)).transpose()?,
        room_id: made.room.as_ref().map(|text| records::room_of_text(asked, text)).transpose()?,
        purpose: made.purpose.clone(),
        at: made.at,
        found: super::event::key_of(v, list::VISIT_FOUND, &made.found)?,
        mode: Some(super::event::key_of(v, list::VISIT_MODE, &made.mode)?),
        note: made.note.clone(),
        next_due: made.next.map(|day| day.to_string()),
        plan_id: made
            .plan
            .as_ref()
            .map(|name| plan_named(asked, name))
            .transpose()?
            .map(|p| p.plan_id),
        facts,
        event_id: None,
    };
    let visit_id = asked.workspace.write(&context.stamp, |tx| visits::record(tx, &visit))?;
    if made.format == "json" {
        let at = visit.at.unwrap_or(context.stamp.at);
        return super::print_json(
            context,
            &json!({
                "visit": visit_id, "at": instant_text(at),
                "found": v.lists.code(list::VISIT_FOUND, visit.found),
                "counts": crate::domain::workflow::visit::found::is_visit(visit.found),
            }),
        );
    }
    let told = if crate::domain::workflow::visit::found::is_visit(visit.found) {
        Message::from("the visit was written down")
    } else {
        Message::from("the attempt was written down; the visit is still due")
    };
    say(&format!("{}\n", told.text(context.lang)));
    Ok(())
}

fn cancel(context: &Context, asked: &Asked, args: &CancelArgs) -> Result<()> {
    let person_id = records::person_of(asked, &args.person)?;
    let plan = plan_named(asked, &args.plan)?;
    let census = kept::census(&asked.reader, &asked.vocabulary)?;
    let which = (Some(plan.name.as_str()), true);
    let tasks = visit_tasks(&asked.reader, (&asked.vocabulary, &census), context.today, which)?;
    let is_open = |task: &&VisitTask| task.state != state::CANCELLED;
    let task =
        tasks.iter().filter(is_open).find(|task| task.person_id == person_id).ok_or_else(|| {
            not_found(msg!("the plan {} does not ask for this person", plan.name))
        })?;
    let what = (plan.plan_id, person_id);
    asked
        .workspace
        .write(&context.stamp, |tx| visits::cancel_task(tx, what, task.due_on, &args.why))?;
    say(&format!(
        "{}\n",
        msg!("the visit due on {} was cancelled", task.due_on.to_string()).text(context.lang)
    ));
    Ok(())
}

fn tell_last(context: &Context, asked: &Asked, args: &LastArgs) -> Result<()> {
    if args.person.is_none() && args.room.is_none() {
        return Err(not_found(Message::from("say whom or where")));
    }
    let person_id = args.person.as_ref().map(|text| records::person_of(asked, text)).transpose()?;
    let room_id = args.room.as_ref().map(|text| records::room_of_text(asked, text)).transpose()?;
    let lines = last_visits(&asked.reader, person_id, room_id)?;
    let v = &asked.vocabulary;
    if args.format == "json" {
        let list: Vec<_> = lines
            .iter()
            .map(|l| {
                json!({
                    "visit": l.visit_id, "at": instant_text(l.at), "actor": l.actor,
                    "found": v.lists.code(list::VISIT_FOUND, l.found),
                    "mode": l.mode.map(|mode| v.lists.code(list::VISIT_MODE, mode)),
                    "purpose": l.purpose, "note": l.note,
                })
            })
            .collect();
        return super::print_json(context, &list);
    }
    let mut text = String::new();
    for l in &lines {
        let found = v.lists.label(list::VISIT_FOUND, l.found, context.lang);
        text += &format!(
            "{}  {found}  {}  {}\n",
            minute_text(l.at),
            l.actor,
            l.note.as_deref().unwrap_or_default()
        );
    }
    say(&text);
    Ok(())
}
