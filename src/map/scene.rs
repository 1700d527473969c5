//! Everything the map shows of a workspace, read once and shared.

use std::collections::HashMap;

use super::chunks::ChunkSet;
use super::style;
use crate::geo::{BBox, FootprintSet, LonLat, lon_lat};
use crate::store::features::{self, BuildingLabel, GridShape, PointFeature};
use crate::store::{Connection, Result};

/// An estate's name and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct EstateLabel {
    /// Row id.
    pub estate_id: i64,
    /// Name.
    pub name: String,
    /// Middle of its buildings.
    pub at: LonLat,
    /// Box of its buildings' inside points.
    pub bounds: BBox,
    /// How many buildings.
    pub buildings: usize,
}

/// The map's content.
pub struct Scene {
    /// Outlines with index.
    pub footprints: FootprintSet,
    /// Vertices.
    pub chunks: ChunkSet,
    /// Labels, by feature.
    pub labels: Vec<BuildingLabel>,
    /// Estates, by size.
    pub estates: Vec<EstateLabel>,
    /// Grids, by code.
    pub grids: Vec<GridShape>,
    /// Events, newest first.
    pub events: Vec<PointFeature>,
    /// Devices, by code.
    pub devices: Vec<PointFeature>,
    feature_of: HashMap<i64, usize>,
}

impl Scene {
    /// Reads a workspace.
    ///
    /// # Errors
    /// SQLite's errors; a damaged geometry.
    pub fn read(conn: &Connection) -> Result<Self> {
        let footprints = features::footprints(conn)?;
        let labels = features::building_labels(conn)?;
        let names: HashMap<i64, String> = features::estate_names(conn)?.into_iter().collect();
        let chunks = ChunkSet::build(&footprints);
        let feature_of = (0..footprints.len()).map(|f| (footprints.building_id(f), f)).collect();
        Ok(Self {
            estates: estates(&labels, &names),
            grids: features::grids(conn)?,
            events: features::event_points(conn)?,
            devices: features::device_points(conn)?,
            footprints,
            chunks,
            labels,
            feature_of,
        })
    }

    /// Feature of a building's row id.
    #[must_use]
    pub fn feature_of(&self, building_id: i64) -> Option<usize> {
        self.feature_of.get(&building_id).copied()
    }

    /// The building at a position: the smallest, then the lowest code.
    #[must_use]
    pub fn pick(&self, p: LonLat) -> Option<usize> {
        self.footprints.at(p).first().copied()
    }

    /// State bytes in slot order: by kind, or by the counts of a focus.
    #[must_use]
    pub fn states(&self, focus: Option<&[(i64, u32)]>) -> Vec<u8> {
        let mut by_feature: Vec<u8> = match focus {
            None => self.labels.iter().map(|l| style::plain_class(l.kind)).collect(),
            Some(_) => vec![style::FOCUS_NONE; self.labels.len()],
        };
        if let Some(counts) = focus {
            let breaks = style::focus_breaks(counts.iter().map(|(_, n)| *n));
            for (building_id, count) in counts {
                if let Some(feature) = self.feature_of(*building_id) {
                    by_feature[feature] = style::focus_class(*count, &breaks);
                }
            }
        }
        self.chunks.order.iter().map(|feature| by_feature[*feature as usize]).collect()
    }
}

fn estates(labels: &[BuildingLabel], names: &HashMap<i64, String>) -> Vec<EstateLabel> {
    let mut members: HashMap<i64, Vec<LonLat>> = HashMap::new();
    for label in labels {
        if let Some(estate_id) = label.estate_id {
            members.entry(estate_id).or_default().push(label.at);
        }
    }
    let mut estates: Vec<EstateLabel> = members
        .into_iter()
        .filter_map(|(estate_id, points)| {
            let n = points.len() as f64;
            let mut bounds = BBox::EMPTY;
            points.iter().for_each(|p| bounds.add(p.lon, p.lat));
            Some(EstateLabel {
                estate_id,
                name: names.get(&estate_id)?.clone(),
                at: lon_lat(
                    points.iter().map(|p| p.lon).sum::<f64>() / n,
                    points.iter().map(|p| p.lat).sum::<f64>() / n,
                ),
                bounds,
                buildings: points.len(),
            })
        })
        .collect();
    estates.sort_by(|a, b| b.buildings.cmp(&a.buildings).then_with(|| a.name.cmp(&b.name)));
    estates
}
