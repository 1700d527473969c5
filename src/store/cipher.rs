//! Encryption at rest: passphrase → Argon2id → raw SQLCipher key.
//!
//! SQLCipher keeps the salt in the file's first 16 bytes; the key is handed over as
//! `x'<key><salt>'`, so that SQLCipher's own (slower, PBKDF2) derivation is not used and no user
//! text ever stands inside SQL. See "Encryption at rest" in ARCHITECTURE.md.

use std::io::Read as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::{Zeroize as _, Zeroizing};

use super::files::Identity;
use super::{Result, StoreError};
use crate::domain::file_kind::{self, FileKind};

/// First 16 bytes of a plain SQLite file.
pub(super) const PLAIN_MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Argon2id parameters, version 1: 64 MiB, 3 passes, 1 lane (RFC 9106, second recommended option,
/// with one lane for old two-core machines).
const ARGON2_V1: (u32, u32, u32) = (64 * 1024, 3, 1);

/// A passphrase as the user typed it. `Debug` hides it; it is wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl Passphrase {
    /// A passphrase to try; nothing is checked but that there is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The passphrase that a line of a file or a variable holds: without the end of the line and
    /// the mark that some editors put before a text, blanks kept.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let line = line.trim_start_matches('\u{FEFF}');
        Self::new(line.trim_end_matches(['\r', '\n']))
    }

    /// What it may have been set as: as it stands, and without blanks around it, which earlier
    /// versions cut off in some places and not in others.
    #[must_use]
    pub fn readings(&self) -> Vec<Self> {
        let mut readings = vec![self.clone()];
        readings.extend(Self::new(self.0.trim()).filter(|trimmed| trimmed != self));
        readings
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

/// A key ready for SQLCipher: 32 bytes of key and 16 of salt. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct RawKey {
    key: [u8; 32],
    salt: [u8; 16],
}

impl Drop for RawKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
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
    pub fn pragma_value(&self) -> Zeroizing<String> {
        use std::fmt::Write as _;
        let mut hex = Zeroizing::new(String::with_capacity(100));
        for byte in self.key.iter().chain(&self.salt) {
            let _ = write!(hex, "{byte:02x}");
        }
        Zeroizing::new(format!("x'{}'", *hex))
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

/// Files that this process has open as workspaces, with their heads.
///
/// Closing *any* handle of a file drops all locks that the process holds on it (POSIX `fcntl`), those
/// of SQLite too, so a file that is open must not be opened by the way.
static OPEN: Mutex<Vec<(Identity, FileHead)>> = Mutex::new(Vec::new());

/// Notes that a file is open; dropped when it is closed.
pub(super) struct OpenFile(Option<(Identity, FileHead)>);

impl OpenFile {
    pub(super) fn note(identity: Option<Identity>, key: Option<&RawKey>) -> Self {
        let head = key.map_or(FileHead::Plain, |key| FileHead::Salt(key.salt));
        let noted = identity.map(|identity| (identity, head));
        OPEN.lock().unwrap_or_else(PoisonError::into_inner).extend(noted);
        Self(noted)
    }

    fn head_of(path: &Path) -> Option<FileHead> {
        let identity = Identity::of(path).filter(|_| cfg!(unix))?;
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().find(|(open, _)| *open == identity).map(|(_, head)| *head)
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let position = self.0.and_then(|noted| open.iter().position(|o| *o == noted));
        if let Some(position) = position {
            open.swap_remove(position);
        }
    }
}

/// Reads the first 16 bytes of a file.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::Io`], or [`StoreError::NotAWorkspace`] for a file
/// shorter than 16 bytes or of another kind.
pub fn file_head(path: &Path) -> Result<FileHead> {
    if let Some(head) = OpenFile::head_of(path) {
        return Ok(head);
    }
    if path.is_dir() {
        return Err(StoreError::NotAWorkspace("it is a folder".into()));
    }
    let mut file = std::fs::File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing(path.to_owned()),
        _ => StoreError::Io(path.to_owned(), e),
    })?;
    let mut head = [0u8; 16];
    file.read_exact(&mut head).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            let is_empty = path.metadata().is_ok_and(|meta| meta.len() == 0);
            let what = if is_empty { "it is empty" } else { "it is shorter than 16 bytes" };
            StoreError::NotAWorkspace(what.into())
        }
        _ => StoreError::Io(path.to_owned(), e),
    })?;
    if &head == PLAIN_MAGIC {
        return Ok(FileHead::Plain);
    }
    // An encrypted file is random from its first byte on: other kinds of files are not.
    let mut more = Vec::new();
    file.take(file_kind::HEAD as u64)
        .read_to_end(&mut more)
        .map_err(|e| StoreError::Io(path.to_owned(), e))?;
    let kind = FileKind::of(&[&head[..], &more].concat());
    // The signature of dBASE is too short to tell it from noise.
    if !matches!(kind, FileKind::Unknown | FileKind::Dbase) {
        return Err(StoreError::NotAWorkspace(kind.advice().into()));
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
    fn lines_of_files_keep_their_blanks() {
        let check = |line: &str, expect: Option<&str>| {
            assert_eq!(Passphrase::of_line(line), expect.and_then(Passphrase::new), "{line:?}");
        };
        check("Xindu-2026-grid\n", Some("Xindu-2026-grid"));
        check("Xindu-2026-grid \r\n", Some("Xindu-2026-grid "));
        check("\u{FEFF}Xindu-2026-grid", Some("Xindu-2026-grid"));
        check("\u{FEFF}\n", None);
        let blanks = Passphrase::new(" Xindu-2026-grid ").unwrap();
        let readings = blanks.readings();
        assert_eq!(readings.len(), 2);
        assert_eq!(readings[1], Passphrase::new("Xindu-2026-grid").unwrap());
        assert_eq!(Passphrase::new("Xindu-2026-grid").unwrap().readings().len(), 1);
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
