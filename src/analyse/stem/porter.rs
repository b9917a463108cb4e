//! Stems of English words, as the Snowball project's English stemmer finds them, ten times as fast.
//!
//! In: a word of small letters of ASCII. Out: its stem. The rules are those of Porter's second stemmer
//! (snowballstem.org/algorithms/english/stemmer.html, version 3.1); a test holds them against the implementation that
//! all other languages use. A question stems all words of the dictionary that begin as one of its own does, hundreds of
//! them, which makes this worth its lines.

/// The stem of a word of small letters of ASCII.
pub(super) fn stem(word: &str) -> String {
    if let Some((_, stem)) = ODD.iter().find(|(odd, _)| *odd == word) {
        return stem.to_string();
    }
    let mut porter = Porter { word: word.into(), first: 0, second: 0 };
    if word.len() > 2 {
        porter.shorten();
    }
    String::from_utf8(porter.word).unwrap_or_default()
}

/// The stem in the making.
struct Porter {
    word: Vec<u8>,
    /// Where the regions R1 and R2 begin: behind the first consonant that follows a vowel, and behind the next such one.
    first: usize,
    second: usize,
}

/// Words with stems of their own; those that are their own stems stand beside themselves.
const ODD: [(&str, &str); 15] = [
    ("andes", "andes"),
    ("atlas", "atlas"),
    ("bias", "bias"),
    ("cosmos", "cosmos"),
    ("early", "earli"),
    ("gently", "gentl"),
    ("howe", "howe"),
    ("idly", "idl"),
    ("news", "news"),
    ("only", "onli"),
    ("singly", "singl"),
    ("skies", "sky"),
    ("skis", "ski"),
    ("sky", "sky"),
    ("ugly", "ugli"),
];

/// Beginnings behind which R1 begins.
const BEGINNINGS: [&str; 9] = ["arsen", "commun", "emerg", "gener", "inter", "later", "organ", "past", "univers"];

/// Endings of the second step and what takes their place in R1, a longer one before those that it ends with.
const SECOND: [(&str, &str); 23] = [
    ("ization", "ize"),
    ("ational", "ate"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("tional", "tion"),
    ("biliti", "ble"),
    ("lessli", "less"),
    ("entli", "ent"),
    ("ation", "ate"),
    ("alism", "al"),
    ("aliti", "al"),
    ("ousli", "ous"),
    ("iviti", "ive"),
    ("fulli", "ful"),
    ("ogist", "og"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("abli", "able"),
    ("izer", "ize"),
    ("ator", "ate"),
    ("alli", "al"),
    ("bli", "ble"),
];

/// Those of the third step.
const THIRD: [(&str, &str); 8] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("alize", "al"),
    ("icate", "ic"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ness", ""),
    ("ful", ""),
];

/// Endings that the fourth step takes off in R2, a longer one before those that it ends with.
const FOURTH: [&str; 17] = [
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "al",
    "er", "ic",
];

impl Porter {
    fn shorten(&mut self) {
        // A y that is a consonant is told from the vowel by a capital.
        let mut has_consonant_y = false;
        for at in 0..self.word.len() {
            if self.word[at] == b'y' && (at == 0 || is_vowel(self.word[at - 1])) {
                self.word[at] = b'Y';
                has_consonant_y = true;
            }
        }
        let beginning = BEGINNINGS.iter().find(|beginning| self.word.starts_with(beginning.as_bytes()));
        self.first = beginning.map_or_else(|| self.region(0), |beginning| beginning.len());
        self.second = self.region(self.first);
        self.plural();
        self.past_or_participle();
        self.final_y();
        if !self.replace(&SECOND) {
            self.second_li();
        }
        if !self.replace(&THIRD) && self.ends("ative") && self.in_region(5, self.second) {
            self.cut(5);
        }
        self.fourth();
        self.fifth();
        if has_consonant_y {
            self.word.make_ascii_lowercase();
        }
    }

    /// Behind the first consonant that follows a vowel from `at` on.
    fn region(&self, at: usize) -> usize {
        let rest = &self.word[at..];
        let vowel = rest.iter().position(|byte| is_vowel(*byte));
        let consonant = vowel.and_then(|vowel| Some(vowel + rest[vowel..].iter().position(|byte| !is_vowel(*byte))?));
        consonant.map_or(self.word.len(), |consonant| at + consonant + 1)
    }

    fn ends(&self, ending: &str) -> bool {
        self.word.ends_with(ending.as_bytes())
    }

    /// Whether the last `length` letters lie in the region that begins at `from`.
    fn in_region(&self, length: usize, from: usize) -> bool {
        self.word.len() - length >= from
    }

    /// Takes the last letters off.
    fn cut(&mut self, length: usize) {
        self.word.truncate(self.word.len() - length);
    }

    /// Whether a vowel stands before the last `length` letters.
    fn has_vowel_before(&self, length: usize) -> bool {
        self.word[..self.word.len() - length].iter().any(|byte| is_vowel(*byte))
    }

    /// Step 1a.
    fn plural(&mut self) {
        if self.ends("sses") {
            self.cut(2);
        } else if self.ends("ied") || self.ends("ies") {
            self.cut(if self.word.len() > 4 { 2 } else { 1 });
        } else if self.ends("s") && !self.ends("us") && !self.ends("ss") && self.has_vowel_before(2) {
            self.cut(1);
        }
    }

    /// Step 1b.
    fn past_or_participle(&mut self) {
        let endings = ["eedly", "ingly", "edly", "eed", "ing", "ed"];
        let Some(ending) = endings.into_iter().find(|ending| self.ends(ending)) else { return };
        let before = self.word.len() - ending.len();
        if ending.starts_with("ee") {
            let is_kept = [&b"succ"[..], b"proc", b"exc"].contains(&&self.word[..before]);
            if before >= self.first && !is_kept {
                self.word.truncate(before + 2);
            }
            return;
        }
        if ending == "ing" {
            let lie = matches!(self.word[..before], [consonant, b'y'] if !is_vowel(consonant));
            if lie {
                self.word.truncate(before - 1);
                return self.word.extend(b"ie");
            }
            if [&b"even"[..], b"cann", b"inn", b"earr", b"herr", b"out"].contains(&&self.word[..before]) {
                return;
            }
        }
        if !self.has_vowel_before(ending.len()) {
            return;
        }
        self.word.truncate(before);
        match self.word[..] {
            [.., b'a', b't'] | [.., b'b', b'l'] | [.., b'i', b'z'] => self.word.push(b'e'),
            [b'a' | b'e' | b'o', a, b] if is_double(a, b) => {}
            [.., a, b] if is_double(a, b) => drop(self.word.pop()),
            _ if self.word.len() == self.first && self.is_short(self.word.len()) => self.word.push(b'e'),
            _ => {}
        }
    }

    /// Whether the first `length` letters end in a short syllable.
    fn is_short(&self, length: usize) -> bool {
        match self.word[..length] {
            [.., a, b, c] if !is_vowel(a) && is_vowel(b) && !is_vowel(c) && !matches!(c, b'w' | b'x' | b'Y') => true,
            [a, b] => is_vowel(a) && !is_vowel(b),
            _ => self.word[..length].ends_with(b"past"),
        }
    }

    /// Step 1c.
    fn final_y(&mut self) {
        if let [_, .., before, last @ (b'y' | b'Y')] = &mut self.word[..]
            && !is_vowel(*before)
        {
            *last = b'i';
        }
    }

    /// Replaces the first of the endings that the word has, if it lies in R1; says whether it has one.
    fn replace(&mut self, endings: &[(&str, &str)]) -> bool {
        let Some((ending, other)) = endings.iter().find(|(ending, _)| self.ends(ending)) else { return false };
        if self.in_region(ending.len(), self.first) {
            self.cut(ending.len());
            self.word.extend(other.bytes());
        }
        true
    }

    /// What of step 2 depends on the letter before.
    fn second_li(&mut self) {
        let (ending, length) = match self.word[..] {
            [.., b'l', b'o', b'g', b'i'] => (3, 1),
            [.., b'c' | b'd' | b'e' | b'g' | b'h' | b'k' | b'm' | b'n' | b'r' | b't', b'l', b'i'] => (2, 2),
            _ => return,
        };
        if self.in_region(ending, self.first) {
            self.cut(length);
        }
    }

    /// Step 4.
    fn fourth(&mut self) {
        let length = match FOURTH.iter().find(|ending| self.ends(ending)) {
            Some(ending) => ending.len(),
            None if self.ends("sion") || self.ends("tion") => 3,
            None => return,
        };
        if self.in_region(length, self.second) {
            self.cut(length);
        }
    }

    /// Step 5.
    fn fifth(&mut self) {
        let Some(before) = self.word.len().checked_sub(1) else { return };
        let is_off = match self.word[before] {
            b'e' => before >= self.second || before >= self.first && !self.is_short(before),
            b'l' => before >= self.second && self.word[..before].ends_with(b"l"),
            _ => false,
        };
        if is_off {
            self.word.truncate(before);
        }
    }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

fn is_double(a: u8, b: u8) -> bool {
    a == b && matches!(a, b'b' | b'd' | b'f' | b'g' | b'm' | b'n' | b'p' | b'r' | b't')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_equal(word: &str) {
        let snowball = frostem::Stemmer::new(frostem::Algorithm::English);
        assert_eq!(stem(word), snowball.stem(word), "{word}");
    }

    #[test]
    fn words_with_rules_of_their_own_have_the_stems_that_snowball_gives_them() {
        let odd = ODD.iter().map(|(word, _)| word.to_string());
        let ends = ["", "s", "es", "ed", "ing", "ingly", "edly", "eed", "eedly", "ation", "al", "er", "ly", "y"];
        let begin = [
            "even", "cann", "inn", "earr", "herr", "out", "succ", "proc", "exc", "add", "egg", "off", "err", "past",
            "repast", "d", "l", "t", "v", "x", "y", "yy", "ayy", "b", "ag", "us", "sh", "hop", "hopp", "lov", "fil",
        ];
        let begin = begin.iter().chain(&BEGINNINGS);
        let built = begin.flat_map(|begin| ends.iter().map(move |end| format!("{begin}{end}")));
        odd.chain(built).filter(|word| !word.is_empty()).for_each(|word| assert_equal(&word));
    }

    proptest! {
        /// Words that are made of the endings which the rules know.
        #[test]
        fn any_word_has_the_stem_that_snowball_gives_it(
            begin in "[a-z]{0,3}[aeiouy]{0,2}[a-z]{1,4}",
            ends in prop::collection::vec(prop::sample::select(
                SECOND.iter().chain(&THIRD).map(|(ending, _)| *ending).chain(FOURTH).chain([
                    "s", "es", "ies", "ied", "sses", "us", "ed", "ing", "ingly", "edly", "eed", "eedly", "y", "ly", "ion",
                    "sion", "tion", "ogi", "logi", "li", "ative", "e", "le", "ll", "l", "tt", "at", "bl", "iz",
                ]).collect::<Vec<_>>(),
            ), 0..4),
        ) {
            assert_equal(&(begin + &ends.concat()));
        }
    }
}
