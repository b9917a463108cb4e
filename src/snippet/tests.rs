use proptest::prelude::*;

use super::*;
use crate::analyse::Kind;

fn word(term: &str) -> Word {
    Word { weight: 1.0, parts: vec![term.to_owned()], ..Word::default() }
}

fn words(terms: &[&str]) -> Wanted {
    Wanted { words: terms.iter().map(|term| word(term)).collect(), phrases: Vec::new() }
}

fn phrase(terms: &str, slop: Option<u32>) -> Wanted {
    let terms = terms.split(' ').map(str::to_owned).collect();
    Wanted { words: Vec::new(), phrases: vec![Phrase { weight: 1.0, terms, slop }] }
}

/// What is marked in a text, slice by slice.
fn marked<'t>(text: &'t str, wanted: &Wanted) -> Vec<&'t str> {
    marks(text, wanted).into_iter().map(|mark| &text[mark]).collect()
}

/// The passages of a text.
fn shown<'t>(text: &'t str, wanted: &Wanted, passages: usize, width_chars: usize) -> Vec<&'t str> {
    let cuts = cut(text, wanted, &Limits { passages, width_chars });
    cuts.into_iter().map(|cut| &text[cut.range]).collect()
}

#[test]
fn every_spelling_of_a_word_is_marked() {
    for (term, text, expected) in [
        ("cafe", "Café, CAFE, cafe\u{301} and cafes", vec!["Café", "CAFE", "cafe\u{301}"]),
        ("harbor", "The harbor's wall", vec!["harbor's"]),
        ("1000", "1,000 or 1000 men", vec!["1,000", "1000"]),
        ("us", "Tell us, U.S.", vec!["us", "U.S."]),
        ("http", "parseHTTPHeader", vec!["HTTP"]),
        ("京都", "東京都", vec!["京都"]),
        ("c++", "C or C++", vec!["C++"]),
    ] {
        assert_eq!(marked(text, &words(&[term])), expected, "{text}");
    }
}

#[test]
fn wholes_and_prefixes_are_marked() {
    let long = Word { wholes: vec!["longexpected".into()], ..Word::default() };
    let us = Word { wholes: vec!["US".into()], ..Word::default() };
    let begun = Word { prefixes: vec!["lant".into()], ..Word::default() };
    let wanted = Wanted { words: vec![long, us, begun], ..Wanted::default() };
    let text = "A long-expected lantern, long seen by us in the U.S. Plant it.";
    assert_eq!(marked(text, &wanted), ["long-expected", "lantern", "U.S."]);
}

#[test]
fn a_phrase_is_marked_but_not_its_words_elsewhere() {
    for (terms, slop, text, expected) in [
        ("harbour lantern", None, "A lantern, a harbour, a harbour lantern.", vec!["harbour lantern"]),
        ("harbour lantern", None, "harbour-lantern; lantern harbour", vec!["harbour-lantern"]),
        (
            "base agadez",
            Some(2),
            "agadez had a base. No base. None in agadez",
            vec!["agadez", "base", "base", "agadez"],
        ),
        ("base agadez", Some(1), "agadez had a base", vec![]),
        ("a a", Some(0), "a b a a", vec!["a", "a"]),
        ("東京 京都", None, "東京都 京都", vec!["東京都"]),
    ] {
        assert_eq!(marked(text, &phrase(terms, slop)), expected, "{text}");
    }
}

#[test]
fn the_window_with_the_most_different_words_wins() {
    let text = "A lantern, a lantern, a lantern.\n\nIt rained all day long.\n\nThe lantern of the harbour was lit.";
    assert_eq!(shown(text, &words(&["lantern", "harbour"]), 1, 60), ["The lantern of the harbour was lit."]);
}

#[test]
fn a_rare_word_beats_common_ones() {
    let mut wanted = words(&["sea", "rain", "lantern"]);
    wanted.words[2].weight = 5.0;
    let text = "The sea and the rain.\n\nNothing here at all.\n\nA lantern.";
    assert_eq!(shown(text, &wanted, 1, 24), ["A lantern."]);
}

#[test]
fn a_second_passage_adds_something() {
    let filler = "Nothing happened for many a day in that town.\n\n".repeat(4);
    let text = format!("The harbour lantern was lit.\n\n{filler}The lantern was old.\n\n{filler}A keeper came.");
    let wanted = words(&["harbour", "lantern", "keeper"]);
    assert_eq!(shown(&text, &wanted, 2, 60), ["The harbour lantern was lit.", "A keeper came."]);
}

#[test]
fn equal_passages_are_shown_once() {
    let text = "The lantern was lit.\n\nIt rained.\n\n".repeat(20) + "A lantern fell.";
    assert_eq!(shown(&text, &words(&["lantern"]), 3, 20), ["The lantern was lit.", "A lantern fell."]);
}

#[test]
fn passages_are_sentences_where_they_fit() {
    let text = "It rained on the town. Gen. Moor lit a lantern in the U.S. embassy. Then he went home and slept.";
    for (width, expected) in [
        (200, text),
        (60, "Gen. Moor lit a lantern in the U.S. embassy."),
        (30, "Gen. Moor lit a lantern in the"),
        (20, "a lantern in the"),
    ] {
        let found = shown(text, &words(&["lantern"]), 1, width);
        assert_eq!(found, [expected], "{width}");
    }
}

#[test]
fn in_code_the_line_is_the_unit() {
    let text = "fn light() {\n    let lantern = find();\n    lantern.light_for_a_very_long_time(&mut harbour);\n}\n";
    assert_eq!(shown(text, &words(&["find"]), 1, 40), ["let lantern = find();"]);
}

#[test]
fn a_heading_is_shown_with_what_follows() {
    let text = "The lantern\n\nIt was lit by the keeper.\n\nHe slept.";
    assert_eq!(shown(text, &words(&["lantern"]), 1, 60), ["The lantern\n\nIt was lit by the keeper."]);
}

#[test]
fn lines_and_columns_are_those_of_an_editor() {
    for (text, line, end_line, column) in [
        ("one\ntwo\nlantern", 3, 3, 1),
        ("one\r\ntwo\r\n\r\n  lantern", 4, 4, 3),
        ("one\rtwo\r\rlantern", 4, 4, 1),
        ("é — \n\nnight, lantern\nday", 3, 3, 8),
    ] {
        let cuts = cut(text, &words(&["lantern"]), &Limits { passages: 1, width_chars: 8 });
        let found: Vec<_> = cuts.iter().map(|cut| (cut.line, cut.end_line, cut.column)).collect();
        assert_eq!(found, [(line, end_line, column)], "{text:?}");
    }
}

#[test]
fn the_beginning_is_the_first_paragraph() {
    for (text, expected) in [
        ("", None),
        (" \n ", None),
        ("\n\nThe sea was calm. It rained.\n\nThen.", Some("The sea was calm. It rained.")),
        ("Harbour\n\nThe sea was calm.", Some("Harbour\n\nThe sea was calm.")),
    ] {
        assert_eq!(beginning(text, 60).map(|cut| &text[cut.range]), expected, "{text:?}");
    }
}

/// What a term may be written as, deep in a long text.
const SPELLINGS: [(&str, &str); 19] = [
    ("lantern", "LANTERN"),
    ("cafe", "café"),
    ("elan", "élan"),
    ("skoda", "Škoda"),
    ("obrien", "O’Brien"),
    ("obrien", "O'Brien"),
    ("jamaat", "Jama’at"),
    ("us", "U.S."),
    ("usa", "U.S.A."),
    ("1000", "1,000"),
    ("1000000", "1'000'000"),
    ("1000", "1\u{a0}000"),
    ("softhyphen", "so\u{ad}ft\u{ad}hyphen"),
    ("full", "Ｆｕｌｌ"),
    ("file", "ﬁle"),
    ("елка", "Ёлка"),
    ("東京", "東京"),
    ("カー", "ｶｰ"),
    ("x", "x"),
];

#[test]
fn no_spelling_is_lost_in_a_long_text() {
    let filler = "Nothing went on for “many” a day in that town, it’s said; don't ask.\n".repeat(1500);
    for (term, written) in SPELLINGS {
        let text = format!("{filler}\nSo {written} was seen.\n\n{filler}");
        let cuts = cut(&text, &words(&[term]), &Limits { passages: 1, width_chars: 60 });
        let found: Vec<_> = cuts.iter().flat_map(|cut| &cut.marks).map(|mark| &text[mark.clone()]).collect();
        assert_eq!(found, [written]);
        let terms = phrase(&format!("so {term} was"), None);
        let cuts = cut(&text, &terms, &Limits { passages: 1, width_chars: 60 });
        assert_eq!(cuts.len(), 1, "{written} in a phrase");
        let nearby = phrase(&format!("{term} seen"), Some(1));
        assert_eq!(cut(&text, &nearby, &Limits { passages: 1, width_chars: 60 }).len(), 1, "{written} near");
    }
}

#[test]
fn compounds_are_found_in_a_long_text() {
    let filler = "Nothing went on for many a day in that town.\n".repeat(1600);
    for (whole, written) in [
        ("longexpected", "long-expected"),
        ("xray", "X-ray"),
        ("US", "U.S."),
        ("parsehttpheader", "parseHTTPHeader"),
        ("lhomme", "l’homme"),
        (".net", ".NET"),
    ] {
        let text = format!("{filler}\nSo {written} was seen.\n\n{filler}");
        let wanted =
            Wanted { words: vec![Word { wholes: vec![whole.into()], ..Word::default() }], ..Wanted::default() };
        let cuts = cut(&text, &wanted, &Limits { passages: 1, width_chars: 60 });
        let found: Vec<_> = cuts.iter().flat_map(|cut| &cut.marks).map(|mark| &text[mark.clone()]).collect();
        assert_eq!(found, [written]);
    }
}

#[test]
fn a_line_without_end_is_cut_between_words() {
    let text = "word ".repeat(100_000) + "lantern " + &"word ".repeat(100_000);
    let found = shown(&text, &words(&["lantern"]), 1, 50);
    assert_eq!(found, ["word word lantern word word word word word word"]);
    let text = "x".repeat(200_000) + "(lantern)" + &"x".repeat(200_000);
    assert!(shown(&text, &words(&["lantern"]), 1, 50)[0].contains("lantern"));
    let text = "\"key\":\"sea\",".repeat(10_000) + "\"lamp\":\"lantern\"," + &"\"key\":\"sea\",".repeat(10_000);
    let found = shown(&text, &words(&["lantern"]), 1, 50);
    assert!(found[0].contains("lamp\":\"lantern\"") && found[0].len() > 35, "{found:?}");
}

/// Words, marks and line ends that the rules care about, and anything else.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "(lantern|harbour|Lantern-light|U\\.S\\.|1,000|café|O'Brien|東京都|Moor)",
        6 => "(the|of|it|rained|e\\.g\\.|Gen\\.|parseLanternFile|don’t)",
        9 => " ",
        2 => "[.!?。,;:] ?",
        2 => "\n|\r\n|\r|\n\n|  \n- ",
        1 => "\\PC",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Some words and phrases to look for.
fn wanteds() -> impl Strategy<Value = Wanted> {
    let terms = prop::sample::subsequence(
        vec!["lantern", "harbour", "us", "1000", "cafe", "obrien", "京都", "the", "of", "moor", "x"],
        0..4,
    );
    let phrases = prop::sample::subsequence(
        vec![("harbour lantern", None), ("the lantern", None), ("lantern moor", Some(3)), ("of the", Some(0))],
        0..3,
    );
    (terms, phrases, any::<bool>()).prop_map(|(terms, phrases, compound)| {
        let mut wanted = words(&terms);
        wanted.phrases = phrases.into_iter().flat_map(|(terms, slop)| phrase(terms, slop).phrases).collect();
        if compound {
            let (wholes, prefixes) = (vec!["lanternlight".into(), "US".into()], vec!["rain".into()]);
            wanted.words.push(Word { weight: 2.0, parts: Vec::new(), wholes, prefixes });
        }
        wanted
    })
}

/// The line and column of a byte, counted the slow way.
fn line_and_column(text: &str, at: usize) -> (u64, u64) {
    let (mut line, mut column, mut last) = (1, 1, b' ');
    for &byte in &text.as_bytes()[..at] {
        match byte {
            b'\n' if last == b'\r' => column = 1,
            b'\n' | b'\r' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
        last = byte;
    }
    (line, column)
}

/// Whether a slice by itself holds something wanted; of nearness, one of the terms.
fn holds(slice: &str, wanted: &Wanted) -> bool {
    let near = wanted.phrases.iter().filter(|phrase| phrase.slop.is_some()).flat_map(|phrase| &phrase.terms);
    let mut terms: Vec<&str> = near.map(String::as_str).collect();
    terms.extend(wanted.words.iter().flat_map(|word| &word.parts).map(String::as_str));
    let wholes: Vec<_> = wanted.words.iter().flat_map(|word| &word.wholes).collect();
    let prefixes: Vec<_> = wanted.words.iter().flat_map(|word| &word.prefixes).collect();
    let (mut parts, mut found) = (Vec::new(), false);
    Analyzer::new().tokens(slice, |token| match token.kind {
        Kind::Whole => found |= wholes.iter().any(|term| *term == token.term),
        Kind::Part => {
            found |= terms.contains(&token.term) || prefixes.iter().any(|prefix| token.term.starts_with(*prefix));
            parts.push(token.term.to_owned());
        }
    });
    let in_a_row = wanted.phrases.iter().filter(|phrase| phrase.slop.is_none());
    found || in_a_row.into_iter().any(|phrase| parts.windows(phrase.terms.len()).any(|run| run == phrase.terms))
}

fn check(text: &str, wanted: &Wanted, limits: Limits) -> Result<Vec<Cut>, TestCaseError> {
    let cuts = cut(text, wanted, &limits);
    prop_assert!(cuts.len() <= limits.passages);
    let mut last = 0;
    for cut in &cuts {
        prop_assert!(cut.range.start >= last && cut.range.start < cut.range.end, "{:?}", cut);
        last = cut.range.end;
        let passage = &text[cut.range.clone()];
        prop_assert_eq!(passage.trim(), passage);
        prop_assert!(passage.chars().count() <= limits.width_chars, "{}", passage);
        prop_assert_eq!((cut.line, cut.column), line_and_column(text, cut.range.start));
        prop_assert_eq!(cut.end_line, line_and_column(text, cut.range.end - 1).0);
        prop_assert!(!cut.marks.is_empty());
        let mut behind = cut.range.start;
        for mark in &cut.marks {
            prop_assert!(mark.start >= behind && mark.start < mark.end && mark.end <= cut.range.end);
            behind = mark.end;
            prop_assert!(holds(&text[mark.clone()], wanted), "{:?}", &text[mark.clone()]);
        }
    }
    Ok(cuts)
}

/// The marks of the whole text's analysis that lie inside a passage.
fn inside(marks: &[Range<usize>], range: &Range<usize>) -> Vec<Range<usize>> {
    marks.iter().filter(|mark| mark.start >= range.start && mark.end <= range.end).cloned().collect()
}

proptest! {
    #[test]
    fn passages_are_well_formed(text in texts(), wanted in wanteds(), passages in 1usize..4, width_chars in 30usize..120) {
        let all = marks(&text, &wanted);
        // A mark wider than a passage is cut.
        prop_assume!(all.iter().all(|mark| mark.len() <= width_chars));
        let cuts = check(&text, &wanted, Limits { passages, width_chars })?;
        prop_assert_eq!(all.is_empty(), cuts.is_empty());
        for cut in &cuts {
            prop_assert_eq!(&cut.marks, &inside(&all, &cut.range));
        }
    }
}

proptest! {
    // Long texts take their time in a debug build.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_long_text_is_marked_as_if_it_were_analysed_whole(
        text in texts(), wanted in wanteds(), copies in 500usize..1500, width_chars in 40usize..120,
    ) {
        let filler = "Nothing went on for “many” a day in this town, it’s said; not once.\n".repeat(copies);
        let text = format!("{filler}\n{text}\n{filler}");
        let all = marks(&text, &wanted);
        prop_assume!(all.iter().all(|mark| mark.len() <= width_chars));
        let cuts = check(&text, &wanted, Limits { passages: 2, width_chars })?;
        prop_assert_eq!(all.is_empty(), cuts.is_empty());
        for cut in &cuts {
            prop_assert_eq!(&cut.marks, &inside(&all, &cut.range));
        }
    }

    #[test]
    fn nothing_panics(text in any::<String>(), term in "\\PC{0,3}", width_chars in 0usize..9, passages in 0usize..4) {
        let wanted = words(&[&term, "a"]);
        let cuts = cut(&text, &wanted, &Limits { passages, width_chars });
        let limit = width_chars.max(1);
        prop_assert!(cuts.iter().all(|cut| text[cut.range.clone()].chars().count() <= limit));
        prop_assert!(beginning(&text, width_chars).is_none_or(|cut| text[cut.range].chars().count() <= limit));
        let long = text.repeat(WHOLE_BYTES / text.len().max(1) + 1);
        cut(&long, &wanted, &Limits { passages, width_chars });
    }
    #[test]
    fn a_text_read_in_pieces_gives_what_the_whole_gives(
        parts in prop::collection::vec((texts(), 0usize..900), 1..4), wanted in wanteds(), piece_bytes in 1000usize..40_000,
        width_chars in 20usize..300, passages in 1usize..4,
    ) {
        let filler = |lines| "Nothing went on for “many” a day in this town, it’s said; not once.\n\n".repeat(lines);
        let text: String = parts.iter().map(|(text, lines)| format!("{text}\n{}{text}", filler(*lines))).collect();
        let limits = Limits { passages, width_chars };
        let whole = cut_from(InMemory { text: &text, piece_bytes: usize::MAX }, &wanted, &limits, &mut Unbiased).expect("memory");
        let pieces = cut_from(InMemory { text: &text, piece_bytes }, &wanted, &limits, &mut Unbiased).expect("memory");
        prop_assert_eq!(&whole, &pieces);
        for (cut, shown) in &pieces.passages {
            prop_assert_eq!(&text[cut.range.clone()], shown);
        }
        if text.len() > WHOLE_BYTES {
            // The best passage of the analysis of all the text is no better.
            let sought = Sought::new(&wanted);
            let found = places::whole(&sought, &mut Analyzer::new(), &text);
            let around = |_: &Range<usize>| found.marks.clone();
            let best = Chooser::new(&text, &sought, &found.places, width_chars).choose(passages, &mut Unbiased, around).passages;
            let best: Vec<_> = best.into_iter().map(|passage| (passage.range, passage.marks)).collect();
            let shown: Vec<_> = pieces.passages.into_iter().map(|(cut, _)| (cut.range, cut.marks)).collect();
            prop_assert_eq!(shown, best);
        }
    }
}
