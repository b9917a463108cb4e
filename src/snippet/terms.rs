//! What each term of a text means to the question.
//!
//! In: what is wanted. Out: a look-up from a token to the words it matches and the phrases it may
//! belong to, quick to say no, since nearly every token of a text is nothing wanted. Words and
//! phrases are *items*, numbered in one row: the words first.

use std::collections::HashMap;

use super::{Phrase, Wanted};

/// No weight is less, so that a word of no weight is still worth showing.
const LEAST_WEIGHT: f32 = 0.001;

/// No weight is more, so that sums of weights stay exact enough.
const MOST_WEIGHT: f32 = 1000.0;

/// The margin in bytes that a term of a phrase gets on either side of a passage.
const TERM_MARGIN_BYTES: usize = 24;

/// The widest margin; what lies nearer together than this is found in a long text as in a short one.
const MARGIN_BYTES: usize = 1 << 14;

/// What a term of a part means.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The words it matches.
    pub(super) words: Vec<u32>,
    /// Its number among the terms of phrases, if it is one.
    pub(super) term: Option<u32>,
}

/// A phrase by the numbers of its terms.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) item: u32,
    pub(super) terms: Vec<u32>,
    pub(super) slop: Option<u32>,
}

/// The look-up.
#[derive(Debug)]
pub(super) struct Sought<'w> {
    wanted: &'w Wanted,
    parts: HashMap<&'w str, Part>,
    wholes: HashMap<&'w str, Vec<u32>>,
    prefixes: Vec<(&'w str, u32)>,
    gate: Gate,
    /// The phrases of two terms or more.
    pub(super) rows: Vec<Row>,
    /// How many different terms the phrases have.
    pub(super) terms: usize,
}

impl<'w> Sought<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> Self {
        let mut sought = Self {
            wanted,
            parts: HashMap::new(),
            wholes: HashMap::new(),
            prefixes: Vec::new(),
            gate: Gate::new(),
            rows: Vec::new(),
            terms: 0,
        };
        for (item, word) in (0..).zip(&wanted.words) {
            word.parts.iter().for_each(|term| sought.add_part(term, item));
            for term in word.wholes.iter().filter(|term| !term.is_empty()) {
                sought.gate.open(term, false);
                sought.wholes.entry(term).or_default().push(item);
            }
            for prefix in word.prefixes.iter().filter(|prefix| !prefix.is_empty()) {
                sought.gate.open(prefix, true);
                sought.prefixes.push((prefix, item));
            }
        }
        for (item, phrase) in (wanted.words.len() as u32..).zip(&wanted.phrases) {
            sought.add_phrase(phrase, item);
        }
        sought
    }

    fn add_part(&mut self, term: &'w str, item: u32) {
        if !term.is_empty() {
            self.gate.open(term, false);
            self.parts.entry(term).or_default().words.push(item);
        }
    }

    fn add_phrase(&mut self, phrase: &'w Phrase, item: u32) {
        if let [term] = phrase.terms.as_slice() {
            return self.add_part(term, item);
        }
        if phrase.terms.is_empty() || phrase.terms.iter().any(String::is_empty) {
            return;
        }
        let mut terms = Vec::with_capacity(phrase.terms.len());
        for term in &phrase.terms {
            self.gate.open(term, false);
            let part = self.parts.entry(term).or_default();
            let number = *part.term.get_or_insert(self.terms as u32);
            self.terms = self.terms.max(number as usize + 1);
            terms.push(number);
        }
        self.rows.push(Row { item, terms, slop: phrase.slop });
    }

    /// Whether nothing can be found.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.wholes.is_empty() && self.prefixes.is_empty()
    }

    /// How many words and phrases there are.
    pub(super) fn items(&self) -> usize {
        self.wanted.words.len() + self.wanted.phrases.len()
    }

    /// What is wanted, as it was given.
    pub(super) fn wanted(&self) -> &'w Wanted {
        self.wanted
    }

    /// What seeing an item is worth.
    pub(super) fn weight(&self, item: u32) -> f32 {
        let Wanted { words, phrases } = self.wanted;
        let item = item as usize;
        let word = words.get(item).map(|word| word.weight);
        let weight = word.or_else(|| phrases.get(item - words.len().min(item)).map(|phrase| phrase.weight));
        weight.filter(|weight| !weight.is_nan()).unwrap_or(0.0).clamp(LEAST_WEIGHT, MOST_WEIGHT)
    }

    /// How far around a passage lies all that can make a phrase of what stands in it, in bytes.
    pub(super) fn margin(&self) -> usize {
        let positions = self.rows.iter().map(|row| row.terms.len() + row.slop.unwrap_or(0) as usize).max();
        positions.unwrap_or(0).saturating_mul(TERM_MARGIN_BYTES).min(MARGIN_BYTES)
    }

    /// Whether the term may be wanted; few that are not pass.
    #[inline]
    pub(super) fn may_want(&self, term: &str) -> bool {
        self.gate.lets(term)
    }

    pub(super) fn part(&self, term: &str) -> Option<&Part> {
        self.parts.get(term)
    }

    /// The words that match a whole.
    pub(super) fn whole(&self, term: &str) -> &[u32] {
        self.wholes.get(term).map_or(&[], Vec::as_slice)
    }

    /// The words one of whose prefixes begins `term`.
    pub(super) fn begun(&self, term: &str) -> impl Iterator<Item = u32> {
        self.prefixes.iter().filter(move |(prefix, _)| term.starts_with(prefix)).map(|&(_, item)| item)
    }
}

/// For the first and the second byte of a term, the lengths that wanted terms with such a byte have.
struct Gate {
    first: [u64; 256],
    second: [u64; 256],
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    fn new() -> Self {
        Self { first: [0; 256], second: [0; 256] }
    }

    fn open(&mut self, term: &str, longer: bool) {
        let lengths = if longer { u64::MAX << term.len().min(63) } else { length(term) };
        if let [first, rest @ ..] = term.as_bytes() {
            self.first[*first as usize] |= lengths;
            match rest {
                [second, ..] => self.second[*second as usize] |= lengths,
                [] => self.second.iter_mut().for_each(|open| *open |= lengths),
            }
        }
    }

    #[inline]
    fn lets(&self, term: &str) -> bool {
        let length = length(term);
        match term.as_bytes() {
            [first, second, ..] => self.first[*first as usize] & self.second[*second as usize] & length != 0,
            [first] => self.first[*first as usize] & length != 0,
            [] => false,
        }
    }
}

#[inline]
fn length(term: &str) -> u64 {
    1 << term.len().min(63)
}
