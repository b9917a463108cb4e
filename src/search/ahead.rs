//! The files of the hits, read ahead of the passages being chosen.
//!
//! In: the records of the hits, best first. Out: for each, the file as it is now, with where the wanted stands in it. Which
//! passages are shown depends on the hits before; what a file holds does not, so another thread reads and searches the next
//! files meanwhile.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::mpsc;
use std::thread;

use encoding_rs::Encoding;
use xxhash_rust::xxh3::Xxh3;

use super::Freshness;
use crate::Result;
use crate::index::{Kind, Record, Snapshot};
use crate::snippet::{self, Places, Wanted};
use crate::walk::{DEFAULT_MAX_BYTES, Stat};
use crate::{decode, extract};

/// The longest file that is read whole; of a longer one only what its passages take.
pub(super) const WHOLE_BYTES: u64 = snippet::LONG_BYTES;

/// Fewer files are not worth a thread, which takes a twentieth of a millisecond to begin.
const LEAST_FILES: usize = 3;

/// So many files wait to be shown, at most.
const MOST_WAITING: usize = 4;

/// A file as it was found.
pub(super) struct Ahead {
    pub(super) freshness: Freshness,
    pub(super) content: Content,
}

/// What a file holds.
pub(super) enum Content {
    Text(Text),
    /// Too much to be read ahead.
    Long {
        file: File,
        encoding: Option<&'static Encoding>,
    },
    /// No text any more.
    Other,
}

/// A text that is not long.
pub(super) struct Text {
    pub(super) text: String,
    /// Where it begins in the file, if its bytes are those of the file.
    pub(super) offset: Option<usize>,
    pub(super) title: Option<String>,
    pub(super) places: Places,
}

impl Text {
    /// Looks for what is wanted in a text.
    pub(super) fn new(text: String, offset: Option<usize>, wanted: &Wanted) -> Text {
        let title = extract::title(&text).map(|title| title.into_owned());
        Text { places: Places::of(&text, wanted), title, offset, text }
    }
}

/// Hands the file of each record to `take`, in order, with its number; stops at the first error of `take`.
pub(super) fn each(
    snapshot: &Snapshot,
    records: &[&Record],
    wanted: &Wanted,
    mut take: impl FnMut(usize, io::Result<Ahead>) -> Result<()>,
) -> Result<()> {
    let read_next = |n: usize| read(snapshot, records[n], wanted);
    if records.len() < LEAST_FILES {
        return (0..records.len()).try_for_each(|n| take(n, read_next(n)));
    }
    thread::scope(|scope| {
        let (give, got) = mpsc::sync_channel(MOST_WAITING);
        let reader = move || {
            // Nobody takes any more when an error has ended the answer.
            (0..records.len()).try_for_each(|n| give.send(read_next(n)).ok())
        };
        match thread::Builder::new().name("reader".into()).spawn_scoped(scope, reader) {
            Ok(_) => got.into_iter().enumerate().try_for_each(|(n, ahead)| take(n, ahead)),
            // A system that has no thread left may have files.
            Err(_) => (0..records.len()).try_for_each(|n| take(n, read_next(n))),
        }
    })
}

/// Reads the file of a record.
fn read(snapshot: &Snapshot, record: &Record, wanted: &Wanted) -> io::Result<Ahead> {
    let Opened { file, size, freshness } = open(snapshot, record)?;
    let encoding = record.version().and_then(|version| Encoding::for_label(version.encoding.as_bytes()));
    if size > WHOLE_BYTES {
        return Ok(Ahead { freshness, content: Content::Long { file, encoding } });
    }
    let mut bytes = Vec::new();
    crate::read::to(&file, size, &mut bytes)?;
    let content = match decode::decode(&bytes, encoding.filter(|_| freshness == Freshness::Current)) {
        Ok(decoded) => {
            let is_exact = decoded.encoding == encoding_rs::UTF_8 && !decoded.lossy;
            let offset = is_exact.then_some(decoded.bom_bytes);
            Content::Text(Text::new(decoded.text.into_owned(), offset, wanted))
        }
        Err(_) => Content::Other,
    };
    Ok(Ahead { freshness, content })
}

/// A file as it is found now.
struct Opened {
    file: File,
    size: u64,
    freshness: Freshness,
}

fn open(snapshot: &Snapshot, record: &Record) -> io::Result<Opened> {
    let (mut file, metadata) = crate::read::open(record.path())?;
    let stat = Stat::of(&metadata);
    if stat.inode != record.stat.inode && is_behind_link(snapshot, record) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let is_same = (stat.size, stat.mtime_ns) == (record.stat.size, record.stat.mtime_ns)
        || stat.size == record.stat.size && is_equal(&mut file, record)?;
    let freshness = if is_same { Freshness::Current } else { Freshness::Changed };
    Ok(Opened { file, size: stat.size, freshness })
}

/// Whether links lead to the file now, and its source does not follow them: then it is another, maybe from elsewhere.
fn is_behind_link(snapshot: &Snapshot, record: &Record) -> bool {
    let source = snapshot.marker.source(record.source).filter(|source| source.kind == Kind::Tree);
    source.is_some_and(|source| !source.rules.follow && crate::read::passes_link(&source.root, record.path()))
}

/// Whether the file, though it was touched, holds what was indexed.
fn is_equal(file: &mut File, record: &Record) -> io::Result<bool> {
    let (mut hash, mut bytes) = (Xxh3::new(), vec![0; WHOLE_BYTES as usize]);
    let mut rest = file.take(DEFAULT_MAX_BYTES);
    loop {
        match rest.read(&mut bytes) {
            Ok(0) => break,
            Ok(length) => hash.update(&bytes[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    file.rewind()?;
    Ok(record.version().is_some_and(|version| version.hash == hash.digest128()))
}
