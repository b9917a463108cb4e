//! The marker: the small file that says a folder is indago's, for which version, and what it was built from.

use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::directory;
use crate::walk::Rules;
use crate::{Error, Result, analyse};

/// The marker's file name.
pub(crate) const NAME: &str = "indago.json";

/// The version of everything on disk but the terms.
pub const FORMAT: u32 = 5;

/// What the index is, and what it was built from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    /// Versions; the field's name is what makes the file recognisable.
    pub indago: Versions,
    /// The sources, in the order in which they were first ingested.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Files that were listed one by one, while a rebuild has still to ingest them; the records keep them otherwise.
    #[serde(default, with = "paths_text", skip_serializing_if = "Vec::is_empty")]
    pub relisted: Vec<PathBuf>,
}

/// The versions that must fit for the index to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// [`FORMAT`].
    pub format: u32,
    /// [`analyse::VERSION`].
    pub analysis: u32,
}

/// A directory tree, or a list of files, that the index is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// No other source of the index has it; records name their source by it.
    pub id: u32,
    /// The absolute path of the tree, or `/` for a list of files.
    #[serde(with = "path_text")]
    pub root: PathBuf,
    /// A tree to walk, or files that were listed.
    pub kind: Kind,
    /// The rules it is walked with.
    #[serde(default)]
    pub rules: Rules,
    /// `GLOB=NAME`: files whose path matches are decoded as the encoding of that name; the last one wins.
    #[serde(default)]
    pub encodings: Vec<String>,
    /// The text of the files is kept in the index.
    #[serde(default)]
    pub store_text: bool,
    /// Folders that were mount points when last seen: empty ones are unmounted, not emptied.
    #[serde(default, with = "paths_text")]
    pub mounts: Vec<PathBuf>,
    /// No private key is indexed: no run asked for secrets since all files were looked into for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sifted: bool,
}

/// What a source consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A folder and what the rules let through below it.
    Tree,
    /// Single files that were named one by one.
    Files,
}

impl Marker {
    /// A marker without sources, of the versions that this program writes.
    pub fn new() -> Marker {
        Marker {
            indago: Versions { format: FORMAT, analysis: analyse::VERSION },
            sources: Vec::new(),
            relisted: Vec::new(),
        }
    }

    /// Reads the marker of `folder`; `None` if it has none.
    ///
    /// # Errors
    /// If the file is there but cannot be read, is damaged, or has versions that this program does not read.
    pub fn read(folder: &Path) -> Result<Option<Marker>> {
        let Some(marker) = Marker::read_any(folder)? else { return Ok(None) };
        marker.fits(folder)?;
        Ok(Some(marker))
    }

    /// Fails unless this program reads an index of this marker, which lies in `folder`.
    fn fits(&self, folder: &Path) -> Result<()> {
        let expected = Marker::new().indago;
        let rows =
            [("format", self.indago.format, expected.format), ("analysis", self.indago.analysis, expected.analysis)];
        for (what, found, wanted) in rows {
            if found != wanted {
                return Err(Error::Version { path: folder.to_path_buf(), what, found, wanted });
            }
        }
        Ok(())
    }

    /// Reads the marker of `folder` whatever its versions; one of these versions is verified.
    pub(crate) fn read_any(folder: &Path) -> Result<Option<Marker>> {
        let path = folder.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        let damaged = |detail| Error::LostSources { path: folder.to_path_buf(), detail };
        let marker: Marker =
            serde_json::from_slice(&bytes).map_err(|error| damaged(format!("{NAME} cannot be read ({error})")))?;
        if marker.fits(folder).is_ok() && !marker.is_sealed_by(&bytes) {
            return Err(damaged(format!("{NAME} does not hold what was written")));
        }
        Ok(Some(marker))
    }

    /// Replaces the marker of `folder`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let sealed = self.sealed().map_err(io::Error::other);
        sealed.and_then(|text| directory::replace(&path, &text)).map_err(|source| Error::Write { path, source })
    }

    /// Whether the file in `folder`, which this marker was read from, holds it byte for byte as it is written.
    pub(crate) fn is_as_written(&self, folder: &Path) -> Result<bool> {
        let path = folder.join(NAME);
        let bytes = fs::read(&path).map_err(|source| Error::Read { path, source })?;
        Ok(self.sealed().is_ok_and(|sealed| sealed == bytes))
    }

    fn sealed(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(&Sealed { marker: self, check: self.check()? })
    }

    /// Whether the `bytes` of a file that reads as this marker say so themselves, however they are laid out.
    fn is_sealed_by(&self, bytes: &[u8]) -> bool {
        let told = serde_json::from_slice::<Check>(bytes);
        told.is_ok_and(|told| self.check().is_ok_and(|check| check == told.check))
    }

    /// The checksum of what it says.
    fn check(&self) -> serde_json::Result<String> {
        Ok(format!("{:016x}", xxh3_64(&serde_json::to_vec(self)?)))
    }

    /// The tree whose root is `path` or lies nearest above it.
    pub fn covering(&self, path: &Path) -> Option<&Source> {
        let trees = self.sources.iter().filter(|source| source.kind == Kind::Tree && path.starts_with(&source.root));
        trees.max_by_key(|source| source.root.as_os_str().len())
    }

    /// The source with this id.
    pub fn source(&self, id: u32) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// An id that no source of this marker has.
    pub(crate) fn fresh_id(&self) -> u32 {
        self.sources.iter().map(|source| source.id + 1).max().unwrap_or(1)
    }
}

impl Default for Marker {
    fn default() -> Self {
        Marker::new()
    }
}

/// A marker as its file holds it: with a checksum of what it says.
#[derive(Serialize)]
struct Sealed<'a> {
    #[serde(flatten)]
    marker: &'a Marker,
    check: String,
}

#[derive(Deserialize)]
struct Check {
    check: String,
}

/// A path as JSON: a string, or `{"bytes": base64}` where its bytes are not UTF-8.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum PathText {
    Text(String),
    Bytes { bytes: String },
}

impl PathText {
    fn of(path: &Path) -> PathText {
        match path.to_str() {
            Some(text) => PathText::Text(text.to_string()),
            None => {
                let bytes = base64::engine::general_purpose::STANDARD.encode(path.as_os_str().as_bytes());
                PathText::Bytes { bytes }
            }
        }
    }

    fn path(self) -> std::result::Result<PathBuf, base64::DecodeError> {
        Ok(match self {
            PathText::Text(text) => PathBuf::from(text),
            PathText::Bytes { bytes } => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(bytes)?;
                PathBuf::from(std::ffi::OsString::from_vec(bytes))
            }
        })
    }
}

mod path_text {
    use super::{Path, PathBuf, PathText};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        PathText::of(path).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        PathText::deserialize(deserializer)?.path().map_err(D::Error::custom)
    }
}

mod paths_text {
    use super::{PathBuf, PathText};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        paths.iter().map(|path| PathText::of(path)).collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        let texts = Vec::<PathText>::deserialize(deserializer)?;
        texts.into_iter().map(|text| text.path().map_err(D::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn tree(id: u32, root: impl Into<PathBuf>) -> Source {
        Source {
            id,
            root: root.into(),
            kind: Kind::Tree,
            rules: Rules::default(),
            encodings: vec![],
            store_text: false,
            mounts: vec![],
            sifted: false,
        }
    }

    #[test]
    fn a_marker_comes_back_as_it_was_written_whatever_the_bytes_of_a_root() {
        let folder = tempfile::tempdir().unwrap();
        let mut marker = Marker::new();
        marker.sources.push(tree(1, "/home/ada/notes"));
        marker.sources.push(tree(2, OsString::from_vec(b"/home/caf\xe9".to_vec())));
        marker.write(folder.path()).unwrap();
        assert_eq!(Marker::read(folder.path()).unwrap(), Some(marker));
    }

    #[test]
    fn another_format_is_refused_with_the_command_that_rebuilds() {
        let folder = tempfile::tempdir().unwrap();
        let mut marker = Marker::new();
        marker.indago.format += 1;
        marker.write(folder.path()).unwrap();
        let error = Marker::read(folder.path()).unwrap_err();
        assert!(error.hint().unwrap().contains("indago ingest --rebuild"), "{error}");
    }

    #[test]
    fn any_flipped_byte_of_a_marker_is_noticed_or_changes_nothing_that_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut marker = Marker::new();
        marker.sources.push(tree(1, "/home/ada/\"check\": \"0000000000000000\""));
        marker.write(folder.path()).unwrap();
        assert!(marker.is_as_written(folder.path()).unwrap());
        let path = folder.path().join(NAME);
        let sound = fs::read(&path).unwrap();
        for at in 0..sound.len() {
            for flip in [1, 0x0a, 0x20, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] ^= flip;
                fs::write(&path, &damaged).unwrap();
                if let Ok(read) = Marker::read(folder.path()) {
                    assert_eq!(read.as_ref(), Some(&marker), "byte {at} flipped by {flip}");
                    assert!(!marker.is_as_written(folder.path()).unwrap(), "byte {at} flipped by {flip}");
                }
            }
            fs::write(&path, &sound[..at]).unwrap();
            assert!(Marker::read(folder.path()).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_nearest_tree_above_a_path_covers_it() {
        let mut marker = Marker::new();
        marker.sources.extend([tree(1, "/a"), tree(2, "/a/b"), tree(3, "/c")]);
        let rows = [("/a/x", Some(1)), ("/a/b/x", Some(2)), ("/a/bc", Some(1)), ("/c", Some(3)), ("/d", None)];
        for (path, expected) in rows {
            assert_eq!(marker.covering(Path::new(path)).map(|source| source.id), expected, "{path}");
        }
    }
}
