//! Local time: the whole product counts in Asia/Shanghai, which has had no summer time since 1991
//! (IANA time zone database).

use jiff::Timestamp;
use jiff::civil::Date;
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
