//! Records that are lost come back from the documents.

use std::fs;

use crate::shelf::Shelf;

#[test]
fn lost_records_are_built_again_from_the_documents_without_reading_the_files() {
    let shelf = Shelf::with(&[
        ("keeper.txt", "the harbour lantern was lit"),
        ("notes/market.txt", "a lantern seller by the harbour"),
        ("notes/tides.txt", "ebb and flow"),
    ]);
    let before = shelf.paths("lantern");
    for what in ["missing", "emptied", "cut"] {
        for entry in fs::read_dir(shelf.home().join("index")).expect("an index") {
            let path = entry.expect("an entry").path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("records.")) {
                let bytes = fs::read(&path).expect("records");
                match what {
                    "missing" => fs::remove_file(&path),
                    "emptied" => fs::write(&path, ""),
                    _ => fs::write(&path, &bytes[..bytes.len() / 2]),
                }
                .expect("records to spoil");
            }
        }
        let refused = shelf.query("lantern");
        assert_eq!(refused.code(), Some(2), "{what}: {refused:?}");
        assert!(refused.stderr().contains("hint: build them again"), "{what}: {refused:?}");

        let summary = shelf.run(["ingest", "--json", "texts"]).succeeded().json();
        let summary = summary.last().expect("a summary");
        let counts = (summary["unchanged"].as_u64(), summary["new"].as_u64(), summary["bytes"].as_u64());
        assert_eq!(counts, (Some(3), Some(0), Some(0)), "{what}: {summary}");
        assert_eq!(shelf.paths("lantern"), before, "{what}");
    }
    shelf.remove("keeper.txt");
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["notes/market.txt"], "deletions go by what came back");
}
