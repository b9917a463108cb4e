//! Titles that a text declares: front matter, HTML, TeX, manual pages.

use std::borrow::Cow;

/// The title in the front matter, and the text behind it.
///
/// Front matter is what stands between two lines of `---` (YAML) or `+++` (TOML), of which the first begins the text.
pub(super) fn front_matter(head: &str) -> (Option<&str>, &str) {
    let fence = match head.lines().next().map(str::trim_end) {
        Some(fence @ ("---" | "+++")) => fence,
        _ => return (None, head),
    };
    let mut title = None;
    let mut at = 0;
    for (place, line) in head.split_inclusive('\n').enumerate() {
        at += line.len();
        let line = line.trim_end();
        if place > 0 && (line == fence || (line == "..." && fence == "---")) {
            return (title, &head[at..]);
        }
        title = title.or_else(|| front_title(line));
    }
    // Without a second fence, the first is a rule.
    (None, head)
}

fn front_title(line: &str) -> Option<&str> {
    let (key, value) = line.split_once([':', '='])?;
    let value = value.trim();
    let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let value = quoted.unwrap_or(value);
    (key.trim_end().eq_ignore_ascii_case("title") && !value.is_empty() && value != "|" && value != ">").then_some(value)
}

/// The title in the form that the text is in; `None` when it is in none of these, `Some(None)` when it names none.
pub(super) fn title(head: &str) -> Option<Option<Cow<'_, str>>> {
    let head = head.trim_start();
    if is_html(head) {
        return Some(html(head));
    }
    if head.starts_with("\\documentclass") || head.starts_with("\\documentstyle") || is_tex_comment(head) {
        return Some(braced(head, "\\title").map(Cow::Borrowed));
    }
    if head.starts_with("\\input texinfo") || head.starts_with("@setfilename") {
        return Some(head.lines().find_map(|line| line.strip_prefix("@settitle ")).map(Cow::Borrowed));
    }
    if head.starts_with(".\\\"") || head.starts_with("'\\\"") || head.starts_with(".TH ") || head.starts_with(".Dd ") {
        return Some(manual(head).map(|name| Cow::Owned(name.replace("\\-", "-"))));
    }
    None
}

/// Begins with `<!doctype html`, `<html`, an XML declaration, a comment or any other tag.
fn is_html(head: &str) -> bool {
    let Some(rest) = head.strip_prefix('<') else {
        return false;
    };
    let has_title = find_ignoring_case(head, "<title").is_some();
    rest.starts_with("?xml")
        || starts_ignoring_case(rest, "!doctype")
        || starts_ignoring_case(rest, "html")
        || has_title
}

/// What stands between `<title…>` and `</title>`, its entities resolved.
fn html(head: &str) -> Option<Cow<'_, str>> {
    let start = find_ignoring_case(head, "<title")?;
    let (attributes, rest) = head[start + "<title".len()..].split_once('>')?;
    if attributes.starts_with(char::is_alphanumeric) {
        return None;
    }
    let text = &rest[..find_ignoring_case(rest, "</title")?];
    Some(if text.contains('&') { Cow::Owned(entities(text)) } else { Cow::Borrowed(text) })
}

fn starts_ignoring_case(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

fn find_ignoring_case(text: &str, tag: &str) -> Option<usize> {
    text.as_bytes().windows(tag.len()).position(|window| window.eq_ignore_ascii_case(tag.as_bytes()))
}

/// The entities that titles hold; one that is not known stays as it stands.
fn entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest.find(';').and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                plain.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "laquo" => '«',
        "raquo" => '»',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "copy" => '©',
        _ => return None,
    })
}

/// A file that begins with a comment of TeX and has a class: `%` alone begins many things.
fn is_tex_comment(head: &str) -> bool {
    head.starts_with('%') && (head.contains("\\documentclass") || head.contains("\\title{"))
}

/// The argument of `\title{…}`, brackets in it balanced; one with commands in it is left alone but for `\\`.
fn braced<'a>(head: &'a str, command: &str) -> Option<&'a str> {
    let start = head.match_indices(command).find_map(|(at, _)| {
        let rest = &head[at + command.len()..];
        // \title[short]{long}
        let long = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, long)| long);
        long.strip_prefix('{')
    })?;
    let mut depth = 1_usize;
    let end = start.find(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let title = start[..end].split("\\\\").next()?.trim();
    (!title.contains(['\\', '{'])).then_some(title)
}

/// The name that `.TH` or `.Dt` gives a manual page.
fn manual(head: &str) -> Option<&str> {
    let rest =
        head.lines().find_map(|line| line.strip_prefix(".TH ").or_else(|| line.strip_prefix(".Dt ")))?.trim_start();
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split_whitespace().next(),
    }
}
