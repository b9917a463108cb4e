//! The second look: the best hits of the first pass, judged by what is too dear to know of all.
//!
//! In: the best documents with their scores. Out: what each gains or loses by function words, by words that stand together,
//! by its best passage, and by being like other good hits. The work depends on how many documents are looked at and how
//! often the words stand in them, not on the size of the index.

use std::sync::LazyLock;

use tantivy::DocSet;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;

use super::alike;
use super::lookup::{BODY, Lookup};
use super::top::Match;
use crate::Result;
use crate::rank::{self, NEAR_WORDS, Norms, PASSAGE_WORDS, Steps};

/// What the second look adds to a score.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Gains {
    /// From function words.
    pub(super) asides: f32,
    /// From words that stand together.
    pub(super) nearness: f32,
    /// From the best passage.
    pub(super) passage: f32,
    /// From the scores of documents that are alike; negative where those are worse.
    pub(super) likeness: f32,
    /// What a document that was not looked at loses, so that it stays below those that were.
    pub(super) unseen: f32,
}

impl Gains {
    /// All of it.
    pub(super) fn sum(&self) -> f32 {
        self.asides + self.nearness + self.passage + self.likeness + self.unseen
    }
}

/// Words of a longer question beyond so many are not looked for together.
const MOST_WORDS: usize = 32;

/// The id of the length of a passage, one of those that tantivy tells exactly.
static PASSAGE_LENGTH_ID: LazyLock<u8> = LazyLock::new(|| FieldNormReader::fieldnorm_to_id(PASSAGE_WORDS));

/// Where a word of the question stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spot {
    /// In the text.
    position: u32,
    /// Its number in the question.
    word: u16,
    /// What an occurrence counts: an inflection less than the form typed.
    weight: f32,
}

/// Looks at `block`, whose `scores` are those of the first pass without bonuses.
pub(super) fn look(lookup: &Lookup<'_>, block: &[Match], scores: &[f32], steps: &Steps) -> Result<Vec<Gains>> {
    let mut gains = vec![Gains::default(); block.len()];
    let words = Words::of(lookup);
    // What is spelled nearest comes first in a fuzzy search, whatever else is like it.
    let is_compared = steps.likeness && !lookup.is_fuzzy();
    let mut order: Vec<usize> = (0..block.len()).collect();
    order.sort_by_key(|n| (block[*n].segment, block[*n].document));
    let (mut sketches, mut looked_at) = (Vec::new(), 0);
    for of_segment in order.chunk_by(|a, b| block[*a].segment == block[*b].segment) {
        let number = block[of_segment[0]].segment as usize;
        let segment = &lookup.snapshot.segments[number];
        let lengths = segment.get_fieldnorms_reader(lookup.snapshot.fields.body);
        let lengths = lengths.map_err(|error| lookup.snapshot.engine(error))?;
        let documents: Vec<u32> = of_segment.iter().map(|n| block[*n].document).collect();
        let length_ids: Vec<u8> = documents.iter().map(|document| lengths.fieldnorm_id(*document)).collect();
        let norms = &lookup.norms[BODY];
        if steps.function_words {
            asides(lookup, number, &documents, |at, weight, frequency| {
                gains[of_segment[at]].asides += weight * norms.saturation(frequency, length_ids[at]);
            })?;
        }
        if steps.nearness || steps.passage {
            let mut spots = Spots::open(lookup, number, &words)?;
            for ((n, length), document) in of_segment.iter().zip(&length_ids).zip(&documents) {
                let spots = spots.of(*document);
                if steps.nearness {
                    gains[*n].nearness = words.nearness(spots, |tf| norms.saturation(tf, *length));
                }
                if steps.passage {
                    gains[*n].passage = rank::PASSAGE_WEIGHT * words.best_passage(spots, *length, norms);
                }
            }
        }
        if is_compared {
            for (length, document) in length_ids.iter().zip(&documents) {
                let entries = lookup.snapshot.sketches[number].of(*document);
                sketches.extend(entries.map(|entry| {
                    let weight = norms.saturation(entry.frequency() as f32, *length);
                    alike::Entry::new(entry.term(), looked_at, weight)
                }));
                looked_at += 1;
            }
        }
    }
    if is_compared {
        let own: Vec<f32> = order.iter().map(|n| scores[*n] + gains[*n].sum()).collect();
        for ((n, smooth), own) in order.iter().zip(alike::smooth(sketches, &own)).zip(&own) {
            gains[*n].likeness = smooth - own;
        }
    }
    Ok(gains)
}

/// Calls `each` with the place in `documents`, the weight and the frequency of each function word.
fn asides(lookup: &Lookup<'_>, segment: usize, documents: &[u32], mut each: impl FnMut(usize, f32, f32)) -> Result<()> {
    let snapshot = lookup.snapshot;
    for (aside, weight) in lookup.plan.asides.iter().zip(&lookup.asides) {
        let (body, option) = (snapshot.fields.body, IndexRecordOption::WithFreqs);
        let Some(mut postings) = snapshot.postings_of(segment, body, &aside.term, option)? else { continue };
        for (at, document) in documents.iter().enumerate() {
            if postings.doc() < *document {
                postings.seek(*document);
            }
            if postings.doc() == *document {
                each(at, *weight, postings.term_freq() as f32);
            }
        }
    }
    Ok(())
}

/// Where the words of the question stand, one document after the other.
struct Spots {
    /// The postings of each form, with the number of its word and its weight.
    forms: Vec<(SegmentPostings, u16, f32)>,
    positions: Vec<u32>,
    spots: Vec<Spot>,
}

/// A word that a text has more often is not looked for in it: reading all its places would cost more than the rest of the
/// search, and where a word is everywhere its neighbours say little.
const MOST_OCCURRENCES: u32 = 2_000;

impl Spots {
    fn open(lookup: &Lookup<'_>, segment: usize, words: &Words) -> Result<Spots> {
        let snapshot = lookup.snapshot;
        let (body, option) = (snapshot.fields.body, IndexRecordOption::WithFreqsAndPositions);
        let mut forms = Vec::new();
        for (word, (leaf, _)) in words.words.iter().enumerate() {
            for (form, info) in lookup.in_body(*leaf, segment) {
                forms.push((snapshot.postings(segment, body, info, option)?, word as u16, form.weight));
            }
        }
        Ok(Spots { forms, positions: Vec::new(), spots: Vec::new() })
    }

    /// Those of `document`, in order; documents must be asked for in order, too.
    fn of(&mut self, document: u32) -> &[Spot] {
        self.spots.clear();
        let mut lists = 0;
        for (postings, word, weight) in &mut self.forms {
            if postings.doc() < document {
                postings.seek(document);
            }
            if postings.doc() == document && postings.term_freq() <= MOST_OCCURRENCES {
                postings.positions(&mut self.positions);
                let spot = |position: &u32| Spot { position: *position, word: *word, weight: *weight };
                self.spots.extend(self.positions.iter().map(spot));
                lists += 1;
            }
        }
        if lists > 1 {
            self.spots.sort_unstable_by_key(|spot| (spot.position, spot.word));
        }
        &self.spots
    }
}

/// The words of the question that are looked for together.
struct Words {
    /// Leaf and rarity.
    words: Vec<(usize, f32)>,
    /// For each two words the number of the pair they make, either way round; `NO_PAIR` if they do not follow each other.
    pair: Vec<u16>,
    /// The two words of a pair, in order.
    pairs: Vec<(u16, u16)>,
}

const NO_PAIR: u16 = u16::MAX;

impl Words {
    fn of(lookup: &Lookup<'_>) -> Words {
        let mut words: Vec<(usize, f32)> = Vec::new();
        let mut times: Vec<f32> = Vec::new();
        let mut sequence: Vec<Option<u16>> = Vec::new();
        for leaf in &lookup.plan.sequence {
            let Some(leaf) = leaf.filter(|leaf| lookup.is_word(*leaf)) else {
                sequence.push(None);
                continue;
            };
            let known = words.iter().position(|(known, _)| *known == leaf);
            let number = known.unwrap_or(words.len());
            if number == words.len() && number < MOST_WORDS {
                words.push((leaf, lookup.rarities[leaf][BODY]));
                times.push(0.0);
            }
            times.iter_mut().skip(number).take(1).for_each(|times| *times += 1.0);
            sequence.push((number < words.len()).then_some(number as u16));
        }
        // The rarity of a word asked for three times is three times its own, but in its pairs it counts once each.
        words.iter_mut().zip(&times).for_each(|((_, rarity), times)| *rarity /= times);
        let mut pair = vec![NO_PAIR; words.len() * words.len()];
        let mut pairs = Vec::new();
        for follow in sequence.windows(2) {
            let (Some(a), Some(b)) = (follow[0], follow[1]) else { continue };
            let at = usize::from(a) * words.len() + usize::from(b);
            if a != b && pair[at] == NO_PAIR {
                pair[at] = pairs.len() as u16;
                pair[usize::from(b) * words.len() + usize::from(a)] = pairs.len() as u16;
                pairs.push((a, b));
            }
        }
        Words { words, pair, pairs }
    }

    /// What words count that follow each other in the question and stand together in the text.
    fn nearness(&self, spots: &[Spot], saturation: impl Fn(f32) -> f32) -> f32 {
        if self.pairs.is_empty() {
            return 0.0;
        }
        let mut next = vec![0.0_f32; self.pairs.len()];
        let mut near = vec![(0.0_f32, 0_u32); self.pairs.len()];
        for (n, spot) in spots.iter().enumerate() {
            for other in &spots[n + 1..] {
                let distance = other.position - spot.position;
                if distance >= NEAR_WORDS {
                    break;
                }
                let pair = self.pair[usize::from(spot.word) * self.words.len() + usize::from(other.word)];
                // Two words may be found by one and the same.
                if pair == NO_PAIR || distance == 0 {
                    continue;
                }
                let (pair, weight) = (usize::from(pair), spot.weight * other.weight);
                if distance == 1 && self.pairs[pair] == (spot.word, other.word) {
                    next[pair] += weight;
                }
                // An occurrence is not counted twice.
                if spot.position >= near[pair].1 {
                    near[pair] = (near[pair].0 + weight, other.position + 1);
                }
            }
        }
        let mut sum = 0.0;
        for (pair, (a, b)) in self.pairs.iter().enumerate() {
            let rarity = self.words[usize::from(*a)].1 + self.words[usize::from(*b)].1;
            sum += rarity * rank::NEXT_WEIGHT * saturation(next[pair]);
            sum += rarity * rank::NEAR_WEIGHT * saturation(near[pair].0);
        }
        sum
    }

    /// BM25 of the passage of [`PASSAGE_WORDS`] words that has the most of it; of a shorter text, all of it.
    fn best_passage(&self, spots: &[Spot], length_id: u8, norms: &Norms) -> f32 {
        let saturation = |frequency: f32| norms.saturation(frequency.max(0.0), length_id.min(*PASSAGE_LENGTH_ID));
        if let [(_, rarity)] = self.words[..] {
            // Of one word, the more the better.
            let (mut held, mut most, mut first) = (0.0_f32, 0.0_f32, 0);
            for spot in spots {
                held += spot.weight;
                while spot.position - spots[first].position >= PASSAGE_WORDS {
                    held -= spots[first].weight;
                    first += 1;
                }
                most = most.max(held);
            }
            return rarity * saturation(most);
        }
        // How often the passage has each word, and what that comes to.
        let mut held = vec![(0.0_f32, 0.0_f32); self.words.len()];
        let mut change = |spot: &Spot, by: f32| {
            let (count, worth) = &mut held[usize::from(spot.word)];
            *count += by;
            let before = std::mem::replace(worth, self.words[usize::from(spot.word)].1 * saturation(*count));
            *worth - before
        };
        let (mut sum, mut best, mut first) = (0.0_f32, 0.0_f32, 0);
        for spot in spots {
            sum += change(spot, spot.weight);
            while spot.position - spots[first].position >= PASSAGE_WORDS {
                sum += change(&spots[first], -spots[first].weight);
                first += 1;
            }
            best = best.max(sum);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::{NEAR_WEIGHT, NEXT_WEIGHT};

    /// Two words that follow each other in the question, of rarity 1.
    fn two() -> Words {
        Words { words: vec![(0, 1.0), (1, 1.0)], pair: vec![NO_PAIR, 0, 0, NO_PAIR], pairs: vec![(0, 1)] }
    }

    /// Positions and words.
    type Places<'a> = &'a [(u32, u16)];

    fn at(places: Places<'_>) -> Vec<Spot> {
        places.iter().map(|(position, word)| Spot { position: *position, word: *word, weight: 1.0 }).collect()
    }

    #[test]
    fn words_count_together_in_order_next_to_each_other_and_in_any_order_near() {
        let rows: [(&str, Places<'_>, f32, f32); 9] = [
            ("next to each other", &[(5, 0), (6, 1)], 1.0, 1.0),
            ("the other way round", &[(5, 1), (6, 0)], 0.0, 1.0),
            ("as far as is near", &[(5, 0), (5 + NEAR_WORDS - 1, 1)], 0.0, 1.0),
            ("too far", &[(5, 0), (5 + NEAR_WORDS, 1)], 0.0, 0.0),
            ("one of them alone", &[(5, 0), (6, 0)], 0.0, 0.0),
            ("twice", &[(5, 0), (6, 1), (7, 0), (8, 1)], 2.0, 2.0),
            ("one with two of the other", &[(5, 0), (6, 1), (7, 1)], 1.0, 1.0),
            ("one word found by both", &[(5, 0), (5, 1)], 0.0, 0.0),
            ("nowhere", &[], 0.0, 0.0),
        ];
        for (rule, places, next, near) in rows {
            let expected = 2.0 * (NEXT_WEIGHT * next + NEAR_WEIGHT * near);
            assert!((two().nearness(&at(places), |tf| tf) - expected).abs() < 1e-6, "{rule}");
        }
        let mut inflected = at(&[(5, 0), (6, 1)]);
        inflected[1].weight = 0.5;
        assert!((two().nearness(&inflected, |tf| tf) - NEXT_WEIGHT - NEAR_WEIGHT).abs() < 1e-6);
        let alone = Words { words: vec![(0, 1.0)], pair: vec![NO_PAIR], pairs: Vec::new() };
        assert_eq!(alone.nearness(&at(&[(1, 0), (2, 0)]), |tf| tf), 0.0);
    }

    #[test]
    fn the_best_passage_is_the_one_that_holds_most_wherever_it_stands() {
        let norms = Norms::new(300.0);
        let long = FieldNormReader::fieldnorm_to_id(4000);
        let best = |places: Places<'_>| two().best_passage(&at(places), long, &norms);
        let (one, both) = (best(&[(0, 0)]), best(&[(0, 0), (1, 1)]));
        assert!((both - 2.0 * one).abs() < 1e-6 && one > 0.0);
        let rows: [(&str, Places<'_>, f32); 7] = [
            ("at its two ends", &[(10, 0), (10 + PASSAGE_WORDS - 1, 1)], both),
            ("a word too far", &[(10, 0), (10 + PASSAGE_WORDS, 1)], one),
            ("at the end of the text", &[(0, 0), (1000, 0), (2000, 0), (3900, 0), (3910, 1)], both),
            ("in the middle", &[(0, 0), (1000, 0), (1001, 1), (3900, 1)], both),
            ("at the beginning", &[(0, 0), (1, 1), (1000, 0), (3900, 1)], both),
            ("scattered", &[(0, 0), (1000, 1), (2000, 0), (3900, 1)], one),
            ("nowhere", &[], 0.0),
        ];
        for (rule, places, expected) in rows {
            assert!((best(places) - expected).abs() < 1e-5, "{rule}: {} {expected}", best(places));
        }
        assert!(best(&[(0, 0), (1, 0)]) < both, "the same word again counts less");
        // A short text is its own passage.
        let short = FieldNormReader::fieldnorm_to_id(10);
        assert!(two().best_passage(&at(&[(0, 0)]), short, &norms) > one);
    }
}
