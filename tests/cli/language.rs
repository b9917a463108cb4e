//! The language of questions: what each form finds, what is said of mistakes, and that no question does harm.

use std::fs::File;
use std::time::{Duration, Instant, SystemTime};

use crate::shelf::Shelf;

const TEXTS: [(&str, &str); 4] = [
    ("reports/a.txt", "the drone flew over the air base near Agadez; general Tiani spoke"),
    ("reports/b.md", "# Desert news\n\ndrones were seen, the base stood in the desert, no air; Tchiani spoke"),
    ("notes/c.md", "# Air notes\n\nwithdrawal of troops, withdrawn troops, Pakistan"),
    ("notes/d.log", "withhold the Niamey file; Afghanistan troops"),
];

/// The texts that answer, by their letters, in the order of the alphabet.
fn letters(shelf: &Shelf, question: &str) -> String {
    let mut letters: Vec<char> = shelf.paths(question).iter().map(|path| letter(path)).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

fn letter(path: &str) -> char {
    path.rsplit('/').next().and_then(|name| name.chars().next()).expect("a path has a name")
}

#[test]
fn every_form_of_a_question_finds_what_it_says() {
    let shelf = Shelf::with(&TEXTS);
    let rows = [
        // Words and phrases.
        ("drone", "ab"),
        ("DRONES", "ab"),
        ("drone niamey", "abd"),
        ("\"air base\"", "a"),
        ("“air base”", "a"),
        ("\"base air\"", ""),
        ("\"air agadez\"~2", "a"),
        ("\"air agadez\"~1", ""),
        ("\"agadez base\"~1", "a"),
        // Must, must not, boolean.
        ("+drone tiani", "ab"),
        ("+drone +tiani", "a"),
        ("drone -tiani", "b"),
        ("-tiani drone", "b"),
        ("drone -\"air base\"", "b"),
        ("spoke -(tiani OR niamey)", "b"),
        ("drone AND tchiani", "b"),
        ("tiani OR withhold", "ad"),
        ("tiani OR troops AND niamey", "ad"),
        ("(tiani OR troops) AND niamey", "d"),
        ("troops NOT niamey", "c"),
        ("troops AND NOT niamey", "c"),
        ("spoke (air desert)", "abc"),
        ("drone and tiani or", "ab"),
        // Only negative.
        ("-drone", "cd"),
        ("NOT drone", "cd"),
        ("-drone -niamey", "c"),
        ("NOT NOT drone", "ab"),
        // Beginnings and patterns.
        ("with*", "cd"),
        ("*stan", "cd"),
        ("niam?y", "d"),
        ("dr?n*", "ab"),
        ("*draw*", "c"),
        ("*", "abcd"),
        ("+with* -with?old", "c"),
        ("/dro(ne|p)s?/", "ab"),
        ("/(pak|afghan)i?stan/", "cd"),
        ("/drone.+/ -/.*stan/", "b"),
        // Likeness.
        ("tiani~", "ab"),
        ("tchiani~2", "ab"),
        ("tchiani~1", "b"),
        ("agadex~", "a"),
        // Fields and filters.
        ("title:air", "c"),
        ("title:\"desert news\"", "b"),
        ("title:(air OR desert)", "bc"),
        ("path:reports/", "ab"),
        ("path:c.md", "c"),
        ("path:notes drone", ""),
        ("path:notes troops -path:c.md", "d"),
        ("ext:md", "bc"),
        ("ext:md,log", "bcd"),
        ("ext:.MD", "bc"),
        ("-ext:md", "ad"),
        ("drone -ext:md", "a"),
        ("ext:md OR tiani", "abc"),
        ("type:text drone", "ab"),
        ("type:pdf", ""),
        // Weights.
        ("drone^3 niamey^0.5", "abd"),
        ("(drone niamey)^2 ", "abd"),
        // Signs that mean nothing special where they stand.
        ("drone - tiani", "ab"),
        ("drone & tiani", "ab"),
        ("what flew near agadez?", "a"),
        ("drone^", "ab"),
        ("agadez;", "a"),
    ];
    for (question, expected) in rows {
        assert_eq!(letters(&shelf, question), expected, "{question}");
    }
}

#[test]
fn the_likelier_comes_first() {
    let shelf = Shelf::with(&TEXTS);
    for (question, first) in [
        ("tiani~", 'a'),
        ("tchiani~2", 'b'),
        ("drones", 'b'),
        ("drone", 'a'),
        ("tiani^2 niamey", 'a'),
        ("tiani niamey^9", 'd'),
    ] {
        assert_eq!(shelf.paths(question).first().map(|path| letter(path)), Some(first), "{question}");
    }
}

#[test]
fn filters_on_size_and_time_find_what_they_say() {
    let shelf = Shelf::new();
    let day = |days: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
    let now = SystemTime::now();
    // Days since 1970 of 20 April 2024 and of 1 February 2026.
    let rows = [
        ("a.txt", 100, day(19_833) - Duration::from_secs(1)),
        ("b.txt", 1024, day(19_833)),
        ("c.txt", 2047, day(20_485)),
        ("d.txt", 5000, now - Duration::from_secs(60)),
    ];
    for (name, bytes, modified) in rows {
        let path = shelf.put(name, format!("lantern{:>1$}", "", bytes - 7));
        File::options().write(true).open(path).and_then(|file| file.set_modified(modified)).unwrap();
    }
    shelf.ingest().succeeded();
    let rows = [
        ("size:>1k", "cd"),
        ("size:>=1kb", "bcd"),
        ("size:1k", "bc"),
        ("size:<1024", "a"),
        ("size:100b..2047b", "abc"),
        ("size:..100", "a"),
        ("size:1mb..", ""),
        ("-size:1k", "ad"),
        ("lantern size:>4k", "d"),
        ("nothere size:>4k", ""),
        ("before:2024-04-20", "a"),
        ("after:2024-04-20", "bcd"),
        ("modified:2024-04-20", "b"),
        ("modified:2024-04-19", "a"),
        ("modified:2024", "ab"),
        ("modified:2026-01..2026-03", "c"),
        ("modified:2024-04-20..2026-02-01", "bc"),
        ("modified:2026-02..", "cd"),
        ("modified:<2024-04-20", "a"),
        ("after:7d", "d"),
        ("after:1h", "d"),
        ("before:7d", "abc"),
        ("lantern after:2024-04-20 before:7d", "bc"),
        ("-after:7d ext:txt", "abc"),
        ("size:>1k OR before:2024-04-20", "acd"),
    ];
    for (question, expected) in rows {
        assert_eq!(letters(&shelf, question), expected, "{question}");
    }
}

#[test]
fn a_mistake_points_at_its_column() {
    let shelf = Shelf::with(&TEXTS);
    let rows = [
        ("(drone", 1),
        ("drone (base", 7),
        ("drone)", 6),
        ("()", 2),
        ("\"drone", 1),
        ("é \"open", 3),
        ("drone \"\"", 7),
        ("drone AND", 10),
        ("AND drone", 1),
        ("drone OR OR base", 10),
        ("NOT", 4),
        ("drone~5", 7),
        ("\"air base\"~x", 11),
        ("drone^5000", 6),
        ("size:big", 6),
        ("drone size:>", 12),
        ("size:2k..1k", 6),
        ("modified:2024-13", 10),
        ("after:soon", 7),
        ("before:", 8),
        ("ext:", 5),
        ("title:", 1),
        ("drone lang:fr", 7),
        ("drone /(base/", 7),
    ];
    for (question, column) in rows {
        let run = shelf.query(question);
        assert_eq!(run.code(), Some(2), "{question}: {run:?}");
        assert_eq!(run.stdout(), "", "{question}");
        let place = format!("column {column}: ");
        assert!(run.stderr().starts_with("indago: ") && run.stderr().contains(&place), "{question}: {}", run.stderr());
        let object = &shelf.run(["query", "--json", "--", question]).json()[0];
        assert_eq!((&object["type"], &object["column"]), (&"error".into(), &column.into()), "{question}");
    }
}

#[test]
fn literal_takes_everything_as_words() {
    let shelf = Shelf::with(&TEXTS);
    for (question, expected) in
        [("(drone", "ab"), ("-tiani", "a"), ("\"base air\"", "abc"), ("tiani OR", "a"), ("ext:md", "")]
    {
        let run = shelf.run(["query", "--literal", "-l", "--", question]);
        let mut found: Vec<char> = run.stdout().lines().map(letter).collect();
        found.sort_unstable();
        assert_eq!(found.into_iter().collect::<String>(), expected, "{question}");
        assert_eq!(run.code(), Some(i32::from(expected.is_empty())), "{question}");
    }
}

#[test]
fn a_word_that_no_file_has_brings_the_nearest() {
    let shelf = Shelf::with(&TEXTS);
    // Question, exit code, and what stderr says.
    let rows: [(&str, i32, &[&str]); 7] = [
        ("agadex", 1, &["no file has `agadex`", "did you mean", "`agadez`"]),
        ("agadex drone", 0, &["no file has `agadex`", "`agadez`"]),
        ("zzzqqqxxx", 1, &["no file has `zzzqqqxxx`"]),
        ("\"base agadex\"", 1, &["no file has"]),
        ("zzzq*", 1, &["no file has `zzzq*`"]),
        ("title:zzzqqq", 1, &["no file has", "zzzqqq"]),
        ("path:zzzqqq", 1, &["no file has", "zzzqqq"]),
    ];
    for (question, code, said) in rows {
        let run = shelf.query(question);
        assert_eq!(run.code(), Some(code), "{question}: {run:?}");
        assert_eq!(run.stdout().is_empty(), code == 1, "{question}");
        assert!(said.iter().all(|said| run.stderr().contains(said)), "{question}: {}", run.stderr());
    }
    assert_eq!(shelf.query("drone").stderr(), "", "nothing is said where nothing is unknown");
}

#[test]
fn a_question_without_words_is_refused() {
    let shelf = Shelf::with(&TEXTS);
    for question in ["", "  ", "+", "&", "...", "\u{200f}"] {
        let run = shelf.query(question);
        assert_eq!((run.code(), run.stdout()), (Some(2), String::new()), "{question:?}");
        assert!(run.stderr().contains("the question has no words"), "{question:?}: {}", run.stderr());
    }
    assert_eq!(shelf.run(["query"]).code(), Some(2));
}

#[test]
fn words_that_look_like_options_follow_two_dashes() {
    let shelf = Shelf::with(&TEXTS);
    let rows: [(&[&str], i32, &str); 6] = [
        (&["query", "-l", "--", "-tiani", "drone"], 0, "texts/reports/b.md\n"),
        (&["query", "-l", "drone", "--", "-tiani"], 0, "texts/reports/b.md\n"),
        (&["query", "-l", "drone -tiani"], 0, "texts/reports/b.md\n"),
        (&["query", "-l", "--", "--help"], 1, ""),
        (&["query", "-l", "--", "niamey", "-n", "1"], 0, "texts/notes/d.log\n"),
        (&["query", "-l", "drone", "-tiani"], 2, ""),
    ];
    for (args, code, expected) in rows {
        let run = shelf.run(args);
        assert_eq!((run.code(), run.stdout().as_str()), (Some(code), expected), "{args:?}: {}", run.stderr());
    }
}

#[test]
fn limit_and_offset_cut_the_same_order() {
    let shelf = Shelf::with(&TEXTS);
    let all = shelf.paths("*");
    let most = usize::MAX.to_string();
    for (limit, offset, expected) in [
        ("1", "0", &all[..1]),
        ("2", "1", &all[1..3]),
        ("9", "3", &all[3..]),
        ("9", "4", &[]),
        ("0", "0", &[]),
        (&most, &most, &[]),
    ] {
        let run = shelf.run(["query", "-l", "-n", limit, "--offset", offset, "*"]);
        let found: Vec<String> = run.stdout().lines().map(|line| line.replace("texts/", "")).collect();
        assert_eq!(found, expected, "{limit} from {offset}");
        let json = shelf.run(["query", "--json", "-n", limit, "--offset", offset, "*"]).json();
        assert_eq!(json[json.len() - 1]["total"], 4, "{limit} from {offset}");
        for (n, hit) in json[1..json.len() - 1].iter().enumerate() {
            assert_eq!(hit["rank"].as_u64(), Some(offset.parse::<u64>().unwrap() + n as u64 + 1));
        }
    }
    assert_eq!(shelf.run(["query", "-c", "-n", "1", "*"]).stdout(), "4\n", "-c counts every match");
}

/// A hostile question is answered or refused within this; debug builds on a busy machine are slow.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn no_question_does_harm() {
    let shelf = Shelf::with(&TEXTS);
    let words = |count: usize| (0..count).map(|n| format!("w{n}")).collect::<Vec<_>>();
    let letters: Vec<String> = ('a'..='z').map(|letter| format!("{letter}*")).collect();
    let rows: [(&str, Vec<String>); 28] = [
        ("100,000 words", words(100_000).chunks(10_000).map(|some| some.join(" ")).collect()),
        ("100,000 times a word", vec!["drone ".repeat(10_000); 10]),
        ("ORs", vec![words(10_000).join(" OR ")]),
        ("ANDs", vec![words(10_000).join(" AND ")]),
        ("a long phrase", vec![format!("\"{}\"", words(10_000).join(" "))]),
        ("a wide phrase", vec!["\"base desert\"~4294967295".into()]),
        ("a wider phrase", vec!["\"base desert\"~99999999999".into()]),
        ("a wide phrase of one word", vec![format!("\"{}\"~1000000", "base ".repeat(1000))]),
        ("open brackets", vec!["(".repeat(10_000)]),
        ("brackets", vec![format!("{}drone{}", "(".repeat(10_000), ")".repeat(10_000))]),
        ("closing brackets", vec![")".repeat(10_000)]),
        ("stars", vec!["*".repeat(4_000)]),
        ("stars and letters", vec!["a*".repeat(2_000)]),
        ("question marks", vec![format!("a{}b", "?".repeat(4_000))]),
        ("every beginning", vec![letters.join(" "); 20]),
        ("a regex that backtracks", vec!["/(a+)+$/".into()]),
        ("a regex of stars", vec!["/(.*a){20}/".into()]),
        ("a regex that grows", vec!["/((a{0,100}){0,100}){0,100}/".into()]),
        ("a regex of options", vec![format!("/{}{}/", "a?".repeat(40), "a".repeat(40))]),
        ("an open class", vec!["/[/".into()]),
        ("likeness", vec![words(300).join("~ ")]),
        ("NOTs", vec![format!("{}drone", "NOT ".repeat(20_000))]),
        ("dashes", vec![format!("{}drone", "-".repeat(20_000))]),
        ("fields", vec![format!("{}drone", "title:".repeat(10_000))]),
        ("a long word", vec!["a".repeat(120_000)]),
        ("a long likeness", vec![format!("{}~2", "a".repeat(100_000))]),
        ("marks upon marks", vec![format!("e{}", "\u{301}".repeat(50_000))]),
        ("directions", vec!["\u{202e}drone\u{200f} \u{2066}base\u{2069} \u{feff}\u{85}\u{1b}[31m".into()]),
    ];
    for (what, question) in rows {
        let began = Instant::now();
        let run = shelf.run(["query", "--"].into_iter().chain(question.iter().map(String::as_str)));
        let (took, stderr) = (began.elapsed(), run.stderr());
        assert!(took < PATIENCE, "{what} took {took:?}");
        assert!(matches!(run.code(), Some(0..=2)), "{what}: {:?}", run.code());
        assert!(!stderr.contains("stumbled") && !stderr.contains("panicked"), "{what}: {:.300}", stderr);
        assert_eq!(run.stdout().is_empty(), run.code() != Some(0), "{what}");
        assert!(run.code() != Some(2) || stderr.starts_with("indago: "), "{what}: {stderr:.300}");
        assert!(!stderr.chars().any(|c| c.is_control() && c != '\n'), "{what}: {stderr:.300}");
    }
}
