//! A path that is typed, or picked in the system's dialog.

use std::path::PathBuf;

use eframe::egui::{self, Ui};

use crate::app::settings::home_folder;
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::inbox::Inbox;
use crate::ui::kit::widgets::focus_once;

/// A path that is typed or picked in the system's dialog.
#[derive(Default)]
pub(crate) struct PathField {
    pub(crate) text: String,
    picked: Inbox<PathBuf>,
    /// Whether it leaves the cursor where it is when it appears.
    is_quiet: bool,
}

impl PathField {
    pub(crate) fn of(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// One that is not the first of its form: the cursor stays where it is.
    pub(crate) fn quiet(text: String) -> Self {
        Self { text, is_quiet: true, ..Self::default() }
    }

    pub(crate) fn path(&self) -> Option<PathBuf> {
        let text = self.text.trim();
        (!text.is_empty()).then(|| PathBuf::from(text))
    }

    /// The field and its button. Returns whether the text changed.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        cx: &Ctx<'_>,
        label: Text,
        pick: Pick,
        endings: &'static [&'static str],
    ) -> bool {
        let before = self.text.clone();
        if let Ok(mut picked) = self.picked.lock()
            && let Some(path) = picked.take()
        {
            self.text = path.display().to_string();
        }
        ui.label(cx.t(label));
        ui.horizontal(|ui| {
            let word = cx.t(Text::Browse).to_owned();
            let font = egui::TextStyle::Button.resolve(ui.style());
            let word = ui.painter().layout_no_wrap(word, font, egui::Color32::PLACEHOLDER).size().x;
            let button = word + 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x;
            let margin = 2.0;
            let width = ui.available_width() - button - margin;
            let edit = egui::TextEdit::singleline(&mut self.text)
                .hint_text(cx.t(Text::PathHint))
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(width);
            let edit = ui.add(edit).accessible_name(cx.t(label));
            if !self.is_quiet {
                focus_once(ui, &edit);
            }
            if ui.button(cx.t(Text::Browse)).clicked() {
                self.browse(ui, pick, endings);
            }
        });
        before != self.text
    }

    fn browse(&self, ui: &Ui, pick: Pick, endings: &'static [&'static str]) {
        let (inbox, ctx) = (self.picked.clone(), ui.ctx().clone());
        let name = self.path().and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()));
        let run = move || {
            let mut dialog = rfd::FileDialog::new().add_filter(endings.join(" "), endings);
            if let Some(name) = name {
                dialog = dialog.set_file_name(name);
            }
            let path = match pick {
                Pick::Open => dialog.pick_file(),
                Pick::Save => dialog.save_file(),
            };
            if let (Some(path), Ok(mut inbox)) = (path, inbox.lock()) {
                *inbox = Some(path);
            }
            ctx.request_repaint();
        };
        // Never joined: a file portal that dies would block for ever.
        let _ = std::thread::Builder::new().name("menpai-file-dialog".into()).spawn(run);
    }
}

/// What kind of file dialog is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    Open,
    Save,
}

pub(crate) fn file_in_home(name: &str) -> PathField {
    PathField::of(home_folder().join(name).display().to_string())
}
