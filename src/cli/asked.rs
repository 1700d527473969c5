//! A workspace that is asked, and how its answers are printed.

use std::io::Write as _;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::derived::kept;
use crate::export::extract::columns_of;
use crate::msg;
use crate::query::table::{Column, Scope, TableKind};
use crate::query::{Census, Condition, Vocabulary};
use crate::store::{OpenMode, Reader, Workspace};
use crate::text::Message;

/// A workspace with what every question needs.
///
/// The reader goes before the workspace: who writes closes last, so that nothing stays in the log.
pub(super) struct Asked {
    pub(super) reader: Reader,
    pub(super) workspace: Workspace,
    pub(super) vocabulary: Vocabulary,
}

pub(super) fn ask(context: &Context, path: &std::path::Path, mode: OpenMode) -> Result<Asked> {
    let workspace = open::open(context, path, mode)?;
    let reader = workspace.reader()?;
    let vocabulary = Vocabulary::read(&reader)?;
    Ok(Asked { reader, workspace, vocabulary })
}

impl Asked {
    /// The rows of a kind that a filter leaves; what everything matches needs no columns in memory.
    pub(super) fn scope(&self, kind: TableKind, condition: &Condition) -> Result<Scope> {
        let census = self.census(condition)?;
        Ok(Scope::of(&self.reader, kind, condition, &census)?)
    }

    /// Rooms and residents, unless everything matches.
    pub(super) fn census(&self, condition: &Condition) -> Result<Census> {
        if condition.is_empty() {
            return Ok(Census::default());
        }
        Ok(kept::census(&self.reader, &self.vocabulary)?)
    }
}

/// The kind of table that a word means.
pub(super) fn table_kind(word: &str) -> Result<TableKind> {
    TableKind::of_word(word).ok_or_else(|| {
        let known: Vec<&str> = TableKind::ALL.iter().map(|kind| kind.word()).collect();
        not_found(msg!("{} is not one of {}", word, known.join(" ")))
    })
}

/// Columns by name or heading.
pub(super) fn columns(kind: TableKind, names: &[String]) -> Result<Vec<&'static Column>> {
    columns_of(kind, names).map_err(|name| {
        let known: Vec<&str> = kind.columns().iter().map(|column| column.key).collect();
        not_found(msg!("no column {}; columns: {}", name, known.join(" ")))
    })
}

pub(super) fn not_found(text: Message) -> anyhow::Error {
    NotFound(text).into()
}

/// Prints a result; a closed pipe (`| head`) is no error.
pub(super) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", super::for_terminal(text.trim_end()));
}

/// Seconds since a moment, to the millisecond.
pub(super) fn seconds_since(began: std::time::Instant) -> f64 {
    (began.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0
}
