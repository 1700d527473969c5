//! A filter against a workspace: its words become keys and row ids, or a sentence says which one is
//! not known.

use std::ops::RangeInclusive;

use ::geo::MultiPolygon;
use jiff::civil::Date;

use super::{ADULT_FROM_AGE, ALONE_FROM_AGE, Class, Filter, MOST_DEPTH, Span};
use crate::derived::Vocabulary;
use crate::derived::census::{DayNumber, day_number};
use crate::domain::codes::list;
use crate::domain::ids::{BuildingId, EstateId, GridId};
use crate::domain::workflow::event;
use crate::msg;
use crate::store::{Connection, Result, StoreError, lookup};
use crate::text::Message;

/// Why a filter cannot be answered.
#[derive(Debug)]
pub enum FilterError {
    /// A word that the workspace does not know; the sentence says what it knows.
    Unknown(Message),
    /// A condition that can never hold, or is none.
    Wrong(Message),
    /// The workspace.
    Store(StoreError),
}

impl From<StoreError> for FilterError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for FilterError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl FilterError {
    /// What to tell.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Unknown(message) | Self::Wrong(message) => message.clone(),
            Self::Store(error) => error.message(),
        }
    }
}

/// Keys of a code list, one of which must be there; a bit each.
pub(super) type Keys = [u64; 4];

fn has_key(keys: &Keys, key: u8) -> bool {
    keys[usize::from(key) / 64] >> (key % 64) & 1 == 1
}

/// A filter whose words are keys and row ids of one workspace, ages and days as of one day.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what is asked for, each by itself")]
pub struct Condition {
    pub(super) any_tags: Vec<usize>,
    pub(super) all_tags: Vec<usize>,
    pub(super) no_tags: Vec<usize>,
    pub(super) births: Option<RangeInclusive<DayNumber>>,
    pub(super) sexes: Option<Keys>,
    pub(super) population_types: Option<Keys>,
    pub(super) relations: Option<Keys>,
    pub(super) roles: Option<Keys>,
    pub(super) classes: Vec<Class>,
    pub(super) verified_before: Option<DayNumber>,
    pub(super) room_statuses: Option<Keys>,
    pub(super) room_kinds: Option<Keys>,
    pub(super) area_m2: Option<Span<f32>>,
    pub(super) room_verified_before: Option<DayNumber>,
    pub(super) grids: Option<Vec<GridId>>,
    pub(super) estates: Option<Vec<EstateId>>,
    pub(super) buildings: Option<Vec<BuildingId>>,
    pub(super) inside: Vec<Condition>,
    pub(super) except: Vec<Condition>,
    /// Keys of `org_kind`, for enterprises themselves.
    pub(crate) enterprise_kinds: Vec<i64>,
    /// Keys of `event_category`, for events themselves.
    pub(crate) open_events: Vec<i64>,
    pub(super) asks_people: bool,
    pub(super) asks_rooms: bool,
    pub(super) asks_places: bool,
    /// Whether it names kinds of enterprises or events, and nothing else.
    pub(crate) asks_only_kinds: bool,
    /// Born after this day: not yet grown up.
    pub(super) minors_after: DayNumber,
    pub(super) today: DayNumber,
}

/// The days of birth that ages mean.
fn births(ages: Span<i16>, on: Date) -> RangeInclusive<DayNumber> {
    let back = |years: i16| on.checked_sub(jiff::Span::new().years(years)).map_or(1, day_number);
    // Age ≥ a ⇔ birth ≤ today − a years; age ≤ b ⇔ birth > today − (b + 1) years.
    let last = back(ages.from.unwrap_or(0).max(0));
    let first = ages.to.map_or(1, |to| match to.checked_add(1) {
        Some(next) if (0..=200).contains(&next) => back(next).saturating_add(1),
        _ => 1,
    });
    first..=last
}

/// What resolving a filter needs.
struct Resolver<'a> {
    conn: &'a Connection,
    vocabulary: &'a Vocabulary,
    today: Date,
    find: &'a dyn Fn(&MultiPolygon) -> Result<Vec<BuildingId>>,
}

impl Resolver<'_> {
    fn tags(&self, words: &[String]) -> std::result::Result<Vec<usize>, FilterError> {
        let v = self.vocabulary;
        let place = |text: &String| {
            let tag = v.find_tag(text).and_then(|tag| v.tag_position(tag.tag_id));
            tag.ok_or_else(|| {
                let known: Vec<&str> = v.tags.iter().map(|t| t.code.as_str()).collect();
                FilterError::Unknown(msg!("no tag {}; tags: {}", text, known.join(" ")))
            })
        };
        let mut places: Vec<usize> =
            words.iter().map(place).collect::<std::result::Result<_, _>>()?;
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    fn keys_of(&self, list: &str, words: &[String]) -> std::result::Result<Vec<i64>, FilterError> {
        let lists = &self.vocabulary.lists;
        let key = |text: &String| {
            lists.parse(list, text).ok_or_else(|| {
                let known: Vec<&str> = lists.entries(list).map(|e| e.code.as_str()).collect();
                FilterError::Unknown(msg!("{} is not one of {}", text, known.join(" ")))
            })
        };
        words.iter().map(key).collect()
    }

    fn keys(&self, list: &str, words: &[String]) -> std::result::Result<Option<Keys>, FilterError> {
        let mut keys = Keys::default();
        for key in self.keys_of(list, words)? {
            // Sexes are kept in two bits; 3 is "not stated".
            let key = if list == list::SEX && key == 9 { 3 } else { key };
            if let Ok(key) = u8::try_from(key) {
                keys[usize::from(key) / 64] |= 1 << (key % 64);
            }
        }
        Ok((!words.is_empty()).then_some(keys))
    }

    fn grids(&self, codes: &[String]) -> std::result::Result<Option<Vec<GridId>>, FilterError> {
        let grid = |code: &String| {
            lookup::grid_id(self.conn, code)?
                .ok_or_else(|| FilterError::Unknown(msg!("no grid has the code {}", code)))
        };
        let ids = codes.iter().map(grid).collect::<std::result::Result<Vec<_>, _>>()?;
        Ok((!codes.is_empty()).then_some(ids))
    }

    fn estates(&self, names: &[String]) -> std::result::Result<Option<Vec<EstateId>>, FilterError> {
        let mut ids = Vec::new();
        let mut select = self.conn.prepare_cached(
            "SELECT estate_id FROM estate WHERE name = ?1 AND deleted_at IS NULL",
        )?;
        for name in names {
            let found: Vec<EstateId> =
                select.query_map([name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            if found.is_empty() {
                return Err(FilterError::Unknown(msg!("no estate has the name {}", name)));
            }
            ids.extend(found);
        }
        Ok((!names.is_empty()).then_some(ids))
    }

    /// The buildings that every condition on buildings leaves; `None` where there is none.
    fn buildings(
        &self,
        filter: &Filter,
        enterprise_kinds: &[i64],
        open_events: &[i64],
    ) -> std::result::Result<Option<Vec<BuildingId>>, FilterError> {
        let mut left: Option<Vec<BuildingId>> = None;
        let mut keep = |mut ids: Vec<BuildingId>| {
            ids.sort_unstable();
            ids.dedup();
            if let Some(before) = &left {
                ids.retain(|id| before.binary_search(id).is_ok());
            }
            left = Some(ids);
        };
        if let Some(codes) = &filter.buildings {
            let building = |code: &String| {
                lookup::building_id(self.conn, code)?
                    .ok_or_else(|| FilterError::Unknown(msg!("no building has the code {}", code)))
            };
            keep(codes.iter().map(building).collect::<std::result::Result<_, _>>()?);
        }
        if !filter.areas.is_empty() {
            let mut ids = Vec::new();
            for area in &filter.areas {
                ids.extend(area.buildings(self.conn, self.find)?);
            }
            keep(ids);
        }
        for (keys, sql) in [
            (
                enterprise_kinds,
                "SELECT building_id FROM enterprise
                 WHERE kind = ?1 AND building_id IS NOT NULL AND deleted_at IS NULL"
                    .to_owned(),
            ),
            (
                open_events,
                format!(
                    "SELECT building_id FROM event
                     WHERE category = ?1 AND building_id IS NOT NULL AND {}",
                    event::open_sql()
                ),
            ),
        ] {
            if !keys.is_empty() {
                let mut select = self.conn.prepare_cached(&sql)?;
                let mut ids = Vec::new();
                for key in keys {
                    let found = select.query_map([key], |row| row.get(0))?;
                    ids.extend(found.collect::<rusqlite::Result<Vec<BuildingId>>>()?);
                }
                keep(ids);
            }
        }
        Ok(left)
    }

    fn resolve(
        &self,
        filter: &Filter,
        depth: usize,
    ) -> std::result::Result<Condition, FilterError> {
        if depth > MOST_DEPTH {
            return Err(FilterError::Wrong(msg!("the filter holds filters in filters too deep")));
        }
        contradictions(filter)?;
        let today = self.today;
        let nested = |list: &[Filter]| {
            list.iter()
                .map(|filter| self.resolve(filter, depth + 1))
                .collect::<std::result::Result<Vec<_>, _>>()
        };
        let enterprise_kinds = self.keys_of(list::ORG_KIND, &filter.enterprise_kinds)?;
        let open_events = self.keys_of(list::EVENT_CATEGORY, &filter.open_events)?;
        let (any_tags, all_tags) = (self.tags(&filter.any_tags)?, self.tags(&filter.all_tags)?);
        let no_tags = self.tags(&filter.no_tags)?;
        if let Some(place) = all_tags.iter().find(|tag| no_tags.contains(tag)) {
            let tag = &self.vocabulary.tags[*place].code;
            return Err(FilterError::Wrong(msg!(
                "the filter asks for people who carry a tag and do not: {}",
                tag
            )));
        }
        if !any_tags.is_empty() && any_tags.iter().all(|tag| no_tags.contains(tag)) {
            let tag = &self.vocabulary.tags[any_tags[0]].code;
            return Err(FilterError::Wrong(msg!(
                "the filter asks for people who carry a tag and do not: {}",
                tag
            )));
        }
        let mut ages = filter.ages;
        if filter.classes.contains(&Class::Over80) {
            ages = Some(at_least(ages, 80));
        }
        if filter.classes.contains(&Class::Alone) {
            ages = Some(at_least(ages, ALONE_FROM_AGE));
        }
        let area = filter.area_m2.map(|area| Span {
            from: area.from.map(|m2| m2 as f32),
            to: area.to.map(|m2| m2 as f32),
        });
        Ok(Condition {
            buildings: self.buildings(filter, &enterprise_kinds, &open_events)?,
            any_tags,
            all_tags,
            no_tags,
            births: ages.map(|ages| births(ages, today)),
            sexes: self.keys(list::SEX, &filter.sexes)?,
            population_types: self.keys(list::POPULATION_TYPE, &filter.population_types)?,
            relations: self.keys(list::RELATION, &filter.relations)?,
            roles: self.keys(list::RESIDENCY_ROLE, &filter.roles)?,
            classes: filter.classes.clone(),
            verified_before: filter.verified_before.map(day_number),
            room_statuses: self.keys(list::ROOM_STATUS, &filter.room_statuses)?,
            room_kinds: self.keys(list::ROOM_KIND, &filter.room_kinds)?,
            area_m2: area,
            room_verified_before: filter.room_verified_before.map(day_number),
            grids: self.grids(&filter.grids)?,
            estates: self.estates(&filter.estates)?,
            inside: nested(&filter.inside)?,
            except: nested(&filter.except)?,
            enterprise_kinds,
            open_events,
            asks_people: filter.asks_people(),
            asks_rooms: filter.asks_rooms(),
            asks_places: filter.asks_places(),
            asks_only_kinds: Filter {
                enterprise_kinds: Vec::new(),
                open_events: Vec::new(),
                ..filter.clone()
            }
            .is_empty(),
            minors_after: *births(Span { from: Some(ADULT_FROM_AGE), to: None }, today).end(),
            today: day_number(today),
        })
    }
}

fn at_least(ages: Option<Span<i16>>, least: i16) -> Span<i16> {
    let ages = ages.unwrap_or(Span { from: None, to: None });
    Span { from: Some(ages.from.map_or(least, |from| from.max(least))), to: ages.to }
}

fn contradictions(filter: &Filter) -> std::result::Result<(), FilterError> {
    let wrong = |message| Err(FilterError::Wrong(message));
    if let Some(ages) = filter.ages.filter(Span::is_empty) {
        let (from, to) = (ages.from.unwrap_or_default(), ages.to.unwrap_or_default());
        return wrong(msg!("nobody is at least {} and at most {} years old", from, to));
    }
    if let Some(area) = filter.area_m2.filter(Span::is_empty) {
        let (from, to) = (area.from.unwrap_or_default(), area.to.unwrap_or_default());
        return wrong(msg!("no room has at least {} m² and at most {} m²", from, to));
    }
    Ok(())
}

impl Condition {
    /// Looks a filter's words up, its ages and days as of `today`. `find` finds the buildings that
    /// touch an area, such as [`super::buildings_touching`].
    ///
    /// # Errors
    /// A word that the workspace does not know, a condition that can never hold, or what SQLite says.
    pub fn of(
        conn: &Connection,
        vocabulary: &Vocabulary,
        filter: &Filter,
        today: Date,
        find: &dyn Fn(&MultiPolygon) -> Result<Vec<BuildingId>>,
    ) -> std::result::Result<Self, FilterError> {
        Resolver { conn, vocabulary, today, find }.resolve(filter, 0)
    }

    /// What lies in these buildings, by row id.
    #[must_use]
    pub fn within(building_ids: Vec<BuildingId>) -> Self {
        let mut building_ids = building_ids;
        building_ids.sort_unstable();
        Self { buildings: Some(building_ids), asks_places: true, ..Self::default() }
    }

    /// Whoever carries one of these tags, by their places in the vocabulary.
    #[must_use]
    pub fn of_tags(places: Vec<usize>) -> Self {
        Self { any_tags: places, asks_people: true, ..Self::default() }
    }

    /// Of these, the people of some ages.
    #[must_use]
    pub fn aged(self, ages: Span<i16>, on: Date) -> Self {
        Self { births: Some(births(ages, on)), asks_people: true, ..self }
    }

    /// The same, of what another filter leaves.
    #[must_use]
    pub fn inside(mut self, other: Self) -> Self {
        self.asks_people |= other.asks_people;
        self.asks_rooms |= other.asks_rooms;
        self.asks_places |= other.asks_places;
        self.inside.push(other);
        self
    }

    /// Of these, the people of [`Class::Alone`].
    #[must_use]
    pub fn alone(self, on: Date) -> Self {
        let ages = Span { from: Some(ALONE_FROM_AGE), to: None };
        Self { classes: vec![Class::Alone], ..self }.aged(ages, on)
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !(self.asks_people || self.asks_rooms || self.asks_places)
    }

    /// Whether it says something of where, and of nothing else.
    #[must_use]
    pub fn asks_only_places(&self) -> bool {
        self.asks_places && !self.asks_people && !self.asks_rooms
    }

    /// The row ids of the grids it names, if it names nothing else.
    #[must_use]
    pub fn only_grids(&self) -> Option<&[GridId]> {
        let is_all = self.asks_only_places()
            && self.estates.is_none()
            && self.buildings.is_none()
            && self.inside.is_empty()
            && self.except.is_empty();
        self.grids.as_deref().filter(|_| is_all)
    }
}

pub(super) fn is_key_in(keys: Option<&Keys>, key: u8) -> bool {
    keys.is_none_or(|keys| has_key(keys, key))
}
