//! The session's state and what can be done to it.

use crate::text::Message;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use jiff::civil::Date;

use super::UiCommand;
use super::action::{
    Action, Card, HouseholdView, Notice, NoticeKind, Offer, OpenNames, SearchView,
};
use super::jobs::{Job, Pace};
use super::settings::Settings;
use super::value::Value;
use super::worker::{Lists, Question, Worker};
use crate::access::{Actor, Stamp};
use crate::derived::PeopleFacts;
use crate::derived::totals::Counts;
use crate::domain::clock::day_of;
use crate::import::kinds::make_rooms::RoomsMade;
use crate::import::kinds::review::Settled;
use crate::import::{ImportReport, Request};
use crate::map::Scene;
use crate::map::style::{Colouring, MapTheme};
use crate::query::event::EventCard;
use crate::query::statistics::PersonLine;
use crate::query::{FocusAnswer, FocusFilter, Overview, SelectionSummary, Vocabulary};
use crate::store::Workspace;
use crate::store::undo::Undone;

mod answers;
mod done;
mod selecting;
mod work;

/// How long a revealed field stays open, seconds.
const REVEAL_SECS: i64 = 60;
/// How long good news stays, seconds; what failed stays until it is dismissed.
const NOTICE_SECS: i64 = 10;
/// How long searches show names after a reason was given, seconds.
const NAMES_SECS: i64 = 600;
/// How long a change of passphrase waits for a running question to end.
const REKEY_PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

enum JobDone {
    Opened(Arc<Workspace>, Arc<Vocabulary>),
    NeedsPassphrase(PathBuf, Option<Message>),
    Imported(Box<ImportReport>, Box<Request>),
    Undone(Undone, i64),
    Redone(Undone, i64),
    Settled(Settled),
    RoomsMade(RoomsMade),
    TemplateSaved(PathBuf),
    MappingKept(String),
    Copied(PathBuf),
    ReportSaved(PathBuf),
    Rekeyed(Arc<Workspace>, Arc<Vocabulary>, bool),
    NotRekeyed(Option<(Arc<Workspace>, Arc<Vocabulary>)>, Message),
}

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

/// A job that is shown in the status bar.
pub struct RunningJob {
    /// What it is: an English sentence, localised when shown.
    pub title: Message,
    job: Job<JobDone>,
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
    pub building_id: Option<i64>,
    /// Answer for a building.
    pub overview: Value<Option<Overview>>,
    /// The residents of the building.
    pub roster: Value<Arc<[PersonLine]>>,
    /// Answer for a room.
    pub household: Value<Option<HouseholdView>>,
    /// Answer for an event.
    pub event: Value<Option<EventCard>>,
    /// The selected buildings, by row id.
    pub selection: Arc<[i64]>,
    /// What is in them.
    pub selection_summary: Value<SelectionSummary>,
    /// Changes with every answer about the selection.
    pub selection_version: u64,
    selection_asked: u64,
    /// The focus in force.
    pub filter: FocusFilter,
    /// Its answer.
    pub focus: Value<(FocusAnswer, Vec<PersonLine>)>,
    /// Values of the map's theme by building, where it needs any.
    pub theme_values: Value<(MapTheme, Vec<(i64, u32)>)>,
    /// Changes whenever buildings are to be coloured anew.
    pub focus_version: u64,
    /// Answer to the last search.
    pub search: Value<SearchView>,
    /// Whether searches show names in full.
    pub open_names: Option<OpenNames>,
    searched: String,
    /// The last import's report, until it is closed.
    pub report: Option<ImportReport>,
    /// What was imported with it.
    pub request: Option<Request>,
    /// The row of the queue that is looked at.
    pub reviewed: Option<i64>,
    /// What was imported before, what waits, which columns were kept.
    pub lists: Value<Lists>,
    /// What the plan of rooms that is being typed would make.
    pub rooms_planned: Value<RoomsMade>,
    /// An encrypted workspace that waits for its passphrase.
    pub locked: Option<Locked>,
    /// The running job.
    pub job: Option<RunningJob>,
    /// Buildings of the file that is being imported into an empty workspace: shown, but not stored
    /// yet, so that they cannot be asked about.
    preview: Option<Receiver<Arc<Scene>>>,
    /// Whether the scene is such a preview.
    pub is_preview: bool,
    /// Things to be read.
    pub notices: Vec<Notice>,
    history: Vec<Card>,
    worker: Option<Worker>,
    generation: u64,
    actor: Actor,
    today: Date,
    /// Whether `today` is the clock's day, and not one that was asked for.
    follows_clock: bool,
    clock: fn() -> i64,
    frozen: Option<i64>,
    wake: Arc<dyn Fn() + Send + Sync>,
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
            overview: Value::Idle,
            roster: Value::Idle,
            household: Value::Idle,
            event: Value::Idle,
            selection: Arc::default(),
            selection_summary: Value::Idle,
            selection_version: 0,
            selection_asked: 0,
            filter: FocusFilter::default(),
            focus: Value::Idle,
            theme_values: Value::Idle,
            focus_version: 0,
            search: Value::Idle,
            open_names: None,
            searched: String::new(),
            report: None,
            request: None,
            reviewed: None,
            lists: Value::Idle,
            rooms_planned: Value::Idle,
            locked: None,
            job: None,
            preview: None,
            is_preview: false,
            notices: Vec::new(),
            history: Vec::new(),
            worker: None,
            generation: 0,
            actor,
            today,
            follows_clock,
            clock,
            frozen: None,
            wake,
        }
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

    /// Whether anything is still being worked out.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
            || self.scene.is_pending()
            || self.people.is_pending()
            || self.overview.is_pending()
            || self.household.is_pending()
            || self.event.is_pending()
            || self.focus.is_pending()
            || self.search.is_pending()
            || self.selection_summary.is_pending()
            || self.theme_values.is_pending()
    }

    /// Whether there is a card to go back to.
    #[must_use]
    pub fn can_go_back(&self) -> bool {
        !self.history.is_empty()
    }

    fn stamp(&self) -> Stamp {
        Stamp { actor: self.actor.clone(), at: self.now() }
    }

    fn tell(&mut self, kind: NoticeKind, text: impl Into<Message>) {
        self.tell_with(kind, text, None);
    }

    fn tell_with(&mut self, kind: NoticeKind, text: impl Into<Message>, offer: Option<Offer>) {
        const MOST_NOTICES: usize = 6;
        let text = text.into();
        if self.notices.last().is_some_and(|n| n.text == text) {
            return;
        }
        self.notices.push(Notice { kind, text, at: self.now(), offer });
        let extra = self.notices.len().saturating_sub(MOST_NOTICES);
        self.notices.drain(..extra);
    }

    fn ask(&mut self, question: impl FnOnce(u64) -> Question) {
        self.generation += 1;
        if let Some(worker) = &self.worker {
            worker.ask(question(self.generation));
        }
    }

    /// Opens the last workspace, else the sample (making it at the first start).
    pub fn open_default(&mut self) {
        let last = self.settings.recent.first().filter(|path| path.is_file()).cloned();
        match last {
            Some(path) => self.act(Action::Open(path, None)),
            None => self.act(Action::Command(UiCommand::OpenSample)),
        }
    }

    /// Does what the window asks.
    pub fn act(&mut self, action: Action) {
        match action {
            Action::Command(UiCommand::OpenSample) => self.open_sample(),
            Action::Command(UiCommand::ClearFocus) => self.set_focus(FocusFilter::default()),
            Action::Command(UiCommand::Back) | Action::Back => self.go_back(),
            Action::Command(_) => {}
            Action::Open(path, passphrase) => self.open(path, passphrase),
            Action::Create(path, passphrase) => self.create(path, passphrase),
            Action::SaveCopy(path) => self.save_copy(path),
            Action::Import(request) => self.import(request),
            Action::CancelJob => {
                if let Some(running) = &self.job {
                    running.job.control.cancel();
                }
            }
            Action::Show(_) | Action::Select(..) if self.is_preview => {}
            Action::Show(card) => self.show(card, true),
            Action::Select(ids, how) => self.select(&ids, how),
            Action::Deselect => {
                (self.card, self.building_id) = (None, None);
                self.history.clear();
                self.set_selection(Vec::new());
            }
            Action::Focus(filter) => self.set_focus(filter),
            Action::Theme(theme) => {
                self.settings.theme = theme;
                self.focus_version += 1;
                self.ask_theme();
            }
            Action::Search(text) => {
                self.searched = text;
                self.ask_search();
            }
            Action::OpenNames(purpose) => self.open_names(&purpose),
            Action::RevealPhone(room_id, person_id, purpose) => {
                self.reveal_phone(room_id, person_id, &purpose);
            }
            Action::GiveUpLocked => self.locked = None,
            Action::LookAt(id) => self.reviewed = Some(id),
            Action::UndoImport(batch) => self.undo_import(batch),
            Action::RedoImport(batch) => self.redo_import(batch),
            Action::PlanRooms(ids, plan) => match plan {
                Some(plan) => {
                    self.rooms_planned.ask();
                    self.ask(|generation| Question::RoomPlan(generation, ids, plan));
                }
                None => self.rooms_planned = Value::Idle,
            },
            Action::MakeRooms(ids, plan) => self.make_rooms(ids, plan),
            Action::Settle(id, decision, all_alike) => self.settle(id, decision, all_alike),
            Action::SaveTemplate(kind, path, lang) => self.save_template(kind, path, lang),
            Action::KeepMapping(kind, name, pairs) => self.keep_mapping(kind, name, pairs),
            Action::SaveReport(path, lang, purpose) => self.save_report(path, lang, purpose),
            Action::Rekey(passphrase) => self.rekey(passphrase),
            Action::CloseReport => (self.report, self.request) = (None, None),
            Action::Dismiss(index) => {
                if index < self.notices.len() {
                    self.notices.remove(index);
                }
            }
            Action::Tell(kind, text) => self.tell(kind, text),
        }
    }

    fn show(&mut self, card: Card, remember: bool) {
        const MOST_HISTORY: usize = 100;
        if self.history.len() > MOST_HISTORY {
            self.history.remove(0);
        }
        if remember
            && let Some(before) = self.card.clone()
            && before != card
        {
            self.history.push(before);
        }
        match &card {
            Card::Building(building_id) => {
                let building_id = *building_id;
                if self.building_id == Some(building_id) {
                    self.overview.ask();
                    self.roster.ask();
                } else {
                    self.overview.ask_anew();
                    self.roster.ask_anew();
                }
                self.building_id = Some(building_id);
                self.ask(|generation| Question::Overview(generation, building_id));
                self.ask(|_| Question::Roster(building_id));
            }
            Card::Room(room_id) => {
                let (room_id, stamp) = (*room_id, self.stamp());
                self.household.ask_anew();
                self.ask(|generation| Question::Household(generation, room_id, stamp));
            }
            Card::Selection => self.ask_selection(),
            Card::Review => self.ask_lists(),
            Card::Event(no) => {
                let no = no.clone();
                self.event.ask_anew();
                self.ask(|generation| Question::Event(generation, no));
            }
        }
        self.card = Some(card);
    }

    fn go_back(&mut self) {
        if self.card == Some(Card::Selection) {
            self.set_selection(Vec::new());
        }
        match self.history.pop() {
            Some(card) => self.show(card, false),
            None => (self.card, self.building_id) = (None, None),
        }
    }

    fn set_focus(&mut self, filter: FocusFilter) {
        self.filter = filter;
        if self.filter.is_empty() {
            self.focus = Value::Idle;
            self.focus_version += 1;
            self.generation += 1;
            return;
        }
        self.focus.ask();
        let filter = self.filter.clone();
        self.ask(|generation| Question::Focus(generation, filter));
    }

    /// Asks for what the theme colours by, if it needs more than the map's own content.
    fn ask_theme(&mut self) {
        let theme = self.settings.theme;
        if matches!(theme, MapTheme::Plain | MapTheme::Use | MapTheme::Floors) {
            self.theme_values = Value::Idle;
            return;
        }
        self.theme_values.ask();
        let now = self.now();
        if let Some(worker) = &self.worker {
            worker.ask(Question::Theme(theme, now));
        }
    }

    /// How the buildings are coloured just now: by the focus, else by the theme; plain until its
    /// values are there.
    #[must_use]
    pub fn colouring(&self) -> Colouring<'_> {
        if let Some((answer, _)) = self.focus.get().filter(|_| !self.filter.is_empty()) {
            return Colouring::Focus(&answer.buildings);
        }
        match (self.settings.theme, self.theme_values.get()) {
            (MapTheme::Use, _) => Colouring::Use,
            (MapTheme::Floors, _) => Colouring::Floors,
            (theme, Some((of, values))) if theme == *of => Colouring::Measure(theme, values),
            _ => Colouring::Plain,
        }
    }

    fn ask_search(&mut self) {
        if self.searched.trim().is_empty() {
            self.search = Value::Idle;
            return;
        }
        self.search.ask();
        let (text, stamp) = (self.searched.clone(), self.stamp());
        let names = self.open_names.clone();
        self.ask(|generation| Question::Search(generation, text, stamp, names));
    }

    fn open_names(&mut self, purpose: &str) {
        let Some(purpose) = crate::access::purpose(purpose) else {
            self.tell(NoticeKind::Failed, "the purpose says nothing; write why it is needed");
            return;
        };
        self.open_names = Some(OpenNames { purpose, until: self.now() + NAMES_SECS });
        self.ask_search();
    }

    fn reveal_phone(&mut self, room_id: i64, person_id: i64, purpose: &str) {
        // How many were shown already stands in the audit log: a restart does not forget it.
        let Some(purpose) = crate::access::purpose(purpose) else {
            self.tell(NoticeKind::Failed, "the purpose says nothing; write why it is needed");
            return;
        };
        let stamp = self.stamp();
        self.ask(|_| Question::RevealPhone(room_id, person_id, purpose, stamp));
    }

    /// Takes in what the threads have done. Returns whether anything changed.
    pub fn tick(&mut self) -> bool {
        let mut has_news = self.poll_preview() | self.poll_job();
        while let Some(answer) = self.worker.as_ref().and_then(Worker::poll) {
            self.take(answer);
            has_news = true;
        }
        let now = self.now();
        if self.follows_clock
            && let Some(day) = day_of(now).filter(|day| *day != self.today)
        {
            // Past midnight: ages and deadlines are another day's.
            self.today = day;
            if let Some(worker) = &self.worker {
                worker.ask(Question::Today(day));
            }
            self.refresh();
        }
        let notices = self.notices.len();
        self.notices.retain(|n| n.kind == NoticeKind::Failed || now - n.at < NOTICE_SECS);
        has_news |= notices != self.notices.len();
        if self.open_names.as_ref().is_some_and(|names| names.until <= now) {
            self.open_names = None;
            self.ask_search();
            has_news = true;
        }
        if let Some(Some(view)) = self.household.get_mut() {
            let before = view.phones.len();
            view.phones.retain(|(_, _, until)| *until > now);
            has_news |= before != view.phones.len();
        }
        has_news
    }

    /// Asks for the imports, the queue and the kept columns.
    pub fn ask_lists(&mut self) {
        self.lists.ask();
        if let Some(worker) = &self.worker {
            worker.ask(Question::Lists);
        }
    }

    /// Asks for what has been committed, and for the card that is shown.
    fn refresh(&mut self) {
        self.scene.ask();
        self.people.ask();
        if let Some(worker) = &self.worker {
            worker.ask(Question::Refresh);
        }
        if let Some(card) = self.card.clone() {
            self.show(card, false);
        }
    }
}
