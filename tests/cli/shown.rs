//! Which passages are shown, what is marked in them, and that none is shown twice.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::shelf::Shelf;

/// The hits of a question, best first.
#[track_caller]
fn hits(shelf: &Shelf, args: &[&str]) -> Vec<Value> {
    shelf.run([&["query", "--json"], args].concat()).succeeded().objects("hit")
}

fn snippets(hit: &Value) -> &[Value] {
    hit["snippets"].as_array().expect("snippets")
}

fn name(hit: &Value) -> &str {
    hit["path"].as_str().expect("a path").trim_start_matches("texts/")
}

/// What is marked in a passage, sliced by bytes and by characters.
#[track_caller]
fn marked(snippet: &Value) -> Vec<String> {
    let text = snippet["text"].as_str().expect("a text");
    let number = |value: &Value| value.as_u64().expect("a number") as usize;
    let highlights = snippet["highlights"].as_array().expect("highlights").iter();
    let sliced = highlights.map(|mark| {
        let (bytes, chars) = (&mark["bytes"], &mark["chars"]);
        let by_bytes = &text[number(&bytes["start"])..number(&bytes["end"])];
        let (start, end) = (number(&chars["start"]), number(&chars["end"]));
        let by_chars: String = text.chars().skip(start).take(end - start).collect();
        assert_eq!(by_bytes, by_chars, "{text}");
        by_chars
    });
    sliced.collect()
}

#[test]
fn every_kind_of_match_is_marked_and_nothing_else() {
    let rows = [
        ("stem", "withdraw", "They withdrew; withdrawing takes days, he withdraws.", "withdrawing|withdraws"),
        ("folded", "cafe strasse", "Das CAFÉ in der Straße, not the cafeteria.", "CAFÉ|Straße"),
        ("spelling", "defense", "The Defence of the town, defenceless.", "Defence"),
        ("possessive", "niger", "Niger’s junta and the Nigerien.", "Niger’s"),
        ("phrase", "\"air base\"", "The base had air; the Air Base, an air-base.", "Air Base|air-base"),
        ("in a phrase and alone", "\"air base\" base", "A base is no air base.", "base|air base"),
        (
            "nearness",
            "\"base agadez\"~2",
            "At Agadez the base lies; another base elsewhere.",
            "Agadez the base|Agadez|base",
        ),
        ("prefix", "instruct*", "Instructors instruct, no infrastructure.", "Instructors|instruct"),
        ("wildcard", "*stan", "Pakistan, Kazakhstan and Stanley.", "Pakistan|Kazakhstan"),
        ("one letter", "niam?y", "Niamey, Niamoy, Niamy.", "Niamey|Niamoy"),
        ("regex", "/dro(ne|p)s/", "drones dropped drops.", "drones|drops"),
        ("fuzzy", "tchiani~2", "General Tiani, or Tchiani.", "Tiani|Tchiani"),
        ("unspaced", "京都", "私は東京都に住む。", "京都"),
        ("compound", "parseHTTPHeader", "call parse_http_header() then parse it", "parse_http_header"),
        ("acronym", "US", "The U.S. army told us.", "U.S."),
        ("number", "1000", "It took 1,000 days, not 1001.", "1,000"),
        ("required, not refused", "+lantern -storm", "A lantern burns.", "lantern"),
    ];
    for (rule, question, text, expected) in rows {
        let shelf = Shelf::with(&[("a.txt", text), ("b.txt", "Something else was written here, a storm.")]);
        shelf.ingest().succeeded();
        let found = hits(&shelf, &[question]);
        let marks: Vec<String> = found.iter().flat_map(snippets).flat_map(marked).collect();
        // Of a nearness either the stretch or its words may be marked.
        let expected: Vec<&str> = expected.split('|').collect();
        match rule {
            "nearness" => assert_eq!(marks, expected[1..], "{rule}: {question}"),
            _ => assert_eq!(marks, expected, "{rule}: {question}"),
        }
    }
}

#[test]
fn a_match_in_the_title_or_the_path_shows_how_the_text_begins() {
    let shelf = Shelf::with(&[("harbour/logs.txt", "The keeper went home.\n\nNothing else happened.")]);
    shelf.ingest().succeeded();
    let found = hits(&shelf, &["harbour"]);
    assert_eq!(snippets(&found[0])[0]["text"], "The keeper went home.");
    assert!(marked(&snippets(&found[0])[0]).is_empty());
}

#[test]
fn matches_in_the_path_and_the_title_are_marked_there() {
    let shelf = Shelf::with(&[
        ("old harbour/Lantern-logs.txt", "# The lanterns of Škoda\n\nNothing happened."),
        ("other.txt", "Something else, by a lantern."),
    ]);
    shelf.ingest().succeeded();
    let slices = |hit: &Value, text: &str, ranges: &str| {
        let text = hit[text].as_str().expect("a text").to_string();
        marked(&serde_json::json!({ "text": text, "highlights": hit[ranges] }))
    };
    for (question, in_path, in_title) in [
        ("lantern harbour", vec!["harbour", "Lantern"], vec!["lanterns"]),
        ("skoda", vec![], vec!["Škoda"]),
        ("title:lantern", vec![], vec!["lanterns"]),
    ] {
        let found = hits(&shelf, &[question]);
        let hit = found.iter().find(|hit| name(hit).starts_with("old")).expect("the logs");
        assert_eq!(slices(hit, "path", "path_highlights"), in_path, "{question}");
        assert_eq!(slices(hit, "title", "title_highlights"), in_title, "{question}");
    }
    let colours = shelf.run(["query", "--color", "always", "harbour"]).succeeded().stdout();
    assert!(colours.contains("\x1b[1;31mharbour\x1b[0m"), "{colours:?}");
    assert!(hits(&shelf, &["title:lantern"]).iter().flat_map(snippets).all(|snippet| marked(snippet).is_empty()));
}

#[test]
fn passages_are_cut_at_the_ends_of_sentences_which_abbreviations_are_not() {
    let filler = "It rained and nobody came to the town for a long time after that day. ".repeat(12);
    let rows = [
        (
            "The U.S. Army and Gen. A. B. Moor met the envoy near Agadez, e.g. in a tent, at 3.14 p.m. on Dec. 5.",
            "envoy",
        ),
        ("「灯台の使者は夜に港へ来た。」", "使者"),
        ("Der Gesandte kam z.B. um 5 Uhr mit Dr. Moor an.", "Gesandte"),
    ];
    for (sentence, word) in rows {
        let shelf = Shelf::with(&[("a.txt", format!("{filler}{sentence} {filler}"))]);
        shelf.ingest().succeeded();
        let found = hits(&shelf, &["--snippets", "1", word]);
        let shown = snippets(&found[0])[0]["text"].as_str().expect("a text").to_string();
        assert!(shown.contains(sentence), "{sentence:?} in {shown:?}");
        let rest = shown.replace(sentence, "");
        assert!(rest.trim().is_empty() || rest.trim().ends_with('.'), "whole sentences in {shown:?}");
    }
}

#[test]
fn vimgrep_opens_at_the_word() {
    let text = "first line\r\n\r\n\tthe old “lantern” burned\r\nlast line\r\n";
    let (mark, _) = encoding(text);
    let shelf = Shelf::with(&[("crlf.txt", text.as_bytes().to_vec()), ("wide.txt", mark)]);
    shelf.ingest().succeeded();
    let run = shelf.run(["query", "--format", "vimgrep", "lantern"]).succeeded();
    let mut lines: Vec<String> = run.stdout().lines().map(str::to_string).collect();
    lines.sort();
    // A column is a byte of the line's UTF-8.
    let column = 1 + "\tthe old “".len();
    assert!(lines[0].starts_with(&format!("texts/crlf.txt:3:{column}:")), "{lines:?}");
    assert!(lines[1].starts_with(&format!("texts/wide.txt:3:{column}:")), "{lines:?}");
}

/// The text in UTF-16 with a mark, and how long that is.
fn encoding(text: &str) -> (Vec<u8>, usize) {
    let mut bytes = vec![0xff, 0xfe];
    text.encode_utf16().for_each(|unit| bytes.extend(unit.to_le_bytes()));
    let length = bytes.len();
    (bytes, length)
}

const QUOTE: &str = "The prime minister said on Friday that the last of the soldiers would leave the lantern base within \
    a month, and that the wells and hangars would be handed over.";

/// Sentences that stand in no other text.
fn unlike(name: &str, sentences: usize) -> String {
    (0..sentences).fold(String::new(), |mut text, n| {
        let _ = write!(text, "In {name}{n} the {name}er of {name}ton went {name}ward by {name}s{n}, {name}ing alone. ");
        text
    })
}

#[test]
fn a_passage_is_shown_once_and_told_where_else_it_stands() {
    let changed = QUOTE.replace("the last of the soldiers", "the last soldiers").replace("Friday", "Monday");
    let shelf = Shelf::with(&[
        ("a.txt", format!("{}\n\n{QUOTE}\n\n{}\n\nThe lantern base had soldiers.", unlike("ash", 5), unlike("oak", 2))),
        (
            "b.txt",
            format!("{}\n\n{}\n\nA lantern base was seen by elms.\n\n{QUOTE}\n", unlike("elm", 9), unlike("fir", 8)),
        ),
        ("c.txt", format!("{}\n\n{changed}\n\n{}", unlike("yew", 30), unlike("bay", 9))),
        ("d.txt", format!("{}\n\nThe lantern base is elsewhere.\n", unlike("fig", 30))),
    ]);
    shelf.ingest().succeeded();
    let found = hits(&shelf, &["soldiers lantern base"]);
    assert_eq!(found.len(), 4);
    let with_quote: Vec<&Value> = found.iter().filter(|hit| name(hit) != "d.txt").collect();
    let (first, others) = with_quote.split_first().expect("three hits");
    let shown =
        snippets(first).iter().find(|snippet| snippet["text"].as_str().is_some_and(|text| text.contains("wells")));
    let shown = shown.expect("the best hit shows it");
    let also: Vec<&Value> = shown["also_in"].as_array().expect("where else").iter().collect();
    assert_eq!(also.len(), 2);
    for (hit, also) in others.iter().zip(also) {
        let same = &hit["same_passages"][0];
        assert_eq!(same["shown"]["rank"], first["rank"]);
        assert_eq!((&same["shown"]["path"], &same["shown"]["line"]), (&first["path"], &shown["line"]));
        assert_eq!((&also["rank"], &also["path"]), (&hit["rank"], &hit["path"]));
        assert_eq!((&also["line"], &also["end_line"]), (&same["line"], &same["end_line"]));
        assert_eq!(same["line"], if name(hit) == "b.txt" { 7 } else { 3 }, "{}", name(hit));
        assert!(snippets(hit).iter().all(|snippet| !snippet["text"].as_str().unwrap().contains("wells")));
    }
    let second = others.iter().find(|hit| name(hit) == "b.txt").expect("b.txt");
    assert_eq!(snippets(second)[0]["text"], "A lantern base was seen by elms.");

    let text = shelf.query("soldiers lantern base").stdout();
    assert_eq!(text.matches(&format!("same passage as {}", first["rank"])).count(), 2, "{text}");
    assert_eq!(text.matches("wells").count(), 1, "{text}");
    for option in [&["--no-collapse"][..], &["--format", "vimgrep"], &["--format", "csv"]] {
        let all = shelf.run([&["query", "soldiers lantern base"], option].concat()).succeeded().stdout();
        assert_eq!(all.matches("wells").count(), 3, "{option:?}: {all}");
    }
}

#[test]
fn a_sentence_that_is_cut_for_lack_of_room_counts_as_shown() {
    let shelf = Shelf::with(&[
        ("a.txt", format!("{QUOTE}\n\n{}", unlike("ash", 4))),
        ("b.txt", format!("{}\n\n{QUOTE}\n\n{}", unlike("elm", 9), unlike("fir", 30))),
    ]);
    shelf.ingest().succeeded();
    let Some(shown) = shelf.on_terminal(60, &[], &["query", "minister soldiers"]) else {
        return eprintln!("not run: no terminal to be had");
    };
    assert!(shown.contains("same passage as 1"), "{shown}");
}

#[test]
fn the_title_is_not_shown_again_while_there_is_better() {
    let shelf = Shelf::with(&[
        ("a.md", format!("# The lantern of the harbour\n\n{}\n\nA lantern fell down.\n", unlike("ash", 5))),
        ("b.md", format!("# The lantern of the harbour\n\n{}", unlike("elm", 5))),
    ]);
    shelf.ingest().succeeded();
    let found = hits(&shelf, &["lantern"]);
    let passages = |wanted: &str| {
        let hit = found.iter().find(|hit| name(hit) == wanted).expect("a hit");
        snippets(hit).iter().map(|snippet| snippet["text"].as_str().expect("a text").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(passages("a.md"), ["A lantern fell down."]);
    assert!(passages("b.md")[0].starts_with("# The lantern of the harbour"), "{:?}", passages("b.md"));
}

#[test]
fn a_short_line_is_shown_wherever_it_stands() {
    let shelf = Shelf::with(&[
        ("a.c", format!("#include <lantern.h>\n\n{}", unlike("ash", 9))),
        ("b.c", format!("{}\n\n#include <lantern.h>\n", unlike("elm", 9))),
    ]);
    shelf.ingest().succeeded();
    for hit in hits(&shelf, &["lantern"]) {
        assert!(snippets(&hit)[0]["text"].as_str().unwrap().contains("#include <lantern.h>"));
        assert_eq!(hit["same_passages"], Value::Array(Vec::new()));
    }
}

const FOOTER: &str = "See also: all our stories about the lantern of the harbour\nLeave a reply about this lantern\n";

/// Articles that have nothing in common but what recurs below them.
fn articles(count: usize, recurs: &str) -> Shelf {
    let shelf = Shelf::new();
    for n in 0..count {
        let name = ["ash", "elm", "fir", "oak", "yew", "bay", "fig", "box"][n % 8];
        let unlike = |part: &str| unlike(&format!("{name}{part}{n}"), 6);
        let own = format!("The harbour of {name}{n}ton had a lantern once, said {name}{n}.");
        shelf.put(format!("{n}.txt"), format!("{}\n\n{} {own}\n\n{recurs}", unlike("a"), unlike("b")));
    }
    shelf.ingest().succeeded();
    shelf
}

#[test]
fn what_recurs_in_many_unlike_files_is_not_shown_while_there_is_better() {
    for count in [4, 30] {
        let shelf = articles(count, FOOTER);
        for question in ["lantern", "harbour lantern", "+lantern +harbour"] {
            let limit = count.to_string();
            let found = hits(&shelf, &["-n", &limit, question]);
            assert_eq!(found.len(), count);
            for hit in &found {
                let texts: Vec<&str> = snippets(hit).iter().filter_map(|snippet| snippet["text"].as_str()).collect();
                assert!(texts.iter().any(|text| text.contains("had a lantern once")), "{question}: {texts:?}");
                assert!(texts.iter().all(|text| !text.contains("reply")), "{question}: {texts:?}");
            }
        }
        // For a word that stands nowhere else, it is shown; and so where there is nothing else at all.
        let found = hits(&shelf, &["-n", "1", "+lantern +stories"]);
        let shown: Vec<String> = snippets(&found[0]).iter().flat_map(marked).collect();
        assert!(shown.contains(&"stories".to_string()), "{shown:?}");
        let found = hits(&shelf, &["-n", "1", "reply"]);
        assert!(snippets(&found[0])[0]["text"].as_str().unwrap().contains("Leave a reply about this lantern"));
    }
}

#[test]
fn what_recurs_in_few_files_or_in_copies_of_one_is_shown_like_any_other() {
    let recurs = |text: &str| text.contains("all our stories about the lantern");
    let shelf = articles(3, FOOTER);
    let found = hits(&shelf, &["lantern harbour stories"]);
    assert!(snippets(&found[0]).iter().any(|snippet| recurs(snippet["text"].as_str().unwrap())), "three files");

    // Ten copies of a story, each with a few words of its own, are one voice.
    let shelf = Shelf::new();
    for n in 0..10 {
        let story = format!("{}\n\nThe harbour had a lantern once.\n\n{FOOTER}", unlike("ash", 20));
        shelf.put(format!("copy{n}.txt"), format!("{}\n\n{story}", unlike(&format!("oak{n}"), 4)));
    }
    (0..10).for_each(|n| drop(shelf.put(format!("other{n}.txt"), unlike(&format!("elm{n}"), 20))));
    shelf.ingest().succeeded();
    let found = hits(&shelf, &["lantern harbour stories"]);
    assert!(snippets(&found[0]).iter().any(|snippet| recurs(snippet["text"].as_str().unwrap())), "copies");

    // A line of one file is its own, however often its words stand elsewhere.
    let shelf = articles(12, "");
    shelf.put("one.txt", format!("{}\n\nThe lantern had once a harbour.\n", unlike("box", 9)));
    shelf.ingest().succeeded();
    let found = hits(&shelf, &["-n", "20", "harbour lantern"]);
    let one = found.iter().find(|hit| name(hit) == "one.txt").expect("one.txt");
    assert_eq!(snippets(one)[0]["text"], "The lantern had once a harbour.");
}

#[test]
fn a_sentence_that_differs_in_the_word_asked_for_is_shown() {
    let ticket =
        |server: &str| format!("The connection was refused by the remote server named {server} when the client came.");
    let shelf = Shelf::with(&[
        ("a.txt", format!("{}\n\n{}", unlike("ash", 9), ticket("alpha"))),
        ("b.txt", format!("{}\n\n{}", unlike("elm", 9), ticket("beta"))),
    ]);
    shelf.ingest().succeeded();
    let found = hits(&shelf, &["alpha OR beta"]);
    let shown: Vec<String> = found.iter().flat_map(snippets).flat_map(marked).collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
    // Where the words asked for are the same, so is the passage.
    let found = hits(&shelf, &["connection refused"]);
    assert_eq!(found[1]["same_passages"][0]["shown"]["rank"], 1);
}

#[test]
fn what_recurs_within_a_file_hides_nothing_and_is_told_once() {
    let header = "Strictly confidential property of the lantern harbour company in the town\n\n";
    let text = |name: &str| {
        let mut text = header.repeat(60);
        let _ = write!(text, "{} A lantern of {name}ton fell into the sea.\n\n", unlike(name, 3));
        text + &header.repeat(10)
    };
    let names = ["ash", "elm", "fir", "oak", "yew"];
    let texts: Vec<(String, String)> = names.iter().map(|name| (format!("{name}.txt"), text(name))).collect();
    let shelf = Shelf::new();
    texts.iter().for_each(|(name, text)| drop(shelf.put(name, text)));
    shelf.ingest().succeeded();
    for hit in hits(&shelf, &["lantern"]) {
        let own = |snippet: &Value| snippet["text"].as_str().is_some_and(|text| text.contains("fell into the sea"));
        assert!(snippets(&hit).iter().all(own), "{hit}");
    }
    for hit in &hits(&shelf, &["lantern company"])[1..] {
        let same = hit["same_passages"].as_array().expect("same passages");
        assert!(same.len() <= 1, "{hit}");
        assert!(same.iter().all(|same| same["line"] == same["end_line"]), "{hit}");
    }
}

#[test]
fn a_short_line_recurs_where_it_is_a_line() {
    let shelf = Shelf::new();
    for (n, name) in ["ash", "elm", "fir", "oak", "yew"].iter().enumerate() {
        let own = format!("The lantern comments of {name} were read.");
        shelf.put(
            format!("{n}.txt"),
            format!("{}\n\n{own} {}\n\nLantern comments\n", unlike(name, 4), unlike(&format!("{name}s"), 4)),
        );
    }
    shelf.ingest().succeeded();
    for hit in hits(&shelf, &["lantern"]) {
        let texts: Vec<&str> = snippets(&hit).iter().filter_map(|snippet| snippet["text"].as_str()).collect();
        assert!(texts.len() == 1 && texts[0].contains("were read"), "{texts:?}");
    }
}

#[test]
fn many_copies_do_not_hide_that_a_footer_stands_in_other_files() {
    let shelf = articles(6, FOOTER);
    let story = format!("{}\n\n{FOOTER}", unlike("wire", 12));
    (0..90).for_each(|n| drop(shelf.put(format!("a/copy{n}.txt"), &story)));
    shelf.ingest().succeeded();
    for hit in hits(&shelf, &["-n", "20", "harbour lantern"]).iter().filter(|hit| !name(hit).starts_with("a/")) {
        assert!(snippets(hit).iter().all(|snippet| !snippet["text"].as_str().unwrap().contains("reply")), "{hit}");
    }
}

#[test]
fn a_copy_that_is_there_speaks_for_one_that_is_gone() {
    let story = unlike("ash", 9) + "A lantern fell.";
    let shelf = Shelf::with(&[("a.txt", &story), ("b.txt", &story), ("c.txt", &story)]);
    shelf.ingest().succeeded();
    shelf.remove("a.txt");
    shelf.put("b.txt", "something else");
    let found = hits(&shelf, &["lantern"]);
    assert_eq!((found.len(), name(&found[0]), &found[0]["freshness"]), (1, "c.txt", &"current".into()));
}

#[test]
fn the_answer_in_the_readme_is_the_one_given() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shelf = Shelf::new();
    for entry in fs::read_dir(root.join("corpus")).expect("corpus/") {
        let entry = entry.expect("a file");
        let name = entry.file_name();
        shelf.put(Path::new("../corpus").join(name), fs::read(entry.path()).expect("a text"));
    }
    shelf.run(["ingest", "corpus"]).succeeded();
    let Some(shown) = shelf.on_terminal(100, &[], &["query", "--color", "never", "russian instructors"]) else {
        return eprintln!("not run: no terminal to be had");
    };
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    assert!(
        readme.contains(&format!("```\n{}\n```", lines.join("\n"))),
        "README.md should show:\n{}",
        lines.join("\n")
    );
}
