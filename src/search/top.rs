//! The best of all matches, equal scores in path order.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::condition::UidSet;
use crate::index::{Record, Snapshot};
use crate::walk::bytes_order;
use crate::{Error, Result};

/// A match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Match {
    pub(super) score: f32,
    pub(super) uid: u64,
    pub(super) segment: u32,
    pub(super) document: u32,
}

/// Gathers matches and keeps the best, with all that score as much as the last of them.
pub(super) struct Top {
    matches: Vec<Match>,
    keep: usize,
    /// Nothing below this can be among the best any more.
    threshold: f32,
    pub(super) total: u64,
}

impl Top {
    /// Keeps the best `keep`.
    pub(super) fn new(keep: usize) -> Top {
        Top { matches: Vec::new(), keep, threshold: f32::NEG_INFINITY, total: 0 }
    }

    /// Whether a match of this score may be among the best.
    pub(super) fn wants(&self, score: f32) -> bool {
        score >= self.threshold && self.keep > 0
    }

    pub(super) fn push(&mut self, found: Match) {
        self.total += 1;
        if !self.wants(found.score) {
            return;
        }
        self.matches.push(found);
        if self.matches.len() >= 4 * self.keep.max(64) && self.matches.len().is_power_of_two() {
            self.prune();
        }
    }

    /// Drops what scores less than the last of the best.
    fn prune(&mut self) {
        if self.matches.len() <= self.keep || self.keep == 0 {
            return;
        }
        let (_, last, _) = self.matches.select_nth_unstable_by(self.keep - 1, by_score);
        self.threshold = last.score;
        let threshold = self.threshold;
        self.matches.retain(|found| found.score >= threshold);
    }

    /// The best, highest scores first, equals in no order.
    pub(super) fn finish(mut self, files: &mut Files<'_>) -> Result<Vec<Match>> {
        self.prune();
        self.matches.sort_unstable_by(by_score);
        files.cut(&mut self.matches, self.keep)?;
        self.matches.truncate(self.keep);
        Ok(self.matches)
    }
}

/// Best first.
fn by_score(a: &Match, b: &Match) -> Ordering {
    b.score.total_cmp(&a.score)
}

/// From so many on, reading all records is quicker than looking each one up (0.02 µs against 1).
const MANY: usize = 2_000;

/// The records of matches, looked up when they are needed: most matches are neither shown nor as good as another.
pub(super) struct Files<'a> {
    snapshot: &'a Snapshot,
    records: HashMap<u64, Record>,
}

impl<'a> Files<'a> {
    /// None yet.
    pub(super) fn new(snapshot: &'a Snapshot) -> Files<'a> {
        Files { snapshot, records: HashMap::new() }
    }

    /// The record of a match.
    pub(super) fn of(&mut self, found: &Match) -> Result<&Record> {
        Ok(match self.records.entry(found.uid) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(look_up(self.snapshot, found.uid)?),
        })
    }

    /// The record of a match that was looked up.
    pub(super) fn known(&self, found: &Match) -> Result<&Record> {
        self.records.get(&found.uid).ok_or_else(|| lost(self.snapshot))
    }

    /// Looks up the records of these matches.
    pub(super) fn load(&mut self, matches: impl Iterator<Item = Match>) -> Result<()> {
        let missing: Vec<u64> = matches.map(|found| found.uid).filter(|uid| !self.records.contains_key(uid)).collect();
        if missing.len() < MANY {
            for uid in missing {
                self.records.insert(uid, look_up(self.snapshot, uid)?);
            }
            return Ok(());
        }
        let (mut wanted, mut count) = (UidSet::default(), 0);
        missing.iter().for_each(|uid| wanted.add(*uid));
        self.records.reserve(missing.len());
        let damaged = |flaw: &str| self.snapshot.damaged(flaw);
        let mut all = self.snapshot.records.below(b"/").map_err(damaged)?;
        while let Some(record) = all.next().map_err(damaged)? {
            if let Some(uid) = record.uid().filter(|uid| wanted.has(*uid)) {
                self.records.insert(uid, record.clone());
                count += 1;
            }
        }
        if count == missing.len() { Ok(()) } else { Err(lost(self.snapshot)) }
    }

    /// Of matches in order of their scores, decides which are the first `keep`: of the equals at the cut, those whose paths
    /// come first.
    pub(super) fn cut(&mut self, found: &mut [Match], keep: usize) -> Result<()> {
        let Some(last) = keep.checked_sub(1).and_then(|last| found.get(last)).copied() else { return Ok(()) };
        let first = found.partition_point(|other| by_score(other, &last).is_lt());
        let end = found.partition_point(|other| by_score(other, &last).is_le());
        if end > keep { self.order(&mut found[first..end], |found| found) } else { Ok(()) }
    }

    /// Sorts matches, the best first, equals by path.
    pub(super) fn order<T>(&mut self, found: &mut [T], of: impl Fn(&T) -> &Match) -> Result<()> {
        found.sort_by(|a, b| by_score(of(a), of(b)));
        let is_equal = |a: &T, b: &T| by_score(of(a), of(b)).is_eq();
        let equals = found.chunk_by(is_equal).filter(|equals| equals.len() > 1);
        self.load(equals.flatten().map(|found| *of(found)))?;
        let records = &self.records;
        let path = |found: &T| records.get(&of(found).uid).map_or(&[][..], |record| &record.path);
        for equals in found.chunk_by_mut(is_equal).filter(|equals| equals.len() > 1) {
            equals.sort_by(|a, b| bytes_order(path(a), path(b)));
        }
        Ok(())
    }
}

fn look_up(snapshot: &Snapshot, uid: u64) -> Result<Record> {
    let record = snapshot.records.by_uid(uid).map_err(|flaw| snapshot.damaged(flaw))?;
    record.ok_or_else(|| lost(snapshot))
}

fn lost(snapshot: &Snapshot) -> Error {
    snapshot.damaged("a document has no record")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_with_all_that_equal_the_last_of_them() {
        let mut top = Top::new(10);
        for n in 0..10_000_u32 {
            top.push(Match { score: (n % 1000) as f32, uid: n.into(), segment: 0, document: n });
        }
        top.prune();
        assert_eq!((top.total, top.matches.len()), (10_000, 10));
        assert!(top.matches.iter().all(|found| found.score == 999.0));
        let mut top = Top::new(3);
        for n in 0..10_000_u32 {
            top.push(Match { score: 1.0, uid: n.into(), segment: 0, document: n });
        }
        top.prune();
        assert_eq!(top.matches.len(), 10_000, "all are equal, so paths decide");
    }
}
