//! JSON objects one after the other, for every verb that has `--json`.
//!
//! Text is exact, so that the ranges given for it hold. JSON may carry controls beyond C0 as they
//! are; into a pipe they go so, on a terminal they are escaped like the others.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indago::index::Reason;
use serde::{Serialize, Serializer};

use super::clean::stand_in;
use super::style::Style;

/// How the objects follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// An object a line.
    Lines,
    /// One array; still an object a line, for those who look.
    Array,
}

/// Writes objects one by one; other verbs put their own.
pub struct Objects<'a, W> {
    out: &'a mut W,
    layout: Layout,
    terminal: bool,
    first: bool,
}

impl<'a, W: Write> Objects<'a, W> {
    /// Nothing is written yet.
    pub fn new(out: &'a mut W, layout: Layout, style: &Style) -> Self {
        Objects { out, layout, terminal: style.terminal, first: true }
    }

    /// Writes one object.
    pub fn put(&mut self, object: &impl Serialize) -> io::Result<()> {
        let before: &[u8] = match (self.layout, self.first) {
            (Layout::Lines, true) => b"",
            (Layout::Lines, false) => b"\n",
            (Layout::Array, true) => b"[\n",
            (Layout::Array, false) => b",\n",
        };
        self.first = false;
        self.out.write_all(before)?;
        if self.terminal {
            object.serialize(&mut serde_json::Serializer::with_formatter(&mut *self.out, Escaping))?;
        } else {
            serde_json::to_writer(&mut *self.out, object)?;
        }
        Ok(())
    }

    /// Ends the last line, and the array if it is one.
    pub fn end(self) -> io::Result<()> {
        self.out.write_all(match (self.layout, self.first) {
            (Layout::Lines, true) => b"",
            (Layout::Lines, false) => b"\n",
            (Layout::Array, true) => b"[]\n",
            (Layout::Array, false) => b"\n]\n",
        })
    }
}

/// A path: a string, or `{"bytes": base64}` where it is none.
pub struct Name<'a>(Cow<'a, Path>);

/// `path` as JSON gives it.
pub fn name<'a>(path: impl Into<Cow<'a, Path>>) -> Name<'a> {
    Name(path.into())
}

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Bytes {
            bytes: String,
        }
        match self.0.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => Bytes { bytes: STANDARD.encode(self.0.as_os_str().as_encoded_bytes()) }.serialize(serializer),
        }
    }
}

/// Compact JSON in which every character that a terminal could act on is `\u` escaped.
struct Escaping;

impl serde_json::ser::Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|&(_, c)| stand_in(c).is_some()) {
            out.write_all(&fragment.as_bytes()[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[written..])
    }
}

/// A line of JSON for a path that was not indexed.
#[derive(Serialize)]
pub struct SkippedLine<'a> {
    r#type: &'static str,
    path: Name<'a>,
    reason: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

impl<'a> SkippedLine<'a> {
    /// The line for `path`, which is left out for `reason`.
    pub fn new(path: &'a Path, reason: Reason, detail: &'a str) -> SkippedLine<'a> {
        SkippedLine { r#type: "skipped", path: name(path), reason: reason.name(), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn written(layout: Layout, style: &Style, texts: &[&str]) -> String {
        let mut out = Vec::new();
        let mut objects = Objects::new(&mut out, layout, style);
        texts.iter().for_each(|text| objects.put(text).unwrap());
        objects.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn objects_follow_each_other_in_lines_or_in_an_array() {
        let rows: [(Layout, &[&str], &str); 6] = [
            (Layout::Lines, &[], ""),
            (Layout::Lines, &["a"], "\"a\"\n"),
            (Layout::Lines, &["a", "b"], "\"a\"\n\"b\"\n"),
            (Layout::Array, &[], "[]\n"),
            (Layout::Array, &["a"], "[\n\"a\"\n]\n"),
            (Layout::Array, &["a", "b"], "[\n\"a\",\n\"b\"\n]\n"),
        ];
        for (layout, texts, expected) in rows {
            assert_eq!(written(layout, &sample::pipe(), texts), expected);
        }
    }

    #[test]
    fn text_is_exact_and_on_a_terminal_escaped_as_well() {
        let rows = [
            ("naïve 東京\t", "naïve 東京\\t", "naïve 東京\\t"),
            ("\x1b[2J\n", "\\u001b[2J\\n", "\\u001b[2J\\n"),
            ("\x7f\u{9b}", "\x7f\u{9b}", "\\u007f\\u009b"),
            ("a\u{202e}b\u{2028}", "a\u{202e}b\u{2028}", "a\\u202eb\\u2028"),
        ];
        for (text, pipe, terminal) in rows {
            for (style, expected) in [(sample::pipe(), pipe), (sample::terminal(), terminal)] {
                let line = written(Layout::Lines, &style, &[text]);
                assert_eq!(line, format!("\"{expected}\"\n"));
                assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_is_given_as_its_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let rows: [(&[u8], &str); 2] = [("é.txt".as_bytes(), "\"é.txt\""), (b"\xff.txt", "{\"bytes\":\"/y50eHQ=\"}")];
        for (bytes, expected) in rows {
            let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
            assert_eq!(serde_json::to_string(&name(path)).unwrap(), expected);
        }
    }
}
