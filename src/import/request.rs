//! What to import and how, and who watches.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;

use crate::domain::records::Precedence;
use crate::geo::crs::Crs;
use crate::import::kind::Kind;
use crate::store::StoreError;
use crate::store::features::MapBuildings;

/// Progress and cancel of a running import.
pub struct Watch<'a> {
    /// Set by whoever wants it to stop.
    pub cancel: &'a AtomicBool,
    /// Called with rows done and rows in all (0 while unknown).
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    /// Called with the buildings of a file as soon as they are read, long before they are stored.
    /// Their row ids are the numbers of their features.
    pub found: &'a dyn Fn(&Arc<MapBuildings>),
}

impl Watch<'_> {
    /// Tells how far it is, every 1,024 rows, and stops when asked to.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`].
    pub fn tick(&self, done: u64, total: u64) -> Result<(), StoreError> {
        if done.is_multiple_of(1024) {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(StoreError::Cancelled);
            }
            (self.progress)(done, total);
        }
        Ok(())
    }
}

/// What to import and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the file holds.
    pub kind: Kind,
    /// Where it is.
    pub path: PathBuf,
    /// `field → heading or property` given by the user.
    pub fields: Vec<(String, String)>,
    /// Which sheet of a workbook; `None` takes the one whose headings fit best.
    pub sheet: Option<String>,
    /// In which coordinate system a file of footprints or areas is; `None` when it says so itself
    /// or its numbers do.
    pub crs: Option<Crs>,
    /// Whether rooms that a list of persons names in known buildings are made.
    pub create_rooms: bool,
    /// What wins where persons or rooms of a list disagree with what is known.
    pub precedence: Precedence,
    /// Whether to roll everything back at the end.
    pub dry_run: bool,
    /// The day a move without a date is dated with.
    pub today: Date,
}

impl Request {
    /// A file as it is: nothing said about its columns, everything written.
    #[must_use]
    pub fn new(kind: Kind, path: PathBuf, today: Date) -> Self {
        Self {
            kind,
            path,
            fields: Vec::new(),
            sheet: None,
            crs: None,
            create_rooms: false,
            precedence: Precedence::default(),
            dry_run: false,
            today,
        }
    }
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
