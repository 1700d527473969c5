//! Lists that are matched against the residents, kept for a while, and deleted.

use crate::app::asks::matches::MatchOrder;
use crate::domain::clock;
use crate::domain::ids::MatchJobId;
use crate::export::matches::save_matches;
use crate::import::kinds::match_list::{MatchTerms, match_list};
use crate::import::{Kind, Request, Watch};
use crate::msg;
use crate::store::match_jobs;

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::app::action::NoticeKind;

impl Session {
    pub(super) fn match_list(&mut self, order: MatchOrder) {
        let Some(workspace) = self.workspace.clone() else { return };
        let said =
            (crate::access::purpose(&order.purpose), crate::access::purpose(&order.legal_basis));
        let (Some(purpose), Some(legal_basis)) = said else {
            self.tell(NoticeKind::Failed, "the purpose says nothing; write why it is needed");
            return;
        };
        // At the end of the last day.
        let day = self.today.checked_add(jiff::Span::new().days(order.days + 1));
        let end = day.ok().and_then(|day| day.to_zoned(clock::shanghai()).ok());
        let Some(purge_at) = end.map(|end| end.timestamp().as_second()) else { return };
        let (stamp, today) = (self.stamp(), self.today);
        let title = msg!("matching {}", order.path.display());
        self.start_job(title, Slot::Write, move |control| {
            let progress = |done, total| control.tell_rows(done, total);
            let watch =
                Watch { cancel: control.cancel_flag(), progress: &progress, found: &|_| {} };
            let request = Request::new(Kind::Persons, order.path, today);
            let terms = MatchTerms { purpose, legal_basis, purge_at };
            let done = match_list(&workspace, &request, &terms, &stamp, &watch);
            done.map(|done| JobDone::Matched(done.job_id)).map_err(|e| e.message())
        });
    }

    pub(super) fn purge_match(&mut self, job_id: MatchJobId) {
        let Some(workspace) = self.workspace.clone() else { return };
        let stamp = self.stamp();
        self.start_job(msg!("deleting list {}", job_id), Slot::Write, move |_| {
            let purged = match_jobs::purge(&workspace, &stamp, job_id);
            purged.map(|_| JobDone::MatchPurged).map_err(|e| e.message())
        });
    }

    pub(super) fn save_match(&mut self, to: std::path::PathBuf) {
        let Some(workspace) = self.workspace.clone() else { return };
        let Some(view) = self.match_job.get().cloned().flatten() else { return };
        let (stamp, lang) = (self.stamp(), self.settings.language());
        self.start_job(msg!("extracting to {}", to.display()), Slot::File, move |_| {
            let saved = save_matches(&workspace, &stamp, (view.job.job_id, &view.lines), &to, lang);
            saved.map(|rows| JobDone::Extracted(to, rows)).map_err(|e| e.message())
        });
    }
}
