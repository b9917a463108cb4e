//! What a run is about: which folders are walked, for which source, with which rules.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::index::{Kind, Marker, Records, Source, is_below};
use crate::read::passes_link;
use crate::walk::{self, Rules, path_order};
use crate::{Error, Result, decode};

/// What to ingest.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Folders or files, absolute; none of them, and no `files`: every source recorded.
    pub paths: Vec<PathBuf>,
    /// Files listed one by one, absolute; they are taken whatever the ignore rules say.
    pub files: Option<Vec<PathBuf>>,
    /// Throw the index away first, and build it anew from every source recorded and what is named here.
    pub rebuild: bool,
    /// Every source recorded as well, with its own rules.
    pub recorded: bool,
    /// The rules for `paths`; `None` keeps those recorded.
    pub rules: Option<Rules>,
    /// `GLOB=NAME`, the encoding of the files that match; `None` keeps those recorded.
    pub encodings: Option<Vec<String>>,
    /// Whether the text of the files is kept in the index; `None` keeps what is recorded.
    pub store_text: Option<bool>,
}

/// What a run will do.
pub(super) struct Plan {
    /// The marker with the new sources.
    pub(super) marker: Marker,
    /// In path order; none lies in another one.
    pub(super) scopes: Vec<Scope>,
    /// Everything recorded is asked for.
    is_all: bool,
    /// The sources that were recorded before.
    known: Vec<u32>,
}

/// A part of a source that a run makes true.
pub(super) enum Scope {
    /// The tree at `start`, which lies in the source.
    Tree {
        /// The source's id.
        source: u32,
        /// Where to begin.
        start: PathBuf,
        /// Folders below it that are sources of their own.
        prune: Vec<PathBuf>,
    },
    /// Files listed one by one, in path order, each once.
    Files {
        /// The source of listed files.
        source: u32,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// A PATH that is not there and never was.
    Missing(PathBuf),
}

impl Plan {
    /// Decides what `request` means for the index in `folder`.
    pub(super) fn new(
        folder: &Path,
        mut marker: Marker,
        request: &Request,
        records: &Records,
        globals: &Option<PathBuf>,
    ) -> Result<Plan> {
        check(request)?;
        let known = marker.sources.iter().map(|source| source.id).collect();
        let globals = globals.as_deref();
        let mut starts: Vec<(u32, PathBuf)> = Vec::new();
        let mut files = request.files.clone().unwrap_or_default();
        let is_all = request.paths.is_empty() && request.files.is_none();
        if is_all || request.recorded {
            starts.extend(marker.sources.iter().filter(|s| s.kind == Kind::Tree).map(|s| (s.id, s.root.clone())));
            files.extend(listed(folder, &marker, records)?);
            files.extend(marker.relisted.iter().cloned());
            if is_all && marker.sources.is_empty() {
                return Err(Error::NoSource { path: folder.to_path_buf() });
            }
        }
        if is_all {
            // Rules without a PATH are for everything.
            for n in 0..marker.sources.len() {
                give_rules(&mut marker.sources[n], request);
            }
        }
        let mut missing = Vec::new();
        for path in &request.paths {
            let known = marker.covering(path).map(|source| source.id);
            if path.is_dir() {
                starts.push((place(&mut marker, path, request, globals)?, path.clone()));
                // Sources inside it are made true as well, each by its own rules.
                let inner = marker.sources.iter().filter(|s| s.kind == Kind::Tree && s.root.starts_with(path));
                starts.extend(inner.map(|source| (source.id, source.root.clone())));
            } else if let Some(id) = covering_id(&marker, path, request, globals)? {
                starts.push((id, path.clone()));
            } else if path.symlink_metadata().is_ok() {
                files.push(path.clone());
            } else if let Some(id) = known {
                // It is walked all the same, so that it is told and keeps its documents.
                starts.push((id, path.clone()));
            } else {
                missing.push(path.clone());
            }
        }
        let mut scopes = trees(&marker, starts);
        files.sort_by(|a, b| path_order(a, b));
        files.dedup();
        leave_to_trees(&marker, &scopes, &mut files, globals)?;
        if !files.is_empty() {
            let source = list_source(&mut marker);
            if let Some(list) = marker.sources.iter_mut().find(|list| list.id == source && !is_all) {
                give_rules(list, request);
            }
            scopes.push(Scope::Files { source, files });
        }
        if marker.sources.is_empty()
            && let Some(path) = missing.pop()
        {
            return Err(Error::Read { path, source: rustix::io::Errno::NOENT.into() });
        }
        scopes.extend(missing.into_iter().map(Scope::Missing));
        Ok(Plan { marker, scopes, is_all: is_all || request.recorded, known })
    }

    /// Whether every source recorded before is covered whole; new ones are.
    pub(super) fn is_whole(&self) -> bool {
        self.marker.sources.iter().filter(|source| self.known.contains(&source.id)).all(|source| self.covers(source))
    }

    /// Whether the run looks at all that belongs to `source`.
    fn covers(&self, source: &Source) -> bool {
        match source.kind {
            Kind::Tree => self.scopes.iter().any(|scope| {
                matches!(scope, Scope::Tree { source: id, start, .. } if *id == source.id && *start == source.root)
            }),
            Kind::Files => self.is_all,
        }
    }

    /// The marker for when the run has ended well, and seen all it was to see: no private key is left where none was asked
    /// for.
    pub(super) fn sifted(self) -> Marker {
        let mut marker = self.marker.clone();
        for source in &mut marker.sources {
            source.sifted |= !source.rules.secrets && source.kind == Kind::Tree && self.covers(source);
        }
        marker
    }

    /// The files that are looked at one by one.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.scopes.iter().flat_map(|scope| {
            match scope {
                Scope::Files { files, .. } => files.as_slice(),
                Scope::Tree { .. } | Scope::Missing(_) => &[],
            }
            .iter()
            .map(PathBuf::as_path)
        })
    }
}

/// Drops the listed files that a walk of this run finds anyway.
fn leave_to_trees(marker: &Marker, scopes: &[Scope], files: &mut Vec<PathBuf>, globals: Option<&Path>) -> Result<()> {
    let mut failure = None;
    files.retain(|file| {
        let mut walks = scopes.iter().filter_map(|scope| match scope {
            Scope::Tree { source, start, .. } if file.starts_with(start) => marker.source(*source),
            _ => None,
        });
        let finds = |source: &Source| excluded(&source.root, file, &source.rules, globals).map(|is_out| !is_out);
        let covering = marker.covering(file).map(|source| source.id);
        match walks.find(|source| Some(source.id) == covering).map(finds) {
            Some(Ok(is_found)) => !is_found,
            Some(Err(error)) => {
                failure = Some(error);
                true
            }
            None => true,
        }
    });
    failure.map_or(Ok(()), Err)
}

/// Fails on globs and names of encodings that cannot be understood, before anything is recorded.
pub(super) fn check(request: &Request) -> Result<()> {
    if let Some(rules) = &request.rules {
        excluded(Path::new("/"), Path::new("/"), rules, None)?;
    }
    for rule in request.encodings.iter().flatten() {
        Encodings::parse(rule)?;
    }
    Ok(())
}

/// Whether a walk of the source at `root` would pass over `path`.
fn excluded(root: &Path, path: &Path, rules: &Rules, globals: Option<&Path>) -> Result<bool> {
    let skip = walk::excluded(root, path, rules, globals);
    let skip = skip.map_err(|error| Error::Rule { message: error.to_string() })?;
    let is_too_large = || {
        let max_bytes = rules.max_bytes.unwrap_or(walk::DEFAULT_MAX_BYTES);
        path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > max_bytes)
    };
    let is_secret = || !rules.secrets && walk::secret::of_file(path).is_some();
    Ok(skip.is_some() || (!rules.follow && passes_link(root, path)) || is_too_large() || is_secret())
}

/// The source that `path`, a folder, belongs to; it becomes one of its own unless a recorded one covers it.
fn place(marker: &mut Marker, path: &Path, request: &Request, globals: Option<&Path>) -> Result<u32> {
    let own = marker.sources.iter().position(|source| source.kind == Kind::Tree && source.root == *path);
    if own.is_none()
        && let Some(source) = marker.covering(path)
        && has_rules(source, request)
        && !excluded(&source.root, path, &source.rules, globals)?
    {
        return Ok(source.id);
    }
    let place = own.unwrap_or_else(|| {
        marker.sources.push(Source {
            id: marker.fresh_id(),
            root: path.to_path_buf(),
            kind: Kind::Tree,
            rules: Rules::default(),
            encodings: Vec::new(),
            store_text: false,
            mounts: Vec::new(),
            sifted: true,
        });
        marker.sources.len() - 1
    });
    give_rules(&mut marker.sources[place], request);
    Ok(marker.sources[place].id)
}

/// Whether a source has the rules of a request, as far as that has any.
fn has_rules(source: &Source, request: &Request) -> bool {
    request.rules.as_ref().is_none_or(|rules| *rules == source.rules)
        && request.encodings.as_ref().is_none_or(|encodings| *encodings == source.encodings)
        && request.store_text.is_none_or(|store_text| store_text == source.store_text)
}

/// Gives a source the rules of a request, as far as it has any.
fn give_rules(source: &mut Source, request: &Request) {
    if let Some(rules) = &request.rules {
        source.rules = rules.clone();
        source.sifted &= !rules.secrets;
    }
    if let Some(encodings) = &request.encodings {
        source.encodings = encodings.clone();
    }
    if let Some(store_text) = request.store_text {
        source.store_text = store_text;
    }
}

/// The tree whose walk finds the file `path`, or would if it were there.
fn covering_id(marker: &Marker, path: &Path, request: &Request, globals: Option<&Path>) -> Result<Option<u32>> {
    let Some(source) = marker.covering(path).filter(|source| has_rules(source, request)) else { return Ok(None) };
    Ok((!excluded(&source.root, path, &source.rules, globals)?).then_some(source.id))
}

/// The source of listed files, made if there is none.
fn list_source(marker: &mut Marker) -> u32 {
    if let Some(source) = marker.sources.iter().find(|source| source.kind == Kind::Files) {
        return source.id;
    }
    let id = marker.fresh_id();
    let (root, rules) = (PathBuf::from("/"), Rules::default());
    let (encodings, mounts) = (Vec::new(), Vec::new());
    marker.sources.push(Source {
        id,
        root,
        kind: Kind::Files,
        rules,
        encodings,
        store_text: false,
        mounts,
        sifted: false,
    });
    id
}

/// The files that were listed one by one before.
pub(super) fn listed(folder: &Path, marker: &Marker, records: &Records) -> Result<Vec<PathBuf>> {
    let Some(source) = marker.sources.iter().find(|source| source.kind == Kind::Files) else { return Ok(Vec::new()) };
    let damaged = |flaw: &str| Error::Damaged { path: folder.to_path_buf(), detail: flaw.to_string() };
    let (mut files, mut all) = (Vec::new(), records.below(b"/").map_err(damaged)?);
    while let Some(record) = all.next().map_err(damaged)? {
        if record.source == source.id {
            files.push(record.path().to_path_buf());
        }
    }
    Ok(files)
}

/// Walks that meet no file twice: starts inside other starts are dropped, sources inside others are left to themselves.
fn trees(marker: &Marker, mut starts: Vec<(u32, PathBuf)>) -> Vec<Scope> {
    starts.sort_by(|a, b| path_order(&a.1, &b.1));
    starts.dedup();
    let mut scopes: Vec<Scope> = Vec::new();
    for (source, start) in starts {
        let is_covered = scopes.iter().any(|scope| match scope {
            Scope::Tree { source: outer, start: above, .. } => *outer == source && start.starts_with(above),
            Scope::Files { .. } | Scope::Missing(_) => false,
        });
        if is_covered {
            continue;
        }
        let is_inner =
            |inner: &&Source| inner.kind == Kind::Tree && inner.id != source && inner.root.starts_with(&start);
        let prune = marker.sources.iter().filter(is_inner).map(|inner| inner.root.clone()).collect();
        scopes.push(Scope::Tree { source, start, prune });
    }
    scopes
}

/// Whether `path` lies in one of `folders`.
pub(super) fn is_in(path: &[u8], folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| is_below(path, folder.as_os_str().as_bytes()))
}

/// The encodings that a user insisted on: globs over paths, the last that matches wins.
pub(super) struct Encodings {
    rules: Vec<(ignore::overrides::Override, &'static encoding_rs::Encoding)>,
}

impl Encodings {
    /// Reads rules of the form `GLOB=NAME`, with globs relative to `root`.
    pub(super) fn new(root: &Path, rules: &[String]) -> Result<Encodings> {
        let mut read = Vec::with_capacity(rules.len());
        for rule in rules {
            let (glob, encoding) = Encodings::parse(rule)?;
            let mut builder = ignore::overrides::OverrideBuilder::new(root);
            let matcher = builder.add(glob).and_then(|builder| builder.build());
            let matcher = matcher.map_err(|error| Error::Rule { message: format!("--encoding {rule}: {error}") })?;
            read.push((matcher, encoding));
        }
        Ok(Encodings { rules: read })
    }

    fn parse(rule: &str) -> Result<(&str, &'static encoding_rs::Encoding)> {
        let (glob, name) = rule.rsplit_once('=').ok_or_else(|| Error::Rule {
            message: format!("--encoding {rule}: expected GLOB=NAME, as in '*.txt=windows-1252'"),
        })?;
        let encoding = decode::named(name)
            .ok_or_else(|| Error::Rule { message: format!("--encoding {rule}: no encoding is called `{name}`") })?;
        Ok((glob, encoding))
    }

    /// The encoding that `path` is to be read in, if a rule says so.
    pub(super) fn of(&self, path: &Path) -> Option<&'static encoding_rs::Encoding> {
        let matches = |matcher: &ignore::overrides::Override| matcher.matched(path, false).is_whitelist();
        self.rules.iter().rev().find(|(matcher, _)| matches(matcher)).map(|(_, encoding)| *encoding)
    }
}
