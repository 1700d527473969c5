//! Numbers and labels in their canonical form.

use super::normal::{chinese_digit, chinese_number, is_chinese_numeral};
use super::pieces::Piece;

/// Appends a number or label in its canonical form: Arabic, no leading zeros, no inner dash.
pub(super) fn push_token(out: &mut String, text: &[char]) {
    let lead = text.iter().take_while(|c| !is_chinese_numeral(**c)).count();
    if lead < text.len()
        && text[lead..].iter().all(|c| is_chinese_numeral(*c))
        && let Some(number) = chinese_number(&text[lead..])
    {
        out.extend(&text[..lead]);
        out.push_str(&number);
        return;
    }
    // 五0一: half and half.
    if text.len() >= 3
        && text.iter().any(|c| chinese_digit(*c).is_some())
        && text.iter().all(|c| c.is_ascii_digit() || chinese_digit(*c).is_some())
    {
        let arabic = |c: &char| chinese_digit(*c).and_then(|d| char::from_digit(d, 10));
        out.extend(text.iter().map(|c| arabic(c).unwrap_or(*c)));
        return;
    }
    let mut zeros = true;
    let digits = text.iter().filter(|c| c.is_ascii_digit()).count();
    for (index, c) in text.iter().enumerate() {
        match c {
            '-' | ' ' | '号' => {}
            // 0501 is 501, A01 stays.
            '0' if zeros && digits > 1 && text.get(index + 1).is_some_and(char::is_ascii_digit) => {
            }
            c => {
                zeros = false;
                out.push(*c);
            }
        }
    }
}

pub(super) fn token(s: &[char], piece: &Piece) -> String {
    let mut out = String::new();
    push_token(&mut out, &s[piece.from..piece.to]);
    out
}
