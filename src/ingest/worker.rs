//! A worker: reads files, analyses their text, and fills a segment of its own.
//!
//! Each file is read, hashed, decoded and indexed by one thread while it is warm in that thread's cache; no text travels
//! between threads. A worker fills one segment at a time, see the index's `fill.rs`.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use tantivy::index::SegmentMeta;

use super::Watch;
use super::read::{self, Got, Job};
use crate::index::{Document, Filler, Record, State};
use crate::snippet::Checkpoints;
use crate::{Error, Result, extract};

/// What a worker hands over: a finished segment, and what became of the files in it and of those that needed none.
#[derive(Default)]
pub(super) struct Flush {
    pub(super) segment: Option<SegmentMeta>,
    pub(super) done: Vec<Done>,
    /// The worker has come to its end, and so will the run, soon.
    pub(super) is_last: bool,
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
}

/// Where a worker's documents go.
pub(super) struct Target {
    pub(super) filler: Filler,
    pub(super) folder: std::path::PathBuf,
    /// The roots of the sources: paths are indexed as seen from there.
    pub(super) roots: std::collections::HashMap<u32, std::path::PathBuf>,
}

/// Records wait in memory until their segment is finished; so many of them are some 20 MB.
pub(super) const MOST_RECORDS: usize = 100_000;

pub(super) struct Worker<'a> {
    shared: &'a Shared<'a>,
    /// `None` in a dry run.
    target: Option<Target>,
    flush: Flush,
    buffer: Vec<u8>,
}

/// A buffer that one large file left is given back when it is larger than this.
const KEPT_BUFFER_BYTES: usize = 8 << 20;

impl<'a> Worker<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, target: Option<Target>) -> Worker<'a> {
        Worker { shared, target, flush: Flush::default(), buffer: Vec::new() }
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
        self.flush.is_last = true;
        self.finish(out)
    }

    fn work(&mut self, job: Job) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let passed = self.shared.gate.pass(job.stat.size);
        let record = match read::read(&job, &mut buffer) {
            Got::Text { record, text, checkpoints } => Some(self.index(&job.path, record, &text, checkpoints)?),
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
    fn index(
        &mut self,
        path: &Path,
        mut record: Record,
        text: &str,
        checkpoints: Option<Checkpoints>,
    ) -> Result<Record> {
        let State::Indexed(version) = &mut record.state else { return Ok(record) };
        version.uid = self.shared.uids.fetch_add(1, Ordering::Relaxed);
        let Some(target) = &mut self.target else { return Ok(record) };
        let title = extract::title(text).unwrap_or_default();
        let [name, stem] = [path.file_name(), path.file_stem()].map(|name| name.unwrap_or_default().to_string_lossy());
        let root = target.roots.get(&record.source);
        let seen = root.and_then(|root| path.strip_prefix(root).ok()).filter(|seen| !seen.as_os_str().is_empty());
        let extension = path.extension().map(|extension| extension.to_string_lossy());
        let document = Document {
            text,
            title: &title,
            path: &seen.unwrap_or(path).to_string_lossy(),
            names: [&stem, &name],
            extension: extension.as_deref(),
            record: &record,
            checkpoints,
        };
        let failed = |error| crate::index::engine_error(&target.folder, error);
        let tokens = target.filler.add(document).map_err(failed)?;
        if let State::Indexed(version) = &mut record.state {
            version.tokens = tokens;
        }
        Ok(record)
    }

    fn is_full(&self) -> bool {
        self.flush.done.len() >= MOST_RECORDS || self.target.as_ref().is_some_and(|target| target.filler.is_full())
    }

    /// Writes the segment and hands it over.
    fn finish(&mut self, out: &Sender<Flush>) -> Result<()> {
        if let Some(target) = &mut self.target {
            let finished = target.filler.finish();
            self.flush.segment = finished.map_err(|error| crate::index::engine_error(&target.folder, error))?;
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
    room: Mutex<Room>,
    all: u64,
    freed: Condvar,
}

/// Bytes that are free, and how many wait for more.
struct Room {
    free: u64,
    waiting: usize,
}

impl Gate {
    pub(super) fn new(bytes: u64) -> Gate {
        Gate { room: Mutex::new(Room { free: bytes, waiting: 0 }), all: bytes, freed: Condvar::new() }
    }

    fn pass(&self, bytes: u64) -> Passed<'_> {
        let bytes = bytes.min(self.all);
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.waiting += 1;
        while room.free < bytes {
            room = self.freed.wait(room).unwrap_or_else(PoisonError::into_inner);
        }
        room.waiting -= 1;
        room.free -= bytes;
        Passed { gate: self, bytes }
    }
}

struct Passed<'a> {
    gate: &'a Gate,
    bytes: u64,
}

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        let mut room = self.gate.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.free += self.bytes;
        // To wake is a call of the system, whether or not anyone sleeps.
        if room.waiting > 0 {
            self.gate.freed.notify_all();
        }
    }
}
