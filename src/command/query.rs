//! `indago query`

use std::fs;
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::ValueEnum;
use indago::index::Snapshot;
use indago::ingest::Request;
use indago::question::{self, Node};
use indago::rank::Steps;
use indago::search::{self, Answer};
use jiff::Zoned;

use super::ingest::{How, carry_out};
use super::{Failure, Outcome, absolute, reading_index, writing_index};
use crate::print::{self, ColorChoice, Format, Meta, Style, objects::Layout};

/// Find files by their words, best first, with the passages that show why
#[derive(clap::Args, Debug)]
#[command(after_help = "\
The question:
  troops niger              files with both first, then files with one of them
  \"air base\"  \"base niger\"~3  a phrase; words within a distance, in any order
  +word -word               must, must not
  a AND b OR NOT (c d)      boolean, in capitals; AND binds tighter than OR
  with* *stan niam?y        a beginning, a pattern; /dro(ne|p)s/ a regular expression over words
  tiani~                    words spelled like this one, and other spellings of a name
  title:x path:reports/     only in the title; only in files with this in their path
  ext:md lang:fr size:>10mb only files with this extension; in this language; of this size
  modified:2026-01..2026-03 after:7d before:2024-04-20
  word^3                    counts three times
Words meet their inflections in the languages of the files that hold them (withdraw, withdrawing; Haus, Häuser), with or
without accents and capitals. A name with a dash is found under all its spellings: long-expected, long expected,
longexpected. A pattern stands for its 256 commonest words; a question has at most 500 different words. Begin the question with -- if a word looks like an
option: indago query -- -russia troops

Of files that are nearly the same the best is shown, with how many there are of the others; -n and --offset count what is
shown. Lists (-l), counts (-c), csv, vimgrep and trec hold every file.

Exit code: 0 found, 1 nothing found, 2 trouble. Only answers go to stdout.")]
pub struct Args {
    /// The question; several words need no quotes
    #[arg(value_name = "WORDS", required_unless_present = "queries")]
    words: Vec<String>,
    /// Ingest PATH first, into the index found or ./index
    #[arg(long, value_name = "PATH")]
    from: Vec<PathBuf>,
    /// Bring the index up to date first
    #[arg(short, long)]
    update: bool,
    /// Show at most N hits [default: 10; none for -l and -c, 1000 for trec]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Leave out the best N hits
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Show up to N passages a hit
    #[arg(long, value_name = "N", default_value_t = 2)]
    snippets: usize,
    /// List the files that are nearly the same as a hit below it
    #[arg(long)]
    copies: bool,
    /// Show every hit, also those that are nearly the same as a better one, and every passage
    #[arg(long, conflicts_with = "copies")]
    no_collapse: bool,
    /// Take everything as words: no operators, no fields
    #[arg(long)]
    literal: bool,
    /// The shape of the answer
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Shape>,
    /// The same as --format jsonl
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Print paths only, a line each
    #[arg(short = 'l', long, conflicts_with_all = ["format", "json"])]
    paths: bool,
    /// Print paths only, each ended by NUL
    #[arg(short = '0', long, conflicts_with_all = ["format", "json", "count"])]
    null: bool,
    /// Print how many files match
    #[arg(short, long, conflicts_with_all = ["format", "json", "paths"])]
    count: bool,
    /// Answer each line `ID<TAB>QUESTION` of FILE (- for stdin) with a TREC run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["words", "json", "paths", "null", "count"])]
    queries: Option<PathBuf>,
    /// Rank by BM25 of the text alone
    #[arg(long)]
    plain: bool,
    /// Show the scores
    #[arg(long)]
    scores: bool,
    /// Show how the question was read, and how each score came about
    #[arg(long)]
    explain: bool,
    /// Colour and links: auto (on a terminal), always, never
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    #[command(flatten)]
    how: How,
}

/// The names of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// For people
    Text,
    /// JSON Lines: begin, each hit, summary
    Jsonl,
    /// One JSON array of the same
    Json,
    /// A header, then a row a passage
    Csv,
    /// path:line:column:text
    Vimgrep,
    /// Paths only
    Paths,
    /// A TREC run
    Trec,
}

/// Hits of a TREC run a question, as evaluation tools expect.
const TREC_LIMIT: usize = 1000;
/// A passage is about so wide where the width of a terminal says nothing.
const PASSAGE_CHARS: usize = 240;

impl Args {
    fn format(&self) -> Format {
        match self.format {
            None if self.count => Format::Count,
            None if self.null => Format::Paths { nul: true },
            None if self.paths => Format::Paths { nul: false },
            None if self.json => Format::Jsonl,
            None if self.queries.is_some() => Format::Trec,
            None | Some(Shape::Text) => Format::Text,
            Some(Shape::Jsonl) => Format::Jsonl,
            Some(Shape::Json) => Format::Json,
            Some(Shape::Csv) => Format::Csv,
            Some(Shape::Vimgrep) => Format::Vimgrep,
            Some(Shape::Paths) => Format::Paths { nul: false },
            Some(Shape::Trec) => Format::Trec,
        }
    }

    /// How errors are put where an answer in JSON was asked for.
    pub fn json_layout(&self) -> Option<Layout> {
        match self.format() {
            Format::Jsonl => Some(Layout::Lines),
            Format::Json => Some(Layout::Array),
            _ => None,
        }
    }

    fn options(&self, style: &Style) -> search::Options {
        let format = self.format();
        let (limit, passages) = match format {
            Format::Paths { .. } => (None, 0),
            Format::Count => (Some(0), 0),
            Format::Trec => (Some(TREC_LIMIT), 0),
            _ => (Some(10), self.snippets),
        };
        let limit = if format == Format::Count { limit } else { self.limit.or(limit) };
        // Two lines of a terminal, or what reads well anywhere.
        let width_chars = style.width.map_or(PASSAGE_CHARS, |width| (2 * width.saturating_sub(8)).clamp(40, 480));
        let (explain, suggest) = (self.explain, self.queries.is_none());
        let steps = if self.plain { Steps::PLAIN } else { Steps::ALL };
        // What is hidden must be told, and other formats have no place for that.
        let collapse = !self.no_collapse && matches!(format, Format::Text | Format::Jsonl | Format::Json);
        search::Options { limit, offset: self.offset, passages, width_chars, suggest, explain, steps, collapse }
    }
}

/// Runs the verb.
pub fn run(args: &Args, index: Option<&Path>) -> Result<Outcome, Failure> {
    let style = Style { copies: args.copies, ..Style::detect(args.color, args.scores) };
    if args.queries.is_some() && args.format() != Format::Trec {
        return Err(Failure::Usage("--queries answers with --format trec only".into()));
    }
    let mut is_trouble = false;
    let folder = if args.from.is_empty() {
        let folder = reading_index(index)?;
        if args.update {
            is_trouble = carry_out(&folder, &Request::default(), &args.how, false, false)?.is_trouble();
        }
        folder
    } else {
        let folder = writing_index(index)?;
        let paths = args.from.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
        let request = Request { paths, ..Request::default() };
        is_trouble = carry_out(&folder, &request, &args.how, false, false)?.is_trouble();
        folder
    };
    let outcome = match &args.queries {
        Some(queries) => answer_all(args, queries, &folder, &style)?,
        None => answer_one(args, &folder, &style)?,
    };
    // The answer stands, but an ingest that went wrong must not pass for one that went well.
    Ok(if is_trouble { Outcome::Trouble } else { outcome })
}

fn answer_one(args: &Args, folder: &Path, style: &Style) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let text = args.words.join(" ");
    let node = read_question(args, &text)?.ok_or(indago::Error::NoWords)?;
    // The process ends after this, and the system takes back at once what it would be given back piece by piece.
    let snapshot = ManuallyDrop::new(Snapshot::open(folder)?);
    let answer = search::answer(&snapshot, &node, &args.options(style)).map_err(|error| located(error, &text))?;
    let meta = Meta { question: &text, index: folder, took: began.elapsed() };
    for note in &answer.notes {
        // Nobody is there to be told when stderr is closed.
        drop(print::trouble::note(&mut io::stderr(), note));
    }
    if args.explain {
        drop(explain(&node, &answer, &mut io::stderr().lock()));
    }
    let mut out = print::stdout();
    print::answer(&mut out, args.format(), style, &meta, &answer).map_err(Failure::output)?;
    Ok(if answer.total > 0 { Outcome::Good } else { Outcome::Nothing })
}

fn read_question(args: &Args, text: &str) -> Result<Option<Node>, Failure> {
    if args.literal {
        return Ok(question::literal(text));
    }
    question::parse(text, &Zoned::now).map_err(|mistake| {
        let question::Mistake { message, column, .. } = mistake;
        indago::Error::Question { message, column }.into()
    })
}

/// Says in which column the part of the question begins that cannot be used.
fn located(error: indago::Error, text: &str) -> indago::Error {
    match error {
        indago::Error::Part { message, start } => {
            let column = text.get(..start).map_or(0, |before| before.chars().count()) + 1;
            indago::Error::Question { message, column }
        }
        error => error,
    }
}

/// Answers a file of questions on one open index.
fn answer_all(args: &Args, queries: &Path, folder: &Path, style: &Style) -> Result<Outcome, Failure> {
    let mut bytes = Vec::new();
    let read = match queries.to_str() {
        Some("-") => io::stdin().read_to_end(&mut bytes).map(drop),
        _ => fs::read(queries).map(|read| bytes = read),
    };
    read.map_err(|source| indago::Error::Read { path: queries.to_path_buf(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    let snapshot = Snapshot::open(folder)?;
    let options = args.options(style);
    let mut out = print::stdout();
    let mut found = false;
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |what: &str| Failure::Usage(format!("{}:{}: {what}", queries.display(), n + 1));
        let (id, question) = line.split_once('\t').ok_or_else(|| wrong("expected ID<TAB>QUESTION"))?;
        if id.is_empty() || id.contains(char::is_whitespace) {
            return Err(wrong("expected an ID without white space"));
        }
        let node = read_question(args, question).map_err(|failure| match failure {
            Failure::Library(indago::Error::Question { message, column }) => {
                wrong(&format!("column {column}: {message}"))
            }
            failure => failure,
        })?;
        if let Some(node) = node {
            let answer = match search::answer(&snapshot, &node, &options) {
                // A question of signs only has no answers, which is no reason to leave out the other questions'.
                Err(indago::Error::NoWords) => continue,
                answered => answered.map_err(|error| located(error, question))?,
            };
            found |= answer.total > 0;
            print::trec::run(&mut out, id, &answer).map_err(Failure::output)?;
        }
    }
    out.flush().map_err(Failure::output)?;
    Ok(if found { Outcome::Good } else { Outcome::Nothing })
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".into() } else { format!("{} files", print::units::count(count)) }
}

/// Says how the question was read, and what each score consists of.
fn explain(node: &Node, answer: &Answer, err: &mut impl Write) -> io::Result<()> {
    let clean = print::clean::clean;
    writeln!(err, "read as: {}", clean(&node.to_string()))?;
    // What nobody typed is told where it found something.
    for leaf in answer.explained.iter().filter(|leaf| leaf.weight > 0.0 || leaf.documents > 0) {
        let shown = leaf.terms.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(" ");
        let more = if leaf.terms.len() > 12 { format!(" and {} more", leaf.terms.len() - 12) } else { String::new() };
        let (label, shown) = (clean(&leaf.label).into_owned(), clean(&shown).into_owned());
        writeln!(err, "  {label}: in {}, weight {:.2}, as {shown}{more}", files(leaf.documents), leaf.weight)?;
    }
    for hit in &answer.hits {
        let parts: Vec<_> = hit.parts.iter().filter(|(_, score)| *score != 0.0).collect();
        let parts: Vec<_> = parts.iter().map(|(label, score)| format!("{} {score:.2}", clean(label))).collect();
        writeln!(err, "{:>4}  {:.2} = {}", hit.rank, hit.score, parts.join(" + "))?;
    }
    Ok(())
}
