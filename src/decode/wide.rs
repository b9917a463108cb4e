//! UTF-16 without a byte order mark.
//!
//! Bytes are to be asked only when they hold a NUL or many control characters, as UTF-16 does and other text does not: Latin
//! letters have a NUL each, other scripts have them in spaces and line ends, and in Han the lower halves are anything.
//! They are UTF-16 in the order in which, among the first 8 KiB of units,
//! - at most one in a hundred is odd: a control character, half a surrogate pair, private use, no character;
//! - at least one in fifty is familiar: ASCII, punctuation of Chinese and Japanese, kana.
//!
//! Bytes that are valid UTF-8 besides must be low, below 0x20, one in four at least: an ASCII text with a NUL in it is
//! rare Han otherwise, whereas half the bytes of Latin, Cyrillic or Hindi in UTF-16 are low.
//! Where both orders pass, the one with more familiar units wins: read the wrong way, Latin text is rare Han without a
//! space, and Han is full of odd units. Numbers stored two or four bytes
//! wide have units of 0, of which there may be none.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// At most one unit in so many is odd.
const UNITS_PER_ODD: usize = 100;

/// At least one unit in so many is familiar.
const UNITS_PER_FAMILIAR: usize = 50;

/// At least one byte in so many is low, in what is valid UTF-8 besides.
const BYTES_PER_LOW: usize = 4;

/// The order in which these bytes, which look binary otherwise, are UTF-16, if they are.
pub(super) fn order(head: &[u8]) -> Option<&'static Encoding> {
    if head.len() < 4 || is_narrow(head) {
        return None;
    }
    let little = familiar(head, u16::from_le_bytes);
    let big = familiar(head, u16::from_be_bytes);
    match (little, big) {
        (None, None) => None,
        (little, big) => Some(if little >= big { UTF_16LE } else { UTF_16BE }),
    }
}

/// Valid UTF-8 with too few low bytes for UTF-16.
fn is_narrow(head: &[u8]) -> bool {
    // The end of the head may cut a sequence.
    let valid = std::str::from_utf8(head).err().is_none_or(|error| error.error_len().is_none());
    valid && head.iter().filter(|byte| **byte < 0x20).count() * BYTES_PER_LOW < head.len()
}

/// How many units are familiar; `None` when this is not text in that order.
fn familiar(head: &[u8], unit: fn([u8; 2]) -> u16) -> Option<usize> {
    let (pairs, _) = head.as_chunks::<2>();
    let (mut odd, mut familiar) = (0, 0);
    // A pair of surrogates cut by the end of the head is not counted against it.
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            // A number stored wide, as no text has: not forgiven once.
            Ok('\0') => return None,
            Ok(c) if is_familiar(c) => familiar += 1,
            Ok(c) if is_odd(c) => odd += 1,
            Ok(_) => {}
            Err(_) => odd += 1,
        }
    }
    (odd * UNITS_PER_ODD <= pairs.len() && familiar * UNITS_PER_FAMILIAR >= pairs.len()).then_some(familiar)
}

fn is_familiar(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{3000}'..='\u{3002}' | '\u{3041}'..='\u{30FF}' | '\u{FF0C}')
}

fn is_odd(c: char) -> bool {
    let white = matches!(c, '\t' | '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{1B}' | '\u{85}');
    (c.is_control() && !white)
        || matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFF0}'..='\u{FFF8}' | '\u{FFFE}' | '\u{FFFF}' | '\u{F0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn little(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn big(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn both_orders_are_told_apart_in_any_script() {
        let rows = [
            "hi",
            "शाम को बंदरगाह की लालटेन जलाई गई और नावें लौट आईं।\n",
            "The harbour lantern was lit at 10:30, 100 000 000.\r\n",
            "0000000000 0000000000",
            "Фонарь в гавани зажгли вечером.\nЛодки вернулись.",
            "Το φανάρι του λιμανιού άναψε το βράδυ.\n",
            "港口的灯在傍晚点亮，渔船陆续回来。人们在岸边等着。\n今天的风很大，明天会下雨。",
            "夕方になると港の灯りがともり、船が帰ってくる。\n",
            "저녁이 되자 항구의 등불이 켜지고 배들이 돌아왔다.\n",
            "โคมไฟท่าเรือถูกจุดในตอนเย็น เรือกลับมาแล้ว\n",
            "a boat 🚣 and 𠀀 beyond the first plane\n",
        ];
        for text in rows {
            assert_eq!(order(&little(text)), Some(UTF_16LE), "{text}");
            assert_eq!(order(&big(text)), Some(UTF_16BE), "{text}");
        }
    }

    #[test]
    fn numbers_and_bytes_with_nuls_are_not_utf_16() {
        let numbers: Vec<u8> = (0_u32..500).flat_map(u32::to_le_bytes).collect();
        let samples: Vec<u8> = (0_i16..2000).map(|n| n.wrapping_mul(37) % 9000).flat_map(i16::to_le_bytes).collect();
        let noise: Vec<u8> = (0_u32..4096).map(|n| (n.wrapping_mul(2_654_435_761) >> 23) as u8).collect();
        for bytes in
            [&numbers[..], &samples, &noise, b"one\0two\0three\0", b"a\0\0\0b\0\0\0", b"\0\0\0\0", b"text only", b"an"]
        {
            assert_eq!(order(bytes), None, "{:?}", &bytes[..bytes.len().min(16)]);
        }
    }
}
