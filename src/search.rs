//! Second verb: a question is answered from an index.
//!
//! What was typed becomes a plan (`build`, `plan`, `split`), its words become the terms that the index holds (`dictionary`),
//! inflected as their `languages` do; their postings are joined and scored a window at a time (`evaluate`), the best are kept
//! (`top`) and looked at again (`closely`, `alike`), and each is shown with the passages that say why (`show`, `seen`, `common`).

mod ahead;
mod alike;
mod answer;
mod build;
mod closely;
mod collapse;
mod common;
mod condition;
mod dictionary;
mod evaluate;
mod languages;
mod lookup;
mod pattern;
mod phrase;
mod plan;
mod seen;
mod show;
mod spelling;
mod split;
mod spots;
mod terms;
mod top;

use std::io;

use crate::Result;
use crate::index::{Snapshot, UID};
use crate::question::Node;
use crate::rank::{CLOSE, Steps};

use ahead::Ahead;
use closely::Gains;
use condition::ConditionRun;
use evaluate::Run;
use languages::Languages;
use lookup::Lookup;
use plan::Place;
use seen::Seen;
use show::Show;
use spots::Seeker;
use terms::Effort;
use top::{Files, Match, Top};

pub use answer::{Answer, Elsewhere, Explanation, Freshness, Hit, Note, Passage, Same, Snippet};

/// How a question is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How many hits; `None` for all.
    pub limit: Option<usize>,
    /// How many of the best are left out.
    pub offset: usize,
    /// Passages a hit; 0 leaves the files unread, so that titles and freshness are unknown, too.
    pub passages: usize,
    /// The width of a passage, in characters.
    pub width_chars: usize,
    /// Look for what a word that no file has may have been meant to be.
    pub suggest: bool,
    /// Tell how each score came about.
    pub explain: bool,
    /// What decides the order.
    pub steps: Steps,
    /// Of hits that are nearly the same show the best alone: `limit` and `offset` count those that are shown. And show no
    /// passage twice: what a hit has that a better one shows is told in [`Hit::same`].
    pub collapse: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            limit: Some(10),
            offset: 0,
            passages: 2,
            width_chars: 240,
            suggest: true,
            explain: false,
            steps: Steps::ALL,
            collapse: true,
        }
    }
}

/// Answers a question, as [`crate::question`] understood it.
///
/// # Errors
/// If the index is damaged, the question has no words, or a part of it cannot be used.
///
/// ```
/// use indago::ingest::{self, Request, Watch};
/// use indago::{index::Snapshot, question, search};
///
/// # fn main() -> indago::Result<()> {
/// let home = tempfile::tempdir().unwrap();
/// std::fs::create_dir(home.path().join("notes")).unwrap();
/// std::fs::write(home.path().join("notes/keeper.txt"), "The harbour lantern was lit.").unwrap();
/// let request = Request { paths: vec![home.path().join("notes")], ..Request::default() };
/// let index = home.path().join("index");
/// ingest::run(&index, &request, &Default::default(), &Watch::default(), &mut |_| {})?;
///
/// let question = question::literal("lanterns").expect("a word");
/// let answer = search::answer(&Snapshot::open(&index)?, &question, &search::Options::default())?;
/// assert_eq!(answer.hits[0].snippets[0].passage.text, "The harbour lantern was lit.");
/// assert_eq!(answer.hits[0].snippets[0].passage.marks, [12..19]);
/// # Ok(())
/// # }
/// ```
pub fn answer(snapshot: &Snapshot, question: &Node, options: &Options) -> Result<Answer> {
    let languages = Languages::of(snapshot)?;
    let mut plan = build::plan(question, &languages, &options.steps)?;
    let effort = Effort::default();
    split::words(snapshot, &languages, &mut plan, &effort)?;
    split::compounds(snapshot, &mut plan, &effort)?;
    let lookup = Lookup::new(snapshot, &languages, &plan, &options.steps)?;
    let keep = options.limit.map_or(usize::MAX, |limit| limit.saturating_add(options.offset));
    let keep = keep.min(usize::try_from(snapshot.documents()).unwrap_or(usize::MAX));
    let sets = lookup.conditions()?;
    let mut runs = Vec::with_capacity(snapshot.segments.len());
    for (number, segment) in snapshot.segments.iter().enumerate() {
        let uids = segment.fast_fields().u64(UID).map_err(|error| snapshot.engine(error))?;
        runs.push((number, segment, uids));
    }
    let mut files = Files::new(snapshot);
    let rank = |keep: usize, files: &mut Files<'_>| -> Result<Ranked> {
        let is_looked_at = keep > 0 && options.steps.looks_closely() && lookup.bonus > 0.0;
        let mut top = Top::new(if is_looked_at { keep.max(CLOSE) } else { keep });
        for (number, segment, uids) in &runs {
            let conditions = sets.iter().map(|set| ConditionRun { uids, set }).collect();
            let mut run = lookup.run(*number, segment, conditions)?;
            run.collect(|document, score| {
                // Every document has a uid; one without would have no record either, which is told where records are read.
                let uid = if top.wants(score) { uids.first(document).unwrap_or_default() } else { 0 };
                top.push(Match { score, uid, segment: *number as u32, document });
            });
        }
        let total = top.total;
        let mut found = top.finish(files)?;
        let close = if is_looked_at { found.len().min(CLOSE) } else { 0 };
        files.cut(&mut found, close)?;
        let mut found: Vec<_> = found.into_iter().map(|found| (found, Gains::default())).collect();
        let (block, rest) = found.split_at_mut(close);
        files.order(rest, |(found, _)| found)?;
        look_closely(&lookup, block, rest, &options.steps)?;
        files.order(block, |(found, _)| found)?;
        Ok(Ranked { total, found })
    };
    let is_collapsed = options.collapse && keep > 0;
    let Ranked { total, mut found } = rank(if is_collapsed { keep.max(CLOSE) } else { keep }, &mut files)?;
    let mut copies = Vec::new();
    if is_collapsed {
        (found, copies) = collapse::shown(snapshot, &mut files, Ranked { total, found }, keep, rank)?;
    }
    found.truncate(keep);
    copies.drain(..options.offset.min(copies.len()));
    found.drain(..options.offset.min(found.len()));
    files.load(found.iter().map(|(found, _)| *found))?;
    let notes = lookup.notes(options.suggest, total)?;
    // One word is lacking nowhere.
    let explained = match options.explain || plan.units.len() > 1 {
        true => explain(snapshot, &lookup, &found, |segment| {
            let (_, _, uids) = &runs[segment];
            sets.iter().map(|set| ConditionRun { uids, set }).collect()
        })?,
        false => found.iter().map(|_| evaluate::Explained::default()).collect(),
    };
    let [wanted, in_title, in_path] = [Place::Anywhere, Place::Title, Place::Path].map(|place| lookup.wanted(place));
    let places: Vec<_> = found.iter().map(|(found, _)| (found.segment, found.document)).collect();
    let langs = languages.of_documents(&places)?;
    let seeker = Seeker::new(&lookup, &wanted, options.width_chars);
    let seen = Seen::new(snapshot, options.collapse);
    let mut show = Show { snapshot, wanted: &wanted, in_title: &in_title, in_path: &in_path, options, seeker, seen };
    let mut hits = Vec::with_capacity(found.len());
    let records = found.iter().map(|(found, _)| files.known(found)).collect::<Result<Vec<_>>>()?;
    let mut add = |n: usize, ahead: Option<io::Result<Ahead>>| -> Result<()> {
        let (found, gains) = &found[n];
        let (mut hit, again) = show.hit(found, records[n], ahead)?;
        hit.rank = (options.offset + n + 1) as u64;
        hit.score = found.score;
        hit.lang = langs[n];
        hit.missing = lookup.missing(&explained[n]);
        hit.copies = copies.get_mut(n).map(std::mem::take).unwrap_or_default();
        if options.explain {
            hit.parts = lookup.parts(&explained[n], gains);
        }
        hits.push(hit);
        show.seen.add(&mut hits, again)
    };
    match options.passages {
        0 => (0..records.len()).try_for_each(|n| add(n, None))?,
        _ => ahead::each(snapshot, &records, &wanted, |n, ahead| add(n, Some(ahead)))?,
    }
    let explained = if options.explain { lookup.explanations() } else { Vec::new() };
    Ok(Answer { total, hits, offset: options.offset, notes, explained })
}

/// The best matches, and what a closer look gave each.
struct Ranked {
    /// How many files match.
    total: u64,
    found: Vec<(Match, Gains)>,
}

/// Scores the best anew, which are in the order of their scores, by what a closer look gives; `rest` stays below them.
fn look_closely(
    lookup: &Lookup<'_>,
    best: &mut [(Match, Gains)],
    rest: &mut [(Match, Gains)],
    steps: &Steps,
) -> Result<()> {
    let Some(lowest) = best.last().map(|(found, _)| found.score) else { return Ok(()) };
    let matches: Vec<Match> = best.iter().map(|(found, _)| *found).collect();
    // Bonuses set documents apart, whatever is alike about them.
    let bonus = |score: f32| (score / lookup.bonus).floor() * lookup.bonus;
    let scores: Vec<f32> = matches.iter().map(|found| found.score - bonus(found.score)).collect();
    let gained = closely::look(lookup, &matches, &scores, steps)?;
    for ((found, gains), gained) in best.iter_mut().zip(gained) {
        found.score += gained.sum();
        *gains = gained;
    }
    // Where the closer look puts the last of the block lower than it was, the others fall by the same share.
    let now = best.iter().map(|(found, _)| found.score).fold(f32::INFINITY, f32::min);
    if now < lowest && lowest > 0.0 {
        for (found, gains) in rest {
            let score = found.score * now / lowest;
            gains.unseen = score - found.score;
            found.score = score;
        }
    }
    Ok(())
}

/// How the score of each match came about; each segment is gone through once, in order of its documents.
fn explain<'a>(
    snapshot: &'a Snapshot,
    lookup: &'a Lookup<'_>,
    found: &[(Match, Gains)],
    conditions: impl Fn(usize) -> Vec<ConditionRun<'a>>,
) -> Result<Vec<evaluate::Explained>> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|n| (found[*n].0.segment, found[*n].0.document));
    let mut explained: Vec<evaluate::Explained> = (0..found.len()).map(|_| evaluate::Explained::default()).collect();
    let mut run: Option<(u32, Run<'_>)> = None;
    for n in order {
        let Match { segment, document, .. } = found[n].0;
        if run.as_ref().is_none_or(|(current, _)| *current != segment) {
            let number = segment as usize;
            run = Some((segment, lookup.run(number, &snapshot.segments[number], conditions(number))?));
        }
        if let Some((_, run)) = &mut run {
            explained[n] = run.explain(document);
        }
    }
    Ok(explained)
}
