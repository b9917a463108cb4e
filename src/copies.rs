//! Which documents are nearly the same: groups of them, and the nearest of one text; and what others have in common.
//!
//! In: the fingerprints that ingest left, which find the likes of a text without comparing all pairs (`candidates`). Out:
//! what the texts themselves say, read again and compared shingle by shingle (`judge`), for a sketch only guesses. Documents
//! that are not nearly the same may still share a paragraph (`passages`). Whatever segments and threads the index was made
//! by, the same files give the same groups and passages.

mod candidates;
mod groups;
mod judge;
mod passages;
mod shingles;
mod similar;
mod text;

use std::path::PathBuf;

pub use groups::Groups;
pub use passages::{LEAST_WORDS, Options, Passage, Place, Told, Unread, passages};
pub use similar::similar;

pub(crate) use judge::{Judge, Known, Share};
pub(crate) use text::read;

use crate::fingerprint::Fingerprint;

/// Documents that have this share of their shingles in common are nearly the same.
pub const NEAR: f32 = 0.8;

/// A document and how much of it is the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// The absolute path.
    pub path: PathBuf,
    /// The part of the shingles in either text that is in both, from 0 to 1; not more than the shorter is of the longer.
    pub share: f32,
    /// The share is a guess by the fingerprints: a file is gone or changed since its ingest, or very large.
    pub estimated: bool,
}

/// How far an estimate may be off, in standard deviations, before nobody would believe it.
const DOUBT: f32 = 3.5;

/// Whether two texts may have the share `least` in common; if so, the estimate.
pub(crate) fn may_share(a: &Fingerprint, b: &Fingerprint, least: f32) -> Option<f32> {
    if a.lengths(b) < least {
        return None;
    }
    let share = a.share(b);
    let is_exact = a.is_whole() && b.is_whole();
    let margin = if is_exact { 0.0 } else { DOUBT * a.deviation(b, least) };
    (share > 0.0 && share >= least - margin).then_some(share)
}
