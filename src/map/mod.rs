//! What is on the map: camera, chunks of vertices, style classes, labels, clusters, the scene.
//!
//! No GPU and no widgets: `gpu` draws what stands here, `ui` listens to the mouse. The scene is
//! immutable once built; what changes from frame to frame is the camera and one byte a building.

pub mod base;
pub mod camera;
pub mod cell_points;
pub mod cells;
pub mod chunks;
pub mod cluster;
pub mod flight;
pub mod heat;
pub mod history;
pub mod labels;
pub mod scene;
pub mod select;
pub mod style;
pub mod tiles;

pub use camera::Camera;
pub use chunks::{Chunk, ChunkPlan};
pub use scene::Scene;
