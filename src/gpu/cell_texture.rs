//! The cells' picture on the graphics card.

use eframe::wgpu;

use super::pipelines::{
    PipelineParts, bind_group, linear_sampler, pipeline, sampler_entry, texture, texture_entry,
    uniform_buffer, uniform_entry,
};
use crate::map::Camera;
use crate::map::cells::{CellLayer, CellRegion};

/// Bytes of the shader's `Place`.
const PLACE_BYTES: u64 = 32;

/// Draws a [`CellLayer`].
pub(super) struct CellTexture {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    place: wgpu::Buffer,
    sampler: wgpu::Sampler,
    texture: Option<(wgpu::Texture, wgpu::BindGroup)>,
}

impl CellTexture {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let filterable = wgpu::TextureSampleType::Float { filterable: true };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("map cells"),
            entries: &[
                uniform_entry(0, false, PLACE_BYTES),
                texture_entry(1, filterable),
                sampler_entry(2),
            ],
        });
        let shader = device.create_shader_module(wgpu::include_wgsl!("cells.wgsl"));
        let pipeline = pipeline(&PipelineParts {
            device,
            label: "map cells",
            shader: &shader,
            layouts: &[Some(&layout)],
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleList,
            format,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        });
        let place = uniform_buffer(device, "map cells", PLACE_BYTES);
        let sampler = linear_sampler(device, "map cells");
        Self { pipeline, layout, place, sampler, texture: None }
    }

    /// Brings a layer's picture to the card.
    pub(super) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, layer: &CellLayer) {
        let Some(CellRegion { size: [width, height], .. }) = layer.region() else { return };
        let fits = |t: &wgpu::Texture| t.width() >= width && t.height() >= height;
        if !self.texture.as_ref().is_some_and(|(t, _)| fits(t)) {
            self.texture = Some(self.make(device, [width, height]));
        }
        let Some((texture, _)) = &self.texture else { return };
        queue.write_texture(
            texture.as_image_copy(),
            layer.pixels(),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * 4),
                rows_per_image: Some(height),
            },
            wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        );
    }

    fn make(&self, device: &wgpu::Device, size: [u32; 2]) -> (wgpu::Texture, wgpu::BindGroup) {
        // In steps, so that a few cells more do not make a new one.
        let most = device.limits().max_texture_dimension_2d;
        let size = size.map(|s| s.next_multiple_of(256).min(most));
        let texture = texture(
            device,
            "map cells",
            size,
            wgpu::TextureFormat::Rgba8Unorm,
            wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        );
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = bind_group(
            device,
            "map cells",
            &self.layout,
            &[
                self.place.as_entire_binding(),
                wgpu::BindingResource::TextureView(&view),
                wgpu::BindingResource::Sampler(&self.sampler),
            ],
        );
        (texture, group)
    }

    /// Tells the shader where the picture lies on a target of a size in pixels.
    pub(super) fn place(
        &self,
        queue: &wgpu::Queue,
        region: &CellRegion,
        camera: &Camera,
        target_px: [u32; 2],
    ) {
        let Some((texture, _)) = &self.texture else { return };
        let cells = f64::from(1u32 << region.level);
        let corner = camera.world([0.0, 0.0]);
        // f64 until here: only the distance to the picture's own corner becomes f32.
        let origin = [
            corner.x * cells - f64::from(region.origin[0]),
            corner.y * cells - f64::from(region.origin[1]),
        ];
        let step = |axis: usize| {
            camera.size[axis] / camera.points_per_world() * cells / f64::from(target_px[axis])
        };
        let words = [
            origin[0] as f32,
            origin[1] as f32,
            step(0) as f32,
            step(1) as f32,
            region.size[0] as f32,
            region.size[1] as f32,
            1.0 / texture.width() as f32,
            1.0 / texture.height() as f32,
        ];
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        queue.write_buffer(&self.place, 0, &bytes);
    }

    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        if let Some((_, group)) = &self.texture {
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.draw(0..3, 0..1);
        }
    }
}
