//! `menpai render`: the map into a PNG file, without a display.

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;

use super::Context;
use crate::export::paper::Sheet;
use crate::geo::BBox;
use crate::map::style::MapTheme;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai render my.gpkg --to map.png
  menpai render my.gpkg --to old.png --focus 独居老人 --size 2400x1600 --dark
  menpai render my.gpkg --to floors.png --theme floors --tiles imagery.mbtiles
  menpai render my.gpkg --to page.pdf --page a3-landscape --title 新都街道
  menpai render my.gpkg --to block.png --bbox 120.150,33.345,120.156,33.349")]
pub(super) struct Args {
    /// Workspace to draw
    workspace: PathBuf,
    /// PNG or PDF file to write
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Box to draw: west,south,east,north in degrees (default: everything)
    #[arg(long, value_name = "W,S,E,N", value_parser = parse_bbox, allow_hyphen_values = true)]
    bbox: Option<BBox>,
    /// Size in pixels, such as 1600x1000
    #[arg(long, default_value = "1600x1000", value_parser = parse_size)]
    size: [u32; 2],
    /// Colour the buildings by a tag, by code or label
    #[arg(long, value_name = "TAG")]
    focus: Option<String>,
    /// Raster map under it: an MBTiles file or a folder of z/x/y pictures; may be repeated
    #[arg(long, value_name = "FILE")]
    tiles: Vec<PathBuf>,
    /// Coordinates of the raster maps: wgs84, gcj02 or bd09
    #[arg(long, default_value = "wgs84", value_parser = ["wgs84", "gcj02", "bd09"])]
    tiles_datum: String,
    /// Colour the buildings by: plain, use, floors, persons, open-events, unverified or vacant
    #[arg(long, value_name = "THEME", value_parser = MapTheme::NAMES)]
    theme: Option<String>,
    /// Paper of a PDF
    #[arg(long, value_name = "PAPER", default_value = "a4-landscape", value_parser = Sheet::NAMES)]
    page: String,
    /// Title of a PDF page (default: the workspace's name)
    #[arg(long)]
    title: Option<String>,
    /// Dark colours
    #[arg(long)]
    dark: bool,
    /// Which graphics driver draws the map: auto, vulkan, dx12, gl or cpu
    #[arg(long, default_value = "auto", value_parser = ["auto", "vulkan", "dx12", "gl", "cpu"])]
    gpu: String,
}

fn parse_bbox(text: &str) -> Result<BBox, Message> {
    let numbers: Vec<f64> = text.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    match numbers[..] {
        [west, south, east, north]
            if west < east
                && south < north
                && (-180.0..=180.0).contains(&west)
                && (-180.0..=180.0).contains(&east)
                && (-85.0..=85.0).contains(&south)
                && (-85.0..=85.0).contains(&north) =>
        {
            Ok(BBox { west, south, east, north })
        }
        _ => Err(Message::from("west,south,east,north in degrees")),
    }
}

pub(super) fn parse_size(text: &str) -> Result<[u32; 2], Message> {
    let (width, height) = text.split_once('x').ok_or("WIDTHxHEIGHT")?;
    let number = |t: &str| t.parse::<u32>().ok().filter(|n| (16..=16_384).contains(n));
    match (number(width), number(height)) {
        (Some(width), Some(height)) => Ok([width, height]),
        _ => Err(Message::from("from 16x16 to 16384x16384")),
    }
}

#[cfg(not(feature = "gui"))]
pub(super) fn run(_: &Context, args: &Args) -> Result<()> {
    let _ = (&args.workspace, &args.to, &args.bbox, args.size, &args.focus, args.dark, &args.gpu);
    let _ = (&args.tiles, &args.tiles_datum, &args.theme, &args.page, &args.title);
    anyhow::bail!(msg!("this build draws no maps"))
}

#[cfg(feature = "gui")]
pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    use std::sync::Arc;

    use super::open;
    use crate::app::Settings;
    use crate::app::settings::Raster;
    use crate::geo::datum::Datum;
    use crate::gpu::setup::{Backend, headless};
    use crate::map::Scene;
    use crate::query::{Census, Condition, Filter, Vocabulary};
    use crate::store::OpenMode;
    use crate::ui::map::still::Still;

    let workspace = open::open(context, &args.workspace, OpenMode::ReadOnly)?;
    let reader = workspace.reader()?;
    let vocabulary = Vocabulary::read(&reader)?;
    let scene = Scene::read(&workspace)?;
    let focus = match &args.focus {
        None => None,
        Some(text) => {
            let filter = Filter { any_tags: vec![text.clone()], ..Filter::default() };
            let none = |_: &geo::MultiPolygon| Ok(Vec::new());
            let condition = Condition::of(&reader, &vocabulary, &filter, context.today, &none)
                .map_err(|error| anyhow::anyhow!(error.message()))?;
            let answer = crate::derived::kept::census(&reader, &vocabulary)?.focus(&condition);
            Some((filter, answer))
        }
    };
    let theme = args.theme.as_deref().and_then(MapTheme::named).unwrap_or_default();
    let people = match theme {
        MapTheme::Persons => crate::derived::kept::census(&reader, &vocabulary)?,
        _ => Census::default(),
    };
    let values = theme.values(&reader, &people, context.stamp.at)?;
    let datum = match args.tiles_datum.as_str() {
        "gcj02" => Datum::Gcj02,
        "bd09" => Datum::Bd09,
        _ => Datum::Wgs84,
    };
    let rasters =
        args.tiles.iter().map(|path| Raster { path: path.clone(), datum, ..Raster::default() });
    let rasters = rasters.collect();
    let still = Still {
        camera: Still::camera_for(&scene, args.bbox, args.size),
        scene: Arc::new(scene),
        vocabulary: Arc::new(vocabulary),
        focus,
        theme_values: values.map(|values| (theme, values)),
        selection: Arc::default(),
        settings: Settings { dark: Some(args.dark), theme, rasters, ..Settings::default() },
        lang: context.lang,
        pixels_per_point: 1.0,
        now: (context.today, context.stamp.at),
    };
    let driver = headless(Backend::parse(&args.gpu).unwrap_or_default()).map_err(|error| {
        let hint = "Install one (Debian: mesa-vulkan-drivers), or draw on another machine";
        anyhow::anyhow!(msg!(
            "no graphics driver could be used: {}. {}",
            error,
            Message::from(hint)
        ))
    })?;
    if args.to.extension().is_some_and(|e| e.eq_ignore_ascii_case("pdf")) {
        let sheet = Sheet::named(&args.page).unwrap_or_default();
        let name = args.workspace.file_stem().map(|n| n.to_string_lossy().into_owned());
        let title = args.title.clone().or(name).unwrap_or_default();
        still
            .write_pdf(&args.to, sheet, &title, &driver.device, &driver.queue)
            .map_err(|e| anyhow::anyhow!(e))?;
    } else {
        let (width, height, pixels) =
            still.draw(&driver.device, &driver.queue).map_err(|e| anyhow::anyhow!(e))?;
        crate::export::image::write_png(&args.to, width, height, &pixels)
            .map_err(|e| anyhow::anyhow!(msg!("the files could not be written: {}", e)))?;
    }
    let told = msg!("drawn into {}", args.to.display());
    eprintln!("{}", told.text(context.lang));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_sizes() {
        assert!(parse_bbox("120.1,33.3,120.2,33.4").is_ok());
        assert!(parse_bbox("120.2,33.3,120.1,33.4").is_err());
        assert!(parse_bbox("1,2,3").is_err());
        assert_eq!(parse_size("1600x1000"), Ok([1600, 1000]));
        assert!(parse_size("0x5").is_err());
    }
}
