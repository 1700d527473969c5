//! The result of a list that was matched, as comma-separated text: masked.

use std::path::Path;

use super::taking::{ExtractError, check_target, publish};
use crate::access::{AuditEntry, Stamp};
use crate::domain::cell::spreadsheet_safe;
use crate::domain::ids::MatchJobId;
use crate::query::match_result::MatchLine;
use crate::store::files::Partial;
use crate::store::{StoreError, Workspace};
use crate::text::Lang;

const HEADINGS: [&str; 9] = [
    "row",
    "level",
    "name",
    "evidence",
    "candidates",
    "resident",
    "building_code",
    "address",
    "grid",
];

/// The rows as text, headings first.
#[must_use]
pub fn csv_text(lines: &[MatchLine], lang: Lang) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Nothing is refused by a vector.
    let _ = out.write_record(HEADINGS);
    for line in lines {
        let building = line.place.as_ref().map(|place| place.building_code.clone());
        let cells = [
            line.row.line.to_string(),
            line.level().word().to_owned(),
            line.listed.clone(),
            line.row.evidence.clone(),
            line.row.candidates.to_string(),
            line.resident.clone(),
            building.unwrap_or_default(),
            line.address(lang),
            line.grid.clone(),
        ];
        let _ = out.write_record(cells.map(|cell| spreadsheet_safe(&cell)));
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Saves the result as a file, with its entry in the audit log.
///
/// # Errors
/// What the workspace or the file system says.
pub fn save_matches(
    workspace: &Workspace,
    stamp: &Stamp,
    (job_id, lines): (MatchJobId, &[MatchLine]),
    to: &Path,
    lang: Lang,
) -> Result<u64, ExtractError> {
    let replaces = to.exists();
    check_target(workspace, to, replaces)?;
    let partial = Partial::begin(to)?;
    let text = format!("\u{feff}{}", csv_text(lines, lang));
    std::fs::write(partial.path(), text).map_err(|e| StoreError::Io(to.to_owned(), e))?;
    let entry = AuditEntry::done("extract", format!("match_job/{job_id}"))
        .with_fields(format!("rows×{} masked", lines.len()));
    publish(workspace, stamp, partial, (to, replaces), entry)?;
    Ok(lines.len() as u64)
}
