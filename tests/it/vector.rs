//! Footprints in other formats and coordinate systems.

use menpai::geo::crs::Crs;
use menpai::import::{Kind, Request};

use super::shapes::{Desk, Shapefile, square};
use super::{request, run_import};

impl Desk {
    fn import_as(&self, request: &Request) -> menpai::import::ImportReport {
        run_import(&self.workspace, request).unwrap()
    }

    /// Where the buildings stand after an import: name, longitude, latitude.
    fn places(&self) -> Vec<(String, f64, f64)> {
        let reader = self.workspace.reader().unwrap();
        let mut rows = reader.prepare("SELECT name, lon, lat FROM building ORDER BY code").unwrap();
        rows.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }
}

/// A square of 20 m around a position, in the order given.
fn geojson(at: (f64, f64), crs: &str) -> String {
    let ((x, y), d) = (at, 10.0);
    format!(
        r#"{{"type":"FeatureCollection",{crs}"features":[{{"type":"Feature","properties":{{"code":"K1","name":"甲楼"}},"geometry":{{"type":"Polygon","coordinates":[[[{0},{1}],[{2},{1}],[{2},{3}],[{0},{3}],[{0},{1}]]]}}}}]}}"#,
        x - d,
        y - d,
        x + d,
        y + d
    )
}

fn near(found: &[(String, f64, f64)], lon: f64, lat: f64) {
    let [(name, x, y)] = found else { panic!("{found:?}") };
    assert_eq!(name, "甲楼");
    assert!((x - lon).abs() < 2e-5 && (y - lat).abs() < 2e-5, "{found:?}");
}

/// Northing of 45° on a central meridian of GRS80.
const ARC: f64 = 4_984_944.378;

#[test]
fn geojson_in_metres_is_read_by_its_numbers_its_crs_or_by_word() {
    let check = |text: String, crs: Option<&str>, told: &str| {
        let desk = Desk::new();
        let path = super::write(desk.folder.path(), "b.geojson", &text);
        let mut wanted = request(Kind::Buildings, &path);
        wanted.crs = crs.map(|name| Crs::by_name(name).unwrap());
        let report = desk.import_as(&wanted);
        assert_eq!(report.crs.as_deref(), Some(told), "{report:#?}");
        near(&desk.places(), 117.0, 45.0);
    };
    let declared = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}},"#;
    check(geojson((39_500_000.0, ARC), ""), None, "gk-zone:39");
    check(geojson((ARC, 39_500_000.0), ""), None, "gk-zone:39");
    check(geojson((500_000.0, ARC), ""), Some("gk:117"), "gk:117");
    check(geojson((ARC, 500_000.0), ""), Some("gk:117"), "gk:117");
    check(geojson((500_000.0, ARC), declared), None, "gk:117");
    check(geojson((13_024_380.42, 5_621_521.49), ""), None, "web-mercator");
}

#[test]
fn metres_without_a_zone_are_known_by_what_is_loaded_or_asked_about() {
    let desk = Desk::new();
    let path = super::write(desk.folder.path(), "b.geojson", &geojson((500_000.0, ARC), ""));
    let refused = run_import(&desk.workspace, &request(Kind::Buildings, &path)).unwrap_err();
    assert!(refused.to_string().contains("--crs"), "{refused}");
    let mut by_word = request(Kind::Buildings, &path);
    by_word.crs = Crs::by_name("gk:117");
    desk.import_as(&by_word);
    let report = desk.import_as(&request(Kind::Buildings, &path));
    assert_eq!((report.crs.as_deref(), report.counts.unchanged), (Some("gk:117"), 1));
}

#[test]
fn shifted_degrees_are_put_back() {
    let desk = Desk::new();
    // The published vector of GCJ-02 in Beijing.
    let text = geojson((116.404, 39.915), "").replace("10.", "0.");
    let (x, y, d) = (116.404, 39.915, 0.0001);
    let ring =
        format!("[[{0},{1}],[{2},{1}],[{2},{3}],[{0},{3}],[{0},{1}]]", x - d, y - d, x + d, y + d);
    let start = text.find("[[[").unwrap();
    let end = text.find("]]]").unwrap() + 3;
    let text = format!("{}[{ring}]{}", &text[..start], &text[end..]);
    let path = super::write(desk.folder.path(), "b.geojson", &text);
    let mut wanted = request(Kind::Buildings, &path);
    wanted.crs = Crs::by_name("gcj02");
    desk.import_as(&wanted);
    let (_, lon, lat) = desk.places()[0].clone();
    let there = menpai::geo::datum::gcj02_from_wgs84(menpai::geo::lon_lat(lon, lat));
    assert!((there.lon - x).abs() < 1e-6 && (there.lat - y).abs() < 1e-6);
    assert!((lon - x).abs() > 0.005, "it was shifted: {lon}");
}

#[test]
fn shapefiles_loose_and_zipped_with_gbk_names() {
    let desk = Desk::new();
    let base = desk.folder.path().join("楼栋");
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let (x, y) = (39_500_000.0 - 10.0, ARC - 10.0);
    let file = Shapefile {
        shapes: vec![vec![square(x, y, 20.0)]],
        columns: vec![(b"code".to_vec(), 20), (gbk("名称"), 40), (b"levels".to_vec(), 5)],
        rows: vec![(false, vec![b"K1".to_vec(), gbk("甲楼"), b"6".to_vec()])],
        stale: Vec::new(),
    };
    file.write(desk.folder.path(), "楼栋");
    // As ArcGIS writes the projection.
    let prj = r#"PROJCS["CGCS2000_3_Degree_GK_Zone_39",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",39500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    std::fs::write(base.with_extension("prj"), prj).unwrap();
    let report = desk.import_as(&request(Kind::Buildings, &base.with_extension("shp")));
    assert_eq!(
        (report.counts.added, report.crs.as_deref()),
        (1, Some("gk-zone:39")),
        "{report:#?}"
    );
    near(&desk.places(), 117.0, 45.0);
    let floors: i64 = desk
        .workspace
        .reader()
        .unwrap()
        .query_row("SELECT floors_above FROM building", [], |r| r.get(0))
        .unwrap();
    assert_eq!(floors, 6);
    // The same in an archive.
    let path = desk.folder.path().join("楼栋.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for ending in ["shp", "dbf", "prj"] {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("数据/楼栋.{ending}"), options).unwrap();
        let part = std::fs::read(base.with_extension(ending)).unwrap();
        std::io::Write::write_all(&mut archive, &part).unwrap();
    }
    archive.finish().unwrap();
    let report = desk.import_as(&request(Kind::Buildings, &path));
    assert_eq!(report.counts.unchanged, 1, "{report:#?}");
    // Broken ones are refused with a sentence.
    for end in [0, 50, 101, 180] {
        let whole = std::fs::read(base.with_extension("shp")).unwrap();
        let cut = desk.folder.path().join("cut.shp");
        std::fs::write(&cut, &whole[..end.min(whole.len())]).unwrap();
        assert!(run_import(&desk.workspace, &request(Kind::Buildings, &cut)).is_err(), "{end}");
    }
}

#[test]
fn a_workspace_of_another_is_a_geopackage_too() {
    let desk = Desk::new();
    let path = super::write(desk.folder.path(), "b.geojson", &geojson((39_500_000.0, ARC), ""));
    desk.import_as(&request(Kind::Buildings, &path));
    let other = Desk::new();
    let report = other.import_as(&request(Kind::Buildings, &desk.folder.path().join("w.gpkg")));
    assert_eq!(report.counts.added, 1, "{report:#?}");
    near(&other.places(), 117.0, 45.0);
}

#[test]
fn flatgeobuf_says_its_own_system() {
    // Made with GDAL: ogr2ogr -f FlatGeobuf -t_srs EPSG:4548, a house of 0.0002 degrees at 117, 45.
    let desk = Desk::new();
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/gauss-krueger.fgb");
    let report = desk.import_as(&request(Kind::Buildings, &path));
    assert_eq!((report.counts.added, report.crs.as_deref()), (1, Some("gk:117")), "{report:#?}");
    near(&desk.places(), 117.0001, 45.0001);
    let whole = std::fs::read(&path).unwrap();
    for end in (0..whole.len()).step_by(101) {
        let cut = desk.folder.path().join("cut.fgb");
        std::fs::write(&cut, &whole[..end]).unwrap();
        let refused = run_import(&desk.workspace, &request(Kind::Buildings, &cut));
        assert!(refused.is_err() || end > 1_000, "{end}");
    }
}

#[test]
fn kml_and_kmz_with_folders_and_values() {
    let placemark = |code: &str, name: &str, x: f64| {
        format!(
            "<Placemark><name>{name}</name><description><![CDATA[<b>甲<br></b>]]></description>\
             <ExtendedData><Data name=\"code\"><value>{code}</value></Data></ExtendedData>\
             <Polygon><outerBoundaryIs><LinearRing><coordinates>{x},33.4,0 {0},33.4,0 {0},33.4002,0 \
             {x},33.4002,0 {x},33.4,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>",
            x + 0.0002
        )
    };
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"GBK\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\">\
         <Document><Folder><name>东区</name>{}</Folder>{}</Document></kml>",
        placemark("K1", "甲楼", 120.1),
        placemark("K2", "乙楼", 120.2),
    );
    let desk = Desk::new();
    let (gbk, ..) = encoding_rs::GBK.encode(&document);
    let path = desk.folder.path().join("buildings.kml");
    std::fs::write(&path, &gbk).unwrap();
    let report = desk.import_as(&request(Kind::Buildings, &path));
    assert_eq!(report.counts.added, 2, "{report:#?}");
    let found = desk.places();
    assert_eq!((found[0].0.as_str(), found[1].0.as_str()), ("甲楼", "乙楼"));
    assert!((found[1].1 - 120.2001).abs() < 1e-4, "{found:?}");

    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("doc.kml", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, &gbk).unwrap();
    let path = desk.folder.path().join("buildings.kmz");
    std::fs::write(&path, archive.finish().unwrap().into_inner()).unwrap();
    assert_eq!(desk.import_as(&request(Kind::Buildings, &path)).counts.unchanged, 2);

    // Nested beyond all reason, cut off, empty, no KML at all: a sentence each.
    let deep = "<Folder>".repeat(100_000);
    let cut = &document[..document.len() / 2 - 3];
    for text in [deep.as_str(), cut, "", "<kml/>", "nothing"] {
        let path = super::write(desk.folder.path(), "broken.kml", text);
        let error = run_import(&desk.workspace, &request(Kind::Buildings, &path));
        assert!(error.is_err() || error.unwrap().counts.added == 0);
    }
}

#[test]
fn a_shifted_datum_shows_against_what_is_loaded() {
    use menpai::geo::datum::Datum;
    use menpai::geo::lon_lat;
    use menpai::import::kinds::preview::preview;
    use menpai::store::features;
    let square = |index: usize, shifted: bool| {
        let corner = lon_lat(120.1 + 0.001 * index as f64, 33.4);
        let p = if shifted { Datum::Gcj02.of_wgs84(corner) } else { corner };
        let (x, y, d) = (p.lon, p.lat, 0.0003);
        format!(
            r#"{{"type":"Feature","properties":{{"code":"{shifted}{index}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{0},{y}],[{0},{1}],[{x},{1}],[{x},{y}]]]}}}}"#,
            x + d,
            y + d
        )
    };
    let list = |shifted| {
        let all: Vec<String> = (0..20).map(|index| square(index, shifted)).collect();
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, all.join(","))
    };
    let desk = Desk::new();
    let path = super::write(desk.folder.path(), "a.geojson", &list(false));
    desk.import_as(&request(Kind::Buildings, &path));
    let path = super::write(desk.folder.path(), "b.geojson", &list(true));
    let loaded = features::footprints(&desk.workspace.reader().unwrap()).unwrap();
    let seen = preview(&request(Kind::Buildings, &path), 8, Some(&loaded)).unwrap();
    let placing = seen.placing.unwrap();
    assert_eq!((placing.outlines.len(), placing.choices.len()), (20, 3));
    let overlaps = placing.overlaps.unwrap();
    assert_eq!(menpai::geo::crs::better_datum(&overlaps), Some(Datum::Gcj02), "{overlaps:?}");
    // The command line tells it, and moves nothing by itself.
    let told =
        run_import(&desk.workspace, &Request { dry_run: true, ..request(Kind::Buildings, &path) });
    let told = told.unwrap();
    assert!(told.issues[0].reason.to_string().contains("if they were gcj02"), "{:#?}", told.issues);
    // As GCJ-02 they fall on the same buildings.
    let request =
        Request { crs: Some(Crs::Geographic(Datum::Gcj02)), ..request(Kind::Buildings, &path) };
    let seen = preview(&request, 8, Some(&loaded)).unwrap().placing.unwrap();
    let (a, b) = (seen.outlines[3][0], seen.outlines[3][2]);
    let middle = lon_lat(f64::midpoint(a.lon, b.lon), f64::midpoint(a.lat, b.lat));
    assert_eq!(loaded.at(middle).len(), 1);

    // Metres without a zone: nothing tells, all meridians are offered.
    let path =
        super::write(desk.folder.path(), "c.geojson", &geojson((480_000.0, 3_700_000.0), ""));
    let seen = preview(&self::request(Kind::Buildings, &path), 8, None).unwrap();
    let placing = seen.placing.unwrap();
    assert!(seen.problem.is_some() && placing.crs.is_none());
    assert_eq!(placing.choices.len(), 21, "{placing:?}");
}

#[test]
fn numbers_of_features_mean_something_in_their_file_only() {
    let file = |x: f64, name: &str, code: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","id":1,"properties":{{"name":"{name}"{code}}},"geometry":{{"type":"Polygon","coordinates":[[[{x},33.4],[{0},33.4],[{0},33.4002],[{x},33.4002],[{x},33.4]]]}}}}]}}"#,
            x + 0.0002
        )
    };
    let desk = Desk::new();
    let import = |text: &str| {
        let path = super::write(desk.folder.path(), "b.geojson", text);
        desk.import_as(&request(Kind::Buildings, &path))
    };
    import(&file(120.1, "甲楼", ""));
    // The same feature drawn a little anew is the same building, one elsewhere is another.
    assert_eq!(import(&file(120.10001, "甲楼", "")).counts.merged, 1);
    for _ in 0..2 {
        import(&file(120.2, "乙楼", ""));
    }
    // Next door is elsewhere too.
    import(&file(120.2005, "丁楼", ""));
    let mut names: Vec<String> = desk.places().into_iter().map(|b| b.0).collect();
    names.sort();
    assert_eq!(names, ["丁楼", "乙楼", "甲楼"]);
    // A code that the file gives is believed, and told.
    import(&file(120.3, "丙楼", r#","code":"C7""#));
    let moved = import(&file(120.4, "丙楼", r#","code":"C7""#));
    assert_eq!(moved.counts.merged, 1);
    assert!(
        moved.issues.iter().any(|i| i.reason.to_string().contains("m away")),
        "{:#?}",
        moved.issues
    );
    // A zone that the eastings do not begin with.
    let path = super::write(desk.folder.path(), "z.geojson", &geojson((40_500_000.0, ARC), ""));
    let wrong = Request { crs: Crs::by_name("gk-zone:39"), ..request(Kind::Buildings, &path) };
    let error = run_import(&desk.workspace, &wrong).unwrap_err().to_string();
    assert!(error.contains("begin with zone 40"), "{error}");
}
