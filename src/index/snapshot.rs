//! One state of an index, opened for reading; it stays as it is whatever a writer does meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tantivy::directory::error::{Incompatibility, OpenReadError, OpenWriteError};
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{Directory, DocId, Index, SegmentReader, TantivyDocument, TantivyError};

use super::dictionary::Dictionary;
use super::directory::{Folder, META, Role, is_engine_file};
use super::payload::{self, Payload};
use super::records::Layer;
use super::schema::{self, Fields, UID};
use super::sketches::Sketches;
use super::{Marker, Record, Records};
use crate::analyse::language::Language;
use crate::{Error, Result};

/// How often opening is tried again because a writer replaced the state under it. A writer needs milliseconds between
/// two commits and opening takes less than one.
const TRIES: usize = 20;

/// What the dictionary of each segment says of a term.
pub(crate) type OfSegments = Vec<Option<TermInfo>>;

/// One state of an index.
pub struct Snapshot {
    pub(crate) folder: PathBuf,
    pub(crate) marker: Marker,
    pub(crate) payload: Payload,
    pub(crate) records: Records,
    pub(crate) segments: Vec<SegmentReader>,
    /// Those of each segment.
    pub(crate) sketches: Vec<Sketches>,
    /// The one of each segment.
    pub(crate) dictionaries: Vec<Dictionary>,
    pub(crate) fields: Fields,
}

impl Snapshot {
    /// Opens the last committed state of the index in `folder`. Needs no right to write, takes no lock.
    ///
    /// # Errors
    /// If there is no index, it cannot be read, it is damaged, or of a version that this program does not read.
    pub fn open(folder: &Path) -> Result<Snapshot> {
        let marker = Marker::read(folder)?.ok_or_else(|| Error::NoIndex { path: folder.to_path_buf() })?;
        Snapshot::open_marked(folder, marker)
    }

    /// Opens an index of which only the records are asked: the analysis may be one that this program does not know.
    pub(crate) fn open_for_records(folder: &Path) -> Result<Snapshot> {
        let marker = Marker::read_any(folder)?.ok_or_else(|| Error::NoIndex { path: folder.to_path_buf() })?;
        Snapshot::open_marked(folder, marker)
    }

    fn open_marked(folder: &Path, marker: Marker) -> Result<Snapshot> {
        let disk = Folder::open(folder, Role::Reader)
            .map_err(|error| Error::Engine { path: folder.to_path_buf(), source: error.into() })?;
        let mut tries = 0;
        loop {
            let before = state_of(folder);
            let opened = open_state(folder, &disk, &marker);
            tries += 1;
            // A writer deletes files only after it replaced the state: what was opened while it stayed the same is whole.
            if state_of(folder) == before || tries == TRIES {
                return opened;
            }
        }
    }

    /// What the index was built from.
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// The folder of the index.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many documents are indexed.
    pub fn documents(&self) -> u64 {
        self.payload.documents
    }

    /// How many bytes the indexed files have.
    pub fn bytes(&self) -> u64 {
        self.payload.bytes
    }

    /// How many segments the terms stand in.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Documents that are deleted but still take room.
    pub fn deleted(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.num_deleted_docs())).sum()
    }

    /// Whether the last ingest has not come to its end.
    pub fn is_unfinished(&self) -> bool {
        self.payload.unfinished
    }

    /// When the state was committed, in nanoseconds since the epoch; 0 before the first commit.
    pub fn committed_ns(&self) -> i64 {
        self.payload.committed_ns
    }

    /// What is known of the absolute `path`.
    ///
    /// # Errors
    /// If the records are damaged.
    pub fn record(&self, path: &Path) -> Result<Option<Record>> {
        use std::os::unix::ffi::OsStrExt;
        self.records.find(path.as_os_str().as_bytes()).map_err(|flaw| self.damaged(flaw))
    }

    /// Calls `each` with every record of `folder` and below it, in path order, until it returns `false`.
    ///
    /// # Errors
    /// If the records are damaged.
    pub fn records_below(&self, folder: &Path, mut each: impl FnMut(&Record) -> bool) -> Result<()> {
        use std::os::unix::ffi::OsStrExt;
        let mut merged = self.records.below(folder.as_os_str().as_bytes()).map_err(|flaw| self.damaged(flaw))?;
        while let Some(record) = merged.next().map_err(|flaw| self.damaged(flaw))? {
            if !each(record) {
                break;
            }
        }
        Ok(())
    }

    /// The languages of the documents, as far as they could be told, and how many documents are of each; most first.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn languages(&self) -> Result<Vec<(Language, u64)>> {
        Ok(self.language_codes()?.into_iter().map(|(language, documents, _)| (language, documents)).collect())
    }

    /// The same, with what the dictionary of each segment says of the language's code.
    pub(crate) fn language_codes(&self) -> Result<Vec<(Language, u64, OfSegments)>> {
        let mut found: BTreeMap<Vec<u8>, OfSegments> = BTreeMap::new();
        for (segment, dictionary) in self.dictionaries.iter().enumerate() {
            let take = |code: &[u8], info: &TermInfo| {
                let infos = found.entry(code.to_vec()).or_insert_with(|| vec![None; self.dictionaries.len()]);
                infos[segment] = Some(info.clone());
                true
            };
            dictionary.walk(self.fields.lang, b"", take).map_err(|error| self.engine(error))?;
        }
        let mut languages = Vec::new();
        for language in Language::ALL {
            let Some(infos) = found.remove(language.code().as_bytes()) else { continue };
            let of_segment =
                |(segment, info): (usize, &Option<TermInfo>)| self.living(segment, self.fields.lang, info.as_ref());
            let documents = infos.iter().enumerate().map(of_segment).sum::<Result<u64>>()?;
            languages.push((language, documents, infos));
        }
        languages.retain(|(_, documents, _)| *documents > 0);
        languages.sort_by_key(|(language, documents, _)| (std::cmp::Reverse(*documents), *language));
        Ok(languages)
    }

    /// The versions that the living documents are of, in no order.
    pub(crate) fn uids(&self) -> Result<Vec<u64>> {
        let mut all = Vec::new();
        for segment in &self.segments {
            let uids = segment.fast_fields().u64(UID).map_err(|error| self.engine(error))?;
            all.extend(segment.doc_ids_alive().filter_map(|document| uids.first(document)));
        }
        Ok(all)
    }

    /// The text that the index keeps of a document, if it keeps one.
    pub(crate) fn stored_text(&self, segment: u32, document: DocId) -> Result<Option<String>> {
        let store = self.segments[segment as usize].get_store_reader(1).map_err(|error| self.engine(error))?;
        let kept: TantivyDocument = store.get(document).map_err(|error| self.engine(error))?;
        let text = kept.get_first(self.fields.text).and_then(|value| value.as_str());
        let record = kept.get_first(self.fields.record).and_then(|value| value.as_bytes());
        if record.and_then(|record| super::records::from_stored(record, text)).is_none() {
            return Err(self.damaged("the text that it keeps of a document is not what was written"));
        }
        Ok(text.map(str::to_string))
    }

    /// What the dictionary of a segment says of a term.
    pub(crate) fn term_info(&self, segment: usize, field: Field, term: &str) -> Result<Option<TermInfo>> {
        self.dictionaries[segment].get(field, term.as_bytes()).map_err(|error| self.engine(error))
    }

    /// The postings of a term that the dictionary of a segment knows.
    pub(crate) fn postings(
        &self,
        segment: usize,
        field: Field,
        info: &TermInfo,
        option: IndexRecordOption,
    ) -> Result<SegmentPostings> {
        let inverted = self.segments[segment].inverted_index(field).map_err(|error| self.engine(error))?;
        inverted.read_postings_from_terminfo(info, option).map_err(|error| self.engine(error))
    }

    /// The postings of a term, if the segment has it.
    pub(crate) fn postings_of(
        &self,
        segment: usize,
        field: Field,
        term: &str,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>> {
        let info = self.term_info(segment, field, term)?;
        info.map(|info| self.postings(segment, field, &info, option)).transpose()
    }

    /// How many living documents of a segment have a term that its dictionary knows: dead ones must not make it look common.
    pub(crate) fn living(&self, segment: usize, field: Field, info: Option<&TermInfo>) -> Result<u64> {
        let Some(info) = info else { return Ok(0) };
        let Some(alive) = self.segments[segment].alive_bitset() else { return Ok(info.doc_freq.into()) };
        let postings = self.postings(segment, field, info, IndexRecordOption::Basic)?;
        Ok(postings.doc_freq_given_deletes(alive).into())
    }

    /// How many living documents have a term.
    pub(crate) fn living_with(&self, field: Field, term: &str) -> Result<u64> {
        let of_segment = |segment| self.living(segment, field, self.term_info(segment, field, term)?.as_ref());
        (0..self.segments.len()).map(of_segment).sum()
    }

    pub(crate) fn damaged(&self, flaw: &str) -> Error {
        Error::Damaged { path: self.folder.clone(), detail: flaw.to_string() }
    }

    pub(crate) fn engine(&self, source: impl Into<TantivyError>) -> Error {
        engine_error(&self.folder, source.into())
    }
}

/// What identifies the committed state: the inode of `meta.json` changes with every commit.
pub(crate) fn state_of(folder: &Path) -> Option<(u64, i64, i64)> {
    let metadata = fs::metadata(folder.join(META)).ok()?;
    Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
}

/// Fails if `folder` holds segments or records although it lacks the file that says which of them count.
pub(super) fn refuse_lost_state(folder: &Path) -> Result<()> {
    let failed = |source| Error::Read { path: folder.to_path_buf(), source };
    if folder.join(META).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if is_engine_file(&name) || payload::is_layer(&name) {
            return Err(Error::LostState { path: folder.to_path_buf(), detail: format!("{META} is missing") });
        }
    }
    Ok(())
}

fn open_state(folder: &Path, disk: &Folder, marker: &Marker) -> Result<Snapshot> {
    let failed = |error| engine_error(folder, error);
    let (_, fields) = schema::schema();
    let empty = Snapshot {
        folder: folder.to_path_buf(),
        marker: marker.clone(),
        // Without a commit, a first run has begun and not come to its end.
        payload: Payload { unfinished: true, ..Payload::default() },
        records: Records::default(),
        segments: Vec::new(),
        sketches: Vec::new(),
        dictionaries: Vec::new(),
        fields,
    };
    if !disk.exists(Path::new(META)).map_err(|error| failed(error.into()))? {
        refuse_lost_state(folder)?;
        return Ok(empty); // marked, but nothing was ever committed
    }
    let index = Index::open(disk.clone()).map_err(failed)?;
    let meta = index.load_metas().map_err(failed)?;
    let payload = match meta.payload.as_deref() {
        Some(payload) => parse_payload(folder, Some(payload))?,
        None => empty.payload.clone(),
    };
    let segments = meta.segments.into_iter().map(|meta| SegmentReader::open(&index.segment(meta)));
    let segments = segments.collect::<tantivy::Result<Vec<_>>>().map_err(failed)?;
    let sketches = segments.iter().map(Sketches::open).collect::<tantivy::Result<Vec<_>>>().map_err(failed)?;
    let dictionaries = segments.iter().map(Dictionary::open).collect::<tantivy::Result<Vec<_>>>().map_err(failed)?;
    let records = Records::new(open_layers(folder, disk, &payload)?);
    Ok(Snapshot { payload, records, segments, sketches, dictionaries, ..empty })
}

/// Reads the payload of a commit; a commit without one is that of an index being created.
pub(super) fn parse_payload(folder: &Path, payload: Option<&str>) -> Result<Payload> {
    let Some(payload) = payload else { return Ok(Payload::default()) };
    serde_json::from_str(payload).map_err(|error| Error::Damaged {
        path: folder.to_path_buf(),
        detail: format!("the commit's payload cannot be read ({error})"),
    })
}

/// Opens the layers of records that `payload` names.
pub(super) fn open_layers(folder: &Path, disk: &Folder, payload: &Payload) -> Result<Vec<Layer>> {
    let damaged = |detail: String| Error::LostRecords { path: folder.to_path_buf(), detail };
    let mut layers = Vec::with_capacity(payload.layers.len());
    for (number, records) in &payload.layers {
        let name = payload::layer_name(*number);
        let file = match disk.open_read(Path::new(&name)) {
            Err(OpenReadError::FileDoesNotExist(_)) => return Err(damaged(format!("{name} is missing"))),
            Err(OpenReadError::IoError { io_error, .. }) if io_error.kind() == io::ErrorKind::InvalidData => {
                return Err(damaged(format!("{name}: {io_error}")));
            }
            opened => opened.map_err(|error| engine_error(folder, error.into()))?,
        };
        let bytes = file.read_bytes().map_err(|source| Error::Read { path: folder.join(&name), source })?;
        // A writer reads all of it anyway, and must not carry damage on.
        if disk.is_writing() && !disk.is_sound(&name, &bytes) {
            return Err(damaged(format!("{name}: it does not hold what was written")));
        }
        let layer = Layer::open(file, bytes).map_err(|flaw| damaged(format!("{name}: {flaw}")))?;
        if layer.len() != *records {
            return Err(damaged(format!("{name} holds {} records instead of {records}", layer.len())));
        }
        layers.push(layer);
    }
    Ok(layers)
}

/// What the system's message of a full disk ends with; the engine hands some errors on as text only.
const DISK_FULL: &str = "(os error 28)";

/// An error of the engine as one of ours: what a user can mend is told apart from damage.
pub(crate) fn engine_error(folder: &Path, error: TantivyError) -> Error {
    let path = folder.to_path_buf();
    let damaged = |detail: String| Error::Damaged { path: path.clone(), detail };
    match error {
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(name)) => {
            damaged(format!("{} is missing", name.display()))
        }
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, filepath }) => {
            io_failure(folder.join(filepath), &io_error, &damaged)
        }
        TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(other))
        | TantivyError::IncompatibleIndex(other) => match other {
            Incompatibility::IndexMismatch { library_version, index_version } => {
                let [found, wanted] = [index_version, library_version].map(|version| engine_format(&version));
                Error::Version { path, what: "engine format", found, wanted }
            }
            Incompatibility::CompressionMismatch { index_compression_format, .. } => {
                damaged(format!("its text is compressed as {index_compression_format}"))
            }
        },
        TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, filepath }) => {
            let source = io::Error::new(io_error.kind(), io_error.to_string());
            Error::Write { path: folder.join(filepath), source }
        }
        TantivyError::DataCorruption(corruption) => {
            // What the engine quotes of the file would fill the screen.
            let told = format!("{corruption:?}");
            match told.contains("\"meta.json\"") {
                true => Error::LostState { path, detail: format!("{META} is cut short or garbled") },
                false => damaged(told.lines().next().unwrap_or_default().chars().take(200).collect()),
            }
        }
        TantivyError::IoError(error) => io_failure(path.clone(), &error, &damaged),
        error if error.to_string().contains(DISK_FULL) => {
            Error::Write { path, source: rustix::io::Errno::NOSPC.into() }
        }
        source => Error::Engine { path, source },
    }
}

/// The version of the engine's own format; 0 if it cannot be told.
fn engine_format(version: &tantivy::Version) -> u32 {
    // The engine keeps the number to itself but in JSON.
    let version = serde_json::to_value(version).unwrap_or_default();
    version["index_format_version"].as_u64().and_then(|format| u32::try_from(format).ok()).unwrap_or_default()
}

/// An error of the system, met in the engine: a short file is damage, a full disk stops writing, all else stops reading.
fn io_failure(path: PathBuf, error: &io::Error, damaged: &dyn Fn(String) -> Error) -> Error {
    use io::ErrorKind;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = io::Error::new(error.kind(), error.to_string());
    match error.kind() {
        _ if error.to_string().contains(DISK_FULL) => Error::Write { path, source: rustix::io::Errno::NOSPC.into() },
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof if name == META => {
            let path = path.parent().unwrap_or(&path).to_path_buf();
            Error::LostState { path, detail: format!("{META} does not hold what was written") }
        }
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => damaged(format!("{name} is cut short or garbled")),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem | ErrorKind::FileTooLarge => {
            Error::Write { path, source }
        }
        // Not from the system, so from what was read.
        _ if !error.to_string().contains("(os error ") => damaged(format!("a part of it cannot be read: {error}")),
        _ => Error::Read { path, source },
    }
}
