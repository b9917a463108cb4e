//! The passage around what is to be shown.
//!
//! In: a text, the *core* that must be seen, and how far the passage may reach. Out: a range of at
//! most so many characters that begins and ends where a reader would pause: at sentences or lines
//! that stand by themselves if they fit, else at the ends of lines, else between words.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::pause::{Pause, Strength, pauses};

/// A paragraph of one line up to this length is a heading, and shown with what follows it.
const HEADING_CHARS: usize = 60;

/// Cuts the passage of at most `width` characters around `core`, inside `free`; no mark is cut that fits.
pub(super) fn frame(
    text: &str,
    core: Range<usize>,
    free: Range<usize>,
    width: usize,
    marks: &[Range<usize>],
) -> Range<usize> {
    let core = with_marks(text, core, &free, width, marks);
    let room = width.saturating_sub(count(text, &core));
    let range = if room == 0 {
        core.start..ahead(text, core.start, width, core.end)
    } else {
        let reach = back(text, core.start, room, free.start)..ahead(text, core.end, room, free.end);
        let best = Frame::new(text, core.clone(), reach, width, &free).best();
        without_part_marks(best, &core, marks)
    };
    let end = range.start + text[range.clone()].trim_end().len();
    end - text[range.start..end].trim_start().len()..end
}

/// The core with the marks that reach beyond it, where they fit.
fn with_marks(
    text: &str,
    core: Range<usize>,
    free: &Range<usize>,
    width: usize,
    marks: &[Range<usize>],
) -> Range<usize> {
    let first = marks.partition_point(|mark| mark.end <= core.start);
    let mut wide = core.clone();
    for mark in marks[first..].iter().take_while(|mark| mark.start < core.end) {
        wide = wide.start.min(mark.start)..wide.end.max(mark.end);
    }
    let is_free = wide.start >= free.start && wide.end <= free.end;
    if is_free && count(text, &wide) <= width { wide } else { core }
}

/// The range without the marks, outside the core, that it would cut.
fn without_part_marks(mut range: Range<usize>, core: &Range<usize>, marks: &[Range<usize>]) -> Range<usize> {
    let cut = |at: usize| {
        let mark = marks.get(marks.partition_point(|mark| mark.end <= at));
        mark.filter(|mark| mark.start < at).cloned()
    };
    if let Some(mark) = cut(range.start).filter(|mark| mark.end <= core.start) {
        range.start = mark.end;
    }
    if let Some(mark) = cut(range.end).filter(|mark| mark.start >= core.end) {
        range.end = mark.start;
    }
    range
}

/// Where a passage may begin and end.
struct Frame<'t> {
    text: &'t str,
    core: Range<usize>,
    reach: Range<usize>,
    width: usize,
    /// Where it may best begin, from the core on backwards.
    starts: Vec<usize>,
    /// Where it may best end, from the core on.
    ends: Vec<usize>,
    /// The ends of lines in running text.
    wraps: Vec<Pause>,
}

impl<'t> Frame<'t> {
    fn new(text: &'t str, core: Range<usize>, reach: Range<usize>, width: usize, free: &Range<usize>) -> Self {
        let mut pauses = pauses(text, reach.clone());
        // Of a pause that was begun before the reach, what is left is still one.
        let begun = text[..reach.start].trim_end_matches([' ', '\t']).ends_with(['\n', '\r']);
        let mut frame = Self { text, core, reach, width, starts: Vec::new(), ends: Vec::new(), wraps: Vec::new() };
        frame.keep_to_paragraph(&mut pauses, free, begun);
        for pause in pauses {
            let strong = pause.strength > Strength::Wrap;
            if pause.start <= frame.core.start && strong && pause.start >= frame.reach.start {
                frame.starts.insert(0, pause.start);
            } else if pause.end >= frame.core.end && strong && pause.end <= frame.reach.end {
                frame.ends.push(pause.end);
            } else if !strong {
                frame.wraps.push(pause);
            }
        }
        frame
    }

    /// Ends the reach at blank lines, save that a heading leads what follows it.
    fn keep_to_paragraph(&mut self, pauses: &mut Vec<Pause>, free: &Range<usize>, begun: bool) {
        let is_paragraph = |pause: &&Pause| pause.strength == Strength::Paragraph;
        let before = pauses.iter().rev().filter(is_paragraph).find(|pause| pause.start <= self.core.start).copied();
        let behind: Vec<Pause> =
            pauses.iter().filter(is_paragraph).filter(|pause| pause.end >= self.core.end).copied().collect();
        if let Some(pause) = before {
            self.reach.start = self.reach.start.max(pause.start);
        }
        let begins = before.is_some() || begun || self.reach.start == free.start;
        let mut closing = behind.first();
        if let Some(pause) = closing.filter(|pause| begins && self.is_heading(pause.end)) {
            closing = behind.get(1);
            pauses.retain(|other| other != pause);
        }
        if let Some(pause) = closing.filter(|pause| pause.end <= self.reach.end) {
            self.reach.end = pause.end;
            self.ends.push(pause.end);
        } else if self.reach.end == free.end {
            self.ends.push(self.reach.end);
        }
        if begins {
            self.starts.push(self.reach.start);
        }
        let reach = self.reach.clone();
        pauses.retain(|pause| pause.start > reach.start && pause.end < reach.end);
        let (starts, ends) = (std::mem::take(&mut self.starts), std::mem::take(&mut self.ends));
        let edge = |at, start| Pause { end: at, start, strength: Strength::Full };
        pauses.splice(0..0, starts.into_iter().map(|at| edge(at, at)));
        pauses.extend(ends.into_iter().map(|at| edge(at, at)));
    }

    /// Whether the paragraph up to `end` is but a line, short and no sentence.
    fn is_heading(&self, end: usize) -> bool {
        let paragraph = self.text[self.reach.start..end].trim();
        let short = paragraph.chars().nth(HEADING_CHARS.min(self.width / 3)).is_none();
        short && !paragraph.contains(['\n', '\r']) && !paragraph.ends_with(['.', '!', '?', '。', ';', '}'])
    }

    fn fits(&self, start: usize, end: usize) -> bool {
        count(self.text, &(start..end)) <= self.width
    }

    fn best(&self) -> Range<usize> {
        let (start, end) = (self.starts.first().copied(), self.ends.first().copied());
        match (start, end) {
            (Some(start), Some(end)) if self.fits(start, end) => self.grown(start, end),
            // The beginning fits, with something behind the core.
            (Some(start), _) if count(self.text, &(start..self.core.end)) <= self.width - self.width / 8 => {
                start..self.end(start)
            }
            (_, Some(end)) if self.fits(self.core.start, end) => self.start(end)..end,
            _ => {
                let room = self.width - count(self.text, &self.core).min(self.width);
                let from = back(self.text, self.core.start, room / 3, self.reach.start);
                let start = word_start(self.text, from, self.core.start, self.reach.start);
                start..self.end(start)
            }
        }
    }

    /// Adds whole sentences or lines while less than half of the width is used.
    fn grown(&self, mut start: usize, mut end: usize) -> Range<usize> {
        let (mut starts, mut ends) = (self.starts.iter().skip(1).peekable(), self.ends.iter().skip(1).peekable());
        while count(self.text, &(start..end)) * 2 < self.width {
            if let Some(&next) = ends.next_if(|&&next| self.fits(start, next)) {
                end = next;
            } else if let Some(&next) = starts.next_if(|&&next| self.fits(next, end)) {
                start = next;
            } else {
                break;
            }
        }
        start..end
    }

    /// Where a passage from `start` on ends: at the last line that ends in its last quarter, else between words.
    fn end(&self, start: usize) -> usize {
        let most = ahead(self.text, start, self.width, self.reach.end);
        let least = ahead(self.text, start, self.width - self.width / 4, most).max(self.core.end);
        let wrap = self.wraps.iter().rev().map(|wrap| wrap.end).find(|end| (least..=most).contains(end));
        wrap.unwrap_or_else(|| word_end(self.text, most, self.core.end, self.reach.end))
    }

    /// Where a passage up to `end` begins: at the first line that begins in its first quarter, else between words.
    fn start(&self, end: usize) -> usize {
        let least = back(self.text, end, self.width, self.reach.start);
        let most = ahead(self.text, least, self.width / 4, self.core.start);
        let wrap = self.wraps.iter().map(|wrap| wrap.start).find(|start| (least..=most).contains(start));
        wrap.unwrap_or_else(|| word_start(self.text, least, self.core.start, self.reach.start))
    }
}

/// The first place from `at` to `core` where a word begins, or else where a sign parts two; `edge` is one already.
fn word_start(text: &str, at: usize, core: usize, edge: usize) -> usize {
    if at <= edge && (edge == 0 || text[..edge].ends_with(char::is_whitespace)) {
        return at;
    }
    let first = |parts: fn(char, char) -> bool| {
        let mut before = text[..at].chars().next_back();
        text[at..core].char_indices().find_map(|(offset, ch)| {
            let last = before.replace(ch);
            last.is_none_or(|last| parts(last, ch)).then_some(at + offset)
        })
    };
    first(parts).or_else(|| first(parts_signs)).unwrap_or(core)
}

/// The last place from `core` to `at` where a word ends, or else where a sign parts two.
fn word_end(text: &str, at: usize, core: usize, edge: usize) -> usize {
    if at <= core {
        return at;
    }
    let behind = text[at..].chars().next();
    if at >= edge && behind.is_none_or(char::is_whitespace) {
        return at;
    }
    let last = |parts: fn(char, char) -> bool| {
        let mut behind = behind;
        text[core..at].char_indices().rev().find_map(|(offset, ch)| {
            let next = behind.replace(ch);
            next.is_none_or(|next| parts(ch, next)).then_some(core + offset + ch.len_utf8())
        })
    };
    last(parts).or_else(|| last(parts_signs)).unwrap_or(core)
}

/// Whether a text without white space (JSON in one line, a list of numbers) may be cut between two characters.
fn parts_signs(before: char, behind: char) -> bool {
    let is_sign = |ch: char| ch.is_ascii_punctuation() && !"_'".contains(ch);
    is_sign(before) && behind.is_alphanumeric() || before.is_alphanumeric() && is_sign(behind)
}

/// Whether a text may be cut between two characters: at white space, or in a script written without it.
fn parts(before: char, behind: char) -> bool {
    let joins = |ch: char| {
        is_combining_mark(ch) || matches!(ch, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    let spaceless = |ch: char| ch >= '\u{e00}' && !matches!(ch, '\u{1e00}'..='\u{206f}') && !ch.is_whitespace();
    if joins(behind) || before == '\u{200d}' {
        return false;
    }
    before.is_whitespace() || behind.is_whitespace() || spaceless(before) && spaceless(behind)
}

/// How many characters `range` has.
pub(super) fn count(text: &str, range: &Range<usize>) -> usize {
    text[range.clone()].chars().count()
}

/// The byte `chars` characters behind `at`, but not beyond `most`.
fn ahead(text: &str, at: usize, chars: usize, most: usize) -> usize {
    text[at..most].char_indices().nth(chars).map_or(most, |(offset, _)| at + offset)
}

/// The byte `chars` characters before `at`, but not before `least`.
fn back(text: &str, at: usize, chars: usize, least: usize) -> usize {
    match chars.checked_sub(1) {
        None => at,
        Some(last) => text[least..at].char_indices().rev().nth(last).map_or(least, |(offset, _)| least + offset),
    }
}
