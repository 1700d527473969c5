//! Matching a list against the residents: which list, what for, by what right, for how long; and the lists that are
//! kept.

use eframe::egui::{self, Ui};

use crate::app::asks::matches::MatchOrder;
use crate::app::{Action, Card};
use crate::query::instant_text;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::path_field::{PathField, Pick};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, link, primary, rule, section};

/// Days for which a list is kept unless it is said otherwise.
const USUAL_DAYS: i64 = 14;
/// Days for which a list may be kept at most.
const MOST_DAYS: i64 = 366;

const ENDINGS: &[&str] = &["xlsx", "xls", "xlsb", "ods", "csv"];

/// The form.
pub(crate) struct MatchForm {
    path: PathField,
    purpose: String,
    legal_basis: String,
    days: i64,
}

impl Default for MatchForm {
    fn default() -> Self {
        Self {
            path: PathField::default(),
            purpose: String::new(),
            legal_basis: String::new(),
            days: USUAL_DAYS,
        }
    }
}

fn line(ui: &mut Ui, cx: &Ctx<'_>, label: Text, example: Text, text: &mut String) {
    ui.add_space(tokens::GAP_SMALL);
    ui.label(cx.t(label));
    let edit = egui::TextEdit::singleline(text)
        .hint_text(cx.t(example))
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(f32::INFINITY);
    ui.add(edit).accessible_name(cx.t(label));
}

impl MatchForm {
    /// Shows the form. Returns whether it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        heading(ui, cx.t(Text::MatchList).trim_end_matches('…'));
        hint(ui, cx.t(Text::MatchListHint));
        ui.add_space(tokens::GAP_SMALL);
        self.path.show(ui, cx, Text::Path, Pick::Open, ENDINGS);
        line(ui, cx, Text::MatchPurpose, Text::MatchPurposeHint, &mut self.purpose);
        line(ui, cx, Text::MatchBasis, Text::MatchBasisHint, &mut self.legal_basis);
        ui.add_space(tokens::GAP_SMALL);
        ui.horizontal(|ui| {
            ui.label(cx.t(Text::MatchDays));
            let days = egui::DragValue::new(&mut self.days).range(0..=MOST_DAYS);
            ui.add(days).accessible_name(cx.t(Text::MatchDays));
            ui.label(cx.t(Text::Days));
        });
        let mut is_done = Self::kept(ui, cx);
        buttons(ui, cx, |ui, cx| {
            let says = |text: &str| crate::access::purpose(text).is_some();
            let path = self.path.path();
            let can = path.is_some() && says(&self.purpose) && says(&self.legal_basis);
            if primary(ui, can, cx.t(Text::MatchList).trim_end_matches('…')).clicked()
                && let Some(path) = path
            {
                cx.act(Action::MatchList(Box::new(MatchOrder {
                    path,
                    purpose: self.purpose.clone(),
                    legal_basis: self.legal_basis.clone(),
                    days: self.days,
                })));
                is_done = true;
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }

    /// Lists that are kept; each opens its result.
    fn kept(ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        let jobs = cx.session.lists.get().map(|lists| lists.matches.clone()).unwrap_or_default();
        if jobs.is_empty() {
            return false;
        }
        rule(ui);
        section(ui, cx.t(Text::MatchKept));
        let mut is_done = false;
        egui::ScrollArea::vertical().id_salt("matched").max_height(120.0).show(ui, |ui| {
            for job in &jobs {
                let rows: u64 = job.levels.iter().sum();
                let until = instant_text(job.job.purge_at);
                let day = until.get(..10).unwrap_or_default();
                ui.horizontal(|ui| {
                    if link(ui, &job.job.title).clicked() {
                        cx.act(Action::Show(Card::Match(job.job_id)));
                        is_done = true;
                    }
                    let rows = thousands(rows);
                    hint(ui, &format!("{rows} {} · {day}", cx.t(Text::RowsWord)));
                });
            }
        });
        is_done
    }
}
