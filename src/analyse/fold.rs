//! Text beyond ASCII is spelled plainly: accents off, compatibility forms resolved, look-alikes of
//! apostrophes and hyphens made one; upper-case Latin letters stay, since they mark where names split.
//!
//! In: a text and where a word begins. Out: the stretch up to the next sure end, folded, and for
//! each folded byte the bytes it came from.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::class::{CLASS, DIGIT, Glyph, LETTER, class_at, digit, glyph, next_line};

/// How much is folded in one go; only text with no space for this long is cut here.
pub(super) const MAX_STRETCH_BYTES: usize = 1 << 16;

/// A folded stretch of text; its buffers are used again for the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct Folded {
    /// The plain spelling.
    pub(super) text: String,
    /// For each byte of `text`, the byte range it came from, counted from the start of the stretch.
    pub(super) origin: Vec<[u32; 2]>,
}

impl Folded {
    /// Folds `text` from `start` to the next sure end of a word, and returns that end.
    pub(super) fn stretch(&mut self, text: &str, start: usize) -> usize {
        self.text.clear();
        self.origin.clear();
        let rest = &text[start..];
        for (at, ch) in rest.char_indices() {
            if at >= MAX_STRETCH_BYTES || !self.push_char(rest, at, ch) {
                return start + at;
            }
        }
        text.len()
    }

    /// Appends one character; says no when the stretch ends before it.
    fn push_char(&mut self, rest: &str, at: usize, ch: char) -> bool {
        let origin = [at as u32, (at + ch.len_utf8()) as u32];
        if ch.is_ascii() {
            return self.push_ascii(ch as u8, origin) || self.push_line_end(rest, at, origin);
        }
        if let Some(usual) = variant(ch) {
            match usual {
                Variant::None => self.stretch_last(origin),
                Variant::Letter(letter) => self.push(letter, origin),
            }
            return true;
        }
        match glyph(ch) {
            // At the end of a line, a soft hyphen is one that is seen.
            Glyph::Vanish if ch == '\u{ad}' && matches!(rest.as_bytes().get(at + 2), Some(b'\n' | b'\r')) => {
                self.push('-', origin);
            }
            Glyph::Word => self.push_letter(ch, &rest[origin[1] as usize..], origin),
            Glyph::Vanish => self.push_mark(ch, origin),
            Glyph::As(byte) => return self.push_ascii(byte, origin),
            Glyph::Thin if self.ends_in(DIGIT) && three_digits(&rest[origin[1] as usize..]) => {
                self.push(',', origin);
            }
            // The point of Catalan: col·legi.
            _ if ch == '·' && self.text.ends_with(['l', 'L']) => self.push_mark(ch, origin),
            _ => return false,
        }
        true
    }

    fn push_ascii(&mut self, byte: u8, origin: [u32; 2]) -> bool {
        let joins = CLASS[byte as usize] != 0;
        if joins {
            self.push(byte as char, origin);
        }
        joins
    }

    /// White space in the middle of a word that a hyphen broke at the end of a line becomes one `\n`.
    fn push_line_end(&mut self, rest: &str, at: usize, origin: [u32; 2]) -> bool {
        let is_broken = || {
            let [.., before, b'-'] = self.text.as_bytes() else { return false };
            let next = next_line(rest.as_bytes(), at).and_then(|next| rest[next..].chars().next());
            let is_letter =
                |ch: char| ch.is_lowercase() || (!ch.is_ascii() && !ch.is_uppercase() && glyph(ch) == Glyph::Word);
            CLASS[*before as usize] & LETTER != 0 && next.is_some_and(is_letter)
        };
        if self.text.ends_with('\n') {
            self.stretch_last(origin);
        } else if is_broken() {
            self.push('\n', origin);
        } else {
            return false;
        }
        true
    }

    /// A letter, digit or vowel sign, with what follows it to tell the case of a pair like Æ.
    fn push_letter(&mut self, ch: char, after: &str, origin: [u32; 2]) {
        if let Some(&plain) = PLAIN.get(ch as usize)
            && plain != '\0'
        {
            return self.push(plain, origin);
        }
        if let Some(byte) = digit(ch) {
            return self.push(byte as char, origin);
        }
        if let Some(pair) = pair(ch) {
            let loud = after.chars().next().is_some_and(char::is_uppercase)
                && (ch.is_uppercase() || self.text.ends_with(|c: char| c.is_ascii_uppercase()));
            for (i, letter) in pair.chars().enumerate() {
                let upper = loud || (i == 0 && ch.is_uppercase());
                self.push(if upper { letter.to_ascii_uppercase() } else { letter }, origin);
            }
            return;
        }
        if self.starts_anew(ch) {
            self.push(' ', origin);
        }
        for plain in std::iter::once(ch).nfkd() {
            self.push_plain(plain, origin);
        }
    }

    /// Fractions and raised figures are no part of a number or a long word before them: 1½, word².
    fn starts_anew(&self, ch: char) -> bool {
        match ch {
            '¼'..='¾' | '⅐'..='⅞' => self.ends_in(DIGIT),
            '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' => {
                let tail = self.text.as_bytes().iter().rev().take(3);
                let letters = tail.filter(|&&byte| CLASS[byte as usize] & LETTER != 0).count();
                self.ends_in(DIGIT) || letters == 3
            }
            _ => false,
        }
    }

    /// One character of a compatibility decomposition, which may be anything.
    fn push_plain(&mut self, ch: char, origin: [u32; 2]) {
        if ch.is_ascii() {
            return self.push(ch, origin);
        }
        match variant(ch) {
            Some(Variant::None) => return self.stretch_last(origin),
            Some(Variant::Letter(letter)) => return self.push(letter, origin),
            None => {}
        }
        match glyph(ch) {
            Glyph::As(byte) => self.push(byte as char, origin),
            Glyph::Vanish => self.stretch_last(origin),
            Glyph::Split | Glyph::Thin => self.push(' ', origin),
            Glyph::Word | Glyph::Unspaced | Glyph::Emoji => match pair(ch) {
                Some(pair) => pair.chars().for_each(|letter| self.push(letter, origin)),
                None if ch == 'ς' => self.push('σ', origin),
                None => ch.to_lowercase().for_each(|letter| self.push(letter, origin)),
            },
        }
    }

    /// A mark adds nothing but its bytes, save that the short i and u of Cyrillic are letters.
    fn push_mark(&mut self, ch: char, origin: [u32; 2]) {
        let short = match self.text.chars().next_back() {
            Some('и') if ch == '\u{306}' => 'й',
            Some('у') if ch == '\u{306}' => 'ў',
            _ => return self.stretch_last(origin),
        };
        self.text.pop();
        let from = self.origin.pop().map_or(origin[0], |[from, _]| from);
        self.origin.pop();
        self.push(short, [from, origin[1]]);
    }

    fn stretch_last(&mut self, origin: [u32; 2]) {
        if let Some(last) = self.origin.last_mut() {
            last[1] = origin[1];
        }
    }

    fn push(&mut self, ch: char, origin: [u32; 2]) {
        self.text.push(ch);
        for _ in 0..ch.len_utf8() {
            self.origin.push(origin);
        }
    }

    fn ends_in(&self, class: u8) -> bool {
        let bytes = self.text.as_bytes();
        class_at(bytes, bytes.len().wrapping_sub(1)) & class != 0
    }
}

/// What takes the place of a letter or sign that writers use for another.
enum Variant {
    None,
    Letter(char),
}

/// Spellings of one word that differ by keyboard or habit only: the yeh and kaf of Persian and of Arabic, which
/// look alike; the Hindi dot below (क़लम, कलम), often left out, and the two signs for a nasal vowel (हाँ, हां).
///
/// Marks that vanish in any script are not here, and neither are ى and ة, which part words.
fn variant(ch: char) -> Option<Variant> {
    Some(match ch {
        '\u{6a9}' => Variant::Letter('\u{643}'),
        '\u{6cc}' => Variant::Letter('\u{64a}'),
        '\u{901}' => Variant::Letter('\u{902}'),
        '\u{93c}' => Variant::None,
        _ => return None,
    })
}

/// Exactly three digits, then something else.
fn three_digits(text: &str) -> bool {
    let mut chars = text.chars().map(|ch| digit(ch).is_some());
    (0..3).all(|_| chars.next() == Some(true)) && chars.next() != Some(true)
}

/// Letters that Unicode does not take apart although readers do.
fn pair(ch: char) -> Option<&'static str> {
    Some(match ch {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'þ' | 'Þ' => "th",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'ŋ' | 'Ŋ' => "n",
        'ı' => "i",
        'ſ' => "s",
        _ => return None,
    })
}

/// The single letter that a character of the first blocks folds to, or NUL where it takes more thought.
static PLAIN: LazyLock<Vec<char>> = LazyLock::new(|| {
    (0..0x530)
        .map(|code| match char::from_u32(code) {
            Some(ch @ ('й' | 'ў')) => ch,
            Some('Й') => 'й',
            Some('Ў') => 'ў',
            Some(ch) if !ch.is_ascii() && ch.is_alphabetic() && pair(ch).is_none() => single(ch),
            _ => '\0',
        })
        .collect()
});

fn single(ch: char) -> char {
    let mut plain = Folded::default();
    for part in std::iter::once(ch).nfkd() {
        plain.push_plain(part, [0, 0]);
    }
    let mut chars = plain.text.chars();
    chars.next().filter(|_| chars.next().is_none()).unwrap_or('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelled_plainly() {
        for (written, plain) in [
            ("café", "cafe"),
            ("cafe\u{301}", "cafe"),
            ("Škoda", "Skoda"),
            ("Straße", "Strasse"),
            ("STRAßE", "STRASSE"),
            ("Ærø", "Aero"),
            ("ÆSIR", "AESIR"),
            ("Łódź", "Lodz"),
            ("ﬁle", "file"),
            ("Ｆｕｌｌ", "Full"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("ёлка", "елка"),
            ("Йод", "йод"),
            ("и\u{306}од", "йод"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("हिन्दी", "हिन्दी"),
            ("क़लम", "कलम"),
            ("हाँ", "हां"),
            ("کتابی", "كتابي"),
            ("أحمد", "احمد"),
            ("كتـــاب", "كتاب"),
            ("١٢٣", "123"),
            ("İstanbul", "Istanbul"),
            ("1½", "1 1/2"),
            ("m²", "m2"),
            ("word¹", "word 1"),
            ("col·legi", "collegi"),
            ("1\u{a0}000\u{a0}x", "1,000"),
        ] {
            let mut folded = Folded::default();
            folded.stretch(written, 0);
            assert_eq!(folded.text, plain, "{written}");
            assert_eq!(folded.origin.len(), folded.text.len());
        }
    }
}
