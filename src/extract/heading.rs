//! Headings: lines that are marked as one, and first lines that can be nothing else.
//!
//! A heading is the first line with something on it, after comments and directives of RST (`.. _label:`, `:orphan:`) and
//! comments of HTML, when it is
//! - marked: `# …` in Markdown, `= …` in AsciiDoc, `#+title: …` in Org; not so a `#` with another below it, a comment;
//! - underlined by a line of `=`, `-`, `~`, `*`, `#`, `^` or `+` at least half as long (Markdown, RST, plain text);
//! - else: followed by an empty line, with a text behind that, and free of every sign in [`is_prose_title`] that it is
//!   a sentence, a list, code, a table, a log, a licence or a setting.

use super::MAX_TITLE_CHARS;

/// The title that the lines of `head` begin with.
pub(super) fn title(head: &str) -> Option<&str> {
    let mut lines = Lines { rest: head };
    lines.skip_preamble();
    let first = lines.next()?;
    if is_rule(first) {
        // Over- and underlined.
        let title = lines.next()?.trim();
        return (lines.next().is_some_and(|line| is_rule_for(line, title)) && is_worded(title)).then_some(title);
    }
    if let Some(marked) = marked(first) {
        let is_comment = lines.peek().is_some_and(|line| line.starts_with('#') && marked_or_bare(first, line));
        return (!is_comment).then_some(marked);
    }
    let line = first.trim();
    let below = lines.next().unwrap_or_default();
    if is_rule_for(below, line) {
        return (is_worded(line) && !line.contains(['|', '\t'])).then_some(line);
    }
    let is_alone = below.trim().is_empty() && !lines.rest.trim().is_empty();
    if !is_alone {
        return None;
    }
    match line.strip_suffix('.') {
        Some(open) if is_closed_title(open.trim_end(), lines.rest) => Some(open.trim_end()),
        _ => is_prose_title(line).then_some(line),
    }
}

/// Has a letter, and as many letters and digits as other signs.
pub(super) fn is_worded(line: &str) -> bool {
    let solid = line.chars().filter(|c| c.is_alphanumeric()).count();
    let all = line.chars().filter(|c| !c.is_whitespace()).count();
    line.contains(char::is_alphabetic) && solid * 2 >= all
}

/// The lines of a text, one by one.
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let line = self.peek()?;
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        Some(line)
    }

    fn peek(&self) -> Option<&'a str> {
        (!self.rest.is_empty()).then(|| self.rest.split('\n').next().unwrap_or_default().trim_end())
    }

    /// Passes over empty lines, RST comments and directives, field lists, and HTML comments.
    fn skip_preamble(&mut self) {
        while let Some(line) = self.peek() {
            let start = line.trim_start();
            let is_field = start.strip_prefix(':').is_some_and(|field| field.ends_with(':') || field.contains(": "));
            if start.starts_with("<!--") {
                self.rest = self.rest.split_once("-->").map_or("", |(_, rest)| rest);
            } else if start == ".." || line.starts_with(".. ") {
                self.next();
                while self.peek().is_some_and(|line| line.starts_with([' ', '\t'])) {
                    self.next();
                }
            } else if start.is_empty() || is_field {
                self.next();
            } else {
                break;
            }
        }
    }
}

/// A line of one sign only: a rule, or the line above and below a heading.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3
        && line.starts_with(['=', '-', '~', '*', '#', '^', '+'])
        && line.bytes().all(|byte| Some(&byte) == line.as_bytes().first())
}

/// A rule at least half as long as the title, so that it is not one between paragraphs by chance.
fn is_rule_for(line: &str, title: &str) -> bool {
    is_rule(line) && line.trim().len() * 2 >= title.chars().count()
}

/// The heading behind the mark that begins the line.
fn marked(line: &str) -> Option<&str> {
    if line.len() > 8 && line.as_bytes()[..8].eq_ignore_ascii_case(b"#+title:") {
        return Some(line[8..].trim());
    }
    let mark = line.as_bytes().first().filter(|byte| matches!(byte, b'#' | b'='))?;
    let level = line.bytes().take_while(|byte| byte == mark).count();
    let text = line[level..].strip_prefix([' ', '\t'])?;
    let text = text.trim().trim_end_matches(char::from(*mark)).trim();
    // A comment that switches something on, a path, a setting.
    let is_comment =
        text.starts_with("-*-") || text.starts_with('/') || text.contains("vim:") || text.starts_with("coding");
    let is_comment = is_comment || is_legal(text) || is_sentence(text);
    (level <= 6 && is_worded(text) && !is_comment).then_some(text)
}

/// The line below a `# heading` is a comment too: of the same level, or empty but for its mark.
fn marked_or_bare(first: &str, below: &str) -> bool {
    let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    level(first) == level(below) || below.trim() == "#"
}

/// A line that, alone between empty lines, can only be a title.
fn is_prose_title(line: &str) -> bool {
    let short = line.chars().count() <= MAX_TITLE_CHARS;
    short
        && is_worded(line)
        && !is_sentence(line)
        && !is_list_item(line)
        && !is_code(line)
        && !is_record(line)
        && !is_legal(line)
}

/// A title that ends with a full stop, as those of papers and catalogues do: above a longer text, and without the verbs that
/// make a sentence.
fn is_closed_title(open: &str, rest: &str) -> bool {
    const VERBS: [&str; 19] = [
        "is", "are", "was", "were", "be", "been", "has", "have", "had", "will", "would", "can", "could", "should",
        "must", "may", "might", "does", "did",
    ];
    let words = || open.split_whitespace().map(str::to_lowercase);
    let is_said =
        words().any(|word| VERBS.contains(&word.as_str()) || ["i", "we", "you", "dear"].contains(&word.as_str()));
    let paragraph = rest.trim_start().split("\n\n").next().unwrap_or_default();
    words().count() >= 3 && !is_said && paragraph.len() > 2 * open.len() && is_prose_title(open)
}

/// Ends as a sentence or an introduction does. An initial or a shortening (`Inc.`, `U.S.`) does not end one.
fn is_sentence(line: &str) -> bool {
    if line.ends_with([':', ',', ';', '。', '、', '，']) {
        return true;
    }
    let Some(text) = line.strip_suffix('.') else {
        // More than one sentence.
        return line.contains(". ") && line.split(". ").any(|part| part.split_whitespace().count() > 6);
    };
    let last = text.rsplit(' ').next().unwrap_or_default();
    let is_short = last.contains('.') || (last.starts_with(char::is_uppercase) && last.chars().count() <= 3);
    !is_short
}

fn is_list_item(line: &str) -> bool {
    ["* ", "- ", "+ ", "• ", "> ", "| ", "o "].iter().any(|bullet| line.starts_with(bullet))
}

/// Looks like source code, a script, a comment, a command or a setting.
fn is_code(line: &str) -> bool {
    const STARTS: [&str; 34] = [
        "#",
        "//",
        "/*",
        "--",
        ";",
        "%",
        "\"\"\"",
        "'''",
        "<",
        "{",
        "}",
        "[",
        "(*",
        "@",
        "$ ",
        ".",
        "!",
        "\\",
        "import ",
        "from __",
        "package ",
        "use ",
        "using ",
        "module ",
        "namespace ",
        "const ",
        "let ",
        "var ",
        "function ",
        "def ",
        "class ",
        "set ",
        "export ",
        "usage:",
    ];
    let lower = line.to_lowercase();
    // Words of prose too: code only where it goes on as code does.
    let imports = lower.starts_with("from ") && lower.contains(" import ");
    let is_keyword = imports || STARTS[18..].iter().any(|start| lower.starts_with(start) && lower == line);
    let ends = line.ends_with(['{', '}', '(', '=', '\\', '>', '|', '&']) || line.ends_with("()");
    let sets = ["=\"", "='", " = ", ":=", "==", "=>", "->", "::", "();", "&&", "||", "+= ", "?= "]
        .iter()
        .any(|sign| line.contains(sign));
    STARTS[..18].iter().any(|start| line.starts_with(start))
        || is_keyword
        || lower.starts_with("usage:")
        || ends
        || sets
}

/// Looks like a line of a log, a table or a navigation bar, or a `key: value`.
fn is_record(line: &str) -> bool {
    let fields = line.matches('\t').count() + line.matches(" | ").count() + line.matches(';').count();
    let tight_commas = line.split(',').skip(1).filter(|part| part.starts_with(|c: char| !c.is_whitespace())).count();
    let is_clock = |word: &str| {
        word.len() >= 5
            && word.contains(':')
            && word.bytes().all(|byte| byte.is_ascii_digit() || b":.,+TZ".contains(&byte))
    };
    let is_address = line.contains("://") || (line.contains('@') && !line.contains(' '));
    let is_setting = line.split_once('=').is_some_and(|(key, _)| !key.contains(' '));
    fields >= 2 || tight_commas >= 2 || line.split_whitespace().take(4).any(is_clock) || is_address || is_setting
}

/// Begins a licence or a notice that stands in many files.
fn is_legal(line: &str) -> bool {
    const NOTICES: [&str; 8] = [
        "copyright",
        "(c) ",
        "©",
        "spdx-license-identifier",
        "all rights reserved",
        "permission is hereby",
        "licensed under",
        "this file is ",
    ];
    let lower = line.to_lowercase();
    NOTICES.iter().any(|notice| lower.starts_with(notice))
        || lower.contains("spdx-license-identifier")
        || lower.contains("-*-")
}
