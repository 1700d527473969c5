//! What is stored of an event and its steps, as far as state and clock depend on it.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::Result;
use crate::domain::ids::EventId;
use crate::domain::workflow::steps::Step;

/// What the clock needs of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFacts {
    /// Row id.
    pub event_id: EventId,
    /// Number.
    pub no: String,
    /// When somebody called, UTC seconds.
    pub called_at: Option<i64>,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Key of `event_state`, as it is stored.
    pub state: i64,
    /// Version of the promise it was entered under.
    pub policy_version: Option<i64>,
    /// Who has it in hand.
    pub handler: Option<String>,
}

/// What the clock needs of an event; `None` for one that is not there.
///
/// # Errors
/// SQLite's errors.
pub fn facts(conn: &Connection, event_id: EventId) -> Result<Option<EventFacts>> {
    Ok(conn
        .prepare_cached(
            "SELECT no, called_at, severity, state, policy_version, handler FROM event
             WHERE event_id = ?1",
        )?
        .query_row([event_id], |row| {
            Ok(EventFacts {
                event_id,
                no: row.get(0)?,
                called_at: row.get(1)?,
                severity: row.get(2)?,
                state: row.get(3)?,
                policy_version: row.get(4)?,
                handler: row.get(5)?,
            })
        })
        .optional()?)
}

/// The event of a number.
///
/// # Errors
/// SQLite's errors.
pub fn event_id(conn: &Connection, no: &str) -> Result<Option<EventId>> {
    Ok(conn
        .prepare_cached("SELECT event_id FROM event WHERE no = ?1")?
        .query_row([no], |row| row.get(0))
        .optional()?)
}

fn step_of(row: &Row<'_>) -> rusqlite::Result<Step> {
    Ok(Step {
        step_id: row.get(0)?,
        at: row.get(1)?,
        entered_at: row.get(2)?,
        action: row.get(3)?,
        from_state: row.get(4)?,
        to_state: row.get(5)?,
        until: row.get(6)?,
        severity: row.get(7)?,
        outcome: row.get(8)?,
        revokes: row.get(9)?,
    })
}

/// The steps of an event in the order of entry.
///
/// # Errors
/// SQLite's errors.
pub fn steps(conn: &Connection, event_id: EventId) -> Result<Vec<Step>> {
    let mut select = conn.prepare_cached(
        "SELECT step_id, at, entered_at, action, from_state, to_state, until_at, severity, outcome,
           revokes FROM event_step WHERE event_id = ?1 ORDER BY step_id",
    )?;
    Ok(select.query_map([event_id], step_of)?.collect::<rusqlite::Result<_>>()?)
}
