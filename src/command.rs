//! The verbs, one file each: its arguments, which are its help, and what it does.

pub mod check;
pub mod copies;
pub mod diff;
pub mod forget;
pub mod ingest;
mod progress;
pub mod query;
pub mod similar;
pub mod status;
pub mod why;

use std::any::Any;
use std::env;
use std::io::{self, Write};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use indago::index;
use serde::Serialize;

use crate::args::{Args, Verb};
use crate::print::{self, ColorChoice, Style, objects::Layout};

/// How a verb ended.
pub enum Outcome {
    /// Found, done.
    Good,
    /// Nothing found.
    Nothing,
    /// Something was wrong that has been told already.
    Trouble,
}

/// Why a verb could not go on.
pub enum Failure {
    /// The library says why.
    Library(indago::Error),
    /// What was typed makes no sense.
    Usage(String),
    /// An answer could not be written, or a list not be read.
    Stream(&'static str, io::Error),
    /// A mistake in indago, or damage in an index that reading stumbled over.
    Panic(String),
}

impl From<indago::Error> for Failure {
    fn from(error: indago::Error) -> Failure {
        Failure::Library(error)
    }
}

impl Failure {
    /// Writing to stdout failed.
    pub fn output(error: io::Error) -> Failure {
        Failure::Stream("cannot write the answer", error)
    }

    /// The reader has had enough, which is no trouble.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Failure::Stream(_, error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Says what is wrong on `err`; as JSON on stdout, too, where an answer in JSON was asked for.
    pub fn tell(&self, args: &Args, err: &mut impl Write) -> io::Result<()> {
        let (message, hint, column) = match self {
            Failure::Library(error) => {
                let column = match error {
                    indago::Error::Question { column, .. } => Some(*column),
                    _ => None,
                };
                (print::trouble::message(error), error.hint(), column)
            }
            Failure::Usage(message) => (message.clone(), None, None),
            Failure::Stream(what, error) => (format!("{what}: {error}"), None, None),
            Failure::Panic(text) => {
                let hint = "if this goes on, build the index anew with `indago ingest --rebuild`";
                (format!("stumbled over the index or a mistake of its own: {text}"), Some(hint.to_string()), None)
            }
        };
        print::trouble::trouble(err, &message, hint.as_deref())?;
        if let Verb::Query(query) = &args.verb
            && let Some(layout) = query.json_layout()
        {
            let style = Style::detect(ColorChoice::Never, false);
            let mut out = print::stdout();
            print::json::error(&mut out, layout, &style, &message, hint.as_deref(), column)?;
            out.flush()?;
        }
        Ok(())
    }
}

/// Runs the verb.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    match &args.verb {
        Verb::Ingest(ingest) => ingest::run(ingest, args.index.as_deref()),
        Verb::Query(query) => query::run(query, args.index.as_deref()),
        Verb::Status(status) => status::run(status, args.index.as_deref()),
        Verb::Why(why) => why::run(why, args.index.as_deref()),
        Verb::Copies(copies) => copies::run(copies, args.index.as_deref()),
        Verb::Similar(similar) => similar::run(similar, args.index.as_deref()),
        Verb::Diff(diff) => diff::run(diff),
        Verb::Check(check) => check::run(check, args.index.as_deref()),
        Verb::Forget(forget) => forget::run(forget, args.index.as_deref()),
    }
}

/// `failure`, or the damage to the index that it comes of: the engine trips over much that only a check can name.
pub fn explained(failure: Failure, args: &Args) -> Failure {
    use indago::Error::{Engine, Worker};
    if !matches!(failure, Failure::Panic(_) | Failure::Library(Engine { .. } | Worker { .. })) {
        return failure;
    }
    let folder = args.index.clone().or_else(|| index::find(&here().ok()?));
    let check = |folder: &PathBuf| {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
        let report = catch_unwind(|| indago::check::run(folder, threads, &Default::default()).ok());
        report.ok().flatten()?.damage.first().map(|damage| damage.error(folder))
    };
    folder.as_ref().and_then(check).map_or(failure, Failure::Library)
}

/// What a panic said.
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason was given").to_string()
}

/// The folder the user stands in.
fn here() -> Result<PathBuf, Failure> {
    env::current_dir().map_err(|error| Failure::Stream("cannot tell which folder this is", error))
}

/// The index that is read: the one named, or the nearest. One that somebody else owns is named on stderr.
fn reading_index(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let here = here()?;
    if let Some(named) = named {
        return Ok(named.to_path_buf());
    }
    let Some(found) = index::find(&here) else {
        return Err(indago::Error::NoIndex { path: here.join(index::DEFAULT_NAME) }.into());
    };
    if index::is_foreign(&found)? {
        let note = format!("reading the index {}, which belongs to another user", found.display());
        // If stderr is closed there is nobody to warn.
        drop(print::trouble::note(&mut io::stderr(), &note));
    }
    Ok(found)
}

/// The index that is written: the one named, or the nearest, or a new one here.
fn writing_index(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let here = here()?;
    if let Some(named) = named {
        return Ok(named.to_path_buf());
    }
    Ok(index::find(&here).unwrap_or_else(|| here.join(index::DEFAULT_NAME)))
}

/// `path` from the root, by its real name: a folder has one however it is reached, while a file that is a link stays one.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let path = here()?.join(path);
    if let Ok(real) = path.canonicalize()
        && real.is_dir()
    {
        return Ok(real);
    }
    // The file may be a link, or gone: then its folder has a real name, or that folder's does.
    let mut lost = Vec::new();
    let mut folder = path.as_path();
    while let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) {
        lost.push(name);
        folder = parent;
        if let Ok(mut real) = folder.canonicalize() {
            real.extend(lost.iter().rev());
            return Ok(real);
        }
    }
    Ok(path)
}

/// Writes an object as a line of JSON.
fn json_line(out: &mut impl Write, style: &Style, object: &impl Serialize) -> io::Result<()> {
    let mut objects = print::objects::Objects::new(out, Layout::Lines, style);
    objects.put(object)?;
    objects.end()
}
