//! Conditions on what is known of files: the versions that fulfil one, and the column that says which version a document is.

use tantivy::columnar::Column;

/// A condition on the records of a segment's documents.
pub(super) struct ConditionRun<'a> {
    pub(super) uids: &'a Column<u64>,
    /// Which versions fulfil it.
    pub(super) set: &'a UidSet,
}

/// A set of uids.
#[derive(Default)]
pub(super) struct UidSet {
    words: Vec<u64>,
}

impl UidSet {
    pub(super) fn add(&mut self, uid: u64) {
        let word = (uid / 64) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (uid % 64);
    }

    pub(super) fn has(&self, uid: u64) -> bool {
        self.words.get((uid / 64) as usize).is_some_and(|word| word >> (uid % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_uids_has_what_was_added() {
        let mut set = UidSet::default();
        for uid in [3, 64, 1000] {
            set.add(uid);
        }
        let found: Vec<u64> = (0..2000).filter(|uid| set.has(*uid)).collect();
        assert_eq!(found, [3, 64, 1000]);
    }
}
