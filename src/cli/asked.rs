//! A workspace that is asked, and how its answers are printed.

use std::io::Write as _;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::query::Vocabulary;
use crate::store::{OpenMode, Reader, Workspace};
use crate::text::Message;

/// A workspace with what every question needs.
pub(super) struct Asked {
    pub(super) workspace: Workspace,
    pub(super) reader: Reader,
    pub(super) vocabulary: Vocabulary,
}

pub(super) fn ask(context: &Context, path: &std::path::Path, mode: OpenMode) -> Result<Asked> {
    let workspace = open::open(context, path, mode)?;
    let reader = workspace.reader()?;
    let vocabulary = Vocabulary::read(&reader)?;
    Ok(Asked { workspace, reader, vocabulary })
}

pub(super) fn not_found(text: Message) -> anyhow::Error {
    NotFound(text).into()
}

/// Prints a result; a closed pipe (`| head`) is no error.
pub(super) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", super::for_terminal(text.trim_end()));
}
