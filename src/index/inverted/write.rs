//! The terms of a field from the runs and from the memory, brought together and written.
//!
//! Comes in: lists of postings, see `postings.rs`, of which each run has those behind the run before it. Goes out: for each
//! term its documents, their frequencies and positions, to `files.rs`.

use std::io::{self, Write};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;

use super::arena::Arena;
use super::files::{BLOCK, Files, Out};
use super::ordered::Ordered;
use super::postings::{Postings, take};
use super::run::Run;

/// Writes a field: what the runs have of it, and then what is in memory.
pub(super) fn field(
    files: &mut Files,
    field: Field,
    (postings, arena): (&Postings, &Arena),
    runs: &mut [Run],
    tokens: u64,
    norms: Option<FieldNormReader>,
) -> io::Result<()> {
    let option = postings.option;
    let mut memory = Ordered::new(postings, arena);
    let mut lists = Lists { has_freq: option.has_freq(), has_positions: option.has_positions(), ..Lists::default() };
    if runs.is_empty() {
        let Some((mut term, mut list)) = memory.next() else { return Ok(()) }; // tantivy knows no empty fields
        let mut out = files.field(field, true, option, tokens, norms)?;
        loop {
            out.begin(list.len() >= BLOCK);
            lists.read(list, &mut out);
            lists.end(&mut out);
            out.end(term)?;
            let Some(next) = memory.next() else { return out.close() };
            (term, list) = next;
        }
    }
    let all = runs.iter_mut().map(From::Run).chain([From::Memory(memory)]);
    let mut sources = Vec::new();
    for from in all {
        let mut source = Source { term: Vec::new(), list: Vec::new(), is_over: false, from };
        if source.next()? {
            sources.push(source);
        }
    }
    if sources.is_empty() {
        return Ok(());
    }
    let mut out = files.field(field, true, option, tokens, norms)?;
    let mut term = Vec::new();
    while let Some(least) = sources.iter().map(|source| &source.term).min() {
        term.clone_from(least);
        let with = || sources.iter().filter(|source| source.term == term);
        out.begin(with().map(|source| source.list.len()).sum::<usize>() >= BLOCK);
        let mut ended = false;
        for source in sources.iter_mut().filter(|source| source.term == term) {
            lists.read(&source.list, &mut out);
            source.is_over = !source.next()?;
            ended |= source.is_over;
        }
        lists.end(&mut out);
        out.end(&term)?;
        if ended {
            sources.retain(|source| !source.is_over);
        }
    }
    out.close()
}

/// Terms in their order, each with its postings.
struct Source<'a> {
    term: Vec<u8>,
    list: Vec<u8>,
    is_over: bool,
    from: From<'a>,
}

enum From<'a> {
    Run(&'a mut Run),
    Memory(Ordered<'a>),
}

impl Source<'_> {
    /// Goes to the next term; says whether there is one.
    fn next(&mut self) -> io::Result<bool> {
        self.term.clear();
        self.list.clear();
        match &mut self.from {
            From::Run(run) => run.next(&mut self.term, &mut self.list),
            From::Memory(ordered) => Ok(match ordered.next() {
                Some((term, list)) => {
                    self.term.extend_from_slice(term);
                    self.list.extend_from_slice(list);
                    true
                }
                None => false,
            }),
        }
    }
}

/// Reads the lists of a term, one after the other.
#[derive(Default)]
struct Lists {
    has_freq: bool,
    has_positions: bool,
    /// One more than the number of the document whose postings are being read; 0 before the first of a term.
    document: u32,
    frequency: u32,
    /// Its last position.
    last: u32,
    /// How much each position of the list is above the one before.
    above: Vec<u32>,
}

impl Lists {
    /// Reads what a run has of a term.
    fn read<T: Write, P: Write, Q: Write>(&mut self, bytes: &[u8], out: &mut Out<'_, T, P, Q>) {
        let (mut at, mut document) = (0, 0);
        while at < bytes.len() {
            let number = take(bytes, &mut at);
            let (above, is_once) = if self.has_freq { (number >> 1, number & 1 == 1) } else { (number, true) };
            document += above;
            if document != self.document {
                self.hand_over(out);
                self.document = document;
            }
            let count = if is_once { 1 } else { take(bytes, &mut at) };
            self.frequency += count;
            if self.has_positions {
                let mut position = 0_u32;
                for _ in 0..count {
                    position = position.wrapping_add(take(bytes, &mut at));
                    self.above.push(position.wrapping_sub(self.last));
                    self.last = position;
                }
            }
        }
        out.positions(&self.above);
        self.above.clear();
    }

    /// Ends a term.
    fn end<T: Write, P: Write, Q: Write>(&mut self, out: &mut Out<'_, T, P, Q>) {
        self.hand_over(out);
        self.document = 0;
    }

    /// Writes the document read last.
    #[inline]
    fn hand_over<T: Write, P: Write, Q: Write>(&mut self, out: &mut Out<'_, T, P, Q>) {
        if self.document > 0 {
            out.document(self.document - 1, if self.has_freq { self.frequency } else { 0 });
        }
        (self.frequency, self.last) = (0, 0);
    }
}
