//! Every row that can still be read out of a damaged workspace, into a new one.

use crate::msg;
use crate::text::Message;
use std::io::Read as _;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use super::cipher::{FileHead, file_head};
use super::connect::private_copy;
use super::{OpenMode, Passphrase, Result, StoreError, Workspace, guard, has_table, schema, sums};
use crate::access::{AuditEntry, Stamp};

mod tables;

/// Rows that are read at once while nothing is wrong.
const BLOCK: i64 = 4_096;
/// Findings that are listed; the others are counted.
const MOST_FINDINGS: usize = 200;

/// Row numbers that are tried in a table whose end cannot be read.
const MOST_ROWS: i64 = 50_000_000;
/// The widest range of row numbers that is read: ten times the largest workspace.
const MOST_IDS: i64 = 2_000_000_000;
/// Rows one behind the other that cannot be read before such a table counts as over.
const MOST_LOST: i64 = 100_000;

/// What became of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct SalvagedTable {
    /// Its name.
    pub table: String,
    /// Rows that are in the new workspace.
    pub saved: u64,
    /// Of these, rows that are not as they were written: letters or numbers are wrong.
    pub changed: u64,
    /// Row numbers that could not be read, as far as they are known.
    pub lost: u64,
}

/// What was saved and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Salvaged {
    /// By table, those that held something.
    pub tables: Vec<SalvagedTable>,
    /// What was lost, as sentences, the first ones.
    pub findings: Vec<Message>,
}

impl Salvaged {
    fn tell(&mut self, finding: impl Into<Message>) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding.into());
        }
    }
}

/// Writes what can be read of `from` into a new workspace at `to`, under the same passphrase.
///
/// # Errors
/// [`StoreError::Exists`]; those of [`Workspace::open`] when not even the beginning of the file can be
/// read; file and SQLite errors of the new workspace.
pub fn salvage(
    from: &Path,
    to: &Path,
    passphrase: Option<&Passphrase>,
    stamp: &Stamp,
) -> Result<Salvaged> {
    let whole = made_whole(from)?;
    let path = whole.as_ref().map_or_else(|| from.to_owned(), |folder| folder.path().join("w"));
    let (source, new_list) = open_damaged(&path, passphrase)?;
    let reader = source.reader()?;
    let target = Workspace::create(to, passphrase, stamp)?;
    let mut result = Salvaged::default();
    let name = from.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if whole.is_some() {
        result.tell(Message::from("the end of the file is missing"));
    }
    if new_list.is_some() {
        result.tell(Message::from("the list of the tables was damaged and was made anew"));
    }
    let written = target.write(stamp, |tx| {
        tx.pragma_update(None, "defer_foreign_keys", true)?;
        for table in guard::table_names() {
            let is_own_affair = table != "audit_log" && !sums::is_summed(&table);
            if is_own_affair || !has_table(&reader, &table).unwrap_or(false) {
                continue;
            }
            let saved = copy_table(&reader, tx, &table, new_list.is_some(), &mut result)?;
            if saved.saved + saved.lost > 0 {
                result.tables.push(saved);
            }
        }
        copy_moved(&reader, tx, new_list.is_some(), &mut result)?;
        schema::settle_older(tx)?;
        let Salvaged { tables, findings } = &mut result;
        guard::drop_odd_ids(tx, |table, rows| {
            if let Some(done) = tables.iter_mut().find(|t| t.table == table) {
                done.saved = done.saved.saturating_sub(rows);
                done.lost += rows;
            }
            findings.push(msg!("rows of the table {} have impossible numbers", table));
        })?;
        drop_orphans(tx, &mut result)?;
        let total: u64 = result.tables.iter().map(|t| t.saved).sum();
        let lost: u64 = result.tables.iter().map(|t| t.lost).sum();
        let entry =
            AuditEntry::done("salvage", name).with_fields(format!("saved {total} lost {lost}"));
        Ok(((), entry))
    });
    if let Err(error) = written {
        drop(target);
        let _ = std::fs::remove_file(to);
        return Err(error);
    }
    Ok(result)
}

/// Saves what an older file holds in tables that the newest schema has elsewhere.
fn copy_moved(
    reader: &Connection,
    tx: &Connection,
    is_listed_anew: bool,
    result: &mut Salvaged,
) -> Result<()> {
    if !schema::MOVED_TABLES.iter().any(|table| has_table(reader, table).unwrap_or(false)) {
        return Ok(());
    }
    for table in schema::MOVED_TABLES {
        tx.execute_batch(guard::bare_table(table).unwrap_or_default())?;
        if has_table(reader, table).unwrap_or(false) {
            let saved = copy_table(reader, tx, table, is_listed_anew, result)?;
            if saved.saved + saved.lost > 0 {
                result.tables.push(saved);
            }
        }
    }
    schema::move_deeds(tx)
}

/// Opens a damaged file; where its list of tables cannot be read, a copy with a new one.
fn open_damaged(
    path: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<(Workspace, Option<tempfile::TempDir>)> {
    let opened = Workspace::open(path, passphrase, OpenMode::Salvage);
    let is_listed = opened.as_ref().is_ok_and(|source| {
        source.reader().is_ok_and(|reader| {
            let version = schema::version(&reader).ok().flatten().unwrap_or(schema::NEWEST);
            let names = guard::table_names_of(version).unwrap_or_default();
            names.iter().all(|table| has_table(&reader, table).unwrap_or(false))
        })
    });
    if !is_listed
        && passphrase.is_none()
        && let Some(folder) = tables::with_new_list(path)?
        && let Ok(source) = Workspace::open(&folder.path().join("w"), None, OpenMode::Salvage)
    {
        return Ok((source, Some(folder)));
    }
    Ok((opened?, None))
}

/// A copy of a plain file that was cut off, as long as its header says: SQLite refuses a shorter one
/// as a whole, but reads the pages that are there. What is missing is a hole of zeros, which no table
/// takes for its own. `None` where nothing is missing.
fn made_whole(from: &Path) -> Result<Option<tempfile::TempDir>> {
    /// Bytes of SQLite's header; page size, change counter, page count and the counter for which
    /// that count is valid stand in it (<https://www.sqlite.org/fileformat.html#the_database_header>).
    const HEADER: usize = 100;
    let io = |e| StoreError::Io(from.to_owned(), e);
    let mut head = [0u8; HEADER];
    let mut file = match std::fs::File::open(from) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
    };
    if !matches!(file_head(from), Ok(FileHead::Plain)) || file.read_exact(&mut head).is_err() {
        return Ok(None);
    }
    let number = |at: usize| {
        u64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]))
    };
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let wanted = page * number(28);
    let is_cut = file.metadata().map_err(io)?.len() < wanted && number(24) == number(92);
    if !is_cut {
        return Ok(None);
    }
    let folder = private_copy(from)?;
    let copy = std::fs::OpenOptions::new().write(true).open(folder.path().join("w"));
    copy.and_then(|file| file.set_len(wanted)).map_err(io)?;
    Ok(Some(folder))
}

fn copy_table(
    reader: &Connection,
    target: &Connection,
    table: &str,
    is_listed_anew: bool,
    result: &mut Salvaged,
) -> Result<SalvagedTable> {
    let mut done = SalvagedTable { table: table.to_owned(), ..SalvagedTable::default() };
    // Columns that both have: an older file has fewer, a foreign one perhaps more.
    let own = column_names(target, table)?;
    let theirs = column_names(reader, table).unwrap_or_default();
    let columns: Vec<String> = own.into_iter().filter(|c| theirs.contains(c)).collect();
    if columns.is_empty() {
        return Ok(done);
    }
    let list = columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    if table == "audit_log" {
        return copy_audit(reader, target, &list, &marks, done, result);
    }
    // What a new workspace is seeded with gives way to what the old one says.
    let is_seeded: bool =
        target.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), [], |r| r.get(0))?;
    let first_is_readable =
        reader.query_row(&format!("SELECT 1 FROM main.{table} LIMIT 1"), [], |_| Ok(())).is_ok();
    if is_seeded && first_is_readable {
        target.execute(&format!("DELETE FROM {table}"), [])?;
    }
    let select = format!("SELECT rowid, {list} FROM main.{table} WHERE rowid BETWEEN ?1 AND ?2");
    let insert = format!("INSERT OR IGNORE INTO {table} (rowid, {list}) VALUES (?, {marks})");
    let bound = |order: &str| {
        let sql = format!("SELECT rowid FROM main.{table} ORDER BY rowid {order} LIMIT 1");
        reader.query_row(&sql, [], |row| row.get::<_, i64>(0))
    };
    let (first, last, is_end_known) = match (bound("ASC"), bound("DESC")) {
        (Ok(first), Ok(last)) => (first, last, true),
        (Err(rusqlite::Error::QueryReturnedNoRows), _) => return Ok(done),
        (first, last) => {
            result.tell(msg!("an end of the table {} cannot be read", table));
            // Row ids are given in order: from the end that can be read, as far as they go.
            match (first, last) {
                (Ok(first), Err(_)) => (first, first.saturating_add(MOST_ROWS), false),
                (Err(_), Ok(last)) => (1, last, true),
                _ => return Ok(done),
            }
        }
    };
    // A number from a damaged row would have thousands of millions tried.
    let (first, last) = (first.max(1), last.min(first.max(1).saturating_add(MOST_IDS)));
    let mut known = sums::Known::of(reader, table);
    let mut spans = vec![(first, last)];
    let mut empty_run = 0u32;
    // Rows one behind the other that cannot be read: told as one.
    let mut gap: Option<(i64, i64)> = None;
    while let Some((from, to)) = spans.pop() {
        if to - from >= BLOCK {
            let end = from + BLOCK - 1;
            spans.push((end + 1, to));
            spans.push((from, end));
            continue;
        }
        match read_rows(reader, &select, (from, to), columns.len()) {
            Ok(rows) => {
                empty_run = if rows.is_empty() { empty_run + 1 } else { 0 };
                // A mark may be older than the place of its table: then these are other rows.
                if is_listed_anew && done.saved == 0 && are_others(&mut known, &rows) {
                    result.tell(msg!("where the table {} begins is not known", table));
                    return Ok(done);
                }
                if !rows.is_empty() {
                    tell_gap(gap.take(), &mut done, result);
                }
                let mut statement = target.prepare_cached(&insert)?;
                for row in rows {
                    let id = match row.first() {
                        Some(Value::Integer(id)) => *id,
                        _ => 0,
                    };
                    let is_changed = known.is_as_written(id, &row[1..]) == Some(false);
                    match statement.execute(params_from_iter(row.iter())) {
                        Ok(1) => {
                            done.saved += 1;
                            done.changed += u64::from(is_changed);
                            if is_changed {
                                result.tell(msg!(
                                    "row {} of the table {} is damaged; it was saved as it reads",
                                    id,
                                    table
                                ));
                            }
                        }
                        Ok(_) | Err(_) => {
                            done.lost += 1;
                            result.tell(msg!("a row of the table {} breaks its rules", table));
                        }
                    }
                }
            }
            Err(_) if from < to => {
                let middle = from + (to - from) / 2;
                spans.push((middle + 1, to));
                spans.push((from, middle));
            }
            Err(_) => gap = Some((gap.map_or(from, |(first, _)| first), from)),
        }
        // Beyond the last row of a table whose end is not known.
        let lost_run = gap.map_or(0, |(first, last)| last - first);
        if !is_end_known && (empty_run > 2_000 || lost_run > MOST_LOST) {
            gap = None;
            result.tell(msg!("how many rows the table {} had is not known", table));
            break;
        }
    }
    tell_gap(gap, &mut done, result);
    Ok(done)
}

/// Whether most rows are not as they were written: hardly any damage, but another table.
fn are_others(known: &mut sums::Known<'_>, rows: &[Vec<Value>]) -> bool {
    const FEWEST: usize = 4;
    let verdicts = rows.iter().filter_map(|row| match row.first() {
        Some(Value::Integer(id)) => known.is_as_written(*id, &row[1..]),
        _ => None,
    });
    let (right, wrong): (Vec<bool>, Vec<bool>) = verdicts.partition(|is_right| *is_right);
    wrong.len() >= FEWEST && wrong.len() > right.len()
}

/// Counts and tells rows one behind the other that cannot be read.
fn tell_gap(gap: Option<(i64, i64)>, done: &mut SalvagedTable, result: &mut Salvaged) {
    let Some((first, last)) = gap else { return };
    done.lost += last.abs_diff(first) + 1;
    let table = &done.table;
    result.tell(if first == last {
        msg!("row {} of the table {} cannot be read", first, table)
    } else {
        msg!("rows {} to {} of the table {} cannot be read", first, last, table)
    });
}

fn copy_audit(
    reader: &Connection,
    target: &Connection,
    list: &str,
    marks: &str,
    mut done: SalvagedTable,
    result: &mut Salvaged,
) -> Result<SalvagedTable> {
    let columns = list.split(", ").count();
    let select = format!("SELECT seq, {list} FROM audit_log WHERE seq BETWEEN ?1 AND ?2");
    let copied = read_rows(reader, &select, (1, i64::MAX), columns);
    let Ok(rows) = copied else {
        result
            .tell(Message::from("the audit log cannot be read; the new workspace begins its own"));
        return Ok(done);
    };
    // The chain cannot be continued behind the entry that the new workspace began with, so the old
    // entries are kept beside it, as they stood.
    target.execute_batch(
        "CREATE TABLE IF NOT EXISTS salvaged_audit_log AS SELECT * FROM audit_log WHERE 0",
    )?;
    let insert = format!("INSERT INTO salvaged_audit_log ({list}) VALUES ({marks})");
    let mut statement = target.prepare(&insert)?;
    for row in rows {
        statement.execute(params_from_iter(row[1..].iter()))?;
        done.saved += 1;
    }
    Ok(done)
}

fn column_names(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut select = conn.prepare("SELECT name FROM pragma_table_info(?1, 'main')")?;
    select.query_map([table], |row| row.get(0))?.collect()
}

fn read_rows(
    reader: &Connection,
    select: &str,
    span: (i64, i64),
    columns: usize,
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut statement = reader.prepare_cached(select)?;
    let rows = statement.query_map(span, |row| {
        (0..=columns).map(|index| row.get::<_, Value>(index)).collect::<rusqlite::Result<Vec<_>>>()
    })?;
    rows.collect()
}

/// Takes rows out that point to rows which are lost, until none is left.
fn drop_orphans(target: &Connection, result: &mut Salvaged) -> Result<()> {
    loop {
        let orphans: Vec<(String, i64, String)> = {
            let mut select = target.prepare(
                "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check WHERE rowid IS NOT NULL",
            )?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<std::result::Result<_, _>>()?
        };
        if orphans.is_empty() {
            return Ok(());
        }
        let mut removed = 0;
        for (table, rowid, parent) in orphans {
            let sql = format!("DELETE FROM {table} WHERE rowid = ?1");
            removed += target.execute(&sql, [rowid])?;
            result.tell(msg!(
                "row {} of the table {} belongs to a lost row of {}",
                rowid,
                table,
                parent
            ));
            if let Some(done) = result.tables.iter_mut().find(|t| t.table == table) {
                done.saved = done.saved.saturating_sub(1);
                done.lost += 1;
            }
        }
        if removed == 0 {
            return Err(StoreError::Record(
                "rows that belong to lost rows cannot be removed".into(),
            ));
        }
    }
}
