//! The faces that text is set in, and how wide it becomes.

use std::ops::Range;
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};

use crate::text::fonts;

/// Stands for a sign that no face holds (the geta mark, U+3013, is printed so); copying it gives the sign.
const STAND_IN: char = '〓';

/// A face: its glyphs, how wide they are, and itself for embedding.
struct Face {
    embedded: Font,
    glyphs: skrifa::charmap::Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

impl Face {
    fn of(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(bytes);
        let embedded = Font::new(data.into(), 0)?;
        let units = embedded.units_per_em();
        let widths = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        Some(Self { embedded, glyphs: font.charmap(), widths, units })
    }

    /// A sign's glyph and its width in ems.
    fn glyph(&self, sign: char) -> Option<(u32, f32)> {
        let glyph = self.glyphs.map(sign)?;
        Some((glyph.to_u32(), self.widths.advance_width(glyph)? / self.units))
    }
}

/// The regular and the bold face.
pub(super) struct Faces([Face; 2]);

/// Glyphs of one face, one after the other.
pub(super) struct Run {
    /// The face.
    pub(super) font: Font,
    /// Its glyphs; widths in ems.
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Width, ems.
    pub(super) width: f32,
    /// Which bytes of the text these are.
    pub(super) of: Range<usize>,
}

impl Faces {
    /// The faces; `None` where the program was built with broken ones.
    pub(super) fn new() -> Option<Self> {
        Some(Self([Face::of(fonts::REGULAR)?, Face::of(fonts::BOLD)?]))
    }

    /// The face that holds a sign, the wanted one first; its glyph and width in ems.
    fn find(&self, sign: char, is_bold: bool) -> (usize, u32, f32) {
        let order = if is_bold { [1, 0] } else { [0, 1] };
        // What ends lines or steers is a blank here.
        let sign = if sign.is_control() { ' ' } else { sign };
        for sign in [sign, STAND_IN, '?'] {
            for face in order {
                if let Some((glyph, width)) = self.0[face].glyph(sign) {
                    return (face, glyph, width);
                }
            }
        }
        (0, 0, 1.0)
    }

    /// Width of a text, ems.
    pub(super) fn width(&self, text: &str, is_bold: bool) -> f32 {
        text.chars().map(|sign| self.find(sign, is_bold).2).sum()
    }

    /// A text as runs of one face each.
    pub(super) fn runs(&self, text: &str, is_bold: bool) -> Vec<Run> {
        let mut runs: Vec<(usize, Run)> = Vec::new();
        for (at, sign) in text.char_indices() {
            let (face, glyph, width) = self.find(sign, is_bold);
            if runs.last().is_none_or(|(of, _)| *of != face) {
                let font = self.0[face].embedded.clone();
                runs.push((face, Run { font, glyphs: Vec::new(), width: 0.0, of: at..at }));
            }
            let Some((_, run)) = runs.last_mut() else { continue };
            let start = at - run.of.start;
            let range = start..start + sign.len_utf8();
            let glyph = GlyphId::new(glyph);
            run.glyphs.push(KrillaGlyph::new(glyph, width, 0.0, 0.0, 0.0, range, None));
            run.width += width;
            run.of.end = at + sign.len_utf8();
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// A text in lines no wider than so many ems: broken at blanks where Latin words stand, between any two
    /// signs of Chinese, and inside a word that is wider than a line. Line breaks of the text are kept.
    pub(super) fn lines(&self, text: &str, is_bold: bool, room: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let (mut start, mut width) = (0, 0.0);
            // The last place where the line may end.
            let mut may_end = None;
            let mut before = ' ';
            for (at, sign) in paragraph.char_indices() {
                if at > start && may_break(before, sign) {
                    may_end = Some(at);
                }
                let own = self.find(sign, is_bold).2;
                if width + own > room && at > start && !sign.is_whitespace() {
                    let end = may_end.take().filter(|end| *end > start).unwrap_or(at);
                    lines.push(paragraph[start..end].trim_end().to_owned());
                    start = end;
                    width = self.width(&paragraph[start..at], is_bold);
                }
                width += own;
                before = sign;
            }
            lines.push(paragraph[start..].trim_end().to_owned());
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    /// A text cut to so many ems, with an ellipsis where something is missing.
    pub(super) fn cut(&self, text: &str, is_bold: bool, room: f32) -> String {
        if self.width(text, is_bold) <= room {
            return text.to_owned();
        }
        let mut left = room - self.width("…", is_bold);
        let fits = text.chars().take_while(|sign| {
            left -= self.find(*sign, is_bold).2;
            left >= 0.0
        });
        fits.chain(['…']).collect()
    }
}

/// Signs that begin no line, and that end none (GB/T 15834, 5.1).
const NOT_FIRST: &str = "，。、；：！？）》】」』”’％,.;:!?)]}%";
const NOT_LAST: &str = "（《【「『“‘([{";

fn may_break(before: char, next: char) -> bool {
    if NOT_FIRST.contains(next) || NOT_LAST.contains(before) {
        return false;
    }
    // Signs of Chinese and the like stand alone.
    let stands_alone = |sign: char| sign >= '\u{2E80}';
    before.is_whitespace() || before == '-' || stands_alone(before) || stands_alone(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_where_a_reader_expects_it() {
        let faces = Faces::new().unwrap();
        assert_eq!(faces.lines("新都街道橡树湾", false, 4.0), ["新都街道", "橡树湾"]);
        // A comma does not begin a line.
        assert_eq!(faces.lines("新都街道，橡树湾", false, 4.0), ["新都街", "道，橡树", "湾"]);
        let words = faces.lines("Oak Bay estate, building 3", false, 7.0);
        assert!(words.iter().all(|line| faces.width(line, false) <= 7.0), "{words:?}");
        assert_eq!(words.join(" "), "Oak Bay estate, building 3");
        // A number wider than a line is broken somewhere, and nothing is lost.
        let long = faces.lines("320902198001011234", false, 3.0);
        assert_eq!(long.concat(), "320902198001011234");
        assert_eq!(faces.lines("", false, 3.0), [""]);
        assert_eq!(faces.lines("a\n\nb", false, 3.0), ["a", "", "b"]);
        // Nothing fits: a sign a line, and it ends.
        assert_eq!(faces.lines("橡树湾", false, 0.1), ["橡", "树", "湾"]);
    }

    #[test]
    fn what_does_not_fit_is_cut_and_what_no_face_holds_has_a_stand_in() {
        let faces = Faces::new().unwrap();
        assert_eq!(faces.cut("橡树湾小区", false, 4.0), "橡树湾…");
        assert_eq!(faces.cut("橡树湾", false, 4.0), "橡树湾");
        assert!((faces.width("\u{10FFFD}", false) - 1.0).abs() < 0.01);
        let runs = faces.runs("a\u{10FFFD}b", true);
        assert_eq!(runs.iter().map(|run| run.glyphs.len()).sum::<usize>(), 3);
        assert_eq!(runs.last().unwrap().of.end, 6);
    }
}
