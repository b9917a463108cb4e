//! A folder of texts and an index of it, gone when the test is over.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// No run takes so long unless it hangs, even where others keep the machine busy.
const LONGEST_RUN: Duration = Duration::from_secs(120);

/// A home with `texts/` to ingest; the index comes to lie in `home/index`.
pub struct Shelf {
    home: TempDir,
}

impl Shelf {
    /// An empty shelf.
    pub fn new() -> Shelf {
        let home = TempDir::new().expect("a temporary folder");
        fs::create_dir(home.path().join("texts")).expect("a folder for the texts");
        Shelf { home }
    }

    /// A shelf with these texts, ingested.
    pub fn with<T: AsRef<[u8]>>(texts: &[(&str, T)]) -> Shelf {
        let shelf = Shelf::new();
        for (name, text) in texts {
            shelf.put(name, text);
        }
        shelf.ingest().succeeded();
        shelf
    }

    /// The folder that holds everything; the program runs in it.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A path among the texts.
    pub fn text(&self, name: impl AsRef<Path>) -> PathBuf {
        self.home.path().join("texts").join(name)
    }

    /// Writes a text, with the folders it needs.
    pub fn put(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.text(name);
        fs::create_dir_all(path.parent().expect("a text lies in a folder")).expect("a folder");
        fs::write(&path, text).expect("a text");
        path
    }

    /// Removes a text.
    pub fn remove(&self, name: impl AsRef<Path>) {
        fs::remove_file(self.text(name)).expect("a text to remove");
    }

    /// The program, ready to run in the home, without anything of the tester's own environment that it looks at.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_indago"));
        command.args(args).current_dir(self.home()).stdin(Stdio::null());
        for variable in ["INDAGO_INDEX", "NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.env("HOME", self.home()).env_remove("XDG_CONFIG_HOME").env("TZ", "UTC");
        command
    }

    /// The program as another user than root, for whom permissions count; `None`, said on stderr, where that is
    /// impossible. The home is opened to everybody.
    pub fn command_as_nobody<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Option<Command> {
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_indago")];
        let able = Command::new("setpriv").args(nobody).arg("--version").output();
        if !able.is_ok_and(|output| output.status.success()) {
            eprintln!("not run: setpriv cannot run the program as nobody");
            return None;
        }
        fs::set_permissions(self.home(), fs::Permissions::from_mode(0o755)).expect("the home is ours");
        let plain = self.command(args);
        let mut command = Command::new("setpriv");
        command.args(nobody).args(plain.get_args()).current_dir(self.home()).stdin(Stdio::null());
        for (variable, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        Some(command)
    }

    /// Runs the program to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        Run::of(self.command(args))
    }

    /// Runs the program with its output, both streams, on a terminal so wide; what the terminal was sent, if there can be one.
    pub fn on_terminal(&self, columns: usize, env: &[(&str, &str)], args: &[&str]) -> Option<String> {
        let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
        let words: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
        let line =
            format!("stty rows 24 cols {columns}; exec {} {}", quoted(env!("CARGO_BIN_EXE_indago")), words.join(" "));
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(self.home()).stdin(Stdio::null());
        for variable in ["INDAGO_INDEX", "NO_COLOR", "CLICOLOR_FORCE"] {
            script.env_remove(variable);
        }
        script.env("TERM", "xterm-256color").env("SHELL", "/bin/sh").envs(env.iter().copied());
        let Ok(output) = script.output() else {
            println!("not run: no `script` to give a terminal");
            return None;
        };
        Some(String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n"))
    }

    /// Ingests the texts.
    pub fn ingest(&self) -> Run {
        self.run(["ingest", "texts"])
    }

    /// Runs `ingest --json` with these arguments and returns its summary.
    #[track_caller]
    pub fn summary<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Value {
        let verb = ["ingest", "--json"].map(|arg| arg.as_ref() as &OsStr).map(OsStr::to_os_string);
        let run = self.run(verb.into_iter().chain(args.into_iter().map(|arg| arg.as_ref().to_os_string())));
        run.objects("summary").pop().unwrap_or_else(|| panic!("no summary: {run:?}"))
    }

    /// What `status --json` tells.
    #[track_caller]
    pub fn status(&self) -> Value {
        let run = self.run(["status", "--json"]).succeeded();
        run.objects("status").pop().unwrap_or_else(|| panic!("no status: {run:?}"))
    }

    /// Runs the program as somebody whom permissions stop, in a home that they may write to; where that cannot be, says
    /// so and returns nothing.
    pub fn run_as_nobody<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Option<Run> {
        if !rustix::process::geteuid().is_root() {
            return Some(self.run(args));
        }
        let command = self.command_as_nobody(args)?;
        fs::set_permissions(self.home(), fs::Permissions::from_mode(0o777)).expect("the home is ours");
        Some(Run::of(command))
    }

    /// Waits until what was written is older than the grain of the clock, so that the next ingest has no doubts about it.
    pub fn settle(&self) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    /// Asks a question; it may hold options, which go before it.
    pub fn query(&self, question: &str) -> Run {
        self.run(["query", "--", question])
    }

    /// The names of the texts that answer, best first.
    pub fn paths(&self, question: &str) -> Vec<String> {
        let run = self.run(["query", "-l", "--", question]);
        assert!(matches!(run.code(), Some(0 | 1)), "{run:?}");
        let name = |line: &str| line.strip_prefix("texts/").unwrap_or(line).to_string();
        run.stdout().lines().map(name).collect()
    }
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Run {
    pub output: Output,
}

impl Run {
    /// Runs `command` to its end; one that hangs is ended, and fails the test.
    #[track_caller]
    pub fn of(mut command: Command) -> Run {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let pid = child.id().to_string();
        let (ended, end) = mpsc::channel::<()>();
        let guard = thread::spawn(move || {
            let hangs = end.recv_timeout(LONGEST_RUN).is_err_and(|error| error == RecvTimeoutError::Timeout);
            if hangs {
                drop(Command::new("kill").args(["-9", &pid]).status());
            }
            hangs
        });
        let output = child.wait_with_output().expect("the program ends");
        drop(ended);
        assert!(!guard.join().expect("the guard ends"), "{command:?} hangs");
        Run { output }
    }

    /// Asserts the exit code 2 and one clear line, with at most hints after it; returns the line.
    #[track_caller]
    pub fn refused(&self) -> String {
        assert_eq!(self.code(), Some(2), "{self:?}");
        let stderr = self.stderr();
        let (lines, rest): (Vec<_>, Vec<_>) = stderr.lines().partition(|line| line.starts_with("indago: "));
        assert!(lines.len() == 1 && rest.iter().all(|line| line.starts_with("hint: ")), "{self:?}");
        assert!(!lines[0].contains("stumbled") && !lines[0].contains("panic"), "{self:?}");
        lines[0].to_string()
    }

    pub fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Asserts the exit code 0.
    #[track_caller]
    pub fn succeeded(self) -> Run {
        assert_eq!(self.code(), Some(0), "{self:?}");
        self
    }

    /// The objects of this type among the JSON on stdout, however they are laid out.
    #[track_caller]
    pub fn objects(&self, r#type: &str) -> Vec<Value> {
        let objects = serde_json::Deserializer::from_slice(&self.output.stdout).into_iter::<Value>();
        let objects = objects.map(|object| object.unwrap_or_else(|error| panic!("{error} in {self:?}")));
        objects.filter(|object| object["type"] == r#type).collect()
    }

    /// The objects of JSON Lines on stdout.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        self.stdout().lines().map(parse).collect()
    }
}
