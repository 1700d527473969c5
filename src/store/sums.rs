//! A checksum for every row: what changed in a plain file without having been written is found.
//!
//! SQLite notices damage to the structure of its pages and none to what stands in them. So each
//! commit stores the CRC-32 of the rows it touched, 64 to a block, and `check` holds all rows
//! against them. Another GeoPackage program does not know the sums, but it does what the standard
//! asks (OGC 12-128r19, 1.1.3): it moves `gpkg_contents.last_change` of a table it edits. Such
//! edits are no damage; they are taken over, with an audit entry, by the next commit.

use crate::msg;
use crate::text::Message;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _};

use super::changes::ChangeSet;
use super::{Result, guard, has_table};

/// Rows of a block.
const BLOCK: i64 = 64;
/// Tables without sums: the audit log has its chain, the others are about the file itself or are
/// gone after some commits.
const WITHOUT: [&str; 7] = [
    "audit_log",
    "meta",
    "row_sum",
    "summed_table",
    "recent_commit",
    "derived_state",
    "derived_chunk",
];

/// Whether the rows of a table have sums.
pub(super) fn is_summed(table: &str) -> bool {
    !WITHOUT.contains(&table)
        && !["sqlite_", "gpkg_", "rtree_"].iter().any(|p| table.starts_with(p))
}

/// The checksum of a row: CRC-32 of its values with their types; never 0, which says "no row".
fn sum_of<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    for value in values {
        match value {
            ValueRef::Null => crc.update(&[0]),
            ValueRef::Integer(number) => {
                crc.update(&[1]);
                crc.update(&number.to_le_bytes());
            }
            ValueRef::Real(number) => {
                crc.update(&[2]);
                crc.update(&number.to_bits().to_le_bytes());
            }
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                crc.update(&[if matches!(value, ValueRef::Text(_)) { 3 } else { 4 }]);
                crc.update(&(bytes.len() as u64).to_le_bytes());
                crc.update(bytes);
            }
        }
    }
    crc.finalize().max(1)
}

/// The sums of a block of rows.
struct Block {
    chunk: i64,
    sums: [u32; BLOCK as usize],
}

fn chunk_of(row: i64) -> i64 {
    row.div_euclid(BLOCK)
}

fn slot_of(row: i64) -> usize {
    row.rem_euclid(BLOCK) as usize
}

impl Block {
    fn empty(chunk: i64) -> Self {
        Self { chunk, sums: [0; BLOCK as usize] }
    }

    fn of(chunk: i64, bytes: &[u8]) -> Self {
        let mut block = Self::empty(chunk);
        for (sum, four) in block.sums.iter_mut().zip(bytes.chunks_exact(4)) {
            *sum = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        }
        block
    }

    fn read(conn: &Connection, table: &str, chunk: i64) -> rusqlite::Result<Self> {
        let found = conn
            .prepare_cached("SELECT sums FROM row_sum WHERE tbl = ?1 AND chunk = ?2")?
            .query_row((table, chunk), |row| Ok(Self::of(chunk, row.get_ref(0)?.as_blob()?)))
            .optional()?;
        Ok(found.unwrap_or_else(|| Self::empty(chunk)))
    }

    fn write(&self, conn: &Connection, table: &str) -> Result<()> {
        if self.sums == [0; BLOCK as usize] {
            conn.prepare_cached("DELETE FROM row_sum WHERE tbl = ?1 AND chunk = ?2")?
                .execute((table, self.chunk))?;
            return Ok(());
        }
        let bytes: Vec<u8> = self.sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        conn.prepare_cached(
            "INSERT INTO row_sum (tbl, chunk, sums) VALUES (?1, ?2, ?3)
             ON CONFLICT (tbl, chunk) DO UPDATE SET sums = excluded.sums",
        )?
        .execute((table, self.chunk, bytes))?;
        Ok(())
    }
}

/// The statement that reads the columns of a table which this program made, in their order.
fn select(conn: &Connection, table: &str) -> Result<Option<(String, usize)>> {
    let columns = guard::own_columns(conn, table)?;
    if columns.is_empty() {
        return Ok(None);
    }
    let list = columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ");
    Ok(Some((format!("SELECT rowid, {list} FROM main.{table}"), columns.len())))
}

/// Makes the sums of what a transaction touched, as its last deed; with it go the marks by which a
/// table is found again and the time of its last change. `at` is UTC seconds.
pub(super) fn store(conn: &Connection, touched: &ChangeSet, at: i64) -> Result<()> {
    for changes in &touched.tables {
        let (table, mut runs) = (&changes.table, changes.ranges.clone());
        if !guard::is_own_table(table) {
            continue;
        }
        runs.sort_unstable();
        runs.dedup_by(|next, last| {
            let joins = next.0 <= last.1.saturating_add(1);
            if joins {
                last.1 = last.1.max(next.1);
            }
            joins
        });
        renew(conn, table, &runs)?;
        conn.prepare_cached(
            "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', ?2, 'unixepoch')
             WHERE table_name = ?1",
        )?
        .execute((table, at))?;
        note_change(conn, table)?;
    }
    mark_roots(conn)
}

fn renew(conn: &Connection, table: &str, runs: &[(i64, i64)]) -> Result<()> {
    let Some((sql, columns)) = select(conn, table)? else { return Ok(()) };
    let sql = format!("{sql} WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut open: Option<Block> = None;
    for &(first, last) in runs {
        let mut rows = statement.query((first, last))?;
        let mut row = rows.next()?;
        for chunk in chunk_of(first)..=chunk_of(last) {
            let (from, to) = (first.max(chunk * BLOCK), last.min(chunk * BLOCK + BLOCK - 1));
            if open.as_ref().is_none_or(|block| block.chunk != chunk) {
                if let Some(done) = open.take() {
                    done.write(conn, table)?;
                }
                let is_whole = to - from == BLOCK - 1;
                open = Some(if is_whole {
                    Block::empty(chunk)
                } else {
                    Block::read(conn, table, chunk)?
                });
            }
            let Some(block) = &mut open else { continue };
            block.sums[slot_of(from)..=slot_of(to)].fill(0);
            while let Some(found) = row {
                let id: i64 = found.get(0)?;
                if id > to {
                    break;
                }
                let values = (1..=columns).map(|index| found.get_ref_unwrap(index));
                block.sums[slot_of(id)] = sum_of(values);
                row = rows.next()?;
            }
        }
    }
    if let Some(done) = open {
        done.write(conn, table)?;
    }
    Ok(())
}

/// Takes the rows of a table as they are.
fn take_over(conn: &Connection, table: &str) -> Result<()> {
    conn.execute("DELETE FROM row_sum WHERE tbl = ?1", [table])?;
    let Some((sql, columns)) = select(conn, table)? else { return Ok(()) };
    let mut statement = conn.prepare(&format!("{sql} ORDER BY rowid"))?;
    let mut rows = statement.query([])?;
    let mut open: Option<Block> = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if open.as_ref().is_none_or(|block| block.chunk != chunk_of(id))
            && let Some(done) = open.replace(Block::empty(chunk_of(id)))
        {
            done.write(conn, table)?;
        }
        if let Some(block) = &mut open {
            block.sums[slot_of(id)] = sum_of((1..=columns).map(|n| row.get_ref_unwrap(n)));
        }
    }
    if let Some(done) = open {
        done.write(conn, table)?;
    }
    note_change(conn, table)
}

/// Makes the sums of all tables that have none, after a migration: of a file that had none at all, and
/// of tables that are new. What a step changes in rows of older tables it sums itself.
pub(super) fn make_missing(conn: &Connection) -> Result<()> {
    let mut has_sums = conn.prepare("SELECT EXISTS (SELECT 1 FROM summed_table WHERE tbl = ?1)")?;
    for table in summed_tables(conn)? {
        if !has_sums.query_row([&table], |row| row.get::<_, bool>(0))? {
            take_over(conn, &table)?;
        }
    }
    // A step may have moved a table's rows elsewhere.
    for sums in ["row_sum", "summed_table"] {
        let sql = format!("DELETE FROM {sums} WHERE tbl NOT IN (SELECT name FROM sqlite_schema)");
        conn.execute(&sql, [])?;
    }
    mark_roots(conn)
}

/// Rows of tables that a migration will change and that are not as they were written.
pub(super) struct BeforeSteps {
    summed: Vec<&'static str>,
    damaged: Vec<(&'static str, i64)>,
}

/// Looks at the tables that the steps of a migration will change.
pub(super) fn before_steps(conn: &Connection, tables: &[&'static str]) -> Result<BeforeSteps> {
    let mut before = BeforeSteps { summed: Vec::new(), damaged: Vec::new() };
    // A file that is being made, or older than the sums.
    if !has_table(conn, "summed_table")? {
        return Ok(before);
    }
    let edited = edited_elsewhere(conn)?;
    let mut is_summed = conn.prepare("SELECT 1 FROM summed_table WHERE tbl = ?1")?;
    for table in tables {
        if !is_summed.exists([table])? {
            continue;
        }
        before.summed.push(table);
        if !edited.iter().any(|edited| edited == table) {
            compare(conn, table, |row, _| before.damaged.push((table, row)))?;
        }
    }
    Ok(before)
}

/// Sums the tables that the steps of a migration have changed. Rows that were not as they were written before
/// stay findings: no damage becomes sound by it.
pub(super) fn after_steps(conn: &Connection, before: BeforeSteps) -> Result<()> {
    for table in before.summed {
        take_over(conn, table)?;
    }
    for (table, row) in before.damaged {
        let mut block = Block::read(conn, table, chunk_of(row))?;
        // No row has this sum but by a chance of one to four thousand million.
        block.sums[slot_of(row)] ^= 0x5A5A_5A5A;
        block.write(conn, table)?;
    }
    Ok(())
}

fn summed_tables(conn: &Connection) -> Result<Vec<String>> {
    let mut select =
        conn.prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names = select.query_map([], |row| row.get::<_, String>(0))?;
    let names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
    Ok(names.into_iter().filter(|n| is_summed(n) && guard::is_own_table(n)).collect())
}

fn note_change(conn: &Connection, table: &str) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO summed_table (tbl, root, mark, last_change)
         SELECT ?1, 0, '', coalesce(
           (SELECT last_change FROM gpkg_contents WHERE table_name = ?1), '')
         ON CONFLICT (tbl) DO UPDATE SET last_change = excluded.last_change",
    )?
    .execute([table])?;
    Ok(())
}

/// What a mark begins with.
pub(super) const MARK: &str = "menpai-table:";

/// Writes down where the tables begin, where that has changed.
pub(super) fn mark_roots(conn: &Connection) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO summed_table (tbl, root, mark, last_change)
         SELECT s.name, s.rootpage, ?1 || s.name || ':' || s.rootpage || ';', ''
         FROM sqlite_schema s
         WHERE s.type = 'table' AND (s.name IN ('meta', 'audit_log', 'row_sum')
             OR s.name IN (SELECT tbl FROM summed_table))
           AND NOT EXISTS (SELECT 1 FROM summed_table t
             WHERE t.tbl = s.name AND t.root = s.rootpage)
         ON CONFLICT (tbl) DO UPDATE SET root = excluded.root, mark = excluded.mark",
    )?
    .execute([MARK])?;
    Ok(())
}

/// How a row is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// Something else stands in it.
    Changed,
    /// It is gone.
    Missing,
    /// Nobody here wrote it.
    Strange,
}

impl Difference {
    /// The row as a sentence.
    pub(super) fn told(self, table: &str, row: i64) -> Message {
        match self {
            Self::Changed => msg!("row {} of the table {} is not as it was written", row, table),
            Self::Missing => msg!("row {} of the table {} is gone", row, table),
            Self::Strange => msg!("row {} of the table {} was not written by Menpai", row, table),
        }
    }
}

/// Holds all rows of a table against their sums. Returns how many rows there are.
fn compare(
    conn: &Connection,
    table: &str,
    mut differs: impl FnMut(i64, Difference),
) -> Result<u64> {
    let Some((sql, columns)) = select(conn, table)? else { return Ok(0) };
    let mut blocks =
        conn.prepare("SELECT chunk, sums FROM row_sum WHERE tbl = ?1 ORDER BY chunk")?;
    let mut blocks = blocks.query_map([table], |row| {
        Ok(Block::of(row.get(0)?, row.get_ref(1)?.as_blob().unwrap_or_default()))
    })?;
    let mut statement = conn.prepare(&format!("{sql} ORDER BY rowid"))?;
    let mut rows = statement.query([])?;
    let mut block = blocks.next().transpose()?;
    let mut looked_at = 0;
    // Sums whose rows were seen are struck out; what is left of a block is missing.
    let rest = |block: &Block, differs: &mut dyn FnMut(i64, Difference)| {
        for (slot, _) in block.sums.iter().enumerate().filter(|(_, sum)| **sum != 0) {
            differs(block.chunk * BLOCK + slot as i64, Difference::Missing);
        }
    };
    while let Some(row) = rows.next()? {
        looked_at += 1;
        let id: i64 = row.get(0)?;
        while let Some(passed) = block.as_ref().filter(|block| block.chunk < chunk_of(id)) {
            rest(passed, &mut differs);
            block = blocks.next().transpose()?;
        }
        let known = match &mut block {
            Some(block) if block.chunk == chunk_of(id) => {
                std::mem::take(&mut block.sums[slot_of(id)])
            }
            _ => 0,
        };
        match sum_of((1..=columns).map(|n| row.get_ref_unwrap(n))) {
            _ if known == 0 => differs(id, Difference::Strange),
            sum if sum != known => differs(id, Difference::Changed),
            _ => {}
        }
    }
    while let Some(passed) = block {
        rest(&passed, &mut differs);
        block = blocks.next().transpose()?;
    }
    Ok(looked_at)
}

/// Tables that another GeoPackage program has edited since this one last wrote.
fn edited_elsewhere(conn: &Connection) -> Result<Vec<String>> {
    let mut select = conn.prepare_cached(
        "SELECT t.tbl FROM summed_table t JOIN gpkg_contents c ON c.table_name = t.tbl
         WHERE t.tbl NOT IN ('meta', 'audit_log') AND c.last_change IS NOT t.last_change
         ORDER BY t.tbl",
    )?;
    let names = select.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// Whether another program has edited any table since the last commit of ours.
pub(super) fn is_edited_elsewhere(conn: &Connection) -> Result<bool> {
    Ok(!has_table(conn, "row_sum")? || !edited_elsewhere(conn)?.is_empty())
}

/// Takes over what another program has edited. Returns the tables with how many rows differ.
pub(super) fn take_over_edits(conn: &Connection) -> Result<Vec<(String, u64)>> {
    let mut taken = Vec::new();
    for table in edited_elsewhere(conn)? {
        let mut count = 0;
        compare(conn, &table, |_, _| count += 1)?;
        take_over(conn, &table)?;
        if count > 0 {
            taken.push((table, count));
        }
    }
    Ok(taken)
}

/// What a comparison of the whole file has found.
#[derive(Default)]
pub(super) struct Compared {
    /// Rows that were looked at.
    pub(super) looked_at: u64,
    /// What is not as it was written, the first `most`.
    pub(super) damaged: Vec<Message>,
    /// What other programs have edited, a line a table.
    pub(super) edited: Vec<Message>,
}

/// Holds every row of the file against its sum; nothing for a file that has none.
///
/// # Errors
/// SQLite's errors while asking; a table that cannot be read is a finding.
pub(super) fn compare_all(conn: &Connection, most: usize) -> Result<Compared> {
    let mut all = Compared::default();
    if !has_table(conn, "row_sum")? {
        return Ok(all);
    }
    let edited = edited_elsewhere(conn)?;
    let mut tables = summed_tables(conn)?;
    tables.retain(|table| guard::is_own_table(table));
    for table in tables {
        let is_edited = edited.contains(&table);
        let (mut count, mut damaged) = (0, Vec::new());
        let looked_at = compare(conn, &table, |row, difference| {
            count += 1;
            if !is_edited && damaged.len() < most {
                damaged.push(difference.told(&table, row));
            }
        });
        let room = most.saturating_sub(all.damaged.len());
        all.damaged.extend(damaged.into_iter().take(room));
        match looked_at {
            Ok(looked_at) => all.looked_at += looked_at,
            Err(error) => all.damaged.push(msg!("the table {} cannot be read: {}", table, error)),
        }
        if is_edited && count > 0 {
            all.edited.push(msg!("{} rows of the table {}", count, table));
        }
    }
    Ok(all)
}

/// The sums of a damaged file, as far as they can be read.
pub(super) struct Known<'a> {
    conn: &'a Connection,
    table: &'a str,
    block: Option<Block>,
    is_there: bool,
}

impl<'a> Known<'a> {
    pub(super) fn of(conn: &'a Connection, table: &'a str) -> Self {
        let is_there = is_summed(table) && has_table(conn, "row_sum").unwrap_or(false);
        Self { conn, table, block: None, is_there }
    }

    /// Whether a row stands as it was written; `None` where no sum of it can be read.
    pub(super) fn is_as_written(
        &mut self,
        row: i64,
        values: &[rusqlite::types::Value],
    ) -> Option<bool> {
        if !self.is_there {
            return None;
        }
        let chunk = chunk_of(row);
        if self.block.as_ref().is_none_or(|block| block.chunk != chunk) {
            let read = Block::read(self.conn, self.table, chunk);
            self.block = Some(read.unwrap_or_else(|_| Block::empty(chunk)));
        }
        let known = self.block.as_ref().map_or(0, |block| block.sums[slot_of(row)]);
        (known != 0).then(|| sum_of(values.iter().map(ValueRef::from)) == known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_tells_types_and_borders_apart() {
        let sum = |values: &[ValueRef<'_>]| sum_of(values.iter().copied());
        let text = |t: &'static str| ValueRef::Text(t.as_bytes());
        assert_ne!(sum(&[text("ab"), text("c")]), sum(&[text("a"), text("bc")]));
        assert_ne!(sum(&[ValueRef::Integer(0)]), sum(&[ValueRef::Null]));
        assert_ne!(sum(&[text("1")]), sum(&[ValueRef::Integer(1)]));
        assert_eq!((chunk_of(-1), slot_of(-1), chunk_of(64), slot_of(64)), (-1, 63, 1, 0));
    }
}
