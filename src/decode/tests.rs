//! What decoding promises, language by language and damage by damage.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, GBK, SHIFT_JIS, WINDOWS_1252};
use proptest::prelude::*;

use super::*;

fn encoded(name: &str, text: &str) -> Vec<u8> {
    let (bytes, encoding, unmappable) = named(name).expect("a known name").encode(text);
    assert!(!unmappable && encoding != UTF_8, "{name} cannot write {text}");
    bytes.into_owned()
}

fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

#[test]
fn texts_in_legacy_encodings_read_as_they_were_written() {
    let rows = [
        ("windows-1252", "Der Bär trägt schwere Äpfel über die grüne Brücke, während der Müller schläft."),
        ("windows-1252", "L’été dernier, la fenêtre du café était fermée ; le garçon dormait là-bas, déçu."),
        ("iso-8859-15", "El niño comió una manzana y después corrió a la montaña con su compañero."),
        ("windows-1250", "Příliš žluťoučký kůň úpěl ďábelské ódy, když večer šel okolo řeky."),
        ("windows-1250", "Zażółć gęślą jaźń; wieczorem łódź wróciła do portu, a dzieci śpiewały."),
        ("iso-8859-2", "Řeka tekla pomalu mezi stromy a večer přišla bouře, která trvala až do rána."),
        ("windows-1251", "Вечером в гавани зажгли фонарь, и лодки вернулись домой раньше дождя."),
        ("koi8-r", "Вечером в гавани зажгли фонарь, и лодки вернулись домой раньше дождя."),
        ("koi8-u", "Увечері в гавані запалили ліхтар, і човни повернулися додому ще до дощу."),
        ("windows-1253", "Το βράδυ άναψαν το φανάρι στο λιμάνι και οι βάρκες γύρισαν πριν από τη βροχή."),
        ("windows-1254", "Akşam limandaki fener yakıldı ve tekneler yağmurdan önce eve döndü; çocuklar güldü."),
        ("windows-1255", "בערב הדליקו את הפנס בנמל והסירות חזרו הביתה לפני הגשם."),
        ("windows-1256", "في المساء أضاءوا الفانوس في الميناء وعادت القوارب إلى البيت قبل المطر."),
        ("shift_jis", "夕方になると港の灯りがともり、漁船がつぎつぎに帰ってくる。明日は雨が降るらしい。"),
        ("euc-jp", "夕方になると港の灯りがともり、漁船がつぎつぎに帰ってくる。明日は雨が降るらしい。"),
        ("gbk", "港口的灯在傍晚点亮，渔船陆续回来。人们在岸边等着，今天的风很大，明天会下雨。"),
        ("big5", "港口的燈在傍晚點亮，漁船陸續回來。人們在岸邊等著，今天的風很大，明天會下雨。"),
        ("euc-kr", "저녁이 되자 항구의 등불이 켜지고 배들이 돌아왔다. 내일은 비가 온다고 한다."),
        ("windows-874", "โคมไฟท่าเรือถูกจุดในตอนเย็น เรือกลับมาแล้วก่อนฝนตก เด็กๆ รออยู่ที่ฝั่ง"),
        ("windows-1257", "Vakare uoste uždegė žibintą, o laivai grįžo namo prieš lietų; vaikai laukė ant kranto."),
        ("windows-1250", "Este a kikötőben meggyújtották a lámpást, és a hajók hazatértek az eső előtt, győztesen."),
        ("iso-8859-5", "Вечером в гавани зажгли фонарь, и лодки вернулись домой раньше дождя."),
        ("cp866", "Вечером в гавани зажгли фонарь, и лодки вернулись домой раньше дождя."),
        ("iso-8859-7", "Το βράδυ άναψαν το φανάρι στο λιμάνι και οι βάρκες γύρισαν πριν από τη βροχή."),
        ("windows-1252", "Na manhã de sábado a irmã não comprou pão; o avô já não dormia, e o coração batia."),
        (
            "windows-1252",
            "Om kvällen tändes lyktan i hamnen, och båtarna kom hem före regnet. Ärliga människor väntade.",
        ),
        ("windows-1252", "The café was closed"),
        ("windows-1252", "“Don’t stop” – he said"),
        (
            "windows-1258",
            "Buô\u{309}i tô\u{301}i ngươ\u{300}i ta thă\u{301}p đe\u{300}n ơ\u{309} bê\u{301}n ca\u{309}ng va\u{300} thuyê\u{300}n trơ\u{309} vê\u{300} nha\u{300}.",
        ),
        ("gb18030", "港口的灯在傍晚点亮"),
        ("shift_jis", "港の灯り"),
        ("iso-2022-jp", "件名: 港の灯り\n夕方になると港の灯りがともり、漁船がつぎつぎに帰ってくる。"),
    ];
    for (name, text) in rows {
        let bytes = encoded(name, text);
        assert_eq!(sniff(&bytes), None, "{name}");
        let decoded = decode(&bytes, None).expect("text");
        assert_eq!(
            (decoded.text.as_ref(), decoded.lossy),
            (text, false),
            "{name}, read as {}",
            decoded.encoding.name()
        );
        assert_eq!(decode(&bytes, named(name)).expect("forced").text, text);
    }
}

#[test]
fn utf_16_reads_in_both_orders_with_and_without_a_mark() {
    for text in
        ["The lantern was lit at dusk.\r\n", "港口的灯在傍晚点亮，渔船回来。\n人们在岸边等着。", "Фонарь зажгли.\n"]
    {
        for (bytes_of, encoding) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], UTF_16LE), (u16::to_be_bytes, UTF_16BE)] {
            let (bare, marked) = (utf_16(text, bytes_of), utf_16(&format!("\u{FEFF}{text}"), bytes_of));
            for (bytes, bom_bytes) in [(bare, 0), (marked, 2)] {
                assert_eq!(sniff(&bytes), None);
                let expected = Decoded { text: Cow::Borrowed(text), encoding, bom_bytes, lossy: false };
                assert_eq!(decode(&bytes, None), Ok(expected));
            }
            let swapped = utf_16(&format!("\u{FEFF}{text}"), bytes_of);
            assert_eq!(decode(&swapped, named("utf-16")).expect("forced").text, text, "the mark tells the order");
        }
    }
}

#[test]
fn utf_8_is_borrowed_and_loses_its_mark() {
    let decoded = decode("\u{FEFF}naïve".as_bytes(), None).expect("text");
    assert_eq!((decoded.text.as_ref(), decoded.bom_bytes, decoded.encoding), ("naïve", 3, UTF_8));
    assert!(matches!(decoded.text, Cow::Borrowed(_)));
    let decoded = decode("naïve".as_bytes(), None).expect("text");
    assert!(matches!(decoded.text, Cow::Borrowed("naïve")));
    assert_eq!(decode(b"", None).expect("an empty text").text, "");
}

#[test]
fn damage_is_replaced_and_told() {
    let long = "déjà vu à la même fenêtre où l’été s’achève; ".repeat(3);
    let mut odd = utf_16("The lantern was lit\n", u16::to_le_bytes);
    odd.push(b'x');
    let rows: [(Vec<u8>, String); 3] = [
        ([long.as_bytes(), b"caf\xE9 noir"].concat(), format!("{long}caf\u{FFFD} noir")),
        ([long.as_bytes(), b"cut \xE2\x80"].concat(), format!("{long}cut \u{FFFD}")),
        (odd, "The lantern was lit\n\u{FFFD}".to_owned()),
    ];
    for (bytes, text) in rows {
        let decoded = decode(&bytes, None).expect("text");
        assert_eq!((decoded.text.as_ref(), decoded.lossy), (text.as_str(), true));
    }
}

#[test]
fn nuls_are_binary_in_the_beginning_and_forgiven_later() {
    assert_eq!(decode(b"one\0two and three", None), Err(Refused::Binary));
    let mut log = "2026-01-01 00:00:00 started\n".repeat(400).into_bytes();
    log.extend([0; 500]);
    log.extend(b"2026-01-02 00:00:00 started again\n");
    assert_eq!(sniff(&log[..HEAD_BYTES]), None);
    assert!(decode(&log, None).expect("a log").text.ends_with("again\n"));
    let mut script = "echo unpacking\n".repeat(600).into_bytes();
    script.extend((0_u32..60_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 21) as u8));
    assert_eq!(decode(&script, None), Err(Refused::Binary));
}

#[test]
fn known_formats_are_refused_by_name_unless_the_user_insists() {
    assert_eq!(sniff(b"%PDF-1.4\n"), Some(Refused::Format("PDF document")));
    assert_eq!(decode(b"%PDF-1.4\n", None), Err(Refused::Format("PDF document")));
    assert_eq!(decode(b"%PDF-1.4\n", Some(UTF_8)).expect("forced").text, "%PDF-1.4\n");
    assert_eq!(decode(b"\xFF\xFE\0\0a\0\0\0", None), Err(Refused::Format("UTF-32 text")));
    assert_eq!(Refused::Format("PDF document").to_string(), "PDF document");
}

#[test]
fn a_coloured_log_is_not_japanese() {
    let log = "\x1b[31mred\x1b[0m and \x1b$B not kanji é";
    assert_eq!(decode(log.as_bytes(), None).expect("text").text, log);
}

#[test]
fn names_of_encodings_are_read_in_many_spellings() {
    let rows = [
        ("utf-8", Some(UTF_8)),
        ("UTF8", Some(UTF_8)),
        ("utf-16", Some(UTF_16LE)),
        ("UTF_16BE", Some(UTF_16BE)),
        ("latin1", Some(WINDOWS_1252)),
        ("cp1252", Some(WINDOWS_1252)),
        (" Windows_1252 ", Some(WINDOWS_1252)),
        ("iso8859-1", Some(WINDOWS_1252)),
        ("ISO_8859_1", Some(WINDOWS_1252)),
        ("Shift-JIS", Some(SHIFT_JIS)),
        ("cp932", Some(SHIFT_JIS)),
        ("gb2312", Some(GBK)),
        ("cp936", Some(GBK)),
        ("big5-hkscs", Some(BIG5)),
        ("eucjp", Some(EUC_JP)),
        ("cp949", Some(EUC_KR)),
        ("koi8r", Some(encoding_rs::KOI8_R)),
        ("cp866", Some(encoding_rs::IBM866)),
        ("latin2", Some(encoding_rs::ISO_8859_2)),
        ("8859-2", Some(encoding_rs::ISO_8859_2)),
        ("replacement", None),
        ("klingon", None),
        ("", None),
        ("é", None),
    ];
    for (label, encoding) in rows {
        assert_eq!(named(label), encoding, "{label}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
        let sniffed = sniff(&bytes);
        let decoded = decode(&bytes, None);
        prop_assert!(sniffed.is_none() || decoded == Err(sniffed.unwrap()));
        for name in ["utf-8", "utf-16", "gb18030", "iso-2022-jp"] {
            prop_assert!(decode(&bytes, named(name)).is_ok());
        }
    }

    #[test]
    fn any_text_comes_back_from_utf_8(text in "[^\u{0}-\u{1f}\u{7f}\u{feff}]{8,60}") {
        if sniff(text.as_bytes()).is_none() {
            prop_assert_eq!(&decode(text.as_bytes(), None).unwrap().text, &text);
        }
    }
}

#[test]
fn a_long_file_decodes_in_parts_as_it_does_in_one_piece() {
    let broken = b"the harbour \xc3\xa9t\xc3\xa9 lantern \xff\xc3( \xf0\x9f \x80 \xe4\xb8 here\n";
    for encoding in [UTF_8, UTF_16LE, UTF_16BE, encoding_rs::WINDOWS_1252, encoding_rs::SHIFT_JIS, encoding_rs::GB18030]
    {
        // Ends of parts come to lie in every place of a sequence.
        let bytes = broken.repeat((3 * PART_BYTES) / broken.len());
        let (text, lossy) = encoding.decode_without_bom_handling(&bytes);
        let decoded = with(encoding, &bytes, 0);
        assert!(decoded.text == text && decoded.lossy == lossy, "{}", encoding.name());
    }
    let ascii = b"lantern ".repeat(PART_BYTES);
    assert!(matches!(with(UTF_8, &ascii, 0).text, Cow::Borrowed(_)), "valid UTF-8 is not copied");
}
