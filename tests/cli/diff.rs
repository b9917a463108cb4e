//! `indago diff`: what differs between two texts.

use serde_json::json;

use crate::shelf::Shelf;

const OLD: &str = "It rained.\nThe U.S. Army left the base of Agadez in May.\nNobody “knew” why.\nA dog barked.\n";
const NEW: &str = "It rained.\nThe U.S. Army will leave the base of Agadez in May.\nNobody \"knew\" why.\nHe slept.\n";

#[test]
fn sentences_are_kept_changed_removed_and_added() {
    let shelf = Shelf::new();
    shelf.put("a.txt", OLD);
    shelf.put("b.txt", NEW);
    let run = shelf.run(["diff", "texts/a.txt", "texts/b.txt"]);
    assert_eq!(run.code(), Some(0));
    let expected = "\
--- texts/a.txt
+++ texts/b.txt
1 1 = 1 sentence
2 2 ~ The U.S. Army [-left-]{+will leave+} the base of Agadez in May.
3 3 = 1 sentence
4   - A dog barked.
  4 + He slept.

2 sentences kept (1 but for quotes and dashes), 1 changed, 1 removed, 1 added; 50% of A stands in B, 48% of B in A
";
    let shown = run.stdout();
    let (shown, expected) = (shown.rsplit_once("; "), expected.rsplit_once("; "));
    assert_eq!(shown.map(|(head, _)| head), expected.map(|(head, _)| head));
}

#[test]
fn the_code_tells_whether_words_differ() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "“It rained” — he said.");
    shelf.put("b.txt", "\"It rained\"\n- he said.");
    shelf.put("c.txt", "\"It rained\", she said.");
    shelf.put(
        "utf16.txt",
        [0xfeff]
            .into_iter()
            .chain("“It rained” — he said.".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>(),
    );
    for (a, b, code) in [("a", "a", 1), ("a", "b", 1), ("a", "utf16", 1), ("a", "c", 0), ("a", "none", 2)] {
        for more in [&[][..], &["--json"], &["--color", "always"]] {
            let (a, b) = (format!("texts/{a}.txt"), format!("texts/{b}.txt"));
            let run = shelf.run([&["diff", &a, &b], more].concat());
            assert_eq!(run.code(), Some(code), "{a} {b} {more:?}");
        }
    }
}

#[test]
fn what_is_no_text_is_refused_with_the_reason() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "It rained.");
    shelf.put("b.png", b"\x89PNG\r\n\x1a\n\0\0");
    shelf.put("c", b"\0\x01\x02\x03");
    for (b, expected) in [
        ("texts/b.png", "indago: texts/b.png is no text: PNG image\n"),
        ("texts/c", "indago: texts/c is no text: binary\n"),
        ("texts", "indago: cannot read texts: not a regular file\n"),
    ] {
        let run = shelf.run(["diff", "texts/a.txt", b]);
        assert_eq!((run.code(), run.stdout(), run.stderr()), (Some(2), String::new(), expected.to_owned()));
    }
}

#[test]
fn every_part_is_an_object() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.put("a.txt", OLD), shelf.put("b.txt", NEW));
    let run = shelf.run(["diff", "--json", "texts/a.txt", "texts/b.txt"]);
    let lines: Vec<serde_json::Value> =
        run.stdout().lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let (old, new) = (OLD.lines().nth(1), NEW.lines().nth(1));
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[..2],
        [
            json!({"type": "diff", "kind": "kept", "sentences": 1, "a": {"line": 1, "end_line": 1}, "b": {"line": 1, "end_line": 1}}),
            json!({
                "type": "diff", "kind": "changed", "sentences": 1,
                "a": {"line": 2, "end_line": 2, "text": old}, "b": {"line": 2, "end_line": 2, "text": new},
                "words": [
                    {"kind": "kept", "text": "The U.S. Army"}, {"kind": "removed", "text": "left"},
                    {"kind": "added", "text": "will leave"}, {"kind": "kept", "text": "the base of Agadez in May."},
                ],
            }),
        ]
    );
    assert_eq!(
        lines[3],
        json!({"type": "diff", "kind": "removed", "sentences": 1, "a": {"line": 4, "end_line": 4, "text": "A dog barked."}})
    );
    let summary = &lines[5];
    assert_eq!(summary["type"], "summary");
    assert_eq!((&summary["a"], &summary["b"]), (&json!(a), &json!(b)));
    assert_eq!((&summary["kept"], &summary["typographic"]), (&json!(2), &json!(1)));
}

#[test]
fn a_sentence_that_moved_is_found_again() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "The keeper lit his lamp at six.\nIt rained.\nA dog barked.\n");
    shelf.put("b.txt", "It rained.\nA dog barked.\nThe keeper lit his lamp at six.\n");
    let shown = shelf.run(["diff", "texts/a.txt", "texts/b.txt"]).stdout();
    assert!(shown.contains("1   - The keeper lit his lamp at six. (now in line 3)\n"), "{shown}");
    assert!(shown.contains("  3 + The keeper lit his lamp at six. (was in line 1)\n"), "{shown}");
}

#[test]
fn nothing_reaches_a_terminal_raw() {
    let shelf = Shelf::new();
    shelf.put("a.txt", "The lamp \x1b[2J was lit by the keeper.");
    shelf.put("b.txt", "The lamp \x1b]0;x\x07 was lit by the keeper.");
    let shown = shelf.run(["diff", "texts/a.txt", "texts/b.txt"]).stdout();
    assert!(!shown.contains('\x1b') && shown.contains("␛"), "{shown}");
}
