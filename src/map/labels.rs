//! Which labels fit: by priority, without touching each other.

use std::collections::HashSet;

/// Index of what is no label but has to be kept clear of.
pub const OBSTACLE: usize = usize::MAX;

/// A label that would like to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Position in the caller's list.
    pub index: usize,
    /// Middle of the text, screen.
    pub at: [f64; 2],
    /// Width and height of the text, points.
    pub size: [f64; 2],
    /// The greater, the earlier it is placed.
    pub priority: f64,
}

/// The candidates that can stand together, by priority, then position in the list. Several
/// candidates with one index are places of one label, of which the first that fits is taken.
#[must_use]
pub fn place(mut candidates: Vec<Candidate>, gap: f64, screen: [f64; 2]) -> Vec<Candidate> {
    /// Cells of the occupied-space grid, points.
    const CELL: f64 = 64.0;
    candidates
        .sort_by(|a, b| b.priority.total_cmp(&a.priority).then_with(|| a.index.cmp(&b.index)));
    let columns = (screen[0] / CELL).ceil().max(1.0) as i64;
    let rows = (screen[1] / CELL).ceil().max(1.0) as i64;
    let mut cells: Vec<Vec<usize>> = vec![Vec::new(); (columns * rows) as usize];
    let mut placed: Vec<Candidate> = Vec::new();
    let mut has_place: HashSet<usize> = HashSet::new();
    for candidate in candidates {
        if candidate.index != OBSTACLE && has_place.contains(&candidate.index) {
            continue;
        }
        let half = [candidate.size[0] / 2.0 + gap, candidate.size[1] / 2.0 + gap];
        let (x0, x1) = (candidate.at[0] - half[0], candidate.at[0] + half[0]);
        let (y0, y1) = (candidate.at[1] - half[1], candidate.at[1] + half[1]);
        let is_outside = x0 < 0.0 || y0 < 0.0 || x1 > screen[0] || y1 > screen[1];
        if is_outside && candidate.index != OBSTACLE {
            continue;
        }
        let cell = |v: f64, most: i64| ((v / CELL) as i64).clamp(0, most - 1);
        let touched: Vec<usize> = (cell(y0, rows)..=cell(y1, rows))
            .flat_map(|r| {
                (cell(x0, columns)..=cell(x1, columns)).map(move |c| (r * columns + c) as usize)
            })
            .collect();
        let is_free = touched.iter().flat_map(|c| &cells[*c]).all(|other| {
            let o: &Candidate = &placed[*other];
            (o.at[0] - candidate.at[0]).abs() >= (o.size[0] + candidate.size[0]) / 2.0 + gap
                || (o.at[1] - candidate.at[1]).abs() >= (o.size[1] + candidate.size[1]) / 2.0 + gap
        });
        if is_free {
            for c in touched {
                cells[c].push(placed.len());
            }
            has_place.insert(candidate.index);
            placed.push(candidate);
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_takes_the_first_place_that_is_free() {
        let at =
            |index, y, priority| Candidate { index, at: [100.0, y], size: [50.0, 14.0], priority };
        let list = vec![
            at(OBSTACLE, 100.0, f64::INFINITY),
            at(0, 100.0, 9.0),
            at(0, 120.0, 8.9),
            at(0, 80.0, 8.8),
        ];
        let placed = place(list, 2.0, [300.0, 300.0]);
        assert_eq!(placed.iter().map(|p| p.at[1]).collect::<Vec<_>>(), [100.0, 120.0]);
    }

    proptest! {
        #[test]
        fn labels_never_touch_and_the_first_is_always_there(
            list in prop::collection::vec((60.0..740.0f64, 40.0..560.0f64, 4.0..90.0f64, 0.0..9.0f64), 1..80),
        ) {
            let candidates: Vec<Candidate> = list.iter().enumerate().map(|(index, &(x, y, w, p))| {
                Candidate { index, at: [x, y], size: [w, 14.0], priority: p }
            }).collect();
            let best = candidates.iter().map(|c| c.priority).fold(0.0, f64::max);
            let placed = place(candidates, 2.0, [800.0, 600.0]);
            prop_assert!(placed[0].priority == best);
            for (i, a) in placed.iter().enumerate() {
                for b in &placed[..i] {
                    let apart_x = (a.at[0] - b.at[0]).abs() >= (a.size[0] + b.size[0]) / 2.0;
                    let apart_y = (a.at[1] - b.at[1]).abs() >= (a.size[1] + b.size[1]) / 2.0;
                    prop_assert!(apart_x || apart_y);
                }
            }
        }
    }
}
