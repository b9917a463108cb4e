//! The dictionaries of the index, read as one.
//!
//! In: fields, and what terms are looked for. Out: the best of them. The segments' dictionaries are sorted, so they are
//! merged as they are read: memory holds what is kept and nothing else, however many terms there are.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermStreamer;
use tantivy_fst::Automaton;
pub(super) use tantivy_fst::automaton::AlwaysMatch;

use crate::Result;
use crate::index::Snapshot;

/// Which terms are looked at: those that begin with `prefix` and that `automaton` accepts.
pub(super) struct Walk<'a, A> {
    pub(super) prefix: &'a str,
    pub(super) automaton: &'a A,
}

/// What the patterns of one question may cost together.
#[derive(Default)]
pub(super) struct Effort {
    /// Terms that each may stand for.
    pub(super) most_forms: usize,
    steps: Cell<u64>,
    patterns: Cell<usize>,
    positions: Cell<u64>,
    phrases: Cell<usize>,
}

/// The commonest terms of a pattern stand for it, at most so many: each costs a list of postings.
const MOST_FORMS: usize = 256;

/// Many patterns share so many terms; each may have a few.
const MOST_FORMS_TOGETHER: usize = 4096;
const LEAST_FORMS: usize = 4;

/// Steps from letter to letter of a dictionary after which no further pattern is begun; they take about half a second.
/// The first patterns are always looked for, however large the index.
const MOST_STEPS: u64 = 6_000_000;
const FIRST_PATTERNS: usize = 3;

/// Positions that were read after which no further phrase is looked for, the first ones apart; they take about half a
/// second as well.
const MOST_POSITIONS: u64 = 20_000_000;

/// Finding a list of positions costs as much as reading so many.
const LIST_POSITIONS: u64 = 16;

const FIRST_PHRASES: usize = 10;

impl Effort {
    /// Shares what there is among so many patterns.
    pub(super) fn shared_by(patterns: usize) -> Effort {
        let most_forms = (MOST_FORMS_TOGETHER / patterns.max(1)).clamp(LEAST_FORMS, MOST_FORMS);
        Effort { most_forms, ..Effort::default() }
    }

    /// Begins a pattern, unless the ones before it have cost too much.
    pub(super) fn begin_pattern(&self) -> bool {
        self.patterns.set(self.patterns.get() + 1);
        self.patterns.get() <= FIRST_PATTERNS || self.steps.get() <= MOST_STEPS
    }

    /// Begins a phrase, unless the ones before it have cost too much.
    pub(super) fn begin_phrase(&self) -> bool {
        self.phrases.set(self.phrases.get() + 1);
        self.phrases.get() <= FIRST_PHRASES || self.positions.get() <= MOST_POSITIONS
    }

    /// Adds lists of positions, by their lengths.
    pub(super) fn reads_positions(&self, lists: impl Iterator<Item = usize>) {
        let read: u64 = lists.map(|length| length as u64 + LIST_POSITIONS).sum();
        self.positions.set(self.positions.get() + read);
    }
}

/// An automaton whose steps are counted.
struct Counted<'a, A> {
    automaton: &'a A,
    effort: &'a Effort,
}

impl<A: Automaton> Automaton for Counted<'_, A> {
    type State = A::State;

    fn start(&self) -> A::State {
        self.automaton.start()
    }

    fn is_match(&self, state: &A::State) -> bool {
        self.automaton.is_match(state)
    }

    fn can_match(&self, state: &A::State) -> bool {
        self.automaton.can_match(state)
    }

    fn will_always_match(&self, state: &A::State) -> bool {
        self.automaton.will_always_match(state)
    }

    fn accept(&self, state: &A::State, byte: u8) -> A::State {
        self.effort.steps.set(self.effort.steps.get() + 1);
        self.automaton.accept(state, byte)
    }
}

/// A term of the index. The best comes first: the lower grade, then the more files, then the alphabet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// What whoever asked for it thinks of it.
    pub(super) grade: u8,
    /// About how many files have it.
    pub(super) documents: Reverse<u64>,
    /// Folded, as everywhere.
    pub(super) term: String,
}

/// The `most` best of the terms that `grade` lets through, in order, and about how many there were: those that only deleted
/// documents have are counted, but never among the best.
pub(super) fn best<A: Automaton<State: Clone>>(
    snapshot: &Snapshot,
    fields: &[Field],
    walk: &Walk<'_, A>,
    (most, effort): (usize, &Effort),
    grade: impl Fn(&str) -> Option<u8>,
) -> Result<(Vec<Found>, usize)> {
    let mut kept: BinaryHeap<Found> = BinaryHeap::new();
    let mut total = 0;
    let automaton = Counted { automaton: walk.automaton, effort };
    each(snapshot, fields, &Walk { prefix: walk.prefix, automaton: &automaton }, |term, documents, living| {
        let Some(grade) = grade(term) else { return Ok(()) };
        total += 1;
        let is_worse = |kept: &BinaryHeap<Found>, documents: u64| {
            let rank = (grade, Reverse(documents), term);
            kept.len() == most
                && kept.peek().is_none_or(|last| (last.grade, last.documents, last.term.as_str()) <= rank)
        };
        if is_worse(&kept, documents) {
            return Ok(());
        }
        let documents = living()?;
        if documents == 0 || is_worse(&kept, documents) {
            return Ok(());
        }
        if kept.len() == most {
            kept.pop();
        }
        kept.push(Found { grade, documents: Reverse(documents), term: term.to_string() });
        Ok(())
    })?;
    Ok((kept.into_sorted_vec(), total))
}

/// Calls `take` with each term once, in order, the number of documents that have it in any of the fields, counted twice
/// where they have it in two, and with what counts the living ones among them.
fn each<A: Automaton<State: Clone>>(
    snapshot: &Snapshot,
    fields: &[Field],
    walk: &Walk<'_, A>,
    mut take: impl FnMut(&str, u64, &dyn Fn() -> Result<u64>) -> Result<()>,
) -> Result<()> {
    let mut readers = Vec::with_capacity(snapshot.segments.len() * fields.len());
    for segment in &snapshot.segments {
        for field in fields {
            let reader = segment.inverted_index(*field).map_err(|error| snapshot.engine(error))?;
            readers.push((reader, segment.alive_bitset()));
        }
    }
    let end = after(walk.prefix);
    let mut streams = Streams::default();
    for (number, (reader, _)) in readers.iter().enumerate() {
        let terms = reader.terms().search(walk.automaton).ge(walk.prefix);
        let terms = if let Some(end) = &end { terms.lt(end) } else { terms };
        streams.push(number, terms.into_stream().map_err(|error| snapshot.engine(error))?);
    }
    let (mut term, mut infos) = (Vec::new(), Vec::new());
    while let Some(first) = streams.first() {
        term.clear();
        term.extend_from_slice(first.key());
        let mut documents = 0;
        infos.clear();
        while let Some((number, stream)) = streams.0.first().filter(|(_, stream)| stream.key() == term) {
            documents += u64::from(stream.value().doc_freq);
            infos.push((*number, stream.value().clone()));
            streams.advance();
        }
        let living = || {
            let mut living = 0;
            for (number, info) in &infos {
                let (reader, alive) = &readers[*number];
                living += match alive {
                    None => u64::from(info.doc_freq),
                    Some(alive) => {
                        let postings = reader.read_postings_from_terminfo(info, IndexRecordOption::Basic);
                        postings.map_err(|error| snapshot.engine(error))?.doc_freq_given_deletes(alive).into()
                    }
                };
            }
            Ok(living)
        };
        if let Ok(term) = std::str::from_utf8(&term) {
            take(term, documents, &living)?;
        }
    }
    Ok(())
}

/// Streams of terms that stand on one each, with their numbers: a heap, the one with the least term on top.
struct Streams<'a, A: Automaton<State: Clone>>(Vec<(usize, TermStreamer<'a, A>)>);

impl<A: Automaton<State: Clone>> Default for Streams<'_, A> {
    fn default() -> Self {
        Streams(Vec::new())
    }
}

impl<'a, A: Automaton<State: Clone>> Streams<'a, A> {
    fn push(&mut self, number: usize, mut stream: TermStreamer<'a, A>) {
        if !stream.advance() {
            return;
        }
        self.0.push((number, stream));
        let mut child = self.0.len() - 1;
        while child > 0 && self.0[child].1.key() < self.0[(child - 1) / 2].1.key() {
            self.0.swap(child, (child - 1) / 2);
            child = (child - 1) / 2;
        }
    }

    fn first(&self) -> Option<&TermStreamer<'a, A>> {
        self.0.first().map(|(_, stream)| stream)
    }

    /// Moves the first stream on, and whatever has the least term then to the top.
    fn advance(&mut self) {
        if self.0.first_mut().is_some_and(|(_, stream)| !stream.advance()) {
            self.0.swap_remove(0);
        }
        let mut parent = 0;
        while let Some(least) = (2 * parent + 1..self.0.len().min(2 * parent + 3)).min_by_key(|n| self.0[*n].1.key())
            && self.0[least].1.key() < self.0[parent].1.key()
        {
            self.0.swap(least, parent);
            parent = least;
        }
    }
}

/// The least byte string after all that begin with `prefix`.
pub(super) fn after(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_comes_after_all_that_begin_with_it() {
        for (prefix, expected) in [("ab", Some(b"ac".to_vec())), ("é", Some(vec![0xc3, 0xaa])), ("", None)] {
            assert_eq!(after(prefix), expected, "{prefix}");
        }
    }

    #[test]
    fn the_best_have_the_lowest_grade_then_the_most_files() {
        let found = |grade, documents, term: &str| Found { grade, documents: Reverse(documents), term: term.into() };
        let mut all = [found(2, 9, "a"), found(1, 1, "b"), found(1, 5, "d"), found(1, 5, "c")];
        all.sort();
        assert_eq!(all.map(|found| found.term), ["c", "d", "b", "a"]);
    }
}
