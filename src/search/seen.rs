//! What the reader of an answer has seen, so that no passage is shown twice.
//!
//! In: the passages of the hits, best first. Out: for a sentence of a further hit, the passage that says the same already.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::ControlFlow;

use xxhash_rust::xxh3::xxh3_64;

use super::common::Common;
use super::show::Again;
use super::{Elsewhere, Hit, Same};
use crate::analyse::{Analyzer, Kind};
use crate::fingerprint::Shingler;
use crate::index::Snapshot;
use crate::snippet::{Judge, Standing};
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
    /// The shingles of the title of the hit at hand.
    title: Hashes,
    /// Its sentences that were asked about.
    asked: Vec<Asked>,
    /// The passages that were shown: the number of the hit, and of the passage in it. `None` if all may be shown again.
    shown: Option<Vec<(usize, usize)>>,
    /// The passages that have a shingle, by number.
    shingles: HashMap<u64, Vec<usize>, Spread>,
    /// The terms of each passage.
    terms: Vec<Hashes>,
    trouble: Option<Error>,
}

/// A sentence that was asked about.
struct Asked {
    /// Of its text.
    hash: u64,
    words: u32,
    shingles: Vec<u64>,
}

/// A set of hashes.
type Hashes = HashSet<u64, Spread>;

/// Makes hashes of hashes: a multiplication is enough for what is spread already (Knuth, "The Art of Computer Programming",
/// volume 3, 6.4).
type Spread = BuildHasherDefault<Product>;

#[derive(Default)]
struct Product(u64);

impl Hasher for Product {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        // 2^64 divided by the golden ratio.
        let product = u128::from(hash) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<'a> Seen<'a> {
    /// Nothing yet; `once` says whether passages are to be shown once.
    pub(super) fn new(snapshot: &'a Snapshot, once: bool) -> Seen<'a> {
        Seen {
            analyzer: Analyzer::new(),
            common: Common::new(snapshot),
            title: Hashes::default(),
            asked: Vec::new(),
            shown: once.then(Vec::new),
            shingles: HashMap::default(),
            terms: Vec::new(),
            trouble: None,
        }
    }

    /// Begins a hit, which is shown with its title.
    pub(super) fn begin(&mut self, title: Option<&str>) {
        self.asked.clear();
        self.title.clear();
        if let Some(title) = title {
            shingles(&mut self.analyzer, title, |shingle| self.title.extend([shingle]), |_| {});
        }
    }

    /// Adds the last of `hits`, of which `again` was left out, and tells both it and the hits that show it.
    ///
    /// # Errors
    /// If the index was found damaged when the sentences of this hit were looked up.
    pub(super) fn add(&mut self, hits: &mut [Hit], again: Again) -> Result<()> {
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
            // Where it stands several times, the first is told; sentences that follow each other are one passage.
            let follows = |end: u64| line <= end + 1;
            match hit.same.iter_mut().find(|same| same.shown == there) {
                Some(same) if follows(same.end_line) => same.end_line = same.end_line.max(end_line),
                Some(_) => {}
                None => hit.same.push(Same { line, end_line, shown: there }),
            }
            match snippet.also.last_mut().filter(|also| also.rank == hit.rank) {
                Some(also) if follows(also.end_line) => also.end_line = also.end_line.max(end_line),
                Some(_) => {}
                None => snippet.also.push(Elsewhere { rank: hit.rank, path: hit.path.clone(), line, end_line }),
            }
        }
        for (at, snippet) in hit.snippets.iter().enumerate() {
            let number = shown.len();
            shown.push((before.len(), at));
            let (mut in_passage, mut terms) = (Hashes::default(), Hashes::default());
            let mut take = |shingle| in_passage.extend([shingle]);
            shingles(&mut self.analyzer, &snippet.passage.text, &mut take, |term| terms.extend([hash(term)]));
            // Of a sentence that is cut for lack of room, the reader has seen what it says.
            let is_seen = |asked: &&Asked| 2 * common(&asked.shingles, &in_passage) >= asked.shingles.len();
            let whole: Vec<u64> =
                self.asked.iter().filter(is_seen).flat_map(|asked| &asked.shingles).copied().collect();
            in_passage.extend(whole);
            in_passage.into_iter().for_each(|shingle| self.shingles.entry(shingle).or_default().push(number));
            self.terms.push(terms);
        }
        Ok(())
    }
}

impl Seen<'_> {
    /// The number of a sentence among those asked about.
    fn ask(&mut self, text: &str) -> usize {
        let hash = hash(text);
        if let Some(known) = self.asked.iter().position(|asked| asked.hash == hash) {
            return known;
        }
        let mut of_text = Vec::new();
        let words = shingles(&mut self.analyzer, text, |shingle| of_text.push(shingle), |_| {});
        self.asked.push(Asked { hash, words, shingles: of_text });
        self.asked.len() - 1
    }
}

/// How many of a sentence's shingles are among others.
fn common(sentence: &[u64], others: &Hashes) -> usize {
    sentence.iter().filter(|shingle| others.contains(*shingle)).count()
}

impl Judge for Seen<'_> {
    fn shown(&mut self, text: &str, matches: &[&str]) -> Option<usize> {
        self.shown.as_ref()?;
        let number = self.ask(text);
        let Asked { words, shingles, .. } = &self.asked[number];
        if *words < LEAST_WORDS {
            return None;
        }
        let mut in_passage = HashMap::<usize, usize>::new();
        for number in shingles.iter().filter_map(|shingle| self.shingles.get(shingle)).flatten() {
            *in_passage.entry(*number).or_default() += 1;
        }
        let least = SAME * shingles.len() as f32;
        let same = in_passage.into_iter().filter(|(_, common)| *common as f32 >= least);
        let mut same: Vec<usize> = same.map(|(number, _)| number).collect();
        if same.is_empty() {
            return None;
        }
        same.sort_unstable();
        // A word that makes the difference is why the hit is shown.
        let wanted: Hashes = matches.iter().flat_map(|part| terms(&mut self.analyzer, part)).collect();
        same.into_iter().find(|number| wanted.is_subset(&self.terms[*number]))
    }

    fn standing(&mut self, sentence: &str) -> Standing {
        if !self.title.is_empty() {
            let number = self.ask(sentence);
            let of_sentence = &self.asked[number].shingles;
            let in_title = common(of_sentence, &self.title);
            if in_title > 0 && in_title as f32 >= SAME * of_sentence.len() as f32 {
                return Standing::Title;
            }
        }
        match self.common.has(sentence) {
            Ok(true) => Standing::Common,
            Ok(false) => Standing::Own,
            Err(error) => {
                self.trouble.get_or_insert(error);
                Standing::Own
            }
        }
    }
}

fn hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// The terms of `text`, as hashes.
fn terms(analyzer: &mut Analyzer, text: &str) -> Hashes {
    let mut terms = Hashes::default();
    shingles(analyzer, text, |_| {}, |term| terms.extend([hash(term)]));
    terms
}

/// Hands the shingles of `text` to `each`, and its terms to `term`; returns how many words it has.
fn shingles(analyzer: &mut Analyzer, text: &str, mut each: impl FnMut(u64), mut term: impl FnMut(&str)) -> u32 {
    let mut shingler = Shingler::default();
    let _ = analyzer.few_tokens_while(text, |token| {
        if token.kind == Kind::Part {
            term(token.term);
            shingler.take(token.term).into_iter().for_each(&mut each);
        }
        ControlFlow::Continue(())
    });
    let words = shingler.words;
    shingler.finish().into_iter().for_each(each);
    words
}
