//! A wall around readers of other people: a panic inside is a broken file and no fault of ours.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a reader whose panic is told as a broken file.
#[must_use]
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// Bytes that something packed may unpack to: `small` always, and beyond that so many `times` its own
/// size. Outlines pack to a third, tables to a tenth, lists that repeat themselves to a hundredth; what
/// packs to a thousandth is made to fill memory.
pub(crate) fn most_unpacked(packed: u64, small: u64, times: u64) -> u64 {
    const MOST: u64 = 4 << 30;
    small.max(packed.saturating_mul(times)).min(MOST)
}

/// Runs a reader; `None` when it panicked.
pub(crate) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    let before = IS_GUARDED.replace(true);
    let done = std::panic::catch_unwind(AssertUnwindSafe(read));
    IS_GUARDED.set(before);
    done.ok()
}
