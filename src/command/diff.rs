//! `indago diff`

use std::io::Write;
use std::path::PathBuf;

use indago::diff::{Text, compare};

use super::{Failure, Outcome, absolute};
use crate::print::{self, ColorChoice, Style};

/// Show what differs between two texts, by sentence
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Sentences that both texts have are folded away; of the others, - stands in A only, + in B only, and ~ in both with other
words: [-those of A-]{+those of B+}, or in colour. The numbers are the lines in A and in B. Source code and lists are
compared by line. Quotes, dashes, ligatures and white space make no difference. No index is needed.

Exit code: 0 the texts differ, 1 they do not, 2 trouble.")]
pub struct Args {
    /// The one file
    #[arg(value_name = "A")]
    a: PathBuf,
    /// The other file
    #[arg(value_name = "B")]
    b: PathBuf,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: ColorChoice,
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    let style = Style::detect(args.color, false);
    let paths = [absolute(&args.a)?, absolute(&args.b)?];
    let (mut a, mut b) = (Text::read(&args.a)?, Text::read(&args.b)?);
    let comparison = compare(&mut a, &mut b);
    let page = print::diff::Page { paths: [&paths[0], &paths[1]], texts: [&a, &b], comparison: &comparison };
    let mut out = print::stdout();
    let written = if args.json { page.json(&mut out, &style) } else { page.text(&mut out, &style) };
    written.and_then(|()| out.flush()).map_err(Failure::output)?;
    Ok(if comparison.differs() { Outcome::Good } else { Outcome::Nothing })
}
