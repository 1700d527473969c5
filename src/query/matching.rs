//! Addresses of lists linked to rooms: the estates and buildings of a workspace in memory, rooms by
//! their exact key.
//!
//! Nothing ambiguous is linked: an estate is taken by its name, an alias, a unique short form or a
//! homophone that no other estate shares; a name one character off is only offered. A second reading
//! (18幢2501 as unit 2, room 501) counts only where the first is higher than the house. A building is
//! never guessed, a unit only where there is one.

use std::collections::HashMap;

use crate::domain::address::{Address, Flag, Match, PlaceKind, Reading, slips};
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
    /// Whether estate and building are beyond doubt, whatever the room is.
    #[serde(skip)]
    pub is_sure_of_building: bool,
}

impl Link {
    /// The building, when there is no doubt about it.
    #[must_use]
    pub fn building_id(&self) -> Option<i64> {
        let first = self.candidates.first().filter(|_| self.is_sure_of_building)?;
        let same = self.candidates.iter().all(|c| c.building_id == first.building_id);
        (same && first.evidence.links()).then_some(first.building_id)
    }

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
}

struct Building {
    building_id: i64,
    code: String,
    zone: Option<String>,
    floors_above: Option<i32>,
}

/// Estates and buildings of a workspace, by what addresses call them.
#[derive(Default)]
pub struct Gazetteer {
    estates: Vec<Estate>,
    by_name: HashMap<String, Vec<usize>>,
    by_alias: HashMap<String, Vec<usize>>,
    by_pinyin: HashMap<String, Vec<usize>>,
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
            let estate = gazetteer.estates.len();
            index.insert(row.get(0)?, estate);
            let add = |map: &mut HashMap<String, Vec<usize>>, text: String| {
                map.entry(text).or_default().push(estate);
            };
            for alias in aliases.split([';', '；']).map(fold).filter(|a| !a.is_empty()) {
                add(&mut gazetteer.by_alias, alias);
            }
            let name = fold(&name);
            add(&mut gazetteer.by_pinyin, pinyin_and_initials(&name).0);
            add(&mut gazetteer.by_name, name.clone());
            gazetteer.estates.push(Estate { name });
        }
        let mut select = conn.prepare(
            "SELECT building_id, code, estate_id, zone, building_no, floors_above FROM building
             WHERE deleted_at IS NULL AND estate_id IS NOT NULL AND building_no IS NOT NULL",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let Some(estate) = index.get(&row.get::<_, i64>(2)?) else { continue };
            let number: String = row.get(4)?;
            let building = Building {
                building_id: row.get(0)?,
                code: row.get(1)?,
                zone: row.get(3)?,
                floors_above: row.get(5)?,
            };
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
        let known = |map: &HashMap<String, Vec<usize>>, key: &str| {
            map.get(key).cloned().unwrap_or_default()
        };
        let scan = |test: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let found = self.estates.iter().enumerate().filter(|(_, e)| test(&e.name));
            found.map(|(i, _)| i).collect()
        };
        let length = name.chars().count();
        let tries: [(NameEvidence, &dyn Fn() -> Vec<usize>); 5] = [
            (NameEvidence::Name, &|| known(&self.by_name, &name)),
            (NameEvidence::Alias, &|| known(&self.by_alias, &name)),
            (NameEvidence::ShortName, &|| {
                if length < 2 {
                    return Vec::new();
                }
                scan(&|known| known.starts_with(&name) || is_longer_form(&name, known))
            }),
            (NameEvidence::Homophone, &|| known(&self.by_pinyin, &pinyin_and_initials(&name).0)),
            (NameEvidence::OneCharacter, &|| {
                if length < 3 { Vec::new() } else { scan(&|known| slips(known, &name) == Some(1)) }
            }),
        ];
        for (evidence, find) in tries {
            let found = find();
            if !found.is_empty() {
                return found.into_iter().map(|estate| (estate, evidence)).collect();
            }
        }
        Vec::new()
    }

    /// Takes another name for the estate of a building. Returns the estate's name; `None` when the
    /// building has no estate.
    pub fn learn(&mut self, alias: &str, building_id: i64) -> Option<String> {
        let holds = |known: &Vec<Building>| known.iter().any(|b| b.building_id == building_id);
        let (estate, _) = self.buildings.iter().find(|(_, known)| holds(known))?.0;
        let of_alias = self.by_alias.entry(fold(alias)).or_default();
        if !of_alias.contains(estate) {
            of_alias.push(*estate);
        }
        Some(self.estates[*estate].name.clone())
    }

    /// Links an address to a room of the workspace.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn link(&self, conn: &Connection, address: &Address) -> Result<Link> {
        let mut found: Vec<Candidate> = Vec::new();
        let mut buildings: Vec<Candidate> = Vec::new();
        let Some(estate) = &address.estate else {
            return Ok(Link {
                outcome: Outcome::None,
                candidates: Vec::new(),
                is_sure_of_building: false,
            });
        };
        let first = Reading {
            building: address.building.clone(),
            unit: address.unit.clone(),
            room: address.room.clone(),
        };
        let estates = self.estates(estate);
        let mut needs_choice = address.quality == Match::Ambiguous && !only_floor_is_open(address)
            || address.flags.has(Flag::MultiRoom)
            // Flat 1 is not parking space 1.
            || matches!(address.kind, PlaceKind::Parking | PlaceKind::Basement | PlaceKind::Shop)
            // 已搬走, 原住, 对面: not where somebody lives.
            || address.remark.as_deref().is_some_and(speaks_of_elsewhere)
            // A short form, an alias or a sound that several estates share.
            || estates.len() > 1;
        // 沿街商铺1 may be a house of shops, and not house 1.
        let mut is_sure_of_building = estates.len() <= 1
            && !(address.kind == PlaceKind::Shop && address.quality == Match::Ambiguous);
        for (estate, evidence) in estates {
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
                let of_zone: Vec<&Building> = of_zone.collect();
                // 3幢 of which zone?
                needs_choice |= of_zone.len() > 1;
                is_sure_of_building &= of_zone.len() <= 1;
                for building in of_zone {
                    // Another reading is taken only where the first one cannot be: there is no
                    // such floor.
                    let too_high = |top: i32| address.floor.is_some_and(|floor| floor > top);
                    needs_choice |=
                        *reading != first && !building.floors_above.is_some_and(too_high);
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
                                lookup::rooms_numbered(conn, building.building_id, room)?
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
        Ok(Link { outcome, candidates: found, is_sure_of_building })
    }
}

/// Whether a remark says that the address is not the place itself.
fn speaks_of_elsewhere(remark: &str) -> bool {
    let words = ["搬", "不住", "原住", "对面", "旁边", "附近", "后面", "隔壁", "外出", "空挂"];
    words.iter().any(|word| remark.contains(word))
}

/// 橡树湾小区 and 新都街道橡树湾 for 橡树湾.
fn is_longer_form(name: &str, known: &str) -> bool {
    let length = known.chars().count();
    length >= 3 && name.ends_with(known)
        || length >= 2 && name.strip_prefix(known).is_some_and(is_generic)
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
