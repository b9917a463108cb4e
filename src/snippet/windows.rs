//! Which stretches of a long text are worth reading, told by where its words stand.
//!
//! In: the places of the wanted in the row of words, and the checkpoints. Out: the few stretches that the best passages are
//! cut from. Where exactly a word stands between two checkpoints is only estimated here, which suffices to compare windows:
//! what is read is all between the checkpoints around a window.

use std::cmp::Reverse;
use std::io;
use std::ops::Range;

use super::checkpoints::{Checkpoint, Checkpoints};
use super::choose::{NEARNESS, ORDER, SHOWN};
use super::pages::{Pages, Source};
use super::places::{SURE_BYTES, sure};
use super::tally::MOST_NEARNESS;
use super::terms::Sought;

/// How many windows are read for each passage that is asked for, in different places: among them the passage is chosen by
/// what surrounds the words.
const CANDIDATES: usize = 8;

/// For so many passages windows are looked for that add to those before; more passages repeat them.
const MOST_ROUNDS: usize = 8;

/// The most pieces that are read for one window: words that are asked for near each other may stand far apart.
const MOST_PIECES: usize = 16;

/// Windows are equals that differ by less than such a part of the best: the first of them is preferred.
const GRADES: f32 = 1000.0;

/// Nearness sets windows apart by so many steps only. How often a word stands in one does not count here at all: in a long
/// text the fullest windows are lists and tables, while those that come first introduce what they speak of.
const NEARNESS_GRADES: f64 = 4.0;

/// Where an item stands in the row of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The number of its first word.
    pub(crate) first: u32,
    /// That of its last word.
    pub(crate) last: u32,
    /// The number of the item: the wanted words first, then the phrases.
    pub(crate) item: u32,
}

/// Where a spot stands in the text, about.
#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    item: u32,
    /// The checkpoints before its first and before its last word.
    from: usize,
    to: usize,
}

/// What lies between the checkpoints around the best windows, in order and disjoint, for so many passages of `width`
/// characters; `spots` are in order. What was `read` is left out.
pub(super) fn around(
    sought: &Sought<'_>,
    checkpoints: &Checkpoints,
    spots: &[Spot],
    (passages, width): (usize, usize),
    read: &[Range<usize>],
) -> Vec<Range<usize>> {
    let hits = placed(&checkpoints.all, spots);
    let is_read = |checkpoint: &Checkpoint| read.iter().any(|range| range.contains(&checkpoint.at));
    let read = checkpoints.all.iter().map(is_read).collect();
    ranges(sought, &checkpoints.all, &hits, (passages, width), read)
}

/// The ranges, widened to where words surely begin and end.
pub(super) fn stretches<S: Source>(pages: &mut Pages<S>, ranges: Vec<Range<usize>>) -> io::Result<Vec<Range<usize>>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        let context = 2 * SURE_BYTES;
        let page = pages.around(range.start.saturating_sub(context)..range.end.saturating_add(context))?;
        let found = sure(page.text, page.local(&range));
        let (start, end) = (page.base + found.start, page.base + found.end);
        match stretches.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => stretches.push(start..end),
        }
    }
    Ok(stretches)
}

/// Where the spots stand that lie in the text.
fn placed(checkpoints: &[Checkpoint], spots: &[Spot]) -> Vec<Hit> {
    let mut from = 0;
    let mut hits = Vec::with_capacity(spots.len());
    for spot in spots {
        let before = |at: usize, word: u32| {
            let mut at = at;
            while checkpoints.get(at + 1).is_some_and(|next| next.position <= word) {
                at += 1;
            }
            at
        };
        from = before(from, spot.first);
        let to = before(from, spot.last);
        if let (Some(start), Some(end)) =
            (estimate(checkpoints, from, spot.first), estimate(checkpoints, to, spot.last.saturating_add(1)))
        {
            hits.push(Hit { start, end: end.max(start), item: spot.item, from, to });
        }
    }
    hits
}

/// Where a word between a checkpoint and the next begins, were all of them equally long.
fn estimate(checkpoints: &[Checkpoint], before: usize, word: u32) -> Option<usize> {
    let (last, next) = (checkpoints.get(before)?, checkpoints.get(before + 1)?);
    let words = u64::from(next.position.saturating_sub(last.position)).max(1);
    let bytes = (next.at - last.at) as u64;
    Some(last.at + (u64::from(word.saturating_sub(last.position)) * bytes / words).min(bytes) as usize)
}

/// What lies between the checkpoints around the best windows, in order and disjoint.
fn ranges(
    sought: &Sought<'_>,
    checkpoints: &[Checkpoint],
    hits: &[Hit],
    (passages, width): (usize, usize),
    read: Vec<bool>,
) -> Vec<Range<usize>> {
    let mut taken = read.clone();
    let room = width - width / 4;
    let mut weights: Vec<f32> = (0..sought.items() as u32).map(|item| sought.weight(item)).collect();
    for _ in 0..passages.min(MOST_ROUNDS) {
        let windows = best(hits, &weights, &taken, room);
        let Some(first) = windows.first() else { break };
        let mut shown: Vec<usize> = hits[first.clone()].iter().map(|hit| hit.item as usize).collect();
        shown.sort_unstable();
        shown.dedup();
        shown.into_iter().for_each(|item| weights[item] *= SHOWN);
        for window in windows {
            let to = hits[window.clone()].iter().map(|hit| hit.to).max().unwrap_or_default();
            let from = hits[window.start].from;
            taken[from..=to.min(from + MOST_PIECES)].fill(true);
        }
    }
    let pieces = taken.iter().zip(&read).zip(checkpoints.windows(2)).filter(|((taken, read), _)| **taken && !**read);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (_, piece) in pieces {
        match ranges.last_mut() {
            Some(last) if last.end == piece[0].at => last.end = piece[1].at,
            _ => ranges.push(piece[0].at..piece[1].at),
        }
    }
    ranges
}

/// The best windows that begin in different pieces not `taken`, the best first.
fn best(hits: &[Hit], weights: &[f32], taken: &[bool], room: usize) -> Vec<Range<usize>> {
    let mut held = vec![0_u32; weights.len()];
    let mut windows: Vec<(f32, Range<usize>)> = Vec::new();
    let (mut end, mut sum, mut near) = (0, 0.0_f64, 0.0_f64);
    let weight = |hit: &Hit| f64::from(weights[hit.item as usize]);
    for (start, hit) in hits.iter().enumerate() {
        while end <= start || end < hits.len() && hits[end].end - hit.start <= room {
            near += if end > start { nearness(&hits[end - 1], &hits[end], weights) } else { 0.0 };
            let count = &mut held[hits[end].item as usize];
            sum += if *count == 0 { weight(&hits[end]) } else { 0.0 };
            *count += 1;
            end += 1;
        }
        if !taken[hit.from] {
            let score = score(sum, near);
            match windows.last_mut() {
                Some((best, last)) if hits[last.start].from == hit.from => {
                    if score > *best * (1.0 + 1.0 / GRADES) {
                        (*best, *last) = (score, start..end);
                    }
                }
                _ => windows.push((score, start..end)),
            }
        }
        held[hit.item as usize] -= 1;
        sum -= if held[hit.item as usize] == 0 { weight(hit) } else { 0.0 };
        near -= if end > start + 1 { nearness(hit, &hits[start + 1], weights) } else { 0.0 };
    }
    let most = windows.iter().map(|(score, _)| *score).fold(f32::MIN_POSITIVE, f32::max);
    let key = |(score, window): &(f32, Range<usize>)| (Reverse((score / most * GRADES) as u32), window.start);
    if windows.len() > CANDIDATES {
        windows.select_nth_unstable_by_key(CANDIDATES, key);
        windows.truncate(CANDIDATES);
    }
    windows.sort_unstable_by_key(key);
    windows.into_iter().map(|(_, window)| window).collect()
}

/// What it is worth that two items stand beside each other; about as the choice of passages has it.
fn nearness(last: &Hit, next: &Hit, weights: &[f32]) -> f64 {
    if last.item == next.item {
        return 0.0;
    }
    let order = if last.item < next.item { ORDER } else { 1.0 };
    let words = ((next.start - last.start) as f32 / 8.0).max(1.0);
    (NEARNESS * order * weights[last.item as usize].min(weights[next.item as usize]) / words).into()
}

/// What a window is worth whose different items have this sum of weights.
fn score(sum: f64, near: f64) -> f32 {
    let most = sum * f64::from(MOST_NEARNESS);
    let grades = (near / most.max(f64::MIN_POSITIVE) * NEARNESS_GRADES).floor();
    (sum + most * grades.clamp(0.0, NEARNESS_GRADES) / NEARNESS_GRADES) as f32
}

#[cfg(test)]
mod tests;
