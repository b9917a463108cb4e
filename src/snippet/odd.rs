//! Spellings that do not begin as their terms do: accents, apostrophes, dots, digit groups.
//!
//! In: a term, or a text. Out: the heads by which the term is found in raw bytes, and the hits that
//! no head finds: those with an apostrophe or a character beyond ASCII among the first bytes.

use std::io;
use std::ops::Range;

use memchr::memchr2;
use unicode_normalization::UnicodeNormalization;

use super::pages::{Pages, Source, Stretch};
use super::places::{floor, stretch, sure};
use super::raw::{ANALYSED_BYTES, CONTEXT_BYTES, Hit, STEP_BYTES};
use super::spelled::Shape;
use super::terms::Sought;
use crate::analyse::Analyzer;

/// How much of a term is searched for; the rest is compared where that is found.
const HEAD_BYTES: usize = 3;

/// How much of a text is searched for odd spellings.
const SEARCHED_BYTES: usize = 2 * ANALYSED_BYTES;

/// How much is analysed for them.
const BUDGET_BYTES: usize = 2 << 20;

/// How `term` may begin in a text: plainly, and with dots, commas or hyphens near its beginning.
///
/// The heads of ASCII terms are in lower case, those of others in every case they have.
pub(super) fn heads(term: &str, shape: Shape) -> Vec<Vec<u8>> {
    let bytes = term.as_bytes();
    let plain = bytes[..bytes.len().min(HEAD_BYTES)].to_vec();
    if !term.is_ascii() {
        return wide_heads(term);
    }
    let mut heads = vec![plain.to_ascii_lowercase()];
    let mut part = |at: usize, mark: u8| {
        if let (Some(before), Some(behind)) = (bytes.get(..at), bytes.get(at)) {
            heads.push([before, &[mark, *behind]].concat().to_ascii_lowercase());
        }
    };
    let starts = |test: fn(&u8) -> bool| bytes.len() > 1 && bytes.iter().take(2).all(test);
    if starts(u8::is_ascii_alphabetic) {
        part(1, b'.');
    }
    if starts(u8::is_ascii_digit) && bytes.len() > 3 {
        for (at, mark) in [(1, b','), (2, b','), (1, b'\''), (2, b'\''), (1, b'`'), (2, b'`')] {
            part(at, mark);
        }
    }
    if shape == Shape::Whole && term.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !is_acronym(term) {
        for (at, mark) in [(1, b'-'), (1, b'_'), (2, b'-'), (2, b'_'), (1, b'\'')] {
            part(at, mark);
        }
    }
    heads
}

/// Wholes in capitals are acronyms, with dots or without.
fn is_acronym(term: &str) -> bool {
    term.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The first two characters, as they stand and with capitals.
fn wide_heads(term: &str) -> Vec<Vec<u8>> {
    let mut heads = vec![String::new()];
    for ch in term.chars().take(2) {
        let mut cases: Vec<String> = vec![ch.to_string(), ch.to_uppercase().collect()];
        cases.dedup();
        heads = heads.iter().flat_map(|head| cases.iter().map(move |case| format!("{head}{case}"))).collect();
    }
    heads.into_iter().map(String::into_bytes).collect()
}

/// Appends the hits of items not `seen` often `enough` that no head finds.
pub(super) fn hits<S: Source>(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    pages: &mut Pages<S>,
    seen: &[usize],
    enough: usize,
    hits: &mut Vec<Hit>,
) -> io::Result<()> {
    let firsts = Firsts::new(sought, |item| seen.get(item as usize).is_some_and(|&count| count < enough));
    let mut odd = Odd { sought, analyzer, firsts, budget: BUDGET_BYTES, analysed: 0 };
    let (mut at, context) = (0, sought.margin() + CONTEXT_BYTES);
    while odd.firsts.any && odd.budget > 0 && at < SEARCHED_BYTES {
        let page = pages.around(at.saturating_sub(context)..at + STEP_BYTES + context)?;
        let to = page.base + floor(page.text, (at + STEP_BYTES).min(page.end()) - page.base);
        if to <= at {
            break;
        }
        odd.search(page, at - page.base..to - page.base, hits);
        at = to;
    }
    Ok(())
}

/// A search for odd spellings.
struct Odd<'s, 'w> {
    sought: &'s Sought<'w>,
    analyzer: &'s mut Analyzer,
    firsts: Firsts,
    budget: usize,
    /// How far the text was analysed.
    analysed: usize,
}

impl Odd<'_, '_> {
    /// Looks for words that are odd in `range` of the page.
    fn search(&mut self, page: Stretch<'_>, range: Range<usize>, hits: &mut Vec<Hit>) {
        let (text, bytes) = (page.text, page.text.as_bytes());
        let mut specials = Specials::new(bytes, range);
        while let Some(at) = specials.next(bytes).filter(|_| self.budget > 0) {
            if page.base + at < self.analysed || !self.firsts.may_begin_near(text, at) {
                continue;
            }
            let word = sure(text, at..at + 1);
            self.analysed = page.base + word.end;
            self.budget = self.budget.saturating_sub(word.len() + 32);
            let mut found = stretch(self.sought, self.analyzer, text, word.clone());
            if found.terms {
                let margin = self.sought.margin();
                let wide = sure(text, word.start.saturating_sub(margin)..word.end.saturating_add(margin));
                self.budget = self.budget.saturating_sub(wide.len());
                found = stretch(self.sought, self.analyzer, text, wide);
            }
            hits.extend(found.places.iter().map(|place| Hit { at: page.base + place.start, item: place.item }));
        }
    }
}

/// Places of apostrophes and of characters beyond ASCII, in order.
struct Specials {
    most: usize,
    apostrophe: usize,
    wide: usize,
}

impl Specials {
    fn new(bytes: &[u8], range: Range<usize>) -> Self {
        let (most, bytes) = (range.end, &bytes[..range.end]);
        Self { most, apostrophe: next_apostrophe(bytes, range.start), wide: next_wide(bytes, range.start) }
    }

    fn next(&mut self, bytes: &[u8]) -> Option<usize> {
        let bytes = &bytes[..self.most];
        let at = self.apostrophe.min(self.wide);
        if at >= self.most {
            return None;
        }
        if at == self.apostrophe {
            self.apostrophe = next_apostrophe(bytes, at + 1);
        } else {
            let length = bytes[at + 1..].iter().take_while(|&&byte| byte & 0xc0 == 0x80).count();
            self.wide = next_wide(bytes, at + 1 + length);
        }
        Some(at)
    }
}

fn next_apostrophe(bytes: &[u8], from: usize) -> usize {
    memchr2(b'\'', b'`', &bytes[from..]).map_or(bytes.len(), |at| from + at)
}

fn next_wide(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    // Long stretches of ASCII are passed over a block at a time.
    for block in bytes[from..].chunks(256) {
        if !block.is_ascii() {
            return at + block.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
        }
        at += block.len();
    }
    bytes.len()
}

/// The first bytes of the ASCII terms still looked for.
struct Firsts {
    set: [bool; 256],
    any: bool,
}

impl Firsts {
    fn new(sought: &Sought<'_>, of: impl Fn(u32) -> bool) -> Self {
        let wanted = sought.wanted();
        let words = wanted.words.iter().map(|word| [&word.parts, &word.wholes, &word.prefixes].map(Vec::as_slice));
        let phrases = wanted.phrases.iter().map(|phrase| [&phrase.terms[..], &[], &[]]);
        let mut firsts = Self { set: [false; 256], any: false };
        for (terms, _) in words.chain(phrases).zip(0..).filter(|(_, item)| of(*item)) {
            for first in terms.into_iter().flatten().filter_map(|term| term.bytes().next()).filter(u8::is_ascii) {
                firsts.set[first.to_ascii_lowercase() as usize] = true;
                firsts.any = true;
            }
        }
        firsts
    }

    fn has(&self, byte: u8) -> bool {
        self.set[byte.to_ascii_lowercase() as usize]
    }

    /// Whether a wanted term may begin so near before `at` that its head is broken there, or at `at`.
    fn may_begin_near(&self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        let byte = bytes[at];
        if byte.is_ascii() && !bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
            return false;
        }
        // Dashes, double quotes, bullets and the ellipsis part words.
        if matches!(bytes[at..], [0xe2, 0x80, 0x93..=0x97 | 0x9c..=0xa6, ..]) {
            return false;
        }
        let word = |at: &usize| bytes.get(*at).is_some_and(u8::is_ascii_alphanumeric);
        for back in 1..HEAD_BYTES {
            let Some(start) = at.checked_sub(back).filter(word) else { break };
            let begins = start.checked_sub(1).filter(word).is_none() || bytes[start].is_ascii_uppercase();
            if begins && self.has(bytes[start]) {
                return true;
            }
        }
        !byte.is_ascii() && self.may_fold(text, at)
    }

    /// Whether the character at `at` may fold to the beginning of a wanted term.
    fn may_fold(&self, text: &str, at: usize) -> bool {
        let Some(ch) = text[at..].chars().next() else { return false };
        match ch {
            // Punctuation; letters of scripts that never fold to ASCII.
            '\u{80}'..='\u{a9}' | '\u{2010}'..='\u{206f}' => false,
            '\u{370}'..='\u{5ff}' | '\u{e80}'..='\u{10ff}' | '\u{3040}'..='\u{d7ff}' => false,
            _ => match std::iter::once(ch).nfkd().next() {
                Some(plain) if plain.is_ascii() => self.has(plain as u8) || !plain.is_ascii_alphanumeric(),
                _ => true,
            },
        }
    }
}
