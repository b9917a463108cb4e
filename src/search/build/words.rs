//! The words of a question become leaves: single words, compounds, phrases, beginnings.

use super::{Builder, Scope, joined};
use crate::Result;
use crate::analyse::{Kind, function_words};
use crate::index::{name_term, path_terms};
use crate::question::{Node, Occur};
use crate::search::plan::{Aside, Place, Tree, What};

/// What a word of the question comes to.
#[derive(Default)]
pub(super) struct Analysed {
    pub(super) parts: Vec<String>,
    joined: Vec<String>,
    acronym: Option<String>,
    /// The parts overlap: a script without spaces.
    is_unspaced: bool,
}

/// Where the parts of a compound in a script without spaces become too many for a phrase: that many characters side by
/// side are a sentence, not a word.
const LONGEST_UNSPACED_WORD: usize = 5;

/// When a compound is looked for by its parts rather than as one.
#[derive(Clone, Copy)]
pub(super) enum Splitting {
    Never,
    /// A run of characters in a script without spaces that is too long for a word.
    Sentences,
    /// In a long question, every compound: its parts say something each.
    Always,
}

impl Builder<'_> {
    /// Sets a function word aside.
    pub(super) fn aside(&mut self, node: &Node, scope: Scope) {
        let Node::Word { text, .. } = node else { return };
        for term in self.analyse(text, scope.place).parts {
            // There are no more of them than function words.
            match self.plan.asides.iter_mut().find(|aside| aside.term == term) {
                Some(known) => known.weight += scope.weight,
                None => self.plan.asides.push(Aside { term, weight: scope.weight }),
            }
        }
    }

    /// The question as the name of a file, if it is words and nothing else.
    pub(super) fn name(&mut self, members: &[(Occur, Node)]) -> Option<String> {
        let mut name = String::new();
        for (occur, node) in members {
            match (occur, node) {
                (Occur::Should, Node::Word { text, .. }) => name.push_str(&name_term(&mut self.analyzer, text)?),
                _ => return None,
            }
        }
        Some(name)
    }

    pub(super) fn words_in(&mut self, node: &Node) -> usize {
        match node {
            Node::Word { text, .. } => {
                let analysed = self.analyse(text, Place::Anywhere);
                if analysed.is_unspaced { analysed.parts.len().div_ceil(2) } else { 1 }
            }
            _ => 1,
        }
    }

    pub(super) fn is_function_word(&mut self, node: &Node) -> Result<bool> {
        let Node::Word { text, .. } = node else { return Ok(false) };
        if !self.steps.function_words {
            return Ok(false);
        }
        let analysed = self.analyse(text, Place::Anywhere);
        match (&analysed.parts[..], &analysed.acronym) {
            ([], _) => Ok(true),
            ([part], None) => self.languages.is_function_word(part),
            ([part], Some(_)) => Ok(self.is_shouting && self.languages.is_function_word(part)?),
            _ => Ok(false),
        }
    }

    pub(super) fn word(&mut self, text: &str, scope: Scope, splitting: Splitting) -> Option<Tree> {
        let analysed = self.analyse(text, scope.place);
        let Analysed { mut parts, joined: wholes, acronym, is_unspaced } = analysed;
        if says_little(text, &parts) {
            parts.remove(0);
        }
        if parts.len() > 1 {
            let is_sentence = is_unspaced && parts.len() > LONGEST_UNSPACED_WORD;
            let splits = match splitting {
                Splitting::Never => false,
                Splitting::Sentences => is_sentence,
                Splitting::Always => is_sentence || !is_unspaced,
            };
            if splits {
                parts.retain(|part| is_unspaced || !function_words::is_one(part));
                let leaves = parts.into_iter().map(|part| self.leaf(part.clone(), What::Word(part), scope));
                return joined(leaves.collect(), Tree::Or);
            }
            let what = What::Phrase { terms: parts, slop: None, is_prefix: false, joined: wholes, is_compound: true };
            return Some(self.leaf(text.to_string(), what, scope));
        }
        let part = parts.pop()?;
        let what = match acronym {
            // Other acronyms are not told from words: U.N. is also written UN.
            Some(whole) if !self.is_shouting && function_words::is_one(&part) => What::Acronym { whole, part },
            // One character of a script without spaces stands in the index only at the head of a pair.
            _ if is_lone_unspaced(&part) => What::Prefix(part),
            _ => What::Word(part),
        };
        Some(self.leaf(text.to_string(), what, scope))
    }

    pub(super) fn phrase(&mut self, text: &str, slop: Option<u32>, scope: Scope) -> Option<Tree> {
        let Analysed { parts: mut terms, acronym, .. } = self.analyse(text, scope.place);
        let label = format!("\"{text}\"");
        match terms.len() {
            0 => None,
            1 if acronym.is_some() && function_words::is_one(&terms[0]) => self.word(text, scope, Splitting::Never),
            1 => Some(self.leaf(label, What::Exact(terms.remove(0)), scope)),
            _ => {
                let what = What::Phrase { terms, slop, is_prefix: false, joined: Vec::new(), is_compound: false };
                Some(self.leaf(label, what, scope))
            }
        }
    }

    pub(super) fn prefix(&mut self, text: &str, scope: Scope) -> Option<Tree> {
        let mut terms = self.analyse(text, scope.place).parts;
        let label = format!("{text}*");
        match terms.len() {
            0 => None,
            1 => Some(self.leaf(label, What::Prefix(terms.remove(0)), scope)),
            _ => {
                let what = What::Phrase { terms, slop: None, is_prefix: true, joined: Vec::new(), is_compound: false };
                Some(self.leaf(label, what, scope))
            }
        }
    }

    pub(super) fn analyse(&mut self, text: &str, place: Place) -> Analysed {
        let mut analysed = Analysed::default();
        if place == Place::Path {
            path_terms(&mut self.analyzer, text, |term, _| analysed.parts.push(term.to_string()));
            return analysed;
        }
        let (mut last_end, mut joined) = (0, Vec::new());
        self.analyzer.tokens(text, |token| match token.kind {
            Kind::Part => {
                analysed.is_unspaced |= token.start < last_end;
                last_end = token.end;
                analysed.parts.push(token.term.to_string());
            }
            Kind::Whole if token.term.bytes().any(|b| b.is_ascii_uppercase()) => {
                analysed.acronym = Some(token.term.to_string());
            }
            Kind::Whole if token.term.bytes().any(|byte| byte.is_ascii_punctuation()) => {}
            Kind::Whole => joined.push((token.term.to_string(), token.position, analysed.parts.len())),
        });
        // In `src/parse_header.rs`, parseheader stands for a part of what is asked.
        joined.retain(|(_, first, end)| *first == 0 && *end == analysed.parts.len());
        analysed.joined = joined.into_iter().map(|(term, ..)| term).collect();
        analysed
    }
}

/// Three words or more, and no letter in lower case: capitals say nothing about acronyms then.
pub(super) fn is_shouting(node: &Node) -> bool {
    fn words<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
        match node {
            Node::Word { text, .. } => found.push(text),
            Node::And(members) | Node::Or(members) => members.iter().for_each(|member| words(member, found)),
            Node::Bag(members) => members.iter().for_each(|(_, member)| words(member, found)),
            Node::Not(node) | Node::Weighted(node, _) | Node::Field { node, .. } => words(node, found),
            _ => {}
        }
    }
    let mut found = Vec::new();
    words(node, &mut found);
    found.len() >= 3 && !found.iter().any(|word| word.chars().any(char::is_lowercase))
}

/// Whether the first part is the `v` of a version or the scheme of a URL: people write 1.2.3 and example.org as well.
fn says_little(text: &str, parts: &[String]) -> bool {
    let [first, second, ..] = parts else { return false };
    let rest = text.get(first.len()..).unwrap_or_default();
    match first.as_str() {
        "v" => rest.starts_with(second.as_str()) && second.bytes().all(|byte| byte.is_ascii_digit()),
        "http" | "https" => rest.starts_with("://"),
        _ => first == "mailto" && rest.starts_with(':'),
    }
}

fn is_lone_unspaced(part: &str) -> bool {
    let mut chars = part.chars();
    let first = chars.next();
    chars.next().is_none() && first.is_some_and(crate::analyse::is_unspaced)
}
