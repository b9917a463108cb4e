//! Which segments are merged after a run, so that they stay few and little in them is deleted.

use tantivy::index::SegmentId;

/// Segments that a question has to open cost it 0.15 ms each.
const MAX_SEGMENTS: usize = 5;
/// A segment of which a larger share is deleted is written anew.
const MAX_DELETED_SHARE: f64 = 0.2;

/// Which segments to merge with each other: `(id, documents, deleted ones)` in, groups out.
pub(super) fn plan(segments: &[(SegmentId, u32, u32)], threads: usize) -> Vec<Vec<SegmentId>> {
    let is_worn = |(_, documents, deleted): &(SegmentId, u32, u32)| {
        f64::from(*deleted) > MAX_DELETED_SHARE * f64::from(*documents)
    };
    let mut sorted = segments.to_vec();
    sorted.sort_by_key(|segment| std::cmp::Reverse(alive(segment)));
    let is_small = segments.iter().map(alive).sum::<u64>() < TINY;
    if segments.len() <= 2 && !is_small && !segments.iter().any(is_worn) {
        return Vec::new(); // what two workers leave is few enough, and merging it would cost half as much again
    }
    let rest = |from: usize| sorted[from..].iter().map(alive).sum::<u64>();
    let all = rest(0);
    // The largest stay: each that outweighs all after it twice, and what a large fresh index ends with. The tail is merged
    // into one when there is more than one of it.
    let stays = |n: usize| {
        let size = alive(&sorted[n]);
        size > 2 * rest(n + 1) || (size >= SMALL && size >= all / 3)
    };
    let mut keep = 0;
    while keep < sorted.len() && keep + 1 < MAX_SEGMENTS && stays(keep) {
        keep += 1;
    }
    let mut groups: Vec<Vec<SegmentId>> = Vec::new();
    let (kept, tail) = sorted.split_at(keep);
    groups.extend(kept.iter().map(|segment| vec![segment.0]));
    groups.extend(balanced(tail, if kept.is_empty() { threads.clamp(1, 2) } else { 1 }));
    // One alone is only written anew to be rid of what is deleted.
    let worn: Vec<_> = segments.iter().filter(|segment| is_worn(segment)).map(|segment| segment.0).collect();
    groups.retain(|group| group.len() > 1 || worn.contains(&group[0]));
    groups
}

/// Documents that are not deleted.
fn alive((_, documents, deleted): &(SegmentId, u32, u32)) -> u64 {
    u64::from(documents.saturating_sub(*deleted))
}

/// Below so many documents merging takes no time that anybody would notice.
const TINY: u64 = 1_000;
/// Below so many documents one segment is made even of a fresh index: merging takes no time worth sharing.
const SMALL: u64 = 20_000;

/// Splits segments, largest first, into `parts` groups of like size.
fn balanced(segments: &[(SegmentId, u32, u32)], parts: usize) -> Vec<Vec<SegmentId>> {
    let documents: u64 = segments.iter().map(alive).sum();
    let parts = if documents < 2 * SMALL { 1 } else { parts };
    let mut groups: Vec<(u64, Vec<SegmentId>)> = vec![(0, Vec::new()); parts];
    for segment in segments {
        if let Some(lightest) = groups.iter_mut().min_by_key(|(weight, _)| *weight) {
            lightest.0 += alive(segment);
            lightest.1.push(segment.0);
        }
    }
    groups.into_iter().map(|(_, ids)| ids).filter(|ids| !ids.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(sizes: &[(u32, u32)]) -> Vec<(SegmentId, u32, u32)> {
        sizes.iter().map(|(all, gone)| (SegmentId::generate_random(), *all, *gone)).collect()
    }

    /// Applies plans until nothing changes; returns the sizes that are left.
    fn settled(mut sizes: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
        loop {
            let current = segments(&sizes);
            let groups = plan(&current, 2);
            if groups.is_empty() {
                return sizes;
            }
            let merged: Vec<_> = groups.concat();
            sizes = current.iter().filter(|s| !merged.contains(&s.0)).map(|s| (s.1, s.2)).collect();
            for group in &groups {
                let live = current.iter().filter(|s| group.contains(&s.0)).map(|s| s.1 - s.2).sum();
                sizes.push((live, 0));
            }
        }
    }

    #[test]
    fn many_segments_become_few() {
        for count in 1..40 {
            assert!(settled(vec![(10_000, 0); count]).len() <= 2, "{count} like ones");
            let left = settled((0..count as u32).map(|n| (1 + n * n * n, 0)).collect());
            assert!(left.len() <= MAX_SEGMENTS, "{count} growing ones: {left:?}");
        }
    }

    #[test]
    fn deleted_documents_do_not_pile_up() {
        let rows: &[&[(u32, u32)]] = &[&[(100, 21)], &[(100, 100)], &[(1000, 10), (100, 50)], &[(1000, 900), (5, 0)]];
        for sizes in rows {
            for (all, gone) in settled(sizes.to_vec()) {
                assert!(f64::from(gone) <= MAX_DELETED_SHARE * f64::from(all), "{sizes:?} leaves {gone} of {all}");
            }
        }
    }

    #[test]
    fn a_small_change_does_not_rewrite_a_large_segment() {
        let mut sizes = vec![(79_000, 0)];
        for _ in 0..100 {
            sizes.push((1, 0));
            let current = segments(&sizes);
            for group in plan(&current, 2) {
                assert!(!group.contains(&current[0].0), "{sizes:?}");
            }
            sizes = settled(sizes);
            assert!(sizes.len() <= MAX_SEGMENTS);
        }
    }
}
