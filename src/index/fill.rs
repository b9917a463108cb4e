//! A segment being filled: a text is analysed once, and all that the index keeps of it is made of what that yields.
//!
//! Comes in: decoded texts with what is known of their files. Goes out: the files of a finished segment. One per thread; its
//! buffers and its memory are used again from text to text and from segment to segment.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use tantivy::directory::TerminatingWrite;
use tantivy::fastfield::FastFieldsWriter;
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::schema::{Field, Schema};
use tantivy::store::StoreWriter;
use tantivy::{Index, TantivyDocument};

use super::inverted::Inverted;
use super::schema::{Fields, name_term, path_terms};
use super::sketches::SketchWriter;
use super::{Record, stored};
use crate::analyse::language::Detector;
use crate::analyse::{Analyzer, Kind, is_row};
use crate::fingerprint::{self, Fingerprinter};
use crate::sketch::Sketcher;
use crate::snippet::{Checkpoints, Counting};

/// A document to be added.
pub(crate) struct Document<'a> {
    /// The whole text.
    pub(crate) text: &'a str,
    /// The title that it gives itself, or nothing.
    pub(crate) title: &'a str,
    /// The path as it is searched.
    pub(crate) path: &'a str,
    /// The file's name without its extension and with it, which may be the same.
    pub(crate) names: [&'a str; 2],
    /// The extension.
    pub(crate) extension: Option<&'a str>,
    /// The record, whole but for the counts of tokens.
    pub(crate) record: &'a Record,
    /// Those of a long text: the words before each are still to be counted.
    pub(crate) checkpoints: Option<Checkpoints>,
}

/// Fills one segment after the other.
pub(crate) struct Filler {
    index: Index,
    schema: Schema,
    fields: Fields,
    most_runs: usize,
    inverted: Inverted,
    open: Option<Open>,
    analysis: Analysis,
}

/// A segment that is being filled, but for its terms.
struct Open {
    segment: Segment,
    store: StoreWriter,
    columns: FastFieldsWriter,
    sketches: SketchWriter,
    began: Instant,
}

/// What a text goes through.
#[derive(Default)]
struct Analysis {
    analyzer: Analyzer,
    /// The compounds of the body.
    wholes: Terms,
    sketcher: Sketcher,
    fingerprinter: Fingerprinter,
    detector: Detector,
    checkpoints: Counting,
}

/// A slow source is committed at least so often.
const LONGEST_SEGMENT: Duration = Duration::from_secs(60);
/// More runs are not read side by side: they would be small ones, or a segment too large to be lost by a power cut.
const MOST_RUNS: usize = 32;
/// The memory that a run takes when it is read; of all, a quarter may go there.
const RUN_BYTES: usize = 1 << 16;

impl Filler {
    /// A filler for segments of `index`, which lies in `folder`, with so many bytes of memory for terms.
    pub(crate) fn new(index: Index, folder: &Path, fields: Fields, budget: usize) -> Filler {
        let schema = index.schema();
        let inverted = Inverted::new(&schema, fields.uid, folder.to_path_buf(), budget);
        let most_runs = (budget / 4 / RUN_BYTES).clamp(1, MOST_RUNS);
        Filler { index, schema, fields, most_runs, inverted, open: None, analysis: Analysis::default() }
    }

    /// Adds a document; returns how many terms its body, its title and its path have.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub(crate) fn add(&mut self, document: Document<'_>) -> tantivy::Result<[u32; 3]> {
        let Filler { fields, inverted, analysis, .. } = self;
        let uid = document.record.uid().unwrap_or_default();
        let mut kept = TantivyDocument::new();
        kept.add_u64(fields.uid, uid);
        let text = document.record.version().filter(|version| version.stored).map(|_| document.text);
        kept.add_bytes(fields.record, &stored(document.record, text));
        if let Some(text) = text {
            kept.add_text(fields.text, text);
        }
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::new(&self.index, &self.schema)?),
        };
        open.store.store(&kept, &self.schema)?;
        open.columns.add_document(&kept)?;
        analysis.checkpoints.begin(document.checkpoints);
        let body = analysis.body(document.text, fields.body, inverted)?;
        let checkpoints = analysis.checkpoints.finish(body);
        open.sketches.add(analysis.fingerprinter.finish(), &mut analysis.sketcher, checkpoints);
        for whole in analysis.wholes.iter() {
            inverted.take(whole);
            if inverted.is_full() {
                inverted.go_on(fields.whole)?;
            }
        }
        inverted.end(fields.whole)?;
        if let Some(language) = analysis.detector.language() {
            inverted.take(language.code());
            inverted.end(fields.lang)?;
        }
        analysis.analyzer.tokens(document.title, |found| {
            if found.kind == Kind::Part {
                inverted.take(found.term);
            }
        });
        let title = inverted.end(fields.title)?;
        path_terms(&mut analysis.analyzer, document.path, |term, _| inverted.take(term));
        let path = inverted.end(fields.path)?;
        let [stem, name] = document.names;
        let mut names = [document.title, stem, name].map(|name| name_term(&mut analysis.analyzer, name)).to_vec();
        names.dedup();
        names.iter().flatten().for_each(|name| inverted.take(name));
        inverted.end(fields.name)?;
        if let Some(extension) = document.extension {
            inverted.take(&extension.to_lowercase());
            inverted.end(fields.ext)?;
        }
        inverted.end_document(uid);
        Ok([body, title, path])
    }

    /// Whether it is time to [`finish`](Self::finish) the segment.
    pub(crate) fn is_full(&self) -> bool {
        let is_old = |open: &Open| open.began.elapsed() >= LONGEST_SEGMENT;
        self.inverted.runs() >= self.most_runs || self.open.as_ref().is_some_and(is_old)
    }

    /// Writes the segment, if there is anything in it.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub(crate) fn finish(&mut self) -> tantivy::Result<Option<SegmentMeta>> {
        let Some(Open { segment, store, mut columns, sketches, .. }) = self.open.take() else { return Ok(None) };
        let documents = self.inverted.documents();
        self.inverted.write(&segment)?;
        let mut out = segment.open_write(SegmentComponent::FastFields)?;
        columns.serialize(&mut out, None)?;
        out.terminate()?;
        store.close()?;
        sketches.write(&segment)?;
        Ok(Some(segment.with_max_doc(documents).meta().clone()))
    }
}

impl Open {
    fn new(index: &Index, schema: &Schema) -> tantivy::Result<Open> {
        let segment = index.new_segment();
        let settings = index.settings();
        let out = segment.open_write(SegmentComponent::Store)?;
        // Records are small, so that a thread of its own would wait most of the time.
        let store = StoreWriter::new(out, settings.docstore_compression, settings.docstore_blocksize, false)?;
        let columns =
            FastFieldsWriter::from_schema_and_tokenizer_manager(schema, index.fast_field_tokenizer().clone())?;
        Ok(Open { segment, store, columns, sketches: SketchWriter::default(), began: Instant::now() })
    }
}

impl Analysis {
    /// Analyses a body; its terms go to `inverted`, the rest stays here. Returns how many terms there are.
    fn body(&mut self, text: &str, field: Field, inverted: &mut Inverted) -> io::Result<u32> {
        let Analysis { analyzer, wholes, sketcher, fingerprinter, detector, checkpoints } = self;
        detector.begin();
        wholes.clear();
        let mut full = Ok(());
        let _ = analyzer.few_tokens_while(text, |found| {
            match found.kind {
                Kind::Part => {
                    let hash = fingerprint::hash(found.term.as_bytes());
                    fingerprinter.take_hash(hash);
                    detector.take_hashed(found.term, hash);
                    checkpoints.part(found.start, found.position);
                    inverted.take_hashed(found.term, hash);
                    if sketcher.is_open() && (sketcher.counts(found.term) || inverted.is_full()) {
                        inverted.taken(|term, times| sketcher.take(term, times));
                    }
                    if inverted.is_full() {
                        full = inverted.go_on(field);
                    }
                }
                // Nobody types these in one; they are found as a row of their parts, and would be a tenth of the index.
                Kind::Whole if is_row(found.term, &text[found.start..found.end]) => {}
                Kind::Whole => wholes.push(found.term),
            }
            if full.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        full?;
        if sketcher.is_open() {
            inverted.taken(|term, times| sketcher.take(term, times));
        }
        inverted.end(field)
    }
}

/// Terms, one after the other.
#[derive(Default)]
struct Terms {
    text: String,
    ends: Vec<usize>,
}

impl Terms {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn push(&mut self, term: &str) {
        self.text.push_str(term);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }
}
