//! The only egui: the window, its panels and dialogs.
//!
//! Panels read the session through `ctx::Ctx` and push wishes; `app` takes in what threads have
//! done, grants the wishes and draws. The rooms, from the ground up: `ctx`, `kit` and `commands`,
//! the `map`, then `panels`, `cards` and `dialogs`, and `app` over all. The way in is [`run`].

mod app;
mod cards;
mod commands;
mod ctx;
mod dialogs;
mod kit;
pub mod map;
mod panels;

pub use app::{MenpaiApp, StartOptions, run};
pub use kit::tokens;
pub use map::{flight, page, still};
