//! Questions asked of a workspace, each with its SQL beside it.
//!
//! Every function takes a reading connection and gives a plain answer, sorted, with personal
//! fields as `access::Sensitive`. Ages are as of a given day.

pub mod event;
pub mod event_json;
pub mod event_list;
pub mod figures;
pub mod filter;
pub mod history;
pub mod household;
pub mod indicators;
pub mod list_match;
pub mod match_result;
pub mod matching;
pub mod overview;
pub mod place;
pub mod review;
pub mod roster;
pub mod search;
pub mod selection;
pub mod statistics;
pub mod summary;
pub mod table;
pub mod visits;
pub mod work;

pub use crate::derived::{Census, PeopleFacts, Tag, Vocabulary};
pub use event::event;
pub use filter::{Condition, Filter, FilterError, FocusAnswer, Subject};
pub use household::{HouseholdCard, household};
pub use overview::{Overview, overview};
pub use search::search;
pub use selection::{SelectionSummary, selection_summary};

/// A UTC instant as local time of Asia/Shanghai, RFC 3339 with its offset.
#[must_use]
pub fn instant_text(secs: i64) -> String {
    let zone = crate::domain::clock::shanghai();
    jiff::Timestamp::from_second(secs)
        .map(|t| t.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
        .unwrap_or_default()
}
