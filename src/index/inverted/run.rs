//! Postings that left the memory before their segment was finished: a file without a name, written once and read once.
//!
//! Field by field, in the order of the segment, and term by term, in the order of their bytes: the length of the term and
//! one more, its bytes, the length of its postings, and those. A zero ends a field.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::arena::Arena;
use super::ordered::Ordered;
use super::postings::{Postings, put};
use crate::index::directory::scratch;

/// How much is written or read at once.
const BUFFER_BYTES: usize = 1 << 16;

/// A run being read.
pub(super) struct Run {
    file: BufReader<File>,
}

impl Run {
    /// Writes the fields to a new file in `folder`.
    pub(super) fn write(folder: &Path, fields: &[Postings], arena: &Arena) -> io::Result<Run> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, scratch(folder)?);
        for field in fields {
            let mut ordered = Ordered::new(field, arena);
            while let Some((term, postings)) = ordered.next() {
                write_number(&mut out, term.len() as u32 + 1)?;
                out.write_all(term)?;
                write_number(&mut out, postings.len() as u32)?;
                out.write_all(postings)?;
            }
            write_number(&mut out, 0)?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Run { file: BufReader::with_capacity(BUFFER_BYTES, file) })
    }

    /// Appends the next term of the field to `term` and its postings to `list`; says whether there is one.
    pub(super) fn next(&mut self, term: &mut Vec<u8>, list: &mut Vec<u8>) -> io::Result<bool> {
        let Some(length) = self.number()?.checked_sub(1) else { return Ok(false) };
        self.append(length, term)?;
        let length = self.number()?;
        self.append(length, list)?;
        Ok(true)
    }

    fn append(&mut self, length: u32, out: &mut Vec<u8>) -> io::Result<()> {
        let from = out.len();
        out.resize(from + length as usize, 0);
        self.file.read_exact(&mut out[from..])
    }

    fn number(&mut self) -> io::Result<u32> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let Some(&byte) = self.file.fill_buf()?.first() else { return Err(io::ErrorKind::UnexpectedEof.into()) };
            self.file.consume(1);
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 || shift == 28 {
                return Ok(number);
            }
            shift += 7;
        }
    }
}

fn write_number(out: &mut impl Write, number: u32) -> io::Result<()> {
    let (mut spelled, mut length) = ([0; 5], 0);
    put(&mut spelled, &mut length, number);
    out.write_all(&spelled[..length])
}
