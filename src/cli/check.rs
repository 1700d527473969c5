//! `menpai check`: is the workspace sound?

use std::path::PathBuf;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::store::{OpenMode, check};
use crate::text::{localise, thousands};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Workspace to check
    workspace: PathBuf,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let workspace = open::open(context, &args.workspace, OpenMode::ReadOnly)?;
    let results = check::run(&*workspace.reader()?)?;
    if args.format == "json" {
        println!("{}", serde_json::to_string_pretty(&results)?);
    } else {
        for result in &results {
            let (name, looked_at) = (result.check, thousands(result.looked_at));
            let line = if result.findings.is_empty() {
                format!("{name}: sound ({looked_at} looked at)")
            } else {
                format!("{name}: NOT SOUND ({looked_at} looked at)")
            };
            println!("{}", localise(&line, context.lang));
            for finding in &result.findings {
                println!("  {}", localise(finding, context.lang));
            }
        }
    }
    if results.iter().any(|r| !r.findings.is_empty()) {
        let told = "the workspace is not sound; keep it, and go back to the last good copy";
        return Err(NotFound(told.to_owned()).into());
    }
    Ok(())
}
