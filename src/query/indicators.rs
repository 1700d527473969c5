//! Indicators of events and visits over a period, each with what it is counted of and how it is defined.
//!
//! Counted are the events whose call came in the period, as they stand now. A rate of fewer than five says
//! nothing and is left out.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::Serialize;

use crate::domain::clock::shanghai;
use crate::domain::codes::list;
use crate::domain::workflow::clock::{ClockState, Milestone};
use crate::domain::workflow::event::{act, outcome, severity, state};
use crate::domain::workflow::steps;
use crate::domain::workflow::visit::found;
use crate::query::Vocabulary;
use crate::store::deadlines::Deadlines;
use crate::store::events::{self, EventFacts};
use crate::store::{Connection, Result};
use crate::text::Message;

/// Fewest of which a rate is told.
const FEWEST: u64 = 5;

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Indicator {
    /// Word: `closed`, `closed_in_time`, `arrival_in_time` …
    pub name: String,
    /// How many.
    pub n: u64,
    /// Of how many.
    pub of: u64,
    /// Per cent, one decimal; none of fewer than five.
    pub percent: Option<f64>,
    /// How it is defined.
    pub definition: Message,
}

impl Indicator {
    fn new(name: &str, (n, of): (u64, u64), definition: &'static str) -> Self {
        let percent = (of >= FEWEST).then(|| (n as f64 / of as f64 * 1_000.0).round() / 10.0);
        Self { name: name.to_owned(), n, of, percent, definition: definition.into() }
    }
}

/// How long something took, minutes that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Took {
    /// How many were measured.
    pub n: u64,
    /// Half took no longer.
    pub median: Option<i64>,
    /// Nine of ten took no longer.
    pub p90: Option<i64>,
}

impl Took {
    fn of(mut minutes: Vec<i64>) -> Self {
        minutes.sort_unstable();
        let at = |part: f64| {
            let last = minutes.len().checked_sub(1)?;
            minutes.get((last as f64 * part).round() as usize).copied()
        };
        Self { n: minutes.len() as u64, median: at(0.5), p90: at(0.9) }
    }
}

/// The indicators of a group of events.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct EventIndicators {
    /// What the group is: a code of the list, an hour, a grid; empty for all.
    pub group: String,
    /// Events whose call came in the period.
    pub events: u64,
    /// Rates.
    pub rates: Vec<Indicator>,
    /// Minutes from the call to the arrival.
    pub arrival_minutes: Took,
    /// Minutes from the call to the solution.
    pub solution_minutes: Took,
}

/// By what events are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Not at all.
    All,
    /// By category.
    Category,
    /// By where they come from.
    Source,
    /// By the hour of the call.
    Hour,
    /// By grid.
    Grid,
}

#[derive(Default)]
struct Tally {
    events: u64,
    counts: BTreeMap<&'static str, (u64, u64)>,
    arrival: Vec<i64>,
    solution: Vec<i64>,
}

impl Tally {
    fn count(&mut self, name: &'static str, is_so: bool) {
        let (n, of) = self.counts.entry(name).or_default();
        *of += 1;
        *n += u64::from(is_so);
    }
}

/// Indicators with their definitions, in the order in which they are told.
const DEFINED: [(&str, &str); 14] = [
    ("closed", "closed, of those that are closed or were due in the period"),
    (
        "closed_in_time",
        "closed without a late solution or plan, of those that are closed or were due",
    ),
    ("arrival_in_time", "somebody on site in time, of all that have reached it or are late"),
    ("simple_in_time", "simple ones solved in time, of those that are solved or late"),
    ("general_in_time", "general ones solved in time, of those that are solved or late"),
    ("complex_in_time", "complex ones solved in time, of those that are solved or late"),
    ("plan_in_time", "plans proposed in time, of difficult ones that have one or are late"),
    ("rework", "sent back for rework at least once, of those that were solved"),
    ("returned", "returned at least once, of all"),
    ("extended", "extended at least once, of all"),
    ("suspended", "suspended at least once, of all"),
    ("duplicate", "repeating another event, of all"),
    ("proactive", "found by patrols, visits or devices, of all"),
    ("satisfied", "reporters who are satisfied, of those who were asked"),
];

/// Indicators of the events whose call came between two instants (UTC seconds, the end left out).
///
/// # Errors
/// SQLite's errors.
pub fn event_indicators(
    conn: &Connection,
    vocabulary: &Vocabulary,
    ((from, to), now): ((i64, i64), i64),
    group: Group,
) -> Result<Vec<EventIndicators>> {
    let deadlines = Deadlines::read(conn)?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut select = conn.prepare_cached(
        "SELECT e.event_id, e.called_at, e.severity, e.state, e.policy_version, e.outcome, e.source,
           e.category, g.code,
           (SELECT satisfaction FROM event_step s WHERE s.event_id = e.event_id
             AND s.satisfaction NOT NULL ORDER BY s.step_id DESC LIMIT 1)
         FROM event e LEFT JOIN grid g ON g.grid_id = e.grid_id
         WHERE e.called_at >= ?1 AND e.called_at < ?2 ORDER BY e.event_id",
    )?;
    let mut rows = select.query(params![from, to])?;
    while let Some(row) = rows.next()? {
        let facts = EventFacts {
            event_id: row.get(0)?,
            no: String::new(),
            called_at: row.get(1)?,
            severity: row.get(2)?,
            state: row.get(3)?,
            policy_version: row.get(4)?,
            handler: None,
        };
        let called_at = facts.called_at.unwrap_or_default();
        let (source, category): (Option<i64>, i64) = (row.get(6)?, row.get(7)?);
        let key = match group {
            Group::All => String::new(),
            Group::Category => vocabulary.lists.code(list::EVENT_CATEGORY, category).to_owned(),
            Group::Source => source.map_or_else(
                || "-".to_owned(),
                |s| vocabulary.lists.code(list::EVENT_SOURCE, s).to_owned(),
            ),
            Group::Hour => jiff::Timestamp::from_second(called_at)
                .map(|t| format!("{:02}", t.to_zoned(shanghai()).hour()))
                .unwrap_or_default(),
            Group::Grid => row.get::<_, Option<String>>(8)?.unwrap_or_else(|| "-".to_owned()),
        };
        let tally = tallies.entry(key).or_default();
        let taken = events::steps(conn, facts.event_id)?;
        let outcome: Option<i64> = row.get(5)?;
        one(tally, &deadlines, (&facts, &taken), (outcome, source), (to, now));
        if let Some(satisfaction) = row.get::<_, Option<i64>>(9)? {
            tally.count("satisfied", satisfaction < 3);
        }
    }
    if group == Group::All && tallies.is_empty() {
        tallies.insert(String::new(), Tally::default());
    }
    Ok(tallies.into_iter().map(|(group, tally)| told(group, tally)).collect())
}

fn told(group: String, tally: Tally) -> EventIndicators {
    let rates = DEFINED
        .iter()
        .map(|(name, definition)| {
            let counts = tally.counts.get(name).copied().unwrap_or_default();
            Indicator::new(name, counts, definition)
        })
        .collect();
    EventIndicators {
        group,
        events: tally.events,
        rates,
        arrival_minutes: Took::of(tally.arrival),
        solution_minutes: Took::of(tally.solution),
    }
}

fn one(
    tally: &mut Tally,
    deadlines: &Deadlines,
    (facts, taken): (&EventFacts, &[steps::Step]),
    (outcome, source): (Option<i64>, Option<i64>),
    (to, now): (i64, i64),
) {
    let course = steps::of_event(taken, facts.state);
    let clocks = deadlines.clocks(facts, taken, now);
    tally.events += 1;
    let is_closed = course.state(now) == state::CLOSED;
    let of = |milestone: Milestone| clocks.iter().find(|c| c.milestone == milestone);
    let last = of(Milestone::Solution).or_else(|| of(Milestone::Plan));
    let was_due = last.and_then(|clock| clock.due).is_some_and(|due| due < to.min(now));
    if is_closed || was_due {
        tally.count("closed", is_closed);
        let is_late = last.is_some_and(|clock| clock.state == ClockState::Late);
        tally.count("closed_in_time", is_closed && !is_late);
    }
    for clock in &clocks {
        let name = match (clock.milestone, facts.severity) {
            (Milestone::Arrival, _) => "arrival_in_time",
            (Milestone::Plan, _) => "plan_in_time",
            (Milestone::Solution, Some(severity::SIMPLE)) => "simple_in_time",
            (Milestone::Solution, Some(severity::GENERAL)) => "general_in_time",
            (Milestone::Solution, _) => "complex_in_time",
        };
        // What ended without it has neither reached nor missed it.
        if clock.done.is_some() || clock.is_overdue() {
            tally.count(name, clock.done.is_some() && clock.state == ClockState::Met);
        }
        if clock.done.is_some()
            && let Some(left) = clock.left_secs
        {
            let minutes = (clock.allowed_secs - left).max(0) / 60;
            match clock.milestone {
                Milestone::Arrival => tally.arrival.push(minutes),
                Milestone::Solution => tally.solution.push(minutes),
                Milestone::Plan => {}
            }
        }
    }
    let has = |action: &str| course.live().iter().any(|step| step.action == action);
    if has(act::SOLVE) {
        tally.count("rework", has(act::REWORK));
    }
    tally.count("returned", has(act::RETURN));
    tally.count("extended", has(act::EXTEND));
    tally.count("suspended", has(act::SUSPEND));
    tally.count("duplicate", outcome == Some(outcome::DUPLICATE));
    // event_source: 1 patrol, 2 visit, 6 device.
    tally.count("proactive", matches!(source, Some(1 | 2 | 6)));
}

/// Visits over a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct VisitIndicators {
    /// Visits in which somebody was reached.
    pub visits: u64,
    /// Times that nobody was there.
    pub attempts: u64,
    /// Times that a visit was refused.
    pub refused: u64,
    /// People who were reached.
    pub persons: u64,
    /// Households (rooms) that were reached.
    pub rooms: u64,
    /// Facts that were confirmed.
    pub confirmed: u64,
    /// Facts that were changed.
    pub changed: u64,
}

/// What was visited between two instants (UTC seconds, the end left out); visits that were taken back are
/// left out.
///
/// # Errors
/// SQLite's errors.
pub fn visit_indicators(conn: &Connection, (from, to): (i64, i64)) -> Result<VisitIndicators> {
    let sql = format!(
        "SELECT coalesce(sum(found <> {absent}), 0), coalesce(sum(found = {absent}), 0),
           coalesce(sum(found = {refused}), 0),
           count(DISTINCT iif(found <> {absent}, person_id, NULL)),
           count(DISTINCT iif(found <> {absent}, room_id, NULL))
         FROM visit WHERE revoked_at IS NULL AND at >= ?1 AND at < ?2",
        absent = found::ABSENT,
        refused = found::REFUSED,
    );
    let count = |row: &rusqlite::Row<'_>, n: usize| row.get::<_, i64>(n).map(i64::unsigned_abs);
    let mut told = conn.query_row(&sql, (from, to), |row| {
        Ok(VisitIndicators {
            visits: count(row, 0)?,
            attempts: count(row, 1)?,
            refused: count(row, 2)?,
            persons: count(row, 3)?,
            rooms: count(row, 4)?,
            ..VisitIndicators::default()
        })
    })?;
    let sql = "SELECT coalesce(sum(answer = 1), 0), coalesce(sum(answer = 2), 0)
         FROM visit_fact f JOIN visit v USING (visit_id)
         WHERE v.revoked_at IS NULL AND v.at >= ?1 AND v.at < ?2";
    (told.confirmed, told.changed) =
        conn.query_row(sql, (from, to), |row| Ok((count(row, 0)?, count(row, 1)?)))?;
    Ok(told)
}
