//! What undos keep for being put back, and how it goes: it was meant to go, so it stays in the file only
//! until the next deed that is no undo, and for a day at most.

use rusqlite::Connection;

use super::Result;

use crate::domain::ids::DeedId;

/// How long it is kept at most, seconds.
pub(super) const KEPT_SECS: i64 = 24 * 3600;

/// Forgets the rows that undos before `until` (UTC seconds) have kept for being put back: what was
/// taken back is not to stay in the file.
///
/// # Errors
/// SQLite's errors.
pub(super) fn forget_before(conn: &Connection, until: i64) -> Result<()> {
    let mut select = conn.prepare_cached(
        "SELECT deed_id FROM deed WHERE kind = 'undo' AND can_undo = 1 AND at < ?1",
    )?;
    let undos =
        select.query_map([until], |row| row.get(0))?.collect::<rusqlite::Result<Vec<DeedId>>>()?;
    for undo in undos {
        forget(conn, undo)?;
    }
    Ok(())
}

/// Forgets what one undo has kept.
pub(super) fn forget(conn: &Connection, undo: DeedId) -> Result<()> {
    conn.prepare_cached("DELETE FROM deed_change WHERE deed_id = ?1")?.execute([undo])?;
    conn.prepare_cached(
        "DELETE FROM queue_row WHERE deed_id IN (SELECT deed_id FROM deed WHERE undone_by = ?1)",
    )?
    .execute([undo])?;
    conn.prepare_cached("UPDATE deed SET can_undo = 0 WHERE deed_id = ?1")?.execute([undo])?;
    Ok(())
}
