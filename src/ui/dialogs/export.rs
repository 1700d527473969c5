//! Exporting the view: a PNG of any size, or a PDF page; and copying it.

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use eframe::egui::{self, ColorImage, DragValue, Ui};

use crate::app::{Action, NoticeKind};
use crate::export::paper::Sheet;
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::inbox::Inbox;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::path_field::{PathField, Pick, file_in_home};
use crate::ui::kit::widgets::{primary, segments};
use crate::ui::map::page::{self, sheet_name};
use crate::ui::map::still::Still;
use crate::ui::map::view::MapPanel;

/// What is to be made of the view.
pub(crate) enum Target {
    /// A PNG of so many pixels.
    Png(PathBuf, [u32; 2]),
    /// A PDF page with a title.
    Pdf(PathBuf, Sheet, String),
    /// A picture for the clipboard.
    Clipboard,
}

/// What came of it.
enum Made {
    File(PathBuf),
    Picture(ColorImage),
}

/// The form.
pub(crate) struct ExportForm {
    path: PathField,
    is_pdf: bool,
    size: [u32; 2],
    sheet: Sheet,
    title: String,
}

impl ExportForm {
    pub(crate) fn new(map: &MapPanel, pixels_per_point: f32, title: String) -> Self {
        let px = |points: f64| (points * f64::from(pixels_per_point)).round().max(16.0) as u32;
        Self {
            path: file_in_home("menpai-map.png"),
            is_pdf: false,
            size: map.camera.size.map(px),
            sheet: Sheet::default(),
            title,
        }
    }

    /// Shows the form. Returns whether it is done with, and what is wanted.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> (bool, Option<Target>) {
        heading(ui, cx.t(Text::ExportView).trim_end_matches('…'));
        let chosen = usize::from(self.is_pdf);
        if let Some(picked) = segments(ui, cx.t(Text::Kind), chosen, &["PNG", "PDF"]) {
            self.is_pdf = picked == 1;
            let ending = if self.is_pdf { "pdf" } else { "png" };
            if let Some(path) = self.path.path() {
                self.path = PathField::of(path.with_extension(ending).display().to_string());
            }
        }
        ui.add_space(8.0);
        let endings: &'static [&'static str] = if self.is_pdf { &["pdf"] } else { &["png"] };
        self.path.show(ui, cx, Text::Path, Pick::Save, endings);
        ui.add_space(8.0);
        if self.is_pdf {
            ui.label(cx.t(Text::PageTitle));
            let edit = egui::TextEdit::singleline(&mut self.title)
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(cx.t(Text::PageTitle));
            ui.add_space(8.0);
            let at = Sheet::ALL.iter().position(|s| *s == self.sheet).unwrap_or(0);
            let names = Sheet::ALL.map(|sheet| sheet_name(sheet, cx.lang));
            if let Some(picked) = segments(ui, cx.t(Text::Paper), at, &names) {
                self.sheet = Sheet::ALL[picked];
            }
        } else {
            ui.horizontal(|ui| {
                ui.label(cx.t(Text::PixelSize));
                for (side, name) in self.size.iter_mut().zip([Text::Width, Text::Height]) {
                    let field = DragValue::new(side).range(16..=16_384).suffix(" px");
                    ui.add(field).accessible_name(cx.t(name));
                }
            });
        }
        let mut done = (false, None);
        buttons(ui, cx, |ui, cx| {
            let path = self.path.path();
            if primary(ui, path.is_some(), cx.t(Text::Export)).clicked()
                && let Some(path) = path
            {
                let target = if self.is_pdf {
                    Target::Pdf(path, self.sheet, self.title.trim().to_owned())
                } else {
                    Target::Png(path, self.size)
                };
                done = (true, Some(target));
            }
            done.0 |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        done
    }
}

/// Pictures that threads are drawing, and what came of them.
#[derive(Default)]
pub(crate) struct Exports {
    made: Inbox<Result<Made, Message>>,
}

impl Exports {
    /// Draws the view on a thread, with the window's own device.
    pub(crate) fn start(
        &self,
        ui: &Ui,
        cx: &mut Ctx<'_>,
        frame: &eframe::Frame,
        map: &MapPanel,
        target: Target,
    ) {
        let session = cx.session;
        let (Some(state), Some(scene)) = (frame.wgpu_render_state(), session.scene.get()) else {
            cx.act(Action::Tell(NoticeKind::Failed, Message::from("there is no map to draw")));
            return;
        };
        let mut settings = session.settings.clone();
        settings.dark = Some(ui.visuals().dark_mode);
        let focus = session.focused();
        let mut still = Still {
            scene: scene.clone(),
            vocabulary: session.vocabulary.clone(),
            focus: focus.map(|focused| (session.filter.clone(), focused.answer.clone())),
            theme_values: session.theme_values.get().cloned(),
            selection: session.selection.clone(),
            settings,
            lang: cx.lang,
            camera: map.camera,
            pixels_per_point: ui.pixels_per_point(),
            now: (session.today(), session.now()),
        };
        let (device, queue) = (state.device.clone(), state.queue.clone());
        let (made, ctx) = (self.made.clone(), ui.ctx().clone());
        let run = move || {
            let done = match target {
                Target::Png(path, size) => {
                    let ppp = f64::from(still.pixels_per_point);
                    let points = size.map(|px| f64::from(px) / ppp);
                    still.camera = page::refit(&still.camera, points);
                    still.draw(&device, &queue).and_then(|(width, height, pixels)| {
                        crate::export::image::write_png(&path, width, height, &pixels)
                            .map_err(|e| Message::verbatim(format!("{}: {e}", path.display())))?;
                        Ok(Made::File(path))
                    })
                }
                Target::Pdf(path, sheet, title) => still
                    .write_pdf(&path, sheet, &title, &device, &queue)
                    .map(|()| Made::File(path)),
                Target::Clipboard => still.draw(&device, &queue).map(|(width, height, pixels)| {
                    let size = [width as usize, height as usize];
                    Made::Picture(ColorImage::from_rgba_unmultiplied(size, &pixels))
                }),
            };
            if let Ok(mut made) = made.lock() {
                *made = Some(done);
            }
            ctx.request_repaint();
        };
        let _ = std::thread::Builder::new().name("menpai-export".into()).spawn(run);
    }

    /// Tells what came of it.
    pub(crate) fn take(&self, ui: &Ui, cx: &mut Ctx<'_>) {
        let made = self.made.lock().ok().and_then(|mut made| made.take());
        match made {
            Some(Ok(Made::File(path))) => {
                let text = msg!("drawn into {}", path.display());
                cx.act(Action::Tell(NoticeKind::Done, text));
            }
            Some(Ok(Made::Picture(image))) => {
                ui.ctx().copy_image(image);
                let text = Message::from("the view is on the clipboard");
                cx.act(Action::Tell(NoticeKind::Done, text));
            }
            Some(Err(error)) => cx.act(Action::Tell(NoticeKind::Failed, error)),
            None => {}
        }
    }
}
