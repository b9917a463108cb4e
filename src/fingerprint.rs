//! A document's fingerprint: 64 bytes by which texts that are nearly the same are known, whatever the index grew from.
//!
//! In: the terms of a text, as the analyzer yields them. Out: what is left of its shingles, the runs of [`SHINGLE_TERMS`]
//! terms (Broder, "On the resemblance and containment of documents", 1997). Each is hashed once, the hashes are dealt out
//! to [`BINS`] bins, and of each bin the least is kept (Li, Owen, Zhang, "One Permutation Hashing", NIPS 2012), of that a
//! byte (Li, König, "b-Bit Minwise Hashing", WWW 2010). Two texts that share a part J of their shingles agree in a part J
//! of their bins, give or take √(J(1−J)/60): .05 at .8. Of a short text all shingles are kept, so nothing is estimated.
//!
//! Why bytes: of 480 bits, bins of one bit would tell a share of .8 within .027, but eight bits agree by chance once in 255
//! times, so that three bins together find a document's likes among a million ([`Fingerprint::dense`]).

/// Terms of a shingle.
pub const SHINGLE_TERMS: usize = 3;
/// Bins of a fingerprint.
pub const BINS: usize = 60;
/// A text of at most so many shingles keeps them all.
pub const MOST_KEPT: usize = BINS / 4;
/// Bytes of a fingerprint.
pub const BYTES: usize = 4 + BINS;

/// What the first byte says where the rest are bins.
const BINNED: u8 = 0xff;
/// Numbers are kept up to this.
const MOST_WORDS: u32 = 0xff_ffff;

/// The fingerprint of a text.
///
/// The first byte tells how many hashes follow, or that bins do; the next three count the words.
///
/// ```
/// use indago::fingerprint::Fingerprinter;
///
/// let mut fingerprinter = Fingerprinter::default();
/// let mut fingerprint = |text: &str| {
///     text.split(' ').for_each(|term| fingerprinter.take(term));
///     fingerprinter.finish()
/// };
/// let a = fingerprint("the lantern of the harbour was lit");
/// let b = fingerprint("the lantern of the harbour was out");
/// assert_eq!(a.share(&b), 4.0 / 6.0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fingerprint(pub [u8; BYTES]);

impl Fingerprint {
    /// Words of the text, at most 16,777,215.
    pub fn words(&self) -> u32 {
        u32::from_le_bytes([self.0[1], self.0[2], self.0[3], 0])
    }

    /// Whether it holds all shingles of the text.
    pub fn is_whole(&self) -> bool {
        self.0[0] != BINNED
    }

    /// The share of all shingles of two texts that both have, from 0 to 1, never more than their lengths allow.
    ///
    /// Exact where both fingerprints are whole, else estimated.
    pub fn share(&self, other: &Fingerprint) -> f32 {
        let shared = if self.is_whole() && other.is_whole() { self.exact(other) } else { self.estimate(other) };
        shared.min(self.lengths(other))
    }

    /// The shorter of the two texts in terms of the longer, both counted in words.
    pub fn lengths(&self, other: &Fingerprint) -> f32 {
        lengths(self.words(), other.words())
    }

    /// How far an estimate is off where the share is truly `share`: the standard deviation.
    pub fn deviation(&self, other: &Fingerprint, share: f32) -> f32 {
        let bins = self.words().max(other.words()).clamp(1, BINS as u32);
        (share * (1.0 - share) / bins as f32).sqrt()
    }

    fn hashes(&self) -> impl Iterator<Item = u32> {
        let count = if self.is_whole() { usize::from(self.0[0]).min(MOST_KEPT) } else { 0 };
        self.0[4..4 + 4 * count].chunks_exact(4).map(|hash| u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]))
    }

    fn exact(&self, other: &Fingerprint) -> f32 {
        let common = self.hashes().filter(|hash| other.hashes().any(|its| its == *hash)).count();
        let all = self.hashes().count() + other.hashes().count() - common;
        if all == 0 { 0.0 } else { common as f32 / all as f32 }
    }

    fn estimate(&self, other: &Fingerprint) -> f32 {
        let (mut same, mut empty) = (0_u8, 0_u8);
        for (a, b) in self.bins().iter().zip(&other.bins()) {
            same += u8::from(a == b);
            empty += u8::from(a | b == 0);
        }
        if usize::from(empty) == BINS {
            return 0.0;
        }
        let agree = f32::from(same - empty) / (BINS as f32 - f32::from(empty));
        // Of bins that differ, one in 255 agrees by chance.
        ((agree - 1.0 / 255.0) / (1.0 - 1.0 / 255.0)).max(0.0)
    }

    /// A byte a bin, 0 where no shingle fell.
    fn bins(&self) -> [u8; BINS] {
        let mut bins = [0; BINS];
        if self.is_whole() {
            let mut least = [u32::MAX; BINS];
            self.hashes().for_each(|hash| put(&mut least, hash));
            bins = kept(&least);
        } else {
            bins.copy_from_slice(&self.0[4..]);
        }
        bins
    }

    /// A byte a bin, where each empty bin borrows from one that is not, so that two texts still agree in a part of their
    /// bins that is their share, however short they are (Shrivastava and Li, "Densifying One Permutation Hashing", ICML
    /// 2014; drawn at random as in Shrivastava, "Optimal Densification", ICML 2017). `None` for a text without words.
    pub fn dense(&self) -> Option<[u8; BINS]> {
        let bins = self.bins();
        let first = *bins.iter().find(|bin| **bin != 0)?;
        let mut dense = bins;
        for (n, bin) in dense.iter_mut().enumerate().filter(|(_, bin)| **bin == 0) {
            let mut draws = (1..64 * BINS as u64).map(|draw| bins[bin_of((mix(draw << 8 | n as u64) >> 32) as u32)]);
            *bin = draws.find(|drawn| *drawn != 0).unwrap_or(first);
        }
        Some(dense)
    }
}

/// The shorter of two texts in terms of the longer.
pub fn lengths(a: u32, b: u32) -> f32 {
    if a.max(b) == 0 { 0.0 } else { a.min(b) as f32 / a.max(b) as f32 }
}

fn bin_of(hash: u32) -> usize {
    ((u64::from(hash) * BINS as u64) >> 32) as usize
}

#[inline]
fn put(least: &mut [u32; BINS], hash: u32) {
    let least = &mut least[bin_of(hash)];
    *least = hash.min(*least);
}

/// Of each least hash a byte that is not 0.
fn kept(least: &[u32; BINS]) -> [u8; BINS] {
    least.map(|hash| if hash == u32::MAX { 0 } else { 1 + (mix(hash.into()) % 255) as u8 })
}

/// Makes shingles of terms, as hashes.
#[derive(Debug, Clone, Default)]
pub struct Shingler {
    before: [u64; SHINGLE_TERMS - 1],
    /// Terms so far.
    pub words: u32,
}

impl Shingler {
    /// Adds the next term of the text; returns the shingle that it ends.
    #[inline]
    pub fn take(&mut self, term: &str) -> Option<u64> {
        self.take_hash(hash(term.as_bytes()))
    }

    #[inline]
    fn take_hash(&mut self, hash: u64) -> Option<u64> {
        let [first, second] = self.before;
        self.before = [second, hash];
        self.words = self.words.saturating_add(1);
        (self.words as usize >= SHINGLE_TERMS).then(|| shingle(first, second, hash))
    }

    /// Ends the text: one that is too short for a shingle is one by itself. Begins a new text.
    pub fn finish(&mut self) -> Option<u64> {
        let Shingler { before: [first, second], words } = std::mem::take(self);
        let is_short = (1..SHINGLE_TERMS).contains(&(words as usize));
        is_short.then(|| shingle(first, second, 0))
    }
}

/// The hash of three terms in a row. Theirs are well mixed, so one product is enough: its upper half, which fingerprints are
/// made of, depends on all of them.
#[inline]
fn shingle(first: u64, second: u64, third: u64) -> u64 {
    let row = first.rotate_left(42).wrapping_add(second.rotate_left(21)).wrapping_add(third);
    row.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Makes fingerprints, one text after the other.
#[derive(Debug, Clone)]
pub struct Fingerprinter {
    shingler: Shingler,
    least: [u32; BINS],
    /// The first shingles, as long as they may be all.
    first: Vec<u32>,
}

impl Default for Fingerprinter {
    fn default() -> Self {
        Fingerprinter { shingler: Shingler::default(), least: [u32::MAX; BINS], first: Vec::new() }
    }
}

impl Fingerprinter {
    /// Adds the next term of the text.
    #[inline]
    pub fn take(&mut self, term: &str) {
        self.take_hash(hash(term.as_bytes()));
    }

    /// Adds the next term of the text, which has that [`hash`].
    #[inline]
    pub(crate) fn take_hash(&mut self, hash: u64) {
        if let Some(shingle) = self.shingler.take_hash(hash) {
            let hash = (shingle >> 32) as u32;
            put(&mut self.least, hash);
            if self.first.len() <= MOST_KEPT {
                self.first.push(hash);
            }
        }
    }

    /// The fingerprint of the text; begins a new one.
    pub fn finish(&mut self) -> Fingerprint {
        let mut bytes = [0; BYTES];
        bytes[1..4].copy_from_slice(&self.shingler.words.min(MOST_WORDS).to_le_bytes()[..3]);
        self.first.extend(self.shingler.finish().map(|shingle| (shingle >> 32) as u32));
        if self.first.len() <= MOST_KEPT {
            self.first.sort_unstable();
            self.first.dedup();
            bytes[0] = self.first.len() as u8;
            let hashes = self.first.iter().flat_map(|hash| hash.to_le_bytes());
            bytes[4..].iter_mut().zip(hashes).for_each(|(byte, hash)| *byte = hash);
        } else {
            bytes[0] = BINNED;
            bytes[4..].copy_from_slice(&kept(&self.least));
        }
        *self = Fingerprinter { first: std::mem::take(&mut self.first), ..Fingerprinter::default() };
        self.first.clear();
        Fingerprint(bytes)
    }
}

/// Folds the halves of a product, as wyhash does: every bit of the result depends on every bit given.
#[inline]
fn mix(value: u64) -> u64 {
    fold(value ^ 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product ^ product >> 64) as u64
}

/// The hash of a term, all of whose bits depend on all of its bytes.
#[inline]
pub(crate) fn hash(term: &[u8]) -> u64 {
    let four = |at: usize| u64::from(u32::from_le_bytes([term[at], term[at + 1], term[at + 2], term[at + 3]]));
    let length = term.len();
    let word = match length {
        0 => 0,
        1..4 => u64::from(term[0]) | u64::from(term[length / 2]) << 8 | u64::from(term[length - 1]) << 16,
        4..=8 => four(0) | four(length - 4) << 32,
        _ => {
            let eight = |at: usize| four(at) | four(at + 4) << 32;
            // All but the last eight bytes, which may overlap what came before.
            let start = (0..length - 8).step_by(8).fold(0, |hash, at| fold(hash ^ eight(at), 0x8ebc_6af0_9c88_c6e3));
            start ^ eight(length - 8)
        }
    };
    fold(word ^ 0x5895_65e2_7f3a_1c4d, 0x9e37_79b9_7f4a_7c15 ^ length as u64)
}

#[cfg(test)]
mod tests;
