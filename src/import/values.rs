//! What a column holds, known by its values: ID numbers, credit codes, mobile numbers, sexes,
//! addresses and names look like nothing else.

use crate::domain::{address, credit_code, fold, id_number, phone};
use crate::import::kind::Kind;
use crate::import::sheet_row::SheetRow;

/// Values of a column that are looked at.
const LOOK_AT: usize = 200;
/// Values a column needs before it is judged.
const AT_LEAST: usize = 3;

/// Columns of `free` that are known by their values, as `(field, column)`, surest first.
pub(crate) fn known_columns(
    kind: Kind,
    sample: &[SheetRow],
    free: &[usize],
) -> Vec<(&'static str, usize)> {
    /// Field, test of a value, least share of values that pass.
    type Test = (&'static str, fn(&str) -> bool, f32);
    const PERSONS: [Test; 5] = [
        ("id_no", is_id_number, 0.8),
        ("phone", is_mobile, 0.8),
        ("sex", is_sex, 1.0),
        ("address", is_address, 0.7),
        ("name", is_name, 0.9),
    ];
    const ENTERPRISES: [Test; 2] = [("uscc", is_credit_code, 0.8), ("phone", is_mobile, 0.8)];
    let tests: &[Test] = match kind {
        Kind::Persons => &PERSONS,
        Kind::Enterprises => &ENTERPRISES,
        _ => &[],
    };
    let mut known: Vec<(&'static str, usize)> = Vec::new();
    for (field, passes, least) in tests {
        let column = free.iter().copied().find(|column| {
            let values: Vec<&str> = sample
                .iter()
                .filter_map(|row| row.record.get(*column).map(str::trim))
                .filter(|value| !value.is_empty())
                .take(LOOK_AT)
                .collect();
            let good = values.iter().filter(|value| passes(value)).count();
            values.len() >= AT_LEAST
                && good as f32 >= values.len() as f32 * least
                && known.iter().all(|(_, used)| used != column)
        });
        known.extend(column.map(|column| (*field, column)));
    }
    known
}

fn is_id_number(value: &str) -> bool {
    id_number::check(&id_number::normalise(value)).is_ok()
}

fn is_credit_code(value: &str) -> bool {
    credit_code::is_valid(&fold(value).to_uppercase())
}

fn is_mobile(value: &str) -> bool {
    let numbers = phone::split(value);
    !numbers.is_empty() && numbers.iter().all(|number| phone::is_mobile(number))
}

fn is_sex(value: &str) -> bool {
    matches!(value, "男" | "女")
}

fn is_address(value: &str) -> bool {
    let read = address::parse(value);
    read.estate.is_some() && read.building.is_some() && read.room.is_some()
}

fn is_name(value: &str) -> bool {
    let is_han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    (2..=4).contains(&value.chars().count())
        && value.chars().all(is_han)
        && crate::domain::names::is_surname(value)
}
