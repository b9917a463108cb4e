//! Which hits come first: BM25 over body, title and path, and files with all the words of a short question before others.
//!
//! BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the idf of Lucene, which is
//! never negative. The spellings of one word count together: their frequencies add up, and their rarity is that of the
//! whole family, so that an inflection does not look rarer than it is.
//!
//! The figures below are mean nDCG@10 over the public collections Cranfield, CACM, NPL and TIME, with one constant changed
//! and the others as they stand, which gives .5647.

/// How soon further occurrences of a word stop to count. The usual value, and Lucene's; 0.9 gives .5629.
pub const K1: f32 = 1.2;

/// How much a long text is held against its words. The usual value, and Lucene's; 0.4 gives .5625.
pub const B: f32 = 0.75;

/// What a word in the title adds to what it counts in the text, where it stands as well; without it .5610.
pub const TITLE_WEIGHT: f32 = 0.3;

/// What a word in the path adds: enough to settle between texts that are otherwise alike, and to find a file by its name.
/// The collections, whose files are named by number, say nothing of it.
pub const PATH_WEIGHT: f32 = 0.1;

/// What another inflection counts beside the form that was typed: exact forms come first, their family follows. 1.0 gives
/// .5619, 0.6 gives .5653, which is too little a difference to choose by.
pub const INFLECTION_WEIGHT: f32 = 0.8;

/// Questions of up to so many words are short: a file that has all of them answers better than any that lacks one.
/// Longer ones are sentences, where a missing word says little. The collections' questions are nearly all sentences (with 1
/// instead they give .5641); what is typed into a shell is not.
pub const SHORT_WORDS: usize = 4;

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
