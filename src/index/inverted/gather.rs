//! The terms of one field of one document, each with the places where it stands.
//!
//! Comes in: the terms of a text in order. Goes out: every term once, with its positions. A text has few terms of its own, so
//! the table stays in the processor's nearest cache, and the large tables of the index are asked once a term instead of once
//! a word.

use super::key::Key;

/// Gathers terms; its buffers are used again from text to text.
pub(super) struct Gather {
    /// An open table of numbers of terms, from 1; 0 is free.
    slots: Vec<u32>,
    pub(super) terms: Vec<Found>,
    /// The number, from 0, of the term of each position.
    order: Vec<u32>,
    /// The bytes of the terms too long for a key.
    pub(super) long: Vec<u8>,
    /// The positions of the first term, of the second…
    sorted: Vec<u32>,
    /// The position of the first term gathered.
    base: u32,
}

/// A term of the text.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) key: Key,
    /// The upper half of its hash.
    pub(super) tag: u32,
    /// How often it occurs.
    pub(super) count: u32,
    slot: u32,
    /// Where its positions end.
    end: u32,
}

/// Slots of the table for texts of common length: 16 KB.
const SLOTS: usize = 1 << 12;

/// A long text is handed over in parts of so many words, which the processor's second cache holds.
const MOST_TERMS: usize = 1 << 16;

impl Default for Gather {
    fn default() -> Gather {
        Gather {
            slots: vec![0; SLOTS],
            terms: Vec::new(),
            order: Vec::new(),
            long: Vec::new(),
            sorted: Vec::new(),
            base: 0,
        }
    }
}

impl Gather {
    /// Adds the next term of the text, which has that hash.
    #[inline]
    pub(super) fn take(&mut self, term: &[u8], hash: u64) {
        let Some(key) = Key::of(term) else { return self.take_long(term, hash) };
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let number = self.slots[slot];
            if number == 0 {
                return self.add(key, hash, slot);
            }
            let found = &mut self.terms[number as usize - 1];
            if found.key == key {
                found.count += 1;
                self.order.push(number - 1);
                return;
            }
            slot = (slot + 1) & mask;
        }
    }

    #[cold]
    fn take_long(&mut self, term: &[u8], hash: u64) {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != 0 {
            let number = self.slots[slot];
            let found = &mut self.terms[number as usize - 1];
            if found.key.is_of(term, hash, &self.long) {
                found.count += 1;
                self.order.push(number - 1);
                return;
            }
            slot = (slot + 1) & mask;
        }
        let key = Key::put_long(term, hash, &mut self.long);
        self.add(key, hash, slot);
    }

    #[inline]
    fn add(&mut self, key: Key, hash: u64, slot: usize) {
        self.order.push(self.terms.len() as u32);
        self.terms.push(Found { key, tag: (hash >> 32) as u32, count: 1, slot: slot as u32, end: 0 });
        self.slots[slot] = self.terms.len() as u32;
        if 2 * self.terms.len() > self.slots.len() {
            self.widen();
        }
    }

    /// Doubles the table.
    #[cold]
    fn widen(&mut self) {
        let slots = 2 * self.slots.len();
        self.slots.clear();
        self.slots.resize(slots, 0);
        for (number, found) in self.terms.iter_mut().enumerate() {
            let hash = crate::fingerprint::hash(found.key.bytes(&self.long, &mut Default::default()));
            let mut slot = hash as usize & (slots - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            found.slot = slot as u32;
            self.slots[slot] = number as u32 + 1;
        }
    }

    /// How many terms were gathered, each as often as it occurs.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether what was gathered ought to be handed over.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.order.len() >= MOST_TERMS
    }

    /// Calls `each` with every term gathered and how often it occurs.
    pub(super) fn each(&self, mut each: impl FnMut(&[u8], u32)) {
        for found in &self.terms {
            each(found.key.bytes(&self.long, &mut Default::default()), found.count);
        }
    }

    /// Sorts the positions by term, so that [`positions`](Self::positions) can tell them.
    pub(super) fn sort(&mut self) {
        let mut end = 0;
        for found in &mut self.terms {
            found.end = end;
            end += found.count;
        }
        self.sorted.resize(self.order.len(), 0);
        for (position, number) in (self.base..).zip(&self.order) {
            let found = &mut self.terms[*number as usize];
            self.sorted[found.end as usize] = position;
            found.end += 1;
        }
    }

    /// The positions of a term.
    #[inline]
    pub(super) fn positions(&self, found: &Found) -> &[u32] {
        &self.sorted[(found.end - found.count) as usize..found.end as usize]
    }

    /// Forgets what was gathered; what comes next stands behind it in the same text.
    pub(super) fn go_on(&mut self) {
        let next = self.base.wrapping_add(self.order.len() as u32);
        self.clear();
        self.base = next;
    }

    /// Forgets what was gathered, for the next text.
    pub(super) fn clear(&mut self) {
        for found in &self.terms {
            self.slots[found.slot as usize] = 0;
        }
        self.slots.truncate(SLOTS);
        self.terms.clear();
        self.order.clear();
        self.long.clear();
        self.base = 0;
    }
}
