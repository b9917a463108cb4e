//! The rules a source is walked with, as the user gives them and the index keeps them.

use std::{fmt, path::Path};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::{Deserialize, Serialize};

/// The size in bytes above which a file is not read, unless [`Rules::max_bytes`] says otherwise.
///
/// Far above any text someone wrote, and below what a machine with little memory can decode.
pub const DEFAULT_MAX_BYTES: u64 = 1 << 30;

/// The rules a source is walked with; the default is what `rg --files` does without options, less
/// the files that hold passwords or keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Read files and folders whose name begins with a dot as well.
    pub hidden: bool,
    /// Read files that are known to hold passwords or keys as well, even where their names begin with a dot.
    #[serde(skip_serializing_if = "std::ops::Not::not")] // so that a marker from before is sealed as it was
    pub secrets: bool,
    /// Do not look at rule files (`.gitignore`, `.ignore`, `.indagoignore`, the global excludes).
    pub no_ignore: bool,
    /// Globs to take, or with a leading `!` to leave out; later ones win, all win over rule files.
    ///
    /// They are read like lines of a `.gitignore` that lies in the source's root. As soon as one is
    /// given without `!`, a file that no glob matches is left out.
    pub globs: Vec<String>,
    /// Follow symbolic links.
    pub follow: bool,
    /// The largest file to read, in bytes; `None` stands for [`DEFAULT_MAX_BYTES`].
    pub max_bytes: Option<u64>,
}

impl Rules {
    /// The globs as lines of a `.gitignore` in `root`: a match ignores what the glob takes.
    pub(super) fn globs_at(&self, root: &Path) -> Result<Gitignore, Error> {
        let mut builder = GitignoreBuilder::new(root);
        builder.allow_unclosed_class(false); // a user at the keyboard can mend it
        for glob in &self.globs {
            builder.add_line(None, glob).map_err(|error| Error::new(glob, error))?;
        }
        builder.build().map_err(|error| Error::new(&self.globs.join(" "), error))
    }
}

/// A glob in [`Rules::globs`] that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The glob as it was given.
    pub glob: String,
    /// What is wrong with it.
    pub message: String,
}

impl Error {
    fn new(glob: &str, error: ignore::Error) -> Error {
        let message = match error {
            ignore::Error::Glob { err, .. } => err, // without the glob, which stands beside it
            error => error.to_string(),
        };
        Error { glob: glob.to_owned(), message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot understand the glob `{}`: {}", self.glob, self.message)
    }
}

impl std::error::Error for Error {}
