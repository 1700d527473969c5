//! `menpai passphrase`: another passphrase, encryption for a plain workspace, or none.

use crate::msg;
use crate::text::Message;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Context, open};
use crate::store::{OpenMode, Passphrase};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai passphrase my.gpkg                                        asks for both
  menpai passphrase my.gpkg --passphrase-file old.txt --new-file new.txt
  menpai passphrase my.gpkg --passphrase-file old.txt --plain      removes the encryption")]
pub(super) struct Args {
    /// Workspace to change; nobody else may have it open
    workspace: PathBuf,
    /// File whose first line is the new passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "plain")]
    new_file: Option<PathBuf>,
    /// Remove the encryption
    #[arg(long)]
    plain: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let workspace = open::open(context, &args.workspace, OpenMode::ReadWrite)?;
    let new = if args.plain { None } else { Some(wanted(context, args.new_file.as_deref())?) };
    workspace.rekey(new.as_ref(), &context.stamp)?;
    let told = if new.is_some() {
        msg!("{} is encrypted with the new passphrase", args.workspace.display())
    } else {
        msg!("{} is not encrypted any more", args.workspace.display())
    };
    eprintln!("{}", super::for_terminal(&told.text(context.lang)));
    Ok(())
}

fn wanted(context: &Context, file: Option<&Path>) -> Result<Passphrase> {
    if let Some(path) = file {
        let given = open::passphrase_in(path)?;
        return given.ok_or_else(|| anyhow::anyhow!(msg!("the passphrase file is empty")));
    }
    anyhow::ensure!(
        std::io::stdin().is_terminal(),
        Message::from("no new passphrase was given: use --new-file FILE, or --plain")
    );
    open::new_passphrase(context)?
        .ok_or_else(|| anyhow::anyhow!(msg!("no new passphrase was given; nothing was changed")))
}
