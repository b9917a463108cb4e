//! The language of questions: what each form finds, and what is said of mistakes.

use std::fs::File;
use std::time::{Duration, SystemTime};

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
        ("\"near Agadez general\"~0", "a"),
        ("\"general near agadez\"~0", "a"),
        ("\"tiani agadez\"~1", "a"),
        ("\"tiani agadez\"~0", ""),
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
        ("*", "abcd"),
        ("***", "abcd"),
        ("*iam*", "d"),
        ("n*y", "d"),
        ("N*Y", "d"),
        ("?iamey niame?", ""),
        ("Ag?dez", "a"),
        ("*STAN", "cd"),
        ("+*stan -pak*", "d"),
        // A regex is matched against whole words, in either case.
        ("/dron/", ""),
        ("/dron./", "a"),
        ("/DRON.?S?/", "ab"),
        ("/^drone$/", "a"),
        ("/.*ron.*/", "ab"),
        ("/[pa].*stan/", "cd"),
        ("title:/new./", "b"),
        // Likeness.
        ("tiani~1", "a"),
        ("Tiani~", "ab"),
        ("title:dessert~", "b"),
        ("tiani~ AND desert", "b"),
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
        ("path:reports/*.md", "b"),
        ("path:*.LOG", "d"),
        ("path:(notes OR b.md)", "bcd"),
        ("ext:md,log -path:notes", "b"),
        ("type:text,pdf niamey", "d"),
        ("(drone OR niamey) (ext:md OR ext:log)", "bd"),
        ("drone OR ext:log", "abd"),
        ("title:air title:notes", "c"),
        // Precedence and nesting: runs, then AND, then OR.
        ("drone tiani OR troops niamey", "abcd"),
        ("niamey OR drone AND desert", "bd"),
        ("(niamey OR drone) AND NOT desert", "ad"),
        ("NOT (drone OR niamey)", "c"),
        ("+(drone OR troops) -(niamey OR tiani)", "bc"),
        ("((drone) AND ((tiani) OR (tchiani)))", "ab"),
        ("drone AND NOT NOT tiani", "a"),
        // Weights.
        ("drone*^2 +niamey^3", "d"),
        ("\"air base\"^2 tiani~^0.5 /dron.*/^2", "ab"),
        ("title:air^5", "c"),
        ("drone^0 niamey^0", "abd"),
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
        ("(drones desert)^0.1 withdrawal^2", 'c'),
        ("\"air base\"^9 niamey", 'a'),
        ("tchiani^0.1 (tiani)", 'a'),
        ("dro*^0.1 niam?y^5", 'd'),
        ("/drone/^0.1 /niamey/^5", 'd'),
        ("tiani niamey^9", 'd'),
    ] {
        assert_eq!(shelf.paths(question).first().map(|path| letter(path)), Some(first), "{question}");
    }
}

#[test]
fn filters_hold_inside_the_search_so_that_the_limit_is_filled() {
    let shelf = Shelf::new();
    for n in 0..20 {
        shelf.put(format!("good/{n}.txt"), "lantern ".repeat(20));
        shelf.put(format!("poor/{n}.md"), "one lantern among many other words that say nothing of it");
    }
    shelf.ingest().succeeded();
    for filter in ["ext:md", "path:poor", "-ext:txt", "size:<100", "-path:good", "path:*.md", "-size:>100"] {
        let run = shelf.run(["query", "-l", "-n", "5", "--", &format!("lantern {filter}")]);
        assert_eq!(run.stdout().lines().filter(|line| line.ends_with(".md")).count(), 5, "{filter}");
        assert_eq!(run.stdout().lines().count(), 5, "{filter}");
        assert_eq!(shelf.run(["query", "-c", "--", filter]).stdout(), "20\n", "{filter} alone");
    }
}

#[test]
fn a_pattern_of_too_many_words_says_so_and_uses_the_commonest() {
    let shelf = Shelf::new();
    let words: String = (0..300).map(|n| format!("lamp{n} ")).collect();
    shelf.put("rare.txt", words);
    for n in 0..3 {
        shelf.put(format!("{n}.txt"), "lamp299 lamp298");
    }
    shelf.ingest().succeeded();
    for pattern in ["lamp*", "*amp*", "/lamp.*/"] {
        let run = shelf.query(pattern).succeeded();
        let said = format!("indago: `{pattern}` matches 300 terms; the best 256 were used\n");
        assert_eq!((run.stderr(), shelf.paths(pattern).len()), (said, 4), "{pattern}");
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
        ("drone lang:xx", 7),
        ("drone /(base/", 7),
        ("é /a{9999}{9999}/", 3),
        ("(drone base)^1001", 13),
        ("drone modified:2024..2023", 16),
        ("size:1q", 6),
        ("type:*", 6),
        ("drone ext:m/d", 11),
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
