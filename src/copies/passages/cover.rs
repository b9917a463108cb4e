//! What several documents share with one becomes passages, each with all its documents.
//!
//! In: the runs that other documents share with a pivot, the first document that has them. Out: the longest stretches of it,
//! and those inside them that stand in more documents.

use std::collections::HashMap;
use std::ops::Range;

use super::align::Block;

/// What a document shares with its pivot from one place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// The first document in path order that has it.
    pub(super) pivot: u32,
    /// The other one.
    pub(super) document: u32,
    /// What agrees: `one` is the pivot's.
    pub(super) blocks: Box<[Block]>,
}

impl Run {
    /// The terms of the pivot from the first to the last that agrees.
    pub(super) fn terms(&self) -> Range<u32> {
        match (self.blocks.first(), self.blocks.last()) {
            (Some(first), Some(last)) => first.one..last.one_end(),
            _ => 0..0,
        }
    }

    /// Whether it lays these two terms side by side.
    pub(super) fn holds(&self, one: u32, other: u32) -> bool {
        let next = self.blocks.partition_point(|block| block.one <= one);
        next.checked_sub(1).is_some_and(|n| self.blocks[n].holds(one, other))
    }

    /// The terms of the other document that stand for `terms` of the pivot.
    fn other(&self, terms: &Range<u32>) -> Option<Range<u32>> {
        let first = self.blocks.get(self.blocks.partition_point(|block| block.one_end() <= terms.start))?;
        let last = self.blocks.get(self.blocks.partition_point(|block| block.one < terms.end).checked_sub(1)?)?;
        let start = first.other + terms.start.saturating_sub(first.one);
        let end = last.other_end() - last.one_end().saturating_sub(terms.end);
        (start < end).then_some(start..end)
    }
}

/// A passage: the same terms, but for a few, in several documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where it stands, in order of the documents: the first tells the text.
    pub(super) places: Vec<Place>,
}

/// A stretch of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) document: u32,
    pub(super) terms: Range<u32>,
}

impl Stretch {
    /// The words of the first place.
    pub(super) fn words(&self) -> u32 {
        self.places.first().map_or(0, |place| length(&place.terms))
    }

    /// What would be saved if it stood in one document only.
    pub(super) fn saved(&self) -> u64 {
        u64::from(self.words()) * (self.places.len() as u64 - 1)
    }

    fn is_in(&self, document: u32) -> bool {
        self.places.binary_search_by_key(&document, |place| place.document).is_ok()
    }
}

/// Runs of which this part is the same are one passage, as documents with this share are one group. Their ends differ by
/// what happens to follow, or by a word that was changed close to them.
const SAME: f32 = 0.9;

/// The passages found so far, and where they stand.
#[derive(Default)]
pub(super) struct Cover {
    pub(super) stretches: Vec<Stretch>,
    /// Of each document, the passages in it and where.
    of: HashMap<u32, Vec<(Range<u32>, u32)>>,
}

impl Cover {
    /// Adds the passages of a pivot, given all runs shared with it; pivots come in order.
    pub(super) fn take(&mut self, runs: &[Run], least: u32) {
        let mut order: Vec<(Range<u32>, usize)> = runs.iter().map(Run::terms).zip(0..).collect();
        order.sort_unstable_by_key(|(terms, run)| (terms.start, *run));
        // Runs that do not overlap have nothing to do with each other.
        let mut from = 0;
        while from < order.len() {
            let mut end = order[from].0.end;
            let mut to = from + 1;
            while to < order.len() && order[to].0.start < end {
                end = end.max(order[to].0.end);
                to += 1;
            }
            self.take_overlapping(runs, &mut order[from..to], least);
            from = to;
        }
    }

    /// The longest run that belongs to no passage yet makes one, with all that have about as much; and so on.
    fn take_overlapping(&mut self, runs: &[Run], order: &mut [(Range<u32>, usize)], least: u32) {
        order.sort_unstable_by_key(|(terms, run)| (std::cmp::Reverse(length(terms)), terms.start, *run));
        let mut belongs = vec![false; order.len()];
        for longest in 0..order.len() {
            if belongs[longest] {
                continue;
            }
            let whole = order[longest].0.clone();
            let mut common = whole.clone();
            for (n, (terms, _)) in order.iter().enumerate() {
                if part(terms, &whole) >= SAME {
                    common = common.start.max(terms.start)..common.end.min(terms.end);
                    belongs[n] |= n >= longest;
                }
            }
            if common.start < common.end && length(&common) >= least {
                let sharing = order.iter().filter(|(terms, _)| terms.start <= common.start && terms.end >= common.end);
                self.put(common.clone(), sharing.map(|(_, run)| &runs[*run]));
            }
        }
    }

    /// Adds a passage of the pivot, unless it is part of one that stands in all its documents.
    fn put<'r>(&mut self, terms: Range<u32>, sharing: impl Iterator<Item = &'r Run>) {
        let mut places = Vec::new();
        let mut pivot = None;
        for run in sharing {
            pivot = Some(run.pivot);
            places.extend(run.other(&terms).map(|terms| Place { document: run.document, terms }));
        }
        let Some(pivot) = pivot else { return };
        places.push(Place { document: pivot, terms: terms.clone() });
        places.sort_unstable_by_key(|place| (place.document, place.terms.start));
        places.dedup_by_key(|place| place.document);
        let found = self.of.get(&pivot).into_iter().flatten();
        let mut around = found.filter(|(its, _)| part(its, &terms) >= SAME).map(|(_, n)| &self.stretches[*n as usize]);
        if around.any(|around| places.iter().all(|place| around.is_in(place.document))) {
            return;
        }
        let number = self.stretches.len() as u32;
        for place in &places {
            self.of.entry(place.document).or_default().push((place.terms.clone(), number));
        }
        self.stretches.push(Stretch { places });
    }
}

fn length(terms: &Range<u32>) -> u32 {
    terms.end.saturating_sub(terms.start)
}

/// The part of `whole` that lies in `terms`.
fn part(terms: &Range<u32>, whole: &Range<u32>) -> f32 {
    let common = terms.start.max(whole.start)..terms.end.min(whole.end);
    length(&common) as f32 / length(whole).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of documents that share these terms of document 0, without a change.
    fn runs(shared: &[(u32, Range<u32>)]) -> Vec<Run> {
        let block = |terms: &Range<u32>| Block { one: terms.start, other: terms.start + 1000, terms: length(terms) };
        let run = |(document, terms): &(u32, Range<u32>)| Run {
            pivot: 0,
            document: *document,
            blocks: Box::new([block(terms)]),
        };
        shared.iter().map(run).collect()
    }

    #[test]
    fn a_passage_inside_a_longer_one_is_told_if_it_stands_in_more_documents() {
        type Shared = &'static [(u32, Range<u32>)];
        type Expected = &'static [(Range<u32>, &'static [u32])];
        let rows: [(Shared, Expected); 7] = [
            (&[(1, 10..50)], &[(10..50, &[0, 1])]),
            (&[(1, 10..50), (2, 10..50)], &[(10..50, &[0, 1, 2])]),
            (&[(1, 10..50), (2, 20..40)], &[(10..50, &[0, 1]), (20..40, &[0, 1, 2])]),
            (&[(1, 10..50), (1, 20..40)], &[(10..50, &[0, 1])]),
            (&[(1, 10..50), (2, 11..52)], &[(11..50, &[0, 1, 2])]),
            (&[(1, 10..50), (2, 40..80)], &[(10..50, &[0, 1]), (40..80, &[0, 2])]),
            (&[(1, 10..50), (2, 60..80)], &[(10..50, &[0, 1]), (60..80, &[0, 2])]),
        ];
        for (shared, expected) in rows {
            let mut cover = Cover::default();
            cover.take(&runs(shared), 16);
            let found = cover.stretches.iter().map(|stretch| {
                let documents: Vec<u32> = stretch.places.iter().map(|place| place.document).collect();
                (stretch.places[0].terms.clone(), documents)
            });
            let found: Vec<_> = found.collect();
            let expected: Vec<_> =
                expected.iter().map(|(terms, documents)| (terms.clone(), documents.to_vec())).collect();
            assert_eq!(found, expected, "{shared:?}");
            for stretch in &cover.stretches {
                let start = stretch.places[0].terms.start;
                assert!(stretch.places[1..].iter().all(|place| place.terms.start == start + 1000), "{stretch:?}");
            }
        }
    }
}
