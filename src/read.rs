//! Opening and reading a file that may have become anything since it was listed.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::OFlags;
use rustix::io::Errno;

/// Opens a regular file for reading. What is not one is an error of the kind `InvalidInput`, and never waited for: a pipe
/// may have taken the file's place.
pub(crate) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok((file, metadata))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }
}

/// Reads on until `buffer` holds at least `length` bytes or the file ends; with one call of the system where the file is
/// as long. `Read::read_to_end` takes five for a file of 50 KB.
pub(crate) fn to(file: &File, length: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    while buffer.len() < length {
        buffer.try_reserve_exact(length - buffer.len()).map_err(|_| io::Error::from(Errno::NOMEM))?;
        match rustix::io::read(file, spare_capacity(buffer)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Whether a symbolic link lies on the way from `root` to `path`, or is the path.
pub(crate) fn passes_link(root: &Path, path: &Path) -> bool {
    path.ancestors().take_while(|ancestor| *ancestor != root && ancestor.starts_with(root)).any(Path::is_symlink)
}
