//! The jobs that run: a small set with names, so that saving a report does not wait for an import.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::jobs::{Job, Pace};
use crate::domain::ids::{DeedId, MatchJobId};
use crate::edit::{Conflict, Field};
use crate::import::kinds::make_rooms::RoomsMade;
use crate::import::kinds::review::Settled;
use crate::import::{ImportReport, Request};
use crate::query::Vocabulary;
use crate::store::Workspace;
use crate::store::undo::Undone;
use crate::text::Message;

/// What a job keeps busy. Of each kind one runs at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The workspace as a whole is opened, made or encrypted anew: nothing else runs beside it.
    Workspace,
    /// Records are written: there is one writer.
    Write,
    /// A copy of the workspace is saved.
    Copy,
    /// A report or a template is saved.
    File,
}

impl Slot {
    /// Whether two jobs cannot run beside each other.
    #[must_use]
    pub fn excludes(self, other: Self) -> bool {
        self == other || self == Self::Workspace || other == Self::Workspace
    }
}

/// What a job has done.
pub(super) enum JobDone {
    Opened(Arc<Workspace>, Arc<Vocabulary>),
    NeedsPassphrase(PathBuf, Option<Message>),
    Imported(Box<ImportReport>, Box<Request>),
    /// Of what was done by hand, in words, too.
    Undone(Undone, DeedId, Option<String>),
    Redone(Undone, DeedId, Option<String>),
    Settled(Settled),
    RoomsMade(RoomsMade),
    Saved(DeedId),
    Reported(String),
    Conflict(Vec<Conflict>),
    Refused(Vec<(&'static Field, Message)>),
    TemplateSaved(PathBuf),
    MappingKept(String),
    Kept,
    Copied(PathBuf),
    ReportSaved(PathBuf),
    Extracted(PathBuf, u64),
    Printed(PathBuf),
    Matched(MatchJobId),
    MatchPurged,
    Rekeyed(Arc<Workspace>, Arc<Vocabulary>, bool),
    NotRekeyed(Option<(Arc<Workspace>, Arc<Vocabulary>)>, Message),
}

/// A job that is shown in the status bar.
pub struct RunningJob {
    /// What it is.
    pub title: Message,
    /// What it keeps busy.
    pub slot: Slot,
    pub(super) job: Job<JobDone>,
}

impl RunningJob {
    /// How far it is, 0‥1.
    #[must_use]
    pub fn fraction(&self) -> f32 {
        self.job.control.fraction()
    }

    /// How fast it is, once that is known.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.job.control.pace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_saved_beside_an_import_and_nothing_beside_another_workspace() {
        use Slot::{Copy, File, Workspace, Write};
        for (one, other, excludes) in [
            (Write, Write, true),
            (Write, File, false),
            (Write, Copy, false),
            (File, Copy, false),
            (Workspace, Write, true),
            (File, Workspace, true),
        ] {
            assert_eq!(one.excludes(other), excludes, "{one:?} {other:?}");
        }
    }
}
