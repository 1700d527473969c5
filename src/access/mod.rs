//! Who may see and do what: actors, masked fields, the audit chain.
//!
//! Accounts and roles are not here yet; [`Actor`] is the operating system's user until they are.
//! The one road from a personal field to plain text is [`reveal`].

pub mod audit;
pub mod mask;

pub use audit::AuditEntry;
pub use mask::{Mask, Reveal, Sensitive, reveal};

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
