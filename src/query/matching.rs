//! Addresses of lists linked to rooms: the estates and buildings of a workspace in memory, rooms by
//! their exact key.
//!
//! Nothing ambiguous is linked: an estate is taken by its name, an alias, a unique short form or a
//! homophone; a name one character off is only offered. A room is linked when exactly one of all
//! readings of the address exists; a building is never guessed, a unit only where there is one.

use std::collections::HashMap;

use crate::domain::address::{Address, Flag, Match, Reading, slips};
use crate::domain::names::pinyin_and_initials;
use crate::domain::{fold, room_key};
use crate::store::lookup::{self, RoomMatch};
use crate::store::{Connection, Result};

/// How an estate was recognised, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameEvidence {
    /// Its name.
    Name,
    /// One of its aliases.
    Alias,
    /// A short form that only this estate has.
    ShortName,
    /// It sounds the same.
    Homophone,
    /// One character differs.
    OneCharacter,
}

impl NameEvidence {
    /// Whether it is enough to link by itself.
    #[must_use]
    pub const fn links(self) -> bool {
        !matches!(self, Self::OneCharacter)
    }
}

/// What became of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// One room.
    Matched,
    /// Candidates; somebody must pick.
    Ambiguous,
    /// Nothing here.
    None,
}

/// A place the address may mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Candidate {
    /// Code of the building.
    pub building: String,
    /// Unit, when the room names one.
    pub unit: Option<String>,
    /// Room number; `None` when only the building is there.
    pub room: Option<String>,
    /// How the estate was recognised.
    pub evidence: NameEvidence,
    /// Row id of the building.
    #[serde(skip)]
    pub building_id: i64,
    /// Row id of the room.
    #[serde(skip)]
    pub room_id: Option<i64>,
}

/// The link of an address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// What became of it.
    #[serde(rename = "link")]
    pub outcome: Outcome,
    /// The room, or the rooms (and buildings without such a room) it may be.
    pub candidates: Vec<Candidate>,
}

impl Link {
    /// The room, when there is no doubt.
    #[must_use]
    pub fn room_id(&self) -> Option<i64> {
        match (self.outcome, &self.candidates[..]) {
            (Outcome::Matched, [only]) => only.room_id,
            _ => None,
        }
    }
}

struct Estate {
    name: String,
    pinyin: String,
    aliases: Vec<String>,
}

struct Building {
    building_id: i64,
    code: String,
    zone: Option<String>,
}

/// Estates and buildings of a workspace, by what addresses call them.
#[derive(Default)]
pub struct Gazetteer {
    estates: Vec<Estate>,
    /// (estate, building number) → buildings; several where zones repeat numbers.
    buildings: HashMap<(usize, String), Vec<Building>>,
}

/// A zone as it is compared: 二期 and 2期 are one.
fn zone_token(zone: &str) -> String {
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == c);
    fold(zone)
        .chars()
        .map(|c| digit(c).and_then(|i| char::from_digit(i as u32 + 1, 10)).unwrap_or(c))
        .collect()
}

/// A building number as it is compared: `03幢` and `3` are one.
fn building_token(number: &str) -> String {
    let mut token = room_key::token(number);
    for suffix in ["号楼", "幢", "栋", "座", "#", "楼"] {
        if let Some(cut) = token.strip_suffix(suffix)
            && !cut.is_empty()
        {
            token = cut.to_owned();
        }
    }
    token
}

impl Gazetteer {
    /// Reads the names of a workspace.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn read(conn: &Connection) -> Result<Self> {
        let mut gazetteer = Self::default();
        let mut index: HashMap<i64, usize> = HashMap::new();
        let mut select = conn.prepare(
            "SELECT estate_id, name, aliases FROM estate WHERE deleted_at IS NULL ORDER BY estate_id",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (name, aliases): (String, String) = (row.get(1)?, row.get(2)?);
            index.insert(row.get(0)?, gazetteer.estates.len());
            gazetteer.estates.push(Estate {
                pinyin: pinyin_and_initials(&name).0,
                aliases: aliases.split([';', '；']).map(fold).filter(|a| !a.is_empty()).collect(),
                name: fold(&name),
            });
        }
        let mut select = conn.prepare(
            "SELECT building_id, code, estate_id, zone, building_no FROM building
             WHERE deleted_at IS NULL AND estate_id IS NOT NULL AND building_no IS NOT NULL",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let Some(estate) = index.get(&row.get::<_, i64>(2)?) else { continue };
            let number: String = row.get(4)?;
            let building =
                Building { building_id: row.get(0)?, code: row.get(1)?, zone: row.get(3)? };
            gazetteer
                .buildings
                .entry((*estate, building_token(&number)))
                .or_default()
                .push(building);
        }
        Ok(gazetteer)
    }

    /// Estates an address may mean, of the best evidence there is.
    fn estates(&self, name: &str) -> Vec<(usize, NameEvidence)> {
        let name = fold(name);
        let all = |evidence, test: &dyn Fn(&Estate) -> bool| {
            let found = self.estates.iter().enumerate().filter(|(_, e)| test(e));
            found.map(|(i, _)| (i, evidence)).collect::<Vec<_>>()
        };
        let mut found = all(NameEvidence::Name, &|e| e.name == name);
        if found.is_empty() {
            found = all(NameEvidence::Alias, &|e| e.aliases.contains(&name));
        }
        if found.is_empty() && name.chars().count() >= 2 {
            found = all(NameEvidence::ShortName, &|e| {
                e.name.starts_with(&name)
                    || e.name.chars().count() >= 3 && name.ends_with(&e.name)
                    || e.name.chars().count() >= 2
                        && name.strip_prefix(e.name.as_str()).is_some_and(is_generic)
            });
        }
        if found.is_empty() {
            let pinyin = pinyin_and_initials(&name).0;
            found = all(NameEvidence::Homophone, &|e| e.pinyin == pinyin);
        }
        if found.is_empty() && name.chars().count() >= 3 {
            found = all(NameEvidence::OneCharacter, &|e| slips(&e.name, &name) == Some(1));
        }
        found
    }

    /// Links an address to a room of the workspace.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn link(&self, conn: &Connection, address: &Address) -> Result<Link> {
        let mut found: Vec<Candidate> = Vec::new();
        let mut buildings: Vec<Candidate> = Vec::new();
        let Some(estate) = &address.estate else {
            return Ok(Link { outcome: Outcome::None, candidates: Vec::new() });
        };
        let first = Reading {
            building: address.building.clone(),
            unit: address.unit.clone(),
            room: address.room.clone(),
        };
        let mut needs_choice = address.quality == Match::Ambiguous && !only_floor_is_open(address)
            || address.flags.has(Flag::MultiRoom);
        for (estate, evidence) in self.estates(estate) {
            for reading in std::iter::once(&first).chain(&address.alternatives) {
                // 18幢1801 is floor 18 where that room is; unit 1, room 801 only where it is not.
                if *reading != first && !found.is_empty() && address.quality != Match::Ambiguous {
                    break;
                }
                let Some(number) = &reading.building else { continue };
                let Some(known) = self.buildings.get(&(estate, building_token(number))) else {
                    continue;
                };
                let zone = address.zone.as_deref().map(zone_token);
                let of_zone = known.iter().filter(|b| match (&zone, &b.zone) {
                    (Some(zone), Some(known)) => zone_token(known) == *zone,
                    _ => true,
                });
                for building in of_zone {
                    let candidate =
                        |unit: Option<String>, room: Option<String>, room_id| Candidate {
                            building: building.code.clone(),
                            unit,
                            room,
                            evidence,
                            building_id: building.building_id,
                            room_id,
                        };
                    let unit = reading.unit.as_deref();
                    let Some(room) = &reading.room else {
                        buildings.push(candidate(unit.map(str::to_owned), None, None));
                        continue;
                    };
                    match find_room(conn, building.building_id, unit, room)? {
                        RoomMatch::One(room_id) => {
                            found.push(candidate(
                                unit.map(str::to_owned),
                                Some(room.clone()),
                                Some(room_id),
                            ));
                        }
                        RoomMatch::Ambiguous(_) => {
                            needs_choice = true;
                            for (unit, room_id) in
                                rooms_of_all_units(conn, building.building_id, room)?
                            {
                                found.push(candidate(unit, Some(room.clone()), Some(room_id)));
                            }
                        }
                        RoomMatch::None => {
                            buildings.push(candidate(unit.map(str::to_owned), None, None));
                        }
                    }
                }
            }
        }
        found.sort_by_key(|c| (c.room_id, c.evidence));
        found.dedup_by_key(|c| c.room_id);
        let links = found.len() == 1 && !needs_choice && found[0].evidence.links();
        let outcome = match (links, found.is_empty(), buildings.is_empty()) {
            (true, ..) => Outcome::Matched,
            (_, true, true) => Outcome::None,
            _ => Outcome::Ambiguous,
        };
        if found.is_empty() {
            buildings.sort_by(|a, b| a.building.cmp(&b.building));
            buildings.dedup_by_key(|c| c.building_id);
            found = buildings;
        }
        Ok(Link { outcome, candidates: found })
    }
}

/// Behind an estate's name these add nothing: 橡树湾小区 is 橡树湾.
fn is_generic(rest: &str) -> bool {
    matches!(rest, "小区" | "花园" | "社区" | "家园" | "公寓" | "住宅区" | "住宅小区" | "生活区")
}

/// The digits leave the floor open (10101), the room itself is given.
fn only_floor_is_open(address: &Address) -> bool {
    address.flags.has(Flag::FloorAmbiguous)
        && address.alternatives.is_empty()
        && !address.flags.has(Flag::EstateFuzzy)
        && address.building.is_some()
}

fn find_room(
    conn: &Connection,
    building_id: i64,
    unit: Option<&str>,
    room: &str,
) -> Result<RoomMatch> {
    let found = lookup::find_room(conn, building_id, unit, room)?;
    match (found, unit) {
        // Stored as 东单元, read as 东.
        (RoomMatch::None, Some(unit)) => {
            lookup::find_room(conn, building_id, Some(&format!("{unit}单元")), room)
        }
        (found, _) => Ok(found),
    }
}

fn rooms_of_all_units(
    conn: &Connection,
    building_id: i64,
    room: &str,
) -> Result<Vec<(Option<String>, i64)>> {
    let mut select = conn.prepare_cached(
        "SELECT u.unit_no, r.room_id FROM room r LEFT JOIN building_unit u USING (unit_id)
         WHERE r.building_id = ?1 AND r.room_no = ?2 AND r.deleted_at IS NULL ORDER BY r.room_id",
    )?;
    let rows = select
        .query_map((building_id, room_key::token(room)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
