//! How many instructions the hot parts take: counted by callgrind, so noise does not matter.
//!
//! `benches/instructions.sh` runs this in two steps (`prepare FOLDER` natively, `measure FOLDER`
//! below valgrind, which counts inside the functions named `counted_*` alone) and compares the
//! counts with `benches/instructions.csv`. Without either argument it does nothing.

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use jiff::civil::{Date, date};
use menpai::access::{Actor, Stamp};
use menpai::import::{Watch, read_buildings};
use menpai::map::cells::{CellClass, CellLayer};
use menpai::map::chunks::build_chunk;
use menpai::map::{Camera, ChunkPlan, Scene, style};
use menpai::query::filter::Span;
use menpai::query::{Census, Condition, FocusAnswer, Vocabulary};
use menpai::store::{OpenMode, Workspace};
use menpai::synth::PeopleOptions;

const BUILDINGS: usize = 5_000;

fn today() -> Date {
    date(2026, 11, 25)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prepare", folder, ..] => prepare(Path::new(folder)),
        ["measure", folder, ..] => measure(Path::new(folder)),
        _ => println!("benches/instructions.sh runs this below valgrind"),
    }
}

fn prepare(folder: &Path) {
    let stamp = Stamp { actor: Actor::new("bench"), at: 1_764_000_000 };
    let workspace = Workspace::create(&folder.join("w.gpkg"), None, &stamp).unwrap();
    let city = menpai::synth::city(BUILDINGS, 1, today());
    menpai::synth::city::store_city(&workspace, &city, &stamp).unwrap();
    let options =
        PeopleOptions { seed: 1, on: today(), persons: Some(BUILDINGS as u64 * 3), rooms: None };
    menpai::synth::make_people(&workspace, &options, &stamp, |_| Ok(())).unwrap();
    menpai::synth::write_city(&city, folder).unwrap();
}

fn measure(folder: &Path) {
    // On this thread alone: callgrind counts only where a counted function was entered.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    let _pool = pool.unwrap();
    let workspace = Workspace::open(&folder.join("w.gpkg"), None, OpenMode::ReadOnly).unwrap();
    let reader = workspace.reader().unwrap();
    let vocabulary = Vocabulary::read(&reader).unwrap();
    let people = Census::read(&reader, &vocabulary).unwrap();
    let scene = Scene::read(&workspace).unwrap();
    counted_geojson(&folder.join("buildings.geojson"));
    counted_chunks(&scene);
    counted_cells(&scene);
    counted_pick(&scene);
    counted_focus(&people);
    let answer = people.focus(&Condition::default());
    counted_states(&scene, &answer);
    counted_addresses();
}

#[inline(never)]
fn counted_geojson(file: &Path) {
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    black_box(read_buildings(file, &watch).unwrap());
}

#[inline(never)]
fn counted_chunks(scene: &Scene) {
    let footprints = scene.footprints();
    for range in &ChunkPlan::of(footprints).chunks {
        black_box(build_chunk(footprints, range));
    }
}

#[inline(never)]
fn counted_cells(scene: &Scene) {
    let camera = Camera { size: [1600.0, 1000.0], ..Camera::default() };
    let camera = camera.fitted(&scene.footprints().bounds(), 30.0);
    let states = scene.states(&style::Colouring::Plain);
    let classes = vec![CellClass { rgb: [128; 3], weight: 1.0 }; 256];
    let mut layer = CellLayer::default();
    black_box(layer.cover(&camera, 1.0, scene, &states, &classes));
}

#[inline(never)]
fn counted_pick(scene: &Scene) {
    for nth in 0..scene.footprints().len() {
        black_box(scene.pick(scene.label(nth).at));
    }
}

#[inline(never)]
fn counted_focus(people: &Census) {
    let filter = Condition::of_tags(vec![2, 3]).aged(Span::new(60, 90), today());
    black_box(people.focus(&filter));
}

#[inline(never)]
fn counted_states(scene: &Scene, answer: &FocusAnswer) {
    black_box(scene.states(&style::Colouring::Focus(&answer.buildings)));
}

#[inline(never)]
fn counted_addresses() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../tests/data/addresses.json")).unwrap();
    for case in file["cases"].as_array().unwrap() {
        black_box(menpai::domain::address::parse(case["input"].as_str().unwrap()));
    }
}
