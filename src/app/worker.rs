//! The thread that asks the workspace: one reader, questions in order, the newest wins.

use crate::text::Message;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use jiff::civil::Date;

use super::{HouseholdView, OpenNames, SearchView};
use crate::access::{AuditEntry, HOUSEHOLD_CARD, Reveal, Stamp};
use crate::derived::totals::Counts;
use crate::derived::{Derived, PeopleFacts, PeopleIndex, Totals};
use crate::domain::room_plan::RoomPlan;
use crate::import::kinds::make_rooms::{self, RoomsMade};
use crate::map::Scene;
use crate::map::style::MapTheme;
use crate::query::event::EventCard;
use crate::query::review::{self, HeldRow};
use crate::query::search::SearchAnswer;
use crate::query::statistics::{PersonLine, person_lines, residents_of};
use crate::query::{
    self, FocusAnswer, FocusFilter, Overview, SelectionSummary, Vocabulary, selection_summary,
};
use crate::store::changes::{ChangeSet, News};
use crate::store::past_imports::{KeptMapping, PastImport, kept_mappings, past_imports};
use crate::store::{Reader, StoreError, Workspace, bulk};

/// How often another window's commits are looked for.
const WATCH_EVERY: Duration = Duration::from_secs(2);
/// Most lines of a result list that are read.
pub const MOST_LINES: usize = 20_000;
/// Most held rows that are read at once.
pub const MOST_HELD: usize = 500;

/// A question. `generation` comes back with the answer, so that a stale one can be dropped.
pub enum Question {
    /// Everything anew: scene, people, totals.
    Reload,
    /// Another day has begun.
    Today(Date),
    /// What has been committed meanwhile: as little as possible anew.
    Refresh,
    /// A building.
    Overview(u64, i64),
    /// The residents of a building.
    Roster(i64),
    /// A room's household; opens the names and writes that into the audit log.
    Household(u64, i64, Stamp),
    /// An event by number.
    Event(u64, String),
    /// One phone number of a household's member, for a purpose.
    RevealPhone(i64, i64, String, Stamp),
    /// A focus.
    Focus(u64, FocusFilter),
    /// What is in the selected buildings.
    Selection(u64, Arc<[i64]>),
    /// The values of a map theme, as of a UTC second.
    Theme(MapTheme, i64),
    /// A search; while names are open, they are shown in full.
    Search(u64, String, Stamp, Option<OpenNames>),
    /// Imports, queue, kept columns.
    Lists,
    /// What a plan of rooms would make in these buildings.
    RoomPlan(u64, Arc<[i64]>, RoomPlan),
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
}

/// An answer.
pub enum Answer {
    /// The map's content.
    Scene(Result<Arc<Scene>, Message>),
    /// What is told of all residents.
    People(Result<Arc<PeopleFacts>, Message>),
    /// What the workspace holds.
    Totals(Result<Counts, Message>),
    /// A building.
    Overview(u64, Result<Option<Overview>, Message>),
    /// The residents of a building.
    Roster(i64, Result<Vec<PersonLine>, Message>),
    /// A household.
    Household(u64, Result<Option<HouseholdView>, Message>),
    /// An event.
    Event(u64, Result<Option<EventCard>, Message>),
    /// `(person, phone in full)`.
    Phone(i64, Result<String, Message>),
    /// Counts and the first lines.
    Focus(u64, Result<(FocusAnswer, Vec<PersonLine>), Message>),
    /// What is in the selected buildings.
    Selection(u64, Result<SelectionSummary, Message>),
    /// A theme's values by building, sorted.
    Theme(MapTheme, Result<Vec<(i64, u32)>, Message>),
    /// Imports, queue, kept columns.
    Lists(Result<Lists, Message>),
    /// What a plan of rooms would make.
    RoomPlan(u64, Result<RoomsMade, Message>),
    /// Hits.
    Search(u64, Result<SearchView, Message>),
}

/// The thread's two ends.
pub struct Worker {
    questions: Sender<Question>,
    answers: Receiver<Answer>,
}

impl Worker {
    /// Starts the thread for a workspace and asks for everything.
    #[must_use]
    pub fn start(
        workspace: Arc<Workspace>,
        vocabulary: Arc<Vocabulary>,
        today: Date,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let (questions, inbox) = channel();
        let (outbox, answers) = channel();
        let _ = questions.send(Question::Reload);
        let run = move || {
            let send = move |answer: Answer| {
                let _ = outbox.send(answer);
                wake();
            };
            match workspace.reader() {
                Ok(reader) => {
                    let mut desk = Desk {
                        workspace,
                        vocabulary,
                        reader,
                        today,
                        derived: Derived::default(),
                        scene: None,
                        seen: 0,
                        version: None,
                        searched: String::new(),
                        shown: Vec::new(),
                        shown_until: None,
                    };
                    desk.run(&inbox, &send);
                }
                Err(error) => send(Answer::Scene(Err(error.message()))),
            }
        };
        let _ = std::thread::Builder::new().name("menpai-query".into()).spawn(run);
        Self { questions, answers }
    }

    /// Asks.
    pub fn ask(&self, question: Question) {
        let _ = self.questions.send(question);
    }

    /// The next answer, if there is one.
    #[must_use]
    pub fn poll(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

struct Desk {
    workspace: Arc<Workspace>,
    vocabulary: Arc<Vocabulary>,
    reader: Reader,
    today: Date,
    derived: Derived,
    scene: Option<Arc<Scene>>,
    /// Last audit entry that was seen.
    seen: i64,
    version: Option<i64>,
    /// The part of a number that was searched for last.
    searched: String,
    /// Persons whose names the last search showed.
    shown: Vec<i64>,
    /// Until when the names are open that were shown.
    shown_until: Option<i64>,
}

/// Drops questions that a later one of the same kind has overtaken: somebody who drags quickly
/// asks faster than a large selection is counted, and the queue would grow without end.
fn outdate(waiting: &mut VecDeque<Question>) {
    let kind = |question: &Question| match question {
        Question::Reload => Some(0),
        Question::Refresh => Some(8),
        Question::Roster(_) => Some(9),
        Question::Overview(..) => Some(1),
        Question::Focus(..) => Some(2),
        Question::Selection(..) => Some(3),
        Question::Theme(..) => Some(4),
        Question::Search(..) => Some(5),
        Question::Lists => Some(6),
        Question::RoomPlan(..) => Some(7),
        // Each of these writes an audit entry or is waited for.
        Question::Today(_) => Some(10),
        Question::Household(..) | Question::Event(..) | Question::RevealPhone(..) => None,
    };
    let kinds: Vec<Option<u8>> = waiting.iter().map(kind).collect();
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
    })
}

fn told<T>(result: Result<T, StoreError>) -> Result<T, Message> {
    result.map_err(|e| e.message())
}

impl Desk {
    fn run(&mut self, inbox: &Receiver<Question>, send: &dyn Fn(Answer)) {
        let mut waiting: VecDeque<Question> = VecDeque::new();
        loop {
            waiting.extend(inbox.try_iter());
            outdate(&mut waiting);
            if let Some(question) = waiting.pop_front() {
                self.answer(question, send);
                continue;
            }
            match inbox.recv_timeout(WATCH_EVERY) {
                Ok(question) => waiting.push_back(question),
                Err(RecvTimeoutError::Timeout) => {
                    if self.has_version_changed() {
                        self.refresh(send);
                    }
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

    fn reload(&mut self, send: &dyn Fn(Answer)) {
        self.version = Workspace::data_version(&self.reader).ok();
        // Counts are patched by what a commit adds: they must not hold one that `seen` is before.
        let counted =
            self.reader.unchecked_transaction().map_err(StoreError::from).and_then(|tx| {
                let (last, _) = Workspace::news(&self.reader, self.seen)?;
                let totals = Totals::read(&tx)?;
                Ok((last, totals))
            });
        let totals = told(counted.map(|(last, totals)| {
            self.seen = last;
            totals
        }));
        send(Answer::Totals(totals.as_ref().map(|t| t.counts).map_err(Clone::clone)));
        self.derived.totals = totals.unwrap_or_default();
        self.read_scene(send);
        send(Answer::Lists(told(lists(&self.reader))));
        let scanner = self.workspace.scanner();
        match scanner.and_then(|scanner| PeopleIndex::read(&scanner, &self.vocabulary)) {
            Ok(people) => {
                self.derived.people = people;
                self.send_people(send);
            }
            Err(error) => send(Answer::People(Err(error.message()))),
        }
    }

    fn read_scene(&mut self, send: &dyn Fn(Answer)) {
        let scene = told(Scene::read(&self.workspace).map(Arc::new));
        if let Ok(scene) = &scene {
            self.scene = Some(scene.clone());
        }
        send(Answer::Scene(scene));
    }

    fn send_people(&self, send: &dyn Fn(Answer)) {
        send(Answer::People(Ok(Arc::new(self.derived.people.facts(self.today)))));
    }

    /// Brings everything up to date with what has been committed: row by row where that is known
    /// and little, else by reading it anew.
    fn refresh(&mut self, send: &dyn Fn(Answer)) {
        let Ok((last, news)) = Workspace::news(&self.reader, self.seen) else {
            return self.reload(send);
        };
        self.seen = last;
        match news {
            News::Nothing => {
                if let Some(scene) = &self.scene {
                    send(Answer::Scene(Ok(scene.clone())));
                }
                self.send_people(send);
            }
            News::Unknown => self.reload(send),
            News::Changes(commits) => {
                if self.patch(&commits, send).unwrap_or(true) {
                    self.reload(send);
                }
            }
        }
    }

    /// Returns whether everything has to be read anew.
    fn patch(&mut self, commits: &[ChangeSet], send: &dyn Fn(Answer)) -> Result<bool, StoreError> {
        let Some(mut scene) = self.scene.as_deref().cloned() else { return Ok(true) };
        let mut reads_scene = false;
        let mut has_changed = false;
        for commit in commits {
            if !self.derived.patch(&self.reader, &self.vocabulary, commit)? {
                return Ok(true);
            }
            match scene.patch(&self.reader, commit)? {
                Some(changed) => has_changed |= changed,
                None => reads_scene = true,
            }
        }
        send(Answer::Totals(Ok(self.derived.totals.counts)));
        self.send_people(send);
        send(Answer::Lists(told(lists(&self.reader))));
        if reads_scene {
            self.read_scene(send);
        } else {
            if has_changed {
                self.scene = Some(Arc::new(scene));
            }
            if let Some(scene) = &self.scene {
                send(Answer::Scene(Ok(scene.clone())));
            }
        }
        Ok(false)
    }

    fn answer(&mut self, question: Question, send: &dyn Fn(Answer)) {
        let v = &self.vocabulary;
        let conn = &self.reader;
        match question {
            Question::Reload => self.reload(send),
            Question::Today(day) => self.today = day,
            Question::Refresh => self.refresh(send),
            Question::Overview(generation, building_id) => {
                send(Answer::Overview(generation, told(query::overview(conn, v, building_id))));
            }
            Question::Roster(building_id) => {
                let residents = residents_of(conn, v, building_id, self.today);
                send(Answer::Roster(building_id, told(residents)));
            }
            Question::Household(generation, room_id, stamp) => {
                send(Answer::Household(generation, self.household(room_id, &stamp)));
            }
            Question::Event(generation, no) => {
                send(Answer::Event(generation, told(query::event(conn, &no))));
            }
            Question::RevealPhone(room_id, person_id, purpose, stamp) => {
                send(Answer::Phone(person_id, self.phone(room_id, person_id, &purpose, &stamp)));
            }
            Question::Focus(generation, filter) => {
                let answer = self.derived.people.focus(&filter, self.today);
                let pairs: Vec<(i64, Option<i64>)> = answer
                    .rows
                    .iter()
                    .take(MOST_LINES)
                    .map(|row| {
                        (
                            self.derived.people.person_id(*row),
                            Some(self.derived.people.room_id(*row)),
                        )
                    })
                    .collect();
                // The map first: the lines of a long list take longer than the counts.
                send(Answer::Focus(generation, Ok((answer.clone(), Vec::new()))));
                let lines = told(person_lines(conn, v, &pairs, self.today));
                send(Answer::Focus(generation, lines.map(|lines| (answer, lines))));
            }
            Question::Selection(generation, ids) => {
                let summary = selection_summary(conn, v, &self.derived.people, &ids, self.today);
                send(Answer::Selection(generation, told(summary)));
            }
            Question::Theme(theme, now) => {
                let values = theme.values(conn, &self.derived.people, self.today, now);
                send(Answer::Theme(theme, told(values.map(Option::unwrap_or_default))));
            }
            Question::Lists => send(Answer::Lists(told(lists(conn)))),
            Question::RoomPlan(generation, ids, plan) => {
                let made = make_rooms::preview(conn, &plan, &ids);
                send(Answer::RoomPlan(generation, told(made)));
            }
            Question::Search(generation, text, stamp, names) => {
                let found = told(query::search(conn, v, &text, self.today));
                let answer = found.and_then(|found| self.answer_by_number(&text, found, &stamp));
                let view = answer.map(|answer| self.with_names(answer, &stamp, names.as_ref()));
                send(Answer::Search(generation, view));
            }
        }
    }

    /// What a search by a part of a number found, once it is written down; refused beyond the limit of
    /// reveals. Typing on is one search.
    fn answer_by_number(
        &mut self,
        text: &str,
        answer: SearchAnswer,
        stamp: &Stamp,
    ) -> Result<SearchAnswer, Message> {
        let Some(number) = query::search::part_of_number(text) else { return Ok(answer) };
        let goes_on = !self.searched.is_empty() && number.starts_with(&self.searched);
        if answer.persons.is_empty() || goes_on || self.workspace.read_only_reason().is_some() {
            return Ok(answer);
        }
        let entry = AuditEntry::done(bulk::SEARCH_BY_NUMBER, "person")
            .with_fields(format!("found×{}", answer.persons.len()));
        told(self.workspace.write(stamp, |tx| {
            bulk::check_reveals(tx, stamp)?;
            Ok(((), entry))
        }))?;
        self.searched = number;
        Ok(answer)
    }

    /// The names of the persons found: in full for a purpose, once that is written down; masked
    /// otherwise, and beyond the limit. Who is shown already, in the same search typed on, is not
    /// counted again.
    fn with_names(
        &mut self,
        answer: SearchAnswer,
        stamp: &Stamp,
        names: Option<&OpenNames>,
    ) -> SearchView {
        let masked: Vec<String> = answer.persons.iter().map(|p| p.name.masked()).collect();
        // What was shown for one reason is not shown for the next one without being written down.
        if names.map(|names| names.until) != self.shown_until {
            self.shown.clear();
            self.shown_until = names.map(|names| names.until);
        }
        let Some(OpenNames { purpose, .. }) = names.filter(|_| !masked.is_empty()) else {
            return SearchView { answer, names: masked, problem: None };
        };
        let mut reveal = Reveal::new("search", purpose);
        let open: Vec<String> =
            answer.persons.iter().map(|p| reveal.open(&p.name).to_owned()).collect();
        let mut shown: Vec<i64> = answer.persons.iter().map(|p| p.person_id).collect();
        let is_part = shown.iter().all(|id| self.shown.contains(id));
        let written = if is_part {
            Ok(())
        } else {
            let count = shown.len() as u64;
            let entry = reveal.finish().called(bulk::SEARCH_NAMES);
            told(self.workspace.write(stamp, |tx| {
                bulk::check_names_shown(tx, stamp, count)?;
                Ok(((), entry))
            }))
        };
        match written {
            Ok(()) => {
                if !is_part {
                    std::mem::swap(&mut self.shown, &mut shown);
                }
                SearchView { answer, names: open, problem: None }
            }
            Err(problem) => SearchView { answer, names: masked, problem: Some(problem) },
        }
    }

    /// The card with the members' names in full, which the household card is allowed to show;
    /// masked where that cannot be written down.
    fn household(&self, room_id: i64, stamp: &Stamp) -> Result<Option<HouseholdView>, Message> {
        let found = query::household(&self.reader, &self.vocabulary, room_id, self.today);
        let Some(card) = told(found)? else { return Ok(None) };
        let masked = |card: &query::HouseholdCard| {
            card.members.iter().map(|m| m.name.masked()).collect::<Vec<_>>()
        };
        let names = if card.members.is_empty() || self.workspace.read_only_reason().is_some() {
            masked(&card)
        } else {
            let mut reveal = Reveal::new(&format!("room/{room_id}"), HOUSEHOLD_CARD);
            let open: Vec<String> =
                card.members.iter().map(|m| reveal.open(&m.name).to_owned()).collect();
            match self.workspace.write(stamp, |_| Ok(((), reveal.finish()))) {
                Ok(()) => open,
                Err(_) => masked(&card),
            }
        };
        Ok(Some(HouseholdView { card, names, phones: Vec::new() }))
    }

    fn phone(
        &self,
        room_id: i64,
        person_id: i64,
        purpose: &str,
        stamp: &Stamp,
    ) -> Result<String, Message> {
        let found = query::household(&self.reader, &self.vocabulary, room_id, self.today);
        let card = told(found)?.ok_or("the room was deleted meanwhile")?;
        let member = card
            .members
            .iter()
            .find(|m| m.person_id == person_id)
            .ok_or("the person has moved meanwhile")?;
        let field = member.phone.as_ref().ok_or("no phone number is recorded")?;
        let mut reveal = Reveal::new(&format!("person/{person_id}"), purpose);
        let text = reveal.open(field).replace(';', "; ");
        told(self.workspace.write(stamp, |tx| {
            bulk::check_reveals(tx, stamp)?;
            Ok(((), reveal.finish()))
        }))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_question_of_a_kind_is_answered() {
        let selection = |n| Question::Selection(n, Arc::default());
        let mut waiting: VecDeque<Question> = [
            selection(1),
            Question::Event(2, "a".to_owned()),
            selection(3),
            Question::Event(4, "b".to_owned()),
            Question::Overview(5, 1),
            selection(6),
            Question::Overview(7, 2),
        ]
        .into();
        outdate(&mut waiting);
        let left: Vec<u64> = waiting
            .iter()
            .map(|question| match question {
                Question::Selection(n, _) | Question::Event(n, _) | Question::Overview(n, _) => *n,
                _ => 0,
            })
            .collect();
        assert_eq!(left, [2, 4, 6, 7]);
    }
}
