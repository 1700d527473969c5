//! The asking commands: `overview`, `at`, `household`, `focus`, `search`.

use crate::derived::kept;
use crate::domain::ids::BuildingId;
use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::Context;
use super::asked::{Asked, ask, not_found, say};
use super::filter::FilterArgs;
use crate::access::mask::Mask;
use crate::access::{AuditEntry, Reveal, Sensitive};
use crate::domain::codes::list;
use crate::geo::lon_lat;
use crate::query::household::Member;
use crate::query::statistics::PersonLine;
use crate::query::table::TableKind;
use crate::query::{self, HouseholdCard, Subject, Vocabulary};
use crate::store::{OpenMode, StoreError, Workspace, bulk, lookup};

mod print;

#[derive(clap::Args)]
pub(super) struct OverviewArgs {
    /// Workspace to ask
    workspace: PathBuf,
    /// Code of the building (or the id of its feature in the source file)
    code: String,
    #[command(flatten)]
    format: Format,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai at my.gpkg 116.3227 39.9955 --format json")]
pub(super) struct AtArgs {
    /// Workspace to ask
    workspace: PathBuf,
    /// Longitude, WGS-84 degrees
    #[arg(allow_negative_numbers = true)]
    lon: f64,
    /// Latitude, WGS-84 degrees
    #[arg(allow_negative_numbers = true)]
    lat: f64,
    #[command(flatten)]
    format: Format,
}

#[derive(clap::Args)]
struct Format {
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

#[derive(clap::Args)]
struct RevealArgs {
    /// Show personal fields in full; needs a purpose and is written to the audit log
    #[arg(long, requires = "purpose")]
    reveal: bool,
    /// Why personal fields are needed
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai household my.gpkg B0042 2 501
  menpai household my.gpkg B0042 \"\" 501 --reveal --purpose \"visit on request\"")]
pub(super) struct HouseholdArgs {
    /// Workspace to ask
    workspace: PathBuf,
    /// Code of the building (or the id of its feature in the source file)
    code: String,
    /// Unit; "" for a building without units
    unit: String,
    /// Number of the room
    room: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    reveal: RevealArgs,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai focus my.gpkg --tag 独居老人 --age 80..120
  menpai focus my.gpkg --tag low_income --tag disabled --all --format geojson > both.geojson")]
pub(super) struct FocusArgs {
    /// Workspace to ask
    workspace: PathBuf,
    #[command(flatten)]
    filter: FilterArgs,
    /// text, csv, json or geojson
    #[arg(long, default_value = "text", value_parser = ["text", "csv", "json", "geojson"])]
    format: String,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai search my.gpkg 橡树湾3幢2单元501
  menpai search my.gpkg zgy")]
pub(super) struct SearchArgs {
    /// Workspace to ask
    workspace: PathBuf,
    /// Estate, address, name, pinyin initials, ID number, phone, enterprise, credit code
    text: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    reveal: RevealArgs,
}

fn building(asked: &Asked, code: &str) -> Result<BuildingId> {
    lookup::building_id(&asked.reader, code)?
        .ok_or_else(|| not_found(msg!("no building has the code {}", code)))
}

pub(super) fn overview(context: &Context, args: &OverviewArgs) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let building_id = building(&asked, &args.code)?;
    tell_overview(context, &asked, building_id, &args.format)
}

pub(super) fn at(context: &Context, args: &AtArgs) -> Result<()> {
    let point = lon_lat(args.lon, args.lat);
    if !point.is_on_earth() {
        return Err(not_found(msg!(
            "{} is no longitude and latitude; longitude comes first",
            format!("{}, {}", args.lon, args.lat)
        )));
    }
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let building_id = query::place::building_at(&asked.reader, point)?.ok_or_else(|| {
        not_found(msg!("no building stands at {}", format!("{}, {}", args.lon, args.lat)))
    })?;
    tell_overview(context, &asked, building_id, &args.format)
}

fn tell_overview(
    context: &Context,
    asked: &Asked,
    building_id: BuildingId,
    f: &Format,
) -> Result<()> {
    let overview = query::overview(&asked.reader, &asked.vocabulary, building_id)?
        .ok_or_else(|| not_found(Message::from("the building was deleted meanwhile")))?;
    if f.format == "json" {
        say(&serde_json::to_string_pretty(&overview)?);
    } else {
        say(&print::overview(context.lang, &asked.vocabulary, &overview));
    }
    Ok(())
}

/// Masks personal fields, or opens them for the purpose and remembers the audit entry.
struct Veil {
    reveal: Option<Reveal>,
}

impl Veil {
    fn new(args: &RevealArgs, object: &str) -> Result<Self> {
        let purpose = args.purpose.as_deref().and_then(crate::access::purpose);
        if args.reveal && purpose.is_none() {
            return Err(not_found(Message::from("--reveal needs a --purpose that says why")));
        }
        let purpose = purpose.unwrap_or_default();
        Ok(Self { reveal: args.reveal.then(|| Reveal::new(object, &purpose)) })
    }

    fn show<T: Mask>(&mut self, field: &Sensitive<T>) -> String {
        match &mut self.reveal {
            Some(reveal) => reveal.open(field).to_owned(),
            None => field.masked(),
        }
    }

    /// Writes the audit entry; to be called before anything is printed.
    fn close(self, context: &Context, workspace: &Workspace) -> Result<(), StoreError> {
        match self.reveal {
            Some(reveal) => workspace.write(&context.stamp, |tx| {
                bulk::check_reveals(tx, &context.stamp)?;
                Ok(((), reveal.finish()))
            }),
            None => Ok(()),
        }
    }
}

pub(super) fn household(context: &Context, args: &HouseholdArgs) -> Result<()> {
    let mode = if args.reveal.reveal { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let asked = ask(context, &args.workspace, mode)?;
    let building_id = building(&asked, &args.code)?;
    let unit = Some(args.unit.as_str()).filter(|u| !u.is_empty() && *u != "-");
    let room_id = match lookup::find_room(&asked.reader, building_id, unit, &args.room)? {
        lookup::RoomMatch::One(room_id) => room_id,
        lookup::RoomMatch::None => {
            return Err(not_found(msg!(
                "building {} has no room {} in unit {}",
                args.code,
                args.room,
                args.unit
            )));
        }
        lookup::RoomMatch::Ambiguous(n) => {
            return Err(not_found(msg!("{} rooms answer to {}; give the unit", n, args.room)));
        }
    };
    let card = query::household(&asked.reader, &asked.vocabulary, room_id, context.today)?
        .ok_or_else(|| not_found(Message::from("the room was deleted meanwhile")))?;
    let mut veil = Veil::new(&args.reveal, &format!("room/{room_id}"))?;
    let value = household_json(&asked.vocabulary, &card, &mut veil);
    veil.close(context, &asked.workspace)?;
    if args.format.format == "json" {
        say(&serde_json::to_string_pretty(&value)?);
    } else {
        say(&print::household(context.lang, &asked.vocabulary, &card, &value));
    }
    Ok(())
}

fn household_json(v: &Vocabulary, card: &HouseholdCard, veil: &mut Veil) -> serde_json::Value {
    let code = |list: &str, key: i64| v.lists.code(list, key).to_owned();
    let members: Vec<_> = card.members.iter().map(|m| member_json(v, m, veil)).collect();
    let history: Vec<_> = card
        .history
        .iter()
        .map(|f| json!({ "name": veil.show(&f.name), "start": f.start, "end": f.end }))
        .collect();
    let events: Vec<_> = card
        .events
        .iter()
        .map(|(no, title, state, at)| {
            json!({ "no": no, "title": title, "state": code(list::EVENT_STATE, *state),
                    "reported_at": at.map(query::instant_text) })
        })
        .collect();
    let enterprises: Vec<_> = card
        .enterprises
        .iter()
        .map(|e| json!({ "name": e.name, "uscc": e.uscc, "status": e.status }))
        .collect();
    json!({
        "room": {
            "building_code": card.place.building_code,
            "estate": card.place.estate,
            "building_no": card.place.building_no,
            "building_name": card.place.building_name,
            "unit": card.place.unit,
            "room_no": card.place.room_no,
            "kind": code(list::ROOM_KIND, card.kind),
            "status": code(list::ROOM_STATUS, card.status),
            "area_m2": card.area_dm2.map(|a| a as f64 / 10.0),
            "verified_at": card.verified_at.map(query::instant_text),
        },
        "members": members,
        "enterprises": enterprises,
        "events": events,
        "history": history,
    })
}

fn member_json(v: &Vocabulary, m: &Member, veil: &mut Veil) -> serde_json::Value {
    let code = |list: &str, key: i64| v.lists.code(list, key).to_owned();
    let tags: Vec<&str> = m.tags.iter().map(|&t| v.tags[t].code.as_str()).collect();
    json!({
        "name": veil.show(&m.name),
        "household_no": m.household_no,
        "relation": m.relation.map(|r| code(list::RELATION, r)),
        "role": m.role.map(|r| code(list::RESIDENCY_ROLE, r)),
        "sex": code(list::SEX, m.sex),
        "age": m.age,
        "birth_date": m.birth_date.as_ref().map(|d| veil.show(d)),
        "phone": m.phone.as_ref().map(|p| veil.show(p)),
        "id_no": m.id_no.as_ref().map(|i| veil.show(i)),
        "population_type": code(list::POPULATION_TYPE, m.population_type),
        "tags": tags,
        "since": m.since,
    })
}

pub(super) fn focus(context: &Context, args: &FocusArgs) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let (_, condition) = args.filter.condition(context, &asked, TableKind::Persons)?;
    let census = kept::census(&asked.reader, &asked.vocabulary)?;
    let answer = census.focus(&condition);
    let mut buildings: Vec<(String, BuildingId, u32)> = Vec::with_capacity(answer.buildings.len());
    let codes = lookup::building_codes(&asked.reader)?;
    for (building_id, persons) in answer.buildings {
        let code = codes.get(&building_id).cloned().unwrap_or_default();
        buildings.push((code, building_id, persons));
    }
    buildings.sort();
    // A filter that speaks of rooms alone counts rooms.
    let rooms: u64 = buildings.iter().map(|(_, _, n)| u64::from(*n)).sum();
    let (word, total) = match answer.subject {
        Subject::Persons => ("persons", answer.persons),
        Subject::Rooms => ("rooms", rooms),
    };
    match args.format.as_str() {
        "json" => {
            let list: Vec<_> = buildings
                .iter()
                .map(|(code, _, count)| json!({ "code": code, word: count }))
                .collect();
            let value = json!({ word: total, "buildings": list });
            say(&serde_json::to_string_pretty(&value)?);
        }
        "csv" => {
            let lines = buildings.iter().map(|(code, _, n)| {
                let code = crate::domain::cell::spreadsheet_safe(code);
                format!(
                    "{},{n}\n",
                    if code.contains([',', '"']) {
                        format!("\"{}\"", code.replace('"', "\"\""))
                    } else {
                        code
                    }
                )
            });
            say(&format!("code,{word}\n{}", lines.collect::<String>()));
        }
        "geojson" => {
            say(&crate::export::geojson::focus_collection(&asked.reader, &buildings, word)?);
        }
        _ => say(&print::focus(context.lang, (answer.subject, total), &buildings)),
    }
    Ok(())
}

pub(super) fn search(context: &Context, args: &SearchArgs) -> Result<()> {
    // A search by a part of a number is written down.
    let number = query::search::part_of_number(&args.text);
    let writes = args.reveal.reveal || number.is_some();
    let mode = if writes { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let asked = ask(context, &args.workspace, mode)?;
    let answer = query::search(&asked.reader, &asked.vocabulary, &args.text, context.today)?;
    let is_written = asked.workspace.read_only_reason().is_none();
    if number.is_some() && !answer.persons.is_empty() && is_written {
        let entry = AuditEntry::done(bulk::SEARCH_BY_NUMBER, "person")
            .with_fields(format!("found×{}", answer.persons.len()));
        asked.workspace.write(&context.stamp, |tx| {
            bulk::check_reveals(tx, &context.stamp)?;
            Ok(((), entry))
        })?;
    }
    let mut veil = Veil::new(&args.reveal, "search")?;
    let persons: Vec<_> =
        answer.persons.iter().map(|p| person_json(&asked.vocabulary, p, &mut veil)).collect();
    veil.close(context, &asked.workspace)?;
    if args.format.format == "json" {
        let value = json!({
            "estates": answer.estates.iter().map(|e| json!({ "name": e.estate })).collect::<Vec<_>>(),
            "buildings": answer.buildings,
            "rooms": answer.rooms,
            "persons": persons,
            "enterprises": answer.enterprises,
            "events": answer.events,
            "grids": answer.grids,
            "devices": answer.devices,
        });
        say(&serde_json::to_string_pretty(&value)?);
    } else {
        if answer.is_empty() {
            return Err(not_found(msg!("nothing found for {}", args.text)));
        }
        say(&print::search(context.lang, &answer, &persons));
    }
    Ok(())
}

fn person_json(v: &Vocabulary, p: &PersonLine, veil: &mut Veil) -> serde_json::Value {
    let place = p.place.as_ref();
    let tags: Vec<&str> = p.tags.iter().map(|&t| v.tags[t].code.as_str()).collect();
    json!({
        "name": veil.show(&p.name),
        "sex": v.lists.code(list::SEX, p.sex),
        "age": p.age,
        "phone": p.phone.as_ref().map(|f| veil.show(f)),
        "population_type": v.lists.code(list::POPULATION_TYPE, p.population_type),
        "tags": tags,
        "estate": place.and_then(|r| r.estate.clone()),
        "building_code": place.map(|r| r.building_code.clone()),
        "unit": place.and_then(|r| r.unit.clone()),
        "room_no": place.map(|r| r.room_no.clone()),
    })
}
