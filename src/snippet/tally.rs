//! How much the items of a window are worth together; it moves along a text without counting anew.

/// What a further occurrence of an item is worth, in its weight; each counts half of the one before.
const AGAIN: f32 = 0.1;

/// The most that nearness may add, in the weight of the items: never as much as another rare word.
pub(super) const MOST_NEARNESS: f32 = 0.2;

/// How often each item stands in a window, and what that is worth.
pub(super) struct Tally<'w> {
    weights: &'w [f32],
    pub(super) counts: Vec<u32>,
    sum: f32,
    again: f32,
}

impl<'w> Tally<'w> {
    pub(super) fn new(weights: &'w [f32]) -> Self {
        Self { weights, counts: vec![0; weights.len()], sum: 0.0, again: 0.0 }
    }

    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
        (self.sum, self.again) = (0.0, 0.0);
    }

    pub(super) fn add(&mut self, item: u32) {
        let item = item as usize;
        match self.counts[item] {
            0 => self.sum += self.weights[item],
            count => self.again += self.repeated(item, count),
        }
        self.counts[item] += 1;
    }

    pub(super) fn remove(&mut self, item: u32) {
        let item = item as usize;
        self.counts[item] -= 1;
        match self.counts[item] {
            0 => self.sum -= self.weights[item],
            count => self.again -= self.repeated(item, count),
        }
    }

    /// What one more occurrence is worth after `count`.
    fn repeated(&self, item: usize, count: u32) -> f32 {
        self.weights[item] * AGAIN * 0.5f32.powi(count.min(24) as i32 - 1)
    }

    pub(super) fn score(&self, near: f32, shares: &[f32]) -> f32 {
        let near = near.min(self.sum * MOST_NEARNESS);
        self.sum * (1.0 + shares.iter().sum::<f32>()) + self.again + near
    }
}
