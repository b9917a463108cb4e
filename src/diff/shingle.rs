//! How much two texts have in common, in runs of words.

use xxhash_rust::xxh3::xxh3_64;

use super::words::{Folder, split};

/// So many words make a run: enough that unlike texts share hardly any, few enough that a changed word spoils little.
const RUN: usize = 4;

/// What two texts have in common, of the different runs of four words that they have; case and marks do not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Of the runs of both.
    pub of_both: f64,
    /// Of the runs of the first text.
    pub of_a: f64,
    /// Of the runs of the second text.
    pub of_b: f64,
}

/// Compares the runs of two texts.
pub(super) fn share(a: &str, b: &str) -> Share {
    let (a, b) = (runs(a), runs(b));
    let (mut common, mut rest) = (0_usize, b.as_slice());
    for run in &a {
        rest = &rest[rest.partition_point(|next| next < run)..];
        common += usize::from(rest.first() == Some(run));
    }
    // Two texts without a word have all in common.
    let share = |all: usize| if all == 0 { 1.0 } else { common as f64 / all as f64 };
    Share { of_both: share(a.len() + b.len() - common), of_a: share(a.len()), of_b: share(b.len()) }
}

/// The hashes of the runs, each once, in order; a text of fewer words is one run.
fn runs(text: &str) -> Vec<u64> {
    let mut folder = Folder::default();
    let words = split(text).map(|word| &text[word]).filter(|word| word.contains(char::is_alphanumeric));
    let words: Vec<[u8; 8]> = words.map(|word| folder.word(&word.to_lowercase()).to_le_bytes()).collect();
    let mut runs: Vec<u64> = words.windows(RUN).map(|run| xxh3_64(run.as_flattened())).collect();
    if runs.is_empty() && !words.is_empty() {
        runs.push(xxh3_64(words.as_flattened()));
    }
    runs.sort_unstable();
    runs.dedup();
    runs
}
