//! Where a file's outlines come to lie, before it is imported: over what is loaded, and the
//! coordinate system that puts them there.

use eframe::egui::{self, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, vec2};

use crate::geo::crs::{Crs, better_datum};
use crate::geo::datum::Datum;
use crate::geo::mercator::{World, metres_per_world, world_from_lon_lat};
use crate::geo::{BBox, FootprintSet, LonLat};
use crate::import::kinds::preview::Placing;
use crate::text::{Lang, Text};
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, theme};

/// Height of the picture, and its greatest width, points.
const HEIGHT: f32 = 168.0;
const MOST_WIDTH: f32 = 640.0;
/// Loaded buildings that are drawn.
const MOST_LOADED: usize = 3_000;
/// The picture shows at least this much from west to east, metres: a shifted datum is some
/// hundred metres off.
const LEAST_M: f64 = 1_800.0;
/// The picture shows at most this much.
const MOST_M: f64 = 6_000.0;

/// What a coordinate system is called.
pub(crate) fn crs_name(crs: Crs, lang: Lang) -> String {
    match crs {
        Crs::Geographic(Datum::Wgs84) => lang.t(Text::CrsWgs84).to_owned(),
        Crs::Geographic(Datum::Gcj02) => lang.t(Text::CrsGcj02).to_owned(),
        Crs::Geographic(Datum::Bd09) => lang.t(Text::CrsBd09).to_owned(),
        Crs::WebMercator => lang.t(Text::CrsWebMercator).to_owned(),
        Crs::GaussKruger { meridian, zone: None } => {
            lang.t(Text::CrsMeridian).replace("{}", &meridian.to_string())
        }
        Crs::Listed(code) => format!("EPSG:{code}"),
        Crs::GaussKruger { zone: Some(zone), .. } => {
            lang.t(Text::CrsZone).replace("{}", &zone.to_string())
        }
    }
}

/// The system that what is loaded speaks for, where it is not the one that was read.
pub(crate) fn suggested(placing: &Placing) -> Option<Crs> {
    placing.overlaps.as_ref().and_then(better_datum).map(Crs::Geographic)
}

/// Draws choice and picture. Returns what was chosen.
pub(crate) fn show(ui: &mut Ui, cx: &Ctx<'_>, placing: &Placing, is_chosen: bool) -> Option<Crs> {
    let mut chosen = None;
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(300.0);
            ui.label(cx.t(Text::CrsLabel));
            chosen = choice(ui, cx, placing);
            ui.add_space(tokens::GAP_SMALL);
            if let (Some(_), true, None) = (placing.crs, !is_chosen, suggested(placing)) {
                hint(ui, cx.t(Text::CrsGuessed));
            }
            // Where nothing is loaded, the position itself is all there is to check.
            if let Some(p) = placing.outlines.first().and_then(|ring| ring.first()) {
                hint(ui, &format!("{:.4}°  {:.4}°", p.lon, p.lat));
            }
            if let Some(overlaps) = &placing.overlaps {
                let mut overlaps = overlaps.to_vec();
                overlaps.sort_by(|a, b| b.1.total_cmp(&a.1));
                for (datum, share) in overlaps.iter().filter(|(_, share)| *share >= 0.01) {
                    let name = crs_name(Crs::Geographic(*datum), cx.lang);
                    let percent = format!("{:.0}", share * 100.0);
                    let text = cx.t(Text::CrsOverlap).replacen("{}", &percent, 1);
                    hint(ui, &text.replacen("{}", &name, 1));
                }
            }
        });
        picture(ui, cx, placing);
    });
    ui.add_space(tokens::GAP_SMALL);
    chosen
}

fn choice(ui: &mut Ui, cx: &Ctx<'_>, placing: &Placing) -> Option<Crs> {
    let shown = placing.crs.map_or(cx.t(Text::CrsUnknown).to_owned(), |c| crs_name(c, cx.lang));
    let combo = egui::ComboBox::from_id_salt("crs").selected_text(shown).width(280.0).truncate();
    let combo = combo.show_ui(ui, |ui| {
        let mut chosen = None;
        for crs in &placing.choices {
            let is_this = placing.crs == Some(*crs);
            if ui.selectable_label(is_this, crs_name(*crs, cx.lang)).clicked() {
                chosen = Some(*crs);
            }
        }
        chosen
    });
    combo.response.accessible_name(cx.t(Text::CrsLabel));
    combo.inner.flatten()
}

/// The outlines of the file over the loaded buildings, around the middle one of the file.
fn picture(ui: &mut Ui, cx: &Ctx<'_>, placing: &Placing) {
    let c = theme(ui);
    let size = vec2(ui.available_width().clamp(160.0, MOST_WIDTH), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, cx.t(Text::CrsPicture)));
    let radius = f32::from(tokens::RADIUS);
    ui.painter().rect(rect, radius, c.ground, Stroke::new(1.0, c.line), egui::StrokeKind::Inside);
    let Some(view) = View::around(&placing.outlines, rect) else { return };
    let painter = ui.painter().with_clip_rect(rect.shrink(1.0));
    let scene = cx.session.scene.get();
    if let Some(loaded) = scene.map(|scene| scene.footprints()) {
        for points in view.loaded(loaded) {
            painter.add(Shape::convex_polygon(
                points,
                c.secondary.gamma_multiply(0.45),
                Stroke::NONE,
            ));
        }
    }
    let stroke = Stroke::new(1.3, c.accent);
    for ring in &placing.outlines {
        let points: Vec<Pos2> = ring.iter().map(|p| view.at(*p)).collect();
        if points.iter().any(|p| rect.contains(*p)) {
            painter.add(Shape::closed_line(points, stroke));
        }
    }
    legend(ui, cx, rect);
}

/// What the two colours mean, in the picture's lower left corner.
fn legend(ui: &Ui, cx: &Ctx<'_>, rect: Rect) {
    let c = theme(ui);
    let font = egui::FontId::proportional(tokens::SMALL);
    let mut at = rect.left_bottom() + vec2(8.0, -18.0);
    let entries = [(c.accent, cx.t(Text::CrsThisFile)), (c.secondary, cx.t(Text::CrsLoaded))];
    for (colour, text) in entries {
        let galley = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), c.ink);
        let size = galley.size();
        let plate = Rect::from_min_size(at - vec2(4.0, 3.0), vec2(size.x + 26.0, 20.0));
        ui.painter().rect_filled(plate, 3.0, c.panel.gamma_multiply(0.9));
        let mark = Rect::from_min_size(at + vec2(0.0, 3.0), Vec2::splat(9.0));
        ui.painter().rect_filled(mark, 2.0, colour);
        ui.painter().galley(at + vec2(14.0, 7.5 - size.y / 2.0), galley, c.ink);
        at.x += size.x + 30.0;
    }
}

/// The part of the world that the picture shows.
struct View {
    centre: World,
    /// Points a world unit.
    scale: f64,
    rect: Rect,
}

impl View {
    fn around(outlines: &[Vec<LonLat>], rect: Rect) -> Option<Self> {
        let middle = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        let worlds =
            || outlines.iter().filter_map(|ring| ring.first()).map(|p| world_from_lon_lat(*p));
        let lat = outlines.iter().filter_map(|ring| ring.first()).map(|p| p.lat).next()?;
        let metres = metres_per_world(lat);
        let range = |values: &[f64]| {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (f64::midpoint(low, high), high - low)
        };
        let mut xs: Vec<f64> = worlds().map(|w| w.x).collect();
        let mut ys: Vec<f64> = worlds().map(|w| w.y).collect();
        let ((mut x, wide), (mut y, high)) = (range(&xs), range(&ys));
        let aspect = f64::from(rect.width() / rect.height());
        let spread = wide.max(high * aspect) * 1.15 * metres;
        // A whole city is shown by a part of it, where most of it is.
        if spread > MOST_M {
            (x, y) = (middle(&mut xs)?, middle(&mut ys)?);
        }
        let width = spread.clamp(LEAST_M, MOST_M) / metres;
        Some(Self { centre: World { x, y }, scale: f64::from(rect.width()) / width, rect })
    }

    fn at(&self, p: LonLat) -> Pos2 {
        let w = world_from_lon_lat(p);
        let offset = |a: f64, b: f64| ((a - b) * self.scale) as f32;
        self.rect.center() + vec2(offset(w.x, self.centre.x), offset(w.y, self.centre.y))
    }

    /// The loaded buildings in the picture.
    fn loaded(&self, loaded: &FootprintSet) -> Vec<Vec<Pos2>> {
        let half = [self.rect.width(), self.rect.height()].map(|s| f64::from(s) / self.scale / 2.0);
        let corner = |x: f64, y: f64| {
            crate::geo::mercator::lon_lat_from_world(World {
                x: self.centre.x + x * half[0],
                y: self.centre.y + y * half[1],
            })
        };
        let (a, b) = (corner(-1.0, 1.0), corner(1.0, -1.0));
        let bounds = BBox { west: a.lon, south: a.lat, east: b.lon, north: b.lat };
        let found = loaded.in_bbox(&bounds);
        let step = found.len().div_ceil(MOST_LOADED).max(1);
        let ring = |feature: usize| {
            let outline = loaded.outline(feature);
            let ring = outline.0.first()?.exterior().0.clone();
            Some(ring.iter().map(|c| self.at(crate::geo::lon_lat(c.x, c.y))).collect())
        };
        found.into_iter().step_by(step).filter_map(ring).collect()
    }
}

/// A sentence where no system is known yet.
pub(crate) fn unknown(ui: &mut Ui, cx: &Ctx<'_>) {
    let c = theme(ui);
    ui.label(RichText::new(cx.t(Text::CrsChoose)).color(c.warn));
}
