//! A hit as it is shown: the file as it is now, with the passages that match.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use encoding_rs::Encoding;
use xxhash_rust::xxh3::Xxh3;

use super::seen::Seen;
use super::spots::{Known, Seeker};
use super::top::Match;
use super::{Freshness, Hit, Options, Passage, Snippet};
use crate::Result;
use crate::decode::pieces::Pieces;
use crate::index::{Kind, Record, Snapshot};
use crate::snippet::{self, Cut, Cuts, Limits, Source, Wanted};
use crate::walk::{DEFAULT_MAX_BYTES, Stat};
use crate::{decode, extract};

/// The longest file that is read whole; of a longer one only what its passages take.
const WHOLE_BYTES: u64 = snippet::LONG_BYTES;

/// Shows the hits of an answer, best first.
pub(super) struct Show<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// In texts, in titles, and in paths.
    pub(super) wanted: &'a Wanted,
    pub(super) in_title: &'a Wanted,
    pub(super) in_path: &'a Wanted,
    pub(super) options: &'a Options,
    pub(super) seeker: Seeker<'a>,
    pub(super) seen: Seen<'a>,
    /// Of the file at hand.
    pub(super) bytes: Vec<u8>,
}

/// What of a text is not shown because it was, and the number of the passage that shows it.
pub(super) type Again = Vec<(Cut, usize)>;

impl Show<'_> {
    /// Makes a hit of a record; rank, score and what it lacks are for the caller to add.
    pub(super) fn hit(&mut self, found: &Match, record: &Record) -> Result<(Hit, Again)> {
        let id = id(self.snapshot, record);
        let mut hit = Hit {
            rank: 0,
            score: 0.0,
            path: record.path().to_path_buf(),
            id_marks: str::from_utf8(&id).map_or_else(|_| Vec::new(), |id| snippet::marks(id, self.in_path)),
            id,
            title: None,
            modified_ns: record.stat.mtime_ns,
            size: record.stat.size,
            lang: None,
            freshness: Freshness::Current,
            missing: Vec::new(),
            snippets: Vec::new(),
            same: Vec::new(),
            copies: Vec::new(),
            parts: Vec::new(),
        };
        if self.options.passages == 0 {
            return Ok((hit, Vec::new()));
        }
        let known = if record.stat.size > WHOLE_BYTES { self.seeker.known(found)? } else { None };
        let shown = open(self.snapshot, record).and_then(|opened| self.show(&mut hit, opened, record, known));
        let again = match shown {
            Ok(again) => again,
            // Another one was written over it a moment ago.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                hit.freshness = Freshness::Changed;
                Vec::new()
            }
            Err(error) => {
                hit.freshness = match error.kind() {
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput => {
                        Freshness::Gone
                    }
                    _ => Freshness::Unreadable,
                };
                match record.version().filter(|version| version.stored) {
                    Some(_) => self.fill(&mut hit, &stored(self.snapshot, found)?, None),
                    None => Vec::new(),
                }
            }
        };
        Ok((hit, again))
    }

    /// Adds what comes from the file. One that is no text any more has nothing to show.
    fn show(&mut self, hit: &mut Hit, opened: Opened, record: &Record, known: Option<Known>) -> io::Result<Again> {
        let Opened { file, size, freshness } = opened;
        hit.freshness = freshness;
        let encoding = record.version().and_then(|version| Encoding::for_label(version.encoding.as_bytes()));
        if size > WHOLE_BYTES {
            let is_current = freshness == Freshness::Current;
            let pieces = Pieces::open(file, encoding.unwrap_or(encoding_rs::UTF_8), is_current, DEFAULT_MAX_BYTES)?;
            let known = known.filter(|_| is_current);
            return pieces.map_or(Ok(Vec::new()), |pieces| self.fill_long(hit, pieces, known));
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        crate::read::to(&file, size, &mut bytes)?;
        let mut again = Vec::new();
        if let Ok(decoded) = decode::decode(&bytes, encoding.filter(|_| freshness == Freshness::Current)) {
            let is_exact = decoded.encoding == encoding_rs::UTF_8 && !decoded.lossy;
            again = self.fill(hit, &decoded.text, is_exact.then_some(decoded.bom_bytes));
        }
        self.bytes = bytes;
        Ok(again)
    }

    /// Adds what comes from a long text, without holding it; of one that is `known` only what its passages take is read.
    fn fill_long(&mut self, hit: &mut Hit, mut pieces: Pieces, known: Option<Known>) -> io::Result<Again> {
        let mut head = String::new();
        pieces.piece(0, &mut head)?;
        self.begin(hit, &head);
        let entered = match known {
            Some(known) => self.entered(&mut pieces, known)?,
            None => None,
        };
        let cuts = match entered {
            Some(cuts) => cuts,
            None => snippet::cut_from(&mut pieces, self.wanted, &self.limits(), &mut self.seen)?,
        };
        let exact = |cut: &Cut| (cut.range.end <= pieces.exact_bytes()).then_some(pieces.bom_bytes());
        Ok(self.put(hit, cuts, &head, exact))
    }

    /// The passages of a long text that the index knows; `None` if it does not know all, or the file is not what it was.
    fn entered(&mut self, pieces: &mut Pieces, known: Known) -> io::Result<Option<Cuts>> {
        if known.spots.is_empty() {
            return Ok(known.is_all.then(Cuts::default));
        }
        pieces.enter(&known.checkpoints);
        let limits = self.limits();
        let cut = snippet::cut_at(&mut *pieces, known.checkpoints, &known.spots, self.wanted, &limits, &mut self.seen);
        let cuts = match cut {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Cuts::default(),
            cuts => cuts?,
        };
        let is_empty = cuts.passages.is_empty() && cuts.shown.is_empty();
        if is_empty {
            pieces.start_over();
        }
        Ok(Some(cuts).filter(|_| !is_empty))
    }

    /// Adds what comes from the text; `offset` is where the text begins in the file, if its bytes are those of the file.
    fn fill(&mut self, hit: &mut Hit, text: &str, offset: Option<usize>) -> Again {
        self.begin(hit, text);
        let cuts = snippet::cut_judged(text, self.wanted, &self.limits(), &mut self.seen);
        self.put(hit, cuts, text, |_| offset)
    }

    /// Adds the title, which `head` tells.
    fn begin(&mut self, hit: &mut Hit, head: &str) {
        let title = extract::title(head).map(|title| title.into_owned());
        self.seen.begin(title.as_deref());
        hit.title = title.map(|text| Passage { marks: snippet::marks(&text, self.in_title), text });
    }

    /// Adds the passages; returns what is not shown because it was.
    fn put(&self, hit: &mut Hit, cuts: Cuts, head: &str, offset: impl Fn(&Cut) -> Option<usize>) -> Again {
        let Cuts { mut passages, shown, .. } = cuts;
        if passages.is_empty() && shown.is_empty() {
            // Only the path matches, or the file is another one by now: its beginning says at least what it is.
            let beginning = snippet::beginning(head, self.options.width_chars);
            passages.extend(beginning.map(|cut| (cut.clone(), head[cut.range].to_owned())));
        }
        hit.snippets = passages.into_iter().map(|(cut, text)| snippet(offset(&cut), cut, text)).collect();
        shown
    }

    fn limits(&self) -> Limits {
        Limits { passages: self.options.passages, width_chars: self.options.width_chars }
    }
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

/// The text that the index keeps of a document whose record says so.
fn stored(snapshot: &Snapshot, found: &Match) -> Result<String> {
    let text = snapshot.stored_text(found.segment, found.document)?;
    text.ok_or_else(|| snapshot.damaged("a document lacks the text that its record promises"))
}

/// A passage; `offset` is where its text begins in the file, if its bytes are those of the file.
fn snippet(offset: Option<usize>, cut: Cut, text: String) -> Snippet {
    let start = cut.range.start;
    let marks = cut.marks.iter().map(|mark| mark.start - start..mark.end - start).collect();
    Snippet {
        line: cut.line,
        end_line: cut.end_line,
        column: cut.column,
        passage: Passage { text, marks },
        source_bytes: offset.map(|offset| (start + offset) as u64..(cut.range.end + offset) as u64),
        also: Vec::new(),
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
