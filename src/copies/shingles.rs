//! All shingles of a text, to be compared exactly.

use crate::analyse::{Analyzer, Kind};
use crate::fingerprint::{Shingler, lengths};

/// The shingles of a text, each once, as hashes in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shingles {
    hashes: Vec<u64>,
    words: u32,
}

impl Shingles {
    /// Those of `text`.
    pub(super) fn of(text: &str, analyzer: &mut Analyzer) -> Shingles {
        let (mut shingler, mut hashes) = (Shingler::default(), Vec::new());
        analyzer.tokens(text, |token| {
            if token.kind == Kind::Part {
                hashes.extend(shingler.take(token.term));
            }
        });
        let words = shingler.words;
        hashes.extend(shingler.finish());
        hashes.sort_unstable();
        hashes.dedup();
        hashes.shrink_to_fit();
        Shingles { hashes, words }
    }

    /// The share of all shingles of two texts that both have, never more than their lengths allow.
    pub(super) fn share(&self, other: &Shingles) -> f32 {
        let (mut a, mut b, mut common) = (0, 0, 0_usize);
        while a < self.hashes.len() && b < other.hashes.len() {
            let (one, its) = (self.hashes[a], other.hashes[b]);
            common += usize::from(one == its);
            a += usize::from(one <= its);
            b += usize::from(its <= one);
        }
        let all = self.hashes.len() + other.hashes.len() - common;
        let share = if all == 0 { 0.0 } else { (common as f64 / all as f64) as f32 };
        share.min(lengths(self.words, other.words))
    }

    /// What they take in memory.
    pub(super) fn bytes(&self) -> usize {
        8 * self.hashes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_counts_runs_of_three_words() {
        let rows = [
            ("The lantern was lit.", "the LANTERN was\n\nlit", 1.0),
            ("one two three four five six", "one two three four five seven", 3.0 / 5.0),
            ("one two three", "three two one", 0.0),
            ("東京都に行く", "東京都に行く。", 1.0),
            ("yes yes yes yes", "yes yes yes yes yes yes yes yes", 0.5),
            ("---", "---", 0.0),
        ];
        let mut analyzer = Analyzer::new();
        for (a, b, share) in rows {
            let (one, other) = (Shingles::of(a, &mut analyzer), Shingles::of(b, &mut analyzer));
            assert_eq!((one.share(&other), other.share(&one)), (share, share), "{a} | {b}");
        }
    }
}
