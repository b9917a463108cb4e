//! Whatever happens to the files: an ingest leaves what a rebuild would.
//!
//! `INDAGO_CASES` says how many histories are tried, `INDAGO_SEED` where they begin; both are printed with a failure, and
//! the history is the shortest that was found to fail.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;

use crate::shelf::Shelf;

/// Where things happen; a name may be a file, a folder or a link in turn.
const NAMES: [&str; 14] = [
    "x.txt",
    "X.txt",
    "y.md",
    "a",
    "a/x.txt",
    "a/y.md",
    "a/b",
    "a/b/x.txt",
    "a/b/z",
    "a.txt",
    "c",
    "c/x.txt",
    "c/.h",
    "c/d/e.txt",
];
/// Folders, which no rule below leaves out, that are ingested alone at times.
const PARTS: [&str; 4] = ["a", "a/b", "c", "a/x.txt"];
/// Folders that become sources of their own.
const INNER: [&str; 2] = ["a/b", "c"];
const WORDS: [&str; 8] = ["anchor", "beacon", "capstan", "dinghy", "ensign", "fathoms", "Gunwale's", "hàwser"];
const RULES: [&str; 5] = ["", "*.md\n", "z\n!y.md\n", "e.txt\nX*\n", "d/\n"];
const QUESTIONS: [&str; 14] = [
    "anchor",
    "anchor beacon",
    "\"anchor beacon\"",
    "capstan dinghy ensign fathom",
    "fathom",
    "gunwale hawser",
    "be*",
    "+anchor -beacon",
    "(dinghy OR ensign) AND capstan",
    "path:a/ anchor",
    "ext:md beacon",
    "size:<15 anchor",
    "after:2005-01-01 anchor",
    "title:beacon",
];

#[derive(Clone, Debug)]
enum Step {
    Write(&'static str, String),
    Append(&'static str, String),
    Truncate(&'static str, u64),
    Rename(&'static str, &'static str),
    Remove(&'static str),
    Folder(&'static str),
    Touch(&'static str, u64),
    HardLink(&'static str, &'static str),
    Symlink(&'static str, &'static str),
    Rules(&'static str, &'static str),
    Ingest,
    IngestPart(&'static str),
    /// A folder becomes a source of its own, with another rule.
    IngestAs(&'static str, &'static str),
    Forget(&'static str),
}

fn texts() -> impl Strategy<Value = String> {
    let words = vec(select(&WORDS[..]), 0..7).prop_map(|words| words.join(" "));
    prop_oneof![12 => words.clone(), 1 => words.prop_map(|text| format!("{text}\0\u{1}"))]
}

fn steps() -> impl Strategy<Value = Step> {
    let name = || select(&NAMES[..]);
    prop_oneof![
        8 => (name(), texts()).prop_map(|(name, text)| Step::Write(name, text)),
        2 => (name(), texts()).prop_map(|(name, text)| Step::Append(name, text)),
        1 => (name(), 0_u64..20).prop_map(|(name, bytes)| Step::Truncate(name, bytes)),
        5 => (name(), name()).prop_map(|(from, to)| Step::Rename(from, to)),
        3 => name().prop_map(Step::Remove),
        2 => name().prop_map(Step::Folder),
        2 => (name(), 1_000_000_000_u64..1_000_000_003).prop_map(|(name, time)| Step::Touch(name, time)),
        2 => (name(), name()).prop_map(|(from, to)| Step::HardLink(from, to)),
        1 => (name(), name()).prop_map(|(from, to)| Step::Symlink(from, to)),
        2 => (select(&["", "a", "c"][..]), select(&RULES[..])).prop_map(|(folder, rules)| Step::Rules(folder, rules)),
        4 => Just(Step::Ingest),
        3 => select(&PARTS[..]).prop_map(Step::IngestPart),
    ]
}

/// What makes and ends sources, beside the steps above.
fn steps_with_sources() -> impl Strategy<Value = Step> {
    let inner = || select(&INNER[..]);
    prop_oneof![
        8 => steps(),
        1 => (inner(), select(&["--hidden", "--no-ignore", "-g=!*.md"][..])).prop_map(|(name, rule)| Step::IngestAs(name, rule)),
        // A file that is left out by a rule is taken when it is named.
        1 => select(&NAMES[..]).prop_map(Step::IngestPart),
        1 => prop_oneof![inner(), select(&NAMES[..])].prop_map(Step::Forget),
    ]
}

/// Does what a step says, as far as it can be done.
fn take(shelf: &Shelf, step: &Step) -> std::io::Result<()> {
    let path = |name: &str| shelf.text(name);
    let open_folder = |name: &str| fs::create_dir_all(path(name).parent().unwrap_or(Path::new("/")));
    match step {
        Step::Write(name, text) => open_folder(name).and_then(|()| fs::write(path(name), text)),
        Step::Append(name, text) => OpenOptions::new().append(true).open(path(name))?.write_all(text.as_bytes()),
        Step::Truncate(name, bytes) => OpenOptions::new().write(true).open(path(name))?.set_len(*bytes),
        Step::Rename(from, to) => open_folder(to).and_then(|()| fs::rename(path(from), path(to))),
        Step::Remove(name) => remove(&path(name)),
        Step::Folder(name) => {
            remove(&path(name))?;
            fs::create_dir_all(path(name))?;
            fs::write(path(name).join("in.txt"), "anchor inside")
        }
        Step::Touch(name, seconds) => {
            let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(*seconds));
            File::open(path(name))?.set_times(times)
        }
        Step::HardLink(from, to) => open_folder(to).and_then(|()| fs::hard_link(path(from), path(to))),
        Step::Symlink(from, to) => open_folder(to).and_then(|()| std::os::unix::fs::symlink(path(from), path(to))),
        Step::Rules(folder, "") => fs::remove_file(path(folder).join(".ignore")),
        Step::Rules(folder, rules) => fs::write(path(folder).join(".ignore"), rules),
        Step::Ingest => {
            ingest(shelf, &["texts"]);
            Ok(())
        }
        Step::IngestPart(name) => {
            // A link would be followed as a source of its own.
            let is_direct = path(name).ancestors().take(3).all(|path| !path.is_symlink());
            if is_direct && path(name).exists() {
                ingest(shelf, &[&format!("texts/{name}")]);
            }
            Ok(())
        }
        Step::IngestAs(name, rule) => {
            if path(name).is_dir() && !path(name).is_symlink() {
                ingest(shelf, &[rule, &format!("texts/{name}")]);
            }
            Ok(())
        }
        Step::Forget(name) => {
            let run = shelf.run(["forget", &format!("texts/{name}")]);
            assert!(matches!(run.code(), Some(0 | 1)), "{step:?}: {run:?}");
            Ok(())
        }
    }
}

/// An ingest along the way; it may end with 2, since a source may be gone for a while.
fn ingest(shelf: &Shelf, args: &[&str]) {
    let run = shelf.run(["ingest", "-q"].iter().chain(args));
    assert!(matches!(run.code(), Some(0 | 2)), "{args:?}: {run:?}");
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// All that an index answers and tells of its documents.
fn account(shelf: &Shelf, index: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for question in QUESTIONS {
        let run = shelf.run(["query", "--index", index, "--json", "--limit", "100", "--", question]);
        assert!(matches!(run.code(), Some(0 | 1)), "{run:?}");
        lines.push(format!("? {question}"));
        lines.extend(run.objects("hit").iter().map(Value::to_string));
        lines.extend(run.objects("summary").iter().map(|summary| summary["total"].to_string()));
    }
    let status =
        shelf.run(["status", "--index", index, "--json"]).succeeded().objects("status").pop().expect("a status");
    lines.extend(["documents", "bytes", "skipped", "unfinished"].map(|name| format!("{name} {}", status[name])));
    lines.push(shelf.run(["status", "--index", index, "--skipped"]).succeeded().stdout());
    lines
}

/// Holds the index against `fresh`, one made anew.
fn compare(shelf: &Shelf) -> Result<(), TestCaseError> {
    let (grown, fresh) = (account(shelf, "index"), account(shelf, "fresh"));
    let differing = grown.iter().zip(&fresh).find(|(grown, fresh)| grown != fresh);
    prop_assert!(grown == fresh, "grown, then fresh: {differing:#?}");
    Ok(())
}

/// A shelf that lived through `steps`.
fn after(steps: &[Step]) -> Shelf {
    let shelf = Shelf::with(&[("x.txt", "anchor beacon"), ("a/x.txt", "capstan"), ("c/x.txt", "dinghy anchor")]);
    for step in steps {
        // Not every step can be taken everywhere: then nothing happened, which is part of the history.
        drop(take(&shelf, step));
    }
    shelf
}

/// Tries histories of `steps`, as many and as random as the environment says.
fn try_histories<S: Strategy<Value = Step>>(
    default_cases: u32,
    steps: S,
    hold: fn(Shelf) -> Result<(), TestCaseError>,
) {
    let (cases, seed) = (number("INDAGO_CASES", default_cases), number("INDAGO_SEED", 1));
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let ended = TestRunner::new_with_rng(config, rng).run(&vec(steps, 1..25), |steps| hold(after(&steps)));
    if let Err(failure) = ended {
        panic!("INDAGO_SEED={seed} INDAGO_CASES={cases}: {failure}");
    }
}

fn number(variable: &str, default: u32) -> u32 {
    env::var(variable)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn any_history_of_changes_ends_in_what_a_new_index_holds() {
    try_histories(10, steps(), |shelf| {
        shelf.run(["ingest", "-q", "texts"]).succeeded();
        shelf.run(["ingest", "-q", "--index", "fresh", "texts"]).succeeded();
        compare(&shelf)
    });
}

/// Holds an index of several sources against its own rebuild.
fn hold_against_rebuild(shelf: Shelf) -> Result<(), TestCaseError> {
    for root in INNER.iter().filter(|root| shelf.text(root).symlink_metadata().is_err()) {
        // A root that is gone would keep what a rebuild cannot find.
        drop(fs::create_dir_all(shelf.text(root)));
    }
    if shelf.run(["ingest", "-q"]).code() == Some(0) {
        let copied = Command::new("cp").args(["-r", "index", "fresh"]).current_dir(shelf.home()).status();
        prop_assert!(copied.is_ok_and(|status| status.success()));
        shelf.run(["ingest", "-q", "--rebuild", "--index", "fresh"]).succeeded();
        compare(&shelf)?;
    }
    Ok(())
}

#[test]
fn any_history_of_sources_ends_in_what_a_rebuild_holds() {
    try_histories(6, steps_with_sources(), hold_against_rebuild);
}

#[test]
fn histories_that_once_failed_hold() {
    let listed = [Step::Write("c/.h", "anchor".into()), Step::IngestPart("c/.h"), Step::IngestAs("c", "--hidden")];
    let listed_and_more = [&listed[..], &[Step::Write("a/x.txt", "anchor".into())]].concat();
    for steps in [&listed[..], &listed_and_more] {
        hold_against_rebuild(after(steps)).unwrap_or_else(|failure| panic!("{steps:?}: {failure}"));
    }
}

/// The texts that hold "anchor", sorted.
fn found(shelf: &Shelf) -> Vec<String> {
    let mut paths = shelf.paths("anchor");
    paths.sort();
    paths
}

#[test]
fn a_rebuild_makes_the_index_anew_from_all_that_was_ingested_with_its_rules() {
    let shelf = Shelf::new();
    for name in ["texts/a.txt", "hidden/.b.txt", "listed/c.txt", "listed/not.txt", "texts/x.md"] {
        fs::create_dir_all(shelf.home().join(name).parent().expect("a folder")).expect("a folder");
        fs::write(shelf.home().join(name), "anchor").expect("a text");
    }
    shelf.run(["ingest", "-g", "*.txt", "texts"]).succeeded();
    shelf.run(["ingest", "--hidden", "hidden"]).succeeded();
    shelf.run(["ingest", "listed/c.txt"]).succeeded();
    let all = ["a.txt", "hidden/.b.txt", "listed/c.txt"];
    assert_eq!(found(&shelf), all);
    let dictionaries = || -> BTreeSet<PathBuf> {
        let files = fs::read_dir(shelf.home().join("index")).expect("an index");
        let paths = files.map(|file| file.expect("a file of the index").path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "term")).collect()
    };
    let before = dictionaries();
    let rows: [&[&str]; 3] = [&[], &["texts"], &["--no-ignore", "-g", "*.txt", "texts"]];
    for row in rows {
        shelf.run(["ingest", "--rebuild"].iter().chain(row)).succeeded();
        assert_eq!(found(&shelf), all, "ingest --rebuild {row:?}");
    }
    assert!(dictionaries().is_disjoint(&before), "no segment is kept");
}
