//! What each import did to the workspace, and what taking it back needs.
//!
//! A batch adds rows at the end of each table (there is one writer, and row ids ascend), so what
//! it added is one range of ids a table. What it changes in older rows is caught by temporary
//! triggers as JSON before the change. Undoing puts a field back only where it still says what the
//! batch had written, and deletes an added row only where nothing that came later speaks of it;
//! what stays is listed.

use rusqlite::{Connection, params};

use super::bulk::RowCounts;
use super::{Result, WriteTx};
use crate::access::AuditEntry;

/// Tables an import may write, children before the tables they point to: name, primary key.
pub(super) const TABLES: [(&str, &str); 15] = [
    ("person_tag", "person_tag_id"),
    ("residency", "residency_id"),
    ("household", "household_id"),
    ("person", "person_id"),
    ("enterprise", "enterprise_id"),
    ("event_step", "step_id"),
    ("event", "event_id"),
    ("device", "device_id"),
    ("room", "room_id"),
    ("building_unit", "unit_id"),
    ("building_floor", "floor_id"),
    ("building", "building_id"),
    ("estate", "estate_id"),
    ("grid", "grid_id"),
    ("basemap", "basemap_id"),
];
/// Columns that are worked out from others and not undone: what is in which grid.
pub(super) const DERIVED: [(&str, &str); 2] = [("building", "grid_id"), ("event", "grid_id")];
/// Feature tables, whose extent is written down in the GeoPackage.
pub(super) const FEATURES: [&str; 5] = ["event", "device", "building", "grid", "basemap"];

/// What is kept of an imported file.
pub struct Batch<'a> {
    /// `buildings`, `rooms` …
    pub kind: &'a str,
    /// Name without folders.
    pub file_name: &'a str,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: &'a str,
    /// `utf-8` …
    pub encoding: &'a str,
    /// Which column became which field, as JSON.
    pub mapping: &'a str,
}

/// A row that was held or rejected.
pub struct JournalRow {
    /// Row in the file.
    pub line: i64,
    /// `held` or `rejected`.
    pub action: &'static str,
    /// Headings and cells, as JSON.
    pub raw: String,
    /// What it may mean, as JSON.
    pub choices: String,
    /// Field and reason, as JSON.
    pub issues: String,
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

/// The journal of the running import.
pub struct Journal {
    batch: i64,
    /// Greatest id of each table before the import.
    before: Vec<i64>,
}

pub(super) fn columns(conn: &Connection, table: &str, pk: &str) -> Result<Vec<String>> {
    let mut names = conn
        .prepare("SELECT name FROM pragma_table_info(?1)")?
        .query_map([table], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    names.retain(|name| name != pk && !DERIVED.contains(&(table, name.as_str())));
    Ok(names)
}

/// A JSON object of a row's columns; `row` is `old`, or the table's name.
pub(super) fn json_of(columns: &[String], row: &str) -> String {
    let fields = columns.iter().map(|column| {
        let value = format!("{row}.\"{column}\"");
        if column == "geom" {
            return format!("'{column}', hex({value})");
        }
        format!("'{column}', {value}")
    });
    format!("json_object({})", fields.collect::<Vec<_>>().join(", "))
}

impl Journal {
    /// Begins the journal of a batch inside its transaction.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn begin(tx: &WriteTx<'_>, batch: &Batch<'_>) -> Result<Self> {
        tx.execute(
            "INSERT INTO import_batch (kind, file_name, sha256, encoding, mapping, at, actor,
               rows_read, added, merged, unchanged, held, rejected, skipped)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, 0, 0, 0, 0)",
            params![
                batch.kind,
                batch.file_name,
                batch.sha256,
                batch.encoding,
                batch.mapping,
                tx.stamp().at,
                tx.stamp().actor.name,
            ],
        )?;
        let number = tx.last_insert_rowid();
        let mut before = Vec::with_capacity(TABLES.len());
        for (table, pk) in TABLES {
            let last: i64 =
                tx.query_row(&format!("SELECT coalesce(max({pk}), 0) FROM {table}"), [], |row| {
                    row.get(0)
                })?;
            let columns = columns(tx, table, pk)?;
            let changed = columns
                .iter()
                .map(|c| format!("old.\"{c}\" IS NOT new.\"{c}\""))
                .collect::<Vec<_>>()
                .join(" OR ");
            tx.execute_batch(&format!(
                "CREATE TEMP TRIGGER journal_{table} AFTER UPDATE ON main.{table}
                 WHEN old.{pk} <= {last} AND ({changed})
                 BEGIN
                   INSERT OR IGNORE INTO import_change (batch_id, tbl, row_id, before)
                   VALUES ({number}, '{table}', old.{pk}, {json});
                 END",
                json = json_of(&columns, "old")
            ))?;
            before.push(last);
        }
        Ok(Self { batch: number, before })
    }

    /// Number of the batch.
    #[must_use]
    pub fn batch(&self) -> i64 {
        self.batch
    }

    /// Keeps a row that was not taken.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn keep_row(&self, tx: &WriteTx<'_>, row: &JournalRow) -> Result<()> {
        tx.prepare_cached(
            "INSERT INTO import_row (batch_id, row_no, raw, parsed, issues, action)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            self.batch,
            row.line,
            row.raw,
            row.choices,
            row.issues,
            row.action
        ])?;
        Ok(())
    }

    /// Writes down that a row of a list that has not come in yet is answered already.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn answer_ahead(&self, tx: &WriteTx<'_>, line: u64, name: &str) -> Result<()> {
        let issues = serde_json::json!(["", "", name]).to_string();
        tx.prepare_cached(
            "INSERT INTO import_row (batch_id, row_no, raw, issues, action)
             VALUES (?1, ?2, '[]', ?3, 'answered')",
        )?
        .execute((self.batch, line as i64, issues))?;
        Ok(())
    }

    /// Writes down that rows from `first_row` on speak of the persons `first` to `last`.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn add_source(
        &self,
        tx: &WriteTx<'_>,
        first_row: i64,
        (first, last): (i64, i64),
    ) -> Result<()> {
        tx.prepare_cached(
            "INSERT INTO import_source (batch_id, first_row, first_person, last_person)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((self.batch, first_row, first, last))?;
        Ok(())
    }

    /// Takes a row out of the queue: this batch has settled it, because it was reviewed, because it
    /// came again, or because it came again corrected. What is settled already stays so.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn settle_row(&self, tx: &WriteTx<'_>, import_row_id: i64, how: SettledHow) -> Result<()> {
        let (held, rejected) = match how {
            SettledHow::Taken => ("resolved", "corrected"),
            SettledHow::Dropped => ("dropped", "dropped"),
            SettledHow::Again => ("again", "again_rejected"),
            SettledHow::Corrected => ("answered", "corrected"),
        };
        tx.execute(
            "UPDATE import_row SET before = ?4,
               action = CASE action WHEN 'rejected' THEN ?3 ELSE ?2 END
             WHERE import_row_id = ?1 AND action IN ('held', 'rejected')",
            (import_row_id, held, rejected, self.batch.to_string()),
        )?;
        Ok(())
    }

    /// Takes the triggers away again.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn drop_triggers(&self, tx: &WriteTx<'_>) -> Result<()> {
        for (table, _) in TABLES {
            tx.execute_batch(&format!("DROP TRIGGER IF EXISTS temp.journal_{table}"))?;
        }
        Ok(())
    }

    /// Closes the journal: how the rows ended, what was added, what changed rows say now.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn finish(self, tx: &WriteTx<'_>, c: &RowCounts) -> Result<()> {
        self.drop_triggers(tx)?;
        tx.execute(
            "UPDATE import_batch SET rows_read = ?2, added = ?3, merged = ?4, unchanged = ?5,
               held = ?6, rejected = ?7, skipped = ?8 WHERE batch_id = ?1",
            params![
                self.batch,
                c.read as i64,
                c.added as i64,
                c.merged as i64,
                c.unchanged as i64,
                c.held as i64,
                c.rejected as i64,
                c.skipped as i64,
            ],
        )?;
        for ((table, pk), before) in TABLES.into_iter().zip(&self.before) {
            // The largest key alone is one look into the table; asked for with a condition, it is a
            // scan.
            let sql = format!("SELECT max({pk}) FROM {table}");
            let last: Option<i64> = tx.query_row(&sql, [], |row| row.get(0))?;
            if let Some(last) = last.filter(|last| last > before) {
                tx.execute(
                    "INSERT INTO import_range (batch_id, tbl, first_id, last_id)
                     VALUES (?1, ?2, ?3, ?4)",
                    (self.batch, table, before + 1, last),
                )?;
            }
            let json = json_of(&columns(tx, table, pk)?, table);
            tx.execute(
                &format!(
                    "UPDATE import_change SET after =
                       (SELECT {json} FROM {table} WHERE {pk} = import_change.row_id)
                     WHERE batch_id = ?1 AND tbl = '{table}'"
                ),
                [self.batch],
            )?;
        }
        Ok(())
    }
}

/// An import as the list of past ones shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PastImport {
    /// Its number.
    pub batch: i64,
    /// `buildings`, `rooms` …
    pub kind: String,
    /// File name without folders.
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
}

/// The imports of a workspace, newest first.
///
/// # Errors
/// SQLite's errors.
pub fn past_imports(conn: &Connection) -> Result<Vec<PastImport>> {
    Ok(conn
        .prepare(
            "SELECT batch_id, kind, file_name, at, actor, rows_read, added, merged, unchanged,
               held, rejected, skipped, undone_at,
               (SELECT count(*) FROM import_row r WHERE r.batch_id = b.batch_id
                 AND r.action = 'held'),
               EXISTS (SELECT 1 FROM import_range g WHERE g.batch_id = b.batch_id)
                 OR EXISTS (SELECT 1 FROM import_source g WHERE g.batch_id = b.batch_id)
                 OR EXISTS (SELECT 1 FROM import_row g WHERE g.batch_id = b.batch_id)
                 OR EXISTS (SELECT 1 FROM import_row g WHERE g.before = b.batch_id || '')
                 OR EXISTS (SELECT 1 FROM import_change g WHERE g.batch_id = b.batch_id)
             FROM import_batch b ORDER BY batch_id DESC",
        )?
        .query_map([], |row| {
            let count = |index| row.get::<_, i64>(index).map(|n| n as u64);
            Ok(PastImport {
                batch: row.get(0)?,
                kind: row.get(1)?,
                file: row.get(2)?,
                at: row.get(3)?,
                actor: row.get(4)?,
                counts: RowCounts {
                    read: count(5)?,
                    added: count(6)?,
                    merged: count(7)?,
                    unchanged: count(8)?,
                    held: count(9)?,
                    rejected: count(10)?,
                    skipped: count(11)?,
                },
                undone_at: row.get(12)?,
                waiting: count(13)?,
                can_undo: row.get(14)?,
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
