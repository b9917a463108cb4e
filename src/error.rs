//! What can go wrong between a directory and an answer, in words a user can act on.

use std::io;
use std::path::PathBuf;

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong between a directory and an answer: one variant per thing a user would mend differently.
///
/// The message says what failed and on what; the cause is the `source`, and [`Error::hint`] is a command that helps.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was ever ingested here, or the path is mistyped.
    #[error("no index in {}", path.display())]
    NoIndex {
        /// Where an index was looked for.
        path: PathBuf,
    },
    /// The directory holds files that are not indago's, so nothing is written into it.
    #[error("{} is not empty and not an indago index", path.display())]
    NotAnIndex {
        /// The directory.
        path: PathBuf,
    },
    /// The index belongs to another user; reading is allowed, writing is not.
    #[error("the index {} belongs to another user", path.display())]
    Foreign {
        /// The index directory.
        path: PathBuf,
    },
    /// Another version of indago wrote the index, in a format or with an analysis that this one cannot read.
    #[error("the index {} has {what} {found}, this indago reads {wanted}", path.display())]
    Version {
        /// The index directory.
        path: PathBuf,
        /// `format` or `analysis`.
        what: &'static str,
        /// The version found.
        found: u32,
        /// The version this program reads and writes.
        wanted: u32,
    },
    /// A file of the index is not what was written.
    #[error("the index {} is damaged: {detail}", path.display())]
    Damaged {
        /// The index directory.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// What the index consists of cannot be told any more; it must be built anew.
    #[error("the index {} is damaged: {detail}", path.display())]
    LostState {
        /// The index directory.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// What the index was built from cannot be told any more.
    #[error("the index {} is damaged: {detail}", path.display())]
    LostSources {
        /// The index directory.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// What is known of the files is lost or damaged; the documents are there.
    #[error("the index {} has lost its records: {detail}", path.display())]
    LostRecords {
        /// The index directory.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Another process is writing.
    #[error("the index {} is being written by {holder}", path.display())]
    Locked {
        /// The index directory.
        path: PathBuf,
        /// `process 1234`.
        holder: String,
    },
    /// Bytes could not be had.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that was to be compared has no text.
    #[error("{} is no text: {reason}", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// `binary`, or the name of its format.
        reason: String,
    },
    /// Bytes could not be kept.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The engine failed on the index.
    #[error("the index {} failed", path.display())]
    Engine {
        /// The index directory.
        path: PathBuf,
        /// What the engine said.
        source: tantivy::TantivyError,
    },
    /// A glob of `-g` or `--encoding` that cannot be read.
    #[error("{message}")]
    Rule {
        /// The rule and what is wrong with it.
        message: String,
    },
    /// The question has a mistake in its syntax.
    #[error("column {column}: {message}")]
    Question {
        /// What was expected.
        message: String,
        /// Where, in characters from 1.
        column: usize,
    },
    /// A part of the question cannot be answered.
    #[error("{message}")]
    Part {
        /// Why.
        message: String,
        /// Where it begins, in bytes of the question.
        start: usize,
    },
    /// The question comes to nothing.
    #[error("the question has no words")]
    NoWords,
    /// `ingest` without a PATH, and nothing recorded to refresh.
    #[error("nothing to ingest: the index {} has no sources", path.display())]
    NoSource {
        /// The index directory.
        path: PathBuf,
    },
    /// A path that no source covers and no record knows.
    #[error("{} is not known to the index {}", path.display(), index.display())]
    Unknown {
        /// The path asked for.
        path: PathBuf,
        /// The index directory.
        index: PathBuf,
    },
    /// A thread of the run came to an end that nobody foresaw.
    #[error("a worker stopped: {detail}")]
    Worker {
        /// What it said last.
        detail: String,
    },
}

impl Error {
    /// A command to type that would help, if there is one.
    ///
    /// ```
    /// let error = indago::Error::NoIndex { path: "index".into() };
    /// assert_eq!(error.hint().unwrap(), "build one with `indago ingest DIRECTORY`");
    /// ```
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::NoIndex { .. } => Some("build one with `indago ingest DIRECTORY`".into()),
            Error::NotAnIndex { .. } => Some("name another folder with `--index DIR`".into()),
            Error::Foreign { .. } => Some("build your own with `--index DIR`".into()),
            Error::Damaged { path, .. } => {
                Some(format!("mend it with `indago check --repair --index {}`", path.display()))
            }
            Error::Engine { path, .. } => {
                Some(format!("`indago check --index {}` tells whether the index is sound", path.display()))
            }
            Error::Version { path, .. } | Error::LostState { path, .. } => {
                let path = path.display();
                Some(format!("build it anew with `indago ingest --rebuild --index {path}`"))
            }
            Error::LostSources { path, .. } => {
                let path = path.display();
                Some(format!("name its sources again: `indago ingest --rebuild --index {path} PATH`"))
            }
            Error::LostRecords { path, .. } => {
                Some(format!("build them again from the documents with `indago ingest --index {}`", path.display()))
            }
            Error::Locked { .. } => Some("wait for it, or stop it; questions are answered meanwhile".into()),
            Error::NoSource { .. } => Some("name a directory: `indago ingest DIRECTORY`".into()),
            Error::Question { .. } | Error::Part { .. } => Some("`--literal` takes everything as words".into()),
            Error::Unknown { .. } => Some("`indago status` lists what is indexed".into()),
            Error::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space and run `indago ingest` again; the index still answers".into())
            }
            _ => None,
        }
    }
}
