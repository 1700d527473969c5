//! A form filled from a filter: the rows of a table written into somebody else's workbook, with the entry of the
//! audit log.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::form::{Asks, Form};
use super::taking::{ExtractError, Taking, check_target, publish};
use crate::access::Stamp;
use crate::domain::digest::hex;
use crate::domain::fold;
use crate::query::table::{Column, TableKind, each_row};
use crate::store::files::Partial;
use crate::store::{StoreError, Workspace};
use crate::text::{Lang, Message};

/// What is to be filled in.
pub struct Filling<'a> {
    /// The form.
    pub form: PathBuf,
    /// Which rows, and where to.
    pub taking: Taking<'a>,
    /// Other spellings of headings: folded, and the name of the column.
    pub spellings: Vec<(String, String)>,
    /// What somebody chose: headings, and the column each is filled from; `number` counts, nothing leaves it
    /// empty. It goes before what the headings say.
    pub chosen: Vec<(String, String)>,
}

/// A heading of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormHeading {
    /// What stands in it.
    pub text: String,
    /// The column it is filled from; `number` for a running number; nothing where it stays empty.
    pub column: Option<&'static str>,
}

/// What was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Rows.
    pub rows: u64,
    /// Headings with the column each was filled from; a running number is `number`.
    pub columns: Vec<(String, &'static str)>,
    /// Headings that mean nothing here; their cells stay empty.
    pub unknown: Vec<String>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// Headings of a running number.
const NUMBERS: [&str; 6] = ["序号", "编号", "顺序号", "no", "no.", "number"];
/// Rows that are filled into a form at most.
const MOST_FILLED: usize = 200_000;

/// Opens a form; its headings ask for what was chosen, else for what they say.
fn open(
    path: &Path,
    kind: TableKind,
    spellings: &[(String, String)],
    chosen: &[(String, String)],
) -> Result<Form, Message> {
    let columns = kind.columns();
    let by_key = |key: &str| columns.iter().position(|column| column.key == key);
    let by_words = |heading: &str| {
        // What stands in brackets or below the heading explains it.
        let plain = heading.split(['(', '（', '\n']).next().unwrap_or_default();
        let wanted = [fold(heading), fold(plain)];
        if wanted.iter().any(|wanted| NUMBERS.contains(&wanted.as_str())) {
            return Some(Asks::Number);
        }
        let named = |column: &Column, name: &str| {
            [column.key, column.label(Lang::Zh), column.label(Lang::En)]
                .iter()
                .any(|own| fold(own) == name)
        };
        let by_name = |name: &String| columns.iter().position(|column| named(column, name));
        let by_spelling = |name: &String| {
            let (_, key) = spellings.iter().find(|(spelling, _)| spelling == name)?;
            by_key(key)
        };
        let known = wanted.iter().filter(|name| !name.is_empty());
        known
            .clone()
            .find_map(by_name)
            .or_else(|| known.clone().find_map(by_spelling))
            .map(Asks::Column)
    };
    // The row of headings is found by what they say, whatever was chosen for them.
    let mut form = Form::open(path, &by_words)?;
    for heading in &mut form.headings {
        let Some((_, key)) = chosen.iter().find(|(text, _)| *text == heading.text) else {
            continue;
        };
        heading.asks = match key.as_str() {
            "number" => Some(Asks::Number),
            key => by_key(key).map(Asks::Column),
        };
    }
    Ok(form)
}

/// The headings of a form, with what each would be filled from.
///
/// # Errors
/// A form that cannot be read or has no known headings.
pub fn headings_of(
    path: &Path,
    kind: TableKind,
    spellings: &[(String, String)],
    chosen: &[(String, String)],
) -> Result<Vec<FormHeading>, Message> {
    let form = open(path, kind, spellings, chosen)?;
    let column = |asks: Option<Asks>| match asks? {
        Asks::Number => Some("number"),
        Asks::Column(at) => Some(kind.columns()[at].key),
    };
    let headings = form.headings.iter();
    Ok(headings
        .map(|heading| FormHeading { text: heading.text.clone(), column: column(heading.asks) })
        .collect())
}

/// Fills a form. `progress` is told how many rows are read, and may stop it. The file appears with its entry in
/// the audit log, or neither does.
///
/// # Errors
/// A form that cannot be read or has no known headings; what the workspace or the file system says.
pub fn fill(
    workspace: &Workspace,
    stamp: &Stamp,
    asked: &Filling<'_>,
    progress: &mut dyn FnMut(u64) -> Result<(), StoreError>,
) -> Result<Filled, ExtractError> {
    check_target(workspace, &asked.taking.to, asked.taking.replaces)?;
    let columns: Vec<&'static Column> = asked.taking.kind.columns().iter().collect();
    let form = open(&asked.form, asked.taking.kind, &asked.spellings, &asked.chosen)
        .map_err(ExtractError::File)?;
    let (mut used, mut unknown) = (Vec::new(), Vec::new());
    for heading in &form.headings {
        match heading.asks {
            Some(Asks::Number) => used.push((heading.text.clone(), "number")),
            Some(Asks::Column(at)) => used.push((heading.text.clone(), columns[at].key)),
            None => unknown.push(heading.text.clone()),
        }
    }
    // Only what the form asks for is read, or what is opened would be more than what is given.
    let wanted: Vec<&Column> = columns
        .iter()
        .filter(|column| used.iter().any(|(_, key)| *key == column.key))
        .copied()
        .collect();
    let place = |at: usize| wanted.iter().position(|column| column.key == columns[at].key);
    let request = asked.taking.request(&wanted, &asked.taking.scope);
    let mut rows = Vec::new();
    let reader = workspace.reader()?;
    let too_many = || crate::msg!("a form is filled with at most {} rows", MOST_FILLED);
    let told = each_row(&reader, &request, |_, cells| {
        if rows.len() >= MOST_FILLED {
            return Err(ExtractError::File(too_many()));
        }
        let all = (0..columns.len())
            .map(|at| place(at).map(|at| cells[at].clone()).unwrap_or_default())
            .collect::<Vec<_>>();
        rows.push(all);
        Ok::<(), ExtractError>(progress(rows.len() as u64)?)
    })?;
    drop(reader);
    let partial = Partial::begin(&asked.taking.to)?;
    let failed = |e: std::io::Error| asked.taking.named(crate::store::file_failed(e));
    let file = File::options().write(true).open(partial.path()).map_err(failed)?;
    form.fill(&rows, BufWriter::new(file)).map_err(ExtractError::File)?.map_err(failed)?;
    let mut sum = Sha256::new();
    std::io::copy(&mut File::open(partial.path()).map_err(failed)?, &mut sum).map_err(failed)?;
    let sha256 = hex(&sum.finalize());
    let keys: Vec<&str> = used.iter().map(|(_, key)| *key).collect();
    let entry = asked.taking.entry("fill_form", &told, &keys, &sha256);
    publish(workspace, stamp, partial, (&asked.taking.to, asked.taking.replaces), entry)?;
    Ok(Filled { rows: told.rows, columns: used, unknown, sha256 })
}

/// What to tell of headings that mean nothing here.
#[must_use]
pub fn unknown_headings(headings: &[String]) -> Option<Message> {
    let first = !headings.is_empty();
    first.then(|| {
        crate::msg!("headings that mean nothing here were left empty: {}", headings.join(", "))
    })
}
