//! Where a reader would pause: the ends of paragraphs, sentences and lines.
//!
//! In: a text and a range of it. Out: the pauses in it, in order, each with its strength. An
//! abbreviation (`Gen.`, `e.g.`, `U.S.`) or an initial ends no sentence, nor does a full stop
//! before a small letter.

use std::ops::{ControlFlow, Range};

use super::places::{ceil, floor};

/// How strong a pause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The end of a line in running text.
    Wrap,
    /// The end of a sentence, or of a line of code or of a list.
    Full,
    /// A blank line.
    Paragraph,
}

/// A pause between two stretches of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    /// The byte behind the stretch before it.
    pub(super) end: usize,
    /// The first byte of the stretch behind it.
    pub(super) start: usize,
    pub(super) strength: Strength,
}

/// Lines from this length on are not wrapped by hand, so their ends mean something.
const LONG_LINE_CHARS: usize = 100;

/// Lines up to this length were not ended for lack of room.
const SHORT_LINE_CHARS: usize = 40;

/// How far white space is skipped and lines are looked at, so that none without end costs more.
const BLANK_BYTES: usize = 1 << 12;

/// How far quotes and brackets that close a sentence may reach.
const CLOSING_BYTES: usize = 16;

/// The pauses in `range` of `text`, and those that begin or end at its ends.
pub(super) fn pauses(text: &str, range: Range<usize>) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let _ = each(text, range, |pause| {
        pauses.push(pause);
        ControlFlow::Continue(())
    });
    pauses
}

/// The same, one by one, until `take` breaks.
pub(super) fn each(text: &str, range: Range<usize>, mut take: impl FnMut(Pause) -> ControlFlow<()>) -> ControlFlow<()> {
    let bytes = text.as_bytes();
    let mut line = line_start(text, range.start);
    let mut at = range.start;
    while at < range.end {
        // Most bytes end nothing.
        if bytes[at] < 0x80 && !matches!(bytes[at], b'\n' | b'\r' | b'.' | b'!' | b'?') {
            at += 1;
            continue;
        }
        let Some(ch) = text[at..].chars().next() else { break };
        let pause = match ch {
            '\n' | '\r' => line_end(text, line, at),
            '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '｡' | '।' | '॥' | '؟' | '۔' | '።' => {
                sentence_end(text, line, at, ch)
            }
            _ => None,
        };
        at += ch.len_utf8();
        if let Some(pause) = pause {
            if text[pause.end..pause.start].contains(['\n', '\r']) {
                line = line_start(text, pause.start);
            }
            take(pause)?;
            at = at.max(pause.start);
        }
    }
    ControlFlow::Continue(())
}

/// The beginning of the line that holds `at`, or of what is looked at of it.
fn line_start(text: &str, at: usize) -> usize {
    let from = floor(text, at.saturating_sub(BLANK_BYTES));
    text[from..at].rfind(['\n', '\r']).map_or(from, |end| from + end + 1)
}

/// Where white space from `at` on ends, and how many lines end in it.
fn blank(text: &str, at: usize) -> (usize, usize) {
    let end = ceil(text, at.saturating_add(BLANK_BYTES));
    let rest = &text[at..end];
    let blank = &rest[..rest.len() - rest.trim_start().len()];
    let ends = blank.bytes().filter(|&byte| byte == b'\n').count();
    let returns = blank.bytes().filter(|&byte| byte == b'\r').count();
    (at + blank.len(), ends.max(returns))
}

fn line_end(text: &str, line: usize, at: usize) -> Option<Pause> {
    let (start, ends) = blank(text, at);
    let line = line.min(at);
    let written = &text[line..at];
    let next = line_start(text, start);
    let strength = match ends {
        2.. => Strength::Paragraph,
        _ if ends_by_itself(written, &text[next..ceil(text, start.saturating_add(BLANK_BYTES))]) => Strength::Full,
        _ => Strength::Wrap,
    };
    Some(Pause { end: line + written.trim_end().len(), start, strength })
}

/// Whether `line` ends for a reason other than its length, given what follows it.
fn ends_by_itself(line: &str, next: &str) -> bool {
    let indented = |line: &str| line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let first = |line: &str| line.trim_start_matches([' ', '\t']).chars().next();
    let code = |line: &str| line.trim_end().ends_with([';', '{', '}', '>', '\\', '|']);
    let length = line.chars().take(LONG_LINE_CHARS).count();
    let Some(begins) = first(next) else { return true };
    length >= LONG_LINE_CHARS
        || code(line)
        || is_item(next.trim_start_matches([' ', '\t']))
        || indented(line) != indented(next)
        || (length <= SHORT_LINE_CHARS && !begins.is_lowercase())
        || first(line).is_some_and(|ch| !ch.is_alphabetic()) && !begins.is_alphabetic()
}

/// Whether a line begins like an item of a list, a heading, a comment or markup.
fn is_item(line: &str) -> bool {
    let number = line.trim_start_matches(|ch: char| ch.is_ascii_digit());
    let numbered = number.len() < line.len() && line.len() - number.len() <= 3 && number.starts_with(['.', ')', ':']);
    let marked = ["- ", "* ", "+ ", "• ", "– ", "#", "//", "/*", "|", "<", "}", "@", "==", "--"];
    numbered || marked.iter().any(|mark| line.starts_with(mark))
}

fn sentence_end(text: &str, line: usize, at: usize, mark: char) -> Option<Pause> {
    let behind = at + mark.len_utf8();
    let behind = &text[behind..ceil(text, behind.saturating_add(CLOSING_BYTES))];
    let end = at + mark.len_utf8() + behind.len() - behind.trim_start_matches(CLOSING).len();
    let (start, ends) = blank(text, end);
    let next = text[start..].chars().next();
    if mark.is_ascii() || mark == '…' {
        let goes_on = next.is_some_and(char::is_lowercase) && ends < 2;
        if start == end && next.is_some() || goes_on || mark == '.' && is_abbreviation(text, line, at, next) {
            return None;
        }
    }
    Some(Pause { end, start, strength: if ends > 1 { Strength::Paragraph } else { Strength::Full } })
}

/// Whether the full stop at `at` belongs to the word before it.
fn is_abbreviation(text: &str, line: usize, at: usize, next: Option<char>) -> bool {
    let before = text.get(line.min(at)..at).unwrap_or_default();
    let from = before.char_indices().rev().take(24).take_while(|(_, ch)| ch.is_alphanumeric() || *ch == '.').last();
    let word = from.map_or("", |(from, _)| &before[from..]);
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        // The number of an item: `1. `
        (Some(first), _) if first.is_ascii_digit() => {
            before.trim_start() == word && word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit())
        }
        (Some(first), None) => first.is_uppercase() || first.is_lowercase() && next.is_some_and(char::is_alphanumeric),
        (Some(_), Some(_)) if word.contains('.') => word.split('.').all(|piece| piece.chars().count() <= 2),
        (Some(first), Some(_)) => {
            let plain = word.to_lowercase();
            TITLES.contains(&plain.as_str())
                || first.is_uppercase() && CAPITALISED.contains(&word)
                || NUMBERED.contains(&plain.as_str()) && next.is_some_and(char::is_numeric)
        }
        (None, _) => false,
    }
}

/// What may stand between the end of a sentence and the white space behind it.
const CLOSING: [char; 19] =
    ['.', '!', '?', '！', '？', '。', '"', '\'', '”', '’', '»', ')', ']', '*', '_', '」', '』', '）', '》'];

/// Abbreviations that something always follows.
const TITLES: [&str; 51] = [
    "mr", "mrs", "ms", "mx", "mme", "mlle", "dr", "prof", "gen", "col", "lt", "maj", "capt", "cpt", "cmdr", "cdr",
    "sgt", "cpl", "pvt", "adm", "brig", "gov", "sen", "rep", "rev", "hon", "pres", "supt", "st", "ste", "mt", "ft",
    "vs", "cf", "eg", "ie", "viz", "al", "approx", "dept", "univ", "assn", "bros", "messrs", "bzw", "vgl", "ca",
    "resp", "incl", "esp", "sr",
];

/// Abbreviations only when written so.
const CAPITALISED: [&str; 18] = [
    "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "Jr", "Inc", "Ltd", "Corp",
    "Co", "Ph",
];

/// Abbreviations before a number.
const NUMBERED: [&str; 15] =
    ["no", "nos", "nr", "vol", "vols", "fig", "figs", "p", "pp", "ch", "chap", "sec", "art", "eq", "ed"];

#[cfg(test)]
mod tests {
    use super::*;

    /// The stretches of a text, one for each pause at least as strong as a sentence's end.
    fn sentences(text: &str) -> Vec<&str> {
        let mut from = 0;
        let mut found = Vec::new();
        for pause in pauses(text, 0..text.len()).into_iter().filter(|pause| pause.strength > Strength::Wrap) {
            found.push(&text[from..pause.end]);
            from = pause.start;
        }
        found.push(&text[from..]);
        found.retain(|sentence| !sentence.is_empty());
        found
    }

    #[test]
    fn sentences_end_where_a_reader_says() {
        for (text, expected) in [
            ("It rained. We left.", vec!["It rained.", "We left."]),
            ("It rained! “Did it?” “Yes.” So.", vec!["It rained!", "“Did it?”", "“Yes.”", "So."]),
            ("The U.S. Army and Gen. Moor met.", vec!["The U.S. Army and Gen. Moor met."]),
            ("Fruit, e.g. Pears, by J. K. Moor.", vec!["Fruit, e.g. Pears, by J. K. Moor."]),
            ("On Dec. 5 at 3.14 p.m. Monday.", vec!["On Dec. 5 at 3.14 p.m. Monday."]),
            ("That was in 2020. Then it ended.", vec!["That was in 2020.", "Then it ended."]),
            ("See no. 5. She said no. He left.", vec!["See no. 5.", "She said no.", "He left."]),
            ("He saw it. and went on.", vec!["He saw it. and went on."]),
            ("海は静か。灯は消えた。", vec!["海は静か。", "灯は消えた。"]),
            ("「雨？」彼は言う。", vec!["「雨？」", "彼は言う。"]),
            ("यह घर है। वह गाँव है।", vec!["यह घर है।", "वह गाँव है।"]),
            ("One\r\n\r\ntwo", vec!["One", "two"]),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_end_by_themselves_in_code_and_lists() {
        for (text, expected) in [
            ("let a = 1;\nlet b = 2;", vec!["let a = 1;", "let b = 2;"]),
            ("if (x) {\n    run(y)\n}", vec!["if (x) {", "run(y)", "}"]),
            ("- bread and butter\n- cheese", vec!["- bread and butter", "- cheese"]),
            ("# Harbour\nThe sea", vec!["# Harbour", "The sea"]),
            (
                "The long road goes ever on and on down from the door\nwhere it began.",
                vec!["The long road goes ever on and on down from the door\nwhere it began."],
            ),
            (
                "The long road goes ever on and on down from the door of\nMary Moor.",
                vec!["The long road goes ever on and on down from the door of\nMary Moor."],
            ),
        ] {
            assert_eq!(sentences(text), expected, "{text}");
        }
    }
}
