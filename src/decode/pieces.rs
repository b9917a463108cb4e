//! A file's text piece by piece, for those who need but little of a long one.
//!
//! Comes in: an open file, and what it is written in. Goes out: its text, each piece decoded by itself, as often as it is
//! asked for. Pieces end where a decoder may begin afresh, so that together they are the text that decoding all at once gives.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memmem;

use super::{Decoded, decode};
use crate::snippet::{self, Checkpoints, Source};

/// How much of the file is read for a piece: enough to be quick, little enough to stay in the processor's cache.
const PIECE_BYTES: usize = 64 << 10;

/// How much of a file is looked at to tell what it is written in.
const SAMPLE_BYTES: usize = 256 << 10;

/// The longest byte order mark.
const MARK_BYTES: usize = 3;

/// A file as a text in pieces.
#[derive(Debug)]
pub(crate) struct Pieces {
    file: File,
    encoding: &'static Encoding,
    /// Where the pieces that were read begin in the file, and where the next one will.
    starts: Vec<u64>,
    /// Nothing behind this is read.
    end: u64,
    bytes: Vec<u8>,
    piece_bytes: usize,
    /// The text up to here has the bytes of the file, from the mark on.
    exact_bytes: usize,
    is_exact: bool,
}

impl Pieces {
    /// The first `most` bytes of a file that was in this encoding; of one that `is_current` no more, in the one its beginning
    /// tells. `None` if that is no text.
    pub(crate) fn open(
        file: File,
        encoding: &'static Encoding,
        is_current: bool,
        most: u64,
    ) -> io::Result<Option<Pieces>> {
        // Of what is known only the mark is of interest.
        let piece_bytes = if is_current { MARK_BYTES } else { SAMPLE_BYTES };
        let mut pieces = Pieces { piece_bytes, ..Pieces::new(file, encoding, 0, most) };
        pieces.read(0)?;
        let Ok(sample) = decode(&pieces.bytes, Some(encoding).filter(|_| is_current)) else { return Ok(None) };
        let is_open = !is_current && encoding.is_ascii_compatible() && pieces.bytes.is_ascii();
        let (encoding, bom_bytes) = if is_open { (encoding, 0) } else { (sample.encoding, sample.bom_bytes) };
        Ok(Some(Pieces::new(pieces.file, encoding, bom_bytes, most)))
    }

    /// The first `most` bytes of a file in this encoding, behind its byte order mark.
    fn new(file: File, encoding: &'static Encoding, bom_bytes: usize, most: u64) -> Pieces {
        Pieces {
            file,
            encoding,
            starts: vec![bom_bytes as u64],
            end: most,
            bytes: Vec::new(),
            piece_bytes: PIECE_BYTES,
            exact_bytes: 0,
            is_exact: encoding == UTF_8,
        }
    }

    /// From now on the pieces are those between the checkpoints, in any order.
    pub(crate) fn enter(&mut self, checkpoints: &Checkpoints) {
        let bom_bytes = self.starts[0];
        self.starts = checkpoints.all.iter().map(|checkpoint| bom_bytes + checkpoint.raw).collect();
        self.exact_bytes = checkpoints.exact_bytes;
    }

    /// From now on the pieces are read in order again.
    pub(crate) fn start_over(&mut self) {
        self.starts.truncate(1);
        (self.exact_bytes, self.is_exact) = (0, self.encoding == UTF_8);
    }

    /// The length of the byte order mark.
    pub(crate) fn bom_bytes(&self) -> usize {
        self.starts[0] as usize
    }

    /// How many bytes of the text, of what was read of it, are those of the file behind its mark.
    pub(crate) fn exact_bytes(&self) -> usize {
        self.exact_bytes
    }

    /// Reads what may be the piece of that number, and what follows as far as it matters.
    fn read(&mut self, number: usize) -> io::Result<()> {
        let from = self.starts[number];
        let known = self.starts.get(number + 1).map_or(self.piece_bytes as u64, |next| next - from);
        self.bytes.resize(known.min(self.end.saturating_sub(from)) as usize, 0);
        let mut filled = 0;
        while filled < self.bytes.len() {
            match self.file.read_at(&mut self.bytes[filled..], from + filled as u64) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes.truncate(filled);
        Ok(())
    }
}

impl Source for Pieces {
    fn piece(&mut self, number: usize, into: &mut String) -> io::Result<bool> {
        self.read(number)?;
        let is_new = number + 1 == self.starts.len();
        if is_new && self.bytes.len() == self.piece_bytes {
            self.bytes.truncate(last_end(&self.bytes, self.encoding));
        }
        let text = match self.encoding {
            encoding if encoding == UTF_8 => {
                UTF_8.decode_without_bom_handling_and_without_replacement(&self.bytes).ok_or(UTF_8)
            }
            encoding => Err(encoding),
        };
        let is_exact = text.is_ok();
        into.push_str(&text.unwrap_or_else(|encoding| encoding.decode_without_bom_handling(&self.bytes).0));
        if is_new && !self.bytes.is_empty() {
            self.starts.push(self.starts[number] + self.bytes.len() as u64);
            self.is_exact &= is_exact;
            self.exact_bytes += if self.is_exact { self.bytes.len() } else { 0 };
        }
        Ok(!self.bytes.is_empty())
    }
}

/// The checkpoints of a whole file; `None` if it is too short for any, or its pieces would not give its text.
pub(crate) fn checkpoints(bytes: &[u8], decoded: &Decoded<'_>) -> Option<Checkpoints> {
    if bytes.len() as u64 <= snippet::LONG_BYTES {
        return None;
    }
    let (mut raw, mut text) = (&bytes[decoded.bom_bytes..], &*decoded.text);
    let step = snippet::step(bytes.len());
    let (mut pieces, mut exact_bytes) = (Vec::with_capacity(raw.len() / step + 1), 0);
    let mut is_exact = decoded.encoding == UTF_8;
    let is_same = is_exact && !decoded.lossy;
    while !raw.is_empty() {
        let next = &raw[..raw.len().min(step)];
        let length = if next.len() < raw.len() { last_end(next, decoded.encoding) } else { next.len() };
        let (piece, behind) = raw.split_at(length);
        let text_length = if is_same {
            length
        } else {
            let (piece_text, is_lossy) = decoded.encoding.decode_without_bom_handling(piece);
            is_exact &= !is_lossy;
            text.starts_with(&*piece_text).then_some(piece_text.len())?
        };
        exact_bytes += if is_exact { text_length } else { 0 };
        pieces.push((length, text_length));
        (raw, text) = (behind, text.get(text_length..)?);
    }
    text.is_empty().then(|| Checkpoints::new(&decoded.text, &pieces, exact_bytes))
}

/// The last place in `bytes` where a character surely ends, and the decoder is in the state it began in.
fn last_end(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let found = if encoding == UTF_8 {
        // What goes on from a byte before is no beginning.
        bytes.iter().rposition(|byte| byte & 0xc0 != 0x80)
    } else if encoding == UTF_16LE || encoding == UTF_16BE {
        let high = usize::from(encoding == UTF_16LE);
        let units = bytes.len() / 2;
        units.checked_sub(1).map(|last| 2 * if bytes[2 * last + high] & 0xfc == 0xd8 { last } else { units })
    } else if encoding.is_single_byte() {
        None
    } else if encoding == ISO_2022_JP {
        // Every line of it ends in ASCII.
        memmem::rfind(bytes, b"\x1b(B").map(|at| at + 3)
    } else {
        // No character of several bytes has one as low as this.
        bytes.iter().rposition(|byte| *byte < 0x30).filter(|end| *end > 0).or_else(|| {
            let is_whole = |end: &usize| !encoding.decode_without_bom_handling(&bytes[..*end]).0.ends_with('\u{fffd}');
            (bytes.len().saturating_sub(3)..=bytes.len()).rev().find(is_whole)
        })
    };
    found.filter(|end| *end > 0).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::decode::{Decoded, insist};

    fn read(bytes: &[u8], encoding: &'static Encoding, bom_bytes: usize, piece_bytes: usize) -> (String, usize) {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("room for it");
        let mut pieces = Pieces { piece_bytes, ..Pieces::new(file, encoding, bom_bytes, u64::MAX) };
        let mut texts = Vec::new();
        loop {
            let mut text = String::new();
            if !pieces.piece(texts.len(), &mut text).expect("a readable file") {
                break;
            }
            texts.push(text);
        }
        for (number, text) in texts.iter().enumerate() {
            let mut again = String::new();
            assert!(pieces.piece(number, &mut again).expect("a readable file"));
            assert_eq!(again, *text);
        }
        (texts.concat(), pieces.exact_bytes())
    }

    #[test]
    fn pieces_are_together_what_decoding_at_once_gives() {
        let text = "Gasse, Straße, café; Ёлка в 東京の港、灯台 🚣 and on.\n".repeat(9);
        let russian = "Фонарь горел у моря, корабль вернулся.\r\n".repeat(9);
        let japanese = "港の灯りがともり、船が帰ってくる。東京の夜。".repeat(9);
        let wide = |swap: bool| -> Vec<u8> {
            let unit = |unit: u16| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() };
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
        };
        let legacy = |text: &str, name: &str| {
            let encoding = crate::decode::named(name).expect("a known name");
            (encoding.encode(text).0.into_owned(), encoding)
        };
        let mut rows = vec![
            (text.clone().into_bytes(), UTF_8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), UTF_8),
            ([b"so\xff\x80\x80", text.as_bytes(), b"\xe2\x80"].concat(), UTF_8),
            (wide(false), UTF_16LE),
            (wide(true), UTF_16BE),
        ];
        rows.extend(["windows-1251", "koi8-r"].map(|name| legacy(&russian, name)));
        rows.extend(["shift_jis", "euc-jp", "gb18030", "big5"].map(|name| legacy(&japanese, name)));
        let spaced = japanese.replace('。', " \n");
        rows.extend(["shift_jis", "euc-jp", "gb18030", "iso-2022-jp"].map(|name| legacy(&spaced, name)));
        for (bytes, encoding) in rows {
            let Decoded { text, bom_bytes, lossy, .. } = insist(&bytes, encoding);
            for piece_bytes in (200..260).chain([7, 8, 9, 10_000].into_iter().filter(|_| encoding != ISO_2022_JP)) {
                let (found, exact_bytes) = read(&bytes, encoding, bom_bytes, piece_bytes);
                assert_eq!(found, text, "{} {piece_bytes}", encoding.name());
                if encoding == UTF_8 && !lossy {
                    assert_eq!(exact_bytes, text.len());
                }
                assert_eq!(found.as_bytes()[..exact_bytes], bytes[bom_bytes..bom_bytes + exact_bytes]);
            }
        }
    }

    #[test]
    fn a_long_file_can_be_entered_at_each_checkpoint_in_any_encoding() {
        let line = |encoding: &'static Encoding| match encoding.name() {
            "UTF-8" | "UTF-16LE" | "UTF-16BE" => "Gasse, Straße, café; Ёлка в 東京の港、灯台 🚣 and on.\r\n",
            "windows-1251" => "Фонарь горел у моря, и корабль вернулся.\r",
            _ => "港の灯りがともり、船が帰ってくる。東京の夜。\r\n",
        };
        for name in ["utf-8", "utf-16le", "utf-16be", "windows-1251", "shift_jis", "euc-jp", "iso-2022-jp", "gb18030"] {
            let encoding = crate::decode::named(name).expect("a known name");
            let text = line(encoding).repeat(10_000);
            let wide = |units: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(units).collect();
            let mut bytes = match name {
                "utf-16le" => wide(u16::to_le_bytes),
                "utf-16be" => wide(u16::to_be_bytes),
                _ => encoding.encode(&text).0.into_owned(),
            };
            for damaged in [false, true] {
                if damaged && encoding == UTF_8 {
                    bytes[200_000] = 0xff;
                }
                let decoded = insist(&bytes, encoding);
                let checkpoints = checkpoints(&bytes, &decoded).unwrap_or_else(|| panic!("no checkpoints in {name}"));
                assert!(checkpoints.all.len() > bytes.len() / (8 << 10), "{name}");
                let mut file = tempfile::tempfile().expect("a file");
                file.write_all(&bytes).expect("room for it");
                let mut pieces = Pieces::new(file, encoding, 0, u64::MAX);
                pieces.enter(&checkpoints);
                for number in (0..checkpoints.all.len() - 1).rev() {
                    let mut piece = String::new();
                    assert!(pieces.piece(number, &mut piece).expect("a readable file"));
                    assert_eq!(
                        piece,
                        decoded.text[checkpoints.all[number].at..checkpoints.all[number + 1].at],
                        "{name}"
                    );
                }
                let exact = pieces.exact_bytes();
                assert_eq!(decoded.text.as_bytes()[..exact], bytes[..exact], "{name}");
                assert_eq!(exact == bytes.len(), encoding == UTF_8 && !damaged, "{name}");
            }
        }
    }
}
