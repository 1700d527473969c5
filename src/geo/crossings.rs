//! How often the edges of an outline cross one another, before somebody tries to untangle them.

use ::geo::kernels::{Kernel as _, Orientation, RobustKernel};
use ::geo::{Coord, MultiPolygon};
use rstar::{AABB, RTree, RTreeObject};

/// Edges that are held against all others.
const SAMPLE: usize = 256;

/// About how many pairs of edges cross, touch within an edge, or lie on one another: exact up to 256
/// edges, from 256 of them beyond. Edges that share a corner do not cross there. Coordinates must be
/// finite.
#[must_use]
pub fn estimate(outline: &MultiPolygon) -> u64 {
    let edges = edges(outline);
    let step = edges.len().div_ceil(SAMPLE).max(1);
    let mut found = 0u64;
    for (index, &one) in edges.iter().enumerate().step_by(step) {
        let others = edges.iter().enumerate().filter(|(other, _)| *other != index);
        found += others.filter(|(_, other)| meet(one, **other)).count() as u64;
    }
    // Each pair is seen from both sides.
    found.saturating_mul(step as u64) / 2
}

struct Edge {
    ends: (Coord, Coord),
    index: usize,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        let (a, b) = self.ends;
        AABB::from_corners([a.x, a.y], [b.x, b.y])
    }
}

/// Whether any edges meet as [`estimate`] counts it; `None` when telling would take too long, because
/// tens of thousands of long edges lie beside one another.
#[must_use]
pub fn any(outline: &MultiPolygon) -> Option<bool> {
    /// Pairs that are looked at: some seconds.
    const MOST_PAIRS: u64 = 150_000_000;
    let edges = edges(outline).into_iter().enumerate();
    let tree = RTree::bulk_load(edges.map(|(index, ends)| Edge { ends, index }).collect());
    let mut pairs = 0;
    for edge in &tree {
        for other in tree.locate_in_envelope_intersecting(edge.envelope()) {
            pairs += 1;
            if other.index > edge.index && meet(edge.ends, other.ends) {
                return Some(true);
            }
        }
        if pairs > MOST_PAIRS {
            return None;
        }
    }
    Some(false)
}

fn edges(outline: &MultiPolygon) -> Vec<(Coord, Coord)> {
    let rings =
        outline.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    let pairs = rings.flat_map(|ring| ring.0.windows(2)).filter(|pair| pair[0] != pair[1]);
    pairs.map(|pair| (pair[0], pair[1])).collect()
}

fn side(a: Coord, b: Coord, c: Coord) -> Orientation {
    RobustKernel::orient2d(a, b, c)
}

fn meet((a, b): (Coord, Coord), (c, d): (Coord, Coord)) -> bool {
    if a.x.max(b.x) < c.x.min(d.x)
        || c.x.max(d.x) < a.x.min(b.x)
        || a.y.max(b.y) < c.y.min(d.y)
        || c.y.max(d.y) < a.y.min(b.y)
    {
        return false;
    }
    let shared = [(a, b), (b, a)].into_iter().find_map(|(at, end)| {
        [(c, d), (d, c)].into_iter().find_map(|(from, to)| (from == at).then_some((at, end, to)))
    });
    if let Some((at, end, to)) = shared {
        // Back over one another from the corner they share.
        let (u, v) = (end - at, to - at);
        return side(at, end, to) == Orientation::Collinear && u.x * v.x + u.y * v.y > 0.0;
    }
    let is_apart = |a: Coord, b: Coord, c: Coord, d: Coord| {
        let (p, q) = (side(a, b, c), side(a, b, d));
        p == q && p != Orientation::Collinear
    };
    // On one line they meet where their boxes do, and those do.
    !is_apart(a, b, c, d) && !is_apart(c, d, a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::{LineString, Polygon, wkt};

    #[test]
    fn pairs_that_cross() {
        let check = |outline: Polygon, expect: u64| {
            let outline = MultiPolygon::new(vec![outline]);
            assert_eq!(estimate(&outline), expect);
            assert_eq!(any(&outline), Some(expect > 0));
        };
        check(wkt!(POLYGON((0. 0., 2. 0., 2. 2., 0. 2., 0. 0.))), 0);
        check(wkt!(POLYGON((0. 0., 2. 2., 2. 0., 0. 2., 0. 0.))), 1);
        // A corner on an edge, a spike, an edge along another.
        check(wkt!(POLYGON((0. 0., 4. 0., 4. 4., 2. 0., 0. 4., 0. 0.))), 2);
        check(wkt!(POLYGON((0. 0., 4. 0., 6. 0., 4. 0., 4. 4., 0. 0.))), 1);
        check(wkt!(POLYGON((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (1. 1., 3. 1., 3. 3., 1. 1.))), 0);
    }

    #[test]
    fn many_are_estimated() {
        // Every second edge crosses about half of the others.
        let end = |n: u32| {
            if n.is_multiple_of(2) { (0.0, f64::from(n)) } else { (1e4, f64::from(4_000 - n)) }
        };
        let zigzag: Vec<(f64, f64)> = (0..4_000).map(end).collect();
        let outline = MultiPolygon::new(vec![Polygon::new(LineString::from(zigzag), Vec::new())]);
        let found = estimate(&outline);
        assert!((3_000_000..9_000_000).contains(&found), "{found}");
    }
}
