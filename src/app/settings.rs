//! What the user chose and expects to find again: language, theme, layers, recent files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::Lang;
use crate::geo::LonLat;
use crate::geo::datum::Datum;
use crate::map::style::MapTheme;

/// Which layers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each layer has its own tick")]
pub struct Layers {
    /// Roads, water, green.
    pub basemap: bool,
    /// Building outlines.
    pub buildings: bool,
    /// Names and numbers.
    pub labels: bool,
    /// Grid borders.
    pub grids: bool,
    /// Events.
    pub events: bool,
    /// Cameras, hydrants …
    pub devices: bool,
    /// Density of events.
    pub heat: bool,
    /// The whole city small, in the corner.
    pub inset: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            basemap: true,
            buildings: true,
            labels: true,
            grids: true,
            events: true,
            devices: false,
            heat: false,
            inset: false,
        }
    }
}

/// A raster map under everything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Raster {
    /// MBTiles file, or folder of `z/x/y` pictures.
    pub path: PathBuf,
    /// Whether it is shown.
    pub is_on: bool,
    /// 0‥1.
    pub opacity: f32,
    /// Which coordinates it is in.
    pub datum: Datum,
}

impl Default for Raster {
    fn default() -> Self {
        Self { path: PathBuf::new(), is_on: true, opacity: 1.0, datum: Datum::Wgs84 }
    }
}

/// A view that somebody gave a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bookmark {
    /// Workspace it belongs to.
    pub workspace: PathBuf,
    /// Name.
    pub name: String,
    /// Middle of the view.
    pub at: LonLat,
    /// Web-map zoom.
    pub zoom: f64,
}

/// Which events are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventFilter {
    /// Closed ones too.
    pub closed_too: bool,
    /// Key of `event_category`; `None` for all.
    pub category: Option<i64>,
    /// Reported within so many days; `None` for any time.
    pub days: Option<i64>,
}

impl EventFilter {
    /// Whether an event passes.
    #[must_use]
    pub fn passes(&self, state: i64, category: i64, reported_at: Option<i64>, now: i64) -> bool {
        (self.closed_too || crate::domain::workflow::event::is_open(state))
            && self.category.is_none_or(|c| c == category)
            && self.days.is_none_or(|d| reported_at.is_some_and(|at| now - at <= d * 86_400))
    }
}

/// Colours of the matrix cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MatrixTheme {
    /// By room status.
    #[default]
    Status,
    /// By head count.
    Heads,
    /// Rooms with tags stand out.
    Tags,
}

/// Everything that is remembered between starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Language; `None` follows the system.
    pub lang: Option<Lang>,
    /// Dark colours; `None` follows the system.
    pub dark: Option<bool>,
    /// Layers.
    pub layers: Layers,
    /// Raster maps, the lowest first.
    pub rasters: Vec<Raster>,
    /// Named views, the oldest first.
    pub bookmarks: Vec<Bookmark>,
    /// Event filter.
    pub events: EventFilter,
    /// What buildings are coloured by.
    pub theme: MapTheme,
    /// Colours of the matrix.
    pub matrix: MatrixTheme,
    /// Files opened before, the latest first.
    pub recent: Vec<PathBuf>,
    /// Whether the side panels are shown.
    pub panels: bool,
    /// Whether the result table is shown.
    pub table: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lang: None,
            dark: None,
            layers: Layers::default(),
            rasters: Vec::new(),
            bookmarks: Vec::new(),
            events: EventFilter::default(),
            theme: MapTheme::default(),
            matrix: MatrixTheme::default(),
            recent: Vec::new(),
            panels: true,
            table: true,
        }
    }
}

impl Settings {
    /// The language in force.
    #[must_use]
    pub fn language(&self) -> Lang {
        self.lang.unwrap_or_else(Lang::of_system)
    }

    /// Puts a file at the head of the recent ones.
    pub fn remember(&mut self, path: &std::path::Path) {
        const MOST_RECENT: usize = 8;
        self.recent.retain(|p| p != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MOST_RECENT);
    }
}

/// The user's own folder; empty where the system names none.
#[must_use]
pub fn home_folder() -> PathBuf {
    use etcetera::BaseStrategy as _;
    etcetera::choose_base_strategy().map(|base| base.home_dir().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_filter() {
        let now = 10 * 86_400;
        let open_only = EventFilter::default();
        assert!(open_only.passes(1, 6, None, now) && !open_only.passes(10, 6, None, now));
        let week = EventFilter { closed_too: true, category: Some(6), days: Some(7) };
        assert!(week.passes(10, 6, Some(now - 86_400), now));
        assert!(!week.passes(10, 6, Some(0), now) && !week.passes(10, 5, Some(now), now));
    }
}
