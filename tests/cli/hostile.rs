//! Questions that mean harm: each is answered or refused in a clear line, soon, and in little memory.
//!
//! The release build must do it in [`PATIENCE`]; debug builds, which do the same work some twenty times slower, and on a
//! machine that others use, get more. Memory is bounded by the system: a run that asks for more than
//! [`MOST_KIB`] of addresses dies, and with it the test.

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use indago::index::Snapshot;
use indago::{Error, question, search};
use jiff::Zoned;
use proptest::prelude::*;

use crate::shelf::{Run, Shelf};

const PATIENCE: Duration = if cfg!(debug_assertions) { Duration::from_secs(60) } else { Duration::from_secs(1) };

/// 200 MB of memory, and room for the threads' stacks and the maps of the index, which are addresses without memory.
const MOST_KIB: u64 = 600 << 10;

/// Texts of many words: 40,000 distinct ones, made of syllables, and the commonest of English over and over.
fn shelf() -> Shelf {
    let shelf = Shelf::new();
    let syllables = ["ba", "ke", "ti", "lo", "mu", "ran", "sel", "vin", "dor", "gup"];
    for file in 0..40 {
        let mut text = String::new();
        for n in file * 1000..(file + 1) * 1000 {
            let digits = [n / 10_000, n / 1000, n / 100, n / 10, n].map(|n| syllables[n % 10]);
            write!(text, "{} of the {} and the ", digits.concat(), digits[2..].concat()).expect("a string takes it");
        }
        shelf.put(format!("{file}.txt"), text);
    }
    shelf.ingest().succeeded();
    shelf
}

/// Asks within bounds; a question too long for an argument goes through a file of questions.
fn ask(shelf: &Shelf, question: &str) -> Run {
    let words: Vec<&str> = question.split(' ').collect();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MOST_KIB}; exec \"$0\" \"$@\"")]);
    let plain = if question.len() < 100_000 {
        shelf.command(["query", "--", question])
    } else if words.len() > 100 {
        let parts: Vec<String> = words.chunks(words.len().div_ceil(20)).map(|part| part.join(" ")).collect();
        shelf.command(["query", "--"].into_iter().chain(parts.iter().map(String::as_str)))
    } else {
        std::fs::write(shelf.home().join("questions"), format!("q\t{question}\n")).expect("a file");
        shelf.command(["query", "--format", "trec", "--queries", "questions"])
    };
    command.arg(plain.get_program()).args(plain.get_args()).current_dir(shelf.home()).env("TZ", "UTC");
    Run::of(command)
}

/// Asks each question, which may be answered, or refused with what the row says.
fn endure(rows: &[(&str, String, &str)]) {
    let shelf = shelf();
    for (what, question, refusal) in rows {
        let began = Instant::now();
        let run = ask(&shelf, question);
        let (took, stderr) = (began.elapsed(), run.stderr());
        assert!(took < PATIENCE, "{what} took {took:?}");
        assert!(matches!(run.code(), Some(0..=2)), "{what}: {:?} {stderr:.300}", run.code());
        assert!(!stderr.contains("stumbled") && !stderr.contains("panicked"), "{what}: {stderr:.300}");
        assert!(!stderr.contains("memory"), "{what}: {stderr:.300}");
        assert_eq!(run.code() == Some(2), !refusal.is_empty(), "{what}: {stderr:.300}");
        assert!(stderr.contains(refusal), "{what}: {stderr:.300}");
        assert!(stderr.lines().all(|line| line.chars().count() < 400), "{what}: {stderr:.3000}");
        assert!(!stderr.chars().any(|c| c.is_control() && c != '\n'), "{what}: {stderr:.300}");
    }
}

fn numbered(count: usize, shape: impl Fn(usize) -> String) -> String {
    (0..count).map(shape).collect::<Vec<_>>().join(" ")
}

/// Two letters, another pair for each number up to 676.
fn pair(n: usize) -> String {
    [n / 26 % 26, n % 26].iter().map(|n| char::from(b'a' + *n as u8)).collect()
}

#[test]
fn many_words_brackets_and_signs_do_no_harm() {
    endure(&[
        ("100,000 words", numbered(100_000, |n| format!("w{n}")), ""),
        ("100,000 words of texts", numbered(100_000, |n| format!("baketi{}", pair(n))), ""),
        ("100,000 times a word", "the ".repeat(100_000), ""),
        ("ORs", numbered(10_000, |n| format!("w{n} OR")) + " w", ""),
        ("open brackets", "(".repeat(10_000), "expected at most 100 brackets inside each other"),
        ("closed brackets", ")".repeat(10_000), "column 1: expected no )"),
        ("nested brackets", "(".repeat(10_000) + "the" + &")".repeat(10_000), "expected at most 100 brackets"),
        ("brackets in a row", "(the)".repeat(10_000), ""),
        ("nested signs", "-(".repeat(90) + "the" + &")".repeat(90), ""),
        ("NOTs", "NOT ".repeat(20_000) + "the", ""),
        ("quotes", "\"".repeat(90_000), "column 1: expected words between the quotes"),
        ("weights", "the^2 ".repeat(10_000), ""),
        ("filters", numbered(10_000, |n| format!("size:>{n}")), "expected at most 500 conditions on files"),
        ("patterns for paths", numbered(500, |n| format!("path:*{}*", pair(n))), "at most 50 patterns for paths"),
        ("extensions", format!("ext:{}", numbered(10_000, |n| format!("e{n}")).replace(' ', ",")), ""),
        ("directions", "\u{202e}the\u{200f} \u{2066}of\u{2069} \u{feff}\u{85}\u{1b}[31m".into(), ""),
        ("a word of a megabyte", "a".repeat(1 << 20), ""),
        ("a compound without end", "ba-".repeat(30_000), "words; expected at most 256"),
        ("a script without spaces", "東京都".repeat(30_000), ""),
    ]);
}

#[test]
fn patterns_and_phrases_without_end_do_no_harm() {
    let too_large = "it is too large; expected fewer or smaller repetitions";
    endure(&[
        ("a regex that backtracks", "/(a+)+$/".into(), ""),
        ("nested repetitions", "/((((a{1,1000}){1,1000}){1,1000}))/".into(), too_large),
        ("a million characters", "/.{1000000}/".into(), too_large),
        ("options", "/(a?){100000}/".into(), too_large),
        ("nested groups", format!("/{}a+{}/", "(".repeat(5000), ")".repeat(5000)), "cannot be used as a pattern"),
        ("everything", "/.*/".into(), ""),
        ("stars", "*".repeat(4_000), ""),
        ("stars and letters", "*a".repeat(2_000), too_large),
        ("a few stars and letters", "*a".repeat(20), ""),
        ("question marks", format!("a{}b", "?".repeat(4_000)), too_large),
        ("a beginning of a megabyte", "a".repeat(1 << 20) + "*", ""),
        ("a likeness of a megabyte", "a".repeat(1 << 20) + "~2", ""),
        ("wildcards", numbered(1000, |n| format!("*{}", pair(n))), "is one pattern too many"),
        ("beginnings", numbered(1000, |n| format!("{}*", pair(n))), ""),
        ("regexes", numbered(1000, |n| format!("/.*{}.*/", pair(n))), "is one pattern too many"),
        ("fuzzies", numbered(10_000, |n| format!("baketi{}~", pair(n))), ""),
        ("phrases", numbered(10_000, |n| format!("\"w{n} of\"")), ""),
        ("phrases of common words", numbered(10_000, |n| format!("\"of the\"~{n}")), "one phrase too many"),
        ("a long phrase", format!("\"{}\"", "the ".repeat(10_000)), "words; expected at most 256"),
        ("nearness of many", format!("\"{}\"~1000", "the ".repeat(10_000)), "words; expected at most 32"),
    ]);
}

/// What questions are made of, and what they may be mistaken for.
const PIECES: [&str; 48] = [
    "lantern", "harbour", "été", "東京", "U.S.", "a", "x-y", " ", " ", " ", "(", ")", "\"", "“", "+", "-", "AND ",
    " OR ", "NOT ", "~", "^", "2", "0.5", "*", "?", "/", "\\", "[", "]", "{2}", "|", "$", "^", ".", ".*", "title:",
    "path:", "ext:", "type:", "size:", "after:", "before:", "..", ">", "2024", "7d", "\0", "\u{202e}",
];

#[test]
fn any_question_is_answered_or_refused_where_its_mistake_stands() {
    let shelf = Shelf::with(&[
        ("harbour.txt", "The harbour lantern was lit in été 2024; a U.S. ship of 東京 came by."),
        ("x-y.md", "# Lantern\n\nx-y and a.b are words, too"),
    ]);
    let snapshot = Snapshot::open(&shelf.home().join("index")).expect("an index");
    let cases = std::env::var("INDAGO_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..16).prop_map(|pieces| pieces.concat());
    proptest!(config, |(text in prop_oneof![4 => pieces, 1 => any::<String>()])| {
        let options = search::Options { explain: true, ..search::Options::default() };
        let nodes = [question::parse(&text, &Zoned::now), Ok(question::literal(&text))];
        for node in nodes {
            match node {
                Ok(Some(node)) => match search::answer(&snapshot, &node, &options) {
                    Ok(answer) => prop_assert!(answer.total <= 2 && answer.hits.len() as u64 == answer.total),
                    Err(Error::Part { start, .. }) => prop_assert!(text.is_char_boundary(start), "{start} in {text:?}"),
                    Err(error) => prop_assert!(matches!(error, Error::NoWords), "{error} for {text:?}"),
                },
                Ok(None) => {}
                Err(mistake) => prop_assert!((1..=text.chars().count() + 1).contains(&mistake.column), "{mistake:?}"),
            }
        }
    });
}
