//! Enterprises, events and devices: lists whose rows stand in a building or at a position.

use crate::domain::clock::instant_as_typed;
use crate::domain::ids::{BuildingId, EventId};
use crate::msg;
use std::cell::RefCell;
use std::collections::HashMap;

use crate::access::Stamp;
use crate::domain::codes::{key, list};
use crate::domain::records::{DeviceRecord, EnterpriseRecord, EventRecord, Place};
use crate::domain::workflow::event;
use crate::domain::{Lang, address, credit_code, half_width, phone};
use crate::geo::{FootprintSet, LonLat, lon_lat};
use crate::import::error::ImportError;
use crate::import::fields::needed;
use crate::import::kind::Kind;
use crate::import::kinds::known_places::KnownPlaces;
use crate::import::outcome::report::{ImportReport, Refusal, Severity};
use crate::import::request::{Request, Watch};
use crate::import::table::cells::{Otherwise, code_cell, is_nothing, number_cell};
use crate::import::table::row::Row;
use crate::import::table::rows::Table;
use crate::import::table::stream;
use crate::store::lookup::{self, RoomMatch};
use crate::store::{Workspace, WriteTx, deadlines, features, gpkg, rows};

struct Known {
    places: KnownPlaces,
    footprints: FootprintSet,
    /// Title and time of the events of the list, by number.
    events: RefCell<HashMap<String, (String, Option<i64>)>>,
}

/// Column, value and reason of a row that is not taken.
type Failing = (&'static str, String, &'static str);

enum Record {
    Enterprise(EnterpriseRecord),
    Event(EventRecord),
    Device(DeviceRecord),
}

pub(crate) fn import(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let opened = Table::open(request, needed(request.kind))?;
    let places = KnownPlaces::open(workspace)?;
    let footprints = features::footprints(&places.reader)?;
    let known = Known { places, footprints, events: RefCell::default() };
    let kind = request.kind;
    let check = move |row: &Row<'_>, report: &mut ImportReport| {
        let record = match kind {
            Kind::Enterprises => enterprise(row, &known, report)?,
            Kind::Events => event(row, &known, report)?,
            _ => device(row, &known, report),
        };
        Ok(record.map_err(|(field, value, reason)| Refusal::rejected(field, value, reason)))
    };
    let merged: RefCell<Vec<EventId>> = RefCell::default();
    let write = |tx: &WriteTx<'_>, piece: &[(u64, Record)]| {
        let outcomes = piece.iter().map(|(_, record)| {
            let outcome = match record {
                Record::Enterprise(r) => rows::upsert_enterprise(tx, r)?.1,
                Record::Event(r) => {
                    let (event_id, outcome) = rows::upsert_event(tx, r, stamp)?;
                    if outcome == rows::Outcome::Merged {
                        merged.borrow_mut().push(event_id);
                    }
                    outcome
                }
                Record::Device(r) => rows::upsert_device(tx, r)?.1,
            };
            Ok((outcome, None))
        });
        outcomes.collect()
    };
    let finish = |tx: &WriteTx<'_>| match kind {
        Kind::Events => {
            lookup::assign_grids(tx)?;
            deadlines::settle_new(tx)?;
            deadlines::refresh_due(tx, &merged.borrow())?;
            gpkg::refresh_contents(tx, "event", stamp.at)
        }
        Kind::Devices => gpkg::refresh_contents(tx, "device", stamp.at),
        _ => Ok(()),
    };
    let run = stream::Run { workspace, request, stamp, watch };
    stream::run(run, opened, check, write, finish)
}

const NO_POSITION: &str = "not a longitude and latitude in degrees";

/// Degrees as a number, or as degrees, minutes and seconds: `120°09′12.5″E`, `33 21 3.2`.
fn degrees(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    let tidy: String = text.chars().map(half_width).collect();
    let is_negative = tidy.contains(['W', 'S', 'w', 's'])
        || tidy.contains("西经")
        || tidy.contains("南纬")
        || tidy.trim().starts_with('-');
    let parts: Vec<f64> = tidy
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let rest = tidy.chars().all(|c| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || ".-°度′'’分″\"”秒ENSWensw东西南北经纬".contains(c)
    });
    let is_angle = rest && parts.iter().skip(1).all(|part| (0.0..60.0).contains(part));
    let value = match parts[..] {
        [d] => d,
        [d, m] => d + m / 60.0,
        [d, m, s] => d + m / 60.0 + s / 3600.0,
        _ => return None,
    };
    is_angle.then_some(if is_negative { -value } else { value })
}

fn position(row: &Row<'_>) -> Result<Option<LonLat>, Failing> {
    let (lon, lat) = (row.get("lon"), row.get("lat"));
    match (lon, lat) {
        (None, None) => Ok(None),
        // Both in one cell, as map services give them: "120.1008,33.35006".
        (Some(both), None) | (None, Some(both)) if both.contains([',', '，', ' ', ';']) => {
            let tidy: String = both.chars().map(half_width).collect();
            let place = LonLat::parse(&tidy.replace(';', ","));
            place.map(Some).ok_or_else(|| ("lon", both.to_owned(), NO_POSITION))
        }
        (Some("0" | "0.0"), Some("0" | "0.0")) => {
            Err(("lon", "0, 0".to_owned(), "0, 0 stands for no position: it lies in the Atlantic"))
        }
        (Some(lon), Some(lat)) => match (degrees(lon), degrees(lat)) {
            (Some(x), Some(y)) if lon_lat(x, y).is_on_earth() => Ok(Some(lon_lat(x, y))),
            _ => Err(("lon", format!("{lon}, {lat}"), "not a longitude and latitude in degrees")),
        },
        _ => Err(("lon", String::new(), "a position needs both longitude and latitude")),
    }
}

/// Joins a row to its building and room: by code, unit and room number; else by position.
fn place(
    row: &Row<'_>,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Place, Failing>, ImportError> {
    let point = match position(row) {
        Ok(point) => point,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut place = Place { point, ..Place::default() };
    if let Some(code) = row.get("building_code") {
        place.building_id = known.places.building_id(code)?;
        if place.building_id.is_none() {
            return Ok(Err(("building_code", code.to_owned(), "no building has this code")));
        }
    } else if let Some(text) =
        crate::import::kinds::homes::composed(row).as_deref().or_else(|| row.get("address"))
    {
        report.links.named += 1;
        let link = known.places.gazetteer()?.link_text(
            &known.places.reader,
            text,
            &address::parse(text),
        )?;
        let Some(building_id) = link.building_id() else {
            let reason = "no one building answers to this address; kept without a place";
            report.add(row.line, "address", text, Severity::Warning, reason);
            return Ok(Ok(place));
        };
        report.links.linked += 1;
        place.building_id = Some(building_id);
        place.room_id = link.room_id();
        if place.room_id.is_none() && address::parse(text).room.is_some() {
            let reason = "the building has no such room; joined to the building";
            report.add(row.line, "address", text, Severity::Warning, reason);
        }
        return Ok(Ok(place));
    } else if let Some(point) = point {
        let hits = known.footprints.at(point);
        place.building_id = hits.first().map(|&f| BuildingId(known.footprints.id(f)));
        let text = format!("{}, {}", point.lon, point.lat);
        if hits.is_empty() {
            let reason = "stands in no building; kept at its position";
            report.add(row.line, "lon", &text, Severity::Warning, reason);
        } else if hits.len() > 1 {
            let reason = "stands in several buildings; joined to the smallest";
            report.add(row.line, "lon", &text, Severity::Note, reason);
        }
    } else {
        let reason = "neither building code nor position: the row says no place";
        report.add(row.line, "building_code", "", Severity::Warning, reason);
    }
    if let (Some(building_id), Some(room_no)) = (place.building_id, row.get("room_no")) {
        match lookup::find_room(&known.places.reader, building_id, row.get("unit"), room_no)? {
            RoomMatch::One(room_id) => place.room_id = Some(room_id),
            RoomMatch::None => {
                let reason = "the building has no such room; joined to the building";
                report.add(row.line, "room_no", room_no, Severity::Warning, reason);
            }
            RoomMatch::Ambiguous(_) => {
                let reason = "several rooms answer to it; joined to the building";
                report.add(row.line, "room_no", room_no, Severity::Warning, reason);
            }
        }
    }
    Ok(Ok(place))
}

fn enterprise(
    row: &Row<'_>,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Record, Failing>, ImportError> {
    let Some(name) = row.text("name") else {
        return Ok(Err(("name", String::new(), "no name")));
    };
    let place = match place(row, known, report)? {
        Ok(place) => place,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut uscc = row.get("uscc").filter(|text| !is_nothing(text)).map(|text| {
        text.chars()
            .map(half_width)
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_uppercase()
    });
    if let Some(code) = uscc.as_deref().filter(|code| !credit_code::is_valid(code)) {
        // A wrong code must not make two companies one.
        let reason = "the check character does not fit (GB 32100); left empty";
        report.add(row.line, "uscc", code, Severity::Warning, reason);
        uscc = None;
    }
    let lists = &known.places.lists;
    Ok(Ok(Record::Enterprise(EnterpriseRecord {
        uscc,
        name,
        kind: code_cell(row, "kind", list::ORG_KIND, (lists, Otherwise::Empty), report),
        industry: row.text("industry"),
        place,
        contact: row.text("contact"),
        phone: row.get("phone").map(|cell| phone::split(cell).join(";")),
        employees: number_cell(row, "employees", 0.0..=10_000_000.0, report).map(|n| n as i64),
        status: code_cell(
            row,
            "status",
            list::ENTERPRISE_STATUS,
            (lists, Otherwise::New(key::ENTERPRISE_OPEN)),
            report,
        ),
    })))
}

fn event(
    row: &Row<'_>,
    known: &Known,
    report: &mut ImportReport,
) -> Result<Result<Record, Failing>, ImportError> {
    let Some(title) = row.text("title") else {
        return Ok(Err(("title", String::new(), "no title")));
    };
    let place = match place(row, known, report)? {
        Ok(place) => place,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let lists = &known.places.lists;
    let reported_at = instant(row, "reported_at", report);
    let category = code_cell(
        row,
        "category",
        list::EVENT_CATEGORY,
        (lists, Otherwise::New(key::EVENT_OTHER)),
        report,
    );
    let state = code_cell(
        row,
        "state",
        list::EVENT_STATE,
        (lists, Otherwise::New(event::state::PENDING)),
        report,
    );
    let no = row.text("no").unwrap_or_else(|| event_no(&title, reported_at, &place));
    if let Some(refusal) = other_event(&no, (&title, reported_at), known)? {
        return Ok(Err(refusal));
    }
    let stored = rows::known_event(&known.places.reader, &no)?.map(|event| event.state);
    if let (Some(stored), Some(new)) = (stored, state)
        && event::goes_back(stored, new)
    {
        let kept = lists.label(list::EVENT_STATE, stored, Lang::Zh);
        let reason = msg!("the event is further already ({}); its state was kept", kept);
        report.add(row.line, "state", row.get("state").unwrap_or(""), Severity::Warning, reason);
    }
    Ok(Ok(Record::Event(EventRecord {
        no,
        category,
        title,
        text: row.text("text"),
        severity: code_cell(
            row,
            "severity",
            list::EVENT_SEVERITY,
            (lists, Otherwise::Empty),
            report,
        ),
        source: code_cell(row, "source", list::EVENT_SOURCE, (lists, Otherwise::Empty), report),
        state,
        occurred_at: instant(row, "occurred_at", report),
        reported_at,
        place,
    })))
}

/// Whether a number belongs to another event, in the workspace or further up in the list: one that
/// has not this title and is not known to have been reported at this time.
fn other_event(
    no: &str,
    (title, reported_at): (&str, Option<i64>),
    known: &Known,
) -> Result<Option<Failing>, ImportError> {
    // A title may be mended; then the time says that it is the same event.
    let is_other = |other_title: &str, other_at: Option<i64>| {
        other_title != title && other_at.zip(reported_at).is_none_or(|(a, b)| a != b)
    };
    let mut seen = known.events.borrow_mut();
    let stored = rows::known_event(&known.places.reader, no)?;
    let is_taken = stored.is_some_and(|event| is_other(&event.title, event.reported_at))
        || seen.get(no).is_some_and(|(title, at)| is_other(title, *at));
    if is_taken {
        let reason = "another event has this number already; give this one its own";
        return Ok(Some(("no", no.to_owned(), reason)));
    }
    seen.entry(no.to_owned()).or_insert_with(|| (title.to_owned(), reported_at));
    Ok(None)
}

/// A number for an event that came without one; the same row gets the same number again.
fn event_no(title: &str, reported_at: Option<i64>, place: &Place) -> String {
    // The spelling is part of the number: lists that were imported before are known again by it.
    let Place { building_id, room_id, point } = place;
    let (building, room) = (building_id.map(i64::from), room_id.map(i64::from));
    let point = point.map_or_else(
        || "None".to_owned(),
        |p| format!("Some(LonLat {{ lon: {:?}, lat: {:?} }})", p.lon, p.lat),
    );
    let place = format!("Place {{ building_id: {building:?}, room_id: {room:?}, point: {point} }}");
    let text = format!("{title}|{reported_at:?}|{place}");
    let day = reported_at.and_then(|secs| jiff::Timestamp::from_second(secs).ok()).map_or_else(
        || "00000000".to_owned(),
        |t| t.to_zoned(crate::domain::clock::shanghai()).strftime("%Y%m%d").to_string(),
    );
    format!("{day}-x-{}", &crate::domain::digest::sha256_hex(text.as_bytes())[..6])
}

/// Reads a time: ISO 8601 with offset, or a local one (Asia/Shanghai), or a day.
fn instant(row: &Row<'_>, field: &str, report: &mut ImportReport) -> Option<i64> {
    let text = row.get(field)?;
    let parsed = instant_as_typed(text);
    if parsed.is_none() {
        let reason = "not a time (2026-11-03 08:30); left empty";
        report.add(row.line, field, text, Severity::Warning, reason);
    }
    parsed
}

fn device(row: &Row<'_>, known: &Known, report: &mut ImportReport) -> Result<Record, Failing> {
    let code = row.text("code").ok_or(("code", String::new(), "no code"))?;
    let point = position(row)?.ok_or(("lon", String::new(), "no position"))?;
    let lists = &known.places.lists;
    let kind = code_cell(
        row,
        "kind",
        list::DEVICE_KIND,
        (lists, Otherwise::Value(key::DEVICE_OTHER)),
        report,
    );
    let state = code_cell(
        row,
        "state",
        list::DEVICE_STATE,
        (lists, Otherwise::New(key::DEVICE_WORKING)),
        report,
    );
    Ok(Record::Device(DeviceRecord {
        code,
        kind,
        name: row.text("name"),
        state,
        point,
        building_id: known
            .footprints
            .at(point)
            .first()
            .map(|&f| BuildingId(known.footprints.id(f))),
        heading_deg: number_cell(row, "heading_deg", -360.0..=360.0, report)
            .map(|deg| deg.rem_euclid(360.0)),
        fov_deg: number_cell(row, "fov_deg", 0.0..=360.0, report),
        range_m: number_cell(row, "range_m", 0.0..=10_000.0, report),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_without_a_number_get_the_one_they_had() {
        let point = Some(lon_lat(120.25, 33.0));
        let place = Place { building_id: Some(BuildingId(7)), room_id: None, point };
        assert_eq!(event_no("楼道堆物", Some(1_795_406_400), &place), "20261123-x-96b89a");
    }

    #[test]
    fn angles_as_they_are_written() {
        let check = |text: &str, expect: Option<f64>| {
            let got = degrees(text).map(|d| (d * 1e6).round() / 1e6);
            assert_eq!(got, expect, "{text}");
        };
        check("120.5", Some(120.5));
        check("120°30′", Some(120.5));
        check("东经120度30分36秒", Some(120.51));
        check("33°21'36\"S", Some(-33.36));
        check("120°75′", None);
        check("abc", None);
    }

    #[test]
    fn instants() {
        let check = |text: &str, expect: Option<&str>| {
            let got = instant_as_typed(text)
                .map(|s| jiff::Timestamp::from_second(s).unwrap().to_string());
            assert_eq!(got.as_deref(), expect, "{text}");
        };
        check("2026-11-03T08:30:00Z", Some("2026-11-03T08:30:00Z"));
        check("2026-11-03T08:30:00+08:00", Some("2026-11-03T00:30:00Z"));
        check("2026-11-03 08:30", Some("2026-11-03T00:30:00Z"));
        check("2026/11/3 8:30", Some("2026-11-03T00:30:00Z"));
        check("2026-11-03", Some("2026-11-02T16:00:00Z"));
        check("3.11.2026", None);
        check("2026-13-03", None);
    }
}
