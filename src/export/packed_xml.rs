//! What the writers of packed XML (XLSX, ODS) share.

use std::io::{self, Seek, SeekFrom, Write};

/// A failure of the archive, as the file system's.
pub(super) fn failed(error: zip::result::ZipError) -> io::Error {
    match error {
        zip::result::ZipError::Io(error) => error,
        error => io::Error::other(error),
    }
}

/// A file that fails once: what an archive still writes when it is dropped after that goes nowhere, or it would
/// complain to the terminal of what has been told already.
pub(super) struct FailsOnce<W> {
    to: W,
    has_failed: bool,
    /// Where the next byte goes, or would go.
    at: u64,
}

impl<W> FailsOnce<W> {
    pub(super) const fn new(to: W) -> Self {
        Self { to, has_failed: false, at: 0 }
    }
}

impl<W: Write> Write for FailsOnce<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = if self.has_failed { Ok(bytes.len()) } else { self.to.write(bytes) };
        self.has_failed |= done.is_err();
        self.at += done.as_ref().map_or(0, |count| *count as u64);
        done
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = if self.has_failed { Ok(()) } else { self.to.flush() };
        self.has_failed |= done.is_err();
        done
    }
}

impl<W: Seek> Seek for FailsOnce<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let nowhere = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) | SeekFrom::End(by) => self.at.saturating_add_signed(by),
        };
        let done = if self.has_failed { Ok(nowhere) } else { self.to.seek(to) };
        self.has_failed |= done.is_err();
        self.at = *done.as_ref().unwrap_or(&nowhere);
        done
    }
}

/// Adds a text as XML; signs that XML does not know are left out (XML 1.0, 2.2).
pub(super) fn push_xml(out: &mut String, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, b'&' | b'<' | b'>' | b'"');
    if text.bytes().all(is_plain) && !text.contains(['\u{FFFE}', '\u{FFFF}']) {
        return out.push_str(text);
    }
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'.. => out.push(sign),
            _ => {}
        }
    }
}

/// The letters of a column, from 0: A, Z, AA.
pub(super) fn column_name(column: usize) -> String {
    let mut name = String::new();
    let mut left = column + 1;
    while left > 0 {
        name.insert(0, char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    struct Small(usize);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() > self.0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_told_once() {
        let mut file = FailsOnce::new(Small(3));
        assert!(file.write(b"ab").is_ok());
        assert_eq!(file.write(b"cde").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!((file.write(b"cde").unwrap(), file.flush().unwrap()), (3, ()));
    }

    #[test]
    fn texts_and_columns() {
        let xml = |text: &str| {
            let mut out = String::new();
            push_xml(&mut out, text);
            out
        };
        assert_eq!(xml("a<b>&\u{1}\u{0}\"张\""), "a&lt;b&gt;&amp;&quot;张&quot;");
        assert_eq!(xml("x\ny\u{FFFE}"), "x\ny");
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (16_383, "XFD")] {
            assert_eq!(column_name(column), name);
        }
    }
}
