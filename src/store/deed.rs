//! Deeds: what was changed, when and by whom, and what taking it back needs.
//!
//! A deed adds rows at the end of each table (there is one writer, and row ids are never given twice),
//! so what it added is one range of ids a table. What it changes or deletes of older rows is caught by
//! temporary triggers as JSON before the change. `undo` reads it backwards.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::bulk::RowCounts;
use super::{Result, WriteTx, kept_undos};

use crate::domain::ids::{DeedId, PersonId};

/// Tables a deed may write, children before the tables they point to: name, primary key.
pub(super) const TABLES: [(&str, &str); 25] = [
    ("visit_fact", "fact_id"),
    ("visit", "visit_id"),
    ("visit_task", "task_id"),
    ("visit_plan", "plan_id"),
    ("alarm", "alarm_id"),
    ("place_note", "place_note_id"),
    ("organisation", "organisation_id"),
    ("staff_office", "office_id"),
    ("staff", "staff_id"),
    ("person_tag", "person_tag_id"),
    ("residency", "residency_id"),
    ("household", "household_id"),
    ("person", "person_id"),
    ("enterprise", "enterprise_id"),
    ("event_request", "request_id"),
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
/// Columns that are worked out from others and not undone: what is in which grid, what is due when.
pub(super) const DERIVED: [(&str, &str); 4] = [
    ("building", "grid_id"),
    ("event", "grid_id"),
    ("event", "due_at"),
    ("event", "policy_version"),
];
/// Feature tables, whose extent is written down in the GeoPackage.
pub(super) const FEATURES: [&str; 5] = ["event", "device", "building", "grid", "basemap"];

/// What kind of deed it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    /// A list or a map file was imported.
    Import,
    /// Held rows of a list were settled.
    Review,
    /// Rooms were made by a plan.
    MakeRooms,
    /// Records were changed by hand.
    Edit,
    /// Somebody moved in, out or within.
    Move,
    /// Two records became one.
    Merge,
    /// A record was added by hand.
    Add,
    /// A record was taken out by hand.
    Delete,
    /// A step of an event: a report, an act, a request or a decision. Record: taking it back writes a
    /// counter-step.
    Step,
    /// A visit. Record: taking it back marks it.
    Visit,
    /// Another deed was taken back.
    Undo,
    /// Something that this version does not know.
    Other,
}

impl DeedKind {
    const WORDS: [(Self, &'static str); 11] = [
        (Self::Import, "import"),
        (Self::Review, "review"),
        (Self::MakeRooms, "make_rooms"),
        (Self::Edit, "edit"),
        (Self::Move, "move"),
        (Self::Merge, "merge"),
        (Self::Add, "add"),
        (Self::Delete, "delete"),
        (Self::Step, "step"),
        (Self::Visit, "visit"),
        (Self::Undo, "undo"),
    ];

    /// Whether what it added is record, which nothing deletes.
    #[must_use]
    pub const fn is_record(self) -> bool {
        matches!(self, Self::Step | Self::Visit)
    }

    /// The word of the column `deed.kind`.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("other", |(_, word)| word)
    }
}

impl ToSql for DeedKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for DeedKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str().map_err(|_| FromSqlError::InvalidType)?;
        Ok(Self::WORDS.iter().find(|(_, w)| *w == word).map_or(Self::Other, |(kind, _)| *kind))
    }
}

/// A deed that begins.
pub struct NewDeed<'a> {
    /// What it does.
    pub kind: DeedKind,
    /// Name of the file without folders, or of what is made, as a list of deeds shows it.
    pub title: &'a str,
    /// The list whose rows it takes, if it takes any.
    pub list: Option<DeedList<'a>>,
}

/// What is kept of a list whose rows a deed takes.
pub struct DeedList<'a> {
    /// `buildings`, `rooms` …
    pub list: &'a str,
    /// SHA-256 of the content, hexadecimal; empty where there is no file.
    pub sha256: &'a str,
    /// `utf-8` …; empty where there is no file.
    pub encoding: &'a str,
    /// Which column became which field, as JSON.
    pub mapping: &'a str,
}

/// A deed under way: from now on its transaction's changes are written down.
pub struct Deed {
    pub(super) deed_id: DeedId,
    /// Highest row id that each table had given before.
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

/// The highest row id that a table has ever given.
fn last_id(conn: &Connection, table: &str, pk: &str) -> Result<i64> {
    let highest: i64 =
        conn.query_row(&format!("SELECT coalesce(max({pk}), 0) FROM {table}"), [], |row| {
            row.get(0)
        })?;
    let given: Option<i64> = conn
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
        .query_row([table], |row| row.get(0))
        .optional()?;
    Ok(highest.max(given.unwrap_or(0)))
}

impl Deed {
    /// Begins a deed inside its transaction. What an undo has kept for being put back goes, unless
    /// this is an undo too.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn begin(tx: &WriteTx<'_>, new: &NewDeed<'_>) -> Result<Self> {
        if new.kind != DeedKind::Undo {
            kept_undos::forget_before(tx, i64::MAX)?;
        }
        tx.execute(
            "INSERT INTO deed (kind, title, at, actor, can_undo) VALUES (?1, ?2, ?3, ?4, 1)",
            params![new.kind, new.title, tx.stamp().at, tx.stamp().actor.name],
        )?;
        let deed_id = DeedId(tx.last_insert_rowid());
        if let Some(list) = &new.list {
            tx.execute(
                "INSERT INTO deed_list (deed_id, list, sha256, encoding, mapping, rows_read, added,
                   merged, unchanged, held, rejected, skipped)
                 VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0, 0, 0)",
                params![deed_id, list.list, list.sha256, list.encoding, list.mapping],
            )?;
        }
        let mut before = Vec::with_capacity(TABLES.len());
        for (table, pk) in TABLES {
            let last = last_id(tx, table, pk)?;
            let columns = columns(tx, table, pk)?;
            let changed = columns
                .iter()
                .map(|c| format!("old.\"{c}\" IS NOT new.\"{c}\""))
                .collect::<Vec<_>>()
                .join(" OR ");
            let note = format!(
                "BEGIN
                   INSERT OR IGNORE INTO deed_change (deed_id, tbl, row_id, before)
                   VALUES ({deed_id}, '{table}', old.{pk}, {json});
                 END",
                json = json_of(&columns, "old")
            );
            tx.execute_batch(&format!(
                "CREATE TEMP TRIGGER deed_update_{table} AFTER UPDATE ON main.{table}
                 WHEN old.{pk} <= {last} AND ({changed}) {note};
                 CREATE TEMP TRIGGER deed_delete_{table} AFTER DELETE ON main.{table}
                 WHEN old.{pk} <= {last} {note}"
            ))?;
            before.push(last);
        }
        Ok(Self { deed_id, before })
    }

    /// Number of the deed.
    #[must_use]
    pub fn deed_id(&self) -> DeedId {
        self.deed_id
    }

    /// Writes down that rows from `first_row` on speak of the persons `first` to `last`.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn add_source(
        &self,
        tx: &WriteTx<'_>,
        first_row: i64,
        (first, last): (PersonId, PersonId),
    ) -> Result<()> {
        tx.prepare_cached(
            "INSERT INTO deed_source (deed_id, first_row, first_person, last_person)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((self.deed_id, first_row, first, last))?;
        Ok(())
    }

    /// Writes no further changes down: what the deed does is too much for being kept.
    ///
    /// # Errors
    /// SQLite's errors.
    pub(super) fn keep_nothing(tx: &WriteTx<'_>) -> Result<()> {
        drop_triggers(tx)
    }

    /// Stops writing changes down: after a dry run, whose transaction is dropped.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn abandon(self, tx: &WriteTx<'_>) -> Result<()> {
        drop_triggers(tx)
    }

    /// Writes down how the rows of the deed's list ended.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn count(&self, tx: &WriteTx<'_>, c: &RowCounts) -> Result<()> {
        tx.execute(
            "UPDATE deed_list SET rows_read = ?2, added = ?3, merged = ?4, unchanged = ?5,
               held = ?6, rejected = ?7, skipped = ?8 WHERE deed_id = ?1",
            params![
                self.deed_id,
                c.read as i64,
                c.added as i64,
                c.merged as i64,
                c.unchanged as i64,
                c.held as i64,
                c.rejected as i64,
                c.skipped as i64,
            ],
        )?;
        Ok(())
    }

    /// Closes the record: what was added, and what changed rows say now.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn finish(self, tx: &WriteTx<'_>) -> Result<()> {
        drop_triggers(tx)?;
        for ((table, pk), before) in TABLES.into_iter().zip(&self.before) {
            let last = last_id(tx, table, pk)?;
            if last > *before {
                tx.execute(
                    "INSERT INTO deed_range (deed_id, tbl, first_id, last_id)
                     VALUES (?1, ?2, ?3, ?4)",
                    (self.deed_id, table, before + 1, last),
                )?;
            }
            let json = json_of(&columns(tx, table, pk)?, table);
            tx.execute(
                &format!(
                    "UPDATE deed_change SET after =
                       (SELECT {json} FROM {table} WHERE {pk} = deed_change.row_id)
                     WHERE deed_id = ?1 AND tbl = '{table}'"
                ),
                [self.deed_id],
            )?;
        }
        Ok(())
    }
}

fn drop_triggers(conn: &Connection) -> Result<()> {
    for (table, _) in TABLES {
        conn.execute_batch(&format!(
            "DROP TRIGGER IF EXISTS temp.deed_update_{table};
             DROP TRIGGER IF EXISTS temp.deed_delete_{table}"
        ))?;
    }
    Ok(())
}
