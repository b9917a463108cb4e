//! Records that are lost are built again from the documents, each of which keeps a copy of its own.
//!
//! What the copies do not tell comes from the rest of the index, or from the next walk: the counts of tokens from the
//! lengths that the ranking uses, the totals from the commit, files that were skipped from looking at them again.

use std::collections::BTreeMap;

use tantivy::schema::Value;
use tantivy::{SegmentReader, TantivyDocument};

use super::records::{self, Record, State};
use super::schema::{Fields, UID};

/// The records of the documents in `segments`, in path order, and the versions whose copy is damaged.
pub(super) fn records(segments: &[SegmentReader], fields: &Fields) -> tantivy::Result<(Vec<Record>, Vec<u64>)> {
    let (mut found, mut lost) = (BTreeMap::new(), Vec::new());
    for segment in segments {
        let lengths = [fields.body, fields.title, fields.path].map(|field| segment.get_fieldnorms_reader(field));
        let [body, title, path] = lengths;
        let lengths = [body?, title?, path?];
        let store = segment.get_store_reader(1)?;
        let uids = segment.fast_fields().u64(UID)?;
        for document in segment.doc_ids_alive() {
            let stored: TantivyDocument = store.get(document)?;
            let text = stored.get_first(fields.text).and_then(|value| value.as_str());
            let copy = stored.get_first(fields.record).and_then(|value| value.as_bytes());
            let copy = copy.and_then(|copy| records::from_stored(copy, text));
            // A document whose copy is damaged goes; its file is found again as a new one.
            let Some(mut record) = copy else {
                lost.extend(uids.first(document));
                continue;
            };
            if let State::Indexed(version) = &mut record.state {
                for (tokens, lengths) in version.tokens.iter_mut().zip(&lengths) {
                    *tokens = lengths.fieldnorm(document);
                }
            }
            found.insert(super::delta::PathKey(record.path.clone()), record);
        }
    }
    Ok((found.into_values().collect(), lost))
}
