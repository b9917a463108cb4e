//! What a question asks of an index: leaves that have postings, and a tree that says how they go together.

use ignore::gitignore::Gitignore;

/// What is looked for, and how it goes together.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) tree: Tree,
    pub(super) leaves: Vec<Leaf>,
    /// Conditions on the record of a file.
    pub(super) conditions: Vec<Condition>,
    /// What a file should have all of, if the question is short: it then comes before files that lack some.
    pub(super) units: Vec<Unit>,
    /// The words of the question as they follow each other, function words apart: leaves, some more than once; `None` for
    /// what is no word.
    pub(super) sequence: Vec<Option<usize>>,
    /// Function words, which weigh between files that are found by other words.
    pub(super) asides: Vec<Aside>,
    /// The leaf of files that are called what is asked for.
    pub(super) name: Option<usize>,
    /// Words that were too many.
    pub(super) left_out: usize,
}

/// Which files match.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Tree {
    #[default]
    Nothing,
    All,
    Leaf(usize),
    Condition(usize),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
}

/// The leaves of a tree, in order.
pub(super) fn leaves(tree: &Tree, found: &mut Vec<usize>) {
    match tree {
        Tree::Leaf(leaf) => found.push(*leaf),
        Tree::And(members) | Tree::Or(members) => members.iter().for_each(|member| leaves(member, found)),
        Tree::Nothing | Tree::All | Tree::Condition(_) | Tree::Not(_) => {}
    }
}

/// A word that finds no files.
#[derive(Debug)]
pub(super) struct Aside {
    pub(super) term: String,
    pub(super) weight: f32,
}

/// A part of the question that a file answers or not.
#[derive(Debug)]
pub(super) struct Unit {
    /// As it was typed.
    pub(super) label: String,
    pub(super) tree: Tree,
}

/// Something with postings.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// As it was typed.
    pub(super) label: String,
    pub(super) what: What,
    /// Where it stands in the question, in bytes, if its engine may refuse it.
    pub(super) start: usize,
    pub(super) place: Place,
    /// What its score is multiplied by; 0 for what only filters.
    pub(super) weight: f32,
}

/// Where a leaf is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Body, title and path.
    Anywhere,
    Title,
    Path,
    Extension,
    /// The name of the file, or the title, in one.
    Name,
    Language,
}

/// What a leaf stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A word and its inflections.
    Word(String),
    /// An acronym, told from the word that is spelled the same: `US`, and the part it also is.
    Acronym {
        whole: String,
        part: String,
    },
    /// Exactly this term.
    Exact(String),
    Prefix(String),
    /// `*` and `?`, folded.
    Wildcard(String),
    Regex(String),
    Fuzzy(String, Option<u8>),
    /// Terms in a row, or with a slop near each other in any order; the last may be a beginning. `joined` are terms that
    /// stand for all of them in one (`longexpected`).
    Phrase {
        terms: Vec<String>,
        slop: Option<u32>,
        is_prefix: bool,
        joined: Vec<String>,
        /// One word of the question, not quoted: `AFC-Championship-Spiels`.
        is_compound: bool,
    },
}

/// What the record of a file must say.
#[derive(Debug)]
pub(super) enum Condition {
    /// The path, as seen from the source.
    Path(Gitignore),
    Size {
        min: Option<u64>,
        max: Option<u64>,
    },
    Modified {
        from: Option<i64>,
        until: Option<i64>,
    },
}
