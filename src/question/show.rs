//! A question as it was understood, in one line: how `--explain` begins.
//!
//! It is written in the language itself, except that a bag stands in `[ ]`, and that a word which would be special
//! as it stands has a backslash.

use std::fmt::{self, Display, Formatter, Write};

use jiff::Timestamp;

use super::word::{field, is_operator};
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
                word(f, text)?;
                f.write_str("*")
            }
            Node::Wildcard { pattern, .. } => f.write_str(pattern),
            Node::Regex { pattern, .. } => write!(f, "/{}/", pattern.replace('/', r"\/")),
            Node::Fuzzy { text, distance, .. } => {
                word(f, text)?;
                f.write_str("~")?;
                distance.map_or(Ok(()), |distance| write!(f, "{distance}"))
            }
            Node::Field { field, node, .. } => write!(f, "{field}:{node}"),
            Node::Filter { filter, .. } => filter.fmt(f),
            Node::And(nodes) => joined(f, nodes, " AND "),
            Node::Or(nodes) => joined(f, nodes, " OR "),
            Node::Not(node) => write!(f, "NOT {node}"),
            Node::Bag(members) => bag(f, members),
            Node::Weighted(node, weight) => write!(f, "{node}^{weight}"),
        }
    }
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
            Filter::Ext(ext) => write!(f, "ext:{ext}"),
            Filter::Type(kind) => write!(f, "type:{kind}"),
            Filter::Lang(lang) => write!(f, "lang:{lang}"),
            Filter::Size { min, max } => {
                f.write_str("size:")?;
                range(f, *min, *max, |f, bytes| write!(f, "{bytes}"))
            }
            Filter::Modified { from, until } => {
                f.write_str("modified:")?;
                // Every i64 of nanoseconds is a moment jiff knows.
                range(f, *from, *until, |f, end| match Timestamp::from_nanosecond(i128::from(end)) {
                    Ok(moment) => write!(f, "{moment}"),
                    Err(_) => write!(f, "{end}"),
                })
            }
        }
    }
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
    f.write_str("[")?;
    for (place, (occur, node)) in members.iter().enumerate() {
        let sign = match occur {
            Occur::Should => "",
            Occur::Must => "+",
            Occur::MustNot => "-",
        };
        write!(f, "{}{sign}{node}", if place == 0 { "" } else { " " })?;
    }
    f.write_str("]")
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
    if is_operator(text).is_some() {
        f.write_str("\\")?;
    }
    let colon = field(text).map(|(_, value)| value - 1);
    for (at, c) in text.char_indices() {
        let is_sign = at == 0 && text.len() > 1 && matches!(c, '+' | '-');
        if is_sign || Some(at) == colon || "()\"*~^[]".contains(c) || is_space(c) {
            f.write_str("\\")?;
        }
        f.write_char(if c.is_control() { ' ' } else { c })?;
    }
    Ok(())
}
