//! The reading side of [`child`](super::child): the process that opens the workbook.

use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::path::Path;

use crate::import::ImportError;
use crate::import::formats::child::{Answer, Request};
use crate::import::formats::workbook::Workbook;

/// What a child may use: so much for any workbook, and so much more for each byte of a larger one.
const MEMORY: u64 = 512 << 20;
const MEMORY_TIMES: u64 = 24;
const SECONDS: u64 = 10;
const SECONDS_PER_MB: u64 = 10;

/// Reads a workbook for the process at the other end of the pipes, until that has heard enough.
///
/// # Errors
/// Those of the pipes.
pub fn serve(path: &Path, requests: impl BufRead, mut out: impl Write) -> std::io::Result<()> {
    limit(std::fs::metadata(path).map_or(0, |file| file.len()));
    let mut tell = |answer: &Answer| -> std::io::Result<()> {
        serde_json::to_writer(&mut out, answer)?;
        out.write_all(b"\n")?;
        match answer {
            Answer::Row(..) => Ok(()),
            _ => out.flush(),
        }
    };
    let told = |error: &ImportError| match error {
        ImportError::NotATable(told) => Answer::Failed(told.clone()),
        other => Answer::Failed(other.message()),
    };
    let mut book = match Workbook::open_here(path) {
        Ok(book) => book,
        Err(error) => return tell(&told(&error)),
    };
    let sheets = book.sheet_names();
    let sheets = sheets.into_iter().map(|name| {
        let is_visible = book.is_visible(&name);
        (name, is_visible)
    });
    tell(&Answer::Open(sheets.collect()))?;
    for line in requests.lines() {
        let Ok(request) = serde_json::from_str(&line?) else { return Ok(()) };
        let done = match request {
            Request::Rows(sheet, most) => {
                let (mut filled, mut lost) = (0, None);
                let scanned = book.scan(&sheet, &mut |row| {
                    filled += u64::from(!row.is_blank());
                    let cells = row.record.iter().map(str::to_owned).collect();
                    if let Err(error) = tell(&Answer::Row(row.line, cells, row.rounded)) {
                        lost = Some(error);
                        return ControlFlow::Break(());
                    }
                    if filled == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                if let Some(error) = lost {
                    return Err(error);
                }
                scanned.map(|()| Answer::Done)
            }
            Request::Merges(sheet) => book.merges(&sheet).map(|areas| {
                Answer::Merges(areas.iter().map(|m| (m.column, m.first, m.last)).collect())
            }),
        };
        tell(&done.unwrap_or_else(|error| told(&error)))?;
    }
    Ok(())
}

/// Limits this process to what a workbook of a size may take.
#[cfg(unix)]
pub(crate) fn limit(bytes: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let set = |resource, most: u64| {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    };
    set(Resource::As, MEMORY.saturating_add(bytes.saturating_mul(MEMORY_TIMES)));
    set(Resource::Cpu, SECONDS + (bytes >> 20) * SECONDS_PER_MB);
    // What it holds of people is not to be left in a file.
    set(Resource::Core, 0);
}

#[cfg(not(unix))]
pub(crate) fn limit(_: u64) {}
