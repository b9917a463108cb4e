//! The fields of the index, and the terms of those that are no plain text; `fill.rs` feeds them.
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

use std::ops::ControlFlow;

use tantivy::schema::{
    BytesOptions, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

use crate::analyse::{Analyzer, Kind};

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
