use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Text {
    Text::new(text.to_owned())
}

/// A comparison in one line: `=2 -It rained. +It snowed. ~The [old|new] lamp.`
fn shown(a: &str, b: &str) -> String {
    let (mut a, mut b) = (text(a), text(b));
    let parts = compare(&mut a, &mut b).parts.into_iter().map(|part| match part {
        Part::Kept { sentences, .. } => format!("={sentences}"),
        Part::Removed { a: side, moved: None } => format!("-{}", a.of(&side.range)),
        Part::Removed { a: side, moved: Some(line) } => format!("-{}@{line}", a.of(&side.range)),
        Part::Added { b: side, moved: None } => format!("+{}", b.of(&side.range)),
        Part::Added { b: side, moved: Some(line) } => format!("+{}@{line}", b.of(&side.range)),
        Part::Changed { pieces, .. } => {
            let pieces = pieces.iter().map(|piece| match piece {
                Piece::Kept(_, kept) => b.of(kept).to_owned(),
                Piece::Changed(old, new) => format!("[{}|{}]", a.of(old), b.of(new)),
            });
            format!("~{}", pieces.collect::<Vec<_>>().join(" "))
        }
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_differs_is_told_by_sentence_and_word() {
    for (a, b, expected) in [
        ("", "", ""),
        ("It rained.", "It rained.", "=1"),
        ("It rained. He left.", "It rained.\nHe\nleft.", "=2"),
        ("“It rained” - he said. So.", "“It rained”\n- he said.\nSo.", "=2"),
        (
            "A lamp:\n- one\n- two.\nHe left at ten.",
            "A lamp: - one - two. He left at six.",
            "=1 ~He left at [ten|six] .",
        ),
        ("It rained.", "", "-It rained."),
        ("", "It rained.", "+It rained."),
        ("He left. It rained.", "He left. A dog barked.", "=1 -It rained. +A dog barked."),
        (
            "The lamp of the harbour was lit.",
            "The lamp of the keeper was lit.",
            "~The lamp of the [harbour|keeper] was lit.",
        ),
        ("It was lit at six.", "It was not lit at six.", "~It was [|not] lit at six."),
        ("The U.S. Army met Gen. Moor. So.", "The U.S. Army met Gen. Moor. No.", "=1 -So. +No."),
        (
            "The keeper lit his old lamp. It rained. A dog barked.",
            "It rained. A dog barked. The keeper lit his old lamp.",
            "-The keeper lit his old lamp.@1 =2 +The keeper lit his old lamp.@1",
        ),
        ("let a = 1;\nlet b = 2;\n", "let a = 1;\nlet b = 3;\n", "=1 ~let b = [2|3] ;"),
        ("港の灯りがともる。船が帰る。", "港の灯りが消える。船が帰る。", "~港の灯りが [とも|消え] る。 =1"),
    ] {
        assert_eq!(shown(a, b), expected, "{a:?} {b:?}");
    }
}

#[test]
fn quotes_and_dashes_are_no_words() {
    for (a, b, typographic) in [
        ("“It’s late” – he said… So.", "\"It's late\" - he said... So.", 1),
        ("A long\u{2011}expected file.", "A long-expected ﬁle.", 1),
        ("It rained.", "It  rained.", 0),
        ("He came -- late.", "He came — late.", 1),
        ("so\u{ad}ft", "soft", 1),
    ] {
        let comparison = compare(&mut text(a), &mut text(b));
        assert!(!comparison.differs(), "{a} {b}: {:?}", comparison.parts);
        assert_eq!(comparison.typographic, typographic, "{a}");
    }
}

#[test]
fn the_share_counts_runs_of_four_words() {
    for (a, b, of_a, of_b) in [
        ("", "", 1.0, 1.0),
        ("one", "", 0.0, 1.0),
        ("one two", "One, two!", 1.0, 1.0),
        ("a b c d e", "a b c d", 0.5, 1.0),
        ("a b c d e", "a b c x e", 0.0, 0.0),
    ] {
        let share = compare(&mut text(a), &mut text(b)).share;
        assert_eq!((share.of_a, share.of_b), (of_a, of_b), "{a:?} {b:?}");
    }
}

#[test]
fn lines_are_those_of_the_files() {
    let (mut a, mut b) = (text("One.\r\n\r\nTwo was here.\r\nThree."), text("One.\n\n\nTwo\nwas there.\nThree."));
    let lines: Vec<_> = compare(&mut a, &mut b)
        .parts
        .into_iter()
        .map(|part| match part {
            Part::Kept { a, b, .. } | Part::Changed { a, b, .. } => (a.line, a.end_line, b.line, b.end_line),
            Part::Removed { a, .. } => (a.line, a.end_line, 0, 0),
            Part::Added { b, .. } => (0, 0, b.line, b.end_line),
        })
        .collect();
    assert_eq!(lines, [(1, 1, 1, 1), (3, 3, 4, 5), (4, 4, 6, 6)]);
}

proptest! {
    #[test]
    fn all_words_of_both_texts_are_told(a in "([a-e]{1,2}[ .,\n]{1,2}){0,40}", b in "([a-e]{1,2}[ .,\n]{1,2}){0,40}") {
        let (mut a, mut b) = (text(&a), text(&b));
        let (mut told_a, mut told_b) = (String::new(), String::new());
        for part in compare(&mut a, &mut b).parts {
            match part {
                Part::Kept { a: one, b: other, .. } => {
                    told_a += a.of(&one.range);
                    told_b += b.of(&other.range);
                }
                Part::Removed { a: one, .. } => told_a += a.of(&one.range),
                Part::Added { b: other, .. } => told_b += b.of(&other.range),
                Part::Changed { pieces, .. } => pieces.into_iter().for_each(|piece| {
                    let (Piece::Kept(one, other) | Piece::Changed(one, other)) = piece;
                    told_a += a.of(&one);
                    told_b += b.of(&other);
                }),
            }
        }
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(bare(&told_a), bare(&a.text));
        prop_assert_eq!(bare(&told_b), bare(&b.text));
    }
}
