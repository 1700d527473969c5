//! Web Mercator as the unit square: (0, 0) is 180° W 85.05° N, (1, 1) is 180° E 85.05° S.
//!
//! Spherical formulas of EPSG:3857 (IOGP Guidance Note 7-2, "Popular Visualisation Pseudo
//! Mercator"), divided by the world's width so that zoom is a plain factor.

use super::{LonLat, lon_lat};

/// The latitude at which the square ends, degrees.
pub const MAX_LAT_DEG: f64 = 85.051_128_779_806_59;
/// Length of the equator on the Web Mercator sphere, metres.
pub const WORLD_WIDTH_M: f64 = 40_075_016.685_578_49;

/// A point of the unit square; `y` grows southwards like the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct World {
    /// 0 at 180° W, 1 at 180° E.
    pub x: f64,
    /// 0 in the north, 1 in the south.
    pub y: f64,
}

/// Projects degrees onto the unit square; latitudes beyond ±85.05° are clamped.
#[must_use]
pub fn world_from_lon_lat(p: LonLat) -> World {
    let lat = p.lat.clamp(-MAX_LAT_DEG, MAX_LAT_DEG).to_radians();
    World { x: (p.lon + 180.0) / 360.0, y: 0.5 - lat.tan().asinh() / std::f64::consts::TAU }
}

/// The inverse of [`world_from_lon_lat`].
#[must_use]
pub fn lon_lat_from_world(w: World) -> LonLat {
    lon_lat(w.x * 360.0 - 180.0, ((0.5 - w.y) * std::f64::consts::TAU).sinh().atan().to_degrees())
}

/// Metres on the ground per unit of the square at a latitude.
#[must_use]
pub fn metres_per_world(lat_deg: f64) -> f64 {
    WORLD_WIDTH_M * lat_deg.to_radians().cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_points() {
        let origin = world_from_lon_lat(lon_lat(0.0, 0.0));
        assert!((origin.x - 0.5).abs() < 1e-15 && (origin.y - 0.5).abs() < 1e-15);
        let corner = world_from_lon_lat(lon_lat(-180.0, MAX_LAT_DEG));
        assert!(corner.x.abs() < 1e-12 && corner.y.abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn round_trip(lon in -180.0..180.0f64, lat in -85.0..85.0f64) {
            let back = lon_lat_from_world(world_from_lon_lat(lon_lat(lon, lat)));
            prop_assert!((back.lon - lon).abs() < 1e-9);
            prop_assert!((back.lat - lat).abs() < 1e-9);
        }
    }
}
