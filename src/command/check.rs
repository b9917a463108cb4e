//! `indago check`

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indago::check::{self, Damage, Report, Watch};
use indago::ingest::Request;
use indicatif::ProgressDrawTarget;
use serde::Serialize;

use super::{Failure, Outcome, ingest, progress, reading_index, writing_index};
use crate::print::{self, ColorChoice, Style, clean::clean, units};

/// Verify the index: every file against its checksum, what is known of the files against what is indexed
///
/// Names each file of the index that does not hold what was written, and the command that helps. Changes nothing, and does
/// not stand in the way of an ingest.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit code: 0 sound, or mended; 1 damage found; 2 could not check, or not mend all of it.")]
pub struct Args {
    /// Leave out what is damaged, and read again the files that it stood for
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    how: ingest::How,
    /// Print JSON Lines: what is damaged, and a summary
    #[arg(long)]
    json: bool,
}

/// A line of JSON for what is wrong.
#[derive(Serialize)]
struct DamageLine<'a> {
    r#type: &'static str,
    file: &'a str,
    what: &'a str,
    hint: Option<String>,
}

/// The last line of `--json`.
#[derive(Serialize)]
struct Summary<'a> {
    r#type: &'static str,
    index: print::objects::Name<'a>,
    files: u64,
    bytes: u64,
    documents: u64,
    damage: usize,
    leftovers: usize,
    foreign: usize,
    /// Documents that were read again, or are gone.
    repaired: Option<u64>,
    took_ms: f64,
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let folder = if args.repair { writing_index(index)? } else { reading_index(index)? };
    let report = watched(&folder, &args.how)?;
    let mut out = print::stdout();
    tell(&report, &folder, args, &mut out)?;
    let (mut repaired, mut outcome) = (None, if report.is_sound() { Outcome::Good } else { Outcome::Nothing });
    if args.repair && !report.is_sound() {
        // What is wrong is to be read before what is done about it.
        out.flush().map_err(Failure::output)?;
        let (lost, done) = mend(&folder, &report, args)?;
        let left = watched(&folder, &args.how)?;
        tell(&left, &folder, args, &mut out)?;
        repaired = Some(lost);
        outcome = if left.is_sound() && !done { Outcome::Good } else { Outcome::Trouble };
    }
    if args.json {
        let style = Style::detect(ColorChoice::Never, false);
        let summary = Summary {
            r#type: "summary",
            index: print::objects::name(folder.as_path()),
            files: report.files,
            bytes: report.bytes,
            documents: report.documents,
            damage: report.damage.len(),
            leftovers: report.leftovers.len(),
            foreign: report.foreign.len(),
            repaired,
            took_ms: (began.elapsed().as_secs_f64() * 1e6).round() / 1e3,
        };
        super::json_line(&mut out, &style, &summary).map_err(Failure::output)?;
    } else if !args.how.quiet && report.is_sound() {
        // If stderr is closed there is nobody to tell.
        drop(summarise(&report, began.elapsed(), &mut io::stderr().lock()));
    }
    out.flush().map_err(Failure::output)?;
    Ok(outcome)
}

/// Checks, and shows how far it got.
fn watched(folder: &Path, how: &ingest::How) -> Result<Report, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let threads = how.threads.map_or(threads, usize::from);
    let watch = Watch::default();
    if how.quiet || !io::stderr().is_terminal() {
        return Ok(check::run(folder, threads, &watch)?);
    }
    let (bar, done) = (progress::bar(), AtomicBool::new(false));
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            if progress::is_over_soon(&done) {
                return;
            }
            bar.set_draw_target(ProgressDrawTarget::stderr());
            while !done.load(Ordering::Relaxed) {
                let (seen, expected) = (watch.seen.load(Ordering::Relaxed), watch.expected.load(Ordering::Relaxed));
                bar.set_length(expected.max(1));
                bar.set_position(seen);
                bar.set_message(format!("{} verified", units::bytes(seen)));
                bar.tick();
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let _done = progress::SetAtEnd(&done);
        check::run(folder, threads, &watch)
    });
    bar.finish_and_clear();
    Ok(report?)
}

/// Mends; returns how many documents were taken out, and whether there was trouble in reading their files again.
fn mend(folder: &Path, report: &Report, args: &Args) -> Result<(u64, bool), Failure> {
    let lost = std::cell::Cell::new(0);
    let repair: &ingest::Run = &|options, watch, tell| {
        let (taken_out, done) = check::repair(folder, report, options, watch, tell)?;
        lost.set(taken_out);
        Ok(done)
    };
    let done = ingest::shown(folder, &Request::default(), &args.how, false, false, repair)?;
    if !args.how.quiet {
        let files = units::count(lost.get());
        drop(print::trouble::note(&mut io::stderr(), &format!("mended; documents that were damaged: {files}")));
    }
    Ok((lost.get(), done.is_trouble()))
}

/// Tells what is wrong: damage on stdout, what is only in the way on stderr.
fn tell(report: &Report, folder: &Path, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let style = Style::detect(ColorChoice::Never, false);
    for damage in &report.damage {
        let Damage { file, what, .. } = damage;
        let written = match args.json {
            true => {
                let line = DamageLine { r#type: "damage", file, what, hint: damage.error(folder).hint() };
                super::json_line(out, &style, &line)
            }
            false => writeln!(out, "{} {}", clean(file), clean(what)),
        };
        written.map_err(Failure::output)?;
    }
    let mut err = io::stderr().lock();
    if let Some(damage) = report.damage.iter().max_by_key(|damage| damage.remedy)
        && !args.repair
        && !args.json
        && let Some(hint) = damage.error(folder).hint()
    {
        out.flush().map_err(Failure::output)?;
        drop(writeln!(err, "hint: {}", clean(&hint)));
    }
    let mut note = |message: String| drop(print::trouble::note(&mut err, &message));
    if !report.leftovers.is_empty() && !args.how.quiet {
        let files = report.leftovers.len();
        note(format!("{files} files that an interrupted run left; the next `indago ingest` removes them"));
    }
    for name in report.foreign.iter().filter(|_| !args.how.quiet) {
        note(format!("{} is not indago's", clean(name)));
    }
    Ok(())
}

/// Says in a line what was verified.
fn summarise(report: &Report, took: Duration, err: &mut impl Write) -> io::Result<()> {
    let (files, documents) = (units::count(report.files), units::count(report.documents));
    let (bytes, took) = (units::bytes(report.bytes), units::seconds(took));
    writeln!(err, "sound: {files} files, {bytes}, {documents} documents; verified in {took}")
}
