//! The command line: one file per command. Results on stdout, everything else on stderr.
//!
//! Exit codes: 0 done, 1 refused or not found, 2 wrong usage.

mod address;
mod ask;
mod asked;
mod bench;
mod check;
mod clock;
mod edit;
mod event;
mod extract;
mod fill;
mod filter;
mod import;
mod imports;
mod make_rooms;
mod match_list;
mod moves;
mod new;
mod open;
mod passphrase;
mod read_workbook;
mod records;
mod render;
mod restore;
mod salvage;
mod staff;
mod stats;
mod synth;
mod table;
mod taking;
mod undo;
mod usage;
mod visit;
mod window;
mod work;

use crate::domain::room_plan::PlanError;
use crate::import::ImportError;
use crate::msg;
use crate::store::StoreError;
use crate::store::rekey::RekeyFailure;
use crate::synth::WriteError;
use crate::text::Message;
use crate::text::say_in;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use jiff::civil::Date;

use crate::access::{Actor, Stamp};
use crate::text::Lang;

/// A desktop map of a community grid: who and what is in this building.
#[derive(Parser)]
#[command(name = "menpai", version, subcommand_precedence_over_arg = true)]
#[command(override_usage = "menpai [OPTIONS] [WORKSPACE]\n       menpai [OPTIONS] <COMMAND>")]
#[command(after_help = "Examples:
  menpai                                   open the sample, or the last workspace
  menpai my.gpkg                           open a workspace
  menpai new my.gpkg --plain
  menpai import buildings city.geojson --into my.gpkg
  menpai synth people --into my.gpkg --seed 7
  menpai overview my.gpkg B0042 --format json")]
struct Cli {
    /// Workspace to open in the window
    workspace: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    window: window::WindowArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(clap::Args, Clone)]
struct Common {
    /// Language of messages: zh or en (default: the system's)
    #[arg(long, global = true, value_name = "LANG", value_parser = parse_lang)]
    lang: Option<Lang>,
    /// File whose first line is the passphrase of an encrypted workspace
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The day ages and deadlines are counted on, YYYY-MM-DD (default: today)
    #[arg(long, global = true, value_name = "DATE", value_parser = parse_day)]
    on: Option<Date>,
    /// The moment clocks are read at and acts are entered at, and its day: 2026-11-23T14:20 (default: now)
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_time)]
    now: Option<i64>,
    /// Who acts: a name of the staff (default: the system's user)
    #[arg(long = "as", global = true, value_name = "NAME")]
    actor: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Create a workspace
    New(new::Args),
    /// Import a file: buildings, grids, rooms, persons, enterprises, events, devices or basemap
    Import(import::Args),
    /// What was imported, newest first; take an import back
    Imports(imports::ImportsArgs),
    /// Change a record by hand: its fields and tags; add, merge or take one out; where its facts come from
    Edit(edit::Args),
    /// Move a person in, out or within
    Move(moves::Args),
    /// Take the last deed back, or another one; list the past deeds
    Undo(undo::UndoArgs),
    /// Put back what was taken back last
    Redo(undo::RedoArgs),
    /// Events: report one, act on it, see it, list them
    Event(event::Args),
    /// Visits: plans, what is due, visits that were made
    Visit(visit::Args),
    /// What waits for somebody: events, visits, rows of lists
    Work(work::Args),
    /// The promise and the working hours that events are measured by
    Clock(clock::Args),
    /// Rows of lists that wait for a choice: see them, settle them
    Review(imports::ReviewArgs),
    /// Make the rooms of buildings from units × floors × doors
    MakeRooms(make_rooms::Args),
    /// Save an empty list to fill in, with headings, hints and an example
    Template(imports::TemplateArgs),
    /// Who and what is in a building
    Overview(ask::OverviewArgs),
    /// Who and what is in the building at a position
    At(ask::AtArgs),
    /// Who lives in a room
    Household(ask::HouseholdArgs),
    /// How many of a focus population live where
    Focus(ask::FocusArgs),
    /// Rows of a table over a filter, sorted, page by page
    Table(table::Args),
    /// What a filter leaves, in figures
    Stats(stats::Args),
    /// Write a table over a filter into a CSV or XLSX file
    Extract(extract::Args),
    /// Fill somebody else's form (XLSX) from a filter
    Fill(fill::Args),
    /// Whom a list means: match it against the residents, for a purpose and until a day
    Match(match_list::Args),
    /// Find places, people, enterprises and events
    Search(ask::SearchArgs),
    /// Read an address: estate, building, unit, room; with a workspace, find the room
    Address(address::Args),
    /// Draw the map into a PNG or PDF file; no display needed
    Render(render::Args),
    /// Make synthetic districts and people
    Synth(synth::Args),
    /// Measure how fast the map is drawn on this machine
    Bench(bench::Args),
    /// Change the passphrase of a workspace, encrypt a plain one, or remove the encryption
    Passphrase(passphrase::Args),
    /// Put a saved copy back in the place of a workspace
    Restore(restore::Args),
    /// Save what can be read of a damaged workspace into a new one
    Salvage(salvage::Args),
    /// Check a workspace: integrity, foreign keys, geometry, R-tree, audit chain
    Check(check::Args),
    /// Read a workbook for another process of this program
    #[command(hide = true)]
    ReadWorkbook(read_workbook::Args),
}

fn parse_lang(text: &str) -> Result<Lang, Message> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err(Message::from("zh or en")),
    }
}

fn parse_day(text: &str) -> Result<Date, Message> {
    crate::domain::age::parse_date(text).ok_or_else(|| Message::from("a day such as 2026-11-23"))
}

fn parse_time(text: &str) -> Result<i64, Message> {
    crate::domain::clock::instant_as_typed(text)
        .ok_or_else(|| Message::from("a time such as 2026-11-23T14:20"))
}

/// What a command is run with.
struct Context {
    lang: Lang,
    given_lang: Option<Lang>,
    passphrase_file: Option<PathBuf>,
    today: Date,
    /// Whether somebody said who acts.
    is_named: bool,
    stamp: Stamp,
}

/// A command that was understood but found nothing: exit 1 with a sentence, no error chain.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotFound(Message);

/// Runs the program with its arguments (the first is the program's name).
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // `menpai review W | head`: whoever reads has had enough.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let told = info.payload_as_str().unwrap_or_default();
        if told.contains("failed printing to stdout") {
            std::process::exit(0);
        }
        // Told as a broken file.
        if crate::import::is_guarded() {
            return;
        }
        before(info);
    }));
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let lang = language_of(&arguments);
    let command = usage::translated(Cli::command(), lang);
    let cli = match command
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches))
    {
        Ok(cli) => cli,
        Err(error) => {
            return usage::tell(&error, lang);
        }
    };
    if let (Some(workspace), Some(_)) = (&cli.workspace, &cli.command) {
        // Two positions for one word: the second would be silently the command of the first.
        let text = msg!("unknown command: {}", workspace.display());
        eprintln!("menpai: {}", text.text(lang));
        return ExitCode::from(2);
    }
    let now = cli.common.now.unwrap_or_else(|| jiff::Timestamp::now().as_second());
    let Some(day) = crate::domain::clock::day_of(now) else { return ExitCode::from(2) };
    if cli.common.now.is_some() && cli.common.on.is_some_and(|on| on != day) {
        let text =
            msg!("--now is a moment of {}: leave --on out, or give the same day", day.to_string());
        eprintln!("menpai: {}", text.text(lang));
        return ExitCode::from(2);
    }
    let actor = cli.common.actor.clone().unwrap_or_else(user_name);
    let context = Context {
        lang: cli.common.lang.unwrap_or(lang),
        given_lang: cli.common.lang,
        passphrase_file: cli.common.passphrase_file.clone(),
        today: cli.common.on.unwrap_or(day),
        is_named: cli.common.actor.is_some(),
        stamp: Stamp { actor: Actor::new(&actor), at: now },
    };
    if let Ok(program) = std::env::current_exe() {
        crate::import::formats::child::set_program(program);
    }
    let done = match cli.command {
        None => window::run(&context, cli.workspace, &cli.window),
        Some(Command::New(args)) => new::run(&context, &args),
        Some(Command::Import(args)) => import::run(&context, &args),
        Some(Command::Imports(args)) => imports::imports(&context, &args),
        Some(Command::Review(args)) => imports::review(&context, &args),
        Some(Command::MakeRooms(args)) => make_rooms::run(&context, &args),
        Some(Command::Edit(args)) => edit::run(&context, &args),
        Some(Command::Move(args)) => moves::run(&context, &args),
        Some(Command::Undo(args)) => undo::undo(&context, &args),
        Some(Command::Redo(args)) => undo::redo(&context, &args),
        Some(Command::Event(args)) => event::run(&context, &args),
        Some(Command::Visit(args)) => visit::run(&context, &args),
        Some(Command::Work(args)) => work::run(&context, &args),
        Some(Command::Clock(args)) => clock::run(&context, &args),
        Some(Command::Extract(args)) => extract::run(&context, &args),
        Some(Command::Fill(args)) => fill::run(&context, &args),
        Some(Command::Match(args)) => match_list::run(&context, &args),
        Some(Command::Table(args)) => table::run(&context, &args),
        Some(Command::Stats(args)) => stats::run(&context, &args),
        Some(Command::Template(args)) => imports::template(&context, &args),
        Some(Command::Overview(args)) => ask::overview(&context, &args),
        Some(Command::At(args)) => ask::at(&context, &args),
        Some(Command::Household(args)) => ask::household(&context, &args),
        Some(Command::Focus(args)) => ask::focus(&context, &args),
        Some(Command::Search(args)) => ask::search(&context, &args),
        Some(Command::Address(args)) => address::run(&context, &args),
        Some(Command::Render(args)) => render::run(&context, &args),
        Some(Command::Synth(args)) => synth::run(&context, &args),
        Some(Command::Bench(args)) => bench::run(&context, &args),
        Some(Command::Passphrase(args)) => passphrase::run(&context, &args),
        Some(Command::Restore(args)) => restore::run(&context, &args),
        Some(Command::Salvage(args)) => salvage::run(&context, &args),
        Some(Command::Check(args)) => check::run(&context, &args),
        Some(Command::ReadWorkbook(args)) => read_workbook::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("menpai: {}", for_terminal(&told(&error, context.lang)));
            ExitCode::from(1)
        }
    }
}

/// An error as a user reads it: what was done, and the first sentence of this program that says why.
fn told(error: &anyhow::Error, lang: Lang) -> String {
    let context = error.downcast_ref::<Message>().map(|message| message.text(lang));
    let mut parts: Vec<String> = context.into_iter().collect();
    for cause in error.chain().skip(parts.len()) {
        let known = cause
            .downcast_ref::<Message>()
            .cloned()
            .or_else(|| cause.downcast_ref::<NotFound>().map(|e| e.0.clone()))
            .or_else(|| cause.downcast_ref::<StoreError>().map(StoreError::message))
            .or_else(|| cause.downcast_ref::<ImportError>().map(ImportError::message))
            .or_else(|| cause.downcast_ref::<WriteError>().map(WriteError::message))
            .or_else(|| cause.downcast_ref::<PlanError>().map(PlanError::message))
            .or_else(|| cause.downcast_ref::<RekeyFailure>().map(|e| e.error.message()));
        match known {
            Some(message) => {
                parts.push(message.text(lang));
                break;
            }
            None => parts.push(cause.to_string()),
        }
    }
    parts.join(": ")
}

/// Prints what a command found as JSON, its reasons in the user's language.
fn print_json(context: &Context, found: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut value = serde_json::to_value(found)?;
    say_in(&mut value, context.lang);
    println!("{}", serde_json::to_string_pretty(&value)?);
    Ok(())
}

/// A text as a terminal may have it: no escape sequences and no marks that turn the direction of what
/// follows, whatever a file or a workspace holds.
fn for_terminal(text: &str) -> std::borrow::Cow<'_, str> {
    let is_hostile = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if !text.chars().any(is_hostile) {
        return text.into();
    }
    text.chars().map(|c| if is_hostile(c) { '\u{FFFD}' } else { c }).collect::<String>().into()
}

/// `--lang` is wanted before the arguments are parsed, so that help and errors speak it.
fn language_of(arguments: &[OsString]) -> Lang {
    let given = arguments.iter().enumerate().find_map(|(index, argument)| {
        let text = argument.to_str()?;
        match text.strip_prefix("--lang=") {
            Some(value) => parse_lang(value).ok(),
            None if text == "--lang" => parse_lang(arguments.get(index + 1)?.to_str()?).ok(),
            None => None,
        }
    });
    given.unwrap_or_else(Lang::of_system)
}

fn user_name() -> String {
    ["USER", "USERNAME", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_escapes() {
        assert_eq!(for_terminal("张三\n\t1"), "张三\n\t1");
        assert_eq!(for_terminal("\u{1B}[31m\u{202E}a\r"), "\u{FFFD}[31m\u{FFFD}a\u{FFFD}");
    }

    #[test]
    fn arguments_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_text_is_translated() {
        fn walk(command: &clap::Command, missing: &mut Vec<String>) {
            let mut look = |text: String| {
                if crate::text::translated(&text, Lang::Zh) == text {
                    missing.push(text);
                }
            };
            if let Some(text) = command.get_about() {
                look(text.to_string());
            }
            if let Some(word) = command.get_after_help() {
                usage::example_words(&word.to_string()).into_iter().for_each(&mut look);
            }
            for argument in command.get_arguments() {
                if let Some(text) = argument.get_help() {
                    look(text.to_string());
                }
            }
            for sub in command.get_subcommands() {
                walk(sub, missing);
            }
        }
        let mut missing = Vec::new();
        walk(&Cli::command(), &mut missing);
        assert!(missing.is_empty(), "not in data/messages.csv: {missing:#?}");
    }
}
