//! Passages that stand in several files which otherwise differ: where they are told, and what is no passage.

use std::fs;
use std::process::Command;

use encoding_rs::WINDOWS_1252;
use serde_json::Value;

use crate::shelf::{Run, Shelf};

/// So many words that no text of another name has, ten a line.
fn filler(name: &str, words: usize) -> String {
    let word = |n: usize| format!("{name}{n}{}", if n % 10 == 9 { "\n" } else { " " });
    (0..words).map(word).collect()
}

const STORY: &str = "The last of the soldiers left the air base in the desert on Monday, officials said, ending a decade in \
    which drones watched over the region from there.\nA spokesman thanked the government for its help and said that the \
    hangars would be handed over in good order.";

/// The words of the story.
const WORDS: u64 = 48;

/// Where each passage that was told stands: names, first and last lines.
#[track_caller]
fn passages(run: &Run) -> Vec<Vec<(String, u64, u64)>> {
    run.objects("passage").iter().map(places).collect()
}

fn places(passage: &Value) -> Vec<(String, u64, u64)> {
    let number = |place: &Value, name: &str| place[name].as_u64().expect("a number");
    let name = |place: &Value| place["path"].as_str().expect("a path").trim_start_matches("texts/").to_string();
    let places = passage["documents"].as_array().expect("documents").iter();
    places.map(|place| (name(place), number(place, "line"), number(place, "end_line"))).collect()
}

fn at(name: &str, line: u64, end_line: u64) -> (String, u64, u64) {
    (name.to_string(), line, end_line)
}

#[test]
fn a_passage_is_told_once_with_its_lines_in_every_file() {
    let shelf = Shelf::with(&[
        ("a.txt", format!("{}\n{STORY}\n\n{}", filler("a", 40), filler("aa", 100))),
        ("b.txt", format!("{}{STORY} {}", filler("b", 98), filler("bb", 50))),
        ("c.txt", format!("{}\n\n{}\n", filler("c", 70), STORY.replace('\n', " "))),
        ("d.txt", format!("{}{}", filler("d", 100), &STORY[..40])),
    ]);
    let run = shelf.run(["copies", "--json"]).succeeded();
    let found = run.objects("passage");
    assert_eq!(passages(&run), [[at("a.txt", 6, 7), at("b.txt", 10, 11), at("c.txt", 10, 10)]]);
    assert_eq!((found[0]["text"].as_str(), found[0]["words"].as_u64()), (Some(STORY), Some(WORDS)));
    let summary = &run.objects("summary")[0];
    assert_eq!((&summary["groups"], &summary["passages"]), (&0.into(), &1.into()), "{summary}");
    let shown = shelf.run(["copies"]).succeeded().stdout();
    let lines: Vec<_> = shown.lines().collect();
    assert!(lines[0].starts_with("1  The last of the soldiers left") && lines[0].ends_with(" …  +7 words"), "{shown}");
    assert_eq!(lines[1..], ["    texts/a.txt:6", "    texts/b.txt:10", "    texts/c.txt:10"]);
}

#[test]
fn a_few_changed_words_do_not_part_a_passage() {
    let told = STORY.replace("officials said", "a ministry official told us").replace("desert on Monday", "desert");
    let typed =
        STORY.to_uppercase().replace("ITS HELP", "“its help”").replace("air base", "airbase").replace('\n', "\r\n");
    let shelf = Shelf::with(&[
        ("a.txt", format!("{}{STORY}\n", filler("a", 100))),
        ("b.txt", format!("{}{told}\n", filler("b", 100))),
        ("c.txt", format!("{}{typed}\n", filler("c", 100))),
    ]);
    let found = passages(&shelf.run(["copies", "--json"]).succeeded());
    assert_eq!(found, [[at("a.txt", 11, 12), at("b.txt", 11, 12), at("c.txt", 11, 12)]]);
}

#[test]
fn what_only_copies_of_one_text_share_is_a_group_and_no_passage() {
    let whole = format!("{}\n{STORY}\n{}", filler("a", 100), filler("aa", 100));
    let shelf = Shelf::with(&[("a.txt", whole.clone()), ("b.txt", whole.replace("Monday", "Friday"))]);
    let run = shelf.run(["copies", "--json"]).succeeded();
    assert_eq!((run.objects("group").len(), run.objects("passage").len()), (1, 0), "{run:?}");
    // In a third text it is one, told once although it stands there twice; the first of the group stands for both.
    shelf.put("c.txt", format!("{}\n{STORY}\n\n{STORY}", filler("c", 100)));
    shelf.ingest().succeeded();
    let run = shelf.run(["copies", "--json"]).succeeded();
    assert_eq!(passages(&run), [[at("a.txt", 12, 13), at("c.txt", 12, 13)]]);
    assert_eq!(run.objects("passage")[0]["documents"][0]["copies"], 1);
    let shown = shelf.run(["copies", "--passages"]).succeeded().stdout();
    assert!(shown.contains("    texts/a.txt:12  +1 near-identical\n    texts/c.txt:12\n"), "{shown}");
}

#[test]
fn a_shorter_passage_is_told_where_it_stands_in_more_files() {
    let (first, _) = STORY.split_once('\n').expect("two lines");
    let shelf = Shelf::with(&[
        ("a.txt", format!("{}{STORY}\n{}", filler("a", 50), filler("aa", 50))),
        ("b.txt", format!("{}{STORY}\n{}", filler("b", 50), filler("bb", 50))),
        ("c.txt", format!("{}{first}\n{}", filler("c", 50), filler("cc", 50))),
        ("d.txt", format!("{}{first}\n{}", filler("d", 50), filler("dd", 50))),
    ]);
    let run = shelf.run(["copies", "--json"]).succeeded();
    let both: Vec<_> = ["a.txt", "b.txt"].map(|name| at(name, 6, 7)).into();
    let all: Vec<_> = ["a.txt", "b.txt", "c.txt", "d.txt"].map(|name| at(name, 6, 6)).into();
    assert_eq!(passages(&run), [all, both], "what takes more room comes first");
    assert_eq!(run.objects("passage")[0]["text"], first);
}

#[test]
fn lines_are_those_of_the_file_whatever_it_is_written_in() {
    let story = STORY.replace("its help", "its “naïve” help");
    let text = |name: &str| format!("{}\n{story}\n{}", filler(name, 50), filler(name, 60));
    let wide = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let shelf = Shelf::with(&[
        ("crlf.txt", text("crlf").replace('\n', "\r\n").into_bytes()),
        ("mac.txt", text("mac").replace('\n', "\r").into_bytes()),
        ("mark.txt", format!("\u{feff}{}", text("mark")).into_bytes()),
        ("utf16.txt", wide(&text("wide"))),
        ("windows.txt", WINDOWS_1252.encode(&text("windows")).0.into_owned()),
    ]);
    let run = shelf.run(["copies", "--json"]).succeeded();
    let names = ["crlf.txt", "mac.txt", "mark.txt", "utf16.txt", "windows.txt"];
    assert_eq!(passages(&run), [names.map(|name| at(name, 7, 8))]);
    assert_eq!(run.objects("passage")[0]["text"], story.replace('\n', "\r\n"));
}

#[test]
fn passages_are_the_same_however_the_index_grew_and_on_any_number_of_threads() {
    let shelf = Shelf::new();
    for step in 0..4_usize {
        for n in step * 10..step * 10 + 10 {
            let kept = if n.is_multiple_of(3) { STORY } else { &STORY[..140] };
            let other = filler(&format!("shared{}x", n % 4), 30);
            shelf.put(format!("{n:02}.txt"), format!("{}{kept}\n{}\n{other}", filler(&format!("n{n}x"), 80), n));
        }
        if step > 0 {
            shelf.remove(format!("{}.txt", step * 10 + 3));
            fs::create_dir_all(shelf.text("moved")).expect("a folder");
            let name = format!("{}.txt", step * 10 + 5);
            fs::rename(shelf.text(&name), shelf.text(format!("moved/{name}"))).expect("a move");
        }
        shelf.settle();
        shelf.ingest().succeeded();
    }
    let grown = shelf.run(["copies", "--json"]).succeeded();
    let told = passages(&grown);
    let holds = |name: &str| told.iter().flatten().any(|(place, ..)| place == name);
    assert!(holds("moved/25.txt") && !holds("25.txt") && !holds("23.txt") && holds("04.txt"), "{told:?}");
    assert!(told.len() >= 6 && told.iter().any(|places| places.len() == 37), "{told:?}");
    for threads in ["1", "2", "7"] {
        let run = shelf.run(["copies", "--json", "--threads", threads]).succeeded();
        assert_eq!(run.stdout(), grown.stdout(), "{threads} threads");
    }
    shelf.run(["ingest", "--rebuild", "--threads", "1"]).succeeded();
    assert_eq!(shelf.run(["copies", "--json"]).succeeded().stdout(), grown.stdout());
}

#[test]
fn files_that_are_gone_or_changed_are_told_and_the_others_still_compared() {
    let text = |name: &str| format!("{}{STORY}\n", filler(name, 100));
    let shelf = Shelf::with(&["a", "b", "c", "d", "e"].map(|name| (name, text(name))));
    shelf.remove("a");
    shelf.put("b", format!("{} and more", text("b")));
    let run = shelf.run(["copies", "--json"]).succeeded();
    assert_eq!(passages(&run), [["c", "d", "e"].map(|name| at(name, 11, 12))]);
    let stderr = run.stderr();
    assert!(stderr.contains("indago: passages of texts/a are missing: No such file"), "{stderr}");
    assert!(stderr.contains("indago: passages of texts/b are missing: it changed since its ingest"), "{stderr}");
    let unread = &run.objects("summary")[0]["unread"];
    assert_eq!(
        (&unread[0]["path"], &unread[1]["path"], unread[2].is_null()),
        (&"texts/a".into(), &"texts/b".into(), true)
    );
    for name in ["c", "d", "e"] {
        shelf.remove(name);
    }
    assert_eq!(shelf.run(["copies"]).code(), Some(1), "nothing is left to compare");
    // An index that keeps the texts needs no files.
    let kept = Shelf::new();
    for name in ["a", "b"] {
        kept.put(name, text(name));
    }
    kept.run(["ingest", "--store-text", "texts"]).succeeded();
    kept.remove("a");
    let run = kept.run(["copies", "--json"]).succeeded();
    assert_eq!((passages(&run), run.stderr()), (vec![["a", "b"].map(|name| at(name, 11, 12)).into()], String::new()));
}

#[test]
fn a_path_asks_for_what_stands_there_or_in_a_copy_of_it() {
    let whole = |name: &str| format!("{}{STORY}\n{}", filler(name, 100), filler(name, 100));
    let shelf = Shelf::with(&[
        ("a/one.txt", whole("one")),
        ("b/two.txt", whole("two")),
        ("c/one.txt", format!("{} again", whole("one"))),
        ("d/other.txt", filler("other", 100)),
    ]);
    for (path, groups, count, code) in
        [("texts/a", 1, 1, 0), ("texts/b", 0, 1, 0), ("texts/c", 1, 1, 0), ("texts/d", 0, 0, 1), ("texts/e", 0, 0, 2)]
    {
        let run = shelf.run(["copies", "--json", path]);
        let found = (run.objects("group").len(), run.objects("passage").len(), run.code());
        assert_eq!(found, (groups, count, Some(code)), "{path}: {run:?}");
    }
}

#[test]
fn one_may_ask_for_one_kind_for_fewer_and_for_longer_ones() {
    let shelf = Shelf::with(&[
        ("copy1.txt", filler("copy", 100)),
        ("copy2.txt", filler("copy", 100)),
        ("long1.txt", format!("{}{STORY}", filler("a", 100))),
        ("long2.txt", format!("{}{STORY}", filler("b", 100))),
        ("short1.txt", format!("{}{}\n{}", filler("c", 100), filler("shared", 16), filler("cc", 50))),
        ("short2.txt", format!("{}{}\n{}", filler("d", 100), filler("shared", 16), filler("dd", 50))),
        ("shorter1.txt", format!("{}{}\n{}", filler("e", 100), filler("common", 15), filler("ee", 50))),
        ("shorter2.txt", format!("{}{}\n{}", filler("f", 100), filler("common", 15), filler("ff", 50))),
        ("rows1.txt", format!("{}{}", filler("g", 100), "0 1 ".repeat(100))),
        ("rows2.txt", format!("{}{}", filler("h", 100), "0 1 ".repeat(100))),
        // So many words stand in both lists, but what they list does not.
        ("list1.txt", filler("i", 90).replace('i', "see https://en.wiki.example.org/pages/of/i")),
        ("list2.txt", filler("k", 90).replace('k', "see https://en.wiki.example.org/pages/of/k")),
    ]);
    let rows: [(&[&str], usize, usize); 8] = [
        (&[], 1, 2),
        (&["--groups"], 1, 0),
        (&["--passages"], 0, 2),
        (&["-n", "1"], 1, 1),
        (&["-n", "0"], 0, 0),
        (&["--passages", "--words", "17"], 0, 1),
        (&["--passages", "--words", "48"], 0, 1),
        (&["--passages", "--words", "49"], 0, 0),
    ];
    for (args, groups, count) in rows {
        let run = shelf.run(["copies", "--json"].iter().chain(args));
        let found = (run.objects("group").len(), run.objects("passage").len());
        assert_eq!((found, run.code()), ((groups, count), Some(i32::from(groups + count == 0))), "{args:?}: {run:?}");
    }
    for args in [["--groups", "--passages"], ["--words", "15"], ["--threads", "0"]] {
        shelf.run(["copies"].iter().chain(&args)).code().filter(|code| *code == 2).expect("a mistake");
    }
}

#[test]
fn a_licence_at_the_head_of_many_files_is_one_passage() {
    let shelf = Shelf::new();
    for n in 0..1200 {
        shelf.put(format!("{n:04}.c"), format!("/* {n}\n{STORY} */\n{}", filler(&format!("x{n}x"), 60)));
    }
    shelf.ingest().succeeded();
    let found = passages(&shelf.run(["copies", "--json"]).succeeded());
    assert_eq!((found.len(), found[0].len()), (1, 1200));
    assert!(found[0].iter().all(|(_, line, end_line)| (*line, *end_line) == (2, 3)));
    // A reader that leaves early is no trouble.
    let line = format!("'{}' copies | head -n 1; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_indago"));
    let output = Command::new("bash").args(["-c", &line]).current_dir(shelf.home()).output().expect("a shell");
    assert!(output.stderr.is_empty() && output.stdout.ends_with(b"\n0\n"), "{output:?}");
}
