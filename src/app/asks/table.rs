//! Tables in the window: which rows in which order, the rows in sight, and what is done with chosen ones.

use std::sync::Arc;

use crate::app::ask::Query;
use crate::app::desk::{Desk, told};
use crate::domain::ids::BuildingId;
use crate::msg;
use crate::query::Filter;
use crate::query::table::{
    self, Cell, Column, RowPlace, Scope, SortBy, TableKind, TableRequest, first_ids, places_of,
    rows_of,
};
use crate::text::{Lang, Message, thousands};

/// Most rows of a table that are shown; a filter shows the others.
pub const MOST_ROWS: usize = 2_000_000;

/// What a table in the window is of.
#[derive(Debug, Clone, PartialEq)]
pub struct TableView {
    /// Rows of what.
    pub kind: TableKind,
    /// Which rows.
    pub filter: Filter,
    /// Columns to sort by, by their place among those of the kind; whether from the greatest down.
    pub sort: Vec<(usize, bool)>,
    /// Language of what is sorted.
    pub lang: Lang,
}

/// Which rows a table has, in their order.
#[derive(Debug, Clone)]
pub struct TableRows {
    /// The table.
    pub view: TableView,
    /// Row ids, [`MOST_ROWS`] at most.
    pub ids: Arc<[i64]>,
    /// How many rows there are.
    pub total: u64,
    /// Why they are not as they were asked for.
    pub problem: Option<Message>,
}

/// Which rows a table has.
pub struct AskTable(pub TableView);

fn request<'a>(
    desk: &'a Desk,
    (kind, lang): (TableKind, Lang),
    columns: &'a [&'a Column],
    scope: &'a Scope,
) -> TableRequest<'a> {
    TableRequest {
        kind,
        columns,
        scope,
        vocabulary: &desk.vocabulary,
        lang,
        is_coded: false,
        today: desk.today,
        is_open: false,
    }
}

impl Query for AskTable {
    type Answer = TableRows;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let view = self.0;
        let condition = desk.condition(&view.filter)?;
        let conn = &desk.reader;
        let scope = told(Scope::of(conn, view.kind, &condition, &desk.derived.census))?;
        let mut ids = told(first_ids(conn, view.kind, &scope, MOST_ROWS))?;
        let total = match ids.len() {
            len if len < MOST_ROWS => len as u64,
            _ => told(desk.count(view.kind, &scope))?,
        };
        let mut problem = None;
        if !view.sort.is_empty() && total > MOST_ROWS as u64 {
            let most = thousands(MOST_ROWS as u64);
            problem = Some(msg!("more than {} rows are not sorted; filter first", most));
        } else if !view.sort.is_empty() {
            let columns = view.kind.columns();
            let by: Vec<SortBy<'_>> = view
                .sort
                .iter()
                .filter_map(|(at, is_down)| {
                    Some(SortBy { column: columns.get(*at)?, is_down: *is_down })
                })
                .collect();
            let asked = request(desk, (view.kind, view.lang), &[], &scope);
            ids = told(table::sorted(conn, &asked, &by))?;
        }
        Ok(TableRows { view, ids: ids.into(), total, problem })
    }
}

/// Some rows with their cells.
#[derive(Debug, Clone, Default)]
pub struct TablePage {
    /// Columns, by their place among those of the kind.
    pub columns: Vec<usize>,
    /// Position of the first one in the table.
    pub first: usize,
    /// Row id, cells, and where it is.
    pub rows: Vec<(i64, Vec<Cell>, RowPlace)>,
}

/// Some rows of a table.
#[derive(Debug, Clone)]
pub struct AskPage {
    /// Rows of what.
    pub kind: TableKind,
    /// Columns, by their place among those of the kind.
    pub columns: Vec<usize>,
    /// Row ids.
    pub ids: Vec<i64>,
    /// Position of the first one in the table.
    pub first: usize,
    /// Language of words in cells.
    pub lang: Lang,
}

fn page(desk: &Desk, asked: &AskPage) -> Result<Vec<(i64, Vec<Cell>)>, Message> {
    let all = asked.kind.columns();
    let columns: Vec<&Column> = asked.columns.iter().filter_map(|at| all.get(*at)).collect();
    let asked_for = request(desk, (asked.kind, asked.lang), &columns, &Scope::All);
    told(rows_of(&desk.reader, &asked_for, &asked.ids))
}

impl Query for AskPage {
    type Answer = TablePage;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let rows = page(desk, &self)?;
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let places = told(places_of(&desk.reader, self.kind, &ids))?;
        let rows = rows.into_iter().zip(places).map(|((id, cells), place)| (id, cells, place));
        Ok(TablePage { columns: self.columns, first: self.first, rows: rows.collect() })
    }
}

/// What chosen rows are as text, masked as they are shown: a line each, tabs between cells.
pub struct AskCopy(pub AskPage);

impl Query for AskCopy {
    type Answer = String;
    const IS_EACH_ANSWERED: bool = true;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let asked = self.0;
        let all = asked.kind.columns();
        let heads = asked.columns.iter().filter_map(|at| all.get(*at));
        let mut text = heads.map(|c| c.label(asked.lang)).collect::<Vec<_>>().join("\t");
        for (_, cells) in page(desk, &asked)? {
            let cells: Vec<String> =
                cells.iter().map(|cell| cell.text.replace(['\t', '\n', '\r'], " ")).collect();
            text.push('\n');
            text.push_str(&cells.join("\t"));
        }
        Ok(text)
    }
}

/// The buildings of chosen rows, sorted.
pub struct AskBuildings(pub TableKind, pub Vec<i64>);

impl Query for AskBuildings {
    type Answer = Vec<BuildingId>;
    const IS_EACH_ANSWERED: bool = true;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let places = told(places_of(&desk.reader, self.0, &self.1))?;
        let mut ids: Vec<BuildingId> = places.into_iter().filter_map(|p| p.building_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

/// The first row of a table that is in a building, by its position.
pub struct AskRowIn {
    /// Rows of what.
    pub kind: TableKind,
    /// Row ids of the table.
    pub ids: Arc<[i64]>,
    /// The building.
    pub building_id: BuildingId,
}

impl Query for AskRowIn {
    type Answer = Option<usize>;
    fn answer(self, desk: &mut Desk, _: &dyn Fn(Self::Answer)) -> Result<Self::Answer, Message> {
        let scope = Scope::Buildings(vec![self.building_id]);
        let there = told(first_ids(&desk.reader, self.kind, &scope, MOST_ROWS))?;
        let there: std::collections::HashSet<i64> = there.into_iter().collect();
        Ok(self.ids.iter().position(|id| there.contains(id)))
    }
}
