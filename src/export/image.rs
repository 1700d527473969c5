//! Pixels into PNG.

use std::io::BufWriter;
use std::path::Path;

/// Writes straight (not premultiplied) RGBA pixels, 4 bytes each, row by row from the top.
///
/// # Errors
/// The file system's and the encoder's.
pub fn write_png(to: &Path, width: u32, height: u32, rgba: &[u8]) -> std::io::Result<()> {
    let file = BufWriter::new(std::fs::File::create(to)?);
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(std::io::Error::other)?;
    writer.write_image_data(rgba).map_err(std::io::Error::other)?;
    writer.finish().map_err(std::io::Error::other)
}
