//! The window's panels, found by label as a screen reader finds them, and pictures by the
//! software driver.
//!
//! Without any graphics driver these tests say so and pass, unless `MENPAI_REQUIRE_GPU` is set.

use std::time::{Duration, Instant};

use eframe::egui;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions};
use menpai::access::Actor;
use menpai::domain::ids::BuildingId;
use menpai::gpu::setup::{Backend, headless, window_setup};
use menpai::text::Lang;
use menpai::ui::{MenpaiApp, StartOptions};

use super::{NOW, district, today};

/// Whether there is a driver; a missing one fails where CI promises one.
pub fn has_gpu() -> bool {
    match headless(Backend::Cpu) {
        Ok(_) => true,
        Err(error) => {
            assert!(std::env::var_os("MENPAI_REQUIRE_GPU").is_none(), "no GPU adapter: {error}");
            eprintln!("no GPU adapter: skipped ({error})");
            false
        }
    }
}

pub struct Window {
    pub harness: Harness<'static, MenpaiApp>,
    _folder: tempfile::TempDir,
}

pub fn window(lang: Lang, size: [f32; 2]) -> Window {
    let (folder, workspace) = district(120);
    let path = workspace.path().to_owned();
    drop(workspace);
    window_on(folder, path, lang, size)
}

pub fn window_on(
    folder: tempfile::TempDir,
    path: std::path::PathBuf,
    lang: Lang,
    size: [f32; 2],
) -> Window {
    let options = StartOptions {
        workspace: Some(path),
        passphrase: None,
        lang: Some(lang),
        actor: Actor::new("test"),
        today: today(),
        clock: || NOW,
        backend: Backend::Cpu,
        guard: None,
        flight: None,
    };
    let mut harness = Harness::builder()
        .with_size(size)
        .with_theme(egui::Theme::Light)
        .with_max_steps(64)
        .wgpu_setup(window_setup(Backend::Cpu).into())
        .build_eframe(|cc| MenpaiApp::new(cc, options));
    settle(&mut harness);
    Window { harness, _folder: folder }
}

/// Runs frames until the session's threads have nothing left to do.
pub fn settle(harness: &mut Harness<'static, MenpaiApp>) {
    let until = Instant::now() + Duration::from_secs(60);
    let mut quiet = 0;
    while quiet < 3 {
        assert!(Instant::now() < until, "the session never came to rest");
        harness.step();
        let session = harness.state().session();
        let is_open = session.workspace.is_some() && session.scene.get().is_some();
        quiet = if is_open && !session.is_busy() { quiet + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.run();
}

/// A house of flats with nothing painted over its middle.
pub fn a_house(harness: &Harness<'static, MenpaiApp>) -> BuildingId {
    let session = harness.state().session();
    let scene = session.scene.get().unwrap();
    let at = |id| harness.state().screen_position_of(id).unwrap();
    let signs: Vec<egui::Pos2> =
        scene.events.iter().filter_map(|e| e.building_id).map(at).collect();
    let labels = scene.labels().filter(|l| l.kind == Some(1));
    labels
        .map(|l| l.building_id)
        .find(|id| signs.iter().all(|s| s.distance(at(*id)) > 40.0))
        .unwrap()
}

/// Clicks a building on the map.
pub fn click_building(harness: &mut Harness<'static, MenpaiApp>, building_id: BuildingId) {
    let at = harness.state().screen_position_of(building_id).unwrap();
    harness.hover_at(at);
    harness.run();
    harness.drag_at(at);
    harness.drop_at(at);
    settle(harness);
}

#[test]
fn one_click_shows_who_and_what_is_in_the_building() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1440.0, 900.0]);
    let h = &mut w.harness;
    h.get_by_label_contains("Click a building on the map");
    let house = a_house(h);
    click_building(h, house);
    let overview = h.state().session().overview.get().unwrap().as_ref().unwrap().clone();
    assert_eq!(overview.building.building_id, house);
    h.get_by_label(&format!("Rooms {}", overview.counts.rooms));
    for (tab, expect) in [
        ("Building: People", "Registered"),
        ("Building: Rooms", "Unit 1"),
        ("Building: Enterprises", ""),
        ("Building: Events", ""),
        ("Building: Matrix", ""),
    ] {
        h.get_by_label(tab).click();
        h.run();
        assert!(
            expect.is_empty() || h.query_all_by_label_contains(expect).next().is_some(),
            "{tab}"
        );
    }
}

#[test]
fn a_room_opens_its_household_and_back_leads_back() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::Zh, [1440.0, 900.0]);
    let h = &mut w.harness;
    let house = a_house(h);
    click_building(h, house);
    h.get_by_label("楼栋: 房屋").click();
    h.run();
    let overview = h.state().session().overview.get().unwrap().as_ref().unwrap().clone();
    let cell = overview.matrix.cells.iter().find(|c| c.persons > 1).unwrap().clone();
    let name = menpai::text::room_title(Lang::Zh, cell.unit.as_deref(), &cell.room_no);
    h.get_by(|n| n.label().is_some_and(|l| l.starts_with(&name))).click();
    settle(h);
    let session = h.state().session();
    let view = session.household.get().unwrap().as_ref().unwrap();
    assert_eq!(view.card.members.len() as u64, cell.persons);
    assert!(view.names.iter().all(|n| !n.contains('*')), "the card shows full names");
    let first = view.names[0].clone();
    h.get_by_label(&first);
    h.get_by_label("返回").click();
    settle(h);
    h.get_by_label("楼栋: 楼盘表");
}

#[test]
fn a_focus_colours_lists_and_clears() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1440.0, 900.0]);
    let h = &mut w.harness;
    let count = {
        let session = h.state().session();
        session.people.get().unwrap().tag_counts[1 - 1]
    };
    h.get_by_label(&format!("Minimum-living allowance {count}")).click();
    settle(h);
    let focused = h.state().session().focus.get().unwrap().clone();
    assert_eq!(focused.answer.persons, count);
    let rows = h.state().session().table.get().unwrap().clone();
    assert_eq!((rows.total, rows.ids.len() as u64), (count, count), "the table follows the filter");
    h.get_by_label_contains("Filter: Minimum-living allowance");
    h.get_by_label("Clear").click();
    settle(h);
    assert!(h.state().session().filter.is_empty());
    h.key_press(egui::Key::Num4);
    settle(h);
    assert_eq!(
        h.state().session().filter.any_tags,
        [h.state().session().vocabulary.tags[3].code.clone()],
        "number keys toggle tags"
    );
}

#[test]
fn search_finds_by_keyboard_alone() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::Zh, [1280.0, 720.0]);
    let h = &mut w.harness;
    let estate = h.state().session().scene.get().unwrap().estates[0].name.clone();
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::F);
    h.run();
    h.get_by_label("搜索").type_text(&format!("{estate}3幢"));
    settle(h);
    assert!(!h.state().session().search.get().unwrap().answer.buildings.is_empty());
    h.key_press(egui::Key::ArrowDown);
    h.run();
    h.key_press(egui::Key::Enter);
    settle(h);
    let overview = h.state().session().overview.get().unwrap().as_ref().unwrap();
    assert_eq!(overview.building.building_no.as_deref(), Some("3"));
}

#[test]
fn dialogs_open_and_close() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1440.0, 900.0]);
    let h = &mut w.harness;
    for (key, expect) in [
        (egui::Key::N, "Without encryption"),
        (egui::Key::O, "Open workspace"),
        (egui::Key::I, "Buildings (map file)"),
    ] {
        h.key_press_modifiers(egui::Modifiers::COMMAND, key);
        h.run();
        assert!(h.query_all_by_label_contains(expect).next().is_some(), "{expect}");
        h.get_by_label("Cancel").click();
        h.run();
    }
    h.key_press(egui::Key::F1);
    h.run();
    assert!(h.query_all_by_label_contains("Arrow keys pan").count() >= 2, "the map and the help");
    h.get_by_label("Close").click();
    h.run();
}

/// Compares with `tests/snapshots/NAME.png`; `UPDATE_SNAPSHOTS=1 cargo test` accepts new ones.
/// Drivers of other versions round edges differently, so a few hundred pixels may be off.
fn picture(harness: &mut Harness<'static, MenpaiApp>, name: &str) {
    let options = SnapshotOptions::new().threshold(2.0).max_failed_pixels(400);
    harness.remove_cursor();
    settle(harness);
    harness.snapshot_options(name, &options);
}

#[test]
fn pictures_of_the_window() {
    if !has_gpu() {
        return;
    }
    let mut results = egui_kittest::SnapshotResults::new();
    for (lang, theme, size, suffix) in [
        (Lang::Zh, egui::Theme::Light, [1280.0, 720.0], "zh-light"),
        (Lang::En, egui::Theme::Dark, [1440.0, 900.0], "en-dark"),
    ] {
        let mut w = window(lang, size);
        let h = &mut w.harness;
        h.ctx.set_theme(theme);
        picture(h, &format!("start-{suffix}"));
        let house = a_house(h);
        click_building(h, house);
        picture(h, &format!("building-{suffix}"));
        h.key_press(egui::Key::Num4);
        picture(h, &format!("focus-{suffix}"));
        // The strongest step of the ramp is painted somewhere.
        let step = menpai::ui::tokens::ramp(theme == egui::Theme::Dark, 4).to_array();
        assert!(h.render().unwrap().pixels().any(|p| p.0 == step), "the ramp is not on the map");
        h.key_press(egui::Key::Num4);
        settle(h);
        let overview = h.state().session().overview.get().unwrap().as_ref().unwrap().clone();
        let cell = overview.matrix.cells.iter().find(|c| c.persons > 1).unwrap().clone();
        let name = menpai::text::room_title(lang, cell.unit.as_deref(), &cell.room_no);
        h.get_by_label(if lang == Lang::Zh { "楼栋: 房屋" } else { "Building: Rooms" }).click();
        h.run();
        h.get_by(|n| n.label().is_some_and(|l| l.starts_with(&name))).click();
        picture(h, &format!("household-{suffix}"));
        h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
        picture(h, &format!("palette-{suffix}"));
        results.extend_harness(h);
    }
    results.unwrap();
}

#[test]
fn a_passphrase_is_set_in_the_window_and_the_file_is_encrypted() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1280.0, 720.0]);
    let h = &mut w.harness;
    assert!(!h.state().session().workspace.as_ref().unwrap().is_encrypted());
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    h.run();
    h.get_by_label("Find a command…").type_text("passphrase");
    h.run();
    h.key_press(egui::Key::Enter);
    h.run();
    for label in ["New passphrase", "Passphrase again"] {
        h.get_by_role_and_label(Role::PasswordInput, label).focus();
        h.run();
        h.get_by_role_and_label(Role::PasswordInput, label).type_text("Blue-Gate-2026");
        h.run();
    }
    h.get_by_label("Change").click();
    h.run();
    settle(h);
    let session = h.state().session();
    assert!(session.workspace.as_ref().unwrap().is_encrypted(), "{:?}", session.notices);
    assert!(session.notices.iter().any(|n| n.text.to_string().contains("encrypted with the new")));
    assert!(session.scene.get().unwrap().footprints().len() > 100);
}

#[test]
fn the_right_button_offers_what_can_be_done_here() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1280.0, 720.0]);
    let h = &mut w.harness;
    let house = a_house(h);
    let at = h.state().screen_position_of(house).unwrap();
    h.hover_at(at);
    for pressed in [true, false] {
        let button = egui::PointerButton::Secondary;
        let modifiers = egui::Modifiers::NONE;
        h.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        h.run();
    }
    h.get_by_label("Show this building").click();
    h.run();
    settle(h);
    assert_eq!(h.state().session().building_id, Some(house));
}

#[test]
fn a_position_is_found_and_distances_are_measured() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1280.0, 720.0]);
    let h = &mut w.harness;
    let house = a_house(h);
    let at = {
        let scene = h.state().session().scene.get().unwrap().clone();
        scene.label(scene.feature_of(house).unwrap()).at
    };
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::F);
    h.run();
    h.get_by_label("Search").type_text(&format!("{:.6}, {:.6}", at.lon, at.lat));
    settle(h);
    h.key_press(egui::Key::Enter);
    settle(h);
    let there = h.state().screen_position_of(house).unwrap();
    let middle = h.get_by_role(Role::Canvas).rect().center();
    assert!(there.distance(middle) < 3.0, "{there} is not in the middle {middle}");
    // Two clicks 200 points apart while measuring choose no building; Esc ends the measuring.
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::M);
    h.run();
    for x in [-100.0, 100.0] {
        let at = middle + egui::vec2(x, 0.0);
        h.hover_at(at);
        h.run();
        h.drag_at(at);
        h.drop_at(at);
        h.run();
    }
    assert_eq!(h.state().session().building_id, None);
    h.key_press(egui::Key::Escape);
    h.run();
    click_building(h, house);
    assert_eq!(h.state().session().building_id, Some(house));
}

#[test]
fn buildings_are_selected_by_a_box_by_shift_and_by_radius() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::En, [1280.0, 720.0]);
    let h = &mut w.harness;
    let map = h.get_by_role(Role::Canvas).rect();
    // A box over the whole map, by the R key and a drag, takes every building.
    h.key_press(egui::Key::R);
    h.run();
    let (from, to) = (map.min + egui::vec2(2.0, 90.0), map.max - egui::vec2(2.0, 2.0));
    h.hover_at(from);
    h.run();
    h.drag_at(from);
    h.run();
    h.hover_at(to);
    h.run();
    h.drop_at(to);
    settle(h);
    let (selected, summary) = {
        let session = h.state().session();
        (session.selection.clone(), session.selection_summary.get().unwrap().clone())
    };
    let all = h.state().session().totals;
    assert!(selected.len() > 100 && selected.len() as u64 <= all.buildings);
    assert_eq!(summary.buildings.len(), selected.len());
    assert_eq!(summary.persons, h.state().session().people.get().unwrap().persons);
    assert_eq!(summary.rooms, all.rooms);
    // The people of the selection alone, then Esc: the tool, then the selection goes.
    h.get_by_label("List the people here").click();
    settle(h);
    assert_eq!(h.state().session().focus.get().unwrap().answer.persons, summary.persons);
    h.key_press(egui::Key::Escape);
    h.run();
    h.key_press(egui::Key::Escape);
    settle(h);
    assert!(h.state().session().selection.is_empty());
    // Shift adds to the building whose card is open.
    let house = a_house(h);
    click_building(h, house);
    let scene = h.state().session().scene.get().unwrap().clone();
    let other = scene.labels().map(|l| l.building_id).find(|id| *id != house).unwrap();
    let around = scene.label(scene.feature_of(other).unwrap()).at;
    let near = menpai::map::select::within(&scene, around, 1.0);
    assert!(near.contains(&other));
    let at = h.state().screen_position_of(other).unwrap();
    h.hover_at(at);
    h.run();
    h.event(egui::Event::ModifiersChanged(egui::Modifiers::SHIFT));
    for pressed in [true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::SHIFT);
        h.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        h.run();
    }
    settle(h);
    let picked = h.state().session().selection.clone();
    assert!(picked.len() == 2 && picked.contains(&house), "{picked:?}");
}

/// Random but repeatable input: pointer, wheel, keys. `MENPAI_MONKEY_STEPS` makes it longer, and
/// `MENPAI_MONKEY_WORKSPACE` lets it loose on a workspace of one's own (a copy of it).
#[test]
fn a_monkey_breaks_nothing() {
    if !has_gpu() {
        return;
    }
    let steps = std::env::var("MENPAI_MONKEY_STEPS").ok().and_then(|n| n.parse().ok());
    let steps: u64 = steps.unwrap_or(300);
    let given = std::env::var_os("MENPAI_MONKEY_WORKSPACE").map(std::path::PathBuf::from);
    let mut w = match given {
        Some(path) => window_on(tempfile::tempdir().unwrap(), path, Lang::Zh, [1280.0, 720.0]),
        None => window(Lang::Zh, [1280.0, 720.0]),
    };
    let h = &mut w.harness;
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut draw = |most: u64| {
        // xorshift64: the same on every machine.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    let keys = [
        (egui::Modifiers::NONE, egui::Key::Escape),
        (egui::Modifiers::NONE, egui::Key::Tab),
        (egui::Modifiers::NONE, egui::Key::Enter),
        (egui::Modifiers::NONE, egui::Key::ArrowDown),
        (egui::Modifiers::NONE, egui::Key::ArrowLeft),
        (egui::Modifiers::NONE, egui::Key::Plus),
        (egui::Modifiers::NONE, egui::Key::Minus),
        (egui::Modifiers::NONE, egui::Key::Home),
        (egui::Modifiers::NONE, egui::Key::End),
        (egui::Modifiers::NONE, egui::Key::Num1),
        (egui::Modifiers::NONE, egui::Key::Num5),
        (egui::Modifiers::NONE, egui::Key::F9),
        (egui::Modifiers::NONE, egui::Key::F10),
        (egui::Modifiers::COMMAND, egui::Key::F),
        (egui::Modifiers::COMMAND, egui::Key::D),
        (egui::Modifiers::COMMAND, egui::Key::M),
        (egui::Modifiers::COMMAND, egui::Key::L),
    ];
    let mut memory = Vec::new();
    for step in 0..steps {
        let at = egui::pos2(280.0 + draw(700) as f32, 60.0 + draw(620) as f32);
        match draw(10) {
            0..=3 => h.event(egui::Event::PointerMoved(at)),
            4 | 5 => {
                h.hover_at(at);
                h.event(egui::Event::MouseWheel {
                    unit: egui::MouseWheelUnit::Point,
                    delta: egui::vec2(0.0, draw(400) as f32 - 200.0),
                    phase: egui::TouchPhase::Move,
                    source: egui::MouseWheelSource::Wheel,
                    modifiers: egui::Modifiers::NONE,
                });
            }
            6 => {
                h.drag_at(at);
                h.step();
                h.drop_at(at);
            }
            7 => {
                h.drag_at(at);
                h.step();
                h.event(egui::Event::PointerMoved(egui::pos2(400.0 + draw(400) as f32, 300.0)));
                h.step();
                h.drop_at(at);
            }
            _ => {
                let (modifiers, key) = keys[draw(keys.len() as u64) as usize];
                h.key_press_modifiers(modifiers, key);
            }
        }
        h.step();
        if step % 16 == 0 {
            h.render().unwrap();
        }
        if step % 64 == 0 {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let line = status.lines().find(|l| l.starts_with("RssAnon:")).unwrap_or_default();
            let kib = line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok());
            memory.extend(kib);
        }
    }
    settle(h);
    if let (Some(middle), Some(last)) = (memory.get(memory.len() / 2), memory.last()) {
        println!("resident after half the steps {middle} KiB, at the end {last} KiB");
    }
    let session = h.state().session();
    assert!(session.scene.get().is_some() && session.workspace.is_some());
    let notices: Vec<String> = session.notices.iter().map(|n| n.text.to_string()).collect();
    assert!(notices.iter().all(|n| !n.contains("fault in the program")), "{notices:?}");
}
