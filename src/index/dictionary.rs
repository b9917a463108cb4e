//! The terms of a segment, where one read of the system finds a term and all that begin like it.
//!
//! Tantivy's dictionary is an automaton whose nodes lie anywhere in its file: to look one term up touches some five pages,
//! and each costs more than a read. It stays, for patterns and for merging; but words are looked for here, where terms lie
//! side by side. The file is made together with tantivy's, and merged with it.
//!
//! ```text
//! block*      checksum u32, where the postings and the positions of its first term begin, terms (see `block.rs`)
//! parting     the shortest keys that part each block from the one before, one after the other
//! places      (where its parting key ends u32, where it begins u64) for each block
//! footer      blocks u32, bytes of the parting keys u32
//! ```
//! Everything is little-endian. A key is the number of the field, one byte, and the term.

mod block;

use std::io::{self, Write};
use std::ops::Range;

use tantivy::directory::{CompositeFile, FileSlice, OwnedBytes, TerminatingWrite, WritePtr};
use tantivy::index::SegmentComponent;
use tantivy::plugin::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, FieldType};
use tantivy::termdict::TermDictionary;
use tantivy::{HasLen, Segment, SegmentReader, TantivyError};

use block::{Block, Reader};

/// The extension of the file.
const EXTENSION: &str = "dict";

const PLACE_BYTES: usize = 4 + 8;
const FOOTER_BYTES: usize = 4 + 4;

fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.into())
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a dictionary does not hold what was written")
}

/// Makes tantivy keep dictionaries with its segments.
pub(super) struct DictionaryPlugin;

impl SegmentPlugin for DictionaryPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, _: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        Err(TantivyError::InternalError("segments are filled without tantivy's writer".to_string()))
    }

    /// Copies the dictionary that tantivy has made for the merged segment just before.
    fn merge(&self, merge: PluginMergeContext<'_>) -> tantivy::Result<()> {
        let segment = merge.target_segment;
        let mut writer = DictionaryWriter::open(segment)?;
        let terms = CompositeFile::open(&segment.open_read(SegmentComponent::Terms)?)?;
        let schema = segment.schema();
        let of_text = schema.fields().filter(|(_, entry)| matches!(entry.field_type(), FieldType::Str(_)));
        for (field, _) in of_text {
            let Some(slice) = terms.open_read(field) else { continue };
            let dictionary = TermDictionary::open(slice)?;
            let mut stream = dictionary.stream()?;
            while stream.advance() {
                writer.push(field, stream.key(), stream.value())?;
            }
        }
        Ok(writer.close()?)
    }
}

/// Writes the dictionary of a segment.
pub(super) struct DictionaryWriter {
    out: WritePtr,
    at: u64,
    block: Block,
    key: Vec<u8>,
    parting: Vec<u8>,
    places: Vec<(u32, u64)>,
}

impl DictionaryWriter {
    /// Begins the one of `segment`.
    pub(super) fn open(segment: &Segment) -> tantivy::Result<DictionaryWriter> {
        let out = segment.open_write(component())?;
        let (block, key, parting, places) = (Block::default(), Vec::new(), Vec::new(), Vec::new());
        Ok(DictionaryWriter { out, at: 0, block, key, parting, places })
    }

    /// Adds a term; it must come after all before it, by field and bytes.
    #[inline]
    pub(super) fn push(&mut self, field: Field, term: &[u8], info: &TermInfo) -> io::Result<()> {
        let field = field.field_id() as u8;
        if self.block.is_full() || self.block.last().first().is_some_and(|last| *last != field) {
            self.end_block()?;
        }
        self.key.clear();
        self.key.push(field);
        self.key.extend_from_slice(term);
        if self.block.is_empty() {
            let last = self.block.last();
            let shared = last.iter().zip(&self.key).take_while(|(a, b)| a == b).count();
            self.parting.extend_from_slice(&self.key[..(shared + 1).min(self.key.len())]);
            self.places.push((self.parting.len() as u32, self.at));
        }
        self.block.push(&self.key, info)
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.at += self.block.write(&mut self.out)? as u64;
        Ok(())
    }

    /// Ends the dictionary.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.end_block()?;
        self.out.write_all(&self.parting)?;
        for (end, at) in &self.places {
            self.out.write_all(&end.to_le_bytes())?;
            self.out.write_all(&at.to_le_bytes())?;
        }
        self.out.write_all(&(self.places.len() as u32).to_le_bytes())?;
        self.out.write_all(&(self.parting.len() as u32).to_le_bytes())?;
        self.out.terminate()
    }
}

/// The dictionary of a segment.
pub(crate) struct Dictionary {
    file: FileSlice,
    /// The parting keys and the places.
    index: OwnedBytes,
    blocks: usize,
    /// Where the index begins.
    end: usize,
}

impl Dictionary {
    /// Opens the one of a segment.
    pub(super) fn open(segment: &SegmentReader) -> tantivy::Result<Dictionary> {
        Ok(Dictionary::new(segment.open_read(component())?)?)
    }

    fn new(file: FileSlice) -> io::Result<Dictionary> {
        let footer_at = file.len().checked_sub(FOOTER_BYTES).ok_or_else(garbled)?;
        let footer = file.read_bytes_slice(footer_at..file.len())?;
        let number = |at: usize| u32_at(&footer, at).map(|number| number as usize).ok_or_else(garbled);
        let (blocks, parting) = (number(0)?, number(4)?);
        let length = blocks.checked_mul(PLACE_BYTES).and_then(|places| places.checked_add(parting));
        let end = length.and_then(|length| footer_at.checked_sub(length)).ok_or_else(garbled)?;
        let index = file.read_bytes_slice(end..footer_at)?;
        Ok(Dictionary { file, index, blocks, end })
    }

    /// What it says of a term.
    pub(crate) fn get(&self, field: Field, term: &[u8]) -> io::Result<Option<TermInfo>> {
        let key = key(field, term);
        let Some(block) = self.block_of(&key)? else { return Ok(None) };
        self.read(block)?.find(&key)
    }

    /// Hands each term of `field` that begins with `prefix` to `take`, in order, until that returns `false`.
    pub(crate) fn walk(
        &self,
        field: Field,
        prefix: &[u8],
        mut take: impl FnMut(&[u8], &TermInfo) -> bool,
    ) -> io::Result<()> {
        let prefix = key(field, prefix);
        let first = self.block_of(&prefix)?.unwrap_or_default();
        for block in first..self.blocks {
            let mut reader = self.read(block)?;
            while let Some((key, info)) = reader.next()? {
                if key.starts_with(&prefix) {
                    if !take(&key[1..], info) {
                        return Ok(());
                    }
                } else if key > &prefix[..] {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The last block whose parting key is not above `key`: the only one that may hold it.
    fn block_of(&self, key: &[u8]) -> io::Result<Option<usize>> {
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = (low + high) / 2;
            if self.parting(middle).ok_or_else(garbled)? <= key { low = middle + 1 } else { high = middle }
        }
        Ok(low.checked_sub(1))
    }

    fn parting(&self, block: usize) -> Option<&[u8]> {
        let end = |block: usize| u32_at(&self.index, self.places() + block * PLACE_BYTES).map(|end| end as usize);
        let start = if block == 0 { 0 } else { end(block - 1)? };
        self.index.get(start..end(block)?)
    }

    /// Where the places begin in the index.
    fn places(&self) -> usize {
        self.index.len() - self.blocks * PLACE_BYTES
    }

    fn read(&self, block: usize) -> io::Result<Reader> {
        let place = self.place(block).filter(|place| place.start < place.end && place.end <= self.end);
        Reader::new(self.file.read_bytes_slice(place.ok_or_else(garbled)?)?)
    }

    /// Where a block stands in the file.
    fn place(&self, block: usize) -> Option<Range<usize>> {
        let start = |block: usize| {
            let at = self.places() + block * PLACE_BYTES + 4;
            let bytes = self.index.get(at..at + 8)?;
            usize::try_from(u64::from_le_bytes(*bytes.first_chunk()?)).ok()
        };
        Some(start(block)?..if block + 1 < self.blocks { start(block + 1)? } else { self.end })
    }
}

fn key(field: Field, term: &[u8]) -> Vec<u8> {
    [&[field.field_id() as u8], term].concat()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
