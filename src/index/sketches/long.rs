//! The checkpoints of a segment's long documents: a part of the file of sketches, for the few that have any.
//!
//! It holds the checkpoints of one document after the other, then for each its number and where its bytes end (two `u32`),
//! then how many documents there are.

use std::io::{self, Write};

use tantivy::DocId;

/// Gathers checkpoints.
#[derive(Default)]
pub(super) struct LongWriter {
    bytes: Vec<u8>,
    documents: Vec<[u32; 2]>,
}

impl LongWriter {
    /// Adds a document, which has a higher number than those before; `append` writes what is kept of it.
    pub(super) fn add(&mut self, document: DocId, append: impl FnOnce(&mut Vec<u8>)) {
        let before = self.bytes.len();
        append(&mut self.bytes);
        match u32::try_from(self.bytes.len()) {
            Ok(end) => self.documents.push([document, end]),
            // Passages of what has no checkpoints are found, too.
            Err(_) => self.bytes.truncate(before),
        }
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.bytes)?;
        for number in self.documents.iter().flatten().chain([&(self.documents.len() as u32)]) {
            out.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }
}

/// The checkpoints as the file holds them.
#[derive(Clone, Copy)]
pub(super) struct Long<'a> {
    bytes: &'a [u8],
    /// Numbers and ends.
    documents: &'a [[u8; 8]],
}

impl<'a> Long<'a> {
    /// Those at the end of `bytes`; `None` if they are damaged.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Long<'a>> {
        let (bytes, count) = bytes.split_last_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*count)).ok()?.checked_mul(8)?;
        let (bytes, documents) = bytes.split_at_checked(bytes.len().checked_sub(length)?)?;
        let (documents, _) = documents.as_chunks::<8>();
        let end = documents.last().map_or(0, |last| pair(last)[1] as usize);
        Some(Long { bytes: bytes.get(bytes.len().checked_sub(end)?..)?, documents })
    }

    /// How many bytes of the file they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len() + 8 * self.documents.len() + 4
    }

    /// What is kept of a document.
    pub(super) fn of(&self, document: DocId) -> Option<&'a [u8]> {
        let at = self.documents.binary_search_by_key(&document, |entry| pair(entry)[0]).ok()?;
        let start = at.checked_sub(1).map_or(0, |last| pair(&self.documents[last])[1]);
        self.bytes.get(start as usize..pair(&self.documents[at])[1] as usize)
    }
}

fn pair(bytes: &[u8; 8]) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = *bytes;
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}
