//! The plan is run over a segment, a window of documents at a time.
//!
//! In a window of 4,096 documents every leaf writes its frequencies into an array and its matches into a bit set; the tree
//! joins the bit sets, and what is left is scored, leaf by leaf, always in the same order. So every match is found and
//! scored exactly, in whatever segment it lies and however the tree is nested. Windows without a candidate are jumped over
//! (Lucene's BooleanScorer works in windows likewise).

use tantivy::fastfield::AliveBitSet;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::{DocId, TERMINATED};

use super::condition::ConditionRun;
use super::plan::{Plan, Tree};
use super::spelling;
use crate::rank::Norms;

/// Documents a window: the arrays of a dozen leaves fit into the second cache.
pub(super) const WINDOW: usize = 4096;
const WORDS: usize = WINDOW / 64;

/// One bit for each document of a window.
pub(super) type Bits = [u64; WORDS];

/// The three fields that count towards the score.
pub(super) const FIELDS: usize = 3;

/// A list of postings that is read from front to back.
pub(super) enum List {
    Blocks { postings: Box<BlockSegmentPostings>, at: usize },
    Found { postings: Vec<(DocId, u32)>, at: usize },
}

impl List {
    pub(super) fn found(postings: Vec<(DocId, u32)>) -> List {
        List::Found { postings, at: 0 }
    }

    pub(super) fn blocks(postings: BlockSegmentPostings) -> List {
        List::Blocks { postings: Box::new(postings), at: 0 }
    }

    /// The next document, or `TERMINATED`.
    fn next(&self) -> DocId {
        match self {
            List::Blocks { postings, at } if *at < postings.block_len() => postings.doc(*at),
            List::Blocks { .. } => TERMINATED,
            List::Found { postings, at } => postings.get(*at).map_or(TERMINATED, |(document, _)| *document),
        }
    }

    /// Passes over the documents before `target`.
    fn seek(&mut self, target: DocId) {
        match self {
            List::Blocks { postings, at } => *at = postings.seek(target),
            List::Found { postings, at } => *at += postings[*at..].partition_point(|(document, _)| *document < target),
        }
    }

    /// Calls `each` with the documents before `end`.
    fn take(&mut self, end: DocId, mut each: impl FnMut(DocId, u32)) {
        match self {
            List::Found { postings, at } => {
                while let Some((document, frequency)) = postings.get(*at).filter(|(document, _)| *document < end) {
                    each(*document, *frequency);
                    *at += 1;
                }
            }
            List::Blocks { postings, at } => loop {
                let length = postings.block_len();
                let (documents, frequencies) = (postings.docs(), postings.freqs());
                while *at < length && documents[*at] < end {
                    // Lists without frequencies have them all 1.
                    each(documents[*at], frequencies.get(*at).copied().unwrap_or(1));
                    *at += 1;
                }
                if *at < length || length == 0 {
                    return;
                }
                postings.advance();
                *at = 0;
            },
        }
    }
}

/// One spelling of a leaf in one field.
pub(super) struct Cursor {
    pub(super) list: List,
    pub(super) weight: f32,
    /// An index into [`LeafRun::frequencies`].
    pub(super) field: usize,
}

/// A leaf in one segment.
pub(super) struct LeafRun {
    pub(super) cursors: Vec<Cursor>,
    /// The documents of the window that have it.
    bits: Bits,
    /// Those that have it in each field.
    fields: [Bits; FIELDS],
    /// How often they have it; what stands for other documents is left from windows before.
    frequencies: [Vec<f32>; FIELDS],
    /// In a fuzzy search, how like the nearest spelling of each document is; else empty.
    nearest: Vec<f32>,
}

impl LeafRun {
    pub(super) fn new(cursors: Vec<Cursor>, is_fuzzy: bool) -> LeafRun {
        let has = |field: usize| cursors.iter().any(|cursor| cursor.field == field);
        let frequencies = std::array::from_fn(|field| if has(field) { vec![0.0; WINDOW] } else { Vec::new() });
        let nearest = if is_fuzzy { vec![0.0; WINDOW] } else { Vec::new() };
        LeafRun { cursors, bits: [0; WORDS], fields: [[0; WORDS]; FIELDS], frequencies, nearest }
    }

    fn next(&self) -> DocId {
        self.cursors.iter().map(|cursor| cursor.list.next()).min().unwrap_or(TERMINATED)
    }

    fn fill(&mut self, base: DocId) {
        self.fields = [[0; WORDS]; FIELDS];
        self.nearest.fill(0.0);
        let end = base.saturating_add(WINDOW as u32).min(TERMINATED);
        for cursor in &mut self.cursors {
            if cursor.list.next() < base {
                cursor.list.seek(base);
            }
            if cursor.list.next() >= end {
                continue;
            }
            let (bits, frequencies) = (&mut self.fields[cursor.field], &mut self.frequencies[cursor.field]);
            let (weight, nearest) = (cursor.weight, &mut self.nearest);
            cursor.list.take(end, |document, frequency| {
                let at = (document - base) as usize;
                let (word, bit) = (at / 64, 1 << (at % 64));
                let before = if bits[word] & bit == 0 { 0.0 } else { frequencies[at] };
                bits[word] |= bit;
                match nearest.get_mut(at) {
                    Some(nearest) => {
                        *nearest = nearest.max(weight);
                        frequencies[at] = before + frequency as f32;
                    }
                    None => frequencies[at] = before + weight * frequency as f32,
                }
            });
        }
        self.bits = std::array::from_fn(|word| self.fields.iter().fold(0, |all, bits| all | bits[word]));
    }
}

/// What a leaf counts: its rarity in each field, with the field's weight.
pub(super) type Rarity = [f32; FIELDS];

/// A plan in one segment.
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) leaves: Vec<LeafRun>,
    pub(super) rarities: &'a [Rarity],
    pub(super) required: &'a [bool],
    pub(super) conditions: Vec<ConditionRun<'a>>,
    pub(super) alive: Option<&'a AliveBitSet>,
    pub(super) lengths: [FieldNormReader; FIELDS],
    pub(super) norms: &'a [Norms; FIELDS],
    pub(super) max_doc: DocId,
    /// What a file gets on top that has every unit of a short question: more than any other could reach.
    pub(super) bonus: f32,
    /// The window that the leaves hold.
    pub(super) filled: Option<DocId>,
}

impl Run<'_> {
    /// Calls `each` with every document that matches, and its score, in order of the documents.
    pub(super) fn collect(&mut self, mut each: impl FnMut(DocId, f32)) {
        let mut scores = vec![0.0; WINDOW];
        let mut base = 0;
        while let Some(next) = self.window_from(base) {
            base = next;
            self.fill(base);
            let matches = self.matching(base);
            if matches.iter().any(|word| *word != 0) {
                self.score(base, &matches, &mut scores);
                for_each_bit(&matches, |at| each(base + at as u32, scores[at]));
            }
            let Some(after) = base.checked_add(WINDOW as u32) else { break };
            base = after;
        }
    }

    /// The first window from `base` on that may hold a match.
    fn window_from(&self, base: DocId) -> Option<DocId> {
        let candidate = self.candidate(&self.plan.tree, base).max(base);
        (candidate < self.max_doc).then_some(candidate - candidate % WINDOW as u32)
    }

    /// A document before which, from `base` on, nothing matches `tree`.
    fn candidate(&self, tree: &Tree, base: DocId) -> DocId {
        match tree {
            Tree::Nothing => TERMINATED,
            Tree::Leaf(leaf) => self.leaves[*leaf].next(),
            Tree::And(members) => members.iter().map(|member| self.candidate(member, base)).max().unwrap_or(TERMINATED),
            Tree::Or(members) => members.iter().map(|member| self.candidate(member, base)).min().unwrap_or(TERMINATED),
            Tree::All | Tree::Condition(_) | Tree::Not(_) => base,
        }
    }

    fn fill(&mut self, base: DocId) {
        if self.filled.replace(base) != Some(base) {
            self.leaves.iter_mut().for_each(|leaf| leaf.fill(base));
        }
    }

    /// The documents of the window that match and are alive.
    fn matching(&self, base: DocId) -> Bits {
        let mut bits = self.bits(&self.plan.tree, base);
        let documents = (self.max_doc - base) as usize;
        if documents < WINDOW {
            for (n, word) in bits.iter_mut().enumerate() {
                let first = n * 64;
                *word &= match documents.saturating_sub(first) {
                    0 => 0,
                    rest if rest < 64 => (1 << rest) - 1,
                    _ => u64::MAX,
                };
            }
        }
        if let Some(alive) = self.alive {
            let found = bits;
            for_each_bit(&found, |at| {
                if !alive.is_alive(base + at as u32) {
                    bits[at / 64] &= !(1 << (at % 64));
                }
            });
        }
        bits
    }

    /// The documents of the window that match `tree`, as far as the segment reaches and beyond.
    fn bits(&self, tree: &Tree, base: DocId) -> Bits {
        match tree {
            Tree::Nothing => [0; WORDS],
            Tree::All => [u64::MAX; WORDS],
            Tree::Leaf(leaf) => self.leaves[*leaf].bits,
            Tree::Not(tree) => self.bits(tree, base).map(|word| !word),
            Tree::And(members) => self.joined(members, base, [u64::MAX; WORDS], |a, b| a & b),
            Tree::Or(members) => self.joined(members, base, [0; WORDS], |a, b| a | b),
            Tree::Condition(condition) => {
                let ConditionRun { uids, set } = &self.conditions[*condition];
                let mut bits = [0; WORDS];
                for at in 0..WINDOW.min((self.max_doc - base) as usize) {
                    if uids.first(base + at as u32).is_some_and(|uid| set.has(uid)) {
                        bits[at / 64] |= 1 << (at % 64);
                    }
                }
                bits
            }
        }
    }

    fn joined(&self, members: &[Tree], base: DocId, start: Bits, join: fn(u64, u64) -> u64) -> Bits {
        members.iter().fold(start, |mut bits, member| {
            let other = self.bits(member, base);
            bits.iter_mut().zip(other).for_each(|(bit, other)| *bit = join(*bit, other));
            bits
        })
    }

    fn score(&self, base: DocId, matches: &Bits, scores: &mut [f32]) {
        for_each_bit(matches, |at| scores[at] = 0.0);
        for (leaf, (run, rarity)) in self.leaves.iter().zip(self.rarities).enumerate() {
            if self.plan.leaves[leaf].weight == 0.0 {
                continue;
            }
            for (field, rarity) in rarity.iter().enumerate() {
                let hits = std::array::from_fn(|word| run.fields[field][word] & matches[word]);
                for_each_bit(&hits, |at| scores[at] += self.field_score(run, field, *rarity, base + at as u32, at));
            }
        }
        if let Some(all) = self.with_all(matches, base) {
            for_each_bit(&all, |at| scores[at] += self.bonus);
        }
        if let Some(named) = self.plan.name {
            let mut named = self.leaves[named].bits;
            named.iter_mut().zip(matches).for_each(|(named, matching)| *named &= matching);
            for_each_bit(&named, |at| scores[at] += self.bonus);
        }
    }

    /// Which of `matches` have all that a short question asks for.
    fn with_all(&self, matches: &Bits, base: DocId) -> Option<Bits> {
        let required = self.plan.units.iter().zip(self.required).filter(|(_, required)| **required);
        (!self.plan.units.is_empty()).then(|| {
            required.fold(*matches, |mut bits, (unit, _)| {
                let unit = self.bits(&unit.tree, base);
                bits.iter_mut().zip(unit).for_each(|(bit, unit)| *bit &= unit);
                bits
            })
        })
    }

    /// What a leaf counts for a field of the document, which stands at `at` in the window and has it there.
    #[inline]
    fn field_score(&self, run: &LeafRun, field: usize, rarity: f32, document: DocId, at: usize) -> f32 {
        let length = self.lengths[field].fieldnorm_id(document);
        let saturation = self.norms[field].saturation(run.frequencies[field][at], length);
        match run.nearest.get(at) {
            Some(nearest) => rarity * nearest * spelling::share(saturation),
            None => rarity * saturation,
        }
    }

    /// How the score of one document came about: what each leaf counts, and the bonus; and which units it has.
    ///
    /// Documents must be asked for in order.
    pub(super) fn explain(&mut self, document: DocId) -> Explained {
        let base = document - document % WINDOW as u32;
        let at = (document - base) as usize;
        self.fill(base);
        let has = |bits: &Bits| bits[at / 64] >> (at % 64) & 1 == 1;
        let leaf = |(run, rarity): (&LeafRun, &Rarity)| {
            let fields = (0..FIELDS).filter(|field| has(&run.fields[*field]));
            fields.map(|field| self.field_score(run, field, rarity[field], document, at)).sum()
        };
        let leaves = self.leaves.iter().zip(self.rarities).map(leaf).collect();
        let units: Vec<bool> = self.plan.units.iter().map(|unit| has(&self.bits(&unit.tree, base))).collect();
        let has_all = self.with_all(&[u64::MAX; WORDS], base).is_some_and(|all| has(&all));
        let is_named = self.plan.name.is_some_and(|name| has(&self.leaves[name].bits));
        Explained { leaves, units, has_all, is_named }
    }
}

/// How a score came about.
#[derive(Default)]
pub(super) struct Explained {
    pub(super) leaves: Vec<f32>,
    pub(super) units: Vec<bool>,
    /// It has all that a short question asks for.
    pub(super) has_all: bool,
    /// It is called what is asked for.
    pub(super) is_named: bool,
}

fn for_each_bit(bits: &Bits, mut each: impl FnMut(usize)) {
    for (n, word) in bits.iter().enumerate() {
        let mut word = *word;
        while word != 0 {
            each(n * 64 + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_taken_up_to_an_end_and_seeks_forward() {
        let mut list = List::Found { postings: vec![(1, 2), (5, 1), (4096, 3), (9000, 1)], at: 0 };
        let mut taken = Vec::new();
        list.take(4096, |document, frequency| taken.push((document, frequency)));
        assert_eq!((taken, list.next()), (vec![(1, 2), (5, 1)], 4096));
        list.seek(5000);
        assert_eq!(list.next(), 9000);
        list.seek(9001);
        assert_eq!(list.next(), TERMINATED);
    }
}
