//! Settling rows that were held: a choice, for one row or for all like it.

use crate::domain::ids::{BuildingId, DeedId, QueueRowId, RoomId, TagId};
use crate::text::Message;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::access::{AuditEntry, Stamp};
use crate::domain::{address, fold};
use crate::import::error::ImportError;
use crate::import::fields::{ColumnMap, tag_name};
use crate::import::kind::Kind;
use crate::import::kinds::known::{Given, Known, SexCodes};
use crate::import::kinds::persons::{Incoming, PersonsWriter, person};
use crate::import::outcome::report::ImportReport;
use crate::import::request::Request;
use crate::import::table::row::Row;
use crate::query::review::{self, Choice, HeldRow};
use crate::store::bulk::RowCounts;
use crate::store::deed::{Deed, DeedKind, DeedList, NewDeed};
use crate::store::queue::{self, SettledHow};
use crate::store::rows::{self, Outcome};
use crate::store::{StoreError, Workspace, lookup};

/// What was decided of a held row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is this choice of the row, by its place in the list.
    Choice(usize),
    /// It is this room (row id), whatever the row offered.
    Room(RoomId),
    /// The room it names is missing and is to be made.
    MakeRoom,
    /// It is somebody new.
    NewPerson,
    /// Fields of the row are wrong and read so.
    Correct(Vec<(String, String)>),
    /// The row is not taken.
    Drop,
}

/// What became of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Settled {
    /// Number of the import that holds what was taken; it can be undone like any other.
    pub batch: DeedId,
    /// Rows that were taken.
    pub taken: u64,
    /// Rows that were dropped.
    pub dropped: u64,
    /// `(alias, estate)` that was learned.
    pub learned: Option<(String, String)>,
    /// Rows that were tried and wait on: number in the queue, reason.
    pub waiting: Vec<(QueueRowId, Message)>,
}

/// One row to settle, with what is given for it.
struct Task<'a> {
    row: &'a HeldRow,
    given: Given,
    create_rooms: bool,
    corrected: Vec<(String, String)>,
}

impl Task<'_> {
    /// The missing room is made in the house of a choice.
    fn make_in(&mut self, choice: Option<&Choice>) {
        self.given.room_in = choice.and_then(|choice| choice.building_id);
        self.create_rooms |= choice.is_some();
    }
}

/// Field of rows that name no estate.
const ESTATE_FIELD: &str = "estate";

/// Settles a held row; with `all_alike`, also every row that says the same in the field in
/// question, and (where the estate's name was it) every row that writes the estate so: the name is
/// then learned as an alias.
///
/// # Errors
/// [`StoreError::NoSuchImport`] when the row does not wait any more; those of [`crate::import::run::run`].
pub fn settle(
    workspace: &Workspace,
    stamp: &Stamp,
    today: Date,
    (id, decision): (QueueRowId, &Decision),
    all_alike: bool,
) -> Result<Settled, ImportError> {
    let reader = workspace.reader()?;
    let row = review::held_row(&reader, id)?.ok_or(StoreError::NoSuchHeldRow(id))?;
    let all = if all_alike { review::held_rows(&reader, usize::MAX)? } else { Vec::new() };
    let chosen = match decision {
        Decision::Choice(index) => {
            Some(row.choices.get(*index).ok_or(StoreError::NoSuchHeldRow(id))?)
        }
        _ => None,
    };
    let side = chosen.and_then(|choice| choice.precedence);
    let value = row.get(&row.field).map(fold);
    let says_the_same = |other: &&HeldRow| {
        // A side taken is taken for all rows of the list that disagree alike.
        if side.is_some() {
            return other.id != row.id
                && other.batch == row.batch
                && other.reason == row.reason
                && other.field != "name";
        }
        // The estate that a list does not name is the same for all its rows.
        if row.field == ESTATE_FIELD {
            return other.id != row.id && other.batch == row.batch && other.field == row.field;
        }
        other.id != row.id
            && other.kind == row.kind
            && other.field == row.field
            && other.get(&other.field).map(fold) == value
            && value.is_some()
            // Two of one name are not one person because a third was.
            && other.field != "name"
    };
    let learned = chosen
        .and_then(|choice| Some((choice.alias.clone()?, choice.building_id?)))
        .filter(|_| all_alike);
    let mut same = vec![&row];
    same.extend(all.iter().filter(says_the_same));
    let mut tasks: Vec<Task<'_>> = same
        .iter()
        .map(|row| {
            let mut task =
                Task { row, given: Given::default(), create_rooms: false, corrected: Vec::new() };
            match decision {
                Decision::Choice(_) => {
                    let own = row.choices.iter().find(|c| c.precedence == side);
                    let chosen = own.filter(|_| side.is_some() && row.id != id).or(chosen);
                    task.given.room_id = chosen.and_then(|c| c.room_id);
                    if row.field == ESTATE_FIELD && row.id != id {
                        task.given.room_id = None;
                        task.given.estate_of = chosen.and_then(|c| c.building_id);
                        return task;
                    }
                    task.given.person_id = chosen.and_then(|c| c.person_id);
                    let side = chosen.and_then(|c| c.precedence);
                    // An ID number with two names: only the name was the question.
                    let is_name = row.field == "id_no";
                    task.given.name = side.filter(|_| is_name);
                    task.given.precedence = side.filter(|_| !is_name);
                    task.make_in(chosen.filter(|c| c.makes_room()));
                }
                Decision::Room(room_id) => task.given.room_id = Some(*room_id),
                Decision::MakeRoom => {
                    let mut offered = row.choices.iter().filter(|c| c.makes_room());
                    let only = offered.next().filter(|_| offered.next().is_none());
                    task.create_rooms = true;
                    task.make_in(only);
                }
                Decision::NewPerson => task.given.is_new = true,
                Decision::Correct(fields) => task.corrected.clone_from(fields),
                Decision::Drop => {}
            }
            task
        })
        .collect();
    if let Some((alias, _)) = &learned {
        let alias = fold(alias);
        let writes_it_so = |other: &&HeldRow| {
            other.kind == row.kind
                && same.iter().all(|row| row.id != other.id)
                && other.get("address").is_some_and(|text| {
                    address::parse(text).estate.is_some_and(|estate| fold(&estate) == alias)
                })
        };
        tasks.extend(all.iter().filter(writes_it_so).map(|row| Task {
            row,
            given: Given::default(),
            create_rooms: false,
            corrected: Vec::new(),
        }));
    }
    apply(workspace, stamp, today, &tasks, *decision == Decision::Drop, learned.as_ref())
}

fn apply(
    workspace: &Workspace,
    stamp: &Stamp,
    today: Date,
    tasks: &[Task<'_>],
    is_dropped: bool,
    learned: Option<&(String, BuildingId)>,
) -> Result<Settled, ImportError> {
    let mut settled = Settled::default();
    let mut taken: Vec<(QueueRowId, Incoming)> = Vec::new();
    let mut by_columns: BTreeMap<Vec<String>, Vec<&Task<'_>>> = BTreeMap::new();
    for task in tasks {
        let headings = task.row.raw.iter().map(|(heading, _)| heading.clone()).collect();
        by_columns.entry(headings).or_default().push(task);
    }
    let reader = workspace.reader()?;
    let tags = lookup::tag_ids(&reader)?;
    let request = Request::new(Kind::Persons, std::path::PathBuf::new(), today);
    for (headings, tasks) in by_columns.iter().filter(|_| !is_dropped) {
        let map = column_map(&tasks[0].row.mapping, headings, &tags);
        let mut known = Known::read(workspace, &request, (&map, headings), SexCodes::Unknown)?;
        if let Some((alias, building_id)) = learned {
            let estate = known.places.learn(alias, *building_id)?;
            settled.learned = estate.map(|estate| (alias.clone(), estate));
        }
        for task in tasks {
            (known.given, known.create_rooms) = (task.given, task.create_rooms);
            let record: csv::StringRecord = task.row.raw.iter().map(|(_, cell)| cell).collect();
            let line = task.row.row as u64;
            let row = Row::kept(line, (&map, headings), &record, &task.corrected);
            let mut report = ImportReport::new("persons", String::new(), String::new());
            match person(&row, &known, &mut report)? {
                Ok(incoming) => taken.push((task.row.id, incoming)),
                Err(refusal) => settled.waiting.push((task.row.id, refusal.reason)),
            }
        }
    }
    let first = tasks[0].row;
    let settled = workspace.write_or_drop(stamp, |tx| {
        let mapping = serde_json::to_string(&first.mapping).unwrap_or_default();
        let list = DeedList { list: &first.kind, sha256: "", encoding: "", mapping: &mapping };
        let new = NewDeed { kind: DeedKind::Review, title: &first.file, list: Some(list) };
        let deed = Deed::begin(tx, &new)?;
        settled.batch = deed.deed_id();
        let mut counts = RowCounts::default();
        let mut writer = PersonsWriter::new(&request);
        for (id, incoming) in &taken {
            let (outcome, person_id) = writer.write(tx, incoming)?;
            match outcome {
                Outcome::Added => counts.added += 1,
                Outcome::Merged => counts.merged += 1,
                Outcome::Unchanged => counts.unchanged += 1,
            }
            let row = tasks.iter().find(|task| task.row.id == *id).map_or(0, |t| t.row.row);
            if let Some(person_id) = person_id {
                deed.add_source(tx, row, (person_id, person_id))?;
            }
            queue::settle_row(tx, deed.deed_id(), *id, SettledHow::Taken)?;
            settled.taken += 1;
        }
        if is_dropped {
            for task in tasks {
                queue::settle_row(tx, deed.deed_id(), task.row.id, SettledHow::Dropped)?;
                settled.dropped += 1;
                counts.rejected += 1;
            }
        }
        if let (Some((alias, building_id)), Some(_)) = (learned, &settled.learned) {
            rows::add_estate_alias(tx, *building_id, alias)?;
        }
        counts.read = settled.taken + settled.dropped;
        if counts.read == 0 {
            deed.abandon(tx)?;
            settled.batch = DeedId::NONE;
            return Ok((settled, None));
        }
        deed.count(tx, &counts)?;
        deed.finish(tx)?;
        let entry =
            AuditEntry::done("review", format!("{} {}", first.kind, first.file)).with_fields(
                format!("taken {} dropped {}", counts.read - counts.rejected, counts.rejected),
            );
        Ok((settled, Some(entry)))
    })?;
    Ok(settled)
}

/// The columns of kept rows, as their import had them. Columns named after a tag stand in the
/// mapping as further columns of `tags`; they are found by their names.
fn column_map(
    mapping: &[(String, String)],
    headings: &[String],
    tags: &HashMap<String, TagId>,
) -> ColumnMap {
    let mut map = ColumnMap::default();
    for (field, heading) in mapping {
        let is_tag = field == "tags" && tags.contains_key(&tag_name(heading));
        if let Some(column) = headings.iter().position(|h| h == heading)
            && !is_tag
        {
            map.columns.push((field.clone(), column));
        }
    }
    map
}
