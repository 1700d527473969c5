//! Where the edges of an outline cross: what a check needs to know of outlines with very many corners.

use ::geo::kernels::{Kernel as _, Orientation, RobustKernel};
use ::geo::{Coord, MultiPolygon};
use rstar::{AABB, RTree, RTreeObject};

struct Edge {
    a: Coord,
    b: Coord,
    index: usize,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.a.x, self.a.y], [self.b.x, self.b.y])
    }
}

/// How many pairs of edges cross, touch within an edge, or lie on one another; `most` when they are
/// as many or more. Edges that share a corner do not cross there. Coordinates must be finite.
#[must_use]
pub fn count(outline: &MultiPolygon, most: usize) -> usize {
    let rings =
        outline.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    let lines = rings.flat_map(|ring| ring.0.windows(2)).filter(|pair| pair[0] != pair[1]);
    let edges: Vec<Edge> =
        lines.enumerate().map(|(index, pair)| Edge { a: pair[0], b: pair[1], index }).collect();
    let tree = RTree::bulk_load(edges);
    let mut found = 0;
    for edge in &tree {
        for other in tree.locate_in_envelope_intersecting(edge.envelope()) {
            found += usize::from(other.index > edge.index && meet(edge, other));
            if found >= most {
                return most;
            }
        }
    }
    found
}

fn side(a: Coord, b: Coord, c: Coord) -> Orientation {
    RobustKernel::orient2d(a, b, c)
}

fn meet(one: &Edge, other: &Edge) -> bool {
    let shared = [(one.a, one.b), (one.b, one.a)].into_iter().find_map(|(at, end)| {
        [(other.a, other.b), (other.b, other.a)]
            .into_iter()
            .find_map(|(from, to)| (from == at).then_some((at, end, to)))
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
    if is_apart(one.a, one.b, other.a, other.b) || is_apart(other.a, other.b, one.a, one.b) {
        return false;
    }
    // On one line they meet where their boxes do, and those do.
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::{LineString, Polygon, wkt};

    #[test]
    fn pairs_that_cross() {
        let check = |outline: Polygon, expect: usize| {
            assert_eq!(count(&MultiPolygon::new(vec![outline]), 100), expect);
        };
        check(wkt!(POLYGON((0. 0., 2. 0., 2. 2., 0. 2., 0. 0.))), 0);
        check(wkt!(POLYGON((0. 0., 2. 2., 2. 0., 0. 2., 0. 0.))), 1);
        // A corner on an edge, a spike, an edge along another.
        check(wkt!(POLYGON((0. 0., 4. 0., 4. 4., 2. 0., 0. 4., 0. 0.))), 2);
        check(wkt!(POLYGON((0. 0., 4. 0., 6. 0., 4. 0., 4. 4., 0. 0.))), 1);
        check(wkt!(POLYGON((0. 0., 9. 0., 9. 9., 0. 9., 0. 0.), (1. 1., 3. 1., 3. 3., 1. 1.))), 0);
    }

    #[test]
    fn counting_ends() {
        let zigzag: Vec<(f64, f64)> = (0..2_000)
            .map(|n| if n % 2 == 0 { (0.0, f64::from(n)) } else { (1e4, f64::from(2_000 - n)) })
            .collect();
        let outline = MultiPolygon::new(vec![Polygon::new(LineString::from(zigzag), Vec::new())]);
        assert_eq!(count(&outline, 1_000), 1_000);
    }
}
