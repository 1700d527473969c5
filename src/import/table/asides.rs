//! Rows of a list that are no records, and what a sheet has beside its table.

use crate::domain::names;
use crate::import::fields::{self, ColumnMap};
use crate::import::formats::sheet::Sheet;
use crate::import::kind::Kind;
use crate::import::outcome::report::{ImportReport, Severity};
use crate::import::sheet_row::SheetRow;
use crate::import::table::row::Row;
use crate::msg;

/// Rows below the headings in which hints may stand.
const HINT_ROWS: u64 = 3;

/// Whether a row is no record: a sum, a heading repeated on the next page, a hint, a signature.
pub(crate) fn is_aside(row: &SheetRow, headings: &[String], heading_line: u64) -> bool {
    let cells: Vec<&str> =
        row.record.iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let Some(first) = cells.first() else { return true };
    let word: String = first.chars().filter(|c| !c.is_whitespace()).collect();
    if matches!(word.trim_end_matches([':', '：']), "合计" | "总计" | "小计" | "共计") {
        return true;
    }
    let signs = [
        "以下空白",
        "本页",
        "共计",
        "总人数",
        "合计",
        "网格员签名",
        "签名",
        "负责人",
        "制表",
        "填表",
        "审核",
        "注：",
        "注:",
        "备注：",
        "说明：",
        "单位负责人",
        "单位（盖章）",
    ];
    let is_page = word.starts_with('第') && word.ends_with('页');
    let is_line = word.chars().all(|c| !c.is_alphanumeric());
    if cells.len() == 1 && (is_page || is_line || word.starts_with('共')) {
        return true;
    }
    if cells.len() <= 3 && signs.iter().any(|sign| word.starts_with(sign)) {
        return true;
    }
    let hints = [
        "必填", "选填", "填写", "示例", "例如", "例：", "如：", "格式", "下拉", "required",
        "optional",
    ];
    let is_hint = |cell: &&str| hints.iter().any(|hint| cell.contains(hint));
    if row.line <= heading_line + HINT_ROWS
        && (cells.iter().all(is_hint)
            || (first.starts_with("示例")
                || first.starts_with("例：")
                || first.starts_with("Example")))
    {
        return true;
    }
    let repeats = headings.iter().enumerate().filter(|(c, heading)| {
        !heading.is_empty() && row.record.get(*c).is_some_and(|cell| cell.trim() == *heading)
    });
    cells.len() >= 2 && repeats.count() == cells.len()
}

/// The day a spreadsheet made of `3-2`, back as it was typed.
pub(crate) fn undated(cell: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month_of = |name: &str| MONTHS.iter().position(|m| *m == name.to_lowercase());
    let small = |text: &str| {
        let is_small = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
        is_small.then(|| text.parse::<u8>().ok()).flatten().filter(|n| (1..=31).contains(n))
    };
    if let Some((month, day)) = cell.strip_suffix('日').and_then(|rest| rest.split_once('月')) {
        return Some(format!("{}-{}", small(month)?, small(day)?));
    }
    let parts: Vec<&str> = cell.split('-').collect();
    match parts[..] {
        [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            let year: u16 = year.parse().ok()?;
            (1900..=2100).contains(&year).then_some(())?;
            Some(format!("{}-{}", small(month)?, small(day)?))
        }
        [a, b] => match (month_of(a), month_of(b)) {
            (Some(month), None) => Some(format!("{}-{}", month + 1, small(b)?)),
            (None, Some(month)) => Some(format!("{}-{}", month + 1, small(a)?)),
            _ => None,
        },
        _ => None,
    }
}

/// Headings of a second table further down: three or more cells that are names of columns, and none
/// that is anything else.
pub(crate) fn other_headings(
    kind: Kind,
    row: &SheetRow,
    headings: &[String],
    heading_line: u64,
) -> Option<(Vec<String>, ColumnMap)> {
    let cells: Vec<String> = row.record.iter().map(|cell| cell.trim().to_owned()).collect();
    let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
    let is_short = cells.iter().all(|cell| cell.chars().count() <= 16);
    if row.line <= heading_line
        || filled < 3
        || !is_short
        || cells.iter().any(|c| c.bytes().any(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let same = cells.iter().filter(|cell| !cell.is_empty() && headings.contains(cell)).count();
    if cells.len() >= headings.len() && cells[..headings.len()] == *headings {
        return None;
    }
    let map = fields::map_columns(kind, &cells, &[], &[]).ok()?;
    let known = map.columns.len() + map.refused.len();
    let is_one = map.columns.len() >= 3 && (known * 2 > filled || same * 2 > filled);
    is_one.then_some((cells, map))
}

/// Whether a row is a title between rows of persons: one cell that is no name, or labels with their
/// values (填报单位：某社区).
pub(crate) fn is_section(row: &Row<'_>) -> bool {
    let cells: Vec<&str> =
        row.record.iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
    if row.headings.iter().filter(|h| !h.is_empty()).count() < 3 || !row.mended.is_empty() {
        return false;
    }
    let is_label =
        |cell: &&str| cell.contains(['：', ':']) && !cell.starts_with(|c: char| c.is_ascii_digit());
    match cells[..] {
        [] => false,
        // A number of somebody stands for a person, be the name there or not.
        [only] if row.get("id_no") == Some(only) && only.len() >= 15 => false,
        [only] => {
            const PLACES: [&str; 8] = ["网格", "社区", "小区", "村", "组", "楼", "单元", "户"];
            // 无房 may be somebody; 以上信息真实 and 一、低保户 are not.
            let is_name = row.get("name") == Some(only)
                && (only.contains('·') || names::is_short(only))
                || only.is_ascii() && only.chars().all(|c| c.is_alphabetic() || c == ' ');
            let is_place = PLACES.iter().any(|word| only.ends_with(word));
            !is_name || is_place
        }
        _ => cells.len() <= 4 && cells.iter().all(is_label),
    }
}

/// Tells what the sheet has that is not seen at first: a second table beside the first, hidden rows and
/// columns.
pub(crate) fn tell_layout(report: &mut ImportReport, sheet: &Sheet, map: &ColumnMap) {
    let line = sheet.heading_line;
    let twice = map.ignored.iter().filter(|column| {
        let heading = &sheet.headings[**column];
        let is_first = |c: &usize| c < column && sheet.headings[*c] == *heading;
        map.columns.iter().any(|(_, used)| is_first(used))
    });
    let twice: Vec<usize> = twice.copied().collect();
    if twice.len() >= 2 {
        let reason = msg!(
            "a second table stands beside the first (its headings begin in column {}); only the first \
             was read. Put it on a sheet of its own",
            column_name(twice[0])
        );
        report.add(line, "", "", Severity::Warning, reason);
    }
    for column in &sheet.facts.hidden_columns {
        if let Some(heading) = sheet.hidden_headings.iter().find(|(c, _)| c == column) {
            let reason = "a hidden column of this name was not used: a visible one has it too";
            report.add(line, &heading.1, "", Severity::Warning, reason);
        }
    }
    if sheet.facts.hidden_rows > 0 {
        let count = sheet.facts.hidden_rows;
        let reason = msg!("{} hidden rows were read as well", count);
        report.add(line, "", "", Severity::Warning, reason);
    }
}

/// Name of a column from 0, as spreadsheets have it: A, B … Z, AA.
fn column_name(column: usize) -> String {
    let mut name = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        name.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    name
}
