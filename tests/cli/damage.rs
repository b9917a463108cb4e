//! Damage: bytes flipped and tails cut in every file of an index, at random places.
//!
//! `INDAGO_DAMAGES` sets at how many places (60 unless given); with `--nocapture` the test says what came out.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::shelf::{Run, Shelf};

/// What a question must do without, whatever the bytes make it ask for: the largest index file here has 1 MB.
const MOST_MEMORY_KB: u32 = 1 << 20;

/// Files up to this are verified by every question, see docs/reliability.md.
const SMALL_BYTES: u64 = 128 << 10;

fn damages() -> usize {
    std::env::var("INDAGO_DAMAGES").ok().and_then(|damages| damages.parse().ok()).unwrap_or(60)
}

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// Texts of which the index keeps a copy, with one taken out, so that every kind of file is there; the files are gone, so
/// that what is shown comes from the index.
fn library(texts: usize, words: usize) -> Shelf {
    let shelf = Shelf::new();
    let mut random = Random(7);
    for n in 0..texts {
        let mut text = format!("the lantern of keeper{n}\n\n");
        for m in 0..words {
            // Some words are common, most are rare, and many stand only once, as in any text.
            let word = random.below(20_000);
            let word = word.min(random.below(20_000));
            let once = if m % 3 == 0 { format!("n{n:x}m{m:x}") } else { String::new() };
            text.push_str(&format!("w{word:x}{once}{}", if word.is_multiple_of(11) { ".\n" } else { " " }));
        }
        shelf.put(format!("{n:02}.txt"), text);
    }
    shelf.run(["ingest", "--store-text", "texts"]).succeeded();
    shelf.remove("00.txt");
    shelf.ingest().succeeded();
    shelf
}

fn files(shelf: &Shelf) -> Vec<PathBuf> {
    let entries = fs::read_dir(shelf.home().join("index")).unwrap().map(|entry| entry.unwrap().path());
    let is_checked = |path: &PathBuf| path.file_name().unwrap() != "writer.lock";
    let mut files: Vec<_> = entries.filter(is_checked).collect();
    files.sort();
    files
}

/// The index file of this kind.
fn file(shelf: &Shelf, kind: &str) -> PathBuf {
    files(shelf).into_iter().find(|path| path.extension().is_some_and(|found| found == kind)).unwrap()
}

/// A question, held to less memory than damage might ask for.
fn ask(shelf: &Shelf, question: &str) -> Run {
    let plain = shelf.command(["query", "--json", "--scores", "-n", "5", "--", question]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MOST_MEMORY_KB} && exec \"$0\" \"$@\"")]);
    command.arg(plain.get_program()).args(plain.get_args()).current_dir(shelf.home());
    command.env("HOME", shelf.home()).env("TZ", "UTC").env_remove("INDAGO_INDEX");
    Run::of(command)
}

/// What a question answers, without the time that it took.
fn answer(run: &Run) -> Vec<serde_json::Value> {
    let mut objects = run.json();
    if let Some(summary) = objects.last_mut() {
        summary["took_ms"] = 0.into();
    }
    objects
}

#[test]
fn damage_anywhere_is_told_or_harmless_and_a_check_finds_all_of_it() {
    let shelf = library(24, 4_000);
    let questions = ["lantern", "keeper7 w1f w2c", "\"the lantern\" w3*", "w4e~ -w1", "title:keeper9 w5 w6 w7 w8 w9"];
    for entry in fs::read_dir(shelf.text("")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let right: Vec<_> = questions.iter().map(|question| answer(&ask(&shelf, question))).collect();
    assert!(right[0].len() == 7 && right[0][1]["snippets"][0].is_object(), "{:?}", right[0]);
    let files = files(&shelf);
    assert!(files.iter().any(|path| path.extension().is_some_and(|kind| kind == "del")), "{files:?}");
    let mut random = Random(42);
    let mut outcomes = BTreeMap::<String, [usize; 3]>::new();
    for n in 0..damages() {
        let path = &files[n % files.len()];
        let sound = fs::read(path).unwrap();
        let mut damaged = sound.clone();
        let at = random.below(sound.len());
        let what = match n / files.len() % 3 {
            0 => {
                damaged.truncate(at);
                format!("cut at {at}")
            }
            _ => {
                let flip = 1 + random.below(255) as u8;
                damaged[at] ^= flip;
                format!("byte {at} flipped by {flip:#x}")
            }
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        let what = format!("{name}, {what}");
        fs::write(path, &damaged).unwrap();

        let which = n % questions.len();
        let run = ask(&shelf, questions[which]);
        let is_small = sound.len() as u64 <= SMALL_BYTES && !["CACHEDIR.TAG", "indago.json"].contains(&name);
        assert!(!is_small || run.code() == Some(2), "{what} is to be told: {run:?}");
        let is_verified = is_small || damaged.len() < sound.len() || name.ends_with(".store");
        let outcome = match run.code() {
            Some(2) => {
                assert!(run.refused().contains("index"), "{what}: {run:?}");
                assert!(run.stderr().contains("hint: "), "{what}: {run:?}");
                0
            }
            Some(0 | 1) if answer(&run) == right[which] => 1,
            Some(0 | 1) if !is_verified => 2,
            _ => panic!("{what}: {run:?}"),
        };
        outcomes.entry(name.trim_start_matches(|c: char| c.is_ascii_hexdigit()).to_string()).or_default()[outcome] += 1;

        let check = shelf.run(["check"]);
        match check.code() {
            Some(1) => assert!(check.stdout().lines().any(|line| line.starts_with(name)), "{what}: {check:?}"),
            // The marker may look like that of another version.
            _ => assert!(name == "indago.json" && check.refused().contains("this indago reads"), "{what}: {check:?}"),
        }
        fs::write(path, &sound).unwrap();
    }
    println!("damage at {} places; told, harmless, unnoticed by the question: {outcomes:?}", damages());
    shelf.run(["check"]).succeeded();
}

#[test]
fn a_damaged_text_is_never_shown() {
    let shelf = library(24, 4_000);
    for entry in fs::read_dir(shelf.text("")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    // All of a text is shown, but for little.
    let shown = || shelf.run(["query", "--json", "--snippets", "1000", "-n", "30", "w1* OR w2* OR w3*"]);
    let right = answer(&shown());
    assert!(right.len() > 20 && right[1]["snippets"].as_array().unwrap().len() > 20, "{:?}", right[1]);
    let store = file(&shelf, "store");
    let sound = fs::read(&store).unwrap();
    assert!(sound.len() as u64 > SMALL_BYTES, "the store is verified as a whole");
    let mut told = 0;
    for at in (0..sound.len()).step_by(sound.len() / (20 + damages() / 10)) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x08;
        fs::write(&store, damaged).unwrap();
        let run = shown();
        match run.code() {
            Some(0) => assert!(answer(&run) == right, "byte {at} changes what is shown"),
            _ => {
                run.refused();
                told += 1;
            }
        }
    }
    assert!(told > 0);
}

#[test]
fn a_file_of_another_state_in_the_place_of_one_is_told() {
    let (shelf, other) = (library(24, 4_000), library(23, 4_000));
    for kind in ["idx", "pos", "store", "term", "fast", "sketch", "del"] {
        let path = file(&shelf, kind);
        let sound = fs::read(&path).unwrap();
        fs::copy(file(&other, kind), &path).unwrap();
        let run = ask(&shelf, "lantern keeper7");
        assert!(run.refused().contains(kind), "{kind}: {run:?}");
        fs::write(&path, sound).unwrap();
    }
    ask(&shelf, "lantern keeper7").succeeded();
}
