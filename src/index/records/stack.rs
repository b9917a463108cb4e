//! The stack of layers as one: the newest word on a path counts.

use super::layer::{Cursor, Flaw, Layer};
use super::{Record, State, is_below};
use crate::walk::bytes_order;

/// Every record of an index.
#[derive(Clone, Default)]
pub(crate) struct Records {
    /// Oldest first.
    layers: Vec<Layer>,
}

impl Records {
    /// The records told by `layers`, oldest first.
    pub(crate) fn new(layers: Vec<Layer>) -> Records {
        Records { layers }
    }

    /// What is known of `path`.
    pub(crate) fn find(&self, path: &[u8]) -> Result<Option<Record>, Flaw> {
        for layer in self.layers.iter().rev() {
            if let Some(record) = layer.find(path)? {
                return Ok(Some(record).filter(|record| record.state != State::Removed));
            }
        }
        Ok(None)
    }

    /// The record of the indexed version `uid`.
    pub(crate) fn by_uid(&self, uid: u64) -> Result<Option<Record>, Flaw> {
        for layer in self.layers.iter().rev() {
            if let Some(record) = layer.by_uid(uid)? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The records of `folder` and all below it, in path order.
    pub(crate) fn below(&self, folder: &[u8]) -> Result<Merged, Flaw> {
        Merged::new(&self.layers, folder, Removed::Hidden)
    }

    /// Every record, in path order, with the tombstones if they still hide something below these layers.
    pub(crate) fn merged(layers: &[Layer], removed: Removed) -> Result<Merged, Flaw> {
        Merged::new(layers, b"/", removed)
    }
}

/// What to do with tombstones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    /// Pass over them.
    Hidden,
    /// Keep them.
    Kept,
}

/// Walks over several layers as one, in path order.
pub(crate) struct Merged {
    /// Newest first; with whether the cursor stands on a record.
    cursors: Vec<(Cursor, bool)>,
    folder: Vec<u8>,
    removed: Removed,
    current: Option<usize>,
}

impl Merged {
    fn new(layers: &[Layer], folder: &[u8], removed: Removed) -> Result<Merged, Flaw> {
        let mut cursors = Vec::with_capacity(layers.len());
        for layer in layers.iter().rev() {
            let mut cursor = layer.from(folder)?;
            let stands = cursor.next()?.is_some();
            cursors.push((cursor, stands));
        }
        Ok(Merged { cursors, folder: folder.to_vec(), removed, current: None })
    }

    /// The next record, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&Record>, Flaw> {
        loop {
            if let Some(current) = self.current.take() {
                self.pass(current)?;
            }
            let mut least: Option<usize> = None;
            for (n, (cursor, stands)) in self.cursors.iter().enumerate() {
                let is_less =
                    |than: usize| bytes_order(&cursor.record().path, &self.cursors[than].0.record().path).is_lt();
                if *stands && least.is_none_or(is_less) {
                    least = Some(n);
                }
            }
            let Some(least) = least else { return Ok(None) };
            if !is_below(&self.cursors[least].0.record().path, &self.folder) {
                return Ok(None);
            }
            self.current = Some(least);
            if self.removed == Removed::Kept || self.cursors[least].0.record().state != State::Removed {
                return Ok(Some(self.cursors[least].0.record()));
            }
        }
    }

    /// Moves every cursor that stands on the path of cursor `current` past it.
    fn pass(&mut self, current: usize) -> Result<(), Flaw> {
        for n in (0..self.cursors.len()).filter(|n| *n != current) {
            if self.cursors[n].1 && self.cursors[n].0.record().path == self.cursors[current].0.record().path {
                let (cursor, stands) = &mut self.cursors[n];
                *stands = cursor.next()?.is_some();
            }
        }
        let (cursor, stands) = &mut self.cursors[current];
        *stands = cursor.next()?.is_some();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LayerWriter, Version};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use tantivy::directory::FileSlice;

    fn layer(records: &BTreeMap<String, Option<u64>>) -> Layer {
        let mut writer = LayerWriter::new(Vec::new());
        for (path, uid) in records {
            let state = uid.map_or(State::Removed, |uid| State::Indexed(Version { uid, ..Version::default() }));
            writer.push(&Record { path: path.clone().into_bytes(), state, ..Record::default() }).unwrap();
        }
        let file = FileSlice::from(writer.finish().unwrap().0);
        Layer::open(file.clone(), file.read_bytes().unwrap()).unwrap()
    }

    proptest! {
        /// A stack answers as a map does in which later layers overwrite earlier ones.
        #[test]
        fn the_newest_word_on_a_path_counts(
            layers in prop::collection::vec(prop::collection::btree_map("/[ab]{1,3}", prop::option::of(1u64..1000), 0..12), 0..5)
        ) {
            let mut expected = BTreeMap::new();
            for layer in &layers {
                expected.extend(layer.clone());
            }
            let stack = Records::new(layers.iter().map(layer).collect());
            let mut walked = Vec::new();
            let mut merged = stack.below(b"/").unwrap();
            while let Some(record) = merged.next().unwrap() {
                walked.push((String::from_utf8(record.path.clone()).unwrap(), record.uid().unwrap()));
            }
            let live: Vec<_> = expected.iter().filter_map(|(path, uid)| Some((path.clone(), (*uid)?))).collect();
            prop_assert_eq!(walked, live);
            for (path, uid) in &expected {
                prop_assert_eq!(stack.find(path.as_bytes()).unwrap().and_then(|record| record.uid()), *uid);
            }
        }
    }
}
