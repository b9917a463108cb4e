//! Operators, brackets, signs and weights: the grammar, by recursive descent.

use jiff::Zoned;

use super::word::{self, is_operator};
use super::{Field, MAX_DEPTH, MAX_WEIGHT, Mistake, Node, Occur, Span, filter, is_space};

/// Reads the whole question.
pub(super) fn question(text: &str, now: &dyn Fn() -> Zoned) -> Result<Option<Node>, Mistake> {
    let mut parser = Parser { text, now, at: 0, depth: 0 };
    let node = parser.or()?;
    match parser.peek() {
        Some(')') => Err(parser.mistake(1, r"expected no ) here, as no bracket is open; \) is taken as it stands")),
        _ => Ok(node),
    }
}

/// A run of members; a single one stands for itself.
pub(super) fn bag(mut members: Vec<(Occur, Node)>) -> Option<Node> {
    if members.len() > 1 {
        return Some(Node::Bag(members));
    }
    members.pop().map(|(occur, node)| match occur {
        Occur::MustNot => Node::Not(Box::new(node)),
        Occur::Should | Occur::Must => node,
    })
}

/// A place in the question.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) now: &'a dyn Fn() -> Zoned,
    /// The byte that comes next.
    pub(super) at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Option<Node>, Mistake> {
        self.joined("OR", Self::and, Node::Or)
    }

    fn and(&mut self) -> Result<Option<Node>, Mistake> {
        self.joined("AND", Self::run, Node::And)
    }

    /// Operands between which `operator` stands; one alone stands for itself.
    fn joined(
        &mut self,
        operator: &str,
        operand: fn(&mut Self) -> Result<Option<Node>, Mistake>,
        join: fn(Vec<Node>) -> Node,
    ) -> Result<Option<Node>, Mistake> {
        let mut nodes = Vec::new();
        let mut first = operand(self)?;
        while self.operator() == Some(operator) {
            let Some(node) = first else {
                return Err(self.mistake(operator.len(), format!("expected a word before {operator}")));
            };
            nodes.push(node);
            self.at += operator.len();
            first = operand(self)?;
            if first.is_none() {
                let found = self.operator().map_or(usize::from(self.peek().is_some()), str::len);
                return Err(self.mistake(found, format!("expected a word after {operator}")));
            }
        }
        if nodes.is_empty() {
            return Ok(first);
        }
        nodes.extend(first);
        Ok(Some(join(nodes)))
    }

    /// Items up to an operator, a closing bracket or the end.
    fn run(&mut self) -> Result<Option<Node>, Mistake> {
        let mut members = Vec::new();
        loop {
            let nots = self.nots();
            let Some(sign) = self.sign() else {
                if nots > 0 {
                    let found = self.operator().map_or(usize::from(self.peek().is_some()), str::len);
                    return Err(self.mistake(found, "expected a word after NOT"));
                }
                return Ok(bag(members));
            };
            let node = self.weighted()?;
            let negated = (nots % 2 == 1) != (sign == Some('-'));
            let occur = match sign {
                _ if negated => Occur::MustNot,
                Some('+') => Occur::Must,
                _ if node.restricts() => Occur::Must,
                _ => Occur::Should,
            };
            members.push((occur, node));
        }
    }

    /// Passes over `NOT NOT …`, and counts them.
    fn nots(&mut self) -> usize {
        let mut count = 0;
        while self.operator() == Some("NOT") {
            self.at += "NOT".len();
            count += 1;
        }
        count
    }

    /// Passes over the sign of the item that comes next; `None` when there is no item.
    ///
    /// A dash or a plus alone is punctuation and is passed over, and one before another sign (`--flag`, `->`) begins a word.
    fn sign(&mut self) -> Option<Option<char>> {
        loop {
            let sign = self.peek()?;
            if sign == ')' || self.operator().is_some() {
                return None;
            }
            if !matches!(sign, '+' | '-' | '–' | '—') {
                return Some(None);
            }
            let after = self.text[self.at + sign.len_utf8()..].chars().next();
            match after.filter(|c| !is_space(*c) && *c != ')') {
                None => self.at += sign.len_utf8(),
                Some(c) if matches!(sign, '+' | '-') && begins_operand(c) => {
                    self.at += 1;
                    return Some(Some(sign));
                }
                Some(_) => return Some(None),
            }
        }
    }

    fn weighted(&mut self) -> Result<Node, Mistake> {
        let node = self.primary()?;
        if !self.text[self.at..].starts_with('^') {
            return Ok(node);
        }
        let number = &self.text[self.at + 1..];
        let length = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
        let weight = number[..length].parse::<f32>().ok().filter(|weight| (0.0..=MAX_WEIGHT).contains(weight));
        let Some(weight) = weight else {
            return Err(self.mistake(1 + length, format!("expected a weight from 0 to {MAX_WEIGHT} after ^")));
        };
        self.at += 1 + length;
        Ok(Node::Weighted(Box::new(node), weight))
    }

    fn primary(&mut self) -> Result<Node, Mistake> {
        let start = self.at;
        let Some((name, value)) = word::field(&self.text[start..]) else {
            return self.value(None);
        };
        let field = match name {
            "title" => Field::Title,
            "path" => Field::Path,
            _ => return filter::read(self, name),
        };
        self.at += value;
        if self.text[self.at..].chars().next().is_none_or(|c| is_space(c) || c == ')') {
            let span = Span { start, end: self.at };
            return Err(Mistake::at(
                self.text,
                span,
                format!("expected a word, a phrase or a group right after {name}:"),
            ));
        }
        let node = Box::new(self.value(Some(field))?);
        Ok(Node::Field { field, node, span: Span { start, end: self.at } })
    }

    /// A group, a phrase, a regex or a word.
    fn value(&mut self, field: Option<Field>) -> Result<Node, Mistake> {
        if self.text[self.at..].starts_with('(') {
            return self.group();
        }
        if let Some(phrase) = word::phrase(self)? {
            return Ok(phrase);
        }
        match word::regex(self, field) {
            Some(regex) => Ok(regex),
            None => word::word(self),
        }
    }

    fn group(&mut self) -> Result<Node, Mistake> {
        let open = Span { start: self.at, end: self.at + 1 };
        if self.depth == MAX_DEPTH {
            return Err(Mistake::at(
                self.text,
                open,
                format!("expected at most {MAX_DEPTH} brackets inside each other"),
            ));
        }
        self.at += 1;
        self.depth += 1;
        let node = self.or()?;
        self.depth -= 1;
        if self.peek() != Some(')') {
            return Err(Mistake::at(self.text, open, r"expected a ) for this bracket; \( is taken as it stands"));
        }
        let Some(node) = node else {
            return Err(self.mistake(1, "expected a word between the brackets"));
        };
        self.at += 1;
        Ok(node)
    }

    /// The next character that is not white space, which is passed over.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start_matches(is_space);
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next()
    }

    /// The operator that comes next.
    fn operator(&mut self) -> Option<&'static str> {
        self.peek()?;
        is_operator(&self.text[self.at..])
    }

    /// A mistake about the next `length` bytes, or the character that ends within them.
    pub(super) fn mistake(&self, length: usize, message: impl Into<String>) -> Mistake {
        let mut end = self.text.len().min(self.at + length);
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Mistake::at(self.text, Span { start: self.at, end }, message)
    }
}

/// Can follow a sign: `-word`, `-"a phrase"`, `-(a b)`, `-*stan`, `-.md`, `-@name`, but not `--`, `->`, `-=`.
pub(super) fn begins_operand(c: char) -> bool {
    c.is_alphanumeric() || !c.is_ascii() || "\"(/*\\_.@#$".contains(c)
}
