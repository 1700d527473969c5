//! A change of the promise, the slots or the calendar, as somebody makes it.

use jiff::civil::Date;

use super::deadlines::{Deadlines, refresh_all_due, write_version};
use super::{Result, WriteTx};
use crate::domain::workflow::calendar::Slot;
use crate::domain::workflow::clock::{Allowance, Milestone};

/// A change of the promise or of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClockChange {
    /// Allowances that are new or other ones.
    pub set: Vec<Allowance>,
    /// Grade and milestone that are promised no longer.
    pub unset: Vec<(i64, Milestone)>,
    /// Slots of a working day.
    pub slots: Option<Vec<Slot>>,
    /// Days that are free or worked, whatever their weekday says; `None` as it says.
    pub days: Vec<(Date, Option<bool>)>,
}

impl ClockChange {
    /// Whether it makes a new version of the promise.
    #[must_use]
    pub fn is_of_policy(&self) -> bool {
        !self.set.is_empty() || !self.unset.is_empty() || self.slots.is_some()
    }
}

/// Changes the promise, the slots or the calendar. A new version holds for what is entered from now on;
/// days hold for every event, and what is due of the open ones is worked out anew.
///
/// # Errors
/// SQLite's errors.
pub fn change(tx: &WriteTx<'_>, change: &ClockChange) -> Result<()> {
    if change.is_of_policy() {
        let known = Deadlines::read(tx)?;
        let mut next = known.of(Some(known.newest())).cloned().unwrap_or_default();
        next.policy.version = known.newest() + 1;
        if let Some(slots) = &change.slots {
            next.calendar.slots.clone_from(slots);
        }
        let is_other =
            |a: &Allowance, severity, milestone| (a.severity, a.milestone) != (severity, milestone);
        for (severity, milestone) in &change.unset {
            next.policy.allowances.retain(|a| is_other(a, *severity, *milestone));
        }
        for allowance in &change.set {
            next.policy.allowances.retain(|a| is_other(a, allowance.severity, allowance.milestone));
            next.policy.allowances.push(allowance.clone());
        }
        write_version(tx, &next, tx.stamp().at)?;
    }
    for (day, is_worked) in &change.days {
        let day = day.to_string();
        match is_worked {
            Some(is_worked) => tx.execute(
                "INSERT INTO work_calendar (day, is_working) VALUES (?1, ?2)
                 ON CONFLICT (day) DO UPDATE SET is_working = excluded.is_working",
                (day, is_worked),
            )?,
            None => tx.execute("DELETE FROM work_calendar WHERE day = ?1", [day])?,
        };
    }
    if !change.days.is_empty() {
        refresh_all_due(tx)?;
    }
    Ok(())
}
