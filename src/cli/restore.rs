//! `menpai restore`: a copy back into the place of a workspace.

use crate::msg;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, open};
use crate::store::copies;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai restore backup.gpkg --into my.gpkg
  menpai restore backup.gpkg --into my.gpkg --passphrase-file secret.txt")]
pub(super) struct Args {
    /// The copy to put back
    copy: PathBuf,
    /// Workspace whose place it takes; the old one is kept beside it under another name
    #[arg(long, value_name = "WORKSPACE")]
    into: PathBuf,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let kept = open::with_passphrase(context, |passphrase| {
        copies::restore(&args.copy, &args.into, passphrase, &context.stamp, |_| true)
    })?;
    let told = match kept {
        Some(kept) => msg!(
            "{} was put back as {}; the workspace that stood there is kept as {}",
            args.copy.display(),
            args.into.display(),
            kept.display()
        ),
        None => msg!("{} was put back as {}", args.copy.display(), args.into.display()),
    };
    eprintln!("{}", super::for_terminal(&told.text(context.lang)));
    Ok(())
}
