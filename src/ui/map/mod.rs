//! The map of the window: camera and hand, overlays, tools, and pictures without a window.

pub(crate) mod bookmarks;
pub(crate) mod buttons;
pub(crate) mod first_steps;
pub mod flight;
pub(crate) mod heat;
pub(crate) mod inset;
pub(crate) mod labels;
pub(crate) mod legend;
pub(crate) mod measure;
pub(crate) mod menu;
pub(crate) mod navigate;
pub(crate) mod overlay;
pub mod page;
pub(crate) mod paint;
pub(crate) mod paint_over;
pub(crate) mod plain;
pub(crate) mod rasters;
pub(crate) mod select_tool;
pub mod still;
pub(crate) mod view;
