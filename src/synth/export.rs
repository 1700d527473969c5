//! Made cities and people as GeoJSON and CSV, the way the importer reads them.

use crate::domain::ids::BuildingId;
use crate::msg;
use crate::text::Message;
use std::io::Write as _;
use std::path::Path;

use geojson::{Feature, Geometry, GeometryValue, JsonObject};

use super::persons::PersonMaker;
use super::words::Words;
use crate::domain::basemap::BaseKind;
use crate::domain::codes::{CodeLists, list};
use crate::domain::records::{BuildingRecord, Place};
use crate::store::{Connection, features};
use crate::synth::city::plan::City;
use crate::synth::people::{PeopleTotals, Plan, sites};
use crate::synth::site::PeopleOptions;

type Io<T> = std::io::Result<T>;

/// Writes buildings, grids, roads, water, green (GeoJSON), devices and events (CSV) into a folder.
///
/// # Errors
/// The file system's.
pub fn write_city(city: &City, folder: &Path) -> Io<()> {
    std::fs::create_dir_all(folder)?;
    let lists = CodeLists::shipped();
    write_features(
        &folder.join("buildings.geojson"),
        city.buildings.iter().map(|b| building_feature(b, &lists)),
    )?;
    let grids = city.grids.iter().map(|g| {
        let mut p = JsonObject::new();
        p.insert("code".into(), g.code.as_str().into());
        put(&mut p, "name", g.name.as_deref());
        put(&mut p, "leader", g.leader.as_deref());
        feature_of(&g.outline, p)
    });
    write_features(&folder.join("grids.geojson"), grids)?;
    let base = city.basemap().map(|shape| {
        let mut p = JsonObject::new();
        let kind = match shape.kind {
            BaseKind::Water => "water",
            BaseKind::Green => "green",
            BaseKind::Railway => "railway",
            BaseKind::Road if shape.rank <= 2 => "secondary",
            BaseKind::Road => "tertiary",
        };
        p.insert("kind".into(), kind.into());
        put(&mut p, "name", shape.name.as_deref());
        let geometry = match &shape.geometry {
            ::geo::Geometry::MultiLineString(lines) if lines.0.len() == 1 => {
                GeometryValue::from(&lines.0[0])
            }
            ::geo::Geometry::MultiPolygon(parts) if parts.0.len() == 1 => {
                GeometryValue::from(&parts.0[0])
            }
            other => GeometryValue::from(other),
        };
        Feature {
            geometry: Some(Geometry::new(geometry)),
            properties: Some(p),
            ..Feature::default()
        }
    });
    write_features(&folder.join("basemap.geojson"), base)?;
    write_devices(city, &lists, &folder.join("devices.csv"))?;
    write_events(city, &lists, &folder.join("events.csv"))
}

fn put(properties: &mut JsonObject, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        properties.insert(name.to_owned(), value.into());
    }
}

fn feature_of(outline: &::geo::MultiPolygon, properties: JsonObject) -> Feature {
    let geometry = match &outline.0[..] {
        [only] => GeometryValue::from(only),
        _ => GeometryValue::from(outline),
    };
    Feature {
        geometry: Some(Geometry::new(geometry)),
        properties: Some(properties),
        ..Feature::default()
    }
}

fn building_feature(b: &BuildingRecord, lists: &CodeLists) -> Feature {
    let mut p = JsonObject::new();
    p.insert("code".into(), b.code.as_str().into());
    put(&mut p, "name", b.name.as_deref());
    put(&mut p, "estate", b.estate.as_deref());
    put(&mut p, "zone", b.zone.as_deref());
    put(&mut p, "building_no", b.building_no.as_deref());
    put(&mut p, "kind", b.kind.map(|k| lists.code(list::BUILDING_KIND, k)));
    put(&mut p, "address", b.address.as_deref());
    put(&mut p, "leader_name", b.leader_name.as_deref());
    put(&mut p, "leader_phone", b.leader_phone.as_deref());
    for (name, value) in [
        ("floors_above", b.floors_above),
        ("floors_below", b.floors_below),
        ("year_built", b.year_built),
    ] {
        if let Some(value) = value {
            p.insert(name.into(), value.into());
        }
    }
    feature_of(&b.outline, p)
}

/// One feature a line, so that a file can be read and compared by people.
fn write_features(to: &Path, all: impl Iterator<Item = Feature>) -> Io<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(to)?);
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    for (index, feature) in all.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        write!(out, "{feature}")?;
    }
    out.write_all(b"\n]}\n")?;
    out.flush()
}

fn building_code(city: &City, place: Option<BuildingId>) -> &str {
    place.and_then(|index| city.buildings.get(index.0 as usize)).map_or("", |b| &b.code)
}

fn number(value: Option<f64>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn write_devices(city: &City, lists: &CodeLists, to: &Path) -> Io<()> {
    let mut out = csv::Writer::from_path(to)?;
    out.write_record([
        "code",
        "kind",
        "name",
        "lon",
        "lat",
        "heading_deg",
        "fov_deg",
        "range_m",
        "state",
    ])?;
    let code = |list, key: Option<i64>| key.map_or("", |key| lists.code(list, key));
    for d in &city.devices {
        out.write_record([
            d.code.as_str(),
            code(list::DEVICE_KIND, d.kind),
            d.name.as_deref().unwrap_or(""),
            &d.point.lon.to_string(),
            &d.point.lat.to_string(),
            &number(d.heading_deg),
            &number(d.fov_deg),
            &number(d.range_m),
            code(list::DEVICE_STATE, d.state),
        ])?;
    }
    out.flush()
}

fn write_events(city: &City, lists: &CodeLists, to: &Path) -> Io<()> {
    let mut out = csv::Writer::from_path(to)?;
    out.write_record([
        "no",
        "category",
        "title",
        "severity",
        "source",
        "state",
        "occurred_at",
        "reported_at",
        "lon",
        "lat",
        "building_code",
    ])?;
    let instant = |secs: Option<i64>| secs.map(crate::query::instant_text).unwrap_or_default();
    let code = |list, key: Option<i64>| key.map_or("", |key| lists.code(list, key));
    for e in &city.events {
        let Place { building_id, point, .. } = e.place;
        out.write_record([
            e.no.as_str(),
            code(list::EVENT_CATEGORY, e.category),
            &e.title,
            code(list::EVENT_SEVERITY, e.severity),
            code(list::EVENT_SOURCE, e.source),
            code(list::EVENT_STATE, e.state),
            &instant(e.occurred_at),
            &instant(e.reported_at),
            &number(point.map(|p| p.lon)),
            &number(point.map(|p| p.lat)),
            building_code(city, building_id),
        ])?;
    }
    out.flush()
}

/// Writes rooms, persons and enterprises for the buildings of a workspace as CSV into a folder.
///
/// # Errors
/// SQLite's errors and the file system's.
pub fn write_people(
    conn: &Connection,
    options: &PeopleOptions,
    folder: &Path,
) -> Result<PeopleTotals, WriteError> {
    std::fs::create_dir_all(folder)?;
    let lists = CodeLists::shipped();
    let plan = Plan::of(sites(conn)?, options);
    let words = Words::shipped();
    let mut maker = PersonMaker::new(&words, options, features::last_person_id(conn)?);
    let mut totals = PeopleTotals::default();
    let mut rooms = csv::Writer::from_path(folder.join("rooms.csv"))?;
    rooms.write_record([
        "building_code",
        "unit",
        "floor",
        "room_no",
        "kind",
        "status",
        "area_m2",
        "verified_at",
    ])?;
    let mut persons = csv::Writer::from_path(folder.join("persons.csv"))?;
    persons.write_record([
        "id_type",
        "id_no",
        "name",
        "phone",
        "population_type",
        "sex",
        "birth_date",
        "building_code",
        "unit",
        "room_no",
        "household_no",
        "relation",
        "role",
        "since",
        "tags",
    ])?;
    let mut enterprises = csv::Writer::from_path(folder.join("enterprises.csv"))?;
    enterprises.write_record([
        "uscc",
        "name",
        "kind",
        "industry",
        "building_code",
        "unit",
        "room_no",
        "contact",
        "phone",
        "employees",
        "status",
    ])?;
    for site in &plan.sites {
        let homes = plan.home(site, &mut maker, options.on);
        totals.buildings += u64::from(!homes.rooms.is_empty());
        totals.rooms += homes.rooms.len() as u64;
        for r in &homes.rooms {
            rooms.write_record([
                site.code.as_str(),
                r.unit.as_deref().unwrap_or(""),
                r.floor.as_deref().unwrap_or(""),
                &r.room_no,
                lists.code(list::ROOM_KIND, r.kind),
                r.status.map_or("", |s| lists.code(list::ROOM_STATUS, s)),
                &number(r.area_m2),
                &r.verified_on.map(|d| d.to_string()).unwrap_or_default(),
            ])?;
        }
        for h in &homes.households {
            let room = &homes.rooms[h.room];
            for resident in &h.residents {
                totals.persons += 1;
                let p = &resident.person;
                // What an ID card number says by itself is not said twice.
                let is_card = p.id_type == crate::domain::codes::key::ID_CARD;
                let sex = p.sex.filter(|_| !is_card);
                let birth = p.birth_date.filter(|_| !is_card);
                persons.write_record([
                    lists.code(list::ID_TYPE, p.id_type),
                    p.id_no.as_deref().unwrap_or(""),
                    &p.name,
                    p.phone.as_deref().unwrap_or(""),
                    p.population_type.map_or("", |t| lists.code(list::POPULATION_TYPE, t)),
                    sex.map_or("", |s| lists.code(list::SEX, s)),
                    &birth.map(|d| d.to_string()).unwrap_or_default(),
                    &site.code,
                    room.unit.as_deref().unwrap_or(""),
                    &room.room_no,
                    h.register_no.as_deref().unwrap_or(""),
                    lists.code(list::RELATION, resident.relation),
                    lists.code(list::RESIDENCY_ROLE, resident.role),
                    &resident.since.to_string(),
                    &resident.tags.join(";"),
                ])?;
            }
        }
        for (room, e) in &homes.enterprises {
            totals.enterprises += 1;
            let room = room.map(|index| &homes.rooms[index]);
            enterprises.write_record([
                e.uscc.as_deref().unwrap_or(""),
                &e.name,
                e.kind.map_or("", |k| lists.code(list::ORG_KIND, k)),
                e.industry.as_deref().unwrap_or(""),
                &site.code,
                room.and_then(|r| r.unit.as_deref()).unwrap_or(""),
                room.map_or("", |r| &r.room_no),
                e.contact.as_deref().unwrap_or(""),
                e.phone.as_deref().unwrap_or(""),
                &e.employees.map(|n| n.to_string()).unwrap_or_default(),
                e.status.map_or("", |s| lists.code(list::ENTERPRISE_STATUS, s)),
            ])?;
        }
    }
    rooms.flush()?;
    persons.flush()?;
    enterprises.flush()?;
    Ok(totals)
}

/// What can go wrong while writing people.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The workspace.
    Store(#[from] crate::store::StoreError),
    /// The folder.
    Io(#[from] std::io::Error),
    /// A row.
    Csv(#[from] csv::Error),
}

impl WriteError {
    /// What a user reads.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Store(error) => error.message(),
            Self::Io(error) => msg!("the files could not be written: {}", error),
            Self::Csv(error) => msg!("the files could not be written: {}", error),
        }
    }
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}
