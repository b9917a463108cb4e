//! Documents that are alike answer alike: each score is drawn towards those of its nearest among the best.
//!
//! Regularising scores over the likeness of texts, as in Diaz, "Regularizing query-based retrieval scores" (Information
//! Retrieval 10, 2007): a good answer whose likes are good answers, too, is more likely one than a good answer alone.

use crate::rank::{self, CLOSE, DOUBT, LIKENESS_SHARE, LIKES};

/// The scores, each drawn towards the mean of its nearest, by how near they are.
///
/// `sketches` holds terms and what they count in the document. What is like no other keeps its score.
pub(super) fn smooth(sketches: &[Vec<(u32, f32)>], scores: &[f32]) -> Vec<f32> {
    let likeness = likeness(sketches);
    // What few hits have in common is what was asked for.
    let share = LIKENESS_SHARE * (scores.len() as f32 / CLOSE as f32).min(1.0);
    let mut smooth = Vec::with_capacity(scores.len());
    let mut nearest: Vec<(f32, usize)> = Vec::new();
    for (n, own) in scores.iter().enumerate() {
        let row = &likeness[n * scores.len()..][..scores.len()];
        let others = row.iter().enumerate().filter(|(other, like)| *other != n && **like > 0.0);
        nearest.clear();
        nearest.extend(others.map(|(other, like)| (*like, other)));
        nearest.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        nearest.truncate(LIKES);
        let weight: f32 = nearest.iter().map(|(like, _)| like).sum();
        let pull: f32 = nearest.iter().map(|(like, other)| like * (scores[*other] - own)).sum();
        smooth.push(own + share * pull / (weight + DOUBT));
    }
    smooth
}

/// The cosine of every two sketches, terms weighted by how rare they are among the sketches.
fn likeness(sketches: &[Vec<(u32, f32)>]) -> Vec<f32> {
    let size = sketches.len();
    let of = |(n, sketch): (usize, &Vec<(u32, f32)>)| {
        sketch.iter().map(move |(term, weight)| (*term, n, *weight)).collect::<Vec<_>>()
    };
    let mut entries: Vec<(u32, usize, f32)> = sketches.iter().enumerate().flat_map(of).collect();
    entries.sort_unstable_by_key(|(term, n, _)| (*term, *n));
    let mut products = vec![0.0_f32; size * size];
    for same in entries.chunk_by_mut(|a, b| a.0 == b.0) {
        let rarity = rank::idf(same.len() as u64, size as u64);
        same.iter_mut().for_each(|(_, _, weight)| *weight *= rarity);
        for (_, a, one) in same.iter() {
            for (_, b, other) in same.iter() {
                products[a * size + b] += one * other;
            }
        }
    }
    let lengths: Vec<f32> = (0..size).map(|n| products[n * size + n].sqrt()).collect();
    for (n, product) in products.iter_mut().enumerate() {
        let length = lengths[n / size] * lengths[n % size];
        *product = if length > 0.0 { *product / length } else { 0.0 };
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(terms: &[u32]) -> Vec<(u32, f32)> {
        terms.iter().map(|term| (*term, 1.0)).collect()
    }

    fn assert_near(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}, not {expected:?}");
    }

    #[test]
    fn a_score_is_drawn_towards_those_of_like_texts_and_stays_without_any() {
        let sketches = [sketch(&[1, 2, 3]), sketch(&[1, 2, 3]), sketch(&[8, 9]), Vec::new()];
        let drawn = LIKENESS_SHARE * 2.0;
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
        assert!((smoothed[0] - (1.0 + LIKENESS_SHARE * 2.0)).abs() < 1e-5, "{smoothed:?}");
        // Between a good text that is nearer and a poor one that is not so near, the mean is nearer to the good one.
        let sketches = [sketch(&[1, 2, 3, 4]), sketch(&[1, 2, 3, 5]), sketch(&[1, 6, 7, 8]), sketch(&[9])];
        let smoothed = smooth(&sketches, &[2.0, 3.0, 1.0, 0.0]);
        assert!(smoothed[0] > 2.0, "{smoothed:?}");
    }

    #[test]
    fn a_term_that_all_have_makes_nobody_alike() {
        let common = likeness(&[sketch(&[1, 2]), sketch(&[1, 3]), sketch(&[1, 4]), sketch(&[1, 5])]);
        let rare = likeness(&[sketch(&[1, 2]), sketch(&[1, 3]), sketch(&[6, 4]), sketch(&[7, 5])]);
        assert!(common[1] < 0.1 && common[1] < rare[1], "{} {}", common[1], rare[1]);
        assert!((common[0] - 1.0).abs() < 1e-5, "each is like itself");
    }

    #[test]
    fn equal_texts_with_equal_scores_stay_equal_to_the_last_bit() {
        let sketches = vec![sketch(&[1, 2, 3, 5, 8]); 200];
        let smoothed = smooth(&sketches, &[0.000_089_993; 200]);
        assert!(smoothed.iter().all(|score| score.to_bits() == smoothed[0].to_bits()), "paths decide between them");
    }
}
