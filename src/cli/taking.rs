//! What every command says that writes rows into a file.

use std::path::Path;

use anyhow::Result;

use super::Context;
use super::asked::{Asked, not_found};
use super::filter::FilterArgs;
use crate::export::taking::Taking;
use crate::query::table::TableKind;
use crate::text::Message;

/// How rows leave: whether they may replace a file, how open they are, and how that is told.
#[derive(clap::Args)]
pub(super) struct TakingArgs {
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Write personal fields in full; needs a purpose and is written to the audit log
    #[arg(long, requires = "purpose")]
    reveal: bool,
    /// Why personal fields are needed
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// How the summary is printed: text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    pub(super) format: String,
}

impl TakingArgs {
    /// Why personal fields are shown, if they are.
    pub(super) fn purpose(&self) -> Result<Option<String>> {
        let purpose = self.purpose.as_deref().and_then(crate::access::purpose);
        if self.reveal && purpose.is_none() {
            return Err(not_found(Message::from("--reveal needs a --purpose that says why")));
        }
        Ok(purpose.filter(|_| self.reveal))
    }

    /// What is taken: the rows of a kind that a filter leaves.
    pub(super) fn taking<'a>(
        &self,
        context: &Context,
        asked: &'a Asked,
        (kind, filter): (TableKind, &FilterArgs),
        to: &Path,
    ) -> Result<Taking<'a>> {
        let (told, condition) = filter.condition(context, asked, kind)?;
        Ok(Taking {
            kind,
            scope: asked.scope(kind, &condition)?,
            filter: told,
            to: to.to_owned(),
            replaces: self.force,
            purpose: self.purpose()?,
            vocabulary: &asked.vocabulary,
            lang: context.lang,
            today: context.today,
        })
    }
}
