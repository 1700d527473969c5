//! The house rules that a reader of the sources can check.

use std::path::{Path, PathBuf};

/// Layers from the bottom; each may name itself and what stands before it in `may`.
const LAYERS: [(&str, &[&str]); 16] = [
    ("geo", &[]),
    ("domain", &["geo"]),
    ("text", &["domain", "geo"]),
    ("access", &["text", "domain"]),
    ("store", &["access", "text", "domain", "geo"]),
    ("derived", &["store", "access", "text", "domain", "geo"]),
    ("query", &["derived", "store", "access", "text", "domain", "geo"]),
    ("import", &["query", "derived", "store", "access", "text", "domain", "geo"]),
    ("edit", &["import", "query", "derived", "store", "access", "text", "domain", "geo"]),
    ("export", &["query", "derived", "store", "access", "text", "domain", "geo"]),
    ("synth", &["query", "derived", "store", "access", "text", "domain", "geo"]),
    ("map", &["query", "derived", "store", "access", "text", "domain", "geo"]),
    (
        "app",
        &[
            "text", "map", "synth", "export", "edit", "import", "query", "derived", "store",
            "access", "domain", "geo",
        ],
    ),
    ("gpu", &["map", "text", "geo"]),
    (
        "ui",
        &[
            "app", "gpu", "text", "map", "synth", "export", "edit", "import", "query", "derived",
            "store", "access", "domain", "geo",
        ],
    ),
    (
        "cli",
        &[
            "ui", "app", "gpu", "text", "map", "synth", "export", "edit", "import", "query",
            "derived", "store", "access", "domain", "geo",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// `(path below src, text without its test module)`.
pub fn all() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
            (path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

fn layer(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn no_arrow_runs_upwards() {
    let mut wrong = Vec::new();
    for (path, text) in all() {
        let Some((_, may)) = LAYERS.iter().find(|(name, _)| *name == layer(&path)) else {
            continue;
        };
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for piece in line.split("crate::").skip(1) {
                let named = piece.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                let is_layer = LAYERS.iter().any(|(name, _)| *name == named);
                if is_layer && named != layer(&path) && !may.contains(&named) {
                    wrong.push(format!("{path} names {named}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Rooms of a layer from the ground up; files of a room may name those before it. What stands in
/// the layer's folder itself is named here too.
const ROOMS: [(&str, &[&[&str]]); 2] = [
    (
        "ui",
        &[&["ctx"], &["kit"], &["commands"], &["map"], &["panels", "cards", "dialogs"], &["app"]],
    ),
    (
        "import",
        &[
            &["error", "kind", "request", "sheet_row", "digest", "guard"],
            &["fields", "values"],
            &["outcome"],
            &["formats"],
            &["table"],
            &["kinds"],
            &["run"],
        ],
    ),
];

/// A module's path: its names below the crate.
type Module = Vec<String>;

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// `a::{b, c::{d}}` as its single paths.
fn single_paths(tree: &str, before: &[String], found: &mut Vec<Module>) {
    let tree = tree.trim();
    let (head, body) = match tree.find('{') {
        Some(at) => (&tree[..at], Some(&tree[at + 1..tree.rfind('}').unwrap_or(tree.len())])),
        None => (tree.split(" as ").next().unwrap_or_default(), None),
    };
    let mut path = before.to_vec();
    path.extend(head.split("::").map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned));
    let Some(body) = body else { return found.push(path) };
    let (mut depth, mut from) = (0, 0);
    for (at, c) in body.char_indices().chain([(body.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !body[from..at].trim().is_empty() {
                    single_paths(&body[from..at], &path, found);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// A path from the crate's root; `None` for another crate's.
fn from_root(module: &Module, path: &Module, modules: &[Module]) -> Option<Module> {
    let first = path.first()?;
    let (mut base, mut rest) = (module.clone(), &path[..]);
    match first.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        own => {
            base.push(own.to_owned());
            let is_own = modules.contains(&base);
            base.pop();
            if !is_own {
                return None;
            }
        }
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

fn use_trees(text: &str) -> Vec<(bool, String)> {
    let mut trees = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("use ") {
        let line_start = rest[..at].rfind('\n').map_or(0, |n| n + 1);
        let before = rest[line_start..at].trim();
        rest = &rest[at + 4..];
        if before.is_empty() || before.starts_with("pub") {
            let end = rest.find(';').unwrap_or(rest.len());
            trees.push((!before.is_empty(), rest[..end].to_owned()));
        }
    }
    trees
}

/// Which file names which: by `use`, and by paths in the text; what a file passes on with
/// `pub use` counts for whoever takes it from there.
fn arrows() -> Vec<(Module, Module)> {
    let files: Vec<(Module, String)> = all()
        .into_iter()
        .filter(|(path, _)| !matches!(path.as_str(), "lib.rs" | "main.rs"))
        .map(|(path, text)| {
            let code = text.lines().map(|l| l.split("//").next().unwrap_or_default());
            (module_of(&path), code.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    let modules: Vec<Module> = files.iter().map(|(module, _)| module.clone()).collect();
    let mut passed_on: Vec<(Module, String, Module)> = Vec::new();
    for (module, text) in &files {
        for (_, tree) in use_trees(text).into_iter().filter(|(is_public, _)| *is_public) {
            let mut paths = Vec::new();
            single_paths(&tree, &[], &mut paths);
            for path in paths {
                if let Some(target) = from_root(module, &path, &modules) {
                    passed_on.push((module.clone(), path.last().unwrap().clone(), target));
                }
            }
        }
    }
    let home = |mut path: Module| loop {
        let known = (1..=path.len()).rev().find(|n| modules.contains(&path[..*n].to_vec()))?;
        let (module, rest) = (path[..known].to_vec(), path[known..].to_vec());
        let passed = rest.first().and_then(|name| {
            passed_on.iter().find(|(from, passed, _)| *from == module && passed == name)
        });
        match passed {
            Some((_, _, target)) => path = [&target[..], &rest[1..]].concat(),
            None => return Some(module),
        }
    };
    let mut arrows = Vec::new();
    for (module, text) in &files {
        let mut paths = Vec::new();
        for (_, tree) in use_trees(text).into_iter().filter(|(is_public, _)| !is_public) {
            single_paths(&tree, &[], &mut paths);
        }
        let trees = use_trees(text).into_iter().map(|(_, tree)| tree);
        let text = trees.fold(text.clone(), |text, tree| text.replacen(&tree, "", 1));
        for start in ["crate::", "super::"] {
            for (at, _) in text.match_indices(start) {
                let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
                let path = text[at..].split(end).next().unwrap_or_default();
                single_paths(path, &[], &mut paths);
            }
        }
        for path in paths {
            let target = from_root(module, &path, &modules).and_then(home);
            if let Some(target) = target.filter(|target| target != module) {
                arrows.push((module.clone(), target));
            }
        }
    }
    arrows.sort();
    arrows.dedup();
    arrows
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let mut left = arrows();
    loop {
        // A file that names none of those that are left, or that none of them names, is in no circle.
        let (froms, tos): (Vec<Module>, Vec<Module>) = left.iter().cloned().unzip();
        let before = left.len();
        left.retain(|(from, to)| tos.contains(from) && froms.contains(to));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn no_room_names_one_above_it() {
    let mut wrong = Vec::new();
    for (from, to) in arrows() {
        let Some((layer, rooms)) = ROOMS.iter().find(|(layer, _)| from[0] == *layer) else {
            continue;
        };
        if to[0] != *layer || from.len() < 2 {
            continue;
        }
        let floor = |module: &Module| {
            rooms.iter().position(|names| module.len() > 1 && names.contains(&module[1].as_str()))
        };
        match (floor(&from), floor(&to)) {
            (Some(a), Some(b)) if b < a || from[1] == to[1] => {}
            (Some(a), Some(b)) if a == b && from.len() == 2 && to.len() == 2 => {}
            _ => wrong.push(format!("{} names {}", from.join("::"), to.join("::"))),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn libraries_stay_in_their_homes() {
    let homes: [(&str, &[&str]); 16] = [
        ("rusqlite::", &["store", "derived", "query"]),
        ("egui::", &["ui"]),
        (
            "wgpu::",
            &["gpu", "ui/map/still.rs", "ui/map/page.rs", "ui/map/paint_over.rs", "ui/map/view.rs"],
        ),
        ("krilla::", &["export"]),
        ("calamine::", &["import/formats/workbook.rs"]),
        (
            "zip::",
            &[
                "import/formats/workbook.rs",
                "import/formats/xlsx_facts.rs",
                "import/formats/merged.rs",
                "import/formats/archive.rs",
                "export/form.rs",
                "export/ods.rs",
                "export/packed_xml.rs",
                "export/row_sheets.rs",
            ],
        ),
        (
            "quick_xml::",
            &[
                "import/formats/xlsx_facts.rs",
                "import/formats/merged.rs",
                "import/formats/kml.rs",
                "export/form.rs",
            ],
        ),
        ("html5gum::", &["import/formats/html.rs"]),
        (
            "flatgeobuf::",
            &["import/formats/flatgeobuf.rs", "import/formats/load.rs", "export/shaped.rs"],
        ),
        ("proj4rs::", &["geo/crs.rs"]),
        ("rust_xlsxwriter::", &["export/sheets.rs"]),
        ("encoding_rs::", &["import", "export/csv.rs"]),
        ("image::ImageReader", &["store/tiles.rs"]),
        ("clap::", &["cli"]),
        ("std::fs", &["store", "import", "export", "app", "cli", "synth/export.rs"]),
        ("Timestamp::now", &["cli", "app"]),
    ];
    let mut wrong = Vec::new();
    for (path, text) in all() {
        for (word, allowed) in homes {
            let is_home = allowed.iter().any(|home| layer(&path) == *home || path == *home);
            let used = text.lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with("//") && line.replace("egui_wgpu::", "").contains(word)
            });
            if used && !is_home {
                wrong.push(format!("{path} uses {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether a declaration takes or holds the id of a row as a bare number.
fn is_bare_id(line: &str) -> bool {
    let names = ["building", "room", "person", "household", "estate", "grid", "tag", "event"];
    let Some((before, after)) = line.split_once(": ") else { return false };
    let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let subject = name.trim_end_matches("_ids").trim_end_matches("_id");
    let is_id = subject != name && names.iter().any(|n| subject.ends_with(n));
    let declared = after.split([',', '(', ')', ';', '=', '{']).next().unwrap_or_default();

    is_id && declared.split(|c: char| !c.is_alphanumeric()).any(|word| word == "i64")
}

#[test]
fn rows_are_known_by_typed_ids() {
    assert!(is_bare_id("    pub building_id: Option<i64>,"));
    assert!(!is_bare_id("    pub building_id: Option<BuildingId>, pub status: i64"));
    let mut wrong = Vec::new();
    for (path, text) in all().into_iter().filter(|(path, _)| layer(path) != "geo") {
        // A line that holds several parameters is read piece by piece.
        for piece in text.lines().flat_map(|line| line.split(", ")).filter(|p| is_bare_id(p)) {
            wrong.push(format!("{path}: {}", piece.trim()));
        }
    }
    assert!(wrong.is_empty(), "use the types of domain::ids:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    for (path, text) in all() {
        assert!(text.starts_with("//!"), "{path} has no //! header");
        assert!(text.lines().count() <= 620, "{path} has {} lines", text.lines().count());
    }
}

#[test]
fn sample_data_is_small_and_synthetic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let bytes: u64 =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes <= 3_000_000, "{bytes} bytes");
    let persons = std::fs::read_to_string(folder.join("persons.csv")).unwrap();
    for line in persons.lines().skip(1) {
        let mut cells = line.split(',');
        let (kind, number) = (cells.next().unwrap(), cells.next().unwrap());
        assert!(kind != "id_card" || number.starts_with("00"), "{number}");
    }
}
