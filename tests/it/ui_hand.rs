//! Work by hand in the window: a phone is changed and taken back, an event reported and followed.

use eframe::egui::{self, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use menpai::app::Card;
use menpai::text::Lang;
use menpai::ui::MenpaiApp;

use super::ui::{a_house, click_building, has_gpu, settle, window};

/// The first phone number of the workspace's person, as it is stored.
fn phone(h: &Harness<'static, MenpaiApp>, person: i64) -> Option<String> {
    let workspace = h.state().session().workspace.clone().unwrap();
    let reader = workspace.reader().unwrap();
    let sql = "SELECT phone FROM person WHERE person_id = ?1";
    reader.query_row(sql, [person], |row| row.get(0)).unwrap()
}

#[test]
fn a_phone_is_changed_by_keyboard_and_taken_back() {
    if !has_gpu() {
        return;
    }
    for size in [[1366.0, 768.0], [1024.0, 600.0]] {
        let mut w = window(Lang::Zh, size);
        let h = &mut w.harness;
        let house = a_house(h);
        click_building(h, house);
        let room = {
            let o = h.state().session().overview.get().unwrap().as_ref().unwrap();
            o.matrix.cells.iter().find(|cell| cell.persons > 0).unwrap().room_id
        };
        h.state_mut().show_room(room);
        settle(h);
        let (person, name) = {
            let view = h.state().session().household.get().unwrap().as_ref().unwrap();
            (view.card.members[0].person_id.0, view.names[0].clone())
        };
        let before = phone(h, person);
        h.get_by_label(&format!("更多 {name}")).click();
        h.run();
        h.get_by_label("修改").click();
        settle(h);
        // The number is masked until it is typed anew.
        if before.is_some() {
            h.get_by_label("更改 联系电话").click();
            h.run();
        }
        let field = |n: &egui_kittest::kittest::AccessKitNode<'_>| {
            n.role() == Role::TextInput && n.label().is_some_and(|l| l == "联系电话")
        };
        h.get_by(field).focus();
        h.run();
        h.get_by(field).type_text("139 0000 1234");
        h.run();
        h.get_by_label("保存").click();
        settle(h);
        assert_eq!(phone(h, person).as_deref(), Some("13900001234"), "{size:?}");
        h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
        settle(h);
        assert_eq!(phone(h, person), before, "{size:?}");
        h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Y);
        settle(h);
        assert_eq!(phone(h, person).as_deref(), Some("13900001234"), "{size:?}");
    }
}

#[test]
fn an_event_is_reported_and_followed_in_the_window() {
    if !has_gpu() {
        return;
    }
    let mut w = window(Lang::Zh, [1366.0, 768.0]);
    let h = &mut w.harness;
    let house = a_house(h);
    click_building(h, house);
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::J);
    settle(h);
    let title = |n: &egui_kittest::kittest::AccessKitNode<'_>| {
        n.role() == Role::TextInput && n.label().is_some_and(|l| l == "标题")
    };
    h.get_by(title).type_text("楼道灯不亮");
    h.run();
    let report = |n: &egui_kittest::kittest::AccessKitNode<'_>| {
        n.role() == Role::Button && n.label().is_some_and(|l| l == "上报事件")
    };
    h.get_by(report).click();
    settle(h);
    let Some(Card::Event(no)) = h.state().session().card.clone() else {
        panic!("the event is not shown");
    };
    settle(h);
    h.get_by_label("受理").click();
    settle(h);
    // The form says the act once more on its button.
    h.get_all_by_label("受理").last().unwrap().click();
    settle(h);
    let state = |h: &Harness<'static, MenpaiApp>| {
        let card = h.state().session().event.get().unwrap().as_ref().unwrap();
        (card.no.clone(), card.state)
    };
    assert_eq!(state(h), (no, menpai::domain::workflow::event::state::ACCEPTED));
    // My work has it among what is to be sent on.
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Num1);
    settle(h);
    let work = &h.state().session().work.get().unwrap().work;
    assert!(work.section("to_dispatch").unwrap().count > 0);
    h.get_by_label_contains("我的工作");
}
