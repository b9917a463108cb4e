//! Files and trees that mean harm: each is indexed or skipped for a reason, in bounded time and memory.
//!
//! `cargo test` builds them small. The full sizes, and the table of docs/reliability.md, come with
//! `INDAGO_FULL=1 cargo test --release --test cli hostile_files:: -- --nocapture --test-threads 1`, which takes 5 GB of disk.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags};

use crate::shelf::{Run, Shelf};

fn is_full() -> bool {
    std::env::var_os("INDAGO_FULL").is_some()
}

/// The first in `cargo test`, the second in a full run.
fn sized(small: usize, full: usize) -> usize {
    if is_full() { full } else { small }
}

/// What a run took.
struct Taken {
    run: Run,
    time: Duration,
    /// The most bytes resident at once, mapped files included.
    peak: u64,
    /// The most that were not mapped files, seen every millisecond.
    anonymous: u64,
}

/// Runs the program in the home of `shelf`, and watches it.
fn measured(shelf: &Shelf, args: &[&OsStr]) -> Taken {
    let began = Instant::now();
    let mut command = shelf.command(args);
    let out = |name: &str| File::create(shelf.home().join(name)).unwrap();
    let mut child = command.stdout(out("stdout")).stderr(out("stderr")).stdin(Stdio::null()).spawn().unwrap();
    let (mut peak, mut anonymous) = (0, 0);
    let status = loop {
        // Once it has ended, the system tells nothing of it but its name.
        let told = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let bytes = |key: &str| -> u64 {
            let line = told.lines().find_map(|line| line.strip_prefix(key)?.strip_suffix(" kB"));
            line.map_or(0, |kib| kib.trim().parse::<u64>().unwrap() << 10)
        };
        (peak, anonymous) = (peak.max(bytes("VmHWM:")), anonymous.max(bytes("RssAnon:")));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(600), "{args:?} hangs");
        std::thread::sleep(Duration::from_millis(1));
    };
    let time = began.elapsed();
    let read = |name: &str| fs::read(shelf.home().join(name)).unwrap();
    let output = std::process::Output { status, stdout: read("stdout"), stderr: read("stderr") };
    Taken { run: Run { output }, time, peak, anonymous }
}

/// What a case is to come to.
struct Case<'a> {
    what: &'a str,
    /// What is ingested.
    source: &'a Path,
    /// What is asked, and how many files have it.
    question: &'a str,
    files: u64,
    /// The exit code of the ingest.
    code: i32,
    /// What is skipped, and why, as the summary has it.
    skipped: &'a str,
    /// Bytes that may be taken beyond 400 MB, mapped files apart.
    bytes: u64,
    seconds: u64,
}

impl Case<'_> {
    /// Ingests, asks, asks for the state; prints a row of the table, and asserts what the case says.
    #[track_caller]
    fn run(&self, shelf: &Shelf) -> Run {
        let args = ["ingest".as_ref(), self.source.as_os_str()];
        let ingest = measured(shelf, &args);
        let ask = ["query", "--json", "--no-collapse", "-n", "3", "--", self.question].map(AsRef::as_ref);
        let query = measured(shelf, &ask);
        let status = measured(shelf, &["status".as_ref(), "--skipped".as_ref(), "--json".as_ref()]);
        let mb = |bytes: u64| bytes.div_ceil(1_000_000);
        let stderr = ingest.run.stderr();
        let line = stderr.lines().rev().find(|line| !line.contains("in the index")).unwrap_or_default();
        println!(
            "| {} | {line} | {:.1} s | {} MB | {} MB | {:.0} ms, {} MB |",
            self.what,
            ingest.time.as_secs_f64(),
            mb(ingest.peak),
            mb(ingest.anonymous),
            query.time.as_secs_f64() * 1e3,
            mb(query.peak),
        );
        let what = self.what;
        assert_eq!(ingest.run.code(), Some(self.code), "{what}: {stderr:.2000}");
        assert!(stderr.contains(self.skipped), "{what}: {stderr:.2000}");
        let summary = query.run.objects("summary").pop().unwrap_or_else(|| panic!("{what}: {:?}", query.run.stderr()));
        assert_eq!(summary["total"], self.files, "{what}: {stderr:.2000}");
        assert_eq!(query.run.code(), Some(i32::from(self.files == 0)), "{what}");
        assert!(query.run.output.stdout.len() < 100_000, "{what}: {} bytes", query.run.output.stdout.len());
        assert_eq!(status.run.code(), Some(0), "{what}: {}", status.run.stderr());
        assert!(ingest.anonymous < (400 << 20) + self.bytes, "{what}: {} MB", mb(ingest.anonymous));
        assert!(query.anonymous < 300 << 20, "{what}: {} MB to ask", mb(query.anonymous));
        let patience = if cfg!(debug_assertions) { 30 } else { 1 }; // and others may keep the machine busy
        assert!(ingest.time < Duration::from_secs(self.seconds * patience), "{what}: {:?}", ingest.time);
        assert!(query.time < Duration::from_secs(2 * patience), "{what}: {:?} to ask", query.time);
        ingest.run
    }
}

/// A case of one file, which is written by `fill` after words that every file has.
#[track_caller]
fn one_file(what: &str, bytes: usize, skipped: &str, question: &str, files: u64, fill: impl FnOnce(&mut dyn Write)) {
    let shelf = Shelf::new();
    let mut file = BufWriter::new(File::create(shelf.text("file.txt")).unwrap());
    fill(&mut file);
    drop(file.into_inner().unwrap());
    let size = fs::metadata(shelf.text("file.txt")).unwrap().len();
    assert!(size.abs_diff(bytes as u64) <= bytes as u64 / 5, "{what}: {size} bytes");
    let source = shelf.text("");
    // A file is held in memory, as it lies on the disk and decoded.
    let case = Case { what, source: &source, question, files, code: 0, skipped, bytes: 3 * size, seconds: 60 };
    case.run(&shelf);
}

fn repeated(out: &mut dyn Write, bytes: usize, piece: &[u8]) {
    let block = piece.repeat((1 << 16) / piece.len() + 1);
    let mut left = bytes;
    while left > 0 {
        let length = left.min(block.len());
        out.write_all(&block[..length]).unwrap();
        left -= length;
    }
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn bytes_that_are_hardly_text() {
    let bytes = sized(1 << 20, 100 << 20);
    let words = b"the harbour lantern was lit\n";
    one_file("a NUL after each word", bytes, "1 binary", "lantern", 0, |out| {
        repeated(out, bytes, b"the\0harbour\0lantern\0was\0lit\0");
    });
    one_file("a log with a hole of NULs, a twentieth of it", bytes, "1 new", "\"harbour lantern\"", 1, |out| {
        repeated(out, bytes / 2, words);
        repeated(out, bytes / 20, &[0]);
        repeated(out, bytes / 2, words);
    });
    one_file("UTF-8 with broken bytes in each line", bytes, "1 new", "lantern", 1, |out| {
        repeated(
            out,
            bytes,
            b"the harbour \xc3\xa9t\xc3\xa9 lantern was lit \xff\xc3( \xf0\x9f here, at the end of the pier\n",
        );
    });
    one_file("random bytes", bytes, "1 binary", "lantern", 0, |out| {
        let mut dice = 7_u64;
        for _ in 0..bytes / 8 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            out.write_all(&(dice ^ (dice >> 29)).to_le_bytes()).unwrap();
        }
    });
    one_file("UTF-16 without a mark", bytes, "1 new", "\"harbour lantern\"", 1, |out| {
        repeated(out, bytes & !1, &utf_16("the harbour lantern was lit\n"));
    });
    one_file("UTF-16 with lone surrogates", bytes, "1 new", "\"harbour lantern\"", 1, |out| {
        out.write_all(b"\xff\xfe").unwrap();
        let mut piece = utf_16("the harbour lantern was lit by the keeper of the pier");
        piece.extend(b"\x00\xd8\x20\x00\x00\xdc\n\0");
        repeated(out, bytes & !1, &piece);
    });
    one_file("UTF-8 with surrogates written out", bytes, "1 new", "\"harbour lantern\"", 1, |out| {
        repeated(
            out,
            bytes,
            b"the harbour lantern was lit by the keeper of the pier, near \xed\xa0\x80 and \xed\xb0\x80\n",
        );
    });
}

#[test]
fn words_and_lines_without_end() {
    let gigabyte = sized(4 << 20, 1 << 30);
    one_file("one letter, over and over", gigabyte, "1 new", "aaaa*", 1, |out| repeated(out, gigabyte, b"a"));
    one_file("one letter of Chinese, over and over", gigabyte / 8, "1 new", "東京", 0, |out| {
        repeated(out, gigabyte / 8 / 3 * 3, "東".as_bytes());
    });
    one_file("one line", gigabyte, "1 new", "\"very end\"", 1, |out| {
        repeated(out, gigabyte - 32, b"the harbour lantern was lit ");
        out.write_all(b" rope at the very end").unwrap();
    });
    let terms = sized(100_000, 10_000_000);
    one_file("distinct words", terms * 9, "1 new", "w1234567", u64::from(is_full()), |out| {
        for n in 0..terms {
            write!(out, "w{n:07} ").unwrap();
        }
    });
    let megabytes = sized(8, 100);
    one_file("words of a megabyte", megabytes << 20, "1 new", "\"lantern harbour\"", 1, |out| {
        for n in 0..megabytes {
            let letter = b'a' + (n % 26) as u8;
            repeated(out, (1 << 20) - 16, &[letter, b'b', letter, b'c']);
            out.write_all(b" lantern harbour ").unwrap();
        }
    });
    one_file("one word with a hyphen after each letter", megabytes << 20, "1 new", "lantern", 1, |out| {
        out.write_all(b"lantern ").unwrap();
        repeated(out, (megabytes << 20) - 8, b"a-b_C.d/");
    });
    one_file("accents, a million on each letter", megabytes << 20, "1 new", "lantern", 1, |out| {
        out.write_all(b"lantern ").unwrap();
        for _ in 0..megabytes {
            out.write_all(b" e").unwrap();
            repeated(out, (1 << 20) - 2, "\u{301}".as_bytes());
        }
    });
    one_file("lines without words", gigabyte / 8, "1 new", "lantern", 0, |out| repeated(out, gigabyte / 8, b"\n"));
}

#[test]
fn a_folder_of_many_files() {
    let count = sized(5_000, 200_000);
    let shelf = Shelf::new();
    for n in 0..count {
        fs::write(shelf.text(format!("{n}.txt")), format!("lantern {n}")).unwrap();
    }
    let (source, what, skipped) = (shelf.text(""), format!("{count} files in a folder"), "");
    let case = Case {
        what: &what,
        source: &source,
        question: "lantern",
        files: count as u64,
        code: 0,
        skipped,
        bytes: 0,
        seconds: 60,
    };
    case.run(&shelf);
    let again = measured(&shelf, &["ingest".as_ref(), source.as_os_str()]);
    println!(
        "| the same once more | {} | {:.1} s | {} MB | | |",
        again.run.stderr().lines().next().unwrap(),
        again.time.as_secs_f64(),
        again.peak / 1_000_000
    );
    assert!(again.run.stderr().contains("unchanged"), "{:?}", again.run);
}

#[test]
fn a_tree_deeper_than_a_path_may_be_long() {
    let levels = 5_000;
    let shelf = Shelf::new();
    let mut at = rustix::fs::openat(CWD, shelf.text(""), OFlags::DIRECTORY | OFlags::RDONLY, Mode::empty()).unwrap();
    for level in 0..levels {
        if level % 1000 == 999 {
            let file =
                rustix::fs::openat(&at, "deep.txt", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR | Mode::WUSR).unwrap();
            rustix::io::write(&file, b"the harbour lantern").unwrap();
        }
        rustix::fs::mkdirat(&at, "d", Mode::RWXU).unwrap();
        at = rustix::fs::openat(&at, "d", OFlags::DIRECTORY | OFlags::RDONLY, Mode::empty()).unwrap();
    }
    let source = shelf.text("");
    // Two bytes a level: the system's limit lies at 2,000 levels and something.
    let case = Case {
        what: "a tree of 5,000 levels",
        source: &source,
        question: "lantern",
        files: 2,
        code: 2,
        skipped: "File name too long",
        bytes: 0,
        seconds: 10,
    };
    let run = case.run(&shelf);
    assert_eq!(run.stderr().lines().filter(|line| line.starts_with("indago: ")).count(), 1, "{:.3000}", run.stderr());
    assert_eq!(shelf.run(["ingest", "texts"]).code(), Some(2), "it is told each time");
    // The standard library would take a file descriptor a level.
    assert!(Command::new("rm").arg("-rf").arg(&source).status().unwrap().success());
}

#[test]
fn names_of_every_kind() {
    let shelf = Shelf::new();
    let count = sized(200, 20_000);
    let strange: [&[u8]; 8] = [
        b"\n1  forged",
        b"\"'`$(touch x)",
        b"\x1b]0;x\x07",
        b"\xe2\x80\xaetxt.",
        b"\xff\xfe\x80",
        b" ",
        b"-rf",
        b"%2e\\",
    ];
    for n in 0..count {
        let name = [strange[n % strange.len()], format!("{n}").as_bytes()].concat();
        let name = [name.as_slice(), &b"n".repeat(255 - name.len())].concat();
        fs::write(shelf.text(OsStr::from_bytes(&name)), "lantern").unwrap();
    }
    let (source, what) =
        (shelf.text(""), format!("{count} names of 255 bytes: newlines, quotes, escapes, bidi, not UTF-8"));
    let case = Case {
        what: &what,
        source: &source,
        question: "lantern",
        files: count as u64,
        code: 0,
        skipped: "",
        bytes: 0,
        seconds: 10,
    };
    case.run(&shelf);
}

#[test]
fn the_systems_own_trees_given_as_roots() {
    for root in ["/proc", "/sys"] {
        // Of all that a system has only what says who this process is, unless all is asked for.
        let root = if is_full() {
            root.to_string()
        } else {
            format!("{root}/{}", if root == "/proc" { "self" } else { "kernel" })
        };
        if !Path::new(&root).is_dir() {
            println!("not run: no {root} here");
            continue;
        }
        let shelf = Shelf::new();
        let taken = measured(&shelf, &["ingest".as_ref(), root.as_ref()]);
        let stderr = taken.run.stderr();
        let line =
            stderr.lines().rev().find(|line| line.contains("skipped") || line.contains("new")).unwrap_or_default();
        println!(
            "| {root} | {line} | {:.1} s | {} MB | {} MB | |",
            taken.time.as_secs_f64(),
            taken.peak / 1_000_000,
            taken.anonymous / 1_000_000
        );
        assert!(matches!(taken.run.code(), Some(0 | 2)), "{root}: {stderr:.2000}");
        assert!(taken.anonymous < 600 << 20, "{root}: {} bytes", taken.anonymous);
        shelf.run(["status"]).succeeded();
        assert!(matches!(shelf.query("the").code(), Some(0 | 1)), "{root}");
    }
}
