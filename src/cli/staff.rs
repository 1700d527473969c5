//! Who acts: `--as NAME` is a name of the staff, where the workspace knows any.

use anyhow::Result;

use super::Context;
use super::asked::{Asked, not_found};
use crate::msg;
use crate::store::staff;

/// Refuses a name that the staff does not have, so that no misspelling has a record of its own.
pub(super) fn check_actor(context: &Context, asked: &Asked) -> Result<()> {
    if !context.is_named {
        return Ok(());
    }
    check_name(context, asked, &context.stamp.actor.name)
}

/// Refuses a name that nobody of the staff has, where the workspace knows any.
pub(super) fn check_name(context: &Context, asked: &Asked, name: &str) -> Result<()> {
    let names = staff::names(&asked.reader, context.today)?;
    if names.is_empty() || names.iter().any(|known| known == name) {
        return Ok(());
    }
    Err(not_found(msg!("nobody of the staff is called {}; staff: {}", name, names.join(" "))))
}
