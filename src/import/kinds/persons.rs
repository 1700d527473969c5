//! Persons with household, residency and tags.

use jiff::civil::Date;

use crate::access::Stamp;
use crate::access::mask::{mask_cell, mask_name};
use crate::domain::codes::{key, list};
use crate::domain::ids::{RoomId, TagId};
use crate::domain::records::{PersonRecord, Precedence, ResidencyRecord};
use crate::domain::{age, fold, id_number, phone};
use crate::import::error::ImportError;
use crate::import::fields::needed;
use crate::import::kinds::homes::{self, Home};
use crate::import::kinds::known::{Known, SexCodes};
use crate::import::kinds::rooms::RoomWriter;
use crate::import::kinds::{disagree, identity};
use crate::import::outcome::report::{ImportReport, Refusal, Severity};
use crate::import::request::{Request, Watch};
use crate::import::table::cells::{
    FIRST_OF_MONTH, Otherwise, code_cell, date_cell, is_nothing, visit_cell, yes_or_no,
};
use crate::import::table::row::Row;
use crate::import::table::rows::Table;
use crate::import::table::stream;
use crate::query::review::Choice;
use crate::store::people::{self, PersonAlike};
use crate::store::{StoreError, Workspace, WriteTx, rows};

/// A person, and the home the row names.
pub(crate) struct Incoming {
    merge: rows::Merge,
    person: PersonRecord,
    home: Option<(Home, Tenure)>,
}

/// How somebody lives in a room.
struct Tenure {
    household_no: Option<String>,
    relation: Option<i64>,
    role: Option<i64>,
    since: Option<Date>,
}

pub(crate) fn import(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let (mut table, mut report) = Table::open(request, needed(request.kind))?;
    let columns = (&table.map, &table.headings[..]);
    let mut known = Known::read(workspace, request, columns, SexCodes::of(&table))?;
    known.titles = table.titles();
    if table.map.column("id_no").is_some() {
        let names = &known.names_in_list;
        table.look_through(&mut |row| {
            watch.tick(row.line, 0)?;
            if let (Some(number), Some(name)) = (row.get("id_no"), row.get("name")) {
                names.note(number, name);
            }
            Ok(())
        })?;
    }
    table.map.tags = known.tag_columns.iter().map(|(column, _)| *column).collect();
    tell(&table, &known, &mut report);
    let check = move |row: &Row<'_>, report: &mut ImportReport| person(row, &known, report);
    let mut writer = PersonsWriter::new(request);
    let write = |tx: &WriteTx<'_>, piece: &[(u64, Incoming)]| {
        piece.iter().map(|(_, incoming)| writer.write(tx, incoming)).collect()
    };
    let opened = (table, report);
    let run = stream::Run { workspace, request, stamp, watch };
    stream::run(run, opened, check, write, |_| Ok(()))
}

/// Tells what was understood of the columns beyond their headings.
fn tell(table: &Table, known: &Known, report: &mut ImportReport) {
    for (column, _) in &known.tag_columns {
        let heading = table.headings[*column].clone();
        report.ignored_columns.retain(|ignored| *ignored != heading);
        report.mapping.push(("tags".to_owned(), heading));
    }
    if known.sex_codes == SexCodes::Field {
        let reason = "0 is male and 1 female here, as the ID numbers show";
        report.add(0, "sex", "", Severity::Note, reason);
    }
    if known.sex_codes == SexCodes::Unknown {
        let reason = "0 and 1 may mean either sex and no ID number says which; left empty";
        report.add(0, "sex", "", Severity::Warning, reason);
    }
}

/// Writes persons with the rooms their rows bring along.
pub(crate) struct PersonsWriter {
    persons: Option<rows::PersonWriter>,
    rooms: RoomWriter,
    today: Date,
}

impl PersonsWriter {
    pub(crate) fn new(request: &Request) -> Self {
        Self { persons: None, rooms: RoomWriter::new(request.precedence), today: request.today }
    }

    /// Inserts or merges one. Returns what became of it and its row id.
    pub(crate) fn write(
        &mut self,
        tx: &WriteTx<'_>,
        incoming: &Incoming,
    ) -> Result<stream::Written, StoreError> {
        let persons = match &mut self.persons {
            Some(persons) => persons,
            none => none.insert(rows::PersonWriter::new(tx, self.today)?),
        };
        let Some((home, tenure)) = &incoming.home else {
            let (person_id, outcome) = persons.upsert(tx, incoming.merge, &incoming.person)?;
            return Ok((outcome, Some(person_id)));
        };
        let room_id = match home {
            Home::Known(room_id) => *room_id,
            Home::New(room) => {
                let written = self.rooms.write(tx, std::iter::once(room))?;
                written.first().map(|(room_id, _)| *room_id).ok_or(StoreError::Cancelled)?
            }
        };
        let mut person = incoming.person.clone();
        person.residency = Some(ResidencyRecord {
            room_id,
            household_no: tenure.household_no.clone(),
            relation: tenure.relation,
            role: tenure.role,
            since: tenure.since,
        });
        let (person_id, outcome) = persons.upsert(tx, incoming.merge, &person)?;
        Ok((outcome, Some(person_id)))
    }
}

/// Reads a row into a person; the home is found or the row refused.
pub(crate) fn person(
    row: &Row<'_>,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Incoming, Refusal>, ImportError> {
    let name = match identity::name(row.get("name")) {
        Ok(name) => name,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let id_type = code_cell(
        row,
        "id_type",
        list::ID_TYPE,
        (&known.places.lists, Otherwise::Value(key::ID_CARD)),
        report,
    )
    .unwrap_or(key::ID_CARD);
    let id_no = row.get("id_no").filter(|text| !is_nothing(text)).map(typed_number);
    let id_no = id_no.filter(|number| {
        let is_placeholder = identity::is_placeholder(number);
        if is_placeholder {
            let reason = "a number that stands for none; taken as somebody without a number";
            report.add(row.line, "id_no", number, Severity::Warning, reason);
        }
        !is_placeholder
    });
    if let Some(number) = &id_no
        && known.names_in_list.disagree_on(number)
        && known.given.person_id.is_none()
        && known.given.name.is_none()
    {
        let reason = "this list has one ID number with several names; say whose it is";
        return Ok(Err(Refusal::held("id_no", number, reason, Vec::new())));
    }
    let mut facts = None;
    if id_type == key::ID_CARD
        && let Some(number) = &id_no
    {
        match id_number::check(number) {
            Ok(good) if good.birth > known.today || good.birth.year() < 1850 => {
                let reason = id_number::IdError::Date.message();
                return Ok(Err(Refusal::rejected("id_no", number, reason)));
            }
            Ok(good) => facts = Some(good),
            Err(error) => return Ok(Err(identity::refuse_number(number, error))),
        }
    }
    let home = match homes::home(row, known, report)? {
        Ok(home) => home,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let lists = &known.places.lists;
    let population_type = code_cell(
        row,
        "population_type",
        list::POPULATION_TYPE,
        (lists, Otherwise::New(key::REGISTERED)),
        report,
    );
    let birth = birth_date(row, known.today, facts.is_some(), report);
    let mut record = PersonRecord {
        id_type,
        id_no,
        name,
        sex: sex(row, known, report),
        birth_date: birth.map(|(date, _)| date),
        is_birth_month: birth.is_some_and(|(_, is_month)| is_month),
        phone: phones(row, report),
        population_type,
        residency: None,
        tag_ids: tag_ids(row, known, report),
        verified_on: visit_cell(row, known.today, report),
    };
    if let Some(facts) = facts {
        agree_with_id(row, &mut record, facts, report);
    }
    if let Some(refusal) = perhaps_known(&record, home.as_ref(), known)? {
        return Ok(Err(refusal));
    }
    let precedence = known.given.precedence.unwrap_or(known.precedence);
    let sides = (known, precedence);
    if let Some(refusal) = disagree::disagreement(row, &mut record, home.as_ref(), sides, report)? {
        return Ok(Err(refusal));
    }
    let home = home.map(|home| (home, tenure(row, known, report)));
    let merge = rows::Merge { person_id: known.given.person_id, precedence };
    Ok(Ok(Incoming { merge, person: record, home }))
}

/// An ID number as it stands in a cell: ="9901…" and a leading ' are what spreadsheets write.
fn typed_number(text: &str) -> String {
    let bare = text.trim_start_matches(['=', '\'', '‘', '’']).trim_matches('"');
    id_number::normalise(bare)
}

/// Somebody without a number whose name, birth date and phone are known already, but elsewhere:
/// the same person, or not? Nothing here can tell.
fn perhaps_known(
    record: &PersonRecord,
    home: Option<&Home>,
    known: &Known,
) -> Result<Option<Refusal>, ImportError> {
    if record.id_no.is_some() || known.given.person_id.is_some() || known.given.is_new {
        return Ok(None);
    }
    let here = match home {
        Some(Home::Known(room_id)) => Some(*room_id),
        _ => None,
    };
    if let Some(room_id) = here {
        let namesakes = people::namesakes_in(&known.places.reader, record, room_id)?;
        if namesakes.len() == 1 {
            return Ok(None);
        }
        if !namesakes.is_empty() {
            let reason = "several of this name live there; say who it is";
            // Nobody moves: the rule of the list decides about the rest.
            let choices = choices_of(&namesakes, record, (here, None), known)?;
            return Ok(Some(Refusal::held("name", &record.name, reason, choices)));
        }
    }
    if record.birth_date.is_none() {
        return Ok(None);
    }
    let same = people::persons_alike(&known.places.reader, record)?;
    if same.is_empty() {
        return Ok(None);
    }
    // Whoever says that it is this person says that they have moved here.
    let choices = choices_of(&same, record, (here, Some(Precedence::List)), known)?;
    let reason = "somebody of this name and birth date is known elsewhere; give the ID number, or \
                  say whether it is the same person";
    Ok(Some(Refusal::held("name", &record.name, reason, choices)))
}

/// Persons to choose from: masked name and year of birth, where they live, the end of their number.
fn choices_of(
    persons: &[PersonAlike],
    record: &PersonRecord,
    (here, precedence): (Option<RoomId>, Option<Precedence>),
    known: &Known,
) -> Result<Vec<Choice>, ImportError> {
    let mut choices = Vec::with_capacity(persons.len());
    for p in persons {
        let birth = record.birth_date.map(|day| mask_cell("birth_date", &day.to_string()));
        let home = p.room_id.map(|room_id| homes::room_label(known, room_id)).transpose()?;
        let tail = p.id_tail.as_ref().map(|tail| format!("…{tail}"));
        let parts = [birth, home.map(|(_, label)| label), tail];
        let mut label = mask_name(&record.name);
        for part in parts.into_iter().flatten() {
            label.push(' ');
            label.push_str(&part);
        }
        choices.push(Choice {
            building_id: None,
            room_id: here,
            person_id: Some(p.person_id),
            label,
            evidence: if p.has_same_phone { "name, birth date, phone" } else { "name, birth date" }
                .into(),
            alias: None,
            precedence,
        });
    }
    Ok(choices)
}

fn sex(row: &Row<'_>, known: &Known, report: &mut ImportReport) -> Option<i64> {
    match (row.get("sex")?, known.sex_codes) {
        ("0", SexCodes::Field) => Some(key::MALE),
        ("1", SexCodes::Field) => Some(key::FEMALE),
        ("0" | "1", SexCodes::Unknown) => None,
        _ => code_cell(row, "sex", list::SEX, (&known.places.lists, Otherwise::Empty), report),
    }
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
    record.is_birth_month = false;
}

fn birth_date(
    row: &Row<'_>,
    today: Date,
    is_in_id: bool,
    report: &mut ImportReport,
) -> Option<(Date, bool)> {
    let text = row.get("birth_date")?;
    // Where spreadsheets begin to count: an empty cell that became a day.
    let is_placeholder = |d: &Date| {
        [(1900, 1, 1), (1899, 12, 30), (1899, 12, 31)].contains(&(d.year(), d.month(), d.day()))
    };
    if age::date_as_typed(text, today).is_some_and(|d| is_placeholder(&d)) {
        let reason = "a day that stands for none; left empty";
        report.add(row.line, "birth_date", "", Severity::Warning, reason);
        return None;
    }
    let is_possible = |d: &Date| *d <= today && d.year() >= 1850;
    let date = age::date_as_typed(text, today).filter(is_possible);
    if date.is_some() || is_in_id {
        return date.map(|date| (date, false));
    }
    let month = age::month_as_typed(text).filter(is_possible);
    let reason = match month {
        Some(_) => FIRST_OF_MONTH,
        None => "not a day of birth (1962-03-05); left empty",
    };
    report.add(row.line, "birth_date", "", Severity::Warning, reason);
    month.map(|month| (month, true))
}

fn phones(row: &Row<'_>, report: &mut ImportReport) -> Option<String> {
    let mut numbers = phone::split(row.get("phone").filter(|text| !is_nothing(text))?);
    numbers.retain(|number| {
        let is_placeholder = phone::is_placeholder(number);
        if is_placeholder {
            let reason = "a number that stands for none; left empty";
            report.add(row.line, "phone", number, Severity::Warning, reason);
        }
        !is_placeholder
    });
    for number in numbers.iter().filter(|n| !phone::is_plausible(n)) {
        let reason = "does not look like a telephone number; kept";
        report.add(row.line, "phone", number, Severity::Warning, reason);
    }
    (!numbers.is_empty()).then(|| numbers.join(";"))
}

fn tag_ids(row: &Row<'_>, known: &Known, report: &mut ImportReport) -> Vec<TagId> {
    let mut ids = Vec::new();
    let cell = row.get("tags").unwrap_or_default();
    for text in
        cell.split([';', '；', '、', ',', '，', '/', '\n']).map(str::trim).filter(|t| !t.is_empty())
    {
        match known.tags.get(&fold(text)) {
            Some(tag_id) if !ids.contains(tag_id) => ids.push(*tag_id),
            Some(_) => {}
            None if yes_or_no(text) == Some(false) => {}
            None => {
                let reason = "no such tag; the others of the row were taken";
                report.add(row.line, "tags", text, Severity::Warning, reason);
            }
        }
    }
    let columns = known.tag_columns.iter().filter(|_| row.is_of_first_table());
    for (column, tag_id) in columns {
        match row.cell(*column).map(|cell| (cell, yes_or_no(cell))) {
            // 低保 in the column 低保 says yes as well, and so does a grade: 肢体二级, 一级.
            Some((cell, answer))
                if answer == Some(true)
                    || known.tags.get(&fold(cell)) == Some(tag_id)
                    || answer.is_none() && is_grade(cell) =>
            {
                ids.retain(|id| id != tag_id);
                ids.push(*tag_id);
            }
            Some((cell, None)) => {
                let reason = "neither yes nor no; the tag was not given";
                report.add(row.line, "tags", cell, Severity::Warning, reason);
            }
            _ => {}
        }
    }
    ids
}

/// Whether a cell states a grade: 二级, 肢体二级, A类, 3级.
fn is_grade(cell: &str) -> bool {
    let ending = cell.strip_suffix(['级', '类', '档', '等']);
    let last = ending.and_then(|rest| rest.chars().last());
    cell.chars().count() <= 8
        && last.is_some_and(|c| {
            c.is_ascii_alphanumeric() || "一二三四五六七八九十特甲乙丙丁重轻".contains(c)
        })
}

/// How the row says that the person lives there.
fn tenure(row: &Row<'_>, known: &Known, report: &mut ImportReport) -> Tenure {
    let lists = &known.places.lists;
    Tenure {
        household_no: row.text("household_no"),
        relation: code_cell(
            row,
            "relation",
            list::RELATION,
            (lists, Otherwise::Value(key::RELATION_OTHER)),
            report,
        ),
        role: code_cell(row, "role", list::RESIDENCY_ROLE, (lists, Otherwise::Empty), report),
        since: date_cell(row, "since", known.today, report),
    }
}
