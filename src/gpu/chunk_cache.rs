//! Vertices of the chunks that were seen lately, on the graphics card.
//!
//! A chunk is made when it is first looked at and thrown away when others need its room, so that
//! neither the card nor the memory ever holds the outlines of a whole city twice.

use std::collections::HashMap;

use eframe::wgpu;

use super::pipelines::filled_buffer;

use crate::map::Scene;
use crate::map::chunks::{Chunk, build_chunk};

/// A chunk on the card.
pub(super) struct GpuChunk {
    pub(super) origin: [f64; 2],
    pub(super) half_extent: f64,
    /// Feature of the first building.
    pub(super) first: u32,
    pub(super) corners: wgpu::Buffer,
    /// Triangle indices, then line indices.
    pub(super) indices: wgpu::Buffer,
    pub(super) triangles: u32,
    pub(super) lines: u32,
    last_used: u64,
}

impl GpuChunk {
    fn bytes(&self) -> u64 {
        self.corners.size() + self.indices.size()
    }
}

/// Chunks by their number.
#[derive(Default)]
pub(super) struct ChunkCache {
    chunks: HashMap<usize, GpuChunk>,
    bytes: u64,
    clock: u64,
}

impl ChunkCache {
    /// Forgets everything: the buildings have changed.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn get(&self, number: usize) -> Option<&GpuChunk> {
        self.chunks.get(&number)
    }

    /// Bytes on the card.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes the wanted chunks that are missing, until `is_late` says that the frame has to go.
    /// Returns whether all are there.
    pub(super) fn ensure(
        &mut self,
        device: &wgpu::Device,
        scene: &Scene,
        wanted: &[usize],
        mut is_late: impl FnMut() -> bool,
    ) -> bool {
        self.clock += 1;
        for &number in wanted {
            if let Some(chunk) = self.chunks.get_mut(&number) {
                chunk.last_used = self.clock;
                continue;
            }
            if is_late() {
                return false;
            }
            let range = &scene.chunks.chunks[number];
            let made = upload(device, &build_chunk(scene.footprints(), range), range.first);
            self.bytes += made.bytes();
            self.chunks.insert(number, GpuChunk { last_used: self.clock, ..made });
        }
        true
    }

    /// Throws the longest unseen chunks away until the rest fits.
    pub(super) fn trim(&mut self, most_bytes: u64) {
        if self.bytes <= most_bytes {
            return;
        }
        let mut by_age: Vec<(u64, usize)> =
            self.chunks.iter().map(|(number, chunk)| (chunk.last_used, *number)).collect();
        by_age.sort_unstable();
        for (last_used, number) in by_age {
            if self.bytes <= most_bytes || last_used == self.clock {
                return;
            }
            if let Some(chunk) = self.chunks.remove(&number) {
                self.bytes -= chunk.bytes();
            }
        }
    }
}

fn upload(device: &wgpu::Device, chunk: &Chunk, first: u32) -> GpuChunk {
    let mut corners = Vec::with_capacity(chunk.vertices.len() * 8);
    for v in &chunk.vertices {
        v.offset.iter().for_each(|o| corners.extend_from_slice(&o.to_le_bytes()));
        v.feature.iter().for_each(|f| corners.extend_from_slice(&f.to_le_bytes()));
    }
    let indices = chunk.triangles.iter().chain(&chunk.lines).flat_map(|i| i.to_le_bytes());
    GpuChunk {
        origin: chunk.origin,
        half_extent: chunk.half_extent,
        first,
        corners: filled_buffer(device, "map corners", corners, wgpu::BufferUsages::VERTEX),
        indices: filled_buffer(device, "map indices", indices.collect(), wgpu::BufferUsages::INDEX),
        triangles: chunk.triangles.len() as u32,
        lines: chunk.lines.len() as u32,
        last_used: 0,
    }
}
