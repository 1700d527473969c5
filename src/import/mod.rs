//! Files into rows: footprints, areas and lists of any format; checks, joins, the report.
//!
//! The way in is [`run`]: it reads and checks a file outside the write lock, applies it in one
//! transaction, and accounts for every row. A dry run is the same transaction rolled back, so it
//! tells exactly what would happen.
//!
//! The rooms, from the ground up: the words of the trade (`kind`, `fields`, `request`, `error`),
//! `outcome` (the report), `formats` (files to rows or features), `table` (rows to fields), `kinds`
//! (fields to records). No room names one above it.

mod error;
pub mod fields;
pub mod formats;
mod guard;
mod kind;
pub mod kinds;
pub mod outcome;
mod request;
mod run;
mod sheet_row;
pub mod table;
mod values;

pub use error::ImportError;
pub use guard::is_guarded;
pub use kind::{ALL_ENDINGS, Kind};
pub use kinds::buildings::read_buildings;
pub use outcome::report::{ImportReport, Issue, KeptRow, Severity};
pub use request::{Request, Watch};
pub use run::run;
