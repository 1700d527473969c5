//! Dialogs: new, open, passphrase, save a copy, export, reveal, about, keys; and the import's.

use std::path::PathBuf;

use eframe::egui::{self, Id, Key, RichText, Ui};
use zeroize::Zeroize as _;

use crate::app::settings::{Bookmark, Raster};
use crate::app::{Action, Settings};
use crate::domain::ids::{PersonId, RoomId};
use crate::store::Passphrase;
use crate::text::Text;
use crate::ui::ctx::{Ctx, RoomsWish, Wish};
use crate::ui::dialogs::about::{about, keys};
use crate::ui::dialogs::bookmark::bookmark_form;
use crate::ui::dialogs::event_forms::{ActForm, ReportForm};
use crate::ui::dialogs::export::{ExportForm, Exports, Target};
use crate::ui::dialogs::extract::ExtractForm;
use crate::ui::dialogs::fill_form::FillForm;
use crate::ui::dialogs::import::ImportDialog;
use crate::ui::dialogs::living::{MoveForm, VisitForm};
use crate::ui::dialogs::match_list::MatchForm;
use crate::ui::dialogs::palette;
use crate::ui::dialogs::past_deeds::past_deeds;
use crate::ui::dialogs::past_imports::PastImports;
use crate::ui::dialogs::record::RecordForm;
use crate::ui::dialogs::report::{self, ReportShown};
use crate::ui::dialogs::reveal::{names_form, reveal_form};
use crate::ui::dialogs::rooms::RoomsDialog;
use crate::ui::dialogs::workspace::{NewForm, new_form, open_form, passphrase_form, path_form};
use crate::ui::kit::modal::{buttons, heading, modal};
use crate::ui::kit::path_field::{PathField, file_in_home};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{focus_once, hint, primary, theme};
use crate::ui::map::view::MapPanel;

enum Dialog {
    New(NewForm),
    Open(PathField),
    SaveCopy(PathField),
    Export(ExportForm),
    Extract(Box<ExtractForm>),
    FillForm(Box<FillForm>),
    Raster(PathField),
    Bookmark(Bookmark),
    Reveal(RoomId, PersonId, String),
    Names(String),
    Passphrase(NewForm),
    PastImports(PastImports),
    Rooms(RoomsDialog),
    MatchList(MatchForm),
    SaveMatch(PathField),
    PrintFigures(PathField),
    Record(Box<RecordForm>),
    Report(Box<ReportForm>),
    Act(Box<ActForm>),
    Move(MoveForm),
    Visit(Box<VisitForm>),
    PastDeeds,
    Palette(palette::Palette),
    About,
    Keys,
}

/// The open dialog, if any.
#[derive(Default)]
pub(crate) struct Dialogs {
    open: Option<Dialog>,
    import: Option<ImportDialog>,
    passphrase: String,
    is_locked: bool,
    wants_copy: bool,
    exports: Exports,
}

impl Dialogs {
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some() || self.import.is_some() || self.is_locked
    }

    pub(crate) fn open_new(&mut self) {
        let path = file_in_home("menpai.gpkg");
        self.open = Some(Dialog::New(NewForm { path, ..NewForm::default() }));
    }

    pub(crate) fn open_open(&mut self) {
        self.open = Some(Dialog::Open(PathField::default()));
    }

    pub(crate) fn open_save_copy(&mut self) {
        self.open = Some(Dialog::SaveCopy(file_in_home("menpai-copy.gpkg")));
    }

    pub(crate) fn open_export(&mut self, form: ExportForm) {
        self.open = Some(Dialog::Export(form));
    }

    pub(crate) fn open_extract(&mut self, form: ExtractForm) {
        self.open = Some(Dialog::Extract(Box::new(form)));
    }

    pub(crate) fn open_fill_form(&mut self, form: FillForm) {
        self.open = Some(Dialog::FillForm(Box::new(form)));
    }

    pub(crate) fn open_raster(&mut self) {
        self.open = Some(Dialog::Raster(PathField::default()));
    }

    pub(crate) fn open_bookmark(&mut self, bookmark: Bookmark) {
        self.open = Some(Dialog::Bookmark(bookmark));
    }

    pub(crate) fn open_import(&mut self, path: Option<PathBuf>) {
        self.import = Some(ImportDialog::new(path));
    }

    pub(crate) fn ask_reveal(&mut self, room_id: RoomId, person_id: PersonId) {
        self.open = Some(Dialog::Reveal(room_id, person_id, String::new()));
    }

    pub(crate) fn ask_names(&mut self) {
        self.open = Some(Dialog::Names(String::new()));
    }

    pub(crate) fn open_passphrase(&mut self) {
        self.open = Some(Dialog::Passphrase(NewForm::default()));
    }

    /// Copies the view with the next frame.
    pub(crate) fn copy_view(&mut self) {
        self.wants_copy = true;
    }

    pub(crate) fn open_past_imports(&mut self) {
        self.open = Some(Dialog::PastImports(PastImports::default()));
    }

    pub(crate) fn open_rooms(&mut self, wish: RoomsWish) {
        self.open = Some(Dialog::Rooms(RoomsDialog::new(wish)));
    }

    pub(crate) fn open_match_list(&mut self) {
        self.open = Some(Dialog::MatchList(MatchForm::default()));
    }

    pub(crate) fn open_save_match(&mut self) {
        self.open = Some(Dialog::SaveMatch(file_in_home("menpai-match.csv")));
    }

    pub(crate) fn open_print_figures(&mut self) {
        self.open = Some(Dialog::PrintFigures(file_in_home("menpai-overview.pdf")));
    }

    pub(crate) fn open_record(&mut self, form: RecordForm) {
        self.open = Some(Dialog::Record(Box::new(form)));
    }

    pub(crate) fn open_report(&mut self, form: ReportForm) {
        self.open = Some(Dialog::Report(Box::new(form)));
    }

    pub(crate) fn open_act(&mut self, form: ActForm) {
        self.open = Some(Dialog::Act(Box::new(form)));
    }

    pub(crate) fn open_move(&mut self, form: MoveForm) {
        self.open = Some(Dialog::Move(form));
    }

    pub(crate) fn open_visit(&mut self, form: VisitForm) {
        self.open = Some(Dialog::Visit(Box::new(form)));
    }

    pub(crate) fn open_past_deeds(&mut self) {
        self.open = Some(Dialog::PastDeeds);
    }

    pub(crate) fn open_palette(&mut self) {
        self.open = Some(Dialog::Palette(palette::Palette::default()));
    }

    pub(crate) fn open_about(&mut self) {
        self.open = Some(Dialog::About);
    }

    pub(crate) fn open_keys(&mut self) {
        self.open = Some(Dialog::Keys);
    }

    pub(crate) fn show(
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
        match report::show(ui, cx) {
            ReportShown::Nothing => {}
            ReportShown::Shown => return,
            ReportShown::Imports => {
                self.import = None;
                return;
            }
        }
        if let Some(import) = &mut self.import {
            if import.waits(cx) {
                return;
            }
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
                Dialog::Extract(form) => form.show(ui, cx),
                Dialog::FillForm(form) => form.show(ui, cx),
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
                Dialog::Names(purpose) => names_form(ui, cx, purpose),
                Dialog::Passphrase(form) => passphrase_form(ui, cx, form),
                Dialog::PastImports(past) => past.show(ui, cx),
                Dialog::Rooms(rooms) => rooms.show(ui, cx),
                Dialog::MatchList(form) => form.show(ui, cx),
                Dialog::SaveMatch(path) => {
                    path_form(ui, cx, path, Text::SaveAs, &["csv"], |cx, path| {
                        cx.act(Action::SaveMatch(path));
                    })
                }
                Dialog::PrintFigures(path) => {
                    path_form(ui, cx, path, Text::PrintFigures, &["pdf"], |cx, path| {
                        cx.act(Action::PrintFigures(path));
                    })
                }
                Dialog::Record(form) => form.show(ui, cx),
                Dialog::Report(form) => form.show(ui, cx),
                Dialog::Act(form) => form.show(ui, cx),
                Dialog::Move(form) => form.show(ui, cx),
                Dialog::Visit(form) => form.show(ui, cx),
                Dialog::PastDeeds => past_deeds(ui, cx),
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
                let told = RichText::new(problem.text(cx.lang)).color(c.danger);
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
