//! More random test data: rows of several shapes, ids, sequences that repeat themselves.

use super::rows::Random;

impl Random {
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Returns logits of one of several shapes: spread, flat, tied, partly masked, huge.
    pub fn row(&mut self, vocab: usize) -> Vec<f32> {
        let shape = self.below(6);
        let mut row: Vec<f32> = (0..vocab)
            .map(|_| {
                let x = self.normal();
                match shape {
                    0 | 1 => 3.0 * x,
                    2 => 0.1 * x,
                    3 => (2.0 * x).round(),
                    4 if self.chance(0.4) => f32::NEG_INFINITY,
                    4 => 3.0 * x,
                    _ => 30.0 * x,
                }
            })
            .collect();
        let last = self.below(vocab);
        row[last] = row[last].max(0.5);
        row
    }

    pub fn ids(&mut self, vocab: usize, most: usize) -> Vec<u32> {
        (0..self.below(most + 1)).map(|_| self.below(vocab) as u32).collect()
    }

    /// Returns a sequence of a few different tokens, which often repeats in a cycle.
    pub fn tokens(&mut self, vocab: usize, len: usize) -> Vec<u32> {
        let kinds = self.one_of(&[1, 2, 3, 5, vocab]).min(vocab);
        let circle = self.one_of(&[0, 0, 1, 2, 5]);
        let mut tokens: Vec<u32> = Vec::with_capacity(len);
        for i in 0..len {
            let again = circle > 0 && i >= circle && !self.chance(0.05);
            tokens.push(if again { tokens[i - circle] } else { self.below(kinds) as u32 });
        }
        tokens
    }
}
