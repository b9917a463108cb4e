//! Which rules count in a folder: the rule files that lie in it and above it, in the order in which
//! they win, and the globs of the source before them all.
//!
//! The order is ripgrep's. Globs come first. Then, kind by kind, `.indagoignore`, `.ignore`,
//! `.gitignore`, `.git/info/exclude` and the user's global excludes; within a kind the deepest folder
//! comes first, within a file the last line. The first rule that says anything decides. The last
//! three kinds count inside a git repository only, from its root down. A name with a dot in front is
//! left out unless a rule asks for it.

use std::io::Read as _;
use std::{
    collections::VecDeque,
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::{Error, Found, Rules, Skip};

/// The last in path order of the names this step looks for in a folder.
pub(super) const LAST_NAME: &str = ".indagoignore";

/// What is the same in every folder of a source.
pub(super) struct Filter {
    root: PathBuf,
    /// The root without symbolic links on the way, where that differs: the folders above it, whose
    /// rules count, are found from there.
    real_root: Option<PathBuf>,
    globs: Gitignore,
    hidden: bool,
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

struct RuleFile {
    path: PathBuf,
    rules: Gitignore,
    /// Lies above the source, so that paths are to be seen from the real root.
    above: bool,
}

impl Filter {
    pub(super) fn new(
        root: &Path,
        rules: &Rules,
        global_excludes: Option<&Path>,
        troubles: &mut VecDeque<Found>,
    ) -> Result<Filter, Error> {
        let global = match global_excludes {
            Some(file) if !rules.no_ignore => rule_file(root, file.to_path_buf(), false, troubles),
            _ => None,
        };
        Ok(Filter {
            root: root.to_path_buf(),
            real_root: root.canonicalize().ok().filter(|real| real != root),
            globs: rules.globs_at(root)?,
            hidden: rules.hidden,
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
        match self.globs.matched(path, is_folder) {
            // A glob is a line of a .gitignore the other way round: without `!` it takes.
            Match::Ignore(_) => return None,
            Match::Whitelist(glob) => {
                return Some(Skip::Ignored { by: format!("glob {}", one_line(glob.original())) });
            }
            Match::None if self.globs.num_ignores() > 0 && !is_folder => {
                return Some(Skip::Ignored { by: "globs, none of which takes it".into() });
            }
            Match::None => (),
        }
        match self.verdict(scope, path, is_folder) {
            Some((_, Match::Whitelist(_))) => None,
            Some((file, Match::Ignore(rule))) => {
                let file = file.path.strip_prefix(&self.root).unwrap_or(&file.path);
                let by = format!("{} in {}", rule.original(), file.display());
                Some(Skip::Ignored { by: one_line(&by) })
            }
            _ => (!self.hidden && is_hidden(path)).then_some(Skip::Hidden),
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
        let mut read = |path: PathBuf| rule_file(folder, path, above, troubles);
        let dot_git = folder.join(".git");
        let git = fs::metadata(&dot_git).ok();
        let repository = git.is_some();
        let layer = Layer {
            indago: read(folder.join(LAST_NAME)),
            plain: read(folder.join(".ignore")),
            // Outside a repository git's rules do not count, nor do they in one further down.
            git: if repository || parent.in_repository() { read(folder.join(".gitignore")) } else { None },
            exclude: git
                .and_then(|git| if git.is_file() { common_git_folder(&dot_git) } else { Some(dot_git) })
                .and_then(|git| read(git.join("info/exclude"))),
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

/// Reads a rule file for the paths below `folder`; what cannot be understood is put in `troubles`.
fn rule_file(folder: &Path, path: PathBuf, above: bool, troubles: &mut VecDeque<Found>) -> Option<Arc<RuleFile>> {
    if !fs::metadata(&path).is_ok_and(|found| found.is_file()) {
        return None; // also what keeps a pipe of that name from being opened
    }
    let mut trouble = |message: String| {
        let message = one_line(&message);
        troubles.push_back(Found::RuleTrouble { path: path.clone(), message });
    };
    let bytes = fs::read(&path).map_err(|error| trouble(error.to_string())).ok()?;
    let mut builder = GitignoreBuilder::new(folder);
    for (number, line) in (1..).zip(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).split(|&byte| byte == b'\n'))
    {
        let Ok(line) = str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) else {
            // As in ripgrep: what such bytes would match is anyone's guess.
            trouble(format!("line {number} is not UTF-8: it and those after it do not count"));
            break;
        };
        if let Err(error) = builder.add_line(None, line) {
            trouble(format!("line {number} does not count: {error}"));
        }
    }
    let rules = builder.build().map_err(|error| trouble(error.to_string())).ok()?;
    (!rules.is_empty()).then(|| Arc::new(RuleFile { path, rules, above }))
}

/// No path is longer, in bytes.
const LONGEST_PATH: u64 = 4096;

/// Where a linked worktree, whose `.git` is a file, shares its settings with its repository.
fn common_git_folder(dot_git: &Path) -> Option<PathBuf> {
    let first_line = |path: &Path| -> Option<PathBuf> {
        // Whatever lies there: a pipe is not waited for, and a device not read to its end.
        let (file, _) = crate::read::open(path).ok()?;
        let mut bytes = Vec::new();
        file.take(LONGEST_PATH).read_to_end(&mut bytes).ok()?;
        let line = bytes.split(|&byte| byte == b'\n').next()?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some(Path::new(OsStr::from_bytes(line)).to_path_buf())
    };
    let line = first_line(dot_git)?;
    let git = line.as_os_str().as_bytes().strip_prefix(b"gitdir: ")?;
    let git = dot_git.parent()?.join(OsStr::from_bytes(git));
    Some(git.join(first_line(&git.join("commondir"))?))
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

/// Control characters written out, so that a file's name or a pattern cannot break the line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}
