//! Starts the walk and the workers of a run, and hands what they report to the one who gathers it.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;

use crossbeam_channel::{Sender, bounded, select};

use super::compare::{Comparison, Note};
use super::gather::Gather;
use super::scope::Plan;
use super::worker::{Flush, Gate, Shared, Target, Worker};
use super::{Options, Watch};
use crate::index::Records;
use crate::{Error, Result};

/// The share of the memory that files being read may fill, unless one alone is larger.
const TEXT_SHARE: f64 = 0.2;

/// Starts the walk and the workers, and takes in what they report until all have ended.
#[allow(clippy::too_many_arguments)] // the two callers above are all there is, and each argument is a thing of its own
pub(super) fn drive(
    folder: &Path,
    plan: &Plan,
    records: &Records,
    options: &Options,
    watch: &Watch,
    first_uid: u64,
    targets: Vec<Option<Target>>,
    gather: &mut Gather<'_>,
) -> Result<()> {
    let threads = targets.len();
    let memory = options.memory_bytes as f64;
    let shared = Shared { watch, uids: AtomicU64::new(first_uid), gate: Gate::new((memory * TEXT_SHARE) as u64) };
    std::thread::scope(|scope| {
        // The receivers live in here: were this thread to panic, the others must not wait for it.
        let (jobs_in, jobs) = bounded(4 * threads);
        let (notes_in, notes) = bounded(4096);
        let (flushes_in, flushes) = bounded::<Flush>(0);
        let start = |source| Error::Worker { detail: format!("it could not be started: {source}") };
        let walker =
            Builder::new().spawn_scoped(scope, move || walk(folder, plan, records, options, watch, jobs_in, notes_in));
        let walker = walker.map_err(start)?;
        let mut workers = Vec::with_capacity(threads);
        for target in targets {
            let (shared, jobs, out) = (&shared, jobs.clone(), flushes_in.clone());
            let worker = Builder::new().spawn_scoped(scope, move || {
                // The others need not go on when one has failed.
                Worker::new(shared, target).run(&jobs, &out).inspect_err(|_| watch.stop.store(true, Ordering::Relaxed))
            });
            workers.push(worker.inspect_err(|_| watch.stop.store(true, Ordering::Relaxed)).map_err(start)?);
        }
        drop((jobs, flushes_in));
        let mut failure: Option<Error> = None;
        let (mut notes_open, mut flushes_open) = (true, true);
        while notes_open || flushes_open {
            let (never_note, never_flush) = (crossbeam_channel::never(), crossbeam_channel::never());
            let took = select! {
                recv(if notes_open { &notes } else { &never_note }) -> note => match note {
                    Ok(_) if failure.is_some() => Ok(()),
                    Ok(note) => gather.note(note),
                    Err(_) => { notes_open = false; Ok(()) }
                },
                recv(if flushes_open { &flushes } else { &never_flush }) -> flush => match flush {
                    // What comes after a failed commit must not be committed without what that one held.
                    Ok(_) if failure.is_some() => Ok(()),
                    Ok(flush) => gather.flush(flush),
                    Err(_) => { flushes_open = false; Ok(()) }
                },
            };
            if let Err(error) = took
                && failure.is_none()
            {
                watch.stop.store(true, Ordering::Relaxed);
                failure = Some(error);
            }
        }
        let ends = std::iter::once(walker).chain(workers).map(|thread| thread.join());
        for end in ends {
            let end = end.unwrap_or_else(|panic| Err(Error::Worker { detail: panic_text(panic.as_ref()) }));
            failure = failure.take().or(end.err());
        }
        failure.map_or(Ok(()), Err)
    })
}

fn walk(
    folder: &Path,
    plan: &Plan,
    records: &Records,
    options: &Options,
    watch: &Watch,
    jobs: Sender<Vec<super::read::Job>>,
    notes: Sender<Note>,
) -> Result<()> {
    // The receiver stays until the walk has ended.
    let notes = |note| drop(notes.send(note));
    let (batch, batch_bytes) = (Vec::new(), 0);
    let marker = &plan.marker;
    let one_by_one = plan.files().map(|file| file.as_os_str().as_bytes().to_vec()).collect();
    Comparison {
        folder,
        marker,
        records,
        options,
        watch,
        jobs,
        notes: &notes,
        one_by_one,
        batch,
        batch_bytes,
        unchanged: 0,
    }
    .run(plan)
}

/// What a thread said when it panicked.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").to_string()
}
