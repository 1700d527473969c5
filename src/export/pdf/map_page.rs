//! The map on a page: the picture in a frame, its title, scale, day and credits as text.

use std::io;

use super::pages::{About, Ink, POINTS_PER_MM, Pages, Stands, Style};
use crate::export::paper::Sheet;

/// Margin, title and foot, millimetres.
const MARGIN_MM: f64 = 10.0;
const TITLE_MM: f64 = 13.0;
const FOOT_MM: f64 = 9.0;

/// A page with the map on it.
pub struct MapPage<'a> {
    /// Paper.
    pub sheet: Sheet,
    /// Title, language, day.
    pub about: About<'a>,
    /// What stands below the map on the left and on the right.
    pub foot: [&'a str; 2],
    /// Pixels across and down.
    pub pixels: [u32; 2],
    /// RGBA row by row from the top, opaque.
    pub rgba: Vec<u8>,
}

impl MapPage<'_> {
    /// Width and height that the map has on a sheet, millimetres.
    #[must_use]
    pub const fn map_mm(sheet: Sheet) -> [f64; 2] {
        let [width, height] = sheet.size_mm();
        [width - 2.0 * MARGIN_MM, height - 2.0 * MARGIN_MM - TITLE_MM - FOOT_MM]
    }

    /// Makes the document; its bytes.
    ///
    /// # Errors
    /// What the library says.
    pub fn document(self) -> io::Result<Vec<u8>> {
        let mut pages = Pages::new(&self.about)?;
        let points = |mm: f64| mm as f32 * POINTS_PER_MM;
        let [width, height] = Self::map_mm(self.sheet).map(points);
        let (left, top) = (points(MARGIN_MM), points(MARGIN_MM + TITLE_MM));
        let Self { sheet, about, foot, pixels, rgba } = self;
        pages.page(sheet, |leaf| {
            leaf.picture([left, top, width, height], pixels, rgba);
            leaf.frame([left, top, width, height], Ink::Black);
            let mut size = 22.0;
            while leaf.width(about.title, Style::bold(size)) > width && size > 9.0 {
                size *= 0.9;
            }
            let at = [left + width / 2.0, top - points(TITLE_MM) / 2.0 + size * 0.35];
            leaf.text_within(at, about.title, Style::bold(size), (Stands::About, width));
            let low = top + height + points(FOOT_MM) / 2.0 + 3.0;
            let style = Style::grey(9.0);
            leaf.text_within([left, low], foot[0], style, (Stands::From, width / 2.0));
            leaf.text_within([left + width, low], foot[1], style, (Stands::Until, width / 2.0));
        });
        pages.finish()
    }
}
