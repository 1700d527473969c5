//! Feature tables of GeoPackages that are no workspace: what another program made.

use crate::msg;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::{Result, StoreError, gpkg};

/// A feature: row id, properties, geometry.
pub type ForeignFeature = (i64, Vec<(String, Value)>, Option<geo::Geometry>);

/// A table of areas.
pub struct ForeignLayer {
    /// Number in the EPSG registry, where the file says it.
    pub epsg: Option<u32>,
    /// Well-known text of its coordinate system.
    pub definition: String,
    /// Name of the table.
    pub name: String,
    /// Other tables of features that hold something.
    pub others: Vec<String>,
}

/// Takes the features of a layer one by one.
pub type FeatureSink<'a> = &'a mut dyn FnMut(ForeignFeature);

/// A feature table as the file describes it.
struct Described {
    table: String,
    column: String,
    kind: String,
    organization: String,
    code: i64,
    definition: String,
}

/// Hands over a feature table of a GeoPackage: the one that is named, else the one with most areas.
///
/// # Errors
/// [`StoreError::NotAWorkspace`] when there is none, or none of this name; SQLite's errors.
pub fn area_layer(
    path: &Path,
    wanted: Option<&str>,
    sink: FeatureSink<'_>,
) -> Result<ForeignLayer> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let described = described(&conn).map_err(|_| no_features())?;
    let mut filled: Vec<(Described, i64)> = Vec::new();
    for layer in described {
        // A table that is described and not there holds nothing.
        let count = rows_with_shape(&conn, &layer).unwrap_or(0);
        if count > 0 || wanted == Some(&layer.table) {
            filled.push((layer, count));
        }
    }
    let names: Vec<String> = filled.iter().map(|(layer, _)| layer.table.clone()).collect();
    let chosen = match wanted {
        Some(wanted) => names.iter().position(|name| name == wanted).ok_or_else(|| {
            let told = msg!("the file has no layer \"{}\"; it has: {}", wanted, names.join(", "));
            StoreError::Record(told)
        })?,
        None => {
            let areas = |i: &usize| (holds_areas(&conn, &filled[*i].0), filled[*i].1);
            // The first of equals.
            (0..filled.len()).rev().max_by_key(areas).ok_or_else(no_features)?
        }
    };
    let (layer, _) = filled.swap_remove(chosen);
    let others = names.into_iter().filter(|name| *name != layer.table).collect();
    read(&conn, layer, others, sink)
}

fn no_features() -> StoreError {
    StoreError::Record("it holds no feature table of a GeoPackage".into())
}

fn described(conn: &Connection) -> rusqlite::Result<Vec<Described>> {
    let mut select = conn.prepare(
        "SELECT g.table_name, g.column_name, g.geometry_type_name, s.organization,
           s.organization_coordsys_id, s.definition
         FROM gpkg_geometry_columns g JOIN gpkg_spatial_ref_sys s USING (srs_id)
         ORDER BY g.table_name",
    )?;
    let rows = select.query_map([], |row| {
        Ok(Described {
            table: row.get(0)?,
            column: row.get(1)?,
            kind: row.get(2)?,
            organization: row.get(3)?,
            code: row.get(4)?,
            definition: row.get(5)?,
        })
    })?;
    rows.collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn rows_with_shape(conn: &Connection, layer: &Described) -> rusqlite::Result<i64> {
    let (table, column) = (quoted(&layer.table), quoted(&layer.column));
    let sql = format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL");
    conn.query_row(&sql, [], |row| row.get(0))
}

/// Whether a layer holds areas: by its description, else by its first shapes.
fn holds_areas(conn: &Connection, layer: &Described) -> bool {
    let kind = layer.kind.to_uppercase();
    if kind.contains("POLYGON") || kind.contains("SURFACE") {
        return true;
    }
    if kind.contains("POINT") || kind.contains("LINE") || kind.contains("CURVE") {
        return false;
    }
    let (table, column) = (quoted(&layer.table), quoted(&layer.column));
    let sql = format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 20");
    let shapes = || -> rusqlite::Result<Vec<Vec<u8>>> {
        conn.prepare(&sql)?.query_map([], |row| row.get(0))?.collect()
    };
    shapes().unwrap_or_default().iter().any(|blob| {
        use ::geo::Geometry::{MultiPolygon, Polygon};
        matches!(gpkg::decode_shape(blob), Ok(Polygon(_) | MultiPolygon(_)))
    })
}

fn read(
    conn: &Connection,
    layer: Described,
    others: Vec<String>,
    sink: FeatureSink<'_>,
) -> Result<ForeignLayer> {
    let mut select = conn.prepare(&format!("SELECT rowid, * FROM {}", quoted(&layer.table)))?;
    let names: Vec<String> = select.column_names().map(str::to_owned).collect();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (mut properties, mut geometry) = (Vec::new(), None);
        for (index, name) in names.iter().enumerate().skip(1) {
            let value = row.get_ref(index)?;
            if *name == layer.column {
                geometry = value.as_blob().ok().and_then(|blob| gpkg::decode_shape(blob).ok());
                continue;
            }
            properties.push((
                name.clone(),
                match value {
                    ValueRef::Integer(number) => number.into(),
                    ValueRef::Real(number) => number.into(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                    ValueRef::Null | ValueRef::Blob(_) => Value::Null,
                },
            ));
        }
        sink((row.get(0)?, properties, geometry));
    }
    let is_epsg = layer.organization.eq_ignore_ascii_case("epsg");
    let epsg = is_epsg.then(|| layer.code.try_into().ok()).flatten();
    let (name, definition) = (layer.table, layer.definition);
    Ok(ForeignLayer { epsg, definition, name, others })
}
