//! The overview in figures: people, rooms, enterprises and events that a filter leaves, counted by what
//! they are and where.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;

use super::filter::{Scan, facets};
use super::{Census, Condition, Vocabulary};
use crate::domain::clock::day_of;
use crate::domain::codes::list;
use crate::domain::ids::{BuildingId, EstateId, GridId, PersonId};
use crate::domain::verified::VERIFIED_FOR_DAYS;
use crate::domain::workflow::event;
use crate::store::{Connection, Result};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says what is counted")]
pub enum Of {
    Persons,
    Rooms,
    Enterprises,
    Events,
}

/// What the counts are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says where")]
pub enum By {
    Grid,
    Estate,
    Building,
}

impl Of {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Persons, Self::Rooms, Self::Enterprises, Self::Events];

    /// Its word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Persons => "persons",
            Self::Rooms => "rooms",
            Self::Enterprises => "enterprises",
            Self::Events => "events",
        }
    }
}

/// How many of each code there are, by code.
pub type Counts = BTreeMap<String, u64>;

/// What is counted in one place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    /// Code of the grid or building, name of the estate; none for what stands in none.
    pub code: Option<String>,
    /// Its name, where it has another one.
    pub name: Option<String>,
    /// How many.
    pub total: u64,
}

/// Figures of one kind.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Figures {
    /// How many.
    pub total: u64,
    /// Counts by name of what they are counted by, then by code.
    #[serde(flatten)]
    pub counts: BTreeMap<&'static str, Counts>,
    /// Further sums by name.
    #[serde(flatten)]
    pub sums: BTreeMap<&'static str, f64>,
    /// Persons of each age, everybody, women and men; ages without anybody are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_age: Vec<Age>,
    /// Events by month of their report, `YYYY-MM`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_month: BTreeMap<String, u64>,
    /// Where, if that was asked for: by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

/// Persons of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Age {
    /// Completed years; 100 stands for 100 and over.
    pub age: u8,
    /// Everybody.
    pub total: u64,
    /// Women.
    pub female: u64,
    /// Men.
    pub male: u64,
}

/// What figures are asked for.
pub struct FiguresRequest<'a> {
    /// Of what.
    pub of: Of,
    /// Which; a filter of people or rooms leaves the enterprises and events of their buildings.
    pub condition: &'a Condition,
    /// Told apart by what.
    pub by: Option<By>,
    /// Events reported from this day on.
    pub from: Option<Date>,
    /// Events reported up to this day.
    pub to: Option<Date>,
    /// The day ages are counted on.
    pub today: Date,
    /// UTC second as of which an event is overdue.
    pub now: i64,
    /// Tags and code lists.
    pub vocabulary: &'a Vocabulary,
}

/// Counts what a filter leaves.
///
/// # Errors
/// SQLite's errors.
pub fn figures(conn: &Connection, census: &Census, asked: &FiguresRequest<'_>) -> Result<Figures> {
    let mut tally = Places::new(census, asked);
    let mut figures = match asked.of {
        Of::Persons => of_persons(census, asked, &mut tally),
        Of::Rooms => of_rooms(census, asked, &mut tally),
        Of::Enterprises => of_enterprises(conn, census, asked, &mut tally)?,
        Of::Events => of_events(conn, census, asked, &mut tally)?,
    };
    figures.groups = tally.groups(conn)?;
    Ok(figures)
}

/// Counts by place.
struct Places<'a> {
    census: &'a Census,
    by: Option<By>,
    /// By row id of the grid, estate or building; 0 for none.
    counts: BTreeMap<i64, u64>,
}

impl<'a> Places<'a> {
    fn new(census: &'a Census, asked: &FiguresRequest<'_>) -> Self {
        Self { census, by: asked.by, counts: BTreeMap::new() }
    }

    fn place_of(&self, building: usize) -> i64 {
        match self.by {
            Some(By::Grid) => self.census.grid_ids()[building].into(),
            Some(By::Estate) => self.census.estate_ids()[building].into(),
            _ => self.census.building_ids()[building].into(),
        }
    }

    fn place_of_building(&self, building_id: Option<BuildingId>) -> i64 {
        let at = building_id.and_then(|id| self.census.building_ids().binary_search(&id).ok());
        at.map_or(0, |at| self.place_of(at))
    }

    fn add(&mut self, place: i64, count: u64) {
        if self.by.is_some() && count > 0 {
            *self.counts.entry(place).or_default() += count;
        }
    }

    fn groups(self, conn: &Connection) -> Result<Vec<Group>> {
        let sql = match self.by {
            None => return Ok(Vec::new()),
            Some(By::Grid) => "SELECT code, name FROM grid WHERE grid_id = ?1",
            Some(By::Estate) => "SELECT name, NULL FROM estate WHERE estate_id = ?1",
            Some(By::Building) => "SELECT code, name FROM building WHERE building_id = ?1",
        };
        let mut select = conn.prepare(sql)?;
        let mut groups = Vec::with_capacity(self.counts.len());
        for (place, total) in self.counts {
            let mut rows = select.query([place])?;
            let (code, name) = match rows.next()? {
                Some(row) => (row.get(0)?, row.get(1)?),
                None => (None, None),
            };
            groups.push(Group { code, name, total });
        }
        groups.sort_by(|a, b| (a.code.is_none(), &a.code).cmp(&(b.code.is_none(), &b.code)));
        Ok(groups)
    }
}

/// Counts of a code list's keys, by code; keys without a count are left out.
fn by_code(vocabulary: &Vocabulary, of: &str, counts: &[u64]) -> Counts {
    let entries = vocabulary.lists.entries(of);
    let count = |key: i64| {
        // "Not stated" stands under 3 among the sexes.
        let key = if of == list::SEX && key == 9 { 3 } else { key };
        usize::try_from(key).ok().and_then(|key| counts.get(key)).copied().unwrap_or_default()
    };
    entries.map(|e| (e.code.clone(), count(e.key))).filter(|(_, n)| *n > 0).collect()
}

fn of_persons(census: &Census, asked: &FiguresRequest<'_>, places: &mut Places<'_>) -> Figures {
    let v = asked.vocabulary;
    let answer = census.focus(asked.condition);
    let only = Condition::default().inside(asked.condition.clone());
    // Counted inside the filter: every choice under all of it.
    let counted = facets(census, &only, v.tags.len(), asked.today);
    let tags = v.tags.iter().zip(&counted.tags).filter(|(_, n)| **n > 0);
    let counts = BTreeMap::from([
        ("by_sex", by_code(v, list::SEX, &counted.sexes)),
        ("by_population_type", by_code(v, list::POPULATION_TYPE, &counted.population_types)),
        ("by_relation", by_code(v, list::RELATION, &counted.relations)),
        ("by_role", by_code(v, list::RESIDENCY_ROLE, &counted.roles)),
        ("by_tag", tags.map(|(tag, n)| (tag.code.clone(), *n)).collect()),
    ]);
    let by_age = counted.ages.iter().zip(0u8..).filter(|(of, _)| of[2] > 0);
    match places.by {
        Some(By::Grid) => counted.grids.iter().for_each(|(id, n)| places.add((*id).into(), *n)),
        Some(By::Estate) => counted.estates.iter().for_each(|(id, n)| places.add((*id).into(), *n)),
        _ => answer.buildings.iter().for_each(|(id, n)| places.add((*id).into(), u64::from(*n))),
    }
    // Who lives in no grid or estate is told as well.
    if matches!(places.by, Some(By::Grid | By::Estate)) {
        places.add(0, homeless_places(census, asked.condition, places));
    }
    Figures {
        total: answer.persons,
        counts,
        by_age: by_age
            .map(|(of, age)| Age { age, total: of[2], female: of[0], male: of[1] })
            .collect(),
        sums: BTreeMap::from([
            ("buildings", answer.buildings.len() as f64),
            ("rooms", census.rooms_of(&answer).count() as f64),
        ]),
        ..Figures::default()
    }
}

/// Distinct persons that match in buildings without a grid or estate.
fn homeless_places(census: &Census, condition: &Condition, places: &Places<'_>) -> u64 {
    let scan = Scan::new(census, condition);
    let mut persons: HashSet<PersonId> = HashSet::new();
    for (start, chunk) in census.chunks() {
        let bits = scan.matching(start, chunk);
        for building in 0..chunk.buildings() {
            if places.place_of(start + building) == 0 {
                let rows = chunk.residents_of(building).filter(|row| bits.contains(*row));
                persons.extend(rows.map(|row| chunk.residents.ids.get(row)));
            }
        }
    }
    persons.len() as u64
}

fn of_rooms(census: &Census, asked: &FiguresRequest<'_>, places: &mut Places<'_>) -> Figures {
    use crate::derived::census::day_number;
    let scan = Scan::new(census, asked.condition);
    let (mut total, mut inhabited, mut verified, mut area) = (0u64, 0u64, 0u64, 0f64);
    let (mut statuses, mut kinds) = (vec![0u64; 256], vec![0u64; 256]);
    let since = asked.today.checked_sub(jiff::Span::new().days(VERIFIED_FOR_DAYS));
    let since = since.map_or(1, day_number);
    for (start, chunk) in census.chunks() {
        let bits = scan.rooms(start, chunk);
        for room in bits.rows() {
            total += 1;
            statuses[usize::from(chunk.rooms.statuses[room])] += 1;
            kinds[usize::from(chunk.rooms.kinds[room])] += 1;
            inhabited += u64::from(!chunk.residents_of_room(room).is_empty());
            verified += u64::from(chunk.rooms.verified[room] >= since);
            let m2 = chunk.rooms.areas_m2[room];
            area += if m2.is_nan() { 0.0 } else { f64::from(m2) };
        }
        if places.by.is_some() {
            for building in 0..chunk.buildings() {
                let count = bits.count_in(chunk.rooms_of(building)) as u64;
                places.add(places.place_of(start + building), count);
            }
        }
    }
    let v = asked.vocabulary;
    Figures {
        total,
        counts: BTreeMap::from([
            ("by_status", by_code(v, list::ROOM_STATUS, &statuses)),
            ("by_kind", by_code(v, list::ROOM_KIND, &kinds)),
        ]),
        sums: BTreeMap::from([
            ("inhabited", inhabited as f64),
            ("without_residents", (total - inhabited) as f64),
            ("verified_in_180_days", verified as f64),
            ("area_m2", area.round()),
        ]),
        ..Figures::default()
    }
}

/// Whether something in a building passes; everything does where nothing is asked for.
struct InBuildings(Option<Vec<BuildingId>>);

impl InBuildings {
    fn of(census: &Census, condition: &Condition) -> Self {
        Self(if condition.is_empty() || condition.asks_only_kinds {
            None
        } else if condition.asks_only_places() {
            Some(census.places(condition))
        } else {
            Some(census.focus(condition).buildings.into_iter().map(|(id, _)| id).collect())
        })
    }

    fn passes(&self, building_id: Option<BuildingId>) -> bool {
        let Some(ids) = &self.0 else { return true };
        building_id.is_some_and(|id| ids.binary_search(&id).is_ok())
    }
}

fn count_code(counts: &mut Counts, vocabulary: &Vocabulary, of: &str, key: Option<i64>) {
    if let Some(key) = key {
        *counts.entry(vocabulary.lists.code(of, key).to_owned()).or_default() += 1;
    }
}

fn of_enterprises(
    conn: &Connection,
    census: &Census,
    asked: &FiguresRequest<'_>,
    places: &mut Places<'_>,
) -> Result<Figures> {
    let within = InBuildings::of(census, asked.condition);
    let kinds = &asked.condition.enterprise_kinds;
    let (mut by_kind, mut by_status) = (Counts::new(), Counts::new());
    let (mut total, mut employees) = (0u64, 0f64);
    let mut select = conn.prepare(
        "SELECT building_id, kind, status, employees FROM enterprise WHERE deleted_at IS NULL",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (building_id, kind): (Option<BuildingId>, Option<i64>) = (row.get(0)?, row.get(1)?);
        let is_of_kind = kinds.is_empty() || kind.is_some_and(|kind| kinds.contains(&kind));
        if !is_of_kind || !within.passes(building_id) {
            continue;
        }
        total += 1;
        employees += row.get::<_, Option<i64>>(3)?.unwrap_or_default() as f64;
        count_code(&mut by_kind, asked.vocabulary, list::ORG_KIND, kind);
        count_code(&mut by_status, asked.vocabulary, list::ENTERPRISE_STATUS, row.get(2)?);
        places.add(places.place_of_building(building_id), 1);
    }
    Ok(Figures {
        total,
        counts: BTreeMap::from([("by_kind", by_kind), ("by_status", by_status)]),
        sums: BTreeMap::from([("employees", employees)]),
        ..Figures::default()
    })
}

fn of_events(
    conn: &Connection,
    census: &Census,
    asked: &FiguresRequest<'_>,
    places: &mut Places<'_>,
) -> Result<Figures> {
    let within = InBuildings::of(census, asked.condition);
    let grids: Option<HashSet<GridId>> =
        asked.condition.only_grids().map(|grids| grids.iter().copied().collect());
    let categories = &asked.condition.open_events;
    let mut counts = BTreeMap::from([
        ("by_category", Counts::new()),
        ("by_state", Counts::new()),
        ("open_by_category", Counts::new()),
    ]);
    let (mut total, mut open, mut overdue) = (0u64, 0u64, 0u64);
    let mut by_month: BTreeMap<String, u64> = BTreeMap::new();
    let mut select = conn.prepare(
        "SELECT e.building_id, e.grid_id, e.category, e.state, e.reported_at, e.due_at, b.estate_id
         FROM event e LEFT JOIN building b ON b.building_id = e.building_id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let building_id: Option<BuildingId> = row.get(0)?;
        let grid_id: Option<GridId> = row.get(1)?;
        let (category, state): (i64, i64) = (row.get(2)?, row.get(3)?);
        let is_open = event::is_open(state);
        // An event stands in a grid though it stands in no building.
        let is_here = match &grids {
            Some(grids) => grid_id.is_some_and(|id| grids.contains(&id)),
            None => within.passes(building_id),
        };
        let is_of_category = categories.is_empty() || is_open && categories.contains(&category);
        let reported: Option<i64> = row.get(4)?;
        let day = reported.and_then(day_of);
        let is_in_time = (asked.from.is_none() && asked.to.is_none())
            || day.is_some_and(|day| {
                asked.from.is_none_or(|from| day >= from) && asked.to.is_none_or(|to| day <= to)
            });
        if !(is_here && is_of_category && is_in_time) {
            continue;
        }
        total += 1;
        let mut count = |name: &'static str, of: &str, key| {
            let counts = counts.entry(name).or_default();
            count_code(counts, asked.vocabulary, of, Some(key));
        };
        count("by_category", list::EVENT_CATEGORY, category);
        count("by_state", list::EVENT_STATE, state);
        if is_open {
            open += 1;
            count("open_by_category", list::EVENT_CATEGORY, category);
            let due: Option<i64> = row.get(5)?;
            overdue += u64::from(due.is_some_and(|due| due < asked.now));
        }
        if let Some(day) = day {
            let month = format!("{:04}-{:02}", day.year(), day.month());
            *by_month.entry(month).or_default() += 1;
        }
        let place = match asked.by {
            Some(By::Grid) => grid_id.map_or(0, Into::into),
            Some(By::Estate) => row.get::<_, Option<EstateId>>(6)?.map_or(0, Into::into),
            _ => places.place_of_building(building_id),
        };
        places.add(place, 1);
    }
    Ok(Figures {
        total,
        counts,
        sums: BTreeMap::from([("open", open as f64), ("overdue", overdue as f64)]),
        by_month,
        ..Figures::default()
    })
}
