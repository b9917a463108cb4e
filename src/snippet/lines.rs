//! Lines and columns as an editor counts them.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr2};

use super::Cut;

/// Bytes looked at in one go, small enough to stay in the cache from one count to the next.
const BLOCK_BYTES: usize = 1 << 14;

/// Counts line ends up to ever later places in a text.
pub(crate) struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// The passage with its lines; it may not begin before the last one ended.
    pub(super) fn cut(&mut self, range: Range<usize>, marks: Vec<Range<usize>>) -> Cut {
        let line = self.line_at(range.start);
        let begin = memrchr2(b'\n', b'\r', &self.bytes[..range.start]).map_or(0, |end| end + 1);
        let column = (range.start - begin + 1) as u64;
        let end_line = self.line_at(range.end.saturating_sub(1).max(range.start));
        Cut { range, marks, line, end_line, column }
    }

    /// The line of the byte at `to`.
    pub(crate) fn line_at(&mut self, to: usize) -> u64 {
        while self.at < to {
            let end = to.min(self.at + BLOCK_BYTES);
            let block = &self.bytes[self.at..end];
            let mut ends = memchr_iter(b'\n', block).count();
            if memchr(b'\r', block).is_some() {
                ends += lone_returns(&self.bytes[self.at..], block.len());
            }
            self.line += ends as u64;
            self.at = end;
        }
        self.line
    }
}

/// How many of the first `length` bytes are a `\r` before anything but `\n`.
///
/// Files of many returns have one a line, so this counts without a branch, in sums that fit a byte.
fn lone_returns(bytes: &[u8], length: usize) -> usize {
    let next = bytes.get(1..).unwrap_or_default();
    let counted = length.min(next.len());
    let blocks = bytes[..counted].chunks(255).zip(next[..counted].chunks(255));
    let lone = |(byte, next): (&u8, &u8)| u8::from((*byte == b'\r') & (*next != b'\n'));
    let inner: usize = blocks.map(|(block, next)| usize::from(block.iter().zip(next).map(lone).sum::<u8>())).sum();
    inner + usize::from(counted < length && bytes.last() == Some(&b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_is_counted_once() {
        for (text, at, line) in [
            ("a\nb", 2, 2),
            ("a\r\nb", 3, 2),
            ("a\rb", 2, 2),
            ("a\r\rb", 3, 3),
            ("a\n\rb", 3, 3),
            ("a\r", 2, 2),
            ("", 0, 1),
        ] {
            assert_eq!(Lines::new(text).line_at(at), line, "{text:?}");
        }
        let long = "word\r\n".repeat(10_000) + &"word\r".repeat(10_000);
        assert_eq!(Lines::new(&long).line_at(long.len()), 20_001);
    }
}
