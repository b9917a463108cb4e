//! Parts follow each other on a line, and go on below where it is full.
//!
//! A part that does not fit moves to the next line whole; one that no line can hold is wrapped. Only
//! a path is never broken, so that it can be copied. Without a width everything is one line.

use std::io::{self, Write};
use std::path::Path;

use indago::search::Passage;

use super::paths::{relative, shown};
use super::style::{Style, paint};
use super::wrap;

/// Below this many columns a wrapped text cannot be read, so rather it overflows.
pub(super) const MIN_COLUMNS: usize = 20;

/// A line of parts two blanks apart, as far as it is written.
pub struct Flow<'a> {
    /// Tells the colours, and the width if there is one.
    pub style: &'a Style,
    /// The column where lines after the first begin.
    pub indent: usize,
    /// The column that was reached.
    pub at: usize,
}

impl Flow<'_> {
    /// Writes the name of `path`, as a link where that is wanted; it is never broken.
    pub fn path(&mut self, out: &mut impl Write, path: &Path) -> io::Result<()> {
        let text = shown(&relative(path, &self.style.cwd));
        self.name(out, path, &Passage { text, marks: Vec::new() })
    }

    /// Writes the clean name of `path` with what is marked in it, as [`path`](Self::path) does.
    pub fn name(&mut self, out: &mut impl Write, path: &Path, name: &Passage) -> io::Result<()> {
        let Passage { text: name, marks } = name;
        self.make_room(out, wrap::columns(name))?;
        if self.style.links {
            write!(out, "\x1b]8;;{}\x1b\\", self.style.link(path))?;
        }
        self.style.write(out, paint::PATH, name, marks, 0..name.len())?;
        if self.style.links {
            out.write_all(b"\x1b]8;;\x1b\\")?;
        }
        self.at += wrap::columns(name);
        Ok(())
    }

    /// Writes a clean part, broken only if no line can hold it.
    pub fn part(&mut self, out: &mut impl Write, colour: &str, part: &Passage) -> io::Result<()> {
        self.make_room(out, wrap::columns(&part.text))?;
        self.at += hang(out, self.style, colour, part, self.at)?;
        Ok(())
    }

    /// Sets a part that is `columns` wide apart from the one before, on a new line if it must.
    fn make_room(&mut self, out: &mut impl Write, columns: usize) -> io::Result<()> {
        let full = self.style.width.is_some_and(|width| self.at + 2 + columns > width);
        if full && self.at > self.indent {
            self.at = self.indent;
            write!(out, "\n{:1$}", "", self.indent)
        } else {
            self.at += 2;
            out.write_all(b"  ")
        }
    }
}

/// Writes `passage` from column `indent` on, wrapped to the width if there is one, and returns how
/// many columns its last line fills.
pub fn hang(out: &mut impl Write, style: &Style, colour: &str, passage: &Passage, indent: usize) -> io::Result<usize> {
    let Passage { text, marks } = passage;
    let fit = |width: usize| width.saturating_sub(indent).max(MIN_COLUMNS);
    let lines = wrap::lines(text, style.width.map_or(usize::MAX, fit));
    for (n, line) in lines.iter().enumerate() {
        if n > 0 {
            write!(out, "\n{:indent$}", "")?;
        }
        style.write(out, colour, text, marks, line.clone())?;
    }
    Ok(lines.last().map_or(0, |line| wrap::columns(&text[line.clone()])))
}
