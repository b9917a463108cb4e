//! What a commit changes: the new word on each path, and the totals that go with it.

use std::collections::BTreeMap;

use super::payload::Payload;
use super::{Record, Version};
use crate::walk::bytes_order;

/// What one commit changes beside the segments already added.
#[derive(Default)]
pub(crate) struct Delta {
    /// The new word on each path, in path order.
    pub(super) records: BTreeMap<PathKey, Record>,
    /// Versions that are no longer true.
    pub(super) gone: Vec<u64>,
    /// What the versions added and gone change in the totals.
    documents: i64,
    bytes: i64,
    tokens: [i64; 3],
    /// The largest uid among the versions added.
    last_uid: u64,
}

/// A path that sorts by component.
#[derive(PartialEq, Eq)]
pub(super) struct PathKey(pub(super) Vec<u8>);

impl Ord for PathKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        bytes_order(&self.0, &other.0)
    }
}

impl PartialOrd for PathKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Delta {
    /// Puts `record` in the place of `old`.
    pub(crate) fn put(&mut self, record: Record, old: Option<&Record>) {
        let before = old.and_then(|old| Some((old.version()?, old.stat.size)));
        let after = record.version().map(|version| (version, record.stat.size));
        if before.map(|(version, _)| version.uid) != after.map(|(version, _)| version.uid) {
            if let Some((version, bytes)) = before {
                self.gone.push(version.uid);
                self.count(version, bytes, -1);
            }
            if let Some((version, bytes)) = after {
                self.last_uid = self.last_uid.max(version.uid);
                self.count(version, bytes, 1);
            }
        }
        let uid = record.uid();
        if let Some(previous) = self.records.insert(PathKey(record.path.clone()), record)
            && let Some(version) = previous.version()
            && Some(version.uid) != uid
            && old.and_then(Record::uid) != Some(version.uid)
        {
            // Met twice in one run, and changed in between: only the last version counts.
            self.gone.push(version.uid);
            self.count(&version.clone(), previous.stat.size, -1);
        }
    }

    fn count(&mut self, version: &Version, bytes: u64, sign: i64) {
        self.documents += sign;
        self.bytes += sign * bytes as i64;
        for (total, tokens) in self.tokens.iter_mut().zip(version.tokens) {
            *total += sign * i64::from(tokens);
        }
    }

    /// Adds what the version of `record` brings to the totals.
    pub(super) fn add(&mut self, record: &Record) {
        if let Some(version) = record.version() {
            self.last_uid = self.last_uid.max(version.uid);
            self.count(version, record.stat.size, 1);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The payload after this change of `before`.
    pub(super) fn applied(&self, before: &Payload, unfinished: bool) -> Payload {
        let mut next = Payload { unfinished, committed_ns: now_ns(), ..before.clone() };
        next.documents = next.documents.saturating_add_signed(self.documents);
        next.bytes = next.bytes.saturating_add_signed(self.bytes);
        for (total, change) in next.tokens.iter_mut().zip(self.tokens) {
            *total = total.saturating_add_signed(change);
        }
        next.next_uid = next.next_uid.max(self.last_uid + 1);
        next
    }
}

/// The time, in nanoseconds since the epoch.
pub(crate) fn now_ns() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)
}
