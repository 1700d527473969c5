//! `menpai render`.
use anyhow::Result;
use super::Context;
#[derive(clap::Args)]
pub(super) struct Args {}
pub(super) fn run(_context: &Context, _args: &Args) -> Result<()> {
    anyhow::bail!("no render yet")
}
