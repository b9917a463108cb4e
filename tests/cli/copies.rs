//! Files that are nearly the same: their groups, the nearest to one, and what becomes of them among hits.

use std::fs;

use serde_json::Value;

use crate::shelf::{Run, Shelf};

/// A story of so many words, each followed by another than in any other story.
fn story(name: &str, words: usize) -> String {
    let mut text = format!("The {name} story\n\n");
    (0..words).for_each(|n| text.push_str(&format!("{name}{} lantern{} ", n * n % 1009, n % 7)));
    text
}

/// The groups that `copies` tells, each as names and shares.
#[track_caller]
fn groups(run: &Run) -> Vec<Vec<(String, f64)>> {
    run.objects("group").iter().map(|group| documents(&group["documents"])).collect()
}

fn documents(documents: &Value) -> Vec<(String, f64)> {
    let name = |document: &Value| document["path"].as_str().expect("a path").trim_start_matches("texts/").to_string();
    let documents = documents.as_array().expect("documents").iter();
    documents.map(|document| (name(document), document["share"].as_f64().expect("a share"))).collect()
}

fn names(groups: &[Vec<(String, f64)>]) -> Vec<Vec<&str>> {
    groups.iter().map(|group| group.iter().map(|(name, _)| name.as_str()).collect()).collect()
}

const WIRE: &str = "Agadez (Wire) - The last of the soldiers left the air base in the desert on Monday, officials said, \
    ending a decade in which drones watched over the region from there. A spokesman thanked the government for its help and \
    said that the hangars, the runway and the wells would be handed over in good order. Traders in the town, who had sold \
    water and bread to the camp, feared for their living. The general who seized power last summer had asked them to go.";

#[test]
fn near_identical_files_are_told_in_groups_and_others_are_not() {
    let shelf = Shelf::with(&[
        ("wire/a.txt", WIRE.to_string()),
        ("wire/b.txt", WIRE.replace("Monday", "Tuesday")),
        ("wire/c.txt", format!("Last soldiers leave desert base\n\n{WIRE}")),
        ("wire/half.txt", WIRE[..WIRE.len() / 2].to_string()),
        ("notes/a.txt", "buy milk and bread today".into()),
        ("notes/b.txt", "buy milk and eggs today".into()),
        ("notes/c.txt", "Buy milk, and bread today!".into()),
        ("notes/d.txt", "buy milk and bread tomorrow".into()),
        ("signs/a.txt", "---\n".into()),
        ("signs/b.txt", "---\n".into()),
        ("signs/c.txt", "***\n".into()),
        (
            "cjk/a.txt",
            "東京都では昨日、新しい美術館の建設計画が発表され、多くの市民が説明会に集まって熱心に質問を重ねた。".into(),
        ),
        (
            "cjk/b.txt",
            "東京都では昨日、新しい美術館の建設計画が発表され、多くの市民が説明会に集まって熱心に質問を続けた。".into(),
        ),
        (
            "cjk/c.txt",
            "大阪府では来月、古い図書館の改修工事が始まり、子供たちのために別の建物で本を貸し出すことになった。".into(),
        ),
        ("yes/a.txt", "yes ".repeat(10)),
        ("yes/b.txt", "yes ".repeat(1000)),
        ("empty.txt", String::new()),
    ]);
    let run = shelf.run(["copies", "--json"]).succeeded();
    let found = groups(&run);
    let expected = [
        vec!["cjk/a.txt", "cjk/b.txt"],
        vec!["notes/a.txt", "notes/c.txt"],
        vec!["signs/a.txt", "signs/b.txt"],
        vec!["wire/a.txt", "wire/b.txt", "wire/c.txt"],
    ];
    assert_eq!(names(&found), expected);
    assert!(found.iter().all(|group| group[0].1 == 1.0 && group.iter().all(|(_, share)| *share >= 0.8)), "{found:?}");
    assert_eq!(found[1][1].1, 1.0, "signs and capitals are no words");
    // A word in the middle of a text of eighty stands in three of its runs, and so does what took its place.
    assert!((found[3][1].1 - (1.0 - 6.0 / 80.0)).abs() < 0.03, "{found:?}");
    // A note that differs in one of five words is another note, unless one asks for less.
    let found = groups(&shelf.run(["copies", "--json", "--share", "50%", "texts/notes"]).succeeded());
    assert_eq!(names(&found), [["notes/a.txt", "notes/c.txt", "notes/d.txt"]]);
}

#[test]
fn copies_of_one_folder_are_the_groups_that_have_a_member_there() {
    let shelf = Shelf::with(&[
        ("a/licence", story("licence", 300)),
        ("b/licence", story("licence", 300)),
        ("b/other", story("other", 300)),
        ("c/other", story("other", 300)),
        ("d/alone", story("alone", 300)),
    ]);
    let licences = vec!["a/licence", "b/licence"];
    let others = vec!["b/other", "c/other"];
    let rows = [
        ("texts", 0, vec![licences.clone(), others.clone()]),
        ("texts/a", 0, vec![licences.clone()]),
        ("texts/b", 0, vec![licences.clone(), others.clone()]),
        ("texts/c/other", 0, vec![others]),
        ("texts/d", 1, vec![]),
        ("texts/e", 2, vec![]),
    ];
    for (path, code, expected) in rows {
        let run = shelf.run(["copies", "--json", path]);
        assert_eq!((run.code(), names(&groups(&run))), (Some(code), expected), "{path}: {run:?}");
    }
    let shown = shelf.run(["copies"]).succeeded().stdout();
    let expected = "1  texts/a/licence\n    100%  texts/b/licence\n2  texts/b/other\n    100%  texts/c/other\n";
    assert_eq!(shown, expected);
}

#[test]
fn many_equal_licences_are_one_group() {
    let shelf = Shelf::new();
    for n in 0..300 {
        let year = if n % 3 == 0 { 1998 + n % 7 } else { 2010 };
        shelf.put(format!("crate{n:03}/LICENSE"), format!("Copyright {year}\n\n{}", story("licence", 200)));
    }
    shelf.ingest().succeeded();
    let found = groups(&shelf.run(["copies", "--json"]).succeeded());
    assert_eq!((found.len(), found[0].len()), (1, 300));
    assert_eq!(found[0][0].0, "crate000/LICENSE");
}

#[test]
fn groups_are_the_same_however_the_index_grew() {
    let shelf = Shelf::new();
    let put = |n: usize| {
        let text = story(&format!("s{}", n % 9), 40 + 10 * (n % 9));
        shelf.put(format!("{n}.txt"), if n.is_multiple_of(2) { text } else { format!("{text} and more {n}") });
    };
    for step in 0..5 {
        (step * 10..step * 10 + 10).for_each(put);
        if step > 0 {
            shelf.remove(format!("{}.txt", step * 10 - 7));
            let moved = format!("moved/{step}.txt");
            fs::create_dir_all(shelf.text("moved")).expect("a folder");
            fs::rename(shelf.text(format!("{}.txt", step * 10 - 3)), shelf.text(&moved)).expect("a move");
        }
        shelf.settle();
        shelf.ingest().succeeded();
    }
    let grown = shelf.run(["copies", "--json"]).succeeded();
    let told = groups(&grown);
    assert_eq!(told.len(), 9, "{told:?}");
    assert_eq!(told.iter().map(Vec::len).sum::<usize>(), 46, "{told:?}");
    let told: Vec<_> = told.concat();
    assert!(told.iter().any(|(name, _)| name == "moved/2.txt") && told.iter().all(|(name, _)| name != "3.txt"));
    shelf.run(["ingest", "--rebuild", "--threads", "1"]).succeeded();
    assert_eq!(shelf.run(["copies", "--json"]).succeeded().stdout(), grown.stdout());
}

#[test]
fn the_nearest_files_come_first_also_for_a_file_outside() {
    let shelf = Shelf::with(&[
        ("a.txt", WIRE.to_string()),
        ("b.txt", format!("{WIRE} {}", story("more", 15))),
        ("half.txt", WIRE[..WIRE.len() / 2].to_string()),
        ("other.txt", story("other", 100)),
    ]);
    fs::write(shelf.home().join("mine.txt"), WIRE).expect("a file");
    let similar = |args: &[&str]| {
        let run = shelf.run(["similar", "--json"].iter().chain(args)).succeeded();
        run.objects("similar").iter().flat_map(|near| documents(&Value::Array(vec![near.clone()]))).collect::<Vec<_>>()
    };
    let found = similar(&["mine.txt"]);
    assert_eq!(names(std::slice::from_ref(&found)), [["a.txt", "b.txt", "half.txt"]]);
    assert!(found[0].1 == 1.0 && found[1].1 > found[2].1 && (0.4..0.6).contains(&found[2].1), "{found:?}");
    assert_eq!(names(&[similar(&["texts/a.txt"])]), [["b.txt", "half.txt"]], "no file is similar to itself");
    assert_eq!(names(&[similar(&["-n", "1", "mine.txt"])]), [["a.txt"]]);
    assert_eq!(names(&[similar(&["--share", "0.6", "mine.txt"])]), [["a.txt", "b.txt"]]);
    let shown = shelf.run(["similar", "mine.txt", "--share", "0.9"]).succeeded().stdout();
    assert_eq!(shown, " 100%  texts/a.txt\n");
    for (text, code) in [("nothing in common with any of them", 1), ("\0\x01\x02", 2)] {
        fs::write(shelf.home().join("mine.txt"), text).expect("a file");
        assert_eq!(shelf.run(["similar", "mine.txt"]).code(), Some(code), "{text:?}");
    }
    shelf.run(["similar", "lost.txt"]).refused();
    shelf.run(["copies", "--share", "80"]).code().filter(|code| *code == 2).expect("80 is no share");
}

#[test]
fn a_file_that_changed_since_is_told_as_a_guess_or_not_at_all() {
    let shelf = Shelf::with(&[("a.txt", story("same", 400)), ("b.txt", format!("{} more", story("same", 400)))]);
    shelf.put("b.txt", "another text by now");
    let group = &shelf.run(["copies", "--json"]).succeeded().objects("group")[0];
    assert_eq!(group["documents"][1]["estimated"], true, "{group}");
    assert!(shelf.run(["copies"]).stdout().contains("  ~"), "{group}");
}

/// A shelf with five stories: one in four files, one in two, and three in one.
fn stories() -> Shelf {
    let harbour = |name: &str, rest: &str| format!("{} harbour {rest}", story(name, 60));
    Shelf::with(&[
        ("a1.txt", harbour("apple", "")),
        ("a2.txt", harbour("apple", "")),
        ("a3.txt", harbour("apple", "again")),
        ("a4.txt", harbour("apple", "once more")),
        ("b1.txt", harbour("berry", "")),
        ("b2.txt", harbour("berry", "")),
        ("c.txt", harbour("cherry", "")),
        ("d.txt", harbour("date", "")),
        ("e.txt", harbour("elder", "")),
    ])
}

#[test]
fn of_near_identical_hits_the_best_is_shown_with_the_number_of_the_others() {
    let shelf = stories();
    let shown = shelf.query("harbour").succeeded().stdout();
    let heads: Vec<_> = shown.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(heads.len(), 5, "{shown}");
    assert!(heads.iter().any(|head| head.contains("texts/a") && head.contains("+3 near-identical")), "{shown}");
    assert!(heads.iter().any(|head| head.contains("texts/b") && head.contains("+1 near-identical")), "{shown}");
    assert!(!shown.contains("%  texts/"), "{shown}");
    let listed = shelf.run(["query", "--copies", "harbour"]).succeeded().stdout();
    assert_eq!(listed.matches("%  texts/").count(), 4, "{listed}");
    let all = shelf.run(["query", "--no-collapse", "harbour"]).succeeded().stdout();
    assert_eq!(all.lines().filter(|line| !line.starts_with(' ')).count(), 9, "{all}");
    assert!(!all.contains("near-identical"), "{all}");
}

#[test]
fn limits_count_what_is_shown_and_totals_count_what_matches() {
    let shelf = stories();
    let hits = |args: &[&str]| shelf.run(["query", "--json"].iter().chain(args).chain(&["harbour"])).succeeded();
    let all = hits(&[]);
    let summary = &all.objects("summary")[0];
    assert_eq!((&summary["total"], &summary["returned"]), (&9.into(), &5.into()));
    let ranks: Vec<_> = all.objects("hit").iter().map(|hit| hit["rank"].as_u64().expect("a rank")).collect();
    assert_eq!(ranks, [1, 2, 3, 4, 5]);
    // Pages follow each other without an overlap or a gap.
    let mut paged = Vec::new();
    for offset in ["0", "2", "4", "6"] {
        let page = hits(&["-n", "2", "--offset", offset]);
        assert_eq!(page.objects("summary")[0]["total"], 9);
        paged.extend(page.objects("hit"));
    }
    let whole = |hit: &Value| (hit["rank"].clone(), hit["path"].clone(), hit["copies"].clone());
    assert_eq!(paged.iter().map(whole).collect::<Vec<_>>(), all.objects("hit").iter().map(whole).collect::<Vec<_>>());
    let mut everywhere: Vec<_> =
        paged.iter().flat_map(|hit| documents(&hit["copies"]).into_iter().map(|(name, _)| name)).collect();
    everywhere.extend(paged.iter().map(|hit| hit["path"].as_str().expect("a path")[6..].to_string()));
    everywhere.sort_unstable();
    assert_eq!(everywhere, ["a1.txt", "a2.txt", "a3.txt", "a4.txt", "b1.txt", "b2.txt", "c.txt", "d.txt", "e.txt"]);
    // Whatever has no place for what is hidden hides nothing.
    for (args, lines) in [(vec!["-l"], 9), (vec!["--format", "vimgrep"], 9), (vec!["--format", "csv"], 10)] {
        let run = shelf.run(["query"].iter().chain(&args).chain(&["--snippets", "1", "harbour"])).succeeded();
        let paths = run.stdout().lines().filter(|line| line.contains("texts/") || line.starts_with("rank")).count();
        assert_eq!(paths, lines, "{args:?}: {run:?}");
    }
    assert_eq!(shelf.run(["query", "-c", "harbour"]).stdout(), "9\n");
    assert_eq!(shelf.run(["query", "--format", "trec", "harbour"]).stdout().lines().count(), 9);
}

#[test]
fn many_copies_of_one_story_leave_room_for_the_others() {
    let shelf = Shelf::new();
    for n in 0..400 {
        shelf.put(format!("copy{n:03}.txt"), format!("harbour harbour harbour {}", story("same", 30)));
    }
    for n in 0..5 {
        shelf.put(format!("other{n}.txt"), format!("harbour {}", story(&format!("other{n}"), 200)));
    }
    shelf.ingest().succeeded();
    let hits = shelf.run(["query", "--json", "-n", "3", "harbour"]).succeeded().objects("hit");
    let counts: Vec<_> = hits.iter().map(|hit| hit["copies"].as_array().expect("copies").len()).collect();
    assert_eq!(counts, [399, 0, 0]);
}

#[test]
fn notes_that_differ_in_a_word_are_all_shown() {
    let shelf = Shelf::with(&[
        ("a.txt", "call the harbour office at nine"),
        ("b.txt", "call the harbour office at ten"),
        ("c.txt", "call the harbour office at nine."),
    ]);
    let hits = shelf.run(["query", "--json", "harbour office"]).succeeded().objects("hit");
    let shown: Vec<_> = hits.iter().map(|hit| documents(&hit["copies"]).len()).collect();
    assert_eq!(shown.iter().sum::<usize>() + shown.len(), 3);
    assert_eq!(shown.len(), 2, "{hits:?}");
}

#[test]
fn a_reader_that_leaves_early_is_no_trouble() {
    let shelf = Shelf::new();
    for n in 0..2000 {
        shelf.put(format!("some/quite/long/path/to/the/copies/of/a/story/{n:04}/name.txt"), format!("story {}", n / 2));
    }
    shelf.ingest().succeeded();
    for verb in ["copies", "copies --json"] {
        let line = format!("'{}' {verb} | head -n 1; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_indago"));
        let output = std::process::Command::new("bash").args(["-c", &line]).current_dir(shelf.home()).output();
        let output = output.expect("a shell");
        assert!(output.stderr.is_empty() && output.stdout.ends_with(b"\n0\n"), "{output:?}");
    }
}
