//! The records as they come from a list or a generator, before they have row ids.
//!
//! Code-list fields hold keys ([`super::codes`]); dates are civil dates, instants are UTC seconds.
//! Personal fields are plain text here because a record on its way *into* the workspace must be
//! written as it is; what comes *out* is `access::Sensitive`.

use ::geo::MultiPolygon;
use jiff::civil::Date;

use crate::domain::ids::{BuildingId, RoomId, TagId};
use crate::geo::LonLat;

/// 楼栋: a building with its outline.
#[derive(Clone, PartialEq)]
pub struct BuildingRecord {
    /// Unique stable text.
    pub code: String,
    /// Id of the feature in the source file, as text.
    pub feature_id: Option<String>,
    /// Name, as on the sign.
    pub name: Option<String>,
    /// Name of the estate it belongs to.
    pub estate: Option<String>,
    /// 期/区 inside the estate.
    pub zone: Option<String>,
    /// 3 for 3幢.
    pub building_no: Option<String>,
    /// Key of `building_kind`.
    pub kind: Option<i64>,
    /// Standard address.
    pub address: Option<String>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
    /// Floors below ground.
    pub floors_below: Option<i32>,
    /// Height in metres.
    pub height_m: Option<f64>,
    /// Year it was built.
    pub year_built: Option<i32>,
    /// 楼栋长, a published service contact.
    pub leader_name: Option<String>,
    /// Phone of the 楼栋长.
    pub leader_phone: Option<String>,
    /// Outline, WGS-84 degrees.
    pub outline: MultiPolygon,
}

/// 网格: an area somebody looks after.
#[derive(Clone, PartialEq)]
pub struct GridRecord {
    /// Unique stable text.
    pub code: String,
    /// Name.
    pub name: Option<String>,
    /// 网格长.
    pub leader: Option<String>,
    /// Area, WGS-84 degrees.
    pub outline: MultiPolygon,
}

/// A road, a railway, a water or a green.
#[derive(Clone, PartialEq)]
pub struct BaseRecord {
    /// What it is.
    pub kind: super::basemap::BaseKind,
    /// 1 the greatest road … 4 a path.
    pub rank: u8,
    /// Name.
    pub name: Option<String>,
    /// `MultiLineString` or `MultiPolygon`, WGS-84 degrees.
    pub geometry: ::geo::Geometry,
}

/// 房屋: one room (flat, shop, parking space) of a building.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomRecord {
    /// Row id of the building.
    pub building_id: BuildingId,
    /// Unit as written, tidied; `None` when not given.
    pub unit: Option<String>,
    /// Floor label, tidied; `None` when neither given nor implied by the number.
    pub floor: Option<String>,
    /// Floors it spans (≥ 1).
    pub floor_span: i32,
    /// The number on the door.
    pub room_no: String,
    /// Key of `room_kind`.
    pub kind: i64,
    /// Key of `room_status`; `None` when the list did not say.
    pub status: Option<i64>,
    /// Floor area, square metres.
    pub area_m2: Option<f64>,
    /// The day somebody last checked it.
    pub verified_on: Option<Date>,
}

/// 人员 with the residency and tags a list row carries.
#[derive(Clone, PartialEq)]
pub struct PersonRecord {
    /// Key of `id_type`.
    pub id_type: i64,
    /// ID number, normalised; `None` for a baby without one.
    pub id_no: Option<String>,
    /// Full name.
    pub name: String,
    /// Key of `sex`; `None` when not given.
    pub sex: Option<i64>,
    /// Birth date.
    pub birth_date: Option<Date>,
    /// Whether only its month is known, and the first stands for the day.
    pub is_birth_month: bool,
    /// Phone numbers, `;` between.
    pub phone: Option<String>,
    /// Key of `population_type`; `None` when not given.
    pub population_type: Option<i64>,
    /// Where the person lives, when the row says so.
    pub residency: Option<ResidencyRecord>,
    /// Row ids of tags.
    pub tag_ids: Vec<TagId>,
    /// The day somebody was there and saw; `None` when the row says nothing of a visit.
    pub verified_on: Option<Date>,
}

/// What wins where a list and the workspace disagree.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Precedence {
    /// A visit beats a list; of two visits or two lists the newer.
    #[default]
    Visit,
    /// The list.
    List,
    /// What is known: the list fills what is empty.
    Known,
    /// Nothing by itself: persons whose row disagrees wait for somebody to choose.
    Ask,
}

impl Precedence {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Visit, Self::List, Self::Known, Self::Ask];

    /// The word used on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::List => "list",
            Self::Known => "known",
            Self::Ask => "ask",
        }
    }

    /// Whether a row overwrites what is known: the row's visit and the last known one, UTC seconds.
    #[must_use]
    pub fn row_wins(self, row: Option<i64>, known: Option<i64>) -> bool {
        match self {
            Self::List => true,
            Self::Known => false,
            Self::Visit | Self::Ask => row >= known,
        }
    }
}

/// 人房关系: a person in a room.
#[derive(Clone, PartialEq)]
pub struct ResidencyRecord {
    /// Row id of the room.
    pub room_id: RoomId,
    /// Register number of the household; `None` = the room's only household.
    pub household_no: Option<String>,
    /// Key of `relation`.
    pub relation: Option<i64>,
    /// Key of `residency_role`.
    pub role: Option<i64>,
    /// First day.
    pub since: Option<Date>,
}

/// Where an enterprise or event is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// Row id of the building.
    pub building_id: Option<BuildingId>,
    /// Row id of the room.
    pub room_id: Option<RoomId>,
    /// Position.
    pub point: Option<LonLat>,
}

/// 企业: a company, shop or organisation.
#[derive(Clone, PartialEq)]
pub struct EnterpriseRecord {
    /// Unified social credit code.
    pub uscc: Option<String>,
    /// Registered name.
    pub name: String,
    /// Key of `org_kind`.
    pub kind: Option<i64>,
    /// Industry, free text.
    pub industry: Option<String>,
    /// Where it is.
    pub place: Place,
    /// Contact person.
    pub contact: Option<String>,
    /// Phone of the contact.
    pub phone: Option<String>,
    /// Number of employees.
    pub employees: Option<i64>,
    /// Key of `enterprise_status`.
    pub status: Option<i64>,
}

/// 事件: an incident reported from somewhere.
#[derive(Clone, PartialEq)]
pub struct EventRecord {
    /// `YYYYMMDD-grid-seq`, unique.
    pub no: String,
    /// Key of `event_category`; `None` when the list did not say.
    pub category: Option<i64>,
    /// One line.
    pub title: String,
    /// What happened.
    pub text: Option<String>,
    /// Key of `event_severity`.
    pub severity: Option<i64>,
    /// Key of `event_source`.
    pub source: Option<i64>,
    /// Key of `event_state`; `None` when the list did not say.
    pub state: Option<i64>,
    /// UTC seconds.
    pub occurred_at: Option<i64>,
    /// UTC seconds.
    pub reported_at: Option<i64>,
    /// Where it is.
    pub place: Place,
}

/// 设备: a camera, hydrant, AED … as an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRecord {
    /// Unique stable text.
    pub code: String,
    /// Key of `device_kind`; `None` when the list did not say.
    pub kind: Option<i64>,
    /// Name.
    pub name: Option<String>,
    /// Key of `device_state`; `None` when the list did not say.
    pub state: Option<i64>,
    /// Position.
    pub point: LonLat,
    /// The building it stands in.
    pub building_id: Option<BuildingId>,
    /// Direction it looks, degrees clockwise from north.
    pub heading_deg: Option<f64>,
    /// Opening angle, degrees.
    pub fov_deg: Option<f64>,
    /// How far it sees, metres.
    pub range_m: Option<f64>,
}
