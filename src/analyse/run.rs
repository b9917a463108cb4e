//! Runs: the smallest stretches that compounds are made of, and how each is spelled.
//!
//! In: plain text and where a word begins. Out: letters and digits, with the apostrophes of
//! `don't`, the commas of `1,000`, the dots of `U.S.` and the signs of `C++` that belong to them.

use super::class::{CLASS, DIGIT, LETTER, LOWER, UPPER, WORD, class_at};

/// One run, as found in the text.
pub(super) struct Run {
    /// The byte after the run; what follows is a separator, a joiner or the end.
    pub(super) end: usize,
    /// The classes of its bytes, ORed.
    pub(super) classes: u8,
    pub(super) shape: Shape,
    /// The bytes of a possessive at its end, which are not spelled.
    pub(super) owned: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Letters and digits just as they stand, which may split where the case changes; perhaps a possessive.
    Verbatim,
    /// Spelled otherwise than written: without its apostrophes or commas, or with its `++` or `#`.
    Spelled,
    /// The article of `l'homme`: an apostrophe and another run follow.
    Elided,
    /// Letters with dots: `U.S.`
    Dotted,
}

/// The longest acronym, dots included; without a bound a row of single letters would be read
/// again from every letter on.
const MAX_ACRONYM_BYTES: usize = 24;

/// Finds the run that begins at the word byte `start`, and appends its spelling to `spelling`.
pub(super) fn run(text: &str, start: usize, spelling: &mut String) -> Run {
    let bytes = text.as_bytes();
    if let Some(end) = acronym(bytes, start) {
        spelling.extend(text[start..end].chars().filter(|&ch| ch != '.'));
        let classes = class_at(bytes, start);
        let is_owned = bytes.get(end) == Some(&b'\'') && is_possessive(bytes, end);
        let owned = if is_owned { 2 } else { 0 };
        return Run { end: end + usize::from(owned), classes, shape: Shape::Dotted, owned };
    }
    let (mut end, mut classes) = word(bytes, start);
    let mut from = start;
    let mut shape = Shape::Verbatim;
    loop {
        match bytes.get(end) {
            Some(b'\'' | b'`') => {
                let after = class_at(bytes, end + 1);
                if after & LETTER != 0 && is_possessive(bytes, end) {
                    spelling.push_str(&text[from..end]);
                    return Run { end: end + 2, classes, shape, owned: 2 };
                }
                if after & LETTER != 0 && class_at(bytes, end - 1) & LETTER != 0 {
                    if from == start && is_elision(&text[start..end]) {
                        shape = Shape::Elided;
                        break;
                    }
                } else if !is_group(bytes, start, end, from == start) {
                    break;
                }
            }
            Some(b',') if is_group(bytes, start, end, from == start) => {}
            Some(b'+' | b'#') if from == start && end - start <= 2 && classes & DIGIT == 0 => {
                if let Some(sign) = language_sign(bytes, end) {
                    end += sign;
                    shape = Shape::Spelled;
                }
                break;
            }
            _ => break,
        }
        spelling.push_str(&text[from..end]);
        shape = Shape::Spelled;
        from = end + 1;
        let (next, more) = word(bytes, from);
        (end, classes) = (next, classes | more);
    }
    spelling.push_str(&text[from..end]);
    Run { end, classes, shape, owned: 0 }
}

/// The end of the letters and digits from `start` on, and their classes.
#[inline]
fn word(bytes: &[u8], start: usize) -> (usize, u8) {
    let mut end = start;
    let mut classes = 0;
    loop {
        let class = class_at(bytes, end);
        if class & WORD == 0 {
            return (end, classes);
        }
        classes |= class;
        end += 1;
    }
}

/// The end of `U.S.`, `U.S` or `a.m.`: single letters with dots; without capitals the last dot is needed.
#[inline]
fn acronym(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes.get(start + 1) != Some(&b'.') {
        return None;
    }
    let case = class_at(bytes, start) & (LOWER | UPPER);
    let mut end = start;
    while case & class_at(bytes, end) != 0 && class_at(bytes, end + 1) & WORD == 0 {
        end += 1;
        if end - start > MAX_ACRONYM_BYTES {
            return None;
        }
        if bytes.get(end) != Some(&b'.') {
            break;
        }
        end += 1;
    }
    let dotted = end > start && bytes[end - 1] == b'.';
    // The last dot joins when another word follows it at once: `U.S.Army`.
    let joins = dotted && class_at(bytes, end) & WORD != 0;
    let letters = (end - start).div_ceil(2);
    match (letters >= 2, case, dotted, joins) {
        (true, UPPER, _, true) => Some(end - 1),
        (true, UPPER, ..) | (true, LOWER, true, false) => Some(end),
        _ => None,
    }
}

/// `'s` at the end of a word.
fn is_possessive(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at + 1), Some(b's' | b'S')) && class_at(bytes, at + 2) & WORD == 0
}

/// Articles and particles that French and Italian write with an apostrophe before the next word.
fn is_elision(word: &str) -> bool {
    const ELISIONS: [&str; 18] = [
        "c", "d", "j", "l", "m", "n", "s", "t", "qu", "un", "all", "dell", "dall", "nell", "sull", "jusqu", "lorsqu",
        "puisqu",
    ];
    word.len() <= 6 && ELISIONS.iter().any(|elision| elision.eq_ignore_ascii_case(word))
}

/// Whether the mark at `at` stands between groups of a number: up to three digits, then threes.
fn is_group(bytes: &[u8], start: usize, at: usize, first: bool) -> bool {
    let digits = |range: std::ops::Range<usize>| range.into_iter().all(|at| class_at(bytes, at) == DIGIT);
    let head = !first || (at - start <= 3 && bytes[start] != b'0' && digits(start..at));
    head && digits(at + 1..at + 4) && class_at(bytes, at + 4) != DIGIT
}

/// How many bytes of `++` or `#` belong to the name of a language: C++, C++17, C#.
fn language_sign(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes[at..].starts_with(b"++") {
        (class_at(bytes, at + 2) & LETTER == 0).then_some(2)
    } else {
        (bytes[at] == b'#' && class_at(bytes, at + 1) & WORD == 0).then_some(1)
    }
}

/// The end of the part that begins at `start`: `parse|HTTP|Header`, but `NGOs` and `sha256`.
pub(super) fn case_boundary(written: &[u8], start: usize) -> usize {
    let hexadecimal = matches!(written, [b'0', b'x' | b'X', ..]);
    let class = |at| class_at(written, at);
    let boundary = |at: &usize| {
        let (before, here, after) = (class(at - 1), class(*at), class(at + 1));
        here == UPPER
            && match before {
                LOWER => true,
                UPPER => after == LOWER && !(written[at + 1] == b's' && class(at + 2) != LOWER),
                DIGIT => after == LOWER && CLASS[written[0] as usize] & LETTER != 0,
                _ => false,
            }
    };
    let mut inside = start + 1..written.len();
    inside.find(|at| !hexadecimal && boundary(at)).unwrap_or(written.len())
}

/// Whether a run is the `20T10` of `2024-04-20T10:30`, a run behind a hyphen.
pub(super) fn is_day_and_hour(before: Option<&u8>, written: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    before == Some(&b'-')
        && matches!(written, [day @ .., b'T', _, _] if day.len() == 2 && digits(day))
        && digits(&written[3..])
}

/// Whether a run, with a dot behind it, is the `v1` of a version: `v1.2`.
pub(super) fn is_version(written: &[u8], behind: &[u8]) -> bool {
    matches!(written, [b'v' | b'V', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
        && matches!(behind, [b'.', b'0'..=b'9', ..])
}

/// Words that mean something else in capitals: US is no pronoun, WHO asks nothing.
pub(super) fn is_loud_word(word: &str) -> bool {
    matches!(
        word.as_bytes(),
        b"US"
            | b"IT"
            | b"WHO"
            | b"AM"
            | b"IN"
            | b"OR"
            | b"NO"
            | b"SO"
            | b"IS"
            | b"AS"
            | b"ME"
            | b"HE"
            | b"AT"
            | b"BE"
            | b"DO"
            | b"ON"
            | b"ALL"
            | b"ARE"
            | b"CAN"
            | b"MAY"
    )
}
