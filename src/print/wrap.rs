//! One line of text becomes lines that fit a number of terminal columns.
//!
//! Lines end at blanks, and in scripts that write none also between two wide characters, though not
//! before a closing mark. Only a word wider than a whole line is cut.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The terminal columns that `text` takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Cuts `text` into byte ranges at most `room` columns wide; blanks at the cuts belong to none.
pub fn lines(text: &str, room: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut line = 0..0;
    let mut filled = 0;
    for piece in pieces(text) {
        let word = text[piece.clone()].trim_end_matches(' ');
        let wide = columns(word);
        if filled > 0 && filled + wide > room {
            lines.push(std::mem::replace(&mut line, piece.start..piece.start));
            filled = 0;
        }
        if wide > room {
            filled = cut(word, piece.start, room, &mut line, &mut lines);
        } else {
            filled += columns(&text[piece.clone()]);
        }
        line.end = piece.start + word.len();
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Cuts a word that no line can hold, and returns how many columns its last line fills.
fn cut(word: &str, offset: usize, room: usize, line: &mut Range<usize>, lines: &mut Vec<Range<usize>>) -> usize {
    let mut filled = 0;
    for (at, c) in word.char_indices() {
        let wide = c.width().unwrap_or(0);
        if wide > 0 && filled > 0 && filled + wide > room {
            lines.push(line.start..offset + at);
            line.start = offset + at;
            filled = 0;
        }
        filled += wide;
    }
    filled + 1 // the blank that follows
}

/// The parts of `text` that stay whole, each with the blank after it.
fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    let ends = text.char_indices().zip(text.char_indices().skip(1));
    let cuts = ends.filter(|((_, before), (_, after))| may_break(*before, *after)).map(|(_, (at, _))| at);
    let mut start = 0;
    cuts.chain([text.len()]).map(move |end| std::mem::replace(&mut start, end)..end)
}

fn may_break(before: char, after: char) -> bool {
    match (before, after) {
        (_, ' ') => false,
        (' ', _) => true,
        // Skin tones, and what composes with the character before it.
        (_, '\u{1f3fb}'..='\u{1f3ff}') | ('\u{200d}', _) => false,
        (_, '、' | '。' | '，' | '．' | '」' | '』' | '）' | '】' | '》' | '〉' | '：' | '；' | '！' | '？' | 'ー') => {
            false
        }
        ('「' | '『' | '（' | '【' | '《' | '〈', _) => false,
        (_, after) if after.width() == Some(0) => false,
        (before, after) => before.width() == Some(2) || after.width() == Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_a_reader_expects_it() {
        let rows: [(&str, usize, &[&str]); 10] = [
            ("", 10, &[]),
            ("short", 10, &["short"]),
            ("the lantern burned low", 11, &["the lantern", "burned low"]),
            ("the lantern burned low", 12, &["the lantern", "burned low"]),
            ("an unbreakable", 6, &["an", "unbrea", "kable"]),
            ("unbreakable it is", 6, &["unbrea", "kable", "it is"]),
            ("東京都に行く。", 6, &["東京都", "に行", "く。"]),
            ("in 東京 today", 7, &["in 東京", "today"]),
            ("e\u{301}e\u{301}e\u{301}", 2, &["e\u{301}e\u{301}", "e\u{301}"]),
            ("👍🏽👍🏽", 2, &["👍🏽", "👍🏽"]),
        ];
        for (text, room, expected) in rows {
            let cut: Vec<&str> = lines(text, room).into_iter().map(|line| &text[line]).collect();
            assert_eq!(cut, expected, "{text:?} in {room}");
        }
    }

    #[test]
    fn nothing_but_blanks_is_lost_at_any_width() {
        let text = "The lantern 東京都「に」行く。 https://example.org/a/long/address e\u{301}\u{301} 👩‍💻 end";
        for room in 0..90 {
            let cut: String = lines(text, room).into_iter().map(|line| &text[line]).collect();
            assert_eq!(cut.replace(' ', ""), text.replace(' ', ""), "{room}");
        }
    }
}
