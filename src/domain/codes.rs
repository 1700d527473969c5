//! Code lists: the editable vocabularies (room kinds, relations, event states …) and the tags.
//!
//! A workspace carries its own copy and may change labels or add entries; the shipped lists in
//! `data/codelists.csv` and `data/tags.csv` seed it. Rules that need a meaning use the constants
//! in [`key`], which the shipped keys are tested against.

use std::collections::HashMap;

use super::{Lang, fold};

/// Which vocabulary a key belongs to; the text is what the workspace's `code` table says.
pub mod list {
    /// 建筑类型
    pub const BUILDING_KIND: &str = "building_kind";
    /// 房屋类型
    pub const ROOM_KIND: &str = "room_kind";
    /// 房屋状态
    pub const ROOM_STATUS: &str = "room_status";
    /// 人口类型
    pub const POPULATION_TYPE: &str = "population_type";
    /// 证件类型
    pub const ID_TYPE: &str = "id_type";
    /// 性别
    pub const SEX: &str = "sex";
    /// 与户主关系
    pub const RELATION: &str = "relation";
    /// 居住身份
    pub const RESIDENCY_ROLE: &str = "residency_role";
    /// 企业类型
    pub const ORG_KIND: &str = "org_kind";
    /// 经营状态
    pub const ENTERPRISE_STATUS: &str = "enterprise_status";
    /// 事件类别
    pub const EVENT_CATEGORY: &str = "event_category";
    /// 难易程度
    pub const EVENT_SEVERITY: &str = "event_severity";
    /// 事件来源
    pub const EVENT_SOURCE: &str = "event_source";
    /// 事件状态
    pub const EVENT_STATE: &str = "event_state";
    /// 办理结果
    pub const EVENT_OUTCOME: &str = "event_outcome";
    /// 走访结果
    pub const VISIT_FOUND: &str = "visit_found";
    /// 走访方式
    pub const VISIT_MODE: &str = "visit_mode";
    /// 工作岗位
    pub const STAFF_OFFICE: &str = "staff_office";
    /// 组织类型
    pub const ORGANISATION_KIND: &str = "organisation_kind";
    /// 场所备注类型
    pub const PLACE_NOTE_KIND: &str = "place_note_kind";
    /// 报警类型
    pub const ALARM_KIND: &str = "alarm_kind";
    /// 报警状态
    pub const ALARM_STATE: &str = "alarm_state";
    /// 设备类型
    pub const DEVICE_KIND: &str = "device_kind";
    /// 设备状态
    pub const DEVICE_STATE: &str = "device_state";
}

/// Keys with a meaning in the rules.
pub mod key {
    /// building_kind: residential
    pub const BUILDING_RESIDENTIAL: i64 = 1;
    /// building_kind: other
    pub const BUILDING_OTHER: i64 = 9;
    /// room_kind: dwelling
    pub const ROOM_DWELLING: i64 = 1;
    /// room_kind: shop
    pub const ROOM_SHOP: i64 = 2;
    /// room_kind: office
    pub const ROOM_OFFICE: i64 = 3;
    /// room_kind: parking space
    pub const ROOM_PARKING: i64 = 5;
    /// room_status: owner-occupied
    pub const STATUS_OWNER_OCCUPIED: i64 = 1;
    /// room_status: rented
    pub const STATUS_RENTED: i64 = 2;
    /// room_status: vacant
    pub const STATUS_VACANT: i64 = 3;
    /// room_status: not verified
    pub const STATUS_UNVERIFIED: i64 = 9;
    /// population_type: registered
    pub const REGISTERED: i64 = 1;
    /// population_type: floating
    pub const FLOATING: i64 = 2;
    /// population_type: overseas
    pub const OVERSEAS: i64 = 3;
    /// sex: male
    pub const MALE: i64 = 1;
    /// sex: female
    pub const FEMALE: i64 = 2;
    /// id_type: resident ID card
    pub const ID_CARD: i64 = 111;
    /// relation: head of household
    pub const HEAD: i64 = 0;
    /// relation: other
    pub const RELATION_OTHER: i64 = 8;
    /// event_category: other
    pub const EVENT_OTHER: i64 = 99;
    /// device_kind: other
    pub const DEVICE_OTHER: i64 = 9;
    /// enterprise_status: open
    pub const ENTERPRISE_OPEN: i64 = 1;
    /// enterprise_status: closed
    pub const ENTERPRISE_CLOSED: i64 = 3;
    /// device_state: working
    pub const DEVICE_WORKING: i64 = 1;
}

/// One entry of a code list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct CodeEntry {
    /// Which list.
    pub list: String,
    /// What records store.
    pub key: i64,
    /// Stable English word, used in JSON.
    pub code: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// Other spellings accepted on input, `;` between.
    #[serde(default)]
    pub aliases: String,
}

/// One tag of the focus population.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct TagEntry {
    /// Stable English word, used in JSON.
    pub code: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// Which block of the list it stands in.
    pub group: String,
    /// `#RRGGBB`.
    pub colour: String,
    /// One character for the matrix cell.
    pub glyph: String,
    /// 0 public service, 1 care, 2 needs care in handling.
    pub sensitivity: i64,
    /// Other spellings accepted on input, `;` between.
    #[serde(default)]
    pub aliases: String,
}

/// All vocabularies, with look-up by key and by whatever people write.
#[derive(Debug, Clone, Default)]
pub struct CodeLists {
    entries: Vec<CodeEntry>,
    by_key: HashMap<(String, i64), usize>,
    by_text: HashMap<(String, String), i64>,
}

impl CodeLists {
    /// Indexes a list of entries.
    #[must_use]
    pub fn new(entries: Vec<CodeEntry>) -> Self {
        let mut lists = Self::default();
        for (index, e) in entries.iter().enumerate() {
            lists.by_key.insert((e.list.clone(), e.key), index);
            let spellings = [e.code.as_str(), &e.zh, &e.en];
            for text in spellings.into_iter().chain(e.aliases.split(';')) {
                if !text.is_empty() {
                    lists.by_text.entry((e.list.clone(), fold(text))).or_insert(e.key);
                }
            }
            lists.by_text.entry((e.list.clone(), e.key.to_string())).or_insert(e.key);
        }
        lists.entries = entries;
        lists
    }

    /// The lists shipped with the program.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the lists are compiled in.
    #[must_use]
    pub fn shipped() -> Self {
        Self::new(read_csv(include_str!("../../data/codelists.csv")))
    }

    /// Entries of one list in their given order.
    pub fn entries<'a>(&'a self, list: &'a str) -> impl Iterator<Item = &'a CodeEntry> {
        self.entries.iter().filter(move |e| e.list == list)
    }

    /// Every entry of every list.
    #[must_use]
    pub fn all(&self) -> &[CodeEntry] {
        &self.entries
    }

    /// The key for a code, a label in either language, an alias or the key itself.
    #[must_use]
    pub fn parse(&self, list: &str, text: &str) -> Option<i64> {
        self.by_text.get(&(list.to_owned(), fold(text))).copied()
    }

    /// The stable English word of a key; `"?"` for a key the list does not know.
    #[must_use]
    pub fn code(&self, list: &str, key: i64) -> &str {
        self.get(list, key).map_or("?", |e| &e.code)
    }

    /// The label of a key; `"?"` for a key the list does not know.
    #[must_use]
    pub fn label(&self, list: &str, key: i64, lang: Lang) -> &str {
        self.get(list, key).map_or("?", |e| match lang {
            Lang::Zh => &e.zh,
            Lang::En => &e.en,
        })
    }

    fn get(&self, list: &str, key: i64) -> Option<&CodeEntry> {
        self.by_key.get(&(list.to_owned(), key)).map(|&i| &self.entries[i])
    }
}

/// The tags shipped with the program, in the order they are shown.
#[must_use]
pub fn shipped_tags() -> Vec<TagEntry> {
    read_csv(include_str!("../../data/tags.csv"))
}

fn read_csv<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::workflow::event::{outcome, severity};
    use crate::domain::workflow::visit::found;
    use crate::domain::workflow::{alarm, event};

    #[test]
    fn shipped_keys_mean_what_the_rules_think() {
        let lists = CodeLists::shipped();
        let check = |list: &str, key: i64, code: &str| assert_eq!(lists.code(list, key), code);
        check(list::BUILDING_KIND, key::BUILDING_RESIDENTIAL, "residential");
        check(list::BUILDING_KIND, key::BUILDING_OTHER, "other");
        check(list::ROOM_KIND, key::ROOM_DWELLING, "dwelling");
        check(list::ROOM_KIND, key::ROOM_SHOP, "shop");
        check(list::ROOM_KIND, key::ROOM_OFFICE, "office");
        check(list::ROOM_KIND, key::ROOM_PARKING, "parking");
        check(list::ROOM_STATUS, key::STATUS_OWNER_OCCUPIED, "owner_occupied");
        check(list::ROOM_STATUS, key::STATUS_RENTED, "rented");
        check(list::ROOM_STATUS, key::STATUS_VACANT, "vacant");
        check(list::ROOM_STATUS, key::STATUS_UNVERIFIED, "unverified");
        check(list::POPULATION_TYPE, key::REGISTERED, "registered");
        check(list::POPULATION_TYPE, key::FLOATING, "floating");
        check(list::POPULATION_TYPE, key::OVERSEAS, "overseas");
        check(list::SEX, key::MALE, "male");
        check(list::SEX, key::FEMALE, "female");
        check(list::ID_TYPE, key::ID_CARD, "id_card");
        check(list::RELATION, key::HEAD, "head");
        check(list::RELATION, key::RELATION_OTHER, "other");
        for state in event::MACHINE.states {
            check(list::EVENT_STATE, state.key, state.word);
        }
        for (severity, word) in
            severity::ALL.into_iter().zip(["simple", "general", "complex", "difficult"])
        {
            check(list::EVENT_SEVERITY, severity, word);
        }
        check(list::EVENT_OUTCOME, outcome::SOLVED, "solved");
        check(list::EVENT_OUTCOME, outcome::ANSWERED, "answered");
        check(list::EVENT_OUTCOME, outcome::NOT_OURS, "not_ours");
        check(list::EVENT_OUTCOME, outcome::DUPLICATE, "duplicate");
        check(list::EVENT_OUTCOME, outcome::IMPOSSIBLE, "impossible");
        check(list::EVENT_OUTCOME, outcome::WITHDRAWN, "withdrawn");
        check(list::VISIT_FOUND, found::FOUND, "found");
        check(list::VISIT_FOUND, found::ABSENT, "absent");
        check(list::VISIT_FOUND, found::REFUSED, "refused");
        check(list::VISIT_FOUND, found::MOVED, "moved");
        for state in alarm::MACHINE.states {
            check(list::ALARM_STATE, state.key, state.word);
        }
        check(list::ENTERPRISE_STATUS, key::ENTERPRISE_OPEN, "open");
        check(list::ENTERPRISE_STATUS, key::ENTERPRISE_CLOSED, "closed");
        check(list::DEVICE_STATE, key::DEVICE_WORKING, "working");
    }

    #[test]
    fn people_write_codes_labels_and_aliases() {
        let lists = CodeLists::shipped();
        assert_eq!(lists.parse(list::ROOM_KIND, " 住宅 "), Some(key::ROOM_DWELLING));
        assert_eq!(lists.parse(list::ROOM_KIND, "Dwelling"), Some(key::ROOM_DWELLING));
        assert_eq!(lists.parse(list::SEX, "男"), Some(key::MALE));
        assert_eq!(lists.parse(list::EVENT_STATE, "open"), Some(event::state::PENDING));
        assert_eq!(lists.parse(list::EVENT_STATE, "已上报"), Some(event::state::PENDING));
        assert_eq!(lists.parse(list::EVENT_STATE, "verified"), Some(event::state::TO_CHECK));
        assert_eq!(lists.parse(list::EVENT_STATE, "申请延期"), Some(event::state::HANDLING));
        assert_eq!(lists.parse(list::EVENT_SEVERITY, "当场"), Some(severity::SIMPLE));
        assert_eq!(lists.parse(list::ROOM_KIND, "城堡"), None);
        assert_eq!(lists.label(list::RELATION, 0, Lang::Zh), "户主");
        assert_eq!(lists.label(list::RELATION, 77, Lang::Zh), "?");
    }

    #[test]
    fn shipped_lists_are_complete() {
        assert!(CodeLists::shipped().all().len() > 100);
        let tags = shipped_tags();
        assert_eq!(tags.len(), 12);
        assert!(tags.iter().all(|t| t.glyph.chars().count() == 1 && t.colour.len() == 7));
    }
}
