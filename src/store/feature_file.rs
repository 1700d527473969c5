//! A GeoPackage of one table of features, as it is given away: no workspace, but what any GIS opens.

use std::path::Path;

use ::geo::Geometry;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::feature_table::FeatureTable;
use super::{Result, gpkg, rtree};

/// A column of the file: its name, and whether it holds numbers.
pub type FileColumn<'a> = (&'a str, bool);

/// A file that is being written.
pub struct FeatureFile {
    conn: Connection,
    table: &'static str,
    geometry_type: &'static str,
    insert: String,
}

impl FeatureFile {
    /// Begins a file in an empty one.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn begin(
        path: &Path,
        (table, geometry_type): (&'static str, &'static str),
        columns: &[FileColumn<'_>],
    ) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let conn = Connection::open_with_flags(path, flags)?;
        // Nobody else sees it before it is whole: a journal would only lie beside it.
        conn.pragma_update(None, "journal_mode", "MEMORY")?;
        conn.pragma_update(None, "synchronous", "OFF")?;
        gpkg::register_functions(&conn)?;
        conn.execute_batch("BEGIN")?;
        gpkg::make_file(&conn)?;
        let named = |(name, is_number): &FileColumn<'_>| {
            format!("\"{}\" {}", name.replace('"', ""), if *is_number { "REAL" } else { "TEXT" })
        };
        let list: Vec<String> = columns.iter().map(named).collect();
        conn.execute_batch(&format!(
            "CREATE TABLE \"{table}\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
               geom {geometry_type}, {})",
            list.join(", ")
        ))?;
        let places = vec!["?"; columns.len() + 1].join(", ");
        let insert = format!("INSERT INTO \"{table}\" VALUES (NULL, {places})");
        Ok(Self { conn, table, geometry_type, insert })
    }

    /// Adds a feature; cells are in the order of the columns: their text, and the number where it is one.
    ///
    /// # Errors
    /// SQLite's errors; a shape that GeoPackage does not know.
    pub fn add<'c>(
        &self,
        shape: Option<&Geometry>,
        cells: impl Iterator<Item = (&'c str, Option<f64>)>,
    ) -> Result<()> {
        let shape = match shape {
            Some(shape) => Value::Blob(gpkg::encode_shape(shape)?),
            None => Value::Null,
        };
        let cells = cells.map(|(text, number)| match number {
            Some(number) => Value::Real(number),
            None if text.is_empty() => Value::Null,
            None => Value::Text(text.to_owned()),
        });
        self.conn
            .prepare_cached(&self.insert)?
            .execute(params_from_iter(std::iter::once(shape).chain(cells)))?;
        Ok(())
    }

    /// Ends the file: registers the table, makes its R-tree. `at` is UTC seconds.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn end(self, at: i64) -> Result<()> {
        let (table, geometry_type) = (self.table, self.geometry_type);
        let feature = FeatureTable { table, pk: "fid", geometry_type };
        gpkg::register_feature(&self.conn, &feature)?;
        rtree::refill(&self.conn, &feature)?;
        gpkg::refresh_contents(&self.conn, table, at)?;
        self.conn.execute_batch("COMMIT")?;
        self.conn.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}
