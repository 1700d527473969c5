//! The panels around the map.

pub(crate) mod focus;
pub(crate) mod in_view;
pub(crate) mod layers;
pub(crate) mod notices;
pub(crate) mod search;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod top_bar;
