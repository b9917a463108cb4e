//! Where the wanted words and phrases stand, by the analysis of a text or a stretch of it.
//!
//! In: a look-up and a text. Out: *places*, each an item and its extent, and the marks that they
//! call for. A stretch begins and ends where words surely do, so that its analysis agrees with
//! that of the whole text.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

use super::lumps::Heads;
use super::terms::{Row, Sought};
use crate::analyse::{Analyzer, Kind};

/// How far a sure boundary of words is looked for; beyond, any two characters are parted.
pub(super) const SURE_BYTES: usize = 1 << 12;

/// A word or phrase, where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) item: u32,
}

/// What a stretch of text holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// In order.
    pub(super) places: Vec<Place>,
    /// In order and disjoint.
    pub(super) marks: Vec<Range<usize>>,
    /// Whether a term of a phrase was seen.
    pub(super) terms: bool,
}

/// A term of a phrase, where it stands.
#[derive(Debug, Clone, Copy)]
struct Event {
    term: u32,
    position: u32,
    start: usize,
    end: usize,
}

/// What the whole text holds.
pub(super) fn whole(sought: &Sought<'_>, analyzer: &mut Analyzer, text: &str) -> Found {
    let mut found = Found::default();
    // Without phrases there are no terms of them.
    let take = |range| drop(take(sought, analyzer, text, range, &mut found));
    if Heads::new(sought).is_some_and(|heads| heads.lumps(text, take)) {
        found.order();
        return found;
    }
    stretch(sought, analyzer, text, 0..text.len())
}

/// What holds around `core`, farther than a passage of `width` characters and its phrases can reach.
pub(super) fn around(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    text: &str,
    core: &Range<usize>,
    width: usize,
) -> Found {
    let reach = width.saturating_mul(4).saturating_add(sought.margin());
    stretch(sought, analyzer, text, sure(text, core.start.saturating_sub(reach)..core.end.saturating_add(reach)))
}

/// `range`, widened to where words surely begin and end.
pub(super) fn sure(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut start = range.start.min(bytes.len());
    let least = start.saturating_sub(SURE_BYTES);
    while start > least && !splits(bytes, start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, bytes.len());
    let most = end.saturating_add(SURE_BYTES).min(bytes.len());
    while end < most && !splits(bytes, end) {
        end += 1;
    }
    floor(text, start)..ceil(text, end)
}

/// The last place up to `at` that stands between characters.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The first place from `at` on that stands between characters.
pub(super) fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// Signs that may stand within a word.
pub(super) const JOINERS: &[u8] = b"./:@-_'`+#,?=&%~";

/// Whether words end before the character at `at`, whatever stands around it.
fn splits(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        None => true,
        Some(byte) if byte.is_ascii() => !byte.is_ascii_alphanumeric() && !JOINERS.contains(byte),
        // The comma and the full stop of Chinese and Japanese.
        Some(_) => matches!(bytes[at..], [0xe3, 0x80, 0x81 | 0x82, ..]),
    }
}

/// What `range` of the text holds, which should be [`sure`].
pub(super) fn stretch(sought: &Sought<'_>, analyzer: &mut Analyzer, text: &str, range: Range<usize>) -> Found {
    let mut found = Found::default();
    let events = take(sought, analyzer, text, range, &mut found);
    found.terms = !events.is_empty();
    for row in &sought.rows {
        match row.slop {
            None => in_a_row(row, &events, &mut found),
            Some(slop) => near(row, slop, sought.terms, &events, &mut found),
        }
    }
    found.order();
    found
}

/// Adds the words in a range of the text to `found`; returns the terms of phrases there.
fn take(
    sought: &Sought<'_>,
    analyzer: &mut Analyzer,
    text: &str,
    range: Range<usize>,
    found: &mut Found,
) -> Vec<Event> {
    let (base, mut events) = (range.start, Vec::new());
    // A whole that is but a row of its parts stands in no index; it is looked for as a phrase.
    let _ = analyzer.few_tokens_while(text.get(range).unwrap_or_default(), |token| {
        if !sought.may_want(token.term) {
            return ControlFlow::Continue(());
        }
        let (start, end) = (base + token.start, base + token.end);
        let mut add = |item| found.add(item, start..end);
        match token.kind {
            Kind::Whole => sought.whole(token.term).iter().for_each(|&item| add(item)),
            Kind::Part => {
                sought.begun(token.term).for_each(&mut add);
                if let Some(part) = sought.part(token.term) {
                    part.words.iter().for_each(|&item| add(item));
                    events.extend(part.term.map(|term| Event { term, position: token.position, start, end }));
                }
            }
        }
        ControlFlow::Continue(())
    });
    events
}

/// Finds the terms of `row` at positions one after the other.
fn in_a_row(row: &Row, events: &[Event], found: &mut Found) {
    for run in events.windows(row.terms.len()) {
        let follows = |(event, (term, step)): (&Event, (&u32, u32))| {
            event.term == *term && event.position == run[0].position.wrapping_add(step)
        };
        if run[0].term == row.terms[0] && run.iter().zip(row.terms.iter().zip(0..)).all(follows) {
            let end = run.iter().map(|event| event.end).max().unwrap_or(run[0].end);
            found.add(row.item, run[0].start..end);
        }
    }
}

/// Finds the terms of `row` within as many positions as there are terms and slop.
///
/// A term is marked if some such stretch holds it and all the others; the place is the least of these.
fn near(row: &Row, slop: u32, terms: usize, events: &[Event], found: &mut Found) {
    let reach = row.terms.len() as u64 + u64::from(slop);
    let mut lacking = vec![0i64; terms];
    row.terms.iter().for_each(|&term| lacking[term as usize] += 1);
    let wanted: Vec<bool> = lacking.iter().map(|&count| count > 0).collect();
    let mut missing = row.terms.len();
    // The least stretch that has all that was seen, and the stretch within reach.
    let (mut least, mut within) = (VecDeque::new(), VecDeque::new());
    let far = |from: &Event, to: &Event| u64::from(to.position.wrapping_sub(from.position)) >= reach;
    for event in events.iter().filter(|event| wanted[event.term as usize]) {
        missing -= usize::from(lacking[event.term as usize] > 0);
        lacking[event.term as usize] -= 1;
        least.push_back(*event);
        within.push_back(*event);
        while let Some(first) = least.front().filter(|first: &&Event| lacking[first.term as usize] < 0) {
            lacking[first.term as usize] += 1;
            least.pop_front();
        }
        while within.front().is_some_and(|first| far(first, event)) {
            within.pop_front();
        }
        if let Some(first) = least.front().filter(|first| missing == 0 && !far(first, event)) {
            found.places.push(Place { start: first.start, end: event.end, item: row.item });
            // What is marked now need not be marked again; the least stretch still counts it.
            found.marks.extend(within.drain(..).map(|event| event.start..event.end));
        }
    }
}

impl Found {
    fn add(&mut self, item: u32, range: Range<usize>) {
        self.places.push(Place { start: range.start, end: range.end, item });
        self.marks.push(range);
    }

    /// Sorts the places and joins the marks that overlap.
    fn order(&mut self) {
        self.places.sort_unstable();
        self.places.dedup();
        self.marks.sort_unstable_by_key(|mark| (mark.start, mark.end));
        self.marks.dedup_by(|next, last| {
            let overlap = next.start < last.end;
            if overlap {
                last.end = last.end.max(next.end);
            }
            overlap
        });
    }
}
