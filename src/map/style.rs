//! Style classes: one byte a building, and the colours of the classes.

use crate::domain::ids::BuildingId;
use crate::domain::verified::verified_since;
use crate::query::statistics::{
    open_events_per_building, unverified_percent_per_building, vacant_percent_per_building,
};
use crate::query::{Census, Condition};
use crate::store::{Connection, Result};

/// Colours of a class, straight RGBA.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassColours {
    /// Inside.
    pub fill: [u8; 4],
    /// Border.
    pub outline: [u8; 4],
    /// Each of the steps of its shadow, seen from near.
    pub shadow: [u8; 4],
    /// Its share of a cell's colour, from afar.
    pub cell: [u8; 4],
    /// How much louder than a plain building it is in a cell; 0 hides it there.
    pub weight: f32,
}

/// Colours of the basemap's classes (`map::base::class`), straight RGBA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BaseColours {
    /// By class.
    pub classes: [[u8; 4]; super::base::class::COUNT],
}

/// Not drawn.
pub const HIDDEN: u8 = 0;
/// A building without a theme, by kind and height: `PLAIN` + 4 × group of kinds + band of floors.
pub const PLAIN: u8 = 32;
/// Groups of kinds that are told apart without a theme.
pub const PLAIN_KINDS: usize = 4;
/// Bands of floors: low houses, walk-ups, lifts, towers.
pub const PLAIN_BANDS: usize = 4;
/// A building to which what is shown does not apply: nobody of a focus, no open event …
pub const RAMP_NONE: u8 = 8;
/// The five steps of the ramp: `RAMP_FIRST` + 0‥4.
pub const RAMP_FIRST: u8 = 9;
/// Steps of the ramp.
pub const RAMP_STEPS: usize = 5;
/// A building by use: `USE_FIRST` + 0‥6.
pub const USE_FIRST: u8 = 16;
/// Groups of uses.
pub const USE_GROUPS: usize = 7;

/// Added to the class of a selected building.
pub const SELECTED: u8 = 0x80;

/// What buildings are coloured by while there is no focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum MapTheme {
    /// Quiet, lightly tinted by kind.
    #[default]
    Plain,
    /// Use of the building.
    Use,
    /// Floors above ground.
    Floors,
    /// Residents.
    Persons,
    /// Open events.
    OpenEvents,
    /// Share of rooms that were not verified for half a year.
    Unverified,
    /// Share of vacant rooms.
    Vacant,
}

impl MapTheme {
    /// Every theme, in the order of the menu.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Use,
        Self::Floors,
        Self::Persons,
        Self::OpenEvents,
        Self::Unverified,
        Self::Vacant,
    ];
}

impl MapTheme {
    /// Names on the command line, in the order of [`MapTheme::ALL`].
    pub const NAMES: [&'static str; 7] =
        ["plain", "use", "floors", "persons", "open-events", "unverified", "vacant"];

    /// The theme of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|n| *n == name).map(|at| Self::ALL[at])
    }

    /// What it colours by, per building row id, sorted; `None` for themes that need nothing but
    /// the map. Verification is as of `now` (UTC seconds).
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn values(
        self,
        conn: &Connection,
        census: &Census,
        now: i64,
    ) -> Result<Option<Vec<(BuildingId, u32)>>> {
        match self {
            Self::Plain | Self::Use | Self::Floors => Ok(None),
            Self::Persons => Ok(Some(census.focus(&Condition::default()).buildings)),
            Self::OpenEvents => open_events_per_building(conn).map(Some),
            Self::Unverified => {
                unverified_percent_per_building(conn, verified_since(now)).map(Some)
            }
            Self::Vacant => vacant_percent_per_building(conn).map(Some),
        }
    }
}

/// Hue of the ramp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ramp {
    /// Focus populations.
    #[default]
    Orange,
    /// Neutral sizes: floors, residents.
    Blue,
    /// What is wrong: open events.
    Red,
    /// What is missing: unverified, vacant.
    Purple,
}

/// How the buildings are coloured just now, with what it takes.
#[derive(Debug, Clone, Copy)]
pub enum Colouring<'a> {
    /// See [`MapTheme::Plain`].
    Plain,
    /// See [`MapTheme::Use`].
    Use,
    /// See [`MapTheme::Floors`].
    Floors,
    /// Matching persons of a focus, by building id.
    Focus(&'a [(BuildingId, u32)]),
    /// The values of another theme, by building id.
    Measure(MapTheme, &'a [(BuildingId, u32)]),
}

impl Colouring<'_> {
    /// Upper ends of the ramp's steps; none for colourings without a ramp.
    #[must_use]
    pub fn breaks(&self) -> Vec<u32> {
        match self {
            Self::Plain | Self::Use => Vec::new(),
            Self::Floors => vec![3, 6, 11, 18, u32::MAX],
            Self::Focus(values) | Self::Measure(MapTheme::Persons, values) => {
                focus_breaks(values.iter().map(|(_, n)| *n))
            }
            Self::Measure(MapTheme::OpenEvents, _) => vec![1, 2, 4, 9, u32::MAX],
            Self::Measure(..) => vec![10, 25, 50, 75, 100],
        }
    }

    /// The values that can be added up over an area: persons or events, not percentages.
    #[must_use]
    pub const fn summable(&self) -> Option<&[(BuildingId, u32)]> {
        match self {
            Self::Focus(values)
            | Self::Measure(MapTheme::Persons | MapTheme::OpenEvents, values) => Some(values),
            _ => None,
        }
    }

    /// Hue of the ramp.
    #[must_use]
    pub const fn ramp(&self) -> Ramp {
        match self {
            Self::Plain | Self::Use | Self::Focus(_) => Ramp::Orange,
            Self::Floors | Self::Measure(MapTheme::Persons, _) => Ramp::Blue,
            Self::Measure(MapTheme::OpenEvents, _) => Ramp::Red,
            Self::Measure(..) => Ramp::Purple,
        }
    }
}

/// The class of a building by its kind (`building_kind` key, 0 for none) and its floors above
/// ground; where these are not known, it counts among the walk-ups.
#[must_use]
pub fn plain_class(kind: u8, floors: Option<u32>) -> u8 {
    let group = match kind {
        3 | 4 => 1,
        8 => 2,
        5 => 3,
        _ => 0,
    };
    let band = match floors {
        Some(..=3) => 0,
        None | Some(4..=8) => 1,
        Some(9..=17) => 2,
        Some(_) => 3,
    };
    PLAIN + group * PLAIN_BANDS as u8 + band
}

/// The group of uses a kind belongs to: `building_kind` keys that are told apart, 0 for the rest.
pub const USE_KINDS: [u8; USE_GROUPS] = [1, 2, 3, 4, 5, 8, 0];

/// The class of a building by its use; villas and bungalow rows are dwellings.
#[must_use]
pub fn use_class(kind: u8) -> u8 {
    let kind = if matches!(kind, 6 | 7) { 1 } else { kind };
    let group = USE_KINDS.iter().position(|k| *k == kind).unwrap_or(USE_GROUPS - 1);
    USE_FIRST + group as u8
}

/// Upper ends of the steps for the counts at hand: 1, then rising by quantiles, the last one the
/// greatest count. Steps that would be empty are left out.
#[must_use]
pub fn focus_breaks(counts: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut sorted: Vec<u32> = counts.into_iter().filter(|c| *c > 0).collect();
    sorted.sort_unstable();
    let Some(&most) = sorted.last() else { return Vec::new() };
    let mut breaks: Vec<u32> = (1..RAMP_STEPS)
        .map(|step| sorted[(sorted.len() - 1) * step / RAMP_STEPS])
        .chain([most])
        .collect();
    breaks.dedup();
    breaks
}

/// The class of a value by the upper ends of the steps.
#[must_use]
pub fn ramp_class(value: u32, breaks: &[u32]) -> u8 {
    if value == 0 || breaks.is_empty() {
        return RAMP_NONE;
    }
    let step = breaks.iter().position(|end| value <= *end).unwrap_or(breaks.len() - 1);
    // Few steps are spread over the ramp, so that the greatest value is always the strongest.
    let spread = (step + 1) * RAMP_STEPS / breaks.len() - 1;
    RAMP_FIRST + spread as u8
}

/// How many buildings have each class, selected or not.
#[must_use]
pub fn class_counts(states: &[u8]) -> [u32; 256] {
    states.iter().fold([0; 256], |mut counts, state| {
        counts[usize::from(*state & !SELECTED)] += 1;
        counts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let breaks = focus_breaks([1, 1, 2, 3, 5, 8, 13, 21, 0]);
        assert_eq!(breaks.last(), Some(&21));
        assert!(breaks.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(ramp_class(0, &breaks), RAMP_NONE);
        assert_eq!(ramp_class(21, &breaks), RAMP_FIRST + 4);
        assert_eq!(ramp_class(1, &focus_breaks([1, 1, 1])), RAMP_FIRST + 4);
        assert!(focus_breaks([0, 0]).is_empty());
        let classes: Vec<u8> = (1..=21).map(|c| ramp_class(c, &breaks)).collect();
        assert!(classes.windows(2).all(|w| w[0] <= w[1]));
        let floors = Colouring::Floors.breaks();
        assert_eq!(ramp_class(3, &floors), RAMP_FIRST);
        assert_eq!(ramp_class(4, &floors), RAMP_FIRST + 1);
        assert_eq!(ramp_class(60, &floors), RAMP_FIRST + 4);
        assert_eq!(plain_class(1, Some(30)), PLAIN + 3);
        assert_eq!(plain_class(8, None), PLAIN + 9);
        assert_eq!(use_class(6), use_class(1));
        assert_eq!(use_class(0), use_class(9));
        assert_eq!(class_counts(&[1, 1 | SELECTED, 9])[1], 2);
    }
}
