//! What the plan's leaves are looked for by in each segment, and how rare they are in the whole index.

mod tell;
mod weigh;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tantivy::SegmentReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};

use super::condition::{ConditionRun, UidSet};
use super::dictionary::{self, Form, Forms, short};
use super::evaluate::{Cursor, FIELDS, LeafRun, List, Rarity, Run};
use super::languages::Languages;
use super::phrase::{self, Phrase};
use super::plan::{Condition, Leaf, Place, Plan, What};
use super::show;
use super::terms::Effort;
use crate::index::Snapshot;
use crate::rank::{Norms, Steps};
use crate::{Error, Result};

pub(super) const BODY: usize = 0;
const TITLE: usize = 1;
const PATH: usize = 2;

/// Words of a phrase: a pasted paragraph. Each costs a list of positions in every file that has them all.
const MOST_IN_A_ROW: usize = 256;

/// Words near each other in any order, whose positions have to be sorted together.
const MOST_NEAR: usize = 32;

/// A plan with everything that the index says of its leaves.
pub(super) struct Lookup<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) plan: &'a Plan,
    steps: Steps,
    effort: Effort,
    forms: Vec<Forms>,
    /// Where the forms of each leaf are looked for, and what is found there.
    sought: Vec<Vec<Sought>>,
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

/// A form in a field.
struct Sought {
    /// The field of the index to look in.
    field: Field,
    /// The one that it counts for.
    counts_for: usize,
    form: Whence,
    /// What the dictionary of each segment says of it.
    infos: Vec<Option<TermInfo>>,
}

/// Where among the forms of a leaf one stands.
#[derive(Clone, Copy)]
enum Whence {
    Parts(usize),
    Wholes(usize),
}

impl Forms {
    fn at(&self, whence: Whence) -> &Form {
        match whence {
            Whence::Parts(n) => &self.parts[n],
            Whence::Wholes(n) => &self.wholes[n],
        }
    }
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
            sought: Vec::new(),
            rarities: Vec::new(),
            asides: Vec::new(),
            required: Vec::new(),
            documents: Vec::new(),
            norms: std::array::from_fn(|field| Norms::new(average(field))),
            phrases: Vec::new(),
            bonus: 0.0,
        };
        lookup.sought = (0..plan.leaves.len()).map(|leaf| lookup.seek(leaf)).collect::<Result<_>>()?;
        lookup.find_phrases()?;
        lookup.weigh()?;
        lookup.weigh_asides()?;
        lookup.required = lookup.required();
        Ok(lookup)
    }

    fn find_phrases(&mut self) -> Result<()> {
        for segment in 0..self.snapshot.segments.len() {
            let mut found = Vec::with_capacity(self.plan.leaves.len());
            for leaf in &self.plan.leaves {
                found.push(self.phrase(segment, leaf)?);
            }
            self.phrases.push(found);
        }
        Ok(())
    }

    fn phrase(&self, segment: usize, leaf: &Leaf) -> Result<Found> {
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

    /// Looks for the terms of a leaf in the dictionaries.
    fn seek(&self, leaf: usize) -> Result<Vec<Sought>> {
        let fields = &self.snapshot.fields;
        let places: &[(Field, usize)] = match self.plan.leaves[leaf].place {
            Place::Anywhere if self.steps.names => &[(fields.body, BODY), (fields.title, TITLE), (fields.path, PATH)],
            Place::Anywhere => &[(fields.body, BODY)],
            Place::Title => &[(fields.title, TITLE)],
            Place::Path => &[(fields.path, PATH)],
            Place::Extension => &[(fields.ext, BODY)],
            Place::Name => &[(fields.name, BODY)],
            Place::Language => &[(fields.lang, BODY)],
        };
        let forms = &self.forms[leaf];
        let parts = places.iter().flat_map(|place| (0..forms.parts.len()).map(move |n| (*place, Whence::Parts(n))));
        let wholes = (0..forms.wholes.len()).map(|n| ((fields.whole, BODY), Whence::Wholes(n)));
        let mut sought = Vec::new();
        for ((field, counts_for), form) in parts.chain(wholes) {
            let term = &forms.at(form).term;
            let segments = 0..self.snapshot.segments.len();
            let infos = segments.map(|segment| self.snapshot.term_info(segment, field, term));
            let infos = infos.collect::<Result<Vec<_>>>()?;
            sought.push(Sought { field, counts_for, form, infos });
        }
        Ok(sought)
    }

    /// The forms of a leaf that stand in the text of a segment's documents, with what its dictionary says of each.
    pub(super) fn in_body(&self, leaf: usize, segment: usize) -> impl Iterator<Item = (&Form, &TermInfo)> {
        let body = self.snapshot.fields.body;
        let in_body = self.sought[leaf].iter().filter(move |sought| sought.field == body);
        in_body.filter_map(move |sought| Some((self.forms[leaf].at(sought.form), sought.infos[segment].as_ref()?)))
    }

    /// The forms by which a leaf is looked for in the text.
    pub(super) fn body_forms(&self, leaf: usize) -> &[Form] {
        &self.forms[leaf].parts
    }

    /// Whether a leaf stands for more forms than it is looked for by.
    pub(super) fn is_cut(&self, leaf: usize) -> bool {
        self.forms[leaf].too_many.is_some()
    }

    /// Whether the question looks for words spelled like one.
    pub(super) fn is_fuzzy(&self) -> bool {
        self.plan.leaves.iter().any(|leaf| matches!(leaf.what, What::Fuzzy(..)) && leaf.weight > 0.0)
    }

    /// Whether a leaf is a word in the text, neither a pattern with many forms nor a phrase.
    pub(super) fn is_word(&self, leaf: usize) -> bool {
        let Leaf { what, place, .. } = &self.plan.leaves[leaf];
        *place == Place::Anywhere && matches!(what, What::Word(_) | What::Exact(_) | What::Acronym { .. })
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
            for Sought { field, counts_for, form, infos } in &self.sought[leaf] {
                let Some(info) = &infos[number] else { continue };
                let inverted = segment.inverted_index(*field).map_err(|error| self.snapshot.engine(error))?;
                let postings = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs);
                let postings = postings.map_err(|error| self.snapshot.engine(error))?;
                let weight = self.forms[leaf].at(*form).weight;
                cursors.push(Cursor { list: List::blocks(postings), weight, field: *counts_for });
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
}
