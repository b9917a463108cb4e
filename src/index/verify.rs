//! Holding the files of an index against what its commit tells of them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tantivy::Directory;
use tantivy::directory::error::OpenReadError;
use xxhash_rust::xxh3::Xxh3;

use super::directory::{self, Folder, META, Role};
use super::sums::{Sum, Sums};
use super::{CACHEDIR_TAG, is_kept_by_git, lock, marker, payload};
use crate::{Error, Result};

/// How much of a file is read at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// What the last commit of the index in `folder` tells of its files.
///
/// An inner error is damage to `meta.json`, in words. Nothing committed yet is no file.
pub(crate) fn committed(folder: &Path) -> Result<std::result::Result<Sums, String>> {
    if let Err(error) = super::snapshot::refuse_lost_state(folder) {
        return if matches!(error, Error::LostState { .. }) { Ok(Err("is missing".into())) } else { Err(error) };
    }
    let disk = Folder::open(folder, Role::Reader);
    let disk = disk.map_err(|source| super::engine_error(folder, source.into()))?;
    match disk.atomic_read(Path::new(META)) {
        Ok(_) => Ok(Ok(disk.sums().clone())),
        Err(OpenReadError::FileDoesNotExist(_)) => Ok(Ok(Sums::new())),
        Err(OpenReadError::IoError { io_error, .. }) => {
            let error = io::Error::new(io_error.kind(), io_error.to_string());
            unreadable(&folder.join(META), error).map(Err)
        }
        Err(error) => Err(super::engine_error(folder, error.into())),
    }
}

/// What is wrong with the file `name` of which the commit tells `sum`, in words; `seen` counts the bytes read.
///
/// # Errors
/// If the file may not be read, which says nothing about what it holds.
pub(crate) fn flaw(folder: &Path, name: &str, sum: Sum, seen: &AtomicU64) -> Result<Option<String>> {
    let path = folder.join(name);
    let read = || -> io::Result<Option<String>> {
        let mut file = File::open(&path)?;
        let bytes = file.metadata()?.len();
        if bytes != sum.bytes {
            return Ok(Some(format!("has {bytes} bytes instead of {}", sum.bytes)));
        }
        let (mut hash, mut buffer) = (Xxh3::new(), vec![0; BUFFER_BYTES.min(bytes as usize + 1)]);
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    hash.update(&buffer[..length]);
                    seen.fetch_add(length as u64, Ordering::Relaxed);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok((hash.digest() != sum.xxh3).then(|| "does not hold what was written".into()))
    };
    read().or_else(|error| unreadable(&path, error).map(Some))
}

/// Fails if a file of the segment `id` is not what the commit tells of it.
pub(super) fn segment(folder: &Path, id: &str, sums: &Sums) -> Result<()> {
    for (name, sum) in sums.iter().filter(|(name, _)| name.starts_with(id) && !name.ends_with(".del")) {
        if let Some(flaw) = flaw(folder, name, *sum, &AtomicU64::new(0))? {
            return Err(Error::Damaged { path: folder.to_path_buf(), detail: format!("{name} {flaw}") });
        }
    }
    Ok(())
}

/// A file that cannot be read, in words if that is damage.
fn unreadable(path: &Path, error: io::Error) -> Result<String> {
    match error.kind() {
        io::ErrorKind::NotFound => Ok("is missing".into()),
        io::ErrorKind::InvalidData => Ok("does not hold what was written".into()),
        // What the disk cannot give back; all else is about the one who asks.
        _ if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => {
            Ok(format!("cannot be read: {error}"))
        }
        _ => Err(Error::Read { path: path.to_path_buf(), source: error }),
    }
}

/// What is wrong with the tag of the folder, in words.
pub(crate) fn tag_flaw(folder: &Path) -> Result<Option<String>> {
    let path = folder.join(super::TAG);
    match fs::read(&path) {
        Ok(bytes) if bytes == CACHEDIR_TAG.as_bytes() => Ok(None),
        Ok(_) => Ok(Some("does not hold what was written".into())),
        Err(error) => unreadable(&path, error).map(Some),
    }
}

/// The names in `folder` that no part of the index has, in order.
pub(crate) fn strays(folder: &Path, sums: &Sums) -> Result<BTreeSet<String>> {
    let failed = |source| Error::Read { path: folder.to_path_buf(), source };
    let mut strays = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let is_ours = [META, marker::NAME, super::TAG, lock::NAME].contains(&name.as_str()) || is_kept_by_git(&name);
        if !is_ours && !sums.contains_key(&name) {
            strays.insert(name);
        }
    }
    Ok(strays)
}

/// Whether the next writer removes a stray of this name: an interrupted one left it.
pub(crate) fn is_swept(name: &str) -> bool {
    directory::is_engine_file(name) || payload::is_layer(name) || directory::is_leftover(name)
}
