//! `indago copies`

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use indago::copies::{self, Groups, LEAST_WORDS, Near, Passage, Told, Unread};
use indago::index::Snapshot;

use super::{Failure, Outcome, absolute, reading_index};
use crate::print::{self, ColorChoice, Style};

/// List files that are nearly the same, in groups, and passages that stand in several others
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Each group is told by the first of its files in path order; the others stand below it, with the share of the text that they
have in common with it: of all runs of three words in either, the part that is in both. ~ marks a share that was guessed,
because a file is gone or changed since its ingest, or too large to be read again.

A passage is a paragraph or a run of sentences that stands in files of different groups, in the same words but for a few;
capitals, signs and line ends aside. It is shown as the first of them has it, with the line where it begins in each. Of a
group its first file is read. Those passages come first that take most room: their words times the files beyond the first.
One inside a longer passage is listed only if it stands in more files.

Exit code: 0 there are such files or passages, 1 there are none, 2 trouble.")]
pub struct Args {
    /// Only groups and passages with a file at or below PATH
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// List files that have at least so much in common: 0.8, 80%
    #[arg(long, value_name = "SHARE", default_value = "0.8", value_parser = share)]
    share: f32,
    /// List groups only
    #[arg(long, conflicts_with = "passages")]
    groups: bool,
    /// List passages only
    #[arg(long)]
    passages: bool,
    /// List passages of which at least N words are the same
    #[arg(long, value_name = "N", default_value_t = LEAST_WORDS as u32,
        value_parser = clap::value_parser!(u32).range(LEAST_WORDS as i64..))]
    words: u32,
    /// List at most N groups and N passages
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Threads that read [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
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
    let found = Groups::find(&snapshot, args.share)?;
    let mut list = List { out: print::stdout(), style, is_json: args.json, count: 0, failed: None };
    if !args.passages && args.limit != Some(0) {
        found.tell(below.as_deref(), |group| list.group(&group) && Some(list.count as usize) != args.limit)?;
    }
    let groups = list.count;
    let mut told = Told::default();
    if !args.groups && list.failed.is_none() {
        let mut options = copies::Options { below, least_words: args.words as usize, ..copies::Options::default() };
        options.limit = args.limit.unwrap_or(options.limit);
        options.threads = args.threads.map_or(options.threads, usize::from);
        told = copies::passages(&found, &options, |passage| list.passage(&passage))?;
        // Nobody is there to be told when stderr is closed.
        drop(notes(&told, &list.style, &mut io::stderr().lock()));
    }
    list.end(groups, &told).map_err(Failure::output)?;
    Ok(if list.count > 0 { Outcome::Good } else { Outcome::Nothing })
}

/// What is listed, and how far that came.
struct List<W> {
    out: W,
    style: Style,
    is_json: bool,
    count: u64,
    failed: Option<io::Error>,
}

impl<W: Write> List<W> {
    /// Lists a group; whether there may be more.
    fn group(&mut self, group: &[Near]) -> bool {
        self.count += 1;
        let (out, style) = (&mut self.out, &self.style);
        let written = match self.is_json {
            true => print::near::group_line(out, style, group),
            false => print::near::group(out, style, self.count, group),
        };
        self.failed = written.err();
        self.failed.is_none()
    }

    /// Lists a passage; whether there may be more.
    fn passage(&mut self, passage: &Passage) -> bool {
        self.count += 1;
        let (out, style) = (&mut self.out, &self.style);
        let written = match self.is_json {
            true => print::passage::passage_line(out, style, passage),
            false => print::passage::passage(out, style, self.count, passage),
        };
        self.failed = written.err();
        self.failed.is_none()
    }

    /// Ends the list.
    fn end(&mut self, groups: u64, told: &Told) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.is_json {
            print::passage::summary_line(&mut self.out, &self.style, groups, told)?;
        }
        self.out.flush()
    }
}

/// Files that were left out are named up to so many.
const MOST_NAMED: usize = 10;

/// Says what was left out.
fn notes(told: &Told, style: &Style, err: &mut impl Write) -> io::Result<()> {
    for Unread { path, why } in told.unread.iter().take(MOST_NAMED) {
        let path = print::paths::relative(path, &style.cwd);
        print::trouble::note(err, &format!("passages of {} are missing: {why}", path.display()))?;
    }
    let others = told.unread.len().saturating_sub(MOST_NAMED);
    if others > 0 {
        let others = print::units::count(others as u64);
        print::trouble::note(err, &format!("passages of {others} more files are missing; --json names them"))?;
    }
    if told.one_in > 1 {
        let note = format!(
            "the tree is large: one in {} of the places by which passages are found was kept, so short ones may be missing",
            told.one_in
        );
        print::trouble::note(err, &note)?;
    }
    Ok(())
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
