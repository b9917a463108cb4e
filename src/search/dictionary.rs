//! From what was typed to the terms that the index holds: inflections, beginnings, patterns, likenesses.
//!
//! Stems are found here and not at ingest: the terms that share a beginning with the word are walked, and those with the
//! same stem kept. The index holds exact forms only, in any language, and an exact form stays exact.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy_fst::{Automaton, Regex};

use super::plan::{Leaf, Place, What};
use crate::analyse::language::Language;
use crate::analyse::stem::Stemmer;
use crate::index::Snapshot;
use crate::rank::INFLECTION_WEIGHT;
use crate::{Error, Result};

/// One term that a leaf is looked for by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    pub(super) term: String,
    /// How much an occurrence counts.
    pub(super) weight: f32,
}

/// A pattern stands for the commonest of its terms, at most so many: each costs a list of postings.
const MOST_FORMS: usize = 256;

/// The terms of a leaf, and whether there would have been more.
#[derive(Debug, Default)]
pub(super) struct Forms {
    pub(super) parts: Vec<Form>,
    pub(super) wholes: Vec<Form>,
    /// Terms that matched a pattern, if more than were kept.
    pub(super) too_many: Option<usize>,
}

/// Looks up what a leaf stands for, phrases apart.
pub(super) fn forms(snapshot: &Snapshot, leaf: &Leaf) -> Result<Forms> {
    let exact = |term: &str| Form { term: term.to_string(), weight: 1.0 };
    Ok(match &leaf.what {
        What::Exact(term) => Forms { parts: vec![exact(term)], ..Forms::default() },
        What::Word(term) => family(snapshot, term, leaf.place)?,
        What::Acronym { whole, part } => {
            let is_known = count(snapshot, snapshot.fields.whole, whole)? > 0;
            match leaf.place == Place::Anywhere && is_known {
                true => Forms { wholes: vec![exact(whole)], ..Forms::default() },
                false => Forms { parts: vec![exact(part)], ..Forms::default() },
            }
        }
        What::Prefix(prefix) => pattern(snapshot, leaf.place, Walk::<Regex>::Prefix(prefix), |_| 1.0)?,
        What::Wildcard(wildcard) => {
            let regex = regex(&wildcard_regex(wildcard), leaf)?;
            pattern(snapshot, leaf.place, Walk::Automaton(&regex), |_| 1.0)?
        }
        What::Regex(source) => {
            // Whole terms are matched anyway.
            let source = source.strip_prefix('^').unwrap_or(source);
            let regex = regex(source.strip_suffix('$').unwrap_or(source), leaf)?;
            pattern(snapshot, leaf.place, Walk::Automaton(&regex), |_| 1.0)?
        }
        What::Fuzzy(term, distance) => fuzzy(snapshot, leaf.place, term, *distance)?,
        What::Phrase { joined, .. } => {
            let mut forms = Forms::default();
            for term in joined {
                forms.parts.extend(family(snapshot, term, leaf.place)?.parts);
            }
            forms
        }
    })
}

/// The fields in which the terms of a place are looked up.
fn fields(snapshot: &Snapshot, place: Place) -> Vec<Field> {
    let fields = &snapshot.fields;
    match place {
        Place::Anywhere => vec![fields.body, fields.path],
        Place::Title => vec![fields.title],
        Place::Path => vec![fields.path],
        Place::Extension => vec![fields.ext],
        Place::Name => vec![fields.name],
    }
}

/// A word with everything that has the same stem.
fn family(snapshot: &Snapshot, word: &str, place: Place) -> Result<Forms> {
    let family = Stemmer::of(Language::English).and_then(|stemmer| stemmer.family(word));
    let found = |fields: &[Field]| -> Result<Vec<Form>> {
        let mut forms = vec![Form { term: word.to_string(), weight: 1.0 }];
        if let Some(family) = &family {
            let mut terms = BTreeMap::new();
            for (field, prefix) in fields.iter().flat_map(|field| family.prefixes().iter().map(move |p| (field, p))) {
                walk(snapshot, *field, Walk::<Regex>::Prefix(prefix), |term| family.has(term), &mut terms)?;
            }
            for stray in family.strays() {
                terms.insert(stray.to_string(), 0);
            }
            terms.remove(word);
            forms.extend(terms.into_keys().map(|term| Form { term, weight: INFLECTION_WEIGHT }));
        }
        Ok(forms)
    };
    let parts = found(&fields(snapshot, place))?;
    let wholes = if place == Place::Anywhere { found(&[snapshot.fields.whole])? } else { Vec::new() };
    Ok(Forms { parts, wholes, too_many: None })
}

/// The terms a pattern matches, the commonest if they are too many, weighted by `weight`.
fn pattern<A: Automaton>(
    snapshot: &Snapshot,
    place: Place,
    by: Walk<'_, A>,
    weight: impl Fn(&str) -> f32,
) -> Result<Forms>
where
    A::State: Clone,
{
    let mut forms = Forms::default();
    let mut total = 0;
    let mut kept = |fields: &[Field]| -> Result<Vec<Form>> {
        let mut terms = BTreeMap::new();
        for field in fields {
            walk(snapshot, *field, by, |term| term != crate::index::FOLDER_END, &mut terms)?;
        }
        total += terms.len();
        let mut terms: Vec<_> = terms.into_iter().collect();
        terms.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
        terms.truncate(MOST_FORMS);
        Ok(terms.into_iter().map(|(term, _)| Form { weight: weight(&term), term }).collect())
    };
    forms.parts = kept(&fields(snapshot, place))?;
    if place == Place::Anywhere {
        forms.wholes = kept(&[snapshot.fields.whole])?;
    }
    let is_cut = total > forms.parts.len() + forms.wholes.len();
    forms.too_many = is_cut.then_some(total);
    Ok(forms)
}

/// The commonest terms that begin with `prefix`.
pub(super) fn beginning_with(snapshot: &Snapshot, place: Place, prefix: &str) -> Result<Vec<String>> {
    let found = pattern(snapshot, place, Walk::<Regex>::Prefix(prefix), |_| 1.0)?;
    Ok(found.parts.into_iter().map(|form| form.term).collect())
}

/// Words like `term`: the fewer letters differ, the more they count.
fn fuzzy(snapshot: &Snapshot, place: Place, term: &str, distance: Option<u8>) -> Result<Forms> {
    // Short words are all like each other.
    let distance = distance.unwrap_or(if term.chars().count() < 5 { 1 } else { 2 });
    let mut forms = Forms { parts: vec![Form { term: term.to_string(), weight: 1.0 }], ..Forms::default() };
    for away in 1..=distance {
        let automaton = likeness(term, away)?;
        let found = pattern(snapshot, place, Walk::Automaton(&automaton), |_| 0.5_f32.powi(away.into()))?;
        forms.too_many = forms.too_many.or(found.too_many);
        for form in found.parts {
            if forms.parts.iter().all(|known| known.term != form.term) {
                forms.parts.push(form);
            }
        }
    }
    Ok(forms)
}

/// The terms most like `word` that the index holds, commonest first: what the asker may have meant.
pub(super) fn nearest(snapshot: &Snapshot, place: Place, word: &str) -> Result<Vec<String>> {
    let distances = if word.chars().count() < 4 { 1..=1 } else { 1..=2 };
    for away in distances {
        let automaton = likeness(word, away)?;
        let found = pattern(snapshot, place, Walk::Automaton(&automaton), |_| 1.0)?;
        if !found.parts.is_empty() {
            return Ok(found.parts.into_iter().take(3).map(|form| form.term).collect());
        }
    }
    Ok(Vec::new())
}

/// What accepts the words at most `distance` edits from `term`, a swap of neighbours being one.
fn likeness(term: &str, distance: u8) -> Result<impl Automaton<State: Clone>> {
    let term = tantivy::Term::from_field_text(Field::from_field_id(0), term);
    let query = FuzzyTermQuery::new(term, distance, true);
    query.automaton().map_err(|error| Error::Part { message: error.to_string(), start: 0 })
}

fn regex(pattern: &str, leaf: &Leaf) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| {
        let why = error.to_string();
        let why = why.lines().next_back().unwrap_or_default().trim_start_matches("error: ").to_string();
        Error::Part { message: format!("`{}` cannot be used as a pattern: {why}", leaf.label), start: leaf.start }
    })
}

/// The regular expression of a pattern with `*` and `?`.
fn wildcard_regex(pattern: &str) -> String {
    let mut regex = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => regex.extend(chars.next().map(escaped)),
            c => regex.push_str(&escaped(c)),
        }
    }
    regex
}

fn escaped(c: char) -> String {
    if c.is_alphanumeric() || c == '_' { c.to_string() } else { format!("\\{c}") }
}

/// Which terms of a dictionary are looked at.
enum Walk<'a, A = Regex> {
    Prefix(&'a str),
    Automaton(&'a A),
}

impl<A> Clone for Walk<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Walk<'_, A> {}

/// Adds to `terms` what `keep` lets through, with the number of documents.
fn walk<A: Automaton>(
    snapshot: &Snapshot,
    field: Field,
    by: Walk<'_, A>,
    keep: impl Fn(&str) -> bool,
    terms: &mut BTreeMap<String, u64>,
) -> Result<()>
where
    A::State: Clone,
{
    let mut take = |key: &[u8], documents: u32| {
        if let Ok(term) = std::str::from_utf8(key)
            && keep(term)
        {
            *terms.entry(term.to_string()).or_default() += u64::from(documents);
        }
    };
    for segment in &snapshot.segments {
        let inverted = segment.inverted_index(field).map_err(|error| snapshot.engine(error))?;
        let dictionary: &TermDictionary = inverted.terms();
        let failed = |error: std::io::Error| snapshot.engine(error);
        match by {
            Walk::Prefix(prefix) => {
                let range = dictionary.range().ge(prefix);
                let range = match after(prefix) {
                    Some(end) => range.lt(end),
                    None => range,
                };
                let mut stream = range.into_stream().map_err(failed)?;
                while let Some((key, info)) = stream.next() {
                    take(key, info.doc_freq);
                }
            }
            Walk::Automaton(automaton) => {
                let mut stream = dictionary.search(automaton).into_stream().map_err(failed)?;
                while let Some((key, info)) = stream.next() {
                    take(key, info.doc_freq);
                }
            }
        }
    }
    Ok(())
}

/// The least byte string after all that begin with `prefix`.
fn after(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// How many documents have `term` in `field`.
pub(super) fn count(snapshot: &Snapshot, field: Field, term: &str) -> Result<u64> {
    snapshot.segments.iter().map(|segment| snapshot.living_with(segment, field, term)).sum()
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
    fn a_wildcard_becomes_a_regular_expression_over_whole_terms() {
        for (pattern, expected) in [("niam?y", "niam.y"), ("*stan", ".*stan"), ("a.b*", "a\\.b.*"), (r"a\*b", "a\\*b")]
        {
            assert_eq!(wildcard_regex(pattern), expected);
        }
    }
}
