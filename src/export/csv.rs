//! Rows as comma-separated text (RFC 4180) that spreadsheets open as it is: nothing in it is run as a
//! formula.

use encoding_rs::GB18030;

use crate::domain::cell::spreadsheet_safe;
use crate::query::table::Cell;

/// How the text is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8 with a byte-order mark.
    Utf8,
    /// GB 18030.
    Gb18030,
}

impl Encoding {
    /// The first line of a file, with the mark before it.
    pub(super) fn head(self, headings: &[&str]) -> Vec<u8> {
        let mut line = if self == Self::Utf8 { "\u{feff}".to_owned() } else { String::new() };
        for (index, heading) in headings.iter().enumerate() {
            push_cell(&mut line, index, heading, false);
        }
        line.push_str("\r\n");
        self.bytes(line)
    }

    /// Lines as bytes.
    pub(super) fn bytes(self, lines: String) -> Vec<u8> {
        match self {
            Self::Utf8 => lines.into_bytes(),
            Self::Gb18030 => GB18030.encode(&lines).0.into_owned(),
        }
    }
}

/// Adds a row to lines.
pub fn push_row(lines: &mut String, cells: &[Cell]) {
    for (index, cell) in cells.iter().enumerate() {
        push_cell(lines, index, &cell.text, cell.is_number);
    }
    lines.push_str("\r\n");
}

fn push_cell(line: &mut String, index: usize, text: &str, is_number: bool) {
    if index > 0 {
        line.push(',');
    }
    if is_number {
        line.push_str(text);
        return;
    }
    // Most cells are neither a formula nor to be quoted.
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b >= 0xE4 || b == b'*');
    if is_plain {
        line.push_str(text);
        return;
    }
    let safe = spreadsheet_safe(text);
    if safe.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&safe.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&safe);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_harmless() {
        let check = |text: &str, expect: &str| {
            let mut line = String::new();
            push_cell(&mut line, 1, text, false);
            assert_eq!(line, format!(",{expect}"), "{text:?}");
        };
        check("张桂英", "张桂英");
        check("=1+1", "'=1+1");
        check("＝1", "'＝1");
        check("say \"a, b\"", "\"say \"\"a, b\"\"\"");
        check("a\nb", "\"a\nb\"");
        check("3-2-501", "3-2-501");
    }
}
