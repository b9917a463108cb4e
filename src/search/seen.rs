//! What the reader of an answer has seen, so that no passage is shown twice.
//!
//! In: the passages of the hits, best first. Out: for a sentence of a further hit, the passage that says the same already.

use std::collections::HashMap;

use super::common::Common;
use super::{Elsewhere, Hit, Same};
use crate::analyse::{Analyzer, Kind};
use crate::fingerprint::Shingler;
use crate::index::Snapshot;
use crate::snippet::{Cut, Judge};
use crate::{Error, Result};

/// A shorter sentence is shown again: what it takes is no more than what would tell that it was shown.
const LEAST_WORDS: u32 = 8;

/// A sentence says the same as a passage that has so many of its shingles: each word changed takes up to three of them, so
/// of twenty words two may differ.
const SAME: f32 = 0.6;

/// What was shown, and what need not be.
pub(super) struct Seen<'a> {
    analyzer: Analyzer,
    common: Common<'a>,
    /// The passages that were shown: the number of the hit, and of the passage in it. `None` if all may be shown again.
    shown: Option<Vec<(usize, usize)>>,
    /// The passages that have a shingle, by number.
    shingles: HashMap<u64, Vec<usize>>,
    trouble: Option<Error>,
}

impl<'a> Seen<'a> {
    /// Nothing yet; `once` says whether passages are to be shown once.
    pub(super) fn new(snapshot: &'a Snapshot, once: bool) -> Seen<'a> {
        Seen {
            analyzer: Analyzer::new(),
            common: Common::new(snapshot),
            shown: once.then(Vec::new),
            shingles: HashMap::new(),
            trouble: None,
        }
    }

    /// Adds the last of `hits`, of which `again` was left out, and tells both it and the hits that show it.
    ///
    /// # Errors
    /// If the index was found damaged when the sentences of this hit were looked up.
    pub(super) fn add(&mut self, hits: &mut [Hit], again: Vec<(Cut, usize)>) -> Result<()> {
        if let Some(error) = self.trouble.take() {
            return Err(error);
        }
        let (Some(shown), Some((hit, before))) = (&mut self.shown, hits.split_last_mut()) else { return Ok(()) };
        for (cut, number) in again {
            let Some((of, at)) = shown.get(number).copied() else { continue };
            let Some(shower) = before.get_mut(of) else { continue };
            let Some(snippet) = shower.snippets.get_mut(at) else { continue };
            let (line, end_line) = (cut.line, cut.end_line);
            let there = Elsewhere {
                rank: shower.rank,
                path: shower.path.clone(),
                line: snippet.line,
                end_line: snippet.end_line,
            };
            match hit.same.iter_mut().find(|same| same.shown == there) {
                Some(same) => same.end_line = same.end_line.max(end_line),
                None => hit.same.push(Same { line, end_line, shown: there }),
            }
            match snippet.also.last_mut().filter(|also| also.rank == hit.rank) {
                Some(also) => also.end_line = also.end_line.max(end_line),
                None => snippet.also.push(Elsewhere { rank: hit.rank, path: hit.path.clone(), line, end_line }),
            }
        }
        for (at, snippet) in hit.snippets.iter().enumerate() {
            let number = shown.len();
            shown.push((before.len(), at));
            let add = |shingle| {
                let passages = self.shingles.entry(shingle).or_default();
                if passages.last() != Some(&number) {
                    passages.push(number);
                }
            };
            shingles(&mut self.analyzer, &snippet.passage.text, add);
        }
        Ok(())
    }
}

impl Judge for Seen<'_> {
    fn shown(&mut self, sentence: &str) -> Option<usize> {
        if self.shown.as_ref().is_none_or(Vec::is_empty) {
            return None;
        }
        let (mut count, mut in_passage) = (0_usize, HashMap::<usize, usize>::new());
        let words = shingles(&mut self.analyzer, sentence, |shingle| {
            count += 1;
            for number in self.shingles.get(&shingle).into_iter().flatten() {
                *in_passage.entry(*number).or_default() += 1;
            }
        });
        if words < LEAST_WORDS {
            return None;
        }
        let same = in_passage.into_iter().filter(|(_, common)| *common as f32 >= SAME * count as f32);
        same.map(|(number, _)| number).min()
    }

    fn is_common(&mut self, sentence: &str) -> bool {
        self.common.has(sentence).unwrap_or_else(|error| {
            self.trouble.get_or_insert(error);
            false
        })
    }
}

/// Hands the shingles of `text` to `each`; returns how many words it has.
fn shingles(analyzer: &mut Analyzer, text: &str, mut each: impl FnMut(u64)) -> u32 {
    let mut shingler = Shingler::default();
    analyzer.tokens(text, |token| {
        if token.kind == Kind::Part {
            shingler.take(token.term).into_iter().for_each(&mut each);
        }
    });
    shingler.words
}
