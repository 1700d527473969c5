//! A page for the printer: the map in a frame, with title, scale, date and credits.

use crate::text::Message;
use eframe::egui::{Align2, Color32, FontId, Pos2, Rect, Stroke, StrokeKind, Ui, Vec2};
use eframe::wgpu;

use crate::export::pdf::{PdfPage, Sheet, write_pdf};
use crate::gpu::offscreen;
use crate::map::Camera;
use crate::text::{Lang, Text, thousands};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::map::still::Still;

/// Points an inch, as screens count.
const POINTS_PER_INCH: f64 = 96.0;
/// Dots an inch: sharp in print, and still drawn by every driver at A3.
const DOTS_PER_INCH: f64 = 200.0;
/// Margin, title and foot, millimetres.
const MARGIN_MM: f64 = 10.0;
const TITLE_MM: f64 = 13.0;
const FOOT_MM: f64 = 9.0;

fn points(mm: f64) -> f64 {
    mm / 25.4 * POINTS_PER_INCH
}

/// The camera that shows at least what another one shows, in a picture of another size.
#[must_use]
pub fn refit(camera: &Camera, size: [f64; 2]) -> Camera {
    let factor = (size[0] / camera.size[0]).min(size[1] / camera.size[1]);
    Camera { zoom: camera.zoom + factor.max(1e-6).log2(), size, ..*camera }
}

/// Draws a page: width, height and RGBA pixels.
///
/// # Errors
/// A sentence when the driver fails.
pub fn draw(
    still: &Still,
    sheet: Sheet,
    title: &str,
    device: &wgpu::Device,
    queue: &wgpu::Queue,
) -> Result<(u32, u32, Vec<u8>), Message> {
    let scale = DOTS_PER_INCH / POINTS_PER_INCH;
    let page = sheet.size_mm().map(points);
    let px = |points: f64| (points * scale).round() as u32;
    let corner = [points(MARGIN_MM), points(MARGIN_MM + TITLE_MM)];
    let map = [page[0] - 2.0 * corner[0], page[1] - corner[1] - points(MARGIN_MM + FOOT_MM)];
    let mut inner = still.clone();
    // Paper is white: what is drawn on it is drawn for the day.
    inner.settings.dark = Some(false);
    inner.camera = refit(&still.camera, map);
    inner.pixels_per_point = scale as f32;
    let (width, height, pixels) = inner.draw(device, queue)?;
    let size = page.map(px);
    let mut sheet_of_pixels = vec![255u8; (size[0] * size[1] * 4) as usize];
    let (left, top) = (px(corner[0]) as usize, px(corner[1]) as usize);
    for (row, line) in pixels.chunks_exact(width as usize * 4).take(height as usize).enumerate() {
        let at = ((top + row) * size[0] as usize + left) * 4;
        if let Some(target) = sheet_of_pixels.get_mut(at..at + line.len()) {
            target.copy_from_slice(line);
        }
    }
    let texture = offscreen::picture_texture(device, queue, size, &sheet_of_pixels);
    let frame = Rect::from_min_size(
        Pos2::new(corner[0] as f32, corner[1] as f32),
        Vec2::new(map[0] as f32, map[1] as f32),
    );
    let foot = foot_text(&inner);
    crate::ui::map::paint_over::paint_over(
        (device, queue),
        &texture,
        (false, page, scale as f32),
        &mut |ui| {
            around(ui, frame, title, &foot);
        },
    );
    let pixels = offscreen::read_back(device, queue, &texture)?;
    Ok((size[0], size[1], pixels))
}

impl Still {
    /// Draws a page and writes it as a PDF.
    ///
    /// # Errors
    /// A sentence when the driver or the file system fails.
    pub fn write_pdf(
        &self,
        to: &std::path::Path,
        sheet: Sheet,
        title: &str,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> Result<(), Message> {
        let (width, height, pixels) = draw(self, sheet, title, device, queue)?;
        let day = self.now.0;
        let page = PdfPage {
            sheet,
            title,
            pixels: [width, height],
            rgba: &pixels,
            day: (day.year(), day.month(), day.day()),
        };
        write_pdf(to, &page).map_err(|e| Message::verbatim(format!("{}: {e}", to.display())))
    }
}

/// Scale, day, what is shown, and whom the map is from.
fn foot_text(still: &Still) -> [String; 2] {
    let lang = still.lang;
    let denominator = still.camera.scale_denominator();
    // A scale is told in round figures.
    let unit = 10f64.powf(denominator.log10().floor() - 1.0);
    let round = ((denominator / unit).round() * unit) as u64;
    let left = format!("{} 1 : {}  ·  {}", lang.t(Text::ScaleWord), thousands(round), still.now.0);
    let buildings = thousands(still.scene.footprints().len() as u64);
    let right = format!("Menpai 门牌  ·  {buildings} {}", lang.t(Text::BuildingsUnit));
    [left, right]
}

fn around(ui: &Ui, frame: Rect, title: &str, [left, right]: &[String; 2]) {
    let painter = ui.painter();
    let ink = tokens::colours(false).ink;
    let quiet = tokens::colours(false).secondary;
    painter.rect_stroke(frame, 0.0, Stroke::new(1.0, ink), StrokeKind::Outside);
    let mut size = tokens::TITLE + 6.0;
    let mut galley = painter.layout_no_wrap(title.to_owned(), bold(size), ink);
    while galley.size().x > frame.width() && size > 10.0 {
        size *= 0.9;
        galley = painter.layout_no_wrap(title.to_owned(), bold(size), ink);
    }
    let at = Pos2::new(frame.center().x, frame.top() - 26.0);
    painter.galley(at - galley.size() / 2.0, galley, Color32::PLACEHOLDER);
    let font = FontId::proportional(tokens::SMALL);
    let low = frame.bottom() + 16.0;
    let place = Pos2::new(frame.left(), low);
    painter.text(place, Align2::LEFT_CENTER, left, font.clone(), quiet);
    let place = Pos2::new(frame.right(), low);
    painter.text(place, Align2::RIGHT_CENTER, right, font, quiet);
}

/// The name of a sheet.
pub(crate) const fn sheet_name(sheet: Sheet, lang: Lang) -> &'static str {
    lang.t(match sheet {
        Sheet::A4Landscape => Text::A4Landscape,
        Sheet::A4Portrait => Text::A4Portrait,
        Sheet::A3Landscape => Text::A3Landscape,
        Sheet::A3Portrait => Text::A3Portrait,
    })
}
