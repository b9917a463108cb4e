//! Things in a tree that are no plain files, or do not stay as they are: nothing hangs, each is told where it should be.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::shelf::{Run, Shelf};

fn fifo(path: impl AsRef<OsStr>) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// What `status --skipped` says of `name`.
fn skipped(shelf: &Shelf, name: &str) -> String {
    let told = shelf.run(["status", "--skipped"]).succeeded().stdout();
    let prefix = format!("texts/{name}: ");
    let line = told.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("{name} is not listed: {told}")).to_string()
}

#[test]
fn pipes_sockets_and_devices_are_named_and_never_opened() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    fifo(shelf.text("pipe.txt"));
    let _socket = UnixListener::bind(shelf.text("socket.txt")).unwrap();
    let device = Command::new("mknod").arg(shelf.text("device.txt")).args(["c", "1", "5"]).output();
    let has_device = device.is_ok_and(|made| made.status.success());
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt"]);
    let names = ["pipe.txt", "socket.txt", "device.txt"];
    for name in &names[..if has_device { 3 } else { 2 }] {
        assert!(skipped(&shelf, name).contains("not a regular file"), "{name}: {}", skipped(&shelf, name));
        assert_eq!(shelf.run(["why", &format!("texts/{name}")]).code(), Some(1), "{name}");
        shelf.run(["ingest", &format!("texts/{name}")]); // named outright: still not opened, so it ends
        fs::write(shelf.home().join("list"), format!("texts/{name}\n")).unwrap();
        shelf.run(["ingest", "--files-from", "list"]);
    }
}

#[test]
fn an_indexed_file_that_became_a_pipe_does_not_hold_up_a_question() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern was lit")]);
    shelf.remove("keeper.txt");
    fifo(shelf.text("keeper.txt"));
    for args in [&["query", "lantern"][..], &["query", "--json", "lantern"], &["why", "texts/keeper.txt"]] {
        assert!(shelf.run(args).code().is_some(), "{args:?}");
    }
    shelf.ingest().succeeded();
    assert_eq!(shelf.query("lantern").code(), Some(1));
}

#[test]
fn unreadable_files_and_folders_are_named_and_make_the_exit_code_2() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    shelf.put("secret.txt", "a secret lantern");
    shelf.put("locked/inner.txt", "an inner lantern");
    let Some(command) = shelf.command_as_nobody(["ingest", "texts"]) else { return };
    fs::set_permissions(shelf.home(), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(shelf.text("secret.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(shelf.text("locked"), fs::Permissions::from_mode(0o000)).unwrap();
    let run = Run::of(command);
    assert_eq!(run.code(), Some(2), "{run:?}");
    for name in ["secret.txt", "locked"] {
        let told = run.stderr().lines().filter(|line| line.contains(name) && line.contains("ermission denied")).count();
        assert_eq!(told, 1, "{name}: {run:?}");
    }
    let query = Run::of(shelf.command_as_nobody(["query", "-l", "lantern"]).unwrap());
    assert_eq!(query.stdout(), "texts/keeper.txt\n", "{query:?}");
}

#[test]
fn links_in_a_circle_end_and_links_out_of_the_root_are_followed_only_with_l() {
    let shelf = Shelf::new();
    shelf.put("a/keeper.txt", "the harbour lantern was lit");
    fs::create_dir(shelf.home().join("outside")).unwrap();
    fs::write(shelf.home().join("outside/far.txt"), "a far lantern").unwrap();
    symlink(shelf.text("a"), shelf.text("a/self")).unwrap();
    symlink("round", shelf.text("round")).unwrap();
    symlink("nowhere", shelf.text("dangling.txt")).unwrap();
    symlink(shelf.home().join("outside"), shelf.text("out")).unwrap();
    symlink(shelf.home().join("outside/far.txt"), shelf.text("far.txt")).unwrap();
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["a/keeper.txt"]);
    let run = shelf.run(["ingest", "-L", "texts"]);
    assert!(run.code().is_some(), "{run:?}");
    let mut found = shelf.paths("lantern");
    found.sort();
    assert_eq!(found, ["a/keeper.txt", "far.txt", "out/far.txt"], "{run:?}");
    let again = shelf.run(["ingest", "-L", "texts"]);
    assert_eq!(again.code(), run.code(), "{again:?}");
}

#[test]
fn a_file_of_5_gb_is_too_large_and_named() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    File::create(shelf.text("huge.txt")).unwrap().set_len(5 << 30).unwrap();
    let began = Instant::now();
    shelf.ingest().succeeded();
    assert!(began.elapsed() < Duration::from_secs(20));
    let told = skipped(&shelf, "huge.txt");
    assert!(told.contains("too large"), "{told}");
    // With a higher limit it is looked into: a hole is no text.
    shelf.run(["ingest", "--max-filesize", "6G", "texts"]).succeeded();
    assert!(skipped(&shelf, "huge.txt").contains("binary"), "{}", skipped(&shelf, "huge.txt"));
}

#[test]
fn one_line_of_many_megabytes_is_found_to_its_end_with_a_short_passage() {
    let megabytes = if std::env::var_os("INDAGO_FULL").is_some() { 100 } else { 20 };
    let shelf = Shelf::new();
    let mut line = "x".repeat(1 << 10) + " rope ";
    line = line.repeat(megabytes << 10);
    line.push_str("the harbour lantern was lit at the very end");
    shelf.put("line.txt", &line);
    shelf.ingest().succeeded();
    for question in ["harbour lantern", "\"very end\""] {
        let began = Instant::now();
        let run = shelf.query(question).succeeded();
        assert!(run.stdout().contains("lantern was lit at the very end"), "{}", &run.stdout()[..200]);
        assert!(run.stdout().len() < 2000, "{} bytes", run.stdout().len());
        assert!(run.stdout().contains("1: "), "{}", run.stdout());
        assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    }
    shelf.query("rope").succeeded();
}

#[test]
fn a_file_that_grows_while_it_is_read_does_not_hold_up_the_run_and_is_whole_after_the_next() {
    let shelf = Shelf::new();
    let path = shelf.put("log.txt", "the first lantern\n");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut log = OpenOptions::new().append(true).open(&path).unwrap();
            let block = "rope gull tides\n".repeat(64);
            for _ in 0..2000 {
                log.write_all(block.as_bytes()).unwrap();
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        for _ in 0..3 {
            shelf.ingest().succeeded();
            assert_eq!(shelf.paths("\"first lantern\""), ["log.txt"]);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"the last harbour\n").unwrap();
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("\"last harbour\""), ["log.txt"]);
}

#[test]
fn files_that_vanish_or_turn_into_pipes_while_the_run_goes_on_do_no_harm() {
    for becomes_pipe in [false, true] {
        let shelf = Shelf::new();
        for n in 0..200 {
            shelf.put(format!("{}/{n}.txt", n % 5), format!("lantern number{n} {}", "rope ".repeat(n)));
        }
        let mut run = shelf.command(["ingest", "-q", "texts"]).stderr(Stdio::null()).spawn().unwrap();
        while !shelf.home().join("index/meta.json").exists() {
            assert!(run.try_wait().unwrap().is_none_or(|status| status.success()));
        }
        for n in (0..200).rev().step_by(2) {
            std::thread::sleep(Duration::from_micros(300)); // spread over the run
            let name = format!("{}/{n}.txt", n % 5);
            shelf.remove(&name);
            if becomes_pipe && n % 8 == 7 {
                fifo(shelf.text(&name));
            }
        }
        let began = Instant::now();
        while run.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < Duration::from_secs(60), "it hangs");
            std::thread::sleep(Duration::from_millis(5));
        }
        shelf.ingest().succeeded();
        let mut found = shelf.paths("lantern");
        found.sort();
        let mut expected: Vec<_> = (0..200).step_by(2).map(|n| format!("{}/{n}.txt", n % 5)).collect();
        expected.sort();
        assert_eq!(found, expected, "turned into pipes: {becomes_pipe}");
    }
}

#[test]
fn an_empty_tree_is_fine_and_a_missing_root_is_trouble() {
    let shelf = Shelf::new();
    shelf.ingest().succeeded();
    assert_eq!(shelf.query("lantern").code(), Some(1));
    let run = shelf.run(["ingest", "nowhere"]);
    assert_eq!(run.code(), Some(2), "{run:?}");
    let told = run.stderr().lines().filter(|line| line.starts_with("indago: ") && line.contains("nowhere")).count();
    assert_eq!(told, 1, "{run:?}");
}

#[test]
fn a_tree_of_300_levels_is_read_to_the_bottom() {
    let shelf = Shelf::new();
    let deep = "d/".repeat(300) + "keeper.txt";
    shelf.put(&deep, "the harbour lantern was lit");
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), [deep]);
    shelf.ingest().succeeded();
}

#[test]
fn names_of_any_bytes_are_indexed_and_shown_without_harm() {
    let long = "n".repeat(251) + ".txt";
    let names: &[&[u8]] = &[
        long.as_bytes(),
        b"two\nlines.txt",
        b"quote\"and'tick.txt",
        b"red\x1b[31m\x07.txt",
        b"caf\xe9.txt",
        b"-l.txt",
        b" blank .txt",
        b"\xff\xfe",
    ];
    let shelf = Shelf::new();
    for name in names {
        shelf.put(OsStr::from_bytes(name), "the harbour lantern was lit");
    }
    shelf.ingest().succeeded();
    let run = shelf.run(["query", "-0", "lantern"]).succeeded();
    let mut found: Vec<_> = run.output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()).collect();
    found.sort();
    let mut expected: Vec<_> = names.iter().map(|name| [b"texts/", *name].concat()).collect();
    expected.sort();
    assert_eq!(found, expected);
    // csv, -0 and -l hand the bytes of a name on as they are when they go into a pipe.
    for args in [&["query", "lantern"][..], &["query", "--json", "--no-collapse", "lantern"], &["status", "--skipped"]]
    {
        let run = shelf.run(args).succeeded();
        assert!(!run.output.stdout.contains(&0x1b) && !run.output.stdout.contains(&7), "{args:?}: {run:?}");
    }
    assert_eq!(shelf.run(["query", "--json", "--no-collapse", "-n", "99", "lantern"]).json().len(), names.len() + 2);
    for name in names {
        fs::remove_file(shelf.text(OsStr::from_bytes(name))).unwrap();
    }
    shelf.ingest().succeeded();
    assert_eq!(shelf.query("lantern").code(), Some(1));
}
