//! The cards of the right panel: a building, a household, an event, a selection, the queue.

pub(crate) mod building;
pub(crate) mod event;
pub(crate) mod figures;
pub(crate) mod frame;
pub(crate) mod household;
pub(crate) mod match_list;
pub(crate) mod matrix;
pub(crate) mod no_rooms;
pub(crate) mod review;
pub(crate) mod roster;
pub(crate) mod selection;
pub(crate) mod work;
