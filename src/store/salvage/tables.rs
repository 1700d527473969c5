//! The list of tables of a plain file, made anew where it cannot be read.
//!
//! A table is found by the mark that its workspace keeps of it (`sums::MARK`): text that stands
//! somewhere in the raw file and says on which page the table begins. From these a new list is made
//! and grafted onto a copy of the file, whose other pages stay as they are
//! (<https://www.sqlite.org/fileformat.html>).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rusqlite::Connection;

use crate::store::cipher::PLAIN_MAGIC;
use crate::store::sums::MARK;
use crate::store::{Result, StoreError, files, guard};

/// Bytes of the header of a file.
const HEADER: usize = 100;
/// Page size of a file whose header cannot be read.
const USUAL_PAGE: u64 = 4_096;
/// First byte of a page inside, and at the end, of a table's tree.
const INTERIOR: u8 = 0x05;
const LEAF: u8 = 0x0D;
/// First byte of a page inside, and at the end, of an index' tree, as tables without row ids have.
const INDEX_INTERIOR: u8 = 0x02;
const INDEX_LEAF: u8 = 0x0A;

fn page_size(head: &[u8]) -> u64 {
    let known = head.starts_with(PLAIN_MAGIC).then(|| match (head[16], head[17]) {
        (0, 1) => 65_536,
        (high, low) => u64::from(high) << 8 | u64::from(low),
    });
    known.filter(|size| size.is_power_of_two() && *size >= 512).unwrap_or(USUAL_PAGE)
}

/// Tables and where they begin, by the marks in the raw file; a page that begins no tree is no root.
fn marked(file: &mut File, page: u64) -> std::io::Result<BTreeMap<String, u64>> {
    /// Longest mark: a name and a number.
    const LONGEST: usize = 128;
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    file.rewind()?;
    let mut reader = BufReader::new(&mut *file);
    let (mut seen, mut block) = (Vec::new(), vec![0; 1 << 20]);
    loop {
        let read = reader.read(&mut block)?;
        seen.extend_from_slice(&block[..read]);
        let mark = MARK.as_bytes();
        let mut from = 0;
        while let Some(at) = seen[from..].windows(mark.len()).position(|w| w == mark) {
            let begin = from + at + mark.len();
            if begin + LONGEST > seen.len() && read > 0 {
                break;
            }
            let rest = &seen[begin..seen.len().min(begin + LONGEST)];
            let end = rest.iter().position(|b| *b == b';').unwrap_or(0);
            let text = String::from_utf8_lossy(&rest[..end]);
            if let Some((table, root)) = text.split_once(':')
                && let Ok(root) = root.parse()
            {
                found.entry(table.to_owned()).or_default().push(root);
            }
            from = begin;
        }
        if read == 0 {
            break;
        }
        let keep = seen.len().saturating_sub(mark.len() + LONGEST).max(from.min(seen.len()));
        seen.drain(..keep);
    }
    drop(reader);
    let mut roots = BTreeMap::new();
    for (table, candidates) in found {
        for root in candidates {
            let mut kind = [0];
            let at = root.saturating_sub(1).saturating_mul(page);
            let is_there =
                file.seek(SeekFrom::Start(at)).is_ok() && file.read_exact(&mut kind).is_ok();
            if is_there
                && root > 1
                && [INTERIOR, LEAF, INDEX_INTERIOR, INDEX_LEAF].contains(&kind[0])
            {
                roots.insert(table.clone(), root);
            }
        }
    }
    Ok(roots)
}

/// A file that holds nothing but a list of tables which begin on the given pages.
fn list_of_tables(path: &Path, page: u64, roots: &BTreeMap<String, u64>) -> Result<()> {
    let conn = Connection::open(path)?;
    conn.pragma_update(None, "page_size", page as i64)?;
    conn.pragma_update(None, "journal_mode", "DELETE")?;
    for (table, root) in roots {
        let Some(sql) = guard::bare_table(table) else { continue };
        conn.execute_batch(sql)?;
        conn.pragma_update(None, "writable_schema", true)?;
        conn.execute(
            "UPDATE sqlite_schema SET rootpage = ?2 WHERE name = ?1",
            (table, *root as i64),
        )?;
        conn.pragma_update(None, "writable_schema", false)?;
    }
    Ok(())
}

/// A copy of a plain file with its list of tables made anew, in the file `w` of a private folder.
/// `None` where the file holds no marks.
///
/// # Errors
/// [`StoreError::Io`]; SQLite's errors.
pub(super) fn with_new_list(from: &Path) -> Result<Option<tempfile::TempDir>> {
    let io = |e| StoreError::Io(from.to_owned(), e);
    let Ok(mut file) = File::open(from) else { return Ok(None) };
    let mut head = [0; HEADER];
    if file.read_exact(&mut head).is_err() {
        return Ok(None);
    }
    let page = page_size(&head);
    let roots = marked(&mut file, page).map_err(io)?;
    if roots.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("menpai-").tempdir().map_err(io)?;
    let list = folder.path().join("list");
    list_of_tables(&list, page, &roots)?;
    let list = std::fs::read(&list).map_err(io)?;
    let pages: Vec<&[u8]> = list.chunks_exact(page as usize).collect();
    let Some((first, _)) = pages.split_first() else { return Ok(None) };
    let mut first = first.to_vec();
    let length = file.metadata().map_err(io)?.len().div_ceil(page);
    // The list's further pages go behind the end of the file, and page 1 is told where.
    let mut added: Vec<&[u8]> = Vec::new();
    if first[HEADER] == INTERIOR {
        let cells = usize::from(u16::from_be_bytes([first[HEADER + 3], first[HEADER + 4]]));
        let cell = |n: usize| HEADER + 12 + 2 * n;
        let mut pointers = vec![HEADER + 8];
        pointers.extend(
            (0..cells)
                .map(|n| usize::from(u16::from_be_bytes([first[cell(n)], first[cell(n) + 1]]))),
        );
        for at in pointers {
            let child =
                u32::from_be_bytes([first[at], first[at + 1], first[at + 2], first[at + 3]]);
            let Some(child) = pages.get(child as usize - 1).filter(|p| p[0] == LEAF) else {
                return Ok(None);
            };
            added.push(child);
            let number = (length + added.len() as u64) as u32;
            first[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
    }
    let total = (length + added.len() as u64) as u32;
    first[28..32].copy_from_slice(&total.to_be_bytes());
    // No free pages, and a page count that holds for this change counter.
    first[32..40].fill(0);
    let counter = [first[24], first[25], first[26], first[27]];
    first[92..96].copy_from_slice(&counter);
    let copy = folder.path().join("w");
    let mut out = files::private().open(&copy).map_err(io)?;
    file.rewind().and_then(|()| std::io::copy(&mut file, &mut out)).map_err(io)?;
    let written = out.set_len(length * page).and_then(|()| {
        out.rewind()?;
        out.write_all(&first)?;
        out.seek(SeekFrom::Start(length * page))?;
        added.iter().try_for_each(|page| out.write_all(page))
    });
    written.map_err(io)?;
    Ok(Some(folder))
}
