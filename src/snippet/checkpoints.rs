//! Where a long text can be entered: a passage then costs what stands around it, not what stands before it.
//!
//! In: at ingest, a text and the pieces that its file can be read in; its analysis tells which words stand in each. Out: a
//! few bytes a piece, kept with the document, and from them again where each piece begins: in the file, in the text, in the
//! row of words, and in which line.

use memchr::memrchr2;

use super::lines::Lines;
use crate::index::codec::{Input, put};

/// A file of more bytes is never read whole for its passages, so its text has checkpoints.
pub(crate) const LONG_BYTES: u64 = 256 << 10;

/// How far the checkpoints of a text are apart, unless it is very long: analysing so much takes 30 µs, and they make a 700th
/// of the text.
const STEP_BYTES: usize = 4 << 10;

/// The most checkpoints, which a question unpacks in less than a millisecond.
const MOST: usize = 1 << 16;

/// A place between two characters of a text, where its decoder may begin afresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The bytes of text before it.
    pub(crate) at: usize,
    /// The bytes of the file before it, behind the byte order mark.
    pub(crate) raw: u64,
    /// The words that begin before it.
    pub(crate) position: u32,
    /// Its line, from 1.
    pub(crate) line: u64,
    /// Where that line began.
    pub(crate) line_start: usize,
}

/// The checkpoints of a text, from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoints {
    pub(crate) all: Vec<Checkpoint>,
    /// How much of the text has the bytes of the file.
    pub(crate) exact_bytes: usize,
}

/// How long the pieces of a file of so many bytes are.
pub(crate) fn step(file_bytes: usize) -> usize {
    let mut step = STEP_BYTES;
    while file_bytes / step >= MOST {
        step *= 2;
    }
    step
}

impl Checkpoints {
    /// Those of `text` at the ends of pieces that have so many bytes in the file and in the text; the words are still to be
    /// counted.
    pub(crate) fn new(text: &str, pieces: &[(usize, usize)], exact_bytes: usize) -> Checkpoints {
        let mut last = Checkpoint { at: 0, raw: 0, position: 0, line: 1, line_start: 0 };
        let (mut all, mut lines) = (vec![last], Lines::new(text));
        for (raw, length) in pieces {
            let end = last.at + length;
            let start = memrchr2(b'\n', b'\r', &text.as_bytes()[last.at..end]);
            last = Checkpoint {
                at: end,
                raw: last.raw + *raw as u64,
                position: 0,
                line: lines.line_at(end),
                line_start: start.map_or(last.line_start, |at| last.at + at + 1),
            };
            all.push(last);
        }
        Checkpoints { all, exact_bytes }
    }

    /// How long the text is.
    fn text_bytes(&self) -> usize {
        self.all.last().map_or(0, |end| end.at)
    }

    /// Appends them, each as what it adds to the one before.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let is_exact = self.exact_bytes == self.text_bytes();
        put(out, self.all.len() as u64);
        put(out, if is_exact { 0 } else { self.exact_bytes as u64 + 1 });
        for pair in self.all.windows(2) {
            let (last, next) = (pair[0], pair[1]);
            put(out, (next.at - last.at) as u64);
            if !is_exact {
                put(out, next.raw - last.raw);
            }
            put(out, (next.position - last.position).into());
            put(out, next.line - last.line);
            put(out, (next.at - next.line_start) as u64);
        }
    }

    /// Those that [`encode`](Self::encode) wrote; `None` if the bytes are none of its.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Checkpoints> {
        let mut input = Input(bytes);
        let mut number = || input.number().and_then(|number| usize::try_from(number).ok());
        let count = number()?;
        let exact_bytes = number()?.checked_sub(1);
        let mut last = Checkpoint { at: 0, raw: 0, position: 0, line: 1, line_start: 0 };
        let mut all = Vec::with_capacity(count.min(bytes.len()));
        all.push(last);
        for _ in 1..count {
            let length = number()?;
            let raw = if exact_bytes.is_some() { number()? } else { length };
            let (position, line) = (number()?, number()?);
            let at = last.at.checked_add(length)?;
            last = Checkpoint {
                at,
                raw: last.raw.checked_add(raw as u64)?,
                position: last.position.checked_add(u32::try_from(position).ok()?)?,
                line: last.line.checked_add(line as u64)?,
                line_start: at.checked_sub(number()?)?,
            };
            all.push(last);
        }
        // What is damaged must not make anybody read a whole file as one piece.
        let most = 2 * step(usize::try_from(last.raw).ok()?) as u64;
        let is_even = all.windows(2).all(|pair| pair[1].raw - pair[0].raw <= most);
        is_even.then_some(Checkpoints { exact_bytes: exact_bytes.unwrap_or(last.at), all })
    }
}

/// Counts the words before each checkpoint while the text is analysed.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    checkpoints: Option<Checkpoints>,
    next: usize,
    /// Where the next checkpoint is that waits for its words; beyond every text if there is none.
    at: usize,
}

impl Counting {
    /// Begins with a text that has these checkpoints, or none.
    pub(crate) fn begin(&mut self, checkpoints: Option<Checkpoints>) {
        *self = Counting { checkpoints, next: 1, at: 0 };
        self.at = self.waiting();
    }

    fn waiting(&self) -> usize {
        let waiting = self.checkpoints.as_ref().and_then(|checkpoints| checkpoints.all.get(self.next));
        waiting.map_or(usize::MAX, |checkpoint| checkpoint.at)
    }

    /// A word begins at `start`.
    #[inline]
    pub(crate) fn part(&mut self, start: usize, position: u32) {
        if start >= self.at {
            self.pass(start, position);
        }
    }

    #[cold]
    fn pass(&mut self, start: usize, position: u32) {
        while start >= self.at {
            if let Some(checkpoint) =
                self.checkpoints.as_mut().and_then(|checkpoints| checkpoints.all.get_mut(self.next))
            {
                checkpoint.position = position;
            }
            self.next += 1;
            self.at = self.waiting();
        }
    }

    /// The text is over, and has so many words.
    pub(crate) fn finish(&mut self, positions: u32) -> Option<Checkpoints> {
        let Counting { checkpoints, next, .. } = std::mem::take(self);
        let mut checkpoints = checkpoints?;
        checkpoints.all.iter_mut().skip(next).for_each(|checkpoint| checkpoint.position = positions);
        Some(checkpoints)
    }
}
