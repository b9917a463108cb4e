//! Sentences that stand in many files which are otherwise unlike: footers, notices, links to follow.
//!
//! In: a sentence with a word of the question in it. Out: whether it is common. Nothing about sentences is kept in the index:
//! who has one has its words in a row, which the postings tell, and fingerprints tell which of those files are of a family.
//! So the answer is that of the files as they are now, whatever they were before, and ingest pays nothing for it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::ControlFlow;

use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED};

use crate::Result;
use crate::analyse::{Analyzer, Kind};
use crate::copies;
use crate::fingerprint::Fingerprint;
use crate::index::{Snapshot, UID};

/// A sentence is common that stands in so many families of files. Three newspapers may well print the same sentence of a
/// fourth; and among fewer files, no more than a handful, nothing can be learned.
const MANY: usize = 4;

/// Files that have half of their text in common are of a family: such a half is a third of all that the two have.
const FAMILY: f32 = 1.0 / 3.0;

/// Shorter sentences are not known by their words: `read more` stands in many texts, and is a line in some. Those are read.
const LEAST_WORDS: usize = 3;

/// So many of a sentence's words have to stand where they do in it, its longest, which are likely to be its rarest. That
/// is asked of the first few to begin with, as few sentences pass it.
const FIRST_SLOTS: usize = 2;
const MOST_SLOTS: usize = 8;

/// Files with the words that are looked at for one sentence, and lists of postings that are moved on for it: some 20 to 40 µs.
/// Where a sentence is common, most files that have its words have them in it.
const MOST_FILES: usize = 24;
const MOST_MOVES: usize = 800;

/// Larger files are not read for a short line.
const MOST_READ_BYTES: u64 = 64 << 10;

/// Different sentences that are looked for in one question, about those of ten hits; what is behind them is not common.
const MOST_SENTENCES: usize = 16;

/// Files that are read for short lines in one question.
const MOST_READ: usize = 16;

/// Tells which sentences are common; remembers what it told.
pub(super) struct Common<'a> {
    snapshot: &'a Snapshot,
    analyzer: Analyzer,
    known: HashMap<u64, bool>,
    /// Files that were read.
    read: usize,
}

/// A word of the sentence.
struct Slot {
    /// Its place in the sentence.
    offset: u32,
    term: String,
}

impl<'a> Common<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Common<'a> {
        Common { snapshot, analyzer: Analyzer::new(), known: HashMap::new(), read: 0 }
    }

    /// Whether many unlike files have `sentence`; one that is too dear to look for is not common.
    pub(super) fn has(&mut self, sentence: &str) -> Result<bool> {
        if self.snapshot.documents() < MANY as u64 {
            return Ok(false);
        }
        let key = xxhash_rust::xxh3::xxh3_64(sentence.as_bytes());
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if self.known.len() >= MOST_SENTENCES {
            return Ok(false);
        }
        let slots = self.slots(sentence);
        let first = &slots[..slots.len().min(FIRST_SLOTS)];
        let line = (slots.len() < LEAST_WORDS).then(|| sentence.trim());
        let is_common = !slots.is_empty()
            && self.stands_in_many(first, line)?
            && (slots.len() == first.len() || self.stands_in_many(&slots, line)?);
        self.known.insert(key, is_common);
        Ok(is_common)
    }

    /// The longest words of the sentence.
    fn slots(&mut self, sentence: &str) -> Vec<Slot> {
        let mut slots = Vec::new();
        let _ = self.analyzer.few_tokens_while(sentence, |token| {
            if token.kind == Kind::Part {
                slots.push(Slot { offset: token.position, term: token.term.to_string() });
            }
            ControlFlow::Continue(())
        });
        slots.sort_by_key(|slot| (Reverse(slot.term.len()), slot.offset));
        slots.truncate(MOST_SLOTS);
        slots
    }

    /// Whether `line`, if there is one, is a line of the document's file.
    fn is_line(&mut self, segment: usize, document: u32, line: Option<&str>) -> Result<bool> {
        let Some(line) = line else { return Ok(true) };
        self.read += 1;
        if self.read > MOST_READ {
            return Ok(false);
        }
        let uids = self.snapshot.segments[segment].fast_fields().u64(UID);
        let uid = uids.map_err(|error| self.snapshot.engine(error))?.first(document).unwrap_or_default();
        let record = self.snapshot.records.by_uid(uid).map_err(|flaw| self.snapshot.damaged(flaw))?;
        let Some(record) = record else { return Ok(false) };
        let is_line = |text: &str| text.lines().any(|other| other.trim() == line);
        let place = (segment as u32, document);
        Ok(copies::read(self.snapshot, &record, place, MOST_READ_BYTES, is_line)?.unwrap_or(false))
    }

    /// Whether the words stand so in [`MANY`] families, and `line`, if there is one, is a line there.
    fn stands_in_many(&mut self, slots: &[Slot], line: Option<&str>) -> Result<bool> {
        let mut infos: Vec<Vec<TermInfo>> = vec![Vec::new(); self.snapshot.segments.len()];
        for slot in slots {
            let mut documents = 0;
            for (segment, infos) in infos.iter_mut().enumerate() {
                let info = self.snapshot.term_info(segment, self.snapshot.fields.body, &slot.term)?;
                documents += info.as_ref().map_or(0, |info| info.doc_freq as usize);
                infos.extend(info);
            }
            if documents < MANY {
                return Ok(false);
            }
        }
        let (mut families, mut files, mut moves): (Vec<Fingerprint>, _, _) = (Vec::new(), 0, 0);
        let segments = self.snapshot.segments.iter().zip(&self.snapshot.sketches);
        for (number, ((segment, sketches), infos)) in segments.zip(&infos).enumerate() {
            if infos.len() < slots.len() {
                continue;
            }
            let mut row = Row::open(self.snapshot, number, slots, infos)?;
            let mut target = 0;
            while let Some(document) = row.seek(target, &mut moves) {
                target = document + 1;
                if segment.is_deleted(document) {
                    continue;
                }
                if row.stands() {
                    let fingerprint = sketches.fingerprint(document);
                    let fingerprint =
                        fingerprint.ok_or_else(|| self.snapshot.damaged("a document lacks its fingerprint"))?;
                    // Copies may be many, and need no closer look.
                    if families.iter().any(|other| other.share(&fingerprint) >= FAMILY) {
                        continue;
                    }
                    if self.is_line(number, document, line)? {
                        families.push(fingerprint);
                    }
                }
                files += 1;
                if families.len() >= MANY {
                    return Ok(true);
                }
                if files >= MOST_FILES || moves > MOST_MOVES {
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }
}

/// The postings of some words of a sentence in a segment, the rarest first.
struct Row {
    lists: Vec<(u32, SegmentPostings)>,
    first: Vec<u32>,
    others: Vec<u32>,
}

impl Row {
    fn open(snapshot: &Snapshot, segment: usize, slots: &[Slot], infos: &[TermInfo]) -> Result<Row> {
        let (body, option) = (snapshot.fields.body, IndexRecordOption::WithFreqsAndPositions);
        let mut lists = Vec::with_capacity(slots.len());
        for (slot, info) in slots.iter().zip(infos) {
            lists.push((slot.offset, snapshot.postings(segment, body, info, option)?));
        }
        lists.sort_by_key(|(_, list)| list.doc_freq());
        Ok(Row { lists, first: Vec::new(), others: Vec::new() })
    }

    /// The first document from `target` on that has all words, if there is one.
    fn seek(&mut self, mut target: u32, moves: &mut usize) -> Option<u32> {
        'documents: loop {
            for (_, list) in &mut self.lists {
                if list.doc() < target {
                    list.seek(target);
                    *moves += 1;
                }
                match list.doc() {
                    TERMINATED => return None,
                    document if document > target => {
                        target = document;
                        if *moves > MOST_MOVES {
                            return None;
                        }
                        continue 'documents;
                    }
                    _ => {}
                }
            }
            return Some(target);
        }
    }

    /// Whether the words stand as in the sentence, in the document that all lists stand on.
    fn stands(&mut self) -> bool {
        let mut lists = self.lists.iter_mut();
        let Some((offset, list)) = lists.next() else { return false };
        list.positions(&mut self.first);
        let start = *offset;
        self.first.retain_mut(|at| match at.checked_sub(start) {
            Some(begins) => {
                *at = begins;
                true
            }
            None => false,
        });
        for (offset, list) in lists {
            if self.first.is_empty() {
                return false;
            }
            list.positions(&mut self.others);
            let others = &self.others;
            self.first.retain(|begins| others.binary_search(&(begins + *offset)).is_ok());
        }
        !self.first.is_empty()
    }
}
