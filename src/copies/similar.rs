//! The documents nearest to one text.

use std::io::{self, Read};
use std::path::Path;

use super::shingles::Shingles;
use super::{Judge, Known, Near};
use crate::analyse::{Analyzer, Kind};
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::index::{Snapshot, UID};
use crate::walk::{DEFAULT_MAX_BYTES, bytes_order};
use crate::{Error, Result, decode};

/// So many of the likeliest are compared with the text itself.
const MOST_COMPARED: usize = 200;

/// The documents that have most in common with `file`, which need not be in the index: those with at least the share
/// `least`, at most `limit`, the likest first and equals in path order. The file itself is none of them.
///
/// # Errors
/// If the file cannot be read or is no text, or the index is damaged.
pub fn similar(snapshot: &Snapshot, file: &Path, least: f32, limit: usize) -> Result<Vec<Near>> {
    let text = read(file)?;
    let mut analyzer = Analyzer::new();
    let mut fingerprinter = Fingerprinter::default();
    analyzer.tokens(&text, |token| {
        if token.kind == Kind::Part {
            fingerprinter.take(token.term);
        }
    });
    let fingerprint = fingerprinter.finish();
    let shingles = Shingles::of(&text, &mut analyzer);
    drop(text);
    let mut judge = Judge::new(snapshot);
    let mut likely = Vec::new();
    for (guess, known) in guesses(snapshot, &fingerprint, least)? {
        let record = judge.record(known.uid)?;
        if record.path() != file {
            likely.push((guess, record.path, known));
        }
    }
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| bytes_order(&a.1, &b.1)));
    let mut found: Vec<(f32, Vec<u8>, bool)> = Vec::new();
    for (_, path, known) in likely.into_iter().take(MOST_COMPARED.max(limit)) {
        let share = judge.share_of(&shingles, &fingerprint, &known)?;
        if share.value >= least && share.value > 0.0 {
            found.push((share.value, path, share.estimated));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| bytes_order(&a.1, &b.1)));
    found.truncate(limit);
    let near = |(share, path, estimated)| {
        use std::os::unix::ffi::OsStringExt;
        Near { path: std::ffi::OsString::from_vec(path).into(), share, estimated }
    };
    Ok(found.into_iter().map(near).collect())
}

/// The text of a file.
fn read(file: &Path) -> Result<String> {
    let failed = |source| Error::Read { path: file.to_path_buf(), source };
    let (opened, _) = crate::read::open(file).map_err(failed)?;
    let mut bytes = Vec::new();
    opened.take(DEFAULT_MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    let no_text = |refused| failed(io::Error::new(io::ErrorKind::InvalidData, format!("not text but {refused}")));
    Ok(decode::decode(&bytes, None).map_err(no_text)?.text.into_owned())
}

/// The documents that are likest by their fingerprints, about as many as are compared, with the guesses.
fn guesses(snapshot: &Snapshot, fingerprint: &Fingerprint, least: f32) -> Result<Vec<(f32, Known)>> {
    let mut found: Vec<(f32, u32, u32)> = Vec::new();
    for (number, (segment, sketches)) in snapshot.segments.iter().zip(&snapshot.sketches).enumerate() {
        for document in segment.doc_ids_alive() {
            let guess =
                sketches.fingerprint_in_order(document).and_then(|its| super::may_share(fingerprint, &its, least));
            // Few bins agree by chance alone.
            found.extend(guess.filter(|guess| *guess >= least / 2.0).map(|guess| (guess, number as u32, document)));
        }
        keep_likest(&mut found);
    }
    let mut guesses = Vec::with_capacity(found.len());
    for (guess, segment, document) in found {
        let uids = snapshot.segments[segment as usize].fast_fields().u64(UID);
        let uid = uids.map_err(|error| snapshot.engine(error))?.first(document).unwrap_or_default();
        let fingerprint = snapshot.sketches[segment as usize].fingerprint(document);
        let Some(fingerprint) = fingerprint else { continue };
        guesses.push((guess, Known { uid, segment, document, hash: None, fingerprint }));
    }
    Ok(guesses)
}

/// Drops all that are less like than as many as are compared; of equals at the cut all stay, for paths decide.
fn keep_likest(found: &mut Vec<(f32, u32, u32)>) {
    if found.len() > MOST_COMPARED {
        let (_, last, _) = found.select_nth_unstable_by(MOST_COMPARED - 1, |a, b| b.0.total_cmp(&a.0));
        let last = last.0;
        found.retain(|guess| guess.0 >= last);
    }
}
