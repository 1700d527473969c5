//! A table in an order of one's own, page by page.

use std::cmp::Ordering;

use super::columns::Content;
use super::{Cell, Column, Scope, TableRequest, each_row};
use crate::domain::matrix::natural;
use crate::domain::names;
use crate::store::{Connection, Result, StoreError};

/// By which column, and whether from the greatest down.
#[derive(Debug, Clone, Copy)]
pub struct SortBy<'a> {
    /// The column.
    pub column: &'a Column,
    /// From the greatest down.
    pub is_down: bool,
}

/// What rows are put in order by; cells without anything come last either way.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Number(f64),
    /// As [`natural`] cuts it.
    Text(Vec<(u64, String)>),
    Nothing,
}

impl Key {
    fn of(column: &Column, cell: &Cell) -> Self {
        if cell.text.is_empty() {
            return Self::Nothing;
        }
        if cell.is_number
            && let Ok(number) = cell.text.parse()
        {
            return Self::Number(number);
        }
        match column.content {
            // By sound, as people look names up; what is masked stays masked.
            Content::Personal("name", _) => {
                Self::Text(natural(&names::pinyin_and_initials(&cell.text).0))
            }
            _ => Self::Text(natural(&cell.text)),
        }
    }

    fn compare(&self, other: &Self, is_down: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Nothing, Self::Nothing) => Ordering::Equal,
            (Self::Nothing, _) => return Ordering::Greater,
            (_, Self::Nothing) => return Ordering::Less,
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if is_down { order.reverse() } else { order }
    }
}

/// Row ids of a table in an order, all of them; rows that are alike stay in the order of their ids.
///
/// # Errors
/// SQLite's errors.
pub fn sorted(conn: &Connection, asked: &TableRequest<'_>, by: &[SortBy<'_>]) -> Result<Vec<i64>> {
    let columns: Vec<&Column> = by.iter().map(|sort| sort.column).collect();
    let keys_only = TableRequest { columns: &columns, is_open: false, ..*asked };
    let mut rows: Vec<(Vec<Key>, i64)> = Vec::new();
    each_row(conn, &keys_only, |id, cells| {
        let keys = columns.iter().zip(cells).map(|(column, cell)| Key::of(column, cell));
        rows.push((keys.collect(), id));
        Ok::<(), StoreError>(())
    })?;
    rows.sort_by(|(a, _), (b, _)| {
        let orders = a.iter().zip(b).zip(by).map(|((a, b), by)| a.compare(b, by.is_down));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    Ok(rows.into_iter().map(|(_, id)| id).collect())
}

/// The rows with these ids, in the order given; those that are gone meanwhile are left out.
///
/// # Errors
/// SQLite's errors.
pub fn rows_of(
    conn: &Connection,
    asked: &TableRequest<'_>,
    ids: &[i64],
) -> Result<Vec<(i64, Vec<Cell>)>> {
    let mut ascending = ids.to_vec();
    ascending.sort_unstable();
    ascending.dedup();
    let scope = Scope::Rows(ascending);
    let mut found: Vec<(i64, Vec<Cell>)> = Vec::with_capacity(ids.len());
    each_row(conn, &TableRequest { scope: &scope, ..*asked }, |id, cells| {
        found.push((id, cells.to_vec()));
        Ok::<(), StoreError>(())
    })?;
    let place = |id: &i64| ids.iter().position(|other| other == id);
    found.sort_by_cached_key(|(id, _)| place(id));
    Ok(found)
}
