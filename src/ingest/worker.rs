//! A worker: reads files, analyses their text, and fills a segment of its own.
//!
//! Each file is read, hashed, decoded and indexed by one thread while it is warm in that thread's cache; no text travels
//! between threads. A segment is finished when its postings fill the worker's share of the memory.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use tantivy::index::{Segment, SegmentMeta};
use tantivy::indexer::{AddOperation, SegmentWriter};
use tantivy::{Index, TantivyDocument};

use super::Watch;
use super::read::{self, Got, Job};
use crate::analyse::Analyzer;
use crate::index::{Fields, Record, State, name_term};
use crate::{Error, Result, extract};

/// What a worker hands over: a finished segment, and what became of the files in it and of those that needed none.
#[derive(Default)]
pub(super) struct Flush {
    pub(super) segment: Option<SegmentMeta>,
    pub(super) done: Vec<Done>,
}

/// A file that was read.
pub(super) struct Done {
    pub(super) path: std::path::PathBuf,
    /// The new word on it; `None` if it was gone before it could be read.
    pub(super) record: Option<Record>,
    pub(super) old: Option<Record>,
}

/// What the workers of a run share.
pub(super) struct Shared<'a> {
    pub(super) watch: &'a Watch,
    pub(super) uids: AtomicU64,
    pub(super) gate: Gate,
    /// Bytes of postings in memory at which a segment is finished.
    pub(super) arena_bytes: usize,
}

/// Where a worker's documents go.
pub(super) struct Target {
    pub(super) index: Index,
    pub(super) fields: Fields,
    pub(super) folder: std::path::PathBuf,
    /// The roots of the sources: paths are indexed as seen from there.
    pub(super) roots: std::collections::HashMap<u32, std::path::PathBuf>,
}

/// A slow source is committed at least so often.
const LONGEST_SEGMENT: Duration = Duration::from_secs(60);
/// Records wait in memory until their segment is finished; so many of them are some 20 MB.
pub(super) const MOST_RECORDS: usize = 100_000;

pub(super) struct Worker<'a> {
    shared: &'a Shared<'a>,
    /// `None` in a dry run.
    target: Option<Target>,
    open: Option<Open>,
    flush: Flush,
    buffer: Vec<u8>,
    /// For names; the texts are analysed by the tokenizers of the index.
    analyzer: Analyzer,
}

/// A segment that is being filled.
struct Open {
    segment: Segment,
    writer: SegmentWriter,
    /// What the writer holds before it got anything.
    empty_bytes: usize,
    began: Instant,
}

/// The least budget that tantivy makes its tables for.
const LEAST_BUDGET_BYTES: usize = 15 << 20;

impl Open {
    fn new(index: &Index, arena_bytes: usize) -> tantivy::Result<Open> {
        let segment = index.new_segment();
        let writer = SegmentWriter::for_segment(arena_bytes.max(LEAST_BUDGET_BYTES), segment.clone())?;
        Ok(Open { empty_bytes: writer.mem_usage(), segment, writer, began: Instant::now() })
    }
}

/// A buffer that one large file left is given back when it is larger than this.
const KEPT_BUFFER_BYTES: usize = 8 << 20;

impl<'a> Worker<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, target: Option<Target>) -> Worker<'a> {
        Worker { shared, target, open: None, flush: Flush::default(), buffer: Vec::new(), analyzer: Analyzer::new() }
    }

    /// Works until there are no more jobs, or the watch says stop; hands over everything that was done.
    pub(super) fn run(mut self, jobs: &Receiver<Vec<Job>>, out: &Sender<Flush>) -> Result<()> {
        for batch in jobs {
            for job in batch {
                if self.shared.watch.stopped() {
                    break;
                }
                self.work(job)?;
                if self.is_full() {
                    self.finish(out)?;
                }
            }
        }
        self.finish(out)
    }

    fn work(&mut self, job: Job) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let passed = self.shared.gate.pass(job.stat.size);
        let record = match read::read(&job, &mut buffer) {
            Got::Text { record, text, checkpoints } => {
                crate::index::expect_checkpoints(checkpoints);
                Some(self.index(&job.path, record, &text)?)
            }
            Got::Same(record) | Got::Skipped(record) => Some(record),
            Got::Vanished => None,
            Got::Failed(source) => return Err(Error::Read { path: job.path, source }),
        };
        drop(passed);
        self.shared.watch.read.fetch_add(1, Ordering::Relaxed);
        self.shared.watch.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        if buffer.capacity() <= KEPT_BUFFER_BYTES {
            self.buffer = buffer;
        }
        self.flush.done.push(Done { path: job.path, record, old: job.old });
        Ok(())
    }

    /// Adds a text to the segment; returns its record, now whole.
    fn index(&mut self, path: &Path, mut record: Record, text: &str) -> Result<Record> {
        let State::Indexed(version) = &mut record.state else { return Ok(record) };
        version.uid = self.shared.uids.fetch_add(1, Ordering::Relaxed);
        let Some(target) = &self.target else { return Ok(record) };
        let failed = |error| crate::index::engine_error(&target.folder, error);
        let mut document = TantivyDocument::new();
        document.add_text(target.fields.body, text);
        // Filled by what the analysis of the body finds.
        document.add_text(target.fields.whole, "");
        document.add_text(target.fields.lang, "");
        let title = extract::title(text).unwrap_or_default();
        let whole_name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut names: Vec<_> = [&title, &stem, &whole_name].map(|name| name_term(&mut self.analyzer, name)).into();
        names.dedup();
        names.into_iter().flatten().for_each(|name| document.add_text(target.fields.name, name));
        document.add_text(target.fields.title, title);
        let root = target.roots.get(&record.source);
        let seen = root.and_then(|root| path.strip_prefix(root).ok()).filter(|seen| !seen.as_os_str().is_empty());
        document.add_text(target.fields.path, seen.unwrap_or(path).to_string_lossy());
        if let Some(extension) = path.extension() {
            document.add_text(target.fields.ext, extension.to_string_lossy().to_lowercase());
        }
        let kept = version.stored.then_some(text);
        if let Some(text) = kept {
            document.add_text(target.fields.text, text);
        }
        document.add_u64(target.fields.uid, version.uid);
        document.add_bytes(target.fields.record, &crate::index::stored(&record, kept));
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::new(&target.index, self.shared.arena_bytes).map_err(failed)?),
        };
        open.writer.add_document(AddOperation { opstamp: 0, document }).map_err(failed)?;
        if let State::Indexed(version) = &mut record.state {
            version.tokens = crate::index::take_tokens();
        }
        Ok(record)
    }

    fn is_full(&self) -> bool {
        let is_full = |open: &Open| {
            open.writer.mem_usage() >= open.empty_bytes + self.shared.arena_bytes
                || open.began.elapsed() >= LONGEST_SEGMENT
        };
        self.flush.done.len() >= MOST_RECORDS || self.open.as_ref().is_some_and(is_full)
    }

    /// Writes the segment and hands it over.
    fn finish(&mut self, out: &Sender<Flush>) -> Result<()> {
        if let (Some(Open { segment, writer, .. }), Some(target)) = (self.open.take(), &self.target) {
            let documents = writer.max_doc();
            writer.finalize().map_err(|error| crate::index::engine_error(&target.folder, error))?;
            self.flush.segment = Some(segment.with_max_doc(documents).meta().clone());
        }
        if !self.flush.done.is_empty() {
            // The receiver only goes away when the run has failed; the failure is told there.
            let _ = out.send(std::mem::take(&mut self.flush));
        }
        Ok(())
    }
}

/// Lets so many bytes of files be in memory at once; a file larger than that passes alone.
pub(super) struct Gate {
    free: Mutex<u64>,
    all: u64,
    freed: Condvar,
}

impl Gate {
    pub(super) fn new(bytes: u64) -> Gate {
        Gate { free: Mutex::new(bytes), all: bytes, freed: Condvar::new() }
    }

    fn pass(&self, bytes: u64) -> Passed<'_> {
        let bytes = bytes.min(self.all);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        Passed { gate: self, bytes }
    }
}

struct Passed<'a> {
    gate: &'a Gate,
    bytes: u64,
}

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        *self.gate.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.gate.freed.notify_all();
    }
}
