//! What can be made from the tables: the people's columns, the totals. Each is *made* by a scan,
//! *patched* from the rows a commit has touched, and can be *checked* by making it anew.

pub mod people;
pub mod totals;
pub mod vocabulary;

use crate::store::changes::ChangeSet;
use crate::store::{Connection, Result};

pub use people::{PeopleFacts, PeopleIndex};
pub use totals::Totals;
pub use vocabulary::{Tag, Vocabulary};

/// Everything that is derived of a workspace.
#[derive(Default)]
pub struct Derived {
    /// The people's columns.
    pub people: PeopleIndex,
    /// What is counted.
    pub totals: Totals,
}

impl Derived {
    /// Makes everything by scans.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn read(conn: &Connection, vocabulary: &Vocabulary) -> Result<Self> {
        Ok(Self { people: PeopleIndex::read(conn, vocabulary)?, totals: Totals::read(conn)? })
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
            && self.people.patch(conn, vocabulary, changes)?
            && self.totals.patch(conn, changes)?)
    }
}
