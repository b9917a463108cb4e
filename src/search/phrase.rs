//! Phrases: where the terms of a document stand in a row, or near each other.
//!
//! The postings of a phrase are found once for the whole segment, so that its rarity is known before anything is scored.

use std::ops::ControlFlow;

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED};

use super::terms::Effort;
use crate::Result;
use crate::index::Snapshot;

/// What must stand where.
pub(super) struct Phrase<'a> {
    /// The spellings that may stand at each place.
    pub(super) slots: &'a [Vec<String>],
    /// `None`: in a row. Else all within so many places more than there are terms, in any order.
    pub(super) slop: Option<u32>,
}

/// The documents of a segment that have the phrase in `field`, and how often; deleted ones included.
pub(super) fn postings(
    snapshot: &Snapshot,
    segment: usize,
    field: Field,
    phrase: &Phrase<'_>,
    effort: &Effort,
) -> Result<Vec<(DocId, u32)>> {
    let mut found = Vec::new();
    each(snapshot, segment, field, phrase, effort, |document, count| {
        found.push((document, count));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Whether any living document of the index has the phrase in one of `fields`.
pub(super) fn stands(snapshot: &Snapshot, fields: &[Field], phrase: &Phrase<'_>, effort: &Effort) -> Result<bool> {
    let mut stands = false;
    let segments = 0..snapshot.segments.len();
    for (segment, field) in segments.flat_map(|segment| fields.iter().map(move |field| (segment, *field))) {
        each(snapshot, segment, field, phrase, effort, |document, _| {
            stands = !snapshot.segments[segment].is_deleted(document);
            if stands { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if stands {
            break;
        }
    }
    Ok(stands)
}

/// Hands the documents that have the phrase, and how often, to `found`, until that breaks.
fn each(
    snapshot: &Snapshot,
    segment: usize,
    field: Field,
    phrase: &Phrase<'_>,
    effort: &Effort,
    found: impl FnMut(DocId, u32) -> ControlFlow<()>,
) -> Result<()> {
    let mut slots = Vec::with_capacity(phrase.slots.len());
    for terms in phrase.slots {
        let slot = Slot::open(snapshot, segment, field, terms)?;
        if slot.lists.is_empty() {
            return Ok(());
        }
        slots.push(slot);
    }
    let _ = matches(&mut slots, phrase.slop, effort, found);
    Ok(())
}

/// The postings of the terms that may stand at one place.
struct Slot {
    lists: Vec<SegmentPostings>,
    positions: Vec<u32>,
    scratch: Vec<u32>,
}

impl Slot {
    fn open(snapshot: &Snapshot, segment: usize, field: Field, terms: &[String]) -> Result<Slot> {
        let mut lists = Vec::with_capacity(terms.len());
        for term in terms {
            lists.extend(snapshot.postings_of(segment, field, term, IndexRecordOption::WithFreqsAndPositions)?);
        }
        Ok(Slot { lists, positions: Vec::new(), scratch: Vec::new() })
    }

    fn size(&self) -> u64 {
        self.lists.iter().map(|list| u64::from(list.doc_freq())).sum()
    }

    /// The first document from `target` on that has one of the terms.
    fn seek(&mut self, target: DocId) -> DocId {
        let seek = |list: &mut SegmentPostings| if list.doc() < target { list.seek(target) } else { list.doc() };
        self.lists.iter_mut().map(seek).min().unwrap_or(TERMINATED)
    }

    /// Reads where the terms stand in `document`, on which at least one list stands.
    fn read(&mut self, document: DocId) {
        self.positions.clear();
        let mut lists = 0;
        for list in self.lists.iter_mut().filter(|list| list.doc() == document) {
            list.positions(&mut self.scratch);
            self.positions.extend_from_slice(&self.scratch);
            lists += 1;
        }
        if lists > 1 {
            self.positions.sort_unstable();
        }
    }
}

/// Walks over the documents that have every slot, the rarest first.
fn matches(
    slots: &mut [Slot],
    slop: Option<u32>,
    effort: &Effort,
    mut found: impl FnMut(DocId, u32) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_by_key(|n| slots[*n].size());
    let mut target = 0;
    'documents: loop {
        let document = slots[order[0]].seek(target);
        if document == TERMINATED {
            return ControlFlow::Continue(());
        }
        for n in &order[1..] {
            let other = slots[*n].seek(document);
            if other != document {
                target = other;
                if other == TERMINATED {
                    return ControlFlow::Continue(());
                }
                continue 'documents;
            }
        }
        slots.iter_mut().for_each(|slot| slot.read(document));
        effort.reads_positions(slots.iter().map(|slot| slot.positions.len()));
        let count = match slop {
            None => in_a_row(slots),
            Some(slop) => near(slots, slop),
        };
        if count > 0 {
            found(document, count)?;
        }
        target = document + 1;
    }
}

/// How often the slots stand one after the other.
fn in_a_row(slots: &[Slot]) -> u32 {
    let Some(rarest) = (0..slots.len()).min_by_key(|n| slots[*n].positions.len()) else { return 0 };
    let starts = slots[rarest].positions.iter().filter_map(|at| at.checked_sub(rarest as u32));
    let fits = |start: &u32| {
        let mut others = slots.iter().enumerate().filter(|(n, _)| *n != rarest);
        others.all(|(n, slot)| slot.positions.binary_search(&(start + n as u32)).is_ok())
    };
    starts.filter(fits).count() as u32
}

/// How often all slots stand within `slop` places more than there are slots, in any order; windows do not overlap.
fn near(slots: &[Slot], slop: u32) -> u32 {
    let width = slop.saturating_add(slots.len() as u32);
    let mut all: Vec<(u32, usize)> = Vec::new();
    for (n, slot) in slots.iter().enumerate() {
        all.extend(slot.positions.iter().map(|at| (*at, n)));
    }
    all.sort_unstable();
    let (mut held, mut distinct, mut first, mut count) = (vec![0_u32; slots.len()], 0, 0, 0);
    for last in 0..all.len() {
        held[all[last].1] += 1;
        distinct += usize::from(held[all[last].1] == 1);
        while all[last].0 - all[first].0 >= width {
            held[all[first].1] -= 1;
            distinct -= usize::from(held[all[first].1] == 0);
            first += 1;
        }
        if distinct == slots.len() {
            count += 1;
            held.fill(0);
            distinct = 0;
            first = last + 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(positions: &[&[u32]]) -> Vec<Slot> {
        let slot = |at: &&[u32]| Slot { lists: Vec::new(), positions: at.to_vec(), scratch: Vec::new() };
        positions.iter().map(slot).collect()
    }

    #[test]
    fn a_phrase_stands_where_its_terms_follow_each_other() {
        let rows: &[(&[&[u32]], u32)] = &[
            (&[&[0, 7], &[1, 8]], 2),
            (&[&[1], &[0]], 0),
            (&[&[0], &[2]], 0),
            (&[&[5, 6, 7], &[6, 7, 8], &[8]], 1),
            (&[&[3], &[0]], 0),
        ];
        for (positions, expected) in rows {
            assert_eq!(in_a_row(&slots(positions)), *expected, "{positions:?}");
        }
    }

    #[test]
    fn words_near_each_other_may_stand_in_any_order() {
        let rows: &[(&[&[u32]], u32, u32)] = &[
            (&[&[0], &[1]], 0, 1),
            (&[&[1], &[0]], 0, 1),
            (&[&[0], &[3]], 2, 1),
            (&[&[0], &[4]], 2, 0),
            (&[&[0, 10], &[2, 11], &[3, 12]], 1, 2),
        ];
        for (positions, slop, expected) in rows {
            assert_eq!(near(&slots(positions), *slop), *expected, "{positions:?} within {slop}");
        }
    }
}
