//! The first pass over a list: its digest, its encoding, and what it is if it is no list.

use crate::msg;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::domain::file_kind::{self, FileKind};
use crate::import::error::ImportError;
use crate::import::formats::workbook;

/// Bytes a line of a text may have; a list of the widest rows stays far below.
const LONGEST_LINE: u64 = 8 << 20;

/// What a first pass over the bytes tells.
pub(crate) struct FirstLook {
    /// Whether it is a workbook and no text.
    pub(crate) is_workbook: bool,
    /// Whether it is a web page.
    pub(crate) is_page: bool,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// SHA-256, hexadecimal.
    pub(crate) sha256: String,
    /// Name of the encoding.
    pub(crate) encoding: &'static str,
    /// How it is decoded.
    pub(crate) codec: &'static encoding_rs::Encoding,
}

impl FirstLook {
    /// Byte-order mark, else UTF-16 by its zeros, else strict UTF-8, else GB18030 or Big5: the whole
    /// file is held against it.
    ///
    /// # Errors
    /// [`ImportError::NotATable`] for another kind of file, with its name; [`ImportError::Io`].
    pub(crate) fn at(path: &Path) -> Result<Self, ImportError> {
        let io = |e| ImportError::Io(path.to_owned(), e);
        let mut file = File::open(path).map_err(io)?;
        let mut block = vec![0; 1 << 20];
        let mut head = Vec::new();
        file.by_ref().take(file_kind::HEAD as u64).read_to_end(&mut head).map_err(io)?;
        file.rewind().map_err(io)?;
        let is_workbook = workbook::is_workbook(&head);
        let unmarked = unmarked_utf16(&head);
        let kind = FileKind::of(&head);
        let is_other = !is_workbook
            && unmarked.is_none()
            && !matches!(
                kind,
                FileKind::Text | FileKind::Empty | FileKind::Unknown | FileKind::Html
            );
        if is_other || kind == FileKind::Document {
            return Err(ImportError::NotATable(kind.advice().into()));
        }
        let is_page = kind == FileKind::Html;
        let marked = encoding_rs::Encoding::for_bom(&head).map(|(codec, _)| codec).or(unmarked);
        let mut tries = match marked {
            Some(codec) => vec![codec],
            None => vec![encoding_rs::UTF_8, encoding_rs::GB18030],
        };
        let mut decoders: Vec<_> = tries.iter().map(|c| c.new_decoder_with_bom_removal()).collect();
        let mut wrong_at = None;
        let (mut hash, mut bytes, mut has_zero) = (Sha256::new(), 0u64, false);
        let (mut line_bytes, mut longest) = (0u64, 0u64);
        let mut scratch = vec![0u8; 3 << 20];
        loop {
            let read = file.read(&mut block).map_err(io)?;
            let part = &block[..read];
            hash.update(part);
            if !is_workbook {
                has_zero |= part.contains(&0);
                for piece in part.split_inclusive(|b| matches!(b, b'\n' | b'\r')) {
                    line_bytes += piece.len() as u64;
                    longest = longest.max(line_bytes);
                    if piece.ends_with(b"\n") || piece.ends_with(b"\r") {
                        line_bytes = 0;
                    }
                }
                if longest > LONGEST_LINE && !is_page {
                    let told = "a line of the text is longer than 8 MB; this is no list";
                    return Err(ImportError::NotATable(told.into()));
                }
                let mut nth = 0;
                while nth < decoders.len() {
                    let good = is_good(&mut decoders[nth], part, read == 0, &mut scratch);
                    match good {
                        Ok(()) => nth += 1,
                        Err(at) => {
                            wrong_at.get_or_insert(bytes + at as u64);
                            tries.remove(nth);
                            decoders.remove(nth);
                        }
                    }
                }
            }
            bytes += read as u64;
            if read == 0 {
                break;
            }
        }
        let sha256 = crate::domain::digest::hex(&hash.finalize());
        if is_workbook {
            let codec = encoding_rs::UTF_8;
            return Ok(Self { is_workbook, is_page, bytes, sha256, encoding: "workbook", codec });
        }
        // A few zeros among text are dirt, which leaves the cells; many are another kind of file.
        let is_binary = kind == FileKind::Unknown && head.iter().filter(|b| **b == 0).count() > 8;
        if has_zero && is_binary && marked.is_none_or(|codec| codec == encoding_rs::UTF_8) {
            return Err(ImportError::NotATable("this is a binary file, not a CSV text".into()));
        }
        let Some(&codec) = tries.first() else {
            return Err(ImportError::NotATable(msg!(
                "the text is neither UTF-8 nor GB18030 (byte {}); save it as \"CSV UTF-8\" in Excel",
                wrong_at.unwrap_or(0) + 1
            )));
        };
        // What is valid in both encodings of Chinese is the one whose signs are common.
        let codec =
            if codec == encoding_rs::GB18030 && is_big5(&head) { encoding_rs::BIG5 } else { codec };
        let encoding = if codec == encoding_rs::UTF_8 {
            "utf-8"
        } else if codec == encoding_rs::BIG5 {
            "big5"
        } else if codec == encoding_rs::GB18030 {
            "gb18030"
        } else {
            "utf-16"
        };
        Ok(Self { is_workbook, is_page, bytes, sha256, encoding, codec })
    }
}

/// UTF-16 without the mark that says so: every other byte of its commas, digits and line ends is 0.
fn unmarked_utf16(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || head.len() < 8 {
        return None;
    }
    let pairs = head.chunks_exact(2);
    let ascii = |pair: &[u8], high: usize| {
        pair[high] == 0 && matches!(pair[1 - high], b'\t' | b'\n' | b'\r' | 0x20..=0x7E)
    };
    let little = pairs.clone().filter(|pair| ascii(pair, 1)).count();
    let big = pairs.clone().filter(|pair| ascii(pair, 0)).count();
    let zeros = pairs.filter(|pair| *pair == [0, 0]).count();
    let most = little.max(big);
    if zeros > 0 || most * 20 < head.len() / 2 {
        return None;
    }
    let codec = if little > big { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
    let even = &head[..head.len() / 2 * 2];
    let (text, had_errors) = codec.decode_without_bom_handling(even);
    let is_clean = !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
    (is_clean && (!had_errors || text.ends_with('\u{FFFD}'))).then_some(codec)
}

/// Whether text that is valid as GB18030 is rather Big5: there its signs are the frequent ones of
/// the first level (lead bytes A4–C6), while as GBK half of them would be rare (outside B0–D7).
fn is_big5(head: &[u8]) -> bool {
    let (mut first_level, mut gb_level, mut pairs, mut at) = (0usize, 0usize, 0usize, 0usize);
    while at + 1 < head.len() {
        let (lead, trail) = (head[at], head[at + 1]);
        if lead < 0x80 {
            at += 1;
            continue;
        }
        pairs += 1;
        let is_trail = matches!(trail, 0x40..=0x7E | 0xA1..=0xFE);
        first_level += usize::from((0xA4..=0xC6).contains(&lead) && is_trail);
        gb_level += usize::from((0xB0..=0xD7).contains(&lead) && trail >= 0xA1);
        at += 2;
    }
    pairs >= 8 && first_level * 100 > pairs * 85 && gb_level * 100 < pairs * 65
}

/// Whether bytes go on in an encoding; else where they stop.
fn is_good(
    decoder: &mut encoding_rs::Decoder,
    mut part: &[u8],
    is_last: bool,
    scratch: &mut [u8],
) -> Result<(), usize> {
    let whole = part.len();
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(part, scratch, is_last);
        part = &part[read..];
        match result {
            encoding_rs::DecoderResult::InputEmpty => return Ok(()),
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(..) => return Err(whole - part.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, bytes).unwrap();
        match FirstLook::at(&path) {
            Ok(look) => look.encoding.to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn encodings_are_known_without_a_mark() {
        let text = "姓名,性別,地址\r\n張桂英,女,臺北市中正區忠孝東路一段2號3樓\r\n王小明,男,高雄市前金區\r\n";
        let simple =
            "姓名,性别,地址\r\n张桂英,女,橡树湾小区3幢2单元501室\r\n王小明,男,锦绣新村\r\n";
        assert_eq!(look(text.as_bytes()), "utf-8");
        assert_eq!(look(&encoding_rs::BIG5.encode(text).0), "big5");
        assert_eq!(look(&encoding_rs::GB18030.encode(simple).0), "gb18030");
        let utf16: Vec<u8> = simple.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(look(&utf16), "utf-16");
        let utf16: Vec<u8> = simple.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(look(&utf16), "utf-16");
    }

    #[test]
    fn other_files_are_named() {
        assert!(look(b"%PDF-1.7 ...").contains("this is a PDF"));
        assert_eq!(look(b"<html><table><tr><td>13800138000</td></tr></table>"), "utf-8");
        assert!(look(b"\x1F\x8B\x08\0\0\0").contains("gzip"));
        assert!(look(&vec![b'a'; 9 << 20]).contains("longer than 8 MB"));
    }
}
