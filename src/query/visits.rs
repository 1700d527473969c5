//! Which visits are due: made just in time from plans, visits and what was cancelled, so that nothing is
//! generated that nobody can do, and what was missed is counted.

use std::collections::HashSet;

use jiff::ToSpan as _;
use jiff::civil::Date;
use rusqlite::OptionalExtension as _;

use super::filter::buildings_touching;
use super::place::{RoomPlace, place_of_room};
use super::table::{Scope, TableKind};
use super::{Condition, Filter, Vocabulary};
use crate::access::Sensitive;
use crate::access::mask::PersonName;
use crate::derived::Census;
use crate::domain::age::parse_date;
use crate::domain::clock::day_of;
use crate::domain::ids::{PersonId, PlanId, RoomId, VisitId};
use crate::domain::workflow::visit::{found, state};
use crate::geo::{LonLat, lon_lat};
use crate::store::visits::{Plan, plans};
use crate::store::{Connection, Result, StoreError};

/// A visit that a plan asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitTask {
    /// The plan.
    pub plan_id: PlanId,
    /// Its name.
    pub plan: String,
    /// Who goes.
    pub worker: Option<String>,
    /// Whom.
    pub person_id: PersonId,
    /// Their name.
    pub name: Sensitive<PersonName>,
    /// Where they live.
    pub room_id: Option<RoomId>,
    /// The day it is due.
    pub due_on: Date,
    /// The last day on which it is in time.
    pub until: Date,
    /// Key of `visit_task_state`.
    pub state: i64,
    /// When they were last reached, UTC seconds.
    pub last_visit: Option<i64>,
    /// Times since then that nobody was there.
    pub attempts: u32,
}

/// What visits have been to a person: when they were last reached, and how often nobody was there since.
fn reached(
    conn: &Connection,
    person_id: PersonId,
    room_id: Option<RoomId>,
) -> Result<(Option<i64>, u32)> {
    let mut select = conn.prepare_cached(
        "SELECT at, found FROM visit WHERE revoked_at IS NULL
           AND (person_id = ?1 OR person_id IS NULL AND room_id = ?2)
         ORDER BY at DESC, visit_id DESC",
    )?;
    let mut rows = select.query((person_id, room_id))?;
    let mut attempts = 0;
    while let Some(row) = rows.next()? {
        if found::is_visit(row.get(1)?) {
            return Ok((Some(row.get(0)?), attempts));
        }
        attempts += 1;
    }
    Ok((None, attempts))
}

/// The persons that a plan means.
fn persons_of(
    conn: &Connection,
    vocabulary: &Vocabulary,
    (plan, census): (&Plan, &Census),
    on: Date,
) -> Result<Vec<PersonId>> {
    let filter = Filter::of_json(&plan.filter)
        .map_err(|error| StoreError::Record(crate::text::Message::verbatim(error.to_string())))?;
    let find = |area: &geo::MultiPolygon| buildings_touching(conn, area);
    let condition = Condition::of(conn, vocabulary, &filter, on, &find)
        .map_err(|error| StoreError::Record(error.message()))?;
    let ids: Vec<i64> = match Scope::of(conn, TableKind::Persons, &condition, census)? {
        Scope::Rows(ids) => ids,
        _ => {
            let sql = "SELECT person_id FROM person WHERE deleted_at IS NULL ORDER BY 1";
            let mut select = conn.prepare(sql)?;
            let ids = select.query_map([], |row| row.get(0))?;
            ids.collect::<rusqlite::Result<_>>()?
        }
    };
    Ok(ids.into_iter().map(PersonId).collect())
}

/// Which visits the plans ask for on a day: those that are due or missed, and with `is_all` those to come
/// and those that were cancelled; by the day they are due.
///
/// # Errors
/// [`StoreError::Record`] for a plan whose filter means nothing here any more; SQLite's errors.
pub fn visit_tasks(
    conn: &Connection,
    (vocabulary, census): (&Vocabulary, &Census),
    on: Date,
    (plan_name, is_all): (Option<&str>, bool),
) -> Result<Vec<VisitTask>> {
    let mut tasks = Vec::new();
    let mut home = conn.prepare_cached(
        "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
         ORDER BY residency_id LIMIT 1",
    )?;
    let mut named = conn.prepare_cached("SELECT name FROM person WHERE person_id = ?1")?;
    for plan in plans(conn)? {
        if plan_name.is_some_and(|name| name != plan.name) {
            continue;
        }
        let day = |text: &Option<String>| text.as_deref().and_then(parse_date);
        let since = day(&plan.since).unwrap_or(on);
        if day(&plan.until).is_some_and(|until| until < on) {
            continue;
        }
        let cancelled = cancelled(conn, plan.plan_id)?;
        for person_id in persons_of(conn, vocabulary, (&plan, census), on)? {
            let room_id: Option<RoomId> =
                home.query_row([person_id], |row| row.get(0)).optional()?;
            let (last_visit, attempts) = reached(conn, person_id, room_id)?;
            let next = last_visit
                .and_then(day_of)
                .and_then(|last| last.checked_add(plan.every_days.days()).ok());
            let mut due_on = next.map_or(since, |next| next.max(since));
            // What was cancelled is asked for again after the next interval; until its window is over, it is
            // told as cancelled.
            while cancelled.contains(&(person_id, due_on)) {
                let until = due_on.checked_add(plan.window_days.days()).unwrap_or(due_on);
                let Ok(later) = due_on.checked_add(plan.every_days.days()) else { break };
                if on <= until {
                    break;
                }
                due_on = later;
            }
            let until = due_on.checked_add(plan.window_days.days()).unwrap_or(due_on);
            let state = match on {
                _ if cancelled.contains(&(person_id, due_on)) => state::CANCELLED,
                on if on < due_on => state::NOT_DUE,
                on if on <= until => state::DUE,
                _ => state::MISSED,
            };
            if !is_all && !matches!(state, state::DUE | state::MISSED) {
                continue;
            }
            let name: String = named.query_row([person_id], |row| row.get(0))?;
            tasks.push(VisitTask {
                plan_id: plan.plan_id,
                plan: plan.name.clone(),
                worker: plan.worker.clone(),
                person_id,
                name: Sensitive::new(PersonName(name)),
                room_id,
                due_on,
                until,
                state,
                last_visit,
                attempts,
            });
        }
    }
    tasks.sort_by(|a, b| a.due_on.cmp(&b.due_on).then(a.person_id.cmp(&b.person_id)));
    Ok(tasks)
}

fn cancelled(conn: &Connection, plan_id: PlanId) -> Result<HashSet<(PersonId, Date)>> {
    let mut select = conn.prepare_cached(
        "SELECT person_id, due_on FROM visit_task WHERE plan_id = ?1 AND state = ?2",
    )?;
    let mut rows = select.query((plan_id, state::CANCELLED))?;
    let mut found = HashSet::new();
    while let Some(row) = rows.next()? {
        let day: String = row.get(1)?;
        if let Some(day) = parse_date(&day) {
            found.insert((row.get(0)?, day));
        }
    }
    Ok(found)
}

/// Whether a plan asks for more than its worker can do: tasks that are due within a week, and how many
/// visits a week they can make.
#[must_use]
pub fn over_capacity(plan: &Plan, tasks: &[VisitTask], on: Date) -> Option<(usize, i64)> {
    const WORKING_DAYS: i64 = 5;
    let a_week = plan.visits_a_day? * WORKING_DAYS;
    let end = on.checked_add(7.days()).ok()?;
    let asked = tasks.iter().filter(|t| t.plan_id == plan.plan_id && t.due_on < end).count();
    (asked as i64 > a_week).then_some((asked, a_week))
}

/// Orders tasks as a round: the nearest next, from where somebody is; those without a place come last.
///
/// # Errors
/// SQLite's errors.
pub fn round(
    conn: &Connection,
    tasks: Vec<VisitTask>,
    from: Option<LonLat>,
) -> Result<Vec<(VisitTask, Option<RoomPlace>)>> {
    let mut waiting: Vec<(VisitTask, Option<RoomPlace>, Option<LonLat>)> = Vec::new();
    for task in tasks {
        let place = task.room_id.map(|room_id| place_of_room(conn, room_id)).transpose()?;
        let at = match &place {
            Some(place) => crate::store::grid_of::inside_point(conn, place.building_id)?,
            None => None,
        };
        waiting.push((task, place, at));
    }
    let mut here = from.or_else(|| waiting.iter().find_map(|(_, _, at)| *at));
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let far = |at: &Option<LonLat>| match (here, at) {
            (Some(here), Some(at)) => here.distance_m(*at),
            _ => f64::MAX,
        };
        // Of one building, by unit and room.
        let key = |(_, place, _): &(VisitTask, Option<RoomPlace>, Option<LonLat>)| {
            place.as_ref().map(|p| (p.unit.clone(), p.room_no.clone()))
        };
        let nearest = (0..waiting.len()).min_by(|a, b| {
            let (a, b) = (&waiting[*a], &waiting[*b]);
            far(&a.2).total_cmp(&far(&b.2)).then_with(|| key(a).cmp(&key(b)))
        });
        let (task, place, at) = waiting.remove(nearest.unwrap_or(0));
        here = at.or(here);
        ordered.push((task, place));
    }
    Ok(ordered)
}

/// A visit that was made, as a card shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitLine {
    /// Row id.
    pub visit_id: VisitId,
    /// When, UTC seconds.
    pub at: i64,
    /// Who went.
    pub actor: String,
    /// Key of `visit_found`.
    pub found: i64,
    /// Key of `visit_mode`.
    pub mode: Option<i64>,
    /// Why.
    pub purpose: String,
    /// What is to be remembered.
    pub note: Option<String>,
}

/// The last visits to a person or a room, newest first, at most ten.
///
/// # Errors
/// SQLite's errors.
pub fn last_visits(
    conn: &Connection,
    person_id: Option<PersonId>,
    room_id: Option<RoomId>,
) -> Result<Vec<VisitLine>> {
    let mut select = conn.prepare_cached(
        "SELECT visit_id, at, actor, found, mode, purpose, note FROM visit
         WHERE revoked_at IS NULL AND (person_id = ?1 OR room_id = ?2)
         ORDER BY at DESC, visit_id DESC LIMIT 10",
    )?;
    let rows = select.query_map((person_id, room_id), |row| {
        Ok(VisitLine {
            visit_id: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            found: row.get(3)?,
            mode: row.get(4)?,
            purpose: row.get(5)?,
            note: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A position out of two numbers.
#[must_use]
pub fn position(lon: f64, lat: f64) -> Option<LonLat> {
    let at = lon_lat(lon, lat);
    at.is_on_earth().then_some(at)
}
