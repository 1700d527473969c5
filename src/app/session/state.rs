//! What a session holds, and what all its subjects use.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use jiff::civil::Date;

use super::running::{RunningJob, Slot};
use crate::access::{Actor, Stamp};
use crate::app::action::{Card, Notice, NoticeKind, Offer, OpenNames};
use crate::app::ask::{Ask, Asked, Pending};
use crate::app::asks::by_hand::{AskDeeds, AskRecord, AskSimilar, AskVisits, AskWork};
use crate::app::asks::card::{AskEvent, AskHousehold, AskOverview, AskRoster, RevealPhone};
use crate::app::asks::extract::AskExtract;
use crate::app::asks::figures::AskFigures;
use crate::app::asks::focus::{AskFocus, AskMatches, AskSelection};
use crate::app::asks::form::AskForm;
use crate::app::asks::map::{AskRoomPlan, AskTheme};
use crate::app::asks::matches::AskMatchJob;
use crate::app::asks::search::AskSearch;
use crate::app::asks::table::{AskBuildings, AskCopy, AskPage, AskRowIn, AskTable};
use crate::app::settings::Settings;
use crate::app::value::Value;
use crate::app::worker::{Lists, Task, Worker};
use crate::derived::PeopleFacts;
use crate::derived::totals::Counts;
use crate::domain::clock::day_of;
use crate::domain::ids::{BuildingId, QueueRowId};
use crate::edit::{Conflict, Field};
use crate::import::{ImportReport, Request};
use crate::map::Scene;
use crate::query::{Filter, Vocabulary};
use crate::store::Workspace;
use crate::text::Message;

/// An encrypted workspace that waits for its passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Where it is.
    pub path: PathBuf,
    /// Why the last passphrase did not open it: an English sentence, localised when shown.
    pub problem: Option<Message>,
    /// Whether a passphrase is being tried.
    pub is_trying: bool,
}

/// The running session.
pub struct Session {
    /// What the user chose.
    pub settings: Settings,
    /// The open workspace.
    pub workspace: Option<Arc<Workspace>>,
    /// Its vocabularies.
    pub vocabulary: Arc<Vocabulary>,
    /// The map's content.
    pub scene: Value<Arc<Scene>>,
    /// Changes with every new scene, so that the window knows when to upload.
    pub scene_version: u64,
    /// What is told of all residents.
    pub people: Value<Arc<PeopleFacts>>,
    /// What the workspace holds.
    pub totals: Counts,
    /// What the right panel shows.
    pub card: Option<Card>,
    /// The chosen building, also while one of its rooms is shown.
    pub building_id: Option<BuildingId>,
    /// Answer for a building.
    pub overview: Ask<AskOverview>,
    /// The residents of the building.
    pub roster: Ask<AskRoster>,
    /// Answer for a room.
    pub household: Ask<AskHousehold>,
    /// Answer for an event.
    pub event: Ask<AskEvent>,
    /// The selected buildings, by row id.
    pub selection: Arc<[BuildingId]>,
    /// What is in them.
    pub selection_summary: Ask<AskSelection>,
    /// Changes with every answer about the selection.
    pub selection_version: u64,
    /// The focus in force.
    pub filter: Filter,
    /// Filters that were in force before, the last one last; and those one has gone back from.
    pub(super) filters_before: Vec<Filter>,
    pub(super) filters_after: Vec<Filter>,
    /// What the filter leaves, in figures.
    pub figures: Ask<AskFigures>,
    /// Grids (code and name) that the figures show beside it.
    pub beside: Vec<(String, String)>,
    /// What an extraction would hold.
    pub extract_plan: Ask<AskExtract>,
    /// A form that is to be filled.
    pub form: Ask<AskForm>,
    /// A list that was matched.
    pub match_job: Ask<AskMatchJob>,
    /// Which rows the table has.
    pub table: Ask<AskTable>,
    /// The rows of it that are in sight.
    pub table_page: Ask<AskPage>,
    /// Rows of it that are to be copied.
    pub table_copy: Ask<AskCopy>,
    /// Buildings of rows that are to be shown on the map.
    pub table_places: Ask<AskBuildings>,
    /// The first row of it that is in the building that is shown.
    pub table_row: Ask<AskRowIn>,
    /// What the focus leaves.
    pub focus: Ask<AskFocus>,
    /// Who of the building that is shown it leaves.
    pub matches: Ask<AskMatches>,
    /// Values of the map's theme by building, where it needs any.
    pub theme_values: Ask<AskTheme>,
    /// Changes whenever buildings are to be coloured anew.
    pub focus_version: u64,
    /// Answer to the last search.
    pub search: Ask<AskSearch>,
    /// Whether searches show names in full.
    pub open_names: Option<OpenNames>,
    pub(super) searched: String,
    /// The last import's report, until it is closed.
    pub report: Option<ImportReport>,
    /// What was imported with it.
    pub request: Option<Request>,
    /// The row of the queue that is looked at.
    pub reviewed: Option<QueueRowId>,
    /// What was imported before, what waits, which columns were kept.
    pub lists: Value<Lists>,
    /// What the plan of rooms that is being typed would make.
    pub rooms_planned: Ask<AskRoomPlan>,
    /// The record that is being edited.
    pub record: Ask<AskRecord>,
    /// What waits.
    pub work: Ask<AskWork>,
    /// What was done.
    pub deeds: Ask<AskDeeds>,
    /// Open events that may be the one that is being reported.
    pub similar: Ask<AskSimilar>,
    /// The last visits to the room that is shown.
    pub visits: Ask<AskVisits>,
    /// Fields that somebody else has changed since the draft that was to be saved was begun.
    pub conflict: Option<Vec<Conflict>>,
    /// Fields of a draft that could not be taken.
    pub refused: Option<Vec<(&'static Field, Message)>>,
    /// Changes whenever something done by hand was saved, so that its form can close.
    pub saved_version: u64,
    pub(super) user: Actor,
    pub(super) is_named: bool,
    /// An encrypted workspace that waits for its passphrase.
    pub locked: Option<Locked>,
    /// The jobs that run.
    pub jobs: Vec<RunningJob>,
    /// Phone numbers that are being opened.
    pub(super) reveals: Vec<Ask<RevealPhone>>,
    /// Buildings of the file that is being imported into an empty workspace: shown, but not stored
    /// yet, so that they cannot be asked about.
    pub(super) preview: Option<Receiver<Arc<Scene>>>,
    /// Whether the scene is such a preview.
    pub is_preview: bool,
    /// Things to be read.
    pub notices: Vec<Notice>,
    pub(super) history: Vec<Card>,
    pub(super) worker: Option<Worker>,
    pub(super) actor: Actor,
    pub(super) today: Date,
    /// Whether `today` is the clock's day, and not one that was asked for.
    pub(super) follows_clock: bool,
    pub(super) clock: fn() -> i64,
    pub(super) frozen: Option<i64>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

/// How many questions a session has.
const ASKS: usize = 24;

/// The questions of a session: a new one is a field and a line here.
macro_rules! asks {
    ($session:expr $(, $mutable:tt)?) => {
        [
            & $($mutable)? $session.overview,
            & $($mutable)? $session.roster,
            & $($mutable)? $session.household,
            & $($mutable)? $session.event,
            & $($mutable)? $session.selection_summary,
            & $($mutable)? $session.focus,
            & $($mutable)? $session.matches,
            & $($mutable)? $session.extract_plan,
            & $($mutable)? $session.figures,
            & $($mutable)? $session.form,
            & $($mutable)? $session.theme_values,
            & $($mutable)? $session.search,
            & $($mutable)? $session.match_job,
            & $($mutable)? $session.table,
            & $($mutable)? $session.table_page,
            & $($mutable)? $session.table_copy,
            & $($mutable)? $session.table_places,
            & $($mutable)? $session.table_row,
            & $($mutable)? $session.rooms_planned,
            & $($mutable)? $session.record,
            & $($mutable)? $session.work,
            & $($mutable)? $session.deeds,
            & $($mutable)? $session.similar,
            & $($mutable)? $session.visits,
        ]
    };
}

impl Session {
    /// A session with nothing open. `wake` is called from threads when there is news; `clock`
    /// gives UTC seconds.
    #[must_use]
    pub fn new(
        settings: Settings,
        actor: Actor,
        today: Date,
        clock: fn() -> i64,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let follows_clock = day_of(clock()) == Some(today);
        Self {
            settings,
            workspace: None,
            vocabulary: Arc::default(),
            scene: Value::Idle,
            scene_version: 0,
            people: Value::Idle,
            totals: Counts::default(),
            card: None,
            building_id: None,
            overview: Ask::default(),
            roster: Ask::default(),
            household: Ask::default(),
            event: Ask::default(),
            selection: Arc::default(),
            selection_summary: Ask::default(),
            selection_version: 0,
            filter: Filter::default(),
            filters_before: Vec::new(),
            filters_after: Vec::new(),
            figures: Ask::default(),
            beside: Vec::new(),
            extract_plan: Ask::default(),
            matches: Ask::default(),
            form: Ask::default(),
            match_job: Ask::default(),
            table: Ask::default(),
            table_page: Ask::default(),
            table_copy: Ask::default(),
            table_places: Ask::default(),
            table_row: Ask::default(),
            focus: Ask::default(),
            theme_values: Ask::default(),
            focus_version: 0,
            search: Ask::default(),
            open_names: None,
            searched: String::new(),
            report: None,
            request: None,
            reviewed: None,
            lists: Value::Idle,
            rooms_planned: Ask::default(),
            record: Ask::default(),
            work: Ask::default(),
            deeds: Ask::default(),
            similar: Ask::default(),
            visits: Ask::default(),
            conflict: None,
            refused: None,
            saved_version: 0,
            user: actor.clone(),
            is_named: false,
            locked: None,
            jobs: Vec::new(),
            reveals: Vec::new(),
            preview: None,
            is_preview: false,
            notices: Vec::new(),
            history: Vec::new(),
            worker: None,
            actor,
            today,
            follows_clock,
            clock,
            frozen: None,
            wake,
        }
    }

    /// Every question of the session, to take answers in.
    pub(super) fn asks(&mut self) -> [&mut dyn Pending; ASKS] {
        asks!(self, mut)
    }

    /// Whether anything is still being worked out.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let asks: [&dyn Pending; ASKS] = asks!(self);
        !self.jobs.is_empty()
            || self.scene.is_pending()
            || self.people.is_pending()
            || asks.iter().any(|ask| ask.is_pending())
    }

    /// Whether a job that keeps `slot` busy could start now.
    #[must_use]
    pub fn is_free(&self, slot: Slot) -> bool {
        self.jobs.iter().all(|running| !running.slot.excludes(slot))
    }

    /// The day ages are counted on.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// Now, UTC seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.frozen.unwrap_or_else(self.clock)
    }

    /// Stops the clock at an instant, for pictures of a given day.
    pub fn freeze_clock(&mut self, at: i64) {
        self.frozen = Some(at);
    }

    /// Whether there is a card to go back to.
    #[must_use]
    pub fn can_go_back(&self) -> bool {
        !self.history.is_empty()
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp { actor: self.actor.clone(), at: self.now() }
    }

    pub(super) fn tell(&mut self, kind: NoticeKind, text: impl Into<Message>) {
        self.tell_with(kind, text, None);
    }

    pub(super) fn tell_with(
        &mut self,
        kind: NoticeKind,
        text: impl Into<Message>,
        offer: Option<Offer>,
    ) {
        const MOST_NOTICES: usize = 6;
        let text = text.into();
        if self.notices.last().is_some_and(|n| n.text == text) {
            return;
        }
        self.notices.push(Notice { kind, text, at: self.now(), offer });
        let extra = self.notices.len().saturating_sub(MOST_NOTICES);
        self.notices.drain(..extra);
    }

    /// Sends a question on its way.
    pub(super) fn send(&self, asked: Asked) {
        if let Some(worker) = &self.worker {
            worker.ask(asked);
        }
    }

    /// Has something brought up to date.
    pub(super) fn have(&self, task: Task) {
        if let Some(worker) = &self.worker {
            worker.send(task);
        }
    }
}
