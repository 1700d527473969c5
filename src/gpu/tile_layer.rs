//! Raster tiles under everything else: decoded pictures as textures, thrown away by age.

use std::collections::HashMap;

use eframe::wgpu;

use super::pipelines::{
    PipelineParts, bind_group, fill_texture, filled_buffer, linear_sampler, pipeline,
    sampler_entry, texture, texture_entry,
};
use crate::geo::datum::Datum;
use crate::map::Camera;
use crate::map::tiles::TileId;

/// Bytes of tiles kept on the card.
const MOST_BYTES: usize = 96 << 20;
/// Bytes of a corner: position, part of the picture, opacity.
const CORNER_BYTES: u64 = 20;

/// One raster layer of a view, the lowest first.
#[derive(Debug, Clone, PartialEq)]
pub struct TileView {
    /// Which source.
    pub source: u32,
    /// 0‥1.
    pub opacity: f32,
    /// Which coordinates its tiles are in.
    pub datum: Datum,
    /// The tiles in sight; an ancestor stands in for one that is not there yet.
    pub tiles: Vec<TileId>,
}

struct GpuTile {
    group: wgpu::BindGroup,
    bytes: usize,
    used: u64,
}

/// The layers and their pictures.
pub(super) struct TileLayer {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    tiles: HashMap<(u32, TileId), GpuTile>,
    bytes: usize,
    clock: u64,
    views: Vec<TileView>,
    corners: Option<wgpu::Buffer>,
    drawn: Vec<(u32, TileId)>,
    /// Decoded, but not on the card yet.
    pending: HashMap<(u32, TileId), ([u32; 2], Vec<u8>)>,
}

impl TileLayer {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("map tiles"),
            entries: &[
                texture_entry(0, wgpu::TextureSampleType::Float { filterable: true }),
                sampler_entry(1),
            ],
        });
        let attributes = wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2, 2 => Float32];
        let vertex = wgpu::VertexBufferLayout {
            array_stride: CORNER_BYTES,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &attributes,
        };
        let shader = device.create_shader_module(wgpu::include_wgsl!("tiles.wgsl"));
        let pipeline = pipeline(&PipelineParts {
            device,
            label: "map tiles",
            shader: &shader,
            layouts: &[Some(&layout)],
            buffers: &[Some(vertex)],
            topology: wgpu::PrimitiveTopology::TriangleList,
            format,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        });
        let sampler = linear_sampler(device, "map tiles");
        Self {
            pipeline,
            layout,
            sampler,
            tiles: HashMap::new(),
            bytes: 0,
            clock: 0,
            views: Vec::new(),
            corners: None,
            drawn: Vec::new(),
            pending: HashMap::new(),
        }
    }

    /// Replaces the layers. Returns whether anything changed.
    pub(super) fn set_views(&mut self, views: Vec<TileView>) -> bool {
        let is_new = self.views != views;
        self.views = views;
        is_new
    }

    pub(super) fn has(&self, source: u32, tile: TileId) -> bool {
        self.tiles.contains_key(&(source, tile)) || self.pending.contains_key(&(source, tile))
    }

    /// Forgets the tiles of a source.
    pub(super) fn forget(&mut self, source: u32) {
        self.tiles.retain(|(of, _), _| *of != source);
        self.bytes = self.tiles.values().map(|t| t.bytes).sum();
    }

    /// Takes a decoded tile; the next frame brings it to the card.
    pub(super) fn add(&mut self, key: (u32, TileId), size: [u32; 2], rgba: Vec<u8>) {
        self.pending.insert(key, (size, rgba));
    }

    fn upload(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        key: (u32, TileId),
        size: [u32; 2],
        rgba: &[u8],
    ) {
        let picture = texture(
            device,
            "map tile",
            size,
            wgpu::TextureFormat::Rgba8Unorm,
            wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        );
        fill_texture(queue, &picture, rgba);
        let view = picture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = bind_group(
            device,
            "map tile",
            &self.layout,
            &[
                wgpu::BindingResource::TextureView(&view),
                wgpu::BindingResource::Sampler(&self.sampler),
            ],
        );
        let tile = GpuTile { group, bytes: rgba.len(), used: self.clock };
        self.bytes += tile.bytes;
        if let Some(old) = self.tiles.insert(key, tile) {
            self.bytes -= old.bytes;
        }
    }

    /// Throws the longest unused tiles away, but none of the last frame's.
    fn trim(&mut self) {
        while self.bytes > MOST_BYTES {
            let oldest = self.tiles.iter().min_by_key(|(key, tile)| (tile.used, **key));
            let Some((key, tile)) = oldest else { return };
            if tile.used >= self.clock {
                return;
            }
            let (key, bytes) = (*key, tile.bytes);
            self.tiles.remove(&key);
            self.bytes -= bytes;
        }
    }

    /// Places the quads for a camera.
    pub(super) fn place(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, camera: &Camera) {
        self.clock += 1;
        for (key, (size, rgba)) in std::mem::take(&mut self.pending) {
            self.upload(device, queue, key, size, &rgba);
        }
        self.drawn.clear();
        let mut bytes = Vec::new();
        for view in &self.views {
            for tile in &view.tiles {
                let there = std::iter::successors(Some(*tile), |t| t.parent())
                    .find(|t| self.tiles.contains_key(&(view.source, *t)));
                let Some(there) = there else { continue };
                let Some([west, north, width]) = tile.part_of(there) else { continue };
                let key = (view.source, there);
                if let Some(gpu) = self.tiles.get_mut(&key) {
                    gpu.used = self.clock;
                }
                let clip = tile.corners(view.datum).map(|corner| {
                    let [x, y] = camera.screen(corner);
                    [
                        (x / camera.size[0] * 2.0 - 1.0) as f32,
                        (1.0 - y / camera.size[1] * 2.0) as f32,
                    ]
                });
                let (east, south) = (west + width, north + width);
                let parts = [[west, north], [east, north], [west, south], [east, south]];
                for corner in [0, 1, 2, 2, 1, 3] {
                    let [x, y] = clip[corner];
                    let [u, v] = parts[corner];
                    for value in [x, y, u, v, view.opacity] {
                        bytes.extend_from_slice(&value.to_le_bytes());
                    }
                }
                self.drawn.push(key);
            }
        }
        self.trim();
        self.corners = (!self.drawn.is_empty())
            .then(|| filled_buffer(device, "map tiles", bytes, wgpu::BufferUsages::VERTEX));
    }

    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        let Some(corners) = &self.corners else { return };
        pass.set_pipeline(&self.pipeline);
        pass.set_vertex_buffer(0, corners.slice(..));
        for (index, key) in self.drawn.iter().enumerate() {
            let Some(tile) = self.tiles.get(key) else { continue };
            let first = index as u32 * 6;
            pass.set_bind_group(0, &tile.group, &[]);
            pass.draw(first..first + 6, 0..1);
        }
    }
}
