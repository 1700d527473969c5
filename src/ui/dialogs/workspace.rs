//! Forms for workspaces: a new one, one to open, a passphrase, a path.

use std::path::PathBuf;

use eframe::egui::{self, Key, RichText, Ui};

use crate::app::Action;
use crate::store::Passphrase;
use crate::text::Text;
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::path_field::{PathField, Pick};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, primary, theme};

#[derive(Default)]
pub(crate) struct NewForm {
    pub(crate) path: PathField,
    pub(crate) passphrase: String,
    pub(crate) again: String,
    pub(crate) plain: bool,
}

pub(crate) fn new_form(ui: &mut Ui, cx: &mut Ctx<'_>, form: &mut NewForm) -> bool {
    heading(ui, cx.t(Text::NewWorkspace));
    form.path.show(ui, cx, Text::WorkspaceFile, Pick::Save, &["gpkg"]);
    ui.add_space(tokens::GAP);
    let given = new_passphrase(ui, cx, form, Text::Passphrase, Some(Text::WithoutEncryption));
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
pub(crate) fn new_passphrase(
    ui: &mut Ui,
    cx: &Ctx<'_>,
    form: &mut NewForm,
    first: Text,
    none: Option<Text>,
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
    match none {
        Some(none) => {
            ui.checkbox(&mut form.plain, cx.t(none));
        }
        None => form.plain = false,
    }
    if !form.plain && !form.again.is_empty() && form.again != form.passphrase {
        let c = theme(ui);
        ui.label(RichText::new(cx.t(Text::PassphrasesDiffer)).color(c.danger));
    }
    Passphrase::new(&form.passphrase)
        .filter(|p| !form.plain && p.is_strong() && form.passphrase == form.again)
}

pub(crate) fn passphrase_form(ui: &mut Ui, cx: &mut Ctx<'_>, form: &mut NewForm) -> bool {
    heading(ui, cx.t(Text::ChangePassphrase).trim_end_matches('…'));
    // A plain file has no encryption to be removed.
    let is_encrypted = cx.session.workspace.as_ref().is_some_and(|w| w.is_encrypted());
    let none = is_encrypted.then_some(Text::RemoveEncryption);
    let given = new_passphrase(ui, cx, form, Text::NewPassphrase, none);
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

pub(crate) fn open_form(ui: &mut Ui, cx: &mut Ctx<'_>, path: &mut PathField) -> bool {
    path_form(ui, cx, path, Text::OpenWorkspace, &["gpkg"], |cx, path| {
        cx.act(Action::Open(path, None));
    })
}

pub(crate) fn path_form(
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
    // What is printed or saved from the screen replaces what is there; a workspace never does.
    let replaces = matches!(title, Text::PrintFigures | Text::SaveAs);
    if replaces && field.path().is_some_and(|path| path.is_file()) {
        hint(ui, cx.t(Text::ExtractReplaces));
    }
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
