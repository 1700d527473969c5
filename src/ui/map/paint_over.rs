//! Widgets painted over a texture, for pictures without a window.

use eframe::egui::{self, Pos2, Rect, Vec2};
use eframe::{egui_wgpu, wgpu};

use crate::ui::kit::theme;

/// Paints widgets over a texture: dark or not, size in points, pixels per point.
pub(crate) fn paint_over(
    (device, queue): (&wgpu::Device, &wgpu::Queue),
    texture: &wgpu::Texture,
    (dark, size, pixels_per_point): (bool, [f64; 2], f32),
    add: &mut dyn FnMut(&mut egui::Ui),
) {
    let ctx = egui::Context::default();
    theme::install(&ctx);
    ctx.set_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light });
    let rect = Rect::from_min_size(Pos2::ZERO, Vec2::new(size[0] as f32, size[1] as f32));
    let mut renderer = egui_wgpu::Renderer::new(
        device,
        wgpu::TextureFormat::Rgba8Unorm,
        egui_wgpu::RendererOptions::PREDICTABLE,
    );
    // Fonts are ready from the second pass on.
    for pass in 0..2 {
        let mut raw = egui::RawInput {
            screen_rect: Some(rect),
            max_texture_side: Some(device.limits().max_texture_dimension_2d as usize),
            ..Default::default()
        };
        if let Some(viewport) = raw.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(pixels_per_point);
        }
        let mut out = ctx.run_ui(raw, &mut *add);
        for (id, deltas) in out.textures_delta.set.drain() {
            for delta in deltas {
                renderer.update_texture(device, queue, id, &delta);
            }
        }
        out.textures_delta.free.clear();
        let pixels_per_point = out.pixels_per_point;
        let shapes = std::mem::take(&mut out.shapes);
        if pass == 1 {
            let primitives = ctx.tessellate(shapes, pixels_per_point);
            paint(device, queue, &mut renderer, texture, &primitives, pixels_per_point);
        }
    }
}

fn paint(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    renderer: &mut egui_wgpu::Renderer,
    texture: &wgpu::Texture,
    primitives: &[egui::ClippedPrimitive],
    pixels_per_point: f32,
) {
    let screen = egui_wgpu::ScreenDescriptor {
        size_in_pixels: [texture.width(), texture.height()],
        pixels_per_point,
    };
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut buffers = renderer.update_buffers(device, queue, &mut encoder, primitives, &screen);
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    {
        let mut pass = encoder
            .begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("map overlay"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
                })],
                ..Default::default()
            })
            .forget_lifetime();
        renderer.render(&mut pass, primitives, &screen);
    }
    buffers.push(encoder.finish());
    queue.submit(buffers);
}
