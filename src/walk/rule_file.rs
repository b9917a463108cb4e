//! One rule file: in goes its path, out come its rules, or why it does not count.
//!
//! What lies in a tree may come from anybody, so a rule file is read only as far as it may be one: a regular file of
//! reasonable size, which no link leads to from outside, unless links are followed. A `.git` that is a file may name a
//! repository anywhere; it is believed if that repository names it in turn, as git's linked worktrees do.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::Found;

/// No rule file is longer, in bytes: the largest in public repositories have some tens of thousands, and rules take some
/// hundred times their length of memory.
const MAX_BYTES: u64 = 1 << 20;

/// So many lines of a rule file are told to be wrong, each by itself.
const MOST_TROUBLES: usize = 5;

/// The rules of one file.
pub(super) struct RuleFile {
    pub(super) path: PathBuf,
    pub(super) rules: Gitignore,
    /// Lies above the source, so that paths are to be seen from the real root.
    pub(super) above: bool,
}

/// Where a rule file counts.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// For the paths below this folder.
    pub(super) folder: &'a Path,
    /// If links are not followed, no link leads out of this folder, which has none on its way.
    pub(super) within: Option<&'a Path>,
    /// The folder lies above the source.
    pub(super) above: bool,
}

/// Reads a rule file; what cannot be understood is put in `troubles`.
pub(super) fn read(place: Place<'_>, path: PathBuf, troubles: &mut VecDeque<Found>) -> Option<Arc<RuleFile>> {
    let found = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?; // a pipe of that name is not opened
    let mut trouble = |message: String| {
        let message = one_line(&message);
        troubles.push_back(Found::RuleTrouble { path: path.clone(), message });
    };
    if place.within.is_some_and(|within| !is_within(&path, within)) {
        trouble("a link leads out of the tree to it: it does not count".into());
        return None;
    }
    if found.len() > MAX_BYTES {
        trouble(format!("it is larger than {} MiB: it does not count", MAX_BYTES >> 20));
        return None;
    }
    let bytes = first_bytes(&path, MAX_BYTES).map_err(|error| trouble(error.to_string())).ok()?;
    let mut builder = GitignoreBuilder::new(place.folder);
    let mut wrong = 0;
    for (number, line) in (1..).zip(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).split(|&byte| byte == b'\n'))
    {
        let Ok(line) = str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) else {
            // As in ripgrep: what such bytes would match is anyone's guess.
            trouble(format!("line {number} is not UTF-8: it and those after it do not count"));
            break;
        };
        if let Err(error) = builder.add_line(None, line) {
            wrong += 1;
            if wrong <= MOST_TROUBLES {
                trouble(format!("line {number} does not count: {error}"));
            }
        }
    }
    if wrong > MOST_TROUBLES {
        trouble(format!("{} more lines do not count", wrong - MOST_TROUBLES));
    }
    let rules = builder.build().map_err(|error| trouble(error.to_string())).ok()?;
    (!rules.is_empty()).then(|| Arc::new(RuleFile { path, rules, above: place.above }))
}

/// The `info/exclude` of the repository whose root holds `dot_git`.
pub(super) fn exclude(place: Place<'_>, dot_git: PathBuf, troubles: &mut VecDeque<Found>) -> Option<Arc<RuleFile>> {
    if dot_git.is_dir() {
        return read(place, dot_git.join("info/exclude"), troubles);
    }
    let git = named_by(&dot_git)?;
    let has_named = || {
        let back = git.join(first_line(&git.join("gitdir"))?);
        Some(back.canonicalize().ok()? == dot_git.canonicalize().ok()?)
    };
    if place.within.is_some_and(|within| !is_within(&git, within)) && has_named() != Some(true) {
        if git.join("commondir").exists() {
            let message = "it names a repository that does not name it: what that excludes does not count".into();
            troubles.push_back(Found::RuleTrouble { path: dot_git, message });
        }
        return None;
    }
    let common = git.join(first_line(&git.join("commondir"))?).canonicalize().ok()?;
    let within = place.within.map(|_| common.as_path());
    read(Place { within, ..place }, common.join("info/exclude"), troubles)
}

/// Whether `path` is, without links, still a path in `folder`.
fn is_within(path: &Path, folder: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| path.starts_with(folder))
}

/// The folder that a `.git` which is a file names.
fn named_by(dot_git: &Path) -> Option<PathBuf> {
    let line = first_line(dot_git)?;
    let git = line.as_os_str().as_bytes().strip_prefix(b"gitdir: ")?;
    Some(dot_git.parent()?.join(OsStr::from_bytes(git)))
}

/// No path is longer, in bytes.
const LONGEST_PATH: u64 = 4096;

fn first_line(path: &Path) -> Option<PathBuf> {
    let bytes = first_bytes(path, LONGEST_PATH).ok()?;
    let line = bytes.split(|&byte| byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some(Path::new(OsStr::from_bytes(line)).to_path_buf())
}

/// Whatever lies there: a pipe is not waited for, and a device not read to its end.
fn first_bytes(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let (file, _) = crate::read::open(path)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Control characters written out, so that a file's name or a pattern cannot break the line.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}
