//! The thread that asks the workspace: one reader, questions in order, the newest wins.

use std::any::TypeId;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use jiff::civil::Date;

use super::ask::Asked;
use super::desk::{Desk, Shown, told};
use crate::access::Stamp;
use crate::derived::kept::{self, Kept};
use crate::derived::totals::Counts;
use crate::derived::{Census, Derived, PeopleFacts, Totals};
use crate::map::Scene;
use crate::query::Vocabulary;
use crate::query::review::{self, HeldRow};
use crate::query::search::{self, Index, SearchAnswer};
use crate::store::changes::{self, ChangeSet};
use crate::store::kept::{ColumnSet, KeptFilter, column_sets, filters};
use crate::store::past_imports::{KeptMapping, PastImport, kept_mappings, past_imports};
use crate::store::{Reader, StoreError, Workspace, match_jobs};
use crate::text::Message;

/// How often another window's commits are looked for.
const WATCH_EVERY: Duration = Duration::from_secs(2);
/// Most held rows that are read at once.
pub const MOST_HELD: usize = 500;

/// What the thread is to do.
pub enum Task {
    /// Everything anew: scene, people, totals.
    Reload,
    /// Another day has begun.
    Today(Date),
    /// What has been committed meanwhile: as little as possible anew.
    Refresh,
    /// Imports, queue, kept columns.
    Lists,
    /// A question.
    Answer(Asked),
}

/// What was imported, what waits, which columns were kept.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// Imports, newest first.
    pub past: Vec<PastImport>,
    /// Held rows, oldest first, [`MOST_HELD`] at most.
    pub queue: Vec<HeldRow>,
    /// How many wait in all.
    pub waiting: u64,
    /// Kept columns.
    pub mappings: Vec<KeptMapping>,
    /// Kept filters, by name.
    pub filters: Vec<KeptFilter>,
    /// Kept choices of columns.
    pub column_sets: Vec<ColumnSet>,
    /// Lists that were matched, newest first.
    pub matches: Vec<match_jobs::Job>,
}

/// What is new of what is always held.
pub enum News {
    /// The map's content.
    Scene(Result<Arc<Scene>, Message>),
    /// What is told of all residents.
    People(Result<Arc<PeopleFacts>, Message>),
    /// What the workspace holds.
    Totals(Result<Counts, Message>),
    /// Imports, queue, kept columns.
    Lists(Result<Lists, Message>),
}

/// The thread's two ends.
pub struct Worker {
    questions: Sender<Task>,
    answers: Receiver<News>,
}

impl Worker {
    /// Starts the thread for a workspace and asks for everything.
    #[must_use]
    pub fn start(
        workspace: Arc<Workspace>,
        vocabulary: Arc<Vocabulary>,
        today: Date,
        stamp: Box<dyn Fn() -> Stamp + Send>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let (questions, inbox) = channel();
        let (outbox, answers) = channel();
        let _ = questions.send(Task::Reload);
        let run = move || {
            let woken = wake.clone();
            let send = move |news: News| {
                let _ = outbox.send(news);
                woken();
            };
            match workspace.reader() {
                Ok(reader) => {
                    let mut desk = Desk {
                        workspace,
                        vocabulary,
                        reader,
                        today,
                        derived: Derived::default(),
                        index: None,
                        stamp,
                        keeps_nothing: false,
                        scene: None,
                        seen: 0,
                        version: None,
                        shown: Shown::default(),
                        wake,
                    };
                    desk.run(&inbox, &send);
                }
                Err(error) => send(News::Scene(Err(error.message()))),
            }
        };
        let _ = std::thread::Builder::new().name("menpai-query".into()).spawn(run);
        Self { questions, answers }
    }

    /// Asks.
    pub fn ask(&self, asked: Asked) {
        self.send(Task::Answer(asked));
    }

    /// Has something brought up to date.
    pub fn send(&self, task: Task) {
        let _ = self.questions.send(task);
    }

    /// What is new, if anything is.
    #[must_use]
    pub fn poll(&self) -> Option<News> {
        self.answers.try_recv().ok()
    }
}

/// Drops tasks that a later one of the same kind has overtaken: somebody who drags quickly asks faster
/// than a large selection is counted, and the queue would grow without end.
fn outdate(waiting: &mut VecDeque<Task>) {
    let kind = |task: &Task| match task {
        Task::Reload => Some(TypeId::of::<Scene>()),
        Task::Refresh => Some(TypeId::of::<ChangeSet>()),
        Task::Today(_) => Some(TypeId::of::<Date>()),
        Task::Lists => Some(TypeId::of::<Lists>()),
        Task::Answer(asked) => asked.kind,
    };
    let kinds: Vec<Option<TypeId>> = waiting.iter().map(kind).collect();
    let mut nth = 0;
    waiting.retain(|_| {
        let here = kinds[nth];
        nth += 1;
        here.is_none() || !kinds[nth..].contains(&here)
    });
}

fn lists(conn: &Reader) -> Result<Lists, StoreError> {
    Ok(Lists {
        past: past_imports(conn)?,
        queue: review::held_rows(conn, MOST_HELD)?,
        waiting: review::waiting(conn)?,
        mappings: kept_mappings(conn)?,
        filters: filters(conn)?,
        column_sets: column_sets(conn)?,
        matches: match_jobs::jobs(conn)?,
    })
}

impl Desk {
    fn run(&mut self, inbox: &Receiver<Task>, send: &dyn Fn(News)) {
        let mut waiting: VecDeque<Task> = VecDeque::new();
        loop {
            waiting.extend(inbox.try_iter());
            outdate(&mut waiting);
            if let Some(task) = waiting.pop_front() {
                self.attend(task, send);
                continue;
            }
            match inbox.recv_timeout(WATCH_EVERY) {
                Ok(task) => waiting.push_back(task),
                Err(RecvTimeoutError::Timeout) => {
                    if self.has_version_changed() {
                        self.refresh(send);
                    }
                    // A moment's rest after opening: the first search need not wait for it.
                    let _ = self.prepare_search();
                    self.keep_derived();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Whether anybody has committed anything since this was asked last.
    fn has_version_changed(&mut self) -> bool {
        let Ok(version) = Workspace::data_version(&self.reader) else { return false };
        self.version.replace(version) != Some(version)
    }

    /// Searches in everything, as [`search::search_in`] does.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub(super) fn search(&mut self, text: &str) -> Result<SearchAnswer, StoreError> {
        self.prepare_search()?;
        let Some(index) = &self.index else { return Ok(SearchAnswer::default()) };
        search::search_in(index, &self.reader, &self.vocabulary, text, self.today)
    }

    /// Reads what searches look through, unless that is done.
    fn prepare_search(&mut self) -> Result<(), StoreError> {
        if self.index.is_none() {
            self.index = Some(Index::read(&*self.workspace.scanner()?)?);
        }
        Ok(())
    }

    fn reload(&mut self, send: &dyn Fn(News)) {
        self.index = None;
        self.version = Workspace::data_version(&self.reader).ok();
        let kept = Kept::find(&self.reader, &self.vocabulary).ok().flatten();
        let known = kept.as_ref().and_then(|kept| kept.totals(&self.reader).ok().flatten());
        // Counts are patched by what a commit adds: they must not hold one that `seen` is before.
        let count = || {
            let tx = self.reader.unchecked_transaction()?;
            let (last, _) = Workspace::news(&self.reader, self.seen)?;
            Ok((Totals::read(&tx)?, last))
        };
        let counted = known.map_or_else(count, Ok);
        let totals = told(counted.map(|(totals, last)| {
            self.seen = last;
            totals
        }));
        send(News::Totals(totals.as_ref().map(|t| t.counts).map_err(Clone::clone)));
        self.derived.totals = totals.unwrap_or_default();
        self.read_scene(send);
        send(News::Lists(told(lists(&self.reader))));
        match self.read_census(kept) {
            Ok(census) => {
                self.derived.census = census;
                self.send_people(send);
            }
            Err(error) => send(News::People(Err(error.message()))),
        }
    }

    /// Rooms and residents: as the file keeps them, or by scans.
    fn read_census(&self, kept: Option<Kept>) -> Result<Census, StoreError> {
        if let Some(kept) = kept
            && let Some(census) = kept.census(&self.reader, &self.vocabulary)?
        {
            return Ok(census);
        }
        Census::read(&*self.workspace.scanner()?, &self.vocabulary)
    }

    /// Keeps in the file what takes long to read, and from time to time what has changed of it.
    fn keep_derived(&mut self) {
        /// Entries of the audit log after which it is brought up to date.
        const MOST_BEHIND: i64 = 64;
        let Derived { census, totals } = &self.derived;
        let is_due = match census.kept() {
            None => census.row_count() >= kept::WORTH_KEEPING,
            Some(seq) => self.seen - seq >= MOST_BEHIND,
        };
        if !is_due || self.keeps_nothing || self.workspace.read_only_reason().is_some() {
            return;
        }
        let when = (self.seen, &(self.stamp)());
        match kept::keep(&self.workspace, census, totals, &self.vocabulary, when) {
            Ok(seq) => self.derived.census.set_kept(seq),
            // Somebody writes; there will be another moment.
            Err(StoreError::Busy) => {}
            Err(_) => self.keeps_nothing = true,
        }
    }

    fn read_scene(&mut self, send: &dyn Fn(News)) {
        let scene = told(Scene::read(&self.workspace).map(Arc::new));
        if let Ok(scene) = &scene {
            self.scene = Some(scene.clone());
        }
        send(News::Scene(scene));
    }

    fn send_people(&self, send: &dyn Fn(News)) {
        send(News::People(Ok(Arc::new(
            self.derived.census.facts(self.today, self.vocabulary.tags.len()),
        ))));
    }

    /// Brings everything up to date with what has been committed: row by row where that is known
    /// and little, else by reading it anew.
    fn refresh(&mut self, send: &dyn Fn(News)) {
        let Ok((last, news)) = Workspace::news(&self.reader, self.seen) else {
            return self.reload(send);
        };
        self.seen = last;
        match news {
            changes::News::Nothing => {
                if let Some(scene) = &self.scene {
                    send(News::Scene(Ok(scene.clone())));
                }
                self.send_people(send);
            }
            changes::News::Unknown => self.reload(send),
            changes::News::Changes(commits) => {
                if self.patch(&commits, send).unwrap_or(true) {
                    self.reload(send);
                }
            }
        }
    }

    /// Returns whether everything has to be read anew.
    fn patch(&mut self, commits: &[ChangeSet], send: &dyn Fn(News)) -> Result<bool, StoreError> {
        let Some(mut scene) = self.scene.as_deref().cloned() else { return Ok(true) };
        let mut reads_scene = false;
        let mut has_changed = false;
        for commit in commits {
            if !self.derived.patch(&self.reader, &self.vocabulary, commit)? {
                return Ok(true);
            }
            if let Some(index) = &mut self.index
                && !index.patch(&self.reader, commit)?
            {
                self.index = None;
            }
            match scene.patch(&self.reader, commit)? {
                Some(changed) => has_changed |= changed,
                None => reads_scene = true,
            }
        }
        send(News::Totals(Ok(self.derived.totals.counts)));
        self.send_people(send);
        send(News::Lists(told(lists(&self.reader))));
        if reads_scene {
            self.read_scene(send);
        } else {
            if has_changed {
                self.scene = Some(Arc::new(scene));
            }
            if let Some(scene) = &self.scene {
                send(News::Scene(Ok(scene.clone())));
            }
        }
        Ok(false)
    }

    fn attend(&mut self, task: Task, send: &dyn Fn(News)) {
        match task {
            Task::Reload => self.reload(send),
            Task::Today(day) => self.today = day,
            Task::Refresh => self.refresh(send),
            Task::Lists => send(News::Lists(told(lists(&self.reader)))),
            Task::Answer(asked) => (asked.run)(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_question_of_a_kind_is_answered() {
        struct Selection;
        struct Overview;
        let asked = |kind| Task::Answer(Asked { kind, run: Box::new(|_| ()) });
        let (selection, overview) =
            (Some(TypeId::of::<Selection>()), Some(TypeId::of::<Overview>()));
        let mut waiting: VecDeque<Task> = [
            asked(selection),
            // Each of these is waited for.
            asked(None),
            asked(selection),
            asked(None),
            asked(overview),
            Task::Refresh,
            asked(selection),
            asked(overview),
            Task::Refresh,
        ]
        .into();
        outdate(&mut waiting);
        let left: Vec<Option<TypeId>> = waiting
            .iter()
            .map(|task| match task {
                Task::Answer(asked) => asked.kind,
                _ => Some(TypeId::of::<()>()),
            })
            .collect();
        assert_eq!(left, [None, None, selection, overview, Some(TypeId::of::<()>())]);
    }
}
