//! What a building is called by: the one rule for the window, the command line and reports.

/// What is known of a building's name.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuildingName<'a> {
    /// Its estate.
    pub estate: Option<&'a str>,
    /// 3 for 3幢.
    pub number: Option<&'a str>,
    /// Its own name.
    pub name: Option<&'a str>,
    /// Street and number.
    pub address: Option<&'a str>,
    /// Its code.
    pub code: &'a str,
}

impl BuildingName<'_> {
    /// Where there is room for a line and no language: estate and number, else its name, its
    /// address, its code.
    #[must_use]
    pub fn plain(&self) -> String {
        match (self.estate, self.number) {
            (Some(estate), Some(number)) => format!("{estate} {number}"),
            _ => self.name.or(self.address).unwrap_or(self.code).to_owned(),
        }
    }
}

/// Whether a code is only a number that the source counted by, or was made of the outline: nothing
/// that says anything to a reader.
#[must_use]
pub fn is_running_number(code: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let counted = ["way/", "relation/", "node/", "way", "relation", "osm-", "fid-", "id-"];
    let is_digest = code.len() == 13
        && code.strip_prefix('g').is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    digits(code) || is_digest || counted.iter().any(|p| code.strip_prefix(p).is_some_and(digits))
}
