//! The tables that hold features.

/// A feature table: name, primary key, geometry type.
pub struct FeatureTable {
    /// Table name.
    pub table: &'static str,
    /// Primary key column.
    pub pk: &'static str,
    /// GeoPackage geometry type name.
    pub geometry_type: &'static str,
}
