//! What is English about families: where a stem's last letters change, and British beside American spellings.

use super::shared;
use crate::analyse::spelling;

/// How much of `stem` all words of the family of `word` begin with, the [`strays`] apart.
pub(super) fn prefix_len(word: &str, stem: &str) -> usize {
    let mut length = shared(word, stem);
    // Where the stem's last letter may be another one in the word: city, using, organise, defence, ability.
    if length == stem.len() && length > 2 {
        let swaps = match stem.as_bytes() {
            [.., b'i' | b'e'] => true,
            [.., before, b'y'] => !b"aeou".contains(before),
            [.., b'i' | b'y', b'z' | b's'] => true,
            [.., b'e', b'n', b'c' | b's'] => true,
            [.., b'a' | b'i', b'b', b'l'] => true,
            _ => false,
        };
        length -= usize::from(swaps);
    }
    match spelling::spelling(word) {
        Some((british, american)) => length.min(shared(british, american)),
        None => length,
    }
}

/// The forms of a stem that do not begin as the others do.
pub(super) fn strays(stem: &str) -> &'static [&'static str] {
    match stem {
        "die" => &["dying"],
        "lie" => &["lying"],
        "tie" => &["tying"],
        "vie" => &["vying"],
        _ => &[],
    }
}
