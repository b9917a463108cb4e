//! What is known of a sentence beyond its own text: that it was shown before, or stands in many files.
//!
//! In: the places of a text and a [`Judge`]. Out: for each sentence that a window would show, what the judge says of it. A
//! sentence is asked about once, and only where a window is about to be chosen for it.

use std::ops::Range;

use super::pause::{Strength, pauses};
use super::places::{Place, ceil, floor};

/// Knows what a text alone does not tell of its sentences.
pub trait Judge {
    /// Where a passage that says the same was shown already: the number that the judge gave it.
    fn shown(&mut self, sentence: &str) -> Option<usize>;

    /// Whether the sentence says little about this text: it stands in many files that are otherwise unlike, or is its title.
    fn is_common(&mut self, sentence: &str) -> bool;
}

/// Knows nothing beyond the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unbiased;

impl Judge for Unbiased {
    fn shown(&mut self, _: &str) -> Option<usize> {
        None
    }

    fn is_common(&mut self, _: &str) -> bool {
        false
    }
}

/// A sentence is looked at so far to either side of a match; more of one would fill several passages.
const REACH_BYTES: usize = 512;

/// So many sentences of a text are asked about; those behind them count as fresh.
const MOST_SENTENCES: usize = 32;

/// The sentences of a text that were asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Sentences {
    judged: Vec<Judged>,
}

/// What was said of a sentence.
#[derive(Debug, Clone)]
struct Judged {
    range: Range<usize>,
    shown: Option<usize>,
    is_common: Option<bool>,
}

impl Sentences {
    /// The sentence that holds a place, and whether it was shown; `None` if too many were asked about.
    pub(super) fn of(&mut self, text: &str, place: &Place, judge: &mut dyn Judge) -> Option<(Range<usize>, bool)> {
        let known = self.judged.iter().find(|judged| judged.range.contains(&place.start));
        if let Some(Judged { range, shown, .. }) = known {
            return Some((range.clone(), shown.is_some()));
        }
        if self.judged.len() >= MOST_SENTENCES {
            return None;
        }
        let range = sentence(text, &(place.start..place.end));
        let shown = judge.shown(&text[range.clone()]);
        self.judged.push(Judged { range: range.clone(), shown, is_common: None });
        Some((range, shown.is_some()))
    }

    /// Whether one of them stands in many files.
    pub(super) fn is_common(&mut self, text: &str, range: &Range<usize>, judge: &mut dyn Judge) -> bool {
        let known = self.judged.iter_mut().find(|judged| judged.range == *range);
        let ask = || judge.is_common(&text[range.clone()]);
        known.is_some_and(|known| *known.is_common.get_or_insert_with(ask))
    }

    /// Whether one of them was shown before.
    pub(super) fn has_shown(&self) -> bool {
        self.judged.iter().any(|judged| judged.shown.is_some())
    }

    /// The sentences that were shown before, in order of the text, with the number of the passage that showed each.
    pub(super) fn shown(mut self) -> Vec<(Range<usize>, usize)> {
        self.judged.sort_by_key(|judged| judged.range.start);
        self.judged.into_iter().filter_map(|judged| Some((judged.range, judged.shown?))).collect()
    }

    /// What is free of `free` around `core` once sentences that were shown before are kept out.
    pub(super) fn free_of_shown(&self, core: &Range<usize>, free: Range<usize>) -> Range<usize> {
        let shown = || self.judged.iter().filter(|judged| judged.shown.is_some()).map(|judged| &judged.range);
        let before = shown().map(|range| range.end).filter(|end| *end <= core.start).max();
        let behind = shown().map(|range| range.start).filter(|start| *start >= core.end).min();
        free.start.max(before.unwrap_or(0))..free.end.min(behind.unwrap_or(usize::MAX))
    }
}

/// The sentence that holds `match_`, or the line of what is no prose, without white space around it.
fn sentence(text: &str, match_: &Range<usize>) -> Range<usize> {
    let start = floor(text, match_.start.saturating_sub(REACH_BYTES));
    let end = ceil(text, match_.end.saturating_add(REACH_BYTES).min(text.len()));
    let (mut from, mut to) = (start, end);
    for pause in pauses(text, start..end).into_iter().filter(|pause| pause.strength > Strength::Wrap) {
        if pause.start <= match_.start {
            from = pause.start;
        } else if pause.end >= match_.end {
            to = pause.end;
            break;
        }
    }
    let sentence = &text[from..to];
    let from = to - sentence.trim_start().len();
    from..from + sentence.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_what_stands_between_two_pauses() {
        let text = "The sea was calm. The U.S. lantern\nburned low. It rained.\n\nLeave a reply\n";
        let rows = [
            ("calm", "The sea was calm."),
            ("lantern", "The U.S. lantern\nburned low."),
            ("rained", "It rained."),
            ("reply", "Leave a reply"),
        ];
        for (word, expected) in rows {
            let at = text.find(word).unwrap();
            assert_eq!(&text[sentence(text, &(at..at + word.len()))], expected);
        }
        let endless = "é".repeat(2000);
        assert!(sentence(&endless, &(1000..1002)).len() <= 2 * REACH_BYTES + 4);
    }
}
