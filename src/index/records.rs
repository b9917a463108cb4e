//! What is known of each file: path, identity, size, times, content hash, what became of it, and why.
//!
//! Records are kept sorted by path in [`layer`] files, front-coded in checked blocks; a [`Records`] is a stack of such
//! layers, of which the newest word on a path counts. Which layers there are is told by the payload of tantivy's commit,
//! so that the records and the terms always switch together, and a change writes a thin layer instead of all records.

pub(crate) mod codec;
mod layer;
mod stack;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) use layer::{Layer, LayerWriter};
pub(crate) use stack::{Merged, Records, Removed};

use xxhash_rust::xxh3::Xxh3;

use crate::walk::Stat;

/// What is known of one path.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Record {
    /// The absolute path, as bytes.
    pub path: Vec<u8>,
    /// The id of the source it was found in.
    pub source: u32,
    /// What one stat told when the file was last looked at; zero where there was none.
    pub stat: Stat,
    /// The file was modified so shortly before it was read that a later change may have left no trace in its times.
    pub racy: bool,
    /// What became of it.
    pub state: State,
}

/// What became of a path.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum State {
    /// Its text is in the index.
    Indexed(Version),
    /// It is not, for this reason.
    Skipped {
        /// The kind of reason.
        reason: Reason,
        /// What more there is to say: the rule, the format, the system's message. One line.
        detail: String,
    },
    /// It was here once; hides what an older layer says.
    #[default]
    Removed,
}

/// One version of an indexed file.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Version {
    /// Unique to this version of this file within the index, never 0; deletions go by it.
    pub uid: u64,
    /// XXH3-128 of the file's bytes.
    pub hash: u128,
    /// Tokens in the body, the title and the path: what the ranking needs to know of the lengths.
    pub tokens: [u32; 3],
    /// The name of the encoding it was decoded from; empty for UTF-8.
    pub encoding: String,
    /// The index keeps the text.
    pub stored: bool,
    /// The encoding was insisted on rather than detected.
    pub forced: bool,
}

/// Why a path is not indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Reason {
    /// An ignore rule or a glob leaves it out.
    #[default]
    Ignored = 1,
    /// Its name begins with a dot.
    Hidden = 2,
    /// It is larger than the limit.
    TooLarge = 3,
    /// A symbolic link, and links are not followed.
    Link = 4,
    /// A symbolic link to nothing.
    BrokenLink = 5,
    /// A symbolic link that leads back to a folder it lies in.
    LinkLoop = 6,
    /// A pipe, a socket or a device.
    Special = 7,
    /// An index of indago's own.
    Index = 8,
    /// No bytes.
    Empty = 9,
    /// Not text.
    Binary = 10,
    /// A format whose text cannot be extracted.
    Format = 11,
    /// Not readable: permission, or an error of the disk.
    Unreadable = 12,
    /// A file that was listed by name and is not there.
    Missing = 13,
    /// A folder among files listed by name.
    Folder = 14,
    /// Gone before it could be read; no record is kept of it.
    Vanished = 15,
    /// It holds passwords or keys.
    Secret = 16,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 16] = [
        Reason::Ignored,
        Reason::Hidden,
        Reason::TooLarge,
        Reason::Link,
        Reason::BrokenLink,
        Reason::LinkLoop,
        Reason::Special,
        Reason::Index,
        Reason::Empty,
        Reason::Binary,
        Reason::Format,
        Reason::Unreadable,
        Reason::Missing,
        Reason::Folder,
        Reason::Vanished,
        Reason::Secret,
    ];

    /// The reason in a word or two.
    ///
    /// ```
    /// assert_eq!(indago::index::Reason::TooLarge.name(), "too large");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Reason::Ignored => "ignored",
            Reason::Hidden => "hidden",
            Reason::TooLarge => "too large",
            Reason::Link => "symbolic link",
            Reason::BrokenLink => "broken link",
            Reason::LinkLoop => "link loop",
            Reason::Special => "not a regular file",
            Reason::Index => "an index",
            Reason::Empty => "empty",
            Reason::Binary => "binary",
            Reason::Format => "format without text",
            Reason::Unreadable => "unreadable",
            Reason::Missing => "missing",
            Reason::Folder => "folder",
            Reason::Vanished => "vanished",
            Reason::Secret => "secret",
        }
    }

    /// Whether it is trouble rather than a rule or the content: such a file may belong into the index.
    pub fn is_trouble(self) -> bool {
        matches!(self, Reason::Unreadable | Reason::Missing)
    }

    fn from_code(code: u8) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| *reason as u8 == code)
    }
}

impl Record {
    /// The path.
    pub fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.path))
    }

    /// The indexed version, if it is indexed.
    pub fn version(&self) -> Option<&Version> {
        match &self.state {
            State::Indexed(version) => Some(version),
            _ => None,
        }
    }

    /// The id of the indexed version, if it is indexed.
    pub fn uid(&self) -> Option<u64> {
        self.version().map(|version| version.uid)
    }

    /// A record that hides what older layers say of `path`.
    pub(crate) fn tombstone(path: &[u8]) -> Record {
        Record { path: path.to_vec(), ..Record::default() }
    }
}

/// A record as a document stores it, so that the records can be built again if they are lost; with a checksum of it and of
/// the `text` that the document stores.
pub(crate) fn stored(record: &Record, text: Option<&str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&mut bytes, record, &Record::default());
    let checksum = stored_checksum(&bytes, text);
    bytes.extend(checksum);
    bytes
}

/// The record that a document stores beside its `text`; `None` if either is damaged.
pub(crate) fn from_stored(bytes: &[u8], text: Option<&str>) -> Option<Record> {
    let (bytes, checksum) = bytes.split_last_chunk()?;
    let (mut input, mut record) = (codec::Input(bytes), Record::default());
    if *checksum != stored_checksum(bytes, text) {
        return None;
    }
    codec::decode(&mut input, &mut record)?;
    (input.0.is_empty() && !record.path.is_empty()).then_some(record)
}

fn stored_checksum(record: &[u8], text: Option<&str>) -> [u8; 4] {
    let mut hash = Xxh3::new();
    hash.update(record);
    hash.update(text.unwrap_or_default().as_bytes());
    (hash.digest() as u32).to_le_bytes()
}

/// Whether `path` is `folder` or lies below it; both absolute, as bytes, without a slash at the end (but for `/`).
pub(crate) fn is_below(path: &[u8], folder: &[u8]) -> bool {
    match path.strip_prefix(folder) {
        Some(rest) => rest.is_empty() || rest[0] == b'/' || folder.ends_with(b"/"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_goes_by_components() {
        let rows = [
            ("/a/b", "/a", true),
            ("/a", "/a", true),
            ("/ab", "/a", false),
            ("/a.txt", "/a", false),
            ("/a", "/", true),
            ("/", "/a", false),
        ];
        for (path, folder, expected) in rows {
            assert_eq!(is_below(path.as_bytes(), folder.as_bytes()), expected, "{path} below {folder}");
        }
    }

    #[test]
    fn a_stored_record_is_known_to_be_damaged_by_itself_or_by_its_text() {
        let record = Record { path: b"/notes/keeper.txt".to_vec(), ..Record::default() };
        for text in [None, Some("the lantern")] {
            let bytes = stored(&record, text);
            assert_eq!(from_stored(&bytes, text), Some(record.clone()));
            assert_eq!(from_stored(&bytes, Some("the lamtern")), None);
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 4;
                assert_eq!(from_stored(&damaged, text), None, "byte {at}");
                assert_eq!(from_stored(&bytes[..at], text), None, "cut at {at}");
            }
        }
    }

    #[test]
    fn every_reason_has_its_own_code_and_comes_back_from_it() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason as u8), Some(reason));
        }
        assert_eq!(Reason::from_code(0), None);
    }
}
