//! Lists as rows of fields: headings, cells, what is no record, rows that waited, the two threads.

pub(crate) mod asides;
pub(crate) mod cells;
pub mod row;
pub mod rows;
pub(crate) mod stream;
pub mod waiting;
