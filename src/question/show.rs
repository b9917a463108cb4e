//! A question as it was understood, in one line: how `--explain` begins.
//!
//! It is written in the language itself, so that reading it again gives the same tree: whatever has several members stands
//! in brackets, and what would be special as it stands has a backslash.

use std::fmt::{self, Display, Formatter, Write};

use jiff::Timestamp;

use super::parse::begins_operand;
use super::word::{characters, field, is_operator, is_pattern, is_quote, is_regex};
use super::{Field, Filter, Node, Occur, is_space};

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Node::All => f.write_str("*"),
            Node::Word { text, .. } => word(f, text),
            Node::Phrase { text, slop, .. } => {
                quoted(f, text)?;
                slop.map_or(Ok(()), |slop| write!(f, "~{slop}"))
            }
            Node::Prefix { text, .. } => {
                pattern(f, text.chars().map(|c| (c, false)))?;
                f.write_str("*")
            }
            Node::Wildcard { pattern: typed, .. } => {
                let signs = characters(typed).map(|(_, c, escaped)| (c, matches!(c, '*' | '?') && !escaped));
                pattern(f, signs)
            }
            Node::Regex { pattern, .. } => write!(f, "/{}/", pattern.replace('/', r"\/")),
            Node::Fuzzy { text, distance, .. } => {
                pattern(f, text.chars().map(|c| (c, false)))?;
                f.write_str("~")?;
                distance.map_or(Ok(()), |distance| write!(f, "{distance}"))
            }
            Node::Field { field, node, .. } => {
                let is_bracketed = match **node {
                    Node::Not(_) | Node::Weighted(..) | Node::Field { .. } | Node::Filter { .. } => true,
                    // A dot is special in one place and not in the other.
                    Node::Regex { .. } => *field == Field::Path,
                    _ => false,
                };
                write!(f, "{field}:")?;
                bracketed(f, node, is_bracketed)
            }
            Node::Filter { filter, .. } => filter.fmt(f),
            Node::And(nodes) => joined(f, nodes, " AND "),
            Node::Or(nodes) => joined(f, nodes, " OR "),
            Node::Not(node) => {
                f.write_str("NOT ")?;
                bracketed(f, node, matches!(**node, Node::Not(_)))
            }
            Node::Bag(members) => bag(f, members),
            Node::Weighted(node, weight) => {
                let is_bracketed = matches!(**node, Node::Not(_) | Node::Weighted(..) | Node::Filter { .. });
                bracketed(f, node, is_bracketed)?;
                write!(f, "^{weight}")
            }
        }
    }
}

fn bracketed(f: &mut Formatter<'_>, node: &Node, is_bracketed: bool) -> fmt::Result {
    if is_bracketed { write!(f, "({node})") } else { write!(f, "{node}") }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Title => "title",
            Field::Path => "path",
        })
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Ext(ext) => named(f, "ext", ext),
            Filter::Type(kind) => named(f, "type", kind),
            Filter::Lang(lang) => named(f, "lang", lang),
            Filter::Size { min, max } => {
                f.write_str("size:")?;
                range(f, *min, *max, |f, bytes| write!(f, "{bytes}"))
            }
            Filter::Modified { from, until } => {
                f.write_str("modified:")?;
                // A moment stands for the second it begins.
                let last = until.map(|until| i128::from(until) - NANOSECONDS);
                range(f, from.map(i128::from), last, |f, end| match Timestamp::from_nanosecond(end) {
                    Ok(moment) => write!(f, "{moment}"),
                    Err(_) => write!(f, "{end}"),
                })
            }
        }
    }
}

/// In a second.
const NANOSECONDS: i128 = 1_000_000_000;

fn named(f: &mut Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    write!(f, "{name}:")?;
    let is_plain = value.chars().all(|c| c.is_alphanumeric() || ".-_+#".contains(c));
    if is_plain { f.write_str(value) } else { quoted(f, value) }
}

fn range<T>(
    f: &mut Formatter<'_>,
    from: Option<T>,
    to: Option<T>,
    show: fn(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    from.map_or(Ok(()), |from| show(f, from))?;
    f.write_str("..")?;
    to.map_or(Ok(()), |to| show(f, to))
}

fn joined(f: &mut Formatter<'_>, nodes: &[Node], operator: &str) -> fmt::Result {
    f.write_str("(")?;
    for (place, node) in nodes.iter().enumerate() {
        write!(f, "{}{node}", if place == 0 { "" } else { operator })?;
    }
    f.write_str(")")
}

fn bag(f: &mut Formatter<'_>, members: &[(Occur, Node)]) -> fmt::Result {
    f.write_str("(")?;
    for (place, (occur, node)) in members.iter().enumerate() {
        let sign = match occur {
            Occur::Should => "",
            Occur::Must => "+",
            Occur::MustNot => "-",
        };
        f.write_str(if place == 0 { "" } else { " " })?;
        f.write_str(sign)?;
        // What cannot follow a sign, and what would lose it.
        let shown = node.to_string();
        let follows = shown.chars().next().is_some_and(begins_operand) && !matches!(node, Node::Not(_));
        let is_bracketed = if sign.is_empty() { matches!(node, Node::Not(_)) } else { !follows };
        if is_bracketed {
            write!(f, "({shown})")?;
        } else {
            f.write_str(&shown)?;
        }
    }
    f.write_str(")")
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_str("\\")?;
        }
        f.write_char(if c.is_control() { ' ' } else { c })?;
    }
    f.write_str("\"")
}

/// The word, with a backslash wherever it would be read as something else.
fn word(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    if is_operator(text) == Some(text) {
        return write!(f, "\\{text}");
    }
    // Question marks mean nothing at the end, and nowhere if there is another sign.
    let is_asking = is_pattern(text);
    let mut chars = text.chars().peekable();
    let mut at = 0;
    let special = |at: usize, c: char, next: Option<char>| {
        let is_path = c == '/' && at == 0 && text.len() > 1 && text.ends_with('/');
        (c == '?' && is_asking) || (is_path && is_regex(text)) || is_special(text, at, c, next)
    };
    while let Some(c) = chars.next() {
        if special(at, c, chars.peek().copied()) {
            f.write_str("\\")?;
        }
        f.write_char(if c.is_control() { ' ' } else { c })?;
        at += c.len_utf8();
    }
    Ok(())
}

/// What stands before a star or a tilde, or a wildcard, with a backslash before whatever is no sign but could be one.
fn pattern(f: &mut Formatter<'_>, signs: impl Iterator<Item = (char, bool)>) -> fmt::Result {
    let signs: Vec<(char, bool)> = signs.collect();
    let text: String = signs.iter().map(|(c, _)| c).collect();
    let mut at = 0;
    for (n, (c, is_sign)) in signs.iter().enumerate() {
        // A sign that follows is no letter, so that a backslash before it would escape it.
        let next = signs.get(n + 1).map(|(next, _)| *next);
        let is_slash = at == 0 && *c == '/' && text.len() > 1 && text.ends_with('/');
        if !is_sign && (*c == '?' || is_slash || is_special(&text, at, *c, next)) {
            f.write_str("\\")?;
        }
        f.write_char(if c.is_control() { ' ' } else { *c })?;
        at += c.len_utf8();
    }
    Ok(())
}

/// Whether the character at `at` of a word means something unless a backslash stands before it.
fn is_special(text: &str, at: usize, c: char, next: Option<char>) -> bool {
    let is_sign = at == 0 && (matches!(c, '+' | '-') || (matches!(c, '–' | '—') && next.is_none()));
    let is_colon = c == ':' && field(text).is_some_and(|(_, value)| value == at + 1);
    let is_escape = c == '\\' && (at == 0 || !next.is_some_and(char::is_alphanumeric));
    is_sign || is_colon || is_escape || "()*~^".contains(c) || is_space(c) || is_quote(c)
}
