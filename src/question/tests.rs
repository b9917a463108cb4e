//! The language, as tables: what is typed, and how it is understood.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn now() -> Zoned {
    "2024-04-20T12:00[UTC]".parse().expect("a moment")
}

fn shown(text: &str) -> String {
    match parse(text, &now) {
        Ok(Some(node)) => node.to_string(),
        Ok(None) => String::new(),
        Err(mistake) => format!("{}: {mistake}", mistake.column),
    }
}

fn check(rows: &[(&str, &str)]) {
    for (typed, understood) in rows {
        assert_eq!(&shown(typed), understood, "{typed}");
    }
}

#[test]
fn runs_operators_and_brackets_bind_as_documented() {
    check(&[
        ("", ""),
        (" \t\n\u{0} ", ""),
        ("troops", "troops"),
        ("troops niger", "(troops niger)"),
        ("a b OR c d", "((a b) OR (c d))"),
        ("a OR b AND c", "(a OR (b AND c))"),
        ("red wine OR white AND dry", "((red wine) OR (white AND dry))"),
        ("(a OR b) AND c", "((a OR b) AND c)"),
        ("a AND b AND c OR d OR e", "((a AND b AND c) OR d OR e)"),
        ("(a b) c", "((a b) c)"),
        ("((a))", "a"),
        ("a and b or not c", "(a and b or not c)"),
        ("NOT a", "NOT a"),
        ("-a", "NOT a"),
        ("NOT NOT a", "a"),
        ("NOT -a", "a"),
        ("a NOT b", "(a -b)"),
        ("a AND NOT b", "(a AND NOT b)"),
        ("a OR NOT(b c)", "(a OR NOT (b c))"),
        ("-a -b", "(-a -b)"),
        ("+a b -c", "(+a b -c)"),
        ("+(a OR b) -\"New York Times\"", "(+(a OR b) -\"New York Times\")"),
        ("a(b OR c)", "(a (b OR c))"),
        ("(a)(b)", "(a b)"),
        ("*", "*"),
        ("***", "*"),
        ("a^3 (b c)^0.5 \"d e\"^2", "(a^3 (b c)^0.5 \"d e\"^2)"),
        ("ANDROID NOTE ORDER", "(ANDROID NOTE ORDER)"),
    ]);
}

#[test]
fn words_are_taken_as_people_type_them() {
    let words = [
        "don't",
        "C++",
        "C#",
        ".NET",
        "50%",
        "user@host.org",
        "U.S.",
        "long-expected",
        "/usr/share/doc",
        "/usr/share/",
        "/usr/",
        "/etc/init.d/",
        "std::fs",
        "nosuch:foo",
        "http://x.y/z",
        "http://x.y/z?id=3",
        "12:30",
        "a:b:c",
        r"C:\x",
        "this?",
        "what?!",
        "main()",
        "f(x,y)",
        "a^b",
        "--flag",
        "->",
        "++i",
        "a-b",
        "a+b",
        "foo~bar",
        "~/notes",
        "~",
        "&",
        "/*",
        "*/",
        "?",
        "😀",
        "👨‍👩‍👧",
        "naïve",
        "東京都",
        "Title:x",
        "'tis",
        "x=1",
        "$HOME",
        "#tag",
        "a/b/c.txt",
        "v1.2.3",
        "/drone/",
        "^3",
        "«",
        "–x",
        r"\",
    ];
    for word in words {
        let end = word.len();
        if word == "«" {
            continue;
        }
        let expected = Node::Word { text: word.to_owned(), span: Span { start: 0, end } };
        assert_eq!(parse(word, &now), Ok(Some(expected)), "{word}");
    }
    check(&[
        ("what is this?", "(what is this?)"),
        ("a - b", "(a b)"),
        ("-", ""),
        ("+", ""),
        ("a — b", "(a b)"),
        (r#"\"a\" \(b\) \-c \AND d\*"#, r#"(\"a\" \(b\) \-c \AND d\*)"#),
        (r"My\ Notes", r"My\ Notes"),
        ("a\u{7}b", "(a b)"),
    ]);
}

#[test]
fn stars_question_marks_and_tildes_widen_a_word() {
    check(&[
        ("with*", "with*"),
        ("with**", "with*"),
        ("U.S.*", "U.S.*"),
        ("*stan", "*stan"),
        ("a***b*c", "a*b*c"),
        ("niam?y", "niam?y"),
        ("niam?y?", "niam?y"),
        ("wh?t??", "wh?t"),
        (r"a\*b*c", r"a\*b*c"),
        ("*.rs", "*.rs"),
        ("*a*", "*a*"),
        ("tiani~", "tiani~"),
        ("tchiani~2^3", "tchiani~2^3"),
        ("-tiani~1 x", "(-tiani~1 x)"),
    ]);
    let text = "with*".to_owned();
    let prefix = Node::Prefix { text: text[..4].to_owned(), span: Span { start: 0, end: 5 } };
    assert_eq!(parse(&text, &now), Ok(Some(prefix)));
    assert!(matches!(parse("niam?y", &now), Ok(Some(Node::Wildcard { .. }))));
}

#[test]
fn a_regex_stands_between_slashes_and_has_something_special() {
    let rows = [
        ("/dro(ne|p)s/", Some("dro(ne|p)s")),
        ("/dr.ne/", Some("dr.ne")),
        (r"/a\/b+/", Some("a/b+")),
        ("/a[/]b/", Some("a[/]b")),
        ("/colou?r/^2", Some("colou?r")),
        ("(/x+/ OR y)", Some("x+")),
        ("/a b+/", None),
        ("/a+/b", None),
        ("//", None),
        ("/a+", None),
        ("/usr/bin/", None),
    ];
    for (typed, pattern) in rows {
        let found = format!("{:?}", parse(typed, &now));
        let expected = pattern.map(|pattern| format!("Regex {{ pattern: {pattern:?}"));
        assert_eq!(found.contains("Regex"), expected.is_some(), "{typed}: {found}");
        assert!(expected.is_none_or(|expected| found.contains(&expected)), "{typed}: {found}");
    }
}

#[test]
fn phrases_stand_in_straight_or_curly_quotes() {
    check(&[
        ("\"air base\"", "\"air base\""),
        ("“air base”", "\"air base\""),
        ("„air base“ x", "(\"air base\" x)"),
        ("«air base»", "\"air base\""),
        ("\"base agadez\"~3", "\"base agadez\"~3"),
        ("“base agadez”~3^2", "\"base agadez\"~3^2"),
        (r#""say \"no\" twice""#, r#""say \"no\" twice""#),
        ("a\"b c\"d", "(a \"b c\" d)"),
        ("\"(a AND\"", "\"(a AND\""),
    ]);
}

#[test]
fn fields_and_filters_narrow_what_stands_beside_them() {
    check(&[
        ("title:x", "title:x"),
        ("title:\"a b\"~2", "title:\"a b\"~2"),
        ("title:(a b)", "title:(a b)"),
        ("-title:x y", "(-title:x y)"),
        ("title:x^3 y", "(+title:x^3 y)"),
        ("path:reports/ troops", "(+path:reports/ troops)"),
        ("path:x*", "path:x*"),
        ("path:/init.d/", r"path:\/init.d/"),
        (r"path:My\ Notes/", r"path:My\ Notes/"),
        ("title:std::fs", "title:std::fs"),
        ("title:ext:md", r"title:ext\:md"),
        ("a ext:md", "(a +ext:md)"),
        ("ext:.MD", "ext:md"),
        ("ext:md,rst a", "(+(ext:md OR ext:rst) a)"),
        ("(ext:md OR ext:txt) a", "(+(ext:md OR ext:txt) a)"),
        ("-ext:md a", "(-ext:md a)"),
        ("type:PDF lang:FR", "(+type:pdf +lang:fr)"),
        ("ext:\"md\"", "ext:md"),
        ("(a ext:md)", "(a +ext:md)"),
        ("size:<=4k", "size:..4096"),
        ("size:1k..2k", "size:1024..2048"),
        ("modified:2024", "modified:2024-01-01T00:00:00Z..2024-12-31T23:59:59Z"),
        ("modified:2026-01..2026-03", "modified:2026-01-01T00:00:00Z..2026-03-31T23:59:59Z"),
        ("after:7d", "modified:2024-04-13T12:00:00Z.."),
        ("after:2024-04-20", "modified:2024-04-20T00:00:00Z.."),
        ("before:2024-04-20", "modified:..2024-04-19T23:59:59Z"),
    ]);
}

#[test]
fn a_mistake_says_where_it_is_and_what_was_expected() {
    check(&[
        ("foo AND", "8: expected a word after AND"),
        ("foo AND )", "9: expected a word after AND"),
        ("AND foo", "1: expected a word before AND"),
        ("été OR", "7: expected a word after OR"),
        ("a OR AND b", "6: expected a word before AND"),
        ("a AND OR b", "7: expected a word after AND"),
        ("(OR a)", "2: expected a word before OR"),
        ("a NOT", "6: expected a word after NOT"),
        ("NOT AND a", "5: expected a word after NOT"),
        ("a AND -", "8: expected a word after AND"),
        ("\"unbalanced", "1: expected a closing \""),
        ("ab “unbalanced", "4: expected a closing ”"),
        ("6\" pipe", "2: expected a closing \""),
        ("\"\"", "1: expected words between the quotes"),
        ("x \" \"", "3: expected words between the quotes"),
        ("\"a b\"~", "6: expected a number of words after ~"),
        ("\"a b\"~99999999999", "6: expected a number of words after ~"),
        ("(a", r"1: expected a ) for this bracket; \( is taken as it stands"),
        ("a (b (c)", r"3: expected a ) for this bracket; \( is taken as it stands"),
        ("a)", r"2: expected no ) here, as no bracket is open; \) is taken as it stands"),
        ("()", "2: expected a word between the brackets"),
        ("( - )", "5: expected a word between the brackets"),
        ("tiani~3", "7: expected a distance of 1 or 2 after ~"),
        ("tiani~0.8", "7: expected a distance of 1 or 2 after ~"),
        ("a^2000", "2: expected a weight from 0 to 1000 after ^"),
        ("a^1.2.3", "2: expected a weight from 0 to 1000 after ^"),
        ("\"a b\"^x", "6: expected a weight from 0 to 1000 after ^"),
        ("title:", "1: expected a word, a phrase or a group right after title:"),
        ("a title: x", "3: expected a word, a phrase or a group right after title:"),
        ("(path:)", "2: expected a word, a phrase or a group right after path:"),
        ("ext:", "5: expected a file extension such as md after ext:"),
        ("ext:a/b", "5: expected a file extension such as md after ext:"),
        ("type:", "6: expected a kind of file such as pdf after type:"),
        ("lang:french", "6: expected a language code such as fr after lang:"),
        ("size:abc", "6: expected a size such as 10mb, >4k or 1mb..2mb after size:"),
        ("size:2mb..1mb", "6: expected a range that ends after it begins"),
        ("modified:2025..2024", "10: expected a range that ends after it begins"),
        ("a before:soon", "10: expected a date (2024, 2024-04, 2024-04-20) or an age (7d, 3w, 6mo, 1y) after before:"),
        ("after:", "7: expected a date (2024, 2024-04, 2024-04-20) or an age (7d, 3w, 6mo, 1y) after after:"),
    ]);
}

#[test]
fn literal_takes_everything_as_words() {
    assert_eq!(literal(" \t"), None);
    assert_eq!(literal("a"), Some(Node::Word { text: "a".to_owned(), span: Span { start: 0, end: 1 } }));
    assert_eq!(literal("(a  AND\n\"b title:x").expect("words").to_string(), r#"(\(a \AND \"b title\:x)"#);
}

#[test]
fn long_and_deep_questions_take_linear_time() {
    let nested = |depth| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(shown(&nested(MAX_DEPTH)), "a");
    let deepest = format!("{}: expected at most {MAX_DEPTH} brackets inside each other", MAX_DEPTH + 1);
    let start = Instant::now();
    assert_eq!(shown(&nested(10_000)), deepest);
    assert_eq!(shown(&"*".repeat(4_000)), "*");
    for piece in
        ["word ", "a AND ", "-a ", "(a)", "a(b)", "NOT ", "a(", "a\"b\"", "*a", "/a", "- ", "\\", "a^", "title:", "x)"]
    {
        let _ = parse(&piece.repeat(100_000), &now);
    }
    let words = parse(&"word ".repeat(100_000), &now);
    assert!(matches!(words, Ok(Some(Node::Bag(members))) if members.len() == 100_000));
    // Milliseconds when linear, minutes when not.
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// Every span in the tree.
fn spans(node: &Node, found: &mut Vec<Span>) {
    match node {
        Node::All => {}
        Node::Word { span, .. }
        | Node::Phrase { span, .. }
        | Node::Prefix { span, .. }
        | Node::Wildcard { span, .. }
        | Node::Regex { span, .. }
        | Node::Fuzzy { span, .. }
        | Node::Filter { span, .. } => found.push(*span),
        Node::Field { node, span, .. } => {
            found.push(*span);
            spans(node, found);
        }
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| spans(node, found)),
        Node::Bag(members) => members.iter().for_each(|(_, node)| spans(node, found)),
        Node::Not(node) | Node::Weighted(node, _) => spans(node, found),
    }
}

/// The tree, whatever places of the question its parts stand at.
fn without_places(mut node: Node) -> Node {
    fn clear(node: &mut Node) {
        match node {
            Node::All => {}
            Node::Word { span, .. }
            | Node::Phrase { span, .. }
            | Node::Prefix { span, .. }
            | Node::Wildcard { span, .. }
            | Node::Regex { span, .. }
            | Node::Fuzzy { span, .. }
            | Node::Filter { span, .. } => *span = Span { start: 0, end: 0 },
            Node::Field { node, span, .. } => {
                *span = Span { start: 0, end: 0 };
                clear(node);
            }
            Node::And(nodes) | Node::Or(nodes) => nodes.iter_mut().for_each(clear),
            Node::Bag(members) => members.iter_mut().for_each(|(_, node)| clear(node)),
            Node::Not(node) | Node::Weighted(node, _) => clear(node),
        }
    }
    clear(&mut node);
    node
}

/// How many questions a property is tried on; more with `INDAGO_CASES`.
fn cases() -> ProptestConfig {
    let cases = std::env::var("INDAGO_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases.unwrap_or(1000)) }
}

fn assert_sound(text: &str) {
    let mut found = Vec::new();
    match parse(text, &now) {
        Ok(node) => {
            node.iter().for_each(|node| {
                spans(node, &mut found);
                let shown = node.to_string();
                let again = parse(&shown, &now).map(|again| again.map(without_places));
                assert_eq!(again, Ok(Some(without_places(node.clone()))), "{text:?} is shown as {shown:?}");
            });
        }
        Err(mistake) => {
            assert!(mistake.column >= 1 && mistake.column <= text.chars().count() + 1, "{text:?}: {mistake:?}");
            found.push(mistake.span);
        }
    }
    for span in found {
        assert!(text.get(span.start..span.end).is_some(), "{text:?}: {span:?}");
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text_is_understood_or_a_mistake(text: String) {
        assert_sound(&text);
        literal(&text).iter().for_each(|node| drop(node.to_string()));
    }

    #[test]
    fn any_mixture_of_the_languages_pieces_is_understood_or_a_mistake(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "été", "lang:fr", "type:", ",", ":", "[", "]", "{2}", "|", "$", "a.b", "–", "\t", " ", " ", "?", "(", ")", "\"", "“", "”", "+", "-", "AND", "OR", "NOT", "~", "^", "2", ".", "*", "?", "/", "\\", "[",
            "title:", "path:", "ext:", "size:", "modified:", "after:", "..", ">", "2024", "7d", "mb", "😀", "\0", "«", "»", "—",
        ]), 0..24),
    ) {
        let text = pieces.concat();
        assert_sound(&text);
        literal(&text).iter().for_each(|node| drop(node.to_string()));
        if let Ok(Some(node)) = parse(&text, &now) {
            prop_assert!(!node.to_string().contains('\0'));
        }
    }
}
