//! The parts joined: what the numbers imply, what is missing, how sure the whole is.

use super::head::Head;
use super::pieces::{Kind, Piece};
use super::{Address, Flag, Match, PlaceKind};
use crate::domain::address::door::{digits, floor_of};

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Joins head and tail, and completes the room.
pub(super) fn settle(a: &mut Address, head: Head, pieces: &[Piece], annex: Option<String>) {
    a.admin = some(head.admin);
    a.road = some(head.road);
    a.road_no = some(head.road_no);
    a.estate = some(head.estate);
    a.zone = some(head.zone).or(a.zone.take());
    // 张家村8巷12号, but 张家村8巷12号501 is a flat.
    let is_village_lane = a.zone.as_deref().is_some_and(|zone| zone.ends_with('巷'))
        && a.estate.as_deref().is_some_and(|estate| estate.ends_with('村'))
        && a.room.is_none();
    let has = |kinds: &[Kind]| pieces.iter().any(|p| kinds.contains(&p.kind));
    if a.kind == PlaceKind::Unknown {
        a.kind = if head.villa {
            PlaceKind::Villa
        } else if (head.village || is_village_lane) && a.building.is_some() && a.unit.is_none() {
            PlaceKind::Rural
        } else if has(&[Kind::Shop, Kind::ShopNo]) {
            PlaceKind::Shop
        } else if has(&[Kind::Parking]) {
            PlaceKind::Parking
        } else if a.estate.as_deref().is_some_and(is_office) {
            PlaceKind::Office
        } else {
            PlaceKind::Unknown
        };
    }
    // 88号附3号门面: the annex is the door.
    if a.kind == PlaceKind::Shop
        && a.room.is_none()
        && let Some((no, annex)) = a
            .road_no
            .clone()
            .and_then(|r| r.split_once('附').map(|(n, x)| (n.to_owned(), x.to_owned())))
    {
        a.room = Some(format!("{no}附{annex}"));
        a.road_no = Some(no);
    }
    if let Some(annex) = annex {
        match (&mut a.room, &mut a.building) {
            (Some(room), _) => room.push_str(&format!("附{annex}")),
            (None, Some(building)) => building.push_str(&format!("附{annex}")),
            _ => {}
        }
    }
    // A number behind a road without estate and building is the road's.
    if a.road.is_some()
        && a.road_no.is_none()
        && a.estate.is_none()
        && a.unit.is_none()
        && a.room.is_none()
    {
        a.road_no = a.building.take();
        a.alternatives.clear();
    }
    let small = a.room.as_deref().is_some_and(|r| (1..=2).contains(&digits(r)));
    if let (Some(floor), true) = (a.floor, small)
        && (1..=200).contains(&floor)
        && !matches!(a.kind, PlaceKind::Bungalow | PlaceKind::Shop | PlaceKind::Parking)
        && let Some(door) = a.room.as_deref().and_then(|r| r.parse::<i32>().ok())
    {
        a.room = Some((floor * 100 + door).to_string());
        a.flags.add(Flag::RoomComposed);
    }
    floor_from_room(a);
}

fn floor_from_room(a: &mut Address) {
    let Some(room) = a.room.clone() else { return };
    if a.kind == PlaceKind::Bungalow || room.ends_with('户') {
        return;
    }
    // B101 behind a unit: the basement, or a door B101.
    if a.unit.is_some()
        && a.floor.is_none()
        && let Some(rest) = room.strip_prefix('B')
        && digits(rest) == 3
    {
        a.floor = rest[..1].parse::<i32>().ok().filter(|f| *f > 0).map(|f| -f);
        a.kind = PlaceKind::Basement;
        a.flags.add(Flag::FloorAmbiguous);
        return;
    }
    let (implied, is_alias) = floor_of(&room);
    if is_alias {
        a.flags.add(Flag::FloorAlias);
    }
    match (a.floor, implied) {
        (Some(stated), Some(floor))
            if stated > 0
                && stated != floor
                && !matches!(a.kind, PlaceKind::Shop | PlaceKind::Parking) =>
        {
            a.flags.add(Flag::FloorConflict);
        }
        (Some(_), _) => {}
        (None, Some(floor)) => a.floor = Some(floor),
        (None, None) if a.kind == PlaceKind::Shop => {
            a.floor = Some(1);
            a.flags.add(Flag::FloorInferred);
        }
        (None, None) if matches!(a.kind, PlaceKind::Parking | PlaceKind::Basement) => {}
        (None, None) => a.flags.add(Flag::FloorAmbiguous),
    }
}

fn is_office(estate: &str) -> bool {
    [
        "大厦",
        "写字楼",
        "大楼",
        "科技园",
        "产业园",
        "创业园",
        "商务中心",
        "商务楼",
        "商务广场",
        "国际中心",
        "中心",
        "广场",
    ]
    .iter()
    .any(|ending| estate.ends_with(ending))
}

/// What could be another door than the one that was read: 40号甲 is not 40号, 东2单元 not 2单元,
/// 负101 not 101.
fn doubt(a: &mut Address) {
    let is_half = |text: &str| {
        let mut chars = text.chars();
        let first = chars.next();
        chars.next().is_none()
            && first.is_some_and(|c| "甲乙丙丁戊东西南北中左右前后负".contains(c))
    };
    let remark_is_part = a.remark.as_deref().is_some_and(|remark| remark.split("; ").any(is_half));
    let ends_half = |text: &Option<String>| {
        text.as_deref()
            .is_some_and(|t| t.ends_with(['甲', '乙', '丙', '丁']) && t.chars().count() > 2)
    };
    let letter_l = a.room.as_deref().is_some_and(|r| r.len() >= 3 && r.ends_with('L'));
    // 甲2单元 may be the first unit's second; 甲单元 is one.
    let sign = a
        .unit
        .as_deref()
        .is_some_and(|u| u.starts_with(['甲', '乙', '丙', '丁']) && u.chars().count() > 1);
    let is_elsewhere = a.remark.as_deref().is_some_and(super::speaks_of_elsewhere);
    if remark_is_part
        || is_elsewhere
        || ends_half(&a.estate)
        || ends_half(&a.road)
        || ends_half(&a.zone)
        || letter_l
        || sign
    {
        a.quality = Match::Ambiguous;
    }
    // Exports write 0 where there is no unit.
    if a.unit.as_deref() == Some("0") {
        a.unit = None;
    }
    // 304单元 is a flat.
    if a.room.is_none() && a.unit.as_deref().is_some_and(|u| digits(u) >= 3) {
        a.room = a.unit.take();
        floor_from_room(a);
    }
}

/// Says what is missing and how sure the reading is. Called last.
pub(super) fn judge(a: &mut Address) {
    doubt(a);
    if a.flags.has(Flag::Unparsed) || a.flags.has(Flag::Ditto) {
        return;
    }
    let has_anchor = a.estate.is_some() || a.road.is_some() || a.admin.is_some();
    let has_tail =
        a.building.is_some() || a.unit.is_some() || a.floor.is_some() || a.room.is_some();
    if !has_anchor && !has_tail && a.alternatives.is_empty() {
        a.flags.add(Flag::Unparsed);
        a.quality = Match::None;
        a.kind = PlaceKind::Unknown;
        return;
    }
    if a.kind == PlaceKind::Unknown
        && (has_tail || (a.estate.is_some() && !a.alternatives.is_empty()))
    {
        a.kind = PlaceKind::Residential;
    }
    if !has_anchor {
        a.flags.add(Flag::EstateMissing);
    }
    let only_split = !has_tail && !a.alternatives.is_empty();
    if !only_split {
        missing(a);
    }
    let is_missing = [
        Flag::UnitMissing,
        Flag::RoomMissing,
        Flag::BuildingMissing,
        Flag::EstateMissing,
        Flag::FloorMissing,
    ]
    .iter()
    .any(|flag| a.flags.has(*flag));
    let is_open = a.flags.has(Flag::FloorAmbiguous)
        || a.flags.has(Flag::EstateFuzzy)
        || a.flags.has(Flag::FloorConflict);
    if a.quality == Match::Ambiguous || is_open || only_split {
        a.quality = Match::Ambiguous;
    } else {
        a.quality = if is_missing { Match::Partial } else { Match::Full };
    }
}

fn missing(a: &mut Address) {
    let is_lane =
        |text: &Option<String>| text.as_deref().is_some_and(|t| t.ends_with(['弄', '巷']));
    let lane = is_lane(&a.road_no) || is_lane(&a.zone);
    let flag = |a: &mut Address, is_missing: bool, flag| {
        if is_missing {
            a.flags.add(flag);
        }
    };
    match a.kind {
        PlaceKind::Villa | PlaceKind::Rural => flag(a, a.building.is_none(), Flag::BuildingMissing),
        PlaceKind::Bungalow
        | PlaceKind::Shop
        | PlaceKind::Office
        | PlaceKind::Basement
        | PlaceKind::Parking => {
            flag(a, a.building.is_none(), Flag::BuildingMissing);
            flag(a, a.room.is_none(), Flag::RoomMissing);
        }
        PlaceKind::Residential | PlaceKind::Unknown => {
            flag(a, a.building.is_none(), Flag::BuildingMissing);
            flag(
                a,
                a.building.is_some() && a.unit.is_none() && a.room.is_some() && !lane,
                Flag::UnitMissing,
            );
            flag(a, a.room.is_none(), Flag::RoomMissing);
            let has_side = a.room.as_deref().is_some_and(|r| r.ends_with('户'));
            flag(a, has_side && a.floor.is_none(), Flag::FloorMissing);
        }
    }
}
