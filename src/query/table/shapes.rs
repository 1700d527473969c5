//! The shapes of rows, for files that a GIS opens.

use geo::{Geometry, Point};
use rusqlite::CachedStatement;

use super::TableKind;
use crate::store::{Connection, Result, gpkg};

/// What kind of shape the rows of a kind have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapeKind {
    /// Outlines.
    Outline,
    /// Positions.
    Point,
}

impl TableKind {
    /// What kind of shape its rows have: buildings their outline, everything else a position.
    #[must_use]
    pub const fn shape(self) -> ShapeKind {
        match self {
            Self::Buildings => ShapeKind::Outline,
            _ => ShapeKind::Point,
        }
    }

    /// Own shape, and the position of the building.
    const fn shape_sql(self) -> &'static str {
        match self {
            Self::Buildings => "SELECT geom, lon, lat FROM building WHERE building_id = ?1",
            Self::Rooms => {
                "SELECT NULL, b.lon, b.lat FROM room m JOIN building b USING (building_id)
                 WHERE m.room_id = ?1"
            }
            Self::Persons => {
                "SELECT NULL, b.lon, b.lat FROM residency r JOIN room m USING (room_id)
                   JOIN building b USING (building_id)
                 WHERE r.person_id = ?1 AND r.end_date IS NULL
                 ORDER BY r.residency_id DESC LIMIT 1"
            }
            Self::Households => {
                "SELECT NULL, b.lon, b.lat FROM household h JOIN room m USING (room_id)
                   JOIN building b USING (building_id) WHERE h.household_id = ?1"
            }
            Self::Enterprises => {
                "SELECT NULL, coalesce(e.lon, b.lon), coalesce(e.lat, b.lat)
                 FROM enterprise e LEFT JOIN building b USING (building_id)
                 WHERE e.enterprise_id = ?1"
            }
            Self::Events => {
                "SELECT e.geom, b.lon, b.lat FROM event e LEFT JOIN building b USING (building_id)
                 WHERE e.event_id = ?1"
            }
            Self::Devices => {
                "SELECT d.geom, b.lon, b.lat FROM device d LEFT JOIN building b USING (building_id)
                 WHERE d.device_id = ?1"
            }
        }
    }
}

/// Reads the shapes of rows of one kind.
pub struct Shapes<'c> {
    select: CachedStatement<'c>,
}

impl<'c> Shapes<'c> {
    /// For rows of a kind.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn new(conn: &'c Connection, kind: TableKind) -> Result<Self> {
        Ok(Self { select: conn.prepare_cached(kind.shape_sql())? })
    }

    /// The shape of a row, longitude and latitude in degrees (WGS 84); `None` where it has no place.
    ///
    /// # Errors
    /// SQLite's errors; a damaged shape.
    pub fn of(&mut self, id: i64) -> Result<Option<Geometry>> {
        let mut rows = self.select.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        if let Ok(Some(blob)) = row.get_ref(0)?.as_blob_or_null() {
            return Ok(Some(gpkg::decode_shape(blob)?));
        }
        let at: (Option<f64>, Option<f64>) = (row.get(1)?, row.get(2)?);
        Ok(match at {
            (Some(lon), Some(lat)) => Some(Geometry::Point(Point::new(lon, lat))),
            _ => None,
        })
    }
}
