//! The map's parts alone: reading, index, chunks, cells, picking, filter, colours.
//!
//! `cargo bench --bench map`; `MENPAI_BENCH_BUILDINGS` sets the size of the city (100,000). Each
//! figure is a median; `parse` stands beside `page_cache`, the reading of the same bytes, so that
//! the ratio says how far off the physical limit it is.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use divan::{Bencher, black_box};
use jiff::civil::date;
use menpai::access::{Actor, Stamp};
use menpai::geo::FootprintSetBuilder;
use menpai::import::{Watch, read_buildings};
use menpai::map::cells::{CellClass, CellLayer};
use menpai::map::chunks::build_chunk;
use menpai::map::{Camera, ChunkPlan, Scene, style};
use menpai::query::filter::Span;
use menpai::query::{Census, Condition, Vocabulary};
use menpai::store::Workspace;
use menpai::synth::PeopleOptions;

fn main() {
    divan::main();
}

struct City {
    scene: Arc<Scene>,
    people: Census,
    geojson: PathBuf,
    _folder: tempfile::TempDir,
}

fn city() -> &'static City {
    static CITY: OnceLock<City> = OnceLock::new();
    CITY.get_or_init(|| {
        let wanted = std::env::var("MENPAI_BENCH_BUILDINGS").ok().and_then(|n| n.parse().ok());
        let buildings: usize = wanted.unwrap_or(100_000);
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp { actor: Actor::new("bench"), at: 1_764_000_000 };
        let on = date(2026, 11, 25);
        let path = folder.path().join("w.gpkg");
        let workspace = Workspace::create(&path, None, &stamp).unwrap();
        let city = menpai::synth::city(buildings, 1, on);
        menpai::synth::city::store_city(&workspace, &city, &stamp).unwrap();
        let options = PeopleOptions { seed: 1, on, persons: Some(buildings as u64), rooms: None };
        menpai::synth::make_people(&workspace, &options, &stamp, |_| Ok(())).unwrap();
        menpai::synth::write_city(&city, folder.path()).unwrap();
        let reader = workspace.reader().unwrap();
        let vocabulary = Vocabulary::read(&reader).unwrap();
        City {
            scene: Arc::new(Scene::read(&workspace).unwrap()),
            people: Census::read(&reader, &vocabulary).unwrap(),
            geojson: folder.path().join("buildings.geojson"),
            _folder: folder,
        }
    })
}

#[divan::bench]
fn page_cache(bencher: Bencher<'_, '_>) {
    let file = &city().geojson;
    bencher.bench(|| std::fs::read(file).unwrap().len());
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let file = &city().geojson;
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_, _| {}, found: &|_| {} };
    bencher.bench_local(|| read_buildings(file, &watch).unwrap());
}

#[divan::bench]
fn index(bencher: Bencher<'_, '_>) {
    let footprints = city().scene.footprints();
    let mut all = FootprintSetBuilder::default();
    for feature in 0..footprints.len() {
        let outline = footprints.outline(feature);
        all.push(footprints.id(feature), footprints.code(feature), &outline);
    }
    let fresh = || {
        let mut copy = FootprintSetBuilder::default();
        copy.append(&all);
        copy
    };
    bencher.with_inputs(fresh).bench_values(FootprintSetBuilder::build);
}

#[divan::bench]
fn chunking(bencher: Bencher<'_, '_>) {
    let footprints = city().scene.footprints();
    bencher.bench(|| {
        let plan = ChunkPlan::of(footprints);
        plan.chunks
            .iter()
            .map(|range| build_chunk(footprints, range).triangles.len())
            .sum::<usize>()
    });
}

#[divan::bench]
fn level_of_detail(bencher: Bencher<'_, '_>) {
    let scene = &city().scene;
    let camera = Camera { size: [1600.0, 1000.0], ..Camera::default() };
    let camera = camera.fitted(&scene.footprints().bounds(), 30.0);
    let states = scene.states(&style::Colouring::Plain);
    let classes = vec![CellClass { rgb: [128; 3], weight: 1.0 }; 256];
    bencher.bench(|| {
        let mut layer = CellLayer::default();
        black_box(layer.cover(&camera, 1.0, scene, &states, &classes))
    });
}

#[divan::bench]
fn pick(bencher: Bencher<'_, '_>) {
    let scene = &city().scene;
    let count = scene.footprints().len();
    let mut nth = 0usize;
    bencher.bench_local(|| {
        nth = (nth + 7_919) % count;
        scene.pick(scene.label(nth).at)
    });
}

#[divan::bench]
fn filter(bencher: Bencher<'_, '_>) {
    let people = &city().people;
    let filter = Condition::of_tags(vec![2, 3]).aged(Span::new(60, 90), date(2026, 11, 25));
    bencher.bench(|| people.focus(&filter).persons);
}

#[divan::bench]
fn colours(bencher: Bencher<'_, '_>) {
    let (scene, people) = (&city().scene, &city().people);
    let answer = people.focus(&Condition::default());
    bencher.bench(|| scene.states(&style::Colouring::Focus(&answer.buildings)));
}
