//! Wrong, cut-off and hostile files: a message or a reported row, never a panic, nothing written.

use std::path::Path;

use menpai::import::{ImportError, Kind};
use menpai::store::Workspace;

use super::{request, run_import, stamp, write};

fn empty() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
    (folder, workspace)
}

fn outcome(text: &[u8]) -> String {
    let (folder, workspace) = empty();
    let path = folder.path().join("in.geojson");
    std::fs::write(&path, text).unwrap();
    match run_import(&workspace, &request(Kind::Buildings, &path)) {
        Err(ImportError::BrokenJson(why)) => format!("broken: {why}"),
        Err(ImportError::NotGeoJson(why)) => format!("foreign: {why}"),
        Err(other) => format!("other: {other}"),
        Ok(report) => {
            assert!(report.counts.adds_up());
            let reasons: Vec<String> = report.issues.iter().map(|i| i.reason.to_string()).collect();
            format!(
                "added {} rejected {} {}",
                report.counts.added,
                report.counts.rejected,
                reasons.join("|")
            )
        }
    }
}

fn check(text: &[u8], expect: &str) {
    let got = outcome(text);
    assert!(got.contains(expect), "{:?}\n→ {got}", String::from_utf8_lossy(text));
}

#[test]
fn zeros_are_called_zeros() {
    check(&[0; 9_000], "other: the file cannot be read: it begins with nothing but zeros");
}

#[test]
fn broken_json_is_called_broken() {
    for text in [
        &b""[..],
        b"[",
        b"{",
        b"{\"type\":",
        b"[1,]",
        b"{\"a\":1,}",
        b"nul",
        b"\"\\x\"",
        b"[1e]",
        b"{\"type\":\"FeatureCollection\",\"features\":[]} x",
        b"\xFF\xFE{}",
        b"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\"",
        b"[\"\x01\"]",
        b"[-]",
    ] {
        check(text, "broken: ");
    }
    check(&b"[".repeat(100_000), "broken: ");
    check(&[&b"{\"type\":"[..], &b"[".repeat(100_000)].concat(), "broken: ");
}

#[test]
fn other_json_is_called_not_geojson() {
    for text in
        [&b"[]"[..], b"1", b"null", b"\"x\"", b"{}", b"{\"a\":{\"b\":[1,2]}}", b" {\"type\":1} "]
    {
        check(text, "foreign: ");
    }
    check(br#"{"type":"Point","coordinates":[1,2]}"#, "foreign: its type is \"Point\"");
}

#[test]
fn bad_features_are_told_and_good_ones_taken() {
    let good = r#"{"type":"Feature","id":1,"geometry":{"type":"Polygon","coordinates":[[[1,1],[1.001,1],[1.001,1.001],[1,1]]]}}"#;
    for (bad, reason) in [
        ("{}", "no \"type\""),
        ("7", "not a feature"),
        (r#"{"type":"Feature","geometry":null}"#, "no geometry"),
        (r#"{"type":"Feature","geometry":{"type":"Polygon"}}"#, "no \"coordinates\""),
        (r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[]}}"#, "no coordinates"),
        (
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[]]}}"#,
            "no coordinates",
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[2,2]]]}}"#,
            "cannot be used",
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[1,1],[1,1],[1,1]]]}}"#,
            "cannot be used",
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1e400,1],[2,2],[3,1]]]}}"#,
            "cannot be read",
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[1,2,3]]}}"#,
            "cannot be read",
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[]}}"#,
            "not an area",
        ),
    ] {
        let text = format!(r#"{{"type":"FeatureCollection","features":[{bad},{good}]}}"#);
        check(text.as_bytes(), "added 1 rejected 1");
        check(text.as_bytes(), reason);
    }
}

#[test]
fn a_bow_tie_is_mended_and_told() {
    let text = br#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}}]}"#;
    check(text, "added 1 rejected 0 the outline crossed itself");
}

#[test]
fn tables_that_are_no_tables() {
    let (folder, workspace) = empty();
    let cases: [(&[u8], &str); 7] = [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "the workbook cannot be read"),
        (b"a,b\n\0\0", "no column for name"),
        (b"a\0\0\0\0\0\0\0\0\0\0\x01", "binary file"),
        (b"\xC2\xFF\xD0\xFF\xC3\xFF\n", "neither UTF-8 nor GB18030"),
        (b"x,y\n1,2\n", "no column for name"),
        (b"name,name,\"\nunclosed", "no column"),
    ];
    for (index, (bytes, expect)) in cases.into_iter().enumerate() {
        let path = folder.path().join(format!("{index}.csv"));
        std::fs::write(&path, bytes).unwrap();
        let told = match run_import(&workspace, &request(Kind::Persons, &path)) {
            Err(error) => error.to_string(),
            Ok(report) => format!("{:?} no column", report.counts),
        };
        assert!(told.contains(expect), "{bytes:?} → {told}");
    }
    let missing = run_import(&workspace, &request(Kind::Persons, &folder.path().join("gone.csv")));
    assert!(missing.unwrap_err().to_string().contains("could not be read"));
    assert!(run_import(&workspace, &request(Kind::Buildings, folder.path())).is_err(), "a folder");
}

#[test]
fn cut_off_anywhere_never_panics() {
    let whole = write(
        tempfile::tempdir().unwrap().keep().as_path(),
        "x.geojson",
        r#"{"type":"FeatureCollection","bbox":[1,1,2,2],"features":[{"type":"Feature","id":"甲","properties":{"name":"楼[1]"},"geometry":{"type":"MultiPolygon","coordinates":[[[[1,1],[1.1,1],[1.1,1.1],[1,1]]]]}}]}"#,
    );
    let bytes = std::fs::read(&whole).unwrap();
    let (folder, workspace) = empty();
    for cut in 0..bytes.len() {
        let path = folder.path().join("cut.geojson");
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let refused = run_import(&workspace, &request(Kind::Buildings, &path)).unwrap_err();
        assert!(matches!(refused, ImportError::BrokenJson(_)), "{cut}: {refused}");
    }
    let _ = std::fs::remove_dir_all(whole.parent().unwrap());
}

#[test]
fn workbooks_broken_on_purpose_are_refused_or_read_and_nothing_panics() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [["姓名", "地址"], ["张桂英", "橡树湾3幢2单元501"]].into_iter().enumerate()
    {
        for (column, cell) in cells.into_iter().enumerate() {
            sheet.write(row as u32, column as u16, cell).unwrap();
        }
    }
    let whole = book.save_to_buffer().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.xlsx");
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let mut sheet =
            menpai::import::formats::sheet::Sheet::open(Kind::Persons, &[], &path, None)?;
        let mut rows = 0;
        sheet.scan(&mut |_| {
            rows += 1;
            std::ops::ControlFlow::Continue(())
        })?;
        Ok::<u32, ImportError>(rows)
    };
    assert_eq!(read(&whole).unwrap(), 1);
    for end in (4..whole.len()).step_by(97) {
        assert!(read(&whole[..end]).is_err(), "cut off at {end}");
    }
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    for _ in 0..1_500 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = 4 + (state % (bytes.len() as u64 - 4)) as usize;
            bytes[at] = (state >> 32) as u8;
        }
        let _ = read(&bytes);
    }
    let mut locked = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let error = read(&locked).err().unwrap().to_string();
    assert!(error.contains("protected by a password"), "{error}");
}

/// A workbook of LibreOffice with one sheet, from the rows of its table.
fn ods(path: &Path, rows: &str) {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    zip.start_file("META-INF/manifest.xml", stored).unwrap();
    zip.write_all(b"<manifest/>").unwrap();
    zip.start_file("content.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let name = "urn:oasis:names:tc:opendocument:xmlns";
    write!(
        zip,
        r#"<office:document-content xmlns:office="{name}:office:1.0" xmlns:table="{name}:table:1.0"
            xmlns:text="{name}:text:1.0"><office:body><office:spreadsheet><table:table
            table:name="名单">{rows}</table:table></office:spreadsheet></office:body>
            </office:document-content>"#
    )
    .unwrap();
    zip.finish().unwrap();
}

fn ods_cell(text: &str, more: &str) -> String {
    format!(
        r#"<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>"#
    )
}

#[test]
fn workbooks_are_read_by_a_process_that_may_end() {
    let folder = tempfile::tempdir().unwrap();
    let (w, list) = (folder.path().join("w.gpkg"), folder.path().join("名单.ods"));
    let run = |more: &[&str]| {
        let (w, list) = (w.to_str().unwrap(), list.to_str().unwrap());
        super::cli::menpai(&[&["import", "persons", list, "--into", w][..], more].concat())
    };
    assert!(super::cli::menpai(&["new", w.to_str().unwrap(), "--plain"]).status.success());
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let head = row(&["户号", "姓名"].map(|text| ods_cell(text, "")));
    let household = [
        row(&[ods_cell("1", r#"table:number-rows-spanned="2""#), ods_cell("张桂英", "")]),
        row(&["<table:covered-table-cell/>".to_owned(), ods_cell("李强", "")]),
    ];
    ods(&list, &[head.clone(), household.concat()].concat());
    let out = run(&["--format", "json"]);
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{told}");
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["counts"]["added"], 2, "{report}");
    // 4 KB that would be 32 GB of cells.
    let long = ods_cell(&"a".repeat(32_000), r#"table:number-columns-repeated="1000""#);
    let many =
        format!(r#"<table:table-row table:number-rows-repeated="1000">{long}</table:table-row>"#);
    ods(&list, &[head, many].concat());
    let out = run(&[]);
    let told = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{told}");
    if cfg!(target_os = "linux") {
        assert!(told.contains("far more memory than one of its size"), "{told}");
    }
}
