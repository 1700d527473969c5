//! One-click extraction: what is planned, and the job that writes it.

use std::sync::atomic::Ordering;

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::app::action::NoticeKind;
use crate::app::asks::extract::{AskExtract, ExtractOrder};
use crate::export::extract::{Extraction, Format, columns_of, extract};
use crate::export::roster::roster;
use crate::export::taking::Taking;
use crate::msg;
use crate::query::Filter;
use crate::query::table::TableKind;
use crate::store::StoreError;

impl Session {
    /// Asks how many rows an extraction would have.
    pub(super) fn plan_extract(&mut self, kind: TableKind, filter: Filter) {
        let asked = self.extract_plan.ask(AskExtract(kind, filter));
        self.send(asked);
    }

    pub(super) fn extract(&mut self, order: ExtractOrder) {
        let Some(workspace) = self.workspace.clone() else { return };
        let Ok(columns) = columns_of(order.plan.kind, &order.columns) else { return };
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
        self.start_job(title, Slot::File, move |control| {
            let taking = Taking {
                kind: order.plan.kind,
                scope: (*order.plan.scope).clone(),
                filter: order.plan.filter.clone(),
                to: order.to.clone(),
                replaces: order.replaces,
                purpose,
                vocabulary: &vocabulary,
                lang: order.lang,
                today,
            };
            if let Some(kind) = order.roster {
                let done = roster(&workspace, &stamp, &taking, (kind, order.format == Format::Pdf));
                return done
                    .map(|done| JobDone::Extracted(order.to, done.rows))
                    .map_err(|e| e.message());
            }
            let extraction = Extraction { taking, columns, format: order.format };
            let total = order.plan.rows;
            let done = extract(&workspace, &stamp, &extraction, |rows| {
                control.tell_rows(rows, total);
                if control.cancel_flag().load(Ordering::Relaxed) {
                    return Err(StoreError::Cancelled);
                }
                Ok(())
            });
            done.map(|done| JobDone::Extracted(order.to, done.rows)).map_err(|e| e.message())
        });
    }
}
