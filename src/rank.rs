//! Which hits come first: the constants of ranking, each with what other values give, and BM25.
//!
//! BM25 over body, title and path as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the idf
//! of Lucene, which is never negative. The spellings of one word count together: their frequencies add up, and their rarity
//! is that of the whole family, so that an inflection does not look rarer than it is. What the other steps do is told in
//! `search::closely` and `search::alike`, and on the page docs/ranking.md.
//!
//! The figures are mean nDCG@10 over the public collections Cranfield, CACM, NPL and TIME, with one constant changed and the
//! others as they stand, which gives .5826; `benches/ranking.rs` gives them again. Some 450 questions are behind them, so a
//! difference below .003 is no reason to choose.

/// How soon further occurrences of a word stop to count. The usual value, and Lucene's; 0.9 gives .5794.
pub const K1: f32 = 1.2;

/// How much a long text is held against its words. The usual value, and Lucene's; 0.4 gives .5792, and CoSQA loses .02.
pub const B: f32 = 0.75;

/// What a word in the title adds to what it counts in the text, where it stands as well; without it .5758.
pub const TITLE_WEIGHT: f32 = 0.3;

/// What a word in the path adds: enough to settle between texts that are otherwise alike, and to find a file by its name.
/// The collections, whose files are named by number, say nothing of it.
pub const PATH_WEIGHT: f32 = 0.1;

/// What another inflection counts beside the form that was typed: exact forms come first, their family follows. 1.0 gives
/// .5830, 0.6 gives .5847.
pub const INFLECTION_WEIGHT: f32 = 0.8;

/// Questions of up to so many words are short: a file that has all of them answers better than any that lacks one.
/// Longer ones are sentences, where a missing word says little. The collections' questions are nearly all sentences (without
/// the rule they give .5823); what is typed into a shell is not.
pub const SHORT_WORDS: usize = 4;

/// What a function word counts beside others: it finds nothing, but between files that are found it says a little. As if it
/// had not been typed (0) gives .5780, and CoSQA, where `not` and `from` matter, loses .019; 1.0 gives .5778.
pub const FUNCTION_WEIGHT: f32 = 0.5;

/// A word that makes up no more than this of the rarity of a short question may be lacking: nearly all files have it. That is
/// a word that four files of five have, beside one that one of 300 has.
pub const NEGLIGIBLE_SHARE: f32 = 0.05;

/// So many of the best are looked at closely. 100 gives .5815, 400 .5815 at twice the cost.
pub const CLOSE: usize = 200;

/// What two words count that follow each other in the question and in the text, beside what each counts. The sequential
/// dependence of Metzler and Croft, "A Markov random field model for term dependencies" (2005); without it .5816, and CACM
/// loses .003.
pub const NEXT_WEIGHT: f32 = 0.07;

/// What two words count that follow each other in the question and stand near each other in the text; without it .5810.
pub const NEAR_WEIGHT: f32 = 0.05;

/// Words fewer places apart than this are near, as in the same paper; 16 gives .5827.
pub const NEAR_WORDS: u32 = 8;

/// What the best passage of a text counts beside the whole. Without it .5782, all of it lost on TIME, whose texts are longer
/// than passages; 0.6 gives .5810.
pub const PASSAGE_WEIGHT: f32 = 0.3;

/// The length of a passage, in words: a paragraph. 152 gives .5804.
pub const PASSAGE_WORDS: u32 = 76;

/// How much of a score may be that of the documents most like it. Without it .5716, with 0.6 .5766.
pub const LIKENESS_SHARE: f32 = 0.4;

/// What speaks against likeness: documents whose cosines come to so much are drawn half as far as those that are all alike.
/// Without it .5825, but a document that is hardly like any other would be drawn as far as a copy.
pub const DOUBT: f32 = 0.2;

/// So many documents are drawn on for that; 10 gives .5819.
pub const LIKES: usize = 5;

/// Which steps decide the order of hits; BM25 of the text alone is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Function words only weigh between files that other words find.
    pub function_words: bool,
    /// Titles and paths count, and a file that is called what is asked for comes first.
    pub names: bool,
    /// In a short question, files with all the words come before others.
    pub all_words: bool,
    /// Words next to each other, or near, count more.
    pub nearness: bool,
    /// The best passage of a text counts beside the whole.
    pub passage: bool,
    /// Texts that are like other good hits gain.
    pub likeness: bool,
}

impl Steps {
    /// Everything.
    pub const ALL: Steps =
        Steps { function_words: true, names: true, all_words: true, nearness: true, passage: true, likeness: true };
    /// BM25 of the text alone.
    pub const PLAIN: Steps = Steps {
        function_words: false,
        names: false,
        all_words: false,
        nearness: false,
        passage: false,
        likeness: false,
    };

    /// Whether any step needs a closer look at the best hits.
    pub fn looks_closely(&self) -> bool {
        self.function_words || self.nearness || self.passage || self.likeness
    }
}

/// The rarity of a word that `documents_with` of `documents` have.
///
/// ```
/// use indago::rank::idf;
/// assert!(idf(1, 1000) > idf(10, 1000) && idf(1000, 1000) > 0.0);
/// ```
pub fn idf(documents_with: u64, documents: u64) -> f32 {
    let (with, all) = (documents_with.min(documents) as f64, documents as f64);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln() as f32
}

/// How many of `documents` have at least one of several spellings, of which each alone has so many; as if they were
/// spread independently of each other, since counting the truth would cost a pass over all of them.
pub fn union(each: impl IntoIterator<Item = u64>, documents: u64) -> u64 {
    let all = documents.max(1) as f64;
    let mut without = 1.0;
    let mut most = 0;
    for with in each {
        most = most.max(with);
        without *= 1.0 - (with as f64 / all).min(1.0);
    }
    ((all * (1.0 - without)).round() as u64).clamp(most.min(documents), documents)
}

/// The part of BM25 that depends on the length of a text, for each of the 256 lengths that the index tells apart.
pub struct Norms {
    table: [f32; 256],
}

impl Norms {
    /// The table for texts of `average` tokens.
    pub fn new(average: f32) -> Norms {
        let average = average.max(1.0);
        let mut table = [0.0; 256];
        for (id, norm) in table.iter_mut().enumerate() {
            let tokens = tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm(id as u8) as f32;
            *norm = K1 * (1.0 - B + B * tokens / average);
        }
        Norms { table }
    }

    /// What a word of frequency `tf` counts in a text whose length has this id, from 0 to 1 + [`K1`].
    pub fn saturation(&self, tf: f32, length_id: u8) -> f32 {
        tf * (1.0 + K1) / (tf + self.table[length_id as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_more_in_a_short_text_and_less_each_time_it_comes_again() {
        let norms = Norms::new(100.0);
        assert!(norms.saturation(1.0, 10) > norms.saturation(1.0, 40));
        let gains: Vec<_> =
            (0..4).map(|tf| norms.saturation(tf as f32 + 1.0, 20) - norms.saturation(tf as f32, 20)).collect();
        assert!(gains.windows(2).all(|pair| pair[0] > pair[1]), "{gains:?}");
    }

    #[test]
    fn a_family_is_at_least_as_common_as_its_commonest_member() {
        for (each, documents, expected) in [(vec![10, 0], 100, 10), (vec![50, 50], 100, 75), (vec![100, 100], 100, 100)]
        {
            assert_eq!(union(each.clone(), documents), expected, "{each:?}");
        }
    }
}
