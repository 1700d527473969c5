//! Raster tiles: which ones a view needs, and where they lie.
//!
//! Tiles are numbered as web maps do (XYZ, y from the north; OGC Two Dimensional Tile Matrix Set,
//! WebMercatorQuad). Tiles in another datum are shifted by their corners.

use std::ops::RangeInclusive;

use super::Camera;
use crate::geo::datum::Datum;
use crate::geo::mercator::{World, lon_lat_from_world, world_from_lon_lat};

/// Tiles a view may need at most; below the source's least zoom there would be too many.
const MOST_TILES: u64 = 320;

/// A tile by zoom, column and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// Zoom.
    pub z: u8,
    /// Column from the west.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
}

impl TileId {
    /// The tile of the zoom above that covers this one.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let z = self.z.checked_sub(1)?;
        Some(Self { z, x: self.x / 2, y: self.y / 2 })
    }

    /// Corners in world units: north-west, north-east, south-west, south-east.
    #[must_use]
    pub fn corners(self, datum: Datum) -> [World; 4] {
        let side = (-f64::from(self.z)).exp2();
        let corner = |dx: u32, dy: u32| {
            let there =
                World { x: f64::from(self.x + dx) * side, y: f64::from(self.y + dy) * side };
            match datum {
                Datum::Wgs84 => there,
                other => world_from_lon_lat(other.to_wgs84(lon_lat_from_world(there))),
            }
        };
        [corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)]
    }

    /// The part of an ancestor this tile covers: west, north and width, of 1.
    #[must_use]
    pub fn part_of(self, ancestor: Self) -> Option<[f32; 3]> {
        let levels = self.z.checked_sub(ancestor.z)?;
        let parts = 1u32 << levels.min(31);
        let is_below = self.x / parts == ancestor.x && self.y / parts == ancestor.y;
        is_below.then(|| {
            let width = 1.0 / parts as f32;
            [(self.x % parts) as f32 * width, (self.y % parts) as f32 * width, width]
        })
    }
}

/// The tiles of a view, nearest to its middle first. Beyond the last zoom the last one is
/// enlarged; below the first one it is made smaller, as long as that is not too many tiles.
#[must_use]
pub fn cover(
    camera: &Camera,
    pixels_per_point: f32,
    zooms: &RangeInclusive<u8>,
    datum: Datum,
) -> Vec<TileId> {
    let wanted = camera.zoom + f64::from(pixels_per_point).log2();
    let z = (wanted.round().max(0.0) as u8).clamp(*zooms.start(), (*zooms.end()).min(24));
    let side = f64::from(z).exp2();
    let corners = [[0.0, 0.0], [camera.size[0], 0.0], [0.0, camera.size[1]], camera.size];
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for corner in corners {
        let mut at = camera.world(corner);
        if datum != Datum::Wgs84 {
            at = world_from_lon_lat(datum.of_wgs84(lon_lat_from_world(at)));
        }
        low = [low[0].min(at.x), low[1].min(at.y)];
        high = [high[0].max(at.x), high[1].max(at.y)];
    }
    let number = |v: f64| (v * side).floor().clamp(0.0, side - 1.0) as u32;
    let (xs, ys) = (number(low[0])..=number(high[0]), number(low[1])..=number(high[1]));
    let columns = u64::from(xs.end() - xs.start()) + 1;
    let rows = u64::from(ys.end() - ys.start()) + 1;
    if columns * rows > MOST_TILES {
        return Vec::new();
    }
    let mut tiles: Vec<TileId> =
        ys.flat_map(|y| xs.clone().map(move |x| TileId { z, x, y })).collect();
    let middle = [(low[0] + high[0]) / 2.0 * side, (low[1] + high[1]) / 2.0 * side];
    tiles.sort_by(|a, b| {
        let far =
            |t: &TileId| (f64::from(t.x) + 0.5 - middle[0]).hypot(f64::from(t.y) + 0.5 - middle[1]);
        far(a).total_cmp(&far(b)).then(a.cmp(b))
    });
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::lon_lat;

    fn camera(zoom: f64) -> Camera {
        let center = world_from_lon_lat(lon_lat(120.15, 33.35));
        Camera { center, zoom, size: [1600.0, 1000.0] }
    }

    #[test]
    fn a_view_is_covered_and_no_more() {
        for zoom in [3.0, 9.4, 14.0, 17.49, 21.0] {
            let camera = camera(zoom);
            let tiles = cover(&camera, 1.0, &(0..=18), Datum::Wgs84);
            assert!(!tiles.is_empty() && tiles[0].z == zoom.round().min(18.0) as u8);
            for at in [[0.5, 0.5], [1599.5, 0.5], [800.0, 500.0], [1599.5, 999.5]] {
                let w = camera.world(at);
                let is_covered = tiles.iter().any(|t| {
                    let [nw, _, _, se] = t.corners(Datum::Wgs84);
                    nw.x <= w.x && w.x <= se.x && nw.y <= w.y && w.y <= se.y
                });
                assert!(is_covered || !(0.0..1.0).contains(&w.x), "zoom {zoom}: {at:?}");
            }
        }
        assert!(cover(&camera(4.0), 1.0, &(14..=18), Datum::Wgs84).is_empty(), "too many");
        assert_eq!(cover(&camera(13.0), 1.0, &(14..=18), Datum::Wgs84)[0].z, 14);
    }

    #[test]
    fn a_shifted_tile_lies_some_hundred_metres_off() {
        let tile = cover(&camera(17.0), 1.0, &(0..=18), Datum::Gcj02)[0];
        let (plain, shifted) = (tile.corners(Datum::Wgs84), tile.corners(Datum::Gcj02));
        let off = lon_lat_from_world(plain[0]).geodesic_m(lon_lat_from_world(shifted[0]));
        assert!((200.0..900.0).contains(&off), "{off} m");
    }

    #[test]
    fn parts_of_ancestors() {
        let tile = TileId { z: 5, x: 21, y: 10 };
        let parent = tile.parent().unwrap();
        assert_eq!(parent, TileId { z: 4, x: 10, y: 5 });
        assert_eq!(tile.part_of(parent), Some([0.5, 0.0, 0.5]));
        assert_eq!(tile.part_of(tile), Some([0.0, 0.0, 1.0]));
        assert_eq!(parent.part_of(tile), None);
        assert_eq!(TileId { z: 0, x: 0, y: 0 }.parent(), None);
    }
}
