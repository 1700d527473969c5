//! Small look-ups that writing needs: codes to row ids, vocabularies, grids of buildings.

use std::collections::HashMap;

use ::geo::{Covers as _, MultiPolygon};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Result, gpkg};
use crate::domain::building_name::BuildingName;
use crate::domain::codes::{CodeEntry, CodeLists};
use crate::domain::ids::{BuildingId, GridId, RoomId, TagId};
use crate::domain::{fold, half_width, room_key};
use crate::geo::{BBox, FootprintSetBuilder, polygon};

/// Building code → row id, for the whole workspace.
///
/// # Errors
/// SQLite's errors.
pub fn building_ids(conn: &Connection) -> Result<HashMap<String, BuildingId>> {
    let mut select =
        conn.prepare("SELECT code, building_id FROM building WHERE deleted_at IS NULL")?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Row id of the building with exactly this code.
///
/// # Errors
/// The row cannot be read.
pub fn building_id_of_code(conn: &Connection, code: &str) -> Result<Option<BuildingId>> {
    Ok(conn
        .prepare_cached("SELECT building_id FROM building WHERE code = ?1 AND deleted_at IS NULL")?
        .query_row([code], |row| row.get(0))
        .optional()?)
}

/// Row id of one building, by code or else by the id its feature had in the source file.
///
/// # Errors
/// SQLite's errors.
pub fn building_id(conn: &Connection, code: &str) -> Result<Option<BuildingId>> {
    let by_code = building_id_of_code(conn, code)?;
    if by_code.is_some() {
        return Ok(by_code);
    }
    // b0042 and Ｂ００４２ as people type them.
    let tidy: String = code.chars().map(half_width).flat_map(char::to_uppercase).collect();
    if tidy != code {
        return building_id(conn, &tidy);
    }
    let ids: Vec<BuildingId> = conn
        .prepare_cached(
            "SELECT building_id FROM building WHERE feature_id = ?1 AND deleted_at IS NULL LIMIT 2",
        )?
        .query_map([code], |row| row.get(0))?
        .collect::<std::result::Result<_, _>>()?;
    Ok(if let [only] = ids[..] { Some(only) } else { None })
}

/// What a unit and room number find in a building.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomMatch {
    /// No such room.
    None,
    /// Exactly one, or exactly one dwelling among namesakes of other kinds.
    One(RoomId),
    /// Several that cannot be told apart.
    Ambiguous(usize),
}

/// Finds a room by building, unit and number, whatever its kind. A building whose rooms name no
/// unit, or only one, is matched without it.
///
/// # Errors
/// SQLite's errors.
pub fn find_room(
    conn: &Connection,
    building_id: BuildingId,
    unit: Option<&str>,
    room_no: &str,
) -> Result<RoomMatch> {
    let mut found = by_stem(conn, &room_key::stem(building_id, unit.unwrap_or(""), room_no))?;
    if let (true, Some(unit)) = (found.is_empty(), unit) {
        // 一单元 for 1, 东 for 东单元; unit 1 of a building that names no units.
        let plain = room_key::unit_token(unit);
        let other = format!("{plain}单元");
        let spellings = [plain.as_str(), other.as_str()];
        for spelling in spellings.into_iter().filter(|s| *s != unit) {
            if found.is_empty() {
                found = by_stem(conn, &room_key::stem(building_id, spelling, room_no))?;
            }
        }
        if found.is_empty() && plain == "1" && building_shape(conn, building_id)?.units.is_empty() {
            found = by_stem(conn, &room_key::stem(building_id, "", room_no))?;
        }
    }
    if found.is_empty() && unit.is_none() {
        let units: Vec<String> = conn
            .prepare_cached("SELECT unit_no FROM building_unit WHERE building_id = ?1 LIMIT 2")?
            .query_map([building_id], |row| row.get(0))?
            .collect::<std::result::Result<_, _>>()?;
        if let [only] = &units[..] {
            found = by_stem(conn, &room_key::stem(building_id, only, room_no))?;
        } else {
            // A unit is inferred only when the building has one; otherwise somebody must say.
            let there: i64 = conn
                .prepare_cached(
                    "SELECT count(*) FROM room
                     WHERE building_id = ?1 AND room_no = ?2 AND deleted_at IS NULL",
                )?
                .query_row((building_id, room_key::token(room_no)), |row| row.get(0))?;
            if there > 0 {
                return Ok(RoomMatch::Ambiguous(there as usize));
            }
        }
    }
    Ok(match found[..] {
        [] => RoomMatch::None,
        [(room_id, _)] => RoomMatch::One(room_id),
        _ => {
            let dwelling = crate::domain::codes::key::ROOM_DWELLING;
            let dwellings: Vec<_> = found.iter().filter(|(_, kind)| *kind == dwelling).collect();
            match dwellings[..] {
                [(room_id, _)] => RoomMatch::One(*room_id),
                _ => RoomMatch::Ambiguous(found.len()),
            }
        }
    })
}

/// Rooms of a building that have a number, in every unit: unit and row id.
///
/// # Errors
/// SQLite's errors.
pub fn rooms_numbered(
    conn: &Connection,
    building_id: BuildingId,
    room_no: &str,
) -> Result<Vec<(Option<String>, RoomId)>> {
    let mut select = conn.prepare_cached(
        "SELECT u.unit_no, r.room_id FROM room r LEFT JOIN building_unit u USING (unit_id)
         WHERE r.building_id = ?1 AND r.room_no = ?2 AND r.deleted_at IS NULL ORDER BY r.room_id",
    )?;
    let rows = select
        .query_map((building_id, room_key::token(room_no)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// What is known of a building's inside before rooms are added to it.
pub struct BuildingShape {
    /// Unit numbers.
    pub units: Vec<String>,
    /// Floors above ground.
    pub floors_above: Option<i32>,
}

/// Row ids of the buildings of an estate, by its name or an alias.
///
/// # Errors
/// SQLite's errors.
pub fn buildings_of_estate(conn: &Connection, estate: &str) -> Result<Vec<BuildingId>> {
    Ok(conn
        .prepare(
            "SELECT building_id FROM building b JOIN estate e USING (estate_id)
             WHERE b.deleted_at IS NULL
               AND (e.name = ?1 OR instr(';' || e.aliases || ';', ';' || ?1 || ';') > 0)
             ORDER BY building_id",
        )?
        .query_map([estate], |row| row.get(0))?
        .collect::<std::result::Result<_, _>>()?)
}

/// The estate of a building, if it has one.
///
/// # Errors
/// SQLite's errors.
pub fn estate_of(conn: &Connection, building_id: BuildingId) -> Result<Option<String>> {
    let sql =
        "SELECT e.name FROM building b JOIN estate e USING (estate_id) WHERE b.building_id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([building_id], |row| row.get(0)).optional()?)
}

/// Where a room is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPlace {
    /// Row id of its building.
    pub building_id: BuildingId,
    /// Its unit.
    pub unit: Option<String>,
    /// Its number.
    pub room_no: String,
}

/// Where a room is.
///
/// # Errors
/// SQLite's errors, a missing room among them.
pub fn room_place(conn: &Connection, room_id: RoomId) -> Result<RoomPlace> {
    Ok(conn
        .prepare_cached(
            "SELECT r.building_id, u.unit_no, r.room_no FROM room r
             LEFT JOIN building_unit u USING (unit_id) WHERE r.room_id = ?1",
        )?
        .query_row([room_id], |row| {
            Ok(RoomPlace { building_id: row.get(0)?, unit: row.get(1)?, room_no: row.get(2)? })
        })?)
}

/// Units and height of a building.
///
/// # Errors
/// SQLite's errors.
pub fn building_shape(conn: &Connection, building_id: BuildingId) -> Result<BuildingShape> {
    let units = conn
        .prepare_cached("SELECT unit_no FROM building_unit WHERE building_id = ?1 ORDER BY ord")?
        .query_map([building_id], |row| row.get(0))?
        .collect::<std::result::Result<_, _>>()?;
    let floors_above = conn
        .prepare_cached("SELECT floors_above FROM building WHERE building_id = ?1")?
        .query_row([building_id], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(BuildingShape { units, floors_above })
}

/// Unit (empty where there is none) and number of a building's rooms of three kinds.
///
/// # Errors
/// SQLite's errors.
pub fn doors(
    conn: &Connection,
    building_id: BuildingId,
    [one, two, three]: [i64; 3],
) -> Result<Vec<(String, String)>> {
    Ok(conn
        .prepare_cached(
            "SELECT coalesce(u.unit_no, ''), r.room_no FROM room r
             LEFT JOIN building_unit u USING (unit_id)
             WHERE r.building_id = ?1 AND r.deleted_at IS NULL AND r.kind IN (?2, ?3, ?4)",
        )?
        .query_map((building_id, one, two, three), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<std::result::Result<_, _>>()?)
}

/// Where the buildings stand; `None` when there are none.
///
/// # Errors
/// SQLite's errors.
pub fn building_bounds(conn: &Connection) -> Result<Option<BBox>> {
    let bounds = conn
        .query_row(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents
             WHERE table_name = 'building' AND min_x NOT NULL",
            [],
            |row| {
                Ok(BBox {
                    west: row.get(0)?,
                    south: row.get(1)?,
                    east: row.get(2)?,
                    north: row.get(3)?,
                })
            },
        )
        .optional()?;
    Ok(bounds)
}

/// What a building is called where there is room for a line; a zone stands behind its estate.
///
/// # Errors
/// No such building; a row that cannot be read.
pub fn building_title(conn: &Connection, building_id: BuildingId) -> Result<String> {
    let mut select = conn.prepare_cached(
        "SELECT e.name || coalesce(' ' || b.zone, ''), b.building_no, b.name, b.address, b.code
         FROM building b LEFT JOIN estate e USING (estate_id) WHERE building_id = ?1",
    )?;
    Ok(select.query_row([building_id], |row| {
        let text = |column| row.get::<_, Option<String>>(column);
        let (estate, number, name, address) = (text(0)?, text(1)?, text(2)?, text(3)?);
        let code: String = row.get(4)?;
        let name = BuildingName {
            estate: estate.as_deref(),
            number: number.as_deref(),
            name: name.as_deref(),
            address: address.as_deref(),
            code: &code,
        };
        Ok(name.plain())
    })?)
}

fn by_stem(conn: &Connection, stem: &str) -> Result<Vec<(RoomId, i64)>> {
    // '0' is the character after '/', so this range is "begins with stem".
    let end = format!("{}0", &stem[..stem.len() - 1]);
    Ok(conn
        .prepare_cached(
            "SELECT room_id, kind FROM room
             WHERE match_key >= ?1 AND match_key < ?2 AND deleted_at IS NULL ORDER BY match_key",
        )?
        .query_map((stem, end), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<std::result::Result<_, _>>()?)
}

/// The workspace's own code lists.
///
/// # Errors
/// SQLite's errors.
pub fn code_lists(conn: &Connection) -> Result<CodeLists> {
    let mut select =
        conn.prepare("SELECT list, key, code, zh, en, aliases FROM code ORDER BY ord")?;
    let rows = select.query_map([], |row| {
        Ok(CodeEntry {
            list: row.get(0)?,
            key: row.get(1)?,
            code: row.get(2)?,
            zh: row.get(3)?,
            en: row.get(4)?,
            aliases: row.get(5)?,
        })
    })?;
    Ok(CodeLists::new(rows.collect::<std::result::Result<_, _>>()?))
}

/// Every spelling of a tag (code, labels, aliases; folded) → row id.
///
/// # Errors
/// SQLite's errors.
pub fn tag_ids(conn: &Connection) -> Result<HashMap<String, TagId>> {
    let mut select = conn.prepare("SELECT tag_id, code, zh, en, aliases FROM tag ORDER BY ord")?;
    let mut ids = HashMap::new();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let tag_id: TagId = row.get(0)?;
        let texts: [String; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        for text in texts.iter().flat_map(|t| t.split(';')).filter(|t| !t.is_empty()) {
            ids.entry(fold(text)).or_insert(tag_id);
        }
    }
    Ok(ids)
}

/// Gives every building the grid it overlaps most; ties go to the lower grid id, none to null.
/// Returns how many buildings changed.
///
/// # Errors
/// SQLite's errors; a damaged geometry.
pub fn assign_grids(conn: &Connection) -> Result<usize> {
    let mut grids: Vec<(GridId, MultiPolygon)> = Vec::new();
    let mut index = FootprintSetBuilder::default();
    let mut select =
        conn.prepare("SELECT grid_id, geom FROM grid WHERE deleted_at IS NULL ORDER BY grid_id")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let outline = gpkg::decode_outline(row.get_ref(1)?.as_blob().unwrap_or_default())?;
        index.push(row.get::<_, GridId>(0)?, "", &outline);
        grids.push((row.get(0)?, outline));
    }
    let has_assigned = "SELECT EXISTS (SELECT 1 FROM building WHERE grid_id IS NOT NULL)";
    if grids.is_empty() && !conn.query_row(has_assigned, [], |row| row.get::<_, bool>(0))? {
        return Ok(0);
    }
    let index = index.build();
    let mut changes: Vec<(BuildingId, Option<GridId>)> = Vec::new();
    let mut select =
        conn.prepare("SELECT building_id, geom, grid_id FROM building WHERE deleted_at IS NULL")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let before: Option<GridId> = row.get(2)?;
        if grids.is_empty() && before.is_none() {
            continue;
        }
        let outline = gpkg::decode_outline(row.get_ref(1)?.as_blob().unwrap_or_default())?;
        let candidates: Vec<usize> = index
            .in_bbox(&polygon::bbox(&outline))
            .into_iter()
            .filter_map(|f| grids.binary_search_by_key(&index.id(f), |g| g.0.into()).ok())
            .collect();
        let after = best_grid(&grids, &candidates, &outline);
        if before != after {
            changes.push((row.get(0)?, after));
        }
    }
    let mut update = conn.prepare("UPDATE building SET grid_id = ?2 WHERE building_id = ?1")?;
    for (building_id, grid_id) in &changes {
        update.execute((building_id, grid_id))?;
    }
    conn.execute(
        "UPDATE event SET grid_id =
           (SELECT b.grid_id FROM building b WHERE b.building_id = event.building_id)
         WHERE building_id IS NOT NULL AND grid_id IS NOT
           (SELECT b.grid_id FROM building b WHERE b.building_id = event.building_id)",
        [],
    )?;
    Ok(changes.len())
}

fn best_grid(
    grids: &[(GridId, MultiPolygon)],
    candidates: &[usize],
    outline: &MultiPolygon,
) -> Option<GridId> {
    if let [only] = candidates
        && grids[*only].1.covers(outline)
    {
        return Some(grids[*only].0);
    }
    candidates
        .iter()
        .map(|&i| (polygon::overlap_deg2(&grids[i].1, outline), grids[i].0))
        .filter(|(area, _)| *area > 0.0)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
        .map(|(_, grid_id)| grid_id)
}

/// Box around all buildings, from the R-tree; empty when there are none.
///
/// # Errors
/// SQLite's errors.
pub fn bounds(conn: &Connection) -> Result<BBox> {
    let bounds: Option<[f64; 4]> = conn.query_row(
        "SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_building_geom",
        [],
        |row| {
            let west: Option<f64> = row.get(0)?;
            Ok(west.map(|w| {
                [w, row.get(1).unwrap_or(w), row.get(2).unwrap_or(w), row.get(3).unwrap_or(w)]
            }))
        },
    )?;
    Ok(bounds.map_or(BBox::EMPTY, |[west, south, east, north]| BBox { west, south, east, north }))
}

/// Row id → code of every building.
///
/// # Errors
/// SQLite's errors.
pub fn building_codes(conn: &Connection) -> Result<HashMap<BuildingId, String>> {
    Ok(building_ids(conn)?.into_iter().map(|(code, id)| (id, code)).collect())
}

/// Row id of a grid by its code.
///
/// # Errors
/// SQLite's errors.
pub fn grid_id(conn: &Connection, code: &str) -> Result<Option<GridId>> {
    Ok(conn
        .query_row(
            "SELECT grid_id FROM grid WHERE code = ?1 AND deleted_at IS NULL",
            [code],
            |row| row.get(0),
        )
        .optional()?)
}
