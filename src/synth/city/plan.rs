//! A made district, and the shapes it is drawn with.

use ::geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Polygon};

use crate::domain::basemap::BaseKind;
use crate::domain::records::{BaseRecord, BuildingRecord, DeviceRecord, EventRecord, GridRecord};
use crate::geo::mercator::WORLD_WIDTH_M;
use crate::geo::{LonLat, lon_lat};
/// Middle of the district: Xindu sub-district, Yancheng.
pub const CENTER: LonLat = lon_lat(120.1534, 33.3471);
/// Every fourth street is a main one.
pub(in crate::synth) fn street_rank(number: usize) -> u8 {
    if number % 4 == 1 { 2 } else { 3 }
}

/// A made district.
pub struct City {
    /// Buildings, in code order.
    pub buildings: Vec<BuildingRecord>,
    /// Grids; together they cover every superblock.
    pub grids: Vec<GridRecord>,
    /// Cameras, hydrants, smoke detectors, AEDs, door controls. `building_id` is a position in
    /// `buildings`.
    pub devices: Vec<DeviceRecord>,
    /// Events of the last weeks. `building_id` is a position in `buildings`.
    pub events: Vec<EventRecord>,
    /// Centre lines of the streets with their names.
    pub roads: Vec<(String, LineString)>,
    /// The river and ponds.
    pub water: Vec<MultiPolygon>,
    /// Parks.
    pub green: Vec<MultiPolygon>,
}

impl City {
    /// Streets, water and green as basemap shapes.
    pub fn basemap(&self) -> impl Iterator<Item = BaseRecord> {
        let area = |kind, outline: &MultiPolygon| BaseRecord {
            kind,
            rank: 1,
            name: None,
            geometry: Geometry::MultiPolygon(outline.clone()),
        };
        let water = self.water.iter().map(move |o| area(BaseKind::Water, o));
        let green = self.green.iter().map(move |o| area(BaseKind::Green, o));
        let roads = self.roads.iter().enumerate().map(|(number, (name, line))| BaseRecord {
            kind: BaseKind::Road,
            rank: street_rank(number),
            name: Some(name.clone()),
            geometry: Geometry::MultiLineString(MultiLineString::new(vec![line.clone()])),
        });
        water.chain(green).chain(roads)
    }
}

pub(in crate::synth) fn outline(points: &[(f64, f64)]) -> MultiPolygon {
    let ring: Vec<Coord> = points.iter().map(|&(x, y)| degrees(x, y)).collect();
    MultiPolygon::new(vec![Polygon::new(LineString::new(ring), Vec::new())])
}

/// A turned rectangle: centre, size and angle (radians, anticlockwise), as an outline.
pub(in crate::synth) fn rectangle(
    cx: f64,
    cy: f64,
    width: f64,
    depth: f64,
    angle: f64,
) -> Vec<(f64, f64)> {
    let (sin, cos) = angle.sin_cos();
    [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
        .iter()
        .map(|(u, v)| {
            let (x, y) = (u * width, v * depth);
            (cx + x * cos - y * sin, cy + x * sin + y * cos)
        })
        .collect()
}

/// Metres east and north of [`CENTER`] as degrees.
pub(in crate::synth) fn degrees(x: f64, y: f64) -> Coord {
    let per_degree = WORLD_WIDTH_M / 360.0;
    // Seven decimals are a centimetre: what real data carries, and files stay small.
    let round = |value: f64| (value * 1e7).round() / 1e7;
    Coord {
        x: round(CENTER.lon + x / (per_degree * CENTER.lat.to_radians().cos())),
        y: round(CENTER.lat + y / per_degree),
    }
}
