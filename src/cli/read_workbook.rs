//! `menpai read-workbook`: a workbook read for another process of this program.

use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Result;

use crate::import::child;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Workbook to read
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    child::serve(&args.file, std::io::stdin().lock(), out)?;
    Ok(())
}
