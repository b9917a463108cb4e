//! Writing an index: segments and records go in, one commit switches to them, merging keeps them few.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tantivy::index::{IndexMeta, SegmentId, SegmentMeta};
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{Index, IndexWriter, SegmentReader, TantivyError, Term};

use super::directory::{self, Folder, Role};
use super::lock::WriterLock;
use super::payload::{self, Payload, layer_number};
use super::records::{Layer, LayerWriter, Records, Removed};
use super::recover;
use super::schema::{self, Fields, Wholes, tokenizers};
use super::snapshot::{engine_error, open_layers, parse_payload, refuse_lost_state};
use super::{Marker, Record, Version};
use crate::walk::bytes_order;
use crate::{Error, Result};

/// A layer of records is merged into the one before it unless that one is this many times larger, which keeps the layers
/// few (eight for a million records) and the records rewritten a change in proportion to the change.
const LAYER_RATIO: u64 = 6;
/// Segments that a question has to open cost it 0.15 ms each.
const MAX_SEGMENTS: usize = 5;
/// A segment of which a larger share is deleted is written anew.
const MAX_DELETED_SHARE: f64 = 0.2;

/// An index being written. Holds the writer's lock until dropped.
pub(crate) struct Writer {
    pub(crate) folder: PathBuf,
    pub(crate) marker: Marker,
    pub(crate) payload: Payload,
    pub(crate) fields: Fields,
    disk: Folder,
    index: Index,
    engine: IndexWriter,
    layers: Vec<Layer>,
    _lock: WriterLock,
}

/// What one commit changes beside the segments already added.
#[derive(Default)]
pub(crate) struct Delta {
    /// The new word on each path, in path order.
    records: BTreeMap<PathKey, Record>,
    /// Versions that are no longer true.
    gone: Vec<u64>,
    /// What the versions added and gone change in the totals.
    documents: i64,
    bytes: i64,
    tokens: [i64; 3],
    /// The largest uid among the versions added.
    last_uid: u64,
}

/// A path that sorts by component.
#[derive(PartialEq, Eq)]
pub(super) struct PathKey(pub(super) Vec<u8>);

impl Ord for PathKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        bytes_order(&self.0, &other.0)
    }
}

impl PartialOrd for PathKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Delta {
    /// Puts `record` in the place of `old`.
    pub(crate) fn put(&mut self, record: Record, old: Option<&Record>) {
        let before = old.and_then(|old| Some((old.version()?, old.stat.size)));
        let after = record.version().map(|version| (version, record.stat.size));
        if before.map(|(version, _)| version.uid) != after.map(|(version, _)| version.uid) {
            if let Some((version, bytes)) = before {
                self.gone.push(version.uid);
                self.count(version, bytes, -1);
            }
            if let Some((version, bytes)) = after {
                self.last_uid = self.last_uid.max(version.uid);
                self.count(version, bytes, 1);
            }
        }
        let uid = record.uid();
        if let Some(previous) = self.records.insert(PathKey(record.path.clone()), record)
            && let Some(version) = previous.version()
            && Some(version.uid) != uid
            && old.and_then(Record::uid) != Some(version.uid)
        {
            // Met twice in one run, and changed in between: only the last version counts.
            self.gone.push(version.uid);
            self.count(&version.clone(), previous.stat.size, -1);
        }
    }

    fn count(&mut self, version: &Version, bytes: u64, sign: i64) {
        self.documents += sign;
        self.bytes += sign * bytes as i64;
        for (total, tokens) in self.tokens.iter_mut().zip(version.tokens) {
            *total += sign * i64::from(tokens);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The payload after this change of `before`.
    fn applied(&self, before: &Payload, unfinished: bool) -> Payload {
        let mut next = Payload { unfinished, committed_ns: now_ns(), ..before.clone() };
        next.documents = next.documents.saturating_add_signed(self.documents);
        next.bytes = next.bytes.saturating_add_signed(self.bytes);
        for (total, change) in next.tokens.iter_mut().zip(self.tokens) {
            *total = total.saturating_add_signed(change);
        }
        next.next_uid = next.next_uid.max(self.last_uid + 1);
        next
    }
}

impl Writer {
    /// Opens the index in `folder` for writing; it must have been created.
    pub(crate) fn open(folder: &Path) -> Result<Writer> {
        let lock = WriterLock::take(folder)?;
        let marker = Marker::read(folder)?.ok_or_else(|| Error::NoIndex { path: folder.to_path_buf() })?;
        let failed = |error| engine_error(folder, error);
        let disk = Folder::open(folder, Role::Writer).map_err(|error| failed(error.into()))?;
        refuse_lost_state(folder)?;
        let (schema, fields) = schema::schema();
        let mut index = Index::open_or_create(disk.clone(), schema).map_err(failed)?;
        // The writer's own threads index nothing; merging asks for no analysis either.
        index.set_tokenizers(tokenizers(&Wholes::default()));
        let meta = index.load_metas().map_err(failed)?;
        remove_strays(folder, &meta)?;
        let payload = parse_payload(folder, meta.payload.as_deref())?;
        let layers = open_layers(folder, &disk, &payload);
        let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(2).build();
        let engine: IndexWriter = index.writer_with_options(options).map_err(failed)?;
        engine.set_merge_policy(Box::new(NoMergePolicy));
        let folder = folder.to_path_buf();
        let no_layers = Vec::new();
        let mut writer =
            Writer { folder, marker, payload, fields, disk, index, engine, layers: no_layers, _lock: lock };
        match layers {
            Ok(layers) => writer.layers = layers,
            Err(Error::LostRecords { .. }) => writer.recover()?,
            Err(error) => return Err(error),
        }
        sweep(&writer.folder, &writer.payload)?;
        Ok(writer)
    }

    /// Builds the records again from the documents.
    fn recover(&mut self) -> Result<()> {
        let failed = |error| engine_error(&self.folder, error);
        let segments = self.index.searchable_segments().map_err(failed)?;
        let segments = segments.iter().map(SegmentReader::open).collect::<tantivy::Result<Vec<_>>>().map_err(failed)?;
        let records = recover::records(&segments, &self.fields).map_err(failed)?;
        let mut next = self.payload.clone();
        let (number, count, layer) = self.new_layer(&mut next, |writer| {
            records.iter().try_for_each(|record| writer.push(record).map_err(LayerError::Io))
        })?;
        next.layers = vec![(number, count)];
        self.payload = next;
        self.layers = vec![layer];
        self.commit(Delta::default(), true)
    }

    /// The records as of the last commit.
    pub(crate) fn records(&self) -> Records {
        Records::new(self.layers.clone())
    }

    /// An index handle for one thread that fills segments, with tokenizers of its own.
    pub(crate) fn handle(&self, wholes: &Wholes) -> Index {
        let mut index = self.index.clone();
        index.set_tokenizers(tokenizers(wholes));
        index
    }

    /// Adds a finished segment, to be seen from the next commit on.
    pub(crate) fn add_segment(&mut self, meta: SegmentMeta) -> Result<()> {
        self.engine.add_segment(meta).map_err(|error| engine_error(&self.folder, error))
    }

    /// Switches to a state with the segments added since the last commit and what `delta` says.
    pub(crate) fn commit(&mut self, delta: Delta, unfinished: bool) -> Result<()> {
        let mut next = delta.applied(&self.payload, unfinished);
        for uid in &delta.gone {
            self.engine.delete_term(Term::from_field_u64(self.fields.uid, *uid));
        }
        let layers = self.write_layer(&delta, &mut next)?;
        let text = serde_json::to_string(&next)
            .map_err(|error| Error::Write { path: self.folder.clone(), source: error.into() })?;
        let failed = |error: TantivyError| engine_error(&self.folder, error);
        let mut prepared = self.engine.prepare_commit().map_err(failed)?;
        prepared.set_payload(&text);
        prepared.commit().map_err(failed)?;
        self.payload = next;
        self.layers = layers;
        Ok(())
    }

    /// Writes the records of `delta` on top of the layers, merging those of like size.
    fn write_layer(&self, delta: &Delta, next: &mut Payload) -> Result<Vec<Layer>> {
        if delta.records.is_empty() {
            return Ok(self.layers.clone());
        }
        let fresh = self.new_layer(next, |writer| {
            delta.records.values().try_for_each(|record| writer.push(record).map_err(LayerError::Io))
        })?;
        let mut layers = self.layers.clone();
        next.layers.truncate(layers.len());
        // From the newest down: whatever is not much larger than all above it is merged with them.
        let mut merge_from = layers.len();
        let mut above = fresh.1;
        while merge_from > 0 && next.layers[merge_from - 1].1 < above * LAYER_RATIO {
            merge_from -= 1;
            above += next.layers[merge_from].1;
        }
        let (number, count, layer) = (fresh.0, fresh.1, fresh.2);
        layers.push(layer);
        next.layers.push((number, count));
        if merge_from + 1 < layers.len() {
            let removed = if merge_from == 0 { Removed::Hidden } else { Removed::Kept };
            let merged = self.new_layer(next, |writer| {
                let mut merged = Records::merged(&layers[merge_from..], removed).map_err(LayerError::Flaw)?;
                while let Some(record) = merged.next().map_err(LayerError::Flaw)? {
                    writer.push(record).map_err(LayerError::Io)?;
                }
                Ok(())
            })?;
            layers.truncate(merge_from);
            next.layers.truncate(merge_from);
            layers.push(merged.2);
            next.layers.push((merged.0, merged.1));
        }
        Ok(layers)
    }

    /// Writes a new layer file; returns its number, how many records it holds, and the layer.
    fn new_layer(
        &self,
        next: &mut Payload,
        fill: impl FnOnce(&mut LayerWriter<BufWriter<directory::SyncLater>>) -> std::result::Result<(), LayerError>,
    ) -> Result<(u64, u64, Layer)> {
        let number = next.next_layer;
        next.next_layer += 1;
        let name = payload::layer_name(number);
        let path = self.folder.join(&name);
        let failed = |source| Error::Write { path: path.clone(), source };
        let file = self.disk.create(Path::new(&name)).map_err(failed)?;
        let mut writer = LayerWriter::new(BufWriter::with_capacity(1 << 16, file));
        fill(&mut writer).map_err(|error| match error {
            LayerError::Io(source) => failed(source),
            LayerError::Flaw(flaw) => Error::Damaged { path: self.folder.clone(), detail: flaw.to_string() },
        })?;
        let (mut out, count) = writer.finish().map_err(failed)?;
        out.flush().map_err(failed)?;
        out.get_mut().finish().map_err(failed)?;
        let one = Payload { layers: vec![(number, count)], ..Payload::default() };
        let layer = open_layers(&self.folder, &self.disk, &one)?.remove(0);
        Ok((number, count, layer))
    }

    /// Merges segments so that few are left and little in them is deleted, and removes the files of the old ones.
    ///
    /// `threads` merges run at once; a large index ends with as many segments.
    pub(crate) fn merge(&mut self, threads: usize) -> Result<()> {
        let failed = |error: TantivyError| engine_error(&self.folder, error);
        let segments = self.index.searchable_segment_metas().map_err(failed)?;
        let sizes: Vec<_> = segments.iter().map(|meta| (meta.id(), meta.max_doc(), meta.num_deleted_docs())).collect();
        let merges: Vec<_> = plan(&sizes, threads).into_iter().map(|ids| self.engine.merge(&ids)).collect();
        for merge in merges {
            merge.wait().map_err(failed)?;
        }
        Ok(())
    }

    /// Gives up what was not committed: its files are removed as far as that is possible.
    pub(crate) fn abandon(self) {
        let Writer { folder, index, engine, .. } = self;
        drop(engine);
        // This is the way out of a failure that is told already; what stays is removed by the next writer.
        if let Ok(meta) = index.load_metas() {
            let _ = remove_strays(&folder, &meta);
            // The failure may have come after the switch to the new state, whose records must stay.
            if let Ok(payload) = parse_payload(&folder, meta.payload.as_deref()) {
                let _ = sweep(&folder, &payload);
            }
        }
    }

    /// Ends the writing: files that no state needs any more are removed.
    pub(crate) fn finish(self) -> Result<()> {
        let collected = self.engine.garbage_collect_files().wait();
        collected.map_err(|error| engine_error(&self.folder, error))?;
        sweep(&self.folder, &self.payload)
    }
}

/// Removes what a killed writer may have left, and layers that were merged away.
fn sweep(folder: &Path, payload: &Payload) -> Result<()> {
    let failed = |source| Error::Read { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_old_layer =
            layer_number(&name).is_some_and(|number| payload.layers.iter().all(|(current, _)| *current != number));
        if is_old_layer || directory::is_leftover(&name) {
            fs::remove_file(entry.path()).map_err(|source| Error::Write { path: entry.path(), source })?;
        }
    }
    Ok(())
}

/// Removes the files of tantivy's that the committed state does not name: a killed writer left them, and the next one
/// would stumble over those that it gives the same names.
fn remove_strays(folder: &Path, meta: &IndexMeta) -> Result<()> {
    let living = meta.list_segment_files();
    for entry in fs::read_dir(folder).map_err(|source| Error::Read { path: folder.to_path_buf(), source })? {
        let entry = entry.map_err(|source| Error::Read { path: folder.to_path_buf(), source })?;
        let name = entry.file_name();
        let is_engines = name.to_str().is_some_and(directory::is_engine_file);
        if is_engines && name != "meta.json" && !living.contains(Path::new(&name)) {
            fs::remove_file(entry.path()).map_err(|source| Error::Write { path: entry.path(), source })?;
        }
    }
    Ok(())
}

/// Why a layer could not be written.
enum LayerError {
    Io(std::io::Error),
    Flaw(&'static str),
}

/// Which segments to merge with each other: `(id, documents, deleted ones)` in, groups out.
fn plan(segments: &[(SegmentId, u32, u32)], threads: usize) -> Vec<Vec<SegmentId>> {
    let is_worn = |(_, documents, deleted): &(SegmentId, u32, u32)| {
        f64::from(*deleted) > MAX_DELETED_SHARE * f64::from(*documents)
    };
    let mut sorted = segments.to_vec();
    sorted.sort_by_key(|segment| std::cmp::Reverse(alive(segment)));
    let is_small = segments.iter().map(alive).sum::<u64>() < TINY;
    if segments.len() <= 2 && !is_small && !segments.iter().any(is_worn) {
        return Vec::new(); // what two workers leave is few enough, and merging it would cost half as much again
    }
    let rest = |from: usize| sorted[from..].iter().map(alive).sum::<u64>();
    let all = rest(0);
    // The largest stay: each that outweighs all after it twice, and what a large fresh index ends with. The tail is merged
    // into one when there is more than one of it.
    let stays = |n: usize| {
        let size = alive(&sorted[n]);
        size > 2 * rest(n + 1) || (size >= SMALL && size >= all / 3)
    };
    let mut keep = 0;
    while keep < sorted.len() && keep + 1 < MAX_SEGMENTS && stays(keep) {
        keep += 1;
    }
    let mut groups: Vec<Vec<SegmentId>> = Vec::new();
    let (kept, tail) = sorted.split_at(keep);
    groups.extend(kept.iter().map(|segment| vec![segment.0]));
    groups.extend(balanced(tail, if kept.is_empty() { threads.clamp(1, 2) } else { 1 }));
    // One alone is only written anew to be rid of what is deleted.
    let worn: Vec<_> = segments.iter().filter(|segment| is_worn(segment)).map(|segment| segment.0).collect();
    groups.retain(|group| group.len() > 1 || worn.contains(&group[0]));
    groups
}

/// Documents that are not deleted.
fn alive((_, documents, deleted): &(SegmentId, u32, u32)) -> u64 {
    u64::from(documents.saturating_sub(*deleted))
}

/// Below so many documents merging takes no time that anybody would notice.
const TINY: u64 = 1_000;
/// Below so many documents one segment is made even of a fresh index: merging takes no time worth sharing.
const SMALL: u64 = 20_000;

/// Splits segments, largest first, into `parts` groups of like size.
fn balanced(segments: &[(SegmentId, u32, u32)], parts: usize) -> Vec<Vec<SegmentId>> {
    let documents: u64 = segments.iter().map(alive).sum();
    let parts = if documents < 2 * SMALL { 1 } else { parts };
    let mut groups: Vec<(u64, Vec<SegmentId>)> = vec![(0, Vec::new()); parts];
    for segment in segments {
        if let Some(lightest) = groups.iter_mut().min_by_key(|(weight, _)| *weight) {
            lightest.0 += alive(segment);
            lightest.1.push(segment.0);
        }
    }
    groups.into_iter().map(|(_, ids)| ids).filter(|ids| !ids.is_empty()).collect()
}

fn now_ns() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(sizes: &[(u32, u32)]) -> Vec<(SegmentId, u32, u32)> {
        sizes.iter().map(|(all, gone)| (SegmentId::generate_random(), *all, *gone)).collect()
    }

    /// Applies plans until nothing changes; returns the sizes that are left.
    fn settled(mut sizes: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
        loop {
            let current = segments(&sizes);
            let groups = plan(&current, 2);
            if groups.is_empty() {
                return sizes;
            }
            let merged: Vec<_> = groups.concat();
            sizes = current.iter().filter(|s| !merged.contains(&s.0)).map(|s| (s.1, s.2)).collect();
            for group in &groups {
                let live = current.iter().filter(|s| group.contains(&s.0)).map(|s| s.1 - s.2).sum();
                sizes.push((live, 0));
            }
        }
    }

    #[test]
    fn many_segments_become_few() {
        for count in 1..40 {
            assert!(settled(vec![(10_000, 0); count]).len() <= 2, "{count} like ones");
            let left = settled((0..count as u32).map(|n| (1 + n * n * n, 0)).collect());
            assert!(left.len() <= MAX_SEGMENTS, "{count} growing ones: {left:?}");
        }
    }

    #[test]
    fn deleted_documents_do_not_pile_up() {
        let rows: &[&[(u32, u32)]] = &[&[(100, 21)], &[(100, 100)], &[(1000, 10), (100, 50)], &[(1000, 900), (5, 0)]];
        for sizes in rows {
            for (all, gone) in settled(sizes.to_vec()) {
                assert!(f64::from(gone) <= MAX_DELETED_SHARE * f64::from(all), "{sizes:?} leaves {gone} of {all}");
            }
        }
    }

    #[test]
    fn a_small_change_does_not_rewrite_a_large_segment() {
        let mut sizes = vec![(79_000, 0)];
        for _ in 0..100 {
            sizes.push((1, 0));
            let current = segments(&sizes);
            for group in plan(&current, 2) {
                assert!(!group.contains(&current[0].0), "{sizes:?}");
            }
            sizes = settled(sizes);
            assert!(sizes.len() <= MAX_SEGMENTS);
        }
    }
}
