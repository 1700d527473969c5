//! Rooms made from units × floors × doors.

use menpai::domain::ids::BuildingId;
use menpai::domain::room_plan::RoomPlan;
use menpai::import::Kind;
use menpai::import::kinds::make_rooms;
use menpai::import::kinds::make_rooms::RoomsMade;
use menpai::store::{lookup, past_imports, undo};

use super::import::{Fixture, estate};
use super::stamp;

fn ids(f: &Fixture, codes: &[&str]) -> Vec<BuildingId> {
    let reader = f.workspace.reader().unwrap();
    codes.iter().map(|code| lookup::building_id(&reader, code).unwrap().unwrap()).collect()
}

fn plan(units: &str, floors: &str, doors: &str) -> RoomPlan {
    RoomPlan::parse(units, floors, doors, false).unwrap()
}

fn make(f: &Fixture, plan: &RoomPlan, codes: &[&str]) -> RoomsMade {
    let ids = ids(f, codes);
    let reader = f.workspace.reader().unwrap();
    let seen = make_rooms::preview(&reader, plan, &ids).unwrap();
    let made = make_rooms::make(&f.workspace, &stamp(), plan, &ids).unwrap();
    assert_eq!(
        RoomsMade { batch: menpai::domain::ids::DeedId::NONE, ..made.clone() },
        seen,
        "the preview says what happens"
    );
    made
}

#[test]
fn bare_footprints_get_rooms_that_people_can_be_joined_to_and_lose_them_again() {
    let f = Fixture::new();
    let made = make(&f, &plan("2", "", "2"), &["A"]);
    assert_eq!((made.buildings, made.added, made.known), (1, 24, 0), "six floors are known");
    assert_eq!(made.sample[..3], ["1-101", "1-102", "1-201"]);
    let m = f.overview("A").matrix;
    assert_eq!((m.units.len(), m.floors.len(), m.unit_widths), (2, 6, vec![2, 2]));
    let report = f.import(Kind::Persons, "姓名,楼栋编码,单元,房号\n张桂英,A,2,502\n");
    assert_eq!(report.counts.added, 1, "{report:#?}");

    // Once more: nothing is made a second time, and no batch is left behind.
    let again = make(&f, &plan("2", "1-6", "2"), &["A"]);
    assert_eq!((again.batch.is_some(), again.added, again.known), (false, 0, 24));

    let undone = f.workspace.write(&stamp(), |tx| undo::undo(tx, made.batch)).unwrap();
    assert_eq!(f.overview("A").matrix.cells.len(), 1, "the room somebody lives in stays");
    assert!(undone.left.iter().any(|left| left.table == "room"), "{undone:?}");
    let past = past_imports::past_imports(&f.workspace.reader().unwrap()).unwrap();
    let of = past.iter().find(|p| p.batch == made.batch).unwrap();
    assert_eq!((of.file.as_str(), of.undone_at.is_some()), ("1-2 × – × 01-02", true));
}

#[test]
fn what_is_there_stays_and_what_is_unclear_is_left_out() {
    let f = estate();
    f.import(
        Kind::Rooms,
        "building_code,unit,room_no,kind\nO3,1,101,商铺\nO3,1,101,车位\n2,,201,\n",
    );
    // 5-101 of another kind is the same door; the parking space of that number is not.
    let made = make(&f, &plan("1,2", "1,5", "2"), &["O3", "2"]);
    assert_eq!((made.buildings, made.added, made.known), (1, 4, 4));
    let why = "it has rooms without a unit, which would be made a second time";
    assert_eq!(made.left_out, [("in A".to_owned(), why.into())]);
    let bare = make(&f, &plan("", "2", "2"), &["O3", "2"]);
    assert_eq!((bare.added, bare.known), (3, 1));
    assert_eq!(bare.left_out, [("橡树湾 3".to_owned(), "it has units; say which".into())]);
    let unknown = make(&f, &plan("", "", "2"), &["O5"]);
    assert_eq!(unknown.left_out_count, 1);
    let unknown = make(&f, &plan("1", "", "2"), &["O5"]);
    assert_eq!(
        unknown.left_out[0].1.to_string(),
        "its number of floors is not known; say the floors"
    );
}
