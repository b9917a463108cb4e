//! Verifying an index: every file against its checksum, the records against the documents.
//!
//! Comes in: an index. Goes out: everything that is wrong with it, by file. [`repair`] leaves out what is damaged and reads
//! the files again that it stood for.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::index::{self, Marker, Snapshot, Writer};
use crate::ingest;
use crate::{Error, Result};

/// One thing that is wrong with an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file of the index, by its name.
    pub file: String,
    /// What is wrong with it, to be read after the name: `is missing`.
    pub what: String,
    /// What helps.
    pub remedy: Remedy,
}

/// What helps against damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// [`repair`].
    Repair,
    /// Building the index anew.
    Rebuild,
    /// Building the index anew, and naming its sources again, which are lost.
    RebuildFrom,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Files verified.
    pub files: u64,
    /// Bytes verified.
    pub bytes: u64,
    /// Documents that were held against their records; 0 where damaged files made that impossible.
    pub documents: u64,
    /// What is wrong, by file.
    pub damage: Vec<Damage>,
    /// Files that an interrupted run left, to be removed by the next ingest.
    pub leftovers: BTreeSet<String>,
    /// Files in the folder that are not indago's.
    pub foreign: BTreeSet<String>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty()
    }
}

/// What a check shares with whoever watches it.
#[derive(Debug, Default)]
pub struct Watch {
    /// Bytes to be read, known soon after the start.
    pub expected: AtomicU64,
    /// Bytes read.
    pub seen: AtomicU64,
}

/// How often a check begins anew because a writer replaced the state under it.
const TRIES: usize = 20;
/// So many documents and records that lack each other are named.
const MOST_NAMED: usize = 100;

/// Verifies the last committed state of the index in `folder` with `threads` threads. Takes no lock and changes nothing.
///
/// Memory: a buffer of 1 MiB a thread, and 9 bytes a document.
///
/// # Errors
/// If there is no index, its files may not be read, or it is of a version that this program does not read.
///
/// ```
/// use indago::check;
///
/// # fn main() -> indago::Result<()> {
/// let home = tempfile::tempdir().unwrap();
/// std::fs::create_dir(home.path().join("notes")).unwrap();
/// let request = indago::ingest::Request { paths: vec![home.path().join("notes")], ..Default::default() };
/// let index = home.path().join("index");
/// indago::ingest::run(&index, &request, &Default::default(), &Default::default(), &mut |_| {})?;
/// assert!(check::run(&index, 2, &check::Watch::default())?.is_sound());
/// # Ok(())
/// # }
/// ```
pub fn run(folder: &Path, threads: usize, watch: &Watch) -> Result<Report> {
    let mut tries = 0;
    loop {
        let before = index::state_of(folder);
        watch.seen.store(0, Ordering::Relaxed);
        let report = look(folder, threads, watch)?;
        tries += 1;
        // A writer removes files only after it replaced the state.
        if report.is_sound() || index::state_of(folder) == before || tries == TRIES {
            return Ok(report);
        }
    }
}

fn look(folder: &Path, threads: usize, watch: &Watch) -> Result<Report> {
    let mut report = Report::default();
    let mut wrong = |file: &str, what: String, remedy| report.damage.push(Damage { file: file.into(), what, remedy });
    match Marker::read(folder) {
        Ok(None) => return Err(Error::NoIndex { path: folder.to_path_buf() }),
        Ok(Some(marker)) => {
            // What it says is right all the same.
            if !marker.is_as_written(folder)? {
                wrong(index::MARKER, "is not laid out as it was written".into(), Remedy::Repair);
            }
        }
        Err(Error::LostSources { .. }) => {
            wrong(index::MARKER, "does not hold what was written".into(), Remedy::RebuildFrom);
        }
        Err(error) => return Err(error),
    }
    let sums = match index::committed(folder)? {
        Ok(sums) => sums,
        Err(flaw) => {
            wrong(index::META, flaw, Remedy::Rebuild);
            return Ok(report);
        }
    };
    if let Some(flaw) = index::tag_flaw(folder)? {
        wrong(index::TAG, flaw, Remedy::Repair);
    }
    watch.expected.store(sums.values().map(|sum| sum.bytes).sum(), Ordering::Relaxed);
    for (file, flaw) in verify(folder, &sums, threads, watch)? {
        wrong(&file, flaw, Remedy::Repair);
    }
    report.files = sums.len() as u64 + 3;
    report.bytes = watch.seen.load(Ordering::Relaxed);
    // What a writer is just making is not left over.
    if index::writer_of(folder).is_none() {
        let strays = index::strays(folder, &sums)?;
        (report.leftovers, report.foreign) = strays.into_iter().partition(|name| index::is_swept(name));
    }
    if report.is_sound() {
        compare(folder, &mut report)?;
    }
    Ok(report)
}

/// Reads every file, the largest first, and returns what is wrong with them, by name.
fn verify(folder: &Path, sums: &index::Sums, threads: usize, watch: &Watch) -> Result<Vec<(String, String)>> {
    let mut files: Vec<_> = sums.iter().collect();
    files.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.bytes));
    let (next, flaws, failure) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(None));
    let work = || {
        while let Some((name, sum)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            match index::flaw(folder, name, **sum, &watch.seen) {
                Ok(None) => {}
                Ok(Some(flaw)) => {
                    flaws.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_string(), flaw));
                }
                Err(error) => drop(failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error)),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(files.len()) {
            // Without another thread this one does the work.
            drop(std::thread::Builder::new().spawn_scoped(scope, work));
        }
        work();
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let mut flaws = flaws.into_inner().unwrap_or_else(PoisonError::into_inner);
    flaws.sort();
    Ok(flaws)
}

/// Holds the records against the documents, which must tell of the same versions, and the totals against the records.
fn compare(folder: &Path, report: &mut Report) -> Result<()> {
    let snapshot = Snapshot::open(folder)?;
    let mut damage = Vec::new();
    let mut wrong = |what: String| {
        damage.push(Damage { file: index::RECORDS.into(), what, remedy: Remedy::Repair });
    };
    let mut documents = snapshot.uids()?;
    documents.sort_unstable();
    if let Some(twice) = documents.windows(2).find(|pair| pair[0] == pair[1]) {
        wrong(format!("tell of version {} once, the documents twice", twice[0]));
    }
    let mut has_record = vec![false; documents.len()];
    let (mut indexed, mut bytes, mut lost) = (0, 0, 0);
    snapshot.records_below(Path::new("/"), |record| {
        if let Some(uid) = record.uid() {
            indexed += 1;
            bytes += record.stat.size;
            match documents.binary_search(&uid) {
                Ok(n) => has_record[n] = true,
                Err(_) => {
                    lost += 1;
                    if lost <= MOST_NAMED {
                        wrong(format!("tell of {}, which has no document", record.path().display()));
                    }
                }
            }
        }
        true
    })?;
    if lost > MOST_NAMED {
        wrong(format!("tell of {} more files that have no document", lost - MOST_NAMED));
    }
    match has_record.iter().filter(|has_record| !**has_record).count() {
        0 => {}
        orphans => wrong(format!("do not tell of {orphans} documents")),
    }
    if (indexed, bytes) != (snapshot.documents(), snapshot.bytes()) {
        wrong(format!("tell of {indexed} files, the commit of {}", snapshot.documents()));
    }
    report.documents = documents.len() as u64;
    report.damage.extend(damage);
    Ok(())
}

/// Mends the index in `folder`, of which a check gave `report`: leaves out what is damaged, and makes the index equal to its
/// sources again, which reads the files anew that it stood for. Holds the writer's lock; until the damaged part is taken
/// out, the old state is what answers, and from then on one that says that it is unfinished.
///
/// Returns how many documents were taken out, and what the ingest did.
///
/// # Errors
/// If the damage is such that the index must be built anew, or it cannot be written.
pub fn repair(
    folder: &Path,
    report: &Report,
    options: &ingest::Options,
    watch: &ingest::Watch,
    tell: &mut dyn FnMut(ingest::Event),
) -> Result<(u64, ingest::Report)> {
    if let Some(damage) = report.damage.iter().find(|damage| damage.remedy != Remedy::Repair) {
        return Err(damage.error(folder));
    }
    if index::is_foreign(folder)? {
        return Err(Error::Foreign { path: folder.to_path_buf() });
    }
    let damaged = report.damage.iter().map(|damage| damage.file.clone()).collect();
    let (writer, lost) = Writer::open_to_mend(folder, &damaged)?;
    let done = ingest::refresh(writer, options, watch, tell)?;
    Ok((lost, done))
}

impl Damage {
    /// The damage as an error, with the command that helps as its hint.
    pub fn error(&self, folder: &Path) -> Error {
        let (path, detail) = (folder.to_path_buf(), format!("{} {}", self.file, self.what));
        match self.remedy {
            Remedy::Repair => Error::Damaged { path, detail },
            Remedy::Rebuild => Error::LostState { path, detail },
            Remedy::RebuildFrom => Error::LostSources { path, detail },
        }
    }
}
