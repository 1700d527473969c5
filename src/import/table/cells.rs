//! What the cells of a list say: codes, numbers, days, yes and no.

use crate::domain::codes::CodeLists;
use crate::domain::{Lang, fold};
use crate::import::outcome::report::{ImportReport, Severity};
use crate::import::table::row::Row;
use crate::msg;

/// Whether a cell says that there is nothing: 无, —, 暂无, 未上户, 办理中.
#[must_use]
pub(crate) fn is_nothing(text: &str) -> bool {
    const NOTHING: [&str; 20] = [
        "0",
        "未办",
        "婴儿",
        "新生儿",
        "无",
        "没有",
        "暂无",
        "不详",
        "未知",
        "未上户",
        "未办理",
        "办理中",
        "待补",
        "待定",
        "空",
        "N/A",
        "NULL",
        "none",
        "未提供",
        "无证",
    ];
    text.chars().all(|c| !c.is_alphanumeric())
        || NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Reads a yes or a no as people write them: 是 √ ✓ 有 Y 1 对, 否 × 无 N 0; `None` for anything else.
#[must_use]
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "是" | "有" | "对" | "√" | "✓" | "✔" | "☑" | "■" | "●" | "y" | "yes" | "true" | "1"
        | "v" => Some(true),
        "否" | "无" | "没有" | "不是" | "×" | "✗" | "✘" | "☐" | "□" | "n" | "no" | "false"
        | "0" | "-" | "—" | "/" | "x" => Some(false),
        _ => None,
    }
}

/// What becomes of a word that a code list does not know.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Otherwise {
    /// Nothing is stated.
    Empty,
    /// It counts as this.
    Value(i64),
    /// What is known stays; somebody or something new counts as this.
    New(i64),
}

/// Reads a code-list cell: `None` for a blank one, a warning for an unknown word.
pub(crate) fn code_cell(
    row: &Row<'_>,
    field: &str,
    list: &str,
    (lists, otherwise): (&CodeLists, Otherwise),
    report: &mut ImportReport,
) -> Option<i64> {
    let text = row.get(field)?;
    lists.parse(list, text).or_else(|| {
        let words: Vec<&str> = lists.entries(list).map(|e| e.zh.as_str()).collect();
        let words = words.join(" ");
        let label = |key| lists.label(list, key, Lang::Zh);
        let reason = match otherwise {
            Otherwise::Empty => msg!("not in the list ({}); left as not stated", words),
            Otherwise::Value(key) => msg!("not in the list ({}); taken as {}", words, label(key)),
            Otherwise::New(key) => msg!(
                "not in the list ({}); what is known stays, new ones count as {}",
                words,
                label(key)
            ),
        };
        report.add(row.line, field, text, Severity::Warning, reason);
        match otherwise {
            Otherwise::Value(key) => Some(key),
            Otherwise::Empty | Otherwise::New(_) => None,
        }
    })
}

/// Reads a number cell: `None` for a blank one, a warning for what is no number in the range.
pub(crate) fn number_cell(
    row: &Row<'_>,
    field: &str,
    range: std::ops::RangeInclusive<f64>,
    report: &mut ImportReport,
) -> Option<f64> {
    let text = row.get(field)?;
    let plain: String = text.chars().map(crate::domain::half_width).filter(|c| *c != ',').collect();
    const UNITS: [&str; 8] = ["㎡", "m²", "平方米", "平米", "人", "层", "米", "名"];
    let plain = plain.trim();
    let plain = UNITS.iter().find_map(|unit| plain.strip_suffix(unit)).unwrap_or(plain);
    let value = plain.trim().parse::<f64>().ok().filter(|v| range.contains(v));
    if value.is_none() {
        let reason = msg!("not a number from {} to {}; left empty", range.start(), range.end());
        report.add(row.line, field, text, Severity::Warning, reason);
    }
    value
}

/// Reads a date cell: `None` for a blank one, a warning for what is no date.
pub(crate) fn date_cell(
    row: &Row<'_>,
    field: &str,
    latest: jiff::civil::Date,
    report: &mut ImportReport,
) -> Option<jiff::civil::Date> {
    let text = row.get(field)?;
    let date = crate::domain::age::date_as_typed(text, latest);
    if date.is_some() {
        return date;
    }
    let month = crate::domain::age::month_as_typed(text);
    let reason = match month {
        Some(_) => FIRST_OF_MONTH,
        None => "not a date; left empty",
    };
    report.add(row.line, field, text, Severity::Warning, reason);
    month
}

/// What is told where a month stands instead of a day.
pub(crate) const FIRST_OF_MONTH: &str = "the day is missing; the first of the month was taken";

/// Reads the day of a visit: not in the future.
pub(crate) fn visit_cell(
    row: &Row<'_>,
    today: jiff::civil::Date,
    report: &mut ImportReport,
) -> Option<jiff::civil::Date> {
    let day = date_cell(row, "verified_at", today, report)?;
    if day > today {
        let text = row.get("verified_at").unwrap_or_default();
        let reason = "this day is still to come; left empty";
        report.add(row.line, "verified_at", text, Severity::Warning, reason);
        return None;
    }
    Some(day)
}
