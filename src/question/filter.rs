//! Conditions on files: `ext:`, `type:`, `lang:`, `size:`, `modified:`, `after:`, `before:`, and what follows them.

use super::parse::Parser;
use super::{Filter, Mistake, Node, Span, date, size, word};

/// What a value is expected to be, after its name.
const EXPECTED: [(&str, &str); 7] = [
    ("ext", "a file extension such as md"),
    ("type", "a kind of file such as pdf"),
    ("lang", "a language code such as fr"),
    ("size", "a size such as 10mb, >4k or 1mb..2mb"),
    ("modified", "a date (2024, 2024-04, 2024-04-20), an age (7d, 3w, 6mo, 1y) or a range of them (2024-01..2024-03)"),
    ("after", "a date (2024, 2024-04, 2024-04-20) or an age (7d, 3w, 6mo, 1y)"),
    ("before", "a date (2024, 2024-04, 2024-04-20) or an age (7d, 3w, 6mo, 1y)"),
];

/// The two ends of a range; an end may be open.
pub(super) type Ends<T> = (Option<T>, Option<T>);

/// Reads the filter `name`, which comes next; its value may stand in quotes.
///
/// Several extensions, types or languages may stand between commas: any of them.
pub(super) fn read(parser: &mut Parser<'_>, name: &str) -> Result<Node, Mistake> {
    let start = parser.at;
    parser.at += name.len() + 1;
    let from = parser.at;
    let value = match word::phrase(parser) {
        Ok(Some(Node::Phrase { text, slop: None, .. })) => text,
        _ => {
            parser.at = from;
            let raw = word::value(&parser.text[from..]);
            parser.at += raw.len();
            word::unescape(raw)
        }
    };
    let span = Span { start, end: parser.at };
    let filters = match name {
        "size" => size::range(&value).map(|(min, max)| vec![Filter::Size { min, max }]),
        "modified" => date::range(&value, &(parser.now)()).map(modified),
        "after" => date::extent(&value, &(parser.now)()).map(|extent| modified((Some(extent.start), None))),
        "before" => date::extent(&value, &(parser.now)()).map(|extent| modified((None, Some(extent.start)))),
        _ => value.split(',').map(|part| named(name, part)).collect(),
    };
    let Some(filters) = filters else {
        let expected = EXPECTED.iter().find(|row| row.0 == name).map_or("a value", |row| row.1);
        let span = Span { start: from, end: span.end };
        return Err(Mistake::at(parser.text, span, format!("expected {expected} after {name}:")));
    };
    if filters.iter().any(is_backwards) {
        let span = Span { start: from, end: span.end };
        return Err(Mistake::at(parser.text, span, "expected a range that ends after it begins"));
    }
    let mut nodes: Vec<Node> = filters.into_iter().map(|filter| Node::Filter { filter, span }).collect();
    match nodes.pop() {
        Some(node) if nodes.is_empty() => Ok(node),
        last => {
            nodes.extend(last);
            Ok(Node::Or(nodes))
        }
    }
}

fn modified((from, until): Ends<i64>) -> Vec<Filter> {
    vec![Filter::Modified { from, until }]
}

/// `ext:`, `type:` and `lang:`, if the value can be one.
fn named(name: &str, value: &str) -> Option<Filter> {
    let value = value.trim().to_lowercase();
    match name {
        "ext" => {
            let ext = value.trim_start_matches('*').trim_start_matches('.');
            let is_one = !ext.is_empty()
                && !ext.contains(|c: char| c.is_whitespace() || c.is_control() || "/\\*?\"".contains(c));
            is_one.then(|| Filter::Ext(ext.to_owned()))
        }
        "type" => {
            (value.starts_with(char::is_alphanumeric) && !value.contains(['*', '/'])).then_some(Filter::Type(value))
        }
        _ => {
            let is_code = (2..=3).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_lowercase());
            is_code.then_some(Filter::Lang(value))
        }
    }
}

/// A range that nothing can be in.
fn is_backwards(filter: &Filter) -> bool {
    match filter {
        Filter::Size { min: Some(min), max: Some(max) } => min > max,
        Filter::Modified { from: Some(from), until: Some(until) } => from >= until,
        _ => false,
    }
}
