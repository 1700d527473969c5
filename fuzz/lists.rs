//! A small workspace to import lists into.

use std::cell::OnceCell;
use std::sync::atomic::AtomicBool;

use menpai::access::{Actor, Stamp};
use menpai::import::{Kind, Request, Watch, run};
use menpai::store::Workspace;

const BUILDINGS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"O3","estate":"橡树湾","building_no":"3","floors_above":6},"geometry":{"type":"Polygon","coordinates":[[[121,34],[121.001,34],[121.001,34.001],[121,34]]]}}]}"#;
const ROOMS: &str = "building_code,unit,room_no\nO3,1,501\nO3,2,501\n";

struct Desk {
    folder: tempfile::TempDir,
    workspace: Workspace,
}

thread_local! {
    static DESK: OnceCell<Desk> = const { OnceCell::new() };
}

/// Imports bytes as a list of persons, rolled back; the counts must add up.
pub fn import(bytes: &[u8], name: &str) {
    DESK.with(|desk| {
        let desk = desk.get_or_init(|| {
            let folder = tempfile::tempdir_in("/dev/shm").unwrap();
            let path = folder.path().join("w.gpkg");
            let workspace = Workspace::create(&path, None, &stamp()).unwrap();
            let desk = Desk { folder, workspace };
            take(&desk, BUILDINGS.as_bytes(), "b.geojson", Kind::Buildings, false);
            take(&desk, ROOMS.as_bytes(), "r.csv", Kind::Rooms, false);
            desk
        });
        take(desk, bytes, name, Kind::Persons, true);
    });
}

fn stamp() -> Stamp {
    Stamp { actor: Actor::new("fuzz"), at: 1_764_000_000 }
}

fn take(desk: &Desk, bytes: &[u8], name: &str, kind: Kind, dry_run: bool) {
    let path = desk.folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let request = Request {
        dry_run,
        create_rooms: true,
        ..Request::new(kind, path, jiff::civil::date(2026, 11, 25))
    };
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    if let Ok(report) = run(&desk.workspace, &request, &stamp(), &watch) {
        assert!(report.counts.adds_up(), "{:?}", report.counts);
    }
}
