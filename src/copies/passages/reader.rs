//! Reads documents again, on all threads, and remembers those whose text cannot be had any more.

use std::collections::{BTreeMap, HashMap};
use std::panic;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::Result;
use crate::analyse::{Analyzer, Kind};
use crate::copies::{Known, judge, text};
use crate::fingerprint;
use crate::index::{Record, Snapshot};

/// Larger files are not read again: a thread needs some twelve bytes for each of their terms.
const MOST_FILE_BYTES: u64 = 16 << 20;

/// A document that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The absolute path.
    pub path: PathBuf,
    /// Why, in a few words.
    pub why: String,
}

/// The documents as they can be read.
pub(super) struct Reader<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) documents: &'a [Known],
    pub(super) threads: usize,
    unread: Mutex<BTreeMap<u32, Unread>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, documents: &'a [Known], threads: usize) -> Reader<'a> {
        Reader { snapshot, documents, threads: threads.max(1), unread: Mutex::default() }
    }

    /// Calls `with` with the text of a document; `None`, remembered, if it cannot be had.
    pub(super) fn text<T>(&self, document: u32, with: impl FnOnce(&str) -> T) -> Result<Option<T>> {
        let known = &self.documents[document as usize];
        let record = self.record(document)?;
        let read = text::read(self.snapshot, &record, (known.segment, known.document), MOST_FILE_BYTES, with)?;
        if read.is_none() {
            let unread = Unread { path: record.path().to_path_buf(), why: why(&record) };
            lock(&self.unread).insert(document, unread);
        }
        Ok(read)
    }

    /// The terms of a document, as hashes of 32 bits.
    pub(super) fn terms(&self, document: u32, analyzer: &mut Analyzer) -> Result<Option<Vec<u32>>> {
        self.text(document, |text| {
            let mut terms = Vec::new();
            analyzer.tokens(text, |token| {
                if token.kind == Kind::Part {
                    terms.push((fingerprint::hash(token.term.as_bytes()) >> 32) as u32);
                }
            });
            terms
        })
    }

    pub(super) fn record(&self, document: u32) -> Result<Record> {
        judge::record(self.snapshot, self.documents[document as usize].uid)
    }

    /// Does `count` things, on all threads, each with a state of its own; returns the states.
    pub(super) fn each<S: Send>(
        &self,
        count: usize,
        make: impl Fn() -> S + Sync,
        work: impl Fn(&mut S, usize) -> Result<()> + Sync,
    ) -> Result<Vec<S>> {
        let next = AtomicUsize::new(0);
        let run = || {
            let mut state = make();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return Ok(state);
                }
                if let Err(error) = work(&mut state, n) {
                    next.store(count, Ordering::Relaxed);
                    return Err(error);
                }
            }
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (1..self.threads.min(count.max(1))).map(|_| scope.spawn(run)).collect();
            let own = run();
            let others =
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
            std::iter::once(own).chain(others).collect()
        })
    }

    /// The documents that were left out, in path order.
    pub(super) fn unread(&self) -> Vec<Unread> {
        lock(&self.unread).values().cloned().collect()
    }
}

/// Why the text of a document cannot be had.
fn why(record: &Record) -> String {
    if record.stat.size > MOST_FILE_BYTES {
        return format!("it is larger than {} MiB", MOST_FILE_BYTES >> 20);
    }
    match crate::read::open(record.path()) {
        Err(error) => error.to_string(),
        Ok(_) => "it changed since its ingest".into(),
    }
}

/// Terms of documents stay up to so much, for most are compared with more than one.
const MOST_KEPT_BYTES: usize = 128 << 20;

/// The terms of documents that are compared with many.
#[derive(Default)]
pub(super) struct Shelf {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    terms: HashMap<u32, (Arc<[u32]>, u64)>,
    bytes: usize,
    /// Grows with every use.
    clock: u64,
}

impl Shelf {
    /// The terms of a document; none if it cannot be read.
    pub(super) fn terms(&self, reader: &Reader<'_>, document: u32, analyzer: &mut Analyzer) -> Result<Arc<[u32]>> {
        let mut kept = lock(&self.kept);
        kept.clock += 1;
        let now = kept.clock;
        if let Some((terms, used)) = kept.terms.get_mut(&document) {
            *used = now;
            return Ok(terms.clone());
        }
        drop(kept);
        let terms: Arc<[u32]> = reader.terms(document, analyzer)?.unwrap_or_default().into();
        let mut kept = lock(&self.kept);
        kept.bytes += 4 * terms.len();
        if kept.bytes > MOST_KEPT_BYTES {
            kept.forget();
        }
        kept.terms.insert(document, (terms.clone(), now));
        Ok(terms)
    }
}

impl Kept {
    /// Forgets the half that was not used for longest.
    fn forget(&mut self) {
        let mut used: Vec<u64> = self.terms.values().map(|(_, used)| *used).collect();
        let middle = used.len() / 2;
        if let Some((_, middle, _)) = (!used.is_empty()).then(|| used.select_nth_unstable(middle)) {
            let middle = *middle;
            self.terms.retain(|_, (_, used)| *used > middle);
        }
        self.bytes = self.terms.values().map(|(terms, _)| 4 * terms.len()).sum();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
