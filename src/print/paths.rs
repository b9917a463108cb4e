//! `-l`: a path a line, or ended by NUL; and how a path is written for the one who reads it.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use indago::search::{Answer, Hit, Passage};

use super::clean::clean;
use super::style::Style;

/// Writes the path of every hit: its bytes untouched into a pipe, made visible on a terminal.
pub fn answer(out: &mut impl Write, nul: bool, style: &Style, answer: &Answer) -> io::Result<()> {
    let end: &[u8] = if nul { b"\0" } else { b"\n" };
    for hit in &answer.hits {
        out.write_all(&bytes(&hit.path, style))?;
        out.write_all(end)?;
    }
    Ok(())
}

/// `path` from where the user stands, as bytes that open it; on a terminal as clean text.
pub fn bytes(path: &Path, style: &Style) -> Vec<u8> {
    let path = relative(path, &style.cwd);
    if style.terminal { shown(&path).into_bytes() } else { path.as_os_str().as_encoded_bytes().to_vec() }
}

/// `path` as clean text, `�` in place of bytes that are none.
pub fn shown(path: &Path) -> String {
    clean(&path.to_string_lossy()).into_owned()
}

/// The path of a hit from where the user stands, as text that is not clean yet, with what matches in it.
pub fn marked(hit: &Hit, cwd: &Path) -> Passage {
    let text = relative(&hit.path, cwd).to_string_lossy().into_owned();
    // Both are ends of the same path, of which the marks know the one.
    let (id, cut) = (hit.id.len(), hit.id.len() as isize - text.len() as isize);
    let marks = hit.id_marks.iter().filter(|mark| mark.end <= id && mark.start as isize >= cut);
    let marks = marks.map(|mark| (mark.start as isize - cut) as usize..(mark.end as isize - cut) as usize);
    let marks = marks.filter(|mark| text.as_bytes().get(mark.clone()) == hit.id.get(shifted(mark, cut))).collect();
    Passage { text, marks }
}

fn shifted(range: &Range<usize>, by: isize) -> Range<usize> {
    let shift = |at: usize| (at as isize + by) as usize;
    shift(range.start)..shift(range.end)
}

/// The shortest way to write `path` from `cwd`, both absolute: below it, beside it with `../`, or whole.
///
/// A name that begins with `-` gets `./` before it, so that no program takes it for a flag.
pub fn relative<'a>(path: &'a Path, cwd: &Path) -> Cow<'a, Path> {
    let way = match path.strip_prefix(cwd) {
        Ok(below) if below.as_os_str().is_empty() => return Cow::Borrowed(Path::new(".")),
        Ok(below) => Cow::Borrowed(below),
        Err(_) => beside(path, cwd).map_or(Cow::Borrowed(path), Cow::Owned),
    };
    if way.as_os_str().as_encoded_bytes().starts_with(b"-") { Cow::Owned(Path::new(".").join(way)) } else { way }
}

/// The way over a common ancestor, if that is shorter than `path`.
fn beside(path: &Path, cwd: &Path) -> Option<PathBuf> {
    let common = path.components().zip(cwd.components()).take_while(|(a, b)| a == b).count();
    let shared_nothing = common == 0; // a relative path, or another drive
    let up = cwd.components().skip(common).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(path.components().skip(common)).collect();
    (!shared_nothing && way.as_os_str().len() < path.as_os_str().len()).then_some(way)
}

#[cfg(test)]
mod tests {
    use super::super::{Format, sample};
    use super::*;

    #[test]
    fn a_path_is_written_the_short_way() {
        let rows = [
            ("/home/ann/notes/a.txt", "/home/ann/notes", "a.txt"),
            ("/home/ann/notes/b/a.txt", "/home/ann/notes", "b/a.txt"),
            ("/home/ann/mail/a.txt", "/home/ann/notes", "../mail/a.txt"),
            ("/home/ann/notes/a.txt", "/home/ann/notes/b/c", "../../a.txt"),
            ("/home/ann/notes2/a.txt", "/home/ann/notes", "../notes2/a.txt"),
            ("/etc/motd", "/home/ann/notes", "/etc/motd"),
            ("/a", "/b", "/a"),
            ("/notes/-rf", "/notes", "./-rf"),
            ("/notes", "/notes", "."),
            ("/notes/a.txt", "/", "notes/a.txt"),
            ("/notes/a.txt", "", "/notes/a.txt"),
        ];
        for (path, cwd, expected) in rows {
            assert_eq!(relative(Path::new(path), Path::new(cwd)), Path::new(expected), "{path} from {cwd}");
        }
    }

    #[test]
    fn a_pipe_gets_the_bytes_and_a_terminal_what_it_can_show() {
        let answer = sample::answer([sample::hit("/notes/a\n\x1b.txt"), sample::hit("/notes/b.txt")]);
        let rows = [
            (sample::pipe(), false, "a\n\x1b.txt\nb.txt\n"),
            (sample::pipe(), true, "a\n\x1b.txt\0b.txt\0"),
            (sample::terminal(), false, "a␊␛.txt\nb.txt\n"),
            (sample::terminal(), true, "a␊␛.txt\0b.txt\0"),
        ];
        for (style, nul, expected) in rows {
            assert_eq!(sample::printed(Format::Paths { nul }, &style, &answer), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/notes/\xff.txt"));
        assert_eq!(bytes(path, &sample::pipe()), b"\xff.txt");
        assert_eq!(bytes(path, &sample::terminal()), "�.txt".as_bytes());
    }
}
