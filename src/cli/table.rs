//! `menpai table`: rows of a table over a filter, in an order of one's own.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::Context;
use super::asked::{ask, columns, not_found, say, table_kind};
use super::filter::FilterArgs;
use crate::msg;
use crate::query::table::{self, Cell, Column, Scope, SortBy, TableRequest, each_row};
use crate::store::{OpenMode, StoreError};
use crate::text::{Message, thousands};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  menpai table my.gpkg persons --tag 独居老人 --sort -age,name --limit 20
  menpai table my.gpkg rooms --room-status vacant --columns address,status,verified_on
  menpai table my.gpkg events --open-event 消防隐患 --format json")]
pub(super) struct Args {
    /// Workspace to ask
    workspace: PathBuf,
    /// persons, rooms, households, buildings, enterprises, events or devices
    kind: String,
    #[command(flatten)]
    filter: FilterArgs,
    /// Columns in their order, by name or heading (default: the usual ones)
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    columns: Vec<String>,
    /// Columns to sort by, - before one for greatest first (default: in the order of the rows)
    #[arg(long, value_name = "-A,B,…", value_delimiter = ',', allow_hyphen_values = true)]
    sort: Vec<String>,
    /// Rows to show at most; 0 for all
    #[arg(long, default_value = "100", value_name = "N")]
    limit: usize,
    /// Rows to pass over before
    #[arg(long, default_value = "0", value_name = "N")]
    offset: usize,
    /// text, csv or json
    #[arg(long, default_value = "text", value_parser = ["text", "csv", "json"])]
    format: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let kind = table_kind(&args.kind)?;
    let shown = columns(kind, &args.columns)?;
    let by: Vec<SortBy<'_>> = args
        .sort
        .iter()
        .map(|word| {
            let name = word.trim_start_matches('-');
            let column = columns(kind, &[name.to_owned()])?[0];
            Ok(SortBy { column, is_down: name.len() < word.len() })
        })
        .collect::<Result<_>>()?;
    let asked = ask(context, &args.workspace, OpenMode::ReadOnly)?;
    let (_, condition) = args.filter.condition(context, &asked, kind)?;
    let scope = asked.scope(kind, &condition)?;
    let request = TableRequest {
        kind,
        columns: &shown,
        scope: &scope,
        vocabulary: &asked.vocabulary,
        lang: context.lang,
        is_coded: args.format == "json",
        today: context.today,
        is_open: false,
    };
    let limit = if args.limit == 0 { usize::MAX } else { args.limit };
    let (total, rows) = if by.is_empty() {
        in_order_of_ids(&asked.reader, &request, args.offset, limit)?
    } else {
        let ids = table::sorted(&asked.reader, &request, &by)?;
        let page: Vec<i64> = ids.iter().copied().skip(args.offset).take(limit).collect();
        let rows = table::rows_of(&asked.reader, &request, &page)?;
        (ids.len() as u64, rows.into_iter().map(|(_, cells)| cells).collect())
    };
    print(context, args, &shown, total, &rows)
}

/// A page of the rows as they stand, and how many there are.
fn in_order_of_ids(
    conn: &crate::store::Connection,
    request: &TableRequest<'_>,
    offset: usize,
    limit: usize,
) -> Result<(u64, Vec<Vec<Cell>>)> {
    let total = table::count(conn, request.kind, request.scope)?;
    // A list of ids is cut before it is read.
    let page = match request.scope {
        Scope::Rows(ids) => {
            let cut: Vec<i64> = ids.iter().copied().skip(offset).take(limit).collect();
            Some(Scope::Rows(cut))
        }
        _ => None,
    };
    let passed = if page.is_some() { 0 } else { offset };
    let request = TableRequest { scope: page.as_ref().unwrap_or(request.scope), ..*request };
    let mut rows = Vec::new();
    let mut nth = 0usize;
    let read = each_row(conn, &request, |_, cells| {
        if nth >= passed {
            rows.push(cells.to_vec());
        }
        nth += 1;
        // Enough is seen.
        if rows.len() >= limit { Err(StoreError::Cancelled) } else { Ok(()) }
    });
    match read {
        Ok(_) | Err(StoreError::Cancelled) => Ok((total, rows)),
        Err(error) => Err(error.into()),
    }
}

fn print(
    context: &Context,
    args: &Args,
    columns: &[&Column],
    total: u64,
    rows: &[Vec<Cell>],
) -> Result<()> {
    match args.format.as_str() {
        "json" => {
            let row = |cells: &Vec<Cell>| {
                let pairs = columns.iter().zip(cells).map(|(column, cell)| {
                    let number = cell.text.parse::<serde_json::Number>().ok();
                    let value = match (cell.text.is_empty(), number.filter(|_| cell.is_number)) {
                        (true, _) => Value::Null,
                        (_, Some(number)) => Value::Number(number),
                        _ => Value::String(cell.text.clone()),
                    };
                    (column.key.to_owned(), value)
                });
                Value::Object(pairs.collect::<Map<_, _>>())
            };
            let value = json!({
                "total": total,
                "offset": args.offset,
                "columns": columns.iter().map(|column| column.key).collect::<Vec<_>>(),
                "rows": rows.iter().map(row).collect::<Vec<_>>(),
            });
            say(&serde_json::to_string_pretty(&value)?);
        }
        "csv" => {
            let headings: Vec<&str> = columns.iter().map(|c| c.label(context.lang)).collect();
            let mut text = headings.join(",");
            text.push('\n');
            for row in rows {
                crate::export::csv::push_row(&mut text, row);
            }
            say(&text);
        }
        _ => {
            if rows.is_empty() {
                return Err(not_found(Message::from("no row passes the filter")));
            }
            for row in rows {
                let cells: Vec<&str> =
                    row.iter().map(|c| c.text.as_str()).filter(|text| !text.is_empty()).collect();
                say(&cells.join("  "));
            }
            let told = msg!("{} of {} rows", thousands(rows.len() as u64), thousands(total));
            eprintln!("{}", told.text(context.lang));
        }
    }
    Ok(())
}
