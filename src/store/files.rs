//! The files of a workspace in the file system: which file a path means and whether it is still the
//! same one, files that are written under a working name first, wiping, and who may read them.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::{Result, StoreError};

/// Endings of the files that SQLite keeps beside a database.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// Ending of a file that is not complete yet.
const PARTIAL: &str = ".partial";

/// The path with something appended to its last part: `w.gpkg` and `-wal`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The file a path means: symbolic links are followed, so that a file that takes its place takes
/// the place of the data and not of the link.
pub(super) fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether nothing is lost by creating a file here: there is none, or an empty one.
#[must_use]
pub fn is_free(path: &Path) -> bool {
    std::fs::metadata(path).map_or(!path.is_symlink(), |meta| meta.is_file() && meta.len() == 0)
}

/// Which file of the file system it is. Another file under the same path has another identity.
/// Always the same on Windows, which neither deletes nor replaces a file that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Identity {
    /// Of the file that a path leads to now; `None` when there is none.
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let meta = std::fs::metadata(path).ok()?;
        Some(Self(meta.dev(), meta.ino()))
    }

    /// Of the file that a path leads to now; `None` when there is none.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> Option<Self> {
        path.exists().then_some(Self(0, 0))
    }
}

/// How many names a file has: more than one are hard links.
#[cfg(unix)]
pub(super) fn names_of(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).map_or(1, |meta| meta.nlink())
}

/// How many names a file has: more than one are hard links.
#[cfg(not(unix))]
pub(super) fn names_of(_: &Path) -> u64 {
    1
}

/// Options that create a file which only its owner may read: personal data goes into it.
#[must_use]
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file that only its owner may read. It is complete or not there.
///
/// # Errors
/// [`StoreError::Io`].
pub fn write_private(to: &Path, bytes: &[u8]) -> Result<()> {
    let partial = Partial::begin(to)?;
    std::fs::write(partial.path(), bytes).map_err(|e| StoreError::Io(to.to_owned(), e))?;
    partial.replace()
}

/// Gives a file the owner and the mode of another one, as far as this user may.
pub(super) fn dress_like(path: &Path, model: &Path) -> Result<()> {
    let io = |e| StoreError::Io(path.to_owned(), e);
    let meta = std::fs::metadata(model).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // Only root may give files away; whoever is not root owned the old file already.
        let _ = std::os::unix::fs::chown(path, Some(meta.uid()), Some(meta.gid()));
    }
    std::fs::set_permissions(path, meta.permissions()).map_err(io)
}

/// Overwrites a file with zeros: its data does not stay readable after it is removed.
pub(super) fn blank(mut file: File) -> std::io::Result<()> {
    let zeros = vec![0u8; 1 << 20];
    let mut left = file.metadata()?.len();
    file.rewind()?;
    while left > 0 {
        let part = left.min(zeros.len() as u64);
        file.write_all(&zeros[..part as usize])?;
        left -= part;
    }
    file.sync_all()
}

/// Overwrites and removes a file that may be a plain copy of personal data.
pub(super) fn wipe(path: &Path) -> Result<()> {
    let io = |e| StoreError::Io(path.to_owned(), e);
    blank(OpenOptions::new().write(true).open(path).map_err(io)?).map_err(io)?;
    std::fs::remove_file(path).map_err(io)
}

/// Makes a change of names in a folder survive a power cut.
pub(super) fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // A file system that cannot do this has nothing better to offer.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A file that is written under a working name and appears under its own name when it is complete.
/// Dropped before, it leaves nothing.
pub struct Partial {
    at: PathBuf,
    to: PathBuf,
    /// Locked while it is being written, so that a leftover of a dead process is told from it.
    _lock: Option<File>,
    is_done: bool,
}

impl Partial {
    /// Begins a file that is to appear at `to`. A leftover of an earlier attempt is overwritten and
    /// removed.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another process writes the same file; [`StoreError::Io`].
    pub fn begin(to: &Path) -> Result<Self> {
        Self::named(to, PARTIAL)
    }

    /// As [`Partial::begin`], with a working name of its own.
    pub(super) fn named(to: &Path, ending: &str) -> Result<Self> {
        let at = beside(to, ending);
        remove_leftover(&at)?;
        let io = |e| StoreError::Io(at.clone(), e);
        let file = private().create_new(true).open(&at).map_err(io)?;
        let lock = lock(&file)?;
        Ok(Self { at, to: to.to_owned(), _lock: lock.then_some(file), is_done: false })
    }

    /// Where it is written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Lets the complete file appear.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when another one has appeared there meanwhile; [`StoreError::Io`].
    pub fn publish(mut self) -> Result<()> {
        self.sync()?;
        if !is_free(&self.to) {
            return Err(StoreError::Exists(self.to.clone()));
        }
        // An empty file that a killed process left holds nothing.
        let _ = std::fs::remove_file(&self.to);
        // A link is refused where a file exists; a rename would replace it.
        match std::fs::hard_link(&self.at, &self.to) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(StoreError::Exists(self.to.clone()));
            }
            // Not every file system has links (FAT).
            Err(_) => {
                std::fs::rename(&self.at, &self.to)
                    .map_err(|e| StoreError::Io(self.to.clone(), e))?;
            }
        }
        let _ = std::fs::remove_file(&self.at);
        self.is_done = true;
        sync_folder(&self.to);
        Ok(())
    }

    /// Lets the complete file take the place of the one that is there.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn replace(mut self) -> Result<()> {
        self.sync()?;
        std::fs::rename(&self.at, &self.to).map_err(|e| StoreError::Io(self.to.clone(), e))?;
        self.is_done = true;
        sync_folder(&self.to);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        let io = |e| StoreError::Io(self.at.clone(), e);
        OpenOptions::new().write(true).open(&self.at).and_then(|f| f.sync_all()).map_err(io)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for ending in COMPANIONS {
            let _ = std::fs::remove_file(beside(&self.at, ending));
        }
        if !self.is_done {
            let _ = wipe(&self.at);
        }
    }
}

/// Locks a file for this process; `false` where the system's locks would keep SQLite out.
fn lock(file: &File) -> Result<bool> {
    if cfg!(not(unix)) {
        return Ok(false);
    }
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Busy),
        // A file system without locks.
        Err(std::fs::TryLockError::Error(_)) => Ok(false),
    }
}

/// Overwrites and removes a half-written file that a dead process left.
///
/// # Errors
/// [`StoreError::Busy`] while a living one writes it; [`StoreError::Io`].
pub(super) fn remove_leftover(at: &Path) -> Result<()> {
    if !at.is_file() {
        return Ok(());
    }
    let io = |e| StoreError::Io(at.to_owned(), e);
    let file = OpenOptions::new().write(true).open(at).map_err(io)?;
    lock(&file)?;
    drop(file);
    for ending in COMPANIONS {
        let _ = std::fs::remove_file(beside(at, ending));
    }
    wipe(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("a.csv");
        let half = Partial::begin(&to).unwrap();
        std::fs::write(half.path(), "half").unwrap();
        assert!(!to.exists());
        drop(half);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let whole = Partial::begin(&to).unwrap();
        std::fs::write(whole.path(), "whole").unwrap();
        whole.publish().unwrap();
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let second = Partial::begin(&to).unwrap();
        assert!(matches!(second.publish(), Err(StoreError::Exists(_))));
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "whole");
    }

    #[test]
    fn leftovers_are_removed_and_living_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("a.gpkg");
        std::fs::write(beside(&to, PARTIAL), "left by a dead process").unwrap();
        std::fs::write(&to, "").unwrap();
        let living = Partial::begin(&to).unwrap();
        if cfg!(unix) {
            assert!(matches!(Partial::begin(&to), Err(StoreError::Busy)));
        }
        living.publish().unwrap();
        assert!(to.is_file());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_what_is_created() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("a.gpkg");
        Partial::begin(&to).unwrap().publish().unwrap();
        assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
