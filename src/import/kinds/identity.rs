//! Who a row speaks of: names and numbers that are none, numbers that spreadsheets have shortened,
//! several people in one cell, one number with several names in one list.

use crate::text::Message;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::id_number::{self, IdError};
use crate::domain::names;
use crate::import::outcome::report::Refusal;

/// Longest name that is taken: longer ones are texts.
const LONGEST_NAME: usize = 60;

/// Reads a name; the refusal of a row without one, with several, or with something else.
pub(crate) fn name(cell: Option<&str>) -> Result<String, Refusal> {
    let Some(cell) = cell else { return Err(Refusal::rejected("name", "", "no name")) };
    if names::are_several(cell) {
        let reason = "several people in one cell; give each a row of its own";
        return Err(Refusal::held("name", cell, reason, Vec::new()));
    }
    let name = names::tidy(cell);
    if !is_name(&name) {
        return Err(Refusal::rejected("name", &name, "this is no name"));
    }
    Ok(name)
}

/// Whether a cell could be somebody's name: not 同上, 5, 以下空白 or 合计：6人.
fn is_name(name: &str) -> bool {
    const NONE: [&str; 12] = [
        "同上", "空户", "无人", "无", "空", "待定", "不详", "未知", "空房", "暂无", "户主", "空置",
    ];
    let has_letter = name.chars().any(char::is_alphabetic);
    // 共6人, 第1页, 合计：6人; 张伟2 is how lists tell two of one name apart.
    let has_digit = name.chars().any(|c| c.is_ascii_digit());
    let is_sum = has_digit && name.starts_with(['共', '第', '合', '本', '总', '小']);
    let has_mark = name.contains(['：', ':']) || is_sum;
    let is_short = name.chars().count() <= LONGEST_NAME;
    has_letter && is_short && !has_mark && !NONE.contains(&name)
}

/// Whether an ID number is what people type where there is none: one digit all over, 123456…
pub(crate) fn is_placeholder(number: &str) -> bool {
    let digits = number.trim_end_matches(['X', 'x']).as_bytes();
    let is_same = digits.len() >= 8 && digits.iter().all(|d| *d == digits[0]);
    is_same || number.starts_with("1234567890") || number.starts_with("0123456789")
}

/// Why an ID number cannot be taken, and how to get the right one back.
pub(crate) fn refuse_number(number: &str, error: IdError) -> Refusal {
    let is_power = number.contains("E+") && number.bytes().any(|b| b.is_ascii_digit());
    // 15 digits and zeros behind them: what a spreadsheet leaves of 18.
    let is_cut = number.len() == 18 && number.ends_with("000") && error == IdError::Check;
    if is_power || is_cut {
        let reason = "Excel has shortened this number and its last digits are lost; format the column \
                      as text, take the numbers from the original once more, and import again";
        return Refusal::held("id_no", number, reason, Vec::new());
    }
    Refusal::rejected("id_no", number, Message::verbatim(error.to_string()))
}

/// The names under which a list has its ID numbers. Only fingerprints are kept: a long list does not
/// stand in memory twice.
#[derive(Default)]
pub(crate) struct NamesInList {
    /// Fingerprint of a number → fingerprint of its name, and whether it had several.
    seen: RefCell<HashMap<u64, (u32, bool)>>,
}

fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl NamesInList {
    /// Notes a row on the way through the list before it is taken.
    pub(crate) fn note(&self, number: &str, name: &str) {
        let number = id_number::normalise(number);
        if number.len() < 6 || is_placeholder(&number) {
            return;
        }
        let of_name = fingerprint(&names::folded(name)) as u32;
        let mut seen = self.seen.borrow_mut();
        let entry = seen.entry(fingerprint(&number)).or_insert((of_name, false));
        entry.1 |= entry.0 != of_name;
    }

    /// Whether the list has a number with several names.
    pub(crate) fn disagree_on(&self, number: &str) -> bool {
        self.seen.borrow().get(&fingerprint(number)).is_some_and(|(_, several)| *several)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none() {
        for number in ["111111111111111111", "000000000000000000", "123456789012345678"] {
            assert!(is_placeholder(number), "{number}");
        }
        assert!(!is_placeholder("990101196203050023"));
        assert!(
            refuse_number("9.90101E+17", IdError::Shape).reason.to_string().contains("shortened")
        );
        assert!(
            refuse_number("990101195106150000", IdError::Check)
                .reason
                .to_string()
                .contains("shortened")
        );
        assert!(
            refuse_number("99010119510615", IdError::Shape)
                .reason
                .to_string()
                .contains("17 digits")
        );
    }

    #[test]
    fn one_number_with_several_names() {
        let list = NamesInList::default();
        list.note("990101196203050023", "张桂英");
        list.note("99010119620305002 3", "張 桂英");
        assert!(!list.disagree_on("990101196203050023"));
        list.note("990101196203050023", "李卫东");
        assert!(list.disagree_on("990101196203050023"));
    }
}
