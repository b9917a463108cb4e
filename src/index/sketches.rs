//! The sketches and fingerprints of a segment's documents, and the checkpoints of the long ones: a file beside its postings,
//! written, merged and removed together with them.
//!
//! The file holds the fingerprints of all documents, then the entries of all, one after the other, then where each
//! document's end (a `u32`, counted in entries), then the checkpoints (see `long.rs`), then the number of documents;
//! everything little-endian. 68 bytes a document and 4 an entry: 196 at most; a long text has a 700th of itself on top.

mod long;

use std::io::{self, Write};
use std::ops::Range;

use tantivy::directory::{FileSlice, OwnedBytes, TerminatingWrite, WritePtr};
use tantivy::index::SegmentComponent;
use tantivy::plugin::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};
use tantivy::{DocId, Segment, SegmentReader, TantivyError};

use crate::fingerprint::{BYTES, Fingerprint};
use crate::sketch::{Entry, Sketcher};
use crate::snippet::Checkpoints;
use long::{Long, LongWriter};

/// The extension of the file.
const EXTENSION: &str = "sketch";

fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.into())
}

/// Makes tantivy keep sketches with its segments.
pub(super) struct SketchPlugin;

impl SegmentPlugin for SketchPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, _: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        Err(TantivyError::InternalError("segments are filled without tantivy's writer".to_string()))
    }

    fn merge(&self, merge: PluginMergeContext<'_>) -> tantivy::Result<()> {
        let old = merge.readers.iter().map(|reader| Ok((reader, Sketches::open(reader)?)));
        let old = old.collect::<tantivy::Result<Vec<_>>>()?;
        // Nothing sorts the documents, so they follow each other as in the old segments. One part of the file after the
        // other is copied, so that nothing is held of a large index.
        let documents = || {
            let living =
                |(reader, sketches)| SegmentReader::doc_ids_alive(reader).map(move |document| (sketches, document));
            old.iter().map(|(reader, sketches)| (*reader, sketches)).flat_map(living)
        };
        let mut out = merge.target_segment.open_write(component())?;
        for (sketches, document) in documents() {
            out.write_all(&sketches.fingerprint_in_order(document).unwrap_or(Fingerprint([0; BYTES])).0)?;
        }
        for entry in documents().flat_map(|(sketches, document)| sketches.in_order(document)) {
            out.write_all(&entry.0.to_le_bytes())?;
        }
        let (mut end, mut count) = (0_u32, 0_u32);
        for (sketches, document) in documents() {
            end += sketches.in_order(document).count() as u32;
            count += 1;
            out.write_all(&end.to_le_bytes())?;
        }
        let mut long = LongWriter::default();
        for (document, (sketches, old)) in (0_u32..).zip(documents()) {
            if let Some(bytes) = sketches.long().and_then(|long| long.of(old)) {
                long.add(document, |out| out.extend_from_slice(bytes));
            }
        }
        long.write(&mut out)?;
        out.write_all(&count.to_le_bytes())?;
        Ok(out.terminate()?)
    }
}

/// The sketches and fingerprints of a segment being filled.
#[derive(Default)]
pub(super) struct SketchWriter {
    fingerprints: Vec<u8>,
    entries: Vec<Entry>,
    ends: Vec<u32>,
    long: LongWriter,
}

impl SketchWriter {
    /// Adds those of the next document, whose terms `sketcher` has taken, and the checkpoints of a long one.
    pub(super) fn add(&mut self, fingerprint: Fingerprint, sketcher: &mut Sketcher, checkpoints: Option<Checkpoints>) {
        if let Some(checkpoints) = checkpoints {
            self.long.add(self.ends.len() as u32, |out| checkpoints.encode(out));
        }
        self.fingerprints.extend(fingerprint.0);
        sketcher.finish(&mut self.entries);
        self.ends.push(self.entries.len() as u32);
    }

    /// Writes the file of `segment`.
    pub(super) fn write(&self, segment: &Segment) -> io::Result<()> {
        let mut out: WritePtr = segment.open_write(component()).map_err(io::Error::other)?;
        out.write_all(&self.fingerprints)?;
        for entry in &self.entries {
            out.write_all(&entry.0.to_le_bytes())?;
        }
        for end in &self.ends {
            out.write_all(&end.to_le_bytes())?;
        }
        self.long.write(&mut out)?;
        out.write_all(&(self.ends.len() as u32).to_le_bytes())?;
        out.terminate()
    }
}

/// The sketches and fingerprints of a segment, as its file holds them.
pub(crate) struct Sketches {
    /// The file, for what is read of single documents: those of an answer are scattered over it.
    file: FileSlice,
    /// All of it.
    bytes: OwnedBytes,
    documents: usize,
    /// Where the checkpoints end.
    long_end: usize,
    /// Where the ends of the entries end.
    ends_end: usize,
}

impl Sketches {
    /// Opens those of a segment.
    pub(super) fn open(segment: &SegmentReader) -> tantivy::Result<Sketches> {
        let documents = segment.max_doc() as usize;
        let sketches = Sketches::new(segment.open_read(component())?, documents)?;
        let is_whole = sketches.number(sketches.long_end) == Some(segment.max_doc())
            && sketches.end(documents).map(|entries| BYTES * documents + 4 * (entries + documents))
                == Some(sketches.ends_end);
        match is_whole {
            true => Ok(sketches),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "the sketches are cut short").into()),
        }
    }

    fn new(file: FileSlice, documents: usize) -> io::Result<Sketches> {
        let bytes = file.read_bytes()?;
        let long_end = bytes.len().saturating_sub(4);
        let long_bytes = Long::open(&bytes[..long_end]).map_or(0, |long| long.bytes());
        Ok(Sketches { documents, long_end, ends_end: long_end - long_bytes, file, bytes })
    }

    fn long(&self) -> Option<Long<'_>> {
        Long::open(&self.bytes[..self.long_end])
    }

    /// The checkpoints of a document, if its text is long; none where the file is damaged, since a passage is found without.
    pub(crate) fn checkpoints(&self, document: DocId) -> Option<Checkpoints> {
        Checkpoints::decode(self.long()?.of(document)?)
    }

    /// The sketch of a document; empty where the file is damaged, since a sketch only ever refines an order.
    pub(crate) fn of(&self, document: DocId) -> impl Iterator<Item = Entry> {
        let read = |places| self.file.read_bytes_slice(places).ok();
        let entries = self.places(document).and_then(read).unwrap_or_else(OwnedBytes::empty);
        (0..entries.len() / 4).map(move |n| entry(&entries, n))
    }

    /// The same out of the whole file, for who reads one document after the other.
    fn in_order(&self, document: DocId) -> impl Iterator<Item = Entry> {
        let entries = self.places(document).and_then(|places| self.bytes.get(places)).unwrap_or_default();
        (0..entries.len() / 4).map(move |n| entry(entries, n))
    }

    /// Where the entries of a document stand in the file.
    fn places(&self, document: DocId) -> Option<Range<usize>> {
        let (start, end) = (self.end(document as usize)?, self.end(document as usize + 1)?);
        let first = BYTES * self.documents;
        let places = first + 4 * start..first + 4 * end;
        (start <= end && places.end <= self.bytes.len()).then_some(places)
    }

    /// The fingerprint of a document; `None` where the file is damaged.
    pub(crate) fn fingerprint(&self, document: DocId) -> Option<Fingerprint> {
        let bytes = self.file.read_bytes_slice(self.place(document)?).ok()?;
        bytes.as_slice().try_into().ok().map(Fingerprint)
    }

    /// The same out of the whole file, for who reads one document after the other.
    pub(crate) fn fingerprint_in_order(&self, document: DocId) -> Option<Fingerprint> {
        self.bytes.get(self.place(document)?)?.try_into().ok().map(Fingerprint)
    }

    /// Where the fingerprint of a document stands in the file.
    fn place(&self, document: DocId) -> Option<Range<usize>> {
        let start = BYTES * document as usize;
        ((document as usize) < self.documents && BYTES * self.documents <= self.bytes.len())
            .then_some(start..start + BYTES)
    }

    /// How many entries the first `documents` have.
    fn end(&self, documents: usize) -> Option<usize> {
        let Some(last) = documents.checked_sub(1) else { return Some(0) };
        let ends = self.ends_end.checked_sub(4 * self.documents)?;
        self.number(ends + 4 * last).map(|end| end as usize)
    }

    fn number(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..)?.get(..4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

/// The entry at place `n`.
fn entry(entries: &[u8], n: usize) -> Entry {
    let bytes = &entries[4 * n..4 * n + 4];
    Entry(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::super::{Snapshot, UID};
    use super::*;
    use crate::ingest::{self, Request, Watch};

    fn ingest(index: &Path, texts: &Path) {
        let request = Request { paths: vec![texts.to_path_buf()], ..Request::default() };
        ingest::run(index, &request, &Default::default(), &Watch::default(), &mut |_| {}).unwrap();
    }

    /// The sketch and the fingerprint of each file in an index.
    fn sketches(index: &Path) -> (usize, BTreeMap<PathBuf, (Vec<Entry>, Fingerprint)>) {
        let snapshot = Snapshot::open(index).unwrap();
        let mut found = BTreeMap::new();
        for (segment, sketches) in snapshot.segments.iter().zip(&snapshot.sketches) {
            let uids = segment.fast_fields().u64(UID).unwrap();
            for document in segment.doc_ids_alive() {
                let record = snapshot.records.by_uid(uids.first(document).unwrap()).unwrap().unwrap();
                let fingerprint = sketches.fingerprint(document).unwrap();
                found.insert(record.path().to_path_buf(), (sketches.of(document).collect(), fingerprint));
            }
        }
        (snapshot.segments(), found)
    }

    #[test]
    fn a_document_keeps_its_sketch_when_segments_are_merged_and_others_deleted() {
        let home = tempfile::tempdir().unwrap();
        let texts = home.path().canonicalize().unwrap().join("texts");
        fs::create_dir(&texts).unwrap();
        let put = |n: usize| {
            let words: String = (0..n % 60).map(|word| format!("w{word}n{n} ")).collect();
            fs::write(texts.join(format!("{n}.txt")), format!("lantern {words}")).unwrap();
        };
        let grown = home.path().join("grown");
        let mut most_segments = 0;
        for step in 0..6 {
            (step * 40..step * 40 + 40).for_each(put);
            (step * 40..step * 40 + 40).step_by(3).filter(|n| *n > 20).for_each(|n| {
                fs::remove_file(texts.join(format!("{}.txt", n - 20))).unwrap_or_default();
            });
            ingest(&grown, &texts);
            most_segments = most_segments.max(sketches(&grown).0);
        }
        ingest(&home.path().join("anew"), &texts);
        let ((_, grown), (_, anew)) = (sketches(&grown), sketches(&home.path().join("anew")));
        assert!(most_segments > 1, "there was nothing to merge");
        assert_eq!(grown, anew);
        assert!(anew.values().all(|(entries, _)| (1..=crate::sketch::ENTRIES).contains(&entries.len())));
        assert!(anew.values().any(|(entries, _)| entries.len() == crate::sketch::ENTRIES));
        assert!(anew.values().any(|(_, fingerprint)| fingerprint.words() == 60 && !fingerprint.is_whole()));
    }

    #[test]
    fn a_file_with_wrong_ends_gives_no_entries_and_no_panic() {
        let file = |documents: usize, numbers: &[u32]| {
            let fingerprints = vec![0; BYTES * documents].into_iter();
            OwnedBytes::new(fingerprints.chain(numbers.iter().flat_map(|n| n.to_le_bytes())).collect::<Vec<_>>())
        };
        let numbers = |numbers: &[u32]| file(2, numbers);
        let of = |bytes: &OwnedBytes, documents, document| {
            let sketches = Sketches::new(FileSlice::from(bytes.to_vec()), documents).unwrap();
            sketches.of(document).map(|entry| entry.0).collect::<Vec<_>>()
        };
        // Three entries; two documents, which end after the first and after the third; no long ones; how many documents.
        let whole = numbers(&[7, 8, 9, 1, 3, 0, 2]);
        assert_eq!((of(&whole, 2, 0), of(&whole, 2, 1)), (vec![7], vec![8, 9]));
        for damaged in [
            numbers(&[7, 8, 9, 3, 1, 0, 2]),
            numbers(&[7, 8, 9, u32::MAX, u32::MAX, 9, 2]),
            file(0, &[]),
            file(0, &[2]),
        ] {
            assert!(of(&damaged, 2, 1).is_empty());
            assert!(of(&damaged, 2, 9).is_empty() && of(&damaged, 2, u32::MAX - 1).is_empty());
        }
    }
}
