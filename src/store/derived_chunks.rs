//! Where derived data is kept in the file: a head that says as of which audit entry it is true, and numbered
//! blobs. What stands in them, `derived` knows.

use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, has_table, sums};

/// What is kept, as of an audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The last audit entry whose commit is in it.
    pub seq: i64,
    /// How many blobs there are.
    pub chunks: usize,
    /// What holds for all of them.
    pub body: Vec<u8>,
}

/// What is kept, if it can be brought up to date: another program that has edited a table since, or an audit log
/// that is not the one it was made under, make it worth nothing.
///
/// # Errors
/// SQLite's errors.
pub fn state(conn: &Connection) -> Result<Option<State>> {
    if !has_table(conn, "derived_state")? || sums::is_edited_elsewhere(conn)? {
        return Ok(None);
    }
    let found = conn
        .query_row(
            "SELECT s.seq, s.chunks, s.body FROM derived_state s
             JOIN audit_log a ON a.seq = s.seq AND a.hash = s.hash WHERE derived_state_id = 1",
            [],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?)),
        )
        .optional()?;
    Ok(found.map(|(seq, chunks, body)| State {
        seq,
        chunks: usize::try_from(chunks).unwrap_or(usize::MAX),
        body,
    }))
}

/// Calls `take` with the bytes of each blob, in their order.
///
/// # Errors
/// SQLite's errors, and those of `take`.
pub fn each_chunk(conn: &Connection, mut take: impl FnMut(i64, &[u8]) -> Result<()>) -> Result<()> {
    let mut select =
        conn.prepare("SELECT derived_chunk_id, body FROM derived_chunk ORDER BY derived_chunk_id")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?, row.get_ref(1)?.as_blob().unwrap_or_default())?;
    }
    Ok(())
}

/// Replaces a blob.
///
/// # Errors
/// SQLite's errors.
pub fn put_chunk(conn: &Connection, number: usize, body: &[u8]) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO derived_chunk (derived_chunk_id, body) VALUES (?1, ?2)
         ON CONFLICT (derived_chunk_id) DO UPDATE SET body = excluded.body",
    )?
    .execute((number as i64, body))?;
    Ok(())
}

/// Says as of which audit entry the blobs are true, and drops those beyond.
///
/// # Errors
/// SQLite's errors.
pub fn put_state(conn: &Connection, state: &State) -> Result<()> {
    let chunks = state.chunks as i64;
    conn.execute("DELETE FROM derived_chunk WHERE derived_chunk_id >= ?1", [chunks])?;
    conn.execute(
        "INSERT OR REPLACE INTO derived_state (derived_state_id, seq, hash, chunks, body)
         SELECT 1, seq, hash, ?2, ?3 FROM audit_log WHERE seq = ?1",
        (state.seq, chunks, &state.body),
    )?;
    Ok(())
}
