//! What cells need of each building: a point, an extent, an area.

use rayon::prelude::*;

use crate::geo::FootprintSet;
use crate::geo::mercator::{World, metres_per_world, world_from_lon_lat};

/// Half extents are in 1/2²⁸ of the world: 15 cm at the equator.
pub(super) const EXTENT_BITS: u32 = 28;
/// Positions are fractions of the world in 1/2³²: 9 mm at the equator.
pub(super) const POSITION_BITS: u32 = 32;

/// What a cell needs of a building.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellPoint {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) half: [u16; 2],
    /// Area in square extents; 0 for a building without an outline.
    pub(super) area: f32,
}

/// One point a feature, in the order of the features.
#[must_use]
pub fn cell_points(set: &FootprintSet) -> Vec<CellPoint> {
    (0..set.len()).into_par_iter().map(|feature| cell_point(set, feature)).collect()
}

fn cell_point(set: &FootprintSet, feature: usize) -> CellPoint {
    let b = set.bbox(feature);
    if b.is_empty() {
        return CellPoint { x: 0, y: 0, half: [0; 2], area: 0.0 };
    }
    let center = b.center();
    let World { x, y } = world_from_lon_lat(center);
    let extents = f64::from(1u32 << EXTENT_BITS);
    // Mercator stretches north as much as east: by 1 / cos φ against degrees of longitude.
    let per_lon = extents / 360.0;
    let stretch = metres_per_world(0.0) / metres_per_world(center.lat);
    let per_lat = per_lon * stretch;
    let half = |deg: f64, per: f64| (deg / 2.0 * per).round().clamp(0.0, 65_535.0) as u16;
    let twice_area: f64 = set
        .rings(feature)
        .map(|ring| {
            let origin = ring.coords.first().copied().unwrap_or_default();
            let shoelace: f64 = ring
                .coords
                .windows(2)
                .map(|w| {
                    let (a, c) = (w[0] - origin, w[1] - origin);
                    a.x * c.y - c.x * a.y
                })
                .sum();
            if ring.is_hole { -shoelace.abs() } else { shoelace.abs() }
        })
        .sum();
    let position = |v: f64| (v * 2f64.powi(POSITION_BITS as i32)).clamp(0.0, f64::from(u32::MAX));
    CellPoint {
        x: position(x) as u32,
        y: position(y) as u32,
        half: [half(b.east - b.west, per_lon), half(b.north - b.south, per_lat)],
        area: (twice_area / 2.0 * per_lon * per_lat).max(0.05) as f32,
    }
}
