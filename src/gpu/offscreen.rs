//! The map without a window: frames on a device of its own, and reading a texture back.

use crate::text::Message;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::wgpu;

use super::pipelines::{fill_texture, texture};
use super::setup::{Backend, Headless, headless};
use super::{Budget, MapRenderer, MapView};
use crate::map::Scene;
use crate::map::style::{BaseColours, ClassColours};

/// A device and a renderer that draw frames nobody sees, to be measured and compared.
pub struct OffscreenMap {
    gpu: Headless,
    /// The renderer.
    pub renderer: MapRenderer,
}

impl OffscreenMap {
    /// Opens a device; the budget is the driver's own unless one is given. `colours` are those of
    /// the buildings' classes and of the basemap.
    ///
    /// # Errors
    /// A sentence when there is no driver.
    pub fn new(
        backend: Backend,
        budget: Option<Budget>,
        colours: (&[ClassColours], BaseColours),
    ) -> Result<Self, Message> {
        let gpu = headless(backend)?;
        let budget = budget.unwrap_or_else(|| Budget::of(&gpu.adapter));
        let format = wgpu::TextureFormat::Rgba8Unorm;
        let mut renderer = MapRenderer::new(&gpu.device, format, budget);
        renderer.set_palette(&gpu.queue, colours.0, colours.1);
        Ok(Self { gpu, renderer })
    }

    /// Name and kind of the driver.
    #[must_use]
    pub fn driver(&self) -> String {
        format!("{} ({:?})", self.gpu.adapter.name, self.gpu.adapter.backend)
    }

    /// Replaces the buildings and their states.
    pub fn set_scene(&mut self, scene: Arc<Scene>, states: Vec<u8>) {
        self.renderer.set_scene(&self.gpu.device, scene);
        self.set_states(states);
    }

    /// Replaces the states.
    pub fn set_states(&mut self, states: Vec<u8>) {
        self.renderer.set_states(&self.gpu.queue, states);
    }

    /// Draws a frame and waits for it; with `to_the_end`, until the picture is complete. Returns
    /// how long it took.
    pub fn frame(&mut self, view: &MapView, to_the_end: bool) -> Duration {
        let start = Instant::now();
        loop {
            let mut encoder =
                self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.renderer.draw(&self.gpu.device, &self.gpu.queue, &mut encoder, view);
            self.gpu.queue.submit([encoder.finish()]);
            let _ = self.gpu.device.poll(wgpu::PollType::wait_indefinitely());
            if !to_the_end || !self.renderer.is_refining() {
                return start.elapsed();
            }
        }
    }

    /// The pixels of the last frame, RGBA row by row.
    ///
    /// # Errors
    /// As [`read_back`]; a sentence when nothing was drawn.
    pub fn pixels(&self) -> Result<Vec<u8>, Message> {
        let texture = self.renderer.texture().ok_or("the map was not drawn")?;
        read_back(&self.gpu.device, &self.gpu.queue, texture)
    }
}

/// A texture that holds a picture (RGBA, row by row from the top), to be drawn over and read back.
#[must_use]
pub fn picture_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    size: [u32; 2],
    rgba: &[u8],
) -> wgpu::Texture {
    let usage = wgpu::TextureUsages::RENDER_ATTACHMENT
        | wgpu::TextureUsages::COPY_DST
        | wgpu::TextureUsages::COPY_SRC;
    let texture = texture(device, "picture", size, wgpu::TextureFormat::Rgba8Unorm, usage);
    fill_texture(queue, &texture, rgba);
    texture
}

/// The pixels of an RGBA texture, row by row from the top, 4 bytes each.
///
/// # Errors
/// A sentence when the driver fails or does not answer within a minute.
pub fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
) -> Result<Vec<u8>, Message> {
    let (width, height) = (texture.width(), texture.height());
    let row = (width * 4) as usize;
    let padded = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: u64::from(padded) * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(padded),
                rows_per_image: None,
            },
        },
        texture.size(),
    );
    let submitted = queue.submit([encoder.finish()]);
    let (sender, receiver) = std::sync::mpsc::channel();
    buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| {
        let _ = sender.send(result);
    });
    device
        .poll(wgpu::PollType::Wait {
            submission_index: Some(submitted),
            timeout: Some(Duration::from_secs(60)),
        })
        .map_err(Message::of)?;
    receiver.recv().map_err(Message::of)?.map_err(Message::of)?;
    let mut pixels = Vec::with_capacity(row * height as usize);
    {
        let data = buffer.slice(..).get_mapped_range().map_err(Message::of)?;
        for line in data.chunks_exact(padded as usize) {
            pixels.extend_from_slice(&line[..row]);
        }
    }
    buffer.unmap();
    Ok(pixels)
}
