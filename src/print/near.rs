//! Files that are nearly the same, with the share they have in common.
//!
//! ```text
//! 1  ring/LICENSE
//!     100%  rustls/LICENSE
//!      97%  webpki/LICENSE
//! ```

use std::io::{self, Write};

use indago::copies::Near;
use serde::Serialize;

use super::flow::Flow;
use super::objects::{Layout, Name, Objects, name};
use super::paths::relative;
use super::style::{Style, paint};
use super::units;

/// Writes a group: its number and first file, then the others, each with its share.
pub fn group(out: &mut impl Write, style: &Style, number: u64, group: &[Near]) -> io::Result<()> {
    let number = number.to_string();
    let Some((first, others)) = group.split_first() else { return Ok(()) };
    style.paint(out, paint::FAINT, &number)?;
    let mut line = Flow { style, indent: 0, at: number.len() };
    line.path(out, &first.path)?;
    writeln!(out)?;
    others.iter().try_for_each(|near| below(out, style, number.len() + 2, near))
}

/// Writes a file on a line of its own, `indent` columns in, with its share.
pub fn below(out: &mut impl Write, style: &Style, indent: usize, near: &Near) -> io::Result<()> {
    write!(out, "{:indent$}", "")?;
    similar(out, style, near)
}

/// Writes a file after its share.
pub fn similar(out: &mut impl Write, style: &Style, near: &Near) -> io::Result<()> {
    style.paint(out, paint::FAINT, &percentage(near))?;
    let mut line = Flow { style, indent: 0, at: 0 };
    line.path(out, &near.path)?;
    writeln!(out)
}

/// `100%` is everything, so all else is rounded down; `~` marks a guess, which never knows that.
fn percentage(near: &Near) -> String {
    let most = if near.estimated { 99.0 } else { 100.0 };
    let percent = (f64::from(near.share) * 100.0 + 1e-4).floor().min(most);
    format!("{:>5}", format!("{}{percent}%", if near.estimated { "~" } else { "" }))
}

/// How many files are nearly the same as a hit.
pub fn count(copies: &[Near]) -> String {
    more(copies.len())
}

/// How many files are nearly the same as one that is shown.
pub fn more(copies: usize) -> String {
    format!("+{} near-identical", units::count(copies as u64))
}

/// A file as JSON tells it.
#[derive(Serialize)]
pub struct Document<'a> {
    path: Name<'a>,
    share: f32,
    /// Only where it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    estimated: bool,
}

/// `near` as JSON tells it.
pub fn document<'a>(near: &'a Near, style: &Style) -> Document<'a> {
    Document { path: name(relative(&near.path, &style.cwd)), share: near.share, estimated: near.estimated }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Object<'a> {
    Group {
        documents: Vec<Document<'a>>,
    },
    Similar {
        #[serde(flatten)]
        document: Document<'a>,
    },
}

/// Writes a group as a line of JSON.
pub fn group_line(out: &mut impl Write, style: &Style, group: &[Near]) -> io::Result<()> {
    line(out, style, &Object::Group { documents: group.iter().map(|near| document(near, style)).collect() })
}

/// Writes a file as a line of JSON.
pub fn similar_line(out: &mut impl Write, style: &Style, near: &Near) -> io::Result<()> {
    line(out, style, &Object::Similar { document: document(near, style) })
}

fn line(out: &mut impl Write, style: &Style, object: &Object<'_>) -> io::Result<()> {
    let mut objects = Objects::new(out, Layout::Lines, style);
    objects.put(object)?;
    objects.end()
}

#[cfg(test)]
mod tests {
    use super::super::{clean, sample};
    use super::*;

    fn near(path: &str, share: f32) -> Near {
        Near { path: path.into(), share, estimated: false }
    }

    fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_group_stands_below_its_first_file() {
        let files = [
            near("/notes/a.txt", 1.0),
            near("/notes/b.txt", 1.0),
            near("/notes/c.txt", 0.9999),
            Near { estimated: true, ..near("/notes/d.txt", 0.8) },
            Near { estimated: true, ..near("/notes/e.txt", 1.0) },
        ];
        let shown = written(|out| group(out, &sample::pipe(), 12, &files));
        assert_eq!(shown, "12  a.txt\n     100%  b.txt\n      99%  c.txt\n     ~80%  d.txt\n     ~99%  e.txt\n");
        let line = written(|out| group_line(out, &sample::pipe(), &files[..2]));
        let expected = r#"{"type":"group","documents":[{"path":"a.txt","share":1.0},{"path":"b.txt","share":1.0}]}"#;
        assert_eq!(line, format!("{expected}\n"));
        let line = written(|out| similar_line(out, &sample::pipe(), &files[3]));
        assert_eq!(line, "{\"type\":\"similar\",\"path\":\"d.txt\",\"share\":0.8,\"estimated\":true}\n");
    }

    #[test]
    fn a_name_does_nothing_to_a_terminal() {
        let evil = [near("/notes/a\x1b[2J\n.txt", 1.0), near("/notes/b\u{9b}1m.txt", 0.9)];
        for shown in [
            written(|out| group(out, &sample::terminal(), 1, &evil)),
            written(|out| group_line(out, &sample::terminal(), &evil)),
        ] {
            let plain = sample::without_our_own(&shown);
            assert!(plain.chars().all(|c| c == '\n' || clean::stand_in(c).is_none()), "{shown:?}");
        }
    }
}
