//! Rooms, households, residents, tags and enterprises for the buildings of a workspace.
//!
//! Any footprints do: what is not known of a building (kind, floors) is guessed from its area. A
//! building that already has rooms is left alone, so running it twice adds nothing.

use std::collections::BTreeSet;

use super::homes::{Homes, plan};
use super::persons::PersonMaker;
use super::words::Words;
use crate::access::{AuditEntry, Stamp};
use crate::domain::ids::TagId;
use crate::domain::records::ResidencyRecord;
use crate::store::{Connection, Result, Workspace, WriteTx, bulk, features, rows};
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

/// Persons a flat, vacancies counted: 2.6 a household (census 2020) times 0.87 taken.
const PERSONS_A_FLAT: f64 = 2.26;

/// By how much more (or less) the flats must be filled to reach the wanted number of persons.
pub(super) fn scale(sites: &[Site], options: &PeopleOptions) -> f64 {
    let Some(wanted) = options.persons else { return 1.0 };
    let flats: usize = sites.iter().map(|site| plan(site, 1.0).flats()).sum();
    (wanted as f64 / (flats.max(1) as f64 * PERSONS_A_FLAT)).clamp(0.01, 100.0)
}

/// Leaves so many buildings empty that a wanted number of persons below what fits is met: the
/// flats of a city of a million buildings alone would be tens of millions. Spread evenly.
pub(super) fn inhabited(sites: Vec<Site>, options: &PeopleOptions, scale: f64) -> Vec<Site> {
    /// Persons above the wanted number that are let be.
    const TOO_MANY: f64 = 1.25;
    let Some(wanted) = options.persons else { return sites };
    let flats: usize = sites.iter().map(|site| plan(site, scale).flats()).sum();
    let expected = flats as f64 * PERSONS_A_FLAT;
    if expected <= wanted as f64 * TOO_MANY {
        return sites;
    }
    let share = wanted as f64 / expected;
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

/// Everything for one building.
pub(super) fn home(
    site: &Site,
    maker: &mut PersonMaker<'_>,
    options: &PeopleOptions,
    scale: f64,
) -> Homes {
    let mut homes = plan(site, scale);
    homes.fill(site, maker, options);
    homes
}

/// Fills the workspace, in one transaction.
///
/// # Errors
/// SQLite's errors; [`crate::store::StoreError::Cancelled`] when `progress` says stop.
pub fn make_people(
    workspace: &Workspace,
    options: &PeopleOptions,
    stamp: &Stamp,
    mut progress: impl FnMut(usize, usize) -> Result<()>,
) -> Result<PeopleTotals> {
    let reader = workspace.reader()?;
    let sites = sites(&reader)?;
    let last = features::last_person_id(&reader)?;
    let tag_ids = features::tag_codes(&reader)?;
    drop(reader);
    let words = Words::shipped();
    let scale = scale(&sites, options);
    let sites = inhabited(sites, options, scale);
    workspace.write(stamp, |tx| {
        let mut totals = PeopleTotals::default();
        let mut units = rows::UnitCache::default();
        let mut maker = PersonMaker::new(&words, options, last);
        for (done, site) in sites.iter().enumerate() {
            if done % 256 == 0 {
                progress(done, sites.len())?;
            }
            let homes = home(site, &mut maker, options, scale);
            store(tx, site, &homes, &mut units, &tag_ids, &mut totals)?;
        }
        bulk::analyze(tx)?;
        let entry = AuditEntry::done("synth people", format!("seed {}", options.seed))
            .with_fields(format!("rooms {} persons {}", totals.rooms, totals.persons));
        Ok((totals, entry))
    })
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
