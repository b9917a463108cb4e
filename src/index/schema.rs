//! The fields of the index, and how the analyzer feeds them.
//!
//! | field  | terms                                                     | for                                  |
//! |--------|-----------------------------------------------------------|--------------------------------------|
//! | body   | the parts of the text, with positions                     | words, phrases, ranking              |
//! | whole  | compounds spelled in one, without positions; acronyms     | `longexpected`, `mcdonald`, `US`     |
//! | title  | the parts of the title                                    | `title:`, ranking                    |
//! | path   | the parts of the path, a `/` after each folder            | `path:`, ranking                     |
//! | ext    | the extension in lower case                               | `ext:`                               |
//! | uid    | the id of the version of the file; the column of it, too  | deletions, from a hit to its record  |
//! | record | the file's record, stored                                 | building lost records again          |
//! | text   | the text, stored where a source asks for it               | passages without the file            |
//!
//! The text is analysed once: while it feeds `body`, its wholes are put aside in [`Wholes`], from which the field `whole`,
//! which comes next, is fed.

use std::sync::{Arc, Mutex, PoisonError};

use tantivy::schema::{
    BytesOptions, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analyse::{Analyzer, Kind};

/// The fields, by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) body: Field,
    pub(crate) whole: Field,
    pub(crate) title: Field,
    pub(crate) path: Field,
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
        title: builder.add_text_field("title", text("title", positions, true)),
        path: builder.add_text_field("path", text("path", positions, true)),
        ext: builder.add_text_field("ext", text("raw", IndexRecordOption::Basic, false)),
        uid: builder.add_u64_field(UID, NumericOptions::from(INDEXED).set_fast()),
        record: builder.add_bytes_field("record", BytesOptions::from(STORED)),
        text: builder.add_text_field("text", TextOptions::from(STORED)),
    };
    (builder.build(), fields)
}

/// The tokenizers of the fields, for one thread: they share what one analysis of a text yields.
pub(crate) fn tokenizers(wholes: &Wholes) -> TokenizerManager {
    let manager = TokenizerManager::new();
    let parts = |of| Parts { analyzer: Analyzer::new(), wholes: wholes.clone(), of };
    manager.register("body", parts(Of::Body));
    manager.register("title", parts(Of::Title));
    manager.register("path", parts(Of::Path));
    manager.register("whole", Whole { wholes: wholes.clone(), taken: Taken::default() });
    // Tantivy looks up `default` for the fields that have no text.
    for name in ["raw", "default"] {
        manager.register(name, tantivy::tokenizer::RawTokenizer::default());
    }
    manager
}

/// What one analysis of a document's text leaves beside its parts.
#[derive(Clone, Default)]
pub(crate) struct Wholes {
    taken: Arc<Mutex<Taken>>,
}

#[derive(Clone, Default)]
struct Taken {
    /// The wholes, one after the other.
    text: String,
    ends: Vec<u32>,
    /// Parts of the body, the title and the path.
    tokens: [u32; 3],
}

impl Wholes {
    fn with<T>(&self, act: impl FnOnce(&mut Taken) -> T) -> T {
        act(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many tokens the body, the title and the path of the last document had; begins anew.
    pub(crate) fn take_tokens(&self) -> [u32; 3] {
        self.with(|taken| std::mem::take(&mut taken.tokens))
    }
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
    wholes: Wholes,
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
        let Parts { analyzer, wholes, of } = &mut *self.parts;
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
            Of::Body => wholes.with(|taken| {
                taken.text.clear();
                taken.ends.clear();
                analyzer.tokens(self.text, |found| match found.kind {
                    Kind::Part => part(found.term, found.position),
                    // Compounds with joiners (`a/b.txt`) and identifiers (`parse_http_header`), which nobody types in
                    // one, are found as a row of their parts; they would be a tenth of the index.
                    Kind::Whole if is_row(found.term, &self.text[found.start..found.end]) => {}
                    Kind::Whole => {
                        taken.text.push_str(found.term);
                        taken.ends.push(taken.text.len() as u32);
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
        wholes.with(|taken| taken.tokens[*of as usize] = count);
    }
}

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
#[derive(Clone)]
struct Whole {
    wholes: Wholes,
    taken: Taken,
}

impl Tokenizer for Whole {
    type TokenStream<'a> = Feed<&'a Taken>;

    fn token_stream<'a>(&'a mut self, _: &'a str) -> Feed<&'a Taken> {
        let Whole { wholes, taken } = self;
        wholes.with(|shared| {
            std::mem::swap(&mut shared.text, &mut taken.text);
            std::mem::swap(&mut shared.ends, &mut taken.ends);
        });
        Feed { from: taken, token: Token::default() }
    }
}

impl Source for &Taken {
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
