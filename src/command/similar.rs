//! `indago similar`

use std::io::Write;
use std::path::{Path, PathBuf};

use indago::copies;
use indago::index::Snapshot;

use super::copies::share;
use super::{Failure, Outcome, absolute, reading_index};
use crate::print::{self, ColorChoice, Style};

/// List the files that have most in common with a file, which need not be in the index
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Each file is told with the share of the text that it has in common with FILE: of all runs of three words in either, the part
that is in both. ~ marks a share that was guessed, because a file is gone or changed since its ingest, or too large to be
read again.

Exit code: 0 there are such files, 1 there are none, 2 trouble.")]
pub struct Args {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// List files that have at least so much in common: 0.1, 10%
    #[arg(long, value_name = "SHARE", default_value = "0.1", value_parser = share)]
    share: f32,
    /// List at most N files
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
    /// Colour and links: auto (on a terminal), always, never
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let snapshot = Snapshot::open(&reading_index(index)?)?;
    let found = copies::similar(&snapshot, &absolute(&args.file)?, args.share, args.limit)?;
    let style = Style::detect(args.color, false);
    let mut out = print::stdout();
    let mut write = || {
        for near in &found {
            match args.json {
                true => print::near::similar_line(&mut out, &style, near)?,
                false => print::near::similar(&mut out, &style, near)?,
            }
        }
        out.flush()
    };
    write().map_err(Failure::output)?;
    Ok(if found.is_empty() { Outcome::Nothing } else { Outcome::Good })
}
