//! `indago copies`

use std::io::Write;
use std::path::{Path, PathBuf};

use indago::copies;
use indago::index::Snapshot;

use super::{Failure, Outcome, absolute, reading_index};
use crate::print::{self, ColorChoice, Style};

/// List files that are nearly the same, in groups
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Each group is told by the first of its files in path order; the others stand below it, with the share of the text that they
have in common with it: of all runs of three words in either, the part that is in both. ~ marks a share that was guessed,
because a file is gone or changed since its ingest, or too large to be read again.

Exit code: 0 there are such files, 1 there are none, 2 trouble.")]
pub struct Args {
    /// Only groups with a file at or below PATH
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// List files that have at least so much in common: 0.8, 80%
    #[arg(long, value_name = "SHARE", default_value = "0.8", value_parser = share)]
    share: f32,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
    /// Colour and links: auto (on a terminal), always, never
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

/// Reads a share: a part of one, or a percentage.
pub fn share(text: &str) -> Result<f32, String> {
    let (digits, whole) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    let share = digits.parse::<f32>().ok().map(|number| number / whole);
    let share = share.filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| format!("expected a share such as 0.8 or 80%, found `{text}`"))
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let folder = reading_index(index)?;
    let snapshot = Snapshot::open(&folder)?;
    let below = args.path.as_deref().map(absolute).transpose()?;
    if let Some(below) = &below {
        let mut is_known = false;
        snapshot.records_below(below, |record| {
            is_known = record.version().is_some();
            !is_known
        })?;
        if !is_known {
            return Err(indago::Error::Unknown { path: below.clone(), index: folder }.into());
        }
    }
    let style = Style::detect(args.color, false);
    let mut out = print::stdout();
    let (mut count, mut failed) = (0, None);
    copies::groups(&snapshot, below.as_deref(), args.share, |group| {
        count += 1;
        let written = match args.json {
            true => print::near::group_line(&mut out, &style, &group),
            false => print::near::group(&mut out, &style, count, &group),
        };
        failed = written.err();
        failed.is_none()
    })?;
    match failed.map_or_else(|| out.flush(), Err) {
        Err(error) => Err(Failure::output(error)),
        Ok(()) => Ok(if count > 0 { Outcome::Good } else { Outcome::Nothing }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_part_of_one_or_a_percentage() {
        for (text, expected) in [("0.8", 0.8), ("80%", 0.8), ("1", 1.0), ("100%", 1.0), ("0.25", 0.25)] {
            assert_eq!(share(text), Ok(expected), "{text}");
        }
        for text in ["", "%", "0", "80", "-1", "1.1", "101%", "NaN", "inf", "much"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
