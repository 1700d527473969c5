//! `menpai check`: is the workspace sound?

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::map::ChunkPlan;
use crate::map::chunks::badly_filled;
use crate::store::features::MapBuildings;
use crate::store::{OpenMode, Workspace, check};
use crate::text::thousands;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Workspace to check
    workspace: PathBuf,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

/// Name of the check that warns only.
const DRAWING: &str = "drawing";

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

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let workspace = open::open(context, &args.workspace, OpenMode::ReadOnly)?;
    let mut results = check::run(&*workspace.reader()?)?;
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
        let told = "the workspace is not sound; keep it, and go back to the last good copy";
        return Err(NotFound(told.into()).into());
    }
    Ok(())
}
