//! Everything a user reads is in the catalogue: the sentences are taken from the sources.

use super::architecture::all;
use menpai::text::{Lang, translated};

/// Layers whose sentences reach a user.
const SPEAKING: [&str; 9] =
    ["access", "app", "cli", "export", "gpu", "import", "store", "synth", "ui"];

/// Literals that look like sentences and are not shown to anybody.
const UNREAD: [&str; 25] = [
    "missing from index",
    "entries in index",
    "non-unique entry in index",
    "rows×{} columns {} {} sha256 {}",
    "saved {} lost {}",
    "longitude of natural origin",
    "scale factor at natural origin",
    "a list of features",
    "deleted_at IS NULL",
    "person room building enterprise estate staff organisation device grid event tag residency note",
    "{} {} ms {} ms {} ms  {}",
    "an audit entry that is not written is a hole in the log",
    "menpai: {}. {}",
    "map blit origin",
    " at line ",
    "an object of properties",
    "a position of two or more numbers",
    "a row vanished: {}",
    "read {} added {} merged {} unchanged {} held {} rejected {} skipped {}",
    "rooms {} persons {}",
    "{}  Ctrl+F",
    "old.\"{}\" IS NOT new.\"{}\"",
    "batch {} removed {} restored {} left {}",
    "taken {} dropped {}",
    "wgs84, gcj02, bd09, web-mercator, gk:117, gk-zone:39, epsg:4547",
];

/// String literals of a source, with line continuations joined and `{…}` as `{}`.
fn literals(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.replace("'\"'", "' '").replace("b'\"'", "' '") + "\n")
        .collect();
    let mut found = Vec::new();
    let mut before = String::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '"' {
            before.push(c);
            continue;
        }
        let is_reason = before.ends_with("reason = ");
        let (mut text, mut depth) = (String::new(), 0);
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next() {
                    Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                '{' => {
                    depth += 1;
                    text.push_str("{}");
                }
                '}' => depth -= 1,
                _ if depth > 0 => {}
                other => text.push(other),
            }
        }
        // Why a lint is silenced is for programmers.
        if !is_reason {
            found.push(text);
        }
    }
    found
}

fn is_sentence(text: &str) -> bool {
    const SQL: [&str; 13] = [
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE ",
        "JOIN ",
        "CREATE ",
        "WHERE ",
        "FROM ",
        "PRAGMA ",
        "ATTACH ",
        "DROP ",
        "DETACH ",
        "ORDER BY ",
    ];
    let has_words = text.matches(' ').count() >= 2;
    let is_code = text.contains("=>") || text.contains("::") || text.contains("();")
        // Attributes of XML.
        || text.contains("=\"") || text.contains("\"><");
    // A numbered parameter is SQL's.
    let has_parameter =
        text.split('?').skip(1).any(|t| t.starts_with(|c: char| c.is_ascii_digit()));
    has_words
        && !is_code
        && !has_parameter
        && !text.starts_with("Examples:")
        && !text.starts_with("r.room_id")
        && !text.starts_with("menpai [OPTIONS]")
        && !text.contains('门')
        && !SQL.iter().any(|word| text.contains(word))
        && text.chars().any(|c| c.is_ascii_lowercase())
}

#[test]
fn every_sentence_of_the_sources_is_in_the_catalogue() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for (path, source) in all() {
        let layer = path.split(['/', '.']).next().unwrap();
        // SQL and mount tables look like sentences.
        if !SPEAKING.contains(&layer) || path == "store/share.rs" || path == "store/cipher.rs" {
            continue;
        }
        for text in literals(&source).into_iter().filter(|t| is_sentence(t)) {
            seen += 1;
            if !UNREAD.contains(&text.as_str()) && translated(&text, Lang::Zh) == text {
                missing.push(format!("{path}: {text:?}"));
            }
        }
    }
    assert!(seen > 100, "the scan found only {seen} sentences");
    assert!(missing.is_empty(), "not in data/messages.csv: {missing:#?}");
}

#[test]
fn literals_are_read_as_the_compiler_reads_them() {
    let source =
        "let a = \"one {b} two\";\n// \"no\nlet c = \"x \\\n      y \\\"z\\\"\";\nlet q = '\"';";
    assert_eq!(literals(source)[..2], ["one {} two", "x y \"z\""]);
}

#[test]
fn every_kind_of_file_is_named_in_both_languages() {
    use menpai::domain::file_kind::FileKind;
    for head in [
        &b""[..],
        b"\x1F\x8B\x08\0",
        b"%PDF-",
        b"<html><table>",
        b"<kml>",
        b"<gml:x>",
        b"<osm>",
        b"{}",
        b"!table",
        b"fgb\x03fgb",
        b"\0\0\x27\x0A",
        b"{\\rtf",
        b"SQLite format 3\0",
        b"MIME-Version: 1.0",
        b"plain, text",
        b"\x01\x02\x03\x04",
    ] {
        let advice = FileKind::of(head).advice();
        assert_ne!(translated(advice, Lang::Zh), advice);
    }
}
