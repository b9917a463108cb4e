//! Says how much two documents have in common: by their texts where they can be had, else by their fingerprints.

use std::collections::HashMap;
use std::rc::Rc;

use super::shingles::Shingles;
use super::text;
use crate::Result;
use crate::analyse::Analyzer;
use crate::fingerprint::Fingerprint;
use crate::index::{Record, Snapshot};

/// What is known of a document without reading it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) uid: u64,
    pub(crate) segment: u32,
    pub(crate) document: u32,
    /// Of the file's bytes, where that was looked up.
    pub(crate) hash: Option<u128>,
    pub(crate) fingerprint: Fingerprint,
}

impl Known {
    /// Whether the two files are known to be the same, read in the same way.
    pub(crate) fn equals(&self, other: &Known) -> bool {
        self.hash.is_some() && self.hash == other.hash && self.fingerprint == other.fingerprint
    }
}

/// How much is in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    pub(crate) value: f32,
    /// The texts were not compared.
    pub(crate) estimated: bool,
}

/// Larger files are not read again: the shingles of one of these take up to some 30 MB.
const MOST_FILE_BYTES: u64 = 16 << 20;
/// Shingles of documents that were read stay up to so much, for they are mostly compared more than once.
const MOST_KEPT_BYTES: usize = 64 << 20;

/// Compares documents; remembers what it has read.
pub(crate) struct Judge<'a> {
    snapshot: &'a Snapshot,
    analyzer: Analyzer,
    kept: HashMap<u64, Option<Rc<Shingles>>>,
    kept_bytes: usize,
    most_file_bytes: u64,
}

impl<'a> Judge<'a> {
    /// A judge that has read nothing yet.
    pub(crate) fn new(snapshot: &'a Snapshot) -> Judge<'a> {
        Judge::reading(snapshot, MOST_FILE_BYTES)
    }

    /// One that reads no larger files than that.
    pub(crate) fn reading(snapshot: &'a Snapshot, most_file_bytes: u64) -> Judge<'a> {
        Judge { snapshot, analyzer: Analyzer::new(), kept: HashMap::new(), kept_bytes: 0, most_file_bytes }
    }

    /// What two documents have in common.
    pub(crate) fn share(&mut self, a: &Known, b: &Known) -> Result<Share> {
        if a.equals(b) {
            return Ok(Share { value: 1.0, estimated: false });
        }
        let guess = a.fingerprint.share(&b.fingerprint);
        if a.fingerprint.is_whole() && b.fingerprint.is_whole() {
            return Ok(Share { value: guess, estimated: false });
        }
        let (a, b) = (self.shingles(a)?, self.shingles(b)?);
        Ok(match a.zip(b) {
            Some((a, b)) => Share { value: a.share(&b), estimated: false },
            None => Share { value: guess, estimated: true },
        })
    }

    /// What a text that is not in the index has in common with a document.
    pub(super) fn share_of(&mut self, text: &Shingles, fingerprint: &Fingerprint, known: &Known) -> Result<Share> {
        Ok(match self.shingles(known)? {
            Some(shingles) => Share { value: text.share(&shingles), estimated: false },
            None => {
                let is_exact = fingerprint.is_whole() && known.fingerprint.is_whole();
                Share { value: fingerprint.share(&known.fingerprint), estimated: !is_exact }
            }
        })
    }

    /// The shingles of a document; `None` if its text cannot be had any more, or is too large.
    fn shingles(&mut self, known: &Known) -> Result<Option<Rc<Shingles>>> {
        if let Some(kept) = self.kept.get(&known.uid) {
            return Ok(kept.clone());
        }
        let record = self.record(known.uid)?;
        let most = self.most_file_bytes;
        let (place, analyzer) = ((known.segment, known.document), &mut self.analyzer);
        let read = text::read(self.snapshot, &record, place, most, |text| Rc::new(Shingles::of(text, analyzer)))?;
        if self.kept_bytes > MOST_KEPT_BYTES {
            self.kept.clear();
            self.kept_bytes = 0;
        }
        self.kept_bytes += read.as_ref().map_or(64, |shingles| 64 + shingles.bytes());
        self.kept.insert(known.uid, read.clone());
        Ok(read)
    }

    /// The record of a document.
    pub(crate) fn record(&self, uid: u64) -> Result<Record> {
        record(self.snapshot, uid)
    }
}

/// The record of a document.
pub(super) fn record(snapshot: &Snapshot, uid: u64) -> Result<Record> {
    let found = snapshot.records.by_uid(uid).map_err(|flaw| snapshot.damaged(flaw))?;
    found.ok_or_else(|| snapshot.damaged("a document has no record"))
}
