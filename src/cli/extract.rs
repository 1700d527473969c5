//! `menpai extract`: a table over a filter into a file.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use super::asked::{ask, columns, not_found, say, seconds_since, table_kind};
use super::filter::FilterArgs;
use super::taking::TakingArgs;
use super::{Context, NotFound};
use crate::export::extract::{Extracted, Extraction, Format, extract};
use crate::export::roster::{RosterKind, roster};
use crate::msg;
use crate::query::table::TableKind;
use crate::store::OpenMode;
use crate::store::kept::column_sets;
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai extract my.gpkg persons --tag 独居老人 --to alone.xlsx
  menpai extract my.gpkg roster --building B0000009 --to roster.pdf
  menpai extract my.gpkg doors --grid G03 --to doors.pdf
  menpai extract my.gpkg rooms --grid G03 --to rooms.csv --columns address,status,persons
  menpai extract my.gpkg persons --age 80.. --to visits.csv --columns name,phone,address \\
    --reveal --purpose \"heat wave calls\"")]
pub(super) struct Args {
    /// Workspace to read
    workspace: PathBuf,
    /// persons, rooms, households, buildings, enterprises, events, devices; or, in walking order, roster
    /// (who lives behind every door) or doors (a line for every door)
    kind: String,
    /// File to write: .csv, .xlsx, .ods, .pdf, .geojson, .gpkg or .fgb
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    filter: FilterArgs,
    /// Columns in their order, by name or heading (default: the usual ones)
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    columns: Vec<String>,
    /// Columns that were kept under a name in the window
    #[arg(long, value_name = "NAME", conflicts_with = "columns")]
    column_set: Option<String>,
    /// Encoding of a CSV file: utf8 or gb18030
    #[arg(long, default_value = "utf8", value_parser = ["utf8", "gb18030"])]
    encoding: String,
    #[command(flatten)]
    taking: TakingArgs,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let began = Instant::now();
    if let Some(kind) = RosterKind::ALL.into_iter().find(|kind| kind.word() == args.kind) {
        return run_roster(context, args, kind);
    }
    let kind = table_kind(&args.kind)?;
    let format = match (Format::of_ending(&args.to), args.encoding.as_str()) {
        (Some(Format::Csv), "gb18030") => Format::CsvGb18030,
        (Some(format), _) => format,
        (None, _) => {
            let known: Vec<&str> = Format::ENDINGS.iter().map(|(ending, _)| *ending).collect();
            let text = msg!("{} ends in none of {}", args.to.display(), known.join(" "));
            return Err(NotFound(text).into());
        }
    };
    let mut chosen = match (format, &args.columns[..]) {
        (Format::Pdf, []) => kind.first_columns(),
        (_, names) => columns(kind, names)?,
    };
    // A purpose that says nothing is told before anything is opened.
    args.taking.purpose()?;
    let asked = ask(context, &args.workspace, OpenMode::ReadWrite)?;
    if let Some(name) = &args.column_set {
        let sets = column_sets(&asked.reader)?;
        let of_kind: Vec<_> = sets.iter().filter(|set| set.kind == kind.word()).collect();
        let set = of_kind.iter().find(|set| set.name == *name).ok_or_else(|| {
            let known: Vec<&str> = of_kind.iter().map(|set| set.name.as_str()).collect();
            not_found(msg!("no columns are kept as {}; kept: {}", name, known.join(" ")))
        })?;
        chosen = columns(kind, &set.columns)?;
    }
    let taking = args.taking.taking(context, &asked, (kind, &args.filter), &args.to)?;
    let extraction = Extraction { taking, columns: chosen, format };
    let done = extract(&asked.workspace, &context.stamp, &extraction, &mut |_| Ok(()))
        .map_err(|error| NotFound(error.message()))?;
    tell(context, args, &done, began)
}

/// The people or the doors of houses, in walking order.
fn run_roster(context: &Context, args: &Args, kind: RosterKind) -> Result<()> {
    let began = Instant::now();
    if !args.columns.is_empty() || args.column_set.is_some() {
        return Err(not_found(msg!("the columns of {} cannot be chosen", kind.word())));
    }
    let is_paper = match Format::of_ending(&args.to) {
        Some(Format::Pdf) => true,
        Some(Format::Xlsx) => false,
        _ => {
            let text = msg!("{} ends in none of {}", args.to.display(), "xlsx pdf");
            return Err(NotFound(text).into());
        }
    };
    args.taking.purpose()?;
    let asked = ask(context, &args.workspace, OpenMode::ReadWrite)?;
    let taking = args.taking.taking(context, &asked, (TableKind::Rooms, &args.filter), &args.to)?;
    let done = roster(&asked.workspace, &context.stamp, &taking, (kind, is_paper), &mut |_| Ok(()))
        .map_err(|error| NotFound(error.message()))?;
    tell(context, args, &done, began)
}

fn tell(context: &Context, args: &Args, done: &Extracted, began: Instant) -> Result<()> {
    let seconds = seconds_since(began);
    if done.without_place > 0 {
        let text = msg!("{} rows have no place and were left out", thousands(done.without_place));
        eprintln!("{}", text.text(context.lang));
    }
    if args.taking.format == "json" {
        let mut told = serde_json::to_value(done)?;
        told["seconds"] = json!(seconds);
        say(&serde_json::to_string_pretty(&told)?);
    } else {
        let text = msg!("{}: {} rows", args.to.display(), thousands(done.rows));
        say(&text.text(context.lang));
    }
    Ok(())
}
