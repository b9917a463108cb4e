//! Two texts laid side by side, from a place where they agree for as long as that goes on.
//!
//! In: the terms of both, and a seed. Out: the blocks of terms that are the same in both, with what was changed between
//! them left out. It is the seed and extend with gaps of BLAST (Altschul et al., "Gapped BLAST and PSI-BLAST", Nucleic Acids
//! Research 25, 1997): a term that agrees counts one, a change costs what [`cost`] says, and where the sum has fallen by
//! more than [`MOST_LOST`] below its best, the passage ended at that best. So a stretch behind a change belongs to the
//! passage only if it agrees in more terms than were changed.

/// Terms that follow each other in both texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    /// The first in the one text.
    pub(super) one: u32,
    /// The first in the other.
    pub(super) other: u32,
    /// How many.
    pub(super) terms: u32,
}

impl Block {
    /// Where it ends in the one text.
    pub(super) fn one_end(&self) -> u32 {
        self.one + self.terms
    }

    /// Where it ends in the other.
    pub(super) fn other_end(&self) -> u32 {
        self.other + self.terms
    }

    /// Whether it lays these two terms side by side.
    pub(super) fn holds(&self, one: u32, other: u32) -> bool {
        (self.one..self.one_end()).contains(&one) && one - self.one + self.other == other
    }
}

/// The longest change, in terms of the text that has more there: a name and title put for another, a clause put in.
const MOST_CHANGED: usize = 8;
/// As much may be lost before it is won back: by the longest change, or by some short ones in a row.
const MOST_LOST: i64 = 12;
/// So many terms must agree behind a change; two do by chance ("of the") in most sentences.
const LEAST_AGREEING: usize = 3;

/// The blocks around the seed, a term of either text, in order; none if the terms there differ.
pub(super) fn extend(one: &[u32], other: &[u32], seed: (usize, usize)) -> Vec<Block> {
    let (i, j) = seed;
    let forward = walk(|n| one.get(i + n).copied(), |n| other.get(j + n).copied());
    if !forward.first().is_some_and(|step| step.one == 0 && step.other == 0) {
        return Vec::new();
    }
    let before = |terms: &[u32], at: usize, n: usize| at.checked_sub(n + 1).and_then(|at| terms.get(at).copied());
    let backward = walk(|n| before(one, i, n), |n| before(other, j, n));
    let block =
        |one: usize, other: usize, terms: usize| Block { one: one as u32, other: other as u32, terms: terms as u32 };
    let mut blocks: Vec<Block> = Vec::with_capacity(backward.len() + forward.len());
    blocks.extend(
        backward.iter().rev().map(|step| block(i - step.one - step.terms, j - step.other - step.terms, step.terms)),
    );
    let mut forward = forward.iter().map(|step| block(i + step.one, j + step.other, step.terms));
    if let Some(last) = blocks.last_mut()
        && (last.one_end() as usize, last.other_end() as usize) == (i, j)
    {
        last.terms += forward.next().map_or(0, |block| block.terms);
    }
    blocks.extend(forward);
    blocks
}

/// Terms that agree, counted from where a walk began.
struct Step {
    one: usize,
    other: usize,
    terms: usize,
}

/// Walks along two texts, each given by its terms one after the other, to where what they share ends.
fn walk(one: impl Fn(usize) -> Option<u32>, other: impl Fn(usize) -> Option<u32>) -> Vec<Step> {
    let agrees = |a: usize, b: usize| one(a).is_some_and(|term| other(b) == Some(term));
    let (mut a, mut b) = (0, 0);
    let (mut score, mut best, mut kept) = (0_i64, 0, 0);
    let mut steps = Vec::new();
    loop {
        let terms = (0..).take_while(|n| agrees(a + n, b + n)).count();
        if terms > 0 {
            steps.push(Step { one: a, other: b, terms });
            (a, b, score) = (a + terms, b + terms, score + terms as i64);
        }
        if score > best {
            (best, kept) = (score, steps.len());
        }
        let resumes = |x: usize, y: usize| (0..LEAST_AGREEING).all(|n| agrees(a + x + n, b + y + n));
        let Some((x, y)) = change(resumes) else { break };
        (a, b, score) = (a + x, b + y, score - cost(x, y));
        if score + MOST_LOST < best {
            break;
        }
    }
    steps.truncate(kept);
    steps
}

/// What a change of so many terms into so many costs, in terms that agree.
///
/// Two for a term that was changed, so that at least two thirds of a passage are the same: rows of a table, which differ in
/// every third word, are none. What was only put in, however long, is one change more than its terms.
fn cost(one: usize, other: usize) -> i64 {
    let (fewer, more) = (one.min(other) as i64, one.max(other) as i64);
    if fewer == 0 { 1 + more } else { 2 * more }
}

/// The smallest change behind which the texts agree again: how many terms it takes in either.
fn change(resumes: impl Fn(usize, usize) -> bool) -> Option<(usize, usize)> {
    for more in 1..=MOST_CHANGED {
        for fewer in (0..=more).rev() {
            if resumes(more, fewer) {
                return Some((more, fewer));
            }
            if resumes(fewer, more) {
                return Some((fewer, more));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a number for each word.
    fn terms(text: &str) -> Vec<u32> {
        text.split_whitespace().map(|word| xxhash_rust::xxh3::xxh3_64(word.as_bytes()) as u32).collect()
    }

    #[test]
    fn a_passage_goes_on_behind_small_changes_and_ends_where_the_texts_part() {
        let kept = "the last of the soldiers left the air base in the desert on";
        let rest = "officials said ending a decade in which drones watched over the region";
        let rows = [
            // Two texts, how many of their words agree, and how many the longer passage has.
            (format!("{kept} monday {rest}"), format!("{kept} monday {rest}"), (26, 26)),
            (format!("{kept} monday {rest}"), format!("{kept} friday {rest}"), (25, 26)),
            (format!("{kept} monday {rest}"), format!("{kept} {rest}"), (25, 26)),
            (format!("{kept} {rest}"), format!("{kept} a cold and windy day before noon {rest}"), (25, 32)),
            (format!("a b c d {kept} e f g h"), format!("i k l {kept} m n o p q r s t"), (13, 13)),
            (format!("{kept} {rest}"), format!("{kept} {}", rest.replace("said ending", "told of an")), (23, 26)),
            (format!("{kept} 1 2 a 3 4 b 5 6 c 7"), format!("{kept} 1 2 d 3 4 e 5 6 f 7"), (15, 15)),
            // Nine words are too many; and three words that agree are not worth six that do not.
            (format!("{kept} {rest}"), format!("{kept} 1 2 3 4 5 6 7 8 9 {rest}"), (13, 13)),
            (format!("{kept} 1 2 3 4 5 6 he said so"), format!("{kept} a b c d e f he said so"), (13, 13)),
            (format!("{kept} x"), format!("{} y", kept.replace("base", "field")), (12, 13)),
        ];
        let seed_words = terms("the last of");
        for (one, other, expected) in rows {
            for (one, other) in [(&one, &other), (&other, &one)] {
                let (a, b) = (terms(one), terms(other));
                let at = |terms: &[u32]| terms.windows(3).position(|run| run == seed_words).unwrap();
                let blocks = extend(&a, &b, (at(&a), at(&b)));
                let is_same = |block: &Block| {
                    a[block.one as usize..block.one_end() as usize]
                        == b[block.other as usize..block.other_end() as usize]
                };
                assert!(blocks.iter().all(is_same), "{blocks:?}");
                let (first, last) = (blocks[0], *blocks.last().unwrap());
                let longest = (last.one_end() - first.one).max(last.other_end() - first.other);
                assert_eq!((blocks.iter().map(|block| block.terms).sum(), longest), expected, "{one} | {other}");
                // Whichever place it is found by, it is the same passage.
                let again = extend(&a, &b, (last.one as usize, last.other as usize));
                assert_eq!(again, blocks, "{one} | {other}");
            }
        }
        assert!(extend(&terms("a b c"), &terms("d b c"), (0, 0)).is_empty());
    }
}
