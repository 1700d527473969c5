//! Copies of a workspace: saving one beside the original, and putting one back in its place.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::connect::{connect, connect_alone};
use super::files::{self, Partial};
use super::{OpenMode, Passphrase, Result, StoreError, Workspace, check};
use crate::access::{AuditEntry, Stamp};
use crate::store::beside::append_audit_alone;

/// Pages that are copied between two looks at progress and cancel.
const PAGES_A_STEP: i32 = 2_000;

impl Workspace {
    /// Saves a copy by SQLite's online backup, also while others read and write. `progress` is told
    /// how far it is, 0‥1, and says whether to go on.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Cancelled`], file and SQLite errors. A copy that is not
    /// complete never stands under its name.
    pub fn save_copy(
        &self,
        to: &Path,
        stamp: &Stamp,
        progress: impl FnMut(f32) -> bool,
    ) -> Result<()> {
        if !files::is_free(to) {
            return Err(StoreError::Exists(to.to_owned()));
        }
        let partial = Partial::begin(to)?;
        // The copy has its own end of the audit chain, so that no log of the original fits it.
        self.copy_into(&partial, stamp, &AuditEntry::done("copy", self.file_name()), progress)?;
        partial.publish()
    }

    fn copy_into(
        &self,
        partial: &Partial,
        stamp: &Stamp,
        entry: &AuditEntry,
        progress: impl FnMut(f32) -> bool,
    ) -> Result<()> {
        let source = self.reader()?;
        let mut target =
            connect(partial.path(), self.key.as_ref(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        back_up(&source, &mut target, progress)?;
        // One file, without a log beside it.
        target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        drop(target);
        append_audit_alone(partial.path(), self.key.as_ref(), stamp, entry)
    }
}

fn back_up(
    source: &Connection,
    target: &mut Connection,
    mut progress: impl FnMut(f32) -> bool,
) -> Result<()> {
    let backup = Backup::new(source, target)?;
    loop {
        let step = backup.step(PAGES_A_STEP)?;
        let left = backup.progress();
        if !progress(1.0 - left.remaining as f32 / left.pagecount.max(1) as f32) {
            return Err(StoreError::Cancelled);
        }
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Puts a copy in the place of a workspace. The workspace that stood there is kept under another
/// name, with its log worked in. Returns that name, if there was one.
///
/// # Errors
/// [`StoreError::Damaged`] for a copy that is not sound, [`StoreError::OpenElsewhere`] while the
/// workspace is open somewhere, those of [`Workspace::open`]; nothing was changed then.
pub fn restore(
    copy: &Path,
    into: &Path,
    passphrase: Option<&Passphrase>,
    stamp: &Stamp,
    progress: impl FnMut(f32) -> bool,
) -> Result<Option<PathBuf>> {
    let source = Workspace::open(copy, passphrase, OpenMode::ReadOnly)?;
    let file = files::resolved(into);
    if files::Identity::of(&file).is_some_and(|id| Some(id) == source.identity) {
        return Err(StoreError::Exists(into.to_owned()));
    }
    if let Some(finding) = check::first_damage(&*source.reader()?)? {
        return Err(StoreError::Damaged(finding));
    }
    let partial = Partial::begin(&file)?;
    source.copy_into(
        &partial,
        stamp,
        &AuditEntry::done("restore", source.file_name()),
        progress,
    )?;
    if files::is_free(&file) {
        partial.publish()?;
        return Ok(None);
    }
    files::dress_like(partial.path(), &file)?;
    let kept = keep_old(&file)?;
    partial.publish()?;
    Ok(Some(kept))
}

/// Gives the old file another name, together with its log.
fn keep_old(file: &Path) -> Result<PathBuf> {
    // Whatever key it has: nobody may have it open, which its lock tells without reading it.
    if matches!(connect_alone(file, None), Err(StoreError::Busy)) {
        return Err(StoreError::OpenElsewhere);
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = file.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    let mut names = (1u32..).map(|n| file.with_file_name(format!("{stem}.before-{n}{ending}")));
    let kept = names.find(|name| !name.exists()).unwrap_or_else(|| files::beside(file, ".before"));
    let rename =
        |ending: &str| std::fs::rename(files::beside(file, ending), files::beside(&kept, ending));
    rename("").map_err(|e| StoreError::Io(file.to_owned(), e))?;
    for ending in ["-wal", "-journal"] {
        let _ = rename(ending);
    }
    let _ = std::fs::remove_file(files::beside(file, "-shm"));
    Ok(kept)
}
