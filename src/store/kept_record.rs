//! Steps of events and visits are record: taking one back writes a counter-step or marks the visit, by its
//! author, while it is the last; putting it back writes another one. Nothing is deleted.

use rusqlite::OptionalExtension as _;

use super::{Result, StoreError, WriteTx, events};
use crate::domain::ids::{DeedId, StepId};
use crate::msg;

/// Takes back what a deed added to the record.
///
/// # Errors
/// [`StoreError::Record`] says why it cannot be taken back; SQLite's errors.
pub(super) fn take_back(tx: &WriteTx<'_>, deed_id: DeedId) -> Result<()> {
    let (at, actor) = (tx.stamp().at, &tx.stamp().actor.name);
    for step_id in steps_of(tx, deed_id)? {
        events::revoke(tx, step_id)?;
    }
    const REQUESTS: &str = "request_id BETWEEN (SELECT first_id FROM deed_range
          WHERE deed_id = ?1 AND tbl = 'event_request')
        AND (SELECT last_id FROM deed_range WHERE deed_id = ?1 AND tbl = 'event_request')";
    let sql = format!("SELECT requester, decision IS NOT NULL FROM event_request WHERE {REQUESTS}");
    let asked: Option<(String, bool)> =
        tx.query_row(&sql, [deed_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((author, is_decided)) = asked {
        if is_decided {
            return Err(StoreError::Record("the request was decided already".into()));
        }
        check_author(&author, actor)?;
        let sql = format!(
            "UPDATE event_request SET decision = 'denied', decided_at = ?2, decider = ?3
             WHERE {REQUESTS}"
        );
        tx.execute(&sql, (deed_id, at, actor))?;
    }
    let mut visits = tx.prepare_cached(
        "SELECT v.actor FROM deed_range r JOIN visit v ON v.visit_id BETWEEN r.first_id AND r.last_id
         WHERE r.deed_id = ?1 AND r.tbl = 'visit'",
    )?;
    let mut rows = visits.query([deed_id])?;
    while let Some(row) = rows.next()? {
        check_author(row.get_ref(0)?.as_str().unwrap_or_default(), actor)?;
    }
    tx.execute(
        "UPDATE visit SET revoked_at = ?2 WHERE revoked_at IS NULL AND visit_id BETWEEN
           (SELECT first_id FROM deed_range WHERE deed_id = ?1 AND tbl = 'visit')
           AND (SELECT last_id FROM deed_range WHERE deed_id = ?1 AND tbl = 'visit')",
        (deed_id, at),
    )?;
    Ok(())
}

/// Puts back what an undo, by its record, took back: counter-steps against its counter-steps. Marks of visits
/// and requests are columns and are back already.
///
/// # Errors
/// As [`take_back`].
pub(super) fn put_back(tx: &WriteTx<'_>, record: DeedId) -> Result<()> {
    for step_id in steps_of(tx, record)? {
        events::revoke(tx, step_id)?;
    }
    Ok(())
}

fn check_author(author: &str, actor: &str) -> Result<()> {
    if author == actor {
        return Ok(());
    }
    Err(StoreError::Record(msg!("only {} can take this step back", author)))
}

/// The steps that a deed added, the last one first.
fn steps_of(tx: &WriteTx<'_>, deed_id: DeedId) -> Result<Vec<StepId>> {
    let mut select = tx.prepare_cached(
        "SELECT s.step_id FROM deed_range r JOIN event_step s
           ON s.step_id BETWEEN r.first_id AND r.last_id
         WHERE r.deed_id = ?1 AND r.tbl = 'event_step' ORDER BY s.step_id DESC",
    )?;
    Ok(select.query_map([deed_id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
