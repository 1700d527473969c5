//! About the program, and its keys.

use eframe::egui::{self, RichText, Ui};

use crate::app::UiCommand;
use crate::text::Text;
use crate::ui::commands;
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, primary, theme};

pub(crate) fn about(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
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

pub(crate) fn keys(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
    heading(ui, cx.t(Text::Keys));
    let c = theme(ui);
    let mut rows: Vec<(String, String)> = UiCommand::ALL
        .into_iter()
        .map(|command| (cx.t(command.describe().0).to_owned(), commands::words(ui, command)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    rows.push((cx.t(Text::FocusPopulation).to_owned(), "1 – 9".to_owned()));
    rows.push((cx.t(Text::Back).to_owned(), "Esc".to_owned()));
    rows.push((cx.t(Text::NextPart).to_owned(), "F6".to_owned()));
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
