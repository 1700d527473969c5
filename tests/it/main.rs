//! Integration tests: one binary, a module per subject.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::pedantic, reason = "tests say what they mean, and panic when it is not so")]

mod address;
mod architecture;
mod by_hand;
mod cli;
mod clock;
mod damage;
mod deeds;
mod derived;
mod extract;
mod files;
mod filter;
mod forms;
mod histories;
mod hostile;
mod import;
mod kept;
mod list_match;
mod lists;
#[cfg(feature = "gui")]
mod map;
mod matching;
mod over_time;
mod paper;
mod queue;
mod rooms;
mod shapes;
mod store;
mod texts;
mod tiles;
mod ugly;
#[cfg(feature = "gui")]
mod ui;
#[cfg(feature = "gui")]
mod ui_cards;
#[cfg(feature = "gui")]
mod ui_hand;
#[cfg(feature = "gui")]
mod ui_lists;
mod vector;
#[cfg(feature = "gui")]
mod window;

use std::path::{Path, PathBuf};

use menpai::access::{Actor, Stamp};
use menpai::import::{Kind, Request};
use menpai::store::Workspace;

/// A fixed moment: 2026-11-23 12:00 in Shanghai.
pub const NOW: i64 = 1_795_406_400;

pub fn stamp() -> Stamp {
    Stamp { actor: Actor::new("test"), at: NOW }
}

pub fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 23)
}

/// What a workspace holds, counted anew.
pub fn totals(
    reader: &menpai::store::Reader,
) -> Result<menpai::derived::totals::Counts, menpai::store::StoreError> {
    menpai::derived::Totals::read(reader).map(|totals| totals.counts)
}

pub fn request(kind: Kind, path: &Path) -> Request {
    Request::new(kind, path.to_owned(), today())
}

pub fn run_import(
    workspace: &Workspace,
    request: &Request,
) -> Result<menpai::import::ImportReport, menpai::import::ImportError> {
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let watch = menpai::import::Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    menpai::import::run(workspace, request, &stamp(), &watch)
}

/// A small district with people, and the folder it lives in.
pub fn district(buildings: usize) -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.gpkg");
    let workspace = Workspace::create(&path, None, &stamp()).unwrap();
    let city = menpai::synth::city(buildings, 3, today());
    menpai::synth::city::store_city(&workspace, &city, &stamp()).unwrap();
    let options = menpai::synth::PeopleOptions { seed: 3, on: today(), persons: None, rooms: None };
    menpai::synth::make_people(&workspace, &options, &stamp(), |_| Ok(())).unwrap();
    (folder, workspace)
}

pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A filter against a workspace.
fn condition(
    conn: &menpai::store::Connection,
    vocabulary: &menpai::query::Vocabulary,
    filter: &menpai::query::Filter,
) -> menpai::query::Condition {
    let find = |area: &geo::MultiPolygon| menpai::query::filter::buildings_touching(conn, area);
    menpai::query::Condition::of(conn, vocabulary, filter, today(), &find).unwrap()
}

/// Takes away rules and triggers, so that rows can be made that no import would make.
fn without_triggers(conn: &menpai::store::Connection) {
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let mut select = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let names: Vec<String> =
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for name in names {
        conn.execute(&format!("DROP TRIGGER \"{name}\""), []).unwrap();
    }
}

/// Random numbers, the same in every run: SplitMix64 (Steele, Lea and Flood 2014).
pub struct Numbers(pub u64);

impl Numbers {
    /// A number below another one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}
