//! `menpai [W]`: the window.

use std::path::PathBuf;

use anyhow::Result;

use super::Context;

#[derive(clap::Args)]
pub(super) struct WindowArgs {}

pub(super) fn run(_context: &Context, _workspace: Option<PathBuf>, _args: &WindowArgs) -> Result<()> {
    anyhow::bail!("no window yet")
}
