//! What a walk hands out: files to read, and why anything else is none.

use std::{fmt, io, path::PathBuf};

use super::Stat;

/// One thing an ingest must account for.
#[derive(Debug)]
pub enum Found {
    /// A regular file to read.
    File {
        /// Where it is: the start of the walk, and the names below joined to it.
        path: PathBuf,
        /// What the one stat told.
        stat: Stat,
    },
    /// Something not to be read; a folder stands for all that lies below it.
    Skipped {
        /// Where it is.
        path: PathBuf,
        /// Why it is not to be read.
        reason: Skip,
        /// Known where finding the reason took a stat.
        stat: Option<Stat>,
    },
    /// A folder that could not be listed, or only in part, or an entry that could not be looked at.
    ///
    /// Nothing is known of what lies below `path`, whatever else the walk hands out from there.
    /// A folder's trouble comes before anything listed in it.
    Trouble {
        /// The folder or entry.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A rule file that could not be read or understood whole; the rest of it counts.
    RuleTrouble {
        /// The rule file.
        path: PathBuf,
        /// What is wrong with it, in one line.
        message: String,
    },
    /// A folder that lies on another device than its parent; comes before anything in it.
    Mount {
        /// The folder.
        path: PathBuf,
    },
}

/// Why something is not to be read. `Display` says it in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// A rule excludes it.
    Ignored {
        /// The rule: `PATTERN in FILE`, or `glob PATTERN` where it came from [`Rules::globs`](super::Rules::globs).
        by: String,
    },
    /// Its name begins with a dot.
    Hidden,
    /// Its name says that it holds passwords or keys, of this kind.
    Secret(&'static str),
    /// It is larger than [`Rules::max_bytes`](super::Rules::max_bytes).
    TooLarge,
    /// A symbolic link, and links are not followed.
    Link,
    /// A symbolic link to a folder on the way to itself, or to itself.
    LinkLoop,
    /// A symbolic link to nothing.
    BrokenLink,
    /// A pipe, socket or device, by that name.
    NotRegular(&'static str),
    /// An index that indago made.
    Index,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skip::Ignored { by } => write!(f, "ignored by {by}"),
            Skip::Hidden => f.write_str("hidden"),
            Skip::Secret(what) => write!(f, "secret: {what}"),
            Skip::TooLarge => f.write_str("too large"),
            Skip::Link => f.write_str("symbolic link"),
            Skip::LinkLoop => f.write_str("symbolic link that leads back to itself"),
            Skip::BrokenLink => f.write_str("symbolic link to nothing"),
            Skip::NotRegular(kind) => f.write_str(kind),
            Skip::Index => f.write_str("index of indago"),
        }
    }
}
