//! Terminals: nothing from a file, a name, a question or an error acts on one, forges a line or hides.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::output::FORMATS;
use crate::shelf::Shelf;

/// What acts on a terminal, or deceives who reads it.
const SEQUENCES: [(&str, &str); 34] = [
    ("CSI: clear the screen", "\x1b[2J\x1b[3J"),
    ("CSI: move the cursor", "\x1b[1;1H\x1b[A\x1b[99D"),
    ("CSI: colours", "\x1b[31;5m"),
    ("CSI: ask for the cursor's place", "\x1b[6n"),
    ("CSI: another screen", "\x1b[?1049h"),
    ("OSC 0: the title", "\x1b]0;owned\x07"),
    ("OSC 8: a link", "\x1b]8;;http:evil.example\x1b\\shown\x1b]8;;\x1b\\"),
    ("OSC 52: the clipboard", "\x1b]52;c;cm0gLXJmIH4=\x07"),
    ("OSC 1337: a file", "\x1b]1337;File=inline=1:AAAA\x07"),
    ("OSC without an end", "\x1b]0;"),
    ("DCS: ask for settings", "\x1bP$q\"p\x1b\\"),
    ("APC: a picture", "\x1b_Ga=T;AAAA\x1b\\"),
    ("PM", "\x1b^private\x1b\\"),
    ("SOS", "\x1bXstring\x1b\\"),
    ("reset", "\x1bc"),
    ("another character set", "\x1b(0\x0e\x0f"),
    ("C1: CSI", "\u{9b}2J"),
    ("C1: OSC", "\u{9d}0;owned\u{9c}"),
    ("C1: DCS", "\u{90}$q\"p\u{9c}"),
    ("C1: lines", "\u{84}\u{85}\u{8d}"),
    ("carriage return", "\rforged.txt"),
    ("backspaces", "\x08\x08\x08\x08\x08\x08forged"),
    ("a newline", "\n1  forged.txt"),
    ("a message", "\nindago: forged\nhint: forged"),
    ("form feed and vertical tab", "\x0b\x0cforged"),
    ("bell, enquiry, delete", "\x07\x05\x7f"),
    ("separators of lines and paragraphs", "\u{2028}\u{2029}"),
    ("right to left", "\u{202e}txt.exe\u{202c}"),
    ("isolates", "\u{2066}\u{2067}\u{2068}\u{2069}"),
    ("marks of direction", "\u{200e}\u{200f}\u{61c}"),
    ("nothing to see", "\u{200b}\u{2060}\u{2063}\u{feff}"),
    ("tags", "\u{e0001}\u{e0041}\u{e007f}"),
    ("annotations", "\u{fff9}a\u{fffa}b\u{fffb}"),
    ("a tab", "\t"),
];

/// `shown` without the colours and links that indago itself writes, and the progress that it draws where a run takes long.
fn without_our_own(shown: &str) -> String {
    let mut bare = String::new();
    let shown = shown.replace("\r\x1b[2K", "\n").replace("\x1b[2K", "");
    let mut rest = shown.as_str();
    while let Some(at) = rest.find('\x1b') {
        bare.push_str(&rest[..at]);
        let (end, sequence) = if rest[at..].starts_with("\x1b]8;;") {
            let end = rest[at..].find("\x1b\\").map_or(rest.len(), |end| at + end + 2);
            (end, rest[at + 1..end - 2].chars().all(|c| c.is_ascii_graphic()))
        } else {
            let end = rest[at..].find('m').map_or(rest.len(), |end| at + end + 1);
            (end, rest[at + 1..end].bytes().all(|byte| b"[;m0123456789".contains(&byte)) && rest[at..end].len() < 9)
        };
        assert!(sequence, "{:?} in {shown:?}", &rest[at..end]);
        rest = &rest[end..];
    }
    bare + rest
}

/// Asserts that what a terminal was sent is text, and lines of indago's own.
#[track_caller]
fn assert_harmless(args: &[&str], shown: &str) {
    let bare = without_our_own(shown);
    // A colour ends where the words do, so that marks may stand inside of what is a sequence no more.
    let acts = |c: char| {
        (c.is_control() && !"\n\0\t".contains(c))
            || "\u{2028}\u{2029}\u{61c}\u{200b}\u{200e}\u{200f}\u{feff}".contains(c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2060}'..='\u{206f}').contains(&c)
            || ('\u{fff9}'..='\u{fffb}').contains(&c)
            || ('\u{e0000}'..='\u{e007f}').contains(&c)
    };
    let at = bare.find(acts).map(|at| bare[at..].escape_debug().take(60).collect::<String>());
    assert_eq!(at, None, "{args:?}: {shown:.2000?}");
    let is_forged =
        |line: &str| ["1  forged", "forged", "indago: forged", "hint: forged"].iter().any(|f| line.starts_with(f));
    assert!(!bare.lines().any(is_forged), "{args:?}: {shown:.2000}");
}

/// A shelf with each sequence in names, texts, titles and rules, of files in every state; and all of them in a row.
fn shelf_of_sequences() -> (Shelf, String) {
    let shelf = Shelf::new();
    for (n, (_, sequence)) in SEQUENCES.iter().enumerate() {
        let text = format!("# Title {sequence} lantern\n\nlantern {sequence} harbour {sequence}lantern{sequence}\n");
        shelf.put(format!("{n} lantern{sequence}.txt"), &text);
        shelf.put(format!("twin/{n}{sequence}.txt"), format!("{text}\nand one more"));
        shelf.put(format!("empty/{n}{sequence}"), "");
        shelf.put(format!("{n}{sequence}/.ignore"), format!("*.o{sequence}\n[z-a]{sequence}\n"));
        shelf.put(format!("{n}{sequence}/a.o{sequence}"), "lantern");
        shelf.put(format!("{n}{sequence}/.hidden{sequence}"), "lantern");
    }
    shelf.put(
        OsStr::from_bytes(b"lantern \xff\x9b2J\x1b[3J.txt"),
        b"# \x9b2J\n\nlantern \x9b2J \x9d0;owned\x9c caf\xe9\n",
    );
    shelf.put("nul.txt", ["lantern ".repeat(3000), "\0\x1b[2J lantern".into()].concat());
    let all: String = SEQUENCES.map(|(_, sequence)| sequence).concat();
    (shelf, all)
}

#[test]
fn no_sequence_from_outside_acts_on_a_terminal_whatever_the_verb_and_the_format() {
    let (shelf, all) = shelf_of_sequences();
    let check = |args: &[&str]| match shelf.on_terminal(80, &[], args) {
        Some(shown) => {
            assert_harmless(args, &shown);
            Some(shown)
        }
        None => None,
    };
    if check(&["ingest", "texts", "--dry-run"]).is_none() {
        return;
    }
    let told = check(&["ingest", "texts"]).unwrap();
    assert!(told.contains("does not count"), "the rule files complain: {told}");
    check(&["ingest", "--json", "texts"]);
    let asked = format!("lantern {}", all.replace('"', " "));
    for format in FORMATS {
        for options in [&["--explain", "--scores", "--copies", "-n", "200", "lantern"][..], &["--", "lantern"]] {
            let shown = check(&[&["query"], format, options].concat()).unwrap();
            assert!(format.contains(&"-c") || shown.contains("lantern"), "{format:?}: {shown}");
        }
        check(&[&["query"], format, &["--literal", "--", &asked]].concat());
        check(&[&["query"], format, &["--", &format!("({all}")]].concat());
        check(&[&["query"], format, &["--literal", "--", &format!("zeppelin {all}")]].concat());
    }
    fs::write(shelf.home().join("questions"), format!("{}\tlantern\n{all}\n", all.replace(['\n', '\t'], " "))).unwrap();
    let (first, twin) =
        (format!("texts/22 lantern{}.txt", SEQUENCES[22].1), format!("texts/twin/22{}.txt", SEQUENCES[22].1));
    let (glob, pattern, field) = (format!("{{a{all}"), format!("/(lantern{all}/"), format!("size:{all}"));
    let (fuzzy, encoding) = (format!("lantern{all}~"), format!("*={all}"));
    let rows: [&[&str]; 36] = [
        &["query", &fuzzy],
        &["query", &pattern],
        &["query", &field],
        &["query", "--format", &all, "lantern"],
        &["query", "-n", &all, "lantern"],
        &["query", "--index", &all, "lantern"],
        &["query", "--from", &all, "lantern"],
        &["query", "--queries", &all],
        &["query", "--queries", "questions"],
        &["query", "--queries", "questions", "--format", "trec"],
        &[&all],
        &["query", &format!("--{all}")],
        &["status"],
        &["status", "--skipped"],
        &["status", "--json"],
        &["status", "--skipped", "--json"],
        &["why", &first],
        &["why", "--json", &first],
        &["why", &format!("{first}{all}")],
        &["copies"],
        &["copies", "--json"],
        &["copies", &all],
        &["similar", &first],
        &["similar", "--json", &first],
        &["similar", &all],
        &["diff", &first, &twin],
        &["diff", "--json", &first, &twin],
        &["diff", &first, &all],
        &["check"],
        &["check", "--json"],
        &["ingest", &all],
        &["ingest", "-g", &glob, "texts"],
        &["ingest", "--encoding", &encoding, "texts"],
        &["ingest", "--files-from", "questions"],
        &["forget", &all],
        &["forget", &twin],
    ];
    for args in rows {
        check(args);
    }
    // What is gone, moved, changed and unreadable is told by its name as well.
    for (n, (_, sequence)) in SEQUENCES.iter().enumerate() {
        let name = format!("{n} lantern{sequence}.txt");
        match n % 4 {
            0 => shelf.remove(&name),
            1 => fs::rename(shelf.text(&name), shelf.text(format!("moved {name}"))).unwrap(),
            2 => drop(shelf.put(&name, format!("changed {sequence} lantern {sequence}"))),
            _ => fs::set_permissions(shelf.text(&name), Permissions::from_mode(0o000)).unwrap(),
        }
    }
    for args in [&["query", "-n", "200", "lantern"][..], &["query", "--json", "lantern"], &["copies"]] {
        check(args);
    }
    let mode = Command::new("chmod").arg("000").arg(shelf.text("twin")).status();
    assert!(mode.is_ok_and(|mode| mode.success()));
    check(&["ingest", "--dry-run"]);
    check(&["query", "--update", "lantern"]);
    check(&["ingest"]);
    fs::set_permissions(shelf.text("twin"), Permissions::from_mode(0o755)).unwrap();
}
