//! Limits of the system and errors of the disk: space, size, memory, descriptors, read-only, at any call.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::fs;
use std::process::{Command, Stdio};

use crate::shelf::{Run, Shelf};

/// A shelf of so many texts, ingested, all but one of which changed since.
fn changed(texts: usize) -> Shelf {
    let shelf = Shelf::new();
    let text = |n: usize, word: &str| (0..400).map(|m| format!("{word}{:x} ", n * 7919 + m)).collect::<String>();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    for n in 0..texts {
        shelf.put(format!("{n}.txt"), text(n, "old"));
    }
    shelf.ingest().succeeded();
    for n in 0..texts {
        shelf.put(format!("{n}.txt"), text(n, "new"));
    }
    shelf
}

/// A shell line with the program as `$INDAGO`.
fn sh(shelf: &Shelf, wrapper: &[&str], script: &str) -> Run {
    let plain = shelf.command::<&str>([]);
    let mut command = Command::new(wrapper.first().unwrap_or(&"sh"));
    command.args(wrapper.iter().skip(1)).args((!wrapper.is_empty()).then_some("sh")).args(["-c", script]);
    command.current_dir(shelf.home()).env("INDAGO", plain.get_program()).env("HOME", shelf.home());
    command.env_remove("INDAGO_INDEX").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    Run::of(command)
}

fn files(shelf: &Shelf) -> usize {
    fs::read_dir(shelf.home().join("index")).unwrap().count()
}

/// Exit code 2 and one line, or, out of memory, what the allocator says of each thread that asked for more.
#[track_caller]
fn is_refused(what: &str, run: &Run) {
    let stderr = run.stderr();
    let lines: Vec<_> = stderr.lines().filter(|line| !line.starts_with("hint: ")).collect();
    let is_clear = lines.len() == 1 && lines[0].starts_with("indago: ");
    assert!(is_clear || stderr.starts_with("memory allocation of "), "{what}: {run:?}");
    assert!(run.code() == Some(2) && !stderr.contains("panicked"), "{what}: {run:?}");
}

#[test]
fn an_ingest_that_meets_a_limit_is_refused_and_leaves_an_index_that_answers_and_no_growing_litter() {
    let mut refused = Vec::new();
    for limit in ["-f 1", "-f 8", "-f 40", "-v 60000", "-v 90000", "-v 120000", "-n 5", "-n 6", "-n 7", "-n 9"] {
        let shelf = changed(40);
        let mut counts = Vec::new();
        for _ in 0..3 {
            let run = sh(&shelf, &[], &format!("ulimit {limit} && exec \"$INDAGO\" ingest -q texts"));
            if run.code() == Some(0) {
                break;
            }
            is_refused(limit, &run);
            refused.push(limit);
            counts.push(files(&shelf));
            assert_eq!(shelf.paths("\"harbour lantern\""), ["keeper.txt"], "after {limit}");
            shelf.run(["check"]).succeeded();
        }
        assert!(counts.last().is_none_or(|last| *last <= counts[0] + 8), "{limit}: files pile up: {counts:?}");
        shelf.ingest().succeeded();
        assert_eq!(shelf.paths("new0").len(), 1, "{limit}");
        assert!(shelf.paths("old0").is_empty(), "{limit}");
        shelf.run(["check"]).succeeded();
    }
    for kind in ["-f", "-v", "-n"] {
        assert!(refused.iter().any(|limit| limit.starts_with(kind)), "no limit of {kind} was met: {refused:?}");
    }
}

#[test]
fn a_question_or_a_check_that_meets_a_limit_answers_or_is_refused() {
    let shelf = changed(40);
    for limit in ["-v 60000", "-v 100000", "-n 4", "-n 5", "-n 6", "-n 8"] {
        for verb in ["query -l harbour", "check -q", "status", "why texts/keeper.txt"] {
            let what = format!("{limit}, {verb}");
            let run = sh(&shelf, &[], &format!("ulimit {limit} && exec \"$INDAGO\" {verb}"));
            match run.code() {
                Some(0) if verb.starts_with("query") => assert_eq!(run.stdout(), "texts/keeper.txt\n", "{what}"),
                Some(0) => {}
                _ => is_refused(&what, &run),
            }
        }
    }
}

#[test]
fn a_read_only_file_system_is_told_and_answers() {
    let shelf = changed(3);
    fs::create_dir(shelf.home().join("fixed")).unwrap();
    let script = "mount -t tmpfs -o size=4m none fixed || { echo cannot mount; exit 0; }
        cp -r index/. fixed/ && mount -o remount,ro fixed || exit 1; export INDAGO_INDEX=fixed
        for args in 'ingest texts' 'ingest --rebuild' 'forget texts' 'check --repair' 'query -l harbour' 'check'; do
            \"$INDAGO\" $args; echo \"$args: $?\"; done";
    let run = sh(&shelf, &["unshare", "-m"], script);
    if run.stdout().contains("cannot mount") || run.stderr().contains("unshare") {
        eprintln!("not run: a file system cannot be mounted here");
        return;
    }
    let expected = "ingest texts: 2\ningest --rebuild: 2\nforget texts: 2\ncheck --repair: 0\n\
        texts/keeper.txt\nquery -l harbour: 0\ncheck: 0\n";
    assert_eq!(run.stdout(), expected, "{run:?}");
    let stderr = run.stderr();
    let lines: Vec<_> = stderr.lines().filter(|line| !line.starts_with("sound: ")).collect();
    assert_eq!(lines.len(), 3, "{run:?}");
    assert!(lines.iter().all(|line| line.contains("cannot write fixed/") && line.contains("Read-only file system")));
}

#[test]
fn an_error_of_the_system_at_any_call_is_told_or_harmless() {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !traced.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: strace cannot trace programs here");
        return;
    }
    let step = if std::env::var_os("INDAGO_FULL").is_some() { 3 } else { 29 };
    let calls = [("read", "EIO"), ("openat", "EMFILE"), ("openat", "EIO"), ("mmap", "ENOMEM"), ("write", "EIO")];
    for (call, cause) in calls {
        // Calls before this one load the program.
        let line = format!("exec strace -f -qq -e trace={call} -o calls \"$INDAGO\" --version");
        let loaded = changed(0);
        sh(&loaded, &[], &line).succeeded();
        let first = 1 + fs::read_to_string(loaded.home().join("calls")).unwrap().lines().count();
        for verb in ["query -l harbour", "check -q", "ingest -q texts"] {
            let shelf = changed(2);
            for n in (first..first + 400).step_by(step) {
                let what = format!("{verb} with {cause} at {call} {n}");
                let inject = format!("trace={call} -e inject={call}:error={cause}:when={n}");
                let line = format!("exec strace -f -qq -o /dev/null -e {inject} \"$INDAGO\" {verb}");
                let run = sh(&shelf, &[], &line);
                let is_named =
                    verb.starts_with("check") && run.code() == Some(1) && run.stdout().contains(" cannot be ");
                // What went wrong with a text to be read is told by the line of that text.
                let is_of_a_text =
                    verb.starts_with("ingest") && run.code() == Some(2) && run.stderr().contains("cannot read ");
                // The answer itself may be what cannot be written.
                let is_ok = run.code() == Some(0);
                if !is_named && !is_of_a_text && !is_ok {
                    is_refused(&what, &run);
                }
                if is_ok && verb.starts_with("query") {
                    assert_eq!(run.stdout(), "texts/keeper.txt\n", "{what}: {run:?}");
                }
                assert_eq!(shelf.paths("\"harbour lantern\""), ["keeper.txt"], "after {what}");
                shelf.run(["check", "-q"]).succeeded();
            }
            shelf.ingest().succeeded();
            assert_eq!(shelf.paths("new0").len(), 1, "{verb} {call}");
        }
    }
}
