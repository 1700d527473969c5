//! A flight over a city, always the same: what drawing is measured on.

use super::{Camera, Scene};
use crate::geo::mercator::world_from_lon_lat;

/// A leg: its name and the camera of each frame.
pub struct Leg {
    /// What is done.
    pub name: &'static str,
    /// Where the camera looks, frame by frame.
    pub cameras: Vec<Camera>,
}

/// The camera that shows everything in a map of a size in points.
#[must_use]
pub fn whole(scene: &Scene, size: [f64; 2]) -> Camera {
    Camera { size, ..Camera::default() }.fitted(&scene.footprints().bounds(), 20.0)
}

/// Full extent, down to a district and a street in the middle of town, and back.
#[must_use]
pub fn legs(scene: &Scene, size: [f64; 2], frames: u32) -> Vec<Leg> {
    let whole = whole(scene, size);
    let count = scene.footprints().len();
    if count == 0 {
        return Vec::new();
    }
    // Over a building in the middle of the order: somewhere in town.
    let center = world_from_lon_lat(scene.label(count / 2).at);
    let zoom_of = |metres: f64| {
        let camera = Camera { center, ..whole };
        (whole.zoom + (camera.metres_per_point() * size[0] / metres).log2()).max(whole.zoom)
    };
    let (district, street) = (zoom_of(4_000.0), zoom_of(600.0));
    let over = |zoom: f64| Camera { center, zoom, ..whole };
    let pan = |name, from: Camera| {
        let at = |n: u32| {
            let mut camera = from;
            camera.pan([-6.0 * f64::from(n), -3.0 * f64::from(n)]);
            camera
        };
        Leg { name, cameras: (0..frames).map(at).collect() }
    };
    let zoom = |name, from: f64, to: f64| {
        let at = |n: u32| over(from + (to - from) * f64::from(n) / f64::from(frames));
        Leg { name, cameras: (1..=frames).map(at).collect() }
    };
    vec![
        pan("pan, full extent", whole),
        zoom("zoom in to 4 km", whole.zoom, district),
        pan("pan, 4 km", over(district)),
        zoom("zoom in to 600 m", district, street),
        pan("pan, 600 m", over(street)),
        zoom("zoom out to full extent", street, whole.zoom),
    ]
}
