//! The review queue as it is written: rows of lists that were not taken, and how they were settled.
//!
//! It is read in `query::review`. A row is settled while the deed that settled it is not undone, so
//! that undoing and redoing touch no row of the queue.

use rusqlite::params;

use super::{Result, WriteTx};

use crate::domain::ids::{DeedId, QueueRowId};

/// How a row of the queue came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It waits for somebody to choose.
    Held,
    /// It cannot be taken as it stands; a corrected report brings it back.
    Rejected,
}

/// A row that was held or rejected.
pub struct NewQueueRow {
    /// Row in the file.
    pub line: i64,
    /// Held or rejected.
    pub came: Came,
    /// What reports call it, where it came before.
    pub reference: Option<String>,
    /// Headings and cells, as JSON.
    pub raw: String,
    /// The field in question; empty for the row as a whole.
    pub field: String,
    /// Why, as the code of a message.
    pub code: String,
    /// The message's values, as JSON.
    pub args: String,
    /// What it may mean, as JSON.
    pub choices: String,
}

/// How a row that waited was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledHow {
    /// It was taken, as somebody chose or as it came again.
    Taken,
    /// It was dropped.
    Dropped,
    /// It came again, corrected, and was taken.
    Corrected,
    /// It came again and waits in the later list.
    Again,
}

/// A row of the queue `r` that still waits, as SQL: nobody has settled it, or the deed that did was
/// undone.
pub const WAITS_SQL: &str = "(r.settled IS NULL OR EXISTS
  (SELECT 1 FROM deed s WHERE s.deed_id = r.settled_by AND s.undone_at IS NOT NULL))";

/// Keeps a row that the deed `deed_id` did not take.
///
/// # Errors
/// SQLite's errors.
pub fn keep_row(tx: &WriteTx<'_>, deed_id: DeedId, row: &NewQueueRow) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO queue_row (deed_id, row_no, came, reference, raw, field, code, args, choices)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        deed_id,
        row.line,
        if row.came == Came::Held { "held" } else { "rejected" },
        row.reference,
        row.raw,
        row.field,
        row.code,
        row.args,
        row.choices,
    ])?;
    Ok(())
}

/// Writes down that a row of a list that has not come in yet is answered already.
///
/// # Errors
/// SQLite's errors.
pub fn answer_ahead(tx: &WriteTx<'_>, deed_id: DeedId, line: u64, reference: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO queue_row (deed_id, row_no, came, reference, raw, field, code, args, choices,
           settled, settled_by)
         VALUES (?1, ?2, 'ahead', ?3, '[]', '', '', '[]', '[]', 'corrected', ?1)",
    )?
    .execute((deed_id, line as i64, reference))?;
    Ok(())
}

/// Takes a row out of the queue: the deed `deed_id` has settled it, because it was reviewed, because
/// it came again, or because it came again corrected. What is settled already stays so.
///
/// # Errors
/// SQLite's errors.
pub fn settle_row(
    tx: &WriteTx<'_>,
    deed_id: DeedId,
    queue_row_id: QueueRowId,
    how: SettledHow,
) -> Result<()> {
    let how = match how {
        SettledHow::Taken => "taken",
        SettledHow::Dropped => "dropped",
        SettledHow::Corrected => "corrected",
        SettledHow::Again => "again",
    };
    // A rejected row that comes again and is taken was corrected in the list itself.
    tx.prepare_cached(&format!(
        "UPDATE queue_row AS r SET settled_by = ?2,
           settled = iif(r.came = 'rejected' AND ?3 = 'taken', 'corrected', ?3)
         WHERE r.queue_row_id = ?1 AND {WAITS_SQL}"
    ))?
    .execute((queue_row_id, deed_id, how))?;
    Ok(())
}
