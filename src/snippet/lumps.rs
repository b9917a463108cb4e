//! What a text holds of the wanted, without analysing all of it.
//!
//! In: a look-up without phrases and a text. Out: what the analysis of the whole text would find. A text falls into *lumps*,
//! between bytes that end a word whatever stands around them. What is wanted begins with two letters, so only lumps are
//! analysed that hold these two, side by side where a word may begin, or something that is not spelled as it is written:
//! an apostrophe, or a character beyond ASCII. Of program text that is one byte in thirty.

use std::ops::Range;

use memchr::memchr;

use super::places::JOINERS;
use super::terms::Sought;

/// Longer lumps are not looked at by themselves.
const MOST_BYTES: usize = 1 << 12;

/// White space behind a line's end that may stand within a broken word.
const MOST_BLANKS: usize = 20;

/// What words of the question begin with, as bits for the first letter and the second.
pub(super) struct Heads {
    first: [u8; 256],
    second: [u8; 256],
}

/// The bit of what is looked at whatever follows.
const ODD: u8 = 0x80;

impl Heads {
    /// Those of what is wanted; `None` if the analysis has to see the whole text.
    pub(super) fn new(sought: &Sought<'_>) -> Option<Heads> {
        if !sought.rows.is_empty() {
            return None;
        }
        let mut heads = Heads { first: [0; 256], second: [0; 256] };
        for word in &sought.wanted().words {
            let terms = word.parts.iter().chain(&word.wholes).chain(&word.prefixes);
            for term in terms.filter(|term| !term.is_empty()) {
                heads.add(term.as_bytes())?;
            }
        }
        for phrase in &sought.wanted().phrases {
            phrase.terms.iter().filter(|term| !term.is_empty()).try_for_each(|term| heads.add(term.as_bytes()))?;
        }
        heads.second.iter_mut().for_each(|bits| *bits |= ODD);
        for odd in (0x80..=0xff).chain([b'\'', b'`']) {
            heads.first[usize::from(odd)] = ODD;
        }
        // U.S. is spelled us, and x-ray is found as xray, too.
        for between in [b'.', b'-'] {
            heads.second[usize::from(between)] = u8::MAX;
        }
        Some(heads)
    }

    /// `None` for a term that may begin otherwise than it is spelled: numbers are grouped (`1,000`), and a single letter
    /// says little.
    fn add(&mut self, term: &[u8]) -> Option<()> {
        let [first, second, ..] = *term else { return None };
        if !first.is_ascii() {
            return Some(());
        }
        if !first.is_ascii_alphabetic() || !second.is_ascii() {
            return None;
        }
        let bit = 1 << (first.to_ascii_lowercase() % 7);
        for (bits, byte) in [(&mut self.first, first), (&mut self.second, second)] {
            for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
                bits[usize::from(byte)] |= bit;
            }
        }
        Some(())
    }

    /// Hands the lumps of `text` that may hold something wanted to `each`, in order, with what parts them from others. Where
    /// lumps do not tell, it says so with `false`, whatever it has handed out.
    pub(super) fn lumps(&self, text: &str, mut each: impl FnMut(Range<usize>)) -> bool {
        let bytes = text.as_bytes();
        // What follows a terminal's control sequence begins a word.
        if memchr(0x1b, bytes).is_some() {
            return false;
        }
        let mut done = 0;
        while let Some(at) = self.next(bytes, done) {
            if !self.begins(bytes, at) {
                done = at + 1;
                continue;
            }
            let range = start(bytes, at)..end(bytes, at);
            if range.len() > MOST_BYTES || range.start + 1 < done {
                return false;
            }
            done = range.end.max(at + 1);
            each(range);
        }
        true
    }

    /// The next place from `from` on where something wanted may begin.
    fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let is_head = |pair: &[u8]| self.first[usize::from(pair[0])] & self.second[usize::from(pair[1])] != 0;
        bytes.get(from..)?.windows(2).position(is_head).map(|at| from + at)
    }

    /// Whether a word may begin at `at`: not within one, but where the case changes. An apostrophe matters behind the first
    /// letter of a word; behind more of them the word is known.
    fn begins(&self, bytes: &[u8], at: usize) -> bool {
        let is_solid = |before: usize| at.checked_sub(before).is_some_and(|at| bytes[at].is_ascii_alphanumeric());
        match bytes[at] {
            b'\'' | b'`' => is_solid(1) && !is_solid(2),
            byte => !byte.is_ascii() || byte.is_ascii_uppercase() || !is_solid(1),
        }
    }
}

/// Whether a byte ends words whatever stands around it, a line's end behind a hyphen apart.
fn parts(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !JOINERS.contains(&byte)
}

/// Where the lump that holds `at` begins, with the byte that parts it from the one before.
fn start(bytes: &[u8], at: usize) -> usize {
    let mut start = at;
    loop {
        start -= bytes[..start].iter().rev().take_while(|byte| !parts(**byte)).count();
        let blanks = blanks(bytes[..start].iter().rev());
        if blanks == 0 || !may_break(bytes, start - blanks) || at - start > MOST_BYTES {
            return start.saturating_sub(1);
        }
        start -= blanks;
    }
}

/// Where it ends, likewise.
fn end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        end += bytes[end..].iter().take_while(|byte| !parts(**byte)).count();
        let blanks = blanks(bytes[end..].iter());
        if blanks == 0 || !may_break(bytes, end) || end - at > MOST_BYTES {
            return (end + 1).min(bytes.len());
        }
        end += blanks;
    }
}

/// How many bytes of white space there are, if a line ends among them.
fn blanks<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    let (mut count, mut has_end) = (0, false);
    for byte in bytes.take(MOST_BLANKS).take_while(|byte| byte.is_ascii_whitespace()) {
        count += 1;
        has_end |= matches!(byte, b'\n' | b'\r');
    }
    if has_end { count } else { 0 }
}

/// Whether a word may be broken before `at`, to go on in the next line.
fn may_break(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|last| bytes[last] == b'-' || !bytes[last].is_ascii())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::places;
    use super::super::{Wanted, Word};
    use super::*;
    use crate::analyse::Analyzer;

    /// Texts in which words begin, end and go on in every way there is.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "(lantern|LANTERN|Lantern|us|US|U\\.S\\.|xray|x-ray|obrien|o'brien|O’Brien|ab|aB|cafe|café|c\\+\\+)",
            3 => "[a-zA-Z0-9]{1,4}",
            4 => "[ \n\t.,;:/'`_@#&+=~%?()\\[\\]\"-]{1,2}",
            1 => "(-\n|-\r\n    |\u{ad}\n|‐\n|\u{301}|é|東京|、|\u{a0}|ﬁ|Ｌ|’|\u{1b}\\[1m)",
            1 => " {1,30}\n? {0,20}",
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn lumps_hold_all_that_the_whole_text_does(text in texts(), with_wholes in any::<bool>()) {
            let own = |terms: &[&str]| terms.iter().map(|term| term.to_string()).collect::<Vec<_>>();
            let wholes = if with_wholes { own(&["xray", "US", "obrien", "lantern", "abus"]) } else { Vec::new() };
            let parts = own(&["lantern", "us", "ray", "obrien", "brien", "ab", "cafe", "c++", "fi", "東京"]);
            let words = vec![
                Word { weight: 1.0, parts, wholes, prefixes: own(&["lan"]) },
                Word { weight: 2.0, parts: own(&["ab"]), ..Word::default() },
            ];
            let wanted = Wanted { words, ..Wanted::default() };
            let sought = Sought::new(&wanted);
            let mut analyzer = Analyzer::new();
            let all = places::stretch(&sought, &mut analyzer, &text, 0..text.len());
            let found = places::whole(&sought, &mut analyzer, &text);
            prop_assert_eq!(&found.places, &all.places, "{:?}", text);
            prop_assert_eq!(&found.marks, &all.marks, "{:?}", text);
        }
    }

    #[test]
    fn of_a_text_few_lumps_are_looked_at() {
        let word = Word { weight: 1.0, parts: vec!["lantern".into()], ..Word::default() };
        let wanted = Wanted { words: vec![word], ..Wanted::default() };
        let heads = Heads::new(&Sought::new(&wanted)).unwrap();
        let text = "The harbour_lantern was lit, said O'Neill: it’s late.";
        let mut lumps = Vec::new();
        assert!(heads.lumps(text, |range| lumps.push(text[range].trim())));
        assert_eq!(lumps, ["harbour_lantern", "O'Neill:", "it’s", "late."]);
    }

    #[test]
    fn numbers_single_letters_and_phrases_take_the_whole_text() {
        let heads = |word: Word| Heads::new(&Sought::new(&Wanted { words: vec![word], ..Wanted::default() })).is_some();
        let part = |term: &str| Word { parts: vec![term.into()], ..Word::default() };
        for (term, expected) in [("lantern", true), ("c++", true), ("東京", true), ("1000", false), ("c", false)] {
            assert_eq!(heads(part(term)), expected, "{term}");
        }
        let terms = vec!["harbour".into(), "lantern".into()];
        let phrase = super::super::Phrase { weight: 1.0, terms, slop: None };
        assert!(Heads::new(&Sought::new(&Wanted { phrases: vec![phrase], ..Wanted::default() })).is_none());
    }
}
