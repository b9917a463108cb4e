//! An answer becomes bytes on stdout, a trouble becomes a line on stderr.
//!
//! In comes what the library found; out goes one of the formats below, one file a kind. Two promises
//! hold in all of them: nothing that came from a file, a name or a question reaches a terminal as
//! more than visible text, and an empty answer is valid. Writing fails only as the stream does; a
//! reader that left early is an error here like any other, and [`unless_closed`] forgives it.

pub mod clean;
pub mod csv;
pub mod diff;
pub mod flow;
pub mod json;
pub mod near;
pub mod objects;
pub mod passage;
pub mod paths;
#[cfg(test)]
mod sample;
pub mod style;
pub mod text;
pub mod trec;
pub mod trouble;
pub mod units;
pub mod vimgrep;
pub mod wrap;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use indago::search::Answer;

pub use style::{ColorChoice, Style};

/// The shape of an answer on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: rank, path and title, then the passages.
    Text,
    /// An object a line: `begin`, each `hit`, `summary`.
    Jsonl,
    /// One array of the objects that [`Format::Jsonl`] gives a line each.
    Json,
    /// A header row, then a row a snippet.
    Csv,
    /// `path:line:column:text`, a row a snippet, as editors read it.
    Vimgrep,
    /// A path a line, or ended by NUL.
    Paths {
        /// Ends each path with NUL instead of a newline.
        nul: bool,
    },
    /// How many files match, and nothing else.
    Count,
    /// A TREC run, under topic `1`; for a file of topics see [`trec::run`].
    Trec,
}

/// What is said about a question beside its hits.
#[derive(Clone, Copy, Debug)]
pub struct Meta<'a> {
    /// The question as typed.
    pub question: &'a str,
    /// The index directory that answered.
    pub index: &'a Path,
    /// From the start of the search to its last hit.
    pub took: Duration,
}

/// Writes `answer` in `format`, and flushes.
///
/// `answer.notes` are not for stdout: give them to [`trouble::note`].
pub fn answer(out: &mut impl Write, format: Format, style: &Style, meta: &Meta, answer: &Answer) -> io::Result<()> {
    match format {
        Format::Text => text::answer(out, style, answer)?,
        Format::Jsonl => json::answer(out, objects::Layout::Lines, style, meta, answer)?,
        Format::Json => json::answer(out, objects::Layout::Array, style, meta, answer)?,
        Format::Csv => csv::answer(out, style, answer)?,
        Format::Vimgrep => vimgrep::answer(out, style, answer)?,
        Format::Paths { nul } => paths::answer(out, nul, style, answer)?,
        Format::Count => writeln!(out, "{}", answer.total)?,
        Format::Trec => trec::run(out, "1", answer)?,
    }
    out.flush()
}

/// Stdout, locked and buffered: an answer leaves in few writes, also into a pipe.
pub fn stdout() -> impl Write {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// Takes a reader that closed the pipe early, as `head` does, for success.
pub fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Format; 9] = [
        Format::Text,
        Format::Jsonl,
        Format::Json,
        Format::Csv,
        Format::Vimgrep,
        Format::Paths { nul: false },
        Format::Paths { nul: true },
        Format::Count,
        Format::Trec,
    ];

    #[test]
    fn an_empty_answer_is_valid_in_every_format() {
        let json = "{\"type\":\"begin\",\"version\":1,\"question\":\"lantern\",\"index\":\"/notes/index\"}";
        let end = "{\"type\":\"summary\",\"total\":0,\"returned\":0,\"took_ms\":1.5,\"stale\":0}";
        let rows = [
            String::new(),
            format!("{json}\n{end}\n"),
            format!("[\n{json},\n{end}\n]\n"),
            "rank,score,path,title,line,column,text\n".into(),
            String::new(),
            String::new(),
            String::new(),
            "0\n".into(),
            String::new(),
        ];
        for (format, expected) in EVERY.into_iter().zip(rows) {
            assert_eq!(sample::printed(format, &sample::pipe(), &sample::answer([])), expected, "{format:?}");
        }
    }

    /// Title strings, screen erasure, C1 introducers, links, bells, reversed text, forged lines.
    const HOSTILE: [&str; 9] = [
        "\x1b]0;owned\x07",
        "\x1b[2J\x1b[H",
        "\u{9b}31m",
        "\u{9d}8;;http://x\u{9c}",
        "a\rb\x08\x7f",
        "\u{202e}cod.exe\u{2066}\u{200f}",
        "one\u{2028}two\u{2029}three\u{85}",
        "\0\x0b\x0c\x0e",
        "1\n2\r\n3",
    ];

    #[test]
    fn nothing_from_a_file_or_its_name_reaches_a_terminal_raw() {
        for style in [sample::terminal(), Style { width: Some(24), scores: true, copies: true, ..sample::terminal() }] {
            for evil in HOSTILE {
                for format in EVERY {
                    let shown = sample::printed(format, &style, &sample::hostile(evil));
                    assert_harmless(&sample::without_our_own(&shown), format, evil);
                }
            }
        }
    }

    #[test]
    fn a_pipe_of_text_is_as_clean_as_a_terminal() {
        for evil in HOSTILE {
            for format in [Format::Text, Format::Trec, Format::Count] {
                let shown = sample::printed(format, &sample::pipe(), &sample::hostile(evil));
                assert_harmless(&shown, format, evil);
            }
        }
    }

    fn assert_harmless(shown: &str, format: Format, evil: &str) {
        // NUL ends a path under -0 and moves no cursor; every other control but the newline is foreign.
        let ends = |c| c == '\n' || (c == '\0' && format == Format::Paths { nul: true });
        let foreign = shown.chars().find(|&c| clean::stand_in(c).is_some() && !ends(c));
        assert_eq!(foreign, None, "{format:?} let {evil:?} through: {shown:?}");
    }

    #[test]
    fn a_name_that_holds_newlines_forges_no_row() {
        for format in [Format::Text, Format::Vimgrep] {
            let plain = sample::printed(format, &sample::pipe(), &sample::hostile("x"));
            let forged = sample::printed(format, &sample::pipe(), &sample::hostile("1\n2\r\n3\r4"));
            assert_eq!(forged.lines().count(), plain.lines().count(), "{format:?}: {forged:?}");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_trouble_and_a_full_disk_is() {
        struct Fails(ErrorKind);
        impl Write for Fails {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for format in EVERY {
            for (kind, forgiven) in [(ErrorKind::BrokenPipe, true), (ErrorKind::StorageFull, false)] {
                let hits = sample::hostile("x");
                let written = answer(&mut Fails(kind), format, &sample::pipe(), &sample::meta(), &hits);
                assert_eq!(written.as_ref().map_err(io::Error::kind), Err(kind), "{format:?}");
                assert_eq!(unless_closed(written).is_ok(), forgiven, "{format:?}");
            }
        }
    }
}
