//! The command line: the verbs, and what they have in common.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::command::{check, copies, diff, forget, ingest, query, similar, status, why};

/// Find things in a directory of texts: ranked, with the passages that show why.
///
/// `indago ingest DIR` reads the files below DIR into an index; `indago query WORDS` answers from it. Files that did not
/// change cost one stat the next time. Nothing is hidden: `indago status --skipped` lists what was left out and why.
#[derive(Parser, Debug)]
#[command(name = "indago", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "\
Examples:
  cd ~/notes && indago ingest .        build ./index from this folder
  indago query tax return 2024         ask it, from here or any folder below
  indago query '\"air base\" -russia ext:md after:7d'
  indago query -l lantern | xargs less

The index is found in this order: --index DIR, $INDAGO_INDEX, ./index, the nearest index/ in a folder above.
Exit code: 0 found or done, 1 nothing found, 2 trouble. `indago VERB --help` says more.")]
pub struct Args {
    /// The index directory.
    ///
    /// Without it: $INDAGO_INDEX, then ./index, then the nearest index/ in a folder above this one.
    #[arg(long, global = true, value_name = "DIR", env = "INDAGO_INDEX", hide_env_values = true)]
    pub index: Option<PathBuf>,
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Verb {
    Ingest(ingest::Args),
    Query(Box<query::Args>),
    Copies(copies::Args),
    Similar(similar::Args),
    Status(status::Args),
    Why(why::Args),
    Diff(diff::Args),
    Forget(forget::Args),
    Check(check::Args),
}

/// Moves what can only be a part of a question behind a `--`, so that it is not taken for options: `-"New York Times"`,
/// `-(a b)`, `-russia troops` in one argument.
pub fn with_questions_last(args: Vec<OsString>) -> Vec<OsString> {
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let is_question = |arg: &OsString| match arg.as_encoded_bytes() {
        [b'-', second, rest @ ..] => {
            let is_option = second.is_ascii_alphanumeric() || *second == b'-';
            !is_option || (*second != b'-' && rest.contains(&b' '))
        }
        _ => false,
    };
    let (mut question, mut options) = (Vec::new(), Vec::new());
    for (n, arg) in args.into_iter().enumerate() {
        match n {
            n if n == end => {}
            n if n > end || is_question(&arg) => question.push(arg),
            _ => options.push(arg),
        }
    }
    if !question.is_empty() {
        options.push("--".into());
        options.append(&mut question);
    }
    options
}

/// Reads a size: a number, and a unit of 1024 (`k`, `m`, `g`, `t`, with or without `b`).
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("expected a size such as 500k, 10M or 2G, found `{text}`");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    let bytes = number * f64::from(1_u32 << shift.min(30)) * if shift > 30 { 1024.0 } else { 1.0 };
    if bytes.is_finite() && (0.0..1e19).contains(&bytes) { Ok(bytes as u64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_forbidden_phrase_is_no_option() {
        let rows = [
            ("query a -\"b c\" -n 3", "query a -n 3 -- -\"b c\""),
            ("query -(b) -l x -- -y", "query -l x -- -(b) -y"),
            ("query -l -n3 x", "query -l -n3 x"),
        ];
        for (typed, expected) in rows {
            // A quoted space is one argument.
            let split = |text: &str| {
                text.replace("\"b c\"", "\"b\u{1}c\"")
                    .split(' ')
                    .map(|arg| arg.replace('\u{1}', " ").into())
                    .collect::<Vec<OsString>>()
            };
            assert_eq!(with_questions_last(split(typed)), split(expected), "{typed}");
        }
    }

    #[test]
    fn a_size_has_a_number_and_a_unit() {
        let rows = [
            ("0", Some(0)),
            ("500k", Some(512_000)),
            ("1.5M", Some(1_572_864)),
            ("2GiB", Some(2 << 30)),
            ("1T", Some(1 << 40)),
        ];
        for (text, expected) in rows {
            assert_eq!(size(text).ok(), expected, "{text}");
        }
        for text in ["", "k", "10x", "-1", "1e400"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
