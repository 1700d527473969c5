//! `menpai fill`: somebody else's form, filled from a filter.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use super::Context;
use super::asked::{ask, not_found, say, seconds_since, table_kind};
use super::filter::FilterArgs;
use super::taking::TakingArgs;
use crate::app::forms::{self, spellings};
use crate::export::fill::{Filling, fill, unknown_headings};
use crate::msg;
use crate::store::OpenMode;
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai fill my.gpkg --form 登记表.xlsx --tag 独居老人 --grid G03 --to 登记表-G03.xlsx
  menpai fill my.gpkg --form form.xlsx --age 80.. --to out.xlsx --reveal --purpose \"report\"")]
pub(super) struct Args {
    /// Workspace to read
    workspace: PathBuf,
    /// Form to fill: an XLSX workbook whose headings say what is wanted
    #[arg(long, value_name = "FORM.xlsx")]
    form: PathBuf,
    /// persons, rooms, households, buildings, enterprises, events or devices
    #[arg(long, default_value = "persons")]
    kind: String,
    #[command(flatten)]
    filter: FilterArgs,
    /// File to write, .xlsx
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    taking: TakingArgs,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let began = Instant::now();
    let kind = table_kind(&args.kind)?;
    if !args.to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        return Err(not_found(msg!("{} is no .xlsx file", args.to.display())));
    }
    // A purpose that says nothing is told before anything is opened.
    args.taking.purpose()?;
    let asked = ask(context, &args.workspace, OpenMode::ReadWrite)?;
    let taking = args.taking.taking(context, &asked, (kind, &args.filter), &args.to)?;
    let chosen = forms::plan(&asked.reader, &args.form, kind).map_err(not_found)?.chosen;
    let filling = Filling { form: args.form.clone(), taking, spellings: spellings(kind), chosen };
    let done = fill(&asked.workspace, &context.stamp, &filling, &mut |_| Ok(()))
        .map_err(|error| not_found(error.message()))?;
    if let Some(told) = unknown_headings(&done.unknown) {
        eprintln!("{}", told.text(context.lang));
    }
    let seconds = seconds_since(began);
    if args.taking.format == "json" {
        let columns: Vec<_> = done
            .columns
            .iter()
            .map(|(heading, column)| json!({ "heading": heading, "column": column }))
            .collect();
        let told = json!({
            "rows": done.rows, "columns": columns, "unknown": done.unknown,
            "sha256": done.sha256, "seconds": seconds,
        });
        say(&serde_json::to_string_pretty(&told)?);
    } else {
        let text = msg!("{}: {} rows", args.to.display(), thousands(done.rows));
        say(&text.text(context.lang));
    }
    Ok(())
}
