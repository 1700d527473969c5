//! The paint callback that puts the map into the window.

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui_wgpu::{CallbackResources, CallbackTrait, ScreenDescriptor};
use eframe::epaint::PaintCallbackInfo;
use eframe::wgpu;

use super::{MapRenderer, MapView};

/// Draws the map if it changed, then copies it into the callback's rectangle.
pub struct MapBlit {
    /// The renderer, shared with the window.
    pub renderer: Arc<Mutex<MapRenderer>>,
    /// What to show.
    pub view: MapView,
    /// Top left of the rectangle in the window, points.
    pub origin: [f32; 2],
}

impl CallbackTrait for MapBlit {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        _resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let mut renderer = self.renderer.lock().unwrap_or_else(PoisonError::into_inner);
        renderer.draw(device, queue, encoder, &self.view);
        let px = |points: f32| (points * screen.pixels_per_point).round() as i32;
        renderer.set_blit_origin(queue, self.origin.map(px));
        Vec::new()
    }

    fn paint(
        &self,
        _info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        self.renderer.lock().unwrap_or_else(PoisonError::into_inner).blit(pass);
    }
}
