//! The jobs of a session: opening, creating, copying, re-keying, importing.

use crate::domain::ids::{BuildingId, DeedId, QueueRowId};
use crate::msg;
use crate::text::Message;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;

use super::by_hand::by_hand_words;
use super::running::{JobDone, RunningJob, Slot};
use super::state::Session;
use crate::access::{AuditEntry, Stamp};
use crate::app::action::NoticeKind;
use crate::app::jobs::{Job, JobControl};
use crate::app::lists::{self, ReportRows};
use crate::app::sample;
use crate::app::value::Value;
use crate::domain::Lang;
use crate::domain::room_plan::RoomPlan;
use crate::import::kinds::make_rooms;
use crate::import::kinds::review::{self, Decision};
use crate::import::{self, Kind, Request, Watch};
use crate::map::Scene;
use crate::query::Vocabulary;
use crate::store::{
    OpenMode, Passphrase, StoreError, Workspace, bulk, match_jobs, past_imports, undo,
};

/// How long a change of passphrase waits for a running question to end.
const REKEY_PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

impl Session {
    pub(super) fn start_job(
        &mut self,
        title: Message,
        slot: Slot,
        work: impl FnOnce(&JobControl) -> Result<JobDone, Message> + Send + 'static,
    ) {
        if !self.is_free(slot) {
            self.tell(NoticeKind::Failed, "something is still running; wait for it or cancel it");
            return;
        }
        let name = match slot {
            Slot::Workspace => "workspace",
            Slot::Write => "write",
            Slot::Copy => "copy",
            Slot::File => "file",
        };
        let job = Job::start(name, self.wake.clone(), work);
        self.jobs.push(RunningJob { title, slot, job });
    }

    pub(super) fn open(&mut self, path: PathBuf, passphrase: Option<Passphrase>) {
        // The dialog stays while a passphrase is tried: a wrong one is told in it.
        let is_free = self.is_free(Slot::Workspace);
        match &mut self.locked {
            Some(locked) if locked.path == path && passphrase.is_some() && is_free => {
                (locked.is_trying, locked.problem) = (true, None);
            }
            locked => *locked = None,
        }
        let title = msg!("opening {}", path.display());
        let stamp = self.stamp();
        self.start_job(title, Slot::Workspace, move |_| opened(&path, passphrase.as_ref(), &stamp));
    }

    pub(super) fn create(&mut self, path: PathBuf, passphrase: Option<Passphrase>) {
        let stamp = self.stamp();
        let title = msg!("creating {}", path.display());
        self.start_job(title, Slot::Workspace, move |_| {
            let workspace =
                Workspace::create(&path, passphrase.as_ref(), &stamp).map_err(|e| e.message())?;
            with_vocabulary(workspace)
        });
    }

    pub(super) fn open_sample(&mut self) {
        let (stamp, today) = (self.stamp(), self.today);
        self.start_job(Message::from("preparing the sample"), Slot::Workspace, move |control| {
            let path = sample::path()?;
            if !path.is_file() {
                let tell = |fraction| control.tell(fraction);
                sample::create(&path, &stamp, today, control.cancel_flag(), &tell)?;
            }
            opened(&path, None, &stamp)
        });
    }

    pub(super) fn save_copy(&mut self, path: PathBuf) {
        let Some(workspace) = self.workspace.clone() else { return };
        let (title, stamp) = (msg!("saving a copy to {}", path.display()), self.stamp());
        self.start_job(title, Slot::Copy, move |control| {
            let progress = |fraction| {
                control.tell(fraction);
                !control.cancel_flag().load(Ordering::Relaxed)
            };
            workspace.save_copy(&path, &stamp, progress).map_err(|e| e.message())?;
            Ok(JobDone::Copied(path))
        });
    }

    /// Saves the report: with its rows in full for a purpose, else masked.
    pub(super) fn save_report(&mut self, path: PathBuf, lang: Lang, purpose: Option<String>) {
        let Some(report) = self.report.clone() else { return };
        let Some(workspace) = self.workspace.clone() else { return };
        let stamp = self.stamp();
        self.start_job(Message::from("saving the report"), Slot::File, move |_| {
            let rows = if purpose.is_some() { ReportRows::Full } else { ReportRows::Masked };
            if let Some(purpose) = purpose.filter(|_| lists::holds_rows(&path)) {
                let entry = AuditEntry::done("reveal", format!("report {}", report.file))
                    .with_fields(format!("row×{}", report.kept.len()))
                    .with_purpose(purpose);
                let written = workspace.write(&stamp, |tx| {
                    bulk::check_reveals(tx, &stamp)?;
                    Ok(((), entry))
                });
                written.map_err(|e| e.message())?;
            }
            lists::save_report(&report, &path, lang, rows)?;
            Ok(JobDone::ReportSaved(path))
        });
    }

    pub(super) fn save_template(&mut self, kind: Kind, path: PathBuf, lang: Lang) {
        self.start_job(Message::from("saving the template"), Slot::File, move |_| {
            lists::save_template(kind, &path, lang)?;
            Ok(JobDone::TemplateSaved(path))
        });
    }

    pub(super) fn undo_import(&mut self, batch: DeedId) {
        let Some(workspace) = self.workspace.clone() else { return };
        let (stamp, lang) = (self.stamp(), self.settings.language());
        self.start_job(Message::from("taking it back"), Slot::Write, move |_| {
            let undone = workspace.write(&stamp, |tx| undo::undo(tx, batch));
            let undone = undone.map_err(|e| e.message())?;
            Ok(JobDone::Undone(undone, batch, by_hand_words(&workspace, batch, lang)))
        });
    }

    pub(super) fn redo_import(&mut self, batch: DeedId) {
        let Some(workspace) = self.workspace.clone() else { return };
        let (stamp, lang) = (self.stamp(), self.settings.language());
        self.start_job(Message::from("putting it back"), Slot::Write, move |_| {
            let redone = workspace.write(&stamp, |tx| undo::redo(tx, batch));
            let redone = redone.map_err(|e| e.message())?;
            Ok(JobDone::Redone(redone, batch, by_hand_words(&workspace, batch, lang)))
        });
    }

    pub(super) fn make_rooms(&mut self, buildings: Arc<[BuildingId]>, plan: RoomPlan) {
        let Some(workspace) = self.workspace.clone() else { return };
        let stamp = self.stamp();
        self.start_job(Message::from("making rooms"), Slot::Write, move |_| {
            let made = make_rooms::make(&workspace, &stamp, &plan, &buildings);
            Ok(JobDone::RoomsMade(made.map_err(|e| e.message())?))
        });
    }

    pub(super) fn settle(&mut self, id: QueueRowId, decision: Decision, all_alike: bool) {
        let Some(workspace) = self.workspace.clone() else { return };
        let (stamp, today) = (self.stamp(), self.today);
        self.start_job(Message::from("taking the row"), Slot::Write, move |_| {
            let step = (id, &decision);
            let settled = review::settle(&workspace, &stamp, today, step, all_alike);
            Ok(JobDone::Settled(settled.map_err(|e| e.message())?))
        });
    }

    pub(super) fn keep_mapping(&mut self, kind: Kind, name: String, pairs: Vec<(String, String)>) {
        let Some(workspace) = self.workspace.clone() else { return };
        let stamp = self.stamp();
        self.start_job(Message::from("keeping the columns"), Slot::Write, move |_| {
            let kept = workspace
                .write(&stamp, |tx| past_imports::keep_mapping(tx, kind.word(), &name, &pairs));
            kept.map_err(|e| e.message())?;
            Ok(JobDone::MappingKept(name))
        });
    }

    /// Changes the passphrase. The query thread lets go of the file first; afterwards the
    /// workspace is opened anew, whether or not the change was made.
    pub(super) fn rekey(&mut self, new: Option<Passphrase>) {
        if !self.is_free(Slot::Workspace) || self.workspace.is_none() {
            self.tell(NoticeKind::Failed, "something is still running; wait for it or cancel it");
            return;
        }
        let Some(mut workspace) = self.workspace.take() else { return };
        (self.worker, self.scene) = (None, Value::Pending(None));
        let (stamp, vocabulary) = (self.stamp(), self.vocabulary.clone());
        self.start_job(Message::from("changing the passphrase"), Slot::Workspace, move |_| {
            let until = std::time::Instant::now() + REKEY_PATIENCE;
            let alone = loop {
                match Arc::try_unwrap(workspace) {
                    Ok(alone) => break alone,
                    Err(shared) if std::time::Instant::now() > until => {
                        let told = StoreError::Busy.message();
                        return Ok(JobDone::NotRekeyed(Some((shared, vocabulary)), told));
                    }
                    Err(shared) => {
                        workspace = shared;
                        std::thread::sleep(std::time::Duration::from_millis(20));
                    }
                }
            };
            Ok(match alone.rekey(new.as_ref(), &stamp) {
                Ok(done) => JobDone::Rekeyed(Arc::new(done), vocabulary, new.is_some()),
                Err(failure) => {
                    let told = failure.error.message();
                    let back = failure.workspace.map(|w| (Arc::new(w), vocabulary));
                    JobDone::NotRekeyed(back, told)
                }
            })
        });
    }

    pub(super) fn import(&mut self, request: Request) {
        let Some(workspace) = self.workspace.clone() else { return };
        let stamp = self.stamp();
        let name = request.path.file_name().map(|n| n.to_string_lossy().into_owned());
        let title = msg!("importing {}", name.unwrap_or_default());
        let wake = self.wake.clone();
        let (found, preview) = channel();
        // Only an empty map shows the file's buildings before they are stored.
        let is_empty = self.scene.get().is_none_or(|scene| scene.footprints().is_empty());
        self.preview = is_empty.then_some(preview);
        self.start_job(title, Slot::Write, move |control| {
            let progress = |done: u64, total: u64| {
                control.tell_rows(done, total);
                wake();
            };
            let watch = Watch {
                cancel: control.cancel_flag(),
                progress: &progress,
                found: &|buildings| {
                    if is_empty {
                        let _ = found.send(Arc::new(Scene::of_buildings(buildings.clone())));
                        wake();
                    }
                },
            };
            let report =
                import::run(&workspace, &request, &stamp, &watch).map_err(|e| e.message())?;
            Ok(JobDone::Imported(Box::new(report), Box::new(request)))
        });
    }
}

fn with_vocabulary(workspace: Workspace) -> Result<JobDone, Message> {
    let vocabulary =
        workspace.reader().and_then(|reader| Vocabulary::read(&reader)).map_err(|e| e.message())?;
    Ok(JobDone::Opened(Arc::new(workspace), Arc::new(vocabulary)))
}

fn opened(path: &Path, passphrase: Option<&Passphrase>, stamp: &Stamp) -> Result<JobDone, Message> {
    match Workspace::open(path, passphrase, OpenMode::ReadWrite) {
        Ok(workspace) => {
            // Lists whose day has come go; a workspace that is busy is asked again the next time.
            let _ = match_jobs::purge_due(&workspace, stamp);
            with_vocabulary(workspace)
        }
        Err(StoreError::PassphraseNeeded) => Ok(JobDone::NeedsPassphrase(path.to_owned(), None)),
        // One that was given for any case, as by the environment, is of no use to a plain file.
        Err(StoreError::NotEncrypted) if passphrase.is_some() => opened(path, None, stamp),
        Err(error @ StoreError::PassphraseWrong) => {
            Ok(JobDone::NeedsPassphrase(path.to_owned(), Some(error.message())))
        }
        Err(error) => Err(error.message()),
    }
}
