//! Rows that leave the workspace: which, how open, where to; and the way in which every file of them appears with its
//! entry in the audit log.

use std::path::{Path, PathBuf};

use super::pdf::{About, List};
use crate::access::{AuditEntry, Stamp};
use crate::query::table::{Column, Scope, TableKind, TableRequest, Told};
use crate::query::{Filter, Vocabulary};
use crate::store::files::Partial;
use crate::store::{StoreError, Workspace};
use crate::text::{Lang, Message, Text};

/// What is taken out, and where to.
pub struct Taking<'a> {
    /// Rows of what.
    pub kind: TableKind,
    /// Which rows.
    pub scope: Scope,
    /// The filter that leaves them.
    pub filter: Filter,
    /// Where to.
    pub to: PathBuf,
    /// Whether a file that is there may be replaced.
    pub replaces: bool,
    /// Why personal fields are shown in full; `None` masks them.
    pub purpose: Option<String>,
    /// Tags and code lists.
    pub vocabulary: &'a Vocabulary,
    /// Language of headings and words.
    pub lang: Lang,
    /// The day ages are counted on.
    pub today: jiff::civil::Date,
}

impl<'a> Taking<'a> {
    /// Asks for columns of rows, as open as was said.
    pub(super) fn request(
        &'a self,
        columns: &'a [&'a Column],
        scope: &'a Scope,
    ) -> TableRequest<'a> {
        TableRequest {
            kind: self.kind,
            columns,
            scope,
            vocabulary: self.vocabulary,
            lang: self.lang,
            is_coded: false,
            today: self.today,
            is_open: self.purpose.is_some(),
        }
    }

    /// What went wrong with the file, which is called by the name that it will have.
    pub(super) fn named(&self, error: StoreError) -> ExtractError {
        match error {
            StoreError::Io(_, e) => {
                ExtractError::File(crate::msg!("{} cannot be written: {}", self.to.display(), e))
            }
            other => other.into(),
        }
    }

    /// The rows as a list on paper, before they come: what it is and how open is told on every page.
    pub(super) fn list(&self, is_personal: bool) -> List<'a> {
        let notice = match &self.purpose {
            _ if !is_personal => String::new(),
            Some(purpose) => self.lang.t(Text::PaperOpen).replace("{}", purpose),
            None => self.lang.t(Text::PaperMasked).to_owned(),
        };
        List {
            about: About { title: self.lang.t(self.kind.text()), lang: self.lang, day: self.today },
            sentence: self.filter.sentence(self.vocabulary, self.lang),
            notice,
            warns: is_personal && self.purpose.is_some(),
            columns: Vec::new(),
            rows: Vec::new(),
            is_grouped: false,
            told_once: 0,
        }
    }

    /// What is written down of it.
    pub(super) fn entry(
        &self,
        action: &str,
        told: &Told,
        columns: &[&str],
        sha256: &str,
    ) -> AuditEntry {
        let opened: Vec<String> = told.opened.iter().map(|(f, n)| format!("{f}×{n}")).collect();
        let level = if opened.is_empty() { "masked".to_owned() } else { opened.join(" ") };
        let object = format!("{} {}", self.kind.word(), in_short(&self.filter));
        AuditEntry::done(action, object.trim_end())
            .with_fields(format!(
                "rows×{} columns {} {level} sha256 {sha256}",
                told.rows,
                columns.join(",")
            ))
            .with_purpose(self.purpose.clone().unwrap_or_default())
    }
}

/// A filter as the audit log tells it: its JSON, cut short.
fn in_short(filter: &Filter) -> String {
    const MOST: usize = 400;
    let text = serde_json::to_string(filter).unwrap_or_default();
    if filter.is_empty() {
        String::new()
    } else if text.chars().count() > MOST {
        text.chars().take(MOST).chain(['…']).collect()
    } else {
        text
    }
}

/// Why an extraction failed.
#[derive(Debug)]
pub enum ExtractError {
    /// The workspace.
    Store(StoreError),
    /// The file.
    File(Message),
}

impl From<StoreError> for ExtractError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ExtractError {
    /// What to tell.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Store(error) => error.message(),
            Self::File(message) => message.clone(),
        }
    }
}

/// Whether something may be written to a path for a workspace.
pub(super) fn check_target(
    workspace: &Workspace,
    to: &Path,
    replaces: bool,
) -> Result<(), ExtractError> {
    if !replaces && to.exists() {
        return Err(StoreError::Exists(to.to_owned()).into());
    }
    let same = |path: &Path| path.canonicalize().ok();
    if same(to).is_some_and(|to| Some(to) == same(workspace.path())) {
        return Err(ExtractError::File(Message::from("the file to write is the workspace itself")));
    }
    match workspace.read_only_reason() {
        Some(reason) => Err(ExtractError::File(reason.into())),
        None => Ok(()),
    }
}

/// Lets a file appear with its entry in the audit log, or neither.
pub(super) fn publish(
    workspace: &Workspace,
    stamp: &Stamp,
    partial: Partial,
    (to, replaces): (&Path, bool),
    entry: AuditEntry,
) -> Result<(), StoreError> {
    let mut has_appeared = false;
    let written = workspace.write(stamp, |_| {
        if replaces {
            partial.replace()?;
        } else {
            partial.publish()?;
        }
        has_appeared = true;
        Ok(((), entry))
    });
    if written.is_err() && has_appeared {
        // What is not written down is not given away.
        let _ = std::fs::remove_file(to);
    }
    written
}
