use std::collections::BTreeMap;

use proptest::prelude::*;
use tantivy::Index;
use tantivy::directory::RamDirectory;
use tantivy::schema::{Schema, TEXT};

use super::*;

/// What each term has, by field.
type Terms = BTreeMap<(u32, String), [usize; 3]>;

/// The file that holds these terms, and what should be found in it.
fn written(terms: &Terms) -> (Vec<u8>, BTreeMap<(u32, String), TermInfo>) {
    let mut builder = Schema::builder();
    builder.add_text_field("text", TEXT);
    let index = Index::create(RamDirectory::default(), builder.build(), Default::default()).unwrap();
    let segment = index.new_segment();
    let mut writer = DictionaryWriter::open(&segment).unwrap();
    let (mut expected, mut ends) = (BTreeMap::new(), BTreeMap::<u32, (usize, usize)>::new());
    for ((field, term), [documents, postings, positions]) in terms {
        let end = ends.entry(*field).or_default();
        let (postings_range, positions_range) = (end.0..end.0 + postings, end.1..end.1 + positions);
        *end = (postings_range.end, positions_range.end);
        let info = TermInfo { doc_freq: *documents as u32, postings_range, positions_range };
        writer.push(Field::from_field_id(*field), term.as_bytes(), &info).unwrap();
        expected.insert((*field, term.clone()), info);
    }
    writer.close().unwrap();
    (segment.open_read(component()).unwrap().read_bytes().unwrap().to_vec(), expected)
}

fn opened(bytes: Vec<u8>) -> io::Result<Dictionary> {
    Dictionary::new(FileSlice::from(bytes))
}

/// Enough terms for several blocks a field.
fn many() -> Terms {
    let word = |n: usize| format!("{}{n:x}{}", ["", "w", "lan"][n % 3], ["", "tern", "東京", "s"][n % 4]);
    let terms =
        (0..3000).map(|n| (((n % 5) as u32, word(n * 7919 % 100_000)), [1 + n % 300, n % 5000, n * n % 70_000]));
    terms.collect()
}

fn walked(dictionary: &Dictionary, field: u32, prefix: &str) -> Vec<(String, TermInfo)> {
    let mut found = Vec::new();
    let take = |term: &[u8], info: &TermInfo| {
        found.push((String::from_utf8(term.to_vec()).unwrap(), info.clone()));
        true
    };
    dictionary.walk(Field::from_field_id(field), prefix.as_bytes(), take).unwrap();
    found
}

proptest! {
    #[test]
    fn a_dictionary_answers_as_a_map_does(
        terms in prop::collection::btree_map((0u32..4, "[ab]{0,4}[c-f]{0,2}"), prop::array::uniform3(0usize..400), 0..600),
        asked in prop::collection::vec((0u32..5, "[ab]{0,4}[c-f]{0,2}"), 40),
    ) {
        let (bytes, expected) = written(&terms);
        let dictionary = opened(bytes).unwrap();
        for (field, term) in terms.keys().cloned().chain(asked) {
            let found = dictionary.get(Field::from_field_id(field), term.as_bytes()).unwrap();
            prop_assert_eq!(found.as_ref(), expected.get(&(field, term.clone())), "{} {}", field, term);
            let begun = expected.range((field, term.clone())..);
            let begun = begun.take_while(|((other, found), _)| *other == field && found.starts_with(&term));
            let begun: Vec<_> = begun.map(|((_, found), info)| (found.clone(), info.clone())).collect();
            prop_assert_eq!(walked(&dictionary, field, &term), begun);
        }
    }
}

#[test]
fn many_blocks_are_one_dictionary_and_a_walk_ends_when_it_is_told_to() {
    let (bytes, expected) = written(&many());
    let dictionary = opened(bytes).unwrap();
    assert!(dictionary.blocks > 20);
    for ((field, term), info) in &expected {
        assert_eq!(dictionary.get(Field::from_field_id(*field), term.as_bytes()).unwrap().as_ref(), Some(info));
    }
    for field in 0..5 {
        let all = walked(&dictionary, field, "");
        assert_eq!(all.len(), expected.keys().filter(|(other, _)| *other == field).count());
    }
    let mut left = 3;
    let take = |_: &[u8], _: &TermInfo| {
        left -= 1;
        left > 0
    };
    dictionary.walk(Field::from_field_id(1), b"", take).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn damage_is_told_or_finds_less_and_never_something_else() {
    let (sound, expected) = written(&many());
    let terms: Vec<_> = expected.iter().step_by(37).collect();
    let check = |bytes: Vec<u8>, what: &str| {
        let Ok(dictionary) = opened(bytes) else { return };
        for ((field, term), info) in &terms {
            if let Ok(Some(found)) = dictionary.get(Field::from_field_id(*field), term.as_bytes()) {
                assert_eq!(&found, *info, "{what}");
            }
        }
        let _ = dictionary.walk(Field::from_field_id(2), b"l", |_, _| true);
    };
    for at in (0..sound.len()).step_by(11) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x24;
        check(damaged, &format!("byte {at}"));
    }
    for length in (0..sound.len()).step_by(101) {
        check(sound[..length].to_vec(), &format!("cut at {length}"));
    }
}
