//! `menpai [W]`: the window.

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;

use super::Context;

#[derive(clap::Args)]
pub(super) struct WindowArgs {
    /// Which graphics driver draws the map: auto, vulkan, dx12, gl, cpu or none
    #[arg(long, default_value = "auto",
        value_parser = ["auto", "vulkan", "dx12", "gl", "cpu", "none"])]
    gpu: String,
}

#[cfg(feature = "gui")]
pub(super) fn run(context: &Context, workspace: Option<PathBuf>, args: &WindowArgs) -> Result<()> {
    use crate::app::start_guard::{self, StartGuard};
    use crate::gpu::setup::Backend;

    if !has_display() {
        anyhow::bail!(Message::from(NO_DISPLAY));
    }
    let guard = (args.gpu == "auto").then(start_guard::path).flatten();
    let guard = guard.map(|path| StartGuard::begin(&path));
    let gpu = guard.as_ref().map_or(args.gpu.as_str(), |guard| guard.chosen());
    let options = crate::ui::StartOptions {
        workspace,
        passphrase: super::open::passphrase(context)?,
        lang: context.given_lang,
        actor: context.stamp.actor.clone(),
        today: context.today,
        clock: || jiff::Timestamp::now().as_second(),
        backend: Backend::parse(gpu).unwrap_or_default(),
        guard,
        flight: None,
    };
    crate::ui::run(options).map_err(|error| {
        anyhow::anyhow!(msg!("no graphics driver could be used: {}. {}", error, command_line_way()))
    })
}

#[cfg(not(feature = "gui"))]
pub(super) fn run(context: &Context, _: Option<PathBuf>, args: &WindowArgs) -> Result<()> {
    let _ = (&args.gpu, context.given_lang);
    anyhow::bail!(msg!("this build has no window; {}", command_line_way()))
}

#[cfg(feature = "gui")]
pub(super) const NO_DISPLAY: &str = "no display was found. Without one, use the command line: `menpai --help` \
                          lists it, and `menpai render WORKSPACE --to map.png` draws the map";

fn command_line_way() -> Message {
    "The command line works without: `menpai --help` lists it".into()
}

/// Whether there is a screen to open a window on.
#[cfg(feature = "gui")]
pub(super) fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
