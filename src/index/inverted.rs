//! The terms of a segment and where they stand, in memory until the segment is finished.
//!
//! Comes in: the terms of one field of one document after the other. Goes out: the files of tantivy's that answer which
//! documents have a term. Tantivy's own writer looks every single word up in a large table; here the words of a document are
//! gathered first (`gather`), so that its vocabulary is looked up once (`postings`, `arena`). When the memory is full, what is
//! in it is put aside (`run`), and all runs become one segment in the end (`write`): nothing needs to be merged later.

mod arena;
mod files;
mod gather;
mod key;
mod ordered;
mod postings;
mod run;
mod write;

use std::io;
use std::path::PathBuf;

use tantivy::DocId;
use tantivy::directory::FileSlice;
use tantivy::fieldnorm::{FieldNormReader, FieldNormsSerializer};
use tantivy::index::{Segment, SegmentComponent};
use tantivy::schema::{Field, IndexRecordOption, Schema};

use crate::fingerprint;

use arena::Arena;
use files::Files;
use gather::Gather;
use postings::Postings;
use run::Run;

/// The terms of a segment.
pub(crate) struct Inverted {
    /// Where runs are put aside.
    folder: PathBuf,
    fields: Vec<Of>,
    /// What was taken of the current field and document, and how many terms before that.
    gather: Gather,
    before: u32,
    postings: Vec<Postings>,
    arena: Arena,
    runs: Vec<Run>,
    /// Terms of the runs, each as often as it is in one.
    terms_aside: usize,
    /// The ids of the documents, which rise: each is a term of a field of its own.
    ids: Vec<u64>,
    id: Field,
    /// Bytes that it may use.
    budget: usize,
}

/// What is known of a field beside its postings.
struct Of {
    field: Field,
    /// Terms added, each as often as it occurs.
    tokens: u64,
    /// The length of each document, as tantivy keeps it, if the field has lengths.
    norms: Option<Vec<u8>>,
}

/// What tantivy holds of a term until the last of a field is written.
const WRITTEN_BYTES: usize = 12;

impl Inverted {
    /// The terms of a new segment, with a field for each that `schema` indexes; the fields of text come before `id`, that of
    /// the documents' ids. What does not fit into `budget` bytes is put aside in `folder`.
    pub(crate) fn new(schema: &Schema, id: Field, folder: PathBuf, budget: usize) -> Inverted {
        let budget = budget.min(arena::MOST_BYTES / 2);
        let (mut fields, mut all) = (Vec::new(), Vec::new());
        for (field, entry) in schema.fields().filter(|(field, entry)| entry.is_indexed() && *field != id) {
            let option = entry.field_type().get_index_record_option().unwrap_or(IndexRecordOption::Basic);
            // The text is where the terms are.
            all.push(Postings::new(option, if all.is_empty() { budget } else { 0 }));
            fields.push(Of { field, tokens: 0, norms: entry.has_fieldnorms().then(Vec::new) });
        }
        Inverted {
            folder,
            fields,
            gather: Gather::default(),
            before: 0,
            postings: all,
            arena: Arena::default(),
            runs: Vec::new(),
            terms_aside: 0,
            ids: Vec::new(),
            id,
            budget,
        }
    }

    /// Takes the next term of the current field, which has that hash.
    #[inline]
    pub(crate) fn take_hashed(&mut self, term: &str, hash: u64) {
        self.gather.take(term.as_bytes(), hash);
    }

    /// Takes the next term of the current field.
    pub(crate) fn take(&mut self, term: &str) {
        self.take_hashed(term, fingerprint::hash(term.as_bytes()));
    }

    /// Whether so much was taken of a field that it ought to [`go_on`](Self::go_on).
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.gather.is_full()
    }

    /// Calls `each` with the terms taken since the last call of [`go_on`](Self::go_on), and how often each occurs.
    pub(crate) fn taken(&self, each: impl FnMut(&[u8], u32)) {
        self.gather.each(each);
    }

    /// Makes room for more of `field`, which is the current one.
    ///
    /// # Errors
    /// If the memory is full and cannot be put aside.
    pub(crate) fn go_on(&mut self, field: Field) -> io::Result<()> {
        let at = field.field_id() as usize;
        self.before = self.before.wrapping_add(self.gather.len() as u32);
        self.fields[at].tokens += self.gather.len() as u64;
        self.postings[at].add(self.ids.len() as DocId, &mut self.gather, &mut self.arena);
        self.gather.go_on();
        if self.used() >= self.budget {
            self.put_aside()?;
        }
        Ok(())
    }

    /// Makes a run of what is in memory.
    fn put_aside(&mut self) -> io::Result<()> {
        self.runs.push(Run::write(&self.folder, &self.postings, &self.arena)?);
        self.terms_aside += self.postings.iter().map(Postings::len).sum::<usize>();
        self.clear();
        Ok(())
    }

    /// Ends the current field, which was `field`; returns how many terms it has.
    ///
    /// # Errors
    /// As for [`go_on`](Self::go_on).
    pub(crate) fn end(&mut self, field: Field) -> io::Result<u32> {
        self.go_on(field)?;
        self.gather.clear();
        let tokens = std::mem::take(&mut self.before);
        if let Some(norms) = &mut self.fields[field.field_id() as usize].norms {
            norms.push(FieldNormReader::fieldnorm_to_id(tokens));
        }
        Ok(tokens)
    }

    /// Ends the document, which has this id: larger than that of the one before.
    pub(crate) fn end_document(&mut self, id: u64) {
        self.ids.push(id);
    }

    /// Documents added.
    pub(crate) fn documents(&self) -> u32 {
        self.ids.len() as u32
    }

    /// How often the memory was put aside.
    pub(crate) fn runs(&self) -> usize {
        self.runs.len()
    }

    fn used(&self) -> usize {
        self.arena.used() + self.postings.iter().map(Postings::used).sum::<usize>()
    }

    fn clear(&mut self) {
        // A part of a text may bring many more terms than there is memory for; the next would find no room beside the table.
        self.postings.iter_mut().for_each(|postings| postings.clear(self.budget / 2));
        self.arena.clear();
    }

    /// Writes the files of `segment`, and begins a new one with the same memory.
    pub(crate) fn write(&mut self, segment: &Segment) -> tantivy::Result<()> {
        if self.terms_aside * WRITTEN_BYTES > self.budget / 2 {
            // Random words: the dictionary being written takes the memory that was for postings.
            self.put_aside()?;
            self.arena = Arena::default();
            self.postings.iter_mut().for_each(Postings::release);
        }
        let mut runs = std::mem::take(&mut self.runs);
        let mut files = Files::open(segment)?;
        let mut norms = FieldNormsSerializer::from_write(segment.open_write(SegmentComponent::FieldNorms)?)?;
        for (of, postings) in self.fields.iter_mut().zip(&self.postings) {
            let mut reader = None;
            if let Some(lengths) = &mut of.norms {
                norms.serialize_field(of.field, lengths)?;
                reader = Some(FieldNormReader::open(FileSlice::from(std::mem::take(lengths)))?);
            }
            let tokens = std::mem::take(&mut of.tokens);
            write::field(&mut files, of.field, (postings, &self.arena), &mut runs, tokens, reader)?;
        }
        self.write_ids(&mut files, &mut norms)?;
        norms.close()?;
        files.close()?;
        self.clear();
        self.terms_aside = 0;
        self.ids.clear();
        Ok(())
    }

    fn write_ids(&self, files: &mut Files, norms: &mut FieldNormsSerializer) -> io::Result<()> {
        norms.serialize_field(self.id, &vec![FieldNormReader::fieldnorm_to_id(1); self.ids.len()])?;
        let mut out = files.field(self.id, false, IndexRecordOption::Basic, self.ids.len() as u64, None)?;
        for (document, id) in (0..).zip(&self.ids) {
            out.begin(false);
            out.document(document, 0);
            out.end(&id.to_be_bytes())?;
        }
        out.close()
    }
}

#[cfg(test)]
mod tests;
