//! Filling an R-tree in one pass, packed along Hilbert's curve.
//!
//! SQLite's R-tree module takes one row at a time and splits nodes as it goes; for a million rows
//! that is most of an import. Here the nodes are written as they should be into the module's
//! shadow tables, whose layout is part of SQLite's file format ("The SQLite R*Tree Module",
//! section 4, *Implementation details*): `_node` holds a big-endian blob a node (depth of the tree
//! in the root, number of cells, then id and four `f32` a cell), `_parent` the node above each
//! node, `_rowid` the leaf of each entry. `rtreecheck()` in the tests holds the result against the
//! module's own rules.

use crate::text::Message;
use geopackage_core::geometry;
use rusqlite::Connection;

use super::{Result, StoreError};
use crate::geo::hilbert;
use crate::store::feature_table::FeatureTable;

/// Bytes of a cell in two dimensions: an id and four coordinates.
const CELL_BYTES: usize = 8 + 4 * 4;
/// Number of the root node.
const ROOT: i64 = 1;

/// An entry or a child node with its box, rounded outwards.
#[derive(Clone, Copy)]
struct Cell {
    id: i64,
    /// min x, max x, min y, max y.
    bounds: [f32; 4],
}

/// The greatest `f32` that is not above a value, as the R-tree rounds lower bounds.
fn down(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) > v { near.next_down() } else { near }
}

/// The least `f32` that is not below a value.
fn up(v: f64) -> f32 {
    let near = v as f32;
    if f64::from(near) < v { near.next_up() } else { near }
}

/// Empties a table's R-tree and fills it with every row that has a geometry.
pub(super) fn refill(conn: &Connection, feature: &FeatureTable) -> Result<()> {
    let FeatureTable { table, pk, .. } = feature;
    let tree = format!("rtree_{table}_geom");
    conn.execute_batch(&format!("DELETE FROM {tree}"))?;
    let root_bytes = conn.query_row(
        &format!("SELECT length(data) FROM {tree}_node WHERE nodeno = {ROOT}"),
        [],
        |row| row.get::<_, u32>(0),
    )? as usize;
    let capacity = (root_bytes - 4) / CELL_BYTES;
    let mut cells = read_cells(conn, table, pk)?;
    sort_along_curve(&mut cells);
    let mut node =
        conn.prepare(&format!("INSERT INTO {tree}_node (nodeno, data) VALUES (?1, ?2)"))?;
    let mut parent =
        conn.prepare(&format!("INSERT INTO {tree}_parent (nodeno, parentnode) VALUES (?1, ?2)"))?;
    let mut rowid =
        conn.prepare(&format!("INSERT INTO {tree}_rowid (rowid, nodeno) VALUES (?1, ?2)"))?;
    let (mut depth, mut next) = (0, ROOT + 1);
    while cells.len() > capacity {
        let mut above = Vec::with_capacity(cells.len() / capacity + 1);
        // Evenly filled nodes, so that none is nearly empty.
        let nodes = cells.len().div_ceil(capacity);
        for number in 0..nodes {
            let part = &cells[cells.len() * number / nodes..cells.len() * (number + 1) / nodes];
            node.execute((next, blob(part, 0, root_bytes)))?;
            let link = if depth == 0 { &mut rowid } else { &mut parent };
            for cell in part {
                link.execute((cell.id, next))?;
            }
            above.push(Cell { id: next, bounds: around(part) });
            next += 1;
        }
        cells = above;
        depth += 1;
    }
    conn.execute(
        &format!("UPDATE {tree}_node SET data = ?1 WHERE nodeno = {ROOT}"),
        [blob(&cells, depth, root_bytes)],
    )?;
    let link = if depth == 0 { &mut rowid } else { &mut parent };
    for cell in &cells {
        link.execute((cell.id, ROOT))?;
    }
    Ok(())
}

fn read_cells(conn: &Connection, table: &str, pk: &str) -> Result<Vec<Cell>> {
    let mut select =
        conn.prepare(&format!("SELECT {pk}, geom FROM {table} WHERE geom IS NOT NULL"))?;
    let mut rows = select.query([])?;
    let mut cells = Vec::new();
    while let Some(row) = rows.next()? {
        let envelope = geometry::blob_xy_envelope(row.get_ref(1)?.as_blob().unwrap_or_default())
            .map_err(|e| StoreError::Geometry(Message::verbatim(e.to_string())))?;
        if let Some([min_x, max_x, min_y, max_y]) = envelope {
            let bounds = [down(min_x), up(max_x), down(min_y), up(max_y)];
            cells.push(Cell { id: row.get(0)?, bounds });
        }
    }
    Ok(cells)
}

fn sort_along_curve(cells: &mut [Cell]) {
    let all = around(cells);
    let span = (all[1] - all[0]).max(all[3] - all[2]).max(1e-9);
    let unit = |v: f32, low: f32| ((v - low) / span * 65_535.0).clamp(0.0, 65_535.0) as u32;
    cells.sort_by_cached_key(|c| {
        let [x0, x1, y0, y1] = c.bounds;
        (hilbert::position(unit(x0.midpoint(x1), all[0]), unit(y0.midpoint(y1), all[2])), c.id)
    });
}

fn around(cells: &[Cell]) -> [f32; 4] {
    cells.iter().fold(
        [f32::INFINITY, f32::NEG_INFINITY, f32::INFINITY, f32::NEG_INFINITY],
        |a, c| {
            let b = c.bounds;
            [a[0].min(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].max(b[3])]
        },
    )
}

fn blob(cells: &[Cell], depth: u16, bytes: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(bytes);
    data.extend_from_slice(&depth.to_be_bytes());
    data.extend_from_slice(&(cells.len() as u16).to_be_bytes());
    for cell in cells {
        data.extend_from_slice(&cell.id.to_be_bytes());
        cell.bounds.iter().for_each(|b| data.extend_from_slice(&b.to_be_bytes()));
    }
    data.resize(bytes, 0);
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Actor, AuditEntry, Stamp};
    use crate::store::{Workspace, gpkg};

    fn check(points: usize) {
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp { actor: Actor::new("test"), at: 1_790_000_000 };
        let path = folder.path().join("w.gpkg");
        let workspace = Workspace::create(&path, None, &stamp).unwrap();
        let load = |tx: &crate::store::WriteTx<'_>| {
            gpkg::in_bulk(tx, "device", |_| {
                for n in 0..points {
                    let at = crate::geo::lon_lat(
                        120.0 + (n * 7919 % 1000) as f64 * 1.3e-5,
                        33.0 + (n * 104_729 % 997) as f64 * 1.7e-5,
                    );
                    tx.execute(
                        "INSERT INTO device (code, kind, state, geom) VALUES (?1, 1, 1, ?2)",
                        (format!("D{n}"), gpkg::encode_point(at)?),
                    )?;
                }
                Ok(())
            })
        };
        workspace.write(&stamp, |tx| Ok((load(tx)?, AuditEntry::done("test", "")))).unwrap();
        let ask = |sql: &str| -> i64 {
            workspace.reader().unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
        };
        let verdict: String = workspace
            .reader()
            .unwrap()
            .query_row("SELECT rtreecheck('rtree_device_geom')", [], |row| row.get(0))
            .unwrap();
        assert_eq!(verdict, "ok", "{points} entries");
        assert_eq!(ask("SELECT count(*) FROM rtree_device_geom"), points as i64);
        let near = "minx <= 120.005 AND maxx >= 120.003 AND miny <= 33.009 AND maxy >= 33.004";
        let inside = "ST_MinX(geom) <= 120.005 AND ST_MaxX(geom) >= 120.003
                      AND ST_MinY(geom) <= 33.009 AND ST_MaxY(geom) >= 33.004";
        let found = ask(&format!("SELECT count(*) FROM rtree_device_geom WHERE {near}"));
        let right = ask(&format!("SELECT count(*) FROM device WHERE {inside}"));
        assert!((right..=right + 2).contains(&found), "{found} for {right}");
        // The module goes on with it: rows come, change and go.
        let change = |tx: &crate::store::WriteTx<'_>| -> Result<()> {
            let at = gpkg::encode_point(crate::geo::lon_lat(121.0, 34.0))?;
            for n in 0..200 {
                tx.execute(
                    "INSERT INTO device (code, kind, state, geom) VALUES (?1, 1, 1, ?2)",
                    (format!("N{n}"), &at),
                )?;
            }
            tx.execute("DELETE FROM device WHERE device_id % 3 = 0", [])?;
            tx.execute("UPDATE device SET geom = ?1 WHERE device_id % 5 = 0", [&at])?;
            Ok(())
        };
        workspace.write(&stamp, |tx| Ok((change(tx)?, AuditEntry::done("test", "")))).unwrap();
        let verdict: String = workspace
            .reader()
            .unwrap()
            .query_row("SELECT rtreecheck('rtree_device_geom')", [], |row| row.get(0))
            .unwrap();
        assert_eq!(verdict, "ok", "{points} entries, changed");
        assert!(
            crate::store::check::run(&workspace.reader().unwrap())
                .unwrap()
                .iter()
                .all(|r| r.findings.is_empty())
        );
    }

    #[test]
    fn packed_trees_keep_the_modules_rules() {
        for points in [0, 1, 50, 51, 52, 103, 2_602, 9_000] {
            check(points);
        }
    }
}
