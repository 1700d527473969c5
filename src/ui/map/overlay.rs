//! What overlays share: where they paint, plates, text with a halo, what a building is called.

use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Stroke, Vec2};

use crate::domain::building_name::is_running_number;
use crate::geo::{BBox, LonLat};
use crate::map::scene::AreaSums;
use crate::map::{Camera, Scene};
use crate::text::{Text, building_no_label};
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens::{self, Colours};

/// Radius of a sign, points.
pub(crate) const SIGN_RADIUS: f32 = 8.0;

/// Zoom from which single buildings are labelled.
pub(crate) const LABEL_ZOOM: f64 = 16.0;

/// What the pointer is over, besides buildings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sign {
    Event(usize),
    Device(usize),
    Cluster(BBox),
}

/// What the overlays are painted from.
pub(crate) struct Overlay<'a> {
    pub(crate) rect: Rect,
    pub(crate) camera: &'a Camera,
    pub(crate) scene: &'a Arc<Scene>,
    pub(crate) hovered: Option<usize>,
    pub(crate) pointer: Option<Pos2>,
    /// Class of each building.
    pub(crate) states: &'a [u8],
    /// Buildings of each class.
    pub(crate) counts: &'a [u32; 256],
    /// What is counted, per grid and estate.
    pub(crate) sums: &'a AreaSums,
    /// Whether the map moves with this frame.
    pub(crate) is_moving: bool,
}

impl Overlay<'_> {
    pub(crate) fn at(&self, p: LonLat) -> Pos2 {
        let at = self.camera.screen_of(p);
        self.rect.min + Vec2::new(at[0] as f32, at[1] as f32)
    }
}

/// What a building is called in lists and beside the pointer; one without a name is told by where
/// it is.
pub(crate) fn building_text(cx: &Ctx<'_>, scene: &Scene, feature: usize) -> String {
    let label = scene.label(feature);
    let estate = label
        .estate_id
        .and_then(|id| scene.estates.iter().find(|e| e.estate_id == id))
        .map(|e| e.name.as_str());
    let name = label_text(cx, scene, feature);
    match estate {
        Some(estate) if !name.contains(estate) && !name.is_empty() => format!("{estate} {name}"),
        _ if !name.is_empty() => name,
        _ => {
            let code = scene.footprints().code(feature);
            if !is_running_number(code) {
                return code.to_owned();
            }
            let near = scene.near(feature).map(str::to_owned);
            let near = near.or_else(|| estate.map(str::to_owned));
            let none = cx.t(Text::NoName);
            near.map_or_else(
                || none.to_owned(),
                |near| format!("{none} · {} {near}", cx.t(Text::Near)),
            )
        }
    }
}

pub(crate) fn plate(painter: &Painter, rect: Rect, c: &Colours) {
    painter.rect(
        rect,
        f32::from(tokens::RADIUS),
        c.panel,
        Stroke::new(1.0, c.line),
        eframe::egui::StrokeKind::Outside,
    );
}

/// Text with a soft edge, so that it reads on any ground.
pub(crate) fn haloed(
    painter: &Painter,
    at: Pos2,
    text: &str,
    font: FontId,
    ink: Color32,
    halo: Color32,
) {
    let galley = painter.layout_no_wrap(text.to_owned(), font, ink);
    haloed_galley(painter, at, galley, ink, halo, false);
}

pub(crate) fn haloed_galley(
    painter: &Painter,
    at: Pos2,
    galley: Arc<Galley>,
    ink: Color32,
    halo: Color32,
    is_moving: bool,
) {
    // Each copy costs a software driver its pixels: four are enough to read over anything, two
    // while the map moves and nobody reads.
    const AROUND: [(f32, f32); 4] = [(-1.2, -0.8), (1.2, 0.8), (1.2, -0.8), (-1.2, 0.8)];
    let min = at - galley.size() / 2.0;
    for (x, y) in AROUND.into_iter().take(if is_moving { 2 } else { 4 }) {
        painter.galley_with_override_text_color(min + Vec2::new(x, y), galley.clone(), halo);
    }
    painter.galley(min, galley, ink);
}

/// What is written on a building.
pub(crate) fn label_text(cx: &Ctx<'_>, scene: &Scene, feature: usize) -> String {
    let label = scene.label(feature);
    if label.estate_id.is_some() && label.text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return if label.text.is_empty() {
            String::new()
        } else {
            building_no_label(cx.lang, label.text)
        };
    }
    label.text.to_owned()
}
