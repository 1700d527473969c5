//! Which heading or property is which field: the shipped synonyms, the user's own pairs, and the
//! headings whose content is never stored.

use crate::access::mask::mask_example;
use crate::domain::{Lang, fold};
use crate::import::error::ImportError;
use crate::import::kind::Kind;
use crate::import::sheet_row::SheetRow;
use crate::import::values;
use crate::msg;
use crate::text::Message;

/// A field of a kind, with everything it is called.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct FieldEntry {
    kind: String,
    /// Name on the command line and in JSON.
    pub field: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    aliases: String,
    example: String,
}

impl FieldEntry {
    /// The label in a language.
    #[must_use]
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// What a cell may say.
    #[must_use]
    pub fn example(&self) -> &str {
        &self.example
    }

    /// The code list its values come from.
    #[must_use]
    pub fn code_list(&self) -> Option<&'static str> {
        use crate::domain::codes::list;
        Some(match (self.kind.as_str(), self.field.as_str()) {
            ("rooms", "kind") => list::ROOM_KIND,
            ("rooms", "status") => list::ROOM_STATUS,
            ("persons", "id_type") => list::ID_TYPE,
            ("persons", "sex") => list::SEX,
            ("persons", "population_type") => list::POPULATION_TYPE,
            ("persons", "relation") => list::RELATION,
            ("persons", "role") => list::RESIDENCY_ROLE,
            ("enterprises", "kind") => list::ORG_KIND,
            ("enterprises", "status") => list::ENTERPRISE_STATUS,
            ("events", "category") => list::EVENT_CATEGORY,
            ("events", "severity") => list::EVENT_SEVERITY,
            ("events", "source") => list::EVENT_SOURCE,
            ("events", "state") => list::EVENT_STATE,
            ("devices", "kind") => list::DEVICE_KIND,
            ("devices", "state") => list::DEVICE_STATE,
            _ => return None,
        })
    }

    /// Every spelling, best first.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        [self.field.as_str(), &self.zh]
            .into_iter()
            .chain(self.aliases.split(';'))
            .chain([self.en.as_str()])
    }
}

#[derive(serde::Deserialize)]
struct RefusedEntry {
    words: String,
}

/// The fields of a kind, in their usual order.
#[must_use]
pub fn of_kind(kind: Kind) -> Vec<FieldEntry> {
    csv::Reader::from_reader(include_str!("../../data/fields.csv").as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .filter(|f: &FieldEntry| f.kind == kind.word())
        .collect()
}

/// What the fields of a kind (its word) are called in a language, by their names.
#[must_use]
pub fn labels(kind: &str, lang: Lang) -> std::collections::HashMap<String, String> {
    let kind = Kind::ALL.into_iter().find(|k| k.word() == kind);
    let fields = kind.map(of_kind).unwrap_or_default();
    fields.into_iter().map(|f| (f.field.clone(), f.label(lang).to_owned())).collect()
}

/// Whether a heading names something the software must not hold.
#[must_use]
pub fn is_refused(heading: &str) -> bool {
    let heading = plain_heading(heading);
    csv::Reader::from_reader(include_str!("../../data/refused_headings.csv").as_bytes())
        .into_deserialize()
        .filter_map(Result::ok)
        .flat_map(|r: RefusedEntry| r.words.split(';').map(fold).collect::<Vec<_>>())
        // 民族成分 and 是否党员 are refused as 民族 and 党员 are; a short Latin word stands alone.
        .any(|word| {
            heading == word
                || word.chars().count() > 1 && !word.is_ascii() && heading.contains(&word)
        })
}

/// A heading as it is compared: without brackets and what is in them, stars, colons and blanks.
#[must_use]
pub fn plain_heading(heading: &str) -> String {
    let mut plain = String::with_capacity(heading.len());
    let mut depth = 0;
    for c in fold(heading).chars() {
        match c {
            '(' | '[' | '【' | '〔' => depth += 1,
            ')' | ']' | '】' | '〕' => depth -= 1,
            '*' | ':' | '★' | '※' | '#' | '、' | '.' if depth <= 0 => {}
            c if depth <= 0 => plain.push(c),
            _ => {}
        }
    }
    // (必填) alone is no name at all.
    if plain.is_empty() { fold(heading) } else { plain }
}

/// Properties of a building that together are its address: number, street, district, city, as
/// OpenStreetMap and Tilezen call them.
pub(crate) const ADDRESS_PARTS: [&[&str]; 4] = [
    &["addr:housenumber", "addr_housenumber"],
    &["addr:street", "addr_street"],
    &["addr:district", "addr:suburb"],
    &["addr:city"],
];

/// Whether a property is no field of its own but a part of a building's address.
#[must_use]
pub fn is_address_part(kind: Kind, property: &str) -> bool {
    kind == Kind::Buildings && ADDRESS_PARTS.iter().any(|part| part.contains(&property))
}

/// The field of a pair that leaves a column out: `-=备注`.
pub const LEFT_OUT: &str = "-";

/// The tag a column may be named after, folded: 是否低保（必填） is 低保.
#[must_use]
pub fn tag_name(heading: &str) -> String {
    let plain = plain_heading(heading);
    plain.strip_prefix("是否").map(str::to_owned).unwrap_or(plain)
}

/// Checks the user's `field=heading` pairs.
///
/// # Errors
/// [`ImportError::UnknownField`].
pub fn check_pairs(kind: Kind, pairs: &[(String, String)]) -> Result<(), ImportError> {
    let fields = of_kind(kind);
    for (field, _) in pairs {
        if field != LEFT_OUT && !fields.iter().any(|f| f.field == *field) {
            let all: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
            return Err(ImportError::UnknownField(field.clone(), kind.word(), all.join(", ")));
        }
    }
    Ok(())
}

/// How the columns of a table map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// `(field, column index)`, one a field.
    pub columns: Vec<(String, usize)>,
    /// Indexes of headings that mean nothing here.
    pub ignored: Vec<usize>,
    /// Indexes of headings whose content is never stored.
    pub refused: Vec<usize>,
    /// Indexes of headings that are names of tags.
    pub tags: Vec<usize>,
    /// Indexes of headings that somebody has left out.
    pub left_out: Vec<usize>,
    /// Fields whose column was known by its values alone.
    pub by_values: Vec<String>,
}

impl ColumnMap {
    /// Column of a field.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<usize> {
        self.columns.iter().find(|(f, _)| f == field).map(|(_, column)| *column)
    }
}

/// Maps headings to fields: the user's pairs first, then the best spelling of each field.
///
/// # Errors
/// [`ImportError::UnknownField`] for a pair with a wrong field,
/// [`ImportError::MissingColumn`] when a field of `needed` has no column or a pair's heading is
/// not there.
pub fn map_columns(
    kind: Kind,
    headings: &[String],
    pairs: &[(String, String)],
    needed: &[&str],
) -> Result<ColumnMap, ImportError> {
    map_table(kind, headings, pairs, needed, &[])
}

/// As [`map_columns`]; columns whose heading says nothing are then known by the values of the
/// first rows: a column of numbers with good check characters *is* the ID number.
///
/// # Errors
/// As [`map_columns`].
pub fn map_table(
    kind: Kind,
    headings: &[String],
    pairs: &[(String, String)],
    needed: &[&str],
    sample: &[SheetRow],
) -> Result<ColumnMap, ImportError> {
    check_pairs(kind, pairs)?;
    let folded: Vec<String> = headings.iter().map(|h| fold(h)).collect();
    let plain: Vec<String> = headings.iter().map(|h| plain_heading(h)).collect();
    let left_out: Vec<String> =
        pairs.iter().filter(|(field, _)| field == LEFT_OUT).map(|(_, h)| fold(h)).collect();
    let mut map = ColumnMap::default();
    let mut missing: Vec<(String, String)> = Vec::new();
    for field in of_kind(kind) {
        let given = pairs.iter().find(|(f, _)| *f == field.field).map(|(_, h)| fold(h));
        let position = |text: String| {
            folded.iter().position(|h| *h == text).filter(|c| !left_out.contains(&folded[*c]))
        };
        let column = match given.clone() {
            Some(heading) => position(heading),
            None => field
                .spellings()
                .filter(|s| !s.is_empty())
                .find_map(|s| {
                    let (exact, loose) = (fold(s), plain_heading(s));
                    position(exact).or_else(|| {
                        plain
                            .iter()
                            .position(|h| *h == loose)
                            .filter(|c| !left_out.contains(&folded[*c]))
                    })
                })
                .filter(|c| map.columns.iter().all(|(_, used)| used != c))
                .filter(|c| pairs.iter().all(|(_, h)| fold(h) != folded[*c])),
        };
        match column {
            Some(column) if !is_refused(&headings[column]) => {
                map.columns.push((field.field.clone(), column));
            }
            _ if needed.contains(&field.field.as_str()) || given.is_some() => {
                missing.push((field.field.clone(), field.zh.clone()));
            }
            _ => {}
        }
    }
    let refused: Vec<usize> = (0..headings.len()).filter(|c| is_refused(&headings[*c])).collect();
    let width = sample.iter().map(|row| row.record.len()).max().unwrap_or(0);
    let free = (0..headings.len().min(width)).filter(|c| {
        !refused.contains(c)
            && !left_out.contains(&folded[*c])
            && map.columns.iter().all(|(_, used)| used != c)
    });
    for (field, column) in values::known_columns(kind, sample, &free.collect::<Vec<_>>()) {
        let is_given = pairs.iter().any(|(given, _)| given == field);
        if map.column(field).is_none() && !is_given {
            map.columns.push((field.to_owned(), column));
            map.by_values.push(field.to_owned());
            missing.retain(|(name, _)| name != field);
        }
    }
    if let Some((example, _)) = missing.first() {
        let named: Vec<String> =
            missing.iter().map(|(field, zh)| format!("{field} ({zh})")).collect();
        return Err(ImportError::MissingColumn {
            example: example.clone(),
            missing: named.join(", "),
            found: told_headings(kind, headings),
        });
    }
    for (column, heading) in headings.iter().enumerate() {
        if !refused.contains(&column)
            && map.columns.iter().all(|(_, used)| *used != column)
            && !heading.is_empty()
        {
            map.ignored.push(column);
        }
    }
    map.refused = refused;
    map.left_out = (0..headings.len()).filter(|c| left_out.contains(&folded[*c])).collect();
    Ok(map)
}

/// The headings as they may be told. Where a list has none, its first row stands in their place, and
/// that is somebody's data: nothing of it is repeated.
fn told_headings(kind: Kind, headings: &[String]) -> Message {
    let is_known = |heading: &String| {
        let plain = plain_heading(heading);
        of_kind(kind).iter().any(|f| f.spellings().any(|s| plain_heading(s) == plain))
    };
    let has_value = |heading: &String| {
        heading.chars().filter(char::is_ascii_digit).count() >= 4
            || crate::domain::names::is_plausible(heading)
    };
    let filled = headings.iter().filter(|h| !h.is_empty()).count();
    if !headings.iter().any(is_known) && headings.iter().any(has_value) {
        return msg!(
            "none that is known, among {} columns; the first row must be headings",
            filled
        );
    }
    let told = headings.iter().filter(|h| !h.is_empty()).map(|heading| {
        let short: String = heading.chars().take(24).collect();
        if has_value(heading) { mask_example(heading) } else { short }
    });
    Message::verbatim(told.collect::<Vec<_>>().join(", "))
}

/// The columns a kind cannot do without.
#[must_use]
pub const fn needed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Buildings | Kind::Grids | Kind::Basemap => &[],
        // A building code, or estate and number: one of both.
        Kind::Rooms => &["room_no"],
        Kind::Persons | Kind::Enterprises => &["name"],
        Kind::Events => &["title"],
        // The latitude may stand in one cell with the longitude.
        Kind::Devices => &["code", "lon"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headings: &str, pairs: &[(&str, &str)], expect: &str) {
        let headings: Vec<String> = headings.split(',').map(str::to_owned).collect();
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let got = match map_columns(Kind::Rooms, &headings, &pairs, &["building_code", "room_no"]) {
            Ok(map) => {
                let mut text: Vec<String> =
                    map.columns.iter().map(|(f, c)| format!("{f}={c}")).collect();
                text.extend(map.refused.iter().map(|c| format!("refused={c}")));
                text.extend(map.ignored.iter().map(|c| format!("ignored={c}")));
                text.join(" ")
            }
            Err(error) => error.to_string(),
        };
        assert!(got.contains(expect), "{got}");
    }

    #[test]
    fn map_cases() {
        check("building_code,unit,room_no", &[], "building_code=0 unit=1 room_no=2");
        check("楼栋编码,单元,房号,民族", &[], "building_code=0 unit=1 room_no=2 refused=3");
        check("栋,Room No,foo", &[("building_code", "栋"), ("room_no", "room no")], "room_no=1");
        check("栋,房号", &[], "no column for building_code (楼栋编码)");
        check("楼栋编码,房号", &[("colour", "x")], "colour is no field of rooms");
        check("楼栋编码,房号", &[("unit", "梯")], "no column for unit");
    }
}
