//! The fields of the index, and how the analyzer feeds them.
//!
//! | field  | terms                                                     | for                                  |
//! |--------|-----------------------------------------------------------|--------------------------------------|
//! | body   | the parts of the text, with positions                     | words, phrases, ranking              |
//! | whole  | compounds spelled in one, without positions; acronyms     | `longexpected`, `mcdonald`, `US`     |
//! | lang   | the code of the text's language, where it can be told     | `lang:`, inflections                 |
//! | title  | the parts of the title                                    | `title:`, ranking                    |
//! | path   | the parts of the path, a `/` after each folder            | `path:`, ranking                     |
//! | name   | the file's name and the title, each in one               | files called what is asked for       |
//! | ext    | the extension in lower case                               | `ext:`                               |
//! | uid    | the id of the version of the file; the column of it, too  | deletions, from a hit to its record  |
//! | record | the file's record, stored                                 | building lost records again          |
//! | text   | the text, stored where a source asks for it               | passages without the file            |
//!
//! The text is analysed once: while it feeds `body`, the rest of what it yields is left to the thread ([`LEFT`]). There the
//! field `whole` finds its terms, which comes next, and the worker finds the lengths.

use std::cell::RefCell;
use std::ops::ControlFlow;

use tantivy::schema::{
    BytesOptions, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analyse::language::Detector;
use crate::analyse::{Analyzer, Kind};
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::sketch::{Entry, Sketcher};
use crate::snippet::{Checkpoints, Counting};

/// The fields, by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) body: Field,
    pub(crate) whole: Field,
    pub(crate) lang: Field,
    pub(crate) title: Field,
    pub(crate) path: Field,
    pub(crate) name: Field,
    pub(crate) ext: Field,
    pub(crate) uid: Field,
    pub(crate) record: Field,
    pub(crate) text: Field,
}

/// The name of the column of uids.
pub(crate) const UID: &str = "uid";

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str, option, norms| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option);
        TextOptions::default().set_indexing_options(indexing.set_fieldnorms(norms))
    };
    let positions = IndexRecordOption::WithFreqsAndPositions;
    let fields = Fields {
        body: builder.add_text_field("body", text("body", positions, true)),
        whole: builder.add_text_field("whole", text("whole", IndexRecordOption::WithFreqs, false)),
        lang: builder.add_text_field("lang", text("lang", IndexRecordOption::Basic, false)),
        title: builder.add_text_field("title", text("title", positions, true)),
        path: builder.add_text_field("path", text("path", positions, true)),
        name: builder.add_text_field("name", text("raw", IndexRecordOption::Basic, false)),
        ext: builder.add_text_field("ext", text("raw", IndexRecordOption::Basic, false)),
        uid: builder.add_u64_field(UID, NumericOptions::from(INDEXED).set_fast()),
        record: builder.add_bytes_field("record", BytesOptions::from(STORED)),
        text: builder.add_text_field("text", TextOptions::from(STORED)),
    };
    (builder.build(), fields)
}

/// The tokenizers of the fields.
pub(crate) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::new();
    let parts = |of| Parts { analyzer: Analyzer::new(), of };
    manager.register("body", parts(Of::Body));
    manager.register("title", parts(Of::Title));
    manager.register("path", parts(Of::Path));
    manager.register("whole", Whole::default());
    manager.register("lang", OfLanguage);
    // Tantivy looks up `default` for the fields that have no text.
    for name in ["raw", "default"] {
        manager.register(name, tantivy::tokenizer::RawTokenizer::default());
    }
    manager
}

thread_local! {
    /// What the analysis of a document leaves beside the terms of the body. A document is indexed by one thread from its
    /// first field to its last, so what is found here belongs to it.
    static LEFT: RefCell<Left> = RefCell::default();
}

#[derive(Default)]
struct Left {
    wholes: Terms,
    /// Parts of the body, the title and the path.
    tokens: [u32; 3],
    sketcher: Sketcher,
    fingerprinter: Fingerprinter,
    detector: Detector,
    checkpoints: Counting,
}

/// Terms, one after the other.
#[derive(Clone, Default)]
struct Terms {
    text: String,
    ends: Vec<u32>,
}

/// How many tokens the body, the title and the path had of the document that this thread indexed last; begins anew.
pub(crate) fn take_tokens() -> [u32; 3] {
    LEFT.with_borrow_mut(|left| std::mem::take(&mut left.tokens))
}

/// The document that this thread indexes next has these checkpoints, or none: its words before each are counted.
pub(crate) fn expect_checkpoints(checkpoints: Option<Checkpoints>) {
    LEFT.with_borrow_mut(|left| left.checkpoints.begin(checkpoints));
}

/// The checkpoints of the document that this thread indexed last.
pub(super) fn take_checkpoints() -> Option<Checkpoints> {
    LEFT.with_borrow_mut(|left| left.checkpoints.finish(left.tokens[Of::Body as usize]))
}

/// Appends the sketch of the document that this thread indexed last.
pub(super) fn take_sketch(entries: &mut Vec<Entry>) {
    LEFT.with_borrow_mut(|left| left.sketcher.finish(entries));
}

/// The fingerprint of the document that this thread indexed last.
pub(super) fn take_fingerprint() -> Fingerprint {
    LEFT.with_borrow_mut(|left| left.fingerprinter.finish())
}

/// Which field the parts are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Body,
    Title,
    Path,
}

/// Feeds a field with the parts of a text.
#[derive(Clone)]
struct Parts {
    analyzer: Analyzer,
    of: Of,
}

impl Tokenizer for Parts {
    type TokenStream<'a> = Feed<PartsOf<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Feed<PartsOf<'a>> {
        Feed { from: PartsOf { parts: self, text }, token: Token::default() }
    }
}

/// Where the tokens of a field come from.
trait Source {
    /// Hands each token to `sink`, in `token`.
    fn feed(&mut self, token: &mut Token, sink: &mut dyn FnMut(&Token));
}

/// Feeds tantivy's postings, which take what [`TokenStream::process`] hands them and ask for nothing else.
struct Feed<S> {
    from: S,
    token: Token,
}

impl<S: Source> TokenStream for Feed<S> {
    fn advance(&mut self) -> bool {
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }

    fn process(&mut self, sink: &mut dyn FnMut(&Token)) {
        self.from.feed(&mut self.token, sink);
    }
}

struct PartsOf<'a> {
    parts: &'a mut Parts,
    text: &'a str,
}

impl Source for PartsOf<'_> {
    fn feed(&mut self, token: &mut Token, sink: &mut dyn FnMut(&Token)) {
        let Parts { analyzer, of } = &mut *self.parts;
        token.position_length = 1;
        let mut count = 0;
        let mut part = |term: &str, position: u32| {
            token.text.clear();
            token.text.push_str(term);
            token.position = position as usize;
            sink(token);
            count += 1;
        };
        match of {
            Of::Body => LEFT.with_borrow_mut(|left| {
                let Left { wholes: Terms { text, ends }, sketcher, fingerprinter, detector, checkpoints, .. } = left;
                detector.begin();
                text.clear();
                ends.clear();
                analyzer.tokens(self.text, |found| match found.kind {
                    Kind::Part => {
                        sketcher.take(found.term);
                        fingerprinter.take(found.term);
                        detector.take(found.term);
                        checkpoints.part(found.start, found.position);
                        part(found.term, found.position);
                    }
                    // Compounds with joiners (`a/b.txt`) and identifiers (`parse_http_header`), which nobody types in
                    // one, are found as a row of their parts; they would be a tenth of the index.
                    Kind::Whole if is_row(found.term, &self.text[found.start..found.end]) => {}
                    Kind::Whole => {
                        text.push_str(found.term);
                        ends.push(text.len() as u32);
                    }
                });
            }),
            Of::Title => analyzer.tokens(self.text, |found| {
                if found.kind == Kind::Part {
                    part(found.term, found.position);
                }
            }),
            Of::Path => path_terms(analyzer, self.text, part),
        }
        LEFT.with_borrow_mut(|left| left.tokens[*of as usize] = count);
    }
}

/// A name in one, as it is looked for: `parse_http_header` and "Parse HTTP header" are both `parsehttpheader`. `None` for what
/// has no words, or too many for a name.
pub(crate) fn name_term(analyzer: &mut Analyzer, name: &str) -> Option<String> {
    let mut term = String::new();
    let _ = analyzer.tokens_while(name, |found| {
        if found.kind == Kind::Part {
            term.push_str(found.term);
        }
        if term.len() > MAX_NAME_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    (!term.is_empty() && term.len() <= MAX_NAME_BYTES).then_some(term)
}

/// Longer titles are sentences, which nobody types to find a file.
const MAX_NAME_BYTES: usize = 64;

/// Whether a compound, written so in the text, is only looked for as a row of its parts.
fn is_row(term: &str, written: &str) -> bool {
    written.as_bytes().contains(&b'_') || term.bytes().any(|byte| byte.is_ascii_punctuation())
}

/// The term that stands for the end of a folder's name.
pub(crate) const FOLDER_END: &str = "/";

/// The terms of a path: those of each component, and [`FOLDER_END`] after each folder.
pub(crate) fn path_terms(analyzer: &mut Analyzer, path: &str, mut part: impl FnMut(&str, u32)) {
    let mut next = 0;
    for (n, component) in path.split('/').enumerate() {
        if n > 0 {
            part(FOLDER_END, next);
            next += 1;
        }
        let first = next;
        analyzer.tokens(component, |found| {
            if found.kind == Kind::Part {
                part(found.term, first + found.position);
                next = first + found.position + 1;
            }
        });
    }
}

/// Feeds the field of wholes with what the body's analysis put aside.
#[derive(Clone, Default)]
struct Whole {
    terms: Terms,
}

impl Tokenizer for Whole {
    type TokenStream<'a> = Feed<&'a Terms>;

    fn token_stream<'a>(&'a mut self, _: &'a str) -> Feed<&'a Terms> {
        LEFT.with_borrow_mut(|left| std::mem::swap(&mut left.wholes, &mut self.terms));
        Feed { from: &self.terms, token: Token::default() }
    }
}

/// Feeds the field of languages with what the body's analysis tells.
#[derive(Clone)]
struct OfLanguage;

impl Tokenizer for OfLanguage {
    type TokenStream<'a> = Feed<OfLanguage>;

    fn token_stream<'a>(&'a mut self, _: &'a str) -> Feed<OfLanguage> {
        Feed { from: OfLanguage, token: Token::default() }
    }
}

impl Source for OfLanguage {
    fn feed(&mut self, token: &mut Token, sink: &mut dyn FnMut(&Token)) {
        if let Some(language) = LEFT.with_borrow(|left| left.detector.language()) {
            (token.position, token.position_length) = (0, 1);
            token.text.clear();
            token.text.push_str(language.code());
            sink(token);
        }
    }
}

impl Source for &Terms {
    fn feed(&mut self, token: &mut Token, sink: &mut dyn FnMut(&Token)) {
        // The field keeps no positions.
        (token.position, token.position_length) = (0, 1);
        let mut start = 0;
        for end in &self.ends {
            let end = *end as usize;
            token.text.clear();
            token.text.push_str(&self.text[start..end]);
            sink(token);
            start = end;
        }
    }
}
