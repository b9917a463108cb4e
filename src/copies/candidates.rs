//! Which documents may be nearly the same, without comparing all pairs: those of which some neighbouring bins agree.
//!
//! The bins are cut into bands (locality-sensitive hashing; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4).
//! Two texts with the share J in common agree in a band of r bins with the chance J^r, and miss each other in all 60/r bands
//! with (1 − J^r)^(60/r): 6 in ten million at .8 by threes, 2 in ten thousand at .5 by twos.
//!
//! Where thousands share a band, pages that were filled into one form mostly, it is widened for them: of those that have half
//! of their text in common few agree in six bins, while two that share .8 miss each other in all bands twice in a thousand.

use crate::fingerprint::BINS;

/// The documents that share a band, each by its number: `buckets[n]` are those that share one thing.
pub(super) struct Buckets {
    /// Of each document that shares a band with another: `(document, bucket)`, in order of the documents.
    pub(super) members: Vec<(u32, u32)>,
    /// How many buckets there are.
    pub(super) count: u32,
}

/// Bins of a band, so that hardly any two with the share `least` are missed.
fn width(least: f32) -> usize {
    match least {
        least if least >= 0.7 => 3,
        least if least >= 0.5 => 2,
        _ => 1,
    }
}

impl Buckets {
    /// Those of the documents with these bins, by their numbers; one without words has none.
    pub(super) fn of(dense: &[Option<[u8; BINS]>], least: f32) -> Buckets {
        let mut buckets = Buckets { members: Vec::new(), count: 0 };
        let width = width(least);
        let mut keys: Vec<(u32, u32)> = Vec::with_capacity(dense.len());
        for start in (0..BINS).step_by(width) {
            keys.clear();
            keys.extend(
                dense
                    .iter()
                    .zip(0..)
                    .filter_map(|(dense, document)| Some((key(&dense.as_ref()?[start..start + width]), document))),
            );
            buckets.fill(dense, &mut keys, (start, width), width);
        }
        buckets.members.sort_unstable();
        buckets
    }

    /// Makes buckets of what has the same key; where those are too many, by the bins that follow.
    fn fill(
        &mut self,
        dense: &[Option<[u8; BINS]>],
        keys: &mut [(u32, u32)],
        (start, width): (usize, usize),
        wide: usize,
    ) {
        keys.sort_unstable();
        for same in keys.chunk_by_mut(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            if same.len() > MANY && wide < MOST_WIDENED * width {
                for (key, document) in same.iter_mut() {
                    let bins = dense[*document as usize].iter().flatten().cycle().skip(start + wide).take(width);
                    *key = self::key(bins);
                }
                self.fill(dense, same, (start, width), wide + width);
                continue;
            }
            self.members.extend(same.iter().map(|(_, document)| (*document, self.count)));
            self.count += 1;
        }
    }
}

/// Bins of at most four bytes as one number.
fn key<'a>(bins: impl IntoIterator<Item = &'a u8>) -> u32 {
    bins.into_iter().fold(0, |key, bin| key << 8 | u32::from(*bin))
}

/// Documents that share a band, beyond which it is widened.
const MANY: usize = 1000;
/// Of so many bands a widened one may be made. Three of three bins miss one in eighteen of the pairs that share .8.
const MOST_WIDENED: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_that_thousands_share_is_widened_as_long_as_that_parts_them() {
        // All agree in the first three bins, and in the next three as many as have the same number.
        let forms = |kinds: usize| -> Vec<_> {
            let bins = |n: usize| std::array::from_fn(|bin| if bin < 3 { 1 } else { (n % kinds * 7 + bin * 31) as u8 });
            (0..5 * MANY).map(|n| Some(bins(n))).collect()
        };
        for (kinds, most) in [(1, 5 * MANY), (50, MANY / 10)] {
            let buckets = Buckets::of(&forms(kinds), 0.8);
            let mut sizes = vec![0; buckets.count as usize];
            buckets.members.iter().for_each(|(_, bucket)| sizes[*bucket as usize] += 1);
            assert_eq!(sizes.iter().max(), Some(&most), "{kinds} kinds");
            let documents: std::collections::HashSet<_> =
                buckets.members.iter().map(|(document, _)| document).collect();
            assert_eq!(documents.len(), 5 * MANY);
        }
        let none = Buckets::of(&[None, Some([1; BINS]), None], 0.8);
        assert!(none.members.is_empty() && none.count == 0);
    }
}
