//! Style classes: one byte a building, and the colours of the classes.

/// Colours of a class, straight RGBA.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassColours {
    /// Inside.
    pub fill: [u8; 4],
    /// Border.
    pub outline: [u8; 4],
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
/// A building without a theme, by kind: plain + 0‥3.
pub const PLAIN: u8 = 1;
/// A building that no matching person lives in, while a focus is on.
pub const FOCUS_NONE: u8 = 8;
/// The five steps of the focus ramp: `FOCUS_FIRST` + 0‥4.
pub const FOCUS_FIRST: u8 = 9;
/// Steps of the focus ramp.
pub const FOCUS_STEPS: usize = 5;

/// The class of a building by its kind (`building_kind` key, 0 for none).
#[must_use]
pub fn plain_class(kind: u8) -> u8 {
    match kind {
        3 | 4 => PLAIN + 1,
        8 => PLAIN + 2,
        5 => PLAIN + 3,
        _ => PLAIN,
    }
}

/// Upper ends of the focus steps for the counts at hand: 1, then rising by quantiles, the last
/// one the greatest count. Steps that would be empty are left out.
#[must_use]
pub fn focus_breaks(counts: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut sorted: Vec<u32> = counts.into_iter().filter(|c| *c > 0).collect();
    sorted.sort_unstable();
    let Some(&most) = sorted.last() else { return Vec::new() };
    let mut breaks: Vec<u32> = (1..FOCUS_STEPS)
        .map(|step| sorted[(sorted.len() - 1) * step / FOCUS_STEPS])
        .chain([most])
        .collect();
    breaks.dedup();
    breaks
}

/// The class of a building with `count` matching persons.
#[must_use]
pub fn focus_class(count: u32, breaks: &[u32]) -> u8 {
    if count == 0 || breaks.is_empty() {
        return FOCUS_NONE;
    }
    let step = breaks.iter().position(|end| count <= *end).unwrap_or(breaks.len() - 1);
    // Few steps are spread over the ramp, so that the greatest count is always the strongest.
    let spread = (step + 1) * FOCUS_STEPS / breaks.len() - 1;
    FOCUS_FIRST + spread as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let breaks = focus_breaks([1, 1, 2, 3, 5, 8, 13, 21, 0]);
        assert_eq!(breaks.last(), Some(&21));
        assert!(breaks.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(focus_class(0, &breaks), FOCUS_NONE);
        assert_eq!(focus_class(21, &breaks), FOCUS_FIRST + 4);
        assert_eq!(focus_class(1, &focus_breaks([1, 1, 1])), FOCUS_FIRST + 4);
        assert!(focus_breaks([0, 0]).is_empty());
        let classes: Vec<u8> = (1..=21).map(|c| focus_class(c, &breaks)).collect();
        assert!(classes.windows(2).all(|w| w[0] <= w[1]));
    }
}
