//! One sorted file of records.
//!
//! ```text
//! block*            length u32, checksum u32, records (the first one's path whole, the others front-coded)
//! block offsets     u64 each
//! versions          (uid u64, block u32) each, sorted by uid: from an indexed version to its record
//! footer            blocks u32, versions u32, records u64, checksum u64 of these, magic
//! ```
//! Whatever is read is verified: a block by its checksum, an offset by the block it leads to, a version by its record.

use std::io::{self, Write};

use tantivy::directory::OwnedBytes;
use xxhash_rust::xxh3::xxh3_64;

use super::Record;
use super::codec::{self, Input};
use crate::walk::bytes_order;

const MAGIC: &[u8; 8] = b"indagoR1";
/// Records a block: a lookup by path decodes half a block on average.
const BLOCK_RECORDS: usize = 64;
const FOOTER_BYTES: usize = 4 + 4 + 8 + 8 + 8;
const VERSION_BYTES: usize = 12;

/// Writes records, given in path order, as a layer.
pub(crate) struct LayerWriter<W: Write> {
    out: W,
    at: u64,
    block: Vec<u8>,
    in_block: usize,
    previous: Record,
    offsets: Vec<u64>,
    versions: Vec<(u64, u32)>,
    records: u64,
}

impl<W: Write> LayerWriter<W> {
    /// Begins a layer.
    pub(crate) fn new(out: W) -> LayerWriter<W> {
        LayerWriter {
            out,
            at: 0,
            block: Vec::new(),
            in_block: 0,
            previous: Record::default(),
            offsets: Vec::new(),
            versions: Vec::new(),
            records: 0,
        }
    }

    /// Appends a record; its path must come after all before it.
    pub(crate) fn push(&mut self, record: &Record) -> io::Result<()> {
        debug_assert!(
            self.records == 0 || self.in_block == 0 || bytes_order(&self.previous.path, &record.path).is_lt()
        );
        codec::encode(&mut self.block, record, &self.previous);
        self.previous.clone_from(record);
        if let Some(uid) = record.uid() {
            self.versions.push((uid, self.offsets.len() as u32));
        }
        self.in_block += 1;
        self.records += 1;
        if self.in_block == BLOCK_RECORDS { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.offsets.push(self.at);
        self.out.write_all(&(self.block.len() as u32).to_le_bytes())?;
        self.out.write_all(&checksum(&self.block).to_le_bytes())?;
        self.out.write_all(&self.block)?;
        self.at += 8 + self.block.len() as u64;
        self.block.clear();
        self.previous = Record::default();
        self.in_block = 0;
        Ok(())
    }

    /// Ends the layer; returns what it was written to, and how many records it holds.
    pub(crate) fn finish(mut self) -> io::Result<(W, u64)> {
        if self.in_block > 0 {
            self.end_block()?;
        }
        for offset in &self.offsets {
            self.out.write_all(&offset.to_le_bytes())?;
        }
        self.versions.sort_unstable();
        for (uid, block) in &self.versions {
            self.out.write_all(&uid.to_le_bytes())?;
            self.out.write_all(&block.to_le_bytes())?;
        }
        let mut counts = Vec::with_capacity(FOOTER_BYTES);
        counts.extend_from_slice(&(self.offsets.len() as u32).to_le_bytes());
        counts.extend_from_slice(&(self.versions.len() as u32).to_le_bytes());
        counts.extend_from_slice(&self.records.to_le_bytes());
        let checksum = xxh3_64(&counts);
        self.out.write_all(&counts)?;
        self.out.write_all(&checksum.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        Ok((self.out, self.records))
    }
}

fn checksum(block: &[u8]) -> u32 {
    xxh3_64(block) as u32
}

/// A layer being read; its bytes are mapped, so opening costs nothing but the footer.
#[derive(Clone)]
pub(crate) struct Layer {
    bytes: OwnedBytes,
    blocks: usize,
    versions: usize,
    records: u64,
    offsets_at: usize,
    versions_at: usize,
}

/// What is wrong with a layer, for the message.
pub(crate) type Flaw = &'static str;

impl Layer {
    /// Opens a layer over its file's bytes.
    pub(crate) fn open(bytes: OwnedBytes) -> Result<Layer, Flaw> {
        let footer_at = bytes.len().checked_sub(FOOTER_BYTES).ok_or("a records file is too short")?;
        let footer = &bytes[footer_at..];
        if !footer.ends_with(MAGIC) || u64_at(footer, 16) != Some(xxh3_64(&footer[..16])) {
            return Err("a records file has a bad footer");
        }
        let (blocks, versions) = (u32_at(footer, 0).unwrap_or(0) as usize, u32_at(footer, 4).unwrap_or(0) as usize);
        let records = u64_at(footer, 8).unwrap_or(0);
        let versions_at = footer_at.checked_sub(versions * VERSION_BYTES).ok_or("a records file was cut")?;
        let offsets_at = versions_at.checked_sub(blocks * 8).ok_or("a records file was cut")?;
        Ok(Layer { bytes, blocks, versions, records, offsets_at, versions_at })
    }

    /// How many records it holds.
    pub(crate) fn len(&self) -> u64 {
        self.records
    }

    /// The records of block `n`, verified.
    fn block(&self, n: usize) -> Result<Input<'_>, Flaw> {
        let flaw = "a block of records fails its checksum";
        let at = usize::try_from(u64_at(&self.bytes, self.offsets_at + 8 * n).ok_or(flaw)?).map_err(|_| flaw)?;
        let length = u32_at(&self.bytes, at).ok_or(flaw)? as usize;
        let block = self.bytes.get(at + 8..at + 8 + length).ok_or(flaw)?;
        if u32_at(&self.bytes, at + 4) != Some(checksum(block)) {
            return Err(flaw);
        }
        Ok(Input(block))
    }

    /// The number of the block that holds `path`, if any does.
    fn block_of(&self, path: &[u8]) -> Result<usize, Flaw> {
        let (mut low, mut high) = (0, self.blocks);
        let mut first;
        while low < high {
            let middle = (low + high) / 2;
            first = Record::default();
            codec::decode(&mut self.block(middle)?, &mut first).ok_or("a record cannot be read")?;
            if bytes_order(&first.path, path).is_le() { low = middle + 1 } else { high = middle }
        }
        Ok(low.saturating_sub(1))
    }

    /// The record of `path`.
    pub(crate) fn find(&self, path: &[u8]) -> Result<Option<Record>, Flaw> {
        let mut cursor = self.from(path)?;
        Ok(cursor.next()?.filter(|record| record.path == path).cloned())
    }

    /// The record of the indexed version `uid`.
    pub(crate) fn by_uid(&self, uid: u64) -> Result<Option<Record>, Flaw> {
        let flaw = "the table of versions does not fit the records";
        let entry = |n: usize| u64_at(&self.bytes, self.versions_at + n * VERSION_BYTES);
        let (mut low, mut high) = (0, self.versions);
        while low < high {
            let middle = (low + high) / 2;
            if entry(middle).ok_or(flaw)? < uid { low = middle + 1 } else { high = middle }
        }
        if low == self.versions || entry(low) != Some(uid) {
            return Ok(None);
        }
        let block = u32_at(&self.bytes, self.versions_at + low * VERSION_BYTES + 8).ok_or(flaw)? as usize;
        let (mut input, mut record) = (self.block(block)?, Record::default());
        while !input.0.is_empty() {
            codec::decode(&mut input, &mut record).ok_or("a record cannot be read")?;
            if record.uid() == Some(uid) {
                return Ok(Some(record));
            }
        }
        Err(flaw)
    }

    /// The records from `path` on, in path order.
    pub(crate) fn from(&self, path: &[u8]) -> Result<Cursor, Flaw> {
        let block = if self.blocks == 0 { 0 } else { self.block_of(path)? };
        let mut cursor = Cursor { layer: self.clone(), block, within: 0, record: Record::default(), first: Vec::new() };
        cursor.first.extend_from_slice(path);
        Ok(cursor)
    }
}

/// Walks over the records of a layer, in path order.
pub(crate) struct Cursor {
    layer: Layer,
    block: usize,
    /// Bytes of the current block already decoded; the block is verified when it is entered.
    within: usize,
    record: Record,
    /// Records before this path are passed over.
    first: Vec<u8>,
}

impl Cursor {
    /// The next record, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&Record>, Flaw> {
        while self.block < self.layer.blocks {
            let mut input = match self.within {
                0 => {
                    self.record = Record::default();
                    self.layer.block(self.block)?
                }
                within => self.layer.rest_of_block(self.block, within)?,
            };
            let before = input.0.len();
            codec::decode(&mut input, &mut self.record).ok_or("a record cannot be read")?;
            self.within += before - input.0.len();
            if input.0.is_empty() {
                self.block += 1;
                self.within = 0;
            }
            if !self.first.is_empty() {
                if bytes_order(&self.record.path, &self.first).is_lt() {
                    continue;
                }
                self.first.clear();
            }
            return Ok(Some(&self.record));
        }
        Ok(None)
    }

    /// The record that [`Cursor::next`] returned last.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }
}

impl Layer {
    /// The records of block `n` from byte `within` on; the block was verified when it was entered.
    fn rest_of_block(&self, n: usize, within: usize) -> Result<Input<'_>, Flaw> {
        let flaw = "a records file was cut";
        let at = u64_at(&self.bytes, self.offsets_at + 8 * n).ok_or(flaw)? as usize;
        let length = u32_at(&self.bytes, at).ok_or(flaw)? as usize;
        self.bytes.get(at + 8 + within..at + 8 + length).map(Input).ok_or(flaw)
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::super::{State, Version};
    use super::*;

    fn indexed(path: &str, uid: u64) -> Record {
        let state = State::Indexed(Version { uid, ..Version::default() });
        Record { path: path.into(), state, ..Record::default() }
    }

    fn written(records: &[Record]) -> Vec<u8> {
        let mut writer = LayerWriter::new(Vec::new());
        for record in records {
            writer.push(record).unwrap();
        }
        writer.finish().unwrap().0
    }

    fn thousand() -> Vec<Record> {
        (0..1000).map(|n| indexed(&format!("/notes/{n:04}.txt"), 5000 - n)).collect()
    }

    #[test]
    fn a_record_is_found_by_its_path_and_by_its_version() {
        let records = thousand();
        let layer = Layer::open(OwnedBytes::new(written(&records))).unwrap();
        assert_eq!(layer.len(), 1000);
        for record in &records {
            assert_eq!(layer.find(&record.path).unwrap().as_ref(), Some(record));
            assert_eq!(layer.by_uid(record.uid().unwrap()).unwrap().as_ref(), Some(record));
        }
        for path in ["/notes", "/notes/0500", "/zebra", "/"] {
            assert_eq!(layer.find(path.as_bytes()).unwrap(), None, "{path}");
        }
        assert_eq!(layer.by_uid(1).unwrap(), None);
    }

    #[test]
    fn walking_begins_at_any_path_and_meets_every_record_after_it() {
        let records = thousand();
        let layer = Layer::open(OwnedBytes::new(written(&records))).unwrap();
        for (from, expected) in
            [("/", 1000), ("/notes/0063.txt", 937), ("/notes/0064.txt", 936), ("/notes/09", 100), ("/z", 0)]
        {
            let mut cursor = layer.from(from.as_bytes()).unwrap();
            let mut count = 0;
            while cursor.next().unwrap().is_some() {
                count += 1;
            }
            assert_eq!(count, expected, "from {from}");
        }
    }

    #[test]
    fn an_empty_layer_is_a_layer() {
        let layer = Layer::open(OwnedBytes::new(written(&[]))).unwrap();
        assert_eq!(layer.find(b"/a").unwrap(), None);
        assert!(layer.from(b"/").unwrap().next().unwrap().is_none());
    }

    #[test]
    fn damage_anywhere_is_found_or_changes_nothing() {
        let records = thousand();
        let sound = written(&records);
        for at in (0..sound.len()).step_by(7) {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            let Ok(layer) = Layer::open(OwnedBytes::new(damaged)) else { continue };
            for record in records.iter().step_by(97) {
                if let Ok(Some(found)) = layer.find(&record.path) {
                    assert_eq!(&found, record, "byte {at}");
                }
                if let Ok(Some(found)) = layer.by_uid(record.uid().unwrap()) {
                    assert_eq!(&found, record, "byte {at}");
                }
            }
        }
        for length in (0..sound.len()).step_by(13) {
            if let Ok(layer) = Layer::open(OwnedBytes::new(sound[..length].to_vec())) {
                assert!(layer.find(&records[0].path).is_err(), "cut at {length}");
            }
        }
    }
}
