//! A question becomes a plan: leaves that have postings, and a tree that says how they go together.

mod words;

use std::collections::HashMap;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::analyse::Analyzer;
use crate::analyse::language::Language;
use crate::question::{Field, Filter, Node, Occur, Span};
use crate::rank::{SHORT_WORDS, Steps};
use crate::{Error, Result};

use words::{Splitting, is_shouting};

use super::languages::Languages;
use super::plan::{Condition, Leaf, Place, Plan, Tree, Unit, What, leaves};

/// Makes a plan of a question.
pub(super) fn plan(node: &Node, languages: &Languages<'_>, steps: &Steps) -> Result<Plan> {
    let mut builder = Builder {
        analyzer: Analyzer::new(),
        plan: Plan::default(),
        known: HashMap::new(),
        is_shouting: is_shouting(node),
        languages,
        steps: *steps,
        globs: 0,
    };
    let scope = Scope { place: Place::Anywhere, weight: 1.0 };
    builder.plan.tree = match node {
        Node::Bag(members) => builder.bag(members, scope, Depth::Top)?,
        node => {
            let single = [(Occur::Should, node.clone())];
            builder.bag(&single, scope, Depth::Top)?
        }
    }
    .ok_or(Error::NoWords)?;
    Ok(builder.plan)
}

#[derive(Clone, Copy)]
struct Scope {
    place: Place,
    weight: f32,
}

/// Only the members of the whole question are units, not those of a bracket in it.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Top,
    Inner,
}

struct Builder<'a> {
    analyzer: Analyzer,
    plan: Plan,
    known: HashMap<(What, Place, bool), usize>,
    is_shouting: bool,
    languages: &'a Languages<'a>,
    steps: Steps,
    globs: usize,
}

/// Distinct words of a question beyond so many are left out: nobody types them, and each costs memory and time.
const MOST_LEAVES: usize = 500;

/// Each condition is tried on the record of every file.
const MOST_CONDITIONS: usize = 500;

/// Patterns for paths take as long as twenty other conditions.
const MOST_GLOBS: usize = 50;

impl Builder<'_> {
    /// The tree of a node, or nothing if it comes to nothing (`&`).
    fn node(&mut self, node: &Node, scope: Scope) -> Result<Option<Tree>> {
        Ok(match node {
            Node::All => Some(Tree::All),
            Node::Word { text, span } => {
                let tree = self.word(text, scope, Splitting::Never);
                self.started(tree, *span)
            }
            Node::Phrase { text, slop, span } => {
                let tree = self.phrase(text, *slop, scope);
                self.started(tree, *span)
            }
            Node::Prefix { text, span } => {
                let tree = self.prefix(text, scope);
                self.started(tree, *span)
            }
            Node::Wildcard { pattern, span } if scope.place == Place::Path => {
                let glob = path_glob(pattern).map_err(|message| Error::Part { message, start: span.start })?;
                self.globs += 1;
                if self.globs > MOST_GLOBS {
                    let message = format!("expected at most {MOST_GLOBS} patterns for paths");
                    return Err(Error::Part { message, start: span.start });
                }
                Some(self.condition(Condition::Path(glob), span.start)?)
            }
            Node::Wildcard { pattern, span } => {
                let tree = self.leaf(pattern.clone(), What::Wildcard(pattern.clone()), scope);
                self.started(Some(tree), *span)
            }
            Node::Regex { pattern, span } => {
                let tree = self.leaf(format!("/{pattern}/"), What::Regex(pattern.clone()), scope);
                self.started(Some(tree), *span)
            }
            Node::Fuzzy { text, distance, span } => {
                let analysed = self.analyse(text, scope.place);
                let leaves = analysed.parts.into_iter().map(|part| {
                    let label = format!("{text}~{}", distance.map_or(String::new(), |distance| distance.to_string()));
                    let tree = self.leaf(label, What::Fuzzy(part, *distance), scope);
                    self.started(Some(tree), *span).unwrap_or_default()
                });
                joined(leaves.collect(), Tree::And)
            }
            Node::Field { field, node, .. } => {
                let place = match field {
                    Field::Title => Place::Title,
                    Field::Path => Place::Path,
                };
                self.node(node, Scope { place, ..scope })?
            }
            Node::Filter { filter, .. } => Some(self.filter(filter, node)?),
            Node::And(members) => self.all(members, scope, Tree::And)?,
            Node::Or(members) => self.all(members, scope, Tree::Or)?,
            Node::Not(node) => {
                let tree = self.node(node, Scope { weight: 0.0, ..scope })?;
                tree.map(|tree| Tree::Not(Box::new(tree)))
            }
            Node::Bag(members) => self.bag(members, scope, Depth::Inner)?,
            Node::Weighted(node, weight) => self.node(node, Scope { weight: scope.weight * weight, ..scope })?,
        })
    }

    fn all(&mut self, members: &[Node], scope: Scope, join: fn(Vec<Tree>) -> Tree) -> Result<Option<Tree>> {
        let mut trees = Vec::with_capacity(members.len());
        for member in members {
            trees.extend(self.node(member, scope)?);
        }
        Ok(joined(trees, join))
    }

    /// A run of words: any of those that are neither demanded nor forbidden, all of those demanded.
    fn bag(&mut self, members: &[(Occur, Node)], scope: Scope, depth: Depth) -> Result<Option<Tree>> {
        let asked: Vec<_> = members.iter().filter(|(occur, _)| *occur == Occur::Should).map(|(_, node)| node).collect();
        let mut content = 0;
        for node in &asked {
            content += usize::from(!self.is_function_word(node)?);
        }
        let is_long =
            asked.iter().map(|node| self.words_in(node)).sum::<usize>() > 2 * SHORT_WORDS || content > SHORT_WORDS;
        // What every file must have: words with a plus, and filters. The latter alone do not make the words optional.
        let (mut should, mut must, mut filters, mut units) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut named = Vec::new();
        for (occur, node) in members {
            match occur {
                Occur::MustNot => {
                    let tree = self.node(node, Scope { weight: 0.0, ..scope })?;
                    filters.extend(tree.map(|tree| Tree::Not(Box::new(tree))));
                }
                _ if node.restricts() => filters.extend(self.node(node, scope)?),
                Occur::Must => {
                    let tree = self.node(node, scope)?;
                    if depth == Depth::Top {
                        tree.iter().for_each(|tree| self.follow(node, tree));
                    }
                    must.extend(tree);
                }
                Occur::Should => {
                    if content > 0 && self.is_function_word(node)? {
                        self.aside(node, scope);
                        continue;
                    }
                    let tree = match node {
                        Node::Word { text, .. } if is_long => self.word(text, scope, Splitting::Always),
                        Node::Word { text, .. } => self.word(text, scope, Splitting::Sentences),
                        node => self.node(node, scope)?,
                    };
                    let Some(tree) = tree else { continue };
                    if depth == Depth::Top {
                        self.follow(node, &tree);
                        if !is_long {
                            units.push(Unit { label: label(node), tree: tree.clone() });
                        }
                    }
                    should.push(tree);
                }
            }
        }
        if depth == Depth::Top && units.len() > 1 && self.steps.all_words {
            self.plan.units = units;
        }
        if depth == Depth::Top
            && self.steps.names
            && !should.is_empty()
            && let Some(name) = self.name(members)
        {
            let name = self.leaf("its name".into(), What::Exact(name), Scope { place: Place::Name, weight: 0.0 });
            leaves(&name, &mut named);
            should.push(name);
        }
        self.plan.name = named.pop().or(self.plan.name);
        if must.is_empty() {
            must.extend(joined(should, Tree::Or));
        }
        let only_forbids = filters.iter().all(|tree| matches!(tree, Tree::Not(_)));
        if must.is_empty() && only_forbids && !filters.is_empty() {
            must.push(Tree::All);
        }
        must.extend(filters);
        Ok(joined(must, Tree::And))
    }

    /// Puts what a node came to behind the words before it.
    fn follow(&mut self, node: &Node, tree: &Tree) {
        let mut found = Vec::new();
        leaves(tree, &mut found);
        match node {
            Node::Word { .. } => self.plan.sequence.extend(found.into_iter().map(Some)),
            _ if found.len() == 1 => self.plan.sequence.push(found.pop()),
            _ => self.plan.sequence.push(None),
        }
    }

    fn filter(&mut self, filter: &Filter, node: &Node) -> Result<Tree> {
        let condition = match filter {
            Filter::Ext(extension) => {
                let scope = Scope { place: Place::Extension, weight: 0.0 };
                return Ok(self.leaf(label(node), What::Exact(extension.clone()), scope));
            }
            // Plain text is the only format that is read so far.
            Filter::Type(kind) if matches!(kind.as_str(), "text" | "txt" | "plain") => return Ok(Tree::All),
            Filter::Type(_) => return Ok(Tree::Nothing),
            Filter::Lang(code) => {
                let Some(language) = Language::from_code(code) else {
                    let codes: Vec<_> = Language::ALL.iter().map(|language| language.code()).collect();
                    let message = format!("`lang:` knows {}", codes.join(", "));
                    return Err(Error::Part { message, start: start(node) });
                };
                let scope = Scope { place: Place::Language, weight: 0.0 };
                return Ok(self.leaf(label(node), What::Exact(language.code().to_string()), scope));
            }
            Filter::Size { min, max } => Condition::Size { min: *min, max: *max },
            Filter::Modified { from, until } => Condition::Modified { from: *from, until: *until },
        };
        self.condition(condition, start(node))
    }

    fn condition(&mut self, condition: Condition, start: usize) -> Result<Tree> {
        if self.plan.conditions.len() == MOST_CONDITIONS {
            let message = format!("expected at most {MOST_CONDITIONS} conditions on files");
            return Err(Error::Part { message, start });
        }
        self.plan.conditions.push(condition);
        Ok(Tree::Condition(self.plan.conditions.len() - 1))
    }

    /// Notes where in the question a leaf stands, should it have to be refused.
    fn started(&mut self, tree: Option<Tree>, span: Span) -> Option<Tree> {
        if let Some(Tree::Leaf(leaf)) = tree {
            self.plan.leaves[leaf].start = span.start;
        }
        tree
    }

    fn leaf(&mut self, label: String, what: What, scope: Scope) -> Tree {
        // A word asked twice counts twice, but is looked up once.
        let key = (what.clone(), scope.place, scope.weight == 0.0);
        if let Some(known) = self.known.get(&key) {
            self.plan.leaves[*known].weight += scope.weight;
            return Tree::Leaf(*known);
        }
        if self.plan.leaves.len() == MOST_LEAVES {
            self.plan.left_out += 1;
            return Tree::Nothing;
        }
        self.known.insert(key, self.plan.leaves.len());
        self.plan.leaves.push(Leaf { label, what, start: 0, place: scope.place, weight: scope.weight });
        Tree::Leaf(self.plan.leaves.len() - 1)
    }
}

fn joined(mut trees: Vec<Tree>, join: fn(Vec<Tree>) -> Tree) -> Option<Tree> {
    match trees.len() {
        0 => None,
        1 => trees.pop(),
        _ => Some(join(trees)),
    }
}

/// A pattern for paths, read as a line of a `.gitignore`, whatever the case: `path:*.txt`, `path:reports/*.md`.
fn path_glob(pattern: &str) -> std::result::Result<Gitignore, String> {
    let mut builder = GitignoreBuilder::new("/");
    let line = if pattern.starts_with('/') { pattern.to_string() } else { format!("**/{pattern}") };
    let built = builder.case_insensitive(true).and_then(|builder| builder.add_line(None, &line));
    let built = built.and_then(|builder| builder.build());
    built.map_err(|error| format!("`{pattern}` cannot be used as a pattern for paths: {error}"))
}

/// Where a node begins, in bytes of the question, as far as it is known.
fn start(node: &Node) -> usize {
    match node {
        Node::Filter { span, .. } => span.start,
        _ => 0,
    }
}

/// A node as it was typed, more or less.
fn label(node: &Node) -> String {
    match node {
        Node::Word { text, .. } => text.clone(),
        node => node.to_string(),
    }
}
