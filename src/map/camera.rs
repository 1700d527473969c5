//! The camera: which part of the world the window shows.
//!
//! Positions on the screen are points (logical pixels) from the top left of the map. All sums are
//! f64, so that a building is as sharp at zoom 22 as at 10.

use crate::geo::mercator::{World, lon_lat_from_world, metres_per_world, world_from_lon_lat};
use crate::geo::{BBox, LonLat, lon_lat};

/// Points per world width at zoom 0, as web maps count.
const TILE_POINTS: f64 = 256.0;
/// Zoom limits: the whole earth, and 5 mm a point.
const ZOOM_RANGE: std::ops::RangeInclusive<f64> = 2.0..=23.0;

/// A view of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// What is in the middle.
    pub center: World,
    /// Web-map zoom; one more is twice as large.
    pub zoom: f64,
    /// Size of the map, points.
    pub size: [f64; 2],
}

impl Default for Camera {
    fn default() -> Self {
        Self { center: world_from_lon_lat(lon_lat(105.0, 35.0)), zoom: 4.0, size: [800.0, 600.0] }
    }
}

impl Camera {
    /// Points per unit of the world square.
    #[must_use]
    pub fn points_per_world(&self) -> f64 {
        TILE_POINTS * self.zoom.exp2()
    }

    /// Where a world position is on the screen.
    #[must_use]
    pub fn screen(&self, w: World) -> [f64; 2] {
        let scale = self.points_per_world();
        [
            (w.x - self.center.x) * scale + self.size[0] / 2.0,
            (w.y - self.center.y) * scale + self.size[1] / 2.0,
        ]
    }

    /// Where a position in degrees is on the screen.
    #[must_use]
    pub fn screen_of(&self, p: LonLat) -> [f64; 2] {
        self.screen(world_from_lon_lat(p))
    }

    /// What is at a point of the screen.
    #[must_use]
    pub fn world(&self, at: [f64; 2]) -> World {
        let scale = self.points_per_world();
        World {
            x: self.center.x + (at[0] - self.size[0] / 2.0) / scale,
            y: self.center.y + (at[1] - self.size[1] / 2.0) / scale,
        }
    }

    /// Degrees at a point of the screen.
    #[must_use]
    pub fn lon_lat(&self, at: [f64; 2]) -> LonLat {
        lon_lat_from_world(self.world(at))
    }

    /// Moves the map by points, as a drag does.
    pub fn pan(&mut self, by: [f64; 2]) {
        let scale = self.points_per_world();
        self.center.x -= by[0] / scale;
        self.center.y -= by[1] / scale;
        self.clamp();
    }

    /// Zooms by levels, keeping what is under a point of the screen where it is.
    pub fn zoom_about(&mut self, at: [f64; 2], levels: f64) {
        let fixed = self.world(at);
        self.zoom = (self.zoom + levels).clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        let scale = self.points_per_world();
        self.center.x = fixed.x - (at[0] - self.size[0] / 2.0) / scale;
        self.center.y = fixed.y - (at[1] - self.size[1] / 2.0) / scale;
        self.clamp();
    }

    fn clamp(&mut self) {
        self.center.x = self.center.x.clamp(0.0, 1.0);
        self.center.y = self.center.y.clamp(0.0, 1.0);
    }

    /// The camera that shows a box with a margin of points; a single point is shown at street
    /// level.
    #[must_use]
    pub fn fitted(&self, b: &BBox, margin: f64) -> Self {
        /// Closest zoom a fit goes to.
        const CLOSEST: f64 = 19.0;
        if b.is_empty() {
            return *self;
        }
        let (a, c) = (
            world_from_lon_lat(lon_lat(b.west, b.north)),
            world_from_lon_lat(lon_lat(b.east, b.south)),
        );
        let room =
            [(self.size[0] - 2.0 * margin).max(32.0), (self.size[1] - 2.0 * margin).max(32.0)];
        let by_width = (room[0] / (c.x - a.x).max(1e-12) / TILE_POINTS).log2();
        let by_height = (room[1] / (c.y - a.y).max(1e-12) / TILE_POINTS).log2();
        Self {
            center: World { x: f64::midpoint(a.x, c.x), y: f64::midpoint(a.y, c.y) },
            zoom: by_width.min(by_height).clamp(*ZOOM_RANGE.start(), CLOSEST),
            size: self.size,
        }
    }

    /// The box on the screen, in degrees.
    #[must_use]
    pub fn visible(&self) -> BBox {
        let (a, b) = (self.lon_lat([0.0, 0.0]), self.lon_lat(self.size));
        BBox { west: a.lon, south: b.lat, east: b.lon, north: a.lat }
    }

    /// The box on the screen, world units: x min, y min, x max, y max.
    #[must_use]
    pub fn bounds(&self) -> [f64; 4] {
        let (low, high) = (self.world([0.0, 0.0]), self.world(self.size));
        [low.x, low.y, high.x, high.y]
    }

    /// Metres on the ground per point, in the middle of the screen.
    #[must_use]
    pub fn metres_per_point(&self) -> f64 {
        metres_per_world(lon_lat_from_world(self.center).lat) / self.points_per_world()
    }

    /// The scale as a number: 2,000 for 1 : 2,000, at 96 points an inch.
    #[must_use]
    pub fn scale_denominator(&self) -> f64 {
        const POINTS_PER_METRE: f64 = 96.0 / 0.0254;
        self.metres_per_point() * POINTS_PER_METRE
    }

    /// The camera between this one and another, `t` from 0 to 1, along the zoom.
    #[must_use]
    pub fn towards(&self, to: &Self, t: f64) -> Self {
        let ease = 1.0 - (1.0 - t.clamp(0.0, 1.0)).powi(3);
        let mix = |a: f64, b: f64| a + (b - a) * ease;
        Self {
            center: World {
                x: mix(self.center.x, to.center.x),
                y: mix(self.center.y, to.center.y),
            },
            zoom: mix(self.zoom, to.zoom),
            size: self.size,
        }
    }
}

/// Length in metres and in points of a scale bar of at most `most` points: 1, 2 or 5 × 10ⁿ m.
#[must_use]
pub fn scale_bar(metres_per_point: f64, most: f64) -> (f64, f64) {
    let longest = metres_per_point * most;
    let power = 10f64.powf(longest.log10().floor());
    let step = [5.0, 2.0, 1.0].into_iter().find(|s| s * power <= longest).unwrap_or(1.0);
    (step * power, step * power / metres_per_point)
}

/// A box with some surroundings, about 60 m: a single place is a box too.
#[must_use]
pub fn roomy(mut bounds: BBox) -> BBox {
    let center = bounds.center();
    bounds.merge(&BBox {
        west: center.lon - 3e-4,
        south: center.lat - 3e-4,
        east: center.lon + 3e-4,
        north: center.lat + 3e-4,
    });
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn zoom_keeps_the_point_under_the_mouse(
            x in 0.0..800.0f64, y in 0.0..600.0f64, levels in -3.0..3.0f64, zoom in 6.0..18.0f64,
        ) {
            let mut camera = Camera { zoom, ..Camera::default() };
            let before = camera.world([x, y]);
            camera.zoom_about([x, y], levels);
            let after = camera.screen(before);
            prop_assert!((after[0] - x).abs() < 1e-3 && (after[1] - y).abs() < 1e-3);
        }

        #[test]
        fn fit_shows_the_box(
            west in 100.0..120.0f64, south in 20.0..40.0f64, w in 0.001..2.0f64, h in 0.001..2.0f64,
        ) {
            let b = BBox { west, south, east: west + w, north: south + h };
            let seen = Camera::default().fitted(&b, 20.0).visible();
            prop_assert!(seen.west <= b.west && seen.east >= b.east);
            prop_assert!(seen.south <= b.south && seen.north >= b.north);
        }
    }

    #[test]
    fn round_scale_bars() {
        assert_eq!(scale_bar(1.0, 120.0), (100.0, 100.0));
        assert_eq!(scale_bar(0.3, 120.0).0, 20.0);
        assert_eq!(scale_bar(50.0, 120.0).0, 5000.0);
    }
}
