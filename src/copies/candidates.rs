//! Which documents may be nearly the same, without comparing all pairs: those of which some neighbouring bins agree.
//!
//! The bins are cut into bands (locality-sensitive hashing; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4).
//! Two texts with the share J in common agree in a band of r bins with the chance J^r, and miss each other in all 60/r bands
//! with (1 − J^r)^(60/r): 6 in ten million at .8 by threes, 2 in ten thousand at .5 by twos.

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
            keys.extend(dense.iter().zip(0..).filter_map(|(dense, document)| {
                let band = &dense.as_ref()?[start..start + width];
                Some((band.iter().fold(0, |key, byte| key << 8 | u32::from(*byte)), document))
            }));
            keys.sort_unstable();
            for same in keys.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
                buckets.members.extend(same.iter().map(|(_, document)| (*document, buckets.count)));
                buckets.count += 1;
            }
        }
        buckets.members.sort_unstable();
        buckets
    }
}
