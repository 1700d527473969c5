//! Areas that somebody draws or names: rectangles, closed lines, circles, the polygons of a file.

use geo::{Destination as _, Geodesic};
use geo::{MultiPolygon, Point, Polygon};

use super::{LonLat, lon_lat, polygon};

/// Corners of a circle that is drawn as a polygon: off by less than 0.1 % of its radius.
const CIRCLE_CORNERS: usize = 72;

/// The area between two corners.
#[must_use]
pub fn rectangle(a: LonLat, b: LonLat) -> MultiPolygon {
    area_of(&[a, LonLat { lon: b.lon, lat: a.lat }, b, LonLat { lon: a.lon, lat: b.lat }])
}

/// The area inside a closed line; empty below three points.
#[must_use]
pub fn area_of(points: &[LonLat]) -> MultiPolygon {
    if points.len() < 3 {
        return MultiPolygon::new(Vec::new());
    }
    let ring: Vec<(f64, f64)> = points.iter().map(|p| (p.lon, p.lat)).collect();
    mended(&MultiPolygon::new(vec![Polygon::new(ring.into(), Vec::new())]))
}

fn mended(drawn: &MultiPolygon) -> MultiPolygon {
    // A line that crosses itself is a usual slip of the hand.
    match polygon::mend(drawn) {
        polygon::Mended::Valid(area) | polygon::Mended::Repaired(area) => area,
        polygon::Mended::Hopeless(_) => MultiPolygon::new(Vec::new()),
    }
}

/// The area of polygons, the rings of each as GeoJSON writes them; `None` where a corner is not on the
/// earth or nothing is enclosed.
#[must_use]
pub fn polygons(shapes: &[Vec<Vec<[f64; 2]>>]) -> Option<MultiPolygon> {
    let mut parts = Vec::new();
    for rings in shapes {
        let mut lines = Vec::new();
        for ring in rings {
            if ring.iter().any(|p| !lon_lat(p[0], p[1]).is_on_earth()) {
                return None;
            }
            lines.push(ring.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>().into());
        }
        let mut lines = lines.into_iter();
        if let Some(outer) = lines.next() {
            parts.push(Polygon::new(outer, lines.collect()));
        }
    }
    let area = mended(&MultiPolygon::new(parts));
    (!area.0.is_empty()).then_some(area)
}

/// The area within so many metres of a point (geodesic, Karney 2013).
#[must_use]
pub fn circle(center: LonLat, metres: f64) -> MultiPolygon {
    let middle = Point::new(center.lon, center.lat);
    let ring: Vec<LonLat> = (0..CIRCLE_CORNERS)
        .map(|corner| {
            let bearing = 360.0 * corner as f64 / CIRCLE_CORNERS as f64;
            let p = Geodesic.destination(middle, bearing, metres);
            LonLat { lon: p.x(), lat: p.y() }
        })
        .collect();
    area_of(&ring)
}
