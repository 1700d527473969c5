//! Records changed by hand: fields checked as an import checks them, saved as one deed with its audit row,
//! and never over what somebody else has changed meanwhile.
//!
//! The way in is [`mod@save`] for fields, [`living`] for who lives where, [`merging`] for two records of one.

pub mod deeds;
pub mod fields;
pub mod living;
pub mod merging;
pub mod save;

pub use fields::{Field, Input, Reading, field_of, of_object};
pub use save::{Conflict, Draft, EditError, Saved, add, delete, save, values};
