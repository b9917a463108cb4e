//! How much there is to walk, for whoever shows how far a run got.

use std::path::Path;
use std::sync::atomic::Ordering;

use super::scope::{Plan, Request, Scope};
use super::{Options, Watch};
use crate::index::{self, Marker, Records, Snapshot};
use crate::{Error, Result, walk};

/// Counts what a run of this request comes by, into [`Watch::expected`]; ends early when the run has stopped or the
/// walk it looks ahead of is over.
///
/// It walks the trees a second time (0.15 s for 79,000 files in the cache), so it is for runs that take longer than that.
///
/// # Errors
/// If the request makes no sense; the run itself says so, too.
pub fn survey(folder: &Path, request: &Request, options: &Options, watch: &Watch) -> Result<()> {
    let (marker, records) = match index::is_index(folder) {
        true => Snapshot::open(folder).map(|snapshot| (snapshot.marker, snapshot.records))?,
        false => (Marker::new(), Records::default()),
    };
    let plan = Plan::new(folder, marker, request, &records, &options.global_excludes)?;
    let mut count = 0;
    for scope in &plan.scopes {
        match scope {
            Scope::Files { files, .. } => count += files.len() as u64,
            Scope::Missing(_) => count += 1,
            Scope::Tree { source, start, prune } => {
                let Some(source) = plan.marker.source(*source) else { continue };
                let walk = walk::tree(&source.root, start, &source.rules, options.global_excludes.as_deref());
                let walk = walk.map_err(|error| Error::Rule { message: error.to_string() })?;
                for _ in walk.prune(prune.iter().cloned()) {
                    count += 1;
                    if watch.stopped() || watch.walked.load(Ordering::Relaxed) {
                        return Ok(());
                    }
                }
            }
        }
    }
    watch.expected.store(count, Ordering::Relaxed);
    Ok(())
}
