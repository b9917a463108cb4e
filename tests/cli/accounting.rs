//! Every file is accounted for: counted once, listed with its reason, and explained when asked for.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::shelf::{Run, Shelf};

/// The rules that the tree of [`shelf_of_everything`] is walked with.
const RULES: [&str; 4] = ["--max-filesize", "100", "-g", "!*.tmp"];

/// What lies in the tree, its state, and the reason that `why` gives.
const EVERYTHING: [(&str, &str, &str); 15] = [
    (".hidden", "skipped", "hidden"),
    (".ignore", "skipped", "hidden"),
    ("binary", "skipped", "binary"),
    ("build", "skipped", "ignored by build/ in .ignore"),
    ("empty.txt", "skipped", "empty"),
    ("folder/note.txt", "indexed", "UTF-8"),
    ("folder/scratch.tmp", "skipped", "ignored by glob !*.tmp"),
    ("index", "skipped", "an index"),
    ("large.txt", "skipped", "larger than the limit"),
    ("link.txt", "skipped", "symbolic link"),
    ("note.txt", "indexed", "UTF-8"),
    ("page.pdf", "skipped", "PDF"),
    ("pipe", "skipped", "pipe"),
    ("socket", "skipped", "socket"),
    ("wide.txt", "indexed", "UTF-16LE"),
];

/// A shelf whose texts hold every kind of thing, ingested.
fn shelf_of_everything() -> (Shelf, Value) {
    let shelf = Shelf::new();
    for name in ["note.txt", "folder/note.txt", ".hidden", "folder/scratch.tmp", "build/out.txt", "build/deep/out.txt"]
    {
        shelf.put(name, "anchor");
    }
    shelf.put(".ignore", "build/\n");
    shelf.put("binary", b"anchor\0\0\x01\x02\xff");
    shelf.put("empty.txt", "");
    shelf.put("large.txt", "anchor ".repeat(20));
    shelf.put("page.pdf", b"%PDF-1.7\n1 0 obj\n");
    shelf.put(
        "wide.txt",
        [b"\xff\xfe".as_slice(), &"anchor".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat(),
    );
    symlink("note.txt", shelf.text("link.txt")).expect("a link");
    assert!(Command::new("mkfifo").arg(shelf.text("pipe")).status().expect("mkfifo").success());
    drop(UnixListener::bind(shelf.text("socket")).expect("a socket"));
    // Another index of indago's lies among the texts.
    shelf.run(["ingest", "-q", "--index", "texts/index", "texts/folder"]).succeeded();
    let run = shelf.run(["ingest", "--json"].iter().chain(&RULES).chain(&["texts"]));
    assert_eq!(run.code(), Some(0), "skipped by rule or by content is no trouble: {run:?}");
    let summary = run.objects("summary").pop().expect("a summary");
    (shelf, summary)
}

/// The outcomes of what the walk saw: kind and count.
fn outcomes(summary: &Value) -> BTreeMap<String, u64> {
    let mut outcomes = BTreeMap::new();
    for name in ["new", "changed", "unchanged", "moved", "troubles"] {
        outcomes.insert(name.to_string(), summary[name].as_u64().expect("a count"));
    }
    for (reason, count) in summary["skipped"].as_object().expect("reasons") {
        outcomes.insert(reason.clone(), count.as_u64().expect("a count"));
    }
    outcomes.retain(|_, count| *count > 0);
    outcomes
}

#[test]
fn what_the_walk_saw_is_the_sum_of_its_outcomes() {
    let (shelf, first) = shelf_of_everything();
    let again = shelf.summary(["texts"]);
    for (summary, kept) in [(&first, "new"), (&again, "unchanged")] {
        let expected: BTreeMap<String, u64> = [
            (kept, 3),
            ("an index", 1),
            ("binary", 1),
            ("empty", 1),
            ("format without text", 1),
            ("hidden", 2),
            ("ignored", 2),
            ("not a regular file", 2),
            ("symbolic link", 1),
            ("too large", 1),
        ]
        .map(|(name, count)| (name.to_string(), count))
        .into();
        assert_eq!(outcomes(summary), expected);
        assert_eq!(summary["seen"], expected.values().sum::<u64>());
    }
    // An independent walk sees as much: everything but folders, of which those left out as a whole count once.
    let find = Command::new("find")
        .args(["texts", "(", "-path", "texts/build", "-o", "-path", "texts/index", ")", "-prune", "-print", "-o"])
        .args(["!", "-type", "d", "-print"])
        .current_dir(shelf.home())
        .output()
        .expect("find runs");
    assert_eq!(first["seen"], String::from_utf8_lossy(&find.stdout).lines().count());
    assert_eq!(shelf.status()["documents"], 3);
    assert_eq!(shelf.status()["skipped"], first["skipped"]);
}

#[test]
fn every_skipped_path_is_listed_once_with_its_reason() {
    let (shelf, _) = shelf_of_everything();
    let text = shelf.run(["status", "--skipped"]).succeeded().stdout();
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("texts/")?.split(": ").next()).collect();
    let expected: Vec<&str> =
        EVERYTHING.iter().filter(|(_, state, _)| *state == "skipped").map(|(name, ..)| *name).collect();
    assert_eq!(names, expected, "{text}");
    let json = shelf.run(["status", "--skipped", "--json"]).succeeded().objects("skipped");
    let relative = |line: &Value| {
        let path = Path::new(line["path"].as_str().expect("a path"));
        path.strip_prefix(shelf.text("")).expect("below the texts").display().to_string()
    };
    assert_eq!(json.iter().map(relative).collect::<Vec<_>>(), expected);
    assert!(json.iter().all(|line| line["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    let told = shelf.run(["ingest", "--json", "texts"]).succeeded().objects("skipped");
    let mut told: Vec<_> = told.iter().map(relative).collect();
    told.sort();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(told, sorted, "ingest tells the same");
}

#[test]
fn why_answers_for_every_path() {
    let (shelf, _) = shelf_of_everything();
    let mut rows = EVERYTHING.map(|(name, state, words)| (name, i32::from(state == "skipped"), words)).to_vec();
    rows.extend([
        ("build/deep/out.txt", 1, "ignored by build/ in .ignore"),
        ("build/never/there", 1, "ignored by build/ in .ignore"),
        ("index/meta.json", 1, "an index"),
        ("folder", 0, "a folder"),
        ("", 0, "a folder"),
        ("folder/../note.txt", 0, "UTF-8"),
        ("nowhere.txt", 2, "not known"),
        ("folder/nowhere.txt", 2, "not known"),
        ("../elsewhere", 2, "not known"),
    ]);
    for (name, code, words) in rows {
        let run = shelf.run([Path::new("why"), &shelf.text(name)]);
        assert_eq!(run.code(), Some(code), "why {name}: {run:?}");
        let told = if code == 2 { run.stderr() } else { run.stdout() };
        assert!(told.contains(words), "why {name} gives {words}: {told}");
        assert_eq!(run.stdout().lines().count(), usize::from(code < 2), "why {name}: {run:?}");
        let json = shelf.run([Path::new("why"), Path::new("--json"), &shelf.text(name)]);
        let state = json.objects("file").first().map(|file| file["state"].as_str().expect("a state").to_string());
        assert_eq!(state.as_deref(), [Some("indexed"), Some("skipped"), None][code as usize], "why --json {name}");
    }
}

#[test]
fn json_lines_are_an_object_a_line() {
    let (shelf, _) = shelf_of_everything();
    let rows: [(&[&str], &str); 5] = [
        (&["ingest", "--json", "texts"], "summary"),
        (&["status", "--json"], "status"),
        (&["status", "--json", "--skipped"], "status"),
        (&["why", "--json", "texts/note.txt"], "file"),
        (&["forget", "--json", "texts/note.txt"], "summary"),
    ];
    for (args, last) in rows {
        let run = shelf.run(args).succeeded();
        assert!(run.stdout().ends_with('\n'), "{args:?}: {run:?}");
        let lines = run.json();
        assert_eq!(lines.last().expect("a line")["type"], last, "{args:?}");
        assert!(lines.iter().all(|line| line["type"] == "skipped" || line["type"] == last), "{args:?}");
    }
}

/// The lines in which a run names trouble.
fn troubles(run: &Run) -> Vec<String> {
    run.stderr().lines().filter(|line| line.starts_with("indago: ")).map(str::to_string).collect()
}

#[test]
fn what_cannot_be_read_is_named_in_a_line_and_makes_the_exit_code_2() {
    let shelf = Shelf::new();
    for name in ["a.txt", "locked/b.txt", "locked/deep/c.txt", "secret.txt"] {
        shelf.put(name, format!("anchor in {name}"));
    }
    let Some(first) = shelf.run_as_nobody(["ingest", "--json", "texts"]) else { return };
    assert_eq!(first.objects("summary")[0]["new"], 4, "{first:?}");
    for name in ["locked", "secret.txt"] {
        fs::set_permissions(shelf.text(name), Permissions::from_mode(0o000)).expect("permissions");
    }
    shelf.put("new.txt", "anchor");
    for round in ["new", "unchanged"] {
        let Some(run) = shelf.run_as_nobody(["ingest", "--json", "texts"]) else { return };
        assert_eq!(run.code(), Some(2), "{run:?}");
        let lines = troubles(&run);
        assert_eq!(lines.len(), 2, "{lines:?}");
        for name in ["texts/locked:", "texts/secret.txt:"] {
            let is_named = |line: &&String| line.contains(name) && line.to_lowercase().contains("permission denied");
            assert_eq!(lines.iter().filter(is_named).count(), 1, "{name} in {lines:?}");
        }
        let summary = run.objects("summary").pop().expect("a summary");
        assert_eq!((&summary["kept"], summary[round].as_u64() > Some(0)), (&Value::from(2), true), "{summary}");
        assert_eq!(summary["seen"], outcomes(&summary).values().sum::<u64>());
    }
    let Some(answer) = shelf.run_as_nobody(["query", "-l", "anchor"]) else { return };
    for name in ["a.txt", "locked/b.txt", "locked/deep/c.txt", "new.txt"] {
        assert!(answer.stdout().contains(&format!("texts/{name}\n")), "documents below the folder stay: {answer:?}");
    }
    for name in ["locked", "secret.txt"] {
        let Some(why) = shelf.run_as_nobody([Path::new("why"), &shelf.text(name)]) else { return };
        assert!(why.stdout().to_lowercase().contains("permission denied"), "why {name}: {why:?}");
    }
    let Some(listed) = shelf.run_as_nobody(["status", "--skipped"]) else { return };
    for name in ["texts/locked: unreadable", "texts/secret.txt: unreadable"] {
        assert_eq!(listed.stdout().lines().filter(|line| line.starts_with(name)).count(), 1, "{name}: {listed:?}");
    }
    // When it can be read again, nothing of the trouble is left.
    fs::set_permissions(shelf.text("locked"), Permissions::from_mode(0o755)).expect("permissions");
    fs::set_permissions(shelf.text("secret.txt"), Permissions::from_mode(0o644)).expect("permissions");
    fs::remove_file(shelf.text("locked/b.txt")).expect("a file to remove");
    let Some(run) = shelf.run_as_nobody(["ingest", "--json", "texts"]) else { return };
    let summary = run.objects("summary").pop().expect("a summary");
    assert_eq!((run.code(), &summary["removed"], &summary["documents"]), (Some(0), &1.into(), &4.into()), "{run:?}");
    let Some(listed) = shelf.run_as_nobody(["status", "--skipped"]) else { return };
    assert_eq!(listed.stdout(), "");
}

#[test]
fn a_root_that_cannot_be_listed_keeps_its_documents() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "anchor");
    let Some(first) = shelf.run_as_nobody(["ingest", "texts"]) else { return };
    assert_eq!(first.code(), Some(0), "{first:?}");
    fs::set_permissions(shelf.text(""), Permissions::from_mode(0o000)).expect("permissions");
    let runs = [shelf.run_as_nobody(["ingest"]), shelf.run_as_nobody(["query", "-l", "anchor"])];
    fs::set_permissions(shelf.text(""), Permissions::from_mode(0o755)).expect("permissions");
    let [Some(run), Some(answer)] = runs else { return };
    assert_eq!((run.code(), troubles(&run).len()), (Some(2), 1), "{run:?}");
    assert_eq!(answer.stdout(), "texts/a.txt\n");
}

#[test]
fn a_rule_that_cannot_be_understood_is_named_and_the_others_count() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "anchor");
    shelf.put("b.log", "anchor");
    shelf.put(".ignore", "a{b\n*.log\n");
    let run = shelf.ingest();
    assert_eq!(run.code(), Some(0), "nothing was lost: {run:?}");
    let lines = troubles(&run);
    assert!(lines.len() == 1 && lines[0].contains(".ignore") && lines[0].contains("line 1"), "{lines:?}");
    assert_eq!(shelf.paths("anchor"), ["a.txt"]);
}

/// The texts that hold "anchor", sorted.
fn found(shelf: &Shelf) -> Vec<String> {
    let mut paths = shelf.paths("anchor");
    paths.sort();
    paths
}

#[test]
fn a_rule_that_appears_takes_files_out_and_its_end_brings_them_back() {
    let shelf = Shelf::with(&[("keep.txt", "anchor"), ("drop.log", "anchor"), ("build/out.txt", "anchor")]);
    shelf.put(".ignore", "*.log\nbuild/\n");
    let summary = shelf.summary(["texts"]);
    assert_eq!((&summary["unchanged"], &summary["removed"]), (&1.into(), &2.into()), "{summary}");
    assert_eq!(summary["skipped"]["ignored"], 2);
    assert_eq!(shelf.paths("anchor"), ["keep.txt"]);
    shelf.put(".ignore", "build/\n");
    shelf.ingest().succeeded();
    assert_eq!(found(&shelf), ["drop.log", "keep.txt"]);
    shelf.remove(".ignore");
    shelf.ingest().succeeded();
    assert_eq!(found(&shelf), ["build/out.txt", "drop.log", "keep.txt"]);
    assert_eq!(shelf.status()["skipped"], serde_json::json!({}));
    // In a git repository it is .gitignore that counts.
    fs::create_dir(shelf.text(".git")).expect("a repository");
    shelf.put(".gitignore", "*.txt\n");
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("anchor"), ["drop.log"]);
    fs::remove_dir(shelf.text(".git")).expect("no repository");
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("anchor").len(), 3);
}

#[test]
fn names_in_any_bytes_are_found_listed_and_forgotten() {
    let shelf = Shelf::new();
    let names: [&[u8]; 6] = [b"\xff\xfe.txt", b"a b.txt", b"-v", b"new\nline", "東京.txt".as_bytes(), b"tab\t\x1b[1m"];
    for name in names {
        shelf.put(OsStr::from_bytes(name), "anchor");
    }
    assert_eq!(shelf.summary(["texts"])["new"], names.len());
    let output = shelf.command(["query", "-l", "-0", "anchor"]).output().expect("it runs").stdout;
    let mut found: Vec<&[u8]> = output.split(|byte| *byte == 0).filter(|path| !path.is_empty()).collect();
    found.sort();
    let mut expected: Vec<_> = names.iter().map(|name| [b"texts/".as_slice(), name].concat()).collect();
    expected.sort();
    assert_eq!(found, expected);
    for name in names {
        let path = shelf.text(OsStr::from_bytes(name));
        shelf.run([OsStr::new("why"), path.as_os_str()]).succeeded();
        fs::write(&path, "windlass").expect("a text");
        shelf.run([OsStr::new("ingest"), path.as_os_str()]).succeeded();
        shelf.run([OsStr::new("forget"), path.as_os_str()]).succeeded();
    }
    assert_eq!(shelf.status()["documents"], 0);
    let list: Vec<u8> = expected.iter().flat_map(|path| [path.as_slice(), b"\0"].concat()).collect();
    fs::write(shelf.home().join("list"), list).expect("a list");
    shelf.run(["ingest", "--files-from", "list", "-0"]).succeeded();
    assert_eq!(shelf.status()["documents"], names.len());
}

#[test]
fn everything_comes_in_path_order() {
    let shelf = Shelf::new();
    // By component, as bytes: what lies in a folder comes before names that only begin like it.
    let ordered = ["A", "a/b", "a/b.c", "a!x", "a.txt", "ab", "b", "é"];
    for name in ordered.iter().rev() {
        shelf.put(name, "anchor");
        shelf.put(Path::new(name).with_file_name(format!("{}~", name.rsplit('/').next().expect("a name"))), "");
    }
    shelf.run(["ingest", "--threads", "2", "texts"]).succeeded();
    assert_eq!(shelf.paths("anchor"), ordered, "hits with the same score");
    let skipped = shelf.run(["status", "--skipped"]).succeeded().stdout();
    let listed: Vec<_> = skipped.lines().filter_map(|line| line.strip_prefix("texts/")).collect();
    let expected = ["A~", "a/b.c~", "a/b~", "a!x~", "a.txt~", "ab~", "b~", "é~"].map(|name| format!("{name}: empty"));
    assert_eq!(listed, expected);
}
