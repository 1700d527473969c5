//! The session's state and what can be done to it, by subject.

mod act;
mod answers;
mod by_hand;
mod cards;
mod done;
mod extract;
mod focus;
mod kept;
mod matching;
mod running;
mod search;
mod selecting;
mod state;
mod work;

pub use running::{RunningJob, Slot};
pub use state::{Locked, Session};
