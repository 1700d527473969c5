//! The cards beside the map: what is shown, and the way back.

use super::state::Session;
use crate::app::action::{Card, NoticeKind};
use crate::app::ask::{Ask, Pending as _};
use crate::app::asks::card::{AskEvent, AskHousehold, AskOverview, AskRoster, RevealPhone};
use crate::app::asks::matches::AskMatchJob;
use crate::app::value::Value;
use crate::domain::ids::{BuildingId, PersonId, RoomId};
use crate::query::review::HeldRow;

/// How long a revealed field stays open, seconds.
const REVEAL_SECS: i64 = 60;

impl Session {
    /// The row of the review queue that is looked at, while the queue is shown.
    #[must_use]
    pub fn row_under_review(&self) -> Option<&HeldRow> {
        let id = self.reviewed.filter(|_| self.card == Some(Card::Review))?;
        self.lists.get()?.queue.iter().find(|row| row.id == id)
    }

    pub(super) fn show(&mut self, card: Card, remember: bool) {
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
                self.ask_building(*building_id);
            }
            Card::Room(room_id) => {
                let ask = AskHousehold { room_id: *room_id, stamp: self.stamp() };
                let asked = self.household.ask_anew(ask);
                self.send(asked);
                self.ask_visits(*room_id);
            }
            Card::Work => self.ask_work(),
            Card::Selection => self.ask_selection(),
            Card::Review => self.ask_lists(),
            Card::Figures => self.ask_figures(),
            Card::Match(job_id) => {
                let asked = self.match_job.ask_anew(AskMatchJob(*job_id));
                self.send(asked);
            }
            Card::Event(no) => {
                let asked = self.event.ask_anew(AskEvent(no.clone(), self.now()));
                self.send(asked);
            }
        }
        self.card = Some(card);
    }

    pub(super) fn go_back(&mut self) {
        if self.card == Some(Card::Selection) {
            self.set_selection(Vec::new());
        }
        match self.history.pop() {
            Some(card) => self.show(card, false),
            None => (self.card, self.building_id) = (None, None),
        }
    }

    /// Asks for a building; what was shown of it stays until the answer is there.
    fn ask_building(&mut self, building_id: BuildingId) {
        if self.building_id != Some(building_id) {
            self.overview.forget();
            self.roster.forget();
        }
        self.building_id = Some(building_id);
        let asked = self.overview.ask(AskOverview(building_id));
        self.send(asked);
        let asked = self.roster.ask(AskRoster(building_id));
        self.send(asked);
        self.ask_matches();
    }

    /// A room that was opened from a list chooses its building too.
    pub(super) fn follow_household(&mut self) {
        let Some(Some(view)) = self.household.get() else { return };
        // Somebody may have gone on to another card meanwhile.
        if self.card != Some(Card::Room(view.card.place.room_id)) {
            return;
        }
        let building_id = view.card.place.building_id;
        if self.building_id != Some(building_id) {
            self.ask_building(building_id);
        }
    }

    pub(super) fn reveal_phone(&mut self, room_id: RoomId, person_id: PersonId, purpose: &str) {
        // How many were shown already stands in the audit log: a restart does not forget it.
        let Some(purpose) = crate::access::purpose(purpose) else {
            self.tell(NoticeKind::Failed, "the purpose says nothing; write why it is needed");
            return;
        };
        let mut reveal = Ask::default();
        let stamp = self.stamp();
        let asked = reveal.ask(RevealPhone { room_id, person_id, purpose, stamp });
        self.send(asked);
        self.reveals.push(reveal);
    }

    /// Takes in the phone numbers that were opened.
    pub(super) fn poll_reveals(&mut self) -> bool {
        let now = self.now();
        let mut reveals = std::mem::take(&mut self.reveals);
        let before = reveals.len();
        reveals.retain_mut(|reveal| {
            reveal.poll();
            match &**reveal {
                Value::Ready((person_id, phone)) => {
                    if let Some(Some(view)) = self.household.get_mut() {
                        view.phones.push((*person_id, phone.clone(), now + REVEAL_SECS));
                    }
                    false
                }
                Value::Failed(error, _) => {
                    self.tell(NoticeKind::Failed, error.clone());
                    false
                }
                Value::Pending(_) => true,
                Value::Idle => false,
            }
        });
        self.reveals = reveals;
        before != self.reveals.len()
    }
}
