//! What is told of an answer: notes, what to mark, what a file lacks, what a score consists of.

use super::{BODY, Lookup, Whence};
use crate::Result;
use crate::rank;
use crate::search::closely::Gains;
use crate::search::dictionary::{self, Form, Forms, short};
use crate::search::evaluate::Explained;
use crate::search::plan::{Leaf, Place, What};
use crate::search::{Explanation, Note};
use crate::snippet::{self, Wanted};

/// A list of unknown words that is longer helps nobody.
const MOST_NOTES: usize = 10;

/// A word that no more files have than these may be a name that other files spell otherwise.
const FEW_FILES: u64 = 3;

/// Who has so many answers is not asked whether a name may be spelled otherwise.
const FEW_HITS: u64 = 10;

impl Lookup<'_> {
    /// What the asker should know: words that no file has, patterns that were cut, a run that did not finish.
    ///
    /// `total` is how many files answer.
    pub(in crate::search) fn notes(&self, suggest: bool, total: u64) -> Result<Vec<Note>> {
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

    /// What to mark in a place: what is asked for there, and what may stand anywhere.
    pub(in crate::search) fn wanted(&self, place: Place) -> Wanted {
        let mut wanted = Wanted::default();
        for (n, (leaf, forms)) in self.plan.leaves.iter().zip(&self.forms).enumerate() {
            if leaf.weight == 0.0 || ![Place::Anywhere, place].contains(&leaf.place) {
                continue;
            }
            let weight = rank::idf(self.documents[n][BODY], self.snapshot.documents());
            let terms = |forms: &[Form]| forms.iter().map(|form| form.term.clone()).collect();
            // Where no file has a whole there is no need to look for one, which takes time in texts full of names.
            let known = || {
                let sought = self.sought[n].iter().filter(|sought| sought.infos.iter().any(Option::is_some));
                let wholes = sought.filter_map(|sought| match sought.form {
                    Whence::Wholes(at) => Some(forms.wholes[at].term.clone()),
                    Whence::Parts(_) => None,
                });
                wholes.collect::<Vec<_>>()
            };
            match &leaf.what {
                What::Phrase { terms, slop, joined, .. } => {
                    wanted.phrases.push(snippet::Phrase { weight, terms: terms.clone(), slop: *slop });
                    if !joined.is_empty() {
                        let (parts, wholes) = (joined.clone(), Vec::new());
                        wanted.words.push(snippet::Word { weight, parts, wholes, prefixes: Vec::new() });
                    }
                }
                What::Prefix(prefix) => {
                    let (parts, wholes) = (Vec::new(), known());
                    wanted.words.push(snippet::Word { weight, parts, wholes, prefixes: vec![prefix.clone()] });
                }
                _ => {
                    let (parts, wholes) = (terms(&forms.parts), known());
                    wanted.words.push(snippet::Word { weight, parts, wholes, prefixes: Vec::new() });
                }
            }
        }
        wanted
    }

    /// The words of a short question that a document lacks.
    pub(in crate::search) fn missing(&self, explained: &Explained) -> Vec<String> {
        let lacking = self.plan.units.iter().zip(&explained.units).filter(|(_, has)| !**has);
        lacking.map(|(unit, _)| unit.label.clone()).collect()
    }

    /// What a score consists of.
    pub(in crate::search) fn parts(&self, explained: &Explained, gains: &Gains) -> Vec<(String, f32)> {
        let leaves = self.plan.leaves.iter().zip(&explained.leaves).filter(|(leaf, _)| leaf.weight > 0.0);
        let mut parts: Vec<_> = leaves.map(|(leaf, score)| (leaf.label.clone(), *score)).collect();
        let Gains { asides, nearness, passage, likeness, unseen } = gains;
        let bonus = |has: bool| if has { self.bonus } else { 0.0 };
        parts.extend([
            ("function words".into(), *asides),
            ("words together".into(), *nearness),
            ("best passage".into(), *passage),
            ("files like it".into(), *likeness),
            ("not looked at closely".into(), *unseen),
            ("all words".into(), bonus(explained.has_all)),
            ("its name".into(), bonus(explained.is_named)),
        ]);
        parts.retain(|(_, score)| *score != 0.0);
        parts
    }

    /// What each leaf is looked for by.
    pub(in crate::search) fn explanations(&self) -> Vec<Explanation> {
        let explain = |(n, leaf): (usize, &Leaf)| {
            let Forms { parts, wholes, .. } = &self.forms[n];
            let terms = match &leaf.what {
                What::Phrase { terms, .. } => terms.clone(),
                What::Acronym { .. } => wholes.iter().chain(parts).map(|form| form.term.clone()).collect(),
                _ => parts.iter().map(|form| form.term.clone()).collect(),
            };
            let documents = self.documents[n].iter().copied().max().unwrap_or_default();
            Explanation { label: leaf.label.clone(), documents, weight: self.rarity(n), terms }
        };
        self.plan.leaves.iter().enumerate().map(explain).collect()
    }
}
