//! A property of a map file, as a report and the dialog tell of it.

use serde::Serialize;

/// A property of a file, nested ones with their path (`names.primary`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Field it is used as; `None` when it means nothing here.
    #[serde(skip)]
    pub field: Option<String>,
    /// Whether its content is never stored.
    #[serde(skip)]
    pub is_refused: bool,
    /// What stood in it first, masked.
    pub example: String,
}
