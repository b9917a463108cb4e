//! An ingest that is killed or interrupted at any instant: the index opens, answers, and is completed by the next run.
//!
//! `INDAGO_KILLS` sets how many kills each of the three runs gets at instants of the clock (10 or so unless given); with strace,
//! each also dies at system calls that switch or remove files, one run a call.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::shelf::{Run, Shelf};

/// A run to be killed: the folder of texts as it shall be indexed, and the index as it was before.
struct Trial {
    shelf: Shelf,
    args: Vec<&'static str>,
    /// A copy of the index before the run; `None` for a first ingest.
    before: Option<PathBuf>,
    /// Texts that are in the old state and the new one, whatever version.
    lasting: BTreeSet<String>,
    /// What a fresh build answers, and the files that it consists of.
    fresh: (String, Vec<String>),
}

/// Old versions open with alphaold and end with omegaold, new ones likewise; all have words in common and of their own.
fn text(n: usize, version: &str) -> String {
    let mut state = n as u64 * 7919 + version.len() as u64;
    let mut words = vec![format!("alpha{version}"), format!("single{n}"), "lantern".to_string()];
    for _ in 0..8 + n % 5 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        words.push(["harbour", "keeper", "tides", "lantern", "rope", "gull"][(state >> 33) as usize % 6].to_string());
    }
    words.push(format!("omega{version}\n"));
    words.join(" ")
}

impl Trial {
    /// `texts` files; with a state before, a fifth of them each is changed, moved, deleted, new, and left alone.
    fn new(texts: usize, is_first: bool, args: &[&'static str]) -> Trial {
        let shelf = Shelf::new();
        fs::write(
            shelf.home().join("questions"),
            "1\talphaold\n2\tomegaold\n3\talphanew\n4\tomeganew\n5\tlantern\n6\tkeeper tides\n7\t\"rope gull\"\n8\tsingle7\n",
        )
        .unwrap();
        let name = |n: usize| format!("{}/{n}.txt", n % 7);
        let mut lasting = BTreeSet::new();
        let mut before = None;
        for n in (0..texts).filter(|n| is_first || n % 5 != 0) {
            shelf.put(name(n), text(n, "old"));
        }
        if !is_first {
            shelf.ingest().succeeded();
            let copy = shelf.home().join("before");
            copy_folder(&shelf.home().join("index"), &copy);
            before = Some(copy);
            for n in 0..texts {
                match n % 5 {
                    0 => drop(shelf.put(name(n), text(n, "old"))),
                    1 => drop(shelf.put(name(n), text(n, "new"))),
                    2 => fs::rename(shelf.text(name(n)), shelf.text(format!("moved{n}.txt"))).unwrap(),
                    3 => shelf.remove(name(n)),
                    _ => {}
                }
                if matches!(n % 5, 1 | 4) {
                    lasting.insert(name(n));
                }
            }
        }
        let mut trial = Trial { shelf, args: args.to_vec(), before, lasting, fresh: Default::default() };
        fs::remove_dir_all(trial.index()).ok();
        trial.shelf.ingest().succeeded();
        trial.fresh = (trial.answers(), trial.files());
        trial
    }

    fn index(&self) -> PathBuf {
        self.shelf.home().join("index")
    }

    /// Puts the index back to where it was before the run.
    fn reset(&self) {
        fs::remove_dir_all(self.index()).ok();
        if let Some(before) = &self.before {
            copy_folder(before, &self.index());
        }
    }

    fn start(&self) -> Child {
        let mut command = self.shelf.command(&self.args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs")
    }

    /// A TREC run: documents and scores of every question.
    fn answers(&self) -> String {
        let run = self.shelf.run(["query", "--queries", "questions"]);
        assert!(matches!(run.code(), Some(0 | 1)), "{run:?}");
        assert!(!run.stderr().contains("stumbled"), "{run:?}");
        run.stdout()
    }

    /// The names in the index folder, without what differs between builds.
    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.index()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let kind = |name: String| match name.split_once('.') {
            Some((stem, kind)) if stem.len() == 32 => format!("segment.{kind}"),
            Some(("records", _)) => "records".to_string(),
            _ => name,
        };
        let mut names: Vec<_> = names.map(kind).collect();
        names.sort();
        names
    }

    /// What must hold after a kill at `instant`, and after the next run.
    fn survives(&self, instant: &str) {
        let is_there = self.index().join("indago.json").is_file();
        if is_there {
            self.holds_whole_texts(instant);
            self.shelf.run(["status"]).succeeded();
            let query = self.shelf.query("lantern");
            let is_whole = self.before.is_some() || self.answers() == self.fresh.0;
            assert!(is_whole || query.stderr().contains("did not finish"), "{instant} is not told of: {query:?}");
        } else {
            assert_eq!(self.shelf.query("lantern").code(), Some(2), "{instant}");
        }
        let run = self.shelf.ingest();
        assert_eq!(run.code(), Some(0), "after {instant}: {run:?}");
        assert_eq!(self.answers(), self.fresh.0, "after {instant} the index does not answer as a fresh one");
        let state = &self.shelf.run(["status", "--json"]).json()[0];
        assert_eq!(state["unfinished"], false, "after {instant}: {state}");
        let files = self.files();
        let kinds = |files: &[String]| files.iter().cloned().collect::<BTreeSet<_>>();
        let extra: Vec<_> = kinds(&files).difference(&kinds(&self.fresh.1)).cloned().collect();
        assert!(extra.iter().all(|kind| kind.ends_with(".del")), "after {instant} there is also {extra:?}");
        let segments = state["segments"].as_u64().unwrap();
        assert!(segments <= 5, "after {instant}: {segments} segments");
        let terms = files.iter().filter(|kind| *kind == "segment.term").count() as u64;
        assert_eq!(terms, segments, "after {instant} files of segments are left: {files:?}");
        let layers = files.iter().filter(|kind| *kind == "records").count();
        assert!(layers <= 4, "after {instant}: {layers} layers of records");
    }

    fn holds_whole_texts(&self, instant: &str) {
        let answers = self.answers();
        let found = |question: &str| -> BTreeSet<String> {
            let lines = answers.lines().map(|line| line.split(' ').collect::<Vec<_>>());
            lines.filter(|fields| fields[0] == question).map(|fields| fields[2].to_string()).collect()
        };
        let (old, new) = (found("1"), found("3"));
        assert_eq!(old, found("2"), "{instant}: the end of an old text is missing");
        assert_eq!(new, found("4"), "{instant}: the end of a new text is missing");
        let twice: Vec<_> = old.intersection(&new).collect();
        assert!(twice.is_empty(), "{instant}: {twice:?} answer in both versions");
        let all: BTreeSet<_> = old.union(&new).cloned().collect();
        assert_eq!(all, found("5"), "{instant}");
        let lost: Vec<_> = self.lasting.difference(&all).collect();
        assert!(lost.is_empty(), "{instant}: {lost:?} were lost");
    }

    /// Kills at instants spread over the length of a run, and when files come and go in the index.
    fn killed_by_the_clock(&self, share: usize) {
        self.reset();
        let began = Instant::now();
        assert!(self.start().wait().unwrap().success());
        let length = began.elapsed();
        assert_eq!(self.answers(), self.fresh.0, "the whole run differs from a fresh build");
        let kills = kills() * share / 4;
        for n in 0..kills {
            self.reset();
            let mut run = self.start();
            let instant = if n % 2 == 0 {
                let wait = length.mul_f64((n as f64 + 0.5) / kills as f64);
                thread::sleep(wait);
                format!("a kill after {wait:?} of {length:?}")
            } else {
                let changes = 1 + n / 2 * 3;
                watch(&self.index(), &mut run, changes);
                format!("a kill after change {changes} in the folder")
            };
            run.kill().unwrap();
            run.wait().unwrap();
            self.survives(&instant);
        }
    }

    /// Kills at the system calls of a kind, one run each, `step` calls apart.
    fn killed_at_calls(&self, call: &str, step: usize) {
        for n in (1..).step_by(step) {
            self.reset();
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e"]);
            strace.arg(format!("inject={call}:signal=SIGKILL:when={n}"));
            let program = self.shelf.command(&self.args);
            let ended = Run::of({
                strace.arg(program.get_program()).args(program.get_args()).current_dir(self.shelf.home());
                strace.env("HOME", self.shelf.home());
                strace
            });
            self.survives(&format!("a kill at {call} {n}"));
            if ended.code() == Some(0) {
                return;
            }
        }
    }
}

fn kills() -> usize {
    std::env::var("INDAGO_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

/// Whether strace may watch programs here.
fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("not run: strace cannot trace programs here");
    }
    can
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Returns when the names in `folder`, or its `meta.json`, have changed so often, or `run` has ended.
fn watch(folder: &Path, run: &mut Child, changes: usize) {
    let look = || -> (BTreeSet<_>, Option<u64>) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let meta = fs::metadata(folder.join("meta.json")).ok().map(|meta| meta.ino());
        (entries.map(|entry| entry.file_name()).collect(), meta)
    };
    let (mut last, mut seen) = (look(), 0);
    while seen < changes && run.try_wait().unwrap().is_none() {
        let now = look();
        if now != last {
            (last, seen) = (now, seen + 1);
        }
    }
}

#[test]
fn a_first_ingest_killed_at_any_instant_is_completed_by_the_next() {
    let trial = Trial::new(90, true, &["ingest", "texts"]);
    trial.killed_by_the_clock(6);
}

#[test]
fn an_ingest_of_changes_moves_and_deletions_killed_at_any_instant_is_completed_by_the_next() {
    let trial = Trial::new(60, false, &["ingest", "texts"]);
    trial.killed_by_the_clock(8);
}

#[test]
fn an_ingest_of_many_commits_and_merges_killed_at_any_instant_is_completed_by_the_next() {
    let trial = Trial::new(40, false, &["ingest", "texts", "--memory", "0"]);
    trial.killed_by_the_clock(4);
}

#[test]
fn a_kill_at_any_call_that_switches_or_removes_files_loses_nothing() {
    if !can_trace() {
        return;
    }
    // Every call with INDAGO_KILLS over 40; else enough of them for each kind to be met.
    let is_long = kills() > 40;
    let trial = Trial::new(10, false, &["ingest", "texts"]);
    for (call, step) in [("rename", 1), ("fsync", 3), ("unlink", 7), ("fdatasync", 11), ("ftruncate", 2)] {
        trial.killed_at_calls(call, if is_long { 1 } else { step });
    }
    if is_long {
        let first = Trial::new(10, true, &["ingest", "texts"]);
        for call in ["rename", "fsync", "unlink", "fdatasync", "mkdir", "openat"] {
            first.killed_at_calls(call, 1);
        }
    }
}

fn interrupt(run: &Child) {
    Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
}

#[test]
fn ctrl_c_ends_a_run_with_2_says_what_is_kept_and_the_next_run_completes_it() {
    let trial = Trial::new(150, false, &["ingest", "texts", "--threads", "1"]);
    trial.reset();
    let old = trial.answers();
    let mut interrupted = 0;
    for changes in 1..6 {
        trial.reset();
        let mut run = trial.shelf.command(&trial.args).stderr(Stdio::piped()).spawn().unwrap();
        watch(&trial.index(), &mut run, changes);
        interrupt(&run);
        let run = Run { output: run.wait_with_output().unwrap() };
        let answers = trial.answers();
        match run.code() {
            Some(2) => {
                interrupted += 1;
                let told: Vec<_> = run.stderr().lines().map(str::to_string).collect();
                let told = told.iter().filter(|line| line.contains("interrupted")).count();
                assert_eq!(told, 1, "{run:?}");
                trial.holds_whole_texts("an interrupt");
                if answers != old && answers != trial.fresh.0 {
                    let status = trial.shelf.run(["status"]).succeeded();
                    assert!(status.stdout().contains("did not finish: run `indago ingest`"), "{status:?}");
                    let query = trial.shelf.query("lantern");
                    assert!(query.stderr().contains("unfinished") || query.stderr().contains("finish"), "{query:?}");
                }
            }
            Some(0) => assert_eq!(answers, trial.fresh.0),
            _ => panic!("{run:?}"),
        }
        trial.survives("an interrupt");
    }
    assert!(interrupted > 0, "no run was interrupted before its end");
}

#[test]
fn ctrl_c_in_a_run_with_nothing_to_do_is_harmless() {
    let trial = Trial::new(30, true, &["ingest", "texts"]);
    for wait in [0, 1, 2, 4, 8] {
        let mut run = trial.start();
        thread::sleep(Duration::from_millis(wait));
        interrupt(&run);
        run.wait().unwrap();
        let state = &trial.shelf.run(["status", "--json"]).json()[0];
        assert_eq!((&state["unfinished"], &state["documents"]), (&false.into(), &30.into()), "{state}");
        assert_eq!(trial.answers(), trial.fresh.0);
    }
}

#[test]
fn a_second_ctrl_c_ends_the_run_at_once() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    let words = if cfg!(debug_assertions) { 400_000 } else { 10_000_000 };
    let long: String = (0..words as u64).map(|n| format!("w{:x} ", n * 7919)).collect();
    shelf.put("long.txt", long);
    let mut run = shelf.command(["ingest", "texts"]).stderr(Stdio::null()).spawn().unwrap();
    // From here on a worker is busy with the long text, which it would read to its end.
    while shelf.run(["status", "--json"]).json()[0]["writer"].is_null() {
        assert!(run.try_wait().unwrap().is_none(), "the long text was no match for this machine");
    }
    thread::sleep(Duration::from_millis(100));
    interrupt(&run);
    thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    interrupt(&run);
    assert_eq!(run.wait().unwrap().code(), Some(2));
    assert!(began.elapsed() < Duration::from_secs(1), "it took {:?}", began.elapsed());
    assert_eq!(shelf.paths("lantern"), ["keeper.txt"]);
    shelf.remove("long.txt");
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt"]);
}

#[test]
fn repeated_kills_leave_no_litter_that_grows() {
    let trial = Trial::new(40, false, &["ingest", "texts"]);
    trial.reset();
    let mut most = 0;
    // What one kill leaves depends on the instant; if each added to it, twenty would leave four times what five do.
    for n in 0..20 {
        let mut run = trial.start();
        watch(&trial.index(), &mut run, 6);
        run.kill().unwrap();
        run.wait().unwrap();
        let files = trial.files().len();
        if n < 5 {
            most = most.max(files);
        }
        assert!(n < 5 || files <= 2 * most + 10, "{files} files after {n} kills: {:?}", trial.files());
    }
    trial.survives("twenty kills");
}
