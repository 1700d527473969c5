//! Measures and repair of (multi)polygons in degrees, on top of the `geo` crate.

use ::geo::kernels::{Kernel as _, Orientation, RobustKernel};
use ::geo::{
    Area as _, BooleanOps as _, BoundingRect as _, Centroid as _, Contains as _, Coord,
    GeodesicArea as _, InteriorPoint as _, Intersects as _, MakeValid as _, MultiPolygon, Point,
    RemoveRepeatedPoints as _, Validation,
};

use super::{BBox, LonLat, lon_lat};

/// What [`mend`] had to do to make an outline valid by OGC Simple Features.
#[derive(Debug, Clone, PartialEq)]
pub enum Mended {
    /// It was valid already (after closing rings and dropping repeated points).
    Valid(MultiPolygon),
    /// It crossed itself or its holes were wrong; this outline has the same even-odd interior.
    Repaired(MultiPolygon),
    /// Nothing with an area was left; the text says what was wrong.
    Hopeless(String),
}

/// Makes an outline valid: repeated points go, rings are closed by construction, and
/// self-crossings are resolved by the even-odd rule (Ledoux et al. 2014, through `geo`).
#[must_use]
pub fn mend(outline: &MultiPolygon) -> Mended {
    if is_plainly_valid(outline) {
        return Mended::Valid(outline.clone());
    }
    let tidy = outline.remove_repeated_points();
    let problem = match tidy.check_validation() {
        Ok(()) if tidy.unsigned_area() > 0.0 => return Mended::Valid(tidy),
        Ok(()) => "the outline has no area".to_owned(),
        Err(error) => error.to_string(),
    };
    match tidy.make_valid() {
        Ok(repaired) if repaired.unsigned_area() > 0.0 && repaired.is_valid() => {
            Mended::Repaired(repaired)
        }
        _ => Mended::Hopeless(problem),
    }
}

/// Whether an outline is one small ring without holes whose edges touch only their neighbours:
/// what nearly every building is, and proven in a tenth of the time the general check takes.
/// False says nothing: the general check decides.
fn is_plainly_valid(outline: &MultiPolygon) -> bool {
    const MOST_CORNERS: usize = 32;
    let [part] = outline.0.as_slice() else { return false };
    let ring = &part.exterior().0;
    let n = ring.len().saturating_sub(1);
    if !part.interiors().is_empty() || !(3..=MOST_CORNERS).contains(&n) || ring[0] != ring[n] {
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
    outline.interior_point().map(|p| lon_lat(p.x(), p.y()))
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
