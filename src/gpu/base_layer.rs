//! The basemap's meshes on the graphics card.

use eframe::wgpu;

use super::pipelines::{
    PipelineParts, bind_group, element, filled_buffer, pipeline, uniform_buffer, uniform_entry,
};
use super::uniforms::{UNIFORM_BYTES, UNIFORM_STRIDE};
use crate::map::Camera;
use crate::map::base::{BaseMap, class};
use crate::map::style::BaseColours;

/// Bytes of the shader's `Style`.
const STYLE_BYTES: u64 = class::COUNT as u64 * 16 * 2;

struct GpuMesh {
    origin: [f64; 2],
    half_extent: f64,
    bounds: [f64; 4],
    corners: wgpu::Buffer,
    triangles: wgpu::Buffer,
    count: u32,
}

/// Draws a [`BaseMap`].
pub(super) struct BaseLayer {
    pipeline: wgpu::RenderPipeline,
    place_layout: wgpu::BindGroupLayout,
    style: wgpu::Buffer,
    style_group: wgpu::BindGroup,
    meshes: Vec<GpuMesh>,
    places: Option<(wgpu::Buffer, wgpu::BindGroup)>,
    visible: Vec<usize>,
    colours: BaseColours,
}

impl BaseLayer {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let layout = |label, entry: wgpu::BindGroupLayoutEntry| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries: &[entry],
            })
        };
        let place_layout = layout("base places", uniform_entry(0, true, UNIFORM_BYTES));
        let style_layout = layout("base style", uniform_entry(0, false, STYLE_BYTES));
        let shader = device.create_shader_module(wgpu::include_wgsl!("base.wgsl"));
        let attributes = wgpu::vertex_attr_array![0 => Sint16x2, 1 => Sint16x2, 2 => Uint16x2];
        let pipeline = pipeline(&PipelineParts {
            device,
            label: "base",
            shader: &shader,
            layouts: &[Some(&place_layout), Some(&style_layout)],
            buffers: &[Some(wgpu::VertexBufferLayout {
                array_stride: 12,
                step_mode: wgpu::VertexStepMode::Vertex,
                attributes: &attributes,
            })],
            topology: wgpu::PrimitiveTopology::TriangleList,
            format,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        });
        let style = uniform_buffer(device, "base style", STYLE_BYTES);
        let style_group =
            bind_group(device, "base style", &style_layout, &[style.as_entire_binding()]);
        Self {
            pipeline,
            place_layout,
            style,
            style_group,
            meshes: Vec::new(),
            places: None,
            visible: Vec::new(),
            colours: BaseColours::default(),
        }
    }

    pub(super) fn set_colours(&mut self, colours: BaseColours) {
        self.colours = colours;
    }

    pub(super) fn set_map(&mut self, device: &wgpu::Device, map: &BaseMap) {
        self.meshes = map
            .meshes
            .iter()
            .map(|mesh| {
                let corners = mesh.vertices.iter().flat_map(|v| {
                    let [x, y] = v.offset.map(i16::to_le_bytes);
                    let [u, w] = v.side.map(i16::to_le_bytes);
                    let [c, z] = v.class.map(u16::to_le_bytes);
                    [x, y, u, w, c, z].into_iter().flatten()
                });
                let triangles = mesh.triangles.iter().flat_map(|i| i.to_le_bytes());
                GpuMesh {
                    origin: mesh.origin,
                    half_extent: mesh.half_extent,
                    bounds: mesh.bounds,
                    corners: filled_buffer(
                        device,
                        "base corners",
                        corners.collect(),
                        wgpu::BufferUsages::VERTEX,
                    ),
                    triangles: filled_buffer(
                        device,
                        "base triangles",
                        triangles.collect(),
                        wgpu::BufferUsages::INDEX,
                    ),
                    count: mesh.triangles.len() as u32,
                }
            })
            .collect();
        let bytes = (self.meshes.len().max(1) as u64) * UNIFORM_STRIDE;
        let places = uniform_buffer(device, "base places", bytes);
        let group = bind_group(
            device,
            "base places",
            &self.place_layout,
            &[element(&places, UNIFORM_BYTES)],
        );
        self.places = Some((places, group));
    }

    /// Finds what is visible and tells the shader where it lies.
    pub(super) fn place(
        &mut self,
        queue: &wgpu::Queue,
        camera: &Camera,
        target_px: [u32; 2],
        pixels_per_point: f32,
    ) {
        let screen = camera.bounds();
        let meets = |b: &[f64; 4]| {
            b[0] <= screen[2] && screen[0] <= b[2] && b[1] <= screen[3] && screen[1] <= b[3]
        };
        self.visible = (0..self.meshes.len()).filter(|m| meets(&self.meshes[*m].bounds)).collect();
        let Some((buffer, _)) = self.places.as_ref().filter(|_| !self.visible.is_empty()) else {
            return;
        };
        let scale = camera.points_per_world();
        let mut bytes = vec![0u8; self.visible.len() * UNIFORM_STRIDE as usize];
        for (slot, mesh) in self.visible.iter().map(|m| &self.meshes[*m]).enumerate() {
            let clip = |axis: usize, center: f64| {
                (mesh.origin[axis] - center) * scale * 2.0 / camera.size[axis]
            };
            let half = |axis: usize| mesh.half_extent * scale * 2.0 / camera.size[axis];
            let words = [
                clip(0, camera.center.x),
                -clip(1, camera.center.y),
                half(0),
                -half(1),
                2.0 / f64::from(target_px[0]),
                2.0 / f64::from(target_px[1]),
            ];
            for (index, word) in words.iter().enumerate() {
                let at = slot * UNIFORM_STRIDE as usize + index * 4;
                bytes[at..at + 4].copy_from_slice(&(*word as f32).to_le_bytes());
            }
        }
        queue.write_buffer(buffer, 0, &bytes);
        let per_metre = f64::from(pixels_per_point) / camera.metres_per_point();
        let mut style = Vec::with_capacity(STYLE_BYTES as usize);
        for colour in self.colours.classes {
            colour.iter().for_each(|c| style.extend((f32::from(*c) / 255.0).to_le_bytes()));
        }
        for number in 0..class::COUNT as u8 {
            let half = half_width_px(number, camera.zoom, per_metre, f64::from(pixels_per_point));
            [half, 0.0, 0.0, 0.0].iter().for_each(|v| style.extend((*v as f32).to_le_bytes()));
        }
        queue.write_buffer(&self.style, 0, &style);
    }

    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        let Some((_, group)) = self.places.as_ref().filter(|_| !self.visible.is_empty()) else {
            return;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(1, &self.style_group, &[]);
        for (slot, mesh) in self.visible.iter().map(|m| &self.meshes[*m]).enumerate() {
            pass.set_bind_group(0, group, &[(slot as u64 * UNIFORM_STRIDE) as u32]);
            pass.set_vertex_buffer(0, mesh.corners.slice(..));
            pass.set_index_buffer(mesh.triangles.slice(..), wgpu::IndexFormat::Uint16);
            pass.draw_indexed(0..mesh.count, 0, 0..1);
        }
    }
}

/// Half the width of a class in pixels: its real width, but never thinner than can be seen; below
/// zero where it would only clutter.
fn half_width_px(number: u8, zoom: f64, px_per_metre: f64, px_per_point: f64) -> f64 {
    let (metres, least_points, from_zoom) = match number {
        class::WATER | class::GREEN => return 0.0,
        class::STREAM => (4.0, 1.0, 11.0),
        class::RAILWAY => (3.0, 1.0, 11.0),
        class::ROAD => (3.0, 0.8, 15.5),
        5 => (8.0, 1.0, 13.0),
        6 => (14.0, 1.2, 11.0),
        _ => (22.0, 1.6, 8.0),
    };
    if zoom < from_zoom {
        -1.0
    } else {
        (metres * px_per_metre).max(least_points * px_per_point) / 2.0
    }
}
