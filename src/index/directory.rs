//! The directory that tantivy writes to and reads from: an `mmap` directory with our own promises on top.
//!
//! Comes in: tantivy's calls. Goes out: files in the index folder. What it changes, and why:
//! - Files are synced together in [`Directory::sync_directory`], which tantivy calls right before it replaces
//!   `meta.json`, instead of one by one; the folder is synced once more after that replacement, so that a commit
//!   that returned survives a power cut.
//! - Readers take no lock (tantivy's own opens a lock file for writing, blocks on it, and fails on a read-only index).
//!   Instead the whole opening is tried again when a segment vanished meanwhile, see the snapshot's opening.
//! - The list of managed files is read off the folder instead of being kept in a file of its own, so there is nothing to
//!   sync for it, and nothing that could be damaged; what a killed writer left is found by the next one.
//! - Readers read pieces of up to 4 KiB with a call of the system instead of touching mapped pages (`Pieced`).
//! - What is written goes to the system in whole mebibytes, so that it lies in large pages of the system's cache.
//! - The length and the checksum of each file are kept with the commit (`sums`). A file of another length is refused before
//!   it is mapped, so that no read ever meets its end, and what is small is read whole and verified.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use tantivy::directory::error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Advice, AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};
use tantivy::{Directory, HasLen};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::sums::{self, Sum, Sums};

/// The one file that switches between states.
pub(crate) const META: &str = "meta.json";

/// Tantivy's list of the files it may delete.
const MANAGED: &str = ".managed.json";

/// Files up to this are read whole and verified whenever they are opened; larger ones are mapped, and verified by `check`
/// and before they are merged. So are lists of deleted documents, whatever their size: a writer makes new ones of them.
const SMALL_BYTES: u64 = 128 << 10;

/// How many bytes a writer gathers before it calls the system.
///
/// The system's cache keeps what comes in one call in pages as large as that, if it begins at a multiple of its length:
/// of an index of 78,000 files a question then meets 690 page faults instead of 940, at no cost of the ingest.
const WRITE_BYTES: usize = 1 << 20;

/// Pieces up to this are read, longer ones mapped.
///
/// Reading some hundred bytes takes half a microsecond; touching a page that was not touched takes 3, and another 1.5
/// when it is unmapped, for which 64 KiB around it are at hand.
const PIECE_BYTES: usize = 1 << 12;

/// The index folder as tantivy sees it.
#[derive(Clone)]
pub(crate) struct Folder {
    inner: MmapDirectory,
    path: Arc<PathBuf>,
    unsynced: Arc<Mutex<Vec<File>>>,
    /// The files of the commit read last, and those written since.
    sums: Arc<Mutex<Sums>>,
    /// What `meta.json` is taken to say until it is written again.
    instead: Arc<Mutex<Option<Vec<u8>>>>,
    role: Role,
}

/// Who opens the folder: what is mapped is read differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Touches a few pages of each file: no read-ahead (a cold first question took 128 ms with it, 20 without).
    Reader,
    /// Merges read whole files from front to back.
    Writer,
}

impl Folder {
    /// Opens the folder `path`, which must exist.
    pub(crate) fn open(path: &Path, role: Role) -> Result<Folder, OpenDirectoryError> {
        let inner = match role {
            Role::Reader => MmapDirectory::open_with_madvice(path, Advice::Random)?,
            Role::Writer => MmapDirectory::open(path)?,
        };
        let (unsynced, sums, instead) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Folder { inner, path: Arc::new(path.to_path_buf()), unsynced, sums, instead, role })
    }

    /// Whether a writer opened it.
    pub(super) fn is_writing(&self) -> bool {
        self.role == Role::Writer
    }

    /// What the files of the commit read last, and those written since, hold.
    pub(super) fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `json` for the committed state until the next commit: what is to be mended is left out of it.
    pub(super) fn pretend(&self, json: Vec<u8>) {
        *self.instead.lock().unwrap_or_else(PoisonError::into_inner) = Some(json);
    }

    /// Whether `bytes` are what was written to the file `name`.
    pub(super) fn is_sound(&self, name: &str, bytes: &[u8]) -> bool {
        self.sums().get(name).is_some_and(|sum| *sum == Sum { bytes: bytes.len() as u64, xxh3: xxh3_64(bytes) })
    }

    /// Creates the file `name`, to be synced with the next commit; an existing one is an error.
    pub(crate) fn create(&self, name: &Path) -> io::Result<SyncLater> {
        let file = private().write(true).create_new(true).open(self.path.join(name))?;
        let (name, unsynced) = (name.to_string_lossy().into_owned(), Arc::clone(&self.unsynced));
        let (gathered, sums) = (Vec::with_capacity(WRITE_BYTES), Arc::clone(&self.sums));
        Ok(SyncLater { file, name, gathered, bytes: 0, hash: Xxh3::new(), unsynced, sums })
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Folder({})", self.path.display())
    }
}

/// Opens files that only their owner may read, whatever the umask.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// A new file without a name: it lies in `folder` as long as it is open.
pub(super) fn scratch(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".tmp-{}-run-{number}", std::process::id()));
    let file = private().read(true).write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// Replaces the file `path` by one with `content`, so that a reader sees the old or the new and a crash leaves one of them.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = folder.join(format!(".tmp-{}-{name}", std::process::id()));
    let written = (|| {
        let mut file = private().write(true).create(true).truncate(true).open(&fresh)?;
        file.write_all(content)?;
        file.sync_data()?;
        fs::rename(&fresh, path)?;
        File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        // What failed is told; the leftover is swept by the next writer if it cannot be removed now.
        let _ = fs::remove_file(&fresh);
    }
    written
}

/// Whether `name` is a file that [`replace`] left when it was killed.
pub(crate) fn is_leftover(name: &str) -> bool {
    name.starts_with(".tmp")
}

/// A file whose bytes reach the disk with the next commit. They go to the system in blocks of [`WRITE_BYTES`].
pub(crate) struct SyncLater {
    file: File,
    name: String,
    gathered: Vec<u8>,
    /// Handed to the system.
    bytes: u64,
    hash: Xxh3,
    unsynced: Arc<Mutex<Vec<File>>>,
    sums: Arc<Mutex<Sums>>,
}

impl SyncLater {
    /// Hands the finished file over to the next commit.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        let file = self.file.try_clone()?;
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner).push(file);
        let sum = Sum { bytes: self.bytes, xxh3: self.hash.digest() };
        self.sums.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name.clone(), sum);
        Ok(())
    }
}

impl Write for SyncLater {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(WRITE_BYTES - self.gathered.len());
        self.gathered.extend_from_slice(&bytes[..taken]);
        if self.gathered.len() == WRITE_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.gathered)?;
        self.hash.update(&self.gathered);
        self.bytes += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }
}

impl TerminatingWrite for SyncLater {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.finish()
    }
}

/// A file of which short pieces are read, and long ones mapped.
struct Pieced {
    file: File,
    map: Arc<dyn FileHandle>,
}

impl fmt::Debug for Pieced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pieced({:?})", self.file)
    }
}

impl HasLen for Pieced {
    fn len(&self) -> usize {
        self.map.len()
    }
}

impl FileHandle for Pieced {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.len() > PIECE_BYTES {
            return self.map.read_bytes(range);
        }
        let mut bytes = Vec::with_capacity(range.len());
        while bytes.len() < range.len() {
            let at = (range.start + bytes.len()) as u64;
            match rustix::io::pread(&self.file, spare_capacity(&mut bytes), at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        bytes.truncate(range.len());
        Ok(OwnedBytes::new(bytes))
    }
}

impl Directory for Folder {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let name = path.to_string_lossy();
        let sum = self.sums().get(name.as_ref()).copied();
        let failed = |error| OpenReadError::wrap_io_error(error, path.to_path_buf());
        match sum {
            Some(sum) if sum.bytes <= SMALL_BYTES || name.ends_with(".del") => {
                Ok(Arc::new(OwnedBytes::new(self.small(path, sum)?)))
            }
            Some(sum) => {
                let map = self.inner.get_file_handle(path)?;
                if map.len() as u64 != sum.bytes {
                    return Err(failed(garbled()));
                }
                if self.role == Role::Writer {
                    return Ok(map);
                }
                let file = File::open(self.path.join(path)).map_err(|error| missing_or(error, path))?;
                Ok(Arc::new(Pieced { file, map }))
            }
            // The writer's own, unfinished as yet.
            None if self.role == Role::Writer => self.inner.get_file_handle(path),
            None => Err(OpenReadError::FileDoesNotExist(path.to_path_buf())),
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = self.create(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_path_buf()),
            _ => OpenWriteError::wrap_io_error(error, path.to_path_buf()),
        })?;
        // The engine asks for this type; the file gathers by itself.
        Ok(BufWriter::with_capacity(0, Box::new(file)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new(MANAGED) {
            return match self.role {
                Role::Reader => Err(OpenReadError::FileDoesNotExist(path.to_path_buf())),
                Role::Writer => self.managed().map_err(|e| OpenReadError::wrap_io_error(e, path.to_path_buf())),
            };
        }
        if path != Path::new(META) {
            return self.inner.atomic_read(path);
        }
        if let Some(json) = self.instead.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            return Ok(json.clone());
        }
        let bytes = self.inner.atomic_read(path)?;
        let damaged = || OpenReadError::wrap_io_error(garbled(), path.to_path_buf());
        let (json, told) = sums::unseal(&bytes).ok_or_else(damaged)?;
        match self.role {
            Role::Reader => *self.sums() = told,
            Role::Writer => self.sums().extend(told),
        }
        Ok(json.to_vec())
    }

    fn atomic_write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        if path == Path::new(MANAGED) {
            return Ok(());
        }
        if path == Path::new(META) {
            let sealed = sums::seal(content, &self.sums()).map_err(io::Error::other)?;
            replace(&self.path.join(path), &sealed)?;
            *self.instead.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Ok(());
        }
        replace(&self.path.join(path), content)
    }

    fn sync_directory(&self) -> io::Result<()> {
        let files = std::mem::take(&mut *self.unsynced.lock().unwrap_or_else(PoisonError::into_inner));
        for file in files {
            file.sync_data()?;
        }
        File::open(self.path.as_path())?.sync_all()
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        // Writers hold indago's own lock before they come here; readers need none.
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

/// Why the file `path` cannot be opened.
fn missing_or(error: io::Error, path: &Path) -> OpenReadError {
    match error.kind() {
        io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_path_buf()),
        _ => OpenReadError::wrap_io_error(error, path.to_path_buf()),
    }
}

/// What a file is that does not hold what was written.
fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it does not hold what was written")
}

impl Folder {
    /// The bytes of a small file, verified.
    fn small(&self, path: &Path, sum: Sum) -> Result<Vec<u8>, OpenReadError> {
        let failed = |error: io::Error| missing_or(error, path);
        let mut bytes = Vec::with_capacity(sum.bytes as usize + 1);
        let file = File::open(self.path.join(path)).map_err(failed)?;
        // One more would show that the file is longer.
        file.take(sum.bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
        let is_sound = bytes.len() as u64 == sum.bytes && xxh3_64(&bytes) == sum.xxh3;
        if is_sound { Ok(bytes) } else { Err(failed(garbled())) }
    }

    /// Tantivy's list of managed files, made from what lies in the folder.
    fn managed(&self) -> io::Result<Vec<u8>> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(self.path.as_path())? {
            if let Ok(name) = entry?.file_name().into_string()
                && is_engine_file(&name)
            {
                names.insert(name);
            }
        }
        serde_json::to_vec(&names).map_err(io::Error::other)
    }
}

/// Whether `name` is one that tantivy gives: `meta.json`, or 32 hexadecimal digits and an extension.
pub(crate) fn is_engine_file(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    name == "meta.json" || (stem.len() == 32 && stem.len() < name.len() && stem.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_engines_files_are_listed_as_its_own() {
        let rows = [
            ("meta.json", true),
            ("0123456789abcdef0123456789abcdef.term", true),
            ("0123456789abcdef0123456789abcdef.17.del", true),
            ("0123456789abcdef0123456789abcdef", false),
            ("indago.json", false),
            ("records.12", false),
            (".gitkeep", false),
        ];
        for (name, expected) in rows {
            assert_eq!(is_engine_file(name), expected, "{name}");
        }
    }

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_beside_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("meta.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
