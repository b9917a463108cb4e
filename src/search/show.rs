//! A hit as it is shown: the file as it is now, with the passages that match.

use std::io;
use std::path::Path;

use super::ahead::{Ahead, Content, Text, WHOLE_BYTES};
use super::seen::Seen;
use super::spots::{Known, Seeker};
use super::top::Match;
use super::{Freshness, Hit, Options, Passage, Snippet};
use crate::Result;
use crate::decode::pieces::Pieces;
use crate::extract;
use crate::index::{Kind, Record, Snapshot};
use crate::snippet::{self, Cut, Cuts, Limits, Source, Wanted};
use crate::walk::DEFAULT_MAX_BYTES;

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
}

/// What of a text is not shown because it was, and the number of the passage that shows it.
pub(super) type Again = Vec<(Cut, usize)>;

impl Show<'_> {
    /// Makes a hit of a record and its file, which is not read where no passages are asked for; rank, score and what it lacks
    /// are for the caller to add.
    pub(super) fn hit(
        &mut self,
        found: &Match,
        record: &Record,
        ahead: Option<io::Result<Ahead>>,
    ) -> Result<(Hit, Again)> {
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
        let Some(ahead) = ahead else { return Ok((hit, Vec::new())) };
        let known = if record.stat.size > WHOLE_BYTES { self.seeker.known(found)? } else { None };
        let shown = ahead.and_then(|ahead| self.show(&mut hit, ahead, known));
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
                    Some(_) => self.fill(&mut hit, Text::new(stored(self.snapshot, found)?, None, self.wanted)),
                    None => Vec::new(),
                }
            }
        };
        Ok((hit, again))
    }

    /// Adds what comes from the file. One that is no text any more has nothing to show.
    fn show(&mut self, hit: &mut Hit, ahead: Ahead, known: Option<Known>) -> io::Result<Again> {
        hit.freshness = ahead.freshness;
        let is_current = ahead.freshness == Freshness::Current;
        match ahead.content {
            Content::Text(text) => Ok(self.fill(hit, text)),
            Content::Other => Ok(Vec::new()),
            Content::Long { file, encoding } => {
                let encoding = encoding.unwrap_or(encoding_rs::UTF_8);
                let pieces = Pieces::open(file, encoding, is_current, DEFAULT_MAX_BYTES)?;
                let known = known.filter(|_| is_current);
                pieces.map_or(Ok(Vec::new()), |pieces| self.fill_long(hit, pieces, known))
            }
        }
    }

    /// Adds what comes from a long text, without holding it; of one that is `known` only what its passages take is read.
    fn fill_long(&mut self, hit: &mut Hit, mut pieces: Pieces, known: Option<Known>) -> io::Result<Again> {
        let mut head = String::new();
        pieces.piece(0, &mut head)?;
        self.begin(hit, extract::title(&head).map(|title| title.into_owned()));
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

    /// Adds what comes from the text.
    fn fill(&mut self, hit: &mut Hit, Text { text, offset, title, places }: Text) -> Again {
        self.begin(hit, title);
        let cuts = snippet::cut_places(&text, places, self.wanted, &self.limits(), &mut self.seen);
        self.put(hit, cuts, &text, |_| offset)
    }

    /// Adds the title.
    fn begin(&mut self, hit: &mut Hit, title: Option<String>) {
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
