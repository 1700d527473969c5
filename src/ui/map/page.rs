//! A page for the printer: the map in a frame, with title, scale, date and credits.

use crate::text::Message;
use eframe::wgpu;

use crate::export::paper::Sheet;
use crate::export::pdf::{About, MapPage};
use crate::map::Camera;
use crate::text::{Lang, Text, thousands};
use crate::ui::map::still::Still;

/// Points an inch, as screens count.
const POINTS_PER_INCH: f64 = 96.0;
/// Dots an inch: sharp in print, and still drawn by every driver at A3.
const DOTS_PER_INCH: f64 = 200.0;
fn points(mm: f64) -> f64 {
    mm / 25.4 * POINTS_PER_INCH
}

/// The camera that shows at least what another one shows, in a picture of another size.
#[must_use]
pub fn refit(camera: &Camera, size: [f64; 2]) -> Camera {
    let factor = (size[0] / camera.size[0]).min(size[1] / camera.size[1]);
    Camera { zoom: camera.zoom + factor.max(1e-6).log2(), size, ..*camera }
}

/// Draws the map of a page: width, height and RGBA pixels.
///
/// # Errors
/// A sentence when the driver fails.
fn draw(
    still: &Still,
    sheet: Sheet,
    device: &wgpu::Device,
    queue: &wgpu::Queue,
) -> Result<(u32, u32, Vec<u8>), Message> {
    let mut inner = still.clone();
    // Paper is white: what is drawn on it is drawn for the day.
    inner.settings.dark = Some(false);
    inner.camera = refit(&still.camera, MapPage::map_mm(sheet).map(points));
    inner.pixels_per_point = (DOTS_PER_INCH / POINTS_PER_INCH) as f32;
    inner.draw(device, queue)
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
        let (width, height, rgba) = draw(self, sheet, device, queue)?;
        let mut fitted = self.clone();
        fitted.camera = refit(&self.camera, MapPage::map_mm(sheet).map(points));
        let [left, right] = foot_text(&fitted);
        let page = MapPage {
            sheet,
            about: About { title, lang: self.lang, day: self.now.0 },
            foot: [&left, &right],
            pixels: [width, height],
            rgba,
        };
        let failed = |e: std::io::Error| Message::verbatim(format!("{}: {e}", to.display()));
        let bytes = page.document().map_err(failed)?;
        crate::store::files::write_private(to, &bytes).map_err(|e| e.message())
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

/// The name of a sheet.
pub(crate) const fn sheet_name(sheet: Sheet, lang: Lang) -> &'static str {
    lang.t(match sheet {
        Sheet::A4Landscape => Text::A4Landscape,
        Sheet::A4Portrait => Text::A4Portrait,
        Sheet::A3Landscape => Text::A3Landscape,
        Sheet::A3Portrait => Text::A3Portrait,
    })
}
