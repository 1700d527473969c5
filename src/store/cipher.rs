//! Encryption at rest: passphrase → Argon2id → raw SQLCipher key.
//!
//! SQLCipher keeps the salt in the file's first 16 bytes; the key is handed over as
//! `x'<key><salt>'`, so that SQLCipher's own (slower, PBKDF2) derivation is not used and no user
//! text ever stands inside SQL. See "Encryption at rest" in ARCHITECTURE.md.

use std::io::Read as _;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};

use super::{Result, StoreError};

/// First 16 bytes of a plain SQLite file.
const PLAIN_MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Argon2id parameters, version 1: 64 MiB, 3 passes, 1 lane (RFC 9106, second recommended option,
/// with one lane for old two-core machines).
const ARGON2_V1: (u32, u32, u32) = (64 * 1024, 3, 1);

/// A passphrase as the user typed it. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(String);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl Passphrase {
    /// A passphrase to try; nothing is checked but that there is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Whether it may be set as a new passphrase: ≥ 10 characters, 3 of 4 classes.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        let classes = [
            self.0.chars().any(char::is_lowercase),
            self.0.chars().any(char::is_uppercase),
            self.0.chars().any(char::is_numeric),
            self.0.chars().any(|c| !c.is_alphanumeric() || is_han(c)),
        ];
        let count = classes.iter().filter(|present| **present).count();
        self.0.chars().count() >= 10 && count >= 3
    }
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// A key ready for SQLCipher: 32 bytes of key and 16 of salt.
#[derive(Clone, PartialEq, Eq)]
pub struct RawKey {
    key: [u8; 32],
    salt: [u8; 16],
}

impl RawKey {
    /// Derives the key for a salt (about 0.2 s by design).
    ///
    /// # Errors
    /// [`StoreError::Random`] never in practice: Argon2 refuses only impossible parameters.
    pub fn derive(passphrase: &Passphrase, salt: [u8; 16]) -> Result<Self> {
        let (memory_kib, passes, lanes) = ARGON2_V1;
        let params = Params::new(memory_kib, passes, lanes, Some(32))
            .map_err(|e| StoreError::Random(e.to_string()))?;
        let mut key = [0u8; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.0.as_bytes(), &salt, &mut key)
            .map_err(|e| StoreError::Random(e.to_string()))?;
        Ok(Self { key, salt })
    }

    /// Derives a key with a new random salt.
    ///
    /// # Errors
    /// [`StoreError::Random`] if the operating system gives no random numbers.
    pub fn fresh(passphrase: &Passphrase) -> Result<Self> {
        let mut salt = [0u8; 16];
        getrandom::fill(&mut salt).map_err(|e| StoreError::Random(e.to_string()))?;
        Self::derive(passphrase, salt)
    }

    /// The salt, which the file begins with.
    #[must_use]
    pub fn salt(&self) -> [u8; 16] {
        self.salt
    }

    /// The value of `PRAGMA key` and of `ATTACH … KEY`: `x'…'`, hexadecimal only.
    #[must_use]
    pub fn pragma_value(&self) -> String {
        use std::fmt::Write as _;
        let mut hex = String::with_capacity(100);
        for byte in self.key.iter().chain(&self.salt) {
            let _ = write!(hex, "{byte:02x}");
        }
        format!("x'{hex}'")
    }
}

/// How a file on disk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileHead {
    /// A plain SQLite file.
    Plain,
    /// Anything else: an encrypted workspace with this salt, or no workspace.
    Salt([u8; 16]),
}

/// Reads the first 16 bytes of a file.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::Io`], or [`StoreError::NotAWorkspace`] for a file
/// shorter than 16 bytes.
pub fn file_head(path: &Path) -> Result<FileHead> {
    let mut file = std::fs::File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing(path.to_owned()),
        _ => StoreError::Io(path.to_owned(), e),
    })?;
    let mut head = [0u8; 16];
    file.read_exact(&mut head).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            StoreError::NotAWorkspace("it is shorter than 16 bytes".to_owned())
        }
        _ => StoreError::Io(path.to_owned(), e),
    })?;
    if &head == PLAIN_MAGIC {
        return Ok(FileHead::Plain);
    }
    // An encrypted file is random from its first byte on: text, archives and old office files are
    // not.
    let mut more = Vec::new();
    file.take(512).read_to_end(&mut more).map_err(|e| StoreError::Io(path.to_owned(), e))?;
    let begin = [&head[..], &more].concat();
    let is_text = match std::str::from_utf8(&begin) {
        Ok(text) => !text.contains('\0'),
        Err(error) => error.valid_up_to() + 4 > begin.len() && !begin.contains(&0),
    };
    let is_other = [&b"PK\x03\x04"[..], b"\xD0\xCF\x11\xE0", b"%PDF"]
        .iter()
        .any(|magic| head.starts_with(magic));
    if is_text || is_other {
        let sentence = "it is another kind of file; choose the workspace (.gpkg)";
        return Err(StoreError::NotAWorkspace(sentence.to_owned()));
    }
    Ok(FileHead::Salt(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_cases() {
        let check = |text: &str, strong: bool| {
            assert_eq!(Passphrase::new(text).unwrap().is_strong(), strong, "{text}");
        };
        check("Xindu-2026-grid", true);
        check("short1!A", false);
        check("alllowercaseletters", false);
        check("红旗渠清水河2026abc", true);
    }

    #[test]
    fn derivation_is_stable() {
        // Frozen: if this changes, no encrypted workspace opens any more.
        let passphrase = Passphrase::new("Xindu-2026-grid").unwrap();
        let key = RawKey::derive(&passphrase, [7; 16]).unwrap();
        let value = key.pragma_value();
        assert_eq!(value.len(), 3 + 96);
        assert!(value.ends_with(&format!("{}'", "07".repeat(16))));
        assert_eq!(
            key.pragma_value(),
            RawKey::derive(&passphrase, [7; 16]).unwrap().pragma_value()
        );
        assert!(RawKey::fresh(&passphrase).unwrap() != RawKey::fresh(&passphrase).unwrap());
    }
}
