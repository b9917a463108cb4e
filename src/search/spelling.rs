//! How alike two words are: edits apart, and whether one is the other spelled otherwise.
//!
//! In: folded words. Out: distances and judgements; nothing here looks into an index. A name that crossed alphabets is
//! spelled by the habits of its writers (Tiani, Tchiani; Muslimin, Muslimeen; Zelensky, Selenskyj): those habits are the
//! table below, and two words are taken for one name only if every difference between them is one of the table's.

use tantivy_fst::Automaton;

use crate::rank::K1;

/// Edits from one word to another: a letter more, less or other, or two neighbours swapped (optimal string alignment,
/// as in Boytsov, "Indexing Methods for Approximate Dictionary Searching", 2011).
pub(super) fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = [vec![0; other.len() + 1], (0..=other.len()).collect(), vec![0; other.len() + 1]];
    for i in 1..=one.len() {
        let [before, last, row] = &mut rows;
        row[0] = i;
        for j in 1..=other.len() {
            let change = last[j - 1] + usize::from(one[i - 1] != other[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        rows.rotate_left(1);
    }
    rows[1][other.len()]
}

/// What a form counts with each edit from what was typed. A file that has a nearer form comes before one that has only
/// others, whatever their rarity and frequency: those weigh between [`RARITY_FLOOR`] × [`FREQUENCY_FLOOR`] = 0.59 and 1,
/// and 0.4 stays below even where the title and the path have the form as well, which adds four tenths.
pub(super) const EDIT_WEIGHT: f32 = 0.4;

const RARITY_FLOOR: f32 = 0.65;
const FREQUENCY_FLOOR: f32 = 0.9;

/// What the rarity of a form counts among those as near: from 0 for what stands everywhere to 1 for the rarest form.
pub(super) fn by_rarity(share: f32) -> f32 {
    RARITY_FLOOR + (1.0 - RARITY_FLOOR) * share
}

/// What the frequency of all forms in a text counts; `saturation` is BM25's.
pub(super) fn share(saturation: f32) -> f32 {
    FREQUENCY_FLOOR + (1.0 - FREQUENCY_FLOOR) * saturation / (1.0 + K1)
}

/// Spellings of one sound, each a row; any may stand for any other of its row.
const HABITS: [&[&str]; 19] = [
    &["t", "tch", "th"],
    &["ch", "tch", "tsch", "tj"],
    &["sh", "sch", "ch"],
    &["k", "c", "ck", "q", "kh", "ch", "qu"],
    &["ph", "f"],
    &["z", "s", "ts", "tz"],
    &["v", "w", "ff"],
    &["y", "i", "iy", "ij", "yj", "ii", "yy", "ie", "ey", "ee"],
    &["i", "ee", "j"],
    &["y", "j", "ij"],
    &["dj", "j", "dzh", "zh"],
    &["ou", "u", "oo", "w"],
    &["ai", "ei", "ay", "ey"],
    &["g", "gh"],
    &["d", "dh"],
    &["b", "bh"],
    &["x", "ks", "kh"],
    &["ah", "a"],
    &["ya", "ia", "iya", "ja"],
];

/// Vowels that name writers mix, which says nothing by itself: `former` and `farmer` are two words.
const LOOSE: [[u8; 2]; 3] = [*b"ou", *b"ae", *b"ei"];

/// Loose vowels that may differ in one name, beside a habit at least.
const MOST_LOOSE: u8 = 2;

/// Shorter names have too many neighbours that mean something else.
const LEAST_LETTERS: usize = 5;

/// What accepts the words that are probably the same name as `word`, spelled otherwise; it can walk a dictionary.
pub(super) struct Respelled<'w> {
    word: &'w str,
}

impl<'w> Respelled<'w> {
    /// `None` for a word that is too short, or has anything but the letters a to z.
    pub(super) fn new(word: &'w str) -> Option<Respelled<'w>> {
        let is_plain = word.bytes().all(|byte| byte.is_ascii_lowercase());
        (is_plain && word.len() >= LEAST_LETTERS).then_some(Respelled { word })
    }

    /// Whether `other` is accepted and not too many edits away: two, or three in a long name.
    pub(super) fn is_near(&self, other: &str) -> bool {
        let most = if self.word.len().max(other.len()) >= 8 { 3 } else { 2 };
        distance(self.word, other) <= most
    }
}

/// How far the word has been read, and what is left of a spelling that has begun to stand for a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading<'w> {
    at: usize,
    left: &'w str,
    loose: u8,
    has_habit: bool,
}

impl<'w> Automaton for Respelled<'w> {
    type State = Vec<Reading<'w>>;

    fn start(&self) -> Self::State {
        vec![Reading { at: 0, left: "", loose: 0, has_habit: false }]
    }

    fn is_match(&self, readings: &Self::State) -> bool {
        readings.iter().any(|reading| reading.at == self.word.len() && reading.left.is_empty() && reading.has_habit)
    }

    fn can_match(&self, readings: &Self::State) -> bool {
        !readings.is_empty()
    }

    fn accept(&self, readings: &Self::State, byte: u8) -> Self::State {
        let mut next = Vec::new();
        let mut push = |at: usize, left: &'w str, loose: u8, has_habit: bool| {
            let reading = Reading { at, left, loose, has_habit };
            if !next.contains(&reading) {
                next.push(reading);
            }
        };
        for Reading { at, left, loose, has_habit } in readings {
            let (at, loose) = (*at, *loose);
            if let Some(first) = left.bytes().next() {
                if first == byte {
                    push(at, &left[1..], loose, *has_habit);
                }
                continue;
            }
            let rest = &self.word[at..];
            let Some(letter) = rest.bytes().next() else { continue };
            if letter == byte {
                push(at + 1, "", loose, *has_habit);
                // One letter for two, or two for one.
                if rest.as_bytes().get(1) == Some(&letter) {
                    push(at + 2, "", loose, true);
                } else {
                    push(at + 1, &rest[..1], loose, true);
                }
            }
            for row in HABITS {
                for from in row.iter().filter(|from| rest.starts_with(**from)) {
                    for to in row.iter().filter(|to| *to != from && to.as_bytes()[0] == byte) {
                        push(at + from.len(), &to[1..], loose, true);
                    }
                }
            }
            let is_loose = LOOSE.iter().any(|[a, b]| (*a, *b) == (letter, byte) || (*a, *b) == (byte, letter));
            if is_loose && loose < MOST_LOOSE {
                push(at + 1, "", loose + 1, *has_habit);
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_a_letter_more_less_or_other_or_two_swapped() {
        let rows = [
            ("tiani", "tiani", 0),
            ("tiani", "tchiani", 2),
            ("muslimeen", "muslimin", 2),
            ("mohamed", "muhammad", 3),
            ("recieve", "receive", 1),
            ("abcd", "dcba", 3),
            ("müller", "muller", 1),
            ("", "abc", 3),
        ];
        for (one, other, expected) in rows {
            assert_eq!((distance(one, other), distance(other, one)), (expected, expected), "{one} {other}");
        }
    }

    #[test]
    fn names_are_known_again_in_their_other_spellings() {
        let respelled = |one: &str, other: &str| {
            Respelled::new(one).is_some_and(|name| {
                let end = other.bytes().fold(name.start(), |state, byte| name.accept(&state, byte));
                name.is_match(&end) && name.is_near(other)
            })
        };
        let rows = [
            ("tiani", "tchiani", true),
            ("muslimeen", "muslimin", true),
            ("mohamed", "muhammad", true),
            ("mohamed", "mohammed", true),
            ("zelensky", "zelenskyy", true),
            ("zelensky", "zelenskiy", true),
            ("zelensky", "selenskyj", true),
            ("katherine", "catherine", true),
            ("stephan", "stefan", true),
            ("tchaikovsky", "tschaikowsky", true),
            ("qaddafi", "kaddafi", true),
            ("touareg", "tuareg", true),
            ("yevgeny", "yevgeniy", true),
            ("fatimah", "fatima", true),
            ("osman", "usman", false),
            ("zeine", "sain", false),
            ("tiani", "titan", false),
            ("former", "farmer", false),
            ("latter", "letter", false),
            ("drone", "drones", false),
            ("niger", "nigeria", false),
            ("x86_64", "x86_46", false),
            ("vest", "west", false),
        ];
        for (one, other, expected) in rows {
            assert_eq!((respelled(one, other), respelled(other, one)), (expected, expected), "{one} {other}");
        }
    }
}
