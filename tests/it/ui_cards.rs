//! The window at work: names in searches, the roster, low windows, the keyboard.

use eframe::egui::{self, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use menpai::text::Lang;
use menpai::ui::MenpaiApp;

use super::ui::{a_house, click_building, has_gpu, settle, window};

#[test]
fn names_in_searches_are_shown_for_a_reason_and_counted() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::Zh, [1280.0, 720.0]);
    let h = &mut w.harness;
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::F);
    h.run();
    h.get_by_label("搜索").type_text("张");
    settle(h);
    let names =
        |h: &Harness<'static, MenpaiApp>| h.state().session().search.get().unwrap().names.clone();
    let masked = names(h);
    assert!(masked.len() > 1 && masked.iter().all(|name| name.ends_with('*')), "{masked:?}");
    h.get_by_label("显示姓名…").click();
    h.run();
    let field = |n: &egui_kittest::kittest::AccessKitNode<'_>| {
        n.role() == Role::TextInput && n.label().is_some_and(|l| l.starts_with("查看原因"))
    };
    h.get_by(field).type_text("上门核实");
    h.run();
    h.get_by_label("查看").click();
    settle(h);
    let open = names(h);
    assert_eq!(open.len(), masked.len());
    assert!(open.iter().all(|name| !name.contains('*')), "{open:?}");
    h.get_by_label_contains("姓名显示至");
    let workspace = h.state().session().workspace.clone().unwrap();
    let logged: (String, String) = workspace
        .reader()
        .unwrap()
        .query_row(
            "SELECT fields, purpose FROM audit_log WHERE action = 'search_names'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(logged, (format!("name×{}", open.len()), "上门核实".to_owned()));
}

#[test]
fn the_roster_lists_who_has_a_tag_and_the_matrix_steps_back() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::Zh, [1366.0, 768.0]);
    let h = &mut w.harness;
    let house = a_house(h);
    click_building(h, house);
    let (persons, tag) = {
        let o = h.state().session().overview.get().unwrap().as_ref().unwrap();
        (o.counts.persons as usize, o.tags.iter().min_by_key(|t| t.persons).unwrap().clone())
    };
    assert_eq!(h.state().session().roster.get().unwrap().len(), persons);
    h.get_by_label("楼栋: 人口").click();
    h.run();
    let rows = |h: &Harness<'static, MenpaiApp>| h.query_all_by_role(Role::Row).count();
    assert!(rows(h) > tag.persons as usize);
    h.get_by_label(&format!("{} {}", tag.label, tag.persons)).click();
    h.run();
    assert_eq!(rows(h), tag.persons as usize, "only those with the tag are listed");
    h.get_by_label("排序: 年龄").click();
    h.run();
    assert_eq!(rows(h), tag.persons as usize);
    h.get_by_label(&format!("{} {}", tag.label, tag.persons)).click();
    h.run();
    assert!(rows(h) > tag.persons as usize, "the tag is put down again");
}

#[test]
fn six_floors_are_seen_in_a_low_window() {
    if !has_gpu() {
        return;
    }
    // 1024 × 600, and 1366 × 768 at 150 %.
    for size in [[1024.0, 600.0], [911.0, 512.0]] {
        let mut w = window(Lang::Zh, size);
        let h = &mut w.harness;
        let house = a_house(h);
        h.state_mut().show_building(house);
        settle(h);
        let grid = h.get_by_role(Role::Grid).rect();
        let floors =
            h.state().session().overview.get().unwrap().as_ref().unwrap().matrix.floors.len();
        let seen = (size[1] - 28.0 - 12.0 - grid.top()) / (grid.height() / floors as f32);
        assert!(seen >= 6.0_f32.min(floors as f32), "{size:?}: {seen} floors from {}", grid.top());
    }
}

#[test]
fn f6_goes_round_the_parts_of_the_window() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::Zh, [1366.0, 768.0]);
    let h = &mut w.harness;
    let mut visited = Vec::new();
    for _ in 0..5 {
        h.key_press(egui::Key::F6);
        h.run();
        visited.push(h.ctx.memory(|memory| memory.focused()).unwrap());
    }
    assert_eq!(visited[0], visited[4], "four parts, and round again");
    assert!(visited[..4].iter().all(|id| visited[..4].iter().filter(|v| *v == id).count() == 1));
}
