//! A block of a dictionary: some two hundred terms, each as what it does not share with the one before.
//!
//! ```text
//! checksum u32 of all that follows
//! where the postings of the first term begin, and its positions
//! term*     bytes shared u8, bytes that follow u8, those bytes, documents, bytes of its postings, bytes of its positions
//! ```
//! Numbers without a width are in base 128, low groups first. Postings and positions of terms follow each other in their
//! files, so that their lengths tell where they stand.

use std::io::{self, Write};

use tantivy::directory::OwnedBytes;
use tantivy::postings::TermInfo;
use xxhash_rust::xxh3::xxh3_64;

use super::garbled;
use crate::index::records::codec::{Input, put};

/// A block ends with the term by which it reaches this: to read so much takes half a microsecond, and so does passing over
/// half of its terms.
const BLOCK_BYTES: usize = 1 << 11;

/// A block being filled.
#[derive(Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    /// The last key of this block, or of the one before while it is empty.
    last: Vec<u8>,
    /// Where the postings and positions of the next term should begin.
    next: (usize, usize),
}

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= BLOCK_BYTES
    }

    /// The key added last.
    pub(super) fn last(&self) -> &[u8] {
        &self.last
    }

    /// Adds a term.
    pub(super) fn push(&mut self, key: &[u8], info: &TermInfo) -> io::Result<()> {
        let TermInfo { doc_freq, postings_range, positions_range } = info;
        let mut shared = 0;
        if self.bytes.is_empty() {
            put(&mut self.bytes, postings_range.start as u64);
            put(&mut self.bytes, positions_range.start as u64);
            self.next = (postings_range.start, positions_range.start);
        } else {
            shared = self.last.iter().zip(key).take_while(|(a, b)| a == b).count().min(u8::MAX.into());
        }
        let own = &key[shared..];
        if self.next != (postings_range.start, positions_range.start) || own.len() > u8::MAX.into() {
            return Err(io::Error::other("a term that no dictionary holds"));
        }
        self.bytes.extend([shared as u8, own.len() as u8]);
        self.bytes.extend_from_slice(own);
        put(&mut self.bytes, (*doc_freq).into());
        put(&mut self.bytes, postings_range.len() as u64);
        put(&mut self.bytes, positions_range.len() as u64);
        self.next = (postings_range.end, positions_range.end);
        self.last.truncate(shared);
        self.last.extend_from_slice(own);
        Ok(())
    }

    /// Writes the block, and begins the next; returns how many bytes it has.
    pub(super) fn write(&mut self, out: &mut impl Write) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return Ok(0);
        }
        out.write_all(&(xxh3_64(&self.bytes) as u32).to_le_bytes())?;
        out.write_all(&self.bytes)?;
        let length = 4 + self.bytes.len();
        self.bytes.clear();
        Ok(length)
    }
}

/// Reads a block from its first term on.
pub(super) struct Reader {
    bytes: OwnedBytes,
    at: usize,
    key: Vec<u8>,
    info: TermInfo,
}

impl Reader {
    /// Verifies the block.
    pub(super) fn new(bytes: OwnedBytes) -> io::Result<Reader> {
        let (checksum, block) = bytes.split_first_chunk::<4>().ok_or_else(garbled)?;
        if u32::from_le_bytes(*checksum) != xxh3_64(block) as u32 {
            return Err(garbled());
        }
        let mut input = Input(block);
        let mut number = || input.number().and_then(|number| usize::try_from(number).ok()).ok_or_else(garbled);
        let (postings, positions) = (number()?, number()?);
        let info = TermInfo { doc_freq: 0, postings_range: 0..postings, positions_range: 0..positions };
        let at = bytes.len() - input.0.len();
        Ok(Reader { bytes, at, key: Vec::new(), info })
    }

    /// The next key and what is said of it.
    pub(super) fn next(&mut self) -> io::Result<Option<(&[u8], &TermInfo)>> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let (shared, own) = self.entry().ok_or_else(garbled)?;
        if shared > self.key.len() {
            return Err(garbled());
        }
        self.key.truncate(shared);
        self.key.extend_from_slice(&self.bytes[own]);
        Ok(Some((&self.key, &self.info)))
    }

    /// What is said of `key`, if it is in the block.
    pub(super) fn find(&mut self, key: &[u8]) -> io::Result<Option<TermInfo>> {
        // How much of the key the last one had, which was below it.
        let mut matched = 0;
        while self.at < self.bytes.len() {
            let (shared, own) = self.entry().ok_or_else(garbled)?;
            // One that has more in common with the last parts from the key where that did; one that has less is above.
            if shared > matched {
                continue;
            }
            if shared < matched {
                return Ok(None);
            }
            let (own, rest) = (&self.bytes[own], &key[matched..]);
            let common = own.iter().zip(rest).take_while(|(a, b)| a == b).count();
            if common == rest.len() {
                return Ok((common == own.len()).then(|| self.info.clone()));
            }
            if own.get(common).is_some_and(|byte| *byte > rest[common]) {
                return Ok(None);
            }
            matched += common;
        }
        Ok(None)
    }

    /// Passes over a term: what it shares with the one before, and where its own bytes stand.
    #[inline]
    fn entry(&mut self) -> Option<(usize, std::ops::Range<usize>)> {
        let [shared, own, ..] = *self.bytes.get(self.at..)? else { return None };
        let start = self.at + 2;
        let end = start + usize::from(own);
        let mut input = Input(self.bytes.get(end..)?);
        let mut number = || input.number().and_then(|number| usize::try_from(number).ok());
        let (documents, postings, positions) = (number()?, number()?, number()?);
        self.at = self.bytes.len() - input.0.len();
        let TermInfo { doc_freq, postings_range, positions_range } = &mut self.info;
        *doc_freq = u32::try_from(documents).ok()?;
        *postings_range = postings_range.end..postings_range.end.checked_add(postings)?;
        *positions_range = positions_range.end..positions_range.end.checked_add(positions)?;
        Some((usize::from(shared), start..end))
    }
}
