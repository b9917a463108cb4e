//! Locks, missing rights, full disks, closed streams, damage, other versions: one clear line, and what was there answers.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::shelf::{Run, Shelf};

fn keepers() -> Shelf {
    Shelf::with(&[
        ("keeper.txt", "the harbour lantern was lit"),
        ("market.txt", "a lantern seller by the harbour"),
        ("tides.txt", "tides of the northern harbour"),
    ])
}

fn files_of(shelf: &Shelf) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(shelf.home().join("index")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The index file whose name begins or ends with `part`.
fn file(shelf: &Shelf, part: &str) -> PathBuf {
    let is_it = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(part) || name.ends_with(part)
    };
    files_of(shelf).iter().find(is_it).unwrap_or_else(|| panic!("no {part} in {:?}", files_of(shelf))).clone()
}

/// A shell line with the program as `indago` and every output kept.
fn sh(shelf: &Shelf, script: &str) -> Run {
    let plain = shelf.command::<&str>([]);
    let mut command = Command::new("sh");
    let script = format!("indago() {{ \"$INDAGO\" \"$@\"; }}; {script}");
    command
        .args(["-c", &script])
        .current_dir(shelf.home())
        .env("INDAGO", plain.get_program())
        .env("HOME", shelf.home());
    command.env_remove("INDAGO_INDEX").stdin(Stdio::null());
    Run::of(command)
}

#[test]
fn a_second_writer_is_refused_at_once_and_told_who_writes() {
    let shelf = keepers();
    let path = shelf.home().join("index/writer.lock");
    let lock = File::options().read(true).write(true).open(&path).unwrap();
    lock.lock().unwrap();
    fs::write(&path, "process 4711").unwrap();
    shelf.put("new.txt", "a new lantern");
    for args in [&["ingest"][..], &["ingest", "texts"], &["ingest", "--rebuild"], &["forget", "texts"]] {
        let began = Instant::now();
        let line = shelf.run(args).refused();
        assert!(line.contains("process 4711"), "{args:?}: {line}");
        assert!(began.elapsed() < Duration::from_secs(5), "{args:?}");
    }
    let began = Instant::now();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"], "readers never wait");
    let status = shelf.run(["status"]).succeeded();
    assert!(status.stdout().contains("being written by process 4711"), "{status:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(lock);
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("\"new lantern\""), ["new.txt"], "a name in a lock that nobody holds is no obstacle");
}

#[test]
fn questions_are_answered_without_an_error_while_ingests_run() {
    let shelf = Shelf::new();
    for n in 0..20 {
        shelf.put(format!("{n}.txt"), format!("lantern {n}"));
    }
    shelf.ingest().succeeded();
    let seconds = if std::env::var_os("INDAGO_FULL").is_some() { 20 } else { 2 };
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                if began.elapsed() >= Duration::from_secs(seconds) {
                    break;
                }
                for n in 0..20 {
                    shelf.put(format!("{n}.txt"), format!("lantern {n} round {round} {}", "rope ".repeat(round % 7)));
                }
                shelf.ingest().succeeded();
            }
        });
        while began.elapsed() < Duration::from_secs(seconds) {
            let run = shelf.run(["query", "-c", "lantern"]).succeeded();
            assert_eq!(run.stdout().trim(), "20", "{run:?}");
            shelf.run(["status"]).succeeded();
        }
    });
}

#[test]
fn a_read_only_index_answers_and_is_not_written() {
    let shelf = keepers();
    for path in files_of(&shelf) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(shelf.home().join("index"), fs::Permissions::from_mode(0o555)).unwrap();
    for args in [&["query", "-l", "lantern"][..], &["status"], &["why", "texts/keeper.txt"]] {
        let Some(command) = shelf.command_as_nobody(args) else { return };
        let run = Run::of(command).succeeded();
        assert!(!run.stdout().is_empty(), "{run:?}");
    }
    // Once somebody else's, once one's own that may not be written.
    for owner in ["0:0", "65534:65534"] {
        Command::new("chown").args(["-R", owner, "index"]).current_dir(shelf.home()).status().unwrap();
        let Some(command) = shelf.command_as_nobody(["ingest", "texts"]) else { return };
        let line = Run::of(command).refused();
        assert!(line.contains("index"), "{line}");
        assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"]);
    }
}

#[test]
fn no_space_left_is_told_in_one_line_and_the_old_state_answers() {
    let shelf = keepers();
    for n in 0..400 {
        shelf.put(format!("{n}.txt"), format!("lantern rope{n} keeper{} gull{}", n * 31, n * 77).repeat(4));
    }
    let script = "mount -t tmpfs -o size=88k none full || { echo cannot mount; exit 0; }; cp index/* full/ || exit 1; ls -a full | wc -l
        export INDAGO_INDEX=full
        for n in 1 2 3; do indago ingest texts; echo code $?; ls -a full | wc -l; indago query -l seller; done";
    fs::create_dir(shelf.home().join("full")).unwrap();
    let plain = shelf.command::<&str>([]);
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &format!("indago() {{ \"$INDAGO\" \"$@\"; }}; {script}")]);
    command.current_dir(shelf.home()).env("INDAGO", plain.get_program()).env("HOME", shelf.home());
    let run = Run::of(command);
    if run.stdout().contains("cannot mount") || run.stderr().contains("unshare") {
        eprintln!("not run: a small file system cannot be mounted here");
        return;
    }
    let stdout = run.stdout();
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.iter().filter(|line| **line == "code 2").count(), 3, "{run:?}");
    // A question says besides that the last ingest did not finish.
    let errors: Vec<_> = run.stderr().lines().filter(|line| !line.contains("not finish")).map(str::to_string).collect();
    let (hints, errors): (Vec<_>, Vec<_>) = errors.iter().partition(|line| line.starts_with("hint: "));
    let fits = |line: &&String| line.starts_with("indago: cannot write full") && line.contains("No space left");
    assert!(hints.len() == 3 && errors.len() == 3 && errors.iter().all(fits), "{run:?}");
    assert_eq!(lines.iter().filter(|line| **line == "texts/market.txt").count(), 3, "{run:?}");
    let counts: Vec<_> = lines.iter().filter_map(|line| line.trim().parse::<usize>().ok()).collect();
    // A try may leave a segment of its own behind, which the next one removes.
    assert!(counts.len() == 4 && counts.iter().all(|count| *count <= counts[0] + 8), "files pile up: {counts:?}");
}

#[test]
fn a_write_that_fails_at_any_point_is_told_and_leaves_an_index_that_answers() {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !traced.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: strace cannot trace programs here");
        return;
    }
    let step = if std::env::var_os("INDAGO_FULL").is_some() { 1 } else { 7 };
    for (call, cause) in [("rename", "EIO"), ("fdatasync", "ENOSPC"), ("fsync", "EIO"), ("ftruncate", "ENOSPC")] {
        for n in (1..30).step_by(if call == "fdatasync" { step } else { 1 }) {
            let shelf = keepers();
            shelf.put("keeper.txt", "the harbour lantern was lit again");
            let inject = format!("inject={call}:error={cause}:when={n}");
            let plain = shelf.command(["ingest", "texts"]);
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
            strace.arg(plain.get_program()).args(plain.get_args()).current_dir(shelf.home()).env("HOME", shelf.home());
            let run = Run::of(strace);
            let is_told = run.code() == Some(2);
            if is_told {
                let line = run.refused();
                assert!(line.contains("index"), "{inject}: {line}");
                assert!(line.contains("os error"), "{inject}: the cause is missing: {line}");
            } else {
                assert_eq!(run.code(), Some(0), "{inject}: {run:?}");
            }
            let query = shelf.query("harbour lantern");
            assert_eq!(query.code(), Some(0), "after {inject}: {query:?}");
            assert_eq!(shelf.paths("harbour lantern")[..2], ["keeper.txt", "market.txt"], "{inject}");
            let again = shelf.ingest();
            assert_eq!(again.code(), Some(0), "after {inject}: {again:?}");
            assert_eq!(shelf.paths("\"lit again\""), ["keeper.txt"], "{inject}");
            if !is_told {
                break; // there is no such call any more
            }
        }
    }
}

#[test]
fn closed_streams_and_few_file_descriptors_are_no_reason_to_crash() {
    let shelf = keepers();
    let rows: &[(&str, &[i32])] = &[
        ("indago query lantern >&-", &[0, 2]),
        ("indago query lantern 2>&-", &[0]),
        ("indago query lantern >/dev/full", &[2]),
        ("indago query nothere 2>&-", &[1]),
        ("indago query lantern >&- 2>&- <&-", &[0, 2]),
        ("indago status >&-", &[0, 2]),
        ("indago status >/dev/full", &[2]),
        ("indago ingest texts >&- 2>&- <&-", &[0]),
        ("indago ingest texts --json >/dev/full", &[2]),
        ("touch texts/keeper.txt; indago ingest texts 2>/dev/full", &[0]),
        ("ulimit -n 32; indago query lantern", &[0, 2]),
        ("ulimit -n 32; indago ingest texts", &[0, 2]),
        ("ulimit -n 12; touch texts/*; indago ingest texts", &[0, 2]),
        ("ulimit -n 5; indago query lantern", &[0, 2]),
    ];
    for (script, codes) in rows {
        let run = sh(&shelf, script);
        assert!(run.code().is_some_and(|code| codes.contains(&code)), "{script}: {run:?}");
        assert!(!run.stderr().contains("stumbled") && !run.stderr().contains("panicked"), "{script}: {run:?}");
        if run.code() == Some(2) && !script.contains("2>") {
            run.refused();
        }
    }
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"], "the index survived all of it");
}

/// A damaged index answers rightly or says in one line what is wrong; rebuilding mends it. Returns what is not so.
fn damage(what: &str, part: &str, harm: impl Fn(&Path)) -> Vec<String> {
    let shelf = keepers();
    let path = file(&shelf, part);
    harm(&path);
    let mut wrong = Vec::new();
    for args in [&["query", "-l", "lantern"][..], &["status"], &["ingest", "texts"]] {
        let run = shelf.run(args);
        let stderr = run.stderr();
        let is_one_line = stderr.lines().filter(|line| line.starts_with("indago: ")).count() == 1;
        let is_clear = !["stumbled", "IoError", "Some(", "Error("].iter().any(|text| stderr.contains(text));
        let is_right = match run.code() {
            Some(0) => args[0] != "query" || run.stdout() == "texts/keeper.txt\ntexts/market.txt\n",
            Some(2) => is_one_line && is_clear && stderr.lines().any(|line| line.starts_with("hint: ")),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{what} {part}, {}: {:?} {}{stderr}", args[0], run.code(), run.stdout()));
        }
    }
    shelf.run(["ingest", "--rebuild", "--index", "index", "texts"]).succeeded();
    assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"], "{what} {part}, rebuilt");
    wrong
}

const PARTS: [&str; 9] =
    ["meta.json", ".term", ".idx", ".pos", ".store", ".fast", ".fieldnorm", "records.", "indago.json"];

#[test]
fn an_index_with_a_missing_file_says_so_and_can_be_rebuilt() {
    let parts = PARTS.iter().filter(|part| **part != "indago.json");
    let wrong: Vec<_> = parts.flat_map(|part| damage("without", part, |path| fs::remove_file(path).unwrap())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_index_with_a_truncated_file_says_so_and_can_be_rebuilt() {
    let halve = |path: &Path| {
        let length = fs::metadata(path).unwrap().len();
        File::options().write(true).open(path).unwrap().set_len(length / 2).unwrap();
    };
    let mut wrong = Vec::new();
    for part in PARTS {
        wrong.extend(damage("cut", part, halve));
        wrong.extend(damage("emptied", part, |path| fs::write(path, "").unwrap()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_index_with_flipped_bytes_never_crashes_the_program() {
    let step = if std::env::var_os("INDAGO_FULL").is_some() { 1 } else { 29 };
    for part in PARTS {
        let shelf = keepers();
        let path = file(&shelf, part);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(step) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            fs::write(&path, &bytes).unwrap();
            let run = shelf.run(["query", "lantern harbour"]);
            assert!(matches!(run.code(), Some(0..=2)), "{part} byte {at}: {run:?}");
            assert!(!run.stderr().contains("panicked"), "{part} byte {at}: {run:?}");
            if run.code() == Some(2) {
                let told = run.stderr().lines().filter(|line| line.starts_with("indago: ")).count();
                assert_eq!(told, 1, "{part} byte {at}: {run:?}");
            }
        }
    }
}

#[test]
fn another_format_version_is_refused_with_a_command_that_rebuilds() {
    for (what, change) in [("format", 1), ("format", -1), ("analysis", 1), ("analysis", -1)] {
        let shelf = keepers();
        let path = shelf.home().join("index/indago.json");
        let mut marker: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        marker["indago"][what] = (marker["indago"][what].as_i64().unwrap() + change).into();
        fs::write(&path, marker.to_string()).unwrap();
        let mut hints = Vec::new();
        for args in [&["query", "lantern"][..], &["status"], &["ingest", "texts"], &["query", "-u", "lantern"]] {
            let run = shelf.run(args);
            assert!(run.refused().contains(what), "{args:?}: {run:?}");
            hints.push(run.stderr().split('`').nth(1).unwrap_or_else(|| panic!("no command: {run:?}")).to_string());
        }
        let run = sh(&shelf, &hints[0]);
        assert_eq!(run.code(), Some(0), "{}: {run:?}", hints[0]);
        assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"], "{what} {change}");
    }
}

/// Writes anew what the commit tells of its files, as if they had been made so.
fn seal(index: &Path) {
    let meta = fs::read_to_string(index.join("meta.json")).unwrap();
    let (json, files) = meta.split_once("\n}\n").unwrap();
    let mut sealed = format!("{json}\n}}\n");
    for name in files.lines().filter_map(|line| line.split(' ').next()).filter(|name| *name != "=") {
        let bytes = fs::read(index.join(name)).unwrap();
        sealed.push_str(&format!("{name} {} {:016x}\n", bytes.len(), xxhash_rust::xxh3::xxh3_64(&bytes)));
    }
    sealed.push_str(&format!("= {:016x}\n", xxhash_rust::xxh3::xxh3_64(sealed.as_bytes())));
    fs::write(index.join("meta.json"), sealed).unwrap();
}

#[test]
fn another_version_of_the_engines_format_is_refused_with_a_command_that_rebuilds() {
    for other in ["3", "8"] {
        let shelf = keepers();
        let index = shelf.home().join("index");
        seal(&index);
        assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"], "sealed again it is as it was");
        for path in files_of(&shelf) {
            let mut bytes = fs::read(&path).unwrap();
            let version = b"\"index_format_version\":";
            if let Some(at) = bytes.windows(version.len()).rposition(|part| part == version) {
                assert_eq!(bytes[at + version.len()], b'7', "{path:?}");
                bytes[at + version.len()] = other.as_bytes()[0];
                fs::write(&path, bytes).unwrap();
            }
        }
        seal(&index);
        for args in [&["query", "lantern"][..], &["status"], &["check"]] {
            let run = shelf.run(args);
            assert!(run.refused().contains(&format!("engine format {other}, this indago reads 7")), "{run:?}");
            assert!(run.stderr().contains("`indago ingest --rebuild "), "{args:?}: {run:?}");
        }
        shelf.run(["ingest", "--rebuild"]).succeeded();
        assert_eq!(shelf.paths("lantern"), ["keeper.txt", "market.txt"], "{other}");
    }
}
