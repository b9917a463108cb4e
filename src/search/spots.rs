//! Where the words of the question stand in a long text, as the index knows it: the text need not be searched for them.
//!
//! In: a document, and what is wanted. Out: its checkpoints, and where the wanted words and phrases stand in its row of words.
//! Of a word that stands everywhere, its first places and those near rarer words are enough. A spot may prove wrong where
//! words that are written in one are concerned, for the index keeps no places of them: the analysis decides what is marked.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet};

use super::lookup::Lookup;
use super::plan::What;
use super::top::Match;
use crate::Result;
use crate::index::Snapshot;
use crate::snippet::{Checkpoints, Spot, Wanted, Word};

/// So many places are looked at, shared by all words: of each its first, and those near rarer words.
const ALL_PLACES: usize = 1 << 16;

/// Of one word the first so many.
const MOST_PLACES: usize = 4096;

/// Of one word so many more near rarer ones.
const MOST_NEAR: usize = 4 * MOST_PLACES;

/// So many of the densest windows among all places are kept, whatever else is left out.
const MOST_DENSE: usize = 256;

/// The longest word written in one that is taken apart: each beginning and each rest of it is looked up.
const MOST_JOINED_BYTES: usize = 32;

/// The most of them: a pattern may stand for hundreds.
const MOST_JOINED: usize = 8;

/// What is wanted, and by which terms it is looked for.
pub(super) struct Seeker<'a> {
    snapshot: &'a Snapshot,
    wanted: &'a Wanted,
    /// For each word its prefixes' terms, and whether there were more.
    begun: Vec<(Vec<&'a str>, bool)>,
    width: u32,
}

/// A long text as the index knows it.
pub(super) struct Known {
    pub(super) checkpoints: Checkpoints,
    /// In order.
    pub(super) spots: Vec<Spot>,
    /// Where there is no spot, nothing wanted stands.
    pub(super) is_all: bool,
}

impl<'a> Seeker<'a> {
    /// For passages of `width` characters.
    pub(super) fn new(lookup: &'a Lookup<'a>, wanted: &'a Wanted, width: usize) -> Seeker<'a> {
        let begun = wanted.words.iter().map(|word| {
            let leaves = (0..lookup.plan.leaves.len()).filter(|leaf| match &lookup.plan.leaves[*leaf].what {
                What::Prefix(prefix) => word.prefixes.contains(prefix),
                _ => false,
            });
            let (mut terms, mut is_cut) = (Vec::new(), false);
            for leaf in leaves {
                terms.extend(lookup.body_forms(leaf).iter().map(|form| form.term.as_str()));
                is_cut |= lookup.is_cut(leaf);
            }
            (terms, is_cut)
        });
        // Words are seldom shorter than three letters and a space.
        Seeker { snapshot: lookup.snapshot, wanted, begun: begun.collect(), width: (width / 4).clamp(16, 1024) as u32 }
    }

    /// What is known of a document; `None` if its text is short.
    pub(super) fn known(&self, found: &Match) -> Result<Option<Known>> {
        let (number, document) = (found.segment as usize, found.document);
        let Some(checkpoints) = self.snapshot.sketches[number].checkpoints(document) else { return Ok(None) };
        let reader = Reader { snapshot: self.snapshot, segment: number, document };
        let (mut of_items, mut is_all) = (Vec::new(), true);
        for ((item, word), (begun, is_cut)) in (0..).zip(&self.wanted.words).zip(&self.begun) {
            let (places, is_known) = reader.word(word, begun)?;
            is_all &= is_known && !is_cut;
            of_items.push((item, places));
        }
        for (item, phrase) in (self.wanted.words.len() as u32..).zip(&self.wanted.phrases) {
            of_items.push((item, reader.phrase(&phrase.terms, phrase.slop)?));
        }
        Ok(Some(Known { checkpoints, spots: spots(of_items, self.width), is_all }))
    }
}

/// The first and the last word of each place.
type Places = Vec<(u32, u32)>;

/// The places of the items in order; of the commonest, those that matter.
fn spots(mut of_items: Vec<(u32, Places)>, width: u32) -> Vec<Spot> {
    of_items.sort_by_key(|(_, places)| places.len());
    let most = (ALL_PLACES / of_items.len().max(1)).min(MOST_PLACES);
    let are_many = of_items.last().is_some_and(|(_, places)| places.len() > most);
    let dense = if are_many && of_items.len() > 1 { densest(&of_items, width) } else { Vec::new() };
    let mut spots: Vec<Spot> = Vec::new();
    for (item, places) in of_items {
        let spot = |(first, last): &(u32, u32)| Spot { first: *first, last: *last, item };
        let (first, rest) = places.split_at(places.len().min(most));
        let mut more: Vec<Spot> = Vec::new();
        let mut from = 0;
        // Where many rarer words stand, enough windows are known.
        for other in spots.iter().filter(|_| !rest.is_empty() && spots.len() <= MOST_NEAR) {
            from += rest[from..].partition_point(|place| place.1.saturating_add(width) < other.first);
            let beside = rest[from..].iter().take_while(|place| place.0 <= other.last.saturating_add(width));
            let before = more.len();
            more.extend(beside.take(MOST_NEAR - before).map(spot));
            from += more.len() - before;
        }
        spots.extend(first.iter().map(spot).chain(more));
        if spots.len() <= MOST_NEAR {
            spots.sort();
        }
    }
    spots.extend(dense);
    spots.sort();
    spots.dedup();
    spots
}

/// The places in the windows of up to `width` words that hold the most different items, the narrowest of them.
fn densest(of_items: &[(u32, Places)], width: u32) -> Vec<Spot> {
    let mut heads: BinaryHeap<Reverse<(u32, usize)>> = BinaryHeap::new();
    let mut next = vec![0; of_items.len()];
    let head = |list: usize, at: usize| Some(Reverse((of_items[list].1.get(at)?.0, list)));
    heads.extend((0..of_items.len()).filter_map(|list| head(list, 0)));
    let (mut held, mut distinct, mut window) = (vec![0_u32; of_items.len()], 0, VecDeque::<(usize, Spot)>::new());
    // By how wide they are, and where they begin.
    let mut found: BinaryHeap<(u32, u32, Vec<Spot>)> = BinaryHeap::new();
    let mut best = 2;
    while let Some(Reverse((first, list))) = heads.pop() {
        let (item, places) = &of_items[list];
        window.push_back((list, Spot { first, last: places[next[list]].1, item: *item }));
        next[list] += 1;
        heads.extend(head(list, next[list]));
        held[list] += 1;
        distinct += usize::from(held[list] == 1);
        while let Some((oldest, spot)) = window.front().copied() {
            if first - spot.first < width && held[oldest] == 1 {
                break;
            }
            window.pop_front();
            held[oldest] -= 1;
            distinct -= usize::from(held[oldest] == 0);
        }
        if distinct > best {
            best = distinct;
            found.clear();
        }
        let Some((_, front)) = window.front().filter(|_| distinct == best) else { continue };
        let place = (first - front.first, front.first);
        if found.len() < MOST_DENSE || found.peek().is_some_and(|(wide, at, _)| place < (*wide, *at)) {
            found.push((place.0, place.1, window.iter().map(|(_, spot)| *spot).collect()));
            if found.len() > MOST_DENSE {
                found.pop();
            }
        }
    }
    found.into_iter().flat_map(|(_, _, spots)| spots).collect()
}

/// Reads where terms stand in a document.
struct Reader<'a> {
    snapshot: &'a Snapshot,
    segment: usize,
    document: DocId,
}

impl Reader<'_> {
    /// Where a term stands in the text, in order; `None` if it does not.
    fn positions(&self, term: &str) -> Result<Option<Vec<u32>>> {
        let mut positions = Vec::new();
        self.postings(self.snapshot.fields.body, term, |postings| postings.positions(&mut positions))
            .map(|stands| stands.then_some(positions))
    }

    /// Whether the document has a term; `read` is handed what else is known of that.
    fn postings(&self, field: Field, term: &str, read: impl FnOnce(&mut SegmentPostings)) -> Result<bool> {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let postings = self.snapshot.postings_of(self.segment, field, term, option)?;
        let Some(mut postings) = postings else { return Ok(false) };
        let stands = match postings.doc() {
            before if before < self.document => postings.seek(self.document) == self.document,
            at => at == self.document,
        };
        if stands {
            read(&mut postings);
        }
        Ok(stands)
    }

    /// Where a word stands, and whether that is known.
    fn word(&self, word: &Word, begun: &[&str]) -> Result<(Places, bool)> {
        let mut places = Places::new();
        for term in word.parts.iter().map(String::as_str).chain(begun.iter().copied()) {
            places.extend(self.positions(term)?.unwrap_or_default().into_iter().map(|at| (at, at)));
        }
        let mut is_known = true;
        let mut joined = 0;
        for whole in &word.wholes {
            if self.postings(self.snapshot.fields.whole, whole, |_| ())? {
                joined += 1;
                let found = if joined > MOST_JOINED { Places::new() } else { self.joined(whole)? };
                is_known &= !found.is_empty();
                places.extend(found);
            }
        }
        places.sort();
        places.dedup();
        Ok((places, is_known))
    }

    /// Where words stand in a row that make `whole`, joined: the index keeps no places of what is written in one.
    fn joined(&self, whole: &str) -> Result<Places> {
        let letters: String = whole.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if letters.len() > MOST_JOINED_BYTES {
            return Ok(Places::new());
        }
        let ends = |from: usize| (from + 1..=letters.len()).filter(|end| letters.is_char_boundary(*end));
        // Which parts of it are words of the document from which its end can be reached.
        let (mut reaches, mut parts) = (vec![false; letters.len() + 1], Vec::new());
        reaches[letters.len()] = true;
        for from in (0..letters.len()).rev().filter(|from| letters.is_char_boundary(*from)) {
            for to in ends(from) {
                if reaches[to] && self.postings(self.snapshot.fields.body, &letters[from..to], |_| ())? {
                    reaches[from] = true;
                    parts.push((from, to));
                }
            }
        }
        // For each beginning of it, the places that make it.
        let mut made: Vec<Places> = vec![Places::new(); letters.len() + 1];
        parts.sort_unstable();
        for (from, to) in parts.into_iter().filter(|_| reaches[0]) {
            if from > 0 && made[from].is_empty() {
                continue;
            }
            let positions = self.positions(&letters[from..to])?.unwrap_or_default();
            let more: Places = match from {
                0 => positions.into_iter().map(|at| (at, at)).collect(),
                _ => {
                    let follows = |place: &&(u32, u32)| positions.binary_search(&(place.1 + 1)).is_ok();
                    made[from].iter().filter(follows).map(|place| (place.0, place.1 + 1)).collect()
                }
            };
            made[to].extend(more);
        }
        Ok(made.pop().unwrap_or_default())
    }

    /// Where the terms of a phrase stand in a row, or, with a slop, near each other.
    fn phrase(&self, terms: &[String], slop: Option<u32>) -> Result<Places> {
        let mut lists = Vec::with_capacity(terms.len());
        for term in terms {
            let Some(positions) = self.positions(term)? else { return Ok(Places::new()) };
            lists.push(positions);
        }
        Ok(match slop {
            None => in_a_row(&lists),
            Some(slop) => near(&lists, slop.saturating_add(lists.len() as u32)),
        })
    }
}

/// Where each list has the number after that of the list before.
fn in_a_row(lists: &[Vec<u32>]) -> Places {
    let Some(rarest) = (0..lists.len()).min_by_key(|n| lists[*n].len()) else { return Places::new() };
    let starts = lists[rarest].iter().filter_map(|at| at.checked_sub(rarest as u32));
    let mut order: Vec<usize> = (0..lists.len()).filter(|n| *n != rarest).collect();
    order.sort_by_key(|n| lists[*n].len());
    let fits = |start: &u32| order.iter().all(|n| lists[*n].binary_search(&(start + *n as u32)).is_ok());
    starts.filter(fits).map(|start| (start, start + lists.len() as u32 - 1)).collect()
}

/// Where all lists have a number within `width`, in any order: the first and the last of them; no place counts twice.
fn near(lists: &[Vec<u32>], width: u32) -> Places {
    let Some(rarest) = lists.iter().min_by_key(|list| list.len()) else { return Places::new() };
    let is_near = |at: &u32| {
        let next = rarest.partition_point(|other| other < at);
        let beside = [next.checked_sub(1), Some(next)].into_iter().flatten();
        beside.filter_map(|n| rarest.get(n)).any(|other| other.abs_diff(*at) < width)
    };
    let mut all: Vec<(u32, usize)> = Vec::new();
    for (n, list) in lists.iter().enumerate() {
        all.extend(list.iter().filter(|at| is_near(at)).map(|at| (*at, n)));
    }
    all.sort_unstable();
    let (mut held, mut distinct, mut first, mut places) = (vec![0_u32; lists.len()], 0, 0, Places::new());
    for last in 0..all.len() {
        held[all[last].1] += 1;
        distinct += usize::from(held[all[last].1] == 1);
        while all[last].0 - all[first].0 >= width || held[all[first].1] > 1 {
            held[all[first].1] -= 1;
            distinct -= usize::from(held[all[first].1] == 0);
            first += 1;
        }
        if distinct == lists.len() {
            places.push((all[first].0, all[last].0));
            held.fill(0);
            (distinct, first) = (0, last + 1);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_a_row_and_near_each_other_are_found_where_they_stand() {
        let lists: [&[u32]; 3] = [&[1, 10, 20, 31], &[2, 12, 21, 30], &[3, 11, 23]];
        let lists = lists.map(<[u32]>::to_vec);
        assert_eq!(in_a_row(&lists), [(1, 3)]);
        assert_eq!(near(&lists, 3), [(1, 3), (10, 12)]);
        assert_eq!(near(&lists, 4), [(1, 3), (10, 12), (20, 23)]);
        assert_eq!(near(&lists[..2], 2), [(1, 2), (20, 21), (30, 31)]);
        assert_eq!((in_a_row(&[]), near(&[], 3)), (Places::new(), Places::new()));
    }

    #[test]
    fn of_a_common_word_the_first_places_are_kept_and_those_near_rarer_words() {
        let common: Places = (0..100_000).map(|n| (10 * n, 10 * n)).collect();
        let found = spots(vec![(0, common), (1, vec![(900_001, 900_001)])], 20);
        let near: Vec<_> =
            found.iter().filter(|spot| spot.first > 800_000).map(|spot| (spot.first, spot.item)).collect();
        assert_eq!(near, [(899_990, 0), (900_000, 0), (900_001, 1), (900_010, 0), (900_020, 0)]);
        assert_eq!(found.len(), MOST_PLACES + near.len());
        assert!(found.is_sorted());
    }
}
