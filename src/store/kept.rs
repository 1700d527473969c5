//! Filters and choices of columns that are kept by name.

use rusqlite::Connection;

use super::{Result, WriteTx, has_table};
use crate::access::AuditEntry;

/// A filter that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFilter {
    /// Its name.
    pub name: String,
    /// Its JSON.
    pub filter: String,
}

/// Columns that are kept for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSet {
    /// Word of the table.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Names of the columns, in their order.
    pub columns: Vec<String>,
}

/// Filters by name.
///
/// # Errors
/// SQLite's errors.
pub fn filters(conn: &Connection) -> Result<Vec<KeptFilter>> {
    // A file of an older schema that may not be written holds none.
    if !has_table(conn, "saved_filter")? {
        return Ok(Vec::new());
    }
    let mut select = conn.prepare("SELECT name, filter FROM saved_filter ORDER BY name")?;
    let rows =
        select.query_map([], |row| Ok(KeptFilter { name: row.get(0)?, filter: row.get(1)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Choices of columns, by table and name.
///
/// # Errors
/// SQLite's errors.
pub fn column_sets(conn: &Connection) -> Result<Vec<ColumnSet>> {
    if !has_table(conn, "column_set")? {
        return Ok(Vec::new());
    }
    let mut select =
        conn.prepare("SELECT kind, name, columns FROM column_set ORDER BY kind, name")?;
    let rows = select.query_map([], |row| {
        let columns: String = row.get(2)?;
        Ok(ColumnSet {
            kind: row.get(0)?,
            name: row.get(1)?,
            columns: columns.split(',').map(str::to_owned).collect(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps a filter (UTC second `now`); an earlier one of that name is replaced.
///
/// # Errors
/// SQLite's errors.
pub fn keep_filter(
    tx: &WriteTx<'_>,
    name: &str,
    filter: &str,
    now: i64,
) -> Result<((), AuditEntry)> {
    tx.execute(
        "INSERT INTO saved_filter (name, filter, saved_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET filter = excluded.filter, saved_at = excluded.saved_at",
        (name, filter, now),
    )?;
    Ok(((), AuditEntry::done("keep_filter", name)))
}

/// Forgets a filter.
///
/// # Errors
/// SQLite's errors.
pub fn forget_filter(tx: &WriteTx<'_>, name: &str) -> Result<((), AuditEntry)> {
    tx.execute("DELETE FROM saved_filter WHERE name = ?1", [name])?;
    Ok(((), AuditEntry::done("forget_filter", name)))
}

/// Keeps a choice of columns; an earlier one of that name is replaced.
///
/// # Errors
/// SQLite's errors.
pub fn keep_columns(tx: &WriteTx<'_>, set: &ColumnSet) -> Result<((), AuditEntry)> {
    tx.execute(
        "INSERT INTO column_set (kind, name, columns) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, name) DO UPDATE SET columns = excluded.columns",
        (&set.kind, &set.name, set.columns.join(",")),
    )?;
    Ok(((), AuditEntry::done("keep_columns", format!("{} {}", set.kind, set.name))))
}
