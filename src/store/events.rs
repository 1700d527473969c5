//! Events by hand: reported, acted upon, asked about, taken back. Each act is one step row; state, grade,
//! outcome and handler follow from the steps and stand in columns for lists and indexes only.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::deadlines::{Deadlines, refresh_due};
use super::deed::{Deed, DeedKind, NewDeed};
pub use super::event_facts::{EventFacts, event_id, facts, steps};
use super::{Result, StoreError, WriteTx, gpkg, grid_of};
use crate::access::AuditEntry;
use crate::domain::cell::visible;
use crate::domain::clock::day_of;
use crate::domain::ids::{BuildingId, DeedId, EventId, RequestId, RoomId, StepId};
use crate::domain::workflow::act::{Planned, Standing, Wanted, plan, plan_request};
use crate::domain::workflow::event::{MACHINE, act, open_sql, outcome, state};
use crate::domain::workflow::steps::{self as courses, REVOKE, Step};
use crate::geo::LonLat;
use crate::msg;

/// An event that is reported.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewEvent {
    /// One line.
    pub title: String,
    /// What happened.
    pub text: Option<String>,
    /// Key of `event_category`.
    pub category: i64,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Key of `event_source`.
    pub source: Option<i64>,
    /// When somebody called, UTC seconds; now where it is not said.
    pub called_at: Option<i64>,
    /// When it happened, UTC seconds.
    pub occurred_at: Option<i64>,
    /// Where, in words.
    pub place_text: Option<String>,
    /// The building it is in.
    pub building_id: Option<BuildingId>,
    /// The room it is in.
    pub room_id: Option<RoomId>,
    /// Where it is.
    pub point: Option<LonLat>,
}

/// An act on an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventAct {
    /// Word of the act.
    pub action: String,
    /// When it happened, UTC seconds; now where it is not said.
    pub at: Option<i64>,
    /// What is said about it.
    pub opinion: Option<String>,
    /// Until when, UTC seconds.
    pub until: Option<i64>,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Key of `event_outcome`.
    pub outcome: Option<i64>,
    /// Who is to do it.
    pub handler: Option<String>,
    /// The event that it repeats.
    pub other: Option<EventId>,
    /// How content the reporter is: 1 very, 2 fairly, 3 not.
    pub satisfaction: Option<i64>,
}

impl EventAct {
    /// An act without more.
    #[must_use]
    pub fn of(action: &str) -> Self {
        Self { action: action.to_owned(), ..Self::default() }
    }
}

/// Longest title of an event, signs.
const LONGEST_TITLE: usize = 200;
/// Before that, nobody called: 1990-01-01, UTC seconds.
const EARLIEST: i64 = 631_152_000;

/// Reports an event. Returns its row id and number.
///
/// # Errors
/// [`StoreError::Record`] for a time of the call that is still to come; SQLite's errors.
pub fn report(tx: &WriteTx<'_>, new: &NewEvent) -> Result<((EventId, String), AuditEntry)> {
    let now = tx.stamp().at;
    let called_at = new.called_at.unwrap_or(now);
    if called_at > now + 60 {
        return Err(StoreError::Record(
            "the call is still to come; give the time at which it came".into(),
        ));
    }
    // One line: no breaks, nothing that is not seen.
    let title = visible(&new.title).split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return Err(StoreError::Record("an event needs a title".into()));
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err(StoreError::Record(msg!("longer than {} signs", LONGEST_TITLE)));
    }
    if called_at < EARLIEST || new.occurred_at.is_some_and(|at| at > called_at || at < EARLIEST) {
        return Err(StoreError::Record(
            "these times cannot be: it happens first, then somebody calls, after 1990".into(),
        ));
    }
    let point = match (new.point, new.building_id) {
        (None, Some(building_id)) => grid_of::inside_point(tx, building_id)?,
        (point, _) => point,
    };
    let no = next_no(tx, called_at, point, new.building_id)?;
    let deed = Deed::begin(tx, &NewDeed { kind: DeedKind::Step, title: &no, list: None })?;
    let blob = point.map(gpkg::encode_point).transpose()?;
    tx.execute(
        "INSERT INTO event (no, geom, category, severity, source, title, text, occurred_at,
           reported_at, called_at, state, place_text, building_id, room_id, policy_version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            no,
            blob,
            new.category,
            new.severity,
            new.source,
            title,
            new.text.as_deref().map(visible),
            new.occurred_at,
            now,
            called_at,
            state::PENDING,
            new.place_text.as_deref().map(visible),
            new.building_id,
            new.room_id,
            Deadlines::read(tx)?.newest(),
        ],
    )?;
    let event_id = EventId(tx.last_insert_rowid());
    tx.execute(
        "INSERT INTO event_step (event_id, at, entered_at, actor, action, from_state, to_state,
           severity) VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7)",
        params![
            event_id,
            called_at,
            now,
            tx.stamp().actor.name,
            act::REPORT,
            state::PENDING,
            new.severity
        ],
    )?;
    deed.finish(tx)?;
    grid_of::assign_grid_of_event(tx, event_id)?;
    refresh_due(tx, &[event_id])?;
    if let Some(point) = point {
        gpkg::grow_contents(tx, "event", point, now)?;
    }
    let entry = AuditEntry::done("event_report", no.clone());
    Ok(((event_id, no), entry))
}

/// `YYYYMMDD-grid-seq`: the day of the call, the grid's code (000 where there is none), a number of four
/// digits that the day and grid have not given yet.
fn next_no(
    tx: &WriteTx<'_>,
    called_at: i64,
    point: Option<LonLat>,
    building_id: Option<BuildingId>,
) -> Result<String> {
    let day = day_of(called_at).map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default();
    let grid = match building_id {
        Some(building_id) => grid_of::grid_code_of_building(tx, building_id)?,
        None => None,
    };
    let grid = match (grid, point) {
        (None, Some(point)) => grid_of::grid_at(tx, point)?.map(|(_, code)| code),
        (grid, _) => grid,
    };
    let grid = grid.unwrap_or_else(|| "000".to_owned());
    let prefix = format!("{day}-{grid}-");
    let last: Option<String> = tx.query_row(
        "SELECT max(no) FROM event WHERE no >= ?1 AND no < ?2 AND length(no) = length(?1) + 4",
        (&prefix, format!("{prefix}~")),
        |row| row.get(0),
    )?;
    let last = last.and_then(|no| no[prefix.len()..].parse::<u32>().ok()).unwrap_or(0);
    for number in last + 1.. {
        let no = format!("{prefix}{number:04}");
        if event_id(tx, &no)?.is_none() {
            return Ok(no);
        }
    }
    Err(StoreError::Record("the day has no number left for an event".into()))
}

/// What an event is like now, with its steps.
struct Known {
    facts: EventFacts,
    steps: Vec<Step>,
}

fn known(conn: &Connection, event_id: EventId) -> Result<Known> {
    let facts = facts(conn, event_id)?
        .ok_or_else(|| StoreError::Record("the event was deleted meanwhile".into()))?;
    Ok(Known { facts, steps: steps(conn, event_id)? })
}

impl Known {
    /// Plans an act at `now`; `what` gets the standing of the event.
    fn with<T>(
        &self,
        conn: &Connection,
        now: i64,
        what: impl FnOnce(
            &Standing<'_>,
        ) -> std::result::Result<T, crate::domain::workflow::act::Refused>,
    ) -> Result<T> {
        let course = courses::of_event(&self.steps, self.facts.state);
        let clocks = Deadlines::read(conn)?.clocks(&self.facts, &self.steps, now);
        let standing = Standing {
            course: &course,
            called_at: self.facts.called_at.unwrap_or(i64::MIN),
            severity: self.facts.severity,
            clocks: &clocks,
        };
        what(&standing).map_err(|refused| StoreError::Record(refused.message()))
    }
}

fn wanted(act: &EventAct, now: i64) -> Wanted<'_> {
    Wanted {
        action: &act.action,
        at: act.at.unwrap_or(now),
        now,
        opinion: act.opinion.as_deref(),
        until: act.until,
        severity: act.severity,
        outcome: act.outcome,
        has_other: act.other.is_some(),
    }
}

/// Acts on an event: one step, and what follows from it.
///
/// # Errors
/// [`StoreError::Record`] says why the act is refused; SQLite's errors.
pub fn act_on(tx: &WriteTx<'_>, event_id: EventId, act: &EventAct) -> Result<((), AuditEntry)> {
    let known = known(tx, event_id)?;
    let now = tx.stamp().at;
    let planned = known.with(tx, now, |standing| plan(standing, wanted(act, now)))?;
    check_other(tx, &known.facts, act)?;
    let deed =
        Deed::begin(tx, &NewDeed { kind: DeedKind::Step, title: &known.facts.no, list: None })?;
    write_step(tx, &known.facts, planned, act)?;
    deed.finish(tx)?;
    refresh_due(tx, &[event_id])?;
    let entry =
        AuditEntry::done("event_act", known.facts.no.clone()).with_fields(act.action.clone());
    Ok(((), entry))
}

/// The event that one repeats has to be another one, and no repetition of it in turn.
fn check_other(tx: &WriteTx<'_>, facts: &EventFacts, act: &EventAct) -> Result<()> {
    let Some(other) = act.other else { return Ok(()) };
    if other == facts.event_id {
        return Err(StoreError::Record("an event cannot repeat itself".into()));
    }
    let of: Option<EventId> = tx
        .query_row("SELECT duplicate_of FROM event WHERE event_id = ?1", [other], |row| row.get(0))
        .optional()?
        .flatten();
    if of == Some(facts.event_id) {
        return Err(StoreError::Record("that event is said to repeat this one already".into()));
    }
    Ok(())
}

fn write_step(
    tx: &WriteTx<'_>,
    facts: &EventFacts,
    planned: Planned,
    act: &EventAct,
) -> Result<StepId> {
    let now = tx.stamp().at;
    let actor = &tx.stamp().actor.name;
    tx.execute(
        "INSERT INTO event_step (event_id, at, entered_at, actor, action, from_state, to_state,
           opinion, until_at, severity, outcome, handler, other_event_id, satisfaction)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            facts.event_id,
            act.at.unwrap_or(now),
            now,
            actor,
            planned.rule.action,
            planned.from,
            planned.to,
            act.opinion.as_deref().map(visible),
            act.until,
            act.severity,
            planned.outcome,
            act.handler,
            act.other,
            act.satisfaction,
        ],
    )?;
    let step_id = StepId(tx.last_insert_rowid());
    let is_open = MACHINE.is_open(planned.to);
    let is_begun = matches!(planned.rule.action, act::START | act::ARRIVE | act::SOLVE);
    let handler = match (&act.handler, planned.rule.action) {
        (Some(handler), _) => Some(handler.clone()),
        // Who begins it has it in hand, unless somebody else was sent.
        (None, _) if is_begun && facts.handler.is_none() => Some(actor.clone()),
        (None, act::RETURN) => None,
        (None, _) => facts.handler.clone(),
    };
    tx.execute(
        "UPDATE event SET state = ?2, severity = coalesce(?3, severity), handler = ?4,
           outcome = iif(?5, NULL, coalesce(?6, outcome)),
           duplicate_of = iif(?5, NULL, coalesce(?7, duplicate_of)),
           urgent = iif(?8, 1, urgent) WHERE event_id = ?1",
        params![
            facts.event_id,
            planned.to,
            act.severity.filter(|_| planned.rule.action == act::REGRADE),
            handler,
            is_open,
            planned.outcome,
            act.other.filter(|_| planned.outcome == Some(outcome::DUPLICATE)),
            matches!(planned.rule.action, act::URGE | act::SUPERVISE),
        ],
    )?;
    Ok(step_id)
}

/// Asks for something that somebody has to grant: the case goes on meanwhile.
///
/// # Errors
/// [`StoreError::Record`] says why it cannot be asked for; SQLite's errors.
pub fn request(
    tx: &WriteTx<'_>,
    event_id: EventId,
    kind: &str,
    act: &EventAct,
) -> Result<(RequestId, AuditEntry)> {
    let Some(of_kind) = MACHINE.request(kind) else {
        return Err(StoreError::Record("there is no such request".into()));
    };
    let known = known(tx, event_id)?;
    let now = tx.stamp().at;
    known.with(tx, now, |standing| plan_request(standing, of_kind, wanted(act, now)))?;
    let waits: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM event_request
           WHERE event_id = ?1 AND kind = ?2 AND decision IS NULL)",
        (event_id, kind),
        |row| row.get(0),
    )?;
    if waits {
        return Err(StoreError::Record("the same has been asked for already and waits".into()));
    }
    let deed =
        Deed::begin(tx, &NewDeed { kind: DeedKind::Step, title: &known.facts.no, list: None })?;
    tx.execute(
        "INSERT INTO event_request (event_id, kind, at, entered_at, requester, reason, until_at,
           severity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            event_id,
            kind,
            act.at.unwrap_or(now),
            now,
            tx.stamp().actor.name,
            act.opinion.as_deref().map(visible),
            act.until,
            act.severity
        ],
    )?;
    let request_id = RequestId(tx.last_insert_rowid());
    deed.finish(tx)?;
    let entry =
        AuditEntry::done("event_request", known.facts.no.clone()).with_fields(kind.to_owned());
    Ok((request_id, entry))
}

/// Decides about what was asked for: the oldest request that waits, or the one of a kind. Granting it does
/// the act.
///
/// # Errors
/// [`StoreError::Record`] where nothing waits, or the act is no longer possible; SQLite's errors.
pub fn decide(
    tx: &WriteTx<'_>,
    event_id: EventId,
    kind: Option<&str>,
    is_granted: bool,
    answer: &EventAct,
) -> Result<((), AuditEntry)> {
    type Waiting = (RequestId, String, Option<i64>, Option<i64>, Option<String>);
    let known = known(tx, event_id)?;
    let now = tx.stamp().at;
    let waiting: Option<Waiting> = tx
        .query_row(
            "SELECT request_id, kind, until_at, severity, reason FROM event_request
             WHERE event_id = ?1 AND decision IS NULL AND (?2 IS NULL OR kind = ?2)
             ORDER BY request_id LIMIT 1",
            (event_id, kind),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .optional()?;
    let Some((request_id, kind, until, severity, reason)) = waiting else {
        return Err(StoreError::Record("nothing has been asked for that waits".into()));
    };
    let action = MACHINE.request(&kind).map_or("", |request| request.action);
    let deed =
        Deed::begin(tx, &NewDeed { kind: DeedKind::Step, title: &known.facts.no, list: None })?;
    let mut step_id = None;
    if is_granted {
        let act = EventAct {
            action: action.to_owned(),
            // Whoever decides may say another time or grade than was asked for.
            until: answer.until.or(until),
            severity: answer.severity.or(severity),
            opinion: answer.opinion.clone().or(reason),
            at: answer.at,
            ..answer.clone()
        };
        let planned = known.with(tx, now, |standing| plan(standing, wanted(&act, now)))?;
        step_id = Some(write_step(tx, &known.facts, planned, &act)?);
    }
    tx.execute(
        "UPDATE event_request SET decision = ?2, decided_at = ?3, decider = ?4, answer = ?5,
           step_id = ?6 WHERE request_id = ?1",
        params![
            request_id,
            if is_granted { "granted" } else { "denied" },
            answer.at.unwrap_or(now),
            tx.stamp().actor.name,
            answer.opinion.as_deref().map(visible),
            step_id,
        ],
    )?;
    deed.finish(tx)?;
    refresh_due(tx, &[event_id])?;
    let word = if is_granted { "grant" } else { "deny" };
    let entry = AuditEntry::done("event_decide", known.facts.no.clone())
        .with_fields(format!("{word} {kind}"));
    Ok(((), entry))
}

/// Hands everything open that somebody has in hand over to somebody else, as one deed with a note in each
/// event. Returns how many.
///
/// # Errors
/// [`StoreError::Record`] where nothing is open; SQLite's errors.
pub fn hand_over(tx: &WriteTx<'_>, from: &str, to: &str) -> Result<(u64, AuditEntry)> {
    if from == to {
        return Err(StoreError::Record("these are one and the same".into()));
    }
    let sql = format!("SELECT event_id FROM event WHERE {} AND handler = ?1", open_sql());
    let open = tx
        .prepare(&sql)?
        .query_map([from], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<EventId>>>()?;
    if open.is_empty() {
        return Err(StoreError::Record(msg!("{} has nothing open in hand", from)));
    }
    let title = format!("{from} → {to}");
    let deed = Deed::begin(tx, &NewDeed { kind: DeedKind::Step, title: &title, list: None })?;
    for event_id in &open {
        let known = known(tx, *event_id)?;
        let act = EventAct {
            handler: Some(to.to_owned()),
            opinion: Some(title.clone()),
            ..EventAct::of(act::NOTE)
        };
        let now = tx.stamp().at;
        let planned = known.with(tx, now, |standing| plan(standing, wanted(&act, now)))?;
        write_step(tx, &known.facts, planned, &act)?;
    }
    deed.finish(tx)?;
    Ok((open.len() as u64, AuditEntry::done("event_hand_over", title)))
}

/// Writes the counter-step of a step, while it is the last that stands and by its author. The columns of
/// the event are put back by whoever calls.
///
/// # Errors
/// [`StoreError::Record`] says why it cannot be taken back; SQLite's errors.
pub(super) fn revoke(tx: &WriteTx<'_>, step_id: StepId) -> Result<EventId> {
    let found: Option<(EventId, String)> = tx
        .query_row("SELECT event_id, actor FROM event_step WHERE step_id = ?1", [step_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((event_id, author)) = found else {
        return Err(StoreError::Record("the step is no longer there".into()));
    };
    let known = known(tx, event_id)?;
    let course = courses::of_event(&known.steps, known.facts.state);
    let step = known.steps.iter().find(|step| step.step_id == step_id).cloned().unwrap_or_default();
    // A step while it is the last that stands; a counter-step while nothing stands that came after what it
    // took back.
    let is_last = match step.revokes {
        Some(target) => course.live().iter().all(|live| live.step_id < target),
        None => course.last().is_some_and(|last| last.step_id == step_id),
    };
    if !is_last {
        return Err(StoreError::Record(
            "something was done after this step; take that back first".into(),
        ));
    }
    if author != tx.stamp().actor.name {
        return Err(StoreError::Record(msg!("only {} can take this step back", author)));
    }
    // Of a counter-step, the state goes back to where the step it took back had led.
    let to = step.from_state.unwrap_or(state::CANCELLED);
    tx.execute(
        "INSERT INTO event_step (event_id, at, entered_at, actor, action, from_state, to_state,
           revokes) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![event_id, tx.stamp().at, author, REVOKE, step.to_state, to, step_id],
    )?;
    // Of a report that is taken back, nothing goes: the event is withdrawn.
    let outcome = courses::is_report(&step).then_some(outcome::WITHDRAWN);
    tx.execute(
        "UPDATE event SET state = ?2, outcome = coalesce(?3, outcome) WHERE event_id = ?1",
        (event_id, to, outcome),
    )?;
    Ok(event_id)
}

/// Events that a deed has touched.
pub(super) fn touched_by(conn: &Connection, deed_id: DeedId) -> Result<Vec<EventId>> {
    let mut select = conn.prepare_cached(
        "SELECT row_id FROM deed_change WHERE deed_id = ?1 AND tbl = 'event'
         UNION SELECT e.event_id FROM deed_range r JOIN event e
           ON e.event_id BETWEEN r.first_id AND r.last_id WHERE r.deed_id = ?1 AND r.tbl = 'event'
         UNION SELECT s.event_id FROM deed_range r JOIN event_step s
           ON s.step_id BETWEEN r.first_id AND r.last_id
           WHERE r.deed_id = ?1 AND r.tbl = 'event_step'",
    )?;
    Ok(select.query_map([deed_id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
