//! The index directory: where it is found, what may become one, whose it is, and that it stays private.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::shelf::{Run, Shelf};

/// Runs the program in `folder` of the home.
fn run_in(shelf: &Shelf, folder: &str, args: &[&str]) -> Run {
    let mut command = shelf.command(args);
    command.current_dir(shelf.home().join(folder));
    Run::of(command)
}

/// An index of one text that holds `word`, in `folder`.
fn index_of(shelf: &Shelf, word: &str, folder: &str) {
    shelf.put(format!("{word}/only.txt"), word);
    shelf.run(["ingest", "--index", folder, &format!("texts/{word}")]).succeeded();
}

#[test]
fn the_index_is_the_one_named_then_the_environments_then_here_then_above() {
    let shelf = Shelf::new();
    fs::create_dir_all(shelf.home().join("a/b/c/index")).unwrap();
    fs::create_dir_all(shelf.home().join("a/b/index")).unwrap();
    for (word, folder) in [("top", "index"), ("near", "a/index"), ("named", "other"), ("wanted", "env")] {
        index_of(&shelf, word, folder);
    }
    let env = shelf.home().join("env");
    let rows: &[(&str, bool, &[&str], &str)] = &[
        (".", false, &[], "top"),
        ("a", false, &[], "near"),
        ("a/b/c", false, &[], "near"), // the folders index/ in a/b/c and a/b have no marker
        ("texts", false, &[], "top"),
        (".", true, &[], "wanted"),
        ("a", true, &[], "wanted"),
        (".", true, &["--index", "other"], "named"),
        (".", false, &["--index", "other"], "named"),
    ];
    for (folder, with_env, options, expected) in rows {
        for word in ["top", "near", "named", "wanted"] {
            let mut command = shelf.command(["query", "-l", word]);
            command.args(*options).current_dir(shelf.home().join(folder));
            if *with_env {
                command.env("INDAGO_INDEX", &env);
            }
            let found = Run::of(command).code() == Some(0);
            assert_eq!(found, word == *expected, "{word} in {folder}, environment {with_env}, {options:?}");
        }
    }
}

#[test]
fn an_index_that_is_not_there_is_named_with_the_command_that_builds_one() {
    let shelf = Shelf::new();
    fs::write(shelf.home().join("file"), "x").unwrap();
    for place in ["nowhere", "texts", "file"] {
        for verb in [&["query", "lantern"][..], &["status"], &["why", "texts"], &["forget", "texts"]] {
            let mut command = shelf.command(verb);
            command.env("INDAGO_INDEX", place);
            let run = Run::of(command);
            let line = run.refused();
            assert!(line.contains("no index in") && line.contains(place), "{verb:?} {place}: {line}");
            assert!(run.stderr().contains("`indago ingest "), "{run:?}");
        }
    }
    let run = shelf.query("lantern");
    assert!(run.refused().contains("no index in"), "{run:?}");
    assert!(!shelf.home().join("index").exists(), "a question makes no index");
}

#[test]
fn only_an_empty_folder_becomes_an_index() {
    let rows: &[(&[&str], bool)] = &[
        (&[], true),
        (&[".gitkeep"], true),
        (&[".gitignore", ".gitkeep"], true),
        (&["letter.txt"], false),
        (&[".gitkeep", "letter.txt"], false),
        (&[".hidden"], false),
        (&["meta.json", ".managed.json"], false),
    ];
    for (files, is_taken) in rows {
        let shelf = Shelf::new();
        shelf.put("keeper.txt", "the harbour lantern was lit");
        let folder = shelf.home().join("index");
        fs::create_dir(&folder).unwrap();
        for file in *files {
            fs::write(folder.join(file), "{}").unwrap();
        }
        let run = shelf.ingest();
        if *is_taken {
            run.succeeded();
            assert_eq!(shelf.paths("lantern"), ["keeper.txt"], "{files:?}");
            assert!(files.iter().all(|file| fs::read(folder.join(file)).unwrap() == b"{}"), "{files:?} stay");
        } else {
            assert!(run.refused().contains("index"), "{files:?}");
            assert!(shelf.query("lantern").refused().contains("no index in"), "{files:?}");
            let rebuild = shelf.run(["ingest", "--rebuild", "texts"]);
            rebuild.refused();
            let left = fs::read_dir(&folder).unwrap().count();
            assert_eq!(left, files.len(), "nothing is written beside {files:?}");
        }
    }
    let shelf = Shelf::new();
    fs::write(shelf.home().join("index"), "a letter").unwrap();
    shelf.ingest().refused();
    assert_eq!(fs::read(shelf.home().join("index")).unwrap(), b"a letter");
}

#[test]
fn the_index_is_private_whatever_the_umask_and_tagged_as_a_cache() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    let plain = shelf.command::<&str>([]);
    let script = "umask 000; mkdir -m 777 index; \"$INDAGO\" ingest texts && echo more >> texts/keeper.txt \
        && \"$INDAGO\" ingest texts && \"$INDAGO\" ingest --index deep/down texts";
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("INDAGO", plain.get_program()).env("HOME", shelf.home());
    command.current_dir(shelf.home()).env_remove("INDAGO_INDEX").stdin(Stdio::null());
    Run::of(command).succeeded();
    for folder in ["index", "deep/down"] {
        let folder = shelf.home().join(folder);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{folder:?}");
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{path:?}");
        }
        let tag = fs::read_to_string(folder.join("CACHEDIR.TAG")).unwrap();
        assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55"), "{tag}");
    }
}

#[test]
fn no_index_is_ever_ingested_under_whatever_name() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    index_of(&shelf, "older", "texts/of old");
    for name in ["texts/index", "texts/deep/strange name", "texts/.hid"] {
        for _ in 0..2 {
            shelf.run(["ingest", "--index", name, "--hidden", "--no-ignore", "texts"]).succeeded();
        }
        let run =
            shelf.run(["query", "--index", name, "-l", "signature OR segments OR format OR path:json OR lantern"]);
        assert_eq!(run.stdout(), "texts/keeper.txt\n", "{name}: {run:?}");
        fs::remove_dir_all(shelf.home().join(name)).unwrap();
    }
    // Standing in the folder that is ingested, as in `cd ~/notes && indago ingest .`
    for _ in 0..2 {
        run_in(&shelf, "texts", &["ingest", "--no-ignore", "."]).succeeded();
    }
    let run = run_in(&shelf, "texts", &["query", "-l", "signature OR segments OR format OR lantern"]);
    assert_eq!(run.stdout(), "keeper.txt\n", "{run:?}");
}

#[test]
fn the_index_named_as_what_to_ingest_yields_nothing_of_it() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    let run = shelf.run(["ingest", "index"]);
    assert!(run.code().is_some(), "{run:?}");
    let run = shelf.run(["query", "-l", "signature OR segments OR format OR lantern"]);
    assert_eq!(run.stdout(), "texts/keeper.txt\n", "{run:?}");
}

#[test]
fn an_index_of_another_program_is_neither_read_nor_written() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    // What tantivy alone would have made: the same files without indago's marker.
    let other = shelf.home().join("other");
    fs::create_dir(&other).unwrap();
    for entry in fs::read_dir(shelf.home().join("index")).unwrap() {
        let entry = entry.unwrap();
        if !["indago.json", "CACHEDIR.TAG"].contains(&entry.file_name().to_str().unwrap()) {
            fs::copy(entry.path(), other.join(entry.file_name())).unwrap();
        }
    }
    let before = fs::read_dir(&other).unwrap().count();
    assert!(shelf.run(["query", "--index", "other", "lantern"]).refused().contains("no index in other"));
    for args in [&["ingest", "texts"][..], &["ingest", "--rebuild", "texts"], &["query", "--from", "texts", "lantern"]]
    {
        let run = shelf.run(args.iter().chain(&["--index", "other"]));
        assert!(run.refused().contains("other is not empty and not an indago index"), "{args:?}");
    }
    assert_eq!(fs::read_dir(&other).unwrap().count(), before);
    // A marker of somebody else's making.
    for content in ["{}", "[]", "not json", "{\"indago\": 1}"] {
        fs::write(other.join("indago.json"), content).unwrap();
        shelf.run(["query", "--index", "other", "lantern"]).refused();
        shelf.run(["ingest", "--index", "other", "texts"]).refused();
    }
}

#[test]
fn an_index_above_that_is_somebody_elses_is_named_when_read_and_never_written() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    fs::create_dir(shelf.home().join("below")).unwrap();
    let index = shelf.home().join("index");
    let chown = Command::new("chown").args(["-R", "12345:12345"]).arg(&index).output();
    if !chown.is_ok_and(|done| done.status.success()) {
        eprintln!("not run: files cannot be given to another user here");
        return;
    }
    let writes: &[&[&str]] = &[
        &["ingest", "../texts"],
        &["ingest"],
        &["ingest", "--rebuild"],
        &["query", "-u", "lantern"],
        &["forget", "../texts"],
    ];
    let refuses = |run: Run| assert!(run.refused().contains("belongs to another user"), "{run:?}");
    // As root, who could write it all the same.
    for args in writes {
        let run = run_in(&shelf, "below", args);
        assert_eq!(run.code(), Some(2), "{args:?}: {run:?}");
        assert!(run.stderr().contains("belongs to another user"), "{args:?}: {run:?}");
    }
    let run = run_in(&shelf, "below", &["query", "-l", "lantern"]).succeeded();
    assert_eq!(run.stdout(), "../texts/keeper.txt\n");
    assert!(run.stderr().contains("index") && run.stderr().contains("belongs to another user"), "{run:?}");
    // As a third user, even where the modes let it write.
    for entry in fs::read_dir(&index).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o666)).unwrap();
    }
    fs::set_permissions(&index, fs::Permissions::from_mode(0o777)).unwrap();
    for args in &writes[..2] {
        let Some(mut command) = shelf.command_as_nobody(*args) else { return };
        command.current_dir(shelf.home().join("below"));
        refuses(Run::of(command));
    }
    for entry in fs::read_dir(&index).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().uid(), 12345, "nothing was written");
    }
}

#[test]
fn a_folder_that_is_somebody_elses_does_not_become_an_index() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    fs::create_dir(shelf.home().join("index")).unwrap();
    let chown = Command::new("chown").args(["12345", "index"]).current_dir(shelf.home()).output();
    if !chown.is_ok_and(|done| done.status.success()) {
        eprintln!("not run: files cannot be given to another user here");
        return;
    }
    assert!(shelf.ingest().refused().contains("index"));
    assert_eq!(fs::read_dir(shelf.home().join("index")).unwrap().count(), 0);
}

#[test]
fn an_index_that_was_moved_still_answers() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    fs::rename(shelf.home().join("index"), shelf.home().join("shifted")).unwrap();
    let run = shelf.run(["query", "--index", "shifted", "lantern"]).succeeded();
    assert!(run.stdout().contains("texts/keeper.txt") && run.stdout().contains("lit"), "{run:?}");
    shelf.put("market.txt", "a lantern seller");
    shelf.run(["ingest", "--index", "shifted"]).succeeded();
    let run = shelf.run(["query", "--index", "shifted", "-l", "seller"]).succeeded();
    assert_eq!(run.stdout(), "texts/market.txt\n");
}
