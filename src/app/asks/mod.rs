//! The questions of the session, by subject.

pub mod by_hand;
pub mod card;
pub mod extract;
pub mod figures;
pub mod focus;
pub mod form;
pub mod map;
pub mod matches;
pub mod search;
pub mod table;
