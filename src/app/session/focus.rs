//! The focus and the theme: how the buildings are coloured.

use super::running::{JobDone, Slot};
use super::state::Session;
use crate::app::action::Card;
use crate::app::asks::figures::AskFigures;
use crate::app::asks::focus::{AskFocus, AskMatches, Focused};
use crate::app::asks::map::AskTheme;
use crate::export::pdf::Report;
use crate::map::style::{Colouring, MapTheme};
use crate::msg;
use crate::query::Filter;

impl Session {
    /// Takes up a filter and remembers the one before.
    pub(super) fn choose_focus(&mut self, filter: Filter) {
        const MOST_FILTERS: usize = 100;
        if filter != self.filter {
            if self.filters_before.len() >= MOST_FILTERS {
                self.filters_before.remove(0);
            }
            self.filters_before.push(self.filter.clone());
            self.filters_after.clear();
        }
        self.set_focus(filter);
    }

    /// Goes back to the filter before, or on to the one after.
    pub(super) fn step_filter(&mut self, on: bool) {
        let (from, to) = if on {
            (&mut self.filters_after, &mut self.filters_before)
        } else {
            (&mut self.filters_before, &mut self.filters_after)
        };
        if let Some(filter) = from.pop() {
            to.push(self.filter.clone());
            self.set_focus(filter);
        }
    }

    pub(super) fn set_focus(&mut self, filter: Filter) {
        self.filter = filter;
        self.ask_matches();
        if self.card == Some(Card::Figures) {
            self.ask_figures();
        }
        if self.filter.is_empty() {
            self.focus.forget();
            self.focus_version += 1;
            return;
        }
        let asked = self.focus.ask(AskFocus(self.filter.clone()));
        self.send(asked);
    }

    /// Asks who of the building that is shown matches.
    pub(super) fn ask_matches(&mut self) {
        let Some(building_id) = self.building_id.filter(|_| !self.filter.is_empty()) else {
            self.matches.forget();
            return;
        };
        let asked = self.matches.ask(AskMatches(building_id, self.filter.clone()));
        self.send(asked);
    }

    pub(super) fn ask_figures(&mut self) {
        let (filter, beside) = (self.filter.clone(), self.beside.clone());
        let now = self.now();
        let asked = self.figures.ask(AskFigures { filter, beside, now });
        self.send(asked);
    }

    /// Sets grids beside what the figures tell of, or takes them away.
    pub(super) fn compare_grids(&mut self, grids: Vec<(String, String)>) {
        self.beside = grids;
        self.ask_figures();
    }

    /// Prints the figures that are shown.
    pub(super) fn print_figures(&mut self, to: std::path::PathBuf) {
        let Some(all) = self.figures.get().cloned() else { return };
        let (vocabulary, lang, today) =
            (self.vocabulary.clone(), self.settings.language(), self.today);
        self.start_job(msg!("extracting to {}", to.display()), Slot::File, move |_| {
            let report = Report::of(&all, &vocabulary, lang, (today, None, None));
            report.write(&to).map(|()| JobDone::Printed(to))
        });
    }

    /// What the filter leaves, if there is a filter and its answer.
    #[must_use]
    pub fn focused(&self) -> Option<&Focused> {
        self.focus.get().filter(|_| !self.filter.is_empty())
    }

    /// Asks for what the theme colours by, if it needs more than the map's own content.
    pub(super) fn ask_theme(&mut self) {
        let theme = self.settings.theme;
        if matches!(theme, MapTheme::Plain | MapTheme::Use | MapTheme::Floors) {
            self.theme_values.forget();
            return;
        }
        let asked = self.theme_values.ask(AskTheme { theme, now: self.now() });
        self.send(asked);
    }

    /// How the buildings are coloured just now: by the focus, else by the theme; plain until its
    /// values are there.
    #[must_use]
    pub fn colouring(&self) -> Colouring<'_> {
        if let Some(focused) = self.focused() {
            return Colouring::Focus(&focused.answer.buildings);
        }
        match (self.settings.theme, self.theme_values.get()) {
            (MapTheme::Use, _) => Colouring::Use,
            (MapTheme::Floors, _) => Colouring::Floors,
            (theme, Some((of, values))) if theme == *of => Colouring::Measure(theme, values),
            _ => Colouring::Plain,
        }
    }
}
