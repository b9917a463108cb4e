//! A file that vanished here and appeared there is one that moved.

use std::collections::HashMap;

use crate::index::Record;

/// The records whose files are gone.
#[derive(Default)]
pub(super) struct Vanished {
    records: Vec<Record>,
}

/// What a file keeps when it is renamed.
type Identity = (u64, u64, i64);
/// What it keeps even when it is copied to another disk.
type Content = (u64, u128);

impl Vanished {
    pub(super) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Begins to look for the vanished among the new.
    pub(super) fn search(&self) -> Search<'_> {
        let (mut by_identity, mut by_content) = (HashMap::new(), HashMap::new());
        for (n, record) in self.records.iter().enumerate() {
            if let Some((identity, content)) = keys(record) {
                by_identity.entry(identity).or_insert_with(Vec::new).push(n);
                by_content.entry(content).or_insert_with(Vec::new).push(n);
            }
        }
        Search { vanished: &self.records, by_identity, by_content, to: vec![None; self.records.len()] }
    }
}

/// Looks for vanished files among new ones; each is found once.
pub(super) struct Search<'a> {
    vanished: &'a [Record],
    by_identity: HashMap<Identity, Vec<usize>>,
    by_content: HashMap<Content, Vec<usize>>,
    to: Vec<Option<Vec<u8>>>,
}

impl Search<'_> {
    /// Whether the new `record` has something in common with a vanished one.
    pub(super) fn may_meet(&self, record: &Record) -> bool {
        keys(record).is_some_and(|(identity, content)| {
            self.by_identity.contains_key(&identity) || self.by_content.contains_key(&content)
        })
    }

    /// Whether the new `record` is a vanished one, which is then spoken for.
    pub(super) fn meets(&mut self, record: &Record) -> bool {
        let Some((identity, content)) = keys(record) else { return false };
        let by_identity = self.by_identity.get(&identity).into_iter().flatten();
        let by_content = self.by_content.get(&content).into_iter().flatten();
        let found = by_identity.chain(by_content).copied().find(|n| self.to[*n].is_none());
        if let Some(n) = found {
            self.to[n] = Some(record.path.clone());
        }
        found.is_some()
    }

    /// The moves found: `(from, to)`.
    pub(super) fn moves(self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let pairs = self.vanished.iter().zip(self.to);
        pairs.filter_map(|(record, to)| Some((record.path.clone(), to?))).collect()
    }
}

fn keys(record: &Record) -> Option<(Identity, Content)> {
    let version = record.version()?;
    let stat = &record.stat;
    Some(((stat.inode, stat.size, stat.mtime_ns), (stat.size, version.hash)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{State, Version};
    use crate::walk::Stat;

    fn record(path: &str, inode: u64, hash: u128) -> Record {
        let stat = Stat { inode, size: 9, mtime_ns: 5, ..Stat::default() };
        let state = State::Indexed(Version { uid: 1, hash, ..Version::default() });
        Record { path: path.into(), stat, state, ..Record::default() }
    }

    #[test]
    fn a_file_is_known_again_by_its_inode_and_else_by_its_content() {
        let rows = [
            ("renamed", record("/b", 1, 7), true),
            ("renamed and changed without a trace in size and time", record("/b", 1, 8), true),
            ("copied elsewhere", record("/b", 2, 7), true),
            ("another file", record("/b", 2, 8), false),
        ];
        for (what, new, expected) in rows {
            let mut vanished = Vanished::default();
            vanished.push(record("/a", 1, 7));
            let mut search = vanished.search();
            assert_eq!(search.may_meet(&new), expected, "{what}");
            assert_eq!(search.meets(&new), expected, "{what}");
            assert_eq!(search.moves().len(), usize::from(expected), "{what}");
        }
    }

    #[test]
    fn a_vanished_file_moves_only_once() {
        let mut vanished = Vanished::default();
        vanished.push(record("/a", 1, 7));
        let mut search = vanished.search();
        assert!(search.meets(&record("/b", 2, 7)));
        assert!(!search.meets(&record("/c", 3, 7)));
        assert_eq!(search.moves(), [(b"/a".to_vec(), b"/b".to_vec())]);
    }
}
