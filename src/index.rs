//! The index directory: how it is found, created, opened for reading, and written.
//!
//! A folder is an index if it holds indago's `marker`; beside it lie tantivy's segments, each with a `dictionary` of its own
//! beside tantivy's and the `sketches` of its documents, their fingerprints and the checkpoints of the long ones, the `records` of the files, and a lock file for the
//! writer. Tantivy's `meta.json` is the one switch between states: its payload names the layers of records, so terms and
//! records always change together.

mod delta;
mod dictionary;
mod directory;
mod fill;
mod inverted;
mod lock;
mod marker;
mod merge;
mod payload;
mod records;
mod recover;
mod repair;
mod schema;
mod sketches;
mod snapshot;
mod sums;
mod verify;
mod writer;

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use lock::writer as writer_of;
pub use marker::{FORMAT, Kind, Marker, Source, Versions};
pub use records::{Reason, Record, State, Version};
pub use snapshot::Snapshot;

pub(crate) use delta::{Delta, now_ns};
pub(crate) use directory::META;
pub(crate) use fill::{Document, Filler};
pub(crate) use marker::NAME as MARKER;
pub(crate) use payload::LAYERS as RECORDS;
pub(crate) use records::{Merged, Records, codec, is_below, stored};
pub(crate) use schema::{FOLDER_END, UID, name_term, path_terms};
pub(crate) use snapshot::{engine_error, state_of};
pub(crate) use sums::Sums;
pub(crate) use verify::{committed, flaw, is_swept, strays, tag_flaw};
pub(crate) use writer::Writer;

use crate::{Error, Result};

/// The name an index directory has unless told otherwise.
pub const DEFAULT_NAME: &str = "index";

/// Tells other programs that the folder can be made anew (https://bford.info/cachedir/).
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This folder is a search index made by indago; it can be built again from its sources.\n";

/// The name of the file that says so.
pub(crate) const TAG: &str = "CACHEDIR.TAG";

/// Whether `folder` holds indago's marker.
pub fn is_index(folder: &Path) -> bool {
    folder.join(marker::NAME).is_file()
}

/// The index that serves the folder `start`: its own `index/`, else that of the nearest folder above.
///
/// Only folders with indago's marker count.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|folder| folder.join(DEFAULT_NAME)).find(|folder| is_index(folder))
}

/// Whether the index in `folder` belongs to another user than the one this process acts for.
///
/// # Errors
/// If the folder cannot be looked at.
pub fn is_foreign(folder: &Path) -> Result<bool> {
    let metadata = fs::metadata(folder).map_err(|source| Error::Read { path: folder.to_path_buf(), source })?;
    Ok(metadata.uid() != rustix::process::geteuid().as_raw())
}

/// Makes `folder` an index if it is none yet: creates it if need be, private, with its marker and tags.
///
/// # Errors
/// If it holds files that are not indago's, belongs to another user, or cannot be written.
pub(crate) fn create(folder: &Path) -> Result<()> {
    if is_index(folder) {
        return Ok(());
    }
    let failed = |source| Error::Write { path: folder.to_path_buf(), source };
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                if !may_lie_in_a_new_index(&entry.map_err(failed)?.file_name().to_string_lossy()) {
                    return Err(Error::NotAnIndex { path: folder.to_path_buf() });
                }
            }
            if is_foreign(folder)? {
                return Err(Error::Foreign { path: folder.to_path_buf() });
            }
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder).map_err(failed)?;
        }
        Err(source) => return Err(failed(source)),
    }
    // Of two that create it at once, the second finds it done.
    let _lock = lock::WriterLock::take(folder)?;
    tag(folder)?;
    if is_index(folder) { Ok(()) } else { Marker::new().write(folder) }
}

/// Makes `folder` and those above it that are missing, so that they outlast a power cut.
fn make(folder: &Path) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    let missing: Vec<_> = folder.ancestors().take_while(|above| !above.exists()).collect();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    missing.iter().filter_map(|made| made.parent()).try_for_each(|parent| fs::File::open(parent)?.sync_all())
}

/// Tells other programs what the folder is, and indago's own walk to pass it by.
pub(crate) fn tag(folder: &Path) -> Result<()> {
    let path = folder.join(TAG);
    if verify::tag_flaw(folder)?.is_none() {
        return Ok(());
    }
    directory::replace(&path, CACHEDIR_TAG.as_bytes()).map_err(|source| Error::Write { path, source })
}

/// Whether a file of this name may lie in a folder that is to become an index: what git keeps a folder by, and what an
/// indago that was killed while it created the index left.
fn may_lie_in_a_new_index(name: &str) -> bool {
    is_kept_by_git(name) || name == TAG || name == lock::NAME || directory::is_leftover(name)
}

/// Whether git keeps a folder by a file of this name.
fn is_kept_by_git(name: &str) -> bool {
    matches!(name, ".gitignore" | ".gitkeep")
}

/// Removes everything that indago keeps in `folder` but the marker's list of sources, so that it can be built anew;
/// `relisted` are the files of the source of listed ones.
///
/// # Errors
/// If the folder is no index, somebody writes it, or a file cannot be removed.
pub(crate) fn clear(folder: &Path, relisted: Vec<PathBuf>) -> Result<()> {
    if !is_index(folder) {
        return Ok(());
    }
    if is_foreign(folder)? {
        return Err(Error::Foreign { path: folder.to_path_buf() });
    }
    let _lock = lock::WriterLock::take(folder)?;
    // A marker that cannot be read has lost its sources: they must be named again.
    let sources = Marker::read_any(folder).ok().flatten().map(|marker| marker.sources).unwrap_or_default();
    let failed = |source| Error::Write { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = directory::is_engine_file(&name) || payload::is_layer(&name) || directory::is_leftover(&name);
        if is_ours {
            fs::remove_file(entry.path()).map_err(|source| Error::Write { path: entry.path(), source })?;
        }
    }
    Marker { sources, relisted, ..Marker::new() }.write(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_folder_or_one_that_git_keeps_becomes_an_index() {
        let rows: &[(&[&str], bool)] =
            &[(&[], true), (&[".gitkeep"], true), (&[".gitignore"], true), (&["notes.txt"], false), (&[".git"], false)];
        for (files, expected) in rows {
            let folder = tempfile::tempdir().unwrap();
            for file in *files {
                fs::write(folder.path().join(file), "x").unwrap();
            }
            assert_eq!(create(folder.path()).is_ok(), *expected, "{files:?}");
            assert_eq!(is_index(folder.path()), *expected, "{files:?}");
        }
    }

    #[test]
    fn a_new_index_is_private_and_tagged_as_a_cache() {
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("deep/index");
        create(&index).unwrap();
        assert_eq!(fs::metadata(&index).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(fs::read_to_string(index.join("CACHEDIR.TAG")).unwrap().starts_with("Signature: 8a477f597d28d172"));
    }

    #[test]
    fn the_nearest_index_above_is_found() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        create(&root.path().join("index")).unwrap();
        fs::create_dir(deep.join("index")).unwrap();
        assert_eq!(find(&deep), Some(root.path().join("index")), "a folder without a marker does not count");
        create(&root.path().join("a/index")).unwrap();
        assert_eq!(find(&deep), Some(root.path().join("a/index")));
    }
}
