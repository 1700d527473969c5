//! A list on paper: rows under headings that every page repeats, numbered, with what they are and how open
//! they are told on each page.

use std::io;

use super::faces::Faces;
use super::pages::{About, Ink, Leaf, POINTS_PER_MM, Pages, Stands, Style};
use crate::export::paper::Sheet;
use crate::query::table::Cell;
use crate::text::{Lang, Text, thousands};

/// Rows of a list at most: more are no paper to read, and a spreadsheet holds them.
pub const MOST_ROWS: usize = 50_000;

/// Margins, points.
pub(super) const MARGIN: f32 = 12.0 * POINTS_PER_MM;
/// Height of letters in rows, points; smaller where many columns stand beside one another.
const SIZES: [f32; 3] = [9.0, 8.0, 7.0];
/// Height of a line, in heights of letters.
const LEADING: f32 = 1.4;
/// Room beside and above the text of a cell, points.
const PAD: [f32; 2] = [4.0, 3.0];
/// Lines of a cell at most.
const MOST_LINES: usize = 12;
/// Rows that widths are taken from.
const SAMPLE: usize = 2_000;
/// The narrowest and the widest a column asks to be, ems.
const WIDTHS: [f32; 2] = [2.6, 24.0];
/// Room for a hand, ems.
const BLANK: f32 = 14.0;
/// Room for the foot, points.
const FOOT: f32 = 18.0;

/// A list.
#[derive(Debug, Clone)]
pub struct List<'a> {
    /// Title, language, day.
    pub about: About<'a>,
    /// What the rows are, in words.
    pub sentence: String,
    /// What must be known of it: how open it is, and why. Told at the foot of every page.
    pub notice: String,
    /// Whether the notice warns.
    pub warns: bool,
    /// Columns.
    pub columns: Vec<ListColumn>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
    /// Whether the first column is no column on paper, but stands above the rows that share it.
    pub is_grouped: bool,
    /// Columns, after that one, that are told once where neighbouring rows share them.
    pub told_once: usize,
}

/// A column of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListColumn {
    /// What stands above it.
    pub heading: String,
    /// Whether its cells are numbers.
    pub is_number: bool,
    /// Whether it is left empty, to be written into by hand.
    pub is_blank: bool,
}

/// A line across the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// What the rows below share; whether they go on from the page before.
    Group(usize, bool),
    /// A row.
    Row(usize),
}

/// How a list is laid out: paper, height of letters, and widths of the columns in points; the first one
/// holds the running number.
struct Layout {
    sheet: Sheet,
    size: f32,
    widths: Vec<f32>,
}

impl List<'_> {
    /// Adds how many rows there are to what they are.
    pub fn tell_rows(&mut self) {
        if !self.sentence.is_empty() {
            self.sentence.push_str(" · ");
        }
        let rows = thousands(self.rows.len() as u64);
        self.sentence.push_str(&self.about.lang.t(Text::ExtractRows).replace("{}", &rows));
    }

    /// Makes the document; its bytes.
    ///
    /// # Errors
    /// What the library says.
    pub fn document(&self) -> io::Result<Vec<u8>> {
        let mut pages = Pages::new(&self.about)?;
        let layout = self.layout(pages.faces());
        let all = self.pages_of_lines(pages.faces(), &layout);
        let heads = self.head_cells(pages.faces(), &layout);
        for (page, lines) in all.iter().enumerate() {
            // The page borrows the faces as well: its rows are set before it is begun.
            let rows: Vec<Vec<Vec<String>>> = lines
                .iter()
                .enumerate()
                .map(|(at, line)| match line {
                    Line::Group(..) => Vec::new(),
                    Line::Row(row) => {
                        let before = at.checked_sub(1).and_then(|at| lines.get(at));
                        let is_next = matches!(before, Some(Line::Row(_)));
                        self.cells(pages.faces(), &layout, *row, is_next)
                    }
                })
                .collect();
            pages.page(layout.sheet, |leaf| {
                let mut y = MARGIN;
                if page == 0 {
                    y = self.title(leaf, y);
                }
                y = self.set_row(leaf, &layout, y, &heads, None);
                for (line, cells) in lines.iter().zip(&rows) {
                    y = match line {
                        Line::Group(row, goes_on) => {
                            self.set_group(leaf, &layout, y, (*row, *goes_on))
                        }
                        Line::Row(row) => self.set_row(leaf, &layout, y, cells, Some(*row)),
                    };
                }
                let about = (self.about.lang, self.about.day);
                foot(leaf, about, (page, all.len()), (&self.notice, self.warns));
            });
        }
        pages.finish()
    }

    /// The first column that stands on paper.
    const fn first(&self) -> usize {
        if self.is_grouped { 1 } else { 0 }
    }

    /// The widest letters, on the narrowest paper, at which the columns fit beside one another; where
    /// nothing holds them, the wide ones are made narrower and their cells take more lines.
    fn layout(&self, faces: &Faces) -> Layout {
        let first = self.first();
        let number = faces.width(&self.rows.len().max(99).to_string(), false);
        let mut asked = vec![number.max(2.0)];
        let step = (self.rows.len() / SAMPLE).max(1);
        for column in first..self.columns.len() {
            let of = &self.columns[column];
            if of.is_blank {
                asked.push(BLANK);
                continue;
            }
            let cells = self.rows.iter().step_by(step).filter_map(|row| row.get(column));
            let lines = cells.flat_map(|cell| cell.text.lines());
            let own = lines.map(|text| faces.width(text, false)).fold(0.0, f32::max);
            let heading = faces.width(&of.heading, true).min(6.0);
            asked.push(own.max(heading).clamp(WIDTHS[0], WIDTHS[1]) + 0.2);
        }
        let room = |sheet: Sheet| sheet.size_mm()[0] as f32 * POINTS_PER_MM - 2.0 * MARGIN;
        let of = |size: f32| asked.iter().map(|ems| ems * size + 2.0 * PAD[0]).collect::<Vec<_>>();
        for (sheet, size) in [
            (Sheet::A4Portrait, SIZES[0]),
            (Sheet::A4Landscape, SIZES[0]),
            (Sheet::A4Landscape, SIZES[1]),
            (Sheet::A4Landscape, SIZES[2]),
        ] {
            let widths = of(size);
            let left = room(sheet) - widths.iter().sum::<f32>();
            if left >= 0.0 {
                // What is left goes to the columns, by what they hold.
                let all: f32 = widths[1..].iter().sum::<f32>().max(1.0);
                let mut widths = widths;
                for width in &mut widths[1..] {
                    *width += left * *width / all;
                }
                return Layout { sheet, size, widths };
            }
        }
        let (sheet, size) = (Sheet::A4Landscape, SIZES[2]);
        let widths = of(size);
        let limit = water_level(&widths, room(sheet));
        Layout { sheet, size, widths: widths.into_iter().map(|width| width.min(limit)).collect() }
    }

    /// The lines of a row's cells, the running number first.
    fn cells(&self, faces: &Faces, layout: &Layout, row: usize, is_next: bool) -> Vec<Vec<String>> {
        let first = self.first();
        let own = self.rows.get(row).map_or(&[][..], |row| row.get(first..).unwrap_or_default());
        let before = match row.checked_sub(1) {
            Some(before) if is_next => self.rows[before].get(first..).unwrap_or_default(),
            _ => &[],
        };
        let alike = own.iter().zip(before).take(self.told_once).take_while(|(a, b)| a == b).count();
        let mut cells = vec![vec![thousands(row as u64 + 1)]];
        for (index, (cell, width)) in own.iter().zip(&layout.widths[1..]).enumerate() {
            let text = if index < alike { "" } else { &cell.text };
            cells.push(lines_of(faces, text, false, (*width, layout.size)));
        }
        cells
    }

    fn head_cells(&self, faces: &Faces, layout: &Layout) -> Vec<Vec<String>> {
        let number = self.about.lang.t(Text::RunningNumber);
        let headings = self.columns[self.first()..].iter().map(|column| column.heading.as_str());
        let set =
            |(heading, width): (&str, &f32)| lines_of(faces, heading, true, (*width, layout.size));
        std::iter::once(number).chain(headings).zip(&layout.widths).map(set).collect()
    }

    fn group(&self, row: usize) -> Option<&Cell> {
        self.rows[row].first().filter(|_| self.is_grouped)
    }

    /// The lines of every page; one page even where there is no row.
    fn pages_of_lines(&self, faces: &Faces, layout: &Layout) -> Vec<Vec<Line>> {
        let bottom = layout.sheet.size_mm()[1] as f32 * POINTS_PER_MM - MARGIN - FOOT;
        let head = height_of(&self.head_cells(faces, layout), layout.size);
        let group = group_height(layout.size);
        let mut pages = vec![Vec::new()];
        let mut y = MARGIN + title_height(!self.sentence.is_empty()) + head;
        for row in 0..self.rows.len() {
            let begins =
                self.group(row).is_some() && (row == 0 || self.group(row) != self.group(row - 1));
            let height = height_of(&self.cells(faces, layout, row, false), layout.size);
            // A heading stands with its first row.
            let needed = if begins { height + group } else { height };
            let is_empty = pages.last().is_none_or(Vec::is_empty);
            if y + needed > bottom && !is_empty {
                pages.push(Vec::new());
                y = MARGIN + head;
                if self.group(row).is_some() && !begins {
                    pages.last_mut().into_iter().for_each(|page| page.push(Line::Group(row, true)));
                    y += group;
                }
            }
            let Some(page) = pages.last_mut() else { break };
            if begins {
                page.push(Line::Group(row, false));
                y += group;
            }
            page.push(Line::Row(row));
            y += height;
        }
        pages
    }

    fn set_group(
        &self,
        leaf: &mut Leaf<'_>,
        layout: &Layout,
        y: f32,
        (row, goes_on): (usize, bool),
    ) -> f32 {
        let (size, width) = (layout.size + 1.0, layout.widths.iter().sum::<f32>());
        let height = group_height(layout.size);
        let mut text = self.group(row).map(|cell| cell.text.clone()).unwrap_or_default();
        if goes_on {
            text.push_str(self.about.lang.t(Text::GoesOn));
        }
        let at = [MARGIN + PAD[0], y + height - PAD[1] - size * 0.3];
        leaf.text_within(at, &text, Style::bold(size), (Stands::From, width - 2.0 * PAD[0]));
        leaf.rule([MARGIN, y + height], width, Ink::Second);
        y + height
    }

    /// Sets a row; the headings where it has no number. Returns where the next one begins.
    fn set_row(
        &self,
        leaf: &mut Leaf<'_>,
        layout: &Layout,
        y: f32,
        cells: &[Vec<String>],
        row: Option<usize>,
    ) -> f32 {
        let height = height_of(cells, layout.size);
        let width: f32 = layout.widths.iter().sum();
        if row.is_none() {
            leaf.fill([MARGIN, y, width, height], Ink::Pale);
        }
        let mut x = MARGIN;
        for (index, (lines, width)) in cells.iter().zip(&layout.widths).enumerate() {
            let column = index.checked_sub(1).and_then(|at| self.columns.get(self.first() + at));
            let style = match (row, index) {
                (None, _) => Style::bold(layout.size),
                (Some(_), 0) => Style::grey(layout.size),
                (Some(_), _) => Style::plain(layout.size),
            };
            let (at, stands) = if column.is_some_and(|column| column.is_number) {
                (x + width - PAD[0], Stands::Until)
            } else {
                (x + PAD[0], Stands::From)
            };
            for (number, line) in lines.iter().enumerate() {
                let below = PAD[1] + layout.size * (0.3 + LEADING * (number as f32 + 0.6));
                leaf.text([at, y + below], line, style, stands);
            }
            x += width;
        }
        leaf.rule([MARGIN, y + height], width, Ink::Line);
        y + height
    }

    fn title(&self, leaf: &mut Leaf<'_>, y: f32) -> f32 {
        let room = leaf.size[0] - 2.0 * MARGIN;
        let style = Style::bold(16.0);
        leaf.text_within([MARGIN, y + 15.0], self.about.title, style, (Stands::From, room));
        if !self.sentence.is_empty() {
            let style = Style::grey(9.0);
            leaf.text_within([MARGIN, y + 30.0], &self.sentence, style, (Stands::From, room));
        }
        y + title_height(!self.sentence.is_empty())
    }
}

fn group_height(size: f32) -> f32 {
    (size + 1.0) * LEADING + 3.0 * PAD[1]
}

fn title_height(has_sentence: bool) -> f32 {
    if has_sentence { 40.0 } else { 26.0 }
}

fn lines_of(faces: &Faces, text: &str, is_bold: bool, (width, size): (f32, f32)) -> Vec<String> {
    let room = (width - 2.0 * PAD[0]) / size + 0.01;
    let mut lines = faces.lines(text, is_bold, room);
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            last.push('…');
            *last = faces.cut(last, is_bold, room);
        }
    }
    lines
}

fn height_of(cells: &[Vec<String>], size: f32) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    lines as f32 * size * LEADING + 2.0 * PAD[1]
}

/// The width that no column may pass, so that all of them fit into a room.
fn water_level(widths: &[f32], room: f32) -> f32 {
    let mut sorted = widths.to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut left = room;
    for (index, width) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - index) as f32;
        if *width > share {
            return share;
        }
        left -= width;
    }
    f32::INFINITY
}

/// The foot of a page: what must be known, the day, and which page it is.
pub(super) fn foot(
    leaf: &mut Leaf<'_>,
    (lang, day): (Lang, jiff::civil::Date),
    (page, pages): (usize, usize),
    (notice, warns): (&str, bool),
) {
    let y = leaf.size[1] - MARGIN + 2.0;
    let page = lang.t(Text::PageOf).replacen("{}", &thousands(page as u64 + 1), 1).replacen(
        "{}",
        &thousands(pages as u64),
        1,
    );
    let right = ["Menpai 门牌", &day.to_string(), &page].join("  ·  ");
    let style = Style::grey(8.0);
    let taken = leaf.width(&right, style);
    leaf.text([leaf.size[0] - MARGIN, y], &right, style, Stands::Until);
    let ink = if warns { Ink::Warning } else { Ink::Grey };
    let room = leaf.size[0] - 2.0 * MARGIN - taken - 12.0;
    leaf.text_within([MARGIN, y], notice, style.in_ink(ink), (Stands::From, room));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_columns_give_way_first() {
        assert!((water_level(&[10.0, 20.0, 100.0], 90.0) - 60.0).abs() < 1e-3);
        assert!((water_level(&[50.0, 50.0], 60.0) - 30.0).abs() < 1e-3);
        assert!(water_level(&[10.0, 20.0], 60.0).is_infinite());
    }

    fn list(rows: usize, columns: usize) -> List<'static> {
        let cell = |row: usize, column: usize| Cell {
            text: match column {
                0 => format!("橡树湾小区 {}幢", row / 7),
                _ => format!("盐城市亭湖区新都街道橡树湾小区{row}幢{column}单元"),
            },
            is_number: false,
        };
        let column = |n: usize| ListColumn { heading: format!("栏{n}"), ..ListColumn::default() };
        List {
            about: About { title: "人员", lang: Lang::Zh, day: jiff::civil::date(2026, 11, 26) },
            sentence: "低保".into(),
            notice: "已脱敏".into(),
            warns: false,
            columns: (0..columns).map(column).collect(),
            rows: (0..rows).map(|r| (0..columns).map(|c| cell(r, c)).collect()).collect(),
            is_grouped: columns > 1,
            told_once: 1,
        }
    }

    #[test]
    fn every_row_has_a_page_and_many_columns_fit_the_paper() {
        let faces = Faces::new().unwrap();
        for (rows, columns) in [(0, 3), (1, 1), (200, 3), (90, 14)] {
            let list = list(rows, columns);
            let layout = list.layout(&faces);
            let room = layout.sheet.size_mm()[0] as f32 * POINTS_PER_MM - 2.0 * MARGIN;
            assert!(layout.widths.iter().sum::<f32>() <= room + 0.5);
            let pages = list.pages_of_lines(&faces, &layout);
            let rows_of = |line: &Line| if let Line::Row(row) = line { Some(*row) } else { None };
            let told: Vec<usize> = pages.iter().flatten().filter_map(rows_of).collect();
            assert_eq!(told, (0..rows).collect::<Vec<_>>());
            if list.is_grouped {
                // Whatever page one looks at, it says whose rows these are, and no heading stands alone.
                assert!(pages.iter().skip(1).all(|page| matches!(page[0], Line::Group(..))));
                let ends = pages.iter().filter_map(|page| page.last());
                assert!(ends.clone().all(|line| matches!(line, Line::Row(_))));
            }
            assert!(list.document().unwrap().starts_with(b"%PDF-1."));
        }
    }
}
