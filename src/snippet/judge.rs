//! What is known of a sentence beyond its own text: that it was shown before, or stands in many files.
//!
//! In: the places of a text and a [`Judge`]. Out: for each sentence that a window would show, what the judge says of it. A
//! sentence is asked about once, and only where a window is about to be chosen for it.

use std::collections::{BTreeMap, HashMap};
use std::ops::{ControlFlow, Range};

use super::pause::{self, Strength};
use super::places::{Place, ceil, floor};

/// Knows what a text alone does not tell of its sentences.
pub trait Judge {
    /// Where a passage was shown that says the same as `text`, `matches` included: the number that the judge gave it.
    fn shown(&mut self, text: &str, matches: &[&str]) -> Option<usize>;

    /// What a sentence says of its text.
    fn standing(&mut self, sentence: &str) -> Standing;
}

/// What a sentence says of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something of its own.
    Own,
    /// Its title, which is shown anyway.
    Title,
    /// Little: it stands in many files that are otherwise unlike.
    Common,
}

/// Knows nothing beyond the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unbiased;

impl Judge for Unbiased {
    fn shown(&mut self, _: &str, _: &[&str]) -> Option<usize> {
        None
    }

    fn standing(&mut self, _: &str) -> Standing {
        Standing::Own
    }
}

/// A sentence is looked at so far to either side of a match; more of one would fill several passages.
const REACH_BYTES: usize = 512;

/// So many different sentences of a text are asked about; those behind them are taken for its own.
const MOST_SENTENCES: usize = 64;

/// The sentences of a text that were asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Sentences<'t> {
    /// By where they begin: where they end, and the number of what they say.
    ranges: BTreeMap<usize, (usize, usize)>,
    /// What they say, each once, however often it stands in the text.
    numbers: HashMap<&'t str, usize>,
    judged: Vec<Judged>,
}

/// What was said of a sentence.
#[derive(Debug, Clone, Copy)]
struct Judged {
    shown: Option<usize>,
    standing: Option<Standing>,
}

impl<'t> Sentences<'t> {
    /// The sentence that holds a place, and whether it was shown with what matches in it; `None` if too many were asked about.
    pub(super) fn of(
        &mut self,
        text: &'t str,
        place: &Place,
        matches: impl FnOnce(&Range<usize>) -> Vec<&'t str>,
        judge: &mut dyn Judge,
    ) -> Option<(Range<usize>, bool)> {
        let known = self.ranges.range(..=place.start).next_back().filter(|(_, (end, _))| place.start < *end);
        if let Some((start, (end, number))) = known {
            return Some((*start..*end, self.judged[*number].shown.is_some()));
        }
        let range = sentence(text, &(place.start..place.end));
        let number = match self.numbers.get(&text[range.clone()]) {
            Some(number) => *number,
            None if self.judged.len() >= MOST_SENTENCES => return None,
            None => {
                let shown = judge.shown(&text[range.clone()], &matches(&range));
                self.numbers.insert(&text[range.clone()], self.judged.len());
                self.judged.push(Judged { shown, standing: None });
                self.judged.len() - 1
            }
        };
        self.ranges.insert(range.start, (range.end, number));
        Some((range, self.judged[number].shown.is_some()))
    }

    /// How one of them stands.
    pub(super) fn standing(&mut self, text: &str, range: &Range<usize>, judge: &mut dyn Judge) -> Standing {
        let Some((_, number)) = self.ranges.get(&range.start) else { return Standing::Own };
        *self.judged[*number].standing.get_or_insert_with(|| judge.standing(&text[range.clone()]))
    }

    /// Whether one of them was shown before.
    pub(super) fn has_shown(&self) -> bool {
        self.judged.iter().any(|judged| judged.shown.is_some())
    }

    /// The sentences that were shown before, in order of the text, with the number of the passage that showed each.
    pub(super) fn shown(&self) -> impl DoubleEndedIterator<Item = (Range<usize>, usize)> {
        let shown =
            |(start, (end, number)): (&usize, &(usize, usize))| Some((*start..*end, self.judged[*number].shown?));
        self.ranges.iter().filter_map(shown)
    }

    /// What is free of `free` around `core` once sentences that were shown before are kept out.
    pub(super) fn free_of_shown(&self, core: &Range<usize>, free: Range<usize>) -> Range<usize> {
        let before = self.shown().map(|(range, _)| range.end).filter(|end| *end <= core.start).max();
        let behind = self.shown().map(|(range, _)| range.start).find(|start| *start >= core.end);
        free.start.max(before.unwrap_or(0))..free.end.min(behind.unwrap_or(usize::MAX))
    }
}

/// The sentence that holds `match_`, or the line of what is no prose, without white space around it.
fn sentence(text: &str, match_: &Range<usize>) -> Range<usize> {
    let start = floor(text, match_.start.saturating_sub(REACH_BYTES));
    let end = ceil(text, match_.end.saturating_add(REACH_BYTES).min(text.len()));
    let (mut from, mut to) = (start, end);
    let _ = pause::each(text, start..end, |pause| {
        if pause.strength == Strength::Wrap {
        } else if pause.start <= match_.start {
            from = pause.start;
        } else if pause.end >= match_.end {
            to = pause.end;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
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
