//! What is in a selection of buildings, added up.

use jiff::civil::Date;
use serde_json::json;

use super::filter::{ADULT_FROM_AGE, AGES, ALONE_FROM_AGE, facets};
use super::{Census, Condition, Vocabulary};
use crate::domain::ids::BuildingId;
use crate::domain::workflow::event;
use crate::store::{Connection, Result};

/// Sums over the selected buildings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SelectionSummary {
    /// The buildings with their current residents, by row id.
    pub buildings: Vec<(BuildingId, u32)>,
    /// Rooms.
    pub rooms: u64,
    /// Distinct current residents.
    pub persons: u64,
    /// Distinct current residents who carry each tag of the vocabulary.
    pub tags: Vec<u64>,
    /// Distinct current residents of 60 and over.
    pub elderly: u64,
    /// … who live alone (derived).
    pub alone: u64,
    /// Distinct current residents under 18.
    pub minors: u64,
    /// Enterprises.
    pub enterprises: u64,
    /// Events that are not closed.
    pub open_events: u64,
}

/// Adds up what is in the buildings with these row ids (sorted), ages as of `on`.
///
/// # Errors
/// SQLite's errors.
pub fn selection_summary(
    conn: &Connection,
    vocabulary: &Vocabulary,
    census: &Census,
    building_ids: &[BuildingId],
    on: Date,
) -> Result<SelectionSummary> {
    let within = Condition::within(building_ids.to_vec());
    let all = census.focus(&within);
    let counted = facets(census, &within, vocabulary.tags.len(), on);
    let aged = |ages: std::ops::Range<usize>| counted.ages[ages].iter().map(|of| of[2]).sum();
    let mut inhabited = all.buildings.iter().peekable();
    let buildings = building_ids
        .iter()
        .map(|id| (*id, inhabited.next_if(|(of, _)| of == id).map_or(0, |(_, count)| *count)))
        .collect();
    let ids = json!(building_ids).to_string();
    let count = |table: &str, condition: &str| count(conn, table, condition, &ids);
    Ok(SelectionSummary {
        buildings,
        rooms: count("room", "deleted_at IS NULL")?,
        persons: all.persons,
        elderly: aged(ALONE_FROM_AGE as usize..AGES),
        alone: census.focus(&within.alone(on)).persons,
        minors: aged(0..ADULT_FROM_AGE as usize),
        tags: counted.tags,
        enterprises: count("enterprise", "deleted_at IS NULL")?,
        open_events: count("event", event::open_sql())?,
    })
}

/// Rows of a table that belong to the buildings; the row ids go in as one JSON array, so that a
/// million of them are one statement.
fn count(conn: &Connection, table: &str, condition: &str, building_ids: &str) -> Result<u64> {
    let sql = format!(
        "SELECT count(*) FROM {table}
         WHERE building_id IN (SELECT value FROM json_each(?1)) AND {condition}"
    );
    let rows: i64 = conn.query_row(&sql, [building_ids], |row| row.get(0))?;
    Ok(rows.unsigned_abs())
}
