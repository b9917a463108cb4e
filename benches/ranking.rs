//! What each step of ranking brings and costs, on judged collections.
//!
//!     cargo bench --bench ranking -- DIR…
//!
//! In: folders with `docs/`, `topics.tsv` (`qid<TAB>text`) and `qrels.txt` (`qid 0 id grade`, the id being the name of a file
//! without its extension), or folders that hold several such. Out: a Markdown table with a row for BM25 of the text alone,
//! one for each step, switched on beside those above it, and one for each step alone switched off: nDCG@10 of each
//! collection, their mean, and the time a question takes, relative to the first row. docs/ranking.md has the table and says where collections come from.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indago::index::Snapshot;
use indago::ingest::{self, Request, Watch};
use indago::question;
use indago::rank::Steps;
use indago::search::{self, Options};
use tempfile::TempDir;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Hits that count, as in nDCG@10.
const DEPTH: usize = 10;

/// How often each question is asked each way. The ways take turns, so that whatever else the machine does meets all of them.
const ROUNDS: usize = 5;

/// A step of ranking: what it is called, and its switch.
struct Step {
    name: &'static str,
    switch: fn(&mut Steps) -> &mut bool,
}

/// In the order in which they are switched on.
const STEPS: [Step; 6] = [
    Step { name: "function words", switch: |steps| &mut steps.function_words },
    Step { name: "titles, paths, names", switch: |steps| &mut steps.names },
    Step { name: "all words first", switch: |steps| &mut steps.all_words },
    Step { name: "nearness", switch: |steps| &mut steps.nearness },
    Step { name: "best passage", switch: |steps| &mut steps.passage },
    Step { name: "likeness", switch: |steps| &mut steps.likeness },
];

fn main() -> Result<()> {
    // Cargo says `--bench`; everything else is a folder.
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).filter(|arg| arg != "--bench").map(PathBuf::from).collect();
    if folders.is_empty() {
        println!("not run: no judged collection given (cargo bench --bench ranking -- DIR…, see docs/ranking.md)");
        return Ok(());
    }
    let mut collections = Vec::new();
    for folder in folders {
        let found = below(&folder)?;
        if found.is_empty() {
            return Err(format!("no docs/, topics.tsv and qrels.txt in {}", folder.display()).into());
        }
        for folder in found {
            collections.push(Collection::read(&folder)?);
        }
    }
    let mut rows = rows();
    for collection in &collections {
        collection.measure(&mut rows)?;
    }
    print(&collections, &rows);
    Ok(())
}

/// The folder itself if it is a collection, or those in it that are.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_one = |folder: &Path| ["docs", "topics.tsv", "qrels.txt"].iter().all(|name| folder.join(name).exists());
    if is_one(folder) {
        return Ok(vec![folder.to_path_buf()]);
    }
    let listing = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found = listing.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    found.retain(|folder| is_one(folder));
    found.sort();
    Ok(found)
}

/// A way to rank, and what it gave.
struct Row {
    name: String,
    steps: Steps,
    /// nDCG@10 of each collection.
    gains: Vec<f64>,
    /// What a question took here, divided by what it took in the first row just before.
    ratios: Vec<f64>,
    took: Vec<Duration>,
}

/// BM25 of the text; then each step switched on beside those before; then all of them but one.
fn rows() -> Vec<Row> {
    let row = |name, steps| Row { name, steps, gains: Vec::new(), ratios: Vec::new(), took: Vec::new() };
    let mut steps = Steps::PLAIN;
    let mut rows = vec![row("BM25 of the text".to_string(), steps)];
    for Step { name, switch } in STEPS {
        *switch(&mut steps) = true;
        rows.push(row(format!("+ {name}"), steps));
    }
    for Step { name, switch } in STEPS {
        let mut steps = Steps::ALL;
        *switch(&mut steps) = false;
        rows.push(row(format!("all without {name}"), steps));
    }
    rows
}

/// Questions over documents, and what answers them.
struct Collection {
    name: String,
    documents: PathBuf,
    /// Those that are judged, in order.
    topics: Vec<(String, String)>,
    /// How well each document answers, by topic.
    judged: HashMap<String, HashMap<String, f64>>,
}

impl Collection {
    fn read(folder: &Path) -> Result<Collection> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let mut judged: HashMap<String, HashMap<String, f64>> = HashMap::new();
        for line in read("qrels.txt")?.lines().filter(|line| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [topic, _, document, grade] = fields[..] else {
                return Err(format!("{}: expected `qid 0 id grade`, found `{line}`", folder.display()).into());
            };
            judged.entry(topic.into()).or_default().insert(document.into(), grade.parse()?);
        }
        let mut topics = Vec::new();
        for line in read("topics.tsv")?.lines().filter(|line| !line.trim().is_empty()) {
            let (id, text) = line.split_once('\t').ok_or_else(|| format!("expected `qid<TAB>text`, found `{line}`"))?;
            topics.push((id.to_string(), text.to_string()));
        }
        topics.retain(|(id, _)| judged.contains_key(id));
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        Ok(Collection { name, documents: folder.join("docs"), topics, judged })
    }

    /// Asks every question in every way.
    fn measure(&self, rows: &mut [Row]) -> Result<()> {
        let home = TempDir::new()?;
        let index = home.path().join("index");
        let request = Request { paths: vec![self.documents.canonicalize()?], ..Request::default() };
        ingest::run(&index, &request, &Default::default(), &Watch::default(), &mut |_| {})?;
        let snapshot = Snapshot::open(&index)?;
        let mut sums = vec![0.0; rows.len()];
        for (topic, text) in &self.topics {
            // A topic without words finds nothing.
            let Some(question) = question::literal(text) else { continue };
            for round in 0..ROUNDS {
                let mut first = None;
                for (row, sum) in rows.iter_mut().zip(&mut sums) {
                    let options = Options {
                        limit: Some(DEPTH),
                        passages: 0,
                        suggest: false,
                        steps: row.steps,
                        ..Options::default()
                    };
                    let began = Instant::now();
                    let answer = search::answer(&snapshot, &question, &options)?;
                    let took = began.elapsed();
                    let first = *first.get_or_insert(took);
                    row.ratios.push(took.as_secs_f64() / first.as_secs_f64());
                    row.took.push(took);
                    if round == 0 {
                        let stem = |hit: &search::Hit| hit.path.file_stem().map(|stem| stem.to_string_lossy().into());
                        let found: Vec<String> = answer.hits.iter().filter_map(stem).collect();
                        *sum += ndcg(&found, &self.judged[topic]);
                    }
                }
            }
        }
        // As trec_eval does with -c: every judged topic counts, answered or not.
        rows.iter_mut().zip(sums).for_each(|(row, sum)| row.gains.push(sum / self.judged.len() as f64));
        Ok(())
    }
}

/// Normalised discounted cumulative gain at [`DEPTH`], as trec_eval has it: each hit gains its grade, divided by the binary
/// logarithm of its rank plus one; divided by what the best order would have (Järvelin and Kekäläinen, "Cumulated gain-based
/// evaluation of IR techniques", 2002). 0 where nothing is relevant.
fn ndcg(found: &[String], judged: &HashMap<String, f64>) -> f64 {
    let gain = |grades: &mut dyn Iterator<Item = f64>| -> f64 {
        grades.take(DEPTH).enumerate().map(|(n, grade)| grade.max(0.0) / (n as f64 + 2.0).log2()).sum()
    };
    let mut ideal: Vec<f64> = judged.values().copied().collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let best = gain(&mut ideal.into_iter());
    let got = gain(&mut found.iter().map(|id| judged.get(id).copied().unwrap_or_default()));
    if best > 0.0 { got / best } else { 0.0 }
}

fn print(collections: &[Collection], rows: &[Row]) {
    let names: Vec<&str> = collections.iter().map(|collection| collection.name.as_str()).collect();
    println!("| nDCG@{DEPTH} | {} | mean | time |", names.join(" | "));
    println!("|---|{}---|---|", "---|".repeat(names.len()));
    for row in rows {
        let mean = row.gains.iter().sum::<f64>() / row.gains.len() as f64;
        let gains: Vec<String> = row.gains.iter().chain([&mean]).map(|gain| format!("{gain:.4}")).collect();
        println!("| {} | {} | {:.2} |", row.name, gains.join(" | "), median(&row.ratios));
    }
    let first: Vec<f64> = rows[0].took.iter().map(|took| took.as_secs_f64() * 1e3).collect();
    println!(
        "\ntime: the median of each question's time divided by that in the first row, {:.2} ms there",
        median(&first)
    );
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
