//! Words that hardly any file has, in other words: what is written in one is looked for as several, and the other way.
//!
//! `parsehttpheader` finds `parse_http_header`: the index holds such names by their parts alone, since their wholes would be
//! a tenth of it. `drone-bases` finds "bases for a drone", if no file has the two side by side. In: a plan. Out: the same
//! plan with such words replaced.

use std::cmp::Ordering;

use tantivy::schema::Field;

use super::dictionary;
use super::languages::Languages;
use super::phrase::{self, Phrase};
use super::plan::{Leaf, Place, Plan, Tree, What};
use super::terms::Effort;
use crate::Result;
use crate::analyse::function_words;
use crate::index::Snapshot;

/// Words that more files have are words of their own.
const MOST_FILES: u64 = 3;
/// Shorter words are seldom made of others.
const LEAST_LETTERS: usize = 6;
/// Longer ones cost too much to look at; no name that is typed has so many.
const MOST_LETTERS: usize = 48;
/// What a word is made of has so many letters at least; more where some file has the word itself: `together` is hardly
/// to get her then.
const PART_LETTERS: [usize; 2] = [2, 3];
/// The longest part that is looked for.
const LONGEST_PART: usize = 20;
/// So many ways to split a word are looked for in the files.
const WAYS: usize = 4;
/// So many words of a question are looked at.
const MOST_WORDS: usize = 8;

/// Finds for each word that few files have what it may be made of.
pub(super) fn words(snapshot: &Snapshot, languages: &Languages<'_>, plan: &mut Plan, effort: &Effort) -> Result<()> {
    let mut looked_at = 0;
    for number in 0..plan.leaves.len() {
        let leaf = plan.leaves[number].clone();
        let What::Word(word) = &leaf.what else { continue };
        if leaf.place != Place::Anywhere || leaf.weight == 0.0 || looked_at == MOST_WORDS || !may_be_several(word) {
            continue;
        }
        let body = snapshot.fields.body;
        let files = files(snapshot, body, word)?;
        if files > MOST_FILES {
            continue;
        }
        looked_at += 1;
        // A word that files write in one and never in parts is no row of the smallest words: therapist.
        let is_plain = files > 0 && self::files(snapshot, snapshot.fields.whole, word)? == 0;
        let Some(terms) = row(snapshot, word, PART_LETTERS[usize::from(files > 0)], is_plain, effort)? else {
            continue;
        };
        let what = What::Phrase { terms, slop: None, is_prefix: false, joined: Vec::new(), is_compound: false };
        let row = Leaf { what, ..leaf.clone() };
        if is_unknown(snapshot, languages, &leaf, effort)? {
            plan.leaves[number] = row;
        } else {
            plan.leaves.push(row);
            let either = Tree::Or(vec![Tree::Leaf(number), Tree::Leaf(plan.leaves.len() - 1)]);
            replace(&mut plan.tree, number, &either);
            plan.units.iter_mut().for_each(|unit| replace(&mut unit.tree, number, &either));
        }
    }
    Ok(())
}

/// Puts the parts of a compound that stands in no file, each with its inflections, in its place, if the question has other
/// words beside it: alone it is not found rather than mistaken.
pub(super) fn compounds(snapshot: &Snapshot, plan: &mut Plan, effort: &Effort) -> Result<()> {
    if plan.units.len() < 2 {
        return Ok(());
    }
    for number in 0..plan.leaves.len().min(MOST_WORDS) {
        let leaf = plan.leaves[number].clone();
        let What::Phrase { terms, joined, is_compound: true, .. } = &leaf.what else { continue };
        // The parts of a version say nothing by themselves.
        let has_number = terms.iter().any(|term| term.bytes().all(|byte| byte.is_ascii_digit()));
        if leaf.place != Place::Anywhere || leaf.weight == 0.0 || has_number {
            continue;
        }
        let slots: Vec<Vec<String>> = terms.iter().map(|term| vec![term.clone()]).collect();
        let fields = [snapshot.fields.body, snapshot.fields.title, snapshot.fields.path];
        let mut is_known =
            !effort.begin_phrase() || phrase::stands(snapshot, &fields, &Phrase { slots: &slots, slop: None }, effort)?;
        for term in joined {
            is_known |=
                files(snapshot, snapshot.fields.body, term)? + files(snapshot, snapshot.fields.whole, term)? > 0;
        }
        if is_known {
            continue;
        }
        let first = plan.leaves.len();
        plan.leaves.extend(terms.iter().map(|term| Leaf {
            label: term.clone(),
            what: What::Word(term.clone()),
            ..leaf.clone()
        }));
        plan.leaves[number].weight = 0.0;
        let parts: Vec<usize> = (first..plan.leaves.len()).collect();
        let all = Tree::And(parts.iter().map(|part| Tree::Leaf(*part)).collect());
        replace(&mut plan.tree, number, &all);
        plan.units.iter_mut().for_each(|unit| replace(&mut unit.tree, number, &all));
        let sequence = plan.sequence.iter();
        let put = |leaf: &Option<usize>| match leaf {
            Some(leaf) if *leaf == number => parts.iter().copied().map(Some).collect(),
            other => vec![*other],
        };
        plan.sequence = sequence.flat_map(put).collect();
    }
    Ok(())
}

fn may_be_several(word: &str) -> bool {
    let letters = word.chars().filter(|ch| ch.is_alphabetic()).count();
    let is_plain = word.chars().all(|ch| ch.is_alphanumeric() && !crate::analyse::is_unspaced(ch));
    is_plain && (LEAST_LETTERS..=MOST_LETTERS).contains(&letters) && word.len() < crate::analyse::MAX_TERM_BYTES
}

/// How many files have `term`.
fn files(snapshot: &Snapshot, field: Field, term: &str) -> Result<u64> {
    snapshot.living_with(field, term)
}

/// Whether no file has the word or an inflection of it, in any field.
fn is_unknown(snapshot: &Snapshot, languages: &Languages<'_>, leaf: &Leaf, effort: &Effort) -> Result<bool> {
    let forms = dictionary::forms(snapshot, languages, leaf, effort)?;
    let fields = &snapshot.fields;
    for form in &forms.parts {
        for field in [fields.body, fields.title, fields.path] {
            if files(snapshot, field, &form.term)? > 0 {
                return Ok(false);
            }
        }
    }
    for form in &forms.wholes {
        if files(snapshot, fields.whole, &form.term)? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The likeliest row of terms that spell `word` and stand side by side in some file.
fn row(snapshot: &Snapshot, word: &str, least: usize, is_plain: bool, effort: &Effort) -> Result<Option<Vec<String>>> {
    let field = snapshot.fields.body;
    for terms in ways(word, least, |part| files(snapshot, field, part), snapshot.documents())? {
        if is_plain && terms.iter().any(|term| function_words::is_one(term)) {
            continue;
        }
        let slots: Vec<Vec<String>> = terms.iter().map(|term| vec![term.clone()]).collect();
        if effort.begin_phrase() && phrase::stands(snapshot, &[field], &Phrase { slots: &slots, slop: None }, effort)? {
            return Ok(Some(terms));
        }
    }
    Ok(None)
}

/// One way to split the beginning of a word: how unlikely it is, and where its parts end.
type Way = (f64, Vec<usize>);

/// The likeliest ways to split `word` into terms that files have, as if terms followed each other by chance.
fn ways(
    word: &str,
    least: usize,
    mut files: impl FnMut(&str) -> Result<u64>,
    documents: u64,
) -> Result<Vec<Vec<String>>> {
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    let mut best: Vec<Vec<Way>> = vec![Vec::new(); ends.len()];
    best[0].push((0.0, Vec::new()));
    for to in least..ends.len() {
        let mut ways: Vec<Way> = Vec::new();
        for from in to.saturating_sub(LONGEST_PART)..=to - least {
            let is_all = from == 0 && to == ends.len() - 1;
            if best[from].is_empty() || is_all {
                continue;
            }
            let found = files(&word[ends[from]..ends[to]])?;
            if found > 0 {
                let cost = 1.0 + ((documents + 1) as f64 / found as f64).ln().max(0.0);
                ways.extend(best[from].iter().map(|(sum, ends)| (sum + cost, [&ends[..], &[to]].concat())));
            }
        }
        ways.sort_by(|one, other| one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal).then(one.1.cmp(&other.1)));
        ways.truncate(WAYS);
        best[to] = ways;
    }
    let terms = |(_, parts): Way| {
        let starts = [0].into_iter().chain(parts.clone());
        starts.zip(&parts).map(|(from, to)| word[ends[from]..ends[*to]].to_string()).collect()
    };
    Ok(best.pop().unwrap_or_default().into_iter().map(terms).collect())
}

/// Puts `either` in the place of a leaf.
fn replace(tree: &mut Tree, leaf: usize, either: &Tree) {
    match tree {
        Tree::Leaf(number) if *number == leaf => *tree = either.clone(),
        Tree::And(trees) | Tree::Or(trees) => trees.iter_mut().for_each(|tree| replace(tree, leaf, either)),
        Tree::Not(tree) => replace(tree, leaf, either),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_split_into_the_commonest_words() {
        let known =
            [("parse", 900), ("http", 500), ("header", 700), ("parsehttp", 1), ("head", 300), ("er", 20), ("the", 999)];
        let files = |term: &str| Ok(known.iter().find(|(word, _)| *word == term).map_or(0, |(_, files)| *files));
        let first = |word: &str, least| ways(word, least, files, 1000).unwrap().first().map(|terms| terms.join(" "));
        for (word, least, expected) in [
            ("parsehttpheader", 2, Some("parse http header")),
            ("parsehead", 3, Some("parse head")),
            ("header", 3, None),
            ("header", 2, Some("head er")),
            ("parsex", 2, None),
            ("xparse", 2, None),
        ] {
            assert_eq!(first(word, least).as_deref(), expected, "{word}");
        }
    }
}
