//! A file becomes a document: its title, and the body that is searched.
//!
//! Comes in: decoded text. Goes out: a [`Document`]. Plain text, source code and markup are taken as they stand, so
//! the body is the whole text, title included; only the title has to be found. It promises to look at the first 4 KiB only,
//! and rather to give no title than a wrong one.
//!
//! The first of these rules that finds a title decides; where a form is told but names none, there is none:
//! 1. front matter (`title:` between `---`), see `declared.rs`;
//! 2. the `Subject:` of a mail, see `mail.rs`;
//! 3. `<title>`, `\title{}`, `.TH`, where the text begins as HTML, TeX or a manual page does, see `declared.rs`;
//! 4. a heading that is marked as one, or a first line that can be nothing else, see `heading.rs`.

mod declared;
mod heading;
mod mail;

use std::borrow::Cow;

/// How much of a text is looked at for its title, in bytes.
const HEAD_BYTES: usize = 4 * 1024;

/// The longest title, in characters; what is longer is a paragraph.
const MAX_TITLE_CHARS: usize = 120;

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'a> {
    /// Its title, if it has one: one line, without markup.
    pub title: Option<Cow<'a, str>>,
    /// Its text.
    pub body: &'a str,
}

/// Reads a document out of a decoded text.
///
/// ```
/// let document = indago::extract::document("# The *lantern*\n\nIt burned low.\n");
/// assert_eq!(document.title.as_deref(), Some("The lantern"));
/// ```
pub fn document(text: &str) -> Document<'_> {
    Document { title: title(text), body: text }
}

/// The title that a text gives itself, in one line, without markup and at most 120 characters long.
///
/// ```
/// assert_eq!(indago::extract::title("Tides\n=====\n\nThe sea rises.").as_deref(), Some("Tides"));
/// assert_eq!(indago::extract::title("The sea rises twice a day. It falls, too.\nNobody minds."), None);
/// ```
pub fn title(text: &str) -> Option<Cow<'_, str>> {
    let mut end = text.len().min(HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text[..end].trim_start_matches('\u{FEFF}');
    let (front, rest) = declared::front_matter(head);
    let found = match front {
        Some(title) => Some(Cow::Borrowed(title)),
        None => match mail::subject(rest).or_else(|| declared::title(rest)) {
            Some(declared) => declared,
            None => heading::title(rest).map(plain),
        },
    };
    found.map(one_line).filter(|title| heading::is_worded(title) && title.chars().count() <= MAX_TITLE_CHARS)
}

/// A heading without the marks of emphasis, code and links that Markdown and RST put into it.
fn plain(heading: &str) -> Cow<'_, str> {
    if !heading.contains(['*', '`', '[', '_']) {
        return Cow::Borrowed(heading);
    }
    let mut plain = String::with_capacity(heading.len());
    let mut rest = heading;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '*' | '`' => {}
            '[' | '!' if link(rest).is_some() => {
                let (text, behind) = link(rest).unwrap_or((rest, ""));
                plain.push_str(text);
                rest = behind;
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// The text of a link `text](address)`, and what stands behind it.
fn link(rest: &str) -> Option<(&str, &str)> {
    let (text, behind) = rest.split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    (!text.contains(['[', ']']) && !address.contains(char::is_whitespace)).then_some((text, behind))
}

/// The title with every stretch of white space made one space.
fn one_line(title: Cow<'_, str>) -> Cow<'_, str> {
    let is_even = !title.contains("  ") && !title.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' '));
    match title {
        Cow::Borrowed(title) if is_even => Cow::Borrowed(title.trim()),
        title => Cow::Owned(
            title
                .split(|c: char| c.is_whitespace() || c.is_control())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
        ),
    }
}

#[cfg(test)]
mod tests;
