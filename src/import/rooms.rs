//! Rooms: building, unit, floor label and door number.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Table, code_cell, date_cell, needed, number_cell};
use super::{ImportError, ImportReport, Request, Severity, Watch, apply, count};
use crate::access::Stamp;
use crate::domain::codes::{CodeLists, key, list};
use crate::domain::records::RoomRecord;
use crate::domain::{floor, room_key};
use crate::store::{Workspace, lookup, rows};

pub(super) fn import(
    workspace: &Workspace,
    request: &Request,
    stamp: &Stamp,
    watch: &Watch<'_>,
) -> Result<ImportReport, ImportError> {
    let (table, mut report) = Table::read(&request.path, request, needed(request.kind))?;
    let reader = workspace.reader()?;
    let lists = lookup::code_lists(&reader)?;
    let buildings = lookup::building_ids(&reader)?;
    let mut records: Vec<RoomRecord> = Vec::with_capacity(table.len());
    for row in table.rows() {
        let Some(code) = row.get("building_code") else {
            report.add(row.line, "building_code", "", Severity::Rejected, "no building code");
            continue;
        };
        let known = buildings.get(code).copied();
        let Some(building_id) = known.or(lookup::building_id(&reader, code)?) else {
            let reason = "no building has this code; import the buildings first";
            report.add(row.line, "building_code", code, Severity::Rejected, reason);
            continue;
        };
        let Some(room_no) = row.get("room_no") else {
            report.add(row.line, "room_no", "", Severity::Rejected, "no room number");
            continue;
        };
        records.push(room(&row, building_id, room_no, &lists, &mut report));
    }
    apply(workspace, request, stamp, report, |tx, report| {
        let mut labels: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for record in &records {
            if let Some(label) = &record.floor {
                labels.entry(record.building_id).or_default().insert(label.clone());
            }
        }
        let mut floors = BTreeMap::new();
        for (building_id, labels) in labels {
            floors.insert(building_id, rows::assign_floors(tx, building_id, &labels)?);
        }
        let mut units = rows::UnitCache::default();
        for (done, record) in records.iter().enumerate() {
            watch.tick(done as u64, records.len() as u64)?;
            let unit_id = match &record.unit {
                Some(unit) => Some(units.unit_id(tx, record.building_id, unit)?),
                None => None,
            };
            let ord = record
                .floor
                .as_ref()
                .and_then(|label| floors.get(&record.building_id)?.get(label).copied());
            let (_, outcome) = rows::upsert_room(tx, record, unit_id, ord)?;
            count(&mut report.counts, outcome);
        }
        report.sort();
        Ok(())
    })
}

fn room(
    row: &super::table::Row<'_>,
    building_id: i64,
    room_no: &str,
    lists: &CodeLists,
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
    let fallback = Some(key::STATUS_UNVERIFIED);
    RoomRecord {
        building_id,
        unit: row.text("unit"),
        floor: floor_label,
        floor_span: 1,
        room_no,
        kind: code_cell(row, "kind", list::ROOM_KIND, lists, None, report)
            .unwrap_or(key::ROOM_DWELLING),
        status: code_cell(row, "status", list::ROOM_STATUS, lists, fallback, report),
        area_m2: number_cell(row, "area_m2", 0.0..=1_000_000.0, report),
        verified_on: date_cell(row, "verified_at", report),
    }
}
