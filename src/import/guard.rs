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

/// Runs a reader; `None` when it panicked.
pub(super) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    let before = IS_GUARDED.replace(true);
    let done = std::panic::catch_unwind(AssertUnwindSafe(read));
    IS_GUARDED.set(before);
    done.ok()
}
