//! Words, phrases and regexes: what a run of characters without white space stands for.

use super::parse::Parser;
use super::{Field, Mistake, Node, Span, is_space};

/// The names before a colon that mean something; anything else before a colon is part of a word.
const NAMES: [&str; 9] = ["title", "path", "ext", "type", "lang", "size", "modified", "after", "before"];

/// The operator that `rest` begins with: in capitals, and a word of its own.
pub(super) fn is_operator(rest: &str) -> Option<&'static str> {
    let operator = ["AND", "OR", "NOT"].into_iter().find(|operator| rest.starts_with(operator))?;
    let after = rest[operator.len()..].chars().next();
    after.is_none_or(|c| is_space(c) || c == '(' || c == ')' || closing(c).is_some()).then_some(operator)
}

/// The known name that `rest` begins with, and where its value begins.
pub(super) fn field(rest: &str) -> Option<(&'static str, usize)> {
    let name = NAMES.into_iter().find(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))?;
    Some((name, name.len() + 1))
}

/// The quotes that close what this one opens.
fn closing(open: char) -> Option<&'static [char]> {
    match open {
        '"' => Some(&['"']),
        '“' | '”' | '„' => Some(&['”', '“', '"']),
        '«' => Some(&['»']),
        _ => None,
    }
}

/// A phrase in quotes, if one comes next, with its distance.
pub(super) fn phrase(parser: &mut Parser<'_>) -> Result<Option<Node>, Mistake> {
    let start = parser.at;
    let rest = &parser.text[start..];
    let Some((open, closing)) = rest.chars().next().and_then(|c| Some((c, closing(c)?))) else {
        return Ok(None);
    };
    let inside = &rest[open.len_utf8()..];
    let Some((length, close)) = unescaped(inside).find(|(_, c)| closing.contains(c)) else {
        return Err(parser.mistake(open.len_utf8(), format!("expected a closing {}", closing[0])));
    };
    let text = unescape(&inside[..length]);
    parser.at += open.len_utf8() + length + close.len_utf8();
    if text.chars().all(is_space) {
        let span = Span { start, end: parser.at };
        return Err(Mistake::at(parser.text, span, "expected words between the quotes"));
    }
    let slop = match parser.text[parser.at..].strip_prefix('~') {
        None => None,
        Some(number) => {
            let digits = number.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(slop) = number[..digits].parse() else {
                return Err(parser.mistake(1 + digits, "expected a number of words after ~"));
            };
            parser.at += 1 + digits;
            Some(slop)
        }
    };
    Ok(Some(Node::Phrase { text, slop, span: Span { start, end: parser.at } }))
}

/// A regex, if one comes next: from a slash to the next slash outside `[…]`, with no white space between, with a
/// special character between, and with the end of the word behind. So `/usr/share/` and `/etc/init.d/` are paths.
///
/// After `path:` a dot is not special, and `path:/init.d/` is a path.
pub(super) fn regex(parser: &mut Parser<'_>, field: Option<Field>) -> Option<Node> {
    let start = parser.at;
    let inside = parser.text[start..].strip_prefix('/')?;
    let mut in_class = false;
    let (length, _) = unescaped(inside).find(|(_, c)| {
        in_class = (in_class || *c == '[') && *c != ']';
        is_space(*c) || (*c == '/' && !in_class)
    })?;
    let behind = inside[length..].strip_prefix('/')?;
    let ends = behind.chars().next().is_none_or(|c| is_space(c) || c == ')' || c == '^');
    let special = if field == Some(Field::Path) { r"*+?()[]{}|^$\" } else { r".*+?()[]{}|^$\" };
    if !ends || !inside[..length].contains(|c| special.contains(c)) {
        return None;
    }
    parser.at += length + 2;
    let mut pattern = String::with_capacity(length);
    for (_, c, escaped) in characters(&inside[..length]) {
        if escaped && c != '/' {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    Some(Node::Regex { pattern, span: Span { start, end: parser.at } })
}

/// A word, with the star, question mark or tilde it may have. A weight is left where it is.
pub(super) fn word(parser: &mut Parser<'_>) -> Result<Node, Mistake> {
    let start = parser.at;
    let raw = raw(&parser.text[start..]);
    let (bare, weight_bytes) = without_weight(raw);
    let span = Span { start, end: start + bare.len() };
    parser.at = span.end;
    // `^3` alone is a word.
    let (bare, span) = if bare.is_empty() {
        parser.at += weight_bytes;
        (raw, Span { start, end: parser.at })
    } else {
        (bare, span)
    };
    if let Some((text, digits)) = without_tilde(bare) {
        let distance = match digits {
            "" => None,
            "1" => Some(1),
            "2" => Some(2),
            _ => {
                let span = Span { start: span.end - digits.len(), end: span.end };
                return Err(Mistake::at(parser.text, span, "expected a distance of 1 or 2 after ~"));
            }
        };
        return Ok(Node::Fuzzy { text: unescape(text), distance, span });
    }
    // An operator is a word after a backslash.
    let text = match bare.strip_prefix('\\') {
        Some(operator) if is_operator(operator) == Some(operator) => operator.to_owned(),
        _ => unescape(bare),
    };
    Ok(pattern(bare, span).unwrap_or(Node::Word { text, span }))
}

/// Whether a word, as it stands, would be a wildcard for its question marks.
pub(super) fn is_pattern(text: &str) -> bool {
    pattern(text, Span { start: 0, end: 0 }).is_some()
}

/// Whether a word, as it stands, would be a regex.
pub(super) fn is_regex(text: &str) -> bool {
    text.contains(|c| r".*+?()[]{}|^$\".contains(c))
}

/// Whether a quotation can begin with this.
pub(super) fn is_quote(c: char) -> bool {
    closing(c).is_some()
}

/// The word that `rest` begins with, as typed: up to white space, a quote, or a bracket without its partner.
///
/// `main()` and `f(x)` are words; in `f(x y)` the bracket opens a group, and in `(a b)` it closes one. A quote behind
/// the first character ends the word.
pub(super) fn raw(rest: &str) -> &str {
    let mut open = Vec::new();
    let mut end = rest.len();
    for (at, c) in unescaped(rest) {
        if is_space(c) || (at > 0 && closing(c).is_some()) {
            end = at;
            break;
        }
        match c {
            '(' => open.push(at),
            ')' if open.pop().is_none() => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let end = open.first().map_or(end, |at| end.min(*at));
    // Whatever comes first is taken, so that every word moves on.
    &rest[..end.max(rest.chars().next().map_or(0, char::len_utf8))]
}

/// The value of a filter that `rest` begins with, as typed: up to white space or a closing bracket.
pub(super) fn value(rest: &str) -> &str {
    let end = unescaped(rest).find(|(_, c)| is_space(*c) || *c == ')').map_or(rest.len(), |(at, _)| at);
    &rest[..end]
}

/// The word before `^` and a number, and the bytes of these two.
///
/// What else follows a `^` is part of the word: `a^b`.
fn without_weight(raw: &str) -> (&str, usize) {
    let number = raw.len() - raw.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    match raw[..raw.len() - number].strip_suffix('^') {
        Some(bare) if number > 0 && !is_escaped(bare) => (bare, number + 1),
        _ => (raw, 0),
    }
}

/// The word before `~`, and the number behind it, which may be empty.
fn without_tilde(bare: &str) -> Option<(&str, &str)> {
    let word = bare.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let text = word.strip_suffix('~')?;
    (text.contains(char::is_alphanumeric) && !is_escaped(text)).then_some((text, &bare[word.len()..]))
}

/// What stands before a character ends in a backslash that escapes it.
fn is_escaped(before: &str) -> bool {
    let backslashes = before.len() - before.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

/// The prefix or the wildcard that a word is, if it has a star or a question mark that means one.
///
/// A question mark means one between letters, digits and stars, in a word of letters and digits (`niam?y`, not `this?`
/// and not `page?id=3`). Without a letter or a digit there is nothing to look for, unless it is all stars.
fn pattern(bare: &str, span: Span) -> Option<Node> {
    let has_star = unescaped(bare).any(|(_, c)| c == '*');
    if has_star && bare.bytes().all(|byte| byte == b'*') {
        return Some(Node::All);
    }
    let solid = |c: char| c.is_alphanumeric() || c == '*';
    let first = bare.find(solid)?;
    let last = bare.rfind(solid)?;
    let is_plain = bare[first..last].chars().all(|c| solid(c) || c == '?' || c == '_');
    let one = |at: usize, c: char| c == '?' && is_plain && (first..last).contains(&at);
    let has_one = unescaped(bare).any(|(at, c)| one(at, c));
    if !(has_star || has_one) || !bare.contains(char::is_alphanumeric) {
        return None;
    }
    // What trails, as in `wh?t??`, is punctuation.
    let bare = if is_escaped(bare.trim_end_matches('?')) { bare } else { bare.trim_end_matches('?') };
    let stem = bare.trim_end_matches('*');
    if !has_one && !stem.contains('*') && !is_escaped(stem) {
        return Some(Node::Prefix { text: unescape(stem), span });
    }
    Some(Node::Wildcard { pattern: wildcard(bare, one), span })
}

/// The pattern with every literal `*`, `?` and `\` escaped, and one star where several were typed.
fn wildcard(bare: &str, one: impl Fn(usize, char) -> bool) -> String {
    let mut pattern = String::with_capacity(bare.len());
    let mut after_star = false;
    for (at, c, escaped) in characters(bare) {
        let is_star = c == '*' && !escaped;
        if is_star && after_star {
            continue;
        }
        if matches!(c, '*' | '?' | '\\') && !is_star && (escaped || !one(at, c)) {
            pattern.push('\\');
        }
        after_star = is_star;
        pattern.push(if c.is_control() { ' ' } else { c });
    }
    pattern
}

/// The text without the backslashes that escape.
pub(super) fn unescape(text: &str) -> String {
    characters(text).map(|(_, c, _)| if c.is_control() { ' ' } else { c }).collect()
}

/// The characters that no backslash stands before, and where they stand.
fn unescaped(text: &str) -> impl Iterator<Item = (usize, char)> {
    characters(text).filter(|(_, _, escaped)| !escaped).map(|(at, c, _)| (at, c))
}

/// The characters, where they stand, and whether a backslash escapes them.
///
/// A backslash escapes what could be special; before a letter or a digit, and at the end, it is one itself (`C:\x`).
pub(super) fn characters(text: &str) -> impl Iterator<Item = (usize, char, bool)> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (at, c) = chars.next()?;
        let escaped = if c == '\\' { chars.next_if(|(_, next)| !next.is_alphanumeric()) } else { None };
        Some(escaped.map_or((at, c, false), |(at, c)| (at, c, true)))
    })
}
