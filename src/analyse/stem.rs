//! The family of a word: the terms of a dictionary that share its stem, in each language that has stems.
//!
//! Stems are taken when a question is asked, so the index holds words as they were written. In:
//! folded terms. Out: their stems, and where in a sorted dictionary the family has to be looked for.
//! British and American spellings of a word share a stem.

mod english;
mod porter;
mod rules;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::language::Language;
use super::spelling;
use rules::{Change, Rules};

/// Stems of the folded terms of a language (Snowball's, with the repairs that folding asks for).
///
/// ```
/// use indago::analyse::language::Language;
/// use indago::analyse::stem::Stemmer;
///
/// let stemmer = Stemmer::of(Language::English).unwrap();
/// assert_eq!(stemmer.stem("withdrawing"), stemmer.stem("withdraws"));
/// assert_ne!(stemmer.stem("withdrew"), stemmer.stem("withdraws"));
/// assert_eq!(stemmer.stem("neighbouring"), stemmer.stem("neighbor"));
/// assert!(Stemmer::of(Language::Chinese).is_none());
/// ```
#[derive(Clone, Copy)]
pub struct Stemmer {
    language: Language,
    snowball: Option<frostem::Stemmer>,
    rules: &'static Rules,
}

impl Stemmer {
    /// The stemmer of `language`, if it has one.
    pub fn of(language: Language) -> Option<Self> {
        let rules = rules::rules(language)?;
        Some(Self { language, snowball: rules.snowball.map(frostem::Stemmer::new), rules })
    }

    /// The language whose words it stems.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The stem of a folded term; a term with anything but letters of the language's script stems to itself.
    ///
    /// A stem is a key to compare: it need not be a word, nor what the words of the family begin with.
    pub fn stem<'t>(&self, term: &'t str) -> Cow<'t, str> {
        if !self.is_word(term) {
            return Cow::Borrowed(term);
        }
        let changed = match self.language {
            Language::English => spelling::common(term),
            _ if self.rules.strips => Cow::Borrowed(self.without_head(term)),
            _ => replaced(term, longest(term, self.rules.before, 2)),
        };
        let stem = match (self.snowball, changed) {
            (_, changed) if self.language == Language::English => Cow::Owned(porter::stem(&changed)),
            (None, changed) => changed,
            (Some(snowball), Cow::Borrowed(term)) => snowball.stem(term),
            (Some(snowball), Cow::Owned(term)) => Cow::Owned(snowball.stem(&term).into_owned()),
        };
        self.shortened(plain(stem, term))
    }

    /// The family of a folded term; nothing where the language has no inflections for it (`c++`, `1000`).
    pub fn family(&self, word: &str) -> Option<Family> {
        if !self.is_word(word) {
            return None;
        }
        let stem = self.stem(word).into_owned();
        let common = match self.language {
            Language::English => &word[..english::prefix_len(word, &stem)],
            _ => self.common(word, &stem),
        };
        // Two letters at least, or half the dictionary would be walked.
        let common = [common, &stem, word].into_iter().find(|common| common.chars().nth(1).is_some())?;
        let mut prefixes: Vec<_> = self.rules.heads.iter().map(|head| [head, common].concat()).collect();
        if self.language == Language::English
            && let Some((british, american)) = spelling::beginnings(&stem)
        {
            prefixes.extend([british.to_string(), american.to_string()]);
        }
        Some(Family { stemmer: *self, stem, prefixes })
    }

    /// What all words of the family of `word` have in common behind their heads.
    fn common<'w>(&self, word: &'w str, stem: &str) -> &'w str {
        let rests = self.rules.heads.iter().filter_map(|head| word.strip_prefix(head));
        let rest = rests.max_by_key(|rest| (shared(rest, stem), rest.len())).unwrap_or(word);
        let length = shared(rest, stem);
        // Where word and stem part before the stem ends, a letter that changes is passed already.
        let soft = if length == stem.len() { self.rules.soft } else { self.rules.soft.saturating_sub(1) };
        let end = rest[..length].char_indices().rev().take(soft).last().map_or(length, |(at, _)| at);
        &rest[..end]
    }

    /// Whether `term` is made of the letters that words of the language are made of, once folded.
    fn is_word(&self, term: &str) -> bool {
        let is_latin = !matches!(
            self.language,
            Language::Russian
                | Language::Ukrainian
                | Language::Bulgarian
                | Language::Greek
                | Language::Arabic
                | Language::Persian
                | Language::Hindi
                | Language::Tamil
        );
        term.len() > 1 && term.bytes().all(|byte| if is_latin { byte.is_ascii_lowercase() } else { byte >= 0x80 })
    }

    /// The term without the longest of the heads that leaves three letters.
    fn without_head<'t>(&self, term: &'t str) -> &'t str {
        let rests = self.rules.heads.iter().filter_map(|head| term.strip_prefix(head));
        rests.filter(|rest| rest.chars().nth(2).is_some()).min_by_key(|rest| rest.len()).unwrap_or(term)
    }

    /// The stem without the endings that the language's own rules take off.
    fn shortened<'t>(&self, mut stem: Cow<'t, str>) -> Cow<'t, str> {
        while let Some(change) = longest(&stem, self.rules.after, self.rules.least) {
            stem = match (stem, change) {
                (Cow::Borrowed(stem), (ending, "")) => Cow::Borrowed(&stem[..stem.len() - ending.len()]),
                (stem, change) => Cow::Owned(replaced(&stem, Some(change)).into_owned()),
            };
            if !self.rules.repeats {
                break;
            }
        }
        stem
    }
}

/// The words of a dictionary that are inflections of each other.
///
/// Walk the terms that begin with each of the [`prefixes`](Self::prefixes) and keep those it [`has`](Self::has); the
/// word itself and the [`strays`](Self::strays) may lie outside (dying, of die), so look them up besides.
///
/// ```
/// use indago::analyse::language::Language;
/// use indago::analyse::stem::Stemmer;
///
/// let family = Stemmer::of(Language::English).unwrap().family("cities").unwrap();
/// assert_eq!(family.prefixes(), ["cit"]);
/// assert!(family.has("city") && !family.has("citizen"));
/// ```
#[derive(Clone)]
pub struct Family {
    stemmer: Stemmer,
    stem: String,
    prefixes: Vec<String>,
}

impl Family {
    /// The language in which they are a family.
    pub fn language(&self) -> Language {
        self.stemmer.language
    }

    /// What the terms of the family begin with, two letters at least; a prefix may begin with another.
    ///
    /// One, save in languages that write articles and particles with the word (Arabic) or change its beginning.
    pub fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// Whether `term`, folded, is of the family.
    pub fn has(&self, term: &str) -> bool {
        // A look at the length spares most terms their stem.
        term.len() <= self.stem.len() + LONGEST_ENDING && self.stemmer.stem(term) == self.stem
    }

    /// Words of the family that do not begin with the prefix.
    pub fn strays(&self) -> &'static [&'static str] {
        match self.stemmer.language {
            Language::English => english::strays(&self.stem),
            _ => &[],
        }
    }
}

/// How many bytes a word may have more than its stem: `-ationally` has 9, and a letter of Devanagari three bytes.
const LONGEST_ENDING: usize = 24;

/// The longest ending of `word` among `changes` that leaves `least` letters, one more if it is a single letter.
fn longest(word: &str, changes: &'static [Change], least: usize) -> Option<Change> {
    let mut found: Option<Change> = None;
    for &(ending, other) in changes {
        if let Some(root) = word.strip_suffix(ending)
            && found.is_none_or(|(known, _)| ending.len() > known.len())
            && root.chars().count() >= least + usize::from(other.is_empty() && ending.chars().nth(1).is_none())
        {
            found = Some((ending, other));
        }
    }
    found
}

fn replaced(word: &str, change: Option<Change>) -> Cow<'_, str> {
    match change {
        Some((ending, other)) => Cow::Owned(word[..word.len() - ending.len()].to_owned() + other),
        None => Cow::Borrowed(word),
    }
}

/// The stem without the accents that it took over from an ending put back.
fn plain<'t>(stem: Cow<'t, str>, term: &str) -> Cow<'t, str> {
    if stem.is_ascii() || !term.is_ascii() {
        return stem;
    }
    let letters = stem.nfd().filter(|letter| !is_combining_mark(*letter));
    Cow::Owned(letters.map(|letter| if letter == 'ł' { 'l' } else { letter }).collect())
}

/// How many bytes two words begin with in common, whole letters.
fn shared(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    pairs.take_while(|(a, b)| a == b).map(|(letter, _)| letter.len_utf8()).sum()
}

#[cfg(test)]
mod tests;
