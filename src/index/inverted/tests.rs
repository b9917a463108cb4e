use tantivy::directory::RamDirectory;
use tantivy::schema::{INDEXED, NumericOptions, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::WhitespaceTokenizer;
use tantivy::{Index, IndexWriter, TantivyDocument};

use super::*;

const OPTIONS: [IndexRecordOption; 3] =
    [IndexRecordOption::WithFreqsAndPositions, IndexRecordOption::WithFreqs, IndexRecordOption::Basic];

/// A field of each kind, and the ids.
fn index() -> Index {
    let mut builder = Schema::builder();
    for (n, option) in OPTIONS.into_iter().enumerate() {
        let indexing = TextFieldIndexing::default().set_tokenizer("words").set_index_option(option);
        let options = TextOptions::default().set_indexing_options(indexing.set_fieldnorms(n == 0));
        builder.add_text_field(&format!("text{n}"), options);
    }
    builder.add_u64_field("id", NumericOptions::from(INDEXED));
    let index = Index::create(RamDirectory::default(), builder.build(), Default::default()).unwrap();
    index.tokenizers().register("words", WhitespaceTokenizer::default());
    index
}

/// Texts of rare words and common ones, short and long; the longest is handed over in several parts.
fn texts() -> Vec<[String; 3]> {
    let mut state = 7_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    let mut text = |words: u64| {
        let mut text = String::new();
        for _ in 0..words {
            let rank = (4_000.0_f64).powf(random(1 << 20) as f64 / f64::from(1 << 20)) as usize;
            let ending =
                ["", "s", "ing_an_identifier", "東京都", "of_more_than_sixty_four_bytes_which_no_number_holds_at_all"];
            text += &format!("w{rank:x}{} ", ending[rank % ending.len()]);
        }
        text
    };
    let lengths = (0..700).map(|n| if n == 300 { 150_000 } else { 1 + n * n % 97 });
    lengths.map(|words| [text(words), text(words % 11), text(words % 5)]).collect()
}

/// The files of terms and postings that tantivy's own writer makes.
fn tantivys(texts: &[[String; 3]]) -> Vec<Vec<u8>> {
    let index = index();
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 100 << 20).unwrap();
    for (id, texts) in (5_u64..).zip(texts) {
        let mut document = TantivyDocument::new();
        for (n, text) in (0..).zip(texts) {
            document.add_text(Field::from_field_id(n), text);
        }
        document.add_u64(Field::from_field_id(3), 3 * id);
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let segments = index.searchable_segments().unwrap();
    assert_eq!(segments.len(), 1);
    files(&segments[0])
}

fn files(segment: &Segment) -> Vec<Vec<u8>> {
    use SegmentComponent::{FieldNorms, Positions, Postings, Terms};
    let read = |component| segment.open_read(component).unwrap().read_bytes().unwrap().to_vec();
    [Terms, Postings, Positions, FieldNorms].map(read).into()
}

#[test]
fn the_files_are_those_of_tantivys_own_writer_whether_or_not_the_memory_suffices() {
    let texts = texts();
    let expected = tantivys(&texts);
    let (index, folder) = (index(), tempfile::tempdir().unwrap());
    for (budget, least_runs) in [(100 << 20, 0), (300 << 10, 2), (20 << 10, 20)] {
        let id = Field::from_field_id(3);
        let mut inverted = Inverted::new(&index.schema(), id, folder.path().to_path_buf(), budget);
        // The second segment is made in the memory of the first.
        for _ in 0..2 {
            for (id, texts) in (5_u64..).zip(&texts) {
                for (n, text) in (0..).zip(texts) {
                    for word in text.split_whitespace() {
                        inverted.take(word);
                        if inverted.is_full() {
                            inverted.go_on(Field::from_field_id(n)).unwrap();
                        }
                    }
                    inverted.end(Field::from_field_id(n)).unwrap();
                }
                inverted.end_document(3 * id);
            }
            assert_eq!(inverted.documents() as usize, texts.len());
            assert!(inverted.runs() >= least_runs, "{} runs with {budget} bytes", inverted.runs());
            let segment = index.new_segment();
            inverted.write(&segment).unwrap();
            for (n, (found, expected)) in files(&segment).iter().zip(&expected).enumerate() {
                assert!(found == expected, "file {n} differs with {budget} bytes of memory");
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a run leaves no file");
    }
}
