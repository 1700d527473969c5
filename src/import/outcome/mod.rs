//! What becomes of rows: the report, and the one transaction that writes them.

pub(crate) mod apply;
pub mod property;
pub mod report;
