//! A term as two numbers, so that terms are compared and sorted without a look at their bytes.
//!
//! Up to sixteen bytes are the term itself, padded with zeros, which no term holds. A longer one lies in its owner's buffer;
//! its numbers are its hash, and where it lies.

use std::cmp::Ordering;

/// A term, or where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Key {
    low: u64,
    high: u64,
}

/// So many bytes are held by the numbers themselves.
const SHORT_BYTES: usize = 16;
/// Marks a long term: no byte of a text in UTF-8 is this.
const LONG: u64 = 0xff << 56;
/// The bits that tell where a long term begins; those above, but for the mark, tell how long it is.
const PLACE_BITS: u32 = 40;

impl Key {
    /// The key of a short term.
    #[inline]
    pub(super) fn of(term: &[u8]) -> Option<Key> {
        let length = term.len();
        match length {
            ..=8 => Some(Key { low: padded(term), high: 0 }),
            9..=SHORT_BYTES => {
                Some(Key { low: eight(term, 0), high: eight(term, length - 8) >> (8 * (SHORT_BYTES - length)) })
            }
            _ => None,
        }
    }

    /// Puts a long term into `long`; its key.
    pub(super) fn put_long(term: &[u8], hash: u64, long: &mut Vec<u8>) -> Key {
        let place = long.len() as u64;
        long.extend_from_slice(term);
        Key { low: hash, high: LONG | (term.len() as u64) << PLACE_BITS | place }
    }

    /// Whether this is the key of a long term.
    #[inline]
    pub(super) fn is_long(self) -> bool {
        self.high >= LONG
    }

    /// Whether this is the key of the long term `term`, which has that hash.
    pub(super) fn is_of(self, term: &[u8], hash: u64, long: &[u8]) -> bool {
        self.is_long() && self.low == hash && self.lies_in(long) == term
    }

    fn lies_in(self, long: &[u8]) -> &[u8] {
        let place = (self.high & ((1 << PLACE_BITS) - 1)) as usize;
        let length = (self.high & !LONG) >> PLACE_BITS;
        &long[place..place + length as usize]
    }

    /// The hash of a long term.
    pub(super) fn long_hash(self) -> u64 {
        self.low
    }

    /// The bytes of the term, for which a short one needs room.
    #[inline]
    pub(super) fn bytes<'a>(self, long: &'a [u8], room: &'a mut [u8; SHORT_BYTES]) -> &'a [u8] {
        if self.is_long() {
            return self.lies_in(long);
        }
        room[..8].copy_from_slice(&self.low.to_le_bytes());
        room[8..].copy_from_slice(&self.high.to_le_bytes());
        let unused = if self.high == 0 { 64 + self.low.leading_zeros() } else { self.high.leading_zeros() };
        &room[..SHORT_BYTES - unused as usize / 8]
    }

    /// The first eight bytes as a number that sorts as they do.
    pub(super) fn prefix(self, long: &[u8]) -> u64 {
        let low = if self.is_long() { eight(self.lies_in(long), 0) } else { self.low };
        low.swap_bytes()
    }

    /// The order of two terms whose first eight bytes are the same.
    pub(super) fn order(self, other: Key, long: &[u8]) -> Ordering {
        if !self.is_long() && !other.is_long() {
            return self.high.swap_bytes().cmp(&other.high.swap_bytes());
        }
        self.bytes(long, &mut Default::default()).cmp(other.bytes(long, &mut Default::default()))
    }
}

#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

/// Up to eight bytes as a number, zeros behind them.
#[inline]
fn padded(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let four = |at: usize| u64::from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
    match length {
        0 => 0,
        1..4 => {
            let byte = |at: usize| u64::from(bytes[at]) << (8 * at);
            byte(0) | byte(length / 2) | byte(length - 1)
        }
        _ => four(0) | four(length - 4) << (8 * (length - 4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_its_term_back_and_sorts_as_it_does() {
        let mut terms: Vec<String> = ["", "é", "東京", "zürich"].map(str::to_string).into();
        for length in 1..40 {
            terms.push("a".repeat(length));
            terms.push("ab".repeat(length));
            terms.push(format!("{}z", "a".repeat(length)));
        }
        terms.sort();
        terms.dedup();
        let mut long = Vec::new();
        let keys: Vec<_> = terms
            .iter()
            .map(|term| Key::of(term.as_bytes()).unwrap_or_else(|| Key::put_long(term.as_bytes(), 7, &mut long)))
            .collect();
        for (term, key) in terms.iter().zip(&keys) {
            assert_eq!(key.bytes(&long, &mut Default::default()), term.as_bytes(), "{term}");
            assert_eq!(key.is_long(), term.len() > SHORT_BYTES);
            assert_eq!(key.is_of(term.as_bytes(), 7, &long), key.is_long());
        }
        for pair in keys.windows(2) {
            let prefixes = pair[0].prefix(&long).cmp(&pair[1].prefix(&long));
            let order = prefixes.then_with(|| pair[0].order(pair[1], &long));
            assert_eq!(order, Ordering::Less, "{:?} {:?}", terms, pair);
        }
    }
}
