//! Map files as they are met: Shapefiles out of order, layers, GeoJSON that is not quite JSON, files of
//! other kinds, properties in every vocabulary. Written here, byte by byte.

use std::path::{Path, PathBuf};

use menpai::import::{ImportReport, Kind, Request};
use menpai::store::Workspace;

use super::{request, run_import, stamp, write};

/// A Shapefile in the making.
#[derive(Default)]
pub struct Shapefile {
    /// Rings of each record; none is a null shape.
    pub shapes: Vec<Vec<Vec<(f64, f64)>>>,
    /// Names, widths; all are texts.
    pub columns: Vec<(Vec<u8>, u8)>,
    /// Deleted or not, cells.
    pub rows: Vec<(bool, Vec<Vec<u8>>)>,
    /// Records that stand in the main file and not in the index, by place.
    pub stale: Vec<usize>,
}

pub fn square(x: f64, y: f64, d: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x, y + d), (x + d, y + d), (x + d, y), (x, y)]
}

impl Shapefile {
    pub fn with_codes(codes: &[&str]) -> Self {
        let mut file = Self { columns: vec![(b"code".to_vec(), 10)], ..Self::default() };
        for (n, code) in codes.iter().enumerate() {
            file.shapes.push(vec![square(120.1 + n as f64 * 0.001, 33.35, 0.0003)]);
            file.rows.push((false, vec![code.as_bytes().to_vec()]));
        }
        file
    }

    fn content(rings: &[Vec<(f64, f64)>]) -> Vec<u8> {
        let le = |n: i32| n.to_le_bytes();
        if rings.is_empty() {
            return le(0).to_vec();
        }
        let mut bytes = le(5).to_vec();
        bytes.extend([0u8; 32]);
        bytes.extend(le(rings.len() as i32));
        bytes.extend(le(rings.iter().map(Vec::len).sum::<usize>() as i32));
        let mut start = 0;
        for ring in rings {
            bytes.extend(le(start));
            start += ring.len() as i32;
        }
        for (x, y) in rings.iter().flatten() {
            bytes.extend(x.to_le_bytes());
            bytes.extend(y.to_le_bytes());
        }
        bytes
    }

    /// The main file, the index, the table.
    pub fn parts(&self) -> [Vec<u8>; 3] {
        let mut header = vec![0u8; 100];
        header[..4].copy_from_slice(&9994i32.to_be_bytes());
        header[28..32].copy_from_slice(&1000i32.to_le_bytes());
        header[32..36].copy_from_slice(&5i32.to_le_bytes());
        let (mut shp, mut shx) = (header.clone(), header);
        for (number, rings) in self.shapes.iter().enumerate() {
            let content = Self::content(rings);
            let words = (content.len() / 2) as i32;
            if !self.stale.contains(&number) {
                shx.extend(((shp.len() / 2) as i32).to_be_bytes());
                shx.extend(words.to_be_bytes());
            }
            shp.extend((number as i32 + 1).to_be_bytes());
            shp.extend(words.to_be_bytes());
            shp.extend(content);
        }
        let width: usize = 1 + self.columns.iter().map(|(_, w)| usize::from(*w)).sum::<usize>();
        let mut dbf = vec![0u8; 32];
        (dbf[0], dbf[1], dbf[2], dbf[3]) = (3, 126, 11, 26);
        dbf[4..8].copy_from_slice(&(self.rows.len() as u32).to_le_bytes());
        dbf[8..10].copy_from_slice(&((33 + 32 * self.columns.len()) as u16).to_le_bytes());
        dbf[10..12].copy_from_slice(&(width as u16).to_le_bytes());
        for (name, width) in &self.columns {
            let mut field = [0u8; 32];
            let length = name.len().min(10);
            field[..length].copy_from_slice(&name[..length]);
            (field[11], field[16]) = (b'C', *width);
            dbf.extend(field);
        }
        dbf.push(0x0D);
        for (is_deleted, cells) in &self.rows {
            dbf.push(if *is_deleted { b'*' } else { b' ' });
            for ((_, width), cell) in self.columns.iter().zip(cells) {
                let mut cell = cell.clone();
                cell.resize(usize::from(*width), b' ');
                dbf.extend(cell);
            }
        }
        [shp, shx, dbf]
    }

    pub fn write(&self, folder: &Path, stem: &str) -> PathBuf {
        for (ending, bytes) in ["shp", "shx", "dbf"].iter().zip(self.parts()) {
            std::fs::write(folder.join(format!("{stem}.{ending}")), bytes).unwrap();
        }
        folder.join(format!("{stem}.shp"))
    }
}

/// A new workspace, and a folder for files that go into it.
pub struct Desk {
    pub folder: tempfile::TempDir,
    pub workspace: Workspace,
}

impl Desk {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
        Self { folder, workspace }
    }

    fn request(&self, path: &Path) -> Request {
        request(Kind::Buildings, path)
    }

    fn try_import(&self, path: &Path) -> Result<ImportReport, String> {
        run_import(&self.workspace, &self.request(path)).map_err(|e| e.to_string())
    }

    fn import(&self, path: &Path) -> ImportReport {
        self.try_import(path).unwrap()
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Code, thousandths of a degree east of 120, and a column of the buildings.
    fn buildings(&self, column: &str) -> Vec<(String, i64, Option<String>)> {
        let reader = self.workspace.reader().unwrap();
        let sql = format!("SELECT code, lon, CAST({column} AS TEXT) FROM building ORDER BY code");
        let mut rows = reader.prepare(&sql).unwrap();
        let found = rows.query_map([], |r| {
            let lon: f64 = r.get(1)?;
            Ok((r.get(0)?, ((lon - 120.0) * 1000.0).floor() as i64, r.get(2)?))
        });
        found.unwrap().map(Result::unwrap).collect()
    }

    fn codes(&self) -> Vec<(String, i64)> {
        self.buildings("name").into_iter().map(|(code, at, _)| (code, at)).collect()
    }
}

fn at(codes: &[(&str, i64)]) -> Vec<(String, i64)> {
    codes.iter().map(|(code, at)| ((*code).to_owned(), *at)).collect()
}

#[test]
fn records_stand_where_the_index_says() {
    let desk = Desk::new();
    let mut file = Shapefile::with_codes(&["A", "B", "C"]);
    // A record that was edited stays in the main file, and the index no longer names it.
    file.shapes.insert(1, vec![square(121.0, 33.0, 0.0003)]);
    file.stale = vec![1];
    assert_eq!(desk.import(&file.write(desk.folder.path(), "a")).counts.added, 3);
    assert_eq!(desk.codes(), at(&[("A", 100), ("B", 101), ("C", 102)]));
}

#[test]
fn a_deleted_row_goes_with_its_shape() {
    let desk = Desk::new();
    let mut file = Shapefile::with_codes(&["A", "B", "C"]);
    file.rows[1].0 = true;
    let report = desk.import(&file.write(desk.folder.path(), "a"));
    assert!(
        report.issues.iter().any(|i| i.reason.to_string().contains("marked as deleted")),
        "{report:?}"
    );
    assert_eq!(desk.codes(), at(&[("A", 100), ("C", 102)]));
}

#[test]
fn rings_in_any_order_and_winding_and_null_shapes() {
    let desk = Desk::new();
    let mut file = Shapefile::with_codes(&["A", "B", "C"]);
    // The hole before its border, both the wrong way round.
    let mut border = square(120.1, 33.35, 0.0003);
    border.reverse();
    file.shapes[0] = vec![square(120.1001, 33.3501, 0.0001), border];
    file.shapes[1] = Vec::new();
    let report = desk.import(&file.write(desk.folder.path(), "a"));
    assert_eq!((report.counts.added, report.counts.rejected), (2, 1));
    let reader = desk.workspace.reader().unwrap();
    let outlines = menpai::store::features::footprints(&reader).unwrap();
    let inside = menpai::geo::lon_lat(120.10015, 33.35015);
    let beside = menpai::geo::lon_lat(120.10005, 33.35005);
    assert_eq!((outlines.at(inside).len(), outlines.at(beside).len()), (0, 1));
}

#[test]
fn parts_of_an_archive_belong_together_by_their_stem() {
    let desk = Desk::new();
    let zip = |name: &str, files: &[(&str, &[u8])]| {
        let path = desk.folder.path().join(name);
        let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (name, bytes) in files {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut archive, bytes).unwrap();
        }
        archive.finish().unwrap();
        path
    };
    let [shp, shx, dbf] = Shapefile::with_codes(&["A", "B", "C"]).parts();
    let [other_shp, other_shx, other_dbf] = Shapefile::with_codes(&["X"]).parts();
    let stray: [(&str, &[u8]); 4] =
        [("a.dbf", &other_dbf), ("楼栋.shp", &shp), ("楼栋.shx", &shx), ("楼栋.dbf", &dbf)];
    desk.import(&zip("stray.zip", &stray));
    assert_eq!(desk.codes(), at(&[("A", 100), ("B", 101), ("C", 102)]));
    let layers: [(&str, &[u8]); 6] = [
        ("地块.shp", &other_shp),
        ("地块.shx", &other_shx),
        ("地块.dbf", &other_dbf),
        ("楼栋.shp", &shp),
        ("楼栋.shx", &shx),
        ("楼栋.dbf", &dbf),
    ];
    let path = zip("layers.zip", &layers);
    let report = desk.import(&path);
    assert_eq!(report.sheet.as_deref(), Some("楼栋"));
    assert_eq!(report.other_sheets, ["地块"]);
    let mut named = desk.request(&path);
    named.sheet = Some("地块".to_owned());
    assert_eq!(run_import(&desk.workspace, &named).unwrap().counts.added, 1);
    named.sheet = Some("道路".to_owned());
    let refused = run_import(&desk.workspace, &named).unwrap_err().to_string();
    assert!(refused.contains("地块") && refused.contains("楼栋"), "{refused}");
    // What unpacks to a thousand times its size is no map.
    let bomb = zip("bomb.zip", &[("a.shp", &vec![0u8; 300 << 20])]);
    assert!(desk.try_import(&bomb).unwrap_err().contains("much more"));
}

#[test]
fn cut_tables_and_cut_shapes_are_told() {
    let desk = Desk::new();
    let file = Shapefile::with_codes(&["A", "B", "C"]);
    let path = file.write(desk.folder.path(), "a");
    let [shp, _, dbf] = file.parts();
    for end in (0..dbf.len()).filter(|end| *end > 0) {
        std::fs::write(path.with_extension("dbf"), &dbf[..end]).unwrap();
        let told = desk.try_import(&path).unwrap_err();
        assert!(told.contains(".dbf beside the .shp"), "{end}: {told}");
    }
    std::fs::write(path.with_extension("dbf"), &dbf).unwrap();
    for end in [99, 101, 140, shp.len() - 1] {
        std::fs::write(&path, &shp[..end]).unwrap();
        assert!(desk.try_import(&path).is_err(), "{end}");
    }
    assert!(desk.codes().is_empty());
}

#[test]
fn headings_cut_to_ten_bytes_are_completed_or_told() {
    let desk = Desk::new();
    let mut file = Shapefile::with_codes(&["A"]);
    for name in ["floors_above", "building_no", "楼栋长电话", "name"] {
        file.columns.push((name.as_bytes().to_vec(), 12));
    }
    let cells: [&[u8]; 4] = [b"6", b"3", b"14000000001", b"n"];
    file.rows[0].1.extend(cells.map(<[u8]>::to_vec));
    let report = desk.import(&file.write(desk.folder.path(), "a"));
    let used: Vec<&str> = report.mapping.iter().map(|(field, _)| field.as_str()).collect();
    for field in ["floors_above", "building_no", "leader_phone"] {
        assert!(used.contains(&field), "{field}: {report:?}");
    }
    assert!(!used.contains(&"leader_name"), "{used:?}");
    assert_eq!(desk.buildings("leader_phone")[0].2.as_deref(), Some("14000000001"));
}

const SQUARE: &str =
    r#"{"type":"Polygon","coordinates":[[[120.1,33.3],[120.2,33.3],[120.2,33.4],[120.1,33.3]]]}"#;

fn feature(properties: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{SQUARE}}}"#)
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

#[test]
fn json_that_is_not_quite_json() {
    let desk = Desk::new();
    let one = |code: &str| feature(&format!(r#""code":"{code}""#));
    let lines = format!("{}\n{}\n", one("L1"), one("L2"));
    assert_eq!(desk.import(&write(desk.folder.path(), "a.geojsonl", &lines)).counts.added, 2);
    let sequence = format!("\u{1E}{}\n\u{1E}{}\n", one("S1"), one("S2"));
    assert_eq!(desk.import(&write(desk.folder.path(), "b.geojson", &sequence)).counts.added, 2);
    let nan = collection(&[feature(r#""code":"N1","height":NaN"#)]);
    let report = desk.import(&write(desk.folder.path(), "c.geojson", &nan));
    assert!(report.issues.iter().any(|i| i.reason.to_string().contains("NaN")), "{report:?}");
    let nul = collection(&[feature(r#""code":"Z\u00001","name":"a\u200Bb""#)]);
    desk.import(&write(desk.folder.path(), "d.geojson", &nul));
    assert!(desk.codes().iter().any(|(code, _)| code == "Z1"));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, collection(&[one("G1")]).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(desk.import(&desk.bytes("e.geojson.gz", &packed)).counts.added, 1);
    let utf16: Vec<u8> = format!("\u{FEFF}{}", collection(&[one("U1")]))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(desk.import(&desk.bytes("f.geojson", &utf16)).counts.added, 1);
    let gbk = collection(&[feature(r#""code":"H1","name":"橡树湾""#)]);
    let gbk = encoding_rs::GB18030.encode(&gbk).0.into_owned();
    desk.import(&desk.bytes("g.geojson", &gbk));
    assert!(desk.buildings("name").iter().any(|b| b.2.as_deref() == Some("橡树湾")));
    let esri = r#"{"geometryType":"esriGeometryPolygon","spatialReference":{"wkid":4326},"features":[
        {"attributes":{"code":"E1","层数":6},"geometry":{"rings":[[[120.1,33.3],[120.1,33.4],[120.2,33.4],[120.1,33.3]]]}}]}"#;
    assert_eq!(desk.import(&write(desk.folder.path(), "h.json", esri)).counts.added, 1);
}

#[test]
fn other_files_are_named_and_never_repeated() {
    let desk = Desk::new();
    for (name, bytes, told) in [
        ("a.geojson", &b"%PDF-1.7"[..], "a PDF"),
        ("b.kml", b"<html><body>13800138000</body></html>", "a web page"),
        ("c.shp", b"\x89PNG\r\n\x1a\n\0\0\0\0", "a picture"),
        ("d.json", br#"{"type":"Topology","objects":{}}"#, "TopoJSON"),
        ("e.geojson", b"0\nSECTION\n2\nENTITIES\n", "AutoCAD"),
        ("f.geojson", b"Version 300\nCharset \"Neutral\"\n", "MapInfo"),
        ("g.geojson", b"<gml:FeatureCollection xmlns:gml=\"http://www.opengis.net/gml\"/>", "GML"),
        ("h.zip", b"PK\x03\x04 no archive", "cannot be read"),
        ("i.kml", b"<kml><Document><Placemark><name>13800138000", "ends too early"),
    ] {
        let refused = desk.try_import(&desk.bytes(name, bytes)).unwrap_err();
        assert!(refused.contains(told), "{name}: {refused}");
        assert!(!refused.contains("13800138000"), "{name}: {refused}");
    }
}

#[test]
fn systems_that_are_declared_are_read_or_named() {
    let desk = Desk::new();
    let mut file = Shapefile::with_codes(&["A"]);
    let path = file.write(desk.folder.path(), "deg");
    let wkt = |name: &str, datum: &str| format!("GEOGCS[\"{name}\",DATUM[\"{datum}\"]]");
    std::fs::write(path.with_extension("prj"), wkt("GCS_Xian_1980", "D_Xian_1980")).unwrap();
    let report = desk.import(&path);
    let datum = report.issues.iter().find(|i| i.reason.to_string().contains("Xian 1980")).unwrap();
    assert_eq!(datum.severity, menpai::import::Severity::Warning);
    std::fs::write(path.with_extension("prj"), wkt("GCS_OSGB_1936", "D_OSGB_1936")).unwrap();
    let refused = desk.try_import(&path).unwrap_err();
    assert!(refused.contains("GCS_OSGB_1936") && refused.contains("--crs"), "{refused}");
    // UTM, 500 km east of nowhere: the central meridian of zone 51 is 123.
    file.shapes = vec![vec![square(500_000.0, 3_700_000.0, 20.0)]];
    let path = file.write(desk.folder.path(), "utm");
    let utm = "PROJCS[\"WGS_1984_UTM_Zone_51N\",GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\"]],\
        PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"False_Easting\",500000.0],\
        PARAMETER[\"Central_Meridian\",123.0],PARAMETER[\"Scale_Factor\",0.9996]]";
    std::fs::write(path.with_extension("prj"), utm).unwrap();
    assert_eq!(desk.import(&path).crs.as_deref(), Some("epsg:32651"));
}

#[test]
fn a_footprint_import_says_what_it_used() {
    let desk = Desk::new();
    let overture = feature(
        r#""code":"O1","names":{"primary":"云栖苑0号楼","common":{"en":"Yunqi"}},"num_floors":11,
           "num_floors_underground":1,"confidence":0.91,"民族":"x""#,
    );
    let report = desk.import(&write(desk.folder.path(), "a.geojson", &collection(&[overture])));
    let uses =
        |field: &str, name: &str| report.mapping.contains(&(field.to_owned(), name.to_owned()));
    assert!(uses("name", "names.primary") && uses("floors_above", "num_floors"), "{report:?}");
    assert!(uses("floors_below", "num_floors_underground"));
    assert!(report.ignored_columns.contains(&"confidence".to_owned()), "{report:?}");
    assert_eq!(report.unused.iter().find(|p| p.name == "confidence").unwrap().example, "0.91");
    assert_eq!(report.refused_columns, ["民族"]);
    // A path can be given by hand as well.
    let mut named = desk.request(&desk.folder.path().join("a.geojson"));
    named.fields = vec![("name".to_owned(), "names.common.en".to_owned())];
    run_import(&desk.workspace, &named).unwrap();
    assert_eq!(desk.buildings("name")[0].2.as_deref(), Some("Yunqi"));
    for (properties, column, expect) in [
        (r#""code":"P1","bldg:storeysAboveGround":6"#, "floors_above", "6"),
        (r#""code":"P1","bldg:measuredHeight":"22 m""#, "height_m", "22.0"),
        (r#""code":"P1","FLOORS":"砼18""#, "floors_above", "18"),
        (r#""code":"P1","总层数":"六层","建造年代":"1987年""#, "year_built", "1987"),
        (r#""code":"P1","building:levels":"3;5""#, "floors_above", "5"),
    ] {
        let one = Desk::new();
        one.import(&write(one.folder.path(), "p.geojson", &collection(&[feature(properties)])));
        assert_eq!(one.buildings(column)[0].2.as_deref(), Some(expect), "{properties}");
    }
}

#[test]
fn properties_are_mapped_by_hand_as_columns_of_lists_are() {
    use menpai::import::kinds::preview::preview;
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
        "properties":{"code":"A","name":"东楼","etagen":9,"levels":2,"tel":"13800000000",
                      "names":{"primary":"甲"}},
        "geometry":{"type":"Polygon","coordinates":[[[116.3,39.9],[116.3003,39.9],[116.3003,39.9002],[116.3,39.9]]]}}]}"#;
    let path = write(folder.path(), "b.geojson", text);
    let mut wanted = request(Kind::Buildings, &path);
    let field_of = |wanted: &Request, name: &str| {
        let seen = preview(wanted, 8, None).unwrap();
        let column = seen.headings.iter().position(|h| h == name).unwrap();
        (seen.fields[column].clone(), seen.rows[0][column].clone())
    };
    let said = |field: &str, cell: &str| (Some(field.to_owned()), cell.to_owned());
    assert_eq!(field_of(&wanted, "levels"), said("floors_above", "2"));
    assert_eq!(field_of(&wanted, "etagen"), (None, "9".to_owned()));
    wanted.fields = vec![
        ("floors_above".into(), "etagen".into()),
        (menpai::import::fields::LEFT_OUT.into(), "name".into()),
    ];
    assert_eq!(field_of(&wanted, "etagen"), said("floors_above", "9"));
    assert_eq!(field_of(&wanted, "levels").0, None);
    assert_eq!(field_of(&wanted, "name").0, None);
    assert_eq!(field_of(&wanted, "names.primary"), said("name", "甲"));
    let workspace = Workspace::create(&folder.path().join("w.gpkg"), None, &stamp()).unwrap();
    run_import(&workspace, &wanted).unwrap();
    let stored: (i64, String) = workspace
        .reader()
        .unwrap()
        .query_row("SELECT floors_above, name FROM building", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert_eq!(stored, (9, "甲".to_owned()));
}
