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
