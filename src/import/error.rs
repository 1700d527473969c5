//! Why a file as a whole was refused.

use std::path::PathBuf;

use crate::msg;
use crate::store::StoreError;
use crate::text::{Arg, Message, Say};

/// Why a file as a whole was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    Io(PathBuf, std::io::Error),
    /// Not JSON.
    BrokenJson(Message),
    /// JSON, but not GeoJSON.
    NotGeoJson(Message),
    /// No footprints or areas that can be read or placed.
    NotFootprints(Message),
    /// Not a text table.
    NotATable(Message),
    /// Columns that are needed are not there.
    MissingColumn {
        /// The fields, with their Chinese labels.
        missing: String,
        /// The headings of the file.
        found: Message,
        /// The first missing field.
        example: String,
    },
    /// `--field` names something that is no field of this kind.
    UnknownField(String, &'static str, String),
    /// A list with no column to match its rows by.
    NothingToMatch,
    /// The workspace refused.
    Store(#[from] StoreError),
}

impl ImportError {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Io(first, second) => msg!("{} could not be read: {}", first.display(), second),
            Self::NothingToMatch => Message::from(
                "the list has no column to match by: an ID number, or a name with a phone, a birth date or an \
                 address",
            ),
            Self::BrokenJson(value) => msg!(
                "broken JSON: {}. Nothing was imported; export the file again from its program, or repair \
         it there",
                value
            ),
            Self::NotGeoJson(value) => msg!(
                "this is JSON but not GeoJSON: {}. Nothing was imported; choose a GeoJSON file with a \
         FeatureCollection",
                value
            ),
            Self::NotFootprints(value) | Self::NotATable(value) => {
                msg!("{}. Nothing was imported", value)
            }
            Self::MissingColumn { missing, found, example } => msg!(
                "no column for {}. Headings found: {}. Nothing was imported; rename a heading, \
         or say which it is with --field {}=HEADING",
                missing,
                found,
                example
            ),
            Self::UnknownField(first, second, third) => {
                msg!("{} is no field of {}. Fields: {}", first, Message::from(*second), third)
            }
            Self::Store(error) => error.message(),
        }
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl Say for ImportError {
    fn arg(&self) -> Arg {
        self.message().arg()
    }
}
