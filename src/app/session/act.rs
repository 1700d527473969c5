//! What the window asks for, sent where it is done; and what comes back, taken in.

use super::state::Session;
use crate::app::UiCommand;
use crate::app::action::{Action, NoticeKind};
use crate::app::asks::map::AskRoomPlan;
use crate::app::asks::table::{AskBuildings, AskCopy, AskRowIn, AskTable};
use crate::app::worker::{Task, Worker};
use crate::domain::clock::day_of;
use crate::query::Filter;

/// How long good news stays, seconds; what failed stays until it is dismissed.
const NOTICE_SECS: i64 = 10;

impl Session {
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
            Action::Command(UiCommand::ClearFocus) => self.choose_focus(Filter::default()),
            Action::Command(UiCommand::Back) | Action::Back => self.go_back(),
            Action::Command(UiCommand::Undo) => self.step_deeds(true),
            Action::Command(UiCommand::Redo) => self.step_deeds(false),
            Action::Command(_) => {}
            Action::Open(path, passphrase) => self.open(path, passphrase),
            Action::Create(path, passphrase) => self.create(path, passphrase),
            Action::SaveCopy(path) => self.save_copy(path),
            Action::Import(request) => self.import(request),
            Action::CancelJob(index) => {
                if let Some(running) = self.jobs.get(index) {
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
            Action::Focus(filter) => self.choose_focus(*filter),
            Action::KeepFilter(name, filter) => self.keep_filter(name, &filter),
            Action::ForgetFilter(name) => self.forget_filter(name),
            Action::KeepColumns(set) => self.keep_columns(set),
            Action::StepFilter(on) => self.step_filter(on),
            Action::ShowTable(view) => {
                let asked = self.table.ask(AskTable(*view));
                self.send(asked);
            }
            Action::ShowRows(rows) => {
                let asked = self.table_page.ask(*rows);
                self.send(asked);
            }
            Action::CopyRows(rows) => {
                let asked = self.table_copy.ask_anew(AskCopy(*rows));
                self.send(asked);
            }
            Action::LocateRows(kind, ids) => {
                let asked = self.table_places.ask_anew(AskBuildings(kind, ids));
                self.send(asked);
            }
            Action::PlanForm(path, kind) => self.plan_form(path, kind),
            Action::FillForm(order) => self.fill_form(*order),
            Action::MatchList(order) => self.match_list(*order),
            Action::PurgeMatch(job_id) => self.purge_match(job_id),
            Action::SaveMatch(path) => self.save_match(path),
            Action::FindRow(kind, ids, building_id) => {
                let asked = self.table_row.ask_anew(AskRowIn { kind, ids, building_id });
                self.send(asked);
            }
            Action::PlanExtract(kind, filter) => self.plan_extract(kind, *filter),
            Action::CompareGrids(grids) => self.compare_grids(grids),
            Action::PrintFigures(to) => self.print_figures(to),
            Action::Extract(order) => self.extract(*order),
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
            Action::Hand(hand) => self.by_hand(*hand),
            Action::AskRecord(object) => self.ask_record(object),
            Action::AskDeeds => self.ask_deeds(),
            Action::AskSimilar(building_id, at, category) => {
                self.ask_similar((building_id, at), category);
            }
            Action::ActAs(name) => self.act_as(name),
            Action::LookAt(id) => self.reviewed = Some(id),
            Action::UndoImport(batch) => self.undo_import(batch),
            Action::RedoImport(batch) => self.redo_import(batch),
            Action::PlanRooms(ids, plan) => match plan {
                Some(plan) => {
                    let asked = self.rooms_planned.ask(AskRoomPlan(ids, plan));
                    self.send(asked);
                }
                None => self.rooms_planned.forget(),
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

    /// Takes in what the threads have done. Returns whether anything changed.
    pub fn tick(&mut self) -> bool {
        let mut has_news = self.poll_preview() | self.poll_jobs();
        while let Some(news) = self.worker.as_ref().and_then(Worker::poll) {
            self.take(news);
            has_news = true;
        }
        has_news |= self.poll_asks();
        let now = self.now();
        if self.follows_clock
            && let Some(day) = day_of(now).filter(|day| *day != self.today)
        {
            // Past midnight: ages and deadlines are another day's.
            self.today = day;
            self.have(Task::Today(day));
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
        self.have(Task::Lists);
    }

    /// Asks for what has been committed, and for the card that is shown.
    pub(super) fn refresh(&mut self) {
        self.scene.ask();
        self.people.ask();
        self.have(Task::Refresh);
        if let Some(card) = self.card.clone() {
            self.show(card, false);
        }
        // After the card: counting what waits may take longer where plans ask for many visits.
        self.ask_work();
    }
}
