//! Long files: their passages are those of the whole text, in any encoding, and cost what stands around them.

use std::fs::{self, File};
use std::path::Path;

use encoding_rs::Encoding;

use crate::shelf::Shelf;

/// More lines than fill the longest file that is read whole, in any encoding.
const LINES: usize = 12_000;

/// Encoding, a line, another line, and a word of that.
const ENCODED: [(&str, &str, &str, &str); 14] = [
    ("utf-8", "Nothing “went on” for many a day in that town.", "So a café lantern was lit.", "lantern"),
    ("utf-8-bom", "Nothing “went on” for many a day in that town.", "So a café lantern was lit.", "lantern"),
    ("utf-16le", "Nothing “went on” for many a day 🚣 in that town.", "So a 🚣 lantern was lit.", "lantern"),
    ("utf-16be", "Nothing “went on” for many a day 🚣 in that town.", "So a 🚣 lantern was lit.", "lantern"),
    (
        "windows-1252",
        "Le gardien du phare s’était levé très tôt.",
        "Il alluma le château, près de la forêt.",
        "château",
    ),
    ("windows-1251", "Море было спокойным, и рыбаки готовили лодки.", "Он снова зажег большой фонарь.", "фонарь"),
    ("koi8-r", "Море было спокойным, и рыбаки готовили лодки.", "Он снова зажег большой фонарь.", "фонарь"),
    ("shift_jis", "灯台守は朝早く起きて、海岸へ出た。", "カナ 夕方になると、彼は灯りをともした。", "夕方"),
    ("euc-jp", "灯台守は朝早く起きて、海岸へ出た。", "カナ 夕方になると、彼は灯りをともした。", "夕方"),
    ("iso-2022-jp", "灯台守は朝早く起きて、海岸へ出た。", "カナ 夕方になると、彼は灯りをともした。", "夕方"),
    ("gb18030", "守塔人清晨很早就起床，走到海边。", "傍晚，他又点亮了港口上方的大灯。", "港口"),
    ("gbk", "守塔人清晨很早就起床，走到海边。", "傍晚，他又点亮了港口上方的大灯。", "港口"),
    ("big5", "守塔人清晨很早就起床，走到海邊。", "傍晚，他又點亮了海灣上方的大燈。", "海灣"),
    ("euc-kr", "등대지기는 아침 일찍 일어나 바닷가로 나갔다.", "저녁에 그는 큰 등불을 다시 켰다.", "등불을"),
];

fn encoded(name: &str, text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    match name {
        "utf-8-bom" => marked.into(),
        "utf-16le" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => Encoding::for_label(name.as_bytes()).expect("a known label").encode(text).0.into_owned(),
    }
}

#[test]
fn lines_and_columns_deep_in_a_long_file_are_those_of_its_text() {
    let shelf = Shelf::new();
    let mut rows = Vec::new();
    for (n, (name, filler, line, word)) in ENCODED.into_iter().enumerate() {
        for (kind, end) in [("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r")] {
            // Where a byte order mark is missing, much of the text tells the encoding.
            let mut lines: Vec<String> = (0..LINES).map(|n| format!("{filler} {n}")).collect();
            lines[LINES - 7] = line.to_string();
            let (file, text) = (format!("{n:02}-{name}-{kind}"), lines.join(end));
            let bytes = encoded(name, &text);
            assert!(bytes.len() > 256 << 10, "{file} is long");
            shelf.put(&file, &bytes);
            rows.push((file, bytes, line, word));
        }
    }
    shelf.ingest().succeeded();
    let mut lost = Vec::new();
    for (file, bytes, line, word) in &rows {
        let vimgrep = shelf.run(["query", "--format", "vimgrep", "-n", "50", "--no-collapse", word]).stdout();
        let column = line.find(word).expect("the word is on it") + 1;
        let start = format!("texts/{file}:{}:{column}:", LINES - 6);
        let row = vimgrep.lines().find(|row| row.starts_with(&start));
        if !row.is_some_and(|row| line.contains(&row[start.len()..]) && row[start.len()..].contains(word)) {
            lost.push(format!("{start} {word}: {vimgrep}"));
        }
        let found = shelf.run(["query", "--json", "-n", "50", "--no-collapse", word]).objects("hit");
        let hit = found.iter().find(|hit| hit["path"] == format!("texts/{file}")).expect("a hit in each");
        let snippet = &hit["snippets"][0];
        let at = |end: &str| snippet["bytes"][end].as_u64().map(|at| at as usize);
        let source = at("start").zip(at("end")).map(|(start, end)| bytes[start..end].to_vec());
        let shown = snippet["text"].as_str().unwrap_or_default();
        assert_eq!(source, file.contains("utf-8").then(|| shown.as_bytes().to_vec()), "{file}");
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn bytes_that_are_no_text_shift_nothing_in_a_long_file() {
    let filler = "Nothing “went on” for many a day in that town.\n".repeat(4_000).into_bytes();
    let early = b"An early lantern.\n";
    let bytes = [early, &filler[..], b"dam\xffaged \xe2\x80\n", &filler, b"A harbour far behind.\n", &filler].concat();
    let shelf = Shelf::with(&[("a.log", &bytes)]);
    let hit = shelf.run(["query", "--json", "lantern harbour"]).objects("hit").remove(0);
    let rows = [("An early lantern.", 1, Some(0)), ("A harbour far behind.", 8_003, None)];
    for (snippet, (text, line, start)) in hit["snippets"].as_array().expect("two").iter().zip(rows) {
        assert!(snippet["text"].as_str().is_some_and(|shown| shown.contains(text)), "{hit}");
        let before = snippet["text"].as_str().and_then(|shown| shown.find(text)).unwrap_or_default();
        let lines = snippet["text"].as_str().map_or(0, |shown| shown[..before].matches('\n').count() as u64);
        assert_eq!(snippet["line"].as_u64().map(|first| first + lines), Some(line), "{hit}");
        assert_eq!(snippet["bytes"]["start"].as_u64(), start, "after damage nobody knows where the bytes are: {hit}");
    }
}

#[test]
fn every_kind_of_question_finds_its_passage_deep_in_a_long_file() {
    let filler = "Nothing went on for many a day; the keeper of a harbour, it’s said, saw rain.\n".repeat(6_000);
    let rows = [
        ("lantern", "Then lanterns were lit.", "lanterns"),
        ("\"keeper rain\"", "Then keeper rain fell.", "keeper rain"),
        ("harbour NEAR/3 moon", "Then the moon over the harbour rose.", "moon"),
        ("zeppel*", "Then a zeppelin flew by.", "zeppelin"),
        ("w?ndmill", "Then a windmill turned.", "windmill"),
        ("glacer~", "Then a glacier broke.", "glacier"),
        ("longexpected", "Then a long-expected ship came.", "long-expected"),
        ("parseHTTPHeader", "Then parse_http_header was called.", "parse_http_header"),
        ("US", "Then U.S. ships came.", "U.S."),
        ("cafe", "Then a café opened.", "café"),
        ("東京", "Then 東京都 was seen.", "東京"),
        ("moonlight keeper", "Then the keeper saw moonlight.", "keeper"),
    ];
    for (question, line, marked) in rows {
        let shelf = Shelf::with(&[("long.txt", format!("{filler}\n{line}\n\n{filler}"))]);
        let hit = shelf.run(["query", "--json", "--", question]).objects("hit").remove(0);
        let snippets = hit["snippets"].as_array().expect("some");
        let best = snippets.iter().find(|snippet| snippet["line"] == 6_002);
        let best = best.unwrap_or_else(|| panic!("{question}: {snippets:?}"));
        assert!(best["text"].as_str().is_some_and(|text| text.starts_with(line)), "{question}: {best}");
        let mark = &best["highlights"][0]["bytes"];
        let range = mark["start"].as_u64().zip(mark["end"].as_u64()).map(|(start, end)| start as usize..end as usize);
        assert_eq!(range.map(|range| &line[range]), Some(marked), "{question}: {best}");
    }
}

/// Replaces the content of a file by one of equal length, as if nothing had happened.
fn replaced_unseen(path: &Path, text: &str) {
    let before = fs::metadata(path).expect("a file");
    assert_eq!(before.len(), text.len() as u64);
    fs::write(path, text).expect("the file can be written");
    let modified = before.modified().expect("a time");
    File::options().write(true).open(path).and_then(|file| file.set_modified(modified)).expect("a new time");
}

#[test]
fn of_a_long_file_only_what_surrounds_the_passages_is_read() {
    let filler = "Nothing went on for many a day in that town.\n".repeat(20_000);
    let shelf = Shelf::with(&[("long.txt", format!("{filler}\nA lantern burned low.\n\n{filler}"))]);
    let path = shelf.text("long.txt");
    // Whoever reads on his way to the passage loses count.
    let line = "A lantern burned low.\n\n";
    let (beginning, near) = filler.split_at(filler.len() / 2);
    replaced_unseen(&path, &format!("{}{near}\n{line}{filler}", "\n".repeat(beginning.len())));
    let hit = shelf.run(["query", "--json", "lantern"]).objects("hit").remove(0);
    assert_eq!(hit["snippets"][0]["line"], 20_002, "{hit}");
    // What is not where it was is looked for.
    replaced_unseen(&path, &format!("{line}{filler}{}", "\n".repeat(filler.len() + 1)));
    let hit = shelf.run(["query", "--json", "lantern"]).objects("hit").remove(0);
    assert_eq!(hit["snippets"][0]["line"], 1, "{hit}");
}

#[test]
fn a_long_file_that_changed_or_moved_between_segments_is_shown_as_it_is() {
    let filler = "Nothing went on for many a day in that town.\n".repeat(8_000);
    let shelf = Shelf::new();
    let line_of = |shelf: &Shelf, name: &str| {
        let found = shelf.run(["query", "--json", "-n", "50", "--no-collapse", "lantern"]).objects("hit");
        let hit = found.iter().find(|hit| hit["path"] == format!("texts/{name}")).expect("a hit").clone();
        hit["snippets"][0]["line"].as_u64()
    };
    for n in 0..8 {
        shelf.put(format!("{n}.txt"), format!("{}A lantern burned low.\n{filler}", "Rain.\n".repeat(100_000 + n)));
        shelf.put(format!("{n}-short.txt"), "A short note of a lantern.");
        shelf.ingest().succeeded();
        if n % 3 == 2 {
            shelf.remove(format!("{}.txt", n - 1));
        }
    }
    for n in [0, 2, 3, 5, 6, 7] {
        assert_eq!(line_of(&shelf, &format!("{n}.txt")), Some(100_001 + n as u64), "{n}");
    }
    shelf.put("0.txt", format!("{filler}\nThe lantern now stands here.\n{filler}"));
    assert_eq!(line_of(&shelf, "0.txt"), Some(8_002), "the file as it is now, before the index knows it");
    shelf.ingest().succeeded();
    assert_eq!(line_of(&shelf, "0.txt"), Some(8_002));
}

#[test]
fn the_line_that_holds_all_words_is_shown_where_each_is_everywhere() {
    let mut log = String::new();
    for n in 0..30_000 {
        let event = ["error at the door", "timeout of the lamp", "payment by the ferry"][n % 3];
        log.push_str(&format!(
            "12:{:02}:{:02} {event} number {n} was noted down in the book of the harbour\n",
            n / 60 % 60,
            n % 60
        ));
        if n == 25_000 {
            log.push_str("12:00:00 error timeout payment all at once\n");
        }
    }
    let shelf = Shelf::with(&[("app.log", log)]);
    shelf.ingest().succeeded();
    let run = shelf.run(["query", "--json", "--snippets", "1", "error timeout payment"]).succeeded();
    let hit = &run.objects("hit")[0];
    assert!(hit["snippets"][0]["text"].as_str().unwrap().contains("error timeout payment all at once"), "{hit}");
}

#[test]
fn what_recurs_in_long_files_gives_way_to_what_does_not() {
    let shelf = Shelf::new();
    for (n, name) in ["ash", "elm", "fir", "oak", "yew"].iter().enumerate() {
        let mut text = String::new();
        for part in 0..40 {
            (0..150)
                .for_each(|line| text.push_str(&format!("In {name}{part} of {line} the {name}er went {name}ward.\n")));
            text.push_str("\nSubscribe to the letter of the narwhal club by the sea\n\n");
            if part == 20 + n {
                text.push_str(&format!("\nA narwhal was seen by {name}.\n\n"));
            }
        }
        shelf.put(format!("{name}.txt"), text);
    }
    shelf.ingest().succeeded();
    let run = shelf.run(["query", "--json", "narwhal"]).succeeded();
    for hit in run.objects("hit") {
        let texts: Vec<&str> = hit["snippets"].as_array().unwrap().iter().filter_map(|s| s["text"].as_str()).collect();
        assert!(texts.iter().any(|text| text.contains("narwhal was seen")), "{hit}");
        assert!(!texts.iter().any(|text| text.contains("Subscribe")), "{hit}");
    }
}
