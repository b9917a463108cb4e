//! Paths named twice, one by one, by way of links or beside rules that leave them out: each file is there once and stays.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use encoding_rs::KOI8_R;
use serde_json::Value;

use crate::shelf::Shelf;

/// What changed in a run: new, changed, moved and removed.
fn changes(summary: &Value) -> [u64; 4] {
    ["new", "changed", "moved", "removed"].map(|name| summary[name].as_u64().expect("a count"))
}

/// Writes a text beside the tree.
fn put_beside(shelf: &Shelf, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = shelf.home().join(name);
    fs::create_dir_all(path.parent().expect("a text lies in a folder")).expect("a folder");
    fs::write(&path, text).expect("a text");
    path
}

/// How `path` was read, as `why` tells it.
fn why(shelf: &Shelf, path: &str) -> String {
    shelf.run(["why", path]).succeeded().stdout()
}

/// Cyrillic in KOI8-R, too short for a detector to tell.
fn koi8() -> Vec<u8> {
    KOI8_R.encode("дом").0.into_owned()
}

#[test]
fn an_ignored_file_named_beside_its_folder_is_indexed_and_counted_once() {
    let shelf = Shelf::new();
    shelf.put(".ignore", "*.txt\n");
    shelf.put("keeper.md", "the harbour lantern was lit");
    shelf.put("ignored.txt", "ebb and flow");
    for n in 0..300 {
        shelf.put(format!("other{n}.txt"), "ebb and flow");
    }
    for round in 0..5 {
        fs::remove_dir_all(shelf.home().join("index")).ok();
        let first = shelf.summary(["texts", "texts/ignored.txt"]);
        assert_eq!(changes(&first), [2, 0, 0, 0], "round {round}: {first}");
        let skipped = first["skipped"].as_object().expect("reasons").values().filter_map(Value::as_u64).sum::<u64>();
        assert_eq!(skipped, 301, "round {round}: the others and .ignore: {first}");
        assert_eq!(shelf.paths("ebb"), ["ignored.txt"], "round {round}");
        for args in [&["texts", "texts/ignored.txt"][..], &[], &["texts"]] {
            let again = shelf.summary(args);
            assert_eq!(changes(&again), [0; 4], "round {round}, {args:?}: {again}");
            assert_eq!(again["documents"], 2, "round {round}, {args:?}: {again}");
            assert_eq!((&again["unchanged"], &again["seen"]), (&2.into(), &first["seen"]), "{args:?}: {again}");
        }
        assert_eq!(shelf.paths("ebb"), ["ignored.txt"], "round {round}");
    }
}

#[test]
fn a_filter_in_a_bracket_is_answered() {
    let shelf = Shelf::with(&[("keeper.md", "troops in niger"), ("market.txt", "troops elsewhere")]);
    let rows: [(&str, &[&str]); 4] = [
        ("troops (niger size:>1b)", &["keeper.md", "market.txt"]),
        ("+troops +(niger size:>1b)", &["keeper.md"]),
        ("troops AND (niger ext:md)", &["keeper.md"]),
        ("troops AND (niger ext:txt)", &[]),
    ];
    for (question, expected) in rows {
        assert_eq!(shelf.paths(question), expected, "{question}");
    }
}

#[test]
fn a_root_that_is_gone_keeps_its_documents_and_those_named_one_by_one() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    shelf.put(".hidden.txt", "a hidden lantern");
    shelf.run(["ingest", "texts/.hidden.txt"]).succeeded();
    let before = shelf.paths("lantern");
    assert_eq!(before.len(), 2);
    fs::rename(shelf.text(""), shelf.home().join("elsewhere")).expect("the texts are ours");
    for args in [&["ingest", "texts"][..], &["ingest"]] {
        let run = shelf.run(args);
        assert_eq!(run.code(), Some(2), "{args:?}: {run:?}");
        assert!(run.stderr().contains("texts"), "{args:?}: {run:?}");
    }
    let run = shelf.run(["ingest", "texts"]);
    assert_eq!((run.code(), shelf.paths("lantern")), (Some(2), before), "{run:?}");
}

#[test]
fn a_rebuild_keeps_files_named_one_by_one_whatever_the_analysis_was() {
    for change in [0, 1, -1] {
        let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
        shelf.put(".hidden.txt", "a hidden lantern");
        put_beside(&shelf, "beside.txt", "a lantern beside");
        shelf.run(["ingest", "texts/.hidden.txt", "beside.txt"]).succeeded();
        let mut before = shelf.paths("lantern");
        before.sort();
        assert_eq!(before, [".hidden.txt", "beside.txt", "keeper.txt"]);
        let path = shelf.home().join("index/indago.json");
        let mut marker: Value = serde_json::from_slice(&fs::read(&path).expect("a marker")).expect("JSON");
        let analysis = marker["indago"]["analysis"].as_i64().expect("a number");
        marker["indago"]["analysis"] = (analysis + change).into();
        fs::write(&path, marker.to_string()).expect("the marker is ours");
        if change != 0 {
            let run = shelf.query("lantern");
            run.refused();
            assert!(run.stderr().contains("ingest --rebuild"), "{run:?}");
        }
        let run = shelf.run(["ingest", "--rebuild"]).succeeded();
        let mut after = shelf.paths("lantern");
        after.sort();
        assert_eq!(after, before, "analysis {change:+}: {run:?}");
    }
}

#[test]
fn a_rebuild_with_a_mistake_in_it_changes_nothing() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    for mistake in [["-g", "["], ["--encoding", "*.txt=klingon"]] {
        for path in [&[][..], &["texts"]] {
            shelf.run(["ingest", "--rebuild"].iter().chain(&mistake).chain(path)).refused();
            assert_eq!(shelf.paths("lantern"), ["keeper.txt"], "{mistake:?} {path:?}");
        }
    }
}

#[test]
fn a_pipe_where_git_keeps_its_common_folder_is_not_opened() {
    let shelf = Shelf::new();
    shelf.put(".git", "gitdir: g\n");
    shelf.put("keeper.txt", "the harbour lantern was lit");
    shelf.put("g/HEAD", "ref: refs/heads/main\n");
    assert!(Command::new("mkfifo").arg(shelf.text("g/commondir")).status().expect("mkfifo").success());
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt"]);
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt"]);
}

#[test]
fn a_linked_folder_that_was_named_stays() {
    for is_tree_first in [false, true] {
        let shelf = Shelf::new();
        shelf.put("keeper.txt", "the harbour was dark");
        put_beside(&shelf, "outside/far.txt", "a far lantern");
        symlink(shelf.home().join("outside"), shelf.text("link")).expect("a link");
        if is_tree_first {
            shelf.ingest().succeeded();
        }
        shelf.run(["ingest", "texts/link"]).succeeded();
        let before = shelf.paths("lantern");
        assert_eq!(before.len(), 1, "{before:?}");
        for args in [&[][..], &["texts"], &[], &["texts/link"]] {
            let again = shelf.summary(args);
            assert_eq!(again["removed"], 0, "{args:?}: {again}");
            assert_eq!(shelf.paths("lantern"), before, "{args:?}: {again}");
        }
    }
}

#[test]
fn a_listed_link_is_read_again_when_its_target_changes() {
    let shelf = Shelf::new();
    put_beside(&shelf, "outside/far.txt", "a far lantern");
    symlink("../outside/far.txt", shelf.text("link.txt")).expect("a link");
    put_beside(&shelf, "list", "texts/link.txt\n");
    let listed = ["ingest", "--files-from", "list"];
    shelf.settle();
    shelf.run(listed).succeeded();
    assert_eq!(shelf.paths("lantern").len(), 1);
    for (args, word) in [(&listed[..], "harbour"), (&["ingest"], "tides")] {
        put_beside(&shelf, "outside/far.txt", format!("a far place with {word}"));
        shelf.settle();
        shelf.run(args).succeeded();
        assert_eq!(shelf.paths(word).len(), 1, "{args:?}");
        assert!(shelf.paths("lantern").is_empty(), "{args:?}");
    }
}

#[test]
fn an_index_that_lost_its_tag_is_not_ingested_and_gets_it_back() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    shelf.run(["ingest", "."]).succeeded();
    let tag = shelf.home().join("index/CACHEDIR.TAG");
    fs::remove_file(&tag).expect("a tag to remove");
    let summary = shelf.summary(["."]);
    assert_eq!(changes(&summary), [0; 4], "{summary}");
    assert_eq!(summary["documents"], 1, "{summary}");
    assert!(tag.is_file());
}

#[test]
fn the_encoding_given_with_a_file_is_used() {
    let shelf = Shelf::new();
    put_beside(&shelf, "r.txt", koi8());
    shelf.run(["ingest", "--encoding", "*.txt=koi8-r", "r.txt"]).succeeded();
    assert_eq!(shelf.paths("дом"), ["r.txt"]);
    assert!(why(&shelf, "r.txt").contains("KOI8-R"), "{}", why(&shelf, "r.txt"));
}

#[test]
fn the_text_kept_of_a_file_that_was_named_is_shown_when_it_is_gone() {
    let shelf = Shelf::new();
    let path = put_beside(&shelf, "r.txt", "the harbour lantern was lit");
    shelf.run(["ingest", "--store-text", "r.txt"]).succeeded();
    fs::rename(path, shelf.home().join("away")).expect("the text is ours");
    let run = shelf.query("lantern").succeeded();
    assert!(run.stdout().contains("harbour lantern was lit") && run.stdout().contains("(gone)"), "{run:?}");
}

#[test]
fn default_rules_have_encodings_detected_again() {
    let shelf = Shelf::new();
    shelf.put("r.txt", koi8());
    shelf.ingest().succeeded();
    let detected = why(&shelf, "texts/r.txt");
    assert!(!detected.contains("KOI8-R"), "the text is no good for this test: {detected}");
    shelf.run(["ingest", "--encoding", "*.txt=koi8-r", "texts"]).succeeded();
    assert!(why(&shelf, "texts/r.txt").contains("KOI8-R"), "{}", why(&shelf, "texts/r.txt"));
    assert_eq!(shelf.paths("дом"), ["r.txt"]);
    shelf.run(["ingest", "--default-rules", "texts"]).succeeded();
    assert_eq!(why(&shelf, "texts/r.txt"), detected);
    assert!(shelf.paths("дом").is_empty());
}

#[test]
fn an_ingest_of_a_part_does_not_complete_what_a_killed_one_left() {
    // Killed when the folder is recorded, and when something of it is committed.
    for (file, part) in [("indago.json", "texts"), ("meta.json", "segment_id")] {
        let shelf = Shelf::new();
        for n in 0..240 {
            let words: String = (n * 400..(n + 1) * 400).map(|word| format!("w{word:x} ")).collect();
            shelf.put(format!("{}/{n}.txt", ["a", "b"][n % 2]), words);
        }
        let args = ["ingest", "texts", "--threads", "1", "--memory", "0"];
        let mut run = shelf.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run");
        let file = shelf.home().join("index").join(file);
        while !fs::read_to_string(&file).is_ok_and(|text| text.contains(part)) {
            assert!(run.try_wait().expect("a run").is_none(), "it ended before {part}");
        }
        run.kill().expect("a run to kill");
        run.wait().expect("a run");
        let killed = shelf.status();
        assert_eq!(killed["unfinished"], true, "{part}: {killed}");
        assert!(part == "texts" || killed["documents"] != 0, "{killed}");
        for _ in 0..2 {
            shelf.run(["ingest", "texts/a"]).succeeded();
            let partly = shelf.status();
            assert_eq!(partly["unfinished"], true, "{part}: {partly}");
        }
        shelf.run(["ingest"]).succeeded();
        let whole = shelf.status();
        assert_eq!((&whole["unfinished"], &whole["documents"]), (&false.into(), &240.into()), "{part}: {whole}");
    }
}

#[test]
fn a_folder_named_along_with_a_link_to_it_is_read_once() {
    for (paths, what) in [(["texts", "link"], "the link last"), (["link", "texts"], "the link first")] {
        let shelf = Shelf::new();
        shelf.put("keeper.txt", "the harbour lantern was lit");
        shelf.put("notes/market.txt", "a lantern seller by the harbour");
        symlink("texts", shelf.home().join("link")).expect("a link");
        for expected in [[2, 0, 0, 0], [0; 4]] {
            let summary = shelf.summary(paths);
            assert_eq!(changes(&summary), expected, "{what}: {summary}");
            assert_eq!(summary["documents"], 2, "{what}: {summary}");
        }
        assert_eq!(shelf.paths("lantern").len(), 2, "{what}");
    }
}
