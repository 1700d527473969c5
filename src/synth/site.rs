//! A building as the generator sees it, and what is to be made.

use jiff::civil::Date;

use crate::domain::ids::BuildingId;

/// A building as the generator sees it.
pub(super) struct Site {
    pub(super) building_id: BuildingId,
    pub(super) code: String,
    pub(super) kind: Option<i64>,
    pub(super) floors_above: Option<i32>,
    pub(super) floors_below: Option<i32>,
    pub(super) area_m2: f64,
}

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct PeopleOptions {
    /// Seed.
    pub seed: u64,
    /// The day ages and dates are made for.
    pub on: Date,
    /// About how many persons; `None` for what the floor area suggests.
    pub persons: Option<u64>,
    /// About how many rooms; `None` for as many as the persons need.
    pub rooms: Option<u64>,
}
