//! Row ids that cannot be mistaken for one another.
//!
//! An id is positive, below 2^62, and never given twice. In JSON and SQL it is the bare number (the SQL
//! side stands in `store::ids`).

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(
                Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            )]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl FromStr for $name {
                type Err = ParseIntError;
                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse().map(Self)
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }
        )*
    };
}

row_id! {
    /// A deed: an import, a settled row, an undo …
    DeedId;
    /// A row of the review queue.
    QueueRowId;
}

impl Default for DeedId {
    fn default() -> Self {
        Self::NONE
    }
}

impl DeedId {
    /// No deed: nothing was written.
    pub const NONE: Self = Self(0);

    /// Whether there is a deed.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}
