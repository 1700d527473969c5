//! Saving a draft: read, compared with what stands there now, written.

use jiff::civil::Date;

use super::deeds::as_deed;
use super::fields::{Field, Reading, field_of};
use crate::access::Stamp;
use crate::domain::codes::{CodeLists, key};
use crate::domain::id_number;
use crate::domain::ids::{BuildingId, DeedId, RoomId};
use crate::domain::names::pinyin_and_initials;
use crate::domain::object::{Cell, Object};
use crate::import::kinds::identity::refuse_number;
use crate::msg;
use crate::store::deed::DeedKind;
use crate::store::{Connection, StoreError, Workspace, WriteTx, by_hand, edit};
use crate::text::Message;

/// A draft: what somebody typed into the fields of a record.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Field and text.
    pub fields: Vec<(&'static Field, String)>,
    /// What stood in these fields when the draft was begun; nothing where nobody looked.
    pub seen: Vec<(&'static Field, Cell)>,
    /// Names of tags to give and to take.
    pub tags: Vec<(String, bool)>,
}

impl Draft {
    /// A draft of pairs of name and text.
    ///
    /// # Errors
    /// The name of a field that there is not, with those that there are.
    pub fn of_pairs(word: &str, pairs: &[(String, String)]) -> Result<Self, Message> {
        let mut draft = Self::default();
        for (name, text) in pairs {
            match field_of(word, name) {
                Some(field) => draft.fields.push((field, text.clone())),
                None => {
                    let known: Vec<&str> =
                        super::fields::of_object(word).map(|f| f.field.as_str()).collect();
                    return Err(msg!("no field {}; fields: {}", name, known.join(" ")));
                }
            }
        }
        Ok(draft)
    }
}

/// A field that somebody else has changed since the draft was begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The field.
    pub field: &'static Field,
    /// What stood there.
    pub seen: Cell,
    /// What stands there now.
    pub theirs: Cell,
    /// What the draft says.
    pub yours: Cell,
}

/// Why a draft is not saved. Nothing was changed.
#[derive(Debug)]
pub enum EditError {
    /// Fields that cannot be taken, with their sentences.
    Refused(Vec<(&'static Field, Message)>),
    /// Fields that somebody else has changed meanwhile.
    Conflict(Vec<Conflict>),
    /// The record is gone.
    Gone,
    /// Something else.
    Store(StoreError),
}

impl From<StoreError> for EditError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl EditError {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Refused(fields) => match &fields[..] {
                [(field, reason), ..] => msg!("{}: {}", field.field, reason.clone()),
                [] => "nothing was changed".into(),
            },
            Self::Conflict(fields) => {
                let names: Vec<&str> = fields.iter().map(|c| c.field.field.as_str()).collect();
                msg!("somebody else has changed this meanwhile: {}", names.join(" "))
            }
            Self::Gone => "the record is not there any more".into(),
            Self::Store(error) => error.message(),
        }
    }
}

/// What saving did.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// The deed; [`DeedId::NONE`] where nothing was new.
    pub deed_id: DeedId,
    /// The record.
    pub object: Object,
    /// Fields that say something else now.
    pub changed: Vec<&'static Field>,
    /// What was taken, but should be looked at.
    pub warnings: Vec<(&'static Field, Message)>,
}

/// What stands in the fields of a record; `None` for one that is not there.
///
/// # Errors
/// SQLite's errors.
pub fn values(
    conn: &Connection,
    object: Object,
) -> Result<Option<Vec<(&'static Field, Cell)>>, StoreError> {
    let all: Vec<&'static Field> = super::fields::of_object(object.word()).collect();
    let columns: Vec<&str> =
        all.iter().map(|f| f.column.as_str()).filter(|c| !c.is_empty()).collect();
    let Some(mut cells) = edit::cells(conn, object, &columns)? else { return Ok(None) };
    cells.reverse();
    let mut found = Vec::with_capacity(all.len());
    for field in all {
        let cell = if field.column.is_empty() {
            by_hand::derived_cell(conn, object, &field.field)?
        } else {
            cells.pop().unwrap_or(Cell::Empty)
        };
        found.push((field, cell));
    }
    Ok(Some(found))
}

type Readings = (Vec<(&'static Field, Cell)>, Vec<(&'static Field, Message)>);

/// Reads a draft; a sentence for each field that cannot be taken.
fn read(draft: &Draft, by: Reading<'_>) -> Result<Readings, EditError> {
    let (mut cells, mut warnings, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (field, text) in &draft.fields {
        match field.read(text, by) {
            Ok(read) => {
                cells.push((*field, read.cell));
                warnings.extend(read.warning.map(|warning| (*field, warning)));
            }
            Err(reason) => refused.push((*field, reason)),
        }
    }
    if refused.is_empty() { Ok((cells, warnings)) } else { Err(EditError::Refused(refused)) }
}

/// Saves a draft of a record: its fields as one deed and one transaction.
///
/// # Errors
/// [`EditError`]; nothing is changed then.
pub fn save(
    workspace: &Workspace,
    stamp: &Stamp,
    (object, draft): (Object, &Draft),
    (lists, today): (&CodeLists, Date),
) -> Result<Saved, EditError> {
    let (cells, mut warnings) = read(draft, Reading { lists, today })?;
    let mut failed = None;
    let written =
        workspace.write_or_drop(stamp, |tx| match changes(tx, object, draft, cells, today) {
            Ok((changed, more)) => {
                warnings.extend(more);
                write(tx, object, &changed, draft)
            }
            Err(error) => {
                failed = Some(error);
                Ok(((DeedId::NONE, Vec::new()), None))
            }
        });
    if let Some(error) = failed {
        return Err(error);
    }
    let (deed_id, changed) = written?;
    Ok(Saved { deed_id, object, changed, warnings })
}

type Changed = (Vec<(&'static Field, Cell)>, Vec<(&'static Field, Message)>);

/// The fields of a draft that say something else than what stands there; conflicts are told.
fn changes(
    tx: &WriteTx<'_>,
    object: Object,
    draft: &Draft,
    cells: Vec<(&'static Field, Cell)>,
    today: Date,
) -> Result<Changed, EditError> {
    let Some(now) = values(tx, object)? else { return Err(EditError::Gone) };
    let standing = |field: &Field| {
        now.iter().find(|(f, _)| f.field == field.field).map_or(Cell::Empty, |(_, c)| c.clone())
    };
    let mut conflicts = Vec::new();
    let mut changed = Vec::new();
    for (field, yours) in cells {
        let theirs = standing(field);
        let seen = draft.seen.iter().find(|(f, _)| f.field == field.field);
        if let Some((_, seen)) = seen
            && *seen != theirs
            && theirs != yours
            && *seen != yours
        {
            conflicts.push(Conflict { field, seen: seen.clone(), theirs, yours });
        } else if theirs != yours && seen.is_none_or(|(_, seen)| *seen != yours) {
            // Who left a field as they saw it does not overwrite what somebody else wrote.
            changed.push((field, yours));
        }
    }
    if !conflicts.is_empty() {
        return Err(EditError::Conflict(conflicts));
    }
    let warnings = agree(tx, object, &now, &mut changed, today)?;
    Ok((changed, warnings))
}

/// What fields say about each other: an ID number gives sex and birth date, keys are unique.
fn agree(
    tx: &WriteTx<'_>,
    object: Object,
    now: &[(&'static Field, Cell)],
    changed: &mut Vec<(&'static Field, Cell)>,
    today: Date,
) -> Result<Vec<(&'static Field, Message)>, EditError> {
    let mut warnings = Vec::new();
    let value = |changed: &[(&'static Field, Cell)], name: &str| {
        let of = |list: &[(&'static Field, Cell)]| {
            list.iter().find(|(f, _)| f.field == name).map(|(_, cell)| cell.clone())
        };
        of(changed).or_else(|| of(now)).unwrap_or(Cell::Empty)
    };
    let touches = |changed: &[(&'static Field, Cell)], names: &[&str]| {
        changed.iter().any(|(f, _)| names.contains(&f.field.as_str()))
    };
    let refuse = |name: &str, reason: Message| {
        let field = field_of(object.word(), name);
        EditError::Refused(field.map(|field| (field, reason)).into_iter().collect())
    };
    match object {
        Object::Person(_) => {
            if touches(changed, &["id_no", "id_type", "sex", "birth_date"])
                && value(changed, "id_type").int() == Some(key::ID_CARD)
                && let Some(number) = value(changed, "id_no").text()
            {
                match id_number::check(number) {
                    Ok(facts) if facts.birth > today || facts.birth.year() < 1850 => {
                        return Err(refuse("id_no", id_number::IdError::Date.message()));
                    }
                    Ok(facts) => {
                        let sex = if facts.is_male { key::MALE } else { key::FEMALE };
                        for (name, told) in [
                            ("sex", Cell::Int(sex)),
                            ("birth_date", Cell::Text(facts.birth.to_string())),
                        ] {
                            let Some(field) = field_of("person", name) else { continue };
                            if value(changed, name) == told {
                                continue;
                            }
                            if touches(changed, &[name]) {
                                let reason =
                                    "the ID number says otherwise; the ID number was taken";
                                warnings.push((field, reason.into()));
                            }
                            changed.retain(|(f, _)| f.field != name);
                            if now.iter().all(|(f, cell)| f.field != name || *cell != told) {
                                changed.push((field, told));
                            }
                        }
                    }
                    Err(error) => return Err(refuse("id_no", refuse_number(number, error).reason)),
                }
            }
            let number =
                [("id_no", value(changed, "id_no")), ("id_type", value(changed, "id_type"))];
            if touches(changed, &["id_no", "id_type"])
                && number[0].1 != Cell::Empty
                && edit::is_taken(tx, object, &number)?
            {
                return Err(refuse("id_no", "another person has this number".into()));
            }
        }
        _ => {
            let unique: &[(&str, &str)] = match object {
                Object::Building(_) => &[("code", "another building has this code")],
                Object::Grid(_) => &[("code", "another grid has this code")],
                Object::Device(_) => &[("code", "another device has this code")],
                Object::Estate(_) => &[("name", "another estate has this name")],
                Object::Enterprise(_) => &[("uscc", "another enterprise has this credit code")],
                _ => &[],
            };
            for (name, reason) in unique {
                let cell = value(changed, name);
                if touches(changed, &[name])
                    && cell != Cell::Empty
                    && edit::is_taken(tx, object, &[(name, cell)])?
                {
                    return Err(refuse(name, Message::from(*reason)));
                }
            }
        }
    }
    Ok(warnings)
}

type Written = ((DeedId, Vec<&'static Field>), Option<crate::access::AuditEntry>);

fn write(
    tx: &WriteTx<'_>,
    object: Object,
    changed: &[(&'static Field, Cell)],
    draft: &Draft,
) -> Result<Written, StoreError> {
    let tags = match object {
        Object::Person(person_id) => by_hand::tag_changes(tx, person_id, &draft.tags)?,
        _ => Vec::new(),
    };
    if changed.is_empty() && tags.is_empty() {
        return Ok(((DeedId::NONE, Vec::new()), None));
    }
    let mut names: Vec<&str> = changed.iter().map(|(f, _)| f.field.as_str()).collect();
    if !tags.is_empty() {
        names.push("tags");
    }
    let names = names.join(",");
    let fields: Vec<&'static Field> = changed.iter().map(|(field, _)| *field).collect();
    let (deed_id, entry) = as_deed(tx, DeedKind::Edit, (object, &names), || {
        store(tx, object, changed)?;
        if let Object::Person(person_id) = object {
            by_hand::write_tags(tx, person_id, &tags)?;
        }
        Ok(())
    })?;
    Ok(((deed_id, fields), Some(entry)))
}

/// Writes changed fields, and what follows from them.
fn store(
    tx: &WriteTx<'_>,
    object: Object,
    changed: &[(&'static Field, Cell)],
) -> Result<(), StoreError> {
    let mut columns: Vec<(&str, Cell)> = Vec::new();
    for (field, cell) in changed.iter().filter(|(field, _)| !field.column.is_empty()) {
        columns.push((&field.column, cell.clone()));
        let is_sounded = field.field == "name"
            && matches!(object, Object::Person(_) | Object::Enterprise(_) | Object::Estate(_));
        if let (true, Some(name)) = (is_sounded, cell.text()) {
            let (pinyin, initials) = pinyin_and_initials(name);
            columns.push(("pinyin", Cell::Text(pinyin)));
            columns.push(("initials", Cell::Text(initials)));
        }
    }
    if let Object::Person(_) = object
        && changed.iter().any(|(f, _)| f.field == "verified_at")
    {
        columns.push(("verified_by", Cell::Text(tx.stamp().actor.name.clone())));
    }
    edit::set_cells(tx, object, &columns)?;
    let text = |name: &str| changed.iter().find(|(f, _)| f.field == name).map(|(_, cell)| cell);
    match object {
        Object::Room(room_id) => {
            if let Some(cell) = text("unit") {
                by_hand::set_unit(tx, room_id, cell.text())?;
            }
            if let Some(cell) = text("floor") {
                by_hand::set_floor(tx, room_id, cell.text())?;
            }
            if ["unit", "room_no", "kind"].iter().any(|name| text(name).is_some()) {
                by_hand::renew_key(tx, room_id)?;
            }
        }
        Object::Building(building_id) => {
            if let Some(cell) = text("estate") {
                by_hand::set_estate(tx, building_id, cell.text())?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Where a new record is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Where {
    /// In this building.
    pub building_id: Option<BuildingId>,
    /// In this room.
    pub room_id: Option<RoomId>,
}

/// Adds a record by hand: a person (into a room), a room (into a building), an enterprise, an estate,
/// somebody of the staff, an organisation, a note on a place.
///
/// # Errors
/// [`EditError`]; nothing is changed then.
pub fn add(
    workspace: &Workspace,
    stamp: &Stamp,
    (word, draft, place): (&str, &Draft, Where),
    (lists, today): (&CodeLists, Date),
) -> Result<Saved, EditError> {
    let (cells, mut warnings) = read(draft, Reading { lists, today })?;
    for field in super::fields::of_object(word).filter(|f| f.is_needed()) {
        let is_given = cells.iter().any(|(f, _)| f.field == field.field);
        if !is_given && by_hand::usual_cell(word, &field.field).is_none() {
            return Err(EditError::Refused(vec![(field, "this cannot be left empty".into())]));
        }
    }
    let mut failed = None;
    let written = workspace.write_or_drop(stamp, |tx| {
        let object = by_hand::next_object(tx, word)?;
        let mut cells = cells.clone();
        match agree(tx, object, &[], &mut cells, today) {
            Ok(more) => warnings.extend(more),
            Err(error) => {
                failed = Some(error);
                return Ok((object, None));
            }
        }
        let (_, entry) = as_deed(tx, DeedKind::Add, (object, ""), || {
            by_hand::begin(tx, object, (place.building_id, place.room_id), &named(&cells))?;
            store(tx, object, &cells)?;
            if let (Object::Person(person_id), Some(room_id)) = (object, place.room_id) {
                let to = crate::store::living::MoveIn {
                    room_id,
                    since: today,
                    household_no: None,
                    relation: None,
                    role: None,
                    is_second_home: false,
                };
                crate::store::living::move_in(tx, person_id, &to)?;
            }
            if let Object::Person(person_id) = object {
                let tags = by_hand::tag_changes(tx, person_id, &draft.tags)?;
                by_hand::write_tags(tx, person_id, &tags)?;
            }
            Ok(())
        })?;
        Ok((object, Some(entry)))
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let object = written?;
    let reader = workspace.reader()?;
    let deed_id = crate::store::deeds::last_undoable(&reader)?.unwrap_or(DeedId::NONE);
    Ok(Saved { deed_id, object, changed: cells.iter().map(|(f, _)| *f).collect(), warnings })
}

fn named(cells: &[(&'static Field, Cell)]) -> Vec<(&'static str, Cell)> {
    cells.iter().map(|(field, cell)| (field.field.as_str(), cell.clone())).collect()
}

/// Takes a record out by hand. What speaks of it has to be settled before, unless `is_sure`.
///
/// # Errors
/// [`EditError::Store`] with what still speaks of it; nothing is changed then.
pub fn delete(
    workspace: &Workspace,
    stamp: &Stamp,
    object: Object,
    is_sure: bool,
) -> Result<DeedId, EditError> {
    let deed_id = workspace.write(stamp, |tx| {
        let speakers = edit::referrers(tx, object)?;
        if !speakers.is_empty() && !is_sure {
            let list: Vec<String> = speakers.iter().map(|(t, n)| format!("{t} {n}")).collect();
            return Err(StoreError::Record(msg!(
                "other records speak of it: {}; move or end them first",
                list.join(", ")
            )));
        }
        if edit::cells(tx, object, &[object.names().1])?.is_none() {
            return Err(StoreError::Record("the record is not there any more".into()));
        }
        as_deed(tx, DeedKind::Delete, (object, ""), || edit::delete(tx, object))
    })?;
    Ok(deed_id)
}
