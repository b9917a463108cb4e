//! `check` and `check --repair`: what is damaged is named, and only that is read again.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shelf::{Run, Shelf};

/// Two segments: thirty texts and three later ones, one of the former taken out.
fn shelf() -> Shelf {
    let shelf = Shelf::new();
    for n in 0..30 {
        shelf.put(format!("{n:02}.txt"), format!("lantern {n} of the old harbour"));
    }
    shelf.put("image", b"\x89PNG\r\n\x1a\n\0\0");
    shelf.ingest().succeeded();
    for n in 30..33 {
        shelf.put(format!("{n}.txt"), format!("lantern {n} of the new harbour"));
    }
    shelf.remove("00.txt");
    shelf.ingest().succeeded();
    assert_eq!(shelf.status()["segments"], 2);
    shelf
}

/// The index files of this kind, the largest first.
fn files(shelf: &Shelf, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(shelf.home().join("index")).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(kind) || name.ends_with(kind)
    };
    let mut files: Vec<_> = entries.filter(is_it).collect();
    files.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    assert!(!files.is_empty(), "no {kind}");
    files
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(path, bytes).unwrap();
}

/// Changes the name of the source.
fn misname(path: &Path) {
    let marker = fs::read_to_string(path).unwrap();
    fs::write(path, marker.replace("/texts\"", "/tests\"")).unwrap();
}

fn cut(path: &Path) {
    let half = fs::metadata(path).unwrap().len() / 2;
    File::options().write(true).open(path).unwrap().set_len(half).unwrap();
}

/// Every text that is there answers, and the one taken out does not.
#[track_caller]
fn is_whole(shelf: &Shelf) {
    let expected: Vec<_> = (1..33).map(|n| format!("{n:02}.txt")).collect();
    let mut found = shelf.paths("lantern");
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(shelf.paths("new"), ["30.txt", "31.txt", "32.txt"]);
    assert_eq!(shelf.status()["unfinished"], false);
    shelf.run(["check"]).succeeded();
}

#[test]
fn a_sound_index_is_told_to_be_sound() {
    let shelf = shelf();
    let run = shelf.run(["check"]).succeeded();
    assert_eq!(run.stdout(), "");
    assert!(run.stderr().starts_with("sound: ") && run.stderr().contains("32 documents"), "{run:?}");
    let run = shelf.run(["check", "--json"]).succeeded();
    let summary = &run.json()[0];
    assert_eq!(
        (&summary["type"], &summary["damage"], &summary["documents"]),
        (&"summary".into(), &0.into(), &32.into())
    );
    let bytes: u64 =
        fs::read_dir(shelf.home().join("index")).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert!(summary["bytes"].as_u64().unwrap() > bytes / 2, "{summary}");
    shelf.run(["check", "--index", "nowhere"]).refused();
    Shelf::new().run(["check"]).refused();
}

#[test]
fn what_is_damaged_is_named_and_mended_by_reading_no_more_than_it_stood_for() {
    // How many documents are read again; those of the first segment are 29, of the second 3.
    type Harm = fn(&Path);
    let remove: Harm = |path| fs::remove_file(path).unwrap();
    let rows: &[(&str, usize, Harm, u64)] = &[
        (".idx", 0, flip, 29),
        (".idx", 1, flip, 3),
        (".term", 1, cut, 3),
        (".pos", 0, remove, 29),
        (".store", 1, remove, 3),
        (".fast", 1, flip, 3),
        (".fieldnorm", 1, cut, 3),
        (".sketch", 1, flip, 3),
        (".del", 0, flip, 0),
        (".del", 0, remove, 0),
        ("records.", 0, flip, 0),
        ("records.", 0, cut, 0),
        ("records.", 1, remove, 0),
        ("CACHEDIR.TAG", 0, flip, 0),
    ];
    for (kind, which, harm, again) in rows {
        let shelf = shelf();
        let path = files(&shelf, kind).swap_remove(*which);
        let name = path.file_name().unwrap().to_str().unwrap();
        harm(&path);
        let run = shelf.run(["check"]);
        assert_eq!(run.code(), Some(1), "{name}: {run:?}");
        assert!(run.stdout().starts_with(name) && run.stdout().lines().count() == 1, "{name}: {run:?}");
        assert!(run.stderr().contains("hint: ") && run.stderr().contains("`indago check --repair "), "{name}: {run:?}");

        let run = shelf.run(["check", "--repair", "--json"]);
        assert_eq!(run.code(), Some(0), "{name}: {run:?}");
        let damage = run.objects("damage");
        assert!(damage.len() == 1 && damage[0]["file"] == name, "{name}: {run:?}");
        assert_eq!(run.objects("summary")[0]["repaired"], *again, "{name}: {run:?}");
        is_whole(&shelf);
    }
}

#[test]
fn both_segments_and_the_records_at_once_are_mended_as_well() {
    let shelf = shelf();
    for kind in [".term", "records."] {
        files(&shelf, kind).iter().for_each(|path| flip(path));
    }
    let run = shelf.run(["check"]);
    assert_eq!((run.code(), run.stdout().lines().count()), (Some(1), 2 + files(&shelf, "records.").len()), "{run:?}");
    shelf.run(["check", "--repair"]).succeeded();
    is_whole(&shelf);
}

#[test]
fn files_listed_one_by_one_are_read_again() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "lantern one");
    shelf.put("b.txt", "lantern two");
    fs::write(shelf.home().join("list"), "texts/a.txt\n").unwrap();
    shelf.run(["ingest", "--files-from", "list"]).succeeded();
    flip(&files(&shelf, ".idx")[0]);
    shelf.run(["check", "--repair"]).succeeded();
    assert_eq!(shelf.paths("lantern"), ["a.txt"]);
    assert_eq!(shelf.summary::<&str>([])["unchanged"], 1);
}

#[test]
fn what_cannot_be_mended_is_told_with_the_command_that_rebuilds() {
    for (file, harm) in
        [("meta.json", flip as fn(&Path)), ("meta.json", cut), ("indago.json", misname), ("indago.json", cut)]
    {
        let shelf = shelf();
        harm(&files(&shelf, file)[0]);
        let run = shelf.run(["check"]);
        assert_eq!(run.code(), Some(1), "{file}: {run:?}");
        assert!(run.stdout().starts_with(file), "{file}: {run:?}");
        assert!(run.stderr().contains("`indago ingest --rebuild --index "), "{file}: {run:?}");
        let before: Vec<_> = files(&shelf, "").iter().map(|path| fs::read(path).unwrap()).collect();
        let run = shelf.run(["check", "--repair"]);
        assert!(run.refused().contains(file), "{file}: {run:?}");
        let rebuild = run.stderr().split('`').nth(1).unwrap().replace("PATH", "texts");
        assert_eq!(shelf.run(["ingest", "--rebuild"]).code(), Some(if file == "meta.json" { 0 } else { 2 }), "{file}");
        if file == "indago.json" {
            let after: Vec<_> = files(&shelf, "").iter().map(|path| fs::read(path).unwrap()).collect();
            assert!(before == after, "without its sources nothing is thrown away");
            shelf.run(rebuild.split(' ').skip(1)).succeeded();
        }
        is_whole(&shelf);
    }
}

#[test]
fn what_is_in_the_folder_besides_is_told_and_no_damage() {
    let shelf = shelf();
    let index = shelf.home().join("index");
    fs::write(index.join("0123456789abcdef0123456789abcdef.term"), "left by a kill").unwrap();
    fs::write(index.join("letter.txt"), "a letter").unwrap();
    let run = shelf.run(["check"]).succeeded();
    assert!(run.stderr().contains("letter.txt is not indago's"), "{run:?}");
    assert!(run.stderr().contains("1 files that an interrupted run left"), "{run:?}");
    shelf.ingest().succeeded();
    let run = shelf.run(["check"]).succeeded();
    assert!(!run.stderr().contains("interrupted") && index.join("letter.txt").exists(), "{run:?}");
}

#[test]
fn a_check_does_not_stand_in_the_way_and_a_repair_waits_for_no_writer() {
    let shelf = shelf();
    let lock = File::options().read(true).write(true).open(shelf.home().join("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    shelf.run(["check"]).succeeded();
    flip(&files(&shelf, ".idx")[0]);
    assert_eq!(shelf.run(["check"]).code(), Some(1));
    let run = shelf.run(["check", "--repair"]);
    assert!(run.refused().contains("is being written"), "{run:?}");
}

#[test]
fn damage_is_not_carried_into_new_files() {
    // What is merged, and the list of the deleted documents, which the next deletion adds to.
    for kind in [".pos", ".del"] {
        let shelf = shelf();
        let path = files(&shelf, kind).swap_remove(0);
        let mut bytes = fs::read(&path).unwrap();
        bytes[5] ^= 0x55; // near the beginning, far from the engine's footer
        fs::write(&path, bytes).unwrap();
        match kind {
            ".del" => shelf.remove("05.txt"),
            _ => (33..90).for_each(|n| drop(shelf.put(format!("{n}.txt"), format!("lantern {n}")))),
        }
        let run = shelf.ingest();
        assert!(run.refused().contains(kind), "{run:?}");
        assert_eq!(shelf.run(["check"]).code(), Some(1), "{kind}: the damage is still there to be found");
        shelf.run(["check", "--repair"]).succeeded();
        assert_eq!(shelf.paths("lantern").len(), if kind == ".del" { 31 } else { 89 });
        shelf.run(["check"]).succeeded();
    }
}

#[test]
fn damage_in_a_large_file_is_not_merged() {
    let shelf = Shelf::new();
    for n in 0..24 {
        let words: String = (0..4_000).map(|m| format!("w{} ", (n * 7919 + m * 31) % 5_003)).collect();
        shelf.put(format!("{n}.txt"), words);
    }
    shelf.ingest().succeeded();
    let path = files(&shelf, ".pos").swap_remove(0);
    assert!(fs::metadata(&path).unwrap().len() > 128 << 10, "what is smaller is verified whenever it is opened");
    flip(&path);
    for n in 24..54 {
        shelf.put(format!("{n}.txt"), "a short one");
    }
    let run = shelf.ingest();
    assert!(run.refused().contains(".pos"), "{run:?}");
    shelf.run(["check", "--repair"]).succeeded();
    assert_eq!((shelf.paths("short").len(), shelf.paths("w77").len() > 10), (30, true));
}

#[test]
fn a_repair_killed_at_any_switch_is_done_by_the_next() {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !traced.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: strace cannot trace programs here");
        return;
    }
    for call in ["rename", "fdatasync", "unlink"] {
        for n in (1..40).step_by(if call == "rename" { 1 } else { 6 }) {
            let shelf = shelf();
            flip(&files(&shelf, ".idx")[0]);
            let plain = shelf.command(["check", "--repair"]);
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e"]);
            strace.arg(format!("inject={call}:signal=SIGKILL:when={n}"));
            strace.arg(plain.get_program()).args(plain.get_args()).current_dir(shelf.home()).env("HOME", shelf.home());
            let run = Run::of(strace);
            let query = shelf.query("lantern");
            let is_told = query.code() == Some(2) || query.stderr().contains("finish");
            assert!(is_told || run.code() == Some(0) || shelf.paths("lantern").len() == 32, "{call} {n}: {query:?}");
            let again = shelf.run(["check", "--repair"]);
            assert_eq!(again.code(), Some(0), "{call} {n}: {again:?}");
            shelf.ingest().succeeded();
            is_whole(&shelf);
            if run.code() == Some(0) {
                break;
            }
        }
    }
}
