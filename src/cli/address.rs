//! `menpai address`: reads addresses, and links them to rooms of a workspace.

use crate::msg;
use crate::text::translated;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{Context, open};
use crate::domain::address::{self, Address, canonical, parse_in};
use crate::query::matching::{Gazetteer, Link, Outcome};
use crate::store::{OpenMode, Reader};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai address 橡树湾3幢2单元501
  menpai address 橡树湾3-2-501 --in my.gpkg --format json
  menpai address - < addresses.txt > read.jsonl")]
pub(super) struct Args {
    /// The address; - reads one a line from standard input and prints one JSON object a line
    text: String,
    /// Workspace to find the room in
    #[arg(long = "in", value_name = "WORKSPACE")]
    workspace: Option<PathBuf>,
    /// JSON file with known estates, units and floors
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// An address with its link, one flat object.
#[derive(serde::Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    address: &'a Address,
    #[serde(flatten)]
    link: Option<Link>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let known = match &args.context {
        None => address::Context::default(),
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|error| {
                anyhow::anyhow!(msg!("{} could not be read: {}", path.display(), error))
            })?;
            serde_json::from_slice(&bytes)
                .with_context(|| msg!("{} is no context file", path.display()))?
        }
    };
    let workspace = match &args.workspace {
        None => None,
        Some(path) => Some(open::open(context, path, OpenMode::ReadOnly)?),
    };
    let place: Option<(Reader, Gazetteer)> = match &workspace {
        None => None,
        Some(workspace) => {
            let reader = workspace.reader()?;
            let gazetteer = Gazetteer::read(&reader)?;
            Some((reader, gazetteer))
        }
    };
    let read = |text: &str| -> Result<(Address, Option<Link>)> {
        let address = parse_in(text, &known);
        let link = match &place {
            None => None,
            Some((reader, gazetteer)) => Some(gazetteer.link_text(reader, text, &address)?),
        };
        Ok((address, link))
    };
    if args.text == "-" {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        for line in std::io::stdin().lock().split(b'\n') {
            let line = line?;
            let text = String::from_utf8_lossy(&line);
            let (address, link) = read(text.trim_end_matches('\r'))?;
            serde_json::to_writer(&mut out, &Line { address: &address, link })?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        return Ok(());
    }
    let (address, link) = read(&args.text)?;
    if args.format == "json" {
        println!("{}", serde_json::to_string_pretty(&Line { address: &address, link })?);
    } else {
        print(context, &address, link.as_ref());
    }
    Ok(())
}

fn print(context: &Context, a: &Address, link: Option<&Link>) {
    let say = |text| translated(text, context.lang);
    println!("{}", canonical(a));
    let floor = a.floor.map(|f| f.to_string());
    let parts = [
        ("Divisions", &a.admin),
        ("Road", &a.road),
        ("Road number", &a.road_no),
        ("Estate", &a.estate),
        ("Zone", &a.zone),
        ("Building", &a.building),
        ("Unit", &a.unit),
        ("Floor", &floor),
        ("Room", &a.room),
        ("Beside it", &a.remark),
    ];
    for (label, value) in parts {
        if let Some(value) = value {
            println!("  {}: {value}", say(label));
        }
    }
    let flags: Vec<&str> = a.flags.iter().map(address::Flag::word).collect();
    let sure = serde_json::to_value(a.quality).ok();
    let sure = sure.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    println!("  {}: {sure} {}", say("Match"), flags.join(" "));
    for other in &a.alternatives {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
        let reading = [part(&other.building), part(&other.unit), part(&other.room)].join(" / ");
        println!("  {}: {reading}", say("Or building / unit / room"));
    }
    let Some(link) = link else { return };
    let outcome = match link.outcome {
        Outcome::Matched => "linked to one room",
        Outcome::Ambiguous => "not linked: somebody must choose",
        Outcome::None => "not linked: the workspace has no such place",
    };
    println!("  {}", say(outcome));
    for c in &link.candidates {
        let (unit, room) = (c.unit.as_deref().unwrap_or("–"), c.room.as_deref().unwrap_or("–"));
        println!("    {} {unit} {room}", c.building);
    }
}
