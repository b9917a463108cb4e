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
use std::ops::Range;

use tantivy::directory::{FileSlice, OwnedBytes};
use xxhash_rust::xxh3::xxh3_64;

use super::Record;
use super::codec::{self, Input};
use crate::walk::bytes_order;

const MAGIC: &[u8; 8] = b"indagoR1";
/// Records a block: a lookup decodes half a block on average. With 64 a lookup takes four times as long, and a layer is
/// 4 % smaller.
const BLOCK_RECORDS: usize = 16;
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

/// A layer being read; opening costs nothing but the footer.
#[derive(Clone)]
pub(crate) struct Layer {
    /// The file, for single records: those of an answer are scattered over it.
    file: FileSlice,
    /// All of it, mapped.
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
    /// Opens the layer in `file`, whose bytes are these.
    pub(crate) fn open(file: FileSlice, bytes: OwnedBytes) -> Result<Layer, Flaw> {
        let footer_at = bytes.len().checked_sub(FOOTER_BYTES).ok_or("a records file is too short")?;
        let footer = &bytes[footer_at..];
        if !footer.ends_with(MAGIC) || u64_at(footer, 16) != Some(xxh3_64(&footer[..16])) {
            return Err("a records file has a bad footer");
        }
        let (blocks, versions) = (u32_at(footer, 0).unwrap_or(0) as usize, u32_at(footer, 4).unwrap_or(0) as usize);
        let records = u64_at(footer, 8).unwrap_or(0);
        let versions_at = footer_at.checked_sub(versions * VERSION_BYTES).ok_or("a records file was cut")?;
        let offsets_at = versions_at.checked_sub(blocks * 8).ok_or("a records file was cut")?;
        Ok(Layer { file, bytes, blocks, versions, records, offsets_at, versions_at })
    }

    /// How many records it holds.
    pub(crate) fn len(&self) -> u64 {
        self.records
    }

    /// The records of block `n`, verified.
    fn block(&self, n: usize) -> Result<Input<'_>, Flaw> {
        let block = self.place(n).and_then(|place| self.bytes.get(place)).ok_or(BAD_BLOCK)?;
        verified(block)
    }

    /// Where block `n` stands in the file, up to where the next one does.
    fn place(&self, n: usize) -> Option<Range<usize>> {
        let offset = |n: usize| usize::try_from(u64_at(&self.bytes, self.offsets_at + 8 * n)?).ok();
        Some(offset(n)?..if n + 1 < self.blocks { offset(n + 1)? } else { self.offsets_at })
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
        let Some(at) = self.version(uid).ok_or(flaw)? else { return Ok(None) };
        let block = u32_at(&self.bytes, self.versions_at + at * VERSION_BYTES + 8).ok_or(flaw)? as usize;
        let place = self.place(block).filter(|place| place.start < place.end && place.end <= self.offsets_at);
        let block =
            self.file.read_bytes_slice(place.ok_or(BAD_BLOCK)?).map_err(|_| "a block of records cannot be read")?;
        let (mut input, mut record) = (verified(&block)?, Record::default());
        while !input.0.is_empty() {
            codec::decode(&mut input, &mut record).ok_or("a record cannot be read")?;
            if record.uid() == Some(uid) {
                return Ok(Some(record));
            }
        }
        Err(flaw)
    }

    /// Where in the table the version `uid` stands, if it does; looked for where it would stand if the table had no gaps, which
    /// is mostly near by. The outer `None` is that of a table that was cut.
    fn version(&self, uid: u64) -> Option<Option<usize>> {
        let entry = |n: usize| u64_at(&self.bytes, self.versions_at + n * VERSION_BYTES);
        let Some(last) = self.versions.checked_sub(1) else { return Some(None) };
        let (least, most) = (entry(0)?, entry(last)?);
        if uid < least || uid > most {
            return Some(None);
        }
        let share = u128::from(uid - least) * last as u128 / u128::from((most - least).max(1));
        let guess = usize::try_from(share).ok()?.min(last);
        // Doubling steps from there find two entries between which it lies.
        let (mut low, mut high, mut step) = (guess, guess + 1, 1);
        while low > 0 && entry(low)? > uid {
            (low, high, step) = (low.saturating_sub(step), low, 2 * step);
        }
        while high <= last && entry(high)? <= uid {
            (low, high, step) = (high, (high + step).min(last + 1), 2 * step);
        }
        while low < high {
            let middle = (low + high) / 2;
            if entry(middle)? < uid { low = middle + 1 } else { high = middle }
        }
        Some((low <= last && entry(low)? == uid).then_some(low))
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
        let block = self.place(n).and_then(|place| self.bytes.get(place));
        block.and_then(|block| block.get(8 + within..)).map(Input).ok_or("a records file was cut")
    }
}

const BAD_BLOCK: Flaw = "a block of records fails its checksum";

/// The records of a block, if it is as it was written.
fn verified(block: &[u8]) -> Result<Input<'_>, Flaw> {
    let (head, records) = block.split_at_checked(8).ok_or(BAD_BLOCK)?;
    let is_sound = u32_at(head, 0) == Some(records.len() as u32) && u32_at(head, 4) == Some(checksum(records));
    if is_sound { Ok(Input(records)) } else { Err(BAD_BLOCK) }
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

    fn opened(bytes: Vec<u8>) -> Result<Layer, Flaw> {
        let file = FileSlice::from(bytes);
        let bytes = file.read_bytes().unwrap();
        Layer::open(file, bytes)
    }

    fn thousand() -> Vec<Record> {
        (0..1000).map(|n| indexed(&format!("/notes/{n:04}.txt"), 5000 - n)).collect()
    }

    #[test]
    fn a_record_is_found_by_its_path_and_by_its_version() {
        let records = thousand();
        let layer = opened(written(&records)).unwrap();
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
    fn a_version_is_found_wherever_there_are_gaps_between_them() {
        let tables: [Vec<u64>; 6] = [
            vec![],
            vec![7],
            (1..=300).collect(),
            (1..=300).map(|n| n * n * n).collect(),
            (1..=300).map(|n| if n < 290 { n } else { u64::MAX - 400 + n }).collect(),
            (1..=300).map(|n| if n < 10 { n } else { 1 << 40 | n }).collect(),
        ];
        for uids in tables {
            let records: Vec<_> = uids.iter().map(|uid| indexed(&format!("/{uid:020}"), *uid)).collect();
            let layer = opened(written(&records)).unwrap();
            for uid in uids.iter().flat_map(|uid| [uid - 1, *uid, uid + 1]) {
                assert_eq!(layer.by_uid(uid).unwrap().is_some(), uids.contains(&uid), "{uid} in {uids:?}");
            }
        }
    }

    #[test]
    fn walking_begins_at_any_path_and_meets_every_record_after_it() {
        let records = thousand();
        let layer = opened(written(&records)).unwrap();
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
        let layer = opened(written(&[])).unwrap();
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
            let Ok(layer) = opened(damaged) else { continue };
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
            if let Ok(layer) = opened(sound[..length].to_vec()) {
                assert!(layer.find(&records[0].path).is_err(), "cut at {length}");
            }
        }
    }
}
