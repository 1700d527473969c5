//! Which building stands at a position.

use crate::domain::building_name::BuildingName;
use crate::domain::ids::{BuildingId, RoomId};
use crate::geo::{BBox, LonLat};
use crate::store::{Connection, Result, features};

/// The building at a point: of several, the smallest, then the lowest code; the border is inside.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn building_at(conn: &Connection, p: LonLat) -> Result<Option<BuildingId>> {
    let here = BBox { west: p.lon, south: p.lat, east: p.lon, north: p.lat };
    let near = features::footprints_in(conn, &here)?;
    Ok(near.at(p).first().map(|&feature| BuildingId(near.id(feature))))
}

/// What a building is called by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildingPlace {
    /// Its code.
    pub code: String,
    /// Its estate.
    pub estate: Option<String>,
    /// 3 for 3幢.
    pub number: Option<String>,
    /// Its own name.
    pub name: Option<String>,
    /// Street and number.
    pub address: Option<String>,
}

impl BuildingPlace {
    /// What it is called by.
    #[must_use]
    pub fn name(&self) -> BuildingName<'_> {
        BuildingName {
            estate: self.estate.as_deref(),
            number: self.number.as_deref(),
            name: self.name.as_deref(),
            address: self.address.as_deref(),
            code: &self.code,
        }
    }
}

/// Columns of a [`BuildingPlace`], to be selected from `building b LEFT JOIN estate s`.
pub(super) const BUILDING_PLACE_COLUMNS: &str = "b.code, s.name, b.building_no, b.name, b.address";

/// Reads [`BUILDING_PLACE_COLUMNS`] from a row, starting at column `at`; `None` where there is no building.
pub(super) fn building_place(
    row: &rusqlite::Row<'_>,
    at: usize,
) -> rusqlite::Result<Option<BuildingPlace>> {
    let Some(code) = row.get(at)? else { return Ok(None) };
    Ok(Some(BuildingPlace {
        code,
        estate: row.get(at + 1)?,
        number: row.get(at + 2)?,
        name: row.get(at + 3)?,
        address: row.get(at + 4)?,
    }))
}

/// A room's place in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct RoomPlace {
    /// Row id of the room.
    #[serde(skip)]
    pub room_id: RoomId,
    /// Row id of the building.
    #[serde(skip)]
    pub building_id: BuildingId,
    /// Code of the building.
    pub building_code: String,
    /// Estate.
    pub estate: Option<String>,
    /// Building name, when it has one.
    pub building_name: Option<String>,
    /// 3 for 3幢.
    pub building_no: Option<String>,
    /// Street and number of the building.
    #[serde(skip)]
    pub building_address: Option<String>,
    /// Unit.
    pub unit: Option<String>,
    /// The number on the door.
    pub room_no: String,
}

impl RoomPlace {
    /// What its building is called by.
    #[must_use]
    pub fn building(&self) -> BuildingName<'_> {
        BuildingName {
            estate: self.estate.as_deref(),
            number: self.building_no.as_deref(),
            name: self.building_name.as_deref(),
            address: self.building_address.as_deref(),
            code: &self.building_code,
        }
    }
}

/// Columns of a [`RoomPlace`], to be selected from `room r JOIN building b LEFT JOIN estate e
/// LEFT JOIN building_unit u`.
pub(super) const ROOM_PLACE_COLUMNS: &str =
    "r.room_id, b.building_id, b.code, e.name, b.name, b.building_no, u.unit_no, r.room_no,
     b.address";

/// The joins those columns need.
pub(super) const ROOM_PLACE_JOINS: &str = "JOIN building b ON b.building_id = r.building_id
     LEFT JOIN estate e ON e.estate_id = b.estate_id
     LEFT JOIN building_unit u ON u.unit_id = r.unit_id";

/// Reads [`ROOM_PLACE_COLUMNS`] from a row, starting at column `at`.
pub(super) fn room_place(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<RoomPlace> {
    Ok(RoomPlace {
        room_id: row.get(at)?,
        building_id: row.get(at + 1)?,
        building_code: row.get(at + 2)?,
        estate: row.get(at + 3)?,
        building_name: row.get(at + 4)?,
        building_no: row.get(at + 5)?,
        unit: row.get(at + 6)?,
        room_no: row.get(at + 7)?,
        building_address: row.get(at + 8)?,
    })
}

/// A room's place by row id.
///
/// # Errors
/// SQLite's errors, "no rows" for an unknown room among them.
pub fn place_of_room(conn: &Connection, room_id: RoomId) -> Result<RoomPlace> {
    let sql =
        format!("SELECT {ROOM_PLACE_COLUMNS} FROM room r {ROOM_PLACE_JOINS} WHERE r.room_id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([room_id], |row| room_place(row, 0))?)
}
