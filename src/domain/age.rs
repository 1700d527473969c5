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
}
