//! The audit log's entries and the hash chain that ties them together.

use sha2::{Digest as _, Sha256};

/// What was done, to be written in the same transaction as the deed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "an audit entry that is not written is a hole in the log"]
pub struct AuditEntry {
    /// Verb, such as `import` or `reveal`.
    pub action: String,
    /// What it was done to, such as `building/3` or a file name.
    pub object: String,
    /// Which fields, or what counts; never personal data.
    pub fields: String,
    /// Why, in the user's words.
    pub purpose: String,
    /// Whether it was allowed and done.
    pub ok: bool,
}

impl AuditEntry {
    /// An entry for a deed that is done when its transaction commits.
    pub fn done(action: &str, object: impl Into<String>) -> Self {
        Self { action: action.to_owned(), object: object.into(), ok: true, ..Self::default() }
    }

    /// The same entry with fields or counts.
    pub fn with_fields(self, fields: impl Into<String>) -> Self {
        Self { fields: fields.into(), ..self }
    }

    /// The same entry under another name of the action.
    pub fn called(self, action: &str) -> Self {
        Self { action: action.to_owned(), ..self }
    }

    /// The same entry with a purpose.
    pub fn with_purpose(self, purpose: impl Into<String>) -> Self {
        Self { purpose: purpose.into(), ..self }
    }
}

/// SHA-256 over the previous hash and every field, each with its length before it, so that no
/// two different entries have the same bytes.
#[must_use]
pub fn chain_hash(prev: &[u8], at: i64, who: &str, entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let at = at.to_le_bytes();
    let ok = [u8::from(entry.ok)];
    let parts: [&[u8]; 8] = [
        prev,
        &at,
        who.as_bytes(),
        entry.action.as_bytes(),
        entry.object.as_bytes(),
        entry.fields.as_bytes(),
        entry.purpose.as_bytes(),
        &ok,
    ];
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_counts() {
        let entry = AuditEntry::done("import", "a.csv").with_fields("12").with_purpose("p");
        let hash = |prev: &[u8], at, who, e: &AuditEntry| chain_hash(prev, at, who, e);
        let base = hash(b"0", 1, "li", &entry);
        assert_ne!(base, hash(b"1", 1, "li", &entry));
        assert_ne!(base, hash(b"0", 2, "li", &entry));
        assert_ne!(base, hash(b"0", 1, "wang", &entry));
        assert_ne!(base, hash(b"0", 1, "li", &entry.clone().with_fields("13")));
        let moved = AuditEntry { action: "importa".into(), object: ".csv".into(), ..entry };
        assert_ne!(base, hash(b"0", 1, "li", &moved));
    }
}
