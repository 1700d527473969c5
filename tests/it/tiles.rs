//! Raster maps under the buildings, from MBTiles files and folders, held against the formulas of
//! the tile scheme.

use std::path::Path;

use menpai::store::Connection;

use super::cli::menpai;
use super::ui::has_gpu;

/// Column and row of a position (OGC WebMercatorQuad; the usual formula).
fn tile_at(lon: f64, lat: f64, z: u32) -> (u32, u32) {
    let n = f64::from(1u32 << z);
    let x = (lon + 180.0) / 360.0 * n;
    let y = (1.0 - (lat.to_radians().tan().asinh()) / std::f64::consts::PI) / 2.0 * n;
    (x as u32, y as u32)
}

/// West, south, east, north of a tile.
fn bounds(x: u32, y: u32, z: u32) -> [f64; 4] {
    let n = f64::from(1u32 << z);
    let lon = |x: u32| f64::from(x) / n * 360.0 - 180.0;
    let lat =
        |y: u32| (std::f64::consts::PI * (1.0 - 2.0 * f64::from(y) / n)).sinh().atan().to_degrees();
    [lon(x), lat(y + 1), lon(x + 1), lat(y)]
}

fn picture(colour: [u8; 4], format: image::ImageFormat) -> Vec<u8> {
    let image = image::RgbaImage::from_pixel(256, 256, image::Rgba(colour));
    let image = image::DynamicImage::ImageRgba8(image);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image.to_rgb8()).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

const RED: [u8; 4] = [200, 30, 30, 255];
const BLUE: [u8; 4] = [30, 30, 200, 255];

/// An MBTiles file with one red tile among blue ones.
fn mbtiles(path: &Path, (x, y): (u32, u32), z: u32) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(
        "CREATE TABLE metadata (name text, value text);
         CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer,
           tile_data blob);
         INSERT INTO metadata VALUES ('name', 'test'), ('format', 'png'),
           ('attribution', '<b>&copy; nobody</b>');",
    )
    .unwrap();
    for (dx, dy) in (0..9i64).map(|i| (i % 3 - 1, i / 3 - 1)) {
        let colour = if (dx, dy) == (0, 0) { RED } else { BLUE };
        let row = (1i64 << z) - 1 - (i64::from(y) + dy);
        let data = picture(colour, image::ImageFormat::Png);
        conn.execute(
            "INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)",
            (z, i64::from(x) + dx, row, data),
        )
        .unwrap();
    }
}

fn empty_workspace() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let w = folder.path().join("w.gpkg").to_str().unwrap().to_owned();
    assert!(menpai(&["new", &w, "--plain"]).status.success());
    (folder, w)
}

/// The colour in the middle of a rendered box.
fn middle(w: &str, to: &Path, bbox: [f64; 4], more: &[&str]) -> [u8; 3] {
    let bbox = bbox.map(|v| format!("{v:.9}")).join(",");
    let to = to.to_str().unwrap();
    let mut arguments = vec!["render", w, "--to", to, "--bbox", &bbox, "--size", "300x300"];
    arguments.extend(["--gpu", "cpu"]);
    arguments.extend(more);
    let out = menpai(&arguments);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let picture = image::open(to).unwrap().to_rgb8();
    picture.get_pixel(140, 150).0
}

fn is_near(a: [u8; 3], b: [u8; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 12)
}

#[test]
fn tiles_lie_where_the_scheme_says() {
    if !has_gpu() {
        return;
    }
    let (folder, w) = empty_workspace();
    let z = 17;
    let (x, y) = tile_at(120.15, 33.35, z);
    let (file, to) = (folder.path().join("t.mbtiles"), folder.path().join("out.png"));
    mbtiles(&file, (x, y), z);
    let here = bounds(x, y, z);
    let tiles = file.to_str().unwrap();
    assert!(is_near(middle(&w, &to, here, &["--tiles", tiles]), RED));
    // Enlarged beyond the last zoom, and made smaller below the first one.
    let [west, south, east, north] = here;
    let (dx, dy) = ((east - west) * 0.45, (north - south) * 0.45);
    let inside = [west + dx, south + dy, east - dx, north - dy];
    assert!(is_near(middle(&w, &to, inside, &["--tiles", tiles]), RED));
    let around = [west - dx * 2.0, south - dy * 2.0, east + dx * 2.0, north + dy * 2.0];
    assert!(is_near(middle(&w, &to, around, &["--tiles", tiles]), RED));
    // The neighbour to the north is blue: rows run the right way.
    let above = bounds(x, y - 1, z);
    assert!(is_near(middle(&w, &to, above, &["--tiles", tiles]), BLUE));
    // In GCJ-02 the tile lies more than its own width to the west.
    let shifted = middle(&w, &to, here, &["--tiles", tiles, "--tiles-datum", "gcj02"]);
    assert!(!is_near(shifted, RED), "{shifted:?}");
}

#[test]
fn folders_of_tiles_and_refusals() {
    if !has_gpu() {
        return;
    }
    let (folder, w) = empty_workspace();
    let z = 15;
    let (x, y) = tile_at(-3.7, 40.4, z);
    let place = folder.path().join(format!("tiles/{z}/{x}"));
    std::fs::create_dir_all(&place).unwrap();
    for (ending, format) in [("jpg", image::ImageFormat::Jpeg), ("png", image::ImageFormat::Png)] {
        let file = place.join(format!("{y}.{ending}"));
        std::fs::write(&file, picture(RED, format)).unwrap();
        let tiles = folder.path().join("tiles");
        let to = folder.path().join("out.png");
        let seen = middle(&w, &to, bounds(x, y, z), &["--tiles", tiles.to_str().unwrap()]);
        assert!(is_near(seen, RED), "{ending}: {seen:?}");
        std::fs::remove_file(file).unwrap();
    }
    let vector = folder.path().join("v.mbtiles");
    let conn = Connection::open(&vector).unwrap();
    conn.execute_batch(
        "CREATE TABLE metadata (name text, value text);
         CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data);
         INSERT INTO metadata VALUES ('format', 'pbf');",
    )
    .unwrap();
    let nothing = folder.path().join("nothing.mbtiles");
    let text = folder.path().join("text.mbtiles");
    std::fs::write(&text, "not a database at all").unwrap();
    for (path, says) in
        [(&vector, "vector tiles"), (&nothing, "no such file"), (&text, "not an MBTiles file")]
    {
        let to = folder.path().join("no.png");
        let out = menpai(&[
            "render",
            &w,
            "--to",
            to.to_str().unwrap(),
            "--tiles",
            path.to_str().unwrap(),
            "--gpu",
            "cpu",
        ]);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && told.contains(says), "{told}");
        assert!(!to.exists());
    }
}
