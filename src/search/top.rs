//! The best of all matches, equal scores in path order.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::condition::UidSet;
use crate::Result;
use crate::index::{Record, Snapshot};
use crate::walk::bytes_order;

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

    /// The best in order, with their records.
    pub(super) fn finish(mut self, snapshot: &Snapshot) -> Result<Vec<(Match, Record)>> {
        self.prune();
        // More than asked for only where scores are equal at the cut: then the paths of all of those decide.
        let mut hits = with_records(snapshot, &self.matches)?;
        hits.sort_by(order);
        hits.truncate(self.keep);
        Ok(hits)
    }
}

/// Best first, equals by path.
pub(super) fn order((a, first): &(Match, Record), (b, second): &(Match, Record)) -> Ordering {
    by_score(a, b).then_with(|| bytes_order(&first.path, &second.path))
}

/// Best first.
fn by_score(a: &Match, b: &Match) -> Ordering {
    b.score.total_cmp(&a.score)
}

/// From so many on, reading all records is quicker than looking each one up (0.02 µs against 1).
const MANY: usize = 2_000;

/// The records of the matches.
fn with_records(snapshot: &Snapshot, matches: &[Match]) -> Result<Vec<(Match, Record)>> {
    let damaged = |flaw: &str| snapshot.damaged(flaw);
    let lost = || snapshot.damaged("a document has no record");
    if matches.len() < MANY {
        let find = |found: &Match| {
            let record = snapshot.records.by_uid(found.uid).map_err(damaged)?.ok_or_else(lost)?;
            Ok((*found, record))
        };
        return matches.iter().map(find).collect();
    }
    let (mut wanted, mut by_uid) = (UidSet::default(), HashMap::with_capacity(matches.len()));
    for found in matches {
        wanted.add(found.uid);
        by_uid.insert(found.uid, *found);
    }
    let mut hits = Vec::with_capacity(matches.len());
    let mut all = snapshot.records.below(b"/").map_err(damaged)?;
    while let Some(record) = all.next().map_err(damaged)? {
        if let Some(uid) = record.uid()
            && wanted.has(uid)
            && let Some(found) = by_uid.get(&uid)
        {
            hits.push((*found, record.clone()));
        }
    }
    if hits.len() == matches.len() { Ok(hits) } else { Err(lost()) }
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
