//! The overview in the corner: the whole city small, with a frame around what the map shows.

use eframe::egui::{
    self, Color32, ColorImage, Pos2, Rect, Role, Sense, Stroke, TextureHandle, TextureOptions, Ui,
    Vec2, WidgetInfo, pos2,
};

use crate::geo::mercator::{World, world_from_lon_lat};
use crate::geo::{BBox, lon_lat};
use crate::map::{Camera, Scene};
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::widgets::theme;
use crate::ui::map::overlay::plate;

/// Longest side, points.
const SIDE: f64 = 150.0;
/// Pixels a point.
const SCALE: f64 = 2.0;

struct Picture {
    texture: TextureHandle,
    /// West, north, east, south in world units.
    world: [f64; 4],
    size: Vec2,
}

/// The picture, made once per scene and theme.
#[derive(Default)]
pub(crate) struct Inset {
    made: Option<((u64, bool), Picture)>,
}

/// The city as a picture: the more buildings under a pixel, the darker.
fn picture(ui: &Ui, scene: &Scene, bounds: &BBox) -> Picture {
    let c = theme(ui);
    let (a, b) = (
        world_from_lon_lat(lon_lat(bounds.west, bounds.north)),
        world_from_lon_lat(lon_lat(bounds.east, bounds.south)),
    );
    let (width, height) = ((b.x - a.x).max(1e-9), (b.y - a.y).max(1e-9));
    let scale = SIDE / width.max(height);
    let size = Vec2::new((width * scale).max(24.0) as f32, (height * scale).max(24.0) as f32);
    let pixels = [size.x, size.y].map(|s| (f64::from(s) * SCALE) as usize);
    let mut counts = vec![0u32; pixels[0] * pixels[1]];
    let column = |x: f64| (((x - a.x) / width * pixels[0] as f64) as usize).min(pixels[0] - 1);
    let row = |y: f64| (((y - a.y) / height * pixels[1] as f64) as usize).min(pixels[1] - 1);
    for feature in 0..scene.footprints().len() {
        let b = scene.footprints().bbox(feature);
        let low = world_from_lon_lat(lon_lat(b.west, b.north));
        let high = world_from_lon_lat(lon_lat(b.east, b.south));
        for y in row(low.y)..=row(high.y) {
            for x in column(low.x)..=column(high.x) {
                counts[y * pixels[0] + x] += 1;
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f32;
    let colours = counts.iter().map(|n| match n {
        0 => c.ground,
        n => c.ground.lerp_to_gamma(c.secondary, 0.35 + 0.65 * (*n as f32 / most).sqrt()),
    });
    let image = ColorImage::new(pixels, colours.collect());
    let texture = ui.ctx().load_texture("overview", image, TextureOptions::LINEAR);
    Picture { texture, world: [a.x, a.y, b.x, b.y], size }
}

impl Inset {
    /// Shows it over the map's corner. Returns where somebody wants to look.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        cx: &Ctx<'_>,
        scene: &Scene,
        camera: &Camera,
        map: Rect,
    ) -> Option<World> {
        let bounds = scene.footprints().bounds();
        if bounds.is_empty() {
            return None;
        }
        let c = theme(ui);
        let key = (cx.session.scene_version, ui.visuals().dark_mode);
        if self.made.as_ref().is_none_or(|(made, _)| *made != key) {
            self.made = Some((key, picture(ui, scene, &bounds)));
        }
        let (_, picture) = self.made.as_ref()?;
        let min =
            Pos2::new(map.right() - 16.0 - picture.size.x, map.bottom() - 48.0 - picture.size.y);
        let frame = Rect::from_min_size(min, picture.size);
        let response =
            ui.interact(frame, egui::Id::unique("overview inset"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, cx.t(Text::LayerInset)));
        plate(ui.painter(), frame.expand(3.0), c);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(picture.texture.id(), frame, whole, Color32::WHITE);
        let [west, north, east, south] = picture.world;
        let place = |x: f64, y: f64| {
            Pos2::new(
                frame.left() + ((x - west) / (east - west)) as f32 * frame.width(),
                frame.top() + ((y - north) / (south - north)) as f32 * frame.height(),
            )
        };
        let [x0, y0, x1, y1] = camera.bounds();
        let mut shown = Rect::from_min_max(place(x0, y0), place(x1, y1));
        if shown.width() < 6.0 {
            shown = Rect::from_center_size(shown.center(), Vec2::splat(6.0));
        }
        let painter = ui.painter().with_clip_rect(frame);
        let stroke = Stroke::new(1.5, c.accent);
        painter.rect(shown, 0.0, c.accent.gamma_multiply(0.12), stroke, egui::StrokeKind::Middle);
        let at = response
            .interact_pointer_pos()
            .filter(|_| response.clicked() || response.dragged_by(egui::PointerButton::Primary))?;
        Some(World {
            x: west + f64::from((at.x - frame.left()) / frame.width()) * (east - west),
            y: north + f64::from((at.y - frame.top()) / frame.height()) * (south - north),
        })
    }
}
