//! What a deed by hand is called: the record and its fields, without anything personal in it.

use crate::access::AuditEntry;
use crate::domain::ids::DeedId;
use crate::domain::object::Object;
use crate::store::deed::{Deed, DeedKind, NewDeed};
use crate::store::{Result, StoreError, Workspace, WriteTx};

/// Does something to a record as one deed. Returns the deed's number.
///
/// # Errors
/// Those of `work`; SQLite's errors.
pub fn as_deed(
    tx: &WriteTx<'_>,
    kind: DeedKind,
    (object, fields): (Object, &str),
    work: impl FnOnce() -> Result<()>,
) -> Result<(DeedId, AuditEntry)> {
    let title = format!("{} {fields}", object.key());
    let deed = Deed::begin(tx, &NewDeed { kind, title: title.trim_end(), list: None })?;
    let deed_id = deed.deed_id();
    work()?;
    deed.finish(tx)?;
    Ok((deed_id, AuditEntry::done(kind.word(), object.key()).with_fields(fields.to_owned())))
}

/// Does something to a record as one deed and one transaction.
///
/// # Errors
/// Those of `work`; [`StoreError::Busy`], [`StoreError::ReadOnly`] and SQLite's errors.
pub fn write(
    workspace: &Workspace,
    stamp: &crate::access::Stamp,
    kind: DeedKind,
    what: (Object, &str),
    work: impl FnOnce(&WriteTx<'_>) -> Result<()>,
) -> std::result::Result<DeedId, StoreError> {
    workspace.write(stamp, |tx| as_deed(tx, kind, what, || work(tx)))
}
