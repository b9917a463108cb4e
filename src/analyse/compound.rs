//! Compounds: words held together by hyphens, underscores, case, dots, slashes and the like.
//!
//! In: plain text (ASCII as it stands, anything else folded) and where a word begins. Out: its
//! parts at consecutive positions, then its wholes: one for each piece written in several parts
//! (`longexpected`, `parsehttpheader`), one for the pieces held together (`a/b/c.txt`).
//! A compound is pieces and joiners; a piece is runs, hyphens and underscores; a run is letters
//! and digits, with the apostrophes, commas and dots that belong to them.

use std::ops::ControlFlow;

use super::class::{DIGIT, LOWER, UPPER, WORD, broken, class_at};
use super::run::{Run, Shape, case_boundary, is_day_and_hour, is_loud_word, is_version, run};
use super::{Emit, MAX_WHOLE_BYTES, Out};

/// Plain text and the bytes it came from.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    /// For folded text, the origin of each byte, and the place that origins count from.
    pub(super) folded: Option<(&'s [[u32; 2]], usize)>,
}

impl Source<'_> {
    /// The range of the original text that `start..end` stands for.
    fn range(&self, start: usize, end: usize) -> (usize, usize) {
        match self.folded {
            None => (start, end),
            Some((origin, base)) => (base + origin[start][0] as usize, base + origin[end - 1][1] as usize),
        }
    }
}

/// The buffers in which terms are spelled.
#[derive(Debug, Clone, Default)]
pub(super) struct Speller {
    /// The runs of the current piece, lower-cased, without what separates them.
    joined: String,
    /// The current compound as written, lower-cased.
    literal: String,
}

impl Speller {
    /// How much room the buffers take.
    pub(super) fn capacity(&self) -> usize {
        self.joined.capacity().max(self.literal.capacity())
    }

    /// Emits the compound that begins at the word byte `start`, and returns where it ends.
    pub(super) fn compound<F: Emit>(
        &mut self,
        source: Source<'_>,
        start: usize,
        out: &mut Out<F>,
    ) -> ControlFlow<(), usize> {
        let bytes = source.text.as_bytes();
        let position = out.position;
        let mut at = start;
        let mut joins = Joins::default();
        loop {
            let (end, classes) = self.piece(source, at, out)?;
            joins.digits |= classes & DIGIT != 0;
            joins.short |= end - at < 2;
            match joins.next(bytes, end) {
                Some(next) => at = next,
                None if out.with_rows && joins.worth_a_whole() => {
                    self.whole(source, (start, end), position, out)?;
                    return ControlFlow::Continue(end);
                }
                None => return ControlFlow::Continue(end),
            }
        }
    }

    /// Emits one piece; returns its end and the classes of its bytes.
    fn piece<F: Emit>(&mut self, source: Source<'_>, start: usize, out: &mut Out<F>) -> ControlFlow<(), (usize, u8)> {
        let bytes = source.text.as_bytes();
        let position = out.position;
        let mut at = start;
        let mut classes = 0;
        self.joined.clear();
        loop {
            let from = self.joined.len();
            let run = run(source.text, at, &mut self.joined);
            classes |= run.classes;
            self.parts(source, at, &run, from, out)?;
            match separator(bytes, &run) {
                Some(next) => at = next,
                None => {
                    let is_row = || source.folded.is_none() && bytes[start..run.end].contains(&b'_');
                    if out.position.wrapping_sub(position) > 1 && (out.with_rows || !is_row()) {
                        let (start, end) = source.range(start, run.end);
                        out.whole(&self.joined, position, start, end)?;
                    }
                    return ControlFlow::Continue((run.end, classes));
                }
            }
        }
    }

    /// Emits the parts of the run at `at`, spelled in `joined` from `from` on.
    fn parts<F: Emit>(
        &mut self,
        source: Source<'_>,
        at: usize,
        run: &Run,
        from: usize,
        out: &mut Out<F>,
    ) -> ControlFlow<()> {
        let verbatim = run.shape == Shape::Verbatim;
        let bytes = source.text.as_bytes();
        let written = &bytes[at..run.end - usize::from(run.owned)];
        if verbatim && run.classes & DIGIT != 0 && is_version(written, &bytes[run.end..]) {
            // So that 1.2.3 finds v1.2.3; the whole is v1.
            self.joined[from..].make_ascii_lowercase();
            for (part, next) in [(0, 1), (1, written.len())] {
                let (start, end) = source.range(at + part, at + next);
                out.part(&self.joined[from + part..from + next], start, end)?;
            }
            return ControlFlow::Continue(());
        }
        if verbatim && run.classes & (LOWER | UPPER) == LOWER | UPPER {
            self.joined[from..].make_ascii_lowercase();
            let mut part = 0;
            while part < written.len() {
                let next = case_boundary(written, part);
                let to = if next == written.len() { run.end } else { at + next };
                let (start, end) = source.range(at + part, to);
                out.part(&self.joined[from + part..from + next], start, end)?;
                part = next;
            }
            return ControlFlow::Continue(());
        }
        if verbatim && run.classes == DIGIT | UPPER && is_day_and_hour(bytes.get(at.wrapping_sub(1)), written) {
            self.joined[from..].make_ascii_lowercase();
            for (start, end) in [(at, at + 2), (at + 3, at + 5)] {
                let (from, to) = source.range(start, end);
                out.part(&source.text[start..end], from, to)?;
            }
            return ControlFlow::Continue(());
        }
        let (start, end) = source.range(at, run.end);
        if run.shape == Shape::Dotted
            || (run.classes & UPPER != 0 && is_loud_word(&self.joined[from..]) && stands_free(bytes, at, run.end))
        {
            return self.acronym(from, (start, end), out);
        }
        if run.classes & UPPER != 0 {
            self.joined[from..].make_ascii_lowercase();
        }
        out.part(&self.joined[from..], start, end)
    }

    /// Emits the end of `joined` from `from` on as a part, and in capitals as a whole.
    fn acronym<F: Emit>(&mut self, from: usize, (start, end): (usize, usize), out: &mut Out<F>) -> ControlFlow<()> {
        let position = out.position;
        self.literal.clear();
        self.literal.push_str(&self.joined[from..]);
        self.literal.make_ascii_uppercase();
        self.joined[from..].make_ascii_lowercase();
        out.part(&self.joined[from..], start, end)?;
        out.whole(&self.literal, position, start, end)
    }

    /// Emits the compound as written, from its first piece to its last.
    fn whole<F: Emit>(
        &mut self,
        source: Source<'_>,
        (start, end): (usize, usize),
        position: u32,
        out: &mut Out<F>,
    ) -> ControlFlow<()> {
        if end - start > 2 * MAX_WHOLE_BYTES {
            return ControlFlow::Continue(());
        }
        self.literal.clear();
        let bytes = source.text.as_bytes();
        let mut at = start;
        while at < end {
            if class_at(bytes, at) & WORD != 0 {
                at = run(source.text, at, &mut self.literal).end;
            } else {
                self.literal.push(bytes[at] as char);
                at += 1;
            }
        }
        self.literal.make_ascii_lowercase();
        let (start, end) = source.range(start, end);
        out.whole(&self.literal, position, start, end)
    }
}

/// What has been seen between the pieces of a compound.
#[derive(Default)]
struct Joins {
    count: usize,
    /// Behind `://`, more bytes hold together.
    url: bool,
    /// Some joiner is more than a dot.
    strong: bool,
    digits: bool,
    /// Some piece is a single letter.
    short: bool,
}

impl Joins {
    /// Where the next piece begins, if what stands at `at` joins one.
    #[inline]
    fn next(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut next = past_underscores(bytes, at);
        let mut strong = true;
        let mut url = self.url;
        match bytes.get(next)? {
            b'.' => {
                strong = false;
                next += 1;
            }
            b'/' if class_at(bytes, next + 1) & WORD == 0 && bytes.get(next + 1) == Some(&b'.') => {
                next += 2;
            }
            b'&' if class_at(bytes, at - 1) == UPPER && class_at(bytes, at + 1) == UPPER => next += 1,
            b'/' | b'@' => next += 1,
            b':' if bytes[next..].starts_with(b"://") => {
                url = true;
                next += 3 + usize::from(bytes.get(next + 3) == Some(&b'/'));
            }
            b':' => next += 1 + usize::from(bytes.get(next + 1) == Some(&b':')),
            _ => {}
        }
        if self.url {
            // A URL may put up to three marks side by side: `/?q=`, `/#`, `/~`.
            let mark = |&&byte: &&u8| b"./:@?=&#%+~-_".contains(&byte);
            next = at + bytes[at..].iter().take(3).take_while(mark).count();
        }
        next = if next > at { past_underscores(bytes, next) } else { next };
        if class_at(bytes, next) & WORD == 0 || (next == at) || !joined(bytes, at, next) {
            return None;
        }
        self.count += 1;
        self.strong |= strong;
        self.url = url;
        Some(next)
    }

    /// Whether the compound is looked for as a whole; `a.b` in code seldom is.
    fn worth_a_whole(&self) -> bool {
        self.count > 0 && (self.strong || self.digits || !self.short)
    }
}

/// Whether something other than underscores stands in `at..next`.
fn joined(bytes: &[u8], at: usize, next: usize) -> bool {
    bytes[at..next].iter().any(|&byte| byte != b'_')
}

#[inline]
fn past_underscores(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|&&byte| byte == b'_').count()
}

/// Where the next run of the same piece begins, if one does.
#[inline]
fn separator(bytes: &[u8], run: &Run) -> Option<usize> {
    let next = match bytes.get(run.end)? {
        _ if run.shape == Shape::Elided => run.end + 1,
        b'-' if class_at(bytes, run.end + 1) & WORD == 0 => broken(bytes, run.end)?,
        b'-' => run.end + 1,
        b'_' => past_underscores(bytes, run.end),
        _ => return None,
    };
    (class_at(bytes, next) & WORD != 0).then_some(next)
}

/// Whether no underscore or ampersand touches `start..end`: the IS of `IS_ERR` and the AT of `AT&T`
/// are words like any other.
fn stands_free(bytes: &[u8], start: usize, end: usize) -> bool {
    let ties = |byte: Option<&u8>| matches!(byte, Some(b'_' | b'&'));
    !ties(bytes.get(end)) && !ties(bytes.get(start.wrapping_sub(1)))
}
