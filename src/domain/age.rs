//! Ages in completed years, and the dates they come from.

use jiff::civil::Date;

/// Completed years from `birth` to `on`; `None` when `on` is before the birth.
///
/// A person born on 29 February turns a year older on 1 March of a common year
/// (Civil Code of China, art. 1259 counts the day itself).
#[must_use]
pub fn years(birth: Date, on: Date) -> Option<i16> {
    if on < birth {
        return None;
    }
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    Some(on.year() - birth.year() - i16::from(!had_birthday))
}

/// Reads `YYYY-MM-DD`, `YYYY/M/D`, `YYYY.M.D` or `YYYYMMDD`; `None` unless it is a real date.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    let (year, month, day) = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        (text.get(..4)?, text.get(4..6)?, text.get(6..)?)
    } else {
        let mut parts = text.split(['-', '/', '.', '年', '月']).map(|p| p.trim_end_matches('日'));
        let ymd = (parts.next()?, parts.next()?, parts.next()?);
        if parts.any(|rest| !rest.is_empty()) || ymd.0.len() != 4 {
            return None;
        }
        ymd
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A day as people type it into a list: what [`parse_date`] reads, also with full-width digits,
/// blanks, a clock behind it (`1962-03-05 0:00`), Chinese numerals (二〇二〇年三月五日), six digits
/// or a short year (`620305`, `62.3.5`), or the serial number of a spreadsheet (`22710`, counted
/// from 1899-12-30 as Excel and WPS do). Two digits of a year mean the last hundred years up to
/// `latest`. `None` unless all three of year, month and day are there and the day existed.
#[must_use]
pub fn date_as_typed(text: &str, latest: Date) -> Option<Date> {
    let text: String = text.trim().chars().map(super::half_width).collect();
    let text = without_clock(&text);
    let text: String = western_digits(text).chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(date) = parse_date(&text) {
        return Some(date);
    }
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match (is_number, text.len()) {
        (true, 5) => {
            let epoch = jiff::civil::date(1899, 12, 30);
            let days = text.parse::<i32>().ok().filter(|days| *days >= 10_000)?;
            epoch.checked_add(jiff::Span::new().days(days)).ok()
        }
        (true, 6) => with_century(&text[..2], &text[2..4], &text[4..], latest),
        (true, _) => None,
        (false, _) => {
            let mut parts = text.split(['-', '/', '.', '年', '月', '\'']);
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let day = day.trim_end_matches(['日', '号']);
            if parts.any(|rest| !rest.is_empty()) {
                return None;
            }
            match year.len() {
                2 => with_century(year, month, day, latest),
                4 => Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok(),
                _ => None,
            }
        }
    }
}

/// A month as people type it where a day is asked for: `1962-03`, `1962.3`, `1962年3月`, `196203`,
/// 二〇二〇年三月. Returns its first day; `None` for anything else.
#[must_use]
pub fn month_as_typed(text: &str) -> Option<Date> {
    let text: String = text.trim().chars().map(super::half_width).collect();
    let text: String = western_digits(&text).chars().filter(|c| !c.is_whitespace()).collect();
    let is_number = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    let (year, month) = if is_number {
        text.split_at(4)
    } else {
        text.trim_end_matches(['月', '份']).split_once(['-', '/', '.', '年'])?
    };
    let is_month = year.len() == 4 && (1..=2).contains(&month.len());
    let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
    Date::new(year, month, 1).ok().filter(|d| is_month && (1850..=2200).contains(&d.year()))
}

/// Cuts `0:00`, `00:00:00` or `T08:30:00` off the end.
fn without_clock(text: &str) -> &str {
    let Some((day, clock)) = text.split_once([' ', 'T']) else { return text };
    let is_clock = clock.contains(':')
        && clock.trim().bytes().all(|b| b.is_ascii_digit() || b":.Z+".contains(&b));
    if is_clock { day } else { text }
}

/// 二〇二〇年十一月 → 2020年11月; anything else as it is.
fn western_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut numeral: Vec<char> = Vec::new();
    for c in text.chars().chain(['\n']) {
        // ○ and O stand for 〇 in typed dates.
        let c = if c == '○' || c == '零' { '〇' } else { c };
        if super::address::is_chinese_numeral(c) {
            numeral.push(c);
            continue;
        }
        if !numeral.is_empty() {
            match super::address::chinese_number(&numeral) {
                Some(number) => out.push_str(&number),
                None => out.extend(&numeral),
            }
            numeral.clear();
        }
        out.push(c);
    }
    out
}

fn with_century(year: &str, month: &str, day: &str, latest: Date) -> Option<Date> {
    let short: i16 = year.parse().ok()?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let century = latest.year() / 100 * 100;
    [century, century - 100]
        .into_iter()
        .filter_map(|century| Date::new(century + short, month, day).ok())
        .find(|date| *date <= latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_cases() {
        let check = |birth: &str, on: &str, expect: Option<i16>| {
            assert_eq!(years(parse_date(birth).unwrap(), parse_date(on).unwrap()), expect);
        };
        check("2000-02-29", "2001-02-28", Some(0));
        check("2000-02-29", "2001-03-01", Some(1));
        check("1949-12-31", "2026-12-30", Some(76));
        check("2026-01-02", "2026-01-01", None);
    }

    #[test]
    fn months() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(month_as_typed(text).map(|d| d.to_string()).as_deref(), expect, "{text}");
        };
        check("1962年3月", Some("1962-03-01"));
        check("1962.3", Some("1962-03-01"));
        check("1962-12", Some("1962-12-01"));
        check("196203", Some("1962-03-01"));
        check("二〇二〇年三月份", Some("2020-03-01"));
        check("620305", None);
        check("3-2", None);
        check("1962-13", None);
        check("1962", None);
        check("2020-3-5", None);
    }

    #[test]
    fn parse_cases() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(parse_date(text).map(|d| d.to_string()).as_deref(), expect, "{text}");
        };
        check("1962-03-05", Some("1962-03-05"));
        check("1962.3.5", Some("1962-03-05"));
        check("1962/3/5", Some("1962-03-05"));
        check("19620305", Some("1962-03-05"));
        check("1962年3月5日", Some("1962-03-05"));
        check("1962-02-30", None);
        check("62-3-5", None);
        check("", None);
        check("1962-3-5-7", None);
    }

    #[test]
    fn typed_cases() {
        let latest = jiff::civil::date(2026, 11, 25);
        let check = |text: &str, expect: Option<&str>| {
            let got = date_as_typed(text, latest).map(|d| d.to_string());
            assert_eq!(got.as_deref(), expect, "{text}");
        };
        check("620305", Some("1962-03-05"));
        check("260101", Some("2026-01-01"));
        check("261201", Some("1926-12-01"));
        check("62.3.5", Some("1962-03-05"));
        check("22710", Some("1962-03-05"));
        check("１９６２．３．５", Some("1962-03-05"));
        check("1962-03-05 00:00:00", Some("1962-03-05"));
        check("1962/3/5 0:00", Some("1962-03-05"));
        check("1962-03-05T08:00:00", Some("1962-03-05"));
        check("二〇二〇年三月五日", Some("2020-03-05"));
        check("二零二零年十一月二十五日", Some("2020-11-25"));
        check("一九六二年十二月三十一号", Some("1962-12-31"));
        check("1962 年 3 月 5 日", Some("1962-03-05"));
        check(" 1962-3-5 ", Some("1962-03-05"));
        check("1962年3月", None);
        check("1962.3", None);
        check("620231", None);
        check("3月2日", None);
        check("不详", None);
        check("1234567", None);
        check("99999999999", None);
        check("", None);
    }
}
