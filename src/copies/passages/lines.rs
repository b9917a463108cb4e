//! Where passages stand in the files, and their text.
//!
//! In: stretches of terms. Out: lines and text; every document is read once.

use std::ops::Range;

use super::cover::{Place, Stretch};
use super::reader::Reader;
use crate::Result;
use crate::analyse::{Analyzer, Kind};
use crate::snippet::lines::Lines;

/// A passage as the files have it.
pub(super) struct Placed {
    pub(super) words: u32,
    /// As the first of its documents has it.
    pub(super) text: String,
    /// Each document and the lines in it, from the first to the last.
    pub(super) places: Vec<(u32, (u64, u64))>,
}

/// What was found of the passage of this number in a document: the lines, and if it is the first, the text.
struct Found {
    number: usize,
    document: u32,
    lines: (u64, u64),
    text: Option<String>,
}

/// The passages with their lines; those places are left out whose documents cannot be read any more.
pub(super) fn placed(reader: &Reader<'_>, stretches: &[Stretch]) -> Result<Vec<Placed>> {
    let mut places: Vec<(&Place, usize)> = Vec::new();
    for (number, stretch) in stretches.iter().enumerate() {
        places.extend(stretch.places.iter().map(|place| (place, number)));
    }
    places.sort_unstable_by_key(|(place, number)| (place.document, place.terms.start, place.terms.end, *number));
    let of_documents: Vec<_> = places.chunk_by(|a, b| a.0.document == b.0.document).collect();
    let make = || (Analyzer::new(), Vec::new());
    let found = reader.each(of_documents.len(), make, |(analyzer, found), n| {
        let places = of_documents[n];
        let document = places[0].0.document;
        reader.text(document, |text| {
            let bytes = bytes(text, places.iter().map(|(place, _)| &place.terms), analyzer);
            for ((lines, bytes), (_, number)) in lines(text, &bytes).into_iter().zip(bytes).zip(places) {
                let is_first = stretches[*number].places[0].document == document;
                let text = is_first.then(|| text[with_marks(text, bytes)].to_string());
                found.push(Found { number: *number, document, lines, text });
            }
        })?;
        Ok(())
    })?;
    let mut found: Vec<Found> = found.into_iter().flat_map(|(_, found)| found).collect();
    found.sort_unstable_by_key(|found| (found.number, found.document));
    let whole = found.chunk_by_mut(|a, b| a.number == b.number).filter_map(|found| {
        let text = found[0].text.take().filter(|_| found.len() > 1)?;
        let places = found.iter().map(|found| (found.document, found.lines)).collect();
        Some(Placed { words: stretches[found[0].number].words(), text, places })
    });
    Ok(whole.collect())
}

/// The bytes of each of these stretches of terms, which come in order.
fn bytes<'t>(text: &str, wanted: impl Iterator<Item = &'t Range<u32>>, analyzer: &mut Analyzer) -> Vec<Range<usize>> {
    let mut wanted = wanted.peekable();
    let mut bytes: Vec<Range<usize>> = Vec::new();
    // The stretches that have begun, and behind which term each ends.
    let mut open: Vec<(usize, u32)> = Vec::new();
    analyzer.tokens(text, |token| {
        if token.kind != Kind::Part {
            return;
        }
        while let Some(terms) = wanted.next_if(|terms| terms.start == token.position) {
            open.push((bytes.len(), terms.end));
            bytes.push(token.start..token.end);
        }
        open.retain(|(n, end)| {
            bytes[*n].end = bytes[*n].end.max(token.end);
            token.position + 1 < *end
        });
    });
    bytes
}

/// The lines of each of these stretches.
fn lines(text: &str, bytes: &[Range<usize>]) -> Vec<(u64, u64)> {
    // The counter only goes forward.
    let mut places: Vec<usize> = bytes.iter().flat_map(|bytes| [bytes.start, bytes.end.saturating_sub(1)]).collect();
    places.sort_unstable();
    places.dedup();
    let mut counter = Lines::new(text);
    let lines: Vec<u64> = places.iter().map(|place| counter.line_at(*place)).collect();
    let line = |at: usize| places.binary_search(&at).map_or(1, |n| lines[n]);
    bytes.iter().map(|bytes| (line(bytes.start), line(bytes.end.saturating_sub(1)))).collect()
}

/// Marks that belong to a word, such as quotes and a full stop, are no more than this.
const MOST_MARKS: usize = 4;

/// The passage with the marks before its first word and behind its last, where white space follows them.
fn with_marks(text: &str, bytes: Range<usize>) -> Range<usize> {
    let is_mark = |ch: &char| !ch.is_alphanumeric() && !ch.is_whitespace();
    let is_apart = |ch: Option<char>| ch.is_none_or(char::is_whitespace);
    let (before, behind) = (&text[..bytes.start], &text[bytes.end..]);
    let opening: usize = before.chars().rev().take(MOST_MARKS).take_while(is_mark).map(char::len_utf8).sum();
    let closing: usize = behind.chars().take(MOST_MARKS).take_while(is_mark).map(char::len_utf8).sum();
    let (start, end) = (bytes.start - opening, bytes.end + closing);
    let start = if is_apart(text[..start].chars().next_back()) { start } else { bytes.start };
    let end = if is_apart(text[end..].chars().next()) { end } else { bytes.end };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_words_is_told_with_its_marks_and_lines() {
        let text = "One “two,\r\nthree four”. Five(six\nseven); eight";
        let rows = [
            (1..4, "“two,\r\nthree four”.", (1, 2)),
            (0..1, "One", (1, 1)),
            (4..5, "Five", (2, 2)),
            (4..7, "Five(six\nseven);", (2, 3)),
            (7..8, "eight", (3, 3)),
        ];
        let mut wanted: Vec<Range<u32>> = rows.iter().map(|row| row.0.clone()).collect();
        wanted.sort_unstable_by_key(|terms| (terms.start, terms.end));
        let bytes = bytes(text, wanted.iter(), &mut Analyzer::new());
        let lines = lines(text, &bytes);
        for (terms, expected, at) in rows {
            let n = wanted.iter().position(|wanted| *wanted == terms).unwrap();
            assert_eq!((&text[with_marks(text, bytes[n].clone())], lines[n]), (expected, at), "{terms:?}");
        }
    }
}
