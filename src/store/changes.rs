//! What commits have touched: ranges of row ids by table, handed to whoever holds something that
//! was made from these rows.
//!
//! The writer's update hook notes every row (`sums` stores their checksums by the same notes). A
//! deleted row cannot be asked any more whose it was, so two temporary triggers note the persons
//! of deleted residencies and tags.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::Action;

use super::{Result, bulk, has_table};

use crate::domain::ids::{PersonId, RowId};

/// Rows that may be brought up to date one by one; after more, reading everything is quicker.
const MOST_PATCHED: u64 = 2_000;

/// What a commit has touched in one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TableChanges {
    /// Name of the table.
    pub table: String,
    /// Row ids, as ranges with both ends; of one commit neither sorted nor apart.
    pub ranges: Vec<(i64, i64)>,
    /// Rows that were inserted.
    pub inserted: u64,
    /// Rows that were deleted.
    pub deleted: u64,
    /// Rows that were marked as deleted, less those whose mark was taken away.
    #[serde(default)]
    pub marked: i64,
}

/// What a commit has touched.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChangeSet {
    pub(super) tables: Vec<TableChanges>,
    /// Persons whose residencies or tags were deleted, [`MOST_PATCHED`] and one more at most.
    persons: Vec<PersonId>,
    #[serde(skip)]
    last: usize,
}

impl ChangeSet {
    /// Notes a row, if the table is one of those that are noted.
    pub(super) fn note(&mut self, action: Action, table: &str, row: i64, noted: fn(&str) -> bool) {
        if self.tables.get(self.last).is_none_or(|t| t.table != table) {
            self.last = match self.tables.iter().position(|t| t.table == table) {
                Some(index) => index,
                None if !noted(table) => return,
                None => {
                    let table = table.to_owned();
                    self.tables.push(TableChanges { table, ..TableChanges::default() });
                    self.tables.len() - 1
                }
            };
        }
        let changes = &mut self.tables[self.last];
        match action {
            Action::SQLITE_INSERT => changes.inserted += 1,
            Action::SQLITE_DELETE => changes.deleted += 1,
            _ => {}
        }
        match changes.ranges.last_mut() {
            Some((first, last)) if (*first..=*last).contains(&row) => {}
            Some((_, last)) if last.checked_add(1) == Some(row) => *last = row,
            _ => changes.ranges.push((row, row)),
        }
    }

    fn note_marked(&mut self, table: &str, by: i64) {
        if let Some(changes) = self.tables.iter_mut().find(|t| t.table == table) {
            changes.marked += by;
        }
    }

    fn note_person(&mut self, person_id: PersonId) {
        if self.persons.len() as u64 <= MOST_PATCHED && self.persons.last() != Some(&person_id) {
            self.persons.push(person_id);
        }
    }

    /// What was touched in a table.
    #[must_use]
    pub fn of(&self, table: &str) -> Option<&TableChanges> {
        self.tables.iter().find(|t| t.table == table)
    }

    /// Whether any row of a table was touched.
    #[must_use]
    pub fn touches(&self, table: &str) -> bool {
        self.of(table).is_some()
    }

    /// Row ids that were touched in a table, whichever it is; some may come twice.
    pub fn rows_of(&self, table: &str) -> impl Iterator<Item = i64> {
        self.of(table).into_iter().flat_map(|t| t.ranges.iter()).flat_map(|(a, b)| *a..=*b)
    }

    /// Row ids that were touched in their table; some may come twice.
    pub fn rows<I: RowId>(&self) -> impl Iterator<Item = I> {
        self.rows_of(I::TABLE).map(I::from)
    }

    /// Row ids of the persons whose residencies or tags were deleted.
    #[must_use]
    pub fn persons(&self) -> &[PersonId] {
        &self.persons
    }

    /// Whether few enough rows were touched for bringing them up to date one by one.
    #[must_use]
    pub fn is_small(&self) -> bool {
        // Nothing is derived from the record of deeds, the queue, and lists that were matched.
        let is_record = |table: &str| {
            table.starts_with("deed") || matches!(table, "queue_row" | "match_job" | "match_row")
        };
        let tables = self.tables.iter().filter(|t| !is_record(&t.table));
        let ranges = tables.flat_map(|t| t.ranges.iter());
        let rows = ranges.fold(0u64, |sum, (first, last)| {
            sum.saturating_add(first.abs_diff(*last)).saturating_add(1)
        });
        rows <= MOST_PATCHED && self.persons.len() as u64 <= MOST_PATCHED
    }
}

/// What a transaction has touched so far.
pub(super) type Touched = Mutex<ChangeSet>;

/// Takes what was touched, and begins anew.
pub(super) fn take(touched: &Touched) -> ChangeSet {
    std::mem::take(&mut *touched.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Notes from now on which rows a connection changes, in the tables that `noted` names.
pub(super) fn watch(conn: &mut Connection, noted: fn(&str) -> bool) -> Result<Arc<Touched>> {
    let touched: Arc<Touched> = Arc::default();
    let rows = touched.clone();
    conn.update_hook(Some(move |action, database: &str, table: &str, row: i64| {
        if database == "main" {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            rows.note(action, table, row, noted);
        }
    }))?;
    Ok(touched)
}

/// Notes the persons of residencies and tags that are deleted: by triggers of this connection
/// alone, which the file never holds.
pub(super) fn watch_deleted(conn: &Connection, touched: &Arc<Touched>) -> Result<()> {
    let persons = touched.clone();
    conn.create_scalar_function("note_person", 1, FunctionFlags::SQLITE_UTF8, move |ctx| {
        let person_id: PersonId = ctx.get(0)?;
        persons.lock().unwrap_or_else(PoisonError::into_inner).note_person(person_id);
        Ok(0)
    })?;
    conn.execute_batch(
        "CREATE TEMP TRIGGER note_residency_deleted AFTER DELETE ON main.residency
         BEGIN SELECT note_person(OLD.person_id); END;
         CREATE TEMP TRIGGER note_tag_deleted AFTER DELETE ON main.person_tag
         BEGIN SELECT note_person(OLD.person_id); END;",
    )?;
    // The update hook is called before the triggers, so the table is noted already.
    let marked = touched.clone();
    conn.create_scalar_function("note_marked", 2, FunctionFlags::SQLITE_UTF8, move |ctx| {
        let (table, by): (String, i64) = (ctx.get(0)?, ctx.get(1)?);
        marked.lock().unwrap_or_else(PoisonError::into_inner).note_marked(&table, by);
        Ok(0)
    })?;
    for table in MARKED {
        conn.execute_batch(&format!(
            "CREATE TEMP TRIGGER note_{table}_marked AFTER UPDATE OF deleted_at ON main.{table}
             WHEN (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)
             BEGIN SELECT note_marked('{table}', iif(NEW.deleted_at IS NULL, -1, 1)); END;"
        ))?;
    }
    Ok(())
}

/// Tables whose rows are marked as deleted, and counted while they are not.
const MARKED: [&str; 6] = ["building", "room", "person", "enterprise", "device", "grid"];

/// Commits that are remembered.
const MOST_COMMITS: i64 = 256;

/// Tables of which something is kept (`store::derived_chunks`).
const OF_PEOPLE: [&str; 4] = ["person", "residency", "person_tag", "room"];

/// Writes down for other windows what a transaction has touched; `seq` is its audit entry. What is too
/// much for being patched is as good as unknown.
///
/// # Errors
/// SQLite's errors.
pub(super) fn store(conn: &Connection, seq: i64, changes: &ChangeSet) -> Result<()> {
    if changes.is_small() {
        let text = serde_json::to_string(changes).unwrap_or_default();
        conn.prepare_cached("INSERT OR REPLACE INTO recent_commit (seq, changes) VALUES (?1, ?2)")?
            .execute((seq, text))?;
    }
    let deletes = |table: &str| changes.of(table).is_some_and(|t| t.deleted > 0);
    if OF_PEOPLE.into_iter().any(deletes) {
        // What is deleted is overwritten in the file: also what was derived of it.
        conn.execute_batch("DELETE FROM derived_state; DELETE FROM derived_chunk;")?;
    } else if !changes.is_small() {
        // Its chunks are overwritten when they are made anew.
        conn.execute("DELETE FROM derived_state", [])?;
    }
    conn.prepare_cached("DELETE FROM recent_commit WHERE seq <= ?1")?
        .execute([seq - MOST_COMMITS])?;
    Ok(())
}

/// What has been committed since somebody looked last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Nothing but looks.
    Nothing,
    /// Commits whose rows are known, oldest first.
    Changes(Vec<ChangeSet>),
    /// More, or by another program: read everything.
    Unknown,
}

/// Audited deeds that change no record.
const LOOKS: [&str; 7] =
    ["reveal", "rekey", "decrypt", "copy", KEEP, bulk::SEARCH_BY_NUMBER, bulk::SEARCH_NAMES];

/// Name of the audit entry of derived data that was kept.
pub const KEEP: &str = "keep_derived";

/// The audit entries after `seen`: the last one, and what stands behind them, whichever window wrote
/// them.
///
/// # Errors
/// SQLite's errors.
pub fn news(conn: &Connection, seen: i64) -> Result<(i64, News)> {
    let mut last = seen;
    let mut changes = Vec::new();
    let mut is_known = true;
    // A file of an older schema, open for reading only, has no such table.
    let has_commits = has_table(conn, "recent_commit")?;
    let commit = if has_commits {
        "(SELECT changes FROM recent_commit c WHERE c.seq = a.seq)"
    } else {
        "NULL"
    };
    let mut select = conn.prepare_cached(&format!(
        "SELECT a.seq, a.action, {commit} FROM audit_log a WHERE a.seq > ?1 ORDER BY a.seq"
    ))?;
    let mut rows = select.query([seen])?;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let action = row.get_ref(1)?.as_str().unwrap_or_default();
        if LOOKS.contains(&action) {
            continue;
        }
        let text = row.get_ref(2)?.as_str_or_null().unwrap_or_default();
        // Whoever wrote it: what is too much for being patched is not walked through.
        let commit = text.and_then(|text| serde_json::from_str(text).ok());
        match commit.filter(ChangeSet::is_small) {
            Some(commit) => changes.push(commit),
            None => is_known = false,
        }
    }
    let news = match (is_known, changes.is_empty()) {
        (false, _) => News::Unknown,
        (true, true) => News::Nothing,
        (true, false) => News::Changes(changes),
    };
    Ok((last, news))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RoomId;

    #[test]
    fn runs_of_rows_are_noted_once() {
        let mut touched = ChangeSet::default();
        let mut note = |table: &str, row| {
            touched.note(Action::SQLITE_INSERT, table, row, |table| table != "audit_log");
        };
        [1, 2, 3, 3, 2, 9, 4].into_iter().for_each(|row| note("person", row));
        note("audit_log", 1);
        note("room", 7);
        note("person", 8);
        assert_eq!(touched.of("person").unwrap().ranges, [(1, 3), (9, 9), (4, 4), (8, 8)]);
        assert_eq!(touched.rows::<RoomId>().collect::<Vec<_>>(), [RoomId(7)]);
        assert!(!touched.touches("audit_log") && touched.is_small());
        touched.note(Action::SQLITE_UPDATE, "room", 9_000_000, |_| true);
        touched.tables[1].ranges.push((10, 9_000));
        assert!(!touched.is_small());
        // A list that was matched changes nothing that is derived.
        let mut list = ChangeSet::default();
        for row in 1..=200_000 {
            list.note(Action::SQLITE_INSERT, "match_row", row, |_| true);
        }
        assert!(list.is_small());
        // Hostile numbers do not overflow.
        touched.tables[1].ranges.extend([(i64::MIN, i64::MAX), (1, i64::MAX)]);
        assert!(!touched.is_small());
    }
}
