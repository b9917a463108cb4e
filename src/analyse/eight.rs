//! Eight bytes of a text at once: where the next word begins, where it ends, and what it is made of.
//!
//! A loop over single bytes ends at a place that the processor cannot foresee, which costs more than the word itself. Here
//! eight bytes are numbers side by side in one, as in Warren, "Hacker's Delight", 2nd edition, chapter 6.

use super::class::{DIGIT, LOWER, UPPER};

const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte; what is said of a byte is said by this bit.
const HIGH: u64 = 0x80 * ONES;
/// The bit that tells a small letter from a capital.
const CASE: u64 = 0x20 * ONES;

#[inline]
fn load(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at + 8)?;
    Some(u64::from_le_bytes([eight[0], eight[1], eight[2], eight[3], eight[4], eight[5], eight[6], eight[7]]))
}

/// The bytes from `least` to `most`, of bytes below 0x80.
#[inline]
fn within(bytes: u64, least: u8, most: u8) -> u64 {
    let from = (bytes | HIGH) - ONES * u64::from(least);
    let to = (HIGH | (ONES * u64::from(most))) - bytes;
    from & to & HIGH
}

/// The letters and the digits among eight bytes.
#[inline]
fn solid(eight: u64) -> (u64, u64) {
    let (plain, ascii) = (eight & !HIGH, !eight & HIGH);
    (within(plain | CASE, b'a', b'z') & ascii, within(plain, b'0', b'9') & ascii)
}

/// Where the first byte at or behind `at` stands that begins a word or needs a closer look: a letter, a digit, anything beyond
/// ASCII, a dot, an escape. The end of the text if there is none.
#[inline]
pub(super) fn next_word(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = load(bytes, at) {
        let (letters, digits) = solid(eight);
        let plain = eight & !HIGH;
        let found = letters | digits | (eight & HIGH) | within(plain, b'.', b'.') | within(plain, 0x1b, 0x1b);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let is_found = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, 0x80..|b'.'| 0x1b);
    at + bytes[at.min(bytes.len())..].iter().take_while(|byte| !is_found(byte)).count()
}

/// The class, if any byte is of it.
#[inline]
fn class(found: u64, class: u8) -> u8 {
    if found != 0 { class } else { 0 }
}

/// The end of the letters and digits of ASCII from `at` on, and their classes.
#[inline]
pub(super) fn word(bytes: &[u8], mut at: usize) -> (usize, u8) {
    let mut classes = 0;
    while let Some(eight) = load(bytes, at) {
        let (mut letters, mut digits) = solid(eight);
        let other = !(letters | digits) & HIGH;
        if other != 0 {
            let inside = (other & other.wrapping_neg()) - 1;
            letters &= inside;
            digits &= inside;
        }
        let small = letters & (eight & CASE) << 2;
        classes |= class(small, LOWER) | class(letters ^ small, UPPER) | class(digits, DIGIT);
        if other != 0 {
            return (at + other.trailing_zeros() as usize / 8, classes);
        }
        at += 8;
    }
    for byte in &bytes[at.min(bytes.len())..] {
        classes |= match byte {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            _ => break,
        };
        at += 1;
    }
    (at, classes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::class::CLASS;
    use super::*;

    proptest! {
        #[test]
        fn eight_bytes_at_once_are_seen_as_one_by_one(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "[a-zA-Z0-9 @`{\\[/:._\\-\u{e9}]{0,40}".prop_map(String::into_bytes),
            ],
            at in 0usize..12,
        ) {
            let at = at.min(bytes.len());
            let class_of = |at: &usize| CLASS[bytes[*at] as usize];
            let is_found = |at: &usize| class_of(at) & 0x0f != 0 || matches!(bytes[*at], b'.' | 0x1b);
            prop_assert_eq!(next_word(&bytes, at), (at..bytes.len()).find(is_found).unwrap_or(bytes.len()));
            let end = (at..bytes.len()).find(|at| class_of(at) & (LOWER | UPPER | DIGIT) == 0).unwrap_or(bytes.len());
            prop_assert_eq!(word(&bytes, at), (end, (at..end).fold(0, |all, at| all | class_of(&at))));
        }
    }
}
