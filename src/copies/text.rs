//! The text of a document as it was indexed.

use std::io;

use encoding_rs::Encoding;
use xxhash_rust::xxh3::xxh3_128;

use crate::Result;
use crate::decode;
use crate::index::{Record, Snapshot};
use crate::walk::Stat;

/// Calls `with` with the text of the document in a segment: from its file if that is still the same, else from what the
/// index keeps. `None` where neither is to be had, or it is larger than `most_bytes`.
pub(crate) fn read<T>(
    snapshot: &Snapshot,
    record: &Record,
    (segment, document): (u32, u32),
    most_bytes: u64,
    with: impl FnOnce(&str) -> T,
) -> Result<Option<T>> {
    if record.stat.size > most_bytes {
        return Ok(None);
    }
    if let Ok(Some(bytes)) = unchanged(record) {
        let encoding = record.version().and_then(|version| Encoding::for_label(version.encoding.as_bytes()));
        if let Ok(decoded) = decode::decode(&bytes, encoding) {
            return Ok(Some(with(&decoded.text)));
        }
    }
    if !record.version().is_some_and(|version| version.stored) {
        return Ok(None);
    }
    Ok(snapshot.stored_text(segment, document)?.map(|text| with(&text)))
}

/// The bytes of the file, if they are those that were indexed.
fn unchanged(record: &Record) -> io::Result<Option<Vec<u8>>> {
    let (file, metadata) = crate::read::open(record.path())?;
    let stat = Stat::of(&metadata);
    if stat.size != record.stat.size {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    crate::read::to(&file, stat.size, &mut bytes)?;
    bytes.truncate(usize::try_from(stat.size).unwrap_or(usize::MAX));
    let is_same = stat.mtime_ns == record.stat.mtime_ns
        || record.version().is_some_and(|version| version.hash == xxh3_128(&bytes));
    Ok(is_same.then_some(bytes))
}
