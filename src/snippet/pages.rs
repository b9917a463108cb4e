//! A text of any length, a stretch at a time.
//!
//! In: a [`Source`] of pieces. Out: the text around a place, as far as it was asked for, and the line
//! of any place passed. Pieces that were passed are read again when they are asked for again, so that
//! the memory does not grow with the text, save for three numbers a piece.

use std::io;
use std::ops::Range;

use memchr::memrchr2;

use super::checkpoints::Checkpoints;
use super::lines::Lines;
use super::places::{ceil, floor};

/// A text in pieces of some hundred kilobytes at most, each of which can be had as often as it takes.
pub trait Source {
    /// Appends the piece of that number, from 0, to `into`; false if the text ended before.
    ///
    /// Pieces are asked for in order the first time, and never again beyond the first that was not there.
    ///
    /// # Errors
    /// When it cannot be read.
    fn piece(&mut self, number: usize, into: &mut String) -> io::Result<bool>;
}

impl<S: Source> Source for &mut S {
    fn piece(&mut self, number: usize, into: &mut String) -> io::Result<bool> {
        (**self).piece(number, into)
    }
}

/// A text in memory, in pieces of so many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct InMemory<'t> {
    pub(super) text: &'t str,
    pub(super) piece_bytes: usize,
}

impl Source for InMemory<'_> {
    fn piece(&mut self, number: usize, into: &mut String) -> io::Result<bool> {
        let from = number.saturating_mul(self.piece_bytes).min(self.text.len());
        let to = from.saturating_add(self.piece_bytes).min(self.text.len());
        into.push_str(&self.text[ceil(self.text, from)..ceil(self.text, to)]);
        Ok(from < self.text.len())
    }
}

/// What is known where a piece begins.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// The bytes of text before it.
    base: usize,
    /// Its line, from 1.
    line: u64,
    /// Where that line began.
    line_start: usize,
    /// The piece before it ended with a `\r`, whose `\n` may follow.
    returned: bool,
}

/// A window that moves over a text.
pub(super) struct Pages<S> {
    source: S,
    /// Where the pieces begin that were passed, and where the next one will.
    marks: Vec<Mark>,
    /// No piece follows those that were passed.
    ended: bool,
    window: String,
    pieces: Range<usize>,
}

/// A stretch of the text, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch<'p> {
    pub(super) text: &'p str,
    pub(super) base: usize,
}

impl Stretch<'_> {
    /// A range of the whole text as one of the stretch, as far as it lies in it.
    pub(super) fn local(&self, range: &Range<usize>) -> Range<usize> {
        let local = |at: usize| at.saturating_sub(self.base).min(self.text.len());
        let start = floor(self.text, local(range.start));
        start..ceil(self.text, local(range.end)).max(start)
    }

    /// Where the stretch ends in the whole text.
    pub(super) fn end(&self) -> usize {
        self.base + self.text.len()
    }
}

impl<S: Source> Pages<S> {
    pub(super) fn new(source: S) -> Self {
        let first = Mark { base: 0, line: 1, line_start: 0, returned: false };
        Self { source, marks: vec![first], ended: false, window: String::new(), pieces: 0..0 }
    }

    /// A text whose pieces are known beforehand, so that it may be entered at any of them.
    pub(super) fn entered(source: S, checkpoints: Checkpoints) -> Self {
        let marks = checkpoints.all.into_iter().map(|checkpoint| Mark {
            base: checkpoint.at,
            line: checkpoint.line,
            line_start: checkpoint.line_start,
            // A `\r` before a `\n` was not counted.
            returned: false,
        });
        Self { marks: marks.collect(), ended: true, ..Self::new(source) }
    }

    /// The text of `range` and what stands around it in its pieces; less only where the text ends.
    pub(super) fn around(&mut self, range: Range<usize>) -> io::Result<Stretch<'_>> {
        let first = self.piece_at(range.start);
        if !self.pieces.contains(&first) {
            self.window.clear();
            self.pieces = first..first;
        } else if first > self.pieces.start {
            let passed = self.marks[first].base - self.marks[self.pieces.start].base;
            self.window.drain(..passed.min(self.window.len()));
            self.pieces.start = first;
        }
        while self.end() < range.end && self.extend()? {}
        Ok(Stretch { text: &self.window, base: self.marks[self.pieces.start].base })
    }

    /// The line of the byte at `at`, which was passed, and where that line begins.
    pub(super) fn line(&mut self, at: usize) -> io::Result<(u64, usize)> {
        let mark = self.marks[self.piece_at(at)];
        let stretch = self.around(at..at.saturating_add(1))?;
        let local = stretch.local(&(mark.base..at));
        let text = stretch.text.get(local.start..).unwrap_or_default();
        let follows = usize::from(mark.returned && text.starts_with('\n')) as u64;
        let line = mark.line - follows.min(mark.line) + Lines::new(text).line_at(local.len()) - 1;
        let start = memrchr2(b'\n', b'\r', &text.as_bytes()[..local.len()]);
        Ok((line, start.map_or(mark.line_start, |end| mark.base + end + 1)))
    }

    /// The last piece that begins at or before `at`.
    fn piece_at(&self, at: usize) -> usize {
        self.marks.partition_point(|mark| mark.base <= at).saturating_sub(1)
    }

    fn end(&self) -> usize {
        self.marks[self.pieces.start].base + self.window.len()
    }

    /// Appends the next piece to the window; false if there is none.
    fn extend(&mut self) -> io::Result<bool> {
        let (number, from) = (self.pieces.end, self.window.len());
        let is_new = number + 1 == self.marks.len();
        if is_new && (self.ended || !self.source.piece(number, &mut self.window)?) {
            self.ended = true;
            return Ok(false);
        }
        if is_new {
            self.marks.push(self.marks[number].behind(&self.window[from..]));
        } else {
            self.source.piece(number, &mut self.window)?;
            if self.window.len() - from != self.marks[number + 1].base - self.marks[number].base {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file changed while it was read"));
            }
        }
        self.pieces.end += 1;
        Ok(true)
    }
}

impl Mark {
    /// The mark behind a piece that begins here.
    fn behind(self, piece: &str) -> Mark {
        let follows = u64::from(self.returned && piece.starts_with('\n'));
        let start = memrchr2(b'\n', b'\r', piece.as_bytes());
        Mark {
            base: self.base + piece.len(),
            line: self.line - follows + Lines::new(piece).line_at(piece.len()) - 1,
            line_start: start.map_or(self.line_start, |end| self.base + end + 1),
            returned: if piece.is_empty() { self.returned } else { piece.ends_with('\r') },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stretch_and_line_is_that_of_the_whole_text() {
        let text = "One\r\ntwo\rthree\n\r\nfour é東 five\n\n\rsix".repeat(3);
        for piece_bytes in 1..20 {
            let mut pages = Pages::new(InMemory { text: &text, piece_bytes });
            for from in (0..text.len()).step_by(7).chain([40, 3, 0, text.len()]) {
                let range = from..from + 9;
                let stretch = pages.around(range.clone()).expect("memory can be read");
                assert!(stretch.base <= from && stretch.end() >= range.end.min(text.len()));
                assert_eq!(stretch.text, &text[stretch.base..stretch.end()]);
            }
            let mut whole = Lines::new(&text);
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at) && !text[at..].starts_with('\n')) {
                let start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
                let line = pages.line(at).expect("memory can be read");
                assert_eq!(line, (whole.line_at(at), start), "{piece_bytes} {at}");
            }
        }
    }
}
