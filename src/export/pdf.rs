//! A picture as a page of a PDF (ISO 32000-1), through `pdf-writer`.

use std::io::Write as _;
use std::path::Path;

use pdf_writer::{Content, Date, Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};

/// PDF units a millimetre.
const UNITS_PER_MM: f64 = 72.0 / 25.4;

/// What a page is made of.
pub struct PdfPage<'a> {
    /// Width and height, millimetres.
    pub size_mm: [f64; 2],
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
    let [width, height] = page.size_mm.map(|mm| (mm * UNITS_PER_MM) as f32);
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
