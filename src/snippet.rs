//! The passages worth showing from a text, and the ranges to mark in them.
//!
//! In: a text and what is [`Wanted`] in it. Out: the windows where the rarest and most different
//! words meet, cut where a reader would pause, with their lines. A text of up to 64 KiB is analysed
//! whole; a longer one is read a stretch at a time, the words are looked for in the raw bytes, and what
//! surrounds them is analysed, so the memory holds no more than that. Where an index knows at which places in the row of
//! words the wanted stands, the text is entered near the best of them (`checkpoints`, `windows`), so that the cost follows the
//! passage and not the text.
//! Marks are always those of the whole text's analysis.

mod checkpoints;
mod choose;
mod excerpt;
mod frame;
mod judge;
pub(crate) mod lines;
mod lumps;
mod odd;
mod pages;
mod pause;
mod places;
mod raw;
mod spelled;
mod tally;
mod terms;
mod windows;

use std::io;
use std::ops::Range;

use crate::analyse::Analyzer;
use choose::Chooser;
use excerpt::Excerpt;
use lines::Lines;
use pages::{InMemory, Pages};
use places::Found;
use terms::Sought;

pub(crate) use checkpoints::{Checkpoints, Counting, LONG_BYTES, step};
pub use judge::{Judge, Standing, Unbiased};
pub use pages::Source;
pub(crate) use windows::Spot;

/// The longest text that is analysed whole: half a millisecond, and about what searching the raw bytes would cost.
const WHOLE_BYTES: usize = 1 << 16;

/// What of the text around a stretch tells how passages are cut from it, beside the reach of passages and phrases: where
/// words surely end, and how far white space and lines are looked at.
const MARGIN_BYTES: usize = 3 * places::SURE_BYTES;

/// What to look for in a text; made by the search from the question and the index's dictionary.
///
/// A weight says how much seeing the word is worth, its rarity: only ratios matter, and what is
/// not a positive number counts as nearly nothing. Words in the order of the question are
/// preferred in that order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// The words that count wherever they stand.
    pub words: Vec<Word>,
    /// The words that count only together.
    pub phrases: Vec<Phrase>,
}

/// A word of the question with all its spellings in the index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {
    /// Its rarity.
    pub weight: f32,
    /// The terms that a part may have.
    pub parts: Vec<String>,
    /// The terms that a whole may have. One that is but a row of its parts, with joiners or underscores between them
    /// (`a/b.txt`, `parse_http_header`), is none here, as it is none in an index: it is a phrase.
    pub wholes: Vec<String>,
    /// The beginnings that the term of a part may have.
    pub prefixes: Vec<String>,
}

/// Words that must stand in a row, or near each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phrase {
    /// Its rarity.
    pub weight: f32,
    /// The terms of its parts; none of them counts elsewhere.
    pub terms: Vec<String>,
    /// Without it the terms stand in a row, in order; with it, in any order within `terms.len() + slop` positions.
    pub slop: Option<u32>,
}

/// How much may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most passages.
    pub passages: usize,
    /// The longest passage, in characters; two hundred or so read well.
    pub width_chars: usize,
}

/// A passage of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Bytes of the text, between characters, without white space at either end.
    pub range: Range<usize>,
    /// Bytes of the text inside `range`, in order and disjoint.
    pub marks: Vec<Range<usize>>,
    /// The line of the first byte, from 1; `\n`, `\r\n` and a lone `\r` end a line.
    pub line: u64,
    /// The line of the last byte.
    pub end_line: u64,
    /// The byte of that line at which the passage begins, from 1.
    pub column: u64,
}

/// The best passages of `text`, in reading order, never overlapping; none if nothing wanted stands in it.
///
/// A further passage is shown if it has a word that those before lack, or is at least three fifths
/// as good as the best; the same words again, letter for letter, are not shown twice. A match wider than
/// a passage is cut, and so is its mark.
///
/// ```
/// use indago::snippet::{Limits, Wanted, Word, cut};
///
/// let lantern = Word { weight: 1.0, parts: vec!["lantern".into()], ..Word::default() };
/// let wanted = Wanted { words: vec![lantern], ..Wanted::default() };
/// let text = "The sea was calm.\nThe lantern burned low.";
/// let cuts = cut(text, &wanted, &Limits { passages: 1, width_chars: 30 });
/// assert_eq!(&text[cuts[0].range.clone()], "The lantern burned low.");
/// assert_eq!(&text[cuts[0].marks[0].clone()], "lantern");
/// assert_eq!((cuts[0].line, cuts[0].column), (2, 1));
/// ```
pub fn cut(text: &str, wanted: &Wanted, limits: &Limits) -> Vec<Cut> {
    cut_judged(text, wanted, limits, &mut Unbiased).passages.into_iter().map(|(cut, _)| cut).collect()
}

/// What is to be shown of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cuts {
    /// The passages in reading order, each with its text.
    pub passages: Vec<(Cut, String)>,
    /// Sentences that would be among them but were shown before, without marks, and the number that the judge gave each.
    pub shown: Vec<(Cut, usize)>,
    /// Whether one of the passages says something of the text's own, by what the judge knows.
    pub has_own: bool,
}

/// The same, with a judge of what is known of its sentences: what was shown before is left out, what stands in many files
/// is shown only where there is nothing else.
pub fn cut_judged(text: &str, wanted: &Wanted, limits: &Limits, judge: &mut dyn Judge) -> Cuts {
    cut_places(text, Places::of(text, wanted), wanted, limits, judge)
}

/// Where the wanted stands in a text; nothing is known yet of a text that is not analysed whole.
#[derive(Debug, Clone)]
pub struct Places(Option<Found>);

impl Places {
    /// Those of `text`.
    pub fn of(text: &str, wanted: &Wanted) -> Places {
        let is_whole = text.len() <= WHOLE_BYTES;
        Places(is_whole.then(|| places::whole(&Sought::new(wanted), &mut Analyzer::new(), text)))
    }
}

/// The same as [`cut_judged`], of a text in which the wanted was looked for already.
pub fn cut_places(text: &str, places: Places, wanted: &Wanted, limits: &Limits, judge: &mut dyn Judge) -> Cuts {
    if let Places(Some(found)) = places {
        return of_whole(text, &Sought::new(wanted), found, limits, judge);
    }
    let cuts = cut_from(InMemory { text, piece_bytes: WHOLE_BYTES }, wanted, limits, judge);
    cuts.expect("a text in memory can be read")
}

/// The same of a text that was analysed whole.
fn of_whole(text: &str, sought: &Sought<'_>, found: Found, limits: &Limits, judge: &mut dyn Judge) -> Cuts {
    if limits.passages == 0 || sought.is_empty() {
        return Cuts::default();
    }
    let around = |_: &Range<usize>| found.marks.clone();
    let chooser = Chooser::new(text, sought, &found.places, limits.width_chars.max(1));
    let chosen = chooser.choose(limits.passages, judge, around);
    // Each is in order of the text, as counting lines asks for.
    let (mut lines, mut of_shown) = (Lines::new(text), Lines::new(text));
    let passages = chosen.passages.into_iter().map(|passage| lines.cut(passage.range, passage.marks));
    let shown = chosen.shown.into_iter().map(|(range, number)| (of_shown.cut(range, Vec::new()), number));
    Cuts {
        passages: passages.map(|cut| (cut.clone(), text[cut.range].to_owned())).collect(),
        shown: shown.collect(),
        has_own: chosen.has_own,
    }
}

/// The same of a text that is read piece by piece; the memory does not grow with the text.
///
/// # Errors
/// When a piece cannot be read, or is another one when it is read again.
pub fn cut_from(source: impl Source, wanted: &Wanted, limits: &Limits, judge: &mut dyn Judge) -> io::Result<Cuts> {
    let sought = Sought::new(wanted);
    let width = limits.width_chars.max(1);
    if limits.passages == 0 || sought.is_empty() {
        return Ok(Cuts::default());
    }
    let (mut analyzer, mut pages) = (Analyzer::new(), Pages::new(source));
    let head = pages.around(0..WHOLE_BYTES + 1)?;
    if head.text.len() <= WHOLE_BYTES {
        let found = places::whole(&sought, &mut analyzer, head.text);
        return Ok(of_whole(head.text, &sought, found, limits, judge));
    }
    let stretches = raw::stretches(&sought, &mut analyzer, &mut pages, width)?;
    let mut cuts = from_stretches(&sought, &mut analyzer, &mut pages, stretches, limits, judge)?;
    if cuts.passages.is_empty() && cuts.shown.is_empty() {
        let stretches = raw::beginning(&sought, &mut analyzer, &mut pages, width)?;
        cuts = from_stretches(&sought, &mut analyzer, &mut pages, stretches, limits, judge)?;
    }
    Ok(cuts)
}

/// The same of a text whose words are known to stand at `spots`, in order: all that is read lies around the best of them.
///
/// # Errors
/// When a piece cannot be read, or is not what it was when the checkpoints were made.
pub(crate) fn cut_at(
    source: impl Source,
    checkpoints: Checkpoints,
    spots: &[Spot],
    wanted: &Wanted,
    limits: &Limits,
    judge: &mut dyn Judge,
) -> io::Result<Cuts> {
    let sought = Sought::new(wanted);
    if limits.passages == 0 || sought.is_empty() {
        return Ok(Cuts::default());
    }
    let asked = (limits.passages, limits.width_chars.max(1));
    let mut read: Vec<Range<usize>> = windows::around(&sought, &checkpoints, spots, asked, &[]);
    let (mut analyzer, mut pages) = (Analyzer::new(), Pages::entered(source, checkpoints.clone()));
    let stretches = windows::stretches(&mut pages, read.clone())?;
    let mut best = from_stretches(&sought, &mut analyzer, &mut pages, stretches, limits, judge)?;
    // Where all of that says what others say, there may be something of its own elsewhere.
    for _ in 0..MOST_MORE_ROUNDS {
        if best.has_own {
            break;
        }
        let more = windows::around(&sought, &checkpoints, spots, asked, &read);
        if more.is_empty() {
            break;
        }
        read.extend(more.iter().cloned());
        let stretches = windows::stretches(&mut pages, more)?;
        let next = from_stretches(&sought, &mut analyzer, &mut pages, stretches, limits, judge)?;
        if next.has_own || best.passages.is_empty() && best.shown.is_empty() {
            // What was shown by a better hit stands here, too, whatever is shown beside it.
            let shown = if best.shown.is_empty() { next.shown } else { best.shown };
            best = Cuts { shown, ..next };
        }
    }
    Ok(best)
}

/// So often other places of a long text are looked at where those before said nothing of its own.
const MOST_MORE_ROUNDS: usize = 8;

/// The best passages of some stretches of a text.
fn from_stretches<S: Source>(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    pages: &mut Pages<S>,
    stretches: Vec<Range<usize>>,
    limits: &Limits,
    judge: &mut dyn Judge,
) -> io::Result<Cuts> {
    let width = limits.width_chars.max(1);
    let margin = sought.margin().saturating_add(width.saturating_mul(4)).saturating_add(MARGIN_BYTES);
    let excerpt = Excerpt::read(pages, stretches, margin)?;
    let text = excerpt.text.as_str();
    let places: Vec<_> = excerpt
        .stretches
        .iter()
        .flat_map(|stretch| places::stretch(sought, analyzer, text, stretch.clone()).places)
        .collect();
    let around = |core: &Range<usize>| places::around(sought, analyzer, text, core, width).marks;
    let chosen = Chooser::new(text, sought, &places, width).choose(limits.passages, judge, around);
    let in_text = |range: &Range<usize>| {
        let start = excerpt.place(range.start);
        start..start + range.len()
    };
    let mut cut = |range: &Range<usize>, marks: &[Range<usize>]| {
        let place = in_text(range);
        let (line, line_start) = pages.line(place.start)?;
        let (end_line, _) = pages.line(place.end - 1)?;
        let column = (place.start - line_start + 1) as u64;
        let marks = marks.iter().map(in_text).collect();
        Ok((Cut { range: place, marks, line, end_line, column }, text[range.clone()].to_owned()))
    };
    let passages = chosen.passages.iter().map(|passage| cut(&passage.range, &passage.marks));
    let passages = passages.collect::<io::Result<_>>()?;
    let shown = chosen.shown.iter().map(|(range, number)| Ok((cut(range, &[])?.0, *number)));
    let shown = shown.collect::<io::Result<_>>()?;
    Ok(Cuts { passages, shown, has_own: chosen.has_own })
}

/// Everything in a short text (a title, a path) that matches: bytes of the text, in order and disjoint.
///
/// ```
/// use indago::snippet::{Phrase, Wanted, marks};
///
/// let terms = vec!["harbour".into(), "lantern".into()];
/// let wanted = Wanted { phrases: vec![Phrase { weight: 1.0, terms, slop: None }], ..Wanted::default() };
/// assert_eq!(marks("Lantern, or harbour-lantern?", &wanted), [12..27]);
/// ```
pub fn marks(text: &str, wanted: &Wanted) -> Vec<Range<usize>> {
    let sought = Sought::new(wanted);
    if sought.is_empty() {
        return Vec::new();
    }
    let Found { marks, .. } = places::whole(&sought, &mut Analyzer::new(), text);
    marks
}

/// The beginning of `text`, for a hit that matches elsewhere, in its path or title; nothing for a blank text.
///
/// ```
/// let cut = indago::snippet::beginning("\n\n  The sea was calm. It rained.", 20).expect("a text");
/// assert_eq!(cut.range, 4..21);
/// ```
pub fn beginning(text: &str, width_chars: usize) -> Option<Cut> {
    let start = text.len() - text.trim_start().len();
    if start == text.len() {
        return None;
    }
    let range = frame::frame(text, start..start, start..text.len(), width_chars.max(1), &[]);
    Some(Lines::new(text).cut(range, Vec::new()))
}

/// The sentences of a text, or the lines of what is no prose, none of them blank, each with its first and last line.
pub(crate) fn sentences(text: &str) -> Vec<(Range<usize>, u64, u64)> {
    let pauses = pause::pauses(text, 0..text.len()).into_iter().filter(|pause| pause.strength > pause::Strength::Wrap);
    let (mut lines, mut from) = (Lines::new(text), 0);
    let ends = pauses.map(|pause| (pause.end, pause.start)).chain([(text.len(), text.len())]);
    let sentences = ends.filter_map(|(end, next)| {
        let sentence = text.get(std::mem::replace(&mut from, next)..end).unwrap_or_default();
        let start = end - sentence.trim_start().len();
        let range = start..start + sentence.trim().len();
        (!range.is_empty()).then(|| {
            let line = lines.line_at(range.start);
            (range.clone(), line, lines.line_at(range.end - 1))
        })
    });
    sentences.collect()
}

#[cfg(test)]
mod tests;
