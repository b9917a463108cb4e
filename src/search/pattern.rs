//! Wildcards and regular expressions, as automata that walk a dictionary.
//!
//! In: a pattern as typed. Out: an [`Automaton`] that accepts the terms it matches from end to end. It promises to use a
//! few megabytes and a few milliseconds whatever the pattern: states are made when a term of the index first leads to
//! them (a lazy DFA, as in Russ Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009), and a pattern
//! that needs too many of them is refused.

use std::cell::{Cell, RefCell};

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind};
use tantivy_fst::Automaton;

/// A pattern's own size. `\w{9}`, every letter of every script nine times, takes half of it.
const MOST_PATTERN_BYTES: usize = 1 << 20;

/// The size of the states that the terms of the index lead to.
const MOST_STATE_BYTES: usize = 4 << 20;

/// What accepts the terms that a pattern matches.
pub(super) struct Pattern {
    dfa: DFA,
    cache: RefCell<Cache>,
    start: LazyStateID,
    is_exhausted: Cell<bool>,
}

impl Pattern {
    /// A regular expression over whole terms, in the syntax of Rust's `regex`; letters match in either case.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub(super) fn regex(source: &str) -> Result<Pattern, String> {
        let syntax = syntax::Config::new().case_insensitive(true).nest_limit(100);
        // Every way to match counts, since the longest must be among them.
        let config = Config::new()
            .match_kind(MatchKind::All)
            .cache_capacity(MOST_STATE_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        let thompson = thompson::Config::new().nfa_size_limit(Some(MOST_PATTERN_BYTES));
        let dfa = DFA::builder().configure(config).syntax(syntax).thompson(thompson).build(source);
        let dfa = dfa.map_err(|error| why(&error))?;
        let mut cache = dfa.create_cache();
        let start = dfa.start_state(&mut cache, &start::Config::new().anchored(Anchored::Yes));
        let start = start.map_err(|_| TOO_LARGE.to_string())?;
        Ok(Pattern { dfa, cache: RefCell::new(cache), start, is_exhausted: Cell::new(false) })
    }

    /// A word with `*` and `?`; a backslash makes them characters.
    pub(super) fn wildcard(pattern: &str) -> Result<Pattern, String> {
        Pattern::regex(&wildcard_regex(pattern))
    }

    /// Fails if a walk gave up on this pattern, so that what was found is not all.
    pub(super) fn exhausted(&self) -> Result<(), String> {
        if self.is_exhausted.get() { Err(TOO_LARGE.to_string()) } else { Ok(()) }
    }

    fn step(&self, state: LazyStateID, step: impl Fn(&DFA, &mut Cache, LazyStateID) -> Option<LazyStateID>) -> State {
        if self.is_exhausted.get() {
            return None;
        }
        let next = step(&self.dfa, &mut self.cache.borrow_mut(), state);
        self.is_exhausted.set(next.is_none());
        next.filter(|next| !next.is_dead() && !next.is_quit())
    }
}

const TOO_LARGE: &str = "it is too large; expected fewer or smaller repetitions";

/// Where a term has led to; `None` once it cannot match any more.
type State = Option<LazyStateID>;

impl Automaton for Pattern {
    type State = State;

    fn start(&self) -> State {
        Some(self.start).filter(|start| !start.is_dead())
    }

    fn is_match(&self, state: &State) -> bool {
        let end = |dfa: &DFA, cache: &mut Cache, state| dfa.next_eoi_state(cache, state).ok();
        state.and_then(|state| self.step(state, end)).is_some_and(|end| end.is_match())
    }

    fn can_match(&self, state: &State) -> bool {
        state.is_some()
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        state.and_then(|state| self.step(state, |dfa, cache, state| dfa.next_state(cache, state, byte).ok()))
    }
}

/// The innermost cause, in one line.
fn why(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    let message = error.to_string();
    if message.contains("exceed") {
        return TOO_LARGE.to_string();
    }
    message.lines().next_back().unwrap_or_default().trim_start_matches("error: ").to_string()
}

/// The regular expression of a pattern with `*` and `?`.
fn wildcard_regex(pattern: &str) -> String {
    let mut regex = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => regex.extend(chars.next().map(escaped)),
            c => regex.push_str(&escaped(c)),
        }
    }
    regex
}

fn escaped(c: char) -> String {
    if c.is_alphanumeric() || c == '_' { c.to_string() } else { format!("\\x{{{:x}}}", u32::from(c)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &Pattern, term: &str) -> bool {
        let end = term.bytes().fold(pattern.start(), |state, byte| pattern.accept(&state, byte));
        pattern.is_match(&end)
    }

    #[test]
    fn a_wildcard_matches_whole_terms() {
        let rows = [
            ("niam?y", "niamey", true),
            ("niam?y", "niamy", false),
            ("*stan", "pakistan", true),
            ("*stan", "stan", true),
            ("*stan", "standard", false),
            ("a.b*", "a.bc", true),
            ("a.b*", "axbc", false),
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            ("m?ller", "müller", true),
            ("ab*\u{301}", "ab\u{301}", true),
        ];
        for (pattern, term, expected) in rows {
            assert_eq!(matches(&Pattern::wildcard(pattern).unwrap(), term), expected, "{pattern} on {term}");
        }
    }

    #[test]
    fn a_regular_expression_matches_whole_terms() {
        let rows = [
            ("dro(ne|p)s", "drones", true),
            ("dro(ne|p)s", "adrones", false),
            ("drone", "drones", false),
            ("a|ab", "ab", true),
            ("ab??", "ab", true),
            ("^drone$", "drone", true),
            ("Drone", "drone", true),
            (".*stan", "pakistan", true),
            (r"\w{4}\d", "café1", true),
            ("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false),
            ("", "", true),
        ];
        for (pattern, term, expected) in rows {
            assert_eq!(matches(&Pattern::regex(pattern).unwrap(), term), expected, "{pattern} on {term}");
        }
    }

    #[test]
    fn a_pattern_that_is_wrong_or_too_large_is_refused() {
        let rows = [
            ("(a", "unclosed group"),
            ("[", "unclosed character class"),
            ("*a", "repetition operator missing expression"),
            (".{1000000}", TOO_LARGE),
            ("((((a{1,1000}){1,1000}){1,1000}))", TOO_LARGE),
            ("(a?){100000}", TOO_LARGE),
        ];
        for (pattern, expected) in rows {
            assert_eq!(Pattern::regex(pattern).err().as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn a_walk_that_needs_too_many_states_says_so() {
        let pattern = Pattern::regex("(a|b)*a(a|b){1000}").unwrap();
        let mut bits = 1_u32;
        let term: String = (0..50_000)
            .map(|_| {
                bits = bits.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                if bits & 0x10000 == 0 { 'a' } else { 'b' }
            })
            .collect();
        matches(&pattern, &term);
        assert_eq!(pattern.exhausted(), Err(TOO_LARGE.to_string()));
    }
}
