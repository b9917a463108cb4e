//! The second look: the best hits of the first pass, judged by what is too dear to know of all.
//!
//! In: the best documents with their scores. Out: what each gains or loses by function words, by words that stand together,
//! by its best passage, and by being like other good hits. The work depends on the number of documents looked at, not on
//! the size of the index.

use std::sync::LazyLock;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

use super::alike;
use super::lookup::{BODY, Lookup};
use super::top::Match;
use crate::Result;
use crate::rank::{self, LEAST_ALIKE, NEAR_WORDS, Norms, PASSAGE_WORDS, Steps};

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
}

impl Gains {
    /// All of it.
    pub(super) fn sum(&self) -> f32 {
        self.asides + self.nearness + self.passage + self.likeness
    }
}

/// Words of a longer question beyond so many are not looked for together.
const MOST_WORDS: usize = 32;

/// The id of the length of a passage, which tantivy tells exactly.
static PASSAGE_LENGTH_ID: LazyLock<u8> = LazyLock::new(|| FieldNormReader::fieldnorm_to_id(PASSAGE_WORDS));

/// Where a word of the question stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
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
    let mut order: Vec<usize> = (0..block.len()).collect();
    order.sort_by_key(|n| (block[*n].segment, block[*n].document));
    let mut sketches = vec![Vec::new(); block.len()];
    for of_segment in order.chunk_by(|a, b| block[*a].segment == block[*b].segment) {
        let number = block[of_segment[0]].segment as usize;
        let segment = &lookup.snapshot.segments[number];
        let lengths = segment.get_fieldnorms_reader(lookup.snapshot.fields.body);
        let lengths = lengths.map_err(|error| lookup.snapshot.engine(error))?;
        let documents: Vec<u32> = of_segment.iter().map(|n| block[*n].document).collect();
        let length_ids: Vec<u8> = documents.iter().map(|document| lengths.fieldnorm_id(*document)).collect();
        let norms = &lookup.norms[BODY];
        if steps.function_words {
            asides(lookup, segment, &documents, |at, weight, frequency| {
                gains[of_segment[at]].asides += weight * norms.saturation(frequency, length_ids[at]);
            })?;
        }
        if steps.nearness || steps.passage {
            let places = places(lookup, segment, &documents, &words)?;
            for ((n, length), places) in of_segment.iter().zip(&length_ids).zip(places) {
                if steps.nearness {
                    gains[*n].nearness = words.nearness(&places, |tf| norms.saturation(tf, *length));
                }
                if steps.passage {
                    gains[*n].passage = rank::PASSAGE_WEIGHT * words.best_passage(&places, *length, norms);
                }
            }
        }
        if steps.likeness {
            for ((n, length), document) in of_segment.iter().zip(&length_ids).zip(&documents) {
                let entries = lookup.snapshot.sketches[number].of(*document);
                sketches[*n].extend(entries.map(|entry| {
                    let weight = norms.saturation(entry.frequency() as f32, *length);
                    (entry.term(), weight)
                }));
            }
        }
    }
    if steps.likeness && block.len() >= LEAST_ALIKE {
        let own: Vec<f32> = gains.iter().zip(scores).map(|(gains, score)| score + gains.sum()).collect();
        for ((gains, smooth), own) in gains.iter_mut().zip(alike::smooth(&sketches, &own)).zip(&own) {
            gains.likeness = smooth - own;
        }
    }
    Ok(gains)
}

/// Calls `each` with the place in `documents`, the weight and the frequency of each function word.
fn asides(
    lookup: &Lookup<'_>,
    segment: &SegmentReader,
    documents: &[u32],
    mut each: impl FnMut(usize, f32, f32),
) -> Result<()> {
    let snapshot = lookup.snapshot;
    let inverted = segment.inverted_index(snapshot.fields.body).map_err(|error| snapshot.engine(error))?;
    for (aside, weight) in lookup.plan.asides.iter().zip(&lookup.asides) {
        let term = Term::from_field_text(snapshot.fields.body, &aside.term);
        let postings = inverted.read_postings(&term, IndexRecordOption::WithFreqs);
        let Some(mut postings) = postings.map_err(|error| snapshot.engine(error))? else { continue };
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

/// Where the words stand in each of `documents`, in order.
fn places(lookup: &Lookup<'_>, segment: &SegmentReader, documents: &[u32], words: &Words) -> Result<Vec<Vec<Place>>> {
    let snapshot = lookup.snapshot;
    let inverted = segment.inverted_index(snapshot.fields.body).map_err(|error| snapshot.engine(error))?;
    let mut places: Vec<Vec<Place>> = vec![Vec::new(); documents.len()];
    let mut positions = Vec::new();
    for (word, (leaf, _)) in words.words.iter().enumerate() {
        for form in lookup.body_forms(*leaf) {
            let term = Term::from_field_text(snapshot.fields.body, &form.term);
            let postings = inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions);
            let Some(mut postings) = postings.map_err(|error| snapshot.engine(error))? else { continue };
            for (document, places) in documents.iter().zip(&mut places) {
                if postings.doc() < *document && postings.seek(*document) == TERMINATED {
                    break;
                }
                if postings.doc() == *document {
                    postings.positions(&mut positions);
                    let place = |position: &u32| Place { position: *position, word: word as u16, weight: form.weight };
                    places.extend(positions.iter().map(place));
                }
            }
        }
    }
    places.iter_mut().for_each(|places| places.sort_unstable_by_key(|place| (place.position, place.word)));
    Ok(places)
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
        let mut sequence = Vec::new();
        for leaf in &lookup.plan.sequence {
            let known = words.iter().position(|(known, _)| known == leaf);
            if known.is_none() && (words.len() == MOST_WORDS || !lookup.is_word(*leaf)) {
                continue;
            }
            sequence.push(known.unwrap_or(words.len()) as u16);
            if known.is_none() {
                words.push((*leaf, lookup.rarities[*leaf][BODY]));
            }
        }
        let mut pair = vec![NO_PAIR; words.len() * words.len()];
        let mut pairs = Vec::new();
        for follow in sequence.windows(2) {
            let (a, b) = (follow[0], follow[1]);
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
    fn nearness(&self, places: &[Place], saturation: impl Fn(f32) -> f32) -> f32 {
        if self.pairs.is_empty() {
            return 0.0;
        }
        let mut next = vec![0.0_f32; self.pairs.len()];
        let mut near = vec![(0.0_f32, 0_u32); self.pairs.len()];
        for (n, place) in places.iter().enumerate() {
            for other in &places[n + 1..] {
                let distance = other.position - place.position;
                if distance >= NEAR_WORDS {
                    break;
                }
                let pair = self.pair[usize::from(place.word) * self.words.len() + usize::from(other.word)];
                if pair == NO_PAIR {
                    continue;
                }
                let (pair, weight) = (usize::from(pair), place.weight * other.weight);
                if distance == 1 && self.pairs[pair] == (place.word, other.word) {
                    next[pair] += weight;
                }
                // An occurrence is not counted twice.
                if place.position >= near[pair].1 {
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
    fn best_passage(&self, places: &[Place], length_id: u8, norms: &Norms) -> f32 {
        let saturation = |frequency: f32| norms.saturation(frequency.max(0.0), length_id.min(*PASSAGE_LENGTH_ID));
        let mut held = vec![0.0_f32; self.words.len()];
        let (mut sum, mut best, mut first) = (0.0_f32, 0.0_f32, 0);
        for place in places {
            let word = usize::from(place.word);
            sum += self.words[word].1 * (saturation(held[word] + place.weight) - saturation(held[word]));
            held[word] += place.weight;
            while place.position - places[first].position >= PASSAGE_WORDS {
                let word = usize::from(places[first].word);
                let rest = held[word] - places[first].weight;
                sum -= self.words[word].1 * (saturation(held[word]) - saturation(rest));
                held[word] = rest;
                first += 1;
            }
            best = best.max(sum);
        }
        best
    }
}
