//! The language of a text, told from its first words.
//!
//! In: the folded parts of a text, in order. Out: the language, or nothing where it is not sure: source code,
//! tables, lists of names and a few words have none. The script decides where only one language is written in it;
//! among languages of a script the words that hold sentences together do.

mod detect;
mod script;
mod words;

pub use detect::Detector;

/// A language that [`Detector`] can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Language {
    English = 1,
    German = 2,
    French = 3,
    Spanish = 4,
    Italian = 5,
    Portuguese = 6,
    Dutch = 7,
    Russian = 8,
    Swedish = 9,
    Norwegian = 10,
    Danish = 11,
    Finnish = 12,
    Hungarian = 13,
    Romanian = 14,
    Turkish = 15,
    Greek = 16,
    Arabic = 17,
    Hindi = 18,
    Polish = 19,
    Czech = 20,
    Ukrainian = 21,
    Chinese = 22,
    Japanese = 23,
    Korean = 24,
    Thai = 25,
    Hebrew = 26,
    Persian = 27,
    Indonesian = 28,
    Vietnamese = 29,
    Catalan = 30,
    Bulgarian = 31,
    Lithuanian = 32,
    Slovak = 33,
    Tamil = 34,
}

use Language::{
    Arabic, Bulgarian, Catalan, Chinese, Czech, Danish, Dutch, English, Finnish, French, German, Greek, Hebrew, Hindi,
    Hungarian, Indonesian, Italian, Japanese, Korean, Lithuanian, Norwegian, Persian, Polish, Portuguese, Romanian,
    Russian, Slovak, Spanish, Swedish, Tamil, Thai, Turkish, Ukrainian, Vietnamese,
};

/// Every language with its code (ISO 639-1) and its name, in the order of the numbers.
#[rustfmt::skip]
const NAMES: [(Language, &str, &str); 34] = [
    (English, "en", "English"), (German, "de", "German"), (French, "fr", "French"), (Spanish, "es", "Spanish"),
    (Italian, "it", "Italian"), (Portuguese, "pt", "Portuguese"), (Dutch, "nl", "Dutch"), (Russian, "ru", "Russian"),
    (Swedish, "sv", "Swedish"), (Norwegian, "no", "Norwegian"), (Danish, "da", "Danish"), (Finnish, "fi", "Finnish"),
    (Hungarian, "hu", "Hungarian"), (Romanian, "ro", "Romanian"), (Turkish, "tr", "Turkish"), (Greek, "el", "Greek"),
    (Arabic, "ar", "Arabic"), (Hindi, "hi", "Hindi"), (Polish, "pl", "Polish"), (Czech, "cs", "Czech"),
    (Ukrainian, "uk", "Ukrainian"), (Chinese, "zh", "Chinese"), (Japanese, "ja", "Japanese"), (Korean, "ko", "Korean"),
    (Thai, "th", "Thai"), (Hebrew, "he", "Hebrew"), (Persian, "fa", "Persian"), (Indonesian, "id", "Indonesian"),
    (Vietnamese, "vi", "Vietnamese"), (Catalan, "ca", "Catalan"), (Bulgarian, "bg", "Bulgarian"),
    (Lithuanian, "lt", "Lithuanian"), (Slovak, "sk", "Slovak"), (Tamil, "ta", "Tamil"),
];

impl Language {
    /// Every language, in the order of their numbers.
    pub const ALL: [Self; NAMES.len()] = {
        let mut all = [English; NAMES.len()];
        let mut at = 0;
        while at < NAMES.len() {
            all[at] = NAMES[at].0;
            at += 1;
        }
        all
    };

    /// The two letters of ISO 639-1: `en`.
    pub fn code(self) -> &'static str {
        NAMES[usize::from(self.number()) - 1].1
    }

    /// The name in English.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.number()) - 1].2
    }

    /// The words that hold its sentences together, folded, as far as the detector goes by them.
    pub(crate) fn words(self) -> impl Iterator<Item = &'static str> {
        let of_language = words::WORDS.iter().filter(move |(language, _)| *language == self);
        of_language.flat_map(|(_, words)| words.split(' '))
    }

    /// Its number, from 1, by which counts are kept.
    const fn number(self) -> u8 {
        self as u8
    }

    /// The language with this number.
    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The language with this code, in either case; `nb` and `nn` are Norwegian, a region (`pt-BR`) is passed over.
    ///
    /// ```
    /// use indago::analyse::language::Language;
    ///
    /// assert_eq!(Language::from_code("de"), Some(Language::German));
    /// assert_eq!(Language::from_code("pt-BR"), Some(Language::Portuguese));
    /// assert_eq!(Language::from_code("xx"), None);
    /// ```
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.split(['-', '_']).next().unwrap_or_default();
        let code = if code.eq_ignore_ascii_case("nb") || code.eq_ignore_ascii_case("nn") { "no" } else { code };
        NAMES.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(code)).map(|(language, ..)| *language)
    }
}

#[cfg(test)]
mod tests;
