//! First verb: the index is made equal to the trees.
//!
//! One thread walks the sources in path order and holds each file against its record (`compare`); workers read what is
//! new or changed, and fill a segment each (`worker`); this file gathers what they report and commits it. New and changed
//! files are committed along the way, so that little is redone after an interruption; removals and moves come with the
//! last commit.

mod compare;
mod drive;
mod gather;
mod mount;
mod moved;
mod read;
mod scope;
mod survey;
mod worker;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::index::{self, Marker, Reason, Records, Snapshot, Writer, is_below};
use crate::{Error, Result};

use scope::Plan;
pub use scope::Request;
pub use survey::survey;

/// How an ingest runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Workers that read and index, at least 1.
    pub threads: usize,
    /// Bytes that all of them together use for what is not on the disk yet.
    pub memory_bytes: u64,
    /// Only tell what would change.
    pub dry_run: bool,
    /// Git's file of excludes for all repositories.
    pub global_excludes: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
        Options { threads, memory_bytes: DEFAULT_MEMORY_BYTES, dry_run: false, global_excludes: None }
    }
}

/// Two workers with 84 MB of postings each: on 1.3 GB of source each puts its postings aside twice or so and writes one segment,
/// with 309 MB at the peak, mapped files apart. More memory saves little.
pub const DEFAULT_MEMORY_BYTES: u64 = 280 << 20;

/// What a run shares with whoever watches it: counters to show, and a flag to stop it.
#[derive(Debug, Default)]
pub struct Watch {
    /// Set it, and the run ends soon, keeping what is done.
    pub stop: Arc<AtomicBool>,
    /// Things the walk has seen.
    pub seen: AtomicU64,
    /// Things the walk will have seen at its end, if somebody counted them ([`survey`]); else 0.
    pub expected: AtomicU64,
    /// The walk has come to its end: `queued` does not grow any more.
    pub walked: AtomicBool,
    /// Files to be read, so far.
    pub queued: AtomicU64,
    /// Files read.
    pub read: AtomicU64,
    /// Bytes read.
    pub bytes: AtomicU64,
}

impl Watch {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// One thing that happened to a path, or would happen in a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Indexed for the first time.
    New(PathBuf),
    /// Indexed again.
    Changed(PathBuf),
    /// Known from another path, which is gone.
    Moved {
        /// The path that is gone.
        from: PathBuf,
        /// The path it has now.
        to: PathBuf,
    },
    /// Taken out of the index.
    Removed(PathBuf),
    /// Not indexed.
    Skipped {
        /// The file, or the folder with all below it.
        path: PathBuf,
        /// The kind of reason.
        reason: Reason,
        /// What more there is to say.
        detail: String,
    },
    /// A file or folder of which nothing could be told; what is indexed of it stays.
    Trouble {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        message: String,
    },
    /// Worth a line, but nothing was lost: a rule file that is only partly understood.
    Warning {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
}

/// What a run did. Everything the walk saw is in exactly one of `new`, `changed`, `unchanged`, `moved`, `skipped` and
/// `troubles`; `removed` and `kept` are records that it did not see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Files indexed for the first time.
    pub new: u64,
    /// Files indexed again.
    pub changed: u64,
    /// Files found as they were, or touched but equal.
    pub unchanged: u64,
    /// Files known from another path.
    pub moved: u64,
    /// Documents taken out.
    pub removed: u64,
    /// Documents that stay although they could not be seen: their folder could not be listed, or is not mounted.
    pub kept: u64,
    /// Paths not indexed, by reason.
    pub skipped: BTreeMap<Reason, u64>,
    /// Folders and files that could not be listed or read.
    pub troubles: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// The run was asked to stop before its end.
    pub interrupted: bool,
    /// Documents in the index afterwards.
    pub documents: u64,
}

impl Report {
    /// Things the walk saw and the run accounted for.
    pub fn seen(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.moved + self.troubles + self.skipped.values().sum::<u64>()
    }

    /// Whether something went wrong that a user should know: trouble with a file, or an interrupt.
    pub fn is_trouble(&self) -> bool {
        self.interrupted || self.troubles > 0 || self.skipped.keys().any(|reason| reason.is_trouble())
    }
}

/// Makes the index in `folder` equal to what `request` names, creating the index if need be.
///
/// `tell` hears of everything that happens to a path, in no particular order between threads.
///
/// # Errors
/// If the index cannot be written; what was committed stays. A file that cannot be read is no error but an [`Event`].
///
/// ```
/// use indago::ingest::{self, Options, Request, Watch};
///
/// # fn main() -> indago::Result<()> {
/// let home = tempfile::tempdir().unwrap();
/// std::fs::create_dir(home.path().join("notes")).unwrap();
/// std::fs::write(home.path().join("notes/keeper.txt"), "the harbour lantern was lit").unwrap();
/// let request = Request { paths: vec![home.path().join("notes")], ..Request::default() };
/// let index = home.path().join("index");
/// let report = ingest::run(&index, &request, &Options::default(), &Watch::default(), &mut |_| {})?;
/// assert_eq!((report.new, report.documents), (1, 1));
/// # Ok(())
/// # }
/// ```
pub fn run(
    folder: &Path,
    request: &Request,
    options: &Options,
    watch: &Watch,
    tell: &mut dyn FnMut(Event),
) -> Result<Report> {
    let began = Instant::now();
    if request.rebuild {
        let request = clear(folder, request, tell)?;
        return run(folder, &request, options, watch, tell);
    }
    if index::is_index(folder) && !options.dry_run && index::is_foreign(folder)? {
        return Err(Error::Foreign { path: folder.to_path_buf() });
    }
    let mut report = if options.dry_run {
        let (marker, records) = match index::is_index(folder) {
            true => {
                let snapshot = Snapshot::open(folder)?;
                (snapshot.marker, snapshot.records)
            }
            false => (Marker::new(), Records::default()),
        };
        let plan = Plan::new(folder, marker, request, &records, &options.global_excludes)?;
        gather::dry_run(folder, plan, &records, options, watch, tell)?
    } else {
        if !index::is_index(folder) {
            // What makes no sense must not leave an empty index behind.
            Plan::new(folder, Marker::new(), request, &Records::default(), &options.global_excludes)?;
        }
        index::create(folder)?;
        finish(Writer::open(folder)?, request, options, watch, tell)?
    };
    report.bytes = watch.bytes.load(Ordering::Relaxed);
    report.elapsed = began.elapsed();
    Ok(report)
}

/// Makes an index that is open for writing equal to all its sources.
pub(crate) fn refresh(writer: Writer, options: &Options, watch: &Watch, tell: &mut dyn FnMut(Event)) -> Result<Report> {
    let began = Instant::now();
    let report = finish(writer, &Request::default(), options, watch, tell)?;
    Ok(Report { bytes: watch.bytes.load(Ordering::Relaxed), elapsed: began.elapsed(), ..report })
}

/// Writes, and leaves nothing behind, whether it comes to an end or not.
fn finish(
    mut writer: Writer,
    request: &Request,
    options: &Options,
    watch: &Watch,
    tell: &mut dyn FnMut(Event),
) -> Result<Report> {
    match write(&mut writer, request, options, watch, tell) {
        Ok(report) => {
            writer.finish()?;
            Ok(report)
        }
        Err(error) => {
            writer.abandon();
            Err(error)
        }
    }
}

/// Empties the index in `folder`; returns a request for `request` and all that the index was made from.
fn clear(folder: &Path, request: &Request, tell: &mut dyn FnMut(Event)) -> Result<Request> {
    scope::check(request)?;
    if request.paths.is_empty() && request.files.is_none() {
        // Without its sources there would be nothing to build the index from.
        Marker::read_any(folder)?;
    }
    if let Some(marker) = Marker::read_any(folder).unwrap_or_default()
        && marker.sources.iter().any(|source| source.kind == index::Kind::Files)
    {
        match listed(folder) {
            Ok(files) => index::clear(folder, files)?,
            Err(_) => {
                let message = "the files listed one by one cannot be told any more: name them again".to_string();
                tell(Event::Warning { path: folder.to_path_buf(), message });
                index::clear(folder, Vec::new())?;
            }
        }
    } else {
        index::clear(folder, Vec::new())?;
    }
    Ok(Request { rebuild: false, recorded: true, ..request.clone() })
}

/// The files that were listed one by one, whatever the analysis that the index was made with.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let snapshot = match Snapshot::open_for_records(folder) {
        // The writer mends them from the documents.
        Err(Error::LostRecords { .. }) => Writer::open(folder).and_then(|_| Snapshot::open(folder))?,
        opened => opened?,
    };
    let mut files = scope::listed(folder, &snapshot.marker, &snapshot.records)?;
    files.extend(snapshot.marker.relisted.iter().cloned());
    Ok(files)
}

fn write(
    writer: &mut Writer,
    request: &Request,
    options: &Options,
    watch: &Watch,
    tell: &mut dyn FnMut(Event),
) -> Result<Report> {
    let records = writer.records();
    let plan = Plan::new(&writer.folder, writer.marker.clone(), request, &records, &options.global_excludes)?;
    if plan.marker != writer.marker {
        plan.marker.write(&writer.folder)?;
        writer.marker = plan.marker.clone();
    }
    let report = gather::run(writer, plan, &records, options, watch, tell)?;
    if !report.interrupted {
        writer.merge(options.threads)?;
    }
    Ok(report)
}

/// Takes `path`, and all below it, out of the index in `folder`; a source that lies there is forgotten.
///
/// Returns how many documents went.
///
/// # Errors
/// If the index cannot be written, or knows nothing of `path`.
pub fn forget(folder: &Path, path: &Path) -> Result<u64> {
    use std::os::unix::ffi::OsStrExt;
    if !index::is_index(folder) {
        return Err(Error::NoIndex { path: folder.to_path_buf() });
    }
    if index::is_foreign(folder)? {
        return Err(Error::Foreign { path: folder.to_path_buf() });
    }
    let mut writer = Writer::open(folder)?;
    let mut marker = writer.marker.clone();
    let records = writer.records();
    let damaged = |flaw: &str| Error::Damaged { path: folder.to_path_buf(), detail: flaw.to_string() };
    let mut delta = index::Delta::default();
    let mut below = records.below(path.as_os_str().as_bytes()).map_err(damaged)?;
    let mut documents = 0;
    while let Some(record) = below.next().map_err(damaged)? {
        documents += u64::from(record.version().is_some());
        delta.put(index::Record::tombstone(&record.path), Some(record));
    }
    let is_inside = |inner: &Path| is_below(inner.as_os_str().as_bytes(), path.as_os_str().as_bytes());
    let sources = marker.sources.len();
    marker.sources.retain(|source| source.kind == index::Kind::Files || !is_inside(&source.root));
    for source in &mut marker.sources {
        source.mounts.retain(|mount| !is_inside(mount));
    }
    if delta.is_empty() && marker.sources.len() == sources {
        return Err(Error::Unknown { path: path.to_path_buf(), index: folder.to_path_buf() });
    }
    // The documents go first: were this killed in between, the source would still be there to be forgotten again.
    let unfinished = writer.payload.unfinished;
    writer.commit(delta, unfinished)?;
    marker.write(folder)?;
    writer.merge(1)?;
    writer.finish()?;
    Ok(documents)
}
