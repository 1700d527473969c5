//! Filters and columns that are kept by name.

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::query::Filter;
use crate::store::kept::{self, ColumnSet};
use crate::text::Message;

impl Session {
    pub(super) fn keep_filter(&mut self, name: String, filter: &Filter) {
        let (json, stamp) = (filter.json(), self.stamp());
        self.keep(move |workspace| {
            workspace.write(&stamp, |tx| kept::keep_filter(tx, &name, &json, stamp.at))
        });
    }

    pub(super) fn forget_filter(&mut self, name: String) {
        let stamp = self.stamp();
        self.keep(move |workspace| workspace.write(&stamp, |tx| kept::forget_filter(tx, &name)));
    }

    pub(super) fn keep_columns(&mut self, set: ColumnSet) {
        let stamp = self.stamp();
        self.keep(move |workspace| workspace.write(&stamp, |tx| kept::keep_columns(tx, &set)));
    }

    fn keep(
        &mut self,
        write: impl FnOnce(&crate::store::Workspace) -> crate::store::Result<()> + Send + 'static,
    ) {
        let Some(workspace) = self.workspace.clone() else { return };
        self.start_job(Message::from("keeping what was chosen"), Slot::Write, move |_| {
            write(&workspace).map_err(|e| e.message())?;
            Ok(JobDone::Kept)
        });
    }
}
