//! The status bar: position, scale, counts, filter, running job.

use eframe::egui::{self, Align, Layout, RichText, Ui};

use crate::app::jobs::Pace;
use crate::app::{Action, UiCommand};
use crate::text::translated;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::focus_words::filter_words;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::theme;
use crate::ui::map::view::MapPanel;

pub(crate) fn show(ui: &mut Ui, cx: &mut Ctx<'_>, map: &MapPanel) {
    let c = theme(ui);
    let small = |text: String| RichText::new(text).size(tokens::SMALL).color(c.secondary);
    ui.horizontal_centered(|ui| {
        let at = map.pointer.unwrap_or_else(|| map.visible().center());
        ui.label(small(format!("{:.5}°  {:.5}°", at.lon, at.lat)));
        ui.label(small(format!(
            "1 : {}",
            thousands(map.camera.scale_denominator().round() as u64)
        )));
        let totals = cx.session.totals;
        if cx.session.workspace.is_some() {
            ui.label(small(format!(
                "{} {} · {} {}",
                thousands(totals.buildings),
                cx.t(Text::Buildings),
                thousands(totals.persons),
                cx.t(Text::People),
            )));
        }
        if let Some(workspace) = &cx.session.workspace {
            if workspace.is_encrypted() {
                ui.label(small(cx.t(Text::Encrypted).to_owned()));
            }
            if let Some(reason) = workspace.read_only_reason() {
                let text = format!("{}: {}", cx.t(Text::ReadOnly), translated(reason, cx.lang));
                ui.label(RichText::new(text).size(tokens::SMALL).color(c.warn));
            }
        }
        let overdue = cx.session.work.get().and_then(|view| view.work.section("overdue"));
        if let Some(overdue) = overdue.filter(|section| section.count > 0) {
            let name = crate::text::workflow::label("work", "overdue", cx.lang);
            let text = format!("{name} {}", thousands(overdue.count));
            let text = RichText::new(text).size(tokens::SMALL).color(c.danger);
            // No button: it would raise the bar.
            let label = egui::Label::new(text).selectable(false).sense(egui::Sense::click());
            let response = ui.add(label).on_hover_cursor(egui::CursorIcon::PointingHand);
            if response.on_hover_text(cx.t(Text::MyWork)).clicked() {
                cx.command(UiCommand::Work);
            }
        }
        if !cx.session.filter.is_empty() {
            let text = format!("{}: {}  ×", cx.t(Text::FilterActive), filter_words(cx));
            let button = egui::Button::new(RichText::new(text).size(tokens::SMALL).color(c.accent));
            if ui.add(button.frame_when_inactive(false)).clicked() {
                cx.command(UiCommand::ClearFocus);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let session = cx.session;
            for (index, job) in session.jobs.iter().enumerate() {
                if ui.small_button(cx.t(Text::Cancel)).clicked() {
                    cx.act(Action::CancelJob(index));
                }
                let bar = egui::ProgressBar::new(job.fraction());
                ui.add(bar.desired_width(120.0).desired_height(8.0));
                let title = job.title.text(cx.lang);
                let words = match job.pace() {
                    Some(pace) => format!("{title} · {}", pace_words(cx, pace)),
                    None => title,
                };
                ui.add(egui::Label::new(small(words)).truncate());
            }
        });
    });
}

/// Rows a second and the time that is left.
fn pace_words(cx: &Ctx<'_>, pace: Pace) -> String {
    let left = match (pace.left_s / 60, pace.left_s % 60) {
        (0, seconds) => cx.t(Text::SecondsLeft).replace("{}", &seconds.to_string()),
        (minutes, seconds) => {
            let clock = format!("{minutes}:{seconds:02}");
            cx.t(Text::MinutesLeft).replace("{}", &clock)
        }
    };
    if pace.rows_per_s == 0 {
        return left;
    }
    let rows = cx.t(Text::RowsPerSecond).replace("{}", &thousands(pace.rows_per_s));
    format!("{rows} · {left}")
}
