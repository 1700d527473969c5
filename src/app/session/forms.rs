//! Somebody else's form: read, filled, and what its headings mean remembered.

use std::path::PathBuf;

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::app::action::NoticeKind;
use crate::app::asks::form::{AskForm, FormOrder};
use crate::app::forms::{kept_as, spellings};
use crate::export::fill::{Filling, fill};
use crate::export::taking::Taking;
use crate::msg;
use crate::query::table::TableKind;
use crate::store::past_imports::keep_mapping;

impl Session {
    /// Asks what the headings of a form mean.
    pub(super) fn plan_form(&mut self, path: PathBuf, kind: TableKind) {
        let asked = self.form.ask(AskForm(path, kind));
        self.send(asked);
    }

    pub(super) fn fill_form(&mut self, order: FormOrder) {
        let Some(workspace) = self.workspace.clone() else { return };
        let purpose = match order.purpose.as_deref().map(crate::access::purpose) {
            Some(None) => {
                let told = "the purpose says nothing; write why it is needed";
                self.tell(NoticeKind::Failed, told);
                return;
            }
            Some(purpose) => purpose,
            None => None,
        };
        let (stamp, today, vocabulary) = (self.stamp(), self.today, self.vocabulary.clone());
        let title = msg!("extracting to {}", order.to.display());
        self.start_job(title, Slot::Write, move |_| {
            let kind = order.plan.kind;
            let taking = Taking {
                kind,
                scope: (*order.plan.scope).clone(),
                filter: order.plan.filter.clone(),
                to: order.to.clone(),
                replaces: order.replaces,
                purpose,
                vocabulary: &vocabulary,
                lang: order.lang,
                today,
            };
            let filling = Filling {
                form: order.form.clone(),
                taking,
                spellings: spellings(kind),
                chosen: order.chosen.clone(),
            };
            let filled = fill(&workspace, &stamp, &filling).map_err(|e| e.message())?;
            // The same form comes again next month.
            let name = order.form.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let pairs: Vec<(String, String)> =
                order.chosen.into_iter().map(|(heading, column)| (column, heading)).collect();
            let (kept, name) = (kept_as(kind), name.unwrap_or_default());
            let remembered = workspace.write(&stamp, |tx| keep_mapping(tx, &kept, &name, &pairs));
            remembered.map_err(|e| e.message())?;
            Ok(JobDone::Extracted(order.to, filled.rows))
        });
    }
}
