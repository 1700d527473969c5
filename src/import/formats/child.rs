//! Workbooks read by a process of their own, so that one which is made to fill the memory, to loop or
//! to crash its reader ends with that process.
//!
//! The program starts itself again with [`COMMAND`]; the child limits itself, opens the workbook and
//! answers requests, a line of JSON each way. Where no program is known (a test of the library) or a
//! child cannot be started, the workbook is read here.

use crate::text::Message;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::import::error::ImportError;
use crate::import::sheet_row::{Merge, RowSink, SheetRow};

/// The command by which the program reads a workbook for another one of itself.
pub const COMMAND: &str = "read-workbook";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says which program reads workbooks: this one, once its command line is up.
pub fn set_program(path: PathBuf) {
    let _ = PROGRAM.set(path);
}

/// What the parent asks.
#[derive(Serialize, Deserialize)]
pub(super) enum Request {
    /// Rows of a sheet; 0 for all of them.
    Rows(String, u64),
    /// Areas of a sheet that are merged.
    Merges(String),
}

/// What the child answers.
#[derive(Serialize, Deserialize)]
pub(super) enum Answer {
    /// The workbook is open: names of its sheets, and whether each is visible.
    Open(Vec<(String, bool)>),
    /// A row: its number, its cells, columns that were rounded.
    Row(u64, Vec<String>, Vec<usize>),
    /// Areas: column, first and last row.
    Merges(Vec<(usize, u64, u64)>),
    /// The request is answered.
    Done,
    /// The workbook cannot be read.
    Failed(Message),
}

/// A workbook in another process.
pub(crate) struct Remote {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Names of the sheets, and whether each is visible.
    pub(crate) sheets: Vec<(String, bool)>,
}

impl Drop for Remote {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Remote {
    /// Opens a workbook in another process; `None` where there is no way to start one.
    ///
    /// # Errors
    /// [`ImportError::NotATable`] for a workbook that is broken, protected or made to do harm.
    pub(crate) fn open(path: &Path) -> Option<Result<Self, ImportError>> {
        let mut child = Command::new(PROGRAM.get()?)
            .arg(COMMAND)
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (requests, answers) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        let mut remote = Self { child, requests, answers, sheets: Vec::new() };
        Some(match remote.answer() {
            Ok(Answer::Open(sheets)) => {
                remote.sheets = sheets;
                Ok(remote)
            }
            Ok(_) => Err(broken()),
            Err(error) => Err(error),
        })
    }

    fn ask(&mut self, request: &Request) {
        let line = serde_json::to_string(request).unwrap_or_default();
        // A child that has ended is told when its answer is missing.
        let _ = writeln!(self.requests, "{line}").and_then(|()| self.requests.flush());
    }

    fn answer(&mut self) -> Result<Answer, ImportError> {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            // Its end of the pipe is closed: it is gone, or about to be.
            Ok(0) => return Err(self.ended()),
            Ok(_) => {}
            Err(_) => return Err(broken()),
        }
        match serde_json::from_str(&line) {
            Ok(Answer::Failed(told)) => Err(ImportError::NotATable(told)),
            Ok(answer) => Ok(answer),
            // A line that is cut off is the last one.
            Err(_) if !line.ends_with('\n') => Err(self.ended()),
            Err(_) => Err(broken()),
        }
    }

    /// Why the child is gone.
    fn ended(&mut self) -> ImportError {
        let status = self.child.wait().ok();
        #[cfg(unix)]
        let (is_slow, is_large) = {
            use rustix::process::Signal;
            use std::os::unix::process::ExitStatusExt as _;
            let signal = status.and_then(|status| status.signal());
            let is = |all: &[Signal]| signal.is_some_and(|n| all.iter().any(|s| s.as_raw() == n));
            // Rust aborts where memory cannot be had; the time limit kills.
            (is(&[Signal::XCPU, Signal::KILL]), is(&[Signal::ABORT]))
        };
        #[cfg(not(unix))]
        let (is_slow, is_large) = (false, status.is_none());
        if !is_slow && !is_large {
            return broken();
        }
        let told = if is_slow {
            "the workbook takes far longer to read than one of its size should; open it in Excel, save \
             the one sheet that is needed, or save it as CSV"
        } else {
            "the workbook takes far more memory than one of its size should; open it in Excel, save the \
             one sheet that is needed, or save it as CSV"
        };
        ImportError::NotATable(told.into())
    }

    /// Hands over the rows of a sheet, `most` at most (0 for all), until `sink` says stop. Returns
    /// whether the child can be asked again.
    ///
    /// # Errors
    /// As [`Remote::open`].
    pub(crate) fn scan(
        &mut self,
        sheet: &str,
        most: u64,
        sink: RowSink<'_>,
    ) -> Result<bool, ImportError> {
        self.ask(&Request::Rows(sheet.to_owned(), most));
        loop {
            match self.answer()? {
                Answer::Row(line, cells, rounded) => {
                    let record = cells.iter().collect();
                    if sink(SheetRow { line, record, rounded, is_long: false }).is_break() {
                        // It can be asked again when this was the last row anyway.
                        return Ok(most > 0 && matches!(self.answer()?, Answer::Done));
                    }
                }
                Answer::Done => return Ok(true),
                _ => return Err(broken()),
            }
        }
    }

    /// Areas of a sheet that were merged over several rows.
    ///
    /// # Errors
    /// As [`Remote::open`].
    pub(crate) fn merges(&mut self, sheet: &str) -> Result<Vec<Merge>, ImportError> {
        self.ask(&Request::Merges(sheet.to_owned()));
        match self.answer()? {
            Answer::Merges(areas) => Ok(areas
                .into_iter()
                .map(|(column, first, last)| Merge { column, first, last })
                .collect()),
            _ => Err(broken()),
        }
    }
}

fn broken() -> ImportError {
    let told = "the workbook cannot be read: its parts do not fit together; open it in Excel and save \
                it again";
    ImportError::NotATable(told.into())
}
