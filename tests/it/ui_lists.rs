//! Lists in the window: the import's steps, the queue beside the map, undo.

use eframe::egui::{self, Role};
use egui_kittest::kittest::Queryable as _;
use menpai::app::Card;
use menpai::text::Lang;
use menpai::ui::MenpaiApp;

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

#[test]
fn a_list_is_matched_looked_at_and_deleted() {
    if !has_gpu() {
        return;
    }
    let f = estate();
    f.import(
        menpai::import::Kind::Persons,
        "姓名,电话,地址\n张桂英,14000005678,橡树湾3幢2单元501\n李强,14000000002,橡树湾5幢301\n",
    );
    let list = "姓名,手机\n张桂英,14000005678\n赵无人,14000009999\n";
    let list = super::write(f.folder.path(), "返乡名单.csv", list);
    let path = f.workspace.path().to_owned();
    drop(f.workspace);
    let mut w = window_on(f.folder, path, Lang::Zh, [1440.0, 900.0]);
    let h = &mut w.harness;
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    h.run();
    h.event(egui::Event::Text("名单比对".to_owned()));
    h.run();
    h.key_press(egui::Key::Enter);
    settle(h);
    // The field of the path has the focus.
    h.event(egui::Event::Text(list.display().to_string()));
    h.run();
    for (label, text) in [("用途", "返乡人员摸排"), ("依据", "防控令12号")] {
        h.get_by_role_and_label(Role::TextInput, label).focus();
        h.run();
        h.event(egui::Event::Text(text.to_owned()));
        h.run();
    }
    h.get_by_role_and_label(Role::Button, "名单比对").click();
    h.run();
    settle(h);
    let Some(Card::Match(job_id)) = h.state().session().card.clone() else {
        panic!("{:?} {:?}", h.state().session().card, h.state().session().notices)
    };
    h.get_by_label("返乡名单.csv");
    h.get_by_label("名单比对…: 全部 2");
    h.get_by_label("名单比对…: 查无此人 1").click();
    h.run();
    h.get_by_label_contains("3  赵**  ");
    assert!(h.query_by_label_contains("赵无人").is_none(), "masked");
    h.get_by_label("在地图上显示").click();
    settle(h);
    assert_eq!(h.state().session().selection.len(), 1);
    h.key_press(egui::Key::Escape);
    settle(h);
    assert_eq!(h.state().session().card, Some(Card::Match(job_id)), "back to the list");
    h.get_by_label("删除").click();
    h.run();
    h.get_by_label("删除").click();
    settle(h);
    assert_ne!(h.state().session().card, Some(Card::Match(job_id)));
    let workspace = h.state().session().workspace.clone().unwrap();
    let jobs = menpai::store::match_jobs::jobs(&workspace.reader().unwrap()).unwrap();
    assert!(jobs.is_empty());
}

#[test]
fn tables_of_every_kind_are_sorted_and_shown_on_the_map() {
    if !has_gpu() {
        return;
    }
    let mut w = super::ui::window(Lang::Zh, [1440.0, 900.0]);
    let h = &mut w.harness;
    h.key_press(egui::Key::F10);
    settle(h);
    let totals = h.state().session().totals;
    let rows = |h: &egui_kittest::Harness<'static, MenpaiApp>| {
        h.state().session().table.get().unwrap().clone()
    };
    assert_eq!(rows(h).total, totals.persons);
    for (label, expect) in [
        ("表格: 房屋", totals.rooms),
        ("表格: 楼栋", totals.buildings),
        ("表格: 企业", totals.enterprises),
        ("表格: 事件", totals.events),
        ("表格: 设备", totals.devices),
        ("表格: 人员", totals.persons),
    ] {
        h.get_by_label(label).click();
        settle(h);
        assert_eq!(rows(h).total, expect, "{label}");
        let page = h.state().session().table_page.get().unwrap();
        assert!(!page.rows.is_empty() && page.rows[0].0 == rows(h).ids[0], "{label}");
    }
    let age_of = |h: &egui_kittest::Harness<'static, MenpaiApp>| {
        let page = h.state().session().table_page.get().unwrap();
        let age = page.columns.iter().position(|at| rows(h).view.kind.columns()[*at].key == "age");
        page.rows[0].1[age.unwrap()].text.parse::<u32>().unwrap()
    };
    h.get_by_role_and_label(Role::Button, "年龄").click();
    settle(h);
    let youngest = age_of(h);
    h.get_by_role_and_label(Role::Button, "年龄 ↑").click();
    settle(h);
    assert!(age_of(h) > youngest.max(80), "the oldest first");
    h.query_all_by_role(Role::Row).next().unwrap().click();
    settle(h);
    assert!(matches!(h.state().session().card, Some(Card::Room(_))), "a row opens its card");
    h.get_by_label("在地图上显示").click();
    settle(h);
    assert_eq!(h.state().session().selection.len(), 1);
    // The table follows the filter.
    h.key_press(egui::Key::Num1);
    settle(h);
    let focused = h.state().session().focus.get().unwrap().answer.persons;
    assert_eq!(rows(h).total, focused);
}

/// Opens the form dialog and types the path of a form into it.
fn choose_form(h: &mut egui_kittest::Harness<'static, MenpaiApp>, form: &std::path::Path) {
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    h.run();
    h.event(egui::Event::Text("填表".to_owned()));
    h.run();
    h.key_press(egui::Key::Enter);
    settle(h);
    // The field of the form has the focus.
    h.event(egui::Event::Text(form.display().to_string()));
    settle(h);
}

#[test]
fn a_form_is_filled_by_the_keyboard_and_its_headings_are_remembered() {
    if !has_gpu() {
        return;
    }
    let f = estate();
    f.import(
        menpai::import::Kind::Persons,
        "姓名,出生日期,地址\n张桂英,1950-01-01,橡树湾3幢2单元501\n李强,1990-01-01,橡树湾5幢301\n",
    );
    let form = f.folder.path().join("登记表.xlsx");
    super::forms::form(&form, "");
    let filled = f.folder.path().join("登记表（已填）.xlsx");
    let path = f.workspace.path().to_owned();
    drop(f.workspace);
    let mut w = window_on(f.folder, path, Lang::Zh, [1024.0, 600.0]);
    let h = &mut w.harness;
    choose_form(h, &form);
    h.get_by_label_contains("没有对应、将留空：血型");
    assert!(h.query_by_label_contains("已按上次").is_none());
    // On the lowest screen that is supported the button is in sight.
    let button = h.get_by_role_and_label(Role::Button, "填表");
    assert!(button.rect().bottom() <= 600.0, "{:?}", button.rect());
    button.click();
    settle(h);
    let cells = super::forms::cells(&filled);
    let names: Vec<&str> = cells.iter().map(|row| row[1].as_str()).collect();
    assert!(names.contains(&"张**") && names.contains(&"李*"), "{cells:?}");
    choose_form(h, &form);
    h.get_by_label_contains("已按上次");
}
