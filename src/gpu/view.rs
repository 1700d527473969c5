//! What a frame of the map depends on, and how much of it may be drawn.

use std::time::Duration;

use eframe::wgpu;

use crate::map::Camera;

/// How much may be drawn in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Visible buildings up to which outlines are drawn while the map moves.
    pub moving: usize,
    /// Visible buildings up to which outlines are drawn when it rests.
    pub resting: usize,
    /// Time a frame may spend on making chunks.
    pub making: Duration,
}

impl Budget {
    /// For a driver that draws on the processor: 0.3–0.8 µs a building.
    pub const SOFTWARE: Self =
        Self { moving: 9_000, resting: 90_000, making: Duration::from_millis(4) };
    /// For graphics hardware, old ones too.
    pub const HARDWARE: Self =
        Self { moving: 150_000, resting: 400_000, making: Duration::from_millis(6) };
    /// For pictures nobody waits for: one frame, complete.
    pub const STILL: Self =
        Self { moving: 150_000, resting: 150_000, making: Duration::from_secs(3_600) };

    /// The budget for a driver.
    #[must_use]
    pub fn of(adapter: &wgpu::AdapterInfo) -> Self {
        if super::setup::is_software(adapter) { Self::SOFTWARE } else { Self::HARDWARE }
    }
}

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
    /// Whether the basemap is shown.
    pub base: bool,
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

/// How the last frame was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Nothing to draw.
    #[default]
    Empty,
    /// Cells.
    Cells,
    /// Outlines.
    Outlines,
}
