//! What differs between two texts, by sentence, and inside a sentence by word.
//!
//! In: two texts. Out: runs of sentences that both have, and what stands only in one or differs, in reading order. Where a
//! text is no prose its lines are what is compared. Quotes, dashes, ligatures and white space make no difference, but
//! sentences that differ in nothing else are counted. Time and memory grow with the texts as good as linearly: the
//! algorithm (`imara-diff`'s histogram, which is that of JGit) gives up exactness where a text repeats itself too often.

mod join;
mod pair;
mod shingle;
mod words;

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::snippet;
use crate::{Error, Result, decode, read};

use pair::Pair;
pub use shingle::Share;
pub use words::Piece;

/// A sentence that is found elsewhere has moved there if it has so many words; shorter ones stand anywhere.
const MOVED_WORDS: usize = 5;

/// Files beyond this size are not compared; both are held in memory.
const MAX_BYTES: u64 = 1 << 30;

/// A text that was cut into sentences.
#[derive(Debug, Clone)]
pub struct Text {
    text: String,
    sentences: Vec<Sentence>,
}

/// A sentence, or a line of what is no prose.
#[derive(Debug, Clone)]
struct Sentence {
    range: Range<usize>,
    line: u64,
    end_line: u64,
    /// What its words hash to, the same however they are set.
    key: u64,
    words: usize,
}

/// Where something stands in one of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The line of the first byte, from 1.
    pub line: u64,
    /// The line of the last byte.
    pub end_line: u64,
}

/// A stretch of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Sentences that both have, one behind the other.
    Kept {
        /// In the first text.
        a: Side,
        /// In the second.
        b: Side,
        /// How many.
        sentences: usize,
    },
    /// A sentence that only the first text has here.
    Removed {
        /// In the first text.
        a: Side,
        /// The line of the second text where it stands instead.
        moved: Option<u64>,
    },
    /// A sentence that only the second text has here.
    Added {
        /// In the second text.
        b: Side,
        /// The line of the first text where it stood.
        moved: Option<u64>,
    },
    /// A sentence that stands in both with other words.
    Changed {
        /// In the first text.
        a: Side,
        /// In the second.
        b: Side,
        /// Its words, kept or not, in order.
        pieces: Vec<Piece>,
    },
}

/// What differs between two texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// In reading order.
    pub parts: Vec<Part>,
    /// How many of the sentences kept differ in quotes, dashes and the like.
    pub typographic: usize,
    /// How much they have in common.
    pub share: Share,
}

impl Comparison {
    /// Whether a word differs.
    pub fn differs(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Kept { .. }))
    }
}

impl Text {
    /// Reads a file, decoded as `ingest` does.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub fn read(path: &Path) -> Result<Text> {
        let failed = |source| Error::Read { path: path.to_path_buf(), source };
        let (file, metadata) = read::open(path).map_err(failed)?;
        if metadata.len() > MAX_BYTES {
            return Err(Error::NoText { path: path.to_path_buf(), reason: "larger than 1 GiB".into() });
        }
        let bytes = all(file, metadata.len()).map_err(failed)?;
        let decoded = decode::decode(&bytes, None)
            .map_err(|refused| Error::NoText { path: path.to_path_buf(), reason: refused.to_string() })?;
        Ok(Text::new(decoded.text.into_owned()))
    }

    /// Cuts a text into sentences.
    pub fn new(text: String) -> Text {
        let cuts = snippet::sentences(&text);
        let mut folder = words::Folder::default();
        let sentences = cuts.into_iter().map(|(range, line, end_line)| {
            let (key, words) = folder.key(&text[range.clone()]);
            Sentence { range, line, end_line, key, words }
        });
        Text { sentences: sentences.collect(), text }
    }

    /// The text of a place in it.
    pub fn of(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn slice(&self, sentence: usize) -> &str {
        self.of(&self.sentences[sentence].range)
    }

    fn side(&self, sentences: Range<usize>) -> Side {
        let (first, last) = (&self.sentences[sentences.start], &self.sentences[sentences.end - 1]);
        Side { range: first.range.start..last.range.end, line: first.line, end_line: last.end_line }
    }
}

fn all(file: File, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::with_capacity(bytes as usize);
    file.take(MAX_BYTES).read_to_end(&mut all)?;
    Ok(all)
}

/// Compares two texts. Sentences that only one of them cuts in two, as at a line's end, are joined.
///
/// ```
/// use indago::diff::{Part, Text, compare};
///
/// let mut a = Text::new("The lamp burned. It rained on the town. He left.".into());
/// let mut b = Text::new("The lamp burned. It snowed on the town. He left.".into());
/// let parts = compare(&mut a, &mut b).parts;
/// assert!(matches!(parts[..], [Part::Kept { .. }, Part::Changed { .. }, Part::Kept { .. }]));
/// ```
pub fn compare(a: &mut Text, b: &mut Text) -> Comparison {
    let mut hunks = hunks(a, b);
    if !hunks.is_empty() {
        join::join(a, b, &hunks);
        hunks = self::hunks(a, b);
    }
    let (a, b) = (&*a, &*b);
    let removed = places(a, hunks.iter().map(|(before, _)| before));
    let added = places(b, hunks.iter().map(|(_, after)| after));
    let share = shingle::share(&a.text, &b.text);
    let mut comparison = Comparison { parts: Vec::new(), typographic: 0, share };
    let (mut at_a, mut at_b) = (0, 0);
    for (before, after) in hunks {
        comparison.keep(a, b, at_a..before.start, at_b..after.start);
        (at_a, at_b) = (before.end, after.end);
        let first = |one: usize| {
            let moved = added.get(&a.sentences[one].key).copied();
            Part::Removed { a: a.side(one..one + 1), moved }
        };
        let second = |other: usize| {
            let moved = removed.get(&b.sentences[other].key).copied();
            Part::Added { b: b.side(other..other + 1), moved }
        };
        for pair in pair::pairs(a, b, before, after) {
            match pair {
                Pair::First(one) => comparison.parts.push(first(one)),
                Pair::Second(other) => comparison.parts.push(second(other)),
                Pair::Both(one, other) => {
                    match words::pieces(a, b, &a.sentences[one].range, &b.sentences[other].range) {
                        Some(pieces) => {
                            let (a, b) = (a.side(one..one + 1), b.side(other..other + 1));
                            comparison.parts.push(Part::Changed { a, b, pieces });
                        }
                        None => comparison.parts.extend([first(one), second(other)]),
                    }
                }
            }
        }
    }
    comparison.keep(a, b, at_a..a.sentences.len(), at_b..b.sentences.len());
    comparison
}

/// Where the texts have other sentences.
fn hunks(a: &Text, b: &Text) -> Vec<(Range<usize>, Range<usize>)> {
    let mut input = InternedInput::default();
    input.update_before(a.sentences.iter().map(|sentence| sentence.key));
    input.update_after(b.sentences.iter().map(|sentence| sentence.key));
    let span = |range: Range<u32>| range.start as usize..range.end as usize;
    let diff = Diff::compute(Algorithm::Histogram, &input);
    diff.hunks().map(|hunk| (span(hunk.before), span(hunk.after))).collect()
}

/// The lines of the sentences that stand only in one text where the other was compared, by their keys; the first of equals.
fn places<'h>(text: &Text, hunks: impl Iterator<Item = &'h Range<usize>>) -> HashMap<u64, u64> {
    let mut places = HashMap::new();
    for sentence in hunks.flat_map(|hunk| &text.sentences[hunk.clone()]) {
        if sentence.words >= MOVED_WORDS {
            places.entry(sentence.key).or_insert(sentence.line);
        }
    }
    places
}

impl Comparison {
    fn keep(&mut self, a: &Text, b: &Text, one: Range<usize>, other: Range<usize>) {
        if one.is_empty() {
            return;
        }
        let set_otherwise = |(one, other)| !a.slice(one).split_whitespace().eq(b.slice(other).split_whitespace());
        self.typographic += one.clone().zip(other.clone()).filter(|pair| set_otherwise(*pair)).count();
        self.parts.push(Part::Kept { sentences: one.len(), a: a.side(one), b: b.side(other) });
    }
}

#[cfg(test)]
mod tests;
