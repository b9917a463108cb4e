//! The order of hits is always the same: whatever the cut, the page, the format, the threads and the segments, and however
//! the index came to hold what it holds.

use serde_json::Value;

use crate::shelf::Shelf;

/// The hits of an answer, with everything that is told of them.
fn hits(shelf: &Shelf, args: &[&str]) -> Vec<Value> {
    shelf.run(["query", "--json", "--no-collapse"].iter().chain(args)).succeeded().objects("hit")
}

/// What `-l` prints.
fn lines(shelf: &Shelf, args: &[&str]) -> Vec<String> {
    shelf.run(["query", "-l"].iter().chain(args)).succeeded().stdout().lines().map(str::to_string).collect()
}

/// A small generator, so that the texts are the same every time.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

/// A text of words of which some are common and some are rare.
fn text(state: &mut u64) -> String {
    let words =
        ["tide", "lantern", "harbour", "keeper", "oil", "wick", "withdraw", "withdrawing", "brass", "fog", "ebb"];
    let length = 5 + next(state) % 60;
    let mut text = String::new();
    for _ in 0..length {
        text.push_str(words[(next(state) % words.len()).min(next(state) % words.len())]);
        text.push_str(if next(state).is_multiple_of(9) { ".\n" } else { " " });
    }
    text
}

const QUESTIONS: [&str; 7] =
    ["lantern", "harbour fog", "withdraw", "\"oil wick\"", "ebb brass keeper tide", "lan* -fog", "tide^2 OR brass"];

#[test]
fn equal_scores_are_ordered_by_path_at_every_cut() {
    let shelf = Shelf::new();
    // By component, as bytes: `a` before `a/b` before `a.txt`, capitals before small letters.
    let folders = ["B", "a", "a/b", "a.d", "a-c", "é"];
    let mut expected: Vec<std::path::PathBuf> = Vec::new();
    for n in 0..300 {
        let name = format!("{}/{:03}.txt", folders[n * 7 % folders.len()], n * 37 % 300);
        shelf.put(&name, "the same lantern");
        expected.push(name.into());
    }
    expected.sort();
    let expected: Vec<String> = expected.iter().map(|path| format!("texts/{}", path.display())).collect();
    for threads in ["1", "3"] {
        let index = format!("index-{threads}");
        shelf.run(["ingest", "--quiet", "--threads", threads, "--index", &index, "texts"]).succeeded();
        let page = |limit: usize, offset: usize| {
            let (limit, offset) = (limit.to_string(), offset.to_string());
            let run = shelf.run(["query", "--index", &index, "-l", "-n", &limit, "--offset", &offset, "lantern"]);
            run.succeeded().stdout().lines().map(str::to_string).collect::<Vec<_>>()
        };
        assert_eq!(page(1000, 0), expected);
        for (limit, offset) in [(1, 0), (10, 0), (10, 10), (7, 143), (64, 250), (299, 0), (50, 299)] {
            let end = expected.len().min(offset + limit);
            assert_eq!(page(limit, offset), expected[offset..end], "{limit} from {offset}");
        }
    }
}

#[test]
fn ten_thousand_equal_files_are_ordered_by_path_in_one_segment_and_in_five() {
    let name = |n: usize| format!("{:02}/{:04}.txt", n % 10_000 / 100, n % 10_000);
    let expected: Vec<String> = (0..10_000).map(|n| format!("texts/{}", name(n))).collect();
    let shelf = Shelf::new();
    // Segments that each outweigh the later ones twice are left alone; there are never more than five.
    let mut put = 0;
    for (size, segments) in [(6_700, 1), (2_210, 2), (735, 3), (240, 4), (115, 5)] {
        // Coprime to the number of files, so that each ingest brings files from everywhere.
        (put..put + size).for_each(|n| drop(shelf.put(name(n * 7_919), "the same lantern")));
        put += size;
        shelf.run(["ingest", "--quiet", "--threads", "1", "texts"]).succeeded();
        assert_eq!(shelf.status()["segments"], segments);
    }
    shelf.run(["ingest", "--quiet", "--threads", "1", "--index", "one", "texts"]).succeeded();
    let status = shelf.run(["status", "--json", "--index", "one"]).succeeded().objects("status");
    assert_eq!((&status[0]["documents"], &status[0]["segments"]), (&10_000.into(), &1.into()));
    for index in ["index", "one"] {
        for question in ["lantern", "same lantern", "the same", "lant*"] {
            let page = |limit: &str, offset: &str| {
                lines(&shelf, &["--index", index, "-n", limit, "--offset", offset, "--", question])
            };
            assert_eq!(page("10", "0"), expected[..10], "{question} in {index}");
            assert_eq!(page("10", "195"), expected[195..205], "{question} in {index}");
            assert_eq!(page("100", "9990"), expected[9990..], "{question} in {index}");
        }
        let all = lines(&shelf, &["--index", index, "lantern"]);
        assert!(all == expected, "all of them in {index}");
    }
    let scores = |index| hits(&shelf, &["--index", index, "-n", "300", "--snippets", "0", "same lantern"]);
    let (five, one) = (scores("index"), scores("one"));
    assert!(five.iter().zip(&one).all(|(five, one)| five["score"] == one["score"]));
    // The closer look ends after 200 hits; what it adds the others do without, below.
    let (close, rest) = one.split_at(200);
    for part in [close, rest] {
        assert!(part.iter().all(|hit| hit["score"] == part[0]["score"]), "{} {}", part[0], part[part.len() - 1]);
    }
}

#[test]
fn equal_files_are_ordered_by_path_across_eight_segments() {
    use indago::ingest::{self, Options, Request, Watch};
    let shelf = Shelf::new();
    (0..10_000).for_each(|n| drop(shelf.put(format!("{:02}/{:04}.txt", n / 100, n), "the same lantern")));
    let (index, request) = (shelf.home().join("index"), Request { paths: vec![shelf.text("")], ..Request::default() });
    // A run that is interrupted merges nothing, so each leaves a segment more.
    for _ in 0..8 {
        let watch = Watch::default();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while watch.read.load(std::sync::atomic::Ordering::Relaxed) < 500 {
                    std::thread::yield_now();
                }
                watch.stop.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            let options = Options { threads: 1, ..Options::default() };
            let report = ingest::run(&index, &request, &options, &watch, &mut |_| {}).expect("a run");
            assert!(report.interrupted);
        });
    }
    let status = shelf.status();
    assert_eq!(status["segments"], 8, "{status}");
    let found = lines(&shelf, &["same lantern"]);
    assert_eq!(status["documents"], found.len());
    assert!(found.len() >= 4_000 && found.is_sorted(), "{} files", found.len());
    assert_eq!(lines(&shelf, &["-n", "10", "--offset", "195", "same lantern"]), found[195..205]);
}

#[test]
fn the_answer_is_the_same_whatever_the_way_to_the_index() {
    let shelf = Shelf::new();
    let mut state = 7;
    for n in 0..160 {
        shelf.put(format!("{}/{n}.txt", n % 5), text(&mut state));
        // One index grows file by file, in the end.
        if n >= 140 {
            shelf.run(["ingest", "--quiet", "--index", "grown", "texts"]).succeeded();
        }
    }
    let ways: [(&str, &[&str]); 6] = [
        ("one", &["--threads", "1"]),
        ("two", &["--threads", "2"]),
        ("four", &["--threads", "4"]),
        ("small", &["--memory", "1M", "--threads", "4"]),
        ("grown", &[]),
        ("steps", &[]),
    ];
    for (index, options) in &ways[..4] {
        let args = ["ingest", "--quiet", "--index", index, "texts"];
        shelf.run(args.iter().chain(options.iter())).succeeded();
    }
    // The last index comes to the same texts by steps: parts, other versions, texts that go again.
    let last: Vec<_> =
        (0..160).map(|n| (n, std::fs::read(shelf.text(format!("{}/{n}.txt", n % 5))).unwrap())).collect();
    for step in 0..4 {
        for (n, text) in &last {
            let name = format!("{}/{n}.txt", n % 5);
            match (n + step) % 4 {
                0 => shelf.remove(&name),
                1 => drop(shelf.put(&name, format!("step {step} lantern fog"))),
                _ => drop(shelf.put(&name, text)),
            }
        }
        shelf.put(format!("gone/{step}.txt"), text(&mut state));
        shelf.run(["ingest", "--quiet", "--index", "steps", "texts"]).succeeded();
        for (n, text) in &last {
            shelf.put(format!("{}/{n}.txt", n % 5), text);
        }
    }
    std::fs::remove_dir_all(shelf.text("gone")).unwrap();
    shelf.run(["ingest", "--quiet", "--index", "steps", "texts"]).succeeded();

    let answers = |index: &str, question: &str| {
        let mut found = hits(&shelf, &["--index", index, "-n", "400", "--snippets", "1", "--", question]);
        // Times differ where a text was written again.
        found.iter_mut().for_each(|hit| hit["modified"] = Value::Null);
        found.iter_mut().for_each(|hit| hit["freshness"] = Value::Null);
        found
    };
    for question in QUESTIONS {
        let expected = answers("one", question);
        assert!(expected.len() > 5, "{question}");
        for (index, _) in &ways[1..] {
            let found = answers(index, question);
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{question} by {index}");
            }
            assert_eq!(found.len(), expected.len(), "{question} by {index}");
        }
    }
}

#[test]
fn pages_join_in_every_format_and_scores_never_rise() {
    let shelf = Shelf::new();
    let mut state = 11;
    for n in 0..420 {
        shelf.put(format!("{}/{n:03}.txt", n % 4), text(&mut state));
    }
    shelf.ingest().succeeded();
    for question in QUESTIONS {
        let all = hits(&shelf, &["-n", "1000", "--snippets", "0", "--", question]);
        let total = all.len();
        for pair in all.windows(2) {
            let [first, second] = [&pair[0], &pair[1]].map(|hit| hit["score"].as_f64().expect("a score"));
            assert!(first >= second, "{question}: {pair:?}");
            assert!(first > second || pair[0]["path"].as_str() < pair[1]["path"].as_str(), "{question}: {pair:?}");
        }
        assert!(all.iter().zip(1..).all(|(hit, rank)| hit["rank"] == rank), "{question}");
        // A page, in any format, is a part of the whole; the closer look ends after 200 hits.
        for (limit, offset) in [(5, 0), (50, 0), (50, 5), (50, 180), (200, 0), (20, 190), (250, 3), (1, 199), (1000, 0)]
        {
            let expected = &all[total.min(offset)..total.min(offset + limit)];
            if expected.is_empty() {
                continue;
            }
            let (limit, offset) = (limit.to_string(), offset.to_string());
            let page = |options: &[&'static str]| {
                let common = ["query", "-n", &limit, "--offset", &offset, "--snippets", "0"];
                shelf.run(common.iter().chain(options).chain(&["--", question])).succeeded()
            };
            let paths = || expected.iter().map(|hit| hit["path"].as_str().expect("a path"));
            assert_eq!(page(&["--json"]).objects("hit"), expected, "{question}: {limit} from {offset}");
            assert!(page(&["-l"]).stdout().lines().eq(paths()), "{question}: {limit} from {offset}");
            let shown = page(&["--scores"]).stdout();
            let rows = expected.iter().map(|hit| {
                let score = format!("{:.2}", hit["score"].as_f64().expect("a score"));
                vec![hit["rank"].to_string(), score, hit["path"].as_str().expect("a path").to_string()]
            });
            let found = shown.lines().filter(|line| line.contains("texts/"));
            let found = found.map(|line| line.split_whitespace().take(3).map(str::to_string).collect::<Vec<_>>());
            assert!(found.eq(rows), "{question}: {limit} from {offset}: {shown}");
            let run = page(&["--format", "trec"]).stdout();
            let run: Vec<Vec<&str>> = run.lines().map(|line| line.split(' ').collect()).collect();
            assert!(run.iter().map(|row| format!("texts/{}", row[2])).eq(paths()), "{question}: {limit} from {offset}");
            let scores: Vec<f32> = run.iter().map(|row| row[4].parse().expect("a score")).collect();
            assert!(scores.windows(2).all(|pair| pair[0] > pair[1]), "{question}: {limit} from {offset}");
        }
    }
}

#[test]
fn deleted_and_replaced_texts_leave_no_trace_in_scores() {
    let shelf = Shelf::new();
    let mut state = 23;
    let texts: Vec<(String, String)> = (0..120).map(|n| (format!("{n:03}.txt"), text(&mut state))).collect();
    texts.iter().for_each(|(name, text)| drop(shelf.put(name, text)));
    // Long texts of nothing but what will be asked for, and a file that is called so.
    (0..14).for_each(|n| drop(shelf.put(format!("gone/{n}.txt"), "ebb brass the tide fog ".repeat(40 + n))));
    shelf.put("gone/harbour fog.md", "# Lantern\n\nof the harbour");
    for n in [5, 50, 100] {
        shelf.put(format!("{n:03}.txt"), "replaced later: lantern ".repeat(30));
    }
    shelf.ingest().succeeded();
    std::fs::remove_dir_all(shelf.text("gone")).expect("a folder to remove");
    for n in [5, 50, 100] {
        shelf.put(&texts[n].0, &texts[n].1);
    }
    shelf.settle();
    shelf.ingest().succeeded();
    let status = shelf.status();
    // How many wait to be merged away depends on which thread had which file.
    assert!(status["documents"] == 120 && status["deleted"].as_u64() > Some(0), "{status}");
    shelf.run(["ingest", "--quiet", "--index", "anew", "texts"]).succeeded();
    for question in QUESTIONS.into_iter().chain(["the tide of the harbour", "harbour fog", "lantern~"]) {
        for options in [&[][..], &["--plain"]] {
            let answer = |index| {
                let args = ["--index", index, "-n", "200", "--snippets", "1"];
                hits(&shelf, &args.iter().chain(options).chain(&["--", question]).copied().collect::<Vec<_>>())
            };
            assert_eq!(answer("index"), answer("anew"), "{question} {options:?}");
        }
    }
}

#[test]
fn the_parts_that_are_told_of_a_score_add_up_to_it() {
    let shelf = Shelf::new();
    let mut state = 31;
    (0..300).for_each(|n| drop(shelf.put(format!("{n:03}.txt"), text(&mut state))));
    shelf.put("harbour_fog.md", "# The tide of the harbour\n\nfog on the harbour, and a lantern");
    shelf.ingest().succeeded();
    let more = [
        "the tide of the harbour",
        "harbour fog",
        "lantern~ keeper",
        "the",
        "title:tide harbour",
        "path:fog harbour^0.5",
    ];
    let mut seen = std::collections::BTreeSet::new();
    for question in QUESTIONS.into_iter().chain(more) {
        for options in [&["--explain"][..], &["--explain", "--plain"]] {
            let args = ["query", "-n", "1000", "--snippets", "0", "--json"];
            let run = shelf.run(args.iter().chain(options).chain(&["--", question])).succeeded();
            let hits = run.objects("hit");
            let stderr = run.stderr();
            // `   1  3.52 = fog 2.07 + harbour 1.45`, a line a hit, after those about the words.
            let shown: Vec<&str> = stderr.lines().filter(|line| line.contains(" = ")).collect();
            assert_eq!(shown.len(), hits.len(), "{question}: {stderr}");
            for (hit, line) in hits.iter().zip(shown) {
                let score = hit["score"].as_f64().expect("a score");
                let parts = hit["explain"].as_array().unwrap_or_else(|| panic!("{question}: {hit}"));
                let sum: f64 = parts.iter().map(|part| part["score"].as_f64().expect("a score")).sum();
                assert!((sum - score).abs() <= 1e-5 * score.max(1.0), "{question}: {sum} in {hit}");
                seen.extend(parts.iter().map(|part| part["part"].as_str().expect("a name").to_string()));
                let (head, sum) = line.split_once(" = ").expect("both sides");
                assert_eq!(head.split_whitespace().next(), Some(&*hit["rank"].to_string()), "{line}");
                let number = |part: &str| part.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok());
                let terms: Vec<f64> = sum.split(" + ").filter_map(number).collect();
                assert_eq!(terms.len(), parts.len(), "{line}");
                // Each number is rounded to a hundredth.
                let rounding = 0.005 * (terms.len() + 1) as f64 + 1e-6;
                assert!((terms.iter().sum::<f64>() - number(head).expect("a score")).abs() <= rounding, "{line}");
            }
        }
    }
    for part in ["function words", "words together", "best passage", "files like it", "all words", "its name"] {
        assert!(seen.contains(part), "{part} not in {seen:?}");
    }
    let run = shelf.run(["query", "--json", "harbour"]).succeeded();
    assert!(run.objects("hit").iter().all(|hit| hit["explain"].is_null()), "not asked");
}
