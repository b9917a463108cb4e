//! A hit as it is shown: the file as it is now, with the passages that match.

use std::io::{self, Read};
use std::path::Path;

use encoding_rs::Encoding;
use tantivy::TantivyDocument;
use tantivy::schema::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::top::Match;
use super::{Freshness, Hit, Options, Passage, Snippet};
use crate::Result;
use crate::index::{Kind, Record, Snapshot};
use crate::snippet::{self, Cut, Limits, Wanted};
use crate::walk::{DEFAULT_MAX_BYTES, Stat};
use crate::{decode, extract};

/// Makes a hit of a record; rank, score and what it lacks are for the caller to add.
pub(super) fn hit(
    snapshot: &Snapshot,
    found: &Match,
    record: &Record,
    wanted: &Wanted,
    options: &Options,
) -> Result<Hit> {
    let mut hit = Hit {
        rank: 0,
        score: 0.0,
        path: record.path().to_path_buf(),
        id: id(snapshot, record),
        title: None,
        modified_ns: record.stat.mtime_ns,
        size: record.stat.size,
        lang: None,
        freshness: Freshness::Current,
        missing: Vec::new(),
        snippets: Vec::new(),
        copies: Vec::new(),
        parts: Vec::new(),
    };
    if options.passages == 0 {
        return Ok(hit);
    }
    match read(record) {
        Ok((bytes, freshness)) => {
            hit.freshness = freshness;
            let encoding = record.version().and_then(|version| Encoding::for_label(version.encoding.as_bytes()));
            let encoding = encoding.filter(|_| freshness == Freshness::Current);
            // A file that is no text any more has nothing to show.
            if let Ok(decoded) = decode::decode(&bytes, encoding) {
                let is_exact = decoded.encoding == encoding_rs::UTF_8 && !decoded.lossy;
                fill(&mut hit, &decoded.text, is_exact.then_some(decoded.bom_bytes), wanted, options);
            }
        }
        Err(error) => {
            hit.freshness = match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => Freshness::Gone,
                _ => Freshness::Unreadable,
            };
            if record.version().is_some_and(|version| version.stored) {
                fill(&mut hit, &stored(snapshot, found)?, None, wanted, options);
            }
        }
    }
    Ok(hit)
}

/// Adds what comes from the text; `offset` is where the text begins in the file, if its bytes are those of the file.
fn fill(hit: &mut Hit, text: &str, offset: Option<usize>, wanted: &Wanted, options: &Options) {
    hit.title = extract::title(text).map(|title| {
        let text = title.into_owned();
        Passage { marks: snippet::marks(&text, wanted), text }
    });
    let cuts = snippet::cut(text, wanted, &Limits { passages: options.passages, width_chars: options.width_chars });
    hit.snippets = cuts.into_iter().map(|cut| snippet(text, cut, offset)).collect();
    if hit.snippets.is_empty() {
        // Only the path matches, or the file is another one by now: its beginning says at least what it is.
        let beginning = snippet::beginning(text, options.width_chars);
        hit.snippets.extend(beginning.map(|cut| snippet(text, cut, offset)));
    }
}

/// The text that the index keeps of a document.
fn stored(snapshot: &Snapshot, found: &Match) -> Result<String> {
    let store = snapshot.segments[found.segment as usize].get_store_reader(1);
    let document: TantivyDocument =
        store.map_err(|error| snapshot.engine(error))?.get(found.document).map_err(|error| snapshot.engine(error))?;
    let text = document.get_first(snapshot.fields.text).and_then(|value| value.as_str().map(str::to_string));
    text.ok_or_else(|| snapshot.damaged("a document lacks the text that its record promises"))
}

/// The file's bytes, and whether they are those that were indexed.
fn read(record: &Record) -> io::Result<(Vec<u8>, Freshness)> {
    let (file, metadata) = crate::read::open(record.path())?;
    let stat = Stat::of(&metadata);
    let mut bytes = Vec::with_capacity(usize::try_from(stat.size.min(DEFAULT_MAX_BYTES)).unwrap_or_default());
    file.take(DEFAULT_MAX_BYTES).read_to_end(&mut bytes)?;
    let is_same = (stat.size, stat.mtime_ns) == (record.stat.size, record.stat.mtime_ns)
        || record.version().is_some_and(|version| version.hash == xxh3_128(&bytes));
    Ok((bytes, if is_same { Freshness::Current } else { Freshness::Changed }))
}

fn snippet(text: &str, cut: Cut, offset: Option<usize>) -> Snippet {
    let start = cut.range.start;
    let marks = cut.marks.iter().map(|mark| mark.start - start..mark.end - start).collect();
    Snippet {
        line: cut.line,
        end_line: cut.end_line,
        column: cut.column,
        passage: Passage { text: text[cut.range.clone()].to_string(), marks },
        source_bytes: offset.map(|offset| (start + offset) as u64..(cut.range.end + offset) as u64),
    }
}

/// The path as seen from the source; that of a listed file is whole.
pub(super) fn id(snapshot: &Snapshot, record: &Record) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let source = snapshot.marker.source(record.source);
    let path = record.path();
    let root = source.filter(|source| source.kind == Kind::Tree).map_or(Path::new("/"), |source| &source.root);
    let id = path.strip_prefix(root).ok().filter(|id| !id.as_os_str().is_empty());
    id.unwrap_or_else(|| path.file_name().map_or(path, Path::new)).as_os_str().as_bytes().to_vec()
}
