//! Addresses of lists linked to rooms: the estates and buildings of a workspace in memory, rooms by
//! their exact key.
//!
//! Nothing ambiguous is linked: an estate is taken by its name, an alias, a unique short form or a
//! homophone that no other estate shares; a name one character off is only offered. A second reading
//! (18幢2501 as unit 2, room 501) counts only where the first is higher than the house. A building is
//! never guessed, a unit only where there is one. Where no estate and number answers, the building's
//! own address (road and number) and its own name do; a door of the estate is offered, never linked.

mod found;
mod link;

use std::collections::HashMap;
use std::sync::OnceLock;

use self::found::Search;
pub use self::link::{Candidate, Link, NameEvidence, Outcome};
use crate::domain::address::{self, Address, Flag, Match, PlaceKind, Reading, slips};
use crate::domain::ids::{BuildingId, EstateId};
use crate::domain::names::pinyin_and_initials;
use crate::domain::{fold, half_width, room_key};
use crate::query::matching::link::Building;
use crate::query::matching::link::MOST_DOORS;
use crate::store::lookup;
use crate::store::{Connection, Result};

struct Estate {
    name: String,
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
    /// Buildings by their own address and name; read when first asked for.
    own: OnceLock<OwnNames>,
}

/// Buildings by what they are called themselves.
#[derive(Default)]
struct OwnNames {
    /// Road, its number, and the building number behind it.
    by_address: HashMap<(String, String), Vec<(Option<String>, Building)>>,
    by_name: HashMap<String, Vec<Building>>,
}

impl OwnNames {
    fn read(conn: &Connection) -> Result<Self> {
        let mut own = Self::default();
        let mut select = conn.prepare(
            "SELECT building_id, code, zone, floors_above, address, name, building_no
             FROM building
             WHERE deleted_at IS NULL AND (address IS NOT NULL OR name IS NOT NULL)",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let building = Building {
                building_id: row.get(0)?,
                code: row.get(1)?,
                zone: row.get(2)?,
                floors_above: row.get(3)?,
            };
            let (text, name): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            if let Some(name) = name.map(|name| fold(&name)).filter(|name| !name.is_empty()) {
                own.by_name.entry(name).or_default().push(building.clone());
            }
            let Some(read) = text.map(|text| address::parse(&text)) else { continue };
            if let (Some(road), Some(road_no)) = (read.road, read.road_no) {
                let number: Option<String> = row.get(6)?;
                let number = read.building.or(number).map(|number| building_token(&number));
                let key = (fold(&road), fold(&road_no));
                own.by_address.entry(key).or_default().push((number, building));
            }
        }
        Ok(own)
    }
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
        let mut index: HashMap<EstateId, usize> = HashMap::new();
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
            let Some(estate) = index.get(&row.get::<_, EstateId>(2)?) else { continue };
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

    /// Names of the estates, folded.
    pub fn estate_names(&self) -> impl Iterator<Item = &str> {
        self.estates.iter().map(|estate| estate.name.as_str())
    }

    /// Estates that a text names (a title, the name of a sheet), the longest names first.
    #[must_use]
    pub fn estates_named_in(&self, text: &str) -> Vec<String> {
        let text = fold(text);
        let aliases = self.by_alias.iter().filter(|(alias, _)| alias.chars().count() >= 2);
        let by_alias = aliases.filter(|(alias, _)| text.contains(alias.as_str()));
        let by_name = self.by_name.iter().filter(|(name, _)| {
            let bare = name.trim_end_matches("小区");
            bare.chars().count() >= 2 && text.contains(bare)
        });
        let mut found: Vec<&str> = by_name
            .chain(by_alias)
            .flat_map(|(_, estates)| estates)
            .map(|estate| self.estates[*estate].name.as_str())
            .collect();
        found.sort_by_key(|name| (std::cmp::Reverse(name.chars().count()), *name));
        found.dedup();
        found.into_iter().map(str::to_owned).collect()
    }

    /// Takes another name for the estate of a building. Returns the estate's name; `None` when the
    /// building has no estate.
    pub fn learn(&mut self, alias: &str, building_id: BuildingId) -> Option<String> {
        let holds = |known: &Vec<Building>| known.iter().any(|b| b.building_id == building_id);
        let (estate, _) = self.buildings.iter().find(|(_, known)| holds(known))?.0;
        let of_alias = self.by_alias.entry(fold(alias)).or_default();
        if !of_alias.contains(estate) {
            of_alias.push(*estate);
        }
        Some(self.estates[*estate].name.clone())
    }

    fn own_names(&self, conn: &Connection) -> Result<&OwnNames> {
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let read = OwnNames::read(conn)?;
        Ok(self.own.get_or_init(|| read))
    }

    /// Buildings an address means by road and number, or by the building's own name.
    fn houses(
        &self,
        conn: &Connection,
        address: &Address,
    ) -> Result<(Vec<Building>, NameEvidence)> {
        let own = self.own_names(conn)?;
        if let (Some(road), Some(road_no)) = (&address.road, &address.road_no)
            && let Some(known) = own.by_address.get(&(fold(road), fold(road_no)))
        {
            let number = address.building.as_deref().map(building_token);
            let fits = known.iter().filter(|(n, _)| number.is_none() || *n == number);
            let fits: Vec<Building> = fits.map(|(_, building)| building.clone()).collect();
            return Ok((fits, NameEvidence::Address));
        }
        let name = match (&address.estate, &address.building) {
            (Some(estate), None) => own.by_name.get(&fold(estate)),
            _ => None,
        };
        Ok((name.cloned().unwrap_or_default(), NameEvidence::BuildingName))
    }

    /// Doors of an estate that have the number, where the address names no building.
    fn doors(
        &self,
        conn: &Connection,
        (estate, room): (usize, &str),
        search: &mut Search,
    ) -> Result<()> {
        let mut known: Vec<&Building> = self
            .buildings
            .iter()
            .filter(|((of_estate, _), _)| *of_estate == estate)
            .flat_map(|(_, buildings)| buildings)
            .collect();
        known.sort_by_key(|building| building.building_id);
        for building in known {
            if search.found.len() >= MOST_DOORS {
                return Ok(());
            }
            for (unit, room_id) in lookup::rooms_numbered(conn, building.building_id, room)? {
                let room = (Some(room.to_owned()), Some(room_id));
                search.found.push(building.candidate(unit, room, NameEvidence::Door));
            }
        }
        Ok(())
    }

    /// Links an address as it was written: where it names no building, or a shop, and a building's
    /// own name stands in it (水岸里沿街商铺3 201), that is the building.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn link_text(&self, conn: &Connection, text: &str, address: &Address) -> Result<Link> {
        if address.kind == PlaceKind::Shop || address.building.is_none() {
            // As names are compared, but with the blanks that part a name from a door.
            let lower = text.chars().map(half_width).flat_map(char::to_lowercase);
            let text: String = lower.collect();
            if let Some((building, rest)) = self.named(conn, &text)? {
                let door = address::parse(&format!("甲幢{rest}"));
                // 瑞苑公寓对门302室 and 瑞苑公寓301/302 are not one door of that house.
                let remarks = [&address.remark, &door.remark];
                let needs_choice = remarks.into_iter().flatten().any(|r| speaks_of_elsewhere(r))
                    || door.quality == Match::Ambiguous && !only_floor_is_open(&door)
                    || door.flags.has(Flag::MultiRoom);
                let reading = Reading { building: None, unit: door.unit, room: door.room };
                let mut search = Search { needs_choice, ..Search::default() };
                search.look(conn, building, &reading, NameEvidence::BuildingName)?;
                return Ok(search.link(true));
            }
        }
        self.link(conn, address)
    }

    /// The building whose own name is the longest in a text, and what stands behind the name.
    fn named<'a>(
        &'a self,
        conn: &Connection,
        text: &'a str,
    ) -> Result<Option<(&'a Building, &'a str)>> {
        const MOST_CHARS: usize = 80;
        const LEAST_CHARS: usize = 4;
        let own = self.own_names(conn)?;
        let ends: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).take(MOST_CHARS).collect();
        let mut best: Option<(&Building, &str, usize)> = None;
        for (first, from) in ends.iter().enumerate() {
            for (last, to) in ends.iter().enumerate().skip(first + LEAST_CHARS) {
                let (name, rest) = (&text[*from..*to], &text[*to..]);
                let is_cut = name.ends_with(|c: char| c.is_ascii_digit())
                    && rest.starts_with(|c: char| c.is_ascii_digit());
                let length = last - first;
                if is_cut || best.is_some_and(|(.., longest)| longest >= length) {
                    continue;
                }
                if let Some([only]) = own.by_name.get(name).map(Vec::as_slice) {
                    best = Some((only, rest, length));
                }
            }
        }
        Ok(best.map(|(building, rest, _)| (building, rest)))
    }

    /// Links an address to a room of the workspace.
    ///
    /// # Errors
    /// SQLite's errors.
    pub fn link(&self, conn: &Connection, address: &Address) -> Result<Link> {
        let mut search = Search::default();
        let first = Reading {
            building: address.building.clone(),
            unit: address.unit.clone(),
            room: address.room.clone(),
        };
        let estates = address.estate.as_deref().map(|name| self.estates(name)).unwrap_or_default();
        search.needs_choice = address.quality == Match::Ambiguous && !only_floor_is_open(address)
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
        for (estate, evidence) in estates.iter().copied() {
            for reading in std::iter::once(&first).chain(&address.alternatives) {
                // 18幢1801 is floor 18 where that room is; unit 1, room 801 only where it is not.
                if *reading != first
                    && !search.found.is_empty()
                    && address.quality != Match::Ambiguous
                {
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
                search.needs_choice |= of_zone.len() > 1;
                is_sure_of_building &= of_zone.len() <= 1;
                for building in of_zone {
                    // Another reading is taken only where the first one cannot be: there is no
                    // such floor.
                    let too_high = |top: i32| address.floor.is_some_and(|floor| floor > top);
                    search.needs_choice |=
                        *reading != first && !building.floors_above.is_some_and(too_high);
                    search.look(conn, building, reading, evidence)?;
                }
            }
        }
        if search.is_empty() {
            let (houses, evidence) = self.houses(conn, address)?;
            // Another estate's name beside the road and number: somebody must say.
            let is_other = evidence == NameEvidence::Address && address.estate.is_some();
            search.needs_choice |= houses.len() > 1 || is_other;
            is_sure_of_building = houses.len() == 1 && !is_other;
            for building in &houses {
                search.look(conn, building, &first, evidence)?;
            }
        }
        if let (true, None, Some(room), [(estate, _)]) =
            (search.is_empty(), &address.building, &address.room, &estates[..])
        {
            search.needs_choice = true;
            is_sure_of_building = false;
            self.doors(conn, (*estate, room), &mut search)?;
        }
        Ok(search.link(is_sure_of_building))
    }
}

/// Whether a remark says that the address is not the place itself.
fn speaks_of_elsewhere(remark: &str) -> bool {
    address::speaks_of_elsewhere(remark)
        || ["原住", "外出", "空挂"].iter().any(|word| remark.contains(word))
}

/// 橡树湾小区 and 新都街道橡树湾 for 橡树湾.
fn is_longer_form(name: &str, known: &str) -> bool {
    let length = known.chars().count();
    // 原橡树湾 and 户籍橡树湾 are where somebody was.
    let before = name.strip_suffix(known);
    let was_there = before.is_some_and(|b| b.ends_with(['原', '非', '旧', '籍', '前']));
    length >= 3 && before.is_some() && !was_there
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
