//! How much each leaf, each function word and each unit of a plan counts, by how many documents have it.

use super::Lookup;
use crate::Result;
use crate::rank::{self, FUNCTION_WEIGHT, K1, NEGLIGIBLE_SHARE, PATH_WEIGHT, TITLE_WEIGHT};
use crate::search::evaluate::FIELDS;
use crate::search::plan::{self, Leaf, Place, Unit, What};
use crate::search::spelling;

impl Lookup<'_> {
    /// Counts how many documents have each leaf, and weighs it by that.
    pub(super) fn weigh(&mut self) -> Result<()> {
        let all = self.snapshot.documents();
        for leaf in 0..self.plan.leaves.len() {
            let mut counts: [Vec<u64>; FIELDS] = Default::default();
            for sought in &self.sought[leaf] {
                let mut count = 0;
                for (segment, info) in sought.infos.iter().enumerate() {
                    count += self.snapshot.living(segment, sought.field, info.as_ref())?;
                }
                counts[sought.counts_for].push(count);
            }
            let is_fuzzy = matches!(self.plan.leaves[leaf].what, What::Fuzzy(..));
            let nearest = is_fuzzy.then(|| self.nearest_forms(leaf, &counts));
            for (number, segment) in self.snapshot.segments.iter().enumerate() {
                for (field, found) in self.phrases[number][leaf].iter().enumerate() {
                    let alive = found.iter().filter(|(document, _)| !segment.is_deleted(*document)).count();
                    // One phrase is one spelling, spread over the segments.
                    match counts[field].first_mut().filter(|_| number > 0) {
                        Some(count) => *count += alive as u64,
                        None => counts[field].insert(0, alive as u64),
                    }
                }
            }
            let weighed = nearest.unwrap_or_else(|| counts.clone()).map(|counts| rank::union(counts, all));
            let documents = counts.map(|counts| rank::union(counts, all));
            let Leaf { place, weight, .. } = &self.plan.leaves[leaf];
            let title_weight = if *place == Place::Title { 1.0 } else { TITLE_WEIGHT };
            let field_weights = [1.0, title_weight, PATH_WEIGHT];
            // Where no document has it, it must not pass for the rarest of all.
            let rarity = std::array::from_fn(|field| match weighed[field] {
                0 => 0.0,
                with => weight * field_weights[field] * rank::idf(with, all),
            });
            self.rarities.push(rarity);
            self.documents.push(documents);
        }
        Ok(())
    }

    pub(super) fn weigh_asides(&mut self) -> Result<()> {
        let all = self.snapshot.documents();
        for aside in &self.plan.asides {
            let with = self.snapshot.living_with(self.snapshot.fields.body, &aside.term)?;
            self.asides.push(aside.weight * FUNCTION_WEIGHT * rank::idf(with, all));
        }
        // More than words, their nearness and the best passage come to, even where each saturates.
        let words = self.rarities.iter().flatten().chain(&self.asides).sum::<f32>();
        self.bonus = 2.0 * (1.0 + K1) * words;
        Ok(())
    }

    /// Which units a file must have to come before others: all but those that are too common to matter.
    pub(super) fn required(&self) -> Vec<bool> {
        let rarity = |unit: &Unit| {
            let mut found = Vec::new();
            plan::leaves(&unit.tree, &mut found);
            found.into_iter().map(|leaf| self.rarity(leaf)).fold(0.0, f32::max)
        };
        let rarities: Vec<f32> = self.plan.units.iter().map(rarity).collect();
        let least = NEGLIGIBLE_SHARE * rarities.iter().sum::<f32>();
        rarities.iter().map(|rarity| *rarity > least).collect()
    }

    /// How rare a leaf is in the field where most documents have it.
    pub(super) fn rarity(&self, leaf: usize) -> f32 {
        let most = self.documents[leaf].iter().copied().max().unwrap_or_default();
        self.plan.leaves[leaf].weight * rank::idf(most, self.snapshot.documents())
    }

    /// Weighs the forms of a fuzzy search among each other, by how many files have each, field by field; and returns those
    /// counts for the nearest forms that any file has. They alone say how rare what was asked for is: a common word that
    /// is spelled a little like a name does not make the name common.
    pub(super) fn nearest_forms(&mut self, leaf: usize, counts: &[Vec<u64>; FIELDS]) -> [Vec<u64>; FIELDS] {
        let all = self.snapshot.documents();
        let parts = &mut self.forms[leaf].parts;
        let most = |form: usize| counts.iter().filter_map(|counts| counts.get(form)).copied().max().unwrap_or_default();
        let known: Vec<usize> = (0..parts.len()).filter(|form| most(*form) > 0).collect();
        let nearest = known.iter().map(|form| parts[*form].weight).fold(0.0, f32::max);
        let near = |form: &usize| parts[*form].weight >= nearest;
        let near: Vec<usize> = known.iter().copied().filter(near).collect();
        let rarest = known.iter().map(|form| rank::idf(most(*form), all)).fold(f32::MIN_POSITIVE, f32::max);
        for form in known {
            parts[form].weight *= spelling::by_rarity(rank::idf(most(form), all) / rarest);
        }
        counts.each_ref().map(|counts| near.iter().filter_map(|form| counts.get(*form)).copied().collect())
    }
}
