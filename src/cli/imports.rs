//! `menpai imports`, `menpai review`, `menpai template`: what was imported, what waits, empty lists.

use crate::msg;
use crate::text::Message;
use std::path::PathBuf;

use anyhow::Result;

use super::{Context, NotFound, open};
use crate::app::lists;
use crate::domain::Lang;
use crate::domain::ids::{DeedId, QueueRowId};
use crate::import::Kind;
use crate::import::kinds::review::{self, Decision};
use crate::query::review::{HeldRow, held_rows};
use crate::store::{OpenMode, past_imports, undo};
use crate::text::thousands;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai imports my.gpkg
  menpai imports my.gpkg --undo 7
  menpai imports my.gpkg --redo 7")]
pub(super) struct ImportsArgs {
    /// Workspace
    workspace: PathBuf,
    /// Take this import back; what came later stays
    #[arg(long, value_name = "NUMBER")]
    undo: Option<DeedId>,
    /// Put back what was undone last, as long as nothing else was done since
    #[arg(long, value_name = "NUMBER", conflicts_with = "undo")]
    redo: Option<DeedId>,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

pub(super) fn imports(context: &Context, args: &ImportsArgs) -> Result<()> {
    let is_json = args.format == "json";
    if let Some(batch) = args.undo.or(args.redo) {
        let workspace = open::open(context, &args.workspace, OpenMode::ReadWrite)?;
        let undone = workspace.write(&context.stamp, |tx| match args.undo {
            Some(batch) => undo::undo(tx, batch),
            None => undo::redo(tx, batch),
        })?;
        if is_json {
            super::print_json(context, &undone)?;
            return Ok(());
        }
        let [removed, restored, left] =
            [undone.removed, undone.restored, undone.left.len() as u64].map(thousands);
        let line = if args.undo.is_some() {
            msg!(
                "import {} undone: {} rows removed, {} put back, {} left as \
                 they are",
                batch,
                removed,
                restored,
                left
            )
        } else {
            msg!(
                "import {} put back: {} rows are there again, {} left as they are",
                batch,
                restored,
                left
            )
        };
        println!("{}", super::for_terminal(&line.text(context.lang)));
        for left in undone.left.iter().take(20) {
            let reason = left.reason.text(context.lang);
            println!("  {} {} {}: {reason}", left.table, left.id, left.column);
        }
        return Ok(());
    }
    let workspace = open::open(context, &args.workspace, OpenMode::ReadOnly)?;
    let reader = workspace.reader()?;
    let past = past_imports::past_imports(&reader)?;
    if is_json {
        println!("{}", serde_json::to_string_pretty(&past)?);
        return Ok(());
    }
    for import in past {
        let day = jiff::Timestamp::from_second(import.at)
            .map(|at| at.to_zoned(crate::domain::clock::shanghai()))
            .map(|at| at.strftime("%Y-%m-%d %H:%M").to_string())
            .unwrap_or_default();
        let c = import.counts;
        let line = if import.undone_at.is_some() {
            msg!(
                "{} {} {} {}: read {} added {} merged {} waiting {} undone",
                import.batch,
                day,
                import.kind,
                import.file,
                c.read,
                c.added,
                c.merged,
                import.waiting
            )
        } else {
            msg!(
                "{} {} {} {}: read {} added {} merged {} waiting {}",
                import.batch,
                day,
                import.kind,
                import.file,
                c.read,
                c.added,
                c.merged,
                import.waiting
            )
        };
        println!("{}", super::for_terminal(&line.text(context.lang)));
    }
    Ok(())
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai review my.gpkg
  menpai review my.gpkg --row 12 --choose 2 --all-alike
  menpai review my.gpkg --row 12 --correct address=橡树湾3幢2单元501")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct ReviewArgs {
    /// Workspace
    workspace: PathBuf,
    /// Settle this row of the queue
    #[arg(long, value_name = "NUMBER")]
    row: Option<QueueRowId>,
    /// It is this choice of the row, counted from 1
    #[arg(long, value_name = "N", requires = "row", group = "decision")]
    choose: Option<usize>,
    /// A field is wrong and reads so
    #[arg(long, value_name = "FIELD=TEXT", requires = "row", group = "decision",
          value_parser = super::import::parse_pair)]
    correct: Vec<(String, String)>,
    /// The room it names is missing and is to be made
    #[arg(long, requires = "row", group = "decision")]
    make_room: bool,
    /// It is somebody new, whoever else has the name
    #[arg(long, requires = "row", group = "decision")]
    new_person: bool,
    /// Do not take the row
    #[arg(long, requires = "row", group = "decision")]
    drop: bool,
    /// The same for all rows like it; another spelling of an estate is learned
    #[arg(long, requires = "row")]
    all_alike: bool,
    /// text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

impl ReviewArgs {
    fn decision(&self) -> Option<Decision> {
        if let Some(number) = self.choose {
            return Some(Decision::Choice(number.wrapping_sub(1)));
        }
        if !self.correct.is_empty() {
            return Some(Decision::Correct(self.correct.clone()));
        }
        let flags = [
            (self.make_room, Decision::MakeRoom),
            (self.new_person, Decision::NewPerson),
            (self.drop, Decision::Drop),
        ];
        flags.into_iter().find(|(is_given, _)| *is_given).map(|(_, decision)| decision)
    }
}

pub(super) fn review(context: &Context, args: &ReviewArgs) -> Result<()> {
    let is_json = args.format == "json";
    let Some(id) = args.row else {
        let workspace = open::open(context, &args.workspace, OpenMode::ReadOnly)?;
        let reader = workspace.reader()?;
        let rows = held_rows(&reader, usize::MAX)?;
        if is_json {
            let masked: Vec<HeldRow> = rows.into_iter().map(HeldRow::masked).collect();
            super::print_json(context, &masked)?;
        } else {
            rows.iter().for_each(|row| print_row(context, row));
        }
        return Ok(());
    };
    let Some(decision) = args.decision() else {
        let sentence =
            "say what the row is: --choose, --correct, --make-room, --new-person or --drop";
        return Err(NotFound(sentence.into()).into());
    };
    // A field answers to its label in either language.
    let labels = [Lang::Zh, Lang::En].map(|lang| crate::import::fields::labels("persons", lang));
    let decision = match decision {
        Decision::Correct(pairs) => Decision::Correct(named_fields(&labels, pairs)?),
        other => other,
    };
    let workspace = open::open(context, &args.workspace, OpenMode::ReadWrite)?;
    let step = (id, &decision);
    let settled = review::settle(&workspace, &context.stamp, context.today, step, args.all_alike)?;
    if is_json {
        super::print_json(context, &settled)?;
        return Ok(());
    }
    let line = msg!("{} rows taken, {} dropped", settled.taken, settled.dropped);
    println!("{}", super::for_terminal(&line.text(context.lang)));
    if let Some((alias, estate)) = &settled.learned {
        println!(
            "{}",
            super::for_terminal(&msg!("learned: {} is {}", alias, estate).text(context.lang))
        );
    }
    for (id, reason) in &settled.waiting {
        println!("  {id}: {}", reason.text(context.lang));
    }
    if settled.taken + settled.dropped == 0 {
        return Err(NotFound(Message::from("nothing was settled; the row waits on")).into());
    }
    Ok(())
}

/// Fields by their names or by what they are called.
fn named_fields(
    labels: &[std::collections::HashMap<String, String>],
    pairs: Vec<(String, String)>,
) -> Result<Vec<(String, String)>> {
    pairs
        .into_iter()
        .map(|(name, text)| {
            let mut all = labels.iter().flatten();
            let field = all.find(|(field, label)| **field == name || **label == name);
            match field {
                Some((field, _)) => Ok((field.clone(), text)),
                None => Err(NotFound(msg!("there is no field {}", name)).into()),
            }
        })
        .collect()
}

fn print_row(context: &Context, row: &HeldRow) {
    use crate::access::mask::{mask_cell, mask_name};
    let name = row.get("name").map(mask_name).unwrap_or_default();
    let value = if row.field == "name" {
        String::new()
    } else {
        mask_cell(&row.field, row.get(&row.field).unwrap_or_default())
    };
    let reason = row.reason.text(context.lang);
    println!("{}  {}:{}  {name}  {value}  {reason}", row.id, row.file, row.row);
    for (index, choice) in row.choices.iter().enumerate() {
        let evidence = choice.evidence.text(context.lang);
        let made = if choice.makes_room() {
            Message::from("; the room is missing and is made").text(context.lang)
        } else {
            String::new()
        };
        println!("    {}  {}  ({evidence}{made})", index + 1, choice.label);
    }
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai template persons --to 人员模板.xlsx")]
pub(super) struct TemplateArgs {
    /// rooms, persons, enterprises, events or devices
    #[arg(value_parser = super::import::parse_kind)]
    kind: Kind,
    /// XLSX file to make
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub(super) fn template(context: &Context, args: &TemplateArgs) -> Result<()> {
    if args.kind.is_geojson() {
        let sentence = "there is no list for this kind; it comes as GeoJSON";
        return Err(NotFound(sentence.into()).into());
    }
    lists::save_template(args.kind, &args.to, context.lang).map_err(anyhow::Error::msg)
}
