//! Which files are worth reading, always in path order: in goes the path of a source with the rules
//! it is walked with, out comes everything an ingest must account for, one [`Found`] at a time.
//!
//! The files are those of `rg --files`: see [`Rules`] for what may be changed about that. Nothing is
//! left out in silence: what the rules exclude is handed out too, as [`Found::Skipped`] with its
//! reason, an excluded folder once for all that lies below it. Only folders and rule files are ever
//! opened, and no more is remembered than the listings of the folders on the way to the present
//! place, so memory does not grow with the tree.

mod found;
mod order;
mod rule_file;
mod rules;
mod scope;
pub(crate) mod secret;
mod stat;

use std::{
    collections::{HashSet, VecDeque},
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use walkdir::{DirEntry, WalkDir};

pub use found::{Found, Skip};
pub use order::{bytes_order, path_order};
pub use rules::{DEFAULT_MAX_BYTES, Error, Rules};
use scope::{Filter, Scope};
pub use secret::secret_name;
pub(crate) use stat::stat_followed;
pub use stat::{Kind, Stat, stat};

/// Files in a folder that together say: this is an index of indago, no text. In path order.
const INDEX_MARKERS: [&str; 2] = ["CACHEDIR.TAG", "indago.json"];

/// Walks what lies at and below `start`, which is `source_root` or lies below it, both absolute.
///
/// A `start` below the root is judged as in a walk of the whole source: the rule files above it
/// count, and if it or a folder between it and the root is excluded, it comes back as skipped.
/// A `start` that is a file is taken whatever the rules say, its size apart, and a `start` that is a
/// symbolic link is followed. `global_excludes` is git's file of excludes for all repositories.
///
/// Fails when a glob in `rules` cannot be understood; anything else that goes wrong is handed out
/// by the walk.
///
/// ```
/// use indago::walk::{self, Found, Rules};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let notes = tempfile::tempdir()?;
/// std::fs::write(notes.path().join("tides.txt"), "ebb and flow")?;
/// std::fs::write(notes.path().join(".draft"), "not yet")?;
/// let mut found = walk::tree(notes.path(), notes.path(), &Rules::default(), None)?;
/// assert!(matches!(found.next(), Some(Found::Skipped { reason: walk::Skip::Hidden, .. })));
/// assert!(matches!(found.next(), Some(Found::File { .. })));
/// assert!(found.next().is_none());
/// # Ok(())
/// # }
/// ```
pub fn tree(source_root: &Path, start: &Path, rules: &Rules, global_excludes: Option<&Path>) -> Result<Walk, Error> {
    let mut ready = VecDeque::new();
    let mut walk = Walk {
        filter: Filter::new(source_root, rules, global_excludes, &mut ready)?,
        follow: rules.follow,
        max_bytes: rules.max_bytes.unwrap_or(DEFAULT_MAX_BYTES),
        pruned: HashSet::new(),
        listings: Vec::new(),
        folders: Vec::new(),
        ready,
    };
    let first = walk.start(start);
    walk.ready.extend(first);
    Ok(walk)
}

/// Why a walk of the source would not come to `path`, a file or folder in it, if it would not.
///
/// # Errors
/// When a glob in `rules` cannot be understood.
pub fn excluded(
    source_root: &Path,
    path: &Path,
    rules: &Rules,
    global_excludes: Option<&Path>,
) -> Result<Option<Skip>, Error> {
    let mut troubles = VecDeque::new();
    let filter = Filter::new(source_root, rules, global_excludes, &mut troubles)?;
    if path == source_root {
        return Ok(None);
    }
    let folder = path.parent().unwrap_or(source_root);
    let scope = match filter.scope_above(folder, &mut troubles) {
        Ok(scope) => filter.enter(&scope, folder, &mut troubles),
        Err(skip) => return Ok(Some(skip)),
    };
    Ok(filter.excludes(&scope, path, path.is_dir()))
}

/// What lies below a start, in path order; made by [`tree`].
pub struct Walk {
    filter: Filter,
    follow: bool,
    max_bytes: u64,
    pruned: HashSet<PathBuf>,
    /// The walk of `start`, and one more for each link to a folder that was followed on the way.
    listings: Vec<Listing>,
    /// The folders on the way to the present place, `start` first.
    folders: Vec<Folder>,
    /// What is to be handed out before the walk goes on.
    ready: VecDeque<Found>,
}

struct Listing {
    entries: walkdir::IntoIter,
    /// How many folders lead to the one listed: what to add to walkdir's depths.
    depth: usize,
}

struct Folder {
    path: PathBuf,
    stat: Stat,
    /// The rules of the parent, until the first entry shows whether there are more.
    scope: Arc<Scope>,
    stage: Stage,
}

/// What is known of the names in a folder.
enum Stage {
    /// Nothing yet.
    Opened,
    /// Some of them will stay unknown.
    Troubled,
    /// All that matters: the folder is no index, and its rule files are read.
    Settled,
}

impl Walk {
    /// Leaves out these paths and all below them, without a word: they are sources of their own.
    #[must_use]
    pub fn prune(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Walk {
        self.pruned.extend(paths);
        self
    }

    fn start(&mut self, start: &Path) -> Option<Found> {
        let path = start.to_path_buf();
        let metadata = match fs::metadata(start) {
            Ok(metadata) => metadata,
            Err(error) => return Some(Found::Trouble { path, error }),
        };
        if !metadata.is_dir() {
            return Some(self.leaf(path, &metadata));
        }
        match self.filter.scope_above(start, &mut self.ready) {
            Ok(scope) => {
                let stat = Stat::of(&metadata);
                let parent = start.parent().and_then(|parent| fs::metadata(parent).ok());
                let device = parent.map_or(stat.device, |parent| Stat::of(&parent).device);
                self.open(path, stat, device, scope);
                self.list();
                None
            }
            Err(reason) => Some(Found::Skipped { path, reason, stat: None }),
        }
    }

    /// Judges one entry; a folder that is to be walked yields nothing itself.
    fn entry(&mut self, entry: DirEntry) -> Option<Found> {
        let depth = self.listings.last()?.depth + entry.depth();
        self.folders.truncate(depth);
        let listed = entry.file_type().is_dir();
        if let Some(index) = self.settle(&entry) {
            self.leave(listed);
            self.leave(true);
            return Some(index);
        }
        let parent = self.folders.last()?;
        if !self.pruned.is_empty() && self.pruned.contains(entry.path()) {
            self.leave(listed);
            return None;
        }
        let linked = (self.follow && entry.path_is_symlink()).then(|| fs::metadata(entry.path()));
        let is_folder = listed || matches!(&linked, Some(Ok(target)) if target.is_dir());
        if let Some(reason) = self.filter.excludes(&parent.scope, entry.path(), is_folder) {
            self.leave(listed);
            return Some(Found::Skipped { path: entry.into_path(), reason, stat: None });
        }
        let metadata = match linked {
            Some(Err(error)) => return Some(unfollowed(entry.into_path(), error)),
            Some(Ok(target)) => target,
            None => match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) => {
                    self.leave(listed);
                    return Some(Found::Trouble { path: entry.into_path(), error: error.into() });
                }
            },
        };
        if is_folder != metadata.is_dir() {
            self.leave(listed);
            return Some(Found::Trouble {
                path: entry.into_path(),
                error: io::Error::other("it changed into something else during the walk"),
            });
        }
        if is_folder { self.folder(entry, Stat::of(&metadata)) } else { Some(self.leaf(entry.into_path(), &metadata)) }
    }

    fn folder(&mut self, entry: DirEntry, stat: Stat) -> Option<Found> {
        let linked = entry.path_is_symlink();
        let path = entry.into_path();
        let same = |above: &Folder| (above.stat.device, above.stat.inode) == (stat.device, stat.inode);
        if linked && self.folders.iter().any(same) {
            return Some(Found::Skipped { path, reason: Skip::LinkLoop, stat: Some(stat) });
        }
        let parent = self.folders.last()?;
        self.open(path, stat, parent.stat.device, Arc::clone(&parent.scope));
        if linked {
            self.list(); // walkdir, which is not told to follow links, does not
        }
        None
    }

    fn open(&mut self, path: PathBuf, stat: Stat, parent_device: u64, scope: Arc<Scope>) {
        if stat.device != parent_device {
            self.ready.push_back(Found::Mount { path: path.clone() });
        }
        self.folders.push(Folder { path, stat, scope, stage: Stage::Opened });
    }

    /// Begins a listing of the folder opened last.
    fn list(&mut self) {
        let Some(folder) = self.folders.last() else {
            return;
        };
        // All entries of a folder share its path, so comparing whole paths compares their names,
        // and saves taking the paths apart.
        let entries = WalkDir::new(&folder.path)
            .min_depth(1)
            .sort_by(|a, b| a.path().as_os_str().as_bytes().cmp(b.path().as_os_str().as_bytes()))
            .into_iter();
        self.listings.push(Listing { entries, depth: self.folders.len() - 1 });
    }

    /// Finds out, at the first name in a folder, which rules it adds; yields it if it is an index.
    ///
    /// Names come in order, so the first tells which special ones cannot follow. In most folders
    /// that is all of them, and nothing need be looked for.
    fn settle(&mut self, first: &DirEntry) -> Option<Found> {
        let folder = self.folders.last_mut()?;
        let first_name = match std::mem::replace(&mut folder.stage, Stage::Settled) {
            Stage::Settled => return None,
            Stage::Troubled => b"", // any name may have been missed
            Stage::Opened => first.file_name().as_bytes(),
        };
        let may_hold = |name: &str| first_name <= name.as_bytes();
        if may_hold(INDEX_MARKERS[0]) && is_index(&folder.path) {
            let Folder { path, stat, .. } = self.folders.pop()?;
            return Some(Found::Skipped { path, reason: Skip::Index, stat: Some(stat) });
        }
        if may_hold(scope::LAST_NAME) {
            folder.scope = self.filter.enter(&folder.scope, &folder.path, &mut self.ready);
        }
        None
    }

    /// Leaves the folder walkdir came to last, if it is one walkdir has listed.
    fn leave(&mut self, listed: bool) {
        if let Some(listing) = self.listings.last_mut().filter(|_| listed) {
            listing.entries.skip_current_dir();
        }
    }

    /// Judges what is not a folder, by what kind of thing it is and by its size.
    fn leaf(&self, path: PathBuf, metadata: &fs::Metadata) -> Found {
        let stat = Stat::of(metadata);
        let reason = match Kind::of(metadata.file_type()) {
            Kind::File if stat.size <= self.max_bytes => return Found::File { path, stat },
            Kind::File => Skip::TooLarge,
            Kind::Link => Skip::Link,
            Kind::Folder => Skip::NotRegular("folder"), // no caller comes here with one
            Kind::Other(kind) => Skip::NotRegular(kind),
        };
        Found::Skipped { path, reason, stat: Some(stat) }
    }

    fn trouble(&mut self, depth: usize, error: walkdir::Error) -> Found {
        let mut path = error.path().map(Path::to_path_buf).unwrap_or_default();
        if error.path().is_none() {
            // A listing failed midway: that of the folder above the error's depth.
            self.folders.truncate(depth + error.depth());
            if let Some(folder) = self.folders.last_mut() {
                folder.stage = Stage::Troubled;
                path.clone_from(&folder.path);
            }
        }
        Found::Trouble { path, error: error.into() }
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.ready.pop_front() {
                return Some(found);
            }
            let listing = self.listings.last_mut()?;
            let depth = listing.depth;
            match listing.entries.next() {
                None => drop(self.listings.pop()),
                Some(Err(error)) => return Some(self.trouble(depth, error)),
                Some(Ok(entry)) => {
                    // Behind what its folder's rules or the entry itself left there.
                    let found = self.entry(entry);
                    self.ready.extend(found);
                }
            }
        }
    }
}

/// A link whose end could not be looked at.
fn unfollowed(path: PathBuf, error: io::Error) -> Found {
    /// The number of ELOOP, for which the standard library has no stable name yet.
    const TOO_MANY_LINKS: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };
    let reason = match error.kind() {
        _ if error.raw_os_error() == Some(TOO_MANY_LINKS) => Skip::LinkLoop,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Skip::BrokenLink,
        _ => return Found::Trouble { path, error },
    };
    Found::Skipped { path, reason, stat: None }
}

/// Whether a folder is an index of indago: both markers lie in it, and the first names indago.
fn is_index(folder: &Path) -> bool {
    let [tag, marker] = INDEX_MARKERS.map(|name| folder.join(name));
    let regular = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    regular(&tag) && regular(&marker) && begins_with_indago(&marker).unwrap_or(false)
}

/// Whether `"indago"` stands near the beginning of a file.
fn begins_with_indago(marker: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(fs::File::open(marker)?, 512), &mut start)?;
    Ok(start.windows(8).any(|bytes| bytes == b"\"indago\""))
}
