//! Rooms: building, unit, floor label and door number.

use crate::domain::ids::{BuildingId, RoomId};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};

use crate::access::Stamp;
use crate::domain::codes::{CodeLists, key, list};
use crate::domain::records::{Precedence, RoomRecord};
use crate::domain::{address, floor, room_key};
use crate::import::error::ImportError;
use crate::import::fields::needed;
use crate::import::kinds::homes::composed;
use crate::import::kinds::known_places::KnownPlaces;
use crate::import::outcome::report::{ImportReport, Refusal, Severity};
use crate::import::request::{Request, Watch};
use crate::import::table::cells::{Otherwise, code_cell, number_cell, visit_cell};
use crate::import::table::row::Row;
use crate::import::table::rows::Table;
use crate::import::table::stream;
use crate::store::rows::{self, Outcome};
use crate::store::{Reader, StoreError, Workspace, WriteTx, lookup};

pub(crate) fn import(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let opened = Table::open(request, needed(request.kind))?;
    let places = KnownPlaces::open(workspace)?;
    let (today, precedence) = (request.today, request.precedence);
    let check = move |row: &Row<'_>, report: &mut ImportReport| {
        let building_id = match (row.get("building_code"), composed(row)) {
            (Some(code), _) => {
                let Some(building_id) = places.building_id(code)? else {
                    let reason = "no building has this code; import the buildings first";
                    return Ok(Err(Refusal::rejected("building_code", code, reason)));
                };
                building_id
            }
            (None, Some(text)) => {
                let link = places.gazetteer()?.link(&places.reader, &address::parse(&text))?;
                let Some(building_id) = link.building_id() else {
                    let reason = "no one building answers to this estate and number";
                    return Ok(Err(Refusal::rejected("building_no", text, reason)));
                };
                building_id
            }
            (None, None) => {
                return Ok(Err(Refusal::rejected("building_code", "", "no building code")));
            }
        };
        let Some(room_no) = row.get("room_no") else {
            return Ok(Err(Refusal::rejected("room_no", "", "no room number")));
        };
        let mut record = room(row, building_id, room_no, &places.lists, today, report);
        // Stored as it is written since long: kept so.
        if let Some(unit) = row.text("unit").filter(|unit| record.unit.as_ref() != Some(unit))
            && lookup::building_shape(&places.reader, building_id)?.units.contains(&unit)
        {
            record.unit = Some(unit);
        }
        tell_kept(row, &record, (&places.reader, &places.lists, precedence), report)?;
        Ok(Ok(record))
    };
    let mut writer = RoomWriter::new(request.precedence);
    let write = |tx: &WriteTx<'_>, piece: &[(u64, RoomRecord)]| {
        let outcomes = writer.write(tx, piece.iter().map(|(_, record)| record))?;
        Ok(outcomes.into_iter().map(|(_, outcome)| (outcome, None)).collect())
    };
    let run = stream::Run { workspace, request, stamp, watch };
    stream::run(run, opened, check, write, |_| Ok(()))
}

/// Writes rooms with their units and floors.
pub(crate) struct RoomWriter {
    units: rows::UnitCache,
    precedence: Precedence,
}

impl RoomWriter {
    pub(crate) fn new(precedence: Precedence) -> Self {
        Self { units: rows::UnitCache::default(), precedence }
    }

    /// Inserts or merges rooms. Returns the row id of each with its outcome.
    pub(crate) fn write<'a>(
        &mut self,
        tx: &WriteTx<'_>,
        records: impl Iterator<Item = &'a RoomRecord> + Clone,
    ) -> Result<Vec<(RoomId, Outcome)>, StoreError> {
        let mut labels: BTreeMap<BuildingId, BTreeSet<String>> = BTreeMap::new();
        for record in records.clone() {
            if let Some(label) = &record.floor {
                labels.entry(record.building_id).or_default().insert(label.clone());
            }
        }
        let mut floors = BTreeMap::new();
        for (building_id, labels) in labels {
            floors.insert(building_id, rows::assign_floors(tx, building_id, &labels)?);
        }
        records
            .map(|record| {
                let unit_id = match &record.unit {
                    Some(unit) => Some(self.units.unit_id(tx, record.building_id, unit)?),
                    None => None,
                };
                let ord = record
                    .floor
                    .as_ref()
                    .and_then(|label| floors.get(&record.building_id)?.get(label).copied());
                rows::upsert_room(tx, record, unit_id, ord, self.precedence)
            })
            .collect()
    }
}

fn room(
    row: &Row<'_>,
    building_id: BuildingId,
    room_no: &str,
    lists: &CodeLists,
    today: jiff::civil::Date,
    report: &mut ImportReport,
) -> RoomRecord {
    let room_no = room_key::token(room_no);
    let stated = row.get("floor").map(floor::tidy_label);
    let floor_label = match stated {
        Some(label) if floor::is_label(&label) => Some(label),
        Some(label) => {
            let reason = "not a floor (3, B1, 3A …); taken from the room number where possible";
            report.add(row.line, "floor", &label, Severity::Warning, reason);
            floor::label_from_room_no(&room_no)
        }
        None => floor::label_from_room_no(&room_no),
    };
    RoomRecord {
        building_id,
        unit: row.get("unit").map(room_key::unit_token).filter(|unit| !unit.is_empty()),
        floor: floor_label,
        floor_span: 1,
        room_no,
        kind: code_cell(
            row,
            "kind",
            list::ROOM_KIND,
            (lists, Otherwise::Value(key::ROOM_DWELLING)),
            report,
        )
        .unwrap_or(key::ROOM_DWELLING),
        status: code_cell(
            row,
            "status",
            list::ROOM_STATUS,
            (lists, Otherwise::New(key::STATUS_UNVERIFIED)),
            report,
        ),
        area_m2: number_cell(row, "area_m2", 0.0..=1_000_000.0, report),
        verified_on: visit_cell(row, today, report),
    }
}

/// Tells that the door is known as something else: a flat that became a shop is not two rooms.
fn tell_other_kind(
    row: &Row<'_>,
    record: &RoomRecord,
    (reader, lists): (&Reader, &CodeLists),
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    const DOORS: [i64; 3] = [key::ROOM_DWELLING, key::ROOM_SHOP, key::ROOM_OFFICE];
    if !DOORS.contains(&record.kind) {
        return Ok(());
    }
    for kind in DOORS.into_iter().filter(|kind| *kind != record.kind) {
        let other = RoomRecord { kind, ..record.clone() };
        if rows::known_room(reader, &other)?.is_some() {
            let label = lists.label(list::ROOM_KIND, kind, crate::domain::Lang::Zh);
            let reason = msg!("this door is known as {}; a second room of it was made", label);
            let text = row.get("kind").unwrap_or_default();
            report.add(row.line, "kind", text, Severity::Warning, reason);
        }
    }
    Ok(())
}

/// Tells where a row loses against what a visit found.
fn tell_kept(
    row: &Row<'_>,
    record: &RoomRecord,
    (reader, lists, precedence): (&Reader, &CodeLists, Precedence),
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    let Some(known) = rows::known_room(reader, record)? else {
        return tell_other_kind(row, record, (reader, lists), report);
    };
    let visit = record.verified_on.and_then(rows::midnight);
    if precedence == Precedence::List || precedence.row_wins(visit, known.verified_at) {
        return Ok(());
    }
    let is_other_status = known.status != key::STATUS_UNVERIFIED
        && record.status.is_some_and(|status| status != known.status);
    if is_other_status {
        let kept = lists.label(list::ROOM_STATUS, known.status, crate::domain::Lang::Zh);
        let reason = msg!("{} is known and was kept", kept);
        report.add(row.line, "status", row.get("status").unwrap_or(""), Severity::Warning, reason);
    }
    if let (Some(kept), Some(new)) = (known.area_m2, record.area_m2)
        && (kept - new).abs() > 0.005
    {
        let reason = msg!("{} is known and was kept", kept);
        let text = row.get("area_m2").unwrap_or("");
        report.add(row.line, "area_m2", text, Severity::Warning, reason);
    }
    Ok(())
}
