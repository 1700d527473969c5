//! Believable Chinese city districts and residents from a seed.
//!
//! Nothing here is anybody's data: names are drawn from lists, ID numbers begin with 00 (a region
//! code that no place has), mobile numbers with 140 (reserved for machines). The same seed and day
//! make the same district, byte for byte.

pub mod city;
mod enterprise;
mod export;
mod homes;
pub mod people;
mod persons;
mod rng;
pub mod site;
mod words;

pub use city::city;
pub use city::plan::City;
pub use export::{WriteError, write_city, write_people};
pub use people::{PeopleTotals, Progress, make_people};
pub use site::PeopleOptions;
