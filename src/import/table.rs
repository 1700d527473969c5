//! Text tables: CSV and TSV, UTF-8, with a heading row.

use std::path::Path;

use super::fields::{self, ColumnMap};
use super::{ImportError, ImportReport, Kind, Request, Severity};

/// A table read into memory, with its columns mapped to fields.
pub struct Table {
    /// Headings as they stand.
    pub headings: Vec<String>,
    /// Which column is which field.
    pub map: ColumnMap,
    rows: Vec<(u64, csv::StringRecord)>,
}

/// One row of a table.
pub struct Row<'a> {
    /// Line in the file, the heading being line 1.
    pub line: u64,
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The trimmed text of a field; `None` when the column is missing or the cell is blank.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&'a str> {
        let column = self.table.map.column(field)?;
        self.record.get(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// As [`Row::get`], owned.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<String> {
        self.get(field).map(str::to_owned)
    }
}

/// Opens a CSV text: strict UTF-8, an optional byte-order mark, `,` `;` or tab.
///
/// # Errors
/// [`ImportError::NotATable`] for binary or wrongly encoded content, or an empty file.
pub fn parse(bytes: &[u8]) -> Result<(Vec<String>, csv::Reader<&[u8]>), ImportError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(ImportError::NotATable(
            "this is an Excel workbook, not a CSV file; save it as \"CSV UTF-8\" in Excel".into(),
        ));
    }
    if bytes.contains(&0) {
        return Err(ImportError::NotATable("this is a binary file, not a CSV text".into()));
    }
    if let Err(e) = std::str::from_utf8(bytes) {
        return Err(ImportError::NotATable(format!(
            "the text is not UTF-8 at byte {}; save it as \"CSV UTF-8\" in Excel",
            e.valid_up_to() + 1
        )));
    }
    let first_line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let delimiter = [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|d| first_line.iter().filter(|b| *b == d).count())
        .filter(|d| first_line.contains(d))
        .unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(bytes);
    let headings: Vec<String> = reader
        .headers()
        .map_err(|e| ImportError::NotATable(format!("the heading row cannot be read: {e}")))?
        .iter()
        .map(|h| h.trim().to_owned())
        .collect();
    if headings.iter().all(String::is_empty) {
        return Err(ImportError::NotATable("the file is empty; it needs a heading row".into()));
    }
    Ok((headings, reader))
}

impl Table {
    /// Reads a whole file and starts its report: blank rows are counted as skipped, rows with
    /// more filled cells than headings as rejected.
    ///
    /// # Errors
    /// As [`parse`] and [`fields::map_columns`]; [`ImportError::Io`].
    pub fn read(
        path: &Path,
        request: &Request,
        needed: &[&str],
    ) -> Result<(Self, ImportReport), ImportError> {
        let bytes = super::read_file(path)?;
        let mut report = ImportReport::new(
            request.kind.word(),
            super::file_name(path),
            super::sha256_hex(&bytes),
        );
        let (headings, mut reader) = parse(&bytes)?;
        let map = fields::map_columns(request.kind, &headings, &request.fields, needed)?;
        tell_columns(&mut report, &map, &headings);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| ImportError::NotATable(e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            report.counts.read += 1;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                report.counts.skipped += 1;
            } else if record.iter().skip(headings.len()).any(|cell| !cell.trim().is_empty()) {
                let reason = "more cells than headings: is there a stray separator in the row?";
                report.add(line, "", "", Severity::Rejected, reason);
            } else {
                rows.push((line, record));
            }
        }
        Ok((Self { headings, map, rows }, report))
    }

    /// How many rows there are to take.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row to take.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows in file order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { line: *line, table: self, record })
    }
}

fn tell_columns(report: &mut ImportReport, map: &ColumnMap, headings: &[String]) {
    report.mapping = map.columns.iter().map(|(f, c)| (f.clone(), headings[*c].clone())).collect();
    report.ignored_columns = map.ignored.iter().map(|c| headings[*c].clone()).collect();
    report.refused_columns = map.refused.iter().map(|c| headings[*c].clone()).collect();
    for heading in report.refused_columns.clone() {
        let reason = "this software does not hold such data; the column was left out";
        report.add(1, &heading, "", Severity::Note, reason);
    }
}

/// Reads a code-list cell: `None` for a blank one, the fallback with a warning for an unknown one.
pub(super) fn code_cell(
    row: &Row<'_>,
    field: &str,
    list: &str,
    lists: &crate::domain::codes::CodeLists,
    fallback: Option<i64>,
    report: &mut ImportReport,
) -> Option<i64> {
    let text = row.get(field)?;
    lists.parse(list, text).or_else(|| {
        let known: Vec<&str> = lists.entries(list).map(|e| e.zh.as_str()).collect();
        let reason = format!("not in the list ({}); left as not stated", known.join(" "));
        report.add(row.line, field, text, Severity::Warning, &reason);
        fallback
    })
}

/// Reads a number cell: `None` for a blank one, a warning for what is no number in the range.
pub(super) fn number_cell(
    row: &Row<'_>,
    field: &str,
    range: std::ops::RangeInclusive<f64>,
    report: &mut ImportReport,
) -> Option<f64> {
    let text = row.get(field)?;
    let value = text.replace(',', "").parse::<f64>().ok().filter(|v| range.contains(v));
    if value.is_none() {
        let reason = format!("not a number from {} to {}; left empty", range.start(), range.end());
        report.add(row.line, field, text, Severity::Warning, &reason);
    }
    value
}

/// Reads a date cell: `None` for a blank one, a warning for what is no date.
pub(super) fn date_cell(
    row: &Row<'_>,
    field: &str,
    report: &mut ImportReport,
) -> Option<jiff::civil::Date> {
    let text = row.get(field)?;
    let date = crate::domain::age::parse_date(text);
    if date.is_none() {
        report.add(row.line, field, text, Severity::Warning, "not a date; left empty");
    }
    date
}

/// The columns a kind cannot do without.
#[must_use]
pub const fn needed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Buildings | Kind::Grids | Kind::Basemap => &[],
        Kind::Rooms => &["building_code", "room_no"],
        Kind::Persons | Kind::Enterprises => &["name"],
        Kind::Events => &["title"],
        Kind::Devices => &["code", "lon", "lat"],
    }
}
