use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::checkpoints::Counting;
use super::super::choose::Chooser;
use super::super::places::{self, Place};
use super::super::terms::Sought;
use super::super::{Cut, Limits, Phrase, Unbiased, Wanted, Word, cut_at};
use super::*;
use crate::analyse::{Analyzer, Kind};

/// A text in the pieces between its checkpoints.
struct Parted<'t>(&'t str, &'t Checkpoints);

impl Source for Parted<'_> {
    fn piece(&mut self, number: usize, into: &mut String) -> io::Result<bool> {
        let piece = self.1.all.windows(2).nth(number).map(|pair| pair[0].at..pair[1].at);
        into.push_str(piece.clone().map_or("", |piece| &self.0[piece]));
        Ok(piece.is_some())
    }
}

/// A text in pieces of about so many bytes, as it is ingested, and where each of its words begins and ends.
fn ingested(text: &str, piece_bytes: usize) -> (Checkpoints, Vec<(usize, usize)>) {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = (at + piece_bytes..text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
        pieces.push((end - at, end - at));
        at = end;
    }
    let (mut counting, mut words) = (Counting::default(), Vec::new());
    counting.begin(Some(Checkpoints::new(text, &pieces, text.len())));
    Analyzer::new().tokens(text, |token| {
        if token.kind == Kind::Part {
            counting.part(token.start, token.position);
            words.push((token.start, token.end));
        }
    });
    (counting.finish(words.len() as u32).expect("checkpoints went in"), words)
}

fn cuts(text: &str, wanted: &Wanted, limits: &Limits, piece_bytes: usize) -> (Vec<Cut>, Vec<Place>) {
    let (checkpoints, words) = ingested(text, piece_bytes);
    let found = places::whole(&Sought::new(wanted), &mut Analyzer::new(), text);
    let spot = |place: &Place| {
        let first = words.partition_point(|word| word.0 < place.start) as u32;
        let last = words.partition_point(|word| word.0 < place.end).saturating_sub(1) as u32;
        Spot { first: first.min(last), last, item: place.item }
    };
    let mut spots: Vec<Spot> = found.places.iter().map(spot).collect();
    spots.sort();
    let mut bytes = Vec::new();
    checkpoints.encode(&mut bytes);
    assert_eq!(Checkpoints::decode(&bytes).as_ref(), Some(&checkpoints));
    let cuts = cut_at(Parted(text, &checkpoints), checkpoints.clone(), &spots, wanted, limits, &mut Unbiased)
        .expect("memory can be read");
    for (cut, shown) in &cuts.passages {
        assert_eq!(&text[cut.range.clone()], shown);
        let marks: Vec<_> =
            found.marks.iter().filter(|mark| mark.start >= cut.range.start && mark.end <= cut.range.end).collect();
        assert_eq!(cut.marks.iter().collect::<Vec<_>>(), marks);
        let before = text[..cut.range.start].replace("\r\n", "\n").replace('\r', "\n");
        let start = text[..cut.range.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        assert_eq!(
            (cut.line, cut.column),
            (before.matches('\n').count() as u64 + 1, (cut.range.start - start + 1) as u64)
        );
    }
    (cuts.passages.into_iter().map(|(cut, _)| cut).collect(), found.places)
}

/// What the items in some passages are worth.
fn worth(wanted: &Wanted, places: &[Place], shown: impl Iterator<Item = Range<usize>>) -> f32 {
    let sought = Sought::new(wanted);
    let inside = |range: Range<usize>| {
        places.iter().filter(move |place| place.start >= range.start && place.end <= range.end).map(|place| place.item)
    };
    shown.flat_map(inside).collect::<BTreeSet<u32>>().into_iter().map(|item| sought.weight(item)).sum()
}

fn word(term: &str, weight: f32) -> Word {
    Word { weight, parts: vec![term.into()], ..Word::default() }
}

fn wanted() -> Wanted {
    let words = [("lantern", 3.0), ("harbour", 2.0), ("cafe", 2.5), ("京都", 1.5), ("the", 0.1)];
    let phrase = |terms: [&str; 2], slop| Phrase { weight: 2.0, terms: terms.map(String::from).to_vec(), slop };
    Wanted {
        words: words.map(|(term, weight)| word(term, weight)).to_vec(),
        phrases: vec![phrase(["old", "keeper"], None), phrase(["rain", "sea"], Some(6))],
    }
}

#[test]
fn the_windows_read_are_those_with_the_most_different_words() {
    let filler = "Nothing happened for many a day; a lantern was lit.\n".repeat(3_000);
    let text = format!("{filler}\nThe lantern of the harbour.\n\n{filler}\nA café far from it.\n\n{filler}");
    let limits = Limits { passages: 2, width_chars: 60 };
    let (cuts, _) = cuts(&text, &wanted(), &limits, 4096);
    let shown: Vec<_> = cuts.iter().map(|cut| &text[cut.range.clone()]).collect();
    assert_eq!(shown, ["The lantern of the harbour.", "A café far from it."]);
}

#[test]
fn damaged_checkpoints_are_none() {
    let (checkpoints, _) = ingested(&"The lantern burned low.\n".repeat(1000), 1000);
    let mut bytes = Vec::new();
    checkpoints.encode(&mut bytes);
    assert_eq!(Checkpoints::decode(&bytes[..bytes.len() - 1]), None);
    assert_eq!(Checkpoints::decode(&[]), None);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x84;
        // Whatever comes of it, nothing overflows.
        if let Some(checkpoints) = Checkpoints::decode(&damaged) {
            placed(&checkpoints.all, &[Spot { first: 7, last: u32::MAX, item: 0 }]);
        }
    }
}

fn pieces_of_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "(lantern|harbour|Lantern-light|café|東京都|old keeper|the rain of the sea|keeper)",
        6 => "(the|of|it|rained|Gen\\.|parseLanternFile|don’t|old|sea|rain)",
        9 => " ",
        2 => "[.!?。,;:] ?",
        2 => "\n|\r\n|\r|\n\n|  \n- ",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Long texts take their time in a debug build.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_read_by_the_spots_is_nearly_as_good_as_the_whole(
        parts in prop::collection::vec((pieces_of_text(), 0usize..120), 1..60), piece_bytes in 300usize..5_000,
        width_chars in 40usize..300, passages in 1usize..4, ending in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let filler = |lines| format!("Nothing went on for “many” a day in this town, it’s said; not once.{ending}").repeat(lines);
        let text: String = parts.iter().map(|(text, lines)| format!("{text}{ending}{}", filler(*lines))).collect();
        let (wanted, limits) = (wanted(), Limits { passages, width_chars });
        let (cuts, places) = cuts(&text, &wanted, &limits, piece_bytes);
        let sought = Sought::new(&wanted);
        let found = places::whole(&sought, &mut Analyzer::new(), &text);
        let around = |_: &Range<usize>| found.marks.clone();
        let best = Chooser::new(&text, &sought, &found.places, width_chars).choose(passages, &mut Unbiased, around);
        let whole = worth(&wanted, &places, best.passages.into_iter().map(|passage| passage.range));
        let read = worth(&wanted, &places, cuts.into_iter().map(|cut| cut.range));
        // Where a word stands between two checkpoints is estimated, so a narrow window may be taken for a wider one.
        prop_assert!(read >= 0.75 * whole, "{read} is much less than {whole}");
    }
}
