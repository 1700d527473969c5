//! What can be made from the tables: the columns of rooms and residents, the totals. Each is *made* by a scan,
//! *patched* from the rows a commit has touched, and can be *checked* by making it anew.

mod bytes;
pub mod census;
pub mod kept;
pub mod totals;
pub mod vocabulary;
pub mod words;

use crate::store::changes::ChangeSet;
use crate::store::{Connection, Result};

pub use census::{Census, PeopleFacts};
pub use totals::Totals;
pub use vocabulary::{Tag, Vocabulary};
pub use words::Words;

/// Everything that is derived of a workspace.
#[derive(Default)]
pub struct Derived {
    /// Rooms and residents.
    pub census: Census,
    /// What is counted.
    pub totals: Totals,
}

impl Derived {
    /// Makes everything by scans.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn read(conn: &Connection, vocabulary: &Vocabulary) -> Result<Self> {
        Ok(Self { census: Census::read(conn, vocabulary)?, totals: Totals::read(conn)? })
    }

    /// Brings everything up to date with a commit; `false` when it must be read anew instead.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn patch(
        &mut self,
        conn: &Connection,
        vocabulary: &Vocabulary,
        changes: &ChangeSet,
    ) -> Result<bool> {
        Ok(changes.is_small()
            && self.census.patch(conn, vocabulary, changes)?
            && self.totals.patch(conn, changes)?)
    }
}
