//! One file for every kind of import, and what they share.

pub(crate) mod basemap;
pub(crate) mod buildings;
pub(crate) mod disagree;
pub(crate) mod features;
pub(crate) mod grids;
pub(crate) mod homes;
pub(crate) mod identity;
pub(crate) mod known;
pub(crate) mod known_places;
pub mod make_rooms;
pub mod match_list;
pub(crate) mod persons;
pub(crate) mod places;
pub mod preview;
pub mod review;
pub(crate) mod rooms;
