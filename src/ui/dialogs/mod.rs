//! The dialogs in front of the window; [`host`] knows which is open.

pub(crate) mod about;
pub(crate) mod bookmark;
pub(crate) mod event_forms;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod fill_form;
pub(crate) mod host;
pub(crate) mod import;
pub(crate) mod living;
pub(crate) mod match_list;
pub(crate) mod openness;
pub(crate) mod palette;
pub(crate) mod past_deeds;
pub(crate) mod past_imports;
pub(crate) mod placing;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod reveal;
pub(crate) mod rooms;
pub(crate) mod workspace;
