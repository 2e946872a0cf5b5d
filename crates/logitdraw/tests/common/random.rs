//! Random numbers, rows and options for tests: functions of a seed.

/// splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Approximately N(0, 1).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Logits of several shapes: spread, flat, tied, partly masked, huge.
    pub fn row(&mut self, vocab: usize) -> Vec<f32> {
        let shape = self.below(6);
        let mut row: Vec<f32> = (0..vocab)
            .map(|_| {
                let x = self.normal();
                match shape {
                    0 | 1 => 3.0 * x as f32,
                    2 => 0.1 * x as f32,
                    3 => (2.0 * x).round() as f32,
                    4 if self.chance(0.4) => f32::NEG_INFINITY,
                    4 => 3.0 * x as f32,
                    _ => 30.0 * x as f32,
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

    /// A sequence of few different tokens, often going round in circles.
    pub fn tokens(&mut self, vocab: usize, len: usize) -> Vec<u32> {
        let kinds = self.pick(&[1, 2, 3, 5, vocab]).min(vocab);
        let circle = self.pick(&[0, 0, 1, 2, 5]);
        let mut tokens: Vec<u32> = Vec::with_capacity(len);
        for i in 0..len {
            let again = circle > 0 && i >= circle && !self.chance(0.05);
            tokens.push(if again { tokens[i - circle] } else { self.below(kinds) as u32 });
        }
        tokens
    }
}
