//! Which languages the words of a question are of: those of the files that hold them.
//!
//! A question does not say its language, and a tree may hold several. What a word inflects like, and whether it only
//! holds a sentence together, is decided by where it stands: `die` in German files is an article, in English ones a verb.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::HashMap;

use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, SegmentReader, TERMINATED};

use crate::Result;
use crate::analyse::function_words;
use crate::analyse::language::Language;
use crate::index::Snapshot;

/// A word is of a language if one in so many of the files that hold it is. Below that it is a name, a quotation, or a
/// file whose language was mistaken (one in forty is).
const LEAST_SHARE: u64 = 10;

/// Words of a longer question beyond so many are taken for words of all languages of the index: to look each up would cost
/// more than it gives.
const MOST_WORDS: usize = 64;

/// The languages of an index.
pub(super) struct Languages<'a> {
    snapshot: &'a Snapshot,
    /// With how many documents there are of each, most first.
    known: Vec<(Language, u64)>,
    /// What the dictionary of each segment says of them.
    infos: Vec<Vec<Option<TermInfo>>>,
    words: RefCell<HashMap<String, Vec<Language>>>,
}

impl<'a> Languages<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Result<Languages<'a>> {
        let codes = snapshot.language_codes()?;
        let (mut known, mut infos) = (Vec::new(), vec![Vec::new(); snapshot.segments.len()]);
        for (language, documents, of_segments) in codes {
            known.push((language, documents));
            infos.iter_mut().zip(of_segments).for_each(|(infos, info)| infos.push(info));
        }
        Ok(Languages { snapshot, known, infos, words: RefCell::default() })
    }

    /// The languages of a word, that of the most files first; English for one in files of no language; all that the index holds for a word that no file
    /// has.
    pub(super) fn of_word(&self, term: &str) -> Result<Vec<Language>> {
        if self.known.iter().all(|(language, _)| *language == Language::English) {
            return Ok(vec![Language::English]);
        }
        if let Some(known) = self.words.borrow().get(term) {
            return Ok(known.clone());
        }
        if self.words.borrow().len() == MOST_WORDS {
            return Ok(self.all());
        }
        let found = self.look_up(term)?;
        self.words.borrow_mut().insert(term.to_string(), found.clone());
        Ok(found)
    }

    fn all(&self) -> Vec<Language> {
        let others = self.known.iter().map(|(language, _)| *language).filter(|language| *language != Language::English);
        std::iter::once(Language::English).chain(others).collect()
    }

    fn look_up(&self, term: &str) -> Result<Vec<Language>> {
        let body = self.snapshot.fields.body;
        let (mut files, mut counts, mut found_in) = (0, vec![0; self.known.len()], Vec::new());
        for segment in 0..self.infos.len() {
            let Some(info) = self.snapshot.term_info(segment, body, term)? else { continue };
            files += self.snapshot.living(segment, body, Some(&info))?;
            found_in.push((segment, info));
        }
        // Of a language with few files most words are none.
        let may_be =
            |(language, of_it): &(Language, u64)| *language != Language::English && of_it * LEAST_SHARE >= files;
        for (segment, info) in found_in.iter().filter(|_| self.known.iter().any(may_be)) {
            let word = self.snapshot.postings(*segment, body, info, IndexRecordOption::Basic)?;
            for ((count, known), info) in counts.iter_mut().zip(&self.known).zip(&self.infos[*segment]) {
                if let Some(info) = info.as_ref().filter(|_| may_be(known)) {
                    let others = self.of_language(*segment, info)?;
                    *count += together(&self.snapshot.segments[*segment], word.clone(), others);
                }
            }
        }
        if files == 0 {
            return Ok(self.all());
        }
        let foreign: u64 = counts.iter().sum();
        let english = (Language::English, files.saturating_sub(foreign));
        let counted = self.known.iter().map(|(language, _)| *language).zip(counts).chain([english]);
        let mut found: Vec<_> = counted.filter(|(_, count)| *count > 0 && count * LEAST_SHARE >= files).collect();
        found.sort_by_key(|(language, count)| (Reverse(*count), *language));
        Ok(found.into_iter().map(|(language, _)| language).collect())
    }

    fn of_language(&self, segment: usize, info: &TermInfo) -> Result<SegmentPostings> {
        self.snapshot.postings(segment, self.snapshot.fields.lang, info, IndexRecordOption::Basic)
    }

    /// Whether a word only holds sentences together, in the language of most of the files that have it.
    pub(super) fn is_function_word(&self, term: &str) -> Result<bool> {
        let is_listed = |language: &Language| function_words::is_one_of(*language, term);
        // The lists of languages that the index does not hold are not looked at: a pasted book has many words.
        let known = self.known.iter().map(|(language, _)| language);
        if !known.chain([&Language::English]).any(is_listed) {
            return Ok(false);
        }
        Ok(self.of_word(term)?.first().is_some_and(is_listed))
    }

    /// The languages of documents, each given by its segment and its number there.
    pub(super) fn of_documents(&self, documents: &[(u32, u32)]) -> Result<Vec<Option<Language>>> {
        let mut order: Vec<usize> = (0..documents.len()).collect();
        order.sort_by_key(|n| documents[*n]);
        let mut found = vec![None; documents.len()];
        for of_segment in order.chunk_by(|a, b| documents[*a].0 == documents[*b].0) {
            let number = documents[of_segment[0]].0 as usize;
            for ((language, _), info) in self.known.iter().zip(&self.infos[number]) {
                let Some(info) = info else { continue };
                let mut postings = self.of_language(number, info)?;
                for n in of_segment {
                    let document = documents[*n].1;
                    let at = if postings.doc() < document { postings.seek(document) } else { postings.doc() };
                    if at == document {
                        found[*n] = Some(*language);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// How many living documents of a segment are in both lists.
fn together(segment: &SegmentReader, mut word: SegmentPostings, mut others: SegmentPostings) -> u64 {
    let mut count = 0;
    let mut document = word.doc();
    while document != TERMINATED {
        let other = if others.doc() < document { others.seek(document) } else { others.doc() };
        if other == document {
            count += u64::from(!segment.is_deleted(document));
            document = word.advance();
        } else {
            document = if other == TERMINATED { TERMINATED } else { word.seek(other) };
        }
    }
    count
}
