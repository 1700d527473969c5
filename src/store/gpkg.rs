//! GeoPackage 1.4: file identity, registration, geometry blobs and the R-tree functions.
//!
//! DDL, blob codec and trigger texts come from the `geopackage-core` crate; this file decides
//! which of our tables are features and which are attributes.

use crate::msg;
use crate::text::Message;
use ::geo::{Geometry, MultiPolygon, Point};
use geopackage_core::{GpbGeometry, ddl, geometry, triggers, version};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

use super::{Result, StoreError, rtree};
use crate::geo::{FootprintSetBuilder, LonLat};
use crate::store::feature_table::FeatureTable;

/// `user_version` of GeoPackage 1.4.0.
pub const USER_VERSION: i64 = 10_400;
/// EPSG:4326, longitude/latitude in the blobs (GeoPackage's fixed axis order).
pub const SRS_ID: i32 = 4326;

/// The feature tables; each has a geometry column `geom` and an R-tree.
pub const FEATURES: [FeatureTable; 5] = [
    FeatureTable { table: "building", pk: "building_id", geometry_type: "MULTIPOLYGON" },
    FeatureTable { table: "grid", pk: "grid_id", geometry_type: "MULTIPOLYGON" },
    FeatureTable { table: "event", pk: "event_id", geometry_type: "POINT" },
    FeatureTable { table: "device", pk: "device_id", geometry_type: "POINT" },
    FeatureTable { table: "basemap", pk: "basemap_id", geometry_type: "GEOMETRY" },
];

/// Sets identity, creates the GeoPackage system tables and registers every table of the schema.
/// To be called inside the transaction that creates the schema.
///
/// # Errors
/// SQLite's errors.
pub fn register_all(conn: &Connection) -> Result<()> {
    make_file(conn)?;
    let mut names = conn.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table'
           AND name NOT LIKE 'gpkg%' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )?;
    let tables: Vec<String> =
        names.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    for table in tables {
        register_table(conn, &table)?;
    }
    Ok(())
}

/// Makes an empty database a GeoPackage: its identity and system tables.
///
/// # Errors
/// SQLite's errors.
pub(super) fn make_file(conn: &Connection) -> Result<()> {
    conn.pragma_update(None, "application_id", i64::from(version::APPLICATION_ID_GPKG))?;
    conn.pragma_update(None, "user_version", USER_VERSION)?;
    for sql in [
        ddl::CREATE_GPKG_SPATIAL_REF_SYS,
        ddl::CREATE_GPKG_CONTENTS,
        ddl::CREATE_GPKG_GEOMETRY_COLUMNS,
        ddl::CREATE_GPKG_EXTENSIONS,
    ] {
        conn.execute_batch(sql)?;
    }
    for sql in ddl::SEED_SPATIAL_REF_SYS {
        conn.execute_batch(sql)?;
    }
    Ok(())
}

/// Registers one table: features with an R-tree, or attributes.
///
/// # Errors
/// SQLite's errors.
pub(super) fn register_table(conn: &Connection, table: &str) -> Result<()> {
    if let Some(feature) = FEATURES.iter().find(|f| f.table == table) {
        return register_feature(conn, feature);
    }
    conn.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
         VALUES (?1, 'attributes', ?1, 0)",
        [table],
    )?;
    Ok(())
}

/// Registers a table of features, with an empty R-tree and the triggers that keep it.
///
/// # Errors
/// SQLite's errors.
pub(super) fn register_feature(conn: &Connection, feature: &FeatureTable) -> Result<()> {
    let table = feature.table;
    conn.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
         VALUES (?1, 'features', ?1, ?2)",
        (table, SRS_ID),
    )?;
    conn.execute(
        "INSERT INTO gpkg_geometry_columns
           (table_name, column_name, geometry_type_name, srs_id, z, m)
         VALUES (?1, 'geom', ?2, ?3, 0, 0)",
        (table, feature.geometry_type, SRS_ID),
    )?;
    conn.execute(
        "INSERT INTO gpkg_extensions
           (table_name, column_name, extension_name, definition, scope)
         VALUES (?1, 'geom', ?2, ?3, ?4)",
        (
            table,
            triggers::EXTENSION_NAME,
            triggers::EXTENSION_DEFINITION,
            triggers::EXTENSION_SCOPE,
        ),
    )?;
    conn.execute_batch(&core(triggers::create_rtree_table_sql(table, "geom"))?)?;
    create_triggers(conn, feature)
}

fn core<T>(result: std::result::Result<T, geopackage_core::Error>) -> Result<T> {
    result.map_err(|e| StoreError::Geometry(Message::verbatim(e.to_string())))
}

fn create_triggers(conn: &Connection, feature: &FeatureTable) -> Result<()> {
    for sql in core(triggers::create_triggers_sql(feature.table, "geom", feature.pk))? {
        conn.execute_batch(&sql)?;
    }
    Ok(())
}

/// Runs a bulk load with the table's R-tree triggers and, when the table is empty, its indexes
/// off, then makes both in one pass. Inside the caller's transaction, so a failure leaves
/// everything as it was. `load` is told whether the table is empty: then no row can be there
/// already, and looking for one would be a scan.
///
/// # Errors
/// Those of `load`, and SQLite's.
pub fn in_bulk<T>(
    conn: &Connection,
    table: &str,
    load: impl FnOnce(bool) -> Result<T>,
) -> Result<T> {
    let Some(feature) = FEATURES.iter().find(|f| f.table == table) else { return load(false) };
    let triggers_there = schema_texts(conn, table, "trigger", "rtree_%")?;
    for (name, _) in &triggers_there {
        conn.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    let is_empty: bool =
        conn.query_row(&format!("SELECT NOT EXISTS (SELECT 1 FROM {table})"), [], |r| r.get(0))?;
    let indexes = if is_empty { schema_texts(conn, table, "index", "%")? } else { Vec::new() };
    for (name, _) in &indexes {
        conn.execute_batch(&format!("DROP INDEX \"{name}\""))?;
    }
    let loaded = load(is_empty)?;
    for (_, sql) in &indexes {
        conn.execute_batch(sql)?;
    }
    rtree::refill(conn, feature)?;
    create_triggers(conn, feature)?;
    Ok(loaded)
}

/// Name and text of a table's triggers or indexes that were made by a statement.
fn schema_texts(
    conn: &Connection,
    table: &str,
    kind: &str,
    like: &str,
) -> Result<Vec<(String, String)>> {
    let mut select = conn.prepare(
        "SELECT name, sql FROM sqlite_schema
         WHERE type = ?1 AND tbl_name = ?2 AND name LIKE ?3 AND sql IS NOT NULL ORDER BY name",
    )?;
    let found = select.query_map((kind, table, like), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<std::result::Result<_, _>>()?)
}

/// Brings `gpkg_contents` up to date: bounding box and last change of a feature table.
///
/// # Errors
/// SQLite's errors.
pub fn refresh_contents(conn: &Connection, table: &str, at: i64) -> Result<()> {
    conn.execute(
        &format!(
            "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', ?2, 'unixepoch'),
               (min_x, min_y, max_x, max_y) =
                 (SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_{table}_geom)
             WHERE table_name = ?1"
        ),
        (table, at),
    )?;
    Ok(())
}

/// Lets the bounding box of a feature table in `gpkg_contents` hold a position too, and notes the change.
///
/// # Errors
/// SQLite's errors.
pub fn grow_contents(conn: &Connection, table: &str, at: LonLat, now: i64) -> Result<()> {
    conn.prepare_cached(
        "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', ?2, 'unixepoch'),
           min_x = min(coalesce(min_x, ?3), ?3), max_x = max(coalesce(max_x, ?3), ?3),
           min_y = min(coalesce(min_y, ?4), ?4), max_y = max(coalesce(max_y, ?4), ?4)
         WHERE table_name = ?1",
    )?
    .execute((table, now, at.lon, at.lat))?;
    Ok(())
}

/// Encodes an outline as a GeoPackage blob.
///
/// # Errors
/// [`StoreError::Geometry`] for a polygon with holes and no shell.
pub fn encode_outline(outline: &MultiPolygon) -> Result<Vec<u8>> {
    geometry::encode_gpb(outline, SRS_ID)
        .map(|(blob, _)| blob)
        .map_err(|e| StoreError::Geometry(Message::verbatim(e.to_string())))
}

/// Encodes any shape as a GeoPackage blob.
///
/// # Errors
/// [`StoreError::Geometry`] for a shape GeoPackage does not know.
pub fn encode_shape(shape: &Geometry) -> Result<Vec<u8>> {
    geometry::encode_gpb(shape, SRS_ID)
        .map(|(blob, _)| blob)
        .map_err(|e| StoreError::Geometry(Message::verbatim(e.to_string())))
}

/// Decodes any shape.
///
/// # Errors
/// [`StoreError::Geometry`] for a damaged blob.
pub fn decode_shape(blob: &[u8]) -> Result<Geometry> {
    decode(blob)
}

/// Encodes a position as a GeoPackage blob.
///
/// # Errors
/// [`StoreError::Geometry`] never for a finite position.
pub fn encode_point(p: LonLat) -> Result<Vec<u8>> {
    geometry::encode_gpb(&Point::new(p.lon, p.lat), SRS_ID)
        .map(|(blob, _)| blob)
        .map_err(|e| StoreError::Geometry(Message::verbatim(e.to_string())))
}

/// Decodes an outline; a plain polygon becomes a multipolygon of one.
///
/// # Errors
/// [`StoreError::Geometry`] for a damaged blob or another kind of geometry.
pub fn decode_outline(blob: &[u8]) -> Result<MultiPolygon> {
    match decode(blob)? {
        Geometry::MultiPolygon(outline) => Ok(outline),
        Geometry::Polygon(part) => Ok(MultiPolygon::new(vec![part])),
        other => Err(StoreError::Geometry(msg!(
            "a polygon was expected, not {}",
            format!("{:?}", other)
        ))),
    }
}

/// Adds the rings of an outline to a set that is being built, without a shape in between: the
/// map reads every outline of a city this way. Blobs that are not plain little-endian XY areas
/// go through [`decode_outline`].
///
/// # Errors
/// [`StoreError::Geometry`] for a damaged blob or another kind of geometry; the rings that were
/// added for it are taken back.
pub fn decode_outline_into(blob: &[u8], builder: &mut FootprintSetBuilder) -> Result<()> {
    if plain_rings(blob, builder).is_some() {
        return Ok(());
    }
    builder.drop_rings();
    for part in decode_outline(blob)? {
        let (exterior, interiors) = part.into_inner();
        builder.push_ring(exterior.0, false);
        for hole in interiors {
            builder.push_ring(hole.0, true);
        }
    }
    Ok(())
}

/// Reads a GeoPackage blob with a little-endian XY Polygon or MultiPolygon (GeoPackage 1.4,
/// clause 2.1.3; OGC 06-103r4, clause 8). `None` for anything else, or for a blob cut short.
fn plain_rings(blob: &[u8], builder: &mut FootprintSetBuilder) -> Option<()> {
    const LITTLE_ENDIAN: u8 = 1;
    const POLYGON: u32 = 3;
    const MULTI_POLYGON: u32 = 6;
    let flags = *blob.get(3)?;
    let envelope = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    let mut left = blob.strip_prefix(b"GP")?.get(6 + envelope..)?;
    let word = |left: &mut &[u8]| {
        let (word, rest) = left.split_first_chunk::<4>()?;
        *left = rest;
        Some(u32::from_le_bytes(*word))
    };
    let kind = |left: &mut &[u8]| {
        let (order, rest) = left.split_first()?;
        *left = rest;
        (*order == LITTLE_ENDIAN).then(|| word(left)).flatten()
    };
    let mut rings = |left: &mut &[u8]| {
        for ring in 0..word(left)? {
            let bytes = (word(left)? as usize).checked_mul(16)?;
            let (coords, rest) = left.split_at_checked(bytes)?;
            *left = rest;
            let number = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap_or_default());
            let coords = coords
                .chunks_exact(16)
                .map(|c| ::geo::Coord { x: number(&c[..8]), y: number(&c[8..]) });
            builder.push_ring(coords, ring > 0);
        }
        Some(())
    };
    match kind(&mut left)? {
        POLYGON => rings(&mut left)?,
        MULTI_POLYGON => {
            for _ in 0..word(&mut left)? {
                if kind(&mut left)? != POLYGON {
                    return None;
                }
                rings(&mut left)?;
            }
        }
        _ => return None,
    }
    left.is_empty().then_some(())
}

/// Decodes a position.
///
/// # Errors
/// [`StoreError::Geometry`] for a damaged blob or another kind of geometry.
pub fn decode_point(blob: &[u8]) -> Result<LonLat> {
    match decode(blob)? {
        Geometry::Point(p) => Ok(crate::geo::lon_lat(p.x(), p.y())),
        _ => Err(StoreError::Geometry("a point was expected".into())),
    }
}

fn decode(blob: &[u8]) -> Result<Geometry> {
    GpbGeometry::parse(blob)
        .map_err(|e| StoreError::Geometry(Message::verbatim(e.to_string())))?
        .to_geo()
        .ok_or_else(|| StoreError::Geometry("an empty point".into()))
}

/// Registers `ST_MinX` … `ST_IsEmpty`, which the R-tree triggers call, on a connection.
///
/// # Errors
/// SQLite's errors.
pub fn register_functions(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    let bounds = [("ST_MinX", 0usize), ("ST_MaxX", 1), ("ST_MinY", 2), ("ST_MaxY", 3)];
    for (name, index) in bounds {
        conn.create_scalar_function(name, 1, flags, move |ctx| {
            Ok(blob_envelope(ctx)?.map(|envelope| envelope[index]))
        })?;
    }
    conn.create_scalar_function("ST_IsEmpty", 1, flags, |ctx| Ok(blob_envelope(ctx)?.is_none()))?;
    Ok(())
}

fn blob_envelope(ctx: &Context<'_>) -> rusqlite::Result<Option<[f64; 4]>> {
    let blob = ctx.get_raw(0).as_blob().unwrap_or_default();
    if blob.is_empty() {
        return Ok(None);
    }
    geometry::blob_xy_envelope(blob).map_err(|e| rusqlite::Error::UserFunctionError(Box::new(e)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::geo::wkt;

    /// Both ways of decoding give the same set.
    fn check(outline: &MultiPolygon, blob: &[u8]) {
        let (mut direct, mut through) = <(FootprintSetBuilder, FootprintSetBuilder)>::default();
        decode_outline_into(blob, &mut direct).unwrap();
        direct.end_feature(1, "a");
        through.push(1, "a", &decode_outline(blob).unwrap());
        let (direct, through) = (direct.build(), through.build());
        assert_eq!(direct.outline(0), *outline);
        assert_eq!(direct.outline(0), through.outline(0));
        assert_eq!(direct.bbox(0), through.bbox(0));
    }

    #[test]
    fn outlines_are_read_without_a_shape_in_between() {
        let ring = wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 0.),(1. 1., 2. 1., 2. 2., 1. 1.)));
        let other = wkt!(POLYGON((9. 9., 9.5 9., 9.5 9.5, 9. 9.)));
        let both = MultiPolygon::new(vec![ring.clone(), other]);
        let blob = encode_outline(&both).unwrap();
        check(&both, &blob);
        let polygon = geometry::encode_gpb(&ring, SRS_ID).unwrap().0;
        check(&MultiPolygon::new(vec![ring]), &polygon);
        for cut in 0..blob.len() {
            let mut builder = FootprintSetBuilder::default();
            assert!(decode_outline_into(&blob[..cut], &mut builder).is_err(), "{cut}");
        }
        let point = encode_point(crate::geo::lon_lat(1.0, 2.0)).unwrap();
        assert!(decode_outline_into(&point, &mut FootprintSetBuilder::default()).is_err());
    }
}
