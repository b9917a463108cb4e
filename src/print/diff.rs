//! What differs between two texts, for people and as JSON Lines.
//!
//! ```text
//! --- corpus/agadez.txt
//! +++ corpus/niger.txt
//!  1  1 = 3 sentences
//!  7    - The drones fly from there.
//!  9  7 ~ The troops [-left-]{+will leave+} in May.
//!
//! 3 sentences kept, 1 changed, 1 removed, 0 added; 62% of A stands in B, 71% of B in A
//! ```

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use indago::diff::{Comparison, Part, Piece, Side, Text};
use indago::search::Passage;
use serde::Serialize;

use super::clean::one_line;
use super::flow::MIN_COLUMNS;
use super::objects::{Layout, Name, Objects, name};
use super::style::{Style, paint};
use super::{paths, units, wrap};

/// What the first text has.
const REMOVED: &str = "31";

/// What the second text has.
const ADDED: &str = "32";

/// A changed word of the first text.
const REMOVED_WORD: &str = "1;31";

/// A changed word of the second text.
const ADDED_WORD: &str = "1;32";

/// All there is to show.
pub struct Page<'a> {
    /// Absolute.
    pub paths: [&'a Path; 2],
    /// The texts.
    pub texts: [&'a Text; 2],
    /// How they compare.
    pub comparison: &'a Comparison,
}

/// How many sentences there are of each kind.
#[derive(Default)]
struct Counts {
    kept: u64,
    removed: u64,
    added: u64,
    changed: u64,
    moved: u64,
}

/// A sentence as it is written: parts, each in its colour.
#[derive(Default)]
struct Line {
    text: String,
    /// Where each colour ends.
    colours: Vec<(usize, &'static str)>,
}

impl Page<'_> {
    /// Writes the comparison for people.
    pub fn text(&self, out: &mut impl Write, style: &Style) -> io::Result<()> {
        for ((mark, colour), path) in [("---", REMOVED), ("+++", ADDED)].into_iter().zip(self.paths) {
            style.paint(out, colour, mark)?;
            out.write_all(b" ")?;
            style.paint(out, paint::PATH, &paths::shown(&paths::relative(path, &style.cwd)))?;
            writeln!(out)?;
        }
        let columns = [0, 1].map(|n| self.lines(n).map(|line| line.to_string().len()).max().unwrap_or(1));
        for part in &self.comparison.parts {
            self.part(out, style, columns, part)?;
        }
        let last = format!("\n{}\n", self.summary());
        style.paint(out, paint::FAINT, last.trim_end())?;
        writeln!(out)
    }

    /// The lines of one of the texts where parts begin.
    fn lines(&self, n: usize) -> impl Iterator<Item = u64> {
        self.comparison.parts.iter().filter_map(move |part| sides(part)[n].map(|side| side.line))
    }

    fn part(&self, out: &mut impl Write, style: &Style, columns: [usize; 2], part: &Part) -> io::Result<()> {
        let [one, other] = self.texts;
        let mut line = Line::default();
        let (sign, colour) = match part {
            Part::Kept { sentences, .. } => {
                line.push(paint::FAINT, &sentences_in_words(*sentences as u64));
                ("=", paint::FAINT)
            }
            Part::Removed { a, moved } => {
                line.push(REMOVED, &plain(one.of(&a.range)));
                line.note(moved.map(|moved| format!("(now in line {moved})")));
                ("-", REMOVED)
            }
            Part::Added { b, moved } => {
                line.push(ADDED, &plain(other.of(&b.range)));
                line.note(moved.map(|moved| format!("(was in line {moved})")));
                ("+", ADDED)
            }
            Part::Changed { a, b, pieces } => {
                line = self.changed(style, a, b, pieces);
                ("~", paint::STALE)
            }
        };
        for (side, columns) in sides(part).into_iter().zip(columns) {
            let number = side.map_or_else(String::new, |side| side.line.to_string());
            style.paint(out, paint::LINE, &format!("{number:>columns$} "))?;
        }
        style.paint(out, colour, sign)?;
        out.write_all(b" ")?;
        line.write(out, style, columns[0] + columns[1] + 4)
    }

    /// A sentence with the words of both texts.
    fn changed(&self, style: &Style, a: &Side, b: &Side, pieces: &[Piece]) -> Line {
        let [one, other] = self.texts;
        let mut line = Line::default();
        for piece in pieces {
            let (Piece::Kept(old, new) | Piece::Changed(old, new)) = piece;
            let is_apart =
                |text: &Text, whole: &Side, at: usize| text.of(&(whole.range.start..at)).ends_with(char::is_whitespace);
            let old_apart = !old.is_empty() && is_apart(one, a, old.start);
            let new_apart = !new.is_empty() && is_apart(other, b, new.start);
            if !line.text.is_empty() && (old_apart || new_apart) {
                line.push(paint::PLAIN, " ");
            }
            let (old, new) = (plain(one.of(old)), plain(other.of(new)));
            match piece {
                Piece::Kept(..) => line.push(paint::PLAIN, &new),
                Piece::Changed(..) if style.colour => {
                    line.push(REMOVED_WORD, &old);
                    if !old.is_empty() && !new.is_empty() {
                        line.push(paint::PLAIN, " ");
                    }
                    line.push(ADDED_WORD, &new);
                }
                Piece::Changed(..) => {
                    for (open, text, close) in [("[-", old, "-]"), ("{+", new, "+}")] {
                        if !text.is_empty() {
                            line.push(paint::PLAIN, &format!("{open}{text}{close}"));
                        }
                    }
                }
            }
        }
        line
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for part in &self.comparison.parts {
            match part {
                Part::Kept { sentences, .. } => counts.kept += *sentences as u64,
                Part::Removed { moved, .. } => {
                    counts.removed += 1;
                    counts.moved += u64::from(moved.is_some());
                }
                Part::Added { .. } => counts.added += 1,
                Part::Changed { .. } => counts.changed += 1,
            }
        }
        counts
    }

    fn summary(&self) -> String {
        let Counts { kept, removed, added, changed, moved } = self.counts();
        let count = units::count;
        let mut summary = format!("{} kept", sentences_in_words(kept));
        if self.comparison.typographic > 0 {
            summary += &format!(" ({} but for quotes and dashes)", count(self.comparison.typographic as u64));
        }
        for (n, what) in [(changed, "changed"), (removed, "removed"), (added, "added")] {
            summary += &format!(", {} {what}", count(n));
        }
        if moved > 0 {
            summary += &format!(" ({} only moved)", count(moved));
        }
        let share = self.comparison.share;
        summary + &format!("; {} of A stands in B, {} of B in A", percent(share.of_a), percent(share.of_b))
    }

    /// Writes the comparison as JSON Lines.
    pub fn json(&self, out: &mut impl Write, style: &Style) -> io::Result<()> {
        let mut objects = Objects::new(out, Layout::Lines, style);
        for part in &self.comparison.parts {
            objects.put(&self.object(part))?;
        }
        let (Counts { kept, removed, added, changed, moved }, share) = (self.counts(), self.comparison.share);
        objects.put(&SummaryLine {
            r#type: "summary",
            a: name(self.paths[0]),
            b: name(self.paths[1]),
            kept,
            typographic: self.comparison.typographic as u64,
            changed,
            removed,
            added,
            moved,
            share: share.of_both,
            share_a: share.of_a,
            share_b: share.of_b,
        })?;
        objects.end()
    }

    fn object<'o>(&'o self, part: &Part) -> DiffLine<'o> {
        let is_kept = matches!(part, Part::Kept { .. });
        let mut sides = sides(part).into_iter().zip(self.texts).map(|(side, text)| {
            side.map(|side| SideObject {
                line: side.line,
                end_line: side.end_line,
                text: (!is_kept).then(|| text.of(&side.range)),
            })
        });
        let (a, b) = (sides.next().flatten(), sides.next().flatten());
        let line = DiffLine { r#type: "diff", kind: "kept", sentences: 1, a, b, words: None, moved: None };
        let word = |kind, text: &'o Text, range: &Range<usize>| WordObject { kind, text: text.of(range) };
        match part {
            Part::Kept { sentences, .. } => DiffLine { sentences: *sentences, ..line },
            Part::Removed { moved, .. } => DiffLine { kind: "removed", moved: *moved, ..line },
            Part::Added { moved, .. } => DiffLine { kind: "added", moved: *moved, ..line },
            Part::Changed { pieces, .. } => {
                let words = pieces.iter().flat_map(|piece| match piece {
                    Piece::Kept(_, new) => vec![word("kept", self.texts[1], new)],
                    Piece::Changed(old, new) => {
                        let both = [word("removed", self.texts[0], old), word("added", self.texts[1], new)];
                        both.into_iter().filter(|word| !word.text.is_empty()).collect()
                    }
                });
                DiffLine { kind: "changed", words: Some(words.collect()), ..line }
            }
        }
    }
}

/// The sides of a part, the first text's first.
fn sides(part: &Part) -> [Option<&Side>; 2] {
    match part {
        Part::Kept { a, b, .. } | Part::Changed { a, b, .. } => [Some(a), Some(b)],
        Part::Removed { a, .. } => [Some(a), None],
        Part::Added { b, .. } => [None, Some(b)],
    }
}

/// A text on one clean line.
fn plain(text: &str) -> String {
    one_line(&Passage { text: text.to_owned(), marks: Vec::new() }).text
}

fn sentences_in_words(n: u64) -> String {
    if n == 1 { "1 sentence".into() } else { format!("{} sentences", units::count(n)) }
}

/// A share in whole percent; neither nothing nor all unless it is.
fn percent(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.01 => "under 1%".into(),
        share if share > 0.99 && share < 1.0 => "over 99%".into(),
        share => format!("{:.0}%", share * 100.0),
    }
}

impl Line {
    fn push(&mut self, colour: &'static str, text: &str) {
        self.text.push_str(text);
        self.colours.push((self.text.len(), colour));
    }

    fn note(&mut self, note: Option<String>) {
        if let Some(note) = note {
            self.push(paint::FAINT, &format!(" {note}"));
        }
    }

    /// Writes it from column `indent` on, wrapped to the width if there is one.
    fn write(&self, out: &mut impl Write, style: &Style, indent: usize) -> io::Result<()> {
        let room = style.width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(MIN_COLUMNS));
        for (n, line) in wrap::lines(&self.text, room).into_iter().enumerate() {
            if n > 0 {
                write!(out, "\n{:indent$}", "")?;
            }
            let mut at = line.start;
            for &(end, colour) in self.colours.iter().filter(|(end, _)| *end > line.start) {
                let end = end.min(line.end);
                style.paint(out, colour, &self.text[at.min(end)..end])?;
                at = end;
            }
        }
        writeln!(out)
    }
}

/// A part.
#[derive(Serialize)]
struct DiffLine<'a> {
    r#type: &'static str,
    /// `kept`, `removed`, `added` or `changed`.
    kind: &'static str,
    /// How many; those that differ come one by one.
    sentences: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<SideObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<SideObject<'a>>,
    /// Of a changed sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Vec<WordObject<'a>>>,
    /// The line of the other text where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<u64>,
}

#[derive(Serialize)]
struct SideObject<'a> {
    line: u64,
    end_line: u64,
    /// Not of what was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct WordObject<'a> {
    /// `kept`, `removed` or `added`.
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    a: Name<'a>,
    b: Name<'a>,
    kept: u64,
    typographic: u64,
    changed: u64,
    removed: u64,
    added: u64,
    moved: u64,
    /// Of the runs of four words of both, those in common.
    share: f64,
    /// Of those of the first text.
    share_a: f64,
    /// Of those of the second text.
    share_b: f64,
}
