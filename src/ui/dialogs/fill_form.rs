//! A form from the superior office, filled: which form, what its headings mean, with whose rows, and where to.

use std::path::PathBuf;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::Action;
use crate::app::asks::extract::{ExtractPlan, Leaving};
use crate::app::asks::form::{FormOrder, FormRead};
use crate::app::value::Value;
use crate::query::Filter;
use crate::query::table::TableKind;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::dialogs::openness::Openness;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::path_field::{PathField, Pick};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{hint, primary, section, segments, theme};

/// The column of a running number.
const NUMBER: &str = "number";

/// The form.
pub(crate) struct FillForm {
    kind: TableKind,
    filter: Filter,
    form: PathField,
    to: PathField,
    openness: Openness,
    /// Headings, and the column each is filled from.
    chosen: Vec<(String, String)>,
    /// The form that `chosen` is of.
    of: Option<(PathBuf, TableKind)>,
    /// What was asked for last.
    asked: Option<(Option<PathBuf>, TableKind)>,
}

impl FillForm {
    pub(crate) fn new(filter: Filter) -> Self {
        Self {
            kind: TableKind::Persons,
            filter,
            form: PathField::default(),
            to: PathField::quiet(String::new()),
            openness: Openness::default(),
            chosen: Vec::new(),
            of: None,
            asked: None,
        }
    }

    /// Shows the form. Returns whether it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        heading(ui, cx.t(Text::FillForm).trim_end_matches('…'));
        hint(ui, cx.t(Text::FillFormHint));
        ui.add_space(tokens::GAP_SMALL);
        self.form.show(ui, cx, Text::FormFile, Pick::Open, &["xlsx"]);
        let plan = self.whose(ui, cx);
        self.ask(cx);
        let is_read = self.headings(ui, cx);
        section(ui, cx.t(Text::FormFilled));
        self.to.show(ui, cx, Text::Path, Pick::Save, &["xlsx"]);
        let is_there = self.to.path().is_some_and(|path| path.exists());
        // The form itself is kept: it comes again next month.
        let is_form = self.to.path().is_some() && self.to.path() == self.form.path();
        if is_form {
            hint(ui, cx.t(Text::FormItself));
        } else if is_there {
            hint(ui, cx.t(Text::ExtractReplaces));
        }
        self.openness.show(ui, cx);
        let mut is_done = false;
        buttons(ui, cx, |ui, cx| {
            let can = is_read
                && !is_form
                && plan.as_ref().is_some_and(|plan| plan.rows > 0)
                && self.to.path().is_some()
                && self.chosen.iter().any(|(_, column)| !column.is_empty())
                && self.openness.says_why();
            if primary(ui, can, cx.t(Text::FillForm).trim_end_matches('…')).clicked()
                && let (Some(plan), Some(form), Some(to)) = (plan, self.form.path(), self.to.path())
            {
                let (replaces, purpose, lang) = (is_there, self.openness.purpose(), cx.lang);
                let leaving = Leaving { plan, to, replaces, purpose, lang };
                let chosen = self.chosen.clone();
                cx.act(Action::FillForm(Box::new(FormOrder { leaving, form, chosen })));
                is_done = true;
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }

    /// Rows of what, under which filter, and how many.
    fn whose(&mut self, ui: &mut Ui, cx: &Ctx<'_>) -> Option<ExtractPlan> {
        ui.add_space(tokens::GAP_SMALL);
        let at = TableKind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or(0);
        let words = TableKind::ALL.map(|kind| cx.t(kind.text()));
        if let Some(picked) = segments(ui, cx.t(Text::Extract), at, &words) {
            self.kind = TableKind::ALL[picked];
        }
        let of = |plan: &&ExtractPlan| plan.kind == self.kind && plan.filter == self.filter;
        let plan = cx.session.extract_plan.get().filter(of).cloned();
        let sentence = self.filter.sentence(&cx.session.vocabulary, cx.lang);
        let sentence =
            if sentence.is_empty() { cx.t(Text::ExtractAll).to_owned() } else { sentence };
        let count = match (&*cx.session.extract_plan, &plan) {
            (_, Some(plan)) => cx.t(Text::ExtractRows).replace("{}", &thousands(plan.rows)),
            (Value::Failed(error, _), None) => error.text(cx.lang),
            _ => cx.t(Text::Loading).to_owned(),
        };
        ui.add(egui::Label::new(format!("{sentence} · {count}")).wrap());
        plan
    }

    /// Asks for the form and its rows when either was changed.
    fn ask(&mut self, cx: &mut Ctx<'_>) {
        let path = self.form.path().filter(|path| path.is_file());
        let wanted = Some((path.clone(), self.kind));
        if self.asked == wanted {
            return;
        }
        let is_new_kind = self.asked.as_ref().is_none_or(|(_, kind)| *kind != self.kind);
        self.asked = wanted;
        if is_new_kind {
            cx.act(Action::PlanExtract(self.kind, Box::new(self.filter.clone())));
        }
        let Some(path) = path else { return };
        if self.to.path().is_none()
            && let (Some(folder), Some(stem)) = (path.parent(), path.file_stem())
        {
            let name = [&*stem.to_string_lossy(), cx.t(Text::FilledSuffix), ".xlsx"].concat();
            self.to = PathField::quiet(folder.join(name).display().to_string());
        }
        cx.act(Action::PlanForm(path, self.kind));
    }

    /// What each heading is filled from. Returns whether there are any.
    fn headings(&mut self, ui: &mut Ui, cx: &Ctx<'_>) -> bool {
        let path = self.form.path().filter(|path| path.is_file());
        let Some(path) = path else {
            if self.form.path().is_some() {
                hint(ui, cx.t(Text::FormMissing));
            }
            return false;
        };
        let is_it = |read: &&FormRead| read.path == path && read.kind == self.kind;
        let Some(read) = cx.session.form.get().filter(is_it) else {
            hint(ui, cx.t(Text::Loading));
            return false;
        };
        let plan = match &read.plan {
            Ok(plan) => plan,
            Err(error) => {
                let text = RichText::new(error.text(cx.lang)).color(theme(ui).danger);
                ui.add(egui::Label::new(text).wrap());
                return false;
            }
        };
        let of = Some((read.path.clone(), read.kind));
        if self.of != of {
            self.of = of;
            let own = plan.headings.iter().map(|heading| {
                (heading.text.clone(), heading.column.unwrap_or_default().to_owned())
            });
            self.chosen = own.collect();
        }
        section(ui, cx.t(Text::FormHeadings));
        if !plan.chosen.is_empty() {
            hint(ui, cx.t(Text::FormRemembered));
        }
        let empty: Vec<&str> = self
            .chosen
            .iter()
            .filter(|(_, column)| column.is_empty())
            .map(|(heading, _)| heading.as_str())
            .collect();
        if !empty.is_empty() {
            let told = cx.t(Text::FormUnknown).replace("{}", &empty.join(", ").replace('\n', " "));
            hint(ui, &told);
        }
        let columns = self.kind.columns();
        let word = |key: &str| match key {
            "" => cx.t(Text::FormLeftEmpty).to_owned(),
            NUMBER => cx.t(Text::RunningNumber).to_owned(),
            key => {
                let column = columns.iter().find(|column| column.key == key);
                column.map_or(key, |column| column.label(cx.lang)).to_owned()
            }
        };
        let c = theme(ui);
        // On a low screen the list gives way, so that the buttons stay in sight.
        let tall = (ui.ctx().content_rect().height() - 540.0).clamp(56.0, 170.0);
        ScrollArea::vertical().id_salt("headings").max_height(tall).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let width = (ui.available_width() * 0.45).floor();
            for (at, (heading, column)) in self.chosen.iter_mut().enumerate() {
                ui.horizontal(|ui| {
                    let line = heading.replace('\n', " ");
                    ui.allocate_ui(egui::vec2(width, tokens::CONTROL_HEIGHT), |ui| {
                        ui.set_min_width(width);
                        ui.add(egui::Label::new(&line).truncate());
                    });
                    let ink = if column.is_empty() { c.secondary } else { c.ink };
                    let combo = egui::ComboBox::from_id_salt(("form heading", at))
                        .selected_text(RichText::new(word(column)).color(ink))
                        .width(width)
                        .truncate()
                        .show_ui(ui, |ui| {
                            let keys = ["", NUMBER].into_iter();
                            for key in keys.chain(columns.iter().map(|column| column.key)) {
                                if ui.selectable_label(column == key, word(key)).clicked() {
                                    key.clone_into(column);
                                }
                            }
                        });
                    combo.response.accessible_name(&line);
                });
            }
        });
        true
    }
}
