//! The roster of houses (花名册): who lives behind every door; and the list of doors (走访清单) to go along with. Both
//! in the order in which one walks: by estate, building, unit, floor and room.

use std::collections::HashMap;
use std::io::BufWriter;

use sha2::{Digest as _, Sha256};

use super::extract::{Extracted, fits_paper};
use super::pdf::{List, ListColumn};
use super::row_sheets::RowSheets;
use super::taking::{ExtractError, Taking, check_target, publish};
use crate::access::Stamp;
use crate::domain::building_name::BuildingName;
use crate::domain::codes::list;
use crate::domain::digest::hex;
use crate::domain::ids::PersonId;
use crate::query::roster::{residents_of, walk};
use crate::query::table::{self, Cell, Column, Scope, TableKind, TableRequest, Told};
use crate::store::files::Partial;
use crate::store::{self, Reader, StoreError, Workspace};
use crate::text::{Lang, Text};

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterKind {
    /// Everybody who lives there; a room without anybody has a row as well.
    Residents,
    /// The rooms, with room to write beside them.
    Doors,
}

impl RosterKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Residents, Self::Doors];

    /// Its word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Residents => "roster",
            Self::Doors => "doors",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Residents => Text::Roster,
            Self::Doors => Text::DoorList,
        }
    }

    /// Keys of the columns of rooms and of persons, in their order.
    const fn keys(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Residents => {
                (&["unit", "room_no", "status"], &["name", "sex", "age", "phone", "tags"])
            }
            Self::Doors => {
                (&["unit", "room_no", "status", "head", "head_phone", "persons"], &["tags"])
            }
        }
    }
}

/// Columns of rooms that name the building.
const HOUSE: [&str; 5] = ["estate", "building_no", "building_name", "building_code", "zone"];

/// Rooms of a roster at most.
const MOST_ROOMS: usize = 200_000;

fn columns(kind: TableKind, keys: &[&str]) -> Vec<&'static Column> {
    let find = |key: &&str| kind.columns().iter().find(|column| column.key == *key);
    keys.iter().filter_map(find).collect()
}

/// Rows of a table by their ids; what was shown in full is counted.
fn by_id(
    reader: &Reader,
    taking: &Taking<'_>,
    (kind, columns): (TableKind, &[&'static Column]),
    mut ids: Vec<i64>,
    told: &mut Told,
) -> Result<HashMap<i64, Vec<Cell>>, StoreError> {
    ids.sort_unstable();
    ids.dedup();
    let scope = Scope::Rows(ids);
    let request = TableRequest { kind, ..taking.request(columns, &scope) };
    let mut rows = HashMap::new();
    let own = table::each_row(reader, &request, |id, cells| {
        rows.insert(id, cells.to_vec());
        Ok::<(), StoreError>(())
    })?;
    for (field, count) in own.opened {
        *told.opened.entry(field).or_default() += count;
    }
    Ok(rows)
}

/// The building in words.
fn house(cells: &[Cell], lang: Lang) -> String {
    let some = |at: usize| cells.get(at).map(|c| c.text.as_str()).filter(|text| !text.is_empty());
    let zone = some(4).unwrap_or_default();
    let estate = some(0).map(|estate| format!("{estate}{zone}"));
    let name = BuildingName {
        estate: estate.as_deref(),
        number: some(1),
        name: some(2),
        address: None,
        code: some(3).unwrap_or_default(),
    };
    name.title(lang)
}

fn text_cell(text: String) -> Cell {
    Cell { text, is_number: false }
}

/// Columns and rows of a roster; the building stands in the first column.
fn rows(
    reader: &Reader,
    taking: &Taking<'_>,
    kind: RosterKind,
    told: &mut Told,
    progress: &mut dyn FnMut(u64) -> Result<(), StoreError>,
) -> Result<(Vec<ListColumn>, Vec<Vec<Cell>>), ExtractError> {
    let lang = taking.lang;
    let count = table::count(reader, TableKind::Rooms, &taking.scope)?;
    if count > MOST_ROOMS as u64 {
        return Err(ExtractError::File(crate::msg!(
            "a roster holds {} rooms, and these are {}: narrow the filter",
            crate::text::thousands(MOST_ROOMS as u64),
            crate::text::thousands(count)
        )));
    }
    let (of_room, of_person) = kind.keys();
    let room_keys = [&HOUSE[..], of_room].concat();
    let room_columns = columns(TableKind::Rooms, &room_keys);
    let person_columns = columns(TableKind::Persons, of_person);
    let order = walk(reader, &taking.request(&[], &taking.scope))?;
    let ids = order.iter().map(|id| (*id).into()).collect();
    let rooms = by_id(reader, taking, (TableKind::Rooms, &room_columns), ids, told)?;
    progress(0)?;
    let living = residents_of(reader, &order)?;
    let ids = living.values().flatten().map(|(id, _)| (*id).into()).collect();
    let persons = by_id(reader, taking, (TableKind::Persons, &person_columns), ids, told)?;
    let relation = |key: Option<i64>| {
        let lists = &taking.vocabulary.lists;
        key.map(|key| lists.label(list::RELATION, key, lang).to_owned()).unwrap_or_default()
    };
    let nobody: Vec<(PersonId, Option<i64>)> = Vec::new();
    let mut rows = Vec::new();
    for (room_id, number) in order.iter().zip(1..) {
        progress(number)?;
        let Some(cells) = rooms.get(&i64::from(*room_id)) else { continue };
        let mut head = vec![text_cell(house(cells, lang))];
        head.extend_from_slice(&cells[HOUSE.len()..]);
        let living = living.get(room_id).unwrap_or(&nobody);
        let of = |id: &PersonId| persons.get(&i64::from(*id));
        match kind {
            RosterKind::Residents if living.is_empty() => {
                let mut row = head;
                row.resize(row.len() + of_person.len() + 1, Cell::default());
                rows.push(row);
            }
            RosterKind::Residents => {
                for (person_id, key) in living {
                    let Some(person) = of(person_id) else { continue };
                    let mut row = head.clone();
                    row.push(person[0].clone());
                    row.push(text_cell(relation(*key)));
                    row.extend_from_slice(&person[1..]);
                    rows.push(row);
                }
            }
            RosterKind::Doors => {
                let mut tags: Vec<&str> = Vec::new();
                for cell in living.iter().filter_map(|(id, _)| of(id)?.first()) {
                    let own = cell.text.split("; ").filter(|tag| !tag.is_empty());
                    for tag in own {
                        if !tags.contains(&tag) {
                            tags.push(tag);
                        }
                    }
                }
                let mut row = head;
                row.push(text_cell(tags.join("; ")));
                row.push(Cell::default());
                rows.push(row);
            }
        }
    }
    Ok((headings(kind, &room_columns[HOUSE.len()..], &person_columns, lang), rows))
}

fn headings(
    kind: RosterKind,
    of_room: &[&Column],
    of_person: &[&Column],
    lang: Lang,
) -> Vec<ListColumn> {
    let plain = |heading: &str| ListColumn { heading: heading.to_owned(), ..ListColumn::default() };
    let own = |column: &&Column| ListColumn {
        is_number: column.is_number(),
        ..plain(column.label(lang))
    };
    let mut all = vec![plain(lang.t(Text::Building))];
    all.extend(of_room.iter().map(own));
    match kind {
        RosterKind::Residents => {
            all.extend(of_person.iter().take(1).map(own));
            all.push(plain(lang.t(Text::RelationToHead)));
            all.extend(of_person.iter().skip(1).map(own));
        }
        RosterKind::Doors => {
            all.push(plain(lang.t(Text::FocusPopulation)));
            all.push(ListColumn { is_blank: true, ..plain(lang.t(Text::VisitNotes)) });
        }
    }
    all
}

/// Writes a roster as a list on paper, or as a sheet. `progress` is told how many rooms are done, and may stop it. The
/// file appears with its entry in the audit log,
/// or neither does.
///
/// # Errors
/// What the workspace or the file system says; [`StoreError::Exists`] where a file may not be replaced; too
/// many rooms.
pub fn roster(
    workspace: &Workspace,
    stamp: &Stamp,
    taking: &Taking<'_>,
    (kind, is_paper): (RosterKind, bool),
    progress: &mut dyn FnMut(u64) -> Result<(), StoreError>,
) -> Result<Extracted, ExtractError> {
    check_target(workspace, &taking.to, taking.replaces)?;
    let reader = workspace.reader()?;
    let mut told = Told::default();
    let (columns, rows) = rows(&reader, taking, kind, &mut told, progress)?;
    drop(reader);
    told.rows = rows.len() as u64;
    let partial = Partial::begin(&taking.to)?;
    let name = taking.lang.t(kind.text());
    let written = if is_paper {
        fits_paper(told.rows)?;
        let told_once = if kind == RosterKind::Residents { 3 } else { 1 };
        let mut list = List { columns, rows, is_grouped: true, told_once, ..taking.list(true) };
        list.about.title = name;
        list.tell_rows();
        list.document().and_then(|bytes| std::fs::write(partial.path(), bytes))
    } else {
        let headings: Vec<&str> = columns.iter().map(|column| column.heading.as_str()).collect();
        let file = std::fs::File::options().write(true).open(partial.path());
        file.and_then(|file| RowSheets::new(BufWriter::new(file), name, &headings)).and_then(
            |mut book| {
                rows.iter().try_for_each(|row| book.row(row))?;
                book.end()
            },
        )
    };
    let bytes = written.and_then(|()| std::fs::read(partial.path()));
    let bytes = bytes.map_err(|e| taking.named(store::file_failed(e)))?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let (of_room, of_person) = kind.keys();
    let keys = [&["building"][..], of_room, of_person].concat();
    let entry = taking.entry(kind.word(), &told, &keys, &sha256);
    publish(workspace, stamp, partial, (&taking.to, taking.replaces), entry)?;
    Ok(Extracted { rows: told.rows, columns: keys, sha256, without_place: 0 })
}
