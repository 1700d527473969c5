//! Lists in the window: the import's steps, the queue beside the map, undo.

use eframe::egui;
use egui_kittest::kittest::Queryable as _;
use menpai::app::Card;
use menpai::text::Lang;

use super::import::estate;
use super::ui::{has_gpu, settle, window_on};

#[test]
fn a_list_is_checked_imported_reviewed_and_undone() {
    if !has_gpu() {
        return;
    }
    let f = estate();
    let list = "姓名,民族,出生日期,家庭住址\n张桂英,汉,1962.3.5,橡树湾3幢501\n\
                李强,汉,620305,橡树湾3幢501\n王五,汉,,橡树湾5幢301\n";
    let list = super::write(f.folder.path(), "居民名单.csv", list);
    let path = f.workspace.path().to_owned();
    drop(f.workspace);
    let mut w = window_on(f.folder, path, Lang::En, [1440.0, 900.0]);
    let h = &mut w.harness;
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::I);
    h.run();
    // The field has the focus.
    h.event(egui::Event::Text(list.display().to_string()));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while h.query_by_label("家庭住址").is_none() {
        assert!(std::time::Instant::now() < until, "no preview");
        h.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    h.run();
    h.get_by_label("such data is not held");
    h.get_by_label("Check first").click();
    h.run();
    settle(h);
    // Nothing was written yet.
    h.get_by_label_contains("What would happen");
    h.get_by_label("To review 2");
    assert_eq!(h.state().session().totals.persons, 0);
    h.get_by_label("Import it").click();
    h.run();
    settle(h);
    assert_eq!(h.state().session().totals.persons, 1);
    h.get_by_label("Review").click();
    h.run();
    settle(h);
    assert_eq!(h.state().session().card, Some(Card::Review));
    h.get_by_label("To review 2");
    h.get_by_label("2   橡树湾 3-2-501 the estate's name");
    // A for all alike, 2 for the second choice: both rows write the same address.
    h.key_press(egui::Key::A);
    h.run();
    h.key_press(egui::Key::Num2);
    h.run();
    settle(h);
    assert_eq!(h.state().session().totals.persons, 3);
    h.get_by_label_contains("Nothing waits");
    // The choice is undone from the list of imports; both rows wait again.
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    h.run();
    h.event(egui::Event::Text("Imports".to_owned()));
    h.run();
    h.key_press(egui::Key::Enter);
    h.run();
    settle(h);
    h.get_all_by_label("Undo").next().unwrap().click();
    h.run();
    h.get_by_label("Undo it").click();
    h.run();
    settle(h);
    assert_eq!(h.state().session().totals.persons, 1);
    assert_eq!(h.state().session().lists.get().unwrap().waiting, 2);
}
