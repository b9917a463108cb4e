//! A file becomes text: opened without waiting, read as far as it was long, told apart from what is no text.

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::Encoding;
use rustix::io::Errno;
use xxhash_rust::xxh3::xxh3_128;

use crate::decode::{self, Refused};
use crate::index::{Reason, Record, State, Version};
use crate::snippet::Checkpoints;
use crate::walk::{Stat, secret};

/// A file to be read, and what was known of it.
pub(super) struct Job {
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
    pub(super) source: u32,
    pub(super) old: Option<Record>,
    /// The encoding a user insisted on.
    pub(super) forced: Option<&'static Encoding>,
    /// The index is to keep the text.
    pub(super) stored: bool,
    /// What is larger is not read.
    pub(super) max_bytes: u64,
    /// The root of its source, if links below that are not followed.
    pub(super) within: Option<Arc<Path>>,
    /// Private keys are read as well.
    pub(super) secrets: bool,
}

/// What reading a file gave.
pub(super) enum Got<'a> {
    /// Text that is not in the index yet: its record lacks the uid and the counts of tokens.
    Text { record: Record, text: std::borrow::Cow<'a, str>, checkpoints: Option<Checkpoints> },
    /// The same bytes as before: the record has new times.
    Same(Record),
    /// No text; the record says why.
    Skipped(Record),
    /// It is gone since it was listed.
    Vanished,
    /// The system has nothing left for this process, which is not the file's fault.
    Failed(io::Error),
}

/// How coarse a clock may stamp files: the kernel's tick is 10 ms at most.
const TICK_NS: i64 = 10_000_000;
/// File systems that keep whole seconds only (FAT keeps every other one).
const SECOND_NS: i64 = 1_000_000_000;

/// Reads the file of `job` into `buffer` and finds out what it is.
pub(super) fn read<'a>(job: &Job, buffer: &'a mut Vec<u8>) -> Got<'a> {
    match try_read(job, buffer) {
        Ok(got) => got,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Got::Vanished,
        Err(error) if is_own_shortage(&error) => Got::Failed(error),
        Err(error) => Got::Skipped(record(job, job.stat, false, Reason::Unreadable, error.to_string())),
    }
}

/// Whether the process has run out of file descriptors or memory.
pub(super) fn is_own_shortage(error: &io::Error) -> bool {
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::NOMEM].map(Errno::raw_os_error);
    error.raw_os_error().is_some_and(|code| shortages.contains(&code))
}

fn try_read<'a>(job: &Job, buffer: &'a mut Vec<u8>) -> io::Result<Got<'a>> {
    let began_ns = crate::index::now_ns();
    let (file, metadata) = match crate::read::open(&job.path) {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            return Ok(Got::Skipped(record(job, job.stat, true, Reason::Special, "it changed meanwhile".into())));
        }
        opened => opened?,
    };
    let stat = Stat { device: 0, ..Stat::of(&metadata) };
    if stat.inode != job.stat.inode
        && let Some(root) = &job.within
        && crate::read::passes_link(root, &job.path)
    {
        return Ok(Got::Skipped(record(job, job.stat, true, Reason::Link, "it changed meanwhile".into())));
    }
    if stat.size > job.max_bytes {
        return Ok(Got::Skipped(record(job, stat, true, Reason::TooLarge, String::new())));
    }
    let refused = fill(&file, stat.size, job.forced, buffer)?;
    let after = Stat { device: 0, ..Stat::of(&file.metadata()?) };
    let racy = after != stat || is_recent(&stat, began_ns);
    let skipped = |reason, detail: &str| Ok(Got::Skipped(record(job, stat, racy, reason, detail.to_string())));
    match refused {
        Some(Refused::Binary) => return skipped(Reason::Binary, ""),
        Some(Refused::Format(name)) => return skipped(Reason::Format, name),
        None if buffer.is_empty() => return skipped(Reason::Empty, ""),
        None => {}
    }
    if !job.secrets
        && let Some(what) = secret::in_content(&job.path, buffer)
    {
        return skipped(Reason::Secret, what);
    }
    let hash = xxh3_128(buffer);
    if let Some(old) = &job.old
        && let State::Indexed(version) = &old.state
        && version.hash == hash
        && version.stored == job.stored
        && version.forced == job.forced.is_some()
        && old.source == job.source // the path is indexed as seen from its source
        && job.forced.is_none_or(|forced| encoding_name(forced) == version.encoding)
    {
        return Ok(Got::Same(Record { stat, racy, source: job.source, ..old.clone() }));
    }
    match decode::decode(buffer, job.forced) {
        Ok(decoded) => {
            let (encoding, stored) = (encoding_name(decoded.encoding).to_string(), job.stored);
            let forced = job.forced.is_some();
            let version = Version { hash, encoding, stored, forced, ..Version::default() };
            let record = Record {
                path: job.path.as_os_str().as_bytes().to_vec(),
                source: job.source,
                stat,
                racy,
                state: State::Indexed(version),
            };
            let checkpoints = decode::pieces::checkpoints(buffer, &decoded);
            Ok(Got::Text { record, text: decoded.text, checkpoints })
        }
        Err(Refused::Binary) => skipped(Reason::Binary, ""),
        Err(Refused::Format(name)) => skipped(Reason::Format, name),
    }
}

/// Reads at most `length` bytes: a file that grows meanwhile is read as far as it was long, and looked at again by the
/// next run. Stops after the head of a large file if that shows that the file is no text.
fn fill(file: &File, length: u64, forced: Option<&Encoding>, buffer: &mut Vec<u8>) -> io::Result<Option<Refused>> {
    buffer.clear();
    let head = if length > AT_ONCE_BYTES { decode::HEAD_BYTES as u64 } else { length };
    crate::read::to(file, head, buffer)?;
    if forced.is_none()
        && let Some(refused) = decode::sniff(buffer)
    {
        return Ok(Some(refused));
    }
    crate::read::to(file, length, buffer)?;
    buffer.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    Ok(None)
}

/// A file of this size is read in one go: it takes less time than to ask the system twice.
const AT_ONCE_BYTES: u64 = 256 << 10;

/// The name under which a record keeps an encoding; UTF-8 goes without saying.
pub(crate) fn encoding_name(encoding: &'static Encoding) -> &'static str {
    if encoding == encoding_rs::UTF_8 { "" } else { encoding.name() }
}

/// Whether the file was modified so close to `now_ns` that it may change once more without a new time.
fn is_recent(stat: &Stat, now_ns: i64) -> bool {
    let is_close = |at: i64| {
        let grain = if at % SECOND_NS == 0 { 2 * SECOND_NS } else { TICK_NS };
        now_ns.abs_diff(at) <= grain as u64
    };
    is_close(stat.mtime_ns) || is_close(stat.ctime_ns)
}

fn record(job: &Job, stat: Stat, racy: bool, reason: Reason, detail: String) -> Record {
    Record {
        path: job.path.as_os_str().as_bytes().to_vec(),
        source: job.source,
        stat: Stat { device: 0, ..stat },
        racy,
        state: State::Skipped { reason, detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_that_took_the_place_of_a_file_or_folder_since_the_walk_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        for folder in ["tree/sub", "outside"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["tree/sub/a.txt", "tree/b.txt", "outside/a.txt", "outside/b.txt"] {
            fs::write(at(file), file).unwrap();
        }
        let job = |file: &str, within: Option<&str>| Job {
            path: at(file),
            stat: crate::walk::stat(&at(file)).unwrap().0,
            source: 1,
            old: None,
            forced: None,
            stored: false,
            max_bytes: 1 << 20,
            within: within.map(|root| at(root).into()),
            secrets: false,
        };
        let strict = [job("tree/sub/a.txt", Some("tree")), job("tree/b.txt", Some("tree"))];
        let lax = [job("tree/sub/a.txt", None), job("tree/b.txt", None)];
        let mut buffer = Vec::new();
        for job in &strict {
            assert!(matches!(read(job, &mut buffer), Got::Text { .. }));
        }
        fs::rename(at("tree/sub"), at("gone")).unwrap();
        symlink(at("outside"), at("tree/sub")).unwrap();
        fs::rename(at("tree/b.txt"), at("gone.txt")).unwrap();
        symlink(at("outside/b.txt"), at("tree/b.txt")).unwrap();
        for (strict, lax) in strict.iter().zip(&lax) {
            let Got::Skipped(record) = read(strict, &mut buffer) else { panic!("{:?}", strict.path) };
            assert!(matches!(record.state, State::Skipped { reason: Reason::Link, .. }));
            assert!(matches!(read(lax, &mut buffer), Got::Text { .. }));
        }
    }

    #[test]
    fn a_file_is_recent_within_the_grain_of_its_clock() {
        let at = |ns| Stat { mtime_ns: ns, ctime_ns: ns, ..Stat::default() };
        let now = 1_000_000 * SECOND_NS + 500;
        let rows = [
            (now, true),
            (now - TICK_NS, true),
            (now - TICK_NS - 1, false),
            (999_999 * SECOND_NS, true),
            (999_997 * SECOND_NS, false),
            (now + SECOND_NS, false),
        ];
        for (modified, expected) in rows {
            assert_eq!(is_recent(&at(modified), now), expected, "{modified}");
        }
    }
}
