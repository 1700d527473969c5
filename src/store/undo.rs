//! An import taken back, by what its journal says.

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

use super::journal::{DERIVED, FEATURES, TABLES, columns, json_of, past_imports};
use super::{Result, StoreError, WriteTx, gpkg, lookup};
use crate::access::AuditEntry;

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// Rows that the import had added and that are gone.
    pub removed: u64,
    /// Older rows whose fields say again what they said before.
    pub restored: u64,
    /// What was left as it is.
    pub left: Vec<Left>,
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
    pub reason: &'static str,
}

/// Takes an import back; everything else stays, what came later too.
///
/// # Errors
/// [`StoreError::NoSuchImport`] for a number that is not there, undone already, or older than the
/// journal; SQLite's errors.
pub fn undo(tx: &WriteTx<'_>, batch: i64) -> Result<(Undone, AuditEntry)> {
    let past = past_imports(tx)?.into_iter().find(|p| p.batch == batch);
    let Some(past) = past.filter(|p| p.undone_at.is_none() && p.can_undo) else {
        return Err(StoreError::NoSuchImport(batch));
    };
    let mut undone = Undone::default();
    // What was settled from this list's queue goes first.
    let settled: Vec<i64> = tx
        .prepare(
            "SELECT DISTINCT b.batch_id FROM import_row r
             JOIN import_batch b ON b.batch_id = CAST(r.before AS INTEGER)
             WHERE r.batch_id = ?1 AND b.encoding = 'review' AND b.undone_at IS NULL
             ORDER BY 1 DESC",
        )?
        .query_map([batch], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for child in settled {
        restore_fields(tx, child, &mut undone)?;
        remove_added(tx, child, &mut undone)?;
        mark_undone(tx, child)?;
    }
    restore_fields(tx, batch, &mut undone)?;
    remove_added(tx, batch, &mut undone)?;
    // What earlier undone imports had to leave because of this one goes now.
    let earlier: Vec<i64> = tx
        .prepare(
            "SELECT DISTINCT r.batch_id FROM import_range r JOIN import_batch b USING (batch_id)
             WHERE b.undone_at NOT NULL AND b.batch_id < ?1 ORDER BY 1 DESC",
        )?
        .query_map([batch], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    mark_undone(tx, batch)?;
    for other in earlier {
        let mut again = Undone::default();
        remove_added(tx, other, &mut again)?;
        undone.removed += again.removed;
    }
    lookup::assign_grids(tx)?;
    tx.execute("DELETE FROM import_row WHERE batch_id = ?1", [batch])?;
    for table in FEATURES {
        gpkg::refresh_contents(tx, table, tx.stamp().at)?;
    }
    let entry = AuditEntry::done("undo_import", format!("{} {}", past.kind, past.file))
        .with_fields(format!(
            "batch {batch} removed {} restored {} left {}",
            undone.removed,
            undone.restored,
            undone.left.len()
        ));
    Ok((undone, entry))
}

/// Marks a batch; rows that it had settled wait again.
fn mark_undone(tx: &WriteTx<'_>, batch: i64) -> Result<()> {
    tx.execute(
        "UPDATE import_batch SET undone_at = ?2 WHERE batch_id = ?1",
        (batch, tx.stamp().at),
    )?;
    tx.execute(
        "UPDATE import_row SET before = NULL,
           action = iif(action IN ('corrected', 'again_rejected'), 'rejected', 'held')
         WHERE before = ?1
           AND action IN ('resolved', 'dropped', 'corrected', 'answered', 'again',
             'again_rejected')",
        [batch.to_string()],
    )?;
    Ok(())
}

fn restore_fields(tx: &WriteTx<'_>, batch: i64, undone: &mut Undone) -> Result<()> {
    for (table, pk) in TABLES {
        let names = columns(tx, table, pk)?;
        let now_json = json_of(&names, table);
        let changes: Vec<(i64, String, Option<String>, Option<String>)> = tx
            .prepare(&format!(
                "SELECT row_id, before, after,
                   (SELECT {now_json} FROM {table} WHERE {pk} = c.row_id)
                 FROM import_change c WHERE batch_id = ?1 AND tbl = ?2"
            ))?
            .query_map((batch, table), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (id, before, after, now) in changes {
            let left = |column: &str, reason| Left {
                table: table.to_owned(),
                id,
                column: column.to_owned(),
                reason,
            };
            let (Some(after), Some(now)) = (after, now) else {
                undone.left.push(left("", "it is no longer there"));
                continue;
            };
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            let (before, after, now) = (read(&before), read(&after), read(&now));
            let mut restored = false;
            for name in &names {
                let (old, ours, current) = (&before[name], &after[name], &now[name]);
                if old == ours {
                    continue;
                }
                if ours != current {
                    undone.left.push(left(name, "changed again later"));
                    hand_on(tx, (batch, table, id), name, (old, ours))?;
                    continue;
                }
                match put_back(tx, (table, pk, id), name, old) {
                    Ok(()) => restored = true,
                    Err(error) if is_constraint(&error) => {
                        undone.left.push(left(name, "another record has this value now"));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            undone.restored += u64::from(restored);
        }
    }
    Ok(())
}

/// A field that a later import changed again cannot be put back now. The later one then puts back
/// what was before both, so that all undone leave nothing of either.
fn hand_on(
    tx: &WriteTx<'_>,
    (batch, table, id): (i64, &str, i64),
    column: &str,
    (old, ours): (&Value, &Value),
) -> Result<()> {
    let later: Vec<(i64, String)> = tx
        .prepare_cached(
            "SELECT c.batch_id, c.before FROM import_change c JOIN import_batch b USING (batch_id)
             WHERE c.tbl = ?1 AND c.row_id = ?2 AND c.batch_id > ?3 AND b.undone_at IS NULL
             ORDER BY c.batch_id",
        )?
        .query_map((table, id, batch), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (later, before) in later {
        let mut before = serde_json::from_str::<Value>(&before).unwrap_or_default();
        if before[column] == *ours {
            before[column] = old.clone();
            tx.execute(
                "UPDATE import_change SET before = ?4
                 WHERE batch_id = ?1 AND tbl = ?2 AND row_id = ?3",
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
    let value = match old {
        Value::Null => rusqlite::types::Value::Null,
        Value::Bool(yes) => i64::from(*yes).into(),
        Value::Number(n) => match n.as_i64() {
            Some(whole) => whole.into(),
            None => n.as_f64().unwrap_or_default().into(),
        },
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    };
    let shape = if column == "geom" { "nullif(unhex(?2), x'')" } else { "?2" };
    tx.prepare_cached(&format!("UPDATE {table} SET \"{column}\" = {shape} WHERE {pk} = ?1"))?
        .execute((id, value))?;
    Ok(())
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

fn remove_added(tx: &WriteTx<'_>, batch: i64, undone: &mut Undone) -> Result<()> {
    for (table, pk) in TABLES {
        let range: Option<(i64, i64)> = tx
            .query_row(
                "SELECT first_id, last_id FROM import_range WHERE batch_id = ?1 AND tbl = ?2",
                (batch, table),
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
            "NOT EXISTS (SELECT 1 FROM import_change c JOIN import_batch b USING (batch_id)
               WHERE c.tbl = '{table}' AND c.row_id = t.{pk} AND b.batch_id > {batch}
                 AND b.undone_at IS NULL)"
        )];
        // Whom a later list confirms stays, and so does the home it was confirmed in.
        if matches!(table, "person" | "residency") {
            conditions.push(format!(
                "NOT EXISTS (SELECT 1 FROM import_source s JOIN import_batch b USING (batch_id)
                   WHERE t.person_id BETWEEN s.first_person AND s.last_person
                     AND b.batch_id > {batch} AND b.undone_at IS NULL)"
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
            reason: "something that came later speaks of it",
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
