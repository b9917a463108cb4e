//! Mending an index: what is damaged is left out of its state, so that the next walk finds it missing and reads it again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tantivy::Directory;

use super::directory::META;
use super::lock::WriterLock;
use super::payload;
use super::snapshot::{engine_error, parse_payload};
use super::writer::{LayerError, Writer, engine_of, marked, tidy};
use super::{Kind, UID};
use crate::{Error, Result};

impl Writer {
    /// Opens the index in `folder` without the `damaged` files, and commits what is left of it as an unfinished state.
    ///
    /// A segment goes as a whole; what it lacks most may be only the list of its deleted documents, which the records tell
    /// as well. Records of documents that are gone go, too: an ingest of all sources adds their files again. Damaged records
    /// are built again from the documents. Returns how many documents are to be read again. Until the one commit at the
    /// end, the old state is what is on the disk.
    pub(crate) fn open_to_mend(folder: &Path, damaged: &BTreeSet<String>) -> Result<(Writer, u64)> {
        let lock = WriterLock::take(folder)?;
        let failed = |error| engine_error(folder, error);
        let (marker, disk) = marked(folder)?;
        tidy(folder, &engine_of(&disk).map_err(failed)?)?;
        let json = disk.atomic_read(Path::new(META)).map_err(|error| failed(error.into()))?;
        let meta = serde_json::from_slice(&json).unwrap_or(Value::Null);
        let before = parse_payload(folder, meta["payload"].as_str())?.documents;
        disk.pretend(without(folder, meta, damaged)?);
        let index = engine_of(&disk).map_err(failed)?;
        let mut writer = Writer::of(folder, lock, marker, disk, index)?;
        writer.reconcile()?;
        let lost = before.saturating_sub(writer.payload.documents);
        Ok((writer, lost))
    }

    /// Makes records and documents tell the same.
    fn reconcile(&mut self) -> Result<()> {
        let failed = |error| engine_error(&self.folder, error);
        let damaged = |flaw: &str| Error::Damaged { path: self.folder.clone(), detail: flaw.to_string() };
        let mut documents: Vec<u64> = Vec::new();
        for segment in self.segments()? {
            let uids = segment.fast_fields().u64(UID).map_err(failed)?;
            documents.extend(segment.doc_ids_alive().filter_map(|document| uids.first(document)));
        }
        documents.sort_unstable();
        let mut has_record = vec![false; documents.len()];
        let place = |uid: u64| documents.binary_search(&uid).ok();
        let (records, mut relisted) = (self.records(), self.marker.relisted.clone());
        let is_listed = |id: u32| self.marker.source(id).is_some_and(|source| source.kind == Kind::Files);
        let mut all = records.below(b"/").map_err(damaged)?;
        while let Some(record) = all.next().map_err(damaged)? {
            match record.uid().map(place) {
                Some(Some(n)) => has_record[n] = true,
                Some(None) if is_listed(record.source) => relisted.push(record.path().to_path_buf()),
                _ => {}
            }
        }
        self.keep_listed(relisted)?;
        let orphans = documents.iter().zip(&has_record).filter(|(_, has_record)| !**has_record);
        let orphans: Vec<u64> = orphans.map(|(uid, _)| *uid).collect();
        self.start_over(&orphans, |each| {
            let mut all = records.below(b"/").map_err(LayerError::Flaw)?;
            while let Some(record) = all.next().map_err(LayerError::Flaw)? {
                if record.uid().is_none_or(|uid| place(uid).is_some()) {
                    each(record)?;
                }
            }
            Ok(())
        })
    }

    /// Notes files that were listed one by one, since nothing else will tell of them.
    fn keep_listed(&mut self, mut relisted: Vec<PathBuf>) -> Result<()> {
        relisted.sort();
        relisted.dedup();
        if relisted != self.marker.relisted || !self.marker.is_as_written(&self.folder)? {
            self.marker.relisted = relisted;
            self.marker.write(&self.folder)?;
        }
        Ok(())
    }
}

/// The JSON of a commit without what is `damaged`.
fn without(folder: &Path, mut meta: Value, damaged: &BTreeSet<String>) -> Result<Vec<u8>> {
    let garbled = || Error::Damaged { path: folder.to_path_buf(), detail: format!("{META} cannot be read") };
    let has_records = !damaged.iter().any(|name| payload::is_layer(name));
    let segments = meta.get_mut("segments").and_then(Value::as_array_mut).ok_or_else(garbled)?;
    let id = |segment: &Value| segment["segment_id"].as_str().unwrap_or_default().replace('-', "");
    let is_damaged = |segment: &Value, counts: &dyn Fn(&str) -> bool| {
        let id = id(segment);
        damaged.iter().any(|name| name.starts_with(&id) && counts(name))
    };
    segments.retain(|segment| !is_damaged(segment, &|name| !has_records || !name.ends_with(".del")));
    for segment in segments {
        if is_damaged(segment, &|_| true) {
            segment["deletes"] = Value::Null;
        }
    }
    serde_json::to_vec(&meta).map_err(|_| garbled())
}
