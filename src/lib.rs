//! Menpai (门牌): a desktop map of a community grid that answers *who and what is in this
//! building?* with one click.

pub mod access;
pub mod app;
pub mod cli;
pub mod derived;
pub mod domain;
pub mod edit;
pub mod export;
pub mod geo;
#[cfg(feature = "gui")]
pub mod gpu;
pub mod import;
pub mod map;
pub mod query;
pub mod store;
pub mod synth;
pub mod text;
#[cfg(feature = "gui")]
pub mod ui;
