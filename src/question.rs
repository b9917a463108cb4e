//! What the user typed becomes a tree, or an error that points at the spot.
//!
//! Comes in: the question, and the moment it was asked (dates are read in its time zone). Goes out: a [`Node`], whose
//! words are as typed; analysis comes later. It promises to take time linear in the question, never to fail on
//! words as people write them (`C++`, `user@host.org`, `std::fs`, `12:30`, `/usr/share/doc`, `what is this?`), and
//! to say of a mistake where it stands and what was expected.
//!
//! ```text
//! question = or
//! or       = and { "OR" and }
//! and      = run { "AND" run }
//! run      = item { item }                     a bag: each may be found, `+` must, `-` or NOT must not
//! item     = { "NOT" } [ "+" | "-" ] primary [ "^" weight ]
//! primary  = "(" or ")" | field ":" value | "\"" phrase "\"" [ "~" slop ] | "/" regex "/" | word
//! ```
//!
//! A run of words binds tightest, then `AND`, then `OR`: `red wine OR white AND dry` is `(red wine) OR (white AND dry)`.
//! In a run, what names a field or filters is a must, since nobody types `ext:md` to see other files too.
//! Special characters are special only where they can be meant so: `-` and `+` before a word, `^3` and `~2` after it,
//! `*` anywhere, `?` between letters, `(` before a word; everywhere else a backslash is not needed.

mod date;
mod filter;
mod parse;
mod show;
mod size;
mod word;

use jiff::Zoned;

/// A range of bytes of the question typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// A part of a question, as it was understood. Its `Display` is one compact line for `--explain`.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Every file: a lone `*`.
    All,
    /// A bare word as typed; it may be a compound (`long-expected`), and may come to nothing in analysis (`&`).
    Word {
        /// The word, its backslashes resolved.
        text: String,
        /// Where it stands.
        span: Span,
    },
    /// Words in quotes.
    Phrase {
        /// What stands between the quotes, its backslashes resolved; never only white space.
        text: String,
        /// How far apart the words may be, in any order; `None` is a phrase.
        slop: Option<u32>,
        /// Where it stands, quotes and distance included.
        span: Span,
    },
    /// A word's beginning: `with*`.
    Prefix {
        /// The beginning, without the star and with its backslashes resolved.
        text: String,
        /// Where it stands, star included.
        span: Span,
    },
    /// A word with `*` (any characters) and `?` (one character) in it.
    Wildcard {
        /// The pattern; a literal `*`, `?` or `\` has a backslash before it, and stars never stand side by side.
        pattern: String,
        /// Where it stands.
        span: Span,
    },
    /// A regular expression over whole terms: `/dro(ne|p)s/`. Whether it is a valid one is not known here.
    Regex {
        /// What stands between the slashes; `\/` has become `/`.
        pattern: String,
        /// Where it stands, slashes included.
        span: Span,
    },
    /// A word and those like it: `tiani~`.
    Fuzzy {
        /// The word.
        text: String,
        /// How many edits away, 1 or 2; `None` leaves it to the word's length.
        distance: Option<u8>,
        /// Where it stands, tilde included.
        span: Span,
    },
    /// What is looked for in one field only.
    Field {
        /// The field.
        field: Field,
        /// A word, a phrase or a group.
        node: Box<Node>,
        /// Where it stands, the field's name included.
        span: Span,
    },
    /// What a file must be, whatever its words.
    Filter {
        /// The condition.
        filter: Filter,
        /// Where it stands, the filter's name included.
        span: Span,
    },
    /// All of these, two or more.
    And(Vec<Node>),
    /// Any of these, two or more.
    Or(Vec<Node>),
    /// All files but those.
    Not(Box<Node>),
    /// A run, two or more; when each is a must-not, all files but those.
    Bag(Vec<(Occur, Node)>),
    /// What counts more or less than usual in the score; the weight is finite, from 0 to [`MAX_WEIGHT`].
    Weighted(Box<Node>, f32),
}

/// What a member of a bag does for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occur {
    /// It raises the score.
    Should,
    /// The file must have it: `+word`.
    Must,
    /// The file must not have it: `-word`.
    MustNot,
}

/// A field that words can be looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// `title:`
    Title,
    /// `path:`
    Path,
}

/// A condition on a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// `ext:md`: the extension, in lower case, without its dot.
    Ext(String),
    /// `type:pdf`: the kind of file, in lower case.
    Type(String),
    /// `lang:fr`: a language code of two or three letters, in lower case.
    Lang(String),
    /// `size:1mb..2mb`: bytes, both ends included.
    Size {
        /// The least size.
        min: Option<u64>,
        /// The greatest size.
        max: Option<u64>,
    },
    /// `modified:2024`, `after:7d`, `before:2024-04-20`: nanoseconds since 1970, the end excluded.
    Modified {
        /// The first moment.
        from: Option<i64>,
        /// The moment after the last.
        until: Option<i64>,
    },
}

/// A mistake in the syntax of a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Mistake {
    /// What was expected, in lower case.
    pub message: String,
    /// Where, counted from 1 in characters.
    pub column: usize,
    /// Where, in bytes; empty at the end of the question.
    pub span: Span,
}

/// How deep brackets may be nested.
pub const MAX_DEPTH: usize = 100;

/// The greatest weight that `^` takes.
pub const MAX_WEIGHT: f32 = 1000.0;

/// Reads a question; `None` when nothing is asked.
///
/// `now` is what ages (`7d`) count from, and its time zone is where days begin; it is only asked where a date needs it, since
/// looking up the time zone takes longer than most questions.
///
/// ```
/// let now = || "2024-04-20T12:00[UTC]".parse().expect("a moment");
/// let node = indago::question::parse("+troops \"air base\" -russia ext:md", &now).expect("no mistake");
/// assert_eq!(node.expect("a question").to_string(), r#"(+troops "air base" -russia +ext:md)"#);
/// assert_eq!(indago::question::parse("(troops", &now).unwrap_err().column, 1);
/// ```
///
/// # Errors
/// A [`Mistake`] for an operator without its word, an open bracket or quote, or a filter without a proper value.
pub fn parse(text: &str, now: &dyn Fn() -> Zoned) -> Result<Option<Node>, Mistake> {
    parse::question(text, now)
}

/// Takes everything between white space as a word, whatever its characters; for `--literal`.
///
/// ```
/// let node = indago::question::literal("(a AND").expect("two words");
/// assert_eq!(node.to_string(), r"(\(a \AND)");
/// ```
pub fn literal(text: &str) -> Option<Node> {
    let mut words = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(|c| !is_space(c)).map(|at| rest + at) {
        let end = text[start..].find(is_space).map_or(text.len(), |at| start + at);
        words.push((Occur::Should, Node::Word { text: text[start..end].to_owned(), span: Span { start, end } }));
        rest = end;
    }
    parse::bag(words)
}

/// What separates words: white space, and control characters, which nobody types on purpose.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{FEFF}'
}

impl Node {
    /// Whether it is typed to filter, so that it must hold where it stands among words: fields, filters, and what consists
    /// of them.
    pub(crate) fn restricts(&self) -> bool {
        match self {
            Node::Field { .. } | Node::Filter { .. } => true,
            Node::And(nodes) | Node::Or(nodes) => nodes.iter().all(Node::restricts),
            Node::Bag(members) => members.iter().all(|(_, node)| node.restricts()),
            Node::Not(node) | Node::Weighted(node, _) => node.restricts(),
            _ => false,
        }
    }
}

impl Mistake {
    /// A mistake at these bytes of `text`.
    fn at(text: &str, span: Span, message: impl Into<String>) -> Mistake {
        let column = text[..span.start].chars().count() + 1;
        Mistake { message: message.into(), column, span }
    }
}

#[cfg(test)]
mod tests;
