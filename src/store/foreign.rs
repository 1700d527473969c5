//! Feature tables of GeoPackages that are no workspace: what another program made.

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
    /// The features.
    pub features: Vec<ForeignFeature>,
}

/// Reads the first feature table of a GeoPackage that holds areas.
///
/// # Errors
/// [`StoreError::NotAWorkspace`] when there is none; SQLite's errors.
pub fn area_layer(path: &Path) -> Result<ForeignLayer> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let found = conn.query_row(
        "SELECT g.table_name, g.column_name, s.organization, s.organization_coordsys_id,
           s.definition
         FROM gpkg_geometry_columns g JOIN gpkg_spatial_ref_sys s USING (srs_id)
         ORDER BY g.geometry_type_name NOT LIKE '%POLYGON%', g.table_name LIMIT 1",
        [],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, String>(4)?,
            ))
        },
    );
    let (table, column, organization, code, definition) = found.map_err(|_| {
        StoreError::NotAWorkspace("it holds no feature table of a GeoPackage".to_owned())
    })?;
    let quoted = table.replace('"', "\"\"");
    let mut select = conn.prepare(&format!("SELECT rowid, * FROM \"{quoted}\""))?;
    let names: Vec<String> = select.column_names().map(str::to_owned).collect();
    let mut rows = select.query([])?;
    let mut features = Vec::new();
    while let Some(row) = rows.next()? {
        let (mut properties, mut geometry) = (Vec::new(), None);
        for (index, name) in names.iter().enumerate().skip(1) {
            let value = row.get_ref(index)?;
            if *name == column {
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
        features.push((row.get(0)?, properties, geometry));
    }
    let epsg = organization.eq_ignore_ascii_case("epsg").then(|| code.try_into().ok()).flatten();
    Ok(ForeignLayer { epsg, definition, features })
}
