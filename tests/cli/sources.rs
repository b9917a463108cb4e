//! Sources: what a PATH adds, refreshes, leaves alone; what `forget` takes out; roots that are gone.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::shelf::{Run, Shelf};

/// A shelf with these files in its home, each holding "anchor" and its own name; nothing is ingested.
fn home(names: &[&str]) -> Shelf {
    let shelf = Shelf::new();
    names.iter().for_each(|name| write(&shelf, name, &format!("anchor in {name}")));
    shelf
}

/// Writes a file in the home.
fn write(shelf: &Shelf, name: &str, text: &str) {
    let path = shelf.home().join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a text");
}

/// The paths that answer, from the home, in path order.
#[track_caller]
fn found(shelf: &Shelf, question: &str) -> Vec<String> {
    let run = shelf.run(["query", "-l", "--", question]);
    let mut paths: Vec<_> = run.stdout().lines().map(str::to_string).collect();
    paths.sort();
    paths
}

/// Runs `ingest` with these words as its arguments.
fn ingest(shelf: &Shelf, args: &str) -> Run {
    shelf.run(["ingest"].into_iter().chain(args.split_whitespace()))
}

fn sources(shelf: &Shelf) -> Vec<String> {
    let status = shelf.status();
    let sources = status["sources"].as_array().expect("sources").iter().filter(|source| source["kind"] == "tree");
    let name = |source: &Value| {
        let path = source["path"].as_str().expect("a path").to_string();
        Path::new(&path).strip_prefix(shelf.home()).map(|path| path.display().to_string()).unwrap_or(path)
    };
    sources.map(name).collect()
}

#[test]
fn a_path_adds_or_refreshes_and_touches_nothing_outside_it() {
    let shelf = home(&["one/a.txt", "one/sub/b.txt", "two/c.txt"]);
    ingest(&shelf, "one").succeeded();
    ingest(&shelf, "two").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["one/a.txt", "one/sub/b.txt", "two/c.txt"]);
    for name in ["one/a.txt", "one/sub/b.txt", "two/c.txt"] {
        fs::remove_file(shelf.home().join(name)).expect("a file to remove");
    }
    write(&shelf, "one/new.txt", "anchor");
    write(&shelf, "one/sub/new.txt", "anchor");
    let steps: [(&str, &[&str]); 3] = [
        ("one/sub", &["one/a.txt", "one/sub/new.txt", "two/c.txt"]),
        ("two", &["one/a.txt", "one/sub/new.txt"]),
        ("", &["one/new.txt", "one/sub/new.txt"]),
    ];
    for (path, expected) in steps {
        ingest(&shelf, path).succeeded();
        assert_eq!(found(&shelf, "anchor"), expected, "after `ingest {path}`");
    }
    assert_eq!(sources(&shelf), ["one", "two"], "a folder inside a source is no source of its own");
}

#[test]
fn a_file_of_a_source_is_refreshed_alone() {
    let shelf = home(&["one/a.txt", "one/b.txt"]);
    ingest(&shelf, "one").succeeded();
    write(&shelf, "one/a.txt", "windlass");
    write(&shelf, "one/b.txt", "windlass");
    ingest(&shelf, "one/a.txt").succeeded();
    assert_eq!(
        (found(&shelf, "windlass"), found(&shelf, "anchor")),
        (vec!["one/a.txt".into()], vec!["one/b.txt".into()])
    );
    assert_eq!(sources(&shelf), ["one"]);
}

#[test]
fn nested_sources_keep_their_rules_whichever_comes_first() {
    let names = ["out/a.txt", "out/.h.txt", "out/in/b.txt", "out/in/.k.txt"];
    let expected = ["out/a.txt", "out/in/.k.txt", "out/in/b.txt"];
    for order in [["out", "--hidden out/in"], ["--hidden out/in", "out"]] {
        let shelf = home(&names);
        for args in order {
            ingest(&shelf, args).succeeded();
        }
        for again in ["", "out", "out/in", "out out/in", "out/in out"] {
            ingest(&shelf, again).succeeded();
            assert_eq!(found(&shelf, "anchor"), expected, "{order:?}, then `ingest {again}`");
            assert_eq!(shelf.status()["documents"], 3, "{order:?}, then `ingest {again}`: each file once");
        }
        assert_eq!(sources(&shelf).len(), 2, "{order:?}");
    }
}

#[test]
fn an_ingest_of_the_outer_source_makes_the_inner_one_true_as_well() {
    let shelf = home(&["out/a.txt", "out/in/.b.txt", "out/in/gone.txt"]);
    ingest(&shelf, "out").succeeded();
    ingest(&shelf, "--hidden out/in").succeeded();
    write(&shelf, "out/in/.new.txt", "anchor");
    fs::remove_file(shelf.home().join("out/in/gone.txt")).expect("a file to remove");
    ingest(&shelf, "out").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["out/a.txt", "out/in/.b.txt", "out/in/.new.txt"]);
}

#[test]
fn overlapping_paths_index_a_file_once() {
    for paths in
        ["one one", "one one/sub", "one/sub one", "one one/sub/b.txt", "one/sub/b.txt one", "one/ ./one one/../one"]
    {
        let shelf = home(&["one/a.txt", "one/sub/b.txt"]);
        let summary = shelf.summary(paths.split(' '));
        assert_eq!((summary["new"].as_u64(), summary["seen"].as_u64()), (Some(2), Some(2)), "{paths}");
        assert_eq!(found(&shelf, "anchor"), ["one/a.txt", "one/sub/b.txt"], "{paths}");
        let again = shelf.summary([] as [&str; 0]);
        assert_eq!((again["unchanged"].as_u64(), again["seen"].as_u64()), (Some(2), Some(2)), "{paths}, again");
    }
}

#[test]
fn forget_takes_out_sources_folders_and_files_and_nothing_else() {
    let names = ["one/a.txt", "one/sub/b.txt", "one/subway.txt", "two/c.txt", "three.txt"];
    let rows: [(&str, Option<i32>, &[&str], u64); 8] = [
        ("one", Some(0), &["three.txt", "two/c.txt"], 3),
        ("one/sub", Some(0), &["one/a.txt", "one/subway.txt", "three.txt", "two/c.txt"], 1),
        ("one/a.txt", Some(0), &["one/sub/b.txt", "one/subway.txt", "three.txt", "two/c.txt"], 1),
        ("three.txt", Some(0), &["one/a.txt", "one/sub/b.txt", "one/subway.txt", "two/c.txt"], 1),
        ("one two three.txt", Some(0), &[], 5),
        (".", Some(0), &[], 5),
        ("nowhere", Some(1), &["one/a.txt", "one/sub/b.txt", "one/subway.txt", "three.txt", "two/c.txt"], 0),
        ("nowhere two", Some(0), &["one/a.txt", "one/sub/b.txt", "one/subway.txt", "three.txt"], 1),
    ];
    for (paths, code, expected, removed) in rows {
        let shelf = home(&names);
        ingest(&shelf, "one two three.txt").succeeded();
        let run = shelf.run(["forget", "--json"].into_iter().chain(paths.split(' ')));
        assert_eq!(run.code(), code, "forget {paths}: {run:?}");
        assert_eq!(run.objects("summary")[0]["removed"], removed, "forget {paths}");
        assert_eq!(run.stderr().contains("nowhere"), paths.contains("nowhere"), "{run:?}");
        assert_eq!(found(&shelf, "anchor"), expected, "forget {paths}");
        assert!(names.iter().all(|name| shelf.home().join(name).exists()), "the files stay");
    }
}

#[test]
fn a_forgotten_source_stays_forgotten_and_a_forgotten_part_comes_back() {
    let shelf = home(&["one/a.txt", "one/sub/b.txt", "two/c.txt", "three.txt"]);
    ingest(&shelf, "one two three.txt").succeeded();
    shelf.run(["forget", "two", "one/sub", "three.txt"]).succeeded();
    ingest(&shelf, "").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["one/a.txt", "one/sub/b.txt"]);
    assert_eq!(sources(&shelf), ["one"]);
}

#[test]
fn a_root_that_is_gone_keeps_its_documents_and_comes_back() {
    let shelf = home(&["one/a.txt", "one/sub/b.txt", "two/c.txt"]);
    ingest(&shelf, "one two").succeeded();
    fs::rename(shelf.home().join("one"), shelf.home().join("away")).expect("a rename");
    write(&shelf, "two/d.txt", "anchor");
    let all = ["one/a.txt", "one/sub/b.txt", "two/c.txt", "two/d.txt"];
    for path in ["", "one", "one/sub"] {
        let run = ingest(&shelf, path);
        assert_eq!(run.code(), Some(2), "ingest {path}: {run:?}");
        let lines = run.stderr().lines().filter(|line| line.starts_with("indago: ")).count();
        assert!(lines == 1 && run.stderr().contains("/one"), "one line names it: {}", run.stderr());
        assert_eq!(found(&shelf, "anchor"), all, "ingest {path}");
    }
    assert_eq!(shelf.summary([] as [&str; 0])["kept"], 2);
    fs::rename(shelf.home().join("away"), shelf.home().join("one")).expect("a rename");
    fs::remove_file(shelf.home().join("one/a.txt")).expect("a file to remove");
    ingest(&shelf, "").succeeded();
    assert_eq!(found(&shelf, "anchor"), &all[1..]);
}

#[test]
fn a_mistyped_path_is_named_and_not_remembered() {
    let shelf = home(&["one/a.txt"]);
    ingest(&shelf, "one").succeeded();
    let run = ingest(&shelf, "oen");
    assert_eq!(run.code(), Some(2), "{run:?}");
    assert!(run.stderr().contains("oen"), "{run:?}");
    assert_eq!(sources(&shelf), ["one"]);
    ingest(&shelf, "").succeeded();
}

#[test]
fn a_root_that_became_a_file_is_that_file() {
    let shelf = home(&["one/a.txt", "one/b.txt"]);
    ingest(&shelf, "one").succeeded();
    fs::remove_dir_all(shelf.home().join("one")).expect("no folder");
    write(&shelf, "one", "windlass");
    ingest(&shelf, "").succeeded();
    assert_eq!((found(&shelf, "windlass"), found(&shelf, "anchor")), (vec!["one".into()], vec![]));
    fs::remove_file(shelf.home().join("one")).expect("no file");
    write(&shelf, "one/a.txt", "anchor");
    ingest(&shelf, "").succeeded();
    assert_eq!((found(&shelf, "windlass"), found(&shelf, "anchor")), (vec![], vec!["one/a.txt".into()]));
}

#[test]
fn a_root_may_have_a_name_in_any_bytes() {
    for name in [b"\xffroot".as_slice(), b"new\nline", "日本".as_bytes()] {
        let shelf = Shelf::new();
        let root = shelf.home().join(OsStr::from_bytes(name));
        fs::create_dir(&root).expect("a folder");
        fs::write(root.join("a.txt"), "anchor").expect("a text");
        shelf.run([OsStr::new("ingest"), root.as_os_str()]).succeeded();
        fs::write(root.join("b.txt"), "anchor").expect("a text");
        ingest(&shelf, "").succeeded();
        assert_eq!(shelf.status()["documents"], 2, "{}", root.display());
        shelf.run([OsStr::new("forget"), root.as_os_str()]).succeeded();
        assert_eq!(shelf.status()["sources"].as_array().map(Vec::len), Some(0), "{}", root.display());
    }
}

#[test]
fn an_unmounted_source_keeps_its_documents() {
    for (what, source, mount) in [("a source", "disk", "disk"), ("a folder in a source", "one", "one/disk")] {
        let shelf = home(&["one/a.txt"]);
        fs::create_dir_all(shelf.home().join(mount)).expect("a place to mount");
        let program = env!("CARGO_BIN_EXE_indago");
        // A mount of its own that nobody else sees, gone with the process.
        let script = format!(
            "mount -t tmpfs none {mount} || exit 77\n\
             echo anchor > {mount}/m.txt; {program} ingest -q one {source} || exit 78\n\
             umount {mount}; {program} ingest -q; echo code $?; {program} ingest {mount}; echo code $?\n\
             {program} query -l anchor | sort; rmdir {mount}; {program} ingest -q; echo code $?\n\
             {program} query -l anchor | sort; mkdir {mount}; mount -t tmpfs none {mount}\n\
             {program} ingest -q; echo code $?; {program} query -l anchor | sort"
        );
        let output = Command::new("unshare").args(["-m", "sh", "-c", &script]).current_dir(shelf.home()).output();
        let output = match output {
            Ok(output) if output.status.code() == Some(0) => output,
            cannot => return println!("not run: no private mount: {cannot:?}"),
        };
        let run = Run { output };
        let mut both = ["one/a.txt".to_string(), format!("{mount}/m.txt")];
        both.sort();
        let both = both.join("\n");
        let expected = format!("code 2\ncode 2\n{both}\ncode 2\n{both}\ncode 0\none/a.txt\n");
        assert_eq!(run.stdout(), expected, "{what}: {run:?}");
        let lines = run.stderr();
        let named = lines.lines().filter(|line| line.starts_with("indago: ")).collect::<Vec<_>>();
        assert!(named.len() == 3 && named.iter().all(|line| line.contains(mount)), "{what}, a line a run: {lines}");
    }
}

#[test]
fn a_single_file_is_a_source() {
    let shelf = home(&["one/a.txt", "one/b.txt"]);
    ingest(&shelf, "one/a.txt").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["one/a.txt"]);
    write(&shelf, "one/a.txt", "windlass");
    ingest(&shelf, "").succeeded();
    assert_eq!((found(&shelf, "windlass"), found(&shelf, "anchor")), (vec!["one/a.txt".into()], vec![]));
}

/// Runs `ingest --files-from - ARGS` with `list` on stdin.
fn ingest_list(shelf: &Shelf, args: &[&str], list: &[u8]) -> Run {
    let mut command = shelf.command(["ingest", "--files-from", "-"].iter().chain(args));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(list).expect("it reads");
    Run { output: child.wait_with_output().expect("it ends") }
}

#[test]
fn listed_files_are_taken_whatever_the_rules_and_stay() {
    let shelf = home(&["one/.ignore", "one/a.txt", "one/build/b.txt", "one/.c.txt", "one/new\nline.txt", "d.txt"]);
    write(&shelf, "one/.ignore", "build/\n");
    let list = b"one/build/b.txt\none/.c.txt\n\none/a.txt\none/a.txt\n./d.txt\n";
    ingest_list(&shelf, &[], list).succeeded();
    let listed = ["d.txt", "one/.c.txt", "one/a.txt", "one/build/b.txt"];
    assert_eq!(found(&shelf, "anchor"), listed);
    ingest_list(&shelf, &["-0"], b"one/new\nline.txt\0").succeeded();
    assert_eq!(found(&shelf, "line anchor path:new").len(), 2, "two lines, since the name holds a newline");
    fs::remove_file(shelf.home().join("one/new\nline.txt")).expect("a file to remove");
    for args in ["", "one", ""] {
        ingest(&shelf, args).succeeded();
        assert_eq!(found(&shelf, "anchor"), listed, "`ingest {args}`");
    }
    assert_eq!(shelf.status()["documents"], 4);
    for name in listed {
        write(&shelf, name, "windlass");
    }
    let summary = shelf.summary([] as [&str; 0]);
    assert_eq!((summary["changed"].as_u64(), summary["kept"].as_u64()), (Some(4), Some(0)), "{summary}");
    assert_eq!((found(&shelf, "windlass").len(), found(&shelf, "anchor").len()), (4, 0));
    assert_eq!(shelf.status()["documents"], 4, "a file that is listed and lies in a source is indexed once");
    fs::remove_file(shelf.home().join("one/build/b.txt")).expect("a file to remove");
    ingest(&shelf, "").succeeded();
    assert_eq!(found(&shelf, "windlass"), ["d.txt", "one/.c.txt", "one/a.txt"]);
}

#[test]
fn a_listed_file_that_is_gone_from_an_ingested_tree_is_gone_from_the_index() {
    let shelf = home(&["one/a.txt", "one/b.txt"]);
    ingest(&shelf, "one/b.txt").succeeded();
    ingest(&shelf, "one").succeeded();
    fs::remove_file(shelf.home().join("one/b.txt")).expect("a file to remove");
    ingest(&shelf, "one").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["one/a.txt"]);
}

#[test]
fn a_list_with_folders_and_missing_files_is_taken_as_far_as_it_goes() {
    let shelf = home(&["one/a.txt", "one/b.txt"]);
    fs::write(shelf.home().join("list"), "one/missing.txt\none\none/b.txt\n").expect("a list");
    let run = ingest(&shelf, "--json --files-from list");
    assert_eq!(run.code(), Some(2), "a file that is not there could not be read: {run:?}");
    assert!(run.stderr().contains("one/missing.txt"), "{run:?}");
    let skipped: Vec<_> = run.objects("skipped").iter().map(|line| line["reason"].clone()).collect();
    assert_eq!(skipped, ["folder", "missing"], "{run:?}");
    assert_eq!(found(&shelf, "anchor"), ["one/b.txt"]);
    write(&shelf, "one/missing.txt", "anchor");
    ingest(&shelf, "").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["one/b.txt", "one/missing.txt"], "it is looked for again");
    let run = ingest(&shelf, "--files-from nolist");
    assert_eq!((run.code(), run.stderr().contains("nolist")), (Some(2), true), "{run:?}");
}

#[test]
fn listed_files_whose_folder_is_gone_keep_their_documents() {
    let shelf = home(&["ext/a.txt", "one/b.txt"]);
    ingest(&shelf, "ext/a.txt one").succeeded();
    fs::rename(shelf.home().join("ext"), shelf.home().join("away")).expect("a rename");
    let run = ingest(&shelf, "");
    assert_eq!((run.code(), run.stderr().contains("ext")), (Some(2), true), "{run:?}");
    assert_eq!(found(&shelf, "anchor"), ["ext/a.txt", "one/b.txt"]);
}

#[test]
fn rules_are_remembered_for_their_source() {
    let rows = [
        ("-g *.md", "one/a.md"),
        ("-g !a.txt --hidden", "one/.h.txt one/a.md one/big.txt"),
        ("--max-filesize 30", "one/a.md one/a.txt"),
        ("--no-ignore", "one/a.md one/a.txt one/big.txt one/build/b.txt"),
        ("", "one/a.md one/a.txt one/big.txt"),
    ];
    for (rules, expected) in rows {
        let shelf = home(&["one/a.txt", "one/a.md", "one/.h.txt", "one/build/b.txt"]);
        write(&shelf, "one/.ignore", "build/");
        write(&shelf, "one/big.txt", &"anchor ".repeat(9));
        ingest(&shelf, &format!("{rules} one")).succeeded();
        for args in ["", "one", "one/a.md", ""] {
            ingest(&shelf, args).succeeded();
            assert_eq!(found(&shelf, "anchor").join(" "), expected, "`{rules}`, then `ingest {args}`");
        }
        ingest(&shelf, "--default-rules one").succeeded();
        assert_eq!(found(&shelf, "anchor"), ["one/a.md", "one/a.txt", "one/big.txt"], "`{rules}`, then the default");
    }
}

#[test]
fn rules_without_a_path_are_not_dropped_in_silence() {
    let shelf = home(&["one/a.txt", "one/.h.txt"]);
    ingest(&shelf, "one").succeeded();
    let run = ingest(&shelf, "--hidden");
    let is_refused = run.code() == Some(2) && run.stderr().contains("--hidden");
    assert!(is_refused || found(&shelf, "anchor") == ["one/.h.txt", "one/a.txt"], "{run:?}");
}

#[test]
fn without_a_path_a_new_index_takes_corpus_or_says_what_to_type() {
    let shelf = home(&["corpus/a.txt"]);
    fs::rename(shelf.home().join("corpus"), shelf.home().join("away")).expect("a rename");
    let run = ingest(&shelf, "");
    assert_eq!(run.code(), Some(2), "{run:?}");
    assert!(run.stderr().contains("hint: name a directory: `indago ingest DIRECTORY`"), "{run:?}");
    let run = ingest(&shelf, "-g [ away");
    assert_eq!(run.code(), Some(2), "{run:?}");
    assert!(!shelf.home().join("index").exists(), "a mistake leaves no index behind");
    fs::rename(shelf.home().join("away"), shelf.home().join("corpus")).expect("a rename");
    ingest(&shelf, "").succeeded();
    assert_eq!(found(&shelf, "anchor"), ["corpus/a.txt"]);
}
