//! `menpai undo`, `menpai redo`: deeds taken back and put back.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::asked::{ask, not_found, say};
use super::{Context, staff};
use crate::app::lists::deed_words;
use crate::domain::ids::DeedId;
use crate::msg;
use crate::query::instant_text;
use crate::store::deeds::{self, PastDeed};
use crate::store::{OpenMode, undo};
use crate::text::workflow::{label, minute_text};
use crate::text::{Message, thousands};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai undo my.gpkg
  menpai undo my.gpkg --list
  menpai undo my.gpkg --deed 12")]
pub(super) struct UndoArgs {
    /// Workspace
    workspace: PathBuf,
    /// List the past deeds, newest first
    #[arg(long, conflicts_with = "deed")]
    list: bool,
    /// Take this deed back (default: the last one)
    #[arg(long, value_name = "N")]
    deed: Option<DeedId>,
    /// At most so many in the list
    #[arg(long, value_name = "N", default_value_t = 100, requires = "list")]
    limit: u32,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

#[derive(clap::Args)]
pub(super) struct RedoArgs {
    /// Workspace
    workspace: PathBuf,
    /// Put this deed back (default: the one that was taken back last)
    #[arg(long, value_name = "N")]
    deed: Option<DeedId>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn undo(context: &Context, args: &UndoArgs) -> Result<()> {
    if args.list {
        let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
        let past = deeds::past_deeds(&asked.reader, args.limit)?;
        return tell_list(context, &past, args.format == "json");
    }
    take(context, (&args.workspace, args.deed, &args.format), true)
}

pub(super) fn redo(context: &Context, args: &RedoArgs) -> Result<()> {
    take(context, (&args.workspace, args.deed, &args.format), false)
}

fn take(
    context: &Context,
    (path, deed, format): (&std::path::Path, Option<DeedId>, &str),
    is_undo: bool,
) -> Result<()> {
    let asked = ask(context, path, OpenMode::ReadWrite)?;
    staff::check_actor(context, &asked)?;
    let last = if is_undo {
        deeds::last_undoable(&asked.reader)?
    } else {
        deeds::last_redoable(&asked.reader)?
    };
    let Some(deed_id) = deed.or(last) else {
        return Err(not_found(if is_undo {
            Message::from("there is nothing to take back")
        } else {
            Message::from("there is nothing to put back")
        }));
    };
    let done = asked.workspace.write(&context.stamp, |tx| {
        if is_undo { undo::undo(tx, deed_id) } else { undo::redo(tx, deed_id) }
    })?;
    if format == "json" {
        let mut value = serde_json::to_value(&done)?;
        value["deed"] = json!(deed_id);
        return super::print_json(context, &value);
    }
    let [removed, restored, left] =
        [done.removed, done.restored, done.left.len() as u64].map(thousands);
    let line = if is_undo {
        msg!(
            "deed {} taken back: {} rows removed, {} put back, {} left as they are",
            deed_id,
            removed,
            restored,
            left
        )
    } else {
        msg!(
            "deed {} put back: {} rows removed, {} put back, {} left as they are",
            deed_id,
            removed,
            restored,
            left
        )
    };
    let mut text = line.text(context.lang) + "\n";
    for left in done.left.iter().take(20) {
        text += &format!(
            "  {} {} {}: {}\n",
            left.table,
            left.id,
            left.column,
            left.reason.text(context.lang)
        );
    }
    say(&text);
    Ok(())
}

fn tell_list(context: &Context, past: &[PastDeed], is_json: bool) -> Result<()> {
    if is_json {
        let list: Vec<_> = past
            .iter()
            .map(|d| {
                json!({
                    "deed": d.deed, "kind": d.kind, "title": d.title, "action": d.action,
                    "list": d.list, "at": instant_text(d.at), "actor": d.actor,
                    "undone_at": d.undone_at.map(instant_text),
                    "can_undo": d.can_undo && d.undone_at.is_none(), "can_redo": d.can_redo,
                })
            })
            .collect();
        return super::print_json(context, &list);
    }
    let mut text = String::new();
    for d in past {
        let undone = if d.undone_at.is_some() {
            msg!("taken back").text(context.lang)
        } else {
            String::new()
        };
        let words = deed_words(d, context.lang);
        let actor = label("actor", &d.actor, context.lang);
        let line = format!("{}  {}  {actor}  {words}  {undone}", d.deed, minute_text(d.at));
        text += line.trim_end();
        text.push('\n');
    }
    say(&text);
    Ok(())
}
