//! The sheets of workbooks: XLSX, XLSM and XLSB row by row; XLS, WPS's .et and ODS as a whole.

use crate::msg;
use crate::text::Message;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use calamine::{Data, DataRef, Dimensions, Reader as _, Sheets};

use crate::domain::cell::MOST_CHARS;
use crate::import::error::ImportError;
use crate::import::formats::child::Remote;
use crate::import::formats::merged;
use crate::import::guard;
use crate::import::sheet_row::{Merge, RowSink, SheetRow};

/// Bytes that the parts of any workbook may unpack to: a million rows that hold nothing but a format
/// pack to a five hundredth.
const SMALL: u64 = 256 << 20;
/// Times its own size that the parts of a larger one may unpack to; they are read as a stream.
const TIMES: u64 = 200;
/// Most bytes of the cells of a row.
const LONGEST_ROW: usize = 8 << 20;
/// Columns beyond are looked at by nobody; Excel itself has 16,384.
const MOST_COLUMNS: u32 = 1_024;

/// Rows of a sheet in Excel.
const MOST_ROWS: u32 = 1_048_576;

/// An open workbook.
pub(crate) struct Workbook {
    reader: Reading,
    path: PathBuf,
}

/// Who reads it.
enum Reading {
    /// Another process; `None` after a scan that was broken off, until it is asked again.
    Remote(Option<Remote>, Vec<(String, bool)>),
    /// This one.
    Here(Box<Sheets<BufReader<File>>>),
}

fn refused(why: impl Into<Message>) -> ImportError {
    ImportError::NotATable(msg!(
        "the workbook cannot be read: {}; open it in Excel and save it again",
        why.into()
    ))
}

/// A workbook of which a library says that it cannot be read.
fn unreadable(error: impl std::fmt::Display) -> ImportError {
    let text = error.to_string();
    if text.to_lowercase().contains("password") {
        return protected();
    }
    refused(Message::verbatim(text))
}

/// Runs a piece of the workbook reader. Workbooks made broken on purpose make it index past its
/// ends; that is a broken file and no fault of ours.
fn guarded<T, E: std::fmt::Display>(read: impl FnOnce() -> Result<T, E>) -> Result<T, ImportError> {
    match guard::guarded(read) {
        Some(read) => read.map_err(unreadable),
        None => Err(refused("its parts do not fit together")),
    }
}

fn protected() -> ImportError {
    ImportError::NotATable(
        "the workbook is protected by a password; save it without one and import it again".into(),
    )
}

/// Whether a file begins like a workbook: a ZIP archive or a compound file.
pub(crate) fn is_workbook(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || is_compound(head)
}

fn is_compound(head: &[u8]) -> bool {
    head.starts_with(b"\xD0\xCF\x11\xE0")
}

impl Workbook {
    /// Opens a workbook of any kind.
    ///
    /// # Errors
    /// [`ImportError::NotATable`] for a broken or protected one, and for one that would unpack to
    /// more than a computer holds; [`ImportError::Io`].
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        match Remote::open(path) {
            Some(Ok(remote)) => {
                let sheets = remote.sheets.clone();
                let reader = Reading::Remote(Some(remote), sheets);
                Ok(Self { reader, path: path.to_owned() })
            }
            Some(Err(error)) => Err(error),
            None => Self::open_here(path),
        }
    }

    /// Opens a workbook in this process.
    ///
    /// # Errors
    /// As [`Workbook::open`].
    pub(crate) fn open_here(path: &Path) -> Result<Self, ImportError> {
        let io = |e| ImportError::Io(path.to_owned(), e);
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        let mut head = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut head).map_err(io)?;
        file.rewind().map_err(io)?;
        let book = if is_compound(&head) {
            if is_encrypted(&mut file).map_err(io)? {
                return Err(protected());
            }
            file.rewind().map_err(io)?;
            Sheets::Xls(guarded(|| calamine::Xls::new(file))?)
        } else {
            let kind = archive_kind(&mut file)?;
            file.rewind().map_err(io)?;
            let mut file = with_slashes(file).map_err(unreadable)?;
            file.rewind().map_err(io)?;
            match kind {
                Archive::Xlsx => Sheets::Xlsx(guarded(|| calamine::Xlsx::new(file))?),
                Archive::Xlsb => Sheets::Xlsb(guarded(|| calamine::Xlsb::new(file))?),
                Archive::Ods => Sheets::Ods(guarded(|| calamine::Ods::new(file))?),
            }
        };
        Ok(Self { reader: Reading::Here(Box::new(book)), path: path.to_owned() })
    }

    /// Names of the sheets, in their order.
    pub(crate) fn sheet_names(&self) -> Vec<String> {
        match &self.reader {
            Reading::Remote(_, sheets) => sheets.iter().map(|(name, _)| name.clone()).collect(),
            Reading::Here(book) => book.sheet_names(),
        }
    }

    /// Whether somebody who opens the workbook sees a sheet.
    pub(crate) fn is_visible(&self, sheet: &str) -> bool {
        let hidden =
            |s: &calamine::Sheet| s.name == sheet && s.visible != calamine::SheetVisible::Visible;
        match &self.reader {
            Reading::Remote(_, sheets) => sheets.iter().any(|(name, is)| name == sheet && *is),
            Reading::Here(book) => !book.sheets_metadata().iter().any(hidden),
        }
    }

    /// Hands the rows of a sheet to `sink` until it says stop. Rows without a cell are left out.
    ///
    /// # Errors
    /// As [`Workbook::open`].
    pub(crate) fn scan(&mut self, sheet: &str, sink: RowSink<'_>) -> Result<(), ImportError> {
        self.scan_first(sheet, 0, sink)
    }

    /// Like [`Workbook::scan`], for the first rows that hold something; 0 for all.
    ///
    /// # Errors
    /// As [`Workbook::open`].
    pub(crate) fn scan_first(
        &mut self,
        sheet: &str,
        most: u64,
        sink: RowSink<'_>,
    ) -> Result<(), ImportError> {
        let mut row = OpenRow::default();
        let book = match &mut self.reader {
            Reading::Remote(remote, _) => {
                let mut asked = match remote.take() {
                    Some(remote) => remote,
                    None => {
                        Remote::open(&self.path).unwrap_or_else(|| Err(refused("it is gone")))?
                    }
                };
                *remote = asked.scan(sheet, most, sink)?.then_some(asked);
                return Ok(());
            }
            Reading::Here(book) => book,
        };
        match &mut **book {
            Sheets::Xlsx(book) => {
                let mut cells = guarded(|| book.worksheet_cells_reader(sheet))?;
                while let Some(cell) = guarded(|| cells.next_cell())? {
                    if row.take(cell.get_position(), cell.get_value(), sink).is_break() {
                        return row.stopped();
                    }
                }
            }
            Sheets::Xlsb(book) => {
                let mut cells = guarded(|| book.worksheet_cells_reader(sheet))?;
                while let Some(cell) = guarded(|| cells.next_cell())? {
                    if row.take(cell.get_position(), cell.get_value(), sink).is_break() {
                        return row.stopped();
                    }
                }
            }
            book => {
                let range = guarded(|| book.worksheet_range(sheet))?;
                let (top, left) = range.start().unwrap_or_default();
                for (y, x, cell) in range.used_cells() {
                    let at = (top + y as u32, left + x as u32);
                    if row.take(at, &borrowed(cell), sink).is_break() {
                        return row.stopped();
                    }
                }
            }
        }
        let _ = row.close(sink);
        Ok(())
    }

    /// Areas of a sheet that were merged over several rows.
    ///
    /// # Errors
    /// As [`Workbook::open`].
    pub(crate) fn merges(&mut self, sheet: &str) -> Result<Vec<Merge>, ImportError> {
        let book = match &mut self.reader {
            Reading::Remote(remote, _) => {
                let asked = match remote {
                    Some(remote) => remote,
                    None => {
                        let opened = Remote::open(&self.path);
                        remote.insert(opened.unwrap_or_else(|| Err(refused("it is gone")))?)
                    }
                };
                return asked.merges(sheet);
            }
            Reading::Here(book) => book,
        };
        let areas: Vec<Dimensions> = match &mut **book {
            Sheets::Xlsx(book) => guarded(|| book.merge_cells_by_sheet_name(sheet))?,
            Sheets::Xls(book) => guarded(|| book.merge_cells_by_sheet_name(sheet))?,
            Sheets::Xlsb(_) | Sheets::Ods(_) => return Ok(merged::of_sheet(&self.path, sheet)),
        };
        let tall = areas.into_iter().filter(|area| area.end.0 > area.start.0);
        Ok(tall
            .map(|area| Merge {
                column: area.start.1 as usize,
                first: u64::from(area.start.0) + 1,
                last: u64::from(area.end.0) + 1,
            })
            .collect())
    }
}

enum Archive {
    Xlsx,
    Xlsb,
    Ods,
}

/// What a ZIP archive holds, once it is known not to unpack to much more than it is. Its
/// parts are unpacked and thrown away, because the sizes an archive states may be wrong.
fn archive_kind(file: &mut BufReader<File>) -> Result<Archive, ImportError> {
    let bytes = file.get_ref().metadata().map_err(unreadable)?.len();
    let mut archive = zip::ZipArchive::new(file).map_err(unreadable)?;
    let names: Vec<String> =
        archive.file_names().filter_map(|name| Some(name.ok()?.replace('\\', "/"))).collect();
    let has = |part: &str| names.iter().any(|name| name.eq_ignore_ascii_case(part));
    let kind = if has("xl/workbook.xml") {
        Archive::Xlsx
    } else if has("xl/workbook.bin") {
        Archive::Xlsb
    } else if has("content.xml") {
        Archive::Ods
    } else {
        return Err(ImportError::NotATable(
            "this is an archive and no workbook; unpack it and choose the file inside".into(),
        ));
    };
    let mut left = guard::most_unpacked(bytes, SMALL, TIMES);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(unreadable)?;
        let unpacked =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(unreadable)?;
        if unpacked > left {
            return Err(ImportError::NotATable(
                "the workbook would unpack to much more than one of its size holds; open it in Excel, \
                 save the one sheet that is needed, or save it as CSV"
                    .into(),
            ));
        }
        left -= unpacked;
    }
    Ok(kind)
}

/// The same archive with slashes in its names: some programs on Windows write `xl\\workbook.xml`, which
/// Excel reads. An archive without such names is handed back as it is.
fn with_slashes(file: BufReader<File>) -> zip::result::ZipResult<BufReader<File>> {
    let mut archive = zip::ZipArchive::new(file)?;
    let name_of = |entry: &zip::read::ZipFile<'_, BufReader<File>>| {
        String::from_utf8_lossy(entry.name_raw()).into_owned()
    };
    let mut has_any = false;
    for index in 0..archive.len() {
        has_any |= name_of(&archive.by_index_raw(index)?).contains('\\');
    }
    if !has_any {
        return Ok(archive.into_inner());
    }
    let mut mended = zip::ZipWriter::new(tempfile::tempfile()?);
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        let name = name_of(&entry).replace('\\', "/");
        mended.raw_copy_file_rename(entry, name)?;
    }
    Ok(BufReader::new(mended.finish()?))
}

/// Whether a compound file holds an encrypted workbook: it then has a stream of this name
/// ([MS-OFFCRYPTO] 2.3.4.4).
fn is_encrypted(file: &mut BufReader<File>) -> std::io::Result<bool> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut seen = Vec::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(false);
        }
        seen.extend_from_slice(&block[..read]);
        if seen.windows(name.len()).any(|part| part == name) {
            return Ok(true);
        }
        seen.drain(..seen.len().saturating_sub(name.len()));
    }
}

/// A row whose cells are still coming.
#[derive(Default)]
struct OpenRow {
    line: Option<u32>,
    record: csv::StringRecord,
    rounded: Vec<usize>,
    /// Row of a cell that holds more than any program writes.
    too_long: Option<u64>,
}

/// Whether a text is longer than a cell.
fn is_too_long(value: &DataRef<'_>) -> bool {
    let text = match value {
        DataRef::String(text) => text.as_str(),
        DataRef::SharedString(text) => text,
        _ => return false,
    };
    text.len() > MOST_CHARS && text.chars().nth(MOST_CHARS).is_some()
}

impl OpenRow {
    /// Why the rows ended before the sheet did.
    fn stopped(&self) -> Result<(), ImportError> {
        match self.too_long {
            None => Ok(()),
            Some(row) => Err(ImportError::NotATable(msg!(
                "a cell of row {} holds more than {} characters, or the row more than 8 MB, \
                 which no spreadsheet keeps; the workbook is broken",
                row,
                MOST_CHARS
            ))),
        }
    }

    fn take(
        &mut self,
        (line, column): (u32, u32),
        value: &DataRef<'_>,
        sink: RowSink<'_>,
    ) -> ControlFlow<()> {
        if column >= MOST_COLUMNS || matches!(value, DataRef::Empty) {
            return ControlFlow::Continue(());
        }
        if let Some(before) = self.line.filter(|before| *before != line) {
            self.close(sink)?;
            // Blank rows in between are counted as well.
            for line in before + 1..line.min(MOST_ROWS) {
                sink(SheetRow { line: u64::from(line) + 1, ..SheetRow::default() })?;
            }
        }
        if is_too_long(value) || self.record.as_slice().len() > LONGEST_ROW {
            self.too_long.get_or_insert(u64::from(line) + 1);
            return ControlFlow::Break(());
        }
        self.line = Some(line);
        while self.record.len() < column as usize {
            self.record.push_field("");
        }
        if is_rounded(value) {
            self.rounded.push(column as usize);
        }
        self.record.push_field(&text_of(value));
        ControlFlow::Continue(())
    }

    fn close(&mut self, sink: RowSink<'_>) -> ControlFlow<()> {
        let Some(line) = self.line.take() else { return ControlFlow::Continue(()) };
        let (record, rounded) = (std::mem::take(&mut self.record), &mut self.rounded);
        sink(SheetRow {
            line: u64::from(line) + 1,
            record,
            rounded: std::mem::take(rounded),
            is_long: false,
        })
    }
}

fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(yes) => DataRef::Bool(*yes),
        Data::DateTime(day) => DataRef::DateTime(*day),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(_) | Data::Empty => DataRef::Empty,
    }
}

/// A number with more digits than Excel keeps.
fn is_rounded(cell: &DataRef<'_>) -> bool {
    match cell {
        DataRef::Float(number) => number.abs() >= 1e15,
        DataRef::Int(number) => number.unsigned_abs() >= 1_000_000_000_000_000,
        _ => false,
    }
}

/// A text as far as a cell goes: one long shared string in many cells would fill the memory.
fn as_long_as_a_cell(text: &str) -> &str {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

fn text_of(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e18 => {
            format!("{number:.0}")
        }
        DataRef::Float(number) => number.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        DataRef::DateTime(day) => {
            let (year, month, date, hour, minute, second, _) = day.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{date:02}")
            } else {
                format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            as_long_as_a_cell(text).to_owned()
        }
        DataRef::SharedString(text) => as_long_as_a_cell(text).to_owned(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
