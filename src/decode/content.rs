//! Text or not, by the content: NUL bytes, control characters, malformed sequences.

use memchr::{memchr, memchr_iter};

use super::Decoded;

/// At most one NUL in ten bytes of valid UTF-8: a crash leaves blocks of them in a log.
pub(super) const MAX_NULS_UTF_8: usize = 10;

/// At most one NUL in a thousand bytes of anything else: compressed data behind a script's text has four.
pub(super) const MAX_NULS_LEGACY: usize = 1000;

/// One control character in thirty bytes. Random bytes have three, text hardly any, and a short text may hold a stray one.
const BYTES_PER_CONTROL: usize = 30;

/// This many control characters are always forgiven.
const STRAY_CONTROLS: usize = 2;

/// The beginning of a file holds a NUL, as for git and rg, or too many control characters.
pub(super) fn is_binary(head: &[u8]) -> bool {
    if memchr(0, head).is_some() {
        return true;
    }
    // Blocks whose count fits a byte are counted sixteen bytes and more at a time.
    let in_block = |block: &[u8]| usize::from(block.iter().map(|byte| u8::from(is_control(*byte))).sum::<u8>());
    let controls: usize = head.chunks(128).map(in_block).sum();
    controls > STRAY_CONTROLS && controls * BYTES_PER_CONTROL > head.len()
}

/// More than one byte in `bytes_per_nul` of the whole file is NUL.
pub(super) fn has_nuls(bytes: &[u8], bytes_per_nul: usize) -> bool {
    // Nearly every file has none: one quick pass.
    memchr(0, bytes).is_some() && memchr_iter(0, bytes).count() * bytes_per_nul > bytes.len()
}

/// Decoding replaced more than one character in ten: whatever this is, it is not text in that encoding.
pub(super) fn is_garbled(decoded: &Decoded<'_>) -> bool {
    if !decoded.lossy {
        return false;
    }
    let (mut all, mut replaced) = (0_usize, 0_usize);
    for c in decoded.text.chars() {
        all += 1;
        replaced += usize::from(c == char::REPLACEMENT_CHARACTER);
    }
    replaced > 1 && replaced * 10 > all
}

/// Control characters that no text needs: not white space, not the backspaces of a printed manual page,
/// not the escapes of a coloured log, and not the shifts of ISO-2022.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0x01..=0x07 | 0x10..=0x1A | 0x1C..=0x1F | 0x7F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_is_told_by_nuls_and_control_characters() {
        let rows: [(&[u8], bool); 8] = [
            (b"", false),
            (b"plain words\n", false),
            (b"a NUL\0 in the beginning", true),
            (b"\x1b[31mred\x1b[0m and b\x08bo\x08ol\x08ld\x08d", false),
            (b"one stray \x01", false),
            (b"\x01\x02\x03\x04", true),
            (b"\xC3\xA9\x01t\x02\x03\x15", true),
            (b"page one\x0cpage two\t\r\n", false),
        ];
        for (head, binary) in rows {
            assert_eq!(is_binary(head), binary, "{head:?}");
        }
    }

    #[test]
    fn a_share_of_nuls_is_forgiven() {
        let mut log = vec![b'x'; 9_000];
        log.extend([0; 900]);
        assert!(!has_nuls(&log, MAX_NULS_UTF_8));
        assert!(has_nuls(&log, MAX_NULS_LEGACY));
    }
}
