//! Raster maps under everything else: reading what the view needs, and their rows in the panel.

use crate::text::Message;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, RichText, Slider, Ui};

use crate::app::settings::Raster;
use crate::app::tiles::{TileAnswer, TileReader};
use crate::app::{Settings, UiCommand};
use crate::geo::datum::Datum;
use crate::gpu::{MapRenderer, TileView};
use crate::map::Camera;
use crate::map::tiles::{TileId, cover};
use crate::store::tiles::{TileInfo, TileSource};
use crate::text::Text;
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{flush_link, hint};

struct OpenRaster {
    path: PathBuf,
    source: u32,
    reader: TileReader,
    info: Option<Result<TileInfo, Message>>,
    /// Tiles the source does not have, or that are broken.
    missing: HashSet<TileId>,
    /// The last broken tile's error.
    broken: Option<Message>,
}

/// The open sources.
#[derive(Default)]
pub(crate) struct Rasters {
    open: Vec<OpenRaster>,
    next: u32,
}

impl Rasters {
    /// Takes in what was read, asks for what the view lacks, and tells the renderer what to draw.
    pub(crate) fn follow(
        &mut self,
        settings: &Settings,
        renderer: &mut MapRenderer,
        camera: &Camera,
        pixels_per_point: f32,
        ctx: &egui::Context,
    ) {
        self.open.retain(|open| {
            let is_kept = settings.rasters.iter().any(|r| r.path == open.path);
            if !is_kept {
                renderer.forget_tiles(open.source);
            }
            is_kept
        });
        let mut views = Vec::new();
        for raster in settings.rasters.iter().filter(|r| r.is_on) {
            let open = self.opened(raster, ctx);
            while let Some(answer) = open.reader.poll() {
                match answer {
                    TileAnswer::Opened(info) => open.info = Some(info),
                    TileAnswer::Tile(tile, Ok(Some(picture))) => {
                        let size = [picture.width, picture.height];
                        renderer.add_tile((open.source, tile), size, picture.rgba);
                    }
                    TileAnswer::Tile(tile, Ok(None)) => {
                        open.missing.insert(tile);
                    }
                    TileAnswer::Tile(tile, Err(error)) => {
                        open.missing.insert(tile);
                        open.broken = Some(error);
                    }
                }
            }
            let Some(Ok(info)) = &open.info else { continue };
            let tiles = cover(camera, pixels_per_point, &info.zooms, raster.datum);
            let mut wanted: Vec<TileId> = Vec::new();
            for tile in &tiles {
                let there =
                    with_ancestors(*tile, *info.zooms.start()).find(|t| !open.missing.contains(t));
                if let Some(there) = there
                    && !renderer.has_tile(open.source, there)
                    && !wanted.contains(&there)
                {
                    wanted.push(there);
                }
            }
            open.reader.want(wanted);
            views.push(TileView {
                source: open.source,
                opacity: raster.opacity,
                datum: raster.datum,
                tiles,
            });
        }
        renderer.set_tiles(views);
    }

    fn opened(&mut self, raster: &Raster, ctx: &egui::Context) -> &mut OpenRaster {
        let at = match self.open.iter().position(|open| open.path == raster.path) {
            Some(at) => at,
            None => {
                let ctx = ctx.clone();
                let wake = Arc::new(move || ctx.request_repaint());
                self.next += 1;
                self.open.push(OpenRaster {
                    path: raster.path.clone(),
                    source: self.next,
                    reader: TileReader::start(raster.path.clone(), wake),
                    info: None,
                    missing: HashSet::new(),
                    broken: None,
                });
                self.open.len() - 1
            }
        };
        &mut self.open[at]
    }

    /// Whom to thank for what is shown.
    pub(crate) fn attribution(&self, settings: &Settings) -> String {
        let shown = settings.rasters.iter().filter(|r| r.is_on);
        let infos = shown.filter_map(|r| self.open.iter().find(|open| open.path == r.path));
        let mut texts: Vec<&str> = infos
            .filter_map(|open| open.info.as_ref()?.as_ref().ok())
            .map(|info| info.attribution.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        texts.dedup();
        texts.join(" · ")
    }

    /// The rows of the layers panel.
    pub(crate) fn rows(&self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        for (index, raster) in cx.session.settings.rasters.iter().enumerate().rev() {
            let open = self.open.iter().find(|open| open.path == raster.path);
            Self::row(ui, cx, index, raster, open);
        }
        if flush_link(ui, cx.t(Text::AddRaster)).clicked() {
            cx.command(UiCommand::AddRaster);
        }
    }

    fn row(
        ui: &mut Ui,
        cx: &mut Ctx<'_>,
        index: usize,
        raster: &Raster,
        open: Option<&OpenRaster>,
    ) {
        let info = open.and_then(|open| open.info.as_ref());
        let file = raster.path.file_stem().map(|n| n.to_string_lossy().into_owned());
        let name = match info {
            Some(Ok(info)) => info.name.clone(),
            _ => file.unwrap_or_default(),
        };
        let mut changed = raster.clone();
        let mut remove = false;
        ui.horizontal(|ui| {
            ui.checkbox(&mut changed.is_on, "").accessible_name(&name);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(8.0);
                remove = ui.small_button("×").on_hover_text(cx.t(Text::RemoveRaster)).clicked();
                let up = ui.small_button("↑").on_hover_text(cx.t(Text::RaiseRaster));
                if up.clicked() && index + 1 < cx.session.settings.rasters.len() {
                    let swap = move |s: &mut Settings| s.rasters.swap(index, index + 1);
                    cx.wishes.push(Wish::Settings(Box::new(swap)));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(&name).truncate());
                });
            });
        });
        if changed.is_on {
            ui.horizontal(|ui| {
                ui.add_space(22.0);
                let slider = Slider::new(&mut changed.opacity, 0.1..=1.0).show_value(false);
                ui.spacing_mut().slider_width = 90.0;
                ui.add(slider).on_hover_text(cx.t(Text::Opacity));
                egui::ComboBox::from_id_salt(("datum", index))
                    .selected_text(RichText::new(datum_name(raster.datum)).size(tokens::SMALL))
                    .width(80.0)
                    .show_ui(ui, |ui| {
                        for datum in [Datum::Wgs84, Datum::Gcj02, Datum::Bd09] {
                            let name = datum_name(datum);
                            ui.selectable_value(&mut changed.datum, datum, name);
                        }
                    })
                    .response
                    .on_hover_text(cx.t(Text::DatumHint));
            });
            let broken = open.and_then(|open| open.broken.as_ref());
            if let Some(error) = info.and_then(|i| i.as_ref().err()).or(broken) {
                hint(ui, &error.text(cx.lang));
            }
        }
        if remove {
            cx.wishes.push(Wish::Settings(Box::new(move |s| {
                if index < s.rasters.len() {
                    s.rasters.remove(index);
                }
            })));
        } else if changed != *raster {
            cx.wishes.push(Wish::Settings(Box::new(move |s| {
                if let Some(raster) = s.rasters.get_mut(index) {
                    *raster = changed;
                }
            })));
        }
    }
}

const fn datum_name(datum: Datum) -> &'static str {
    match datum {
        Datum::Wgs84 => "WGS-84",
        Datum::Gcj02 => "GCJ-02",
        Datum::Bd09 => "BD-09",
    }
}

/// A tile and the tiles above it, down to a zoom.
fn with_ancestors(tile: TileId, least: u8) -> impl Iterator<Item = TileId> {
    std::iter::successors(Some(tile), |t| t.parent()).take_while(move |t| t.z >= least)
}

/// Reads the tiles of a view at once, for a still picture. Whom to thank comes back.
///
/// # Errors
/// A sentence of a source that cannot be opened; broken tiles are left out.
pub(crate) fn load(
    rasters: &[Raster],
    renderer: &mut MapRenderer,
    camera: &Camera,
    pixels_per_point: f32,
) -> Result<String, Message> {
    let (mut views, mut thanks) = (Vec::new(), Vec::new());
    for (source, raster) in (0u32..).zip(rasters.iter().filter(|r| r.is_on)) {
        let open = TileSource::open(&raster.path)?;
        let info = open.info();
        let tiles = cover(camera, pixels_per_point, &info.zooms, raster.datum);
        for tile in &tiles {
            for there in with_ancestors(*tile, *info.zooms.start()) {
                if renderer.has_tile(source, there) {
                    break;
                }
                if let Ok(Some(picture)) = open.tile(there.z, there.x, there.y) {
                    let size = [picture.width, picture.height];
                    renderer.add_tile((source, there), size, picture.rgba);
                    break;
                }
            }
        }
        if !info.attribution.is_empty() {
            thanks.push(info.attribution.clone());
        }
        views.push(TileView { source, opacity: raster.opacity, datum: raster.datum, tiles });
    }
    renderer.set_tiles(views);
    thanks.dedup();
    Ok(thanks.join(" · "))
}
