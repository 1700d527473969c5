//! `menpai import`: a file into a workspace.

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Context, open};
use crate::access::AuditEntry;
use crate::app::lists::{self, ReportRows};
use crate::domain::records::Precedence;
use crate::geo::crs::Crs;
use crate::import::outcome::property::Property;
use crate::import::{self, ImportReport, Kind, Request, Severity, Watch};
use crate::store::{OpenMode, Workspace, bulk, files};
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai import buildings city.geojson --into my.gpkg
  menpai import buildings city.geojson --into my.gpkg --field floors_above=building:levels
  menpai import persons list.csv --into my.gpkg --dry-run --report issues.csv")]
pub(super) struct Args {
    /// buildings, grids, rooms, persons, enterprises, events, devices or basemap
    #[arg(value_parser = parse_kind)]
    kind: Kind,
    /// GeoJSON (buildings, grids, basemap), or a list: XLSX, XLS, XLSB, ODS, CSV
    file: PathBuf,
    /// Workspace to import into; buildings may begin a new one
    #[arg(long, value_name = "WORKSPACE")]
    into: PathBuf,
    /// Which heading or property holds a field, such as floors_above=building:levels
    #[arg(long = "field", value_name = "FIELD=HEADING", value_parser = parse_pair)]
    fields: Vec<(String, String)>,
    /// Which sheet of a workbook or layer of a map file (default: the one that fits best)
    #[arg(long, value_name = "NAME", visible_alias = "layer")]
    sheet: Option<String>,
    /// Coordinate system of a file: wgs84, gcj02, bd09, web-mercator, gk:117, gk-zone:39, epsg:4547
    #[arg(long, value_name = "NAME", value_parser = parse_crs)]
    crs: Option<Crs>,
    /// Make the rooms that a list of persons names in known buildings
    #[arg(long)]
    create_rooms: bool,
    /// What wins where a list of persons or rooms disagrees with what is known: visit (a visit
    /// beats a list, the newer the older), list, known, or ask (such persons wait for review)
    #[arg(long, value_name = "WHAT", default_value = "visit", value_parser = parse_precedence)]
    on_conflict: Precedence,
    /// Tell what would happen and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Save the report: .xlsx (rows to correct), .json, or CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Let an .xlsx report hold its rows in full, to be corrected; needs a purpose and is written to
    /// the audit log
    #[arg(long, requires_all = ["purpose", "report"])]
    reveal: bool,
    /// Why the rows are needed in full
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// How the summary is printed: text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn parse_kind(text: &str) -> Result<Kind, Message> {
    Kind::ALL
        .into_iter()
        .find(|kind| kind.word() == text)
        .ok_or_else(|| Message::verbatim(Kind::ALL.map(Kind::word).join(", ")))
}

fn parse_precedence(text: &str) -> Result<Precedence, Message> {
    let named = Precedence::ALL.into_iter().find(|precedence| precedence.word() == text);
    named.ok_or_else(|| Message::verbatim(Precedence::ALL.map(Precedence::word).join(", ")))
}

fn parse_crs(text: &str) -> Result<Crs, Message> {
    let known = "wgs84, gcj02, bd09, web-mercator, gk:117, gk-zone:39, epsg:4547";
    Crs::by_name(text).ok_or_else(|| Message::verbatim(known))
}

pub(super) fn parse_pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(field, heading)| !field.is_empty() && !heading.is_empty())
        .map(|(field, heading)| (field.to_owned(), heading.to_owned()))
        .ok_or_else(|| "FIELD=HEADING".to_owned())
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    // Told before anything is written, not after.
    let purpose = args.purpose.as_deref().and_then(crate::access::purpose);
    anyhow::ensure!(
        !args.reveal || purpose.is_some(),
        Message::from("--reveal needs a --purpose that says why")
    );
    if let Some(folder) = args.report.as_ref().and_then(|path| path.parent())
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        let sentence =
            msg!("there is no folder {} for the report; nothing was done", folder.display());
        return Err(super::NotFound(sentence).into());
    }
    let is_new = args.kind == Kind::Buildings && files::is_free(&args.into);
    let workspace = if is_new {
        let passphrase = open::passphrase(context)?;
        Workspace::create(&args.into, passphrase.as_ref(), &context.stamp)?
    } else {
        open::open(context, &args.into, OpenMode::ReadWrite)?
    };
    let bar = ProgressBar::new(0);
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {percent:>3} % {pos}/{len} {per_sec} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let cancel = AtomicBool::new(false);
    let watch = Watch {
        cancel: &cancel,
        progress: &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        },
        found: &|_| {},
    };
    let request = Request {
        kind: args.kind,
        path: args.file.clone(),
        fields: args.fields.clone(),
        sheet: args.sheet.clone(),
        crs: args.crs,
        create_rooms: args.create_rooms,
        precedence: args.on_conflict,
        dry_run: args.dry_run,
        today: context.today,
    };
    let outcome = import::run(&workspace, &request, &context.stamp, &watch);
    bar.finish_and_clear();
    let report = match outcome {
        Ok(report) => report,
        Err(error) => {
            if is_new {
                drop(workspace);
                let _ = std::fs::remove_file(&args.into);
            }
            return Err(error.into());
        }
    };
    if let Some(path) = &args.report {
        let rows = if args.reveal { ReportRows::Full } else { ReportRows::Masked };
        if args.reveal && lists::holds_rows(path) && !report.kept.is_empty() {
            let entry = AuditEntry::done("reveal", format!("report {}", report.file))
                .with_fields(format!("row×{}", report.kept.len()))
                .with_purpose(purpose.unwrap_or_default());
            workspace.write(&context.stamp, |tx| {
                bulk::check_reveals(tx, &context.stamp)?;
                Ok(((), entry))
            })?;
        }
        lists::save_report(&report, path, context.lang, rows).map_err(anyhow::Error::msg)?;
    }
    if args.format == "json" {
        let text = lists::report_json(&report, context.lang);
        println!("{}", text.map_err(anyhow::Error::msg)?);
    } else {
        print_summary(context, &report);
    }
    Ok(())
}

fn print_summary(context: &Context, report: &ImportReport) {
    let is_map = Kind::ALL.iter().any(|k| k.word() == report.kind && k.is_geojson());
    let c = report.counts;
    let n = thousands;
    let line = msg!(
        "{} {}: read {} = added {} + merged {} + unchanged {} + held {} + rejected {} + skipped {}",
        report.kind,
        report.file,
        n(c.read),
        n(c.added),
        n(c.merged),
        n(c.unchanged),
        n(c.held),
        n(c.rejected),
        n(c.skipped)
    );
    println!("{}", super::for_terminal(&line.text(context.lang)));
    if !report.other_sheets.is_empty() {
        let sheet = report.sheet.as_deref().unwrap_or_default();
        let others = report.other_sheets.join(", ");
        let line = if is_map {
            msg!("read from layer {}; not read: {} (choose with --layer)", sheet, others)
        } else {
            msg!("read from sheet {}; not read: {} (choose with --sheet)", sheet, others)
        };
        println!("{}", super::for_terminal(&line.text(context.lang)));
    }
    let is_settled = |i: &import::Issue| i.reason.code() == "row_settled_already";
    if c.read == c.skipped && !report.issues.iter().any(is_settled) {
        let line = Message::from("the list has headings and no rows below them");
        println!("{}", super::for_terminal(&line.text(context.lang)));
    }
    if is_map && !report.mapping.is_empty() {
        let pairs: Vec<String> =
            report.mapping.iter().map(|(field, name)| format!("{field} ← {name}")).collect();
        let line = msg!("properties used: {}", pairs.join(", "));
        println!("{}", super::for_terminal(&line.text(context.lang)));
    }
    if !report.unused.is_empty() {
        let with_example = |p: &Property| {
            if p.example.is_empty() {
                p.name.clone()
            } else {
                format!("{} ({})", p.name, p.example)
            }
        };
        let names: Vec<String> = report.unused.iter().map(with_example).collect();
        let line = msg!("properties not used: {}", names.join(", "));
        println!("{}", super::for_terminal(&line.text(context.lang)));
    } else if !report.ignored_columns.is_empty() {
        let line = msg!("columns not used: {}", report.ignored_columns.join(", "));
        println!("{}", super::for_terminal(&line.text(context.lang)));
    }
    if report.dry_run {
        println!(
            "{}",
            super::for_terminal(&Message::from("dry run: nothing was written").text(context.lang))
        );
    }
    const MOST_LINES: usize = 20;
    let labels = import::fields::labels(report.kind, context.lang);
    let weighty = report.issues.iter().filter(|i| i.severity <= Severity::Held);
    let others = report.issues.iter().filter(|i| i.severity > Severity::Held);
    for issue in weighty.chain(others).take(MOST_LINES) {
        let reason = issue.reason.text(context.lang);
        let column = labels.get(&issue.column).unwrap_or(&issue.column);
        eprintln!("  {} {column} {:?}: {reason}", issue.row, issue.value);
    }
    if report.issues.len() > MOST_LINES {
        let rest = msg!(
            "  … and {} more findings; save them all with --report FILE",
            n((report.issues.len() - MOST_LINES) as u64)
        );
        eprintln!("{}", super::for_terminal(&rest.text(context.lang)));
    }
}
