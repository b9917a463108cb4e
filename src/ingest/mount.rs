//! Mount points: a folder that waits for its disk has lost nothing.

use std::path::Path;

use crate::walk;

/// Whether `folder`, a mount point once, is none now and has nothing in it: not emptied, but unmounted.
pub(super) fn is_unmounted(folder: &Path) -> bool {
    let is_empty = || folder.read_dir().map_or(true, |mut entries| entries.next().is_none());
    !is_mount(folder) && is_empty()
}

/// Whether something is mounted at `folder` now.
pub(super) fn is_mount(folder: &Path) -> bool {
    let device = |path: &Path| walk::stat_followed(path).ok().map(|(stat, _)| stat.device);
    match (device(folder), folder.parent().and_then(device)) {
        (Some(inside), Some(outside)) => inside != outside,
        (inside, None) => inside.is_some(),
        (None, Some(_)) => false,
    }
}
