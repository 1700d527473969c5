//! Chinese addresses of dwellings: from the text people type to estate, building, unit, floor, room.
//!
//! The way in is [`parse`] (or [`parse_in`] with what is known of the place). The text is made
//! uniform (`normal`), cut into numbers and words (`pieces`), and read: the head (divisions, road,
//! estate, zone) by `head`, the tail (building to room) by `tail`. Nothing here knows a workspace:
//! whether the flat exists is the question of `query::matching`.
//!
//! Only `core` and `alloc` are used. Source of the rules: the usual written forms of GB/T 23705
//! (数字城市地理信息公共平台 地名/地址编码规则) and of the public annotated addresses described in
//! Li et al., *Neural Chinese Address Parsing*, NAACL 2019.

mod chain;
mod context;
mod door;
mod head;
mod normal;
mod pieces;
mod print;
mod quantities;
mod remarks;
mod settle;
mod suffix;
mod tail;
mod token;

pub(crate) use context::slips;
pub use context::{Context, FloorLabels};
pub(in crate::domain) use normal::{chinese_number, is_chinese_numeral, simplified_text};
pub use print::canonical;

/// How sure the reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// Enough to name one dwelling.
    Full,
    /// Something is missing; somebody must pick.
    Partial,
    /// Several readings, or a name that only resembles a known one: never linked by itself.
    Ambiguous,
    /// No address.
    #[default]
    None,
}

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaceKind {
    /// A flat.
    Residential,
    /// A house that is one dwelling.
    Villa,
    /// A room in a row of one-storey houses.
    Bungalow,
    /// A house in a village.
    Rural,
    /// A shop.
    Shop,
    /// An office.
    Office,
    /// Below ground.
    Basement,
    /// A parking space.
    Parking,
    /// Not known.
    #[default]
    Unknown,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What was noticed while reading.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Flag { $($(#[$doc])* $name,)* }

        impl Flag {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

flags! {
    /// Traditional characters were read as simplified ones.
    Traditional = "traditional",
    /// A remark, a bracket, a phone number was kept apart.
    Remark = "remark",
    /// A usual slip was mended.
    TypoFixed = "typo_fixed",
    /// Numbers stood apart by something else than a dash.
    OddSeparator = "odd_separator",
    /// The parts stood in another order.
    Reordered = "reordered",
    /// 楼 was read as a building.
    LouAsBuilding = "lou_as_building",
    /// The text gives a second place.
    SecondAddress = "second_address",
    /// More rooms than one.
    MultiRoom = "multi_room",
    /// Floor and door number were joined to a room number.
    RoomComposed = "room_composed",
    /// The floor is not in the text but usual for such a place.
    FloorInferred = "floor_inferred",
    /// The floor's label is not its number (3A).
    FloorAlias = "floor_alias",
    /// 顶楼: the floor depends on the building.
    FloorRelative = "floor_relative",
    /// The digits of the room leave the floor open.
    FloorAmbiguous = "floor_ambiguous",
    /// Floor and room number disagree.
    FloorConflict = "floor_conflict",
    /// No floor.
    FloorMissing = "floor_missing",
    /// The building's only unit was taken.
    UnitInferred = "unit_inferred",
    /// No unit.
    UnitMissing = "unit_missing",
    /// No room.
    RoomMissing = "room_missing",
    /// No building.
    BuildingMissing = "building_missing",
    /// Neither estate nor road.
    EstateMissing = "estate_missing",
    /// The estate's name only resembles a known one.
    EstateFuzzy = "estate_fuzzy",
    /// A date, likely made by a spreadsheet from 3-2.
    ExcelDate = "excel_date",
    /// 同上.
    Ditto = "ditto",
    /// No address.
    Unparsed = "unparsed",
}

/// A set of [`Flag`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u32);

impl Flags {
    /// Adds one.
    pub const fn add(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u32;
    }

    /// Takes one away.
    pub const fn remove(&mut self, flag: Flag) {
        self.0 &= !(1 << flag as u32);
    }

    /// Whether it is in.
    #[must_use]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u32) != 0
    }

    /// In the order of [`Flag::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.has(*flag))
    }
}

impl serde::Serialize for Flags {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Flag::word))
    }
}

/// Another way to read the tail.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Reading {
    /// Building.
    pub building: Option<String>,
    /// Unit.
    pub unit: Option<String>,
    /// Room.
    pub room: Option<String>,
}

/// An address, read. Numbers are Arabic, without leading zeros; letters are capitals; 甲 乙 东 西
/// stay. `None` is "not given".
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Address {
    /// Divisions, as written: 示范区和平街道; for villages down to the group: 张家村5组.
    pub admin: Option<String>,
    /// Road.
    pub road: Option<String>,
    /// Its number: 88, 12号院, 669弄.
    pub road_no: Option<String>,
    /// 小区.
    pub estate: Option<String>,
    /// 期, 区 or 组团.
    pub zone: Option<String>,
    /// Building, without 幢; rows of bungalows keep 排.
    pub building: Option<String>,
    /// Unit, without 单元.
    pub unit: Option<String>,
    /// Floor; −1 is the first below ground.
    pub floor: Option<i32>,
    /// The number on the door.
    pub room: Option<String>,
    /// Further rooms of the same row.
    pub extra_rooms: Vec<String>,
    /// Kind of place.
    pub kind: PlaceKind,
    /// How sure.
    #[serde(rename = "match")]
    pub quality: Match,
    /// What was noticed.
    pub flags: Flags,
    /// Every other reading that was considered.
    pub alternatives: Vec<Reading>,
    /// What stood beside the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// Whether a remark says that somebody lives elsewhere: 501对面, 已搬走; not 5月搬来.
#[must_use]
pub fn speaks_of_elsewhere(remark: &str) -> bool {
    const WORDS: [&str; 4] = ["不住", "另住", "借住在", "人户分离"];
    let has_moved = remark.split('搬').skip(1).any(|rest| !rest.starts_with(['来', '入', '进']));
    // 实住锦绣新村: another place is named. (现住) alone says that this is the place.
    let names_place = ["实住", "现住", "实际居住", "居住在", "住在", "暂住在"].iter().any(|word| {
        remark
            .split_once(word)
            .is_some_and(|(_, rest)| rest.chars().filter(|c| c.is_alphanumeric()).count() >= 2)
    });
    let is_beside = remark.split([';', ',', ' ']).any(|part| {
        remarks::RELATIONS.iter().any(|word| part == *word || word.len() > 3 && part.contains(word))
    });
    has_moved || names_place || is_beside || WORDS.iter().any(|word| remark.contains(word))
}

/// Reads an address without knowing the place.
#[must_use]
pub fn parse(text: &str) -> Address {
    parse_in(text, &Context::default())
}

/// Reads an address of a place of which something is known.
#[must_use]
pub fn parse_in(text: &str, context: &Context) -> Address {
    /// Longer than any address: the rest is cut off.
    const MAX_CHARS: usize = 400;
    let mut address = Address::default();
    let mut chars = Vec::with_capacity(text.len() / 2 + 8);
    let text = text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end]);
    if normal::uniform(text, &mut chars).traditional {
        address.flags.add(Flag::Traditional);
    }
    if remarks::refuse(&chars, &mut address) {
        return address;
    }
    let mut chars = remarks::cut_off(chars, &mut address);
    let is_unsure = quantities::cut(&mut chars, &mut address);
    let mut found = Vec::with_capacity(12);
    pieces::cut(&chars, &mut found);
    tail::read(&chars, &found, &mut address);
    context.complete(&mut address);
    if is_unsure {
        address.quality = Match::Ambiguous;
    }
    settle::judge(&mut address);
    address
}
