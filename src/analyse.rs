//! Text becomes terms; the same chain for documents and for questions.
//!
//! In: any text. Out: its *parts*, one for each word, at positions 0, 1, 2…, and its *wholes*, for
//! words written together: `user@host.org` has three parts and one whole. Phrases and lengths count
//! parts alone; wholes belong into a field of their own, at the position of their first part.
//!
//! What stands between white space has its parts to itself, so a question copied from a document
//! yields the parts that the document has, in the same order. Only a whole may reach beyond: that of
//! a word broken by a hyphen at the end of a line.

mod class;
mod compound;
mod eight;
mod fold;
pub(crate) mod function_words;
mod identifier;
pub mod language;
mod run;
pub(crate) mod spelling;
pub mod stem;
mod unspaced;

use std::ops::ControlFlow;

use class::{CLASS, DIGIT, Glyph, LOWER, SOFT, UPPER, URL, WIDE, WORD, broken, class_at, glyph};
use compound::{Source, Speller};
use fold::Folded;

/// The version of the analysis; an index made by another one has to be made anew.
pub const VERSION: u32 = 2;

/// The longest part in bytes; of a longer word the first bytes are kept, cut between characters.
///
/// The cut is the same in documents and in questions, so that such words are still found.
pub const MAX_TERM_BYTES: usize = 64;

/// The longest whole in bytes; a longer one is not emitted, its parts are.
pub const MAX_WHOLE_BYTES: usize = 128;

/// Buffers that grew beyond this, for a word without end, are given back after the text.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// What a term is to its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A word, or one word of a compound; the parts of a text are numbered without gaps.
    Part,
    /// A compound spelled in one: joined (`longexpected`), as written (`a/b.txt`), or an acronym
    /// in capitals (`US`), which sets it apart from the pronoun.
    Whole,
}

/// One term and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    /// The folded spelling.
    pub term: &'t str,
    /// Part or whole.
    pub kind: Kind,
    /// The number of the part; of a whole, that of its first part.
    pub position: u32,
    /// The first byte in the text analysed.
    pub start: usize,
    /// The byte behind the last. A possessive (`Niger's`), a last dot (`U.S.`) and marks are inside.
    pub end: usize,
}

/// Where a batch of analysis ended and the next begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The first byte not analysed yet.
    pub offset: usize,
    /// The position of the next part.
    pub position: u32,
}

/// The end of the terminal's control sequence that begins with the escape at `at`: the letter that ends it is no part of the word behind it (coloured logs).
fn escape_end(bytes: &[u8], at: usize) -> usize {
    let Some(b'[') = bytes.get(at + 1) else { return at + 1 };
    // A space belongs to few sequences, and to many texts that were cut.
    let parameters = bytes[at + 2..].iter().take(32).take_while(|byte| (0x21..0x40).contains(*byte)).count();
    let end = at + 2 + parameters;
    if bytes.get(end).is_some_and(|byte| (0x40..0x7f).contains(byte)) { end + 1 } else { end }
}

/// Whether `character` belongs to a script that is written without spaces, and so to the index in pairs.
pub(crate) fn is_unspaced(character: char) -> bool {
    class::unspaced(character).is_some()
}

/// Turns texts into terms; holds buffers only, which are used again from text to text.
///
/// ```
/// use indago::analyse::{Analyzer, Kind};
///
/// let mut parts = Vec::new();
/// Analyzer::new().tokens("Niger’s long-expected café", |token| {
///     if token.kind == Kind::Part {
///         parts.push(token.term.to_owned());
///     }
/// });
/// assert_eq!(parts, ["niger", "long", "expected", "cafe"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Analyzer {
    folded: Folded,
    speller: Speller,
    buffer: String,
}

impl Analyzer {
    /// An analyser with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `each` with every term of `text`, in order of position, a part before the wholes it ends.
    pub fn tokens(&mut self, text: &str, mut each: impl FnMut(Token<'_>)) {
        let _ = self.tokens_while(text, |token| {
            each(token);
            ControlFlow::Continue(())
        });
    }

    /// Like [`tokens`](Self::tokens), until `each` breaks; says whether it did.
    pub fn tokens_while(&mut self, text: &str, each: impl FnMut(Token<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        self.batch(text, &mut Cursor::default(), usize::MAX, each)
    }

    /// Like [`tokens_while`](Self::tokens_while), without most of the wholes that are [rows](is_row): they take time.
    pub(crate) fn few_tokens_while(
        &mut self,
        text: &str,
        each: impl FnMut(Token<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let flow = self.walk(text, 0, usize::MAX, &mut Out { position: 0, with_rows: false, each });
        self.trim();
        flow.map_continue(drop)
    }

    /// Analyses `text` from `cursor` on, about `bytes` of it, and moves the cursor to where it stopped.
    ///
    /// It stops between compounds, so batches yield exactly the tokens of one run; the text is
    /// finished when the offset reaches its length. After a break the cursor stays where it was.
    pub fn batch(
        &mut self,
        text: &str,
        cursor: &mut Cursor,
        bytes: usize,
        each: impl FnMut(Token<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let limit = cursor.offset.saturating_add(bytes.max(1));
        let mut out = Out { position: cursor.position, with_rows: true, each };
        let flow = self.walk(text, cursor.offset, limit, &mut out);
        self.trim();
        let offset = flow?;
        *cursor = Cursor { offset, position: out.position };
        ControlFlow::Continue(())
    }

    /// Gives back what a word without end took.
    fn trim(&mut self) {
        if self.buffer.capacity().max(self.speller.capacity()) > MAX_KEPT_BYTES {
            *self = Self::default();
        }
    }

    /// Emits what begins in `at..limit`; words of ASCII letters are dealt with here, the rest is handed on.
    fn walk<F: Emit>(&mut self, text: &str, mut at: usize, limit: usize, out: &mut Out<F>) -> ControlFlow<(), usize> {
        let bytes = text.as_bytes();
        let limit = limit.min(bytes.len());
        // Compounds that begin before this hold nothing beyond ASCII.
        let mut clean = clean_until(bytes, at, limit);
        while at < limit {
            at = eight::next_word(bytes, at);
            if at >= limit {
                return ControlFlow::Continue(limit);
            }
            let first = CLASS[bytes[at] as usize];
            if first & WIDE != 0 {
                at = self.wide(text, at, out)?;
                continue;
            }
            if first & WORD == 0 {
                at = match bytes[at] {
                    b'.' => dot_name(&mut self.buffer, text, at, out)?,
                    _ => escape_end(bytes, at),
                };
                continue;
            }
            let (end, rest) = eight::word(bytes, at + 1);
            if ends_plainly(bytes, end, end - at, first | rest) && self.word(text, (at, end), (first, rest), out)? {
                at = end;
                continue;
            }
            if !out.with_rows
                && bytes.get(end) == Some(&b'_')
                && let Some(end) = identifier::end(bytes, at, end, first | rest)
            {
                identifier::words(&mut self.buffer, text, at, end, out)?;
                at = end;
                continue;
            }
            if at >= clean {
                clean = clean_end(bytes, at);
            }
            at = if at < clean {
                self.speller.compound(Source { text, folded: None }, at, out)?
            } else {
                self.stretch(text, at, out)?
            };
        }
        ControlFlow::Continue(at)
    }

    /// Emits an ASCII word by itself, unless its capitals need a closer look.
    ///
    /// `first` and `rest` are the classes of its first byte and of the others.
    #[inline]
    fn word<F: Emit>(
        &mut self,
        text: &str,
        (start, end): (usize, usize),
        (first, rest): (u8, u8),
        out: &mut Out<F>,
    ) -> ControlFlow<(), bool> {
        let word = &text[start..end];
        if (first | rest) & UPPER == 0 {
            out.part(word, start, end)?;
            return ControlFlow::Continue(true);
        }
        let shouted = (first | rest) & LOWER == 0;
        let simple = rest & UPPER == 0 || (shouted && !run::is_loud_word(word));
        if simple {
            self.buffer.clear();
            self.buffer.push_str(word);
            self.buffer.make_ascii_lowercase();
            out.part(&self.buffer, start, end)?;
        }
        ControlFlow::Continue(simple)
    }

    /// Deals with the character beyond ASCII at `at`, and what belongs to it.
    fn wide<F: Emit>(&mut self, text: &str, at: usize, out: &mut Out<F>) -> ControlFlow<(), usize> {
        let Some(ch) = text[at..].chars().next() else {
            return ControlFlow::Continue(text.len());
        };
        let end = at + ch.len_utf8();
        match glyph(ch) {
            Glyph::Word => self.stretch(text, at, out),
            Glyph::As(byte) if CLASS[byte as usize] & WORD != 0 => self.stretch(text, at, out),
            Glyph::Unspaced => unspaced::pairs(&mut self.buffer, text, at, out),
            Glyph::Emoji => {
                out.part(&text[at..end], at, end)?;
                ControlFlow::Continue(end)
            }
            _ => ControlFlow::Continue(end),
        }
    }

    /// Folds the stretch that begins at `start` and emits its compounds.
    fn stretch<F: Emit>(&mut self, text: &str, start: usize, out: &mut Out<F>) -> ControlFlow<(), usize> {
        let end = self.folded.stretch(text, start);
        let Folded { text: plain, origin } = &self.folded;
        let source = Source { text: plain, folded: Some((origin, start)) };
        let mut at = 0;
        while at < plain.len() {
            at = match class_at(plain.as_bytes(), at) & WORD {
                0 => at + 1,
                _ => self.speller.compound(source, at, out)?,
            };
        }
        ControlFlow::Continue(end)
    }
}

/// What takes the tokens.
trait Emit: FnMut(Token<'_>) -> ControlFlow<()> {}
impl<F: FnMut(Token<'_>) -> ControlFlow<()>> Emit for F {}

/// Numbers the parts and passes tokens on.
struct Out<F> {
    position: u32,
    /// Rows are wanted, too.
    with_rows: bool,
    each: F,
}

impl<F: Emit> Out<F> {
    #[inline]
    fn part(&mut self, term: &str, start: usize, end: usize) -> ControlFlow<()> {
        let term = if term.len() > MAX_TERM_BYTES { cut(term) } else { term };
        let position = self.position;
        self.position = position.wrapping_add(1);
        (self.each)(Token { term, kind: Kind::Part, position, start, end })
    }

    fn whole(&mut self, term: &str, position: u32, start: usize, end: usize) -> ControlFlow<()> {
        if term.len() > MAX_WHOLE_BYTES {
            return ControlFlow::Continue(());
        }
        (self.each)(Token { term, kind: Kind::Whole, position, start, end })
    }
}

#[cold]
fn cut(term: &str) -> &str {
    let end = (0..=MAX_TERM_BYTES).rev().find(|&end| term.is_char_boundary(end));
    &term[..end.unwrap_or(0)]
}

/// Whether a whole, written so in the text, is but a row of its parts: a compound with joiners (`a/b.txt`) or an identifier
/// (`parse_http_header`).
pub(crate) fn is_row(term: &str, written: &str) -> bool {
    written.as_bytes().contains(&b'_') || term.bytes().any(|byte| byte.is_ascii_punctuation())
}

/// Whether nothing behind a word of `length` bytes can belong to it.
#[inline]
fn ends_plainly(bytes: &[u8], end: usize, length: usize, classes: u8) -> bool {
    let here = class_at(bytes, end);
    if here & (SOFT | WIDE) == 0 {
        return true;
    }
    if here & WIDE != 0 {
        return false;
    }
    match bytes[end] {
        b'_' => false,
        b'+' | b'#' => length > 2,
        b'-' if matches!(bytes.get(end + 1), Some(b'\n' | b'\r')) => broken(bytes, end).is_none(),
        b',' if classes & DIGIT == 0 => class_at(bytes, end + 1) & WIDE == 0,
        _ => class_at(bytes, end + 1) & (WORD | SOFT | URL) == 0,
    }
}

/// How far compounds may begin without meeting anything beyond ASCII; `start` if that is not known.
fn clean_until(bytes: &[u8], start: usize, limit: usize) -> usize {
    let seen = limit.saturating_add(fold::MAX_STRETCH_BYTES).min(bytes.len());
    if bytes[start.min(seen)..seen].is_ascii() { limit } else { start }
}

/// The end of the stretch at `start` if it is all ASCII and not too long to look at, else `start`.
fn clean_end(bytes: &[u8], start: usize) -> usize {
    let bytes = &bytes[..bytes.len().min(start + fold::MAX_STRETCH_BYTES)];
    let stops = |&byte: &u8| matches!(CLASS[byte as usize], 0 | WIDE);
    let mut from = start;
    while let Some(length) = bytes[from..].iter().position(stops) {
        let end = from + length;
        if bytes[end] >= 0x80 {
            return start;
        }
        if bytes[end - 1] != b'-' {
            return end;
        }
        // A word that goes on in the next line is looked at to its end.
        let Some(next) = broken(bytes, end - 1) else { return end };
        from = next;
    }
    if bytes.len() - start < fold::MAX_STRETCH_BYTES { bytes.len() } else { start }
}

/// Emits `.NET` and its like where a name may begin with a dot; returns where to go on.
fn dot_name<F: Emit>(buffer: &mut String, text: &str, dot: usize, out: &mut Out<F>) -> ControlFlow<(), usize> {
    let bytes = text.as_bytes();
    let begins = dot == 0 || matches!(bytes[dot - 1], b' ' | b'\t' | b'\n' | b'\r' | b'(' | b'"');
    if !begins || class_at(bytes, dot + 1) != UPPER {
        return ControlFlow::Continue(dot + 1);
    }
    let (end, classes) = eight::word(bytes, dot + 2);
    let one_case = matches!(classes, LOWER | UPPER);
    if !one_case || !(2..=8).contains(&(end - dot - 1)) || class_at(bytes, end) & WIDE != 0 {
        return ControlFlow::Continue(dot + 1);
    }
    buffer.clear();
    buffer.push_str(&text[dot..end]);
    buffer.make_ascii_lowercase();
    let position = out.position;
    out.part(&buffer[1..], dot, end)?;
    out.whole(buffer, position, dot, end)?;
    ControlFlow::Continue(end)
}

#[cfg(test)]
mod tests;
