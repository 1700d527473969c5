//! Menpai (门牌): a desktop map of a community grid that answers *who and what is in this
//! building?* with one click.

pub mod access;
pub mod cli;
pub mod domain;
pub mod export;
pub mod geo;
pub mod import;
pub mod query;
pub mod store;
pub mod synth;
pub mod text;
