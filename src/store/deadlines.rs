//! The promise and the calendar as they are stored, and what is due next of each event.
//!
//! A change of the promise or of the slots is a new version; events keep the one that they were entered
//! under. `event.due_at` is derived: [`refresh_due`] makes it by the one function of
//! [`crate::domain::workflow::clock`], whenever a step, a request or the calendar changes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::{Connection, params};

use super::event_facts::{self, EventFacts};
use super::{Result, has_table};
use crate::domain::age::parse_date;
use crate::domain::ids::EventId;
use crate::domain::workflow::calendar::{Calendar, Counting, USUAL_SLOTS, parse_slots, slots_text};
use crate::domain::workflow::clock::{self, Allowance, Case, Clock, Milestone, Policy};
use crate::domain::workflow::event::open_sql;
use crate::domain::workflow::steps;

/// A version of the promise, with the calendar it is counted by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deadline {
    /// What is allowed.
    pub policy: Policy,
    /// How it is counted.
    pub calendar: Calendar,
}

/// All versions of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    versions: BTreeMap<i64, Deadline>,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { versions: BTreeMap::from([(1, Deadline::default())]) }
    }
}

impl Deadlines {
    /// Reads the versions and the calendar; the source's promise where a file holds none.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn read(conn: &Connection) -> Result<Self> {
        let days = days(conn)?;
        let mut versions: BTreeMap<i64, Deadline> = BTreeMap::new();
        let mut select = conn.prepare_cached("SELECT version, slots FROM deadline_version")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let version: i64 = row.get(0)?;
            let slots = parse_slots(row.get_ref(1)?.as_str().unwrap_or_default());
            let calendar = Calendar {
                slots: slots.unwrap_or_else(|_| USUAL_SLOTS.to_vec()),
                days: days.clone(),
            };
            let policy = Policy { version, allowances: Vec::new() };
            versions.insert(version, Deadline { policy, calendar });
        }
        let mut select = conn.prepare_cached(
            "SELECT version, severity, milestone, minutes, working_time, warn_percent
             FROM deadline_rule ORDER BY version, severity, rule_id",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let Some(deadline) = versions.get_mut(&row.get(0)?) else { continue };
            let milestone: String = row.get(2)?;
            let Some(milestone) = Milestone::of_word(&milestone) else { continue };
            let counting = if row.get(4)? { Counting::Working } else { Counting::Always };
            let warnings = row.get_ref(5)?.as_str().unwrap_or_default();
            deadline.policy.allowances.push(Allowance {
                severity: row.get(1)?,
                milestone,
                minutes: row.get(3)?,
                counting,
                warn_percent: warnings.split(';').filter_map(|n| n.trim().parse().ok()).collect(),
            });
        }
        if versions.is_empty() {
            let mut usual = Deadline::default();
            usual.calendar.days = days;
            versions.insert(1, usual);
        }
        Ok(Self { versions })
    }

    /// Number of the newest version: what events are entered under from now on.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.versions.last_key_value().map_or(1, |(version, _)| *version)
    }

    /// The version that an event was entered under; the oldest one for events that do not say.
    #[must_use]
    pub fn of(&self, version: Option<i64>) -> Option<&Deadline> {
        let asked = version.and_then(|version| self.versions.get(&version));
        asked.or_else(|| self.versions.values().next())
    }

    /// The clocks of an event at an instant; none for one that nobody knows the time of.
    #[must_use]
    pub fn clocks(&self, facts: &EventFacts, taken: &[steps::Step], now: i64) -> Vec<Clock> {
        let Some((called_at, deadline)) = facts.called_at.zip(self.of(facts.policy_version)) else {
            return Vec::new();
        };
        let course = steps::of_event(taken, facts.state);
        let case = Case { called_at, severity: facts.severity };
        clock::due(&course, case, &deadline.policy, &deadline.calendar, now)
    }
}

/// Days that are not as their weekday says.
fn days(conn: &Connection) -> Result<BTreeMap<Date, bool>> {
    let mut select = conn.prepare_cached("SELECT day, is_working FROM work_calendar")?;
    let mut rows = select.query([])?;
    let mut days = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let Some(day) = row.get_ref(0)?.as_str().ok().and_then(parse_date) {
            days.insert(day, row.get(1)?);
        }
    }
    Ok(days)
}

/// Writes a version of the promise.
pub(super) fn write_version(conn: &Connection, deadline: &Deadline, since: i64) -> Result<()> {
    let version = deadline.policy.version;
    conn.execute(
        "INSERT INTO deadline_version (version, since, slots) VALUES (?1, ?2, ?3)",
        (version, since, slots_text(&deadline.calendar.slots)),
    )?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO deadline_rule (version, severity, milestone, minutes, working_time,
           warn_percent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for a in &deadline.policy.allowances {
        let warnings: Vec<String> = a.warn_percent.iter().map(u8::to_string).collect();
        insert.execute(params![
            version,
            a.severity,
            a.milestone.word(),
            a.minutes,
            a.counting == Counting::Working,
            warnings.join(";"),
        ])?;
    }
    Ok(())
}

/// Works out anew what is due next of all open events.
///
/// # Errors
/// SQLite's errors.
pub fn refresh_all_due(conn: &Connection) -> Result<()> {
    let sql = format!("SELECT event_id FROM event WHERE {} OR due_at NOT NULL", open_sql());
    let open = conn
        .prepare(&sql)?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<EventId>>>()?;
    refresh_due(conn, &open)
}

/// Works out anew what is due next of some events, and gives those that have none their version of the
/// promise.
///
/// # Errors
/// SQLite's errors.
pub fn refresh_due(conn: &Connection, event_ids: &[EventId]) -> Result<()> {
    if event_ids.is_empty() {
        return Ok(());
    }
    let deadlines = Deadlines::read(conn)?;
    let mut update = conn.prepare_cached(
        "UPDATE event SET due_at = ?2, policy_version = coalesce(policy_version, ?3)
         WHERE event_id = ?1 AND (due_at IS NOT ?2 OR policy_version IS NULL)",
    )?;
    for event_id in event_ids {
        let Some(mut facts) = event_facts::facts(conn, *event_id)? else { continue };
        facts.policy_version = facts.policy_version.or(Some(deadlines.newest()));
        let taken = event_facts::steps(conn, *event_id)?;
        // What is due next does not depend on when it is asked.
        let clocks = deadlines.clocks(&facts, &taken, facts.called_at.unwrap_or_default());
        update.execute((event_id, clock::next_due(&clocks), facts.policy_version))?;
    }
    Ok(())
}

/// Gives events that came with a list their version of the promise, and what is due of them.
///
/// # Errors
/// SQLite's errors.
pub fn settle_new(conn: &Connection) -> Result<()> {
    let fresh = conn
        .prepare_cached("SELECT event_id FROM event WHERE policy_version IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<EventId>>>()?;
    refresh_due(conn, &fresh)
}

/// Makes the first version out of the promise of schema 1: what an office has edited is kept.
pub(super) fn take_over_policy(conn: &Connection) -> Result<()> {
    use crate::domain::workflow::event::severity::{COMPLEX, DIFFICULT, GENERAL, SIMPLE};
    /// What schema 1 was made with: severity, minutes, working time.
    const SHIPPED: [(i64, i64, bool); 5] =
        [(1, 5, false), (2, 40, false), (3, 180, false), (4, 960, true), (5, 1440, false)];
    let mut first = Deadline::default();
    if has_table(conn, "deadline_policy")? {
        let mut select = conn
            .prepare("SELECT severity, minutes, working_time, warn_percent FROM deadline_policy")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let old: (i64, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let warnings: String = row.get(3)?;
            let is_of = |a: &Allowance| match old.0 {
                1 => a.milestone == Milestone::Arrival,
                2 => (a.severity, a.milestone) == (SIMPLE, Milestone::Solution),
                3 => (a.severity, a.milestone) == (GENERAL, Milestone::Solution),
                4 => (a.severity, a.milestone) == (COMPLEX, Milestone::Solution),
                5 => (a.severity, a.milestone) == (DIFFICULT, Milestone::Plan),
                _ => false,
            };
            for allowance in first.policy.allowances.iter_mut().filter(|a| is_of(a)) {
                if !SHIPPED.contains(&old) {
                    allowance.minutes = old.1;
                    allowance.counting = if old.2 { Counting::Working } else { Counting::Always };
                }
                if warnings != "50;80;100" {
                    allowance.warn_percent =
                        warnings.split(';').filter_map(|n| n.trim().parse().ok()).collect();
                }
            }
        }
    }
    write_version(conn, &first, 0)
}
