//! Rooms, households, residents, tags and enterprises for the buildings of a workspace.
//!
//! Any footprints do: what is not known of a building (kind, floors) is guessed from its area. A
//! building that already has rooms is left alone, so running it twice adds nothing.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::homes::{Homes, plan};
use super::persons::PersonMaker;
use super::words::Words;
use crate::access::{AuditEntry, Stamp};
use crate::domain::ids::TagId;
use crate::domain::records::ResidencyRecord;
use crate::store::{Connection, Result, Workspace, WriteTx, bulk, features, indexes, rows};
use crate::synth::PeopleOptions;
use crate::synth::site::Site;

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct PeopleTotals {
    /// Buildings that got rooms.
    pub buildings: u64,
    /// Rooms.
    pub rooms: u64,
    /// Persons.
    pub persons: u64,
    /// Enterprises.
    pub enterprises: u64,
}

/// Buildings without rooms, in code order.
pub(super) fn sites(conn: &Connection) -> Result<Vec<Site>> {
    let facts = features::empty_buildings(conn)?;
    Ok(facts
        .into_iter()
        .map(|f| Site {
            building_id: f.building_id,
            code: f.code,
            kind: f.kind,
            floors_above: f.floors_above,
            floors_below: f.floors_below,
            area_m2: f.area_m2,
        })
        .collect())
}

/// Members of a household: 2.6 (census 2020).
const PERSONS_A_HOUSEHOLD: f64 = 2.6;
/// Persons a flat, vacancies counted: 2.6 a household times 0.87 taken.
const PERSONS_A_FLAT: f64 = 2.26;
/// Share of the flats that stay empty, where rooms are not asked for by number.
const VACANT: f64 = 0.13;

/// What is made where: the buildings that get rooms, and how full they become.
pub(super) struct Plan {
    /// Buildings that get rooms.
    pub(super) sites: Vec<Site>,
    /// By how much more (or less) flats there are than the floor area suggests.
    scale: f64,
    /// Share of the flats that stay empty.
    vacant: f64,
    /// Rooms there will be.
    pub(super) rooms: u64,
}

/// Rooms and flats of all sites.
fn capacity(sites: &[Site], scale: f64) -> (usize, usize) {
    sites
        .iter()
        .map(|site| plan(site, scale))
        .fold((0, 0), |(rooms, flats), homes| (rooms + homes.rooms.len(), flats + homes.flats()))
}

impl Plan {
    /// Fills the buildings without rooms so that the wanted numbers are about met: with more or less
    /// flats than the floor area suggests, and with buildings left empty (spread evenly), since the flats
    /// of a city of a million buildings alone would be tens of millions.
    pub(super) fn of(sites: Vec<Site>, options: &PeopleOptions) -> Self {
        /// Rooms or persons above the wanted number that are let be.
        const TOO_MANY: f64 = 1.25;
        let (rooms, flats) = capacity(&sites, 1.0);
        let wanted = match (options.rooms, options.persons) {
            (Some(wanted), _) => Some(wanted as f64 / rooms.max(1) as f64),
            (None, Some(wanted)) => Some(wanted as f64 / (flats.max(1) as f64 * PERSONS_A_FLAT)),
            (None, None) => None,
        };
        let mut scale = wanted.unwrap_or(1.0).clamp(0.01, 100.0);
        let (mut rooms, mut flats) = capacity(&sites, scale);
        if let Some(wanted) = options.rooms {
            // Units and doors are whole numbers: what was asked for is neared in a few steps.
            for _ in 0..3 {
                scale = (scale * wanted as f64 / rooms.max(1) as f64).clamp(0.01, 100.0);
                (rooms, flats) = capacity(&sites, scale);
            }
        }
        let wanted = match (options.rooms, options.persons) {
            (Some(wanted), _) => wanted as f64 / rooms.max(1) as f64,
            (None, Some(wanted)) => wanted as f64 / (flats.max(1) as f64 * PERSONS_A_FLAT),
            (None, None) => 1.0,
        };
        let most = if options.rooms.is_some() { 1.0 } else { 1.0 / TOO_MANY };
        let share = if wanted < most { wanted } else { 1.0 };
        let sites = if share < 1.0 { evenly(sites, share) } else { sites };
        let vacant = match (options.rooms, options.persons) {
            (Some(_), Some(wanted)) => {
                let (_, flats) = capacity(&sites, scale);
                let homes = flats.max(1) as f64 * PERSONS_A_HOUSEHOLD;
                1.0 - (wanted as f64 / homes).clamp(0.0, 1.0)
            }
            _ => VACANT,
        };
        Self { sites, scale, vacant, rooms: (rooms as f64 * share) as u64 }
    }

    /// Everything for one building.
    pub(super) fn home(&self, site: &Site, maker: &mut PersonMaker<'_>, on: Date) -> Homes {
        let mut homes = plan(site, self.scale);
        homes.fill(site, maker, on, self.vacant);
        homes
    }
}

/// A share of the sites, spread evenly.
fn evenly(sites: Vec<Site>, share: f64) -> Vec<Site> {
    let mut sum = 0.0f64;
    sites
        .into_iter()
        .filter(|_| {
            let before = sum.floor();
            sum += share;
            sum.floor() > before
        })
        .collect()
}

/// Tables that are filled without a look-up in them, so that their indexes can wait.
const FILLED: [&str; 5] = ["room", "person", "household", "residency", "person_tag"];
/// Rooms of one transaction: what a cut run loses, and what the log holds.
const ROOMS_A_COMMIT: u64 = 200_000;

/// How far the making is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Rooms that stand, and how many there will be about.
    Rooms(u64, u64),
    /// Indexes that are made, and how many there are.
    Indexes(usize, usize),
}

/// Fills the workspace, some hundred thousand rooms a transaction. What is cut off stays sound: a second
/// run goes on with the buildings that have no rooms yet, and makes the indexes.
///
/// # Errors
/// SQLite's errors; [`crate::store::StoreError::Cancelled`] when `progress` says stop.
pub fn make_people(
    workspace: &Workspace,
    options: &PeopleOptions,
    stamp: &Stamp,
    mut progress: impl FnMut(Progress) -> Result<()>,
) -> Result<PeopleTotals> {
    // Indexes that a cut run has left out: the rooms of a building are looked for by one.
    make_indexes(workspace, stamp, &mut progress)?;
    let reader = workspace.reader()?;
    let plan = Plan::of(sites(&reader)?, &still_wanted(&reader, options)?);
    let last = features::last_person_id(&reader)?;
    let tag_ids = features::tag_codes(&reader)?;
    drop(reader);
    let words = Words::shipped();
    let mut maker = PersonMaker::new(&words, options, last);
    let mut totals = PeopleTotals::default();
    let mut sites = plan.sites.iter();
    let is_long = plan.rooms > ROOMS_A_COMMIT;
    while !sites.as_slice().is_empty() {
        workspace.write(stamp, |tx| {
            if is_long && totals.rooms == 0 {
                indexes::drop_of_empty(tx, &FILLED)?;
            }
            let mut units = rows::UnitCache::default();
            let before = totals;
            for (done, site) in sites.by_ref().enumerate() {
                if done % 256 == 0 {
                    progress(Progress::Rooms(totals.rooms, plan.rooms))?;
                }
                let homes = plan.home(site, &mut maker, options.on);
                store(tx, site, &homes, &mut units, &tag_ids, &mut totals)?;
                if totals.rooms - before.rooms >= ROOMS_A_COMMIT {
                    break;
                }
            }
            if !is_long {
                bulk::analyze(tx)?;
            }
            let (rooms, persons) = (totals.rooms - before.rooms, totals.persons - before.persons);
            let entry = AuditEntry::done("synth people", format!("seed {}", options.seed))
                .with_fields(format!("rooms {rooms} persons {persons}"));
            Ok(((), entry))
        })?;
    }
    make_indexes(workspace, stamp, &mut progress)?;
    Ok(totals)
}

/// What is wanted beyond the rooms and persons that stand already.
fn still_wanted(conn: &Connection, options: &PeopleOptions) -> Result<PeopleOptions> {
    let beyond = |table: &str, wanted: Option<u64>| -> Result<Option<u64>> {
        let Some(wanted) = wanted else { return Ok(None) };
        Ok(Some(wanted.saturating_sub(features::count_rows(conn, table)?)))
    };
    let (rooms, persons) = (beyond("room", options.rooms)?, beyond("person", options.persons)?);
    Ok(PeopleOptions { persons, rooms, ..*options })
}

/// Makes the indexes that are missing, if any are, and lets SQLite learn the sizes.
fn make_indexes(
    workspace: &Workspace,
    stamp: &Stamp,
    progress: &mut impl FnMut(Progress) -> Result<()>,
) -> Result<()> {
    let missing = indexes::missing(&*workspace.reader()?)?;
    for (done, index) in missing.iter().enumerate() {
        progress(Progress::Indexes(done, missing.len()))?;
        workspace.write(stamp, |tx| {
            indexes::make(tx, index)?;
            if done + 1 == missing.len() {
                bulk::analyze(tx)?;
            }
            Ok(((), AuditEntry::done("synth people", format!("index {}", index.name))))
        })?;
    }
    Ok(())
}

fn store(
    tx: &WriteTx<'_>,
    site: &Site,
    homes: &Homes,
    units: &mut rows::UnitCache,
    tag_ids: &[(String, TagId)],
    totals: &mut PeopleTotals,
) -> Result<()> {
    if homes.rooms.is_empty() {
        return Ok(());
    }
    totals.buildings += 1;
    let labels: BTreeSet<String> = homes.rooms.iter().filter_map(|r| r.floor.clone()).collect();
    let floors = rows::assign_floors(tx, site.building_id, &labels)?;
    let mut room_ids = Vec::with_capacity(homes.rooms.len());
    for room in &homes.rooms {
        let unit_id = match &room.unit {
            Some(unit) => Some(units.unit_id(tx, site.building_id, unit)?),
            None => None,
        };
        let ord = room.floor.as_ref().and_then(|label| floors.get(label).copied());
        room_ids.push(rows::insert_room(tx, room, unit_id, ord)?);
    }
    totals.rooms += room_ids.len() as u64;
    for household in &homes.households {
        let room_id = room_ids[household.room];
        let household_id = rows::insert_household(tx, room_id, household.register_no.as_deref())?;
        for (position, resident) in household.residents.iter().enumerate() {
            let person_id = rows::insert_person(tx, &resident.person)?;
            if position == 0 {
                rows::set_household_head(tx, household_id, person_id)?;
            }
            let residency = ResidencyRecord {
                room_id,
                household_no: None,
                relation: Some(resident.relation),
                role: Some(resident.role),
                since: Some(resident.since),
            };
            rows::insert_residency(tx, person_id, household_id, &residency)?;
            for tag in &resident.tags {
                if let Some((_, tag_id)) = tag_ids.iter().find(|(code, _)| code == tag) {
                    rows::insert_tag(tx, person_id, *tag_id, "synthetic")?;
                }
            }
            totals.persons += 1;
        }
    }
    for (room, enterprise) in &homes.enterprises {
        let mut enterprise = enterprise.clone();
        enterprise.place.building_id = Some(site.building_id);
        enterprise.place.room_id = room.map(|index| room_ids[index]);
        rows::upsert_enterprise(tx, &enterprise)?;
        totals.enterprises += 1;
    }
    Ok(())
}
