//! A deed taken back, and put back again, by what the record says.
//!
//! Undoing puts a field back only where it still says what the deed had written, brings back a row
//! that the deed deleted, and deletes an added row only where nothing that came later speaks of it;
//! what stays is listed. An undo is a deed itself: what it changed and deleted is written down, so that
//! redoing is the same walk over the undo's own record. That record holds what was meant to go, so it
//! is kept only until the next deed that is no undo, and for a day at most.

use crate::domain::ids::{BuildingId, DeedId};
use crate::text::Message;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

use super::deed::{DERIVED, Deed, DeedKind, FEATURES, NewDeed, TABLES, columns, json_of};
use super::{
    Result, StoreError, WriteTx, deadlines, deeds, events, gpkg, grid_of, kept_record, kept_undos,
    lookup,
};
use crate::access::AuditEntry;

/// Most rows whose removal is kept for being put back.
const MOST_KEPT: i64 = 200_000;

/// What an undo or a redo did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// Rows that the deed had added and that are gone.
    pub removed: u64,
    /// Older rows whose fields say again what they said before, and rows that are there again.
    pub restored: u64,
    /// What was left as it is.
    pub left: Vec<Left>,
    /// Whether it can be put back.
    pub can_redo: bool,
}

/// Something an undo left as it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Left {
    /// Table.
    pub table: String,
    /// Row id.
    pub id: i64,
    /// Column; empty for the row as a whole.
    pub column: String,
    /// Why.
    #[serde(flatten)]
    pub reason: Message,
}

/// Takes a deed back; everything else stays, what came later too. Steps of events and visits are record:
/// a counter-step is written, by their author, while they are the last, and nothing is deleted.
///
/// # Errors
/// [`StoreError::NoSuchImport`] for a number that is not there, undone already, or older than the
/// record; [`StoreError::Record`] for record that something else was built on; SQLite's errors.
pub fn undo(tx: &WriteTx<'_>, deed_id: DeedId) -> Result<(Undone, AuditEntry)> {
    let past = deeds::past_deed(tx, deed_id)?;
    let Some(past) = past.filter(|p| p.undone_at.is_none() && p.can_undo) else {
        return Err(StoreError::NoSuchImport(deed_id));
    };
    // What was settled from this list's queue goes first.
    let mut deeds: Vec<DeedId> = tx
        .prepare(
            "SELECT DISTINCT d.deed_id FROM queue_row r JOIN deed d ON d.deed_id = r.settled_by
             WHERE r.deed_id = ?1 AND d.kind = 'review' AND d.undone_at IS NULL ORDER BY 1 DESC",
        )?
        .query_map([deed_id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    deeds.push(deed_id);
    let record =
        Deed::begin(tx, &NewDeed { kind: DeedKind::Undo, title: &past.title, list: None })?;
    let mut undone = Undone { can_redo: added_by(tx, &deeds)? <= MOST_KEPT, ..Undone::default() };
    if !undone.can_redo {
        Deed::keep_nothing(tx)?;
    }
    for deed in &deeds {
        revert(tx, *deed, &mut undone)?;
        tx.execute(
            "UPDATE deed SET undone_at = ?2, undone_by = ?3 WHERE deed_id = ?1",
            (deed, tx.stamp().at, record.deed_id),
        )?;
    }
    if past.kind.is_record() {
        kept_record::take_back(tx, deed_id)?;
    }
    // What earlier undone deeds had to leave because of this one goes now.
    let earlier: Vec<DeedId> = tx
        .prepare(
            "SELECT DISTINCT r.deed_id FROM deed_range r JOIN deed d USING (deed_id)
             WHERE d.undone_at NOT NULL AND d.deed_id < ?1 AND d.kind NOT IN ('step', 'visit', 'undo')
             ORDER BY 1 DESC",
        )?
        .query_map([deed_id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for other in earlier {
        let mut again = Undone::default();
        remove_added(tx, other, &mut again)?;
        undone.removed += again.removed;
    }
    let record_id = record.deed_id;
    record.finish(tx)?;
    deeds.push(record_id);
    settle_derived(tx, &deeds)?;
    if !undone.can_redo {
        kept_undos::forget(tx, record_id)?;
    }
    let what = past.list.as_deref().unwrap_or(past.kind.word());
    let entry = AuditEntry::done("undo_import", format!("{what} {}", past.title))
        .with_fields(undone.counts(deed_id));
    Ok((undone, entry))
}

/// How many rows deeds added, at most.
fn added_by(conn: &Connection, deeds: &[DeedId]) -> Result<i64> {
    let mut select = conn.prepare_cached(
        "SELECT coalesce(sum(last_id - first_id + 1), 0) FROM deed_range WHERE deed_id = ?1",
    )?;
    deeds.iter().try_fold(0i64, |sum, deed| {
        Ok(sum.saturating_add(select.query_row([deed], |row| row.get(0))?))
    })
}

/// Puts back what was undone last.
///
/// # Errors
/// [`StoreError::NoSuchRedo`] where it was not undone, or something else was done since; SQLite's
/// errors.
pub fn redo(tx: &WriteTx<'_>, deed_id: DeedId) -> Result<(Undone, AuditEntry)> {
    let past = deeds::past_deed(tx, deed_id)?;
    let Some(past) = past.filter(|p| p.can_redo) else {
        return Err(StoreError::NoSuchRedo(deed_id));
    };
    let record: DeedId =
        tx.query_row("SELECT undone_by FROM deed WHERE deed_id = ?1", [deed_id], |row| row.get(0))?;
    let mut undone = Undone::default();
    revert(tx, record, &mut undone)?;
    let mut again: Vec<DeedId> = tx
        .prepare("SELECT deed_id FROM deed WHERE undone_by = ?1 ORDER BY 1")?
        .query_map([record], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for deed in &again {
        tx.execute(
            "UPDATE deed SET undone_at = NULL, undone_by = NULL WHERE deed_id = ?1",
            [deed],
        )?;
        take_over_again(tx, *deed)?;
        delete_again(tx, *deed, &mut undone)?;
    }
    if past.kind.is_record() {
        kept_record::put_back(tx, record)?;
    }
    tx.execute("UPDATE deed SET undone_at = ?2 WHERE deed_id = ?1", (record, tx.stamp().at))?;
    again.push(record);
    settle_derived(tx, &again)?;
    kept_undos::forget(tx, record)?;
    let what = past.list.as_deref().unwrap_or(past.kind.word());
    let entry = AuditEntry::done("redo_import", format!("{what} {}", past.title))
        .with_fields(undone.counts(deed_id));
    Ok((undone, entry))
}

impl Undone {
    /// For the audit log.
    fn counts(&self, deed_id: DeedId) -> String {
        let Self { removed, restored, left, .. } = self;
        format!("batch {deed_id} removed {removed} restored {restored} left {}", left.len())
    }
}

/// Brings up to date what is worked out from the rows that deeds touched: which grid, what is due, how far
/// the features reach. What is one by one is quick for a change by hand, and a look at all of them for
/// an import.
fn settle_derived(tx: &WriteTx<'_>, deeds: &[DeedId]) -> Result<()> {
    const FEW: usize = 500;
    let mut touched = BTreeMap::new();
    for deed in deeds {
        for (table, pk) in FEATURES.into_iter().filter_map(|t| TABLES.iter().find(|(n, _)| *n == t))
        {
            let sql = format!(
                "SELECT row_id FROM deed_change WHERE deed_id = ?1 AND tbl = '{table}'
                 UNION SELECT t.{pk} FROM deed_range r JOIN {table} t
                   ON t.{pk} BETWEEN r.first_id AND r.last_id
                   WHERE r.deed_id = ?1 AND r.tbl = '{table}' LIMIT {}",
                FEW + 1
            );
            let mut select = tx.prepare_cached(&sql)?;
            let mut rows = select.query([deed])?;
            let ids: &mut BTreeSet<i64> = touched.entry(*table).or_default();
            while let Some(row) = rows.next()? {
                ids.insert(row.get(0)?);
            }
            // Rows that are gone were of it too.
            let sql = "SELECT EXISTS (SELECT 1 FROM deed_range WHERE deed_id = ?1 AND tbl = ?2)";
            let adds: bool = tx.prepare_cached(sql)?.query_row((deed, table), |row| row.get(0))?;
            if adds {
                ids.insert(0);
            }
        }
    }
    let of = |table: &str| touched.get(table).map(|ids| ids.iter().copied().collect::<Vec<i64>>());
    let (grids, buildings) = (of("grid").unwrap_or_default(), of("building").unwrap_or_default());
    if !grids.is_empty() || buildings.len() > FEW {
        lookup::assign_grids(tx)?;
    } else {
        for building_id in buildings.into_iter().filter(|id| *id > 0) {
            grid_of::assign_grid_of_building(tx, BuildingId(building_id))?;
        }
    }
    let mut events = Vec::new();
    for deed in deeds {
        events.extend(events::touched_by(tx, *deed)?);
    }
    events.sort_unstable();
    events.dedup();
    if events.len() <= FEW {
        for event_id in &events {
            if events::facts(tx, *event_id)?.is_some() {
                grid_of::assign_grid_of_event(tx, *event_id)?;
            }
        }
    }
    deadlines::refresh_due(tx, &events)?;
    let is_touched = |table: &str| touched.get(table).is_some_and(|ids| !ids.is_empty());
    FEATURES
        .into_iter()
        .filter(|table| is_touched(table))
        .try_for_each(|table| gpkg::refresh_contents(tx, table, tx.stamp().at))
}

/// Undoes what one deed's record says: deleted rows come back, changed fields say again what they said,
/// added rows go. What had to wait for another of these is tried again at the end.
fn revert(tx: &WriteTx<'_>, deed_id: DeedId, undone: &mut Undone) -> Result<()> {
    let gone: HashSet<_> = bring_back(tx, deed_id, None, undone)?.into_iter().collect();
    let fields = restore_fields(tx, deed_id, undone)?;
    if !is_record(tx, deed_id)? {
        remove_added(tx, deed_id, undone)?;
    }
    let mut left = |table: &str, id, column: &str, reason| {
        undone.left.push(Left { table: table.to_owned(), id, column: column.to_owned(), reason });
    };
    let mut back = Undone::default();
    for (table, id) in bring_back(tx, deed_id, Some(&gone), &mut back)? {
        left(table, id, "", "another record has its place now".into());
    }
    for (table, pk, id, column, old) in fields {
        match put_back(tx, (table, pk, id), &column, &old) {
            Ok(()) => back.restored += 1,
            Err(error) if is_constraint(&error) => {
                left(table, id, &column, "another record has this value now".into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    undone.restored += back.restored;
    Ok(())
}

/// Whether what a deed added stays whatever is taken back: a step, a visit, or the counter-step of an undo.
fn is_record(conn: &Connection, deed_id: DeedId) -> Result<bool> {
    Ok(conn
        .prepare_cached(
            "SELECT kind IN ('step', 'visit') OR kind = 'undo' AND EXISTS (SELECT 1 FROM deed_range r
                WHERE r.deed_id = d.deed_id AND r.tbl IN ('event_step', 'visit'))
             FROM deed d WHERE deed_id = ?1",
        )?
        .query_row([deed_id], |row| row.get(0))?)
}

/// Deletes the rows that a deed deleted and its undo had brought back.
fn delete_again(tx: &WriteTx<'_>, deed_id: DeedId, undone: &mut Undone) -> Result<()> {
    for (table, pk) in TABLES {
        let mut delete = tx.prepare(&format!("DELETE FROM {table} WHERE {pk} = ?1"))?;
        let mut select = tx.prepare_cached(
            "SELECT row_id FROM deed_change WHERE deed_id = ?1 AND tbl = ?2 AND after IS NULL",
        )?;
        let mut rows = select.query((deed_id, table))?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            match delete.execute([id]) {
                Ok(count) => undone.removed += count as u64,
                Err(error) if is_constraint(&error) => undone.left.push(Left {
                    table: table.to_owned(),
                    id,
                    column: String::new(),
                    reason: "something that came later speaks of it".into(),
                }),
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Inserts the rows again that a deed deleted, parents first; `only` names the ones to try. Returns
/// those that could not be inserted.
fn bring_back(
    tx: &WriteTx<'_>,
    deed_id: DeedId,
    only: Option<&HashSet<(&'static str, i64)>>,
    undone: &mut Undone,
) -> Result<Vec<(&'static str, i64)>> {
    let mut waiting = Vec::new();
    if only.is_some_and(HashSet::is_empty) {
        return Ok(waiting);
    }
    for (table, pk) in TABLES.into_iter().rev() {
        let names = columns(tx, table, pk)?;
        let list = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let marks: Vec<String> = names
            .iter()
            .enumerate()
            .map(|(index, name)| shape_of(name, &format!("?{}", index + 2)))
            .collect();
        let insert =
            format!("INSERT INTO {table} ({pk}, {list}) VALUES (?1, {})", marks.join(", "));
        let mut insert = tx.prepare(&insert)?;
        let mut select = tx.prepare_cached(&format!(
            "SELECT row_id, before FROM deed_change c
             WHERE deed_id = ?1 AND tbl = ?2 AND after IS NULL
               AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{pk} = c.row_id) ORDER BY row_id"
        ))?;
        let mut rows = select.query((deed_id, table))?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if only.is_some_and(|only| !only.contains(&(table, id))) {
                continue;
            }
            let before: Value = serde_json::from_str(row.get_ref(1)?.as_str().unwrap_or_default())
                .unwrap_or_default();
            let values = names.iter().map(|name| sql_value(&before[name]));
            let values = std::iter::once(id.into()).chain(values);
            match insert.execute(rusqlite::params_from_iter(values)) {
                Ok(_) => undone.restored += 1,
                Err(error) if is_constraint(&error) => waiting.push((table, id)),
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(waiting)
}

/// A field that could not be put back yet: table, its key, row id, column, value.
type WaitingField = (&'static str, &'static str, i64, String, Value);

/// Puts fields back that a deed changed. Returns those that another record is in the way of.
fn restore_fields(
    tx: &WriteTx<'_>,
    deed_id: DeedId,
    undone: &mut Undone,
) -> Result<Vec<WaitingField>> {
    let mut waiting = Vec::new();
    for (table, pk) in TABLES {
        let names = columns(tx, table, pk)?;
        for Change { id, before, after, now } in changes_of(tx, deed_id, (table, pk), &names)? {
            let left = |column: &str, reason| Left {
                table: table.to_owned(),
                id,
                column: column.to_owned(),
                reason,
            };
            let Some(now) = now else {
                undone.left.push(left("", "it is no longer there".into()));
                continue;
            };
            let mut restored = false;
            for name in &names {
                let (old, ours, current) = (&before[name], &after[name], &now[name]);
                if old == ours {
                    continue;
                }
                if ours != current {
                    undone.left.push(left(name, "changed again later".into()));
                    hand_on(tx, (deed_id, table, id), name, (old, ours))?;
                    continue;
                }
                match put_back(tx, (table, pk, id), name, old) {
                    Ok(()) => restored = true,
                    Err(error) if is_constraint(&error) => {
                        waiting.push((table, pk, id, name.clone(), old.clone()));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            undone.restored += u64::from(restored);
        }
    }
    Ok(waiting)
}

/// A row that a deed changed: what it said before and after, and what it says now, if it is there.
struct Change {
    id: i64,
    before: Value,
    after: Value,
    now: Option<Value>,
}

fn changes_of(
    conn: &Connection,
    deed_id: DeedId,
    (table, pk): (&str, &str),
    names: &[String],
) -> Result<Vec<Change>> {
    let now_json = json_of(names, table);
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    Ok(conn
        .prepare(&format!(
            "SELECT row_id, before, after, (SELECT {now_json} FROM {table} WHERE {pk} = c.row_id)
             FROM deed_change c WHERE deed_id = ?1 AND tbl = ?2 AND after IS NOT NULL"
        ))?
        .query_map((deed_id, table), |row| {
            let (before, after): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(Change {
                id: row.get(0)?,
                before: read(&before),
                after: read(&after),
                now: row.get::<_, Option<String>>(3)?.as_deref().map(read),
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// A deed that is there again: where a later one has changed a field too, that one puts back again
/// what this one wrote (see `hand_on`).
fn take_over_again(tx: &WriteTx<'_>, deed_id: DeedId) -> Result<()> {
    for (table, pk) in TABLES {
        let names = columns(tx, table, pk)?;
        for Change { id, before, after, now } in changes_of(tx, deed_id, (table, pk), &names)? {
            let Some(now) = now else { continue };
            for name in names.iter().filter(|n| before[*n] != after[*n] && after[*n] != now[*n]) {
                hand_on(tx, (deed_id, table, id), name, (&after[name], &before[name]))?;
            }
        }
    }
    Ok(())
}

/// A field that a later import changed again cannot be put back now. The later one then puts back
/// what was before both, so that all undone leave nothing of either.
fn hand_on(
    tx: &WriteTx<'_>,
    (deed_id, table, id): (DeedId, &str, i64),
    column: &str,
    (old, ours): (&Value, &Value),
) -> Result<()> {
    let later: Vec<(DeedId, String)> = tx
        .prepare_cached(
            "SELECT c.deed_id, c.before FROM deed_change c JOIN deed d USING (deed_id)
             WHERE c.tbl = ?1 AND c.row_id = ?2 AND c.deed_id > ?3 AND d.undone_at IS NULL
               AND d.kind <> 'undo' ORDER BY c.deed_id",
        )?
        .query_map((table, id, deed_id), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (later, before) in later {
        let mut before = serde_json::from_str::<Value>(&before).unwrap_or_default();
        if before[column] == *ours {
            before[column] = old.clone();
            tx.execute(
                "UPDATE deed_change SET before = ?4
                 WHERE deed_id = ?1 AND tbl = ?2 AND row_id = ?3",
                (later, table, id, before.to_string()),
            )?;
            return Ok(());
        }
    }
    Ok(())
}

fn put_back(
    tx: &WriteTx<'_>,
    (table, pk, id): (&str, &str, i64),
    column: &str,
    old: &Value,
) -> rusqlite::Result<()> {
    let shape = shape_of(column, "?2");
    tx.prepare_cached(&format!("UPDATE {table} SET \"{column}\" = {shape} WHERE {pk} = ?1"))?
        .execute((id, sql_value(old)))?;
    Ok(())
}

/// A column's value as the record holds it, in SQL.
fn shape_of(column: &str, mark: &str) -> String {
    if column == "geom" { format!("nullif(unhex({mark}), x'')") } else { mark.to_owned() }
}

fn sql_value(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Bool(yes) => i64::from(*yes).into(),
        Value::Number(n) => match n.as_i64() {
            Some(whole) => whole.into(),
            None => n.as_f64().unwrap_or_default().into(),
        },
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    }
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

fn remove_added(tx: &WriteTx<'_>, deed_id: DeedId, undone: &mut Undone) -> Result<()> {
    for (table, pk) in TABLES {
        let range: Option<(i64, i64)> = tx
            .query_row(
                "SELECT first_id, last_id FROM deed_range WHERE deed_id = ?1 AND tbl = ?2",
                (deed_id, table),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((first, last)) = range else { continue };
        for (child, column) in DERIVED.into_iter().filter(|_| table == "grid") {
            let clear =
                format!("UPDATE {child} SET {column} = NULL WHERE {column} BETWEEN ?1 AND ?2");
            tx.execute(&clear, (first, last))?;
        }
        let mut conditions = vec![format!(
            "NOT EXISTS (SELECT 1 FROM deed_change c JOIN deed d USING (deed_id)
               WHERE c.tbl = '{table}' AND c.row_id = t.{pk} AND d.deed_id > {deed_id}
                 AND d.undone_at IS NULL AND d.kind <> 'undo')"
        )];
        // Whom a later list confirms stays, and so does the home it was confirmed in.
        if matches!(table, "person" | "residency") {
            conditions.push(format!(
                "NOT EXISTS (SELECT 1 FROM deed_source s JOIN deed d USING (deed_id)
                   WHERE t.person_id BETWEEN s.first_person AND s.last_person
                     AND d.deed_id > {deed_id} AND d.undone_at IS NULL)"
            ));
        }
        for (child, column) in referrers(tx, table)? {
            conditions.push(format!(
                "NOT EXISTS (SELECT 1 FROM \"{child}\" r WHERE r.\"{column}\" = t.{pk})"
            ));
        }
        let removed = tx.execute(
            &format!(
                "DELETE FROM {table} AS t WHERE {pk} BETWEEN ?1 AND ?2 AND {}",
                conditions.join(" AND ")
            ),
            (first, last),
        )?;
        undone.removed += removed as u64;
        let left = tx
            .prepare(&format!("SELECT {pk} FROM {table} WHERE {pk} BETWEEN ?1 AND ?2"))?
            .query_map((first, last), |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        undone.left.extend(left.into_iter().map(|id| Left {
            table: table.to_owned(),
            id,
            column: String::new(),
            reason: "something that came later speaks of it".into(),
        }));
    }
    Ok(())
}

/// Tables and columns that point to a table.
fn referrers(conn: &Connection, table: &str) -> Result<Vec<(String, String)>> {
    Ok(conn
        .prepare(
            "SELECT m.name, f.\"from\" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
             WHERE m.type = 'table' AND f.\"table\" = ?1",
        )?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}
