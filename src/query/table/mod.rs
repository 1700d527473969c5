//! Tables over a filter: the rows of one kind with the columns that were chosen, one after the other,
//! however many there are. For extraction and lists.

mod columns;
pub mod heading;
mod rows;
mod shapes;
mod sort;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, OptionalExtension as _, Row};

pub use columns::{Column, TableKind};
pub use rows::{RowPlace, count, first_ids, places_of};
pub use shapes::{ShapeKind, Shapes};
pub use sort::{SortBy, rows_of, sorted};

use self::columns::{Content, Part};
use super::filter::Subject;
use super::{Census, Condition, Vocabulary, instant_text};
use crate::access::mask::mask_cell;
use crate::domain::age;
use crate::domain::building_name::BuildingName;
use crate::domain::clock;
use crate::domain::ids::{BuildingId, PersonId, TagId, UnitId};
use crate::domain::workflow::event;
use crate::store::{Connection, Result};
use crate::text::{Lang, room_title};

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All.
    All,
    /// Those whose row ids lie between two, both included.
    Range(i64, i64),
    /// Those with these row ids, sorted.
    Rows(Vec<i64>),
    /// Those in these buildings, sorted.
    Buildings(Vec<BuildingId>),
}

/// What is asked of a table.
pub struct TableRequest<'a> {
    /// Rows of what.
    pub kind: TableKind,
    /// Columns, in their order.
    pub columns: &'a [&'a Column],
    /// Which rows.
    pub scope: &'a Scope,
    /// Tags and code lists.
    pub vocabulary: &'a Vocabulary,
    /// Language of words in cells.
    pub lang: Lang,
    /// Whether words of code lists and tags are their stable codes, in no language.
    pub is_coded: bool,
    /// The day ages are counted on.
    pub today: Date,
    /// Whether personal fields are shown in full; who asks writes it down.
    pub is_open: bool,
}

/// A cell: its text, and whether it is a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Whether a spreadsheet may reckon with it.
    pub is_number: bool,
}

/// What was told of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Rows.
    pub rows: u64,
    /// Personal fields that were shown in full, by name.
    pub opened: BTreeMap<&'static str, u64>,
}

/// Rows of a piece, about.
const PIECE: usize = 16_384;
/// Buildings of a piece.
const PIECE_BUILDINGS: usize = 256;

impl Scope {
    /// The same rows in the same order, in pieces that can be read beside one another.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn pieces(&self, conn: &Connection, kind: TableKind) -> Result<Vec<Self>> {
        Ok(match self {
            Self::All => {
                let (table, key) = kind.table();
                let sql = format!("SELECT min({key}), max({key}), count(*) FROM {table}");
                let (first, last, rows): (Option<i64>, Option<i64>, i64) =
                    conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                let (Some(first), Some(last)) = (first, last) else { return Ok(vec![Self::All]) };
                // Ids that lie far apart cannot be cut into equal runs.
                let span = last.saturating_sub(first);
                if span / 8 > rows {
                    return Ok(vec![Self::All]);
                }
                let step = PIECE as i64;
                let starts = (first..=last).step_by(PIECE);
                starts.map(|start| Self::Range(start, last.min(start + step - 1))).collect()
            }
            Self::Range(..) => vec![self.clone()],
            Self::Rows(ids) => ids.chunks(PIECE).map(|ids| Self::Rows(ids.to_vec())).collect(),
            Self::Buildings(ids) => {
                let chunks = ids.chunks(PIECE_BUILDINGS);
                chunks.map(|ids| Self::Buildings(ids.to_vec())).collect()
            }
        })
    }

    /// The rows of a kind that a filter leaves: people, rooms that match or where they live,
    /// households and buildings of these. A filter that names only places leaves whatever is there.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn of(
        conn: &Connection,
        kind: TableKind,
        condition: &Condition,
        census: &Census,
    ) -> Result<Self> {
        if condition.is_empty() {
            return Ok(Self::All);
        }
        let rows_of = |sql: &str| -> Result<Vec<i64>> {
            let mut select = conn.prepare(sql)?;
            let ids = select.query_map([], |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        };
        let is_placed = |sql: &str, ids: &[BuildingId]| -> Result<Vec<i64>> {
            let mut select = conn.prepare(sql)?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows: Vec<(i64, Option<BuildingId>)> = rows.collect::<rusqlite::Result<_>>()?;
            let is_in =
                |of: &Option<BuildingId>| of.is_some_and(|id| ids.binary_search(&id).is_ok());
            Ok(rows.into_iter().filter(|(_, of)| is_in(of)).map(|(id, _)| id).collect())
        };
        let keys = |list: &[i64]| list.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        match kind {
            // An event stands in a grid though it stands in no building.
            TableKind::Events if condition.only_grids().is_some() => {
                let grids: Vec<i64> =
                    condition.only_grids().into_iter().flatten().map(|id| (*id).into()).collect();
                let sql = format!(
                    "SELECT event_id FROM event WHERE grid_id IN ({}) ORDER BY event_id",
                    keys(&grids)
                );
                return Ok(Self::Rows(rows_of(&sql)?));
            }
            TableKind::Events if !condition.open_events.is_empty() => {
                let sql = format!(
                    "SELECT event_id, building_id FROM event
                     WHERE category IN ({}) AND {} ORDER BY event_id",
                    keys(&condition.open_events),
                    event::open_sql()
                );
                return Ok(Self::Rows(if condition.asks_only_kinds {
                    rows_of(&sql)?
                } else {
                    is_placed(&sql, &buildings_of(condition, census))?
                }));
            }
            TableKind::Enterprises if !condition.enterprise_kinds.is_empty() => {
                let sql = format!(
                    "SELECT enterprise_id, building_id FROM enterprise
                     WHERE kind IN ({}) AND deleted_at IS NULL ORDER BY enterprise_id",
                    keys(&condition.enterprise_kinds)
                );
                return Ok(Self::Rows(if condition.asks_only_kinds {
                    rows_of(&sql)?
                } else {
                    is_placed(&sql, &buildings_of(condition, census))?
                }));
            }
            _ => {}
        }
        if condition.asks_only_places() && kind != TableKind::Persons {
            return Ok(Self::Buildings(census.places(condition)));
        }
        let mut ids: Vec<i64> = match kind {
            TableKind::Persons => {
                let answer = census.focus(condition);
                census.residents(&answer).map(|(person_id, _)| person_id.into()).collect()
            }
            TableKind::Rooms => {
                let answer = census.focus(condition);
                census.rooms_of(&answer).map(Into::into).collect()
            }
            TableKind::Households => households_of(conn, condition, census)?,
            _ => return Ok(Self::Buildings(buildings_of(condition, census))),
        };
        ids.sort_unstable();
        ids.dedup();
        Ok(Self::Rows(ids))
    }
}

/// The buildings that a filter leaves, by row id.
fn buildings_of(condition: &Condition, census: &Census) -> Vec<BuildingId> {
    if condition.asks_only_places() {
        return census.places(condition);
    }
    census.focus(condition).buildings.into_iter().map(|(id, _)| id).collect()
}

/// The households of the people that match; those in the rooms, where only rooms are asked for.
fn households_of(conn: &Connection, condition: &Condition, census: &Census) -> Result<Vec<i64>> {
    let answer = census.focus(condition);
    let mut ids = Vec::new();
    match answer.subject {
        Subject::Persons => {
            let mut of_person = conn.prepare(
                "SELECT household_id FROM residency
                 WHERE person_id = ?1 AND room_id = ?2 AND end_date IS NULL
                   AND household_id IS NOT NULL",
            )?;
            for pair in census.residents(&answer) {
                let found = of_person.query_map(pair, |row| row.get(0))?;
                ids.extend(found.collect::<rusqlite::Result<Vec<i64>>>()?);
            }
        }
        Subject::Rooms => {
            let mut of_room =
                conn.prepare("SELECT household_id FROM household WHERE room_id = ?1")?;
            for room_id in census.rooms_of(&answer) {
                let found = of_room.query_map([room_id], |row| row.get(0))?;
                ids.extend(found.collect::<rusqlite::Result<Vec<i64>>>()?);
            }
        }
    }
    Ok(ids)
}

/// Hands every row of a table to `take`, with its row id and by it (by building where the scope names buildings);
/// stops at its first error.
///
/// # Errors
/// SQLite's errors, and whatever `take` fails with.
pub fn each_row<E: From<crate::store::StoreError>>(
    conn: &Connection,
    asked: &TableRequest<'_>,
    mut take: impl FnMut(i64, &[Cell]) -> std::result::Result<(), E>,
) -> std::result::Result<Told, E> {
    let mut reading = Reading::new(conn, asked)?;
    let [pk, building, ..] = asked.kind.head();
    let sql = select_of(asked);
    let mut told = Told::default();
    let (condition, order) = match asked.scope {
        Scope::All | Scope::Range(..) | Scope::Rows(_) => {
            (format!("{pk} BETWEEN ?1 AND ?2"), pk.to_owned())
        }
        Scope::Buildings(_) => (format!("{building} = ?1 AND ?2 = ?2"), pk.to_owned()),
    };
    let sql = format!("{sql} AND {condition} ORDER BY {order}");
    let mut select = conn.prepare(&sql).map_err(store)?;
    let mut run = |first: i64, last: i64| -> std::result::Result<(), E> {
        let mut rows = select.query((first, last)).map_err(store)?;
        while let Some(row) = rows.next().map_err(store)? {
            reading.read(row, &mut told)?;
            take(row.get(0).map_err(store)?, &reading.cells)?;
        }
        Ok(())
    };
    match asked.scope {
        Scope::All => run(i64::MIN, i64::MAX)?,
        Scope::Range(first, last) => run(*first, *last)?,
        // One search for each run of neighbours.
        Scope::Rows(ids) => {
            for run_of in ids.chunk_by(|a, b| a + 1 == *b) {
                run(run_of[0], run_of[run_of.len() - 1])?;
            }
        }
        Scope::Buildings(ids) => {
            for id in ids {
                run(id.0, 0)?;
            }
        }
    }
    Ok(told)
}

fn store(error: rusqlite::Error) -> crate::store::StoreError {
    error.into()
}

fn select_of(asked: &TableRequest<'_>) -> String {
    let columns = asked.columns.iter().filter_map(|column| column.content.sql());
    let list: Vec<&str> = asked.kind.head().into_iter().chain(columns).collect();
    format!("SELECT {} FROM {}", list.join(", "), asked.kind.from())
}

/// Days whose text is kept.
const MOST_DAYS: usize = 4_096;

/// Rows on their way from SQL to cells. Neighbouring rows mostly share their building and unit, so
/// the last ones are kept.
struct Reading<'a> {
    asked: &'a TableRequest<'a>,
    cells: Vec<Cell>,
    /// Positions of the columns in the row, where they are read from it.
    places: Vec<Option<usize>>,
    building: (Option<BuildingId>, House),
    unit: (Option<UnitId>, String),
    /// Words of the keys, by column.
    words: Vec<Vec<(i64, &'a str)>>,
    days: HashMap<i64, String>,
    find_building: CachedStatement<'a>,
    find_unit: CachedStatement<'a>,
    find_tags: CachedStatement<'a>,
}

/// What is told of a building.
#[derive(Default)]
struct House {
    code: String,
    estate: Option<String>,
    zone: Option<String>,
    number: Option<String>,
    name: Option<String>,
    address: Option<String>,
    grid: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(conn: &'a Connection, asked: &'a TableRequest<'a>) -> Result<Self> {
        let words = |column: &&Column| match column.content {
            Content::Code(list, _) => {
                let entries = asked.vocabulary.lists.entries(list);
                entries
                    .map(|entry| {
                        let label = asked.vocabulary.lists.label(list, entry.key, asked.lang);
                        (entry.key, if asked.is_coded { entry.code.as_str() } else { label })
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        let mut next = asked.kind.head().len();
        let mut place = |column: &&Column| {
            column.content.sql()?;
            next += 1;
            Some(next - 1)
        };
        Ok(Self {
            asked,
            cells: vec![Cell::default(); asked.columns.len()],
            places: asked.columns.iter().map(&mut place).collect(),
            building: (None, House::default()),
            unit: (None, String::new()),
            words: asked.columns.iter().map(words).collect(),
            days: HashMap::new(),
            find_building: conn.prepare_cached(
                "SELECT b.code, e.name, b.zone, b.building_no, b.name, b.address,
                   coalesce(g.name, g.code)
                 FROM building b LEFT JOIN estate e USING (estate_id)
                   LEFT JOIN grid g ON g.grid_id = b.grid_id
                 WHERE b.building_id = ?1",
            )?,
            find_unit: conn
                .prepare_cached("SELECT unit_no FROM building_unit WHERE unit_id = ?1")?,
            find_tags: conn.prepare_cached(
                "SELECT tag_id FROM person_tag WHERE person_id = ?1 AND until IS NULL",
            )?,
        })
    }

    fn read(&mut self, row: &Row<'_>, told: &mut Told) -> Result<()> {
        told.rows += 1;
        self.find_place(row.get(1)?, row.get(2)?)?;
        let asked = self.asked;
        for (index, column) in asked.columns.iter().enumerate() {
            let cell = &mut self.cells[index];
            cell.text.clear();
            cell.is_number = false;
            let value = match self.places[index] {
                Some(place) => row.get_ref(place)?,
                None => ValueRef::Null,
            };
            match column.content {
                Content::Text(_) => push_text(&mut cell.text, value),
                Content::Free(_) => {
                    push_text(&mut cell.text, value);
                    if cell.text.is_empty() {
                        continue;
                    }
                    if asked.is_open {
                        *told.opened.entry("text").or_default() += 1;
                    } else {
                        cell.text = mask_cell("text", &cell.text);
                    }
                }
                Content::Number(_) => {
                    push_text(&mut cell.text, value);
                    cell.is_number = !cell.text.is_empty();
                }
                Content::Code(..) => {
                    if let ValueRef::Integer(key) = value {
                        let word = self.words[index].iter().find(|(of, _)| *of == key);
                        cell.text.push_str(word.map_or("?", |(_, word)| word));
                    }
                }
                Content::Personal(field, _) => {
                    push_text(&mut cell.text, value);
                    if cell.text.is_empty() {
                        continue;
                    }
                    if asked.is_open {
                        *told.opened.entry(field).or_default() += 1;
                    } else {
                        cell.text = mask_cell(field, &cell.text);
                    }
                }
                Content::Instant(_) => {
                    if let ValueRef::Integer(at) = value {
                        cell.text.push_str(&instant_text(at));
                    }
                }
                Content::Day(_) => {
                    if let ValueRef::Integer(at) = value {
                        if self.days.len() > MOST_DAYS {
                            self.days.clear();
                        }
                        let day = || clock::day_of(at).map(|day| day.to_string());
                        let text = self.days.entry(at).or_insert_with(|| day().unwrap_or_default());
                        cell.text.push_str(text);
                    }
                }
                Content::Age(_) => {
                    let born = value.as_str().ok().and_then(age::parse_date);
                    if let Some(years) = born.and_then(|born| age::years(born, asked.today)) {
                        cell.text = years.to_string();
                        cell.is_number = true;
                    }
                }
                Content::Tags => {
                    let person_id: PersonId = row.get(0)?;
                    let mut found = self.find_tags.query([person_id])?;
                    let mut places = Vec::new();
                    while let Some(tag) = found.next()? {
                        places.extend(asked.vocabulary.tag_position(tag.get::<_, TagId>(0)?));
                    }
                    places.sort_unstable();
                    for place in places {
                        if !cell.text.is_empty() {
                            cell.text.push_str("; ");
                        }
                        let tag = &asked.vocabulary.tags[place];
                        let word = if asked.is_coded { &tag.code } else { tag.label(asked.lang) };
                        cell.text.push_str(word);
                    }
                }
                Content::Building(part) => {
                    if let (Some(_), house) = &self.building {
                        cell.text.push_str(house.part(part));
                    }
                }
                Content::Unit => cell.text.push_str(&self.unit.1),
                Content::Address => {
                    if let (Some(_), house) = &self.building {
                        cell.text = house.title(asked.lang);
                        if let Some(room_no) = row.get_ref(3)?.as_str_or_null().unwrap_or(None) {
                            let unit = Some(self.unit.1.as_str()).filter(|u| !u.is_empty());
                            cell.text.push(' ');
                            cell.text.push_str(&room_title(asked.lang, unit, room_no));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn find_place(&mut self, building: Option<BuildingId>, unit: Option<UnitId>) -> Result<()> {
        if self.building.0 != building {
            self.building.0 = building;
            if let Some(building_id) = building {
                let house = self.find_building.query_row([building_id], |row| {
                    Ok(House {
                        code: row.get(0)?,
                        estate: row.get(1)?,
                        zone: row.get(2)?,
                        number: row.get(3)?,
                        name: row.get(4)?,
                        address: row.get(5)?,
                        grid: row.get(6)?,
                    })
                });
                self.building.1 = house.optional()?.unwrap_or_default();
            }
        }
        if self.unit.0 != unit {
            self.unit.0 = unit;
            self.unit.1.clear();
            if let Some(unit_id) = unit {
                let found: Option<String> =
                    self.find_unit.query_row([unit_id], |row| row.get(0)).optional()?;
                self.unit.1 = found.unwrap_or_default();
            }
        }
        Ok(())
    }
}

impl House {
    fn part(&self, part: Part) -> &str {
        let text = match part {
            Part::Code => return &self.code,
            Part::Estate => &self.estate,
            Part::Zone => &self.zone,
            Part::Number => &self.number,
            Part::Name => &self.name,
            Part::Grid => &self.grid,
        };
        text.as_deref().unwrap_or_default()
    }

    fn title(&self, lang: Lang) -> String {
        // A zone stands behind its estate.
        let estate = self.estate.as_ref().map(|estate| match &self.zone {
            Some(zone) => format!("{estate} {zone}"),
            None => estate.clone(),
        });
        let name = BuildingName {
            estate: estate.as_deref(),
            number: self.number.as_deref(),
            name: self.name.as_deref(),
            address: self.address.as_deref(),
            code: &self.code,
        };
        name.title(lang)
    }
}

fn push_text(out: &mut String, value: ValueRef<'_>) {
    use std::fmt::Write as _;
    match value {
        ValueRef::Text(text) => out.push_str(&String::from_utf8_lossy(text)),
        ValueRef::Integer(number) => drop(write!(out, "{number}")),
        ValueRef::Real(number) => drop(write!(out, "{number}")),
        ValueRef::Null | ValueRef::Blob(_) => {}
    }
}
