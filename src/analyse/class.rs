//! What a byte or a character means for the splitting of a text into terms.

use unicode_normalization::char::is_combining_mark;

/// An ASCII lower-case letter.
pub(super) const LOWER: u8 = 1;
/// An ASCII upper-case letter.
pub(super) const UPPER: u8 = 2;
/// An ASCII digit.
pub(super) const DIGIT: u8 = 4;
/// A byte of a character beyond ASCII; once a text is folded, a caseless letter.
pub(super) const WIDE: u8 = 8;
/// May hold two words together: what follows decides.
pub(super) const SOFT: u8 = 16;
/// Holds words together inside a URL, and splits elsewhere.
pub(super) const URL: u8 = 32;
/// Begins or continues a word.
pub(super) const WORD: u8 = LOWER | UPPER | DIGIT | WIDE;
/// A letter of any script.
pub(super) const LETTER: u8 = LOWER | UPPER | WIDE;

/// The class of every byte; 0 is a byte that always splits.
pub(super) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            0x80.. => WIDE,
            b'.' | b'/' | b':' | b'@' | b'-' | b'_' | b'\'' | b'`' | b'+' | b'#' | b',' | b'&' => SOFT,
            b'?' | b'=' | b'%' | b'~' => URL,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The class of the byte at `at`, or 0 behind the end.
#[inline]
pub(super) fn class_at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).map_or(0, |&byte| CLASS[byte as usize])
}

/// The deepest indentation behind which a broken word goes on.
const MAX_INDENT: usize = 16;

/// Where the word goes on that the hyphen at `at` breaks at the end of a line, as in text copied from a page: `exam-\nple`.
///
/// A capital begins a word of its own.
#[cold]
pub(super) fn broken(bytes: &[u8], at: usize) -> Option<usize> {
    let next = next_line(bytes, at + 1)?;
    let is_word = class_at(bytes, at.wrapping_sub(1)) & LETTER != 0 && class_at(bytes, next) & (LOWER | WIDE) != 0;
    is_word.then_some(next)
}

/// Where the text goes on behind the line break at `at`, if there is one.
pub(super) fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    let line = at + usize::from(bytes.get(at) == Some(&b'\r'));
    let rest = bytes.get(line..)?.strip_prefix(b"\n")?;
    let indent = rest.iter().take(MAX_INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(line + 1 + indent)
}

/// What a character beyond ASCII is to the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// Part of a word.
    Word,
    /// Nothing: the word goes on as if it were not there.
    Vanish,
    /// Another spelling of this ASCII byte.
    As(u8),
    /// A space that may stand between the groups of a number.
    Thin,
    /// A character of a script written without spaces.
    Unspaced,
    /// A term by itself.
    Emoji,
    /// The end of a word.
    Split,
}

/// Says what `ch`, a character beyond ASCII, is to the analysis.
pub(super) fn glyph(ch: char) -> Glyph {
    match ch {
        // The letters of most texts, decided without a look at any table.
        '\u{c0}'..='\u{24f}' if ch != '×' && ch != '÷' => Glyph::Word,
        '\u{400}'..='\u{481}' => Glyph::Word,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{180b}'..='\u{180f}' => Glyph::Vanish,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => Glyph::Vanish,
        '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => Glyph::Vanish,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Glyph::Vanish,
        // Apostrophes, and the signs that stand for hamza, ayn or a glottal stop in Latin letters.
        '´' | 'ʹ'..='ʿ' | 'ˈ' | '‘' | '’' | '‛' | '′' | 'ꞌ' | '＇' | '\u{5f3}' | '\u{5f4}' => {
            Glyph::As(b'\'')
        }
        '‐' | '‑' | '﹣' | '\u{5be}' => Glyph::As(b'-'),
        '⁄' | '∕' => Glyph::As(b'/'),
        '\u{66b}' => Glyph::As(b'.'),
        '\u{66c}' => Glyph::As(b','),
        '！'..='～' => Glyph::As((ch as u32 - 0xfee0) as u8),
        '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => Glyph::Thin,
        _ if is_accent(ch) => Glyph::Vanish,
        _ if unspaced(ch).is_some() => Glyph::Unspaced,
        '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{2b55}' => Glyph::Emoji,
        '\u{1f3fb}'..='\u{1f3ff}' => Glyph::Vanish,
        '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' => Glyph::Emoji,
        _ if ch.is_alphanumeric() || is_combining_mark(ch) => Glyph::Word,
        _ => Glyph::Split,
    }
}

/// Marks that a reader may leave out: accents, Hebrew points, Arabic vowels.
///
/// The marks of Indic scripts are not among them, since they carry the vowels of their words.
fn is_accent(ch: char) -> bool {
    matches!(ch,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{8d3}'..='\u{8ff}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20f0}' | '\u{fe20}'..='\u{fe2f}')
}

/// The scripts written without spaces; a run of pairs never crosses from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Han, kana, bopomofo and Hangul, which mix within one word.
    Cjk,
    /// Thai.
    Thai,
    /// Lao.
    Lao,
    /// Myanmar.
    Myanmar,
    /// Khmer.
    Khmer,
}

/// The script of `ch` when that script is written without spaces; its digits are not counted.
pub(super) fn unspaced(ch: char) -> Option<Script> {
    match ch {
        ..'\u{e01}' => None,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' => Some(Script::Thai),
        '\u{e81}'..='\u{ebd}' | '\u{ec0}'..='\u{ece}' | '\u{edc}'..='\u{edf}' => Some(Script::Lao),
        '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109d}' => Some(Script::Myanmar),
        '\u{a9e0}'..='\u{a9ef}' | '\u{a9fa}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa7f}' => Some(Script::Myanmar),
        '\u{1780}'..='\u{17d3}' | '\u{17d7}' | '\u{17dc}' | '\u{17dd}' => Some(Script::Khmer),
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7fb}' => Some(Script::Cjk),
        '\u{2e80}'..='\u{2fd5}' | '々'..='〇' | '〡'..='〩' | '〱'..='〵' | '〻' => Some(Script::Cjk),
        'ぁ'..='ゖ' | '\u{3099}' | '\u{309a}' | 'ゝ'..='ゟ' | 'ァ'..='ヺ' | 'ー'..='ヿ' => Some(Script::Cjk),
        '\u{3105}'..='\u{312f}' | '\u{3131}'..='\u{318e}' | '\u{31a0}'..='\u{31bf}' => Some(Script::Cjk),
        '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Some(Script::Cjk),
        '\u{f900}'..='\u{faff}' | 'ｦ'..='\u{ffdc}' => Some(Script::Cjk),
        '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{323af}' => Some(Script::Cjk),
        _ => None,
    }
}

/// Where the ten digits of each script begin, full-width ones included.
const ZEROS: [u32; 37] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0,
];

/// The ASCII digit that a digit of any script stands for.
pub(super) fn digit(ch: char) -> Option<u8> {
    if ch.is_ascii() {
        return ch.is_ascii_digit().then_some(ch as u8);
    }
    let code = ch as u32;
    let above = ZEROS.partition_point(|&zero| zero <= code);
    let value = code - ZEROS.get(above.checked_sub(1)?)?;
    (value < 10).then(|| b'0' + value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_what_they_look_like() {
        for (ch, expected) in [
            ('é', Glyph::Word),
            ('Ж', Glyph::Word),
            ('ก', Glyph::Unspaced),
            ('東', Glyph::Unspaced),
            ('ー', Glyph::Unspaced),
            ('・', Glyph::Split),
            ('한', Glyph::Unspaced),
            ('\u{200d}', Glyph::Vanish),
            ('\u{301}', Glyph::Vanish),
            ('\u{93f}', Glyph::Word),
            ('’', Glyph::As(b'\'')),
            ('‑', Glyph::As(b'-')),
            ('Ａ', Glyph::As(b'A')),
            ('–', Glyph::Split),
            ('—', Glyph::Split),
            ('😀', Glyph::Emoji),
        ] {
            assert_eq!(glyph(ch), expected, "{ch:?}");
        }
    }

    #[test]
    fn digits_of_every_script_are_digits() {
        for (ch, expected) in [
            ('7', Some(b'7')),
            ('７', Some(b'7')),
            ('٣', Some(b'3')),
            ('९', Some(b'9')),
            ('๐', Some(b'0')),
            ('x', None),
            ('東', None),
            ('é', None),
        ] {
            assert_eq!(digit(ch), expected, "{ch:?}");
        }
    }
}
