//! The map's picture: cells from afar, outlines from near, in a texture of its own.
//!
//! A frame's work is bounded by what is on the screen, not by the size of the city. Up to
//! [`Budget::moving`] visible buildings, outlines are drawn at once. Above it, cells are drawn
//! (see [`crate::map::cells`]); and when the view has come to rest and the buildings in it are
//! not more than [`Budget::resting`], their outlines are drawn a slice a frame into a second
//! texture, which then takes the place of the first.

use std::sync::Arc;
use std::time::Instant;

use eframe::wgpu;

use super::base_layer::BaseLayer;
use super::cell_texture::CellTexture;
use super::chunk_cache::{ChunkCache, GpuChunk};
use super::pipelines::{
    PipelineParts, bind_group, fill_texture, pipeline, texture, texture_entry, uniform_buffer,
    uniform_entry,
};
use super::tile_layer::{TileLayer, TileView};
use super::uniforms::{
    Layer, PALETTE_ROWS, PaletteRow, STATES_WIDTH, UNIFORM_BYTES, UNIFORM_STRIDE, state_group,
    state_texture, uniform, uniforms_for,
};
use super::view::{Budget, Detail, MapView};
use crate::map::cells::{CellClass, CellLayer};
use crate::map::style::{BaseColours, ClassColours};
use crate::map::tiles::TileId;
use crate::map::{Camera, Scene};

/// Format of the map's own texture; colours are gamma-encoded as egui's are.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
/// Bytes of chunks kept on the card.
const MOST_CHUNK_BYTES: u64 = 96 << 20;

struct Target {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    blit_group: wgpu::BindGroup,
}

/// The picture on the screen, and the one that is being made in its stead.
struct Targets {
    front: Target,
    back: Target,
    size: [u32; 2],
}

/// Buildings that are still to be drawn into the back target: where they are shown, the shadows of
/// all chunks first, then the insides of all, then the borders, so that none covers what belongs
/// above it.
struct Refinement {
    chunks: Vec<usize>,
    next: usize,
    part: Part,
    has_begun: bool,
}

impl Refinement {
    fn of(chunks: Vec<usize>, zoom: f64) -> Self {
        let part = if shadow_opacity(zoom) > 0.0 { Part::Shadows } else { Part::Insides };
        Self { chunks, next: 0, part, has_begun: false }
    }

    /// What comes after all chunks have been drawn.
    fn next_part(&self, zoom: f64) -> Option<Part> {
        match self.part {
            Part::Shadows => Some(Part::Insides),
            Part::Insides if outline_opacity(zoom) > 0.0 => Some(Part::Borders),
            _ => None,
        }
    }
}

/// Draws the map into a texture and copies it where it is wanted.
pub struct MapRenderer {
    fill: wgpu::RenderPipeline,
    line: wgpu::RenderPipeline,
    blit: wgpu::RenderPipeline,
    blit_layout: wgpu::BindGroupLayout,
    blit_origin: wgpu::Buffer,
    view_layout: wgpu::BindGroupLayout,
    state_layout: wgpu::BindGroupLayout,
    scene: Option<Arc<Scene>>,
    cache: ChunkCache,
    base: BaseLayer,
    tiles: TileLayer,
    cells: CellTexture,
    layer: CellLayer,
    classes: Vec<CellClass>,
    state_bytes: Vec<u8>,
    uniforms: Option<(wgpu::Buffer, wgpu::BindGroup)>,
    states: wgpu::Texture,
    palette: wgpu::Texture,
    state_group: wgpu::BindGroup,
    targets: Option<Targets>,
    drawn: Option<(MapView, u64)>,
    refinement: Option<Refinement>,
    detail: Detail,
    budget: Budget,
    version: u64,
}

impl MapRenderer {
    /// Builds the pipelines; `window_format` is what [`MapRenderer::blit`] draws into.
    #[must_use]
    pub fn new(device: &wgpu::Device, window_format: wgpu::TextureFormat, budget: Budget) -> Self {
        let layout = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries,
            })
        };
        let float = wgpu::TextureSampleType::Float { filterable: false };
        let view_layout = layout("map view", &[uniform_entry(0, true, UNIFORM_BYTES)]);
        let state_layout = layout(
            "map states",
            &[texture_entry(0, wgpu::TextureSampleType::Uint), texture_entry(1, float)],
        );
        let blit_layout =
            layout("map blit", &[texture_entry(0, float), uniform_entry(1, false, 16)]);
        let shader = device.create_shader_module(wgpu::include_wgsl!("map.wgsl"));
        let blit_shader = device.create_shader_module(wgpu::include_wgsl!("blit.wgsl"));
        let attributes = wgpu::vertex_attr_array![0 => Sint16x2, 1 => Uint16x2];
        let vertex = wgpu::VertexBufferLayout {
            array_stride: 8,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &attributes,
        };
        let map_layouts = [Some(&view_layout), Some(&state_layout)];
        let buffers = [Some(vertex)];
        let mut parts = PipelineParts {
            device,
            label: "map fill",
            shader: &shader,
            layouts: &map_layouts,
            buffers: &buffers,
            topology: wgpu::PrimitiveTopology::TriangleList,
            format: FORMAT,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        };
        let fill = pipeline(&parts);
        parts.label = "map outline";
        parts.topology = wgpu::PrimitiveTopology::LineList;
        let line = pipeline(&parts);
        let blit = pipeline(&PipelineParts {
            device,
            label: "map blit",
            shader: &blit_shader,
            layouts: &[Some(&blit_layout)],
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleList,
            format: window_format,
            blend: None,
        });
        let states = state_texture(device, 1);
        let palette = texture(
            device,
            "palette",
            [256, PALETTE_ROWS],
            wgpu::TextureFormat::Rgba8Unorm,
            wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        );
        let state_group = state_group(device, &state_layout, &states, &palette);
        let blit_origin = uniform_buffer(device, "map blit origin", 16);
        Self {
            fill,
            line,
            blit,
            blit_layout,
            blit_origin,
            view_layout,
            state_layout,
            scene: None,
            cache: ChunkCache::default(),
            base: BaseLayer::new(device, FORMAT),
            tiles: TileLayer::new(device, FORMAT),
            cells: CellTexture::new(device, FORMAT),
            layer: CellLayer::default(),
            classes: Vec::new(),
            state_bytes: Vec::new(),
            uniforms: None,
            states,
            palette,
            state_group,
            targets: None,
            drawn: None,
            refinement: None,
            detail: Detail::Empty,
            budget,
            version: 0,
        }
    }

    /// Replaces the buildings. Their states have to follow.
    pub fn set_scene(&mut self, device: &wgpu::Device, scene: Arc<Scene>) {
        self.cache.clear();
        self.states = state_texture(device, scene.footprints().len() as u32);
        self.state_group = state_group(device, &self.state_layout, &self.states, &self.palette);
        self.state_bytes.clear();
        self.base.set_map(device, &scene.base);
        self.scene = Some(scene);
        self.changed();
    }

    /// Replaces the raster layers, the lowest first.
    pub fn set_tiles(&mut self, views: Vec<TileView>) {
        if self.tiles.set_views(views) {
            self.version += 1;
        }
    }

    /// Whether a tile is there.
    #[must_use]
    pub fn has_tile(&self, source: u32, tile: TileId) -> bool {
        self.tiles.has(source, tile)
    }

    /// Forgets the tiles of a source.
    pub fn forget_tiles(&mut self, source: u32) {
        self.tiles.forget(source);
        self.version += 1;
    }

    /// Takes a decoded tile: its size and straight RGBA.
    pub fn add_tile(&mut self, key: (u32, TileId), size: [u32; 2], rgba: Vec<u8>) {
        self.tiles.add(key, size, rgba);
        self.version += 1;
    }

    fn changed(&mut self) {
        self.layer.clear();
        self.refinement = None;
        self.version += 1;
    }

    /// Replaces the state bytes, by feature.
    pub fn set_states(&mut self, queue: &wgpu::Queue, states: Vec<u8>) {
        let rows = self.states.height();
        let mut padded = states;
        let count = padded.len();
        padded.resize((STATES_WIDTH * rows) as usize, 0);
        fill_texture(queue, &self.states, &padded);
        padded.truncate(count);
        self.state_bytes = padded;
        self.changed();
    }

    /// Replaces the colours of the classes (missing ones are transparent) and of the basemap.
    pub fn set_palette(
        &mut self,
        queue: &wgpu::Queue,
        classes: &[ClassColours],
        base: BaseColours,
    ) {
        self.base.set_colours(base);
        let mut bytes = vec![0u8; 256 * PALETTE_ROWS as usize * 4];
        for (index, class) in classes.iter().take(256).enumerate() {
            bytes[index * 4..][..4].copy_from_slice(&class.fill);
            bytes[(256 + index) * 4..][..4].copy_from_slice(&class.outline);
            bytes[(512 + index) * 4..][..4].copy_from_slice(&class.shadow);
        }
        fill_texture(queue, &self.palette, &bytes);
        self.classes = classes
            .iter()
            .map(|class| CellClass {
                rgb: [class.cell[0], class.cell[1], class.cell[2]],
                weight: class.weight,
            })
            .collect();
        self.changed();
    }

    fn ensure_targets(&mut self, device: &wgpu::Device, size: [u32; 2]) {
        if self.targets.as_ref().is_some_and(|t| t.size == size) {
            return;
        }
        let make = || {
            let usage = wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC;
            let texture = texture(device, "map", size, FORMAT, usage);
            let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
            let blit_group = bind_group(
                device,
                "map blit",
                &self.blit_layout,
                &[wgpu::BindingResource::TextureView(&view), self.blit_origin.as_entire_binding()],
            );
            Target { texture, view, blit_group }
        };
        self.targets = Some(Targets { front: make(), back: make(), size });
        (self.drawn, self.refinement) = (None, None);
    }

    /// Whether the picture is still being refined, so that another frame is wanted.
    #[must_use]
    pub fn is_refining(&self) -> bool {
        self.refinement.is_some()
    }

    /// How the picture on the screen was drawn.
    #[must_use]
    pub fn detail(&self) -> Detail {
        self.detail
    }

    /// Bytes of outlines on the card.
    #[must_use]
    pub fn chunk_bytes(&self) -> u64 {
        self.cache.bytes()
    }

    /// Draws the map into its texture, unless it shows the same already. Returns whether it drew.
    pub fn draw(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        view: &MapView,
    ) -> bool {
        let most = device.limits().max_texture_dimension_2d;
        let size = view.size_px().map(|px| px.min(most));
        self.ensure_targets(device, size);
        if self.drawn == Some((*view, self.version)) {
            return self.refine(device, queue, encoder, view);
        }
        self.drawn = Some((*view, self.version));
        self.refinement = None;
        self.tiles.place(device, queue, &view.camera);
        self.base.place(queue, &view.camera, size, view.pixels_per_point);
        let Some(scene) = self
            .scene
            .clone()
            .filter(|scene| view.buildings && self.state_bytes.len() == scene.footprints().len())
        else {
            self.detail = Detail::Empty;
            self.paint(device, queue, encoder, view, &Pass::fresh(Which::Front));
            return true;
        };
        let visible: Vec<usize> = scene.chunks.visible(view.camera.bounds()).collect();
        let buildings: usize = visible.iter().map(|c| scene.chunks.chunks[*c].count as usize).sum();
        if buildings <= self.budget.moving {
            let until = Instant::now() + self.budget.making;
            let is_whole = self.cache.ensure(device, &scene, &visible, || Instant::now() > until);
            self.cache.trim(MOST_CHUNK_BYTES);
            if !is_whole {
                // Cells stand in for what is not made yet; the rest follows in the next frames.
                self.refinement = Some(Refinement::of(visible.clone(), view.camera.zoom));
                self.cover(device, queue, view, &scene);
            }
            self.detail = if is_whole { Detail::Outlines } else { Detail::Cells };
            let pass = Pass { cells: !is_whole, chunks: &visible, ..Pass::fresh(Which::Front) };
            self.paint(device, queue, encoder, view, &pass);
        } else {
            self.cover(device, queue, view, &scene);
            self.detail = Detail::Cells;
            let pass = Pass { cells: true, ..Pass::fresh(Which::Front) };
            self.paint(device, queue, encoder, view, &pass);
            if buildings <= self.budget.resting {
                self.refinement = Some(Refinement::of(visible, view.camera.zoom));
            }
        }
        true
    }

    fn cover(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, view: &MapView, scene: &Scene) {
        let MapView { camera, pixels_per_point, .. } = view;
        let states = &self.state_bytes;
        if self.layer.cover(camera, *pixels_per_point, scene, states, &self.classes) {
            self.cells.upload(device, queue, &self.layer);
        }
        if let (Some(region), Some(targets)) = (self.layer.region(), &self.targets) {
            self.cells.place(queue, &region, camera, targets.size);
        }
    }

    /// Draws the next slice of outlines into the back target; the last one brings it to the front.
    fn refine(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        view: &MapView,
    ) -> bool {
        let (Some(mut refinement), Some(scene)) = (self.refinement.take(), self.scene.clone())
        else {
            return false;
        };
        let slice = self.budget.moving.max(1) / 2;
        let (from, mut count) = (refinement.next, 0);
        while let Some(chunk) = refinement.chunks.get(refinement.next)
            && count < slice
        {
            count += scene.chunks.chunks[*chunk].count as usize;
            refinement.next += 1;
        }
        let until = Instant::now() + self.budget.making;
        let wanted = &refinement.chunks[from..refinement.next];
        let is_whole = self.cache.ensure(device, &scene, wanted, || Instant::now() > until);
        if !is_whole {
            refinement.next =
                from + wanted.iter().take_while(|c| self.cache.get(**c).is_some()).count();
        }
        let pass = Pass {
            which: Which::Back,
            keeps: refinement.has_begun,
            cells: false,
            chunks: &refinement.chunks[from..refinement.next],
            part: refinement.part,
        };
        self.paint(device, queue, encoder, view, &pass);
        refinement.has_begun = true;
        if refinement.next < refinement.chunks.len() {
            self.refinement = Some(refinement);
        } else if let Some(part) = refinement.next_part(view.camera.zoom) {
            (refinement.next, refinement.part) = (0, part);
            self.refinement = Some(refinement);
        } else if let Some(targets) = &mut self.targets {
            std::mem::swap(&mut targets.front, &mut targets.back);
            self.detail = Detail::Outlines;
            self.cache.trim(MOST_CHUNK_BYTES);
        }
        true
    }

    /// One render pass over a target.
    fn paint(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        view: &MapView,
        what: &Pass<'_>,
    ) {
        let chunks: Vec<&GpuChunk> =
            what.chunks.iter().filter_map(|number| self.cache.get(*number)).collect();
        let layers = what.part.layers(&view.camera);
        let count = chunks.len() * layers.len();
        self.uniforms = uniforms_for(device, &self.view_layout, self.uniforms.take(), count);
        if let Some((buffer, _)) = &self.uniforms {
            let mut bytes = vec![0u8; count * UNIFORM_STRIDE as usize];
            let every = layers.iter().flat_map(|layer| chunks.iter().map(move |c| (layer, c)));
            for (element, (layer, chunk)) in bytes.chunks_mut(UNIFORM_STRIDE as usize).zip(every) {
                uniform(element, chunk, &view.camera, layer);
            }
            queue.write_buffer(buffer, 0, &bytes);
        }
        let Some(targets) = &self.targets else { return };
        let target = if what.which == Which::Front { &targets.front } else { &targets.back };
        let [r, g, b, _] = view.ground.map(|c| f64::from(c) / 255.0);
        let load = if what.keeps {
            wgpu::LoadOp::Load
        } else {
            wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 })
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("map"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &target.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        if !what.keeps {
            self.tiles.draw(&mut pass);
        }
        if view.base && !what.keeps {
            self.base.draw(&mut pass);
        }
        if what.cells {
            self.cells.draw(&mut pass);
        }
        let Some((_, group)) = &self.uniforms else { return };
        pass.set_bind_group(1, &self.state_group, &[]);
        let mut offset = 0;
        for layer in &layers {
            let has_lines = layer.row == PaletteRow::Outline;
            pass.set_pipeline(if has_lines { &self.line } else { &self.fill });
            for chunk in &chunks {
                let here = offset;
                offset += UNIFORM_STRIDE as u32;
                let end = chunk.triangles + chunk.lines;
                let indices = if has_lines { chunk.triangles..end } else { 0..chunk.triangles };
                if indices.is_empty() {
                    continue;
                }
                pass.set_bind_group(0, group, &[here]);
                pass.set_vertex_buffer(0, chunk.corners.slice(..));
                pass.set_index_buffer(chunk.indices.slice(..), wgpu::IndexFormat::Uint16);
                pass.draw_indexed(indices, 0, 0..1);
            }
        }
    }

    /// Tells where on the window (pixels from the top left) the map's own top left goes.
    pub fn set_blit_origin(&self, queue: &wgpu::Queue, origin_px: [i32; 2]) {
        let mut bytes = [0u8; 16];
        bytes[..4].copy_from_slice(&origin_px[0].to_le_bytes());
        bytes[4..8].copy_from_slice(&origin_px[1].to_le_bytes());
        queue.write_buffer(&self.blit_origin, 0, &bytes);
    }

    /// Copies the drawn map into a pass whose viewport is the map's rectangle.
    pub fn blit(&self, pass: &mut wgpu::RenderPass<'_>) {
        if let Some(targets) = &self.targets {
            pass.set_pipeline(&self.blit);
            pass.set_bind_group(0, &targets.front.blit_group, &[]);
            pass.draw(0..3, 0..1);
        }
    }

    /// The map's own texture, once drawn.
    #[must_use]
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.targets.as_ref().map(|t| &t.front.texture)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Front,
    Back,
}

/// What of the buildings is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    Shadows,
    Insides,
    Borders,
}

impl Part {
    /// What is drawn of every chunk, the lowest first. A shadow is the building's own shape, moved
    /// a little further in each of its steps, so that its edge fades.
    fn layers(self, camera: &Camera) -> Vec<Layer> {
        let zoom = camera.zoom;
        let mut layers = Vec::with_capacity(SHADOW_STEPS + 2);
        let shadow = shadow_opacity(zoom);
        if matches!(self, Self::All | Self::Shadows) && shadow > 0.0 {
            let reach = (SHADOW_M / camera.metres_per_point()).clamp(2.0, MOST_SHADOW_POINTS);
            layers.extend((1..=SHADOW_STEPS).rev().map(|step| Layer {
                row: PaletteRow::Shadow,
                opacity: shadow,
                shift: reach * step as f64 / SHADOW_STEPS as f64,
            }));
        }
        if matches!(self, Self::All | Self::Insides) {
            layers.push(Layer { row: PaletteRow::Fill, opacity: 1.0, shift: 0.0 });
        }
        let opacity = outline_opacity(zoom);
        if matches!(self, Self::All | Self::Borders) && opacity > 0.0 {
            layers.push(Layer { row: PaletteRow::Outline, opacity, shift: 0.0 });
        }
        layers
    }
}

/// What one render pass does.
struct Pass<'a> {
    which: Which,
    /// Whether it draws over what is there.
    keeps: bool,
    cells: bool,
    chunks: &'a [usize],
    part: Part,
}

impl Pass<'_> {
    fn fresh(which: Which) -> Self {
        Self { which, keeps: false, cells: false, chunks: &[], part: Part::All }
    }
}

/// How far a shadow reaches to the right and down: metres, and points at most.
const SHADOW_M: f64 = 2.5;
const MOST_SHADOW_POINTS: f64 = 9.0;
const SHADOW_STEPS: usize = 4;

/// Shadows fade in between zoom 16.25 and 17.25: below, they would be a point or two wide and cost as
/// much as the houses.
fn shadow_opacity(zoom: f64) -> f32 {
    (zoom - 16.25).clamp(0.0, 1.0) as f32
}

/// Outlines fade in between zoom 14.5 and 16; below, they would only flicker.
fn outline_opacity(zoom: f64) -> f32 {
    ((zoom - 14.5) / 1.5).clamp(0.0, 1.0) as f32
}
