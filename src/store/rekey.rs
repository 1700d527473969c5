//! Another passphrase for a workspace, encryption for a plain one, or none.
//!
//! A new file under the new key is written beside the old one and takes its place in one rename.
//! Nobody else can read or write the old file from before it is copied until after the rename, so
//! that no commit falls between the two.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::PoisonError;

use rusqlite::Connection;

use super::cipher::RawKey;
use super::files::{self, Identity, Partial};
use super::{Passphrase, Result, StoreError, Workspace, gpkg};
use crate::access::{AuditEntry, Stamp};
use crate::store::beside::{BESIDE, append_audit_alone};

/// A change of passphrase that did not happen.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct RekeyFailure {
    /// Why.
    pub error: StoreError,
    /// The workspace as it was, unless even that could not be opened again.
    pub workspace: Option<Workspace>,
}

impl Workspace {
    /// Changes the passphrase, encrypts a plain workspace, or (with `None`) makes it plain.
    ///
    /// # Errors
    /// A [`RekeyFailure`] that gives the workspace back as it was: [`StoreError::PassphraseWeak`],
    /// [`StoreError::OpenElsewhere`] while others have it open, [`StoreError::OtherName`] for a
    /// file with hard links, [`StoreError::ReadOnly`], file and SQLite errors.
    pub fn rekey(
        self,
        new: Option<&Passphrase>,
        stamp: &Stamp,
    ) -> std::result::Result<Self, Box<RekeyFailure>> {
        let prepared = self.may_rekey(new).and_then(|()| new.map(RawKey::fresh).transpose());
        let key = match prepared {
            Ok(key) => key,
            Err(error) => return Err(Box::new(RekeyFailure { error, workspace: Some(self) })),
        };
        let Self { path, place, key: old_key, identity, writer, set_aside, .. } = self;
        let conn = writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let swap =
            Swap { file: &place.file, was_plain: old_key.is_none(), key: key.as_ref(), identity };
        let swapped = swap.run(&conn, stamp);
        drop(conn);
        let key_now = if swapped.is_ok() { key } else { old_key };
        let reopened = Self::reopen(&path, place, key_now, set_aside);
        match (swapped, reopened) {
            (Ok(()), Ok(workspace)) => Ok(workspace),
            (Ok(()), Err(error)) => Err(Box::new(RekeyFailure { error, workspace: None })),
            (Err(error), back) => Err(Box::new(RekeyFailure { error, workspace: back.ok() })),
        }
    }

    fn may_rekey(&self, new: Option<&Passphrase>) -> Result<()> {
        if new.is_some_and(|p| !p.is_strong()) {
            return Err(StoreError::PassphraseWeak);
        }
        if let Some(reason) = self.read_only {
            return Err(StoreError::ReadOnly(reason));
        }
        if files::names_of(&self.place.file) > 1 {
            // The other name would keep the old file, in plain text perhaps.
            return Err(StoreError::OtherName(self.place.file.clone()));
        }
        Ok(())
    }
}

/// The old file and what becomes of it.
struct Swap<'a> {
    file: &'a Path,
    was_plain: bool,
    key: Option<&'a RawKey>,
    identity: Option<Identity>,
}

impl Swap<'_> {
    fn run(&self, conn: &Connection, stamp: &Stamp) -> Result<()> {
        be_alone(conn)?;
        if Identity::of(self.file) != self.identity {
            return Err(StoreError::Replaced(self.file.to_owned()));
        }
        let partial = Partial::named(self.file, BESIDE)?;
        export(conn, partial.path(), self.key)?;
        // What is done is told by the file in which it is done.
        let verb = if self.key.is_some() { "rekey" } else { "decrypt" };
        let name = self.file.file_name().map(|n| n.to_string_lossy().into_owned());
        let entry = AuditEntry::done(verb, name.unwrap_or_default());
        append_audit_alone(partial.path(), self.key, stamp, &entry)?;
        files::dress_like(partial.path(), self.file)?;
        let io = |e| StoreError::Io(self.file.to_owned(), e);
        let is_encrypted_now = self.was_plain && self.key.is_some();
        let old = if is_encrypted_now {
            Some(OpenOptions::new().write(true).open(self.file).map_err(io)?)
        } else {
            None
        };
        partial.replace()?;
        // The data that was plain is still on the disk, without a name.
        if let Some(old) = old {
            let _ = files::blank(old);
        }
        Ok(())
    }
}

/// Makes this connection the only one of the file until it is closed.
fn be_alone(conn: &Connection) -> Result<()> {
    let elsewhere = |error: rusqlite::Error| match StoreError::from(error) {
        StoreError::Busy => StoreError::OpenElsewhere,
        other => other,
    };
    let mode = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0));
    // Leaving WAL needs to be alone with the file.
    let left = mode("PRAGMA journal_mode = DELETE").map_err(elsewhere)?;
    if left != "delete" {
        return Err(StoreError::OpenElsewhere);
    }
    mode("PRAGMA locking_mode = EXCLUSIVE").map_err(elsewhere)?;
    conn.execute_batch("BEGIN EXCLUSIVE; COMMIT").map_err(elsewhere)?;
    // Somebody may have come in between and turned the log on again.
    if mode("PRAGMA journal_mode").map_err(elsewhere)? != "delete" {
        return Err(StoreError::OpenElsewhere);
    }
    Ok(())
}

/// Writes the content of a connection into an empty file, under another key.
pub(super) fn export(conn: &Connection, to: &Path, key: Option<&RawKey>) -> Result<()> {
    let key_text = key.map(RawKey::pragma_value).unwrap_or_default();
    conn.execute("ATTACH DATABASE ?1 AS target KEY ?2", (to.to_string_lossy(), &*key_text))?;
    let done = (|| -> Result<()> {
        conn.query_row("SELECT sqlcipher_export('target')", [], |_| Ok(()))?;
        conn.pragma_update(
            Some("target"),
            "application_id",
            i64::from(geopackage_core::version::APPLICATION_ID_GPKG),
        )?;
        conn.pragma_update(Some("target"), "user_version", gpkg::USER_VERSION)?;
        Ok(())
    })();
    let detached = conn.execute_batch("DETACH DATABASE target");
    done?;
    Ok(detached?)
}
