//! Everything the map shows of a workspace, read once and shared.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::base::BaseMap;
use super::chunks::ChunkPlan;
use super::style::{self, Colouring};
use crate::domain::ids::{BuildingId, DeviceId, EstateId, EventId, GridId};
use crate::geo::mercator::{World, world_from_lon_lat};
use crate::geo::{BBox, FootprintSet, LonLat, lon_lat};
use crate::map::cell_points::{CellPoint, cell_points};
use crate::store::changes::ChangeSet;
use crate::store::features::{self, BuildingLabel, GridShape, MapBuildings, PointFeature};
use crate::store::{Connection, Result, Workspace};

/// An estate's name and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct EstateLabel {
    /// Row id.
    pub estate_id: EstateId,
    /// Name.
    pub name: String,
    /// Middle of its buildings.
    pub at: LonLat,
    /// The same, in world units.
    pub place: World,
    /// Box of its buildings' inside points.
    pub bounds: BBox,
    /// How many buildings.
    pub buildings: usize,
}

/// Sums of what buildings are coloured by, per grid and per estate.
#[derive(Debug, Clone, Default)]
pub struct AreaSums {
    /// By grid row id.
    pub grids: HashMap<GridId, u64>,
    /// By estate row id.
    pub estates: HashMap<EstateId, u64>,
}

/// The map's content. What stays the same from one commit to the next is shared.
#[derive(Clone)]
pub struct Scene {
    buildings: Arc<MapBuildings>,
    /// Which buildings are drawn together.
    pub chunks: Arc<ChunkPlan>,
    /// What cells need of each building.
    pub points: Arc<Vec<CellPoint>>,
    /// What lies under the buildings.
    pub base: Arc<BaseMap>,
    /// Estates, by size.
    pub estates: Vec<EstateLabel>,
    /// Grids, by code.
    pub grids: Arc<Vec<GridShape>>,
    /// Events, newest first.
    pub events: Arc<Vec<PointFeature<EventId>>>,
    /// Devices, by code.
    pub devices: Arc<Vec<PointFeature<DeviceId>>>,
    /// Where the events are.
    pub event_places: Arc<Vec<World>>,
    /// Where the devices are.
    pub device_places: Arc<Vec<World>>,
}

impl Scene {
    /// Reads a workspace.
    ///
    /// # Errors
    /// SQLite's errors; a damaged geometry.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let mut scene = Self::of_buildings(Arc::new(MapBuildings::read(workspace)?));
        let conn = workspace.reader()?;
        let names: HashMap<EstateId, String> = features::estate_names(&conn)?.into_iter().collect();
        scene.estates = estates(&scene, &names);
        scene.base = Arc::new(BaseMap::of(&features::basemap(&conn)?));
        scene.grids = Arc::new(features::grids(&conn)?);
        scene.set_events(features::event_points(&conn)?);
        scene.set_devices(features::device_points(&conn)?);
        Ok(scene)
    }

    fn set_events(&mut self, events: Vec<PointFeature<EventId>>) {
        self.event_places = places(&events);
        self.events = Arc::new(events);
    }

    fn set_devices(&mut self, devices: Vec<PointFeature<DeviceId>>) {
        self.device_places = places(&devices);
        self.devices = Arc::new(devices);
    }

    /// Whether another scene shows the same buildings over the same ground.
    #[must_use]
    pub fn has_shapes_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.buildings, &other.buildings) && Arc::ptr_eq(&self.base, &other.base)
    }

    /// Brings the scene up to date with a commit; `None` when it must be read anew, because shapes
    /// or labels have changed. Returns whether anything has.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn patch(&mut self, conn: &Connection, changes: &ChangeSet) -> Result<Option<bool>> {
        if !changes.is_small() || ["building", "grid", "basemap"].iter().any(|t| changes.touches(t))
        {
            return Ok(None);
        }
        let mut has_changed = false;
        for estate_id in changes.rows::<EstateId>() {
            let Some(label) = self.estates.iter_mut().find(|e| e.estate_id == estate_id) else {
                continue;
            };
            match features::estate_name(conn, estate_id)? {
                Some(name) if name == label.name => {}
                Some(name) => (label.name, has_changed) = (name, true),
                None => return Ok(None),
            }
        }
        if changes.touches("event") {
            let touched: BTreeSet<EventId> = changes.rows().collect();
            let others = self.events.iter().filter(|e| !touched.contains(&e.id));
            let mut events: Vec<PointFeature<EventId>> = others.cloned().collect();
            for event_id in touched {
                events.extend(features::event_point_of(conn, event_id)?);
            }
            events.sort_by(|a, b| {
                b.reported_at.cmp(&a.reported_at).then_with(|| a.code.cmp(&b.code))
            });
            self.set_events(events);
            has_changed = true;
        }
        if changes.touches("device") {
            self.set_devices(features::device_points(conn)?);
            has_changed = true;
        }
        Ok(Some(has_changed))
    }

    /// A scene of buildings alone, such as those of a file that is being imported.
    #[must_use]
    pub fn of_buildings(buildings: Arc<MapBuildings>) -> Self {
        Self {
            chunks: Arc::new(ChunkPlan::of(&buildings.footprints)),
            points: Arc::new(cell_points(&buildings.footprints)),
            buildings,
            base: Arc::default(),
            estates: Vec::new(),
            grids: Arc::default(),
            events: Arc::default(),
            devices: Arc::default(),
            event_places: Arc::default(),
            device_places: Arc::default(),
        }
    }

    /// A scene of outlines without labels, for tests and measurements.
    #[must_use]
    pub fn of_footprints(outlines: crate::geo::FootprintSetBuilder) -> Self {
        let mut builder = features::MapBuildingsBuilder { outlines, ..Default::default() };
        let none = BuildingLabel {
            building_id: BuildingId(0),
            text: "",
            at: lon_lat(0.0, 0.0),
            kind: None,
            floors_above: None,
            estate_id: None,
            grid_id: None,
        };
        for _ in 0..builder.outlines.len() {
            builder.labels.push(&none, lon_lat(0.0, 0.0));
        }
        Self::of_buildings(Arc::new(builder.build()))
    }

    /// Outlines with index; positions in them are "features".
    #[must_use]
    pub fn footprints(&self) -> &FootprintSet {
        &self.buildings.footprints
    }

    /// The label of a feature.
    #[must_use]
    pub fn label(&self, feature: usize) -> BuildingLabel<'_> {
        self.buildings.label(feature)
    }

    /// The labels of all features.
    pub fn labels(&self) -> impl Iterator<Item = BuildingLabel<'_>> {
        self.buildings.labels()
    }

    /// Row id of a feature's building.
    #[must_use]
    pub fn building_id(&self, feature: usize) -> BuildingId {
        self.buildings.building_id(feature)
    }

    /// Feature of a building's row id.
    #[must_use]
    pub fn feature_of(&self, building_id: BuildingId) -> Option<usize> {
        self.footprints().feature_of(building_id)
    }

    /// What is near a building and has a name: the road of a neighbour's address or the neighbour
    /// itself, else the nearest named road, within some 200 m.
    #[must_use]
    pub fn near(&self, feature: usize) -> Option<&str> {
        const REACH_DEG: f64 = 0.002;
        let at = self.label(feature).at;
        let reach = BBox {
            west: at.lon - REACH_DEG,
            south: at.lat - REACH_DEG,
            east: at.lon + REACH_DEG,
            north: at.lat + REACH_DEG,
        };
        let apart = |p: LonLat| (p.lon - at.lon).powi(2) + (p.lat - at.lat).powi(2);
        let roads = self.base.labels.iter().filter(|l| l.course.len() > 1 && !l.name.is_empty());
        let road = roads
            .filter_map(|l| {
                let nearest = l.course.iter().map(|p| apart(*p)).min_by(f64::total_cmp)?;
                (nearest <= REACH_DEG * REACH_DEG).then_some((nearest, l.name.as_str()))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, name)) = road {
            return Some(name);
        }
        let neighbours = self.footprints().in_bbox(&reach).into_iter().map(|f| {
            let place = self.label(f);
            (apart(place.at), place.text)
        });
        let named = neighbours.filter(|(_, text)| text.chars().any(char::is_alphabetic));
        let (_, text) = named.min_by(|a, b| a.0.total_cmp(&b.0))?;
        // 福州路123号 is in 福州路.
        let number = text.find(|c: char| c.is_ascii_digit()).filter(|start| *start > 0);
        let street = number.map_or(text, |start| text[..start].trim());
        Some(if street.is_empty() { text } else { street })
    }

    /// The building at a position: the smallest, then the lowest code.
    #[must_use]
    pub fn pick(&self, p: LonLat) -> Option<usize> {
        self.footprints().at(p).first().copied()
    }

    /// Adds values of buildings up per grid and per estate; `values` is sorted by building id.
    #[must_use]
    pub fn sums(&self, values: &[(BuildingId, u32)]) -> AreaSums {
        let mut sums = AreaSums::default();
        for (feature, value) in self.footprints().features_of(values) {
            let label = self.label(feature);
            let value = u64::from(value);
            if let Some(grid_id) = label.grid_id {
                *sums.grids.entry(grid_id).or_default() += value;
            }
            if let Some(estate_id) = label.estate_id {
                *sums.estates.entry(estate_id).or_default() += value;
            }
        }
        sums
    }

    /// Marks the selected buildings in the state bytes; `selection` is sorted.
    pub fn mark(&self, states: &mut [u8], selection: &[BuildingId]) {
        let pairs: Vec<(BuildingId, ())> = selection.iter().map(|id| (*id, ())).collect();
        for (feature, ()) in self.footprints().features_of(&pairs) {
            states[feature] |= style::SELECTED;
        }
    }

    /// State bytes by feature.
    #[must_use]
    pub fn states(&self, colouring: &Colouring<'_>) -> Vec<u8> {
        let kinds = self.buildings.kinds();
        let breaks = colouring.breaks();
        match colouring {
            Colouring::Plain => kinds
                .iter()
                .zip(self.buildings.floors())
                .map(|(kind, floors)| style::plain_class(*kind, floors))
                .collect(),
            Colouring::Use => kinds.iter().map(|kind| style::use_class(*kind)).collect(),
            Colouring::Floors => {
                let floors = self.buildings.floors();
                floors.map(|f| style::ramp_class(f.unwrap_or(0), &breaks)).collect()
            }
            Colouring::Focus(values) | Colouring::Measure(_, values) => {
                let mut states = vec![style::RAMP_NONE; self.buildings.len()];
                for (feature, value) in self.footprints().features_of(values) {
                    states[feature] = style::ramp_class(value, &breaks);
                }
                states
            }
        }
    }
}

fn places<I>(points: &[PointFeature<I>]) -> Arc<Vec<World>> {
    Arc::new(points.iter().map(|p| world_from_lon_lat(p.at)).collect())
}

fn estates(scene: &Scene, names: &HashMap<EstateId, String>) -> Vec<EstateLabel> {
    let mut members: HashMap<EstateId, Vec<LonLat>> = HashMap::new();
    for label in scene.labels() {
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
            let at = lon_lat(
                points.iter().map(|p| p.lon).sum::<f64>() / n,
                points.iter().map(|p| p.lat).sum::<f64>() / n,
            );
            Some(EstateLabel {
                estate_id,
                name: names.get(&estate_id)?.clone(),
                at,
                place: world_from_lon_lat(at),
                bounds,
                buildings: points.len(),
            })
        })
        .collect();
    estates.sort_by(|a, b| b.buildings.cmp(&a.buildings).then_with(|| a.name.cmp(&b.name)));
    estates
}
