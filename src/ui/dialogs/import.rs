//! Import: file → kind and sheet → columns → what would happen; then [`report`](super::report).

use crate::text::Message;
use std::path::PathBuf;

use eframe::egui::{self, RichText, ScrollArea, Ui};

use crate::app::lists::kind_text;
use crate::app::settings::home_folder;
use crate::app::{Action, Slot};
use crate::domain::fold;
use crate::domain::records::Precedence;
use crate::geo::crs::Crs;
use crate::import::fields::{self, FieldEntry, LEFT_OUT};
use crate::import::kinds::preview::{Preview, preview};
use crate::import::{Kind, Request};
use crate::query::Tag;
use crate::text::{Text, thousands};
use crate::ui::ctx::Ctx;
use crate::ui::dialogs::placing;
use crate::ui::kit::modal::{buttons, heading, modal};
use crate::ui::kit::path_field::{PathField, Pick};
use crate::ui::kit::theme::bold;
use crate::ui::kit::tokens;
use crate::ui::kit::widgets::{empty_state, flush_link, hint, link, primary, theme};

/// Rows of a file that are shown before it is imported.
const PREVIEW_ROWS: usize = 8;
/// Height that the first rows have at least: the heads of the columns and a row.
const LEAST_ROWS: f32 = 110.0;
/// Width of a column's choice of field.
const COLUMN_WIDTH: f32 = 132.0;

type Pairs = Vec<(String, String)>;

/// The dialog's state.
pub(crate) struct ImportDialog {
    path: PathField,
    kind: Kind,
    sheet: Option<String>,
    /// `(field, heading)` that were chosen by hand.
    pairs: Pairs,
    create_rooms: bool,
    precedence: Precedence,
    /// Coordinate system that was chosen, or taken because what is loaded speaks for it.
    crs: Option<Crs>,
    is_crs_chosen: bool,
    looked_at: Option<(PathBuf, Kind, Option<String>, Pairs, Option<Crs>)>,
    preview: crate::ui::kit::inbox::Inbox<Result<Preview, Message>>,
    /// The last preview, shown while a new one is read.
    seen: Option<Result<Preview, Message>>,
    is_checking: bool,
}

impl ImportDialog {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        let kind = path.as_deref().and_then(Kind::guess).unwrap_or(Kind::Buildings);
        let text = path.map(|p| p.display().to_string()).unwrap_or_default();
        Self {
            path: PathField::of(text),
            kind,
            sheet: None,
            pairs: Vec::new(),
            create_rooms: false,
            precedence: Precedence::default(),
            crs: None,
            is_crs_chosen: false,
            looked_at: None,
            preview: crate::ui::kit::inbox::Inbox::default(),
            seen: None,
            is_checking: false,
        }
    }

    /// Whether the list is being looked through: the dialog waits, and comes back with everything
    /// as it was chosen unless the list is imported.
    pub(crate) fn waits(&mut self, cx: &Ctx<'_>) -> bool {
        self.is_checking &= !cx.session.is_free(Slot::Write);
        self.is_checking
    }

    fn request(&self, cx: &Ctx<'_>) -> Option<Request> {
        let mut request = Request::new(self.kind, self.path.path()?, cx.session.today());
        request.fields.clone_from(&self.pairs);
        request.sheet.clone_from(&self.sheet);
        request.create_rooms = self.create_rooms && self.kind == Kind::Persons;
        request.precedence = self.precedence;
        request.crs = self.crs.filter(|_| self.kind.is_geojson());
        Some(request)
    }

    /// Draws the dialog; true when it is done with.
    pub(crate) fn show(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        let mut is_done = false;
        let modal = modal(ui, "import").show(ui, |ui| {
            ui.set_width((ui.content_rect().width() - 120.0).clamp(480.0, 1_240.0));
            heading(ui, cx.t(Text::ImportTitle));
            let before = (self.path.path(), self.kind);
            if self.path.show(
                ui,
                cx,
                Text::ImportFileLabel,
                Pick::Open,
                &crate::import::ALL_ENDINGS,
            ) && let Some(guess) = self.path.path().as_deref().and_then(Kind::guess)
            {
                self.kind = guess;
            }
            ui.add_space(tokens::GAP_SMALL);
            ui.label(cx.t(Text::ImportKindLabel));
            ui.horizontal_wrapped(|ui| {
                for kind in Kind::ALL {
                    let text = cx.t(kind_text(kind));
                    ui.selectable_value(&mut self.kind, kind, text);
                }
            });
            if before != (self.path.path(), self.kind) {
                (self.pairs, self.sheet) = (Vec::new(), None);
                (self.crs, self.is_crs_chosen) = (None, false);
            }
            ui.add_space(tokens::GAP);
            let is_good = self.body(ui, cx);
            let is_list = !self.kind.is_geojson();
            buttons(ui, cx, |ui, cx| {
                let Some(request) = self.request(cx) else {
                    primary(ui, false, cx.t(Text::ImportStart));
                    is_done |= ui.button(cx.t(Text::Cancel)).clicked();
                    return;
                };
                // A list is looked through before anything is written.
                let text = if is_list { Text::ImportCheck } else { Text::ImportStart };
                if primary(ui, is_good, cx.t(text)).clicked() {
                    cx.act(Action::Import(Request { dry_run: is_list, ..request.clone() }));
                    self.is_checking = is_list;
                    is_done = !is_list;
                }
                let straight = egui::Button::new(cx.t(Text::ImportStart));
                if is_list && ui.add_enabled(is_good, straight).clicked() {
                    cx.act(Action::Import(request));
                    is_done = true;
                }
                is_done |= ui.button(cx.t(Text::Cancel)).clicked();
                if is_list {
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        self.template(ui, cx);
                    });
                }
            });
        });
        is_done || modal.should_close()
    }

    /// An empty list of this kind, beside the file that was typed or in the user's folder.
    fn template(&self, ui: &mut Ui, cx: &mut Ctx<'_>) {
        if flush_link(ui, cx.t(Text::ImportTemplate)).clicked() {
            let path = home_folder().join(format!("menpai-{}.xlsx", self.kind.word()));
            cx.act(Action::SaveTemplate(self.kind, path, cx.lang));
        }
    }

    /// What is seen of the file, as tall with it as without, so that the buttons stay where they
    /// are; true when it can be imported.
    fn body(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>) -> bool {
        // Below it come the buttons and the frame; a strip of the window is seen around it all.
        const BELOW: f32 = 56.0 + 20.0;
        const AROUND: f32 = 48.0;
        let above = ui.cursor().top() - ui.min_rect().top() + 20.0;
        let room = ui.content_rect().height() - AROUND - above - BELOW;
        let size = egui::Vec2::new(ui.available_width(), room.clamp(160.0, 440.0));
        let bottom = ui.cursor().top() + size.y;
        let mut is_good = false;
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            ScrollArea::vertical().max_height(size.y).auto_shrink([false, false]).show(ui, |ui| {
                is_good = self.look(ui, cx, bottom);
            });
        });
        is_good
    }

    /// Shows the first rows, read on a thread, down to a height; true when the file can be
    /// imported.
    fn look(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, bottom: f32) -> bool {
        let request = self.request(cx);
        let wanted = request
            .as_ref()
            .map(|r| (r.path.clone(), r.kind, r.sheet.clone(), r.fields.clone(), r.crs));
        if self.looked_at != wanted {
            let is_other_file = self.looked_at.as_ref().map(|w| (&w.0, w.1))
                != wanted.as_ref().map(|w| (&w.0, w.1));
            if is_other_file {
                self.seen = None;
            }
            self.looked_at = wanted;
            self.preview = crate::ui::kit::inbox::Inbox::default();
            if let Some(request) = request.clone() {
                let (inbox, ctx) = (self.preview.clone(), ui.ctx().clone());
                let scene = cx.session.scene.get().cloned();
                let run = move || {
                    let loaded = scene.as_ref().map(|scene| scene.footprints());
                    let seen = preview(&request, PREVIEW_ROWS, loaded).map_err(|e| e.message());
                    if let Ok(mut inbox) = inbox.lock() {
                        *inbox = Some(seen);
                    }
                    ctx.request_repaint();
                };
                let _ = std::thread::Builder::new().name("menpai-preview".into()).spawn(run);
            }
        }
        if request.is_none() {
            empty_state(ui, cx.t(Text::ImportNothingYet));
            return false;
        }
        let news = self.preview.lock().ok().and_then(|mut seen| seen.take());
        if news.is_some() {
            self.seen = news;
        }
        let c = theme(ui);
        let Some(seen) = self.seen.clone() else {
            hint(ui, cx.t(Text::Loading));
            return false;
        };
        match seen {
            Err(error) => {
                let text = RichText::new(error.text(cx.lang)).color(c.danger);
                ui.add(egui::Label::new(text).wrap());
                // Closed in the other program meanwhile, or there at last.
                if link(ui, cx.t(Text::TryAgain)).clicked() {
                    self.looked_at = None;
                }
                false
            }
            Ok(preview) => {
                self.options(ui, cx, &preview);
                self.place(ui, cx, &preview);
                let is_unplaced = preview.placing.as_ref().is_some_and(|p| p.crs.is_none());
                if is_unplaced {
                    return false;
                }
                self.rows(ui, cx, &preview, bottom);
                if let Some(problem) = &preview.problem {
                    let text = RichText::new(problem.text(cx.lang)).color(c.danger);
                    ui.add(egui::Label::new(text).wrap());
                }
                preview.problem.is_none()
            }
        }
    }

    /// Sheet, kept columns, missing rooms.
    fn options(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, preview: &Preview) {
        let is_list = !self.kind.is_geojson();
        if !is_list && preview.sheets.len() < 2 {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            if preview.sheets.len() > 1 {
                let label = if is_list { Text::ImportSheet } else { Text::ImportLayer };
                ui.label(cx.t(label));
                let shown = preview.sheet.clone().unwrap_or_default();
                let combo = egui::ComboBox::from_id_salt("sheet").selected_text(&shown);
                let combo = combo.show_ui(ui, |ui| {
                    for name in &preview.sheets {
                        if ui.selectable_label(*name == shown, name).clicked() {
                            self.sheet = Some(name.clone());
                            self.pairs.clear();
                        }
                    }
                });
                combo.response.accessible_name(cx.t(label));
            }
            let kept: Vec<_> = cx
                .session
                .lists
                .get()
                .map(|lists| {
                    let of_kind = lists.mappings.iter().filter(|m| m.kind == self.kind.word());
                    of_kind.cloned().collect()
                })
                .unwrap_or_default();
            if is_list && !kept.is_empty() {
                let title = cx.t(Text::ImportUseMapping);
                let combo = egui::ComboBox::from_id_salt("kept").selected_text(title);
                let combo = combo.show_ui(ui, |ui| {
                    for mapping in kept {
                        if ui.selectable_label(false, &mapping.name).clicked() {
                            // Columns that this month's file does not have are left to themselves.
                            let has = |h: &String| preview.headings.contains(h);
                            self.pairs =
                                mapping.pairs.into_iter().filter(|(_, h)| has(h)).collect();
                        }
                    }
                });
                combo.response.accessible_name(title);
            }
            if matches!(self.kind, Kind::Persons | Kind::Rooms) {
                self.precedence(ui, cx);
            }
            if self.kind == Kind::Persons {
                ui.checkbox(&mut self.create_rooms, cx.t(Text::ImportCreateRooms));
            }
        });
        ui.add_space(tokens::GAP_SMALL);
    }

    /// What wins where the list and what is known disagree.
    fn precedence(&mut self, ui: &mut Ui, cx: &Ctx<'_>) {
        let text = |precedence| match precedence {
            Precedence::Visit => Text::PrecedenceVisit,
            Precedence::List => Text::PrecedenceList,
            Precedence::Known => Text::PrecedenceKnown,
            Precedence::Ask => Text::PrecedenceAsk,
        };
        ui.label(cx.t(Text::PrecedenceLabel));
        let combo = egui::ComboBox::from_id_salt("precedence")
            .selected_text(cx.t(text(self.precedence)))
            .show_ui(ui, |ui| {
                // Rooms are not asked about one by one.
                let is_offered =
                    |p: &Precedence| *p != Precedence::Ask || self.kind == Kind::Persons;
                for precedence in Precedence::ALL.into_iter().filter(is_offered) {
                    let label = cx.t(text(precedence));
                    ui.selectable_value(&mut self.precedence, precedence, label);
                }
            });
        combo.response.accessible_name(cx.t(Text::PrecedenceLabel));
    }

    /// Where the outlines come to lie, and the coordinate system that puts them there.
    fn place(&mut self, ui: &mut Ui, cx: &Ctx<'_>, preview: &Preview) {
        let Some(placing) = &preview.placing else { return };
        if self.crs.is_none()
            && let Some(crs) = placing::suggested(placing)
        {
            self.crs = Some(crs);
        }
        if placing.crs.is_none() {
            placing::unknown(ui, cx);
        }
        if let Some(crs) = placing::show(ui, cx, placing, self.is_crs_chosen) {
            (self.crs, self.is_crs_chosen) = (Some(crs), true);
        }
    }

    fn rows(&mut self, ui: &mut Ui, cx: &mut Ctx<'_>, preview: &Preview, bottom: f32) {
        let c = theme(ui);
        let is_list = !self.kind.is_geojson();
        let entries = fields::of_kind(self.kind);
        ui.horizontal(|ui| {
            let total = thousands(preview.total as u64);
            hint(ui, &format!("{} · {total}", cx.t(Text::ImportPreview)));
            let has_any = preview.fields.iter().any(Option::is_some);
            if is_list && has_any && link(ui, cx.t(Text::ImportKeepMapping)).clicked() {
                let name = self
                    .path
                    .path()
                    .and_then(|p| p.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
                let pairs = preview.fields.iter().zip(&preview.headings);
                let mut pairs: Pairs =
                    pairs.filter_map(|(f, h)| Some((f.clone()?, h.clone()))).collect();
                pairs.extend(self.pairs.iter().filter(|(f, _)| f == LEFT_OUT).cloned());
                cx.act(Action::KeepMapping(self.kind, name.unwrap_or_default(), pairs));
            }
        });
        // What is wrong stands below; a row is seen on every screen.
        let below = if preview.problem.is_some() { 44.0 } else { 0.0 };
        let height = (bottom - ui.cursor().top() - below).clamp(LEAST_ROWS, 320.0);
        ScrollArea::both().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            let columns = preview.headings.len();
            let grid = egui::Grid::new("preview").num_columns(columns).striped(true);
            grid.spacing([12.0, 4.0]).show(ui, |ui| {
                for (column, heading) in preview.headings.iter().enumerate() {
                    if self.kind != Kind::Basemap && !heading.is_empty() {
                        self.column(ui, cx, preview, column, &entries);
                        continue;
                    }
                    let label = preview.fields[column]
                        .as_ref()
                        .and_then(|f| entries.iter().find(|l| l.field == *f))
                        .map(|l| l.label(cx.lang));
                    let (text, colour) = match label {
                        Some(label) => (label.to_owned(), c.ink),
                        None => (format!("({heading})"), c.secondary),
                    };
                    ui.label(RichText::new(text).font(bold(tokens::SMALL)).color(colour))
                        .on_hover_text(heading);
                }
                ui.end_row();
                for row in &preview.rows {
                    for cell in row {
                        let short: String = cell.chars().take(28).collect();
                        ui.label(RichText::new(short).size(tokens::SMALL));
                    }
                    ui.end_row();
                }
            });
        });
    }

    /// The head of a column: what stands above it, and which field it is.
    fn column(
        &mut self,
        ui: &mut Ui,
        cx: &Ctx<'_>,
        preview: &Preview,
        column: usize,
        entries: &[FieldEntry],
    ) {
        let c = theme(ui);
        let heading = &preview.headings[column];
        ui.vertical(|ui| {
            ui.set_width(COLUMN_WIDTH);
            let text = RichText::new(heading).size(tokens::SMALL).color(c.secondary);
            ui.add(egui::Label::new(text).truncate());
            if preview.refused[column] {
                let text = RichText::new(cx.t(Text::ImportRefused)).size(tokens::SMALL);
                ui.label(text.color(c.danger));
                return;
            }
            let field = preview.fields[column].as_deref();
            let entry = entries.iter().find(|entry| Some(entry.field.as_str()) == field);
            // A column named after a tag gives the tag to those who say yes in it.
            let name = fields::tag_name(heading);
            let is_tag = |tag: &Tag| [&tag.zh, &tag.en].iter().any(|t| fold(t) == name);
            let is_left_out = self.pairs.iter().any(|(f, h)| f == LEFT_OUT && h == heading);
            let tags = &cx.session.vocabulary.tags;
            let tag = tags.iter().find(|tag| {
                self.kind == Kind::Persons && entry.is_none() && !is_left_out && is_tag(tag)
            });
            // An address of its own is taken before its parts.
            let has_address = preview.fields.iter().flatten().any(|f| f == "address");
            let is_part =
                !has_address && !is_left_out && fields::is_address_part(self.kind, heading);
            let shown = match (entry, tag) {
                (Some(entry), _) => entry.label(cx.lang).to_owned(),
                (None, Some(tag)) => format!("{}: {}", cx.t(Text::Tag), tag.label(cx.lang)),
                (None, None) if is_part => cx.t(Text::ImportAddressPart).to_owned(),
                (None, None) => cx.t(Text::ImportLeftOut).to_owned(),
            };
            let is_used = entry.is_some() || tag.is_some() || is_part;
            let colour = if is_used { c.ink } else { c.secondary };
            let shown = RichText::new(shown).font(bold(tokens::SMALL)).color(colour);
            let combo = egui::ComboBox::from_id_salt(("column", column))
                .selected_text(shown)
                .width(COLUMN_WIDTH - 8.0)
                .truncate()
                .show_ui(ui, |ui| {
                    let mut chosen = None;
                    let nothing = ui.selectable_label(!is_used, cx.t(Text::ImportLeftOut));
                    if nothing.clicked() {
                        chosen = Some(LEFT_OUT.to_owned());
                    }
                    for other in entries {
                        let is_this = Some(other.field.as_str()) == field;
                        if ui.selectable_label(is_this, other.label(cx.lang)).clicked() {
                            chosen = Some(other.field.clone());
                        }
                    }
                    chosen
                });
            let named = format!("{}: {heading}", cx.t(Text::Column));
            let response = combo.response.accessible_name(&named);
            if preview.by_values[column] {
                response.on_hover_text(cx.t(Text::ImportByValues));
            }
            if let Some(field) = combo.inner.flatten() {
                self.pairs.retain(|(f, h)| h != heading && (*f != field || f == LEFT_OUT));
                self.pairs.push((field, heading.clone()));
            }
        });
    }
}
