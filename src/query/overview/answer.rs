//! The shape of an overview: what the JSON contract in `docs/json.md` describes.

use serde::Serialize;

use crate::domain::building_name::BuildingName;
use crate::domain::ids::{BuildingId, RoomId};

/// The header of a building.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildingHeader {
    /// Row id (not part of the JSON contract).
    #[serde(skip)]
    pub building_id: BuildingId,
    /// Unique stable text.
    pub code: String,
    /// Name on the sign.
    pub name: Option<String>,
    /// Estate.
    pub estate: Option<String>,
    /// 期/区.
    #[serde(skip)]
    pub zone: Option<String>,
    /// 3 for 3幢.
    #[serde(skip)]
    pub building_no: Option<String>,
    /// Key of `building_kind`.
    #[serde(skip)]
    pub kind: Option<i64>,
    /// Standard address.
    pub address: Option<String>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
    /// Floors below ground.
    pub floors_below: Option<i32>,
    /// Number of units.
    pub units: usize,
    /// Code of its grid.
    pub grid: Option<String>,
    /// Name of its grid.
    #[serde(skip)]
    pub grid_name: Option<String>,
    /// 网格长.
    #[serde(skip)]
    pub grid_leader: Option<String>,
    /// 楼栋长, a published contact.
    #[serde(skip)]
    pub leader_name: Option<String>,
    /// Phone of the 楼栋长.
    #[serde(skip)]
    pub leader_phone: Option<String>,
    /// Longitude of a point inside.
    pub lon: f64,
    /// Latitude of a point inside.
    pub lat: f64,
}

impl BuildingHeader {
    /// What the building is called by.
    #[must_use]
    pub fn names(&self) -> BuildingName<'_> {
        BuildingName {
            estate: self.estate.as_deref(),
            number: self.building_no.as_deref(),
            name: self.name.as_deref(),
            address: self.address.as_deref(),
            code: &self.code,
        }
    }
}

/// The figures of a building. Persons are distinct current residents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each name says what is counted")]
pub struct Counts {
    pub rooms: u64,
    pub households: u64,
    pub persons: u64,
    pub registered: u64,
    pub floating: u64,
    pub overseas: u64,
    pub enterprises: u64,
    pub open_events: u64,
    pub devices: u64,
}

/// How many residents carry a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagCount {
    /// Stable English word.
    pub code: String,
    /// The workspace's own (Chinese) label.
    pub label: String,
    /// Distinct current residents.
    pub persons: u64,
}

/// A floor of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FloorHead {
    /// Physical order, −1 being the first below ground.
    pub ord: i32,
    /// What people say: B1, 3A.
    pub label: String,
}

/// A room in the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Row id (not part of the JSON contract).
    #[serde(skip)]
    pub room_id: RoomId,
    /// Unit; null when unknown.
    pub unit: Option<String>,
    /// Lowest floor (physical order); null when unknown.
    pub floor: Option<i32>,
    /// The number on the door.
    pub room_no: String,
    /// Code of `room_kind`.
    pub kind: String,
    /// Code of `room_status`.
    pub status: String,
    /// Key of `room_status`.
    #[serde(skip)]
    pub status_key: i64,
    /// Distinct current residents.
    pub persons: u64,
    /// Codes of the residents' tags, in display order.
    pub tags: Vec<String>,
    /// Open events at the room.
    pub open_events: u64,
    /// Floors it spans.
    pub floor_span: i32,
    /// Column within its unit, from 0.
    pub col: Option<i32>,
    /// Columns it spans.
    pub col_span: i32,
    /// When somebody last checked it, UTC seconds.
    #[serde(skip)]
    pub verified_at: Option<i64>,
    /// Floor area, m².
    #[serde(skip)]
    pub area_m2: Option<AreaM2>,
}

/// Square metres, compared by bits so that cells can be `Eq`.
#[derive(Debug, Clone, Copy)]
pub struct AreaM2(pub f64);

impl PartialEq for AreaM2 {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for AreaM2 {}

/// The floor × unit matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Matrix {
    /// Unit names in order; one empty name when the building has no units at all.
    pub units: Vec<String>,
    /// Columns of each unit (not part of the JSON contract).
    #[serde(skip)]
    pub unit_widths: Vec<i32>,
    /// Floors, the top one first.
    pub floors: Vec<FloorHead>,
    /// Rooms with a place, by unit, floor from the top, column.
    pub cells: Vec<Cell>,
    /// Rooms whose unit or floor is unknown.
    pub unassigned: Vec<Cell>,
}

/// An enterprise in a building or room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnterpriseLine {
    /// Registered name.
    pub name: String,
    /// Credit code.
    pub uscc: Option<String>,
    /// Unit of its room.
    pub unit: Option<String>,
    /// Number of its room.
    pub room_no: Option<String>,
    /// Code of `enterprise_status`.
    pub status: String,
    /// Key of `enterprise_status`.
    #[serde(skip)]
    pub status_key: i64,
    /// Industry.
    #[serde(skip)]
    pub industry: Option<String>,
    /// Number of employees.
    #[serde(skip)]
    pub employees: Option<i64>,
    /// Row id of its room.
    #[serde(skip)]
    pub room_id: Option<RoomId>,
}

/// An event at a building.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventLine {
    /// Number.
    pub no: String,
    /// Code of `event_category`.
    pub category: String,
    /// One line.
    pub title: String,
    /// Code of `event_state`.
    pub state: String,
    /// RFC 3339, Asia/Shanghai.
    pub reported_at: Option<String>,
    /// Key of `event_category`.
    #[serde(skip)]
    pub category_key: i64,
    /// Key of `event_state`.
    #[serde(skip)]
    pub state_key: i64,
    /// Row id of its room.
    #[serde(skip)]
    pub room_id: Option<RoomId>,
}

/// The answer to one click.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overview {
    /// Header.
    pub building: BuildingHeader,
    /// Figures.
    pub counts: Counts,
    /// Tags with at least one resident, in display order.
    pub tags: Vec<TagCount>,
    /// 楼盘表.
    pub matrix: Matrix,
    /// By room, then name.
    pub enterprises: Vec<EnterpriseLine>,
    /// Open ones first, then the newest first.
    pub events: Vec<EventLine>,
}
