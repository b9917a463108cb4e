//! An ingest after a change: what is found, what is counted, and what is left alone.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::shelf::Shelf;

/// How many segments a question may have to open: each costs it 0.15 ms.
const MOST_SEGMENTS: u64 = 5;

/// Gives a file or folder a modification time.
fn set_modified(path: &Path, time: SystemTime) {
    File::open(path).and_then(|file| file.set_times(FileTimes::new().set_modified(time))).expect("a new time");
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a time")
}

/// The counts of a summary that are not zero.
fn counts(summary: &Value) -> Vec<(&str, u64)> {
    let names = ["new", "changed", "unchanged", "moved", "removed", "kept", "troubles"];
    names.map(|name| (name, summary[name].as_u64().expect("a count"))).into_iter().filter(|(_, n)| *n > 0).collect()
}

/// What lies in the index folder: name, size, modification time. The lock's time tells of its last holder only.
fn listing(shelf: &Shelf) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let folder = shelf.home().join("index");
    let entries = fs::read_dir(&folder).expect("an index").map(|entry| entry.expect("a file of the index").path());
    let paths = entries.chain([folder.clone()]).filter(|path| !path.ends_with("writer.lock"));
    paths.map(|path| (path.clone(), (fs::metadata(&path).expect("a file").len(), modified(&path)))).collect()
}

/// A change to a shelf that holds `a.txt` ("anchor"), `b.txt` ("beacon") and `c/d.txt` ("dinghy").
struct Change {
    name: &'static str,
    change: fn(&Shelf),
    counts: &'static [(&'static str, u64)],
    /// A question, and the texts that answer it.
    found: &'static [(&'static str, &'static [&'static str])],
}

fn rename(shelf: &Shelf, from: &str, to: &str) {
    fs::rename(shelf.text(from), shelf.text(to)).expect("a rename");
}

fn copy(shelf: &Shelf, from: &str, to: &str) {
    fs::copy(shelf.text(from), shelf.text(to)).expect("a copy");
}

const CHANGES: &[Change] = &[
    Change { name: "nothing", change: |_| {}, counts: &[("unchanged", 3)], found: &[("anchor", &["a.txt"])] },
    Change {
        name: "a new file",
        change: |shelf| drop(shelf.put("c/new.txt", "anchor")),
        counts: &[("new", 1), ("unchanged", 3)],
        found: &[("anchor", &["a.txt", "c/new.txt"])],
    },
    Change {
        name: "a changed file",
        change: |shelf| drop(shelf.put("a.txt", "windlass")),
        counts: &[("changed", 1), ("unchanged", 2)],
        found: &[("anchor", &[]), ("windlass", &["a.txt"])],
    },
    Change {
        name: "a file touched but equal",
        change: |shelf| set_modified(&shelf.text("a.txt"), SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)),
        counts: &[("unchanged", 3)],
        found: &[("anchor", &["a.txt"]), ("modified:2001-09-09 anchor", &["a.txt"]), ("after:2002-01-01 anchor", &[])],
    },
    Change {
        name: "a file renamed",
        change: |shelf| rename(shelf, "a.txt", "c/z.md"),
        counts: &[("unchanged", 2), ("moved", 1)],
        found: &[("anchor", &["c/z.md"]), ("path:z.md", &["c/z.md"]), ("path:a.txt", &[]), ("ext:txt anchor", &[])],
    },
    Change {
        name: "a name whose case changed",
        change: |shelf| rename(shelf, "a.txt", "A.txt"),
        counts: &[("unchanged", 2), ("moved", 1)],
        found: &[("anchor", &["A.txt"])],
    },
    Change {
        name: "two files that changed places",
        change: |shelf| {
            rename(shelf, "a.txt", "t");
            rename(shelf, "b.txt", "a.txt");
            rename(shelf, "t", "b.txt");
        },
        counts: &[("changed", 2), ("unchanged", 1)],
        found: &[("anchor", &["b.txt"]), ("beacon", &["a.txt"])],
    },
    Change {
        name: "a file renamed over another",
        change: |shelf| rename(shelf, "a.txt", "b.txt"),
        counts: &[("changed", 1), ("unchanged", 1), ("removed", 1)],
        found: &[("anchor", &["b.txt"]), ("beacon", &[])],
    },
    Change {
        name: "a folder renamed",
        change: |shelf| rename(shelf, "c", "b"),
        counts: &[("unchanged", 2), ("moved", 1)],
        found: &[("dinghy", &["b/d.txt"]), ("path:c/", &[])],
    },
    Change {
        name: "a file copied, the original removed",
        change: |shelf| {
            copy(shelf, "a.txt", "copy.txt");
            shelf.remove("a.txt");
        },
        counts: &[("unchanged", 2), ("moved", 1)],
        found: &[("anchor", &["copy.txt"])],
    },
    Change {
        name: "a file copied",
        change: |shelf| copy(shelf, "a.txt", "copy.txt"),
        counts: &[("new", 1), ("unchanged", 3)],
        found: &[("anchor", &["a.txt", "copy.txt"])],
    },
    Change {
        name: "a file removed",
        change: |shelf| shelf.remove("a.txt"),
        counts: &[("unchanged", 2), ("removed", 1)],
        found: &[("anchor", &[])],
    },
    Change {
        name: "a folder removed",
        change: |shelf| fs::remove_dir_all(shelf.text("c")).expect("no folder"),
        counts: &[("unchanged", 2), ("removed", 1)],
        found: &[("dinghy", &[])],
    },
    Change {
        name: "everything removed",
        change: |shelf| {
            fs::remove_dir_all(shelf.text("")).expect("no texts");
            fs::create_dir(shelf.text("")).expect("an empty folder");
        },
        counts: &[("removed", 3)],
        found: &[("anchor", &[]), ("dinghy", &[])],
    },
    Change {
        name: "a file replaced by a folder",
        change: |shelf| {
            shelf.remove("a.txt");
            shelf.put("a.txt/inside.txt", "windlass");
        },
        counts: &[("new", 1), ("unchanged", 2), ("removed", 1)],
        found: &[("anchor", &[]), ("windlass", &["a.txt/inside.txt"])],
    },
    Change {
        name: "a folder replaced by a file",
        change: |shelf| {
            fs::remove_dir_all(shelf.text("c")).expect("no folder");
            shelf.put("c", "windlass");
        },
        counts: &[("new", 1), ("unchanged", 2), ("removed", 1)],
        found: &[("dinghy", &[]), ("windlass", &["c"])],
    },
    Change {
        name: "a hard link made",
        change: |shelf| fs::hard_link(shelf.text("a.txt"), shelf.text("c/link.txt")).expect("a link"),
        counts: &[("new", 1), ("unchanged", 3)],
        found: &[("anchor", &["a.txt", "c/link.txt"])],
    },
    Change {
        name: "a text of the same length under the old time",
        change: |shelf| {
            let before = modified(&shelf.text("a.txt"));
            shelf.put("a.txt", "ANCHOX");
            set_modified(&shelf.text("a.txt"), before);
        },
        counts: &[("changed", 1), ("unchanged", 2)],
        found: &[("anchor", &[]), ("anchox", &["a.txt"])],
    },
    Change {
        name: "a file made anew with a text of the same length under the old time",
        change: |shelf| {
            let before = modified(&shelf.text("a.txt"));
            shelf.remove("a.txt");
            shelf.put("a.txt", "anchox");
            set_modified(&shelf.text("a.txt"), before);
        },
        counts: &[("changed", 1), ("unchanged", 2)],
        found: &[("anchor", &[]), ("anchox", &["a.txt"])],
    },
    Change {
        name: "a changed file whose time went backwards",
        change: |shelf| {
            shelf.put("a.txt", "windlass");
            set_modified(&shelf.text("a.txt"), SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
        },
        counts: &[("changed", 1), ("unchanged", 2)],
        found: &[("windlass", &["a.txt"]), ("modified:1970-01-02 windlass", &["a.txt"])],
    },
    Change {
        name: "a file from the future",
        change: |shelf| set_modified(&shelf.text("a.txt"), SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800)),
        counts: &[("unchanged", 3)],
        found: &[("anchor", &["a.txt"]), ("after:2099-12-31 anchor", &["a.txt"])],
    },
    Change {
        name: "a file that became empty",
        change: |shelf| drop(shelf.put("a.txt", "")),
        counts: &[("unchanged", 2), ("removed", 1)],
        found: &[("anchor", &[])],
    },
    Change {
        name: "a file that became binary",
        change: |shelf| drop(shelf.put("a.txt", b"anchor\0\0\x01\x02")),
        counts: &[("unchanged", 2), ("removed", 1)],
        found: &[("anchor", &[])],
    },
];

fn answers(shelf: &Shelf, question: &str) -> Vec<String> {
    let mut paths = shelf.paths(question);
    paths.sort();
    paths
}

#[test]
fn after_any_change_an_ingest_finds_what_is_there_and_counts_it_once() {
    for Change { name, change, counts: expected, found } in CHANGES {
        let shelf = Shelf::with(&[("a.txt", "anchor"), ("b.txt", "beacon"), ("c/d.txt", "dinghy")]);
        shelf.settle();
        change(&shelf);
        shelf.settle();
        let dry = shelf.summary(["--dry-run", "texts"]);
        assert_eq!(counts(&dry), *expected, "{name}, in a dry run");
        assert_eq!(counts(&shelf.summary(["texts"])), *expected, "{name}");
        for (question, paths) in *found {
            assert_eq!(answers(&shelf, question), *paths, "{question} after: {name}");
        }
        let again = shelf.summary(["texts"]);
        assert_eq!(counts(&again).iter().filter(|(count, _)| *count != "unchanged").count(), 0, "{name}, again");
        assert_eq!(again["bytes"], 0, "{name}: nothing is read again");
        assert_eq!(again["documents"], shelf.status()["documents"], "{name}");
    }
}

#[test]
fn one_of_two_hard_links_stays_when_the_other_goes() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "anchor");
    fs::hard_link(shelf.text("a.txt"), shelf.text("b.txt")).expect("a link");
    assert_eq!(counts(&shelf.summary(["texts"])), [("new", 2)]);
    assert_eq!(answers(&shelf, "anchor"), ["a.txt", "b.txt"]);
    shelf.remove("a.txt");
    assert_eq!(counts(&shelf.summary(["texts"])), [("unchanged", 1), ("removed", 1)]);
    assert_eq!(answers(&shelf, "anchor"), ["b.txt"]);
}

#[test]
fn a_file_that_became_a_folder_may_become_a_file_again() {
    let shelf = Shelf::with(&[("log", "anchor"), ("log.old", "beacon")]);
    shelf.remove("log");
    shelf.put("log/1.txt", "windlass");
    shelf.ingest().succeeded();
    assert_eq!(answers(&shelf, "windlass"), ["log/1.txt"]);
    fs::remove_dir_all(shelf.text("log")).expect("no folder");
    shelf.put("log", "anchor");
    shelf.ingest().succeeded();
    assert_eq!((answers(&shelf, "windlass"), answers(&shelf, "anchor")), (vec![], vec!["log".into()]));
    assert_eq!(shelf.status()["documents"], 2);
}

#[test]
fn a_second_write_within_the_same_tick_of_the_clock_is_not_missed() {
    let shelf = Shelf::new();
    for n in 0..50 {
        let (first, second) = (format!("first{n:03}"), format!("other{n:03}"));
        shelf.put("a.txt", &first);
        shelf.ingest().succeeded();
        shelf.put("a.txt", &second);
        shelf.ingest().succeeded();
        assert_eq!((shelf.paths(&first).len(), shelf.paths(&second).len()), (0, 1), "round {n}");
    }
}

#[test]
fn a_file_that_moved_and_changed_is_found_by_its_new_text_only() {
    let shelf = Shelf::with(&[("a.txt", "anchor"), ("b.txt", "beacon")]);
    rename(&shelf, "a.txt", "z.txt");
    shelf.put("z.txt", "windlass and capstan");
    shelf.ingest().succeeded();
    assert_eq!((answers(&shelf, "anchor"), answers(&shelf, "windlass")), (vec![], vec!["z.txt".into()]));
}

#[test]
fn an_ingest_after_no_change_leaves_every_byte_of_the_index_as_it_was() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "anchor");
    shelf.put("empty.txt", "");
    shelf.put(".hidden", "anchor");
    shelf.put("binary", b"\0\x01\x02");
    shelf.put("large", "far too large for the limit below");
    std::os::unix::fs::symlink("a.txt", shelf.text("link")).expect("a link");
    // The home holds the index itself; a file and a folder are listed by name.
    fs::write(shelf.home().join("list"), "texts/a.txt\ntexts/.hidden\ntexts\nmissing\n").expect("a list");
    let rows: [&[&str]; 4] = [&["texts"], &["--max-filesize", "20", "texts"], &["."], &["--files-from", "list"]];
    for row in rows {
        let args = || ["ingest"].iter().chain(row);
        shelf.settle();
        shelf.run(args());
        let before = listing(&shelf);
        shelf.run(args());
        assert_eq!(listing(&shelf), before, "{row:?}");
        shelf.run(["ingest"]);
        let settled = listing(&shelf);
        shelf.run(["ingest"]);
        assert_eq!(listing(&shelf), settled, "ingest without a PATH, after {row:?}");
        fs::remove_dir_all(shelf.home().join("index")).expect("no index");
    }
}

#[test]
fn many_small_ingests_leave_few_segments_and_few_deleted_documents() {
    let shelf = Shelf::new();
    for n in 0..30 {
        shelf.put(format!("{n}.txt"), format!("anchor {n}"));
        shelf.run(["ingest", "-q", "texts"]).succeeded();
    }
    let status = shelf.status();
    assert!(status["segments"].as_u64() <= Some(MOST_SEGMENTS), "{status}");
    for n in 0..30 {
        shelf.put("0.txt", format!("anchor changed {n}"));
        shelf.run(["ingest", "-q", "texts"]).succeeded();
        let status = shelf.status();
        assert!(status["deleted"].as_u64() <= Some(8), "a fifth of the documents at most: {status}");
        assert!(status["segments"].as_u64() <= Some(MOST_SEGMENTS), "{status}");
    }
    assert_eq!((shelf.status()["documents"].as_u64(), shelf.paths("anchor").len()), (Some(30), 30));
    let files = fs::read_dir(shelf.home().join("index")).expect("an index").count();
    // Eight files a segment and a list of deletions; layers of records, and what every index has.
    let most = 9 * shelf.status()["segments"].as_u64().expect("a number") as usize + 8;
    assert!(files <= most, "{files} files in the index folder, {most} at the most");
}

#[test]
fn a_dry_run_tells_the_changes_and_makes_none() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "anchor");
    let first = shelf.run(["ingest", "--dry-run", "texts"]).succeeded();
    assert_eq!(first.stdout(), "new      texts/a.txt\n");
    assert!(!shelf.home().join("index").exists(), "a dry run creates no index");
    for name in ["b.txt", "c.txt", "d.txt"] {
        shelf.put(name, name);
    }
    shelf.ingest().succeeded();
    shelf.settle();
    let before = listing(&shelf);
    shelf.put("b.txt", "beacon");
    rename(&shelf, "c.txt", "moved.txt");
    shelf.remove("d.txt");
    shelf.put("e.txt", "new");
    let mut lines = shelf.run(["ingest", "--dry-run"]).succeeded();
    let mut told: Vec<String> = lines.stdout().lines().map(str::to_string).collect();
    told.sort();
    assert_eq!(
        told,
        [
            "changed  texts/b.txt",
            "moved    texts/c.txt -> texts/moved.txt",
            "new      texts/e.txt",
            "removed  texts/d.txt"
        ]
    );
    lines = shelf.run(["ingest", "--dry-run", "--hidden", "elsewhere"]);
    assert_eq!(lines.code(), Some(2), "{lines:?}");
    assert_eq!(listing(&shelf), before);
}

#[test]
fn an_empty_tree_makes_an_index_that_answers_nothing() {
    let shelf = Shelf::new();
    let summary = shelf.summary(["texts"]);
    assert_eq!((counts(&summary), summary["seen"].as_u64()), (vec![], Some(0)));
    assert_eq!(shelf.query("anchor").code(), Some(1));
    assert_eq!(shelf.status()["documents"], 0);
    shelf.put("a.txt", "anchor");
    assert_eq!(counts(&shelf.summary([] as [&str; 0])), [("new", 1)]);
}
