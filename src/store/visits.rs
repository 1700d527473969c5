//! Visits and plans of visits. A visit is record: taking it back marks it. Nobody at home is an attempt.

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::deed::{Deed, DeedKind, NewDeed};
use super::{Result, StoreError, WriteTx};
use crate::access::AuditEntry;
use crate::domain::cell::visible;
use crate::domain::ids::{BuildingId, EventId, PersonId, PlanId, RoomId, VisitId};
use crate::domain::workflow::visit::{found, state};
use crate::msg;

/// A plan of visits: whom, how often, by whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Row id; 0 for one that is new.
    pub plan_id: PlanId,
    /// Name.
    pub name: String,
    /// Whom: JSON of `query::filter::Filter`.
    pub filter: String,
    /// Every so many days.
    pub every_days: i64,
    /// Days after the day it is due in which a visit is still in time.
    pub window_days: i64,
    /// Who goes.
    pub worker: Option<String>,
    /// Visits that one can do in a day.
    pub visits_a_day: Option<i64>,
    /// First day.
    pub since: Option<String>,
    /// Last day.
    pub until: Option<String>,
}

/// The plans in force, by name.
///
/// # Errors
/// SQLite's errors.
pub fn plans(conn: &Connection) -> Result<Vec<Plan>> {
    let mut select = conn.prepare_cached(
        "SELECT plan_id, name, coalesce(filter, '{}'), interval_days, coalesce(window_days, 0), worker,
           visits_a_day, since, until FROM visit_plan WHERE deleted_at IS NULL ORDER BY name, plan_id",
    )?;
    let rows = select.query_map([], |row| {
        Ok(Plan {
            plan_id: row.get(0)?,
            name: row.get(1)?,
            filter: row.get(2)?,
            every_days: row.get(3)?,
            window_days: row.get(4)?,
            worker: row.get(5)?,
            visits_a_day: row.get(6)?,
            since: row.get(7)?,
            until: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps a plan under its name; an earlier one of that name is replaced. Returns its row id.
///
/// # Errors
/// [`StoreError::Record`] for a plan that says nothing; SQLite's errors.
pub fn keep_plan(tx: &WriteTx<'_>, plan: &Plan) -> Result<(PlanId, AuditEntry)> {
    if plan.name.trim().is_empty() {
        return Err(StoreError::Record("a plan needs a name".into()));
    }
    if !(1..=3_660).contains(&plan.every_days) || !(0..=plan.every_days).contains(&plan.window_days)
    {
        return Err(StoreError::Record(
            "visits come every 1 to 3,660 days, with a window no longer than that".into(),
        ));
    }
    let is_backwards = plan.since.is_some() && plan.until.is_some() && plan.since > plan.until;
    if is_backwards || plan.visits_a_day.is_some_and(|n| !(1..=200).contains(&n)) {
        return Err(StoreError::Record(
            "a plan ends after it begins, with 1 to 200 visits a day".into(),
        ));
    }
    let deed = Deed::begin(tx, &NewDeed { kind: DeedKind::Edit, title: &plan.name, list: None })?;
    let known: Option<PlanId> = tx
        .query_row(
            "SELECT plan_id FROM visit_plan WHERE name = ?1 AND deleted_at IS NULL",
            [&plan.name],
            |row| row.get(0),
        )
        .optional()?;
    let plan_id = match known {
        Some(plan_id) => plan_id,
        None => {
            tx.execute(
                "INSERT INTO visit_plan (name, interval_days) VALUES (?1, ?2)",
                (&plan.name, plan.every_days),
            )?;
            PlanId(tx.last_insert_rowid())
        }
    };
    tx.execute(
        "UPDATE visit_plan SET filter = ?2, interval_days = ?3, window_days = ?4, worker = ?5,
           visits_a_day = ?6, since = ?7, until = ?8 WHERE plan_id = ?1",
        params![
            plan_id,
            plan.filter,
            plan.every_days,
            plan.window_days,
            plan.worker,
            plan.visits_a_day,
            plan.since,
            plan.until
        ],
    )?;
    deed.finish(tx)?;
    Ok((plan_id, AuditEntry::done("visit_plan", plan.name.clone())))
}

/// Ends a plan; its visits stay.
///
/// # Errors
/// [`StoreError::Record`] for one that is not there; SQLite's errors.
pub fn end_plan(tx: &WriteTx<'_>, name: &str) -> Result<((), AuditEntry)> {
    let deed = Deed::begin(tx, &NewDeed { kind: DeedKind::Delete, title: name, list: None })?;
    let ended = tx.execute(
        "UPDATE visit_plan SET deleted_at = ?2 WHERE name = ?1 AND deleted_at IS NULL",
        (name, tx.stamp().at),
    )?;
    if ended == 0 {
        return Err(StoreError::Record(msg!("there is no plan {}", name)));
    }
    deed.finish(tx)?;
    Ok(((), AuditEntry::done("visit_plan_end", name.to_owned())))
}

/// What a visit found of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactAnswer {
    /// It is so.
    Confirmed,
    /// It was changed with the visit.
    Changed,
}

/// A visit that was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewVisit {
    /// Whom.
    pub person_id: Option<PersonId>,
    /// Where.
    pub room_id: Option<RoomId>,
    /// Why.
    pub purpose: String,
    /// When, UTC seconds; now where it is not said.
    pub at: Option<i64>,
    /// Key of `visit_found`.
    pub found: i64,
    /// Key of `visit_mode`.
    pub mode: Option<i64>,
    /// What is to be remembered.
    pub note: Option<String>,
    /// The day on which somebody should come again, ISO 8601.
    pub next_due: Option<String>,
    /// The plan that it fulfils.
    pub plan_id: Option<PlanId>,
    /// What was looked at, by field of the person.
    pub facts: Vec<(String, FactAnswer)>,
    /// The event that came of it.
    pub event_id: Option<EventId>,
}

/// Writes a visit down, with what it confirmed. Somebody who was found has been seen that day.
///
/// # Errors
/// [`StoreError::Record`] for a visit of nobody, or one that is still to come; SQLite's errors.
pub fn record(tx: &WriteTx<'_>, visit: &NewVisit) -> Result<(VisitId, AuditEntry)> {
    let now = tx.stamp().at;
    let at = visit.at.unwrap_or(now);
    if at > now + 60 {
        return Err(StoreError::Record(
            "that is still to come; give the time at which it happened".into(),
        ));
    }
    if visit.found == found::ABSENT && !visit.facts.is_empty() {
        return Err(StoreError::Record("where nobody was there, nothing was confirmed".into()));
    }
    let day = crate::domain::clock::day_of(at).map(|day| day.to_string());
    if visit.next_due.is_some() && visit.next_due < day {
        return Err(StoreError::Record("the next visit comes after this one".into()));
    }
    let room_id: Option<RoomId> = match (visit.room_id, visit.person_id) {
        (None, Some(person_id)) => tx
            .query_row(
                "SELECT room_id FROM residency WHERE person_id = ?1 AND end_date IS NULL
                 ORDER BY residency_id LIMIT 1",
                [person_id],
                |row| row.get(0),
            )
            .optional()?,
        (room_id, _) => room_id,
    };
    if room_id.is_none() && visit.person_id.is_none() {
        return Err(StoreError::Record("say whom or where".into()));
    }
    let building_id: Option<BuildingId> = match room_id {
        Some(room_id) => tx
            .query_row("SELECT building_id FROM room WHERE room_id = ?1", [room_id], |r| r.get(0))
            .optional()?,
        None => None,
    };
    let title = match (visit.person_id, room_id) {
        (Some(person_id), _) => format!("person/{person_id}"),
        (None, Some(room_id)) => format!("room/{room_id}"),
        (None, None) => String::new(),
    };
    let deed = Deed::begin(tx, &NewDeed { kind: DeedKind::Visit, title: &title, list: None })?;
    tx.execute(
        "INSERT INTO visit (building_id, room_id, person_id, purpose, at, entered_at, actor, found,
           mode, note, next_due, plan_id, event_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            building_id,
            room_id,
            visit.person_id,
            visit.purpose,
            at,
            now,
            tx.stamp().actor.name,
            visit.found,
            visit.mode,
            visit.note.as_deref().map(visible),
            visit.next_due,
            visit.plan_id,
            visit.event_id,
        ],
    )?;
    let visit_id = VisitId(tx.last_insert_rowid());
    for (field, answer) in &visit.facts {
        tx.execute(
            "INSERT INTO visit_fact (visit_id, person_id, field, answer) VALUES (?1, ?2, ?3, ?4)",
            params![
                visit_id,
                visit.person_id,
                field,
                if *answer == FactAnswer::Confirmed { 1 } else { 2 }
            ],
        )?;
    }
    if visit.found == found::FOUND {
        // A day, as lists say it: visits and lists are compared by it.
        let day = crate::domain::clock::day_of(at).and_then(super::rows::midnight);
        if let Some(person_id) = visit.person_id {
            tx.execute(
                "UPDATE person SET verified_at = ?2, verified_by = ?3
                 WHERE person_id = ?1 AND (verified_at IS NULL OR verified_at < ?2)",
                params![person_id, day, tx.stamp().actor.name],
            )?;
        }
        if let Some(room_id) = room_id {
            tx.execute(
                "UPDATE room SET verified_at = ?2
                 WHERE room_id = ?1 AND (verified_at IS NULL OR verified_at < ?2)",
                params![room_id, day],
            )?;
        }
    }
    deed.finish(tx)?;
    Ok((visit_id, AuditEntry::done("visit", title)))
}

/// Cancels what a plan asks of somebody on a day, and says why.
///
/// # Errors
/// [`StoreError::Record`] without a reason; SQLite's errors.
pub fn cancel_task(
    tx: &WriteTx<'_>,
    (plan_id, person_id): (PlanId, PersonId),
    due_on: Date,
    why: &str,
) -> Result<((), AuditEntry)> {
    if why.trim().is_empty() {
        return Err(StoreError::Record("say why: this act needs a word of explanation".into()));
    }
    let title = format!("person/{person_id}");
    let deed = Deed::begin(tx, &NewDeed { kind: DeedKind::Edit, title: &title, list: None })?;
    tx.execute(
        "INSERT INTO visit_task (plan_id, person_id, due_on, state, actor, at, why)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            plan_id,
            person_id,
            due_on.to_string(),
            state::CANCELLED,
            tx.stamp().actor.name,
            tx.stamp().at,
            why.trim()
        ],
    )?;
    deed.finish(tx)?;
    Ok(((), AuditEntry::done("visit_cancel", title)))
}
