//! The rows of a list, whatever file it came in: CSV and TSV in UTF-8, UTF-16 or GB18030, and the
//! workbooks of Excel, WPS and LibreOffice. Rows are handed over one by one, so that a list may be
//! longer than the memory.

use crate::msg;
use crate::text::Message;
use std::borrow::Cow;
use std::cell::Cell;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::domain::cell;
use crate::import::error::ImportError;
use crate::import::fields;
use crate::import::formats::first_look::FirstLook;
use crate::import::formats::html::Page;
use crate::import::formats::workbook::Workbook;
use crate::import::formats::xlsx_facts::{self, SheetFacts};
use crate::import::kind::Kind;
use crate::import::sheet_row::{Merge, RowSink, SheetRow};

/// Rows that are looked at before the list is taken: headings, mapping, spellings of values.
pub const SAMPLE_ROWS: usize = 1_000;
/// Lines one row of a text may span; more means that a quotation mark was never closed.
const MOST_LINES: u64 = 50;
/// Columns of a list; a spreadsheet has 16,384, and a list of people never that many.
const MOST_COLUMNS: usize = 1_024;
/// Bytes of the rows that are looked at, and of one row of a text.
const MOST_SAMPLE: usize = 32 << 20;
const LONGEST_RECORD: u64 = 16 << 20;

/// A list with its headings found.
pub struct Sheet {
    /// Headings as they stand, on one line each.
    pub headings: Vec<String>,
    /// Line (or row) of the headings; the last one where they take two.
    pub heading_line: u64,
    /// Title and hint rows above the headings.
    pub title_rows: u64,
    /// What stands in them.
    pub titles: Vec<String>,
    /// Name of the file without its ending.
    pub file_stem: String,
    /// What the sheet hides.
    pub facts: SheetFacts,
    /// Headings of hidden columns that a visible column has too: column, heading.
    pub hidden_headings: Vec<(usize, String)>,
    /// `utf-8`, `gb18030`, `utf-16`, `workbook`.
    pub encoding: &'static str,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Which sheet of a workbook it is.
    pub name: Option<String>,
    /// All sheets of the workbook that hold something.
    pub names: Vec<String>,
    /// Areas of the sheet that were merged over several rows.
    pub merges: Vec<Merge>,
    /// The first rows below the headings.
    pub sample: Vec<SheetRow>,
    /// About how many rows there are.
    pub expected_rows: u64,
    /// Rows of the source up to the headings, blank ones too.
    above: u64,
    source: Source,
}

enum Source {
    Text(TextFile),
    Book(Box<Workbook>, String),
    Page(Page),
}

impl Source {
    /// Hands over every row, its cells as they were typed. The one way out of a file.
    fn scan(&mut self, sink: RowSink<'_>) -> Result<(), ImportError> {
        match self {
            Self::Text(text) => scan_clean(&mut |sink| text.scan(sink), sink),
            Self::Book(book, sheet) => scan_clean(&mut |sink| book.scan(sheet, sink), sink),
            Self::Page(page) => scan_clean(&mut |sink| page.scan(sink), sink),
        }
    }
}

/// Cells as they were typed ([`cell::as_typed`]); a row wider than any spreadsheet ends the scan.
fn scan_clean(
    scan: &mut dyn FnMut(RowSink<'_>) -> Result<(), ImportError>,
    sink: RowSink<'_>,
) -> Result<(), ImportError> {
    let mut too_wide = None;
    scan(&mut |mut row| {
        if row.record.len() > MOST_COLUMNS {
            too_wide = Some(row.line);
            return ControlFlow::Break(());
        }
        let is_clean =
            |text: &str| matches!(cell::as_typed(text), Cow::Borrowed(t) if t.len() == text.len());
        if !row.record.iter().all(is_clean) {
            row.record = row.record.iter().map(|text| cell::as_typed(text).into_owned()).collect();
        }
        sink(row)
    })?;
    match too_wide {
        None => Ok(()),
        Some(line) => Err(ImportError::NotATable(msg!(
            "line {} has more than {} columns; this is no list",
            line,
            MOST_COLUMNS
        ))),
    }
}

/// The first rows that hold something, with their places among all rows, from 1.
#[derive(Default)]
struct FirstRows {
    rows: Vec<SheetRow>,
    ordinals: Vec<u64>,
}

fn first_rows(
    scan: &mut dyn FnMut(RowSink<'_>) -> Result<(), ImportError>,
) -> Result<FirstRows, ImportError> {
    let (mut first, mut ordinal, mut bytes) = (FirstRows::default(), 0, 0);
    scan(&mut |row| {
        ordinal += 1;
        bytes += row.record.as_slice().len();
        if !row.is_blank() {
            first.rows.push(row);
            first.ordinals.push(ordinal);
        }
        if first.rows.len() < SAMPLE_ROWS && bytes < MOST_SAMPLE {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok(first)
}

/// How well rows fit a kind: the index of the heading row and the number of its fields.
struct Fit {
    index: usize,
    rows: usize,
    headings: Vec<String>,
    fields: usize,
}

impl Sheet {
    /// Opens a list and finds its headings among the first 20 rows that hold something. `wanted`
    /// names the sheet of a workbook; without it, the sheet whose headings fit the kind best.
    ///
    /// # Errors
    /// [`ImportError::NotATable`] for an unknown encoding, a broken or protected workbook, binary
    /// content, an empty file, a sheet that is not there; [`ImportError::Io`].
    pub fn open(
        kind: Kind,
        pairs: &[(String, String)],
        path: &Path,
        wanted: Option<&str>,
    ) -> Result<Self, ImportError> {
        let look = FirstLook::at(path)?;
        let mut names = Vec::new();
        let mut looked: Vec<(Option<String>, FirstRows)> = Vec::new();
        let mut source = if look.is_workbook {
            let mut book = Workbook::open(path)?;
            let all = book.sheet_names();
            if let Some(name) = wanted.filter(|name| !all.iter().any(|n| n == name)) {
                return Err(ImportError::NotATable(msg!(
                    "the workbook has no sheet \"{}\"; it has: {}",
                    name,
                    all.join(", ")
                )));
            }
            for name in all {
                // A hidden sheet is taken only by name.
                if !book.is_visible(&name) && wanted != Some(&name) {
                    continue;
                }
                let first = first_rows(&mut |sink| {
                    scan_clean(&mut |sink| book.scan_first(&name, SAMPLE_ROWS as u64, sink), sink)
                })?;
                if !first.rows.is_empty() {
                    names.push(name.clone());
                    looked.push((Some(name), first));
                }
            }
            Source::Book(Box::new(book), String::new())
        } else if look.is_page {
            let page = Page::open(path, look.codec)?;
            let first = first_rows(&mut |sink| scan_clean(&mut |sink| page.scan(sink), sink))?;
            looked.push((None, first));
            Source::Page(page)
        } else {
            let text = TextFile::new(path, &look)?;
            let first = first_rows(&mut |sink| scan_clean(&mut |sink| text.scan(sink), sink))?;
            looked.push((None, first));
            Source::Text(text)
        };
        let best = looked
            .into_iter()
            .filter(|(name, _)| wanted.is_none() || name.as_deref() == wanted)
            .filter(|(_, first)| !first.rows.is_empty())
            .map(|(name, first)| (fit(kind, pairs, &first.rows), name, first))
            // The first of equals.
            .reduce(|a, b| if b.0.fields > a.0.fields { b } else { a });
        let Some((fit, name, first)) = best else {
            let what = if look.is_workbook {
                "the workbook is empty"
            } else {
                "the file is empty; it needs a heading row"
            };
            return Err(ImportError::NotATable(what.into()));
        };
        let merges = match (&mut source, &name) {
            (Source::Book(book, sheet), Some(name)) => {
                sheet.clone_from(name);
                book.merges(name)?
            }
            (Source::Page(page), _) => page.merges.clone(),
            _ => Vec::new(),
        };
        let facts = match (&look.is_workbook, &name) {
            (true, Some(name)) => xlsx_facts::of_sheet(path, name),
            _ => SheetFacts::default(),
        };
        let mut headings = fit.headings;
        let hidden_headings = hide(&mut headings, &facts);
        let empty = facts.without_value(&headings, kind, pairs);
        if empty > 0 {
            return Err(ImportError::NotATable(msg!(
                "{} cells hold formulas without their values; open the workbook in Excel, save it \
                 and import it again",
                empty
            )));
        }
        let last = fit.index + fit.rows - 1;
        let titles: Vec<String> = first.rows[..fit.index]
            .iter()
            .flat_map(|row| row.record.iter().filter(|cell| !cell.is_empty()).map(str::to_owned))
            .collect();
        let above = first.ordinals[last];
        let first = first.rows;
        let sample: Vec<SheetRow> = first[last + 1..].to_vec();
        let expected_rows = if first.len() < SAMPLE_ROWS {
            sample.len() as u64
        } else {
            let cells: usize = first.iter().map(|row| row.record.as_slice().len() + 8).sum();
            let packed = if look.is_workbook { 4 } else { 1 };
            look.bytes * packed * first.len() as u64 / (cells as u64).max(1)
        };
        Ok(Self {
            headings,
            titles,
            file_stem: path
                .file_stem()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default(),
            facts,
            hidden_headings,
            heading_line: first[last].line,
            title_rows: fit.index as u64,
            encoding: look.encoding,
            sha256: look.sha256,
            name,
            names,
            merges,
            sample,
            expected_rows,
            above,
            source,
        })
    }

    /// Whether it is a text and no workbook.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.source, Source::Text(_))
    }

    /// Hands over the rows below the headings, blank ones too where the file has them.
    ///
    /// # Errors
    /// As [`Sheet::open`], for what is broken further down.
    pub fn scan(&mut self, sink: RowSink<'_>) -> Result<(), ImportError> {
        let (above, mut ordinal) = (self.above, 0);
        self.source.scan(&mut |row| {
            ordinal += 1;
            if ordinal <= above { ControlFlow::Continue(()) } else { sink(row) }
        })
    }
}

/// Takes the headings of hidden columns away where a visible column has the same. Returns them.
fn hide(headings: &mut [String], facts: &SheetFacts) -> Vec<(usize, String)> {
    let mut hidden = Vec::new();
    for column in &facts.hidden_columns {
        let Some(heading) = headings.get(*column).filter(|h| !h.is_empty()).cloned() else {
            continue;
        };
        let is_visible = |c: &usize| !facts.hidden_columns.contains(c);
        let mut others = (0..headings.len()).filter(is_visible);
        if others.any(|c| headings[c] == heading) {
            headings[*column].clear();
            hidden.push((*column, heading));
        }
    }
    hidden
}

/// A reader that stops when a record does not end: its quotation mark was never closed.
struct Metered<R> {
    inner: R,
    /// Bytes that were read since the last record.
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.since.set(self.since.get() + read as u64);
        if self.since.get() > LONGEST_RECORD {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        Ok(read)
    }
}

fn headings_of(row: &csv::StringRecord) -> Vec<String> {
    // 身份证\n号码 is one heading on two lines.
    let mut headings: Vec<String> =
        row.iter().map(|cell| cell.split(['\r', '\n']).map(str::trim).collect()).collect();
    while headings.last().is_some_and(String::is_empty) {
        headings.pop();
    }
    headings
}

/// Finds the row (or two rows) with most headings of this kind among the first 20.
fn fit(kind: Kind, pairs: &[(String, String)], rows: &[SheetRow]) -> Fit {
    const LOOK_AT: usize = 20;
    let fields_in = |headings: &[String]| {
        fields::map_columns(kind, headings, pairs, &[]).map_or(0, |map| map.columns.len())
    };
    let mut best = Fit {
        index: 0,
        rows: 1,
        headings: rows.first().map(|row| headings_of(&row.record)).unwrap_or_default(),
        fields: 0,
    };
    for (index, row) in rows.iter().take(LOOK_AT).enumerate() {
        let headings = headings_of(&row.record);
        let fields = fields_in(&headings);
        if fields >= 2 && fields > best.fields {
            best = Fit { index, rows: 1, headings, fields };
        }
    }
    // Headings on two lines: 姓名, 性别, 住址 over 楼栋, 单元, 房号. They are where more columns are
    // known with both lines than with one; a row of values would hide headings.
    let near = [best.index.checked_sub(1), Some(best.index)];
    for index in near.into_iter().flatten() {
        let (Some(upper), Some(lower)) = (rows.get(index), rows.get(index + 1)) else { continue };
        let (upper, below) = (headings_of(&upper.record), headings_of(&lower.record));
        let joined: Vec<String> = (0..upper.len().max(below.len()))
            .map(|c| match (upper.get(c), below.get(c)) {
                (Some(above), None) => above.clone(),
                (Some(above), Some(below)) if below.is_empty() => above.clone(),
                (_, below) => below.cloned().unwrap_or_default(),
            })
            .collect();
        let fields = fields_in(&joined);
        // 其他情况 over 民族 and 信仰: names of columns below, and nobody's name.
        let is_named = |h: &String| {
            !h.is_empty() && (fields::is_refused(h) || fields_in(std::slice::from_ref(h)) == 1)
        };
        let known = fields::map_columns(kind, &upper, pairs, &[]).unwrap_or_default();
        let is_blank = |column: &usize| below.get(*column).is_none_or(String::is_empty);
        let goes_on = index == best.index
            && best.fields >= 2
            && known.columns.iter().all(|(_, column)| is_blank(column))
            && below.iter().any(is_named);
        if lower.line == rows[index].line + 1 && (fields > best.fields || goes_on) {
            best = Fit { index, rows: 2, headings: joined, fields };
        }
    }
    best
}

/// A quotation mark that swallowed the rows behind it.
pub(crate) fn unclosed(line: u64) -> ImportError {
    ImportError::NotATable(msg!(
        "the quotation mark in line {} is never closed; put it right, or save the list as XLSX",
        line
    ))
}

/// A text table.
struct TextFile {
    path: PathBuf,
    codec: &'static encoding_rs::Encoding,
    delimiter: u8,
    /// Whether lines end with a carriage return as well.
    has_cr: bool,
    /// Whether they end with nothing but a carriage return.
    has_cr_only: bool,
}

impl TextFile {
    fn new(path: &Path, look: &FirstLook) -> Result<Self, ImportError> {
        let mut text = Self {
            path: path.to_owned(),
            codec: look.codec,
            delimiter: b',',
            has_cr: false,
            has_cr_only: false,
        };
        // The piece may end within a character.
        let mut head = Vec::new();
        text.open(Rc::default())?
            .take(1 << 16)
            .read_to_end(&mut head)
            .map_err(|e| ImportError::Io(path.to_owned(), e))?;
        let head = String::from_utf8_lossy(&head);
        text.has_cr = head.contains("\r\n");
        text.has_cr_only = head.contains('\r') && !head.contains('\n');
        // The mark that cuts the first lines into most cells; a title line has none.
        let count = |d: u8| {
            head.split(['\n', '\r'])
                .take(20)
                .map(|l| l.bytes().filter(|b| *b == d).count())
                .max()
                .unwrap_or(0)
        };
        let marks = [b',', b'\t', b';', b'|'];
        text.delimiter = marks.into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',');
        Ok(text)
    }

    fn open(&self, since: Rc<Cell<u64>>) -> Result<impl Read + use<>, ImportError> {
        let file = File::open(&self.path).map_err(|e| ImportError::Io(self.path.clone(), e))?;
        let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
            .encoding(Some(self.codec))
            .bom_override(true)
            .build(BufReader::with_capacity(1 << 18, file));
        Ok(Metered { inner: decoded, since })
    }

    fn scan(&self, sink: RowSink<'_>) -> Result<(), ImportError> {
        let since = Rc::new(Cell::new(0));
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .delimiter(self.delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_reader(self.open(since.clone())?);
        let mut record = csv::StringRecord::new();
        let (mut is_first, mut count) = (true, 0);
        loop {
            let before = reader.position().line();
            let read = reader.read_record(&mut record).map_err(|e| match e.kind() {
                csv::ErrorKind::Io(_) if since.get() > LONGEST_RECORD => unclosed(before),
                _ => ImportError::NotATable(Message::verbatim(e.to_string())),
            });
            if !read? {
                break;
            }
            since.set(0);
            let start = record.position().map_or(0, csv::Position::line);
            // A record begins before the line feed that the one before it ended with.
            count += 1;
            let line = if self.has_cr_only {
                count
            } else {
                start + u64::from(self.has_cr && start > 0 && !is_first)
            };
            is_first = false;
            let next = reader.position().line();
            if next.saturating_sub(line) > MOST_LINES {
                return Err(unclosed(line));
            }
            let is_long = record.iter().any(|cell| cell.contains(['\n', '\r']));
            // A whole row inside a cell: the quotation mark before it was never closed.
            let mark = char::from(self.delimiter);
            let holds_row = |cell: &str| {
                let mut lines = cell.split(['\n', '\r']).skip(1);
                record.len() > 1 && lines.any(|l| l.matches(mark).count() + 1 >= record.len())
            };
            if is_long && record.iter().any(holds_row) {
                return Err(unclosed(line));
            }
            let row = SheetRow { line, record: record.clone(), rounded: Vec::new(), is_long };
            if sink(row).is_break() {
                break;
            }
        }
        Ok(())
    }
}
