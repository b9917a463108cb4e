//! Documents that are alike answer alike: each score is drawn towards those of its nearest among the best.
//!
//! Regularising scores over the likeness of texts, as in Diaz, "Regularizing query-based retrieval scores" (Information
//! Retrieval 10, 2007): a good answer whose likes are good answers, too, is more likely one than a good answer alone.

use crate::rank::{self, CLOSE, DOUBT, LIKENESS_SHARE, LIKES};

/// One term of a document's sketch: the term above the document above what it counts there, so that what sorts as whole
/// numbers is together by term.
#[derive(Clone, Copy)]
pub(super) struct Entry(u64);

impl Entry {
    /// A `term` of 24 bits in the document of that number, which is less than [`CLOSE`].
    pub(super) fn new(term: u32, document: usize, weight: f32) -> Entry {
        const { assert!(CLOSE <= NUMBER_BITS as usize) };
        Entry(u64::from(term) << 40 | (document as u64 & 0xff) << 32 | u64::from(weight.to_bits()))
    }

    fn term(self) -> u64 {
        self.0 >> 40
    }

    fn document(self) -> usize {
        (self.0 >> 32 & 0xff) as usize
    }

    fn weight(self) -> f32 {
        f32::from_bits(self.0 as u32)
    }
}

/// The scores, each drawn towards the mean of its nearest, by how near they are; `entries` are the sketches of all the
/// documents, in their order. What is like no other keeps its score. The order of the documents changes nothing.
pub(super) fn smooth(entries: Vec<Entry>, scores: &[f32]) -> Vec<f32> {
    let nearest = nearest(&likeness(entries, scores.len()), scores);
    // What few hits have in common is what was asked for.
    let share = LIKENESS_SHARE * (scores.len() as f32 / CLOSE as f32).min(1.0);
    let mut smooth = Vec::with_capacity(scores.len());
    for (own, nearest) in scores.iter().zip(&nearest) {
        let (mut weight, mut pull) = (0.0, 0.0);
        for (like, score) in nearest.iter().filter(|(like, _)| *like > 0.0) {
            weight += like;
            pull += like * (score - own);
        }
        smooth.push(own + share * pull / (weight + DOUBT));
    }
    smooth
}

/// How like the likest of a document are, and their scores; where all are unlike, some of likeness 0.
type Nearest = [(f32, f32); LIKES];

/// A likeness with the number of a document in its last bits, which nobody misses.
const NUMBER_BITS: u32 = 0xff;

/// The likest of each document, of equals those of the highest scores.
///
/// Each document is offered to all others at once, whose likest are lists side by side: a step for all is the greater and
/// the lesser of two rows, which takes no branch. One by one it takes five times as long.
fn nearest(likeness: &[f32], scores: &[f32]) -> Vec<Nearest> {
    let documents = scores.len();
    // By their scores, so that of two numbers the greater is of the higher score.
    let mut ranked: Vec<usize> = (0..documents).collect();
    ranked.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut numbers = vec![0_u32; documents];
    (0..).zip(&ranked).for_each(|(number, document)| numbers[*document] = number);
    let mut lists = vec![vec![0.0_f32; documents]; LIKES];
    let mut row = vec![0.0_f32; documents];
    let at = |a: usize, b: usize| a * a.saturating_sub(1) / 2 + b;
    for a in 0..documents {
        row[..a].copy_from_slice(&likeness[at(a, 0)..][..a]);
        row[a] = 0.0;
        (a + 1..documents).for_each(|b| row[b] = likeness[at(b, a)]);
        for like in &mut row {
            *like = f32::from_bits(like.to_bits() & !NUMBER_BITS | numbers[a]);
        }
        for list in &mut lists {
            for (listed, offered) in list.iter_mut().zip(&mut row) {
                (*listed, *offered) = (listed.max(*offered), listed.min(*offered));
            }
        }
    }
    let entry = |listed: f32| {
        let (like, number) = (f32::from_bits(listed.to_bits() & !NUMBER_BITS), listed.to_bits() & NUMBER_BITS);
        (like, ranked.get(number as usize).map_or(0.0, |document| scores[*document]))
    };
    (0..documents).map(|document| std::array::from_fn(|n| entry(lists[n][document]))).collect()
}

/// The cosine of every two of so many sketches, terms weighted by how rare they are among them: that of the second with the
/// first, those of the third with the first two, and so on.
fn likeness(mut entries: Vec<Entry>, documents: usize) -> Vec<f32> {
    let row = |document: usize| document * document.saturating_sub(1) / 2;
    sort(&mut entries);
    let (mut products, mut lengths) = (vec![0.0_f32; row(documents)], vec![0.0_f32; documents]);
    let mut rarities = vec![None; documents + 1];
    let mut same: Vec<(usize, f32)> = Vec::new();
    for group in entries.chunk_by(|a, b| a.term() == b.term()) {
        let with = group.len().min(documents);
        let rarity = *rarities[with].get_or_insert_with(|| rank::idf(with as u64, documents as u64));
        same.clear();
        same.extend(group.iter().map(|entry| (entry.document(), entry.weight() * rarity)));
        for (at, (a, one)) in same.iter().enumerate() {
            lengths[*a] += one * one;
            let row = &mut products[row(*a)..][..*a];
            for (b, other) in &same[..at] {
                match row.get_mut(*b) {
                    Some(product) => *product += one * other,
                    // Two terms of one document whose hashes are equal.
                    None => lengths[*a] += 2.0 * one * other,
                }
            }
        }
    }
    // A document without terms is like no other.
    lengths.iter_mut().for_each(|length| *length = if *length > 0.0 { length.sqrt().recip() } else { 0.0 });
    for (a, length) in lengths.iter().enumerate().skip(1) {
        let products = &mut products[row(a)..][..a];
        products.iter_mut().zip(&lengths).for_each(|(product, other)| *product *= length * other);
    }
    products
}

/// Sorts entries by term and document: by twelve bits of the term, then by the other twelve, which takes a third of what
/// comparing them does. Entries of one term must be in order of their documents.
fn sort(entries: &mut Vec<Entry>) {
    const PILES: usize = 1 << 12;
    let mut sorted = vec![Entry(0); entries.len()];
    for shift in [40, 52] {
        let pile = |entry: &Entry| (entry.0 >> shift) as usize % PILES;
        let mut ends = [0_u32; PILES];
        entries.iter().for_each(|entry| ends[pile(entry)] += 1);
        let mut sum = 0;
        ends.iter_mut().for_each(|end| sum += std::mem::replace(end, sum));
        for entry in entries.iter() {
            let at = &mut ends[pile(entry)];
            sorted[*at as usize] = *entry;
            *at += 1;
        }
        std::mem::swap(entries, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(terms: &[u32]) -> Vec<(u32, f32)> {
        terms.iter().map(|term| (*term, 1.0)).collect()
    }

    fn entries(sketches: &[Vec<(u32, f32)>]) -> Vec<Entry> {
        let entries = |(n, sketch): (usize, &Vec<(u32, f32)>)| {
            sketch.iter().map(|(term, weight)| Entry::new(*term, n, *weight)).collect::<Vec<_>>()
        };
        sketches.iter().enumerate().flat_map(entries).collect()
    }

    fn smooth(sketches: &[Vec<(u32, f32)>], scores: &[f32]) -> Vec<f32> {
        super::smooth(entries(sketches), scores)
    }

    fn assert_near(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}, not {expected:?}");
    }

    /// The share of a difference that is made up for among four hits, where the likeness comes to so much.
    fn of_four(likeness: f32) -> f32 {
        LIKENESS_SHARE * 4.0 / CLOSE as f32 * likeness / (likeness + DOUBT)
    }

    #[test]
    fn a_score_is_drawn_towards_those_of_like_texts_and_stays_without_any() {
        let sketches = [sketch(&[1, 2, 3]), sketch(&[1, 2, 3]), sketch(&[8, 9]), Vec::new()];
        let drawn = of_four(1.0) * 2.0;
        assert_near(&smooth(&sketches, &[3.0, 1.0, 2.0, 4.0]), &[3.0 - drawn, 1.0 + drawn, 2.0, 4.0]);
        assert!(smooth(&[], &[]).is_empty());
        assert_near(&smooth(&[Vec::new(), Vec::new()], &[1.0, 2.0]), &[1.0, 2.0]);
    }

    #[test]
    fn the_nearest_count_and_the_nearer_the_more() {
        // The first text is like as many as count, and a little like some that are worse.
        let mut sketches = vec![sketch(&[1, 2, 3, 4]); LIKES + 1];
        sketches.extend((0..4).map(|n| sketch(&[4, 10 + n, 20 + n, 30 + n])));
        let mut scores = vec![3.0; sketches.len()];
        scores[0] = 1.0;
        scores[LIKES + 1..].fill(0.0);
        let smoothed = smooth(&sketches, &scores);
        let (likeness, hits) = (LIKES as f32, scores.len() as f32);
        let drawn = LIKENESS_SHARE * hits / CLOSE as f32 * likeness / (likeness + DOUBT) * 2.0;
        assert!((smoothed[0] - (1.0 + drawn)).abs() < 1e-5, "{smoothed:?}");
        // Between a good text that is nearer and a poor one that is not so near, the mean is nearer to the good one.
        let sketches = [sketch(&[1, 2, 3, 4]), sketch(&[1, 2, 3, 5]), sketch(&[1, 6, 7, 8]), sketch(&[9])];
        let smoothed = smooth(&sketches, &[2.0, 3.0, 1.0, 0.0]);
        assert!(smoothed[0] > 2.0, "{smoothed:?}");
    }

    #[test]
    fn what_is_hardly_alike_hardly_draws() {
        let mut sketches = vec![sketch(&(0..30).collect::<Vec<_>>()), sketch(&[0, 100, 101, 102, 103, 104, 105, 106])];
        sketches.extend((0..198).map(|n| sketch(&[1000 + n])));
        let mut scores = vec![0.0; 200];
        scores[0] = 8.0;
        let smoothed = smooth(&sketches, &scores);
        assert!(
            smoothed[0] > 8.0 * (1.0 - LIKENESS_SHARE / 2.0) && smoothed[1] < 8.0 * LIKENESS_SHARE / 2.0,
            "{smoothed:?}"
        );
    }

    #[test]
    fn a_term_that_all_have_makes_nobody_alike() {
        let likeness = |sketches: &[Vec<(u32, f32)>]| likeness(entries(sketches), sketches.len());
        let common = likeness(&[sketch(&[1, 2]), sketch(&[1, 3]), sketch(&[1, 4]), sketch(&[1, 5])]);
        let rare = likeness(&[sketch(&[1, 2]), sketch(&[1, 3]), sketch(&[6, 4]), sketch(&[7, 5])]);
        assert!(common[0] < 0.1 && common[0] < rare[0], "{} {}", common[0], rare[0]);
        let same = likeness(&[sketch(&[1, 2]), sketch(&[3, 4]), sketch(&[1, 2])]);
        assert_near(&same, &[0.0, 1.0, 0.0]);
    }

    #[test]
    fn equal_texts_with_equal_scores_stay_equal_to_the_last_bit() {
        let sketches = vec![sketch(&[1, 2, 3, 5, 8]); 200];
        let smoothed = smooth(&sketches, &[0.000_089_993; 200]);
        assert!(smoothed.iter().all(|score| score.to_bits() == smoothed[0].to_bits()), "paths decide between them");
    }

    #[test]
    fn the_order_of_the_documents_changes_nothing() {
        let sketches: Vec<_> = (0..40_u32).map(|n| sketch(&[n % 3, 10 + n % 5, 20 + n % 2, 30 + n % 7])).collect();
        let scores: Vec<f32> = (0..40).map(|n| (n * 7 % 11) as f32).collect();
        let smoothed = smooth(&sketches, &scores);
        let turned = |n: usize| n * 13 % 40;
        let sketches: Vec<_> = (0..40).map(|n| sketches[turned(n)].clone()).collect();
        let scores: Vec<f32> = (0..40).map(|n| scores[turned(n)]).collect();
        let again = smooth(&sketches, &scores);
        assert!((0..40).all(|n| again[n].to_bits() == smoothed[turned(n)].to_bits()), "{again:?} {smoothed:?}");
    }
}
