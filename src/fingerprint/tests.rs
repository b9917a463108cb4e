use std::collections::HashSet;

use super::*;

fn fingerprint(text: &str) -> Fingerprint {
    let mut fingerprinter = Fingerprinter::default();
    text.split_whitespace().for_each(|term| fingerprinter.take(term));
    fingerprinter.finish()
}

fn shingles(text: &str) -> HashSet<u64> {
    let mut shingler = Shingler::default();
    let mut shingles: HashSet<_> = text.split_whitespace().filter_map(|term| shingler.take(term)).collect();
    shingles.extend(shingler.finish());
    shingles
}

fn truth(a: &str, b: &str) -> f32 {
    let (a, b) = (shingles(a), shingles(b));
    a.intersection(&b).count() as f32 / a.union(&b).count() as f32
}

/// Numbers that follow each other without a rule (Marsaglia's xorshift), the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    /// A text of so many words, and one in which about one word in `every` is another.
    fn pair(&mut self, words: usize, every: u64) -> (String, String) {
        let one: Vec<_> = (0..words).map(|_| format!("w{}", self.below(20_000))).collect();
        let change =
            |word: &String| if self.below(every) == 0 { format!("x{}", self.below(20_000)) } else { word.clone() };
        let other: Vec<_> = one.iter().map(change).collect();
        (one.join(" "), other.join(" "))
    }
}

#[test]
fn short_texts_are_compared_exactly() {
    let rows = [
        ("the lantern was lit", "the lantern was lit", 1.0),
        ("buy milk and bread today", "buy milk and eggs today", 0.2),
        ("buy milk and bread today", "buy milk and bread tomorrow", 0.5),
        ("lantern", "lantern", 1.0),
        ("lantern", "harbour", 0.0),
        ("lantern lit", "lit lantern", 0.0),
        ("", "", 0.0),
        ("", "lantern", 0.0),
        // All their shingles are the same, but one is half as long.
        ("yes yes yes yes", "yes yes yes yes yes yes yes yes", 0.5),
    ];
    for (a, b, share) in rows {
        let (a_print, b_print) = (fingerprint(a), fingerprint(b));
        assert!(a_print.is_whole() && b_print.is_whole());
        assert_eq!(a_print.share(&b_print), share, "{a} | {b}");
        assert_eq!(b_print.share(&a_print), share, "{b} | {a}");
    }
}

#[test]
fn the_estimate_is_near_the_truth_at_every_length() {
    let mut draw = Draw(88_172_645_463_325_252);
    for words in [18, 40, 100, 400, 2000] {
        for every in [5, 10, 20, 40, 100] {
            let (mut error, mut bias) = (0.0, 0.0);
            for _ in 0..100 {
                let (a, b) = draw.pair(words, every);
                let off = fingerprint(&a).share(&fingerprint(&b)) - truth(&a, &b);
                error += off.abs() / 100.0;
                bias += off / 100.0;
            }
            assert!(error < 0.06 && f32::abs(bias) < 0.02, "{words} words, one in {every}: {error} {bias}");
        }
    }
}

#[test]
fn unlike_texts_share_nothing_that_counts() {
    let mut draw = Draw(7);
    let prints: Vec<_> = (0..300).map(|n| fingerprint(&draw.pair(10 + n * 3, 2).0)).collect();
    for (n, a) in prints.iter().enumerate() {
        for b in &prints[n + 1..] {
            assert!(a.share(b) < 0.3, "{} and {} words", a.words(), b.words());
        }
    }
}

#[test]
fn nearly_the_same_texts_agree_in_three_bins_that_stand_together() {
    let mut draw = Draw(99);
    let (mut likes, mut missed) = (0, 0);
    for words in [3, 5, 8, 12, 15, 16, 18, 20, 30, 60, 200, 1000] {
        for _ in 0..300 {
            let (a, b) = draw.pair(words, 1 + words as u64 / 2);
            if truth(&a, &b) < 0.8 {
                continue;
            }
            let (a, b) = (fingerprint(&a).dense().unwrap(), fingerprint(&b).dense().unwrap());
            likes += 1;
            missed += u32::from(!a.chunks(3).zip(b.chunks(3)).any(|(a, b)| a == b));
        }
    }
    assert!(likes > 1000 && missed == 0, "{missed} of {likes}");
    assert_eq!(fingerprint("").dense(), None);
}

#[test]
fn a_fingerprint_depends_on_its_text_alone() {
    let mut fingerprinter = Fingerprinter::default();
    for text in ["one two", "the lantern of the old harbour", &"word and another ".repeat(300), "", "one two"] {
        text.split_whitespace().for_each(|term| fingerprinter.take(term));
        let made = fingerprinter.finish();
        assert_eq!(made, fingerprint(text), "{text}");
        assert_eq!(made.words() as usize, text.split_whitespace().count());
    }
}

#[test]
fn terms_that_differ_have_hashes_that_differ() {
    let terms = (0..100_000).map(|n| format!("{n}"));
    let terms = terms.chain((0..40).map(|n| "a".repeat(n))).chain((0..40).map(|n| format!("{}b", "a".repeat(n))));
    let terms: HashSet<_> = terms.collect();
    let hashes: HashSet<_> = terms.iter().map(|term| hash(term.as_bytes())).collect();
    assert_eq!(hashes.len(), terms.len());
}
