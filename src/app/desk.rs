//! What the query thread works with: a reader of the workspace, and what is derived of it.

use std::sync::Arc;

use jiff::civil::Date;

use crate::access::Stamp;
use crate::derived::{Derived, Vocabulary};
use crate::domain::ids::PersonId;
use crate::map::Scene;
use crate::query::search::Index;
use crate::query::table::{self, Scope, TableKind};
use crate::store::{Reader, StoreError, Workspace};
use crate::text::Message;

/// The query thread's own.
pub struct Desk {
    pub(super) workspace: Arc<Workspace>,
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) reader: Reader,
    /// The day ages are counted on.
    pub(super) today: Date,
    pub(super) derived: Derived,
    /// Who writes down that derived data was kept, and when.
    pub(super) stamp: Box<dyn Fn() -> Stamp + Send>,
    /// Whether derived data cannot be kept in this file.
    pub(super) keeps_nothing: bool,
    /// What searches look through; read when somebody begins to search, or when there is time.
    pub(super) index: Option<Index>,
    pub(super) scene: Option<Arc<Scene>>,
    /// Last audit entry that was seen.
    pub(super) seen: i64,
    pub(super) version: Option<i64>,
    /// What searches have shown.
    pub(super) shown: Shown,
    /// Called when there is something to take in.
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

impl Desk {
    /// How many rows a table has; what is counted anyway is not counted again.
    pub(super) fn count(&self, kind: TableKind, scope: &Scope) -> Result<u64, StoreError> {
        let counts = &self.derived.totals.counts;
        match (scope, kind) {
            (Scope::All, TableKind::Persons) => Ok(counts.persons),
            (Scope::All, TableKind::Rooms) => Ok(counts.rooms),
            (Scope::All, TableKind::Buildings) => Ok(counts.buildings),
            _ => table::count(&self.reader, kind, scope),
        }
    }
}

/// What searches have shown already: typing on is one search, and written down once.
#[derive(Default)]
pub(super) struct Shown {
    /// The part of a number that was searched for last.
    pub(super) number: String,
    /// Persons whose names the last search showed.
    pub(super) persons: Vec<PersonId>,
    /// Until when the names are open that were shown.
    pub(super) until: Option<i64>,
}

/// A result as the window shows it.
pub(super) fn told<T>(result: Result<T, StoreError>) -> Result<T, Message> {
    result.map_err(|error| error.message())
}
