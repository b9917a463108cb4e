//! What must meet meets, whichever side it stands on: the analysis as the program's user knows it.

use crate::shelf::Shelf;

/// Spellings of one thing, a row: each must find all of its row.
const SPELLINGS: [&[&str]; 110] = [
    // Acronyms.
    &["U.S.", "U.S", "US"],
    &["U.N.", "UN", "un"],
    &["W.H.O.", "WHO"],
    &["U.S.A.", "USA", "usa"],
    &["a.m.", "AM"],
    &["NGOs", "ngos"],
    &["NATO", "nato"],
    // Apostrophes.
    &["Jama’at", "Jama'at", "jamaat", "jama'at", "Jamaʿat"],
    &["Niger’s", "Niger's", "Niger", "NIGER"],
    &["O'Neill", "O’Neill", "ONeill", "oneill", "O`Neill", "O'NEILL"],
    &["D'Angelo", "d’angelo", "DAngelo", "dangelo"],
    &["don't", "don’t", "dont", "DON'T"],
    &["l'homme", "L’Homme"],
    &["McDonald", "mcdonald", "MCDONALD", "McDonald's", "McDonald’s"],
    &["soldiers", "soldiers'", "soldiers’", "“soldiers”", "‘soldiers’", "soldier's", "(soldiers)"],
    &["rock'n'roll", "rock’n’roll"],
    // Spellings of Britain and America.
    &["defence", "defense", "defences"],
    &["neighbouring", "neighboring", "neighbour", "neighbors"],
    &["programme", "program", "programmes", "programs"],
    &["organisation", "organization", "Organisations"],
    &["analyse", "analyze", "analysed", "analyzing"],
    &["travelled", "traveled", "travelling"],
    &["catalogue", "catalog"],
    &["haemoglobin", "hemoglobin", "Hæmoglobin"],
    &["paediatrics", "pediatric", "paediatric"],
    &["ischaemia", "ischemia"],
    &["sceptical", "skeptical", "skeptics"],
    &["enquiries", "inquiry"],
    &["licencing", "licensing", "licence", "license"],
    // Inflections.
    &["withdraw", "withdraws", "withdrawing"],
    // Numbers.
    &["1,000", "1000", "1'000", "1’000", "1٬000", "１０００", "１，０００"],
    &["12,345,678", "12345678"],
    &["$110", "110", "110.", "£110", "110€", "¥110", "#110", "(110)"],
    &["50%", "50", "٥٠", "५०", "๕๐", "۵۰", "50٪", "50％"],
    &["3.14", "3٫14"],
    &["24/7", "24/7,"],
    &["9/11", "9-11"],
    &["3rd", "3RD"],
    &["½", "1/2", "1⁄2"],
    &["m²", "m2"],
    &["x₂", "x2", "X₂"],
    &["CO₂", "CO2", "co2"],
    &["№7", "7"],
    &["Ⅷ", "VIII", "viii"],
    // Versions, dates, times, addresses, and other numbers in groups.
    &["v1.2.3", "1.2.3", "V1.2.3", "v1.2.3,"],
    &["2024-04-20", "20240420"],
    &["2024-04-20", "2024/04/20", "2024.04.20"],
    &["20.04.2024", "20/04/2024"],
    &["10:30", "10.30"],
    &["192.168.17.1", "192.168.17.1:"],
    &["fe80::1ff:fe23:4567:890a", "FE80::1FF:FE23:4567:890A"],
    &["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e"],
    &["00-1A-2B-3C-4D-5E", "001a2b3c4d5e"],
    &[
        "123e4567-e89b-12d3-a456-426614174000",
        "123E4567-E89B-12D3-A456-426614174000",
        "123e4567e89b12d3a456426614174000",
    ],
    &["978-3-16-148410-0", "9783161484100"],
    &["da39a3ee5e6b4b0d3255bfef95601890afd80709", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"],
    // Hyphens.
    &["long-expected", "longexpected", "long‑expected", "long‐expected", "Long-Expected", "LONG-EXPECTED"],
    &["e-mail", "email", "E-Mail", "eMail", "emails"],
    &["co‑operate", "cooperate", "co-operate", "coöperate", "cooperating"],
    &["soft\u{ad}hyphen", "softhyphen", "soft-hyphen"],
    &["zero\u{200d}width", "zerowidth", "zero\u{200b}width", "zero\u{2060}width"],
    // Letters with marks, and letters that are others in disguise.
    &["café", "cafe", "cafe\u{301}", "CAFÉ"],
    &["Škoda", "skoda", "SKODA", "S\u{30c}koda"],
    &["Straße", "strasse", "STRASSE", "STRAẞE"],
    &["Ærø", "aero"],
    &["Łódź", "lodz", "łódź"],
    &["Đặng", "dang", "Đa\u{323}\u{306}ng"],
    &["ırmak", "irmak"],
    &["İzmir", "izmir", "IZMIR"],
    &["œuvre", "oeuvre", "ŒUVRE"],
    &["þing", "thing"],
    &["ﬁle", "file", "FILE", "ｆｉｌｅ", "𝐟𝐢𝐥𝐞"],
    &["Ｆｕｌｌ", "full"],
    &["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς", "οδυσσευς", "Ὀδυσσεύς"],
    &["ёлка", "Елка", "ЁЛКА", "е\u{308}лка"],
    &["Йод", "йод", "и\u{306}од"],
    &["שָׁלוֹם", "שלום"],
    &["مُحَمَّد", "محمد", "محمـــد"],
    &["col·legi", "collegi", "col·legis"],
    // Scripts without spaces.
    &["ｶﾀｶﾅ", "カタカナ"],
    &["ガイド", "ｶﾞｲﾄﾞ", "カ\u{3099}イト\u{3099}"],
    &["한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"],
    &["神社", "神\u{fe00}社"],
    &["ภาษาไทย", "ภาษาไทย!"],
    &["ភាសាខ្មែរ", "«ភាសាខ្មែរ»"],
    // Identifiers.
    &[
        "parseHTTPHeader",
        "parse_http_header",
        "ParseHttpHeader",
        "PARSE_HTTP_HEADER",
        "parse-http-header",
        "parsehttpheader",
    ],
    &["XMLHttpRequest", "xml_http_request", "xmlhttprequest"],
    &["getURLs", "get_urls", "geturls"],
    &["__init__", "init"],
    &["iPhone", "iphone", "IPHONE", "iPhone's"],
    &["IPv6", "ipv6", "IPV6"],
    &["std::vec::Vec", "std::vec::vec", "std.vec.Vec", "std/vec/vec"],
    &["node.js", "Node.js", "NODE.JS"],
    &["C++", "c++"],
    &["C#", "c#"],
    &["F#", "f#"],
    &[".NET", ".Net", ".net"],
    &["ASP.NET", "asp.net"],
    &["R&D", "r&d", "R & D"],
    &["AT&T", "at&t"],
    &["a->b", "a.b"],
    &["foo(bar)", "foo(bar);", "foo[bar]"],
    // Addresses and paths.
    &["jo.doe@host.org", "<Jo.Doe@Host.org>", "mailto:jo.doe@host.org"],
    &["https://example.org/a/b?c=d#e", "example.org/a/b?c=d#e", "HTTPS://EXAMPLE.ORG/a/b?c=d#e"],
    &["src/main/app.rs", "./src/main/app.rs", "src\\main\\app.rs"],
    &["C:\\Users\\doe", "c:\\users\\doe", "C:/Users/doe"],
    &["#hashtag", "hashtag", "＃hashtag"],
    &["@mention", "mention", "＠mention"],
    &["👍", "👍🏽"],
    &["❤️", "❤"],
];

#[test]
fn spellings_of_one_thing_find_each_other() {
    let shelf = Shelf::new();
    for (row, spellings) in SPELLINGS.iter().enumerate() {
        for (n, spelling) in spellings.iter().enumerate() {
            shelf.put(format!("row{row}spelling{n}"), format!("so {spelling} stands\n"));
        }
    }
    shelf.ingest().succeeded();
    let mut apart = Vec::new();
    for (row, spellings) in SPELLINGS.iter().enumerate() {
        for asked in *spellings {
            let found = literal(&shelf, asked);
            for (n, written) in spellings.iter().enumerate() {
                if !found.contains(&format!("row{row}spelling{n}")) {
                    apart.push(format!("`{asked}` does not find `{written}`"));
                }
            }
        }
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

/// What is written, and questions that find it: parts, rows of parts, and the whole in other words.
const PARTS: [(&str, &[&str]); 22] = [
    (
        "parseHTTPHeader",
        &["parse", "http", "header", "parse http header", "\"parse http header\"", "\"http header\"", "parseHttp"],
    ),
    ("parse_http_header", &["http", "\"parse http\"", "http_header", "httpHeader"]),
    ("PARSE_HTTP_HEADER", &["header", "\"http header\"", "parse-http-header"]),
    ("long-expected", &["long", "expected", "\"long expected\""]),
    ("jo.doe@host.org", &["jo", "doe", "host.org", "jo.doe", "@host.org", "\"doe host\""]),
    (
        "https://example.org/news/a_b.html?page=3#top",
        &["example.org", "news", "a_b.html", "page=3", "news/a_b", "\"example org\""],
    ),
    (
        "src/parse_header.rs",
        &["parse_header.rs", "parse_header", "parseHeader", "header", "src/parse_header", "\"parse header rs\""],
    ),
    ("C:\\Users\\doe\\notes.txt", &["Users", "notes.txt", "Users\\doe", "\"users doe notes\""]),
    ("v1.2.3-rc4", &["v1.2.3", "1.2.3", "v1.2", "1.2", "v1", "rc4", "\"1 2 3 rc4\""]),
    ("2024-04-20T10:30", &["2024-04-20", "2024", "10:30", "2024-04"]),
    ("192.168.17.1:8080", &["192.168.17.1", "8080", "192.168"]),
    ("std::vec::Vec<u8>", &["std::vec", "vec::Vec", "u8", "std"]),
    ("foo(bar, baz)", &["foo", "bar", "foo(bar)"]),
    ("node->next", &["node", "next", "\"node next\""]),
    ("AT&T", &["at", "t"]),
    ("D’Angelo", &["angelo", "\"d angelo\""]),
    ("iPhone's", &["phone", "iphone", "\"i phone\""]),
    ("東京都庁", &["東京", "京都", "都庁", "東京都", "\"京都庁\"", "東京都庁"]),
    ("ภาษาไทย", &["ภาษา", "ไทย", "าไ"]),
    ("中文Linux系统", &["中文", "linux", "系统", "Linux系统"]),
    ("한국어처리", &["한국", "국어", "처리"]),
    ("exam-\nple", &["example", "EXAMPLE", "exam-ple"]),
];

#[test]
fn compounds_are_found_by_their_parts_and_by_rows_of_them() {
    let shelf = Shelf::new();
    for (row, (written, _)) in PARTS.iter().enumerate() {
        shelf.put(format!("row{row}"), format!("so {written} stands\n"));
    }
    shelf.ingest().succeeded();
    let mut lacking = Vec::new();
    for (row, (written, questions)) in PARTS.iter().enumerate() {
        for question in questions.iter().filter(|question| !shelf_has(&shelf, question, row)) {
            lacking.push(format!("`{question}` does not find `{written}`"));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

/// What is written, and what must not find it.
const APART: [(&str, &[&str]); 26] = [
    ("withdrew", &["withdraw", "withdraws", "withdrawing"]),
    ("C++", &["C", "c", "C#", "g++"]),
    ("C#", &["C", "C++", "F#"]),
    ("C", &["C++", "C#"]),
    ("about us", &["US", "U.S.", "\"US\""]),
    ("who knows", &["WHO", "W.H.O."]),
    ("as it is", &["IT", "I.T.", "AS"]),
    ("1,000,000", &["1000", "1,000"]),
    ("1.5", &["15"]),
    ("v1.2.3", &["v1.3", "1.3", "v2.3.1"]),
    ("storey", &["store", "restore"]),
    ("tyres", &["tire", "tired"]),
    ("cheque", &["check"]),
    ("kerb", &["curb"]),
    ("draught", &["draft"]),
    ("prologue", &["Prolog"]),
    ("exercise", &["exercize"]),
    ("metro", &["metre"]),
    ("promise", &["prom"]),
    ("programmer", &["prom"]),
    ("wise", &["wize"]),
    ("東京", &["京東"]),
    ("parse header", &["parseHTTPHeader", "header_parse", "parsehead"]),
    ("long awaited, expected", &["long-expected"]),
    ("to get her there", &["together"]),
    ("the rapist", &["therapist"]),
];

#[test]
fn what_only_looks_alike_stays_apart() {
    let shelf = Shelf::new();
    for (row, (written, _)) in APART.iter().enumerate() {
        shelf.put(format!("row{row}"), format!("so {written} stands\n"));
    }
    // What is told apart must be known for what it is.
    shelf.put("acronyms", "the US, the WHO and IT; AS numbers; together with a therapist");
    shelf.ingest().succeeded();
    let mut mixed = Vec::new();
    for (row, (written, questions)) in APART.iter().enumerate() {
        for question in questions.iter().filter(|question| shelf_has(&shelf, question, row)) {
            mixed.push(format!("`{question}` finds `{written}`"));
        }
    }
    assert!(mixed.is_empty(), "{}", mixed.join("\n"));
}

fn shelf_has(shelf: &Shelf, question: &str, row: usize) -> bool {
    shelf.paths(question).contains(&format!("row{row}"))
}

#[test]
fn an_acronym_comes_before_the_word_that_is_spelled_the_same() {
    let filler = "tell us about us, who is who, and it is what it is: all of us as it was. ".repeat(3);
    let shelf = Shelf::with(&[
        ("pronouns.txt", filler.as_str()),
        ("us.txt", "troops of the US stood at the border for some weeks, as reported by people there"),
        ("dotted.txt", "troops of the U.S. stood at the border for some weeks, as reported by people there"),
        ("who.txt", "a paper that the WHO made on fevers, as reported by people there"),
        ("it.txt", "our IT department has new machines, as reported by people there"),
        ("un.txt", "the U.N. met; the UN adjourned"),
    ]);
    for (question, first) in [
        ("US", &["us.txt", "dotted.txt"][..]),
        ("U.S.", &["us.txt", "dotted.txt"]),
        ("\"US\"", &["us.txt", "dotted.txt"]),
        ("WHO", &["who.txt"]),
        ("WHO fever", &["who.txt"]),
        ("IT department", &["it.txt"]),
        ("IT", &["it.txt"]),
        ("UN", &["un.txt"]),
        ("U.N.", &["un.txt"]),
        ("un", &["un.txt"]),
    ] {
        let found = shelf.paths(question);
        let mut head = found[..first.len().min(found.len())].to_vec();
        head.sort_by_key(|path| first.iter().position(|name| name == path));
        assert_eq!(head, first, "{question}: {found:?}");
    }
    assert!(shelf.paths("us").contains(&"us.txt".to_string()), "typed small, it is both");
    assert!(shelf.paths("us").contains(&"pronouns.txt".to_string()), "typed small, it is both");
}

#[test]
fn words_that_hold_sentences_together_are_found_in_phrases() {
    let shelf =
        Shelf::with(&[("hamlet.txt", "To be, or not to be: that is the question."), ("be.txt", "not to be or to")]);
    assert_eq!(shelf.paths("\"to be or not to be\""), ["hamlet.txt"]);
    assert_eq!(shelf.paths("to be or not to be").len(), 2);
}

/// The texts that a question of plain words finds, best first.
fn literal(shelf: &Shelf, question: &str) -> Vec<String> {
    let run = shelf.run(["query", "--literal", "-l", "--", question]);
    assert!(matches!(run.code(), Some(0 | 1)), "{question}: {run:?}");
    run.stdout().lines().map(|line| line.replace("texts/", "")).collect()
}
