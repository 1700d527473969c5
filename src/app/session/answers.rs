//! Taking in what the query thread has found.

use std::sync::Arc;

use super::state::Session;
use crate::app::action::{Card, NoticeKind};
use crate::app::ask::Pending as _;
use crate::app::value::Value;
use crate::app::worker::News;

impl Session {
    pub(super) fn take(&mut self, news: News) {
        match news {
            News::Scene(scene) => {
                if let Err(error) = &scene {
                    self.tell(NoticeKind::Failed, error.clone());
                }
                let is_same = matches!((&scene, self.scene.get()),
                    (Ok(new), Some(shown)) if Arc::ptr_eq(new, shown));
                self.scene.answer(scene);
                self.scene_version += u64::from(!is_same);
            }
            News::People(people) => {
                self.people.answer(people);
                self.ask_theme();
                if !self.filter.is_empty() {
                    self.set_focus(self.filter.clone());
                } else if self.card == Some(Card::Figures) {
                    self.ask_figures();
                }
            }
            News::Lists(lists) => self.lists.answer(lists),
            News::Totals(totals) => self.totals = totals.unwrap_or_default(),
        }
    }

    /// Takes in the answers that have come, and does what follows from some of them.
    pub(super) fn poll_asks(&mut self) -> bool {
        let mut has_news = self.poll_reveals();
        if self.focus.poll() {
            self.focus_version += 1;
            has_news = true;
        }
        if self.theme_values.poll() {
            if let Value::Failed(error, _) = &*self.theme_values {
                self.tell(NoticeKind::Failed, error.clone());
            }
            self.focus_version += 1;
            has_news = true;
        }
        if self.selection_summary.poll() {
            self.selection_version += 1;
            has_news = true;
        }
        if self.household.poll() {
            self.follow_household();
            has_news = true;
        }
        for ask in self.asks() {
            has_news |= ask.poll();
        }
        has_news
    }
}
