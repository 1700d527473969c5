//! `menpai salvage`: what can still be read of a damaged workspace, into a new one.

use crate::msg;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, for_terminal, open};
use crate::store::salvage;
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai salvage damaged.gpkg --to saved.gpkg")]
pub(super) struct Args {
    /// The damaged workspace; it is only read
    workspace: PathBuf,
    /// Workspace to create, under the same passphrase
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let result = open::with_passphrase(context, |passphrase| {
        salvage::salvage(&args.workspace, &args.to, passphrase, &context.stamp)
    })?;
    if args.format == "json" {
        super::print_json(context, &result)?;
        return Ok(());
    }
    for table in &result.tables {
        let (saved, lost) = (thousands(table.saved), thousands(table.lost));
        let line = if table.changed == 0 {
            msg!("{}: {} rows saved, {} lost", table.table, saved, lost)
        } else {
            let changed = thousands(table.changed);
            msg!(
                "{}: {} rows saved, {} of them damaged, {} lost",
                table.table,
                saved,
                changed,
                lost
            )
        };
        println!("{}", for_terminal(&line.text(context.lang)));
    }
    for finding in &result.findings {
        println!("  {}", for_terminal(&finding.text(context.lang)));
    }
    Ok(())
}
