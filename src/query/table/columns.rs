//! The tables of a workspace and their columns: what each is called, and the SQL it comes from. A column
//! that an import takes is headed as `data/fields.csv` heads it, so that what was extracted comes back.

use crate::domain::codes::list;
use crate::text::{Lang, Text};

/// A table: one row for each of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableKind {
    /// Everybody, with the home they moved into last.
    Persons,
    /// Rooms, with their head and how many live there.
    Rooms,
    /// Households.
    Households,
    /// Buildings.
    Buildings,
    /// Enterprises.
    Enterprises,
    /// Events.
    Events,
    /// Devices.
    Devices,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name on the command line and in JSON.
    pub key: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Whether it is there when nobody chose columns.
    pub is_usual: bool,
    pub(super) content: Content,
}

/// What stands in a column's cells.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// A text.
    Text(&'static str),
    /// A text somebody wrote, in which numbers of people may stand.
    Free(&'static str),
    /// A number.
    Number(&'static str),
    /// A key of a code list.
    Code(&'static str, &'static str),
    /// A personal field, by the name its mask goes by.
    Personal(&'static str, &'static str),
    /// UTC seconds, shown as local time.
    Instant(&'static str),
    /// UTC seconds, shown as a local day.
    Day(&'static str),
    /// Completed years since a day.
    Age(&'static str),
    /// Tags of a person.
    Tags,
    /// A part of the building's name or its place.
    Building(Part),
    /// The unit.
    Unit,
    /// Building, unit and room as they are spoken.
    Address,
}

impl Content {
    /// The expression it is read by; nothing where it comes from the row's place.
    pub(super) const fn sql(&self) -> Option<&'static str> {
        match self {
            Self::Text(sql)
            | Self::Free(sql)
            | Self::Number(sql)
            | Self::Code(_, sql)
            | Self::Personal(_, sql)
            | Self::Instant(sql)
            | Self::Day(sql)
            | Self::Age(sql) => Some(sql),
            Self::Tags | Self::Building(_) | Self::Unit | Self::Address => None,
        }
    }
}

/// A part of a building's name, or where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Code,
    Estate,
    Zone,
    Number,
    Name,
    Grid,
}

/// A column that is there unless columns are chosen.
const fn usual(key: &'static str, zh: &'static str, en: &'static str, content: Content) -> Column {
    Column { key, zh, en, is_usual: true, content }
}

/// A column that is there when it is chosen.
const fn more(key: &'static str, zh: &'static str, en: &'static str, content: Content) -> Column {
    Column { key, zh, en, is_usual: false, content }
}

const ESTATE: Column = usual("estate", "小区", "Estate", Content::Building(Part::Estate));
const ZONE: Column = more("zone", "期/区", "Zone", Content::Building(Part::Zone));
const BUILDING_NO: Column =
    usual("building_no", "楼号", "Building number", Content::Building(Part::Number));
const BUILDING_NAME: Column =
    usual("building_name", "楼栋名称", "Building name", Content::Building(Part::Name));
const BUILDING_CODE: Column =
    usual("building_code", "楼栋编码", "Building code", Content::Building(Part::Code));
const UNIT: Column = usual("unit", "单元", "Unit", Content::Unit);
const GRID: Column = usual("grid", "网格", "Grid", Content::Building(Part::Grid));
const ADDRESS: Column = more("address", "地址", "Address", Content::Address);

const PERSONS: &[Column] = &[
    usual("name", "姓名", "Name", Content::Personal("name", "p.name")),
    more("id_type", "证件类型", "ID type", Content::Code(list::ID_TYPE, "p.id_type")),
    more("id_no", "证件号码", "ID number", Content::Personal("id_no", "p.id_no")),
    usual("sex", "性别", "Sex", Content::Code(list::SEX, "p.sex")),
    more(
        "birth_date",
        "出生日期",
        "Date of birth",
        Content::Personal("birth_date", "p.birth_date"),
    ),
    usual("age", "年龄", "Age", Content::Age("p.birth_date")),
    usual("phone", "联系电话", "Phone", Content::Personal("phone", "p.phone")),
    usual(
        "population_type",
        "人口类型",
        "Population type",
        Content::Code(list::POPULATION_TYPE, "p.population_type"),
    ),
    usual("tags", "标签", "Tags", Content::Tags),
    ESTATE,
    ZONE,
    BUILDING_NO,
    BUILDING_NAME,
    BUILDING_CODE,
    UNIT,
    usual("room_no", "房号", "Room number", Content::Text("m.room_no")),
    ADDRESS,
    GRID,
    usual(
        "household_no",
        "户号",
        "Household number",
        Content::Text("(SELECT register_no FROM household WHERE household_id = r.household_id)"),
    ),
    usual(
        "relation",
        "与户主关系",
        "Relation to head",
        Content::Code(list::RELATION, "r.relation"),
    ),
    more("role", "居住身份", "Role in the room", Content::Code(list::RESIDENCY_ROLE, "r.role")),
    more("since", "入住日期", "Since", Content::Text("r.start_date")),
    more("room_status", "房屋状态", "Room status", Content::Code(list::ROOM_STATUS, "m.status")),
    usual("verified_on", "核实日期", "Verified on", Content::Day("p.verified_at")),
];

/// A field of the head of a room's first household, or of a household.
macro_rules! head_of {
    (room, $field:literal) => {
        concat!(
            "(SELECT p.",
            $field,
            " FROM household h JOIN person p ON p.person_id = h.head_person_id
              WHERE h.room_id = m.room_id AND p.deleted_at IS NULL
              ORDER BY h.household_id LIMIT 1)"
        )
    };
    (household, $field:literal) => {
        concat!(
            "(SELECT p.",
            $field,
            " FROM person p
              WHERE p.person_id = h.head_person_id AND p.deleted_at IS NULL)"
        )
    };
}

const ROOMS: &[Column] = &[
    ESTATE,
    ZONE,
    BUILDING_NO,
    BUILDING_NAME,
    BUILDING_CODE,
    UNIT,
    usual(
        "floor",
        "楼层",
        "Floor",
        Content::Text(
            "(SELECT label FROM building_floor f
          WHERE f.building_id = m.building_id AND f.ord = m.floor_min)",
        ),
    ),
    usual("room_no", "房号", "Room number", Content::Text("m.room_no")),
    ADDRESS,
    GRID,
    usual("kind", "房屋类型", "Room kind", Content::Code(list::ROOM_KIND, "m.kind")),
    usual("status", "房屋状态", "Room status", Content::Code(list::ROOM_STATUS, "m.status")),
    usual("area_m2", "面积(㎡)", "Area (m²)", Content::Number("m.area_m2")),
    usual(
        "persons",
        "居住人数",
        "Residents",
        Content::Number(
            "(SELECT count(*) FROM residency r WHERE r.room_id = m.room_id AND r.end_date IS NULL)",
        ),
    ),
    usual("head", "户主", "Head of household", Content::Personal("name", head_of!(room, "name"))),
    more(
        "head_phone",
        "户主电话",
        "Phone of the head",
        Content::Personal("phone", head_of!(room, "phone")),
    ),
    usual(
        "household_no",
        "户号",
        "Household number",
        Content::Text(
            "(SELECT group_concat(register_no, '; ') FROM household h
              WHERE h.room_id = m.room_id AND register_no IS NOT NULL)",
        ),
    ),
    usual("verified_on", "核实日期", "Verified on", Content::Day("m.verified_at")),
];

const HOUSEHOLDS: &[Column] = &[
    usual("household_no", "户号", "Household number", Content::Text("h.register_no")),
    usual(
        "head",
        "户主",
        "Head of household",
        Content::Personal("name", head_of!(household, "name")),
    ),
    more(
        "head_phone",
        "户主电话",
        "Phone of the head",
        Content::Personal("phone", head_of!(household, "phone")),
    ),
    usual(
        "persons",
        "人数",
        "Members",
        Content::Number(
            "(SELECT count(*) FROM residency r
              WHERE r.household_id = h.household_id AND r.end_date IS NULL)",
        ),
    ),
    ESTATE,
    ZONE,
    BUILDING_NO,
    BUILDING_NAME,
    BUILDING_CODE,
    UNIT,
    usual("room_no", "房号", "Room number", Content::Text("m.room_no")),
    ADDRESS,
    GRID,
];

const BUILDINGS: &[Column] = &[
    usual("code", "楼栋编码", "Building code", Content::Text("b.code")),
    ESTATE,
    ZONE,
    BUILDING_NO,
    usual("name", "楼栋名称", "Name", Content::Text("b.name")),
    usual("kind", "建筑类型", "Building kind", Content::Code(list::BUILDING_KIND, "b.kind")),
    usual("address", "地址", "Address", Content::Text("b.address")),
    usual("floors_above", "地上层数", "Floors above ground", Content::Number("b.floors_above")),
    more("floors_below", "地下层数", "Floors below ground", Content::Number("b.floors_below")),
    more("height_m", "高度", "Height (m)", Content::Number("b.height_m")),
    more("year_built", "建成年份", "Year built", Content::Number("b.year_built")),
    GRID,
    more("leader", "楼栋长", "Building leader", Content::Text("b.leader_name")),
    more("leader_phone", "楼栋长电话", "Building leader's phone", Content::Text("b.leader_phone")),
    usual(
        "rooms",
        "房屋数",
        "Rooms",
        Content::Number(
            "(SELECT count(*) FROM room m
              WHERE m.building_id = b.building_id AND m.deleted_at IS NULL)",
        ),
    ),
    usual(
        "persons",
        "居住人数",
        "Residents",
        Content::Number(
            "(SELECT count(DISTINCT r.person_id) FROM room m JOIN residency r USING (room_id)
              WHERE m.building_id = b.building_id AND m.deleted_at IS NULL
                AND r.end_date IS NULL)",
        ),
    ),
    more("lon", "经度", "Longitude", Content::Number("b.lon")),
    more("lat", "纬度", "Latitude", Content::Number("b.lat")),
];

const ENTERPRISES: &[Column] = &[
    usual("name", "企业名称", "Enterprise name", Content::Text("e.name")),
    usual("uscc", "统一社会信用代码", "Credit code", Content::Text("e.uscc")),
    usual("kind", "企业类型", "Enterprise kind", Content::Code(list::ORG_KIND, "e.kind")),
    usual("industry", "行业", "Industry", Content::Text("e.industry")),
    usual("status", "经营状态", "Status", Content::Code(list::ENTERPRISE_STATUS, "e.status")),
    usual("employees", "从业人数", "Employees", Content::Number("e.employees")),
    more("contact", "联系人", "Contact", Content::Personal("contact", "e.contact")),
    more("phone", "联系电话", "Phone", Content::Personal("phone", "e.phone")),
    ESTATE,
    ZONE,
    BUILDING_NO,
    BUILDING_NAME,
    BUILDING_CODE,
    UNIT,
    usual("room_no", "房号", "Room number", Content::Text("m.room_no")),
    ADDRESS,
    GRID,
];

const EVENTS: &[Column] = &[
    usual("no", "事件编号", "Event number", Content::Text("e.no")),
    usual("title", "标题", "Title", Content::Free("e.title")),
    usual("category", "事件类别", "Category", Content::Code(list::EVENT_CATEGORY, "e.category")),
    usual("severity", "难易程度", "Difficulty", Content::Code(list::EVENT_SEVERITY, "e.severity")),
    usual("state", "状态", "State", Content::Code(list::EVENT_STATE, "e.state")),
    usual("outcome", "办理结果", "Outcome", Content::Code(list::EVENT_OUTCOME, "e.outcome")),
    more("handler", "处置人", "Handler", Content::Free("e.handler")),
    more("called_at", "来电时间", "Called at", Content::Instant("e.called_at")),
    more("source", "事件来源", "Source", Content::Code(list::EVENT_SOURCE, "e.source")),
    more("occurred_at", "发生时间", "Occurred at", Content::Instant("e.occurred_at")),
    usual("reported_at", "上报时间", "Reported at", Content::Instant("e.reported_at")),
    usual("due_at", "办理期限", "Due at", Content::Instant("e.due_at")),
    more("text", "事件描述", "Description", Content::Free("e.text")),
    ESTATE,
    ZONE,
    BUILDING_NO,
    BUILDING_NAME,
    BUILDING_CODE,
    UNIT,
    usual("room_no", "房号", "Room number", Content::Text("m.room_no")),
    ADDRESS,
    usual(
        "grid",
        "网格",
        "Grid",
        Content::Text("(SELECT coalesce(g.name, g.code) FROM grid g WHERE g.grid_id = e.grid_id)"),
    ),
];

const DEVICES: &[Column] = &[
    usual("code", "设备编码", "Device code", Content::Text("d.code")),
    usual("name", "设备名称", "Device name", Content::Text("d.name")),
    usual("kind", "设备类型", "Device kind", Content::Code(list::DEVICE_KIND, "d.kind")),
    usual("state", "设备状态", "State", Content::Code(list::DEVICE_STATE, "d.state")),
    usual("heading_deg", "朝向(度)", "Heading (°)", Content::Number("d.heading_deg")),
    usual("range_m", "可视距离(米)", "Range (m)", Content::Number("d.range_m")),
    ESTATE,
    BUILDING_NO,
    BUILDING_NAME,
    BUILDING_CODE,
    GRID,
];

impl TableKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Persons,
        Self::Rooms,
        Self::Households,
        Self::Buildings,
        Self::Enterprises,
        Self::Events,
        Self::Devices,
    ];

    /// Its word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Persons => "persons",
            Self::Rooms => "rooms",
            Self::Households => "households",
            Self::Buildings => "buildings",
            Self::Enterprises => "enterprises",
            Self::Events => "events",
            Self::Devices => "devices",
        }
    }

    /// What its rows are called.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Persons => Text::Persons,
            Self::Rooms => Text::Rooms,
            Self::Households => Text::Households,
            Self::Buildings => Text::Buildings,
            Self::Enterprises => Text::Enterprises,
            Self::Events => Text::Events,
            Self::Devices => Text::Devices,
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its columns, in their usual order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Persons => PERSONS,
            Self::Rooms => ROOMS,
            Self::Households => HOUSEHOLDS,
            Self::Buildings => BUILDINGS,
            Self::Enterprises => ENTERPRISES,
            Self::Events => EVENTS,
            Self::Devices => DEVICES,
        }
    }

    /// The columns that a reader needs, on the screen and on paper, unless columns are chosen: an address says in one
    /// what an extraction tells in six.
    #[must_use]
    pub fn first_columns(self) -> Vec<&'static Column> {
        let keys: &[&str] = match self {
            Self::Persons => &[
                "name",
                "sex",
                "age",
                "address",
                "tags",
                "population_type",
                "phone",
                "verified_on",
            ],
            Self::Rooms => {
                &["address", "kind", "status", "area_m2", "persons", "head", "verified_on"]
            }
            Self::Households => &["household_no", "head", "persons", "address", "grid"],
            Self::Buildings => &[
                "code",
                "estate",
                "building_no",
                "name",
                "kind",
                "floors_above",
                "rooms",
                "persons",
                "grid",
            ],
            Self::Enterprises => &["name", "kind", "industry", "status", "employees", "address"],
            Self::Events => &["no", "title", "category", "state", "due_at", "address", "grid"],
            Self::Devices => &["code", "name", "kind", "state", "grid"],
        };
        let find = |key: &&str| self.columns().iter().find(|column| column.key == *key);
        keys.iter().filter_map(find).collect()
    }

    /// Rows with what their columns are read from, and what makes them count.
    pub(super) const fn from(self) -> &'static str {
        match self {
            Self::Persons => {
                "person p
                 LEFT JOIN residency r ON r.residency_id =
                   (SELECT max(x.residency_id) FROM residency x
                    WHERE x.person_id = p.person_id AND x.end_date IS NULL)
                 LEFT JOIN room m ON m.room_id = r.room_id
                 WHERE p.deleted_at IS NULL"
            }
            Self::Rooms => "room m WHERE m.deleted_at IS NULL",
            Self::Households => {
                "household h JOIN room m ON m.room_id = h.room_id WHERE m.deleted_at IS NULL"
            }
            Self::Buildings => "building b WHERE b.deleted_at IS NULL",
            Self::Enterprises => {
                "enterprise e LEFT JOIN room m ON m.room_id = e.room_id WHERE e.deleted_at IS NULL"
            }
            Self::Events => "event e LEFT JOIN room m ON m.room_id = e.room_id WHERE 1",
            Self::Devices => "device d WHERE d.deleted_at IS NULL",
        }
    }

    /// The same rows, without what only their columns need.
    pub(super) const fn bare_from(self) -> &'static str {
        match self {
            Self::Persons => "person p WHERE p.deleted_at IS NULL",
            Self::Enterprises => "enterprise e WHERE e.deleted_at IS NULL",
            Self::Events => "event e WHERE 1",
            Self::Rooms | Self::Households | Self::Buildings | Self::Devices => self.from(),
        }
    }

    /// The table its rows are counted in, and its key.
    pub(super) const fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Persons => ("person", "person_id"),
            Self::Rooms => ("room", "room_id"),
            Self::Households => ("household", "household_id"),
            Self::Buildings => ("building", "building_id"),
            Self::Enterprises => ("enterprise", "enterprise_id"),
            Self::Events => ("event", "event_id"),
            Self::Devices => ("device", "device_id"),
        }
    }

    /// Row id, building, unit, number of the room.
    pub(super) const fn head(self) -> [&'static str; 4] {
        match self {
            Self::Persons => ["p.person_id", "m.building_id", "m.unit_id", "m.room_no"],
            Self::Rooms => ["m.room_id", "m.building_id", "m.unit_id", "m.room_no"],
            Self::Households => ["h.household_id", "m.building_id", "m.unit_id", "m.room_no"],
            Self::Buildings => ["b.building_id", "b.building_id", "NULL", "NULL"],
            Self::Enterprises => ["e.enterprise_id", "e.building_id", "m.unit_id", "m.room_no"],
            Self::Events => ["e.event_id", "e.building_id", "m.unit_id", "m.room_no"],
            Self::Devices => ["d.device_id", "d.building_id", "NULL", "NULL"],
        }
    }
}

impl Column {
    /// What stands above it.
    #[must_use]
    pub const fn label(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }

    /// Whether its cells are numbers, or empty.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self.content, Content::Number(_) | Content::Age(_))
    }

    /// Whether its cells are instants, RFC 3339 with offset.
    #[must_use]
    pub const fn is_instant(&self) -> bool {
        matches!(self.content, Content::Instant(_))
    }

    /// Whether its cells are masked unless they are revealed.
    #[must_use]
    pub const fn is_personal(&self) -> bool {
        matches!(self.content, Content::Personal(..))
    }
}
