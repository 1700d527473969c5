//! What the map's shader reads: a chunk's place on the screen, states and colours.

use eframe::wgpu;

use super::chunk_cache::GpuChunk;
use super::pipelines::{bind_group, element, texture, uniform_buffer};
use crate::map::Camera;

/// Width of the texture of state bytes; WebGL 2 guarantees 2,048.
pub(super) const STATES_WIDTH: u32 = 2048;
/// Bytes of one chunk's uniforms, and their distance in the buffer.
pub(super) const UNIFORM_BYTES: u64 = 32;
pub(super) const UNIFORM_STRIDE: u64 = 256;

/// A uniform buffer with room for so many chunks: the old one where it is large enough.
pub(super) fn uniforms_for(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    old: Option<(wgpu::Buffer, wgpu::BindGroup)>,
    elements: usize,
) -> Option<(wgpu::Buffer, wgpu::BindGroup)> {
    let bytes = elements.max(128) as u64 * UNIFORM_STRIDE;
    if old.as_ref().is_some_and(|(buffer, _)| buffer.size() >= bytes) {
        return old;
    }
    let buffer = uniform_buffer(device, "map views", bytes.next_power_of_two());
    let group = bind_group(device, "map views", layout, &[element(&buffer, UNIFORM_BYTES)]);
    Some((buffer, group))
}

/// Rows of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PaletteRow {
    Fill,
    Outline,
    Shadow,
}

/// How many rows the palette has.
pub(super) const PALETTE_ROWS: u32 = 3;

/// One drawing of a chunk's shapes: in which colours, and how far to the right and down, points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub(super) row: PaletteRow,
    pub(super) opacity: f32,
    pub(super) shift: f64,
}

pub(super) fn uniform(bytes: &mut [u8], chunk: &GpuChunk, camera: &Camera, layer: &Layer) {
    let scale = camera.points_per_world();
    // f64 until here: the difference to the camera is what becomes f32.
    let clip = |at: f64, center: f64, size: f64| (at - center) * scale * 2.0 / size;
    let origin = [
        (clip(chunk.origin[0], camera.center.x, camera.size[0])
            + layer.shift * 2.0 / camera.size[0]) as f32,
        (-clip(chunk.origin[1], camera.center.y, camera.size[1])
            - layer.shift * 2.0 / camera.size[1]) as f32,
    ];
    let half = chunk.half_extent * scale * 2.0;
    let factor = [(half / camera.size[0]) as f32, -(half / camera.size[1]) as f32];
    let words: [[u8; 4]; 8] = [
        origin[0].to_le_bytes(),
        origin[1].to_le_bytes(),
        factor[0].to_le_bytes(),
        factor[1].to_le_bytes(),
        chunk.first.to_le_bytes(),
        (layer.row as u32).to_le_bytes(),
        layer.opacity.to_le_bytes(),
        [0; 4],
    ];
    for (index, word) in words.iter().enumerate() {
        bytes[index * 4..][..4].copy_from_slice(word);
    }
}

pub(super) fn state_texture(device: &wgpu::Device, slots: u32) -> wgpu::Texture {
    let rows = slots.div_ceil(STATES_WIDTH).max(1);
    texture(
        device,
        "map states",
        [STATES_WIDTH, rows],
        wgpu::TextureFormat::R8Uint,
        wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
    )
}

pub(super) fn state_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    states: &wgpu::Texture,
    palette: &wgpu::Texture,
) -> wgpu::BindGroup {
    let view = |t: &wgpu::Texture| t.create_view(&wgpu::TextureViewDescriptor::default());
    let (states, palette) = (view(states), view(palette));
    bind_group(
        device,
        "map states",
        layout,
        &[
            wgpu::BindingResource::TextureView(&states),
            wgpu::BindingResource::TextureView(&palette),
        ],
    )
}
