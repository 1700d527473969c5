//! The rows of a list, whatever file it came in: CSV and TSV in UTF-8, UTF-16 or GB18030, and the
//! workbooks of Excel, WPS and LibreOffice (XLSX, XLSM, XLSB, XLS, ODS).

use std::io::Cursor;

use calamine::{Data, Reader as _};

use super::fields;
use super::{ImportError, Kind};

/// The first sheet of a file: its headings, and the rows below them.
pub struct Sheet {
    /// Headings as they stand, on one line each.
    pub headings: Vec<String>,
    /// Line (or row) number in the file, cells.
    pub rows: Vec<(u64, csv::StringRecord)>,
    /// Line (or row) of the headings.
    pub heading_line: u64,
    /// Title and hint rows above the headings.
    pub title_rows: u64,
    /// `utf-8`, `gb18030`, `utf-16`, `workbook`.
    pub encoding: &'static str,
    /// Columns whose numbers have more than 15 digits: Excel has rounded them.
    pub rounded: Vec<usize>,
}

/// Reads a file's rows and finds its headings among the first 20.
///
/// # Errors
/// [`ImportError::NotATable`] for an unknown encoding, a broken or protected workbook, binary
/// content, an empty file.
pub fn read(kind: Kind, pairs: &[(String, String)], bytes: &[u8]) -> Result<Sheet, ImportError> {
    let is_workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0");
    let (rows, encoding, rounded) = if is_workbook {
        let (rows, rounded) = workbook(bytes)?;
        (rows, "workbook", rounded)
    } else {
        let (text, encoding) = decode(bytes)?;
        (text_rows(&text)?, encoding, Vec::new())
    };
    let is_blank = |row: &csv::StringRecord| row.iter().all(|cell| cell.trim().is_empty());
    let Some(first) = rows.iter().position(|(_, row)| !is_blank(row)) else {
        return Err(ImportError::NotATable("the file is empty; it needs a heading row".into()));
    };
    let heading = heading_row(kind, pairs, &rows).unwrap_or(first);
    let mut rows = rows.into_iter();
    let above = rows.by_ref().take(heading).filter(|(_, row)| !is_blank(row)).count();
    let (heading_line, headings) =
        rows.next().map(|(line, row)| (line, headings_of(&row))).unwrap_or_default();
    let title_rows = above as u64;
    Ok(Sheet { headings, rows: rows.collect(), heading_line, title_rows, encoding, rounded })
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

/// Index of the row in which most cells are headings of this kind; `None` when none has two.
fn heading_row(
    kind: Kind,
    pairs: &[(String, String)],
    rows: &[(u64, csv::StringRecord)],
) -> Option<usize> {
    const LOOK_AT: usize = 20;
    let known = |row: &csv::StringRecord| {
        let headings = headings_of(row);
        fields::map_columns(kind, &headings, pairs, &[]).map_or(0, |map| map.columns.len())
    };
    let counts = rows.iter().take(LOOK_AT).map(|(_, row)| known(row)).enumerate();
    let best = counts.max_by_key(|(index, count)| (*count, std::cmp::Reverse(*index)))?;
    (best.1 >= 2).then_some(best.0)
}

/// Byte-order mark, else strict UTF-8, else GB18030.
fn decode(bytes: &[u8]) -> Result<(std::borrow::Cow<'_, str>, &'static str), ImportError> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, has_errors) = encoding.decode_without_bom_handling(&bytes[length..]);
        let name = if encoding == encoding_rs::UTF_8 { "utf-8" } else { "utf-16" };
        if has_errors {
            return Err(broken_text(&bytes[length..]));
        }
        return Ok((text, name));
    }
    if bytes.contains(&0) {
        return Err(ImportError::NotATable("this is a binary file, not a CSV text".into()));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.into(), "utf-8"));
    }
    let (text, has_errors) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    if has_errors { Err(broken_text(bytes)) } else { Ok((text, "gb18030")) }
}

fn broken_text(bytes: &[u8]) -> ImportError {
    let at = std::str::from_utf8(bytes).err().map_or(0, |e| e.valid_up_to());
    ImportError::NotATable(format!(
        "the text is neither UTF-8 nor GB18030 (byte {}); save it as \"CSV UTF-8\" in Excel",
        at + 1
    ))
}

fn text_rows(text: &str) -> Result<Vec<(u64, csv::StringRecord)>, ImportError> {
    // The mark that cuts the first lines into most cells; a title line has none.
    let count = |d: u8| {
        text.lines().take(20).map(|l| l.bytes().filter(|b| *b == d).count()).max().unwrap_or(0)
    };
    let marks = [b',', b'\t', b';'];
    let delimiter = marks.into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| ImportError::NotATable(e.to_string()))?;
        rows.push((record.position().map_or(0, csv::Position::line), record));
    }
    Ok(rows)
}

type Rows = Vec<(u64, csv::StringRecord)>;

fn workbook(bytes: &[u8]) -> Result<(Rows, Vec<usize>), ImportError> {
    // An encrypted XLSX is a compound file with a stream of this name ([MS-OFFCRYPTO] 2.3.4.4).
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(stream.len()).any(|part| part == stream) {
        return Err(protected());
    }
    let refused = |error: &calamine::Error| {
        let text = error.to_string();
        if text.to_lowercase().contains("password") {
            return protected();
        }
        ImportError::NotATable(format!(
            "the workbook cannot be read: {text}; open it in Excel and save it again"
        ))
    };
    let mut book =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| refused(&e))?;
    // The first sheet that holds something.
    let mut range = None;
    for name in book.sheet_names() {
        let sheet = book.worksheet_range(&name).map_err(|e| refused(&e))?;
        if !sheet.is_empty() {
            range = Some(sheet);
            break;
        }
    }
    let Some(range) = range else {
        return Err(ImportError::NotATable("the workbook is empty".to_owned()));
    };
    let (top, _) = range.start().unwrap_or_default();
    let mut rounded = Vec::new();
    let rows = range.rows().enumerate().map(|(index, cells)| {
        let mut record = csv::StringRecord::new();
        for (column, cell) in cells.iter().enumerate() {
            if is_rounded(cell) && !rounded.contains(&column) {
                rounded.push(column);
            }
            record.push_field(&text_of(cell));
        }
        (u64::from(top) + index as u64 + 1, record)
    });
    Ok((rows.collect(), rounded))
}

fn protected() -> ImportError {
    ImportError::NotATable(
        "the workbook is protected by a password; save it without one and import it again".into(),
    )
}

/// A number with more digits than Excel keeps.
fn is_rounded(cell: &Data) -> bool {
    match cell {
        Data::Float(number) => number.abs() >= 1e15,
        Data::Int(number) => number.unsigned_abs() >= 1_000_000_000_000_000,
        _ => false,
    }
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e18 => {
            format!("{number:.0}")
        }
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Data::DateTime(day) => {
            let (year, month, date, hour, minute, second, _) = day.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{date:02}")
            } else {
                format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        _ => String::new(),
    }
}
