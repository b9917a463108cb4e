//! `indago forget`

use std::io;
use std::path::{Path, PathBuf};

use super::{Failure, Outcome, absolute, writing_index};
use crate::print::{self, ColorChoice, Style, units};

/// Take a folder or a file out of the index; the files themselves stay as they are
///
/// A folder that was ingested by name is forgotten as a source; a part of one is taken out until that folder is ingested
/// again.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 nothing there, 2 trouble.")]
pub struct Args {
    /// What to take out
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Print JSON Lines: a summary
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Summary {
    r#type: &'static str,
    removed: u64,
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let folder = writing_index(index)?;
    if !indago::index::is_index(&folder) {
        return Err(indago::Error::NoIndex { path: folder }.into());
    }
    let (mut removed, mut known) = (0, false);
    for path in &args.paths {
        match indago::ingest::forget(&folder, &absolute(path)?) {
            Ok(documents) => {
                known = true;
                removed += documents;
            }
            // It may have been all there was to know of the other paths.
            Err(error @ indago::Error::Unknown { .. }) => drop(print::trouble::note(&mut io::stderr(), &error)),
            Err(error) => return Err(error.into()),
        }
    }
    if args.json {
        let style = Style::detect(ColorChoice::Never, false);
        let mut out = print::stdout();
        super::json_line(&mut out, &style, &Summary { r#type: "summary", removed }).map_err(Failure::output)?;
        io::Write::flush(&mut out).map_err(Failure::output)?;
    } else if known {
        let files = if removed == 1 { "file" } else { "files" };
        drop(print::trouble::note(&mut io::stderr(), &format!("{} {files} forgotten", units::count(removed))));
    }
    Ok(if known { Outcome::Good } else { Outcome::Nothing })
}
