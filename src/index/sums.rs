//! What each file of a commit holds: its length and its checksum, as `meta.json` tells them.
//!
//! ```text
//! {…}                                          tantivy's JSON
//! 0123….term 1234 89abcdef01234567             a file that the commit consists of, its bytes, their XXH3-64
//! records.3 567 0123456789abcdef
//! = 76543210fedcba98                           the XXH3-64 of everything above
//! ```
//! So every byte of the index but the lock's is covered, and since the lines come with the commit, a file of another
//! commit, or one cut short, is told by its length alone before anything of it is touched.

use std::collections::BTreeMap;

use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::payload::{self, Payload};

/// The length and the checksum of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) bytes: u64,
    pub(crate) xxh3: u64,
}

/// By the name of the file.
pub(crate) type Sums = BTreeMap<String, Sum>;

/// What the JSON of a commit must tell for its files to be known.
#[derive(Deserialize)]
struct Meta {
    segments: Vec<Segment>,
    payload: Option<String>,
}

#[derive(Deserialize)]
struct Segment {
    segment_id: String,
    deletes: Option<Deletes>,
}

#[derive(Deserialize)]
struct Deletes {
    opstamp: u64,
}

/// The bytes of `meta.json` for a commit: `json`, and what `known` tells of the files it consists of.
pub(super) fn seal(json: &[u8], known: &Sums) -> serde_json::Result<Vec<u8>> {
    let meta: Meta = serde_json::from_slice(json)?;
    let payload: Option<Payload> = meta.payload.as_deref().map(serde_json::from_str).transpose()?;
    let deletes = |segment: &Segment| Some((digits(&segment.segment_id), segment.deletes.as_ref()?.opstamp));
    let deletes: Vec<_> = meta.segments.iter().filter_map(deletes).map(|(id, at)| format!("{id}.{at}.del")).collect();
    let ids: Vec<_> = meta.segments.iter().map(|segment| digits(&segment.segment_id)).collect();
    let layers: Vec<_> = payload.iter().flat_map(|payload| &payload.layers).map(|(n, _)| *n).collect();
    let belongs = |name: &str| match payload::layer_number(name) {
        Some(number) => layers.contains(&number),
        None if name.ends_with(".del") => deletes.iter().any(|file| file == name),
        None => name.split_once('.').is_some_and(|(stem, _)| ids.iter().any(|id| id == stem)),
    };
    let mut sealed = json.trim_ascii_end().to_vec();
    sealed.push(b'\n');
    for (name, Sum { bytes, xxh3 }) in known.iter().filter(|(name, _)| belongs(name)) {
        sealed.extend(format!("{name} {bytes} {xxh3:016x}\n").bytes());
    }
    sealed.extend(format!("= {:016x}\n", xxh3_64(&sealed)).bytes());
    Ok(sealed)
}

/// How long the last line is.
const SEAL_BYTES: usize = 2 + 16 + 1;

/// The JSON in the bytes of `meta.json`, and what it tells of its files; `None` if they are not what was written.
pub(super) fn unseal(sealed: &[u8]) -> Option<(&[u8], Sums)> {
    let (told, seal) = sealed.split_at_checked(sealed.len().checked_sub(SEAL_BYTES)?)?;
    if seal != format!("= {:016x}\n", xxh3_64(told)).as_bytes() {
        return None;
    }
    // The JSON ends with the line of its last brace.
    let end = told.windows(3).rposition(|bytes| bytes == b"\n}\n")? + 3;
    let lines = std::str::from_utf8(&told[end..]).ok()?.lines();
    Some((&told[..end], lines.map(parse).collect::<Option<_>>()?))
}

fn parse(line: &str) -> Option<(String, Sum)> {
    let mut parts = line.split(' ');
    let (name, bytes, xxh3) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    Some((name.to_string(), Sum { bytes, xxh3: u64::from_str_radix(xxh3, 16).ok()? }))
}

/// A segment's id as the names of its files begin.
fn digits(id: &str) -> String {
    id.replace('-', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = r#"{
  "segments": [
    { "segment_id": "00000000-0000-0000-0000-00000000000a", "max_doc": 3, "deletes": { "opstamp": 7 } }
  ],
  "payload": "{\"layers\":[[4,3]],\"next_layer\":5,\"next_uid\":4,\"documents\":3,\"tokens\":[1,2,3],\"bytes\":9,\"unfinished\":false,\"committed_ns\":0}"
}
"#;

    fn known() -> Sums {
        let id = "0000000000000000000000000000000";
        let names = [format!("{id}a.term"), format!("{id}a.7.del"), "records.4".into()];
        let others = [format!("{id}b.term"), format!("{id}a.6.del"), "records.3".into()];
        let sum = |(n, name)| (name, Sum { bytes: n, xxh3: n * 1000 });
        (1..).zip(names.into_iter().chain(others)).map(sum).collect()
    }

    #[test]
    fn a_commit_tells_of_its_own_files_and_of_no_other() {
        let sealed = seal(META.as_bytes(), &known()).unwrap();
        let (json, sums) = unseal(&sealed).unwrap();
        assert_eq!(json, META.as_bytes());
        let expected = known().into_iter().filter(|(_, sum)| sum.bytes <= 3).collect::<Sums>();
        assert_eq!(sums, expected);
        assert_eq!(seal(json, &sums).unwrap(), sealed, "sealed again it is the same");
    }

    #[test]
    fn any_flipped_byte_and_any_cut_is_noticed() {
        let sealed = seal(META.as_bytes(), &known()).unwrap();
        for at in 0..sealed.len() {
            for flip in [1, 0x20, 0xff] {
                let mut damaged = sealed.clone();
                damaged[at] ^= flip;
                assert!(unseal(&damaged).is_none(), "byte {at}");
            }
            assert!(unseal(&sealed[..at]).is_none(), "cut at {at}");
        }
    }
}
