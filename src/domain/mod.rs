//! What a building, room, person, household, enterprise, event, grid, device and tag *is*.
//!
//! Types and rules only: no files, no SQL, no clock (ages take the day they are asked for).

pub mod address;
pub mod age;
pub mod basemap;
pub mod building_name;
pub mod cell;
pub mod clock;
pub mod codes;
pub mod credit_code;
pub(crate) mod digest;
pub mod file_kind;
pub mod floor;
pub mod id_number;
pub mod ids;
pub mod matrix;
pub mod names;
pub mod object;
pub mod phone;
pub mod quantity;
pub mod records;
pub mod room_key;
pub mod room_plan;
pub mod verified;
pub mod workflow;

/// The language a label is wanted in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub enum Lang {
    /// Chinese (simplified).
    #[default]
    Zh,
    /// English.
    En,
}

/// Folds text for comparison: full-width ASCII to half-width, blanks cut, ASCII lower case.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A full-width ASCII character (U+FF01‥U+FF5E) or ideographic space as its half-width one.
#[must_use]
pub fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}
