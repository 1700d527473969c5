//! What is in a selection of buildings, added up.

use jiff::civil::Date;
use serde_json::json;

use super::{FocusFilter, PeopleIndex, Vocabulary};
use crate::domain::codes::OPEN_EVENT_SQL;
use crate::domain::ids::BuildingId;
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
    people: &PeopleIndex,
    building_ids: &[BuildingId],
    on: Date,
) -> Result<SelectionSummary> {
    let within = FocusFilter { within: Some(building_ids.into()), ..FocusFilter::default() };
    let persons = |filter: FocusFilter| people.focus(&filter, on).persons;
    let all = people.focus(&within, on);
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
        tags: (0..vocabulary.tags.len())
            .map(|tag| persons(FocusFilter { tags: vec![tag], ..within.clone() }))
            .collect(),
        elderly: persons(FocusFilter { ages: Some(60..=200), ..within.clone() }),
        alone: persons(FocusFilter { lives_alone: true, ..within.clone() }),
        minors: persons(FocusFilter { ages: Some(0..=17), ..within.clone() }),
        enterprises: count("enterprise", "deleted_at IS NULL")?,
        open_events: count("event", OPEN_EVENT_SQL)?,
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
