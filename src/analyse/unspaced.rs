//! Scripts written without spaces: every two neighbouring characters are a term.
//!
//! A question of n characters is then a phrase of n − 1 terms, found wherever those characters
//! stand, with no dictionary that could split the text and the question differently. In Chinese,
//! Japanese and Korean a character is counted after composition (half-width kana with its voicing
//! mark is one, so are the jamo of a syllable); in Thai, Lao, Khmer and Myanmar every code point
//! counts, marks included.

use std::ops::ControlFlow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::class::{Script, unspaced};
use super::{Emit, Out};

/// Emits the pairs of the run that begins at `start`, and returns where it ends.
pub(super) fn pairs<F: Emit>(
    buffer: &mut String,
    text: &str,
    start: usize,
    out: &mut Out<F>,
) -> ControlFlow<(), usize> {
    let script = text[start..].chars().next().and_then(unspaced);
    let mut at = start;
    // Where the character before the current one begins, in the text and in the buffer.
    let mut before: Option<(usize, usize)> = None;
    let mut paired = false;
    buffer.clear();
    while let Some(next) = character_end(text, at, script) {
        let from = buffer.len();
        compose(buffer, &text[at..next], script);
        if let Some((start, left)) = before {
            out.part(&buffer[left..], start, next)?;
            paired = true;
            buffer.drain(..from);
            before = Some((at, 0));
        } else {
            before = Some((at, from));
        }
        at = next;
    }
    if !paired {
        out.part(buffer, start, at)?;
    }
    ControlFlow::Continue(at)
}

/// The end of the character at `at`, or nothing when the run ends there.
fn character_end(text: &str, at: usize, script: Option<Script>) -> Option<usize> {
    let mut chars = text[at..].chars();
    let first = chars.next().filter(|&ch| unspaced(ch) == script)?;
    let mut end = at + first.len_utf8();
    if script == Some(Script::Cjk) {
        let mut last = first;
        for ch in chars {
            if !continues(last, ch) {
                break;
            }
            end += ch.len_utf8();
            last = ch;
        }
    }
    Some(end)
}

/// Whether `ch` belongs to the same character as `last`, the one before it.
fn continues(last: char, ch: char) -> bool {
    match ch {
        '\u{ff9e}' | '\u{ff9f}' => true,
        '\u{1160}'..='\u{11a7}' => matches!(last, '\u{1100}'..='\u{11a7}'),
        '\u{11a8}'..='\u{11ff}' => matches!(last, '\u{1160}'..='\u{11ff}' | '가'..='힣'),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => true,
        _ => is_combining_mark(ch),
    }
}

fn compose(buffer: &mut String, character: &str, script: Option<Script>) {
    if script == Some(Script::Cjk) && !is_plain(character) {
        let kept = character.chars().filter(|ch| !matches!(ch, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'));
        buffer.extend(kept.nfkc().flat_map(char::to_lowercase));
    } else {
        buffer.push_str(character);
    }
}

/// One character that composition leaves as it is.
fn is_plain(character: &str) -> bool {
    let mut chars = character.chars();
    let plain = |ch| matches!(ch, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー'..='ヾ' | '一'..='鿿' | '가'..='힣');
    chars.next().is_some_and(plain) && chars.next().is_none()
}
