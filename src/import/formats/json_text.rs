//! JSON as programs write it that do not mind RFC 8259: other encodings, `NaN`, one document a line.

use crate::msg;
use crate::text::Message;
use std::fmt::Write as _;

use crate::import::error::ImportError;
use crate::import::formats::geojson::MappedFile;

/// Makes a text of JSON that is not quite JSON; a file that is one is handed back as it is.
///
/// # Errors
/// [`ImportError::BrokenJson`] for text in no encoding that is known.
pub(crate) fn mended(
    file: MappedFile,
    notes: &mut Vec<Message>,
) -> Result<MappedFile, ImportError> {
    let bytes = file.bytes();
    let is_utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let file = if is_utf16 || std::str::from_utf8(bytes).is_err() {
        MappedFile::of_text(decoded(bytes)?)
    } else {
        file
    };
    let bytes = file.bytes();
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    if has(b"NaN") || has(b"Infinity") {
        let (text, count) = without_nan(bytes);
        if count > 0 {
            notes.push(msg!("{} numbers were NaN or Infinity and were left empty", count));
            return Ok(MappedFile::of_text(text));
        }
    }
    // RFC 8142: each document begins with a record separator.
    if bytes.first() == Some(&0x1E) {
        let text = String::from_utf8_lossy(bytes).replace('\u{1E}', " ");
        return Ok(MappedFile::of_text(text));
    }
    Ok(file)
}

/// Text in UTF-16 with a mark, else in GB18030; what is neither is told by the reader of UTF-8.
///
/// # Errors
/// [`ImportError::BrokenJson`].
pub(crate) fn decoded(bytes: &[u8]) -> Result<String, ImportError> {
    let codec = encoding_rs::Encoding::for_bom(bytes).map_or(encoding_rs::GB18030, |(c, _)| c);
    let (text, _, had_errors) = codec.decode(bytes);
    if !had_errors {
        return Ok(text.into_owned());
    }
    let at = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len);
    Err(ImportError::BrokenJson(msg!("the text is not UTF-8 at byte {}; save it as UTF-8", at + 1)))
}

/// The text with `null` in place of the numbers that JSON does not have, and how many there were.
fn without_nan(bytes: &[u8]) -> (String, u64) {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let (mut count, mut is_string, mut rest) = (0, false, &*text);
    while let Some(c) = rest.chars().next() {
        if is_string {
            // An escaped sign belongs to the string, whatever it is.
            let step = if c == '\\' {
                1 + rest[1..].chars().next().map_or(0, char::len_utf8)
            } else {
                c.len_utf8()
            };
            out.push_str(&rest[..step]);
            is_string = c != '"';
            rest = &rest[step..];
            continue;
        }
        let word =
            ["NaN", "-Infinity", "Infinity", "-NaN"].into_iter().find(|w| rest.starts_with(w));
        if let Some(word) = word {
            out.push_str("null");
            count += 1;
            rest = &rest[word.len()..];
            continue;
        }
        is_string = c == '"';
        let _ = out.write_char(c);
        rest = &rest[c.len_utf8()..];
    }
    (out, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_lacks() {
        let check = |text: &str, expect: &str, count: u64| {
            assert_eq!(without_nan(text.as_bytes()), (expect.to_owned(), count));
        };
        check(r#"{"a":NaN,"b":-Infinity,"c":"NaN"}"#, r#"{"a":null,"b":null,"c":"NaN"}"#, 2);
        check(r#"{"NaN\"NaN":[Infinity]}"#, r#"{"NaN\"NaN":[null]}"#, 1);
    }
}
