//! Random numbers and rows of logits, for the unit tests and the integration tests alike.
#![allow(dead_code)] // each test binary uses a part of it

use std::vec::Vec;

/// SplitMix64 (Steele, Lea, Flood 2014): independent of the crate's own generators, which are tested with it.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Returns an integer below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// Returns a double in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Returns a nearly N(0, 1) number: the sum of twelve uniforms, less 6.
    pub fn normal(&mut self) -> f32 {
        ((0..12).map(|_| self.uniform()).sum::<f64>() - 6.0) as f32
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// Returns rows of every shape that logits take, each with its name. Each has a finite logit.
pub fn rows(len: usize, seed: u64) -> Vec<(&'static str, Vec<f32>)> {
    let mut random = Random(seed);
    let one = random.below(len);
    let mut row = |logit: &mut dyn FnMut(&mut Random, usize) -> f32| -> Vec<f32> {
        (0..len).map(|id| logit(&mut random, id)).collect()
    };
    let step = 20.0 / len as f32;
    let mut all = Vec::from([
        ("normal", row(&mut |random, _| 3.0 * random.normal())),
        ("flat", row(&mut |random, _| 0.01 * random.normal())),
        ("equal", row(&mut |_, _| -1.25)),
        ("peaked", row(&mut |random, id| random.normal() + if id == one { 15.0 } else { 0.0 })),
        ("tied", row(&mut |random, _| (2.0 * random.normal()).round() / 2.0)),
        ("masked", row(&mut |random, _| if random.below(3) == 0 { random.normal() } else { f32::NEG_INFINITY })),
        ("one left", row(&mut |_, id| if id == one { -7.0 } else { f32::NEG_INFINITY })),
        ("ascending", row(&mut |_, id| id as f32 * step - 10.0)),
        ("descending", row(&mut |_, id| 10.0 - id as f32 * step)),
        ("tiny", row(&mut |random, _| random.one_of(&[0.0, -0.0, 1e-45, -1e-45, f32::MIN_POSITIVE, -1e-39]))),
        ("huge", row(&mut |random, _| random.one_of(&[3.4e38, -3.4e38, f32::MAX, f32::MIN, 1.0, f32::NEG_INFINITY]))),
    ]);
    for (_, row) in &mut all {
        if row.iter().all(|x| *x == f32::NEG_INFINITY) {
            row[one] = 0.5;
        }
    }
    all
}
