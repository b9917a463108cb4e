//! The files of tantivy's that hold the terms, the postings and the positions of a segment, written field by field.
//!
//! Comes in: the terms of a field in the order of their bytes, each with its documents in order. Goes out: what tantivy's
//! `FieldSerializer` writes. That one prepares every term for the bounds by which questions skip blocks of postings; only a
//! term that fills a block has any.

use std::io::{self, Write};

use tantivy::DocId;
use tantivy::directory::{CompositeWrite, WritePtr};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::{Segment, SegmentComponent};
use tantivy::positions::PositionSerializer;
use tantivy::postings::TermInfo;
use tantivy::postings::serializer::PostingsSerializer;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermDictionaryBuilder;

use crate::index::dictionary::DictionaryWriter;

/// The files being written.
pub(super) struct Files {
    terms: CompositeWrite<WritePtr>,
    postings: CompositeWrite<WritePtr>,
    positions: CompositeWrite<WritePtr>,
    dictionary: DictionaryWriter,
}

impl Files {
    pub(super) fn open(segment: &Segment) -> tantivy::Result<Files> {
        let open = |component| segment.open_write(component).map(CompositeWrite::wrap);
        Ok(Files {
            terms: open(SegmentComponent::Terms)?,
            postings: open(SegmentComponent::Postings)?,
            positions: open(SegmentComponent::Positions)?,
            dictionary: DictionaryWriter::open(segment)?,
        })
    }

    /// Begins a field with so many tokens in all, `is_text` if it is one of text.
    pub(super) fn field(
        &mut self,
        field: Field,
        is_text: bool,
        option: IndexRecordOption,
        tokens: u64,
        norms: Option<FieldNormReader>,
    ) -> io::Result<Out<'_, impl Write, impl Write, impl Write>> {
        let (terms, positions) = (self.terms.for_field(field), self.positions.for_field(field));
        let postings = self.postings.for_field(field);
        postings.write_all(&tokens.to_le_bytes())?;
        let documents = norms.as_ref().map_or(0, FieldNormReader::num_docs).max(1);
        let average = tokens as f32 / documents as f32;
        let rare = PostingsSerializer::new(average, option, None);
        Ok(Out {
            terms: TermDictionaryBuilder::create(terms)?,
            postings,
            postings_bytes: 0,
            positions: option.has_positions().then(|| PositionSerializer::new(positions)),
            option,
            average,
            norms,
            rare,
            common: None,
            documents: 0,
            spelled: Vec::new(),
            field,
            dictionary: is_text.then_some(&mut self.dictionary),
        })
    }

    pub(super) fn close(self) -> io::Result<()> {
        self.terms.close()?;
        self.postings.close()?;
        self.positions.close()?;
        self.dictionary.close()
    }
}

/// A field being written.
pub(super) struct Out<'a, T: Write, P: Write, Q: Write> {
    terms: TermDictionaryBuilder<&'a mut T>,
    postings: &'a mut P,
    postings_bytes: usize,
    positions: Option<PositionSerializer<&'a mut Q>>,
    option: IndexRecordOption,
    average: f32,
    norms: Option<FieldNormReader>,
    /// For a term with too few documents to fill a block: those need no bounds.
    rare: PostingsSerializer,
    /// For the current term, if it may fill one.
    common: Option<PostingsSerializer>,
    /// Documents of the current term.
    documents: u32,
    spelled: Vec<u8>,
    field: Field,
    dictionary: Option<&'a mut DictionaryWriter>,
}

/// Documents of a block of postings.
pub(super) const BLOCK: usize = 128;

impl<T: Write, P: Write, Q: Write> Out<'_, T, P, Q> {
    /// Begins a term; `is_common` says whether it may have as many documents as a block.
    pub(super) fn begin(&mut self, is_common: bool) {
        let has_freq = self.option.has_freq();
        self.documents = 0;
        self.common = is_common.then(|| PostingsSerializer::new(self.average, self.option, self.norms.clone()));
        // How many documents have the term is a factor of its scores, and the bounds are without it.
        self.common.as_mut().unwrap_or(&mut self.rare).new_term(1, has_freq);
    }

    /// Adds the next document of the term.
    #[inline]
    pub(super) fn document(&mut self, document: DocId, frequency: u32) {
        self.documents += 1;
        self.common.as_mut().unwrap_or(&mut self.rare).write_doc(document, frequency);
    }

    /// Adds positions of documents in their order, each as how much it is above the one before in its document.
    #[inline]
    pub(super) fn positions(&mut self, above: &[u32]) {
        if let Some(positions) = &mut self.positions {
            positions.write_positions_delta(above);
        }
    }

    /// Ends the term.
    pub(super) fn end(&mut self, term: &[u8]) -> io::Result<()> {
        self.spelled.clear();
        self.common.as_mut().unwrap_or(&mut self.rare).close_term(self.documents, &mut self.spelled)?;
        self.postings.write_all(&self.spelled)?;
        let postings = self.postings_bytes..self.postings_bytes + self.spelled.len();
        self.postings_bytes = postings.end;
        let mut places = 0..0;
        if let Some(positions) = &mut self.positions {
            places.start = positions.written_bytes() as usize;
            positions.close_term()?;
            places.end = positions.written_bytes() as usize;
        }
        let info = TermInfo { doc_freq: self.documents, postings_range: postings, positions_range: places };
        if let Some(dictionary) = &mut self.dictionary {
            dictionary.push(self.field, term, &info)?;
        }
        self.terms.insert(term, &info)
    }

    /// Ends the field.
    pub(super) fn close(self) -> io::Result<()> {
        if let Some(positions) = self.positions {
            positions.close()?;
        }
        self.terms.finish().map(drop)
    }
}
