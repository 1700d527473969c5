//! What all of the window is made of: tokens, theme, widgets, modals. It knows no panel.

pub(crate) mod focus_words;
pub(crate) mod inbox;
pub(crate) mod modal;
pub(crate) mod path_field;
pub(crate) mod regions;
pub(crate) mod theme;
pub mod tokens;
pub(crate) mod widgets;
