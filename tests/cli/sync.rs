//! What reaches the disk, and in which order: a state is switched to only when all of it is there for good.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::shelf::{Run, Shelf};

/// The calls that bring things to the disk, or take them away, in order, each as its name and the files it is about;
/// `None`, said on stderr, where strace cannot be used.
fn calls(shelf: &Shelf, args: &[&str]) -> Option<Vec<(String, Vec<String>)>> {
    let traced = Command::new("strace").args(["-y", "-o", "/dev/null", "true"]).output();
    if !traced.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: strace cannot trace programs here");
        return None;
    }
    let trace = shelf.home().join("trace");
    let plain = shelf.command(args);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-s", "4096", "-e", "signal=none", "-o"]).arg(&trace);
    strace.args(["-e", "trace=rename,renameat,renameat2,fsync,fdatasync,unlink,unlinkat,mkdir"]);
    strace.arg(plain.get_program()).args(plain.get_args()).current_dir(shelf.home()).env("HOME", shelf.home());
    Run::of(strace).succeeded();
    let text = fs::read_to_string(&trace).unwrap();
    let mut calls = Vec::new();
    // A call that another thread interrupts in the trace is done where it is resumed.
    let mut begun = std::collections::HashMap::new();
    for line in text.lines() {
        let (thread, line) = line.split_once(' ').unwrap();
        let line = match line.trim_start() {
            line if line.ends_with("<unfinished ...>") => {
                begun.insert(thread.to_string(), line.to_string());
                continue;
            }
            line if line.starts_with("<...") => format!("{}{line}", begun.remove(thread).unwrap()),
            line => line.to_string(),
        };
        // The end of the process came before that of the call, or before strace had learned which call it was.
        if line.trim_end().ends_with("= ?") || line.ends_with("<detached ...>") {
            continue;
        }
        let (call, rest) = line.split_once('(').unwrap();
        assert!(rest.contains("= 0"), "{line}");
        let names = rest.split(['"', '<', '>']).skip(1).step_by(2);
        calls.push((call.to_string(), names.map(str::to_string).collect()));
    }
    Some(calls)
}

/// The files that the committed state consists of.
fn files_of_commit(shelf: &Shelf) -> BTreeSet<String> {
    let meta = fs::read_to_string(shelf.home().join("index/meta.json")).unwrap();
    let lines = meta.split_once("\n}\n").unwrap().1.lines();
    lines.filter(|line| !line.starts_with('=')).map(|line| line.split(' ').next().unwrap().to_string()).collect()
}

#[test]
fn every_file_of_a_state_is_on_the_disk_before_the_switch_to_it_and_the_switch_before_anything_else() {
    let shelf = Shelf::new();
    for n in 0..40 {
        shelf.put(format!("{n}.txt"), format!("lantern {n} of the old harbour"));
    }
    let mut before = BTreeSet::new();
    for round in 0..4 {
        let Some(calls) = calls(&shelf, &["ingest", "texts"]) else { return };
        let index = shelf.home().join("index").canonicalize().unwrap();
        let path = |name: &str| index.join(name).to_str().unwrap().to_string();
        let is_sync = |call: &str| call == "fsync" || call == "fdatasync";
        let is_switch =
            |(call, names): &(String, Vec<String>)| call.starts_with("rename") && names[1].ends_with("/meta.json");
        let last = calls.iter().rposition(is_switch).expect("a commit");
        let synced_at = |file: &str| calls[..last].iter().rposition(|(call, names)| is_sync(call) && names[0] == file);
        let after = files_of_commit(&shelf);
        for name in after.difference(&before) {
            assert!(synced_at(&path(name)).is_some(), "round {round}: {name} is not on the disk: {calls:?}");
        }
        // The folder, so that the names of the new files are there as well; then the file that is to be the new state.
        let folder = synced_at(index.to_str().unwrap()).expect("the folder is synced before the switch");
        for name in after.difference(&before) {
            assert!(
                synced_at(&path(name)).unwrap() < folder,
                "round {round}: {name} comes after its folder: {calls:?}"
            );
        }
        let fresh = calls[last].1[0].clone();
        let fresh = if fresh.starts_with('/') {
            fresh
        } else {
            shelf.home().canonicalize().unwrap().join(fresh).to_str().unwrap().into()
        };
        assert!(synced_at(&fresh).is_some(), "round {round}: {fresh}: {calls:?}");
        // Every switch is on the disk before anything of the state before it is removed, and before the end.
        for (n, _) in calls.iter().enumerate().filter(|(_, call)| is_switch(call)) {
            let next = calls[n + 1..].iter().find(|(call, _)| call.starts_with("unlink") || is_sync(call));
            assert!(
                next.is_some_and(|(call, names)| is_sync(call) && names[0] == index.to_str().unwrap()),
                "round {round}: after the switch comes {next:?}: {calls:?}"
            );
        }
        if round == 0 {
            let home = shelf.home().canonicalize().unwrap();
            let is_made = |(call, names): &(String, Vec<String>)| call == "fsync" && names[0] == home.to_str().unwrap();
            assert!(calls.iter().any(is_made), "the index folder itself may be gone: {calls:?}");
        }
        before = after;
        match round {
            0 => drop(shelf.put("7.txt", "another lantern")),
            1 => shelf.remove("8.txt"),
            _ => (0..20).for_each(|n| drop(shelf.put(format!("new{n}.txt"), "one more"))),
        }
    }
}

#[test]
fn a_marker_is_on_the_disk_before_it_counts() {
    let shelf = Shelf::new();
    shelf.put("keeper.txt", "the harbour lantern was lit");
    let Some(calls) = calls(&shelf, &["ingest", "texts"]) else { return };
    let is_switch =
        |(call, names): &(String, Vec<String>)| call.starts_with("rename") && names[1].ends_with("indago.json");
    let mut switches = calls.iter().enumerate().filter(|(_, call)| is_switch(call)).peekable();
    assert!(switches.peek().is_some(), "{calls:?}");
    for (n, _) in switches {
        let is_sync = |n: usize, of: &str| calls[n].0.ends_with("sync") && calls[n].1[0].ends_with(of);
        assert!(is_sync(n - 1, "-indago.json") && is_sync(n + 1, "/index"), "{calls:?}");
    }
}
