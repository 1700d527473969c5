//! `menpai event`: an event from its report to its end.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::asked::{Asked, ask, not_found, say};
use super::{Context, parse_time, staff};
use crate::domain::codes::{key, list};
use crate::domain::ids::{BuildingId, EventId};
use crate::domain::workflow::event::MACHINE;
use crate::geo::lon_lat;
use crate::query::event::{EventCard, event};
use crate::query::event_json::{event_json, state_word, why_message};
use crate::query::event_list::{EventLine, EventQuery, event_list};
use crate::query::{Vocabulary, instant_text};
use crate::store::deadlines::{Deadline, Deadlines};
use crate::store::events::{self, EventAct, NewEvent};
use crate::store::{OpenMode, lookup};
use crate::text::workflow::{duration_text, label, minute_text, word_of};
use crate::text::{Lang, Message};
use crate::{msg, query};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai event my.gpkg new --title 路灯不亮 --category public_facility --severity simple --code B0042
  menpai event my.gpkg act 20261123-G01-0001 dispatch --to 王芳
  menpai event my.gpkg act 20261123-G01-0001 suspend --until 2026-11-25T09:00 --opinion \"waits for a part\"
  menpai event my.gpkg show 20261123-G01-0001 --format json
  menpai event my.gpkg list --overdue")]
pub(super) struct Args {
    /// Workspace
    workspace: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Report an event
    New(NewArgs),
    /// Act on an event, ask for something, or decide about what was asked for
    Act(ActArgs),
    /// An event with its clocks and steps
    Show(ShowArgs),
    /// Events, what is due first in front
    List(ListArgs),
    /// Open events that may be the same one: in the building or within 50 m
    Similar(SimilarArgs),
}

#[derive(clap::Args)]
struct Format {
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

impl Format {
    fn is_json(&self) -> bool {
        self.format == "json"
    }
}

#[derive(clap::Args)]
struct PlaceArgs {
    /// Code of the building
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Unit of the room
    #[arg(long, value_name = "UNIT", requires = "room")]
    unit: Option<String>,
    /// Number of the room
    #[arg(long, value_name = "ROOM", requires = "code")]
    room: Option<String>,
    /// Longitude, WGS-84 degrees
    #[arg(long, value_name = "X", requires = "lat", allow_negative_numbers = true)]
    lon: Option<f64>,
    /// Latitude, WGS-84 degrees
    #[arg(long, value_name = "Y", requires = "lon", allow_negative_numbers = true)]
    lat: Option<f64>,
}

#[derive(clap::Args)]
struct NewArgs {
    /// What it is about, in one line
    #[arg(long)]
    title: String,
    /// Category, by code or label
    #[arg(long, value_name = "C")]
    category: String,
    /// Grade, by code or label: simple, general, complex, difficult
    #[arg(long, value_name = "S")]
    severity: Option<String>,
    /// Where it comes from, by code or label
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// What happened
    #[arg(long)]
    text: Option<String>,
    /// When somebody called (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    called: Option<i64>,
    /// When it happened
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    occurred: Option<i64>,
    /// Where, in words
    #[arg(long, value_name = "TEXT")]
    place: Option<String>,
    #[command(flatten)]
    at: PlaceArgs,
    #[command(flatten)]
    format: Format,
}

#[derive(clap::Args)]
struct ActArgs {
    /// Number of the event
    no: String,
    /// accept, refuse, dispatch, arrive, plan, start, solve, check, close, rework, return, suspend, resume,
    /// cancel, reopen, extend, regrade, urge, supervise, note, inform; ask-extend, ask-suspend, ask-return,
    /// ask-cancel, ask-regrade, ask-help; grant, deny
    action: String,
    /// When it happened (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<i64>,
    /// What is said about it
    #[arg(long, value_name = "TEXT")]
    opinion: Option<String>,
    /// Until when
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<i64>,
    /// Number of the event that it repeats
    #[arg(long, value_name = "NO")]
    of: Option<String>,
    /// Grade, by code or label
    #[arg(long, value_name = "S")]
    severity: Option<String>,
    /// How it came out, by code or label
    #[arg(long, value_name = "O")]
    outcome: Option<String>,
    /// Who is to do it
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Which request is decided, where several wait
    #[arg(long, value_name = "KIND")]
    request: Option<String>,
    /// How content the reporter is: satisfied, fairly or dissatisfied
    #[arg(long, value_name = "WORD", value_parser = ["satisfied", "fairly", "dissatisfied"])]
    satisfaction: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(clap::Args)]
struct ShowArgs {
    /// Number of the event
    no: String,
    #[command(flatten)]
    format: Format,
}

#[derive(clap::Args)]
struct ListArgs {
    /// Only what should have been reached
    #[arg(long)]
    overdue: bool,
    /// Only what the one who acts has in hand or has reported
    #[arg(long)]
    mine: bool,
    /// Only this state, by word or label; may be given again
    #[arg(long, value_name = "S")]
    state: Vec<String>,
    /// Only this category, by code or label
    #[arg(long, value_name = "C")]
    category: Option<String>,
    /// Ended ones too
    #[arg(long)]
    all: bool,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    format: Format,
}

#[derive(clap::Args)]
struct SimilarArgs {
    /// Category, by code or label
    #[arg(long, value_name = "C")]
    category: Option<String>,
    #[command(flatten)]
    at: PlaceArgs,
    #[command(flatten)]
    format: Format,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.what {
        What::New(new) => report(context, args, new),
        What::Act(act) => act_on(context, args, act),
        What::Show(show) => {
            let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
            tell(context, &asked, &show.no, show.format.is_json())
        }
        What::List(wanted) => tell_list(context, args, wanted),
        What::Similar(wanted) => tell_similar(context, args, wanted),
    }
}

/// The key of a code list that a word means.
pub(super) fn key_of(v: &Vocabulary, list: &str, text: &str) -> Result<i64> {
    v.lists.parse(list, text).ok_or_else(|| {
        let known: Vec<&str> = v.lists.entries(list).map(|e| e.code.as_str()).collect();
        not_found(msg!("{} is not one of {}", text, known.join(" ")))
    })
}

fn optional_key(v: &Vocabulary, list: &str, text: Option<&String>) -> Result<Option<i64>> {
    text.map(|text| key_of(v, list, text)).transpose()
}

/// Fills the place of an event in from what was said.
fn place(asked: &Asked, at: &PlaceArgs, new: &mut NewEvent) -> Result<()> {
    if let Some(code) = &at.code {
        let building_id = lookup::building_id(&asked.reader, code)?
            .ok_or_else(|| not_found(msg!("no building has the code {}", code)))?;
        new.building_id = Some(building_id);
        if let Some(room) = &at.room {
            let unit = at.unit.as_deref().filter(|u| !u.is_empty() && *u != "-");
            new.room_id = Some(super::records::room_of(asked, (building_id, code), unit, room)?);
        }
    }
    if let Some((lon, lat)) = at.lon.zip(at.lat) {
        let point = lon_lat(lon, lat);
        if !point.is_on_earth() {
            return Err(not_found(msg!(
                "{} is no longitude and latitude; longitude comes first",
                format!("{lon}, {lat}")
            )));
        }
        new.point = Some(point);
        if new.building_id.is_none() {
            new.building_id = query::place::building_at(&asked.reader, point)?;
        }
    }
    Ok(())
}

fn report(context: &Context, args: &Args, new: &NewArgs) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadWrite)?;
    staff::check_actor(context, &asked)?;
    let v = &asked.vocabulary;
    let mut event = NewEvent {
        title: new.title.clone(),
        text: new.text.clone(),
        category: key_of(v, list::EVENT_CATEGORY, &new.category)?,
        severity: optional_key(v, list::EVENT_SEVERITY, new.severity.as_ref())?,
        source: optional_key(v, list::EVENT_SOURCE, new.source.as_ref())?,
        called_at: new.called,
        occurred_at: new.occurred,
        place_text: new.place.clone(),
        ..NewEvent::default()
    };
    place(&asked, &new.at, &mut event)?;
    let (_, no) = asked.workspace.write(&context.stamp, |tx| events::report(tx, &event))?;
    tell(context, &asked, &no, new.format.is_json())
}

fn id_of(asked: &Asked, no: &str) -> Result<EventId> {
    events::event_id(&asked.reader, no)?
        .ok_or_else(|| not_found(msg!("no event has the number {}", no)))
}

fn act_on(context: &Context, args: &Args, act: &ActArgs) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadWrite)?;
    staff::check_actor(context, &asked)?;
    let v = &asked.vocabulary;
    let event_id = id_of(&asked, &act.no)?;
    let asks = act.action.strip_prefix("ask-").map(str::to_owned);
    let is_decision = matches!(act.action.as_str(), "grant" | "deny");
    let action = match word_of("event_action", &act.action) {
        _ if asks.is_some() || is_decision => act.action.clone(),
        Some(word) if MACHINE.rules_of(word).next().is_some() => word.to_owned(),
        _ => {
            let mut known: Vec<&str> = Vec::new();
            for rule in MACHINE.rules.iter().filter(|rule| !rule.from.is_empty()) {
                if !known.contains(&rule.action) {
                    known.push(rule.action);
                }
            }
            return Err(not_found(msg!("{} is not one of {}", act.action, known.join(" "))));
        }
    };
    let wanted = EventAct {
        action,
        at: act.at,
        opinion: act.opinion.clone(),
        until: act.until,
        severity: optional_key(v, list::EVENT_SEVERITY, act.severity.as_ref())?,
        outcome: optional_key(v, list::EVENT_OUTCOME, act.outcome.as_ref())?,
        handler: act.to.clone(),
        other: act.of.as_ref().map(|no| id_of(&asked, no)).transpose()?,
        satisfaction: act.satisfaction.as_ref().map(|word| match word.as_str() {
            "satisfied" => 1,
            "fairly" => 2,
            _ => 3,
        }),
    };
    asked.workspace.write(&context.stamp, |tx| {
        if let Some(kind) = &asks {
            let (_, entry) = events::request(tx, event_id, kind, &wanted)?;
            return Ok(((), entry));
        }
        if is_decision {
            let kind = act.request.as_deref();
            return events::decide(tx, event_id, kind, act.action == "grant", &wanted);
        }
        events::act_on(tx, event_id, &wanted)
    })?;
    tell(context, &asked, &act.no, act.format.is_json())
}

fn tell(context: &Context, asked: &Asked, no: &str, is_json: bool) -> Result<()> {
    let reader = asked.workspace.reader()?;
    let card = event(&reader, no, context.stamp.at)?
        .ok_or_else(|| not_found(msg!("no event has the number {}", no)))?;
    let deadlines = Deadlines::read(&reader)?;
    let deadline = deadlines.of(card.policy_version).cloned().unwrap_or_default();
    if is_json {
        let value = event_json(&card, (&asked.vocabulary, context.lang), &deadline.calendar);
        return super::print_json(context, &value);
    }
    say(&card_text(context.lang, &asked.vocabulary, &card, &deadline));
    Ok(())
}

fn card_text(lang: Lang, v: &Vocabulary, card: &EventCard, deadline: &Deadline) -> String {
    let code = |list: &str, key: Option<i64>| key.map(|k| v.lists.label(list, k, lang).to_owned());
    let mut lines = vec![format!("{}  {}", card.no, card.title)];
    let words = [
        Some(v.lists.label(list::EVENT_STATE, card.state, lang).to_owned()),
        code(list::EVENT_OUTCOME, card.outcome),
        code(list::EVENT_SEVERITY, card.severity),
        Some(v.lists.label(list::EVENT_CATEGORY, card.category, lang).to_owned()),
        card.handler.clone(),
        card.building.as_ref().map(|b| b.name().title(lang)),
    ];
    lines.push(words.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    let room = card
        .room
        .as_ref()
        .map(|room| crate::text::room_title(lang, room.unit.as_deref(), &room.room_no));
    for said in [&card.text, &card.place_text, &room].into_iter().flatten() {
        lines.push(format!("  {said}"));
    }
    for clock in &card.clocks {
        let due = clock.due.map(minute_text).unwrap_or_default();
        let left = clock.left_secs.map(|secs| left_text(secs, lang)).unwrap_or_default();
        let name = label("milestone", clock.milestone.word(), lang);
        let state = label("clock_state", clock.state.word(), lang);
        lines.push(format!("  {name}: {due}  {state}  {left}"));
        let why: Vec<String> = clock
            .why
            .iter()
            .map(|why| why_message(why, (v, lang), &deadline.calendar).text(lang))
            .collect();
        lines.push(format!("    {}", why.join("; ")));
    }
    for view in &card.steps {
        let action = label("event_action", &view.step.action, lang);
        let state = v.lists.label(list::EVENT_STATE, view.step.to_state, lang);
        let at = minute_text(view.step.at);
        let said = view.opinion.as_deref().unwrap_or_default();
        let actor = label("actor", &view.actor, lang);
        lines.push(format!("  {at}  {action} → {state}  {actor}  {said}").trim_end().to_owned());
    }
    for r in &card.requests {
        let kind = label("request", &r.kind, lang);
        let decision = r.decision.as_deref().map_or("…", |word| label("decision", word, lang));
        let who = label("actor", &r.requester, lang);
        lines.push(format!("  {}  {kind}  {who}  {decision}", minute_text(r.at)));
    }
    lines.join("\n") + "\n"
}

/// Time that is left, in words: `还剩 40 分钟`, `2 h late`.
fn left_text(secs: i64, lang: Lang) -> String {
    let text = duration_text(secs, lang);
    let message = if secs < 0 { msg!("{} late", text) } else { msg!("{} left", text) };
    message.text(lang)
}

fn line_json(v: &Vocabulary, line: &EventLine) -> serde_json::Value {
    let code = |list: &str, key: Option<i64>| key.map(|k| v.lists.code(list, k).to_owned());
    let next = line.next.as_ref();
    json!({
        "no": line.no,
        "title": line.title,
        "category": v.lists.code(list::EVENT_CATEGORY, line.category),
        "severity": code(list::EVENT_SEVERITY, line.severity),
        "state": state_word(line.state),
        "outcome": code(list::EVENT_OUTCOME, line.outcome),
        "handler": line.handler,
        "called_at": line.called_at.map(instant_text),
        "building_code": line.building_code,
        "urgent": line.is_urgent,
        "request_waits": line.has_request,
        "milestone": next.map(|clock| clock.milestone.word()),
        "due": next.and_then(|clock| clock.due).map(instant_text),
        "minutes_left": next.and_then(crate::domain::workflow::clock::Clock::minutes_left),
        "overdue": next.is_some_and(crate::domain::workflow::clock::Clock::is_overdue),
    })
}

pub(super) fn print_lines(
    context: &Context,
    v: &Vocabulary,
    lines: &[EventLine],
    is_json: bool,
) -> Result<()> {
    if is_json {
        let list: Vec<_> = lines.iter().map(|line| line_json(v, line)).collect();
        return super::print_json(context, &list);
    }
    if lines.is_empty() {
        return Err(not_found(Message::from("no such events")));
    }
    let lang = context.lang;
    let text: Vec<String> = lines
        .iter()
        .map(|line| {
            let state = v.lists.label(list::EVENT_STATE, line.state, lang);
            let due = line.next.as_ref().and_then(|c| c.due).map(minute_text).unwrap_or_default();
            let left = line.next.as_ref().and_then(|c| c.left_secs);
            let left = left.map(|secs| left_text(secs, lang)).unwrap_or_default();
            format!("{}  {state}  {due}  {left}  {}", line.no, line.title)
        })
        .collect();
    say(&(text.join("\n") + "\n"));
    Ok(())
}

fn tell_list(context: &Context, args: &Args, wanted: &ListArgs) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    staff::check_actor(context, &asked)?;
    let v = &asked.vocabulary;
    let states = wanted.state.iter().map(|text| key_of(v, list::EVENT_STATE, text));
    let query = EventQuery {
        states: states.collect::<Result<_>>()?,
        is_all: wanted.all,
        is_overdue: wanted.overdue,
        of: wanted.mine.then(|| context.stamp.actor.name.clone()),
        category: optional_key(v, list::EVENT_CATEGORY, wanted.category.as_ref())?,
        most: wanted.limit,
    };
    let lines = event_list(&asked.reader, &query, context.stamp.at)?;
    print_lines(context, v, &lines, wanted.format.is_json())
}

fn tell_similar(context: &Context, args: &Args, wanted: &SimilarArgs) -> Result<()> {
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let mut new = NewEvent { category: key::EVENT_OTHER, ..NewEvent::default() };
    place(&asked, &wanted.at, &mut new)?;
    let building: Option<BuildingId> = new.building_id;
    let point = match (new.point, building) {
        (None, Some(building_id)) => {
            crate::store::grid_of::inside_point(&asked.reader, building_id)?
        }
        (point, _) => point,
    };
    let category = optional_key(&asked.vocabulary, list::EVENT_CATEGORY, wanted.category.as_ref())?;
    let found =
        query::event_list::similar(&asked.reader, (building, point), category, context.stamp.at)?;
    let lines: Vec<EventLine> = found.into_iter().map(|(line, _)| line).collect();
    print_lines(context, &asked.vocabulary, &lines, wanted.format.is_json())
}
