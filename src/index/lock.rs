//! One writer at a time: a file lock that dies with its process and names it meanwhile.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use crate::{Error, Result};

/// The file that is locked; its content names the holder.
pub(crate) const NAME: &str = "writer.lock";

/// How often the lock is tried before its holder is named.
const TRIES: usize = 3;
/// Longer than asking who writes takes.
const PAUSE: Duration = Duration::from_millis(5);

/// The right to write an index, held until dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock of the index `folder`, or says at once who holds it.
    pub(crate) fn take(folder: &Path) -> Result<WriterLock> {
        let path = folder.join(NAME);
        let failed = |source| Error::Write { path: path.clone(), source };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = options.map_err(failed)?;
        let mut tries = 0;
        let taken = loop {
            tries += 1;
            match file.try_lock() {
                // Whoever only asks who writes holds it for an instant.
                Err(TryLockError::WouldBlock) if tries < TRIES => std::thread::sleep(PAUSE),
                taken => break taken,
            }
        };
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { path: folder.to_path_buf(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        sign(&mut file).map_err(failed)?;
        Ok(WriterLock { file })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // The lock itself goes with the file; the name in it is only for people.
        let _ = self.file.set_len(0);
    }
}

/// The process that is writing the index `folder` now, in words, if any; needs no right to write.
pub fn writer(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join(NAME)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&mut file)),
        _ => None,
    }
}

/// Writes this process's name into the lock file.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {}", std::process::id())
}

/// Who signed the lock file.
fn holder(file: &mut File) -> String {
    let mut name = String::new();
    // A signature that is just being written is no reason to fail: the refusal stands without it.
    let read = file.rewind().and_then(|()| file.take(100).read_to_string(&mut name));
    match read {
        Ok(_) if name.starts_with("process ") => name,
        _ => "another process".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_told_who_writes() {
        let folder = tempfile::tempdir().unwrap();
        let lock = WriterLock::take(folder.path()).unwrap();
        let message = WriterLock::take(folder.path()).unwrap_err().to_string();
        assert!(message.ends_with(&format!("is being written by process {}", std::process::id())), "{message}");
        assert_eq!(writer(folder.path()), Some(format!("process {}", std::process::id())));
        drop(lock);
        assert_eq!(writer(folder.path()), None);
        WriterLock::take(folder.path()).unwrap();
    }
}
