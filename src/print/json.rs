//! For programs: `begin`, a `hit` each, `summary`; or an `error` alone.
//!
//! The contract is README.md's: names and meanings stay, what is new comes beside them.

use std::io::{self, Write};
use std::ops::Range;

use indago::analyse::language::Language;
use indago::search::{Answer, Elsewhere, Freshness, Hit, Passage, Same, Snippet};
use serde::Serialize;

use super::Meta;
use super::clean::sound_marks;
use super::near::{Document, document};
use super::objects::{Layout, Name, Objects, name};
use super::paths::{marked, relative};
use super::style::Style;

/// Raised when a reader of the lines before could misread those after.
const VERSION: u32 = 1;

/// Writes `begin`, the hits, and `summary`.
pub fn answer(out: &mut impl Write, layout: Layout, style: &Style, meta: &Meta, answer: &Answer) -> io::Result<()> {
    let mut objects = Objects::new(out, layout, style);
    objects.put(&Object::Begin { version: VERSION, question: meta.question, index: name(meta.index) })?;
    for hit in &answer.hits {
        objects.put(&Object::hit(hit, style))?;
    }
    objects.put(&Object::summary(meta, answer))?;
    objects.end()
}

/// Writes a trouble as the only object; `column` counts from 1 in the question.
pub fn error(
    out: &mut impl Write,
    layout: Layout,
    style: &Style,
    message: &str,
    hint: Option<&str>,
    column: Option<usize>,
) -> io::Result<()> {
    let mut objects = Objects::new(out, layout, style);
    objects.put(&Object::Error { message, hint, column })?;
    objects.end()
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[allow(clippy::large_enum_variant)] // they are written one at a time
enum Object<'a> {
    Begin {
        version: u32,
        question: &'a str,
        index: Name<'a>,
    },
    Hit {
        rank: u64,
        score: f32,
        path: Name<'a>,
        path_highlights: Vec<Highlight>,
        title: Option<&'a str>,
        title_highlights: Vec<Highlight>,
        modified: Option<String>,
        size: u64,
        lang: Option<&'static str>,
        freshness: &'static str,
        missing: &'a [String],
        copies: Vec<Document<'a>>,
        snippets: Vec<Excerpt<'a>>,
        same_passages: Vec<Repeat<'a>>,
        /// What the score consists of; only if that was asked.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        explain: Vec<Share<'a>>,
    },
    Summary {
        total: u64,
        returned: usize,
        took_ms: f64,
        /// How many of the hits have changed or gone since.
        stale: usize,
    },
    Error {
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
    },
}

#[derive(Serialize)]
struct Excerpt<'a> {
    line: u64,
    end_line: u64,
    column: u64,
    bytes: Option<Span<u64>>,
    text: &'a str,
    highlights: Vec<Highlight>,
    /// Hits further down that have it, too.
    also_in: Vec<Place<'a>>,
}

/// Lines of this hit that say what a passage of a better one does.
#[derive(Serialize)]
struct Repeat<'a> {
    line: u64,
    end_line: u64,
    shown: Place<'a>,
}

/// Lines of another hit.
#[derive(Serialize)]
struct Place<'a> {
    rank: u64,
    path: Name<'a>,
    line: u64,
    end_line: u64,
}

/// A part of a score; all of them add up to it.
#[derive(Serialize)]
struct Share<'a> {
    part: &'a str,
    score: f32,
}

#[derive(Serialize)]
struct Highlight {
    bytes: Span<usize>,
    chars: Span<usize>,
}

/// From `start` up to and without `end`, from 0.
#[derive(Serialize)]
struct Span<T> {
    start: T,
    end: T,
}

impl<'a> Object<'a> {
    fn hit(hit: &'a Hit, style: &Style) -> Self {
        Object::Hit {
            rank: hit.rank,
            score: hit.score,
            path: name(relative(&hit.path, &style.cwd)),
            // A path that is no text is given as bytes, into which nothing points.
            path_highlights: hit.path.to_str().map_or(Vec::new(), |_| highlights(&marked(hit, &style.cwd))),
            title_highlights: hit.title.as_ref().map_or(Vec::new(), highlights),
            title: hit.title.as_ref().map(|title| title.text.as_str()),
            modified: time(hit.modified_ns),
            size: hit.size,
            lang: hit.lang.map(Language::code),
            freshness: match hit.freshness {
                Freshness::Current => "current",
                Freshness::Changed => "changed",
                Freshness::Gone => "gone",
                Freshness::Unreadable => "unreadable",
            },
            missing: &hit.missing,
            copies: hit.copies.iter().map(|near| document(near, style)).collect(),
            snippets: hit.snippets.iter().map(|snippet| excerpt(snippet, style)).collect(),
            same_passages: hit.same.iter().map(|same| repeat(same, style)).collect(),
            explain: hit.parts.iter().map(|(part, score)| Share { part, score: *score }).collect(),
        }
    }

    fn summary(meta: &Meta, answer: &Answer) -> Self {
        let stale = |hit: &&Hit| !matches!(hit.freshness, Freshness::Current);
        Object::Summary {
            total: answer.total,
            returned: answer.hits.len(),
            took_ms: meta.took.as_micros() as f64 / 1000.0,
            stale: answer.hits.iter().filter(stale).count(),
        }
    }
}

fn excerpt<'a>(snippet: &'a Snippet, style: &Style) -> Excerpt<'a> {
    Excerpt {
        line: snippet.line,
        end_line: snippet.end_line,
        column: snippet.column,
        bytes: snippet.source_bytes.clone().map(span),
        text: &snippet.passage.text,
        highlights: highlights(&snippet.passage),
        also_in: snippet.also.iter().map(|also| place(also, style)).collect(),
    }
}

fn repeat<'a>(same: &'a Same, style: &Style) -> Repeat<'a> {
    Repeat { line: same.line, end_line: same.end_line, shown: place(&same.shown, style) }
}

fn place<'a>(there: &'a Elsewhere, style: &Style) -> Place<'a> {
    let path = name(relative(&there.path, &style.cwd));
    Place { rank: there.rank, path, line: there.line, end_line: there.end_line }
}

fn highlights(passage: &Passage) -> Vec<Highlight> {
    let mut counted = (0, 0); // bytes, and the characters in them
    let mut chars = |at: usize| {
        counted = (at, counted.1 + passage.text[counted.0..at].chars().count());
        counted.1
    };
    sound_marks(passage)
        .map(|mark| Highlight { chars: span(chars(mark.start)..chars(mark.end)), bytes: span(mark) })
        .collect()
}

fn span<T>(range: Range<T>) -> Span<T> {
    Span { start: range.start, end: range.end }
}

/// RFC 3339 in UTC, with as many digits of the second as the file system gave.
fn time(ns: i64) -> Option<String> {
    let time = jiff::Timestamp::from_nanosecond(ns.into()).ok()?;
    Some(time.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::sample::{self, hit, passage, snippet};
    use super::*;
    use indago::copies::Near;
    use proptest::prelude::*;

    #[test]
    fn a_hit_tells_all_that_is_known() {
        let mut found = hit("/notes/a.txt");
        found.title = Some(passage("The keeper", ["keeper"]));
        found.missing = vec!["zeine".into()];
        found.freshness = Freshness::Changed;
        found.copies = vec![Near { path: "/notes/c.txt".into(), share: 0.875, estimated: false }];
        found.snippets = vec![snippet(3, 5, passage("été: lantern\nlow", ["lantern", "low"]))];
        found.snippets[0].source_bytes = Some(40..58);
        let elsewhere = |rank, path: &str| Elsewhere { rank, path: path.into(), line: 7, end_line: 8 };
        found.snippets[0].also = vec![elsewhere(2, "/notes/b.txt")];
        found.same = vec![Same { line: 9, end_line: 9, shown: elsewhere(3, "/d.txt") }];
        let expected = concat!(
            r#"{"type":"hit","rank":1,"score":7.25,"path":"a.txt","path_highlights":[],"title":"The keeper","#,
            r#""title_highlights":[{"bytes":{"start":4,"end":10},"chars":{"start":4,"end":10}}],"#,
            r#""modified":"2024-04-13T09:20:00.25Z","size":2048,"lang":null,"freshness":"changed","missing":["zeine"],"#,
            r#""copies":[{"path":"c.txt","share":0.875}],"#,
            r#""snippets":[{"line":3,"end_line":4,"column":5,"bytes":{"start":40,"end":58},"#,
            r#""text":"été: lantern\nlow","highlights":["#,
            r#"{"bytes":{"start":7,"end":14},"chars":{"start":5,"end":12}},"#,
            r#"{"bytes":{"start":15,"end":18},"chars":{"start":13,"end":16}}],"#,
            r#""also_in":[{"rank":2,"path":"b.txt","line":7,"end_line":8}]}],"#,
            r#""same_passages":[{"line":9,"end_line":9,"shown":{"rank":3,"path":"/d.txt","line":7,"end_line":8}}]}"#,
        );
        let answer = sample::answer([found, hit("/notes/b.txt")]);
        let lines = sample::printed(Format::Jsonl, &sample::pipe(), &answer);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines[1], expected);
        assert!(lines[2].contains(r#""title":null"#) && lines[2].contains(r#""snippets":[]"#), "{}", lines[2]);
        assert_eq!(lines[3], r#"{"type":"summary","total":2,"returned":2,"took_ms":1.5,"stale":1}"#);
    }

    #[test]
    fn what_a_score_consists_of_is_told_when_asked() {
        let mut found = hit("/notes/a.txt");
        found.parts = vec![("lantern".into(), 7.5), ("files like it".into(), -0.25)];
        let lines = sample::printed(Format::Jsonl, &sample::pipe(), &sample::answer([found, hit("/notes/b.txt")]));
        let lines: Vec<&str> = lines.lines().collect();
        let expected =
            r#""same_passages":[],"explain":[{"part":"lantern","score":7.5},{"part":"files like it","score":-0.25}]}"#;
        assert!(lines[1].ends_with(expected), "{}", lines[1]);
        assert!(!lines[2].contains("explain"), "{}", lines[2]);
    }

    #[test]
    fn an_array_holds_the_same_objects_as_the_lines() {
        let answer = sample::hostile("\x1b[2J\u{9b}");
        for style in [sample::pipe(), sample::terminal()] {
            let lines = sample::printed(Format::Jsonl, &style, &answer);
            let array = sample::printed(Format::Json, &style, &answer);
            let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(parsed(&array), lines.lines().map(parsed).collect::<serde_json::Value>());
        }
    }

    #[test]
    fn an_error_says_only_what_is_known() {
        let rows = [
            (None, None, r#"{"type":"error","message":"expected a word"}"#),
            (Some("quote it"), Some(7), r#"{"type":"error","message":"expected a word","hint":"quote it","column":7}"#),
        ];
        for (hint, column, expected) in rows {
            let mut out = Vec::new();
            error(&mut out, Layout::Lines, &sample::pipe(), "expected a word", hint, column).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}\n"));
        }
    }

    #[test]
    fn times_are_rfc_3339_in_utc() {
        let rows = [
            (0, "1970-01-01T00:00:00Z"),
            (1_713_000_000_123_456_789, "2024-04-13T09:20:00.123456789Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
            (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
        ];
        for (ns, expected) in rows {
            assert_eq!(time(ns).as_deref(), Some(expected));
        }
    }

    proptest! {
        #[test]
        fn ranges_slice_the_marks_by_bytes_and_by_characters(
            pieces in prop::collection::vec(("[aé東\u{301}👩 \r\n\"\\\\]{0,4}", "[bß\u{200d}京𝒳\u{1b}]{1,3}"), 0..6),
        ) {
            let (mut text, mut marks, mut words) = (String::new(), Vec::new(), Vec::new());
            for (between, word) in &pieces {
                text.push_str(between);
                // Marks are apart: what touches is one mark.
                if between.is_empty() && !marks.is_empty() {
                    text.push(' ');
                }
                marks.push(text.len()..text.len() + word.len());
                text.push_str(word);
                words.push(word.clone());
            }
            let mut found = hit("/notes/a.txt");
            found.snippets = vec![snippet(1, 1, Passage { text, marks })];
            for style in [sample::pipe(), sample::terminal()] {
                let lines = sample::printed(Format::Jsonl, &style, &sample::answer([found.clone()]));
                let line = lines.lines().nth(1).expect("a hit");
                let object: serde_json::Value = serde_json::from_str(line).expect("an object");
                let shown = &object["snippets"][0];
                let text = shown["text"].as_str().expect("a text");
                let at = |span: &serde_json::Value, end: &str| span[end].as_u64().expect("a number") as usize;
                let highlights = shown["highlights"].as_array().expect("highlights");
                let by_bytes = |mark: &serde_json::Value| {
                    text[at(&mark["bytes"], "start")..at(&mark["bytes"], "end")].to_string()
                };
                let by_chars = |mark: &serde_json::Value| -> String {
                    let (start, end) = (at(&mark["chars"], "start"), at(&mark["chars"], "end"));
                    text.chars().skip(start).take(end - start).collect()
                };
                prop_assert_eq!(&highlights.iter().map(by_bytes).collect::<Vec<_>>(), &words);
                prop_assert_eq!(&highlights.iter().map(by_chars).collect::<Vec<_>>(), &words);
            }
        }
    }
}
