//! Tables: the rows of a list with its columns mapped to fields.

use crate::msg;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::domain::fold;
use crate::import::error::ImportError;
use crate::import::fields::{self, ColumnMap};
use crate::import::formats::sheet::{Sheet, unclosed};
use crate::import::kind::Kind;
use crate::import::outcome::report::{ImportReport, Refusal, Severity};
use crate::import::request::Request;
use crate::import::sheet_row::Merge;
use crate::import::table::asides::{is_aside, is_section, other_headings, tell_layout, undated};
use crate::import::table::row::Row;

/// Fields whose numbers are longer than a spreadsheet keeps.
const EXACT_FIELDS: [&str; 4] = ["id_no", "uscc", "phone", "household_no"];
/// Fields whose merged cells mean the same place or household for all their rows.
const SHARED_FIELDS: [&str; 8] = [
    "building_code",
    "estate",
    "building_no",
    "unit",
    "floor",
    "room_no",
    "address",
    "household_no",
];
/// Fields that a spreadsheet likes to take for a day: 3-2 becomes 2 March.
const DASHED_FIELDS: [&str; 4] = ["building_code", "unit", "room_no", "address"];
/// A list with its columns mapped to fields.
pub struct Table {
    /// Headings as they stand.
    pub headings: Vec<String>,
    /// Which column is which field.
    pub map: ColumnMap,
    /// About how many rows there are.
    pub expected_rows: u64,
    kind: Kind,
    sheet: Sheet,
}

/// What a table's rows are handed to: a row, and the report it may add to.
pub type RowCheck<'a> = &'a mut dyn FnMut(&Row<'_>, &mut ImportReport) -> ControlFlow<()>;

impl Table {
    /// Opens a list and starts its report: titles above the headings are counted as skipped.
    ///
    /// # Errors
    /// As [`Sheet::open`] and [`fields::map_columns`].
    pub fn open(request: &Request, needed: &[&str]) -> Result<(Self, ImportReport), ImportError> {
        let wanted = request.sheet.as_deref();
        let sheet = Sheet::open(request.kind, &request.fields, &request.path, wanted)?;
        let mut report = ImportReport::new(
            request.kind.word(),
            crate::import::request::file_name(&request.path),
            sheet.sha256.clone(),
        );
        let headings = sheet.headings.clone();
        let mut map =
            fields::map_table(request.kind, &headings, &request.fields, needed, &sheet.sample)?;
        let line = sheet.heading_line;
        tell_columns(&mut report, &map, &headings, line);
        // A column is lost where most of its numbers are; a single one is told with its row.
        let is_rounded = |column: usize| {
            let cells = sheet
                .sample
                .iter()
                .filter(|row| row.record.get(column).is_some_and(|cell| !cell.trim().is_empty()));
            let lost = sheet.sample.iter().filter(|row| row.rounded.contains(&column)).count();
            lost > 0 && lost * 2 >= cells.count()
        };
        // Excel keeps 15 digits: what such a column holds is not what was typed.
        map.columns.retain(|(field, column)| {
            let is_lost = is_rounded(*column) && EXACT_FIELDS.contains(&field.as_str());
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
        report.encoding = sheet.encoding;
        report.sheet.clone_from(&sheet.name);
        report.other_sheets =
            sheet.names.iter().filter(|n| Some(*n) != sheet.name.as_ref()).cloned().collect();
        tell_layout(&mut report, &sheet, &map);
        let expected_rows = sheet.expected_rows;
        Ok((Self { headings, map, expected_rows, kind: request.kind, sheet }, report))
    }

    /// The first rows, as they stand.
    pub fn sample(&self) -> impl Iterator<Item = Row<'_>> {
        self.sheet.sample.iter().map(|row| Row {
            line: row.line,
            map: &self.map,
            headings: &self.headings,
            record: &row.record,
            mended: Vec::new(),
            is_of_first: true,
        })
    }

    /// What may name the place of all rows: titles above the headings, names of sheet and file.
    #[must_use]
    pub fn titles(&self) -> String {
        let sheet = self.sheet.name.as_deref().unwrap_or_default();
        format!("{} {sheet} {}", self.sheet.titles.join(" "), self.sheet.file_stem)
    }

    /// Hands over every row once before the list is taken, as it stands.
    ///
    /// # Errors
    /// As [`Sheet::scan`], and those of `look`.
    pub fn look_through(
        &mut self,
        look: &mut dyn FnMut(&Row<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let (headings, map) = (&self.headings, &self.map);
        let mut failure = None;
        self.sheet.scan(&mut |sheet_row| {
            let row = Row {
                line: sheet_row.line,
                map,
                headings,
                record: &sheet_row.record,
                mended: Vec::new(),
                is_of_first: true,
            };
            match look(&row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// Hands over every record. Blank rows, sums, repeated headings, hints and signatures are
    /// counted as skipped, rows with more filled cells than headings as rejected.
    ///
    /// # Errors
    /// As [`Sheet::scan`].
    pub fn scan(
        &mut self,
        report: &mut ImportReport,
        check: RowCheck<'_>,
    ) -> Result<(), ImportError> {
        let (kind, is_text) = (self.kind, self.sheet.is_text());
        let mut below: Option<(Vec<String>, ColumnMap)> = None;
        let (headings, map) = (&self.headings, &self.map);
        let heading_line = self.sheet.heading_line;
        let mut has_told_beyond = false;
        let corrections = Corrections::of(headings, map, self.kind);
        let merges = self.sheet.merges.clone();
        let mut merged = Merged::new(&merges);
        let exact: Vec<(&'static str, usize)> = EXACT_FIELDS
            .into_iter()
            .filter_map(|field| Some((field, map.column(field)?)))
            .collect();
        let mut broken = None;
        self.sheet.scan(&mut |sheet_row| {
            report.counts.read += 1;
            // A row over several lines with cells missing: a quotation mark swallowed the next.
            if sheet_row.is_long && sheet_row.record.len() < headings.len() {
                broken = Some(sheet_row.line);
                return ControlFlow::Break(());
            }
            let (headings, map) = below.as_ref().map_or((headings, map), |(h, m)| (h, m));
            let mut row = Row {
                line: sheet_row.line,
                map,
                headings,
                record: &sheet_row.record,
                mended: Vec::new(),
                is_of_first: below.is_none(),
            };
            merged.fill(&mut row);
            if let Some(found) = other_headings(kind, &sheet_row, headings, heading_line) {
                let reason = "other headings begin here; the rows below were read by them";
                report.add(sheet_row.line, "", "", Severity::Note, reason);
                report.counts.skipped += 1;
                below = Some(found);
                return ControlFlow::Continue(());
            }
            if kind == Kind::Persons && is_section(&row) {
                let reason = "a title, a day or a remark, and no person; skipped";
                report.add(sheet_row.line, "", "", Severity::Note, reason);
                report.counts.skipped += 1;
                return ControlFlow::Continue(());
            }
            if is_aside(&sheet_row, headings, heading_line) {
                report.counts.skipped += 1;
                return ControlFlow::Continue(());
            }
            let has_more = row.record.iter().skip(headings.len()).any(|cell| !cell.trim().is_empty());
            if has_more && !is_text {
                // A legend beside the table; no separator can have shifted cells of a workbook.
                if !has_told_beyond {
                    let reason = "cells stand beyond the headings; they were left out";
                    report.add(row.line, "", "", Severity::Warning, reason);
                }
                has_told_beyond = true;
            } else if has_more {
                let reason = "more cells than headings: is there a stray separator in the row?";
                report.refuse(row.line, row.raw(), Refusal::rejected("", "", reason));
                return ControlFlow::Continue(());
            }
            if let Some((field, _)) =
                exact.iter().find(|(_, column)| sheet_row.rounded.contains(column))
            {
                let reason = "Excel kept only 15 digits of this number; format the cell as text and \
                              type it again";
                report.refuse(row.line, row.raw(), Refusal::held(field, "", reason, Vec::new()));
                return ControlFlow::Continue(());
            }
            correct(&mut row, &corrections);
            mend_dates(&mut row, report);
            check(&row, report)
        })?;
        match broken {
            None => Ok(()),
            Some(line) => Err(unclosed(line)),
        }
    }
}

/// The columns in which a report was corrected: which field, and what it should say.
struct Corrections {
    columns: Option<(usize, usize)>,
    fields: Vec<(String, usize)>,
}

impl Corrections {
    fn of(headings: &[String], map: &ColumnMap, kind: Kind) -> Self {
        let position =
            |names: [&str; 2]| headings.iter().position(|h| names.contains(&fold(h).as_str()));
        let columns = position(["字段", "field"]).zip(position(["更正", "correction"]));
        let names = |field: &fields::FieldEntry| {
            let column = map.column(&field.field)?;
            Some([&field.field, &field.zh, &field.en].map(|name| (fold(name), column)))
        };
        let all = fields::of_kind(kind).into_iter();
        let fields = match columns {
            Some(_) => all.filter_map(|field| names(&field)).flatten().collect(),
            None => Vec::new(),
        };
        Self { columns, fields }
    }
}

/// Takes what somebody wrote into the column 更正 of a report.
fn correct(row: &mut Row<'_>, corrections: &Corrections) {
    let Some((field, correction)) = corrections.columns else { return };
    let named = row.cell(field).map(fold);
    let column = corrections.fields.iter().find(|(name, _)| Some(name) == named.as_ref());
    if let (Some((_, column)), Some(text)) = (column, row.cell(correction)) {
        let text = text.to_owned();
        row.mended.insert(0, (*column, text));
    }
}

/// Puts `3-2` back where a spreadsheet made a day of it.
fn mend_dates(row: &mut Row<'_>, report: &mut ImportReport) {
    for field in DASHED_FIELDS {
        let Some(column) = row.map.column(field) else { continue };
        let Some(typed) = row.cell(column).and_then(undated) else { continue };
        let reason = msg!("the spreadsheet had made a day of {}; read as it was typed", typed);
        report.add(row.line, field, row.cell(column).unwrap_or(""), Severity::Warning, reason);
        row.mended.push((column, typed));
    }
}

/// Merged cells on their way down.
struct Merged<'a> {
    starts: BTreeMap<u64, Vec<&'a Merge>>,
    /// By column: until which row, and what stands there.
    active: BTreeMap<usize, (u64, String)>,
}

impl<'a> Merged<'a> {
    fn new(merges: &'a [Merge]) -> Self {
        let mut starts: BTreeMap<u64, Vec<&Merge>> = BTreeMap::new();
        for merge in merges {
            starts.entry(merge.first).or_default().push(merge);
        }
        Self { starts, active: BTreeMap::new() }
    }

    /// Fills the cells of a row that a merged cell above covers.
    fn fill(&mut self, row: &mut Row<'_>) {
        if self.starts.is_empty() {
            return;
        }
        self.active.retain(|_, (last, _)| *last >= row.line);
        for (column, (_, text)) in &self.active {
            let is_shared = |(field, c): &&(String, usize)| {
                c == column && SHARED_FIELDS.contains(&field.as_str())
            };
            if row.map.columns.iter().any(|pair| is_shared(&pair)) && row.cell(*column).is_none() {
                row.mended.push((*column, text.clone()));
            }
        }
        for merge in self.starts.get(&row.line).into_iter().flatten() {
            if let Some(text) = row.cell(merge.column) {
                self.active.insert(merge.column, (merge.last, text.to_owned()));
            }
        }
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
