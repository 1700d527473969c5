//! The room a person's row names: by building code, unit and number, or by its address.

use crate::domain::address::{self, Address, Flag, PlaceKind};
use crate::domain::codes::key;
use crate::domain::ids::{BuildingId, RoomId};
use crate::domain::records::RoomRecord;
use crate::domain::{floor, room_key};
use crate::import::error::ImportError;
use crate::import::kinds::known::Known;
use crate::import::outcome::report::{ImportReport, Refusal, Severity};
use crate::import::table::row::Row;
use crate::msg;
use crate::query::matching::{Link, NameEvidence, Outcome};
use crate::query::review::Choice;
use crate::store::lookup::{self, RoomMatch};

/// Candidates a held row keeps.
const MOST_CHOICES: usize = 12;

/// Where somebody lives.
pub(crate) enum Home {
    /// A room of the workspace.
    Known(RoomId),
    /// A room that its building does not have yet, and that may be made.
    New(RoomRecord),
}

/// Finds the home a row names. `Ok(None)` when it names no place.
pub(crate) fn home(
    row: &Row<'_>,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Option<Home>, Refusal>, ImportError> {
    if let Some(room_id) = known.given.room_id {
        return Ok(Ok(Some(Home::Known(room_id))));
    }
    if let Some(building_id) = known.given.room_in
        && let Some(room) = chosen_room(row, known, building_id)?
    {
        report.links.named += 1;
        report.links.linked += 1;
        report.missing_rooms += 1;
        return Ok(Ok(Some(Home::New(room))));
    }
    let Some(code) = row.get("building_code") else {
        let given = known
            .given
            .estate_of
            .map(|id| lookup::estate_of(&known.places.reader, id))
            .transpose()?;
        let given = given.flatten();
        if let Some(text) = composed(row).or_else(|| partial(row, given.as_deref()?)) {
            return home_at(&text, known, report);
        }
        if let Some(text) = row.get("address") {
            return home_at(text, known, report);
        }
        if let Some(refusal) = part_of_a_place(row, known)? {
            report.links.named += 1;
            return Ok(Err(refusal));
        }
        let reason = "no building code and no address: the row says no home";
        report.add(row.line, "building_code", "", Severity::Warning, reason);
        return Ok(Ok(None));
    };
    report.links.named += 1;
    let Some(building_id) = known.places.building_id(code)? else {
        return Ok(Err(Refusal::rejected("building_code", code, "no building has this code")));
    };
    let address = composed(row).or_else(|| row.text("address"));
    if let Some(text) = &address {
        let link = known.places.gazetteer()?.link_text(
            &known.places.reader,
            text,
            &address::parse(text),
        )?;
        let other = link.building_id().filter(|other| *other != building_id);
        if other.is_some() {
            let reason = "building code and address name different buildings; correct one of them";
            return Ok(Err(Refusal::held("building_code", code, reason, Vec::new())));
        }
        if row.get("room_no").is_none() && link.building_id() == Some(building_id) {
            report.links.named -= 1;
            return home_at(text, known, report);
        }
    }
    let Some(room_no) = row.get("room_no") else {
        return Ok(Err(Refusal::rejected("room_no", "", "no room number")));
    };
    match lookup::find_room(&known.places.reader, building_id, row.get("unit"), room_no)? {
        RoomMatch::One(room_id) => {
            report.links.linked += 1;
            Ok(Ok(Some(Home::Known(room_id))))
        }
        RoomMatch::None => {
            let Some(room) = new_room(known, building_id, row.get("unit"), room_no)? else {
                return Ok(Err(Refusal::rejected(
                    "room_no",
                    room_no,
                    "the building has no such room; import the rooms first, or correct unit and \
                     number",
                )));
            };
            report.missing_rooms += 1;
            if known.create_rooms {
                report.links.linked += 1;
                return Ok(Ok(Some(Home::New(room))));
            }
            // It can be made from the queue, or waits until the rooms come in.
            let choice = Choice {
                building_id: Some(building_id),
                room_id: None,
                person_id: None,
                label: label(known, building_id, room.unit.as_deref(), Some(&room.room_no))?,
                evidence: "building code".into(),
                alias: None,
                precedence: None,
            };
            let reason = "the building has no such room; import the rooms first, let missing \
                          rooms be made, or correct unit and number";
            Ok(Err(Refusal::held("room_no", room_no, reason, vec![choice])))
        }
        RoomMatch::Ambiguous(n) => {
            let mut choices = Vec::new();
            let rooms = lookup::rooms_numbered(&known.places.reader, building_id, room_no)?;
            for (unit, room_id) in rooms.into_iter().take(MOST_CHOICES) {
                choices.push(Choice {
                    building_id: Some(building_id),
                    room_id: Some(room_id),
                    person_id: None,
                    label: label(known, building_id, unit.as_deref(), Some(room_no))?,
                    evidence: "building code".into(),
                    alias: None,
                    precedence: None,
                });
            }
            let reason = msg!("{} rooms answer to it; add the unit or tell them apart", n);
            Ok(Err(Refusal::held("room_no", room_no, reason, choices)))
        }
    }
}

/// The room that a row names, in the building that somebody chose for it.
fn chosen_room(
    row: &Row<'_>,
    known: &Known,
    building_id: BuildingId,
) -> Result<Option<RoomRecord>, ImportError> {
    if let (Some(_), Some(room_no)) = (row.get("building_code"), row.get("room_no")) {
        return new_room(known, building_id, row.get("unit"), room_no);
    }
    let Some(text) = composed(row).or_else(|| row.text("address")) else { return Ok(None) };
    let read = address::parse(&text);
    match &read.room {
        Some(room_no) => new_room(known, building_id, read.unit.as_deref(), room_no),
        None => Ok(None),
    }
}

/// An address of the columns 小区, 楼号, 单元 and 房号, as far as a row has them.
pub(crate) fn composed(row: &Row<'_>) -> Option<String> {
    let estate = row.get("estate")?;
    let with = |field: &str, endings: &[&str], word: &str| {
        let text = row.get(field)?;
        let bare = endings.iter().find_map(|e| text.strip_suffix(e)).unwrap_or(text);
        Some(format!("{bare}{word}"))
    };
    let building = with("building_no", &["号楼", "幢", "栋", "座", "楼", "#", "号"], "幢")?;
    let unit = with("unit", &["单元", "门", "梯"], "单元").unwrap_or_default();
    let room = with("room_no", &["室", "房", "号", "户"], "室").unwrap_or_default();
    Some(format!("{estate}{building}{unit}{room}"))
}

/// An address of what a row has of a place, in an estate: 3-2-1002 in the column of rooms, or building,
/// unit and room in columns of their own.
fn partial(row: &Row<'_>, estate: &str) -> Option<String> {
    let text = |field: &str, ending: &str| {
        let text = row.get(field)?;
        let is_bare = text.chars().last().is_some_and(|c| c.is_ascii_alphanumeric());
        Some(format!("{text}{}", if is_bare { ending } else { "" }))
    };
    let room = row.get("room_no");
    // 3-2-1002 says all by itself.
    let is_whole = |room: &&str| room.matches(['-', '－', '—']).count() >= 1;
    if let (Some(room), None) = (room.filter(is_whole), row.get("building_no")) {
        return Some(format!("{estate}{room}"));
    }
    let building = text("building_no", "幢")?;
    let unit = text("unit", "单元").unwrap_or_default();
    let room = text("room_no", "室").unwrap_or_default();
    Some(format!("{estate}{building}{unit}{room}"))
}

/// A row that names a part of a place waits for the rest: it is never taken as somebody without a
/// home. The estates that the titles of the list name are tried, else those of the workspace.
fn part_of_a_place(row: &Row<'_>, known: &Known) -> Result<Option<Refusal>, ImportError> {
    /// Estates that are tried where no title names one.
    const MOST_ESTATES: usize = 8;
    let parts: Vec<&str> =
        ["estate", "building_no", "unit", "room_no"].iter().filter_map(|f| row.get(f)).collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let value = parts.join(" ");
    let mut estates: Vec<String> = match row.get("estate") {
        Some(estate) => vec![estate.to_owned()],
        None => known.places.gazetteer()?.estates_named_in(&known.titles),
    };
    let is_titled = row.get("estate").is_none() && !estates.is_empty();
    if estates.is_empty() && known.places.gazetteer()?.estate_names().count() <= MOST_ESTATES {
        estates = known.places.gazetteer()?.estate_names().map(str::to_owned).collect();
    }
    let mut choices: Vec<Choice> = Vec::new();
    for estate in &estates {
        let Some(text) = partial(row, estate) else { continue };
        let read = address::parse(&text);
        let link = known.places.gazetteer()?.link_text(&known.places.reader, &text, &read)?;
        for c in link.candidates.iter().filter(|c| c.room_id.is_some()).take(MOST_CHOICES) {
            choices.push(Choice {
                building_id: Some(c.building_id),
                room_id: c.room_id,
                person_id: None,
                label: label(known, c.building_id, c.unit.as_deref(), c.room.as_deref())?,
                evidence: if is_titled {
                    "the title of the list"
                } else {
                    "an estate of the workspace"
                }
                .into(),
                alias: None,
                precedence: None,
            });
        }
    }
    choices.truncate(MOST_CHOICES);
    let (field, reason) = if row.get("estate").is_none() {
        ("estate", "the row names no estate; choose it once for all rows of the list")
    } else {
        ("building_no", "the row names a part of a place only; complete it")
    };
    Ok(Some(Refusal::held(field, value, reason, choices)))
}

/// Building and title of a room of the workspace.
pub(crate) fn room_label(
    known: &Known,
    room_id: RoomId,
) -> Result<(BuildingId, String), ImportError> {
    let room = lookup::room_place(&known.places.reader, room_id)?;
    let text = label(known, room.building_id, room.unit.as_deref(), Some(&room.room_no))?;
    Ok((room.building_id, text))
}

/// 橡树湾 3-2-501.
pub(crate) fn label(
    known: &Known,
    building_id: BuildingId,
    unit: Option<&str>,
    room: Option<&str>,
) -> Result<String, ImportError> {
    let building = lookup::building_title(&known.places.reader, building_id)?;
    let parts = [Some(building.as_str()), unit, room];
    Ok(parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-"))
}

/// Joins an address to its room: linked only when there is no doubt.
fn home_at(
    text: &str,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Option<Home>, Refusal>, ImportError> {
    report.links.named += 1;
    let read = address::parse(text);
    if read.quality == address::Match::None {
        let reason = "this is no address";
        return Ok(Err(Refusal::held("address", text, reason, Vec::new())));
    }
    let link = known.places.gazetteer()?.link_text(&known.places.reader, text, &read)?;
    if let Some(room_id) = link.room_id() {
        report.links.linked += 1;
        return Ok(Ok(Some(Home::Known(room_id))));
    }
    if link.outcome == Outcome::None {
        return Ok(Err(Refusal::rejected(
            "address",
            text,
            "no estate and building of this name; correct the address, or import the buildings \
             first",
        )));
    }
    let mut choices: Vec<Choice> = Vec::new();
    for c in link.candidates.iter().take(MOST_CHOICES) {
        // Only what can be taken is offered: a room that is not there must be one that can be made.
        if c.room_id.is_none() {
            let room = match &read.room {
                Some(room) => new_room(known, c.building_id, read.unit.as_deref(), room)?,
                None => None,
            };
            if room.is_none() {
                continue;
            }
        }
        // A missing room is shown as the address has it.
        let (unit, room) = match c.room_id {
            Some(_) => (c.unit.as_deref(), c.room.as_deref()),
            None => (read.unit.as_deref(), read.room.as_deref()),
        };
        choices.push(Choice {
            building_id: Some(c.building_id),
            room_id: c.room_id,
            person_id: None,
            label: label(known, c.building_id, unit, room)?,
            evidence: evidence(c.evidence).into(),
            alias: read.estate.clone().filter(|_| c.evidence > NameEvidence::Alias),
            precedence: None,
        });
    }
    if let Some(room) = missing_room(known, &link, &read)? {
        report.missing_rooms += 1;
        if known.create_rooms {
            report.links.linked += 1;
            return Ok(Ok(Some(Home::New(room))));
        }
    }
    if choices.iter().all(|c| c.room_id.is_none()) {
        let code = link.candidates.first().map(|c| c.building.as_str()).unwrap_or_default();
        let reason = if read.room.is_none() {
            msg!(
                "building {} is known, but the address names no room in it; add the room number",
                code
            )
        } else if known.create_rooms {
            msg!(
                "building {} is known, but the address names no room that can be made in it: no \
                 such floor or unit, or the address is in doubt",
                code
            )
        } else {
            msg!(
                "building {} is known, but not this room; import the rooms first, or let missing \
                 rooms be made",
                code
            )
        };
        return Ok(Err(Refusal::held("address", text, reason, choices)));
    }
    let named: Vec<&str> =
        choices.iter().filter(|c| c.room_id.is_some()).take(5).map(|c| c.label.as_str()).collect();
    let reason = msg!("may mean {}; give building code, unit and room number", named.join(" | "));
    Ok(Err(Refusal::held("address", text, reason, choices)))
}

/// How a candidate was recognised, as the review shows it.
fn evidence(evidence: NameEvidence) -> &'static str {
    match evidence {
        NameEvidence::Name => "the estate's name",
        NameEvidence::Alias => "an alias of the estate",
        NameEvidence::ShortName => "a short form of the estate's name",
        NameEvidence::Homophone => "the estate's name sounds the same",
        NameEvidence::Address => "the building's road and number",
        NameEvidence::BuildingName => "the building's own name",
        NameEvidence::Door => "a door of the estate with this number",
        NameEvidence::OneCharacter => "one character of the estate's name differs",
    }
}

/// The room that an address names in a building beyond doubt, and that is not there. The house may
/// be known by its own name (瑞苑公寓301室), and a unit is asked only where the house has some.
fn missing_room(
    known: &Known,
    link: &Link,
    read: &Address,
) -> Result<Option<RoomRecord>, ImportError> {
    let is_read = match read.quality {
        address::Match::Full => true,
        address::Match::Partial => read.alternatives.is_empty(),
        _ => false,
    };
    let is_plain = is_read
        && read.kind == PlaceKind::Residential
        && !read.flags.has(Flag::MultiRoom)
        && !read.flags.has(Flag::EstateFuzzy)
        && !link.needs_choice;
    let (Some(building_id), Some(room_no), true) = (link.building_id(), &read.room, is_plain)
    else {
        return Ok(None);
    };
    if link.candidates.iter().any(|c| c.room_id.is_some()) {
        return Ok(None);
    }
    new_room(known, building_id, read.unit.as_deref(), room_no)
}

/// Whether a text is what stands on one door: 501, 5A, A501, 3A01, 东户; not 101/102 or 101(自住).
fn is_door_number(text: &str) -> bool {
    let is_side =
        text.strip_suffix('户').is_some_and(|side| (1..=2).contains(&side.chars().count()));
    let is_plain = text.len() <= 6
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().any(|b| b.is_ascii_digit());
    is_side || is_plain
}

/// A room to be made: only with a unit where the building has units, and on a floor it has.
fn new_room(
    known: &Known,
    building_id: BuildingId,
    unit: Option<&str>,
    room_no: &str,
) -> Result<Option<RoomRecord>, ImportError> {
    let shape = lookup::building_shape(&known.places.reader, building_id)?;
    let unit = match (unit, &shape.units[..]) {
        (Some(unit), known) if known.iter().any(|k| k == unit) => Some(unit.to_owned()),
        (Some(unit), known) => {
            let plain = room_key::unit_token(unit);
            let same = known.iter().find(|k| room_key::unit_token(k) == plain);
            match (same, known) {
                (Some(same), _) => Some(same.clone()),
                (None, []) => Some(plain),
                // Another unit than the house has is no missing room.
                (None, _) => return Ok(None),
            }
        }
        (None, []) => None,
        (None, [only]) => Some(only.clone()),
        (None, _) => return Ok(None),
    };
    let room_no = room_key::token(room_no);
    if !is_door_number(&room_no) {
        return Ok(None);
    }
    let floor = floor::label_from_room_no(&room_no);
    let height = floor.as_deref().and_then(|label| label.parse::<i32>().ok());
    if height.zip(shape.floors_above).is_some_and(|(height, top)| height > top) {
        return Ok(None);
    }
    Ok(Some(RoomRecord {
        building_id,
        unit,
        floor,
        floor_span: 1,
        room_no,
        kind: key::ROOM_DWELLING,
        status: Some(key::STATUS_UNVERIFIED),
        area_m2: None,
        verified_on: None,
    }))
}
