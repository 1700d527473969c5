//! The search, and the reason that opens names in it.

use super::state::Session;
use crate::app::action::{NoticeKind, OpenNames};
use crate::app::asks::search::AskSearch;

/// How long searches show names after a reason was given, seconds.
const NAMES_SECS: i64 = 600;

impl Session {
    pub(super) fn ask_search(&mut self) {
        if self.searched.trim().is_empty() {
            self.search.forget();
            return;
        }
        let (text, stamp) = (self.searched.clone(), self.stamp());
        let asked = self.search.ask(AskSearch { text, stamp, names: self.open_names.clone() });
        self.send(asked);
    }

    pub(super) fn open_names(&mut self, purpose: &str) {
        let Some(purpose) = crate::access::purpose(purpose) else {
            self.tell(NoticeKind::Failed, "the purpose says nothing; write why it is needed");
            return;
        };
        self.open_names = Some(OpenNames { purpose, until: self.now() + NAMES_SECS });
        self.ask_search();
    }
}
