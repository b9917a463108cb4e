//! The family of a word: the terms of a dictionary that share its stem.
//!
//! Stems are taken when a question is asked, so the index holds words as they were written. In:
//! folded terms. Out: their stems, and where in a sorted dictionary the family has to be looked for.
//! British and American spellings of a word share a stem.

use std::borrow::Cow;

use super::spelling;

/// English stems of folded terms (Snowball), the same for British and American spellings.
///
/// ```
/// use indago::analyse::stem::Stemmer;
///
/// let stemmer = Stemmer::english();
/// assert_eq!(stemmer.stem("withdrawing"), stemmer.stem("withdraws"));
/// assert_ne!(stemmer.stem("withdrew"), stemmer.stem("withdraws"));
/// assert_eq!(stemmer.stem("neighbouring"), stemmer.stem("neighbor"));
/// ```
#[derive(Clone, Copy)]
pub struct Stemmer(frostem::Stemmer);

impl Stemmer {
    /// The stemmer for English.
    pub fn english() -> Self {
        Self(frostem::Stemmer::new(frostem::Algorithm::English))
    }

    /// The stem of a folded term; a term with anything but the letters a to z stems to itself.
    pub fn stem<'t>(&self, term: &'t str) -> Cow<'t, str> {
        if !term.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Cow::Borrowed(term);
        }
        match spelling::common(term) {
            Cow::Borrowed(term) => self.0.stem(term),
            Cow::Owned(term) => Cow::Owned(self.0.stem(&term).into_owned()),
        }
    }
}

/// The prefix shared by all terms whose stem is `stem`, that of `word`, apart from a few strays.
///
/// Walk the terms that begin with it and keep those with the same stem. It has two letters at
/// least; `word` itself may lie outside (dying, of die), so look it up besides, and the [`strays`].
///
/// ```
/// use indago::analyse::stem::family_prefix;
///
/// assert_eq!(family_prefix("withdrawing", "withdraw"), "withdraw");
/// assert_eq!(family_prefix("cities", "citi"), "cit");
/// ```
pub fn family_prefix<'s>(word: &'s str, stem: &'s str) -> &'s str {
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
    if let Some((british, american)) = spelling::spelling(word) {
        length = length.min(shared(british, american));
    }
    if length < 2 { stem } else { stem.get(..length).unwrap_or(stem) }
}

/// The forms of a stem that do not begin with its [`family_prefix`].
pub fn strays(stem: &str) -> &'static [&'static str] {
    match stem {
        "die" => &["dying"],
        "lie" => &["lying"],
        "tie" => &["tying"],
        "vie" => &["vying"],
        _ => &[],
    }
}

fn shared(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of one family a row; each must be found from each.
    const FAMILIES: [&[&str]; 22] = [
        &["withdraw", "withdraws", "withdrawing"],
        &["withdrew"],
        &["defence", "defense", "defences", "defenses"],
        &["neighbour", "neighbor", "neighbouring", "neighbors"],
        &["programme", "program", "programs", "programmes"],
        &["university", "universities"],
        &["city", "cities"],
        &["happy", "happiness"],
        &["use", "using", "used", "uses"],
        &["organise", "organize", "organisation", "organizing"],
        &["realise", "realize", "realised", "realizing"],
        &["analyse", "analyze", "analysed", "analyses"],
        &["possible", "possibly", "possibility"],
        &["die", "dies", "dying"],
        &["sky", "skies"],
        &["centre", "center", "centres", "centered"],
        &["travelling", "traveling", "travels", "traveled"],
        &["grey", "gray"],
        &["colour", "color", "coloured"],
        &["licence", "license", "licensing"],
        &["say", "says"],
        &["modelling", "modeling", "model"],
    ];

    #[test]
    fn families_share_a_stem_and_are_found_from_every_member() {
        let stemmer = Stemmer::english();
        for family in FAMILIES {
            for word in family {
                let stem = stemmer.stem(word);
                assert_eq!(stem, stemmer.stem(family[0]), "{word}");
                let prefix = family_prefix(word, &stem);
                for other in family {
                    let found = other.starts_with(prefix) || strays(&stem).contains(other);
                    assert!(found || other == word, "{other} from {word} by {prefix}");
                }
            }
        }
    }

    #[test]
    fn words_of_their_own_keep_their_stems_apart() {
        let stemmer = Stemmer::english();
        for (one, other) in [("withdrew", "withdraw"), ("promise", "prom"), ("total", "toll")] {
            assert_ne!(stemmer.stem(one), stemmer.stem(other), "{one}");
        }
    }

    #[test]
    fn terms_that_are_no_english_words_stem_to_themselves() {
        for term in ["", "1000", "sha256s", "c++", "東京", "жизнями", "user@hosts.org", "US"] {
            assert_eq!(Stemmer::english().stem(term), term);
        }
    }

    #[test]
    fn prefixes_are_never_short() {
        for (word, stem, prefix) in [
            ("dying", "die", "die"),
            ("is", "is", "is"),
            ("say", "say", "say"),
            ("x", "x", "x"),
            ("ж", "ж", "ж"),
            ("жить", "жит", "жит"),
        ] {
            assert_eq!(family_prefix(word, stem), prefix);
        }
    }
}
