//! What became of every row: counts, and a line for each row that was not taken as it stands.

use crate::domain::ids::DeedId;
use crate::msg;
use serde::Serialize;

use crate::import::outcome::property::Property;
use crate::query::review::Choice;
use crate::store::bulk::RowCounts;
use crate::text::Message;

/// How a finding bears on its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row was not taken.
    Rejected,
    /// The row waits for a decision.
    Held,
    /// The row was taken, but look at this.
    Warning,
    /// Something was put right or left out by rule.
    Note,
}

/// One finding. Values of personal columns are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Row in the file (from 1) or number of the feature (first = 1); 0 = the whole file.
    pub row: u64,
    /// Heading or property.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// What it means for the row.
    pub severity: Severity,
    /// Why, and what to do.
    #[serde(flatten)]
    pub reason: Message,
}

/// Why a row was not taken as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Field it is about; empty for the row as a whole.
    pub field: &'static str,
    /// What stood there.
    pub value: String,
    /// [`Severity::Rejected`] or [`Severity::Held`].
    pub severity: Severity,
    /// Why, and what to do.
    pub reason: Message,
    /// What the row may mean, best first.
    pub choices: Vec<Choice>,
}

impl Refusal {
    /// A row that cannot be taken.
    pub(crate) fn rejected(
        field: &'static str,
        value: impl Into<String>,
        reason: impl Into<Message>,
    ) -> Self {
        let (value, reason) = (value.into(), reason.into());
        Self { field, value, severity: Severity::Rejected, reason, choices: Vec::new() }
    }

    /// A row that waits for somebody to choose.
    pub(crate) fn held(
        field: &'static str,
        value: impl Into<String>,
        reason: impl Into<Message>,
        choices: Vec<Choice>,
    ) -> Self {
        let (value, reason) = (value.into(), reason.into());
        Self { field, value, severity: Severity::Held, reason, choices }
    }
}

/// A row that was held or rejected, as it stood in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRow {
    /// Row in the file, from 1.
    pub line: u64,
    /// Headings and cells; columns that must not be held are left out.
    pub raw: Vec<(String, String)>,
    /// Why.
    pub refusal: Refusal,
    /// What reports call it, where it came before.
    pub name: Option<String>,
}

/// Warnings and notes a report lists; the rest are counted.
const MOST_WARNINGS: usize = 100_000;
/// Findings that are listed, rows that were not taken among them; the others are counted.
const MOST_ISSUES: usize = 1_000_000;

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    /// `buildings`, `rooms` …
    pub kind: &'static str,
    /// File name without folders.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// How its text is written: `utf-8`, `gb18030`, `utf-16`, `workbook`.
    pub encoding: &'static str,
    /// The sheet of the workbook that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The coordinate system its numbers were turned from into WGS-84 degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Other sheets of the workbook that hold something and were not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_sheets: Vec<String>,
    /// Number of the import in the workspace; 0 when nothing was written.
    pub batch: DeedId,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// How the rows ended.
    pub counts: RowCounts,
    /// `field ← heading` pairs that were used.
    pub mapping: Vec<(String, String)>,
    /// Headings that mean nothing to this import.
    pub ignored_columns: Vec<String>,
    /// The properties of a map file that mean nothing to this import, each with an example.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<Property>,
    /// Headings whose content is never stored.
    pub refused_columns: Vec<String>,
    /// How many rows name a place, and how many of these were linked to it.
    pub links: Links,
    /// Rooms that are not in the workspace although their building is: missing rooms a list of
    /// persons names.
    pub missing_rooms: u64,
    /// Findings in row order.
    pub issues: Vec<Issue>,
    /// Findings beyond those listed.
    pub more_warnings: u64,
    /// Held and rejected rows as they stood, the first 50,000; the workspace keeps all.
    #[serde(skip)]
    pub kept: Vec<KeptRow>,
}

/// How well the places of a list were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Links {
    /// Rows that say where.
    pub named: u64,
    /// Rows whose place is known without doubt.
    pub linked: u64,
}

impl ImportReport {
    /// An empty report for a file.
    #[must_use]
    pub fn new(kind: &'static str, file: String, sha256: String) -> Self {
        Self {
            kind,
            file,
            sha256,
            encoding: "utf-8",
            sheet: None,
            crs: None,
            other_sheets: Vec::new(),
            batch: DeedId::NONE,
            dry_run: false,
            counts: RowCounts::default(),
            mapping: Vec::new(),
            ignored_columns: Vec::new(),
            unused: Vec::new(),
            refused_columns: Vec::new(),
            links: Links::default(),
            missing_rooms: 0,
            issues: Vec::new(),
            more_warnings: 0,
            kept: Vec::new(),
        }
    }

    /// Counts a row that is not taken, and keeps it as it stood: its line, headings and cells.
    pub(crate) fn refuse(&mut self, line: u64, raw: Vec<(String, String)>, refusal: Refusal) {
        self.add(line, refusal.field, &refusal.value, refusal.severity, refusal.reason.clone());
        self.kept.push(KeptRow { line, raw, refusal, name: None });
    }

    /// Adds a finding and, for rejected and held rows, counts it. A row is counted once: call
    /// this with those severities once a row.
    pub fn add(
        &mut self,
        row: u64,
        column: &str,
        value: &str,
        severity: Severity,
        reason: impl Into<Message>,
    ) {
        match severity {
            Severity::Rejected => self.counts.rejected += 1,
            Severity::Held => self.counts.held += 1,
            Severity::Warning | Severity::Note => {}
        }
        let is_row = matches!(severity, Severity::Rejected | Severity::Held);
        if self.issues.len() >= if is_row { MOST_ISSUES } else { MOST_WARNINGS } {
            self.more_warnings += 1;
            return;
        }
        self.issues.push(Issue {
            row,
            column: column.to_owned(),
            value: shorten(&masked(self.kind, column, value)),
            severity,
            reason: reason.into(),
        });
    }

    /// Notes a property that means nothing here.
    pub(crate) fn ignore_column(&mut self, property: Property) {
        self.ignored_columns.push(property.name.clone());
        self.unused.push(property);
    }

    /// Notes a property whose content is never stored.
    pub(crate) fn refuse_column(&mut self, name: String) {
        let reason = "this software does not hold such data; the column was left out";
        self.add(0, &name, "", Severity::Note, reason);
        self.refused_columns.push(name);
    }

    /// Tells how the numbers of a file were read.
    pub(crate) fn tell_crs(&mut self, reading: Option<crate::geo::crs::Reading>) {
        let Some(reading) = reading else { return };
        let name = reading.crs.name();
        let reason = if reading.north_first {
            msg!("the coordinates were read as {}, the northing first", name)
        } else {
            msg!("the coordinates were read as {}", name)
        };
        self.crs = Some(name);
        self.add(0, "geometry", "", Severity::Note, reason);
    }

    /// Brings the findings into row order.
    pub fn sort(&mut self) {
        self.issues.sort_by_key(|issue| (issue.row, issue.severity));
    }
}

fn masked(kind: &str, field: &str, value: &str) -> String {
    use crate::access::mask::mask_cell;
    // The name of a building or a company is no person's.
    let is_public = field == "name" && kind != "persons" || field == "uscc";
    if is_public { value.to_owned() } else { mask_cell(field, value) }
}

fn shorten(value: &str) -> String {
    if value.chars().count() <= 80 {
        return value.to_owned();
    }
    let head: String = value.chars().take(79).collect();
    format!("{head}…")
}
