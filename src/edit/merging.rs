//! Two records of one person, estate or enterprise made one; the deed takes it back.

use super::deeds::write;
use crate::access::Stamp;
use crate::domain::ids::DeedId;
use crate::domain::object::Object;
use crate::msg;
use crate::store::deed::DeedKind;
use crate::store::{StoreError, Workspace, living};

/// Makes `gone` a part of `kept`.
///
/// # Errors
/// [`StoreError::Record`] says why not; SQLite's errors.
pub fn merge(
    workspace: &Workspace,
    stamp: &Stamp,
    kept: Object,
    gone: Object,
) -> Result<DeedId, StoreError> {
    write(workspace, stamp, DeedKind::Merge, (kept, &gone.key()), |tx| match (kept, gone) {
        (Object::Person(kept), Object::Person(gone)) => living::merge_persons(tx, kept, gone),
        (Object::Estate(kept), Object::Estate(gone)) => living::merge_estates(tx, kept, gone),
        (Object::Enterprise(kept), Object::Enterprise(gone)) => {
            living::merge_enterprises(tx, kept, gone)
        }
        _ => {
            Err(StoreError::Record(msg!("a {} is not merged with a {}", kept.word(), gone.word())))
        }
    })
}
