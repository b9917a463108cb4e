//! The subject of a mail or a news article.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::decode;

/// Header fields of which a mail has several; one alone may begin any text.
const FIELDS: [&str; 14] = [
    "from",
    "to",
    "cc",
    "date",
    "subject",
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "delivered-to",
    "content-type",
    "reply-to",
    "newsgroups",
    "in-reply-to",
];

/// The subject, if the text begins with the header of a mail; `Some(None)` when that has none.
pub(super) fn subject(head: &str) -> Option<Option<Cow<'_, str>>> {
    // An mbox puts a line of its own before each mail.
    let header = match head.strip_prefix("From ") {
        Some(line) => line.split_once('\n')?.1,
        None => head,
    };
    let mut known = 0;
    let mut subject = None;
    let mut at = 0;
    for line in header.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let is_folded = start > 0 && line.starts_with([' ', '\t']);
        if is_folded && !line.trim().is_empty() {
            continue;
        }
        let Some((name, _)) = line.split_once(':').filter(|(name, _)| is_name(name)) else {
            break;
        };
        known += usize::from(FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name)));
        if subject.is_none() && name.eq_ignore_ascii_case("subject") {
            subject = Some(unfolded(&header[start + name.len() + 1..]));
        }
    }
    (known >= 2).then(|| subject.map(decoded).filter(|subject| !subject.trim().is_empty()))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A field's value with the lines that continue it.
fn unfolded(value: &str) -> &str {
    let end = value.match_indices('\n').map(|(at, _)| at).find(|at| !value[at + 1..].starts_with([' ', '\t']));
    value[..end.unwrap_or(value.len())].trim()
}

/// The value with its encoded words (`=?utf-8?q?caf=C3=A9?=`) made plain; between two of them, white space does not count.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains("=?") {
        return Cow::Borrowed(value);
    }
    let mut plain = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let between = &rest[..at];
        rest = &rest[at..];
        let word = encoded_word(&rest[2..]);
        if !(after_word && word.is_some() && between.trim().is_empty()) {
            plain.push_str(between);
        }
        after_word = word.is_some();
        match word {
            Some((text, length)) => {
                plain.push_str(&text);
                rest = &rest[2 + length..];
            }
            None => {
                plain.push_str("=?");
                rest = &rest[2..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The text of `charset?q?text?=`, and the length of that.
fn encoded_word(rest: &str) -> Option<(String, usize)> {
    let (charset, behind) = rest.split_once('?')?;
    let (form, behind) = behind.split_once('?')?;
    let (text, _) = behind.split_once("?=")?;
    let bytes = match form {
        "b" | "B" => STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?,
        "q" | "Q" => quoted_printable(text),
        _ => return None,
    };
    // RFC 2231 lets a language follow the character set: `utf-8*en`.
    let encoding = decode::named(charset.split('*').next()?)?;
    let text_of = encoding.decode_without_bom_handling(&bytes).0.into_owned();
    Some((text_of, charset.len() + form.len() + text.len() + 4))
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let pair = behind.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let hex = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        (rest, bytes) = match (first, hex) {
            (b'=', Some(byte)) => (&behind[2..], pushed(bytes, byte)),
            (b'_', _) => (behind, pushed(bytes, b' ')),
            (byte, _) => (behind, pushed(bytes, *byte)),
        };
    }
    bytes
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}
