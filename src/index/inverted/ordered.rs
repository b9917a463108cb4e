//! The terms in memory in their order, each with its postings.
//!
//! Terms that follow each other lie anywhere in memory. So they are read some ahead, one after the other without anything in
//! between: the processor then waits for many of them at once.

use super::arena::Arena;
use super::postings::Postings;

/// Reads the terms of a field one by one.
pub(super) struct Ordered<'a> {
    postings: &'a Postings,
    arena: &'a Arena,
    order: std::vec::IntoIter<u32>,
    /// The bytes of the terms read ahead and of their postings, one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<[usize; 2]>,
    /// Which of those read ahead is next.
    next: usize,
}

/// So many terms are read ahead.
const AHEAD: usize = 64;

impl<'a> Ordered<'a> {
    pub(super) fn new(postings: &'a Postings, arena: &'a Arena) -> Ordered<'a> {
        let order = postings.sorted().into_iter();
        Ordered { postings, arena, order, bytes: Vec::new(), ends: Vec::new(), next: 0 }
    }

    /// The next term and its postings.
    #[inline]
    pub(super) fn next(&mut self) -> Option<(&[u8], &[u8])> {
        if self.next == self.ends.len() {
            self.read_ahead();
        }
        let [middle, end] = *self.ends.get(self.next)?;
        let start = self.next.checked_sub(1).map_or(0, |before| self.ends[before][1]);
        self.next += 1;
        Some((&self.bytes[start..middle], &self.bytes[middle..end]))
    }

    fn read_ahead(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.next = 0;
        for number in self.order.by_ref().take(AHEAD) {
            self.postings.term(number, &mut self.bytes);
            let middle = self.bytes.len();
            self.postings.read(number, self.arena, &mut self.bytes);
            self.ends.push([middle, self.bytes.len()]);
        }
    }
}
