//! Rings without an order into outlines: which are borders, which are holes, by containment alone.
//!
//! The winding that formats prescribe is often wrong in the wild, so it is not looked at. A ring
//! inside an even number of others is a border, one inside an odd number a hole of the smallest ring
//! around it; GDAL reads Shapefiles in the same way (`OGRGeometryFactory::organizePolygons`).

use ::geo::{Coord, LineString, MultiPolygon, Polygon};
use rstar::{AABB, RTree, RTreeObject};

/// Pairs of a ring and a box around it that are looked at; rings nested by the ten thousand have more.
const MOST_PAIRS: usize = 60_000_000;

/// Rings into polygons. Rings of fewer than three corners are dropped; rings are closed.
///
/// ```
/// use geo::LineString;
/// let ring = |a: f64, b: f64| LineString::from(vec![(a, a), (b, a), (b, b), (a, b)]);
/// let outline = menpai::geo::rings::outline(vec![ring(4.0, 6.0), ring(0.0, 9.0), ring(4.5, 5.0)]);
/// assert_eq!((outline.0.len(), outline.0[0].interiors().len()), (2, 1));
/// ```
/// Where far more rings are nested than in any area of a map, each is handed back as a polygon of its own.
#[must_use]
pub fn outline(rings: Vec<LineString>) -> MultiPolygon {
    sorted(rings).unwrap_or_else(|rings| {
        let alone = rings.into_iter().map(|line| Polygon::new(line, Vec::new()));
        MultiPolygon::new(alone.collect())
    })
}

/// As [`outline`]; hands the rings back where far more are nested than in any area of a map.
///
/// # Errors
/// The rings.
pub fn sorted(rings: Vec<LineString>) -> Result<MultiPolygon, Vec<LineString>> {
    let mut rings: Vec<Ring> = rings.into_iter().filter_map(Ring::new).collect();
    if rings.len() == 1 {
        let line = rings.remove(0).line;
        return Ok(MultiPolygon::new(vec![Polygon::new(line, Vec::new())]));
    }
    // The largest first: what is around a ring stands before it.
    rings.sort_by(|a, b| b.area.total_cmp(&a.area));
    let boxes = rings.iter().enumerate().map(|(index, ring)| Boxed { index, bounds: ring.bounds });
    let tree = RTree::bulk_load(boxes.collect());
    let mut around: Vec<Option<usize>> = Vec::with_capacity(rings.len());
    let mut pairs = 0;
    let mut depths: Vec<u32> = Vec::with_capacity(rings.len());
    for (index, ring) in rings.iter().enumerate() {
        let at = ring.line.0[0];
        // The smallest ring around it has the highest index of those before it.
        let boxes = tree.locate_in_envelope_intersecting(AABB::from_point([at.x, at.y]));
        let mut before: Vec<usize> =
            boxes.map(|found| found.index).filter(|other| *other < index).collect();
        pairs += before.len();
        if pairs > MOST_PAIRS {
            return Err(rings.into_iter().map(|ring| ring.line).collect());
        }
        before.sort_unstable_by(|a, b| b.cmp(a));
        let parent = before.into_iter().find(|other| rings[*other].holds(ring));
        depths.push(parent.map_or(0, |parent| depths[parent] + 1));
        around.push(parent);
    }
    let mut holes: Vec<Vec<LineString>> = vec![Vec::new(); rings.len()];
    for index in 0..rings.len() {
        if let (Some(parent), 1) = (around[index], depths[index] % 2) {
            holes[parent].push(rings[index].line.clone());
        }
    }
    let borders = rings.into_iter().zip(holes).zip(depths).filter(|(_, depth)| depth % 2 == 0);
    let parts = borders.map(|((ring, holes), _)| Polygon::new(ring.line, holes));
    Ok(MultiPolygon::new(parts.collect()))
}

struct Boxed {
    index: usize,
    bounds: AABB<[f64; 2]>,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

/// A closed ring whose edges are found by their height.
struct Ring {
    line: LineString,
    area: f64,
    bounds: AABB<[f64; 2]>,
    /// Edges by the bands of equal height that they cross.
    bands: Vec<Vec<u32>>,
    bottom: f64,
    band_height: f64,
}

impl Ring {
    fn new(mut line: LineString) -> Option<Self> {
        line.close();
        let finite = line.0.iter().all(|c| c.x.is_finite() && c.y.is_finite());
        if line.0.len() < 4 || !finite {
            return None;
        }
        let first = line.0[0];
        let cross = |w: &[Coord]| {
            (w[0].x - first.x) * (w[1].y - first.y) - (w[1].x - first.x) * (w[0].y - first.y)
        };
        let area = line.0.windows(2).map(cross).sum::<f64>().abs() / 2.0;
        let points: Vec<[f64; 2]> = line.0.iter().map(|c| [c.x, c.y]).collect();
        let bounds = AABB::from_points(&points);
        let (bottom, top) = (bounds.lower()[1], bounds.upper()[1]);
        let count = (line.0.len() / 4).clamp(1, 4_096);
        let band_height = ((top - bottom) / count as f64).max(f64::MIN_POSITIVE);
        let mut ring =
            Self { line, area, bounds, bands: vec![Vec::new(); count], bottom, band_height };
        for edge in 0..ring.line.0.len() - 1 {
            let (a, b) = (ring.line.0[edge].y, ring.line.0[edge + 1].y);
            for band in ring.band(a.min(b))..=ring.band(a.max(b)) {
                ring.bands[band].push(edge as u32);
            }
        }
        Some(ring)
    }

    fn band(&self, y: f64) -> usize {
        (((y - self.bottom) / self.band_height) as usize).min(self.bands.len() - 1)
    }

    /// Whether another ring, which does not cross this one, lies inside. A corner of it may stand
    /// on this ring's border, so the first corner that does not decides.
    fn holds(&self, other: &Self) -> bool {
        let inside = other.line.0.iter().find_map(|corner| self.side_of(*corner));
        // All its corners on the border: a hole that fills the ring, or fans between its corners.
        inside.unwrap_or(true)
    }

    /// Even-odd rule; `None` on the border.
    fn side_of(&self, p: Coord) -> Option<bool> {
        let ([left, bottom], [right, top]) = (self.bounds.lower(), self.bounds.upper());
        if p.x < left || p.x > right || p.y < bottom || p.y > top {
            return Some(false);
        }
        let mut is_inside = false;
        for edge in &self.bands[self.band(p.y)] {
            let (a, b) = (self.line.0[*edge as usize], self.line.0[*edge as usize + 1]);
            let cross = (b.x - a.x) * (p.y - a.y) - (p.x - a.x) * (b.y - a.y);
            let is_between = p.x >= a.x.min(b.x)
                && p.x <= a.x.max(b.x)
                && p.y >= a.y.min(b.y)
                && p.y <= a.y.max(b.y);
            if cross == 0.0 && is_between {
                return None;
            }
            if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
                is_inside = !is_inside;
            }
        }
        Some(is_inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::Area as _;

    fn square(x: f64, y: f64, side: f64) -> LineString {
        LineString::from(vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)])
    }

    fn reversed(ring: LineString) -> LineString {
        ring.into_iter().rev().collect()
    }

    #[test]
    fn neither_order_nor_winding_matters() {
        let (border, hole, island) =
            (square(0.0, 0.0, 10.0), square(2.0, 2.0, 6.0), square(4.0, 4.0, 2.0));
        let apart = square(20.0, 0.0, 5.0);
        for rings in [
            vec![border.clone(), hole.clone(), island.clone(), apart.clone()],
            vec![island.clone(), apart.clone(), hole.clone(), border.clone()],
            vec![reversed(hole.clone()), reversed(border.clone()), apart.clone(), island.clone()],
        ] {
            let outline = outline(rings);
            assert_eq!(outline.0.len(), 3);
            assert!((outline.unsigned_area() - (100.0 - 36.0 + 4.0 + 25.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn corners_on_the_border_and_rings_without_area() {
        // A hole whose first corner stands on the border of its ring.
        let hole = LineString::from(vec![(0.0, 5.0), (3.0, 4.0), (3.0, 6.0)]);
        let found = outline(vec![square(0.0, 0.0, 10.0), hole]);
        assert_eq!((found.0.len(), found.0[0].interiors().len()), (1, 1));
        assert!(outline(vec![LineString::from(vec![(0.0, 0.0), (1.0, 1.0)])]).0.is_empty());
        assert!(outline(vec![square(f64::NAN, 0.0, 1.0)]).0.is_empty());
        // Neighbours that share a wall.
        assert_eq!(outline(vec![square(0.0, 0.0, 1.0), square(1.0, 0.0, 1.0)]).0.len(), 2);
    }

    #[test]
    fn a_hundred_thousand_holes_are_no_matter() {
        let mut rings: Vec<LineString> = (0..100_000)
            .map(|n| square(f64::from(n % 400) * 2.0, f64::from(n / 400) * 2.0, 1.0))
            .collect();
        // A border of 50,000 corners around them.
        let corner = |n: u32| {
            let turn = f64::from(n) / 50_000.0 * std::f64::consts::TAU;
            (400.0 + 2_000.0 * turn.cos(), 250.0 + 2_000.0 * turn.sin())
        };
        rings.push(LineString::from((0..50_000).map(corner).collect::<Vec<_>>()));
        let found = outline(rings);
        assert_eq!((found.0.len(), found.0[0].interiors().len()), (1, 100_000));
    }
}
