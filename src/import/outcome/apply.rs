//! What was read becomes part of the workspace: one transaction with its batch and audit rows.

use crate::access::{AuditEntry, Stamp};
use crate::domain::ids::DeedId;
use crate::import::error::ImportError;
use crate::import::outcome::report::{ImportReport, KeptRow, Severity};
use crate::import::request::Request;
use crate::store::bulk::{self, RowCounts};
use crate::store::deed::{Deed, DeedKind, DeedList, NewDeed};
use crate::store::queue::{Came, NewQueueRow};
use crate::store::rows::Outcome;
use crate::store::{StoreError, Workspace, WriteTx};

/// Applies what was read, in one transaction with its batch and audit rows. The rows that the
/// batch adds and changes are written down, so that it can be undone.
pub(crate) fn apply(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    mut report: ImportReport,
    work: impl FnOnce(&WriteTx<'_>, &Deed, &mut ImportReport) -> Result<(), StoreError>,
) -> Result<ImportReport, ImportError> {
    report.dry_run = request.dry_run;
    let report = workspace.write_or_drop(stamp, |tx| {
        let mapping = serde_json::to_string(&report.mapping).unwrap_or_default();
        let list = DeedList {
            list: report.kind,
            sha256: &report.sha256,
            encoding: report.encoding,
            mapping: &mapping,
        };
        let new = NewDeed { kind: DeedKind::Import, title: &report.file, list: Some(list) };
        let deed = Deed::begin(tx, &new)?;
        report.batch = deed.deed_id();
        work(tx, &deed, &mut report)?;
        report.sort();
        let c = report.counts;
        debug_assert!(c.adds_up(), "a row vanished: {c:?}");
        if request.dry_run {
            deed.abandon(tx)?;
            report.batch = DeedId::NONE;
            return Ok((report, None));
        }
        deed.count(tx, &c)?;
        deed.finish(tx)?;
        if c.added > 5_000 {
            bulk::analyze(tx)?;
        }
        let entry = AuditEntry::done("import", format!("{} {}", report.kind, report.file))
            .with_fields(format!(
                "read {} added {} merged {} unchanged {} held {} rejected {} skipped {}",
                c.read, c.added, c.merged, c.unchanged, c.held, c.rejected, c.skipped
            ));
        Ok((report, Some(entry)))
    })?;
    Ok(report)
}

/// A held or rejected row as the workspace keeps it.
pub(crate) fn kept_row(row: &KeptRow) -> NewQueueRow {
    let refusal = &row.refusal;
    NewQueueRow {
        line: row.line as i64,
        came: if refusal.severity == Severity::Held { Came::Held } else { Came::Rejected },
        reference: row.name.clone(),
        raw: serde_json::to_string(&row.raw).unwrap_or_default(),
        field: refusal.field.to_owned(),
        code: refusal.reason.code().to_owned(),
        args: serde_json::to_string(&refusal.reason.args()).unwrap_or_default(),
        choices: serde_json::to_string(&refusal.choices).unwrap_or_default(),
    }
}

pub(crate) fn count(counts: &mut RowCounts, outcome: Outcome) {
    match outcome {
        Outcome::Added => counts.added += 1,
        Outcome::Merged => counts.merged += 1,
        Outcome::Unchanged => counts.unchanged += 1,
    }
}
