//! The command line, end to end, as scripts use it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub fn menpai(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_menpai"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("MENPAI_PASSPHRASE")
        .env("LANG", "C")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

fn ok(arguments: &[&str]) -> String {
    let out = menpai(arguments);
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&ok(arguments)).unwrap()
}

fn refused(arguments: &[&str], code: i32, says: &str) {
    let out = menpai(arguments);
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(code), "{arguments:?}: {told}");
    assert!(told.contains(says), "{told}");
    assert!(out.stdout.is_empty(), "results only on success");
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample").join(name);
    path.to_str().unwrap().to_owned()
}

/// The bundled sample in a workspace.
fn sample_workspace(folder: &Path) -> String {
    let w = folder.join("s.gpkg").to_str().unwrap().to_owned();
    ok(&["new", &w, "--plain"]);
    for (kind, file) in [
        ("buildings", "buildings.geojson"),
        ("grids", "grids.geojson"),
        ("rooms", "rooms.csv"),
        ("persons", "persons.csv"),
        ("enterprises", "enterprises.csv"),
        ("events", "events.csv"),
        ("devices", "devices.csv"),
    ] {
        ok(&["import", kind, &sample(file), "--into", &w, "--on", "2026-11-23"]);
    }
    w
}

#[test]
fn the_whole_path_from_files_to_answers() {
    let folder = tempfile::tempdir().unwrap();
    let w = sample_workspace(folder.path());
    let on = ["--on", "2026-11-23"];

    let o = json(&["overview", &w, "B0000010", "--format", "json", on[0], on[1]]);
    assert_eq!(o["building"]["code"], "B0000010");
    assert!(o["counts"]["persons"].as_u64().unwrap() > 10);
    let cells = o["matrix"]["cells"].as_array().unwrap();
    let in_cells: u64 = cells.iter().map(|c| c["persons"].as_u64().unwrap()).sum();
    assert!(in_cells >= o["counts"]["persons"].as_u64().unwrap());
    assert_eq!(cells.len() as u64, o["counts"]["rooms"].as_u64().unwrap());
    let floors = o["matrix"]["floors"].as_array().unwrap();
    assert!(floors[0]["ord"].as_i64() > floors[1]["ord"].as_i64(), "top first");

    let (lon, lat) = (o["building"]["lon"].to_string(), o["building"]["lat"].to_string());
    let at = json(&["at", &w, &lon, &lat, "--format", "json", on[0], on[1]]);
    assert_eq!(at, o, "`at` gives the same as `overview`");
    refused(&["at", &w, "0", "0"], 1, "no building stands at 0, 0");
    refused(&["overview", &w, "nope"], 1, "no building has the code nope");

    let f = json(&[
        "focus",
        &w,
        "--tag",
        "独居老人",
        "--age",
        "60..79",
        "--format",
        "json",
        on[0],
        on[1],
    ]);
    let buildings = f["buildings"].as_array().unwrap();
    let sum: u64 = buildings.iter().map(|b| b["persons"].as_u64().unwrap()).sum();
    assert_eq!(sum, f["persons"].as_u64().unwrap());
    let codes: Vec<&str> = buildings.iter().map(|b| b["code"].as_str().unwrap()).collect();
    assert!(codes.windows(2).all(|w| w[0] < w[1]), "sorted by code");
    let by_code = json(&[
        "focus",
        &w,
        "--tag",
        "living_alone",
        "--age",
        "60..79",
        "--format",
        "json",
        on[0],
        on[1],
    ]);
    assert_eq!(by_code, f);
    let geo = json(&["focus", &w, "--tag", "living_alone", "--format", "geojson"]);
    assert_eq!(geo["type"], "FeatureCollection");
    let vacant = json(&["focus", &w, "--room-status", "vacant", "--format", "json"]);
    let table = json(&["table", &w, "rooms", "--room-status", "vacant", "--format", "json"]);
    assert_eq!(vacant["rooms"], table["total"], "a filter of rooms counts rooms");
    assert!(vacant["rooms"].as_u64().unwrap() > 0 && vacant["persons"].is_null());
    assert!(vacant["buildings"][0]["rooms"].as_u64().unwrap() > 0);
    refused(&["focus", &w, "--tag", "nope"], 1, "no tag nope");

    let cell = cells.iter().find(|c| c["persons"].as_u64() > Some(1)).unwrap();
    let (unit, room) = (cell["unit"].as_str().unwrap(), cell["room_no"].as_str().unwrap());
    let h = json(&["household", &w, "B0000010", unit, room, "--format", "json"]);
    let members = h["members"].as_array().unwrap();
    assert_eq!(members.len() as u64, cell["persons"].as_u64().unwrap());
    assert_eq!(members[0]["relation"], "head");
    assert!(members[0]["name"].as_str().unwrap().contains('*'), "masked");
    assert!(!h.to_string().contains("\"140") || h.to_string().contains("140****"));

    refused(&["household", &w, "B0000010", unit, room, "--reveal"], 2, "--purpose");
    let open = json(&[
        "household",
        &w,
        "B0000010",
        unit,
        room,
        "--format",
        "json",
        "--reveal",
        "--purpose",
        "test",
    ]);
    let name = open["members"][0]["name"].as_str().unwrap();
    assert!(!name.contains('*'));
    let s = json(&["search", &w, name, "--format", "json"]);
    assert_eq!(s["persons"][0]["name"].as_str().unwrap(), members[0]["name"].as_str().unwrap());
    assert!(ok(&["check", &w]).contains("audit_chain: sound"));
}

#[test]
fn importing_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let w = sample_workspace(folder.path());
    for (kind, file) in [
        ("buildings", "buildings.geojson"),
        ("grids", "grids.geojson"),
        ("rooms", "rooms.csv"),
        ("persons", "persons.csv"),
        ("enterprises", "enterprises.csv"),
        ("events", "events.csv"),
        ("devices", "devices.csv"),
    ] {
        let r = json(&["import", kind, &sample(file), "--into", &w, "--format", "json"]);
        let c = &r["counts"];
        assert_eq!(c["unchanged"], c["read"], "{kind}: {c}");
    }
}

#[test]
fn synth_is_deterministic_and_exports_what_it_stores() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let city = ["synth", "city", "--buildings", "60", "--seed", "9", "--on", "2026-11-23"];
    ok(&[&city[..], &["--export", &path("a")]].concat());
    ok(&[&city[..], &["--export", &path("b")]].concat());
    for file in ["buildings.geojson", "grids.geojson", "events.csv", "devices.csv"] {
        let read = |d: &str| std::fs::read(folder.path().join(d).join(file)).unwrap();
        assert!(read("a") == read("b"), "{file}");
    }
    let (stored, imported) = (path("s.gpkg"), path("i.gpkg"));
    ok(&[&city[..], &["--to", &stored]].concat());
    for (kind, file) in [("buildings", "buildings.geojson"), ("grids", "grids.geojson")] {
        ok(&["import", kind, &format!("{}/{file}", path("a")), "--into", &imported]);
    }
    for w in [&stored, &imported] {
        ok(&["synth", "people", "--into", w, "--seed", "9", "--on", "2026-11-23"]);
    }
    let o = |w: &str| json(&["overview", w, "B0000012", "--format", "json", "--on", "2026-11-23"]);
    let (a, b) = (o(&stored), o(&imported));
    assert_eq!(a["counts"]["persons"], b["counts"]["persons"]);
    assert_eq!(a["matrix"], b["matrix"]);
    assert_eq!(a["building"]["grid"], b["building"]["grid"]);
}

#[test]
fn help_speaks_both_languages_and_usage_errors_exit_2() {
    assert!(ok(&["--help"]).contains("Examples:"));
    assert!(ok(&["--lang", "zh", "import", "--help"]).contains("导入"));
    assert_eq!(menpai(&["--frobnicate"]).status.code(), Some(2));
    assert_eq!(menpai(&["import", "castles", "x", "--into", "y"]).status.code(), Some(2));
    refused(&["overview", "/nonexistent/w.gpkg", "x"], 1, "does not exist");
}

#[cfg(feature = "gui")]
#[test]
fn without_a_display_it_says_so_and_names_the_command_line() {
    if cfg!(target_os = "linux") {
        refused(&[], 1, "no display was found");
        let out = menpai(&["--lang", "zh"]);
        assert!(String::from_utf8_lossy(&out.stderr).contains("没有找到显示器"));
    }
}

#[test]
fn encrypted_workspaces_ask_for_the_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let w = folder.path().join("e.gpkg").to_str().unwrap().to_owned();
    let secret = super::write(folder.path(), "secret", "Xindu-2026-grid\n");
    let wrong = super::write(folder.path(), "wrong", "Xindu-2026-grix\n");
    let (secret, wrong) = (secret.to_str().unwrap(), wrong.to_str().unwrap());
    ok(&["new", &w, "--passphrase-file", secret]);
    refused(&["check", &w], 1, "a passphrase is needed");
    refused(&["check", &w, "--passphrase-file", wrong], 1, "the passphrase is wrong");
    assert!(ok(&["check", &w, "--passphrase-file", secret]).contains("integrity: sound"));
    let head = std::fs::read(&w).unwrap();
    assert!(!head.starts_with(b"SQLite format 3"));
}

#[test]
fn the_passphrase_is_changed_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let w = folder.path().join("w.gpkg").to_string_lossy().into_owned();
    let file = |name: &str, text: &str| {
        super::write(folder.path(), name, text).to_string_lossy().into_owned()
    };
    let (old, new) = (file("old", "Blue-Gate-2026\n"), file("new", "Green-Door-2027\n"));
    ok(&["new", &w, "--passphrase-file", &old]);
    ok(&["passphrase", &w, "--passphrase-file", &old, "--new-file", &new]);
    let refused = menpai(&["check", &w, "--passphrase-file", &old]);
    assert_eq!(refused.status.code(), Some(1));
    ok(&["passphrase", &w, "--passphrase-file", &new, "--plain"]);
    ok(&["check", &w]);
}

#[test]
fn help_and_usage_errors_speak_chinese() {
    let help = ok(&["--lang", "zh", "import", "--help"]);
    for word in ["用法:", "参数:", "选项:", "示例：", "显示帮助"] {
        assert!(help.contains(word), "{word} in {help}");
    }
    let wrong = menpai(&["--lang", "zh", "--on", "gestern", "search", "w.gpkg", "x"]);
    assert_eq!(wrong.status.code(), Some(2));
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(told.contains("日期，例如 2026-11-23"), "{told}");
    let missing = menpai(&["--lang", "zh", "overview"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("缺少"));
    let unknown = menpai(&["--lang", "zh", "frob", "check", "x.gpkg"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("未知的命令"));
}

#[test]
fn a_page_is_a_pdf_of_its_paper() {
    if !super::ui::has_gpu() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let w = sample_workspace(folder.path());
    let to = folder.path().join("页.pdf");
    let path = to.to_str().unwrap();
    ok(&[
        "render",
        &w,
        "--to",
        path,
        "--page",
        "a3-portrait",
        "--title",
        "新都街道",
        "--gpu",
        "cpu",
    ]);
    let bytes = std::fs::read(&to).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-1.") && text.trim_end().ends_with("%%EOF"));
    // ISO 216 A3 in units of 1/72 inch, the long side up.
    let media = text.split("/MediaBox").nth(1).unwrap();
    let numbers: Vec<f64> = media
        .trim_start_matches([' ', '['])
        .split(']')
        .next()
        .unwrap()
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    assert!((numbers[2] - 841.89).abs() < 0.1 && (numbers[3] - 1190.55).abs() < 0.1);
    // The picture is there whole: as many bytes as its pixels; the map within the margins.
    let start = text.find("/Width ").unwrap();
    let number = |after: &str| -> usize {
        let at = text[start..].find(after).unwrap() + start + after.len();
        text[at..].chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    assert_eq!((number("/Width "), number("/Height ")), (2181, 2976));
    // The title is text.
    let signs = super::paper::signs(&bytes);
    assert!("新都街道".chars().all(|sign| signs.contains(&sign)), "{signs:?}");
    assert_eq!(
        std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|e| { e.as_ref().unwrap().file_name().to_string_lossy().contains("partial") })
            .count(),
        0
    );
}

#[test]
fn rooms_are_made_for_an_estate_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let w = folder.path().join("r.gpkg").to_str().unwrap().to_owned();
    ok(&["new", &w, "--plain"]);
    ok(&["import", "buildings", &sample("buildings.geojson"), "--into", &w]);
    let estate = json(&["overview", &w, "B0000010", "--format", "json"])["building"]["estate"]
        .as_str()
        .unwrap()
        .to_owned();
    let plan = ["--units", "2", "--doors", "01-02", "--format", "json"];
    let make = |more: &[&str]| json(&[&["make-rooms", &w][..], more, &plan].concat());
    let seen = make(&["--estate", &estate, "--dry-run"]);
    assert!(seen["added"].as_u64().unwrap() > 40, "{seen}");
    let one = make(&["--building", "B0000010"]);
    let floors =
        json(&["overview", &w, "B0000010", "--format", "json"])["building"]["floors_above"]
            .as_u64()
            .unwrap();
    assert_eq!(one["added"].as_u64(), Some(4 * floors), "nothing was written by the dry run");
    let rest = make(&["--estate", &estate]);
    assert_eq!(rest["added"].as_u64().unwrap() + 4 * floors, seen["added"].as_u64().unwrap());
    refused(&["make-rooms", &w, "--estate", "无此小区", "--doors", "2"], 1, "no building belongs");
    refused(
        &["make-rooms", &w, "--building", "X", "--doors", "2"],
        1,
        "no building has the code X",
    );
    refused(&["make-rooms", &w, "--building", "X", "--doors", "9-2"], 1, "is not understood");
}

#[test]
fn reasons_carry_a_code_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    let w = sample_workspace(folder.path());
    let list = folder.path().join("l.csv");
    std::fs::write(&list, "姓名,楼栋编码,房号\n张桂英,NIX,101\n,NIX,101\n").unwrap();
    let list = list.to_str().unwrap();
    let issues = |lang: &str| {
        let report = json(&[
            "import",
            "persons",
            list,
            "--into",
            &w,
            "--dry-run",
            "--format",
            "json",
            "--lang",
            lang,
        ]);
        report["issues"].as_array().unwrap().clone()
    };
    let (zh, en) = (issues("zh"), issues("en"));
    assert_eq!(zh.len(), 2, "{zh:#?}");
    for (zh, en) in zh.iter().zip(&en) {
        assert!(zh["code"].is_string() && zh["code"] == en["code"], "{zh}");
        assert_eq!(zh["args"], en["args"]);
        assert_ne!(zh["reason"], en["reason"]);
        assert!(en["reason"].as_str().unwrap().is_ascii(), "{en}");
    }
    // The queue keeps the code, whatever the language it was imported in.
    ok(&["import", "persons", list, "--into", &w, "--lang", "zh"]);
    let held = json(&["review", &w, "--format", "json", "--lang", "en"]);
    for row in held.as_array().unwrap() {
        assert!(en.iter().any(|issue| issue["code"] == row["code"]), "{row}");
    }
}
