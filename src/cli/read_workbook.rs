//! `menpai read-workbook`: a workbook read for another process of this program.

use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Result;

use crate::import::formats::serve::serve;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Workbook to read
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    serve(&args.file, std::io::stdin().lock(), out)?;
    Ok(())
}
