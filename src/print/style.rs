//! What stdout can show: colour, links, a width; and where the user stands.
//!
//! In come the flags and the environment, once; after that the printers ask only this.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How the user wants colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that can, unless `NO_COLOR` is set; elsewhere when `CLICOLOR_FORCE` is.
    #[default]
    Auto,
    /// In pipes and files too.
    Always,
    /// Not even links.
    Never,
}

/// How answers are shown.
#[derive(Clone, Debug)]
pub struct Style {
    /// Colour and bold; without it text carries no escape sequence at all.
    pub colour: bool,
    /// Paths in text are OSC 8 hyperlinks.
    pub links: bool,
    /// Columns to wrap text to; `None` puts a passage on a line.
    pub width: Option<usize>,
    /// Text shows scores.
    pub scores: bool,
    /// Text lists the copies of each hit.
    pub copies: bool,
    /// Stdout is a terminal, so no format may let a control character through.
    pub terminal: bool,
    /// Where the user stands, absolute and free of links: paths are shown relative to it.
    pub cwd: PathBuf,
    /// The machine that links name; may be empty.
    pub host: String,
}

/// Colours as grep and rg have them, so that they need no learning. Each is an SGR parameter.
pub mod paint {
    /// Ranks, scores, and what a file lacks: there when looked for.
    pub const FAINT: &str = "2";
    /// The path of a hit.
    pub const PATH: &str = "35";
    /// The title of a hit.
    pub const TITLE: &str = "1";
    /// A line number.
    pub const LINE: &str = "32";
    /// A word of the question.
    pub const MATCH: &str = "1;31";
    /// A file that is no longer what was indexed.
    pub const STALE: &str = "33";
    /// Nothing special.
    pub const PLAIN: &str = "";
}

impl Style {
    /// Looks at stdout and the environment.
    ///
    /// `color` given as `always` or `never` overrules the environment; `NO_COLOR` overrules
    /// `CLICOLOR_FORCE`; `TERM=dumb` has neither colour nor links.
    pub fn detect(color: ColorChoice, scores: bool) -> Style {
        let terminal = io::stdout().is_terminal();
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = colour(color, terminal && !dumb, |name| env::var_os(name));
        let links = colour && terminal && !dumb;
        Style {
            colour,
            links,
            width: terminal.then(terminal_columns),
            scores,
            copies: false,
            terminal,
            cwd: env::current_dir().unwrap_or_default(),
            host: if links { host() } else { String::new() },
        }
    }

    /// Writes the part of `text` in `range` in the colour `base`, its `marks` as matches.
    ///
    /// `text` is clean already, and the marks are sound.
    pub fn write(
        &self,
        out: &mut impl Write,
        base: &str,
        text: &str,
        marks: &[Range<usize>],
        range: Range<usize>,
    ) -> io::Result<()> {
        let mut at = range.start;
        for mark in marks {
            let (start, end) = (mark.start.clamp(at, range.end), mark.end.clamp(at, range.end));
            self.paint(out, base, &text[at..start])?;
            self.paint(out, paint::MATCH, &text[start..end])?;
            at = end;
        }
        self.paint(out, base, &text[at..range.end])
    }

    /// Writes clean `text` in one colour.
    pub fn paint(&self, out: &mut impl Write, colour: &str, text: &str) -> io::Result<()> {
        if !self.colour || colour.is_empty() || text.is_empty() {
            out.write_all(text.as_bytes())
        } else {
            write!(out, "\x1b[{colour}m{text}\x1b[0m")
        }
    }

    /// The address a terminal opens for `path`, which is absolute.
    pub fn link(&self, path: &Path) -> String {
        let mut link = format!("file://{}", percent(self.host.as_bytes(), b"-._~"));
        let path = path.as_os_str().as_encoded_bytes();
        link.push_str(&percent(path, b"-._~/"));
        link
    }
}

/// `bytes` as an address holds them: letters, digits and `plain` as they are, the rest as `%41`.
pub fn percent(bytes: &[u8], plain: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}"); // a String takes whatever is written
        }
    }
    text
}

fn colour(choice: ColorChoice, able: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto => able || (set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE").is_some_and(|v| v != "0")),
    }
}

/// A terminal that does not tell its width is taken for 80 columns, the habit of terminals.
fn terminal_columns() -> usize {
    match terminal_size::terminal_size_of(io::stdout()) {
        Some((terminal_size::Width(columns), _)) if columns > 0 => usize::from(columns),
        _ => 80,
    }
}

/// Terminals compare a link's host with their own, to tell a local path from one behind ssh.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let told = told.or_else(|| env::var("HOSTNAME").ok()).unwrap_or_default();
    told.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn colour_follows_the_flag_then_the_environment_then_the_terminal() {
        use ColorChoice::{Always, Auto, Never};
        type Variables = &'static [(&'static str, &'static str)];
        let rows: [(ColorChoice, bool, Variables, bool); 10] = [
            (Auto, true, &[], true),
            (Auto, false, &[], false),
            (Auto, true, &[("NO_COLOR", "1")], false),
            (Auto, true, &[("NO_COLOR", "")], true),
            (Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (Auto, true, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
            (Always, false, &[("NO_COLOR", "1")], true),
            (Always, false, &[], true),
            (Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ];
        for (choice, able, variables, expected) in rows {
            let variable = |name: &str| Some(variables.iter().find(|(key, _)| *key == name)?.1.into());
            assert_eq!(colour(choice, able, variable), expected, "{choice:?} {able} {variables:?}");
        }
    }

    #[test]
    fn a_link_holds_any_name() {
        let style = sample::terminal();
        let rows = [
            ("/notes/a.txt", "file://desk/notes/a.txt"),
            ("/notes/a b%é.txt", "file://desk/notes/a%20b%25%C3%A9.txt"),
            ("/\x1b\\#?", "file://desk/%1B%5C%23%3F"),
        ];
        for (path, expected) in rows {
            assert_eq!(style.link(Path::new(path)), expected, "{path:?}");
        }
    }

    #[test]
    fn marks_are_coloured_only_within_the_part_that_is_written() {
        let text = "one two three";
        let marks = [0..3, 4..9];
        let rows = [
            (0..13, "\x1b[1;31mone\x1b[0m \x1b[1;31mtwo t\x1b[0mhree"),
            (0..7, "\x1b[1;31mone\x1b[0m \x1b[1;31mtwo\x1b[0m"),
            (8..13, "\x1b[1;31mt\x1b[0mhree"),
            (9..13, "hree"),
        ];
        for (range, expected) in rows {
            let mut out = Vec::new();
            sample::terminal().write(&mut out, paint::PLAIN, text, &marks, range.clone()).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{range:?}");
        }
    }
}
