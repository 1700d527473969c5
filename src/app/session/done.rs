//! What became of a session's jobs: opened workspaces, reports, notices.

use crate::access::Stamp;
use crate::msg;
use crate::text::{Message, thousands};
use std::sync::Arc;

use super::running::{JobDone, Slot};
use super::state::{Locked, Session};
use crate::app::Action;
use crate::app::action::{Card, NoticeKind, Offer};
use crate::app::value::Value;
use crate::app::worker::Worker;
use crate::derived::totals::Counts;
use crate::query::{Filter, Vocabulary};
use crate::store::Workspace;

impl Session {
    pub(super) fn poll_preview(&mut self) -> bool {
        let Some(scene) = self.preview.as_ref().and_then(|p| p.try_recv().ok()) else {
            return false;
        };
        self.scene = Value::Ready(scene);
        self.scene_version += 1;
        self.is_preview = true;
        true
    }

    pub(super) fn poll_jobs(&mut self) -> bool {
        let mut has_news = false;
        let mut index = 0;
        while let Some(running) = self.jobs.get(index) {
            match running.job.poll() {
                Some(done) => {
                    let slot = self.jobs.remove(index).slot;
                    self.take_done(slot, done);
                    has_news = true;
                }
                None => index += 1,
            }
        }
        has_news
    }

    fn take_done(&mut self, slot: Slot, done: Result<JobDone, Message>) {
        if slot == Slot::Write {
            self.preview = None;
            if std::mem::take(&mut self.is_preview) && done.is_err() {
                // Nothing was stored: the map is empty again.
                self.refresh();
            }
        }
        match done {
            Ok(JobDone::Opened(workspace, vocabulary)) => self.install(workspace, vocabulary),
            Ok(JobDone::NeedsPassphrase(path, problem)) => {
                self.locked = Some(Locked { path, problem, is_trying: false });
            }
            Ok(JobDone::Imported(report, request)) => {
                let has_written = !report.dry_run;
                (self.report, self.request) = (Some(*report), Some(*request));
                if has_written {
                    self.refresh();
                }
            }
            Ok(JobDone::Undone(undone, batch, words)) => {
                let told = match words.filter(|_| undone.left.is_empty()) {
                    Some(words) => msg!("taken back: {}", words),
                    None => msg!(
                        "taken back: {} rows removed, {} put back, {} left as they are",
                        undone.removed,
                        undone.restored,
                        undone.left.len()
                    ),
                };
                self.tell_with(
                    NoticeKind::Done,
                    told,
                    undone.can_redo.then_some(Offer::Redo(batch)),
                );
                self.refresh();
            }
            Ok(JobDone::Redone(redone, batch, words)) => {
                let told = match words.filter(|_| redone.left.is_empty()) {
                    Some(words) => msg!("put back: {}", words),
                    None => msg!(
                        "put back: {} rows are there again, {} left as they are",
                        redone.restored,
                        redone.left.len()
                    ),
                };
                self.tell_with(NoticeKind::Done, told, Some(Offer::Undo(batch)));
                self.refresh();
            }
            Ok(JobDone::Settled(settled)) => {
                if let Some((alias, estate)) = &settled.learned {
                    let told = msg!("learned: {} is {}", alias, estate);
                    let offer = settled.batch.is_some().then_some(Offer::Undo(settled.batch));
                    self.tell_with(NoticeKind::Done, told, offer);
                }
                if let [(_, reason), ..] = &settled.waiting[..] {
                    self.tell(NoticeKind::Failed, reason.clone());
                }
                self.lists.ask();
                self.refresh();
            }
            Ok(JobDone::RoomsMade(made)) => {
                self.rooms_planned.forget();
                let told = if made.added == 0 {
                    Message::from("there was nothing to make: all of these rooms are there")
                } else {
                    msg!(
                        "{} rooms were made in {} buildings; the past imports can take them back",
                        made.added,
                        made.buildings
                    )
                };
                let offer = made.batch.is_some().then_some(Offer::Undo(made.batch));
                self.tell_with(NoticeKind::Done, told, offer);
                // A row that waited for a room may find it now.
                self.lists.ask();
                self.refresh();
            }
            Ok(JobDone::Saved(deed_id)) => {
                self.saved_version += 1;
                if deed_id.is_some() {
                    self.tell_with(NoticeKind::Done, "saved", Some(Offer::Undo(deed_id)));
                    self.refresh();
                }
            }
            Ok(JobDone::Reported(no)) => {
                self.saved_version += 1;
                self.tell(NoticeKind::Done, msg!("reported as {}", no));
                self.refresh();
                self.show(Card::Event(no), true);
            }
            Ok(JobDone::Conflict(conflicts)) => self.conflict = Some(conflicts),
            Ok(JobDone::Refused(fields)) => self.refused = Some(fields),
            Ok(JobDone::TemplateSaved(path)) => {
                self.tell(NoticeKind::Done, msg!("the template was saved to {}", path.display()));
            }
            Ok(JobDone::Kept) => self.ask_lists(),
            Ok(JobDone::MappingKept(name)) => {
                self.tell(NoticeKind::Done, msg!("the columns are kept as {}", name));
                self.ask_lists();
            }
            Ok(JobDone::Copied(path)) => {
                let told = msg!("a copy was saved to {}", path.display());
                self.tell_with(NoticeKind::Done, told, Some(Offer::Open(path)));
            }
            Ok(JobDone::Printed(path)) => {
                self.tell(NoticeKind::Done, msg!("drawn into {}", path.display()));
            }
            Ok(JobDone::Extracted(path, rows)) => {
                let told = msg!("{} rows were written to {}", thousands(rows), path.display());
                self.tell(NoticeKind::Done, told);
            }
            Ok(JobDone::Matched(job_id)) => {
                self.ask_lists();
                self.show(Card::Match(job_id), true);
            }
            Ok(JobDone::MatchPurged) => {
                self.tell(NoticeKind::Done, "the list and its result were deleted");
                self.ask_lists();
                self.match_job.forget();
                if matches!(self.card, Some(Card::Match(_))) {
                    self.go_back();
                }
            }
            Ok(JobDone::ReportSaved(path)) => {
                self.tell(NoticeKind::Done, msg!("the report was saved to {}", path.display()));
            }
            Ok(JobDone::Rekeyed(workspace, vocabulary, is_encrypted)) => {
                let name = workspace.file_name();
                self.install(workspace, vocabulary);
                let told = if is_encrypted {
                    msg!("{} is encrypted with the new passphrase", name)
                } else {
                    msg!("{} is not encrypted any more", name)
                };
                self.tell(NoticeKind::Done, told);
            }
            Ok(JobDone::NotRekeyed(back, told)) => {
                match back {
                    Some((workspace, vocabulary)) => self.install(workspace, vocabulary),
                    None => self.scene = Value::Idle,
                }
                self.tell(NoticeKind::Failed, told);
            }
            Err(error) => {
                self.locked = None;
                self.tell(NoticeKind::Failed, error);
            }
        }
    }

    fn install(&mut self, workspace: Arc<Workspace>, vocabulary: Arc<Vocabulary>) {
        self.settings.remember(workspace.path());
        if self.workspace.is_some() {
            // What was told of the workspace before is of no use here.
            self.notices.clear();
        }
        self.locked = None;
        if let Some(aside) = workspace.log_set_aside() {
            let told = msg!(
                "a log lay beside the workspace that belongs to another file; it was not used and \
                 lies in {} now",
                aside.display()
            );
            self.tell(NoticeKind::Failed, told);
        }
        if let Some(reason) = workspace.read_only_reason() {
            let told =
                msg!("the workspace is open for reading only ({}); nothing was changed", reason);
            self.tell(NoticeKind::Done, told);
        }
        self.act(Action::Deselect);
        self.filter = Filter::default();
        self.filters_before.clear();
        self.beside.clear();
        self.filters_after.clear();
        self.focus_version += 1;
        self.searched.clear();
        self.open_names = None;
        self.lists = Value::Idle;
        self.reveals.clear();
        for ask in self.asks() {
            ask.forget();
        }
        self.totals = Counts::default();
        self.scene.ask_anew();
        self.people.ask_anew();
        let (actor, frozen, clock) = (self.actor.clone(), self.frozen, self.clock);
        let stamp = move || Stamp { actor: actor.clone(), at: frozen.unwrap_or_else(clock) };
        self.worker = Some(Worker::start(
            workspace.clone(),
            vocabulary.clone(),
            self.today,
            Box::new(stamp),
            self.wake.clone(),
        ));
        self.workspace = Some(workspace);
        self.vocabulary = vocabulary;
        self.ask_work();
    }
}
