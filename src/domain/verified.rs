//! How long what was verified on the spot counts as known.

/// Days for which a verification holds.
pub const VERIFIED_FOR_DAYS: i64 = 180;

/// The UTC second before which a verification no longer counts, as of `now`.
///
/// ```
/// use menpai::domain::verified::{is_verified, verified_since};
/// let now = 1_795_406_400;
/// assert!(is_verified(Some(verified_since(now)), now));
/// assert!(!is_verified(Some(verified_since(now) - 1), now));
/// assert!(!is_verified(None, now));
/// ```
#[must_use]
pub const fn verified_since(now: i64) -> i64 {
    now - VERIFIED_FOR_DAYS * 86_400
}

/// Whether something verified `at` a UTC second still counts as verified.
#[must_use]
pub const fn is_verified(at: Option<i64>, now: i64) -> bool {
    match at {
        Some(at) => at >= verified_since(now),
        None => false,
    }
}
