//! What is drawn, held against brute force: every pixel asks which building it is in.

use std::sync::Arc;

use menpai::geo::FootprintSetBuilder;
use menpai::gpu::offscreen::OffscreenMap;
use menpai::gpu::setup::Backend;
use menpai::gpu::{Budget, Detail, MapView};
use menpai::map::{Camera, Scene, style};
use menpai::ui::tokens;

const SIZE: [u32; 2] = [480, 320];
const GROUND: [u8; 4] = [239, 237, 232, 255];

fn view(camera: Camera) -> MapView {
    MapView { camera, pixels_per_point: 1.0, ground: GROUND, buildings: true, base: false }
}

fn offscreen(scene: &Arc<Scene>, budget: Option<Budget>) -> OffscreenMap {
    let mut map = OffscreenMap::new(
        Backend::Cpu,
        budget,
        (&tokens::map_palette(false, style::Ramp::Orange), tokens::base_colours(false)),
    )
    .unwrap();
    map.set_scene(scene.clone(), scene.states(&style::Colouring::Plain));
    map
}

/// Fill colour of each pixel by asking the index, `None` within a pixel and a half of a border and
/// on ground where a shadow may lie.
fn brute_force(scene: &Scene, camera: &Camera, states: &[u8]) -> Vec<Option<[u8; 4]>> {
    let palette = tokens::map_palette(false, style::Ramp::Orange);
    let at = |x: f64, y: f64| {
        let mut found = scene.footprints().at(camera.lon_lat([x, y]));
        found.sort_unstable();
        found
    };
    // Where several buildings overlap, the last one drawn is on top.
    let colour =
        |found: &[usize]| found.last().map_or(GROUND, |f| palette[usize::from(states[*f])].fill);
    (0..SIZE[1])
        .flat_map(|row| (0..SIZE[0]).map(move |column| (column, row)))
        .map(|(column, row)| {
            let (x, y) = (f64::from(column) + 0.5, f64::from(row) + 0.5);
            let here = at(x, y);
            let mut towards_the_sun = (1..=20).map(|step| f64::from(step) / 2.0);
            let is_shaded = here.is_empty()
                && towards_the_sun
                    .any(|points| has_building_near(scene, camera, x - points, y - points));
            let is_sure = !is_shaded && !has_border_near(scene, camera, x, y);
            is_sure.then(|| colour(&here))
        })
        .collect()
}

/// Whether a building covers any part of the square of a pixel and a half around a point.
fn has_building_near(scene: &Scene, camera: &Camera, x: f64, y: f64) -> bool {
    let corners = [(-1.5, -1.5), (1.5, -1.5), (-1.5, 1.5), (1.5, 1.5), (0.0, 0.0)];
    let is_hit = |(dx, dy)| !scene.footprints().at(camera.lon_lat([x + dx, y + dy])).is_empty();
    corners.into_iter().any(is_hit)
}

/// Whether any border, of whatever small building, runs within a pixel and a half.
fn has_border_near(scene: &Scene, camera: &Camera, x: f64, y: f64) -> bool {
    use geo::Intersects as _;
    let (a, b) = (camera.lon_lat([x - 1.5, y - 1.5]), camera.lon_lat([x + 1.5, y + 1.5]));
    let near = menpai::geo::BBox { west: a.lon, south: b.lat, east: b.lon, north: a.lat };
    let pixel = geo::Rect::new((near.west, near.south), (near.east, near.north));
    scene.footprints().in_bbox(&near).into_iter().any(|feature| {
        scene.footprints().rings(feature).any(|ring| {
            ring.coords.windows(2).any(|ends| geo::Line::new(ends[0], ends[1]).intersects(&pixel))
        })
    })
}

/// Compares a drawn frame with brute force; returns how many pixels could be compared.
fn compare(scene: &Arc<Scene>, camera: Camera) -> usize {
    let mut map = offscreen(scene, Some(Budget::STILL));
    map.frame(&view(camera), true);
    assert_eq!(map.renderer.detail(), Detail::Outlines);
    let pixels = map.pixels().unwrap();
    let wanted = brute_force(scene, &camera, &scene.states(&style::Colouring::Plain));
    let mut compared = 0;
    for (index, (got, wanted)) in pixels.as_chunks::<4>().0.iter().zip(wanted).enumerate() {
        let Some(wanted) = wanted else { continue };
        compared += 1;
        let at = [index as u32 % SIZE[0], index as u32 / SIZE[0]];
        let off = got.iter().zip(wanted).map(|(a, b)| a.abs_diff(b)).max().unwrap();
        assert!(off <= 1, "{at:?}: {got:?} for {wanted:?}");
    }
    compared
}

#[test]
fn every_pixel_shows_the_building_it_is_in() {
    if !super::ui::has_gpu() {
        return;
    }
    let (_folder, workspace) = super::district(300);
    let scene = Arc::new(Scene::read(&workspace).unwrap());
    let camera = Camera { size: SIZE.map(f64::from), ..Camera::default() };
    for zoom in [0.0, 1.5, 3.0] {
        let fitted = camera.fitted(&scene.footprints().bounds(), 10.0);
        let mut camera = Camera { zoom: fitted.zoom + zoom, ..fitted };
        camera.pan([37.0 * zoom, 11.0]);
        let compared = compare(&scene, camera);
        assert!(compared > 100_000, "only {compared} pixels are clear of borders");
    }
}

#[test]
fn nothing_shakes_at_the_ends_of_the_earth() {
    if !super::ui::has_gpu() {
        return;
    }
    for (lon, lat) in [(179.99, 70.0), (-179.99, -70.0), (0.0, 0.0), (87.6, 43.8)] {
        let mut builder = FootprintSetBuilder::default();
        let side = 2e-4;
        let ring = vec![
            (lon - side, lat - side),
            (lon + side / 2.0, lat - side),
            (lon + side / 2.0, lat + side / 3.0),
            (lon - side, lat + side / 2.0),
            (lon - side, lat - side),
        ];
        let outline = geo::MultiPolygon::new(vec![geo::Polygon::new(ring.into(), Vec::new())]);
        builder.push(1, "a", &outline);
        let scene = Arc::new(Scene::of_footprints(builder));
        let camera = Camera { size: SIZE.map(f64::from), ..Camera::default() };
        let fitted = camera.fitted(&scene.footprints().bounds(), 20.0);
        assert!(compare(&scene, Camera { zoom: 21.5, ..fitted }) > 10_000);
        assert!(compare(&scene, fitted) > 10_000);
    }
}

#[test]
fn cells_outlines_and_the_complete_picture_follow_the_budget() {
    if !super::ui::has_gpu() {
        return;
    }
    let (_folder, workspace) = super::district(1_500);
    let scene = Arc::new(Scene::read(&workspace).unwrap());
    let camera = Camera { size: SIZE.map(f64::from), ..Camera::default() };
    let whole = view(camera.fitted(&scene.footprints().bounds(), 10.0));
    let budget = Budget { moving: 400, resting: 5_000, ..Budget::STILL };
    let mut map = offscreen(&scene, Some(budget));
    map.frame(&whole, false);
    assert_eq!(map.renderer.detail(), Detail::Cells, "too many to draw while moving");
    let cells = map.pixels().unwrap();
    assert!(cells.as_chunks::<4>().0.iter().filter(|p| **p != GROUND).count() > 2_000);
    assert!(map.renderer.is_refining());
    map.frame(&whole, true);
    assert_eq!(map.renderer.detail(), Detail::Outlines, "complete at rest");
    let slices = map.pixels().unwrap();
    let mut at_once = offscreen(&scene, Some(Budget::STILL));
    at_once.frame(&whole, true);
    assert!(slices == at_once.pixels().unwrap(), "slices and one pass draw the same picture");
    let mut few = offscreen(&scene, Some(Budget { resting: 500, ..budget }));
    few.frame(&whole, true);
    assert_eq!(few.renderer.detail(), Detail::Cells, "too many even at rest");
    // The average darkness of both ways of drawing is alike, so that nothing jumps.
    let darkness = |pixels: &[u8]| {
        let sum: u64 = pixels.iter().map(|v| u64::from(255 - v)).sum();
        sum as f64 / pixels.len() as f64
    };
    let ratio = darkness(&cells) / darkness(&slices);
    assert!((0.7..1.4).contains(&ratio), "{ratio}");
}

#[test]
fn hidden_buildings_are_hidden_near_and_far() {
    if !super::ui::has_gpu() {
        return;
    }
    let (_folder, workspace) = super::district(600);
    let scene = Arc::new(Scene::read(&workspace).unwrap());
    let camera = Camera { size: SIZE.map(f64::from), ..Camera::default() };
    let whole = view(camera.fitted(&scene.footprints().bounds(), 10.0));
    for moving in [0, 10_000] {
        let mut map = offscreen(&scene, Some(Budget { moving, resting: 0, ..Budget::STILL }));
        map.set_states(vec![style::HIDDEN; scene.footprints().len()]);
        map.frame(&whole, true);
        assert!(map.pixels().unwrap().as_chunks::<4>().0.iter().all(|p| *p == GROUND));
    }
}

/// The same on a real city, which tests do not have: `MENPAI_MAP_WORKSPACE=beijing.gpkg cargo test
/// real_city -- --nocapture`.
#[test]
fn a_real_city_agrees_with_brute_force() {
    let Some(path) = std::env::var_os("MENPAI_MAP_WORKSPACE") else { return };
    let mode = menpai::store::OpenMode::ReadOnly;
    let workspace =
        menpai::store::Workspace::open(std::path::Path::new(&path), None, mode).unwrap();
    let scene = Arc::new(Scene::read(&workspace).unwrap());
    let buildings = scene.footprints().len();
    for (nth, zoom) in (0..12).zip([15.0, 16.0, 17.0, 18.0, 19.0, 20.0].iter().cycle()) {
        let label = scene.label(buildings * (2 * nth + 1) / 24);
        let center = menpai::geo::mercator::world_from_lon_lat(label.at);
        let camera = Camera { center, zoom: *zoom, size: SIZE.map(f64::from) };
        let compared = compare(&scene, camera);
        println!("{:?} zoom {zoom}: {compared} pixels agree", label.at);
    }
}
