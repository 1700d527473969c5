//! Pages that text, lines, bars and pictures are put on, as PDF/A-2u (ISO 19005-2): made to be kept, with
//! fonts embedded as far as they are used and text that can be searched and copied. Through `krilla`.

use std::io;

use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use super::faces::Faces;
use crate::export::paper::Sheet;
use crate::text::Lang;

/// Points (1/72 inch) a millimetre.
pub(super) const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Colours on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text.
    Black,
    /// Text that explains.
    Grey,
    /// Lines of tables.
    Line,
    /// Behind headings.
    Pale,
    /// Bars.
    Accent,
    /// Bars of another kind.
    Second,
    /// What must not be overlooked.
    Warning,
}

impl Ink {
    fn fill(self) -> Fill {
        let [r, g, b] = match self {
            Self::Black => [0x1A, 0x1D, 0x21],
            Self::Grey => [0x5B, 0x63, 0x6E],
            Self::Line => [0xC4, 0xCA, 0xD2],
            Self::Pale => [0xEC, 0xF0, 0xF5],
            Self::Accent => [0x1F, 0x5F, 0xA8],
            Self::Second => [0x8A, 0x96, 0xA5],
            Self::Warning => [0xA8, 0x2A, 0x1F],
        };
        let paint = rgb::Color::new(r, g, b).into();
        Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
    }
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Height of the letters, points.
    pub(super) size: f32,
    /// Whether it is bold.
    pub(super) is_bold: bool,
    /// Its colour.
    pub(super) ink: Ink,
}

impl Style {
    /// Regular and black.
    pub(super) const fn plain(size: f32) -> Self {
        Self { size, is_bold: false, ink: Ink::Black }
    }

    /// Bold and black.
    pub(super) const fn bold(size: f32) -> Self {
        Self { size, is_bold: true, ink: Ink::Black }
    }

    /// Regular and grey.
    pub(super) const fn grey(size: f32) -> Self {
        Self { size, is_bold: false, ink: Ink::Grey }
    }

    /// The same in another colour.
    pub(super) const fn in_ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }
}

/// Where a text stands about its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Begins there.
    From,
    /// In the middle.
    About,
    /// Ends there.
    Until,
}

/// What a document says of itself.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// Title.
    pub title: &'a str,
    /// Language of the text.
    pub lang: Lang,
    /// The day it is of.
    pub day: jiff::civil::Date,
}

/// A document that is being made.
pub(super) struct Pages {
    document: Document,
    faces: Faces,
}

fn failed(what: impl std::fmt::Debug) -> io::Error {
    io::Error::other(format!("{what:?}"))
}

impl Pages {
    /// Begins a document.
    pub(super) fn new(about: &About<'_>) -> io::Result<Self> {
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_U)
            .finish()
            .map_err(failed)?;
        let settings = SerializeSettings {
            configuration,
            enable_tagging: false,
            ..SerializeSettings::default()
        };
        let mut document = Document::new_with(settings);
        let day = DateTime::new(about.day.year().unsigned_abs())
            .month(about.day.month().unsigned_abs())
            .day(about.day.day().unsigned_abs());
        let title = if about.title.is_empty() { "Menpai" } else { about.title };
        let language = match about.lang {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        };
        document.set_metadata(
            Metadata::new()
                .title(title.to_owned())
                .creator("Menpai".to_owned())
                .language(language.to_owned())
                .creation_date(day),
        );
        let faces = Faces::new().ok_or_else(|| io::Error::other("fonts"))?;
        Ok(Self { document, faces })
    }

    /// The faces of its text.
    pub(super) const fn faces(&self) -> &Faces {
        &self.faces
    }

    /// Adds a page.
    pub(super) fn page(&mut self, sheet: Sheet, draw: impl FnOnce(&mut Leaf<'_>)) {
        let size = sheet.size_mm().map(|mm| mm as f32 * POINTS_PER_MM);
        let settings = PageSettings::from_wh(size[0], size[1]).unwrap_or_default();
        let mut page = self.document.start_page_with(settings);
        {
            let mut leaf = Leaf { surface: page.surface(), faces: &self.faces, size };
            draw(&mut leaf);
        }
        page.finish();
    }

    /// Ends the document; its bytes.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.document.finish().map_err(failed)
    }
}

/// A page that is drawn on. Places are points from its upper left corner.
pub(super) struct Leaf<'a> {
    surface: Surface<'a>,
    faces: &'a Faces,
    /// Width and height, points.
    pub(super) size: [f32; 2],
}

impl Leaf<'_> {
    /// Sets a line of text on its base line.
    pub(super) fn text(&mut self, [x, y]: [f32; 2], text: &str, style: Style, stands: Stands) {
        let runs = self.faces.runs(text, style.is_bold);
        let width: f32 = runs.iter().map(|run| run.width * style.size).sum();
        let mut x = match stands {
            Stands::From => x,
            Stands::About => x - width / 2.0,
            Stands::Until => x - width,
        };
        self.surface.set_fill(Some(style.ink.fill()));
        for run in runs {
            let at = Point::from_xy(x, y);
            let part = &text[run.of.clone()];
            self.surface.draw_glyphs(at, &run.glyphs, run.font, part, style.size, false);
            x += run.width * style.size;
        }
    }

    /// The same, cut to a width.
    pub(super) fn text_within(
        &mut self,
        at: [f32; 2],
        text: &str,
        style: Style,
        (stands, room): (Stands, f32),
    ) {
        let cut = self.faces.cut(text, style.is_bold, room / style.size);
        self.text(at, &cut, style, stands);
    }

    /// Width of a text, points.
    pub(super) fn width(&self, text: &str, style: Style) -> f32 {
        self.faces.width(text, style.is_bold) * style.size
    }

    /// Fills a rectangle: left, top, width, height.
    pub(super) fn fill(&mut self, [x, y, width, height]: [f32; 4], ink: Ink) {
        let Some(rect) = Rect::from_xywh(x, y, width.max(0.05), height.max(0.05)) else { return };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        if let Some(path) = path.finish() {
            self.surface.set_fill(Some(ink.fill()));
            self.surface.draw_path(&path);
        }
    }

    /// A line across, from a place on.
    pub(super) fn rule(&mut self, [x, y]: [f32; 2], length: f32, ink: Ink) {
        self.fill([x, y - 0.25, length, 0.5], ink);
    }

    /// A frame: left, top, width, height.
    pub(super) fn frame(&mut self, [x, y, width, height]: [f32; 4], ink: Ink) {
        for side in [
            [x, y - 0.5, width, 0.5],
            [x, y + height, width, 0.5],
            [x - 0.5, y - 0.5, 0.5, height + 1.0],
            [x + width, y - 0.5, 0.5, height + 1.0],
        ] {
            self.fill(side, ink);
        }
    }

    /// A picture (RGBA row by row from the top, opaque) in a rectangle: left, top, width, height.
    pub(super) fn picture(
        &mut self,
        [x, y, width, height]: [f32; 4],
        pixels: [u32; 2],
        rgba: Vec<u8>,
    ) {
        let Some(size) = Size::from_wh(width, height) else { return };
        let image = Image::from_rgba8(rgba, pixels[0], pixels[1]);
        self.surface.push_transform(&Transform::from_translate(x, y));
        self.surface.draw_image(image, size);
        self.surface.pop();
    }
}
