//! `menpai stats`: what a filter leaves, in figures.

use std::path::PathBuf;

use anyhow::Result;
use jiff::civil::Date;

use super::asked::{Asked, ask, not_found, say};
use super::filter::{FilterArgs, resolve};
use super::{Context, parse_day};
use crate::derived::kept;
use crate::domain::codes::list;
use crate::export::pdf::Report;
use crate::msg;
use crate::query::figures::{By, Figures, FiguresRequest, Of, figures};
use crate::query::indicators::{EventIndicators, Group, event_indicators, visit_indicators};
use crate::query::summary::{AllFigures, AsOf};
use crate::query::table::TableKind;
use crate::query::{Census, Condition, Filter, Vocabulary};
use crate::store::{OpenMode, StoreError};
use crate::text::{Lang, thousands, translated};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai stats my.gpkg --tag low_income --by grid
  menpai stats my.gpkg --of rooms --room-status vacant --by estate
  menpai stats my.gpkg --report overview.pdf --beside G03,G04
  menpai stats my.gpkg --of events --from 2026-11-01 --to 2026-11-30 --format json")]
pub(super) struct Args {
    /// Workspace to ask
    workspace: PathBuf,
    /// What is counted: persons, rooms, enterprises, events or visits
    #[arg(long, default_value = "persons",
          value_parser = ["persons", "rooms", "enterprises", "events", "visits"])]
    of: String,
    #[command(flatten)]
    filter: FilterArgs,
    /// Counts in each grid, estate or building as well; of events also by category, source or hour
    #[arg(long, value_parser = ["grid", "estate", "building", "category", "source", "hour"])]
    by: Option<String>,
    /// Events reported from this day on
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    from: Option<Date>,
    /// Events reported up to this day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    to: Option<Date>,
    /// Everything in figures, as a PDF: people, houses, public order, events, enterprises
    #[arg(long, value_name = "FILE", conflicts_with_all = ["of", "by", "format"])]
    report: Option<PathBuf>,
    /// Codes of grids that stand beside it in the report
    #[arg(long, value_name = "GRID", value_delimiter = ',', requires = "report")]
    beside: Vec<String>,
    /// Replace a report that is there
    #[arg(long, requires = "report")]
    force: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let of = Of::ALL.into_iter().find(|of| of.word() == args.of).unwrap_or(Of::Persons);
    let kind = match of {
        Of::Persons => TableKind::Persons,
        Of::Rooms => TableKind::Rooms,
        Of::Enterprises => TableKind::Enterprises,
        Of::Events => TableKind::Events,
    };
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(not_found(msg!(
            "no day lies between {} and {}",
            from.to_string(),
            to.to_string()
        )));
    }
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    if args.of == "visits" {
        return visits(context, args, &asked);
    }
    let group = match args.by.as_deref() {
        Some("category") => Group::Category,
        Some("source") => Group::Source,
        Some("hour") => Group::Hour,
        Some("grid") => Group::Grid,
        _ => Group::All,
    };
    if of != Of::Events && matches!(group, Group::Category | Group::Source | Group::Hour) {
        return Err(not_found(msg!("{} is for events only", args.by.clone().unwrap_or_default())));
    }
    let (filter, condition) = args.filter.condition(context, &asked, kind)?;
    let census = kept::census(&asked.reader, &asked.vocabulary)?;
    if let Some(to) = &args.report {
        return report(context, args, (&asked, &census), (filter, &condition), to);
    }
    let request = FiguresRequest {
        of,
        condition: &condition,
        by: args.by.as_deref().and_then(|by| match by {
            "grid" => Some(By::Grid),
            "estate" => Some(By::Estate),
            "building" => Some(By::Building),
            _ => None,
        }),
        from: args.from,
        to: args.to,
        today: context.today,
        now: context.stamp.at,
        vocabulary: &asked.vocabulary,
    };
    let told = figures(&asked.reader, &census, &request)?;
    if args.format == "json" {
        let mut value = serde_json::to_value(&told)?;
        value["of"] = of.word().into();
        if of == Of::Events {
            let (v, now) = (&asked.vocabulary, context.stamp.at);
            let period = (period(args), now);
            value["indicators"] =
                serde_json::to_value(event_indicators(&asked.reader, v, period, Group::All)?)?;
            if group != Group::All {
                value["groups"] =
                    serde_json::to_value(event_indicators(&asked.reader, v, period, group)?)?;
            }
        }
        return super::print_json(context, &value);
    }
    say(&text(of, &told, &asked.vocabulary, context.lang));
    if of == Of::Events {
        let (v, now) = (&asked.vocabulary, context.stamp.at);
        for group in event_indicators(&asked.reader, v, (period(args), now), group)? {
            let name = match args.by.as_deref() {
                Some("category") => label_of(v, list::EVENT_CATEGORY, &group.group, context.lang),
                Some("source") => label_of(v, list::EVENT_SOURCE, &group.group, context.lang),
                _ => group.group.clone(),
            };
            say(&indicators_text(&name, &group, context.lang));
        }
    }
    Ok(())
}

/// The period that is asked about, UTC seconds, the end left out.
fn period(args: &Args) -> (i64, i64) {
    let midnight = |day: Date| {
        let zone = crate::domain::clock::shanghai();
        day.at(0, 0, 0, 0).to_zoned(zone).map(|z| z.timestamp().as_second()).ok()
    };
    let to = args.to.and_then(|to| to.tomorrow().ok()).and_then(midnight);
    (args.from.and_then(midnight).unwrap_or(0), to.unwrap_or(i64::MAX))
}

/// What a code of a list is called; the code itself where the list does not know it.
fn label_of(v: &Vocabulary, list: &str, code: &str, lang: Lang) -> String {
    let key = v.lists.parse(list, code);
    key.map_or_else(|| code.to_owned(), |key| v.lists.label(list, key, lang).to_owned())
}

fn indicators_text(name: &str, told: &EventIndicators, lang: Lang) -> String {
    let mut text = String::new();
    if !name.is_empty() {
        text += &format!("{name}  {}\n", thousands(told.events));
    }
    for rate in told.rates.iter().filter(|rate| rate.of > 0) {
        let percent = rate.percent.map(|p| format!("{p:.1} %")).unwrap_or_default();
        let definition = rate.definition.text(lang);
        text += &format!("  {} / {}  {percent}  {definition}\n", rate.n, rate.of);
    }
    text
}

fn visits(context: &Context, args: &Args, asked: &Asked) -> Result<()> {
    let told = visit_indicators(&asked.reader, period(args))?;
    if args.format == "json" {
        let mut value = serde_json::to_value(&told)?;
        value["of"] = "visits".into();
        return super::print_json(context, &value);
    }
    let line = msg!(
        "{} visits reached {} people in {} rooms; {} times nobody was there, {} refused",
        told.visits,
        told.persons,
        told.rooms,
        told.attempts,
        told.refused
    );
    say(&format!("{}\n", line.text(context.lang)));
    Ok(())
}

/// Everything in figures on paper, with grids beside it.
fn report(
    context: &Context,
    args: &Args,
    (asked, census): (&Asked, &Census),
    (filter, condition): (Filter, &Condition),
    to: &std::path::Path,
) -> Result<()> {
    if to.exists() && !args.force {
        return Err(not_found(StoreError::Exists(to.to_owned()).message()));
    }
    let (vocabulary, today) = (&asked.vocabulary, context.today);
    let as_of = AsOf { today, now: context.stamp.at, from: args.from, to: args.to };
    let of = |filter: Filter, condition: &Condition| {
        AllFigures::of(&asked.reader, census, vocabulary, (filter, condition), as_of, &|_| ())
    };
    let mut all = vec![of(filter.clone(), condition)?];
    for grid in &args.beside {
        let narrowed = Filter { grids: vec![grid.clone()], ..filter.clone() };
        let condition = resolve(context, asked, &narrowed)?;
        let group = all[0].persons.groups.iter().find(|group| group.code.as_ref() == Some(grid));
        let name = group.and_then(|group| group.name.clone()).unwrap_or_else(|| grid.clone());
        all.push(AllFigures { name, ..of(narrowed, &condition)? });
    }
    Report::of(&all, vocabulary, context.lang, (today, args.from, args.to))
        .write(to)
        .map_err(not_found)?;
    eprintln!("{}", msg!("drawn into {}", to.display()).text(context.lang));
    Ok(())
}

/// What the names of figures are called, and the code list that their codes are of.
const NAMES: [(&str, &str, &str); 19] = [
    ("persons", "people", ""),
    ("rooms", "rooms", ""),
    ("enterprises", "enterprises", ""),
    ("events", "events", ""),
    ("buildings", "buildings", ""),
    ("inhabited", "with residents", ""),
    ("without_residents", "without residents", ""),
    ("verified_in_180_days", "verified in 180 days", ""),
    ("area_m2", "square metres", ""),
    ("employees", "employees", ""),
    ("open", "not closed", ""),
    ("overdue", "overdue", ""),
    ("by_sex", "by sex", list::SEX),
    ("by_population_type", "by population type", list::POPULATION_TYPE),
    ("by_relation", "by relation to the head", list::RELATION),
    ("by_role", "by role in the room", list::RESIDENCY_ROLE),
    ("by_tag", "by tag", ""),
    ("by_category", "by category", list::EVENT_CATEGORY),
    ("open_by_category", "open, by category", list::EVENT_CATEGORY),
];

/// Names that mean a code list of what is counted.
fn list_of(of: Of, name: &str) -> (&'static str, &'static str) {
    match (of, name) {
        (Of::Rooms, "by_status") => ("by status", list::ROOM_STATUS),
        (Of::Rooms, "by_kind") => ("by kind", list::ROOM_KIND),
        (Of::Enterprises, "by_status") => ("by status", list::ENTERPRISE_STATUS),
        (Of::Enterprises, "by_kind") => ("by kind", list::ORG_KIND),
        (_, "by_state") => ("by state", list::EVENT_STATE),
        _ => {
            let found = NAMES.iter().find(|(own, ..)| *own == name);
            found.map_or(("", ""), |(_, words, list)| (words, list))
        }
    }
}

fn text(of: Of, told: &Figures, v: &Vocabulary, lang: Lang) -> String {
    let words = |name: &str| translated(list_of(of, name).0, lang);
    let label = |name: &str, code: &str| {
        if let Some(tag) = v.find_tag(code).filter(|_| name == "by_tag") {
            return tag.label(lang).to_owned();
        }
        let list = list_of(of, name).1;
        let key = v.lists.parse(list, code);
        key.map_or_else(|| code.to_owned(), |key| v.lists.label(list, key, lang).to_owned())
    };
    let mut lines = vec![[words(of.word()), &*thousands(told.total)].join(" ")];
    for (name, sum) in &told.sums {
        lines.push(["", words(name), &*thousands(*sum as u64)].join(" "));
    }
    for (name, counts) in told.counts.iter().filter(|(_, counts)| !counts.is_empty()) {
        lines.push(words(name).to_owned());
        for (code, count) in counts {
            lines.push(["", &*label(name, code), &*thousands(*count)].join(" "));
        }
    }
    for (month, count) in &told.by_month {
        lines.push(["", month, &*thousands(*count)].join(" "));
    }
    for group in &told.groups {
        let code = group.code.as_deref().unwrap_or("–");
        let name = group.name.as_deref().unwrap_or_default();
        lines.push([code, name, &*thousands(group.total)].join(" "));
    }
    lines.join("\n")
}
