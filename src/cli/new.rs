//! `menpai new`: an empty workspace.

use crate::msg;
use crate::text::Message;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, open};
use crate::store::{Passphrase, Workspace};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai new my.gpkg                                  asks for a passphrase
  menpai new my.gpkg --passphrase-file secret.txt
  menpai new my.gpkg --plain                          without encryption")]
pub(super) struct Args {
    /// File to create, usually ending in .gpkg
    path: PathBuf,
    /// Do not encrypt the workspace
    #[arg(long)]
    plain: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let passphrase = if args.plain { None } else { wanted_passphrase(context)? };
    Workspace::create(&args.path, passphrase.as_ref(), &context.stamp)?;
    let told = if passphrase.is_some() {
        msg!("created {} (encrypted)", args.path.display())
    } else {
        msg!("created {} (not encrypted)", args.path.display())
    };
    eprintln!("{}", super::for_terminal(&told.text(context.lang)));
    Ok(())
}

fn wanted_passphrase(context: &Context) -> Result<Option<Passphrase>> {
    if let Some(given) = open::passphrase(context)? {
        return Ok(Some(given));
    }
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let hint = "A passphrase encrypts the workspace (at least 10 characters); leave it empty for \
                a plain one";
    eprintln!("{}", super::for_terminal(&Message::from(hint).text(context.lang)));
    open::new_passphrase(context)
}
