//! `menpai edit`: records changed by hand.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::asked::{Asked, ask, not_found, say};
use super::{Context, records, staff};
use crate::access::mask::{mask_cell, mask_name};
use crate::domain::ids::DeedId;
use crate::domain::object::{Cell, Object};
use crate::edit::save::Where;
use crate::edit::{Draft, EditError, Field, Saved, add, delete, living, merging, save, values};
use crate::msg;
use crate::query::history::{FieldChange, history};
use crate::query::instant_text;
use crate::store::OpenMode;
use crate::store::deed::DeedKind;
use crate::text::Message;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai edit my.gpkg person 990101196203050023 --set phone=14000000001
  menpai edit my.gpkg person B0042,2,501,张桂英 --tag 独居老人 --head B0042,2,501
  menpai edit my.gpkg room B0042,2,501 --set status=rented --set floor=3
  menpai edit my.gpkg staff 王芳 --new --set duty_phone=14000000002
  menpai edit my.gpkg person 张桂英 --history")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    /// person, room, building, enterprise, estate, staff, organisation, device, grid, event, tag, residency, note
    kind: String,
    /// Which one: a person by ID number, name or CODE,UNIT,ROOM,NAME; a room by CODE,UNIT,ROOM; others by code or name
    key: String,
    /// A field and what it is to say, empty to clear it; may be given again
    #[arg(long, value_name = "FIELD=VALUE", value_parser = parse_set)]
    set: Vec<(String, String)>,
    /// Give a person a tag; may be given again
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Take a tag from a person; may be given again
    #[arg(long, value_name = "TAG")]
    untag: Vec<String>,
    /// Make a person the head of the household in this room
    #[arg(long, value_name = "CODE,UNIT,ROOM", group = "act")]
    head: Option<String>,
    /// Take these members (by name) of a room into a household of their own, with this number
    #[arg(long, value_name = "NUMBER=NAME,NAME", group = "act")]
    split: Option<String>,
    /// Make the households of a room one
    #[arg(long, group = "act")]
    join: bool,
    /// Add it; the key is its name or, of a room, CODE,UNIT,ROOM
    #[arg(long, group = "act")]
    new: bool,
    /// Where a new record is to be: CODE or CODE,UNIT,ROOM
    #[arg(long = "in", value_name = "PLACE", requires = "new")]
    place: Option<String>,
    /// Make another record of the same one a part of it
    #[arg(long, value_name = "KEY", group = "act")]
    merge: Option<String>,
    /// Take it out
    #[arg(long, group = "act")]
    delete: bool,
    /// Also where other records speak of it
    #[arg(long, requires = "delete")]
    sure: bool,
    /// Where its facts come from
    #[arg(long, group = "act")]
    history: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// Reads `field=value`; nothing behind the sign clears the field.
fn parse_set(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(field, _)| !field.trim().is_empty())
        .map(|(field, value)| (field.trim().to_owned(), value.to_owned()))
        .ok_or_else(|| "FIELD=VALUE".to_owned())
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let has_draft = !args.set.is_empty() || !args.tag.is_empty() || !args.untag.is_empty();
    let acts = args.head.is_some()
        || args.split.is_some()
        || args.merge.is_some()
        || args.join
        || args.delete
        || args.new;
    let mode = if acts || has_draft { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let asked = ask(context, &args.workspace, mode)?;
    staff::check_actor(context, &asked)?;
    if args.new {
        return tell(context, args, &asked, &add_one(context, args, &asked)?);
    }
    let object = records::object_of(&asked, &args.kind, &args.key)?;
    let (w, stamp) = (&asked.workspace, &context.stamp);
    if args.history {
        return tell_history(context, args, &asked, object);
    }
    let mut deed_id = DeedId::NONE;
    let mut saved = Saved { deed_id, object, changed: Vec::new(), warnings: Vec::new() };
    if has_draft {
        let draft = draft(args)?;
        let lists = &asked.vocabulary.lists;
        saved = save(w, stamp, (object, &draft), (lists, context.today)).map_err(refused)?;
    }
    if let (Some(room), Object::Person(person_id)) = (&args.head, object) {
        let room_id = records::room_of_text(&asked, room)?;
        deed_id = living::make_head(w, stamp, person_id, room_id)?;
    }
    if let (Some(split), Object::Room(room_id)) = (&args.split, object) {
        let wrong = || not_found(Message::from("write NUMBER=NAME,NAME"));
        let (no, names) = split.split_once('=').ok_or_else(wrong)?;
        let members = names
            .split([',', '，'])
            .map(|name| records::person_of(&asked, &format!("{},{}", args.key, name.trim())))
            .collect::<Result<Vec<_>>>()?;
        deed_id = living::split_household(w, stamp, (room_id, &members), no)?;
    }
    if let (true, Object::Room(room_id)) = (args.join, object) {
        deed_id = living::join_households(w, stamp, room_id)?;
    }
    if let Some(other) = &args.merge {
        let gone = records::object_of(&asked, &args.kind, other)?;
        deed_id = merging::merge(w, stamp, object, gone)?;
    }
    if args.delete {
        deed_id = delete(w, stamp, object, args.sure).map_err(refused)?;
    }
    if deed_id.is_some() {
        saved.deed_id = deed_id;
    }
    tell(context, args, &asked, &saved)
}

/// What a draft was refused for, all of it.
fn refused(error: EditError) -> anyhow::Error {
    match error {
        EditError::Store(error) => error.into(),
        error => not_found(error.message()),
    }
}

fn draft(args: &Args) -> Result<Draft> {
    let mut draft = Draft::of_pairs(&args.kind, &args.set).map_err(not_found)?;
    draft.tags.extend(args.tag.iter().map(|tag| (tag.clone(), true)));
    draft.tags.extend(args.untag.iter().map(|tag| (tag.clone(), false)));
    Ok(draft)
}

fn add_one(context: &Context, args: &Args, asked: &Asked) -> Result<Saved> {
    if !["person", "room", "enterprise", "estate", "staff", "organisation", "note"]
        .contains(&args.kind.as_str())
    {
        return Err(not_found(msg!("a {} is not added by hand", args.kind)));
    }
    let mut pairs = args.set.clone();
    let mut place = Where::default();
    if args.kind == "room" {
        let parts: Vec<&str> = args.key.split([',', '，']).map(str::trim).collect();
        let [code, unit, room] = parts[..] else {
            return Err(not_found(msg!("{} is no room: write CODE,UNIT,ROOM", args.key)));
        };
        place.building_id = Some(records::building_of(asked, code)?);
        pairs.push(("room_no".to_owned(), room.to_owned()));
        if !unit.is_empty() && unit != "-" {
            pairs.push(("unit".to_owned(), unit.to_owned()));
        }
        if !pairs.iter().any(|(name, _)| name == "floor")
            && let Some(floor) = crate::domain::floor::label_from_room_no(room)
        {
            pairs.push(("floor".to_owned(), floor));
        }
    } else {
        let name = if args.kind == "note" { "text" } else { "name" };
        pairs.push((name.to_owned(), args.key.clone()));
    }
    if let Some(text) = &args.place {
        if text.contains([',', '，']) {
            place.room_id = Some(records::room_of_text(asked, text)?);
        } else {
            place.building_id = Some(records::building_of(asked, text)?);
        }
    }
    let mut draft = Draft::of_pairs(&args.kind, &pairs).map_err(not_found)?;
    draft.tags.extend(args.tag.iter().map(|tag| (tag.clone(), true)));
    let what = (args.kind.as_str(), &draft, place);
    add(&asked.workspace, &context.stamp, what, (&asked.vocabulary.lists, context.today))
        .map_err(refused)
}

/// Fields whose content is personal, and how it is shown: what leaves is masked.
fn masked(field: &Field, object: Object, text: String) -> String {
    match (object, field.field.as_str()) {
        (Object::Person(_), "name") => mask_name(&text),
        (Object::Person(_) | Object::Staff(_) | Object::Enterprise(_), name) => {
            mask_cell(name, &text)
        }
        _ => text,
    }
}

fn tell(context: &Context, args: &Args, asked: &Asked, saved: &Saved) -> Result<()> {
    let reader = asked.workspace.reader()?;
    let lists = &asked.vocabulary.lists;
    let fields = values(&reader, saved.object)?.unwrap_or_default();
    let shown = |field: &Field, cell: &Cell| {
        masked(field, saved.object, field.shown(cell, lists, context.lang))
    };
    if args.format == "json" {
        let record: serde_json::Map<String, serde_json::Value> =
            fields.iter().map(|(f, cell)| (f.field.clone(), json!(shown(f, cell)))).collect();
        let changed: Vec<&str> = saved.changed.iter().map(|f| f.field.as_str()).collect();
        let warnings: Vec<_> = saved
            .warnings
            .iter()
            .map(|(f, why)| json!({ "field": f.field, "message": why }))
            .collect();
        let value = json!({
            "deed": saved.deed_id.is_some().then_some(saved.deed_id),
            "record": saved.object.key(),
            "changed": changed,
            "warnings": warnings,
            "fields": record,
        });
        return super::print_json(context, &value);
    }
    let mut text = String::new();
    for (field, reason) in &saved.warnings {
        text += &format!("{}: {}\n", field.label(context.lang), reason.text(context.lang));
    }
    if saved.deed_id.is_some() {
        text += &format!("{}\n", msg!("saved as deed {}", saved.deed_id).text(context.lang));
    }
    for (field, cell) in &fields {
        let value = shown(field, cell);
        if !value.is_empty() {
            text += &format!("  {}: {value}\n", field.label(context.lang));
        }
    }
    say(&text);
    Ok(())
}

fn tell_history(context: &Context, args: &Args, asked: &Asked, object: Object) -> Result<()> {
    let lists = &asked.vocabulary.lists;
    let changes = history(&asked.reader, object)?;
    let field_of = |table: &str, column: &str| {
        let word = if table == "residency" { "residency" } else { object.word() };
        crate::edit::of_object(word).find(|field| field.column == column)
    };
    let shown = |c: &FieldChange, cell: &Cell| match field_of(&c.table, &c.column) {
        Some(field) if c.table == object.table() => {
            masked(field, object, field.shown(cell, lists, context.lang))
        }
        Some(field) => field.shown(cell, lists, context.lang),
        None => match cell {
            Cell::Int(n) => n.to_string(),
            Cell::Text(text) => text.clone(),
            _ => String::new(),
        },
    };
    if args.format == "json" {
        let list: Vec<_> = changes
            .iter()
            .map(|c| {
                json!({
                    "deed": c.deed_id, "kind": c.kind, "title": c.title,
                    "at": instant_text(c.at), "actor": c.actor, "undone": c.is_undone,
                    "field": field_of(&c.table, &c.column).map_or(&c.column, |f| &f.field),
                    "before": shown(c, &c.before), "after": shown(c, &c.after),
                })
            })
            .collect();
        return super::print_json(context, &list);
    }
    let mut text = String::new();
    for c in &changes {
        let label = match field_of(&c.table, &c.column) {
            Some(field) => field.label(context.lang),
            None => c.column.as_str(),
        };
        let (before, after) = (shown(c, &c.before), shown(c, &c.after));
        let at = crate::text::workflow::minute_text(c.at);
        let undone =
            if c.is_undone { msg!("taken back").text(context.lang) } else { String::new() };
        let what = crate::text::workflow::label("deed", c.kind.word(), context.lang);
        // What a deed added as a whole has no fields; an import names its file.
        let change = match c.column.is_empty() {
            true if c.kind == DeedKind::Import => c.title.clone(),
            true => String::new(),
            false => format!("{label}: {before} → {after}"),
        };
        let actor = crate::text::workflow::label("actor", &c.actor, context.lang);
        let line = format!("{at}  {actor}  {what}  {change}  {undone}");
        text += line.trim_end();
        text.push('\n');
    }
    say(&text);
    Ok(())
}
