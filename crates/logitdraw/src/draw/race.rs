//! The exponential race: each token's time is an exponential divided by its probability, and the first to arrive wins.
//!
//! This is torch's multinomial without replacement (and with replacement, for one sample): q for the WHOLE row, zeros included,
//! then the largest p / q. The logarithm of nearly every token can be skipped: -ln(1 - u) >= u, so a token whose p / u does not
//! exceed the best p / q so far has already lost. `tests` below compare this with the plain loop, token for token.

use super::precision::Precision;
use crate::generator::mcg31::{self, Mcg31};
use crate::generator::mt19937::{Mt19937, torch_exponential};
use crate::key;
use crate::math::ln;
use alloc::vec::Vec;

/// How many tokens' random words are made at a time, and how many tokens' bounds are checked together.
const CHUNK: usize = 256;
const GROUP: usize = 16;

const TWO_31: f64 = 2_147_483_648.0;

/// A source of exponentials. It makes one for every token of a row, in order and in chunks.
pub(crate) trait Noise {
    /// The exponential for which a bound of 1 stands.
    fn unit(&self) -> f64;
    /// Makes the next chunk, for `count` tokens.
    fn advance(&mut self, count: usize);
    /// A lower bound of the exponential of each token of the chunk, in units of [`Self::unit`], below 2^31.
    fn lows(&self) -> &[u32; CHUNK];
    /// The exponential of a token of the chunk.
    fn exponential(&self, place: usize, precision: Precision) -> f64;
}

/// torch on CPU: two words of the Mersenne Twister per token.
pub(crate) struct Torch<'a> {
    mt: &'a mut Mt19937,
    words: [u32; 2 * CHUNK],
    lows: [u32; CHUNK],
}

impl<'a> Torch<'a> {
    pub(crate) fn new(mt: &'a mut Mt19937) -> Self {
        Self { mt, words: [0; 2 * CHUNK], lows: [0; CHUNK] }
    }
}

impl Noise for Torch<'_> {
    fn unit(&self) -> f64 {
        1.0 / 2_097_152.0
    }

    fn advance(&mut self, count: usize) {
        self.mt.fill(&mut self.words[..2 * count]);
        for (low, pair) in self.lows.iter_mut().zip(self.words.as_chunks::<2>().0) {
            // The upper 21 of u's 53 bits: u truncated, so never above u.
            *low = pair[0] & 0x1f_ffff;
        }
    }

    fn lows(&self) -> &[u32; CHUNK] {
        &self.lows
    }

    fn exponential(&self, place: usize, precision: Precision) -> f64 {
        let word = u64::from(self.words[2 * place]) << 32 | u64::from(self.words[2 * place + 1]);
        precision.round(torch_exponential(word))
    }
}

/// torch's x86 wheels of 2.0 to 2.6: one MCG31m1 per call, seeded from the Mersenne Twister; -ln(u) + the smallest normal number.
/// In float32, u is the value rounded to 24 bits, over 2^31, so it can be 1. This was found with torch 2.6.0, whose logarithm is
/// within two units in the last place of the one used here.
pub(crate) struct Mkl {
    mcg: Mcg31,
    values: [u32; CHUNK],
    lows: [u32; CHUNK],
}

impl Mkl {
    /// The stream of one call, seeded by one word of the twister for float32, or by the low half of two words for float64.
    pub(crate) fn new(mt: &mut Mt19937, precision: Precision) -> Self {
        let seed = if precision == Precision::Single { mt.next_u32() } else { mt.next_u64() as u32 };
        Self { mcg: Mcg31::new(seed), values: [0; CHUNK], lows: [0; CHUNK] }
    }
}

impl Noise for Mkl {
    fn unit(&self) -> f64 {
        1.0 / TWO_31
    }

    fn advance(&mut self, count: usize) {
        self.mcg.fill(&mut self.values[..count]);
        for (low, value) in self.lows.iter_mut().zip(&self.values[..count]) {
            // -ln(u) >= 1 - u, and a value rounded to 24 bits is at most 64 larger.
            *low = (mcg31::MODULUS - value).saturating_sub(63);
        }
    }

    fn lows(&self) -> &[u32; CHUNK] {
        &self.lows
    }

    fn exponential(&self, place: usize, precision: Precision) -> f64 {
        let whole = precision.round(f64::from(mcg31::MODULUS));
        let u = precision.round(f64::from(self.values[place])) / whole;
        precision.round(precision.round(0.0 - ln(u)) + precision.tiny())
    }
}

/// What a weight must exceed, per unit of its exponential's bound, to be examined: `best` less a margin wider than the roundings
/// of the bound, of the exponential and of both quotients (a few 2^-24). Where products could leave the normal range, all weights
/// are examined.
fn screen(best: f64, precision: Precision, unit: f64) -> f64 {
    let smallest = if precision == Precision::Single { 1e-25 } else { 1e-250 };
    if best < smallest { 0.0 } else { best * unit * (1.0 - 1.0 / 1_048_576.0) }
}

/// Whether any weight of a group exceeds `bound` times its own entry of `lows`.
#[inline]
fn any_above(weights: &[f64], lows: &[u32], bound: f64) -> bool {
    weights.iter().zip(lows).fold(false, |any, (weight, low)| any | (*weight > bound * f64::from(*low as i32)))
}

/// Returns the index of the largest p / q; of equal ones the first, as in torch's argmax, even if all are 0. Weights must be
/// non-negative and finite.
pub(crate) fn winner(weights: &[f64], precision: Precision, noise: &mut dyn Noise) -> usize {
    let (mut best, mut index) = (0.0, 0);
    let mut bound = 0.0;
    for (number, chunk) in weights.chunks(CHUNK).enumerate() {
        noise.advance(chunk.len());
        for (group, weights) in chunk.chunks(GROUP).enumerate() {
            let first = group * GROUP;
            if !any_above(weights, &noise.lows()[first..], bound) {
                continue;
            }
            for (place, weight) in (first..).zip(weights) {
                if any_above(&[*weight], &noise.lows()[place..], bound) {
                    let ratio = precision.round(*weight / noise.exponential(place, precision));
                    if ratio > best {
                        best = ratio;
                        bound = screen(best, precision, noise.unit());
                        index = number * CHUNK + place;
                    }
                }
            }
        }
    }
    index
}

/// The indices of the `count` largest p / q, descending, ties to the lower index; at most as many as there are weights above 0.
pub(crate) fn largest(weights: &[f64], precision: Precision, count: usize, noise: &mut dyn Noise) -> Vec<u32> {
    let mut runners = Vec::new();
    for (number, chunk) in weights.chunks(CHUNK).enumerate() {
        noise.advance(chunk.len());
        for (place, weight) in chunk.iter().enumerate() {
            if *weight > 0.0 {
                let ratio = precision.round(*weight / noise.exponential(place, precision));
                runners.push((ratio, (number * CHUNK + place) as u32));
            }
        }
    }
    first_of(&runners, count)
}

/// The indices of the `count` largest ratios, descending, ties to the lower index.
pub(crate) fn first_of(runners: &[(f64, u32)], count: usize) -> Vec<u32> {
    if count == 0 {
        return Vec::new();
    }
    // Bits of non-negative numbers compare as the numbers do.
    let descending = |ratio: f64| !ratio.to_bits();
    let mut keys: Vec<u64> = runners.iter().map(|(ratio, _)| descending(*ratio)).collect();
    let mut last = u64::MAX;
    if count < keys.len() {
        last = key::select(&mut keys, count - 1);
        keys.truncate(count);
    }
    key::sort(&mut keys);
    // A key cannot hold both ratio and index, but it can hold the ratio's rank and the index.
    let mut ranked = Vec::new();
    for (ratio, index) in runners {
        let own = descending(*ratio);
        if own <= last {
            let rank = keys.partition_point(|key| *key < own) as u64;
            ranked.push(rank << 32 | u64::from(*index));
        }
    }
    key::sort(&mut ranked);
    ranked[..count.min(ranked.len())].iter().map(|key| *key as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Rows of many shapes: flat, peaked, sparse, rising, tiny and huge weights, ties; lengths around the chunk.
    fn rows() -> Vec<Vec<f64>> {
        let mut mt = Mt19937::new(2024);
        let mut rows = Vec::new();
        for length in [1, 2, 15, 16, 17, 255, 256, 257, 511, 513, 1000, 5000] {
            for shape in 0..9 {
                let row = (0..length).map(|i| {
                    let u = mt.torch_f64();
                    match shape {
                        0 => 1.0,
                        1 => u,
                        2 => crate::math::exp(-20.0 * u),
                        3 => crate::math::exp(-200.0 * u),
                        4 => f64::from(u8::from(u < 0.02 || i == length / 2)) * (u + 0.1),
                        5 => (i + 1) as f64,
                        6 => 1e-44 * (1.0 + 40.0 * u),
                        7 => 1e38 * u,
                        _ => crate::math::floor(4.0 * u) + f64::from(u8::from(i == 0)),
                    }
                });
                rows.push(row.collect());
            }
        }
        rows
    }

    fn plain(weights: &[f64], precision: Precision, exponential: impl FnMut() -> f64) -> usize {
        let q: Vec<f64> = core::iter::repeat_with(exponential).take(weights.len()).collect();
        let (mut best, mut index) = (0.0, 0);
        for (i, (weight, q)) in weights.iter().zip(q).enumerate() {
            // A race in float32 uses float32's own operations.
            let ratio = match precision {
                Precision::Single => f64::from(*weight as f32 / q as f32),
                Precision::Double => weight / q,
            };
            if *weight > 0.0 && ratio > best {
                (best, index) = (ratio, i);
            }
        }
        index
    }

    fn assert_same_winner_as_the_plain_loop(precision: Precision, seed: u32) {
        let (mut torch, mut mkl) = (Mt19937::new(seed), Mt19937::new(seed));
        for (i, row) in rows().iter().enumerate() {
            let row: Vec<f64> = row.iter().map(|weight| precision.round(*weight)).collect();
            for round in 0..4 {
                let (mut again, mut mkl_again) = (torch.clone(), mkl.clone());
                let expected = plain(&row, precision, || precision.round(again.torch_exponential()));
                assert_eq!(winner(&row, precision, &mut Torch::new(&mut torch)), expected, "row {i} round {round}");
                assert!(torch == again, "both use the same words");
                let seed =
                    if precision == Precision::Single { mkl_again.next_u32() } else { mkl_again.next_u64() as u32 };
                let mut mcg = Mcg31::new(seed);
                let expected = plain(&row, precision, || {
                    let value = f64::from(mcg.next_value());
                    let u = match precision {
                        Precision::Single => f64::from(value as f32 / 2_147_483_648.0),
                        Precision::Double => value / f64::from(mcg31::MODULUS),
                    };
                    precision.round(precision.round(-ln(u)) + precision.tiny())
                });
                let mut noise = Mkl::new(&mut mkl, precision);
                assert_eq!(winner(&row, precision, &mut noise), expected, "MKL, row {i} round {round}");
                assert!(mkl == mkl_again);
            }
        }
    }

    #[test]
    fn exponentials_equal_torchs_and_reach_their_bounds() {
        for precision in [Precision::Single, Precision::Double] {
            let (mut mt, mut again) = (Mt19937::new(5), Mt19937::new(5));
            let mut noise = Torch::new(&mut mt);
            for count in [CHUNK, CHUNK, 7] {
                noise.advance(count);
                for place in 0..count {
                    let exponential = noise.exponential(place, precision);
                    assert_eq!(exponential, precision.round(again.torch_exponential()), "{place}");
                    assert!(exponential >= f64::from(noise.lows()[place]) * noise.unit(), "{place}");
                }
            }
        }
    }

    #[test]
    fn the_bound_never_changes_the_winner() {
        for seed in 0..12 {
            assert_same_winner_as_the_plain_loop(Precision::Single, seed);
            assert_same_winner_as_the_plain_loop(Precision::Double, seed);
        }
    }

    /// torch's argmax of zeros is 0, however likely other tokens were.
    #[test]
    fn index_0_wins_if_all_quotients_round_to_0() {
        let single = Precision::Single;
        let weights = [0.0, 0.0, single.round(1e-45), 0.0];
        let mut drawn = [0; 4];
        for seed in 0..100 {
            let (mut mt, mut again) = (Mt19937::new(seed), Mt19937::new(seed));
            let index = winner(&weights, single, &mut Torch::new(&mut mt));
            assert_eq!(index, plain(&weights, single, || single.round(again.torch_exponential())));
            drawn[index] += 1;
        }
        assert!(drawn[0] > 0 && drawn[2] > drawn[0] && drawn[0] + drawn[2] == 100, "{drawn:?}");
    }

    #[test]
    fn ties_go_to_the_first_index_and_largest_begins_with_winner() {
        struct Same([u32; CHUNK]);
        impl Noise for Same {
            fn unit(&self) -> f64 {
                1.0 / 2_097_152.0
            }
            fn advance(&mut self, _: usize) {}
            fn lows(&self) -> &[u32; CHUNK] {
                &self.0
            }
            fn exponential(&self, _: usize, _: Precision) -> f64 {
                0.75
            }
        }
        let same = || Same([(0.75 * 2_097_152.0) as u32; CHUNK]);
        let single = Precision::Single;
        let weights = vec![1.0; 600];
        assert_eq!(winner(&weights, single, &mut same()), 0);
        assert_eq!(largest(&weights, single, 3, &mut same()), [0, 1, 2]);
        let mut mt = Mt19937::new(1);
        for row in rows() {
            let row: Vec<f64> = row.iter().map(|weight| single.round(*weight)).collect();
            let best = winner(&row, single, &mut Torch::new(&mut mt.clone())) as u32;
            let all = largest(&row, single, row.len(), &mut Torch::new(&mut mt.clone()));
            // A whole row may round to zeros.
            assert!(all.is_empty() || all[0] == best);
            let some = largest(&row, single, row.len() / 3, &mut Torch::new(&mut mt));
            assert_eq!(some, all[..some.len()]);
        }
    }
}
