//! Who may see and do what: actors, masked fields, the audit chain.
//!
//! Accounts and roles are not here yet; [`Actor`] is the operating system's user until they are.
//! The one road from a personal field to plain text is [`reveal`].

pub mod audit;
pub mod mask;

pub use audit::AuditEntry;
pub use mask::{Mask, Reveal, Sensitive, reveal};

/// Fields that may be shown, and lists that may be searched by number, within
/// [`REVEAL_WINDOW_SECS`].
pub const MOST_REVEALS: usize = 20;
/// Names that searches may show within [`REVEAL_WINDOW_SECS`].
pub const MOST_NAMES: u64 = 200;
/// Seconds over which reveals are counted, across restarts and windows.
pub const REVEAL_WINDOW_SECS: i64 = 600;
/// The reason that the household card itself gives; opening one is no reveal that counts.
pub const HOUSEHOLD_CARD: &str = "household card";

/// A purpose as it is written down; `None` for what says nothing: a dot, blanks, invisible signs, one
/// sign over and over.
///
/// ```
/// use menpai::access::purpose;
/// assert_eq!(purpose(" 走访核实 ").as_deref(), Some("走访核实"));
/// assert_eq!(purpose("."), None);
/// assert_eq!(purpose("\u{200B}\u{200B}"), None);
/// assert_eq!(purpose("1111"), None);
/// ```
#[must_use]
pub fn purpose(text: &str) -> Option<String> {
    let text = crate::domain::cell::visible(text);
    let mut signs = text.chars().filter(|c| c.is_alphanumeric());
    let first = signs.next()?;
    let says_something = signs.any(|c| c != first);
    says_something.then(|| text.into_owned())
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Name written into the audit log.
    pub name: String,
}

impl Actor {
    /// An actor by name; an empty name becomes `unknown`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = name.trim();
        Self { name: if name.is_empty() { "unknown" } else { name }.to_owned() }
    }
}

/// Who acts and when: every write carries one, so that nothing below the app reads a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Who.
    pub actor: Actor,
    /// When, UTC seconds.
    pub at: i64,
}
