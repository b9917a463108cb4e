//! What the plan's leaves are looked for by in each segment, and how rare they are in the whole index.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{SegmentReader, Term};

use super::closely::Gains;
use super::dictionary::{self, Form, Forms, short};
use super::evaluate::{ConditionRun, Cursor, Explained, FIELDS, LeafRun, List, Rarity, Run, UidSet};
use super::languages::Languages;
use super::likeness;
use super::phrase::{self, Phrase};
use super::plan::{self, Condition, Leaf, Place, Plan, Unit, What};
use super::terms::Effort;
use super::{Explanation, Note, show};
use crate::index::Snapshot;
use crate::rank::{self, FUNCTION_WEIGHT, K1, NEGLIGIBLE_SHARE, Norms, PATH_WEIGHT, Steps, TITLE_WEIGHT};
use crate::snippet::{self, Wanted};
use crate::{Error, Result};

pub(super) const BODY: usize = 0;
const TITLE: usize = 1;
const PATH: usize = 2;

/// A list of unknown words that is longer helps nobody.
const MOST_NOTES: usize = 10;

/// Words of a phrase: a pasted paragraph. Each costs a list of positions in every file that has them all.
const MOST_IN_A_ROW: usize = 256;

/// Words near each other in any order, whose positions have to be sorted together.
const MOST_NEAR: usize = 32;

/// A word that no more files have than these may be a name that other files spell otherwise.
const FEW_FILES: u64 = 3;

/// Who has so many answers is not asked whether a name may be spelled otherwise.
const FEW_HITS: u64 = 10;

/// A plan with everything that the index says of its leaves.
pub(super) struct Lookup<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) plan: &'a Plan,
    steps: Steps,
    effort: Effort,
    forms: Vec<Forms>,
    pub(super) rarities: Vec<Rarity>,
    /// What each function word counts.
    pub(super) asides: Vec<f32>,
    documents: Vec<[u64; FIELDS]>,
    pub(super) norms: [Norms; FIELDS],
    /// Which units a file must have to have all that matters.
    required: Vec<bool>,
    /// The phrases' postings, by segment and leaf: found once, used for counting and for scoring.
    phrases: Vec<Vec<Found>>,
    pub(super) bonus: f32,
}

/// The postings of a phrase in each field.
type Found = [Vec<(u32, u32)>; FIELDS];

impl<'a> Lookup<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        languages: &Languages<'_>,
        plan: &'a Plan,
        steps: &Steps,
    ) -> Result<Lookup<'a>> {
        let patterns = plan.leaves.iter().filter(|leaf| dictionary::is_pattern(&leaf.what)).count();
        let effort = Effort::shared_by(patterns);
        let forms = plan.leaves.iter().map(|leaf| dictionary::forms(snapshot, languages, leaf, &effort));
        let forms = forms.collect::<Result<Vec<_>>>()?;
        let documents = snapshot.documents().max(1);
        let average = |field: usize| snapshot.payload.tokens[field] as f32 / documents as f32;
        let mut lookup = Lookup {
            snapshot,
            plan,
            steps: *steps,
            effort,
            forms,
            rarities: Vec::new(),
            asides: Vec::new(),
            required: Vec::new(),
            documents: Vec::new(),
            norms: std::array::from_fn(|field| Norms::new(average(field))),
            phrases: Vec::new(),
            bonus: 0.0,
        };
        lookup.find_phrases()?;
        lookup.weigh()?;
        lookup.weigh_asides()?;
        lookup.required = lookup.required();
        Ok(lookup)
    }

    fn find_phrases(&mut self) -> Result<()> {
        for segment in &self.snapshot.segments {
            let mut found = Vec::with_capacity(self.plan.leaves.len());
            for leaf in &self.plan.leaves {
                found.push(self.phrase(segment, leaf)?);
            }
            self.phrases.push(found);
        }
        Ok(())
    }

    fn phrase(&self, segment: &SegmentReader, leaf: &Leaf) -> Result<Found> {
        let mut found = Found::default();
        let What::Phrase { terms, slop, is_prefix, .. } = &leaf.what else { return Ok(found) };
        let most = if slop.is_some() { MOST_NEAR } else { MOST_IN_A_ROW };
        if terms.len() > most {
            let message = format!("`{}` has {} words; expected at most {most}", short(&leaf.label), terms.len());
            return Err(Error::Part { message, start: leaf.start });
        }
        if !self.effort.begin_phrase() {
            let label = short(&leaf.label);
            let message = format!("`{label}` is one phrase too many for an index of this size: ask for fewer at once");
            return Err(Error::Part { message, start: leaf.start });
        }
        let mut slots: Vec<Vec<String>> = terms.iter().map(|term| vec![term.clone()]).collect();
        if *is_prefix && let Some(last) = slots.last_mut() {
            *last = dictionary::beginning_with(self.snapshot, leaf.place, &last[0], &self.effort)?;
        }
        let phrase = Phrase { slots: &slots, slop: *slop };
        let fields = self.snapshot.fields;
        for (number, field) in [(BODY, fields.body), (TITLE, fields.title), (PATH, fields.path)] {
            let is_asked = match leaf.place {
                Place::Anywhere => number == BODY || self.steps.names,
                Place::Title => number == TITLE,
                Place::Path => number == PATH,
                Place::Extension | Place::Name | Place::Language => false,
            };
            if is_asked {
                found[number] = phrase::postings(self.snapshot, segment, field, &phrase, &self.effort)?;
            }
        }
        Ok(found)
    }

    /// The terms of a leaf, with the field of the index to look in and the field that they count for.
    fn terms(&self, leaf: usize) -> Vec<(Field, usize, &Form)> {
        let fields = &self.snapshot.fields;
        let Forms { parts, wholes, .. } = &self.forms[leaf];
        let places: &[(Field, usize)] = match self.plan.leaves[leaf].place {
            Place::Anywhere if self.steps.names => &[(fields.body, BODY), (fields.title, TITLE), (fields.path, PATH)],
            Place::Anywhere => &[(fields.body, BODY)],
            Place::Title => &[(fields.title, TITLE)],
            Place::Path => &[(fields.path, PATH)],
            Place::Extension => &[(fields.ext, BODY)],
            Place::Name => &[(fields.name, BODY)],
            Place::Language => &[(fields.lang, BODY)],
        };
        let mut terms = Vec::new();
        for (field, counts_for) in places {
            terms.extend(parts.iter().map(|form| (*field, *counts_for, form)));
        }
        terms.extend(wholes.iter().map(|form| (fields.whole, BODY, form)));
        terms
    }

    /// Counts how many documents have each leaf, and weighs it by that.
    fn weigh(&mut self) -> Result<()> {
        let all = self.snapshot.documents();
        for leaf in 0..self.plan.leaves.len() {
            let mut counts: [Vec<u64>; FIELDS] = Default::default();
            for (field, counts_for, form) in self.terms(leaf) {
                let mut count = 0;
                for segment in &self.snapshot.segments {
                    count += self.snapshot.living_with(segment, field, &form.term)?;
                }
                counts[counts_for].push(count);
            }
            let is_fuzzy = matches!(self.plan.leaves[leaf].what, What::Fuzzy(..));
            let nearest = is_fuzzy.then(|| self.nearest_forms(leaf, &counts));
            for (number, segment) in self.snapshot.segments.iter().enumerate() {
                for (field, found) in self.phrases[number][leaf].iter().enumerate() {
                    let alive = found.iter().filter(|(document, _)| !segment.is_deleted(*document)).count();
                    // One phrase is one spelling, spread over the segments.
                    match counts[field].first_mut().filter(|_| number > 0) {
                        Some(count) => *count += alive as u64,
                        None => counts[field].insert(0, alive as u64),
                    }
                }
            }
            let weighed = nearest.unwrap_or_else(|| counts.clone()).map(|counts| rank::union(counts, all));
            let documents = counts.map(|counts| rank::union(counts, all));
            let Leaf { place, weight, .. } = &self.plan.leaves[leaf];
            let title_weight = if *place == Place::Title { 1.0 } else { TITLE_WEIGHT };
            let field_weights = [1.0, title_weight, PATH_WEIGHT];
            let rarity = std::array::from_fn(|field| weight * field_weights[field] * rank::idf(weighed[field], all));
            self.rarities.push(rarity);
            self.documents.push(documents);
        }
        Ok(())
    }

    fn weigh_asides(&mut self) -> Result<()> {
        let all = self.snapshot.documents();
        for aside in &self.plan.asides {
            let with = dictionary::count(self.snapshot, self.snapshot.fields.body, &aside.term)?;
            self.asides.push(aside.weight * FUNCTION_WEIGHT * rank::idf(with, all));
        }
        // More than words, their nearness and the best passage come to, even where each saturates.
        let words = self.rarities.iter().flatten().chain(&self.asides).sum::<f32>();
        self.bonus = 2.0 * (1.0 + K1) * words;
        Ok(())
    }

    /// Which units a file must have to come before others: all but those that are too common to matter.
    fn required(&self) -> Vec<bool> {
        let rarity = |unit: &Unit| {
            let mut found = Vec::new();
            plan::leaves(&unit.tree, &mut found);
            let rarity = |leaf: usize| self.rarities[leaf].iter().copied().fold(0.0, f32::max);
            found.into_iter().map(rarity).fold(0.0, f32::max)
        };
        let rarities: Vec<f32> = self.plan.units.iter().map(rarity).collect();
        let least = NEGLIGIBLE_SHARE * rarities.iter().sum::<f32>();
        rarities.iter().map(|rarity| *rarity > least).collect()
    }

    /// The forms by which a leaf is looked for in the text.
    pub(super) fn body_forms(&self, leaf: usize) -> &[Form] {
        &self.forms[leaf].parts
    }

    /// Whether a leaf is a word in the text, neither a pattern with many forms nor a phrase.
    pub(super) fn is_word(&self, leaf: usize) -> bool {
        let Leaf { what, place, .. } = &self.plan.leaves[leaf];
        *place == Place::Anywhere && matches!(what, What::Word(_) | What::Exact(_) | What::Acronym { .. })
    }

    /// Weighs the forms of a fuzzy search among each other, by how many files have each, field by field; and returns those
    /// counts for the nearest forms that any file has. They alone say how rare what was asked for is: a common word that
    /// is spelled a little like a name does not make the name common.
    fn nearest_forms(&mut self, leaf: usize, counts: &[Vec<u64>; FIELDS]) -> [Vec<u64>; FIELDS] {
        let all = self.snapshot.documents();
        let parts = &mut self.forms[leaf].parts;
        let most = |form: usize| counts.iter().filter_map(|counts| counts.get(form)).copied().max().unwrap_or_default();
        let known: Vec<usize> = (0..parts.len()).filter(|form| most(*form) > 0).collect();
        let nearest = known.iter().map(|form| parts[*form].weight).fold(0.0, f32::max);
        let near = |form: &usize| parts[*form].weight >= nearest;
        let near: Vec<usize> = known.iter().copied().filter(near).collect();
        let rarest = known.iter().map(|form| rank::idf(most(*form), all)).fold(f32::MIN_POSITIVE, f32::max);
        for form in known {
            parts[form].weight *= likeness::by_rarity(rank::idf(most(form), all) / rarest);
        }
        counts.each_ref().map(|counts| near.iter().filter_map(|form| counts.get(*form)).copied().collect())
    }

    /// The plan over one segment.
    pub(super) fn run<'r>(
        &'r self,
        number: usize,
        segment: &'r SegmentReader,
        conditions: Vec<ConditionRun<'r>>,
    ) -> Result<Run<'r>> {
        let fields = self.snapshot.fields;
        let mut leaves = Vec::with_capacity(self.plan.leaves.len());
        for leaf in 0..self.plan.leaves.len() {
            let mut cursors = Vec::new();
            for (field, counts_for, form) in self.terms(leaf) {
                let inverted = segment.inverted_index(field).map_err(|error| self.snapshot.engine(error))?;
                let term = Term::from_field_text(field, &form.term);
                let postings = inverted.read_block_postings(&term, IndexRecordOption::WithFreqs);
                let postings = postings.map_err(|error| self.snapshot.engine(error))?;
                cursors.extend(postings.map(|postings| Cursor {
                    list: List::blocks(postings),
                    weight: form.weight,
                    field: counts_for,
                }));
            }
            for (field, found) in self.phrases[number][leaf].iter().enumerate().filter(|(_, found)| !found.is_empty()) {
                cursors.push(Cursor { list: List::found(found.clone()), weight: 1.0, field });
            }
            let is_fuzzy = matches!(self.plan.leaves[leaf].what, What::Fuzzy(..));
            leaves.push(LeafRun::new(cursors, is_fuzzy));
        }
        let lengths = |field| segment.get_fieldnorms_reader(field).map_err(|error| self.snapshot.engine(error));
        Ok(Run {
            plan: self.plan,
            leaves,
            rarities: &self.rarities,
            required: &self.required,
            conditions,
            alive: segment.alive_bitset(),
            lengths: [lengths(fields.body)?, lengths(fields.title)?, lengths(fields.path)?],
            norms: &self.norms,
            max_doc: segment.max_doc(),
            bonus: self.bonus,
            filled: None,
        })
    }

    /// For each condition of the plan, the versions that fulfil it; newer layers of records overrule older ones.
    pub(super) fn conditions(&self) -> Result<Vec<UidSet>> {
        let mut sets: Vec<UidSet> = self.plan.conditions.iter().map(|_| UidSet::default()).collect();
        if sets.is_empty() {
            return Ok(sets);
        }
        let mut records = self.snapshot.records.below(b"/").map_err(|flaw| self.snapshot.damaged(flaw))?;
        while let Some(record) = records.next().map_err(|flaw| self.snapshot.damaged(flaw))? {
            let Some(uid) = record.uid() else { continue };
            for (condition, set) in self.plan.conditions.iter().zip(&mut sets) {
                let is_in = match condition {
                    Condition::Path(glob) => {
                        let path = Path::new("/").join(OsStr::from_bytes(&show::id(self.snapshot, record)));
                        glob.matched_path_or_any_parents(path, false).is_ignore()
                    }
                    Condition::Size { min, max } => {
                        min.is_none_or(|min| record.stat.size >= min) && max.is_none_or(|max| record.stat.size <= max)
                    }
                    Condition::Modified { from, until } => {
                        let at = record.stat.mtime_ns;
                        from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until)
                    }
                };
                if is_in {
                    set.add(uid);
                }
            }
        }
        Ok(sets)
    }

    /// What the asker should know: words that no file has, patterns that were cut, a run that did not finish.
    ///
    /// `total` is how many files answer.
    pub(super) fn notes(&self, suggest: bool, total: u64) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        if self.snapshot.is_unfinished() {
            notes.push(Note::Unfinished);
        }
        if self.plan.left_out > 0 {
            notes.push(Note::TooLong { left_out: self.plan.left_out });
        }
        for ((leaf, forms), documents) in self.plan.leaves.iter().zip(&self.forms).zip(&self.documents) {
            if let Some(found) = forms.too_many.filter(|_| notes.len() < MOST_NOTES) {
                let used = forms.parts.len() + forms.wholes.len();
                notes.push(Note::TooMany { pattern: short(&leaf.label), found, used });
            }
            if notes.len() < MOST_NOTES && leaf.weight > 0.0 && documents.iter().all(|count| *count == 0) {
                let nearest = match &leaf.what {
                    What::Word(term) | What::Exact(term) if suggest => {
                        dictionary::nearest(self.snapshot, leaf.place, term, &self.effort)?
                    }
                    _ => Vec::new(),
                };
                notes.push(Note::Unknown { word: short(&leaf.label), nearest });
                continue;
            }
            let files = documents.iter().copied().max().unwrap_or_default();
            let is_rare = suggest && total < FEW_HITS && files <= FEW_FILES && leaf.weight > 0.0;
            if let What::Word(term) = &leaf.what
                && is_rare
                && notes.len() < MOST_NOTES
            {
                let mut others = dictionary::other_spellings(self.snapshot, leaf.place, term, &self.effort)?;
                others.retain(|other| !self.plan.leaves.iter().any(|leaf| leaf.what == What::Word(other.clone())));
                if !others.is_empty() {
                    notes.push(Note::Respelled { word: leaf.label.clone(), others });
                }
            }
        }
        Ok(notes)
    }

    /// What to mark in the passages.
    pub(super) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for (n, (leaf, forms)) in self.plan.leaves.iter().zip(&self.forms).enumerate() {
            if leaf.weight == 0.0 || !matches!(leaf.place, Place::Anywhere | Place::Title) {
                continue;
            }
            let weight = rank::idf(self.documents[n][BODY], self.snapshot.documents());
            let terms = |forms: &[Form]| forms.iter().map(|form| form.term.clone()).collect();
            match &leaf.what {
                What::Phrase { terms, slop, joined, .. } => {
                    wanted.phrases.push(snippet::Phrase { weight, terms: terms.clone(), slop: *slop });
                    if !joined.is_empty() {
                        let (parts, wholes) = (joined.clone(), Vec::new());
                        wanted.words.push(snippet::Word { weight, parts, wholes, prefixes: Vec::new() });
                    }
                }
                What::Prefix(prefix) => {
                    let (parts, wholes) = (Vec::new(), terms(&forms.wholes));
                    wanted.words.push(snippet::Word { weight, parts, wholes, prefixes: vec![prefix.clone()] });
                }
                _ => {
                    let (parts, wholes) = (terms(&forms.parts), terms(&forms.wholes));
                    wanted.words.push(snippet::Word { weight, parts, wholes, prefixes: Vec::new() });
                }
            }
        }
        wanted
    }

    /// The words of a short question that a document lacks.
    pub(super) fn missing(&self, explained: &Explained) -> Vec<String> {
        let lacking = self.plan.units.iter().zip(&explained.units).filter(|(_, has)| !**has);
        lacking.map(|(unit, _)| unit.label.clone()).collect()
    }

    /// What a score consists of.
    pub(super) fn parts(&self, explained: &Explained, gains: &Gains) -> Vec<(String, f32)> {
        let leaves = self.plan.leaves.iter().zip(&explained.leaves).filter(|(leaf, _)| leaf.weight > 0.0);
        let mut parts: Vec<_> = leaves.map(|(leaf, score)| (leaf.label.clone(), *score)).collect();
        let Gains { asides, nearness, passage, likeness } = gains;
        let bonus = |has: bool| if has { self.bonus } else { 0.0 };
        parts.extend([
            ("function words".into(), *asides),
            ("words together".into(), *nearness),
            ("best passage".into(), *passage),
            ("files like it".into(), *likeness),
            ("all words".into(), bonus(explained.has_all)),
            ("its name".into(), bonus(explained.is_named)),
        ]);
        parts.retain(|(_, score)| *score != 0.0);
        parts
    }

    /// What each leaf is looked for by.
    pub(super) fn explanations(&self) -> Vec<Explanation> {
        let explain = |(n, leaf): (usize, &Leaf)| {
            let Forms { parts, wholes, .. } = &self.forms[n];
            let terms = match &leaf.what {
                What::Phrase { terms, .. } => terms.clone(),
                plan::What::Acronym { .. } => wholes.iter().chain(parts).map(|form| form.term.clone()).collect(),
                _ => parts.iter().map(|form| form.term.clone()).collect(),
            };
            let documents = self.documents[n].iter().copied().max().unwrap_or_default();
            Explanation { label: leaf.label.clone(), documents, weight: self.rarities[n].iter().sum(), terms }
        };
        self.plan.leaves.iter().enumerate().map(explain).collect()
    }
}
