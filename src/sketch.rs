//! A document's sketch: the few terms that tell best what it is about, by which documents are compared.
//!
//! In: the terms of a text, as the analyzer yields them. Out: up to [`ENTRIES`] of them, as hashes with their frequencies,
//! four bytes each. Which terms they are depends on the text alone and not on the documents that the index holds already:
//! an index that grew and one made anew hold the same sketches. How rare a term is shows when sketches are compared.

use std::sync::LazyLock;

use crate::analyse::function_words;

/// So many terms are kept of a document.
pub const ENTRIES: usize = 32;

/// Terms beyond so many are not looked at: the beginning of a long text says what it is about as well as all of it.
const MOST_TERMS: usize = 4096;

/// Shorter terms are too common to tell texts apart; a pair of Chinese characters is long enough.
const LEAST_LETTERS: usize = 3;

/// Inflections mostly share so many letters, and only those are hashed. Cutting words so is as good as stemming them: in an
/// experiment with 32 terms a document the mean nDCG@10 over four collections was .568 to .572 with 5, 6 and 7 letters, .570
/// with Snowball's stems; with 6, 7 and 8 letters no difference was more than what a few topics make.
const STEM_LETTERS: usize = 8;

/// A term of a sketch: the hash of its beginning in 24 bits, its frequency, at most 255, in 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry(pub u32);

impl Entry {
    /// Which term it is; terms that are alike in their first letters are one.
    pub fn term(self) -> u32 {
        self.0 >> 8
    }

    /// How often it occurs.
    pub fn frequency(self) -> u32 {
        self.0 & 0xff
    }
}

/// Makes sketches; holds buffers only, which are used again from text to text.
///
/// ```
/// use indago::sketch::Sketcher;
///
/// let mut sketcher = Sketcher::default();
/// let mut sketch = |text: &str| {
///     text.split(' ').for_each(|term| sketcher.take(term.as_bytes(), 1));
///     let mut entries = Vec::new();
///     sketcher.finish(&mut entries);
///     entries
/// };
/// assert_eq!(sketch("the withdrawal of the harbour"), sketch("harbour withdrawals"));
/// assert_eq!(sketch("lantern lantern")[0].frequency(), 2);
/// ```
pub struct Sketcher {
    /// An open table; slots of an earlier text count as free.
    slots: Vec<Slot>,
    used: Vec<u16>,
    best: Vec<Best>,
    text: u32,
    /// Terms counted so far.
    terms: usize,
}

/// How much a term tells, its hash and its frequency.
type Best = (f32, u32, u16);

#[derive(Clone, Copy, Default)]
struct Slot {
    /// The text that the slot belongs to.
    text: u32,
    term: u32,
    frequency: u16,
    /// Of the longest of the terms with this beginning.
    letters: u8,
}

/// Twice the terms that are looked at, so that the table never fills.
const SLOTS: usize = 2 * MOST_TERMS;

impl Default for Sketcher {
    fn default() -> Self {
        Sketcher { slots: vec![Slot::default(); SLOTS], used: Vec::new(), best: Vec::new(), text: 1, terms: 0 }
    }
}

impl Sketcher {
    /// Whether more of the text is looked at.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.terms < MOST_TERMS
    }

    /// Counts the next term of an open text; says whether it is the last that is looked at: no term behind it may be
    /// [taken](Self::take).
    #[inline]
    pub fn counts(&mut self, term: &str) -> bool {
        self.terms += usize::from(letters(term.as_bytes()) >= LEAST_LETTERS);
        !self.is_open()
    }

    /// Adds a term that occurs so many times among those counted.
    #[inline]
    pub fn take(&mut self, term: &[u8], times: u32) {
        let letters = letters(term);
        if letters < LEAST_LETTERS {
            return;
        }
        let (times, letters) = (times.min(u16::MAX.into()) as u16, letters.min(255) as u8);
        let hash = hash(term);
        let mut at = hash as usize % SLOTS;
        loop {
            let slot = &mut self.slots[at];
            if slot.text != self.text {
                *slot = Slot { text: self.text, term: hash, frequency: times, letters };
                self.used.push(at as u16);
                return;
            }
            if slot.term == hash {
                slot.frequency = slot.frequency.saturating_add(times);
                slot.letters = slot.letters.max(letters);
                return;
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// Appends the sketch of the text to `entries`, in order of the hashes, and begins a new text.
    pub fn finish(&mut self, entries: &mut Vec<Entry>) {
        self.best.clear();
        let slots = self.used.drain(..).map(|at| &self.slots[usize::from(at)]);
        let slots = slots.filter(|slot| !FUNCTION_WORDS.contains(slot.term));
        self.best.extend(slots.map(|slot| (telling(slot), slot.term, slot.frequency)));
        if self.best.len() > ENTRIES {
            // Of terms that tell as much, those with the lowest hashes are kept, so that like texts keep the same (Broder,
            // "On the resemblance and containment of documents", 1997); keeping the first in the text gave .5798.
            let order = |a: &Best, b: &Best| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            self.best.select_nth_unstable_by(ENTRIES - 1, order);
            self.best.truncate(ENTRIES);
        }
        let from = entries.len();
        let best = self.best.iter();
        entries.extend(best.map(|(_, term, frequency)| Entry(term << 8 | u32::from(*frequency.min(&255)))));
        entries[from..].sort_unstable();
        self.terms = 0;
        self.text = self.text.wrapping_add(1).max(1);
        if self.text == 1 {
            self.slots.fill(Slot::default());
        }
    }
}

/// The hashes of function words; only of those that no cut word can be taken for.
static FUNCTION_WORDS: LazyLock<Hashes> = LazyLock::new(|| {
    let is_whole = |word: &&str| (LEAST_LETTERS..STEM_LETTERS).contains(&letters(word.as_bytes()));
    Hashes::of(function_words::all().filter(is_whole).map(|word| hash(word.as_bytes())))
});

/// Hashes in an open table, 0 where there is none: they are well mixed, and every distinct term of a text is looked up.
struct Hashes(Vec<u32>);

/// Several times the function words.
const FUNCTION_SLOTS: usize = 1 << 13;

impl Hashes {
    fn of(hashes: impl Iterator<Item = u32>) -> Hashes {
        let mut table = Hashes(vec![0; FUNCTION_SLOTS]);
        for hash in hashes {
            let slot = table.slot(hash);
            table.0[slot] = hash;
        }
        table
    }

    /// Where a hash stands, or would.
    #[inline]
    fn slot(&self, hash: u32) -> usize {
        let mut slot = hash as usize % FUNCTION_SLOTS;
        while self.0[slot] != 0 && self.0[slot] != hash {
            slot = (slot + 1) % FUNCTION_SLOTS;
        }
        slot
    }

    #[inline]
    fn contains(&self, hash: u32) -> bool {
        hash != 0 && self.0[self.slot(hash)] == hash
    }
}

/// How much a term says about its text, as far as the text alone can tell: often is good, and long words are rare ones
/// (Zipf, "The Psycho-Biology of Language", 1935).
fn telling(slot: &Slot) -> f32 {
    let frequency = f32::from(slot.frequency);
    frequency / (frequency + crate::rank::K1) * f32::from(slot.letters.min(8))
}

/// How many letters a term has, about: those beyond ASCII have two bytes, and a Chinese character says more than a letter.
#[inline]
fn letters(term: &[u8]) -> usize {
    if is_latin(term) { term.len() } else { term.len() / 2 }
}

/// Whether a folded term is written in ASCII, which its first letter tells well enough.
#[inline]
fn is_latin(term: &[u8]) -> bool {
    term.first().is_some_and(u8::is_ascii)
}

/// 24 bits that depend on the first letters of a term.
#[inline]
fn hash(term: &[u8]) -> u32 {
    let (first, rest) = term.split_at(term.len().min(STEM_LETTERS));
    let mut hash = mixed(word(first));
    if !is_latin(term) {
        hash = mixed(hash ^ word(&rest[..rest.len().min(STEM_LETTERS)]));
    }
    (hash >> 40) as u32
}

/// Up to eight bytes as a number, another for each; without a copy of so many bytes as there are, which takes a call.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let four = |at: usize| u64::from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
    match length {
        0 => 0,
        1..4 => u64::from(bytes[0]) | u64::from(bytes[length / 2]) << 8 | u64::from(bytes[length - 1]) << 16,
        4..8 => four(0) | four(length - 4) << 32 ^ (length as u64) << 29,
        _ => four(0) | four(4) << 32,
    }
}

/// Fibonacci hashing (Knuth, TAOCP 3, 6.4), folded once so that the first letters reach the bits that are kept.
#[inline]
fn mixed(word: u64) -> u64 {
    (word ^ word >> 23).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch_by(sketcher: &mut Sketcher, text: &str) -> Vec<Entry> {
        for term in text.split(' ') {
            if sketcher.is_open() {
                sketcher.counts(term);
                sketcher.take(term.as_bytes(), 1);
            }
        }
        let mut entries = Vec::new();
        sketcher.finish(&mut entries);
        entries
    }

    fn sketch(text: &str) -> Vec<Entry> {
        sketch_by(&mut Sketcher::default(), text)
    }

    /// Words of four letters, each another.
    fn words(count: usize) -> Vec<String> {
        let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
        (0..count).map(|n| [n, n / 26, n / 676, n / 17576].map(letter).into_iter().collect()).collect()
    }

    #[test]
    fn what_says_most_is_kept_and_no_more_than_fits() {
        let text = format!("{} lantern lantern lantern oilcan oilcan oilcan oilcan", words(200).join(" "));
        let found = sketch(&text);
        assert_eq!(found.len(), ENTRIES);
        for term in ["lantern", "oilcan"] {
            assert!(found.iter().any(|entry| entry.term() == hash(term.as_bytes())), "{term}");
        }
        assert!(found.is_sorted(), "two sketches are compared from front to back");
    }

    #[test]
    fn a_sketch_depends_on_the_words_and_not_on_their_order_or_the_text_before() {
        let mut words = words(300);
        let expected = sketch(&words.join(" "));
        words.reverse();
        let mut sketcher = Sketcher::default();
        for _ in 0..3 {
            assert_eq!(sketch_by(&mut sketcher, &words.join(" ")), expected);
            sketch_by(&mut sketcher, "another text altogether");
        }
        // Slots are told by the number of their text, which begins anew some day.
        let mut sketcher = Sketcher::default();
        sketch_by(&mut sketcher, "lantern");
        sketcher.text = u32::MAX;
        sketch_by(&mut sketcher, "harbour");
        assert_eq!(sketch_by(&mut sketcher, "lantern"), sketch("lantern"));
    }

    #[test]
    fn inflections_are_one_term_and_words_without_content_are_none() {
        for (text, terms, frequency) in [
            ("withdraw withdrawing withdrawal", 1, 3),
            ("lantern lantern", 1, 2),
            ("the of with ox to", 0, 0),
            ("the lantern of it", 1, 1),
            ("", 0, 0),
            ("東京 東京", 1, 2),
        ] {
            let found = sketch(text);
            let most = found.iter().map(|entry| entry.frequency()).max().unwrap_or_default();
            assert_eq!((found.len(), most), (terms, frequency), "{text}");
        }
        assert_eq!(sketch(&["lantern"; 1000].join(" "))[0].frequency(), 255);
    }

    #[test]
    fn a_long_text_is_told_by_its_beginning() {
        let beginning = words(MOST_TERMS).join(" ");
        let rest = format!("{beginning} {}", "lantern ".repeat(1000).trim_end());
        assert_eq!(sketch(&rest), sketch(&beginning));
    }
}
