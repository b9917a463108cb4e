//! Known formats that are not plain text, by the bytes they begin with.

use memchr::{memchr, memmem};

/// Where a magic number stands, what it is, whose it is.
type Row = (usize, &'static [u8], &'static str);

/// How many bytes must hold a NUL before a magic number of mere letters is believed: prose may begin with `OTTO`.
const PROOF_BYTES: usize = 512;

/// Formats whose magic number is never the beginning of a text.
const CERTAIN: &[Row] = &[
    (0, b"\x89PNG\r\n\x1a\n", "PNG image"),
    (0, b"\xFF\xD8\xFF", "JPEG image"),
    (0, b"II*\0", "TIFF image"),
    (0, b"MM\0*", "TIFF image"),
    (0, b"\0\0\x01\0", "icon"),
    (0, b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000 image"),
    (0, b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL image"),
    (0, b"\x1F\x8B\x08", "gzip"),
    (0, b"\x1F\x9D", "compress archive"),
    (0, b"\xFD7zXZ\0", "xz"),
    (0, b"\x28\xB5\x2F\xFD", "zstd"),
    (0, b"\x04\x22\x4D\x18", "lz4"),
    (0, b"7z\xBC\xAF\x27\x1C", "7-Zip archive"),
    (0, b"Rar!\x1A\x07", "RAR archive"),
    (0, b"\xED\xAB\xEE\xDB", "RPM package"),
    (0, b"\x7FELF", "ELF program"),
    (0, b"\xFE\xED\xFA\xCE", "Mach-O program"),
    (0, b"\xFE\xED\xFA\xCF", "Mach-O program"),
    (0, b"\xCE\xFA\xED\xFE", "Mach-O program"),
    (0, b"\xCF\xFA\xED\xFE", "Mach-O program"),
    (0, b"\xCA\xFE\xBA\xBE", "Java class or Mach-O program"),
    (0, b"\0asm", "WebAssembly module"),
    (0, b"BC\xC0\xDE", "LLVM bitcode"),
    (0, b"\x1BLua", "Lua bytecode"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (0, b"\x93NUMPY", "NumPy array"),
    (0, b"Obj\x01", "Avro data"),
    (0, b"\0\x01\0\0\0", "TrueType font"),
    (0, b"\x1A\x45\xDF\xA3", "Matroska video"),
    (0, b"\0\0\x01\xBA", "MPEG video"),
    (0, b"\0\0\x01\xB3", "MPEG video"),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media"),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Microsoft Office document (doc, xls, ppt, msg)"),
    (0, b"\xDE\x12\x04\x95", "gettext catalogue"),
    (0, b"\x95\x04\x12\xDE", "gettext catalogue"),
    (0, b"\xD4\xC3\xB2\xA1", "packet capture"),
    (0, b"\x0A\x0D\x0D\x0A", "packet capture"),
    (0, b"LUKS\xBA\xBE", "LUKS volume"),
    (0, b"!<arch>\ndebian-binary", "Debian package"),
    (0, b"!<arch>\n", "library archive"),
    (0, b"%PDF-", "PDF document"),
    (0, b"{\\rtf", "RTF document"),
    (0, b"%!PS-Adobe", "PostScript document"),
];

/// Formats whose magic number is letters: believed when a NUL stands near.
const LETTERS: &[Row] = &[
    (0, b"GIF87a", "GIF image"),
    (0, b"GIF89a", "GIF image"),
    (8, b"WEBP", "WebP image"),
    (8, b"WAVE", "WAV audio"),
    (8, b"AVI ", "AVI video"),
    (0, b"BM", "BMP image"),
    (0, b"8BPS", "Photoshop image"),
    (0, b"BZh", "bzip2"),
    (0, b"LZIP", "lzip"),
    (0, b"MSCF", "cabinet archive"),
    (0, b"PK\x03\x04", "ZIP archive"),
    (0, b"PK\x05\x06", "ZIP archive"),
    (2, b"\r\n", "Python bytecode"),
    (257, b"ustar", "tar archive"),
    (0, b"MZ", "Windows program"),
    (0, b"PACK", "git pack"),
    (0, b"DIRC", "git index"),
    (0, b"PAR1", "Parquet data"),
    (0, b"ARROW1", "Arrow data"),
    (0, b"OTTO", "OpenType font"),
    (0, b"ttcf", "TrueType font"),
    (0, b"wOFF", "WOFF font"),
    (0, b"wOF2", "WOFF font"),
    (0, b"ID3", "MP3 audio"),
    (0, b"fLaC", "FLAC audio"),
    (0, b"OggS", "Ogg media"),
    (0, b"MThd", "MIDI music"),
    (0, b"FLV\x01", "Flash video"),
    (4, b"ftypavif", "AVIF image"),
    (4, b"ftyphei", "HEIC image"),
    (4, b"ftypmif1", "HEIC image"),
    (4, b"ftypM4A", "MPEG-4 audio"),
    (4, b"ftypqt", "QuickTime video"),
    (4, b"ftyp", "MPEG-4 video"),
    (0, b"AT&TFORM", "DjVu document"),
    (60, b"BOOKMOBI", "Mobipocket book"),
];

/// What is packed in a ZIP archive, by a name or a `mimetype` among its first entries.
const PACKED: &[(&[u8], &str)] = &[
    (b"application/epub+zip", "EPUB book"),
    (b"application/vnd.oasis.opendocument.text", "OpenDocument text (odt)"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "OpenDocument spreadsheet (ods)"),
    (b"application/vnd.oasis.opendocument.presentation", "OpenDocument presentation (odp)"),
    (b"word/", "Word document (docx)"),
    (b"xl/", "Excel workbook (xlsx)"),
    (b"ppt/", "PowerPoint presentation (pptx)"),
    (b"META-INF/", "Java archive"),
    (b"[Content_Types].xml", "Office document"),
];

/// The name of the format that begins with `head`, if it is a known one and not plain text.
pub(super) fn format(head: &[u8]) -> Option<&'static str> {
    if let Some(name) = find(CERTAIN, head) {
        return Some(name);
    }
    let near = &head[..head.len().min(PROOF_BYTES)];
    match find(LETTERS, head)? {
        "ZIP archive" => Some(packed(head)),
        // The payload of bzip2 begins with the digits of pi, and may have no NUL.
        "bzip2" => (head.get(4..10) == Some(b"1AY&SY")).then_some("bzip2"),
        name => memchr(0, near).map(|_| name),
    }
}

fn find(rows: &[Row], head: &[u8]) -> Option<&'static str> {
    rows.iter().find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic))).map(|row| row.2)
}

fn packed(head: &[u8]) -> &'static str {
    PACKED.iter().find(|(sign, _)| memmem::find(head, sign).is_some()).map_or("ZIP archive", |row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"%PDF-1.7\n%\xE2\xE3", Some("PDF document")),
            (b"PK\x03\x04\x14\0\0\0\x08\0", Some("ZIP archive")),
            (b"PK\x03\x04\x14\0[Content_Types].xml PK\x03\x04 word/document.xml", Some("Word document (docx)")),
            (b"PK\x03\x04\x14\0mimetypeapplication/epub+zip", Some("EPUB book")),
            (b"\x89PNG\r\n\x1a\n\0\0", Some("PNG image")),
            (b"\x7FELF\x02\x01\x01\0", Some("ELF program")),
            (b"\x1F\x8B\x08\0", Some("gzip")),
            (b"BZh91AY&SY\x01", Some("bzip2")),
            (b"SQLite format 3\0", Some("SQLite database")),
            (b"MZ\x90\0\x03\0", Some("Windows program")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("WebP image")),
            (b"\0\0\0\x20ftypisom", Some("MPEG-4 video")),
            (b"{\\rtf1\\ansi", Some("RTF document")),
        ];
        for (head, name) in rows {
            assert_eq!(format(head), *name, "{head:?}");
        }
    }

    #[test]
    fn prose_may_begin_with_the_letters_of_a_format() {
        let rows: [&[u8]; 9] = [
            b"OTTO and Anna went to the harbour.",
            b"MZ is a name\n",
            b"BMW builds cars",
            b"ID3 tags are explained here",
            b"BZh is not a word",
            b"GIF89a is a picture format",
            b"PACK your things",
            b"%PDF is a prefix",
            b"",
        ];
        for head in rows {
            assert_eq!(format(head), None, "{head:?}");
        }
    }
}
