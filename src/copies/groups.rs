//! Groups of documents that are nearly the same.
//!
//! Documents are taken in path order: each joins the group whose first member it has most in common with, if that is
//! enough, else it may begin a group of its own. So every member is like the first, and no chain of small changes makes
//! one group of texts that have nothing in common.

use std::collections::HashMap;
use std::path::Path;

use super::candidates::Buckets;
use super::{Judge, Known, Near, Share, judge, may_share};
use crate::Result;
use crate::index::{Snapshot, UID, is_below};

/// All documents of an index, each in its group; a document that is like no other is a group by itself.
pub struct Groups<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// In path order.
    pub(super) documents: Vec<Known>,
    /// Of each document, the first member of its group and what it has in common with that.
    pub(super) joined: Vec<(u32, Share)>,
}

impl<'a> Groups<'a> {
    /// Puts those documents into one group that have at least the share `least` in common with its first member.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn find(snapshot: &'a Snapshot, least: f32) -> Result<Groups<'a>> {
        let documents = documents(snapshot)?;
        let joined = join(&documents, least, &mut Judge::new(snapshot))?;
        Ok(Groups { snapshot, documents, joined })
    }

    /// Tells each group of several documents, in path order of the first members, until `each` returns `false`. The first
    /// member comes first, with the share 1; the others follow in path order.
    ///
    /// With `below`, only groups that have a member there.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn tell(&self, below: Option<&Path>, mut each: impl FnMut(Vec<Near>) -> bool) -> Result<()> {
        let mut members: Vec<(u32, u32)> =
            self.joined.iter().zip(0..).map(|((first, _), document)| (*first, document)).collect();
        members.sort_unstable();
        for group in members.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let mut told = Vec::with_capacity(group.len());
            let mut is_wanted = below.is_none();
            for (_, document) in group {
                let record = judge::record(self.snapshot, self.documents[*document as usize].uid)?;
                is_wanted |= below.is_some_and(|below| is_below(&record.path, below.as_os_str().as_encoded_bytes()));
                let Share { value, estimated } = self.joined[*document as usize].1;
                told.push(Near { path: record.path().to_path_buf(), share: value, estimated });
            }
            if is_wanted && !each(told) {
                break;
            }
        }
        Ok(())
    }
}

/// Every document, in path order.
fn documents(snapshot: &Snapshot) -> Result<Vec<Known>> {
    let mut places = Vec::new();
    for (number, segment) in snapshot.segments.iter().enumerate() {
        let uids = segment.fast_fields().u64(UID).map_err(|error| snapshot.engine(error))?;
        let alive = segment.doc_ids_alive();
        places.extend(alive.map(|document| (uids.first(document).unwrap_or_default(), number as u32, document)));
    }
    places.sort_unstable();
    let mut documents = Vec::with_capacity(places.len());
    snapshot.records_below(Path::new("/"), |record| {
        if let Some(version) = record.version()
            && let Ok(at) = places.binary_search_by_key(&version.uid, |place| place.0)
            && let (uid, segment, document) = places[at]
            && let Some(fingerprint) = snapshot.sketches[segment as usize].fingerprint_in_order(document)
        {
            documents.push(Known { uid, segment, document, hash: Some(version.hash), fingerprint });
        }
        true
    })?;
    Ok(documents)
}

/// Of so many candidates the texts are compared, at most: the likeliest come first.
const MOST_COMPARED: usize = 8;

/// The first member of each document's group, and what the document has in common with it.
fn join(documents: &[Known], least: f32, judge: &mut Judge<'_>) -> Result<Vec<(u32, Share)>> {
    let whole = Share { value: 1.0, estimated: false };
    let mut joined: Vec<(u32, Share)> = (0..documents.len() as u32).map(|document| (document, whole)).collect();
    // Of files that are the same, the first speaks for all.
    let mut first_of = HashMap::with_capacity(documents.len());
    for (document, known) in documents.iter().enumerate() {
        let first = *first_of.entry(known.hash).or_insert(document as u32);
        if documents[first as usize].equals(known) {
            joined[document].0 = first;
        }
    }
    drop(first_of);
    let speaks = |document: usize| joined[document].0 == document as u32;
    let dense: Vec<_> = documents
        .iter()
        .enumerate()
        .map(|(document, known)| if speaks(document) { known.fingerprint.dense() } else { None })
        .collect();
    let buckets = Buckets::of(&dense, least);
    drop(dense);
    // Of each bucket, the documents that began a group; and for which document one of those was last looked at.
    let mut firsts: Vec<Vec<u32>> = vec![Vec::new(); buckets.count as usize];
    let mut looked_for = vec![u32::MAX; documents.len()];
    let mut likely: Vec<(f32, u32)> = Vec::new();
    for own in buckets.members.chunk_by(|a, b| a.0 == b.0) {
        let document = own[0].0;
        let known = &documents[document as usize];
        likely.clear();
        for first in own.iter().flat_map(|(_, bucket)| &firsts[*bucket as usize]) {
            if std::mem::replace(&mut looked_for[*first as usize], document) != document {
                let share = may_share(&known.fingerprint, &documents[*first as usize].fingerprint, least);
                likely.extend(share.map(|share| (share, *first)));
            }
        }
        likely.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Option<(u32, Share)> = None;
        for (guess, first) in likely.iter().take(MOST_COMPARED) {
            // What follows is less like it.
            if best.is_some_and(|(_, best)| best.value >= *guess) {
                break;
            }
            let share = judge.share(known, &documents[*first as usize])?;
            if share.value >= least && best.is_none_or(|(_, best)| share.value > best.value) {
                best = Some((*first, share));
            }
        }
        match best {
            Some(best) => joined[document as usize] = best,
            None => own.iter().for_each(|(_, bucket)| firsts[*bucket as usize].push(document)),
        }
    }
    // What is the same as a document that joined a group is as like the group's first.
    for document in 0..joined.len() {
        let (speaker, _) = joined[document];
        if speaker != document as u32 {
            let of_speaker = joined[speaker as usize];
            if of_speaker.0 != speaker {
                joined[document] = of_speaker;
            }
        }
    }
    Ok(joined)
}
