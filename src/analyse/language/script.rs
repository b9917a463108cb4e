//! The script of a term, as far as languages can be told by it.

/// Scripts that languages are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Greek,
    Hebrew,
    Devanagari,
    Tamil,
    Thai,
    Hangul,
    Kana,
    Han,
}

impl Script {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Han as usize + 1;

    /// The script of a folded term: kana in it make it Japanese, else the first character decides.
    ///
    /// Nothing for numbers and for scripts that no known language is written in.
    pub(super) fn of(term: &str) -> Option<Self> {
        if term.as_bytes().first().is_some_and(u8::is_ascii_lowercase) {
            return Some(Self::Latin);
        }
        let mut chars = term.chars();
        match chars.next().and_then(Self::of_char) {
            Some(Self::Han) if chars.next().and_then(Self::of_char) == Some(Self::Kana) => Some(Self::Kana),
            script => script,
        }
    }

    fn of_char(ch: char) -> Option<Self> {
        Some(match ch {
            'a'..='z' | 'A'..='Z' => Self::Latin,
            '\u{370}'..='\u{3ff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{590}'..='\u{5ff}' => Self::Hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Self::Arabic,
            '\u{900}'..='\u{97f}' => Self::Devanagari,
            '\u{b80}'..='\u{bff}' => Self::Tamil,
            '\u{e00}'..='\u{e7f}' => Self::Thai,
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}' => Self::Han,
            _ => return None,
        })
    }
}
