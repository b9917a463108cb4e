//! Words as they are compared: however their quotes, dashes and ligatures are set.
//!
//! In: a sentence. Out: its words and marks, each with a hash, and of two sentences what one has and the other lacks.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use unicode_normalization::UnicodeNormalization;
use xxhash_rust::xxh3::xxh3_64;

use super::Text;

/// What is kept between two changes is shown as part of them if it has fewer letters than this, which reads better than
/// many small changes.
const LEAST_KEPT: usize = 4;

/// Of the words of the longer sentence, one in so many is kept where both are shown as one.
const LEAST_SHARE: usize = 3;

/// Sentences of more words, as lines without end are, are not compared word by word.
const MOST_WORDS: usize = 1 << 14;

/// A stretch of two sentences that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of either text, in the same words.
    Kept(Range<usize>, Range<usize>),
    /// Bytes of the first text, and those of the second that stand in their place; one may be empty.
    Changed(Range<usize>, Range<usize>),
}

/// Hashes words.
#[derive(Debug, Default)]
pub(super) struct Folder {
    buffer: String,
    keys: Vec<u8>,
}

impl Folder {
    /// The hash of a sentence and how many words it has.
    pub(super) fn key(&mut self, sentence: &str) -> (u64, usize) {
        self.keys.clear();
        let mut words = 0;
        for word in split(sentence) {
            let word = &sentence[word];
            words += usize::from(word.contains(char::is_alphanumeric));
            let key = self.word(word);
            self.keys.extend(key.to_le_bytes());
        }
        (xxh3_64(&self.keys), words)
    }

    /// The hash of a word.
    pub(super) fn word(&mut self, word: &str) -> u64 {
        if word.is_ascii() && !word.contains(['`', '-']) {
            return xxh3_64(word.as_bytes());
        }
        self.buffer.clear();
        for ch in word.nfkc() {
            match ch {
                '\u{2018}'..='\u{201b}' | '`' | '\u{b4}' | '\u{2032}' => self.buffer.push('\''),
                '\u{201c}'..='\u{201f}' | '«' | '»' | '\u{2033}' => self.buffer.push('"'),
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' if self.buffer.ends_with('-') => {}
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => self.buffer.push('-'),
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
                ch => self.buffer.push(ch),
            }
        }
        xxh3_64(self.buffer.as_bytes())
    }
}

/// The words of a text, with the marks between them as words of their own.
pub(super) fn split(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].len() - text[at..].trim_start().len();
        let first = text[at..].chars().next()?;
        let start = at;
        at += first.len_utf8();
        if is_dash(first) {
            at += text[at..].len() - text[at..].trim_start_matches(is_dash).len();
        } else if is_dot(first) {
            at += text[at..].len() - text[at..].trim_start_matches(is_dot).len();
        } else if first.is_alphanumeric() && !stands_alone(first) {
            at += rest_of_word(&text[at..]);
        }
        Some(start..at)
    })
}

/// How far a word goes on: to what is no letter, save for one mark between two letters.
fn rest_of_word(text: &str) -> usize {
    let is_letter = |ch: char| (ch.is_alphanumeric() && !stands_alone(ch)) || is_hidden(ch);
    let mut chars = text.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        let joins = matches!(ch, '\'' | '’' | '.' | ',' | '_' | '-' | '\u{2010}' | '\u{2011}');
        let goes_on = is_letter(ch) || joins && chars.peek().is_some_and(|(_, next)| is_letter(*next));
        if !goes_on {
            return at;
        }
    }
    text.len()
}

fn is_dash(ch: char) -> bool {
    matches!(ch, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_dot(ch: char) -> bool {
    matches!(ch, '.' | '…')
}

/// A character inside of words that is seen by nobody, or belongs to the one before.
fn is_hidden(ch: char) -> bool {
    matches!(ch, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}') || unicode_normalization::char::is_combining_mark(ch)
}

/// A character of a script that is written without spaces.
fn stands_alone(ch: char) -> bool {
    matches!(ch, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}')
        || matches!(ch, '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..)
}

/// What a sentence of `a` and one of `b` have in common and not; nothing if that is too little to read them as one.
pub(super) fn pieces(a: &Text, b: &Text, one: &Range<usize>, other: &Range<usize>) -> Option<Vec<Piece>> {
    let words = |text: &Text, range: &Range<usize>| -> Vec<Range<usize>> {
        split(text.of(range)).map(|word| range.start + word.start..range.start + word.end).collect()
    };
    let (before, after) = (words(a, one), words(b, other));
    if before.len() + after.len() > MOST_WORDS {
        return None;
    }
    let mut folder = Folder::default();
    let mut input = InternedInput::default();
    input.update_before(before.iter().map(|word| folder.word(a.of(word))));
    input.update_after(after.iter().map(|word| folder.word(b.of(word))));
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let mut changes: Vec<[Range<usize>; 2]> = Vec::new();
    for hunk in diff.hunks() {
        let hunk = [hunk.before, hunk.after].map(|range| range.start as usize..range.end as usize);
        let between = changes.last().map(|last| a.of(&extent(&before, last[0].end..hunk[0].start)));
        let letters = between.map(|text| text.chars().filter(|ch| ch.is_alphanumeric()).count());
        match changes.last_mut().filter(|_| letters.is_some_and(|letters| letters < LEAST_KEPT)) {
            Some(last) => (last[0].end, last[1].end) = (hunk[0].end, hunk[1].end),
            None => changes.push(hunk),
        }
    }
    let mut pieces = Vec::new();
    let (mut at, mut kept) = ([0, 0], 0);
    for [removed, added] in changes.into_iter().chain([[before.len()..before.len(), after.len()..after.len()]]) {
        kept += removed.start - at[0];
        if at[0] < removed.start {
            pieces.push(Piece::Kept(extent(&before, at[0]..removed.start), extent(&after, at[1]..added.start)));
        }
        at = [removed.end, added.end];
        if !removed.is_empty() || !added.is_empty() {
            pieces.push(Piece::Changed(extent(&before, removed), extent(&after, added)));
        }
    }
    (kept * LEAST_SHARE >= before.len().max(after.len())).then_some(pieces)
}

/// From the first byte of some words to the last.
fn extent(words: &[Range<usize>], which: Range<usize>) -> Range<usize> {
    match words.get(which) {
        Some([first, .., last]) => first.start..last.end,
        Some([word]) => word.clone(),
        _ => 0..0,
    }
}
