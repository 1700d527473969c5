//! Past imports, and the columns of lists that are kept for the next month's.

use rusqlite::Connection;

use super::bulk::RowCounts;
use super::deed::DeedKind;
use super::queue::WAITS_SQL;
use super::{Result, WriteTx};
use crate::access::AuditEntry;
use crate::domain::ids::DeedId;

/// An import, or what else took rows, as the list of past ones shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PastImport {
    /// Number of the deed.
    pub batch: DeedId,
    /// What was done.
    pub deed: DeedKind,
    /// `buildings`, `rooms` …
    pub kind: String,
    /// File name without folders, or what was made.
    pub file: String,
    /// UTC seconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// How its rows ended.
    pub counts: RowCounts,
    /// Held rows that still wait.
    pub waiting: u64,
    /// When it was undone, UTC seconds.
    pub undone_at: Option<i64>,
    /// Whether it was written down in a way that can be undone (not before schema 3).
    pub can_undo: bool,
    /// Whether it was undone and can be put back: as long as nothing else was done since.
    pub can_redo: bool,
}

/// The imports of a workspace, newest first.
///
/// # Errors
/// SQLite's errors.
pub fn past_imports(conn: &Connection) -> Result<Vec<PastImport>> {
    let sql = format!(
        "SELECT d.deed_id, d.kind, l.list, d.title, d.at, d.actor, l.rows_read, l.added, l.merged,
           l.unchanged, l.held, l.rejected, l.skipped, d.undone_at,
           (SELECT count(*) FROM queue_row r
             WHERE r.deed_id = d.deed_id AND r.came = 'held' AND {WAITS_SQL}),
           d.can_undo,
           coalesce((SELECT u.can_undo AND u.undone_at IS NULL
               AND u.deed_id = (SELECT max(v.deed_id) FROM deed v WHERE v.undone_at IS NULL)
             FROM deed u WHERE u.deed_id = d.undone_by), 0)
         FROM deed d JOIN deed_list l USING (deed_id) ORDER BY d.deed_id DESC"
    );
    Ok(conn
        .prepare(&sql)?
        .query_map([], |row| {
            let count = |index| row.get::<_, i64>(index).map(|n| n as u64);
            Ok(PastImport {
                batch: row.get(0)?,
                deed: row.get(1)?,
                kind: row.get(2)?,
                file: row.get(3)?,
                at: row.get(4)?,
                actor: row.get(5)?,
                counts: RowCounts {
                    read: count(6)?,
                    added: count(7)?,
                    merged: count(8)?,
                    unchanged: count(9)?,
                    held: count(10)?,
                    rejected: count(11)?,
                    skipped: count(12)?,
                },
                undone_at: row.get(13)?,
                waiting: count(14)?,
                can_undo: row.get(15)?,
                can_redo: row.get(16)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// The columns of a list that came before, kept for the next month's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMapping {
    /// `persons` …
    pub kind: String,
    /// Name somebody gave it.
    pub name: String,
    /// `(field, heading)`.
    pub pairs: Vec<(String, String)>,
}

/// Kept columns, by name.
///
/// # Errors
/// SQLite's errors.
pub fn kept_mappings(conn: &Connection) -> Result<Vec<KeptMapping>> {
    Ok(conn
        .prepare("SELECT kind, name, mapping FROM import_template ORDER BY kind, name")?
        .query_map([], |row| {
            let pairs: String = row.get(2)?;
            Ok(KeptMapping {
                kind: row.get(0)?,
                name: row.get(1)?,
                pairs: serde_json::from_str(&pairs).unwrap_or_default(),
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// Keeps the columns of a list under a name; an earlier one of that name is replaced.
///
/// # Errors
/// SQLite's errors.
pub fn keep_mapping(
    tx: &WriteTx<'_>,
    kind: &str,
    name: &str,
    pairs: &[(String, String)],
) -> Result<((), AuditEntry)> {
    let mapping = serde_json::to_string(pairs).unwrap_or_default();
    tx.execute(
        "INSERT INTO import_template (kind, name, mapping) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, name) DO UPDATE SET mapping = excluded.mapping",
        (kind, name, mapping),
    )?;
    Ok(((), AuditEntry::done("keep_mapping", format!("{kind} {name}"))))
}
