//! One-click extraction: what is taken, which columns, as what and where to; how many rows it would be
//! stands there before anything is written.

use eframe::egui::{self, ScrollArea, Ui, Vec2};

use crate::app::Action;
use crate::app::asks::extract::{ExtractOrder, ExtractPlan, Leaving};
use crate::app::value::Value;
use crate::export::extract::Format;
use crate::export::roster::RosterKind;
use crate::query::Filter;
use crate::query::table::TableKind;
use crate::store::kept::ColumnSet;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::dialogs::openness::Openness;
use crate::ui::kit::modal::{buttons, heading};
use crate::ui::kit::path_field::{PathField, Pick, file_in_home};
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{
    chip_toggle, heading as label, hint, link, primary, section, segments, theme,
};

static FORMATS: [(Format, &str, &str); 8] = [
    (Format::Xlsx, "Excel (XLSX)", "xlsx"),
    (Format::Csv, "CSV (UTF-8)", "csv"),
    (Format::CsvGb18030, "CSV (GB18030)", "csv"),
    (Format::Ods, "ODS", "ods"),
    (Format::Pdf, "PDF", "pdf"),
    (Format::GeoPackage, "GeoPackage", "gpkg"),
    (Format::GeoJson, "GeoJSON", "geojson"),
    (Format::FlatGeobuf, "FlatGeobuf", "fgb"),
];

/// What rosters can be written as, by their places among the formats.
const PAPERS: [usize; 2] = [4, 0];

/// The form.
pub(crate) struct ExtractForm {
    kind: TableKind,
    /// As a roster, in walking order.
    roster: Option<RosterKind>,
    filter: Filter,
    columns: Vec<&'static str>,
    format: usize,
    path: PathField,
    openness: Openness,
    /// The name that is being typed for the columns.
    name: Option<String>,
    /// What was asked for last.
    asked: Option<(TableKind, Filter)>,
}

fn usual(kind: TableKind) -> Vec<&'static str> {
    kind.columns().iter().filter(|column| column.is_usual).map(|column| column.key).collect()
}

fn on_paper(kind: TableKind) -> Vec<&'static str> {
    kind.first_columns().iter().map(|column| column.key).collect()
}

impl ExtractForm {
    pub(crate) fn new(kind: TableKind, filter: Filter) -> Self {
        Self {
            kind,
            roster: None,
            filter,
            columns: usual(kind),
            format: 0,
            path: file_in_home(&format!("menpai-{}.xlsx", kind.word())),
            openness: Openness::default(),
            name: None,
            asked: None,
        }
    }

    /// The people of every door, on paper.
    pub(crate) fn roster(filter: Filter) -> Self {
        let mut form = Self::new(TableKind::Rooms, filter);
        form.choose(TableKind::Rooms, Some(RosterKind::Residents));
        form
    }

    /// Takes up another kind of rows.
    fn choose(&mut self, kind: TableKind, roster: Option<RosterKind>) {
        // A roster is for paper, unless one says otherwise; a table for a spreadsheet.
        match (roster, self.roster) {
            (Some(_), None) => self.format = PAPERS[0],
            (None, Some(_)) => self.format = 0,
            _ => {}
        }
        (self.kind, self.roster) = (kind, roster);
        self.columns =
            if FORMATS[self.format].0 == Format::Pdf { on_paper(kind) } else { usual(kind) };
        let word = roster.map_or(kind.word(), RosterKind::word);
        let name = format!("menpai-{word}.{}", FORMATS[self.format].2);
        let folder = self.path.path().and_then(|path| Some(path.parent()?.to_owned()));
        self.path = match folder {
            Some(folder) => PathField::of(folder.join(name).display().to_string()),
            None => file_in_home(&name),
        };
    }

    /// Takes up another format, with its ending and, unless they were chosen, its columns.
    fn write_as(&mut self, format: usize) {
        self.format = format;
        let (usual, paper) = (usual(self.kind), on_paper(self.kind));
        if FORMATS[format].0 == Format::Pdf {
            if self.columns == usual {
                self.columns = paper;
            }
        } else if self.columns == paper {
            self.columns = usual;
        }
        if let Some(path) = self.path.path() {
            let path = path.with_extension(FORMATS[format].2);
            self.path = PathField::of(path.display().to_string());
        }
    }

    /// Shows the form. Returns whether it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        let wanted = Some((self.kind, self.filter.clone()));
        if self.asked != wanted {
            self.asked.clone_from(&wanted);
            cx.act(Action::PlanExtract(self.kind, Box::new(self.filter.clone())));
        }
        heading(ui, cx.t(Text::Extract).trim_end_matches('…'));
        let of = |plan: &&ExtractPlan| plan.kind == self.kind && plan.filter == self.filter;
        let plan = cx.session.extract_plan.get().filter(of).cloned();
        self.what(ui, cx, plan.as_ref().map(|plan| plan.rows));
        match self.roster {
            Some(RosterKind::Residents) => hint(ui, cx.t(Text::RosterHint)),
            Some(RosterKind::Doors) => hint(ui, cx.t(Text::DoorListHint)),
            None => self.which_columns(ui, cx),
        }
        section(ui, cx.t(Text::ExtractFile));
        let offered: Vec<usize> = match self.roster {
            Some(_) => PAPERS.to_vec(),
            None => (0..FORMATS.len()).collect(),
        };
        let names: Vec<&str> = offered.iter().map(|at| FORMATS[*at].1).collect();
        let chosen = offered.iter().position(|at| *at == self.format).unwrap_or(0);
        if let Some(picked) = segments(ui, cx.t(Text::ExtractFile), chosen, &names) {
            self.write_as(offered[picked]);
        }
        ui.add_space(tokens::GAP_SMALL);
        let endings = std::slice::from_ref(&FORMATS[self.format].2);
        self.path.show(ui, cx, Text::Path, Pick::Save, endings);
        let is_there = self.path.path().is_some_and(|path| path.exists());
        if is_there {
            hint(ui, cx.t(Text::ExtractReplaces));
        }
        self.openness.show(ui, cx);
        let mut is_done = false;
        buttons(ui, cx, |ui, cx| {
            let can = plan.as_ref().is_some_and(|plan| plan.rows > 0)
                && self.path.path().is_some()
                && !self.columns.is_empty()
                && self.openness.says_why();
            if primary(ui, can, cx.t(Text::Extract).trim_end_matches('…')).clicked()
                && let (Some(plan), Some(to)) = (plan.clone(), self.path.path())
            {
                let (replaces, purpose, lang) = (is_there, self.openness.purpose(), cx.lang);
                let order = ExtractOrder {
                    leaving: Leaving { plan, to, replaces, purpose, lang },
                    roster: self.roster,
                    columns: self.columns.iter().map(|key| (*key).to_owned()).collect(),
                    format: FORMATS[self.format].0,
                };
                cx.act(Action::Extract(Box::new(order)));
                is_done = true;
            }
            is_done |= ui.button(cx.t(Text::Cancel)).clicked();
        });
        is_done
    }

    /// Rows of what, under which filter, and how many.
    fn what(&mut self, ui: &mut Ui, cx: &Ctx<'_>, rows: Option<u64>) {
        let tables = TableKind::ALL.map(|kind| (kind, None, kind.text()));
        let rosters = RosterKind::ALL.map(|roster| (TableKind::Rooms, Some(roster), roster.text()));
        let all = [&tables[..], &rosters[..]].concat();
        let is_it = |(kind, roster, _): &(TableKind, Option<RosterKind>, Text)| {
            *kind == self.kind && *roster == self.roster
        };
        let at = all.iter().position(is_it).unwrap_or(0);
        let words: Vec<&str> = all.iter().map(|(.., text)| cx.t(*text)).collect();
        if let Some(picked) = segments(ui, cx.t(Text::Extract), at, &words) {
            self.choose(all[picked].0, all[picked].1);
        }
        ui.add_space(tokens::GAP_SMALL);
        let sentence = self.filter.sentence(&cx.session.vocabulary, cx.lang);
        let sentence =
            if sentence.is_empty() { cx.t(Text::ExtractAll).to_owned() } else { sentence };
        let count = match (&*cx.session.extract_plan, rows) {
            (_, Some(rows)) => cx.t(Text::ExtractRows).replace("{}", &thousands(rows)),
            (Value::Failed(error, _), None) => error.text(cx.lang),
            _ => cx.t(Text::Loading).to_owned(),
        };
        ui.add(egui::Label::new(format!("{sentence} · {count}")).wrap());
    }

    fn which_columns(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        ui.add_space(tokens::GAP_SMALL);
        ui.horizontal(|ui| {
            label(ui, cx.t(Text::ExtractColumns));
            hint(ui, &self.columns.len().to_string());
            let sets = cx.session.lists.get().map(|lists| lists.column_sets.clone());
            let of_kind = |set: &&ColumnSet| set.kind == self.kind.word();
            let sets: Vec<ColumnSet> =
                sets.unwrap_or_default().iter().filter(of_kind).cloned().collect();
            if !sets.is_empty() {
                ui.menu_button(cx.t(Text::KeptColumns), |ui| {
                    for set in &sets {
                        if ui.button(&set.name).clicked() {
                            let is_in = |key: &str| set.columns.iter().any(|name| name == key);
                            let all = self.kind.columns().iter().map(|column| column.key);
                            self.columns = all.filter(|key| is_in(key)).collect();
                        }
                    }
                });
            }
            if self.name.is_none() && link(ui, cx.t(Text::KeepColumns)).clicked() {
                self.name = Some(String::new());
            }
        });
        self.keep_columns(ui, cx);
        let accent = theme(ui).accent;
        ScrollArea::vertical().id_salt("columns").max_height(132.0).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = Vec2::splat(tokens::GAP_SMALL);
                for column in self.kind.columns() {
                    let at = self.columns.iter().position(|key| *key == column.key);
                    let chip = chip_toggle(ui, column.label(cx.lang), accent, at.is_some());
                    if chip.clicked() {
                        match at {
                            Some(at) => drop(self.columns.remove(at)),
                            None => self.columns.push(column.key),
                        }
                        // In the order of the table, whatever was clicked first.
                        let place = |key: &&str| {
                            self.kind.columns().iter().position(|column| column.key == *key)
                        };
                        self.columns.sort_by_key(place);
                    }
                }
            });
        });
    }

    /// The name under which the columns are to be kept, while it is typed.
    fn keep_columns(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        let Some(name) = &mut self.name else { return };
        let mut is_done = false;
        ui.horizontal(|ui| {
            let edit = egui::TextEdit::singleline(name).desired_width(240.0);
            ui.add(edit).accessible_name(cx.t(Text::KeepColumns));
            is_done = ui.button(cx.t(Text::Ok)).clicked();
        });
        if is_done {
            let name = name.trim().to_owned();
            let columns = self.columns.iter().map(|key| (*key).to_owned()).collect();
            if !name.is_empty() && !self.columns.is_empty() {
                let kind = self.kind.word().to_owned();
                cx.act(Action::KeepColumns(ColumnSet { kind, name, columns }));
            }
            self.name = None;
        }
    }
}
