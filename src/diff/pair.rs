//! Which sentences of two stretches are versions of each other.
//!
//! In: the sentences that one text has where the other has others. Out: both, in reading order, those side by side that share
//! most of their words. Long stretches are paired in blocks, so that the time grows with their length.

use std::ops::Range;

use super::Text;
use super::words::{Folder, split};

/// Sentences are versions of each other if they share this much of their words.
const ALIKE: f32 = 0.5;

/// So many sentences are compared with so many.
const BLOCK: usize = 48;

/// In stretches longer than this blocks are smaller.
const LONG: usize = 4096;

/// The smaller blocks.
const SMALL_BLOCK: usize = 8;

/// What stands side by side, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    First(usize),
    Second(usize),
    Both(usize, usize),
}

/// Pairs the sentences of two stretches.
pub(super) fn pairs(a: &Text, b: &Text, before: Range<usize>, after: Range<usize>) -> Vec<Pair> {
    let longer = before.len().max(after.len());
    let block = if longer > LONG { SMALL_BLOCK } else { BLOCK };
    let blocks = longer.div_ceil(block).max(1);
    let part = |range: &Range<usize>, n: usize| {
        range.start + range.len() * n / blocks..range.start + range.len() * (n + 1) / blocks
    };
    (0..blocks).flat_map(|n| in_block(a, b, part(&before, n), part(&after, n))).collect()
}

/// The pairing with the most in common, by dynamic programming over the table of pairs.
fn in_block(a: &Text, b: &Text, before: Range<usize>, after: Range<usize>) -> Vec<Pair> {
    let (rows, columns) = (before.len(), after.len());
    let mut folder = Folder::default();
    let mut bags = |text: &Text, range: &Range<usize>| -> Vec<Vec<u64>> {
        range.clone().map(|sentence| bag(&mut folder, text.slice(sentence))).collect()
    };
    let (ones, others) = (bags(a, &before), bags(b, &after));
    let at = |row: usize, column: usize| row * (columns + 1) + column;
    let mut alike = vec![0.0; (rows + 1) * (columns + 1)];
    let mut best = vec![0.0; (rows + 1) * (columns + 1)];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let likeness = likeness(&ones[row], &others[column]);
            let paired = if likeness >= ALIKE { likeness + best[at(row + 1, column + 1)] } else { 0.0 };
            alike[at(row, column)] = likeness;
            best[at(row, column)] = f32::max(paired, f32::max(best[at(row + 1, column)], best[at(row, column + 1)]));
        }
    }
    let mut pairs = Vec::with_capacity(rows.max(columns));
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        let likeness = alike[at(row, column)];
        let here = best[at(row, column)];
        if row < rows && column < columns && likeness >= ALIKE && here == likeness + best[at(row + 1, column + 1)] {
            pairs.push(Pair::Both(before.start + row, after.start + column));
            (row, column) = (row + 1, column + 1);
        } else if row < rows && (column == columns || here == best[at(row + 1, column)]) {
            pairs.push(Pair::First(before.start + row));
            row += 1;
        } else {
            pairs.push(Pair::Second(after.start + column));
            column += 1;
        }
    }
    pairs
}

/// The words of a sentence, sorted.
fn bag(folder: &mut Folder, sentence: &str) -> Vec<u64> {
    let words = split(sentence).map(|word| &sentence[word]).filter(|word| word.contains(char::is_alphanumeric));
    let mut bag: Vec<u64> = words.map(|word| folder.word(word)).collect();
    bag.sort_unstable();
    bag
}

/// The share of their words that two bags have in common.
fn likeness(one: &[u64], other: &[u64]) -> f32 {
    let (mut common, mut rest) = (0, other);
    for word in one {
        let skipped = rest.partition_point(|next| next < word);
        rest = &rest[skipped..];
        if rest.first() == Some(word) {
            common += 1;
            rest = &rest[1..];
        }
    }
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { (2 * common) as f32 / all as f32 }
}
