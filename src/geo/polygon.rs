//! Measures and repair of (multi)polygons in degrees, on top of the `geo` crate.

use ::geo::algorithm::bool_ops::FillRule;
use ::geo::kernels::{Kernel as _, Orientation, RobustKernel};
use ::geo::{
    Area as _, BooleanOps as _, BoundingRect as _, Centroid as _, Contains as _, Coord,
    CoordsIter as _, GeodesicArea as _, InteriorPoint as _, Intersects as _, LinesIter as _,
    MultiPolygon, Point, RemoveRepeatedPoints as _, Validation,
};

use super::{BBox, LonLat, crossings, lon_lat, rings};

/// What [`mend`] had to do to make an outline valid by OGC Simple Features.
#[derive(Debug, Clone, PartialEq)]
pub enum Mended {
    /// It was valid already (after closing rings and dropping repeated points).
    Valid(MultiPolygon),
    /// It crossed itself or its holes were wrong; this outline has the same even-odd interior.
    Repaired(MultiPolygon),
    /// Nothing with an area was left.
    Hopeless(OutlineProblem),
}

/// What is wrong with an outline that cannot be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutlineProblem {
    /// More corners and rings than any area of a map has.
    TooLarge {
        /// Its corners.
        corners: usize,
        /// Its rings.
        rings: usize,
    },
    /// A coordinate is infinite or no number.
    NotANumber,
    /// It encloses nothing.
    NoArea,
    /// Too large for being checked.
    TooIntricate,
    /// Too many of its edges cross.
    CrossesTooOften,
    /// It breaks a rule of simple features, as the library says it.
    Invalid(String),
}

/// Corners and rings up to which the general check, which compares all with all, is quick.
const FEW_CORNERS: usize = 2_000;
const FEW_RINGS: usize = 50;
/// Corners and rings beyond which an outline is not looked at.
const MOST_CORNERS: usize = 1_000_000;
const MOST_RINGS: usize = 200_000;
/// Corners up to which an outline that crosses itself is repaired.
const MOST_REPAIRED: usize = 20_000;
/// Pairs of edges that may cross in an outline that is repaired.
const MOST_CROSSINGS: u64 = 500_000;

/// Makes an outline valid: repeated points go, rings are closed by construction, and
/// self-crossings are resolved by the even-odd rule (an overlay on a grid of a thousand millionth of
/// the outline's extent, through `geo`).
#[must_use]
pub fn mend(outline: &MultiPolygon) -> Mended {
    if is_plainly_valid(outline) {
        return Mended::Valid(outline.clone());
    }
    let rings = outline.iter().map(|part| 1 + part.interiors().len()).sum::<usize>();
    let corners = outline.coords_count();
    if rings > MOST_RINGS || corners > MOST_CORNERS {
        return Mended::Hopeless(OutlineProblem::TooLarge { corners, rings });
    }
    if outline.coords_iter().any(|c| !c.x.is_finite() || !c.y.is_finite()) {
        return Mended::Hopeless(OutlineProblem::NotANumber);
    }
    let tidy = outline.remove_repeated_points();
    let is_few = corners <= FEW_CORNERS && rings <= FEW_RINGS;
    let mut problem = OutlineProblem::NoArea;
    if is_few {
        match tidy.check_validation() {
            Ok(()) if tidy.unsigned_area() > 0.0 => return Mended::Valid(tidy),
            Ok(()) => {}
            Err(error) => problem = OutlineProblem::Invalid(error.to_string()),
        }
    } else {
        match crossings::any(&tidy) {
            Some(false) if is_sorted(&tidy) && tidy.unsigned_area() > 0.0 => {
                return Mended::Valid(tidy);
            }
            Some(_) if corners <= MOST_REPAIRED => {}
            _ => return Mended::Hopeless(OutlineProblem::TooIntricate),
        }
    }
    if crossings::estimate(&tidy) > MOST_CROSSINGS {
        return Mended::Hopeless(OutlineProblem::CrossesTooOften);
    }
    let inside = tidy.union_with_fill_rule(&MultiPolygon::empty(), FillRule::EvenOdd);
    if inside.unsigned_area() > 0.0 {
        return Mended::Repaired(inside);
    }
    Mended::Hopeless(problem)
}

/// Whether the rings of an outline whose edges do not cross are borders and holes as they lie in one
/// another.
fn is_sorted(outline: &MultiPolygon) -> bool {
    let all =
        outline.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    let Ok(sorted) = rings::sorted(all.cloned().collect()) else { return false };
    let holes = |outline: &MultiPolygon| -> usize {
        outline.iter().map(|part| part.interiors().len()).sum()
    };
    let area = sorted.unsigned_area();
    sorted.0.len() == outline.0.len()
        && holes(&sorted) == holes(outline)
        && (area - outline.unsigned_area()).abs() <= area * 1e-9
}

/// Whether an outline is one small ring without holes whose edges touch only their neighbours:
/// what nearly every building is, and proven in a tenth of the time the general check takes.
/// False says nothing: the general check decides.
fn is_plainly_valid(outline: &MultiPolygon) -> bool {
    const MOST: usize = 32;
    let [part] = outline.0.as_slice() else { return false };
    let ring = &part.exterior().0;
    let n = ring.len().saturating_sub(1);
    if !part.interiors().is_empty() || !(3..=MOST).contains(&n) || ring[0] != ring[n] {
        return false;
    }
    let side = |a: Coord, b: Coord, c: Coord| RobustKernel::orient2d(a, b, c);
    let mut turns = false;
    for i in 0..n {
        let (a, b, c) = (ring[i], ring[i + 1], ring[(i + 2) % n]);
        // A repeated corner, or an edge that runs back over the one before.
        if a == b || !(a.x.is_finite() && a.y.is_finite()) {
            return false;
        }
        if side(a, b, c) == Orientation::Collinear {
            let (u, v) = (b - a, c - b);
            if u.x * v.x + u.y * v.y <= 0.0 {
                return false;
            }
        } else {
            turns = true;
        }
        for j in i + 2..n {
            if i == 0 && j == n - 1 {
                continue;
            }
            let (c, d) = (ring[j], ring[j + 1]);
            let is_apart = a.x.max(b.x) < c.x.min(d.x)
                || c.x.max(d.x) < a.x.min(b.x)
                || a.y.max(b.y) < c.y.min(d.y)
                || c.y.max(d.y) < a.y.min(b.y);
            if is_apart {
                continue;
            }
            let strictly_one_side =
                |p: Orientation, q: Orientation| p == q && p != Orientation::Collinear;
            if !strictly_one_side(side(a, b, c), side(a, b, d))
                && !strictly_one_side(side(c, d, a), side(c, d, b))
            {
                return false;
            }
        }
    }
    turns
}

/// The smallest box around an outline; [`BBox::EMPTY`] for an empty one.
#[must_use]
pub fn bbox(outline: &MultiPolygon) -> BBox {
    outline.bounding_rect().map_or(BBox::EMPTY, |r| BBox {
        west: r.min().x,
        south: r.min().y,
        east: r.max().x,
        north: r.max().y,
    })
}

/// Whether a point lies inside or on the border (exact predicates).
#[must_use]
pub fn contains_or_touches(outline: &MultiPolygon, p: LonLat) -> bool {
    outline.intersects(&Point::new(p.lon, p.lat))
}

/// A point that is inside, also for a U-shaped outline; `None` for an empty one.
#[must_use]
pub fn inside_point(outline: &MultiPolygon) -> Option<LonLat> {
    // The centroid where it is inside, as it nearly always is: a label reads best there.
    if let [part] = outline.0.as_slice()
        && let Some(middle) = part.centroid()
        && part.contains(&middle)
    {
        return Some(lon_lat(middle.x(), middle.y()));
    }
    if outline.coords_count() > FEW_CORNERS {
        return widest_inside(outline);
    }
    outline.interior_point().map(|p| lon_lat(p.x(), p.y()))
}

/// The middle of the widest stretch inside an outline on some lines across it.
fn widest_inside(outline: &MultiPolygon) -> Option<LonLat> {
    const LINES: u32 = 8;
    let bounds = bbox(outline);
    let edges: Vec<::geo::Line> = outline.lines_iter().collect();
    let stretches = (1..=LINES).flat_map(|nth| {
        let part = f64::from(nth) / f64::from(LINES + 1);
        let y = bounds.south + (bounds.north - bounds.south) * part;
        let crossed = edges.iter().filter(|e| (e.start.y > y) != (e.end.y > y));
        let mut xs: Vec<f64> = crossed
            .map(|e| e.start.x + (e.end.x - e.start.x) * (y - e.start.y) / (e.end.y - e.start.y))
            .collect();
        xs.sort_by(f64::total_cmp);
        xs.chunks_exact(2)
            .map(|two| (two[1] - two[0], (two[0] + two[1]) / 2.0, y))
            .collect::<Vec<_>>()
    });
    let (_, x, y) = stretches.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(lon_lat(x, y))
}

/// Area in square metres on the WGS-84 ellipsoid (Karney 2013), whichever way the rings run: the
/// unsigned measure would take a clockwise ring for the rest of the earth.
#[must_use]
pub fn area_m2(outline: &MultiPolygon) -> f64 {
    outline.geodesic_area_signed().abs()
}

/// Area of the common part, in square degrees: good for ranking at one latitude, not for showing.
#[must_use]
pub fn overlap_deg2(a: &MultiPolygon, b: &MultiPolygon) -> f64 {
    if !bbox(a).intersects(&bbox(b)) {
        return 0.0;
    }
    a.intersection(b).unsigned_area()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::{Polygon, wkt};
    use proptest::prelude::*;

    #[test]
    fn mend_cases() {
        let square = MultiPolygon::new(vec![wkt!(POLYGON((0. 0., 2. 0., 2. 2., 0. 2., 0. 0.)))]);
        assert!(matches!(mend(&square), Mended::Valid(_)));
        let bowtie = MultiPolygon::new(vec![wkt!(POLYGON((0. 0., 2. 2., 2. 0., 0. 2., 0. 0.)))]);
        let Mended::Repaired(fixed) = mend(&bowtie) else { panic!("a bow tie can be mended") };
        assert!((fixed.unsigned_area() - 2.0).abs() < 1e-12);
        let line = MultiPolygon::new(vec![wkt!(POLYGON((0. 0., 2. 2., 0. 0.)))]);
        assert!(matches!(mend(&line), Mended::Hopeless(_)));
    }

    /// Even-odd area by slabs between all heights at which something happens; quadratic.
    fn even_odd_area(ring: &[(f64, f64)]) -> f64 {
        let edges: Vec<_> =
            (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()])).collect();
        let mut heights: Vec<f64> = ring.iter().map(|p| p.1).collect();
        for (i, &(a, b)) in edges.iter().enumerate() {
            for &(c, d) in &edges[..i] {
                let (u, v) = ((b.0 - a.0, b.1 - a.1), (d.0 - c.0, d.1 - c.1));
                let cross = u.0 * v.1 - u.1 * v.0;
                let t = ((c.0 - a.0) * v.1 - (c.1 - a.1) * v.0) / cross;
                if cross != 0.0 && (0.0..=1.0).contains(&t) {
                    heights.push(a.1 + t * u.1);
                }
            }
        }
        heights.sort_by(f64::total_cmp);
        let slab = |low: f64, high: f64| {
            let middle = (low + high) / 2.0;
            let mut xs: Vec<f64> = edges
                .iter()
                .filter(|(a, b)| (a.1 > middle) != (b.1 > middle))
                .map(|(a, b)| a.0 + (b.0 - a.0) * (middle - a.1) / (b.1 - a.1))
                .collect();
            xs.sort_by(f64::total_cmp);
            xs.chunks_exact(2).map(|two| two[1] - two[0]).sum::<f64>() * (high - low)
        };
        heights.windows(2).map(|two| slab(two[0], two[1])).sum()
    }

    proptest! {
        /// What is repaired has the even-odd area, also where a house is a ten-thousandth of a degree.
        #[test]
        fn repaired_outlines_keep_their_area(
            corners in prop::collection::vec((0..1000i32, 0..1000i32), 4..14),
            size in prop_oneof![Just(1e-4), Just(2e-3), Just(1.0)],
        ) {
            let ring: Vec<(f64, f64)> = corners
                .iter()
                .map(|&(x, y)| (120.0 + f64::from(x) * size / 1000.0, 33.0 + f64::from(y) * size / 1000.0))
                .collect();
            let outline = MultiPolygon::new(vec![Polygon::new(ring.clone().into(), Vec::new())]);
            let wanted = even_odd_area(&ring);
            match mend(&outline) {
                Mended::Valid(got) | Mended::Repaired(got) => {
                    let most = size * size * 1e-6;
                    prop_assert!((got.unsigned_area() - wanted).abs() < most, "{} {wanted}", got.unsigned_area());
                }
                Mended::Hopeless(reason) => prop_assert!(wanted < size * size * 1e-6, "{reason:?}"),
            }
        }
    }

    #[test]
    fn outlines_with_very_many_corners_end_soon() {
        let circle = |n: usize, radius: f64, depth: f64| -> Vec<(f64, f64)> {
            let angle = |k: usize| k as f64 / n as f64 * std::f64::consts::TAU;
            let spike = |k: usize| if k.is_multiple_of(2) { radius } else { radius * depth };
            (0..n).map(|k| (spike(k) * angle(k).cos(), spike(k) * angle(k).sin())).collect()
        };
        let of = |ring: Vec<(f64, f64)>, holes| {
            MultiPolygon::new(vec![Polygon::new(ring.into(), holes)])
        };
        assert!(matches!(mend(&of(circle(50_000, 1.0, 0.9999), Vec::new())), Mended::Valid(_)));
        assert!(matches!(mend(&of(circle(50_000, 1.0, 0.5), Vec::new())), Mended::Hopeless(_)));
        let hole = |n: usize| {
            let (x, y) = ((n % 100) as f64, (n / 100) as f64);
            ::geo::LineString::from(vec![(x, y), (x + 0.5, y), (x, y + 0.5), (x, y)])
        };
        let border = vec![(-1.0, -1.0), (101.0, -1.0), (101.0, 201.0), (-1.0, 201.0)];
        let net = of(border.clone(), (0..10_000).map(hole).collect());
        assert!(matches!(mend(&net), Mended::Valid(_)));
        // One hole lies in another: the even-odd rule makes an island of it.
        let mut holes: Vec<_> = (0..1_000).map(hole).collect();
        holes.push(vec![(0.1, 0.1), (0.2, 0.1), (0.1, 0.2)].into());
        assert!(matches!(mend(&of(border.clone(), holes)), Mended::Repaired(_)));
        let crowd = of(border, (0..20_000).map(hole).collect());
        assert!(matches!(mend(&crowd), Mended::Valid(_)));
        let inside = inside_point(&net).unwrap();
        assert!(net.contains(&Point::new(inside.lon, inside.lat)), "{inside:?}");
        let wild: Vec<(f64, f64)> = (0..50_000u64)
            .map(|n| ((n * 7_919 % 10_007) as f64, (n * 104_729 % 9_973) as f64))
            .collect();
        assert!(matches!(mend(&of(wild, Vec::new())), Mended::Hopeless(_)));
    }

    proptest! {
        /// The short proof never calls an outline valid that the general check refuses.
        #[test]
        fn plainly_valid_is_valid(
            corners in prop::collection::vec((0..7i8, 0..7i8), 3..12),
        ) {
            let ring: Vec<(f64, f64)> =
                corners.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect();
            let outline = MultiPolygon::new(vec![Polygon::new(ring.into(), Vec::new())]);
            if is_plainly_valid(&outline) {
                prop_assert!(outline.is_valid() && outline.unsigned_area() > 0.0, "{outline:?}");
            }
        }
    }

    #[test]
    fn area_is_the_same_both_ways_round() {
        let east = MultiPolygon::new(vec![wkt!(POLYGON((0. 0., 0.001 0., 0.001 0.001, 0. 0.)))]);
        let west = MultiPolygon::new(vec![wkt!(POLYGON((0. 0., 0.001 0.001, 0.001 0., 0. 0.)))]);
        let (a, b) = (area_m2(&east), area_m2(&west));
        assert!((a - b).abs() < 1e-6 && (a / 6_154.0 - 1.0).abs() < 0.01, "{a} {b}");
    }

    #[test]
    fn border_counts_as_inside() {
        let square = MultiPolygon::new(vec![wkt!(POLYGON((0. 0., 2. 0., 2. 2., 0. 2., 0. 0.)))]);
        assert!(contains_or_touches(&square, lon_lat(2.0, 1.0)));
        assert!(contains_or_touches(&square, lon_lat(0.0, 0.0)));
        assert!(!contains_or_touches(&square, lon_lat(2.000_000_1, 1.0)));
    }
}
