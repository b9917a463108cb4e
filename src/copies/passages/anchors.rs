//! The places of a text by which shared passages are found: winnowed hashes of the runs of [`GRAM`] terms.
//!
//! Winnowing (Schleimer, Wilkerson, Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003): of each
//! [`WINDOW`] runs in a row the one with the least hash is kept, which is two in WINDOW + 1, and two texts that agree in
//! GRAM + WINDOW − 1 terms in a row keep a run in common, for certain.
//!
//! Where the anchors of a tree would not fit the memory, a first reading fills a [`Filter`], which tells hashes of one
//! document only from others; where those that are left do not fit either, the least hashes are kept, the same in every
//! document (coordinated sampling; Broder, "On the resemblance and containment of documents", 1997).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Terms of a run.
pub(super) const GRAM: usize = 7;
/// Runs in a row of which one is kept.
pub(super) const WINDOW: usize = 4;
/// A run of fewer different terms (rows of zeros) tells nothing.
const LEAST_DIFFERENT: usize = 4;

/// Any odd number with well mixed bits will do.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Calls `each` with the hash and the first term of every run that is kept.
pub(super) fn winnow(terms: &[u32], mut each: impl FnMut(u64, u32)) {
    let leaving = BASE.wrapping_pow(GRAM as u32);
    let mut rolling = 0_u64;
    let mut window = [0_u64; WINDOW];
    let mut least = None;
    for (at, term) in terms.iter().enumerate() {
        rolling = rolling.wrapping_mul(BASE).wrapping_add(u64::from(*term));
        if at >= GRAM {
            rolling = rolling.wrapping_sub(leaving.wrapping_mul(u64::from(terms[at - GRAM])));
        }
        let Some(run) = (at + 1).checked_sub(GRAM) else { continue };
        let hash = mix(rolling);
        window[run % WINDOW] = hash;
        let Some(first) = (run + 1).checked_sub(WINDOW) else { continue };
        let new = match least {
            Some(kept) if kept >= first && hash > window[kept % WINDOW] => continue,
            Some(kept) if kept >= first => run,
            // The last of equals, so that it stays for long.
            _ => (first..=run).rev().min_by_key(|run| window[run % WINDOW]).unwrap_or(run),
        };
        least = Some(new);
        if is_telling(&terms[new..new + GRAM]) {
            each(window[new % WINDOW], new as u32);
        }
    }
}

fn is_telling(run: &[u32]) -> bool {
    let is_first = |(at, term): (usize, &u32)| !run[..at].contains(term);
    run.iter().enumerate().filter(|one| is_first(*one)).count() >= LEAST_DIFFERENT
}

/// The finish of MurmurHash3, by which every bit depends on all.
fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let value = (value ^ value >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ value >> 33
}

/// Tells hashes that two documents have, with a few others by mistake (Bloom, 1970, with one hash), but never misses one.
pub(super) struct Filter {
    once: Vec<AtomicU64>,
    twice: Vec<AtomicU64>,
}

/// Cells of each of the two tables, at most: 128 MiB. Of 70 million hashes, six in a hundred are let pass by mistake.
const MOST_CELLS: u64 = 1 << 30;

impl Filter {
    /// A filter for about so many hashes.
    pub(super) fn new(hashes: u64) -> Filter {
        let cells = (16 * hashes).next_power_of_two().clamp(1 << 10, MOST_CELLS);
        let table = || (0..cells / 64).map(|_| AtomicU64::new(0)).collect();
        Filter { once: table(), twice: table() }
    }

    /// Takes a hash of a document, each once.
    pub(super) fn take(&self, hash: u64) {
        let (word, bit) = self.cell(hash);
        if self.once[word].fetch_or(bit, Ordering::Relaxed) & bit != 0 {
            self.twice[word].fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Nothing more is taken: what that needed is given back.
    pub(super) fn close(&mut self) {
        self.once = Vec::new();
    }

    /// Whether two documents may have it.
    pub(super) fn is_shared(&self, hash: u64) -> bool {
        let (word, bit) = self.cell(hash);
        self.twice[word].load(Ordering::Relaxed) & bit != 0
    }

    /// By the lower bits, for the upper ones are small in what was winnowed.
    fn cell(&self, hash: u64) -> (usize, u64) {
        let cell = hash & (64 * self.twice.len() as u64 - 1);
        ((cell / 64) as usize, 1 << (cell % 64))
    }
}

/// A hash, its document and its first term there, packed so that they sort in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Anchor(u128);

impl Anchor {
    fn hash(self) -> u64 {
        (self.0 >> 64) as u64
    }

    fn document(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn term(self) -> u32 {
        self.0 as u32
    }
}

/// The same run of terms in two documents, packed so that links sort by the later document, then the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link(u128);

impl Link {
    fn new(pivot: Anchor, other: Anchor) -> Link {
        let [document, pivot_, term, other_] =
            [other.document(), pivot.document(), pivot.term(), other.term()].map(u128::from);
        Link(document << 96 | pivot_ << 64 | term << 32 | other_)
    }

    /// The later document in path order.
    pub(super) fn document(self) -> u32 {
        (self.0 >> 96) as u32
    }

    /// The earlier one.
    pub(super) fn pivot(self) -> u32 {
        (self.0 >> 64) as u32
    }

    /// The first term in the earlier document and in the later one.
    pub(super) fn terms(self) -> (u32, u32) {
        ((self.0 >> 32) as u32, self.0 as u32)
    }
}

/// Collects the anchors of all documents, up to a number.
pub(super) struct Anchors {
    most: usize,
    /// With the number of upper bits that must be 0 in what is kept.
    kept: Mutex<(Vec<Anchor>, u32)>,
}

impl Anchors {
    /// None yet; there will be at most `most`.
    pub(super) fn new(most: usize) -> Anchors {
        Anchors { most, kept: Mutex::default() }
    }

    /// Takes those of a document, each hash once. What is kept in the end does not depend on the order of documents.
    pub(super) fn take(&self, document: u32, hashes: &[(u64, u32)]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (anchors, bits) = &mut *kept;
        for (hash, term) in hashes {
            if !is_below(*hash, *bits) {
                continue;
            }
            while anchors.len() >= self.most {
                *bits += 1;
                anchors.retain(|anchor| is_below(anchor.hash(), *bits));
            }
            if is_below(*hash, *bits) {
                let [hash, document, term] = [u128::from(*hash), u128::from(document), u128::from(*term)];
                anchors.push(Anchor(hash << 64 | document << 32 | term));
            }
        }
    }

    /// The links between documents that share an anchor, in order, and of how many anchors one was kept.
    ///
    /// Where two or three documents share one, each is linked with each; else all with the first, so that a licence in
    /// twenty thousand files has as many links.
    pub(super) fn links(self) -> (Vec<Link>, u64) {
        let (mut anchors, bits) = self.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        anchors.sort_unstable();
        keep_shared(&mut anchors);
        let mut links = Vec::with_capacity(anchors.len());
        for same in anchors.chunk_by(|a, b| a.hash() == b.hash()) {
            let pivots = if same.len() <= 3 { same.len() } else { 1 };
            for (n, pivot) in same.iter().take(pivots).enumerate() {
                links.extend(same[n + 1..].iter().map(|other| Link::new(*pivot, *other)));
            }
        }
        drop(anchors);
        links.sort_unstable();
        (links, 1 << bits)
    }
}

/// Drops the anchors of one document only, from a list in order.
fn keep_shared(anchors: &mut Vec<Anchor>) {
    let (mut before, mut kept) = (None, 0);
    for at in 0..anchors.len() {
        let hash = anchors[at].hash();
        if before == Some(hash) || anchors.get(at + 1).is_some_and(|next| next.hash() == hash) {
            anchors[kept] = anchors[at];
            kept += 1;
        }
        before = Some(hash);
    }
    anchors.truncate(kept);
    anchors.shrink_to_fit();
}

fn is_below(hash: u64, bits: u32) -> bool {
    hash.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many terms that look random.
    fn terms(seed: u64, count: u64) -> Vec<u32> {
        (0..count).map(|n| mix(seed << 32 | n) as u32).collect()
    }

    fn anchors(terms: &[u32]) -> Vec<(u64, u32)> {
        let mut anchors = Vec::new();
        winnow(terms, |hash, term| anchors.push((hash, term)));
        anchors
    }

    #[test]
    fn texts_that_share_enough_terms_in_a_row_share_an_anchor() {
        let least = (GRAM + WINDOW - 1) as u64;
        for seed in 0..2000 {
            let shared = terms(3 * seed, least);
            let text =
                |seed: u64, before: u64| [terms(seed, before), shared.clone(), terms(seed + 9_000_000, 40)].concat();
            let (one, other) = (text(3 * seed + 1, 20 + seed % 7), text(3 * seed + 2, seed % 50));
            let (a, b) = (anchors(&one), anchors(&other));
            let places = a.iter().flat_map(|(hash, at)| {
                let other = b.iter().find(|(its, _)| its == hash);
                other.map(|(_, its)| (*at as i64) - 20 - (seed % 7) as i64 == (*its as i64) - (seed % 50) as i64)
            });
            let places: Vec<bool> = places.collect();
            assert!(!places.is_empty() && places.iter().all(|same| *same), "{seed}: {places:?}");
        }
        let many = anchors(&terms(7, 100_000)).len() as f64 / 100_000.0;
        assert!((many - 2.0 / (WINDOW as f64 + 1.0)).abs() < 0.01, "{many}");
        assert!(anchors(&[1, 2, 3].repeat(100)).is_empty() && anchors(&terms(1, 5)).is_empty());
    }

    #[test]
    fn a_filter_lets_pass_what_two_documents_have() {
        let mut filter = Filter::new(10_000);
        let hashes = |seed: u64| (0..5000).map(move |n| mix(seed << 32 | n) >> 4);
        [1, 2, 1].into_iter().for_each(|seed| hashes(seed).for_each(|hash| filter.take(hash)));
        filter.close();
        assert!(hashes(1).all(|hash| filter.is_shared(hash)));
        let mistaken = hashes(2).filter(|hash| filter.is_shared(*hash)).count();
        assert!(mistaken < 1000, "{mistaken}");
    }

    #[test]
    fn what_is_kept_of_too_many_is_the_same_in_any_order() {
        let of = |document: u32| -> Vec<(u64, u32)> {
            // Each hash stands in two documents.
            (0..500).map(|n| (mix(u64::from(document / 2) << 32 | u64::from(n)), n)).collect()
        };
        let links = |most: usize, order: &mut dyn Iterator<Item = u32>| {
            let anchors = Anchors::new(most);
            order.for_each(|document| anchors.take(document, &of(document)));
            anchors.links()
        };
        let (all, one_in) = links(100_000, &mut (0..20));
        assert_eq!((all.len(), one_in), (5000, 1));
        let (some, one_in) = links(3000, &mut (0..20));
        assert_eq!((one_in, links(3000, &mut (0..20).rev())), (4, (some.clone(), 4)));
        assert!((1000..1500).contains(&some.len()) && some.iter().all(|link| all.contains(link)), "{}", some.len());
    }

    #[test]
    fn what_few_share_is_linked_with_each_and_what_many_share_with_the_first() {
        for (documents, links) in [(1, 0), (2, 1), (3, 3), (4, 3), (1000, 999)] {
            let anchors = Anchors::new(100_000);
            (0..documents)
                .for_each(|document| anchors.take(document, &[(77, document + 5), (u64::from(document) << 8, 1)]));
            let (found, _) = anchors.links();
            assert_eq!(found.len(), links, "{documents}");
            let is_true =
                |link: &Link| link.pivot() < link.document() && link.terms() == (link.pivot() + 5, link.document() + 5);
            assert!(found.iter().all(is_true) && found.is_sorted());
        }
    }
}
