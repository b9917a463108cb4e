//! What comes out: every format, its streams and exit codes, and what a terminal is sent.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::shelf::{Run, Shelf};

/// The options that ask for each format.
pub const FORMATS: [&[&str]; 9] = [
    &[],
    &["--json"],
    &["--format", "json"],
    &["--format", "csv"],
    &["--format", "vimgrep"],
    &["-l"],
    &["-0"],
    &["-c"],
    &["--format", "trec"],
];

fn ask(shelf: &Shelf, options: &[&str], question: &str) -> Run {
    shelf.run(["query"].iter().chain(options).chain(&["--", question]))
}

fn hits(run: &Run) -> Vec<Value> {
    run.json().into_iter().filter(|object| object["type"] == "hit").collect()
}

fn harbour() -> Shelf {
    Shelf::with(&[
        ("keeper.txt", "The harbour lantern was lit.\nThe keeper slept.\n"),
        ("market.md", "# Market day\n\nA seller, by the \"harbour\".\n"),
    ])
}

#[test]
fn every_format_has_its_shape_in_a_pipe() {
    let shelf = harbour();
    let text = "1  texts/keeper.txt\n   1: The harbour lantern was lit. The keeper slept.\n\
                2  texts/market.md  Market day  without: lantern\n   3: A seller, by the \"harbour\".\n";
    let rows = [
        (0, text),
        (4, "texts/keeper.txt:1:5:The harbour lantern was lit.\ntexts/market.md:3:19:A seller, by the \"harbour\".\n"),
        (5, "texts/keeper.txt\ntexts/market.md\n"),
        (6, "texts/keeper.txt\0texts/market.md\0"),
        (7, "2\n"),
    ];
    for (format, expected) in rows {
        assert_eq!(ask(&shelf, FORMATS[format], "harbour lantern").succeeded().stdout(), expected);
    }
    let json = ask(&shelf, &["--json"], "harbour lantern").json();
    let types: Vec<_> = json.iter().map(|object| object["type"].as_str().unwrap_or_default()).collect();
    assert_eq!(types, ["begin", "hit", "hit", "summary"]);
    assert_eq!((&json[0]["version"], &json[3]["total"], &json[3]["stale"]), (&json!(1), &json!(2), &json!(0)));
    let hit = &json[2];
    assert_eq!(
        (&hit["rank"], &hit["path"], &hit["title"]),
        (&json!(2), &json!("texts/market.md"), &json!("Market day"))
    );
    assert_eq!((&hit["size"], &hit["snippets"][0]["line"]), (&json!(42), &json!(3)));
    let array: Vec<Value> = serde_json::from_str(&ask(&shelf, FORMATS[2], "harbour lantern").stdout()).unwrap();
    assert_eq!(array[1..3], json[1..3], "an array of the same objects");
    let csv = ask(&shelf, FORMATS[3], "harbour lantern").stdout();
    let records: Vec<_> = csv::Reader::from_reader(csv.as_bytes()).into_records().map(Result::unwrap).collect();
    assert_eq!(
        records[1].iter().skip(2).collect::<Vec<_>>(),
        ["texts/market.md", "Market day", "3", "1", "A seller, by the \"harbour\"."]
    );
    let trec = ask(&shelf, FORMATS[8], "harbour lantern").stdout();
    let columns: Vec<_> = trec.lines().map(|line| line.split(' ').collect::<Vec<_>>()).collect();
    assert_eq!((columns[0].len(), &columns[1][..4]), (6, &["1", "Q0", "market.md", "2"][..]));
    assert!(ask(&shelf, &["--scores"], "lantern").stdout().starts_with("1  0."), "a score beside the rank");
}

#[test]
fn an_empty_answer_is_valid_in_every_format() {
    let shelf = harbour();
    for (format, expected) in
        [(0, ""), (4, ""), (5, ""), (6, ""), (7, "0\n"), (8, ""), (3, "rank,score,path,title,line,column,text\n")]
    {
        let run = ask(&shelf, FORMATS[format], "zeppelin");
        assert_eq!((run.code(), run.stdout().as_str()), (Some(1), expected), "{:?}", FORMATS[format]);
        assert!(run.stderr().contains("no file has `zeppelin`"));
    }
    assert_eq!(ask(&shelf, FORMATS[1], "zeppelin").json()[1]["total"], 0);
    let array: Vec<Value> = serde_json::from_str(&ask(&shelf, FORMATS[2], "zeppelin").stdout()).unwrap();
    assert_eq!((array.len(), &array[1]["type"]), (2, &json!("summary")));
}

#[test]
fn troubles_go_to_stderr_and_end_with_two() {
    let shelf = harbour();
    let rows: [(&[&str], &str); 6] = [
        (&["query", "(harbour"], "column 1"),
        (&["query", "--format", "xml", "harbour"], "xml"),
        (&["query", "--index", "nowhere", "harbour"], "no index in"),
        (&["query", "--queries", "nowhere.tsv"], "nowhere.tsv"),
        (&["query", "--queries", "texts/market.md"], "market.md:1: expected ID<TAB>QUESTION"),
        (&["query", "--from", "nowhere", "harbour"], "nowhere"),
    ];
    for (args, said) in rows {
        let run = shelf.run(args);
        assert_eq!(run.code(), Some(2), "{args:?}: {run:?}");
        assert!(run.stderr().contains(said), "{args:?}: {}", run.stderr());
        if !args.contains(&"--from") {
            assert_eq!(run.stdout(), "", "{args:?}");
        }
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_trouble() {
    let shelf = Shelf::new();
    for n in 0..40 {
        shelf.put(format!("{n}.txt"), format!("lantern {n}\n").repeat(200));
    }
    shelf.ingest().succeeded();
    for format in FORMATS {
        let mut command =
            shelf.command(["query", "-n", "100", "--snippets", "9"].iter().chain(format).chain(&["lantern"]));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{format:?}");
    }
}

#[test]
fn colour_comes_where_it_is_wanted() {
    let shelf = harbour();
    // Options, a variable of the environment, and whether there is colour in a pipe, and on a terminal.
    let plain = ("LANG", "C.UTF-8");
    let rows = [
        (&[][..], plain, false, true),
        (&["--color", "always"], plain, true, true),
        (&["--color", "always"], ("NO_COLOR", "1"), true, true),
        (&["--color", "never"], ("CLICOLOR_FORCE", "1"), false, false),
        (&["--format", "text"], ("CLICOLOR_FORCE", "1"), true, true),
        (&["--format", "text"], ("NO_COLOR", "1"), false, false),
        (&["--format", "text"], ("TERM", "dumb"), false, false),
    ];
    for (options, variable, in_pipe, on_terminal) in rows {
        let args: Vec<&str> = ["query"].iter().chain(options).chain(&["lantern"]).copied().collect();
        let shown = String::from_utf8(shelf.command(&args).envs([variable]).output().unwrap().stdout).unwrap();
        assert_eq!(shown.contains("\x1b[1;31mlantern\x1b[0m"), in_pipe, "{options:?} {variable:?}: {shown:?}");
        assert_eq!(shown.contains('\x1b'), in_pipe, "{options:?} {variable:?}: {shown:?}");
        assert!(!shown.contains("\x1b]8"), "no links in a pipe");
        let Some(shown) = shelf.on_terminal(60, &[variable], &args) else { continue };
        assert_eq!(shown.contains("\x1b[1;31mlantern\x1b[0m"), on_terminal, "{options:?} {variable:?}: {shown:?}");
        assert_eq!(shown.contains("\x1b]8;;file://"), on_terminal, "{options:?} {variable:?}: {shown:?}");
        assert!(shown.contains("keeper.txt"), "{shown:?}");
    }
}

#[test]
fn text_fills_the_width_of_the_terminal() {
    let shelf = Shelf::with(&[("a.txt", "the lantern burned low and the keeper slept ".repeat(9))]);
    for columns in [40, 72, 120] {
        let Some(shown) = shelf.on_terminal(columns, &[], &["query", "--color", "never", "lantern"]) else { return };
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest <= columns && widest > columns / 2, "{widest} of {columns}: {shown}");
    }
}

#[test]
fn json_ranges_slice_what_matched() {
    let text = "\u{feff}Été 東京 👩‍💻 — the lanterns of Škoda,\r\nwithdrawing the “air base” niamey tail\n";
    let rows = [
        ("lantern", "lanterns"),
        ("withdraw", "withdrawing"),
        ("with*", "withdrawing"),
        ("\"air base\"", "air base"),
        ("niamei~", "niamey"),
        ("skoda", "Škoda"),
        ("ete", "Été"),
        ("東京", "東京"),
        ("/nia.*/", "niamey"),
        ("nia?ey", "niamey"),
    ];
    let shelf = Shelf::with(&[("a.txt", text)]);
    for (question, expected) in rows {
        let found = hits(&ask(&shelf, &["--json"], question).succeeded());
        let snippet = &found[0]["snippets"][0];
        let shown = snippet["text"].as_str().unwrap_or_default();
        let range = |span: &Value| Some(span["start"].as_u64()? as usize..span["end"].as_u64()? as usize);
        let marks = snippet["highlights"].as_array().unwrap();
        let by_bytes: Vec<_> = marks.iter().map(|mark| &shown[range(&mark["bytes"]).unwrap()]).collect();
        let chars: Vec<char> = shown.chars().collect();
        let by_chars = marks.iter().map(|mark| chars[range(&mark["chars"]).unwrap()].iter().collect::<String>());
        assert_eq!(by_bytes.join(" "), expected, "{question}");
        assert_eq!(by_chars.collect::<Vec<_>>(), by_bytes, "{question}");
        let source = &text.as_bytes()[range(&snippet["bytes"]).expect("the file is UTF-8")];
        assert_eq!(source, shown.as_bytes(), "{question}: the bytes of the source");
    }
}

#[test]
fn names_are_given_as_they_are_and_relative_to_where_one_stands() {
    let shelf = Shelf::new();
    for name in [&b"a \xff\n.txt"[..], b"sub/-b.txt", b"sub/c%.txt"] {
        shelf.put(OsStr::from_bytes(name), "lantern");
    }
    shelf.ingest().succeeded();
    let at = |folder: &str, options: &[&str]| {
        let mut command = shelf.command(["query"].iter().chain(options).chain(&["lantern"]));
        command.current_dir(shelf.home().join(folder)).output().unwrap().stdout
    };
    let nul = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == 0).map(<[u8]>::to_vec).collect::<Vec<_>>();
    assert_eq!(nul(&at("", &["-0"])), [&b"texts/a \xff\n.txt\0"[..], b"texts/sub/-b.txt\0", b"texts/sub/c%.txt\0"]);
    assert_eq!(nul(&at("texts/sub", &["-0"])), [&b"../a \xff\n.txt\0"[..], b"./-b.txt\0", b"c%.txt\0"]);
    assert!(at("", &["-l"]).starts_with(b"texts/a \xff\n.txt\n"));
    assert!(at("", &["--format", "vimgrep"]).starts_with(b"texts/a \xff?.txt:1:1:lantern\n"), "a row stays a row");
    assert!(at("", &["--format", "csv"]).windows(3).any(|bytes| bytes == b" \xff\n"), "csv quotes the name");
    let found = hits(&ask(&shelf, &["--json"], "lantern"));
    assert_eq!(found[0]["path"], json!({ "bytes": "dGV4dHMvYSD/Ci50eHQ=" }));
    let trec = String::from_utf8(at("texts/sub", &["--format", "trec"])).unwrap();
    let ids: Vec<_> = trec.lines().map(|line| line.split(' ').nth(2).unwrap_or_default()).collect();
    assert_eq!(ids, ["a%20%FF%0A.txt", "sub/-b.txt", "sub/c%25.txt"], "relative to the source");
}

#[test]
fn a_hit_that_is_no_longer_what_was_indexed_is_marked() {
    let shelf = Shelf::with(&[("a.txt", "lantern one"), ("b.txt", "lantern two"), ("c.txt", "lantern three")]);
    shelf.put("a.txt", "new words around the lantern, which is lit");
    shelf.remove("b.txt");
    let run = ask(&shelf, &["--json"], "lantern").succeeded();
    let told: Vec<_> =
        hits(&run).iter().map(|hit| (hit["freshness"].clone(), hit["snippets"][0]["text"].clone())).collect();
    let expected = [
        (json!("changed"), json!("new words around the lantern, which is lit")),
        (json!("gone"), Value::Null),
        (json!("current"), json!("lantern three")),
    ];
    assert_eq!(told, expected);
    assert_eq!(run.json().last().unwrap()["stale"], 2);
    let shown = shelf.query("lantern").succeeded().stdout();
    let lines: Vec<_> = shown.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(lines[0].contains("changed") && lines[1].contains("gone") && !lines[2].contains('('), "{shown}");
    assert_eq!(shelf.paths("lantern").len(), 3, "a hit keeps its place");
    let run = shelf.run(["query", "--update", "--json", "lantern"]).succeeded();
    assert_eq!(hits(&run).len(), 2);
    assert!(hits(&run).iter().all(|hit| hit["freshness"] == "current"), "{run:?}");
    assert!(run.stderr().contains("1 changed") && run.stderr().contains("1 removed"), "{run:?}");
}

#[test]
fn a_stored_text_answers_without_its_file() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "first line\nthe lantern é burned\n");
    shelf.run(["ingest", "--store-text", "texts"]).succeeded();
    shelf.remove("a.txt");
    let found = hits(&ask(&shelf, &["--json"], "lantern").succeeded());
    assert!(
        found[0]["snippets"][0]["text"].as_str().is_some_and(|text| text.contains("the lantern é burned")),
        "{found:?}"
    );
    assert_eq!(found[0]["freshness"], "gone");
    assert!(shelf.query("lantern").stdout().contains("gone"));
}

#[test]
fn from_ingests_first_and_says_so_on_stderr() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "lantern");
    let run = shelf.run(["query", "--from", "texts", "-l", "lantern"]).succeeded();
    assert_eq!(run.stdout(), "texts/a.txt\n");
    assert!(run.stderr().contains("1 new"), "{run:?}");
    shelf.put("b.txt", "lantern");
    let run = shelf.run(["query", "--from", "texts", "--quiet", "-l", "lantern"]).succeeded();
    assert_eq!((run.stdout().as_str(), run.stderr().as_str()), ("texts/a.txt\ntexts/b.txt\n", ""));
    let run = shelf.run(["query", "--from", "texts", "--from", "missing", "-l", "lantern"]);
    assert_eq!((run.code(), run.stdout().as_str()), (Some(2), "texts/a.txt\ntexts/b.txt\n"), "what is there answers");
    assert!(run.stderr().contains("missing"), "{run:?}");
}

#[test]
fn a_file_of_questions_gives_a_run() {
    let shelf = Shelf::new();
    for n in 0..30 {
        shelf.put(format!("same {n:02}.txt"), "lantern");
    }
    shelf.put("other.txt", "a harbour and a lantern");
    shelf.ingest().succeeded();
    let questions = "q1\tlantern\r\n\nq2\tzeppelin\nq3\tharbour \"a lantern\"\n";
    fs::write(shelf.home().join("q.tsv"), questions).unwrap();
    let run = shelf.run(["query", "--queries", "q.tsv"]).succeeded().stdout();
    let rows: Vec<Vec<&str>> = run.lines().map(|line| line.split(' ').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 6 && row[1] == "Q0" && row[5] == "indago"), "{run}");
    assert_eq!((rows.len(), rows[0][0], rows[0][2]), (32, "q1", "same%2000.txt"));
    assert_eq!((rows[31][0], rows[31][2], rows[31][3]), ("q3", "other.txt", "1"));
    for pair in rows[..31].windows(2) {
        let score = |row: &[&str]| row[4].parse::<f32>().unwrap();
        assert!(score(&pair[0]) > score(&pair[1]), "scores fall strictly: {pair:?}");
    }
    assert_eq!(shelf.run(["query", "--queries", "q.tsv", "-n", "1", "--format", "trec"]).stdout().lines().count(), 2);
    assert_eq!(shelf.run(["query", "--queries", "q.tsv", "--format", "csv"]).code(), Some(2));
    for (questions, code, said) in
        [("q2\tzeppelin\n", 1, ""), ("", 1, ""), ("q1\t(a\n", 2, "1: column 1"), ("q1 a\n", 2, "TAB")]
    {
        let mut command = shelf.command(["query", "--queries", "-"]);
        fs::write(shelf.home().join("stdin"), questions).unwrap();
        let run = Run { output: command.stdin(fs::File::open(shelf.home().join("stdin")).unwrap()).output().unwrap() };
        assert_eq!((run.code(), run.stdout().as_str()), (Some(code), ""), "{questions:?}: {run:?}");
        assert!(run.stderr().contains(said), "{questions:?}: {}", run.stderr());
    }
}

#[test]
fn passages_come_in_order_and_as_many_as_wanted() {
    let filler = "Nothing is told of it in all of this long line of words.\n".repeat(30);
    let text = ["lantern", "harbour", "keeper", "brass"].map(|word| format!("A {word}.\n{filler}"));
    let shelf = Shelf::with(&[("a.txt", text.concat())]);
    for wanted in [0, 1, 2, 4] {
        let run =
            ask(&shelf, &["--json", "--snippets", &wanted.to_string()], "lantern harbour keeper brass").succeeded();
        let snippets = hits(&run)[0]["snippets"].as_array().cloned().unwrap_or_default();
        assert_eq!(snippets.len(), wanted);
        let lines: Vec<_> = snippets.iter().map(|s| (s["line"].as_u64(), s["end_line"].as_u64())).collect();
        assert!(lines.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{lines:?}");
    }
}
