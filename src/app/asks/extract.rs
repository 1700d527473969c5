//! What an extraction would hold, before anything is written.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::export::extract::Format;
use crate::export::roster::RosterKind;
use crate::query::Filter;
use crate::query::table::{Scope, TableKind};
use crate::text::{Lang, Message};

/// The rows of a kind that a filter leaves.
pub struct AskExtract(pub TableKind, pub Filter);

/// What would be written.
#[derive(Debug, Clone)]
pub struct ExtractPlan {
    /// Rows of what.
    pub kind: TableKind,
    /// Under which filter.
    pub filter: Filter,
    /// Which rows.
    pub scope: Arc<Scope>,
    /// How many.
    pub rows: u64,
}

/// Rows that are to leave, and where to.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// What was planned: rows of what, and which.
    pub plan: ExtractPlan,
    /// Where to.
    pub to: PathBuf,
    /// Whether a file that is there may be replaced.
    pub replaces: bool,
    /// Why personal fields are shown in full; masked without.
    pub purpose: Option<String>,
    /// Language of headings and words.
    pub lang: Lang,
}

/// What is to be written.
pub struct ExtractOrder {
    /// Which rows, and where to.
    pub leaving: Leaving,
    /// As a roster, in walking order, with columns of its own.
    pub roster: Option<RosterKind>,
    /// Names of the columns, in their order.
    pub columns: Vec<String>,
    /// As what.
    pub format: Format,
}

impl Query for AskExtract {
    type Answer = ExtractPlan;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self(kind, filter) = self;
        let condition = desk.condition(&filter)?;
        let scope = told(Scope::of(&desk.reader, kind, &condition, &desk.derived.census))?;
        let rows = told(desk.count(kind, &scope))?;
        Ok(ExtractPlan { kind, filter, scope: Arc::new(scope), rows })
    }
}
