//! The selected buildings: many at once, as a base for sums and for the focus.

use std::sync::Arc;

use super::state::Session;
use crate::app::action::Card;
use crate::app::asks::focus::AskSelection;
use crate::domain::ids::BuildingId;
use crate::map::select::{Combine, combine};

impl Session {
    /// Changes the selection and shows what is in it. The building whose card is shown counts as
    /// the first one when a second is added.
    pub(super) fn select(&mut self, ids: &[BuildingId], how: Combine) {
        let shown = self.building_id.filter(|_| matches!(self.card, Some(Card::Building(_))));
        let old: Vec<BuildingId> = match (how, shown) {
            (Combine::Add | Combine::Toggle, Some(shown)) if self.selection.is_empty() => {
                vec![shown]
            }
            _ => self.selection.to_vec(),
        };
        let chosen = combine(&old, ids, how);
        if chosen.is_empty() {
            self.set_selection(chosen);
            if self.card == Some(Card::Selection) {
                self.card = None;
            }
            return;
        }
        self.set_selection(chosen);
        self.building_id = None;
        self.show(Card::Selection, false);
    }

    /// Replaces the selection; the map is coloured anew, and the focus forgets the old one.
    pub(super) fn set_selection(&mut self, ids: Vec<BuildingId>) {
        if *self.selection == *ids {
            return;
        }
        self.selection = ids.into();
        self.focus_version += 1;
        if self.selection.is_empty() {
            self.history.retain(|card| *card != Card::Selection);
        }
        if self.filter.within.is_some() {
            let mut filter = self.filter.clone();
            filter.within = Some(self.selection.clone()).filter(|s| !s.is_empty());
            self.set_focus(filter);
        }
    }

    pub(super) fn ask_selection(&mut self) {
        let asked = self.selection_summary.ask(AskSelection(Arc::clone(&self.selection)));
        self.send(asked);
    }
}
