//! Documents on paper: text that can be searched, never a picture of it.

mod faces;
mod list;
mod map_page;
mod pages;
mod report;

pub use list::{List, ListColumn, MOST_ROWS};
pub use map_page::MapPage;
pub use pages::About;
pub use report::Report;
