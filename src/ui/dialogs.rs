//! Dialogs: new, open, passphrase, save a copy, export, reveal, about, keys; and the import's.

use std::path::PathBuf;

use eframe::egui::{self, Id, Key, Modal, RichText, Ui};
use zeroize::Zeroize as _;

use super::export_dialog::{ExportForm, Exports, Target};
use super::import_dialog::ImportDialog;
use super::map_view::MapPanel;
use super::palette;
use super::past_imports::PastImports;
use super::rooms_dialog::RoomsDialog;
use super::still::Inbox;
use super::theme::bold;
use super::widgets::{focus_once, hint, primary, theme};
use super::{Ctx, Wish, shortcuts, tokens};
use crate::app::settings::{Bookmark, Raster};
use crate::app::{Action, Settings, UiCommand};
use crate::store::Passphrase;
use crate::text::{Text, localise};

/// A path that is typed or picked in the system's dialog.
#[derive(Default)]
pub(super) struct PathField {
    pub(super) text: String,
    picked: Inbox<PathBuf>,
}

/// What kind of file dialog is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    Open,
    Save,
}

impl PathField {
    pub(super) fn of(text: String) -> Self {
        Self { text, picked: Inbox::default() }
    }

    pub(super) fn path(&self) -> Option<PathBuf> {
        let text = self.text.trim();
        (!text.is_empty()).then(|| PathBuf::from(text))
    }

    /// The field and its button. Returns whether the text changed.
    pub(super) fn show(
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
            let margin = 16.0;
            let width = ui.available_width() - button - margin;
            let edit = egui::TextEdit::singleline(&mut self.text)
                .hint_text(cx.t(Text::PathHint))
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(width);
            let edit = ui.add(edit).accessible_name(cx.t(label));
            focus_once(ui, &edit);
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

#[derive(Default)]
struct NewForm {
    path: PathField,
    passphrase: String,
    again: String,
    plain: bool,
}

enum Dialog {
    New(NewForm),
    Open(PathField),
    SaveCopy(PathField),
    Export(ExportForm),
    Raster(PathField),
    Bookmark(Bookmark),
    Reveal(i64, i64, String),
    Passphrase(NewForm),
    PastImports(PastImports),
    Rooms(RoomsDialog),
    Palette(palette::Palette),
    About,
    Keys,
}

/// The open dialog, if any.
#[derive(Default)]
pub(super) struct Dialogs {
    open: Option<Dialog>,
    import: Option<ImportDialog>,
    passphrase: String,
    is_locked: bool,
    wants_copy: bool,
    exports: Exports,
}

pub(super) fn file_in_home(name: &str) -> PathField {
    use etcetera::BaseStrategy as _;
    let home =
        etcetera::choose_base_strategy().map(|b| b.home_dir().to_owned()).unwrap_or_default();
    PathField::of(home.join(name).display().to_string())
}

impl Dialogs {
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some() || self.import.is_some() || self.is_locked
    }

    pub(super) fn open_new(&mut self) {
        let path = file_in_home("menpai.gpkg");
        self.open = Some(Dialog::New(NewForm { path, ..NewForm::default() }));
    }

    pub(super) fn open_open(&mut self) {
        self.open = Some(Dialog::Open(PathField::default()));
    }

    pub(super) fn open_save_copy(&mut self) {
        self.open = Some(Dialog::SaveCopy(file_in_home("menpai-copy.gpkg")));
    }

    pub(super) fn open_export(&mut self, form: ExportForm) {
        self.open = Some(Dialog::Export(form));
    }

    pub(super) fn open_raster(&mut self) {
        self.open = Some(Dialog::Raster(PathField::default()));
    }

    pub(super) fn open_bookmark(&mut self, bookmark: Bookmark) {
        self.open = Some(Dialog::Bookmark(bookmark));
    }

    pub(super) fn open_import(&mut self, path: Option<PathBuf>) {
        self.import = Some(ImportDialog::new(path));
    }

    pub(super) fn ask_reveal(&mut self, room_id: i64, person_id: i64) {
        self.open = Some(Dialog::Reveal(room_id, person_id, String::new()));
    }

    pub(super) fn open_passphrase(&mut self) {
        self.open = Some(Dialog::Passphrase(NewForm::default()));
    }

    /// Copies the view with the next frame.
    pub(super) fn copy_view(&mut self) {
        self.wants_copy = true;
    }

    pub(super) fn open_past_imports(&mut self) {
        self.open = Some(Dialog::PastImports(PastImports::default()));
    }

    pub(super) fn open_rooms(&mut self, dialog: RoomsDialog) {
        self.open = Some(Dialog::Rooms(dialog));
    }

    pub(super) fn open_palette(&mut self) {
        self.open = Some(Dialog::Palette(palette::Palette::default()));
    }

    pub(super) fn open_about(&mut self) {
        self.open = Some(Dialog::About);
    }

    pub(super) fn open_keys(&mut self) {
        self.open = Some(Dialog::Keys);
    }

    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        cx: &mut Ctx<'_>,
        frame: &eframe::Frame,
        map: &MapPanel,
    ) {
        self.dropped_files(ui, cx);
        self.exports.take(ui, cx);
        if std::mem::take(&mut self.wants_copy) {
            self.exports.start(ui, cx, frame, map, Target::Clipboard);
        }
        self.locked(ui, cx);
        if super::import_dialog::report(ui, cx) {
            return;
        }
        if let Some(import) = &mut self.import {
            if import.show(ui, cx) {
                self.import = None;
            }
            return;
        }
        let Some(dialog) = &mut self.open else { return };
        let mut is_done = false;
        let mut export = None;
        let modal = modal(ui, "dialog").show(ui, |ui| {
            ui.set_width(480.0);
            is_done = match dialog {
                Dialog::New(form) => new_form(ui, cx, form),
                Dialog::Open(path) => open_form(ui, cx, path),
                Dialog::SaveCopy(path) => {
                    path_form(ui, cx, path, Text::SaveCopy, &["gpkg"], |cx, path| {
                        cx.act(Action::SaveCopy(path));
                    })
                }
                Dialog::Export(form) => {
                    let (is_done, target) = form.show(ui, cx);
                    export = target;
                    is_done
                }
                Dialog::Raster(path) => {
                    path_form(ui, cx, path, Text::AddRaster, &["mbtiles"], |cx, path| {
                        let raster = Raster { path, ..Raster::default() };
                        let add = move |s: &mut Settings| {
                            s.rasters.retain(|r| r.path != raster.path);
                            s.rasters.push(raster);
                        };
                        cx.wishes.push(Wish::Settings(Box::new(add)));
                    })
                }
                Dialog::Bookmark(bookmark) => bookmark_form(ui, cx, bookmark),
                Dialog::Reveal(room_id, person_id, purpose) => {
                    reveal_form(ui, cx, (*room_id, *person_id), purpose)
                }
                Dialog::Passphrase(form) => passphrase_form(ui, cx, form),
                Dialog::PastImports(past) => past.show(ui, cx),
                Dialog::Rooms(rooms) => rooms.show(ui, cx),
                Dialog::Palette(palette) => palette.show(ui, cx),
                Dialog::About => about(ui, cx),
                Dialog::Keys => keys(ui, cx),
            };
        });
        if let Some(target) = export {
            self.exports.start(ui, cx, frame, map, target);
        }
        if is_done || modal.should_close() {
            self.open = None;
        }
    }

    fn dropped_files(&mut self, ui: &Ui, cx: &Ctx<'_>) {
        let is_hovering = ui.input(|i| !i.raw.hovered_files.is_empty());
        if is_hovering {
            let c = theme(ui);
            let layer = egui::LayerId::new(egui::Order::Foreground, Id::unique("drop"));
            let painter = ui.layer_painter(layer);
            let rect = ui.content_rect();
            painter.rect_filled(rect, 0.0, c.panel.gamma_multiply(0.85));
            let font = bold(tokens::TITLE);
            let text = cx.t(Text::DropHere);
            painter.text(rect.center(), egui::Align2::CENTER_CENTER, text, font, c.ink);
        }
        let dropped = ui.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_owned()));
        if let Some(path) = dropped {
            self.open_import(Some(path));
        }
    }

    fn locked(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let Some(locked) = cx.session.locked.clone() else {
            self.is_locked = false;
            return;
        };
        let path = locked.path;
        self.is_locked = true;
        modal(ui, "locked").show(ui, |ui| {
            ui.set_width(420.0);
            heading(ui, cx.t(Text::PassphraseAsked));
            hint(ui, &path.display().to_string());
            let edit = egui::TextEdit::singleline(&mut self.passphrase)
                .password(true)
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(f32::INFINITY);
            let field = ui.add(edit).accessible_name(cx.t(Text::Passphrase));
            let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            focus_once(ui, &field);
            if is_entered {
                // Whoever has mistyped goes on typing.
                field.request_focus();
            }
            if locked.is_trying {
                ui.horizontal(|ui| {
                    ui.spinner();
                    hint(ui, cx.t(Text::Opening));
                });
            } else if let Some(problem) = &locked.problem {
                let c = theme(ui);
                let told = RichText::new(localise(problem, cx.lang)).color(c.danger);
                ui.add(egui::Label::new(told).wrap());
            }
            let given = Passphrase::new(&self.passphrase);
            let is_ready = given.is_some() && !locked.is_trying;
            buttons(ui, cx, |ui, cx| {
                let open = primary(ui, is_ready, cx.t(Text::Open)).clicked();
                if (open || is_entered) && is_ready {
                    cx.act(Action::Open(path.clone(), given.clone()));
                    self.passphrase.zeroize();
                }
                let escaped = ui.input(|i| i.key_pressed(Key::Escape));
                if ui.button(cx.t(Text::Cancel)).clicked() || escaped {
                    self.passphrase.zeroize();
                    cx.act(Action::GiveUpLocked);
                }
            });
        });
    }
}

/// A window in front of everything else, with room around what is in it.
pub(super) fn modal(ui: &Ui, name: &str) -> Modal {
    const MARGIN: i8 = 20;
    Modal::new(Id::unique(name)).frame(egui::Frame::popup(ui.style()).inner_margin(MARGIN))
}

/// The title of a dialog.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    let c = theme(ui);
    ui.label(RichText::new(text).font(bold(tokens::SECTION + 2.0)).color(c.ink));
    ui.add_space(tokens::GAP);
}

/// The row of buttons at the foot of a dialog, from the right.
pub(super) fn buttons(ui: &mut Ui, cx: &mut Ctx<'_>, add: impl FnOnce(&mut Ui, &mut Ctx<'_>)) {
    ui.add_space(tokens::GAP * 2.0);
    let size = egui::Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT);
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| add(ui, cx));
}

fn new_form(ui: &mut Ui, cx: &mut Ctx<'_>, form: &mut NewForm) -> bool {
    heading(ui, cx.t(Text::NewWorkspace));
    form.path.show(ui, cx, Text::WorkspaceFile, Pick::Save, &["gpkg"]);
    ui.add_space(tokens::GAP);
    let given = new_passphrase(ui, cx, form, Text::Passphrase, Text::WithoutEncryption);
    let is_ready = form.path.path().is_some() && (form.plain || given.is_some());
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        if primary(ui, is_ready, cx.t(Text::Create)).clicked()
            && let Some(path) = form.path.path()
        {
            cx.act(Action::Create(path, given));
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}

/// The two fields of a new passphrase, and the box for none. `Some` when both agree and it is
/// strong enough.
fn new_passphrase(
    ui: &mut Ui,
    cx: &Ctx<'_>,
    form: &mut NewForm,
    first: Text,
    none: Text,
) -> Option<Passphrase> {
    ui.add_enabled_ui(!form.plain, |ui| {
        for (text, label) in
            [(&mut form.passphrase, first), (&mut form.again, Text::PassphraseAgain)]
        {
            ui.label(cx.t(label));
            let edit = egui::TextEdit::singleline(text)
                .password(true)
                .margin(egui::Margin::symmetric(8, 5))
                .desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(cx.t(label));
        }
        hint(ui, cx.t(Text::PassphraseHint));
    });
    ui.checkbox(&mut form.plain, cx.t(none));
    if !form.plain && !form.again.is_empty() && form.again != form.passphrase {
        let c = theme(ui);
        ui.label(RichText::new(cx.t(Text::PassphrasesDiffer)).color(c.danger));
    }
    Passphrase::new(&form.passphrase)
        .filter(|p| !form.plain && p.is_strong() && form.passphrase == form.again)
}

fn passphrase_form(ui: &mut Ui, cx: &mut Ctx<'_>, form: &mut NewForm) -> bool {
    heading(ui, cx.t(Text::ChangePassphrase).trim_end_matches('…'));
    let given = new_passphrase(ui, cx, form, Text::NewPassphrase, Text::RemoveEncryption);
    let is_encrypted = cx.session.workspace.as_ref().is_some_and(|w| w.is_encrypted());
    let is_ready = given.is_some() || (form.plain && is_encrypted);
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        if primary(ui, is_ready, cx.t(Text::Change)).clicked() {
            cx.act(Action::Rekey(given));
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}

fn open_form(ui: &mut Ui, cx: &mut Ctx<'_>, path: &mut PathField) -> bool {
    path_form(ui, cx, path, Text::OpenWorkspace, &["gpkg"], |cx, path| {
        cx.act(Action::Open(path, None));
    })
}

fn path_form(
    ui: &mut Ui,
    cx: &mut Ctx<'_>,
    field: &mut PathField,
    title: Text,
    endings: &'static [&'static str],
    done: impl FnOnce(&mut Ctx<'_>, PathBuf),
) -> bool {
    heading(ui, cx.t(title));
    let (pick, label) = match title {
        Text::OpenWorkspace => (Pick::Open, Text::Path),
        Text::AddRaster => (Pick::Open, Text::RasterPath),
        _ => (Pick::Save, Text::Path),
    };
    field.show(ui, cx, label, pick, endings);
    let is_entered = ui.input(|i| i.key_pressed(Key::Enter));
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        let path = field.path();
        let go = primary(ui, path.is_some(), cx.t(Text::Ok)).clicked() || is_entered;
        if let Some(path) = path.filter(|_| go) {
            done(cx, path);
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}

fn reveal_form(ui: &mut Ui, cx: &mut Ctx<'_>, who: (i64, i64), purpose: &mut String) -> bool {
    heading(ui, cx.t(Text::RevealTitle));
    ui.label(cx.t(Text::RevealReason));
    let edit = egui::TextEdit::singleline(purpose)
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let field = ui.add(edit).accessible_name(cx.t(Text::RevealReason));
    focus_once(ui, &field);
    let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let is_ready = crate::access::purpose(purpose).is_some();
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        let go = primary(ui, is_ready, cx.t(Text::Reveal)).clicked() || is_entered;
        if go && is_ready {
            cx.act(Action::RevealPhone(who.0, who.1, purpose.trim().to_owned()));
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}

fn bookmark_form(ui: &mut Ui, cx: &mut Ctx<'_>, bookmark: &mut Bookmark) -> bool {
    heading(ui, cx.t(Text::AddBookmark).trim_end_matches('…'));
    ui.label(cx.t(Text::BookmarkName));
    let edit = egui::TextEdit::singleline(&mut bookmark.name)
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    let field = ui.add(edit).accessible_name(cx.t(Text::BookmarkName));
    let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let is_ready = !bookmark.name.trim().is_empty();
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| {
        let go = primary(ui, is_ready, cx.t(Text::Ok)).clicked() || is_entered;
        if go && is_ready {
            let made = bookmark.clone();
            let add = move |s: &mut Settings| s.bookmarks.push(made);
            cx.wishes.push(Wish::Settings(Box::new(add)));
            is_done = true;
        }
        is_done |= ui.button(cx.t(Text::Cancel)).clicked();
    });
    is_done
}

fn about(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    let c = theme(ui);
    heading(ui, &format!("Menpai 门牌 {}", env!("CARGO_PKG_VERSION")));
    ui.add(egui::Label::new(cx.t(Text::AboutBody)).wrap());
    ui.add_space(tokens::GAP);
    for text in [Text::AboutPrivacy, Text::AboutData, Text::AboutLicence] {
        let text = RichText::new(cx.t(text)).color(c.secondary);
        ui.add(egui::Label::new(text).wrap());
        ui.add_space(tokens::GAP_SMALL);
    }
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| is_done = primary(ui, true, cx.t(Text::Close)).clicked());
    is_done
}

fn keys(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    heading(ui, cx.t(Text::Keys));
    let c = theme(ui);
    let mut rows: Vec<(String, String)> = UiCommand::ALL
        .into_iter()
        .map(|command| (cx.t(command.describe().0).to_owned(), shortcuts::words(ui, command)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    rows.push((cx.t(Text::FocusPopulation).to_owned(), "1 – 9".to_owned()));
    rows.push((cx.t(Text::Back).to_owned(), "Esc".to_owned()));
    egui::Grid::new("keys").num_columns(4).spacing([24.0, 6.0]).show(ui, |ui| {
        for pair in rows.chunks(2) {
            for (text, keys) in pair {
                ui.label(text);
                ui.label(RichText::new(keys).color(c.secondary));
            }
            ui.end_row();
        }
    });
    ui.add_space(tokens::GAP);
    hint(ui, cx.t(Text::MapHelp));
    let mut is_done = false;
    buttons(ui, cx, |ui, cx| is_done = primary(ui, true, cx.t(Text::Close)).clicked());
    is_done
}
