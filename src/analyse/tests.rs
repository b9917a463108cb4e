use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;

/// The tokens of `text` in a line: parts as they are, wholes in brackets.
fn shown(text: &str) -> String {
    let mut shown = Vec::new();
    Analyzer::new().tokens(text, |token| {
        shown.push(match token.kind {
            Kind::Part => token.term.to_owned(),
            Kind::Whole => format!("[{}]", token.term),
        });
    });
    shown.join(" ")
}

fn tokens(text: &str) -> Vec<(String, Kind, u32, usize, usize)> {
    let mut tokens = Vec::new();
    Analyzer::new().tokens(text, |token| {
        tokens.push((token.term.to_owned(), token.kind, token.position, token.start, token.end));
    });
    tokens
}

fn parts(text: &str) -> Vec<String> {
    let parts = tokens(text).into_iter().filter(|token| token.1 == Kind::Part);
    parts.map(|(term, ..)| term).collect()
}

fn check(rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(shown(text), *expected, "{text}");
    }
}

#[test]
fn a_colour_is_no_part_of_the_word_behind_it() {
    let mut parts = Vec::new();
    Analyzer::new()
        .tokens("\u{1b}[1;31mlantern\u{1b}[0m lit \u{1b}]x \u{1b}[", |token| parts.push(token.term.to_owned()));
    assert_eq!(parts, ["lantern", "lit", "x"]);
}

#[test]
fn words_and_numbers() {
    check(&[
        ("", ""),
        (" .,;-_'… ", ""),
        ("Hello, World!", "hello world"),
        ("plain lower words", "plain lower words"),
        ("utf8 x86 sha256 MP3 3GPP", "utf8 x86 sha256 mp3 3gpp"),
        ("1,000 troops", "1000 troops"),
        ("1,000,000 1'000 1’000 1٬000", "1000000 1000 1000 1000"),
        ("1\u{a0}000 1\u{202f}000\u{202f}000", "1000 1000000"),
        ("1,2 12,34 1,0000 1,000,00", "1 2 12 34 1 0000 1000 00"),
        ("3.14", "3 14 [3.14]"),
        ("$110 million, 50%", "110 million 50"),
        ("１２３ ١٢٣ १२३", "123 123 123"),
        ("2024-04-20", "2024 04 20 [20240420]"),
        ("10,000ft 1,000-strong", "10000ft 1000 strong [1000strong]"),
        ("0xFF 0xDeadBeef", "0xff 0xdeadbeef"),
    ]);
}

#[test]
fn spellings_fold() {
    check(&[
        ("café cafe\u{301} Škoda Straße", "cafe cafe skoda strasse"),
        ("øre đak Łódź æon œuvre þing ırmak ſo", "ore dak lodz aeon oeuvre thing irmak so"),
        ("ﬁle Ｆｕｌｌ", "file full"),
        ("soft\u{ad}hyphen zero\u{200b}width join\u{200d}er", "softhyphen zerowidth joiner"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("Ёлка МОЙ й", "елка мой й"),
        ("हिन्दी", "हिन्दी"),
    ]);
}

#[test]
fn apostrophes_vanish() {
    check(&[
        ("Jama’at Jama'at Jamaʼat jama`at", "jamaat jamaat jamaat jamaat"),
        ("don't DON’T O'Brien rock'n'roll", "dont dont obrien rocknroll"),
        ("Niger's Niger’s NIGER'S 1990's", "niger niger niger 1990"),
        ("soldiers' 'quoted'", "soldiers quoted"),
        ("l'homme L’Homme", "l homme [lhomme] l homme [lhomme]"),
        ("qu'il d'État dell'arte", "qu il [quil] d etat [detat] dell arte [dellarte]"),
        ("Qurʾan ʿAli", "quran ali"),
    ]);
}

#[test]
fn acronyms_are_one_word_and_a_whole_in_capitals() {
    check(&[
        ("U.S. U.S U.S.A. U.N.", "us [US] us [US] usa [USA] un [UN]"),
        ("u.s. e.g., a.m.", "us [US] eg [EG] am [AM]"),
        ("the US said us WHO", "the us [US] said us who [WHO]"),
        ("U.S.-led US-led", "us [US] led [usled] us [US] led [usled]"),
        ("U.S.’s US's", "us [US] us [US]"),
        ("U.S.Army", "us [US] army [us.army]"),
        ("IS_ERR NO_IRQ", "is err [iserr] no irq [noirq]"),
        ("p.x a.b.c", "p x a b c"),
        ("NATO", "nato"),
    ]);
}

#[test]
fn pieces_of_several_words_have_a_whole() {
    check(&[
        ("long-expected", "long expected [longexpected]"),
        ("co‑operate co‐operate", "co operate [cooperate] co operate [cooperate]"),
        ("a – b—c", "a b c"),
        ("McDonald's GitHub’s", "mc donald [mcdonald] git hub [github]"),
        ("parse_http_header", "parse http header [parsehttpheader]"),
        ("parseHTTPHeader", "parse http header [parsehttpheader]"),
        ("ParseHttpHeader", "parse http header [parsehttpheader]"),
        ("McDonald iPhone", "mc donald [mcdonald] i phone [iphone]"),
        ("PhD NGOs URLs Niger", "ph d [phd] ngos urls niger"),
        ("Base64Encode", "base64 encode [base64encode]"),
        ("__init__ foo__bar _x", "init foo bar [foobar] x"),
        ("--foo-bar a->b", "foo bar [foobar] a b"),
        ("NaïveTest", "naive test [naivetest]"),
    ]);
}

#[test]
fn pieces_held_together_have_a_whole_as_written() {
    check(&[
        ("user@host.org.", "user host org [user@host.org]"),
        ("a/b/c.txt,", "a b c txt [a/b/c.txt]"),
        ("v1.2.3", "v 1 [v1] 2 3 [v1.2.3]"),
        ("V10.2 v1 v1. v1a.2 dev1.2", "v 10 [v10] 2 [v10.2] v1 v1 v1a 2 [v1a.2] dev1 2 [dev1.2]"),
        ("std::fs::read()", "std fs read [std::fs::read]"),
        ("ASP.NET", "asp net [asp.net]"),
        ("foo.bar f.bar", "foo bar [foo.bar] f bar"),
        ("src/parse_header.rs", "src parse header [parseheader] rs [src/parse_header.rs]"),
        ("https://example.org/a?b=c&d=e#f.", "https example org a b c d e f [https://example.org/a?b=c&d=e#f]"),
        ("pkg/__init__.py", "pkg init py [pkg/__init__.py]"),
        ("~/.config/nvim", "config nvim [config/nvim]"),
        ("home/.config", "home config [home/.config]"),
        ("Straße/Größe", "strasse grosse [strasse/grosse]"),
        ("1,000.50", "1000 50 [1000.50]"),
        ("a=b a+b a*b f(x,y)", "a b a b a b f x y"),
        ("and/or", "and or [and/or]"),
        ("10:30", "10 30 [10:30]"),
        ("R&D AT&T a&b A && B", "r d [r&d] at t [at&t] a b a b"),
        ("2024-04-20T10:30", "2024 04 20 10 [20240420t10] 30 [2024-04-20t10:30]"),
    ]);
}

#[test]
fn a_word_broken_at_the_end_of_a_line_is_one_word_too() {
    check(&[
        ("exam-\nple exam-\r\n  ple", "exam ple [example] exam ple [example]"),
        ("do-\ncu-\nment", "do cu ment [document]"),
        ("Verfü-\ngung Bei-\nspiel", "verfu gung [verfugung] bei spiel [beispiel]"),
        ("Äuße-\n\trung", "ausse rung [ausserung]"),
        ("exam‐\nple exam\u{ad}\nple", "exam ple [example] exam ple [example]"),
        ("exam-\nété exam-\nÉté", "exam ete [examete] exam ete"),
        ("exam-\nPle exam -\nple 1-\nple exam--\nple", "exam ple exam ple 1 ple exam ple"),
        ("exam-\n\nple exam-\n“ple” exam-\n東京", "exam ple exam ple exam 東京"),
        ("exam- ple -\nple exam-\n- ple", "exam ple ple exam ple"),
        ("exam-\n", "exam"),
    ]);
}

#[test]
fn languages_keep_their_signs() {
    check(&[
        ("C++ C# F# g++ C++17 C", "c++ c# f# g++ c++ 17 c"),
        ("C/C++", "c c++ [c/c++]"),
        ("foo++ a#b C#x", "foo a b c x"),
        (".NET (.Net) .bashrc x.NET", "net [.net] net [.net] bashrc x net"),
    ]);
}

#[test]
fn scripts_without_spaces_become_pairs() {
    check(&[
        ("東京都", "東京 京都"),
        ("東", "東"),
        ("東京2020年", "東京 2020 年"),
        ("カード ｶｰﾄﾞ", "カー ード カー ード"),
        ("서울시", "서울 울시"),
        ("\u{1112}\u{1161}\u{11ab}글", "한글"),
        ("ไทย", "ไท ทย"),
        ("iPhone手机", "i phone [iphone] 手机"),
        ("東京、大阪", "東京 大阪"),
        ("a😀b", "a 😀 b"),
    ]);
}

#[test]
fn what_must_meet_meets() {
    for (one, other) in [
        ("Jama’at", "jamaat"),
        ("Niger’s", "Niger"),
        ("1,000 troops", "1000 troops"),
        ("café, Škoda, Straße", "cafe, skoda, strasse"),
        ("long-expected", "long expected"),
        ("soft\u{ad}hyphen", "softhyphen"),
        ("ﬁle Ｆｕｌｌ", "file full"),
        ("parseHTTPHeader", "parse_http_header"),
        ("$110 million", "110 million"),
        ("U.S., U.S", "US US"),
        ("50%", "50"),
    ] {
        assert_eq!(parts(one), parts(other), "{one} and {other}");
    }
}

#[test]
fn positions_and_ranges_are_those_of_the_text() {
    let text = "Niger’s long-expected cafe\u{301} U.S. ｶﾞｶ";
    let found: Vec<_> = tokens(text)
        .into_iter()
        .map(|(term, kind, position, start, end)| (term, kind, position, &text[start..end]))
        .collect();
    let row = |term: &str, kind, position, written| (term.to_owned(), kind, position, written);
    assert_eq!(
        found,
        [
            row("niger", Kind::Part, 0, "Niger’s"),
            row("long", Kind::Part, 1, "long"),
            row("expected", Kind::Part, 2, "expected"),
            row("longexpected", Kind::Whole, 1, "long-expected"),
            row("cafe", Kind::Part, 3, "cafe\u{301}"),
            row("us", Kind::Part, 4, "U.S."),
            row("US", Kind::Whole, 4, "U.S."),
            row("ガカ", Kind::Part, 5, "ｶﾞｶ"),
        ]
    );
}

#[test]
fn long_words_are_cut_and_long_wholes_left_out() {
    let word = "ж".repeat(100);
    assert_eq!(parts(&word), ["ж".repeat(32)]);
    assert_eq!(parts(&"x".repeat(100)), ["x".repeat(64)]);
    let path = "abc/".repeat(50) + "d";
    assert!(tokens(&path).iter().all(|token| token.1 == Kind::Part));
}

#[test]
fn an_analyzer_goes_wherever_it_is_needed() {
    fn movable<T: Clone + Send + Sync + 'static>() {}
    movable::<Analyzer>();
}

#[test]
fn a_break_ends_the_analysis() {
    let mut seen = 0;
    let flow = Analyzer::new().tokens_while("one two-three four", |_| {
        seen += 1;
        if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((flow, seen), (ControlFlow::Break(()), 3));
}

/// Texts of the pieces that the rules care about, and of anything else.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9]{1,4}",
        3 => "[-._/:@'’,+#&?=%~`]{1,2}",
        2 => " |\n",
        1 => "U\\.S\\.|1,000|l'|C\\+\\+|://|'s|\\.NET|0x",
        1 => "[éßÆŁиЙй\u{306}\u{301}\u{ad}\u{200d}ﬁＦ１½²٣‑—·]",
        1 => "[東京ｶﾞー한\u{1112}\u{1161}\u{11ab}ไทย😀हि]",
        1 => "\\PC",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunks_alone_yield_the_parts_of_the_text(text in texts()) {
        let mut alone = Vec::new();
        for chunk in text.split_ascii_whitespace() {
            alone.extend(parts(chunk));
        }
        prop_assert_eq!(parts(&text), alone);
    }

    #[test]
    fn tokens_are_well_formed(text in texts()) {
        let mut next = 0;
        for (term, kind, position, start, end) in tokens(&text) {
            prop_assert!(!term.is_empty() && start < end && text.get(start..end).is_some());
            match kind {
                Kind::Part => {
                    prop_assert!(term.len() <= MAX_TERM_BYTES);
                    prop_assert_eq!(position, next);
                    next += 1;
                }
                Kind::Whole => {
                    prop_assert!(term.len() <= MAX_WHOLE_BYTES && position < next);
                }
            }
        }
    }

    #[test]
    fn batches_yield_the_tokens_of_one_run(text in texts(), bytes in 1usize..20) {
        let (mut cursor, mut found) = (Cursor::default(), Vec::new());
        let mut analyzer = Analyzer::new();
        while cursor.offset < text.len() {
            let _ = analyzer.batch(&text, &mut cursor, bytes, |token| {
                found.push((token.term.to_owned(), token.kind, token.position, token.start, token.end));
                ControlFlow::Continue(())
            });
        }
        prop_assert_eq!(found, tokens(&text));
    }

    #[test]
    fn folded_terms_fold_to_themselves(text in "[a-zéßÆЖйőＦﬁжøÀ-ɏͰ-ӿԱ-֏א-تऀ-ॿＡ-ｚ]{1,12}") {
        let once = parts(&text);
        prop_assert_eq!(parts(&once.join(" ")), once);
    }
}
