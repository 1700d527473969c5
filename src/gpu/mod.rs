//! The only wgpu: the map's pipelines, its offscreen texture, and the blit into the window.
//!
//! The map is drawn into a texture of our own and only when something changed; the window copies
//! that texture in a paint callback. egui's own shader would cost a software driver some 30 ns a
//! pixel for the same picture (see `docs/BENCHMARKS.md`).

mod base_layer;
mod callback;
mod cell_texture;
mod chunk_cache;
pub mod offscreen;
mod pipelines;
mod renderer;
pub mod setup;
mod tile_layer;
mod uniforms;
mod view;

pub use callback::MapBlit;
pub use renderer::MapRenderer;
pub use tile_layer::TileView;
pub use view::{Budget, Detail, MapView};
