//! Whether the raw bytes at a place may spell a term, without analysing them.
//!
//! In: a text's bytes, a place, and a term. Out: yes, no, or perhaps, where only the analysis can
//! tell. Yes and perhaps may be wrong, since the marks come from the analysis; no may not.

/// What the bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    No,
    /// Ask the analysis.
    Perhaps,
    /// Up to this byte.
    Yes(usize),
}

/// Which tokens a term is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A part with this term.
    Part,
    /// A part whose term begins so.
    Prefix,
    /// A whole, whose runs may be parted by hyphens and the like.
    Whole,
}

/// A term that was cut may go on in the text.
const CUT_BYTES: usize = crate::analyse::MAX_TERM_BYTES - 4;

/// The most marks between two runs of a compound, as in `://~`.
const MARKS: usize = 5;

/// Whether `term` may stand at `at`.
pub(super) fn spells(bytes: &[u8], at: usize, term: &str, shape: Shape) -> Verdict {
    if !may_begin(bytes, at) {
        return Verdict::No;
    }
    let mut to = at;
    for &wanted in term.as_bytes() {
        if !wanted.is_ascii() {
            return Verdict::Perhaps;
        }
        if !wanted.is_ascii_alphanumeric() {
            continue;
        }
        let from = to;
        loop {
            match bytes.get(to) {
                None => return Verdict::No,
                Some(byte) if !byte.is_ascii() => return Verdict::Perhaps,
                Some(byte) if byte.eq_ignore_ascii_case(&wanted) => break,
                Some(byte) if to > at && may_stand_between(*byte, shape) && to - from < MARKS => to += 1,
                // A dot before a name: `.NET`.
                Some(b'.') if to == at => to += 1,
                Some(_) => return Verdict::No,
            }
        }
        to += 1;
    }
    ending(bytes, to, term, shape)
}

fn ending(bytes: &[u8], mut to: usize, term: &str, shape: Shape) -> Verdict {
    while term.ends_with(['+', '#']) && matches!(bytes.get(to), Some(b'+' | b'#')) {
        to += 1;
    }
    let next = |at| bytes.get(at).copied().unwrap_or(b' ');
    match next(to) {
        _ if shape == Shape::Prefix => Verdict::Yes(to),
        byte if !byte.is_ascii() => Verdict::Perhaps,
        byte if byte.is_ascii_lowercase() || byte.is_ascii_digit() => {
            if term.len() >= CUT_BYTES {
                Verdict::Perhaps
            } else {
                Verdict::No
            }
        }
        b'\'' | b'`' | b',' | b'.' if next(to + 1).is_ascii_alphanumeric() => Verdict::Perhaps,
        _ => Verdict::Yes(to),
    }
}

/// Whether a part or whole may begin at `at`: behind no letter or digit, or where the case changes.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    before.is_none_or(|before| !before.is_ascii_alphanumeric()) || bytes.get(at).is_some_and(u8::is_ascii_uppercase)
}

fn may_stand_between(byte: u8, shape: Shape) -> bool {
    match shape {
        Shape::Whole => b"-_.'`,/:@?=&%~#+".contains(&byte),
        Shape::Part | Shape::Prefix => b"'`,.".contains(&byte),
    }
}

/// Whether `term` may be the next part behind `at`, where another ended.
pub(super) fn follows(bytes: &[u8], at: usize, term: &str) -> bool {
    match bytes.get(at) {
        // Perhaps a possessive.
        Some(b'\'' | b'`' | 0x80..) => return true,
        Some(_) => {}
        None => return false,
    }
    let mut rest = bytes[at..].iter().take(GAP_BYTES);
    match rest.position(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
        Some(gap) => spells(bytes, at + gap, term, Shape::Part) != Verdict::No,
        None => bytes.len() - at > GAP_BYTES,
    }
}

/// Whether `term` may be the part before `at`, where another begins.
pub(super) fn precedes(bytes: &[u8], at: usize, term: &str) -> bool {
    let from = at.saturating_sub(GAP_BYTES);
    let Some(gap) = bytes[from..at].iter().rposition(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) else {
        return from > 0;
    };
    let end = from + gap + 1;
    let near = &bytes[end.saturating_sub(term.len() + MARKS)..end];
    let plain = |byte: &u8| byte.is_ascii() && !b"'`.,".contains(byte);
    let same = |start: usize| bytes[start..end].eq_ignore_ascii_case(term.as_bytes());
    !term.bytes().all(|byte| byte.is_ascii_alphanumeric())
        || term.len() >= CUT_BYTES
        || !near.iter().all(plain)
        || end.checked_sub(term.len()).is_some_and(same)
}

/// The widest gap between the terms of a phrase that is looked across; beyond, the analysis is asked.
const GAP_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_known_without_analysis() {
        for (text, term, shape, expected) in [
            ("Lantern.", "lantern", Shape::Part, Verdict::Yes(7)),
            ("lanterns", "lantern", Shape::Part, Verdict::No),
            ("lanterns", "lantern", Shape::Prefix, Verdict::Yes(7)),
            ("lanternBearer", "lantern", Shape::Part, Verdict::Yes(7)),
            ("U.S. Army", "us", Shape::Part, Verdict::Yes(3)),
            ("1,000 men", "1000", Shape::Part, Verdict::Yes(5)),
            ("long-expected", "longexpected", Shape::Whole, Verdict::Yes(13)),
            ("long-expected", "longexpected", Shape::Part, Verdict::No),
            ("cafe\u{301}", "cafe", Shape::Part, Verdict::Perhaps),
            ("caf\u{e9}", "cafe", Shape::Part, Verdict::Perhaps),
            ("C++ now", "c++", Shape::Part, Verdict::Yes(3)),
            (".NET", ".net", Shape::Whole, Verdict::Yes(4)),
            ("a/b.txt", "a/b.txt", Shape::Whole, Verdict::Yes(7)),
        ] {
            assert_eq!(spells(text.as_bytes(), 0, term, shape), expected, "{text} {term}");
        }
    }
}
