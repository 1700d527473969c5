//! The overview of everything on paper: figures, sections with bars, the pyramid of ages and events by month; with
//! the period they are of and what they mean. Several places stand beside one another in columns.

use std::path::Path;

use jiff::civil::Date;

use super::list::{MARGIN, foot};
use super::pages::{About, Ink, Leaf, Pages, Stands, Style};
use crate::export::paper::Sheet;
use crate::query::Vocabulary;
use crate::query::summary::{AllFigures, Line, Section, heads, months, pyramid, sections};
use crate::text::{Lang, Message, Text, thousands};

/// Months that are drawn at most.
const MOST_MONTHS: usize = 24;
/// Lines of a section.
const MOST_LINES: usize = 60;
/// Height of letters, points.
const SIZE: f32 = 8.5;
/// Height of a line of a section, points.
const ROW: f32 = 14.0;
/// Height of a section's title, points.
const TITLE: f32 = 22.0;
/// Room between columns of the page, points.
const GUTTER: f32 = 18.0;
/// Width of a number, points.
const NUMBER: f32 = 44.0;
/// Lines that must follow a title on its page.
const LEAST_LINES: usize = 2;

/// A report.
pub struct Report {
    title: String,
    lang: Lang,
    day: Date,
    period: String,
    /// What the places are called.
    places: Vec<String>,
    heads: Vec<(Text, Vec<u64>)>,
    sections: Vec<Section>,
    pyramid: Vec<[u64; 2]>,
    months: Vec<(String, u64)>,
}

/// A piece of the page that is set at once.
enum Block<'a> {
    Title(&'static str),
    Note(String),
    Places,
    Line(&'a Line, Vec<u64>),
    Pyramid,
    Months,
}

impl Block<'_> {
    fn height(&self) -> f32 {
        match self {
            Self::Title(_) => TITLE,
            Self::Note(_) | Self::Places | Self::Line(..) => ROW,
            Self::Pyramid => 21.0 * 5.0 + 20.0,
            Self::Months => 84.0,
        }
    }
}

impl Report {
    /// A report of figures: those of one place, or of several that stand beside one another; as of a day,
    /// with events reported from one day to another.
    #[must_use]
    pub fn of(
        all: &[AllFigures],
        vocabulary: &Vocabulary,
        lang: Lang,
        (day, from, to): (Date, Option<Date>, Option<Date>),
    ) -> Self {
        let place = |of: &AllFigures| {
            if !of.name.is_empty() {
                return of.name.clone();
            }
            let words = of.filter.sentence(vocabulary, lang);
            if words.is_empty() { lang.t(Text::WholeWorkspace).to_owned() } else { words }
        };
        let places: Vec<String> = all.iter().map(place).collect();
        let span = match (from, to) {
            (None, None) => lang.t(Text::AllTime).to_owned(),
            (from, to) => {
                let word = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
                [word(from), word(to)].join(" – ")
            }
        };
        let first = all.first().filter(|_| all.len() == 1);
        Self {
            title: lang.t(Text::AllFigures).to_owned(),
            lang,
            day,
            period: lang.t(Text::EventsOf).replace("{}", &span),
            places,
            heads: heads(all).to_vec(),
            sections: sections(all, vocabulary, lang, MOST_LINES),
            pyramid: first.map(|of| pyramid(&of.persons.by_age)).unwrap_or_default(),
            months: first.map(|of| months(&of.events, MOST_MONTHS)).unwrap_or_default(),
        }
    }

    /// Makes the document and writes it.
    ///
    /// # Errors
    /// What the library or the file system says.
    pub fn write(&self, to: &Path) -> Result<(), Message> {
        let bytes = self.document().map_err(Message::of)?;
        crate::store::files::write_private(to, &bytes).map_err(|e| e.message())
    }

    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        for section in &self.sections {
            blocks.push(Block::Title(self.lang.t(section.title)));
            if self.places.len() > 1 {
                blocks.push(Block::Places);
            }
            if section.title == Text::Ages && self.pyramid.iter().flatten().any(|n| *n > 0) {
                blocks.push(Block::Pyramid);
            }
            let most = |place: usize| {
                section.lines.iter().filter_map(|line| line.counts.get(place)).max().copied()
            };
            let most: Vec<u64> =
                (0..self.places.len()).map(|place| most(place).unwrap_or(0).max(1)).collect();
            blocks.extend(section.lines.iter().map(|line| Block::Line(line, most.clone())));
            blocks.extend((section.left_out > 0).then(|| {
                let more = thousands(section.left_out as u64);
                Block::Note(self.lang.t(Text::MoreLines).replace("{}", &more))
            }));
            blocks.extend(section.note.clone().map(Block::Note));
        }
        if self.months.len() > 1 {
            blocks.push(Block::Title(self.lang.t(Text::EventsByMonth)));
            blocks.push(Block::Months);
        }
        blocks
    }

    fn document(&self) -> std::io::Result<Vec<u8>> {
        let about = About { title: &self.title, lang: self.lang, day: self.day };
        let mut pages = Pages::new(&about)?;
        let sheet = Sheet::A4Portrait;
        let [width, height] = sheet.size_mm().map(|mm| mm as f32 * super::pages::POINTS_PER_MM);
        // One place leaves room for two columns of sections.
        let columns = if self.places.len() == 1 { 2 } else { 1 };
        let room = width - 2.0 * MARGIN;
        let column = (room - GUTTER * (columns - 1) as f32) / columns as f32;
        let mean = pages.faces().lines(self.lang.t(Text::FiguresMean), false, room / 8.0);
        let bottom = height - MARGIN - 16.0;
        let first = MARGIN + 52.0 + self.heads_height();
        let last_bottom = bottom - mean.len() as f32 * 11.0 - 8.0;
        let blocks = self.blocks();
        let placed = flow(&blocks, columns, (first, MARGIN + 6.0), last_bottom);
        let all = placed.iter().map(|place| place.0 + 1).max().unwrap_or(1);
        for page in 0..all {
            pages.page(sheet, |leaf| {
                if page == 0 {
                    self.head(leaf, room);
                }
                for (block, (_, side, y)) in
                    blocks.iter().zip(&placed).filter(|(_, place)| place.0 == page)
                {
                    let x = MARGIN + (column + GUTTER) * *side as f32;
                    self.set(leaf, block, [x, *y], column);
                }
                if page + 1 == all {
                    for (line, text) in mean.iter().enumerate() {
                        let y = bottom - 11.0 * (mean.len() - line) as f32 + 6.0;
                        leaf.text([MARGIN, y], text, Style::grey(8.0), Stands::From);
                    }
                }
                foot(leaf, (self.lang, self.day), (page, all), (&self.period, false));
            });
        }
        pages.finish()
    }

    fn heads_height(&self) -> f32 {
        if self.places.len() == 1 { 96.0 } else { ROW * (self.heads.len() + 1) as f32 + 12.0 }
    }

    fn head(&self, leaf: &mut Leaf<'_>, room: f32) {
        leaf.text([MARGIN, MARGIN + 16.0], &self.title, Style::bold(18.0), Stands::From);
        let places = self.places.join("  ·  ");
        let at = [MARGIN, MARGIN + 33.0];
        leaf.text_within(at, &places, Style::grey(10.0), (Stands::From, room));
        let top = MARGIN + 46.0;
        if self.places.len() > 1 {
            self.set(leaf, &Block::Places, [MARGIN, top], room);
            for (row, (word, counts)) in self.heads.iter().enumerate() {
                let line = Line {
                    word: self.lang.t(*word).to_owned(),
                    counts: counts.clone(),
                    leads_to: Vec::new(),
                };
                let y = top + ROW * (row + 1) as f32;
                self.set(leaf, &Block::Line(&line, Vec::new()), [MARGIN, y], room);
            }
            return;
        }
        let cell = room / 4.0;
        for (at, (word, counts)) in self.heads.iter().enumerate() {
            let x = MARGIN + cell * (at % 4) as f32;
            let y = top + 46.0 * (at / 4) as f32;
            leaf.fill([x, y, cell - 6.0, 40.0], Ink::Pale);
            let number = thousands(counts.first().copied().unwrap_or_default());
            let room = (Stands::From, cell - 22.0);
            leaf.text_within([x + 8.0, y + 19.0], &number, Style::bold(15.0), room);
            leaf.text_within([x + 8.0, y + 32.0], self.lang.t(*word), Style::grey(8.0), room);
        }
    }

    fn set(&self, leaf: &mut Leaf<'_>, block: &Block<'_>, [x, y]: [f32; 2], width: f32) {
        let base = y + ROW - 4.0;
        let places = self.places.len();
        let word = if places == 1 { width * 0.34 } else { width * 0.26 };
        let cell = (width - word) / places as f32;
        match block {
            Block::Title(text) => {
                let at = [x, y + TITLE - 6.0];
                leaf.text_within(at, text, Style::bold(10.5), (Stands::From, width));
                leaf.rule([x, y + TITLE - 2.0], width, Ink::Second);
            }
            Block::Note(text) => {
                leaf.text_within([x, base], text, Style::grey(SIZE), (Stands::From, width));
            }
            Block::Places => {
                for (at, place) in self.places.iter().enumerate() {
                    let end = x + word + cell * (at + 1) as f32;
                    let style = Style::grey(8.0);
                    leaf.text_within([end, base], place, style, (Stands::Until, cell - 8.0));
                }
            }
            Block::Line(line, most) => {
                let style = Style::plain(SIZE);
                leaf.text_within([x, base], &line.word, style, (Stands::From, word - 6.0));
                for (at, count) in line.counts.iter().enumerate() {
                    let (start, end) = (x + word + cell * at as f32, cell - NUMBER - 8.0);
                    if let Some(most) = most.get(at).filter(|_| *count > 0) {
                        let length = (end * *count as f32 / *most as f32).max(0.8);
                        leaf.fill([start + 8.0, y + 4.5, length, 6.0], Ink::Accent);
                    }
                    let at = [start + cell, base];
                    leaf.text(at, &thousands(*count), style, Stands::Until);
                }
            }
            Block::Pyramid => self.set_pyramid(leaf, [x, y], width),
            Block::Months => self.set_months(leaf, [x, y], width),
        }
    }

    fn set_pyramid(&self, leaf: &mut Leaf<'_>, [x, y]: [f32; 2], width: f32) {
        let most = self.pyramid.iter().flatten().copied().max().unwrap_or(1).max(1);
        let (middle, step) = (x + width / 2.0, 5.0);
        let room = width / 2.0 - 14.0;
        for (band, counts) in self.pyramid.iter().enumerate() {
            let top = y + 4.0 + step * (self.pyramid.len() - 1 - band) as f32;
            for (side, count) in counts.iter().enumerate() {
                let length = room * *count as f32 / most as f32;
                let (left, ink) = match side {
                    0 => (middle - 12.0 - length, Ink::Second),
                    _ => (middle + 12.0, Ink::Accent),
                };
                if *count > 0 {
                    leaf.fill([left, top, length, step - 1.2], ink);
                }
            }
            if band % 4 == 0 {
                let text = (band * 5).to_string();
                leaf.text([middle, top + step], &text, Style::grey(6.5), Stands::About);
            }
        }
        let low = y + 4.0 + step * self.pyramid.len() as f32 + 9.0;
        let style = Style::grey(7.5);
        leaf.text([middle - 14.0, low], self.lang.t(Text::Male), style, Stands::Until);
        leaf.text([middle + 14.0, low], self.lang.t(Text::Female), style, Stands::From);
    }

    fn set_months(&self, leaf: &mut Leaf<'_>, [x, y]: [f32; 2], width: f32) {
        let most = self.months.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
        let step = width / self.months.len() as f32;
        let (low, tall) = (y + 68.0, 50.0);
        let all_fit = step > 26.0;
        for (at, (month, count)) in self.months.iter().enumerate() {
            let left = x + step * at as f32;
            let height = tall * *count as f32 / most as f32;
            if *count > 0 {
                leaf.fill([left + step * 0.15, low - height, step * 0.7, height], Ink::Accent);
                let at = [left + step / 2.0, low - height - 2.0];
                leaf.text(at, &thousands(*count), Style::grey(6.5), Stands::About);
            }
            // The first month, every January and the last one are named where not all fit.
            if all_fit || at == 0 || at + 1 == self.months.len() || month.ends_with("-01") {
                let at = [left + step / 2.0, low + 9.0];
                leaf.text(at, month, Style::grey(6.5), Stands::About);
            }
        }
        leaf.rule([x, low], width, Ink::Line);
    }
}

/// Where blocks stand: page, column of the page, and how far down; a title stands with lines below it.
fn flow(
    blocks: &[Block<'_>],
    columns: usize,
    (first, top): (f32, f32),
    bottom: f32,
) -> Vec<(usize, usize, f32)> {
    let mut placed = Vec::with_capacity(blocks.len());
    let (mut page, mut side, mut y) = (0, 0, first);
    for (at, block) in blocks.iter().enumerate() {
        let with = match block {
            Block::Title(_) => {
                let next = blocks[at + 1..].iter().take(LEAST_LINES + 1);
                next.take_while(|next| !matches!(next, Block::Title(_))).map(Block::height).sum()
            }
            _ => 0.0,
        };
        let height = block.height();
        let begins = y == if page == 0 { first } else { top };
        if y + height + with > bottom && !begins {
            side += 1;
            if side == columns {
                (page, side) = (page + 1, 0);
            }
            y = if page == 0 { first } else { top };
        }
        placed.push((page, side, y));
        y += height;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_stand_with_their_lines_and_columns_are_filled_in_turn() {
        let line = Line { word: "w".into(), counts: vec![1], leads_to: Vec::new() };
        let mut blocks = Vec::new();
        for _ in 0..12 {
            blocks.push(Block::Title("t"));
            (0..7).for_each(|_| blocks.push(Block::Line(&line, vec![1])));
        }
        let placed = flow(&blocks, 2, (100.0, 10.0), 400.0);
        assert_eq!(placed.len(), blocks.len());
        for (at, block) in blocks.iter().enumerate() {
            assert!(placed[at].2 + block.height() <= 400.0);
            if matches!(block, Block::Title(_)) {
                assert_eq!((placed[at].0, placed[at].1), (placed[at + 1].0, placed[at + 1].1));
            }
        }
        let order: Vec<(usize, usize)> = placed.iter().map(|place| (place.0, place.1)).collect();
        assert!(order.is_sorted());
        assert!(order.contains(&(0, 1)) && order.contains(&(1, 0)));
    }
}
