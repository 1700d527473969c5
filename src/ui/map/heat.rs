//! The density of events as a soft layer over the map.

use eframe::egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, pos2};

use crate::app::settings::EventFilter;
use crate::map::Camera;
use crate::map::heat::density;
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens::Colours;
use crate::ui::map::overlay::Overlay;

/// What the picture depends on.
type Key = (u64, EventFilter, i64, Camera, bool);

/// The picture of the last frame.
#[derive(Default)]
pub(crate) struct HeatMap {
    made: Option<(Key, TextureHandle)>,
}

/// Events that are closed count for less than open ones.
const CLOSED_WEIGHT: f32 = 0.35;
/// Opacity where it is densest.
const MOST_ALPHA: f32 = 0.75;
/// Densities below this share of the greatest are left clear.
const LEAST: f32 = 0.04;

impl HeatMap {
    pub(crate) fn show(&mut self, painter: &Painter, cx: &Ctx<'_>, o: &Overlay<'_>, c: &Colours) {
        let (filter, now) = (cx.session.settings.events, cx.session.now());
        let dark = painter.ctx().theme() == eframe::egui::Theme::Dark;
        let key = (cx.session.scene_version, filter, now / 3_600, *o.camera, dark);
        if self.made.as_ref().is_none_or(|(made, _)| *made != key) {
            let events = o.scene.events.iter().zip(o.scene.event_places.iter());
            let points = events
                .filter(|(e, _)| filter.passes(e.state, e.kind, e.reported_at, now))
                .map(|(e, place)| {
                    let is_open = crate::domain::workflow::event::is_open(e.state);
                    (o.camera.screen(*place), if is_open { 1.0 } else { CLOSED_WEIGHT })
                });
            let heat = density(o.camera.size, points);
            // A lone event is no hot spot.
            let most = heat.most.max(2.0);
            let pixels = heat.values.iter().map(|v| colour(v / most, c)).collect();
            let image = ColorImage::new([heat.width, heat.height], pixels);
            let texture = painter.ctx().load_texture("events", image, TextureOptions::LINEAR);
            self.made = Some((key, texture));
        }
        if let Some((_, texture)) = &self.made {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), o.rect, whole, Color32::WHITE);
        }
    }
}

/// Clear, then amber, then red: one that rises in grey too.
fn colour(share: f32, c: &Colours) -> Color32 {
    if share < LEAST {
        return Color32::TRANSPARENT;
    }
    let share = ((share - LEAST) / (1.0 - LEAST)).clamp(0.0, 1.0).powf(0.7);
    c.warn.lerp_to_gamma(c.danger, share).gamma_multiply(MOST_ALPHA * share)
}
