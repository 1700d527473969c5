//! The table of a Shapefile: dBASE III to V and Visual FoxPro, fixed-width records.
//!
//! Layout after dBASE's own and ESRI's description (Shapefile Technical Description, 1998, p. 25;
//! <https://www.loc.gov/preservation/digital/formats/fdd/fdd000325.shtml>).

use crate::msg;
use crate::text::Message;
use encoding_rs::{BIG5, Encoding, GB18030, SHIFT_JIS, UTF_8};
use serde_json::{Value, json};

/// Bytes of the header and of a description of a field.
const BLOCK: usize = 32;
/// Bytes a heading has room for; longer ones are cut.
pub(crate) const NAME_BYTES: usize = 10;

/// A column.
struct Column {
    /// Name as far as it has room.
    name: String,
    /// Whether the name fills its room and may be the beginning of a longer one.
    is_cut: bool,
    kind: u8,
    from: usize,
    length: usize,
}

/// A table in memory.
pub(crate) struct Table<'a> {
    columns: Vec<Column>,
    records: &'a [u8],
    record_length: usize,
    /// Rows the header promises.
    pub(crate) rows: usize,
    codec: &'static Encoding,
}

/// A row: whether it is marked as deleted, and its cells in the order of the columns.
pub(crate) struct Row {
    pub(crate) is_deleted: bool,
    pub(crate) cells: Vec<Value>,
}

impl<'a> Table<'a> {
    /// Reads the header. `cpg` is the content of the file that names the code page.
    ///
    /// # Errors
    /// A sentence when the table is cut off or no table.
    pub(crate) fn open(bytes: &'a [u8], cpg: Option<&str>) -> Result<Self, Message> {
        let cut = || "the .dbf beside the .shp is cut off; copy all files of the Shapefile again";
        let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize;
        if bytes.len() < BLOCK {
            return Err(cut().into());
        }
        let rows = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
        let (header, record_length) = (number(8), number(10));
        if header < BLOCK || bytes.len() < header {
            return Err(cut().into());
        }
        let names = header_names(&bytes[BLOCK..header]);
        let sample = names.iter().flat_map(|(raw, ..)| raw.iter().copied()).collect::<Vec<u8>>();
        let records = &bytes[header..];
        let width: usize = names.iter().map(|(.., length)| length).sum();
        if record_length == 0 || width >= record_length.max(1) {
            return Err(Message::from(
                "the .dbf beside the .shp is broken; copy all files of the Shapefile again",
            ));
        }
        let whole = records.len() / record_length;
        if whole < rows {
            return Err(msg!(
                "the .dbf beside the .shp ends too early: {} of {} rows are there; copy \
                 all files of the Shapefile again",
                whole,
                rows
            ));
        }
        let records = &records[..rows * record_length];
        let codec = codec_of(bytes[29], cpg, &sample, (records, record_length, &names));
        let mut from = 1;
        let columns = names
            .into_iter()
            .map(|(raw, kind, length)| {
                let column = Column {
                    name: text_of(raw, codec, raw.len() >= NAME_BYTES).0,
                    is_cut: raw.len() >= NAME_BYTES,
                    kind,
                    from,
                    length,
                };
                from += length;
                column
            })
            .collect();
        Ok(Self { columns, records, record_length, rows, codec })
    }

    /// Names of the columns; the second says that a name may be cut.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.columns.iter().map(|c| (c.name.as_str(), c.is_cut))
    }

    /// A row, from 0.
    pub(crate) fn row(&self, index: usize) -> Option<Row> {
        let record = self.records.chunks_exact(self.record_length).nth(index)?;
        let cell = |c: &Column| {
            let bytes = record.get(c.from..c.from + c.length).unwrap_or_default();
            value(bytes, c.kind, self.codec)
        };
        Some(Row { is_deleted: record[0] == b'*', cells: self.columns.iter().map(cell).collect() })
    }
}

/// Name, type and length of each field.
fn header_names(header: &[u8]) -> Vec<(&[u8], u8, usize)> {
    header
        .chunks_exact(BLOCK)
        .take_while(|block| block[0] != 0x0D && block[0] != 0)
        .map(|block| {
            let name = &block[..11];
            let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
            let (kind, length) = (block[11].to_ascii_uppercase(), usize::from(block[16]));
            // Texts beyond 255 bytes keep the high byte where numbers have their decimals.
            let high = if kind == b'C' { usize::from(block[17]) << 8 } else { 0 };
            (&name[..end], kind, length + high)
        })
        .collect()
}

/// The text of a cell or a name, and whether it was valid. A character that the end cuts is left
/// out where the room is full.
fn text_of(bytes: &[u8], codec: &'static Encoding, is_full: bool) -> (String, bool) {
    let (text, had_errors) = codec.decode_without_bom_handling(bytes);
    if !had_errors {
        return (text.into_owned(), true);
    }
    if is_full {
        for cut in 1..bytes.len().min(4) {
            let (text, had_errors) = codec.decode_without_bom_handling(&bytes[..bytes.len() - cut]);
            if !had_errors {
                return (text.into_owned(), true);
            }
        }
    }
    (text.into_owned(), false)
}

/// Whether texts are UTF-8, else the code page that the file names: many a file says nothing, or the
/// wrong thing, so only the double-byte ones are believed, and else it is GBK.
fn codec_of(
    driver: u8,
    cpg: Option<&str>,
    names: &[u8],
    (records, record_length, columns): (&[u8], usize, &[(&[u8], u8, usize)]),
) -> &'static Encoding {
    /// Rows that are looked at.
    const SAMPLE: usize = 2_000;
    let mut is_utf8 = std::str::from_utf8(names).is_ok()
        || columns.iter().all(|(name, ..)| text_of(name, UTF_8, name.len() >= NAME_BYTES).1);
    let rows = records.len().checked_div(record_length).unwrap_or(0);
    for record in records.chunks_exact(record_length.max(1)).take(SAMPLE.min(rows)) {
        let mut from = 1;
        for (_, kind, length) in columns {
            let cell = record.get(from..from + length).unwrap_or_default();
            from += length;
            if *kind == b'C' && !cell.is_ascii() {
                is_utf8 &= text_of(trimmed(cell), UTF_8, trimmed(cell).len() == *length).1;
            }
        }
    }
    if is_utf8 {
        return UTF_8;
    }
    let cpg = cpg.unwrap_or_default().trim().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| cpg.contains(word));
    // Language drivers: 4F and 78 Big5, 7B and 13 Shift JIS.
    if says(&["big5", "950"]) || matches!(driver, 0x4F | 0x78 | 0x58) {
        BIG5
    } else if says(&["932", "sjis", "shift"]) || matches!(driver, 0x13 | 0x7B) {
        SHIFT_JIS
    } else {
        GB18030
    }
}

fn trimmed(cell: &[u8]) -> &[u8] {
    let end = cell.iter().rposition(|b| !matches!(b, 0 | b' ')).map_or(0, |i| i + 1);
    &cell[..end]
}

fn value(cell: &[u8], kind: u8, codec: &'static Encoding) -> Value {
    let bytes = trimmed(cell);
    let ascii = || std::str::from_utf8(bytes).ok().map(str::trim).filter(|t| !t.is_empty());
    match kind {
        b'N' | b'F' => ascii().and_then(|t| t.parse::<f64>().ok()).map_or(Value::Null, number_of),
        b'I' | b'+' => match cell.try_into() {
            Ok(four) => json!(i32::from_le_bytes(four)),
            Err(_) => Value::Null,
        },
        b'B' | b'O' if cell.len() == 8 => {
            cell.try_into().map_or(Value::Null, |eight| number_of(f64::from_le_bytes(eight)))
        }
        b'L' => match bytes.first() {
            Some(b'T' | b't' | b'Y' | b'y') => json!(true),
            Some(b'F' | b'f' | b'N' | b'n') => json!(false),
            _ => Value::Null,
        },
        b'D' => match ascii() {
            Some(day) if day.len() == 8 && day.is_ascii() => {
                json!(format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]))
            }
            _ => Value::Null,
        },
        // Memos, pictures and times stand in other files or mean nothing here.
        b'M' | b'G' | b'P' | b'T' | b'@' | b'0' | b'Y' => Value::Null,
        _ => {
            let text = text_of(bytes, codec, bytes.len() == cell.len()).0;
            let text = text.trim_end();
            if text.is_empty() { Value::Null } else { json!(text) }
        }
    }
}

pub(crate) fn number_of(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 { json!(number as i64) } else { json!(number) }
}
