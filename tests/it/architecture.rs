//! The house rules that a reader of the sources can check.

use std::path::{Path, PathBuf};

/// Layers from the bottom; each may name itself and what stands before it in `may`.
const LAYERS: [(&str, &[&str]); 14] = [
    ("geo", &[]),
    ("domain", &["geo"]),
    ("access", &["domain"]),
    ("store", &["access", "domain", "geo"]),
    ("query", &["store", "access", "domain", "geo"]),
    ("import", &["query", "store", "access", "domain", "geo"]),
    ("export", &["query", "store", "access", "domain", "geo"]),
    ("synth", &["query", "store", "access", "domain", "geo"]),
    ("map", &["query", "store", "access", "domain", "geo"]),
    ("text", &["domain"]),
    (
        "app",
        &["text", "map", "synth", "export", "import", "query", "store", "access", "domain", "geo"],
    ),
    ("gpu", &["map", "geo"]),
    (
        "ui",
        &[
            "app", "gpu", "text", "map", "synth", "export", "import", "query", "store", "access",
            "domain", "geo",
        ],
    ),
    (
        "cli",
        &[
            "ui", "app", "gpu", "text", "map", "synth", "export", "import", "query", "store",
            "access", "domain", "geo",
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

#[test]
fn libraries_stay_in_their_homes() {
    let homes: [(&str, &[&str]); 16] = [
        ("rusqlite::", &["store", "query"]),
        ("egui::", &["ui"]),
        ("wgpu::", &["gpu", "ui/still.rs", "ui/page.rs", "ui/map_view.rs"]),
        ("pdf_writer::", &["export"]),
        ("calamine::", &["import/workbook.rs"]),
        (
            "zip::",
            &[
                "import/workbook.rs",
                "import/xlsx_facts.rs",
                "import/merged.rs",
                "import/formats/archive.rs",
            ],
        ),
        ("quick_xml::", &["import/xlsx_facts.rs", "import/merged.rs", "import/formats/kml.rs"]),
        ("html5gum::", &["import/html.rs"]),
        ("flatgeobuf::", &["import/formats/flatgeobuf.rs", "import/formats/mod.rs"]),
        ("proj4rs::", &["geo/crs.rs"]),
        ("rust_xlsxwriter::", &["export/sheets.rs"]),
        ("encoding_rs::", &["import"]),
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
