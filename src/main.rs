//! The binary: parses the arguments, calls the library, chooses the exit code.

mod args;
mod command;
mod print;

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use clap::Parser;

use args::Args;
use command::{Failure, Outcome};

fn main() -> ExitCode {
    let args = Args::parse_from(args::with_questions_last(std::env::args_os().collect()));
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
