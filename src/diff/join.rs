//! Sentences that one text cuts and the other does not, as texts do whose lines are wrapped otherwise.
//!
//! In: two texts, and where their sentences differ. Out: the same with those cuts undone, so that white space makes no
//! difference.

use std::collections::BTreeSet;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::words::{Folder, split};
use super::{Sentence, Text};

/// Stretches of more words are left as they are: words repeat, and comparing many that do takes long.
const MOST_WORDS: usize = 1 << 14;

/// A word, and the sentence it stands in.
type Word = (u64, usize);

/// Undoes the cuts that only one of the texts has between the same words.
pub(super) fn join(a: &mut Text, b: &mut Text, hunks: &[(Range<usize>, Range<usize>)]) {
    let mut folder = Folder::default();
    let (mut joins_a, mut joins_b) = (BTreeSet::new(), BTreeSet::new());
    for (before, after) in hunks.iter().filter(|(before, after)| !before.is_empty() && !after.is_empty()) {
        let count = |text: &Text, range: &Range<usize>| -> usize {
            text.sentences[range.clone()].iter().map(|sentence| sentence.words).sum()
        };
        if count(a, before) + count(b, after) <= MOST_WORDS {
            let (one, other) = (words(&mut folder, a, before), words(&mut folder, b, after));
            same(&one, &other, |p, q| match (cut(&one, p), cut(&other, q)) {
                (Some(sentence), None) => _ = joins_a.insert(sentence),
                (None, Some(sentence)) => _ = joins_b.insert(sentence),
                _ => {}
            });
        }
    }
    joined(&mut folder, a, &joins_a);
    joined(&mut folder, b, &joins_b);
}

fn words(folder: &mut Folder, text: &Text, sentences: &Range<usize>) -> Vec<Word> {
    let mut words = Vec::new();
    for sentence in sentences.clone() {
        let slice = text.slice(sentence);
        words.extend(split(slice).map(|word| (folder.word(&slice[word]), sentence)));
    }
    words
}

/// Calls `each` for words of both that are the same, and behind a word that is.
fn same(one: &[Word], other: &[Word], mut each: impl FnMut(usize, usize)) {
    let mut input = InternedInput::default();
    input.update_before(one.iter().map(|(word, _)| *word));
    input.update_after(other.iter().map(|(word, _)| *word));
    let (mut p, mut q) = (0, 0);
    let end = [(one.len(), one.len(), other.len())];
    let hunks = Diff::compute(Algorithm::Histogram, &input);
    let hunks: Vec<_> = hunks.hunks().map(|hunk| (hunk.before, hunk.after.end as usize)).collect();
    let hunks = hunks.into_iter().map(|(before, end)| (before.start as usize, before.end as usize, end));
    for (start, end, after) in hunks.chain(end) {
        (p + 1..start).zip(q + 1..).for_each(|(p, q)| each(p, q));
        (p, q) = (end, after);
    }
}

/// The sentence that begins with this word.
fn cut(words: &[Word], at: usize) -> Option<usize> {
    let (_, sentence) = words[at];
    (words[at - 1].1 != sentence).then_some(sentence)
}

/// Joins these sentences with the ones before them.
fn joined(folder: &mut Folder, text: &mut Text, joins: &BTreeSet<usize>) {
    if joins.is_empty() {
        return;
    }
    let mut sentences: Vec<Sentence> = Vec::with_capacity(text.sentences.len());
    let mut is_joined = false;
    for (n, sentence) in std::mem::take(&mut text.sentences).into_iter().enumerate() {
        match sentences.last_mut().filter(|_| joins.contains(&n)) {
            Some(last) => {
                (last.range.end, last.end_line) = (sentence.range.end, sentence.end_line);
                is_joined = true;
            }
            None => {
                rekey(folder, &text.text, sentences.last_mut().filter(|_| is_joined));
                is_joined = false;
                sentences.push(sentence);
            }
        }
    }
    rekey(folder, &text.text, sentences.last_mut());
    text.sentences = sentences;
}

fn rekey(folder: &mut Folder, text: &str, sentence: Option<&mut Sentence>) {
    if let Some(sentence) = sentence {
        (sentence.key, sentence.words) = folder.key(&text[sentence.range.clone()]);
    }
}
