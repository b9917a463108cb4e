//! From what was typed to the terms that the index holds: inflections, beginnings, patterns, other spellings.
//!
//! Stems are found here and not at ingest: the terms that share a beginning with the word are walked, and those with the
//! same stem kept. The index holds exact forms only, in any language, and an exact form stays exact.

use std::collections::{BTreeSet, HashMap};

use tantivy::postings::TermInfo;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy_fst::Automaton;

use super::languages::Languages;
use super::pattern::Pattern;
use super::plan::{Leaf, Place, What};
use super::spelling::{EDIT_WEIGHT, Respelled, distance};
use super::terms::{self, AlwaysMatch, Effort};
use crate::analyse::language::Language;
use crate::analyse::stem::{Family, Stemmer};
use crate::analyse::{Analyzer, Kind, function_words};
use crate::index::{FOLDER_END, Snapshot};
use crate::rank::INFLECTION_WEIGHT;
use crate::{Error, Result};

/// One term that a leaf is looked for by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    pub(super) term: String,
    /// How much an occurrence counts.
    pub(super) weight: f32,
}

/// The terms of a leaf, and whether there would have been more.
#[derive(Debug, Default)]
pub(super) struct Forms {
    pub(super) parts: Vec<Form>,
    pub(super) wholes: Vec<Form>,
    /// Terms that matched a pattern, if more than were kept.
    pub(super) too_many: Option<usize>,
}

/// Looks up what a leaf stands for, phrases apart.
pub(super) fn forms(snapshot: &Snapshot, languages: &Languages<'_>, leaf: &Leaf, effort: &Effort) -> Result<Forms> {
    if is_pattern(&leaf.what) && !effort.begin_pattern() {
        let label = short(&leaf.label);
        let message = format!("`{label}` is one pattern too many for an index of this size: ask for fewer at once");
        return Err(Error::Part { message, start: leaf.start });
    }
    let exact = |term: &str| Form { term: term.to_string(), weight: 1.0 };
    Ok(match &leaf.what {
        What::Exact(term) => Forms { parts: vec![exact(term)], ..Forms::default() },
        What::Word(term) => family(snapshot, languages, term, leaf.place)?,
        What::Acronym { whole, part } => {
            let is_known = snapshot.living_with(snapshot.fields.whole, whole)? > 0;
            match leaf.place == Place::Anywhere && is_known {
                true => Forms { wholes: vec![exact(whole)], ..Forms::default() },
                false => Forms { parts: vec![exact(part)], ..Forms::default() },
            }
        }
        What::Prefix(prefix) => pattern(snapshot, leaf.place, &beginning(prefix), effort)?,
        What::Wildcard(wildcard) => matching(snapshot, leaf, Pattern::wildcard(&folded(wildcard)), effort)?,
        What::Regex(source) => matching(snapshot, leaf, Pattern::regex(source), effort)?,
        What::Fuzzy(term, distance) => fuzzy(snapshot, leaf.place, term, *distance, effort)?,
        What::Phrase { joined, .. } => {
            let mut forms = Forms::default();
            for term in joined {
                forms.parts.extend(family(snapshot, languages, term, leaf.place)?.parts);
            }
            forms
        }
    })
}

/// As much of what was typed as a line on a terminal can repeat.
pub(super) fn short(label: &str) -> String {
    const MOST_CHARS: usize = 60;
    match label.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_string(),
    }
}

/// Whether a leaf stands for terms that have to be searched for.
pub(super) fn is_pattern(what: &What) -> bool {
    match what {
        What::Prefix(_) | What::Wildcard(_) | What::Regex(_) | What::Fuzzy(..) => true,
        What::Phrase { is_prefix, .. } => *is_prefix,
        What::Word(_) | What::Acronym { .. } | What::Exact(_) => false,
    }
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
        Place::Language => vec![fields.lang],
    }
}

/// A word with everything that has the same stem in one of its languages.
fn family(snapshot: &Snapshot, languages: &Languages<'_>, word: &str, place: Place) -> Result<Forms> {
    let found_in = languages.of_word(word)?;
    let families: Vec<Family> =
        found_in.into_iter().filter_map(Stemmer::of).filter_map(|stemmer| stemmer.family(word)).collect();
    // Whether each term is kin, which takes a stem to tell: most stand in several dictionaries.
    let mut known: Vec<HashMap<Vec<u8>, bool>> = vec![HashMap::new(); families.len()];
    let mut found = |fields: &[Field]| -> Result<Vec<Form>> {
        let mut terms = BTreeSet::new();
        for (family, known) in families.iter().zip(&mut known) {
            // A stem may take a word for one of those that hold sentences together: their, of the.
            let is_kin = |term: &str| family.has(term) && !function_words::is_one_of(family.language(), term);
            let mut take = |key: &[u8]| {
                let is_kin = match known.get(key) {
                    Some(is_kin) => *is_kin,
                    None => {
                        let is_kin = std::str::from_utf8(key).is_ok_and(is_kin);
                        known.insert(key.to_vec(), is_kin);
                        is_kin
                    }
                };
                if is_kin {
                    terms.insert(String::from_utf8_lossy(key).into_owned());
                }
            };
            for (field, prefix) in fields.iter().flat_map(|field| family.prefixes().iter().map(move |p| (field, p))) {
                walk(snapshot, *field, prefix, &mut take)?;
            }
            terms.extend(family.strays().iter().map(|stray| stray.to_string()));
        }
        terms.remove(word);
        let exact = Form { term: word.to_string(), weight: 1.0 };
        let kin = terms.into_iter().map(|term| Form { term, weight: INFLECTION_WEIGHT });
        Ok(std::iter::once(exact).chain(kin).collect())
    };
    let parts = found(&fields(snapshot, place))?;
    let wholes = if place == Place::Anywhere { found(&[snapshot.fields.whole])? } else { Vec::new() };
    Ok(Forms { parts, wholes, too_many: None })
}

/// The terms that a walk comes by, the commonest if they are too many: they leave out the fewest files.
fn pattern<A: Automaton<State: Clone>>(
    snapshot: &Snapshot,
    place: Place,
    walk: &terms::Walk<'_, A>,
    effort: &Effort,
) -> Result<Forms> {
    let mut total = 0;
    let mut kept = |fields: &[Field]| -> Result<Vec<Form>> {
        let grade = |term: &str| (term != FOLDER_END).then_some(0);
        let (found, count) = terms::best(snapshot, fields, walk, (effort.most_forms, effort), grade)?;
        total += count;
        Ok(found.into_iter().map(|found| Form { term: found.term, weight: 1.0 }).collect())
    };
    let parts = kept(&fields(snapshot, place))?;
    let wholes = if place == Place::Anywhere { kept(&[snapshot.fields.whole])? } else { Vec::new() };
    let is_cut = total > parts.len() + wholes.len();
    Ok(Forms { parts, wholes, too_many: is_cut.then_some(total) })
}

/// The terms that a wildcard or a regular expression matches.
fn matching(
    snapshot: &Snapshot,
    leaf: &Leaf,
    built: std::result::Result<Pattern, String>,
    effort: &Effort,
) -> Result<Forms> {
    let refused = |why: String| Error::Part {
        message: format!("`{}` cannot be used as a pattern: {why}", short(&leaf.label)),
        start: leaf.start,
    };
    let automaton = built.map_err(refused)?;
    let forms = pattern(snapshot, leaf.place, &terms::Walk { prefix: "", automaton: &automaton }, effort)?;
    automaton.exhausted().map_err(refused)?;
    Ok(forms)
}

/// A wildcard spelled as terms are: each run of letters between its stars and question marks folded.
fn folded(wildcard: &str) -> String {
    let mut analyzer = Analyzer::new();
    let mut fold = |run: &str| {
        let mut parts = Vec::new();
        analyzer.tokens(run, |token| {
            if token.kind == Kind::Part {
                parts.push(token.term.to_string());
            }
        });
        // Several parts, or none, are not for a term to hold; as typed they find what they can.
        if parts.len() == 1 { parts.remove(0) } else { run.to_lowercase() }
    };
    let mut folded = String::new();
    let mut run = String::new();
    for c in wildcard.chars() {
        if c.is_alphanumeric() {
            run.push(c);
            continue;
        }
        folded.push_str(&fold(&std::mem::take(&mut run)));
        folded.push(c);
    }
    folded + &fold(&run)
}

fn beginning(prefix: &str) -> terms::Walk<'_, AlwaysMatch> {
    terms::Walk { prefix, automaton: &AlwaysMatch }
}

/// The commonest terms that begin with `prefix`.
pub(super) fn beginning_with(snapshot: &Snapshot, place: Place, prefix: &str, effort: &Effort) -> Result<Vec<String>> {
    let found = pattern(snapshot, place, &beginning(prefix), effort)?;
    Ok(found.parts.into_iter().map(|form| form.term).collect())
}

/// Words like `term`, the nearest first, then the commonest. Unless a distance is given, names spelled otherwise are among
/// them however many letters that takes.
fn fuzzy(snapshot: &Snapshot, place: Place, term: &str, asked: Option<u8>, effort: &Effort) -> Result<Forms> {
    let most = asked.unwrap_or(reach(term));
    let fields = fields(snapshot, place);
    let automaton = spelled_like(term, most)?;
    let away = |other: &str| (other != term).then(|| distance(term, other) as u8);
    let walk = terms::Walk { prefix: "", automaton: &automaton };
    let (mut found, total) = terms::best(snapshot, &fields, &walk, (effort.most_forms, effort), away)?;
    let is_cut = total > found.len();
    if asked.is_none() {
        for other in respelled(snapshot, &fields, term, effort)? {
            if found.iter().all(|known| known.term != other.term) {
                found.push(other);
            }
        }
    }
    let mut parts = vec![Form { term: term.to_string(), weight: 1.0 }];
    let weight = |grade: u8| EDIT_WEIGHT.powi(grade.min(2).into());
    parts.extend(found.into_iter().map(|found| Form { weight: weight(found.grade), term: found.term }));
    Ok(Forms { parts, wholes: Vec::new(), too_many: is_cut.then_some(total + 1) })
}

/// How many edits away a word may be like `term` unless that is said: short words are all like each other.
fn reach(term: &str) -> u8 {
    if term.chars().count() < 5 { 1 } else { 2 }
}

/// At most so many suggestions are made.
const MOST_SUGGESTIONS: usize = 3;

/// The terms most like `word` that the index holds: what the asker may have meant. The nearest come first, then those with
/// the same first letter, which is seldom mistyped (Pollock and Zamora, "Automatic Spelling Correction", 1984), then the
/// commonest.
pub(super) fn nearest(snapshot: &Snapshot, place: Place, word: &str, effort: &Effort) -> Result<Vec<String>> {
    let first = word.chars().next();
    let is_alphabetic = |term: &str| term.chars().all(char::is_alphabetic);
    let grade = |term: &str| {
        let is_word = term != FOLDER_END && term.len() > 1 && (!is_alphabetic(word) || is_alphabetic(term));
        is_word.then(|| 2 * distance(word, term) as u8 + u8::from(term.chars().next() != first))
    };
    let most = if word.chars().count() < 4 { 1 } else { 2 };
    for away in 1..=most {
        let automaton = spelled_like(word, away)?;
        let walk = terms::Walk { prefix: "", automaton: &automaton };
        let (found, _) = terms::best(snapshot, &fields(snapshot, place), &walk, (MOST_SUGGESTIONS, effort), grade)?;
        if found.len() == MOST_SUGGESTIONS || away == most {
            return Ok(found.into_iter().map(|found| found.term).collect());
        }
    }
    Ok(Vec::new())
}

/// Other spellings of what is probably the same name, the nearest first; their grade is the number of edits.
fn respelled(snapshot: &Snapshot, fields: &[Field], word: &str, effort: &Effort) -> Result<Vec<terms::Found>> {
    let Some(automaton) = Respelled::new(word) else { return Ok(Vec::new()) };
    let family = Stemmer::of(Language::English).and_then(|stemmer| stemmer.family(word));
    let grade = |term: &str| {
        let is_other = automaton.is_near(term) && !family.as_ref().is_some_and(|family| family.has(term));
        is_other.then(|| distance(word, term) as u8)
    };
    let walk = terms::Walk { prefix: "", automaton: &automaton };
    Ok(terms::best(snapshot, fields, &walk, (MOST_SUGGESTIONS, effort), grade)?.0)
}

/// A name that more files have than one in so many is a word like others, and no other spelling of a rare one.
const COMMON_SHARE: u64 = 20;

/// How `word`, if it is a name, is also spelled.
pub(super) fn other_spellings(snapshot: &Snapshot, place: Place, word: &str, effort: &Effort) -> Result<Vec<String>> {
    let most = (snapshot.documents() / COMMON_SHARE).max(10);
    let found = respelled(snapshot, &fields(snapshot, place), word, effort)?;
    Ok(found.into_iter().filter(|found| found.documents.0 <= most).map(|found| found.term).collect())
}

/// What accepts the words at most `distance` edits from `term`, a swap of neighbours being one.
fn spelled_like(term: &str, distance: u8) -> Result<impl Automaton<State: Clone>> {
    let term = tantivy::Term::from_field_text(Field::from_field_id(0), term);
    let query = FuzzyTermQuery::new(term, distance, true);
    query.automaton().map_err(|error| Error::Part { message: error.to_string(), start: 0 })
}

/// Hands each term of the segments that begins with `prefix` to `take`, once a segment.
fn walk(snapshot: &Snapshot, field: Field, prefix: &str, mut take: impl FnMut(&[u8])) -> Result<()> {
    for dictionary in &snapshot.dictionaries {
        let each = |term: &[u8], _: &TermInfo| {
            take(term);
            true
        };
        dictionary.walk(field, prefix.as_bytes(), each).map_err(|error| snapshot.engine(error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_folded_around_its_signs() {
        let rows = [("Niam?y", "niam?y"), ("*café", "*cafe"), ("Škod*", "skod*"), (r"a\*b", r"a\*b"), ("a.b*", "a.b*")];
        for (wildcard, expected) in rows {
            assert_eq!(folded(wildcard), expected);
        }
    }
}
