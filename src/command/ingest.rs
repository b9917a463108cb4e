//! `indago ingest`

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indago::index;
use indago::ingest::{self, Event, Options, Report, Request, Watch};
use indago::walk::Rules;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde::Serialize;

use super::{Failure, Outcome, absolute, progress, writing_index};
use crate::args::size;
use crate::print::objects::SkippedLine;
use crate::print::{self, ColorChoice, Style, paths, units};

/// Make the index equal to the trees: new files added, changed ones replaced, vanished ones removed
///
/// A PATH is a folder or a file. A new one is added beside those ingested before; one inside a folder ingested before
/// refreshes only that part; nothing outside the PATHs is touched. Without PATH, everything ingested before is brought up
/// to date; a new index takes ./corpus if that is there.
///
/// Read are the files that `rg --files` lists: .gitignore (in a git repository), .ignore, .indagoignore and hidden files are
/// respected, and known secrets, such as .env and private keys, are left out. The rules are remembered for each PATH, until
/// other ones are given; a file that is named itself is read whatever they say.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Exit code: 0 done (files skipped by rule or by content included); 2 a file or folder could not be read, an interrupt, trouble.
Ctrl-C keeps what is done; the next ingest goes on from there.")]
pub struct Args {
    /// Folders and files to ingest
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub how: How,
    /// Read hidden files and folders as well
    #[arg(long)]
    hidden: bool,
    /// Read files known to hold passwords and keys as well (.env, .netrc, id_rsa, private keys…)
    #[arg(long)]
    secrets: bool,
    /// Do not respect .gitignore, .ignore and .indagoignore
    #[arg(long)]
    no_ignore: bool,
    /// Take only files that match GLOB, or with a leading ! leave those out; later ones win
    #[arg(short, long = "glob", value_name = "GLOB")]
    globs: Vec<String>,
    /// Follow symbolic links
    #[arg(short = 'L', long)]
    follow: bool,
    /// Leave out files larger than SIZE (500k, 10M, 2G); 1G unless given
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_filesize: Option<u64>,
    /// Read files that match GLOB as the encoding NAME instead of detecting it; later ones win
    #[arg(long = "encoding", value_name = "GLOB=NAME")]
    encodings: Vec<String>,
    /// Keep the text of the files in the index, so that passages can be shown without the files
    #[arg(long)]
    store_text: bool,
    /// Forget the rules given before and walk the PATHs as if ingested for the first time
    #[arg(long)]
    default_rules: bool,
    /// Ingest the files listed in FILE, a path a line; - reads stdin
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
    /// Paths in --files-from end with NUL instead of a newline
    #[arg(short = '0', long, requires = "files_from")]
    null: bool,
    /// Tell what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Throw the index away and build it anew from everything ingested before, and the PATHs
    #[arg(long, conflicts_with = "dry_run")]
    rebuild: bool,
    /// Print JSON Lines: what was skipped, and a summary
    #[arg(long)]
    json: bool,
}

/// What `query --from` has in common with `ingest`.
#[derive(clap::Args, Debug, Default)]
pub struct How {
    /// Files read at the same time; as many as there are processors unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Memory for what is not on the disk yet, such as 500M; 280M unless given
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub memory: Option<u64>,
    /// No progress and no summary; troubles are told all the same
    #[arg(short, long)]
    pub quiet: bool,
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let folder = writing_index(index)?;
    let (rules, encodings, rebuild) = (args.rules(), args.encodings(), args.rebuild);
    let mut request = Request { rules, encodings, rebuild, ..Request::default() };
    request.store_text = (args.store_text || args.default_rules).then_some(args.store_text);
    for path in &args.paths {
        request.paths.push(absolute(path)?);
    }
    if let Some(list) = &args.files_from {
        request.files = Some(listed(list, args.null)?);
    } else if args.paths.is_empty() && !has_sources(&folder) {
        let corpus = absolute(Path::new("corpus"))?;
        if corpus.is_dir() {
            request.paths.push(corpus);
        }
    }
    let report = carry_out(&folder, &request, &args.how, args.dry_run, args.json)?;
    Ok(if report.is_trouble() { Outcome::Trouble } else { Outcome::Good })
}

/// Whether there is anything that a plain `ingest` would refresh; what cannot be told is told by the ingest.
fn has_sources(folder: &Path) -> bool {
    let marker = index::Marker::read(folder);
    index::is_index(folder) && marker.map_or(true, |marker| marker.is_some_and(|marker| !marker.sources.is_empty()))
}

impl Args {
    /// The rules given, if any: without any, those recorded stay.
    fn rules(&self) -> Option<Rules> {
        let rules = Rules {
            hidden: self.hidden,
            secrets: self.secrets,
            no_ignore: self.no_ignore,
            globs: self.globs.clone(),
            follow: self.follow,
            max_bytes: self.max_filesize,
        };
        (rules != Rules::default() || self.default_rules).then_some(rules)
    }

    fn encodings(&self) -> Option<Vec<String>> {
        (!self.encodings.is_empty() || self.default_rules).then(|| self.encodings.clone())
    }
}

/// The paths in a list, absolute.
fn listed(list: &Path, null: bool) -> Result<Vec<PathBuf>, Failure> {
    let mut bytes = Vec::new();
    let read = match list.to_str() {
        Some("-") => io::stdin().read_to_end(&mut bytes),
        _ => File::open(list).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|source| indago::Error::Read { path: list.to_path_buf(), source })?;
    let end = if null { 0 } else { b'\n' };
    let paths = bytes.split(|byte| *byte == end).map(|path| path.strip_suffix(b"\r").filter(|_| !null).unwrap_or(path));
    let paths = paths.filter(|path| !path.is_empty());
    paths.map(|path| absolute(Path::new(&std::ffi::OsString::from_vec(path.to_vec())))).collect()
}

/// Ingests, shows how far it got, and tells what came of it.
pub fn carry_out(folder: &Path, request: &Request, how: &How, dry_run: bool, json: bool) -> Result<Report, Failure> {
    let ingest: &Run = &|options, watch, tell| ingest::run(folder, request, options, watch, tell);
    shown(folder, request, how, dry_run, json, ingest)
}

/// A run of the library's.
pub type Run<'a> = dyn Fn(&Options, &Watch, &mut dyn FnMut(Event)) -> indago::Result<Report> + 'a;

/// Runs `ingest`, which does what `request` asks for, shows how far it got, and tells what came of it.
pub fn shown(
    folder: &Path,
    request: &Request,
    how: &How,
    dry_run: bool,
    json: bool,
    ingest: &Run<'_>,
) -> Result<Report, Failure> {
    let mut options = Options { dry_run, ..Options::default() };
    options.global_excludes = ignore::gitignore::gitconfig_excludes_path().filter(|path| path.is_file());
    options.threads = how.threads.map_or(options.threads, usize::from);
    options.memory_bytes = how.memory.unwrap_or(options.memory_bytes);
    let watch = Watch::default();
    stop_on_signals(&watch);
    let style = Style::detect(ColorChoice::Auto, false);
    let mut told = Teller { style: &style, dry_run, json, out: print::stdout(), failed: None };
    let bar = (!how.quiet && io::stderr().is_terminal()).then(progress::bar);
    let report = std::thread::scope(|scope| {
        let done = Arc::new(AtomicBool::new(false));
        if let Some(bar) = &bar {
            let (watch, done, options) = (&watch, Arc::clone(&done), &options);
            scope.spawn(move || {
                // Runs that are over at once show nothing.
                if progress::is_over_soon(&done) {
                    return;
                }
                std::thread::scope(|scope| {
                    // What makes no sense is told by the run itself.
                    scope.spawn(|| drop(ingest::survey(folder, request, options, watch)));
                    show_progress(bar, watch, &done);
                });
            });
        }
        let _done = progress::SetAtEnd(&done);
        ingest(&options, &watch, &mut |event| told.tell(event, bar.as_ref()))
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let report = report?;
    told.finish(&report, folder)?;
    if !how.quiet {
        // If stderr is closed there is nobody to tell.
        drop(summarise(&report, dry_run, &mut io::stderr().lock()));
    }
    Ok(report)
}

/// The first Ctrl-C ends the run after what it is doing; the second one at once.
fn stop_on_signals(watch: &Watch) {
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Without the handler the signal ends the process, which the index survives as well.
        drop(signal_hook::flag::register_conditional_shutdown(signal, 2, Arc::clone(&watch.stop)));
        drop(signal_hook::flag::register(signal, Arc::clone(&watch.stop)));
    }
}

fn show_progress(bar: &ProgressBar, watch: &Watch, done: &AtomicBool) {
    bar.set_draw_target(ProgressDrawTarget::stderr());
    while !done.load(Ordering::Relaxed) {
        let (seen, expected) = (watch.seen.load(Ordering::Relaxed), watch.expected.load(Ordering::Relaxed));
        let is_read = watch.read.load(Ordering::Relaxed) == watch.queued.load(Ordering::Relaxed);
        // The tree may have grown since it was counted.
        bar.set_length(expected.max(seen).max(1));
        bar.set_position(if expected == 0 { 0 } else { seen });
        let message = match (watch.stop.load(Ordering::Relaxed), watch.walked.load(Ordering::Relaxed)) {
            (true, _) => "stopping".to_string(),
            (false, true) if is_read => "finishing".to_string(),
            _ => format!("{} files, {}", units::count(seen), units::bytes(watch.bytes.load(Ordering::Relaxed))),
        };
        bar.set_message(message);
        bar.tick();
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Prints what happens while it happens.
struct Teller<'a, W: Write> {
    style: &'a Style,
    dry_run: bool,
    json: bool,
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> Teller<'_, W> {
    fn tell(&mut self, event: Event, bar: Option<&ProgressBar>) {
        let shown = |path: &Path| paths::shown(&paths::relative(path, &self.style.cwd));
        let trouble = match &event {
            Event::Trouble { path, message } => Some(format!("cannot read {}: {message}", path.display())),
            Event::Warning { path, message } => Some(format!("{}: {message}", path.display())),
            Event::Skipped { path, reason, detail } if reason.is_trouble() => {
                let detail = if detail.is_empty() { reason.name() } else { detail };
                Some(format!("cannot read {}: {detail}", path.display()))
            }
            _ => None,
        };
        if let Some(trouble) = trouble {
            let print = || drop(print::trouble::note(&mut io::stderr(), &trouble));
            match bar {
                Some(bar) => bar.suspend(print),
                None => print(),
            }
        }
        let written = match &event {
            Event::Skipped { path, reason, detail } if self.json => {
                let line = SkippedLine::new(path, *reason, detail);
                super::json_line(&mut self.out, self.style, &line)
            }
            Event::New(path) if self.dry_run && !self.json => writeln!(self.out, "new      {}", shown(path)),
            Event::Changed(path) if self.dry_run && !self.json => writeln!(self.out, "changed  {}", shown(path)),
            Event::Removed(path) if self.dry_run && !self.json => writeln!(self.out, "removed  {}", shown(path)),
            Event::Moved { from, to } if self.dry_run && !self.json => {
                writeln!(self.out, "moved    {} -> {}", shown(from), shown(to))
            }
            _ => Ok(()),
        };
        self.failed = self.failed.take().or(written.err());
    }

    fn finish(mut self, report: &Report, folder: &Path) -> Result<(), Failure> {
        if self.json {
            let summary = Summary::of(report, folder);
            let written = super::json_line(&mut self.out, self.style, &summary);
            self.failed = self.failed.take().or(written.err());
        }
        let flushed = self.out.flush();
        match self.failed.take().or(flushed.err()) {
            None => Ok(()),
            Some(error) => print::unless_closed(Err(error)).map_err(Failure::output),
        }
    }
}

/// The last line of `--json`.
#[derive(Serialize)]
struct Summary<'a> {
    r#type: &'static str,
    index: print::objects::Name<'a>,
    seen: u64,
    new: u64,
    changed: u64,
    unchanged: u64,
    moved: u64,
    removed: u64,
    kept: u64,
    skipped: std::collections::BTreeMap<&'static str, u64>,
    troubles: u64,
    documents: u64,
    bytes: u64,
    took_ms: f64,
    interrupted: bool,
}

impl Summary<'_> {
    fn of<'a>(report: &Report, folder: &'a Path) -> Summary<'a> {
        Summary {
            r#type: "summary",
            index: print::objects::name(folder),
            seen: report.seen(),
            new: report.new,
            changed: report.changed,
            unchanged: report.unchanged,
            moved: report.moved,
            removed: report.removed,
            kept: report.kept,
            skipped: report.skipped.iter().map(|(reason, count)| (reason.name(), *count)).collect(),
            troubles: report.troubles,
            documents: report.documents,
            bytes: report.bytes,
            took_ms: (report.elapsed.as_secs_f64() * 1e6).round() / 1e3,
            interrupted: report.interrupted,
        }
    }
}

/// Says in a line or two what a run did.
fn summarise(report: &Report, dry_run: bool, err: &mut impl Write) -> io::Result<()> {
    let rows = [
        (report.new, "new"),
        (report.changed, "changed"),
        (report.unchanged, "unchanged"),
        (report.moved, "moved"),
        (report.removed, "removed"),
        (report.kept, "kept unseen"),
        (report.troubles, "unreadable"),
    ];
    let counts = rows.iter().filter(|(count, _)| *count > 0);
    let mut counts: Vec<String> = counts.map(|(count, name)| format!("{} {name}", units::count(*count))).collect();
    let skipped: u64 = report.skipped.values().sum();
    if skipped > 0 {
        let mut reasons: Vec<_> = report.skipped.iter().collect();
        reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), **reason));
        let reasons: Vec<_> =
            reasons.iter().map(|(reason, n)| format!("{} {}", units::count(**n), reason.name())).collect();
        counts.push(format!("{} skipped ({})", units::count(skipped), reasons.join(", ")));
    }
    if counts.is_empty() {
        counts.push("nothing found".into());
    }
    let verb = if dry_run { "would be: " } else { "" };
    writeln!(err, "{verb}{}", counts.join(", "))?;
    if report.interrupted {
        writeln!(err, "interrupted: what is done was kept; run `indago ingest` to go on")?;
    }
    if dry_run {
        return Ok(());
    }
    let seconds = report.elapsed.as_secs_f64();
    let files = units::count(report.documents);
    let speed = report.bytes as f64 / 1e6 / seconds.max(1e-6);
    let (read, took) = (units::bytes(report.bytes), units::seconds(report.elapsed));
    let files = format!("{files} {}", if report.documents == 1 { "file" } else { "files" });
    match report.bytes {
        0 => writeln!(err, "{files} in the index; nothing to read, {took}"),
        _ => writeln!(err, "{files} in the index; read {read} in {took}, {speed:.1} MB/s"),
    }
}
