//! What went wrong, a line each on stderr: `indago: …`, then `hint: …`.
//!
//! Messages name files and repeat questions, so they are cleaned like any answer. When stderr itself
//! cannot be written there is nobody left to tell, and the caller may ignore that.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};

use super::clean::clean;

/// Writes what went wrong, see [`message`], and the hint if there is one.
pub fn trouble(err: &mut impl Write, message: &str, hint: Option<&str>) -> io::Result<()> {
    note(err, &message)?;
    match hint {
        Some(hint) => writeln!(err, "hint: {}", clean(hint)),
        None => Ok(()),
    }
}

/// Writes something the user should know although all went well.
pub fn note(err: &mut impl Write, note: &impl Display) -> io::Result<()> {
    writeln!(err, "indago: {}", clean(&note.to_string()))
}

/// `error` and its causes in one line; a cause that the message before it already tells is not repeated.
pub fn message(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !message.ends_with(&told) {
            message = format!("{message}: {told}");
        }
        cause = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Told(&'static str, Option<Box<Told>>);

    impl Display for Told {
        fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Told {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn a_trouble_is_one_line_and_its_hint_another() {
        let because = |message, cause| Told(message, Some(Box::new(cause)));
        let rows = [
            (Told("no index in ./index", None), None, "indago: no index in ./index\n"),
            (
                Told("no index in ./index", None),
                Some("build one with `indago ingest DIRECTORY`"),
                "indago: no index in ./index\nhint: build one with `indago ingest DIRECTORY`\n",
            ),
            (
                because("cannot read a.txt", because("permission denied", Told("os error 13", None))),
                None,
                "indago: cannot read a.txt: permission denied: os error 13\n",
            ),
            (
                because("cannot read a.txt: permission denied", Told("permission denied", None)),
                None,
                "indago: cannot read a.txt: permission denied\n",
            ),
            (
                Told("cannot read a\n\x1b[2J.txt", None),
                Some("rm '\u{9b}'"),
                "indago: cannot read a␊␛[2J.txt\nhint: rm '�'\n",
            ),
        ];
        for (error, hint, expected) in rows {
            let mut err = Vec::new();
            trouble(&mut err, &message(&error), hint).unwrap();
            assert_eq!(String::from_utf8(err).unwrap(), expected);
        }
    }
}
