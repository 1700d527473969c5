//! Opening a workspace for a command.

use crate::msg;
use crate::text::Message;
use crate::text::translated;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Context;
use crate::store::match_jobs::{self, Purged};
use crate::store::{OpenMode, Passphrase, StoreError, Workspace};

/// Does something with the passphrase that was given, without it where the file is plain, and with one
/// that is asked for where it is encrypted and none was given.
pub(super) fn with_passphrase<T>(
    context: &Context,
    run: impl Fn(Option<&Passphrase>) -> std::result::Result<T, StoreError>,
) -> Result<T> {
    let given = passphrase(context)?;
    match run(given.as_ref()) {
        Err(StoreError::NotEncrypted) => Ok(run(None)?),
        Err(StoreError::PassphraseNeeded) => match typed_passphrase(context)? {
            Some(typed) => Ok(run(Some(&typed))?),
            None => Err(StoreError::PassphraseNeeded.into()),
        },
        other => Ok(other?),
    }
}

/// Opens a workspace, asking for the passphrase when it is encrypted and none was given.
pub(super) fn open(context: &Context, path: &Path, mode: OpenMode) -> Result<Workspace> {
    let opened = with_passphrase(context, |given| Workspace::open(path, given, mode))?;
    if let Some(aside) = opened.log_set_aside() {
        let told = msg!(
            "a log lay beside the workspace that belongs to another file; it was not used and lies \
             in {} now",
            aside.display()
        );
        eprintln!("{}", told.text(context.lang));
    }
    if mode == OpenMode::ReadWrite {
        tell_purged(context, &match_jobs::purge_due(&opened, &context.stamp)?);
    }
    Ok(opened)
}

/// What was deleted, for whoever watches.
pub(super) fn tell_purged(context: &Context, purged: &[Purged]) {
    for one in purged {
        let told = msg!("the list {} and its result were deleted: {} rows", one.job_id, one.rows);
        eprintln!("{}", told.text(context.lang));
        if !one.is_gone {
            let told = Message::from(
                "another window reads the workspace: the last traces go when it is closed",
            );
            eprintln!("{}", told.text(context.lang));
        }
    }
}

/// Asks for the passphrase of an encrypted workspace; `None` where nobody can be asked.
fn typed_passphrase(context: &Context) -> Result<Option<Passphrase>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let typed = rpassword::prompt_password(Message::from("Passphrase: ").text(context.lang))?;
    Ok(Passphrase::new(&typed))
}

/// The passphrase from `--passphrase-file` or `MENPAI_PASSPHRASE`.
pub(super) fn passphrase(context: &Context) -> Result<Option<Passphrase>> {
    if let Some(path) = &context.passphrase_file {
        return passphrase_in(path);
    }
    Ok(std::env::var("MENPAI_PASSPHRASE").ok().and_then(|text| Passphrase::of_line(&text)))
}

/// The first line of a file, as a passphrase.
pub(super) fn passphrase_in(path: &Path) -> Result<Option<Passphrase>> {
    let file = std::fs::File::open(path)
        .with_context(|| msg!("the passphrase file {} cannot be read", path.display()))?;
    let mut line = String::new();
    std::io::BufReader::new(file).read_line(&mut line)?;
    Ok(Passphrase::of_line(&line))
}

/// Asks for a new passphrase twice. `None` when it was left empty.
pub(super) fn new_passphrase(context: &Context) -> Result<Option<Passphrase>> {
    let ask = |text| rpassword::prompt_password(translated(text, context.lang));
    let first = ask("New passphrase: ")?;
    if first.is_empty() {
        return Ok(None);
    }
    let again = ask("Again: ")?;
    anyhow::ensure!(
        first == again,
        Message::from("the two passphrases differ; nothing was changed")
    );
    Ok(Passphrase::new(&first))
}
