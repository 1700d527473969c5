//! `menpai check`: is the workspace sound?

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::derived::{Vocabulary, kept};
use crate::map::ChunkPlan;
use crate::map::chunks::badly_filled;
use crate::store::features::{self, MapBuildings};
use crate::store::{OpenMode, Workspace, check};
use crate::text::thousands;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Workspace to check
    workspace: PathBuf,
    /// Make indexes and R-trees anew where they are missing or wrong
    #[arg(long)]
    repair: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// Name of the check that warns only.
const DRAWING: &str = "drawing";

/// Name of the check of what is derived from the rows.
const DERIVED: &str = "derived";

/// Buildings whose triangles do not cover their outline: the map shows them wrongly filled.
fn drawing(workspace: &Workspace) -> Result<check::CheckResult> {
    const MOST_FINDINGS: usize = 20;
    let buildings = MapBuildings::read(workspace)?;
    let footprints = &buildings.footprints;
    let plan = ChunkPlan::of(footprints);
    let bad = plan.chunks.iter().flat_map(|range| badly_filled(footprints, range));
    let findings: Vec<Message> = bad
        .take(MOST_FINDINGS)
        .map(|feature| msg!("building {}", footprints.code(feature)))
        .collect();
    Ok(check::CheckResult { check: DRAWING, looked_at: footprints.len() as u64, findings })
}

/// What the file keeps of rooms and residents, held against its tables.
fn derived(workspace: &Workspace) -> Result<check::CheckResult> {
    let reader = workspace.reader()?;
    // Damage of the tables themselves is told by the other checks.
    let found = Vocabulary::read(&reader).and_then(|v| kept::check(&reader, &v));
    let (looked_at, findings) = found.unwrap_or_default();
    Ok(check::CheckResult { check: DERIVED, looked_at, findings })
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let mode = if args.repair { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let workspace = open::open(context, &args.workspace, mode)?;
    if args.repair {
        let repaired = check::repair(&workspace, &context.stamp)?;
        let made: Vec<String> = repaired.made.iter().map(|made| made.text(context.lang)).collect();
        let line = if !repaired.left.is_empty() {
            "pages of the file are damaged, which cannot be made anew; take what can be read with menpai salvage".into()
        } else if made.is_empty() {
            "nothing had to be made anew".into()
        } else {
            msg!("made anew: {}", made.join(", "))
        };
        eprintln!("{}", super::for_terminal(&line.text(context.lang)));
    }
    let mut results = check::run(&*workspace.reader()?)?;
    let derived = derived(&workspace)?;
    let is_worth_keeping = || -> Result<bool> {
        let rooms = features::count_rows(&*workspace.reader()?, "room")?;
        Ok(derived.looked_at == 0 && rooms >= kept::WORTH_KEEPING as u64)
    };
    if args.repair && (derived.is_damage() || is_worth_keeping()?) {
        let vocabulary = Vocabulary::read(&*workspace.reader()?)?;
        kept::make(&workspace, &vocabulary, &context.stamp)?;
        let line = Message::from("rooms and residents were kept anew");
        eprintln!("{}", super::for_terminal(&line.text(context.lang)));
        results.push(self::derived(&workspace)?);
    } else {
        results.push(derived);
    }
    let is_sound = !results.iter().any(check::CheckResult::is_damage);
    results.push(drawing(&workspace)?);
    if args.format == "json" {
        super::print_json(context, &results)?;
    } else {
        for result in &results {
            let (name, looked_at) = (result.check, thousands(result.looked_at));
            let line = if result.check == DRAWING && !result.findings.is_empty() {
                msg!("{}: these outlines cannot be filled ({} looked at)", name, looked_at)
            } else if result.check == check::EDITED {
                msg!("{}: another program has edited tables ({} looked at)", name, looked_at)
            } else if result.findings.is_empty() {
                msg!("{}: sound ({} looked at)", name, looked_at)
            } else {
                msg!("{}: NOT SOUND ({} looked at)", name, looked_at)
            };
            println!("{}", super::for_terminal(&line.text(context.lang)));
            for finding in &result.findings {
                println!("  {}", super::for_terminal(&finding.text(context.lang)));
            }
        }
    }
    if !is_sound {
        let is_derived = |r: &check::CheckResult| matches!(r.check, "indexes" | "rtree" | DERIVED);
        let told = if results
            .iter()
            .filter(|r| r.is_damage())
            .all(|r| is_derived(r) || r.check == DRAWING)
        {
            "what is derived from the rows is not sound; menpai check --repair makes it anew"
        } else {
            "the workspace is not sound; keep it, and go back to the last good copy"
        };
        return Err(NotFound(told.into()).into());
    }
    Ok(())
}
