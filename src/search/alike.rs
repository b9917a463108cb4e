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
    for (n, own) in scores.iter().enumerate() {
        let nearest = nearest(&likeness[n * scores.len()..][..scores.len()], n);
        let near = nearest.iter().filter(|(like, _)| *like > 0.0);
        let (mut weight, mut pull) = (0.0, 0.0);
        for (like, other) in near {
            weight += like;
            pull += like * (scores[*other] - own);
        }
        smooth.push(own + share * pull / (weight + DOUBT));
    }
    smooth
}

/// The likest of a row but `own`, in order; where all are unlike, some of likeness 0.
fn nearest(row: &[f32], own: usize) -> [(f32, usize); LIKES] {
    let mut nearest = [(0.0, 0); LIKES];
    for (other, like) in row.iter().enumerate() {
        if *like > nearest[LIKES - 1].0 && other != own {
            let at = nearest.partition_point(|(nearer, _)| nearer >= like);
            nearest[at..].rotate_right(1);
            nearest[at] = (*like, other);
        }
    }
    nearest
}

/// The cosine of every two sketches, terms weighted by how rare they are among the sketches.
fn likeness(sketches: &[Vec<(u32, f32)>]) -> Vec<f32> {
    let size = sketches.len();
    // Sorted as whole numbers, the term above the place in the list, which is quicker than sorting entries.
    let entries: Vec<(usize, u32, f32)> = sketches
        .iter()
        .enumerate()
        .flat_map(|(n, sketch)| sketch.iter().map(move |(term, weight)| (n, *term, *weight)))
        .collect();
    let mut order: Vec<u64> = entries.iter().zip(0..).map(|((_, term, _), at)| u64::from(*term) << 32 | at).collect();
    order.sort_unstable();
    let mut products = vec![0.0_f32; size * size];
    let mut same: Vec<(usize, f32)> = Vec::new();
    for group in order.chunk_by(|a, b| a >> 32 == b >> 32) {
        let rarity = rank::idf(group.len() as u64, size as u64);
        same.clear();
        same.extend(
            group.iter().map(|at| &entries[(at & 0xffff_ffff) as usize]).map(|(n, _, weight)| (*n, weight * rarity)),
        );
        for (at, (a, one)) in same.iter().enumerate() {
            let row = &mut products[a * size..][..size];
            for (b, other) in &same[at..] {
                row[*b] += one * other;
            }
        }
    }
    let lengths: Vec<f32> = (0..size).map(|n| products[n * size + n].sqrt()).collect();
    for a in 0..size {
        for b in a..size {
            let length = lengths[a] * lengths[b];
            let cosine = if length > 0.0 { products[a * size + b] / length } else { 0.0 };
            products[a * size + b] = cosine;
            products[b * size + a] = cosine;
        }
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
