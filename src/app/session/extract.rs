//! Rows that leave: one-click extraction, rosters and forms; what is planned, and the jobs that write them.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::app::action::NoticeKind;
use crate::app::asks::extract::{AskExtract, ExtractOrder, Leaving};
use crate::app::asks::form::{AskForm, FormOrder};
use crate::app::forms::{remember, spellings};
use crate::app::jobs::JobControl;
use crate::export::extract::{Extraction, Format, columns_of, extract};
use crate::export::fill::{Filling, fill};
use crate::export::roster::roster;
use crate::export::taking::{ExtractError, Taking};
use crate::msg;
use crate::query::Filter;
use crate::query::table::TableKind;
use crate::store::{StoreError, Workspace};

impl Session {
    /// Asks how many rows an extraction would have.
    pub(super) fn plan_extract(&mut self, kind: TableKind, filter: Filter) {
        let asked = self.extract_plan.ask(AskExtract(kind, filter));
        self.send(asked);
    }

    /// Asks what the headings of a form mean.
    pub(super) fn plan_form(&mut self, path: PathBuf, kind: TableKind) {
        let asked = self.form.ask(AskForm(path, kind));
        self.send(asked);
    }

    pub(super) fn extract(&mut self, order: ExtractOrder) {
        let ExtractOrder { leaving, roster: kind, columns, format } = order;
        let Ok(columns) = columns_of(leaving.plan.kind, &columns) else { return };
        self.let_out(leaving, Slot::File, move |workspace, stamp, taking, progress| match kind {
            Some(kind) => {
                let how = (kind, format == Format::Pdf);
                roster(workspace, stamp, &taking, how, progress).map(|done| done.rows)
            }
            None => {
                let extraction = Extraction { taking, columns, format };
                extract(workspace, stamp, &extraction, progress).map(|done| done.rows)
            }
        });
    }

    pub(super) fn fill_form(&mut self, order: FormOrder) {
        let FormOrder { leaving, form, chosen } = order;
        self.let_out(leaving, Slot::Write, move |workspace, stamp, taking, progress| {
            // The same form comes again next month.
            remember(workspace, stamp, taking.kind, &chosen)?;
            let spellings = spellings(taking.kind);
            let filling = Filling { form, taking, spellings, chosen };
            fill(workspace, stamp, &filling, progress).map(|filled| filled.rows)
        });
    }

    /// Starts the job that lets rows out.
    fn let_out(
        &mut self,
        leaving: Leaving,
        slot: Slot,
        write: impl FnOnce(
            &Workspace,
            &crate::access::Stamp,
            Taking<'_>,
            &mut dyn FnMut(u64) -> Result<(), StoreError>,
        ) -> Result<u64, ExtractError>
        + Send
        + 'static,
    ) {
        let Some(workspace) = self.workspace.clone() else { return };
        let purpose = match leaving.purpose.as_deref().map(crate::access::purpose) {
            Some(None) => {
                let told = "the purpose says nothing; write why it is needed";
                self.tell(NoticeKind::Failed, told);
                return;
            }
            Some(purpose) => purpose,
            None => None,
        };
        let (stamp, today, vocabulary) = (self.stamp(), self.today, self.vocabulary.clone());
        let title = msg!("extracting to {}", leaving.to.display());
        self.start_job(title, slot, move |control: &JobControl| {
            let Leaving { plan, to, replaces, lang, .. } = leaving;
            let taking = Taking {
                kind: plan.kind,
                scope: (*plan.scope).clone(),
                filter: plan.filter,
                to: to.clone(),
                replaces,
                purpose,
                vocabulary: &vocabulary,
                lang,
                today,
            };
            let mut progress = |rows: u64| {
                control.tell_rows(rows, plan.rows);
                if control.cancel_flag().load(Ordering::Relaxed) {
                    return Err(StoreError::Cancelled);
                }
                Ok(())
            };
            let done = write(&workspace, &stamp, taking, &mut progress);
            done.map(|rows| JobDone::Extracted(to, rows)).map_err(|e| e.message())
        });
    }
}
