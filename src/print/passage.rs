//! Passages that stand in several files.
//!
//! ```text
//! 3  The source said there would still be diplomatic and economic relationships between the US and … +4 words
//!     corpus/000.txt:4
//!     corpus/001.txt:23  +2 near-identical
//! ```

use std::io::{self, Write};

use indago::analyse::{Analyzer, Kind};
use indago::copies::{Passage, Place, Told};
use indago::search;
use serde::Serialize;

use super::clean::one_line;
use super::flow::{Flow, MIN_COLUMNS, hang};
use super::objects::{Layout, Name, Objects, name};
use super::paths::relative;
use super::style::{Style, paint};
use super::{near, units, wrap};

/// Two lines of a terminal show what a passage is; the rest stands in the file.
const LINES: usize = 2;
/// As much on one line, where the width of a terminal says nothing.
const COLUMNS: usize = 240;

/// Writes a passage: its number and how it begins, then where it stands.
pub fn passage(out: &mut impl Write, style: &Style, number: u64, passage: &Passage) -> io::Result<()> {
    let number = number.to_string();
    style.paint(out, paint::FAINT, &number)?;
    out.write_all(b"  ")?;
    let indent = number.len() + 2;
    let (text, left_out) = match style.width {
        Some(width) => shown(passage, width.saturating_sub(indent).max(MIN_COLUMNS), LINES),
        None => shown(passage, COLUMNS, 1),
    };
    let at = hang(out, style, paint::PLAIN, &plain(text), indent)?;
    if left_out > 0 {
        Flow { style, indent, at: indent + at }.part(out, paint::FAINT, &plain(words(left_out)))?;
    }
    writeln!(out)?;
    passage.places.iter().try_for_each(|place| below(out, style, indent + 1, place))
}

/// Writes where a passage stands on a line of its own, `indent` columns in.
fn below(out: &mut impl Write, style: &Style, indent: usize, place: &Place) -> io::Result<()> {
    write!(out, "{:1$}", "", indent - 2)?;
    let mut flow = Flow { style, indent, at: indent - 2 };
    flow.path(out, &place.path)?;
    let line = place.line.to_string();
    out.write_all(b":")?;
    style.paint(out, paint::LINE, &line)?;
    flow.at += 1 + line.len();
    if place.copies > 0 {
        flow.part(out, paint::FAINT, &plain(near::more(place.copies)))?;
    }
    writeln!(out)
}

/// How many words are left out.
fn words(count: usize) -> String {
    format!("+{} {}", units::count(count as u64), if count == 1 { "word" } else { "words" })
}

/// The passage on one line, cut between words so that it fills so many lines with what is written behind it, and how many
/// words that leaves out.
fn shown(passage: &Passage, columns: usize, lines: usize) -> (String, usize) {
    let mut text = one_line(&plain(passage.text.clone())).text;
    let Some(last) =
        wrap::lines(&text, columns).get(lines - 1..).and_then(|rest| rest.get(1).and(rest.first()).cloned())
    else {
        return (text, 0);
    };
    let tail = wrap::columns(" …  ") + words(passage.words).len();
    let cut = wrap::lines(&text[last.start..], columns.saturating_sub(tail).max(1));
    text.truncate(last.start + cut.first().map_or(0, |line| line.end));
    let mut count = 0;
    Analyzer::new().tokens(&text, |token| count += usize::from(token.kind == Kind::Part));
    text.push_str(" …");
    (text, passage.words.saturating_sub(count))
}

fn plain(text: String) -> search::Passage {
    search::Passage { text, marks: Vec::new() }
}

/// A place as JSON tells it.
#[derive(Serialize)]
struct Document<'a> {
    path: Name<'a>,
    line: u64,
    end_line: u64,
    /// Only where there are some.
    #[serde(skip_serializing_if = "is_zero")]
    copies: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A document that was left out.
#[derive(Serialize)]
struct Unread<'a> {
    path: Name<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Object<'a> {
    Passage { text: &'a str, words: usize, documents: Vec<Document<'a>> },
    Summary { groups: u64, passages: u64, unread: Vec<Unread<'a>>, sampled: u64 },
}

/// Writes a passage as a line of JSON.
pub fn passage_line(out: &mut impl Write, style: &Style, passage: &Passage) -> io::Result<()> {
    let mut documents = Vec::with_capacity(passage.places.len());
    for Place { path, line, end_line, copies } in &passage.places {
        let path = name(relative(path, &style.cwd));
        documents.push(Document { path, line: *line, end_line: *end_line, copies: *copies });
    }
    line(out, style, &Object::Passage { text: &passage.text, words: passage.words, documents })
}

/// Writes how many groups and passages were told, and what was left out, as a line of JSON.
pub fn summary_line(out: &mut impl Write, style: &Style, groups: u64, told: &Told) -> io::Result<()> {
    let unread = told.unread.iter();
    let unread = unread.map(|one| Unread { path: name(relative(&one.path, &style.cwd)), reason: &one.why }).collect();
    line(out, style, &Object::Summary { groups, passages: told.passages as u64, unread, sampled: told.one_in.max(1) })
}

fn line(out: &mut impl Write, style: &Style, object: &Object<'_>) -> io::Result<()> {
    let mut objects = Objects::new(out, Layout::Lines, style);
    objects.put(object)?;
    objects.end()
}

#[cfg(test)]
mod tests {
    use super::super::{clean, sample};
    use super::*;

    fn place(path: &str, line: u64, copies: usize) -> Place {
        Place { path: path.into(), line, end_line: line + 1, copies }
    }

    fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_passage_is_cut_to_two_lines_and_says_how_much_is_left_out() {
        let text = format!("The keeper lit the lantern.\n{}", "It burned low. ".repeat(40).trim_end());
        let places = vec![place("/notes/a.txt", 4, 0), place("/mail/b.txt", 23, 2)];
        let long = Passage { text, words: 125, places: places.clone() };
        let narrow = Style { colour: false, links: false, width: Some(40), ..sample::terminal() };
        let expected = "7  The keeper lit the lantern. It burned
   low. It burned low. It …  +113 words
    a.txt:4
    /mail/b.txt:23  +2 near-identical
";
        assert_eq!(written(|out| passage(out, &narrow, 7, &long)), expected);
        let shown = written(|out| passage(out, &sample::pipe(), 7, &long));
        assert!(
            shown.lines().next().is_some_and(|line| line.ends_with("words") && line.len() < COLUMNS + 10),
            "{shown}"
        );
        let short = Passage { text: "東京都では昨日".into(), words: 6, places };
        assert!(written(|out| passage(out, &narrow, 7, &short)).starts_with("7  東京都では昨日\n"));
        let line = written(|out| passage_line(out, &sample::pipe(), &short));
        let expected = r#"{"type":"passage","text":"東京都では昨日","words":6,"documents":[{"path":"a.txt","line":4,"end_line":5},{"path":"/mail/b.txt","line":23,"end_line":24,"copies":2}]}"#;
        assert_eq!(line, format!("{expected}\n"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let places = vec![place("/notes/a.txt", 4, 3)];
        let long = Passage { text: "the lantern 東京都 burned ".repeat(60), words: 300, places };
        for width in 30..160 {
            let style = Style { width: Some(width), colour: false, links: false, ..sample::terminal() };
            for line in written(|out| passage(out, &style, 7, &long)).lines() {
                assert!(wrap::columns(line) <= width, "{width}: {line:?}");
            }
        }
    }

    #[test]
    fn a_passage_does_nothing_to_a_terminal() {
        let text = "evil \x1b[2J\u{9b}1m\r\ntext".to_string();
        let evil = Passage { text, words: 3, places: vec![place("/notes/a\x1b[2J\n.txt", 1, 0)] };
        for shown in [
            written(|out| passage(out, &sample::terminal(), 1, &evil)),
            written(|out| passage_line(out, &sample::terminal(), &evil)),
        ] {
            let plain = sample::without_our_own(&shown);
            assert!(plain.chars().all(|c| c == '\n' || clean::stand_in(c).is_none()), "{shown:?}");
        }
    }
}
