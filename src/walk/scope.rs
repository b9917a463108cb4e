//! Which rules count in a folder: the rule files that lie in it and above it, in the order in which
//! they win, and the globs of the source before them all.
//!
//! The order is ripgrep's. Globs come first. Then, kind by kind, `.indagoignore`, `.ignore`,
//! `.gitignore`, `.git/info/exclude` and the user's global excludes; within a kind the deepest folder
//! comes first, within a file the last line. The first rule that says anything decides. The last
//! three kinds count inside a git repository only, from its root down. A name with a dot in front is
//! left out unless a rule asks for it. A secret is left out whatever globs and rules take, unless secrets are asked for.

use std::{
    collections::VecDeque,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::{Match, gitignore::Gitignore};

use super::rule_file::{self, Place, RuleFile, one_line};
use super::{Error, Found, Rules, Skip, secret_name};

/// The last in path order of the names this step looks for in a folder.
pub(super) const LAST_NAME: &str = ".indagoignore";

/// What is the same in every folder of a source.
pub(super) struct Filter {
    root: PathBuf,
    /// The root without symbolic links on the way, where that differs: the folders above it, whose
    /// rules count, are found from there.
    real_root: Option<PathBuf>,
    globs: Gitignore,
    follow: bool,
    hidden: bool,
    secrets: bool,
    no_ignore: bool,
    global: Option<Arc<RuleFile>>,
}

/// The rules that count in one folder; most folders share that of their parent.
#[derive(Default)]
pub(super) struct Scope {
    /// The folders that have rules or are a repository's root, outermost first.
    layers: Vec<Arc<Layer>>,
    /// The rule files in the order in which they win.
    chain: Vec<Arc<RuleFile>>,
}

/// What one folder adds.
struct Layer {
    indago: Option<Arc<RuleFile>>,
    plain: Option<Arc<RuleFile>>,
    git: Option<Arc<RuleFile>>,
    exclude: Option<Arc<RuleFile>>,
    repository: bool,
}

impl Filter {
    pub(super) fn new(
        root: &Path,
        rules: &Rules,
        global_excludes: Option<&Path>,
        troubles: &mut VecDeque<Found>,
    ) -> Result<Filter, Error> {
        let global = match global_excludes {
            // The user's own file may be a link to anywhere.
            Some(file) if !rules.no_ignore => {
                let place = Place { folder: root, within: None, above: false };
                rule_file::read(place, file.to_path_buf(), troubles)
            }
            _ => None,
        };
        Ok(Filter {
            root: root.to_path_buf(),
            real_root: root.canonicalize().ok().filter(|real| real != root),
            follow: rules.follow,
            globs: rules.globs_at(root)?,
            hidden: rules.hidden,
            secrets: rules.secrets,
            no_ignore: rules.no_ignore,
            global,
        })
    }

    /// The rules that count where `start` lies, or why a walk of the source would not come there.
    pub(super) fn scope_above(&self, start: &Path, troubles: &mut VecDeque<Found>) -> Result<Arc<Scope>, Skip> {
        let mut scope = Arc::new(Scope::default());
        for folder in outermost_first(self.real_root.as_deref().unwrap_or(&self.root)) {
            scope = self.extend(&scope, folder, true, troubles);
        }
        let mut path = self.root.clone();
        for name in start.strip_prefix(&self.root).unwrap_or(Path::new("")) {
            scope = self.enter(&scope, &path, troubles);
            path.push(name);
            if let Some(reason) = self.excludes(&scope, &path, true) {
                return Err(reason);
            }
        }
        Ok(scope)
    }

    /// The rules that count in `folder`, given those of its parent.
    pub(super) fn enter(&self, parent: &Arc<Scope>, folder: &Path, troubles: &mut VecDeque<Found>) -> Arc<Scope> {
        self.extend(parent, folder, false, troubles)
    }

    /// Why a path is excluded, if it is; `scope` is that of the folder it lies in.
    pub(super) fn excludes(&self, scope: &Scope, path: &Path, is_folder: bool) -> Option<Skip> {
        let secret = || secret_name(path).filter(|_| !is_folder);
        match self.globs.matched(path, is_folder) {
            // A glob is a line of a .gitignore the other way round: without `!` it takes.
            Match::Ignore(_) => return secret().filter(|_| !self.secrets).map(Skip::Secret),
            Match::Whitelist(glob) => {
                return Some(Skip::Ignored { by: format!("glob {}", one_line(glob.original())) });
            }
            Match::None if self.globs.num_ignores() > 0 && !is_folder => {
                return Some(Skip::Ignored { by: "globs, none of which takes it".into() });
            }
            Match::None => (),
        }
        match self.verdict(scope, path, is_folder) {
            Some((file, Match::Ignore(rule))) => {
                let file = file.path.strip_prefix(&self.root).unwrap_or(&file.path);
                let by = format!("{} in {}", rule.original(), file.display());
                Some(Skip::Ignored { by: one_line(&by) })
            }
            // A file found in the tree may ask for a hidden file, but not for a secret.
            verdict => match secret() {
                Some(what) => (!self.secrets).then_some(Skip::Secret(what)),
                None if verdict.is_some() => None,
                None => (!self.hidden && is_hidden(path)).then_some(Skip::Hidden),
            },
        }
    }

    /// The first rule that says anything of a path.
    fn verdict<'a>(
        &self,
        scope: &'a Scope,
        path: &Path,
        is_folder: bool,
    ) -> Option<(&'a RuleFile, Match<&'a ignore::gitignore::Glob>)> {
        let mut seen_from_above = None;
        scope.chain.iter().find_map(|file| {
            let path = match &self.real_root {
                Some(real) if file.above => {
                    &**seen_from_above.get_or_insert_with(|| real.join(path.strip_prefix(&self.root).unwrap_or(path)))
                }
                _ => path,
            };
            let verdict = file.rules.matched(path, is_folder);
            (!verdict.is_none()).then_some((&**file, verdict))
        })
    }

    fn extend(&self, parent: &Arc<Scope>, folder: &Path, above: bool, troubles: &mut VecDeque<Found>) -> Arc<Scope> {
        if self.no_ignore {
            return Arc::clone(parent);
        }
        let root = self.real_root.as_deref().unwrap_or(&self.root);
        let place = Place { folder, within: (!self.follow).then_some(if above { folder } else { root }), above };
        let mut read = |name: &str| rule_file::read(place, folder.join(name), troubles);
        let dot_git = folder.join(".git");
        let repository = dot_git.exists();
        let layer = Layer {
            indago: read(LAST_NAME),
            plain: read(".ignore"),
            // Outside a repository git's rules do not count, nor do they in one further down.
            git: if repository || parent.in_repository() { read(".gitignore") } else { None },
            exclude: if repository { rule_file::exclude(place, dot_git, troubles) } else { None },
            repository,
        };
        if layer.is_empty() { Arc::clone(parent) } else { Arc::new(parent.with(layer, self.global.as_ref())) }
    }
}

impl Scope {
    fn in_repository(&self) -> bool {
        self.layers.iter().any(|layer| layer.repository)
    }

    fn with(&self, layer: Layer, global: Option<&Arc<RuleFile>>) -> Scope {
        let mut layers = self.layers.clone();
        layers.push(Arc::new(layer));
        let inwards_out = || layers.iter().rev();
        // Git's rules reach down from the innermost repository's root.
        let repository = layers.iter().rposition(|layer| layer.repository);
        let inside = || layers.iter().skip(repository.unwrap_or(layers.len())).rev();
        let chain = inwards_out()
            .filter_map(|layer| layer.indago.as_ref())
            .chain(inwards_out().filter_map(|layer| layer.plain.as_ref()))
            .chain(inside().filter_map(|layer| layer.git.as_ref()))
            .chain(inside().filter_map(|layer| layer.exclude.as_ref()))
            .chain(global.filter(|_| repository.is_some()))
            .cloned()
            .collect();
        Scope { chain, layers }
    }
}

impl Layer {
    fn is_empty(&self) -> bool {
        let Layer { indago, plain, git, exclude, repository } = self;
        !repository && [indago, plain, git, exclude].iter().all(|file| file.is_none())
    }
}

/// The folders above a path, from the file system's root down, without the path itself.
fn outermost_first(path: &Path) -> impl Iterator<Item = &Path> {
    let above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.into_iter().rev()
}

fn is_hidden(path: &Path) -> bool {
    let path = path.as_os_str().as_bytes();
    let name = path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    path.get(name) == Some(&b'.')
}
