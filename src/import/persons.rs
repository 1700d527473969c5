//! Persons with household, residency and tags.

use std::collections::HashMap;

use jiff::civil::Date;

use super::table::{Row, Table, code_cell, date_cell, needed};
use super::{ImportError, ImportReport, Request, Severity, Watch, apply, count};
use crate::access::Stamp;
use crate::domain::codes::{CodeLists, key, list};
use crate::domain::records::{PersonRecord, ResidencyRecord};
use crate::domain::{address, age, fold, id_number, phone};
use crate::query::matching::{Gazetteer, Outcome};
use crate::store::lookup::RoomMatch;
use crate::store::{Reader, Workspace, lookup, rows};

/// What rows are checked and joined against.
struct Known {
    reader: Reader,
    lists: CodeLists,
    buildings: HashMap<String, i64>,
    tags: HashMap<String, i64>,
    gazetteer: Gazetteer,
}

/// A finding that ends a row: column, value, severity, reason.
type Refusal = (&'static str, String, Severity, String);

pub(super) fn import(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let (table, mut report) = Table::read(&request.path, request, needed(request.kind))?;
    let reader = workspace.reader()?;
    let known = Known {
        lists: lookup::code_lists(&reader)?,
        buildings: lookup::building_ids(&reader)?,
        tags: lookup::tag_ids(&reader)?,
        gazetteer: match table.map.column("address") {
            Some(_) => Gazetteer::read(&reader)?,
            None => Gazetteer::default(),
        },
        reader,
    };
    let total = table.len() as u64 * 2;
    let mut records = Vec::with_capacity(table.len());
    for (done, row) in table.rows().enumerate() {
        watch.tick(done as u64, total)?;
        match person(&row, &known, request.today, &mut report)? {
            Ok(record) => records.push(record),
            Err((column, value, severity, reason)) => {
                report.add(row.line, column, &value, severity, &reason);
            }
        }
    }
    apply(workspace, request, stamp, report, |tx, report| {
        let writer = rows::PersonWriter::new(tx, request.today)?;
        for (done, record) in records.iter().enumerate() {
            watch.tick(total / 2 + done as u64, total)?;
            let (_, outcome) = writer.upsert(tx, record)?;
            count(&mut report.counts, outcome);
        }
        report.sort();
        Ok(())
    })
}

fn person(
    row: &Row<'_>,
    known: &Known,
    today: Date,
    report: &mut ImportReport,
) -> Result<Result<PersonRecord, Refusal>, ImportError> {
    let Some(name) = row.text("name") else {
        return Ok(Err(("name", String::new(), Severity::Rejected, "no name".to_owned())));
    };
    let id_type = code_cell(row, "id_type", list::ID_TYPE, &known.lists, None, report)
        .unwrap_or(key::ID_CARD);
    let id_no = row.get("id_no").map(id_number::normalise);
    let mut facts = None;
    if id_type == key::ID_CARD
        && let Some(number) = &id_no
    {
        match id_number::check(number) {
            Ok(good) => facts = Some(good),
            Err(error) => {
                return Ok(Err(("id_no", number.clone(), Severity::Rejected, error.to_string())));
            }
        }
    }
    let residency = match residency(row, known, report)? {
        Ok(residency) => residency,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let lists = &known.lists;
    let population_type =
        code_cell(row, "population_type", list::POPULATION_TYPE, lists, None, report);
    let mut record = PersonRecord {
        id_type,
        id_no,
        name,
        sex: code_cell(row, "sex", list::SEX, lists, None, report),
        birth_date: birth_date(row, today, report),
        phone: phones(row, report),
        population_type,
        residency,
        tag_ids: tag_ids(row, known, report),
    };
    if let Some(facts) = facts {
        agree_with_id(row, &mut record, facts, report);
    }
    Ok(Ok(record))
}

/// The ID number knows sex and birth date; what the row says otherwise is told and not taken.
fn agree_with_id(
    row: &Row<'_>,
    record: &mut PersonRecord,
    facts: id_number::IdFacts,
    report: &mut ImportReport,
) {
    let sex = if facts.is_male { key::MALE } else { key::FEMALE };
    if record.sex.is_some_and(|s| (s == key::MALE || s == key::FEMALE) && s != sex) {
        let reason = "the ID number says otherwise; the ID number was taken";
        report.add(row.line, "sex", row.get("sex").unwrap_or(""), Severity::Warning, reason);
    }
    if record.birth_date.is_some_and(|d| d != facts.birth) {
        let reason = "the ID number says otherwise; the ID number was taken";
        report.add(row.line, "birth_date", "", Severity::Warning, reason);
    }
    record.sex = Some(sex);
    record.birth_date = Some(facts.birth);
}

fn birth_date(row: &Row<'_>, today: Date, report: &mut ImportReport) -> Option<Date> {
    let text = row.get("birth_date")?;
    let date = age::parse_date(text).filter(|d| *d <= today && d.year() >= 1850);
    if date.is_none() {
        let reason = "not a day of birth (1962-03-05); left empty";
        report.add(row.line, "birth_date", "", Severity::Warning, reason);
    }
    date
}

fn phones(row: &Row<'_>, report: &mut ImportReport) -> Option<String> {
    let numbers = phone::split(row.get("phone")?);
    for number in numbers.iter().filter(|n| !phone::is_plausible(n)) {
        let reason = "does not look like a telephone number; kept";
        report.add(row.line, "phone", number, Severity::Warning, reason);
    }
    (!numbers.is_empty()).then(|| numbers.join(";"))
}

fn tag_ids(row: &Row<'_>, known: &Known, report: &mut ImportReport) -> Vec<i64> {
    let mut ids = Vec::new();
    let Some(cell) = row.get("tags") else { return ids };
    for text in cell.split([';', '；', '、', ',', '，']).map(str::trim).filter(|t| !t.is_empty())
    {
        match known.tags.get(&fold(text)) {
            Some(tag_id) if !ids.contains(tag_id) => ids.push(*tag_id),
            Some(_) => {}
            None => {
                let reason = "no such tag; the others of the row were taken";
                report.add(row.line, "tags", text, Severity::Warning, reason);
            }
        }
    }
    ids
}

/// Joins an address to its room: linked only when there is no doubt.
fn residency_at(
    row: &Row<'_>,
    text: &str,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Option<ResidencyRecord>, Refusal>, ImportError> {
    let refuse = |severity, reason: String| Ok(Err(("address", text.to_owned(), severity, reason)));
    let read = address::parse(text);
    if read.quality == address::Match::None {
        return refuse(Severity::Held, "this is no address".to_owned());
    }
    let link = known.gazetteer.link(&known.reader, &read)?;
    if let Some(room_id) = link.room_id() {
        return Ok(Ok(Some(lives_in(row, room_id, known, report))));
    }
    let named: Vec<String> = link
        .candidates
        .iter()
        .filter(|c| c.room_id.is_some())
        .take(5)
        .map(|c| {
            let unit = c.unit.as_deref().unwrap_or("");
            format!("{} {unit} {}", c.building, c.room.as_deref().unwrap_or(""))
        })
        .collect();
    match (link.outcome, named.is_empty(), link.candidates.first()) {
        (Outcome::None, ..) => refuse(
            Severity::Rejected,
            "no estate and building of this name; correct the address, or import the buildings \
             first"
                .to_owned(),
        ),
        (_, true, Some(candidate)) => {
            let code = &candidate.building;
            refuse(
                Severity::Held,
                format!("building {code} is known, but not this room; import the rooms first"),
            )
        }
        _ => refuse(
            Severity::Held,
            format!("may mean {}; give building code, unit and room number", named.join(" | ")),
        ),
    }
}

/// Joins building code + unit + room number to the room, else the address. `Ok(None)` when the row
/// names no place.
fn residency(
    row: &Row<'_>,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Option<ResidencyRecord>, Refusal>, ImportError> {
    let (building, room) = (row.get("building_code"), row.get("room_no"));
    let Some(code) = building else {
        if let Some(text) = row.get("address") {
            return residency_at(row, text, known, report);
        }
        let reason = "no building code: the person was taken without a home";
        report.add(row.line, "building_code", "", Severity::Warning, reason);
        return Ok(Ok(None));
    };
    let refuse = |column, value: &str, severity, reason: &str| {
        Ok(Err((column, value.to_owned(), severity, reason.to_owned())))
    };
    let building_id = match known.buildings.get(code) {
        Some(building_id) => Some(*building_id),
        None => lookup::building_id(&known.reader, code)?,
    };
    let Some(building_id) = building_id else {
        return refuse("building_code", code, Severity::Rejected, "no building has this code");
    };
    let Some(room_no) = room else {
        return refuse("room_no", "", Severity::Rejected, "no room number");
    };
    match lookup::find_room(&known.reader, building_id, row.get("unit"), room_no)? {
        RoomMatch::None => refuse(
            "room_no",
            room_no,
            Severity::Rejected,
            "the building has no such room; import the rooms first, or correct unit and number",
        ),
        RoomMatch::Ambiguous(n) => refuse(
            "room_no",
            room_no,
            Severity::Held,
            &format!("{n} rooms answer to it; add the unit or tell them apart"),
        ),
        RoomMatch::One(room_id) => Ok(Ok(Some(lives_in(row, room_id, known, report)))),
    }
}

/// The residency a row describes, in a room that was found.
fn lives_in(
    row: &Row<'_>,
    room_id: i64,
    known: &Known,
    report: &mut ImportReport,
) -> ResidencyRecord {
    let lists = &known.lists;
    let other = Some(key::RELATION_OTHER);
    ResidencyRecord {
        room_id,
        household_no: row.text("household_no"),
        relation: code_cell(row, "relation", list::RELATION, lists, other, report),
        role: code_cell(row, "role", list::RESIDENCY_ROLE, lists, None, report),
        since: date_cell(row, "since", report),
    }
}
