//! `indago status`

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use indago::index::{Kind, Snapshot, State};
use serde::Serialize;

use super::{Failure, Outcome, reading_index};
use crate::print::objects::SkippedLine;
use crate::print::{self, ColorChoice, Style, clean::clean, paths, units};

/// Tell what is in the index, and what was left out and why
#[derive(clap::Args, Debug)]
pub struct Args {
    /// List everything that was left out, with the reason
    #[arg(long)]
    skipped: bool,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct StatusLine<'a> {
    r#type: &'static str,
    index: print::objects::Name<'a>,
    documents: u64,
    bytes: u64,
    index_bytes: u64,
    /// Documents by the code of their language; those whose language cannot be told are left out.
    languages: BTreeMap<&'static str, u64>,
    skipped: BTreeMap<&'static str, u64>,
    segments: usize,
    deleted: u64,
    committed: Option<String>,
    unfinished: bool,
    writer: Option<String>,
    sources: Vec<SourceLine<'a>>,
}

#[derive(Serialize)]
struct SourceLine<'a> {
    path: print::objects::Name<'a>,
    kind: Kind,
    documents: u64,
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let folder = reading_index(index)?;
    let snapshot = Snapshot::open(&folder)?;
    let style = Style::detect(ColorChoice::Auto, false);
    let mut out = print::stdout();
    let (mut skipped, mut by_source) = (BTreeMap::new(), BTreeMap::<u32, u64>::new());
    let mut failed = None;
    snapshot.records_below(Path::new("/"), |record| {
        match &record.state {
            State::Indexed(_) => *by_source.entry(record.source).or_default() += 1,
            State::Skipped { reason, detail } => {
                *skipped.entry(*reason).or_insert(0) += 1;
                if args.skipped {
                    let written = match args.json {
                        true => {
                            let line = SkippedLine::new(record.path(), *reason, detail);
                            super::json_line(&mut out, &style, &line)
                        }
                        false => {
                            let path = paths::shown(&paths::relative(record.path(), &style.cwd));
                            let colon = if detail.is_empty() { "" } else { ": " };
                            writeln!(out, "{path}: {}{colon}{}", reason.name(), clean(detail))
                        }
                    };
                    failed = written.err();
                }
            }
            State::Removed => {}
        }
        failed.is_none()
    })?;
    if let Some(error) = failed {
        return Err(Failure::output(error));
    }
    let languages = snapshot.languages()?;
    let committed = (snapshot.committed_ns() > 0).then(|| moment(snapshot.committed_ns()));
    let writer = indago::index::writer_of(&folder);
    let sources = snapshot.marker().sources.iter();
    if args.json {
        let line = StatusLine {
            r#type: "status",
            index: print::objects::name(folder.as_path()),
            documents: snapshot.documents(),
            bytes: snapshot.bytes(),
            index_bytes: size_of(&folder),
            languages: languages.iter().map(|(language, files)| (language.code(), *files)).collect(),
            skipped: skipped.iter().map(|(reason, count)| (reason.name(), *count)).collect(),
            segments: snapshot.segments(),
            deleted: snapshot.deleted(),
            committed,
            unfinished: snapshot.is_unfinished(),
            writer,
            sources: sources
                .map(|source| SourceLine {
                    path: print::objects::name(source.root.as_path()),
                    kind: source.kind,
                    documents: by_source.get(&source.id).copied().unwrap_or_default(),
                })
                .collect(),
        };
        super::json_line(&mut out, &style, &line).map_err(Failure::output)?;
    } else if !args.skipped {
        let total: u64 = skipped.values().sum();
        let reasons: Vec<_> =
            skipped.iter().map(|(reason, n)| format!("{} {}", units::count(*n), reason.name())).collect();
        let reasons = if total > 0 { format!(" ({})", reasons.join(", ")) } else { String::new() };
        let state = match (&writer, &committed) {
            (Some(writer), _) => format!("being written by {writer}"),
            (None, Some(committed)) if !snapshot.is_unfinished() => format!("as of {committed}"),
            (None, _) => "the last ingest did not finish: run `indago ingest`".to_string(),
        };
        let write = || -> std::io::Result<()> {
            let shown = paths::shown(&paths::relative(&folder, &style.cwd));
            let segments = if snapshot.segments() == 1 { "segment" } else { "segments" };
            let (size, count) = (units::bytes(size_of(&folder)), snapshot.segments());
            writeln!(out, "index    {shown}, {size} in {count} {segments}")?;
            writeln!(out, "files    {}, {}", units::count(snapshot.documents()), units::bytes(snapshot.bytes()))?;
            if !languages.is_empty() {
                let told: u64 = languages.iter().map(|(_, files)| files).sum();
                let untold = (snapshot.documents().saturating_sub(told), "of no language that can be told");
                let named = languages.iter().map(|(language, files)| (*files, language.name()));
                let named = named.chain([untold]).filter(|(files, _)| *files > 0);
                let named: Vec<_> = named.map(|(files, name)| format!("{} {name}", units::count(files))).collect();
                writeln!(out, "language {}", named.join(", "))?;
            }
            writeln!(out, "skipped  {}{reasons}", units::count(total))?;
            writeln!(out, "state    {}", clean(&state))?;
            for source in sources {
                let files = units::count(by_source.get(&source.id).copied().unwrap_or_default());
                match source.kind {
                    Kind::Tree => writeln!(out, "source   {}, {files} files", paths::shown(&source.root))?,
                    Kind::Files => writeln!(out, "source   {files} files listed one by one")?,
                }
            }
            Ok(())
        };
        write().map_err(Failure::output)?;
    }
    out.flush().map_err(Failure::output)?;
    Ok(Outcome::Good)
}

/// Bytes of the files in a folder.
fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// A moment as people in this place write it.
pub fn moment(ns: i64) -> String {
    let Ok(at) = jiff::Timestamp::from_nanosecond(ns.into()) else { return "an unknown time".into() };
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
