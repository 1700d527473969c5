//! Tables: the rows of a list with its columns mapped to fields.

use std::path::Path;

use super::fields::{self, ColumnMap};
use super::{ImportError, ImportReport, Kind, Request, Severity, sheet};

/// Fields whose numbers are longer than a spreadsheet keeps.
const EXACT_FIELDS: [&str; 4] = ["id_no", "uscc", "phone", "household_no"];

/// Whether a row that begins so is a sum of others.
fn is_total(first: &str) -> bool {
    let word: String = first.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(word.trim_end_matches([':', '：']), "合计" | "总计" | "小计" | "共计")
}

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
    /// Line (or row) in the file, from 1.
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

impl Table {
    /// Reads a whole file and starts its report: titles, blank rows and totals are counted as
    /// skipped, rows with more filled cells than headings as rejected.
    ///
    /// # Errors
    /// As [`sheet::read`] and [`fields::map_columns`]; [`ImportError::Io`].
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
        let sheet = sheet::read(request.kind, &request.fields, &bytes)?;
        let headings = sheet.headings;
        let mut map = fields::map_columns(request.kind, &headings, &request.fields, needed)?;
        let line = sheet.heading_line;
        tell_columns(&mut report, &map, &headings, line);
        // Excel keeps 15 digits: what such a column holds is not what was typed.
        map.columns.retain(|(field, column)| {
            let is_lost = sheet.rounded.contains(column) && EXACT_FIELDS.contains(&field.as_str());
            if is_lost {
                let reason = "Excel kept only 15 digits of these numbers; the column was left \
                              out. Format it as text and type the numbers again";
                report.add(line, field, "", Severity::Warning, reason);
                report.mapping.retain(|(mapped, _)| mapped != field);
            }
            !is_lost
        });
        report.counts.read += sheet.title_rows;
        report.counts.skipped += sheet.title_rows;
        let mut rows = Vec::with_capacity(sheet.rows.len());
        for (line, record) in sheet.rows {
            report.counts.read += 1;
            let first = record.iter().map(str::trim).find(|cell| !cell.is_empty());
            if first.is_none_or(is_total) {
                report.counts.skipped += 1;
            } else if record.iter().skip(headings.len()).any(|cell| !cell.trim().is_empty()) {
                let reason = "more cells than headings: is there a stray separator in the row?";
                report.add(line, "", "", Severity::Rejected, reason);
            } else {
                rows.push((line, record));
            }
        }
        report.encoding = sheet.encoding;
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

fn tell_columns(report: &mut ImportReport, map: &ColumnMap, headings: &[String], line: u64) {
    report.mapping = map.columns.iter().map(|(f, c)| (f.clone(), headings[*c].clone())).collect();
    report.ignored_columns = map.ignored.iter().map(|c| headings[*c].clone()).collect();
    report.refused_columns = map.refused.iter().map(|c| headings[*c].clone()).collect();
    for heading in report.refused_columns.clone() {
        let reason = "this software does not hold such data; the column was left out";
        report.add(line, &heading, "", Severity::Note, reason);
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
