//! Decoding: the bytes of a file become text, or the reason why they are none.
//!
//! Comes in: the whole file (or its first 8 KiB, for [`sniff`]). Goes out: UTF-8, borrowed from the bytes where
//! they already are UTF-8, which is nearly always. It promises never to fail on a text for a few damaged bytes,
//! and never to hand out a picture as prose.
//!
//! The first of these rules that fits decides:
//! 1. an encoding the user insists on;
//! 2. a byte order mark;
//! 3. the magic number of a known format: refused, by name;
//! 4. a NUL or too many control characters in the first 8 KiB: UTF-16 without a mark, see `wide.rs`, or else binary;
//! 5. too many NULs further on: binary, see `content.rs`;
//! 6. valid UTF-8 (or ISO-2022-JP, whose bytes are all ASCII);
//! 7. UTF-8 with a few bad bytes, which are replaced, see `guess.rs`;
//! 8. the encoding that the detector of Firefox, `chardetng`, thinks likeliest.

mod content;
mod guess;
mod magic;
pub(crate) mod pieces;
mod wide;

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{CoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memmem;

/// How much of a file is looked at to tell text from anything else, in bytes; what git and rg look at, too.
pub const HEAD_BYTES: usize = 8 * 1024;

/// A file's text, and how it was had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without its byte order mark; borrowed where the bytes are valid UTF-8.
    pub text: Cow<'a, str>,
    /// What the bytes were written in; byte offsets into `text` are offsets into the file only for UTF-8.
    pub encoding: &'static Encoding,
    /// The length of the byte order mark in the file, in bytes; 0 without one.
    pub bom_bytes: usize,
    /// Malformed sequences were replaced by U+FFFD.
    pub lossy: bool,
}

/// Why bytes are not taken for text. Its `Display` is what the list of skipped files shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Not text by its content: NUL bytes, control characters.
    Binary,
    /// A known format that is not plain text: `PDF document`, `PNG image`.
    Format(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Binary => "binary",
            Refused::Format(name) => name,
        })
    }
}

/// Decodes a whole file, in the encoding `forced` or else the one its bytes tell.
///
/// A forced encoding is followed without a look at the content, whatever that gives; only a byte order mark tells the two
/// orders of UTF-16 apart. Truncated and malformed sequences become U+FFFD and set `lossy`.
///
/// ```
/// let decoded = indago::decode::decode(b"caf\xC3\xA9", None).expect("valid UTF-8 is text");
/// assert_eq!(decoded.text, "café");
/// ```
///
/// # Errors
/// [`Refused`] when the bytes are not text.
pub fn decode<'a>(bytes: &'a [u8], forced: Option<&'static Encoding>) -> Result<Decoded<'a>, Refused> {
    if let Some(encoding) = forced {
        return Ok(insist(bytes, encoding));
    }
    if let Some((encoding, bom_bytes)) = mark(bytes)? {
        let decoded = with(encoding, bytes, bom_bytes);
        return if content::is_garbled(&decoded) { Err(Refused::Binary) } else { Ok(decoded) };
    }
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    if let Some(name) = magic::format(head) {
        return Err(Refused::Format(name));
    }
    if content::is_binary(head) {
        return wide::order(head).map(|encoding| with(encoding, bytes, 0)).ok_or(Refused::Binary);
    }
    // Ten times as fast as the standard library's where the text is not ASCII.
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(_) if content::has_nuls(bytes, content::MAX_NULS_UTF_8) => Err(Refused::Binary),
        Some(text) => Ok(japanese_mail(bytes).unwrap_or(Decoded { text, encoding: UTF_8, bom_bytes: 0, lossy: false })),
        None if content::has_nuls(bytes, content::MAX_NULS_LEGACY) => Err(Refused::Binary),
        None => {
            let decoded = with(guess::encoding(bytes), bytes, 0);
            if content::is_garbled(&decoded) { Err(Refused::Binary) } else { Ok(decoded) }
        }
    }
}

/// Says from the beginning of a file that the rest need not be read, because [`decode`] would refuse it.
///
/// `head` is the first 8 KiB or the whole of a smaller file; `None` means: read on. Not to be asked about a file
/// whose encoding is forced.
pub fn sniff(head: &[u8]) -> Option<Refused> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    match mark(head) {
        Err(refused) => return Some(refused),
        Ok(Some(_)) => return None,
        Ok(None) => {}
    }
    if let Some(name) = magic::format(head) {
        return Some(Refused::Format(name));
    }
    (content::is_binary(head) && wide::order(head).is_none()).then_some(Refused::Binary)
}

/// The encoding of that name, as the Web knows it (`latin1`, `windows-1250`, `sjis`, `utf-16`…).
///
/// Case, hyphens and underscores do not matter, and `cp1250` is `windows-1250`. `latin1` means windows-1252, which has every
/// letter of it.
pub fn named(label: &str) -> Option<&'static Encoding> {
    let bare: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let web = match bare.as_str() {
        "utf8bom" | "utf8sig" => "utf-8",
        "utf16" | "utf16le" | "ucs2" | "ucs2le" => "utf-16le",
        "utf16be" | "ucs2be" => "utf-16be",
        "cp932" | "windows932" | "shiftjis" | "sjis" | "mskanji" => "shift_jis",
        "cp936" | "windows936" | "euccn" | "gb2312" => "gbk",
        "cp949" | "windows949" | "uhc" | "euckr" => "euc-kr",
        "cp950" | "windows950" | "big5hkscs" => "big5",
        "eucjp" => "euc-jp",
        "iso2022jp" => "iso-2022-jp",
        "koi8r" => "koi8-r",
        "koi8u" => "koi8-u",
        "macroman" => "macintosh",
        "latin9" | "iso885915" => "iso-8859-15",
        _ => "",
    };
    let trimmed = label.trim();
    Encoding::for_label_no_replacement(trimmed.as_bytes())
        .or_else(|| Encoding::for_label_no_replacement(web.as_bytes()))
        .or_else(|| Encoding::for_label_no_replacement(bare.as_bytes()))
        .or_else(|| numbered(&bare))
}

/// `cp1250` and `windows1250`, `iso88592` and `8859-2`: names that are mostly a number.
fn numbered(bare: &str) -> Option<&'static Encoding> {
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let label = match digits.strip_prefix("8859") {
        Some(part) => format!("iso-8859-{part}"),
        None => format!("windows-{digits}"),
    };
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// The byte order mark that `bytes` begin with, as the encoding it tells and its length in bytes.
fn mark(bytes: &[u8]) -> Result<Option<(&'static Encoding, usize)>, Refused> {
    // No text begins with U+0000 after a UTF-16 mark, so this is UTF-32, which encoding_rs does not have.
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(Refused::Format("UTF-32 text"));
    }
    Ok(Encoding::for_bom(bytes))
}

/// The text in the encoding the user asked for.
fn insist<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Decoded<'a> {
    let is_wide = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
    match Encoding::for_bom(bytes) {
        Some((marked, bom_bytes)) if marked == encoding || (is_wide(marked) && is_wide(encoding)) => {
            with(marked, bytes, bom_bytes)
        }
        _ => with(encoding, bytes, 0),
    }
}

/// What is longer is decoded in parts of this length, in bytes.
const PART_BYTES: usize = 1 << 20;

/// The text in this encoding, after the mark.
fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], bom_bytes: usize) -> Decoded<'a> {
    let rest = &bytes[bom_bytes..];
    let is_utf_8 = || encoding == UTF_8 && std::str::from_utf8(rest).is_ok();
    if rest.len() <= PART_BYTES || is_utf_8() {
        let (text, lossy) = encoding.decode_without_bom_handling(rest);
        return Decoded { text, encoding, bom_bytes, lossy };
    }
    let (text, lossy) = in_parts(encoding, rest);
    Decoded { text: Cow::Owned(text), encoding, bom_bytes, lossy }
}

/// Decodes with little more memory than the text takes: in one piece the room for the worst case, three times the bytes, is
/// touched from end to end.
fn in_parts(encoding: &'static Encoding, bytes: &[u8]) -> (String, bool) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut text, mut lossy) = (String::with_capacity(bytes.len()), false);
    let mut buffer = "\0".repeat(PART_BYTES);
    let mut left = bytes;
    loop {
        let (result, read, written, replaced) = decoder.decode_to_str(left, &mut buffer, true);
        text.push_str(&buffer[..written]);
        lossy |= replaced;
        left = &left[read..];
        if result == CoderResult::InputEmpty {
            return (text, lossy);
        }
    }
}

/// ISO-2022-JP, which Japanese mail is written in: it is valid UTF-8, and reads as gibberish between escape sequences.
///
/// It takes an escape into kanji and no byte that is malformed, so that a terminal's log stays what it is.
fn japanese_mail(bytes: &[u8]) -> Option<Decoded<'_>> {
    let into_kanji = memmem::find_iter(bytes, b"\x1b$").any(|at| matches!(bytes.get(at + 2), Some(b'B' | b'@')));
    if !into_kanji {
        return None;
    }
    let decoded = with(ISO_2022_JP, bytes, 0);
    (!decoded.lossy).then_some(decoded)
}

#[cfg(test)]
mod tests;
