//! Walk and workers report here; what they report is counted, told, and committed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::compare::Note;
use super::drive::drive;
use super::mount::{is_mount, is_unmounted};
use super::moved::Vanished;
use super::scope::Plan;
use super::worker::{Done, Flush, MOST_RECORDS, Target};
use super::{Event, Options, Report, Watch};
use crate::index::{Delta, Marker, Reason, Record, Records, State, Writer};
use crate::{Error, Result};

/// The share of the memory that postings may fill; the rest is for texts being read and records waiting.
const ARENA_SHARE: f64 = 0.6;
/// With less than this a worker would put its postings aside after every few files.
const GOOD_ARENA_BYTES: usize = 15 << 20;
/// The least that an arena works with.
const LEAST_ARENA_BYTES: usize = 1 << 20;
/// Runs `plan` and commits what comes of it.
pub(super) fn run(
    writer: &mut Writer,
    plan: Plan,
    records: &Records,
    options: &Options,
    watch: &Watch,
    tell: &mut dyn FnMut(Event),
) -> Result<Report> {
    let first_uid = writer.payload.next_uid.max(1);
    let folder = writer.folder.clone();
    let mut targets: Vec<Option<Target>> = Vec::new();
    let threads = workers(options);
    for _ in 0..threads {
        let filler = writer.filler(arena_bytes(options, threads));
        let roots = plan.marker.sources.iter().map(|source| (source.id, source.root.clone())).collect();
        targets.push(Some(Target { filler, folder: folder.clone(), roots }));
    }
    let is_whole = plan.is_whole();
    let was_unfinished = writer.payload.unfinished || writer.payload.committed_ns == 0;
    let mut gather = Gather { writer: Some(writer), is_whole, was_unfinished, ..Gather::new(records, tell) };
    drive(&folder, &plan, records, options, watch, first_uid, targets, &mut gather)?;
    let has_seen_all = !watch.stopped() && gather.report.troubles == 0;
    let marker = if has_seen_all { plan.sifted() } else { plan.marker };
    gather.finish(marker, watch, first_uid)
}

/// Tells what a run would do.
pub(super) fn dry_run(
    folder: &Path,
    plan: Plan,
    records: &Records,
    options: &Options,
    watch: &Watch,
    tell: &mut dyn FnMut(Event),
) -> Result<Report> {
    let targets = (0..workers(options)).map(|_| None).collect();
    // Beyond every uid in use, so that new versions can be told from old ones.
    let first_uid = u64::MAX / 2;
    let mut gather = Gather { fresh: Some(Vec::new()), ..Gather::new(records, tell) };
    drive(folder, &plan, records, options, watch, first_uid, targets, &mut gather)?;
    gather.finish(plan.marker, watch, first_uid)
}

/// How many workers the memory suffices for.
fn workers(options: &Options) -> usize {
    let most = (options.memory_bytes as f64 * ARENA_SHARE) as usize / GOOD_ARENA_BYTES;
    options.threads.min(most).max(1)
}

/// How much of the memory each of so many workers may fill with postings.
fn arena_bytes(options: &Options, threads: usize) -> usize {
    ((options.memory_bytes as f64 * ARENA_SHARE) as usize / threads).max(LEAST_ARENA_BYTES)
}

/// Takes in what the walk and the workers report.
pub(super) struct Gather<'a> {
    /// `None` in a dry run.
    writer: Option<&'a mut Writer>,
    before: &'a Records,
    tell: &'a mut dyn FnMut(Event),
    report: Report,
    delta: Delta,
    vanished: Vanished,
    mounts: Vec<(u32, PathBuf)>,
    /// The run covers every source.
    is_whole: bool,
    /// The state it began with was not complete.
    was_unfinished: bool,
    /// In a dry run, the files that are new, since there are no records of them to look for moves in.
    fresh: Option<Vec<Record>>,
}

impl<'a> Gather<'a> {
    fn new(before: &'a Records, tell: &'a mut dyn FnMut(Event)) -> Gather<'a> {
        Gather {
            writer: None,
            before,
            tell,
            report: Report::default(),
            delta: Delta::default(),
            vanished: Vanished::default(),
            mounts: Vec::new(),
            is_whole: false,
            was_unfinished: false,
            fresh: None,
        }
    }

    /// Takes in what the walk tells.
    pub(super) fn note(&mut self, note: Note) -> Result<()> {
        match note {
            Note::Unchanged(files) => self.report.unchanged += files,
            Note::Kept(record) => self.report.kept += u64::from(record.version().is_some()),
            Note::Vanished(record) => self.vanished.push(record),
            Note::Mount { source, path } => self.mounts.push((source, path)),
            Note::Warning { path, message } => (self.tell)(Event::Warning { path, message }),
            Note::Trouble { path, message, record, old } => {
                self.report.troubles += 1;
                if let Some(record) = record
                    && old.as_ref() != Some(&record)
                {
                    self.delta.put(record, old.as_ref());
                }
                (self.tell)(Event::Trouble { path, message });
            }
            Note::Skipped { record, old } => self.skipped(record, old),
        }
        self.commit_if_many()
    }

    fn skipped(&mut self, record: Record, old: Option<Record>) {
        if let State::Skipped { reason, detail } = &record.state {
            *self.report.skipped.entry(*reason).or_default() += 1;
            let path = record.path().to_path_buf();
            (self.tell)(Event::Skipped { path, reason: *reason, detail: detail.clone() });
        }
        if let Some(old) = &old
            && old.version().is_some()
        {
            self.report.removed += 1;
            (self.tell)(Event::Removed(old.path().to_path_buf()));
        }
        if old.as_ref() != Some(&record) {
            self.delta.put(record, old.as_ref());
        }
    }

    /// Takes in what a worker hands over.
    pub(super) fn flush(&mut self, flush: Flush) -> Result<()> {
        let is_along_the_way = flush.segment.is_some() && !flush.is_last;
        if let (Some(meta), Some(writer)) = (flush.segment, &mut self.writer) {
            writer.add_segment(meta)?;
        }
        for done in flush.done {
            self.done(done);
        }
        if is_along_the_way { self.commit_along_the_way() } else { self.commit_if_many() }
    }

    fn done(&mut self, Done { path, record, old }: Done) {
        let Some(record) = record else {
            match old {
                Some(old) => self.vanished.push(old),
                None => self.gone_while_read(path),
            }
            return;
        };
        let Some(uid) = record.uid() else { return self.skipped(record, old) };
        match old.as_ref().map(Record::uid) {
            Some(Some(before)) if before == uid => self.report.unchanged += 1,
            Some(Some(_)) => {
                self.report.changed += 1;
                (self.tell)(Event::Changed(path));
            }
            _ => {
                self.report.new += 1;
                match &mut self.fresh {
                    Some(fresh) => fresh.push(record.clone()),
                    None => (self.tell)(Event::New(path)),
                }
            }
        }
        if old.as_ref() != Some(&record) {
            self.delta.put(record, old.as_ref());
        }
    }

    /// The walk saw it, so it is counted; there is nothing left to keep a record of.
    fn gone_while_read(&mut self, path: PathBuf) {
        *self.report.skipped.entry(Reason::Vanished).or_default() += 1;
        (self.tell)(Event::Skipped { path, reason: Reason::Vanished, detail: String::new() });
    }

    fn commit_if_many(&mut self) -> Result<()> {
        if self.delta.len() >= MOST_RECORDS { self.commit_along_the_way() } else { Ok(()) }
    }

    fn commit_along_the_way(&mut self) -> Result<()> {
        let delta = std::mem::take(&mut self.delta);
        match &mut self.writer {
            Some(writer) => writer.commit(delta, true),
            None => Ok(()),
        }
    }

    /// Takes out what vanished, finds what moved, and commits for the last time.
    fn finish(mut self, mut marker: Marker, watch: &Watch, first_uid: u64) -> Result<Report> {
        self.report.interrupted = watch.stopped();
        if !self.report.interrupted {
            self.take_out_vanished(first_uid)?;
        }
        let Some(writer) = self.writer else { return Ok(self.report) };
        for (id, path) in self.mounts {
            if let Some(source) = marker.sources.iter_mut().find(|source| source.id == id)
                && !source.mounts.contains(&path)
            {
                source.mounts.push(path);
            }
        }
        for source in &mut marker.sources {
            // A folder with something in it is no longer one that waits for its disk.
            source.mounts.retain(|mount| is_unmounted(mount) || is_mount(mount));
        }
        let is_over = !self.report.interrupted;
        if is_over && self.is_whole {
            marker.relisted.clear();
        }
        if marker != writer.marker {
            marker.write(&writer.folder)?;
            writer.marker = marker;
        }
        let is_first = writer.payload.committed_ns == 0;
        // A run over a part does not complete what another left.
        let unfinished = !is_over || (!self.is_whole && self.was_unfinished);
        if !self.delta.is_empty() || is_first || (is_over && writer.payload.unfinished != unfinished) {
            writer.commit(self.delta, unfinished)?;
        }
        self.report.documents = writer.payload.documents;
        Ok(self.report)
    }

    fn take_out_vanished(&mut self, first_uid: u64) -> Result<()> {
        let vanished = std::mem::take(&mut self.vanished);
        let fresh = self.fresh.take();
        if !vanished.is_empty() || fresh.is_some() {
            let moves = self.moves(&vanished, fresh, first_uid)?;
            for (from, to) in &moves {
                self.report.new -= 1;
                self.report.moved += 1;
                let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
                (self.tell)(Event::Moved { from: path(from), to: path(to) });
            }
            let moved_away: std::collections::HashSet<_> = moves.into_iter().map(|(from, _)| from).collect();
            for record in vanished.records() {
                if record.version().is_some() && !moved_away.contains(&record.path) {
                    self.report.removed += 1;
                    (self.tell)(Event::Removed(record.path().to_path_buf()));
                }
                self.delta.put(Record::tombstone(&record.path), Some(record));
            }
        }
        Ok(())
    }

    /// Which new files are vanished ones under another path: `(from, to)`.
    fn moves(
        &mut self,
        vanished: &Vanished,
        fresh: Option<Vec<Record>>,
        first_uid: u64,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut search = vanished.search();
        if let Some(fresh) = fresh {
            let told = fresh.iter().filter(|record| !search.meets(record)).collect::<Vec<_>>();
            for record in told {
                (self.tell)(Event::New(record.path().to_path_buf()));
            }
            return Ok(search.moves());
        }
        let Some(writer) = &self.writer else { return Ok(Vec::new()) };
        let damaged = |flaw: &str| Error::Damaged { path: writer.folder.clone(), detail: flaw.to_string() };
        let is_fresh = |record: &Record| record.uid().is_some_and(|uid| uid >= first_uid);
        let is_new = |record: &Record| -> Result<bool> {
            Ok(self.before.find(&record.path).map_err(damaged)?.is_none_or(|old| old.version().is_none()))
        };
        let records = writer.records();
        let mut committed = records.below(b"/").map_err(damaged)?;
        while let Some(record) = committed.next().map_err(damaged)? {
            if is_fresh(record) && search.may_meet(record) && is_new(record)? {
                search.meets(record);
            }
        }
        for record in self.delta.records() {
            if is_fresh(record) && search.may_meet(record) && is_new(record)? {
                search.meets(record);
            }
        }
        Ok(search.moves())
    }
}
