//! What tantivy's commit carries for us: the state of everything that is not in its own files.

use serde::{Deserialize, Serialize};

/// Travels in `meta.json`, so that it switches with the segments. Small: every question parses it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    /// The layers of records, oldest first, with the number of records in each.
    pub(crate) layers: Vec<(u64, u64)>,
    /// The number that the next layer's name gets.
    pub(crate) next_layer: u64,
    /// The uid that the next version of a file gets.
    pub(crate) next_uid: u64,
    /// Indexed documents, and the tokens in their bodies, titles and paths: what BM25 takes averages from.
    pub(crate) documents: u64,
    /// See `documents`.
    pub(crate) tokens: [u64; 3],
    /// Bytes of the indexed files.
    pub(crate) bytes: u64,
    /// A run that began has not come to its end: what vanished is still here, what is new may be missing.
    pub(crate) unfinished: bool,
    /// When the last commit was made, in nanoseconds since the epoch.
    pub(crate) committed_ns: i64,
}

/// What the names of layers begin with.
pub(crate) const LAYERS: &str = "records";

/// The file name of layer `number`.
pub(crate) fn layer_name(number: u64) -> String {
    format!("{LAYERS}.{number}")
}

/// Whether `name` is that of a layer.
pub(crate) fn is_layer(name: &str) -> bool {
    layer_number(name).is_some()
}

/// The number of the layer of this name.
pub(crate) fn layer_number(name: &str) -> Option<u64> {
    name.strip_prefix(LAYERS)?.strip_prefix('.')?.parse().ok()
}
