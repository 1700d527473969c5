//! The map's pipelines and buffers.

use eframe::wgpu;
use wgpu::util::DeviceExt as _;

use crate::map::style::ClassColours;
use crate::map::{Camera, ChunkSet};

/// Width of the texture of state bytes; WebGL 2 guarantees 2,048.
const STATES_WIDTH: u32 = 2048;
/// Bytes of one chunk's uniforms, and their distance in the buffer.
const UNIFORM_BYTES: u64 = 32;
const UNIFORM_STRIDE: u64 = 256;
/// Format of the map's own texture; colours are gamma-encoded as egui's are.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// What a frame of the map depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapView {
    /// Where the camera looks.
    pub camera: Camera,
    /// Physical pixels per point.
    pub pixels_per_point: f32,
    /// Ground colour.
    pub ground: [u8; 4],
    /// Whether buildings are shown.
    pub buildings: bool,
}

impl MapView {
    /// Size in pixels, at least one.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        self.camera.size.map(|points| {
            ((points * f64::from(self.pixels_per_point)).round() as u32).clamp(1, 16_384)
        })
    }
}

struct GpuChunk {
    origin: [f64; 2],
    half_extent: f64,
    bounds: [f64; 4],
    first: u32,
    vertices: wgpu::Buffer,
    triangles: Option<(wgpu::Buffer, u32)>,
    lines: Option<(wgpu::Buffer, u32)>,
}

struct Target {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    blit_group: wgpu::BindGroup,
    size: [u32; 2],
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
    chunks: Vec<GpuChunk>,
    uniforms: Option<(wgpu::Buffer, wgpu::BindGroup)>,
    states: wgpu::Texture,
    palette: wgpu::Texture,
    state_group: wgpu::BindGroup,
    target: Option<Target>,
    drawn: Option<(MapView, u64)>,
    version: u64,
}

fn texture(
    device: &wgpu::Device,
    label: &str,
    size: [u32; 2],
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width: size[0], height: size[1], depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

fn texture_entry(binding: u32, kind: wgpu::TextureSampleType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: kind,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    }
}

fn uniform_entry(binding: u32, is_dynamic: bool, bytes: u64) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
        ty: wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: is_dynamic,
            min_binding_size: wgpu::BufferSize::new(bytes),
        },
        count: None,
    }
}

struct PipelineParts<'a> {
    device: &'a wgpu::Device,
    label: &'a str,
    shader: &'a wgpu::ShaderModule,
    layouts: &'a [Option<&'a wgpu::BindGroupLayout>],
    buffers: &'a [Option<wgpu::VertexBufferLayout<'a>>],
    topology: wgpu::PrimitiveTopology,
    format: wgpu::TextureFormat,
    blend: Option<wgpu::BlendState>,
}

fn pipeline(parts: &PipelineParts<'_>) -> wgpu::RenderPipeline {
    let layout = parts.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(parts.label),
        bind_group_layouts: parts.layouts,
        immediate_size: 0,
    });
    parts.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(parts.label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: parts.shader,
            entry_point: Some("corner"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: parts.buffers,
        },
        primitive: wgpu::PrimitiveState { topology: parts.topology, ..Default::default() },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: parts.shader,
            entry_point: Some("paint"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format: parts.format,
                blend: parts.blend,
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

impl MapRenderer {
    /// Builds the pipelines; `window_format` is what [`MapRenderer::blit`] draws into.
    #[must_use]
    pub fn new(device: &wgpu::Device, window_format: wgpu::TextureFormat) -> Self {
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
            [256, 2],
            wgpu::TextureFormat::Rgba8Unorm,
            wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        );
        let state_group = state_group(device, &state_layout, &states, &palette);
        let blit_origin = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("map blit origin"),
            size: 16,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            fill,
            line,
            blit,
            blit_layout,
            blit_origin,
            view_layout,
            state_layout,
            chunks: Vec::new(),
            uniforms: None,
            states,
            palette,
            state_group,
            target: None,
            drawn: None,
            version: 0,
        }
    }

    /// Replaces the buildings.
    pub fn set_chunks(&mut self, device: &wgpu::Device, set: &ChunkSet) {
        let buffer = |label, bytes: &[u8], usage| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(label),
                contents: bytes,
                usage,
            })
        };
        let index = |label, list: &[u16]| {
            (!list.is_empty()).then(|| {
                let mut bytes: Vec<u8> = list.iter().flat_map(|i| i.to_le_bytes()).collect();
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                (buffer(label, &bytes, wgpu::BufferUsages::INDEX), list.len() as u32)
            })
        };
        self.chunks = set
            .chunks
            .iter()
            .filter(|c| !c.vertices.is_empty())
            .map(|c| {
                let mut bytes = Vec::with_capacity(c.vertices.len() * 8);
                for v in &c.vertices {
                    v.offset.iter().for_each(|o| bytes.extend_from_slice(&o.to_le_bytes()));
                    v.feature.iter().for_each(|f| bytes.extend_from_slice(&f.to_le_bytes()));
                }
                GpuChunk {
                    origin: c.origin,
                    half_extent: c.half_extent,
                    bounds: c.bounds,
                    first: c.first,
                    vertices: buffer("map corners", &bytes, wgpu::BufferUsages::VERTEX),
                    triangles: index("map triangles", &c.triangles),
                    lines: index("map lines", &c.lines),
                }
            })
            .collect();
        let slots = (self.chunks.len() as u64 * 2).max(1);
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("map views"),
            size: slots * UNIFORM_STRIDE,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("map views"),
            layout: &self.view_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &uniforms,
                    offset: 0,
                    size: wgpu::BufferSize::new(UNIFORM_BYTES),
                }),
            }],
        });
        self.uniforms = Some((uniforms, group));
        self.states = state_texture(device, set.order.len() as u32);
        self.state_group = state_group(device, &self.state_layout, &self.states, &self.palette);
        self.version += 1;
    }

    /// Replaces the state bytes, in slot order.
    pub fn set_states(&mut self, queue: &wgpu::Queue, states: &[u8]) {
        let rows = self.states.height();
        let mut padded = states.to_vec();
        padded.resize((STATES_WIDTH * rows) as usize, 0);
        queue.write_texture(
            self.states.as_image_copy(),
            &padded,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(STATES_WIDTH),
                rows_per_image: Some(rows),
            },
            self.states.size(),
        );
        self.version += 1;
    }

    /// Replaces the colours of the classes; missing ones are transparent.
    pub fn set_palette(&mut self, queue: &wgpu::Queue, classes: &[ClassColours]) {
        let mut bytes = vec![0u8; 256 * 2 * 4];
        for (index, class) in classes.iter().take(256).enumerate() {
            bytes[index * 4..][..4].copy_from_slice(&class.fill);
            bytes[(256 + index) * 4..][..4].copy_from_slice(&class.outline);
        }
        queue.write_texture(
            self.palette.as_image_copy(),
            &bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(256 * 4),
                rows_per_image: Some(2),
            },
            self.palette.size(),
        );
        self.version += 1;
    }

    fn ensure_target(&mut self, device: &wgpu::Device, size: [u32; 2]) {
        if self.target.as_ref().is_some_and(|t| t.size == size) {
            return;
        }
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT
            | wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_SRC;
        let texture = texture(device, "map", size, FORMAT, usage);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let blit_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("map blit"),
            layout: &self.blit_layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&view),
                },
                wgpu::BindGroupEntry { binding: 1, resource: self.blit_origin.as_entire_binding() },
            ],
        });
        self.target = Some(Target { texture, view, blit_group, size });
        self.drawn = None;
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
        self.ensure_target(device, size);
        if self.drawn == Some((*view, self.version)) {
            return false;
        }
        self.drawn = Some((*view, self.version));
        let Some(target) = &self.target else { return false };
        let visible: Vec<&GpuChunk> =
            self.chunks.iter().filter(|c| view.buildings && is_visible(c, &view.camera)).collect();
        if let Some((buffer, _)) = &self.uniforms {
            let mut bytes = vec![0u8; visible.len() * 2 * UNIFORM_STRIDE as usize];
            for (index, chunk) in visible.iter().enumerate() {
                for row in 0..2 {
                    let at = (index * 2 + row) * UNIFORM_STRIDE as usize;
                    let opacity = if row == 0 { 1.0 } else { outline_opacity(view.camera.zoom) };
                    uniform(&mut bytes[at..], chunk, &view.camera, row as u32, opacity);
                }
            }
            queue.write_buffer(buffer, 0, &bytes);
        }
        let ground = view.ground.map(|c| f64::from(c) / 255.0);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("map"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &target.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color {
                        r: ground[0],
                        g: ground[1],
                        b: ground[2],
                        a: 1.0,
                    }),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_bind_group(1, &self.state_group, &[]);
        let has_outlines = outline_opacity(view.camera.zoom) > 0.0;
        for (pipeline, row) in [(&self.fill, 0), (&self.line, 1)] {
            let Some((_, group)) = &self.uniforms else { break };
            if row == 1 && !has_outlines {
                break;
            }
            pass.set_pipeline(pipeline);
            for (index, chunk) in visible.iter().enumerate() {
                let list = if row == 0 { &chunk.triangles } else { &chunk.lines };
                let Some((indices, count)) = list else { continue };
                let offset = (index * 2 + row) as u64 * UNIFORM_STRIDE;
                pass.set_bind_group(0, group, &[offset as u32]);
                pass.set_vertex_buffer(0, chunk.vertices.slice(..));
                pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint16);
                pass.draw_indexed(0..*count, 0, 0..1);
            }
        }
        true
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
        if let Some(target) = &self.target {
            pass.set_pipeline(&self.blit);
            pass.set_bind_group(0, &target.blit_group, &[]);
            pass.draw(0..3, 0..1);
        }
    }

    /// The map's own texture, once drawn.
    #[must_use]
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.target.as_ref().map(|t| &t.texture)
    }
}

/// Outlines fade in between zoom 14.5 and 16; below, they would only flicker.
fn outline_opacity(zoom: f64) -> f32 {
    ((zoom - 14.5) / 1.5).clamp(0.0, 1.0) as f32
}

fn is_visible(chunk: &GpuChunk, camera: &Camera) -> bool {
    let (low, high) = (camera.world([0.0, 0.0]), camera.world(camera.size));
    let b = chunk.bounds;
    b[0] <= high.x && b[2] >= low.x && b[1] <= high.y && b[3] >= low.y
}

fn uniform(bytes: &mut [u8], chunk: &GpuChunk, camera: &Camera, row: u32, opacity: f32) {
    let scale = camera.points_per_world();
    // f64 until here: the difference to the camera is what becomes f32.
    let clip = |at: f64, center: f64, size: f64| (at - center) * scale * 2.0 / size;
    let origin = [
        clip(chunk.origin[0], camera.center.x, camera.size[0]) as f32,
        -clip(chunk.origin[1], camera.center.y, camera.size[1]) as f32,
    ];
    let half = chunk.half_extent * scale * 2.0;
    let factor = [(half / camera.size[0]) as f32, -(half / camera.size[1]) as f32];
    let words: [[u8; 4]; 8] = [
        origin[0].to_le_bytes(),
        origin[1].to_le_bytes(),
        factor[0].to_le_bytes(),
        factor[1].to_le_bytes(),
        chunk.first.to_le_bytes(),
        row.to_le_bytes(),
        opacity.to_le_bytes(),
        [0; 4],
    ];
    for (index, word) in words.iter().enumerate() {
        bytes[index * 4..][..4].copy_from_slice(word);
    }
}

fn state_texture(device: &wgpu::Device, slots: u32) -> wgpu::Texture {
    let rows = slots.div_ceil(STATES_WIDTH).max(1);
    texture(
        device,
        "map states",
        [STATES_WIDTH, rows],
        wgpu::TextureFormat::R8Uint,
        wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
    )
}

fn state_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    states: &wgpu::Texture,
    palette: &wgpu::Texture,
) -> wgpu::BindGroup {
    let view = |t: &wgpu::Texture| t.create_view(&wgpu::TextureViewDescriptor::default());
    let (states, palette) = (view(states), view(palette));
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("map states"),
        layout,
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(&states),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::TextureView(&palette),
            },
        ],
    })
}
