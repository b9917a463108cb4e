//! The terms of a field over many documents, each with its list of postings.
//!
//! A posting is what a document has of a term: how much its number is above that of the one before, how often the term
//! occurs, and its positions, each as how much it is above the one before. All are numbers of seven bits a byte. The lowest
//! bit of the first number says that the term occurs once. A posting of the same document again goes on with the one before;
//! its first position counts from the beginning.

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::arena::{Arena, List};
use super::gather::Gather;
use super::key::Key;

/// The postings of a field.
pub(super) struct Postings {
    pub(super) option: IndexRecordOption,
    /// An open table.
    slots: Vec<Slot>,
    terms: Vec<Term>,
    /// The bytes of the terms too long for a key.
    long: Vec<u8>,
    /// The numbers of the terms of a document.
    found: Vec<u32>,
    /// A posting being spelled.
    spelled: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    /// The upper half of the term's hash.
    tag: u32,
    /// The number of the term, from 1; 0 is free.
    number: u32,
}

/// A term and its list, in one line of the processor's cache.
#[repr(align(64))]
struct Term {
    key: Key,
    /// One more than the number of the last document with it.
    last: u32,
    list: List,
}

/// The longest number, spelled.
const MOST_NUMBER_BYTES: usize = 5;
/// Room to copy so many bytes at once, whatever the length of what is spelled.
const LEAST_SPELLED: usize = 64;

/// Room is made beforehand for so many terms at most: 64 MB.
const MOST_AWAITED: usize = 1 << 20;

/// Slots of a new table.
const SLOTS: usize = 1 << 10;

impl Postings {
    /// No postings yet, and room for those of a field that may fill so many bytes.
    pub(super) fn new(option: IndexRecordOption, bytes: usize) -> Postings {
        Postings {
            option,
            slots: vec![Slot::default(); SLOTS],
            // Memory that is not touched costs nothing, and terms that never move need no copying.
            terms: Vec::with_capacity((bytes / 2 / size_of::<Term>()).min(MOST_AWAITED)),
            long: Vec::new(),
            found: Vec::new(),
            spelled: vec![0; LEAST_SPELLED],
        }
    }

    /// Adds what was gathered of a document.
    pub(super) fn add(&mut self, document: DocId, gather: &mut Gather, arena: &mut Arena) {
        if self.option.has_positions() {
            gather.sort();
        }
        self.find_all(gather);
        let lists = self.found.iter().map(|number| &self.terms[*number as usize].list);
        arena.approach(lists);
        let next = document + 1;
        for (found, number) in gather.terms.iter().zip(&self.found) {
            let term = &mut self.terms[*number as usize];
            let above = next - term.last;
            term.last = next;
            let count = found.count as usize;
            let most = MOST_NUMBER_BYTES * (count + 2);
            if self.spelled.len() < most {
                self.spelled.resize(most.next_power_of_two(), 0);
            }
            let mut end = 0;
            let spelled = &mut self.spelled;
            if !self.option.has_freq() {
                put(spelled, &mut end, above);
            } else {
                put(spelled, &mut end, above << 1 | u32::from(count == 1));
                if count > 1 {
                    put(spelled, &mut end, found.count);
                }
            }
            if self.option.has_positions() {
                let mut before = 0;
                for position in gather.positions(found) {
                    put(spelled, &mut end, position.wrapping_sub(before));
                    before = *position;
                }
            }
            arena.append(&mut term.list, spelled, end);
        }
    }

    /// Finds the numbers of the terms gathered; new terms are added.
    ///
    /// Most terms lie far away in memory. First comes a guess for each, which reads its slot and decides nothing by it, then a
    /// look at the term guessed: so the processor waits for many of them at once.
    fn find_all(&mut self, gather: &Gather) {
        let mask = self.slots.len() - 1;
        self.found.clear();
        self.found.extend(gather.terms.iter().map(|found| self.slots[found.tag as usize & mask].number));
        for (at, found) in gather.terms.iter().enumerate() {
            let guess = self.found[at].wrapping_sub(1);
            let is_right = self.terms.get(guess as usize).is_some_and(|term| term.key == found.key);
            if !is_right || found.key.is_long() {
                self.found[at] = self.find(found.key, found.tag, &gather.long) as u32;
            } else {
                self.found[at] = guess;
            }
        }
    }

    /// The number of a term, which is added if it is new.
    fn find(&mut self, key: Key, tag: u32, long: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = tag as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.number == 0 {
                return self.insert(key, tag, at, long);
            }
            let number = slot.number as usize - 1;
            if slot.tag == tag && self.is(number, key, long) {
                return number;
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    fn is(&self, number: usize, key: Key, long: &[u8]) -> bool {
        let own = self.terms[number].key;
        own == key && !key.is_long()
            || key.is_long() && own.is_of(key.bytes(long, &mut Default::default()), key.long_hash(), &self.long)
    }

    fn insert(&mut self, key: Key, tag: u32, at: usize, long: &[u8]) -> usize {
        let own = match key.is_long() {
            true => Key::put_long(key.bytes(long, &mut Default::default()), key.long_hash(), &mut self.long),
            false => key,
        };
        self.terms.push(Term { key: own, last: 0, list: List::new() });
        self.slots[at] = Slot { tag, number: self.terms.len() as u32 };
        if 2 * self.terms.len() > self.slots.len() {
            self.widen();
        }
        self.terms.len() - 1
    }

    /// Doubles the table.
    #[cold]
    fn widen(&mut self) {
        let mask = 2 * self.slots.len() - 1;
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); mask + 1]);
        for slot in old.into_iter().filter(|slot| slot.number != 0) {
            let mut at = slot.tag as usize & mask;
            while self.slots[at].number != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }

    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Bytes in use, beside those of the lists.
    pub(super) fn used(&self) -> usize {
        self.terms.len() * size_of::<Term>() + self.slots.len() * size_of::<Slot>() + self.long.len()
    }

    /// The numbers of the terms, in the order of their bytes.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<_> =
            (0..).zip(&self.terms).map(|(number, term)| (term.key.prefix(&self.long), number)).collect();
        order.sort_unstable_by(|a: &(u64, u32), b| {
            let key = |number: u32| self.terms[number as usize].key;
            a.0.cmp(&b.0).then_with(|| key(a.1).order(key(b.1), &self.long))
        });
        order.into_iter().map(|(_, number)| number).collect()
    }

    /// Appends the bytes of a term to `out`.
    #[inline]
    pub(super) fn term(&self, number: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(self.terms[number as usize].key.bytes(&self.long, &mut Default::default()));
    }

    /// Appends the postings of a term to `out`.
    #[inline]
    pub(super) fn read(&self, number: u32, arena: &Arena, out: &mut Vec<u8>) {
        arena.read(&self.terms[number as usize].list, out);
    }

    /// Forgets all; the table stays as wide as it became, but for one of more than `most` bytes.
    pub(super) fn clear(&mut self, most: usize) {
        if self.slots.len() * size_of::<Slot>() > most {
            self.slots.truncate(SLOTS);
            self.slots.shrink_to_fit();
        }
        self.slots.fill(Slot::default());
        self.terms.clear();
        self.long.clear();
    }

    /// Gives the memory back; there are no terms.
    pub(super) fn release(&mut self) {
        self.slots.truncate(SLOTS);
        self.slots.shrink_to_fit();
        self.terms.shrink_to_fit();
    }
}

/// Spells a number.
#[inline]
pub(super) fn put(out: &mut [u8], at: &mut usize, mut number: u32) {
    while number >= 0x80 {
        out[*at] = number as u8 | 0x80;
        *at += 1;
        number >>= 7;
    }
    out[*at] = number as u8;
    *at += 1;
}

/// Reads the number at `at`, and moves behind it; 0 at the end.
#[inline]
pub(super) fn take(bytes: &[u8], at: &mut usize) -> u32 {
    let (mut number, mut shift) = (0, 0);
    while let Some(byte) = bytes.get(*at) {
        *at += 1;
        number |= u32::from(byte & 0x7f) << shift;
        if *byte < 0x80 || shift == 28 {
            break;
        }
        shift += 7;
    }
    number
}
