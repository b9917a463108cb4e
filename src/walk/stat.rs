//! What one stat tells of a file: enough to see later whether it changed.

use std::{
    fs::{FileType, Metadata},
    io,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::Path,
};

/// What one stat tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stat {
    /// Length in bytes.
    pub size: u64,
    /// When the content last changed, in nanoseconds since 1970; saturates beyond 1677 and 2262.
    pub mtime_ns: i64,
    /// When content, name or rights last changed, in nanoseconds as above.
    pub ctime_ns: i64,
    /// The number of the file on its device.
    pub inode: u64,
    /// The device it lies on; may be another after a restart.
    pub device: u64,
}

impl Stat {
    pub(crate) fn of(metadata: &Metadata) -> Stat {
        Stat {
            size: metadata.len(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }
}

/// What kind of thing a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, socket or device, by that name.
    Other(&'static str),
}

impl Kind {
    pub(super) fn of(file_type: FileType) -> Kind {
        match file_type {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_fifo() => Kind::Other("pipe"),
            kind if kind.is_socket() => Kind::Other("socket"),
            kind if kind.is_block_device() || kind.is_char_device() => Kind::Other("device"),
            _ => Kind::Other("special file"),
        }
    }
}

/// Looks at one path without following a symbolic link and without opening anything.
///
/// ```
/// use indago::walk::{Kind, stat};
///
/// assert_eq!(stat("/dev/null".as_ref()).unwrap().1, Kind::Other("device"));
/// ```
pub fn stat(path: &Path) -> io::Result<(Stat, Kind)> {
    let metadata = path.symlink_metadata()?;
    Ok((Stat::of(&metadata), Kind::of(metadata.file_type())))
}

/// Like [`stat`], but of what a symbolic link leads to.
pub(crate) fn stat_followed(path: &Path) -> io::Result<(Stat, Kind)> {
    let metadata = path.metadata()?;
    Ok((Stat::of(&metadata), Kind::of(metadata.file_type())))
}

fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}
