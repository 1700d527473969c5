//! `menpai match`: whom a list means, kept until a day.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::asked::{Asked, ask, not_found, say};
use super::import::parse_pair;
use super::{Context, open, parse_day};
use crate::access::purpose;
use crate::domain::clock;
use crate::domain::ids::{BuildingId, MatchJobId};
use crate::export::matches::csv_text;
use crate::import::kinds::match_list::{MatchTerms, match_list};
use crate::import::{Kind, Request, Watch};
use crate::msg;
use crate::query::instant_text;
use crate::query::list_match::by_grid;
use crate::query::match_result::{MatchLine, match_lines, matched_buildings};
use crate::store::match_jobs::{self, Job};
use crate::store::{OpenMode, lookup};
use crate::text::Message;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai match my.gpkg travellers.xlsx --purpose \"returnees, call-up\" --basis \"order 12/2026\"
  menpai match my.gpkg --job 3 --format csv > result.csv
  menpai match my.gpkg --list
  menpai match my.gpkg --purge-now 3")]
pub(super) struct Args {
    /// Workspace to match against
    workspace: PathBuf,
    /// List to match: XLSX, XLS, XLSB, ODS, CSV
    #[arg(required_unless_present_any = ["job", "list", "purge_now"])]
    file: Option<PathBuf>,
    /// Which heading holds a field, such as id_no=证件
    #[arg(long = "field", value_name = "FIELD=HEADING", value_parser = parse_pair)]
    fields: Vec<(String, String)>,
    /// Which sheet of a workbook (default: the one that fits best)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What the list is matched for; written to the audit log
    #[arg(long, value_name = "TEXT", requires = "file")]
    purpose: Option<String>,
    /// The law or order that allows it
    #[arg(long, value_name = "TEXT", requires = "file")]
    basis: Option<String>,
    /// The day on which list and result are deleted (default: in 14 days)
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "file")]
    purge: Option<Date>,
    /// Show the result of a list that was matched
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    job: Option<MatchJobId>,
    /// Show which lists are kept
    #[arg(long, conflicts_with_all = ["file", "job"])]
    list: bool,
    /// Delete a list with its result now
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "job", "list"])]
    purge_now: Option<MatchJobId>,
    /// text, csv, json or geojson
    #[arg(long, default_value = "text", value_parser = ["text", "csv", "json", "geojson"])]
    format: String,
}

/// Days for which a list is kept unless it is said otherwise.
const KEPT_DAYS: i64 = 14;
/// Days for which a list may be kept at most.
const MOST_DAYS: i64 = 366;

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    if let Some(file) = &args.file {
        return matched(context, args, file.clone());
    }
    if let Some(job_id) = args.purge_now {
        let workspace = open::open(context, &args.workspace, OpenMode::ReadWrite)?;
        let purged = match_jobs::purge(&workspace, &context.stamp, job_id)?
            .ok_or_else(|| not_found(msg!("no list was matched under {}", job_id)))?;
        open::tell_purged(context, &[purged]);
        return Ok(());
    }
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    if args.list {
        return list(context, &asked, &args.format);
    }
    let job_id = args.job.unwrap_or_default();
    let job = match_jobs::job_of(&asked.reader, job_id)?
        .ok_or_else(|| not_found(msg!("no list was matched under {}", job_id)))?;
    result(context, &asked, &job, &args.format)
}

fn matched(context: &Context, args: &Args, file: PathBuf) -> Result<()> {
    let said = |text: &Option<String>, option: &str| {
        text.as_deref()
            .and_then(purpose)
            .ok_or_else(|| not_found(msg!("matching a list needs {} that says something", option)))
    };
    let (purpose, legal_basis) = (said(&args.purpose, "--purpose")?, said(&args.basis, "--basis")?);
    let days = jiff::Span::new().days(KEPT_DAYS);
    let day = args.purge.map_or_else(|| context.today.checked_add(days), Ok)?;
    let kept = context.today.until(day)?.get_days();
    if !(0..=MOST_DAYS).contains(&i64::from(kept)) {
        let text =
            msg!("{} is no day to delete the list on: today or within a year", day.to_string());
        return Err(not_found(text));
    }
    // At the end of that day.
    let end = day.checked_add(jiff::Span::new().days(1))?;
    let purge_at = end.to_zoned(clock::shanghai())?.timestamp().as_second();
    let workspace = open::open(context, &args.workspace, OpenMode::ReadWrite)?;
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    let request = Request {
        fields: args.fields.clone(),
        sheet: args.sheet.clone(),
        ..Request::new(Kind::Persons, file, context.today)
    };
    let terms = MatchTerms { purpose, legal_basis, purge_at };
    let done = match_list(&workspace, &request, &terms, &context.stamp, &watch)
        .map_err(|error| not_found(error.message()))?;
    let refused: Vec<&str> = done.report.refused_columns.iter().map(String::as_str).collect();
    if !refused.is_empty() {
        let told = msg!("columns that may not be held were left out: {}", refused.join(", "));
        eprintln!("{}", told.text(context.lang));
    }
    let grids = by_grid(&*workspace.reader()?, done.job_id)?;
    let rows: u64 = done.levels.iter().sum();
    let [none, ambiguous, likely, exact] = done.levels;
    if args.format == "json" {
        let grids: Vec<Value> =
            grids.iter().map(|(grid, rows)| json!({ "grid": grid, "rows": rows })).collect();
        let told = json!({
            "job": done.job_id, "rows": rows, "exact": exact, "likely": likely,
            "ambiguous": ambiguous, "none": none, "by_grid": grids,
            "skipped": done.report.counts.skipped, "rejected": done.report.counts.held
                + done.report.counts.rejected,
            "purge": day.to_string(), "refused_columns": refused,
        });
        say(&serde_json::to_string_pretty(&told)?);
    } else {
        let told = msg!(
            "list {}: {} rows, {} exact, {} likely, {} ambiguous, {} nobody; deleted after {}",
            done.job_id,
            rows,
            exact,
            likely,
            ambiguous,
            none,
            day.to_string()
        );
        say(&told.text(context.lang));
        for (grid, rows) in &grids {
            say(&[grid.as_deref().unwrap_or("–"), &rows.to_string()].join("  "));
        }
    }
    Ok(())
}

fn job_json(job: &Job) -> Value {
    let [none, ambiguous, likely, exact] = job.levels;
    json!({
        "job": job.job_id, "list": job.job.title, "purpose": job.job.purpose,
        "basis": job.job.legal_basis, "requester": job.requester,
        "created_at": instant_text(job.created_at), "purge_at": instant_text(job.job.purge_at),
        "exact": exact, "likely": likely, "ambiguous": ambiguous, "none": none,
    })
}

fn list(context: &Context, asked: &Asked, format: &str) -> Result<()> {
    let jobs = match_jobs::jobs(&asked.reader)?;
    if format == "json" {
        let jobs: Vec<Value> = jobs.iter().map(job_json).collect();
        say(&serde_json::to_string_pretty(&json!({ "jobs": jobs }))?);
        return Ok(());
    }
    if jobs.is_empty() {
        say(&Message::from("no list is kept").text(context.lang));
    }
    for job in jobs {
        let rows: u64 = job.levels.iter().sum();
        let told = msg!(
            "list {}: {}, {} rows, for {}; deleted on {}",
            job.job_id,
            job.job.title,
            rows,
            job.job.purpose,
            instant_text(job.job.purge_at)
        );
        say(&told.text(context.lang));
    }
    Ok(())
}

fn result(context: &Context, asked: &Asked, job: &Job, format: &str) -> Result<()> {
    let lines = match_lines(&asked.reader, &asked.vocabulary, job.job_id, context.today)?;
    let building = |line: &MatchLine| {
        line.place.as_ref().map(|place| place.building_code.clone()).unwrap_or_default()
    };
    match format {
        "json" => {
            let rows: Vec<Value> = lines
                .iter()
                .map(|line| {
                    json!({
                        "row": line.row.line, "level": line.level().word(), "name": line.listed,
                        "evidence": line.row.evidence.split_whitespace().collect::<Vec<_>>(),
                        "candidates": line.row.candidates, "resident": line.resident,
                        "building_code": building(line),
                        "address": line.address(context.lang),
                        "grid": line.grid,
                    })
                })
                .collect();
            let mut told = job_json(job);
            told["by_grid"] = by_grid(&asked.reader, job.job_id)?
                .into_iter()
                .map(|(grid, rows)| json!({ "grid": grid, "rows": rows }))
                .collect();
            told["rows"] = rows.into();
            say(&serde_json::to_string_pretty(&told)?);
        }
        "geojson" => {
            let codes = lookup::building_codes(&asked.reader)?;
            let counts = matched_buildings(&lines);
            let code = |id: &BuildingId| codes.get(id).cloned().unwrap_or_default();
            let mut buildings: Vec<(String, BuildingId, u32)> =
                counts.into_iter().map(|(id, n)| (code(&id), id, n)).collect();
            buildings.sort();
            say(&crate::export::geojson::focus_collection(&asked.reader, &buildings, "persons")?);
        }
        "csv" => say(&csv_text(&lines, context.lang)),
        _ => {
            for line in &lines {
                let number = line.row.line.to_string();
                let address = line.address(context.lang);
                let (level, evidence) = (line.level().word(), &*line.row.evidence);
                say(&[&*number, level, &line.listed, evidence, &address].join("  "));
            }
        }
    }
    Ok(())
}
