//! Past deeds of every kind, newest first: imports, edits, moves, steps, visits.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::Result;
use super::deed::DeedKind;
use crate::domain::ids::DeedId;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PastDeed {
    /// Number of the deed.
    pub deed: DeedId,
    /// What kind of deed it was.
    pub kind: DeedKind,
    /// Of an import, the file; of a step, the number of the event; of what was done by hand, the record
    /// (`person/17`) and its fields.
    pub title: String,
    /// UTC seconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// When it was taken back, UTC seconds.
    pub undone_at: Option<i64>,
    /// Whether it was written down in a way that can be taken back.
    pub can_undo: bool,
    /// Whether it was taken back and can be put back: as long as nothing else was done since.
    pub can_redo: bool,
    /// Of an import, which list.
    pub list: Option<String>,
    /// What it did, where that is a word: the act of a step (`dispatch`), the kind of a request.
    pub action: Option<String>,
}

const SELECT: &str = "SELECT d.deed_id, d.kind, d.title, d.at, d.actor, d.undone_at, d.can_undo,
      coalesce((SELECT u.can_undo AND u.undone_at IS NULL
          AND u.deed_id = (SELECT max(v.deed_id) FROM deed v WHERE v.undone_at IS NULL)
        FROM deed u WHERE u.deed_id = d.undone_by), 0),
      (SELECT l.list FROM deed_list l WHERE l.deed_id = d.deed_id),
      iif(d.kind = 'step', coalesce(
        (SELECT s.action FROM deed_range r JOIN event_step s ON s.step_id = r.first_id
          WHERE r.deed_id = d.deed_id AND r.tbl = 'event_step'),
        (SELECT 'ask-' || q.kind FROM deed_range r JOIN event_request q ON q.request_id = r.first_id
          WHERE r.deed_id = d.deed_id AND r.tbl = 'event_request'),
        'deny'), NULL)
    FROM deed d";

fn read(row: &Row<'_>) -> rusqlite::Result<PastDeed> {
    Ok(PastDeed {
        deed: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        at: row.get(3)?,
        actor: row.get(4)?,
        undone_at: row.get(5)?,
        can_undo: row.get(6)?,
        can_redo: row.get(7)?,
        list: row.get(8)?,
        action: row.get(9)?,
    })
}

/// The last deeds but the undos, newest first.
///
/// # Errors
/// SQLite's errors.
pub fn past_deeds(conn: &Connection, most: u32) -> Result<Vec<PastDeed>> {
    let sql = format!("{SELECT} WHERE d.kind <> 'undo' ORDER BY d.deed_id DESC LIMIT ?1");
    Ok(conn.prepare_cached(&sql)?.query_map([most], read)?.collect::<rusqlite::Result<_>>()?)
}

/// A deed by its number; an undo is none.
///
/// # Errors
/// SQLite's errors.
pub fn past_deed(conn: &Connection, deed_id: DeedId) -> Result<Option<PastDeed>> {
    let sql = format!("{SELECT} WHERE d.kind <> 'undo' AND d.deed_id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([deed_id], read).optional()?)
}

/// The deed that *Undo* means: the last one that stands and can be taken back.
///
/// # Errors
/// SQLite's errors.
pub fn last_undoable(conn: &Connection) -> Result<Option<DeedId>> {
    let sql =
        "SELECT max(deed_id) FROM deed WHERE kind <> 'undo' AND undone_at IS NULL AND can_undo = 1";
    Ok(conn.query_row(sql, [], |row| row.get(0))?)
}

/// The deed that *Redo* means: the one that was taken back last, if nothing was done since.
///
/// # Errors
/// SQLite's errors.
pub fn last_redoable(conn: &Connection) -> Result<Option<DeedId>> {
    let sql = "SELECT d.deed_id FROM deed d JOIN deed u ON u.deed_id = d.undone_by
         WHERE u.can_undo = 1 AND u.undone_at IS NULL
           AND u.deed_id = (SELECT max(v.deed_id) FROM deed v WHERE v.undone_at IS NULL)
         ORDER BY d.deed_id DESC LIMIT 1";
    Ok(conn.query_row(sql, [], |row| row.get(0)).optional()?)
}
