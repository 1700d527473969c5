//! Working time: slots of the day, the week, holidays and worked weekends.
//!
//! Slots leave lunch out; a day that is listed is worked or not as the list says, other days by the week.
//! Everything is counted in Asia/Shanghai, which has no summer time (see [`crate::domain::clock`]).

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

use super::steps::Stop;

const DAY_SECS: i64 = 86_400;
/// Asia/Shanghai, seconds east of UTC.
const OFFSET_SECS: i64 = 8 * 3600;
/// Days that are looked at before a calendar counts as one without work: 40 years.
const MOST_DAYS: i64 = 40 * 366;

/// A stretch of the day: seconds since midnight, the end left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// First second.
    pub from: i64,
    /// Second after the last.
    pub to: i64,
}

/// Why slots cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotError {
    /// Not `08:30-12:00,14:00-17:30`.
    Form,
    /// A slot that ends before it begins.
    Backwards,
    /// Two slots that overlap.
    Overlap,
}

/// Reads slots as people write them: `08:30-12:00,14:00-17:30`.
///
/// # Errors
/// [`SlotError`].
///
/// ```
/// use menpai::domain::workflow::calendar::{parse_slots, slots_text};
/// let slots = parse_slots("8:30-12:00，14:00—17:30").unwrap();
/// assert_eq!(slots_text(&slots), "08:30-12:00,14:00-17:30");
/// assert!(parse_slots("12:00-08:30").is_err());
/// ```
pub fn parse_slots(text: &str) -> Result<Vec<Slot>, SlotError> {
    let time = |text: &str| -> Option<i64> {
        let (hour, minute) = text.trim().split_once([':', '：'])?;
        let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
        let is_time = (0..24).contains(&hour) && (0..60).contains(&minute);
        (is_time || (hour, minute) == (24, 0)).then_some(hour * 3600 + minute * 60)
    };
    let mut slots = Vec::new();
    for part in text.split([',', '，', '、', ';', '；']).filter(|part| !part.trim().is_empty()) {
        let (from, to) =
            part.split_once(['-', '—', '–', '~', '～', '至']).ok_or(SlotError::Form)?;
        let to = to.trim_start_matches(['—', '-']);
        let (from, to) = time(from).zip(time(to)).ok_or(SlotError::Form)?;
        if from >= to {
            return Err(SlotError::Backwards);
        }
        slots.push(Slot { from, to });
    }
    slots.sort_unstable();
    if slots.windows(2).any(|pair| pair[1].from < pair[0].to) {
        return Err(SlotError::Overlap);
    }
    if slots.is_empty() { Err(SlotError::Form) } else { Ok(slots) }
}

/// Slots as they are written.
#[must_use]
pub fn slots_text(slots: &[Slot]) -> String {
    let time = |secs: i64| format!("{:02}:{:02}", secs / 3600, secs % 3600 / 60);
    let parts: Vec<String> =
        slots.iter().map(|s| format!("{}-{}", time(s.from), time(s.to))).collect();
    parts.join(",")
}

/// The slots of an office: half past eight to noon, two to half past five.
pub const USUAL_SLOTS: [Slot; 2] =
    [Slot { from: 30_600, to: 43_200 }, Slot { from: 50_400, to: 63_000 }];

/// Which seconds are working time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Slots of a working day, in order and apart.
    pub slots: Vec<Slot>,
    /// Days that are not as their weekday says: worked or free.
    pub days: BTreeMap<Date, bool>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { slots: USUAL_SLOTS.to_vec(), days: BTreeMap::new() }
    }
}

/// How time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Every second.
    Always,
    /// Those of working time.
    Working,
}

impl Calendar {
    /// Whether a day is worked.
    #[must_use]
    pub fn is_worked(&self, day: Date) -> bool {
        let is_weekday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.days.get(&day).copied().unwrap_or(is_weekday)
    }

    /// Stretches of counted time from `start` on, pauses left out, until `keep` says stop.
    fn walk(
        &self,
        start: i64,
        counting: Counting,
        pauses: &[Stop],
        keep: &mut dyn FnMut(i64, i64) -> bool,
    ) {
        let mut apart = |mut from: i64, to: i64| {
            for pause in pauses {
                if pause.to <= from || pause.from >= to {
                    continue;
                }
                if pause.from > from && !keep(from, pause.from) {
                    return false;
                }
                from = pause.to;
                if from >= to {
                    return true;
                }
            }
            from >= to || keep(from, to)
        };
        if counting == Counting::Always {
            apart(start, i64::MAX);
            return;
        }
        let first = (start + OFFSET_SECS).div_euclid(DAY_SECS);
        let epoch = jiff::civil::date(1970, 1, 1);
        let mut day =
            jiff::Span::new().try_days(first).ok().and_then(|span| epoch.checked_add(span).ok());
        for number in first..first + MOST_DAYS {
            let Some(date) = day else { return };
            if self.is_worked(date) {
                let midnight = number * DAY_SECS - OFFSET_SECS;
                for slot in &self.slots {
                    let (from, to) = ((midnight + slot.from).max(start), midnight + slot.to);
                    if from < to && !apart(from, to) {
                        return;
                    }
                }
            }
            day = date.tomorrow().ok();
        }
    }

    /// When `secs` of counted time have passed since `start`; `None` where they never do.
    #[must_use]
    pub fn after(&self, start: i64, secs: i64, counting: Counting, pauses: &[Stop]) -> Option<i64> {
        let (mut left, mut end) = (secs.max(0), None);
        if left == 0 {
            return Some(start);
        }
        self.walk(start, counting, pauses, &mut |from, to| {
            let length = to.saturating_sub(from);
            if left <= length {
                end = from.checked_add(left);
                return false;
            }
            left -= length;
            true
        });
        end
    }

    /// Counted seconds between two instants, negative where the second is the earlier one.
    #[must_use]
    pub fn between(&self, from: i64, to: i64, counting: Counting, pauses: &[Stop]) -> i64 {
        if to < from {
            return -self.between(to, from, counting, pauses);
        }
        let mut sum = 0i64;
        self.walk(from, counting, pauses, &mut |a, b| {
            sum = sum.saturating_add((b.min(to) - a).max(0));
            b < to
        });
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::super::steps::Reason;
    use super::*;
    use crate::domain::clock::shanghai;

    fn at(text: &str) -> i64 {
        let civil: jiff::civil::DateTime = text.parse().unwrap();
        civil.to_zoned(shanghai()).unwrap().timestamp().as_second()
    }

    #[test]
    fn slots_are_read_as_people_write_them() {
        let check = |text, expect: Result<&str, SlotError>| {
            let got = parse_slots(text).map(|slots| slots_text(&slots));
            assert_eq!(got.as_deref().map_err(|e| *e), expect, "{text}");
        };
        check("08:30-12:00,14:00-17:30", Ok("08:30-12:00,14:00-17:30"));
        check(" 14:00 - 17:30 ; 8:30-12:00 ", Ok("08:30-12:00,14:00-17:30"));
        check("0:00-24:00", Ok("00:00-24:00"));
        check("", Err(SlotError::Form));
        check("8-12", Err(SlotError::Form));
        check("08:30-25:00", Err(SlotError::Form));
        check("12:00-08:30", Err(SlotError::Backwards));
        check("08:00-12:00,11:00-13:00", Err(SlotError::Overlap));
    }

    #[test]
    fn working_time() {
        let mut calendar = Calendar::default();
        // 2026-10-01 is a holiday, the Saturday 2026-10-10 is worked.
        calendar.days.insert(jiff::civil::date(2026, 10, 1), false);
        calendar.days.insert(jiff::civil::date(2026, 10, 10), true);
        let check = |start: &str, minutes: i64, expect: &str| {
            let due = calendar.after(at(start), minutes * 60, Counting::Working, &[]).unwrap();
            assert_eq!(due, at(expect), "{start} + {minutes} min");
            assert_eq!(calendar.between(at(start), due, Counting::Working, &[]), minutes * 60);
        };
        check("2026-11-23T09:00", 40, "2026-11-23T09:40");
        check("2026-11-23T11:30", 40, "2026-11-23T14:10"); // over lunch
        check("2026-11-23T11:20", 40, "2026-11-23T12:00"); // to the edge of a slot
        check("2026-11-23T12:00", 40, "2026-11-23T14:40"); // at the edge of a slot
        check("2026-11-23T13:00", 40, "2026-11-23T14:40"); // at lunch
        check("2026-11-23T17:10", 40, "2026-11-24T08:50"); // over night
        check("2026-11-23T22:00", 40, "2026-11-24T09:10"); // at night
        check("2026-11-27T17:00", 60, "2026-11-30T09:00"); // over the weekend
        check("2026-11-28T10:00", 30, "2026-11-30T09:00"); // on a Saturday
        check("2026-09-30T17:00", 60, "2026-10-02T09:00"); // over a holiday
        check("2026-10-09T17:00", 60, "2026-10-10T09:00"); // into a worked Saturday
        check("2028-02-28T17:00", 60, "2028-02-29T09:00"); // into a leap day
    }

    #[test]
    fn nothing_is_ever_due_where_nobody_works() {
        let calendar = Calendar { slots: Vec::new(), days: BTreeMap::new() };
        assert_eq!(calendar.after(0, 60, Counting::Working, &[]), None);
        assert_eq!(calendar.between(0, 1_000_000, Counting::Working, &[]), 0);
        let end = Calendar::default().after(i64::MAX - 5, 60, Counting::Always, &[]);
        assert_eq!(end, None);
    }

    #[test]
    fn pauses_are_left_out() {
        let calendar = Calendar::default();
        let pause =
            |from: &str, to: &str| Stop { from: at(from), to: at(to), why: Reason::Suspended };
        let pauses = [
            pause("2026-11-23T09:10", "2026-11-23T10:00"),
            pause("2026-11-23T11:00", "2026-11-23T15:00"),
        ];
        let after = |secs| calendar.after(at("2026-11-23T09:00"), secs, Counting::Working, &pauses);
        assert_eq!(after(10 * 60), Some(at("2026-11-23T09:10")));
        assert_eq!(after(11 * 60), Some(at("2026-11-23T10:01")));
        assert_eq!(after(80 * 60), Some(at("2026-11-23T15:10")));
        let between = calendar.between(
            at("2026-11-23T09:00"),
            at("2026-11-23T09:50"),
            Counting::Always,
            &pauses,
        );
        assert_eq!(between, 600);
    }
}
