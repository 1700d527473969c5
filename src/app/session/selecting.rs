//! The selected buildings: many at once, as a base for sums and for the focus.

use std::sync::Arc;

use super::state::Session;
use crate::app::action::Card;
use crate::app::asks::focus::AskSelection;
use crate::domain::ids::BuildingId;
use crate::map::select::{Combine, combine};
use crate::query::Filter;

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
        // From a list or the figures there is a way back; from a building one has gone on.
        let from_list = matches!(self.card, Some(Card::Match(_) | Card::Figures));
        self.show(Card::Selection, from_list);
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
        if self.filter.buildings.is_some() {
            let buildings = self.selected_codes().filter(|codes| !codes.is_empty());
            self.set_focus(Filter { buildings, ..self.filter.clone() });
        }
    }

    /// The codes of the selected buildings, as a filter names them.
    #[must_use]
    pub fn selected_codes(&self) -> Option<Vec<String>> {
        let scene = self.scene.get()?;
        let features = self.selection.iter().filter_map(|id| scene.feature_of(*id));
        Some(features.map(|feature| scene.footprints().code(feature).to_owned()).collect())
    }

    pub(super) fn ask_selection(&mut self) {
        let asked = self.selection_summary.ask(AskSelection(Arc::clone(&self.selection)));
        self.send(asked);
    }
}
