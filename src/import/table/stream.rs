//! Lists of any length into the workspace: one thread reads and checks rows, another writes them.
//!
//! Rows travel in pieces through a channel of fixed length, so memory does not grow with the list.
//! The write lock is taken only when the channel is full or the list has ended: a list of up to
//! [`PIECE`] × [`WAITING`] rows is read, checked and joined before anybody has to wait for it.

use std::ops::ControlFlow;
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::access::Stamp;
use crate::domain::ids::{PersonId, QueueRowId};
use crate::import::error::ImportError;
use crate::import::outcome::apply::{apply, kept_row};
use crate::import::outcome::report::{ImportReport, KeptRow, Refusal, Severity};
use crate::import::request::{Request, Watch};
use crate::import::table::row::Row;
use crate::import::table::rows::Table;
use crate::import::table::waiting::{Answers, WaitingRows};
use crate::store::deed::Deed;
use crate::store::queue::{self, SettledHow};
use crate::store::rows::Outcome;
use crate::store::{StoreError, Workspace, WriteTx};

/// Rows of a piece.
const PIECE: usize = 512;
/// Held and rejected rows a report shows; the workspace keeps all of them.
const MOST_KEPT: usize = 50_000;
/// Pieces that may wait for the writer.
const WAITING: usize = 64;

/// Some rows that were read: records, and rows that are held or rejected.
struct Piece<R> {
    records: Vec<(u64, R)>,
    kept: Vec<KeptRow>,
    /// Waiting rows of earlier lists that these rows answer.
    answered: Vec<(QueueRowId, SettledHow)>,
    /// Corrected rows that were taken before the list they belong to came in: line, name.
    ahead: Vec<(u64, String)>,
    /// Rows of the file that were read so far.
    read: u64,
}

impl<R> Piece<R> {
    fn new() -> Self {
        Self {
            records: Vec::with_capacity(PIECE),
            kept: Vec::new(),
            answered: Vec::new(),
            ahead: Vec::new(),
            read: 0,
        }
    }
}

/// What the writer tells of a record: its outcome, and the person it speaks of.
pub(crate) type Written = (Outcome, Option<PersonId>);

/// Where a list goes, for whom, and who watches.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) request: &'a Request,
    pub(crate) stamp: &'a Stamp,
    pub(crate) watch: &'a Watch<'a>,
}

/// Brings a list in. `check` makes a record of a row; `write` writes a piece of them, in the order
/// of the file, and tells of each what became of it; `finish` brings up to date what hangs on them.
///
/// # Errors
/// As [`crate::import::run::run`].
pub(crate) fn run<R: Send>(
    Run { workspace, request, stamp, watch }: Run<'_>,
    (mut table, report): (Table, ImportReport),
    mut check: impl FnMut(&Row<'_>, &mut ImportReport) -> Result<Result<R, Refusal>, ImportError> + Send,
    mut write: impl FnMut(&WriteTx<'_>, &[(u64, R)]) -> Result<Vec<Written>, StoreError>,
    finish: impl FnOnce(&WriteTx<'_>) -> Result<(), StoreError>,
) -> Result<ImportReport, ImportError> {
    let expected = table.expected_rows;
    let waiting_rows =
        WaitingRows::read(&*workspace.reader()?, request.kind, (&table.headings, &report.sha256))?;
    let tell = |done: u64| -> Result<(), StoreError> {
        watch.tick(0, 0)?;
        (watch.progress)(done, expected.max(done));
        Ok(())
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Piece<R>>(WAITING);
        let start = report.clone();
        let reader = scope.spawn(move || {
            let mut report = report;
            let result = read(&mut table, &mut report, (&sender, &waiting_rows), &mut check);
            drop(sender);
            (report, result)
        });
        let mut waiting = Vec::new();
        while waiting.len() < WAITING
            && let Ok(piece) = receiver.recv()
        {
            tell(piece.read / 2)?;
            waiting.push(piece);
        }
        let mut failure = None;
        let applied = apply(workspace, request, stamp, start, |tx, deed, report| {
            let mut tally = Tally::default();
            let mut kept = Vec::new();
            for mut piece in waiting.into_iter().chain(receiver) {
                tell(piece.read)?;
                let written = write(tx, &piece.records)?;
                tally.take(tx, deed, &piece.records, &written)?;
                for row in &piece.kept {
                    queue::keep_row(tx, deed.deed_id(), &kept_row(row))?;
                }
                for (line, name) in &piece.ahead {
                    queue::answer_ahead(tx, deed.deed_id(), *line, name)?;
                }
                for (id, how) in &piece.answered {
                    queue::settle_row(tx, deed.deed_id(), *id, *how)?;
                }
                let room = MOST_KEPT.saturating_sub(kept.len());
                piece.kept.truncate(room);
                kept.append(&mut piece.kept);
            }
            tally.end_run(tx, deed)?;
            finish(tx)?;
            // A fault in the reader is told as one, as if it had happened here.
            let (read, result) =
                reader.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault));
            if let Err(error) = result {
                // The transaction is dropped; what failed is told below.
                failure = Some(error);
                return Err(StoreError::Cancelled);
            }
            let batch = report.batch;
            *report = ImportReport { batch, dry_run: request.dry_run, kept, ..read };
            report.counts.added += tally.added;
            report.counts.merged += tally.merged;
            report.counts.unchanged += tally.unchanged;
            Ok(())
        });
        match failure {
            Some(error) => Err(error),
            None => applied,
        }
    })
}

fn read<R>(
    table: &mut Table,
    report: &mut ImportReport,
    (sender, waiting): (&SyncSender<Piece<R>>, &WaitingRows),
    check: &mut impl FnMut(&Row<'_>, &mut ImportReport) -> Result<Result<R, Refusal>, ImportError>,
) -> Result<(), ImportError> {
    let mut piece = Piece::new();
    let mut failure = None;
    table.scan(report, &mut |row, report| {
        let Answers::Rows { ids, is_named, name } = waiting.answered_by(row) else {
            let reason = "this row was settled already; skipped";
            report.add(row.line, "", "", Severity::Note, reason);
            report.counts.skipped += 1;
            return ControlFlow::Continue(());
        };
        match check(row, report) {
            Ok(Ok(record)) => {
                piece.records.push((row.line, record));
                let how = if is_named { SettledHow::Corrected } else { SettledHow::Taken };
                if let (true, true, Some(name)) = (is_named, ids.is_empty(), name) {
                    piece.ahead.push((row.line, name));
                }
                piece.answered.extend(ids.into_iter().map(|id| (id, how)));
            }
            Ok(Err(refusal)) => {
                // One row waits once: here, and not in the earlier list too.
                if refusal.severity == Severity::Held {
                    piece.answered.extend(ids.into_iter().map(|id| (id, SettledHow::Again)));
                }
                report.refuse(row.line, row.raw(), refusal);
                if let Some(kept) = report.kept.last_mut() {
                    kept.name = name;
                }
            }
            Err(error) => {
                failure = Some(error);
                return ControlFlow::Break(());
            }
        }
        if piece.records.len() + report.kept.len() < PIECE {
            return ControlFlow::Continue(());
        }
        piece.kept = std::mem::take(&mut report.kept);
        piece.read = report.counts.read;
        // The writer gives up: so does the reader.
        match sender.send(std::mem::replace(&mut piece, Piece::new())) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    piece.kept = std::mem::take(&mut report.kept);
    piece.read = report.counts.read;
    let _ = sender.send(piece);
    Ok(())
}

/// What became of the records so far, and the run of rows and persons that is still open.
#[derive(Default)]
struct Tally {
    added: u64,
    merged: u64,
    unchanged: u64,
    /// First row, last row, first person, last person.
    run: Option<([i64; 2], [PersonId; 2])>,
}

impl Tally {
    fn take<R>(
        &mut self,
        tx: &WriteTx<'_>,
        deed: &Deed,
        records: &[(u64, R)],
        written: &[Written],
    ) -> Result<(), StoreError> {
        debug_assert_eq!(records.len(), written.len());
        for ((line, _), (outcome, person)) in records.iter().zip(written) {
            match outcome {
                Outcome::Added => self.added += 1,
                Outcome::Merged => self.merged += 1,
                Outcome::Unchanged => self.unchanged += 1,
            }
            let (Some(person), line) = (*person, *line as i64) else { continue };
            match &mut self.run {
                Some(([_, last_row], [_, last]))
                    if *last_row + 1 == line && last.0 + 1 == person.0 =>
                {
                    (*last_row, *last) = (line, person);
                }
                _ => {
                    self.end_run(tx, deed)?;
                    self.run = Some(([line, line], [person, person]));
                }
            }
        }
        Ok(())
    }

    fn end_run(&mut self, tx: &WriteTx<'_>, deed: &Deed) -> Result<(), StoreError> {
        let Some(([first_row, _], [first, last])) = self.run.take() else { return Ok(()) };
        deed.add_source(tx, first_row, (first, last))
    }
}
