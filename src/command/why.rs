//! `indago why`

use std::io::Write;
use std::path::{Path, PathBuf};

use indago::index::{Reason, Record, Snapshot, State};
use serde::Serialize;

use super::{Failure, Outcome, absolute, reading_index, status::moment};
use crate::print::{self, ColorChoice, Style, clean::clean, paths, units};

/// Tell whether a file is in the index, and if not, why
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit code: 0 the file is indexed, 1 it is known and skipped, 2 it is not known.")]
pub struct Args {
    /// The file or folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct FileLine<'a> {
    r#type: &'static str,
    path: print::objects::Name<'a>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The folder that the reason belongs to, if it is not the file itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<print::objects::Name<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<u64>,
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let index = reading_index(index)?;
    let snapshot = Snapshot::open(&index)?;
    let path = absolute(&args.path)?;
    let style = Style::detect(ColorChoice::Auto, false);
    let mut out = print::stdout();
    let told = match find(&snapshot, &path)? {
        Some(record) => tell(args, &path, &record, &style, &mut out),
        None => {
            let mut files = 0;
            snapshot.records_below(&path, |record| {
                files += u64::from(record.version().is_some());
                true
            })?;
            if files == 0 {
                return Err(indago::Error::Unknown { path, index }.into());
            }
            tell_folder(args, &path, files, &style, &mut out)
        }
    };
    let outcome = told.and_then(|outcome| out.flush().map(|()| outcome));
    outcome.map_err(Failure::output)
}

/// The record of the path, or that of the skipped folder it lies in.
fn find(snapshot: &Snapshot, path: &Path) -> Result<Option<Record>, indago::Error> {
    for (n, ancestor) in path.ancestors().enumerate() {
        if let Some(record) = snapshot.record(ancestor)?
            && (n == 0 || matches!(record.state, State::Skipped { .. }))
        {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

fn tell(args: &Args, path: &Path, record: &Record, style: &Style, out: &mut impl Write) -> std::io::Result<Outcome> {
    let shown = |path: &Path| paths::shown(&paths::relative(path, &style.cwd));
    let is_itself = record.path() == path;
    match &record.state {
        State::Indexed(version) => {
            if args.json {
                let name = print::objects::name(path);
                let (reason, detail, folder, files) = (None, None, None, None);
                let line = FileLine { r#type: "file", path: name, state: "indexed", reason, detail, folder, files };
                super::json_line(out, style, &line)?;
            } else {
                let encoding = if version.encoding.is_empty() { "UTF-8" } else { &version.encoding };
                let (size, modified) = (units::bytes(record.stat.size), moment(record.stat.mtime_ns));
                let words = units::count(version.tokens[0].into());
                writeln!(out, "{}: indexed: {size} of {encoding}, {words} words, modified {modified}", shown(path))?;
            }
            Ok(Outcome::Good)
        }
        State::Skipped { reason, detail } => {
            if args.json {
                let folder = (!is_itself).then(|| print::objects::name(record.path()));
                let detail = Some(detail.as_str()).filter(|detail| !detail.is_empty());
                let (name, reason) = (print::objects::name(path), Some(reason.name()));
                let line =
                    FileLine { r#type: "file", path: name, state: "skipped", reason, detail, folder, files: None };
                super::json_line(out, style, &line)?;
            } else {
                let of = if is_itself { String::new() } else { format!("its folder {} is ", shown(record.path())) };
                writeln!(out, "{}: skipped: {of}{}", shown(path), clean(&in_words(*reason, detail)))?;
            }
            Ok(Outcome::Nothing)
        }
        State::Removed => Ok(Outcome::Nothing),
    }
}

fn tell_folder(args: &Args, path: &Path, files: u64, style: &Style, out: &mut impl Write) -> std::io::Result<Outcome> {
    if args.json {
        let (reason, detail, folder) = (None, None, None);
        let name = print::objects::name(path);
        let line =
            FileLine { r#type: "file", path: name, state: "indexed", reason, detail, folder, files: Some(files) };
        super::json_line(out, style, &line)?;
    } else {
        let shown = paths::shown(&paths::relative(path, &style.cwd));
        writeln!(out, "{shown}: a folder with {} files in the index", units::count(files))?;
    }
    Ok(Outcome::Good)
}

/// A reason as a sentence goes on after "skipped:".
fn in_words(reason: Reason, detail: &str) -> String {
    match (reason, detail) {
        (Reason::Ignored, rule) => format!("ignored by {rule}"),
        (Reason::Hidden, _) => "hidden: its name begins with a dot (`--hidden` takes such files)".into(),
        (Reason::Secret, what) => format!("secret: {what} (`--secrets` takes such files)"),
        (Reason::TooLarge, _) => "larger than the limit (`--max-filesize` sets it)".into(),
        (Reason::Link, _) => "a symbolic link (`--follow` follows them)".into(),
        (Reason::Format, format) => format!("a {format}: its text cannot be extracted"),
        (reason, "") => reason.name().into(),
        (reason, detail) => format!("{}: {detail}", reason.name()),
    }
}
