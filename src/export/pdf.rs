//! A picture as a page of a PDF (ISO 32000-1), through `pdf-writer`.

use std::io::Write as _;
use std::path::Path;

use pdf_writer::{Content, Date, Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};

/// PDF units a millimetre.
const UNITS_PER_MM: f64 = 72.0 / 25.4;

/// A sheet of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sheet {
    /// A4, long side across.
    #[default]
    A4Landscape,
    /// A4, long side up.
    A4Portrait,
    /// A3, long side across.
    A3Landscape,
    /// A3, long side up.
    A3Portrait,
}

impl Sheet {
    /// Every sheet.
    pub const ALL: [Self; 4] =
        [Self::A4Landscape, Self::A4Portrait, Self::A3Landscape, Self::A3Portrait];
    /// Names on the command line, in the order of [`Sheet::ALL`].
    pub const NAMES: [&'static str; 4] =
        ["a4-landscape", "a4-portrait", "a3-landscape", "a3-portrait"];

    /// The sheet of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|n| *n == name).map(|at| Self::ALL[at])
    }

    /// Width and height, millimetres (ISO 216).
    #[must_use]
    pub const fn size_mm(self) -> [f64; 2] {
        match self {
            Self::A4Landscape => [297.0, 210.0],
            Self::A4Portrait => [210.0, 297.0],
            Self::A3Landscape => [420.0, 297.0],
            Self::A3Portrait => [297.0, 420.0],
        }
    }
}

/// What a page is made of.
pub struct PdfPage<'a> {
    /// Paper.
    pub sheet: Sheet,
    /// Title of the document.
    pub title: &'a str,
    /// Pixels across and down; they fill the page.
    pub pixels: [u32; 2],
    /// RGBA row by row from the top; alpha is passed over.
    pub rgba: &'a [u8],
    /// The day, year, month, day.
    pub day: (i16, i8, i8),
}

/// Writes the page: whole or not at all, through a file beside it.
///
/// # Errors
/// The file system's.
pub fn write_pdf(to: &Path, page: &PdfPage<'_>) -> std::io::Result<()> {
    let bytes = document(page)?;
    let partial = to.with_extension(format!("{}.partial", std::process::id()));
    let written = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, to));
    if written.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn document(page: &PdfPage<'_>) -> std::io::Result<Vec<u8>> {
    let [catalogue, tree, sheet, content, picture, about] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let [width, height] = page.sheet.size_mm().map(|mm| (mm * UNITS_PER_MM) as f32);
    let mut rgb = Vec::with_capacity(page.rgba.len() / 4 * 3);
    for pixel in page.rgba.chunks_exact(4) {
        rgb.extend_from_slice(&pixel[..3]);
    }
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&rgb)?;
    let packed = packer.finish()?;
    let mut pdf = Pdf::new();
    pdf.catalog(catalogue).pages(tree);
    pdf.pages(tree).kids([sheet]).count(1);
    let mut info = pdf.document_info(about);
    let (year, month, day) = page.day;
    info.title(TextStr(page.title)).creator(TextStr("Menpai"));
    info.creation_date(
        Date::new(year.unsigned_abs()).month(month.unsigned_abs()).day(day.unsigned_abs()),
    );
    info.finish();
    let name = Name(b"Map");
    let mut leaf = pdf.page(sheet);
    leaf.media_box(Rect::new(0.0, 0.0, width, height)).parent(tree).contents(content);
    leaf.resources().x_objects().pair(name, picture);
    leaf.finish();
    let mut image = pdf.image_xobject(picture, &packed);
    image.filter(Filter::FlateDecode);
    image.width(page.pixels[0] as i32).height(page.pixels[1] as i32);
    image.color_space().device_rgb();
    image.bits_per_component(8);
    image.finish();
    let mut drawing = Content::new();
    drawing.save_state();
    drawing.transform([width, 0.0, 0.0, height, 0.0, 0.0]);
    drawing.x_object(name);
    drawing.restore_state();
    pdf.stream(content, &drawing.finish());
    Ok(pdf.finish())
}
