//! `path:line:column:text`: a row a snippet, for the quickfix lists of editors.
//!
//! Line and column point at the first match in the passage; the text is that line, as far as the
//! passage holds it. A hit without a passage points at the start of its file.

use std::io::{self, Write};
use std::ops::Range;

use indago::search::{Answer, Snippet};

use super::clean::{clean, one_line, sound_marks};
use super::paths;
use super::style::Style;

/// Writes a row for every snippet.
pub fn answer(out: &mut impl Write, style: &Style, answer: &Answer) -> io::Result<()> {
    for hit in &answer.hits {
        let path = in_a_row(paths::bytes(&hit.path, style));
        let mut row = |line, column, text: &str| {
            out.write_all(&path)?;
            writeln!(out, ":{line}:{column}:{text}")
        };
        if hit.snippets.is_empty() {
            let title = hit.title.as_ref().map(one_line);
            row(1, 1, title.as_ref().map_or("", |title| &title.text))?;
        }
        for snippet in &hit.snippets {
            let mark = sound_marks(&snippet.passage).next();
            let place = place(snippet, mark.map_or(0, |mark| mark.start));
            row(place.line, place.column, &clean(&snippet.passage.text[place.text]))?;
        }
    }
    Ok(())
}

/// Where a byte of a passage stands in its file.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: u64,
    /// The byte in the line's UTF-8, counted from 1.
    pub column: u64,
    /// What the passage holds of that line, without its end.
    pub text: Range<usize>,
}

/// The place of the byte `at` of the passage; `\n`, `\r\n` and a lone `\r` end lines.
pub fn place(snippet: &Snippet, at: usize) -> Place {
    let text = &snippet.passage.text;
    let mut place = Place { line: snippet.line, column: snippet.column, text: 0..text.len() };
    for (end, next) in line_ends(text) {
        if next > at {
            place.text.end = end;
            break;
        }
        place.line += 1;
        place.column = 1;
        place.text.start = next;
    }
    place.column += at.saturating_sub(place.text.start) as u64;
    place
}

/// Of every line end, where it begins and where the next line does.
fn line_ends(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = text.as_bytes();
    let ends = bytes
        .iter()
        .enumerate()
        .filter(move |&(at, &byte)| byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')));
    ends.map(move |(at, _)| {
        let begin = if bytes[at] == b'\n' && bytes[..at].ends_with(b"\r") { at - 1 } else { at };
        (begin, at + 1)
    })
}

/// A name that holds line ends would forge rows, so they alone are replaced, by `?` as `ls` does.
fn in_a_row(mut path: Vec<u8>) -> Vec<u8> {
    path.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b'?');
    path
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::sample::{self, hit, passage, snippet};
    use super::*;

    #[test]
    fn a_place_is_counted_over_every_kind_of_line_end() {
        let rows: [(&str, usize, (u64, u64), &str); 10] = [
            ("lantern", 0, (5, 11), "lantern"),
            ("the lantern", 4, (5, 15), "the lantern"),
            ("the\nlantern lit\nlow", 4, (6, 1), "lantern lit"),
            ("the\r\na lantern\r\nlow", 7, (6, 3), "a lantern"),
            ("the\ra lantern\rlow", 6, (6, 3), "a lantern"),
            ("a\n\n\rlantern", 4, (8, 1), "lantern"),
            ("été\nété lantern", 12, (6, 7), "été lantern"),
            ("the\r\nlantern", 0, (5, 11), "the"),
            ("", 0, (5, 11), ""),
            ("the\n", 4, (6, 1), ""),
        ];
        for (text, at, (line, column), shown) in rows {
            let snippet = snippet(5, 11, passage(text, []));
            let place = place(&snippet, at);
            assert_eq!((place.line, place.column, &text[place.text]), (line, column, shown), "{text:?} at {at}");
        }
    }

    #[test]
    fn a_row_points_at_the_first_match() {
        let mut found = hit("/notes/a.txt");
        found.title = Some(passage("The\nkeeper", []));
        found.snippets = vec![
            snippet(3, 5, passage("so it\n\tthe lantern\x07 lit\nlow", ["lantern"])),
            snippet(9, 1, passage("no match", [])),
        ];
        let mut bare = hit("/notes/b:1.txt");
        bare.title = Some(passage("The\nkeeper", []));
        let answer = sample::answer([found, bare, hit("/notes/c\r\n.txt")]);
        let expected = "a.txt:4:6:\tthe lantern␇ lit\na.txt:9:1:no match\nb:1.txt:1:1:The keeper\nc??.txt:1:1:\n";
        assert_eq!(sample::printed(Format::Vimgrep, &sample::pipe(), &answer), expected);
    }
}
