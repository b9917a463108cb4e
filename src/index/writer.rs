//! Writing an index: segments and records go in, one commit switches to them, merging keeps them few.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::index::{IndexMeta, SegmentMeta};
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{Index, IndexWriter, SegmentReader, TantivyError, Term};

use super::delta::Delta;
use super::dictionary::DictionaryPlugin;
use super::directory::{self, Folder, Role};
use super::fill::Filler;
use super::lock::WriterLock;
use super::merge;
use super::payload::{self, Payload, layer_number};
use super::records::{Layer, LayerWriter, Records, Removed};
use super::recover;
use super::schema::{self, Fields};
use super::sketches::SketchPlugin;
use super::snapshot::{engine_error, open_layers, parse_payload, refuse_lost_state};
use super::{Marker, Record, verify};
use crate::{Error, Result};

/// A layer of records is merged into the one before it unless that one is this many times larger, which keeps the layers
/// few (eight for a million records) and the records rewritten a change in proportion to the change.
const LAYER_RATIO: u64 = 6;

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

impl Writer {
    /// Opens the index in `folder` for writing; it must have been created.
    pub(crate) fn open(folder: &Path) -> Result<Writer> {
        let lock = WriterLock::take(folder)?;
        let (marker, disk) = marked(folder)?;
        let index = engine_of(&disk).map_err(|error| engine_error(folder, error))?;
        tidy(folder, &index)?;
        Writer::of(folder, lock, marker, disk, index)
    }

    /// Begins to write to `index`, which lies in `folder` and whose files `disk` keeps. Lost records are built again.
    pub(super) fn of(folder: &Path, lock: WriterLock, marker: Marker, disk: Folder, index: Index) -> Result<Writer> {
        super::tag(folder)?;
        let failed = |error| engine_error(folder, error);
        let (_, fields) = schema::schema();
        let meta = index.load_metas().map_err(failed)?;
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
        Ok(writer)
    }

    /// Builds the records again from the documents.
    fn recover(&mut self) -> Result<()> {
        let failed = |error| engine_error(&self.folder, error);
        let (records, lost) = recover::records(&self.segments()?, &self.fields).map_err(failed)?;
        self.start_over(&lost, |each| records.iter().try_for_each(each))
    }

    /// Replaces all records by those that `fill` hands over, in path order, deletes the versions `gone`, and commits.
    pub(super) fn start_over(
        &mut self,
        gone: &[u64],
        fill: impl FnOnce(
            &mut dyn FnMut(&Record) -> std::result::Result<(), LayerError>,
        ) -> std::result::Result<(), LayerError>,
    ) -> Result<()> {
        for uid in gone {
            self.engine.delete_term(Term::from_field_u64(self.fields.uid, *uid));
        }
        let (mut totals, mut layer_state) = (Delta::default(), self.payload.clone());
        let (number, count, layer) = self.new_layer(&mut layer_state, |writer| {
            fill(&mut |record| {
                totals.add(record);
                writer.push(record).map_err(LayerError::Io)
            })
        })?;
        let nothing = Payload { documents: 0, bytes: 0, tokens: [0; 3], ..layer_state };
        self.payload = totals.applied(&nothing, true);
        self.payload.layers = vec![(number, count)];
        self.layers = vec![layer];
        self.commit(Delta::default(), true)
    }

    /// The segments of the last commit.
    pub(super) fn segments(&self) -> Result<Vec<SegmentReader>> {
        let failed = |error| engine_error(&self.folder, error);
        let segments = self.index.searchable_segments().map_err(failed)?;
        segments.iter().map(SegmentReader::open).collect::<tantivy::Result<Vec<_>>>().map_err(failed)
    }

    /// The records as of the last commit.
    pub(crate) fn records(&self) -> Records {
        Records::new(self.layers.clone())
    }

    /// What a thread fills segments with, using so many bytes of memory for terms.
    pub(crate) fn filler(&self, budget: usize) -> Filler {
        Filler::new(self.index.clone(), &self.folder, self.fields, budget)
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
        fill: impl FnOnce(&mut LayerWriter<directory::SyncLater>) -> std::result::Result<(), LayerError>,
    ) -> Result<(u64, u64, Layer)> {
        let number = next.next_layer;
        next.next_layer += 1;
        let name = payload::layer_name(number);
        let path = self.folder.join(&name);
        let failed = |source| Error::Write { path: path.clone(), source };
        let file = self.disk.create(Path::new(&name)).map_err(failed)?;
        let mut writer = LayerWriter::new(file);
        fill(&mut writer).map_err(|error| match error {
            LayerError::Io(source) => failed(source),
            LayerError::Flaw(flaw) => Error::Damaged { path: self.folder.clone(), detail: flaw.to_string() },
        })?;
        let (mut out, count) = writer.finish().map_err(failed)?;
        out.finish().map_err(failed)?;
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
        let plan = merge::plan(&sizes, threads);
        let sums = self.disk.sums().clone();
        for id in plan.iter().flatten() {
            // Damage would be merged into a file that then passes for sound. It is read next anyway.
            verify::segment(&self.folder, &id.uuid_string(), &sums)?;
        }
        let merges: Vec<_> = plan.into_iter().map(|ids| self.engine.merge(&ids)).collect();
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

/// The marker and the files of the index in `folder`, if this program can write it.
pub(super) fn marked(folder: &Path) -> Result<(Marker, Folder)> {
    let marker = Marker::read(folder)?.ok_or_else(|| Error::NoIndex { path: folder.to_path_buf() })?;
    refuse_lost_state(folder)?;
    let disk = Folder::open(folder, Role::Writer).map_err(|error| engine_error(folder, error.into()))?;
    Ok((marker, disk))
}

/// The engine's index in `disk`, made if there is none.
pub(super) fn engine_of(disk: &Folder) -> tantivy::Result<Index> {
    let (schema, _) = schema::schema();
    let builder = Index::builder()
        .schema(schema)
        .register_plugin(Arc::new(SketchPlugin))
        .register_plugin(Arc::new(DictionaryPlugin));
    builder.open_or_create(disk.clone())
}

/// Removes what a killed writer left beside the committed state: the next one would stumble over files that it gives the
/// same names.
pub(super) fn tidy(folder: &Path, index: &Index) -> Result<()> {
    let meta = index.load_metas().map_err(|error| engine_error(folder, error))?;
    remove_strays(folder, &meta)?;
    sweep(folder, &parse_payload(folder, meta.payload.as_deref())?)
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

/// Removes the files of tantivy's that the committed state does not name.
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
pub(super) enum LayerError {
    Io(std::io::Error),
    Flaw(&'static str),
}
