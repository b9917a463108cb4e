//! The likeliest encoding of bytes that are text but not valid UTF-8.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// What the detector is fed, in bytes: it takes 50 µs for each KiB, and its verdict is settled long before.
const DETECTOR_BYTES: usize = 64 * 1024;

/// ASCII kept before the first other byte of a line, since the detector weighs the letters a byte stands next to.
const CONTEXT_BYTES: usize = 64;

/// Where UTF-8 is looked for, in bytes from the first that is not ASCII on.
const SAMPLE_BYTES: usize = 256 * 1024;

/// UTF-8 with a few bad bytes stays UTF-8 when it has at least this many good sequences for each bad one.
///
/// Two bytes of a legacy encoding rarely look like a sequence of UTF-8 by accident, and never ten times in a row;
/// one line pasted from elsewhere, or a cut in the middle of a character, must not turn a whole file into `Ã©`.
const GOOD_PER_BAD: usize = 10;

/// The encoding to decode `bytes` with.
pub(super) fn encoding(bytes: &[u8]) -> &'static Encoding {
    let Some(first) = bytes.iter().position(|byte| !byte.is_ascii()) else {
        return UTF_8;
    };
    let sample = &bytes[first..bytes.len().min(first + SAMPLE_BYTES)];
    if is_mostly_utf_8(sample) { UTF_8 } else { detect(&bytes[first.saturating_sub(CONTEXT_BYTES)..]) }
}

/// Enough of the sequences that are not ASCII are valid; one cut off by the end does not count.
fn is_mostly_utf_8(sample: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut rest = sample.len();
    for chunk in sample.utf8_chunks() {
        rest -= chunk.valid().len() + chunk.invalid().len();
        // In valid UTF-8 a byte from 0xC0 on begins a sequence.
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        let is_cut =
            || rest == 0 && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        bad += usize::from(!chunk.invalid().is_empty() && !is_cut());
    }
    good > 0 && good >= bad.saturating_mul(GOOD_PER_BAD)
}

/// What the detector of Firefox says of the lines that are not all ASCII: the others tell nothing.
///
/// UTF-8 was ruled out, and ISO-2022-JP holds no byte above 0x7F, so that it never comes here.
fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = DETECTOR_BYTES;
    // No encoding that is looked for has a line end inside a character.
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(first) = line.iter().position(|byte| !byte.is_ascii()) else {
            continue;
        };
        let line = &line[first.saturating_sub(CONTEXT_BYTES)..];
        let part = &line[..line.len().min(left)];
        detector.feed(part, false);
        left -= part.len();
        if left == 0 {
            break;
        }
    }
    if left > 0 {
        detector.feed(b"", true);
    }
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_bad_bytes_do_not_make_utf_8_a_legacy_encoding() {
        let good = "déjà vu à la même fenêtre, où l’été s’achève; ".as_bytes();
        let rows: [(Vec<u8>, bool); 5] = [
            ([good, good, b"caf\xE9 "].concat(), true),
            ([good, b"\xE2\x80"].concat(), true),
            (b"only caf\xE9".to_vec(), false),
            (b"\xC3\xA9 and caf\xE9 noir".to_vec(), false),
            (b"cut at the end: \xE2\x80".to_vec(), false),
        ];
        for (bytes, utf_8) in rows {
            assert_eq!(encoding(&bytes) == UTF_8, utf_8, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn the_first_foreign_letter_may_stand_far_behind() {
        let mut bytes = "plain words. ".repeat(100_000).into_bytes();
        bytes.extend(b" Der B\xE4r tr\xE4gt schwere \xC4pfel \xFCber die gr\xFCne Br\xFCcke.");
        assert_eq!(encoding(&bytes).name(), "windows-1252");
    }
}
