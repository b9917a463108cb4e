//! The format for people: a hit is a line, its passages stand below it.
//!
//! ```text
//! 1  corpus/agadez.txt  Niger asks the troops to leave  (changed since)  without: zeine
//!     12: The air base near Agadez, built at a cost of $110 million, is where
//!         the drones fly from.
//!    148: …
//! 2  corpus/…  +3 near-identical
//!     31: same passage as 1
//! ```
//!
//! The rank alone stands in the left margin, which sets hits apart without a blank line. Line numbers
//! are as wide in all hits, so that passages share one edge. How lines are filled is [`Flow`]'s.

use std::io::{self, Write};

use indago::search::{Answer, Freshness, Hit, Passage, Same, Snippet};

use super::clean::{clean, one_line};
use super::flow::{Flow, hang};
use super::near;
use super::paths::marked;
use super::style::{Style, paint};
use super::vimgrep::place;

/// Writes every hit with its passages.
pub fn answer(out: &mut impl Write, style: &Style, answer: &Answer) -> io::Result<()> {
    let page = Page::for_hits(style, &answer.hits);
    answer.hits.iter().try_for_each(|hit| page.hit(out, hit))
}

/// The columns that all hits of an answer share.
struct Page<'a> {
    style: &'a Style,
    rank_columns: usize,
    /// 0 when scores are not asked for.
    score_columns: usize,
    line_columns: usize,
}

impl<'a> Page<'a> {
    fn for_hits(style: &'a Style, hits: &[Hit]) -> Self {
        let of_same = hits.iter().flat_map(|hit| &hit.same).map(|same| same.line);
        let lines = hits.iter().flat_map(|hit| &hit.snippets).map(first_line).chain(of_same);
        let scores = hits.iter().filter(|_| style.scores).map(score);
        Page {
            style,
            rank_columns: widest(hits.iter().map(|hit| hit.rank)),
            score_columns: widest(scores),
            line_columns: widest(lines),
        }
    }

    fn hit(&self, out: &mut impl Write, hit: &Hit) -> io::Result<()> {
        self.head(out, hit)?;
        let mut same = hit.same.iter().peekable();
        for snippet in &hit.snippets {
            while let Some(same) = same.next_if(|same| same.line < snippet.line) {
                self.same(out, same)?;
            }
            self.snippet(out, snippet)?;
        }
        same.try_for_each(|same| self.same(out, same))?;
        let copies = hit.copies.iter().filter(|_| self.style.copies);
        copies.into_iter().try_for_each(|copy| near::below(out, self.style, self.indent(), copy))
    }

    fn head(&self, out: &mut impl Write, hit: &Hit) -> io::Result<()> {
        let rank = format!("{:>1$}", hit.rank, self.rank_columns);
        self.style.paint(out, paint::FAINT, &rank)?;
        let mut line = Flow { style: self.style, indent: self.indent(), at: self.rank_columns };
        if self.style.scores {
            let score = format!("{:>1$}", score(hit), self.score_columns);
            line.part(out, paint::FAINT, &plain(score))?;
        }
        let name = marked(hit, &self.style.cwd);
        match clean(&name.text) {
            // Marks stand where nothing had to be made visible.
            text if text == name.text => line.name(out, &hit.path, &name)?,
            _ => line.path(out, &hit.path)?,
        }
        let title = hit.title.as_ref().map(one_line);
        if let Some(title) = title.filter(|title| !title.text.is_empty()) {
            line.part(out, paint::TITLE, &title)?;
        }
        if let Some(mark) = stale(hit.freshness) {
            line.part(out, paint::STALE, &plain(mark.into()))?;
        }
        if !hit.copies.is_empty() {
            line.part(out, paint::FAINT, &plain(near::count(&hit.copies)))?;
        }
        if !hit.missing.is_empty() {
            let missing = format!("without: {}", hit.missing.join(", "));
            line.part(out, paint::FAINT, &plain(clean(&missing).into()))?;
        }
        writeln!(out)
    }

    fn snippet(&self, out: &mut impl Write, snippet: &Snippet) -> io::Result<()> {
        self.line(out, first_line(snippet))?;
        let edge = self.indent() + self.line_columns + 2;
        hang(out, self.style, paint::PLAIN, &one_line(&snippet.passage), edge)?;
        writeln!(out)
    }

    fn same(&self, out: &mut impl Write, same: &Same) -> io::Result<()> {
        self.line(out, same.line)?;
        self.style.paint(out, paint::FAINT, &format!("same passage as {}", same.shown.rank))?;
        writeln!(out)
    }

    fn line(&self, out: &mut impl Write, line: u64) -> io::Result<()> {
        write!(out, "{:1$}", "", self.indent())?;
        self.style.paint(out, paint::LINE, &format!("{line:>0$}", self.line_columns))?;
        out.write_all(b": ")
    }

    /// Where everything but the rank begins.
    fn indent(&self) -> usize {
        self.rank_columns + 2
    }
}

fn widest(parts: impl Iterator<Item = impl ToString>) -> usize {
    parts.map(|part| part.to_string().len()).max().unwrap_or(0)
}

/// The line of the first character to be seen, for a passage may begin with empty lines.
fn first_line(snippet: &Snippet) -> u64 {
    let text = &snippet.passage.text;
    place(snippet, text.len() - text.trim_start().len()).line
}

fn score(hit: &Hit) -> String {
    format!("{:.2}", hit.score)
}

fn stale(freshness: Freshness) -> Option<&'static str> {
    match freshness {
        Freshness::Current => None,
        Freshness::Changed => Some("(changed since)"),
        Freshness::Gone => Some("(gone)"),
        Freshness::Unreadable => Some("(unreadable)"),
    }
}

fn plain(text: String) -> Passage {
    Passage { text, marks: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::sample::{self, hit, passage, snippet};
    use super::super::wrap;
    use super::*;
    use indago::search::Elsewhere;

    fn shelf() -> Answer {
        let mut agadez = hit("/notes/2024/agadez.txt");
        agadez.title = Some(passage("Niger asks the\ttroops to leave", ["troops"]));
        agadez.freshness = Freshness::Changed;
        agadez.missing = vec!["zeine".into(), "tiani".into()];
        let text = "The air base near Agadez, built at a cost of $110 million,\nis where   the drones fly from.";
        agadez.snippets =
            vec![snippet(12, 1, passage(text, ["Agadez"])), snippet(147, 1, passage("\n\ttroops will go", ["troops"]))];
        let mut gone = hit("/mail/old.eml");
        (gone.rank, gone.score, gone.freshness) = (10, 0.5, Freshness::Gone);
        let shown = Elsewhere { rank: 1, path: "/notes/2024/agadez.txt".into(), line: 12, end_line: 13 };
        gone.same = vec![Same { line: 31, end_line: 32, shown }];
        sample::answer([agadez, gone])
    }

    #[test]
    fn a_pipe_gets_a_line_a_passage_and_no_escapes() {
        let expected = " 1  2024/agadez.txt  Niger asks the troops to leave  (changed since)  without: zeine, tiani
     12: The air base near Agadez, built at a cost of $110 million, is where the drones fly from.
    148: troops will go
10  /mail/old.eml  (gone)
     31: same passage as 1
";
        assert_eq!(sample::printed(Format::Text, &sample::pipe(), &shelf()), expected);
    }

    #[test]
    fn a_terminal_gets_lines_that_fit_and_hang() {
        let narrow = Style { colour: false, links: false, width: Some(48), scores: true, ..sample::terminal() };
        let expected = " 1  7.25  2024/agadez.txt
    Niger asks the troops to leave
    (changed since)  without: zeine, tiani
     12: The air base near Agadez, built at a
         cost of $110 million, is where the
         drones fly from.
    148: troops will go
10  0.50  /mail/old.eml  (gone)
     31: same passage as 1
";
        assert_eq!(sample::printed(Format::Text, &narrow, &shelf()), expected);
    }

    #[test]
    fn colour_marks_the_matches_and_a_link_holds_the_path() {
        let shown = sample::printed(Format::Text, &sample::terminal(), &shelf());
        let parts = [
            "\x1b[2m 1\x1b[0m  \x1b]8;;file://desk/notes/2024/agadez.txt\x1b\\\x1b[35m2024/agadez.txt\x1b[0m\x1b]8;;\x1b\\",
            "\x1b[1mNiger asks the \x1b[0m\x1b[1;31mtroops\x1b[0m\x1b[1m to leave\x1b[0m",
            "    \x1b[32m 12\x1b[0m: The air base near \x1b[1;31mAgadez\x1b[0m, built",
            "\x1b[33m(gone)\x1b[0m",
        ];
        for part in parts {
            assert!(shown.contains(part), "{part:?} in {shown:?}");
        }
        let plain = sample::without_our_own(&shown);
        let uncoloured = Style { colour: false, links: false, ..sample::terminal() };
        assert_eq!(plain, sample::printed(Format::Text, &uncoloured, &shelf()), "colour moves nothing");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_unless_a_path_is() {
        for width in 40..200 {
            let style = Style { width: Some(width), colour: false, links: false, ..sample::terminal() };
            for line in sample::printed(Format::Text, &style, &shelf()).lines() {
                assert!(wrap::columns(line) <= width, "{width}: {line:?}");
            }
        }
    }
}
