//! Points too close to tell apart on the screen stand as one with a number.

use std::collections::BTreeMap;

/// Points that share a cell of the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Middle of its points, screen.
    pub at: [f64; 2],
    /// Positions in the list that was given.
    pub members: Vec<usize>,
}

/// Groups screen points by square cells of `cell` points, in the order of the cells.
#[must_use]
pub fn clusters(points: &[(usize, [f64; 2])], cell: f64) -> Vec<Cluster> {
    let mut cells: BTreeMap<(i64, i64), Cluster> = BTreeMap::new();
    for &(index, at) in points {
        let key = ((at[1] / cell).floor() as i64, (at[0] / cell).floor() as i64);
        let cluster =
            cells.entry(key).or_insert_with(|| Cluster { at: [0.0; 2], members: Vec::new() });
        cluster.at[0] += at[0];
        cluster.at[1] += at[1];
        cluster.members.push(index);
    }
    cells
        .into_values()
        .map(|mut c| {
            let n = c.members.len() as f64;
            c.at = [c.at[0] / n, c.at[1] / n];
            c
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_point_is_lost() {
        let points: Vec<(usize, [f64; 2])> =
            (0..100).map(|i| (i, [(i * 37 % 200) as f64, (i * 91 % 300) as f64])).collect();
        let mut members: Vec<usize> =
            clusters(&points, 40.0).into_iter().flat_map(|c| c.members).collect();
        members.sort_unstable();
        assert_eq!(members, (0..100).collect::<Vec<_>>());
        assert_eq!(clusters(&points[..1], 40.0)[0].at, points[0].1);
    }
}
