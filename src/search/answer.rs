//! What a question gave: the hits with their passages, and what the asker should know beside them.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::analyse::language::Language;
use crate::copies::Near;

/// What a question gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// How many files match.
    pub total: u64,
    /// The best of them, in order.
    pub hits: Vec<Hit>,
    /// How many better ones were left out.
    pub offset: usize,
    /// What the asker should know beside the hits.
    pub notes: Vec<Note>,
    /// The words of the question and what they are looked for by, if that was asked.
    pub explained: Vec<Explanation>,
}

/// One file that answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// From 1, the best.
    pub rank: u64,
    /// The higher, the better; only comparable within one answer.
    pub score: f32,
    /// The absolute path.
    pub path: PathBuf,
    /// The path as seen from the file's source, as bytes.
    pub id: Vec<u8>,
    /// What matches in it: byte ranges into `id`, in order, apart from each other.
    pub id_marks: Vec<Range<usize>>,
    /// The title, with what matches in it.
    pub title: Option<Passage>,
    /// When the file was last modified, as of its ingest, in nanoseconds since the epoch.
    pub modified_ns: i64,
    /// Its size in bytes, as of its ingest.
    pub size: u64,
    /// The language of its text, if that could be told.
    pub lang: Option<Language>,
    /// Whether the file is still what was indexed.
    pub freshness: Freshness,
    /// Words of the question that the file lacks.
    pub missing: Vec<String>,
    /// The passages that show why, in reading order.
    pub snippets: Vec<Snippet>,
    /// Passages that are not among them because a better hit shows the same.
    pub same: Vec<Same>,
    /// Other files that answer and are nearly the same, best first, if such hits are collapsed.
    pub copies: Vec<Near>,
    /// What the score consists of, if that was asked: the parts add up to it.
    pub parts: Vec<(String, f32)>,
}

/// Whether a file is still what was indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is.
    Current,
    /// It was changed since; passages are those of now.
    Changed,
    /// It is not there any more.
    Gone,
    /// It is there but cannot be read.
    Unreadable,
}

/// A piece of text and what matches in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// The text.
    pub text: String,
    /// Byte ranges into the text, in order, apart from each other.
    pub marks: Vec<Range<usize>>,
}

/// A passage of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The line it begins in, from 1.
    pub line: u64,
    /// The line it ends in.
    pub end_line: u64,
    /// Where in its line it begins, from 1, in bytes of UTF-8.
    pub column: u64,
    /// An exact slice of the decoded text.
    pub passage: Passage,
    /// Where it stands in the file, in bytes, if the file is UTF-8.
    pub source_bytes: Option<Range<u64>>,
    /// The hits below that have what matches in it, too, and do not show it again.
    pub also: Vec<Elsewhere>,
}

/// A passage of a hit, as another hit has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The rank of that hit.
    pub rank: u64,
    /// Its absolute path.
    pub path: PathBuf,
    /// The line in which the passage begins there, from 1.
    pub line: u64,
    /// The line in which it ends there.
    pub end_line: u64,
}

/// Lines of a hit that are not shown, because another hit shows the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Same {
    /// The line in which they begin, from 1.
    pub line: u64,
    /// The line in which they end.
    pub end_line: u64,
    /// The passage that is shown.
    pub shown: Elsewhere,
}

/// Something worth telling beside the hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// No file has this word.
    Unknown {
        /// As it was typed.
        word: String,
        /// Words that are spelled nearly like it, the likeliest first.
        nearest: Vec<String>,
    },
    /// Few files have this word, and others have what is probably the same name, spelled otherwise.
    Respelled {
        /// As it was typed.
        word: String,
        /// Its other spellings, the nearest first.
        others: Vec<String>,
    },
    /// A pattern stands for more terms than are looked for.
    TooMany {
        /// As it was typed.
        pattern: String,
        /// Terms that match it.
        found: usize,
        /// The commonest of them, or in a fuzzy search the nearest, which were used.
        used: usize,
    },
    /// The question has more words than are looked for.
    TooLong {
        /// Words left out.
        left_out: usize,
    },
    /// The last ingest has not come to its end.
    Unfinished,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Unknown { word, nearest } if nearest.is_empty() => write!(f, "no file has `{word}`"),
            Note::Unknown { word, nearest } => {
                let nearest: Vec<_> = nearest.iter().map(|term| format!("`{term}`")).collect();
                write!(f, "no file has `{word}`; did you mean {}?", nearest.join(", "))
            }
            Note::Respelled { word, others } => {
                let others: Vec<_> = others.iter().map(|term| format!("`{term}`")).collect();
                let all = if others.len() == 1 { "both" } else { "them all" };
                write!(f, "`{word}` is also spelled {}: `{word}~` finds {all}", others.join(", "))
            }
            Note::TooMany { pattern, found, used } => {
                write!(f, "`{pattern}` matches {found} terms; the best {used} were used")
            }
            Note::TooLong { left_out } => {
                write!(f, "the question is too long: its last {left_out} words were left out")
            }
            Note::Unfinished => {
                f.write_str("the last ingest did not finish, so files may be missing: run `indago ingest`")
            }
        }
    }
}

/// A word of the question, and what it is looked for by.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// As it was typed.
    pub label: String,
    /// How many files have it, about.
    pub documents: u64,
    /// What it counts where it stands once in a text of average length.
    pub weight: f32,
    /// The terms, the form typed first.
    pub terms: Vec<String>,
}
