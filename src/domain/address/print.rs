//! The canonical print of an address.

use super::Address;

/// The address as one would write it by the book: 橡树湾2期3幢2单元501室. Reading the print again
/// gives the same print.
#[must_use]
pub fn canonical(a: &Address) -> String {
    let mut out = String::new();
    for part in [&a.admin, &a.road].into_iter().flatten() {
        out.push_str(part);
    }
    if let Some(no) = &a.road_no {
        out.push_str(no);
        if no.ends_with(|c: char| c.is_ascii_digit()) {
            out.push('号');
        }
    }
    for part in [&a.estate, &a.zone].into_iter().flatten() {
        out.push_str(part);
    }
    if let Some(building) = &a.building {
        out.push_str(building);
        if !building.ends_with('排') {
            let is_house = a.unit.is_none() && a.room.is_none() && a.floor.is_none();
            out.push_str(if is_house { "号" } else { "幢" });
        }
    }
    if let Some(unit) = &a.unit {
        out.push_str(unit);
        out.push_str("单元");
    }
    let door = a.room.as_deref().is_some_and(|r| r.ends_with('户') || r.len() < 3);
    if let Some(floor) = a.floor.filter(|f| *f < 0 || door || a.room.is_none()) {
        out.push_str(&if floor < 0 { format!("负{}层", -floor) } else { format!("{floor}层") });
    }
    if let Some(room) = &a.room {
        out.push_str(room);
        if !room.ends_with('户') {
            out.push('室');
        }
    }
    for room in &a.extra_rooms {
        out.push('、');
        out.push_str(room);
        out.push('室');
    }
    out
}
