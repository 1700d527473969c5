//! A still picture of the map with its labels and legend, without a window.

use crate::domain::ids::BuildingId;
use crate::msg;
use crate::text::Message;
use std::sync::Arc;

use eframe::egui::{Pos2, Rect, Vec2};
use eframe::wgpu;
use jiff::civil::Date;

use crate::access::Actor;
use crate::app::asks::focus::Focused;
use crate::app::{Session, Settings, Value};
use crate::geo::BBox;
use crate::gpu::{Budget, MapRenderer, MapView, offscreen};
use crate::map::scene::AreaSums;
use crate::map::style::{self, MapTheme};
use crate::map::{Camera, Scene};
use crate::query::{Filter, FocusAnswer, Vocabulary};
use crate::text::Lang;
use crate::ui::ctx::Ctx;
use crate::ui::kit::tokens;
use crate::ui::map::overlay::Overlay;
use crate::ui::map::paint::{self, Signs};
use crate::ui::map::paint_over::paint_over;

/// What is drawn.
#[derive(Clone)]
pub struct Still {
    /// The map's content.
    pub scene: Arc<Scene>,
    /// Vocabularies, for labels.
    pub vocabulary: Arc<Vocabulary>,
    /// A focus and its answer.
    pub focus: Option<(Filter, FocusAnswer)>,
    /// Values of the theme in the settings, where it needs any.
    pub theme_values: Option<(MapTheme, Vec<(BuildingId, u32)>)>,
    /// Selected buildings, by row id, sorted.
    pub selection: Arc<[BuildingId]>,
    /// Layers, theme and the like.
    pub settings: Settings,
    /// Language of labels.
    pub lang: Lang,
    /// Where the camera looks; `size` is the picture's size in points.
    pub camera: Camera,
    /// Pixels per point.
    pub pixels_per_point: f32,
    /// Day and time ages and event filters are counted on.
    pub now: (Date, i64),
}

impl Still {
    /// The camera that shows a box (everything, for an empty one) in a picture of a size.
    #[must_use]
    pub fn camera_for(scene: &Scene, bounds: Option<BBox>, size: [u32; 2]) -> Camera {
        let camera = Camera { size: size.map(f64::from), ..Camera::default() };
        match bounds {
            Some(bounds) => camera.fitted(&bounds, 0.0),
            None => camera.fitted(&scene.footprints().bounds(), 30.0),
        }
    }

    /// Draws the picture: width, height and straight RGBA pixels.
    ///
    /// # Errors
    /// A sentence when the driver fails.
    pub fn draw(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> Result<(u32, u32, Vec<u8>), Message> {
        let dark = self.settings.dark == Some(true);
        let view = MapView {
            camera: self.camera,
            pixels_per_point: self.pixels_per_point,
            ground: tokens::colours(dark).ground.to_array(),
            buildings: self.settings.layers.buildings,
            base: self.settings.layers.basemap,
        };
        let most = device.limits().max_texture_dimension_2d;
        let [width, height] = view.size_px();
        if width > most || height > most {
            return Err(msg!("this graphics driver draws at most {} × {} pixels", most, most));
        }
        let mut renderer = MapRenderer::new(device, wgpu::TextureFormat::Rgba8Unorm, Budget::STILL);
        let session = self.session();
        let colouring = session.colouring();
        let palette = tokens::map_palette(dark, colouring.ramp());
        renderer.set_palette(queue, &palette, tokens::base_colours(dark));
        renderer.set_scene(device, self.scene.clone());
        let mut states = self.scene.states(&colouring);
        self.scene.mark(&mut states, &self.selection);
        let counts = style::class_counts(&states);
        let sums = colouring.summable().map(|v| self.scene.sums(v)).unwrap_or_default();
        renderer.set_states(queue, states.clone());
        let thanks = crate::ui::map::rasters::load(
            &self.settings.rasters,
            &mut renderer,
            &self.camera,
            self.pixels_per_point,
        )?;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        renderer.draw(device, queue, &mut encoder, &view);
        queue.submit([encoder.finish()]);
        let texture = renderer.texture().ok_or("the map was not drawn")?.clone();
        self.overlay(device, queue, &texture, (&session, &counts, &sums, &states), &thanks);
        let pixels = offscreen::read_back(device, queue, &texture)?;
        Ok((width, height, pixels))
    }

    /// Paints labels, signs, legend and scale over the drawn map.
    fn overlay(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        texture: &wgpu::Texture,
        (session, counts, sums, states): (&Session, &[u32; 256], &AreaSums, &[u8]),
        thanks: &str,
    ) {
        let dark = self.settings.dark == Some(true);
        let size = Vec2::new(self.camera.size[0] as f32, self.camera.size[1] as f32);
        let rect = Rect::from_min_size(Pos2::ZERO, size);
        let page = (dark, self.camera.size, self.pixels_per_point);
        paint_over((device, queue), texture, page, &mut |ui| {
            let mut wishes = Vec::new();
            let cx = Ctx { session, lang: self.lang, wishes: &mut wishes };
            let overlay = Overlay {
                rect,
                camera: &self.camera,
                scene: &self.scene,
                hovered: None,
                pointer: None,
                states,
                counts,
                sums,
                is_moving: false,
            };
            paint::show(ui, &cx, &overlay, &mut Signs::default());
            paint::thanks(ui, rect, thanks);
        });
    }

    fn session(&self) -> Session {
        let mut session =
            Session::new(self.settings.clone(), Actor::new(""), self.now.0, || 0, Arc::new(|| {}));
        session.vocabulary = self.vocabulary.clone();
        session.scene = Value::Ready(self.scene.clone());
        session.freeze_clock(self.now.1);
        if let Some(values) = &self.theme_values {
            *session.theme_values = Value::Ready(values.clone());
        }
        if let Some((filter, answer)) = &self.focus {
            session.filter = filter.clone();
            *session.focus = Value::Ready(Focused { answer: answer.clone(), ..Focused::default() });
        }
        session
    }
}
