//! The result of a list that was matched: how many are meant for sure, who they are, where they live.

use eframe::egui::{RichText, ScrollArea, Ui};

use crate::app::asks::matches::MatchView;
use crate::app::{Action, Card, UiCommand};
use crate::map::select::Combine;
use crate::query::instant_text;
use crate::query::list_match::Level;
use crate::query::match_result::{MatchLine, matched_buildings};
use crate::text::{Text, thousands};
use crate::ui::cards::frame::{breadcrumb, waiting};
use crate::ui::ctx::{Ctx, Wish};
use crate::ui::kit::regions::{self, Region};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{fact, hint, link, list_row, rule, segments, theme};

/// Levels from the surest down, with their names.
const LEVELS: [(Level, Text); 4] = [
    (Level::Exact, Text::MatchExact),
    (Level::Likely, Text::MatchLikely),
    (Level::Ambiguous, Text::MatchAmbiguous),
    (Level::None, Text::MatchNobody),
];

/// Which rows are shown, and whether the list is to be deleted.
#[derive(Default)]
pub(crate) struct MatchCard {
    /// Place in [`LEVELS`], from 1; 0 for all.
    level: usize,
    is_deleting: bool,
}

impl MatchCard {
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        if waiting(ui, cx, &cx.session.match_job) {
            return;
        }
        let Some(view) = cx.session.match_job.get().cloned() else { return };
        let Some(view) = view else {
            breadcrumb(ui, cx, cx.t(Text::MatchList).trim_end_matches('…'));
            hint(ui, cx.t(Text::MatchGone));
            return;
        };
        breadcrumb(ui, cx, cx.t(Text::MatchList).trim_end_matches('…'));
        let c = theme(ui);
        let title = RichText::new(&view.job.job.title).font(bold(tokens::TITLE)).color(c.ink);
        ui.add(eframe::egui::Label::new(title).wrap());
        fact(ui, cx.t(Text::MatchPurpose), &view.job.job.purpose);
        fact(ui, cx.t(Text::MatchBasis), &view.job.job.legal_basis);
        let until = instant_text(view.job.job.purge_at);
        fact(ui, cx.t(Text::MatchUntil), &until.get(..16).unwrap_or_default().replace('T', " "));
        self.what_to_do(ui, cx, &view);
        rule(ui);
        let count = |level: Level| view.job.levels[level as usize];
        let mut words =
            vec![format!("{} {}", cx.t(Text::AllWord), thousands(view.lines.len() as u64))];
        words.extend(LEVELS.iter().map(|(l, t)| format!("{} {}", cx.t(*t), thousands(count(*l)))));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Some(picked) = segments(ui, cx.t(Text::MatchList), self.level, &words) {
            self.level = picked;
        }
        let wanted = self.level.checked_sub(1).map(|at| LEVELS[at].0);
        let lines: Vec<&MatchLine> =
            view.lines.iter().filter(|line| wanted.is_none_or(|w| line.level() == w)).collect();
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("match rows").auto_shrink([false, false]).show_rows(
            ui,
            tokens::TWO_LINES_HEIGHT,
            lines.len(),
            |ui, range| {
                for line in &lines[range] {
                    row(ui, cx, line);
                }
            },
        );
    }

    fn what_to_do(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, view: &MatchView) {
        ui.horizontal(|ui| {
            let buildings = matched_buildings(&view.lines);
            if !buildings.is_empty() && link(ui, cx.t(Text::ShowOnMap)).clicked() {
                let ids = buildings.into_keys().collect();
                cx.act(Action::Select(ids, Combine::Replace));
                cx.command(UiCommand::FitSelection);
            }
            if link(ui, cx.t(Text::SaveAs)).clicked() {
                cx.wishes.push(Wish::SaveMatch);
            }
            if self.is_deleting {
                let c = theme(ui);
                ui.label(RichText::new(cx.t(Text::MatchDeleteAsk)).color(c.danger));
                if ui.button(cx.t(Text::MatchDelete)).clicked() {
                    self.is_deleting = false;
                    cx.act(Action::PurgeMatch(view.job.job_id));
                }
                self.is_deleting &= !ui.button(cx.t(Text::Cancel)).clicked();
            } else if link(ui, cx.t(Text::MatchDelete)).clicked() {
                self.is_deleting = true;
            }
        });
    }
}

/// What agrees, or does not, in words.
fn evidence_word<'w>(cx: &Ctx<'_>, word: &'w str) -> &'w str {
    match word {
        "id_no" => cx.t(Text::EvidenceId),
        "other_id_no" => cx.t(Text::EvidenceOtherId),
        "name" => cx.t(Text::Name),
        "other_name" => cx.t(Text::EvidenceOtherName),
        "phone" => cx.t(Text::Phone),
        "birth_date" => cx.t(Text::EvidenceBirth),
        "room" => cx.t(Text::Address),
        other => other,
    }
}

fn row(ui: &mut Ui, cx: &mut Ctx<'_>, line: &MatchLine) {
    let level = LEVELS.iter().find(|(level, _)| *level == line.level()).map(|(_, text)| *text);
    let main = format!("{}  {}", line.row.line, line.listed);
    let evidence: Vec<&str> =
        line.row.evidence.split_whitespace().map(|word| evidence_word(cx, word)).collect();
    let second = match line.address(cx.lang) {
        // Every row is as high as the next one, so that any number of them can be scrolled.
        address if address.is_empty() => format!(" {}", evidence.join(" ")),
        address => format!("{address} · {}", evidence.join(" ")),
    };
    let right = level.map(|text| cx.t(text)).unwrap_or_default();
    let response = list_row(ui, false, &main, &second, right);
    regions::note(ui, Region::Right, response.id);
    if response.clicked()
        && let Some(place) = &line.place
    {
        cx.go_to_building(place.building_id);
        cx.act(Action::Show(Card::Room(place.room_id)));
    }
}
