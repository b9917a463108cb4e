//! Passages that stand in several documents which otherwise differ: a paragraph, a run of sentences.
//!
//! In: the documents that speak for their groups, read again. Out: each passage once, with the lines where it stands. Words
//! are compared as the analyser gives them, so that quotes, capitals and line ends are no difference.
//!
//! Every text leaves some places by which others find it (`anchors`). Two texts that share one are laid side by side from
//! there, over small changes, as far as they agree (`align`). What many share with the first of them becomes passages with
//! all their documents (`cover`). Only at the end are the lines of what is told looked up.

mod align;
mod anchors;
mod cover;
mod lines;
mod reader;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use align::Block;
use anchors::{Anchors, Filter, Link, WINDOW};
use cover::{Cover, Run, Stretch};
use reader::{Reader, Shelf};

use super::Groups;
use crate::Result;
use crate::analyse::Analyzer;

pub use reader::Unread;

/// The least number of words that must be the same.
///
/// A sentence of English prose has some twenty; "The source said there would still be diplomatic and economic relationships
/// between the US and Niger" has seventeen. What is shorter is a phrase, a call with its arguments, a list of includes.
pub const LEAST_WORDS: usize = 16;

/// Anchors in memory, at most: 256 MiB.
const MOST_ANCHORS: usize = 16 << 20;

/// Which passages are told, and how they are found.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only those that stand in a document at or below this, or in one nearly the same as that.
    pub below: Option<PathBuf>,
    /// At least so many words must be the same, at least 16.
    pub least_words: usize,
    /// At most so many are told.
    pub limit: usize,
    /// Threads that read.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Options {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
        Options { below: None, least_words: LEAST_WORDS, limit: usize::MAX, threads }
    }
}

/// A passage that stands in several documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// As it stands in the first document; the others may differ in a few words.
    pub text: String,
    /// How many words that is.
    pub words: usize,
    /// Where it stands, in path order; once a document.
    pub places: Vec<Place>,
}

/// Where a passage stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The absolute path.
    pub path: PathBuf,
    /// The line of its first word, from 1.
    pub line: u64,
    /// The line of its last word.
    pub end_line: u64,
    /// How many documents more are nearly the same as this one.
    pub copies: usize,
}

/// What there is to say beside the passages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// How many passages were told.
    pub passages: usize,
    /// Documents whose text could not be had, in path order: their passages are missing.
    pub unread: Vec<Unread>,
    /// Of so many anchors one fitted the memory; where that is more than 1, passages may be missing, short ones first.
    pub one_in: u64,
}

/// Tells the passages that documents of different groups share, those first that take most room: the words times the
/// documents beyond the first, and equals by where they stand. It ends when `each` returns `false`.
///
/// # Errors
/// If the index is damaged.
pub fn passages(groups: &Groups<'_>, options: &Options, mut each: impl FnMut(Passage) -> bool) -> Result<Told> {
    let reader = Reader::new(groups.snapshot, &groups.documents, options.threads);
    let copies = copies(groups);
    let speakers: Vec<u32> = (0..copies.len() as u32).filter(|document| copies[*document as usize] > 0).collect();
    let (links, one_in) = links(&reader, &speakers)?;
    let least = options.least_words.max(LEAST_WORDS);
    let mut stretches = stretches(runs(&reader, &links, least)?, least);
    drop(links);
    if let Some(below) = &options.below {
        let wanted = below_of(groups, below)?;
        stretches.retain(|stretch| stretch.places.iter().any(|place| wanted.contains(&place.document)));
    }
    stretches.truncate(options.limit);
    let mut told = Told { one_in, ..Told::default() };
    let place = |(document, (line, end_line)): (u32, (u64, u64))| -> Result<Place> {
        let path = reader.record(document)?.path().to_path_buf();
        Ok(Place { path, line, end_line, copies: copies[document as usize] - 1 })
    };
    'telling: for some in portions(&stretches) {
        for lines::Placed { words, text, places } in lines::placed(&reader, some)? {
            told.passages += 1;
            let places = places.into_iter().map(place).collect::<Result<_>>()?;
            if !each(Passage { text, words: words as usize, places }) {
                break 'telling;
            }
        }
    }
    told.unread = reader.unread();
    Ok(told)
}

/// Words and places that are looked up at once, which take some hundred megabytes with the texts.
const MOST_AT_ONCE: usize = 4 << 20;

/// The stretches in their order, so many at once.
fn portions(mut stretches: &[Stretch]) -> impl Iterator<Item = &[Stretch]> {
    std::iter::from_fn(move || {
        let mut sum = 0;
        let over = stretches.iter().position(|stretch| {
            sum += stretch.words() as usize + stretch.places.len();
            sum > MOST_AT_ONCE
        });
        let (some, rest) = stretches.split_at(over.unwrap_or(stretches.len()).max(usize::from(!stretches.is_empty())));
        stretches = rest;
        Some(some).filter(|some| !some.is_empty())
    })
}

/// Of each document that speaks for a group, how many are in it; of the others, 0.
fn copies(groups: &Groups<'_>) -> Vec<usize> {
    let mut copies = vec![0; groups.documents.len()];
    groups.joined.iter().for_each(|(first, _)| copies[*first as usize] += 1);
    copies
}

/// The documents that speak for one at or below `folder`.
fn below_of(groups: &Groups<'_>, folder: &Path) -> Result<HashSet<u32>> {
    let mut uids = HashSet::new();
    groups.snapshot.records_below(folder, |record| {
        uids.extend(record.version().map(|version| version.uid));
        true
    })?;
    let documents = groups.documents.iter().zip(&groups.joined);
    Ok(documents.filter(|(known, _)| uids.contains(&known.uid)).map(|(_, (first, _))| *first).collect())
}

/// The anchors that documents share, as links between them, and of how many anchors one was kept.
fn links(reader: &Reader<'_>, speakers: &[u32]) -> Result<(Vec<Link>, u64)> {
    let words = speakers.iter().map(|document| u64::from(reader.documents[*document as usize].fingerprint.words()));
    let expected = words.sum::<u64>() * 2 / (WINDOW as u64 + 1);
    let mut filter = (expected > MOST_ANCHORS as u64).then(|| Filter::new(expected));
    let anchors = Anchors::new(MOST_ANCHORS);
    if let Some(filter) = &mut filter {
        winnow(reader, speakers, |_, hashes| hashes.iter().for_each(|(hash, _)| filter.take(*hash)))?;
        filter.close();
    }
    winnow(reader, speakers, |document, hashes| {
        if let Some(filter) = &filter {
            hashes.retain(|(hash, _)| filter.is_shared(*hash));
        }
        anchors.take(document, hashes);
    })?;
    Ok(anchors.links())
}

/// Reads the documents and calls `each` with the anchors of one: each hash once, with the first term where it stands.
fn winnow(reader: &Reader<'_>, documents: &[u32], each: impl Fn(u32, &mut Vec<(u64, u32)>) + Sync) -> Result<()> {
    let make = || (Analyzer::new(), Vec::new());
    let read = reader.each(documents.len(), make, |(analyzer, hashes), n| {
        let Some(terms) = reader.terms(documents[n], analyzer)? else { return Ok(()) };
        hashes.clear();
        anchors::winnow(&terms, |hash, term| hashes.push((hash, term)));
        hashes.sort_unstable();
        hashes.dedup_by_key(|(hash, _)| *hash);
        each(documents[n], hashes);
        Ok(())
    });
    read.map(drop)
}

/// What linked documents share, by the pivots.
fn runs(reader: &Reader<'_>, links: &[Link], least: usize) -> Result<Vec<Run>> {
    let of_documents: Vec<_> = links.chunk_by(|a, b| a.document() == b.document()).collect();
    let shelf = Shelf::default();
    let make = || (Analyzer::new(), Vec::new());
    let found = reader.each(of_documents.len(), make, |(analyzer, runs), n| {
        let links = of_documents[n];
        let terms = shelf.terms(reader, links[0].document(), analyzer)?;
        for links in links.chunk_by(|a, b| a.pivot() == b.pivot()) {
            let pivot = shelf.terms(reader, links[0].pivot(), analyzer)?;
            let from = runs.len();
            for link in links {
                let (one, other) = link.terms();
                if !runs[from..].iter().any(|run: &Run| run.holds(one, other)) {
                    let blocks = align::extend(&pivot, &terms, (one as usize, other as usize));
                    if is_passage(&blocks, &pivot, least) {
                        let (pivot, document) = (link.pivot(), link.document());
                        runs.push(Run { pivot, document, blocks: blocks.into() });
                    }
                }
            }
        }
        Ok(())
    })?;
    let mut runs: Vec<Run> = found.into_iter().flat_map(|(_, runs)| runs).collect();
    runs.sort_unstable_by(|a, b| {
        let key = |run: &Run| (run.pivot, run.document, run.terms().start, run.terms().end);
        key(a).cmp(&key(b)).then_with(|| a.blocks.cmp(&b.blocks))
    });
    Ok(runs)
}

/// Whether enough words agree, of which enough are different: more than were changed. In lists of addresses and rows of a
/// table the same few words stand between all that matters.
fn is_passage(blocks: &[Block], pivot: &[u32], least: usize) -> bool {
    let words: usize = blocks.iter().map(|block| block.terms as usize).sum();
    let changes = blocks.windows(2).map(|two| {
        let (one, other) = (two[1].one - two[0].one_end(), two[1].other - two[0].other_end());
        one.max(other) as usize
    });
    let least_different = changes.sum::<usize>().max(LEAST_WORDS / 2);
    let terms = blocks.iter().flat_map(|block| &pivot[block.one as usize..block.one_end() as usize]);
    words >= least && terms.collect::<HashSet<_>>().len() >= least_different
}

/// The passages of all runs, those first that take most room.
fn stretches(runs: Vec<Run>, least: usize) -> Vec<Stretch> {
    let mut cover = Cover::default();
    for runs in runs.chunk_by(|a, b| a.pivot == b.pivot) {
        cover.take(runs, least as u32);
    }
    let mut stretches = cover.stretches;
    stretches.sort_by_cached_key(|stretch| {
        let places = stretch.places.iter().map(|place| (place.document, place.terms.start));
        (std::cmp::Reverse(stretch.saved()), places.collect::<Vec<_>>())
    });
    stretches
}
