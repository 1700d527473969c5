//! What the headings of somebody else's form mean: as an import would read them, or as was chosen once for a form with the
//! same headings.

use std::path::Path;

use crate::access::Stamp;
use crate::domain::fold;
use crate::export::fill::{FormHeading, headings_of};
use crate::import::{Kind, fields};
use crate::query::table::TableKind;
use crate::store::past_imports::{KeptMapping, keep_mapping, kept_mappings};
use crate::store::{Connection, StoreError, Workspace};
use crate::text::Message;

/// How headings of lists are spelt, folded, and the column that they mean; what must not be held is none.
#[must_use]
pub fn spellings(kind: TableKind) -> Vec<(String, String)> {
    let of = match kind {
        TableKind::Persons | TableKind::Households => Kind::Persons,
        TableKind::Rooms => Kind::Rooms,
        TableKind::Buildings => Kind::Buildings,
        TableKind::Enterprises => Kind::Enterprises,
        TableKind::Events => Kind::Events,
        TableKind::Devices => Kind::Devices,
    };
    let mut spellings = Vec::new();
    for field in fields::of_kind(of) {
        for spelling in field.spellings().filter(|s| !s.is_empty() && !fields::is_refused(s)) {
            spellings.push((fold(spelling), field.field.clone()));
        }
    }
    spellings
}

/// The kind and the name under which it is kept what the headings of a form mean: the same for every form with
/// the same headings, in whatever order and under whatever name it comes.
fn kept_as<'a>(kind: TableKind, headings: impl Iterator<Item = &'a str>) -> (String, String) {
    let mut headings: Vec<&str> = headings.collect();
    headings.sort_unstable();
    (format!("form {}", kind.word()), headings.join("|"))
}

/// Remembers what the headings of a form mean: heading, and column.
///
/// # Errors
/// What the workspace says.
pub fn remember(
    workspace: &Workspace,
    stamp: &Stamp,
    kind: TableKind,
    chosen: &[(String, String)],
) -> Result<(), StoreError> {
    let (kept, name) = kept_as(kind, chosen.iter().map(|(heading, _)| heading.as_str()));
    let swapped = chosen.iter().map(|(heading, column)| (column.clone(), heading.clone()));
    let pairs: Vec<(String, String)> = swapped.collect();
    workspace.write(stamp, |tx| keep_mapping(tx, &kept, &name, &pairs))
}

/// A form's headings, with what each is filled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPlan {
    /// The headings, from left to right.
    pub headings: Vec<FormHeading>,
    /// What was chosen for a form like this one: heading, and column.
    pub chosen: Vec<(String, String)>,
}

/// Reads the headings of a form.
///
/// # Errors
/// A file that is no XLSX workbook; one without headings that are known; SQLite's errors.
pub fn plan(conn: &Connection, path: &Path, kind: TableKind) -> Result<FormPlan, Message> {
    let spellings = spellings(kind);
    let headings = headings_of(path, kind, &spellings, &[])?;
    let own = kept_as(kind, headings.iter().map(|heading| heading.text.as_str()));
    let is_own = |kept: &KeptMapping| kept.kind == own.0 && kept.name == own.1;
    let kept = kept_mappings(conn).map_err(|e: StoreError| e.message())?;
    let chosen: Vec<(String, String)> = match kept.into_iter().find(is_own) {
        Some(kept) => kept.pairs.into_iter().map(|(column, heading)| (heading, column)).collect(),
        None => return Ok(FormPlan { headings, chosen: Vec::new() }),
    };
    let headings = headings_of(path, kind, &spellings, &chosen)?;
    Ok(FormPlan { headings, chosen })
}
