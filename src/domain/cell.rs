//! The text of a cell as it was meant: without what programs add on the way.

use std::borrow::Cow;

/// Most characters of a cell; Excel keeps no more (32,767).
pub const MOST_CHARS: usize = 32_767;

/// Words by which programs write "nothing": pandas, R, databases, Excel's errors, map services.
const NOTHING: [&str; 18] = [
    "nan",
    "<na>",
    "nat",
    "none",
    "null",
    "(null)",
    "undefined",
    "n/a",
    "#n/a",
    "#ref!",
    "#value!",
    "#div/0!",
    "#name?",
    "#null!",
    "#num!",
    "[]",
    "\\n",
    "#spill!",
];

/// Characters that are not seen: controls, zero-width and direction marks, soft hyphens, byte-order
/// marks, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{FFFE}' | '\u{FFFF}')
}

/// Blanks of other widths than the usual one.
fn is_odd_blank(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}')
}

/// A text without invisible characters, odd blanks as usual ones, trimmed.
///
/// ```
/// use menpai::domain::cell::visible;
/// assert_eq!(visible("\u{202D}138\u{200B}0013\u{A0}8000 "), "1380013 8000");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_invisible(c) || is_odd_blank(c)) {
        return Cow::Borrowed(text.trim());
    }
    let plain: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_odd_blank(c) { ' ' } else { c })
        .collect();
    Cow::Owned(plain.trim().to_owned())
}

/// A cell as it was typed: [`visible`], and without `="…"`, a leading apostrophe or backtick, the
/// `.0` that turns 101 into a number, and words for nothing.
///
/// ```
/// use menpai::domain::cell::as_typed;
/// assert_eq!(as_typed("=\"0502\""), "0502");
/// assert_eq!(as_typed("101.0"), "101");
/// assert_eq!(as_typed("NaN"), "");
/// ```
#[must_use]
pub fn as_typed(text: &str) -> Cow<'_, str> {
    let mut text = visible(text);
    let formula = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.contains('"'));
    if let Some(inner) = formula {
        text = Cow::Owned(inner.trim().to_owned());
    }
    let quoted = text.strip_prefix(['\'', '`', '‘']).filter(|rest| !rest.is_empty());
    if let Some(rest) = quoted {
        text = Cow::Owned(rest.trim_end_matches(['\'', '’']).trim().to_owned());
    }
    let whole = text
        .strip_suffix(".0")
        .or_else(|| text.strip_suffix(".00"))
        .filter(|digits| (1..=18).contains(&digits.len()))
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if let Some(digits) = whole {
        text = Cow::Owned(digits.to_owned());
    }
    if text.len() <= 11 && NOTHING.iter().any(|word| word.eq_ignore_ascii_case(&text)) {
        return Cow::Borrowed("");
    }
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => Cow::Owned(text[..end].to_owned()),
        None => text,
    }
}

/// Puts an apostrophe before what a spreadsheet would run as a formula, blanks and full-width signs in
/// front or not. A lone carriage return, which some programs take for the end of a row, becomes a
/// blank.
///
/// ```
/// use menpai::domain::cell::spreadsheet_safe;
/// assert_eq!(spreadsheet_safe("=1+1"), "'=1+1");
/// assert_eq!(spreadsheet_safe("a\r=1+1"), "a '=1+1");
/// assert_eq!(spreadsheet_safe("3-2-501"), "3-2-501");
/// ```
#[must_use]
pub fn spreadsheet_safe(text: &str) -> String {
    const RUN: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.contains('\r') {
        let plain = text.replace("\r\n", "\n");
        let parts: Vec<String> = plain.split('\r').map(spreadsheet_safe).collect();
        return parts.join(" ");
    }
    if text.starts_with('\t') || text.trim_start().starts_with(RUN) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_as_they_were_typed() {
        let check = |cell: &str, expect: &str| assert_eq!(as_typed(cell), expect, "{cell:?}");
        check(" 张三\u{200B} ", "张三");
        check("\u{FEFF}\u{202D}13800138000\u{202C}", "13800138000");
        check("a\0b", "ab");
        check("=\"0502\"", "0502");
        check("=\"a\"&\"b\"", "=\"a\"&\"b\"");
        check("'0601", "0601");
        check("`0601", "0601");
        check("'", "'");
        check("101.0", "101");
        check("101.00", "101");
        check("89.5", "89.5");
        check("1.0.0", "1.0.0");
        check("nan", "");
        check("#N/A", "");
        check("NaN小区", "NaN小区");
        check("[]", "");
        check(&"长".repeat(40_000), &"长".repeat(MOST_CHARS));
        check("橡树湾\u{A0}3幢", "橡树湾 3幢");
    }
}
