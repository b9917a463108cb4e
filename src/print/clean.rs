//! Foreign text becomes text that a terminal can only show.
//!
//! In comes anything: a passage, a title, a name, a message. Out goes the same text with every
//! character that could act on a terminal, or reorder what it shows, replaced by a visible stand-in
//! one cell wide. Marks move along with the text they mark.

use std::borrow::Cow;
use std::ops::Range;

use indago::search::Passage;

/// What is shown in place of `c`, or `None` where `c` is harmless.
///
/// C0 controls and DEL have pictures of their own (`␛`, `␊`); C1 controls, line and paragraph
/// separators, the controls of direction and characters that cannot be seen at all have none and
/// become `�`. A tab is harmless, and joiners make one character of several, which can be seen.
pub fn stand_in(c: char) -> Option<char> {
    match c {
        '\t' => None,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('␡'),
        '\u{80}'..='\u{9f}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{61c}' | '\u{200e}' | '\u{200f}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{fff9}'..='\u{fffb}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}' => {
            Some(char::REPLACEMENT_CHARACTER)
        }
        _ => None,
    }
}

/// `text` with stand-ins for all that could act on a terminal; line ends count among that.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| stand_in(c).is_some()) {
        text.chars().map(|c| stand_in(c).unwrap_or(c)).collect()
    } else {
        Cow::Borrowed(text)
    }
}

/// `passage` on one clean line: every run of white space is one blank, and none at the ends.
pub fn one_line(passage: &Passage) -> Passage {
    let mut text = String::with_capacity(passage.text.len());
    let mut marks = Vec::with_capacity(passage.marks.len());
    let mut given = sound_marks(passage).peekable();
    let mut open = None; // where the mark that is being copied began, in the new text
    let mut blank = false; // white space is owed, should more text come
    for (at, c) in passage.text.char_indices() {
        while given.next_if(|mark| mark.end <= at).is_some() {
            marks.extend(open.take().map(|start| start..text.len()));
        }
        if c.is_whitespace() {
            blank = !text.is_empty();
        } else if !is_missed_by_nobody(c) {
            if std::mem::take(&mut blank) {
                text.push(' ');
            }
            if given.peek().is_some_and(|mark| mark.start <= at) {
                open.get_or_insert(text.len());
            }
            text.push(stand_in(c).unwrap_or(c));
        }
    }
    marks.extend(open.map(|start| start..text.len()));
    Passage { text, marks }
}

/// Marks as the printers can rely on them: sorted, disjoint, not empty, and on character boundaries.
pub fn sound_marks(passage: &Passage) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    let sound = move |mark: &&Range<usize>| {
        let text = passage.text.get(Range::clone(mark)).unwrap_or_default();
        let sound = mark.start >= end && !text.is_empty();
        end = if sound { mark.end } else { end };
        sound
    };
    passage.marks.iter().filter(sound).cloned()
}

/// Invisible, common in prose (marks of direction in Arabic and Hebrew, of words in Thai), and missed
/// by nobody in a passage; in a name, where they could disguise it, [`clean`] shows them.
fn is_missed_by_nobody(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_instead() {
        let rows = [
            ("plain, naïve, 東京, 👩‍💻, e\u{301}", "plain, naïve, 東京, 👩‍💻, e\u{301}"),
            ("tab\tstays", "tab\tstays"),
            ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
            ("\x1b]8;;http://x\x1b\\", "␛]8;;http://x␛\\"),
            ("a\nb\r\n", "a␊b␍␊"),
            ("\0\x07\x08\x7f", "␀␇␈␡"),
            ("\u{9b}2J\u{85}", "�2J�"),
            ("\u{202e}fdp\u{202c}\u{2066}\u{2069}\u{200f}\u{61c}", "�fdp�����"),
            ("\u{2028}\u{2029}", "��"),
            ("lan\u{200b}tern\u{feff}\u{2063}\u{e0041}", "lan�tern���"),
        ];
        for (given, expected) in rows {
            assert_eq!(clean(given), expected, "{given:?}");
        }
    }

    type Marks = &'static [(usize, usize)];

    fn marked(text: &str, marks: Marks) -> Passage {
        let marks = marks.iter().map(|&(start, end)| start..end).collect();
        Passage { text: text.into(), marks }
    }

    #[test]
    fn marks_move_with_the_text_they_mark() {
        let rows: [(&str, Marks, &str, &[&str]); 10] = [
            ("a lantern", &[(2, 9)], "a lantern", &["lantern"]),
            ("  the\n\n  lantern \t burned ", &[(9, 16)], "the lantern burned", &["lantern"]),
            ("air\r\nbase here", &[(0, 9)], "air base here", &["air base"]),
            ("x \x1b lantern", &[(4, 11)], "x ␛ lantern", &["lantern"]),
            ("one two", &[(0, 3), (4, 7)], "one two", &["one", "two"]),
            ("onetwo", &[(0, 3), (3, 6)], "onetwo", &["one", "two"]),
            (" \n ", &[(0, 3)], "", &[]),
            ("wide  mark", &[(4, 10)], "wide mark", &["mark"]),
            ("ש\u{200f}לום", &[(0, 11)], "שלום", &["שלום"]),
            ("ไฟ\u{200b}ดับ", &[(0, 18)], "ไฟดับ", &["ไฟดับ"]),
        ];
        for (text, marks, expected, matches) in rows {
            let line = one_line(&marked(text, marks));
            let shown: Vec<&str> = line.marks.iter().map(|mark| &line.text[mark.clone()]).collect();
            assert_eq!((line.text.as_str(), shown.as_slice()), (expected, matches), "{text:?}");
        }
    }

    #[test]
    fn marks_that_are_wrong_are_left_out() {
        let rows: [(Marks, Marks); 5] = [
            (&[(0, 99)], &[]),
            (&[(1, 2)], &[]), // within ö
            (&[(2, 1)], &[]),
            (&[(3, 3)], &[]),
            (&[(0, 2), (1, 3), (3, 4)], &[(0, 2), (3, 4)]),
        ];
        for (given, expected) in rows {
            let passage = marked("öabc", given);
            let sound: Vec<(usize, usize)> = sound_marks(&passage).map(|mark| (mark.start, mark.end)).collect();
            assert_eq!(sound, expected, "{given:?}");
            assert_eq!(one_line(&passage).text, "öabc");
        }
    }
}
