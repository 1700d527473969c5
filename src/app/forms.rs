//! What the headings of somebody else's form mean: as an import would read them, or as was chosen once for a form with the
//! same headings.

use std::path::Path;

use crate::domain::fold;
use crate::export::fill::{FormHeading, headings_of};
use crate::import::{Kind, fields};
use crate::query::table::TableKind;
use crate::store::past_imports::{KeptMapping, kept_mappings};
use crate::store::{Connection, StoreError};
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

/// The name under which the meaning of forms about a kind is kept.
#[must_use]
pub fn kept_as(kind: TableKind) -> String {
    format!("form {}", kind.word())
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
    let mut own: Vec<&str> = headings.iter().map(|heading| heading.text.as_str()).collect();
    own.sort_unstable();
    let kind_word = kept_as(kind);
    let is_alike = |kept: &KeptMapping| {
        let mut theirs: Vec<&str> = kept.pairs.iter().map(|(_, h)| h.as_str()).collect();
        theirs.sort_unstable();
        kept.kind == kind_word && theirs == own
    };
    let kept = kept_mappings(conn).map_err(|e: StoreError| e.message())?;
    let chosen: Vec<(String, String)> = match kept.into_iter().find(is_alike) {
        Some(kept) => kept.pairs.into_iter().map(|(column, heading)| (heading, column)).collect(),
        None => return Ok(FormPlan { headings, chosen: Vec::new() }),
    };
    let headings = headings_of(path, kind, &spellings, &chosen)?;
    Ok(FormPlan { headings, chosen })
}
