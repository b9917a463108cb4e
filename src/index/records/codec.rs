//! A record as bytes: numbers as LEB128, paths as what they do not share with the path before.

use super::{Reason, Record, State, Version};

/// Appends `number` in base 128, low groups first.
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a signed number, small magnitudes short.
fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)) as u64);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

const INDEXED: u8 = 0;
const SKIPPED: u8 = 1;
const REMOVED: u8 = 2;
const RACY: u8 = 4;
const STORED: u8 = 8;
const FORCED: u8 = 16;

/// Appends `record`, whose path follows `previous`.
///
/// A path is what it does not share with the one before, and times are told by the difference; a block begins after the
/// empty record.
pub(super) fn encode(out: &mut Vec<u8>, record: &Record, previous: &Record) {
    let times = (previous.stat.mtime_ns, previous.stat.ctime_ns);
    let shared = record.path.iter().zip(&previous.path).take_while(|(a, b)| a == b).count();
    put(out, shared as u64);
    put_bytes(out, &record.path[shared..]);
    let kind = match record.state {
        State::Indexed(_) => INDEXED,
        State::Skipped { .. } => SKIPPED,
        State::Removed => REMOVED,
    };
    let stored = record.version().is_some_and(|version| version.stored);
    let forced = record.version().is_some_and(|version| version.forced);
    let flags = [(record.racy, RACY), (stored, STORED), (forced, FORCED)];
    out.push(flags.iter().filter(|(is_set, _)| *is_set).fold(kind, |kind, (_, flag)| kind | flag));
    if kind == REMOVED {
        return;
    }
    put(out, record.source.into());
    put(out, record.stat.size);
    // Files beside each other were often written one after the other.
    put_signed(out, record.stat.mtime_ns.wrapping_sub(times.0));
    put_signed(out, record.stat.ctime_ns.wrapping_sub(times.1));
    put(out, record.stat.inode);
    match &record.state {
        State::Indexed(version) => {
            put(out, version.uid);
            out.extend_from_slice(&version.hash.to_le_bytes());
            for tokens in version.tokens {
                put(out, tokens.into());
            }
            put_bytes(out, version.encoding.as_bytes());
        }
        State::Skipped { reason, detail } => {
            out.push(*reason as u8);
            put_bytes(out, detail.as_bytes());
        }
        State::Removed => {}
    }
}

/// What is left to decode of a block.
#[derive(Clone, Copy, Default)]
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<String> {
        Some(std::str::from_utf8(self.bytes()?).ok()?.to_string())
    }
}

/// Reads one record into `record`, which holds the one before it; `None` if the bytes are not a record.
pub(super) fn decode(input: &mut Input<'_>, record: &mut Record) -> Option<()> {
    let shared = usize::try_from(input.number()?).ok().filter(|shared| *shared <= record.path.len())?;
    record.path.truncate(shared);
    record.path.extend_from_slice(input.bytes()?);
    let kind = input.byte()?;
    record.racy = kind & RACY != 0;
    let (stored, forced) = (kind & STORED != 0, kind & FORCED != 0);
    let kind = kind & !(RACY | STORED | FORCED);
    if kind == REMOVED {
        *record = Record { path: std::mem::take(&mut record.path), racy: record.racy, ..Record::default() };
        return Some(());
    }
    record.source = u32::try_from(input.number()?).ok()?;
    record.stat.size = input.number()?;
    record.stat.mtime_ns = record.stat.mtime_ns.wrapping_add(input.signed()?);
    record.stat.ctime_ns = record.stat.ctime_ns.wrapping_add(input.signed()?);
    record.stat.inode = input.number()?;
    record.stat.device = 0;
    record.state = match kind {
        INDEXED => {
            let uid = input.number()?;
            let (hash, rest) = input.0.split_first_chunk::<16>()?;
            input.0 = rest;
            let mut tokens = [0; 3];
            for count in &mut tokens {
                *count = u32::try_from(input.number()?).ok()?;
            }
            let hash = u128::from_le_bytes(*hash);
            State::Indexed(Version { uid, hash, tokens, encoding: input.text()?, stored, forced })
        }
        SKIPPED => State::Skipped { reason: Reason::from_code(input.byte()?)?, detail: input.text()? },
        _ => return None,
    };
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::Stat;
    use proptest::prelude::*;

    fn any_record() -> impl Strategy<Value = Record> {
        let stat = (any::<u64>(), any::<i64>(), any::<i64>(), any::<u64>())
            .prop_map(|(size, mtime_ns, ctime_ns, inode)| Stat { size, mtime_ns, ctime_ns, inode, device: 0 });
        let state = prop_oneof![
            (any::<u64>(), any::<u128>(), any::<[u32; 3]>(), "[a-z0-9-]{0,12}", any::<[bool; 2]>()).prop_map(
                |(uid, hash, tokens, encoding, [stored, forced])| {
                    State::Indexed(Version { uid, hash, tokens, encoding, stored, forced })
                }
            ),
            (0..Reason::ALL.len(), ".{0,20}").prop_map(|(n, detail)| State::Skipped { reason: Reason::ALL[n], detail }),
        ];
        (prop::collection::vec(any::<u8>(), 0..40), any::<u32>(), stat, any::<bool>(), state)
            .prop_map(|(path, source, stat, racy, state)| Record { path, source, stat, racy, state })
    }

    proptest! {
        #[test]
        fn records_come_back_as_they_were_written(records in prop::collection::vec(any_record(), 0..20)) {
            let (mut bytes, mut previous) = (Vec::new(), Record::default());
            for record in &records {
                encode(&mut bytes, record, &previous);
                previous.clone_from(record);
            }
            let (mut input, mut record) = (Input(&bytes), Record::default());
            for expected in &records {
                decode(&mut input, &mut record).unwrap();
                prop_assert_eq!(&record, expected);
            }
            prop_assert!(input.0.is_empty());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let (mut input, mut record) = (Input(&bytes), Record::default());
            while decode(&mut input, &mut record).is_some() && !input.0.is_empty() {}
        }
    }
}
