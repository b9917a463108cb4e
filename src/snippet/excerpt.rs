//! The few stretches of a long text that passages are chosen from, in one short text.
//!
//! In: stretches of a text. Out: their text with so much around each that nothing which is chosen, cut
//! or marked in the excerpt can be told from the same done in the whole text, and the way back.

use std::io;
use std::ops::Range;

use super::pages::{Pages, Source};

/// Stretches of a text, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// The stretches, as they stand in the excerpt, in order.
    pub(super) stretches: Vec<Range<usize>>,
    parts: Vec<Part>,
}

/// A part of the text that stands in the excerpt as it stands in the text.
#[derive(Debug, Clone, Copy)]
struct Part {
    at: usize,
    base: usize,
}

impl Excerpt {
    /// Reads the stretches, which are in order, and `margin` bytes on either side of each.
    pub(super) fn read<S: Source>(
        pages: &mut Pages<S>,
        stretches: Vec<Range<usize>>,
        margin: usize,
    ) -> io::Result<Excerpt> {
        let mut excerpt = Excerpt::default();
        // How far the text was taken.
        let mut taken = 0;
        for stretch in stretches {
            let from = stretch.start.saturating_sub(margin);
            let is_apart = excerpt.parts.is_empty() || from > taken;
            let from = if is_apart { from } else { taken };
            let page = pages.around(from..stretch.end.saturating_add(margin))?;
            let local = page.local(&(from..stretch.end.saturating_add(margin)));
            if is_apart {
                excerpt.parts.push(Part { at: excerpt.text.len(), base: page.base + local.start });
            }
            excerpt.text.push_str(&page.text[local.clone()]);
            taken = page.base + local.end;
            excerpt.stretches.extend(excerpt.parts.last().map(|part| {
                let at = |place: usize| (part.at + place.saturating_sub(part.base)).min(excerpt.text.len());
                at(stretch.start)..at(stretch.end)
            }));
        }
        Ok(excerpt)
    }

    /// Where a place of the excerpt stands in the text.
    pub(super) fn place(&self, at: usize) -> usize {
        let next = self.parts.partition_point(|part| part.at <= at);
        next.checked_sub(1).map_or(at, |last| self.parts[last].base + at - self.parts[last].at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::pages::InMemory;
    use super::*;

    #[test]
    fn the_parts_of_an_excerpt_stand_where_they_stood() {
        let text: String = ('a'..='z').cycle().take(500).collect();
        let mut pages = Pages::new(InMemory { text: &text, piece_bytes: 16 });
        let stretches = vec![3..9, 30..34, 50..60, 200..203, 490..500];
        let excerpt = Excerpt::read(&mut pages, stretches.clone(), 10).expect("memory can be read");
        assert_eq!(excerpt.text.len(), 19 + 50 + 23 + 20);
        for (stretch, found) in stretches.into_iter().zip(&excerpt.stretches) {
            assert_eq!(text[stretch.clone()], excerpt.text[found.clone()]);
            assert_eq!(excerpt.place(found.start)..excerpt.place(found.end - 1) + 1, stretch);
        }
    }
}
