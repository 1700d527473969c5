//! Local time: the whole product counts in Asia/Shanghai, which has had no summer time since 1991
//! (IANA time zone database).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, offset};

/// The zone that days and times without an offset are in.
#[must_use]
pub fn shanghai() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// The day it is at a UTC second; `None` outside the years that the calendar knows.
///
/// ```
/// use menpai::domain::clock::day_of;
/// // A minute before midnight in Shanghai, and a minute after.
/// assert_eq!(day_of(1_795_449_540).unwrap().to_string(), "2026-11-23");
/// assert_eq!(day_of(1_795_449_660).unwrap().to_string(), "2026-11-24");
/// ```
#[must_use]
pub fn day_of(secs: i64) -> Option<Date> {
    Some(Timestamp::from_second(secs).ok()?.to_zoned(shanghai()).date())
}

/// Reads an instant as people type it, as UTC seconds: ISO 8601 with an offset, else a local time or the
/// beginning of a day in Asia/Shanghai.
///
/// ```
/// use menpai::domain::clock::instant_as_typed;
/// assert_eq!(instant_as_typed("2026-11-23T12:00:00+08:00"), Some(1_795_406_400));
/// assert_eq!(instant_as_typed("2026/11/23 12:00"), Some(1_795_406_400));
/// assert_eq!(instant_as_typed("2026-11-23"), Some(1_795_363_200));
/// assert_eq!(instant_as_typed("tomorrow"), None);
/// ```
#[must_use]
pub fn instant_as_typed(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_second());
    }
    let tidy = text.replace('/', "-");
    let local = tidy.parse::<DateTime>().ok().or_else(|| {
        let day = tidy.split([' ', 'T']).next()?;
        let date = super::age::parse_date(day)?;
        let clock = tidy[day.len()..].trim_start_matches([' ', 'T']);
        if clock.is_empty() {
            return Some(date.at(0, 0, 0, 0));
        }
        let mut parts = clock.split([':', '：']).map(|p| p.parse::<i8>().ok());
        let (hour, minute) = (parts.next()??, parts.next()??);
        let second = parts.next().flatten().unwrap_or(0);
        jiff::civil::Time::new(hour, minute, second, 0).ok().map(|time| date.to_datetime(time))
    })?;
    Some(local.to_zoned(shanghai()).ok()?.timestamp().as_second())
}
