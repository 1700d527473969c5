//! Work by hand: records edited, people moved, events followed, visits written down, deeds taken back.

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::access::Actor;
use crate::app::action::Hand;
use crate::app::asks::by_hand::{AskDeeds, AskRecord, AskSimilar, AskVisits, AskWork};
use crate::app::lists::deed_words;
use crate::domain::Lang;
use crate::domain::ids::{BuildingId, DeedId, RoomId};
use crate::domain::object::Object;
use crate::edit::{self, EditError, living, merging};
use crate::geo::LonLat;
use crate::msg;
use crate::store::deed::DeedKind;
use crate::store::living::MoveIn;
use crate::store::lookup::{self, RoomMatch};
use crate::store::{StoreError, Workspace, deeds, events, undo, visits};
use crate::text::Message;

/// What a deed did, in words, unless it was an import.
pub(super) fn by_hand_words(w: &Workspace, deed_id: DeedId, lang: Lang) -> Option<String> {
    let deed = deeds::past_deed(&*w.reader().ok()?, deed_id).ok()??;
    (deed.kind != DeedKind::Import).then(|| deed_words(&deed, lang))
}

impl Session {
    /// Asks for a record to be edited.
    pub fn ask_record(&mut self, object: Object) {
        self.conflict = None;
        self.refused = None;
        let lang = self.settings.language();
        let asked = self.record.ask_anew(AskRecord(object, lang));
        self.send(asked);
    }

    /// Asks what waits.
    pub fn ask_work(&mut self) {
        let of = self.is_named.then(|| self.actor.name.clone());
        let asked = self.work.ask(AskWork(self.now(), of));
        self.send(asked);
    }

    /// Asks what was done.
    pub fn ask_deeds(&mut self) {
        let asked = self.deeds.ask(AskDeeds);
        self.send(asked);
    }

    /// Asks for open events that may be the same as one that is being reported.
    pub fn ask_similar(&mut self, of: (Option<BuildingId>, Option<LonLat>), category: Option<i64>) {
        let asked = self.similar.ask(AskSimilar(of.0, of.1, category, self.now()));
        self.send(asked);
    }

    pub(super) fn ask_visits(&mut self, room_id: RoomId) {
        let asked = self.visits.ask_anew(AskVisits(room_id));
        self.send(asked);
    }

    /// Who acts from now on: a name of the staff, or the system's user.
    pub(super) fn act_as(&mut self, name: Option<String>) {
        self.is_named = name.is_some();
        self.actor = match name {
            Some(name) => Actor::new(&name),
            None => self.user.clone(),
        };
        self.ask_work();
    }

    /// Who acts, and whether somebody was chosen.
    #[must_use]
    pub fn acting(&self) -> (&str, bool) {
        (&self.actor.name, self.is_named)
    }

    /// Takes the last deed back, or puts the last one back.
    pub(super) fn step_deeds(&mut self, is_undo: bool) {
        let Some(workspace) = self.workspace.clone() else { return };
        let (stamp, lang) = (self.stamp(), self.settings.language());
        let title = if is_undo { "taking it back" } else { "putting it back" };
        self.start_job(Message::from(title), Slot::Write, move |_| {
            let told = |error: StoreError| error.message();
            let reader = workspace.reader().map_err(told)?;
            if is_undo {
                let last = deeds::last_undoable(&reader).map_err(told)?;
                let deed_id = last.ok_or_else(|| Message::from("there is nothing to take back"))?;
                let done = workspace.write(&stamp, |tx| undo::undo(tx, deed_id)).map_err(told)?;
                let words = by_hand_words(&workspace, deed_id, lang);
                return Ok(JobDone::Undone(done, deed_id, words));
            }
            let last = deeds::last_redoable(&reader).map_err(told)?;
            let deed_id = last.ok_or_else(|| Message::from("there is nothing to put back"))?;
            let done = workspace.write(&stamp, |tx| undo::redo(tx, deed_id)).map_err(told)?;
            let words = by_hand_words(&workspace, deed_id, lang);
            Ok(JobDone::Redone(done, deed_id, words))
        });
    }

    /// Does something by hand.
    pub(super) fn by_hand(&mut self, hand: Hand) {
        let Some(workspace) = self.workspace.clone() else { return };
        let (stamp, today) = (self.stamp(), self.today);
        let vocabulary = self.vocabulary.clone();
        (self.conflict, self.refused) = (None, None);
        self.start_job(Message::from("saving"), Slot::Write, move |_| {
            let lists = (&vocabulary.lists, today);
            let w = &*workspace;
            let done = match hand {
                Hand::Save(object, draft) => {
                    edit::save(w, &stamp, (object, &draft), lists).map(|saved| saved.deed_id)
                }
                Hand::Add(word, draft, place) => {
                    edit::add(w, &stamp, (word, &draft, place), lists).map(|saved| saved.deed_id)
                }
                Hand::Delete(object, is_sure) => edit::delete(w, &stamp, object, is_sure),
                Hand::MoveIn(person_id, to, place) => room_of(w, &place)
                    .and_then(|room_id| {
                        living::move_in(w, &stamp, person_id, &MoveIn { room_id, ..to })
                    })
                    .map_err(EditError::from),
                Hand::MoveOut(person_id, room_id, on, status) => {
                    living::move_out(w, &stamp, (person_id, room_id), (on, status))
                        .map_err(EditError::from)
                }
                Hand::MakeHead(person_id, room_id) => {
                    living::make_head(w, &stamp, person_id, room_id).map_err(EditError::from)
                }
                Hand::JoinHouseholds(room_id) => {
                    living::join_households(w, &stamp, room_id).map_err(EditError::from)
                }
                Hand::Merge(kept, gone) => {
                    merging::merge(w, &stamp, kept, gone).map_err(EditError::from)
                }
                Hand::Report(new) => {
                    let (_, no) = w
                        .write(&stamp, |tx| events::report(tx, &new))
                        .map_err(|error| error.message())?;
                    return Ok(JobDone::Reported(no));
                }
                Hand::Act(event_id, mut act, other) => w
                    .reader()
                    .and_then(|reader| {
                        let Some(no) = &other else { return Ok(()) };
                        act.other = events::event_id(&reader, no)?;
                        match act.other {
                            Some(_) => Ok(()),
                            None => Err(StoreError::Record(msg!("no event has the number {}", no))),
                        }
                    })
                    .and_then(|()| {
                        w.write(&stamp, |tx| match act.action.strip_prefix("ask-") {
                            Some(kind) => {
                                let (_, entry) = events::request(tx, event_id, kind, &act)?;
                                Ok(((), entry))
                            }
                            None if matches!(act.action.as_str(), "grant" | "deny") => {
                                events::decide(tx, event_id, None, act.action == "grant", &act)
                            }
                            None => events::act_on(tx, event_id, &act),
                        })
                    })
                    .and_then(|()| last_deed(w))
                    .map_err(EditError::from),
                Hand::Visit(visit) => w
                    .write(&stamp, |tx| visits::record(tx, &visit))
                    .and_then(|_| last_deed(w))
                    .map_err(EditError::from),
            };
            match done {
                Ok(deed_id) => Ok(JobDone::Saved(deed_id)),
                Err(EditError::Conflict(conflicts)) => Ok(JobDone::Conflict(conflicts)),
                Err(EditError::Refused(fields)) => Ok(JobDone::Refused(fields)),
                Err(error) => Err(error.message()),
            }
        });
    }
}

/// The room of a code, a unit and a number as they are typed.
fn room_of(workspace: &Workspace, [code, unit, room]: &[String; 3]) -> Result<RoomId, StoreError> {
    let reader = workspace.reader()?;
    let no_building = || StoreError::Record(msg!("no building has the code {}", code));
    let building_id = lookup::building_id(&reader, code)?.ok_or_else(no_building)?;
    let of_unit = Some(unit.as_str()).filter(|unit| !unit.is_empty());
    match lookup::find_room(&reader, building_id, of_unit, room)? {
        RoomMatch::One(room_id) => Ok(room_id),
        RoomMatch::None => {
            Err(StoreError::Record(msg!("building {} has no room {} in unit {}", code, room, unit)))
        }
        RoomMatch::Ambiguous(n) => {
            Err(StoreError::Record(msg!("{} rooms answer to {}; give the unit", n, room)))
        }
    }
}

fn last_deed(workspace: &Workspace) -> Result<DeedId, StoreError> {
    let reader = workspace.reader()?;
    Ok(deeds::last_undoable(&reader)?.unwrap_or(DeedId::NONE))
}
