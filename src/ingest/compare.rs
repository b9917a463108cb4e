//! The walk held against the records: what is unchanged, what is to be read, what is gone.
//!
//! Walk and records come in the same order, so both are read once, side by side, and nothing grows with the tree.

use std::collections::HashSet;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::Sender;

use super::mount::is_unmounted;
use super::read::{self, Job};
use super::scope::{Encodings, Plan, Scope, is_in};
use super::{Options, Watch};
use crate::index::{Marker, Merged, Reason, Record, Records, State};
use crate::walk::{self, Found, Skip, bytes_order};
use crate::{Error, Result};

/// What the walk tells, beside the files to be read.
pub(super) enum Note {
    /// So many more were found as they were.
    Unchanged(u64),
    /// Not to be read. The record says why, if a record is to be kept.
    Skipped { record: Record, old: Option<Record> },
    /// Not there any more.
    Vanished(Record),
    /// Nothing can be told of it, so it stays.
    Kept(Record),
    /// Could not be listed or looked at.
    Trouble { path: PathBuf, message: String, record: Option<Record>, old: Option<Record> },
    /// A rule file is only partly understood.
    Warning { path: PathBuf, message: String },
    /// A folder of this source lies on another device than its parent.
    Mount { source: u32, path: PathBuf },
}

/// How many files travel to a worker together: small runs stay with one worker, so that they make one segment.
const BATCH_FILES: usize = 32;
/// A batch ends early when its files have so many bytes.
const BATCH_BYTES: u64 = 4 << 20;

/// So many unchanged files are told at once: to tell of each would take longer than to look at it.
const TOLD_AT_ONCE: u64 = 4096;

/// Walks every scope of `plan`; files to be read go to `jobs`, all else to `notes`.
pub(super) struct Comparison<'a> {
    pub(super) folder: &'a Path,
    pub(super) marker: &'a Marker,
    pub(super) records: &'a Records,
    pub(super) options: &'a Options,
    pub(super) watch: &'a Watch,
    pub(super) jobs: Sender<Vec<Job>>,
    pub(super) notes: &'a dyn Fn(Note),
    /// Listed files that this run looks at.
    pub(super) one_by_one: HashSet<Vec<u8>>,
    pub(super) batch: Vec<Job>,
    pub(super) batch_bytes: u64,
    /// Unchanged files that are still to be told.
    pub(super) unchanged: u64,
}

impl Comparison<'_> {
    /// Walks until the end, or until the watch says stop.
    pub(super) fn run(mut self, plan: &Plan) -> Result<()> {
        for scope in &plan.scopes {
            match scope {
                Scope::Tree { source, start, prune } => self.tree(*source, start, prune)?,
                Scope::Files { source, files } => self.files(*source, files)?,
                Scope::Missing(path) => self.trouble(path, None, None, &rustix::io::Errno::NOENT.into())?,
            }
            self.tell_unchanged();
            if self.watch.stopped() {
                return Ok(());
            }
        }
        self.send();
        self.watch.walked.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn damaged(&self, flaw: &str) -> Error {
        Error::Damaged { path: self.folder.to_path_buf(), detail: flaw.to_string() }
    }

    fn tree(&mut self, id: u32, start: &Path, prune: &[PathBuf]) -> Result<()> {
        let Some(source) = self.marker.source(id) else { return Ok(()) };
        let unmounted: Vec<PathBuf> = source.mounts.iter().filter(|mount| is_unmounted(mount)).cloned().collect();
        let source_stores = source.store_text;
        let max_bytes = source.rules.max_bytes.unwrap_or(walk::DEFAULT_MAX_BYTES);
        let (secrets, sifted) = (source.rules.secrets, source.sifted);
        let root: Option<Arc<Path>> = (!source.rules.follow).then(|| source.root.as_path().into());
        let encodings = Encodings::new(&source.root, &source.encodings)?;
        let globals = self.options.global_excludes.as_deref();
        let walk = walk::tree(&source.root, start, &source.rules, globals);
        let walk = walk.map_err(|error| Error::Rule { message: error.to_string() })?.prune(prune.iter().cloned());
        let below = self.records.below(start.as_os_str().as_bytes()).map_err(|flaw| self.damaged(flaw))?;
        let mut old = Old { below, current: None, prune };
        old.advance().map_err(|flaw| self.damaged(flaw))?;
        for mount in unmounted.iter().filter(|mount| mount.starts_with(start) || start.starts_with(mount)) {
            let message = "it is not mounted now; what is indexed of it stays".to_string();
            (self.notes)(Note::Trouble { path: mount.clone(), message, record: None, old: None });
        }
        if unmounted.iter().any(|mount| start.starts_with(mount)) {
            return self.pass(&mut old, None, &unmounted);
        }
        let mut troubled: Vec<PathBuf> = unmounted;
        for found in walk {
            if self.watch.stopped() {
                return Ok(());
            }
            if let Found::Mount { path } = found {
                (self.notes)(Note::Mount { source: id, path });
                continue;
            }
            if let Found::RuleTrouble { path, message } = found {
                (self.notes)(Note::Warning { path, message });
                continue;
            }
            let path = found_path(&found).as_os_str().as_bytes();
            self.pass(&mut old, Some(path), &troubled)?;
            let known = match old.current.as_ref().is_some_and(|record| record.path == path) {
                true => {
                    let known = old.current.take();
                    old.advance().map_err(|flaw| self.damaged(flaw))?;
                    known
                }
                false => None,
            };
            if self.one_by_one.contains(path) {
                continue; // it has a turn of its own
            }
            self.watch.seen.fetch_add(1, Ordering::Relaxed);
            match found {
                Found::File { path, stat } => {
                    if let Some(known) = known.as_ref().filter(|known| self.is_listed(known))
                        && !secrets
                        && walk::secret::of_file(&path).is_some()
                    {
                        self.listed(known.clone())?;
                        continue;
                    }
                    let (forced, stored, within) = (encodings.of(&path), source_stores, root.clone());
                    // A file that was listed by name belongs to the tree as soon as one finds it.
                    let (source, old) = (id, known);
                    self.file(Job { path, stat, source, old, forced, stored, max_bytes, within, secrets }, sifted);
                }
                Found::Skipped { path, reason, .. } => {
                    let (reason, detail) = named(reason);
                    let record = Record {
                        path: path.as_os_str().as_bytes().to_vec(),
                        source: id,
                        // The reason is found anew each time; a folder's times would change with all that lies in it.
                        stat: walk::Stat::default(),
                        racy: false,
                        state: State::Skipped { reason, detail },
                    };
                    match known {
                        // Listed by name once: the rules of a tree do not count for it.
                        Some(known) if self.is_listed(&known) => self.listed(known)?,
                        known => (self.notes)(Note::Skipped { record, old: known }),
                    }
                }
                Found::Trouble { path, error } => {
                    self.trouble(&path, known, Some(id), &error)?;
                    troubled.push(path);
                }
                Found::Mount { .. } | Found::RuleTrouble { .. } => {}
            }
        }
        self.pass(&mut old, None, &troubled)
    }

    /// Tells of the records before `until`, which the walk did not meet.
    fn pass(&mut self, old: &mut Old<'_>, until: Option<&[u8]>, troubled: &[PathBuf]) -> Result<()> {
        while let Some(record) = &old.current {
            if until.is_some_and(|until| bytes_order(&record.path, until).is_ge()) {
                break;
            }
            if is_in(&record.path, troubled) {
                (self.notes)(Note::Kept(record.clone()));
            } else if self.is_listed(record) {
                self.listed(record.clone())?;
            } else {
                (self.notes)(Note::Vanished(record.clone()));
            }
            old.advance().map_err(|flaw| self.damaged(flaw))?;
        }
        Ok(())
    }

    /// A file that was listed by name, which a walk does not take. If this run looks at listed files one by one, it does
    /// so later.
    fn listed(&mut self, record: Record) -> Result<()> {
        if self.one_by_one.contains(&record.path) {
            return Ok(());
        }
        let path = record.path().to_path_buf();
        self.by_name(record.source, &path, Some(record))
    }

    /// Something that could not be looked at: what is known of it stays, and the trouble is kept, too.
    fn trouble(&self, path: &Path, known: Option<Record>, source: Option<u32>, error: &io::Error) -> Result<()> {
        if read::is_own_shortage(error) {
            let source = io::Error::new(error.kind(), error.to_string());
            return Err(Error::Read { path: path.to_path_buf(), source });
        }
        let is_indexed = known.as_ref().is_some_and(|known| known.version().is_some());
        let record = source.filter(|_| !is_indexed).map(|source| Record {
            path: path.as_os_str().as_bytes().to_vec(),
            source,
            state: State::Skipped { reason: Reason::Unreadable, detail: error.to_string() },
            ..Record::default()
        });
        let (kept, old) = if is_indexed { (known, None) } else { (None, known) };
        (self.notes)(Note::Trouble { path: path.to_path_buf(), message: error.to_string(), record, old });
        if let Some(kept) = kept {
            (self.notes)(Note::Kept(kept));
        }
        Ok(())
    }

    /// Whether the record belongs to the files that were listed one by one.
    fn is_listed(&self, record: &Record) -> bool {
        self.marker.source(record.source).is_some_and(|source| source.kind == crate::index::Kind::Files)
    }

    fn files(&mut self, source: u32, files: &[PathBuf]) -> Result<()> {
        for path in files {
            if self.watch.stopped() {
                return Ok(());
            }
            let old = self.records.find(path.as_os_str().as_bytes()).map_err(|flaw| self.damaged(flaw))?;
            self.by_name(source, path, old)?;
        }
        Ok(())
    }

    /// A file that was listed by name: no rule but the size leaves it out, and links are followed.
    fn by_name(&mut self, id: u32, path: &Path, old: Option<Record>) -> Result<()> {
        let Some(source) = self.marker.source(id) else { return Ok(()) };
        self.watch.seen.fetch_add(1, Ordering::Relaxed);
        let skipped = |reason, detail: String, old| Note::Skipped {
            record: Record {
                path: path.as_os_str().as_bytes().to_vec(),
                source: id,
                state: State::Skipped { reason, detail },
                ..Record::default()
            },
            old,
        };
        let max_bytes = source.rules.max_bytes.unwrap_or(walk::DEFAULT_MAX_BYTES);
        match walk::stat_followed(path) {
            Ok((stat, walk::Kind::File)) if stat.size > max_bytes => {
                (self.notes)(skipped(Reason::TooLarge, String::new(), old));
            }
            Ok((stat, walk::Kind::File)) => {
                let forced = Encodings::new(&source.root, &source.encodings)?.of(path);
                let stored = source.store_text;
                let (path, source, within, secrets) = (path.to_path_buf(), id, None, true);
                self.file(Job { path, stat, source, old, forced, stored, max_bytes, within, secrets }, true);
            }
            Ok((_, walk::Kind::Folder)) => (self.notes)(skipped(Reason::Folder, String::new(), old)),
            Ok((_, walk::Kind::Other(kind))) => (self.notes)(skipped(Reason::Special, kind.into(), old)),
            Ok((_, walk::Kind::Link)) => (self.notes)(skipped(Reason::Link, String::new(), old)),
            // Only a folder that is there can lose files.
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.parent().is_some_and(Path::is_dir) => {
                (self.notes)(match old {
                    Some(old) if old.version().is_some() => Note::Vanished(old),
                    old => skipped(Reason::Missing, String::new(), old),
                });
            }
            Err(error) => self.trouble(path, old, Some(id), &error)?,
        }
        Ok(())
    }

    /// A regular file: unchanged if its stat says so, else somebody has to read it. If the source is not `sifted`, keys may
    /// have got into the index.
    fn file(&mut self, job: Job, sifted: bool) {
        if let Some(old) = &job.old
            && !old.racy
            && same_stat(&old.stat, &job.stat)
            && old.source == job.source
            && !is_to_be_read_again(old, &job)
            && (sifted || job.secrets || old.version().is_none() || job.stat.size > walk::secret::MAX_KEY_BYTES)
        {
            if let State::Skipped { .. } = &old.state {
                return (self.notes)(Note::Skipped { record: old.clone(), old: Some(old.clone()) });
            }
            self.unchanged += 1;
            if self.unchanged == TOLD_AT_ONCE {
                self.tell_unchanged();
            }
            return;
        }
        self.watch.queued.fetch_add(1, Ordering::Relaxed);
        self.batch_bytes += job.stat.size;
        self.batch.push(job);
        if self.batch.len() == BATCH_FILES || self.batch_bytes >= BATCH_BYTES {
            self.send();
        }
    }

    fn tell_unchanged(&mut self) {
        if self.unchanged > 0 {
            (self.notes)(Note::Unchanged(std::mem::take(&mut self.unchanged)));
        }
    }

    fn send(&mut self) {
        self.batch_bytes = 0;
        if !self.batch.is_empty() {
            // Workers only go away before the end when one failed; the failure is told elsewhere.
            let _ = self.jobs.send(std::mem::take(&mut self.batch));
        }
    }
}

/// The records beside the walk, without those of sources inside it.
struct Old<'a> {
    below: Merged,
    current: Option<Record>,
    prune: &'a [PathBuf],
}

impl Old<'_> {
    fn advance(&mut self) -> std::result::Result<(), &'static str> {
        self.current = loop {
            match self.below.next()? {
                Some(record) if is_in(&record.path, self.prune) => {}
                record => break record.cloned(),
            }
        };
        Ok(())
    }
}

/// Whether two stats tell of the same state of the same file. The device's number is not part of it: it changes when a
/// disk is mounted anew.
fn same_stat(a: &walk::Stat, b: &walk::Stat) -> bool {
    (a.size, a.mtime_ns, a.ctime_ns, a.inode) == (b.size, b.mtime_ns, b.ctime_ns, b.inode)
}

/// Whether a file is read again although it did not change: reading may go better now, or is to go another way.
fn is_to_be_read_again(old: &Record, job: &Job) -> bool {
    match &old.state {
        State::Indexed(version) => {
            let is_other = |encoding| read::encoding_name(encoding) != version.encoding;
            version.stored != job.stored || version.forced != job.forced.is_some() || job.forced.is_some_and(is_other)
        }
        // Reasons of the walk: it let the file through now. Or trouble, that may be over.
        State::Skipped { reason, .. } => match reason {
            Reason::Empty => false,
            Reason::Binary | Reason::Format => job.forced.is_some(),
            Reason::Secret => job.secrets,
            _ => true,
        },
        State::Removed => true,
    }
}

fn found_path(found: &Found) -> &Path {
    match found {
        Found::File { path, .. }
        | Found::Skipped { path, .. }
        | Found::Trouble { path, .. }
        | Found::RuleTrouble { path, .. }
        | Found::Mount { path } => path,
    }
}

/// The walk's reason as the record keeps it.
fn named(skip: Skip) -> (Reason, String) {
    match skip {
        Skip::Ignored { by } => (Reason::Ignored, by),
        Skip::Hidden => (Reason::Hidden, String::new()),
        Skip::Secret(what) => (Reason::Secret, what.to_string()),
        Skip::TooLarge => (Reason::TooLarge, String::new()),
        Skip::Link => (Reason::Link, String::new()),
        Skip::LinkLoop => (Reason::LinkLoop, String::new()),
        Skip::BrokenLink => (Reason::BrokenLink, String::new()),
        Skip::NotRegular(kind) => (Reason::Special, kind.to_string()),
        Skip::Index => (Reason::Index, String::new()),
    }
}
