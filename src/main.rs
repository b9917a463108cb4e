//! The binary: parses the arguments, calls the library, chooses the exit code.

mod args;
mod command;
mod print;

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;

use args::Args;
use command::{Failure, Outcome};
use print::clean::clean;

fn main() -> ExitCode {
    outlive_limits();
    let args = arguments();
    // A panic is caught below and told in one line; the default hook would print it a second time, at length.
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(AssertUnwindSafe(|| command::run(&args)));
    let done = done.unwrap_or_else(|panic| Err(Failure::Panic(command::panic_text(panic.as_ref()))));
    let done = done.map_err(|failure| command::explained(failure, &args));
    match done {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Trouble) => ExitCode::from(2),
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let told = failure.tell(&args, &mut io::stderr().lock());
            // Nobody is left to tell when stderr is closed as well.
            drop(told);
            ExitCode::from(2)
        }
    }
}

/// The arguments, or what is wrong with them and the end. It is told in their own words, which may be a file's name.
fn arguments() -> Args {
    let given = args::with_questions_last(std::env::args_os().collect());
    Args::try_parse_from(&given).unwrap_or_else(|error| {
        let shown = given.iter().map(|arg| clean(&arg.to_string_lossy()).into_owned());
        Args::try_parse_from(shown).err().unwrap_or(error).exit()
    })
}

/// Makes an error of what would end the process: a file at its limit of size, and memory at its own.
fn outlive_limits() {
    use signal_hook::{consts::SIGABRT, consts::SIGXFSZ, flag};
    // Without the handlers the process ends with a signal, which the index survives as well.
    drop(flag::register(SIGXFSZ, Arc::default()));
    // What could not be had is told by then; the exit code is that of any other trouble.
    drop(flag::register_conditional_shutdown(SIGABRT, 2, Arc::new(AtomicBool::new(true))));
}
