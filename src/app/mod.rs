//! The running session: what is open, chosen, asked and being done; no pixels.
//!
//! The window reads [`Session`] and sends [`Action`]s; questions and long work run on threads of
//! their own and come back through [`Session::tick`], so that the screen never waits.

pub mod command;
pub mod jobs;
pub mod sample;
mod session;
pub mod settings;
pub mod value;
pub mod worker;

pub use command::UiCommand;
pub use session::{Action, Card, HouseholdView, Notice, NoticeKind, Session};
pub use settings::Settings;
pub use value::Value;
