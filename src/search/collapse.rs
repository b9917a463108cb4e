//! Hits that are nearly the same become one: the best is shown, the others are told with it.
//!
//! Each hit, best first, is compared with those that are shown, and joins the first that it is nearly the same as. So what
//! is shown does not depend on how many are asked for, and pages join without a gap. A hit is only hidden when that is no
//! guess: where a fingerprint leaves a doubt the texts are compared, and where they cannot be, both are shown.

use super::Ranked;
use super::closely::Gains;
use super::top::{Files, Match};
use crate::Result;
use crate::copies::{Judge, Known, NEAR, Near, Share, may_share};
use crate::index::Snapshot;
use crate::walk::Stat;

/// A hit that is shown.
struct Kept {
    /// Its number among the matches.
    at: usize,
    /// The others that are nearly the same, and their numbers.
    copies: Vec<(usize, Near)>,
    known: Known,
}

impl Kept {
    /// The same; but of files that are gone, or were changed since, none speaks for others that are as they were.
    fn of_those_there(mut self, found: &[(Match, Gains)], files: &mut Files<'_>) -> Result<Kept> {
        let mut state = |at: usize| -> Result<u8> {
            let record = files.of(&found[at].0)?;
            Ok(match record.path().symlink_metadata().map(|metadata| Stat::of(&metadata)) {
                Ok(stat) if (stat.size, stat.mtime_ns) == (record.stat.size, record.stat.mtime_ns) => 0,
                Ok(_) => 1,
                Err(_) => 2,
            })
        };
        let own = if self.copies.is_empty() { 0 } else { state(self.at)? };
        let mut least = (own, None);
        for (n, (at, _)) in self.copies.iter().enumerate() {
            if least.0 > 0 && state(*at)? < least.0 {
                least = (state(*at)?, Some(n));
            }
        }
        if let (_, Some(n)) = least {
            let (at, near) = self.copies.remove(n);
            let path = files.of(&found[self.at].0)?.path().to_path_buf();
            self.copies.insert(0, (std::mem::replace(&mut self.at, at), Near { path, ..near }));
        }
        Ok(self)
    }
}

/// Among so many matches the copies of those that are shown are counted, where they are so many.
const MOST_COUNTED: usize = 50_000;

/// What is shown, with its copies.
type Shown = (Vec<(Match, Gains)>, Vec<Vec<Near>>);

/// The first `most` that are shown, best first; more matches are ranked where these are too few, or their copies go on.
pub(super) fn shown(
    snapshot: &Snapshot,
    files: &mut Files<'_>,
    mut ranked: Ranked,
    most: usize,
    rank: impl Fn(usize, &mut Files<'_>) -> Result<Ranked>,
) -> Result<Shown> {
    loop {
        let looked_at = ranked.found.len();
        let (kept, last_copy) = collapse(snapshot, files, &ranked.found, most)?;
        // Where none of the last is a copy of what is shown, there are hardly any among those that follow.
        let may_go_on = last_copy.is_some_and(|last| last >= looked_at - looked_at / 4) && looked_at < MOST_COUNTED;
        if looked_at as u64 >= ranked.total || (kept.len() >= most && !may_go_on) {
            let kept = kept.into_iter().map(|kept| kept.of_those_there(&ranked.found, files));
            let kept = kept.collect::<Result<Vec<Kept>>>()?;
            let matches = kept.iter().map(|kept| ranked.found[kept.at]).collect();
            let copies = kept.into_iter().map(|kept| kept.copies.into_iter().map(|(_, near)| near).collect());
            return Ok((matches, copies.collect()));
        }
        ranked = rank(looked_at.saturating_mul(8), files)?;
    }
}

/// Larger files are not read to find out whether they are nearly the same, and so are all shown.
const MOST_READ_BYTES: u64 = 512 << 10;

/// The first `most` of `all`, best first, that are not nearly the same as a better one; and where the last copy of one of
/// those was.
fn collapse(
    snapshot: &Snapshot,
    files: &mut Files<'_>,
    all: &[(Match, Gains)],
    most: usize,
) -> Result<(Vec<Kept>, Option<usize>)> {
    let mut judge = Judge::reading(snapshot, MOST_READ_BYTES);
    let mut kept: Vec<Kept> = Vec::new();
    let mut last_copy = None;
    for (at, (found, _)) in all.iter().enumerate() {
        let fingerprint = snapshot.sketches[found.segment as usize].fingerprint(found.document);
        let fingerprint = fingerprint.ok_or_else(|| snapshot.damaged("a document lacks its fingerprint"))?;
        let Match { uid, segment, document, .. } = *found;
        let mut known = Known { uid, segment, document, hash: None, fingerprint };
        let mut like = None;
        for (n, other) in kept.iter_mut().enumerate() {
            if known.fingerprint == other.known.fingerprint {
                known.hash = files.of(found)?.version().map(|version| version.hash);
                other.known.hash = files.of(&all[other.at].0)?.version().map(|version| version.hash);
            }
            if let Some(share) = near(&mut judge, &known, &other.known)? {
                like = Some((n, share));
                break;
            }
        }
        match like {
            Some((n, Share { value, estimated })) => {
                let path = files.of(found)?.path().to_path_buf();
                kept[n].copies.push((at, Near { path, share: value, estimated }));
                last_copy = Some(at);
            }
            None if kept.len() < most => kept.push(Kept { at, copies: Vec::new(), known }),
            None => {}
        }
    }
    Ok((kept, last_copy))
}

/// What two documents have in common if they are surely nearly the same.
fn near(judge: &mut Judge<'_>, a: &Known, b: &Known) -> Result<Option<Share>> {
    if a.equals(b) {
        return Ok(Some(Share { value: 1.0, estimated: false }));
    }
    let (one, other) = (&a.fingerprint, &b.fingerprint);
    if may_share(one, other, NEAR).is_none() {
        return Ok(None);
    }
    let share = judge.share(a, b)?;
    Ok(Some(share).filter(|share| !share.estimated && share.value >= NEAR))
}
