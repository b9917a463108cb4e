//! Opening a file that may have become anything since it was listed.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

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

/// Whether a symbolic link lies on the way from `root` to `path`, or is the path.
pub(crate) fn passes_link(root: &Path, path: &Path) -> bool {
    path.ancestors().take_while(|ancestor| *ancestor != root && ancestor.starts_with(root)).any(Path::is_symlink)
}
