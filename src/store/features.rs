//! Whole layers of geometry out of the workspace, for the map and for point-in-building joins.

use rusqlite::Connection;

use super::id_column::IdColumn;
use super::{Result, Workspace, gpkg};
use crate::domain::basemap::BaseKind;
use crate::domain::ids::{BuildingId, DeviceId, EstateId, EventId, GridId, PersonId, TagId};
use crate::geo::{BBox, FootprintSet, FootprintSetBuilder, LonLat, lon_lat, polygon};

/// All buildings' outlines with an R-tree.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn footprints(conn: &Connection) -> Result<FootprintSet> {
    let mut builder = FootprintSetBuilder::default();
    let mut select =
        conn.prepare("SELECT building_id, code, geom FROM building WHERE deleted_at IS NULL")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        gpkg::decode_outline_into(row.get_ref(2)?.as_blob().unwrap_or_default(), &mut builder)?;
        builder.end_feature(
            row.get::<_, BuildingId>(0)?,
            row.get_ref(1)?.as_str().unwrap_or_default(),
        );
    }
    Ok(builder.build())
}

/// The buildings whose box meets a box, by the file's own R-tree: for questions that are asked
/// once, such as `menpai at`.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn footprints_in(conn: &Connection, b: &BBox) -> Result<FootprintSet> {
    let mut builder = FootprintSetBuilder::default();
    let mut select = conn.prepare(
        "SELECT b.building_id, b.code, b.geom FROM rtree_building_geom r
         JOIN building b ON b.building_id = r.id
         WHERE r.minx <= ?3 AND r.maxx >= ?1 AND r.miny <= ?4 AND r.maxy >= ?2
           AND b.deleted_at IS NULL ORDER BY b.building_id",
    )?;
    let mut rows = select.query((b.west, b.south, b.east, b.north))?;
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(2)?.as_blob().unwrap_or_default())?;
        builder.push(row.get::<_, BuildingId>(0)?, &row.get::<_, String>(1)?, &outline);
    }
    Ok(builder.build())
}

/// A grid as the map needs it.
pub struct GridShape {
    /// Row id.
    pub grid_id: GridId,
    /// Code.
    pub code: String,
    /// Name, or the code.
    pub name: String,
    /// Rings in degrees.
    pub outline: ::geo::MultiPolygon,
    /// Box of the outline.
    pub bounds: BBox,
}

/// All grids, by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn grids(conn: &Connection) -> Result<Vec<GridShape>> {
    let mut select = conn.prepare(
        "SELECT grid_id, code, coalesce(name, code), geom FROM grid
         WHERE deleted_at IS NULL ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    let mut grids = Vec::new();
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(3)?.as_blob().unwrap_or_default())?;
        grids.push(GridShape {
            grid_id: row.get(0)?,
            code: row.get(1)?,
            name: row.get(2)?,
            bounds: polygon::bbox(&outline),
            outline,
        });
    }
    Ok(grids)
}

/// What the map writes on a building and colours it by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BuildingLabel<'a> {
    /// Row id.
    pub building_id: BuildingId,
    /// Name, else building number, else nothing.
    pub text: &'a str,
    /// A point inside.
    pub at: LonLat,
    /// Key of `building_kind`.
    pub kind: Option<i64>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
    /// Row id of the estate.
    pub estate_id: Option<EstateId>,
    /// Row id of the grid.
    pub grid_id: Option<GridId>,
}

/// Labels of many buildings, 30 bytes each and their text. A key of 0 stands for none: row ids
/// and code keys begin at 1.
#[derive(Default)]
pub struct LabelColumns {
    text: String,
    text_ends: Vec<u32>,
    /// Offset of the inside point from the south-west corner of the box, degrees.
    inside: Vec<[f32; 2]>,
    kinds: Vec<u8>,
    floors: Vec<u16>,
    estates: IdColumn<EstateId>,
    grids: IdColumn<GridId>,
}

/// Floors that are not known.
const NO_FLOORS: u16 = u16::MAX;

impl LabelColumns {
    /// Adds a building's label; `south_west` is the corner of its box.
    pub fn push(&mut self, label: &BuildingLabel<'_>, south_west: LonLat) {
        self.text.push_str(label.text);
        self.text_ends.push(self.text.len() as u32);
        let offset = [label.at.lon - south_west.lon, label.at.lat - south_west.lat];
        self.inside.push(offset.map(|o| o as f32));
        self.kinds.push(label.kind.and_then(|k| u8::try_from(k).ok()).unwrap_or(0));
        let floors = label.floors_above.and_then(|f| u16::try_from(f).ok());
        self.floors.push(floors.unwrap_or(NO_FLOORS));
        self.estates.push(label.estate_id.unwrap_or(EstateId(0)));
        self.grids.push(label.grid_id.unwrap_or(GridId(0)));
    }

    fn append(&mut self, other: &Self) {
        let base = self.text.len() as u32;
        self.text.push_str(&other.text);
        self.text_ends.extend(other.text_ends.iter().map(|end| end + base));
        self.inside.extend_from_slice(&other.inside);
        self.kinds.extend_from_slice(&other.kinds);
        self.floors.extend_from_slice(&other.floors);
        self.estates.append(&other.estates);
        self.grids.append(&other.grids);
    }

    fn text(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.text_ends[index - 1] };
        &self.text[start as usize..self.text_ends[index] as usize]
    }

    fn reordered(&self, order: &[u32]) -> Self {
        let mut out = Self { text: String::with_capacity(self.text.len()), ..Self::default() };
        for &index in order {
            out.text.push_str(self.text(index as usize));
            out.text_ends.push(out.text.len() as u32);
        }
        fn pick<T: Copy>(list: &[T], order: &[u32]) -> Vec<T> {
            order.iter().map(|i| list[*i as usize]).collect()
        }
        out.inside = pick(&self.inside, order);
        out.kinds = pick(&self.kinds, order);
        out.floors = pick(&self.floors, order);
        out.estates = self.estates.reordered(order);
        out.grids = self.grids.reordered(order);
        out
    }
}

/// Every building as the map needs it: outlines with their index, and labels. Positions are the
/// features of [`FootprintSet`].
pub struct MapBuildings {
    /// Outlines.
    pub footprints: FootprintSet,
    labels: LabelColumns,
}

/// Collects [`MapBuildings`].
#[derive(Default)]
pub struct MapBuildingsBuilder {
    /// Outlines; end a feature before its label is pushed.
    pub outlines: FootprintSetBuilder,
    /// Labels.
    pub labels: LabelColumns,
}

impl MapBuildingsBuilder {
    /// Puts everything into the order of the features.
    #[must_use]
    pub fn build(self) -> MapBuildings {
        let (footprints, order) = self.outlines.build_with_order();
        let labels = if order.is_sorted() { self.labels } else { self.labels.reordered(&order) };
        MapBuildings { footprints, labels }
    }
}

impl MapBuildings {
    /// How many buildings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.footprints.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.footprints.is_empty()
    }

    /// Row id of a feature's building.
    #[must_use]
    pub fn building_id(&self, feature: usize) -> BuildingId {
        BuildingId(self.footprints.id(feature))
    }

    /// The label of a feature.
    #[must_use]
    pub fn label(&self, feature: usize) -> BuildingLabel<'_> {
        let (b, l) = (self.footprints.bbox(feature), &self.labels);
        let inside = l.inside[feature].map(f64::from);
        let (kind, estate, grid) = (l.kinds[feature], l.estates.get(feature), l.grids.get(feature));
        let floors = l.floors[feature];
        BuildingLabel {
            building_id: self.building_id(feature),
            text: l.text(feature),
            at: lon_lat(b.west + inside[0], b.south + inside[1]),
            kind: (kind != 0).then_some(kind.into()),
            floors_above: (floors != NO_FLOORS).then_some(floors.into()),
            estate_id: Some(estate).filter(|id| *id != EstateId(0)),
            grid_id: Some(grid).filter(|id| *id != GridId(0)),
        }
    }

    /// Key of `building_kind` of each feature, 0 for none.
    #[must_use]
    pub fn kinds(&self) -> &[u8] {
        &self.labels.kinds
    }

    /// Floors above ground of each feature.
    pub fn floors(&self) -> impl Iterator<Item = Option<u32>> {
        self.labels.floors.iter().map(|f| (*f != NO_FLOORS).then_some(u32::from(*f)))
    }

    /// The labels of all features.
    pub fn labels(&self) -> impl Iterator<Item = BuildingLabel<'_>> {
        (0..self.len()).map(|feature| self.label(feature))
    }

    /// Reads every building of a workspace, on two connections: SQLite reads a table no faster
    /// than one core can decode it.
    ///
    /// # Errors
    /// SQLite's errors; a damaged geometry.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let (first, second) = (workspace.scanner()?, workspace.scanner()?);
        let middle: i64 = first.query_row(
            "SELECT coalesce(max(building_id), 0) / 2 FROM building",
            [],
            |row| row.get(0),
        )?;
        let (low, high) = rayon::join(
            move || read_range(&first, i64::MIN, middle),
            move || read_range(&second, middle + 1, i64::MAX),
        );
        let (mut low, high) = (low?, high?);
        low.outlines.append(&high.outlines);
        low.labels.append(&high.labels);
        Ok(low.build())
    }
}

fn read_range(conn: &Connection, from: i64, to: i64) -> Result<MapBuildingsBuilder> {
    let mut builder = MapBuildingsBuilder::default();
    let mut select = conn.prepare(
        "SELECT building_id, code, geom,
           CASE WHEN building_no IS NOT NULL AND estate_id IS NOT NULL THEN building_no
                ELSE coalesce(name, address, '') END,
           lon, lat, kind, floors_above, estate_id, grid_id
         FROM building WHERE deleted_at IS NULL AND building_id BETWEEN ?1 AND ?2
         ORDER BY building_id",
    )?;
    let mut rows = select.query((from, to))?;
    while let Some(row) = rows.next()? {
        let (building_id, code): (BuildingId, _) =
            (row.get(0)?, row.get_ref(1)?.as_str().unwrap_or_default());
        let blob = row.get_ref(2)?.as_blob().unwrap_or_default();
        gpkg::decode_outline_into(blob, &mut builder.outlines)?;
        let bounds = builder.outlines.end_feature(building_id, code);
        let inside: (Option<f64>, Option<f64>) = (row.get(4)?, row.get(5)?);
        let label = BuildingLabel {
            building_id,
            text: row.get_ref(3)?.as_str().unwrap_or_default(),
            at: match inside {
                (Some(lon), Some(lat)) => lon_lat(lon, lat),
                _ => bounds.center(),
            },
            kind: row.get(6)?,
            floors_above: row.get(7)?,
            estate_id: row.get(8)?,
            grid_id: row.get(9)?,
        };
        builder.labels.push(&label, lon_lat(bounds.west, bounds.south));
    }
    Ok(builder)
}

/// The name of an estate.
///
/// # Errors
/// A row that cannot be read.
pub fn estate_name(conn: &Connection, estate_id: EstateId) -> Result<Option<String>> {
    let mut select =
        conn.prepare_cached("SELECT name FROM estate WHERE estate_id = ?1 AND deleted_at IS NULL")?;
    let mut rows = select.query([estate_id])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// Estate row id → name.
///
/// # Errors
/// SQLite's errors.
pub fn estate_names(conn: &Connection) -> Result<Vec<(EstateId, String)>> {
    let mut select = conn.prepare(
        "SELECT estate_id, name FROM estate WHERE deleted_at IS NULL ORDER BY estate_id",
    )?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// A shape under the buildings.
pub struct BaseShape {
    /// What it is.
    pub kind: BaseKind,
    /// 1 the greatest road … 4 a path.
    pub rank: u8,
    /// Name, or nothing.
    pub name: String,
    /// Lines or areas, degrees.
    pub geometry: ::geo::Geometry,
}

/// Everything under the buildings: areas first, then the greater roads last, so that they cross
/// over the lesser ones.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn basemap(conn: &Connection) -> Result<Vec<BaseShape>> {
    if !super::has_table(conn, "basemap")? {
        return Ok(Vec::new());
    }
    let mut select = conn.prepare(
        "SELECT kind, rank, coalesce(name, ''), geom FROM basemap
         ORDER BY kind = 3, kind, rank DESC, basemap_id",
    )?;
    let mut rows = select.query([])?;
    let mut shapes = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(kind) = BaseKind::from_key(row.get(0)?) else { continue };
        shapes.push(BaseShape {
            kind,
            rank: row.get(1)?,
            name: row.get(2)?,
            geometry: gpkg::decode_shape(row.get_ref(3)?.as_blob().unwrap_or_default())?,
        });
    }
    Ok(shapes)
}

/// A feature of a point layer: an event or a device.
#[derive(Debug, Clone, PartialEq)]
pub struct PointFeature<I> {
    /// Row id in its table.
    pub id: I,
    /// Number of the event, code of the device.
    pub code: String,
    /// Title or name.
    pub title: String,
    /// Position.
    pub at: LonLat,
    /// Key of its category or kind.
    pub kind: i64,
    /// Key of its state.
    pub state: i64,
    /// When it was reported, UTC seconds (events).
    pub reported_at: Option<i64>,
    /// Row id of its building.
    pub building_id: Option<BuildingId>,
    /// Camera: direction, opening angle (degrees), range (metres).
    pub view: Option<(f64, f64, f64)>,
}

/// All events with a place, newest first.
///
/// # Errors
/// A table that cannot be read; a damaged geometry.
pub fn event_points(conn: &Connection) -> Result<Vec<PointFeature<EventId>>> {
    let sql = format!("{EVENT_POINTS} ORDER BY e.reported_at DESC, e.no");
    let mut select = conn.prepare(&sql)?;
    let mut rows = select.query([])?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        points.extend(event_point(row)?);
    }
    Ok(points)
}

/// One event, if it has a place.
///
/// # Errors
/// A row that cannot be read; a damaged geometry.
pub fn event_point_of(
    conn: &Connection,
    event_id: EventId,
) -> Result<Option<PointFeature<EventId>>> {
    let mut select = conn.prepare_cached(&format!("{EVENT_POINTS} WHERE e.event_id = ?1"))?;
    let mut rows = select.query([event_id])?;
    Ok(rows.next()?.map(event_point).transpose()?.flatten())
}

const EVENT_POINTS: &str = "SELECT e.event_id, e.no, e.title, e.geom, b.lon, b.lat, e.category,
    e.state, e.reported_at, e.building_id
  FROM event e LEFT JOIN building b ON b.building_id = e.building_id";

fn event_point(row: &rusqlite::Row<'_>) -> Result<Option<PointFeature<EventId>>> {
    let inside: (Option<f64>, Option<f64>) = (row.get(4)?, row.get(5)?);
    let at = match (row.get_ref(3)?.as_blob_or_null().ok().flatten(), inside) {
        (Some(blob), _) => gpkg::decode_point(blob)?,
        (None, (Some(lon), Some(lat))) => lon_lat(lon, lat),
        _ => return Ok(None),
    };
    Ok(Some(PointFeature {
        id: row.get(0)?,
        code: row.get(1)?,
        title: row.get(2)?,
        at,
        kind: row.get(6)?,
        state: row.get(7)?,
        reported_at: row.get(8)?,
        building_id: row.get(9)?,
        view: None,
    }))
}

/// All devices, by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn device_points(conn: &Connection) -> Result<Vec<PointFeature<DeviceId>>> {
    let mut select = conn.prepare(
        "SELECT device_id, code, coalesce(name, code), geom, kind, state, building_id,
           heading_deg, fov_deg, range_m
         FROM device WHERE deleted_at IS NULL ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        let view: (Option<f64>, Option<f64>, Option<f64>) = (row.get(7)?, row.get(8)?, row.get(9)?);
        points.push(PointFeature {
            id: row.get(0)?,
            code: row.get(1)?,
            title: row.get(2)?,
            at: gpkg::decode_point(row.get_ref(3)?.as_blob().unwrap_or_default())?,
            kind: row.get(4)?,
            state: row.get(5)?,
            reported_at: None,
            building_id: row.get(6)?,
            view: match view {
                (Some(heading), Some(fov), Some(range)) => Some((heading, fov, range)),
                _ => None,
            },
        });
    }
    Ok(points)
}

/// The outline of one building; `None` for an unknown one.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn outline_of(
    conn: &Connection,
    building_id: BuildingId,
) -> Result<Option<::geo::MultiPolygon>> {
    let mut select = conn.prepare_cached(
        "SELECT geom FROM building WHERE building_id = ?1 AND deleted_at IS NULL",
    )?;
    let mut rows = select.query([building_id])?;
    match rows.next()? {
        Some(row) => Ok(Some(gpkg::decode_outline(row.get_ref(0)?.as_blob().unwrap_or_default())?)),
        None => Ok(None),
    }
}

/// What the generator needs of a building.
pub struct EmptyBuilding {
    /// Row id.
    pub building_id: BuildingId,
    /// Code.
    pub code: String,
    /// Key of `building_kind`.
    pub kind: Option<i64>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
    /// Floors below ground.
    pub floors_below: Option<i32>,
    /// Ground area, square metres.
    pub area_m2: f64,
}

/// The buildings without rooms, by code.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn empty_buildings(conn: &Connection) -> Result<Vec<EmptyBuilding>> {
    let mut select = conn.prepare(
        "SELECT building_id, code, kind, floors_above, floors_below, geom FROM building b
         WHERE deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM room r WHERE r.building_id = b.building_id)
         ORDER BY code",
    )?;
    let mut rows = select.query([])?;
    let mut buildings = Vec::new();
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(5)?.as_blob().unwrap_or_default())?;
        buildings.push(EmptyBuilding {
            building_id: row.get(0)?,
            code: row.get(1)?,
            kind: row.get(2)?,
            floors_above: row.get(3)?,
            floors_below: row.get(4)?,
            area_m2: polygon::area_m2(&outline),
        });
    }
    Ok(buildings)
}

/// Rows of one of the tables of records.
///
/// # Errors
/// SQLite's errors.
pub fn count_rows(conn: &Connection, table: &str) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM {table}");
    Ok(conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// The highest person row id, 0 when there are none.
///
/// # Errors
/// SQLite's errors.
pub fn last_person_id(conn: &Connection) -> Result<PersonId> {
    Ok(conn.query_row("SELECT coalesce(max(person_id), 0) FROM person", [], |row| row.get(0))?)
}

/// Tag code → row id, in display order.
///
/// # Errors
/// SQLite's errors.
pub fn tag_codes(conn: &Connection) -> Result<Vec<(String, TagId)>> {
    let mut select = conn.prepare("SELECT code, tag_id FROM tag ORDER BY ord")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
