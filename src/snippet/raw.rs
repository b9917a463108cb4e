//! Places in a long text, from a search of its raw bytes.
//!
//! In: what is wanted and the pages of a text. Out: the stretches that promise most. Every item
//! is looked for by itself, up to a few hundred hits, so that a rare word gets its chance beside a
//! common one; around the hits of the rare, the analysis finds the common. Spellings that do not
//! begin as their terms do are the matter of [`odd`]. What is still not found is looked for by
//! analysing the first [`ANALYSED_BYTES`]: a text no longer than that never seems to hold nothing
//! although it does. Beyond them a match may be lost if its first letters are beyond ASCII and not
//! written as in its term, and beyond [`DOUBT_BYTES`] of words that only the analysis can tell.

use std::io;
use std::ops::Range;

use aho_corasick::packed::{self, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, Span};

use super::odd;
use super::pages::{Pages, Source, Stretch};
use super::places::{SURE_BYTES, stretch, sure};
use super::spelled::{Shape, Verdict, follows, precedes, spells};
use super::terms::Sought;
use crate::analyse::Analyzer;

/// How much of a text is analysed if the search of the raw bytes fails.
pub(super) const ANALYSED_BYTES: usize = 4 << 20;

/// How many hits of an item are enough, where windows with several items are looked for.
const ENOUGH: usize = 500;

/// How many are enough when there is but one item, and every hit as good as the next.
const ENOUGH_ALONE: usize = 64;

/// An item spelled beyond ASCII with fewer hits than this is looked for by analysis too.
const FEW: usize = 8;

/// How much is analysed around the hits.
const BUDGET_BYTES: usize = 64 << 10;

/// How much is analysed to tell hits from other words, in one text.
const DOUBT_BYTES: usize = 4 << 20;

/// How much of the text is searched in one go.
pub(super) const STEP_BYTES: usize = 256 << 10;

/// What is read around a place beside the margin of phrases, so that words surely end in it.
pub(super) const CONTEXT_BYTES: usize = 3 * SURE_BYTES;

/// The most patterns that are searched for at vector speed.
const PACKED: usize = 64;

/// Where an item seems to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) at: usize,
    pub(super) item: u32,
}

/// The best stretches of a text, in order, for passages of `width` characters; some of them may hold no place after all.
pub(super) fn stretches<S: Source>(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    pages: &mut Pages<S>,
    width: usize,
) -> io::Result<Vec<Range<usize>>> {
    let mut search = Search::new(sought, analyzer);
    search.run(pages)?;
    let Search { enough, mut hits, needles, counts, .. } = search;
    odd::hits(sought, analyzer, pages, &counts, enough, &mut hits)?;
    hits.sort_unstable();
    hits.dedup();
    let wide = |item| needles.iter().any(|needle| needle.item == item && !needle.term.is_ascii());
    let counted = |item| hits.iter().filter(|hit| hit.item == item).take(FEW).count();
    let lacking: Vec<u32> = (0..sought.items() as u32).filter(|&item| wide(item) && counted(item) < FEW).collect();
    if !lacking.is_empty() {
        hits.extend(analysed(sought, analyzer, pages, |item| lacking.contains(&item))?);
        hits.sort_unstable();
        hits.dedup();
    }
    around(sought, pages, width, &hits)
}

/// The best stretches of the beginning of a text, where no head finds what the analysis does.
pub(super) fn beginning<S: Source>(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    pages: &mut Pages<S>,
    width: usize,
) -> io::Result<Vec<Range<usize>>> {
    let hits = analysed(sought, analyzer, pages, |_| true)?;
    around(sought, pages, width, &hits)
}

/// The hits of some items in the beginning of the text, until there are enough.
fn analysed<S: Source>(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    pages: &mut Pages<S>,
    of: impl Fn(u32) -> bool,
) -> io::Result<Vec<Hit>> {
    let mut hits: Vec<Hit> = Vec::new();
    let (mut at, margin) = (0, sought.margin());
    while at < ANALYSED_BYTES && hits.len() < ENOUGH {
        let wanted = at..(at + BUDGET_BYTES).min(ANALYSED_BYTES);
        let page = pages.around(at.saturating_sub(margin + CONTEXT_BYTES)..wanted.end + CONTEXT_BYTES)?;
        if page.end() <= at {
            break;
        }
        let range = sure(page.text, page.local(&wanted));
        // A phrase may have begun in the stretch before.
        let from = sure(page.text, range.start.saturating_sub(margin)..range.start).start;
        let places = stretch(sought, analyzer, page.text, from..range.end).places;
        let found = places.iter().filter(|place| of(place.item));
        hits.extend(found.map(|place| Hit { at: page.base + place.start, item: place.item }));
        at = (page.base + range.end).max(at + 1);
    }
    hits.sort_unstable();
    hits.dedup();
    Ok(hits)
}

/// The windows around hits that promise most.
fn around<S: Source>(
    sought: &Sought<'_>,
    pages: &mut Pages<S>,
    width: usize,
    hits: &[Hit],
) -> io::Result<Vec<Range<usize>>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let (mut budget, reach) = (BUDGET_BYTES, width.saturating_mul(2).min(BUDGET_BYTES / 8));
    let mut windows: Vec<(f32, usize)> = promise(sought, hits, reach).into_iter().zip(0..).collect();
    windows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for at in windows.into_iter().map(|(_, window)| hits[window].at) {
        let next = ranges.partition_point(|range| range.end <= at);
        if ranges.get(next).is_some_and(|range| range.contains(&at)) {
            continue;
        }
        let margin = reach.saturating_add(sought.margin());
        let wanted = at.saturating_sub(margin)..at.saturating_add(margin);
        let page = pages.around(wanted.start.saturating_sub(CONTEXT_BYTES)..wanted.end + CONTEXT_BYTES)?;
        let found = sure(page.text, page.local(&wanted));
        let mut range = page.base + found.start..page.base + found.end;
        range.start = range.start.max(next.checked_sub(1).map_or(0, |last| ranges[last].end));
        range.end = range.end.min(ranges.get(next).map_or(usize::MAX, |range| range.start));
        budget = budget.saturating_sub(range.len());
        ranges.insert(next, range);
        if budget == 0 {
            break;
        }
    }
    ranges.dedup_by(|next, last| {
        let touch = next.start == last.end;
        if touch {
            last.end = next.end;
        }
        touch
    });
    Ok(ranges)
}

/// For each hit, what the items within `reach` bytes from it on are worth.
fn promise(sought: &Sought<'_>, hits: &[Hit], reach: usize) -> Vec<f32> {
    let mut counts = vec![0u32; sought.items()];
    let mut end = 0;
    let mut promises = Vec::with_capacity(hits.len());
    for hit in hits {
        while let Some(next) = hits.get(end).filter(|next| next.at - hit.at <= reach) {
            counts[next.item as usize] += 1;
            end += 1;
        }
        let items = counts.iter().zip(0..).filter(|(count, _)| **count > 0);
        promises.push(items.map(|(_, item)| sought.weight(item)).sum());
        counts[hit.item as usize] -= 1;
    }
    promises
}

/// A term to look for in the raw bytes.
#[derive(Debug, Clone, Copy)]
struct Needle<'w> {
    term: &'w str,
    shape: Shape,
    item: u32,
    /// The terms that a phrase has before and behind this one.
    beside: [Option<&'w str>; 2],
}

/// A search of the raw bytes for all items at once, each until it has hits enough.
struct Search<'s, 'w> {
    sought: &'s Sought<'w>,
    analyzer: &'s mut Analyzer,
    needles: Vec<Needle<'w>>,
    table: Table,
    counts: Vec<usize>,
    enough: usize,
    doubt: usize,
    hits: Vec<Hit>,
}

impl<'s, 'w> Search<'s, 'w> {
    fn new(sought: &'s Sought<'w>, analyzer: &'s mut Analyzer) -> Self {
        let enough = if sought.items() == 1 { ENOUGH_ALONE } else { ENOUGH };
        let (needles, counts) = (needles(sought), vec![0; sought.items()]);
        let table = Table::new(&needles, |_| true);
        Self { sought, analyzer, needles, table, counts, enough, doubt: DOUBT_BYTES, hits: Vec::new() }
    }

    fn run<S: Source>(&mut self, pages: &mut Pages<S>) -> io::Result<()> {
        let (mut at, context) = (0usize, self.sought.margin() + CONTEXT_BYTES);
        while self.table.finder.is_some() {
            let page = pages.around(at.saturating_sub(context)..at + STEP_BYTES + context)?;
            let to = page.end().min(at + STEP_BYTES);
            if to <= at {
                break;
            }
            self.search(page, at - page.base..to - page.base);
            at = to;
        }
        Ok(())
    }

    /// Looks for what begins in `range` of the page.
    fn search(&mut self, page: Stretch<'_>, range: Range<usize>) {
        let bytes = page.text.as_bytes();
        let mut at = range.start;
        let next = |table: &Table, at| table.finder.as_ref().and_then(|finder| finder.find(bytes, at));
        while let Some(found) = next(&self.table, at).filter(|&found| found < range.end) {
            at = found + 1;
            let mut sated = false;
            for candidate in 0..self.table.by_first[bytes[found].to_ascii_lowercase() as usize].len() {
                let needle = self.needles[self.table.by_first[bytes[found].to_ascii_lowercase() as usize][candidate]];
                let item = needle.item as usize;
                if self.counts[item] < self.enough && self.stands(&needle, page, found) {
                    self.counts[item] += 1;
                    sated |= self.counts[item] == self.enough;
                    self.hits.push(Hit { at: page.base + found, item: needle.item });
                }
            }
            if sated {
                let (counts, enough) = (&self.counts, self.enough);
                self.table = Table::new(&self.needles, |needle| counts[needle.item as usize] < enough);
            }
        }
    }

    /// Whether the needle stands at `at` of the page; in doubt, the analysis is asked.
    fn stands(&mut self, needle: &Needle<'_>, page: Stretch<'_>, at: usize) -> bool {
        let bytes = page.text.as_bytes();
        let verdict = spells(bytes, at, needle.term, needle.shape);
        let [before, behind] = needle.beside;
        match verdict {
            Verdict::No => return false,
            Verdict::Yes(_) if needle.item < self.sought.wanted().words.len() as u32 => return true,
            Verdict::Yes(end) => {
                if behind.is_some_and(|term| !follows(bytes, end, term))
                    || before.is_some_and(|term| !precedes(bytes, at, term))
                {
                    return false;
                }
            }
            Verdict::Perhaps => {}
        }
        // A word that was found a moment ago needs no second look.
        if self.hits.last().is_some_and(|hit| hit.at == page.base + at && hit.item == needle.item) {
            return false;
        }
        let margin = self.sought.margin();
        let range = sure(page.text, at.saturating_sub(margin)..(at + 1).saturating_add(margin));
        self.doubt = self.doubt.saturating_sub(range.len() + 32);
        self.doubt > 0
            && stretch(self.sought, self.analyzer, page.text, range).places.iter().any(|place| {
                place.item == needle.item && place.end > at && (before.or(behind).is_some() || place.start <= at + 3)
            })
    }
}

/// What has to be looked for; of a phrase its longest term, likely the rarest.
fn needles<'w>(sought: &Sought<'w>) -> Vec<Needle<'w>> {
    let mut needles = Vec::new();
    let wanted = sought.wanted();
    for (item, word) in (0..).zip(&wanted.words) {
        let shapes = [(&word.parts, Shape::Part), (&word.wholes, Shape::Whole), (&word.prefixes, Shape::Prefix)];
        for (terms, shape) in shapes {
            needles.extend(terms.iter().map(|term| Needle { term, shape, item, beside: [None; 2] }));
        }
    }
    for (item, phrase) in (wanted.words.len() as u32..).zip(&wanted.phrases) {
        let Some(longest) = (0..phrase.terms.len()).max_by_key(|&term| phrase.terms[term].len()) else { continue };
        let beside = |at: Option<usize>| at.and_then(|at| phrase.terms.get(at)).map(String::as_str);
        let beside = match phrase.slop {
            None => [beside(longest.checked_sub(1)), beside(Some(longest + 1))],
            Some(_) => [None; 2],
        };
        needles.push(Needle { term: &phrase.terms[longest], shape: Shape::Part, item, beside });
    }
    needles.retain(|needle| !needle.term.is_empty());
    needles
}

/// The needles still looked for, by the first byte that they may have in the text.
struct Table {
    finder: Option<Finder>,
    by_first: Vec<Vec<usize>>,
}

impl Table {
    fn new(needles: &[Needle<'_>], of: impl Fn(&Needle<'_>) -> bool) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        let mut heads = Vec::new();
        for (at, needle) in needles.iter().enumerate().filter(|(_, needle)| of(needle)) {
            for head in odd::heads(needle.term, needle.shape) {
                if let Some(&first) = head.first() {
                    by_first[first.to_ascii_lowercase() as usize].push(at);
                    heads.push(head);
                }
            }
        }
        by_first.iter_mut().for_each(Vec::dedup);
        Self { finder: Finder::new(heads), by_first }
    }
}

/// Finds where any of some heads begins, in any case of ASCII.
enum Finder {
    Packed(Searcher),
    Automaton(AhoCorasick),
}

impl Finder {
    fn new(mut heads: Vec<Vec<u8>>) -> Option<Self> {
        heads.sort_unstable();
        // A head that goes on from another is found with it.
        heads.dedup_by(|next, last| next.starts_with(last));
        if heads.is_empty() {
            return None;
        }
        let cases: usize =
            heads.iter().map(|head| 1 << head.iter().filter(|byte| byte.is_ascii_alphabetic()).count()).sum();
        if cases <= PACKED {
            let patterns: Vec<_> = heads.iter().flat_map(|head| in_every_case(head)).collect();
            let config = packed::Config::new().match_kind(MatchKind::LeftmostFirst).clone();
            if let Some(searcher) = config.builder().extend(patterns).build() {
                return Some(Self::Packed(searcher));
            }
        }
        AhoCorasick::builder().ascii_case_insensitive(true).build(heads).ok().map(Self::Automaton)
    }

    fn find(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let span = Span { start: at.min(bytes.len()), end: bytes.len() };
        match self {
            Self::Packed(searcher) => searcher.find_in(bytes, span).map(|found| found.start()),
            Self::Automaton(automaton) => {
                automaton.find(aho_corasick::Input::new(bytes).span(span)).map(|found| found.start())
            }
        }
    }
}

/// `head` with each of its ASCII letters in either case.
fn in_every_case(head: &[u8]) -> Vec<Vec<u8>> {
    let mut cases = vec![Vec::new()];
    for byte in head {
        let upper = byte.to_ascii_uppercase();
        let mut more = if upper == *byte { Vec::new() } else { cases.clone() };
        cases.iter_mut().for_each(|case| case.push(*byte));
        more.iter_mut().for_each(|case: &mut Vec<u8>| case.push(upper));
        cases.append(&mut more);
    }
    cases
}
