//! What the errors of `geo` and `domain` say.

use super::{Arg, Message, Say};
use crate::domain::id_number::IdError;
use crate::domain::room_plan::{MOST_ROOMS, PlanError};
use crate::geo::polygon::OutlineProblem;
use crate::msg;

impl PlanError {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Part(value) => msg!(
                "“{}” is not understood; write a number, 1-6, or names joined by commas",
                value
            ),
            Self::Floor(value) => msg!("“{}” is not a floor (3, B1, 3A …)", value),
            Self::NoDoors => "say how many doors a floor has".into(),
            Self::TooMany => msg!(
                "a house would get more than {} rooms; check units, floors and doors",
                MOST_ROOMS
            ),
        }
    }
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl Say for PlanError {
    fn arg(&self) -> Arg {
        self.message().arg()
    }
}

impl IdError {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Shape => "an ID number has 17 digits and a digit or X (or 15 digits)".into(),
            Self::Date => "the birth date inside the ID number does not exist".into(),
            Self::Check => "the check character of the ID number is wrong".into(),
        }
    }
}

impl std::fmt::Display for IdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl Say for IdError {
    fn arg(&self) -> Arg {
        self.message().arg()
    }
}

impl OutlineProblem {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::TooLarge { corners, rings } => msg!(
                "the outline has {} corners in {} rings, which no area of a map has",
                corners,
                rings
            ),
            Self::NotANumber => "a coordinate is no number".into(),
            Self::NoArea => "the outline has no area".into(),
            Self::TooIntricate => "the outline is too intricate to be checked".into(),
            Self::CrossesTooOften => "the outline crosses itself too often".into(),
            Self::Invalid(text) => Message::verbatim(text),
        }
    }
}

impl Say for OutlineProblem {
    fn arg(&self) -> Arg {
        self.message().arg()
    }
}
