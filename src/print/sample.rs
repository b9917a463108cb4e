//! Answers and styles that the tests of every format print.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indago::copies::Near;
use indago::search::{Answer, Freshness, Hit, Passage, Snippet};

use super::{Format, Meta, Style};

/// What a program reads: no colour, no links, no wrapping. The user stands in `/notes`.
pub fn pipe() -> Style {
    Style {
        colour: false,
        links: false,
        width: None,
        scores: false,
        copies: false,
        terminal: false,
        cwd: PathBuf::from("/notes"),
        host: String::from("desk"),
    }
}

/// What a person sees, 80 columns wide.
pub fn terminal() -> Style {
    Style { colour: true, links: true, width: Some(80), terminal: true, ..pipe() }
}

pub fn meta() -> Meta<'static> {
    Meta { question: "lantern", index: Path::new("/notes/index"), took: Duration::from_micros(1500) }
}

pub fn answer<const N: usize>(hits: [Hit; N]) -> Answer {
    Answer { total: N as u64, hits: Vec::from(hits), offset: 0, notes: Vec::new(), explained: Vec::new() }
}

pub fn hit(path: impl Into<PathBuf>) -> Hit {
    let path = path.into();
    Hit {
        parts: Vec::new(),
        rank: 1,
        score: 7.25,
        id: path.as_os_str().as_encoded_bytes().to_vec(),
        id_marks: Vec::new(),
        path,
        title: None,
        modified_ns: 1_713_000_000_250_000_000,
        size: 2048,
        lang: None,
        freshness: Freshness::Current,
        missing: Vec::new(),
        snippets: Vec::new(),
        same: Vec::new(),
        copies: Vec::new(),
    }
}

/// `text` with each of `words` marked where it occurs after the one before.
pub fn passage<const N: usize>(text: &str, words: [&str; N]) -> Passage {
    let mut end = 0;
    let marks = words.map(|word| {
        let start = end + text[end..].find(word).expect("the words are in the text");
        end = start + word.len();
        start..end
    });
    Passage { text: text.into(), marks: Vec::from(marks) }
}

pub fn snippet(line: u64, column: u64, passage: Passage) -> Snippet {
    let end_line = line + passage.text.matches('\n').count() as u64;
    Snippet { line, end_line, column, passage, source_bytes: None, also: Vec::new() }
}

/// A hit that carries `evil` wherever a file or its owner could put it.
pub fn hostile(evil: &str) -> Answer {
    let text = format!("before {evil} after");
    let mut hit = hit(format!("/notes/{evil}.txt"));
    hit.title = Some(passage(&text, [&text]));
    hit.missing = vec![evil.into()];
    hit.freshness = Freshness::Changed;
    hit.copies = vec![Near { path: format!("/notes/{evil}2.txt").into(), share: 1.0, estimated: false }];
    hit.snippets = vec![snippet(3, 1, passage(&text, [&text])), snippet(9, 1, passage(evil, []))];
    answer([hit])
}

pub fn printed(format: Format, style: &Style, answer: &Answer) -> String {
    let mut out = Vec::new();
    super::answer(&mut out, format, style, &meta(), answer).unwrap();
    String::from_utf8(out).unwrap()
}

/// What is left on a terminal when the colours and links that indago itself writes are taken away.
pub fn without_our_own(shown: &str) -> String {
    let mut left = String::new();
    let mut rest = shown;
    while let Some((before, after)) = rest.split_once('\x1b') {
        left.push_str(before);
        let colour = after.strip_prefix('[').and_then(|code| code.split_once('m'));
        let link = after.strip_prefix("]8;;").and_then(|link| link.split_once("\x1b\\"));
        match (colour, link) {
            (Some((code, rest_)), _) if code.bytes().all(|b| b.is_ascii_digit() || b == b';') => rest = rest_,
            (_, Some((target, rest_))) if target.bytes().all(|b| b.is_ascii_graphic()) => rest = rest_,
            _ => {
                left.push('\x1b');
                rest = after;
            }
        }
    }
    left + rest
}
