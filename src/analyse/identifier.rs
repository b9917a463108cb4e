//! Identifiers of programs, read without the care that other compounds take: `parse_http_header`, `CONFIG_X86_64`.
//!
//! In: a text in ASCII and where a word begins behind which an underscore stands. Out: the parts that `compound.rs` would
//! find, where nothing needs a closer look; the whole of an identifier is a [row](super::is_row).

use std::ops::ControlFlow;

use super::class::{DIGIT, LOWER, UPPER};
use super::{Emit, Out, eight, ends_plainly};

/// The end of the identifier whose first word is `start..end`, if each of its words is of one case, only underscores stand
/// between them, and nothing behind it might belong to it.
pub(super) fn end(bytes: &[u8], start: usize, mut end: usize, mut classes: u8) -> Option<usize> {
    const BOTH: u8 = LOWER | UPPER;
    // `-20T10` may be a day and an hour.
    if classes & BOTH == BOTH || (classes == UPPER | DIGIT && bytes.get(start.wrapping_sub(1)) == Some(&b'-')) {
        return None;
    }
    let mut from = start;
    while bytes.get(end) == Some(&b'_') {
        from = past_underscores(bytes, end);
        (end, classes) = eight::word(bytes, from);
        if end == from || classes & BOTH == BOTH {
            return None;
        }
    }
    ends_plainly(bytes, end, end - from, classes).then_some(end)
}

/// Emits the words of the identifier `at..end`.
pub(super) fn words<F: Emit>(
    buffer: &mut String,
    text: &str,
    mut at: usize,
    end: usize,
    out: &mut Out<F>,
) -> ControlFlow<()> {
    let bytes = text.as_bytes();
    while at < end {
        let (stop, classes) = eight::word(bytes, at);
        if classes & UPPER == 0 {
            out.part(&text[at..stop], at, stop)?;
        } else {
            buffer.clear();
            buffer.push_str(&text[at..stop]);
            buffer.make_ascii_lowercase();
            out.part(buffer, at, stop)?;
        }
        at = past_underscores(&bytes[..end], stop);
    }
    ControlFlow::Continue(())
}

#[inline]
fn past_underscores(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| **byte == b'_').count()
}
