//! Somebody else's form: what its headings mean, and how it is to be filled.

use std::path::PathBuf;

use crate::app::ask::Query;
use crate::app::asks::extract::Leaving;
use crate::app::desk::Desk;
use crate::app::forms::{self, FormPlan};
use crate::query::table::TableKind;
use crate::text::Message;

/// What the headings of a form mean for rows of a kind.
pub struct AskForm(pub PathBuf, pub TableKind);

/// A form that was read: where from, for rows of what, and its headings or why there are none.
#[derive(Debug, Clone)]
pub struct FormRead {
    /// The form.
    pub path: PathBuf,
    /// Rows of what.
    pub kind: TableKind,
    /// Its headings.
    pub plan: Result<FormPlan, Message>,
}

/// How a form is to be filled.
#[derive(Debug, Clone)]
pub struct FormOrder {
    /// Which rows, and where to.
    pub leaving: Leaving,
    /// The form.
    pub form: PathBuf,
    /// Headings, and the column each is filled from; `number` counts, nothing leaves it empty.
    pub chosen: Vec<(String, String)>,
}

impl Query for AskForm {
    type Answer = FormRead;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let Self(path, kind) = self;
        let plan = forms::plan(&desk.reader, &path, kind);
        Ok(FormRead { path, kind, plan })
    }
}
