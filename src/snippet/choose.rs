//! Which windows of a text are worth showing.
//!
//! In: the places of what is wanted. Out: passages in reading order. A window is worth the weights
//! of the different items in it, and a little for what else speaks for it: see the constants.

use std::collections::HashSet;
use std::ops::Range;

use memchr::memchr2;

use super::frame::frame;
use super::judge::{Judge, Sentences, Standing};
use super::places::Place;
use super::tally::Tally;
use super::terms::Sought;

/// What two items side by side are worth, in the weight of the lesser; less by distance.
pub(super) const NEARNESS: f32 = 0.25;

/// How much more they are worth in the order of the question.
pub(super) const ORDER: f32 = 1.5;

/// What a window gains that begins where a line or sentence does.
const BEGINS: f32 = 0.03;

/// What an item shown already is worth to a further passage.
pub(super) const SHOWN: f32 = 0.3;

/// What an item is worth in the title, which is shown anyway, and in a sentence that stands in many files.
const IN_TITLE: f32 = 0.2;
const COMMON: f32 = 0.1;

/// How good, beside the best, a passage has to be that shows nothing new.
const GOOD_ENOUGH: f32 = 0.6;

/// How many places are looked at in the search for passages that differ from those before.
const SPARE_PLACES: usize = 1 << 17;

/// A passage and its marks.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    pub(super) range: Range<usize>,
    pub(super) marks: Vec<Range<usize>>,
}

/// What was chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    /// In reading order.
    pub(super) passages: Vec<Passage>,
    /// Sentences that would have been, but were shown before, each with the number that the judge gave it.
    pub(super) shown: Vec<(Range<usize>, usize)>,
    /// Whether one of the passages says something of the text's own.
    pub(super) has_own: bool,
}

/// Chooses among the windows of a text.
pub(super) struct Chooser<'t> {
    text: &'t str,
    places: &'t [Place],
    /// For each place, its item; one in a title is an item of its own, of less worth, and so is one in a common sentence.
    items: Vec<u32>,
    /// Of the items, then of the same in titles, then of the same in common sentences.
    weights: Vec<f32>,
    width: usize,
    /// For each place, the characters from the first place's start to its own, and its end; far places are kept apart.
    spans: Vec<[usize; 2]>,
    /// For each place, whether it may share a window with the one before.
    joined: Vec<bool>,
    /// For each place, what its nearness to the one before is worth.
    near: Vec<f32>,
    /// For each place, whether a line or sentence begins with it.
    begins: Vec<bool>,
}

/// The places of a window, and what it is worth.
#[derive(Debug, Clone)]
struct Window {
    places: Range<usize>,
    /// To a reader of the passages before it.
    score: f32,
}

impl<'t> Chooser<'t> {
    pub(super) fn new(text: &'t str, sought: &Sought<'_>, places: &'t [Place], width: usize) -> Self {
        let weight = |item| sought.weight(item);
        let items = sought.items() as u32;
        let weights = [1.0, IN_TITLE, COMMON].map(|worth| (0..items).map(move |item| weight(item) * worth));
        let weights = weights.into_iter().flatten().collect();
        let mut chooser = Self {
            text,
            places,
            items: places.iter().map(|place| place.item).collect(),
            weights,
            width,
            spans: Vec::with_capacity(places.len()),
            joined: Vec::with_capacity(places.len()),
            near: Vec::with_capacity(places.len()),
            begins: Vec::with_capacity(places.len()),
        };
        chooser.measure();
        chooser
    }

    fn measure(&mut self) {
        let (mut chars, mut last) = (0, None::<&Place>);
        for place in self.places {
            let reach = self.width.saturating_mul(4);
            let gap = last.map_or("", |last| {
                if place.start - last.start > reach { "" } else { &self.text[last.start..place.start] }
            });
            let close = last.is_some_and(|last| place.start - last.start <= reach);
            let step = if close { gap.chars().count() } else { self.width + 1 };
            let between = last.filter(|last| close && last.end < place.start);
            let blank = between.is_some_and(|last| has_blank_line(&self.text[last.end..place.start]));
            chars += step;
            self.spans.push([chars, chars + self.text[place.start..place.end].chars().count()]);
            self.joined.push(close && !blank);
            self.near.push(last.filter(|_| close).map_or(0.0, |last| self.nearness(last, place, step)));
            let before = self.text[..place.start].trim_end_matches([' ', '\t', '"', '“', '(', '*']);
            self.begins.push(before.is_empty() || before.ends_with(['\n', '\r', '.', '!', '?', '。']));
            last = Some(place);
        }
    }

    /// What it is worth that `next` stands `step` characters behind the start of `last`.
    fn nearness(&self, last: &Place, next: &Place, step: usize) -> f32 {
        if last.item == next.item {
            return 0.0;
        }
        let order = if last.item < next.item { ORDER } else { 1.0 };
        let words = (step as f32 / 8.0).max(1.0);
        let weight = |place: &Place| self.weights.get(place.item as usize).copied().unwrap_or(0.0);
        NEARNESS * order * weight(last).min(weight(next)) / words
    }

    /// The best passages; `marks` tells the marks around a core, `judge` what else is known of a sentence.
    pub(super) fn choose(
        mut self,
        most: usize,
        judge: &mut dyn Judge,
        mut marks: impl FnMut(&Range<usize>) -> Vec<Range<usize>>,
    ) -> Chosen {
        let kinds = self.kinds();
        let (mut chosen, mut seen) = (Chosen::default(), Vec::new());
        let mut taken = vec![false; self.places.len()];
        let mut shown = vec![false; kinds];
        let (mut texts, mut sentences) = (HashSet::new(), Sentences::default());
        let mut best = None;
        let mut spare = most.saturating_add(SPARE_PLACES / self.places.len().max(1));
        while let Some(window) = self.best_window(&taken, &shown) {
            if chosen.passages.len() >= most || spare == 0 {
                break;
            }
            let items: Vec<usize> = window.places.clone().map(|at| self.items[at] as usize).collect();
            let worth = self.worth(&window);
            let first = best.unwrap_or(worth);
            let has_better = !chosen.passages.is_empty() || sentences.has_shown() || !seen.is_empty();
            // A word that stands in the title is seen there, and one in a common sentence may be seen elsewhere.
            let has_news = |item: &usize| *item < kinds || *item >= 2 * kinds && !shown[*item % kinds];
            if has_better && !items.iter().any(has_news) {
                taken[window.places.clone()].fill(true);
                continue;
            }
            let is_first = chosen.passages.is_empty() && items.iter().any(|item| *item < kinds);
            let is_new = !has_better || is_first || items.iter().any(|item| !shown[*item % kinds] && has_news(item));
            if !is_new && worth < first * GOOD_ENOUGH {
                // Scores fall, save for those of windows with something new.
                taken[window.places.clone()].fill(true);
                if window.score < first * GOOD_ENOUGH * SHOWN {
                    break;
                }
                spare -= 1;
                continue;
            }
            if self.ask(&window, &mut taken, has_better, &mut sentences, judge) {
                // What a better hit shows in its place is seen as well: what follows has to be as good.
                if window.places.clone().any(|at| taken[at]) {
                    items.iter().for_each(|item| shown[*item % kinds] = true);
                    best.get_or_insert(worth);
                }
                continue;
            }
            spare -= 1;
            best.get_or_insert(worth);
            let passage = self.passage(&window, &chosen.passages, &sentences, &mut marks);
            self.take(&passage.range, &window, &mut taken);
            if passage.marks.is_empty() || !texts.insert(&self.text[passage.range.clone()]) {
                continue;
            }
            items.iter().for_each(|item| shown[*item % kinds] = true);
            let matches: Vec<&str> = passage.marks.iter().map(|mark| &self.text[mark.clone()]).collect();
            if let Some(number) = judge.shown(&self.text[passage.range.clone()], &matches) {
                seen.push((passage.range, number));
                continue;
            }
            chosen.has_own |= items.iter().any(|item| *item < kinds);
            let at = chosen.passages.partition_point(|other| other.range.start < passage.range.start);
            chosen.passages.insert(at, passage);
        }
        seen.extend(sentences.shown());
        seen.sort_by_key(|(range, _)| range.start);
        // Lines are counted from one to the next, so what overlaps is told once.
        seen.dedup_by(|next, last| next.0.start < last.0.end);
        Chosen { shown: seen, ..chosen }
    }

    /// How many different items there are.
    fn kinds(&self) -> usize {
        self.weights.len() / 3
    }

    /// Asks about the sentences that the window would be chosen for; whether that leaves it worth less. How it stands is
    /// asked of the weightiest alone: where that says something of its own, the window is worth choosing for it. And it is
    /// only asked where there is another choice.
    fn ask(
        &mut self,
        window: &Window,
        taken: &mut [bool],
        has_better: bool,
        sentences: &mut Sentences<'t>,
        judge: &mut dyn Judge,
    ) -> bool {
        let (text, places) = (self.text, self.places);
        let matches = |range: &Range<usize>| {
            let within = places.iter().filter(|place| place.start >= range.start && place.end <= range.end);
            within.map(|place| &text[place.start..place.end]).collect::<Vec<_>>()
        };
        let mut is_worth_less = false;
        let mut weights: Vec<(Range<usize>, f32)> = Vec::new();
        for at in window.places.clone().filter(|at| (self.items[*at] as usize) < self.kinds()) {
            let Some((sentence, shown)) = sentences.of(text, &places[at], matches, judge) else { continue };
            if shown {
                self.within(&sentence).for_each(|at| taken[at] = true);
                is_worth_less = true;
                continue;
            }
            let weight = self.weights[self.items[at] as usize];
            match weights.last_mut().filter(|(last, _)| *last == sentence) {
                Some((_, sum)) => *sum += weight,
                None => weights.push((sentence, weight)),
            }
        }
        let weightiest = weights.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((sentence, _)) = weightiest.filter(|_| !is_worth_less) else { return is_worth_less };
        let is_elsewhere = |place: &Place| place.start < sentence.start || place.start >= sentence.end;
        if !has_better && !places.iter().zip(&*taken).any(|(place, taken)| !taken && is_elsewhere(place)) {
            return false;
        }
        let level = match sentences.standing(text, &sentence, judge) {
            Standing::Own => return false,
            Standing::Title => 1,
            Standing::Common => 2,
        };
        let kinds = self.kinds() as u32;
        self.within(&sentence).for_each(|at| self.items[at] = places[at].item + level * kinds);
        true
    }

    /// The places that begin in `range`.
    fn within(&self, range: &Range<usize>) -> Range<usize> {
        let at = |byte| self.places.partition_point(|place| place.start < byte);
        at(range.start)..at(range.end)
    }

    /// Marks the places that are dealt with once `range` is shown.
    fn take(&self, range: &Range<usize>, window: &Window, taken: &mut [bool]) {
        taken[window.places.clone()].fill(true);
        for (place, taken) in self.places.iter().zip(taken) {
            *taken |= place.start < range.end && place.end > range.start;
        }
    }

    fn passage(
        &self,
        window: &Window,
        chosen: &[Passage],
        sentences: &Sentences<'_>,
        marks: &mut impl FnMut(&Range<usize>) -> Vec<Range<usize>>,
    ) -> Passage {
        let core = self.core(&window.places);
        let before = chosen.iter().rev().map(|passage| passage.range.end).find(|&end| end <= core.start);
        let behind = chosen.iter().map(|passage| passage.range.start).find(|&start| start >= core.end);
        let free = before.unwrap_or(0)..behind.unwrap_or(self.text.len());
        let free = sentences.free_of_shown(&core, free);
        let marks = marks(&core);
        let range = frame(self.text, core, free, self.width, &marks);
        Passage { marks: inside(&marks, &range), range }
    }

    fn core(&self, places: &Range<usize>) -> Range<usize> {
        let places = &self.places[places.clone()];
        let start = places.first().map_or(0, |place| place.start);
        start..places.iter().map(|place| place.end).max().unwrap_or(start)
    }

    /// What a window is worth by itself.
    fn worth(&self, window: &Window) -> f32 {
        let mut tally = Tally::new(&self.weights);
        window.places.clone().for_each(|at| tally.add(self.items[at]));
        tally.score(0.0, &[])
    }

    /// The window of the highest score, the first of equals.
    fn best_window(&self, taken: &[bool], shown: &[bool]) -> Option<Window> {
        // A quarter of the width is left for what stands around.
        let room = self.width - self.width / 4;
        let weights: Vec<f32> = self
            .weights
            .iter()
            .zip(shown.iter().cycle())
            .map(|(weight, &shown)| if shown { weight * SHOWN } else { *weight })
            .collect();
        let mut tally = Tally::new(&weights);
        let mut best: Option<Window> = None;
        let (mut end, mut near) = (0, 0.0f32);
        for start in 0..self.places.len() {
            if taken[start] {
                continue;
            }
            if end <= start {
                tally.clear();
                (end, near) = (start + 1, 0.0);
                tally.add(self.items[start]);
            }
            while end < self.places.len()
                && !taken[end]
                && self.joined[end]
                && self.spans[end][1] - self.spans[start][0] <= room
            {
                near += self.near[end];
                tally.add(self.items[end]);
                end += 1;
            }
            let begins = if self.begins[start] { BEGINS } else { 0.0 };
            let score = tally.score(near, &[begins]);
            if best.as_ref().is_none_or(|best| score > best.score * 1.0001) {
                best = Some(Window { places: start..end, score });
            }
            tally.remove(self.items[start]);
            near -= self.near.get(start + 1).filter(|_| end > start + 1).copied().unwrap_or(0.0);
        }
        best.map(|window| self.tightened(window))
    }

    /// The window without what it repeats far behind the rest, for which there is better use of the room.
    fn tightened(&self, mut window: Window) -> Window {
        let mut tally = Tally::new(&self.weights);
        window.places.clone().for_each(|at| tally.add(self.items[at]));
        while window.places.len() > 1 {
            let last = window.places.end - 1;
            let far = self.spans[last][0].saturating_sub(self.spans[last - 1][1]) > self.width / 8;
            if !far || tally.counts[self.items[last] as usize] < 2 {
                break;
            }
            tally.remove(self.items[last]);
            window.places.end = last;
        }
        window
    }
}

/// The marks inside `range`; of one that is wider, what is inside.
fn inside(marks: &[Range<usize>], range: &Range<usize>) -> Vec<Range<usize>> {
    let first = marks.partition_point(|mark| mark.end <= range.start);
    let touching = marks[first..].iter().take_while(|mark| mark.start < range.end);
    let whole: Vec<_> =
        touching.clone().filter(|mark| mark.start >= range.start && mark.end <= range.end).cloned().collect();
    if !whole.is_empty() {
        return whole;
    }
    touching.map(|mark| mark.start.max(range.start)..mark.end.min(range.end)).collect()
}

/// Whether a line of `text` other than the first and last is blank.
fn has_blank_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(length) = memchr2(b'\n', b'\r', &bytes[at..]) {
        at += length;
        at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
        let line = text[at..].trim_start_matches(|ch: char| ch.is_whitespace() && ch != '\n' && ch != '\r');
        if line.starts_with(['\n', '\r']) {
            return true;
        }
    }
    false
}
