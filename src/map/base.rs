//! The basemap as vertices: areas as triangles, lines as ribbons whose width the shader gives.
//!
//! Shapes are put into tiles of some 5 km with 16-bit offsets from an f64 origin, so that what is
//! not on the screen is skipped and 15 cm is the coarsest step. Unlike buildings they are all kept:
//! a city has some ten thousand of them.

use std::collections::BTreeMap;

use ::geo::{Coord, Geometry, LineString};

use crate::domain::basemap::{BaseKind, LEAST_RANK};
use crate::geo::mercator::{World, world_from_lon_lat};
use crate::geo::{LonLat, lon_lat};
use crate::store::features::BaseShape;

/// A tile is the 2⁻¹³th part of the world wide.
const TILES: f64 = 8192.0;
/// Offsets reach a little beyond the tile, for shapes that lie across its border.
const REACH: f64 = 4.0;
/// Vertices of one mesh, at most: indices are 16 bits.
const MOST_VERTICES: usize = 60_000;
/// How far a mitre may reach out, in half widths.
const MOST_MITRE: f64 = 2.0;

/// Drawing classes, in drawing order.
pub mod class {
    /// Water areas.
    pub const WATER: u8 = 0;
    /// Green areas.
    pub const GREEN: u8 = 1;
    /// Streams and canals that are lines.
    pub const STREAM: u8 = 2;
    /// Railways.
    pub const RAILWAY: u8 = 3;
    /// Roads from the least to the greatest: `ROAD` + 0‥3.
    pub const ROAD: u8 = 4;
    /// How many there are.
    pub const COUNT: usize = 8;
}

/// A corner: offset, direction to the side (1/8,192 of a half width), class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseVertex {
    /// Offset from the mesh's origin, in 1/32,767 of its half extent.
    pub offset: [i16; 2],
    /// Where the ribbon's side lies, y downwards.
    pub side: [i16; 2],
    /// Drawing class and nothing.
    pub class: [u16; 2],
}

/// Units of [`BaseVertex::side`] in a half width.
pub const SIDE_UNITS: f64 = 8192.0;

/// Shapes of a tile.
#[derive(Debug, Clone, Default)]
pub struct BaseMesh {
    /// Middle of the tile, world units.
    pub origin: [f64; 2],
    /// What an offset of 32,767 is, world units.
    pub half_extent: f64,
    /// Box of what is in it, world units.
    pub bounds: [f64; 4],
    /// Corners.
    pub vertices: Vec<BaseVertex>,
    /// Triangles, in drawing order.
    pub triangles: Vec<u16>,
}

/// A named line or area.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseLabel {
    /// Name.
    pub name: String,
    /// Drawing class.
    pub class: u8,
    /// Course of a road through its longest part, degrees; one point for an area.
    pub course: Vec<LonLat>,
}

/// The basemap, ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct BaseMap {
    /// Meshes.
    pub meshes: Vec<BaseMesh>,
    /// Names, greater roads first.
    pub labels: Vec<BaseLabel>,
}

fn class_of(kind: BaseKind, rank: u8, is_area: bool) -> u8 {
    match kind {
        BaseKind::Water if is_area => class::WATER,
        BaseKind::Water => class::STREAM,
        BaseKind::Green => class::GREEN,
        BaseKind::Railway => class::RAILWAY,
        BaseKind::Road => class::ROAD + LEAST_RANK - rank.clamp(1, LEAST_RANK),
    }
}

fn world(c: &Coord) -> [f64; 2] {
    let World { x, y } = world_from_lon_lat(lon_lat(c.x, c.y));
    [x, y]
}

/// Collects the meshes of a class after another.
#[derive(Default)]
struct Meshes {
    open: BTreeMap<(u8, i64, i64), usize>,
    meshes: Vec<(u8, BaseMesh)>,
}

impl Meshes {
    /// The mesh of a tile that has room for so many vertices more.
    fn at(&mut self, class: u8, place: [f64; 2], vertices: usize) -> &mut BaseMesh {
        let tile = place.map(|v| (v * TILES).floor());
        let key = (class, tile[1] as i64, tile[0] as i64);
        let is_full = |m: &(u8, BaseMesh)| m.1.vertices.len() + vertices > MOST_VERTICES;
        let index = match self.open.get(&key) {
            Some(index) if !is_full(&self.meshes[*index]) => *index,
            _ => {
                let mesh = BaseMesh {
                    origin: tile.map(|t| (t + 0.5) / TILES),
                    half_extent: REACH / 2.0 / TILES,
                    bounds: [f64::MAX, f64::MAX, f64::MIN, f64::MIN],
                    ..BaseMesh::default()
                };
                self.meshes.push((class, mesh));
                self.open.insert(key, self.meshes.len() - 1);
                self.meshes.len() - 1
            }
        };
        &mut self.meshes[index].1
    }
}

impl BaseMesh {
    fn push(&mut self, at: [f64; 2], side: [f64; 2], class: u8) -> u16 {
        let b = &mut self.bounds;
        *b = [b[0].min(at[0]), b[1].min(at[1]), b[2].max(at[0]), b[3].max(at[1])];
        let offset = |axis: usize| {
            let part = (at[axis] - self.origin[axis]) / self.half_extent;
            (part * 32_767.0).round().clamp(-32_767.0, 32_767.0) as i16
        };
        self.vertices.push(BaseVertex {
            offset: [offset(0), offset(1)],
            side: side.map(|s| (s * SIDE_UNITS).round().clamp(-32_767.0, 32_767.0) as i16),
            class: [u16::from(class), 0],
        });
        (self.vertices.len() - 1) as u16
    }
}

impl BaseMap {
    /// Makes the meshes of all shapes; later shapes of a class lie over earlier ones.
    #[must_use]
    pub fn of(shapes: &[BaseShape]) -> Self {
        let mut meshes = Meshes::default();
        let mut labels = Vec::new();
        for shape in shapes {
            let is_area =
                matches!(shape.geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
            let class = class_of(shape.kind, shape.rank, is_area);
            add_shape(&mut meshes, &shape.geometry, class);
            if !shape.name.is_empty() {
                labels.extend(label(&shape.name, class, &shape.geometry));
            }
        }
        labels.sort_by(|a, b| b.class.cmp(&a.class).then_with(|| a.name.cmp(&b.name)));
        // By class: the order in which they are drawn.
        meshes.meshes.sort_by_key(|(class, _)| *class);
        Self { meshes: meshes.meshes.into_iter().map(|(_, mesh)| mesh).collect(), labels }
    }
}

fn add_shape(meshes: &mut Meshes, geometry: &Geometry, class: u8) {
    match geometry {
        Geometry::Polygon(part) => add_area(meshes, part, class),
        Geometry::MultiPolygon(parts) => {
            parts.iter().for_each(|part| add_area(meshes, part, class));
        }
        Geometry::LineString(line) => add_line(meshes, line, class),
        Geometry::MultiLineString(lines) => {
            lines.iter().for_each(|line| add_line(meshes, line, class));
        }
        _ => {}
    }
}

/// Cuts an area at the tiles it lies across, then into triangles: offsets reach only so far.
fn add_area(meshes: &mut Meshes, part: &::geo::Polygon, class: u8) {
    use ::geo::{BooleanOps as _, BoundingRect as _, MapCoords as _, Rect, coord};
    let projected = part.map_coords(|c| {
        let [x, y] = world(&c);
        coord! { x: x, y: y }
    });
    let Some(bounds) = projected.bounding_rect() else { return };
    if bounds.width().max(bounds.height()) * TILES < REACH / 2.0 - 1.0 {
        add_triangles(meshes, &projected, class);
        return;
    }
    let first = (bounds.min() * TILES).x.floor() as i64;
    let last = (bounds.max() * TILES).x.floor() as i64;
    let (top, bottom) =
        ((bounds.min().y * TILES).floor() as i64, (bounds.max().y * TILES).floor() as i64);
    if (last - first + 1) * (bottom - top + 1) > 4_096 {
        return; // An ocean: no part of a city's map.
    }
    for (column, row) in
        (first..=last).flat_map(|column| (top..=bottom).map(move |row| (column, row)))
    {
        let corner = coord! { x: column as f64 / TILES, y: row as f64 / TILES };
        let tile = Rect::new(corner, corner + coord! { x: 1.0 / TILES, y: 1.0 / TILES });
        // Booleans work on numbers of everyday size.
        let local = |c: Coord| (c - corner) * TILES;
        let here = projected.map_coords(local).intersection(&tile.map_coords(local).to_polygon());
        for piece in here {
            add_triangles(meshes, &piece.map_coords(|c| c / TILES + corner), class);
        }
    }
}

fn add_triangles(meshes: &mut Meshes, part: &::geo::Polygon, class: u8) {
    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut holes: Vec<u32> = Vec::new();
    for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
        if !points.is_empty() {
            holes.push(points.len() as u32);
        }
        points.extend(ring.0.iter().skip(1).map(|c| [c.x, c.y]));
    }
    let (Some(first), true) = (points.first().copied(), points.len() <= MOST_VERTICES) else {
        return;
    };
    let mut triangles: Vec<u32> = Vec::new();
    let local = points.iter().map(|p| [p[0] - first[0], p[1] - first[1]]);
    earcut::Earcut::new().earcut(local, &holes, &mut triangles);
    let mesh = meshes.at(class, first, points.len());
    let base = mesh.vertices.len() as u16;
    for at in &points {
        mesh.push(*at, [0.0; 2], class);
    }
    mesh.triangles.extend(triangles.iter().map(|t| base + *t as u16));
}

/// Adds a ribbon along a line, cut where it leaves its tile by far.
fn add_line(meshes: &mut Meshes, line: &LineString, class: u8) {
    let mut points: Vec<[f64; 2]> = line.0.iter().map(world).collect();
    points.dedup();
    // Long straight edges get corners in between, so that each piece fits a tile.
    let step = 1.0 / TILES;
    let mut fine: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    for pair in points.windows(2) {
        let length = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let pieces = (length / step).ceil().clamp(1.0, 10_000.0) as usize;
        for piece in 0..pieces {
            let t = piece as f64 / pieces as f64;
            fine.push([0, 1].map(|axis| pair[0][axis] + (pair[1][axis] - pair[0][axis]) * t));
        }
    }
    fine.extend(points.last());
    if fine.len() < 2 {
        return;
    }
    let direction = |a: [f64; 2], b: [f64; 2]| {
        let (x, y) = (b[0] - a[0], b[1] - a[1]);
        let length = x.hypot(y).max(1e-300);
        [x / length, y / length]
    };
    let side = |index: usize| {
        let before = index.checked_sub(1).map(|i| direction(fine[i], fine[index]));
        let after = fine.get(index + 1).map(|next| direction(fine[index], *next));
        let (a, b) = match (before, after) {
            (Some(a), Some(b)) => (a, b),
            (Some(a), None) | (None, Some(a)) => (a, a),
            (None, None) => return [0.0; 2],
        };
        // The mitre: along the bisector, long enough to keep the width on both sides.
        let (x, y) = (-(a[1] + b[1]), a[0] + b[0]);
        let length = x.hypot(y);
        if length < 1e-9 {
            return [-a[1], a[0]];
        }
        let stretch = (2.0 / length).min(MOST_MITRE) / length;
        [x * stretch, y * stretch]
    };
    for index in 0..fine.len() - 1 {
        let mesh = meshes.at(class, fine[index], 4);
        let corners: Vec<u16> = [(index, 1.0), (index, -1.0), (index + 1, 1.0), (index + 1, -1.0)]
            .into_iter()
            .map(|(i, sign)| mesh.push(fine[i], side(i).map(|s| s * sign), class))
            .collect();
        let [a, b, c, d] = corners[..] else { return };
        mesh.triangles.extend([a, b, c, c, b, d]);
    }
}

fn label(name: &str, class: u8, geometry: &Geometry) -> Option<BaseLabel> {
    use ::geo::InteriorPoint as _;
    let course = match geometry {
        Geometry::MultiLineString(lines) => {
            let length = |l: &&LineString| {
                l.0.windows(2).map(|w| (w[1].x - w[0].x).hypot(w[1].y - w[0].y)).sum::<f64>()
            };
            let longest = lines.iter().max_by(|a, b| length(a).total_cmp(&length(b)))?;
            longest.0.iter().map(|c| lon_lat(c.x, c.y)).collect()
        }
        areas => {
            let inside = areas.interior_point()?;
            vec![lon_lat(inside.x(), inside.y())]
        }
    };
    Some(BaseLabel { name: name.to_owned(), class, course })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::{MultiLineString, MultiPolygon, wkt};

    fn shape(kind: BaseKind, geometry: Geometry) -> BaseShape {
        BaseShape { kind, rank: 1, name: "n".to_owned(), geometry }
    }

    /// Area of all triangles, world units².
    fn area(map: &BaseMap) -> f64 {
        let mut sum = 0.0;
        for mesh in &map.meshes {
            for t in mesh.triangles.chunks_exact(3) {
                let at = |i: u16| {
                    let v = mesh.vertices[usize::from(i)].offset;
                    v.map(|o| f64::from(o) / 32_767.0 * mesh.half_extent)
                };
                let (a, b, c) = (at(t[0]), at(t[1]), at(t[2]));
                sum += ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0;
            }
        }
        sum
    }

    #[test]
    fn a_lake_larger_than_many_tiles_keeps_its_area_and_its_island() {
        let lake = wkt!(POLYGON((0.0 0.0, 0.5 0.0, 0.5 0.3, 0.0 0.3, 0.0 0.0),
                                (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.2, 0.1 0.1)));
        let map = BaseMap::of(&[shape(
            BaseKind::Water,
            Geometry::MultiPolygon(MultiPolygon::new(vec![lake])),
        )]);
        assert!(map.meshes.len() > 20, "{} meshes", map.meshes.len());
        let right = (0.5 * 0.3 - 0.1 * 0.1) / 360.0 / 360.0;
        assert!((area(&map) / right - 1.0).abs() < 0.01, "{}", area(&map) / right);
        assert_eq!(map.labels[0].course.len(), 1);
    }

    #[test]
    fn a_road_is_a_ribbon_without_gaps() {
        let road = wkt!(LINESTRING(0.0 0.0, 0.2 0.0, 0.2 0.1));
        let map = BaseMap::of(&[shape(
            BaseKind::Road,
            Geometry::MultiLineString(MultiLineString::new(vec![road])),
        )]);
        let vertices: Vec<(f64, f64, [i16; 2])> = map
            .meshes
            .iter()
            .flat_map(|m| {
                m.vertices.iter().map(|v| {
                    let at = [0, 1]
                        .map(|a| m.origin[a] + f64::from(v.offset[a]) / 32_767.0 * m.half_extent);
                    (at[0], at[1], v.side)
                })
            })
            .collect();
        assert!(map.meshes.iter().all(|m| m.vertices.iter().all(|v| v.class[0] == 7)));
        // Each piece ends where the next begins, also across tiles.
        for quad in vertices.chunks_exact(4).collect::<Vec<_>>().windows(2) {
            assert!((quad[0][2].0 - quad[1][0].0).abs() < 1e-8);
            assert_eq!(quad[0][2].2, quad[1][0].2, "both pieces share the mitre");
        }
        let longest = vertices
            .iter()
            .map(|v| f64::from(v.2[0]).hypot(f64::from(v.2[1])) / SIDE_UNITS)
            .fold(0.0, f64::max);
        assert!((longest - 2f64.sqrt()).abs() < 0.01, "the corner's mitre: {longest}");
    }
}
