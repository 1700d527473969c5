//! Moving the camera: the first fit, flights, mouse, wheel, touchpad, keys, gliding.

use eframe::egui::{self, Key, PointerButton, Ui, Vec2};

use crate::map::Camera;
use crate::ui::ctx::Ctx;
use crate::ui::kit::widgets::keep_arrows;
use crate::ui::map::view::{FIT_MARGIN, FLIGHT_SECS, Flight, MapPanel, Wanted};

/// Zoom levels a wheel notch (50 points) is worth.
const ZOOM_PER_POINT: f64 = 1.0 / 120.0;
/// Points an arrow key pans.
const ARROW_PAN: f64 = 80.0;

impl MapPanel {
    pub(crate) fn first_fit(&mut self, cx: &Ctx<'_>) {
        let Some(scene) = cx.session.scene.get() else {
            self.fitted_to = Some([0.0, 0.0]);
            return;
        };
        let size = self.camera.size;
        if self.fitted_to.is_some_and(|fitted| fitted != size) && !scene.footprints().is_empty() {
            self.camera = self.camera.fitted(&scene.footprints().bounds(), FIT_MARGIN);
            self.fitted_to = Some(size);
        }
    }

    pub(crate) fn fly(&mut self, ui: &Ui) {
        let now = ui.input(|i| i.time);
        if self.wanted.is_some() {
            self.fitted_to = None;
        }
        match self.wanted.take() {
            Some(Wanted::Flight(to)) => {
                let to = Camera { size: self.camera.size, ..to };
                if ui.style().animation_time <= 0.0 {
                    self.camera = to;
                } else {
                    self.flight = Some(Flight { from: self.camera, to, started: now });
                }
            }
            Some(Wanted::Zoom(levels)) => {
                let middle = [self.camera.size[0] / 2.0, self.camera.size[1] / 2.0];
                self.camera.zoom_about(middle, levels);
            }
            None => {}
        }
        if let Some(flight) = &self.flight {
            let t = (now - flight.started) / FLIGHT_SECS;
            let to = Camera { size: self.camera.size, ..flight.to };
            self.camera = Camera { size: self.camera.size, ..flight.from }.towards(&to, t);
            if t >= 1.0 {
                self.flight = None;
            } else {
                ui.request_repaint();
            }
        }
    }

    pub(crate) fn navigate(&mut self, ui: &Ui, response: &egui::Response) {
        let pans = response.dragged_by(PointerButton::Middle)
            || (response.dragged_by(PointerButton::Primary) && !self.select.takes_drag(ui));
        if pans {
            let by = response.drag_delta();
            if by != Vec2::ZERO {
                self.camera.pan([f64::from(by.x), f64::from(by.y)]);
                (self.flight, self.fitted_to) = (None, None);
            }
        }
        self.glide(ui, response, pans);
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta.y, i.zoom_delta()));
            let levels = f64::from(wheel) * ZOOM_PER_POINT + f64::from(pinch).log2();
            if levels != 0.0 {
                let at = at - self.rect.min;
                self.camera.zoom_about([f64::from(at.x), f64::from(at.y)], levels);
                (self.flight, self.fitted_to) = (None, None);
            }
        }
        if response.clicked() {
            response.request_focus();
        }
        if !response.has_focus() {
            return;
        }
        keep_arrows(ui, response);
        let keys: [(Key, [f64; 2], f64); 7] = [
            (Key::ArrowLeft, [ARROW_PAN, 0.0], 0.0),
            (Key::ArrowRight, [-ARROW_PAN, 0.0], 0.0),
            (Key::ArrowUp, [0.0, ARROW_PAN], 0.0),
            (Key::ArrowDown, [0.0, -ARROW_PAN], 0.0),
            (Key::Plus, [0.0, 0.0], 1.0),
            (Key::Equals, [0.0, 0.0], 1.0),
            (Key::Minus, [0.0, 0.0], -1.0),
        ];
        for (key, pan, levels) in keys {
            let times = ui.input(|i| if i.modifiers.command { 0 } else { i.num_presses(key) });
            if times > 0 {
                self.fitted_to = None;
            }
            for _ in 0..times {
                self.camera.pan(pan);
                let middle = [self.camera.size[0] / 2.0, self.camera.size[1] / 2.0];
                self.camera.zoom_about(middle, levels);
            }
        }
    }

    /// After a quick drag the map glides on and comes to rest within half a second.
    fn glide(&mut self, ui: &Ui, response: &egui::Response, pans: bool) {
        /// Share of the speed that is left after a second.
        const LEFT_AFTER_A_SECOND: f32 = 0.002;
        /// Slower than this is standing still, points a second.
        const LEAST_SPEED: f32 = 30.0;
        /// A drag slower than this is a placing, not a throw.
        const LEAST_THROW: f32 = 250.0;
        if response.is_pointer_button_down_on() || ui.input(|i| i.smooth_scroll_delta.y != 0.0) {
            self.glide = Vec2::ZERO;
        }
        if response.drag_stopped() && ui.style().animation_time > 0.0 && self.threw {
            let speed = ui.input(|i| i.pointer.velocity());
            self.glide = if speed.length() > LEAST_THROW { speed } else { Vec2::ZERO };
        }
        self.threw = pans;
        if self.glide.length() < LEAST_SPEED || self.flight.is_some() {
            self.glide = Vec2::ZERO;
            return;
        }
        let dt = ui.input(|i| i.stable_dt).min(0.05);
        let by = self.glide * dt;
        self.camera.pan([f64::from(by.x), f64::from(by.y)]);
        self.glide *= LEFT_AFTER_A_SECOND.powf(dt);
        ui.request_repaint();
    }
}
