//! Sheets of paper (ISO 216).

/// A sheet of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sheet {
    /// A4, long side across.
    #[default]
    A4Landscape,
    /// A4, long side up.
    A4Portrait,
    /// A3, long side across.
    A3Landscape,
    /// A3, long side up.
    A3Portrait,
}

impl Sheet {
    /// Every sheet.
    pub const ALL: [Self; 4] =
        [Self::A4Landscape, Self::A4Portrait, Self::A3Landscape, Self::A3Portrait];
    /// Names on the command line, in the order of [`Sheet::ALL`].
    pub const NAMES: [&'static str; 4] =
        ["a4-landscape", "a4-portrait", "a3-landscape", "a3-portrait"];

    /// The sheet of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|n| *n == name).map(|at| Self::ALL[at])
    }

    /// Width and height, millimetres (ISO 216).
    #[must_use]
    pub const fn size_mm(self) -> [f64; 2] {
        match self {
            Self::A4Landscape => [297.0, 210.0],
            Self::A4Portrait => [210.0, 297.0],
            Self::A3Landscape => [420.0, 297.0],
            Self::A3Portrait => [297.0, 420.0],
        }
    }
}
