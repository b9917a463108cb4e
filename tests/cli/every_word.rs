//! Every word of a text finds it, whatever the text: through the real index, with the library's own search.

use std::env;

use indago::analyse::{Analyzer, Kind};
use indago::index::Snapshot;
use indago::question::{self, Node, Span};
use indago::search::{self, Options};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::shelf::Shelf;

/// Texts of everything that the analysis has rules for, and of anything else.
fn texts() -> impl Strategy<Value = String> {
    let words = select(vec![
        "U.S.", "US", "WHO", "it", "1,000", "l'", "C++", "C#", "://", "'s", ".NET", "0x", "v1.", "e-", "who", "AT&T",
    ])
    .prop_map(str::to_owned);
    let marks = select(vec![
        "é", "ß", "Æ", "Ł", "И", "Й", "й", "\u{306}", "\u{301}", "\u{ad}", "\u{200d}", "ﬁ", "Ｆ", "１", "½", "²", "٣",
        "‑", "—", "·", "ʿ",
    ])
    .prop_map(str::to_owned);
    let scripts = select(vec![
        "東",
        "京",
        "ｶﾞ",
        "ー",
        "々",
        "한",
        "\u{1112}\u{1161}\u{11ab}",
        "ไ",
        "ท",
        "ย",
        "ខ",
        "ម",
        "က",
        "ລ",
        "😀",
        "हि",
        "שׁ",
        "مُ",
    ])
    .prop_map(str::to_owned);
    let piece = prop_oneof![
        5 => "[a-zA-Z]{1,5}",
        2 => "[0-9]{1,4}",
        4 => "[-._/:@'’,+#&?=%~`()<>\\\\\"*!$]{1,2}",
        4 => " |\n|-\n|\t|\r\n|\u{3000}",
        2 => words,
        2 => marks,
        2 => scripts,
        1 => ("[a-zé]", 40_usize..90).prop_map(|(letter, times)| letter.repeat(times)),
        1 => "\\PC",
        1 => any::<char>().prop_map(String::from),
    ];
    // What a terminal takes for a command is no text (the analysis knows it by the escape before it), and a number
    // with thin spaces in it is one word, but several to whoever types it. A file with a NUL is no text either.
    let text = prop::collection::vec(piece, 1..60).prop_map(|pieces| pieces.concat());
    text.prop_map(|text| text.replace(['\0', '\u{1b}', '\u{a0}', '\u{2007}', '\u{2009}', '\u{202f}', '\u{feff}'], " "))
}

/// The words of a text, as the reader of questions separates them.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect()
}

/// The terms that words come to; none for `&`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    Analyzer::new().tokens(text, |token| {
        if token.kind == Kind::Part {
            parts.push(token.term.to_owned());
        }
    });
    parts
}

fn quoted(text: &str) -> Node {
    Node::Phrase { text: text.to_owned(), slop: None, span: Span { start: 0, end: text.len() } }
}

/// Every word of a text finds it: typed as it stands, in quotes, in quotes with the next one, and part by part.
///
/// A word is what stands between white space and control characters; words that come to nothing (`&`) are left out. Of
/// a part, the first 64 bytes count. `INDAGO_CASES` says how many texts are tried, `INDAGO_SEED` where they begin.
#[test]
fn every_word_of_a_text_finds_it() {
    let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (cases, seed): (u32, u32) = (number("INDAGO_CASES", 40), number("INDAGO_SEED", 1));
    let config = Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let ended = runner.run(&texts(), |text| {
        // What others have must not hide what this one has.
        let others = "the US and us; who is WHO; it, IT; v1 1 2 3; 東 京 東京; c c++ parse http";
        let shelf = Shelf::with(&[("text", text.as_str()), ("others", others)]);
        let snapshot = Snapshot::open(&shelf.home().join("index")).expect("an index");
        let options = Options { limit: None, passages: 0, suggest: false, ..Options::default() };
        let finds = |question: &Node| {
            let answer = search::answer(&snapshot, question, &options).expect("an answer");
            answer.hits.iter().any(|hit| hit.path.ends_with("text"))
        };
        let words: Vec<&str> = words(&text).into_iter().filter(|word| !parts(word).is_empty()).collect();
        for word in &words {
            let typed = question::literal(word).expect("a word");
            prop_assert!(finds(&typed), "{word:?} as typed, in {text:?}");
            prop_assert!(finds(&quoted(word)), "{word:?} in quotes, in {text:?}");
            for part in parts(word) {
                prop_assert!(finds(&question::literal(&part).expect("a part")), "{part:?} of {word:?}, in {text:?}");
            }
        }
        for pair in words.windows(2) {
            prop_assert!(finds(&quoted(&pair.join(" "))), "{pair:?} in quotes, in {text:?}");
        }
        Ok(())
    });
    if let Err(failure) = ended {
        panic!("INDAGO_SEED={seed} INDAGO_CASES={cases}: {failure}");
    }
}
