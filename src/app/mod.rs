//! The running session: what is open, chosen, asked and being done; no pixels.
//!
//! The window reads [`Session`] and sends [`Action`]s; questions and long work run on threads of
//! their own and come back through [`Session::tick`], so that the screen never waits.

mod action;
pub mod ask;
pub mod asks;
pub mod command;
mod desk;
pub mod forms;
pub mod jobs;
pub mod lists;
pub mod sample;
mod sample_work;
mod session;
pub mod settings;
pub mod start_guard;
pub mod tiles;
pub mod value;
pub mod worker;

pub use action::{
    Action, Card, Hand, HouseholdView, Notice, NoticeKind, Offer, OpenNames, SearchView,
};
pub use command::UiCommand;
pub use session::{Locked, RunningJob, Session, Slot};
pub use settings::Settings;
pub use value::Value;
