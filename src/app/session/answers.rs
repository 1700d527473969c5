//! Taking in what the query thread answers; stale answers are dropped.

use std::sync::Arc;

use super::{Card, NoticeKind, Overview, Question, REVEAL_SECS, Session};
use crate::app::worker::Answer;
use crate::app::{HouseholdView, Value};
use crate::query::review::HeldRow;

impl Session {
    /// The row of the review queue that is looked at, while the queue is shown.
    #[must_use]
    pub fn row_under_review(&self) -> Option<&HeldRow> {
        let id = self.reviewed.filter(|_| self.card == Some(Card::Review))?;
        self.lists.get()?.queue.iter().find(|row| row.id == id)
    }

    pub(super) fn take(&mut self, answer: Answer) {
        let newest = self.generation;
        match answer {
            Answer::Scene(scene) => {
                if let Err(error) = &scene {
                    self.tell(NoticeKind::Failed, error.clone());
                }
                let is_same = matches!((&scene, self.scene.get()),
                    (Ok(new), Some(shown)) if Arc::ptr_eq(new, shown));
                self.scene.answer(scene);
                self.scene_version += u64::from(!is_same);
            }
            Answer::People(people) => {
                self.people.answer(people);
                self.ask_theme();
                if !self.filter.is_empty() {
                    self.set_focus(self.filter.clone());
                }
            }
            Answer::Lists(lists) => self.lists.answer(lists),
            Answer::RoomPlan(generation, made) => {
                if generation == newest && self.rooms_planned.is_pending() {
                    self.rooms_planned.answer(made);
                }
            }
            Answer::Totals(totals) => self.totals = totals.unwrap_or_default(),
            Answer::Overview(_, overview) => {
                let is_wanted = |o: &Option<Overview>| {
                    o.as_ref().is_none_or(|o| Some(o.building.building_id) == self.building_id)
                };
                if overview.as_ref().map_or(true, is_wanted) {
                    self.overview.answer(overview);
                } else if self.building_id.is_none() {
                    // Nothing is chosen any more: nobody waits for it.
                    self.overview = Value::Idle;
                }
            }
            Answer::Roster(building_id, residents) => {
                if self.building_id == Some(building_id) {
                    self.roster.answer(residents.map(Arc::from));
                }
            }
            Answer::Household(_, view) => {
                let is_wanted = |v: &Option<HouseholdView>| {
                    v.as_ref().is_none_or(|v| self.card == Some(Card::Room(v.card.place.room_id)))
                };
                if view.as_ref().map_or(true, is_wanted) {
                    self.household.answer(view);
                    self.follow_household();
                } else if !matches!(self.card, Some(Card::Room(_))) {
                    self.household = Value::Idle;
                }
            }
            Answer::Event(_, event) => self.event.answer(event),
            Answer::Phone(person_id, Ok(phone)) => {
                let until = self.now() + REVEAL_SECS;
                if let Some(Some(view)) = self.household.get_mut() {
                    view.phones.push((person_id, phone, until));
                }
            }
            Answer::Phone(_, Err(error)) => self.tell(NoticeKind::Failed, error),
            Answer::Focus(generation, answer) => {
                if generation == newest || self.focus.is_pending() {
                    let is_first = matches!(&answer, Ok((a, l)) if l.is_empty() && a.persons > 0);
                    self.focus.answer(answer);
                    if is_first {
                        self.focus.ask();
                    }
                    self.focus_version += 1;
                }
            }
            Answer::Selection(generation, summary) => {
                if generation == self.selection_asked {
                    self.selection_summary.answer(summary);
                    self.selection_version += 1;
                }
            }
            Answer::Theme(theme, values) => {
                if let Err(error) = &values {
                    self.tell(NoticeKind::Failed, error.clone());
                }
                if theme == self.settings.theme {
                    self.theme_values.answer(values.map(|values| (theme, values)));
                    self.focus_version += 1;
                }
            }
            Answer::Search(generation, answer) => {
                if generation == newest || self.search.get().is_none() {
                    self.search.answer(answer);
                }
            }
        }
    }

    /// A room that was opened from a list chooses its building too.
    fn follow_household(&mut self) {
        let Some(Some(view)) = self.household.get() else { return };
        let building_id = view.card.place.building_id;
        if self.building_id != Some(building_id) {
            self.building_id = Some(building_id);
            self.overview.ask_anew();
            self.roster.ask_anew();
            self.ask(|generation| Question::Overview(generation, building_id));
            self.ask(|_| Question::Roster(building_id));
        }
    }
}
